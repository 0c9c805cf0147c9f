/*
 * cmd_options.c - `tafadi options`: ways out of the conflicts of one operation.
 */
#include "cli/print.h"

#include "cli/convert.h"
#include "cli/output.h"
#include <stdlib.h>
#include <string.h>

struct limit_args {
    const char *target;
    int64_t earliest_ns, latest_ns; /* 0: the default of option.h */
    double floor_m, ceiling_m, max_level_change_m, max_offset_m, max_extra_distance_m;
    double level_step_m;
    int64_t time_step_ns;
    unsigned moves;
    size_t max_options;
};
struct take_args {
    bool json, geojson;
    const char *output;
    size_t take;
};
struct options_args {
    struct common_args common;
    struct input_args input;
    struct search_args search;
    struct limit_args limits;
    struct take_args take;
};

#define LIMIT(member) offsetof(struct limit_args, member)
static const struct flag limit_flags[] = {
    {"for", 0, "ID", &text_reader, LIMIT(target), TF_TEXT("the operation that is to be changed")},
    {"moves", 0, "LIST", &moves_reader, LIMIT(moves),
     TF_TEXT("what may be changed: time, level, lateral, apart by commas (all)")},
    {"earliest", 0, "TIME", &time_reader, LIMIT(earliest_ns),
     TF_TEXT("no start before this (1 h before the planned start)")},
    {"latest", 0, "TIME", &time_reader, LIMIT(latest_ns),
     TF_TEXT("no start after this (6 h after the planned start)")},
    {"time-step", 0, "DURATION", &duration_reader, LIMIT(time_step_ns),
     TF_TEXT("starts are moved by multiples of this (60s)")},
    {"floor", 0, "HEIGHT", &level_reader, LIMIT(floor_m),
     TF_TEXT("nothing is lowered below this, above the WGS84 ellipsoid (-500m, and zero of its own "
             "reference)")},
    {"ceiling", 0, "HEIGHT", &level_reader, LIMIT(ceiling_m),
     TF_TEXT("nothing above this, above the WGS84 ellipsoid (20000m)")},
    {"max-level-change", 0, "LENGTH", &length_reader, LIMIT(max_level_change_m),
     TF_TEXT("largest change of level (3000m)")},
    {"level-step", 0, "LENGTH", &length_reader, LIMIT(level_step_m),
     TF_TEXT("levels are changed by multiples of this (any)")},
    {"max-offset", 0, "LENGTH", &length_reader, LIMIT(max_offset_m),
     TF_TEXT("largest distance to the side (50km)")},
    {"max-extra-distance", 0, "LENGTH", &length_reader, LIMIT(max_extra_distance_m),
     TF_TEXT("longest detour (100km)")},
    {"max", 'n', "N", &count_reader, LIMIT(max_options),
     TF_TEXT("how many options are shown at most (8)")}};

#define TAKE(member) offsetof(struct take_args, member)
static const struct flag take_flags[] = {
    {"json", 'j', NULL, NULL, TAKE(json), TF_TEXT("print the options as JSON (docs/check.md)")},
    {"geojson", 'g', NULL, NULL, TAKE(geojson),
     TF_TEXT("print the changed volumes of every option as GeoJSON")},
    {"output", 'o', "FILE", &text_reader, TAKE(output),
     TF_TEXT("write the operation as changed by an option; the format is that of the suffix")},
    {"take", 0, "N", &count_reader, TAKE(take),
     TF_TEXT("which option --output writes, by its number (1)")}};

static const struct flag_table options_tables[] = {
    FLAG_TABLE(TF_TEXT("Limits"), limit_flags, offsetof(struct options_args, limits)),
    FLAG_TABLE(TF_TEXT("Output"), take_flags, offsetof(struct options_args, take)),
    SEARCH_TABLE(offsetof(struct options_args, search)),
    INPUT_TABLE(offsetof(struct options_args, input)),
    COMMON_TABLE,
    {.count = 0}};

#define DEFAULT_FLOOR_M (-500.0)
#define DEFAULT_CEILING_M 20000.0

static struct tf_option_limits limits_of(const struct limit_args *args)
{
    /* What nobody has asked for is no limit that the plan itself has to keep. */
    bool given = args->floor_m != DEFAULT_FLOOR_M || args->ceiling_m != DEFAULT_CEILING_M;
    return (struct tf_option_limits){
        .moves = args->moves,
        .earliest_start_ns = args->earliest_ns,
        .latest_start_ns = args->latest_ns,
        .floor_m = given ? args->floor_m : 0,
        .ceiling_m = given ? args->ceiling_m : 0,
        .max_level_change_m = args->max_level_change_m,
        .max_offset_m = args->max_offset_m,
        .max_extra_distance_m = args->max_extra_distance_m,
        .level_step_m = args->level_step_m,
        .time_step_ns = args->time_step_ns,
        .max_options = args->max_options,
    };
}

static bool options_usage(const struct options_args *args, const struct words *files)
{
    if (files->count == 0)
        say_complain(TR("no file is given; \"-\" reads standard input"), NULL);
    else if (!args->limits.target)
        say_complain(TR("for which operation? Name it with --for ID"), NULL);
    else if (args->take.json && args->take.geojson)
        say_complain(TR("give either --json or --geojson, not both"), NULL);
    else if (args->limits.floor_m >= args->limits.ceiling_m)
        say_complain(TR("--floor has to be below --ceiling"), NULL);
    else if (args->limits.earliest_ns && args->limits.latest_ns &&
             args->limits.earliest_ns > args->limits.latest_ns)
        say_complain(TR("--earliest has to be before --latest"), NULL);
    else
        return true;
    return false;
}

/* The one entity with this id. False after a complaint. */
static bool find_target(const struct tf_picture *picture, const char *id, size_t *out)
{
    size_t found = 0;
    for (size_t i = 0; i < picture->count; i++) {
        if (picture->entities[i].id && !strcmp(picture->entities[i].id, id)) {
            *out = i;
            found++;
        }
    }
    if (found == 0)
        say_complain(TR("no operation has the id \"%1\"; \"tafadi info\" counts what the files "
                        "hold"),
                     id, NULL);
    else if (found > 1)
        say_complain(TR("the id \"%1\" occurs more than once; give each operation its own"), id,
                     NULL);
    return found == 1;
}

/* --- writing a changed operation ------------------------------------------------------- */

/* A picture with the entity as the option changes it. Everything is borrowed but
 * the array, which is the entity itself: nothing to release. */
static struct tf_entity changed_entity(const struct tf_entity *entity,
                                       const struct tf_option *option)
{
    struct tf_entity changed = *entity;
    changed.volumes = option->volumes;
    changed.volume_count = option->volume_count;
    changed.waypoints = option->waypoints;
    changed.waypoint_count = option->waypoint_count;
    return changed;
}

static bool write_taken(const struct options_args *args, const struct tf_entity *entity,
                        const struct tf_options *found)
{
    size_t take = args->take.take ? args->take.take : 1;
    enum tf_format format = convert_format_of(args->take.output);
    if (found->count == 0)
        return true; /* there is nothing to write, and the output says so */
    if (take > found->count) {
        say_complain(TRN("--take %1: there is only %2 option",
                         "--take %1: there are only %2 options", found->count),
                     say_count(take).s, say_count(found->count).s, NULL);
        return false;
    }
    struct tf_entity changed = changed_entity(entity, &found->options[take - 1]);
    struct tf_picture picture = {.entities = &changed, .count = 1};
    return convert_write(args->take.output, format, &picture, &args->common);
}

static bool print_found(const struct options_args *args, const struct tf_entity *entity,
                        const struct tf_options *found)
{
    struct tf_buf out = TF_BUF_INIT(OUTPUT_MAX);
    bool colour = !args->common.no_color && output_has_colour();
    if (args->take.json) {
        print_options_json(entity, found, &out);
        tf_buf_char(&out, '\n');
    } else if (args->take.geojson) {
        print_options_geojson(entity, found, &out);
    } else if (print_options(entity, found, colour, &out)) {
        out.status = TF_NOMEM;
    }
    bool good = output_print(&out);
    tf_buf_release(&out);
    return good;
}

static int find_and_print(const struct options_args *args, const struct input *input,
                          struct search *search)
{
    size_t target;
    struct tf_options found = {0};
    struct tf_option_limits limits = limits_of(&args->limits);
    int code = EXIT_ERROR;
    if (!find_target(&input->picture, args->limits.target, &target))
        return code;
    const struct tf_entity *entity = &input->picture.entities[target];
    if (!search_options(search, target, &limits, &args->input, &found))
        goto out;
    if (args->take.output && !write_taken(args, entity, &found))
        goto out;
    if (!print_found(args, entity, &found) || input->errors > 0)
        goto out;
    code = found.conflict_count > 0 && found.count == 0 ? EXIT_CONFLICTS : EXIT_NONE;
out:
    tf_options_release(&found);
    return code;
}

static int run_options(const struct command *self, int argc, char **argv)
{
    struct options_args args = {
        .search = SEARCH_ARGS_INIT,
        .limits = {.floor_m = DEFAULT_FLOOR_M, .ceiling_m = DEFAULT_CEILING_M}};
    struct words files = {0};
    struct input input = {0};
    struct search search = {0};
    int code;
    if (!command_parse(self, &args, argc, argv, &files, &code))
        goto out;
    code = EXIT_ERROR;
    if (!options_usage(&args, &files)) {
        code = command_usage_error(self);
        goto out;
    }
    if (!input_read(&input, &args.input, &args.common, &files, NULL) && !args.input.keep_going)
        goto out;
    if (search_begin(&search, &input.picture, &args.search, &args.common, SIZE_MAX))
        code = find_and_print(&args, &input, &search);
out:
    search_end(&search);
    input_release(&input);
    words_release(&files);
    return code;
}

const struct command command_options = {
    .name = "options",
    .summary = TF_TEXT("Looks for changes of one operation that end its conflicts and make none."),
    .synopsis = "[FLAGS] --for ID FILE...",
    .tables = options_tables,
    .run = run_options,
};
