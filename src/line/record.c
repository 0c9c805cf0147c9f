/*
 * record.c - what is written down beside a change: entries of the ledger, events, evidence, the
 * history of a line.
 */
#include "line/internal.h"

#include <assert.h>

/* --- the ledger -------------------------------------------------------------------------- */

void log_begin(const struct line_context *c, const struct line_row *row, const char *kind,
               struct tf_buf *entry)
{
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(c->now_us * 1000, at);
    tf_buf_printf(entry, "{\"kind\":\"%s\",\"at\":\"%s\"", kind, at);
    if (*c->actor)
        tf_json_put_text(entry, "actor", c->actor);
    if (row) {
        tf_json_put_text(entry, "line", row->id);
        tf_json_put_text(entry, "peer", row->peer);
    }
}

enum tf_status log_end(const struct line_context *c, struct tf_buf *entry, uint64_t *index)
{
    tf_buf_char(entry, '}');
    enum tf_status rc = tf_buf_status(entry);
    if (!rc)
        rc = ledger_append(c->ledger, entry->data, entry->len, index);
    tf_buf_release(entry);
    return rc;
}

void log_put_envelope(struct tf_buf *entry, const struct envelope *envelope)
{
    uint8_t hash[KEY_HASH_SIZE];
    const struct key_piece piece = {envelope->payload, envelope->payload_len};
    key_sha256(&piece, 1, hash);
    fields_put_hex(entry, "hash", envelope->hash, KEY_HASH_SIZE);
    tf_buf_text(entry, ",\"envelope\":{\"payloadType\":");
    tf_buf_json(entry, envelope->type);
    fields_put_hex(entry, "payload_sha256", hash, sizeof hash);
    tf_buf_text(entry, ",\"signatures\":[{\"keyid\":\"");
    char keyid[2 * KEY_HASH_SIZE + 1];
    key_hex(envelope->keyid, KEY_HASH_SIZE, keyid);
    tf_buf_text(entry, keyid);
    tf_buf_text(entry, "\",\"sig\":\"");
    key_base64(envelope->signature, KEY_SIGNATURE_SIZE, entry);
    tf_buf_text(entry, "\"}]}");
}

/* --- events -------------------------------------------------------------------------------- */

void event_begin(const struct line_row *row, struct tf_buf *json)
{
    tf_buf_text(json, "{\"v\":1");
    if (!row)
        return;
    tf_json_put_text(json, "line", row->id);
    tf_json_put_text(json, "peer", row->peer);
}

enum tf_status event_add(const struct line_context *c, const char *kind, struct tf_buf *json)
{
    tf_buf_char(json, '}');
    enum tf_status rc = tf_buf_status(json);
    if (!rc)
        rc = sql_send(c->sql, "INSERT INTO line_event (at_us, kind, json) VALUES ($1, $2, $3)",
                      SQL_ARGS(sql_int(c->now_us), sql_text(kind), sql_text(json->data)));
    tf_buf_release(json);
    return rc;
}

enum tf_status line_add_event(const struct line_context *c, const char *kind, const char *json)
{
    return sql_send(c->sql, "INSERT INTO line_event (at_us, kind, json) VALUES ($1, $2, $3)",
                    SQL_ARGS(sql_int(c->now_us), sql_text(kind), sql_text(json)));
}

/* --- evidence -------------------------------------------------------------------------------- */

/* *known: this very thing is kept; *count: how many of its kind. */
static enum tf_status evidence_count(const struct line_context *c, const struct line_row *row,
                                     const char *kind, const uint8_t hash[KEY_HASH_SIZE],
                                     bool *known, size_t *count)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql, "SELECT hash FROM line_evidence WHERE line = $1 AND kind = $2",
                  SQL_ARGS(sql_text(row->id), sql_text(kind)), &rows);
    if (rc)
        return rc;
    *count = rows.count;
    *known = false;
    for (size_t i = 0; i < rows.count; i++)
        *known = *known || (sql_at(&rows, i, 0)->len == KEY_HASH_SIZE &&
                            memcmp(sql_at(&rows, i, 0)->bytes, hash, KEY_HASH_SIZE) == 0);
    sql_rows_release(&rows);
    return TF_OK;
}

enum tf_status evidence_keep(const struct line_context *c, const struct line_row *row,
                             const char *kind, int64_t seq, const uint8_t hash[KEY_HASH_SIZE],
                             const char *text, size_t len, bool *kept)
{
    struct tf_buf entry = LINE_ENTRY_INIT;
    const struct key_piece piece = {text, len};
    uint8_t sum[KEY_HASH_SIZE];
    uint64_t index;
    size_t count;
    bool known;
    *kept = false;
    enum tf_status rc = evidence_count(c, row, kind, hash, &known, &count);
    if (rc || known || count >= LINE_EVIDENCE_MAX)
        return rc;
    key_sha256(&piece, 1, sum);
    log_begin(c, row, "evidence", &entry);
    tf_json_put_text(&entry, "of", kind);
    fields_put_integer(&entry, "seq", seq);
    fields_put_hex(&entry, "hash", hash, KEY_HASH_SIZE);
    fields_put_hex(&entry, "sha256", sum, sizeof sum);
    rc = log_end(c, &entry, &index);
    if (rc)
        return rc;
    *kept = true;
    return sql_send(c->sql,
                    "INSERT INTO line_evidence (line, kind, seq, hash, text, at_us, ledger_index)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    SQL_ARGS(sql_text(row->id), sql_text(kind), sql_int(seq),
                             sql_blob(hash, KEY_HASH_SIZE),
                             ((struct sql_value){.type = SQL_TEXT, .bytes = text, .len = len}),
                             sql_int(c->now_us), sql_int((int64_t)index)));
}

/* --- the line's history --------------------------------------------------------------------------
 */

static void put_change(struct tf_buf *out, const struct line_row *row, enum line_state before,
                       const char *act, const char *reason, bool is_own)
{
    tf_json_put_text(out, "act", act);
    tf_json_put_text(out, "by", is_own ? "own" : "peer");
    tf_json_put_text(out, "before", line_state_name(before));
    tf_json_put_text(out, "state", line_state_name(row_state(row)));
    if (*reason)
        tf_json_put_text(out, "reason", reason);
}

enum tf_status state_changed(const struct line_context *c, struct line_row *row,
                             enum line_state before, const char *act, const char *reason,
                             bool is_own, int64_t seq)
{
    struct tf_buf entry = LINE_ENTRY_INIT, event = LINE_ENTRY_INIT;
    enum line_state after = row_state(row);
    uint64_t index;
    assert(before == after || line_may_move(before, after));
    log_begin(c, row, "state", &entry);
    put_change(&entry, row, before, act, reason, is_own);
    fields_put_integer(&entry, "seq", seq);
    enum tf_status rc = log_end(c, &entry, &index);
    if (!rc)
        rc = sql_send(c->sql,
                      "INSERT INTO line_change (line, at_us, own, seq, act, state_before,"
                      " state_after, reason, ledger_index)"
                      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                      SQL_ARGS(sql_text(row->id), sql_int(c->now_us), sql_int(is_own), sql_int(seq),
                               sql_text(act), sql_int(before), sql_int(after), sql_text(reason),
                               sql_int((int64_t)index)));
    if (rc)
        return rc;
    event_begin(row, &event);
    put_change(&event, row, before, act, reason, is_own);
    return event_add(c, "state", &event);
}
