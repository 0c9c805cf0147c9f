/*
 * link.c - a connection to one of the pool's databases, and statements on it.
 *
 * A statement whose result is not needed waits in libpq's pipeline and goes out together
 * with the next one whose result is, which saves its round trip.
 */
#include "store/link.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *pool_value(const PGresult *r, int row, int column)
{
    return PQgetisnull(r, row, column) ? NULL : PQgetvalue(r, row, column);
}

int64_t pool_number(const PGresult *r, int row, int column, int64_t absent)
{
    const char *text = pool_value(r, row, column);
    return text ? strtoll(text, NULL, 10) : absent;
}

struct pool_time pool_time(int64_t t_us)
{
    struct pool_time text = {"infinity"};
    if (t_us == INT64_MIN)
        memcpy(text.s, "-infinity", 10);
    else if (t_us != INT64_MAX)
        tf_time_format(t_us * 1000, text.s);
    return text;
}

/* --- statements ---------------------------------------------------------------- */

enum tf_status pool_failure(struct pool *p, struct link *link, const PGresult *result)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    snprintf(p->error, sizeof p->error, "%.8s %.240s", state ? state : "",
             result ? PQresultErrorMessage(result) : PQerrorMessage(link->conn));
    if (PQstatus(link->conn) != CONNECTION_OK || !state)
        return TF_BUSY;
    static const char *const passing[] = {"40001", "40P01", "57P", "08", "53300", "25006"};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (strncmp(state, passing[i], strlen(passing[i])) == 0)
            return TF_BUSY;
    return strcmp(state, "23514") == 0 ? TF_EXISTS : TF_LIMIT;
}

bool pool_is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

enum tf_status pool_drain(struct pool *p, struct link *link, PGresult **last)
{
    enum tf_status rc = TF_OK;
    if (link->waiting == 0)
        return TF_OK;
    if (!PQpipelineSync(link->conn))
        rc = pool_failure(p, link, NULL);
    for (; link->waiting > 0; link->waiting--) {
        PGresult *result = PQgetResult(link->conn);
        if (result)
            PQclear(PQgetResult(link->conn)); /* the NULL behind each statement's result */
        if (!rc && !pool_is_good(result))
            rc = pool_failure(p, link, result);
        if (!rc && last && link->waiting == 1)
            *last = result;
        else
            PQclear(result);
    }
    PQclear(PQgetResult(link->conn));      /* that of the sync */
    if (!PQexitPipelineMode(link->conn)) { /* not in step any more: begin anew */
        rc = rc ? rc : pool_failure(p, link, NULL);
        PQfinish(link->conn);
        *link = (struct link){0};
    }
    return rc;
}

struct statement {
    char name[16];
};

static enum tf_status prepare(struct pool *p, enum pool_sql which, struct statement *out)
{
    struct link *link = p->in;
    snprintf(out->name, sizeof out->name, "s%d", (int)which);
    if (link->prepared[which])
        return TF_OK;
    enum tf_status rc = pool_drain(p, link, NULL);
    if (rc)
        return rc;
    PGresult *made = PQprepare(link->conn, out->name, pool_sql[which], 0, NULL);
    if (!pool_is_good(made))
        rc = pool_failure(p, link, made);
    else
        link->prepared[which] = true;
    PQclear(made);
    return rc;
}

static enum tf_status send_statement(struct pool *p, const struct statement *s, int count,
                                     const char *const *values)
{
    if (!PQsendQueryPrepared(p->in->conn, s->name, count, values, NULL, NULL, 0))
        return pool_failure(p, p->in, NULL);
    p->in->waiting++;
    return TF_OK;
}

enum tf_status pool_defer(struct pool *p, enum pool_sql which, int count, const char *const *values)
{
    struct statement s;
    enum tf_status rc = prepare(p, which, &s);
    if (rc)
        return rc;
    if (p->in->waiting == 0 && !PQenterPipelineMode(p->in->conn))
        return pool_failure(p, p->in, NULL);
    rc = send_statement(p, &s, count, values);
    if (rc && p->in->waiting == 0)
        PQexitPipelineMode(p->in->conn);
    return rc;
}

enum tf_status pool_execute(struct pool *p, enum pool_sql which, int count,
                            const char *const *values, PGresult **out)
{
    struct statement s;
    PGresult *result = NULL;
    enum tf_status rc = prepare(p, which, &s);
    if (!rc && p->in->waiting > 0) {
        rc = send_statement(p, &s, count, values);
        if (!rc)
            rc = pool_drain(p, p->in, &result);
    } else if (!rc) {
        result = PQexecPrepared(p->in->conn, s.name, count, values, NULL, NULL, 0);
        rc = pool_is_good(result) ? TF_OK : pool_failure(p, p->in, result);
    }
    if (rc || !out)
        PQclear(result);
    else
        *out = result;
    return rc;
}

/* --- connecting ---------------------------------------------------------------- */

static void take_notice(void *arg, const PGresult *notice)
{
    struct link *link = arg;
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity && strcmp(severity, "WARNING") == 0)
        link->warned = true;
}

bool pool_is_cockroach(const struct link *link)
{
    return PQparameterStatus(link->conn, "crdb_version");
}

enum tf_status pool_connect(struct pool *p, struct link *link, const char *dsn)
{
    if (link->conn && PQstatus(link->conn) == CONNECTION_OK)
        return TF_OK;
    /* Defaults; what the connection string says comes after them and counts. Of several hosts
     * the one that takes writes is wanted, wherever a failover has moved it. */
    static const char *const keys[] = {"connect_timeout", "tcp_user_timeout",
                                       "keepalives_idle", "target_session_attrs",
                                       "dbname",          NULL};
    const char *const values[] = {"5", "10000", "10", "read-write", dsn, NULL};
    PQfinish(link->conn);
    *link = (struct link){.conn = PQconnectdbParams(keys, values, 1)};
    if (!link->conn)
        return TF_NOMEM;
    if (PQstatus(link->conn) != CONNECTION_OK)
        return pool_failure(p, link, NULL);
    PQsetNoticeReceiver(link->conn, take_notice, link);
    return TF_OK;
}
