/*
 * index_box.c - volumes as boxes of the index, and their classes.
 *
 * All roundings go outward and all clamps are monotone, so that two volumes
 * which conflict always have boxes which meet.
 */
#include "airspace/index.h"

#include <assert.h>
#include <math.h>

#define CM_PER_M 100.0
/* Altitudes beyond are the same to the index (-20 km, 200 km): keeps unlimited
 * bands from dwarfing the others. */
#define ALT_LEAST_CM (-2e6)
#define ALT_MOST_CM 2e7
/* 2020-01-01T00:00:00Z; times within 68 years of it are told apart. */
#define EPOCH_S INT64_C(1577836800)

static int32_t clamped(double value, double least, double most)
{
    return (int32_t)(value < least ? least : value > most ? most : value);
}

/* Sets a dimension to the whole numbers around lo..hi. */
static void set_dim(struct tf_box5 *box, enum tf_dim dim, double lo, double hi, double least,
                    double most)
{
    box->bound[dim] = clamped(floor(lo), least, most);
    box->bound[TF_DIMS + dim] = -clamped(ceil(hi), least, most);
}

static int64_t floor_s(int64_t t_ns)
{
    return t_ns / TF_SECOND_NS - (t_ns % TF_SECOND_NS < 0);
}

/* [start, end) as the closed run of the seconds that it touches. */
static void set_time(struct tf_box5 *box, int64_t start_ns, int64_t end_ns)
{
    int64_t lo = start_ns == TF_TIME_MIN ? -TF_BOUND_MOST : floor_s(start_ns) - EPOCH_S;
    int64_t hi = end_ns == TF_TIME_MAX ? TF_BOUND_MOST : floor_s(end_ns - 1) - EPOCH_S;
    set_dim(box, TF_DIM_TIME, (double)lo, (double)hi, -TF_BOUND_MOST, TF_BOUND_MOST);
}

struct tf_box5 tf_box5_of_volume(const struct tf_volume4 *volume)
{
    struct tf_box5 box;
    struct tf_box3 space;
    tf_shape_box(volume->shape, TF_GEO_TOLERANCE_M, &space);
    for (enum tf_dim d = TF_DIM_X; d <= TF_DIM_Z; d++)
        set_dim(&box, d, space.lo[d] * CM_PER_M, space.hi[d] * CM_PER_M, -TF_BOUND_MOST,
                TF_BOUND_MOST);
    set_dim(&box, TF_DIM_ALT, volume->alt.lower_m * CM_PER_M, volume->alt.upper_m * CM_PER_M,
            ALT_LEAST_CM, ALT_MOST_CM);
    set_time(&box, volume->start_ns, volume->end_ns);
    return box;
}

static int32_t grown(int32_t bound, double by)
{
    return clamped((double)bound + by, -TF_BOUND_MOST, TF_BOUND_MOST);
}

struct tf_limit5 tf_limit5_grown(const struct tf_box5 *box, const struct tf_separation *minima)
{
    /* A chord is never longer than the way over the surface; beyond 100 km distances
     * are found to 1e-6. */
    double h = ceil(minima->horizontal_m * (1 + 1e-6) * CM_PER_M);
    double by[TF_DIMS] = {h, h, h, ceil(minima->vertical_m * CM_PER_M),
                          ceil((double)minima->time_ns / (double)TF_SECOND_NS)};
    struct tf_limit5 limit = tf_limit5_of(box);
    for (unsigned b = 0; b < TF_BOUNDS; b++)
        limit.most[b] = grown(limit.most[b], by[b % TF_DIMS]);
    return limit;
}

unsigned tf_tree_of(enum tf_kind kind, const struct tf_box5 *box)
{
    static const double duration_s[TF_DURATIONS - 1] = {3600, 86400};
    static const double extent_cm[TF_EXTENTS - 1] = {2e6};
    double longest = 0;
    assert((unsigned)kind < TF_KIND_COUNT);
    for (enum tf_dim d = TF_DIM_X; d <= TF_DIM_Z; d++)
        longest = fmax(longest, -(double)box->bound[d] - box->bound[TF_DIMS + d]);
    double lasting = -(double)box->bound[TF_DIM_TIME] - box->bound[TF_DIMS + TF_DIM_TIME];
    unsigned at = 0;
    for (unsigned i = 0; i < TF_DURATIONS - 1; i++)
        at += lasting > duration_s[i] ? TF_EXTENTS : 0;
    for (unsigned i = 0; i < TF_EXTENTS - 1; i++)
        at += longest > extent_cm[i];
    return (unsigned)kind * TF_CLASSES + at;
}
