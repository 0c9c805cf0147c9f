/*
 * pool.h - the cluster engine: a pool's shared database over the PostgreSQL wire
 * protocol (PostgreSQL, CockroachDB, YugabyteDB), in the pool's own schema.
 *
 * The rules run inside SERIALIZABLE transactions; any number of nodes may share the
 * database. A struct pool belongs to one thread. Databases are those of the pool: `scd`
 * (F3548), `rid` (F3411) and `aux` (its members).
 */
#ifndef TF_STORE_POOL_H
#define TF_STORE_POOL_H

#include "dss/entity.h"

/* How a pool's members take turns; all must do the same (its "lock mode"). */
enum pool_lock { POOL_LOCK_SUBSCRIPTIONS, POOL_LOCK_GLOBAL, POOL_LOCK_HASH, POOL_LOCK_NONE };

struct pool_config {
    const char *scd, *rid, *aux; /* libpq connection strings */
    enum pool_lock lock;
    /* Notification indices are the time of day instead of counters; all members must do the
     * same. */
    bool index_is_time;
    const char *locality; /* this node's name in the pool ("writer") */
};
struct pool;

enum tf_status pool_new(const struct pool_config *config, struct pool **out);
void pool_free(struct pool *pool);

/*
 * Begins a transaction for entities of `kind` (kinds beyond the list: F3548's). *now_us is the
 * database's transaction time, which is what updated_at will be. TF_BUSY: no
 * connection, try again.
 */
enum tf_status pool_begin(struct pool *pool, enum dss_kind kind, bool read_only, struct dss_db **db,
                          int64_t *now_us);
/* TF_BUSY: lost against another transaction, nothing was applied, run all again.
 * TF_NOT_FOUND: the connection broke while committing; the outcome is unknown. */
enum tf_status pool_commit(struct pool *pool);
void pool_rollback(struct pool *pool);
/* Removes some entities of the kind that ended before until_us, in a transaction of its own;
 * subscriptions on which something depends stay. *removed: how many. */
enum tf_status pool_expire(struct pool *pool, enum dss_kind kind, int64_t until_us,
                           size_t *removed);
/* Enters or renews this member's row among the pool's members, in a transaction that
 * pool_begin() has begun for DSS_MEMBERS. */
enum tf_status pool_enrol(struct dss_db *db, const char *endpoint);
/* What the database said last, for logs. */
const char *pool_error(const struct pool *pool);

/* Creates the schema where there is none (databases must exist). TF_UNSUPPORTED: of another major
 * version. */
enum tf_status pool_prepare(struct pool *pool, char why[256]);

/* What all members of the pool know it by: an identity that its database (aux) has by itself. ""
 * if the database does not tell. After pool_prepare(). */
enum { POOL_IDENTITY_SIZE = 64 };
void pool_identity(struct pool *pool, char out[POOL_IDENTITY_SIZE]);

/* The file of certificate authorities by which a connection string's servers are known (its
 * sslrootcert); "" if it names none. False: the string cannot be read. */
enum { POOL_PATH_SIZE = 4096 };
bool pool_ca_file(const char *dsn, char out[POOL_PATH_SIZE]);

/* What stands behind a connection string; changes nothing there. TF_BUSY: not reachable;
 * TF_UNSUPPORTED: it does not answer as expected; why has the database's words. */
struct pool_probe {
    char schema[48]; /* the pool's schema version; "" if there is none yet */
    int64_t now_us;  /* the database's clock */
};
enum tf_status pool_probe(const char *dsn, struct pool_probe *out, char why[256]);

#endif
