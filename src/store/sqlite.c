/*
 * sqlite.c - the SQLite file: schema, migrations, loading and writing.
 *
 * Schema versions are PRAGMA user_version; migrations[] holds the steps from each to the
 * next. A file of a higher version is refused, never guessed at.
 */
#include "store/store.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { APPLICATION_ID = 0x54614664 }; /* "TaFd" */

enum statement { BEGIN, COMMIT, ROLLBACK, UPSERT, REMOVE, RESERVE, AVAILABILITY, STATEMENT_COUNT };

static const char *const statement_sql[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [UPSERT] = "INSERT OR REPLACE INTO entity VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [REMOVE] = "DELETE FROM entity WHERE kind = ? AND id = ?",
    [RESERVE] = "UPDATE entity SET notification_index = ? WHERE kind = ? AND id = ?",
    [AVAILABILITY] = "INSERT OR REPLACE INTO availability VALUES (?,?,?)",
};

static const char *const migrations[DSS_STORE_VERSION] = {
    "CREATE TABLE entity ("
    " kind INTEGER NOT NULL, id BLOB NOT NULL, state INTEGER NOT NULL, subscription_id BLOB,"
    " cells BLOB NOT NULL, lower_m REAL, upper_m REAL,"
    " start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,"
    " version INTEGER NOT NULL, notify_for_oirs INTEGER NOT NULL,"
    " notify_for_constraints INTEGER NOT NULL, implicit INTEGER NOT NULL,"
    " owner TEXT NOT NULL, url TEXT NOT NULL, ovn TEXT NOT NULL,"
    " notification_index INTEGER NOT NULL,"
    " PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE availability (uss TEXT PRIMARY KEY, state TEXT NOT NULL,"
    " version TEXT NOT NULL) STRICT, WITHOUT ROWID;",
    "ALTER TABLE entity ADD COLUMN used TEXT NOT NULL DEFAULT '';",
};

struct dss_store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

static enum tf_status failure(sqlite3 *db, const char *doing, char why[256])
{
    int code = sqlite3_errcode(db);
    snprintf(why, 256, "%s: %s", doing, sqlite3_errmsg(db));
    switch (code) {
    case SQLITE_NOMEM:
        return TF_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return TF_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return TF_SYNTAX;
    default:
        return TF_LIMIT;
    }
}

static enum tf_status execute(sqlite3 *db, const char *sql, char why[256])
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? TF_OK : failure(db, sql, why);
}

static bool pragma_number(sqlite3 *db, const char *sql, int *out)
{
    sqlite3_stmt *s = NULL;
    bool ok =
        sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
    if (ok)
        *out = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return ok;
}

/* Is the file ours, or empty, and not of a newer version? Changes nothing in it. */
static enum tf_status identify(sqlite3 *db, char why[256])
{
    int version, application, tables;
    if (!pragma_number(db, "PRAGMA user_version", &version) ||
        !pragma_number(db, "PRAGMA application_id", &application) ||
        !pragma_number(db, "SELECT count(*) FROM sqlite_schema", &tables))
        return failure(db, "reading the data file", why);
    if (application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0)) {
        snprintf(why, 256, "the file is a SQLite database of another program");
        return TF_SYNTAX;
    }
    if (version > DSS_STORE_VERSION) {
        snprintf(why, 256,
                 "the data file is of schema version %d, this program knows %d: "
                 "start the newer program, or restore a backup made by this one",
                 version, DSS_STORE_VERSION);
        return TF_UNSUPPORTED;
    }
    return TF_OK;
}

/* Brings the schema to DSS_STORE_VERSION, each step in a transaction of its own. */
static enum tf_status migrate(sqlite3 *db, char why[256])
{
    int version;
    if (!pragma_number(db, "PRAGMA user_version", &version))
        return failure(db, "reading the data file", why);
    enum tf_status rc = TF_OK;
    for (; version < DSS_STORE_VERSION && !rc; version++) {
        char mark[96];
        snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                 APPLICATION_ID, version + 1);
        rc = execute(db, "BEGIN EXCLUSIVE", why);
        if (!rc)
            rc = execute(db, migrations[version], why);
        if (!rc)
            rc = execute(db, mark, why);
    }
    return rc;
}

static enum tf_status open_file(const char *path, int flags, sqlite3 **out, char why[256])
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        enum tf_status rc = db ? failure(db, path, why) : TF_NOMEM;
        sqlite3_close(db);
        return rc;
    }
    sqlite3_busy_timeout(db, 2000);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    *out = db;
    return TF_OK;
}

enum tf_status dss_store_open(const char *path, struct dss_store **out, char why[256])
{
    static const char setup[] = "PRAGMA journal_mode = WAL;"
                                "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;"
                                "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000;";
    struct dss_store *s = calloc(1, sizeof *s);
    if (!s)
        return TF_NOMEM;
    enum tf_status rc = open_file(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &s->db, why);
    if (!rc)
        rc = identify(s->db, why);
    if (!rc)
        rc = execute(s->db, setup, why);
    if (!rc)
        rc = migrate(s->db, why);
    for (int i = 0; i < STATEMENT_COUNT && !rc; i++)
        if (sqlite3_prepare_v3(s->db, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &s->statements[i], NULL) != SQLITE_OK)
            rc = failure(s->db, "the schema is not as expected", why);
    if (rc) {
        dss_store_close(s, NULL);
        return rc;
    }
    *out = s;
    return TF_OK;
}

/* --- writing ---------------------------------------------------------------------- */

static enum tf_status run(struct dss_store *s, enum statement which, char why[256])
{
    sqlite3_stmt *st = s->statements[which];
    int code = sqlite3_step(st);
    enum tf_status rc = code == SQLITE_DONE ? TF_OK : failure(s->db, "writing the data file", why);
    sqlite3_reset(st);
    return rc;
}

static void bind_id(sqlite3_stmt *st, int at, const struct tf_uuid *id)
{
    sqlite3_bind_blob(st, at, id->bytes, sizeof id->bytes, SQLITE_STATIC);
}

/* index_reserved is the writer's own field of an otherwise constant entity. */
static struct dss_entity *writable(const struct dss_entity *e)
{
    return (struct dss_entity *)(uintptr_t)e;
}

static void bind_altitude(sqlite3_stmt *st, int at, float value_m)
{
    if (isfinite(value_m))
        sqlite3_bind_double(st, at, (double)value_m);
    else
        sqlite3_bind_null(st, at);
}

static enum tf_status upsert(struct dss_store *s, const struct dss_entity *e, char why[256])
{
    sqlite3_stmt *st = s->statements[UPSERT];
    int at = 1;
    sqlite3_bind_int(st, at++, (int)e->kind);
    bind_id(st, at++, &e->id);
    sqlite3_bind_int(st, at++, (int)e->state);
    if (tf_uuid_is_zero(&e->subscription_id))
        sqlite3_bind_null(st, at++);
    else
        bind_id(st, at++, &e->subscription_id);
    sqlite3_bind_blob64(st, at++, e->extent.cells, e->extent.cell_count * sizeof(tf_cell),
                        SQLITE_STATIC);
    bind_altitude(st, at++, e->extent.lower_m);
    bind_altitude(st, at++, e->extent.upper_m);
    sqlite3_bind_int64(st, at++, e->extent.start_us);
    sqlite3_bind_int64(st, at++, e->extent.end_us);
    sqlite3_bind_int64(st, at++, e->updated_us);
    sqlite3_bind_int(st, at++, e->version);
    sqlite3_bind_int(st, at++, e->notify_for_oirs);
    sqlite3_bind_int(st, at++, e->notify_for_constraints);
    sqlite3_bind_int(st, at++, e->implicit);
    sqlite3_bind_text(st, at++, e->owner, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, at++, e->url, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, at++, e->ovn, -1, SQLITE_STATIC);
    int reserved =
        atomic_load(&e->notification_index) +
        (e->kind == DSS_SUBSCRIPTION || e->kind == DSS_RID_SUBSCRIPTION ? DSS_INDEX_RESERVE : 0);
    sqlite3_bind_int(st, at++, reserved);
    sqlite3_bind_text(st, at, e->used, -1, SQLITE_STATIC);
    writable(e)->index_reserved = reserved;
    return run(s, UPSERT, why);
}

static enum tf_status reserve(struct dss_store *s, const struct dss_entity *e, int index,
                              char why[256])
{
    sqlite3_stmt *st = s->statements[RESERVE];
    sqlite3_bind_int(st, 1, index);
    sqlite3_bind_int(st, 2, (int)e->kind);
    bind_id(st, 3, &e->id);
    writable(e)->index_reserved = index;
    return run(s, RESERVE, why);
}

static enum tf_status write_one(struct dss_store *s, const struct dss_change *c, char why[256])
{
    if (c->availability) {
        sqlite3_stmt *st = s->statements[AVAILABILITY];
        sqlite3_bind_text(st, 1, c->availability->uss, -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 2, c->availability->state, -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 3, c->availability->version, -1, SQLITE_STATIC);
        return run(s, AVAILABILITY, why);
    }
    if (c->before == c->after) {
        int index = atomic_load(&c->after->notification_index);
        return index <= c->after->index_reserved
                   ? TF_OK
                   : reserve(s, c->after, index + DSS_INDEX_RESERVE, why);
    }
    if (c->after)
        return upsert(s, c->after, why);
    sqlite3_stmt *st = s->statements[REMOVE];
    sqlite3_bind_int(st, 1, (int)c->before->kind);
    bind_id(st, 2, &c->before->id);
    return run(s, REMOVE, why);
}

/* Does the change need the disk? A bump within the reservation does not. */
static bool needs_write(const struct dss_change *c)
{
    return c->availability || c->before != c->after ||
           atomic_load(&c->after->notification_index) > c->after->index_reserved;
}

enum tf_status dss_store_write(struct dss_store *s, const struct dss_change *changes, size_t count,
                               char why[256])
{
    size_t first = 0;
    while (first < count && !needs_write(&changes[first]))
        first++;
    if (first == count)
        return TF_OK;
    enum tf_status rc = run(s, BEGIN, why);
    for (size_t i = first; i < count && !rc; i++)
        rc = write_one(s, &changes[i], why);
    if (!rc)
        rc = run(s, COMMIT, why);
    if (rc && !sqlite3_get_autocommit(s->db)) {
        char ignored[256];
        if (run(s, ROLLBACK, ignored))
            snprintf(why, 256, "%s", ignored);
    }
    for (size_t i = first; i < count && rc; i++) /* what was reserved is not */
        if (changes[i].before == changes[i].after && changes[i].after)
            writable(changes[i].after)->index_reserved = 0;
    return rc;
}

enum tf_status dss_store_probe(struct dss_store *s)
{
    char sql[64], ignored[256];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", DSS_STORE_VERSION);
    enum tf_status rc = run(s, BEGIN, ignored);
    if (!rc)
        rc = execute(s->db, sql, ignored);
    if (!rc)
        rc = run(s, COMMIT, ignored);
    if (rc && !sqlite3_get_autocommit(s->db))
        run(s, ROLLBACK, ignored);
    return rc;
}

/* --- reading ----------------------------------------------------------------------------- */

/* One row as an entity; texts and cells are SQLite's until the next step. */
static enum tf_status row_entity(sqlite3_stmt *st, struct dss_entity *e)
{
    int kind = sqlite3_column_int(st, 0), cells = sqlite3_column_bytes(st, 4);
    const void *id = sqlite3_column_blob(st, 1), *subscription = sqlite3_column_blob(st, 3);
    if (kind < 0 || kind >= DSS_KIND_COUNT || !id || sqlite3_column_bytes(st, 1) != 16 ||
        cells % (int)sizeof(tf_cell) != 0 || (subscription && sqlite3_column_bytes(st, 3) != 16))
        return TF_SYNTAX;
    *e = (struct dss_entity){.kind = (enum dss_kind)kind};
    memcpy(e->id.bytes, id, 16);
    e->state = (enum dss_state)sqlite3_column_int(st, 2);
    if (subscription)
        memcpy(e->subscription_id.bytes, subscription, 16);
    e->extent.cells = sqlite3_column_blob(st, 4);
    e->extent.cell_count = (size_t)cells / sizeof(tf_cell);
    bool no_lower = sqlite3_column_type(st, 5) == SQLITE_NULL;
    bool no_upper = sqlite3_column_type(st, 6) == SQLITE_NULL;
    e->extent.lower_m = no_lower ? -INFINITY : (float)sqlite3_column_double(st, 5);
    e->extent.upper_m = no_upper ? INFINITY : (float)sqlite3_column_double(st, 6);
    e->extent.start_us = sqlite3_column_int64(st, 7);
    e->extent.end_us = sqlite3_column_int64(st, 8);
    e->updated_us = sqlite3_column_int64(st, 9);
    e->version = sqlite3_column_int(st, 10);
    e->notify_for_oirs = sqlite3_column_int(st, 11);
    e->notify_for_constraints = sqlite3_column_int(st, 12);
    e->implicit = sqlite3_column_int(st, 13);
    e->owner = (const char *)sqlite3_column_text(st, 14);
    e->url = (const char *)sqlite3_column_text(st, 15);
    e->ovn = (const char *)sqlite3_column_text(st, 16);
    atomic_init(&e->notification_index, sqlite3_column_int(st, 17));
    e->index_reserved = sqlite3_column_int(st, 17);
    e->used = (const char *)sqlite3_column_text(st, 18);
    return e->owner && e->url && e->ovn && e->used && e->state < DSS_STATE_COUNT ? TF_OK
                                                                                 : TF_SYNTAX;
}

static enum tf_status load_entities(struct dss_store *s, struct dss_memory *memory, char why[256])
{
    sqlite3_stmt *st = NULL;
    struct dss_db *db = dss_memory_db(memory);
    enum tf_status rc = TF_OK;
    int code = sqlite3_prepare_v2(s->db, "SELECT * FROM entity", -1, &st, NULL);
    for (size_t n = 0; code == SQLITE_OK && !rc && (code = sqlite3_step(st)) == SQLITE_ROW; n++) {
        struct dss_entity row;
        rc = row_entity(st, &row);
        struct dss_entity *e = rc ? NULL : dss_entity_new(&row);
        if (!rc)
            rc = e ? db->ops->put(db, e) : TF_NOMEM;
        dss_entity_unref(e);
        if (n % 4096 == 0)
            dss_memory_settle(memory);
        if (rc == TF_SYNTAX)
            snprintf(why, 256, "row %zu of the data file is damaged: restore a backup", n);
        code = SQLITE_OK;
    }
    if (!rc && code != SQLITE_DONE && code != SQLITE_OK)
        rc = failure(s->db, "reading the data file", why);
    sqlite3_finalize(st);
    return rc;
}

static enum tf_status load_availability(struct dss_store *s, struct dss_memory *memory,
                                        char why[256])
{
    sqlite3_stmt *st = NULL;
    struct dss_db *db = dss_memory_db(memory);
    enum tf_status rc = TF_OK;
    if (sqlite3_prepare_v2(s->db, "SELECT uss, state, version FROM availability", -1, &st, NULL))
        return failure(s->db, "reading the data file", why);
    int code;
    while (!rc && (code = sqlite3_step(st)) == SQLITE_ROW) {
        struct dss_availability a;
        snprintf(a.uss, sizeof a.uss, "%s", sqlite3_column_text(st, 0));
        snprintf(a.state, sizeof a.state, "%s", sqlite3_column_text(st, 1));
        snprintf(a.version, sizeof a.version, "%s", sqlite3_column_text(st, 2));
        rc = db->ops->put_availability(db, &a);
    }
    if (!rc && code != SQLITE_DONE)
        rc = failure(s->db, "reading the data file", why);
    sqlite3_finalize(st);
    return rc;
}

enum tf_status dss_store_load(struct dss_store *store, struct dss_memory *memory, char why[256])
{
    enum tf_status rc = load_entities(store, memory, why);
    if (!rc)
        rc = load_availability(store, memory, why);
    dss_memory_settle(memory);
    return rc;
}

/* --- closing, copying, checking ------------------------------------------------------------- */

struct settle {
    struct dss_store *store;
    enum tf_status rc;
    char why[256];
};

static bool settle_visit(void *ctx, const struct dss_entity *e)
{
    struct settle *s = ctx;
    int index = atomic_load(&e->notification_index);
    if (index != e->index_reserved)
        s->rc = reserve(s->store, e, index, s->why);
    return s->rc == TF_OK;
}

enum tf_status dss_store_close(struct dss_store *s, struct dss_memory *memory)
{
    struct settle settle = {.store = s};
    if (memory && s->statements[BEGIN]) {
        settle.rc = run(s, BEGIN, settle.why);
        if (!settle.rc)
            dss_memory_each(memory, DSS_SUBSCRIPTION, settle_visit, &settle);
        if (!settle.rc)
            dss_memory_each(memory, DSS_RID_SUBSCRIPTION, settle_visit, &settle);
        if (!settle.rc)
            settle.rc = run(s, COMMIT, settle.why);
    }
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    free(s);
    return settle.rc;
}

enum tf_status dss_store_backup(const char *path, const char *to, char why[256])
{
    sqlite3 *from = NULL, *copy = NULL;
    enum tf_status rc = open_file(path, SQLITE_OPEN_READONLY, &from, why);
    if (!rc)
        rc = open_file(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &copy, why);
    sqlite3_backup *backup = rc ? NULL : sqlite3_backup_init(copy, "main", from, "main");
    if (!rc && (!backup || sqlite3_backup_step(backup, -1) != SQLITE_DONE))
        rc = failure(copy, "copying the data file", why);
    if (sqlite3_backup_finish(backup) != SQLITE_OK && !rc)
        rc = failure(copy, "copying the data file", why);
    if (!rc) /* one file, that needs no log beside it */
        rc = execute(copy, "PRAGMA journal_mode = DELETE", why);
    sqlite3_close(copy);
    sqlite3_close(from);
    return rc;
}

/* Is it a data file of this program, of a version that it knows? */
static enum tf_status check_mark(sqlite3 *db, char why[256])
{
    int version, application;
    if (!pragma_number(db, "PRAGMA user_version", &version) ||
        !pragma_number(db, "PRAGMA application_id", &application))
        return failure(db, "reading the data file", why);
    if (application == APPLICATION_ID && version > 0 && version <= DSS_STORE_VERSION)
        return TF_OK;
    if (application == APPLICATION_ID && version > 0) {
        snprintf(why, 256, "the data file is of schema version %d, this program knows %d", version,
                 DSS_STORE_VERSION);
        return TF_UNSUPPORTED;
    }
    snprintf(why, 256, "the file is no data file of this program");
    return TF_SYNTAX;
}

enum tf_status dss_store_check(const char *path, char why[256])
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    enum tf_status rc = open_file(path, SQLITE_OPEN_READONLY, &db, why);
    if (!rc)
        rc = check_mark(db, why);
    if (!rc && (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &st, NULL) != SQLITE_OK ||
                sqlite3_step(st) != SQLITE_ROW))
        rc = failure(db, "checking the data file", why);
    const char *said = rc ? "ok" : (const char *)sqlite3_column_text(st, 0);
    if (!rc && strcmp(said, "ok") != 0) {
        snprintf(why, 256, "%s", said);
        rc = TF_SYNTAX;
    }
    sqlite3_finalize(st);
    sqlite3_close(db);
    return rc;
}
