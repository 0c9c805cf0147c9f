/*
 * claim.c - conflicts that the other side sees, as its proposals say: see case.h.
 */
#include "ops/case_row.h"

#include <stdio.h>

static enum tf_status find_own(const struct line_context *c, const char *line, const char *alias,
                               struct sql_rows *rows)
{
    static const char text[] = "SELECT own_id, class FROM ops_declared WHERE line = $1 AND"
                               " is_own = 1 AND id = $2 AND is_withdrawn = 0 AND own_id <> ''";
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_text(line), sql_text(alias)), rows);
    return !rc && rows->count == 0 ? TF_NOT_FOUND : rc;
}

static bool counts(const struct line_context *c, const struct ops_record *record)
{
    return ops_state_counts(record->state) && !record->is_template && record->end_us > c->now_us;
}

static enum tf_status write(const struct line_context *c, const struct ops_case *one,
                            int64_t until_us)
{
    static const char text[] =
        "INSERT INTO ops_case (id, line, own_class, own_id, other_class, other_id, own_version,"
        " other_version, is_open, opened_us, changed_us, conflict, until_us, sees, claimed) VALUES"
        " ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9, 'null', $10, 0, 1) ON CONFLICT (id) DO"
        " UPDATE SET own_version = $7, other_version = $8, is_open = 1, opened_us = $9,"
        " changed_us = $9, conflict = 'null', until_us = $10, sees = 0, claimed = 1, due_us = 0";
    enum tf_status rc = sql_exec(
        c->sql, text,
        SQL_ARGS(sql_text(one->id), sql_text(one->line), sql_text(ops_class_word(one->own_class)),
                 sql_text(one->own_id), sql_text(ops_class_word(one->other_class)),
                 sql_text(one->other_id), sql_int(one->own_version), sql_int(one->other_version),
                 sql_int(c->now_us), sql_int(until_us)),
        NULL);
    return rc ? rc : case_change(c, one, true);
}

/* TF_NOT_FOUND: one of the two is not known here, or over. */
static enum tf_status open_theirs(const struct line_context *c, const char *line, const char *id,
                                  const char *own_id, enum ops_class class, const char *other_id)
{
    struct sql_rows own_rows = {0}, other_rows = {0};
    struct ops_record own, other;
    struct ops_case one = {.line = line,
                           .own_class = class,
                           .own_id = own_id,
                           .other_class = OPS_OPERATION, /* who proposes moves */
                           .other_id = other_id};
    snprintf(one.id, sizeof one.id, "%s", id);
    enum tf_status rc = ops_row_find(c, "", class, own_id, &own_rows, &own);
    if (!rc)
        rc = ops_row_find(c, line, OPS_OPERATION, other_id, &other_rows, &other);
    if (!rc && !(counts(c, &own) && counts(c, &other)))
        rc = TF_NOT_FOUND;
    if (!rc) {
        one.own_version = own.version;
        one.other_version = other.version;
        rc = write(c, &one, own.end_us < other.end_us ? own.end_us : other.end_us);
    }
    sql_rows_release(&own_rows);
    sql_rows_release(&other_rows);
    return rc;
}

enum tf_status case_claim(const struct line_context *c, const char *line, const char *id,
                          const char *own_alias, const char *other_id)
{
    static const char text[] =
        "UPDATE ops_case SET claimed = 1 WHERE id = $1 AND line = $2 AND is_open = 1";
    struct sql_rows rows = {0};
    enum ops_class class;
    int64_t changed = 0;
    enum tf_status rc = sql_exec(c->sql, text, SQL_ARGS(sql_text(id), sql_text(line)), &changed);
    if (rc || changed > 0)
        return rc;
    rc = find_own(c, line, own_alias, &rows);
    if (!rc)
        rc = ops_class_from_word(sql_at(&rows, 0, 1)->bytes, &class);
    if (!rc)
        rc = open_theirs(c, line, id, sql_at(&rows, 0, 0)->bytes, class, other_id);
    sql_rows_release(&rows);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

enum tf_status case_unclaim(const struct line_context *c, const char *line, const char *id)
{
    return sql_exec(c->sql,
                    "UPDATE ops_case SET claimed = 0, due_us = 0 WHERE id = $1 AND line = $2"
                    " AND claimed = 1",
                    SQL_ARGS(sql_text(id), sql_text(line)), NULL);
}
