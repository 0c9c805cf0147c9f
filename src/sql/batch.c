/*
 * batch.c - see batch.h.
 *
 * An array (array_recv() in PostgreSQL's sources): five numbers of 32 bits, namely dimensions,
 * whether there are nulls, the elements' type, how many, the first index; then each element as its
 * length (-1: null) and its bytes. All numbers have the highest byte first.
 */
#include "sql/batch.h"

#include <stdio.h>

enum { HEADER = 20, LENGTH = 4, NUMBER = 8, STATEMENT_MAX = 8192 };
enum { OF_INT = 20, OF_TEXT = 25, OF_BYTES = 17 };

static const struct {
    unsigned oid;
    const char *name;
} types[] = {[SQL_NULL] = {0, NULL},
             [SQL_INT] = {OF_INT, "bigint[]"},
             [SQL_TEXT] = {OF_TEXT, "text[]"},
             [SQL_BLOB] = {OF_BYTES, "bytea[]"}};

void sql_batch_init(struct sql_batch *batch)
{
    memset(batch, 0, sizeof *batch);
    for (size_t i = 0; i < SQL_VALUES_MAX; i++)
        batch->column[i].max = (size_t)1 << 30;
    batch->statement.max = STATEMENT_MAX;
}

void sql_batch_release(struct sql_batch *batch)
{
    for (size_t i = 0; i < SQL_VALUES_MAX; i++)
        tf_buf_release(&batch->column[i]);
    tf_buf_release(&batch->statement);
    sql_batch_init(batch);
}

void sql_batch_clear(struct sql_batch *batch)
{
    for (size_t i = 0; i < batch->columns; i++) {
        tf_buf_clear(&batch->column[i]);
        batch->type[i] = SQL_NULL;
    }
    batch->text = NULL;
    batch->rows = batch->columns = batch->bytes = 0;
}

/* --- numbers ------------------------------------------------------------------------------- */

static void write_number(uint64_t number, size_t size, uint8_t *out)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
}

static uint64_t read_number(const char *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | (uint8_t)bytes[i];
    return number;
}

/* --- taking -------------------------------------------------------------------------------------
 */

bool sql_batch_is_row(const char *text, size_t count)
{
    static const char start[] = "INSERT INTO ", middle[] = " VALUES (";
    char places[SQL_VALUES_MAX * 5 + 2];
    size_t len = 0;
    const char *values = strstr(text, middle);
    if (strncmp(text, start, sizeof start - 1) != 0 || !values || count == 0 ||
        count > SQL_VALUES_MAX)
        return false;
    for (size_t i = 1; i <= count; i++)
        len += (size_t)snprintf(places + len, sizeof places - len, "$%zu%s", i,
                                i < count ? ", " : ")");
    return strcmp(values + sizeof middle - 1, places) == 0;
}

static size_t bytes_of(const struct sql_value *args, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += LENGTH + (args[i].type == SQL_INT ? NUMBER : args[i].len);
    return bytes;
}

bool sql_batch_takes(const struct sql_batch *batch, const char *text, const struct sql_value *args,
                     size_t count)
{
    if (batch->rows == 0)
        return true;
    if (batch->text != text || batch->columns != count || batch->rows >= BATCH_ROWS_MAX ||
        batch->bytes + bytes_of(args, count) > BATCH_BYTES_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (args[i].type != SQL_NULL && batch->type[i] != SQL_NULL &&
            args[i].type != batch->type[i])
            return false;
    return true;
}

static void add_value(struct tf_buf *column, const struct sql_value *value)
{
    uint8_t number[LENGTH + NUMBER];
    if (column->len == 0) /* sql_batch_close() fills it */
        tf_buf_append(column, (const uint8_t[HEADER]){0}, HEADER);
    if (value->type == SQL_NULL) {
        write_number(UINT32_MAX, LENGTH, number);
        tf_buf_append(column, number, LENGTH);
    } else if (value->type == SQL_INT) {
        write_number(NUMBER, LENGTH, number);
        write_number((uint64_t)value->number, NUMBER, number + LENGTH);
        tf_buf_append(column, number, LENGTH + NUMBER);
    } else {
        write_number(value->len, LENGTH, number);
        tf_buf_append(column, number, LENGTH);
        tf_buf_append(column, value->bytes, value->len);
    }
}

enum tf_status sql_batch_add(struct sql_batch *batch, const char *text,
                             const struct sql_value *args, size_t count)
{
    batch->text = text;
    batch->columns = count;
    for (size_t i = 0; i < count; i++) {
        add_value(&batch->column[i], &args[i]);
        if (args[i].type != SQL_NULL)
            batch->type[i] = args[i].type;
    }
    batch->rows++;
    batch->bytes += bytes_of(args, count);
    return sql_batch_status(batch);
}

enum tf_status sql_batch_status(const struct sql_batch *batch)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < batch->columns && !rc; i++)
        rc = tf_buf_status(&batch->column[i]);
    return rc;
}

/* --- giving -------------------------------------------------------------------------------------
 */

bool sql_batch_is_typed(const struct sql_batch *batch)
{
    for (size_t i = 0; i < batch->columns; i++)
        if (batch->type[i] == SQL_NULL)
            return false;
    return true;
}

/* There may be nulls in each: that flag costs nothing. */
static void write_header(const struct sql_batch *batch, size_t column)
{
    uint8_t *header = (uint8_t *)batch->column[column].data;
    const uint64_t numbers[] = {1, 1, types[batch->type[column]].oid, batch->rows, 1};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        write_number(numbers[i], LENGTH, header + LENGTH * i);
}

enum tf_status sql_batch_close(struct sql_batch *batch, const char **statement,
                               struct sql_value arrays[SQL_VALUES_MAX])
{
    struct tf_buf *out = &batch->statement;
    tf_buf_clear(out);
    tf_buf_append(out, batch->text, (size_t)(strstr(batch->text, " VALUES (") - batch->text));
    tf_buf_text(out, " SELECT * FROM unnest(");
    for (size_t i = 0; i < batch->columns; i++) {
        write_header(batch, i);
        arrays[i] = sql_blob(batch->column[i].data, batch->column[i].len);
        tf_buf_printf(out, "%s$%zu::%s", i ? ", " : "", i + 1, types[batch->type[i]].name);
    }
    tf_buf_char(out, ')');
    *statement = out->data;
    return tf_buf_status(out);
}

static struct sql_value read_value(const struct tf_buf *column, enum sql_type type, size_t *at)
{
    struct sql_value value = {.type = type};
    const char *bytes = column->data + *at;
    size_t len = read_number(bytes, LENGTH);
    *at += LENGTH;
    if (len == UINT32_MAX)
        return sql_null();
    *at += len;
    if (type == SQL_INT)
        return sql_int((int64_t)read_number(bytes + LENGTH, NUMBER));
    value.bytes = bytes + LENGTH;
    value.len = len;
    return value;
}

bool sql_batch_next(const struct sql_batch *batch, struct sql_batch_place *place,
                    struct sql_value args[SQL_VALUES_MAX])
{
    if (place->row >= batch->rows)
        return false;
    for (size_t i = 0; i < batch->columns; i++) {
        size_t at = place->at[i] ? place->at[i] : HEADER;
        args[i] = read_value(&batch->column[i], batch->type[i], &at);
        place->at[i] = at;
    }
    place->row++;
    return true;
}
