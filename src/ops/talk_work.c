/*
 * talk_work.c - what a case asks for: a verdict on what the other side proposes, the change of the
 * own operation that was agreed, alarms when no agreement is there in time. Each case alone, in a
 * mark of the transaction; what cannot be done now is tried again.
 */
#include "ops/declaration.h"
#include "ops/talk_notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES_MAX = 200, AGAIN_US = 30000000, CASE_REASON_SIZE = 96 };

/* --- verdicts -------------------------------------------------------------------------------- */

enum tf_status talk_judge(struct ops *ops, const struct line_context *c, const struct talk *talk,
                          const struct note *proposal, bool *acceptable)
{
    struct sql_rows rows = {0};
    struct ops_record record;
    struct tf_entity entity = {0};
    struct tf_fault fault;
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    json_t *body = json_loads(proposal->body, 0, NULL);
    *acceptable = false;
    enum tf_status rc =
        ops_row_find(c, talk->one.line, OPS_OPERATION, talk->one.other_id, &rows, &record);
    if (rc) { /* nothing is known of what would move */
        rc = rc == TF_NOT_FOUND ? TF_OK : rc;
        goto out;
    }
    rc = ops_declaration_read(json_object_get(body, "declared"), &entity, &fault);
    if (rc) {
        rc = rc == TF_NOMEM ? rc : TF_OK;
        goto out;
    }
    rc = ops_conflicts_of(ops, c, &record, &entity, &verdict);
    *acceptable = rc == TF_OK;
    for (size_t i = 0; !rc && i < verdict.count; i++)
        if (verdict.conflicts[i].other == OPS_OTHER_OPERATION ||
            verdict.conflicts[i].other == OPS_OTHER_SITE)
            *acceptable = false;
    rc = rc == TF_TOO_LARGE ? TF_OK : rc;
out:
    json_decref(body);
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    sql_rows_release(&rows);
    return rc;
}

/* TF_UNSUPPORTED, TF_BUSY with a fault: not now. */
static enum tf_status say(const struct line_context *c, const struct talk *talk, const char *type,
                          json_t *body, bool *is_said)
{
    struct tf_fault fault = {.message = NULL};
    const struct line_draft draft = {.type = type, .role = "node", .body = body};
    int64_t seq;
    enum tf_status rc = body ? line_say(c, talk->one.line, &draft, &seq, &fault) : TF_NOMEM;
    json_decref(body);
    *is_said = rc == TF_OK;
    return rc == TF_UNSUPPORTED || (rc == TF_BUSY && fault.message) ? TF_OK : rc;
}

static enum tf_status judge(struct ops *ops, const struct line_context *c, const struct talk *talk,
                            const struct note *proposal, bool *is_done)
{
    bool acceptable;
    *is_done = !talk_stands(talk, proposal, c->now_us);
    if (*is_done)
        return TF_OK;
    enum tf_status rc = talk_judge(ops, c, talk, proposal, &acceptable);
    return rc ? rc
              : say(c, talk, "case.verdict",
                    json_pack("{s:s, s:s, s:b}", "case", talk->one.id, "of", proposal->hash,
                              "acceptable", (int)acceptable),
                    is_done);
}

/* --- what was agreed ---------------------------------------------------------------------------
 */

/* What the history says of a change that was agreed. */
static void reason_of(const struct talk *talk, const struct note *proposal,
                      char out[CASE_REASON_SIZE])
{
    snprintf(out, CASE_REASON_SIZE, "case %s: %.16s", talk->one.id, proposal->hash);
}

/* As a whole or not at all. *why: NULL, it is done, or waits for a gate. */
static enum tf_status change(struct ops *ops, const struct line_context *c, const struct talk *talk,
                             const struct note *proposal, const char **why, bool *is_held)
{
    struct tf_entity entity = {0};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written;
    struct tf_fault fault;
    char reason[CASE_REASON_SIZE];
    json_t *feature = json_loads(proposal->feature, 0, NULL);
    reason_of(talk, proposal, reason);
    struct ops_who who = {.role = "node", .source = "case", .reason = reason};
    struct ops_draft draft = {
        .class = OPS_OPERATION, .entity = &entity, .if_match = proposal->etag};
    *why = proposal->etag[0] ? "changed" : "restored";
    if (!feature || !proposal->etag[0] || proposal->own_version != talk->own_version ||
        proposal->other_version != talk->other_version) {
        json_decref(feature);
        return TF_OK;
    }
    enum tf_status rc =
        ops_read_feature(feature, OPS_OPERATION, talk->one.own_id, &entity, NULL, &fault);
    json_decref(feature);
    if (!rc)
        rc = ops_put(ops, c, &draft, &who, &verdict, &written, &fault);
    *is_held = !rc && verdict.is_held;
    if (!rc)
        *why = verdict.is_applied ? NULL : "conflict";
    else if (rc != TF_NOMEM && rc != TF_BUSY && rc != TF_LIMIT)
        rc = TF_OK; /* refused: it is not what it was any more, and nothing was written */
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    return rc;
}

/* Whether the history has it. */
static enum tf_status is_carried_out(const struct line_context *c, const struct talk *talk,
                                     const struct note *proposal, int64_t number, bool *out)
{
    static const char text[] =
        "SELECT 1 FROM ops_version WHERE number = $1 AND reason = $2 AND role = 'node'";
    char reason[CASE_REASON_SIZE];
    struct sql_rows rows = {0};
    reason_of(talk, proposal, reason);
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_int(number), sql_text(reason)), &rows);
    *out = !rc && rows.count > 0;
    sql_rows_release(&rows);
    return rc;
}

/* What became of a change that a gate took. While nobody is there to ask, it waits. */
static enum tf_status follow(struct ops *ops, const struct line_context *c, const struct talk *talk,
                             const struct note *proposal, const char **why, bool *is_held)
{
    struct sql_rows rows = {0};
    struct ops_record record;
    bool is_done = false;
    *why = "changed";
    *is_held = false;
    enum tf_status rc = ops_row_find(c, "", OPS_OPERATION, talk->one.own_id, &rows, &record);
    if (!rc)
        rc = is_carried_out(c, talk, proposal, record.number, &is_done);
    if (!rc && !is_done) {
        *is_held = true;
        if (ops->has_gate)
            rc = ops->gate.waits(ops->gate.ctx, c, talk->one.own_id, is_held);
    }
    if (is_done || *is_held)
        *why = NULL;
    else if (!rc && strcmp(record.etag, proposal->etag) == 0)
        *why = "dss";
    sql_rows_release(&rows);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

static enum tf_status set_note(const struct line_context *c, const struct talk *talk,
                               const struct note *note, int value)
{
    static const char text[] = "UPDATE ops_case_note SET is_done = $4 WHERE line = $1 AND"
                               " is_own = $2 AND seq = $3";
    return sql_exec(c->sql, text,
                    SQL_ARGS(sql_text(talk->one.line), sql_int(note->is_own), sql_int(note->seq),
                             sql_int(value)),
                    NULL);
}

static enum tf_status say_void(const struct line_context *c, const struct talk *talk,
                               const struct note *proposal, const char *why, bool *is_said)
{
    return say(c, talk, "case.void",
               json_pack("{s:s, s:s, s:s}", "case", talk->one.id, "of", proposal->hash, "why", why),
               is_said);
}

static enum tf_status carry_out(struct ops *ops, const struct line_context *c,
                                const struct talk *talk, const struct note *agree, bool *is_done)
{
    const struct note *agreed, *proposal = talk_proposal(talk, agree->of), *holds;
    const char *why;
    bool is_held = false;
    *is_done = true;
    if (!proposal || !proposal->is_own)
        return TF_OK;
    holds = talk_agreement(talk, proposal->own_version, proposal->other_version, &agreed);
    if (holds != proposal || agreed != agree || talk_about(talk, NOTE_VOID, true, proposal->hash))
        return TF_OK;
    enum tf_status rc = agree->is_held ? follow(ops, c, talk, proposal, &why, &is_held)
                                       : change(ops, c, talk, proposal, &why, &is_held);
    *is_done = !is_held;
    if (!rc && is_held && !agree->is_held)
        rc = set_note(c, talk, agree, NOTE_HELD);
    if (rc || !why)
        return rc;
    return say_void(c, talk, proposal, why, is_done);
}

static enum tf_status do_note(struct ops *ops, const struct line_context *c,
                              const struct talk *talk, const struct note *note, bool *is_done)
{
    *is_done = true;
    enum tf_status rc = note->type == NOTE_PROPOSE
                            ? (talk->one.is_open ? judge(ops, c, talk, note, is_done) : TF_OK)
                            : carry_out(ops, c, talk, note, is_done);
    return !rc && *is_done ? set_note(c, talk, note, NOTE_DONE) : rc;
}

/* --- no agreement in time
 * -------------------------------------------------------------------------- */

/* Whether the memorandum wants this side to take its acceptance back. Both sides derive alike who
 * is to move; who does not know better yet holds, too. A suspension does not forgive it, but what
 * has ended binds nobody to act. */
static enum tf_status has_default(const struct line_context *c, const struct talk *talk,
                                  const struct memorandum *rules, bool *out)
{
    char alias[OPS_ID_SIZE];
    const struct note *agreed, *holds;
    int64_t since_us;
    *out = false;
    if (rules->no_agreement != MEMO_MOVER_HOLDS || rules->valid_until_us <= c->now_us ||
        !talk->one.is_open || !talk->one.sees || talk->one.own_class != OPS_OPERATION ||
        !talk->own_version || !talk->other_version)
        return TF_OK;
    (void)talk_stage(talk, c->now_us, rules->answer_s, &since_us);
    holds = talk_agreement(talk, talk->own_version, talk->other_version, &agreed);
    if (c->now_us - since_us < rules->answer_s * 1000000 ||
        (holds && !talk_about(talk, NOTE_VOID, holds->is_own, holds->hash)))
        return TF_OK;
    enum tf_status rc = ops_alias(c, talk->one.line, OPS_OPERATION, talk->one.own_id, alias);
    *out = !rc && talk_own_moves(talk, alias);
    return rc;
}

static enum tf_status tell_default(const struct line_context *c, const struct talk *talk,
                                   const struct memorandum *rules, bool is_held, int64_t version)
{
    static const char text[] = "UPDATE ops_case SET held = $2 WHERE id = $1";
    struct tf_buf out = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    case_entry(&out, c, "default", &talk->one);
    tf_put_text(&out, "rule", memo_default_name(rules->no_agreement));
    tf_put_text(&out, "own_id", talk->one.own_id);
    tf_put_int(&out, "own_version", version);
    tf_put_text(&out, "outcome", is_held ? "held" : "in-flight");
    enum tf_status rc = case_tell(c, &out);
    return rc ? rc
              : sql_exec(c->sql, text, SQL_ARGS(sql_text(talk->one.id), sql_int(version)), NULL);
}

/* The acceptance is taken back; what is in the air by now is left alone, and the ledger says so.
 * Once for each version. Not for what may be in the way only because the line is silent: there is
 * nobody to agree with. */
static enum tf_status hold(struct ops *ops, const struct line_context *c, const struct talk *talk,
                           const struct memorandum *rules, bool *is_held)
{
    struct sql_rows rows = {0};
    struct ops_record record;
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written = {.version = 0};
    struct tf_fault fault;
    char reason[80];
    bool is_grown = false;
    const struct ops_deed deed = {
        .class = OPS_OPERATION, .id = talk->one.own_id, .act = OPS_ACT_HOLD};
    snprintf(reason, sizeof reason, "case %s: no agreement in time", talk->one.id);
    const struct ops_who who = {.role = "node", .source = "case", .reason = reason};
    enum tf_status rc = ops_row_find(c, "", OPS_OPERATION, talk->one.own_id, &rows, &record);
    if (!rc)
        rc = ops_is_grown(ops, c, talk->one.line, &is_grown);
    bool is_new = !rc && record.version != talk->one.held_version && !is_grown;
    *is_held = is_new && record.state == OPS_STATE_ACCEPTED;
    if (*is_held)
        rc = ops_act(ops, c, &deed, &who, &verdict, &written, &fault);
    if (!rc && is_new)
        rc = tell_default(c, talk, rules, *is_held, *is_held ? written.version : record.version);
    ops_verdict_release(&verdict);
    sql_rows_release(&rows);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

/* Whether nobody has decided yet what becomes of the operation whose acceptance was taken back. */
static enum tf_status waits_held(const struct line_context *c, const struct talk *talk, bool *out,
                                 int64_t *since_us)
{
    struct sql_rows rows = {0};
    struct ops_record record;
    *out = false;
    if (talk->one.held_version == 0)
        return TF_OK;
    enum tf_status rc = ops_row_find(c, "", OPS_OPERATION, talk->one.own_id, &rows, &record);
    if (!rc && record.version == talk->one.held_version && record.state == OPS_STATE_SUBMITTED) {
        *out = true;
        *since_us = record.changed_us;
    }
    sql_rows_release(&rows);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

/* --- stages, alarms ----------------------------------------------------------------------------
 */

static enum tf_status tell(const struct line_context *c, const struct talk *talk,
                           enum case_stage stage)
{
    struct tf_buf out = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    case_entry(&out, c, "stage", &talk->one);
    tf_put_text(&out, "stage", case_stage_word(stage));
    tf_put_text(&out, "own_id", talk->one.own_id);
    tf_put_text(&out, "other_id", talk->one.other_id);
    return case_tell(c, &out);
}

/* The rung of the ladder whose time it is, and when the next one takes over; 0: never. */
static int64_t rung_at(const struct memorandum *rules, int64_t late_us, int64_t now_us,
                       int64_t *next_us)
{
    int64_t rung = 0, at_us = late_us;
    *next_us = 0;
    for (size_t i = 1; i < rules->rungs; i++) {
        at_us += (rules->ladder[i].after_s + (i == 1 ? rules->ladder[0].after_s : 0)) * 1000000;
        if (at_us > now_us) {
            *next_us = at_us;
            break;
        }
        rung = (int64_t)i;
    }
    return rung;
}

struct ringing {
    int64_t since_us; /* when it began */
    int64_t rung, next_us;
    bool is_held, is_new; /* is_new: says something else than before */
};

static enum tf_status alarm(const struct line_context *c, const struct talk *talk,
                            const struct ringing *rings, const struct memorandum *rules)
{
    char kind[CASE_ALARM_SIZE], text[256];
    if (rings->rung == talk->one.rung && !rings->is_new)
        return TF_OK;
    snprintf(kind, sizeof kind, "case.%.8s", talk->one.id);
    if (rings->rung < 0)
        return line_end_alarm(c, talk->one.line, kind);
    snprintf(text, sizeof text,
             rings->is_held
                 ? "case %s: no agreement in time: the acceptance of %.128s was taken back"
                 : "case %s: no agreement about %.128s in time, or it was not kept",
             talk->one.id, talk->one.own_id);
    return line_raise_alarm(c, talk->one.line, kind, rules->ladder[rings->rung].role, text);
}

/* When time alone changes something: the limit, a proposal that expires, the ladder. */
static int64_t next_look(const struct talk *talk, int64_t now_us, int64_t limit_us,
                         int64_t climb_us)
{
    int64_t next_us = INT64_MAX;
    const int64_t at_us[] = {talk->one.is_open ? limit_us : 0, climb_us};
    for (size_t i = 0; i < 2; i++)
        if (at_us[i] > now_us && at_us[i] < next_us)
            next_us = at_us[i];
    for (size_t i = 0; i < talk->count && talk->one.is_open; i++) {
        const struct note *note = &talk->notes[i];
        if (note->type == NOTE_PROPOSE && note->expires_us >= now_us && note->expires_us < next_us)
            next_us = note->expires_us + 1;
    }
    return next_us;
}

/* What rings: a case that is escalated, and an acceptance that was taken back until somebody
 * decides anew. */
static enum tf_status listen(const struct line_context *c, const struct talk *talk,
                             enum case_stage stage, const struct memorandum *rules,
                             struct ringing *out)
{
    int64_t late_us = out->since_us + rules->answer_s * 1000000;
    enum tf_status rc = waits_held(c, talk, &out->is_held, &out->since_us);
    out->rung = -1;
    if (!rc && stage == CASE_ESCALATED && !out->is_held && late_us < c->now_us)
        out->since_us = late_us;
    if (!rc && (out->is_held || stage == CASE_ESCALATED))
        out->rung = rung_at(rules, out->since_us, c->now_us, &out->next_us);
    return rc;
}

static enum tf_status settle(const struct line_context *c, const struct talk *talk,
                             const struct memorandum *rules, bool waits, bool is_held)
{
    static const char text[] =
        "UPDATE ops_case SET stage = $2, rung = $3, due_us = $4 WHERE id = $1";
    struct ringing rings = {.is_new = is_held};
    enum case_stage stage = talk_stage(talk, c->now_us, rules->answer_s, &rings.since_us);
    int64_t late_us = rings.since_us + rules->answer_s * 1000000;
    enum tf_status rc = listen(c, talk, stage, rules, &rings);
    int64_t next_us = next_look(talk, c->now_us, late_us, rings.next_us);
    if (waits && next_us > c->now_us + AGAIN_US)
        next_us = c->now_us + AGAIN_US;
    if (!rc && (int)stage != talk->one.stage)
        rc = tell(c, talk, stage);
    if (!rc)
        rc = alarm(c, talk, &rings, rules);
    return rc ? rc
              : sql_exec(c->sql, text,
                         SQL_ARGS(sql_text(talk->one.id), sql_int((int64_t)stage),
                                  sql_int(rings.rung), sql_int(next_us)),
                         NULL);
}

/* What was said, in its turn. */
static enum tf_status do_notes(struct ops *ops, const struct line_context *c,
                               const struct talk *talk, bool *waits)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < talk->count; i++) {
        bool is_done;
        if (talk->notes[i].is_done)
            continue;
        rc = do_note(ops, c, talk, &talk->notes[i], &is_done);
        *waits = *waits || !is_done;
    }
    return rc;
}

/* A proposal of our own that came back after a restore: the plan behind it is lost, so it is taken
 * back before anybody relies on it. */
static enum tf_status take_back(const struct line_context *c, const struct talk *talk, bool *waits)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < talk->count; i++) {
        const struct note *note = &talk->notes[i], *agreed;
        bool is_said;
        if (note->type != NOTE_PROPOSE || !note->is_own || note->etag[0] ||
            !talk_stands(talk, note, c->now_us) ||
            talk_agreement(talk, note->own_version, note->other_version, &agreed))
            continue; /* what was agreed is answered by carry_out() */
        rc = say_void(c, talk, note, "restored", &is_said);
        *waits = *waits || !is_said;
    }
    return rc;
}

/* As it is now. */
static enum tf_status load_again(struct ops *ops, const struct line_context *c, const char *id,
                                 struct talk *talk)
{
    talk_release(talk);
    return talk_load(ops, c, id, talk);
}

/* A case that neither side sees is over; that this one does not is said, if the other believes it
 * does. */
static enum tf_status clear(const struct line_context *c, const struct talk *talk, bool *waits)
{
    bool is_said = true;
    enum tf_status rc = TF_OK;
    if (!talk->one.sees && talk_claims(talk))
        rc = say(c, talk, "case.clear", json_pack("{s:s}", "case", talk->one.id), &is_said);
    *waits = *waits || !is_said;
    if (!rc && talk->one.is_open && !talk->one.sees && !talk->one.is_claimed)
        rc = case_end(c, &talk->one);
    return rc;
}

static enum tf_status work_on(struct ops *ops, const struct line_context *c, const char *id)
{
    struct talk talk;
    struct memorandum rules;
    bool waits = false, is_due = false, is_held = false;
    enum tf_status rc = talk_load(ops, c, id, &talk);
    if (rc)
        return rc;
    rc = line_agreed_rules(c, talk.one.line, &rules);
    if (rc) {
        talk_release(&talk);
        return rc;
    }
    rc = do_notes(ops, c, &talk, &waits);
    if (!rc)
        rc = load_again(ops, c, id, &talk);
    if (!rc && talk.one.is_open)
        rc = take_back(c, &talk, &waits);
    if (!rc)
        rc = clear(c, &talk, &waits);
    if (!rc)
        rc = load_again(ops, c, id, &talk);
    if (!rc)
        rc = has_default(c, &talk, &rules, &is_due);
    if (!rc && is_due) {
        rc = hold(ops, c, &talk, &rules, &is_held);
        if (!rc)
            rc = load_again(ops, c, id, &talk);
    }
    if (!rc)
        rc = settle(c, &talk, &rules, waits, is_held);
    talk_release(&talk);
    memo_release(&rules);
    return rc;
}

static enum tf_status work_alone(struct ops *ops, const struct line_context *c, const char *id)
{
    enum tf_status undone, rc = sql_mark(c->sql);
    if (rc)
        return rc;
    rc = ops_end_alone(c, work_on(ops, c, id), &undone);
    return rc || !undone ? rc
                         : sql_exec(c->sql, "UPDATE ops_case SET due_us = $2 WHERE id = $1",
                                    SQL_ARGS(sql_text(id), sql_int(c->now_us + AGAIN_US)), NULL);
}

enum tf_status ops_cases_work(struct ops *ops, const struct line_context *c)
{
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql, "SELECT id FROM ops_case WHERE due_us <= $1 ORDER BY due_us, id LIMIT $2",
                  SQL_ARGS(sql_int(c->now_us), sql_int(CASES_MAX)), &rows);
    for (size_t i = 0; !rc && i < rows.count; i++)
        rc = work_alone(ops, c, sql_at(&rows, i, 0)->bytes);
    sql_rows_release(&rows);
    return rc;
}
