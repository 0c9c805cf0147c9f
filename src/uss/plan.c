/*
 * plan.c - planning, changing and ending an operational intent.
 */
#include "uss/plan.h"

#include "uss/work.h"
#include <stdio.h>
#include <stdlib.h>

bool planning_stop(struct planning *p, enum uss_result result, const char *notes)
{
    p->out->result = result;
    snprintf(p->out->notes, sizeof p->out->notes, "%s", notes);
    return false;
}

bool planning_stop_fault(struct planning *p, enum uss_result result, const struct tf_fault *fault)
{
    char text[512];
    tf_fault_text(fault, fault->message ? fault->message : tf_status_text(fault->code), text,
                  sizeof text);
    p->out->result = result;
    snprintf(p->out->notes, sizeof p->out->notes, "%s%s%s", fault->field,
             fault->field[0] ? ": " : "", text);
    return false;
}

long planning_left_ms(const struct planning *p, long most_ms)
{
    int64_t left = p->until_ms - uss_clock_ms();
    return left < 1 ? 1 : left < most_ms ? (long)left : most_ms;
}

/* --- the database ---------------------------------------------------------------------------- */

static enum tf_status deed_find(void *ctx, const struct line_context *c)
{
    struct planning *p = ctx;
    uss_flight_release(&p->flight);
    p->flight = (struct uss_flight){.reference.id = p->id, .reference.state = TF_STATE_DRAFT};
    p->is_there = p->is_held = false;
    enum tf_status rc = uss_hold(p->uss, c, &p->is_held);
    if (rc || !p->is_held)
        return rc;
    rc = uss_flight_find(c, &p->id, &p->flight);
    p->is_there = rc == TF_OK;
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

static bool stop_database(struct planning *p, enum tf_status rc)
{
    return planning_stop(p, USS_FAILED,
                         rc == TF_RANGE ? "there are too many operational intents"
                                        : "the database cannot be written or is busy");
}

bool planning_load(struct planning *p)
{
    enum tf_status rc = uss_in_party(p->uss, deed_find, p);
    p->out->state = p->flight.reference.state;
    if (rc)
        return stop_database(p, rc);
    /* What one node has under way, another one must not settle. */
    return p->is_held ||
           planning_stop(p, USS_FAILED, "another node of this party plans at present");
}

static enum tf_status deed_want(void *ctx, const struct line_context *c)
{
    struct planning *p = ctx;
    return uss_flight_want(c, &p->id, p->wanted_state,
                           p->wanted_state == TF_STATE_ENDED ? NULL : &p->wanted);
}

static enum tf_status deed_unwant(void *ctx, const struct line_context *c)
{
    struct planning *p = ctx;
    return uss_flight_unwant(c, &p->id);
}

/* A failure leaves it in doubt, and it will be settled. */
static void unwant(struct planning *p)
{
    enum tf_status rc = uss_in_party(p->uss, deed_unwant, p);
    (void)rc;
}

static enum tf_status tell_all(struct planning *p, const struct line_context *c, bool has_ended)
{
    struct tf_buf body = TF_BUF_INIT(2 * USS_BODY_MAX);
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < p->subscribers.count; i++) {
        const struct uss_subscriber *s = &p->subscribers.at[i];
        if (strcmp(s->url, p->uss->config.base_url) == 0)
            continue; /* we know */
        char *subscriptions = json_dumps(s->subscriptions, JSON_COMPACT);
        tf_buf_clear(&body);
        tf_buf_text(&body, "{\"operational_intent_id\":");
        uss_put_uuid(&body, &p->id);
        if (!has_ended) {
            tf_buf_text(&body, ",\"operational_intent\":");
            rc = uss_flight_print(c, &p->id, &body, NULL);
        }
        tf_buf_text(&body, ",\"subscriptions\":");
        tf_buf_text(&body, subscriptions ? subscriptions : "");
        tf_buf_char(&body, '}');
        if (!rc)
            rc = subscriptions ? tf_buf_status(&body) : TF_NOMEM;
        if (!rc)
            rc = uss_tell_add(c, &p->id, s->url, body.data, false);
        free(subscriptions);
    }
    tf_buf_release(&body);
    return rc;
}

static enum tf_status deed_set(void *ctx, const struct line_context *c)
{
    struct planning *p = ctx;
    enum tf_status rc = uss_flight_set(c, &p->reference, &p->wanted, false);
    if (!rc)
        rc = tell_all(p, c, false);
    return rc || !p->work ? rc : uss_work_apply(p, c);
}

static enum tf_status deed_end(void *ctx, const struct line_context *c)
{
    struct planning *p = ctx;
    enum tf_status rc = uss_flight_end(c, &p->id, p->why);
    return rc ? rc : tell_all(p, c, true);
}

/* --- writing it to the DSS
 * ------------------------------------------------------------------------ */

static const char *scope_of(enum tf_state state)
{
    return state == TF_STATE_NONCONFORMING || state == TF_STATE_CONTINGENT ? USS_SCOPE_CMSA
                                                                           : USS_SCOPE_SC;
}

/* Who is to be told of constraints has to know all that are there, by their OVNs: of one whose USS
 * does not answer it has none, and could plan nothing while that lasts. */
static bool hears_constraints(const struct planning *p)
{
    bool knows_all = true;
    for (size_t i = 0; i < p->neighbour_count; i++)
        knows_all =
            knows_all && (!p->neighbours[i].is_constraint || p->neighbours[i].reference.ovn[0]);
    return knows_all && !p->uss->config.ignores_constraints;
}

static enum tf_status put_body(const struct planning *p, struct tf_buf *out)
{
    tf_buf_text(out, "{\"extents\":[");
    enum tf_status rc = uss_put_volumes(out, &p->wanted.nominal, false);
    if (!rc)
        rc = uss_put_volumes(out, &p->wanted.off_nominal, p->wanted.nominal.count > 0);
    if (rc)
        return rc;
    tf_buf_text(out, "],\"key\":[");
    bool first = true;
    for (size_t i = 0; i < p->neighbour_count; i++) {
        const char *ovn = p->neighbours[i].reference.ovn;
        if (!*ovn)
            continue;
        if (!first)
            tf_buf_char(out, ',');
        tf_buf_json(out, ovn);
        first = false;
    }
    tf_buf_printf(out, "],\"state\":\"%s\",\"uss_base_url\":", uss_state_word(p->wanted_state));
    tf_buf_json(out, p->uss->config.base_url);
    tf_buf_text(out, ",\"new_subscription\":{\"uss_base_url\":");
    tf_buf_json(out, p->uss->config.base_url);
    tf_buf_printf(out, ",\"notify_for_constraints\":%s}}", hears_constraints(p) ? "true" : "false");
    return tf_buf_status(out);
}

static bool take_change(struct planning *p, const struct uss_request *r)
{
    struct tf_fault fault;
    struct uss_reference reference;
    enum tf_status rc =
        uss_parse(r->answer.data ? r->answer.data : "", r->answer.len, &p->answer, &fault);
    if (!rc)
        rc = uss_read_change(p->answer, &reference, &p->subscribers, &fault);
    if (!rc && !tf_uuid_equal(&reference.id, &p->id))
        rc = tf_fault_set(&fault, TF_SYNTAX, TF_NO_INDEX, "id",
                          "This is another operational intent than was asked for.", NULL, NULL,
                          NULL);
    if (rc)
        return planning_stop_fault(p, USS_FAILED, &fault);
    p->reference = reference;
    return true;
}

void planning_forget_answer(struct planning *p)
{
    free(p->subscribers.at);
    p->subscribers = (struct uss_subscribers){0};
    json_decref(p->answer);
    p->answer = NULL;
}

static bool stop_dss(struct planning *p, const struct uss_request *r, const char *what)
{
    char notes[USS_NOTES_SIZE];
    if (r->status)
        snprintf(notes, sizeof notes, "the DSS answered %ld to %s: %.400s", r->status, what,
                 r->answer.data ? r->answer.data : "");
    else
        snprintf(notes, sizeof notes, "the DSS was not reached (%s): %s", what, r->why);
    return planning_stop(p, USS_FAILED, notes);
}

static bool is_refused(long status)
{
    return status >= 400 && status < 500;
}

/* After 2xx: in our database, too, and the notifications with it. */
static bool keep_change(struct planning *p, uss_deed deed, enum tf_state state)
{
    enum tf_status rc = uss_in_party(p->uss, deed, p);
    if (rc)
        return stop_database(p, rc);
    p->out->state = state;
    p->out->result = USS_COMPLETED;
    p->out->notes[0] = '\0';
    uss_wake_teller(p->uss);
    return true;
}

/* True: there is something new near it, all has to be looked at again. */
static bool write_reference(struct planning *p)
{
    struct uss_request r = {.method = "PUT", .scope = scope_of(p->wanted_state)};
    struct uss_request *one = &r;
    bool is_new = p->flight.reference.state == TF_STATE_DRAFT, again = false;
    r.body.max = 2 * USS_BODY_MAX;
    planning_url(p, &r, is_new ? NULL : p->flight.reference.ovn);
    enum tf_status rc = put_body(p, &r.body);
    if (!rc)
        rc = uss_in_party(p->uss, deed_want, p);
    if (rc) {
        stop_database(p, rc);
        goto out;
    }
    uss_client_do(p->uss->client, &one, 1, planning_left_ms(p, 3000));
    if (r.status == 200 || r.status == 201) {
        if (take_change(p, &r))
            keep_change(p, deed_set, p->wanted_state);
        planning_forget_answer(p);
        goto out;
    }
    stop_dss(p, &r, "the change");
    if (is_refused(r.status))
        unwant(p);
    again = r.status == 409;
out:
    uss_request_release(&r);
    return again;
}

/* --- what is in the way
 * ----------------------------------------------------------------------------- */

/* Names what is in the way; false if nothing is. */
static bool find_obstacles(struct planning *p, const struct uss_wish *wish)
{
    char notes[USS_NOTES_SIZE] = "in the way:";
    size_t found = 0;
    for (size_t i = 0; i < p->neighbour_count; i++) {
        const struct uss_neighbour *n = &p->neighbours[i];
        char id[TF_UUID_TEXT_SIZE];
        if (!uss_is_in_the_way(wish, n))
            continue;
        size_t len = strlen(notes);
        tf_uuid_format(&n->reference.id, id);
        if (found++ < 5)
            snprintf(notes + len, sizeof notes - len, " %s of %.100s (%s, %s);", id,
                     n->reference.manager, uss_state_word(n->reference.state),
                     n->is_down                                      ? "its USS is down"
                     : n->details.priority > wish->details->priority ? "higher priority"
                                                                     : "equal priority");
    }
    if (found)
        planning_stop(p, USS_REJECTED, notes);
    return found > 0;
}

static struct uss_wish wish_of(const struct planning *p)
{
    bool is_new = p->flight.reference.state == TF_STATE_DRAFT;
    return (struct uss_wish){.state = p->wanted_state,
                             .details = &p->wanted,
                             .state_before = p->flight.reference.state,
                             .before = is_new ? NULL : &p->flight.details};
}

/* An off-nominal intent keeps what was planned, and has where it may be beside it. */
static enum tf_status set_wanted(struct planning *p, const struct uss_plan *plan,
                                 enum tf_state state)
{
    bool off_nominal = state == TF_STATE_NONCONFORMING || state == TF_STATE_CONTINGENT;
    uss_details_release(&p->wanted);
    p->wanted.priority = plan->priority;
    p->wanted_state = state;
    if (!off_nominal)
        return uss_volumes_copy(plan->area, &p->wanted.nominal);
    enum tf_status rc = uss_volumes_copy(&p->flight.details.nominal, &p->wanted.nominal);
    return rc ? rc : uss_volumes_copy(plan->area, &p->wanted.off_nominal);
}

static bool check_wish(struct planning *p)
{
    struct tf_fault fault;
    struct uss_wish wish = wish_of(p);
    return uss_check_wish(&wish, uss_now_ns(), &fault) == TF_OK ||
           planning_stop_fault(p, USS_REJECTED, &fault);
}

/* What happens is said, whatever is in the way: as nonconforming. */
static bool yield_to_reality(struct planning *p, const struct uss_plan *plan)
{
    if (!plan->is_reality || p->flight.reference.state == TF_STATE_DRAFT ||
        plan->state != TF_STATE_ACTIVATED || p->wanted_state != TF_STATE_ACTIVATED)
        return false;
    return set_wanted(p, plan, TF_STATE_NONCONFORMING) == TF_OK && check_wish(p);
}

static void plan_in_rounds(struct planning *p, const struct uss_plan *plan)
{
    for (int round = 0; round < USS_ROUNDS; round++) {
        if (round > 0 && p->until_ms - uss_clock_ms() < 500)
            return; /* with what was said last */
        enum planning_found found = planning_discover(p);
        if (found == PLANNING_AGAIN)
            continue;
        if (found == PLANNING_STOPPED)
            return;
        struct uss_wish wish = wish_of(p);
        bool allowed = plan->is_again || (p->work ? uss_work_allows(p) : uss_register_allows(p));
        if (!plan->is_again && (!allowed || find_obstacles(p, &wish)) && !yield_to_reality(p, plan))
            return;
        if (!write_reference(p))
            return;
    }
}

static void begin(struct planning *p, struct uss *uss, const struct tf_uuid *id, int64_t until_ms,
                  struct uss_outcome *out)
{
    *p = (struct planning){.uss = uss, .id = *id, .until_ms = until_ms, .out = out};
    *out = (struct uss_outcome){.result = USS_FAILED, .state = TF_STATE_DRAFT};
}

static void finish(struct planning *p)
{
    planning_forget_answer(p);
    planning_forget_neighbours(p);
    uss_flight_release(&p->flight);
    uss_details_release(&p->wanted);
    atomic_fetch_add(&p->uss->plans, 1);
    if (p->out->result == USS_REJECTED)
        atomic_fetch_add(&p->uss->plans_rejected, 1);
    if (p->out->result == USS_FAILED)
        atomic_fetch_add(&p->uss->plans_failed, 1);
}

static bool try_state(struct planning *p, const struct uss_plan *plan, enum tf_state state)
{
    if (set_wanted(p, plan, plan->state))
        return planning_stop(p, USS_FAILED, "out of memory");
    if (!check_wish(p))
        return false;
    p->wanted_state = state;
    plan_in_rounds(p, plan);
    return p->out->result == USS_COMPLETED;
}

/* A DSS has no intent that begins as Activated: it is Accepted first. */
void uss_plan_put(struct uss *uss, const struct uss_plan *plan, int64_t until_ms,
                  struct uss_outcome *out)
{
    struct planning p;
    begin(&p, uss, &plan->id, until_ms, out);
    p.work = plan->work;
    bool good = planning_load(&p) && planning_clear_doubt(&p);
    if (good && p.flight.reference.state == TF_STATE_DRAFT && plan->state == TF_STATE_ACTIVATED)
        good = try_state(&p, plan, TF_STATE_ACCEPTED) && planning_load(&p);
    if (good)
        try_state(&p, plan, plan->state);
    finish(&p);
}

/* --- ending
 * ----------------------------------------------------------------------------------------- */

static bool delete_reference(struct planning *p)
{
    struct uss_request r = {.method = "DELETE", .scope = scope_of(p->flight.reference.state)};
    struct uss_request *one = &r;
    bool again = false;
    p->wanted_state = TF_STATE_ENDED;
    p->why = "closed";
    planning_url(p, &r, p->flight.reference.ovn);
    enum tf_status rc = uss_in_party(p->uss, deed_want, p);
    if (rc) {
        stop_database(p, rc);
        goto out;
    }
    uss_client_do(p->uss->client, &one, 1, planning_left_ms(p, 3000));
    if (r.status == 404) {
        keep_change(p, deed_end, TF_STATE_ENDED);
    } else if (r.status == 200) {
        if (take_change(p, &r))
            keep_change(p, deed_end, TF_STATE_ENDED);
        planning_forget_answer(p);
    } else {
        stop_dss(p, &r, "the deletion");
        again = r.status == 409; /* changed since, by an answer that was lost */
        if (!again && is_refused(r.status))
            unwant(p);
    }
out:
    uss_request_release(&r);
    return again;
}

void uss_plan_close(struct uss *uss, const struct tf_uuid *id, int64_t until_ms,
                    struct uss_outcome *out)
{
    struct planning p;
    begin(&p, uss, id, until_ms, out);
    for (int round = 0; round < 2; round++) {
        if (!planning_load(&p) || !planning_clear_doubt(&p))
            break;
        if (p.flight.reference.state == TF_STATE_DRAFT) {
            planning_stop(&p, USS_REJECTED, "there is no such operational intent");
            break;
        }
        if (!delete_reference(&p))
            break;
    }
    finish(&p);
}
