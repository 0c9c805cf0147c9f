/*
 * test_grid.c - UTM, UPS and MGRS against PROJ and known references.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <geodesic.h>
#include <proj.h>

#include "format/grid.h"
#include "random.h"

enum { TRIES = 20000 };

struct oracle {
    PJ_CONTEXT *context;
    PJ *zone[61][2]; /* [0]: UPS; [north] */
};

static void oracle_open(struct oracle *o)
{
    *o = (struct oracle){.context = proj_context_create()};
    for (int zone = 0; zone <= 60; zone++)
        for (int north = 0; north < 2; north++) {
            char text[120];
            if (zone > 0)
                snprintf(text, sizeof text, "+proj=utm +zone=%d%s +ellps=WGS84", zone,
                         north ? "" : " +south");
            else
                snprintf(text, sizeof text,
                         "+proj=stere +lat_0=%d +k=0.994 +x_0=2000000 +y_0=2000000 +ellps=WGS84",
                         north ? 90 : -90);
            o->zone[zone][north] = proj_create(o->context, text);
            assert_non_null(o->zone[zone][north]);
        }
}

static void oracle_close(struct oracle *o)
{
    for (int zone = 0; zone <= 60; zone++)
        for (int north = 0; north < 2; north++)
            proj_destroy(o->zone[zone][north]);
    proj_context_destroy(o->context);
}

static PJ_COORD oracle_project(struct oracle *o, const struct tf_grid_point *g, struct tf_latlng p)
{
    PJ_COORD in = proj_coord(proj_torad(p.lng_deg), proj_torad(p.lat_deg), 0, 0);
    return proj_trans(o->zone[g->zone][g->north], PJ_FWD, in);
}

static struct tf_latlng random_point(uint64_t *rng)
{
    return (struct tf_latlng){random_between(rng, -90, 90), random_between(rng, -180, 180)};
}

/* Random points, and more of them where the rules are special. */
static struct tf_latlng random_case(uint64_t *rng, int i)
{
    static const double boxes[][4] = {
        {55.9, 64.1, -0.1, 12.1}, {71.9, 84.1, -0.1, 42.1}, {83.9, 90, -180, 180},
        {-90, -79.9, -180, 180},  {-0.01, 0.01, -180, 180}, {-80, 84, 179.9, 180},
    };
    size_t which = (size_t)i % (2 * sizeof boxes / sizeof *boxes);
    struct tf_latlng p = random_point(rng);
    if (which < sizeof boxes / sizeof *boxes) {
        const double *b = boxes[which];
        p = (struct tf_latlng){random_between(rng, b[0], b[1]), random_between(rng, b[2], b[3])};
    }
    if (i % 5 == 0) /* on the borders of zones and bands, and within a metre of them */
        p.lat_deg = round(p.lat_deg) + (i % 2 ? random_between(rng, -1e-5, 1e-5) : 0);
    if (i % 7 == 0)
        p.lng_deg = round(p.lng_deg) + (i % 2 ? random_between(rng, -1e-5, 1e-5) : 0);
    p.lat_deg = fmin(fmax(p.lat_deg, -90), 90);
    p.lng_deg = fmin(fmax(p.lng_deg, -180), 180);
    return p;
}

static double metres_apart(struct tf_latlng a, struct tf_latlng b)
{
    struct geod_geodesic wgs84;
    double distance_m;
    geod_init(&wgs84, TF_WGS84_A_M, TF_WGS84_F);
    geod_inverse(&wgs84, a.lat_deg, a.lng_deg, b.lat_deg, b.lng_deg, &distance_m, NULL, NULL);
    return distance_m;
}

static void projection_equals_proj_and_comes_back(void **state)
{
    (void)state;
    struct oracle o;
    oracle_open(&o);
    uint64_t seed = random_seed(11), rng = seed;
    for (int i = 0; i < TRIES; i++) {
        struct tf_latlng p = random_case(&rng, i), back;
        struct tf_grid_point g = tf_grid_from_latlng(p);
        PJ_COORD want = oracle_project(&o, &g, p);
        double error_m = hypot(g.easting_m - want.xy.x, g.northing_m - want.xy.y);
        assert_int_equal(tf_grid_to_latlng(&g, &back), TF_OK);
        if (!(error_m < 1e-6) || !(metres_apart(p, back) < 1e-6))
            fail_msg("seed %llu try %d: %.9f %.9f error %g m, back %g m", (unsigned long long)seed,
                     i, p.lat_deg, p.lng_deg, error_m, metres_apart(p, back));
    }
    oracle_close(&o);
}

/* The square holds the point, by PROJ's easting and northing. */
static void mgrs_square_holds_the_point(void **state)
{
    (void)state;
    uint64_t seed = random_seed(12), rng = seed;
    for (int i = 0; i < TRIES; i++) {
        struct tf_latlng p = random_case(&rng, i), centre;
        for (int digits = 0; digits <= TF_MGRS_MAX_DIGITS; digits++) {
            char text[TF_MGRS_SIZE];
            double size_m = 0;
            tf_mgrs_format(p, digits, text);
            enum tf_status rc = tf_mgrs_parse(text, strlen(text), &centre, &size_m);
            struct tf_grid_point a = tf_grid_from_latlng(p), b;
            if (!rc)
                b = tf_grid_from_latlng(centre);
            bool same_zone = !rc && a.zone == b.zone && a.north == b.north;
            double most_m = size_m / 2 + 1e-6;
            if (rc ||
                (same_zone && (fabs(a.easting_m - b.easting_m) > most_m ||
                               fabs(a.northing_m - b.northing_m) > most_m)) ||
                metres_apart(p, centre) > size_m * 0.7072 * 1.1 + 0.001)
                fail_msg("seed %llu: %.9f %.9f -> %s -> %d %.9f %.9f", (unsigned long long)seed,
                         p.lat_deg, p.lng_deg, text, (int)rc, centre.lat_deg, centre.lng_deg);
        }
    }
}

static void known_references(void **state)
{
    (void)state;
    /* Published references of public landmarks, and the places where letters begin anew. */
    static const struct {
        double lat_deg, lng_deg;
        const char *mgrs;
    } known[] = {
        {0, 0, "31NAA6602100000"},     {38.8895, -77.0352, "18SUJ2348606483"},
        {-45, -70, "19GDL2118416563"}, {90, 0, "ZAH0000000000"},
        {-90, 0, "BAN0000000000"},     {-0.0000001, 3, "31MEV0000099999"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[TF_MGRS_SIZE];
        tf_mgrs_format((struct tf_latlng){known[i].lat_deg, known[i].lng_deg}, 5, text);
        assert_string_equal(text, known[i].mgrs);
    }
}

static void refuses_what_does_not_belong_together(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tf_status code;
    } bad[] = {
        {"", TF_SYNTAX},
        {"37", TF_SYNTAX},
        {"37S", TF_SYNTAX},
        {"37SDA123", TF_SYNTAX},
        {"61SDA", TF_RANGE},
        {"37IDA1212", TF_RANGE},
        {"37SDI1212", TF_RANGE},
        {"37SDW1212", TF_RANGE},
        {"37SAA1212", TF_RANGE},
        {"37CDA1234567890", TF_RANGE},
        {"CAA1212", TF_RANGE},
        {"AAA1212", TF_RANGE},
        {"ZZA1212", TF_RANGE},
        {"37SDA121212121212", TF_SYNTAX},
        {"37SDA12.5 12", TF_SYNTAX},
        {"32XMG1368280520", TF_RANGE},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tf_latlng p;
        double size_m;
        enum tf_status rc = tf_mgrs_parse(bad[i].text, strlen(bad[i].text), &p, &size_m);
        if (rc != bad[i].code)
            fail_msg("\"%s\": %d", bad[i].text, (int)rc);
    }
}

static void letters_and_spaces_are_free(void **state)
{
    (void)state;
    struct tf_latlng a, b;
    double size_m;
    assert_int_equal(tf_mgrs_parse("18SUJ2335306500", 15, &a, &size_m), TF_OK);
    assert_true(size_m == 1);
    assert_int_equal(tf_mgrs_parse("18s uj 23353 06500", 18, &b, &size_m), TF_OK);
    assert_true(a.lat_deg == b.lat_deg && a.lng_deg == b.lng_deg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projection_equals_proj_and_comes_back),
        cmocka_unit_test(mgrs_square_holds_the_point),
        cmocka_unit_test(known_references),
        cmocka_unit_test(refuses_what_does_not_belong_together),
        cmocka_unit_test(letters_and_spaces_are_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
