/*
 * read_beside.c - alarms, events, memoranda, history and evidence read back.
 */
#include "line/internal.h"

enum { PAGE = 500 };

/* --- alarms -------------------------------------------------------------------------------------
 */

static bool visit_alarm(const struct sql_value *at,
                        bool (*visit)(void *ctx, const struct line_alarm *alarm), void *ctx)
{
    const struct line_alarm alarm = {.id = at[0].number,
                                     .line = at[1].bytes,
                                     .kind = at[2].bytes,
                                     .is_own = at[3].number != 0,
                                     .seq = at[4].number,
                                     .role = at[5].bytes,
                                     .text = at[6].bytes,
                                     .at_us = at[7].number,
                                     .cleared_us = at[8].number};
    return visit(ctx, &alarm);
}

#define ALARM                                                                                      \
    "SELECT id, line, kind, own, seq, role, text, at_us, cleared_us FROM line_alarm WHERE id > "   \
    "$1 "

enum tf_status line_each_alarm(const struct line_context *c, const char *line, bool with_cleared,
                               bool (*visit)(void *ctx, const struct line_alarm *alarm), void *ctx)
{
    static const char *const texts[2][2] = {
        {ALARM "AND cleared_us = 0 ORDER BY id LIMIT 500", ALARM "ORDER BY id LIMIT 500"},
        {ALARM "AND line = $2 AND cleared_us = 0 ORDER BY id LIMIT 500",
         ALARM "AND line = $2 ORDER BY id LIMIT 500"}};
    struct sql_rows rows = {.count = PAGE};
    const char *text = texts[line != NULL][with_cleared];
    bool goes_on = true;
    for (int64_t last = 0; goes_on && rows.count == PAGE;) {
        const struct sql_value args[] = {sql_int(last), sql_text(line)};
        enum tf_status rc = sql_query(c->sql, text, args, line ? 2 : 1, &rows);
        if (rc)
            return rc;
        for (size_t i = 0; goes_on && i < rows.count; i++) {
            last = sql_at(&rows, i, 0)->number;
            goes_on = visit_alarm(sql_at(&rows, i, 0), visit, ctx);
        }
        size_t count = rows.count;
        sql_rows_release(&rows);
        rows.count = count;
    }
    return TF_OK;
}

/* --- events -------------------------------------------------------------------------------------
 */

enum tf_status line_each_event(const struct line_context *c, int64_t after, size_t limit,
                               bool (*visit)(void *ctx, int64_t id, int64_t at_us, const char *kind,
                                             const char *json),
                               void *ctx)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT id, at_us, kind, json FROM line_event WHERE id > $1"
                                  " ORDER BY id LIMIT $2",
                                  SQL_ARGS(sql_int(after), sql_int((int64_t)limit)), &rows);
    if (rc)
        return rc;
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < rows.count; i++) {
        const struct sql_value *at = sql_at(&rows, i, 0);
        goes_on = visit(ctx, at[0].number, at[1].number, at[2].bytes, at[3].bytes);
    }
    sql_rows_release(&rows);
    return TF_OK;
}

/* --- memoranda
 * ------------------------------------------------------------------------------------
 */

/* The one that is in force now, as rules.c finds it. */
static bool is_in_force(const struct sql_rows *rows, size_t row, const struct line_row *line,
                        int64_t now_us)
{
    const struct sql_value *at = sql_at(rows, row, 0);
    enum line_state state = row_state(line);
    if (!at[9].number || at[10].number > now_us || at[11].number <= now_us ||
        state == LINE_SUSPENDED || state == LINE_CLOSED)
        return false;
    for (size_t i = 0; i < rows->count; i++)
        if (sql_at(rows, i, 9)->number && sql_at(rows, i, 10)->number <= now_us &&
            sql_at(rows, i, 0)->number > at[0].number)
            return false;
    return true;
}

static void take_memo(const struct sql_rows *rows, size_t row, struct line_memo *out)
{
    const struct sql_value *at = sql_at(rows, row, 0);
    *out = (struct line_memo){.number = at[0].number,
                              .document = at[2].bytes,
                              .len = at[2].len,
                              .is_own = at[3].number != 0,
                              .own_signed = at[3].number ? at[3].number : at[4].number,
                              .own_declined = at[5].number != 0,
                              .peer_signed = at[6].number ? at[6].number : at[7].number,
                              .peer_declined = at[8].number != 0,
                              .agreed_us = at[9].number};
    if (at[1].len == KEY_HASH_SIZE)
        memcpy(out->hash, at[1].bytes, KEY_HASH_SIZE);
}

enum tf_status line_each_memo(const struct line_context *c, const char *line,
                              bool (*visit)(void *ctx, const struct line_memo *memo), void *ctx)
{
    struct sql_rows rows;
    struct line_row row;
    enum tf_status rc = row_load(c, line, &row);
    if (!rc)
        rc = sql_query(c->sql,
                       "SELECT number, hash, document, own_proposed, own_accepted, own_declined,"
                       " peer_proposed, peer_accepted, peer_declined, agreed_us, valid_from_us,"
                       " valid_until_us FROM line_memo WHERE line = $1 ORDER BY number, hash",
                       SQL_ARGS(sql_text(line)), &rows);
    if (rc)
        return rc;
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < rows.count; i++) {
        struct line_memo memo;
        take_memo(&rows, i, &memo);
        memo.in_force = is_in_force(&rows, i, &row, c->now_us);
        goes_on = visit(ctx, &memo);
    }
    sql_rows_release(&rows);
    return TF_OK;
}

/* --- keys
 * ------------------------------------------------------------------------------------------ */

enum tf_status line_first_keys(const struct line_context *c, const char *line,
                               struct key_public *own, struct key_public *peer)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT key FROM line_key WHERE line = $1 AND from_seq = 1"
                                  " ORDER BY own",
                                  SQL_ARGS(sql_text(line)), &rows);
    if (rc)
        return rc;
    if (rows.count == 2 && sql_at(&rows, 0, 0)->len == KEY_PUBLIC_SIZE &&
        sql_at(&rows, 1, 0)->len == KEY_PUBLIC_SIZE) {
        memcpy(peer->bytes, sql_at(&rows, 0, 0)->bytes, KEY_PUBLIC_SIZE);
        memcpy(own->bytes, sql_at(&rows, 1, 0)->bytes, KEY_PUBLIC_SIZE);
    } else {
        rc = TF_NOT_FOUND;
    }
    sql_rows_release(&rows);
    return rc;
}

/* --- history and evidence
 * -------------------------------------------------------------------------- */

enum tf_status line_each_change(const struct line_context *c, const char *line, int64_t after,
                                size_t limit,
                                bool (*visit)(void *ctx, const struct line_change *change),
                                void *ctx)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT id, at_us, own, seq, act, state_before, state_after, reason, ledger_index"
                  " FROM line_change WHERE line = $1 AND id > $2 ORDER BY id LIMIT $3",
                  SQL_ARGS(sql_text(line), sql_int(after), sql_int((int64_t)limit)), &rows);
    if (rc)
        return rc;
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < rows.count; i++) {
        const struct sql_value *at = sql_at(&rows, i, 0);
        const struct line_change change = {.id = at[0].number,
                                           .at_us = at[1].number,
                                           .is_own = at[2].number != 0,
                                           .seq = at[3].number,
                                           .act = at[4].bytes,
                                           .before = (enum line_state)at[5].number,
                                           .after = (enum line_state)at[6].number,
                                           .reason = at[7].bytes,
                                           .ledger_index = (uint64_t)at[8].number};
        goes_on = visit(ctx, &change);
    }
    sql_rows_release(&rows);
    return TF_OK;
}

enum tf_status line_each_evidence(const struct line_context *c, const char *line,
                                  bool (*visit)(void *ctx, const struct line_evidence *evidence),
                                  void *ctx)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT id, kind, seq, hash, text, at_us, ledger_index FROM line_evidence"
                  " WHERE line = $1 ORDER BY id",
                  SQL_ARGS(sql_text(line)), &rows);
    if (rc)
        return rc;
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < rows.count; i++) {
        const struct sql_value *at = sql_at(&rows, i, 0);
        struct line_evidence evidence = {.id = at[0].number,
                                         .kind = at[1].bytes,
                                         .seq = at[2].number,
                                         .text = at[4].bytes,
                                         .len = at[4].len,
                                         .at_us = at[5].number,
                                         .ledger_index = (uint64_t)at[6].number};
        if (at[3].len == KEY_HASH_SIZE)
            memcpy(evidence.hash, at[3].bytes, KEY_HASH_SIZE);
        goes_on = visit(ctx, &evidence);
    }
    sql_rows_release(&rows);
    return TF_OK;
}
