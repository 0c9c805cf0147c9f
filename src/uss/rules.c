/*
 * rules.c - what may be planned beside what; what may be believed.
 */
#include "uss/rules.h"

#include <tafadi/conflict.h>

void uss_neighbour_release(struct uss_neighbour *neighbour)
{
    uss_details_release(&neighbour->details);
}

static bool volumes_meet(const struct uss_volumes *a, const struct uss_volumes *b,
                         const struct tf_separation *minima)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            if (tf_volume4_conflicts(&a->at[i], &b->at[j], minima))
                return true;
    return false;
}

bool uss_details_meet(const struct uss_details *a, const struct uss_details *b)
{
    static const struct tf_separation none;
    return volumes_meet(&a->nominal, &b->nominal, &none) ||
           volumes_meet(&a->nominal, &b->off_nominal, &none) ||
           volumes_meet(&a->off_nominal, &b->nominal, &none) ||
           volumes_meet(&a->off_nominal, &b->off_nominal, &none);
}

static bool is_off_nominal(enum tf_state state)
{
    return state == TF_STATE_NONCONFORMING || state == TF_STATE_CONTINGENT;
}

bool uss_is_in_the_way(const struct uss_wish *wish, const struct uss_neighbour *other)
{
    if (is_off_nominal(wish->state) || other->is_constraint)
        return false; /* what a constraint means is the register's policy */
    if (other->is_down)
        return other->reference.state != TF_STATE_ACCEPTED;
    if (other->details.priority < wish->details->priority ||
        !uss_details_meet(wish->details, &other->details))
        return false;
    bool flies_on = wish->state == TF_STATE_ACTIVATED && wish->before &&
                    wish->state_before == TF_STATE_ACTIVATED;
    return !flies_on || !uss_details_meet(wish->before, &other->details);
}

/* --- what may be wished -------------------------------------------------------------------------
 */

static enum tf_status refuse(struct tf_fault *fault, enum tf_status code, const char *field,
                             const char *message)
{
    return tf_fault_set(fault, code, TF_NO_INDEX, field, message, NULL, NULL, NULL);
}

static void span(const struct uss_volumes *volumes, int64_t *start_ns, int64_t *end_ns)
{
    for (size_t i = 0; i < volumes->count; i++) {
        if (volumes->at[i].start_ns < *start_ns)
            *start_ns = volumes->at[i].start_ns;
        if (volumes->at[i].end_ns > *end_ns)
            *end_ns = volumes->at[i].end_ns;
    }
}

/* F3548 figure of states: what is off nominal does not become Accepted again. */
static bool may_follow(enum tf_state before, enum tf_state after)
{
    switch (before) {
    case TF_STATE_DRAFT:
        return after == TF_STATE_ACCEPTED || after == TF_STATE_ACTIVATED;
    case TF_STATE_ACCEPTED:
        return true;
    case TF_STATE_ACTIVATED:
        return after != TF_STATE_ACCEPTED;
    case TF_STATE_NONCONFORMING:
        return after != TF_STATE_ACCEPTED;
    case TF_STATE_CONTINGENT:
        return after == TF_STATE_CONTINGENT;
    default:
        return false;
    }
}

enum tf_status uss_check_wish(const struct uss_wish *wish, int64_t now_ns, struct tf_fault *fault)
{
    const struct uss_details *d = wish->details;
    int64_t start_ns = TF_TIME_MAX, end_ns = TF_TIME_MIN;
    span(&d->nominal, &start_ns, &end_ns);
    span(&d->off_nominal, &start_ns, &end_ns);
    if (!may_follow(wish->state_before, wish->state))
        return refuse(fault, TF_UNSUPPORTED, "state",
                      TF_TEXT("An operational intent does not go from its state to this one."));
    if (d->nominal.count + d->off_nominal.count == 0)
        return refuse(fault, TF_MISSING, "area", TF_TEXT("At least one volume is needed."));
    if (!is_off_nominal(wish->state) && d->off_nominal.count > 0)
        return refuse(fault, TF_SYNTAX, "off_nominal_volumes",
                      TF_TEXT("In this state there must be no off_nominal_volumes."));
    if (end_ns <= now_ns)
        return refuse(fault, TF_TIME, "area", TF_TEXT("All of it is over."));
    if (start_ns > now_ns + USS_HORIZON_NS)
        return refuse(fault, TF_TIME, "area",
                      TF_TEXT("It begins more than 30 days from now (OiMaxPlanHorizon)."));
    if (wish->state == TF_STATE_ACTIVATED && start_ns > now_ns)
        return refuse(fault, TF_TIME, "area", TF_TEXT("It cannot be activated before it begins."));
    return TF_OK;
}

/* --- what may be believed ------------------------------------------------------------------------
 */

static bool is_within(const struct uss_volumes *volumes, const struct uss_reference *r)
{
    const int64_t slack_ns = 1000000; /* some keep milliseconds */
    for (size_t i = 0; i < volumes->count; i++)
        if (volumes->at[i].start_ns < r->start_ns - slack_ns ||
            volumes->at[i].end_ns > r->end_ns + slack_ns)
            return false;
    return true;
}

static bool is_same_time(int64_t a_ns, int64_t b_ns)
{
    return (a_ns < b_ns ? b_ns - a_ns : a_ns - b_ns) <= TF_SECOND_NS;
}

static bool is_near(const struct uss_details *details, const struct uss_volumes *near)
{
    static const struct tf_separation cell = {
        .horizontal_m = USS_CELL_M, .vertical_m = 1e6, .time_ns = 400 * TF_DAY_NS};
    return volumes_meet(&details->nominal, near, &cell) ||
           volumes_meet(&details->off_nominal, near, &cell);
}

enum tf_status uss_check_answer(const struct uss_reference *known,
                                const struct uss_reference *answer,
                                const struct uss_details *details, const struct uss_volumes *near,
                                struct tf_fault *fault)
{
    if (!tf_uuid_equal(&known->id, &answer->id))
        return refuse(fault, TF_SYNTAX, "reference.id",
                      TF_TEXT("This is another operational intent than was asked for."));
    if (strcmp(known->manager, answer->manager) != 0)
        return refuse(fault, TF_SYNTAX, "reference.manager",
                      TF_TEXT("The DSS names another manager."));
    if (strlen(answer->ovn) < 16)
        return refuse(fault, TF_SYNTAX, "reference.ovn", TF_TEXT("The OVN is missing."));
    if (answer->version < known->version)
        return refuse(fault, TF_NOT_FOUND, "reference.version",
                      TF_TEXT("This is older than what the DSS knows."));
    if (!is_within(&details->nominal, answer) || !is_within(&details->off_nominal, answer))
        return refuse(fault, TF_TIME, "details.volumes",
                      TF_TEXT("A volume is outside of the times of its reference."));
    if (answer->version > known->version)
        return refuse(fault, TF_BUSY, "reference.version",
                      TF_TEXT("This is newer than what the DSS said."));
    if (answer->state != known->state)
        return refuse(fault, TF_SYNTAX, "reference.state", TF_TEXT("The DSS has another state."));
    if (!is_same_time(answer->start_ns, known->start_ns) ||
        !is_same_time(answer->end_ns, known->end_ns))
        return refuse(fault, TF_TIME, "reference.time_start", TF_TEXT("The DSS has other times."));
    if (!is_near(details, near))
        return refuse(fault, TF_RANGE, "details.volumes",
                      TF_TEXT("The volumes are far from where the DSS has them."));
    return TF_OK;
}
