/*
 * print_text.c - conflicts as a table for people.
 */
#include "cli/print.h"

#include "cli/table.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CELL_MAX = 1 << 26 };

void print_entity_name(const struct tf_entity *entity, struct tf_buf *out)
{
    const char *id = entity->id ? entity->id : "?";
    if (entity->name && *entity->name && strcmp(entity->name, id))
        tf_buf_printf(out, "%s (%s)", entity->name, id);
    else
        tf_buf_text(out, id);
}

/* Ends a cell: into the table, and gone. */
static void put(struct table *table, enum table_colour colour, struct tf_buf *cell)
{
    if (tf_buf_status(cell) == TF_NOMEM)
        table->failed = true;
    table_cell(table, colour, cell->data ? cell->data : "");
    tf_buf_release(cell);
}

static void who_cell(struct table *table, const struct tf_entity *entity)
{
    struct tf_buf cell = TF_BUF_INIT(CELL_MAX);
    const char *id = entity->id ? entity->id : "?";
    tf_buf_text(&cell, id);
    if (entity->name && *entity->name && strcmp(entity->name, id))
        tf_buf_printf(&cell, "\n%s", entity->name);
    tf_buf_char(&cell, '\n');
    if (entity->party && *entity->party)
        tf_buf_printf(&cell, "%s, ", entity->party);
    tf_buf_text(&cell, say_tr(tf_kind_word(entity->kind)));
    put(table, TABLE_PLAIN, &cell);
}

static void time_text(struct tf_buf *out, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_ns, text);
    if (t_ns == TF_TIME_MIN)
        tf_buf_text(out, TR("since always"));
    else if (t_ns == TF_TIME_MAX)
        tf_buf_text(out, TR("until further notice"));
    else
        tf_buf_text(out, text);
}

static void when_cell(struct table *table, const struct tf_conflict *conflict)
{
    struct tf_buf cell = TF_BUF_INIT(CELL_MAX);
    time_text(&cell, conflict->first_ns);
    tf_buf_char(&cell, '\n');
    time_text(&cell, conflict->last_ns);
    put(table, TABLE_PLAIN, &cell);
}

static void where_cell(struct table *table, struct tf_latlng place)
{
    struct tf_buf cell = TF_BUF_INIT(CELL_MAX);
    tf_buf_printf(&cell, "%.5f,\n%.5f", place.lat_deg, place.lng_deg);
    put(table, TABLE_PLAIN, &cell);
}

/* How close, and what was demanded. `gap` <= 0: no distance at all. */
static void gap_cell(struct table *table, double gap_m, double minimum_m)
{
    struct tf_buf cell = TF_BUF_INIT(CELL_MAX);
    if (gap_m > 0)
        tf_buf_text(&cell, say_metres(gap_m).s);
    else
        tf_buf_text(&cell, TR("overlap"));
    if (minimum_m > 0) {
        tf_buf_char(&cell, '\n');
        say_fill(&cell, TR("minimum %1"), say_metres(minimum_m).s, NULL);
    }
    put(table, gap_m > 0 ? TABLE_PLAIN : TABLE_RED, &cell);
}

static void why_cell(struct table *table, unsigned decided, int64_t minimum_ns)
{
    static const struct {
        unsigned flag;
        const char *text;
    } reasons[] = {
        {TF_DECIDED_HORIZONTAL, TF_TEXT("horizontal minimum")},
        {TF_DECIDED_VERTICAL, TF_TEXT("vertical minimum")},
        {TF_DECIDED_TIME, TF_TEXT("time minimum %1")},
        {TF_DECIDED_ALTITUDE_UNCERTAIN, TF_TEXT("altitude comparison uncertain")},
        {TF_DECIDED_OUTLINE_UNCERTAIN, TF_TEXT("within the error of an outline")},
    };
    struct tf_buf minimum = TF_BUF_INIT(CELL_MAX);
    say_duration(&minimum, minimum_ns);
    unsigned close = TF_DECIDED_HORIZONTAL | TF_DECIDED_VERTICAL | TF_DECIDED_TIME;
    struct tf_buf cell = TF_BUF_INIT(CELL_MAX);
    if (!(decided & close))
        tf_buf_text(&cell, TR("plain overlap"));
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (decided & reasons[i].flag) {
            tf_buf_text(&cell, cell.len ? "\n" : "");
            say_fill(&cell, say_tr(reasons[i].text), minimum.len ? minimum.data : "", NULL);
        }
    table->failed = table->failed || tf_buf_status(&minimum);
    tf_buf_release(&minimum);
    put(table, decided & close ? TABLE_YELLOW : TABLE_RED, &cell);
}

static void heading(struct table *table)
{
    static const char *const titles[] = {
        TF_TEXT("#"),     TF_TEXT("First"),        TF_TEXT("Second"),     TF_TEXT("From, until"),
        TF_TEXT("Where"), TF_TEXT("Horizontally"), TF_TEXT("Vertically"), TF_TEXT("Decided by")};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        table_cell(table, TABLE_BOLD, say_tr(titles[i]));
}

static void conflict_row(struct table *table, const struct result *result, size_t number)
{
    const struct tf_conflict *conflict = &result->conflicts->conflicts[number];
    const struct tf_conflict_pair *key = search_key_pair(result->conflicts, conflict);
    const struct tf_entity *entities = result->search->picture->entities;
    table_cell(table, TABLE_PLAIN, say_count(number + 1).s);
    who_cell(table, &entities[conflict->a]);
    who_cell(table, &entities[conflict->b]);
    when_cell(table, conflict);
    where_cell(table, key->place_a);
    gap_cell(table, conflict->distance_m, key->minima.horizontal_m);
    gap_cell(table, conflict->vertical_gap_m, key->minima.vertical_m);
    why_cell(table, conflict->decided, key->minima.time_ns);
}

/* The closing line: how many conflicts among what. */
static void summary(const struct result *result, struct tf_buf *out)
{
    size_t count = result->conflicts->count, checked = tf_index_view_count(result->search->view);
    if (count == 0)
        say_fill(
            out,
            TRN("No conflict: %1 volume checked.", "No conflict: %1 volumes checked.", checked),
            say_count(checked).s, NULL);
    else
        say_fill(out, TRN("%1 conflict.", "%1 conflicts.", count), say_count(count).s, NULL);
    tf_buf_char(out, '\n');
    if (result->input->errors > 0) {
        say_fill(out,
                 TRN("%1 error: this is not the whole picture.",
                     "%1 errors: this is not the whole picture.", result->input->errors),
                 say_count(result->input->errors).s, NULL);
        tf_buf_char(out, '\n');
    }
}

enum tf_status print_conflicts(const struct result *result, bool colour, struct tf_buf *out)
{
    struct table table = TABLE_INIT(8);
    enum tf_status status = TF_OK;
    if (result->conflicts->count > 0) {
        heading(&table);
        for (size_t i = 0; i < result->conflicts->count; i++)
            conflict_row(&table, result, i);
        status = table_print(&table, colour, true, out);
    }
    for (size_t i = 0; i < result->option_count && !status; i++) {
        const struct tf_report_options *options = &result->options[i];
        status = print_options(&result->search->picture->entities[options->entity], &options->found,
                               colour, out);
        tf_buf_char(out, '\n');
    }
    summary(result, out);
    table_release(&table);
    return status;
}
