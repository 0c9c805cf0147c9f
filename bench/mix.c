/*
 * mix.c - the volumes of the benchmarks, and their clock.
 */
#include "mix.h"

#include "../tests/support/random.h"
#include <math.h>
#include <stdio.h>
#include <time.h>

enum { TOWNS = 300 };

void bench_must(enum tf_status status, const char *what)
{
    if (!status)
        return;
    fprintf(stderr, "%s: %s\n", what, tf_status_text(status));
    exit(1);
}

static double clock_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double bench_now_s(void)
{
    return clock_s(CLOCK_MONOTONIC);
}

double bench_cpu_s(void)
{
    return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

static int compare(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

double bench_quantile(double *values, size_t count, double part)
{
    qsort(values, count, sizeof *values, compare);
    size_t at = (size_t)(part * (double)(count - 1));
    return values[at];
}

static double magnitude(uint64_t *state, double lo, double hi)
{
    return exp(random_between(state, log(lo), log(hi)));
}

static struct tf_latlng anywhere(uint64_t *state)
{
    return (struct tf_latlng){random_between(state, 37, 59), random_between(state, -8, 28)};
}

static struct tf_latlng town(uint64_t number)
{
    uint64_t state = number * 7919 + 1;
    return anywhere(&state);
}

static struct tf_latlng beside(uint64_t *state, struct tf_latlng from, double distance_m)
{
    return tf_geodesic_direct(from, random_between(state, -180, 180), distance_m, NULL);
}

/* Denser towards the middle; 15 km is typical. */
static struct tf_latlng in_town(uint64_t *state)
{
    double sigma_m = 12000 * sqrt(-2 * log(random_between(state, 1e-9, 1)));
    return beside(state, town(random_below(state, TOWNS)), sigma_m);
}

static struct tf_shape *circle(struct tf_latlng at, double radius_m)
{
    struct tf_shape *shape;
    bench_must(tf_shape_circle(at, radius_m, &shape, NULL), "circle");
    return shape;
}

static struct tf_shape *corridor(struct tf_latlng from, struct tf_latlng to, double half_m)
{
    struct tf_shape *shape;
    struct tf_latlng line[2] = {from, to};
    bench_must(
        tf_shape_corridor((struct tf_ring){line, 2}, half_m, TF_EDGES_GEODESIC, 0, &shape, NULL),
        "corridor");
    return shape;
}

static struct tf_shape *polygon(uint64_t *state, struct tf_latlng at, double radius_m)
{
    struct tf_shape *shape;
    struct tf_latlng v[12];
    for (int i = 0; i < 12; i++)
        v[i] = tf_geodesic_direct(at, -180 + 30 * i + random_between(state, 2, 28),
                                  radius_m * random_between(state, 0.7, 1), NULL);
    bench_must(tf_shape_polygon(&(struct tf_ring){v, 12}, 1, TF_EDGES_GEODESIC, 0, &shape, NULL),
               "polygon");
    return shape;
}

static void set_times(struct tf_volume4 *v, double start_s, double lasting_s)
{
    v->start_ns = MIX_DAY_NS + (int64_t)start_s * TF_SECOND_NS;
    v->end_ns = v->start_ns + (int64_t)lasting_s * TF_SECOND_NS;
}

static struct tf_item drone(uint64_t *state, struct tf_latlng at, double window_s)
{
    struct tf_item item = {.kind = TF_KIND_UNCREWED};
    if (random_below(state, 5) < 2)
        item.v4.shape = circle(at, magnitude(state, 100, 1000));
    else
        item.v4.shape = corridor(at, beside(state, at, magnitude(state, 500, 5000)), 50);
    double low_m = random_between(state, 0, 90);
    item.v4.alt = tf_band_w84(low_m, low_m + random_between(state, 10, 30));
    set_times(&item.v4, random_between(state, 0, window_s), random_between(state, 300, 1800));
    return item;
}

static struct tf_item jet(uint64_t *state)
{
    struct tf_item item = {.kind = TF_KIND_CREWED};
    double length_m = magnitude(state, 20e3, 1000e3);
    struct tf_latlng from = anywhere(state);
    item.v4.shape = corridor(from, beside(state, from, length_m), 2000);
    double level_m = 1000 * TF_FOOT_M * (double)(20 + random_below(state, 21));
    item.v4.alt = tf_band_w84(level_m, level_m);
    set_times(&item.v4, random_between(state, 0, 86400), length_m / 230 + 300);
    return item;
}

static struct tf_item zone(uint64_t *state)
{
    struct tf_item item = {.kind = TF_KIND_ZONE};
    struct tf_latlng at = random_below(state, 20) ? anywhere(state) : in_town(state);
    double radius_m = magnitude(state, 200, 5000);
    item.v4.shape = random_below(state, 2) ? circle(at, radius_m) : polygon(state, at, radius_m);
    item.v4.alt =
        tf_band_w84(random_below(state, 3) ? -100 : 150, random_between(state, 300, 3000));
    set_times(&item.v4, random_between(state, -30 * 86400.0, 43200),
              random_between(state, 14, 60) * 86400);
    if (random_below(state, 4) == 0)
        item.v4.end_ns = TF_TIME_MAX;
    return item;
}

struct tf_item mix_next(uint64_t *state)
{
    uint64_t which = random_below(state, 10);
    return which < 8 ? drone(state, in_town(state), 86400) : which == 8 ? jet(state) : zone(state);
}

struct tf_item mix_in_cell(uint64_t *state)
{
    struct tf_latlng at = {50 + random_between(state, 0, 0.009),
                           8 + random_between(state, 0, 0.014)};
    return drone(state, at, 3600);
}

struct tf_item *mix_make(uint64_t seed, size_t count, struct tf_item (*next)(uint64_t *))
{
    struct tf_item *items = calloc(count, sizeof *items);
    bench_must(items ? TF_OK : TF_NOMEM, "items");
    for (size_t i = 0; i < count; i++) {
        items[i] = next(&seed);
        items[i].entity = i;
    }
    return items;
}

void mix_free(struct tf_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tf_volume4_release(&items[i].v4);
    free(items);
}
