/*
 * bench_options.c - the search for options against 10^5 volumes.
 *
 * Comparison: the same question answered by stepping. The shift is tried minute
 * by minute, each with a full search of the same index (and, for a few, of a plain
 * list), until it is free; and so for earlier, later. Ours also counts all that is
 * in the way first, which is most of its time where thousands are.
 *
 *     bench_options [volumes [operations]]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <tafadi/option.h>

#include "../tests/support/random.h"
#include "mix.h"

enum { BY_LIST_MAX = 1 };

/* Everything that the operations are asked against. */
struct scene {
    struct tf_item *items;
    size_t count;
    struct tf_index *index;
    struct tf_index_view *view;
    struct tf_separation_table table;
};

/* The times of one kind of operation, in seconds. */
struct figures {
    const char *name;
    double *all, *time_only, *stepping, *list;
    size_t count, list_count, options, without;
};

static void scene_open(struct scene *scene, size_t count, struct tf_item (*next)(uint64_t *))
{
    scene->count = count;
    scene->items = mix_make(20261124, count, next);
    tf_separation_defaults(&scene->table);
    bench_must(tf_index_new(&scene->index), "index");
    bench_must(tf_index_build(scene->index, scene->items, count), "build");
    bench_must(tf_index_view_open(scene->index, &scene->view), "view");
}

static void scene_close(struct scene *scene)
{
    tf_index_view_close(scene->view);
    tf_index_free(scene->index);
    mix_free(scene->items, scene->count);
}

/* --- operations -------------------------------------------------------- */

static bool stop(void *ctx, const struct tf_item *item)
{
    (void)item;
    *(bool *)ctx = false;
    return false;
}

static bool clear_by_index(const struct scene *scene, const struct tf_entity *op, int64_t shift_ns)
{
    bool clear = true;
    for (size_t i = 0; i < op->volume_count && clear; i++) {
        struct tf_volume4 v = op->volumes[i];
        v.start_ns = tf_time_add(v.start_ns, shift_ns);
        v.end_ns = tf_time_add(v.end_ns, shift_ns);
        tf_index_query_kinds(scene->view, &v, op->kind, &scene->table, stop, &clear);
    }
    return clear;
}

static bool clear_by_list(const struct scene *scene, const struct tf_entity *op, int64_t shift_ns)
{
    for (size_t i = 0; i < op->volume_count; i++) {
        struct tf_volume4 v = op->volumes[i];
        v.start_ns = tf_time_add(v.start_ns, shift_ns);
        v.end_ns = tf_time_add(v.end_ns, shift_ns);
        for (size_t k = 0; k < scene->count; k++) {
            const struct tf_item *item = &scene->items[k];
            if (scene->table.compared[op->kind][item->kind] &&
                tf_volume4_conflicts(&v, &item->v4, &scene->table.pair[op->kind][item->kind]))
                return false;
        }
    }
    return true;
}

/* A drone flight of the mix. */
static void area_operation(uint64_t *state, struct tf_entity *op)
{
    struct tf_item item = mix_next(state);
    while (item.kind != TF_KIND_UNCREWED) {
        tf_volume4_release(&item.v4);
        item = mix_next(state);
    }
    *op = (struct tf_entity){.kind = item.kind};
    bench_must(tf_entity_add_volume(op, &item.v4), "volume");
}

/* A drone flight in the one cell where all the others are. */
static void cell_operation(uint64_t *state, struct tf_entity *op)
{
    struct tf_item item = mix_in_cell(state);
    *op = (struct tf_entity){.kind = item.kind};
    bench_must(tf_entity_add_volume(op, &item.v4), "volume");
}

/* A helicopter flight of some 50 km in four legs at a few hundred metres. */
static void flight_operation(uint64_t *state, struct tf_entity *op)
{
    struct tf_waypoint *w = calloc(5, sizeof *w);
    if (!w)
        bench_must(TF_NOMEM, "waypoints");
    struct tf_item near = mix_next(state);
    struct tf_latlng at = tf_shape_centre(near.v4.shape);
    tf_volume4_release(&near.v4);
    double course_deg = random_between(state, -180, 180);
    int64_t t_ns = MIX_DAY_NS + (int64_t)random_between(state, 0, 86400) * TF_SECOND_NS;
    for (int i = 0; i < 5; i++) {
        w[i] = (struct tf_waypoint){at, {300, TF_ALT_UNIT_M, TF_ALT_AMSL}, t_ns, 100, 30, 0};
        at = tf_geodesic_direct(at, course_deg + random_between(state, -40, 40), 12000, NULL);
        t_ns += 200 * TF_SECOND_NS;
    }
    *op = (struct tf_entity){.kind = TF_KIND_ROTORCRAFT, .waypoints = w, .waypoint_count = 5};
    bench_must(tf_trajectory_volumes(w, 5, NULL, NULL, &op->volumes, &op->volume_count, NULL),
               "trajectory");
}

/* --- measuring --------------------------------------------------------- */

static double timed_options(const struct scene *scene, const struct tf_entity *op, unsigned moves,
                            struct tf_options *out)
{
    struct tf_option_limits limits = {.moves = moves};
    struct tf_search search = {.table = &scene->table};
    double begin = bench_now_s();
    bench_must(tf_options_find(scene->view, UINT64_MAX, op, &search, &limits, out, NULL),
               "options");
    return bench_now_s() - begin;
}

static double timed_stepping(const struct scene *scene, const struct tf_entity *op,
                             bool (*clear)(const struct scene *, const struct tf_entity *, int64_t),
                             int64_t *later_ns)
{
    double begin = bench_now_s();
    *later_ns = 0;
    for (int64_t s = TF_MINUTE_NS; s <= 6 * TF_HOUR_NS && !*later_ns; s += TF_MINUTE_NS)
        if (clear(scene, op, s))
            *later_ns = s;
    for (int64_t s = TF_MINUTE_NS; s <= TF_HOUR_NS; s += TF_MINUTE_NS)
        if (clear(scene, op, -s))
            break;
    return bench_now_s() - begin;
}

static int64_t later_shift(const struct tf_options *options)
{
    for (size_t i = 0; i < options->count; i++)
        if (options->options[i].shift_ns > 0)
            return options->options[i].shift_ns;
    return 0;
}

static void measure(const struct scene *scene, const struct tf_entity *op, struct figures *f)
{
    struct tf_options options;
    int64_t stepped_ns, listed_ns;
    if (clear_by_index(scene, op, 0))
        return;
    f->all[f->count] = timed_options(scene, op, TF_OPTION_ALL, &options);
    f->options += options.count;
    f->without += options.count == 0;
    tf_options_release(&options);
    f->time_only[f->count] = timed_options(scene, op, TF_OPTION_TIME, &options);
    f->stepping[f->count] = timed_stepping(scene, op, clear_by_index, &stepped_ns);
    if (later_shift(&options) != stepped_ns)
        bench_must(TF_RANGE, "the shift is not the one that stepping finds");
    f->count++;
    if (f->list_count < BY_LIST_MAX)
        f->list[f->list_count++] = timed_stepping(scene, op, clear_by_list, &listed_ns);
    tf_options_release(&options);
}

static void print(struct figures *f)
{
    if (f->count == 0) {
        printf("%-10s no operation with a conflict\n", f->name);
        return;
    }
    double ours = bench_quantile(f->time_only, f->count, 0.5) * 1e3;
    double stepping = bench_quantile(f->stepping, f->count, 0.5) * 1e3;
    double list = bench_quantile(f->list, f->list_count, 0.5) * 1e3;
    printf("%-10s %5zu  %8.3f %8.3f   %8.3f %9.3f %10.1f   %6.1fx %8.0fx   %.1f, none for %zu\n",
           f->name, f->count, bench_quantile(f->all, f->count, 0.5) * 1e3,
           bench_quantile(f->all, f->count, 0.95) * 1e3, ours, stepping, list, stepping / ours,
           list / ours, (double)f->options / (double)f->count, f->without);
}

static void run(const struct scene *scene, const char *name, size_t operations,
                void (*make)(uint64_t *, struct tf_entity *))
{
    struct figures f = {.name = name};
    uint64_t state = 7;
    double **const lists[] = {&f.all, &f.time_only, &f.stepping, &f.list};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!(*lists[i] = calloc(operations, sizeof **lists[i])))
            bench_must(TF_NOMEM, "figures");
    for (size_t i = 0; i < operations; i++) {
        struct tf_entity op;
        make(&state, &op);
        measure(scene, &op, &f);
        tf_entity_release(&op);
    }
    print(&f);
    fflush(stdout);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        free(*lists[i]);
}

static void head(size_t count, const char *where)
{
    printf("options against %zu volumes %s, ms (medians; p95 of all moves)\n", count, where);
    printf("%-10s %5s  %8s %8s   %8s %9s %10s   %7s %9s   %s\n", "", "n", "all", "p95", "time",
           "stepping", "list", "ratio", "ratio", "options each");
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    size_t operations = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
    struct scene scene;
    scene_open(&scene, count, mix_next);
    head(count, "over a continent");
    run(&scene, "drone", operations, area_operation);
    run(&scene, "flight", operations, flight_operation);
    scene_close(&scene);
    scene_open(&scene, count / 10, mix_in_cell);
    head(count / 10, "within one cell");
    run(&scene, "drone", operations / 50, cell_operation);
    scene_close(&scene);
    return 0;
}
