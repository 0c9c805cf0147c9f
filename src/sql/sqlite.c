/*
 * sqlite.c - the SQLite file: WAL, synchronous FULL, prepared statements found by their address.
 *
 * Readers wait for no writer, with one exception: while a process makes the log's index anew, as
 * the first to open the file or after a crash, closes it as the last, or is halted amid a change of
 * the index, nobody can begin to read. SQLite waits BUSY_MS, or ten seconds ("locking protocol"),
 * which is not enough on a busy machine or disk; so opening, a reading that has not begun and
 * copying are tried READ_TRIES times. Once a reading has begun, nothing can stop it.
 */
#include "sql/engine.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLOTS = 512, APPLICATION_ID = 0x54614670 /* "TaFp" */, BUSY_MS = 5000, READ_TRIES = 6 };

struct prepared {
    const char *text; /* the key; NULL: free */
    sqlite3_stmt *statement;
    unsigned char arg[SQL_VALUES_MAX]; /* which argument each place takes */
    int places;
};
struct lite {
    sqlite3 *db;
    sqlite3_stmt *verbs[SQL_UNDO + 2];
    struct prepared prepared[SLOTS];
};

static const char *const verb_text[] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE", [SQL_BEGIN_READING] = "BEGIN DEFERRED",
    [SQL_COMMIT] = "COMMIT",         [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_MARK] = "SAVEPOINT m",      [SQL_KEEP] = "RELEASE m",
    [SQL_UNDO] = "ROLLBACK TO m",    [SQL_UNDO + 1] = "RELEASE m"};

static enum tf_status status_of(int code)
{
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return TF_OK;
    case SQLITE_NOMEM:
        return TF_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: /* the index of the log was being changed all the time */
        return TF_BUSY;
    case SQLITE_CONSTRAINT:
        return TF_EXISTS;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return TF_LIMIT;
    default:
        return TF_SYNTAX;
    }
}

/* Some failures end SQLite's transaction by themselves. */
static enum tf_status failure(struct sql *sql, int code)
{
    struct lite *lite = sql->own;
    bool lost = sql->in_transaction && sqlite3_get_autocommit(lite->db);
    return sql_failed(sql, status_of(code), lost, sqlite3_errmsg(lite->db));
}

/* --- opening ------------------------------------------------------------------------- */

static enum tf_status refuse(sqlite3 *db, const char *where, int code, char why[SQL_WHY_SIZE])
{
    enum tf_status rc = status_of(code);
    snprintf(why, SQL_WHY_SIZE, "%.100s: %.100s%s", where, db ? sqlite3_errmsg(db) : "no memory",
             rc == TF_SYNTAX ? "; restore a backup, or move the file away" : "");
    return rc ? rc : TF_SYNTAX;
}

static int number_of(sqlite3 *db, const char *pragma, int *out)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(db, pragma, -1, &s, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(s);
        *out = code == SQLITE_ROW ? sqlite3_column_int(s, 0) : 0;
    }
    sqlite3_finalize(s);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* A database with tables that are not ours is left alone. */
static enum tf_status check_owner(sqlite3 *db, const char *where, char why[SQL_WHY_SIZE])
{
    int owner = 0, tables = 0;
    why[0] = '\0';
    int code = number_of(db, "PRAGMA application_id", &owner);
    if (code == SQLITE_OK)
        code = number_of(db, "SELECT count(*) FROM sqlite_master", &tables);
    if (code != SQLITE_OK)
        return refuse(db, where, code, why);
    if (owner == APPLICATION_ID || (owner == 0 && tables == 0))
        return TF_OK;
    snprintf(why, SQL_WHY_SIZE, "%.200s: this is another program's database", where);
    return TF_SYNTAX;
}

static enum tf_status set_up(sqlite3 *db, const char *where, char why[SQL_WHY_SIZE])
{
    char mark[64];
    static const char *const pragmas[] = {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                                          "PRAGMA foreign_keys = ON", "PRAGMA trusted_schema = OFF",
                                          "PRAGMA cell_size_check = ON"};
    sqlite3_busy_timeout(db, BUSY_MS);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* Plans do not depend on the values: beside a partial index a statement would be prepared
     * anew each time that its values change. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    enum tf_status rc = check_owner(db, where, why);
    for (size_t i = 0; !rc && i < sizeof pragmas / sizeof *pragmas; i++) {
        int code = sqlite3_exec(db, pragmas[i], NULL, NULL, NULL);
        if (code != SQLITE_OK)
            rc = refuse(db, where, code, why);
    }
    int owner = 0;
    if (!rc && number_of(db, "PRAGMA application_id", &owner) == SQLITE_OK && owner == 0) {
        snprintf(mark, sizeof mark, "PRAGMA application_id = %d", APPLICATION_ID);
        int code = sqlite3_exec(db, mark, NULL, NULL, NULL);
        if (code != SQLITE_OK)
            rc = refuse(db, where, code, why);
    }
    return rc;
}

static void lite_close(struct sql *sql)
{
    struct lite *lite = sql->own;
    for (size_t i = 0; i < sizeof lite->verbs / sizeof *lite->verbs; i++)
        sqlite3_finalize(lite->verbs[i]);
    for (size_t i = 0; i < SLOTS; i++)
        sqlite3_finalize(lite->prepared[i].statement);
    sqlite3_close(lite->db);
    free(lite);
    sql->own = NULL;
}

static enum tf_status lite_open(struct sql *sql, const char *where, char why[SQL_WHY_SIZE])
{
    struct lite *lite = calloc(1, sizeof *lite);
    if (!lite)
        return TF_NOMEM;
    sql->own = lite;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(where, &lite->db, flags, NULL);
    enum tf_status rc = code == SQLITE_OK ? TF_BUSY : refuse(lite->db, where, code, why);
    for (int i = 0; code == SQLITE_OK && rc == TF_BUSY && i < READ_TRIES; i++)
        rc = set_up(lite->db, where, why);
    for (size_t i = 0; !rc && i < sizeof lite->verbs / sizeof *lite->verbs; i++) {
        code = sqlite3_prepare_v3(lite->db, verb_text[i], -1, SQLITE_PREPARE_PERSISTENT,
                                  &lite->verbs[i], NULL);
        if (code != SQLITE_OK)
            rc = refuse(lite->db, where, code, why);
    }
    if (rc)
        lite_close(sql);
    return rc;
}

/* --- running ------------------------------------------------------------------------------ */

static enum tf_status run_verb(struct sql *sql, int verb)
{
    struct lite *lite = sql->own;
    int code = sqlite3_step(lite->verbs[verb]);
    enum tf_status rc = code == SQLITE_DONE ? TF_OK : failure(sql, code);
    sqlite3_reset(lite->verbs[verb]);
    return rc;
}

static enum tf_status lite_verb(struct sql *sql, enum sql_verb verb)
{
    struct lite *lite = sql->own;
    enum tf_status rc = TF_OK;
    if (verb != SQL_ROLLBACK || !sqlite3_get_autocommit(lite->db))
        rc = run_verb(sql, (int)verb);
    if (verb == SQL_UNDO && !rc)
        rc = run_verb(sql, SQL_UNDO + 1); /* the mark itself goes, too */
    if (verb == SQL_COMMIT && rc && !sqlite3_get_autocommit(lite->db)) {
        char words[SQL_WHY_SIZE];
        snprintf(words, sizeof words, "%s", sql->why);
        (void)!run_verb(sql, SQL_ROLLBACK);
        sql_failed(sql, rc, false, words);
    }
    return rc;
}

/* Which argument goes where: SQLite counts "$2" as the first place if it comes first. */
static enum tf_status map_places(struct sql *sql, struct prepared *p)
{
    p->places = sqlite3_bind_parameter_count(p->statement);
    for (int i = 0; i < p->places; i++) {
        const char *name = sqlite3_bind_parameter_name(p->statement, i + 1);
        unsigned long number = name && name[0] == '$' ? strtoul(name + 1, NULL, 10) : 0;
        if (i >= SQL_VALUES_MAX || number == 0 || number > SQL_VALUES_MAX)
            return sql_failed(sql, TF_SYNTAX, false, "places must be $1 to $32");
        p->arg[i] = (unsigned char)(number - 1);
    }
    return TF_OK;
}

static enum tf_status prepare(struct sql *sql, const char *text, struct prepared *p)
{
    struct lite *lite = sql->own;
    int code =
        sqlite3_prepare_v3(lite->db, text, -1, SQLITE_PREPARE_PERSISTENT, &p->statement, NULL);
    if (code != SQLITE_OK)
        return failure(sql, code);
    enum tf_status rc = map_places(sql, p);
    if (rc) {
        sqlite3_finalize(p->statement);
        p->statement = NULL;
        return rc;
    }
    p->text = text;
    return TF_OK;
}

/* The slot of a text; a full table prepares into *spare, which is then the caller's to finalize. */
static enum tf_status find(struct sql *sql, const char *text, struct prepared *spare,
                           struct prepared **out)
{
    struct lite *lite = sql->own;
    size_t slot = ((uintptr_t)text >> 3) * 0x9E3779B97F4A7C15u >> 55;
    for (size_t i = 0; i < 8; i++) {
        struct prepared *p = &lite->prepared[(slot + i) % SLOTS];
        if (p->text == text || !p->text) {
            *out = p;
            return p->text ? TF_OK : prepare(sql, text, p);
        }
    }
    *out = spare;
    return prepare(sql, text, spare);
}

static int bind(const struct prepared *p, const struct sql_value *args)
{
    int code = SQLITE_OK;
    for (int i = 0; i < p->places && code == SQLITE_OK; i++) {
        const struct sql_value *value = &args[p->arg[i]];
        switch (value->type) {
        case SQL_NULL:
            code = sqlite3_bind_null(p->statement, i + 1);
            break;
        case SQL_INT:
            code = sqlite3_bind_int64(p->statement, i + 1, value->number);
            break;
        case SQL_TEXT:
            code = sqlite3_bind_text64(p->statement, i + 1, value->bytes, value->len, SQLITE_STATIC,
                                       SQLITE_UTF8);
            break;
        case SQL_BLOB:
            code = value->len ? sqlite3_bind_blob64(p->statement, i + 1, value->bytes, value->len,
                                                    SQLITE_STATIC)
                              : sqlite3_bind_zeroblob(p->statement, i + 1, 0);
            break;
        }
    }
    return code;
}

static void gather_row(sqlite3_stmt *s, int columns, struct sql_gather *gather)
{
    for (int i = 0; i < columns; i++)
        switch (sqlite3_column_type(s, i)) {
        case SQLITE_INTEGER:
            sql_gather_add(gather, SQL_INT, sqlite3_column_int64(s, i), NULL, 0);
            break;
        case SQLITE_NULL:
            sql_gather_add(gather, SQL_NULL, 0, NULL, 0);
            break;
        case SQLITE_BLOB:
            sql_gather_add(gather, SQL_BLOB, 0, sqlite3_column_blob(s, i),
                           (size_t)sqlite3_column_bytes(s, i));
            break;
        default:
            sql_gather_add(gather, SQL_TEXT, 0, sqlite3_column_text(s, i),
                           (size_t)sqlite3_column_bytes(s, i));
        }
}

static int first_step(sqlite3 *db, sqlite3_stmt *s)
{
    int code = sqlite3_step(s);
    for (int i = 1; i < READ_TRIES && status_of(code) == TF_BUSY && sqlite3_stmt_readonly(s); i++) {
        if (sqlite3_txn_state(db, NULL) != SQLITE_TXN_NONE)
            break; /* it has begun */
        sqlite3_reset(s);
        code = sqlite3_step(s);
    }
    return code;
}

static enum tf_status step_all(struct sql *sql, sqlite3_stmt *s, struct sql_rows *rows,
                               int64_t *changed)
{
    struct lite *lite = sql->own;
    struct sql_gather gather = SQL_GATHER_INIT;
    int columns = sqlite3_column_count(s);
    int64_t before = sqlite3_total_changes64(lite->db);
    int code = first_step(lite->db, s);
    for (; code == SQLITE_ROW; code = sqlite3_step(s))
        if (rows)
            gather_row(s, columns, &gather);
    if (code != SQLITE_DONE) {
        sql_gather_drop(&gather);
        return failure(sql, code);
    }
    if (changed)
        *changed = sqlite3_total_changes64(lite->db) - before;
    return rows ? sql_gather_end(&gather, (size_t)columns, rows) : TF_OK;
}

static enum tf_status lite_run(struct sql *sql, const char *text, const struct sql_value *args,
                               size_t count, struct sql_rows *rows, int64_t *changed)
{
    struct prepared spare = {.text = NULL}, *p;
    enum tf_status rc = find(sql, text, &spare, &p);
    for (int i = 0; !rc && i < p->places; i++)
        if (p->arg[i] >= count)
            rc = sql_failed(sql, TF_SYNTAX, false, "a place has no argument");
    if (!rc && !sqlite3_stmt_readonly(p->statement))
        rc = sql_fault(sql);
    if (!rc && bind(p, args) != SQLITE_OK)
        rc = TF_NOMEM;
    if (!rc)
        rc = step_all(sql, p->statement, rows, changed);
    if (p->statement) {
        sqlite3_reset(p->statement);
        sqlite3_clear_bindings(p->statement);
    }
    sqlite3_finalize(spare.statement);
    return rc;
}

static enum tf_status lite_send(struct sql *sql, const char *text, const struct sql_value *args,
                                size_t count)
{
    return lite_run(sql, text, args, count, NULL, NULL);
}

static enum tf_status lite_script(struct sql *sql, const char *text)
{
    struct lite *lite = sql->own;
    enum tf_status rc = sql_fault(sql);
    if (rc)
        return rc;
    int code = sqlite3_exec(lite->db, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? TF_OK : failure(sql, code);
}

const struct sql_engine sql_engine_sqlite = {.blob = "BLOB",
                                             .strict = "STRICT",
                                             .integer = "INTEGER",
                                             .identity = "INTEGER PRIMARY KEY AUTOINCREMENT",
                                             .open = lite_open,
                                             .close = lite_close,
                                             .verb = lite_verb,
                                             .run = lite_run,
                                             .send = lite_send,
                                             .script = lite_script};

/* --- copying --------------------------------------------------------------------------------- */

/* In one step, which reads one state: between two, a writer that goes on has it begin anew. */
static enum tf_status copy(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    int code = backup ? SQLITE_BUSY : sqlite3_errcode(to);
    for (int i = 0; backup && status_of(code) == TF_BUSY && i < READ_TRIES; i++)
        code = sqlite3_backup_step(backup, -1);
    int last = backup ? sqlite3_backup_finish(backup) : code;
    return status_of(last == SQLITE_OK && code != SQLITE_DONE ? code : last);
}

static enum tf_status open_reading(const char *where, sqlite3 **out, char why[SQL_WHY_SIZE])
{
    int code = sqlite3_open_v2(where, out, SQLITE_OPEN_READONLY, NULL);
    if (code != SQLITE_OK)
        return refuse(*out, where, code, why);
    sqlite3_busy_timeout(*out, BUSY_MS);
    enum tf_status rc = TF_BUSY;
    for (int i = 0; rc == TF_BUSY && i < READ_TRIES; i++)
        rc = check_owner(*out, where, why);
    return rc;
}

enum tf_status sql_copy(const char *from, const char *to, char why[SQL_WHY_SIZE])
{
    sqlite3 *a = NULL, *b = NULL;
    enum tf_status rc = open_reading(from, &a, why);
    if (!rc) {
        int code = sqlite3_open_v2(to, &b, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
        rc = code == SQLITE_OK ? copy(a, b) : TF_LIMIT;
        if (rc)
            refuse(b, to, sqlite3_errcode(b), why);
    }
    sqlite3_close(a);
    sqlite3_close(b);
    return rc;
}
