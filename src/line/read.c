/*
 * read.c - lines and messages read back.
 */
#include "line/internal.h"

#include <stdio.h>

/* --- lines ------------------------------------------------------------------------------------ */

static void describe(const struct line_row *row, struct line_info *out)
{
    const struct line_hot *h = &row->hot;
    *out = (struct line_info){.round = row->round,
                              .own = (enum line_stance)h->own_stance,
                              .other = (enum line_stance)h->peer_stance,
                              .is_degraded = h->is_degraded != 0,
                              .is_forked = h->is_forked != 0,
                              .state = row_state(row),
                              .own_seq = h->own_seq,
                              .own_receipted = h->own_receipted,
                              .peer_seq = h->peer_seq,
                              .peer_sent = h->peer_sent,
                              .heard_us = h->heard_us,
                              .beat_us = h->beat_us,
                              .checked_us = row->cold.drill_us,
                              .memo_number = row->cold.memo_number,
                              .open_alarms = h->alarms,
                              .waiting = h->waiting};
    memcpy(out->id, row->id, sizeof out->id);
    memcpy(out->peer, row->peer, sizeof out->peer);
    memcpy(out->reason, row->cold.reason, sizeof out->reason);
}

/* The one line whose id begins so. */
static enum tf_status find_prefix(const struct line_context *c, const char *name,
                                  struct line_row *out)
{
    char pattern[LINE_ID_SIZE + 1];
    struct sql_rows rows;
    size_t len = strlen(name);
    if (len == 0 || len >= LINE_ID_SIZE || strspn(name, "0123456789abcdef") != len)
        return TF_NOT_FOUND;
    snprintf(pattern, sizeof pattern, "%s%%", name);
    enum tf_status rc = sql_query(c->sql, "SELECT id FROM line WHERE id LIKE $1 LIMIT 2",
                                  SQL_ARGS(sql_text(pattern)), &rows);
    if (rc)
        return rc;
    rc = rows.count == 1 ? row_load(c, sql_at(&rows, 0, 0)->bytes, out) : TF_NOT_FOUND;
    sql_rows_release(&rows);
    return rc;
}

enum tf_status line_find(const struct line_context *c, const char *name, struct line_info *out)
{
    struct line_row row;
    enum tf_status rc = row_load(c, name, &row);
    if (rc == TF_NOT_FOUND)
        rc = row_newest(c, name, &row);
    if (rc == TF_NOT_FOUND)
        rc = find_prefix(c, name, &row);
    if (!rc)
        describe(&row, out);
    return rc;
}

enum tf_status line_each(const struct line_context *c,
                         bool (*visit)(void *ctx, const struct line_info *info), void *ctx)
{
    struct sql_rows rows;
    struct line_row row;
    struct line_info info;
    enum tf_status rc =
        sql_query(c->sql, "SELECT id FROM line ORDER BY peer, round", SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    bool goes_on = true;
    for (size_t i = 0; !rc && goes_on && i < rows.count; i++) {
        rc = row_load(c, sql_at(&rows, i, 0)->bytes, &row);
        if (rc)
            break;
        describe(&row, &info);
        goes_on = visit(ctx, &info);
    }
    sql_rows_release(&rows);
    return rc;
}

/* --- messages -----------------------------------------------------------------------------------
 */

#define MESSAGE                                                                                    \
    "SELECT line, type, role, envelope, seq, sent_us, received_us, receipt_us, seen_us,"           \
    " forwarded_us, answered_us, assessment, reason, seen_role, deliver_by_us, seen_by_us,"        \
    " answer_by_us, superseded_by, rung, is_late, is_void, receipt, ledger_index, hash"            \
    " FROM line_message "

static const char *text_or_null(const struct sql_value *value)
{
    return value->type == SQL_TEXT ? value->bytes : NULL;
}

static void take_message(const struct sql_value *at, bool is_own, const struct envelope *envelope,
                         struct line_message *out)
{
    *out = (struct line_message){.line = at[0].bytes,
                                 .type = at[1].bytes,
                                 .role = at[2].bytes,
                                 .envelope = at[3].bytes,
                                 .envelope_len = at[3].len,
                                 .payload = envelope->payload,
                                 .payload_len = envelope->payload_len,
                                 .is_own = is_own,
                                 .seq = at[4].number,
                                 .sent_us = at[5].number,
                                 .received_us = at[6].number,
                                 .receipt_us = at[7].number,
                                 .seen_us = at[8].number,
                                 .forwarded_us = at[9].number,
                                 .answered_us = at[10].number,
                                 .assessment = text_or_null(&at[11]),
                                 .reason = text_or_null(&at[12]),
                                 .seen_role = text_or_null(&at[13]),
                                 .deliver_by_us = at[14].number,
                                 .seen_by_us = at[15].number,
                                 .answer_by_us = at[16].number,
                                 .superseded_by = at[17].number,
                                 .rung = at[18].number,
                                 .is_late = at[19].number != 0,
                                 .is_void = at[20].number != 0,
                                 .receipt = text_or_null(&at[21]),
                                 .ledger_index = (uint64_t)at[22].number};
    memcpy(out->hash, envelope->hash, KEY_HASH_SIZE);
}

/* Only a type that is to be seen is looked into: there may be many others. */
static enum tf_status take_place(const struct line_context *c, struct line_message *m)
{
    if (!(m->asks & MESSAGE_ASKS_SEEN))
        return TF_OK;
    json_t *payload = json_loadb(m->payload, m->payload_len, 0, NULL);
    if (!payload)
        return TF_NOMEM; /* it was read before it was kept */
    m->has_place = act_place(c, m->type, json_object_get(payload, "body"), &m->place);
    json_decref(payload);
    return TF_OK;
}

struct message_visit {
    bool is_own;
    bool (*visit)(void *ctx, const struct line_message *message);
    void *ctx;
};

static enum tf_status visit_message(const struct line_context *c, const struct sql_value *at,
                                    const struct message_visit *v, bool *goes_on)
{
    struct envelope envelope;
    struct line_message message;
    enum tf_status rc = envelope_parse(at[3].bytes, at[3].len, &envelope, NULL);
    if (rc)
        return rc;
    take_message(at, v->is_own, &envelope, &message);
    message.asks = act_asks(c, message.type);
    rc = take_place(c, &message);
    if (!rc)
        *goes_on = v->visit(v->ctx, &message);
    envelope_release(&envelope);
    return rc;
}

enum tf_status line_each_message(const struct line_context *c, const char *line, bool is_own,
                                 int64_t after, size_t limit,
                                 bool (*visit)(void *ctx, const struct line_message *message),
                                 void *ctx)
{
    enum { LIMIT_MAX = 1000 };
    const struct message_visit v = {.is_own = is_own, .visit = visit, .ctx = ctx};
    struct sql_rows rows;
    const struct sql_value most = sql_int(limit < LIMIT_MAX ? (int64_t)limit : LIMIT_MAX);
    enum tf_status rc =
        line ? sql_query(c->sql,
                         MESSAGE "WHERE line = $1 AND own = $2 AND seq > $3 ORDER BY seq LIMIT $4",
                         SQL_ARGS(sql_text(line), sql_int(is_own), sql_int(after), most), &rows)
             : sql_query(c->sql, MESSAGE "WHERE own = $1 AND seq > $2 ORDER BY line, seq LIMIT $3",
                         SQL_ARGS(sql_int(is_own), sql_int(after), most), &rows);
    if (rc)
        return rc;
    bool goes_on = true;
    for (size_t i = 0; !rc && goes_on && i < rows.count; i++)
        rc = visit_message(c, sql_at(&rows, i, 0), &v, &goes_on);
    sql_rows_release(&rows);
    return rc;
}

/* Numbers of events that were given out after the backup are not given out again: they go on from
 * the clock, and whoever comes back with an older one is told to read all anew. */
static enum tf_status skip_events(const struct line_context *c)
{
    static const char event[] =
        "INSERT INTO line_event (id, at_us, kind, json) SELECT CASE WHEN COALESCE(MAX(id), 0) < $1"
        " THEN $1 ELSE MAX(id) + 1 END, $2, 'party', $3 FROM line_event";
    static const char gone[] =
        "INSERT INTO line_gone (one, id) SELECT 1, MAX(id) - 1 FROM line_event WHERE TRUE"
        " ON CONFLICT (one) DO UPDATE SET id = excluded.id";
    enum tf_status rc = sql_exec(c->sql, event,
                                 SQL_ARGS(sql_int(c->now_us / 1000), sql_int(c->now_us),
                                          sql_text("{\"v\":1,\"restored\":true}")),
                                 NULL);
    return rc ? rc : sql_exec(c->sql, gone, SQL_NO_ARGS, NULL);
}

/* After a restore from a backup: see line.h. */
enum tf_status line_restored(const struct line_context *c)
{
    struct tf_buf entry = LINE_ENTRY_INIT;
    log_begin(c, NULL, "restored", &entry);
    enum tf_status rc = log_end(c, &entry, NULL);
    if (!rc)
        rc = skip_events(c);
    return rc ? rc : sql_exec(c->sql, "UPDATE line SET is_wary = 1", SQL_NO_ARGS, NULL);
}
