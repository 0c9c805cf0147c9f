/*
 * postgres.c - a server over the PostgreSQL wire protocol: one connection, opened again when a
 * transaction begins on a broken one.
 *
 * Types of places are left for the server to infer; numbers and texts travel as text, bytes
 * as they are.
 *
 * Statements of sql_send() go through libpq's pipeline, and rows of one INSERT that follow each
 * other as one statement (batch.h); whatever has to wait for an answer settles first what is on
 * its way. On other servers that speak the protocol (CockroachDB, YugabyteDB) nothing else is
 * needed than arrays in binary form and unnest() of several.
 */
#include "sql/batch.h"
#include "sql/engine.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

/* ON_ITS_WAY: statements whose answers are not read yet. So many short answers fit into the
 * socket's buffer: the server never waits for us to read while we wait for it. */
enum { SLOTS = 512, ON_ITS_WAY = 128 };
/* So few rows are sent one by one: the server has that statement prepared. */
enum { FEW = 8 };
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_NUMERIC = 1700
};

struct prepared {
    const char *text; /* the key; NULL: free */
};
struct server {
    PGconn *link;
    struct prepared prepared[SLOTS];
    unsigned on_its_way;    /* sent; above 0 the link is in pipeline mode */
    struct sql_batch batch; /* not sent yet: what came after all else */
};

struct places {
    const char *values[SQL_VALUES_MAX];
    int lengths[SQL_VALUES_MAX], formats[SQL_VALUES_MAX];
    char numbers[SQL_VALUES_MAX][24];
    char *copies[SQL_VALUES_MAX]; /* texts that are not terminated where they end */
};

static const struct places no_places;

static const char *const verb_text[] = {
    [SQL_BEGIN] = "BEGIN ISOLATION LEVEL SERIALIZABLE",
    [SQL_BEGIN_READING] = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_MARK] = "SAVEPOINT m",
    [SQL_KEEP] = "RELEASE SAVEPOINT m",
    [SQL_UNDO] = "ROLLBACK TO SAVEPOINT m; RELEASE SAVEPOINT m"};

static void ignore_notice(void *ctx, const char *message)
{
    (void)ctx, (void)message;
}

/* --- what went wrong --------------------------------------------------------------------- */

static enum tf_status status_of(const char *state)
{
    static const struct {
        const char *prefix;
        enum tf_status rc;
    } known[] = {{"40001", TF_BUSY}, {"40P01", TF_BUSY}, {"55P03", TF_BUSY},  {"57", TF_BUSY},
                 {"08", TF_BUSY},    {"23", TF_EXISTS},  {"53200", TF_NOMEM}, {"53", TF_LIMIT},
                 {"58", TF_LIMIT},   {"25006", TF_BUSY}};
    for (size_t i = 0; state && i < sizeof known / sizeof *known; i++)
        if (strncmp(state, known[i].prefix, strlen(known[i].prefix)) == 0)
            return known[i].rc;
    return TF_SYNTAX;
}

/* Releases the result. A broken constraint leaves the way back to the mark; all else ends it. */
static enum tf_status failure(struct sql *sql, PGresult *result)
{
    struct server *server = sql->own;
    bool broken = PQstatus(server->link) != CONNECTION_OK;
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    enum tf_status rc = broken ? TF_BUSY : status_of(state);
    sql_failed(sql, rc, broken || rc == TF_BUSY,
               result && PQresultErrorMessage(result)[0] ? PQresultErrorMessage(result)
                                                         : PQerrorMessage(server->link));
    PQclear(result);
    return rc;
}

static bool is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* --- what was sent and not answered ------------------------------------------------------- */

/* Reads all answers: the first that is a failure, if any, and else the last. */
static PGresult *read_answers(struct server *server)
{
    PGresult *kept = NULL;
    bool is_synced = false;
    while (!is_synced && PQstatus(server->link) == CONNECTION_OK) {
        PGresult *result = PQgetResult(server->link); /* NULL: between two statements */
        is_synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (!result || is_synced || (kept && !is_good(kept))) {
            PQclear(result);
            continue;
        }
        PQclear(kept);
        kept = result;
    }
    return kept;
}

/* Waits for all that is on its way, and leaves the pipeline; *last (may be NULL) is the answer to
 * what was sent last, owned by the caller. */
static enum tf_status settle(struct sql *sql, PGresult **last)
{
    struct server *server = sql->own;
    if (server->on_its_way == 0)
        return TF_OK;
    server->on_its_way = 0;
    PGresult *kept = PQpipelineSync(server->link) ? read_answers(server) : NULL;
    bool is_left = PQstatus(server->link) == CONNECTION_OK && PQexitPipelineMode(server->link);
    if (!is_good(kept) || !is_left)
        return failure(sql, kept);
    if (last)
        *last = kept;
    else
        PQclear(kept);
    return TF_OK;
}

/* Puts a statement into the pipeline: that of the name, or if that is "", the text. */
static enum tf_status dispatch(struct sql *sql, const char *name, const char *text,
                               const struct places *p, int count)
{
    struct server *server = sql->own;
    bool is_sent = server->on_its_way > 0 || PQenterPipelineMode(server->link);
    if (is_sent)
        is_sent = name[0] ? PQsendQueryPrepared(server->link, name, count, p->values, p->lengths,
                                                p->formats, 0)
                          : PQsendQueryParams(server->link, text, count, NULL, p->values,
                                              p->lengths, p->formats, 0);
    server->on_its_way++; /* or in pipeline mode at least, which has to be left */
    return is_sent ? TF_OK : failure(sql, NULL);
}

/* --- the connection -------------------------------------------------------------------------- */

static bool greet(PGconn *link)
{
    PGresult *result = PQexec(link, "SET client_min_messages = warning; SET bytea_output = 'hex';"
                                    " SET synchronous_commit = on");
    bool good = is_good(result);
    PQclear(result);
    return good;
}

static void server_close(struct sql *sql)
{
    struct server *server = sql->own;
    PQfinish(server->link);
    sql_batch_release(&server->batch);
    free(server);
    sql->own = NULL;
}

static enum tf_status server_open(struct sql *sql, const char *where, char why[SQL_WHY_SIZE])
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return TF_NOMEM;
    const char *const keys[] = {"dbname", "connect_timeout", "fallback_application_name", NULL};
    const char *const values[] = {where, "5", "tafadi", NULL};
    sql->own = server;
    sql_batch_init(&server->batch);
    server->link = PQconnectdbParams(keys, values, 1);
    if (server->link)
        PQsetNoticeProcessor(server->link, ignore_notice, NULL);
    if (PQstatus(server->link) == CONNECTION_OK && greet(server->link))
        return TF_OK;
    snprintf(why, SQL_WHY_SIZE, "%.200s", PQerrorMessage(server->link));
    server_close(sql);
    return TF_BUSY;
}

static enum tf_status ensure_link(struct sql *sql)
{
    struct server *server = sql->own;
    if (PQstatus(server->link) == CONNECTION_OK)
        return TF_OK;
    PQreset(server->link);
    server->on_its_way = 0;
    memset(server->prepared, 0, sizeof server->prepared);
    if (PQstatus(server->link) == CONNECTION_OK && greet(server->link))
        return TF_OK;
    return sql_failed(sql, TF_BUSY, false, PQerrorMessage(server->link));
}

/* --- statements ----------------------------------------------------------------------------------
 */

static bool begins_with(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* The name under which the server knows the text, prepared now if it is new; "" if the table is
 * full: then it is sent whole. */
static enum tf_status name_of(struct sql *sql, const char *text, char name[16])
{
    struct server *server = sql->own;
    size_t slot = ((uintptr_t)text >> 3) * 0x9E3779B97F4A7C15u >> 55;
    name[0] = '\0';
    for (size_t i = 0; i < 8; i++) {
        size_t at = (slot + i) % SLOTS;
        struct prepared *p = &server->prepared[at];
        if (p->text && p->text != text)
            continue;
        snprintf(name, 16, "s%zu", at);
        if (p->text)
            return TF_OK;
        enum tf_status rc = settle(sql, NULL);
        if (rc)
            return rc;
        PGresult *result = PQprepare(server->link, name, text, 0, NULL);
        if (!is_good(result))
            return failure(sql, result);
        PQclear(result);
        p->text = text;
        return TF_OK;
    }
    return TF_OK;
}

static enum tf_status fill(struct places *p, const struct sql_value *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        p->copies[i] = NULL;
        p->lengths[i] = (int)args[i].len;
        p->formats[i] = args[i].type == SQL_BLOB;
        p->values[i] = args[i].type == SQL_BLOB ? (args[i].len ? args[i].bytes : "") : NULL;
        if (args[i].type == SQL_INT) {
            snprintf(p->numbers[i], sizeof p->numbers[i], "%lld", (long long)args[i].number);
            p->values[i] = p->numbers[i];
        } else if (args[i].type == SQL_TEXT) {
            p->copies[i] = malloc(args[i].len + 1);
            if (!p->copies[i])
                return TF_NOMEM;
            if (args[i].len)
                memcpy(p->copies[i], args[i].bytes, args[i].len);
            p->copies[i][args[i].len] = '\0';
            p->values[i] = p->copies[i];
        }
    }
    return TF_OK;
}

static void drop(struct places *p, size_t count)
{
    for (size_t i = 0; i < count && i < SQL_VALUES_MAX; i++)
        free(p->copies[i]);
}

/* Puts a statement, prepared, into the pipeline. */
static enum tf_status send_one(struct sql *sql, const char *text, const struct sql_value *args,
                               size_t count)
{
    struct server *server = sql->own;
    struct places places;
    char name[16];
    enum tf_status rc = fill(&places, args, count);
    if (!rc && server->on_its_way >= ON_ITS_WAY)
        rc = settle(sql, NULL);
    if (!rc)
        rc = name_of(sql, text, name);
    if (!rc)
        rc = dispatch(sql, name, text, &places, (int)count);
    drop(&places, count);
    return rc;
}

/* All rows as one statement. */
static enum tf_status send_all(struct sql *sql, struct sql_batch *batch)
{
    struct server *server = sql->own;
    struct sql_value arrays[SQL_VALUES_MAX];
    struct places places;
    const char *text;
    enum tf_status rc = sql_batch_close(batch, &text, arrays);
    if (!rc && server->on_its_way >= ON_ITS_WAY)
        rc = settle(sql, NULL);
    if (!rc)
        rc = fill(&places, arrays, batch->columns);
    return rc ? rc : dispatch(sql, "", text, &places, (int)batch->columns);
}

/* Rows that wait for others of their kind wait no longer. */
static enum tf_status flush(struct sql *sql)
{
    struct sql_batch *batch = &((struct server *)sql->own)->batch;
    struct sql_value args[SQL_VALUES_MAX];
    struct sql_batch_place place = {0};
    enum tf_status rc = sql_batch_status(batch);
    if (!rc && batch->rows > FEW && sql_batch_is_typed(batch))
        rc = send_all(sql, batch);
    else
        while (!rc && sql_batch_next(batch, &place, args))
            rc = send_one(sql, batch->text, args, batch->columns);
    sql_batch_clear(batch);
    return rc;
}

static void gather_value(struct sql_gather *gather, const PGresult *result, int row, int column)
{
    const char *text = PQgetvalue(result, row, column);
    size_t len = (size_t)PQgetlength(result, row, column), size;
    unsigned char *bytes;
    if (PQgetisnull(result, row, column)) {
        sql_gather_add(gather, SQL_NULL, 0, NULL, 0);
        return;
    }
    switch (PQftype(result, column)) {
    case OID_INT8:
    case OID_INT4:
    case OID_INT2:
    case OID_NUMERIC:
        sql_gather_add(gather, SQL_INT, strtoll(text, NULL, 10), NULL, 0);
        return;
    case OID_BOOL:
        sql_gather_add(gather, SQL_INT, text[0] == 't', NULL, 0);
        return;
    case OID_BYTEA:
        bytes = PQunescapeBytea((const unsigned char *)text, &size);
        if (!bytes)
            gather->rc = TF_NOMEM;
        else
            sql_gather_add(gather, SQL_BLOB, 0, bytes, size);
        PQfreemem(bytes);
        return;
    default:
        sql_gather_add(gather, SQL_TEXT, 0, text, len);
    }
}

static enum tf_status gather_rows(const PGresult *result, struct sql_rows *rows)
{
    struct sql_gather gather = SQL_GATHER_INIT;
    int columns = PQnfields(result);
    for (int row = 0; row < PQntuples(result); row++)
        for (int column = 0; column < columns; column++)
            gather_value(&gather, result, row, column);
    return sql_gather_end(&gather, (size_t)columns, rows);
}

/* Whether the fault hook and the limits let it pass. */
static enum tf_status admit(struct sql *sql, const char *text, size_t count)
{
    if (count > SQL_VALUES_MAX)
        return sql_failed(sql, TF_SYNTAX, false, "too many arguments");
    return begins_with(text, "SELECT") ? TF_OK : sql_fault(sql);
}

static enum tf_status ask(struct sql *sql, const char *text, const struct places *p, int count,
                          PGresult **out)
{
    struct server *server = sql->own;
    char name[16];
    enum tf_status rc = sql->in_transaction ? TF_OK : ensure_link(sql);
    if (!rc)
        rc = name_of(sql, text, name);
    if (!rc && server->on_its_way > 0) {
        rc = dispatch(sql, name, text, p, count);
        return rc ? rc : settle(sql, out);
    }
    if (rc)
        return rc;
    *out = name[0] ? PQexecPrepared(server->link, name, count, p->values, p->lengths, p->formats, 0)
                   : PQexecParams(server->link, text, count, NULL, p->values, p->lengths,
                                  p->formats, 0);
    return is_good(*out) ? TF_OK : failure(sql, *out);
}

static enum tf_status server_run(struct sql *sql, const char *text, const struct sql_value *args,
                                 size_t count, struct sql_rows *rows, int64_t *changed)
{
    struct places places;
    PGresult *result = NULL;
    enum tf_status rc = admit(sql, text, count);
    if (!rc)
        rc = flush(sql);
    if (rc)
        return rc;
    rc = fill(&places, args, count);
    if (!rc)
        rc = ask(sql, text, &places, (int)count, &result);
    if (!rc) {
        if (changed)
            *changed = strtoll(PQcmdTuples(result), NULL, 10);
        if (rows)
            rc = gather_rows(result, rows);
        PQclear(result);
    }
    drop(&places, count);
    return rc;
}

static enum tf_status server_send(struct sql *sql, const char *text, const struct sql_value *args,
                                  size_t count)
{
    struct sql_batch *batch = &((struct server *)sql->own)->batch;
    enum tf_status rc = admit(sql, text, count);
    if (rc)
        return rc;
    bool is_row = text == batch->text || sql_batch_is_row(text, count);
    if (!is_row || !sql_batch_takes(batch, text, args, count))
        rc = flush(sql);
    if (rc)
        return rc;
    return is_row ? sql_batch_add(batch, text, args, count) : send_one(sql, text, args, count);
}

/* --- transactions --------------------------------------------------------------------- */

static enum tf_status begin(struct sql *sql, enum sql_verb verb)
{
    struct server *server = sql->own;
    enum tf_status rc = ensure_link(sql);
    if (rc)
        return rc;
    PGresult *result = PQexec(server->link, verb_text[verb]);
    rc = is_good(result) ? TF_OK : failure(sql, result);
    /* Found out on the first use of a connection that ended while idle: once more. */
    if (rc && PQstatus(server->link) != CONNECTION_OK && ensure_link(sql) == TF_OK) {
        result = PQexec(server->link, verb_text[verb]);
        rc = is_good(result) ? TF_OK : failure(sql, result);
    }
    if (!rc)
        PQclear(result);
    return rc;
}

/* Behind what is on its way, if anything is, so that all of it takes one round trip. */
static enum tf_status say(struct sql *sql, enum sql_verb verb, PGresult **out)
{
    struct server *server = sql->own;
    if (server->on_its_way > 0) {
        enum tf_status rc = dispatch(sql, "", verb_text[verb], &no_places, 0);
        return rc ? rc : settle(sql, out);
    }
    *out = PQexec(server->link, verb_text[verb]);
    return is_good(*out) ? TF_OK : failure(sql, *out);
}

static enum tf_status commit(struct sql *sql)
{
    struct server *server = sql->own;
    PGresult *result = NULL;
    enum tf_status rc = flush(sql);
    bool is_said = rc == TF_OK;
    if (is_said)
        rc = say(sql, SQL_COMMIT, &result);
    if (rc && PQstatus(server->link) != CONNECTION_OK)
        return is_said ? TF_NOT_FOUND /* it may have been done */ : rc;
    if (rc) { /* what was sent before it failed, perhaps, and it was not looked at */
        (void)!settle(sql, NULL);
        PQclear(PQexec(server->link, verb_text[SQL_ROLLBACK]));
        return rc;
    }
    bool is_rolled_back = strcmp(PQcmdStatus(result), "ROLLBACK") == 0;
    PQclear(result);
    return is_rolled_back
               ? sql_failed(sql, TF_BUSY, false, "the transaction had failed before its end")
               : TF_OK;
}

static enum tf_status server_verb(struct sql *sql, enum sql_verb verb)
{
    PGresult *result = NULL;
    if (verb == SQL_BEGIN || verb == SQL_BEGIN_READING)
        return begin(sql, verb);
    if (verb == SQL_COMMIT)
        return commit(sql);
    struct server *server = sql->own;
    bool goes_back = verb == SQL_UNDO || verb == SQL_ROLLBACK;
    if (goes_back) { /* whatever came of it goes, and what came after the mark was not sent */
        sql_batch_clear(&server->batch);
        (void)!settle(sql, NULL);
    }
    enum tf_status rc = flush(sql);
    if (!rc && verb == SQL_MARK && server->on_its_way == 0) /* the next answer tells of it */
        return dispatch(sql, "", verb_text[verb], &no_places, 0);
    if (!rc)
        rc = say(sql, verb, &result);
    if (!rc)
        PQclear(result);
    return rc;
}

static enum tf_status server_script(struct sql *sql, const char *text)
{
    struct server *server = sql->own;
    enum tf_status rc = sql_fault(sql);
    if (!rc)
        rc = flush(sql);
    if (!rc)
        rc = sql->in_transaction ? settle(sql, NULL) : ensure_link(sql);
    if (rc)
        return rc;
    PGresult *result = PQexec(server->link, text);
    if (!is_good(result) && PQresultStatus(result) != PGRES_EMPTY_QUERY)
        return failure(sql, result);
    PQclear(result);
    return TF_OK;
}

const struct sql_engine sql_engine_postgres = {
    .is_shared = true,
    .blob = "BYTEA",
    .strict = "",
    .integer = "BIGINT",
    .identity = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    .open = server_open,
    .close = server_close,
    .verb = server_verb,
    .run = server_run,
    .send = server_send,
    .script = server_script};
