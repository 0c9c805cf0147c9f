/*
 * hooks.c - a thread for each hook: what has it not told yet? tell it; remember.
 */
#include "party/hook.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { HOOK_LOOK_MS = 5000, HOOK_NAME_SIZE = 300, HOOK_ALARM_SIZE = 16 };

struct hook {
    struct party_command command; /* first */
    struct hooks *hooks;
    const struct hook_config *config;
    char name[HOOK_NAME_SIZE]; /* of its position */
    pthread_t thread;
    bool started;
    struct hook_event event; /* what is being told */
    bool has_event, held;
    int64_t position;   /* to be remembered */
    unsigned failures;  /* in a row */
    int64_t failing_ms; /* since when, of a clock that only goes on */
    bool rings;         /* or may ring, from before this start */
    char why[HOOK_WHY_SIZE];
    struct hook_metrics metrics;
};
struct hooks {
    struct party *party;
    struct hooks_config config;
    struct hook hook[HOOKS_MAX];
    pthread_mutex_t lock; /* of the metrics and the two below */
    pthread_cond_t wake;
    uint64_t news;
    atomic_bool stopping;
};

static const char *const steps[] = {
    "CREATE TABLE party_hook (name TEXT PRIMARY KEY, position BIGINT NOT NULL) @STRICT@"};

enum tf_status hooks_prepare(struct sql *sql, char why[SQL_WHY_SIZE])
{
    return sql_migrate(sql, "party_hook", steps, sizeof steps / sizeof *steps, why);
}

/* --- positions ---------------------------------------------------------------------------- */

static enum tf_status find_position(const struct line_context *c, const char *name, int64_t *out)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql, "SELECT position FROM party_hook WHERE name = $1",
                                  SQL_ARGS(sql_text(name)), &rows);
    if (rc)
        return rc;
    bool known = rows.count == 1;
    if (known)
        *out = sql_at(&rows, 0, 0)->number;
    sql_rows_release(&rows);
    if (known)
        return TF_OK;
    rc = party_last_event(c, out);
    if (rc)
        return rc;
    return sql_exec(c->sql, "INSERT INTO party_hook (name, position) VALUES ($1, $2)",
                    SQL_ARGS(sql_text(name), sql_int(*out)), NULL);
}

enum tf_status hooks_prune(const struct line_context *c, bool *more)
{
    const int64_t day_us = TF_DAY_NS / 1000;
    struct sql_rows rows;
    bool has_old = false;
    enum tf_status rc =
        sql_query(c->sql, "SELECT MIN(position) FROM party_hook", SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    int64_t told = sql_at(&rows, 0, 0)->type == SQL_INT ? sql_at(&rows, 0, 0)->number : INT64_MAX;
    sql_rows_release(&rows);
    rc = line_prune(c, c->now_us - HOOK_KEEP_DAYS * day_us, told, more);
    if (!rc)
        rc = line_prune(c, c->now_us - HOOK_KEEP_MAX_DAYS * day_us, INT64_MAX, &has_old);
    if (!rc)
        *more = *more || has_old;
    return rc;
}

static bool take_event(void *ctx, int64_t id, int64_t at_us, const char *kind, const char *json)
{
    struct hook *hook = ctx;
    hook->event.id = id;
    hook->event.at_us = at_us;
    snprintf(hook->event.kind, sizeof hook->event.kind, "%s", kind);
    tf_buf_clear(&hook->event.json);
    tf_buf_text(&hook->event.json, json);
    hook->has_event = true;
    /* Programs and people are told of alarms only. */
    return hook->config->kind != HOOK_WEB && strcmp(kind, "alarm") != 0;
}

static enum tf_status next_run(struct party_command *command, const struct line_context *c)
{
    struct hook *hook = (struct hook *)command;
    int64_t position;
    hook->has_event = false;
    enum tf_status rc = party_hold(c, party_holder(hook->hooks->party), hook->name, &hook->held);
    if (!rc && hook->held)
        rc = find_position(c, hook->name, &position);
    if (!rc && hook->held)
        rc = line_each_event(c, position, 1000, take_event, hook);
    memcpy(hook->event.own_id, c->card.id, sizeof hook->event.own_id);
    return rc ? rc : tf_buf_status(&hook->event.json);
}

/* Never back: another node may have gone on. */
static enum tf_status told_run(struct party_command *command, const struct line_context *c)
{
    struct hook *hook = (struct hook *)command;
    return sql_exec(c->sql, "UPDATE party_hook SET position = $2 WHERE name = $1 AND position < $2",
                    SQL_ARGS(sql_text(hook->name), sql_int(hook->position)), NULL);
}

static enum tf_status run(struct hook *hook, enum tf_status (*what)(struct party_command *,
                                                                    const struct line_context *))
{
    hook->command = (struct party_command){.run = what};
    return party_call(hook->hooks->party, &hook->command);
}

/* --- alarms ----------------------------------------------------------------------------------- */

static void alarm_of(const struct hook *hook, char out[HOOK_ALARM_SIZE])
{
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1];
    key_sha256(&(struct key_piece){hook->name, strlen(hook->name)}, 1, hash);
    key_hex(hash, sizeof hash, hex);
    snprintf(out, HOOK_ALARM_SIZE, "hook.%.8s", hex);
}

/* Everybody reads alarms: of a URL only its host, for the rest may be a secret. */
static int shown_len(const struct hook *hook)
{
    const char *target = hook->config->target, *host = strstr(target, "://");
    size_t len = strlen(target);
    if (hook->config->kind == HOOK_WEB && host)
        len = (size_t)(host + 3 - target) + strcspn(host + 3, "/?#");
    return len < 100 ? (int)len : 100;
}

static enum tf_status ring_run(struct party_command *command, const struct line_context *c)
{
    struct hook *hook = (struct hook *)command;
    char kind[HOOK_ALARM_SIZE], text[2 * HOOK_WHY_SIZE];
    alarm_of(hook, kind);
    snprintf(text, sizeof text, "the %s hook %.*s does not take what it is told: %s",
             hook->metrics.kind, shown_len(hook), hook->config->target, hook->why);
    return line_raise_alarm(c, "", kind, "duty-officer", text);
}

static enum tf_status still_run(struct party_command *command, const struct line_context *c)
{
    char kind[HOOK_ALARM_SIZE];
    alarm_of((struct hook *)command, kind);
    return line_end_alarm(c, "", kind);
}

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Counts, and rings when it is time; what cannot be written is tried with the next one. */
static void note_outcome(struct hook *hook, bool good)
{
    int64_t now_ms = monotonic_ms(), ring_ms = hook->hooks->config.patience.ring_after_s * 1000;
    if (good) {
        hook->failures = 0;
        if (hook->rings)
            hook->rings = run(hook, still_run) != TF_OK;
        return;
    }
    if (hook->failures++ == 0) {
        hook->failing_ms = now_ms;
        hook->rings = false;
    }
    if (!hook->rings && now_ms - hook->failing_ms >= ring_ms)
        hook->rings = run(hook, ring_run) == TF_OK;
}

/* --- the thread --------------------------------------------------------------------------- */

/* The hook takes nothing, and this is no news any more. */
static bool is_left_out(const struct hook *hook)
{
    const struct hook_patience *patience = &hook->hooks->config.patience;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return hook->failures >= patience->tries &&
           hook->event.at_us / 1000000 < (int64_t)t.tv_sec - patience->give_up_s;
}

static bool tell(struct hook *hook, char why[HOOK_WHY_SIZE])
{
    const struct hooks_config *config = &hook->hooks->config;
    const atomic_bool *stopping = &hook->hooks->stopping;
    switch (hook->config->kind) {
    case HOOK_WEB:
        return hook_post(config, hook->config, &hook->event, stopping, why);
    case HOOK_COMMAND:
        return strcmp(hook->event.kind, "alarm") != 0 ||
               hook_run(hook->config, &hook->event, stopping, why);
    case HOOK_MAIL:
        return strcmp(hook->event.kind, "alarm") != 0 ||
               hook_mail(config, hook->config, &hook->event, stopping, why);
    }
    return false;
}

static void measure(struct hook *hook, bool good, const char *why)
{
    pthread_mutex_lock(&hook->hooks->lock);
    bool was_failing = hook->metrics.failing;
    hook->metrics.told += good;
    hook->metrics.failed += !good;
    hook->metrics.failing = !good;
    pthread_mutex_unlock(&hook->hooks->lock);
    if (good || was_failing || atomic_load(&hook->hooks->stopping))
        return;
    struct tf_buf out = TF_BUF_INIT(2048);
    tf_buf_text(&out, "{\"level\":\"error\",\"msg\":\"hook\",\"to\":");
    tf_buf_json(&out, hook->config->target);
    tf_buf_text(&out, ",\"why\":");
    tf_buf_json(&out, why);
    if (tf_buf_status(&out) == TF_OK)
        fprintf(stderr, "%s}\n", out.data);
    tf_buf_release(&out);
}

/* Until something has happened since `seen`, or the time is over. */
static void wait_ms(struct hooks *hooks, unsigned ms, uint64_t *seen)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&hooks->lock);
    int rc = 0;
    while (rc == 0 && !atomic_load(&hooks->stopping) && (!seen || *seen == hooks->news))
        rc = pthread_cond_timedwait(&hooks->wake, &hooks->lock, &until);
    if (seen)
        *seen = hooks->news;
    pthread_mutex_unlock(&hooks->lock);
}

static unsigned retry_ms(const struct hook_patience *patience, unsigned failures)
{
    unsigned ms = patience->retry_ms;
    for (unsigned i = 1; i < failures && ms < patience->retry_max_ms; i++)
        ms *= 2;
    if (ms > patience->retry_max_ms)
        ms = patience->retry_max_ms;
    return ms / 2 + randombytes_uniform(ms / 2);
}

/* Taken, or left out: the next one. */
static bool go_on(struct hook *hook)
{
    hook->position = hook->event.id;
    return run(hook, told_run) == TF_OK;
}

static void tell_next(struct hook *hook)
{
    struct hooks *hooks = hook->hooks;
    if (is_left_out(hook) && go_on(hook)) {
        pthread_mutex_lock(&hooks->lock);
        hook->metrics.left_out++;
        pthread_mutex_unlock(&hooks->lock);
        return;
    }
    bool good = tell(hook, hook->why) && go_on(hook); /* else it is told again */
    measure(hook, good, hook->why);
    note_outcome(hook, good);
    if (!good)
        wait_ms(hooks, retry_ms(&hooks->config.patience, hook->failures), NULL);
}

static void *work(void *arg)
{
    struct hook *hook = arg;
    struct hooks *hooks = hook->hooks;
    uint64_t seen = 0;
    while (!atomic_load(&hooks->stopping)) {
        enum tf_status rc = run(hook, next_run);
        if (rc || !hook->held || !hook->has_event) {
            wait_ms(hooks, rc ? hooks->config.patience.retry_ms : HOOK_LOOK_MS, rc ? NULL : &seen);
            continue;
        }
        tell_next(hook);
    }
    return NULL;
}

/* --- life ------------------------------------------------------------------------------------ */

static const char *kind_name(enum hook_kind kind)
{
    return kind == HOOK_WEB ? "web" : kind == HOOK_COMMAND ? "command" : "mail";
}

enum tf_status hooks_start(struct party *party, const struct hooks_config *config,
                           struct hooks **out)
{
    if (config->count > HOOKS_MAX)
        return TF_LIMIT;
    struct hooks *hooks = calloc(1, sizeof *hooks);
    if (!hooks)
        return TF_NOMEM;
    hooks->party = party;
    hooks->config = *config;
    pthread_mutex_init(&hooks->lock, NULL);
    pthread_cond_init(&hooks->wake, NULL);
    for (size_t i = 0; i < config->count; i++) {
        struct hook *hook = &hooks->hook[i];
        hook->hooks = hooks;
        hook->config = &config->hooks[i];
        hook->event.json = (struct tf_buf)TF_BUF_INIT(1 << 20);
        hook->metrics.kind = kind_name(hook->config->kind);
        hook->rings = true;
        snprintf(hook->name, sizeof hook->name, "%s:%s", hook->metrics.kind, hook->config->target);
        hook->started = pthread_create(&hook->thread, NULL, work, hook) == 0;
        if (!hook->started) {
            hooks_stop(hooks);
            return TF_NOMEM;
        }
    }
    *out = hooks;
    return TF_OK;
}

void hooks_stop(struct hooks *hooks)
{
    if (!hooks)
        return;
    pthread_mutex_lock(&hooks->lock);
    atomic_store(&hooks->stopping, true);
    pthread_cond_broadcast(&hooks->wake);
    pthread_mutex_unlock(&hooks->lock);
    for (size_t i = 0; i < hooks->config.count; i++) {
        if (hooks->hook[i].started)
            pthread_join(hooks->hook[i].thread, NULL);
        tf_buf_release(&hooks->hook[i].event.json);
    }
    pthread_mutex_destroy(&hooks->lock);
    pthread_cond_destroy(&hooks->wake);
    free(hooks);
}

void hooks_wake(struct hooks *hooks)
{
    pthread_mutex_lock(&hooks->lock);
    hooks->news++;
    pthread_cond_broadcast(&hooks->wake);
    pthread_mutex_unlock(&hooks->lock);
}

size_t hooks_metrics(struct hooks *hooks, struct hook_metrics out[HOOKS_MAX])
{
    pthread_mutex_lock(&hooks->lock);
    for (size_t i = 0; i < hooks->config.count; i++)
        out[i] = hooks->hook[i].metrics;
    pthread_mutex_unlock(&hooks->lock);
    return hooks->config.count;
}
