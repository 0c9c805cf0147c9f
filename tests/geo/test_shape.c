/*
 * test_shape.c - outlines against independent oracles: GEOS in an ellipsoidal
 * gnomonic projection (what meets, what contains), and the geodesics of PROJ
 * minimised along the edges (distances).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "shapes.h"
#include <geodesic.h>
#include <geos_c.h>
#include <math.h>

static struct geod_geodesic wgs84;

static void no_notice(const char *format, ...)
{
    (void)format;
}

/* Gnomonic on the ellipsoid (Karney 2013, section 8): geodesics near the centre
 * are straight to 1 mm at 100 km. */
static void gnomonic(struct tf_latlng centre, struct tf_latlng p, double *x, double *y)
{
    double azimuth, m12, scale12;
    geod_geninverse(&wgs84, centre.lat_deg, centre.lng_deg, p.lat_deg, p.lng_deg, NULL, &azimuth,
                    NULL, &m12, &scale12, NULL, NULL);
    *x = m12 / scale12 * sin(azimuth * 0.017453292519943295);
    *y = m12 / scale12 * cos(azimuth * 0.017453292519943295);
}

static GEOSGeometry *projected(const struct sample *s, struct tf_latlng centre)
{
    unsigned closed = s->kind == TF_SHAPE_POLYGON;
    GEOSCoordSequence *seq = GEOSCoordSeq_create((unsigned)s->n + closed, 2);
    for (unsigned i = 0; i < s->n + closed; i++) {
        double x, y;
        gnomonic(centre, s->v[i % s->n], &x, &y);
        GEOSCoordSeq_setXY(seq, i, x, y);
    }
    if (s->n == 1)
        return GEOSGeom_createPoint(seq);
    return closed ? GEOSGeom_createPolygon(GEOSGeom_createLinearRing(seq), NULL, 0)
                  : GEOSGeom_createLineString(seq);
}

static double proj_distance(struct tf_latlng a, struct tf_latlng b)
{
    double s12;
    geod_inverse(&wgs84, a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg, &s12, NULL, NULL);
    return s12;
}

/* Distance from p to the geodesic a-b by golden section. */
static double to_edge(struct tf_latlng p, struct tf_latlng a, struct tf_latlng b)
{
    struct geod_geodesicline line;
    geod_inverseline(&line, &wgs84, a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg,
                     GEOD_LATITUDE | GEOD_LONGITUDE | GEOD_DISTANCE_IN);
    double lo = 0.0, hi = line.s13;
    const double ratio = 0.6180339887498949;
    for (int i = 0; i < 70 && hi - lo > 1e-5; i++) {
        double s[2] = {hi - ratio * (hi - lo), lo + ratio * (hi - lo)}, d[2];
        for (int k = 0; k < 2; k++) {
            struct tf_latlng q;
            geod_position(&line, s[k], &q.lat_deg, &q.lng_deg, NULL);
            d[k] = proj_distance(p, q);
        }
        if (d[0] < d[1])
            hi = s[1];
        else
            lo = s[0];
    }
    struct tf_latlng q;
    geod_position(&line, (lo + hi) / 2, &q.lat_deg, &q.lng_deg, NULL);
    return fmin(proj_distance(p, q), fmin(proj_distance(p, a), proj_distance(p, b)));
}

static size_t edge_count(const struct sample *s)
{
    return s->kind == TF_SHAPE_POLYGON ? s->n : s->n > 1 ? s->n - 1 : 1;
}

/* Least distance of a's vertices to b's edges. */
static double vertices_to_edges(const struct sample *a, const struct sample *b)
{
    double least = INFINITY;
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < edge_count(b); j++) {
            double d = b->n == 1 ? proj_distance(a->v[i], b->v[0])
                                 : to_edge(a->v[i], b->v[j], b->v[(j + 1) % b->n]);
            least = fmin(least, d);
        }
    return least;
}

/* The oracle: do the cores meet (GEOS), else the least vertex-edge distance. */
static double oracle_core_m(const struct sample *a, const struct sample *b)
{
    struct tf_latlng centre = tf_geodesic_interpolate(a->v[0], b->v[0], 0.5);
    GEOSGeometry *ga = projected(a, centre), *gb = projected(b, centre);
    bool meet = GEOSIntersects(ga, gb) == 1;
    GEOSGeom_destroy(ga);
    GEOSGeom_destroy(gb);
    return meet ? 0.0 : fmin(vertices_to_edges(a, b), vertices_to_edges(b, a));
}

static struct tf_latlng any_place(uint64_t *r)
{
    static const struct tf_latlng special[] = {{90, 0},   {-90, 12},   {0, 180},   {0, 0},
                                               {45, 180}, {-60, -180}, {89.9, 77}, {0, 90}};
    if (random_below(r, 3) == 0)
        return special[random_below(r, sizeof special / sizeof *special)];
    return random_point(r);
}

static void distance_agrees_with_oracle(void **state)
{
    (void)state;
    uint64_t seed = random_seed(20261124), r = seed;
    double worst = 0.0;
    for (int round = 0; round < 400; round++) {
        struct tf_latlng place = any_place(&r);
        double size_m = random_magnitude(&r, 50.0, 60e3), apart = random_between(&r, 0.0, 3.0);
        struct tf_latlng other =
            tf_geodesic_direct(place, random_between(&r, -180, 180), size_m * apart, NULL);
        struct sample a, b;
        if (sample_any(&r, place, size_m, &a) || sample_any(&r, other, size_m, &b))
            fail_msg("seed %llu round %d: a valid outline was refused", (unsigned long long)seed,
                     round);
        double expected = fmax(0.0, oracle_core_m(&a, &b) - a.radius_m - b.radius_m);
        struct tf_nearest near;
        tf_shape_nearest(a.shape, b.shape, &near);
        double error = fabs(near.distance_m - expected);
        worst = fmax(worst, error);
        if (error > 0.01)
            fail_msg("seed %llu round %d: distance %.6f, expected %.6f (size %.0f)",
                     (unsigned long long)seed, round, near.distance_m, expected, size_m);
        assert_true(fabs(proj_distance(near.on_a, near.on_b) - near.distance_m) < 0.02);
        assert_true(fabs(tf_shape_distance_m(b.shape, a.shape) - near.distance_m) < 0.002);
        assert_true(tf_shape_within(a.shape, b.shape, expected));
        assert_true(tf_shape_within(b.shape, a.shape, expected + 0.01));
        if (expected > 0.02)
            assert_false(tf_shape_within(a.shape, b.shape, expected - 0.01));
        assert_int_equal(tf_shape_intersects(a.shape, b.shape), expected < 0.01);
        tf_shape_unref(a.shape);
        tf_shape_unref(b.shape);
    }
    print_message("worst error of a distance: %.2g m\n", worst);
}

static void polygons_agree_with_geos(void **state)
{
    (void)state;
    uint64_t seed = random_seed(7), r = seed;
    unsigned decided = 0;
    for (int round = 0; round < 3000; round++) {
        struct tf_latlng place = any_place(&r);
        double size_m = random_magnitude(&r, 20.0, 50e3);
        struct sample a = {0}, b = {0};
        sample_star(&r, place, size_m, &a);
        sample_star(&r,
                    tf_geodesic_direct(place, random_between(&r, -180, 180),
                                       size_m * random_between(&r, 0.0, 1.5), NULL),
                    size_m * random_between(&r, 0.05, 1.0), &b);
        struct tf_fault fault;
        assert_int_equal(tf_shape_polygon(&(struct tf_ring){a.v, a.n}, 1, TF_EDGES_GEODESIC, 0,
                                          &a.shape, &fault),
                         TF_OK);
        assert_int_equal(tf_shape_polygon(&(struct tf_ring){b.v, b.n}, 1, TF_EDGES_GEODESIC, 0,
                                          &b.shape, &fault),
                         TF_OK);
        GEOSGeometry *ga = projected(&a, place), *gb = projected(&b, place);
        double gap, border;
        GEOSDistance(ga, gb, &gap);
        GEOSGeometry *edge = GEOSBoundary(ga), *edge_b = GEOSBoundary(gb);
        GEOSDistance(edge, edge_b, &border);
        bool meet = GEOSIntersects(ga, gb) == 1, holds = GEOSContains(ga, gb) == 1;
        bool touching = border < 0.05 && !GEOSCrosses(edge, edge_b);
        if (!touching) {
            decided++;
            if (tf_shape_intersects(a.shape, b.shape) != meet)
                fail_msg("seed %llu round %d: intersects", (unsigned long long)seed, round);
            if (tf_shape_contains(a.shape, b.shape) != holds)
                fail_msg("seed %llu round %d: contains", (unsigned long long)seed, round);
        }
        for (int k = 0; k < 5; k++) {
            struct tf_latlng p = tf_geodesic_direct(place, random_between(&r, -180, 180),
                                                    size_m * random_between(&r, 0, 1.1), NULL);
            double x, y, off;
            gnomonic(place, p, &x, &y);
            GEOSGeometry *gp = GEOSGeom_createPointFromXY(x, y);
            GEOSDistance(edge, gp, &off);
            if (off > 0.05)
                assert_int_equal(tf_shape_contains_point(a.shape, p), GEOSContains(ga, gp) == 1);
            GEOSGeom_destroy(gp);
        }
        GEOSGeom_destroy(ga);
        GEOSGeom_destroy(gb);
        GEOSGeom_destroy(edge);
        GEOSGeom_destroy(edge_b);
        tf_shape_unref(a.shape);
        tf_shape_unref(b.shape);
    }
    assert_true(decided > 2000);
}

static void growing_adds_to_the_radius(void **state)
{
    (void)state;
    uint64_t seed = random_seed(11), r = seed;
    for (int round = 0; round < 500; round++) {
        struct tf_latlng place = any_place(&r);
        double size_m = random_magnitude(&r, 50.0, 30e3),
               by_m = size_m * random_between(&r, 0, 1.5);
        struct sample a, b;
        assert_int_equal(sample_any(&r, place, size_m, &a), TF_OK);
        struct tf_latlng other = tf_geodesic_direct(place, random_between(&r, -180, 180),
                                                    size_m * random_between(&r, 0, 4), NULL);
        assert_int_equal(sample_any(&r, other, size_m, &b), TF_OK);
        struct tf_shape *grown;
        assert_int_equal(tf_shape_grow(a.shape, by_m, &grown, NULL), TF_OK);
        double before = tf_shape_distance_m(a.shape, b.shape);
        double after = tf_shape_distance_m(grown, b.shape);
        assert_true(fabs(fmax(0.0, before - by_m) - after) < 0.01);
        assert_true(tf_shape_within(grown, b.shape, fmax(0.0, before - by_m)));
        if (by_m > 0.1)
            assert_true(tf_shape_contains(grown, a.shape));
        tf_shape_unref(grown);
        tf_shape_unref(a.shape);
        tf_shape_unref(b.shape);
    }
}

/* contains() never says yes of something that sticks out, and says yes of what
 * is clearly inside. */
static void contains_agrees_with_samples(void **state)
{
    (void)state;
    uint64_t seed = random_seed(5), r = seed;
    unsigned yes = 0;
    for (int round = 0; round < 1500; round++) {
        struct tf_latlng place = any_place(&r);
        double size_m = random_magnitude(&r, 100.0, 20e3);
        struct sample a, b;
        assert_int_equal(sample_any(&r, place, size_m, &a), TF_OK);
        struct tf_latlng other = tf_geodesic_direct(place, random_between(&r, -180, 180),
                                                    size_m * random_between(&r, 0, 0.6), NULL);
        assert_int_equal(sample_any(&r, other, size_m * random_between(&r, 0.01, 0.4), &b), TF_OK);
        bool holds = tf_shape_contains(a.shape, b.shape), out = false;
        for (int k = 0; k < 200; k++) { /* samples of b: on its border and inside */
            struct tf_latlng p =
                tf_geodesic_direct(tf_shape_centre(b.shape), random_between(&r, -180, 180),
                                   tf_shape_extent_m(b.shape) * random_between(&r, 0, 1), NULL);
            if (tf_shape_contains_point(b.shape, p) && !tf_shape_contains_point(a.shape, p))
                out = true;
        }
        if (holds && out)
            fail_msg("seed %llu round %d: contains, but a sample is outside",
                     (unsigned long long)seed, round);
        struct tf_shape *apron;
        assert_int_equal(tf_shape_grow(b.shape, size_m * 0.02, &apron, NULL), TF_OK);
        if (tf_shape_contains(a.shape, apron) && !holds)
            fail_msg("seed %llu round %d: contains the grown but not the plain",
                     (unsigned long long)seed, round);
        yes += holds;
        tf_shape_unref(apron);
        tf_shape_unref(a.shape);
        tf_shape_unref(b.shape);
    }
    assert_true(yes > 100);
}

static void box_holds_the_shape(void **state)
{
    (void)state;
    uint64_t seed = random_seed(3), r = seed;
    for (int round = 0; round < 2000; round++) {
        struct tf_latlng place = any_place(&r);
        double size_m = random_magnitude(&r, 10.0, 3e6);
        struct sample s;
        assert_int_equal(sample_any(&r, place, size_m, &s), TF_OK);
        double by_m = random_between(&r, 0, 1e4);
        struct tf_box3 box;
        tf_shape_box(s.shape, by_m, &box);
        for (int k = 0; k < 40; k++) {
            struct tf_latlng p =
                tf_geodesic_direct(place, random_between(&r, -180, 180),
                                   (size_m + by_m) * random_between(&r, 0, 1.2), NULL);
            struct tf_shape *point;
            assert_int_equal(tf_shape_circle(p, 0, &point, NULL), TF_OK);
            if (tf_shape_distance_m(s.shape, point) < by_m) {
                struct tf_vec3 v = tf_vec3_from_latlng(p);
                const double c[3] = {v.x_m, v.y_m, v.z_m};
                for (int axis = 0; axis < 3; axis++)
                    assert_true(c[axis] >= box.lo[axis] && c[axis] <= box.hi[axis]);
                assert_true(proj_distance(p, tf_shape_centre(s.shape)) <=
                            tf_shape_extent_m(s.shape) + by_m + 0.01);
            }
            tf_shape_unref(point);
        }
        tf_shape_unref(s.shape);
    }
}

/* Points of the true lon/lat edge lie within the stated error of the border. */
static void lonlat_edges_keep_their_error(void **state)
{
    (void)state;
    uint64_t seed = random_seed(9), r = seed;
    for (int round = 0; round < 300; round++) {
        double size = random_magnitude(&r, 1e-3, 20.0), error_m = random_magnitude(&r, 0.01, 10);
        double lat = random_between(&r, -65, 65), lng = random_between(&r, -180, 180);
        struct tf_latlng v[4];
        static const double dx[] = {0, 1, 1, 0}, dy[] = {0, 0, 1, 1};
        for (int i = 0; i < 4; i++)
            v[i] = (struct tf_latlng){lat + size * dy[i],
                                      remainder(lng + size * (dx[i] + 0.2 * dy[i]), 360.0)};
        struct tf_shape *s;
        struct tf_fault fault;
        assert_int_equal(
            tf_shape_polygon(&(struct tf_ring){v, 4}, 1, TF_EDGES_LONLAT, error_m, &s, &fault),
            TF_OK);
        assert_true(tf_shape_slop_m(s) <= error_m);
        struct tf_shape *line;
        struct tf_latlng open[5] = {v[0], v[1], v[2], v[3], v[0]};
        assert_int_equal(tf_shape_corridor((struct tf_ring){open, 5}, 0, TF_EDGES_LONLAT, error_m,
                                           &line, &fault),
                         TF_OK);
        for (int k = 0; k < 50; k++) {
            int e = (int)random_below(&r, 4);
            double t = random_between(&r, 0, 1), d = open[e + 1].lng_deg - open[e].lng_deg;
            d = remainder(d, 360.0);
            struct tf_latlng p = {open[e].lat_deg + t * (open[e + 1].lat_deg - open[e].lat_deg),
                                  remainder(open[e].lng_deg + t * d, 360.0)};
            struct tf_shape *point;
            assert_int_equal(tf_shape_circle(p, 0, &point, NULL), TF_OK);
            double off = tf_shape_distance_m(line, point);
            if (off > tf_shape_slop_m(line) + 0.01)
                fail_msg("seed %llu round %d: %.4f m off, stated %.4f", (unsigned long long)seed,
                         round, off, tf_shape_slop_m(line));
            tf_shape_unref(point);
        }
        tf_shape_unref(line);
        tf_shape_unref(s);
    }
}

static void refuse(const struct tf_latlng *v, size_t n, enum tf_status code, size_t at)
{
    struct tf_shape *s = NULL;
    struct tf_fault fault;
    enum tf_status rc =
        tf_shape_polygon(&(struct tf_ring){v, n}, 1, TF_EDGES_GEODESIC, 0, &s, &fault);
    assert_int_equal(rc, code);
    assert_int_equal(fault.code, code);
    assert_null(s);
    if (at != TF_NO_INDEX)
        assert_int_equal(fault.at, at);
}

#define REFUSE(code, at, ...)                                                                      \
    do {                                                                                           \
        const struct tf_latlng v_[] = __VA_ARGS__;                                                 \
        refuse(v_, sizeof v_ / sizeof *v_, code, at);                                              \
    } while (0)

static void invalid_rings_are_refused_with_their_vertex(void **state)
{
    (void)state;
    REFUSE(TF_RING, 1, {{0, 0}, {1, 1}});
    REFUSE(TF_RING, 1, {{0, 0}, {1, 1}, {0, 0}});
    REFUSE(TF_RING, 2, {{0, 0}, {0, 1}, {0, 1}, {1, 1}});
    REFUSE(TF_RANGE, 1, {{0, 0}, {91, 1}, {1, 1}});
    REFUSE(TF_RANGE, 2, {{0, 0}, {0, 1}, {1, 181}});
    REFUSE(TF_RANGE, 0, {{NAN, 0}, {0, 1}, {1, 1}});
    REFUSE(TF_RING, 0, {{0, 0}, {1, 1}, {0, 1}, {1, 0}});                   /* bow tie */
    REFUSE(TF_RING, 0, {{0, 0}, {0, 2}, {0, 1}, {1, 1}});                   /* folds back */
    REFUSE(TF_RING, TF_NO_INDEX, {{0, 0}, {0, 2}, {2, 1}, {0, 1}, {2, 0}}); /* touches an edge */
    REFUSE(TF_RING, TF_NO_INDEX, {{0, 0}, {0, 1}, {1, 1}, {0, 0}, {-1, -1}, {0, -1}});
    REFUSE(TF_TOO_LARGE, TF_NO_INDEX, {{0, 0}, {0, 120}, {0, -120}}); /* the equator */
    REFUSE(TF_TOO_LARGE, TF_NO_INDEX, {{-10, 0}, {-10, 120}, {-10, -120}, {80, -60}});
    struct tf_shape *s = NULL;
    struct tf_fault fault;
    assert_int_equal(tf_shape_circle((struct tf_latlng){0, 0}, -1, &s, &fault), TF_RANGE);
    assert_string_equal(fault.field, "radius_m");
    assert_int_equal(tf_shape_circle((struct tf_latlng){0, 0}, NAN, &s, &fault), TF_RANGE);
    assert_int_equal(tf_shape_rectangle(1, 0, 0, 1, &s, &fault), TF_RANGE);
    assert_int_equal(tf_shape_rectangle(0, 0, 1, 171, &s, &fault), TF_RANGE);
    assert_int_equal(tf_shape_polygon(NULL, 0, TF_EDGES_GEODESIC, 0, &s, &fault), TF_MISSING);
    assert_null(s);
}

static void holes(void **state)
{
    (void)state;
    const struct tf_latlng outer[] = {{0, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 0}};
    const struct tf_latlng hole[] = {{0.4, 0.4}, {0.6, 0.4}, {0.6, 0.6}, {0.4, 0.6}};
    const struct tf_latlng outside[] = {{2, 2}, {2, 3}, {3, 3}};
    const struct tf_latlng across[] = {{0.9, 0.9}, {0.9, 1.1}, {1.1, 1.1}};
    const struct tf_latlng within[] = {{0.45, 0.45}, {0.55, 0.45}, {0.55, 0.55}};
    struct tf_ring rings[3] = {{outer, 5}, {hole, 4}, {NULL, 0}};
    struct tf_shape *s = NULL, *spot = NULL, *belt = NULL;
    struct tf_fault fault;
    assert_int_equal(tf_shape_polygon(rings, 2, TF_EDGES_GEODESIC, 0, &s, &fault), TF_OK);
    assert_false(tf_shape_contains_point(s, (struct tf_latlng){0.5, 0.5}));
    assert_true(tf_shape_contains_point(s, (struct tf_latlng){0.2, 0.5}));
    assert_int_equal(tf_shape_circle((struct tf_latlng){0.5, 0.5}, 5000, &spot, &fault), TF_OK);
    assert_false(tf_shape_intersects(s, spot)); /* in the hole */
    double d = tf_shape_distance_m(s, spot);
    assert_true(d > 5900 && d < 6200);
    assert_int_equal(tf_shape_circle((struct tf_latlng){0.5, 0.5}, 40000, &belt, &fault), TF_OK);
    assert_true(tf_shape_intersects(s, belt));
    assert_false(tf_shape_contains(s, belt)); /* surrounds the hole */
    assert_int_equal(tf_shape_ring_count(s), 2);
    assert_int_equal(tf_shape_ring(s, 0).count, 4);
    struct tf_shape *bad = NULL;
    rings[2] = (struct tf_ring){outside, 3};
    assert_int_equal(tf_shape_polygon(rings, 3, TF_EDGES_GEODESIC, 0, &bad, &fault), TF_RING);
    assert_string_equal(fault.field, "rings[2].vertices[0]");
    rings[2] = (struct tf_ring){across, 3};
    assert_int_equal(tf_shape_polygon(rings, 3, TF_EDGES_GEODESIC, 0, &bad, &fault), TF_RING);
    rings[2] = (struct tf_ring){within, 3};
    assert_int_equal(tf_shape_polygon(rings, 3, TF_EDGES_GEODESIC, 0, &bad, &fault), TF_RING);
    assert_null(bad);
    tf_shape_unref(s);
    tf_shape_unref(spot);
    tf_shape_unref(belt);
}

static void poles_and_antimeridian(void **state)
{
    (void)state;
    struct tf_fault fault;
    const struct tf_latlng polar[] = {{80, 0}, {80, 90}, {80, 180}, {80, -90}};
    struct tf_shape *cap, *pacific, *top;
    assert_int_equal(
        tf_shape_polygon(&(struct tf_ring){polar, 4}, 1, TF_EDGES_GEODESIC, 0, &cap, &fault),
        TF_OK);
    assert_true(tf_shape_contains_point(cap, (struct tf_latlng){90, 0}));
    assert_true(tf_shape_contains_point(cap, (struct tf_latlng){88, -133}));
    assert_false(tf_shape_contains_point(cap, (struct tf_latlng){79, 45}));
    assert_int_equal(tf_shape_rectangle(-5, 175, 5, -175, &pacific, &fault), TF_OK);
    assert_true(tf_shape_contains_point(pacific, (struct tf_latlng){0, 180}));
    assert_true(tf_shape_contains_point(pacific, (struct tf_latlng){4.9, -176}));
    assert_false(tf_shape_contains_point(pacific, (struct tf_latlng){0, 0}));
    assert_false(tf_shape_contains_point(pacific, (struct tf_latlng){0, 170}));
    assert_int_equal(tf_shape_rectangle(85, -60, 90, 60, &top, &fault), TF_OK);
    assert_true(tf_shape_contains_point(top, (struct tf_latlng){85.001, 59.99}));
    assert_true(tf_shape_intersects(top, cap));
    tf_shape_unref(cap);
    tf_shape_unref(pacific);
    tf_shape_unref(top);
}

static void collect(void *ctx, size_t ring, struct tf_latlng v)
{
    double *farthest = ctx;
    (void)ring;
    farthest[1]++;
    struct tf_shape *p;
    assert_int_equal(tf_shape_circle(v, 0, &p, NULL), TF_OK);
    struct tf_shape *const *shape = (struct tf_shape *const *)(uintptr_t)(farthest + 2);
    farthest[0] = fmax(farthest[0], tf_shape_distance_m(*shape, p));
    tf_shape_unref(p);
}

static void outline_stays_within_its_error(void **state)
{
    (void)state;
    uint64_t seed = random_seed(17), r = seed;
    for (int round = 0; round < 100; round++) {
        struct sample s;
        double size_m = random_magnitude(&r, 100, 50e3), error_m = size_m / 100;
        assert_int_equal(sample_any(&r, any_place(&r), size_m, &s), TF_OK);
        union {
            double number[3];
            struct tf_shape *pointers[3 * sizeof(double) / sizeof(void *)];
        } ctx = {{0.0, 0.0, 0.0}};
        ctx.pointers[2 * sizeof(double) / sizeof(void *)] = s.shape;
        tf_shape_outline(s.shape, error_m, collect, ctx.number);
        assert_true(ctx.number[1] >= 3);
        assert_true(ctx.number[0] <= error_m + 0.01);
        tf_shape_unref(s.shape);
    }
}

static void offset_is_rigid(void **state)
{
    (void)state;
    uint64_t seed = random_seed(19), r = seed;
    for (int round = 0; round < 200; round++) {
        struct sample s;
        assert_int_equal(sample_any(&r, any_place(&r), random_magnitude(&r, 100, 20e3), &s), TF_OK);
        struct tf_shape *moved;
        double d = random_between(&r, 0, 50e3);
        assert_int_equal(tf_shape_offset(s.shape, random_between(&r, -180, 180), d, &moved, NULL),
                         TF_OK);
        assert_true(tf_shape_radius_m(moved) == tf_shape_radius_m(s.shape));
        struct tf_ring was = tf_shape_ring(s.shape, 0), is = tf_shape_ring(moved, 0);
        assert_int_equal(was.count, is.count);
        for (size_t i = 1; i < was.count; i++) {
            double before = proj_distance(was.vertices[0], was.vertices[i]);
            double after = proj_distance(is.vertices[0], is.vertices[i]);
            assert_true(fabs(before - after) <= 1e-4 * before + 0.001);
        }
        tf_shape_unref(moved);
        tf_shape_unref(s.shape);
    }
}

int main(void)
{
    geod_init(&wgs84, 6378137.0, 1.0 / 298.257223563);
    initGEOS(no_notice, no_notice);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_agrees_with_oracle),
        cmocka_unit_test(polygons_agree_with_geos),
        cmocka_unit_test(growing_adds_to_the_radius),
        cmocka_unit_test(contains_agrees_with_samples),
        cmocka_unit_test(box_holds_the_shape),
        cmocka_unit_test(lonlat_edges_keep_their_error),
        cmocka_unit_test(invalid_rings_are_refused_with_their_vertex),
        cmocka_unit_test(holes),
        cmocka_unit_test(poles_and_antimeridian),
        cmocka_unit_test(outline_stays_within_its_error),
        cmocka_unit_test(offset_is_rigid),
    };
    int failed = cmocka_run_group_tests_name("geo: shapes", tests, NULL, NULL);
    finishGEOS();
    return failed;
}
