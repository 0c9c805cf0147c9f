/*
 * schema.c - the pool's schema: is it known; and made, where there is none. And which pool
 * it is.
 */
#include "store/link.h"

#include "base/buf.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

/* TF_OK: there, and known. TF_NOT_FOUND: there is none. */
static enum tf_status check_schema(struct link *link, const char *majors, char why[256])
{
    PGresult *r = PQexec(link->conn, "SELECT schema_version FROM schema_versions");
    enum tf_status rc = TF_NOT_FOUND;
    if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1) {
        const char *version = PQgetvalue(r, 0, 0);
        rc = version[0] && version[1] && strchr(majors, version[1]) ? TF_OK : TF_UNSUPPORTED;
        if (rc)
            snprintf(why, 256,
                     "the pool's schema is %.40s, of a major version that this program "
                     "does not know",
                     version);
    }
    PQclear(r);
    return rc;
}

/* Creates the schema in an empty database. Of two nodes that start at once one fails
 * and finds what the other has made. */
static enum tf_status prepare_one(struct pool *p, struct link *link, const char *dsn,
                                  const char *schema, const char *majors, char why[256])
{
    enum tf_status rc = pool_connect(p, link, dsn);
    if (rc) {
        snprintf(why, 256, "%.250s", p->error);
        return rc;
    }
    rc = check_schema(link, majors, why);
    if (rc != TF_NOT_FOUND)
        return rc;
    struct tf_buf all = TF_BUF_INIT(1 << 16);
    tf_buf_printf(&all, "BEGIN; %s COMMIT", schema);
    PGresult *r = PQexec(link->conn, all.data);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        pool_failure(p, link, r);
        PQclear(PQexec(link->conn, "ROLLBACK"));
    }
    PQclear(r);
    tf_buf_release(&all);
    rc = check_schema(link, majors, why);
    if (rc == TF_NOT_FOUND)
        snprintf(why, 256, "%.250s", p->error);
    return rc;
}

enum tf_status pool_prepare(struct pool *p, char why[256])
{
    /* Majors: the CockroachDB and the YugabyteDB form of each schema. */
    enum tf_status rc = prepare_one(p, &p->scd, p->config.scd, pool_schema_scd, "13", why);
    if (!rc)
        rc = prepare_one(p, &p->rid, p->config.rid, pool_schema_rid, "14", why);
    return rc ? rc : prepare_one(p, &p->aux, p->config.aux, pool_schema_aux, "1", why);
}

/* By what question? YugabyteDB says what it is only in its version's text. */
static const char *identity_question(struct link *link)
{
    if (pool_is_cockroach(link))
        return pool_identity_cockroach;
    PGresult *r = PQexec(link->conn, "SELECT version()");
    bool yugabyte = PQntuples(r) == 1 && strstr(PQgetvalue(r, 0, 0), "-YB-");
    PQclear(r);
    return yugabyte ? pool_identity_yugabyte : pool_identity_postgres;
}

void pool_identity(struct pool *p, char out[POOL_IDENTITY_SIZE])
{
    *out = '\0';
    if (pool_connect(p, &p->aux, p->config.aux))
        return;
    PGresult *r = PQexec(p->aux.conn, identity_question(&p->aux));
    if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1)
        snprintf(out, POOL_IDENTITY_SIZE, "%s", PQgetvalue(r, 0, 0));
    PQclear(r);
}
