/*
 * test_geodesic.c - points and geodesics against PROJ's geodesic.h (C. Karney's
 * own implementation), and laws that hold without an oracle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <geodesic.h>
#include <stdio.h>
#include <tafadi/geo.h>

#include "points.h"

enum { PAIRS = 30000 };
/* Of a length: rounding of the degrees, and five units in the last place. */
static double tolerance_m(double length_m)
{
    return 5e-9 + 1e-15 * length_m;
}

#define ROUNDED_M 3e-8 /* through degrees, whose last place is 3e-9 m, and two solutions */

static struct geod_geodesic wgs84(void)
{
    struct geod_geodesic g;

    geod_init(&g, TF_WGS84_A_M, TF_WGS84_F);
    return g;
}

static double wrap_deg(double lng_deg)
{
    return remainder(lng_deg, 360.0);
}

static double clamp(double x, double lo, double hi)
{
    return fmin(hi, fmax(lo, x));
}

/* Generators of the second point: each a different hard spot. */
typedef struct tf_latlng (*second_point)(uint64_t *r, struct tf_latlng *a);

static struct tf_latlng anywhere(uint64_t *r, struct tf_latlng *a)
{
    *a = random_point(r);
    return random_point(r);
}

static struct tf_latlng nearby(uint64_t *r, struct tf_latlng *a)
{
    double d = random_magnitude(r, 1e-9, 5.0);

    *a = random_point(r);
    return (struct tf_latlng){clamp(a->lat_deg + random_between(r, -d, d), -90.0, 90.0),
                              wrap_deg(a->lng_deg + random_between(r, -d, d))};
}

static struct tf_latlng same_meridian(uint64_t *r, struct tf_latlng *a)
{
    struct tf_latlng b = random_point(r);

    *a = random_point(r);
    b.lng_deg = random_below(r, 2) ? a->lng_deg : wrap_deg(a->lng_deg + 180.0);
    if (random_below(r, 2))
        b.lng_deg = wrap_deg(b.lng_deg + random_magnitude(r, 1e-14, 1e-3));
    return b;
}

static struct tf_latlng equatorial(uint64_t *r, struct tf_latlng *a)
{
    double off = random_below(r, 2) ? random_magnitude(r, 1e-12, 1e-2) : 0.0;

    *a = (struct tf_latlng){0.0, random_between(r, -180.0, 180.0)};
    return (struct tf_latlng){off, random_between(r, -180.0, 180.0)};
}

static struct tf_latlng antipodal(uint64_t *r, struct tf_latlng *a)
{
    double d = random_magnitude(r, 1e-12, 2.0);

    *a = random_point(r);
    if (random_below(r, 4) == 0)
        a->lat_deg = 0.0;
    return (struct tf_latlng){clamp(-a->lat_deg + random_between(r, -d, d), -90.0, 90.0),
                              wrap_deg(a->lng_deg + 180.0 + random_between(r, -d, d))};
}

static struct tf_latlng polar(uint64_t *r, struct tf_latlng *a)
{
    double near = random_below(r, 3) ? random_magnitude(r, 1e-13, 1.0) : 0.0;

    *a = (struct tf_latlng){random_below(r, 2) ? 90.0 - near : near - 90.0,
                            random_between(r, -180.0, 180.0)};
    return random_below(r, 2) ? random_point(r)
                              : (struct tf_latlng){-a->lat_deg, random_between(r, -180.0, 180.0)};
}

static struct tf_latlng same_parallel(uint64_t *r, struct tf_latlng *a)
{
    *a = random_point(r);
    return (struct tf_latlng){random_below(r, 2) ? a->lat_deg : -a->lat_deg,
                              random_between(r, -180.0, 180.0)};
}

static struct tf_latlng whole_degrees(uint64_t *r, struct tf_latlng *a)
{
    *a = (struct tf_latlng){(double)random_below(r, 13) * 15.0 - 90.0,
                            (double)random_below(r, 25) * 15.0 - 180.0};
    return (struct tf_latlng){(double)random_below(r, 13) * 15.0 - 90.0,
                              (double)random_below(r, 25) * 15.0 - 180.0};
}

static const struct {
    const char *name;
    second_point make;
} families[] = {
    {"anywhere", anywhere},           {"nearby", nearby},
    {"same meridian", same_meridian}, {"equatorial", equatorial},
    {"antipodal", antipodal},         {"polar", polar},
    {"same parallel", same_parallel}, {"whole degrees", whole_degrees},
};

static void explain(const char *what, uint64_t seed, struct tf_latlng a, struct tf_latlng b,
                    double ours, double theirs)
{
    print_error("%s: seed %llu: %.17g %.17g to %.17g %.17g: %.12g, expected %.12g\n", what,
                (unsigned long long)seed, a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg, ours, theirs);
}

static void inverse_equals_proj(void **state)
{
    struct geod_geodesic g = wgs84();
    uint64_t seed = random_seed(1), r = seed;

    (void)state;
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        double worst = 0.0;
        for (int i = 0; i < PAIRS; i++) {
            struct tf_latlng a, b = families[f].make(&r, &a);
            double s = tf_geodesic_inverse(a, b, NULL, NULL), expected;
            geod_inverse(&g, a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg, &expected, NULL, NULL);
            worst = fmax(worst, fabs(s - expected));
            if (!(fabs(s - expected) <= tolerance_m(s))) {
                explain(families[f].name, seed, a, b, s, expected);
                fail();
            }
        }
        print_message("  inverse, %-14s worst %.2g m\n", families[f].name, worst);
    }
}

/* Each azimuth leads, by PROJ's direct solution, to the other end. */
static void azimuths_lead_there(void **state)
{
    struct geod_geodesic g = wgs84();
    uint64_t seed = random_seed(2), r = seed;

    (void)state;
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        for (int i = 0; i < PAIRS / 4; i++) {
            struct tf_latlng a, b = families[f].make(&r, &a);
            double azi_a, azi_b, lat, lng, miss_there, miss_back;
            double s = tf_geodesic_inverse(a, b, &azi_a, &azi_b);
            geod_direct(&g, a.lat_deg, a.lng_deg, azi_a, s, &lat, &lng, NULL);
            geod_inverse(&g, lat, lng, b.lat_deg, b.lng_deg, &miss_there, NULL, NULL);
            geod_direct(&g, b.lat_deg, b.lng_deg, azi_b, -s, &lat, &lng, NULL);
            geod_inverse(&g, lat, lng, a.lat_deg, a.lng_deg, &miss_back, NULL, NULL);
            assert_true(azi_a >= -180.0 && azi_a <= 180.0 && azi_b >= -180.0 && azi_b <= 180.0);
            if (!(miss_there <= ROUNDED_M && miss_back <= ROUNDED_M)) {
                explain(families[f].name, seed, a, b, miss_there, miss_back);
                fail();
            }
        }
    }
}

static double apart_m(const struct geod_geodesic *g, struct tf_latlng p, double lat, double lng)
{
    double s;

    geod_inverse(g, p.lat_deg, p.lng_deg, lat, lng, &s, NULL, NULL);
    return s;
}

static void direct_equals_proj(void **state)
{
    struct geod_geodesic g = wgs84();
    uint64_t seed = random_seed(3), r = seed;

    (void)state;
    for (int i = 0; i < 3 * PAIRS; i++) {
        struct tf_latlng a, b;
        double azi = random_between(&r, -360.0, 360.0), s = random_magnitude(&r, 1e-3, 2e7);
        double lat, lng, azi_b, expected_azi, miss_m;
        families[i % 8].make(&r, &a);
        if (i % 5 == 0)
            azi = 90.0 * (double)random_below(&r, 5) - 180.0;
        b = tf_geodesic_direct(a, azi, s, &azi_b);
        geod_direct(&g, a.lat_deg, a.lng_deg, azi, s, &lat, &lng, &expected_azi);
        miss_m = apart_m(&g, b, lat, lng);
        assert_true(tf_latlng_is_valid(b));
        if (!(miss_m <= ROUNDED_M)) {
            explain("direct", seed, a, b, lat, lng);
            fail();
        }
        if (fabs(lat) < 89.9)
            assert_true(fabs(wrap_deg(azi_b - expected_azi)) < 1e-9);
    }
}

static void interpolation_divides(void **state)
{
    uint64_t seed = random_seed(4), r = seed;

    (void)state;
    for (int i = 0; i < PAIRS; i++) {
        struct tf_latlng a, b = families[i % 2].make(&r, &a), p;
        double f = random_between(&r, 0.0, 1.0), s = tf_geodesic_inverse(a, b, NULL, NULL);
        p = tf_geodesic_interpolate(a, b, f);
        assert_true(fabs(tf_geodesic_inverse(a, p, NULL, NULL) - f * s) < 2 * ROUNDED_M);
        assert_true(fabs(tf_geodesic_inverse(p, b, NULL, NULL) - (1 - f) * s) < 2 * ROUNDED_M);
        p = tf_geodesic_interpolate(a, b, 1.0);
        assert_true(p.lat_deg == b.lat_deg && p.lng_deg == b.lng_deg);
        p = tf_geodesic_interpolate(a, b, 0.0);
        assert_true(p.lat_deg == a.lat_deg && p.lng_deg == a.lng_deg);
        assert_true(tf_geodesic_inverse(a, a, NULL, NULL) == 0.0);
    }
}

static void special_places(void **state)
{
    struct geod_geodesic g = wgs84();
    double quarter_m, azi;
    struct tf_latlng north = {90.0, 17.0}, south = {-90.0, -90.0}, origin = {0.0, 0.0};

    (void)state;
    geod_inverse(&g, 0.0, 0.0, 90.0, 0.0, &quarter_m, NULL, NULL);
    assert_true(fabs(tf_geodesic_inverse(origin, north, &azi, NULL) - quarter_m) <
                tolerance_m(2e7));
    assert_true(azi >= -180.0 && azi <= 180.0);
    assert_true(fabs(tf_geodesic_inverse(north, south, NULL, NULL) - 2 * quarter_m) < 2e-8);
    assert_true(fabs(tf_geodesic_inverse(origin, (struct tf_latlng){0.0, 180.0}, NULL, NULL) -
                     2 * quarter_m) < 2e-8);
    assert_true(tf_geodesic_inverse((struct tf_latlng){10.0, 180.0},
                                    (struct tf_latlng){10.0, -180.0}, NULL, NULL) == 0.0);
    assert_true(fabs(tf_geodesic_inverse(origin, (struct tf_latlng){0.0, 1.0}, &azi, NULL) -
                     TF_WGS84_A_M * 3.14159265358979323846 / 180.0) < tolerance_m(2e7));
    assert_true(azi == 90.0);
}

static void vectors_round_trip(void **state)
{
    uint64_t seed = random_seed(5), r = seed;

    (void)state;
    for (int i = 0; i < PAIRS; i++) {
        struct tf_latlng a, back;
        struct tf_vec3 v, u;
        double lift = random_between(&r, 0.999, 1.001);
        families[i % 8].make(&r, &a);
        v = tf_vec3_from_latlng(a);
        back = tf_latlng_from_vec3(v);
        u = tf_vec3_from_latlng(back);
        assert_true(tf_latlng_is_valid(back));
        assert_true(fabs(u.x_m - v.x_m) + fabs(u.y_m - v.y_m) + fabs(u.z_m - v.z_m) < 1e-8);
        /* Along the normal of the ellipsoid the latitude stays. */
        double h = (lift - 1.0) * TF_WGS84_A_M;
        double phi = a.lat_deg / 57.29577951308232, lam = a.lng_deg / 57.29577951308232;
        v.x_m += h * cos(phi) * cos(lam);
        v.y_m += h * cos(phi) * sin(lam);
        v.z_m += h * sin(phi);
        back = tf_latlng_from_vec3(v);
        assert_true(fabs(back.lat_deg - a.lat_deg) < 1e-13);
    }
}

static void odd_vectors_give_valid_points(void **state)
{
    static const struct tf_vec3 odd[] = {{0, 0, 0},       {1e-9, 0, 0},   {0, 0, 1},
                                         {0, 0, -7e6},    {0, -3e6, 4e4}, {1e-3, 1e-3, -1e-3},
                                         {1e12, -1e12, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_true(tf_latlng_is_valid(tf_latlng_from_vec3(odd[i])));
}

static void validity(void **state)
{
    (void)state;
    assert_true(tf_latlng_is_valid((struct tf_latlng){90.0, -180.0}));
    assert_true(tf_latlng_is_valid((struct tf_latlng){-90.0, 180.0}));
    assert_false(tf_latlng_is_valid((struct tf_latlng){90.0000001, 0.0}));
    assert_false(tf_latlng_is_valid((struct tf_latlng){0.0, 180.5}));
    assert_false(tf_latlng_is_valid((struct tf_latlng){NAN, 0.0}));
    assert_false(tf_latlng_is_valid((struct tf_latlng){0.0, INFINITY}));
}

/* Latitudes whose squares underflow are the equator. */
static void tiny_latitudes(void **state)
{
    (void)state;
    const double tiny[] = {1e-29, 1e-147, 1e-149, 1e-160, 1e-310, -1e-200};
    struct tf_latlng a = {0.0, 0.0}, east = {0.0, 8.0};
    double expected = tf_geodesic_inverse(a, east, NULL, NULL);

    for (size_t i = 0; i < sizeof tiny / sizeof *tiny; i++) {
        struct tf_latlng b = {tiny[i], 8.0};
        double azimuth_a, azimuth_b;
        assert_true(fabs(tf_geodesic_inverse(a, b, &azimuth_a, &azimuth_b) - expected) < 1e-6);
        assert_true(fabs(azimuth_a - 90.0) < 1e-6 && fabs(azimuth_b - 90.0) < 1e-6);
        assert_true(fabs(tf_geodesic_inverse(b, a, &azimuth_a, NULL) - expected) < 1e-6);
        assert_true(fabs(azimuth_a + 90.0) < 1e-6);
        struct tf_latlng onward = tf_geodesic_direct(b, 90.0, 1000.0, NULL);
        assert_true(fabs(tf_geodesic_inverse(b, onward, NULL, NULL) - 1000.0) < 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inverse_equals_proj),
        cmocka_unit_test(azimuths_lead_there),
        cmocka_unit_test(direct_equals_proj),
        cmocka_unit_test(interpolation_divides),
        cmocka_unit_test(special_places),
        cmocka_unit_test(tiny_latitudes),
        cmocka_unit_test(vectors_round_trip),
        cmocka_unit_test(odd_vectors_give_valid_points),
        cmocka_unit_test(validity),
    };

    return cmocka_run_group_tests_name("geodesic", tests, NULL, NULL);
}
