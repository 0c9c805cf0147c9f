/*
 * operate.c - operations of the register that are due: each is asked for at the DSS, and what comes
 * of it is one transaction with the register. On the planner's thread.
 */
#include "uss/work.h"

#include "format/json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Retried while the DSS cannot be reached: an acceptance until it is over, other acts, which
 * somebody waits for, this long. */
#define RETRY_ACT_US INT64_C(60000000)
#define RETRY_US INT64_C(5000000)
/* An altitude that is known less well than this is none to publish. */
#define ALTITUDE_MARGIN_M 150.0

enum { PLAN_MS = 8000, SURVEY_MS = 900, AT_A_TIME = 16 };

static void work_release(struct uss_work *w)
{
    uss_operation_release(&w->row);
    tf_entity_release(&w->entity);
    uss_volumes_release(&w->area);
    tf_buf_release(&w->check);
}

/* --- what is to be done ----------------------------------------------------------------------- */

static enum tf_status read_change(struct uss_work *w)
{
    struct tf_fault fault;
    json_t *json = json_loads(w->row.feature, JSON_REJECT_DUPLICATES, NULL);
    tf_entity_release(&w->entity);
    enum tf_status rc = ops_read_feature(json, OPS_OPERATION, w->row.op, &w->entity, NULL, &fault);
    json_decref(json);
    return rc;
}

struct reading {
    struct uss_work *w;
    enum tf_status rc;
};

static bool take_record(void *ctx, const struct ops_record *record)
{
    struct reading *reading = ctx;
    struct uss_work *w = reading->w;
    w->state = record->state;
    snprintf(w->etag, sizeof w->etag, "%s", record->etag);
    reading->rc = ops_entity_of(record, &w->entity);
    return true;
}

/* What an operation's state is to a DSS. */
static enum tf_state intent_state(enum ops_state state)
{
    switch (state) {
    case OPS_STATE_ACCEPTED:
        return TF_STATE_ACCEPTED;
    case OPS_STATE_ACTIVATED:
        return TF_STATE_ACTIVATED;
    case OPS_STATE_NONCONFORMING:
        return TF_STATE_NONCONFORMING;
    case OPS_STATE_CONTINGENT:
        return TF_STATE_CONTINGENT;
    default:
        return TF_STATE_ENDED;
    }
}

static enum tf_state target_of(const struct uss_work *w)
{
    if (w->follows || w->is_change)
        return intent_state(w->state);
    return w->act == OPS_ACT_SUBMIT || w->act == OPS_ACT_ACCEPT ? TF_STATE_ACCEPTED
                                                                : TF_STATE_ACTIVATED;
}

static enum tf_status read_target(struct uss *uss, const struct line_context *c, struct uss_work *w)
{
    struct reading reading = {.w = w};
    w->follows = w->row.act[0] == '\0';
    if (!w->follows && ops_act_from_word(w->row.act, &w->act))
        return TF_SYNTAX;
    w->is_change = !w->follows && w->act == OPS_ACT_CHANGE;
    enum tf_status rc = ops_find(party_ops(uss->config.party), c, "", OPS_OPERATION, w->row.op,
                                 take_record, &reading);
    if (!rc)
        rc = reading.rc;
    if (!rc && w->is_change)
        rc = read_change(w);
    if (!rc)
        w->target = target_of(w);
    return rc;
}

struct due {
    struct uss *uss;
    struct uss_work *w;
    bool is_there;
};

static enum tf_status deed_due(void *ctx, const struct line_context *c)
{
    struct due *due = ctx;
    bool held = false;
    work_release(due->w);
    *due->w = (struct uss_work){.check = TF_BUF_INIT(1 << 22)};
    due->is_there = false;
    enum tf_status rc = uss_hold(due->uss, c, &held);
    if (rc || !held)
        return rc;
    rc = uss_operation_due(c, &due->w->row);
    if (rc)
        return rc == TF_NOT_FOUND ? TF_OK : rc;
    due->is_there = true;
    return read_target(due->uss, c, due->w);
}

/* --- its volumes as those of an intent -------------------------------------------------------- */

static bool known_well(double limit_m, double margin_m)
{
    return isfinite(limit_m) && margin_m <= ALTITUDE_MARGIN_M && limit_m >= TF_ALT_MIN_M &&
           limit_m <= TF_ALT_MAX_M;
}

static bool refuse_area(struct uss_work *w, const char *why)
{
    snprintf(w->why, sizeof w->why, "%s", why);
    return false;
}

static bool make_area(struct uss_work *w)
{
    w->area.at = calloc(w->entity.volume_count + 1, sizeof *w->area.at);
    if (!w->area.at)
        return refuse_area(w, "out of memory");
    for (size_t i = 0; i < w->entity.volume_count; i++) {
        const struct tf_volume4 *from = &w->entity.volumes[i];
        if (from->start_ns == TF_TIME_MIN || from->end_ns == TF_TIME_MAX)
            return refuse_area(w, "an operational intent needs a start and an end");
        if (!known_well(from->alt.lower_m, from->alt.lower_margin_m) ||
            !known_well(from->alt.upper_m, from->alt.upper_margin_m))
            return refuse_area(w, "its altitudes are not known well enough for an operational "
                                  "intent: give them above the ellipsoid or above mean sea level");
        struct tf_volume4 *to = &w->area.at[w->area.count++];
        *to = tf_volume4_ref(from);
        to->alt = tf_band_w84(from->alt.lower_m, from->alt.upper_m);
    }
    return true;
}

/* --- the register's word ---------------------------------------------------------------------- */

static json_t *json_of(const char *text)
{
    return *text ? json_loads(text, 0, NULL) : NULL;
}

static enum tf_status put_content(struct ops *ops, const struct line_context *c, struct uss_work *w,
                                  const json_t *allow, const struct ops_who *who,
                                  struct ops_verdict *verdict, struct tf_fault *fault)
{
    struct ops_written written;
    json_t *extra = json_of(w->row.extra);
    struct ops_draft draft = {.class = OPS_OPERATION,
                              .entity = &w->entity,
                              .extra = extra,
                              .if_match = w->row.base,
                              .allow = allow};
    enum tf_status rc = ops_put(ops, c, &draft, who, verdict, &written, fault);
    json_decref(extra);
    return rc;
}

static enum tf_status do_act(struct ops *ops, const struct line_context *c, struct uss_work *w,
                             const json_t *allow, const struct ops_who *who,
                             struct ops_verdict *verdict, struct tf_fault *fault)
{
    struct ops_written written;
    struct ops_deed deed = {.class = OPS_OPERATION,
                            .id = w->row.op,
                            .act = w->act == OPS_ACT_SUBMIT ? OPS_ACT_ACCEPT : w->act,
                            .if_match = w->etag,
                            .allow = allow};
    return ops_act(ops, c, &deed, who, verdict, &written, fault);
}

static void keep_verdict(struct uss_work *w, enum tf_status rc, const struct ops_verdict *verdict,
                         const struct tf_fault *fault)
{
    tf_buf_clear(&w->check);
    w->is_applied = rc == TF_OK && verdict->is_applied;
    w->is_refused = !w->is_applied;
    w->why[0] = '\0';
    if (rc)
        tf_fault_text(fault, fault->message ? fault->message : tf_status_text(rc), w->why,
                      sizeof w->why);
    else if (!w->is_applied)
        snprintf(w->why, sizeof w->why, "%s",
                 verdict->outcome == OPS_REFUSE ? "there are conflicts that the rules refuse"
                                                : "there are conflicts that somebody has to allow");
    if (!rc && verdict->checked_us)
        ops_print_verdict(&w->check, verdict, &w->entity);
}

/* The act that was asked for, by whom it was asked for, beside what a DSS has. What is refused is
 * a finding: in w, and TF_OK. */
static enum tf_status carry_out(struct uss *uss, const struct line_context *c, struct uss_work *w,
                                const struct uss_survey *survey)
{
    struct line_context own = *c;
    struct ops *ops = party_ops(uss->config.party);
    struct ops_who who = {.role = w->row.role, .source = w->row.source, .reason = w->row.reason};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct tf_fault fault = {.message = NULL};
    json_t *allow = json_of(w->row.allow);
    own.actor = w->row.actor;
    uss->is_passing = true;
    uss->survey = survey;
    enum tf_status rc = w->is_change ? put_content(ops, &own, w, allow, &who, &verdict, &fault)
                                     : do_act(ops, &own, w, allow, &who, &verdict, &fault);
    uss->is_passing = false;
    uss->survey = NULL;
    bool is_finding = rc != TF_NOMEM && rc != TF_BUSY && rc != TF_LIMIT;
    if (is_finding)
        keep_verdict(w, rc, &verdict, &fault);
    ops_verdict_release(&verdict);
    json_decref(allow);
    return is_finding ? TF_OK : rc;
}

static struct uss_survey survey_of(const struct planning *p)
{
    return (struct uss_survey){.at = p->neighbours, .count = p->neighbour_count};
}

enum { ONLY_TRIED = TF_EXISTS };

/* Done, and undone: what it would be. */
static enum tf_status deed_try(void *ctx, const struct line_context *c)
{
    struct planning *p = ctx;
    struct uss_survey survey = survey_of(p);
    enum tf_status rc = carry_out(p->uss, c, p->work, &survey);
    return rc ? rc : ONLY_TRIED;
}

bool uss_work_allows(struct planning *p)
{
    if (p->work->follows)
        return true;
    enum tf_status rc = uss_in_party(p->uss, deed_try, p);
    if (rc != (enum tf_status)ONLY_TRIED)
        return planning_stop(p, USS_FAILED, "the party's register cannot be asked");
    return p->work->is_applied || planning_stop(p, USS_REJECTED, p->work->why);
}

static enum tf_status settle(const struct line_context *c, struct uss_work *w, const char *result,
                             int64_t again_us)
{
    struct uss_operation_end end = {.result = result,
                                    .why = w->why,
                                    .check = w->check.len ? w->check.data : NULL,
                                    .again_us = again_us,
                                    .asked_us = w->row.asked_us};
    return tf_buf_status(&w->check) ? tf_buf_status(&w->check)
                                    : uss_operation_settle(c, w->row.op, &end);
}

/* The DSS has it. If the register does not want it any more, it has to be taken back. */
enum tf_status uss_work_apply(struct planning *p, const struct line_context *c)
{
    struct uss_work *w = p->work;
    struct uss_survey survey = survey_of(p);
    if (p->wanted_state != w->target && !w->follows)
        return TF_OK; /* accepted on the way to activated */
    enum tf_status rc = w->follows ? TF_OK : carry_out(p->uss, c, w, &survey);
    if (rc)
        return rc;
    rc = settle(c, w, w->is_refused ? "refused" : "done", 0);
    return rc || !w->is_refused ? rc : uss_operation_again(c, w->row.op);
}

/* --- without an intent: the DSS is asked, and told nothing ---------------------------------- */

struct asking {
    struct uss *uss;
    struct uss_work *w;
    struct uss_survey survey;
};

static enum tf_status deed_asked(void *ctx, const struct line_context *c)
{
    struct asking *a = ctx;
    enum tf_status rc = a->w->follows ? TF_OK : carry_out(a->uss, c, a->w, &a->survey);
    return rc ? rc : settle(c, a->w, a->w->is_refused ? "refused" : "done", 0);
}

static bool ask_only(struct uss *uss, struct uss_work *w)
{
    struct asking a = {.uss = uss, .w = w};
    if (!w->follows)
        uss_survey_make(uss, w->entity.volumes, w->entity.volume_count, SURVEY_MS, &a.survey);
    bool good = uss_in_party(uss, deed_asked, &a) == TF_OK;
    uss_survey_release(&a.survey);
    return good;
}

/* --- with one -----------------------------------------------------------------------------------
 */

struct ending {
    struct uss *uss;
    struct uss_work *w;
    const struct uss_outcome *outcome;
};

static int64_t try_again_us(const struct uss_work *w, const struct uss_outcome *outcome,
                            int64_t now_us)
{
    bool waits = w->follows || w->act == OPS_ACT_SUBMIT || w->act == OPS_ACT_ACCEPT;
    int64_t wait_us = RETRY_US << (w->row.tries < 6 ? w->row.tries : 6);
    if (outcome->result != USS_FAILED || (!waits && now_us - w->row.asked_us > RETRY_ACT_US))
        return 0;
    for (size_t i = 0; i < w->entity.volume_count; i++)
        if (w->entity.volumes[i].end_ns / 1000 > now_us)
            return now_us + wait_us;
    return 0;
}

static enum tf_status deed_ending(void *ctx, const struct line_context *c)
{
    struct ending *e = ctx;
    struct uss_work *w = e->w;
    bool failed = e->outcome->result == USS_FAILED;
    if (e->outcome->notes[0])
        snprintf(w->why, sizeof w->why, "%s", e->outcome->notes);
    return settle(c, w, failed ? "failed" : "refused", try_again_us(w, e->outcome, c->now_us));
}

static enum tf_status deed_done(void *ctx, const struct line_context *c)
{
    struct ending *e = ctx;
    e->w->why[0] = '\0';
    return settle(c, e->w, "done", 0);
}

static void close_intent(struct uss *uss, struct uss_work *w, struct uss_outcome *outcome)
{
    uss_plan_close(uss, &w->row.intent, uss_clock_ms() + PLAN_MS, outcome);
    if (outcome->result == USS_REJECTED && outcome->state == TF_STATE_DRAFT)
        outcome->result = USS_COMPLETED; /* there is none: so it shall be */
}

static void plan_intent(struct uss *uss, struct uss_work *w, struct uss_outcome *outcome)
{
    struct uss_plan plan = {.id = w->row.intent,
                            .state = w->target,
                            .area = &w->area,
                            .priority = w->entity.priority,
                            .work = w};
    *outcome = (struct uss_outcome){.result = USS_REJECTED};
    if (make_area(w))
        uss_plan_put(uss, &plan, uss_clock_ms() + PLAN_MS, outcome);
}

static bool operate(struct uss *uss, struct uss_work *w)
{
    struct uss_outcome outcome = {.result = USS_COMPLETED};
    struct ending e = {uss, w, &outcome};
    if (!w->row.is_published)
        return ask_only(uss, w);
    if (w->target == TF_STATE_ENDED) {
        close_intent(uss, w, &outcome);
        if (outcome.result == USS_COMPLETED)
            return uss_in_party(uss, deed_done, &e) == TF_OK;
    } else {
        plan_intent(uss, w, &outcome);
        if (outcome.result == USS_COMPLETED)
            return true; /* settled with it */
    }
    return uss_in_party(uss, deed_ending, &e) == TF_OK;
}

void uss_operate(struct uss *uss)
{
    struct uss_work w = {.check = TF_BUF_INIT(1 << 22)};
    struct due due = {.uss = uss, .w = &w};
    for (int i = 0; i < AT_A_TIME && !atomic_load(&uss->stopping); i++)
        if (uss_in_party(uss, deed_due, &due) || !due.is_there || !operate(uss, &w))
            break;
    work_release(&w);
}
