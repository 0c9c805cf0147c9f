/*
 * table.c - laying out text tables.
 */
#include "cli/table.h"

#include "cli/say.h"
#include "cli/utf8.h"
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

/* One line of a cell, cut at TABLE_CELL_COLUMNS. */
static void add_line(struct tf_buf *out, const char *line, size_t len)
{
    struct tf_buf raw = TF_BUF_INIT(len + 1), safe = TF_BUF_INIT(4 * len + 4);
    tf_buf_append(&raw, line, len);
    say_safe(&safe, raw.data);
    size_t columns = 0, at = 0;
    bool fits = say_width(safe.data ? safe.data : "", safe.len) <= TABLE_CELL_COLUMNS;
    while (at < safe.len) {
        uint32_t code = 0;
        size_t step = utf8_decode(safe.data + at, safe.len - at, &code);
        columns += utf8_columns(code);
        if (!fits && columns > TABLE_CELL_COLUMNS - 1)
            break;
        at += step ? step : 1;
    }
    tf_buf_append(out, safe.data, at);
    if (!fits)
        tf_buf_text(out, "\xE2\x80\xA6");
    if (tf_buf_status(&raw) == TF_NOMEM || tf_buf_status(&safe) == TF_NOMEM)
        out->status = TF_NOMEM;
    tf_buf_release(&raw);
    tf_buf_release(&safe);
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
        add_line(&table->text, text, len);
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

void table_release(struct table *table)
{
    free(table->cells);
    table->cells = NULL;
    table->count = table->capacity = 0;
    tf_buf_release(&table->text);
}
