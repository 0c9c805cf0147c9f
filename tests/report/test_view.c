/*
 * test_view.c - the projection against geodesics, and land where land is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "report/coast.h"
#include "report/view.h"

static struct tf_latlng anywhere(uint64_t *r)
{
    return (struct tf_latlng){asin(random_between(r, -1, 1)) * 57.29577951308232,
                              random_between(r, -180, 180)};
}

static void a_point_comes_back(void **state)
{
    (void)state;
    uint64_t r = random_seed(20260001);
    for (int i = 0; i < 20000; i++) {
        struct view view;
        struct tf_latlng centre = anywhere(&r), p = anywhere(&r);
        view_set(&view, centre, random_between(&r, 100, 1e7), 1000, 640);
        struct tf_latlng q = view_unproject(&view, view_project(&view, p));
        if (view_distance_m(&view, p) > 1.99e7)
            continue; /* all directions lead to the antipode */
        assert_true(tf_geodesic_inverse(p, q, NULL, NULL) < 0.05);
    }
}

/* The sphere stands for the ellipsoid: flattening costs less than 0.6 %. */
static void distances_from_the_centre_are_true(void **state)
{
    (void)state;
    uint64_t r = random_seed(20260002);
    for (int i = 0; i < 20000; i++) {
        struct view view;
        struct tf_latlng centre = anywhere(&r);
        double away = random_between(&r, 1, 2e6);
        struct tf_latlng p = tf_geodesic_direct(centre, random_between(&r, 0, 360), away, NULL);
        view_set(&view, centre, 1000, 1000, 640);
        struct xy at = view_project(&view, p);
        double drawn = hypot(at.x - 500, at.y - 320) / view.px_per_m;
        assert_true(fabs(drawn - away) < away * 0.006);
    }
}

static void land_is_where_land_is(void **state)
{
    (void)state;
    static const struct {
        struct tf_latlng at;
        bool land;
    } places[] = {{{0, 0}, false},       {{48.85, 2.35}, true}, {{-90, 0}, true},
                  {{90, 0}, false},      {{-85, 180}, true},    {{68, -179.5}, true},
                  {{68, 179.5}, true},   {{42, 50.5}, false},   {{0, 180}, false},
                  {{72, -40}, true},     {{-25, 134}, true},    {{-60, 20}, false},
                  {{35.9, 14.44}, true}, {{34.5, 18}, false},   {{19.6, -155.5}, true}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (coast_is_land(places[i].at) != places[i].land)
            fail_msg("%g %g", places[i].at.lat_deg, places[i].at.lng_deg);
}

/* Whether a point is inside of path data by the even-odd rule. */
static bool inside(const char *d, double x, double y)
{
    bool in = false;
    double first[2] = {0, 0}, last[2] = {0, 0};
    for (const char *p = d; *p && *p != '"';) {
        char command = *p++;
        double to[2] = {first[0], first[1]};
        if (command != 'Z') {
            char *end;
            to[0] = strtod(p, &end);
            to[1] = strtod(end, &end);
            p = end;
        }
        if (command == 'M')
            memcpy(first, to, sizeof first);
        else if ((last[1] > y) != (to[1] > y) &&
                 x < last[0] + (y - last[1]) / (to[1] - last[1]) * (to[0] - last[0]))
            in = !in;
        memcpy(last, to, sizeof last);
    }
    return in;
}

/* What is filled as land in any view is land: whatever lies at the antipode, however
 * much of the Earth is in the view. */
static void land_is_filled_in_every_view(void **state)
{
    (void)state;
    uint64_t r = random_seed(20260003);
    size_t land = 0, sea = 0;
    for (int i = 0; i < 24; i++) {
        struct view view;
        struct tf_buf out = TF_BUF_INIT((size_t)1 << 24);
        view_set(&view, anywhere(&r), pow(10, random_between(&r, 4, 7.25)), 1000, 640);
        assert_int_equal(coast_write(&view, &out), TF_OK);
        const char *d = strstr(out.data, "d=\"");
        assert_non_null(d);
        for (int k = 0; k < 10; k++) {
            struct xy at = {random_between(&r, 3, 997), random_between(&r, 3, 637)};
            struct tf_latlng p = view_unproject(&view, at);
            bool is_land = coast_is_land(p), clear = view_distance_m(&view, p) < 1.9e7;
            for (int n = 0; n < 4; n++) { /* not within two pixels of a coast */
                struct xy by = {at.x + (n < 2 ? n * 4 - 2 : 0), at.y + (n < 2 ? 0 : n * 4 - 10)};
                clear &= coast_is_land(view_unproject(&view, by)) == is_land;
            }
            if (!clear)
                continue;
            if (inside(d + 3, at.x, at.y) != is_land)
                fail_msg("view %d about %.4f %.4f: %.4f %.4f is %s", i, view.centre.lat_deg,
                         view.centre.lng_deg, p.lat_deg, p.lng_deg, is_land ? "land" : "sea");
            land += is_land;
            sea += !is_land;
        }
        tf_buf_release(&out);
    }
    assert_true(land > 20 && sea > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_comes_back),
        cmocka_unit_test(distances_from_the_centre_are_true),
        cmocka_unit_test(land_is_where_land_is),
        cmocka_unit_test(land_is_filled_in_every_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
