/*
 * talk_say.c - proposals and answers about a case, by people; and what there is to be seen.
 */
#include "line/fields.h"
#include "ops/declaration.h"
#include "ops/reading.h"
#include "ops/talk_notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPIRES_MAX_S = 7 * 86400, OPTIONS = 8, BODY_MAX = 48 * 1024 };

static enum tf_status find(struct ops *ops, const struct line_context *c, const char *id,
                           struct talk *talk, struct tf_fault *fault)
{
    enum tf_status rc = talk_load(ops, c, id, talk);
    if (rc == TF_NOT_FOUND)
        return ops_refuse(fault, rc, "id", TF_TEXT("There is no case \"%1\"."), id);
    return rc;
}

/* Open, declared both ways, and nothing agreed about these versions. */
static enum tf_status may_talk(const struct talk *talk, struct tf_fault *fault)
{
    const struct note *agreed;
    size_t own = 0;
    if (!talk->one.is_open)
        return ops_refuse(fault, TF_UNSUPPORTED, "id", TF_TEXT("This case is over."), NULL);
    if (talk->own_version == 0 || talk->other_version == 0)
        return ops_refuse(fault, TF_UNSUPPORTED, "id",
                          TF_TEXT("Only what both sides were told of can be talked about."), NULL);
    if (talk_agreement(talk, talk->own_version, talk->other_version, &agreed))
        return ops_refuse(fault, TF_UNSUPPORTED, "id",
                          TF_TEXT("There was an agreement about these versions already."), NULL);
    for (size_t i = 0; i < talk->count; i++)
        own += talk->notes[i].is_own;
    if (own + 2 > CASE_NOTES_MAX)
        return ops_refuse(fault, TF_LIMIT, "id", TF_TEXT("Too much was said about this case."),
                          NULL);
    return TF_OK;
}

/* The operation as it would be, and what changes. */
struct plan {
    struct sql_rows rows;
    struct ops_record record;
    struct tf_entity entity; /* owned */
    json_t *change;          /* owned; NULL: not known */
    double cost;
    bool has_cost;
    char *feature; /* owned */
};

static void plan_release(struct plan *plan)
{
    sql_rows_release(&plan->rows);
    tf_entity_release(&plan->entity);
    json_decref(plan->change);
    free(plan->feature);
}

/* --- what is proposed -------------------------------------------------------------------------
 */

static json_t *change_of(const struct tf_option *option, enum memo_disclosure level)
{
    static const char *const words[] = {"time", "level", "lateral"};
    json_t *out = json_object(), *moves = json_array();
    int bad = json_object_set_new(out, "moves", moves);
    for (unsigned i = 0; i < 3 && !bad; i++) /* heights and ways only where they are shown anyway */
        if (option->moves & (1u << i) && (i == 0 || level == MEMO_FULL))
            bad = json_array_append_new(moves, json_string(words[i]));
    if (!bad && option->shift_ns)
        bad = json_object_set_new(out, "shift_s", json_real((double)option->shift_ns / 1e9));
    if (!bad && level == MEMO_FULL) {
        if (option->level_m != 0)
            bad |= json_object_set_new(out, "level_m", json_real(option->level_m));
        if (option->offset_m != 0)
            bad |= json_object_set_new(out, "offset_m", json_real(option->offset_m));
        if (option->extra_distance_m != 0)
            bad |=
                json_object_set_new(out, "extra_distance_m", json_real(option->extra_distance_m));
    }
    if (!bad)
        return out;
    json_decref(out);
    return NULL;
}

static enum tf_status read_plan(struct plan *plan, const char *feature, size_t len,
                                struct tf_fault *fault)
{
    json_t *json = json_loadb(feature, len, 0, NULL);
    enum tf_status rc =
        json ? ops_read_feature(json, OPS_OPERATION, plan->record.id, &plan->entity, NULL, fault)
             : TF_SYNTAX;
    plan->feature = rc ? NULL : strndup(feature, len);
    json_decref(json);
    return !rc && !plan->feature ? TF_NOMEM : rc;
}

/* Ways out, as they are found now: free of all that is known. Another height helps nobody where no
 * heights are shown. */
static enum tf_status find_options(struct ops *ops, const struct line_context *c,
                                   const struct plan *plan, enum memo_disclosure level,
                                   struct tf_entity *before, struct ops_verdict *verdict,
                                   struct tf_fault *fault)
{
    const struct tf_option_limits limits = {
        .max_options = OPTIONS,
        .now_ns = c->now_us * 1000,
        .moves = level == MEMO_FULL ? TF_OPTION_ALL : TF_OPTION_TIME | TF_OPTION_LATERAL};
    /* Without its decisions: what was allowed here is still a conflict with the other side. */
    const struct ops_query query = {
        .entity = before, .number = plan->record.number, .options = &limits};
    enum tf_status rc = ops_entity_of(&plan->record, before);
    return rc ? rc : ops_check(ops, c, &query, verdict, fault);
}

static enum tf_status take_option(struct ops *ops, const struct line_context *c, int64_t number,
                                  enum memo_disclosure level, struct plan *plan,
                                  struct tf_fault *fault)
{
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct tf_entity before = {0};
    struct tf_buf out = TF_BUF_INIT(OPS_FEATURE_MAX);
    enum tf_status rc = find_options(ops, c, plan, level, &before, &verdict, fault);
    if (!rc && (number < 1 || !verdict.has_options || (size_t)number > verdict.options.count))
        rc = ops_refuse(fault, TF_NOT_FOUND, "option",
                        TF_TEXT("There is no such option. Ask for the options again."), NULL);
    if (!rc) {
        const struct tf_option *option = &verdict.options.options[number - 1];
        plan->change = change_of(option, level);
        plan->cost = option->cost;
        plan->has_cost = level == MEMO_FULL;
        rc = plan->change ? ops_print_option(&out, &before, option) : TF_NOMEM;
    }
    if (!rc)
        rc = read_plan(plan, out.data, out.len, fault);
    tf_buf_release(&out);
    ops_verdict_release(&verdict);
    tf_entity_release(&before);
    return rc;
}

static enum tf_status take_entity(struct ops *ops, const struct line_context *c,
                                  const struct tf_entity *entity, struct plan *plan,
                                  struct tf_fault *fault)
{
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_query query = {.entity = entity, .number = plan->record.number};
    struct tf_buf out = TF_BUF_INIT(OPS_FEATURE_MAX);
    enum tf_status rc = ops_check(ops, c, &query, &verdict, fault);
    if (!rc && verdict.outcome > OPS_NOTE)
        rc = ops_refuse(fault, TF_EXISTS, "feature",
                        TF_TEXT("This would conflict with what is known here."), NULL);
    ops_verdict_release(&verdict);
    plan->change = json_pack("{s:[]}", "moves");
    if (!rc && !plan->change)
        rc = TF_NOMEM;
    if (!rc)
        rc = ops_put_feature(&out, entity);
    if (!rc)
        rc = read_plan(plan, out.data, out.len, fault);
    tf_buf_release(&out);
    return rc;
}

static enum tf_status body_of(const struct line_context *c, const struct talk *talk,
                              const struct case_proposal *p, const struct memorandum *rules,
                              const struct plan *plan, json_t *declared, json_t **out)
{
    char alias[OPS_ID_SIZE], expires[TF_TIME_TEXT_SIZE];
    int64_t expires_s = p->expires_s > 0 ? p->expires_s : rules->answer_s;
    enum tf_status rc = ops_alias(c, talk->one.line, OPS_OPERATION, talk->one.own_id, alias);
    if (rc)
        return rc;
    tf_time_format((c->now_us + expires_s * 1000000) * 1000, expires);
    if (json_object_set_new(declared, "version", json_integer(talk->own_version + 1)))
        return TF_NOMEM;
    json_t *body = json_pack("{s:s, s:I, s:{s:s, s:I}, s:{s:s, s:I}, s:O, s:O, s:s}", "case",
                             talk->one.id, "number", (json_int_t)p->option, "mover", "id", alias,
                             "version", (json_int_t)talk->own_version, "other", "id",
                             talk->one.other_id, "version", (json_int_t)talk->other_version,
                             "change", plan->change, "declared", declared, "expires", expires);
    int bad = body == NULL;
    if (!bad && plan->has_cost)
        bad |= json_object_set_new(body, "cost", json_real(plan->cost));
    if (!bad && p->counters)
        bad |= json_object_set_new(body, "counters", json_string(p->counters));
    if (bad) {
        json_decref(body);
        return TF_NOMEM;
    }
    *out = body;
    return TF_OK;
}

static enum tf_status say(const struct line_context *c, const struct talk *talk, const char *type,
                          const struct ops_who *who, const json_t *body, int64_t *seq,
                          struct tf_fault *fault)
{
    const struct line_draft draft = {
        .type = type, .role = who->role ? who->role : "node", .body = body};
    return line_say(c, talk->one.line, &draft, seq, fault);
}

/* What leaves is held against the memorandum once more. */
static enum tf_status say_proposal(const struct line_context *c, const struct talk *talk,
                                   const struct case_proposal *p, const struct memorandum *rules,
                                   const struct plan *plan, json_t *declared,
                                   const struct ops_who *who, struct tf_fault *fault)
{
    static const char text[] = "UPDATE ops_case_note SET feature = $3, etag = $4 WHERE line = $1"
                               " AND is_own = 1 AND seq = $2";
    json_t *body = NULL;
    int64_t seq;
    enum tf_status rc = body_of(c, talk, p, rules, plan, declared, &body);
    if (!rc)
        rc = ops_disclosure_check(rules, "case.propose", body, fault);
    if (!rc)
        rc = say(c, talk, "case.propose", who, body, &seq, fault);
    if (!rc)
        rc = sql_exec(c->sql, text,
                      SQL_ARGS(sql_text(talk->one.line), sql_int(seq), sql_text(plan->feature),
                               sql_text(plan->record.etag)),
                      NULL);
    json_decref(body);
    return rc;
}

static enum tf_status check_proposal(const struct talk *talk, const struct case_proposal *p,
                                     struct tf_fault *fault)
{
    const struct note *countered = p->counters ? talk_proposal(talk, p->counters) : NULL;
    if (talk->one.own_class != OPS_OPERATION)
        return ops_refuse(fault, TF_UNSUPPORTED, "id",
                          TF_TEXT("A site does not move: the other side may propose."), NULL);
    if (p->counters && (!countered || countered->is_own))
        return ops_refuse(fault, TF_NOT_FOUND, "counters",
                          TF_TEXT("There is no such proposal of the other side."), NULL);
    if (p->expires_s < 0 || p->expires_s > EXPIRES_MAX_S)
        return ops_refuse(fault, TF_RANGE, "expires_s",
                          TF_TEXT("A proposal stands for at most seven days."), NULL);
    return may_talk(talk, fault);
}

/* What the line would be told of the plan. */
static enum tf_status declare_plan(const struct line_context *c, const struct talk *talk,
                                   const struct memorandum *rules, const struct plan *plan,
                                   enum memo_disclosure *level, json_t **declared,
                                   struct tf_fault *fault)
{
    struct ops_record after = plan->record;
    char alias[OPS_ID_SIZE];
    enum tf_status rc = ops_alias(c, talk->one.line, OPS_OPERATION, talk->one.own_id, alias);
    if (rc)
        return rc;
    ops_times_of(&plan->entity, &after.start_us, &after.end_us);
    after.priority = plan->entity.priority;
    rc = ops_declaration_of(c, rules, &after, &plan->entity, alias, level, declared);
    if (rc == TF_UNSUPPORTED)
        return ops_refuse(fault, rc, "id",
                          TF_TEXT("The memorandum shows the other side too little of this "
                                  "operation to agree about it."),
                          NULL);
    return rc;
}

/* Where the volumes are not shown, nothing else tells of heights and ways. (A record may ask for
 * less than the memorandum gives, so this is known late.) */
static void hide(struct plan *plan)
{
    static const char *const names[] = {"level_m", "offset_m", "extra_distance_m"};
    json_t *moves = json_object_get(plan->change, "moves");
    plan->has_cost = false;
    for (size_t i = 0; i < 3; i++)
        (void)json_object_del(plan->change, names[i]);
    for (size_t i = json_array_size(moves); i > 0; i--)
        if (strcmp(json_string_value(json_array_get(moves, i - 1)), "time") != 0)
            (void)json_array_remove(moves, i - 1);
}

static enum tf_status propose(struct ops *ops, const struct line_context *c,
                              const struct talk *talk, const struct case_proposal *p,
                              const struct ops_who *who, struct plan *plan, struct tf_fault *fault)
{
    struct memorandum rules;
    json_t *declared = NULL;
    enum tf_status rc =
        ops_row_find(c, "", OPS_OPERATION, talk->one.own_id, &plan->rows, &plan->record);
    if (rc)
        return rc;
    rc = line_rules(c, talk->one.line, &rules);
    if (rc)
        return rc;
    enum memo_disclosure level = memo_rule_of(&rules, tf_kind_word(plan->record.kind)).disclosure;
    rc = p->entity ? take_entity(ops, c, p->entity, plan, fault)
                   : take_option(ops, c, p->option, level, plan, fault);
    if (!rc)
        rc = declare_plan(c, talk, &rules, plan, &level, &declared, fault);
    if (!rc && level != MEMO_FULL)
        hide(plan);
    if (!rc)
        rc = say_proposal(c, talk, p, &rules, plan, declared, who, fault);
    json_decref(declared);
    memo_release(&rules);
    return rc;
}

enum tf_status ops_case_propose(struct ops *ops, const struct line_context *c,
                                const struct case_proposal *proposal, const struct ops_who *who,
                                struct tf_fault *fault)
{
    struct talk talk;
    struct plan plan = {.cost = 0};
    enum tf_status rc = find(ops, c, proposal->id, &talk, fault);
    if (rc)
        return rc;
    rc = check_proposal(&talk, proposal, fault);
    if (!rc)
        rc = propose(ops, c, &talk, proposal, who, &plan, fault);
    plan_release(&plan);
    talk_release(&talk);
    return rc;
}

/* The operation, and what the memorandum shows of its kind. */
static enum tf_status load_plan(const struct line_context *c, const struct talk *talk,
                                struct plan *plan, enum memo_disclosure *level)
{
    struct memorandum rules;
    enum tf_status rc =
        ops_row_find(c, "", OPS_OPERATION, talk->one.own_id, &plan->rows, &plan->record);
    if (!rc)
        rc = line_rules(c, talk->one.line, &rules);
    if (rc)
        return rc;
    *level = memo_rule_of(&rules, tf_kind_word(plan->record.kind)).disclosure;
    memo_release(&rules);
    return TF_OK;
}

enum tf_status ops_case_options(struct ops *ops, const struct line_context *c, const char *id,
                                struct tf_buf *out, struct tf_fault *fault)
{
    const struct case_proposal none = {.id = id};
    struct talk talk;
    struct plan plan = {.cost = 0};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct tf_entity before = {0};
    enum memo_disclosure level;
    enum tf_status rc = find(ops, c, id, &talk, fault);
    if (rc)
        return rc;
    rc = check_proposal(&talk, &none, fault);
    if (!rc)
        rc = load_plan(c, &talk, &plan, &level);
    if (!rc)
        rc = find_options(ops, c, &plan, level, &before, &verdict, fault);
    if (!rc)
        ops_print_verdict(out, &verdict, &before);
    ops_verdict_release(&verdict);
    tf_entity_release(&before);
    plan_release(&plan);
    talk_release(&talk);
    return rc ? rc : tf_buf_status(out);
}

/* --- answers ------------------------------------------------------------------------------------
 */

static const struct note *latest_standing(const struct talk *talk, int64_t now_us)
{
    const struct note *found = NULL;
    for (size_t i = 0; i < talk->count; i++) {
        const struct note *note = &talk->notes[i];
        if (note->type == NOTE_PROPOSE && !note->is_own && talk_stands(talk, note, now_us))
            found = note;
    }
    return found;
}

static enum tf_status check_agreement(struct ops *ops, const struct line_context *c,
                                      const struct talk *talk, const struct note *proposal,
                                      struct tf_fault *fault)
{
    bool acceptable;
    enum tf_status rc = talk_judge(ops, c, talk, proposal, &acceptable);
    if (!rc && !acceptable)
        rc = ops_refuse(fault, TF_EXISTS, "of",
                        TF_TEXT("This would conflict with what is known here."), NULL);
    return rc;
}

enum tf_status ops_case_answer(struct ops *ops, const struct line_context *c, const char *id,
                               bool agrees, const char *hash, const struct ops_who *who,
                               struct tf_fault *fault)
{
    struct talk talk;
    int64_t seq;
    json_t *body = NULL;
    enum tf_status rc = find(ops, c, id, &talk, fault);
    if (rc)
        return rc;
    const struct note *proposal =
        hash ? talk_proposal(&talk, hash) : latest_standing(&talk, c->now_us);
    if (!proposal || proposal->is_own)
        rc = ops_refuse(fault, TF_NOT_FOUND, "of",
                        TF_TEXT("There is no such proposal of the other side."), NULL);
    if (!rc)
        rc = may_talk(&talk, fault);
    if (!rc && !talk_stands(&talk, proposal, c->now_us))
        rc = ops_refuse(fault, TF_UNSUPPORTED, "of",
                        TF_TEXT("This proposal does not stand any more."), NULL);
    if (!rc && agrees)
        rc = check_agreement(ops, c, &talk, proposal, fault);
    if (!rc) {
        body = json_pack("{s:s, s:s}", "case", talk.one.id, "of", proposal->hash);
        rc = body ? say(c, &talk, agrees ? "case.agree" : "case.decline", who, body, &seq, fault)
                  : TF_NOMEM;
    }
    json_decref(body);
    talk_release(&talk);
    return rc;
}

/* --- showing ------------------------------------------------------------------------------------
 */

static void put_note(struct tf_buf *out, const struct line_context *c, const struct talk *talk,
                     const struct note *note)
{
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "type", note_type_word(note->type));
    tf_put_flag(out, "own", note->is_own);
    tf_put_int(out, "seq", note->seq);
    tf_put_time_us(out, "at", note->at_us);
    tf_put_text(out, "hash", note->hash);
    if (note->type == NOTE_PROPOSE)
        tf_put_flag(out, "stands", talk_stands(talk, note, c->now_us));
    tf_put_json(out, "body", note->body, strlen(note->body));
    tf_buf_char(out, '}');
}

static enum tf_status log_case(const struct line_context *c, const struct ops_case *one)
{
    struct ops_site_reading reading = {.c = c, .purpose = "case"};
    (void)!ops_reading_case(&reading, one);
    return ops_reading_end(&reading);
}

static enum tf_status print_case(struct ops *ops, const struct line_context *c, const char *id,
                                 bool is_logged, struct tf_buf *out)
{
    struct talk talk;
    struct memorandum rules;
    char alias[OPS_ID_SIZE];
    int64_t since_us;
    const struct note *agreed;
    enum tf_status rc = talk_load(ops, c, id, &talk);
    if (rc)
        return rc;
    rc = is_logged ? TF_OK : log_case(c, &talk.one);
    if (!rc)
        rc = ops_alias(c, talk.one.line, talk.one.own_class, talk.one.own_id, alias);
    if (!rc)
        rc = line_agreed_rules(c, talk.one.line, &rules);
    if (rc) {
        talk_release(&talk);
        return rc;
    }
    talk.one.stage = (int)talk_stage(&talk, c->now_us, rules.answer_s, &since_us);
    const struct note *holds = talk_agreement(&talk, talk.own_version, talk.other_version, &agreed);
    ops_print_case(out, &talk.one);
    out->len--; /* its bracket */
    tf_put_text(out, "moves_first", talk_own_moves(&talk, alias) ? "own" : "other");
    tf_put_time_us(out, "agree_by", talk.one.is_open ? since_us + rules.answer_s * 1000000 : 0);
    tf_put_text(out, "no_agreement", memo_default_name(rules.no_agreement));
    tf_put_int(out, "own_declared_version", talk.own_version);
    tf_put_int(out, "other_declared_version", talk.other_version);
    tf_put_text(out, "agreement", holds ? holds->hash : NULL);
    tf_put_open(out, "said", '[');
    for (size_t i = 0; i < talk.count; i++)
        put_note(out, c, &talk, &talk.notes[i]);
    tf_buf_text(out, "]}");
    memo_release(&rules);
    talk_release(&talk);
    return tf_buf_status(out);
}

enum tf_status ops_case_show(struct ops *ops, const struct line_context *c, const char *id,
                             struct tf_buf *out)
{
    return print_case(ops, c, id, false, out);
}

enum tf_status ops_case_list(struct ops *ops, const struct line_context *c, const char *id,
                             struct tf_buf *out)
{
    return print_case(ops, c, id, true, out);
}
