/*
 * said.c - what was told to peers, and what they told: kept in the party's database.
 */
#include "uss/store.h"

#include "uss/enquiry.h"
#include "uss/entry.h"
#include <sodium.h>
#include <stdio.h>

/* Told within 5 s, F3548 wants; who cannot be reached is tried for an hour. */
#define RETRY_US INT64_C(1000000)
#define RETRY_MAX_US INT64_C(60000000)
#define GIVE_UP_US INT64_C(3600000000)
#define DAY_US INT64_C(86400000000)

/* --- telling others -------------------------------------------------------------------------- */

enum tf_status uss_tell_add(const struct line_context *c, const struct tf_uuid *id, const char *url,
                            const char *body, bool is_constraint)
{
    char text[TF_UUID_TEXT_SIZE];
    tf_uuid_format(id, text);
    /* What was true before is of no use to anybody, and must not come after what is true now. */
    enum tf_status rc = sql_exec(c->sql,
                                 "UPDATE uss_tell SET done_us = $3, why = 'superseded'"
                                 " WHERE intent = $1 AND url = $2 AND done_us = 0",
                                 SQL_ARGS(sql_text(text), sql_text(url), sql_int(c->now_us)), NULL);
    if (rc)
        return rc;
    return sql_exec(c->sql,
                    "INSERT INTO uss_tell (intent, url, body, made_us, due_us, give_up_us, tries,"
                    " done_us, status, why, is_constraint)"
                    " VALUES ($1, $2, $3, $4, $4, $5, 0, 0, 0, '', $6)",
                    SQL_ARGS(sql_text(text), sql_text(url), sql_text(body), sql_int(c->now_us),
                             sql_int(c->now_us + GIVE_UP_US), sql_int(is_constraint)),
                    NULL);
}

enum tf_status uss_tell_due(const struct line_context *c, size_t limit,
                            bool (*visit)(void *ctx, const struct uss_telling *telling), void *ctx)
{
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT number, url, body, made_us, due_us, give_up_us, tries, is_constraint FROM"
                  " uss_tell"
                  " WHERE done_us = 0 AND due_us <= $1 ORDER BY due_us, number LIMIT $2",
                  SQL_ARGS(sql_int(c->now_us), sql_int((int64_t)limit)), &rows);
    for (size_t i = 0; !rc && i < rows.count; i++) {
        const struct sql_value *v = sql_at(&rows, i, 0);
        struct uss_telling t = {.number = v[0].number,
                                .url = v[1].bytes,
                                .body = v[2].bytes,
                                .made_us = v[3].number,
                                .due_us = v[4].number,
                                .give_up_us = v[5].number,
                                .tries = v[6].number,
                                .is_constraint = v[7].number != 0};
        if (!visit(ctx, &t))
            break;
    }
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status log_told(const struct line_context *c, const struct sql_value *v,
                               int64_t tries, long status, const char *why)
{
    struct uss_entry entry;
    uss_entry_begin(&entry, c, "uss.told");
    uss_entry_text(&entry, "id", v[0].bytes);
    uss_entry_text(&entry, "url", v[1].bytes);
    uss_entry_hash(&entry, "notification", v[2].bytes, v[2].len);
    uss_entry_number(&entry, "tries", tries);
    uss_entry_number(&entry, "status", status);
    uss_entry_text(&entry, "why", why);
    return uss_entry_end(&entry, c);
}

/* What was not understood will not be the next time; the rest may be. */
static bool is_final(long status)
{
    return (status >= 200 && status < 300) || status == 400 || status == 404 || status == 409 ||
           status == 413;
}

enum tf_status uss_tell_settle(const struct line_context *c, int64_t number, long status,
                               const char *why)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(
        c->sql,
        "SELECT intent, url, body, tries, give_up_us, done_us FROM uss_tell WHERE number = $1",
        SQL_ARGS(sql_int(number)), &rows);
    if (rc || rows.count == 0) {
        sql_rows_release(&rows);
        return rc;
    }
    const struct sql_value *v = sql_at(&rows, 0, 0);
    int64_t tries = v[3].number + 1;
    int64_t wait_us = tries < 7 ? RETRY_US << (tries - 1) : RETRY_MAX_US;
    wait_us += randombytes_uniform((uint32_t)(wait_us / 4)); /* not all at once */
    bool is_over = is_final(status) || v[5].number != 0 || c->now_us + wait_us > v[4].number;
    rc = sql_exec(c->sql,
                  "UPDATE uss_tell SET tries = $2, due_us = $3, done_us = $4, status = $5,"
                  " why = $6 WHERE number = $1",
                  SQL_ARGS(sql_int(number), sql_int(tries), sql_int(c->now_us + wait_us),
                           sql_int(is_over ? c->now_us : 0), sql_int(status), sql_text(why)),
                  NULL);
    if (!rc && (is_over || tries == 1))
        rc = log_told(c, v, tries, status, why);
    sql_rows_release(&rows);
    return rc;
}

/* --- what peers said ----------------------------------------------------------------------------
 */

static enum tf_status check_room(const struct line_context *c, const char *sender)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(
        c->sql,
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN sender = $1 THEN 1 ELSE 0 END), 0) FROM uss_heard",
        SQL_ARGS(sql_text(sender)), &rows);
    if (!rc && (sql_at(&rows, 0, 0)->number >= USS_HEARD_MAX ||
                sql_at(&rows, 0, 1)->number >= USS_HEARD_ONE_MAX))
        rc = TF_RANGE; /* not TF_LIMIT: that would undo the commands beside it */
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status log_heard(const struct line_context *c, const char *sender,
                                const struct uss_notice *notice, const struct tf_buf *details)
{
    struct uss_entry entry;
    uss_entry_begin(&entry, c, "uss.heard");
    uss_entry_id(&entry, &notice->id);
    uss_entry_text(&entry, "from", sender);
    uss_entry_text(&entry, "class", notice->is_constraint ? "constraint" : "intent");
    if (notice->has_ended) {
        uss_entry_text(&entry, "state", "Ended");
    } else {
        uss_entry_text(&entry, "state", uss_state_word(notice->reference.state));
        uss_entry_number(&entry, "version", notice->reference.version);
        uss_entry_hash(&entry, "details", details->data, details->len);
    }
    return uss_entry_end(&entry, c);
}

/* Notifications overtake each other: what is older than what is known comes too late. An end
 * keeps the version that was. */
static enum tf_status compare_heard(const struct line_context *c, const char *id,
                                    const char *sender, const struct uss_notice *notice,
                                    int64_t *version, bool *is_late)
{
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql, "SELECT version, has_ended FROM uss_heard WHERE id = $1 AND sender = $2",
                  SQL_ARGS(sql_text(id), sql_text(sender)), &rows);
    *is_late = false;
    if (!rc && rows.count > 0) {
        int64_t known = sql_at(&rows, 0, 0)->number;
        bool has_ended = sql_at(&rows, 0, 1)->number != 0;
        *is_late = !notice->has_ended && (has_ended ? *version <= known : *version < known);
        if (notice->has_ended)
            *version = known;
    }
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status write_heard(const struct line_context *c, const char *id, const char *sender,
                                  const struct uss_notice *notice, const char *reference,
                                  const char *details)
{
    /* Once it has ended it is of use for a while only. */
    int64_t end_us = notice->has_ended ? c->now_us + DAY_US : notice->reference.end_ns / 1000;
    int64_t version = notice->has_ended ? 0 : notice->reference.version;
    bool is_late;
    enum tf_status rc = compare_heard(c, id, sender, notice, &version, &is_late);
    if (rc || is_late)
        return rc;
    rc = sql_exec(c->sql, "DELETE FROM uss_heard WHERE id = $1 AND sender = $2",
                  SQL_ARGS(sql_text(id), sql_text(sender)), NULL);
    if (!rc)
        rc = check_room(c, sender);
    if (rc)
        return rc;
    return sql_exec(
        c->sql,
        "INSERT INTO uss_heard (id, sender, class, version, has_ended, reference, details,"
        " start_us, end_us, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        SQL_ARGS(sql_text(id), sql_text(sender),
                 sql_text(notice->is_constraint ? "constraint" : "intent"), sql_int(version),
                 sql_int(notice->has_ended), sql_text(reference), sql_text(details),
                 sql_int(notice->has_ended ? end_us : notice->reference.start_ns / 1000),
                 sql_int(end_us), sql_int(c->now_us)),
        NULL);
}

enum tf_status uss_heard_put(const struct line_context *c, const char *sender,
                             const struct uss_notice *notice)
{
    char id[TF_UUID_TEXT_SIZE];
    struct tf_buf reference = TF_BUF_INIT(65536), details = TF_BUF_INIT(USS_BODY_MAX);
    enum tf_status rc = TF_OK;
    tf_uuid_format(&notice->id, id);
    if (!notice->has_ended) {
        uss_put_reference(&reference, &notice->reference);
        rc = uss_put_details(&details, &notice->details);
    }
    if (!rc)
        rc = tf_buf_status(&reference);
    if (!rc)
        rc = write_heard(c, id, sender, notice, reference.data ? reference.data : "",
                         details.data ? details.data : "");
    if (!rc)
        rc = log_heard(c, sender, notice, &details);
    if (!rc)
        rc = uss_alert_notice(c, sender, notice);
    tf_buf_release(&reference);
    tf_buf_release(&details);
    return rc;
}

/* As a USS would have answered it. */
static enum tf_status read_heard(const struct sql_value *v, struct uss_neighbour *out)
{
    struct tf_buf text = TF_BUF_INIT(USS_BODY_MAX);
    struct uss_neighbour made = {0};
    struct tf_fault fault;
    json_t *json = NULL;
    tf_buf_text(&text, "{\"operational_intent\":{\"reference\":");
    tf_buf_append(&text, v[0].bytes, v[0].len);
    tf_buf_text(&text, ",\"details\":");
    tf_buf_append(&text, v[1].bytes, v[1].len);
    tf_buf_text(&text, "}}");
    enum tf_status rc = tf_buf_status(&text);
    if (!rc)
        rc = uss_parse(text.data, text.len, &json, &fault);
    if (!rc)
        rc = uss_read_intent(json, &made.reference, &made.details, &fault);
    json_decref(json);
    tf_buf_release(&text);
    if (!rc)
        *out = made;
    return rc;
}

enum tf_status uss_heard_find(const struct line_context *c, const struct tf_uuid *id,
                              const char *manager, struct uss_neighbour *out)
{
    char text[TF_UUID_TEXT_SIZE];
    struct sql_rows rows = {0};
    tf_uuid_format(id, text);
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT reference, details FROM uss_heard WHERE id = $1 AND sender = $2 AND"
                  " class = 'intent' AND has_ended = 0",
                  SQL_ARGS(sql_text(text), sql_text(manager)), &rows);
    if (!rc)
        rc = rows.count ? read_heard(sql_at(&rows, 0, 0), out) : TF_NOT_FOUND;
    sql_rows_release(&rows);
    return rc;
}

enum tf_status uss_heard_each(const struct line_context *c, int64_t from_us, int64_t until_us,
                              enum tf_status (*visit)(void *ctx, const struct uss_told *told),
                              void *ctx)
{
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT id, sender, details, class FROM uss_heard WHERE has_ended = 0 AND"
                  " start_us < $2 AND end_us > $1",
                  SQL_ARGS(sql_int(from_us), sql_int(until_us)), &rows);
    for (size_t i = 0; !rc && i < rows.count; i++) {
        const struct sql_value *v = sql_at(&rows, i, 0);
        struct uss_told told = {.id = v[0].bytes,
                                .sender = v[1].bytes,
                                .details = v[2].bytes,
                                .details_len = v[2].len,
                                .is_constraint = strcmp(v[3].bytes, "constraint") == 0};
        rc = visit(ctx, &told);
    }
    sql_rows_release(&rows);
    return rc;
}

enum tf_status uss_report_put(const struct line_context *c, const char *sender, const char *body,
                              size_t len, struct tf_uuid *id)
{
    uint8_t random[16];
    char text[TF_UUID_TEXT_SIZE];
    struct sql_rows rows = {0};
    struct uss_entry entry;
    randombytes_buf(random, sizeof random);
    *id = tf_uuid_v4(random);
    tf_uuid_format(id, text);
    enum tf_status rc = sql_query(c->sql, "SELECT COUNT(*) FROM uss_report", SQL_NO_ARGS, &rows);
    if (!rc && sql_at(&rows, 0, 0)->number >= USS_REPORTS_MAX)
        rc = TF_RANGE;
    sql_rows_release(&rows);
    if (!rc)
        rc = sql_exec(c->sql,
                      "INSERT INTO uss_report (id, sender, at_us, body) VALUES ($1, $2, $3, $4)",
                      SQL_ARGS(sql_text(text), sql_text(sender), sql_int(c->now_us),
                               (struct sql_value){.type = SQL_TEXT, .bytes = body, .len = len}),
                      NULL);
    if (rc)
        return rc;
    uss_entry_begin(&entry, c, "uss.report");
    uss_entry_id(&entry, id);
    uss_entry_text(&entry, "from", sender);
    uss_entry_hash(&entry, "report", body, len);
    return uss_entry_end(&entry, c);
}

/* --- answers to plans
 * ------------------------------------------------------------------------------ */

enum tf_status uss_answer_find(const struct line_context *c, const char *request,
                               struct tf_buf *out)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, "SELECT body FROM uss_answer WHERE request = $1",
                                  SQL_ARGS(sql_text(request)), &rows);
    if (!rc && rows.count == 0)
        rc = TF_NOT_FOUND;
    if (!rc) {
        tf_buf_append(out, sql_at(&rows, 0, 0)->bytes, sql_at(&rows, 0, 0)->len);
        rc = tf_buf_status(out);
    }
    sql_rows_release(&rows);
    return rc;
}

enum tf_status uss_answer_put(const struct line_context *c, const char *request, const char *body)
{
    return sql_exec(c->sql,
                    "INSERT INTO uss_answer (request, body, at_us) VALUES ($1, $2, $3)"
                    " ON CONFLICT (request) DO NOTHING",
                    SQL_ARGS(sql_text(request), sql_text(body), sql_int(c->now_us)), NULL);
}

enum tf_status uss_forget_old(const struct line_context *c)
{
    int64_t old_us = c->now_us - USS_KEEP_DAYS * DAY_US;
    enum tf_status rc = sql_exec(c->sql, "DELETE FROM uss_heard WHERE end_us < $1",
                                 SQL_ARGS(sql_int(c->now_us - DAY_US)), NULL);
    if (!rc)
        rc = sql_exec(c->sql, "DELETE FROM uss_enquiry WHERE asked_us < $1",
                      SQL_ARGS(sql_int(c->now_us - USS_ENQUIRY_LIFE_US)), NULL);
    if (!rc)
        rc = sql_exec(c->sql, "DELETE FROM uss_answer WHERE at_us < $1",
                      SQL_ARGS(sql_int(c->now_us - DAY_US)), NULL);
    if (!rc)
        rc = sql_exec(c->sql, "DELETE FROM uss_tell WHERE done_us > 0 AND done_us < $1",
                      SQL_ARGS(sql_int(old_us)), NULL);
    if (!rc)
        rc = sql_exec(c->sql, "DELETE FROM uss_report WHERE at_us < $1", SQL_ARGS(sql_int(old_us)),
                      NULL);
    return rc;
}
