/*
 * overtime.c - operations whose end has passed; see turn.h.
 *
 * ops_overtime has those that ring. It is compared with the register each time, so it does not
 * matter who ended one, nor whether that was on this node.
 */
#include "ops/internal.h"
#include "ops/turn.h"

#include <stdio.h>
#include <string.h>

#define BEGAN "('activated', 'nonconforming', 'contingent')"

void ops_overtime_alarm(const char *id, char out[OVERTIME_ALARM_SIZE])
{
    ops_alarm_kind("overtime", id, out, OVERTIME_ALARM_SIZE);
}

/* --- what began ----------------------------------------------------------------------------- */

static enum tf_status ring(const struct line_context *c, int64_t number, const char *id,
                           const char *state, int64_t end_us)
{
    char kind[OVERTIME_ALARM_SIZE], at[TF_TIME_TEXT_SIZE], text[256];
    ops_overtime_alarm(id, kind);
    tf_time_format(end_us * 1000, at);
    snprintf(text, sizeof text, "operation %.128s is %s, and its time passed at %s", id, state, at);
    enum tf_status rc = line_raise_alarm(c, "", kind, "duty-officer", text);
    return rc ? rc
              : sql_exec(c->sql, "INSERT INTO ops_overtime (number, id) VALUES ($1, $2)",
                         SQL_ARGS(sql_int(number), sql_text(id)), NULL);
}

static enum tf_status ring_began(const struct line_context *c)
{
    static const char text[] =
        "SELECT number, id, state, end_us FROM ops_record WHERE owner = '' AND state IN " BEGAN
        " AND end_us <= $1 AND class = 'operation' AND NOT EXISTS (SELECT 1 FROM ops_overtime"
        " WHERE ops_overtime.number = ops_record.number) ORDER BY end_us LIMIT $2";
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql, text, SQL_ARGS(sql_int(c->now_us), sql_int(OVERTIME_MAX)), &rows);
    for (size_t i = 0; i < rows.count && !rc; i++) {
        const struct sql_value *v = sql_at(&rows, i, 0);
        rc = ring(c, v[0].number, v[1].bytes, v[2].bytes, v[3].number);
    }
    sql_rows_release(&rows);
    return rc;
}

/* Ended by somebody, or given more time. */
static enum tf_status fall_silent(const struct line_context *c)
{
    static const char text[] =
        "SELECT ops_overtime.number, ops_overtime.id FROM ops_overtime JOIN ops_record"
        " ON ops_record.number = ops_overtime.number WHERE ops_record.state IN ('ended',"
        " 'withdrawn') OR ops_record.end_us > $1 LIMIT $2";
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql, text, SQL_ARGS(sql_int(c->now_us), sql_int(OVERTIME_MAX)), &rows);
    for (size_t i = 0; i < rows.count && !rc; i++) {
        const struct sql_value *v = sql_at(&rows, i, 0);
        char kind[OVERTIME_ALARM_SIZE];
        ops_overtime_alarm(v[1].bytes, kind);
        rc = line_end_alarm(c, "", kind);
        if (!rc)
            rc = sql_exec(c->sql, "DELETE FROM ops_overtime WHERE number = $1",
                          SQL_ARGS(sql_int(v[0].number)), NULL);
    }
    sql_rows_release(&rows);
    return rc;
}

/* --- what never began ----------------------------------------------------------------------- */

static enum tf_status end(struct ops *ops, const struct line_context *c, const char *id)
{
    const struct ops_deed deed = {.class = OPS_OPERATION, .id = id, .act = OPS_ACT_END};
    const struct ops_who who = {.role = "node", .reason = "time passed"};
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    enum tf_status rc = ops_act(ops, c, &deed, &who, &verdict, &written, &fault);
    if (!rc)
        ops_verdict_release(&verdict);
    return rc;
}

/* Alone: what cannot be ended by itself is for people, and keeps nothing else waiting. */
static enum tf_status end_alone(struct ops *ops, const struct line_context *c,
                                const struct sql_value *v)
{
    enum tf_status undone, rc = sql_mark(c->sql);
    if (rc)
        return rc;
    rc = ops_end_alone(c, end(ops, c, v[1].bytes), &undone);
    return rc || !undone ? rc : ring(c, v[0].number, v[1].bytes, v[2].bytes, v[3].number);
}

static enum tf_status end_accepted(struct ops *ops, const struct line_context *c)
{
    static const char text[] =
        "SELECT number, id, state, end_us FROM ops_record WHERE owner = '' AND state = 'accepted'"
        " AND end_us <= $1 AND class = 'operation' AND NOT EXISTS (SELECT 1 FROM ops_overtime"
        " WHERE ops_overtime.number = ops_record.number) ORDER BY end_us LIMIT $2";
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql, text, SQL_ARGS(sql_int(c->now_us), sql_int(OVERTIME_MAX)), &rows);
    for (size_t i = 0; i < rows.count && !rc; i++)
        rc = end_alone(ops, c, sql_at(&rows, i, 0));
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ops_overtime(struct ops *ops, const struct line_context *c)
{
    enum tf_status rc = fall_silent(c);
    if (!rc)
        rc = ring_began(c);
    return rc ? rc : end_accepted(ops, c);
}
