/*
 * table.h - text tables for a terminal, aligned by what UTF-8 text looks like.
 *
 * A cell may have several lines ('\n'). Texts are made safe to show.
 */
#ifndef TF_CLI_TABLE_H
#define TF_CLI_TABLE_H

#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    TABLE_MAX_COLUMNS = 10,
    TABLE_CELL_COLUMNS = 36 /* longer lines are cut, with an ellipsis */
};

enum table_colour { TABLE_PLAIN, TABLE_BOLD, TABLE_RED, TABLE_YELLOW };

struct table_cell {
    size_t at, len; /* in the table's text */
    enum table_colour colour;
};
/* Zero but for `columns` and `text` is a valid empty table. */
struct table {
    size_t columns;
    struct table_cell *cells; /* row by row */
    size_t count, capacity;
    struct tf_buf text;
    bool failed; /* no memory */
};
#define TABLE_INIT(column_count)                                                                   \
    {                                                                                              \
        .columns = (column_count), .text = TF_BUF_INIT((size_t)1 << 31)                            \
    }

/* The next cell, left to right, row by row. */
void table_cell(struct table *table, enum table_colour colour, const char *text);
/* TF_OK or TF_NOMEM. `spaced`: rows of several lines are kept apart by an empty line. */
enum tf_status table_print(const struct table *table, bool colour, bool spaced, struct tf_buf *out);
/* A place in it, and what came after that place forgotten. */
struct table_mark {
    size_t count, text_len;
};
struct table_mark table_mark(const struct table *table);
void table_cut(struct table *table, struct table_mark mark);
void table_release(struct table *table);

#endif
