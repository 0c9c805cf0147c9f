/*
 * apply.c - what each type of message does once it is said or heard: stances, acknowledgements,
 * what supersedes what, keys.
 */
#include "line/internal.h"

#include <assert.h>
#include <stdio.h>

/* --- stances ---------------------------------------------------------------------------------- */

static enum tf_status apply_stance(struct act *act)
{
    struct line_row *row = act->row;
    enum line_state before = row_state(row);
    int64_t *stance = act->is_own ? &row->hot.own_stance : &row->hot.peer_stance;
    const char *reason = act_text(act, "reason");
    enum line_stance next = STANCE_NONE;
    bool was_watched = row_is_watched(row);
    bool is_allowed = line_stance_after((enum line_stance) * stance, act->m->type, &next);
    assert(is_allowed);
    (void)is_allowed;
    *stance = next;
    if (next == STANCE_SUSPENDED || next == STANCE_CLOSED) {
        memset(row->cold.reason, 0, sizeof row->cold.reason);
        snprintf(row->cold.reason, sizeof row->cold.reason, "%s", reason);
    }
    /* Silence is counted from now on; in a closed line no more. */
    if (!was_watched && row_is_watched(row) && row->hot.heard_us < act->c->now_us)
        row->hot.heard_us = act->c->now_us;
    enum tf_status rc = TF_OK;
    if (next == STANCE_CLOSED) {
        row->hot.is_degraded = 0;
        rc = alarm_end(act->c, row, "silence", false, 0);
    }
    if (!rc)
        rc =
            state_changed(act->c, row, before, act->m->type_name, reason, act->is_own, act->m->seq);
    if (!rc)
        rc = rules_refresh(act->c, row, true);
    if (!rc && next == STANCE_CLOSED && !act->is_own)
        rc = alarm_raise(act->c, row, "closed", false, act->m->seq, NULL,
                         "the other side has closed the line");
    return rc;
}

/* --- acknowledgements ----------------------------------------------------------------------------
 */

static enum tf_status tell_acknowledged(struct act *act, const char *what)
{
    struct tf_buf event = LINE_ENTRY_INIT;
    event_begin(act->row, &event);
    tf_json_put_text(&event, "ack", what);
    tf_json_put_text(&event, "about", act->is_own ? "peer" : "own");
    fields_put_integer(&event, "seq", act_number(act, "of"));
    tf_json_put_text(&event, "role", act->m->role);
    return event_add(act->c, "ack", &event);
}

/* The other side's message that this speaks of. */
static enum tf_status target_of(struct act *act, struct stored *out)
{
    bool found;
    enum tf_status rc =
        stored_load(act->c, act->row, !act->is_own, act_number(act, "of"), out, &found);
    assert(rc || found);
    return rc;
}

static enum tf_status write_seen(struct act *act, const struct stored *m)
{
    if (m->seen_us)
        return TF_OK;
    return sql_send(act->c->sql,
                    "UPDATE line_message SET seen_us = $1, seen_role = $2"
                    " WHERE line = $3 AND own = $4 AND seq = $5",
                    SQL_ARGS(sql_int(act->c->now_us), sql_text(act->m->role),
                             sql_text(act->row->id), sql_int(m->is_own), sql_int(m->seq)));
}

static enum tf_status apply_seen(struct act *act)
{
    struct stored m;
    enum tf_status rc = target_of(act, &m);
    if (!rc)
        rc = write_seen(act, &m);
    if (!rc)
        rc = stored_settle(act->c, act->row, &m, OPEN_SEEN);
    return rc ? rc : tell_acknowledged(act, "seen");
}

static enum tf_status apply_forwarded(struct act *act)
{
    struct stored m;
    enum tf_status rc = target_of(act, &m);
    if (!rc && !m.forwarded_us)
        rc = sql_send(act->c->sql,
                      "UPDATE line_message SET forwarded_us = $1"
                      " WHERE line = $2 AND own = $3 AND seq = $4",
                      SQL_ARGS(sql_int(act->c->now_us), sql_text(act->row->id), sql_int(m.is_own),
                               sql_int(m.seq)));
    return rc ? rc : tell_acknowledged(act, "forwarded");
}

/* Its place and time are still to be read back, if they must be: that is another act. What is
 * on a danger's alarm ends with the answer. */
static enum tf_status apply_answered(struct act *act)
{
    struct stored m;
    const char *reason = act_text(act, "reason");
    enum tf_status rc = target_of(act, &m);
    if (!rc)
        rc = sql_send(act->c->sql,
                      "UPDATE line_message SET answered_us = $1, assessment = $2, reason = $3"
                      " WHERE line = $4 AND own = $5 AND seq = $6",
                      SQL_ARGS(sql_int(m.answered_us ? m.answered_us : act->c->now_us),
                               sql_text(act_text(act, "assessment")),
                               *reason ? sql_text(reason) : sql_null(), sql_text(act->row->id),
                               sql_int(m.is_own), sql_int(m.seq)));
    if (!rc)
        rc = stored_settle(act->c, act->row, &m, OPEN_ANSWER);
    if (!rc && !m.is_own)
        rc = alarm_end(act->c, act->row, m.type, false, m.seq);
    return rc ? rc : tell_acknowledged(act, "answered");
}

/* --- what supersedes what
 * --------------------------------------------------------------------------
 */

static enum tf_status supersede(struct act *act, const char *field)
{
    struct stored m;
    bool found;
    int64_t of = act_number(act, field);
    enum tf_status rc = stored_load(act->c, act->row, act->is_own, of, &m, &found);
    if (rc)
        return rc;
    if (!found || m.superseded_by || of >= act->m->seq) {
        char text[LINE_TEXT_SIZE];
        snprintf(text, sizeof text, "message %lld says that it amends message %lld, and cannot",
                 (long long)act->m->seq, (long long)of);
        return act->is_own
                   ? TF_OK
                   : alarm_raise(act->c, act->row, "contradiction", false, act->m->seq, NULL, text);
    }
    rc = sql_send(
        act->c->sql,
        "UPDATE line_message SET superseded_by = $1"
        " WHERE line = $2 AND own = $3 AND seq = $4",
        SQL_ARGS(sql_int(act->m->seq), sql_text(act->row->id), sql_int(m.is_own), sql_int(m.seq)));
    if (!rc)
        rc = stored_settle(act->c, act->row, &m, OPEN_SEEN | OPEN_ANSWER);
    return !rc && !m.is_own ? alarm_end(act->c, act->row, m.type, false, m.seq) : rc;
}

static enum tf_status apply_amends(struct act *act)
{
    return json_object_get(act->m->body, "amends") ? supersede(act, "amends") : TF_OK;
}

static enum tf_status apply_withdraw(struct act *act)
{
    return supersede(act, "of");
}

/* Danger, distress, incident: whoever is on duty hears of it at once. */
static enum tf_status apply_danger(struct act *act)
{
    enum tf_status rc = apply_amends(act);
    if (rc || act->is_own)
        return rc;
    return alarm_raise(act->c, act->row, act->m->type_name, false, act->m->seq, NULL,
                       act_text(act, "text"));
}

/* --- the rest
 * --------------------------------------------------------------------------------------
 */

static enum tf_status apply_rotation(struct act *act)
{
    struct key_public key;
    const char *text = act_text(act, "key");
    bool is_key = key_unbase64(text, strlen(text), key.bytes, KEY_PUBLIC_SIZE);
    assert(is_key);
    (void)is_key;
    enum tf_status rc = row_set_key(act->c, act->row, act->is_own, act->m->seq + 1, key.bytes);
    if (rc || act->is_own)
        return rc;
    return party_set_key(act->c, act->row->peer, &key);
}

static enum tf_status apply_drill(struct act *act)
{
    if (act->is_own)
        act->row->cold.drill_us = act->c->now_us;
    return TF_OK;
}

static enum tf_status (*const effects[MESSAGE_TYPE_COUNT])(struct act *act) = {
    [MESSAGE_OPEN] = apply_stance,         [MESSAGE_SUSPEND] = apply_stance,
    [MESSAGE_RESUME] = apply_stance,       [MESSAGE_CLOSE] = apply_stance,
    [MESSAGE_ROTATE] = apply_rotation,     [MESSAGE_SEEN] = apply_seen,
    [MESSAGE_FORWARDED] = apply_forwarded, [MESSAGE_ANSWERED] = apply_answered,
    [MESSAGE_DANGER] = apply_danger,       [MESSAGE_DISTRESS] = apply_danger,
    [MESSAGE_INCIDENT] = apply_danger,     [MESSAGE_TEXT] = apply_amends,
    [MESSAGE_NOTICE] = apply_amends,       [MESSAGE_WITHDRAW] = apply_withdraw,
    [MESSAGE_QUESTION] = apply_amends,     [MESSAGE_DRILL] = apply_drill,
    [MESSAGE_PROPOSE] = memo_act_apply,    [MESSAGE_ACCEPT] = memo_act_apply,
    [MESSAGE_DECLINE] = memo_act_apply,
};

enum tf_status act_apply(struct act *act)
{
    if (act->extension) {
        const struct line_applied applied = {.line = act->row->id,
                                             .peer = act->row->peer,
                                             .type = act->m->type_name,
                                             .role = act->m->role,
                                             .body = act->m->body,
                                             .hash = act->hash,
                                             .seq = act->m->seq,
                                             .sent_us = act->m->sent_us,
                                             .ledger_index = act->ledger_index,
                                             .is_own = act->is_own,
                                             .is_late = act->is_late};
        return act->extension->apply(act->extension->ctx, act->c, &applied);
    }
    return effects[act->m->type] ? effects[act->m->type](act) : TF_OK;
}
