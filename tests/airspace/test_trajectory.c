/*
 * test_trajectory.c - who keeps to the accuracies of a trajectory is inside its volumes.
 *
 * Oracle: positions along the geodesic from PROJ's geodesic.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <geodesic.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <tafadi/volume.h>

#include "allocfail.h"
#include "random.h"

static uint64_t seed_now;

static double uniform(double low, double high)
{
    return random_between(&seed_now, low, high);
}

static int pick(int count)
{
    return (int)random_below(&seed_now, (uint64_t)count);
}

static struct tf_waypoint waypoint(double lat, double lng, double alt_m, double t_s)
{
    return (struct tf_waypoint){
        .at = {lat, lng}, .alt = {alt_m, TF_ALT_UNIT_M, TF_ALT_AMSL}, .t_ns = (int64_t)(t_s * 1e9)};
}

/* The place `distance_m` along `azimuth_deg`, by PROJ. */
static struct tf_latlng direct(struct tf_latlng from, double azimuth_deg, double distance_m)
{
    struct geod_geodesic earth;
    struct tf_latlng to;
    geod_init(&earth, TF_WGS84_A_M, TF_WGS84_F);
    geod_direct(&earth, from.lat_deg, from.lng_deg, azimuth_deg, distance_m, &to.lat_deg,
                &to.lng_deg, NULL);
    return to;
}

static struct tf_latlng along(struct tf_latlng a, struct tf_latlng b, double fraction)
{
    struct geod_geodesic earth;
    double length_m, azimuth_deg;
    geod_init(&earth, TF_WGS84_A_M, TF_WGS84_F);
    geod_inverse(&earth, a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg, &length_m, &azimuth_deg, NULL);
    return direct(a, azimuth_deg, length_m * fraction);
}

/* Where and when something is. */
struct fix {
    struct tf_latlng at;
    double alt_m;
    int64_t t_ns;
};

static bool holds(const struct tf_volume4 *v, const struct fix *fix)
{
    return fix->t_ns >= v->start_ns && fix->t_ns < v->end_ns &&
           fix->alt_m >= tf_alt_m(v->alt.lower) - 1e-6 &&
           fix->alt_m <= tf_alt_m(v->alt.upper) + 1e-6 &&
           tf_shape_contains_point(v->shape, fix->at);
}

static size_t holders(const struct tf_volume4 *volumes, size_t count, const struct fix *fix)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += holds(&volumes[i], fix);
    return n;
}

/* A wandering trajectory from anywhere: over poles, across the antimeridian, with hovers. */
static size_t random_trajectory(struct tf_waypoint *w)
{
    size_t count = 2 + (size_t)pick(6);
    double speed_mps = uniform(5, 300);
    w[0] = waypoint(pick(4) == 0 ? uniform(89.5, 90) : uniform(-90, 90),
                    pick(4) == 0 ? 179.99 : uniform(-180, 180), uniform(0, 9000), uniform(0, 1e6));
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            double step_m = pick(4) == 0 ? 0 : uniform(10, 60000);
            w[i] = w[i - 1];
            w[i].at = direct(w[i - 1].at, uniform(-180, 180), step_m);
            w[i].alt.value = uniform(0, 9000);
            w[i].t_ns += (int64_t)(1e9 * (step_m / speed_mps + uniform(1, 100)));
        }
        w[i].accuracy_h_m = uniform(1, 500);
        w[i].accuracy_v_m = uniform(0, 100);
        w[i].accuracy_t_ns = pick(2) ? (int64_t)uniform(0, 30e9) : 0;
    }
    return count;
}

/* Somewhere within the accuracies of leg i. */
static struct fix random_fix(const struct tf_waypoint *w, size_t i)
{
    const struct tf_waypoint *a = &w[i], *b = &w[i + 1];
    double f = pick(5) == 0 ? 0 : uniform(0, 1), out_m = pick(2) ? 1 : uniform(0, 1);
    double h_m = fmin(a->accuracy_h_m, b->accuracy_h_m) * 0.999 - 0.02;
    double v_m = fmin(a->accuracy_v_m, b->accuracy_v_m);
    double t_ns =
        (double)(a->accuracy_t_ns < b->accuracy_t_ns ? a->accuracy_t_ns : b->accuracy_t_ns);
    struct fix fix = {.at = direct(along(a->at, b->at, f), uniform(-180, 180), h_m * out_m),
                      .alt_m =
                          a->alt.value + f * (b->alt.value - a->alt.value) + uniform(-v_m, v_m),
                      .t_ns = a->t_ns + (int64_t)(f * (double)(b->t_ns - a->t_ns)) +
                              (int64_t)uniform(-t_ns, t_ns)};
    return fix;
}

static void test_never_outside(void **state)
{
    (void)state;
    seed_now = random_seed(11);
    for (int i = 0; i < 400; i++) {
        uint64_t seed = seed_now;
        struct tf_waypoint w[8];
        size_t count = random_trajectory(w), volume_count;
        struct tf_slicing slicing = {pick(3) * 20 * TF_SECOND_NS, pick(3) * 3000.0};
        struct tf_volume4 *volumes;
        assert_int_equal(
            tf_trajectory_volumes(w, count, &slicing, NULL, &volumes, &volume_count, NULL), TF_OK);
        for (int k = 0; k < 40; k++) {
            struct fix fix = random_fix(w, (size_t)pick((int)count - 1));
            if (holders(volumes, volume_count, &fix) == 0)
                fail_msg("seed %llu: (%.9f %.9f) %g m at %lld is outside", (unsigned long long)seed,
                         fix.at.lat_deg, fix.at.lng_deg, fix.alt_m, (long long)fix.t_ns);
        }
        tf_volumes_free(volumes, volume_count);
    }
}

/* Without accuracies each instant belongs to one volume, and no slice is too long. */
static void test_tight(void **state)
{
    (void)state;
    seed_now = random_seed(12);
    for (int i = 0; i < 200; i++) {
        struct tf_waypoint w[8];
        size_t count = random_trajectory(w), n;
        for (size_t k = 0; k < count; k++)
            w[k].accuracy_h_m = w[k].accuracy_v_m = 0, w[k].accuracy_t_ns = 0;
        struct tf_slicing slicing = {30 * TF_SECOND_NS, 2000};
        struct tf_volume4 *v;
        assert_int_equal(tf_trajectory_volumes(w, count, &slicing, NULL, &v, &n, NULL), TF_OK);
        assert_true(v[0].start_ns == w[0].t_ns && v[n - 1].end_ns == w[count - 1].t_ns);
        for (size_t k = 0; k < n; k++) {
            assert_true(k == 0 || v[k].start_ns == v[k - 1].end_ns);
            assert_true(v[k].end_ns - v[k].start_ns <= slicing.max_slice_ns);
            struct tf_ring core = tf_shape_ring(v[k].shape, 0);
            struct tf_latlng last = core.vertices[core.count - 1];
            assert_true(tf_geodesic_inverse(core.vertices[0], last, NULL, NULL) <= 2000 + 1e-6);
        }
        tf_volumes_free(v, n);
    }
}

static void test_hover(void **state)
{
    (void)state;
    struct tf_waypoint w[2] = {waypoint(10, 20, 100, 0), waypoint(10, 20, 200, 150)};
    w[0].accuracy_h_m = 5;
    struct tf_volume4 *v;
    size_t n;
    assert_int_equal(tf_trajectory_volumes(w, 2, NULL, NULL, &v, &n, NULL), TF_OK);
    assert_int_equal(n, 3);
    assert_int_equal(tf_shape_kind(v[0].shape), TF_SHAPE_CIRCLE);
    assert_true(tf_shape_radius_m(v[0].shape) == 5);
    assert_true(tf_alt_m(v[0].alt.lower) == 100);
    assert_true(fabs(tf_alt_m(v[0].alt.upper) - 133.333) < 0.01);
    tf_volumes_free(v, n);
}

/* Ends of different reference: the band holds the line between what they can be. */
static void test_mixed_references(void **state)
{
    (void)state;
    struct tf_waypoint w[2] = {waypoint(46, 7, 0, 0), waypoint(46, 7.1, 1000, 60)};
    w[0].alt.ref = TF_ALT_AGL;
    struct tf_alt_context context = {45, 55, 300, 500, 1000, 1020, 0.1};
    struct tf_volume4 *v;
    size_t n;
    struct tf_slicing slicing = {30 * TF_SECOND_NS, 1e6};
    assert_int_equal(tf_trajectory_volumes(w, 2, &slicing, &context, &v, &n, NULL), TF_OK);
    assert_int_equal(n, 2);
    assert_true(fabs(v[0].alt.lower_m - 345) < 1e-9 && fabs(v[0].alt.upper_m - 805) < 1e-9);
    assert_true(fabs(v[1].alt.lower_m - 695) < 1e-9 && fabs(v[1].alt.upper_m - 1055) < 1e-9);
    assert_true(v[0].alt.lower_margin_m > 0 && v[0].alt.upper_margin_m > 0);
    tf_volumes_free(v, n);
}

static void refused(const struct tf_waypoint *w, size_t count, enum tf_status code, size_t at)
{
    struct tf_volume4 *v = NULL;
    size_t n = 7;
    struct tf_fault fault = {0};
    assert_int_equal(tf_trajectory_volumes(w, count, NULL, NULL, &v, &n, &fault), code);
    assert_int_equal(fault.code, code);
    assert_int_equal(fault.at, at);
    assert_true(v == NULL && n == 7);
}

static void test_refusals(void **state)
{
    (void)state;
    const struct tf_waypoint good[3] = {waypoint(0, 0, 0, 0), waypoint(0, 0.1, 0, 60),
                                        waypoint(0, 0.2, 0, 120)};
    struct tf_waypoint w[3] = {good[0], good[1], good[2]};
    refused(w, 1, TF_MISSING, TF_NO_INDEX);
    refused(w, 0, TF_MISSING, TF_NO_INDEX);
    w[1].t_ns = 0;
    refused(w, 3, TF_TIME, 1);
    w[1] = good[1];
    w[2].t_ns = TF_TIME_MAX;
    refused(w, 3, TF_TIME, 2);
    w[2] = good[2];
    w[0].at.lat_deg = 91;
    refused(w, 3, TF_RANGE, 0);
    w[0] = good[0];
    w[2].accuracy_h_m = -1;
    refused(w, 3, TF_RANGE, 2);
    w[2] = good[2];
    w[2].alt.value = INFINITY;
    refused(w, 3, TF_ALTITUDE, 2);
    w[2] = good[2];
    w[2].t_ns = INT64_C(4000000000) * TF_SECOND_NS; /* some 2 * 10^6 minutes later */
    w[1].t_ns = -INT64_C(4000000000) * TF_SECOND_NS;
    w[0].t_ns = w[1].t_ns - TF_SECOND_NS;
    refused(w, 3, TF_LIMIT, 1);
    w[0].t_ns = TF_TIME_MIN + 1;
    refused(w, 3, TF_LIMIT, 0);
}

static enum tf_status cut_once(void *ctx)
{
    struct tf_waypoint *w = ctx;
    struct tf_volume4 *v;
    size_t n;
    enum tf_status rc = tf_trajectory_volumes(w, 3, NULL, NULL, &v, &n, NULL);
    if (!rc)
        tf_volumes_free(v, n);
    return rc;
}

static void test_no_memory(void **state)
{
    (void)state;
    struct tf_waypoint w[3] = {waypoint(0, 0, 0, 0), waypoint(0, 0.1, 0, 60),
                               waypoint(0, 0.2, 0, 120)};
    w[2].alt.ref = TF_ALT_STD;
    assert_true(allocfail_each(cut_once, w, 1000) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_outside), cmocka_unit_test(test_tight),
        cmocka_unit_test(test_hover),         cmocka_unit_test(test_mixed_references),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
