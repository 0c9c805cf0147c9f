/*
 * prune.c - what is only news gets old: events and alarms that have ended. What was said, states,
 * evidence and the ledger stay for ever.
 */
#include "line/internal.h"

enum tf_status line_event_span(const struct line_context *c, int64_t *gone, int64_t *last)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT (SELECT COALESCE(MAX(id), 0) FROM line_gone),"
                                  " (SELECT COALESCE(MAX(id), 0) FROM line_event)",
                                  SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    *gone = sql_at(&rows, 0, 0)->number;
    *last = sql_at(&rows, 0, 1)->number;
    sql_rows_release(&rows);
    return TF_OK;
}

/* The oldest few, if they are old: a clock that was set back keeps more, never less. */
static enum tf_status prune_events(const struct line_context *c, int64_t before_us, int64_t upto,
                                   int64_t *changed)
{
    struct sql_rows rows;
    int64_t highest = 0;
    enum tf_status rc =
        sql_query(c->sql,
                  "DELETE FROM line_event WHERE at_us < $1 AND id IN"
                  " (SELECT id FROM line_event WHERE id <= $2 ORDER BY id LIMIT $3) RETURNING id",
                  SQL_ARGS(sql_int(before_us), sql_int(upto), sql_int(LINE_PRUNE_MAX)), &rows);
    if (rc)
        return rc;
    for (size_t i = 0; i < rows.count; i++)
        if (sql_at(&rows, i, 0)->number > highest)
            highest = sql_at(&rows, i, 0)->number;
    *changed = (int64_t)rows.count;
    sql_rows_release(&rows);
    if (highest == 0)
        return TF_OK;
    return sql_exec(c->sql,
                    "INSERT INTO line_gone (one, id) VALUES (1, $1)"
                    " ON CONFLICT (one) DO UPDATE SET id = excluded.id WHERE excluded.id >"
                    " line_gone.id",
                    SQL_ARGS(sql_int(highest)), NULL);
}

enum tf_status line_prune(const struct line_context *c, int64_t before_us, int64_t upto, bool *more)
{
    int64_t gone, last, events = 0, alarms = 0;
    enum tf_status rc = line_event_span(c, &gone, &last);
    if (!rc) /* the latest stays: its number is where new readers begin */
        rc = prune_events(c, before_us, upto < last ? upto : last - 1, &events);
    if (!rc)
        rc = sql_exec(c->sql,
                      "DELETE FROM line_alarm WHERE id IN (SELECT id FROM line_alarm"
                      " WHERE cleared_us > 0 AND cleared_us < $1 LIMIT $2)",
                      SQL_ARGS(sql_int(before_us), sql_int(LINE_PRUNE_MAX)), &alarms);
    if (!rc)
        *more = events == LINE_PRUNE_MAX || alarms == LINE_PRUNE_MAX;
    return rc;
}
