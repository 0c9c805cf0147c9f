/*
 * confirm.c - receipts and beats of a post: what the other has, and that it lives.
 */
#include "line/internal.h"

#include <stdio.h>
#include <stdlib.h>

static bool verify(const struct taking *t, const struct envelope *envelope, const char *type)
{
    struct key_public key;
    memcpy(key.bytes, t->row->cold.peer_key, KEY_PUBLIC_SIZE);
    return envelope_verify(envelope, type, &key);
}

static bool is_between(const struct taking *t, const char *line, const char *from, const char *to)
{
    return strcmp(line, t->row->id) == 0 && strcmp(from, t->row->peer) == 0 &&
           strcmp(to, t->c->card.id) == 0;
}

/* --- receipts --------------------------------------------------------------------------------- */

static enum tf_status log_receipt(struct taking *t, const struct receipt *r,
                                  const struct envelope *envelope)
{
    struct tf_buf entry = LINE_ENTRY_INIT, event = LINE_ENTRY_INIT;
    log_begin(t->c, t->row, "receipt", &entry);
    fields_put_integer(&entry, "of", r->of);
    fields_put_integer(&entry, "ledger_index", r->ledger_index);
    log_put_envelope(&entry, envelope);
    enum tf_status rc = log_end(t->c, &entry, NULL);
    if (rc)
        return rc;
    event_begin(t->row, &event);
    fields_put_integer(&event, "seq", r->of);
    return event_add(t->c, "receipt", &event);
}

static enum tf_status write_receipt(struct taking *t, struct stored *m,
                                    const struct envelope *envelope)
{
    struct tf_buf text = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    bool was_alarmed = m->alarmed & OPEN_DELIVER;
    envelope_print(envelope, &text);
    enum tf_status rc = tf_buf_status(&text);
    if (!rc && was_alarmed)
        rc = stored_settle(t->c, t->row, m, OPEN_DELIVER);
    m->open &= ~OPEN_DELIVER;
    if (!rc)
        rc = sql_send(t->c->sql,
                      "UPDATE line_message SET receipt_us = $1, receipt = $2, open = $3,"
                      " due_us = $4 WHERE line = $5 AND own = 1 AND seq = $6",
                      SQL_ARGS(sql_int(t->c->now_us), sql_text(text.data), sql_int(m->open),
                               sql_int(stored_next_due(m)), sql_text(t->row->id), sql_int(m->seq)));
    tf_buf_release(&text);
    return rc;
}

/* A receipt for what we never said: one of us two is wrong. */
static enum tf_status receipt_of_other(struct taking *t, const struct receipt *r,
                                       const struct envelope *envelope)
{
    struct tf_buf text = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    char why[LINE_TEXT_SIZE];
    bool kept = false;
    t->out->refused++;
    snprintf(why, sizeof why, "%s has signed a receipt for another message %lld than ours",
             t->row->peer, (long long)r->of);
    envelope_print(envelope, &text);
    enum tf_status rc = tf_buf_status(&text);
    if (!rc)
        rc = evidence_keep(t->c, t->row, "receipt", r->of, envelope->hash, text.data, text.len,
                           &kept);
    tf_buf_release(&text);
    return rc || !kept ? rc : alarm_raise(t->c, t->row, "contradiction", true, r->of, NULL, why);
}

static enum tf_status confirm(struct taking *t, const struct receipt *r,
                              const struct envelope *envelope)
{
    struct stored m;
    bool found;
    enum tf_status rc = stored_load(t->c, t->row, true, r->of, &m, &found);
    if (rc)
        return rc;
    if (!found) { /* of what was lost here: it comes again when that is back */
        t->out->refused++;
        return TF_OK;
    }
    if (memcmp(m.hash, r->envelope, KEY_HASH_SIZE) != 0)
        return receipt_of_other(t, r, envelope);
    if (m.receipt_us) {
        t->out->duplicates++;
        return TF_OK;
    }
    t->out->receipts++;
    rc = write_receipt(t, &m, envelope);
    return rc ? rc : log_receipt(t, r, envelope);
}

enum tf_status take_receipt(struct taking *t, const json_t *json)
{
    struct envelope envelope = {0};
    struct receipt receipt;
    enum tf_status rc = t->row->is_new ? TF_UNSUPPORTED : envelope_read(json, &envelope, NULL);
    if (!rc && strcmp(envelope.type, ENVELOPE_RECEIPT) != 0)
        rc = TF_SYNTAX;
    if (!rc)
        rc = receipt_parse(envelope.payload, envelope.payload_len, &receipt, NULL);
    bool is_good = !rc && is_between(t, receipt.line, receipt.from, receipt.to);
    rc = rc == TF_NOMEM ? rc : TF_OK;
    /* What is confirmed already is not worth a verification. */
    if (rc)
        goto out;
    if (is_good && receipt.of <= t->row->hot.own_receipted)
        t->out->duplicates++;
    else if (is_good && verify(t, &envelope, ENVELOPE_RECEIPT))
        rc = confirm(t, &receipt, &envelope);
    else
        t->out->refused++;
out:
    envelope_release(&envelope);
    return rc;
}

/* How far there are receipts without a gap. */
enum tf_status take_receipts_end(struct taking *t)
{
    struct sql_rows rows;
    struct line_hot *h = &t->row->hot;
    if (t->out->receipts == 0)
        return TF_OK;
    enum tf_status rc =
        sql_query(t->c->sql,
                  "SELECT seq FROM line_message WHERE line = $1 AND own = 1 AND receipt_us = 0"
                  " ORDER BY seq LIMIT 1",
                  SQL_ARGS(sql_text(t->row->id)), &rows);
    if (rc)
        return rc;
    int64_t upto = rows.count ? sql_at(&rows, 0, 0)->number - 1 : h->own_seq;
    sql_rows_release(&rows);
    if (upto > h->own_receipted)
        h->moved_us = t->c->now_us;
    h->own_receipted = upto;
    return TF_OK;
}

/* --- beats
 * ----------------------------------------------------------------------------------------
 */

static enum tf_status hear(struct taking *t)
{
    struct line_row *row = t->row;
    enum line_state before = row_state(row);
    row->hot.heard_us = t->c->now_us;
    row->cold.is_wary = 0;
    if (!row->hot.is_degraded)
        return TF_OK;
    row->hot.is_degraded = 0;
    enum tf_status rc = state_changed(t->c, row, before, "heard", "", false, 0);
    return rc ? rc : alarm_end(t->c, row, "silence", false, 0);
}

/* The other has messages of ours that are not here. */
static enum tf_status ask_back(struct taking *t, int64_t have)
{
    char text[LINE_TEXT_SIZE];
    struct line_hot *h = &t->row->hot;
    if (h->return_from)
        return TF_OK;
    h->return_from = h->own_seq + 1;
    snprintf(text, sizeof text,
             "%s says that it has our messages up to %lld; here are %lld; they are asked back",
             t->row->peer, (long long)have, (long long)h->own_seq);
    return alarm_raise(t->c, t->row, "return", true, 0, NULL, text);
}

static enum tf_status take_numbers(struct taking *t, const struct beat *beat)
{
    struct line_hot *h = &t->row->hot;
    enum tf_status rc = TF_OK;
    h->peer_beat_us = beat->at_us;
    h->peer_sent = beat->sent;
    h->peer_have = beat->have < h->own_seq ? beat->have : h->own_seq;
    h->peer_receipted = beat->receipted < h->peer_seq ? beat->receipted : h->peer_seq;
    h->peer_return_from = beat->return_from;
    if (beat->have > h->own_seq)
        return ask_back(t, beat->have);
    if (h->return_from > 0)
        rc = alarm_end(t->c, t->row, "return", true, 0);
    h->return_from = 0;
    return rc;
}

static enum tf_status weigh(struct taking *t, const struct beat *beat)
{
    const int64_t skew_us = LINE_SKEW_S * LINE_SECOND_US, now_us = t->c->now_us;
    int64_t last_us = t->row->hot.peer_beat_us;
    bool is_later = beat->at_us > last_us || last_us > now_us + skew_us;
    if (!is_later || beat->at_us > now_us + skew_us)
        return TF_OK;
    t->is_later = true;
    t->is_good = beat->at_us >= now_us - skew_us;
    enum tf_status rc = t->row->is_new ? row_save(t->c, t->row) : TF_OK;
    if (!rc)
        rc = take_numbers(t, beat);
    return !rc && t->is_good ? hear(t) : rc;
}

enum tf_status take_beat(struct taking *t, const json_t *json)
{
    struct envelope envelope = {0};
    struct beat *beat = &t->beat;
    enum tf_status rc = envelope_read(json, &envelope, NULL);
    if (!rc)
        rc = beat_parse(envelope.payload, envelope.payload_len, beat, NULL);
    t->has_beat = !rc && is_between(t, beat->line, beat->from, beat->to) &&
                  verify(t, &envelope, ENVELOPE_BEAT);
    if (t->has_beat)
        rc = weigh(t, beat);
    else
        rc = rc == TF_NOMEM ? rc : TF_OK;
    envelope_release(&envelope);
    return rc;
}

enum tf_status take_beat_end(struct taking *t)
{
    return t->is_later ? take_numbers(t, &t->beat) : TF_OK;
}
