/*
 * party.c - the thread that owns a party's database.
 */
#include "party/party.h"

#include "ledger/witness.h"
#include "ops/turn.h"
#include "party/hooks.h"
#include "party/internal.h"
#include "party/route.h"
#include "party/witnesses.h"
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SURVEY_EVERY_US INT64_C(1000000)
#define PRUNE_EVERY_US INT64_C(600000000)
#define DECLARE_EVERY_US INT64_C(1000000) /* at the latest: a memorandum begins, a line opens */
enum { EXTENSIONS_MAX = 8 };
enum { LOST_MAX = 12 }; /* transactions lost in a row before the batch is given up */

struct party {
    struct party_config config;
    struct sql *sql;
    struct ledger *ledger;
    struct courier *courier;
    struct routes routes;
    int64_t last_event; /* seen */
    bool is_stale;      /* lines or parties may have changed, by us or by another process */
    pthread_t thread;
    pthread_mutex_t lock; /* of the queue and the metrics */
    pthread_cond_t wake;
    struct party_command *first, **last;
    size_t queued;
    bool stopping;
    struct party_metrics metrics;
    struct ops *ops; /* on the thread only */
    struct line_extension extensions[EXTENSIONS_MAX];
    size_t extension_count;
    int64_t declared_us, pruned_us;
    struct party_survey survey, fresh; /* fresh: the thread's own */
};

/* What came back from a peer: a command of our own. */
struct answer {
    struct party_command command;
    struct party *party;
    char line[LINE_ID_SIZE];
    bool reached;
    struct line_taken taken;
    struct tf_buf text;
};

static int64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void log_line(const char *level, const char *what, const char *line, const char *why)
{
    char bytes[1024];
    struct tf_buf out = TF_BUF_INIT(sizeof bytes);
    tf_buf_printf(&out, "{\"level\":\"%s\",\"msg\":\"%s\"", level, what);
    if (line) {
        tf_buf_text(&out, ",\"line\":");
        tf_buf_json(&out, line);
    }
    tf_buf_text(&out, ",\"why\":");
    tf_buf_json(&out, why);
    if (tf_buf_status(&out) == TF_OK)
        fprintf(stderr, "%s}\n", out.data);
    tf_buf_release(&out);
}

/* --- the queue ---------------------------------------------------------------------------- */

static bool push(struct party *party, struct party_command *command, bool always)
{
    pthread_mutex_lock(&party->lock);
    bool taken = always || (!party->stopping && party->queued < PARTY_QUEUE_MAX);
    if (taken) {
        command->next = NULL;
        *party->last = command;
        party->last = &command->next;
        if (party->queued++ == 0)
            pthread_cond_signal(&party->wake);
    }
    pthread_mutex_unlock(&party->lock);
    return taken;
}

enum tf_status party_submit(struct party *party, struct party_command *command)
{
    return push(party, command, false) ? TF_OK : TF_BUSY;
}

static struct party_command *take(struct party *party, size_t *count, bool *stopping)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += PARTY_TICK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&party->lock);
    if (!party->first && !party->stopping)
        pthread_cond_timedwait(&party->wake, &party->lock, &until);
    struct party_command *batch = party->first, **end = &party->first;
    for (*count = 0; *end && *count < PARTY_BATCH_MAX; ++*count)
        end = &(*end)->next;
    party->first = *end;
    *end = NULL;
    if (*count == 0)
        batch = NULL;
    if (!party->first)
        party->last = &party->first;
    party->queued -= *count;
    *stopping = party->stopping && !party->first;
    pthread_mutex_unlock(&party->lock);
    return batch;
}

/* --- one batch, one transaction ----------------------------------------------------------------
 */

/* Whether the transaction as a whole is gone, not only what the command did. */
static bool is_fatal(enum tf_status rc)
{
    return rc == TF_BUSY || rc == TF_LIMIT;
}

static enum tf_status run_one(struct party *party, struct party_command *command,
                              struct line_context *c)
{
    enum tf_status rc = sql_mark(party->sql);
    if (rc)
        return rc;
    c->actor = command->actor ? command->actor : "";
    command->rc = command->run(command, c);
    c->actor = "";
    if (command->rc == TF_OK)
        return sql_keep(party->sql);
    ledger_forget(party->ledger);
    return sql_undo(party->sql); /* TF_BUSY: the whole was lost against another node */
}

/* One record that cannot be told does not stop the others. */
static bool untold(void *ctx, const struct ops_said *said)
{
    char text[256];
    (void)ctx;
    if (!said->fault)
        return true;
    tf_fault_text(said->fault, said->fault->message, text, sizeof text);
    log_line("warning", "not declared", said->line, text);
    return true;
}

/* What was changed here, and whom it concerns: told in the same transaction. */
static enum tf_status declare(struct party *party, const struct line_context *c, bool has_news)
{
    if (!has_news && !party->is_stale && llabs(c->now_us - party->declared_us) < DECLARE_EVERY_US)
        return TF_OK;
    party->declared_us = c->now_us;
    return ops_turn(party->ops, c, untold, NULL);
}

/* All that is said and heard is in the ledger: if it has not grown, no line has news. */
static enum tf_status run_batch(struct party *party, struct party_command *batch,
                                struct line_context *c, bool *has_news)
{
    uint64_t before = 0, after = 0;
    enum tf_status rc = ledger_size(party->ledger, &before);
    for (struct party_command *command = batch; command && !rc; command = command->next)
        rc = run_one(party, command, c);
    if (!rc)
        rc = ledger_size(party->ledger, &after);
    if (!rc)
        rc = declare(party, c, after != before);
    if (!rc)
        rc = ledger_size(party->ledger, &after);
    *has_news = after != before;
    return rc;
}

/* News that everybody was told; of several nodes one does it. While there is more, at once again.
 */
static enum tf_status prune(struct party *party, const struct line_context *c)
{
    bool held = false, more = false;
    enum tf_status rc = party_hold(c, party->routes.holder, "prune", &held);
    if (!rc && held)
        rc = hooks_prune(c, &more);
    if (!rc && !more)
        party->pruned_us = c->now_us;
    return rc;
}

static enum tf_status run_all(struct party *party, struct party_command *batch,
                              struct line_context *c)
{
    bool has_news = false;
    enum tf_status rc = sql_begin(party->sql);
    if (rc)
        return rc;
    rc = run_batch(party, batch, c, &has_news);
    if (!rc && (party->is_stale || has_news))
        rc = routes_load(&party->routes, c);
    if (!rc)
        rc = routes_tick(&party->routes, c, has_news || party->is_stale);
    if (!rc && llabs(c->now_us - party->pruned_us) >= PRUNE_EVERY_US)
        rc = prune(party, c);
    if (!rc && llabs(c->now_us - party->fresh.at_us) >= SURVEY_EVERY_US)
        rc = survey_take(c, &party->fresh);
    if (!rc)
        return sql_commit(party->sql);
    sql_rollback(party->sql);
    return rc;
}

static void pause_ms(unsigned ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

/* Again, from the start, while it is lost against other nodes. */
static enum tf_status transact(struct party *party, struct party_command *batch,
                               struct line_context *c)
{
    enum tf_status rc = TF_BUSY;
    for (unsigned lost = 0; rc == TF_BUSY && lost < LOST_MAX; lost++) {
        if (lost > 0) {
            pthread_mutex_lock(&party->lock);
            party->metrics.lost_batches++;
            pthread_mutex_unlock(&party->lock);
            pause_ms(1 + randombytes_uniform(1u << (lost < 8 ? lost : 8)));
        }
        c->now_us = clock_us();
        rc = run_all(party, batch, c);
        if (rc) {
            ledger_forget(party->ledger);
            routes_drop(&party->routes);
        }
    }
    return rc;
}

/* --- after the commit
 * ------------------------------------------------------------------------------ */

/* Signs what is new, and tells who listens. */
static void publish(struct party *party, const struct line_context *c)
{
    int64_t last = party->last_event;
    enum tf_status rc = ledger_sign(party->ledger, c->now_us);
    if (rc && rc != TF_BUSY)
        log_line("error", "checkpoint", NULL, sql_why(party->sql));
    if (party_last_event(c, &last) == TF_OK)
        party->is_stale = last != party->last_event;
    if (last == party->last_event)
        return;
    party->last_event = last;
    if (party->config.changed)
        party->config.changed(party->config.ctx);
}

static void measure(struct party *party, size_t commands, unsigned posts, enum tf_status rc)
{
    pthread_mutex_lock(&party->lock);
    struct party_metrics *m = &party->metrics;
    if (commands > 0)
        m->batches++;
    m->commands += commands;
    m->failed_batches += rc != TF_OK;
    m->posts += posts;
    m->lines = party->routes.count;
    party->survey = party->fresh;
    bool was_ready = m->is_ready;
    m->is_ready = rc == TF_OK;
    pthread_mutex_unlock(&party->lock);
    if (was_ready && rc)
        log_line("error", "party database", NULL, sql_why(party->sql));
}

static void finish(struct party_command *batch, enum tf_status rc)
{
    while (batch) {
        struct party_command *next = batch->next;
        batch->done(batch, rc ? (is_fatal(rc) || rc == TF_NOMEM ? rc : TF_BUSY) : batch->rc);
        batch = next;
    }
}

static void *work(void *arg)
{
    struct party *party = arg;
    bool stopping = false;
    struct line_context c = {.sql = party->sql,
                             .ledger = party->ledger,
                             .key = party->config.key,
                             .card = party->config.card,
                             .actor = "",
                             .extensions = party->extensions,
                             .extension_count = party->extension_count};
    while (!stopping) {
        size_t count;
        struct party_command *batch = take(party, &count, &stopping);
        enum tf_status rc = transact(party, batch, &c);
        unsigned posts = rc || stopping ? 0 : routes_send(&party->routes, party->courier, c.now_us);
        measure(party, count, posts, rc);
        if (!rc)
            publish(party, &c);
        finish(batch, rc);
    }
    return NULL;
}

/* --- what comes back from peers
 * ----------------------------------------------------------------------- */

static enum tf_status answer_run(struct party_command *command, const struct line_context *c)
{
    struct answer *answer = (struct answer *)command;
    struct tf_fault fault;
    answer->taken = (struct line_taken){.refused = 0};
    if (answer->text.len == 0)
        return TF_OK;
    return line_take(c, answer->text.data, answer->text.len, &answer->taken, &fault);
}

static void answer_done(struct party_command *command, enum tf_status rc)
{
    struct answer *answer = (struct answer *)command;
    struct party *party = answer->party;
    bool reached = answer->reached && rc == TF_OK;
    bool changed =
        routes_settle(&party->routes, answer->line, reached, answer->taken.has_more, clock_us());
    if (changed && reached)
        log_line("info", "peer reached again", answer->line, "");
    pthread_mutex_lock(&party->lock);
    party->metrics.posts_failed += !reached;
    pthread_mutex_unlock(&party->lock);
    tf_buf_release(&answer->text);
    free(answer);
}

/* On the courier's thread. */
static void on_result(void *ctx, const char *line, long status, const char *text, size_t len,
                      const char *why)
{
    struct party *party = ctx;
    struct answer *answer = calloc(1, sizeof *answer);
    if (!answer) { /* the line is tried again after the next start; rare enough to say so */
        log_line("error", "post", line, "out of memory");
        return;
    }
    answer->command.run = answer_run;
    answer->command.done = answer_done;
    answer->party = party;
    answer->reached = status == 200;
    answer->text = (struct tf_buf)TF_BUF_INIT(LINE_POST_MAX);
    snprintf(answer->line, sizeof answer->line, "%s", line);
    if (answer->reached)
        tf_buf_append(&answer->text, text, len);
    else
        log_line("debug", "post", line, status ? "the peer refused it" : why);
    if (tf_buf_status(&answer->text))
        answer->reached = false;
    push(party, &answer->command, true);
}

/* --- waiting for a command
 * ---------------------------------------------------------------------------------- */

struct call {
    struct party_command command;
    struct party_command *inner;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_done;
    enum tf_status rc;
};

static enum tf_status call_run(struct party_command *command, const struct line_context *c)
{
    struct call *call = (struct call *)command;
    return call->inner->run(call->inner, c);
}

static void call_done(struct party_command *command, enum tf_status rc)
{
    struct call *call = (struct call *)command;
    pthread_mutex_lock(&call->lock);
    call->rc = rc;
    call->is_done = true;
    pthread_cond_signal(&call->wake);
    pthread_mutex_unlock(&call->lock);
}

enum tf_status party_call(struct party *party, struct party_command *command)
{
    struct call call = {.command = {.run = call_run, .done = call_done, .actor = command->actor},
                        .inner = command,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .wake = PTHREAD_COND_INITIALIZER};
    enum tf_status rc = party_submit(party, &call.command);
    if (rc)
        return rc;
    pthread_mutex_lock(&call.lock);
    while (!call.is_done)
        pthread_cond_wait(&call.wake, &call.lock);
    pthread_mutex_unlock(&call.lock);
    pthread_mutex_destroy(&call.lock);
    pthread_cond_destroy(&call.wake);
    return call.rc;
}

/* --- life
 * --------------------------------------------------------------------------------------------------------
 */

static enum tf_status log_start(struct party *party)
{
    struct tf_buf entry = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(clock_us() * 1000, at);
    tf_buf_printf(&entry, "{\"kind\":\"start\",\"at\":\"%s\",\"version\":", at);
    tf_buf_json(&entry, party->config.version);
    tf_buf_text(&entry, ",\"node\":");
    tf_buf_json(&entry, party->routes.holder);
    tf_buf_text(&entry, "}");
    enum tf_status rc = tf_buf_status(&entry);
    if (!rc)
        rc = sql_begin(party->sql);
    if (!rc) {
        rc = ledger_append(party->ledger, entry.data, entry.len, NULL);
        if (rc)
            sql_rollback(party->sql);
        else
            rc = sql_commit(party->sql);
        if (rc)
            ledger_forget(party->ledger);
    }
    tf_buf_release(&entry);
    return rc;
}

enum tf_status party_prepare(struct sql *sql, char why[SQL_WHY_SIZE])
{
    enum tf_status (*const prepare[])(struct sql *, char *) = {
        line_prepare,  witness_prepare,   routes_prepare, account_prepare,
        hooks_prepare, witnesses_prepare, ops_prepare};
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < sizeof prepare / sizeof *prepare; i++)
        rc = prepare[i](sql, why);
    return rc;
}

/* The register's memory, and the message types of this module and of others. */
static enum tf_status open_register(struct party *party)
{
    const struct party_config *config = &party->config;
    if (config->extension_count + OPS_EXTENSIONS > EXTENSIONS_MAX)
        return TF_LIMIT;
    enum tf_status rc = ops_new(&party->ops);
    if (rc)
        return rc;
    ops_extensions(party->ops, party->extensions);
    for (size_t i = 0; i < config->extension_count; i++)
        party->extensions[OPS_EXTENSIONS + i] = config->extensions[i];
    party->extension_count = OPS_EXTENSIONS + config->extension_count;
    return TF_OK;
}

static enum tf_status open_database(struct party *party, char why[SQL_WHY_SIZE])
{
    const struct party_config *config = &party->config;
    enum tf_status rc = sql_open(config->database, &party->sql, why);
    if (!rc)
        rc = party_prepare(party->sql, why);
    if (!rc)
        rc = ledger_open(party->sql, config->card.ledger, config->key, &party->ledger, why);
    if (!rc)
        rc = open_register(party);
    for (int i = 0; !rc && i < LOST_MAX; i++) {
        rc = log_start(party);
        if (rc != TF_BUSY)
            break;
        rc = i + 1 < LOST_MAX ? TF_OK : rc;
        pause_ms(20);
    }
    return rc;
}

static void release(struct party *party)
{
    courier_stop(party->courier);
    while (party->first) { /* answers that came while stopping */
        struct party_command *command = party->first;
        party->first = command->next;
        command->done(command, TF_BUSY);
    }
    routes_release(&party->routes);
    ops_free(party->ops);
    ledger_close(party->ledger);
    sql_close(party->sql);
    pthread_mutex_destroy(&party->lock);
    pthread_cond_destroy(&party->wake);
    free(party);
}

enum tf_status party_start(const struct party_config *config, struct party **out,
                           char why[SQL_WHY_SIZE])
{
    struct party *party = calloc(1, sizeof *party);
    why[0] = '\0';
    if (!party || sodium_init() < 0) {
        free(party);
        return TF_NOMEM;
    }
    party->config = *config;
    party->routes.holder = config->holder ? config->holder : "node";
    party->last = &party->first;
    party->metrics.is_ready = true;
    party->is_stale = true;
    pthread_mutex_init(&party->lock, NULL);
    pthread_cond_init(&party->wake, NULL);
    enum tf_status rc = open_database(party, why);
    if (!rc)
        rc = courier_start(config->ca_file, config->allow_http, on_result, party, &party->courier);
    if (!rc && pthread_create(&party->thread, NULL, work, party))
        rc = TF_NOMEM;
    if (rc) {
        release(party);
        return rc;
    }
    *out = party;
    return TF_OK;
}

void party_stop(struct party *party)
{
    if (!party)
        return;
    pthread_mutex_lock(&party->lock);
    party->stopping = true;
    pthread_cond_signal(&party->wake);
    pthread_mutex_unlock(&party->lock);
    pthread_join(party->thread, NULL);
    release(party);
}

struct ops *party_ops(struct party *party)
{
    return party->ops;
}

void party_metrics(struct party *party, struct party_metrics *out)
{
    pthread_mutex_lock(&party->lock);
    *out = party->metrics;
    out->queue = party->queued;
    pthread_mutex_unlock(&party->lock);
}

void party_survey(struct party *party, struct party_survey *out)
{
    pthread_mutex_lock(&party->lock);
    *out = party->survey;
    pthread_mutex_unlock(&party->lock);
}

const char *party_holder(const struct party *party)
{
    return party->routes.holder;
}
