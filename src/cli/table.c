/*
 * table.c - laying out text tables.
 */
#include "cli/table.h"

#include "cli/say.h"
#include <stdlib.h>
#include <string.h>

static bool grow(struct table *table)
{
    if (table->count < table->capacity)
        return true;
    size_t capacity = table->capacity ? 2 * table->capacity : 64;
    struct table_cell *cells = realloc(table->cells, capacity * sizeof *cells);
    if (!cells)
        return false;
    table->cells = cells;
    table->capacity = capacity;
    return true;
}

void table_cell(struct table *table, enum table_colour colour, const char *text)
{
    if (!grow(table)) {
        table->failed = true;
        return;
    }
    size_t at = table->text.len;
    for (;;) {
        size_t len = strcspn(text, "\n");
        say_line(&table->text, text, len, TABLE_CELL_COLUMNS);
        if (!text[len])
            break;
        tf_buf_char(&table->text, '\n');
        text += len + 1;
    }
    table->cells[table->count++] = (struct table_cell){at, table->text.len - at, colour};
}

/* Line number `n` of a cell; len 0 if it has fewer. */
static const char *cell_line(const struct table *table, const struct table_cell *cell, size_t n,
                             size_t *len)
{
    const char *line = table->text.data + cell->at, *end = line + cell->len;
    for (; n > 0 && line < end; n--) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        line = newline ? newline + 1 : end;
    }
    const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
    *len = (size_t)((newline ? newline : end) - line);
    return line;
}

static size_t cell_lines(const struct table *table, const struct table_cell *cell)
{
    size_t lines = 1;
    for (size_t i = 0; i < cell->len; i++)
        lines += table->text.data[cell->at + i] == '\n';
    return lines;
}

static void measure(const struct table *table, size_t widths[TABLE_MAX_COLUMNS])
{
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->columns, lines = cell_lines(table, &table->cells[i]);
        for (size_t n = 0; n < lines; n++) {
            size_t len;
            const char *line = cell_line(table, &table->cells[i], n, &len);
            size_t width = say_width(line, len);
            if (width > widths[column])
                widths[column] = width;
        }
    }
}

static void print_line(const struct table *table, const struct table_cell *row, size_t n,
                       const size_t *widths, bool colour, struct tf_buf *out)
{
    static const char *const codes[] = {"", "\033[1m", "\033[1;31m", "\033[33m"};
    size_t blanks = 0;
    for (size_t c = 0; c < table->columns; c++) {
        size_t len;
        const char *line = cell_line(table, &row[c], n, &len);
        bool paint = colour && row[c].colour != TABLE_PLAIN && len > 0;
        for (; len > 0 && blanks > 0; blanks--)
            tf_buf_char(out, ' ');
        if (paint)
            tf_buf_text(out, codes[row[c].colour]);
        tf_buf_append(out, line, len);
        if (paint)
            tf_buf_text(out, "\033[0m");
        blanks += widths[c] - say_width(line, len) + 2;
    }
    tf_buf_char(out, '\n');
}

enum tf_status table_print(const struct table *table, bool colour, bool spaced, struct tf_buf *out)
{
    size_t widths[TABLE_MAX_COLUMNS] = {0};
    if (table->failed || tf_buf_status(&table->text))
        return TF_NOMEM;
    measure(table, widths);
    for (size_t i = 0; i + table->columns <= table->count; i += table->columns) {
        size_t lines = 1;
        for (size_t c = 0; c < table->columns; c++) {
            size_t here = cell_lines(table, &table->cells[i + c]);
            lines = here > lines ? here : lines;
        }
        for (size_t n = 0; n < lines; n++)
            print_line(table, &table->cells[i], n, widths, colour, out);
        if (spaced)
            tf_buf_char(out, '\n');
    }
    return TF_OK;
}

struct table_mark table_mark(const struct table *table)
{
    return (struct table_mark){table->count, table->text.len};
}

void table_cut(struct table *table, struct table_mark mark)
{
    table->count = mark.count;
    tf_buf_cut(&table->text, mark.text_len);
}

void table_release(struct table *table)
{
    free(table->cells);
    table->cells = NULL;
    table->count = table->capacity = 0;
    tf_buf_release(&table->text);
}
