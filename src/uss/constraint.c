/*
 * constraint.c - the table of published zones.
 */
#include "uss/constraint.h"

#include "uss/entry.h"
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>

static bool is_published(const struct ops_record *zone)
{
    json_t *extra = json_loadb(zone->extra, zone->extra_len, 0, NULL);
    bool result = json_is_true(json_object_get(extra, "publish"));
    json_decref(extra);
    return result && zone->state == OPS_STATE_ACTIVATED;
}

enum tf_status uss_constraint_follow(const struct line_context *c, const struct ops_record *zone,
                                     bool *due)
{
    uint8_t random[16];
    char id[TF_UUID_TEXT_SIZE];
    bool wanted = is_published(zone);
    int64_t changed = 0;
    enum tf_status rc =
        sql_exec(c->sql,
                 "UPDATE uss_constraint SET is_wanted = $2, due_us = $3, tries = 0,"
                 " why = '' WHERE zone = $1",
                 SQL_ARGS(sql_text(zone->id), sql_int(wanted), sql_int(c->now_us)), &changed);
    *due = wanted || changed > 0;
    if (rc || changed > 0 || !wanted)
        return rc;
    randombytes_buf(random, sizeof random);
    struct tf_uuid made = tf_uuid_v4(random);
    tf_uuid_format(&made, id);
    return sql_exec(c->sql,
                    "INSERT INTO uss_constraint (zone, id, is_wanted, due_us, tries, ovn, version,"
                    " reference, details, why) VALUES ($1, $2, 1, $3, 0, '', 0, '', '', '')",
                    SQL_ARGS(sql_text(zone->id), sql_text(id), sql_int(c->now_us)), NULL);
}

enum tf_status uss_constraint_due(const struct line_context *c, struct uss_constraint *out)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT zone, id, is_wanted, ovn, version, tries, due_us FROM"
                                  " uss_constraint WHERE due_us > 0 AND due_us <= $1"
                                  " ORDER BY due_us LIMIT 1",
                                  SQL_ARGS(sql_int(c->now_us)), &rows);
    if (!rc && rows.count == 0)
        rc = TF_NOT_FOUND;
    if (!rc) {
        const struct sql_value *v = sql_at(&rows, 0, 0);
        *out = (struct uss_constraint){.is_wanted = v[2].number != 0,
                                       .reference = {.version = v[4].number, .is_constraint = true},
                                       .tries = v[5].number,
                                       .due_us = v[6].number};
        snprintf(out->zone, sizeof out->zone, "%s", v[0].bytes);
        snprintf(out->reference.ovn, sizeof out->reference.ovn, "%s", v[3].bytes);
        if (!tf_uuid_parse(v[1].bytes, v[1].len, &out->reference.id))
            rc = TF_SYNTAX;
    }
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status put_details(struct tf_buf *out, const struct uss_volumes *volumes,
                                  const char *type)
{
    tf_buf_text(out, "{\"volumes\":[");
    enum tf_status rc = uss_put_volumes(out, volumes, false);
    tf_buf_text(out, "],\"type\":");
    tf_buf_json(out, type);
    tf_buf_char(out, '}');
    return rc ? rc : tf_buf_status(out);
}

static enum tf_status log_it(const struct line_context *c, const char *kind, const char *zone,
                             const struct tf_uuid *id, const struct uss_reference *r)
{
    struct uss_entry entry;
    uss_entry_begin(&entry, c, kind);
    uss_entry_id(&entry, id);
    uss_entry_text(&entry, "zone", zone);
    if (r)
        uss_entry_number(&entry, "version", r->version);
    if (r)
        uss_entry_text(&entry, "ovn", r->ovn);
    return uss_entry_end(&entry, c);
}

enum tf_status uss_constraint_set(const struct line_context *c, const char *zone,
                                  const struct uss_reference *reference,
                                  const struct uss_volumes *volumes, const char *type,
                                  int64_t due_us)
{
    struct tf_buf details = TF_BUF_INIT(USS_BODY_MAX), text = TF_BUF_INIT(65536);
    enum tf_status rc = put_details(&details, volumes, type);
    uss_put_reference(&text, reference);
    if (!rc)
        rc = tf_buf_status(&text);
    if (!rc)
        rc =
            sql_exec(c->sql,
                     "UPDATE uss_constraint SET tries = 0, ovn = $2, version = $3,"
                     " reference = $4, details = $5, why = '',"
                     " due_us = CASE WHEN due_us = $6 THEN 0 ELSE due_us END WHERE zone = $1",
                     SQL_ARGS(sql_text(zone), sql_text(reference->ovn), sql_int(reference->version),
                              sql_text(text.data), sql_text(details.data), sql_int(due_us)),
                     NULL);
    if (!rc)
        rc = log_it(c, "uss.constraint", zone, &reference->id, reference);
    tf_buf_release(&details);
    tf_buf_release(&text);
    return rc;
}

enum tf_status uss_constraint_gone(const struct line_context *c, const char *zone,
                                   const struct tf_uuid *id)
{
    enum tf_status rc =
        sql_exec(c->sql, "UPDATE uss_constraint SET ovn = '', version = 0 WHERE zone = $1",
                 SQL_ARGS(sql_text(zone)), NULL);
    if (!rc) /* unless it has come back meanwhile */
        rc = sql_exec(c->sql, "DELETE FROM uss_constraint WHERE zone = $1 AND is_wanted = 0",
                      SQL_ARGS(sql_text(zone)), NULL);
    return rc ? rc : log_it(c, "uss.constraint-ended", zone, id, NULL);
}

enum tf_status uss_constraint_fail(const struct line_context *c, const char *zone, const char *ovn,
                                   const char *why, int64_t again_us)
{
    enum tf_status rc = sql_exec(c->sql,
                                 "UPDATE uss_constraint SET due_us = $2, tries = tries + 1,"
                                 " why = $3 WHERE zone = $1",
                                 SQL_ARGS(sql_text(zone), sql_int(again_us), sql_text(why)), NULL);
    if (rc || !ovn)
        return rc;
    return sql_exec(c->sql, "UPDATE uss_constraint SET ovn = $2 WHERE zone = $1",
                    SQL_ARGS(sql_text(zone), sql_text(ovn)), NULL);
}

enum tf_status uss_constraint_print(const struct line_context *c, const struct tf_uuid *id,
                                    struct tf_buf *out)
{
    char text[TF_UUID_TEXT_SIZE];
    struct sql_rows rows = {0};
    tf_uuid_format(id, text);
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT reference, details FROM uss_constraint WHERE id = $1 AND"
                                  " version > 0",
                                  SQL_ARGS(sql_text(text)), &rows);
    if (!rc && rows.count == 0)
        rc = TF_NOT_FOUND;
    if (!rc) {
        tf_buf_text(out, "{\"reference\":");
        tf_buf_text(out, sql_at(&rows, 0, 0)->bytes);
        tf_buf_text(out, ",\"details\":");
        tf_buf_text(out, sql_at(&rows, 0, 1)->bytes);
        tf_buf_char(out, '}');
        rc = tf_buf_status(out);
    }
    sql_rows_release(&rows);
    return rc;
}

enum tf_status uss_constraint_show(const struct line_context *c, const char *zone,
                                   struct tf_buf *out)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT id, version, ovn, due_us, why FROM uss_constraint"
                                  " WHERE zone = $1",
                                  SQL_ARGS(sql_text(zone)), &rows);
    if (!rc && rows.count == 0) {
        tf_buf_text(out, "null");
    } else if (!rc) {
        const struct sql_value *v = sql_at(&rows, 0, 0);
        tf_buf_printf(out, "{\"id\":\"%s\",\"version\":%lld,\"ovn\":", v[0].bytes,
                      (long long)v[1].number);
        tf_buf_json(out, v[2].bytes);
        tf_buf_printf(out, ",\"pending\":%s,\"why\":", v[3].number ? "true" : "false");
        if (v[4].len)
            tf_buf_json(out, v[4].bytes);
        else
            tf_buf_text(out, "null");
        tf_buf_char(out, '}');
    }
    sql_rows_release(&rows);
    return rc ? rc : tf_buf_status(out);
}
