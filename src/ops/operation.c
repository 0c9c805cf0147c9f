/*
 * operation.c - records are changed here, and nowhere else: another content, or an act.
 */
#include "line/fields.h"
#include "ops/internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXTRA_MAX = 16384, DECISIONS_MAX = 1 << 20 };

/* A change on its way: what is there, what shall be. */
struct change {
    struct sql_rows rows; /* what `record` borrows from */
    struct ops_record record;
    bool is_new;
    struct tf_buf feature;
    char *extra, *decisions; /* owned; NULL: as they are */
    char id[OPS_ID_SIZE], etag[OPS_ETAG_SIZE];
};

static void change_release(struct change *change)
{
    sql_rows_release(&change->rows);
    tf_buf_release(&change->feature);
    free(change->extra);
    free(change->decisions);
}

/* --- what is there ------------------------------------------------------------------------ */

static enum tf_status match(const struct change *change, const char *if_match,
                            struct tf_fault *fault)
{
    if (change->is_new && if_match && strcmp(if_match, "*") != 0)
        return ops_refuse(fault, TF_NOT_FOUND, "if_match",
                          TF_TEXT("There is no version \"%1\": there is nothing of this id."),
                          if_match);
    if (change->is_new || (if_match && strcmp(if_match, "*") == 0))
        return TF_OK;
    if (!if_match)
        return ops_refuse(fault, TF_EXISTS, "id",
                          TF_TEXT("The id \"%1\" is there already. Name the version that is to be "
                                  "replaced."),
                          change->record.id);
    if (strcmp(if_match, change->record.etag) != 0)
        return ops_refuse(fault, TF_EXISTS, "if_match",
                          TF_TEXT("It was changed in the meantime: the present version is %1."),
                          change->record.etag);
    return TF_OK;
}

static enum tf_status look_up(const struct line_context *c, enum ops_class class, const char *id,
                              struct change *change)
{
    enum tf_status rc = ops_row_find(c, "", class, id, &change->rows, &change->record);
    change->is_new = rc == TF_NOT_FOUND;
    if (change->is_new) {
        snprintf(change->id, sizeof change->id, "%s", id);
        change->record = (struct ops_record){.owner = "",
                                             .class = class,
                                             .id = change->id,
                                             .state = class == OPS_OPERATION ? OPS_STATE_DRAFT
                                                                             : OPS_STATE_ACTIVATED,
                                             .etag = "",
                                             .extra = "{}",
                                             .extra_len = 2,
                                             .decisions = "[]",
                                             .decisions_len = 2};
        rc = TF_OK;
    }
    return rc;
}

/* An id for what has none: from what it is, and when. */
static void make_id(const struct line_context *c, const struct ops_draft *draft, int64_t change,
                    char out[OPS_ID_SIZE])
{
    static const char *const prefixes[] = {"op", "site", "zone"};
    uint8_t hash[KEY_HASH_SIZE];
    char hex[13];
    struct tf_latlng at = tf_shape_centre(draft->entity->volumes[0].shape);
    struct key_piece pieces[] = {{&c->now_us, sizeof c->now_us},
                                 {&change, sizeof change},
                                 {&at, sizeof at},
                                 {c->card.id, strlen(c->card.id)}};
    key_sha256(pieces, sizeof pieces / sizeof *pieces, hash);
    key_hex(hash, 6, hex);
    snprintf(out, OPS_ID_SIZE, "%s-%s", prefixes[draft->class], hex);
}

static enum tf_status find_or_make(struct ops *ops, const struct line_context *c,
                                   const struct ops_draft *draft, struct change *change,
                                   struct tf_fault *fault)
{
    char id[OPS_ID_SIZE];
    int64_t last;
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = ops_last_change(ops, c, &last);
    if (rc)
        return rc;
    if (draft->entity->id && draft->entity->id[0]) {
        if (!ops_id_is_valid(draft->entity->id))
            return ops_refuse(fault, TF_RANGE, "id",
                              TF_TEXT("The id \"%1\" is too long, or has characters that an id may "
                                      "not have."),
                              draft->entity->id);
        snprintf(id, sizeof id, "%s", draft->entity->id);
    } else {
        make_id(c, draft, last, id);
    }
    rc = look_up(c, draft->class, id, change);
    return rc ? rc : match(change, draft->if_match, fault);
}

/* --- what shall be -------------------------------------------------------------------------- */

/* The entity as it stands in the register: with its id, and the state in the library's words. */
static enum tf_status set_feature(const struct line_context *c, struct change *change,
                                  const struct tf_entity *entity, struct tf_fault *fault)
{
    struct ops_record *r = &change->record;
    struct tf_entity shown = *entity; /* a view: owns nothing */
    shown.id = (char *)(uintptr_t)r->id;
    shown.state = ops_state_outside(r->state);
    if (!shown.party)
        shown.party = (char *)(uintptr_t)c->card.id;
    change->feature = (struct tf_buf)TF_BUF_INIT(OPS_FEATURE_MAX);
    enum tf_status rc = ops_put_feature(&change->feature, &shown);
    if (rc == TF_LIMIT)
        return ops_refuse(fault, TF_TOO_LARGE, "feature",
                          TF_TEXT("This is more than 1 MB of geometry. Draw it with fewer "
                                  "points."),
                          NULL);
    r->feature = change->feature.data;
    r->feature_len = change->feature.len;
    r->kind = entity->kind;
    r->priority = entity->priority;
    r->name = entity->name ? entity->name : "";
    ops_times_of(entity, &r->start_us, &r->end_us);
    return rc;
}

static enum tf_status check_extra(const json_t *extra, struct tf_fault *fault)
{
    static const char *const words[] = {"nothing", "existence", "window", "cells", "full", NULL};
    struct tf_json root = tf_json_root(extra), at = tf_json_get(&root, "disclosure");
    int index;
    return tf_json_there(&at) ? tf_json_word(&at, words, &index, fault) : TF_OK;
}

static enum tf_status set_extra(const struct ops_draft *draft, struct change *change,
                                struct tf_fault *fault)
{
    struct ops_record *r = &change->record;
    json_t *made = NULL;
    enum tf_status rc = TF_OK;
    if (draft->class == OPS_SITE)
        rc = ops_site_extra(draft, change->is_new ? NULL : r, &made, fault);
    else if (draft->extra)
        rc = check_extra(draft->extra, fault);
    if (!rc && (made || draft->extra)) {
        change->extra = json_dumps(made ? made : draft->extra, JSON_COMPACT | JSON_SORT_KEYS);
        if (!change->extra)
            rc = TF_NOMEM;
        else if (strlen(change->extra) > EXTRA_MAX)
            rc = ops_refuse(fault, TF_TOO_LARGE, "extra",
                            TF_TEXT("What is said beside the feature is too long."), NULL);
    }
    if (!rc && change->extra) {
        r->extra = change->extra;
        r->extra_len = strlen(change->extra);
    }
    json_decref(made);
    return rc;
}

static enum tf_status set_decisions(struct change *change, const json_t *decisions)
{
    change->decisions = json_dumps(decisions, JSON_COMPACT);
    if (!change->decisions)
        return TF_NOMEM;
    change->record.decisions = change->decisions;
    change->record.decisions_len = strlen(change->decisions);
    return change->record.decisions_len > DECISIONS_MAX ? TF_TOO_LARGE : TF_OK;
}

static enum tf_status apply(struct ops *ops, const struct line_context *c, struct change *change,
                            const struct tf_entity *entity, enum ops_act act,
                            const struct ops_who *who, struct ops_written *written)
{
    struct ops_record *r = &change->record;
    r->act = change->is_new ? "create" : ops_act_word(act);
    r->role = who->role ? who->role : "";
    r->reason = who->reason ? who->reason : "";
    enum tf_status rc = ops_write(ops, c, r, entity, change->etag);
    if (!rc && ops->has_gate && r->class != OPS_SITE)
        rc = ops->gate.follow(ops->gate.ctx, c, r);
    if (rc)
        return rc;
    *written = (struct ops_written){
        .version = r->version, .state = r->state, .is_new = change->is_new, .is_changed = true};
    snprintf(written->id, sizeof written->id, "%s", r->id);
    snprintf(written->etag, sizeof written->etag, "%s", r->etag);
    return TF_OK;
}

static void nothing_written(const struct ops_record *r, struct ops_written *written)
{
    *written = (struct ops_written){.version = r->version, .state = r->state};
    snprintf(written->id, sizeof written->id, "%s", r->id);
    snprintf(written->etag, sizeof written->etag, "%s", r->etag);
}

/* --- decisions ---------------------------------------------------------------------------------
 */

static bool is_listed(const json_t *allow, const char *key)
{
    size_t i;
    json_t *item;
    json_array_foreach(allow, i, item) if (json_is_string(item) &&
                                           strcmp(json_string_value(item), key) == 0) return true;
    return false;
}

static json_t *decision_of(const struct line_context *c, const struct ops_conflict *conflict,
                           const struct ops_who *who)
{
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(c->now_us * 1000, at);
    return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:i}", "key", conflict->key, "role", who->role,
                     "by", c->actor ? c->actor : "", "at", at, "reason", who->reason, "rule",
                     (int)conflict->rule);
}

/* What was allowed before and still matters stays in the list. */
static json_t *kept_decision(const struct ops_record *record, const char *key)
{
    json_t *list = json_loadb(record->decisions, record->decisions_len, 0, NULL), *kept = NULL;
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *its = json_string_value(json_object_get(item, "key"));
        if (its && strcmp(its, key) == 0)
            kept = json_incref(item);
    }
    json_decref(list);
    return kept;
}

/* Allows what is listed and may be allowed by this role; makes the record's list, and the outcome
 * of what is left. */
static enum tf_status decide(const struct line_context *c, const struct ops_record *record,
                             const json_t *allow, const struct ops_who *who,
                             struct ops_verdict *verdict, json_t **out)
{
    json_t *list = json_array();
    enum ops_outcome left = OPS_CLEAR;
    int bad = list == NULL;
    for (size_t i = 0; i < verdict->count && !bad; i++) {
        struct ops_conflict *conflict = &verdict->conflicts[i];
        bool now = !conflict->is_allowed && conflict->outcome == OPS_DECIDE && who->role &&
                   is_listed(allow, conflict->key) && ops_role_covers(who->role, conflict->role);
        if (now) {
            conflict->is_allowed = true;
            snprintf(conflict->allowed_by, sizeof conflict->allowed_by, "%s",
                     c->actor ? c->actor : "");
            snprintf(conflict->allowed_role, sizeof conflict->allowed_role, "%s", who->role);
            bad = json_array_append_new(list, decision_of(c, conflict, who));
        } else if (conflict->is_allowed) {
            bad = json_array_append_new(list, kept_decision(record, conflict->key));
        }
        enum ops_outcome outcome = conflict->is_allowed ? OPS_NOTE : conflict->outcome;
        left = outcome > left ? outcome : left;
    }
    if (bad) {
        json_decref(list);
        return TF_NOMEM;
    }
    if (verdict->more == 0) /* what is not shown cannot be allowed */
        verdict->outcome = left;
    *out = list;
    return TF_OK;
}

static enum tf_status check_and_decide(struct ops *ops, const struct line_context *c,
                                       struct change *change, const struct tf_entity *entity,
                                       bool keeps_decisions, const json_t *allow,
                                       const struct tf_option_limits *options,
                                       const struct ops_who *who, struct ops_verdict *verdict,
                                       struct tf_fault *fault)
{
    const struct ops_record *r = &change->record;
    struct ops_query query = {.entity = entity,
                              .number = r->number,
                              .decisions = keeps_decisions ? r->decisions : NULL,
                              .decisions_len = keeps_decisions ? r->decisions_len : 0,
                              .options = options};
    json_t *decisions = NULL;
    enum tf_status rc = ops_check(ops, c, &query, verdict, fault);
    if (!rc)
        rc = decide(c, r, allow, who, verdict, &decisions);
    if (!rc)
        rc = set_decisions(change, decisions);
    json_decref(decisions);
    return rc;
}

/* Does a gate take what the check let pass? */
static enum tf_status hold(struct ops *ops, const struct line_context *c,
                           const struct ops_holding *what, struct ops_verdict *verdict,
                           struct tf_fault *fault)
{
    if (!ops->has_gate || !verdict->is_applied)
        return TF_OK;
    return ops->gate.hold(ops->gate.ctx, c, what, &verdict->is_held, fault);
}

/* --- another content
 * ------------------------------------------------------------------------------- */

static bool is_same(const struct ops_record *before, const struct ops_record *after)
{
    return before->state == after->state && before->is_template == after->is_template &&
           before->feature_len == after->feature_len && before->extra_len == after->extra_len &&
           memcmp(before->feature, after->feature, after->feature_len) == 0 &&
           memcmp(before->extra, after->extra, after->extra_len) == 0;
}

/* A fact is never refused; what is promised is checked. */
static enum tf_status check_content(struct ops *ops, const struct line_context *c,
                                    const struct ops_draft *draft, struct change *change,
                                    const char *etag, const struct ops_who *who,
                                    struct ops_verdict *verdict, struct tf_fault *fault)
{
    enum ops_state state = change->record.state;
    verdict->is_applied = true;
    if (draft->class != OPS_OPERATION || !ops_state_counts(state))
        return TF_OK;
    enum tf_status rc = check_and_decide(ops, c, change, draft->entity, false, draft->allow,
                                         draft->options, who, verdict, fault);
    bool is_fact = state == OPS_STATE_NONCONFORMING || state == OPS_STATE_CONTINGENT;
    verdict->is_applied = is_fact || verdict->outcome <= OPS_NOTE;
    if (rc || is_fact)
        return rc;
    struct ops_holding what = {.record = &change->record,
                               .entity = draft->entity,
                               .act = OPS_ACT_CHANGE,
                               .etag = etag,
                               .who = who,
                               .allow = draft->allow};
    return hold(ops, c, &what, verdict, fault);
}

static enum tf_status next_state(struct change *change, enum ops_act act, struct tf_fault *fault)
{
    struct ops_record *r = &change->record;
    enum ops_state state;
    if (ops_state_after(r->state, act, &state)) {
        r->state = state;
        return TF_OK;
    }
    return tf_fault_set(fault, TF_UNSUPPORTED, TF_NO_INDEX, "act",
                        TF_TEXT("\"%1\" is %2: this does not allow \"%3\"."), r->id,
                        ops_state_word(r->state), ops_act_word(act));
}

enum tf_status ops_put(struct ops *ops, const struct line_context *c, const struct ops_draft *draft,
                       const struct ops_who *who, struct ops_verdict *verdict,
                       struct ops_written *written, struct tf_fault *fault)
{
    struct change change = {.is_new = false};
    *verdict = (struct ops_verdict){.outcome = OPS_CLEAR};
    enum tf_status rc = find_or_make(ops, c, draft, &change, fault);
    struct ops_record before = change.record;
    if (!rc && !change.is_new)
        rc = next_state(&change, OPS_ACT_CHANGE, fault);
    if (!rc)
        rc = set_feature(c, &change, draft->entity, fault);
    if (!rc)
        rc = set_extra(draft, &change, fault);
    change.record.is_template = draft->class == OPS_OPERATION && draft->is_template;
    change.record.source = who->source ? who->source : "";
    if (!rc && change.record.is_template && change.record.state != OPS_STATE_DRAFT)
        rc = ops_refuse(fault, TF_UNSUPPORTED, "template",
                        TF_TEXT("Only a draft can become a template."), NULL);
    if (!rc && !change.is_new && is_same(&before, &change.record)) {
        nothing_written(&before, written);
        verdict->is_applied = true;
        goto out;
    }
    /* As to withdraw it: else a planner could draw it smaller, and fly there. */
    if (!rc && !change.is_new && draft->class == OPS_ZONE &&
        !ops_role_covers(who->role, "duty-officer"))
        rc = ops_refuse(fault, TF_UNSUPPORTED, "role",
                        TF_TEXT("A zone that is in force is the duty officer's to change."), NULL);
    change.record.decisions = "[]"; /* they were about another content */
    change.record.decisions_len = 2;
    if (!rc)
        rc = check_content(ops, c, draft, &change, before.etag, who, verdict, fault);
    if (!rc && verdict->is_applied && !verdict->is_held)
        rc = apply(ops, c, &change, draft->entity, OPS_ACT_CHANGE, who, written);
    else if (!rc)
        nothing_written(&before, written);
out:
    if (rc)
        ops_verdict_release(verdict);
    change_release(&change);
    return rc;
}

/* --- acts
 * --------------------------------------------------------------------------------------------- */

static bool is_checked(enum ops_act act)
{
    return act == OPS_ACT_SUBMIT || act == OPS_ACT_ACCEPT || act == OPS_ACT_ACTIVATE ||
           act == OPS_ACT_RECOVER;
}

static enum tf_status may_act(const struct line_context *c, const struct change *change,
                              enum ops_act act, const struct ops_who *who, struct tf_fault *fault)
{
    const struct ops_record *r = &change->record;
    if (act == OPS_ACT_CHANGE || (r->class != OPS_OPERATION && act != OPS_ACT_WITHDRAW))
        return ops_refuse(fault, TF_UNSUPPORTED, "act",
                          TF_TEXT("\"%1\" is no act for this kind of record."), ops_act_word(act));
    if (r->class != OPS_OPERATION && !(who->reason && who->reason[0]))
        return ops_refuse(fault, TF_MISSING, "reason",
                          TF_TEXT("A reason is needed: nothing disappears silently."), NULL);
    if (is_checked(act) && r->is_template)
        return ops_refuse(fault, TF_UNSUPPORTED, "act",
                          TF_TEXT("\"%1\" is a template: it is repeated, not flown."), r->id);
    if (is_checked(act) && r->end_us <= c->now_us)
        return ops_refuse(fault, TF_TIME, "feature.properties.end",
                          TF_TEXT("\"%1\" is over: its end has passed."), r->id);
    return TF_OK;
}

/* Zones and sites are in force until they are withdrawn. */
static enum tf_status next_after(struct change *change, enum ops_act act, struct tf_fault *fault)
{
    struct ops_record *r = &change->record;
    if (r->class == OPS_OPERATION || r->state == OPS_STATE_WITHDRAWN)
        return next_state(change, act, fault);
    r->state = OPS_STATE_WITHDRAWN;
    return TF_OK;
}

static enum tf_status check_act(struct ops *ops, const struct line_context *c,
                                const struct ops_deed *deed, struct change *change,
                                const struct tf_entity *entity, const struct ops_who *who,
                                struct ops_verdict *verdict, struct tf_fault *fault)
{
    verdict->is_applied = true;
    if (!is_checked(deed->act))
        return TF_OK;
    enum tf_status rc = check_and_decide(ops, c, change, entity, true, deed->allow, deed->options,
                                         who, verdict, fault);
    if (rc)
        return rc;
    verdict->is_applied = verdict->outcome <= (deed->act == OPS_ACT_SUBMIT ? OPS_DECIDE : OPS_NOTE);
    if (deed->act == OPS_ACT_SUBMIT && verdict->outcome <= OPS_NOTE)
        change->record.state = OPS_STATE_ACCEPTED;
    if (change->record.state == OPS_STATE_SUBMITTED)
        return TF_OK; /* it waits for decisions */
    struct ops_holding what = {.record = &change->record,
                               .entity = entity,
                               .act = deed->act,
                               .etag = change->record.etag,
                               .who = who,
                               .allow = deed->allow};
    rc = hold(ops, c, &what, verdict, fault);
    if (!rc && verdict->is_held && deed->act == OPS_ACT_SUBMIT)
        change->record.state = OPS_STATE_SUBMITTED;
    return rc;
}

enum tf_status ops_act(struct ops *ops, const struct line_context *c, const struct ops_deed *deed,
                       const struct ops_who *who, struct ops_verdict *verdict,
                       struct ops_written *written, struct tf_fault *fault)
{
    struct change change = {.is_new = false};
    struct tf_entity entity = {0};
    *verdict = (struct ops_verdict){.outcome = OPS_CLEAR};
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = ops_row_find(c, "", deed->class, deed->id, &change.rows, &change.record);
    struct ops_record before = change.record;
    if (!rc)
        rc = match(&change, deed->if_match ? deed->if_match : "*", fault);
    if (!rc)
        rc = may_act(c, &change, deed->act, who, fault);
    if (!rc)
        rc = next_after(&change, deed->act, fault);
    if (!rc)
        rc = ops_entity_of(&before, &entity);
    if (!rc)
        rc = check_act(ops, c, deed, &change, &entity, who, verdict, fault);
    bool is_written = verdict->is_applied && (!verdict->is_held || deed->act == OPS_ACT_SUBMIT);
    if (!rc && is_written)
        rc = set_feature(c, &change, &entity, fault);
    if (!rc && is_written)
        rc = apply(ops, c, &change, &entity, deed->act, who, written);
    else if (!rc)
        nothing_written(&before, written);
    if (rc)
        ops_verdict_release(verdict);
    tf_entity_release(&entity);
    change_release(&change);
    return rc;
}
