/*
 * worlds.h - small random worlds of 4D volumes, made so that volumes often touch, overlap
 * or just miss each other: around the poles, across the antimeridian,
 * with times and altitudes on a coarse grid, open ends and unlimited bands.
 */
#ifndef TESTS_AIRSPACE_WORLDS_H
#define TESTS_AIRSPACE_WORLDS_H

#include "random.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <tafadi/conflict.h>

enum { WORLD_MAX = 64, STAR_MAX = 9 };
#define WORLD_EPOCH_NS (INT64_C(1800000000) * TF_SECOND_NS)

struct world {
    struct tf_latlng centre;
    double size_m; /* of the place */
    struct tf_item item[WORLD_MAX];
    size_t count;
    struct tf_separation_table table;
};

static inline struct tf_latlng world_point(uint64_t *state, const struct world *w)
{
    return tf_geodesic_direct(w->centre, random_between(state, -180, 180),
                              w->size_m * random_between(state, 0, 1), NULL);
}

static inline enum tf_status world_star(uint64_t *state, struct tf_latlng at, double size_m,
                                        struct tf_shape **out)
{
    struct tf_latlng v[STAR_MAX];
    size_t n = 4 + random_below(state, STAR_MAX - 3);
    for (size_t i = 0; i < n; i++) {
        double azimuth = 360.0 * ((double)i + random_between(state, 0.2, 0.8)) / (double)n;
        v[i] = tf_geodesic_direct(at, remainder(azimuth, 360),
                                  size_m * random_between(state, .4, 1), NULL);
    }
    return tf_shape_polygon(&(struct tf_ring){v, n}, 1, TF_EDGES_GEODESIC, 0, out, NULL);
}

/* A shape of any kind; sizes from points to larger than the world. */
static inline enum tf_status world_shape(uint64_t *state, const struct world *w,
                                         struct tf_shape **out)
{
    struct tf_latlng at = world_point(state, w);
    double size_m = w->size_m * pow(10, random_between(state, -3, 0.3));
    uint64_t which = random_below(state, 4);
    if (which == 0)
        return tf_shape_circle(at, random_below(state, 4) ? size_m : 0, out, NULL);
    if (which == 1) {
        struct tf_latlng line[3] = {at, world_point(state, w), world_point(state, w)};
        return tf_shape_corridor((struct tf_ring){line, 2 + random_below(state, 2)}, size_m / 10,
                                 TF_EDGES_GEODESIC, 0, out, NULL);
    }
    if (which == 2)
        return world_star(state, at, size_m, out);
    /* a square on lon/lat edges, where there is room for it */
    if (fabs(at.lat_deg) > 60)
        return tf_shape_circle(at, size_m, out, NULL);
    double half_deg = size_m / 2e5, east = at.lng_deg + half_deg;
    return tf_shape_rectangle(at.lat_deg - half_deg, at.lng_deg, at.lat_deg + half_deg,
                              east > 180 ? east - 360 : east, out, NULL);
}

static inline struct tf_alt world_alt(uint64_t *state, double value_m)
{
    enum tf_alt_ref ref = (enum tf_alt_ref)random_below(state, 4);
    return (struct tf_alt){value_m, TF_ALT_UNIT_M, ref};
}

static inline struct tf_band world_band(uint64_t *state, const struct tf_shape *shape)
{
    struct tf_band band;
    struct tf_alt_context context;
    tf_alt_context_at(shape, &context);
    double low_m = 30.0 * (double)random_below(state, 8);
    double high_m = low_m + 30.0 * (double)random_below(state, 4);
    struct tf_alt low = world_alt(state, random_below(state, 16) ? low_m : -INFINITY);
    struct tf_alt high = world_alt(state, random_below(state, 16) ? high_m : INFINITY);
    if (random_below(state, 2) || tf_band_make(low, high, &context, &band, NULL))
        return tf_band_w84(low.value, high.value);
    return band;
}

static inline void world_times(uint64_t *state, struct tf_volume4 *v)
{
    static const int64_t grid_ns[3] = {TF_SECOND_NS / 4, 10 * TF_SECOND_NS, 20 * TF_HOUR_NS};
    int64_t step_ns = grid_ns[random_below(state, 3)];
    v->start_ns = WORLD_EPOCH_NS + step_ns * (int64_t)random_below(state, 12);
    v->end_ns = v->start_ns + step_ns * (1 + (int64_t)random_below(state, 4));
    if (random_below(state, 12) == 0)
        v->start_ns = TF_TIME_MIN;
    if (random_below(state, 12) == 0)
        v->end_ns = TF_TIME_MAX;
}

/* Fills *item but its key; false if the shape was refused. */
static inline bool world_item(uint64_t *state, const struct world *w, struct tf_item *item)
{
    if (world_shape(state, w, &item->v4.shape))
        return false;
    item->kind = (enum tf_kind)random_below(state, TF_KIND_COUNT);
    item->v4.alt = world_band(state, item->v4.shape);
    world_times(state, &item->v4);
    return true;
}

static inline struct tf_separation world_minima(uint64_t *state, const struct world *w)
{
    struct tf_separation minima = {0};
    if (random_below(state, 3))
        minima.horizontal_m = w->size_m * random_between(state, 0, 0.3);
    if (random_below(state, 3))
        minima.vertical_m = 30.0 * (double)random_below(state, 3);
    if (random_below(state, 3))
        minima.time_ns = (int64_t)random_below(state, 80) * (TF_SECOND_NS / 4);
    return minima;
}

static inline void world_make(uint64_t *state, size_t most, struct world *w)
{
    memset(w, 0, sizeof *w);
    static const struct tf_latlng places[] = {{90, 0},    {-90, 0}, {0, 180},     {51, 7},
                                              {-35, 149}, {0, 0},   {66, -179.9}, {1, 90}};
    w->centre = places[random_below(state, sizeof places / sizeof *places)];
    w->size_m = pow(10, random_between(state, 2, 5.5));
    size_t count = 1 + random_below(state, most);
    uint64_t entities = 1 + random_below(state, count);
    for (size_t i = 0; i < count; i++) {
        struct tf_item *item = &w->item[w->count];
        if (!world_item(state, w, item))
            continue;
        item->entity = random_below(state, entities);
        item->volume = (uint32_t)i;
        w->count++;
    }
    for (enum tf_kind a = 0; a < TF_KIND_COUNT; a++)
        for (enum tf_kind b = 0; b <= a; b++) {
            tf_separation_set(&w->table, a, b, world_minima(state, w));
            w->table.compared[a][b] = w->table.compared[b][a] = random_below(state, 8) != 0;
        }
}

static inline void world_release(struct world *w)
{
    for (size_t i = 0; i < w->count; i++)
        tf_volume4_release(&w->item[i].v4);
}

/* The seed of the world under test (0: none), told at the end if a law failed in it:
 * TAFADI_SEED repeats it as the first. */
static uint64_t world_current;

static inline void world_now(uint64_t seed)
{
    world_current = seed;
}

static inline int world_teardown(void **unused)
{
    (void)unused;
    if (world_current)
        printf("failed with TAFADI_SEED=%llu\n", (unsigned long long)world_current);
    return 0;
}

#endif
