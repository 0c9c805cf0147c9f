/*
 * act.c - whether a message may take effect: by its sender's stance, its body, and what it speaks
 * of. The same judgement for what is said here and what is heard.
 */
#include "line/internal.h"

#include <stdio.h>

/* --- the act --------------------------------------------------------------------------------- */

static const struct line_extension *extension_of(const struct line_context *c, const char *type)
{
    for (size_t i = 0; i < c->extension_count; i++)
        if (strncmp(type, c->extensions[i].prefix, strlen(c->extensions[i].prefix)) == 0)
            return &c->extensions[i];
    return NULL;
}

void act_make(const struct line_context *c, struct line_row *row, const struct message *m,
              bool is_own, struct act *out)
{
    *out = (struct act){.c = c, .row = row, .m = m, .is_own = is_own};
    if (m->type != MESSAGE_UNKNOWN) {
        out->kind = message_kind(m->type);
        return;
    }
    const struct line_extension *extension = extension_of(c, m->type_name);
    out->kind = extension ? extension->kind(extension->ctx, m->type_name) : NULL;
    out->extension = out->kind ? extension : NULL;
}

enum tf_status act_refuse(struct act *act, enum tf_status code, const char *field,
                          const char *message, const char *arg1, const char *arg2)
{
    act->verdict = ACT_REFUSED;
    tf_fault_set(&act->fault, code, TF_NO_INDEX, field, message, arg1, arg2, NULL);
    return TF_OK;
}

int64_t act_number(const struct act *act, const char *key)
{
    return json_integer_value(json_object_get(act->m->body, key));
}

const char *act_text(const struct act *act, const char *key)
{
    const char *text = json_string_value(json_object_get(act->m->body, key));
    return text ? text : "";
}

/* --- by stance and state ------------------------------------------------------------------------
 */

static enum tf_status refuse_state(struct act *act, const char *message)
{
    return act_refuse(act, TF_UNSUPPORTED, "type", message, act->m->type_name,
                      line_state_name(row_state(act->row)));
}

static enum tf_status is_of_floor(const struct act *act, bool *is_floor)
{
    *is_floor = !act->kind || act->kind->is_floor;
    return *is_floor ? TF_OK : rules_add_to_floor(act->c, act->row, act->m->type_name, is_floor);
}

/* What is not of the floor: on an open line alone. */
static enum tf_status check_ordinary(struct act *act, enum line_stance mine, enum line_stance other)
{
    bool is_floor = false;
    if (mine == STANCE_OPEN && other == STANCE_OPEN)
        return TF_OK;
    enum tf_status rc = is_of_floor(act, &is_floor);
    if (rc || is_floor)
        return rc;
    if (mine != STANCE_OPEN || other == STANCE_NONE) {
        /* Its sender had seen that the other opened, which was lost here: that comes first. */
        bool is_aside = mine == STANCE_OPEN && (!act->is_own || act->is_returned);
        rc = refuse_state(act, TF_TEXT("%1 may not be said now: the line is %2. It needs an open "
                                       "line; danger, distress and incident pass always."));
        if (is_aside)
            act->verdict = ACT_ASIDE;
        return rc;
    }
    act->is_late = !act->is_own;
    if (act->is_own && !act->is_returned)
        return refuse_state(act, TF_TEXT("%1 may not be said now: the line is %2. It needs an open "
                                         "line; danger, distress and incident pass always."));
    return TF_OK;
}

static enum tf_status check_stance(struct act *act)
{
    const struct line_hot *h = &act->row->hot;
    enum line_stance mine = (enum line_stance)(act->is_own ? h->own_stance : h->peer_stance);
    enum line_stance other = (enum line_stance)(act->is_own ? h->peer_stance : h->own_stance);
    enum line_stance next;
    bool knows_closed = act->is_own && !act->is_returned && other == STANCE_CLOSED;
    if (mine == STANCE_CLOSED || knows_closed)
        return refuse_state(act, TF_TEXT("%1 may not be said: the line is %2. Open a new one."));
    if (act->m->type <= MESSAGE_CLOSE)
        return line_stance_after(mine, act->m->type, &next)
                   ? TF_OK
                   : refuse_state(act, TF_TEXT("%1 may not be said now: it does not fit what this "
                                               "side has said before. The line is %2."));
    act->is_late = !act->is_own && other == STANCE_CLOSED;
    return check_ordinary(act, mine, other);
}

/* --- what it speaks of ---------------------------------------------------------------------------
 */

/* A message of the receiver's own: `of`. A number that it has not said yet is left aside. */
static enum tf_status check_of_other(struct act *act, struct stored *out)
{
    bool found;
    int64_t of = act_number(act, "of");
    char number[24];
    enum tf_status rc = stored_load(act->c, act->row, !act->is_own, of, out, &found);
    if (rc || found)
        return rc;
    snprintf(number, sizeof number, "%lld", (long long)of);
    act_refuse(act, TF_NOT_FOUND, "body.of", TF_TEXT("There is no message %1 of the other side."),
               number, NULL);
    if ((!act->is_own && of > act->row->hot.own_seq) ||
        (act->is_returned && of > act->row->hot.peer_seq))
        act->verdict = ACT_ASIDE;
    return TF_OK;
}

bool act_place(const struct line_context *c, const char *type, const json_t *body,
               struct message_place *out)
{
    enum message_type known = message_type_named(type, strlen(type));
    if (known != MESSAGE_UNKNOWN)
        return message_place(known, body, out);
    const struct line_extension *extension = extension_of(c, type);
    return extension && extension->place && extension->place(extension->ctx, type, body, out);
}

unsigned act_asks(const struct line_context *c, const char *type)
{
    enum message_type known = message_type_named(type, strlen(type));
    const struct line_extension *extension = extension_of(c, type);
    const struct message_kind *kind = known != MESSAGE_UNKNOWN ? message_kind(known)
                                      : extension ? extension->kind(extension->ctx, type)
                                                  : NULL;
    return kind ? kind->asks : 0;
}

/* What has a place and time is read back; what is read back must be what was said. */
static enum tf_status check_seen(struct act *act)
{
    struct stored target;
    struct message_place said, heard;
    json_t *body = NULL;
    enum tf_status rc = check_of_other(act, &target);
    if (rc || act->verdict)
        return rc;
    bool has = json_is_object(json_object_get(act->m->body, "readback"));
    bool needs = (act_asks(act->c, target.type) & MESSAGE_ASKS_READBACK) != 0;
    if (!has && !needs)
        return TF_OK;
    rc = stored_body(act->c, act->row, !act->is_own, target.seq, &body);
    if (rc)
        return rc;
    bool has_place = act_place(act->c, target.type, body, &said);
    json_decref(body);
    if (!has_place || (!has && target.is_void))
        return TF_OK;
    if (!has)
        return act_refuse(act, TF_MISSING, "body.readback",
                          TF_TEXT("This message is read back: its place and its times."), NULL,
                          NULL);
    if (message_place(MESSAGE_SEEN, act->m->body, &heard) &&
        message_readback_matches(&said, &heard))
        return TF_OK;
    return act_refuse(act, TF_RANGE, "body.readback",
                      TF_TEXT("The place or time read back is not the one in the message. Look at "
                              "it again, or ask."),
                      NULL, NULL);
}

static enum tf_status check_acknowledged(struct act *act)
{
    struct stored target;
    return check_of_other(act, &target);
}

/* A message of the sender's own that it amends or takes back: one that speaks, not an act. */
static enum tf_status check_of_own(struct act *act, const char *field, bool same_type)
{
    struct stored target;
    bool found;
    char number[24], path[32];
    int64_t of = act_number(act, field);
    snprintf(number, sizeof number, "%lld", (long long)of);
    snprintf(path, sizeof path, "body.%s", field);
    enum tf_status rc = stored_load(act->c, act->row, act->is_own, of, &target, &found);
    if (rc)
        return rc;
    enum message_type type =
        found ? message_type_named(target.type, strlen(target.type)) : MESSAGE_OPEN;
    bool speaks = found && type >= MESSAGE_DANGER && type != MESSAGE_WITHDRAW &&
                  (type <= MESSAGE_DRILL || type == MESSAGE_UNKNOWN);
    if (!speaks || (same_type && strcmp(target.type, act->m->type_name) != 0))
        return act_refuse(act, TF_NOT_FOUND, path,
                          TF_TEXT("There is no message %1 of the same side that this can change."),
                          number, NULL);
    if (target.superseded_by)
        return act_refuse(act, TF_EXISTS, path,
                          TF_TEXT("Message %1 was changed already; change the latest."), number,
                          NULL);
    return TF_OK;
}

static enum tf_status check_withdraw(struct act *act)
{
    return check_of_own(act, "of", false);
}

/* A wrong number in `amends` is told to who says it. What was heard stays what it is: nobody
 * misses a danger because of it. */
static enum tf_status check_amends(struct act *act)
{
    if (!act->is_own || act->is_returned || !json_object_get(act->m->body, "amends"))
        return TF_OK;
    return check_of_own(act, "amends", true);
}

static enum tf_status check_round(struct act *act)
{
    if (act_number(act, "round") == act->row->round)
        return TF_OK;
    return act_refuse(act, TF_RANGE, "body.round", TF_TEXT("This is another round of the line."),
                      NULL, NULL);
}

/* Who takes over the line with a new key shows that it has it. */
static enum tf_status check_rotation(struct act *act)
{
    struct key_public key;
    uint8_t proof[KEY_SIGNATURE_SIZE];
    char text[128];
    const char *key_text = act_text(act, "key"), *proof_text = act_text(act, "proof");
    int len = snprintf(text, sizeof text, "tafadi-rotate/v1\n%s\n%lld\n", act->row->id,
                       (long long)act->m->seq);
    if (key_unbase64(key_text, strlen(key_text), key.bytes, KEY_PUBLIC_SIZE) &&
        key_unbase64(proof_text, strlen(proof_text), proof, sizeof proof) &&
        key_verify(&key, text, (size_t)len, proof))
        return TF_OK;
    return act_refuse(act, TF_SYNTAX, "body.proof",
                      TF_TEXT("The new key's signature does not verify."), NULL, NULL);
}

static enum tf_status (*const checks[MESSAGE_TYPE_COUNT])(struct act *act) = {
    [MESSAGE_OPEN] = check_round,
    [MESSAGE_ROTATE] = check_rotation,
    [MESSAGE_SEEN] = check_seen,
    [MESSAGE_FORWARDED] = check_acknowledged,
    [MESSAGE_ANSWERED] = check_acknowledged,
    [MESSAGE_DANGER] = check_amends,
    [MESSAGE_DISTRESS] = check_amends,
    [MESSAGE_INCIDENT] = check_amends,
    [MESSAGE_TEXT] = check_amends,
    [MESSAGE_NOTICE] = check_amends,
    [MESSAGE_WITHDRAW] = check_withdraw,
    [MESSAGE_QUESTION] = check_amends,
    [MESSAGE_ANSWER] = check_acknowledged,
    [MESSAGE_PROPOSE] = memo_act_check,
    [MESSAGE_ACCEPT] = memo_act_check,
    [MESSAGE_DECLINE] = memo_act_check,
};

static enum tf_status check_body(struct act *act)
{
    const struct line_extension *extension = act->extension;
    enum tf_status code =
        extension ? extension->check(extension->ctx, act->m->type_name, act->m->body, &act->fault)
                  : message_check_body(act->m->type, act->m->body, &act->fault);
    if (code == TF_NOMEM || code == TF_BUSY)
        return code;
    if (code) {
        act->verdict = ACT_REFUSED;
        act->fault.code = code;
    }
    return TF_OK;
}

enum tf_status act_check(struct act *act)
{
    enum tf_status rc = check_stance(act);
    if (!rc && !act->verdict && act->kind)
        rc = check_body(act);
    if (!rc && !act->verdict && checks[act->m->type])
        rc = checks[act->m->type](act);
    return rc;
}
