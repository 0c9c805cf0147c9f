/*
 * option_offset.c - the least sideways offset of an area, by search.
 *
 * In each of 16 bearings the distance grows geometrically until the whole
 * operation is clear, then the last step is halved a few times. A bearing is given up
 * at the best distance found so far.
 */
#include <math.h>
#include <stdlib.h>

#include "airspace/band.h"
#include "airspace/option_task.h"

enum { BEARINGS = 16, HALVINGS = 6 };
#define GROWTH 1.25
#define FIRST_STEPS 400.0 /* the first step is this fraction of the limit */
#define OTHER_SIDE_FACTOR 4.0

static enum tf_status offset_volume(const struct option_task *task, const struct tf_volume4 *from,
                                    double azimuth_deg, double distance_m, struct tf_volume4 *out)
{
    struct tf_volume4 v = *from;
    enum tf_status rc = tf_shape_offset(from->shape, azimuth_deg, distance_m, &v.shape, NULL);
    if (rc)
        return rc;
    v.alt = tf_band_at(&from->alt, v.shape, task->limits.altitudes);
    *out = v;
    return TF_OK;
}

/* Whether everything is clear at this offset. A shape that cannot be there is not. */
static enum tf_status clear_at(const struct option_task *task, double azimuth_deg,
                               double distance_m, size_t *first, bool *clear)
{
    size_t count = task->operation->volume_count;
    *clear = true;
    for (size_t k = 0; k < count && *clear; k++) {
        size_t i = (*first + k) % count; /* what conflicted last is asked first */
        struct tf_volume4 moved;
        enum tf_status rc =
            offset_volume(task, &task->operation->volumes[i], azimuth_deg, distance_m, &moved);
        if (rc == TF_NOMEM)
            return rc;
        *clear = rc == TF_OK && option_is_clear(task, &moved, 1);
        if (rc == TF_OK)
            tf_volume4_release(&moved);
        if (!*clear)
            *first = i;
    }
    return TF_OK;
}

/* The least clear distance below `limit_m` in one bearing; INFINITY if none was found. */
static enum tf_status search_bearing(const struct option_task *task, double azimuth_deg,
                                     double limit_m, double *out_m)
{
    double blocked_m = 0, step_m = task->limits.max_offset_m / FIRST_STEPS;
    double distance_m = fmin(step_m, limit_m);
    size_t first = 0;
    bool clear = false;
    *out_m = INFINITY;
    for (;;) {
        enum tf_status rc = clear_at(task, azimuth_deg, distance_m, &first, &clear);
        if (rc)
            return rc;
        if (clear || distance_m >= limit_m)
            break;
        blocked_m = distance_m;
        distance_m = fmin(limit_m, fmax(distance_m + step_m, distance_m * GROWTH));
    }
    if (!clear)
        return TF_OK;
    for (int i = 0; i < HALVINGS; i++) {
        double middle_m = (blocked_m + distance_m) / 2;
        enum tf_status rc = clear_at(task, azimuth_deg, middle_m, &first, &clear);
        if (rc)
            return rc;
        *(clear ? &distance_m : &blocked_m) = middle_m;
    }
    *out_m = distance_m;
    return TF_OK;
}

static double turn_deg(double a_deg, double b_deg)
{
    return fabs(remainder(a_deg - b_deg, 360));
}

/* The best of the bearings at least `apart_deg` away from `from_deg`. */
static enum tf_status search_bearings(const struct option_task *task, double from_deg,
                                      double apart_deg, double limit_m, double *azimuth_deg,
                                      double *distance_m)
{
    *distance_m = INFINITY;
    for (int i = 0; i < BEARINGS; i++) {
        double bearing_deg = i * 360.0 / BEARINGS, found_m;
        if (turn_deg(bearing_deg, from_deg) < apart_deg)
            continue;
        enum tf_status rc = search_bearing(task, bearing_deg, fmin(limit_m, *distance_m), &found_m);
        if (rc)
            return rc;
        if (found_m < *distance_m) {
            *distance_m = found_m;
            *azimuth_deg = bearing_deg;
        }
    }
    return TF_OK;
}

static enum tf_status offer_offset(struct option_task *task, double azimuth_deg, double distance_m)
{
    struct tf_option option;
    enum tf_status rc = option_copy_plan(task, 0, 0, &option);
    for (size_t i = 0; i < task->operation->volume_count && !rc; i++) {
        struct tf_volume4 moved;
        rc = offset_volume(task, &task->operation->volumes[i], azimuth_deg, distance_m, &moved);
        if (rc) {
            option_release(&option);
            break;
        }
        tf_volume4_release(&option.volumes[i]);
        option.volumes[i] = moved;
    }
    if (rc)
        return rc;
    free(option.waypoints); /* a lone waypoint says nothing about the area */
    option.waypoints = NULL;
    option.waypoint_count = 0;
    option.moves = TF_OPTION_LATERAL;
    option.offset_m = distance_m;
    option.offset_azimuth_deg = azimuth_deg;
    option.cost = option_cost(task, 0, 0, distance_m);
    return option_offer(task, &option, NULL);
}

static enum tf_status find_offset(struct option_task *task, enum tf_blocked_by *blocked)
{
    double azimuth_deg = 0, distance_m, other_deg = 0, other_m, limit_m = task->limits.max_offset_m;
    *blocked = TF_BLOCKED_OFFSET;
    enum tf_status rc = search_bearings(task, 0, 0, limit_m, &azimuth_deg, &distance_m);
    if (rc || isinf(distance_m))
        return rc;
    rc = offer_offset(task, azimuth_deg, distance_m);
    if (rc)
        return rc;
    *blocked = TF_BLOCKED_NOT;
    limit_m = fmin(limit_m, distance_m * OTHER_SIDE_FACTOR);
    rc = search_bearings(task, azimuth_deg, 89, limit_m, &other_deg, &other_m);
    return rc || isinf(other_m) ? rc : offer_offset(task, other_deg, other_m);
}

static bool is_point(const struct tf_volume4 *volume)
{
    return tf_shape_kind(volume->shape) == TF_SHAPE_CIRCLE && tf_shape_radius_m(volume->shape) <= 0;
}

static bool all_corridors(const struct tf_entity *plan)
{
    size_t i = 0;
    while (i < plan->volume_count && tf_shape_kind(plan->volumes[i].shape) == TF_SHAPE_CORRIDOR)
        i++;
    return i == plan->volume_count;
}

enum tf_status option_find_lateral(struct option_task *task, enum tf_blocked_by *blocked)
{
    const struct tf_entity *plan = task->operation;
    *blocked = TF_BLOCKED_FIXED;
    if (plan->kind == TF_KIND_SITE)
        return TF_OK;
    if (plan->waypoint_count >= 2 || all_corridors(plan))
        return option_find_detour(task, blocked);
    for (size_t i = 0; i < plan->volume_count; i++)
        if (is_point(&plan->volumes[i]))
            return TF_OK;
    return find_offset(task, blocked);
}
