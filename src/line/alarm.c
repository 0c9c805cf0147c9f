/*
 * alarm.c - alarms: raised once, passed from role to role, ended by what they waited for, or by
 * a person.
 */
#include "line/internal.h"

#include <stdio.h>

/* The ledger and who listens. row NULL: of no line. */
static enum tf_status tell(const struct line_context *c, const struct line_row *row,
                           const char *what, int64_t id, const char *kind, bool is_own, int64_t seq,
                           const char *role, const char *text)
{
    struct tf_buf both[2] = {LINE_ENTRY_INIT, LINE_ENTRY_INIT};
    log_begin(c, row, "alarm", &both[0]);
    event_begin(row, &both[1]);
    for (size_t i = 0; i < 2; i++) {
        tf_json_put_text(&both[i], "change", what);
        fields_put_integer(&both[i], "id", id);
        tf_json_put_text(&both[i], "alarm", kind);
        tf_json_put_text(&both[i], "about", is_own ? "own" : "peer");
        fields_put_integer(&both[i], "seq", seq);
        if (role)
            tf_json_put_text(&both[i], "role", role);
        if (text)
            tf_json_put_text(&both[i], "text", text);
    }
    enum tf_status rc = log_end(c, &both[0], NULL);
    if (rc) {
        tf_buf_release(&both[1]);
        return rc;
    }
    return event_add(c, "alarm", &both[1]);
}

static enum tf_status first_role(const struct line_context *c, const struct line_row *row,
                                 char out[MESSAGE_ROLE_SIZE])
{
    struct memorandum rules;
    enum tf_status rc = rules_load(c, row, &rules);
    if (rc)
        return rc;
    snprintf(out, MESSAGE_ROLE_SIZE, "%s", rules.ladder[0].role);
    memo_release(&rules);
    return TF_OK;
}

static const char *line_of(const struct line_row *row)
{
    return row ? row->id : "";
}

enum tf_status alarm_raise(const struct line_context *c, struct line_row *row, const char *kind,
                           bool is_own, int64_t seq, const char *role, const char *text)
{
    char first[MESSAGE_ROLE_SIZE];
    struct sql_rows rows;
    enum tf_status rc = role ? TF_OK : first_role(c, row, first);
    if (!role)
        role = first;
    if (!rc)
        rc = sql_query(c->sql,
                       "INSERT INTO line_alarm (line, kind, own, seq, role, text, at_us)"
                       " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id",
                       SQL_ARGS(sql_text(line_of(row)), sql_text(kind), sql_int(is_own),
                                sql_int(seq), sql_text(role), sql_text(text), sql_int(c->now_us)),
                       &rows);
    if (rc)
        return rc;
    int64_t id = rows.count ? sql_at(&rows, 0, 0)->number : 0;
    sql_rows_release(&rows);
    if (!id)
        return TF_OK;
    if (row)
        row->hot.alarms++;
    return tell(c, row, "raised", id, kind, is_own, seq, role, text);
}

enum tf_status alarm_end(const struct line_context *c, struct line_row *row, const char *kind,
                         bool is_own, int64_t seq)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql,
                  "UPDATE line_alarm SET cleared_us = $1 WHERE line = $2 AND kind = $3"
                  " AND own = $4 AND seq = $5 AND cleared_us = 0 RETURNING id",
                  SQL_ARGS(sql_int(c->now_us), sql_text(line_of(row)), sql_text(kind),
                           sql_int(is_own), sql_int(seq)),
                  &rows);
    if (rc)
        return rc;
    int64_t id = rows.count ? sql_at(&rows, 0, 0)->number : 0;
    sql_rows_release(&rows);
    if (!id)
        return TF_OK;
    if (row)
        row->hot.alarms--;
    return tell(c, row, "ended", id, kind, is_own, seq, NULL, NULL);
}

enum tf_status alarm_pass_on(const struct line_context *c, struct line_row *row, bool is_own,
                             int64_t seq, const char *role)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(
        c->sql,
        "UPDATE line_alarm SET role = $1 WHERE line = $2 AND kind IN"
        " ('delivery', 'seen', 'answer') AND own = $3 AND seq = $4 AND cleared_us = 0"
        " RETURNING id, kind, text",
        SQL_ARGS(sql_text(role), sql_text(row->id), sql_int(is_own), sql_int(seq)), &rows);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < rows.count; i++)
        rc = tell(c, row, "passed on", sql_at(&rows, i, 0)->number, sql_at(&rows, i, 1)->bytes,
                  is_own, seq, role, sql_at(&rows, i, 2)->bytes);
    sql_rows_release(&rows);
    return rc;
}

/* --- of other modules ------------------------------------------------------------------------- */

enum tf_status line_end_alarm(const struct line_context *c, const char *line, const char *kind)
{
    struct line_row row;
    if (!line[0])
        return alarm_end(c, NULL, kind, false, 0);
    enum tf_status rc = row_load(c, line, &row);
    if (!rc)
        rc = alarm_end(c, &row, kind, false, 0);
    return rc ? rc : row_save(c, &row);
}

static enum tf_status raise_anew(const struct line_context *c, struct line_row *row,
                                 const char *kind, const char *role, const char *text)
{
    enum tf_status rc = alarm_end(c, row, kind, false, 0);
    return rc ? rc : alarm_raise(c, row, kind, false, 0, role, text);
}

enum tf_status line_raise_alarm(const struct line_context *c, const char *line, const char *kind,
                                const char *role, const char *text)
{
    struct line_row row;
    if (!line[0])
        return raise_anew(c, NULL, kind, role, text);
    enum tf_status rc = row_load(c, line, &row);
    if (!rc)
        rc = raise_anew(c, &row, kind, role, text);
    return rc ? rc : row_save(c, &row);
}

/* --- by hand ---------------------------------------------------------------------------------- */

/* What nothing else ends: also a danger that came early and never in order. */
static bool is_for_hands(const char *kind, bool is_own, int64_t seq, const struct line_row *row)
{
    static const char *const kinds[] = {"fork",   "contradiction", "readback",
                                        "ledger", "closed",        "return"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    enum message_type type = message_type_named(kind, strlen(kind));
    bool is_early = type != MESSAGE_UNKNOWN && !is_own && seq > row->hot.peer_seq;
    return is_early || row_state(row) == LINE_CLOSED;
}

/* What the alarm was about is not waited for any more. */
static enum tf_status give_up(const struct line_context *c, struct line_row *row, const char *kind,
                              bool is_own, int64_t seq)
{
    struct stored m;
    bool found;
    if (strcmp(kind, "return") == 0)
        row->hot.return_from = -1;
    enum tf_status rc = alarm_end(c, row, kind, is_own, seq);
    if (!rc)
        rc = stored_load(c, row, is_own, seq, &m, &found);
    for (int64_t bit = OPEN_DELIVER; !rc && found && bit <= OPEN_ANSWER; bit <<= 1)
        if (strcmp(kind, stored_alarm_kind(bit)) == 0)
            rc = stored_settle(c, row, &m, bit);
    return rc ? rc : row_save(c, row);
}

static enum tf_status ends_by_itself(struct tf_fault *fault)
{
    return tf_fault_set(fault, TF_UNSUPPORTED, TF_NO_INDEX, "id",
                        TF_TEXT("This alarm ends by itself when what it waits for is there."), NULL,
                        NULL, NULL);
}

enum tf_status line_clear_alarm(const struct line_context *c, int64_t id, struct tf_fault *fault)
{
    struct line_row row;
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT line, kind, own, seq FROM line_alarm"
                                  " WHERE id = $1 AND cleared_us = 0",
                                  SQL_ARGS(sql_int(id)), &rows);
    if (rc)
        return rc;
    const struct sql_value *at = rows.values;
    if (rows.count && !at[0].bytes[0]) {
        /* A hook may be configured no more: then nothing ends it. */
        bool is_hook = strncmp(at[1].bytes, "hook.", 5) == 0;
        rc = is_hook ? alarm_end(c, NULL, at[1].bytes, at[2].number != 0, at[3].number)
                     : ends_by_itself(fault);
        sql_rows_release(&rows);
        return rc;
    }
    rc = rows.count
             ? row_load(c, at[0].bytes, &row)
             : tf_fault_set(fault, TF_NOT_FOUND, TF_NO_INDEX, "id",
                            TF_TEXT("There is no such alarm, or it has ended."), NULL, NULL, NULL);
    if (!rc && !is_for_hands(at[1].bytes, at[2].number != 0, at[3].number, &row))
        rc = ends_by_itself(fault);
    if (!rc)
        rc = give_up(c, &row, at[1].bytes, at[2].number != 0, at[3].number);
    sql_rows_release(&rows);
    return rc;
}
