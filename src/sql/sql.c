/*
 * sql.c - what both databases share: transactions that can be lost, schemas and their
 * versions, faults for tests.
 */
#include "sql/engine.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_server(const char *where)
{
    return strncmp(where, "postgresql://", 13) == 0 || strncmp(where, "postgres://", 11) == 0 ||
           strchr(where, '=') != NULL;
}

enum tf_status sql_open(const char *where, struct sql **out, char why[SQL_WHY_SIZE])
{
    struct sql *sql = calloc(1, sizeof *sql);
    why[0] = '\0';
    if (!sql)
        return TF_NOMEM;
    sql->engine = is_server(where) ? &sql_engine_postgres : &sql_engine_sqlite;
    enum tf_status rc = sql->engine->open(sql, where, why);
    if (rc) {
        free(sql);
        return rc;
    }
    *out = sql;
    return TF_OK;
}

void sql_close(struct sql *sql)
{
    if (!sql)
        return;
    if (sql->in_transaction)
        sql_rollback(sql);
    sql->engine->close(sql);
    free(sql);
}

bool sql_is_shared(const struct sql *sql)
{
    return sql->engine->is_shared;
}

const char *sql_why(const struct sql *sql)
{
    return sql->why;
}

void sql_set_fault(struct sql *sql, enum tf_status (*fault)(void *ctx), void *ctx)
{
    sql->fault = fault;
    sql->fault_ctx = ctx;
}

enum tf_status sql_fault(struct sql *sql)
{
    enum tf_status rc = sql->fault ? sql->fault(sql->fault_ctx) : TF_OK;
    return rc ? sql_failed(sql, rc, false, "a fault made by a test") : TF_OK;
}

enum tf_status sql_failed(struct sql *sql, enum tf_status rc, bool is_lost, const char *words)
{
    snprintf(sql->why, sizeof sql->why, "%s", words ? words : "");
    for (char *end = sql->why + strlen(sql->why); end > sql->why && end[-1] == '\n';)
        *--end = '\0';
    if (is_lost && sql->in_transaction && !sql->lost)
        sql->lost = rc;
    return rc;
}

/* --- transactions --------------------------------------------------------------------- */

static enum tf_status begin(struct sql *sql, enum sql_verb how)
{
    if (sql->in_transaction)
        return sql_failed(sql, TF_SYNTAX, false, "a transaction is open already");
    enum tf_status rc = sql->engine->verb(sql, how);
    sql->in_transaction = rc == TF_OK;
    sql->turn += rc == TF_OK;
    sql->lost = TF_OK;
    return rc;
}

enum tf_status sql_begin(struct sql *sql)
{
    return begin(sql, SQL_BEGIN);
}

enum tf_status sql_begin_reading(struct sql *sql)
{
    return begin(sql, SQL_BEGIN_READING);
}

uint64_t sql_turn(const struct sql *sql)
{
    return sql->in_transaction ? sql->turn : 0;
}

enum tf_status sql_commit(struct sql *sql)
{
    if (!sql->in_transaction)
        return sql_failed(sql, TF_SYNTAX, false, "no transaction is open");
    enum tf_status rc = sql->lost ? sql->lost : sql_fault(sql);
    if (!rc)
        rc = sql->engine->verb(sql, SQL_COMMIT);
    else
        (void)!sql->engine->verb(sql, SQL_ROLLBACK);
    sql->in_transaction = false;
    sql->lost = TF_OK;
    return rc;
}

void sql_rollback(struct sql *sql)
{
    if (!sql->in_transaction)
        return;
    (void)!sql->engine->verb(sql, SQL_ROLLBACK);
    sql->in_transaction = false;
    sql->lost = TF_OK;
}

static enum tf_status within(struct sql *sql, enum sql_verb verb)
{
    if (!sql->in_transaction)
        return sql_failed(sql, TF_SYNTAX, false, "no transaction is open");
    return sql->lost ? sql->lost : sql->engine->verb(sql, verb);
}

enum tf_status sql_mark(struct sql *sql)
{
    return within(sql, SQL_MARK);
}

enum tf_status sql_keep(struct sql *sql)
{
    return within(sql, SQL_KEEP);
}

enum tf_status sql_undo(struct sql *sql)
{
    return within(sql, SQL_UNDO);
}

/* --- statements --------------------------------------------------------------------------- */

enum tf_status sql_query(struct sql *sql, const char *text, const struct sql_value *args,
                         size_t count, struct sql_rows *out)
{
    if (sql->in_transaction && sql->lost)
        return sql->lost;
    return sql->engine->run(sql, text, args, count, out, NULL);
}

enum tf_status sql_exec(struct sql *sql, const char *text, const struct sql_value *args,
                        size_t count, int64_t *changed)
{
    if (sql->in_transaction && sql->lost)
        return sql->lost;
    return sql->engine->run(sql, text, args, count, NULL, changed);
}

enum tf_status sql_send(struct sql *sql, const char *text, const struct sql_value *args,
                        size_t count)
{
    if (!sql->in_transaction)
        return sql_failed(sql, TF_SYNTAX, false, "no transaction is open");
    return sql->lost ? sql->lost : sql->engine->send(sql, text, args, count);
}

/* --- schemas ---------------------------------------------------------------------------------- */

enum tf_status sql_script(struct sql *sql, const char *text)
{
    const struct {
        const char *word, *by;
    } words[] = {{"@BLOB@", sql->engine->blob},
                 {"@STRICT@", sql->engine->strict},
                 {"@IDENTITY@", sql->engine->identity},
                 {"BIGINT", sql->engine->integer}};
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    while (*text) {
        size_t i = 0, n = sizeof words / sizeof *words;
        while (i < n && strncmp(text, words[i].word, strlen(words[i].word)) != 0)
            i++;
        if (i < n)
            tf_buf_text(&out, words[i].by);
        else
            tf_buf_char(&out, *text);
        text += i < n ? strlen(words[i].word) : 1;
    }
    enum tf_status rc = tf_buf_status(&out);
    if (!rc && out.len > 0)
        rc = sql->engine->script(sql, out.data);
    tf_buf_release(&out);
    return rc;
}

static enum tf_status version_of(struct sql *sql, const char *name, int64_t *version)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(sql, "SELECT version FROM sql_module WHERE name = $1",
                                  SQL_ARGS(sql_text(name)), &rows);
    if (rc)
        return rc;
    *version = rows.count ? sql_at(&rows, 0, 0)->number : 0;
    sql_rows_release(&rows);
    return TF_OK;
}

static enum tf_status step(struct sql *sql, const char *name, const char *const *steps, size_t from)
{
    enum tf_status rc = sql_script(sql, steps[from]);
    return rc ? rc
              : sql_exec(sql,
                         "INSERT INTO sql_module (name, version) VALUES ($1, $2)"
                         " ON CONFLICT (name) DO UPDATE SET version = excluded.version",
                         SQL_ARGS(sql_text(name), sql_int((int64_t)from + 1)), NULL);
}

/* One step in a transaction; *done: nothing is left to do. */
static enum tf_status migrate_once(struct sql *sql, const char *name, const char *const *steps,
                                   size_t count, bool *done)
{
    int64_t version;
    enum tf_status rc = sql_begin(sql);
    if (rc)
        return rc;
    rc = sql_script(sql, "CREATE TABLE IF NOT EXISTS sql_module (name TEXT PRIMARY KEY,"
                         " version BIGINT NOT NULL) @STRICT@");
    if (!rc)
        rc = version_of(sql, name, &version);
    if (!rc && version > (int64_t)count)
        rc = TF_UNSUPPORTED;
    *done = !rc && version == (int64_t)count;
    if (!rc && !*done)
        rc = step(sql, name, steps, (size_t)version);
    if (!rc)
        return sql_commit(sql);
    sql_rollback(sql);
    return rc;
}

enum tf_status sql_migrate(struct sql *sql, const char *name, const char *const *steps,
                           size_t count, char why[SQL_WHY_SIZE])
{
    enum { TRIES = 20 };
    enum tf_status rc = TF_OK;
    bool done = false;
    for (size_t i = 0; !done && !rc && i <= count; i++) {
        rc = migrate_once(sql, name, steps, count, &done);
        /* Another node may be doing the same at this moment. */
        for (int again = 0; (rc == TF_BUSY || rc == TF_EXISTS) && again < TRIES; again++)
            rc = migrate_once(sql, name, steps, count, &done);
    }
    if (rc == TF_UNSUPPORTED)
        snprintf(why, SQL_WHY_SIZE,
                 "the tables \"%s\" were made by a newer version of this program; use that", name);
    else if (rc)
        snprintf(why, SQL_WHY_SIZE, "%s: %s", name, sql_why(sql));
    return rc;
}
