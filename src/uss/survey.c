/*
 * survey.c - what a DSS has near some volumes, for a check that changes nothing: asked within a
 * second, on threads of its own; and visits at the desk that wait for it, or for the planner.
 */
#include "uss/work.h"

#include <stdio.h>
#include <stdlib.h>

enum { SURVEY_MS = 850, WAITING_MAX = 256 };

void uss_survey_release(struct uss_survey *survey)
{
    for (size_t i = 0; i < survey->count; i++)
        uss_neighbour_release(&survey->at[i]);
    free(survey->at);
    survey->at = NULL;
    survey->count = 0;
}

static bool set_area(struct planning *p, const struct tf_volume4 *volumes, size_t count)
{
    struct uss_volumes all = {(struct tf_volume4 *)(uintptr_t)volumes, count};
    if (uss_volumes_copy(&all, &p->wanted.nominal))
        return planning_stop(p, USS_FAILED, "out of memory");
    for (size_t i = 0; i < count; i++) {
        struct tf_volume4 *v = &p->wanted.nominal.at[i];
        double low_m = v->alt.lower_m, high_m = v->alt.upper_m;
        if (v->start_ns == TF_TIME_MIN || v->end_ns == TF_TIME_MAX)
            return planning_stop(p, USS_FAILED, "what has no start or no end cannot be asked for");
        v->alt = tf_band_w84(low_m < TF_ALT_MIN_M ? TF_ALT_MIN_M : low_m,
                             high_m > TF_ALT_MAX_M ? TF_ALT_MAX_M : high_m);
    }
    return true;
}

void uss_survey_make(struct uss *uss, const struct tf_volume4 *volumes, size_t count, long most_ms,
                     struct uss_survey *out)
{
    struct uss_outcome outcome = {.notes = ""};
    struct planning p = {.uss = uss, .until_ms = uss_clock_ms() + most_ms, .out = &outcome};
    *out = (struct uss_survey){.at = NULL};
    bool good = set_area(&p, volumes, count) && planning_discover(&p) == PLANNING_FOUND;
    if (good) {
        out->at = p.neighbours;
        out->count = p.neighbour_count;
    } else {
        planning_forget_neighbours(&p);
        out->is_unknown = true;
        snprintf(out->why, sizeof out->why, "%s", outcome.notes);
    }
    uss_details_release(&p.wanted);
}

/* --- checks at the desk -------------------------------------------------------------------------
 */

struct uss_question {
    struct uss *uss;
    struct uss_volumes area;
    struct uss_survey survey;
    void (*done)(void *ctx, struct uss_question *question);
    void *ctx;
    struct uss_question *next;
};

enum tf_status uss_ask(struct uss *uss, const struct tf_volume4 *volumes, size_t count,
                       void (*done)(void *ctx, struct uss_question *question), void *ctx)
{
    struct uss_volumes all = {(struct tf_volume4 *)(uintptr_t)volumes, count};
    struct uss_question *q = calloc(1, sizeof *q);
    enum tf_status rc = q ? uss_volumes_copy(&all, &q->area) : TF_NOMEM;
    if (rc) {
        free(q);
        return rc;
    }
    q->uss = uss;
    q->done = done;
    q->ctx = ctx;
    pthread_mutex_lock(&uss->lock);
    bool taken = uss->asked < WAITING_MAX && !atomic_load(&uss->stopping);
    if (taken) {
        *uss->last_question = q;
        uss->last_question = &q->next;
        uss->asked++;
        pthread_cond_signal(&uss->wake_surveyor);
    }
    pthread_mutex_unlock(&uss->lock);
    if (!taken)
        uss_question_free(q);
    return taken ? TF_OK : TF_BUSY;
}

void uss_question_free(struct uss_question *q)
{
    if (!q)
        return;
    uss_volumes_release(&q->area);
    uss_survey_release(&q->survey);
    free(q);
}

void uss_answer_use(struct uss *uss, const struct uss_question *question)
{
    uss->survey = question ? &question->survey : NULL;
}

static struct uss_question *take(struct uss *uss)
{
    pthread_mutex_lock(&uss->lock);
    while (!uss->questions && !atomic_load(&uss->stopping))
        pthread_cond_wait(&uss->wake_surveyor, &uss->lock);
    struct uss_question *q = uss->questions;
    if (q) {
        uss->questions = q->next;
        uss->asked--;
        if (!uss->questions)
            uss->last_question = &uss->questions;
    }
    pthread_mutex_unlock(&uss->lock);
    return q;
}

void *uss_surveyor(void *arg)
{
    struct uss *uss = arg;
    for (struct uss_question *q = take(uss); q; q = take(uss)) {
        uss_survey_make(uss, q->area.at, q->area.count, SURVEY_MS, &q->survey);
        q->done(q->ctx, q);
    }
    return NULL;
}

/* --- visits that wait for the planner --------------------------------------------------------- */

struct uss_waiter {
    char op[OPS_ID_SIZE];
    int64_t until_ms;
    void (*done)(void *ctx);
    void *ctx;
    bool is_ready;
    struct uss_waiter *next;
};

enum tf_status uss_wait(struct uss *uss, const char *op, long most_ms, void (*done)(void *ctx),
                        void *ctx)
{
    struct uss_waiter *w = calloc(1, sizeof *w);
    if (!w)
        return TF_NOMEM;
    snprintf(w->op, sizeof w->op, "%s", op);
    w->until_ms = uss_clock_ms() + most_ms;
    w->done = done;
    w->ctx = ctx;
    pthread_mutex_lock(&uss->lock);
    bool taken = !atomic_load(&uss->stopping);
    if (taken) {
        w->next = uss->waiters;
        uss->waiters = w;
        uss->has_work = true;
        pthread_cond_signal(&uss->wake);
    }
    pthread_mutex_unlock(&uss->lock);
    if (!taken)
        free(w);
    return taken ? TF_OK : TF_BUSY;
}

static enum tf_status deed_look(void *ctx, const struct line_context *c)
{
    enum tf_status rc = TF_OK;
    for (struct uss_waiter *w = ctx; w && !rc; w = w->next) {
        struct uss_operation row = {.due_us = 0};
        rc = uss_operation_find(c, w->op, &row);
        /* Failed once, it may be due again later: that is an answer, too. */
        w->is_ready = rc == TF_NOT_FOUND || (!rc && (!row.due_us || row.tries > 0));
        if (!rc)
            uss_operation_release(&row);
        rc = rc == TF_NOT_FOUND ? TF_OK : rc;
    }
    return rc;
}

/* The planner's thread: those whose operation is settled, or whose time is over. */
void uss_wake_waiters(struct uss *uss, bool all)
{
    pthread_mutex_lock(&uss->lock);
    struct uss_waiter *list = uss->waiters;
    uss->waiters = NULL;
    pthread_mutex_unlock(&uss->lock);
    if (!list)
        return;
    if (!all && uss_in_party(uss, deed_look, list))
        for (struct uss_waiter *w = list; w; w = w->next)
            w->is_ready = false;
    while (list) {
        struct uss_waiter *w = list;
        list = w->next;
        if (all || w->is_ready || w->until_ms <= uss_clock_ms()) {
            w->done(w->ctx);
            free(w);
            continue;
        }
        pthread_mutex_lock(&uss->lock);
        w->next = uss->waiters;
        uss->waiters = w;
        pthread_mutex_unlock(&uss->lock);
    }
}
