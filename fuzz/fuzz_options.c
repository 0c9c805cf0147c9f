/*
 * fuzz_options.c - a small world from any bytes: every option is clear by brute force.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/option.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ITEMS_MAX = 12, VOLUMES_MAX = 4, WAYPOINTS_MAX = 5 };

struct input {
    const uint8_t *data;
    size_t left;
};

static unsigned byte(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->data++;
}

/* -1..1 */
static double part(struct input *in)
{
    unsigned high = byte(in);
    return (double)(high << 8 | byte(in)) / 32767.5 - 1;
}

struct world {
    struct tf_latlng base;
    double size_deg;
    struct tf_item items[ITEMS_MAX];
    size_t count;
    struct tf_entity operation;
    struct tf_separation_table table;
};

static struct tf_latlng place(struct world *world, struct input *in)
{
    struct tf_latlng p = {world->base.lat_deg + part(in) * world->size_deg,
                          world->base.lng_deg + part(in) * world->size_deg};
    p.lat_deg = fmax(-90, fmin(90, p.lat_deg));
    p.lng_deg = remainder(p.lng_deg, 360);
    return p;
}

static struct tf_alt altitude(struct input *in)
{
    unsigned word = byte(in);
    struct tf_alt alt = {byte(in) * 20.0, TF_ALT_UNIT_M, (enum tf_alt_ref)(word % 4)};
    if (word % 16 == 15)
        alt.value = word & 16 ? INFINITY : -INFINITY;
    return alt;
}

static bool make_volume(struct world *world, struct input *in, struct tf_volume4 *out)
{
    struct tf_latlng line[3] = {place(world, in), place(world, in), place(world, in)};
    struct tf_shape *shape;
    struct tf_alt_context context;
    struct tf_band band;
    unsigned count = 1 + byte(in) % 3;
    double radius_m = byte(in) * 50.0;
    if (tf_shape_corridor((struct tf_ring){line, count}, radius_m, TF_EDGES_GEODESIC, 0, &shape,
                          NULL))
        return false;
    tf_alt_context_at(shape, &context);
    struct tf_alt lower = altitude(in), upper = altitude(in);
    int64_t start_ns = byte(in) * 5 * TF_MINUTE_NS;
    int64_t end_ns = byte(in) == 255 ? TF_TIME_MAX : start_ns + (1 + byte(in)) * TF_MINUTE_NS;
    bool made = !tf_band_make(lower, upper, &context, &band, NULL) &&
                !tf_volume4_make(shape, &band, start_ns, end_ns, out, NULL);
    tf_shape_unref(shape);
    return made;
}

static void make_items(struct world *world, struct input *in)
{
    for (unsigned n = byte(in) % ITEMS_MAX; n > 0; n--) {
        struct tf_item item = {.entity = world->count,
                               .kind = (enum tf_kind)(byte(in) % TF_KIND_COUNT)};
        if (make_volume(world, in, &item.v4))
            world->items[world->count++] = item;
    }
}

static void make_trajectory(struct world *world, struct input *in)
{
    struct tf_entity *op = &world->operation;
    op->waypoints = calloc(WAYPOINTS_MAX, sizeof *op->waypoints);
    if (!op->waypoints)
        return;
    int64_t t_ns = 0;
    for (size_t i = 0; i < WAYPOINTS_MAX; i++) {
        op->waypoints[i] = (struct tf_waypoint){
            place(world, in), altitude(in), t_ns, byte(in), 10, byte(in) * TF_SECOND_NS};
        t_ns += byte(in) * TF_MINUTE_NS;
    }
    if (tf_trajectory_volumes(op->waypoints, WAYPOINTS_MAX,
                              &(struct tf_slicing){TF_HOUR_NS, 200000}, NULL, &op->volumes,
                              &op->volume_count, NULL) == TF_OK)
        op->waypoint_count = WAYPOINTS_MAX;
}

static void make_operation(struct world *world, struct input *in)
{
    world->operation.kind = (enum tf_kind)(byte(in) % TF_KIND_COUNT);
    if (byte(in) % 2) {
        make_trajectory(world, in);
        return;
    }
    for (unsigned n = byte(in) % VOLUMES_MAX + 1; n > 0; n--) {
        struct tf_volume4 v;
        if (make_volume(world, in, &v) && tf_entity_add_volume(&world->operation, &v))
            tf_volume4_release(&v);
    }
}

static void check(const struct world *world, const struct tf_options *options)
{
    enum tf_kind kind = world->operation.kind;
    for (size_t o = 0; o < options->count; o++)
        for (size_t v = 0; v < options->options[o].volume_count; v++)
            for (size_t i = 0; i < world->count; i++) {
                const struct tf_item *item = &world->items[i];
                if (world->table.compared[kind][item->kind] &&
                    tf_volume4_conflicts(&options->options[o].volumes[v], &item->v4,
                                         &world->table.pair[kind][item->kind]))
                    abort();
            }
}

static void search(const struct world *world, struct input *in)
{
    struct tf_index *index;
    struct tf_index_view *view;
    struct tf_options options;
    struct tf_option_limits limits = {.max_offset_m = byte(in) * 100.0,
                                      .max_extra_distance_m = byte(in) * 100.0,
                                      .level_step_m = byte(in),
                                      .time_step_ns = (1 + byte(in)) * TF_MINUTE_NS,
                                      .now_ns = byte(in) * TF_MINUTE_NS};
    struct tf_search settings = {.table = &world->table};
    if (tf_index_new(&index))
        return;
    if (!tf_index_build(index, world->items, world->count) && !tf_index_view_open(index, &view)) {
        if (!tf_options_find(view, UINT64_MAX, &world->operation, &settings, &limits, &options,
                             NULL)) {
            check(world, &options);
            tf_options_release(&options);
        }
        tf_index_view_close(view);
    }
    tf_index_free(index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct world world = {.base = {part(&in) * 90, part(&in) * 180}};
    world.size_deg = byte(&in) * 0.01;
    tf_separation_uniform(
        (struct tf_separation){byte(&in) * 20.0, byte(&in), byte(&in) * TF_SECOND_NS},
        &world.table);
    make_items(&world, &in);
    make_operation(&world, &in);
    search(&world, &in);
    for (size_t i = 0; i < world.count; i++)
        tf_volume4_release(&world.items[i].v4);
    tf_entity_release(&world.operation);
    return 0;
}
