/*
 * link.h - what the files of the cluster engine share: its connections, and statements
 * on the one of the present transaction.
 *
 *     transaction.c   begin, commit, roll back, expire
 *     postgres.c      the rules' interface: rows from and to entities
 *     schema.c        makes the schema in an empty database
 *     link.c          connections, prepared statements, the pipeline
 *     dialect.c       all SQL
 */
#ifndef TF_STORE_LINK_H
#define TF_STORE_LINK_H

#include "dss/rules.h"
#include "store/dialect.h"
#include "store/pool.h"

struct pg_conn; /* libpq's */
struct pg_result;

struct link {
    struct pg_conn *conn;
    bool prepared[SQL_COUNT];
    size_t waiting; /* statements in the pipeline whose results have not been taken */
    bool warned;    /* by the server, since this was last set to false */
};
struct pool {
    struct dss_db db; /* first member */
    struct pool_config config;
    struct link scd, rid, aux, *in;        /* in: of the present transaction, NULL outside */
    int64_t now_us;                        /* when it began, by the database's clock */
    struct dss_list seen;                  /* entities of the present transaction */
    struct dss_availability *availability; /* all records, read once a transaction */
    size_t availability_count;
    bool availability_read;
    char error[256];
};

/* postgres.c: the rules' interface, for struct pool's db. */
extern const struct dss_db_ops pool_ops;

/* Connects if there is no good connection. TF_BUSY: not now. */
enum tf_status pool_connect(struct pool *pool, struct link *link, const char *dsn);
/* What a failed result (NULL: the connection) means; keeps the words for pool_error(). */
enum tf_status pool_failure(struct pool *pool, struct link *link, const struct pg_result *result);
bool pool_is_good(const struct pg_result *result);

bool pool_is_cockroach(const struct link *link);

/* Runs one statement; *out (may be NULL) is to be cleared by the caller. */
enum tf_status pool_execute(struct pool *pool, enum pool_sql which, int count,
                            const char *const *values, struct pg_result **out);
/* A statement whose result is not needed: it goes out together with the next one that
 * is, and fails with it. */
enum tf_status pool_defer(struct pool *pool, enum pool_sql which, int count,
                          const char *const *values);
/* Takes the results of all statements that wait, the first fault as status; the last
 * result to *last (may be NULL) if all is well. Afterwards the pipeline is closed. */
enum tf_status pool_drain(struct pool *pool, struct link *link, struct pg_result **last);

/* A value of the row as text; NULL if it is null. */
const char *pool_value(const struct pg_result *result, int row, int column);
int64_t pool_number(const struct pg_result *result, int row, int column, int64_t absent);

/* A time as the database reads it; INT64_MIN and _MAX are its infinities. */
struct pool_time {
    char s[TF_TIME_TEXT_SIZE];
};
struct pool_time pool_time(int64_t t_us);

#endif
