/*
 * constrain.c - published zones that are due: written to the DSS, or deleted there, and those told
 * whom it concerns. On the planner's thread.
 */
#include "uss/constraint.h"
#include "uss/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { AT_A_TIME = 8, TIMEOUT_MS = 3000 };
#define RETRY_US INT64_C(2000000)

/* One of them under way. */
struct job {
    struct uss *uss;
    struct uss_constraint row;
    bool is_there;
    struct tf_entity zone;
    struct uss_volumes volumes;
    struct uss_reference reference; /* as the DSS answered */
    struct uss_subscribers subscribers;
    json_t *answer;
    const char *ovn; /* that it has in the DSS; NULL: as before */
    char why[512];
    bool is_final; /* no use to try again */
};

static void forget(struct job *job)
{
    tf_entity_release(&job->zone);
    uss_volumes_release(&job->volumes);
    free(job->subscribers.at);
    job->subscribers = (struct uss_subscribers){0};
    json_decref(job->answer);
    job->answer = NULL;
}

static bool take_zone(void *ctx, const struct ops_record *record)
{
    struct job *job = ctx;
    if (ops_entity_of(record, &job->zone))
        job->zone = (struct tf_entity){0};
    return true;
}

static enum tf_status deed_due(void *ctx, const struct line_context *c)
{
    struct job *job = ctx;
    struct uss *uss = job->uss;
    bool held = false;
    forget(job);
    *job = (struct job){.uss = uss};
    enum tf_status rc = uss_hold(uss, c, &held);
    if (!rc && held)
        rc = uss_constraint_due(c, &job->row);
    job->is_there = !rc && held;
    if (rc == TF_NOT_FOUND || !job->is_there)
        return rc == TF_NOT_FOUND ? TF_OK : rc;
    rc = ops_find(party_ops(uss->config.party), c, "", OPS_ZONE, job->row.zone, take_zone, job);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

static bool stop(struct job *job, bool is_final, const char *why)
{
    job->is_final = is_final;
    snprintf(job->why, sizeof job->why, "%s", why);
    return false;
}

/* What is not known well is drawn wide: a constraint too large is no danger. */
static bool make_volumes(struct job *job)
{
    job->volumes.at = calloc(job->zone.volume_count + 1, sizeof *job->volumes.at);
    if (!job->volumes.at)
        return stop(job, false, "out of memory");
    for (size_t i = 0; i < job->zone.volume_count; i++) {
        const struct tf_volume4 *from = &job->zone.volumes[i];
        if (from->start_ns == TF_TIME_MIN || from->end_ns == TF_TIME_MAX)
            return stop(job, true, "a constraint needs a start and an end");
        struct tf_volume4 *to = &job->volumes.at[job->volumes.count++];
        *to = tf_volume4_ref(from);
        to->alt = tf_band_w84(fmax(from->alt.lower_m, TF_ALT_MIN_M),
                              fmin(from->alt.upper_m, TF_ALT_MAX_M));
    }
    return true;
}

static void url_of(const struct job *job, struct uss_request *r, bool with_ovn)
{
    char id[TF_UUID_TEXT_SIZE];
    const char *ovn = job->row.reference.ovn;
    tf_uuid_format(&job->row.reference.id, id);
    snprintf(r->url, sizeof r->url, "%s/dss/v1/constraint_references/%s%s%s",
             job->uss->config.dss_url, id, with_ovn && *ovn ? "/" : "", with_ovn ? ovn : "");
}

static bool make_body(struct job *job, struct tf_buf *out)
{
    tf_buf_text(out, "{\"extents\":[");
    enum tf_status rc = uss_put_volumes(out, &job->volumes, false);
    tf_buf_text(out, "],\"uss_base_url\":");
    tf_buf_json(out, job->uss->config.base_url);
    tf_buf_char(out, '}');
    return (!rc && !tf_buf_status(out)) || stop(job, false, "out of memory");
}

/* With the subscribers of a change, or of a question without. */
static bool take_answer(struct job *job, const struct uss_request *r, bool is_change)
{
    struct tf_fault fault = {.message = NULL};
    json_decref(job->answer);
    job->answer = NULL;
    enum tf_status rc =
        uss_parse(r->answer.data ? r->answer.data : "", r->answer.len, &job->answer, &fault);
    if (!rc)
        rc = uss_read_constraint_change(job->answer, &job->reference,
                                        is_change ? &job->subscribers : NULL, &fault);
    return (!rc && tf_uuid_equal(&job->reference.id, &job->row.reference.id)) ||
           stop(job, false, "the DSS's answer is not understood");
}

/* An answer that was lost: the DSS has it at another version than is known here. */
static void look_again(struct job *job)
{
    struct uss_request r = {.method = "GET", .scope = USS_SCOPE_CM}, *one = &r;
    url_of(job, &r, false);
    uss_client_do(job->uss->client, &one, 1, TIMEOUT_MS);
    if (r.status == 200 && take_answer(job, &r, false) && job->reference.ovn[0])
        job->ovn = job->reference.ovn;
    else if (r.status == 404)
        job->ovn = "";
    uss_request_release(&r);
}

/* Each URL once, as the DSS groups them. */
static enum tf_status tell_all(struct job *job, const struct line_context *c, bool is_gone)
{
    struct tf_buf body = TF_BUF_INIT(2 * USS_BODY_MAX);
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < job->subscribers.count; i++) {
        const struct uss_subscriber *s = &job->subscribers.at[i];
        if (strcmp(s->url, job->uss->config.base_url) == 0)
            continue; /* we know */
        char *subscriptions = json_dumps(s->subscriptions, JSON_COMPACT);
        tf_buf_clear(&body);
        tf_buf_text(&body, "{\"constraint_id\":");
        uss_put_uuid(&body, &job->row.reference.id);
        if (!is_gone) {
            tf_buf_text(&body, ",\"constraint\":");
            rc = uss_constraint_print(c, &job->row.reference.id, &body);
        }
        tf_buf_printf(&body, ",\"subscriptions\":%s}", subscriptions ? subscriptions : "");
        if (!rc)
            rc = subscriptions ? tf_buf_status(&body) : TF_NOMEM;
        if (!rc)
            rc = uss_tell_add(c, &job->row.reference.id, s->url, body.data, true);
        free(subscriptions);
    }
    tf_buf_release(&body);
    return rc;
}

static enum tf_status deed_set(void *ctx, const struct line_context *c)
{
    struct job *job = ctx;
    enum tf_status rc =
        uss_constraint_set(c, job->row.zone, &job->reference, &job->volumes,
                           tf_restriction_word(job->zone.restriction), job->row.due_us);
    return rc ? rc : tell_all(job, c, false);
}

static enum tf_status deed_gone(void *ctx, const struct line_context *c)
{
    struct job *job = ctx;
    enum tf_status rc = uss_constraint_gone(c, job->row.zone, &job->row.reference.id);
    return rc ? rc : tell_all(job, c, true);
}

static enum tf_status deed_fail(void *ctx, const struct line_context *c)
{
    const struct job *job = ctx;
    int64_t wait_us = RETRY_US << (job->row.tries < 8 ? job->row.tries : 8);
    bool at_once = job->ovn && job->row.tries < 3;
    return uss_constraint_fail(c, job->row.zone, job->ovn, job->why,
                               job->is_final ? 0 : c->now_us + (at_once ? 0 : wait_us));
}

/* True: the DSS has done it. */
static bool ask_dss(struct job *job)
{
    struct uss_request r = {.method = job->row.is_wanted ? "PUT" : "DELETE", .scope = USS_SCOPE_CM},
                       *one = &r;
    r.body.max = USS_BODY_MAX;
    bool good = !job->row.is_wanted || (make_volumes(job) && make_body(job, &r.body));
    if (good && !job->row.is_wanted && !job->row.reference.ovn[0]) {
        look_again(job); /* is there anything to delete? */
        good = job->ovn && !*job->ovn;
    } else if (good) {
        url_of(job, &r, true);
        uss_client_do(job->uss->client, &one, 1, TIMEOUT_MS);
        bool is_gone = !job->row.is_wanted && r.status == 404;
        good = is_gone || ((r.status == 200 || r.status == 201) && take_answer(job, &r, true));
        if (!good && !job->why[0])
            snprintf(job->why, sizeof job->why, "the DSS answered %ld: %s%.300s", r.status, r.why,
                     r.answer.data ? r.answer.data : "");
        if (r.status == 409 || (r.status == 404 && job->row.is_wanted))
            look_again(job);
        else if (r.status == 400 || r.status == 413)
            job->is_final = true;
    }
    uss_request_release(&r);
    return good;
}

void uss_constrain(struct uss *uss)
{
    struct job job = {.uss = uss};
    for (int i = 0; i < AT_A_TIME && !atomic_load(&uss->stopping); i++) {
        if (uss_in_party(uss, deed_due, &job) || !job.is_there)
            break;
        bool good = ask_dss(&job);
        uss_deed deed = !good ? deed_fail : job.row.is_wanted ? deed_set : deed_gone;
        if (uss_in_party(uss, deed, &job))
            break;
        uss_wake_teller(uss);
    }
    forget(&job);
}
