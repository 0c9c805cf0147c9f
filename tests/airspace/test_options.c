/*
 * test_options.c - every option is clear by brute force, within its limits, and the
 * least that stepping through all shifts and levels finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/option.h>

#include "airspace/band.h"
#include "allocfail.h"
#include "random.h"

enum { WORLD_MAX = 60, OPERATION = 1000000 };

static uint64_t seed_now;

static double uniform(double low, double high)
{
    return random_between(&seed_now, low, high);
}

static int pick(int count)
{
    return (int)random_below(&seed_now, (uint64_t)count);
}

/* Some things in one region, indexed, and an operation among them. */
struct world {
    struct tf_latlng centre;
    double size_m;
    struct tf_item items[WORLD_MAX];
    size_t count;
    struct tf_index *index;
    struct tf_index_view *view;
    struct tf_separation_table table;
    struct tf_entity operation;
    struct tf_option_limits limits;
};

static struct tf_latlng random_place(const struct world *world)
{
    return tf_geodesic_direct(world->centre, uniform(-180, 180), uniform(0, world->size_m), NULL);
}

static struct tf_shape *make_circle(struct tf_latlng centre, double radius_m)
{
    struct tf_shape *shape;
    assert_int_equal(tf_shape_circle(centre, radius_m, &shape, NULL), TF_OK);
    return shape;
}

static struct tf_shape *make_corridor(const struct tf_latlng *line, size_t count, double half_m)
{
    struct tf_shape *shape;
    struct tf_ring ring = {line, count};
    assert_int_equal(tf_shape_corridor(ring, half_m, TF_EDGES_GEODESIC, 0, &shape, NULL), TF_OK);
    return shape;
}

static struct tf_shape *random_shape(const struct world *world)
{
    struct tf_latlng at = random_place(world);
    if (pick(2))
        return make_circle(at, uniform(100, world->size_m / 5));
    double azimuth_deg = uniform(-180, 180), length_m = uniform(100, world->size_m);
    double onward_deg;
    struct tf_latlng line[2] = {at, tf_geodesic_direct(at, azimuth_deg, length_m, &onward_deg)};
    if (pick(2))
        return make_corridor(line, 2, uniform(10, world->size_m / 20));
    struct tf_latlng ring[4] = {
        line[0], line[1], tf_geodesic_direct(line[1], onward_deg + 80, length_m * 0.6, NULL),
        tf_geodesic_direct(line[0], azimuth_deg + 100, length_m * 0.5, NULL)};
    struct tf_ring rings = {ring, 4};
    struct tf_shape *shape;
    assert_int_equal(tf_shape_polygon(&rings, 1, TF_EDGES_GEODESIC, 0, &shape, NULL), TF_OK);
    return shape;
}

static struct tf_band random_band(const struct tf_shape *shape)
{
    struct tf_alt_context context;
    struct tf_band band;
    double low = uniform(200, 4000), high = low + uniform(0, 800);
    enum tf_alt_ref ref = pick(3) == 0 ? TF_ALT_W84 : pick(2) ? TF_ALT_AMSL : TF_ALT_STD;
    struct tf_alt lower = {low, TF_ALT_UNIT_M, ref}, upper = {high, TF_ALT_UNIT_M, ref};
    if (pick(20) == 0)
        upper.value = INFINITY;
    if (pick(20) == 0)
        lower = (struct tf_alt){0, TF_ALT_UNIT_M, TF_ALT_AGL};
    tf_alt_context_at(shape, &context);
    context.terrain_low_m = 0;
    context.terrain_high_m = 50;
    assert_int_equal(tf_band_make(lower, upper, &context, &band, NULL), TF_OK);
    return band;
}

static void random_interval(int64_t *start_ns, int64_t *end_ns)
{
    *start_ns = (int64_t)uniform(-3, 8) * TF_HOUR_NS + pick(3600) * TF_SECOND_NS;
    *end_ns = *start_ns + (60 + pick(pick(4) ? 3600 : 20000)) * TF_SECOND_NS;
    if (pick(30) == 0)
        *end_ns = TF_TIME_MAX;
    if (pick(30) == 0)
        *start_ns = TF_TIME_MIN;
}

static struct tf_volume4 volume_of(struct tf_shape *shape, struct tf_band band, int64_t start_ns,
                                   int64_t end_ns)
{
    struct tf_volume4 v;
    assert_int_equal(tf_volume4_make(shape, &band, start_ns, end_ns, &v, NULL), TF_OK);
    tf_shape_unref(shape);
    return v;
}

static void add_item(struct world *world, struct tf_volume4 v, enum tf_kind kind)
{
    world->items[world->count] = (struct tf_item){
        .entity = world->count / 2, .volume = (uint32_t)(world->count % 2), .kind = kind, .v4 = v};
    world->count++;
}

static void open_world(struct world *world)
{
    assert_int_equal(tf_index_new(&world->index), TF_OK);
    assert_int_equal(tf_index_build(world->index, world->items, world->count), TF_OK);
    assert_int_equal(tf_index_view_open(world->index, &world->view), TF_OK);
}

static void close_world(struct world *world)
{
    tf_index_view_close(world->view);
    tf_index_free(world->index);
    for (size_t i = 0; i < world->count; i++)
        tf_volume4_release(&world->items[i].v4);
    tf_entity_release(&world->operation);
}

static void add_operation_volume(struct world *world, struct tf_volume4 v)
{
    assert_int_equal(tf_entity_add_volume(&world->operation, &v), TF_OK);
}

static void random_area(struct world *world)
{
    for (int i = 1 + pick(3); i > 0; i--) {
        struct tf_shape *shape = random_shape(world);
        struct tf_band band = random_band(shape);
        int64_t start = pick(3600) * TF_SECOND_NS, end = start + (60 + pick(7200)) * TF_SECOND_NS;
        add_operation_volume(world, volume_of(shape, band, start, end));
    }
}

static void random_corridor(struct world *world)
{
    struct tf_latlng line[4];
    size_t count = 2 + (size_t)pick(3);
    line[0] = random_place(world);
    for (size_t i = 1; i < count; i++)
        line[i] = tf_geodesic_direct(line[i - 1], uniform(-60, 60),
                                     uniform(world->size_m / 4, world->size_m), NULL);
    int64_t start = pick(3600) * TF_SECOND_NS;
    struct tf_shape *shape = make_corridor(line, count, uniform(10, 500));
    add_operation_volume(
        world, volume_of(shape, random_band(shape), start, start + pick(3600) * TF_SECOND_NS + 1));
}

static void random_trajectory(struct world *world)
{
    struct tf_waypoint w[5];
    size_t count = 2 + (size_t)pick(4);
    double speed_mps = uniform(10, 200), course_deg = uniform(-180, 180);
    struct tf_latlng at = random_place(world);
    int64_t t_ns = pick(3600) * TF_SECOND_NS;
    enum tf_alt_ref ref = pick(2) ? TF_ALT_AMSL : TF_ALT_STD;
    for (size_t i = 0; i < count; i++) {
        w[i] = (struct tf_waypoint){at, {uniform(500, 4000), TF_ALT_UNIT_M, ref}, t_ns, 50, 20, 0};
        double leg_m = pick(8) ? uniform(500, world->size_m) : 0;
        at = tf_geodesic_direct(at, course_deg + uniform(-50, 50), leg_m, NULL);
        t_ns += (int64_t)(leg_m / speed_mps * 1e9) + TF_SECOND_NS;
    }
    struct tf_entity *op = &world->operation;
    op->waypoints = malloc(sizeof w);
    assert_non_null(op->waypoints);
    memcpy(op->waypoints, w, sizeof w);
    op->waypoint_count = count;
    assert_int_equal(
        tf_trajectory_volumes(w, count, NULL, NULL, &op->volumes, &op->volume_count, NULL), TF_OK);
}

static void random_world(struct world *world)
{
    static const enum tf_kind kinds[] = {TF_KIND_CREWED, TF_KIND_UNCREWED, TF_KIND_ZONE,
                                         TF_KIND_SITE, TF_KIND_GROUND};
    *world = (struct world){.size_m = uniform(2000, 60000)};
    world->centre = (struct tf_latlng){pick(6) ? uniform(-80, 80) : 89.9,
                                       pick(4) ? uniform(-180, 180) : 179.95};
    struct tf_separation minima = {pick(3) * uniform(0, 2000), pick(3) * uniform(0, 200),
                                   pick(3) * 30 * TF_SECOND_NS};
    tf_separation_uniform(minima, &world->table);
    minima.horizontal_m = 0;
    tf_separation_set(&world->table, TF_KIND_UNCREWED, TF_KIND_ZONE, minima);
    int others = 3 + pick(WORLD_MAX - 3);
    for (int i = 0; i < others; i++) {
        struct tf_shape *shape = random_shape(world);
        int64_t start, end;
        random_interval(&start, &end);
        add_item(world, volume_of(shape, random_band(shape), start, end), kinds[pick(5)]);
    }
    world->operation.kind = pick(10) ? TF_KIND_UNCREWED : kinds[pick(5)];
    void (*const make[])(struct world *) = {random_area, random_corridor, random_trajectory};
    make[pick(3)](world);
    world->limits = (struct tf_option_limits){.time_step_ns = (1 + pick(5)) * 60 * TF_SECOND_NS,
                                              .level_step_m = pick(2) ? 50.0 * (1 + pick(4)) : 0};
    if (pick(2))
        world->limits.latest_start_ns = TF_HOUR_NS * (1 + pick(4));
    if (pick(3) == 0)
        world->limits.max_offset_m = uniform(500, 20000);
    if (pick(3) == 0)
        world->limits.max_extra_distance_m = uniform(500, 20000);
    if (pick(4) == 0)
        world->limits.now_ns = pick(2) ? 1000 * TF_SECOND_NS : -1000 * TF_SECOND_NS;
    open_world(world);
}

/* --- brute force ------------------------------------------------------- */

static bool clear_of_all(const struct world *world, const struct tf_volume4 *volume)
{
    enum tf_kind kind = world->operation.kind;
    for (size_t i = 0; i < world->count; i++) {
        const struct tf_item *item = &world->items[i];
        if (world->table.compared[kind][item->kind] &&
            tf_volume4_conflicts(volume, &item->v4, &world->table.pair[kind][item->kind]))
            return false;
    }
    return true;
}

static bool all_clear(const struct world *world, const struct tf_volume4 *volumes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!clear_of_all(world, &volumes[i]))
            return false;
    return true;
}

/* The plan, shifted and lifted, against everything. */
static bool clear_when_moved(const struct world *world, int64_t shift_ns, double level_m)
{
    for (size_t i = 0; i < world->operation.volume_count; i++) {
        struct tf_volume4 v = world->operation.volumes[i];
        v.start_ns = tf_time_add(v.start_ns, shift_ns);
        v.end_ns = tf_time_add(v.end_ns, shift_ns);
        v.alt = tf_band_moved(&v.alt, level_m);
        if (!clear_of_all(world, &v))
            return false;
    }
    return true;
}

static size_t count_conflicts(const struct world *world)
{
    size_t entities = 0;
    enum tf_kind kind = world->operation.kind;
    for (size_t i = 0; i < world->count; i += 2) {
        bool hit = false;
        for (size_t k = i; k < i + 2 && k < world->count; k++)
            for (size_t v = 0; v < world->operation.volume_count; v++) {
                const struct tf_item *item = &world->items[k];
                hit |= world->table.compared[kind][item->kind] &&
                       tf_volume4_conflicts(&world->operation.volumes[v], &item->v4,
                                            &world->table.pair[kind][item->kind]);
            }
        entities += hit;
    }
    return entities;
}

static int64_t first_start(const struct tf_volume4 *volumes, size_t count)
{
    int64_t start = TF_TIME_MAX;
    for (size_t i = 0; i < count; i++)
        if (volumes[i].start_ns < start)
            start = volumes[i].start_ns;
    return start;
}

static enum tf_status find(struct world *world, struct tf_options *out)
{
    struct tf_search search = {.table = &world->table};
    return tf_options_find(world->view, OPERATION, &world->operation, &search, &world->limits, out,
                           NULL);
}

static const struct tf_option *pure(const struct tf_options *options, unsigned move, int sign)
{
    for (size_t i = 0; i < options->count; i++) {
        const struct tf_option *o = &options->options[i];
        double amount = move == TF_OPTION_TIME ? (double)o->shift_ns : o->level_m;
        if (o->moves == move && amount * sign > 0)
            return o;
    }
    return NULL;
}

static void check_time(const struct world *world, const struct tf_options *options, uint64_t seed)
{
    const struct tf_entity *op = &world->operation;
    int64_t start = first_start(op->volumes, op->volume_count), step = world->limits.time_step_ns;
    int64_t earliest = start - TF_HOUR_NS, latest = world->limits.latest_start_ns;
    if (world->limits.now_ns && world->limits.now_ns > earliest)
        earliest = world->limits.now_ns;
    if (!latest)
        latest = start + 6 * TF_HOUR_NS;
    bool any = false;
    for (int sign = 1; sign >= -1; sign -= 2) {
        const struct tf_option *found = pure(options, TF_OPTION_TIME, sign);
        int64_t least = 0;
        for (int64_t s = step; s <= 8 * TF_HOUR_NS && !least && op->kind != TF_KIND_SITE;
             s += step) {
            int64_t shifted = start + sign * s;
            if (shifted >= earliest && shifted <= latest && clear_when_moved(world, sign * s, 0))
                least = sign * s;
        }
        any |= least != 0;
        if ((found ? found->shift_ns : 0) != least)
            fail_msg("seed %llu: shift %lld s, by stepping %lld s", (unsigned long long)seed,
                     (long long)(found ? found->shift_ns : 0) / TF_SECOND_NS,
                     (long long)least / TF_SECOND_NS);
    }
    enum tf_blocked_by none = op->kind == TF_KIND_SITE ? TF_BLOCKED_FIXED : TF_BLOCKED_TIME;
    assert_int_equal(options->blocked_time, any ? TF_BLOCKED_NOT : none);
}

/* Stepping through all levels must find the same least one. */
static void check_level(const struct world *world, const struct tf_options *options, uint64_t seed)
{
    if (options->blocked_level == TF_BLOCKED_FIXED)
        return;
    double step_m = world->limits.level_step_m;
    if (step_m == 0)
        return;
    for (int sign = 1; sign >= -1; sign -= 2) {
        const struct tf_option *found = pure(options, TF_OPTION_LEVEL, sign);
        if (!found)
            continue;
        for (double d = step_m; d < fabs(found->level_m) - 1e-3; d += step_m)
            if (clear_when_moved(world, 0, sign * d))
                fail_msg("seed %llu: level %g m, by stepping %g m", (unsigned long long)seed,
                         found->level_m, sign * d);
    }
    if (options->blocked_level == TF_BLOCKED_LEVEL)
        for (double d = step_m; d <= 3000; d += step_m)
            if (clear_when_moved(world, 0, d)) { /* clear, so it must be too high */
                bool above = false;
                for (size_t i = 0; i < world->operation.volume_count; i++) {
                    struct tf_band b = tf_band_moved(&world->operation.volumes[i].alt, d);
                    above |= b.upper_m > 20000;
                }
                assert_true(above);
            }
}

static void check_limits(const struct world *world, const struct tf_option *o)
{
    const struct tf_option_limits *l = &world->limits;
    double offset_max = l->max_offset_m > 0 ? l->max_offset_m : 50000;
    double extra_max = l->max_extra_distance_m > 0 ? l->max_extra_distance_m : 100000;
    assert_true(o->offset_m >= 0 && o->offset_m <= offset_max + 1e-6);
    assert_true(o->extra_distance_m >= 0 && o->extra_distance_m <= extra_max + 1e-6);
    assert_true(fabs(o->level_m) <= 3000 + 1e-6);
    assert_true(o->shift_ns % l->time_step_ns == 0);
    if (l->level_step_m > 0)
        assert_true(fabs(remainder(o->level_m, l->level_step_m)) < 1e-6);
    assert_int_equal(!!(o->moves & TF_OPTION_TIME), o->shift_ns != 0);
    assert_int_equal(!!(o->moves & TF_OPTION_LEVEL), o->level_m != 0);
    assert_int_equal(!!(o->moves & TF_OPTION_LATERAL), o->offset_m > 0);
    assert_true(o->cost > 0 || (o->moves & TF_OPTION_LATERAL));
}

/* A detour leaves the ends of a trajectory where they are, and its times in order. */
static void check_waypoints(const struct world *world, const struct tf_option *o)
{
    const struct tf_entity *op = &world->operation;
    assert_int_equal(o->waypoint_count > 0, op->waypoint_count > 0);
    if (o->waypoint_count == 0)
        return;
    const struct tf_waypoint *last = &op->waypoints[op->waypoint_count - 1];
    const struct tf_waypoint *end = &o->waypoints[o->waypoint_count - 1];
    assert_true(tf_geodesic_inverse(op->waypoints[0].at, o->waypoints[0].at, NULL, NULL) < 0.001);
    assert_true(tf_geodesic_inverse(last->at, end->at, NULL, NULL) < 0.001);
    assert_int_equal(o->waypoints[0].t_ns, op->waypoints[0].t_ns + o->shift_ns);
    assert_true(fabs(tf_alt_m(end->alt) - tf_alt_m(last->alt) - o->level_m) < 1e-6);
    double length_m = 0, plan_m = 0;
    for (size_t i = 1; i < o->waypoint_count; i++) {
        assert_true(o->waypoints[i].t_ns > o->waypoints[i - 1].t_ns);
        length_m += tf_geodesic_inverse(o->waypoints[i - 1].at, o->waypoints[i].at, NULL, NULL);
    }
    for (size_t i = 1; i < op->waypoint_count; i++)
        plan_m += tf_geodesic_inverse(op->waypoints[i - 1].at, op->waypoints[i].at, NULL, NULL);
    assert_true(fabs(fmax(0, length_m - plan_m) - o->extra_distance_m) < 0.1);
}

/* Figures that say the worlds were worth it. */
struct tally {
    size_t conflicts, time, level, lateral, detour, combined, none;
};

static void tally_up(const struct tf_options *options, struct tally *tally)
{
    tally->conflicts += options->conflict_count > 0;
    tally->none += options->conflict_count > 0 && options->count == 0;
    for (size_t i = 0; i < options->count; i++) {
        const struct tf_option *o = &options->options[i];
        tally->time += o->moves == TF_OPTION_TIME;
        tally->level += o->moves == TF_OPTION_LEVEL;
        tally->lateral += o->moves == TF_OPTION_LATERAL;
        tally->detour += o->moves == TF_OPTION_LATERAL && o->extra_distance_m > 0;
        tally->combined += o->moves == (TF_OPTION_TIME | TF_OPTION_LEVEL);
    }
}

static void test_worlds(void **state)
{
    (void)state;
    struct tally tally = {0};
    seed_now = random_seed(31);
    for (int i = 0; i < 1500; i++) {
        uint64_t seed = seed_now;
        struct world world;
        random_world(&world);
        struct tf_options options;
        assert_int_equal(find(&world, &options), TF_OK);
        assert_int_equal(options.conflict_count, count_conflicts(&world));
        tally_up(&options, &tally);
        if (options.conflict_count == 0)
            assert_int_equal(options.count, 0);
        for (size_t k = 0; k < options.count; k++) {
            const struct tf_option *o = &options.options[k];
            if (!all_clear(&world, o->volumes, o->volume_count))
                fail_msg("seed %llu: option %zu is not clear", (unsigned long long)seed, k);
            assert_true(k == 0 || o->cost >= options.options[k - 1].cost);
            check_limits(&world, o);
            check_waypoints(&world, o);
        }
        if (options.conflict_count > 0 && options.count < 8) {
            check_time(&world, &options, seed);
            check_level(&world, &options, seed);
        }
        tf_options_release(&options);
        close_world(&world);
    }
    print_message(
        "conflicts %zu: time %zu level %zu lateral %zu (detours %zu) combined %zu none %zu\n",
        tally.conflicts, tally.time, tally.level, tally.lateral, tally.detour, tally.combined,
        tally.none);
    assert_true(tally.time > 100 && tally.level > 100 && tally.detour > 50 && tally.none > 5);
    assert_true(tally.lateral > tally.detour && tally.combined > 0);
}

/* --- worlds made by hand ----------------------------------------------- */

static const struct tf_latlng home = {30, 40};

static struct tf_latlng off(double east_m, double north_m)
{
    struct tf_latlng p = tf_geodesic_direct(home, 90, east_m, NULL);
    return tf_geodesic_direct(p, 0, north_m, NULL);
}

static void plain_world(struct world *world, struct tf_separation minima)
{
    *world = (struct world){.size_m = 10000, .operation = {.kind = TF_KIND_UNCREWED}};
    tf_separation_uniform(minima, &world->table);
}

static struct tf_volume4 circle_volume(double east_m, double radius_m, double low_m, double high_m,
                                       int64_t start_s, int64_t end_s)
{
    return volume_of(make_circle(off(east_m, 0), radius_m), tf_band_w84(low_m, high_m),
                     start_s * TF_SECOND_NS, end_s * TF_SECOND_NS);
}

static void test_no_conflict_no_options(void **state)
{
    (void)state;
    struct world world;
    plain_world(&world, (struct tf_separation){0, 0, 0});
    add_item(&world, circle_volume(5000, 100, 0, 100, 0, 60), TF_KIND_UNCREWED);
    add_operation_volume(&world, circle_volume(0, 100, 0, 100, 0, 60));
    open_world(&world);
    struct tf_options options;
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.count, 0);
    assert_int_equal(options.conflict_count, 0);
    tf_options_release(&options);
    close_world(&world);
}

/* Two circles: known least shift, level and offset. */
static void test_known_values(void **state)
{
    (void)state;
    struct world world;
    plain_world(&world, (struct tf_separation){200, 50, 30 * TF_SECOND_NS});
    add_item(&world, circle_volume(1000, 500, 100, 200, 0, 600), TF_KIND_UNCREWED);
    add_operation_volume(&world, circle_volume(0, 400, 150, 250, 300, 900));
    world.limits = (struct tf_option_limits){
        .time_step_ns = TF_SECOND_NS, .level_step_m = 10, .max_offset_m = 5000};
    open_world(&world);
    struct tf_options options;
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.conflict_count, 1);
    assert_int_equal(options.blocked_time, TF_BLOCKED_NOT);
    assert_int_equal(pure(&options, TF_OPTION_TIME, 1)->shift_ns, 330 * TF_SECOND_NS);
    assert_int_equal(pure(&options, TF_OPTION_TIME, -1)->shift_ns, -930 * TF_SECOND_NS);
    assert_true(fabs(pure(&options, TF_OPTION_LEVEL, 1)->level_m - 100) < 10.01);
    assert_null(pure(&options, TF_OPTION_LEVEL, -1)); /* it would be below zero */
    bool offset = false;
    for (size_t i = 0; i < options.count; i++)
        if (options.options[i].moves == TF_OPTION_LATERAL) {
            const struct tf_option *o = &options.options[i];
            offset |=
                fabs(o->offset_azimuth_deg - 270) < 1 && o->offset_m > 99.9 && o->offset_m < 110;
        }
    assert_true(offset);
    tf_options_release(&options);
    close_world(&world);
}

static struct tf_volume4 level_volume(double level)
{
    struct tf_alt_context context;
    struct tf_band band;
    struct tf_alt alt = {level, TF_ALT_UNIT_FL, TF_ALT_STD};
    struct tf_shape *shape = make_circle(home, 20000);
    tf_alt_context_at(shape, &context);
    assert_int_equal(tf_band_make(alt, alt, &context, &band, NULL), TF_OK);
    return volume_of(shape, band, 0, TF_HOUR_NS);
}

/* A thousand feet of separation are one step of a thousand feet, at every flight level. */
static void test_flight_levels(void **state)
{
    (void)state;
    for (int level = 100; level <= 400; level += 10) {
        struct world world;
        struct tf_options options;
        plain_world(&world, (struct tf_separation){9260, 1000 * TF_FOOT_M, 0});
        add_item(&world, level_volume(level), TF_KIND_CREWED);
        add_operation_volume(&world, level_volume(level));
        world.limits =
            (struct tf_option_limits){.moves = TF_OPTION_LEVEL, .level_step_m = 1000 * TF_FOOT_M};
        open_world(&world);
        assert_int_equal(find(&world, &options), TF_OK);
        assert_int_equal(options.count, 2);
        for (size_t i = 0; i < 2; i++) {
            double to = options.options[i].volumes[0].alt.lower.value;
            assert_true(fabs(to - level - (i == 0 ? 10 : -10)) < 1e-6);
        }
        tf_options_release(&options);
        close_world(&world);
    }
}

static struct tf_volume4 ground_volume(double low_m, double high_m)
{
    struct tf_alt_context context;
    struct tf_band band;
    struct tf_alt low = {low_m, TF_ALT_UNIT_M, TF_ALT_AGL},
                  high = {high_m, TF_ALT_UNIT_M, TF_ALT_AGL};
    struct tf_shape *shape = make_circle(home, 500);
    tf_alt_context_at(shape, &context);
    assert_int_equal(tf_band_make(low, high, &context, &band, NULL), TF_OK);
    return volume_of(shape, band, 0, TF_HOUR_NS);
}

/* A zone up to 60 m above ground is passed just above that, whatever the terrain is; with
 * a horizontal minimum the ground beside it may be a ridge, and no level will do. */
static void test_above_ground(void **state)
{
    (void)state;
    for (int h_m = 0; h_m <= 10; h_m += 10) {
        struct world world;
        struct tf_options options;
        plain_world(&world, (struct tf_separation){h_m, 0, 0});
        add_item(&world, ground_volume(0, 60), TF_KIND_ZONE);
        add_operation_volume(&world, ground_volume(30, 50));
        world.limits.moves = TF_OPTION_LEVEL;
        open_world(&world);
        assert_int_equal(find(&world, &options), TF_OK);
        assert_int_equal(options.count, h_m == 0);
        if (options.count > 0)
            assert_true(fabs(options.options[0].level_m - 30.1) < 1e-6);
        tf_options_release(&options);
        close_world(&world);
    }
}

/* A wall without end, in height and time: nothing but going round is left. */
static void test_blocked(void **state)
{
    (void)state;
    struct world world;
    struct tf_options options;
    plain_world(&world, (struct tf_separation){0, 0, 0});
    add_item(&world,
             volume_of(make_circle(home, 20000), tf_band_w84(-INFINITY, INFINITY), TF_TIME_MIN,
                       TF_TIME_MAX),
             TF_KIND_ZONE);
    add_operation_volume(&world, circle_volume(0, 100, 0, 100, 0, 60));
    world.limits.max_offset_m = 3000;
    open_world(&world);
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.count, 0);
    assert_int_equal(options.conflict_count, 1);
    assert_int_equal(options.blocked_time, TF_BLOCKED_TIME);
    assert_int_equal(options.blocked_level, TF_BLOCKED_LEVEL);
    assert_int_equal(options.blocked_lateral, TF_BLOCKED_OFFSET);
    world.limits.max_offset_m = 30000;
    world.limits.moves = TF_OPTION_LATERAL;
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.blocked_time, TF_BLOCKED_NOT);
    assert_true(options.count >= 1 && options.options[0].offset_m > 20100);
    tf_options_release(&options);
    world.operation.kind = TF_KIND_GROUND;
    world.limits.moves = TF_OPTION_LEVEL;
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.blocked_level, TF_BLOCKED_FIXED);
    tf_options_release(&options);
    close_world(&world);
}

/* A straight corridor with a circle on it; the detour is near the tangents. */
static void test_detour(void **state)
{
    (void)state;
    struct world world;
    struct tf_options options;
    plain_world(&world, (struct tf_separation){500, 0, 0});
    add_item(&world, circle_volume(0, 2000, 0, 1000, 0, 100000), TF_KIND_ZONE);
    struct tf_latlng line[2] = {off(-30000, 0), off(30000, 0)};
    add_operation_volume(
        &world, volume_of(make_corridor(line, 2, 100), tf_band_w84(100, 200), 0, TF_HOUR_NS));
    world.limits.moves = TF_OPTION_LATERAL;
    open_world(&world);
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct tf_option *o = &options.options[i];
        assert_true(o->offset_m > 2599 && o->offset_m < 3500);
        assert_true(o->extra_distance_m > 200 && o->extra_distance_m < 2500);
        struct tf_ring ring = tf_shape_ring(o->volumes[0].shape, 0);
        assert_true(tf_geodesic_inverse(ring.vertices[0], line[0], NULL, NULL) < 0.001);
        assert_true(tf_geodesic_inverse(ring.vertices[ring.count - 1], line[1], NULL, NULL) <
                    0.001);
    }
    assert_true(fabs(remainder(options.options[0].offset_azimuth_deg -
                                   options.options[1].offset_azimuth_deg - 180,
                               360)) < 1);
    tf_options_release(&options);
    world.limits.max_extra_distance_m = 50;
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.blocked_lateral, TF_BLOCKED_DISTANCE);
    tf_options_release(&options);
    world.limits = (struct tf_option_limits){.moves = TF_OPTION_LATERAL, .max_offset_m = 1000};
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.blocked_lateral, TF_BLOCKED_OFFSET);
    tf_options_release(&options);
    close_world(&world);
}

/* Neither end may be in conflict: they stay where they are. */
static void test_detour_between_blocked_ends(void **state)
{
    (void)state;
    static const double obstacle_east_m[] = {-30000, 30000};
    for (size_t i = 0; i < 2; i++) {
        struct world world;
        struct tf_options options;
        plain_world(&world, (struct tf_separation){500, 0, 0});
        add_item(&world, circle_volume(obstacle_east_m[i], 2000, 0, 1000, 0, 100000), TF_KIND_ZONE);
        add_item(&world, circle_volume(0, 2000, 0, 1000, 0, 100000), TF_KIND_ZONE);
        struct tf_latlng line[2] = {off(-30000, 0), off(30000, 0)};
        add_operation_volume(
            &world, volume_of(make_corridor(line, 2, 100), tf_band_w84(100, 200), 0, TF_HOUR_NS));
        world.limits.moves = TF_OPTION_LATERAL;
        open_world(&world);
        assert_int_equal(find(&world, &options), TF_OK);
        assert_int_equal(options.count, 0);
        assert_int_equal(options.blocked_lateral, TF_BLOCKED_FIXED);
        tf_options_release(&options);
        close_world(&world);
    }
}

/* --- laws -------------------------------------------------------------- */

static void check_same(const struct tf_options *a, const struct tf_options *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->conflict_count, b->conflict_count);
    assert_int_equal(a->blocked_time, b->blocked_time);
    assert_int_equal(a->blocked_level, b->blocked_level);
    assert_int_equal(a->blocked_lateral, b->blocked_lateral);
    for (size_t i = 0; i < a->count; i++) {
        const struct tf_option *x = &a->options[i], *y = &b->options[i];
        assert_int_equal(x->moves, y->moves);
        assert_int_equal(x->shift_ns, y->shift_ns);
        assert_true(x->level_m == y->level_m && x->offset_m == y->offset_m);
        assert_true(x->offset_azimuth_deg == y->offset_azimuth_deg && x->cost == y->cost);
        assert_int_equal(x->volume_count, y->volume_count);
    }
}

/* The same world, built up in the other order, has the same options. */
static void test_same_in_any_order(void **state)
{
    (void)state;
    seed_now = random_seed(32);
    for (int i = 0; i < 200; i++) {
        struct world world;
        struct tf_options options, again;
        random_world(&world);
        assert_int_equal(find(&world, &options), TF_OK);
        tf_index_view_close(world.view);
        tf_index_free(world.index);
        assert_int_equal(tf_index_new(&world.index), TF_OK);
        for (size_t k = world.count; k-- > 0;)
            assert_int_equal(tf_index_insert(world.index, &world.items[k]), TF_OK);
        assert_int_equal(tf_index_view_open(world.index, &world.view), TF_OK);
        assert_int_equal(find(&world, &again), TF_OK);
        check_same(&options, &again);
        tf_options_release(&options);
        tf_options_release(&again);
        close_world(&world);
    }
}

static bool not_the_first(void *ctx, uint64_t entity_a, uint64_t entity_b)
{
    (void)ctx;
    return entity_a != 0 && entity_b != 0;
}

/* Its own volumes in the view and unwanted pairs are no conflict. */
static void test_itself_and_the_unwanted(void **state)
{
    (void)state;
    struct world world;
    struct tf_options options;
    plain_world(&world, (struct tf_separation){0, 0, 0});
    add_item(&world, circle_volume(0, 100, 0, 100, 0, 60), TF_KIND_UNCREWED);
    add_operation_volume(&world, circle_volume(0, 100, 0, 100, 0, 60));
    open_world(&world);
    struct tf_search search = {.table = &world.table};
    assert_int_equal(
        tf_options_find(world.view, 0, &world.operation, &search, NULL, &options, NULL), TF_OK);
    assert_int_equal(options.conflict_count, 0);
    assert_int_equal(
        tf_options_find(world.view, 7, &world.operation, &search, NULL, &options, NULL), TF_OK);
    assert_int_equal(options.conflict_count, 1);
    assert_true(options.count > 0);
    tf_options_release(&options);
    search.want = not_the_first;
    assert_int_equal(
        tf_options_find(world.view, 7, &world.operation, &search, NULL, &options, NULL), TF_OK);
    assert_int_equal(options.conflict_count, 0);
    close_world(&world);
}

/* A plan that is itself outside of the limits is brought inside, or there is no option. */
static void test_plan_outside_the_limits(void **state)
{
    (void)state;
    struct world world;
    struct tf_options options;
    plain_world(&world, (struct tf_separation){0, 0, 0});
    add_item(&world, circle_volume(0, 100, 600, 800, 0, 600), TF_KIND_UNCREWED);
    add_operation_volume(&world, circle_volume(0, 100, 700, 900, 300, 900));
    open_world(&world);
    world.limits = (struct tf_option_limits){.earliest_start_ns = 1200 * TF_SECOND_NS};
    assert_int_equal(find(&world, &options), TF_OK);
    assert_true(options.count > 0);
    for (size_t i = 0; i < options.count; i++)
        assert_true(options.options[i].volumes[0].start_ns >= 1200 * TF_SECOND_NS);
    assert_int_equal(options.blocked_level, TF_BLOCKED_TIME);
    assert_int_equal(options.blocked_lateral, TF_BLOCKED_TIME);
    tf_options_release(&options);
    world.limits = (struct tf_option_limits){.floor_m = -500, .ceiling_m = 750};
    assert_int_equal(find(&world, &options), TF_OK);
    assert_true(options.count > 0);
    for (size_t i = 0; i < options.count; i++)
        assert_true(options.options[i].volumes[0].alt.upper_m <= 750);
    assert_int_equal(options.blocked_time, TF_BLOCKED_LEVEL);
    assert_int_equal(options.blocked_lateral, TF_BLOCKED_LEVEL);
    tf_options_release(&options);
    world.limits.ceiling_m = 150; /* it would be below the ground */
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.count, 0);
    assert_int_equal(options.blocked_level, TF_BLOCKED_LEVEL);
    close_world(&world);
}

/* Nothing starts before now, nor after the latest start; the number asked for is kept. */
static void test_time_limits(void **state)
{
    (void)state;
    struct world world;
    struct tf_options options;
    plain_world(&world, (struct tf_separation){0, 0, 0});
    add_item(&world, circle_volume(0, 100, 0, 100, 0, 600), TF_KIND_UNCREWED);
    add_operation_volume(&world, circle_volume(0, 100, 0, 100, 300, 900));
    open_world(&world);
    world.limits = (struct tf_option_limits){.moves = TF_OPTION_TIME};
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.count, 2);
    assert_int_equal(options.options[0].shift_ns, 300 * TF_SECOND_NS);
    assert_int_equal(options.options[1].shift_ns, -900 * TF_SECOND_NS);
    tf_options_release(&options);
    world.limits.max_options = 1;
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.count, 1);
    tf_options_release(&options);
    world.limits.now_ns = -600 * TF_SECOND_NS + 1; /* too late to be 900 s earlier */
    world.limits.latest_start_ns = 599 * TF_SECOND_NS;
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.count, 0);
    assert_int_equal(options.blocked_time, TF_BLOCKED_TIME);
    tf_options_release(&options);
    world.limits.now_ns = 1000 * TF_SECOND_NS; /* the planned start is over */
    world.limits.latest_start_ns = 2000 * TF_SECOND_NS;
    assert_int_equal(find(&world, &options), TF_OK);
    assert_int_equal(options.count, 1);
    assert_int_equal(options.options[0].shift_ns, 720 * TF_SECOND_NS);
    tf_options_release(&options);
    close_world(&world);
}

static void test_bad_limits(void **state)
{
    (void)state;
    struct world world;
    struct tf_options options;
    struct tf_fault fault;
    plain_world(&world, (struct tf_separation){0, 0, 0});
    add_operation_volume(&world, circle_volume(0, 100, 0, 100, 0, 60));
    open_world(&world);
    struct tf_option_limits bad[] = {
        {.max_offset_m = -1}, {.delay_weight = NAN}, {.time_step_ns = -1}, {.ceiling_m = INFINITY}};
    const char *const fields[] = {"max_offset_m", "delay_weight", "time_step_ns", "ceiling_m"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(tf_options_find(world.view, OPERATION, &world.operation, NULL, &bad[i],
                                         &options, &fault),
                         TF_RANGE);
        assert_string_equal(fault.field, fields[i]);
    }
    close_world(&world);
}

static enum tf_status find_and_release(void *ctx)
{
    struct tf_options options;
    enum tf_status rc = find(ctx, &options);
    if (!rc)
        tf_options_release(&options);
    return rc;
}

/* Areas, corridors and trajectories: any allocation may fail. */
static void test_no_memory(void **state)
{
    (void)state;
    void (*const make[])(struct world *) = {random_area, random_corridor, random_trajectory};
    seed_now = 77;
    for (size_t i = 0; i < 3; i++) {
        struct world world;
        plain_world(&world, (struct tf_separation){100, 10, 0});
        world.centre = home;
        make[i](&world);
        struct tf_volume4 first = tf_volume4_ref(&world.operation.volumes[0]);
        first.end_ns += TF_MINUTE_NS;
        struct tf_ring core = tf_shape_ring(first.shape, 0);
        struct tf_latlng middle =
            tf_geodesic_interpolate(core.vertices[0], core.vertices[core.count > 1], 0.5);
        tf_shape_unref(first.shape);
        first.shape = make_circle(middle, 200);
        add_item(&world, first, TF_KIND_CREWED);
        world.limits.max_offset_m = 2000;
        world.limits.max_extra_distance_m = 5000;
        open_world(&world);
        assert_int_equal(count_conflicts(&world), 1);
        assert_true(allocfail_each(find_and_release, &world, 200000) > 3);
        close_world(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_conflict_no_options),
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_flight_levels),
        cmocka_unit_test(test_above_ground),
        cmocka_unit_test(test_blocked),
        cmocka_unit_test(test_detour),
        cmocka_unit_test(test_detour_between_blocked_ends),
        cmocka_unit_test(test_same_in_any_order),
        cmocka_unit_test(test_itself_and_the_unwanted),
        cmocka_unit_test(test_time_limits),
        cmocka_unit_test(test_plan_outside_the_limits),
        cmocka_unit_test(test_bad_limits),
        cmocka_unit_test(test_worlds),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
