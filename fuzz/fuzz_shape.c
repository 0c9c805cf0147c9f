/*
 * fuzz_shape.c - two outlines from any bytes: what is accepted obeys the laws
 * of geo.h (symmetry, growth, covering by its own box and cap).
 *
 * Input: a byte that chooses kinds, two radii, then vertices of 8 bytes each
 * (latitude and longitude as 32-bit fractions of their range), shared out to
 * the two outlines.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/geo.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_VERTICES = 24, HEAD_BYTES = 3, VERTEX_BYTES = 8 };

static struct tf_latlng vertex(const uint8_t *at)
{
    int32_t lat, lng;
    memcpy(&lat, at, sizeof lat);
    memcpy(&lng, at + 4, sizeof lng);
    /* A little beyond the range, so that refusals are reached as well. */
    return (struct tf_latlng){lat * (91.0 / INT32_MAX), lng * (181.0 / INT32_MAX)};
}

static struct tf_shape *shape_of(unsigned kind, struct tf_ring ring, double radius_m)
{
    struct tf_shape *shape = NULL;
    struct tf_fault fault;
    enum tf_edges edges = kind & 4 ? TF_EDGES_LONLAT : TF_EDGES_GEODESIC;
    enum tf_status rc = TF_MISSING;
    switch (kind & 3) {
    case 0:
        if (ring.count > 0)
            rc = tf_shape_circle(ring.vertices[0], radius_m, &shape, &fault);
        break;
    case 1:
        if (ring.count > 0)
            rc = tf_shape_corridor(ring, radius_m, edges, 0, &shape, &fault);
        break;
    case 2:
        rc = tf_shape_polygon(&ring, 1, edges, 0, &shape, &fault);
        break;
    default:
        if (ring.count > 1)
            rc = tf_shape_rectangle(ring.vertices[0].lat_deg, ring.vertices[0].lng_deg,
                                    ring.vertices[1].lat_deg, ring.vertices[1].lng_deg, &shape,
                                    &fault);
    }
    return rc ? NULL : shape;
}

static void require(bool law, const char *name)
{
    if (!law) {
        fprintf(stderr, "broken law: %s\n", name);
        abort();
    }
}

static void emit(void *ctx, size_t ring, struct tf_latlng v)
{
    (void)ring;
    require(tf_latlng_is_valid(v), "outline vertices are valid");
    ++*(size_t *)ctx;
}

static void laws_of_one(const struct tf_shape *a)
{
    struct tf_box3 box;
    size_t vertices = 0;
    struct tf_latlng centre = tf_shape_centre(a);
    require(tf_latlng_is_valid(centre) && isfinite(tf_shape_extent_m(a)), "the cap is valid");
    require(tf_shape_intersects(a, a), "a shape meets itself");
    tf_shape_box(a, 0, &box);
    for (size_t i = 0; i < tf_shape_ring_count(a); i++) {
        struct tf_ring ring = tf_shape_ring(a, i);
        for (size_t j = 0; j < ring.count; j++) {
            struct tf_vec3 v = tf_vec3_from_latlng(ring.vertices[j]);
            const double at[3] = {v.x_m, v.y_m, v.z_m};
            for (int k = 0; k < 3; k++)
                require(box.lo[k] <= at[k] && at[k] <= box.hi[k], "vertices are in the box");
        }
    }
    if (tf_shape_extent_m(a) < 200000) /* the number of vertices grows with the size */
        tf_shape_outline(a, 10, emit, &vertices);
}

static void laws_of_two(const struct tf_shape *a, const struct tf_shape *b)
{
    struct tf_shape *grown = NULL;
    double ab_m = tf_shape_distance_m(a, b), ba_m = tf_shape_distance_m(b, a);
    require(ab_m >= 0 && fabs(ab_m - ba_m) <= 0.01 + 1e-6 * ab_m, "distance is symmetric");
    require(tf_shape_within(a, b, ab_m + 0.01 + 2e-6 * ab_m), "within the distance");
    require(tf_shape_within(a, b, 1000) == tf_shape_within(b, a, 1000), "within is symmetric");
    if (!tf_shape_grow(a, ab_m + 1 + 2e-6 * ab_m, &grown, NULL))
        require(tf_shape_intersects(grown, b), "grown by the distance, they meet");
    tf_shape_unref(grown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tf_latlng vertices[MAX_VERTICES];
    size_t count = 0;
    if (size < HEAD_BYTES)
        return 0;
    for (size_t at = HEAD_BYTES; at + VERTEX_BYTES <= size && count < MAX_VERTICES;
         at += VERTEX_BYTES)
        vertices[count++] = vertex(data + at);
    size_t half = count / 2;
    struct tf_shape *a =
        shape_of(data[0] & 7, (struct tf_ring){vertices, half}, exp2(data[1] / 16.0));
    struct tf_shape *b = shape_of(data[0] >> 3 & 7, (struct tf_ring){vertices + half, count - half},
                                  exp2(data[2] / 16.0));
    if (a)
        laws_of_one(a);
    if (a && b)
        laws_of_two(a, b);
    tf_shape_unref(a);
    tf_shape_unref(b);
    return 0;
}
