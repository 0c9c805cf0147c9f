/*
 * receive.c - envelopes of a post: in order, once each; contradictions kept as evidence; what was
 * lost here and comes back.
 */
#include "line/internal.h"

#include <stdio.h>

struct incoming {
    struct envelope envelope;
    struct message m;
};

static void release(struct incoming *in)
{
    message_release(&in->m);
    envelope_release(&in->envelope);
}

/* A line that is not in the database yet is, as soon as something signed by the other came. */
static enum tf_status ensure_row(struct taking *t)
{
    return t->row->is_new ? row_save(t->c, t->row) : TF_OK;
}

static bool verify(const struct incoming *in, const uint8_t key_bytes[KEY_PUBLIC_SIZE])
{
    struct key_public key;
    memcpy(key.bytes, key_bytes, KEY_PUBLIC_SIZE);
    return envelope_verify(&in->envelope, ENVELOPE_MESSAGE, &key);
}

/* --- evidence --------------------------------------------------------------------------------- */

static enum tf_status keep_evidence(struct taking *t, const struct incoming *in, const char *kind)
{
    struct tf_buf text = TF_BUF_INIT(ENVELOPE_TEXT_MAX + 1024);
    bool kept;
    envelope_print(&in->envelope, &text);
    enum tf_status rc = tf_buf_status(&text);
    if (!rc)
        rc = evidence_keep(t->c, t->row, kind, in->m.seq, in->envelope.hash, text.data, text.len,
                           &kept);
    tf_buf_release(&text);
    return rc;
}

static enum tf_status contradiction(struct taking *t, const struct incoming *in, const char *what)
{
    char text[LINE_TEXT_SIZE];
    snprintf(text, sizeof text, "%s: message %lld of %s; nothing after it is applied", what,
             (long long)in->m.seq, t->row->peer);
    enum tf_status rc = ensure_row(t);
    if (!rc)
        rc = keep_evidence(t, in, "fork");
    t->row->hot.is_forked = 1;
    t->out->forks++;
    return rc ? rc : alarm_raise(t->c, t->row, "fork", false, in->m.seq, NULL, text);
}

/* Signed by the other, and no message: it is shown, and waits for nobody. */
static enum tf_status malformed(struct taking *t, struct incoming *in)
{
    t->out->refused++;
    if (!verify(in, t->row->cold.peer_key))
        return TF_OK;
    enum tf_status rc = ensure_row(t);
    if (!rc)
        rc = keep_evidence(t, in, "malformed");
    return rc ? rc
              : alarm_raise(t->c, t->row, "contradiction", false, 0, NULL,
                            "the other side has signed something that is not a message");
}

/* --- one that is known -------------------------------------------------------------------------
 */

static enum tf_status take_known(struct taking *t, const struct incoming *in)
{
    struct stored known;
    struct key_public key;
    bool found;
    enum tf_status rc = stored_load(t->c, t->row, false, in->m.seq, &known, &found);
    if (rc)
        return rc;
    if (found && memcmp(known.hash, in->envelope.hash, KEY_HASH_SIZE) == 0) {
        t->out->duplicates++;
        return TF_OK;
    }
    rc = row_key_at(t->c, t->row, false, in->m.seq, &key);
    if (rc)
        return rc;
    if (found && verify(in, key.bytes))
        return contradiction(t, in, "two different messages under one number");
    t->out->refused++;
    return TF_OK;
}

/* --- one that is too early
 * ------------------------------------------------------------------------
 */

static bool is_danger(enum message_type type)
{
    return type == MESSAGE_DANGER || type == MESSAGE_DISTRESS || type == MESSAGE_INCIDENT;
}

/* What may save somebody does not wait for what is missing. */
static enum tf_status take_early(struct taking *t, const struct incoming *in)
{
    const struct message *m = &in->m;
    const char *text = json_string_value(json_object_get(m->body, "text"));
    t->out->early++;
    if (!is_danger(m->type) || m->seq - t->row->hot.peer_seq > LINE_EARLY_MAX ||
        t->row->hot.peer_stance == STANCE_CLOSED || !verify(in, t->row->cold.peer_key) ||
        message_check_body(m->type, m->body, NULL))
        return TF_OK;
    enum tf_status rc = ensure_row(t);
    if (!rc)
        rc = keep_evidence(t, in, "early");
    return rc ? rc : alarm_raise(t->c, t->row, m->type_name, false, m->seq, NULL, text ? text : "");
}

/* --- the next one
 * ----------------------------------------------------------------------------------
 */

static enum tf_status judge_alarm(struct taking *t, const struct act *act)
{
    char why[LINE_TEXT_SIZE], text[LINE_TEXT_SIZE + 128];
    bool is_readback = act->m->type == MESSAGE_SEEN && act->fault.code == TF_RANGE;
    why[0] = '\0';
    if (act->fault.message)
        tf_fault_text(&act->fault, act->fault.message, why, sizeof why);
    snprintf(text, sizeof text, "message %lld (%s) has no effect: %s", (long long)act->m->seq,
             act->m->type_name, why);
    return alarm_raise(t->c, t->row, is_readback ? "readback" : "contradiction", false, act->m->seq,
                       NULL, text);
}

static enum tf_status left_aside(struct taking *t, const struct act *act)
{
    char text[LINE_TEXT_SIZE];
    t->out->early++;
    snprintf(text, sizeof text,
             "message %lld (%s) speaks of something of ours that is not here: it was lost here, "
             "or never was",
             (long long)act->m->seq, act->m->type_name);
    return alarm_raise(t->c, t->row, "aside", false, act->m->seq, NULL, text);
}

static enum tf_status apply(struct taking *t, const struct incoming *in)
{
    struct act act;
    act_make(t->c, t->row, &in->m, false, &act);
    enum tf_status rc = act_check(&act);
    /* Its sender knew words of ours that are lost here; it is judged when they are back. */
    if (act.verdict && (t->row->hot.return_from > 0 || t->row->cold.is_wary))
        act.verdict = ACT_ASIDE;
    if (!rc && act.verdict == ACT_ASIDE)
        return left_aside(t, &act);
    if (!rc)
        rc = keep_message(&act, &in->envelope);
    if (!rc)
        rc = act.verdict ? judge_alarm(t, &act) : act_apply(&act);
    if (!rc && t->row->hot.alarms > 0)
        rc = alarm_end(t->c, t->row, "aside", false, in->m.seq);
    t->out->applied++;
    return rc;
}

static enum tf_status take_next(struct taking *t, const struct incoming *in)
{
    if (!verify(in, t->row->cold.peer_key)) {
        t->out->refused++;
        return TF_OK;
    }
    if (memcmp(in->m.prev, t->row->hot.peer_hash, KEY_HASH_SIZE) != 0)
        return contradiction(t, in, "a message that does not follow the one before it");
    enum tf_status rc = ensure_row(t);
    return rc ? rc : apply(t, in);
}

/* --- taking -------------------------------------------------------------------------------------
 */

static bool is_between(const struct incoming *in, const struct line_row *row, const char *from,
                       const char *to)
{
    return strcmp(in->m.line, row->id) == 0 && strcmp(in->m.from, from) == 0 &&
           strcmp(in->m.to, to) == 0;
}

/* What is not good is no error, but that there is no memory to read it: nobody is to blame for
 * that.
 */
static enum tf_status read_envelope(const json_t *json, struct incoming *in, bool *is_read,
                                    bool *is_message)
{
    *is_message = false;
    enum tf_status rc = envelope_read(json, &in->envelope, NULL);
    *is_read = rc == TF_OK && strcmp(in->envelope.type, ENVELOPE_MESSAGE) == 0;
    if (*is_read)
        rc = message_parse(in->envelope.payload, in->envelope.payload_len, &in->m, NULL);
    *is_message = *is_read && rc == TF_OK;
    return rc == TF_NOMEM ? rc : TF_OK;
}

enum tf_status take_envelope(struct taking *t, const json_t *json)
{
    struct incoming in = {.m = {.seq = 0}};
    const struct line_hot *h = &t->row->hot;
    bool is_read, is_message;
    enum tf_status rc = read_envelope(json, &in, &is_read, &is_message);
    if (rc)
        goto out;
    if (!is_read)
        t->out->refused++;
    else if (!is_message)
        rc = malformed(t, &in);
    else if (!is_between(&in, t->row, t->row->peer, t->c->card.id))
        t->out->refused++;
    else if (in.m.seq <= h->peer_seq)
        rc = take_known(t, &in);
    else if (in.m.seq > h->peer_seq + 1 || h->is_forked)
        rc = take_early(t, &in);
    else
        rc = take_next(t, &in);
out:
    release(&in);
    return rc;
}

/* --- what was lost here --------------------------------------------------------------------------
 */

static enum tf_status take_back(struct taking *t, const struct incoming *in)
{
    struct act act;
    act_make(t->c, t->row, &in->m, true, &act);
    act.is_returned = true;
    enum tf_status rc = act_check(&act);
    /* It was allowed when it was said: the other's words that it needs come first. */
    bool is_early = act.verdict && t->row->hot.peer_seq < t->row->hot.peer_sent;
    if (rc || act.verdict == ACT_ASIDE || is_early)
        return rc;
    rc = keep_message(&act, &in->envelope);
    if (!rc && !act.verdict)
        rc = act_apply(&act);
    t->out->returned++;
    return rc;
}

/* Of our own, signed by us, the next in our chain; else it is none of ours. */
enum tf_status take_returned(struct taking *t, const json_t *json)
{
    struct incoming in = {.m = {.seq = 0}};
    struct line_hot *h = &t->row->hot;
    bool is_read, is_message = false;
    enum tf_status rc =
        h->return_from > 0 ? read_envelope(json, &in, &is_read, &is_message) : TF_OK;
    bool is_ours = is_message && is_between(&in, t->row, t->c->card.id, t->row->peer);
    if (is_ours && in.m.seq <= h->own_seq)
        t->out->duplicates++;
    else if (is_ours && in.m.seq == h->own_seq + 1 && verify(&in, t->row->cold.own_key) &&
             memcmp(in.m.prev, h->own_hash, KEY_HASH_SIZE) == 0)
        rc = take_back(t, &in);
    else
        t->out->refused++;
    release(&in);
    return rc;
}
