/*
 * alert.c - a peer's intent or constraint that meets an intent of ours: for the people who fly it,
 * at once, as an event, in the ledger, and in a list.
 */
#include "uss/store.h"

#include "uss/entry.h"

/* One meeting: ours, theirs. */
struct meeting {
    const char *own;
    const struct uss_notice *notice;
    const char *other, *sender;
    enum tf_state state; /* of ours */
    int priority;        /* of ours */
};

static void put_meeting(struct tf_buf *out, const struct meeting *m)
{
    const struct uss_notice *n = m->notice;
    tf_buf_text(out, "{\"id\":");
    tf_buf_json(out, m->own);
    tf_buf_printf(out, ",\"state\":\"%s\",\"priority\":%d,\"other\":", uss_state_word(m->state),
                  m->priority);
    tf_buf_json(out, m->other);
    tf_buf_printf(
        out, ",\"other_class\":\"%s\",\"other_from\":", n->is_constraint ? "constraint" : "intent");
    tf_buf_json(out, m->sender);
    tf_buf_printf(out, ",\"other_state\":\"%s\",\"other_priority\":%d,\"other_version\":%lld}",
                  uss_state_word(n->reference.state), n->details.priority,
                  (long long)n->reference.version);
}

static enum tf_status log_meeting(const struct line_context *c, const struct meeting *m)
{
    struct uss_entry entry;
    uss_entry_begin(&entry, c, "uss.conflict");
    uss_entry_text(&entry, "id", m->own);
    uss_entry_text(&entry, "with", m->other);
    uss_entry_text(&entry, "from", m->sender);
    uss_entry_number(&entry, "version", m->notice->reference.version);
    uss_entry_number(&entry, "priority", m->priority);
    uss_entry_number(&entry, "other_priority", m->notice->details.priority);
    return uss_entry_end(&entry, c);
}

/* Once for each version of theirs. */
static enum tf_status keep_meeting(const struct line_context *c, const struct meeting *m)
{
    struct tf_buf json = TF_BUF_INIT(4096);
    int64_t added = 0;
    put_meeting(&json, m);
    enum tf_status rc = tf_buf_status(&json);
    if (!rc)
        rc = sql_exec(c->sql,
                      "INSERT INTO uss_alert (own, other, sender, version, at_us, body)"
                      " VALUES ($1, $2, $3, $4, $5, $6)"
                      " ON CONFLICT (own, other, sender, version) DO NOTHING",
                      SQL_ARGS(sql_text(m->own), sql_text(m->other), sql_text(m->sender),
                               sql_int(m->notice->reference.version), sql_int(c->now_us),
                               sql_text(json.data)),
                      &added);
    if (!rc && added)
        rc = log_meeting(c, m);
    if (!rc && added)
        rc = line_add_event(c, "intent", json.data);
    tf_buf_release(&json);
    return rc;
}

static enum tf_status compare(const struct line_context *c, const char *own,
                              const struct uss_notice *notice, const char *sender)
{
    struct tf_uuid id;
    struct uss_flight flight = {0};
    char other[TF_UUID_TEXT_SIZE];
    if (!tf_uuid_parse(own, strlen(own), &id) || tf_uuid_equal(&id, &notice->id))
        return TF_OK;
    enum tf_status rc = uss_flight_find(c, &id, &flight);
    if (rc)
        return rc;
    tf_uuid_format(&notice->id, other);
    struct meeting m = {.own = own,
                        .notice = notice,
                        .other = other,
                        .sender = sender,
                        .state = flight.reference.state,
                        .priority = flight.details.priority};
    if (uss_details_meet(&flight.details, &notice->details))
        rc = keep_meeting(c, &m);
    uss_flight_release(&flight);
    return rc;
}

enum tf_status uss_alert_notice(const struct line_context *c, const char *sender,
                                const struct uss_notice *notice)
{
    struct sql_rows rows = {0};
    if (notice->has_ended)
        return TF_OK;
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT id FROM uss_flight WHERE state <> 'draft' AND start_us < $1 AND"
                  " end_us > $2 ORDER BY id",
                  SQL_ARGS(sql_int(notice->reference.end_ns / 1000),
                           sql_int(notice->reference.start_ns / 1000)),
                  &rows);
    for (size_t i = 0; !rc && i < rows.count; i++)
        rc = compare(c, sql_at(&rows, i, 0)->bytes, notice, sender);
    sql_rows_release(&rows);
    return rc;
}

enum tf_status uss_alert_each(const struct line_context *c, int64_t after_us, int64_t before_us,
                              bool (*visit)(void *ctx, int64_t at_us, const char *json), void *ctx)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT at_us, body FROM uss_alert WHERE at_us >= $1 AND"
                                  " at_us <= $2 ORDER BY number LIMIT 1000",
                                  SQL_ARGS(sql_int(after_us), sql_int(before_us)), &rows);
    for (size_t i = 0; !rc && i < rows.count; i++)
        if (!visit(ctx, sql_at(&rows, i, 0)->number, sql_at(&rows, i, 1)->bytes))
            break;
    sql_rows_release(&rows);
    return rc;
}
