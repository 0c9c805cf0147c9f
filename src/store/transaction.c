/*
 * transaction.c - the life of a transaction on the pool's databases.
 */
#include "store/link.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

const char *pool_error(const struct pool *pool)
{
    return pool->error;
}

static void forget(struct pool *p)
{
    dss_list_release(&p->seen);
    free(p->availability);
    p->availability = NULL;
    p->availability_count = 0;
    p->availability_read = false;
    p->in = NULL;
}

/* In which database what is of a kind is; that of all others is F3548's. */
static struct link *link_of(struct pool *p, enum dss_kind kind, const char **dsn)
{
    bool rid = kind == DSS_ISA || kind == DSS_RID_SUBSCRIPTION, aux = kind == DSS_MEMBERS;
    *dsn = rid ? p->config.rid : aux ? p->config.aux : p->config.scd;
    return rid ? &p->rid : aux ? &p->aux : &p->scd;
}

enum tf_status pool_begin(struct pool *p, enum dss_kind kind, bool read_only, struct dss_db **db,
                          int64_t *now_us)
{
    const char *dsn;
    struct link *link = link_of(p, kind, &dsn);
    enum tf_status rc = pool_connect(p, link, dsn);
    if (rc)
        return rc;
    PGresult *r = PQexec(link->conn, read_only ? pool_begin_read : pool_begin_write);
    if (PQresultStatus(r) != PGRES_TUPLES_OK)
        rc = pool_failure(p, link, r);
    else
        *now_us = p->now_us = pool_number(r, 0, 0, 0);
    PQclear(r);
    if (!rc) {
        p->in = link;
        *db = &p->db;
    }
    return rc;
}

/* Did the database say that nothing was applied? Whatever else goes wrong at the end, also
 * a shutdown that it announces, leaves that open. */
static bool is_refusal(const PGresult *r)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    if (PQresultStatus(r) == PGRES_COMMAND_OK)
        return true; /* of a failed transaction: COMMIT has become ROLLBACK */
    return state && (strncmp(state, "23", 2) == 0 ||
                     (strncmp(state, "40", 2) == 0 && strcmp(state, "40003") != 0));
}

static enum tf_status end(struct pool *p, const char *how)
{
    /* Before COMMIT: what fails here is not applied. */
    enum tf_status rc = pool_drain(p, p->in, NULL);
    p->in->warned = false;
    PGresult *r = PQexec(p->in->conn, rc ? "ROLLBACK" : how);
    bool done = PQresultStatus(r) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(r), how) == 0;
    if (!rc && !done) {
        rc = pool_failure(p, p->in, r);
        if (!is_refusal(r))
            rc = TF_NOT_FOUND;
    }
    /* Committed, but "might not have been replicated": a failover may lose it. */
    if (!rc && p->in->warned)
        rc = TF_NOT_FOUND;
    PQclear(r);
    forget(p);
    return rc;
}

enum tf_status pool_commit(struct pool *p)
{
    return end(p, "COMMIT");
}

void pool_rollback(struct pool *p)
{
    if (p->in && end(p, "ROLLBACK") == TF_OK)
        return;
    forget(p);
}

enum tf_status pool_expire(struct pool *p, enum dss_kind kind, int64_t until_us, size_t *removed)
{
    struct dss_db *db;
    int64_t now_us;
    struct pool_time until = pool_time(until_us);
    const char *const values[] = {until.s};
    PGresult *r = NULL;
    *removed = 0;
    enum tf_status rc = pool_begin(p, kind, false, &db, &now_us);
    if (rc)
        return rc;
    rc = pool_execute(p, (enum pool_sql)(EXPIRE_OIR + (int)kind), 1, values, &r);
    size_t count = rc ? 0 : strtoul(PQcmdTuples(r), NULL, 10);
    PQclear(r);
    if (rc)
        pool_rollback(p);
    else
        rc = pool_commit(p);
    if (!rc)
        *removed = count;
    return rc;
}

enum tf_status pool_new(const struct pool_config *config, struct pool **out)
{
    struct pool *p = calloc(1, sizeof *p);
    if (!p)
        return TF_NOMEM;
    p->db.ops = &pool_ops;
    p->config = *config;
    *out = p;
    return TF_OK;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    forget(p);
    PQfinish(p->scd.conn);
    PQfinish(p->rid.conn);
    PQfinish(p->aux.conn);
    free(p);
}
