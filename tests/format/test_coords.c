/*
 * test_coords.c - coordinate text in every spelling of the field, one by one.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "format/coords.h"
#include "format/grid.h"
#include "random.h"

#define LAT (36 + 30 / 60.0 + 12 / 3600.0)
#define LNG (37 + 15 / 60.0 + 34 / 3600.0)

static void reads_every_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double lat_deg, lng_deg;
        enum tf_coord_form form;
    } good[] = {
        {"36.5033, 37.2594", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"36.5033,37.2594", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"36.5033 37.2594", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"36.5033;37.2594", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"36.5033/37.2594", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"36,5033 37,2594", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"36,5033; 37,2594", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"36,5033, 37,2594", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"36,5033,37,2594", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"36,37", 36, 37, TF_COORD_DECIMAL},
        {"-33.9,18.4", -33.9, 18.4, TF_COORD_DECIMAL},
        {"33.9,-18.4", 33.9, -18.4, TF_COORD_DECIMAL},
        {"+33.9 -118.4", 33.9, -118.4, TF_COORD_DECIMAL},
        {"\xE2\x88\x92"
         "33.9, 18.4",
         -33.9, 18.4, TF_COORD_DECIMAL},
        {"36.5033N 37.2594E", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"36.5033 N, 37.2594 E", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"37.2594E 36.5033N", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"N36.5033 E37.2594", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"33,9s 18,4w", -33.9, -18.4, TF_COORD_DECIMAL},
        {"36.5033\xC2\xB0, 37.2594\xC2\xB0", 36.5033, 37.2594, TF_COORD_DECIMAL},
        {"363012N0371534E", LAT, LNG, TF_COORD_DMS},
        {"363012S 0371534W", -LAT, -LNG, TF_COORD_DMS},
        {"363012.0N 0371534.00E", LAT, LNG, TF_COORD_DMS},
        {"N363012E0371534", LAT, LNG, TF_COORD_DMS},
        {"3630N03715E", 36.5, 37.25, TF_COORD_DMS},
        {"36\xC2\xB0"
         "30'12\"N, 37\xC2\xB0"
         "15'34\"E",
         LAT, LNG, TF_COORD_DMS},
        {"36\xC2\xBA"
         "30\xE2\x80\xB2"
         "12\xE2\x80\xB3"
         "N 37\xC2\xBA"
         "15\xE2\x80\xB2"
         "34\xE2\x80\xB3"
         "E",
         LAT, LNG, TF_COORD_DMS},
        {"36\xC2\xB0"
         "30'12''N 37\xC2\xB0"
         "15'34''E",
         LAT, LNG, TF_COORD_DMS},
        {"36\xC2\xB0"
         "30' 12\" 37\xC2\xB0"
         "15' 34\"",
         LAT, LNG, TF_COORD_DMS},
        {"36:30:12 N 037:15:34 E", LAT, LNG, TF_COORD_DMS},
        {"36:30:12 037:15:34", LAT, LNG, TF_COORD_DMS},
        {"36 30 12 37 15 34", LAT, LNG, TF_COORD_DMS},
        {"36 30 12 N 37 15 34 E", LAT, LNG, TF_COORD_DMS},
        {"N 36 30 12 E 37 15 34", LAT, LNG, TF_COORD_DMS},
        {"36-30-12N 037-15-34E", LAT, LNG, TF_COORD_DMS},
        {"29:58.917 N 081:59.533 W", 29 + 58.917 / 60, -81 - 59.533 / 60, TF_COORD_DMS},
        {"383160N1214434W", 38 + 32 / 60.0, -121 - 44 / 60.0 - 34 / 3600.0, TF_COORD_DMS},
        {"42:60:57 N 000:60:00 W", 43 + 57 / 3600.0, -1, TF_COORD_DMS},
        {"42:00:60 N 001:00:60 W", 42 + 1 / 60.0, -1 - 1 / 60.0, TF_COORD_DMS},
        {"\xD9\xA3\xD9\xA6\xD9\xAB\xD9\xA5 \xD9\xA3\xD9\xA7\xD9\xAB\xD9\xA2\xD9\xA5", 36.5, 37.25,
         TF_COORD_DECIMAL},
        {"\xDB\xB3\xDB\xB6.\xDB\xB5 \xDB\xB3\xDB\xB7", 36.5, 37, TF_COORD_DECIMAL},
        {"36.5 شمالا 37.25 شرقا", 36.5, 37.25, TF_COORD_DECIMAL},
        {"٣٦°٣٠'١٢\"ش ٣٧°١٥'٣٤\"ق", LAT, LNG, TF_COORD_DMS},
        {"36°30'12\" с.ш. 37°15'34\" в.д.", LAT, LNG, TF_COORD_DMS},
        {"  36.5\t37.25 ", 36.5, 37.25, TF_COORD_DECIMAL},
        {"\xEF\xBB\xBF"
         "36.5 37.25",
         36.5, 37.25, TF_COORD_DECIMAL},
        {"90 180", 90, 180, TF_COORD_DECIMAL},
        {"-90, -180", -90, -180, TF_COORD_DECIMAL},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct tf_coord c;
        struct tf_fault fault = {0};
        enum tf_status rc = tf_coord_parse(good[i].text, strlen(good[i].text), &c, &fault);
        if (rc || fabs(c.at.lat_deg - good[i].lat_deg) > 1e-12 ||
            fabs(c.at.lng_deg - good[i].lng_deg) > 1e-12 || c.form != good[i].form)
            fail_msg("\"%s\": %d %s", good[i].text, (int)rc, rc ? fault.message : "wrong value");
    }
}

static void refuses_what_is_none_or_two(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "36.5",
        "36.5 N",
        "hello",
        "Hospital 12",
        "36.5 37.2 38.1",
        "91 10",
        "10 181",
        "36.5N 37.2",
        "36.5 37.2E",
        "36.5N 37.2N",
        "36.5E 37.2E",
        "-36.5N 37.2E",
        "36:61:00N 037E",
        "36:30:61 N 037:15:34 E",
        "363012N371534E",
        "36301N0371534E",
        "36.5:30 37.2:10",
        "36,5,37",
        "36,5,37,2,1",
        "1e5 10",
        "0x10 10",
        "nan nan",
        "inf 10",
        "36..5 37",
        "36.5,,37.2",
        "36'30 37'15",
        "36\" 37\"",
        "--36 37",
        "36- 37",
        "36: 37:",
        "37SDA123",
        "37SDA 12 123",
        "37N 4123 4023456",
        "37T 412345 4023456",
        "65N 412345 4023456",
        "99:00:00 N 010:00:00 E",
        "45:49:51 N 008:42:",
        "9999999999999999999999999999999999999999 1",
        "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 "
        "1 "
        "1 1 1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tf_coord c;
        struct tf_fault fault = {0};
        enum tf_status rc = tf_coord_parse(bad[i], strlen(bad[i]), &c, &fault);
        if (rc == TF_OK)
            fail_msg("\"%s\" was read as %.6f %.6f", bad[i], c.at.lat_deg, c.at.lng_deg);
        assert_int_equal(fault.code, rc);
        assert_non_null(fault.message);
    }
}

static void grids_say_how_exact_they_are(void **state)
{
    (void)state;
    struct tf_coord c;
    assert_int_equal(tf_coord_parse("18S UJ 233 065", 14, &c, NULL), TF_OK);
    assert_int_equal(c.form, TF_COORD_MGRS);
    assert_true(fabs(c.uncertainty_m - 70.72) < 0.01);
    assert_int_equal(tf_coord_parse("18S UJ 23478 06483", 18, &c, NULL), TF_OK);
    assert_true(fabs(c.at.lat_deg - 38.8895) < 1e-5 && fabs(c.at.lng_deg + 77.0353) < 1e-5);
    assert_int_equal(tf_coord_parse("ZAH0000000000", 13, &c, NULL), TF_OK);
    assert_true(c.at.lat_deg > 89.9999);
}

static void utm_letters(void **state)
{
    (void)state;
    struct tf_coord c;
    assert_int_equal(tf_coord_parse("18S 323478 4306483", 18, &c, NULL), TF_OK);
    assert_int_equal(c.form, TF_COORD_UTM);
    assert_true(c.ambiguous && fabs(c.at.lat_deg - 38.8895) < 1e-4);
    assert_int_equal(tf_coord_parse("56H 334900mE 6252288mN", 22, &c, NULL), TF_OK);
    assert_true(!c.ambiguous && fabs(c.at.lat_deg + 33.8568) < 1e-4);
    assert_int_equal(tf_coord_parse("56 S 334900 6252288", 19, &c, NULL), TF_OK);
    assert_true(!c.ambiguous && fabs(c.at.lat_deg + 33.8568) < 1e-4);
    assert_int_equal(tf_coord_parse("37N 412345 4023456", 18, &c, NULL), TF_OK);
    assert_true(c.at.lat_deg > 36 && c.at.lat_deg < 37);
}

static void sixty_carries_and_is_reported(void **state)
{
    (void)state;
    struct tf_coord c;
    assert_int_equal(tf_coord_parse("391960N1172341W", 15, &c, NULL), TF_OK);
    assert_true(c.carried);
    assert_int_equal(tf_coord_parse("391959N1172341W", 15, &c, NULL), TF_OK);
    assert_false(c.carried);
}

static void single_angles(void **state)
{
    (void)state;
    double deg;
    struct tf_fault fault;
    assert_int_equal(tf_coord_angle("36,5033", 7, TF_AXIS_LAT, &deg, &fault), TF_OK);
    assert_true(fabs(deg - 36.5033) < 1e-12);
    assert_int_equal(tf_coord_angle("118.25 W", 8, TF_AXIS_LNG, &deg, &fault), TF_OK);
    assert_true(fabs(deg + 118.25) < 1e-12);
    assert_int_equal(tf_coord_angle("118.25", 6, TF_AXIS_LAT, &deg, &fault), TF_RANGE);
    assert_int_equal(tf_coord_angle("36.5 N", 6, TF_AXIS_LNG, &deg, &fault), TF_SYNTAX);
    assert_int_equal(tf_coord_angle("", 0, TF_AXIS_LNG, &deg, &fault), TF_SYNTAX);
}

/* parse(format(p)) is p, to within what was written. */
/* What the last digit stands for, per angle. */
static void steps_of_the_last_digit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double lat_deg, lng_deg;
    } cases[] = {
        {"36.5, 37.2", 0.1, 0.1},
        {"36.500, 37.25", 0.001, 0.01},
        {"36, 37", 1, 1},
        {"-33.9,18.42", 0.1, 0.01},
        {"36,50; 37,250", 0.01, 0.001},
        {"3630N03715E", 1 / 60.0, 1 / 60.0},
        {"363012N0371534E", 1 / 3600.0, 1 / 3600.0},
        {"36\u00b030'N 37\u00b015'34\"E", 1 / 60.0, 1 / 3600.0},
        {"29:58.917 N 081:59.5 W", 1 / 60000.0, 1 / 600.0},
        {"363012.25N0371534.5E", 1 / 360000.0, 1 / 36000.0},
        {"E037.2 N36.50", 0.01, 0.1},
        {"37S CA 43271 40832", 0, 0},
        {"37N 412345 4023456", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tf_coord c;
        assert_int_equal(tf_coord_parse(cases[i].text, strlen(cases[i].text), &c, NULL), TF_OK);
        assert_true(fabs(c.lat_step_deg - cases[i].lat_deg) < 1e-12);
        assert_true(fabs(c.lng_step_deg - cases[i].lng_deg) < 1e-12);
    }
    assert_true(fabs(tf_coord_step_deg("36.50", 5, TF_AXIS_LAT) - 0.01) < 1e-12);
    assert_true(tf_coord_step_deg("x", 1, TF_AXIS_LAT) == 0);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    uint64_t seed = random_seed(21), rng = seed;
    for (int i = 0; i < 5000; i++) {
        struct tf_latlng p = {random_between(&rng, -90, 90), random_between(&rng, -180, 180)};
        if (i % 3 == 0) /* close to full minutes, where 60 would show */
            p.lat_deg = round(p.lat_deg * 60) / 60 + (i % 2 ? 1e-9 : -1e-9);
        char text[4][TF_COORD_TEXT_SIZE];
        tf_coord_format_decimal(p, 7, text[0]);
        for (int style = 0; style < 3; style++)
            tf_coord_format_dms(p, (enum tf_dms_style)style, 3, text[1 + style]);
        for (int t = 0; t < 4; t++) {
            struct tf_coord c;
            enum tf_status rc = tf_coord_parse(text[t], strlen(text[t]), &c, NULL);
            if (rc || fabs(c.at.lat_deg - p.lat_deg) > 2e-7 ||
                fabs(c.at.lng_deg - p.lng_deg) > 2e-7 || c.carried)
                fail_msg("seed %llu: %.12f %.12f -> %s", (unsigned long long)seed, p.lat_deg,
                         p.lng_deg, text[t]);
        }
    }
}

/* Any bytes: an answer, no crash, and a valid place if it is one. */
static void noise_is_survived(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789NSEW.,:;'\" -+d\xC2\xB0\xD9\xA3ZABCXY";
    uint64_t seed = random_seed(22), rng = seed;
    for (int i = 0; i < 50000; i++) {
        char text[48];
        size_t len = random_below(&rng, sizeof text);
        for (size_t k = 0; k < len; k++)
            text[k] = alphabet[random_below(&rng, sizeof alphabet - 1)];
        struct tf_coord c;
        if (tf_coord_parse(text, len, &c, NULL) == TF_OK && !tf_latlng_is_valid(c.at))
            fail_msg("seed %llu: \"%.*s\"", (unsigned long long)seed, (int)len, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_spelling),
        cmocka_unit_test(refuses_what_is_none_or_two),
        cmocka_unit_test(grids_say_how_exact_they_are),
        cmocka_unit_test(utm_letters),
        cmocka_unit_test(sixty_carries_and_is_reported),
        cmocka_unit_test(single_angles),
        cmocka_unit_test(steps_of_the_last_digit),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(noise_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
