/*
 * print_options.c - ways out of conflicts: a table for people, and JSON.
 */
#include "cli/print.h"

#include "base/put.h"
#include "cli/table.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CELL_MAX = 1 << 26, NAME_COLUMNS = 72 };

static const struct {
    unsigned move;
    const char *word; /* in JSON */
} moves[] = {{TF_OPTION_TIME, "time"}, {TF_OPTION_LEVEL, "level"}, {TF_OPTION_LATERAL, "lateral"}};
enum { MOVE_COUNT = sizeof moves / sizeof *moves };

/* In the order of enum tf_blocked_by: JSON words, and sentences. */
static const struct {
    const char *word, *text;
} blocks[] = {
    {NULL, NULL},
    {"time", TF_TEXT("the limits of the start time block it")},
    {"level", TF_TEXT("the floor, the ceiling or the largest change of level block it")},
    {"offset", TF_TEXT("the largest lateral offset blocks it")},
    {"distance", TF_TEXT("the largest extra distance blocks it")},
    {"fixed", TF_TEXT("it cannot be moved in this way")},
};

static enum tf_blocked_by blocked(const struct tf_options *found, unsigned move)
{
    return move == TF_OPTION_TIME    ? found->blocked_time
           : move == TF_OPTION_LEVEL ? found->blocked_level
                                     : found->blocked_lateral;
}

/* "+300 m (984 ft)": levels are flown in feet, and this program counts in metres. */
static void level_text(struct tf_buf *out, double level_m)
{
    tf_buf_text(out, level_m > 0 ? "+" : "");
    say_fill(out, TR("%1 (%2 ft)"), say_metres(level_m).s,
             say_count((size_t)lround(fabs(level_m) / TF_FOOT_M)).s, NULL);
}

static void put(struct table *table, struct tf_buf *cell)
{
    if (tf_buf_status(cell) == TF_NOMEM)
        table->failed = true;
    table_cell(table, TABLE_PLAIN, cell->len ? cell->data : "-");
    tf_buf_release(cell);
}

static int64_t start_of(const struct tf_volume4 *volumes, size_t count)
{
    int64_t start = TF_TIME_MAX;
    for (size_t i = 0; i < count; i++)
        start = volumes[i].start_ns < start ? volumes[i].start_ns : start;
    return start;
}

static void option_row(struct table *table, const struct tf_option *option, size_t rank)
{
    char text[TF_TIME_TEXT_SIZE];
    struct tf_buf shift = TF_BUF_INIT(CELL_MAX), level = TF_BUF_INIT(CELL_MAX),
                  offset = TF_BUF_INIT(CELL_MAX);
    table_cell(table, TABLE_PLAIN, say_count(rank).s);
    if (option->shift_ns) {
        tf_buf_char(&shift, option->shift_ns < 0 ? '-' : '+');
        say_duration(&shift, llabs(option->shift_ns));
    }
    put(table, &shift);
    tf_time_format(start_of(option->volumes, option->volume_count), text);
    table_cell(table, TABLE_PLAIN, text);
    if (option->level_m != 0)
        level_text(&level, option->level_m);
    put(table, &level);
    if (option->offset_m != 0) {
        char degrees[16];
        snprintf(degrees, sizeof degrees, "%03.0f", fmod(option->offset_azimuth_deg + 360, 360));
        say_fill(&offset, TR("%1 towards %2\xC2\xB0"), say_metres(option->offset_m).s, degrees,
                 NULL);
    }
    put(table, &offset);
    table_cell(table, TABLE_PLAIN,
               option->extra_distance_m > 0 ? say_metres(option->extra_distance_m).s : "-");
    snprintf(text, sizeof text, "%.0f", option->cost);
    table_cell(table, TABLE_PLAIN, text);
}

static enum tf_status options_table(const struct tf_options *found, bool colour, struct tf_buf *out)
{
    static const char *const titles[] = {
        TF_TEXT("#"),       TF_TEXT("Time"),           TF_TEXT("Start"), TF_TEXT("Level"),
        TF_TEXT("Lateral"), TF_TEXT("Extra distance"), TF_TEXT("Cost")};
    struct table table = TABLE_INIT(7);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        table_cell(&table, TABLE_BOLD, say_tr(titles[i]));
    for (size_t i = 0; i < found->count; i++)
        option_row(&table, &found->options[i], i + 1);
    enum tf_status status = table_print(&table, colour, false, out);
    table_release(&table);
    return status;
}

/* Why there is no option: one line for each kind of move. */
static void blocked_lines(const struct tf_options *found, struct tf_buf *out)
{
    static const char *const names[MOVE_COUNT] = {
        TF_TEXT("earlier or later"), TF_TEXT("higher or lower"), TF_TEXT("to the side")};
    for (size_t i = 0; i < MOVE_COUNT; i++) {
        enum tf_blocked_by by = blocked(found, moves[i].move);
        if (by != TF_BLOCKED_NOT)
            say_fill(out, "  %1: %2\n", say_tr(names[i]), say_tr(blocks[by].text), NULL);
    }
}

enum tf_status print_options(const struct tf_entity *entity, const struct tf_options *found,
                             bool colour, struct tf_buf *out)
{
    struct tf_buf name = TF_BUF_INIT(CELL_MAX), safe = TF_BUF_INIT(CELL_MAX);
    print_entity_name(entity, &name);
    say_line(&safe, name.data, name.len, NAME_COLUMNS);
    const char *who = safe.data ? safe.data : "?";
    enum tf_status status = tf_buf_status(&name) || tf_buf_status(&safe) ? TF_NOMEM : TF_OK;
    if (found->count > 0 && !status) {
        say_fill(out, TR("Options for %1"), who, NULL);
        tf_buf_text(out, ":\n");
        status = options_table(found, colour, out);
    } else if (found->conflict_count == 0) {
        say_fill(out, TR("%1 has no conflict."), who, NULL);
        tf_buf_char(out, '\n');
    } else {
        say_fill(out, TR("No option for %1 within the limits:"), who, NULL);
        tf_buf_char(out, '\n');
        blocked_lines(found, out);
    }
    tf_buf_release(&name);
    tf_buf_release(&safe);
    return status;
}

/* --- JSON ---------------------------------------------------------------------------- */

static void option_json(struct tf_buf *out, const struct tf_option *option, size_t rank)
{
    tf_buf_printf(out, "%s{\"rank\":%zu", rank > 1 ? "," : "", rank);
    tf_put_name(out, "moves");
    const char *comma = "";
    tf_buf_char(out, '[');
    for (size_t i = 0; i < MOVE_COUNT; i++) {
        if (option->moves & moves[i].move) {
            tf_buf_printf(out, "%s\"%s\"", comma, moves[i].word);
            comma = ",";
        }
    }
    tf_buf_char(out, ']');
    tf_put_double(out, "shift_s", (double)option->shift_ns / 1e9);
    tf_put_time_ns(out, "start", start_of(option->volumes, option->volume_count));
    tf_put_double(out, "level_m", option->level_m);
    tf_put_double(out, "offset_m", option->offset_m);
    tf_put_double(out, "offset_azimuth_deg", option->offset_azimuth_deg);
    tf_put_double(out, "extra_distance_m", option->extra_distance_m);
    tf_put_double(out, "cost", option->cost);
    tf_buf_char(out, '}');
}

void print_options_json(const struct tf_entity *entity, const struct tf_options *found,
                        struct tf_buf *out)
{
    tf_buf_char(out, '{');
    json_entity(out, "for", entity);
    tf_put_double(out, "conflicts", (double)found->conflict_count);
    tf_put_name(out, "options");
    tf_buf_char(out, '[');
    for (size_t i = 0; i < found->count; i++)
        option_json(out, &found->options[i], i + 1);
    tf_buf_char(out, ']');
    tf_put_name(out, "blocked");
    tf_buf_char(out, '{');
    for (size_t i = 0; i < MOVE_COUNT; i++)
        tf_put_text(out, moves[i].word, blocks[blocked(found, moves[i].move)].word);
    tf_buf_text(out, "}}");
}
