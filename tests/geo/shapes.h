/*
 * shapes.h - random outlines for the geometry tests, kept with the vertices
 * they were made from, so that an oracle can use them too.
 */
#ifndef TESTS_GEO_SHAPES_H
#define TESTS_GEO_SHAPES_H

#include "points.h"
#include <string.h>
#include <tafadi/geo.h>

enum { SAMPLE_MAX = 24 };

/* A star-shaped ring (or a line) of n vertices about a centre. */
struct sample {
    enum tf_shape_kind kind;
    struct tf_latlng v[SAMPLE_MAX];
    size_t n;
    double radius_m;
    struct tf_shape *shape;
};

static inline void sample_star(uint64_t *r, struct tf_latlng centre, double size_m,
                               struct sample *s)
{
    s->kind = TF_SHAPE_POLYGON;
    s->n = 3 + random_below(r, SAMPLE_MAX - 3);
    double start = random_between(r, 0.0, 360.0);
    for (size_t i = 0; i < s->n; i++) {
        double azimuth = start + 360.0 * ((double)i + random_between(r, 0.1, 0.9)) / (double)s->n;
        s->v[i] = tf_geodesic_direct(centre, remainder(azimuth, 360.0),
                                     size_m * random_between(r, 0.3, 1.0), NULL);
    }
    s->radius_m = 0.0;
}

static inline void sample_line(uint64_t *r, struct tf_latlng from, double size_m, struct sample *s)
{
    s->kind = TF_SHAPE_CORRIDOR;
    s->n = 2 + random_below(r, 5);
    s->v[0] = from;
    double azimuth = random_between(r, -180.0, 180.0);
    for (size_t i = 1; i < s->n; i++) {
        azimuth = remainder(azimuth + random_between(r, -70.0, 70.0), 360.0);
        s->v[i] = tf_geodesic_direct(s->v[i - 1], azimuth,
                                     size_m * random_between(r, 0.2, 1.0) / (double)s->n, NULL);
    }
    s->radius_m = size_m * random_between(r, 0.0, 0.1);
}

/* Any kind, near `near`, of the given size. TF_OK, or why it was refused. */
static inline enum tf_status sample_any(uint64_t *r, struct tf_latlng near, double size_m,
                                        struct sample *s)
{
    struct tf_fault fault;
    memset(s, 0, sizeof *s);
    uint64_t which = random_below(r, 3);
    if (which == 0) {
        s->kind = TF_SHAPE_CIRCLE;
        s->v[0] = near;
        s->n = 1;
        s->radius_m = size_m * random_between(r, 0.0, 1.0);
        return tf_shape_circle(near, s->radius_m, &s->shape, &fault);
    }
    if (which == 1) {
        sample_line(r, near, size_m, s);
        return tf_shape_corridor((struct tf_ring){s->v, s->n}, s->radius_m, TF_EDGES_GEODESIC, 0.0,
                                 &s->shape, &fault);
    }
    sample_star(r, near, size_m, s);
    struct tf_ring ring = {s->v, s->n};
    return tf_shape_polygon(&ring, 1, TF_EDGES_GEODESIC, 0.0, &s->shape, &fault);
}

#endif
