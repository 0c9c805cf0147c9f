/*
 * uss.c - starting and stopping a USS, its planner's queue, and what its answers have in common.
 */
#include "uss/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { QUEUE_MAX = 64, SETTLE_MS = 2000, LOOK_MS = 500 };

int64_t uss_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t uss_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * TF_SECOND_NS + t.tv_nsec;
}

/* --- the party's thread ---------------------------------------------------------------------- */

struct errand {
    struct party_command command;
    uss_deed deed;
    void *ctx;
};

static enum tf_status errand_run(struct party_command *command, const struct line_context *c)
{
    struct errand *errand = (struct errand *)command; /* its first member */
    return errand->deed(errand->ctx, c);
}

enum tf_status uss_hold(struct uss *uss, const struct line_context *c, bool *held)
{
    return party_hold(c, party_holder(uss->config.party), "uss", held);
}

enum tf_status uss_in_party(struct uss *uss, uss_deed deed, void *ctx)
{
    struct errand errand = {
        .command = {.run = errand_run, .actor = "uss"}, .deed = deed, .ctx = ctx};
    return party_call(uss->config.party, &errand.command);
}

/* --- the planner's queue ------------------------------------------------------------------------
 */

enum tf_status uss_submit(struct uss *uss, struct uss_job *job)
{
    pthread_mutex_lock(&uss->lock);
    bool taken = uss->queued < QUEUE_MAX && !atomic_load(&uss->stopping);
    if (taken) {
        job->next = NULL;
        *uss->last = job;
        uss->last = &job->next;
        uss->queued++;
        pthread_cond_signal(&uss->wake);
    }
    pthread_mutex_unlock(&uss->lock);
    return taken ? TF_OK : TF_BUSY;
}

static struct uss_job *take(struct uss *uss, int64_t settle_ms)
{
    struct timespec until;
    int64_t wait_ms = settle_ms - uss_clock_ms();
    clock_gettime(CLOCK_REALTIME, &until);
    if (wait_ms > 0) {
        until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
        until.tv_sec += (time_t)(wait_ms / 1000) + until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
    }
    pthread_mutex_lock(&uss->lock);
    if (!uss->first && !uss->has_work && !atomic_load(&uss->stopping) && wait_ms > 0)
        pthread_cond_timedwait(&uss->wake, &uss->lock, &until);
    uss->has_work = false;
    struct uss_job *job = uss->first;
    if (job) {
        uss->first = job->next;
        uss->queued--;
        if (!uss->first)
            uss->last = &uss->first;
    }
    pthread_mutex_unlock(&uss->lock);
    return job;
}

static void do_job(struct uss *uss, struct uss_job *job)
{
    if (atomic_load(&uss->stopping) || job->until_ms < uss_clock_ms())
        uss_refuse(job->exchange, 503, "the node is busy or stops; nothing was changed", NULL);
    else if (http_claim(job->exchange))
        job->run(uss, job);
    struct http_exchange *exchange = job->exchange;
    job->release(job);
    http_reply(exchange);
}

void *uss_planner(void *arg)
{
    struct uss *uss = arg;
    int64_t settle_ms = uss_clock_ms() + SETTLE_MS / 4;
    while (!atomic_load(&uss->stopping)) {
        int64_t look_ms = uss_clock_ms() + LOOK_MS; /* other processes ask for things, too */
        struct uss_job *job = take(uss, settle_ms < look_ms ? settle_ms : look_ms);
        if (job)
            do_job(uss, job);
        uss_enquire(uss);
        uss_operate(uss);
        uss_constrain(uss);
        uss_wake_waiters(uss, false);
        if (uss_clock_ms() >= settle_ms && !atomic_load(&uss->stopping)) {
            uss_plan_settle(uss);
            settle_ms = uss_clock_ms() + SETTLE_MS;
        }
    }
    for (struct uss_job *job = take(uss, 0); job; job = take(uss, 0))
        do_job(uss, job);
    uss_wake_waiters(uss, true);
    return NULL;
}

/* --- life
 * ------------------------------------------------------------------------------------------ */

static void wake_planner(void *ctx)
{
    struct uss *uss = ctx;
    pthread_mutex_lock(&uss->lock);
    uss->has_work = true;
    pthread_cond_signal(&uss->wake);
    pthread_mutex_unlock(&uss->lock);
}

static enum tf_status start_threads(struct uss *uss)
{
    uss->has_planner = pthread_create(&uss->planner, NULL, uss_planner, uss) == 0;
    if (uss->has_planner)
        uss->has_teller = pthread_create(&uss->teller, NULL, uss_teller, uss) == 0;
    while (uss->has_teller && uss->surveyor_count < USS_SURVEYORS &&
           pthread_create(&uss->surveyors[uss->surveyor_count], NULL, uss_surveyor, uss) == 0)
        uss->surveyor_count++;
    return uss->surveyor_count == USS_SURVEYORS ? TF_OK : TF_NOMEM;
}

enum tf_status uss_start(const struct uss_config *config, struct uss **out)
{
    struct uss *uss = calloc(1, sizeof *uss);
    if (!uss)
        return TF_NOMEM;
    uss->config = *config;
    uss->config.client.stopping = &uss->stopping;
    uss->log.party = uss->config.party;
    uss->config.client.log = &uss->log;
    uss->last = &uss->first;
    pthread_mutex_init(&uss->lock, NULL);
    pthread_cond_init(&uss->wake, NULL);
    pthread_cond_init(&uss->wake_teller, NULL);
    pthread_cond_init(&uss->wake_surveyor, NULL);
    uss->last_question = &uss->questions;
    uss->gate = (struct uss_gate){&uss->is_passing, wake_planner, uss};
    enum tf_status rc = uss_client_new(&uss->config.client, &uss->client);
    if (!rc)
        rc = uss_register_attach(uss);
    if (!rc)
        rc = start_threads(uss);
    if (rc) {
        uss_stop(uss);
        uss_free(uss);
        return rc;
    }
    *out = uss;
    return TF_OK;
}

void uss_stop(struct uss *uss)
{
    if (!uss)
        return;
    pthread_mutex_lock(&uss->lock);
    atomic_store(&uss->stopping, true);
    pthread_cond_broadcast(&uss->wake);
    pthread_cond_broadcast(&uss->wake_teller);
    pthread_cond_broadcast(&uss->wake_surveyor);
    pthread_mutex_unlock(&uss->lock);
    uss_register_detach(uss);
    if (uss->has_planner)
        pthread_join(uss->planner, NULL);
    if (uss->has_teller)
        pthread_join(uss->teller, NULL);
    while (uss->surveyor_count > 0)
        pthread_join(uss->surveyors[--uss->surveyor_count], NULL);
    uss->has_planner = uss->has_teller = false;
}

void uss_free(struct uss *uss)
{
    if (!uss)
        return;
    uss_client_free(uss->client);
    pthread_cond_destroy(&uss->wake_surveyor);
    pthread_cond_destroy(&uss->wake);
    pthread_cond_destroy(&uss->wake_teller);
    pthread_mutex_destroy(&uss->lock);
    free(uss);
}

void uss_metrics(struct uss *uss, struct uss_metrics *out)
{
    *out = (struct uss_metrics){.plans = atomic_load(&uss->plans),
                                .plans_rejected = atomic_load(&uss->plans_rejected),
                                .plans_failed = atomic_load(&uss->plans_failed),
                                .told = atomic_load(&uss->told),
                                .tellings_failed = atomic_load(&uss->tellings_failed),
                                .heard = atomic_load(&uss->heard),
                                .heard_refused = atomic_load(&uss->heard_refused),
                                .exchanges = atomic_load(&uss->log.kept),
                                .exchanges_lost = atomic_load(&uss->log.lost)};
}

/* --- answers
 * ---------------------------------------------------------------------------------------- */

void uss_refuse(struct http_exchange *exchange, int status, const char *message, const char *detail)
{
    char text[768];
    snprintf(text, sizeof text, "%s%s%s", detail ? detail : "", detail && *detail ? ": " : "",
             message);
    exchange->status = status;
    tf_buf_clear(&exchange->out);
    tf_buf_text(&exchange->out, "{\"message\":");
    tf_buf_json(&exchange->out, text);
    tf_buf_char(&exchange->out, '}');
}

void uss_refuse_fault(struct http_exchange *exchange, const struct tf_fault *fault)
{
    char text[512];
    tf_fault_text(fault, fault->message ? fault->message : tf_status_text(fault->code), text,
                  sizeof text);
    uss_refuse(exchange, fault->code == TF_NOMEM ? 503 : 400, text, fault->field);
}

void uss_refuse_status(struct http_exchange *exchange, enum tf_status rc)
{
    if (rc == TF_NOT_FOUND)
        uss_refuse(exchange, 404, "this USS does not know it", NULL);
    else if (rc == TF_RANGE)
        uss_refuse(exchange, 429, "there are too many of them already", NULL);
    else if (rc == TF_LIMIT)
        uss_refuse(exchange, 507, "it could not be stored; nothing was changed", NULL);
    else
        uss_refuse(exchange, 503, "the node is busy; nothing was changed; try again", NULL);
}

bool uss_body(struct http_exchange *exchange, json_t **out)
{
    struct tf_fault fault;
    json_t *json;
    if (uss_parse(exchange->body ? exchange->body : "", exchange->body_len, &json, &fault)) {
        uss_refuse_fault(exchange, &fault);
        return false;
    }
    if (!json_is_object(json)) {
        json_decref(json);
        uss_refuse(exchange, 400, "the body must be a JSON object", NULL);
        return false;
    }
    *out = json;
    return true;
}

bool uss_path_id(struct http_slice path, const char *prefix, const char *suffix,
                 struct tf_uuid *out)
{
    size_t before = strlen(prefix), after = strlen(suffix);
    return path.len > before + after && memcmp(path.at, prefix, before) == 0 &&
           memcmp(path.at + path.len - after, suffix, after) == 0 &&
           tf_uuid_parse(path.at + before, path.len - before - after, out) &&
           tf_uuid_version(out) == 4;
}
