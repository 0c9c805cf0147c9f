/*
 * gather.c - the rows of a result, value after value, in two growing pieces of memory.
 */
#include "sql/engine.h"

#include <stdlib.h>

void sql_gather_add(struct sql_gather *gather, enum sql_type type, int64_t number,
                    const void *bytes, size_t len)
{
    if (gather->count == gather->cap && !gather->rc) {
        size_t cap = gather->cap ? 2 * gather->cap : 16;
        struct sql_value *more = realloc(gather->values, cap * sizeof *more);
        if (more) {
            gather->values = more;
            gather->cap = cap;
        } else {
            gather->rc = TF_NOMEM;
        }
    }
    if (gather->rc)
        return;
    size_t offset = gather->bytes.len;
    if (type == SQL_TEXT || type == SQL_BLOB) {
        tf_buf_append(&gather->bytes, bytes, len);
        tf_buf_char(&gather->bytes, '\0');
    }
    gather->values[gather->count++] =
        (struct sql_value){.type = type, .number = (int64_t)offset, .len = len};
    if (type == SQL_INT)
        gather->values[gather->count - 1].number = number;
}

enum tf_status sql_gather_end(struct sql_gather *gather, size_t columns, struct sql_rows *out)
{
    enum tf_status rc = gather->rc ? gather->rc : tf_buf_status(&gather->bytes);
    if (rc) {
        sql_gather_drop(gather);
        return rc;
    }
    for (size_t i = 0; i < gather->count; i++) {
        struct sql_value *value = &gather->values[i];
        if (value->type == SQL_TEXT || value->type == SQL_BLOB) {
            value->bytes = gather->bytes.data + value->number;
            value->number = 0;
        }
    }
    *out = (struct sql_rows){.count = columns ? gather->count / columns : 0,
                             .columns = columns,
                             .values = gather->values,
                             .memory = gather->bytes.data};
    return TF_OK;
}

void sql_gather_drop(struct sql_gather *gather)
{
    tf_buf_release(&gather->bytes);
    free(gather->values);
    gather->values = NULL;
    gather->count = gather->cap = 0;
}

void sql_rows_release(struct sql_rows *rows)
{
    free(rows->values);
    free(rows->memory);
    *rows = (struct sql_rows){.count = 0};
}
