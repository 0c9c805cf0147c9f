/*
 * row.c - a line's row in and out of the database. It is read once and written once in a call.
 */
#include "line/internal.h"

#include <stdio.h>

enum { HOT_NUMBERS = 22, COLD_NUMBERS = 12 };
_Static_assert(sizeof(struct line_hot) == HOT_NUMBERS * sizeof(int64_t) + 2 * KEY_HASH_SIZE,
               "the numbers of struct line_hot are the columns of the statements below");
_Static_assert(offsetof(struct line_cold, own_key) == COLD_NUMBERS * sizeof(int64_t),
               "and so are those of struct line_cold");

#define HOT                                                                                        \
    "own_stance, peer_stance, is_degraded, is_forked, own_seq, own_receipted, peer_seq,"           \
    " peer_sent, peer_have, peer_receipted, peer_beat_us, heard_us, beat_us, posted_us,"           \
    " posted_seq, posted_to, posted_have, return_from, peer_return_from, alarms, waiting, "        \
    "moved_us, own_hash, peer_hash"
#define COLD                                                                                       \
    "drill_us, memo_number, rules_until_us, deliver_s, seen_s, answer_s, heartbeat_s, drill_s,"    \
    " witnessed, ledger_seen, checkpoint_us, is_wary, own_key, peer_key, reason, cosignature"
#define ROW "SELECT id, peer, round, " HOT ", " COLD " FROM line "

/* --- in ------------------------------------------------------------------------------------- */

static void take_bytes(const struct sql_value *value, void *out, size_t size)
{
    if (value->type == SQL_BLOB && value->len == size)
        memcpy(out, value->bytes, size);
}

static void take_text(const struct sql_value *value, char *out, size_t size)
{
    if (value->type == SQL_TEXT)
        snprintf(out, size, "%s", value->bytes);
}

static void take_row(const struct sql_rows *rows, struct line_row *out)
{
    const struct sql_value *at = rows->values;
    memset(out, 0, sizeof *out);
    take_text(at++, out->id, sizeof out->id);
    take_text(at++, out->peer, sizeof out->peer);
    out->round = at++->number;
    int64_t *hot = &out->hot.own_stance, *cold = &out->cold.drill_us;
    for (size_t i = 0; i < HOT_NUMBERS; i++)
        hot[i] = at++->number;
    take_bytes(at++, out->hot.own_hash, KEY_HASH_SIZE);
    take_bytes(at++, out->hot.peer_hash, KEY_HASH_SIZE);
    for (size_t i = 0; i < COLD_NUMBERS; i++)
        cold[i] = at++->number;
    take_bytes(at++, out->cold.own_key, KEY_PUBLIC_SIZE);
    take_bytes(at++, out->cold.peer_key, KEY_PUBLIC_SIZE);
    take_text(at++, out->cold.reason, sizeof out->cold.reason);
    take_text(at++, out->cold.cosignature, sizeof out->cold.cosignature);
    out->was_hot = out->hot;
    out->was_cold = out->cold;
}

static enum tf_status load(const struct line_context *c, const char *text, const char *key,
                           struct line_row *out)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_text(key)), &rows);
    if (rc)
        return rc;
    if (rows.count > 0)
        take_row(&rows, out);
    else
        rc = TF_NOT_FOUND;
    sql_rows_release(&rows);
    return rc;
}

enum tf_status row_load(const struct line_context *c, const char *id, struct line_row *out)
{
    return load(c, ROW "WHERE id = $1", id, out);
}

enum tf_status row_newest(const struct line_context *c, const char *peer, struct line_row *out)
{
    return load(c, ROW "WHERE peer = $1 ORDER BY round DESC LIMIT 1", peer, out);
}

void row_make(const struct line_context *c, const struct card *peer, int64_t round,
              struct line_row *out)
{
    struct key_public own = key_public_of(c->key);
    struct card card = c->card;
    card.key = own;
    memset(out, 0, sizeof *out);
    line_id_of(&card, peer, (unsigned)round, out->id);
    memcpy(out->peer, peer->id, sizeof out->peer);
    memcpy(out->cold.own_key, own.bytes, KEY_PUBLIC_SIZE);
    memcpy(out->cold.peer_key, peer->key.bytes, KEY_PUBLIC_SIZE);
    out->round = round;
    out->is_new = true;
}

/* --- out ------------------------------------------------------------------------------------- */

static enum tf_status insert(const struct line_context *c, const struct line_row *row)
{
    static const char text[] = "INSERT INTO line_key (line, own, from_seq, key)"
                               " VALUES ($1, 1, 1, $2), ($1, 0, 1, $3)";
    enum tf_status rc = sql_send(
        c->sql,
        "INSERT INTO line (id, peer, round, made_us)"
        " VALUES ($1, $2, $3, $4)",
        SQL_ARGS(sql_text(row->id), sql_text(row->peer), sql_int(row->round), sql_int(c->now_us)));
    return rc ? rc
              : sql_send(c->sql, text,
                         SQL_ARGS(sql_text(row->id), sql_blob(row->cold.own_key, KEY_PUBLIC_SIZE),
                                  sql_blob(row->cold.peer_key, KEY_PUBLIC_SIZE)));
}

static enum tf_status save_hot(const struct line_context *c, const struct line_row *row)
{
    static const char text[] =
        "UPDATE line SET own_stance = $1, peer_stance = $2, is_degraded = $3, is_forked = $4,"
        " own_seq = $5, own_receipted = $6, peer_seq = $7, peer_sent = $8, peer_have = $9,"
        " peer_receipted = $10, peer_beat_us = $11, heard_us = $12, beat_us = $13,"
        " posted_us = $14, posted_seq = $15, posted_to = $16, posted_have = $17,"
        " return_from = $18, peer_return_from = $19, alarms = $20, waiting = $21,"
        " moved_us = $22, own_hash = $23, peer_hash = $24 WHERE id = $25";
    struct sql_value args[HOT_NUMBERS + 3];
    const int64_t *numbers = &row->hot.own_stance;
    for (size_t i = 0; i < HOT_NUMBERS; i++)
        args[i] = sql_int(numbers[i]);
    args[HOT_NUMBERS] = sql_blob(row->hot.own_hash, KEY_HASH_SIZE);
    args[HOT_NUMBERS + 1] = sql_blob(row->hot.peer_hash, KEY_HASH_SIZE);
    args[HOT_NUMBERS + 2] = sql_text(row->id);
    return sql_send(c->sql, text, args, HOT_NUMBERS + 3);
}

static enum tf_status save_cold(const struct line_context *c, const struct line_row *row)
{
    static const char text[] =
        "UPDATE line SET drill_us = $1, memo_number = $2, rules_until_us = $3, deliver_s = $4,"
        " seen_s = $5, answer_s = $6, heartbeat_s = $7, drill_s = $8, witnessed = $9,"
        " ledger_seen = $10, checkpoint_us = $11, is_wary = $12, own_key = $13, peer_key = $14,"
        " reason = $15, cosignature = $16 WHERE id = $17";
    struct sql_value args[COLD_NUMBERS + 5];
    const int64_t *numbers = &row->cold.drill_us;
    size_t n = 0;
    for (; n < COLD_NUMBERS; n++)
        args[n] = sql_int(numbers[n]);
    args[n++] = sql_blob(row->cold.own_key, KEY_PUBLIC_SIZE);
    args[n++] = sql_blob(row->cold.peer_key, KEY_PUBLIC_SIZE);
    args[n++] = sql_text(row->cold.reason);
    args[n++] = sql_text(row->cold.cosignature);
    args[n++] = sql_text(row->id);
    return sql_send(c->sql, text, args, n);
}

enum tf_status row_save(const struct line_context *c, struct line_row *row)
{
    enum tf_status rc = row->is_new ? insert(c, row) : TF_OK;
    if (!rc && (row->is_new || memcmp(&row->hot, &row->was_hot, sizeof row->hot) != 0))
        rc = save_hot(c, row);
    if (!rc && (row->is_new || memcmp(&row->cold, &row->was_cold, sizeof row->cold) != 0))
        rc = save_cold(c, row);
    if (rc)
        return rc;
    row->is_new = false;
    row->was_hot = row->hot;
    row->was_cold = row->cold;
    return TF_OK;
}

/* --- keys ----------------------------------------------------------------------------------- */

enum tf_status row_key_at(const struct line_context *c, const struct line_row *row, bool is_own,
                          int64_t seq, struct key_public *out)
{
    struct sql_rows rows;
    memcpy(out->bytes, is_own ? row->cold.own_key : row->cold.peer_key, KEY_PUBLIC_SIZE);
    if (row->is_new)
        return TF_OK;
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT key FROM line_key WHERE line = $1 AND own = $2"
                  " AND from_seq <= $3 ORDER BY from_seq DESC LIMIT 1",
                  SQL_ARGS(sql_text(row->id), sql_int(is_own), sql_int(seq)), &rows);
    if (rc)
        return rc;
    if (rows.count > 0)
        take_bytes(sql_at(&rows, 0, 0), out->bytes, KEY_PUBLIC_SIZE);
    sql_rows_release(&rows);
    return TF_OK;
}

enum tf_status row_set_key(const struct line_context *c, struct line_row *row, bool is_own,
                           int64_t from_seq, const uint8_t key[KEY_PUBLIC_SIZE])
{
    memcpy(is_own ? row->cold.own_key : row->cold.peer_key, key, KEY_PUBLIC_SIZE);
    return sql_send(c->sql,
                    "INSERT INTO line_key (line, own, from_seq, key) VALUES ($1, $2, $3, $4)",
                    SQL_ARGS(sql_text(row->id), sql_int(is_own), sql_int(from_seq),
                             sql_blob(key, KEY_PUBLIC_SIZE)));
}

/* --- what it says ----------------------------------------------------------------------------- */

enum line_state row_state(const struct line_row *row)
{
    return line_state_of((enum line_stance)row->hot.own_stance,
                         (enum line_stance)row->hot.peer_stance, row->hot.is_degraded != 0);
}

bool row_is_watched(const struct line_row *row)
{
    const struct line_hot *h = &row->hot;
    return h->own_stance != STANCE_NONE && h->peer_stance != STANCE_NONE &&
           h->own_stance != STANCE_CLOSED && h->peer_stance != STANCE_CLOSED;
}

/*
 * Something was said or heard since the last post; or that one arrived, and there is more. What
 * was posted and got no answer waits for the next retry (line_tick).
 */
bool row_has_news(const struct line_row *row)
{
    const struct line_hot *h = &row->hot;
    bool has_more = h->own_seq > h->peer_have && h->peer_have >= h->posted_to;
    return h->own_seq > h->posted_seq || h->peer_seq > h->posted_have || has_more;
}
