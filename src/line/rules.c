/*
 * rules.c - which memorandum is in force, and the rules that hold: its own, or the defaults.
 */
#include "line/internal.h"

/*
 * The greatest number that both signed and whose time has come; it is in force until its
 * end. What it replaced does not come back. *until_us: the next time that changes this.
 */
static enum tf_status find_document(const struct line_context *c, const struct line_row *row,
                                    struct sql_rows *out, bool *is_valid, int64_t *until_us)
{
    struct sql_rows next;
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT min(valid_from_us) FROM line_memo WHERE line = $1"
                                  " AND agreed_us > 0 AND valid_from_us > $2",
                                  SQL_ARGS(sql_text(row->id), sql_int(c->now_us)), &next);
    if (rc)
        return rc;
    const struct sql_value *from = next.count ? next.values : NULL;
    *until_us = from && from->type == SQL_INT ? from->number : INT64_MAX;
    sql_rows_release(&next);
    rc = sql_query(c->sql,
                   "SELECT document, number, valid_until_us FROM line_memo WHERE line = $1"
                   " AND agreed_us > 0 AND valid_from_us <= $2 ORDER BY number DESC LIMIT 1",
                   SQL_ARGS(sql_text(row->id), sql_int(c->now_us)), out);
    if (rc)
        return rc;
    *is_valid = out->count > 0 && sql_at(out, 0, 2)->number > c->now_us;
    if (*is_valid && sql_at(out, 0, 2)->number < *until_us)
        *until_us = sql_at(out, 0, 2)->number;
    return TF_OK;
}

static bool is_held_up(const struct line_row *row)
{
    enum line_state state = row_state(row);
    return state == LINE_SUSPENDED || state == LINE_CLOSED;
}

/* always: whatever the state of the line. */
static enum tf_status load(const struct line_context *c, const struct line_row *row, bool always,
                           struct memorandum *out, int64_t *until_us)
{
    struct sql_rows rows = {0};
    bool is_valid;
    enum tf_status rc = find_document(c, row, &rows, &is_valid, until_us);
    if (rc)
        return rc;
    if (is_valid && (always || !is_held_up(row)))
        rc = memo_read(sql_at(&rows, 0, 0)->bytes, sql_at(&rows, 0, 0)->len, out, NULL);
    else
        memo_defaults(out);
    sql_rows_release(&rows);
    return rc;
}

enum tf_status rules_load(const struct line_context *c, const struct line_row *row,
                          struct memorandum *out)
{
    int64_t until_us;
    return load(c, row, false, out, &until_us);
}

enum tf_status rules_refresh(const struct line_context *c, struct line_row *row, bool always)
{
    struct memorandum rules;
    struct line_cold *cold = &row->cold;
    int64_t until_us;
    if (!always && cold->heartbeat_s > 0 && c->now_us < cold->rules_until_us)
        return TF_OK;
    enum tf_status rc = load(c, row, false, &rules, &until_us);
    if (rc)
        return rc;
    int64_t before = cold->memo_number;
    cold->memo_number = rules.document ? rules.number : 0;
    cold->rules_until_us = until_us;
    cold->deliver_s = rules.deliver_s;
    cold->seen_s = rules.seen_s;
    cold->answer_s = rules.answer_s;
    cold->heartbeat_s = rules.heartbeat_s;
    cold->drill_s = rules.drill_every_s;
    memo_release(&rules);
    if (before == cold->memo_number)
        return TF_OK;
    struct tf_buf entry = LINE_ENTRY_INIT, event = LINE_ENTRY_INIT;
    log_begin(c, row, "memorandum", &entry);
    fields_put_integer(&entry, "in_force", cold->memo_number);
    rc = log_end(c, &entry, NULL);
    if (rc)
        return rc;
    event_begin(row, &event);
    fields_put_integer(&event, "in_force", cold->memo_number);
    return event_add(c, "memorandum", &event);
}

enum tf_status rules_add_to_floor(const struct line_context *c, const struct line_row *row,
                                  const char *type, bool *adds)
{
    struct memorandum rules;
    int64_t until_us;
    enum tf_status rc = load(c, row, true, &rules, &until_us);
    if (rc)
        return rc;
    *adds = memo_adds_to_floor(&rules, type);
    memo_release(&rules);
    return TF_OK;
}

enum tf_status line_rules(const struct line_context *c, const char *line, struct memorandum *out)
{
    struct line_row row;
    enum tf_status rc = row_load(c, line, &row);
    return rc ? rc : rules_load(c, &row, out);
}

enum tf_status line_agreed_rules(const struct line_context *c, const char *line,
                                 struct memorandum *out)
{
    struct line_row row;
    struct sql_rows rows = {0};
    bool is_valid;
    int64_t until_us;
    enum tf_status rc = row_load(c, line, &row);
    if (!rc)
        rc = find_document(c, &row, &rows, &is_valid, &until_us);
    if (rc)
        return rc;
    if (rows.count > 0)
        rc = memo_read(sql_at(&rows, 0, 0)->bytes, sql_at(&rows, 0, 0)->len, out, NULL);
    else
        memo_defaults(out);
    sql_rows_release(&rows);
    return rc;
}

/* --- the next one ------------------------------------------------------------------------------
 */

struct agreed {
    int64_t number;
    uint8_t hash[KEY_HASH_SIZE];
};

static bool note_agreed(void *ctx, const struct line_memo *memo)
{
    struct agreed *agreed = ctx;
    if (memo->own_signed && memo->peer_signed && memo->number > agreed->number) {
        agreed->number = memo->number;
        memcpy(agreed->hash, memo->hash, sizeof agreed->hash);
    }
    return true;
}

enum tf_status line_memo_template(const struct line_context *c, const char *line, size_t days,
                                  struct tf_buf *out)
{
    struct agreed agreed = {.number = 0};
    int64_t day_us = TF_DAY_NS / 1000, from_us = c->now_us / day_us * day_us;
    enum tf_status rc = line_each_memo(c, line, note_agreed, &agreed);
    return rc ? rc
              : memo_template(line, agreed.number + 1, agreed.number ? agreed.hash : NULL, from_us,
                              from_us + (int64_t)days * day_us, out);
}
