/*
 * engine.h - what each of the two databases does for sql.c.
 */
#ifndef TF_SQL_ENGINE_H
#define TF_SQL_ENGINE_H

#include "base/buf.h"
#include "sql/sql.h"

enum sql_verb {
    SQL_BEGIN,
    SQL_BEGIN_READING,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_MARK,
    SQL_KEEP,
    SQL_UNDO
};

struct sql_engine {
    bool is_shared;
    const char *blob, *strict, *integer, *identity; /* words of sql_script() */
    enum tf_status (*open)(struct sql *sql, const char *where, char why[SQL_WHY_SIZE]);
    void (*close)(struct sql *sql);
    enum tf_status (*verb)(struct sql *sql, enum sql_verb verb);
    /* rows NULL: none are wanted. */
    enum tf_status (*run)(struct sql *sql, const char *text, const struct sql_value *args,
                          size_t count, struct sql_rows *rows, int64_t *changed);
    /* Like run(), and the outcome may be that of a later call. */
    enum tf_status (*send)(struct sql *sql, const char *text, const struct sql_value *args,
                           size_t count);
    enum tf_status (*script)(struct sql *sql, const char *text);
};
extern const struct sql_engine sql_engine_sqlite, sql_engine_postgres;

struct sql {
    const struct sql_engine *engine;
    void *own; /* the engine's */
    bool in_transaction;
    uint64_t turn; /* transactions begun */
    /* The transaction is gone, whatever is asked of it until it ends: why. TF_OK: it is not. */
    enum tf_status lost;
    char why[SQL_WHY_SIZE];
    enum tf_status (*fault)(void *ctx);
    void *fault_ctx;
};

/* What the fault hook says. */
enum tf_status sql_fault(struct sql *sql);
/* Remembers the words, and that a transaction is lost if it is. Returns rc. */
enum tf_status sql_failed(struct sql *sql, enum tf_status rc, bool is_lost, const char *words);

/* Rows as they come; sql_gather_end() hands them over, sql_gather_drop() forgets them. */
struct sql_gather {
    struct tf_buf bytes;
    struct sql_value *values; /* `bytes` members are offsets until the end */
    size_t count, cap;
    enum tf_status rc;
};
#define SQL_GATHER_INIT                                                                            \
    {                                                                                              \
        .bytes = TF_BUF_INIT((size_t)1 << 30)                                                      \
    }
void sql_gather_add(struct sql_gather *gather, enum sql_type type, int64_t number,
                    const void *bytes, size_t len);
enum tf_status sql_gather_end(struct sql_gather *gather, size_t columns, struct sql_rows *out);
void sql_gather_drop(struct sql_gather *gather);

#endif
