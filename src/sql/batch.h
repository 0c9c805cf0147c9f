/*
 * batch.h - rows of one INSERT, gathered so that a server gets them in one statement: an array a
 * column, in the binary form of the PostgreSQL protocol (array_send() of int8, text and bytea),
 * read there by unnest(). A server's own work for a statement is ten times that for a row.
 */
#ifndef TF_SQL_BATCH_H
#define TF_SQL_BATCH_H

#include "base/buf.h"
#include "sql/sql.h"

/* Of a batch; a row may go beyond it. */
enum { BATCH_ROWS_MAX = 1024, BATCH_BYTES_MAX = 1 << 20 };

struct sql_batch {
    const char *text; /* of the INSERT; borrowed; NULL: there are no rows */
    size_t rows, columns, bytes;
    enum sql_type type[SQL_VALUES_MAX];   /* SQL_NULL: no row has had a value there */
    struct tf_buf column[SQL_VALUES_MAX]; /* a header, then the elements */
    struct tf_buf statement;              /* what sql_batch_close() made */
};
/* A row in the middle of being read: see sql_batch_next(). */
struct sql_batch_place {
    size_t row, at[SQL_VALUES_MAX];
};

void sql_batch_init(struct sql_batch *batch);
void sql_batch_release(struct sql_batch *batch);
/* No rows; memory is kept. */
void sql_batch_clear(struct sql_batch *batch);

/* Whether the statement is an INSERT of one row of all its arguments and no more:
 * "INSERT INTO t (a, b) VALUES ($1, $2)". */
bool sql_batch_is_row(const char *text, size_t count);
/* Whether the batch has room for the row beside those that it has. */
bool sql_batch_takes(const struct sql_batch *batch, const char *text, const struct sql_value *args,
                     size_t count);
/* Adds a copy of a row that it takes. TF_NOMEM: it is not whole any more: clear it. */
TF_MUST_CHECK enum tf_status sql_batch_add(struct sql_batch *batch, const char *text,
                                           const struct sql_value *args, size_t count);
/* How adding rows went, so far. */
TF_MUST_CHECK enum tf_status sql_batch_status(const struct sql_batch *batch);
/* Whether one statement can be made of it: each column's type is known. */
bool sql_batch_is_typed(const struct sql_batch *batch);
/* The statement for all rows, each argument of it the bytes of an array; borrowed. */
TF_MUST_CHECK enum tf_status sql_batch_close(struct sql_batch *batch, const char **statement,
                                             struct sql_value arrays[SQL_VALUES_MAX]);
/* Row after row, from a place of zeros; false: there are no more. The values are borrowed. */
bool sql_batch_next(const struct sql_batch *batch, struct sql_batch_place *place,
                    struct sql_value args[SQL_VALUES_MAX]);

#endif
