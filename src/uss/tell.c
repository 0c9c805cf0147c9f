/*
 * tell.c - the teller's thread: notifications to peers, several at a time.
 */
#include "uss/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { AT_ONCE = 16, TIMEOUT_MS = 4000, IDLE_S = 1 };

struct round {
    struct uss *uss;
    struct uss_request requests[AT_ONCE];
    int64_t number[AT_ONCE];
    size_t count;
    bool failed;
};

static void clear(struct round *round)
{
    for (size_t i = 0; i < round->count; i++)
        uss_request_release(&round->requests[i]);
    round->count = 0;
}

static bool take_one(void *ctx, const struct uss_telling *t)
{
    struct round *round = ctx;
    struct uss_request *r = &round->requests[round->count];
    size_t len = strlen(t->url);
    *r = (struct uss_request){.method = "POST",
                              .scope = t->is_constraint ? USS_SCOPE_CM : USS_SCOPE_SC};
    r->body.max = 2 * USS_BODY_MAX;
    snprintf(r->url, sizeof r->url, "%.*s/uss/v1/%s",
             (int)(len > 0 && t->url[len - 1] == '/' ? len - 1 : len), t->url,
             t->is_constraint ? "constraints" : "operational_intents");
    tf_buf_text(&r->body, t->body);
    round->number[round->count++] = t->number;
    round->failed = round->failed || tf_buf_status(&r->body);
    return true;
}

static enum tf_status deed_take(void *ctx, const struct line_context *c)
{
    struct round *round = ctx;
    bool held = false;
    clear(round);
    round->failed = false;
    enum tf_status rc = uss_hold(round->uss, c, &held);
    if (rc || !held)
        return rc;
    return uss_tell_due(c, AT_ONCE, take_one, round);
}

static enum tf_status deed_settle(void *ctx, const struct line_context *c)
{
    struct round *round = ctx;
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < round->count; i++)
        rc =
            uss_tell_settle(c, round->number[i], round->requests[i].status, round->requests[i].why);
    return rc;
}

static void tell(struct round *round)
{
    struct uss_request *each[AT_ONCE];
    struct uss *uss = round->uss;
    for (size_t i = 0; i < round->count; i++)
        each[i] = &round->requests[i];
    uss_client_do(uss->client, each, round->count, TIMEOUT_MS);
    if (atomic_load(&uss->stopping))
        return; /* told again after the next start */
    for (size_t i = 0; i < round->count; i++) {
        long status = each[i]->status;
        atomic_fetch_add(status >= 200 && status < 300 ? &uss->told : &uss->tellings_failed, 1);
    }
    enum tf_status rc = uss_in_party(uss, deed_settle, round);
    if (rc)
        fprintf(stderr, "{\"level\":\"error\",\"msg\":\"uss notification\",\"why\":\"%s\"}\n",
                tf_status_text(rc));
}

void uss_wake_teller(struct uss *uss)
{
    pthread_mutex_lock(&uss->lock);
    uss->has_news = true;
    pthread_cond_signal(&uss->wake_teller);
    pthread_mutex_unlock(&uss->lock);
}

/* Until there is news, or what failed may be due again. */
static void idle(struct uss *uss)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += IDLE_S;
    pthread_mutex_lock(&uss->lock);
    if (!uss->has_news && !atomic_load(&uss->stopping))
        pthread_cond_timedwait(&uss->wake_teller, &uss->lock, &until);
    uss->has_news = false;
    pthread_mutex_unlock(&uss->lock);
}

void *uss_teller(void *arg)
{
    struct uss *uss = arg;
    struct round *round = calloc(1, sizeof *round);
    while (round && !atomic_load(&uss->stopping)) {
        round->uss = uss;
        if (uss_in_party(uss, deed_take, round) == TF_OK && round->count > 0 && !round->failed)
            tell(round);
        else
            idle(uss);
        clear(round);
    }
    free(round);
    return NULL;
}
