/*
 * transform.c - shapes made from shapes: grown, moved, and drawn as rings.
 */
#include "geo/kernel.h"

#include <stdlib.h>
#include <string.h>

/* A pointer into the old block, moved to the same place in the new one. */
static void *moved(const struct tf_shape *from, struct tf_shape *to, const void *p)
{
    return p ? (char *)to + ((const char *)p - (const char *)from) : NULL;
}

enum tf_status tf_shape_grow(const struct tf_shape *shape, double by_m, struct tf_shape **out,
                             struct tf_fault *fault)
{
    if (!(by_m >= 0.0 && by_m + shape->radius_m <= TF_SHAPE_MAX_RADIUS_M))
        return tf_fault_set(fault, TF_RANGE, TF_NO_INDEX, "by_m",
                            TF_TEXT("The radius or half-width must be between 0 and 5,000 km. "
                                    "Correct it."),
                            NULL, NULL, NULL);
    struct tf_shape *s = malloc(shape->bytes);
    if (!s)
        return tf_fault_set(fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    memcpy(s, shape, shape->bytes);
    atomic_init(&s->refs, 1);
    s->points = moved(shape, s, shape->points);
    s->spheres = moved(shape, s, shape->spheres);
    s->vertices = moved(shape, s, shape->vertices);
    s->ring_start = moved(shape, s, shape->ring_start);
    s->point_start = moved(shape, s, shape->point_start);
    s->edge_point = moved(shape, s, shape->edge_point);
    s->radius_m += by_m;
    s->extent_m += by_m;
    *out = s;
    return TF_OK;
}

enum tf_status tf_shape_offset(const struct tf_shape *shape, double azimuth_deg, double distance_m,
                               struct tf_shape **out, struct tf_fault *fault)
{
    struct tf_latlng *v = malloc(shape->vertex_count * sizeof *v);
    struct tf_ring *rings = malloc(shape->ring_count * sizeof *rings);
    enum tf_status rc = TF_NOMEM;
    if (!v || !rings)
        goto out;
    double arrival_deg;
    struct tf_latlng to = tf_geodesic_direct(shape->centre, azimuth_deg, distance_m, &arrival_deg);
    double turn_deg = arrival_deg - azimuth_deg;
    for (uint32_t i = 0; i < shape->vertex_count; i++) {
        double from_deg;
        double reach_m = tf_geodesic_inverse(shape->centre, shape->vertices[i], &from_deg, NULL);
        v[i] = tf_geodesic_direct(to, from_deg + turn_deg, reach_m, NULL);
    }
    for (uint32_t r = 0; r < shape->ring_count; r++)
        rings[r] = (struct tf_ring){v + shape->ring_start[r],
                                    shape->ring_start[r + 1] - shape->ring_start[r]};
    struct tf_shape *made = NULL;
    if (shape->kind == TF_SHAPE_POLYGON)
        rc = tf_shape_polygon(rings, shape->ring_count, (enum tf_edges)shape->edges, shape->slop_m,
                              &made, fault);
    else
        rc = tf_shape_corridor(rings[0], shape->radius_m, (enum tf_edges)shape->edges,
                               shape->slop_m, &made, fault);
    if (!rc && made->radius_m != shape->radius_m) {
        rc = tf_shape_grow(made, shape->radius_m - made->radius_m, out, fault);
        tf_shape_unref(made);
    } else if (!rc) {
        *out = made;
    }
out:
    if (rc == TF_NOMEM)
        tf_fault_set(fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    free(rings);
    free(v);
    return rc;
}

/* Corners of a regular polygon around a circle that reach past it by at most
 * max_error_m: radius / cos(pi / n) - radius <= max_error. */
static int corners(double radius_m, double max_error_m)
{
    double ratio = radius_m / (radius_m + fmax(max_error_m, 1e-3));
    double n = ceil(TF_PI / acos(ratio));
    return n < 8.0 ? 8 : n > 360.0 ? 360 : (int)n;
}

struct emitter {
    tf_outline_emit emit;
    void *ctx;
    double radius_m, reach_m; /* of the circle, and of its corners */
    int n;                    /* corners of a full circle */
};

/* Corners about centre from one azimuth clockwise to another. */
static void emit_arc(const struct emitter *e, size_t ring, struct tf_latlng centre, double from_deg,
                     double to_deg)
{
    double step_deg = 360.0 / e->n;
    int steps = (int)ceil((to_deg - from_deg) / step_deg - 1e-9);
    for (int i = 0; i < steps; i++)
        e->emit(e->ctx, ring,
                tf_geodesic_direct(centre, from_deg + (i + 0.5) * (to_deg - from_deg) / steps,
                                   e->reach_m, NULL));
}

/* The capsule round one edge of a line: two half circles. */
static void emit_capsule(const struct emitter *e, size_t ring, struct tf_latlng a,
                         struct tf_latlng b)
{
    double at_a_deg, at_b_deg;
    tf_geodesic_inverse(a, b, &at_a_deg, &at_b_deg);
    emit_arc(e, ring, a, at_a_deg + 90.0, at_a_deg + 270.0);
    emit_arc(e, ring, b, at_b_deg - 90.0, at_b_deg + 90.0);
}

void tf_shape_outline(const struct tf_shape *shape, double max_error_m, tf_outline_emit emit,
                      void *ctx)
{
    struct emitter e = {.emit = emit, .ctx = ctx, .radius_m = shape->radius_m};
    size_t ring = 0;
    e.n = corners(shape->radius_m, max_error_m);
    e.n += e.n % 2;
    e.reach_m = shape->radius_m / cos(TF_PI / e.n);
    if (shape->point_count == 1) {
        emit_arc(&e, 0, shape->vertices[0], 0.0, 360.0);
        return;
    }
    for (uint32_t r = 0; tf_shape_is_area(shape) && r < shape->ring_count; r++, ring++)
        for (uint32_t i = shape->point_start[r]; i + 1 < shape->point_start[r + 1]; i++)
            emit(ctx, ring, tf_latlng_from_vec3(shape->points[i]));
    if (shape->radius_m == 0.0 && tf_shape_is_area(shape))
        return;
    for (uint32_t r = 0; r < shape->ring_count; r++)
        for (uint32_t i = shape->point_start[r]; i + 1 < shape->point_start[r + 1]; i++, ring++)
            emit_capsule(&e, ring, tf_latlng_from_vec3(shape->points[i]),
                         tf_latlng_from_vec3(shape->points[i + 1]));
}
