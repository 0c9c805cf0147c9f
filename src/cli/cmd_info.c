/*
 * cmd_info.c - `tafadi info`: what is in a file.
 */
#include "cli/input.h"

#include "cli/output.h"
#include "cli/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct info_args {
    struct common_args common;
    struct input_args input;
};
static const struct flag_table info_tables[] = {
    INPUT_TABLE(offsetof(struct info_args, input)), COMMON_TABLE, {.count = 0}};

enum { REF_COUNT = TF_ALT_STD + 1, PARTIES_SHOWN = 20, CELL_MAX = 1 << 26 };

struct facts {
    size_t by_kind[TF_KIND_COUNT], by_ref[REF_COUNT];
    size_t volumes, unlimited, always;
    int64_t start_ns, end_ns; /* of what has limits */
    double south_deg, north_deg;
    double west_deg[2], east_deg[2]; /* longitudes as -180..180, and as 0..360 */
};

static void add_point(void *ctx, size_t ring, struct tf_latlng p)
{
    struct facts *facts = ctx;
    (void)ring;
    facts->south_deg = fmin(facts->south_deg, p.lat_deg);
    facts->north_deg = fmax(facts->north_deg, p.lat_deg);
    const double lng[2] = {p.lng_deg, p.lng_deg < 0 ? p.lng_deg + 360 : p.lng_deg};
    for (size_t i = 0; i < 2; i++) {
        facts->west_deg[i] = fmin(facts->west_deg[i], lng[i]);
        facts->east_deg[i] = fmax(facts->east_deg[i], lng[i]);
    }
}

static void add_volume(struct facts *facts, const struct tf_volume4 *volume)
{
    facts->volumes++;
    facts->unlimited += isinf(volume->alt.lower.value) || isinf(volume->alt.upper.value);
    if (isfinite(volume->alt.lower.value))
        facts->by_ref[volume->alt.lower.ref]++;
    if (isfinite(volume->alt.upper.value))
        facts->by_ref[volume->alt.upper.ref]++;
    if (volume->start_ns == TF_TIME_MIN && volume->end_ns == TF_TIME_MAX)
        facts->always++;
    if (volume->start_ns != TF_TIME_MIN && volume->start_ns < facts->start_ns)
        facts->start_ns = volume->start_ns;
    if (volume->end_ns != TF_TIME_MAX && volume->end_ns > facts->end_ns)
        facts->end_ns = volume->end_ns;
    tf_shape_outline(volume->shape, 100.0, add_point, facts);
}

static struct facts facts_of(const struct tf_picture *picture)
{
    struct facts facts = {.start_ns = TF_TIME_MAX,
                          .end_ns = TF_TIME_MIN,
                          .south_deg = 90,
                          .north_deg = -90,
                          .west_deg = {360, 360},
                          .east_deg = {-360, -360}};
    for (size_t i = 0; i < picture->count; i++) {
        const struct tf_entity *entity = &picture->entities[i];
        facts.by_kind[entity->kind]++;
        for (size_t v = 0; v < entity->volume_count; v++)
            add_volume(&facts, &entity->volumes[v]);
    }
    return facts;
}

/* --- printing ------------------------------------------------------------------------ */

/* "Label   text". */
static void fact(struct table *table, const char *label, const char *text)
{
    table_cell(table, TABLE_BOLD, label);
    table_cell(table, TABLE_PLAIN, text);
}

static void fact_buf(struct table *table, const char *label, struct tf_buf *text)
{
    if (tf_buf_status(text) == TF_NOMEM)
        table->failed = true;
    fact(table, label, text->len ? text->data : "-");
    tf_buf_release(text);
}

static void kinds(struct table *table, const struct facts *facts)
{
    struct tf_buf text = TF_BUF_INIT(CELL_MAX);
    for (int k = 0; k < TF_KIND_COUNT; k++)
        if (facts->by_kind[k])
            tf_buf_printf(&text, "%s%zu %s", text.len ? "\n" : "", facts->by_kind[k],
                          say_tr(tf_kind_word((enum tf_kind)k)));
    fact_buf(table, TR("Kinds"), &text);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each with its count, the first PARTIES_SHOWN of them. */
static void parties(struct table *table, const struct tf_picture *picture)
{
    const char **names = malloc((picture->count + 1) * sizeof *names);
    struct tf_buf text = TF_BUF_INIT(CELL_MAX);
    if (!names) {
        table->failed = true;
        return;
    }
    size_t different = 0;
    for (size_t i = 0; i < picture->count; i++)
        names[i] = picture->entities[i].party ? picture->entities[i].party : "-";
    qsort(names, picture->count, sizeof *names, compare_names);
    for (size_t i = 0, n; i < picture->count; i += n, different++) {
        for (n = 1; i + n < picture->count && !strcmp(names[i], names[i + n]);)
            n++;
        if (different < PARTIES_SHOWN)
            tf_buf_printf(&text, "%s%s: %zu", text.len ? "\n" : "", names[i], n);
    }
    if (different > PARTIES_SHOWN) {
        tf_buf_char(&text, '\n');
        say_fill(&text, TRN("and %1 more", "and %1 more", different - PARTIES_SHOWN),
                 say_count(different - PARTIES_SHOWN).s, NULL);
    }
    fact_buf(table, TR("Parties"), &text);
    free(names);
}

/* The narrower of the two ways round; west > east crosses the antimeridian, as in --area. */
static void area(struct table *table, const struct facts *facts)
{
    struct tf_buf text = TF_BUF_INIT(CELL_MAX);
    const double *west = facts->west_deg, *east = facts->east_deg;
    size_t frame = east[1] - west[1] < east[0] - west[0];
    double from = west[frame] > 180 ? west[frame] - 360 : west[frame];
    double to = east[frame] > 180 ? east[frame] - 360 : east[frame];
    if (facts->south_deg <= facts->north_deg)
        tf_buf_printf(&text, "%.4f,%.4f,%.4f,%.4f", facts->south_deg, from, facts->north_deg, to);
    fact_buf(table, TR("Area (south,west,north,east)"), &text);
}

static void times(struct table *table, const struct facts *facts)
{
    char start[TF_TIME_TEXT_SIZE], end[TF_TIME_TEXT_SIZE];
    struct tf_buf text = TF_BUF_INIT(CELL_MAX);
    tf_time_format(facts->start_ns, start);
    tf_time_format(facts->end_ns, end);
    if (facts->start_ns != TF_TIME_MAX || facts->end_ns != TF_TIME_MIN)
        tf_buf_printf(&text, "%s\n%s", start, end);
    if (facts->always) {
        tf_buf_text(&text, text.len ? "\n" : "");
        say_fill(&text,
                 TRN("%1 volume without limits of time", "%1 volumes without limits of time",
                     facts->always),
                 say_count(facts->always).s, NULL);
    }
    fact_buf(table, TR("Time"), &text);
}

static void altitudes(struct table *table, const struct facts *facts)
{
    static const char *const names[REF_COUNT] = {
        TF_TEXT("above the WGS84 ellipsoid"), TF_TEXT("above mean sea level"),
        TF_TEXT("above ground"), TF_TEXT("flight levels (pressure altitude)")};
    struct tf_buf text = TF_BUF_INIT(CELL_MAX);
    for (size_t i = 0; i < REF_COUNT; i++)
        if (facts->by_ref[i])
            tf_buf_printf(&text, "%s%zu %s", text.len ? "\n" : "", facts->by_ref[i],
                          say_tr(names[i]));
    if (facts->unlimited) {
        tf_buf_text(&text, text.len ? "\n" : "");
        say_fill(&text,
                 TRN("%1 volume without a limit", "%1 volumes without a limit", facts->unlimited),
                 say_count(facts->unlimited).s, NULL);
    }
    fact_buf(table, TR("Altitude limits"), &text);
}

static bool print_info(const struct info_args *args, const char *path, enum tf_format format,
                       const struct input *input)
{
    struct tf_buf out = TF_BUF_INIT(OUTPUT_MAX);
    struct table table = TABLE_INIT(2);
    struct facts facts = facts_of(&input->picture);
    fact(&table, TR("File"), path);
    fact(&table, TR("Format"), tf_format_word(format));
    fact(&table, TR("Entities"), say_count(input->picture.count).s);
    fact(&table, TR("Volumes"), say_count(facts.volumes).s);
    kinds(&table, &facts);
    parties(&table, &input->picture);
    area(&table, &facts);
    times(&table, &facts);
    altitudes(&table, &facts);
    fact(&table, TR("Warnings"), say_count(input->warnings).s);
    fact(&table, TR("Errors"), say_count(input->errors).s);
    bool colour = !args->common.no_color && output_has_colour();
    if (table_print(&table, colour, false, &out))
        out.status = TF_NOMEM;
    table_release(&table);
    tf_buf_char(&out, '\n');
    bool good = output_print(&out);
    tf_buf_release(&out);
    return good;
}

/* One file; false if anything in it was refused. */
static bool info_file(const struct info_args *args, const char *path)
{
    struct input input = {0};
    enum tf_format format = TF_FORMAT_AUTO;
    struct words one = {.items = &path, .count = 1};
    bool good = input_read(&input, &args->input, &args->common, &one, &format);
    if (good || args->input.keep_going)
        good = print_info(args, path, format, &input) && good && input.errors == 0;
    input_release(&input);
    return good;
}

static int run_info(const struct command *self, int argc, char **argv)
{
    struct info_args args = {0};
    struct words files = {0};
    int code;
    if (!command_parse(self, &args, argc, argv, &files, &code))
        goto out;
    if (files.count == 0) {
        say_complain(TR("no file is given; \"-\" reads standard input"), NULL);
        code = command_usage_error(self);
        goto out;
    }
    code = EXIT_NONE;
    for (size_t i = 0; i < files.count; i++)
        if (!info_file(&args, files.items[i]))
            code = EXIT_ERROR;
out:
    words_release(&files);
    return code;
}

const struct command command_info = {
    .name = "info",
    .summary = TF_TEXT("Says what files hold: format, counts, area, time, altitudes, warnings."),
    .synopsis = "[FLAGS] FILE...",
    .tables = info_tables,
    .run = run_info,
};
