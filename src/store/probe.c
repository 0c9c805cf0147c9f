/*
 * probe.c - looks at a pool's database without changing it, for `tafadi doctor`.
 */
#include "store/pool.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char question[] =
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,"
    " (SELECT count(*) FROM information_schema.tables WHERE table_name = 'schema_versions')";

static enum tf_status look(PGconn *conn, struct pool_probe *out, char why[256])
{
    PGresult *r = PQexec(conn, question);
    bool good = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;
    bool has_schema = good && PQgetvalue(r, 0, 1)[0] != '0';
    if (good)
        out->now_us = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    PQclear(r);
    out->schema[0] = '\0';
    if (good && has_schema) {
        r = PQexec(conn, "SELECT schema_version FROM schema_versions");
        good = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;
        if (good)
            snprintf(out->schema, sizeof out->schema, "%s", PQgetvalue(r, 0, 0));
        PQclear(r);
    }
    if (!good)
        snprintf(why, 256, "%.250s", PQerrorMessage(conn));
    return good ? TF_OK : TF_UNSUPPORTED;
}

bool pool_ca_file(const char *dsn, char out[POOL_PATH_SIZE])
{
    PQconninfoOption *options = PQconninfoParse(dsn, NULL);
    const char *file = NULL;
    for (const PQconninfoOption *o = options; o && o->keyword; o++)
        if (strcmp(o->keyword, "sslrootcert") == 0)
            file = o->val;
    if (!file)
        file = getenv("PGSSLROOTCERT");
    if (!file || strcmp(file, "system") == 0) /* a word of newer versions for the system's own */
        file = "";
    bool good = options && strlen(file) < POOL_PATH_SIZE;
    if (good)
        memcpy(out, file, strlen(file) + 1);
    PQconninfoFree(options);
    return good;
}

enum tf_status pool_probe(const char *dsn, struct pool_probe *out, char why[256])
{
    PGconn *conn = PQconnectdb(dsn);
    enum tf_status rc = TF_BUSY;
    if (!conn)
        return TF_NOMEM;
    if (PQstatus(conn) == CONNECTION_OK)
        rc = look(conn, out, why);
    else
        snprintf(why, 256, "%.250s", PQerrorMessage(conn));
    PQfinish(conn);
    for (size_t i = 0; why[i]; i++)
        if (why[i] == '\n')
            why[i] = why[i + 1] ? ' ' : '\0';
    return rc;
}
