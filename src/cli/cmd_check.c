/*
 * cmd_check.c - `tafadi check`: files in, conflicts out.
 */
#include "cli/print.h"

#include "cli/output.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct print_args {
    bool json, geojson, options;
    const char *report, *svg, *title;
    struct words against;
};
struct check_args {
    struct common_args common;
    struct input_args input;
    struct search_args search;
    struct print_args print;
};

static const struct flag print_flags[] = {
    {"json", 'j', NULL, NULL, offsetof(struct print_args, json),
     TF_TEXT("print the conflicts as JSON (docs/check.md)")},
    {"geojson", 'g', NULL, NULL, offsetof(struct print_args, geojson),
     TF_TEXT("print the conflicts as GeoJSON, with the volumes")},
    {"report", 'r', "FILE.html", &text_reader, offsetof(struct print_args, report),
     TF_TEXT("write a page with map, profile, conflicts and options, complete in one file")},
    {"svg", 0, "FILE.svg", &text_reader, offsetof(struct print_args, svg),
     TF_TEXT("write the map alone")},
    {"title", 0, "TEXT", &text_reader, offsetof(struct print_args, title),
     TF_TEXT("title of the report")},
    {"options", 'o', NULL, NULL, offsetof(struct print_args, options),
     TF_TEXT("look for ways out of each conflict")}};

static const struct flag against_flags[] = {
    {"against", 'a', "FILE", &list_reader, offsetof(struct print_args, against),
     TF_TEXT("only conflicts between the files and this one (may be given several times)")}};

static const struct flag_table check_tables[] = {
    FLAG_TABLE(TF_TEXT("Output"), print_flags, offsetof(struct check_args, print)),
    SEARCH_TABLE(offsetof(struct check_args, search)),
    WISH_TABLE(offsetof(struct check_args, search)),
    FLAG_TABLE(TF_TEXT("Comparison"), against_flags, offsetof(struct check_args, print)),
    INPUT_TABLE(offsetof(struct check_args, input)),
    COMMON_TABLE,
    {.count = 0}};

/* Everything that a run holds; zero is valid. */
struct run {
    const struct check_args *args;
    struct input input;
    struct search search;
    struct tf_conflicts conflicts;
    struct tf_report_options *options;
    size_t option_count;
};

static bool check_usage(const struct check_args *args, const struct words *files)
{
    if (files->count == 0)
        say_complain(TR("no file is given; \"-\" reads standard input"), NULL);
    else if (args->print.json && args->print.geojson)
        say_complain(TR("give either --json or --geojson, not both"), NULL);
    else if (args->search.from_ns >= args->search.until_ns)
        say_complain(TR("--from has to be before --until"), NULL);
    else
        return true;
    return false;
}

/* The files, then those of --against. False: stop. */
static bool read_files(struct run *run, const struct words *files, size_t *against_from)
{
    const struct check_args *args = run->args;
    bool go_on = args->input.keep_going;
    if (!input_read(&run->input, &args->input, &args->common, files, NULL) && !go_on)
        return false;
    *against_from = args->print.against.count ? run->input.picture.count : SIZE_MAX;
    if (args->print.against.count == 0)
        return true;
    return input_read(&run->input, &args->input, &args->common, &args->print.against, NULL) ||
           go_on;
}

static bool add_options(struct run *run, size_t entity)
{
    struct tf_report_options *grown =
        realloc(run->options, (run->option_count + 1) * sizeof *grown);
    if (!grown) {
        search_complain(TF_NOMEM);
        return false;
    }
    run->options = grown;
    struct tf_report_options *slot = &grown[run->option_count];
    *slot = (struct tf_report_options){.entity = entity};
    if (!search_options(&run->search, entity, NULL, &run->args->input, &slot->found))
        return false;
    run->option_count++;
    return true;
}

/* A report alone shows options for this many operations; --options asks for all. */
enum { REPORT_OPTIONS_MAX = 500 };

static void complain_left_out(const struct run *run, size_t left_out)
{
    if (left_out > 0 && !run->args->common.quiet)
        say_complain(TRN("no options were sought for %1 more operation; --options seeks them all",
                         "no options were sought for %1 more operations; --options seeks them all",
                         left_out),
                     say_count(left_out).s, NULL);
}

/* For each entity that has to give way, once, in the order of the conflicts. */
static bool find_options(struct run *run)
{
    size_t most = run->args->print.options ? SIZE_MAX : REPORT_OPTIONS_MAX, left_out = 0;
    bool good = true;
    bool *asked = calloc(run->input.picture.count + 1, sizeof *asked);
    if (!asked) {
        search_complain(TF_NOMEM);
        return false;
    }
    for (size_t i = 0; i < run->conflicts.count && good; i++) {
        size_t mover = search_mover(&run->search, &run->conflicts.conflicts[i]);
        if (mover == SIZE_MAX || asked[mover])
            continue;
        asked[mover] = true;
        if (run->option_count < most)
            good = add_options(run, mover);
        else
            left_out++;
        search_show_progress(&run->search, i + 1, run->conflicts.count);
    }
    search_clear_progress(&run->search);
    complain_left_out(run, left_out);
    free(asked);
    return good;
}

/* --- writing ------------------------------------------------------------------------- */

/* SOURCE_DATE_EPOCH (reproducible-builds.org) makes reports comparable. */
static int64_t now_ns(void)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    char *end;
    long long seconds = fixed && *fixed ? strtoll(fixed, &end, 10) : -1;
    if (seconds >= 0 && !*end && seconds < INT64_C(9000000000))
        return seconds * TF_SECOND_NS;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * TF_SECOND_NS;
}

static bool write_drawing(const struct run *run, const char *path,
                          enum tf_status (*draw)(const struct tf_report *, struct tf_buf *))
{
    struct tf_report report = {
        .picture = &run->input.picture,
        .conflicts = &run->conflicts,
        .options = run->options,
        .option_count = run->option_count,
        .notes = &run->input.notes,
        .separation = &run->search.table,
        .from_ns = run->search.settings.from_ns,
        .until_ns = run->search.settings.until_ns,
        .with_drafts = run->args->search.with_drafts,
        .title = run->args->print.title,
        .made_at_ns = now_ns(),
        .lang = say_language(),
        .translate = say_tr,
        .translate_plural = say_trn,
    };
    struct tf_buf out = TF_BUF_INIT(OUTPUT_MAX);
    enum tf_status status = draw(&report, &out);
    bool good = status == TF_OK;
    if (status)
        search_complain(status);
    else
        good = output_file(path, &out);
    tf_buf_release(&out);
    return good;
}

static bool print_result(const struct run *run)
{
    const struct print_args *print = &run->args->print;
    struct result result = {&run->input, &run->search, &run->conflicts, run->options,
                            run->option_count};
    struct tf_buf out = TF_BUF_INIT(OUTPUT_MAX);
    bool colour = !run->args->common.no_color && output_has_colour();
    if (print->json)
        print_conflicts_json(&result, &out);
    else if (print->geojson)
        print_conflicts_geojson(&result, &out);
    else if (print_conflicts(&result, colour, &out))
        out.status = TF_NOMEM;
    bool good = output_print(&out);
    tf_buf_release(&out);
    return good;
}

static bool write_result(const struct run *run)
{
    const struct print_args *print = &run->args->print;
    bool good = true;
    if (print->report)
        good = write_drawing(run, print->report, tf_report_html);
    if (print->svg)
        good = write_drawing(run, print->svg, tf_report_svg) && good;
    return print_result(run) && good;
}

static int check(struct run *run, const struct words *files)
{
    size_t against_from;
    if (!read_files(run, files, &against_from))
        return EXIT_ERROR;
    if (!search_begin(&run->search, &run->input.picture, &run->args->search, &run->args->common,
                      against_from) ||
        !search_all(&run->search, &run->conflicts))
        return EXIT_ERROR;
    if ((run->args->print.options || run->args->print.report) && !find_options(run))
        return EXIT_ERROR;
    if (!write_result(run) || run->input.errors > 0)
        return EXIT_ERROR;
    return run->conflicts.count > 0 ? EXIT_CONFLICTS : EXIT_NONE;
}

static void run_release(struct run *run)
{
    for (size_t i = 0; i < run->option_count; i++)
        tf_options_release(&run->options[i].found);
    free(run->options);
    tf_conflicts_release(&run->conflicts);
    search_end(&run->search);
    input_release(&run->input);
}

static int run_check(const struct command *self, int argc, char **argv)
{
    struct check_args args = {.search = SEARCH_ARGS_INIT};
    struct words files = {0};
    struct run run = {.args = &args};
    int code;
    if (command_parse(self, &args, argc, argv, &files, &code))
        code = check_usage(&args, &files) ? check(&run, &files) : command_usage_error(self);
    run_release(&run);
    words_release(&files);
    words_release(&args.search.only);
    words_release(&args.print.against);
    return code;
}

const struct command command_check = {
    .name = "check",
    .summary = TF_TEXT("Reads files into one picture and prints what is in conflict."),
    .synopsis = "[FLAGS] FILE...",
    .tables = check_tables,
    .run = run_check,
};
