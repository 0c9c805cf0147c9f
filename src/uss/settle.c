/*
 * settle.c - what came of a change whose answer was lost; and intents that are over.
 *
 * The DSS alone knows. It has our reference at the version that we know: the change never came to
 * be. At a higher one: it did, and only those are not told yet who should be; so it is
 * written once more, which names them. Not at all: what was new is not, what was, has ended.
 */
#include "uss/planning.h"

#include <stdio.h>
#include <stdlib.h>

static enum tf_status deed_unwant(void *ctx, const struct line_context *c)
{
    struct planning *p = ctx;
    return uss_flight_unwant(c, &p->id);
}

static enum tf_status deed_adopt(void *ctx, const struct line_context *c)
{
    struct planning *p = ctx;
    const struct uss_details *details =
        p->flight.wanted_state == TF_STATE_ENDED ? &p->flight.details : &p->flight.wanted;
    enum tf_status rc = uss_flight_set(c, &p->reference, details, true);
    return rc ? rc : uss_operation_again_of(c, &p->id);
}

static enum tf_status deed_gone(void *ctx, const struct line_context *c)
{
    struct planning *p = ctx;
    if (p->flight.reference.state == TF_STATE_DRAFT)
        return uss_flight_unwant(c, &p->id);
    return uss_flight_end(c, &p->id, p->why);
}

static enum tf_status deed_of_answer(struct planning *p, const struct uss_request *r,
                                     uss_deed *deed)
{
    struct tf_fault fault;
    *deed = deed_gone;
    p->why = "gone from the DSS";
    if (r->status == 404)
        return TF_OK;
    enum tf_status rc =
        uss_parse(r->answer.data ? r->answer.data : "", r->answer.len, &p->answer, &fault);
    if (!rc)
        rc = uss_read_change(p->answer, &p->reference, NULL, &fault);
    if (!rc && !tf_uuid_equal(&p->reference.id, &p->id))
        rc = TF_SYNTAX;                           /* no answer to our question */
    bool is_others = !rc && !p->reference.ovn[0]; /* of whom the DSS tells us no OVN */
    planning_forget_answer(p);
    if (rc || is_others)
        return rc;
    *deed = p->flight.reference.state != TF_STATE_DRAFT &&
                    p->reference.version <= p->flight.reference.version
                ? deed_unwant
                : deed_adopt;
    return TF_OK;
}

bool planning_clear_doubt(struct planning *p)
{
    struct uss_request r = {.method = "GET", .scope = USS_SCOPE_SC};
    struct uss_request *one = &r;
    uss_deed deed;
    bool good = false;
    if (!p->flight.in_doubt)
        return true;
    planning_url(p, &r, NULL);
    uss_client_do(p->uss->client, &one, 1, planning_left_ms(p, 2500));
    if ((r.status == 200 || r.status == 404) && deed_of_answer(p, &r, &deed) == TF_OK)
        good = uss_in_party(p->uss, deed, p) == TF_OK && planning_load(p);
    uss_request_release(&r);
    return good ||
           planning_stop(p, USS_FAILED,
                         "an earlier change is in doubt, and the DSS does not say what came of it");
}

/* --- in the background
 * ------------------------------------------------------------------------------- */

struct list {
    struct uss *uss;
    struct {
        struct tf_uuid id;
        int64_t end_us;
    } at[256];
    size_t count;
};

static bool note_id(void *ctx, const struct tf_uuid *id, int64_t end_us)
{
    struct list *list = ctx;
    list->at[list->count].id = *id;
    list->at[list->count].end_us = end_us;
    return ++list->count < sizeof list->at / sizeof *list->at;
}

static enum tf_status deed_list(void *ctx, const struct line_context *c)
{
    struct list *list = ctx;
    bool held = false;
    list->count = 0;
    enum tf_status rc = uss_hold(list->uss, c, &held);
    if (rc || !held)
        return rc;
    rc = uss_forget_old(c);
    return rc ? rc : uss_flight_each(c, true, note_id, list);
}

/* The same once more, so that the DSS says whom to tell. */
static void write_again(struct uss *uss, const struct uss_flight *flight)
{
    bool off_nominal = flight->reference.state == TF_STATE_NONCONFORMING ||
                       flight->reference.state == TF_STATE_CONTINGENT;
    struct uss_outcome outcome;
    struct uss_plan plan = {.id = flight->reference.id,
                            .state = flight->reference.state,
                            .area = off_nominal ? &flight->details.off_nominal
                                                : &flight->details.nominal,
                            .priority = flight->details.priority,
                            .is_again = true};
    uss_plan_put(uss, &plan, uss_clock_ms() + 8000, &outcome);
}

static void settle_one(struct uss *uss, const struct tf_uuid *id, int64_t end_us)
{
    struct uss_outcome outcome = {0};
    struct planning p = {.uss = uss, .id = *id, .until_ms = uss_clock_ms() + 5000, .out = &outcome};
    p.why = "over";
    if (planning_load(&p)) {
        bool is_over = end_us < uss_now_ns() / 1000;
        if (is_over && !p.flight.in_doubt) {
            enum tf_status rc = uss_in_party(uss, deed_gone, &p);
            (void)rc; /* again the next time */
        } else if (planning_clear_doubt(&p) && p.flight.is_untold) {
            write_again(uss, &p.flight);
        }
    }
    uss_flight_release(&p.flight);
}

void uss_plan_settle(struct uss *uss)
{
    struct list *list = calloc(1, sizeof *list);
    if (list)
        list->uss = uss;
    if (list && uss_in_party(uss, deed_list, list) == TF_OK)
        for (size_t i = 0; i < list->count && !atomic_load(&uss->stopping); i++)
            settle_one(uss, &list->at[i].id, list->at[i].end_us);
    free(list);
}
