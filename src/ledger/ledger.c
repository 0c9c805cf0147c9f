/*
 * ledger.c - the log in its tables: opening, appending, and the edge of the tree in memory.
 *
 * An entry is a row, written when it is appended; a tile of 256 hashes is a row when it is full.
 * What is not in a full tile is made again from at most 255 entries and at most 255 roots of
 * tiles a level: nothing else is kept that could disagree. The head's row is there to be locked.
 */
#include "ledger/internal.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const schema[] = {
    "CREATE TABLE ledger_head (id BIGINT PRIMARY KEY, origin TEXT NOT NULL, turns BIGINT NOT NULL)"
    " @STRICT@;"
    /* The key that signs trees of `first` entries and more. */
    "CREATE TABLE ledger_key (first BIGINT PRIMARY KEY, public @BLOB@ NOT NULL) @STRICT@;"
    "CREATE TABLE ledger_entry (idx BIGINT PRIMARY KEY, bytes @BLOB@ NOT NULL) @STRICT@;"
    /* id: the level in the upper 8 bits, then the number. The root first: it is read alone. */
    "CREATE TABLE ledger_tile (id BIGINT PRIMARY KEY, root @BLOB@ NOT NULL, hashes @BLOB@ NOT NULL)"
    " @STRICT@;"
    "CREATE TABLE ledger_checkpoint (size BIGINT PRIMARY KEY, at BIGINT NOT NULL,"
    " note TEXT NOT NULL) @STRICT@;"
    "CREATE TABLE ledger_cosignature (size BIGINT NOT NULL, witness TEXT NOT NULL,"
    " public @BLOB@ NOT NULL, line TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (size, witness))"
    " @STRICT@;"};

/* --- opening ------------------------------------------------------------------------------- */

static enum tf_status read_origin(struct sql *sql, char origin[NOTE_NAME_SIZE])
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(sql, "SELECT origin FROM ledger_head WHERE id = 0", SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    if (rows.count == 0)
        rc = TF_NOT_FOUND;
    else
        snprintf(origin, NOTE_NAME_SIZE, "%s", sql_at(&rows, 0, 0)->bytes);
    sql_rows_release(&rows);
    return rc;
}

/* The first rows. */
static enum tf_status found(struct sql *sql, const char *origin, const struct key_public *key)
{
    enum tf_status rc = sql_begin(sql);
    if (rc)
        return rc;
    rc = sql_exec(sql,
                  "INSERT INTO ledger_head (id, origin, turns) VALUES (0, $1, 0)"
                  " ON CONFLICT (id) DO NOTHING",
                  SQL_ARGS(sql_text(origin)), NULL);
    if (!rc)
        rc = sql_exec(sql,
                      "INSERT INTO ledger_key (first, public) VALUES (0, $1)"
                      " ON CONFLICT (first) DO NOTHING",
                      SQL_ARGS(sql_blob(key->bytes, KEY_PUBLIC_SIZE)), NULL);
    if (!rc)
        return sql_commit(sql);
    sql_rollback(sql);
    return rc;
}

/* The origin in the database; it is `origin` if there was none. */
static enum tf_status ensure_head(struct sql *sql, const char *origin, const struct key_public *key,
                                  char here[NOTE_NAME_SIZE])
{
    enum { TRIES = 20 };
    enum tf_status rc = read_origin(sql, here);
    for (int i = 0; (rc == TF_NOT_FOUND || rc == TF_BUSY) && i < TRIES; i++) {
        rc = found(sql, origin, key);
        if (!rc)
            rc = read_origin(sql, here);
    }
    return rc;
}

static enum tf_status make(struct sql *sql, const char *origin, const struct key_public *public,
                           struct ledger **out)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        return TF_NOMEM;
    ledger->sql = sql;
    ledger->public = *public;
    for (size_t i = 0; i < LEDGER_CACHE; i++)
        ledger->cache[i].id = -1;
    if (!note_key_make(origin, NOTE_ED25519, public, &ledger->as)) {
        free(ledger);
        return TF_SYNTAX;
    }
    *out = ledger;
    return TF_OK;
}

/* That this is the log which the caller means, and its key the one in force. */
static enum tf_status check_owner(struct sql *sql, const char *origin, const char *here,
                                  const struct key_public *public, char why[SQL_WHY_SIZE])
{
    struct key_public in_force;
    if (strcmp(here, origin) != 0) {
        snprintf(why, SQL_WHY_SIZE, "the ledger in this database is \"%.100s\", not \"%.100s\"",
                 here, origin);
        return TF_UNSUPPORTED;
    }
    enum tf_status rc = ledger_key_at(sql, INT64_MAX, &in_force);
    if (!rc && memcmp(in_force.bytes, public->bytes, KEY_PUBLIC_SIZE) != 0) {
        snprintf(why, SQL_WHY_SIZE, "the ledger's checkpoints are signed by another key");
        return TF_UNSUPPORTED;
    }
    if (rc)
        snprintf(why, SQL_WHY_SIZE, "ledger: %s", sql_why(sql));
    return rc;
}

enum tf_status ledger_open(struct sql *sql, const char *origin, const struct key_secret *key,
                           struct ledger **out, char why[SQL_WHY_SIZE])
{
    char here[NOTE_NAME_SIZE];
    struct ledger *ledger;
    struct key_public public = key_public_of(key);
    why[0] = '\0';
    enum tf_status rc = make(sql, origin, &public, &ledger);
    if (rc) {
        if (rc == TF_SYNTAX)
            snprintf(why, SQL_WHY_SIZE, "\"%.100s\" cannot be a ledger's name", origin);
        return rc;
    }
    ledger->key = key;
    rc = sql_migrate(sql, "ledger", schema, sizeof schema / sizeof *schema, why);
    if (!rc) {
        rc = ensure_head(sql, origin, &public, here);
        if (rc)
            snprintf(why, SQL_WHY_SIZE, "ledger: %s", sql_why(sql));
    }
    if (!rc)
        rc = check_owner(sql, origin, here, &public, why);
    if (rc)
        ledger_close(ledger);
    else
        *out = ledger;
    return rc;
}

/* TF_NOT_FOUND: no ledger was ever made here. */
static enum tf_status check_version(struct sql *sql, char why[SQL_WHY_SIZE])
{
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(sql, "SELECT version FROM sql_module WHERE name = 'ledger'", SQL_NO_ARGS, &rows);
    if (rc == TF_SYNTAX || (!rc && rows.count == 0)) {
        snprintf(why, SQL_WHY_SIZE, "there is no ledger in this database");
        rc = TF_NOT_FOUND;
    } else if (rc) {
        snprintf(why, SQL_WHY_SIZE, "ledger: %s", sql_why(sql));
    } else if (sql_at(&rows, 0, 0)->number > (int64_t)(sizeof schema / sizeof *schema)) {
        snprintf(why, SQL_WHY_SIZE, "the ledger was made by a newer version of this program");
        rc = TF_UNSUPPORTED;
    }
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ledger_open_reading(struct sql *sql, const struct key_public *expected,
                                   struct ledger **out, char why[SQL_WHY_SIZE])
{
    char here[NOTE_NAME_SIZE];
    struct key_public in_force;
    why[0] = '\0';
    enum tf_status rc = check_version(sql, why);
    if (rc)
        return rc;
    rc = read_origin(sql, here);
    if (!rc)
        rc = ledger_key_at(sql, INT64_MAX, &in_force);
    if (!rc)
        rc = make(sql, here, expected ? expected : &in_force, out);
    if (rc)
        snprintf(why, SQL_WHY_SIZE, "the ledger's head is missing or damaged");
    else
        (*out)->is_unexpected = !expected;
    return rc;
}

void ledger_close(struct ledger *ledger)
{
    free(ledger);
}

const char *ledger_origin(const struct ledger *ledger)
{
    return ledger->as.name;
}

/* --- the edge ------------------------------------------------------------------------------ */

enum tf_status ledger_count(struct sql *sql, uint64_t *size)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(sql, "SELECT idx FROM ledger_entry ORDER BY idx DESC LIMIT 1",
                                  SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    *size = rows.count ? (uint64_t)sql_at(&rows, 0, 0)->number + 1 : 0;
    sql_rows_release(&rows);
    return TF_OK;
}

enum tf_status ledger_size(struct ledger *ledger, uint64_t *size)
{
    return ledger_count(ledger->sql, size);
}

/* The hashes of one partial tile above level 0: the roots of the tiles below it. */
static enum tf_status load_tile(struct ledger *ledger, unsigned level, uint64_t size)
{
    uint64_t hi = tile_full((int)level - 1, size), lo = hi / TILE_WIDTH * TILE_WIDTH;
    struct edge_tile *tile = &ledger->edge.tile[level];
    struct sql_rows rows;
    if (hi == lo)
        return TF_OK;
    enum tf_status rc = sql_query(
        ledger->sql, "SELECT root FROM ledger_tile WHERE id >= $1 AND id < $2 ORDER BY id",
        SQL_ARGS(sql_int(ledger_tile_id(level - 1, lo)), sql_int(ledger_tile_id(level - 1, hi))),
        &rows);
    if (rc)
        return rc;
    rc = rows.count == hi - lo ? TF_OK : TF_SYNTAX;
    for (size_t i = 0; i < rows.count && !rc; i++) {
        if (sql_at(&rows, i, 0)->len != KEY_HASH_SIZE)
            rc = TF_SYNTAX;
        else
            memcpy(edge_node(tile, 0, i)->bytes, sql_at(&rows, i, 0)->bytes, KEY_HASH_SIZE);
    }
    sql_rows_release(&rows);
    if (!rc)
        edge_fill(tile, (size_t)(hi - lo));
    return rc;
}

/* The edge at the end of the last full tile of level 0. */
static enum tf_status load_base(struct ledger *ledger, uint64_t size)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < LEDGER_CACHE; i++)
        ledger->cache[i].id = -1;
    size -= size % TILE_WIDTH;
    for (unsigned level = 1; level < TILE_LEVELS && !rc; level++)
        rc = load_tile(ledger, level, size);
    if (!rc)
        edge_set_size(&ledger->edge, size);
    return rc;
}

/* Entries that are in the database and not yet in the edge. */
static enum tf_status feed(struct ledger *ledger, uint64_t size)
{
    struct ledger_hash made[MERKLE_LEVELS];
    struct sql_rows rows;
    unsigned top;
    uint64_t from = ledger->edge.range.size;
    enum tf_status rc = sql_query(ledger->sql,
                                  "SELECT idx, bytes FROM ledger_entry"
                                  " WHERE idx >= $1 AND idx < $2 ORDER BY idx",
                                  SQL_ARGS(sql_int((int64_t)from), sql_int((int64_t)size)), &rows);
    if (rc)
        return rc;
    rc = rows.count == size - from ? TF_OK : TF_SYNTAX;
    for (size_t i = 0; i < rows.count && !rc; i++) {
        const struct sql_value *bytes = sql_at(&rows, i, 1);
        struct ledger_hash leaf = merkle_leaf(bytes->bytes, bytes->len);
        edge_append(&ledger->edge, &leaf, made, &top);
    }
    sql_rows_release(&rows);
    return rc;
}

/* Brings the edge to the database's size: shortens what was undone, adds what others wrote. */
static enum tf_status settle(struct ledger *ledger, uint64_t size)
{
    enum { FEED_MAX = 512 };
    struct edge *edge = &ledger->edge;
    uint64_t have = edge->range.size;
    enum tf_status rc = TF_OK;
    if (ledger->is_known && ledger->is_doubtful && size < have &&
        size / TILE_WIDTH == have / TILE_WIDTH)
        edge_set_size(edge, size);
    else if (!ledger->is_known || size < have || size - have > FEED_MAX)
        rc = load_base(ledger, size);
    if (!rc && edge->range.size < size)
        rc = feed(ledger, size);
    return rc;
}

enum tf_status ledger_refresh(struct ledger *ledger)
{
    uint64_t size, turn = sql_turn(ledger->sql);
    /* What was undone in another transaction may have been replaced by as many entries. */
    if (ledger->is_doubtful && turn != ledger->turn)
        ledger->is_known = false;
    enum tf_status rc = ledger_count(ledger->sql, &size);
    if (!rc)
        rc = settle(ledger, size);
    ledger->is_known = !rc;
    ledger->is_doubtful = ledger->is_doubtful && rc;
    return rc;
}

void ledger_forget(struct ledger *ledger)
{
    if (!ledger->has_appended)
        return;
    if (ledger->turn == sql_turn(ledger->sql)) {
        ledger->is_doubtful = true;
        return;
    }
    ledger->is_known = ledger->is_doubtful = ledger->has_appended = false;
    ledger->turn = 0;
}

/* --- appending ------------------------------------------------------------------------------ */

/* The first append of a transaction, or since something was undone (the lock, perhaps): from here
 * on no other node's comes between. */
static enum tf_status enter(struct ledger *ledger, uint64_t turn)
{
    enum tf_status rc = sql_exec(ledger->sql,
                                 "UPDATE ledger_head SET turns = turns + 1"
                                 " WHERE id = 0",
                                 SQL_NO_ARGS, NULL);
    if (!rc)
        rc = ledger_refresh(ledger);
    if (!rc)
        ledger->turn = turn;
    return rc;
}

static enum tf_status write_tile(struct ledger *ledger, unsigned level, uint64_t number)
{
    const struct edge_tile *tile = &ledger->edge.tile[level];
    return sql_send(ledger->sql, "INSERT INTO ledger_tile (id, root, hashes) VALUES ($1, $2, $3)",
                    SQL_ARGS(sql_int(ledger_tile_id(level, number)),
                             sql_blob(tile->node[EDGE_NODES - 1].bytes, KEY_HASH_SIZE),
                             sql_blob(tile->node[0].bytes, TILE_WIDTH * KEY_HASH_SIZE)));
}

static enum tf_status write_entry(struct ledger *ledger, const void *entry, size_t len)
{
    struct ledger_hash leaf = merkle_leaf(entry, len), made[MERKLE_LEVELS];
    uint64_t index = ledger->edge.range.size;
    unsigned top;
    enum tf_status rc =
        sql_send(ledger->sql, "INSERT INTO ledger_entry (idx, bytes) VALUES ($1, $2)",
                 SQL_ARGS(sql_int((int64_t)index), sql_blob(len ? entry : "", len)));
    if (rc)
        return rc;
    edge_append(&ledger->edge, &leaf, made, &top);
    for (unsigned level = 0; top / TILE_HEIGHT > level && !rc; level++)
        rc = write_tile(ledger, level, index >> (TILE_HEIGHT * (level + 1)));
    return rc;
}

enum tf_status ledger_append(struct ledger *ledger, const void *entry, size_t len, uint64_t *index)
{
    uint64_t turn = sql_turn(ledger->sql);
    enum tf_status rc = TF_OK;
    if (len > LEDGER_ENTRY_MAX)
        return TF_LIMIT;
    if (turn == 0)
        return TF_SYNTAX; /* a programmer's error */
    if (ledger->turn != turn || ledger->is_doubtful || !ledger->is_known)
        rc = enter(ledger, turn);
    if (rc)
        return rc;
    uint64_t at = ledger->edge.range.size;
    ledger->has_appended = true;
    rc = write_entry(ledger, entry, len);
    ledger->is_doubtful = rc != TF_OK;
    if (!rc && index)
        *index = at;
    return rc;
}
