/*
 * cluster.c - workers, transactions, and trying again.
 *
 * A transaction that loses against another (40001, 40P01) has left no trace, neither
 * in the database nor in the reply, which is emptied before each try. Tries are
 * bounded in number and time; between them a worker waits a random while that doubles.
 */
#include "node/cluster.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MAX_TRIES = 100,
    MAX_WAIT_MS = 128,
    GIVE_UP_S = 8,
    KEEP_EVERY_S = 60,   /* heartbeat and expiry */
    BEAT_WITHIN_S = 180, /* what the heartbeat promises */
    LOOK_EVERY_S = 2     /* is a database that was lost there again? */
};

struct worker {
    struct cluster *cluster;
    struct pool *pool;
    pthread_t thread;
};
struct cluster {
    struct node_config config;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct node_command *first, **last;
    size_t queued, worker_count, started;
    bool stopping;
    struct worker *workers, keeper;
    bool keeping;
    pthread_cond_t keep; /* wakes the keeper */
    char *endpoint;      /* where this node answers; NULL: not announced yet */
    bool due;            /* the keeper's round, at once */
    bool enrolled;       /* the keeper's */
    char identity[POOL_IDENTITY_SIZE];
    atomic_bool healthy;
    atomic_uint_least64_t commands, retries, expired;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void wait_a_while(int tries)
{
    uint32_t most_ms = tries < 7 ? 1u << tries : MAX_WAIT_MS;
    uint32_t us = randombytes_uniform(most_ms * 1000 + 1);
    struct timespec t = {us / 1000000, (long)(us % 1000000) * 1000};
    nanosleep(&t, NULL);
}

/* One transaction: begin, rule, commit; a refusal is rolled back. */
static enum tf_status try_once(struct worker *w, struct node_command *command)
{
    const struct node_config *config = &w->cluster->config;
    struct dss_context context = {.caller = command->caller,
                                  .may_monitor = command->may_monitor,
                                  .allow_http = config->allow_http};
    struct dss_db *db;
    enum tf_status rc =
        pool_begin(w->pool, command->kind, !command->is_write, &db, &context.now_us);
    if (rc)
        return rc;
    context.stamp_us = context.now_us;
    randombytes_buf(context.random, sizeof context.random);
    rc = command->run(command, db, &context, &command->reply);
    if (rc || command->reply.status >= 400) {
        pool_rollback(w->pool);
        return rc;
    }
    if (command->is_write && command->claim && !command->claim(command)) {
        pool_rollback(w->pool);
        return TF_BUSY;
    }
    rc = pool_commit(w->pool);
    /* Of a read nobody has to know whether it was committed. */
    return rc == TF_NOT_FOUND && !command->is_write ? TF_BUSY : rc;
}

static enum tf_status try_again(struct worker *w, struct node_command *command)
{
    enum tf_status rc = TF_BUSY;
    int64_t give_up_ms = now_ms() + GIVE_UP_S * 1000;
    for (int tries = 0; tries < MAX_TRIES && now_ms() < give_up_ms; tries++) {
        if (command->is_cancelled && command->is_cancelled(command))
            break;
        dss_reply_release(&command->reply);
        rc = try_once(w, command);
        if (rc != TF_BUSY)
            break;
        atomic_fetch_add(&w->cluster->retries, 1);
        wait_a_while(tries);
    }
    if (rc)
        fprintf(stderr, "{\"level\":\"error\",\"msg\":\"database\",\"status\":\"%s\"}\n",
                tf_status_text(rc));
    return rc;
}

static void work_on(struct worker *w, struct node_command *command)
{
    enum tf_status rc = try_again(w, command);
    atomic_store(&w->cluster->healthy, rc == TF_OK || rc == TF_NOMEM);
    atomic_fetch_add(&w->cluster->commands, 1);
    command->done(command, rc);
}

static void *run_worker(void *arg)
{
    struct worker *w = arg;
    struct cluster *c = w->cluster;
    for (;;) {
        pthread_mutex_lock(&c->lock);
        while (!c->first && !c->stopping)
            pthread_cond_wait(&c->wake, &c->lock);
        struct node_command *command = c->first;
        if (command) {
            c->first = command->next;
            c->queued--;
            if (!c->first)
                c->last = &c->first;
        }
        pthread_mutex_unlock(&c->lock);
        if (!command)
            return NULL;
        work_on(w, command);
    }
}

/* Ended entities of the whole pool, after the grace time, a bite at a time. Several nodes
 * may do it at once: each bite is a transaction. */
static void expire(struct cluster *c)
{
    static const enum dss_kind kinds[] = {DSS_OIR, DSS_CONSTRAINT, DSS_SUBSCRIPTION, DSS_ISA,
                                          DSS_RID_SUBSCRIPTION};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t until_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - c->config.grace_us;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t removed;
        while (pool_expire(c->keeper.pool, kinds[i], until_us, &removed) == TF_OK && removed > 0)
            atomic_fetch_add(&c->expired, removed);
    }
}

struct beat {
    struct node_command command; /* first member */
    struct cluster *cluster;
    const char *endpoint; /* NULL: enrolled already */
};

static enum tf_status run_beat(struct node_command *command, struct dss_db *db,
                               const struct dss_context *context, struct dss_reply *reply)
{
    const char *endpoint = ((struct beat *)command)->endpoint;
    const struct dss_heartbeat heartbeat = {
        .source = "tafadi",
        .at_us = context->now_us,
        .next_us = context->now_us + INT64_C(1000000) * BEAT_WITHIN_S,
    };
    enum tf_status rc = endpoint ? pool_enrol(db, endpoint) : TF_OK;
    reply->status = 200;
    return rc ? rc : db->ops->put_heartbeat(db, &heartbeat);
}

static bool is_beat_vain(struct node_command *command)
{
    struct cluster *c = ((struct beat *)command)->cluster;
    pthread_mutex_lock(&c->lock);
    bool stopping = c->stopping;
    pthread_mutex_unlock(&c->lock);
    return stopping;
}

/* Tells the pool that this member is alive, and first who it is. */
static void show_life(struct cluster *c, const char *endpoint)
{
    struct beat b = {.command = {.run = run_beat,
                                 .is_cancelled = is_beat_vain,
                                 .kind = DSS_MEMBERS,
                                 .is_write = true},
                     .cluster = c,
                     .endpoint = c->enrolled ? NULL : endpoint};
    if (try_again(&c->keeper, &b.command) == TF_OK)
        c->enrolled = true;
}

/* After a failure nobody may ask this node any more, so it looks itself. */
static void look(struct cluster *c)
{
    static const enum dss_kind kinds[] = {DSS_OIR, DSS_ISA};
    bool good = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && good; i++) {
        struct dss_db *db;
        int64_t now_us;
        good = pool_begin(c->keeper.pool, kinds[i], true, &db, &now_us) == TF_OK;
        if (good)
            pool_rollback(c->keeper.pool);
    }
    if (good)
        atomic_store(&c->healthy, true);
}

/* Waits until the next round is due, it is asked for, or the cluster stops. The lock is held. */
static void keeper_wait(struct cluster *c, int64_t round_ms)
{
    while (!c->stopping && !c->due && now_ms() < round_ms) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += LOOK_EVERY_S;
        pthread_cond_timedwait(&c->keep, &c->lock, &until);
        if (!atomic_load(&c->healthy) && !c->stopping) {
            pthread_mutex_unlock(&c->lock);
            look(c);
            pthread_mutex_lock(&c->lock);
        }
    }
}

static void *run_keeper(void *arg)
{
    struct cluster *c = arg;
    pthread_mutex_lock(&c->lock);
    while (!c->stopping) {
        int64_t round_ms = now_ms() + KEEP_EVERY_S * 1000;
        const char *endpoint = c->endpoint; /* set once */
        c->due = false;
        pthread_mutex_unlock(&c->lock);
        if (endpoint)
            show_life(c, endpoint);
        expire(c);
        pthread_mutex_lock(&c->lock);
        keeper_wait(c, round_ms);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

enum tf_status cluster_announce(struct cluster *c, const char *endpoint)
{
    char *copy = strdup(endpoint);
    if (!copy)
        return TF_NOMEM;
    pthread_mutex_lock(&c->lock);
    c->endpoint = copy;
    c->due = true;
    pthread_cond_signal(&c->keep);
    pthread_mutex_unlock(&c->lock);
    return TF_OK;
}

enum tf_status cluster_submit(struct cluster *c, struct node_command *command)
{
    pthread_mutex_lock(&c->lock);
    bool taken = !c->stopping && c->queued < NODE_QUEUE_MAX;
    if (taken) {
        command->next = NULL;
        *c->last = command;
        c->last = &command->next;
        c->queued++;
        pthread_cond_signal(&c->wake);
    }
    pthread_mutex_unlock(&c->lock);
    return taken ? TF_OK : TF_BUSY;
}

void cluster_stop(struct cluster *c)
{
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_broadcast(&c->wake);
    pthread_cond_signal(&c->keep);
    pthread_mutex_unlock(&c->lock);
    if (c->keeping)
        pthread_join(c->keeper.thread, NULL);
    pool_free(c->keeper.pool);
    for (size_t i = 0; i < c->started; i++)
        pthread_join(c->workers[i].thread, NULL);
    for (size_t i = 0; c->workers && i < c->worker_count; i++)
        pool_free(c->workers[i].pool);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->wake);
    pthread_cond_destroy(&c->keep);
    free(c->workers);
    free(c->endpoint);
    free(c);
}

enum tf_status cluster_start(const struct node_config *config, struct cluster **out, char why[256])
{
    struct cluster *c = calloc(1, sizeof *c);
    if (!c)
        return TF_NOMEM;
    c->config = *config;
    c->last = &c->first;
    c->keeper.cluster = c;
    c->worker_count = config->pool_workers ? config->pool_workers : 8;
    atomic_init(&c->healthy, true);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, NULL);
    pthread_cond_init(&c->keep, NULL);
    c->workers = calloc(c->worker_count, sizeof *c->workers);
    enum tf_status rc = c->workers ? TF_OK : TF_NOMEM;
    for (size_t i = 0; i < c->worker_count && !rc; i++) {
        c->workers[i].cluster = c;
        rc = pool_new(config->pool, &c->workers[i].pool);
    }
    if (!rc)
        rc = pool_new(config->pool, &c->keeper.pool);
    if (!rc)
        rc = pool_prepare(c->workers[0].pool, why);
    if (!rc)
        pool_identity(c->workers[0].pool, c->identity);
    for (; c->started < c->worker_count && !rc; c->started += rc == TF_OK)
        rc = pthread_create(&c->workers[c->started].thread, NULL, run_worker,
                            &c->workers[c->started])
                 ? TF_NOMEM
                 : TF_OK;
    if (!rc) {
        c->keeping = pthread_create(&c->keeper.thread, NULL, run_keeper, c) == 0;
        rc = c->keeping ? TF_OK : TF_NOMEM;
    }
    if (rc)
        cluster_stop(c);
    else
        *out = c;
    return rc;
}

void cluster_metrics(struct cluster *c, struct node_metrics *out)
{
    *out = (struct node_metrics){0};
    out->commands = atomic_load(&c->commands);
    out->retries = atomic_load(&c->retries);
    out->expired = atomic_load(&c->expired);
    pthread_mutex_lock(&c->lock);
    out->queue = c->queued;
    pthread_mutex_unlock(&c->lock);
}

bool cluster_is_ready(struct cluster *c)
{
    return atomic_load(&c->healthy);
}

const char *cluster_identity(const struct cluster *c)
{
    return c->identity;
}
