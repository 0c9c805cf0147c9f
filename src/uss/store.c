/*
 * store.c - tables of a USS, and its own operational intents.
 */
#include "uss/store.h"

#include "uss/entry.h"
#include "uss/telemetry.h"
#include <stdio.h>

static const char *const steps[] = {
    "CREATE TABLE uss_flight (id TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL,"
    " manager TEXT NOT NULL, url TEXT NOT NULL, ovn TEXT NOT NULL, version BIGINT NOT NULL,"
    " subscription TEXT NOT NULL, start_us BIGINT NOT NULL, end_us BIGINT NOT NULL,"
    " details TEXT NOT NULL, wanted_state TEXT NOT NULL, wanted TEXT NOT NULL,"
    " is_untold BIGINT NOT NULL) @STRICT@;"
    "CREATE TABLE uss_tell (number @IDENTITY@, intent TEXT NOT NULL, url TEXT NOT NULL,"
    " body TEXT NOT NULL, made_us BIGINT NOT NULL, due_us BIGINT NOT NULL,"
    " give_up_us BIGINT NOT NULL, tries BIGINT NOT NULL, done_us BIGINT NOT NULL,"
    " status BIGINT NOT NULL, why TEXT NOT NULL) @STRICT@;"
    "CREATE INDEX uss_tell_due ON uss_tell (done_us, due_us);"
    "CREATE INDEX uss_tell_intent ON uss_tell (intent, done_us);"
    "CREATE TABLE uss_heard (id TEXT NOT NULL, sender TEXT NOT NULL, class TEXT NOT NULL,"
    " version BIGINT NOT NULL, has_ended BIGINT NOT NULL, reference TEXT NOT NULL, details TEXT "
    "NOT NULL,"
    " start_us BIGINT NOT NULL, end_us BIGINT NOT NULL, at_us BIGINT NOT NULL,"
    " PRIMARY KEY (id, sender)) @STRICT@;"
    "CREATE INDEX uss_heard_sender ON uss_heard (sender);"
    "CREATE TABLE uss_alert (number @IDENTITY@, own TEXT NOT NULL, other TEXT NOT NULL,"
    " sender TEXT NOT NULL, version BIGINT NOT NULL, at_us BIGINT NOT NULL, body TEXT NOT NULL,"
    " UNIQUE (own, other, sender, version)) @STRICT@;"
    "CREATE INDEX uss_alert_at ON uss_alert (at_us);"
    "CREATE TABLE uss_report (id TEXT NOT NULL PRIMARY KEY, sender TEXT NOT NULL,"
    " at_us BIGINT NOT NULL, body TEXT NOT NULL) @STRICT@;"
    "CREATE TABLE uss_answer (request TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL,"
    " at_us BIGINT NOT NULL) @STRICT@",
    "CREATE TABLE uss_setting (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) @STRICT@;"
    "CREATE TABLE uss_operation (op TEXT NOT NULL PRIMARY KEY, intent TEXT NOT NULL UNIQUE,"
    " is_published BIGINT NOT NULL, act TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL,"
    " source TEXT NOT NULL, reason TEXT NOT NULL, allow TEXT NOT NULL, feature TEXT NOT NULL,"
    " extra TEXT NOT NULL, base TEXT NOT NULL, asked_us BIGINT NOT NULL, due_us BIGINT NOT NULL,"
    " tries BIGINT NOT NULL, result TEXT NOT NULL, why TEXT NOT NULL, verdict TEXT NOT NULL,"
    " settled_us BIGINT NOT NULL) @STRICT@;"
    "CREATE INDEX uss_operation_due ON uss_operation (due_us)",
    ("CREATE TABLE uss_telemetry (intent TEXT NOT NULL, at_us BIGINT NOT NULL, body TEXT NOT NULL,"
     " PRIMARY KEY (intent, at_us)) @STRICT@"),
    "CREATE TABLE uss_constraint (zone TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " is_wanted BIGINT NOT NULL, due_us BIGINT NOT NULL, tries BIGINT NOT NULL, ovn TEXT NOT NULL,"
    " version BIGINT NOT NULL, reference TEXT NOT NULL, details TEXT NOT NULL,"
    " why TEXT NOT NULL) @STRICT@;"
    "ALTER TABLE uss_tell ADD COLUMN is_constraint BIGINT NOT NULL DEFAULT 0",
    "CREATE TABLE uss_exchange (number @IDENTITY@, is_client BIGINT NOT NULL, method TEXT NOT NULL,"
    " url TEXT NOT NULL, token TEXT NOT NULL, asked_us BIGINT NOT NULL, answered_us BIGINT NOT "
    "NULL,"
    " request @BLOB@, answer @BLOB@, status BIGINT NOT NULL, problem TEXT NOT NULL) @STRICT@;"
    "CREATE INDEX uss_exchange_asked ON uss_exchange (asked_us)",
    "CREATE TABLE uss_enquiry (op TEXT NOT NULL PRIMARY KEY, etag TEXT NOT NULL,"
    " feature TEXT NOT NULL, asked_us BIGINT NOT NULL, near TEXT NOT NULL) @STRICT@"};

enum tf_status uss_prepare(struct sql *sql, char why[SQL_WHY_SIZE])
{
    return sql_migrate(sql, "uss", steps, sizeof steps / sizeof *steps, why);
}

void uss_flight_release(struct uss_flight *flight)
{
    uss_details_release(&flight->details);
    uss_details_release(&flight->wanted);
}

/* --- reading -------------------------------------------------------------------------------- */

enum {
    STATE,
    MANAGER,
    URL,
    OVN,
    VERSION,
    SUBSCRIPTION,
    START,
    END,
    DETAILS,
    WANTED_STATE,
    WANTED,
    UNTOLD
};
#define COLUMNS                                                                                    \
    "state, manager, url, ovn, version, subscription, start_us, end_us, details, wanted_state, "   \
    "wanted, is_untold"

static enum tf_status parse_details(const struct sql_value *text, struct uss_details *out)
{
    json_t *json = NULL;
    struct tf_fault fault;
    if (text->len == 0)
        return TF_OK;
    enum tf_status rc = uss_parse(text->bytes, text->len, &json, &fault);
    if (!rc)
        rc = uss_read_details(json, out, &fault);
    json_decref(json);
    return rc == TF_NOMEM ? rc : rc ? TF_SYNTAX : TF_OK;
}

static enum tf_status read_reference(const struct sql_value *v, const struct tf_uuid *id,
                                     struct uss_reference *r)
{
    *r = (struct uss_reference){.id = *id,
                                .version = v[VERSION].number,
                                .start_ns = v[START].number * 1000,
                                .end_ns = v[END].number * 1000};
    snprintf(r->manager, sizeof r->manager, "%s", v[MANAGER].bytes);
    snprintf(r->url, sizeof r->url, "%s", v[URL].bytes);
    snprintf(r->ovn, sizeof r->ovn, "%s", v[OVN].bytes);
    if (v[SUBSCRIPTION].len &&
        !tf_uuid_parse(v[SUBSCRIPTION].bytes, v[SUBSCRIPTION].len, &r->subscription))
        return TF_SYNTAX;
    return tf_state_from_word(v[STATE].bytes, &r->state) ? TF_SYNTAX : TF_OK;
}

static enum tf_status find_row(const struct line_context *c, const struct tf_uuid *id,
                               struct sql_rows *rows)
{
    char text[TF_UUID_TEXT_SIZE];
    tf_uuid_format(id, text);
    enum tf_status rc = sql_query(c->sql, "SELECT " COLUMNS " FROM uss_flight WHERE id = $1",
                                  SQL_ARGS(sql_text(text)), rows);
    if (!rc && rows->count == 0) {
        sql_rows_release(rows);
        rc = TF_NOT_FOUND;
    }
    return rc;
}

enum tf_status uss_flight_find(const struct line_context *c, const struct tf_uuid *id,
                               struct uss_flight *out)
{
    struct sql_rows rows = {0};
    struct uss_flight f = {0};
    enum tf_status rc = find_row(c, id, &rows);
    if (rc)
        return rc;
    const struct sql_value *v = sql_at(&rows, 0, 0);
    rc = read_reference(v, id, &f.reference);
    f.in_doubt = v[WANTED_STATE].len > 0;
    f.is_untold = v[UNTOLD].number != 0;
    if (!rc && f.in_doubt && tf_state_from_word(v[WANTED_STATE].bytes, &f.wanted_state))
        rc = TF_SYNTAX;
    if (!rc)
        rc = parse_details(&v[DETAILS], &f.details);
    if (!rc)
        rc = parse_details(&v[WANTED], &f.wanted);
    sql_rows_release(&rows);
    if (rc)
        uss_flight_release(&f);
    else
        *out = f;
    return rc;
}

enum tf_status uss_flight_each(const struct line_context *c, bool only_unsettled,
                               bool (*visit)(void *ctx, const struct tf_uuid *id, int64_t end_us),
                               void *ctx)
{
    struct sql_rows rows = {0};
    enum tf_status rc =
        only_unsettled ? sql_query(c->sql,
                                   "SELECT id, end_us FROM uss_flight WHERE wanted_state <> '' OR"
                                   " is_untold <> 0 OR end_us < $1 ORDER BY id LIMIT 1000",
                                   SQL_ARGS(sql_int(c->now_us)), &rows)
                       : sql_query(c->sql, "SELECT id, end_us FROM uss_flight ORDER BY id",
                                   SQL_NO_ARGS, &rows);
    for (size_t i = 0; !rc && i < rows.count; i++) {
        struct tf_uuid id;
        const struct sql_value *text = sql_at(&rows, i, 0);
        if (tf_uuid_parse(text->bytes, text->len, &id) &&
            !visit(ctx, &id, sql_at(&rows, i, 1)->number))
            break;
    }
    sql_rows_release(&rows);
    return rc;
}

enum tf_status uss_flight_print(const struct line_context *c, const struct tf_uuid *id,
                                struct tf_buf *out, enum tf_state *state)
{
    struct sql_rows rows = {0};
    struct uss_reference r;
    enum tf_status rc = find_row(c, id, &rows);
    if (rc)
        return rc;
    const struct sql_value *v = sql_at(&rows, 0, 0);
    rc = read_reference(v, id, &r);
    if (!rc && r.state == TF_STATE_DRAFT)
        rc = TF_NOT_FOUND;
    if (!rc) {
        tf_buf_text(out, "{\"reference\":");
        uss_put_reference(out, &r);
        tf_buf_text(out, ",\"details\":");
        tf_buf_append(out, v[DETAILS].bytes, v[DETAILS].len);
        tf_buf_char(out, '}');
        rc = tf_buf_status(out);
    }
    if (!rc && state)
        *state = r.state;
    sql_rows_release(&rows);
    return rc;
}

/* --- writing -----------------------------------------------------------------------------------
 */

static enum tf_status count_flights(const struct line_context *c)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, "SELECT COUNT(*) FROM uss_flight", SQL_NO_ARGS, &rows);
    if (!rc && sql_at(&rows, 0, 0)->number >= USS_FLIGHTS_MAX)
        rc = TF_RANGE; /* not TF_LIMIT: that would undo the commands beside it */
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status add_draft(const struct line_context *c, const char *id)
{
    enum tf_status rc = count_flights(c);
    if (rc)
        return rc;
    return sql_exec(c->sql,
                    "INSERT INTO uss_flight (id, " COLUMNS ") VALUES ($1, 'draft', '', '', '', 0,"
                    " '', 0, 9000000000000000, '', '', '', 0)",
                    SQL_ARGS(sql_text(id)), NULL);
}

enum tf_status uss_flight_want(const struct line_context *c, const struct tf_uuid *id,
                               enum tf_state state, const struct uss_details *details)
{
    char text[TF_UUID_TEXT_SIZE];
    struct sql_rows rows = {0};
    struct tf_buf wanted = TF_BUF_INIT(USS_BODY_MAX);
    tf_uuid_format(id, text);
    enum tf_status rc = details ? uss_put_details(&wanted, details) : TF_OK;
    if (!rc)
        rc = find_row(c, id, &rows);
    sql_rows_release(&rows);
    if (rc == TF_NOT_FOUND)
        rc = add_draft(c, text);
    if (!rc)
        rc = sql_exec(c->sql, "UPDATE uss_flight SET wanted_state = $2, wanted = $3 WHERE id = $1",
                      SQL_ARGS(sql_text(text), sql_text(tf_state_word(state)),
                               sql_text(wanted.data ? wanted.data : "")),
                      NULL);
    tf_buf_release(&wanted);
    return rc;
}

static enum tf_status log_flight(const struct line_context *c, const struct uss_reference *r,
                                 const struct tf_buf *details)
{
    struct uss_entry entry;
    uss_entry_begin(&entry, c, "uss.intent");
    uss_entry_id(&entry, &r->id);
    uss_entry_text(&entry, "state", uss_state_word(r->state));
    uss_entry_number(&entry, "version", r->version);
    uss_entry_text(&entry, "ovn", r->ovn);
    uss_entry_hash(&entry, "details", details->data, details->len);
    return uss_entry_end(&entry, c);
}

enum tf_status uss_flight_set(const struct line_context *c, const struct uss_reference *r,
                              const struct uss_details *details, bool is_untold)
{
    char id[TF_UUID_TEXT_SIZE], subscription[TF_UUID_TEXT_SIZE];
    struct tf_buf text = TF_BUF_INIT(USS_BODY_MAX);
    int64_t changed = 0;
    tf_uuid_format(&r->id, id);
    tf_uuid_format(&r->subscription, subscription);
    enum tf_status rc = uss_put_details(&text, details);
    if (!rc)
        rc =
            sql_exec(c->sql,
                     "UPDATE uss_flight SET state = $2, manager = $3, url = $4, ovn = $5,"
                     " version = $6, subscription = $7, start_us = $8, end_us = $9, details = $10,"
                     " wanted_state = '', wanted = '', is_untold = $11 WHERE id = $1",
                     SQL_ARGS(sql_text(id), sql_text(tf_state_word(r->state)), sql_text(r->manager),
                              sql_text(r->url), sql_text(r->ovn), sql_int(r->version),
                              sql_text(subscription), sql_int(r->start_ns / 1000),
                              sql_int(r->end_ns / 1000), sql_text(text.data), sql_int(is_untold)),
                     &changed);
    if (!rc && changed == 0)
        rc = TF_NOT_FOUND;
    if (!rc)
        rc = log_flight(c, r, &text);
    tf_buf_release(&text);
    return rc;
}

enum tf_status uss_flight_unwant(const struct line_context *c, const struct tf_uuid *id)
{
    char text[TF_UUID_TEXT_SIZE];
    tf_uuid_format(id, text);
    enum tf_status rc = sql_exec(c->sql, "DELETE FROM uss_flight WHERE id = $1 AND state = 'draft'",
                                 SQL_ARGS(sql_text(text)), NULL);
    if (!rc)
        rc = sql_exec(c->sql, "UPDATE uss_flight SET wanted_state = '', wanted = '' WHERE id = $1",
                      SQL_ARGS(sql_text(text)), NULL);
    return rc;
}

enum tf_status uss_flight_end(const struct line_context *c, const struct tf_uuid *id,
                              const char *why)
{
    char text[TF_UUID_TEXT_SIZE];
    struct uss_entry entry;
    int64_t changed = 0;
    tf_uuid_format(id, text);
    enum tf_status rc = sql_exec(c->sql, "DELETE FROM uss_flight WHERE id = $1",
                                 SQL_ARGS(sql_text(text)), &changed);
    if (!rc && changed > 0)
        rc = uss_telemetry_forget(c, id);
    if (rc || changed == 0)
        return rc;
    uss_entry_begin(&entry, c, "uss.ended");
    uss_entry_id(&entry, id);
    uss_entry_text(&entry, "why", why);
    return uss_entry_end(&entry, c);
}
