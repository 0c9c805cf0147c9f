/*
 * sql.h - one narrow door to two databases: an SQLite file, or a server that speaks the
 * PostgreSQL wire protocol. What is a party's own (ledger, lines, operators, operations)
 * is kept through it, so that its rules are written once.
 *
 * Statements are written in what both dialects share: places $1 $2 ..., BIGINT, TEXT,
 * INSERT ... ON CONFLICT, RETURNING, LIMIT. sql_script() alone knows differences: it
 * replaces the words @BLOB@ (BLOB, BYTEA), @STRICT@ (STRICT, nothing), @IDENTITY@ (a key that
 * counts by itself and never goes back) and BIGINT (INTEGER in SQLite, whose numbers have 64 bits).
 *
 * Transactions are serialisable (BEGIN IMMEDIATE; ISOLATION LEVEL SERIALIZABLE) and durable
 * when sql_commit() returns TF_OK (WAL with synchronous FULL; synchronous_commit on).
 * A struct sql belongs to one thread at a time.
 */
#ifndef TF_SQL_SQL_H
#define TF_SQL_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <tafadi/status.h>

enum { SQL_WHY_SIZE = 256, SQL_VALUES_MAX = 32 };

struct sql;

/*
 * `where` is a path, ":memory:", or a libpq connection string (it begins with "postgresql://"
 * or "postgres://", or has a '='). TF_SYNTAX: not a database; TF_BUSY: in use for half a minute,
 * or not reachable; TF_LIMIT: cannot be written; `why` says what to do.
 */
TF_MUST_CHECK enum tf_status sql_open(const char *where, struct sql **out, char why[SQL_WHY_SIZE]);
void sql_close(struct sql *sql);           /* an open transaction is rolled back; NULL is fine */
bool sql_is_shared(const struct sql *sql); /* a server: other nodes may be on it */

/* --- values ------------------------------------------------------------------------- */

enum sql_type { SQL_NULL, SQL_INT, SQL_TEXT, SQL_BLOB };
struct sql_value {
    enum sql_type type;
    int64_t number;
    const char *bytes; /* text (also terminated in results) or blob; borrowed */
    size_t len;
};
static inline struct sql_value sql_null(void)
{
    return (struct sql_value){.type = SQL_NULL};
}
static inline struct sql_value sql_int(int64_t number)
{
    return (struct sql_value){.type = SQL_INT, .number = number};
}
static inline struct sql_value sql_text(const char *text) /* NULL: null */
{
    return text ? (struct sql_value){.type = SQL_TEXT, .bytes = text, .len = strlen(text)}
                : sql_null();
}
static inline struct sql_value sql_blob(const void *bytes, size_t len) /* NULL: null */
{
    return bytes ? (struct sql_value){.type = SQL_BLOB, .bytes = bytes, .len = len} : sql_null();
}
#define SQL_ARGS(...)                                                                              \
    (const struct sql_value[]){__VA_ARGS__},                                                       \
        sizeof((const struct sql_value[]){__VA_ARGS__}) / sizeof(struct sql_value)
#define SQL_NO_ARGS NULL, 0

/* --- transactions ----------------------------------------------------------------------- */

/* TF_BUSY: no connection, or another writer for too long; try again. */
TF_MUST_CHECK enum tf_status sql_begin(struct sql *sql);
/* The same to read one state only: waits for no writer, and no writer for it. End it with
 * sql_rollback(). */
TF_MUST_CHECK enum tf_status sql_begin_reading(struct sql *sql);
/* TF_BUSY: lost against another transaction, nothing was applied, run all of it again.
 * TF_NOT_FOUND: the connection broke while committing; the outcome is unknown.
 * TF_LIMIT: could not be written (disk full); nothing was applied. Others: what a statement of
 * sql_send() failed with; nothing was applied. In every case the transaction has ended. */
TF_MUST_CHECK enum tf_status sql_commit(struct sql *sql);
void sql_rollback(struct sql *sql);
/* A number that each transaction has for itself alone; 0: none is open. For what is remembered
 * of a database within a transaction and must be looked at again in the next. */
uint64_t sql_turn(const struct sql *sql);
/* One command among several of a transaction: what follows can be undone alone. Not nested. */
TF_MUST_CHECK enum tf_status sql_mark(struct sql *sql);
TF_MUST_CHECK enum tf_status sql_keep(struct sql *sql); /* what was done since the mark stays */
TF_MUST_CHECK enum tf_status sql_undo(struct sql *sql); /* or goes */

/* --- statements -------------------------------------------------------------------------- */

/* Rows of a result, held in memory until released. */
struct sql_rows {
    size_t count, columns;
    struct sql_value *values; /* row by row; owned, as is all that they point to */
    void *memory;
};
/*
 * Runs one statement; `text` is static: it is prepared once and found again by its address.
 * TF_EXISTS: a constraint was broken (in a shared database the transaction is then lost
 * except back to the mark). TF_BUSY: lost against another transaction, or the connection broke:
 * nothing was applied. TF_SYNTAX: a programmer's error, or a damaged file; sql_why() has the
 * words.
 */
TF_MUST_CHECK enum tf_status sql_query(struct sql *sql, const char *text,
                                       const struct sql_value *args, size_t count,
                                       struct sql_rows *out);
/* The same, without rows; *changed (may be NULL): rows changed. */
TF_MUST_CHECK enum tf_status sql_exec(struct sql *sql, const char *text,
                                      const struct sql_value *args, size_t count, int64_t *changed);
/*
 * A statement within a transaction of which only the whole matters: on a server it is sent, and
 * the next ones do not wait for its outcome. Should it fail, then this or one of the next calls
 * says so, at the latest sql_mark(), sql_keep() or sql_commit(); go back to the mark, or give up
 * the transaction, as with any other failure. `args` are borrowed for the call.
 */
TF_MUST_CHECK enum tf_status sql_send(struct sql *sql, const char *text,
                                      const struct sql_value *args, size_t count);
void sql_rows_release(struct sql_rows *rows); /* idempotent */

static inline const struct sql_value *sql_at(const struct sql_rows *rows, size_t row, size_t column)
{
    return &rows->values[row * rows->columns + column];
}

/* Several statements separated by ';', with the replacements named above; for schemas. */
TF_MUST_CHECK enum tf_status sql_script(struct sql *sql, const char *text);
/*
 * Brings module `name`'s tables to version `count`: runs the steps beyond the version that the
 * database has, each in a transaction. TF_UNSUPPORTED: the database has a newer one.
 */
TF_MUST_CHECK enum tf_status sql_migrate(struct sql *sql, const char *name,
                                         const char *const *steps, size_t count,
                                         char why[SQL_WHY_SIZE]);
/* What the database said last, for logs. Never NULL. */
const char *sql_why(const struct sql *sql);

/* Copies a consistent state of an SQLite file into a new file, while it is in use. */
TF_MUST_CHECK enum tf_status sql_copy(const char *from, const char *to, char why[SQL_WHY_SIZE]);

/*
 * For tests of faults: called before each statement that writes and before each commit;
 * what it returns, if not TF_OK, is what the statement then fails with.
 */
void sql_set_fault(struct sql *sql, enum tf_status (*fault)(void *ctx), void *ctx);

#endif
