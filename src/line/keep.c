/*
 * keep.c - a message written down: its row, its entry in the ledger, its receipt, its event.
 */
#include "line/internal.h"

#include <stdio.h>

static enum tf_status log_message(const struct act *act, const struct envelope *envelope,
                                  uint64_t *index)
{
    struct tf_buf entry = LINE_ENTRY_INIT;
    log_begin(act->c, act->row,
              !act->is_own       ? "received"
              : act->is_returned ? "returned"
                                 : "sent",
              &entry);
    fields_put_integer(&entry, "seq", act->m->seq);
    tf_json_put_text(&entry, "type", act->m->type_name);
    tf_json_put_text(&entry, "role", act->m->role);
    if (act->is_late)
        tf_buf_text(&entry, ",\"late\":true");
    if (act->verdict)
        tf_buf_text(&entry, ",\"void\":true");
    log_put_envelope(&entry, envelope);
    return log_end(act->c, &entry, index);
}

/* Our word that it is here, and where it stands in our ledger. */
static enum tf_status make_receipt(const struct act *act, const struct envelope *envelope,
                                   uint64_t index, struct tf_buf *out)
{
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX), entry = LINE_ENTRY_INIT;
    struct receipt receipt = {
        .of = act->m->seq, .ledger_index = (int64_t)index, .received_us = act->c->now_us};
    uint8_t hash[KEY_HASH_SIZE];
    memcpy(receipt.line, act->row->id, sizeof receipt.line);
    snprintf(receipt.from, sizeof receipt.from, "%s", act->c->card.id);
    memcpy(receipt.to, act->row->peer, sizeof receipt.to);
    memcpy(receipt.envelope, envelope->hash, KEY_HASH_SIZE);
    enum tf_status rc = receipt_print(&receipt, &payload);
    if (!rc)
        rc = envelope_make(act->c->key, ENVELOPE_RECEIPT, payload.data, payload.len, out, hash);
    tf_buf_release(&payload);
    if (rc)
        return rc;
    log_begin(act->c, act->row, "receipted", &entry);
    fields_put_integer(&entry, "of", act->m->seq);
    fields_put_hex(&entry, "envelope_hash", envelope->hash, KEY_HASH_SIZE);
    fields_put_integer(&entry, "ledger_index", (int64_t)index);
    fields_put_hex(&entry, "hash", hash, sizeof hash);
    return log_end(act->c, &entry, NULL);
}

/* What it waits for: nothing can be acknowledged in a closed line. */
static int64_t open_of(const struct act *act)
{
    int64_t open = act->is_own ? OPEN_DELIVER : 0;
    if (!act->kind || act->verdict || row_state(act->row) == LINE_CLOSED)
        return open;
    open |= act->kind->asks & MESSAGE_ASKS_SEEN ? OPEN_SEEN : 0;
    return open | (act->kind->asks & MESSAGE_ASKS_ANSWER ? OPEN_ANSWER : 0);
}

static enum tf_status insert(const struct act *act, const struct envelope *envelope, uint64_t index,
                             const struct tf_buf *receipt, int64_t open)
{
    static const char text[] =
        "INSERT INTO line_message (line, own, seq, type, role, hash, ledger_index, sent_us,"
        " received_us, deliver_by_us, seen_by_us, answer_by_us, open, due_us, is_late, is_void,"
        " receipt_us, receipt, envelope) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
        " $12, $13, $14, $15, $16, $17, $18, $19)";
    const struct message *m = act->m;
    const struct stored stored = {.deliver_by_us = m->deliver_by_us,
                                  .seen_by_us = m->seen_by_us,
                                  .answer_by_us = m->answer_by_us,
                                  .open = open};
    struct tf_buf bytes = TF_BUF_INIT(ENVELOPE_TEXT_MAX + 1024);
    envelope_print(envelope, &bytes);
    enum tf_status rc = tf_buf_status(&bytes);
    if (!rc)
        rc = sql_send(
            act->c->sql, text,
            SQL_ARGS(sql_text(act->row->id), sql_int(act->is_own), sql_int(m->seq),
                     sql_text(m->type_name), sql_text(m->role),
                     sql_blob(envelope->hash, KEY_HASH_SIZE), sql_int((int64_t)index),
                     sql_int(m->sent_us), sql_int(act->c->now_us), sql_int(m->deliver_by_us),
                     sql_int(m->seen_by_us), sql_int(m->answer_by_us), sql_int(open),
                     sql_int(stored_next_due(&stored)), sql_int(act->is_late),
                     sql_int(act->verdict != ACT_GOOD), sql_int(act->is_own ? 0 : act->c->now_us),
                     sql_text(receipt->data), sql_text(bytes.data)));
    tf_buf_release(&bytes);
    return rc;
}

static enum tf_status tell(const struct act *act)
{
    struct tf_buf event = LINE_ENTRY_INIT;
    event_begin(act->row, &event);
    tf_json_put_text(&event, "by", act->is_own ? "own" : "peer");
    fields_put_integer(&event, "seq", act->m->seq);
    tf_json_put_text(&event, "type", act->m->type_name);
    tf_json_put_text(&event, "role", act->m->role);
    if (act->is_late)
        tf_buf_text(&event, ",\"late\":true");
    if (act->verdict)
        tf_buf_text(&event, ",\"void\":true");
    return event_add(act->c, "message", &event);
}

static void count(struct line_hot *hot, const struct act *act, const struct envelope *envelope,
                  int64_t open)
{
    if (act->is_own) {
        if (hot->own_receipted >= hot->own_seq)
            hot->moved_us = act->c->now_us;
        hot->own_seq = act->m->seq;
        memcpy(hot->own_hash, envelope->hash, KEY_HASH_SIZE);
        return;
    }
    hot->peer_seq = act->m->seq;
    memcpy(hot->peer_hash, envelope->hash, KEY_HASH_SIZE);
    hot->waiting += open != 0;
}

enum tf_status keep_message(struct act *act, const struct envelope *envelope)
{
    struct tf_buf receipt = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    int64_t open = open_of(act);
    enum tf_status rc = log_message(act, envelope, &act->ledger_index);
    if (!rc && !act->is_own)
        rc = make_receipt(act, envelope, act->ledger_index, &receipt);
    if (!rc)
        rc = insert(act, envelope, act->ledger_index, &receipt, open);
    tf_buf_release(&receipt);
    if (rc)
        return rc;
    act->hash = envelope->hash;
    count(&act->row->hot, act, envelope, open);
    return tell(act);
}
