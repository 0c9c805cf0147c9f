/*
 * path.c - points and arcs into rings; see path.h.
 *
 *      tangents:   _____          chords:  ___
 *                 /  .  \                 /.  \
 *                (  area )         area  (     )  area
 */
#include "format/path.h"

#include "geo/angle.h"
#include <math.h>
#include <stdlib.h>

enum { MAX_ITEMS = 100000, COARSE_STEPS = 16, MAX_STEPS = 8000 };

static enum tf_status push(struct tf_path *path, const struct tf_path_item *item)
{
    if (path->count >= MAX_ITEMS)
        return TF_TOO_LARGE;
    if (path->count == path->capacity) {
        size_t capacity = path->capacity ? 2 * path->capacity : 16;
        struct tf_path_item *items = realloc(path->items, capacity * sizeof *items);
        if (!items)
            return TF_NOMEM;
        path->items = items;
        path->capacity = capacity;
    }
    path->items[path->count++] = *item;
    return TF_OK;
}

enum tf_status tf_path_point(struct tf_path *path, struct tf_latlng p)
{
    return push(path, &(struct tf_path_item){.at = p});
}

/* The turn from one azimuth to another: 0 < turn <= 360, negative if anticlockwise. */
static double turn_deg(double from_deg, double to_deg, bool clockwise)
{
    double turn = fmod(clockwise ? to_deg - from_deg : from_deg - to_deg, 360);
    if (turn <= 0)
        turn += 360;
    return clockwise ? turn : -turn;
}

enum tf_status tf_path_arc_between(struct tf_path *path, struct tf_latlng centre,
                                   struct tf_latlng a, struct tf_latlng b, bool clockwise)
{
    struct tf_path_item item = {.is_arc = true, .has_ends = true, .a = a, .b = b};
    double to_deg;
    item.centre = centre;
    item.radius_a_m = tf_geodesic_inverse(centre, a, &item.azimuth_deg, NULL);
    item.radius_b_m = tf_geodesic_inverse(centre, b, &to_deg, NULL);
    item.sweep_deg = turn_deg(item.azimuth_deg, to_deg, clockwise);
    return push(path, &item);
}

enum tf_status tf_path_arc_angles(struct tf_path *path, struct tf_latlng centre, double radius_m,
                                  double from_deg, double to_deg, bool clockwise)
{
    struct tf_path_item item = {.is_arc = true, .centre = centre, .azimuth_deg = from_deg};
    item.radius_a_m = item.radius_b_m = radius_m;
    item.sweep_deg = turn_deg(from_deg, to_deg, clockwise);
    return push(path, &item);
}

void tf_path_release(struct tf_path *path)
{
    free(path->items);
    *path = (struct tf_path){0};
}

/* The point of the arc at `fraction` of its turn, pushed out by `stretch`. */
static struct tf_latlng arc_at(const struct tf_path_item *arc, double fraction, double stretch)
{
    double radius_m = arc->radius_a_m + (arc->radius_b_m - arc->radius_a_m) * fraction;
    double azimuth = remainder(arc->azimuth_deg + arc->sweep_deg * fraction, 360);
    return tf_geodesic_direct(arc->centre, azimuth, radius_m * stretch, NULL);
}

static int arc_steps(const struct tf_path_item *arc)
{
    double radius_m = fmax(arc->radius_a_m, arc->radius_b_m);
    if (radius_m <= 2 * TF_ARC_ERROR_M)
        return COARSE_STEPS;
    double step_rad = 2 * acos(1 - TF_ARC_ERROR_M / radius_m);
    double steps = ceil(fabs(arc->sweep_deg) * TF_RAD_PER_DEG / step_rad);
    return steps < 2 ? 2 : steps > MAX_STEPS ? MAX_STEPS : (int)steps;
}

/* First point, corners between, last point. Tangents touch the circle at the ends and at
 * every step; their corners lie half a step from there. */
static enum tf_status emit_arc(const struct tf_path_item *arc, int steps, bool tangents,
                               struct tf_points *out)
{
    double half_rad = fabs(arc->sweep_deg) * TF_RAD_PER_DEG / steps / 2;
    double stretch = tangents ? 1 / cos(half_rad) : 1, first = tangents ? 0.5 : 1;
    enum tf_status rc = tf_points_push(out, arc->has_ends ? arc->a : arc_at(arc, 0, 1));
    for (double k = first; !rc && k < steps; k++)
        rc = tf_points_push(out, arc_at(arc, k / steps, stretch));
    if (!rc)
        rc = tf_points_push(out, arc->has_ends ? arc->b : arc_at(arc, 1, 1));
    return rc;
}

enum cut { COARSE, FINE };

static enum tf_status emit(const struct tf_path *path, enum cut cut, bool ring_clockwise,
                           struct tf_points *out)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < path->count; i++) {
        const struct tf_path_item *item = &path->items[i];
        if (!item->is_arc)
            rc = tf_points_push(out, item->at);
        else if (cut == COARSE)
            rc = emit_arc(item, COARSE_STEPS, false, out);
        else
            rc = emit_arc(item, arc_steps(item), (item->sweep_deg > 0) == ring_clockwise, out);
    }
    return rc;
}

/* Sense of a ring on the plane of longitude and latitude about its first point. */
static bool is_clockwise(const struct tf_points *ring)
{
    double sum = 0;
    for (size_t i = 1; i + 1 < ring->count; i++) {
        const struct tf_latlng *o = ring->items, *a = o + i, *b = a + 1;
        double ax = remainder(a->lng_deg - o->lng_deg, 360), ay = a->lat_deg - o->lat_deg;
        double bx = remainder(b->lng_deg - o->lng_deg, 360), by = b->lat_deg - o->lat_deg;
        sum += ax * by - ay * bx;
    }
    return sum < 0;
}

enum tf_status tf_path_ring(const struct tf_path *path, struct tf_points *out)
{
    struct tf_points coarse = {0};
    enum tf_status rc = emit(path, COARSE, false, &coarse);
    if (!rc)
        rc = emit(path, FINE, is_clockwise(&coarse), out);
    tf_points_release(&coarse);
    return rc;
}
