/*
 * node.c - the writer.
 */
#define _GNU_SOURCE /* a lock that prefers the writer */
#include "node/node.h"

#include "node/cluster.h"
#include "store/store.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct node {
    struct node_config config;
    struct cluster *cluster; /* NULL: embedded; else nothing below is used */
    struct dss_memory *memory;
    struct dss_store *store;
    pthread_t thread;
    pthread_rwlock_t data; /* of memory */
    pthread_mutex_t lock;  /* of the queue */
    pthread_cond_t wake;
    struct node_command *first, **last;
    size_t queued;
    bool stopping;
    /* Changes are visible under numbers `applied`, durable up to `committed`. */
    atomic_uint_least64_t applied, committed, failures;
    atomic_bool healthy;
    int64_t now_us, stamp_us; /* of the batch; of the last change */
    pthread_mutex_t metrics_lock;
    struct node_metrics metrics;
};

static int64_t system_us(void *ctx)
{
    struct timespec t;
    (void)ctx;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t monotonic_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- the queue ------------------------------------------------------------------ */

static bool push(struct node *n, struct node_command *command, bool always)
{
    pthread_mutex_lock(&n->lock);
    bool taken = always || (!n->stopping && n->queued < NODE_QUEUE_MAX);
    if (taken) {
        command->next = NULL;
        *n->last = command;
        n->last = &command->next;
        if (n->queued++ == 0)
            pthread_cond_signal(&n->wake);
    }
    pthread_mutex_unlock(&n->lock);
    return taken;
}

enum tf_status node_submit(struct node *node, struct node_command *command)
{
    command->rc = TF_OK;
    if (node->cluster)
        return cluster_submit(node->cluster, command);
    return push(node, command, false) ? TF_OK : TF_BUSY;
}

/* Waits up to 250 ms for commands; takes up to NODE_BATCH_MAX of them. */
static struct node_command *take(struct node *n, size_t *count, bool *stopping)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 250000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&n->lock);
    if (!n->first && !n->stopping)
        pthread_cond_timedwait(&n->wake, &n->lock, &until);
    struct node_command *batch = n->first, *end = batch;
    *count = batch ? 1 : 0;
    while (end && end->next && *count < NODE_BATCH_MAX) {
        end = end->next;
        ++*count;
    }
    if (end) {
        n->first = end->next;
        end->next = NULL;
        n->queued -= *count;
        if (!n->first)
            n->last = &n->first;
    }
    *stopping = n->stopping && !n->first;
    pthread_mutex_unlock(&n->lock);
    return batch;
}

/* --- applying ---------------------------------------------------------------------- */

static struct dss_context context_of(struct node *n, const struct node_command *command)
{
    struct dss_context context = {.now_us = n->now_us,
                                  .stamp_us = n->stamp_us,
                                  .caller = command->caller,
                                  .may_monitor = command->may_monitor,
                                  .allow_http = n->config.allow_http};
    randombytes_buf(context.random, sizeof context.random);
    return context;
}

static void apply(struct node *n, struct node_command *command)
{
    if (!command->run)
        return; /* a reader that waits */
    if ((command->is_cancelled && command->is_cancelled(command)) ||
        (command->is_write && command->claim && !command->claim(command))) {
        command->rc = TF_BUSY;
        return;
    }
    n->stamp_us = n->now_us > n->stamp_us ? n->now_us : n->stamp_us + 1;
    struct dss_context context = context_of(n, command);
    pthread_rwlock_wrlock(&n->data);
    size_t mark = dss_memory_mark(n->memory);
    command->rc = command->run(command, dss_memory_db(n->memory), &context, &command->reply);
    if (command->rc || command->reply.status >= 400)
        dss_memory_rollback(n->memory, mark);
    if (dss_memory_mark(n->memory) != mark)
        atomic_fetch_add(&n->applied, 1);
    pthread_rwlock_unlock(&n->data);
}

static void expire(struct node *n)
{
    uint64_t expired = 0;
    const struct dss_entity *e;
    struct dss_db *db = dss_memory_db(n->memory);
    int64_t until_us = n->now_us - n->config.grace_us;
    pthread_rwlock_wrlock(&n->data);
    for (int i = 0; i < 200 && (e = dss_memory_expired(n->memory, until_us)); i++) {
        if (db->ops->remove(db, e->kind, &e->id))
            break;
        atomic_fetch_add(&n->applied, 1);
        expired++;
    }
    pthread_rwlock_unlock(&n->data);
    pthread_mutex_lock(&n->metrics_lock);
    n->metrics.expired += expired;
    pthread_mutex_unlock(&n->metrics_lock);
}

/* --- one batch -------------------------------------------------------------------------- */

static unsigned bucket_of(uint64_t value, uint64_t unit, unsigned buckets)
{
    unsigned i = 0;
    while (i + 1 < buckets && value > unit << i)
        i++;
    return i;
}

static void measure(struct node *n, size_t commands, int64_t commit_us, bool wrote, bool failed)
{
    pthread_mutex_lock(&n->metrics_lock);
    struct node_metrics *m = &n->metrics;
    m->batches++;
    m->commands += commands;
    m->failed_batches += failed;
    m->batch_buckets[bucket_of(commands, 1, 12)]++;
    if (wrote) {
        m->commit_count++;
        m->commit_sum_us += (uint64_t)commit_us;
        m->commit_buckets[bucket_of((uint64_t)commit_us, 500, 12)]++;
    }
    pthread_mutex_unlock(&n->metrics_lock);
}

/* Writes the batch, or undoes all of it. */
static enum tf_status commit(struct node *n, size_t commands)
{
    char why[256];
    size_t count;
    const struct dss_change *changes = dss_memory_changes(n->memory, &count);
    uint64_t applied = atomic_load(&n->applied);
    int64_t begun_us = monotonic_us();
    enum tf_status rc = count ? dss_store_write(n->store, changes, count, why) : TF_OK;
    measure(n, commands, monotonic_us() - begun_us, count > 0, rc != TF_OK);
    pthread_rwlock_wrlock(&n->data);
    if (rc) {
        dss_memory_rollback(n->memory, 0);
        atomic_fetch_add(&n->failures, 1);
        if (atomic_load(&n->healthy))
            fprintf(stderr, "{\"level\":\"error\",\"msg\":\"store\",\"status\":\"%s\"}\n",
                    tf_status_text(rc));
    }
    dss_memory_settle(n->memory);
    pthread_rwlock_unlock(&n->data);
    bool good = rc == TF_OK;
    if (count == 0) /* has tried nothing */
        good = atomic_load(&n->healthy) || dss_store_probe(n->store) == TF_OK;
    atomic_store(&n->healthy, good);
    atomic_store(&n->committed, applied);
    return rc;
}

static void finish(struct node *n, struct node_command *batch, enum tf_status rc)
{
    while (batch) {
        struct node_command *next = batch->next;
        enum tf_status own = batch->rc;
        if (!batch->run && atomic_load(&n->failures) != batch->seen_failures)
            own = TF_BUSY; /* what it saw was undone */
        else if (batch->run && !own && rc)
            own = rc; /* refusals too: they may stand on what was undone */
        batch->done(batch, own);
        batch = next;
    }
}

static void *writer(void *arg)
{
    struct node *n = arg;
    bool stopping = false;
    while (!stopping) {
        size_t count;
        struct node_command *batch = take(n, &count, &stopping);
        n->now_us = n->config.now_us(n->config.now_ctx);
        for (struct node_command *c = batch; c; c = c->next)
            apply(n, c);
        expire(n);
        finish(n, batch, commit(n, count));
    }
    return NULL;
}

/* --- reading -------------------------------------------------------------------------------- */

void node_read(struct node *node, struct node_command *command)
{
    if (node->cluster) {
        if (cluster_submit(node->cluster, command))
            command->done(command, TF_BUSY);
        return;
    }
    pthread_rwlock_rdlock(&node->data);
    struct dss_context context = {.now_us = node->config.now_us(node->config.now_ctx),
                                  .caller = command->caller,
                                  .may_monitor = command->may_monitor,
                                  .allow_http = node->config.allow_http};
    command->seen_failures = atomic_load(&node->failures);
    command->rc = command->run(command, dss_memory_db(node->memory), &context, &command->reply);
    uint64_t seen = atomic_load(&node->applied);
    pthread_rwlock_unlock(&node->data);
    bool settled = atomic_load(&node->committed) >= seen;
    bool undone = atomic_load(&node->failures) != command->seen_failures;
    if (command->rc || settled) { /* a failure is counted before its batch is settled */
        command->done(command, command->rc ? command->rc : undone ? TF_BUSY : TF_OK);
        return;
    }
    command->run = NULL; /* wait for the batch that was seen */
    push(node, command, true);
}

/* --- life ----------------------------------------------------------------------------------------
 */

static bool latest_visit(void *ctx, const struct dss_entity *e)
{
    struct node *n = ctx;
    if (e->updated_us > n->stamp_us)
        n->stamp_us = e->updated_us;
    return true;
}

static enum tf_status start_threads(struct node *n)
{
    pthread_rwlockattr_t fair;
    pthread_rwlockattr_init(&fair);
    pthread_rwlockattr_setkind_np(&fair, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&n->data, &fair);
    pthread_rwlockattr_destroy(&fair);
    pthread_mutex_init(&n->lock, NULL);
    pthread_mutex_init(&n->metrics_lock, NULL);
    pthread_cond_init(&n->wake, NULL);
    return pthread_create(&n->thread, NULL, writer, n) ? TF_NOMEM : TF_OK;
}

enum tf_status node_start(const struct node_config *config, struct node **out, char why[256])
{
    struct node *n = calloc(1, sizeof *n);
    if (!n || sodium_init() < 0) {
        free(n);
        return TF_NOMEM;
    }
    n->config = *config;
    if (!n->config.now_us)
        n->config.now_us = system_us;
    if (config->pool) {
        enum tf_status rc = cluster_start(config, &n->cluster, why);
        if (rc)
            free(n);
        else
            *out = n;
        return rc;
    }
    n->last = &n->first;
    atomic_init(&n->healthy, true);
    enum tf_status rc = dss_memory_new(&n->memory);
    if (!rc)
        rc = dss_store_open(config->data_path, &n->store, why);
    if (!rc)
        rc = dss_store_load(n->store, n->memory, why);
    for (int kind = 0; kind < DSS_KIND_COUNT && !rc; kind++)
        dss_memory_each(n->memory, (enum dss_kind)kind, latest_visit, n);
    if (!rc)
        rc = start_threads(n);
    if (rc) {
        if (n->store)
            dss_store_close(n->store, NULL);
        dss_memory_free(n->memory);
        free(n);
        return rc;
    }
    *out = n;
    return TF_OK;
}

enum tf_status node_announce(struct node *node, const char *endpoint)
{
    if (node->cluster)
        return cluster_announce(node->cluster, endpoint);
    pthread_rwlock_wrlock(&node->data);
    enum tf_status rc = dss_memory_introduce(node->memory, node->config.locality, endpoint);
    pthread_rwlock_unlock(&node->data);
    return rc;
}

const char *node_pool_identity(const struct node *node)
{
    return node->cluster ? cluster_identity(node->cluster) : "";
}

enum tf_status node_stop(struct node *node)
{
    if (node->cluster) {
        cluster_stop(node->cluster);
        free(node);
        return TF_OK;
    }
    pthread_mutex_lock(&node->lock);
    node->stopping = true;
    pthread_cond_signal(&node->wake);
    pthread_mutex_unlock(&node->lock);
    pthread_join(node->thread, NULL);
    enum tf_status rc = dss_store_close(node->store, node->memory);
    dss_memory_free(node->memory);
    pthread_rwlock_destroy(&node->data);
    pthread_mutex_destroy(&node->lock);
    pthread_mutex_destroy(&node->metrics_lock);
    pthread_cond_destroy(&node->wake);
    free(node);
    return rc;
}

void node_metrics(struct node *node, struct node_metrics *out)
{
    if (node->cluster) {
        cluster_metrics(node->cluster, out);
        return;
    }
    pthread_mutex_lock(&node->metrics_lock);
    *out = node->metrics;
    pthread_mutex_unlock(&node->metrics_lock);
    pthread_rwlock_rdlock(&node->data);
    for (int kind = 0; kind < DSS_KIND_COUNT; kind++)
        out->entities[kind] = dss_memory_count(node->memory, (enum dss_kind)kind);
    pthread_rwlock_unlock(&node->data);
    pthread_mutex_lock(&node->lock);
    out->queue = node->queued;
    pthread_mutex_unlock(&node->lock);
}

bool node_is_ready(struct node *node)
{
    return node->cluster ? cluster_is_ready(node->cluster) : atomic_load(&node->healthy);
}
