/*
 * say.c - opening a line and saying something on it.
 */
#include "line/internal.h"

#include <stdio.h>

static enum tf_status refuse(struct tf_fault *fault, enum tf_status code, const char *field,
                             const char *message, const char *arg)
{
    return tf_fault_set(fault, code, TF_NO_INDEX, field, message, arg, NULL, NULL);
}

/* --- deadlines ----------------------------------------------------------------------------------
 */

/* As wished, or by the rules. TF_TIME: it has passed. */
static enum tf_status deadline(const struct line_context *c, int64_t wish_us, int64_t rule_s,
                               const char *field, int64_t *out, struct tf_fault *fault)
{
    *out = wish_us > 0 ? wish_us : wish_us == 0 ? c->now_us + rule_s * LINE_SECOND_US : 0;
    if (wish_us > 0 && wish_us <= c->now_us)
        return refuse(fault, TF_TIME, field, TF_TEXT("This deadline has passed already."), NULL);
    return TF_OK;
}

static enum tf_status set_deadlines(const struct act *act, const struct line_draft *draft,
                                    struct message *m, struct tf_fault *fault)
{
    const struct line_cold *rules = &act->row->cold;
    unsigned asks = act->kind->asks;
    enum tf_status rc = deadline(act->c, draft->deliver_by_us, rules->deliver_s, "deliver_by",
                                 &m->deliver_by_us, fault);
    if (!rc && asks & MESSAGE_ASKS_SEEN)
        rc = deadline(act->c, draft->seen_by_us, rules->seen_s, "seen_by", &m->seen_by_us, fault);
    if (!rc && asks & MESSAGE_ASKS_ANSWER)
        rc = deadline(act->c, draft->answer_by_us, rules->answer_s, "answer_by", &m->answer_by_us,
                      fault);
    return rc;
}

/* --- whether this node may speak
 * ------------------------------------------------------------------
 */

static enum tf_status check_speaker(const struct line_context *c, const struct line_row *row,
                                    const struct line_draft *draft, bool is_rotation,
                                    struct tf_fault *fault)
{
    struct key_public key = key_public_of(c->key);
    enum message_type type = message_type_named(draft->type, strlen(draft->type));
    if (!fields_is_word(draft->role, MESSAGE_ROLE_SIZE))
        return refuse(fault, TF_SYNTAX, "role", TF_TEXT("%1 is not a role."), draft->role);
    if (strlen(draft->type) >= MESSAGE_TYPE_SIZE)
        return refuse(fault, TF_UNSUPPORTED, "type", TF_TEXT("%1 is not a type of message."),
                      draft->type);
    if (type == MESSAGE_ROTATE && !is_rotation)
        return refuse(fault, TF_UNSUPPORTED, "type",
                      TF_TEXT("A key is changed on all lines at once, by its own command."), NULL);
    if (memcmp(key.bytes, row->cold.own_key, sizeof key.bytes) != 0)
        return refuse(fault, TF_UNSUPPORTED, "key",
                      TF_TEXT("This line is signed with another key of this party. Change the key "
                              "on the line, or start the node with that one."),
                      NULL);
    if ((row->hot.return_from > 0 || row->cold.is_wary) && type != MESSAGE_CLOSE)
        return refuse(fault, TF_BUSY, "",
                      TF_TEXT("Messages of our own are being fetched back from the other side "
                              "after a restore. Try again in a moment."),
                      NULL);
    return TF_OK;
}

/* --- one message -------------------------------------------------------------------------------
 */

static void address(const struct line_context *c, const struct line_row *row, struct message *m)
{
    memcpy(m->line, row->id, sizeof m->line);
    memcpy(m->from, c->card.id, sizeof m->from);
    memcpy(m->to, row->peer, sizeof m->to);
    memcpy(m->prev, row->hot.own_hash, KEY_HASH_SIZE);
    m->seq = row->hot.own_seq + 1;
    m->sent_us = c->now_us;
}

static enum tf_status sign(const struct line_context *c, const struct message *m,
                           struct envelope *out, struct tf_fault *fault)
{
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    struct tf_buf text = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    enum tf_status rc = message_print(m, &payload);
    if (!rc)
        rc = envelope_make(c->key, ENVELOPE_MESSAGE, payload.data, payload.len, &text, hash);
    if (rc == TF_LIMIT)
        rc =
            refuse(fault, TF_TOO_LARGE, "body", TF_TEXT("The message is longer than 48 kB."), NULL);
    if (!rc)
        rc = envelope_parse(text.data, text.len, out, fault);
    tf_buf_release(&payload);
    tf_buf_release(&text);
    return rc;
}

/* The whole of it: judged, signed, kept, in effect. */
static enum tf_status say(struct act *act, const struct line_draft *draft, struct message *m,
                          struct tf_fault *fault)
{
    struct envelope envelope = {0};
    enum tf_status rc = rules_refresh(act->c, act->row, false);
    if (!rc && !act->kind)
        rc = refuse(fault, TF_UNSUPPORTED, "type", TF_TEXT("%1 is not a type of message."),
                    draft->type);
    if (!rc)
        rc = act_check(act);
    if (!rc && act->verdict) {
        rc = act->fault.code;
        if (fault)
            *fault = act->fault;
    }
    if (!rc)
        rc = set_deadlines(act, draft, m, fault);
    if (!rc)
        rc = sign(act->c, m, &envelope, fault);
    if (!rc)
        rc = keep_message(act, &envelope);
    if (!rc)
        rc = act_apply(act);
    envelope_release(&envelope);
    return rc;
}

enum tf_status say_in(const struct line_context *c, struct line_row *row,
                      const struct line_draft *draft, bool is_rotation, int64_t *seq,
                      struct tf_fault *fault)
{
    struct message m = {.seq = 0};
    struct act act;
    enum tf_status rc = check_speaker(c, row, draft, is_rotation, fault);
    if (rc)
        return rc;
    address(c, row, &m);
    m.type = message_type_named(draft->type, strlen(draft->type));
    snprintf(m.type_name, sizeof m.type_name, "%s", draft->type);
    snprintf(m.role, sizeof m.role, "%s", draft->role);
    m.body = (json_t *)draft->body; /* borrowed: not released */
    act_make(c, row, &m, true, &act);
    rc = say(&act, draft, &m, fault);
    if (!rc)
        *seq = m.seq;
    return rc;
}

enum tf_status line_say(const struct line_context *c, const char *line,
                        const struct line_draft *draft, int64_t *seq, struct tf_fault *fault)
{
    struct line_row row;
    int64_t said;
    enum tf_status rc = row_load(c, line, &row);
    if (rc == TF_NOT_FOUND)
        return refuse(fault, rc, "line", TF_TEXT("There is no such line."), NULL);
    if (!rc)
        rc = say_in(c, &row, draft, false, &said, fault);
    if (!rc)
        rc = row_save(c, &row);
    if (!rc)
        *seq = said;
    return rc;
}

/* --- opening -----------------------------------------------------------------------------------
 */

/* The line to be opened: the one that the other proposed, or a new one. */
static enum tf_status find_or_make(const struct line_context *c, const char *peer,
                                   struct line_row *row, struct tf_fault *fault)
{
    struct card card;
    enum tf_status rc = party_load(c, peer, &card);
    if (rc == TF_NOT_FOUND)
        return refuse(fault, rc, "peer", TF_TEXT("There is no party %1 here; add its card first."),
                      peer);
    if (rc)
        return rc;
    rc = row_newest(c, peer, row);
    if (rc && rc != TF_NOT_FOUND)
        return rc;
    if (rc == TF_NOT_FOUND || row_state(row) == LINE_CLOSED)
        row_make(c, &card, rc ? 1 : row->round + 1, row);
    else if (row->hot.own_stance != STANCE_NONE)
        return refuse(fault, TF_EXISTS, "peer", TF_TEXT("The line to %1 was opened already."),
                      peer);
    return TF_OK;
}

enum tf_status line_open(const struct line_context *c, const char *peer, const char *role,
                         char id[LINE_ID_SIZE], struct tf_fault *fault)
{
    struct line_row row;
    int64_t seq;
    enum tf_status rc = find_or_make(c, peer, &row, fault);
    if (rc)
        return rc;
    json_t *body = json_pack("{s:I}", "round", (json_int_t)row.round);
    const struct line_draft draft = {.type = "line.open", .role = role, .body = body};
    rc = body ? TF_OK : TF_NOMEM;
    if (!rc && row.is_new)
        rc = row_save(c, &row);
    if (!rc)
        rc = say_in(c, &row, &draft, false, &seq, fault);
    if (!rc)
        rc = row_save(c, &row);
    json_decref(body);
    if (!rc)
        memcpy(id, row.id, sizeof row.id);
    return rc;
}

/* --- another key
 * ---------------------------------------------------------------------------------- */

enum tf_status line_rotate(const struct line_context *c, const char *line,
                           const struct key_secret *next, const char *role, int64_t *seq,
                           struct tf_fault *fault)
{
    enum { UNDER_WAY_MAX = 64 };
    struct line_row row;
    char text[128], key64[64], proof64[128];
    uint8_t proof[KEY_SIGNATURE_SIZE];
    struct key_public key = key_public_of(next);
    struct tf_buf out = TF_BUF_INIT(256);
    int64_t said;
    enum tf_status rc = row_load(c, line, &row);
    if (rc)
        return rc;
    /* What is signed with the new key is understood where the rotation is: it must fit in one
     * post with all that goes before it. */
    if (row.hot.own_seq - row.hot.own_receipted > UNDER_WAY_MAX)
        return refuse(fault, TF_BUSY, "line",
                      TF_TEXT("Too much is still on its way to the other side. Try again when it "
                              "has arrived."),
                      NULL);
    int len = snprintf(text, sizeof text, "tafadi-rotate/v1\n%s\n%lld\n", row.id,
                       (long long)row.hot.own_seq + 1);
    key_sign(next, text, (size_t)len, proof);
    key_base64(key.bytes, KEY_PUBLIC_SIZE, &out);
    snprintf(key64, sizeof key64, "%s", out.data ? out.data : "");
    tf_buf_clear(&out);
    key_base64(proof, sizeof proof, &out);
    snprintf(proof64, sizeof proof64, "%s", out.data ? out.data : "");
    rc = tf_buf_status(&out);
    tf_buf_release(&out);
    json_t *body = rc ? NULL : json_pack("{s:s,s:s}", "key", key64, "proof", proof64);
    const struct line_draft draft = {.type = "key.rotate", .role = role, .body = body};
    if (!rc && !body)
        rc = TF_NOMEM;
    if (!rc)
        rc = say_in(c, &row, &draft, true, &said, fault);
    if (!rc)
        rc = row_save(c, &row);
    json_decref(body);
    if (!rc)
        *seq = said;
    return rc;
}
