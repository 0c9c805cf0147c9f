/*
 * stored.c - messages that were written down, and what they still wait for.
 */
#include "line/internal.h"

#include <stdio.h>

#define STORED                                                                                     \
    "SELECT own, seq, type, hash, deliver_by_us, seen_by_us, answer_by_us, open, alarmed, due_us," \
    " rung, rung_us, receipt_us, seen_us, forwarded_us, answered_us, superseded_by, is_void"       \
    " FROM line_message "

static void take_stored(const struct sql_rows *rows, size_t row, struct stored *out)
{
    const struct sql_value *at = sql_at(rows, row, 0);
    memset(out, 0, sizeof *out);
    out->is_own = at++->number != 0;
    out->seq = at++->number;
    snprintf(out->type, sizeof out->type, "%s", at++->bytes);
    if (at->len == KEY_HASH_SIZE)
        memcpy(out->hash, at->bytes, KEY_HASH_SIZE);
    at++;
    int64_t *const numbers[] = {
        &out->deliver_by_us, &out->seen_by_us,  &out->answer_by_us, &out->open,       &out->alarmed,
        &out->due_us,        &out->rung,        &out->rung_us,      &out->receipt_us, &out->seen_us,
        &out->forwarded_us,  &out->answered_us, &out->superseded_by};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = at++->number;
    out->is_void = at++->number != 0;
}

enum tf_status stored_load(const struct line_context *c, const struct line_row *row, bool is_own,
                           int64_t seq, struct stored *out, bool *found)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql, STORED "WHERE line = $1 AND own = $2 AND seq = $3",
                  SQL_ARGS(sql_text(row->id), sql_int(is_own), sql_int(seq)), &rows);
    if (rc)
        return rc;
    *found = rows.count > 0;
    if (*found)
        take_stored(&rows, 0, out);
    sql_rows_release(&rows);
    return TF_OK;
}

enum tf_status stored_due(const struct line_context *c, const struct line_row *row, int64_t now_us,
                          size_t limit, struct stored *out, size_t *count, int64_t *next_us)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql, STORED "WHERE line = $1 AND due_us > 0 ORDER BY due_us LIMIT $2",
                  SQL_ARGS(sql_text(row->id), sql_int((int64_t)limit + 1)), &rows);
    if (rc)
        return rc;
    *count = 0;
    *next_us = 0;
    for (size_t i = 0; i < rows.count && !*next_us; i++) {
        struct stored m;
        take_stored(&rows, i, &m);
        if (m.due_us > now_us || *count == limit)
            *next_us = m.due_us;
        else
            out[(*count)++] = m;
    }
    sql_rows_release(&rows);
    return TF_OK;
}

enum tf_status stored_body(const struct line_context *c, const struct line_row *row, bool is_own,
                           int64_t seq, json_t **out)
{
    struct envelope envelope = {0};
    struct message m = {0};
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT envelope FROM line_message"
                  " WHERE line = $1 AND own = $2 AND seq = $3",
                  SQL_ARGS(sql_text(row->id), sql_int(is_own), sql_int(seq)), &rows);
    if (rc)
        return rc;
    const struct sql_value *text = rows.values;
    rc = rows.count ? envelope_parse(text->bytes, text->len, &envelope, NULL) : TF_NOT_FOUND;
    if (!rc)
        rc = message_parse(envelope.payload, envelope.payload_len, &m, NULL);
    if (!rc)
        *out = json_incref(m.body);
    message_release(&m);
    envelope_release(&envelope);
    sql_rows_release(&rows);
    return rc;
}

/* --- what it waits for ---------------------------------------------------------------------------
 */

const char *stored_alarm_kind(int64_t bit)
{
    return bit == OPEN_DELIVER ? "delivery" : bit == OPEN_SEEN ? "seen" : "answer";
}

/* The first deadline that is still ahead, or the time when the next role takes over. */
int64_t stored_next_due(const struct stored *m)
{
    const int64_t by_us[] = {m->deliver_by_us, m->seen_by_us, m->answer_by_us};
    int64_t due_us = m->open & m->alarmed ? m->rung_us : 0;
    for (size_t i = 0; i < 3; i++) {
        int64_t bit = INT64_C(1) << i;
        bool counts = (m->open & bit) && !(m->alarmed & bit) && by_us[i] > 0;
        if (counts && (due_us == 0 || by_us[i] < due_us))
            due_us = by_us[i];
    }
    return due_us;
}

enum tf_status stored_save(const struct line_context *c, const struct line_row *row,
                           struct stored *m)
{
    m->due_us = stored_next_due(m);
    return sql_send(c->sql,
                    "UPDATE line_message SET open = $1, alarmed = $2, due_us = $3, rung = $4,"
                    " rung_us = $5 WHERE line = $6 AND own = $7 AND seq = $8",
                    SQL_ARGS(sql_int(m->open), sql_int(m->alarmed), sql_int(m->due_us),
                             sql_int(m->rung), sql_int(m->rung_us), sql_text(row->id),
                             sql_int(m->is_own), sql_int(m->seq)));
}

enum tf_status stored_settle(const struct line_context *c, struct line_row *row, struct stored *m,
                             int64_t bits)
{
    enum tf_status rc = TF_OK;
    bits &= m->open;
    if (!bits)
        return TF_OK;
    for (int64_t bit = OPEN_DELIVER; !rc && bit <= OPEN_ANSWER; bit <<= 1)
        if (bits & m->alarmed & bit)
            rc = alarm_end(c, row, stored_alarm_kind(bit), m->is_own, m->seq);
    m->open &= ~bits;
    m->alarmed &= ~bits;
    if (!m->is_own && m->open == 0)
        row->hot.waiting--;
    return rc ? rc : stored_save(c, row, m);
}
