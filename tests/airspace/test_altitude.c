/*
 * test_altitude.c - altitude bands hold the truth, and gaps are never too large.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/altitude.h>

#include "airspace/undulation.h"
#include "random.h"

static void bounds_of_cap(double lat, double lng, double radius_m, double *low, double *high)
{
    struct tf_shape *cap;
    struct tf_latlng centre = {lat, lng};
    assert_int_equal(tf_shape_circle(centre, radius_m, &cap, NULL), TF_OK);
    tf_undulation_bounds(cap, low, high);
    tf_shape_unref(cap);
}

/* --- a seeded generator ------------------------------------------------ */

static uint64_t seed_now;

static double uniform(double low, double high)
{
    return random_between(&seed_now, low, high);
}

static int pick(int count)
{
    return (int)uniform(0, count);
}

static const struct tf_alt_context wide = {-108, 87, -430, 8849, 960, 1055, 0.12};

static struct tf_alt metres(double m, enum tf_alt_ref ref)
{
    return (struct tf_alt){m, TF_ALT_UNIT_M, ref};
}

static struct tf_band band(struct tf_alt lower, struct tf_alt upper,
                           const struct tf_alt_context *context)
{
    struct tf_band out;
    struct tf_fault fault;
    assert_int_equal(tf_band_make(lower, upper, context, &out, &fault), TF_OK);
    return out;
}

static bool near(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance;
}

/* --- known values ------------------------------------------------------ */

static void test_units(void **state)
{
    (void)state;
    assert_true(tf_alt_m((struct tf_alt){120, TF_ALT_UNIT_M, TF_ALT_AGL}) == 120);
    assert_true(near(tf_alt_m((struct tf_alt){1000, TF_ALT_UNIT_FT, TF_ALT_AMSL}), 304.8, 1e-9));
    assert_true(near(tf_alt_m((struct tf_alt){100, TF_ALT_UNIT_FL, TF_ALT_STD}), 3048, 1e-9));
    assert_true(isinf(tf_alt_m((struct tf_alt){INFINITY, TF_ALT_UNIT_FT, TF_ALT_AMSL})));
}

static void test_references(void **state)
{
    (void)state;
    struct tf_alt_context context = {10, 14, 100, 300, 1000, 1020, 0.1};
    struct tf_band b = band(metres(0, TF_ALT_AGL), metres(500, TF_ALT_AMSL), &context);
    assert_true(near(b.lower_m, 110, 1e-9) && near(b.lower_margin_m, 102, 1e-9));
    assert_true(near(b.upper_m, 514, 1e-9) && near(b.upper_margin_m, 2, 1e-9));
    b = band(metres(-INFINITY, TF_ALT_AGL), metres(INFINITY, TF_ALT_STD), &context);
    assert_true(isinf(b.lower_m) && isinf(b.upper_m));
    assert_true(b.lower_margin_m == 0 && b.upper_margin_m == 0);
    b = tf_band_w84(5, 6);
    assert_true(b.lower_m == 5 && b.upper_m == 6 && b.lower.ref == TF_ALT_W84);
}

/* In the standard atmosphere itself a flight level is as high as it says. */
static void test_standard_air(void **state)
{
    (void)state;
    struct tf_alt_context still = {0, 0, 0, 0, 1013.25, 1013.25, 0};
    for (double fl = 0; fl <= 400; fl += 50) {
        struct tf_alt alt = {fl, TF_ALT_UNIT_FL, TF_ALT_STD};
        double m = tf_alt_m(alt);
        struct tf_band b = band(alt, alt, &still);
        assert_true(b.lower_m <= m + 0.002 * m && b.upper_m >= m);
        assert_true(b.upper_m - b.lower_m <= 0.0061 * m + 1e-9);
    }
    /* 27 hPa at sea level are about 8.3 m each. */
    struct tf_alt_context high = {0, 0, 0, 0, 1040, 1040, 0};
    struct tf_band b = band(metres(0, TF_ALT_STD), metres(0, TF_ALT_STD), &high);
    assert_true(near(b.lower_m, 26.75 * 8.25, 4));
}

static void test_refusals(void **state)
{
    (void)state;
    struct tf_fault fault;
    struct tf_band out = tf_band_w84(1, 2);
    static const struct {
        struct tf_alt lower, upper;
        const char *field;
    } cases[] = {
        {{NAN, TF_ALT_UNIT_M, TF_ALT_W84}, {1, TF_ALT_UNIT_M, TF_ALT_W84}, "altitude_lower"},
        {{0, TF_ALT_UNIT_M, TF_ALT_W84}, {NAN, TF_ALT_UNIT_M, TF_ALT_W84}, "altitude_upper"},
        {{-8001, TF_ALT_UNIT_M, TF_ALT_AMSL}, {1, TF_ALT_UNIT_M, TF_ALT_AMSL}, "altitude_lower"},
        {{0, TF_ALT_UNIT_M, TF_ALT_AMSL}, {3281, TF_ALT_UNIT_FL, TF_ALT_STD}, "altitude_upper"},
        {{INFINITY, TF_ALT_UNIT_M, TF_ALT_W84}, {1, TF_ALT_UNIT_M, TF_ALT_W84}, "altitude_lower"},
        {{0, TF_ALT_UNIT_M, TF_ALT_W84}, {-INFINITY, TF_ALT_UNIT_M, TF_ALT_W84}, "altitude_upper"},
        {{2, TF_ALT_UNIT_M, TF_ALT_AGL}, {1, TF_ALT_UNIT_M, TF_ALT_AGL}, "altitude_upper"},
        {{500, TF_ALT_UNIT_M, TF_ALT_AMSL}, {200, TF_ALT_UNIT_M, TF_ALT_W84}, "altitude_upper"},
        {{200, TF_ALT_UNIT_FL, TF_ALT_STD}, {900, TF_ALT_UNIT_M, TF_ALT_AMSL}, "altitude_upper"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(tf_band_make(cases[i].lower, cases[i].upper, &wide, &out, &fault),
                         TF_ALTITUDE);
        assert_int_equal(fault.code, TF_ALTITUDE);
        assert_string_equal(fault.field, cases[i].field);
        assert_true(out.lower_m == 1 && out.upper_m == 2);
    }
    struct tf_alt_context bad = wide;
    bad.terrain_low_m = 9000;
    assert_int_equal(tf_band_make(metres(0, TF_ALT_AGL), metres(1, TF_ALT_AGL), &bad, &out, &fault),
                     TF_RANGE);
    assert_string_equal(fault.field, "altitude_context");
}

/* --- the truth stays inside -------------------------------------------- */

/* Height of the surface of pressure altitude hp above the sea in a column whose
 * sea-level pressure is qnh and whose temperature is at every level the standard's
 * times a factor: the hypsometric equation, integrated in small steps. */
static double integrate_column(double hp_m, double qnh_hpa, const double *factor, int factors,
                               double gravity)
{
    const int steps = 2000;
    double top = log(1013.25) + 5.2558797 * log(1 - 0.0065 / 288.15 * fmin(hp_m, 11000));
    if (hp_m > 11000)
        top -= 9.80665 * (hp_m - 11000) / (287.05287 * 216.65);
    double bottom = log(qnh_hpa), z = 0;
    for (int i = 0; i < steps; i++) {
        double lnp = bottom + (top - bottom) * (i + 0.5) / steps;
        double standard_k = fmax(216.65, 288.15 * exp(0.19026324 * (lnp - log(1013.25))));
        double g = gravity * pow(6356766 / (6356766 + z), 2);
        z += 287.05287 * standard_k * factor[i * factors / steps] / g * (bottom - top) / steps;
    }
    return z;
}

static double true_w84(struct tf_alt alt, const struct tf_alt_context *c)
{
    double m = tf_alt_m(alt), undulation = uniform(c->undulation_low_m, c->undulation_high_m);
    double factor[8], f = c->temperature_fraction;
    bool extreme = pick(2) == 0;
    for (int i = 0; i < 8; i++)
        factor[i] = extreme ? 1 + f * (pick(2) ? 1 : -1) : uniform(1 - f, 1 + f);
    switch (alt.ref) {
    case TF_ALT_W84:
        return m;
    case TF_ALT_AMSL:
        return m + undulation;
    case TF_ALT_AGL:
        return m + uniform(c->terrain_low_m, c->terrain_high_m) + undulation;
    default:
        return undulation + integrate_column(m, uniform(c->qnh_low_hpa, c->qnh_high_hpa), factor, 8,
                                             uniform(9.7803, 9.8322));
    }
}

static struct tf_alt_context random_context(void)
{
    struct tf_alt_context c = {.undulation_low_m = uniform(-108, 80),
                               .terrain_low_m = uniform(-430, 8000),
                               .qnh_low_hpa = uniform(950, 1030),
                               .temperature_fraction = uniform(0, 0.15)};
    c.undulation_high_m = c.undulation_low_m + uniform(0, 30);
    c.terrain_high_m = c.terrain_low_m + uniform(0, 800);
    c.qnh_high_hpa = c.qnh_low_hpa + uniform(0, 60);
    return c;
}

static struct tf_alt random_alt(void)
{
    return metres(uniform(-300, 19000), (enum tf_alt_ref)pick(4));
}

static void test_band_holds_truth(void **state)
{
    (void)state;
    seed_now = random_seed(20261124);
    for (int i = 0; i < 3000; i++) {
        uint64_t seed = seed_now;
        struct tf_alt_context c = random_context();
        struct tf_alt alt = random_alt();
        struct tf_band b = band(alt, alt, &c);
        for (int k = 0; k < 3; k++) {
            double z = true_w84(alt, &c);
            if (z < b.lower_m - 1e-6 || z > b.upper_m + 1e-6)
                fail_msg("seed %llu: %s %g m is at %g, outside %g..%g", (unsigned long long)seed,
                         alt.ref == TF_ALT_STD ? "STD" : "other", alt.value, z, b.lower_m,
                         b.upper_m);
        }
    }
}

/* What is given counts, what is not comes from the place. */
static void test_context_is_completed(void **state)
{
    (void)state;
    struct tf_shape *shape;
    assert_int_equal(tf_shape_circle((struct tf_latlng){47, 8}, 1000, &shape, NULL), TF_OK);
    struct tf_alt_context place, full, given;
    tf_alt_context_at(shape, &place);
    tf_alt_context_fill(NULL, shape, &full);
    assert_memory_equal(&full, &place, sizeof full);
    given = wide;
    given.terrain_low_m = 300;
    given.terrain_high_m = 500;
    tf_alt_context_fill(&given, shape, &full);
    assert_memory_equal(&full, &given, sizeof full);
    given.undulation_low_m = NAN;
    tf_alt_context_fill(&given, shape, &full);
    assert_true(full.undulation_low_m == place.undulation_low_m);
    assert_true(full.undulation_high_m == place.undulation_high_m);
    assert_true(full.terrain_low_m == 300 && full.terrain_high_m == 500);
    tf_shape_unref(shape);
}

static void test_context_grows_band(void **state)
{
    (void)state;
    seed_now = random_seed(7);
    for (int i = 0; i < 20000; i++) {
        struct tf_alt_context c = random_context(), w = c;
        w.undulation_low_m -= uniform(0, 5);
        w.undulation_high_m += uniform(0, 5);
        w.terrain_low_m -= uniform(0, 50);
        w.terrain_high_m += uniform(0, 50);
        w.qnh_low_hpa -= uniform(0, 10);
        w.qnh_high_hpa += uniform(0, 10);
        w.temperature_fraction += uniform(0, 0.1);
        struct tf_alt alt = random_alt(), higher = alt;
        higher.value += uniform(0, 100);
        struct tf_band narrow = band(alt, higher, &c), grown = band(alt, higher, &w);
        assert_true(grown.lower_m <= narrow.lower_m && grown.upper_m >= narrow.upper_m);
        /* monotone in the altitude */
        struct tf_band point = band(alt, alt, &c);
        assert_true(point.lower_m == narrow.lower_m && point.upper_m <= narrow.upper_m);
    }
}

/* --- gaps -------------------------------------------------------------- */

static void test_gap_same_reference(void **state)
{
    (void)state;
    struct tf_band low = band((struct tf_alt){310, TF_ALT_UNIT_FL, TF_ALT_STD},
                              (struct tf_alt){330, TF_ALT_UNIT_FL, TF_ALT_STD}, &wide);
    struct tf_band high = band((struct tf_alt){340, TF_ALT_UNIT_FL, TF_ALT_STD},
                               (struct tf_alt){360, TF_ALT_UNIT_FL, TF_ALT_STD}, &wide);
    bool uncertain = true;
    assert_true(near(tf_band_gap_m(&low, &high, &uncertain), 304.8, 1e-6));
    assert_false(uncertain);
    struct tf_band touching = band(low.upper, high.lower, &wide);
    assert_true(near(tf_band_gap_m(&low, &touching, &uncertain), 0, 1e-9) && !uncertain);
    struct tf_band a = band(metres(0, TF_ALT_AMSL), metres(100, TF_ALT_AMSL), &wide);
    struct tf_band b = band(metres(150, TF_ALT_AMSL), metres(200, TF_ALT_AMSL), &wide);
    assert_true(near(tf_band_gap_m(&a, &b, &uncertain), 50, 1e-9) && !uncertain);
    struct tf_band c = tf_band_w84(0, 100), d = tf_band_w84(60, 70);
    assert_true(near(tf_band_gap_m(&c, &d, &uncertain), -40, 1e-9) && !uncertain);
}

static void test_gap_mixed(void **state)
{
    (void)state;
    struct tf_alt_context context = {10, 14, 100, 300, 960, 1055, 0.12};
    struct tf_band amsl = band(metres(0, TF_ALT_AMSL), metres(100, TF_ALT_AMSL), &context);
    struct tf_band w84 = tf_band_w84(112, 200);
    bool uncertain = false;
    assert_true(near(tf_band_gap_m(&amsl, &w84, &uncertain), -2, 1e-9) && uncertain);
    w84 = tf_band_w84(50, 60); /* inside, whatever the geoid */
    assert_true(tf_band_gap_m(&amsl, &w84, &uncertain) < 0 && !uncertain);
    w84 = tf_band_w84(120, 130);
    assert_true(near(tf_band_gap_m(&amsl, &w84, &uncertain), 6, 1e-9) && uncertain);
    /* Above ground: the terrain may differ between the two. */
    struct tf_band a = band(metres(0, TF_ALT_AGL), metres(50, TF_ALT_AGL), &context);
    struct tf_band b = band(metres(100, TF_ALT_AGL), metres(150, TF_ALT_AGL), &context);
    assert_true(tf_band_gap_m(&a, &b, &uncertain) < 0 && uncertain);
    /* An open limit never leaves a gap. */
    struct tf_band open = band(metres(0, TF_ALT_AMSL), metres(INFINITY, TF_ALT_AMSL), &context);
    assert_true(tf_band_gap_m(&open, &amsl, &uncertain) <= 0 && !uncertain);
}

static struct tf_band random_band(const struct tf_alt_context *c)
{
    for (;;) {
        struct tf_alt lower = random_alt(), upper = random_alt();
        if (pick(10) == 0)
            lower.value = -INFINITY;
        if (pick(10) == 0)
            upper.value = INFINITY;
        struct tf_band out;
        if (tf_band_make(lower, upper, c, &out, NULL) == TF_OK)
            return out;
    }
}

static void test_gap_laws(void **state)
{
    (void)state;
    seed_now = random_seed(99);
    for (int i = 0; i < 20000; i++) {
        struct tf_alt_context c = random_context();
        struct tf_band a = random_band(&c), b = random_band(&c);
        bool ab, ba;
        double gap = tf_band_gap_m(&a, &b, &ab);
        assert_true(gap == tf_band_gap_m(&b, &a, &ba) && ab == ba);
        assert_true(gap >= fmax(a.lower_m - b.upper_m, b.lower_m - a.upper_m));
        assert_true(tf_band_gap_m(&a, &a, NULL) <= 0);
        /* Two bands of W84 only ever report their plain difference. */
        struct tf_band p = tf_band_w84(a.lower_m, a.upper_m), q = tf_band_w84(b.lower_m, b.upper_m);
        assert_true(tf_band_gap_m(&p, &q, &ab) <= gap && !ab);
        double here = tf_band_gap_at_place_m(&a, &b, &ab);
        assert_true(here == tf_band_gap_at_place_m(&b, &a, &ba) && ab == ba);
        assert_true(here >= gap);
    }
}

/* Above one place there is one terrain. */
static void test_gap_at_place(void **state)
{
    (void)state;
    bool uncertain;
    struct tf_band low = band(metres(0, TF_ALT_AGL), metres(50, TF_ALT_AGL), &wide);
    struct tf_band high = band(metres(120, TF_ALT_AGL), metres(150, TF_ALT_AGL), &wide);
    assert_true(tf_band_gap_m(&low, &high, &uncertain) < -9000 && uncertain);
    assert_true(near(tf_band_gap_at_place_m(&low, &high, &uncertain), 70, 1e-9) && !uncertain);
    struct tf_band touching = band(metres(50, TF_ALT_AGL), metres(60, TF_ALT_AGL), &wide);
    assert_true(near(tf_band_gap_at_place_m(&low, &touching, &uncertain), 0, 1e-9) && !uncertain);
    struct tf_band sea = band(metres(120, TF_ALT_AMSL), metres(150, TF_ALT_AMSL), &wide);
    assert_true(tf_band_gap_at_place_m(&low, &sea, &uncertain) < 0 && uncertain);
}

/* One value of everything that `c` leaves open, with air of standard temperature. */
static struct tf_alt_context some_truth(const struct tf_alt_context *c)
{
    double undulation = uniform(c->undulation_low_m, c->undulation_high_m);
    double terrain = uniform(c->terrain_low_m, c->terrain_high_m);
    double qnh = uniform(c->qnh_low_hpa, c->qnh_high_hpa);
    return (struct tf_alt_context){undulation, undulation, terrain, terrain, qnh, qnh, 0};
}

static void test_gap_at_place_is_never_too_large(void **state)
{
    (void)state;
    seed_now = random_seed(7);
    for (int i = 0; i < 20000; i++) {
        struct tf_alt_context c = random_context(), truth = some_truth(&c);
        struct tf_band a = random_band(&c), b = random_band(&c), ta, tb;
        /* a metre of pressure altitude is not a metre: those are compared as written */
        bool pressure = a.lower.ref == TF_ALT_STD || a.upper.ref == TF_ALT_STD ||
                        b.lower.ref == TF_ALT_STD || b.upper.ref == TF_ALT_STD;
        if (pressure || tf_band_make(a.lower, a.upper, &truth, &ta, NULL) ||
            tf_band_make(b.lower, b.upper, &truth, &tb, NULL))
            continue;
        bool uncertain;
        double here = tf_band_gap_at_place_m(&a, &b, &uncertain);
        double true_gap = fmax(ta.lower_m - tb.upper_m, tb.lower_m - ta.upper_m);
        assert_true(here <= true_gap + 1e-6);
        if (!uncertain && here > 0)
            assert_true(near(here, true_gap, 1e-6));
    }
}

/* --- the geoid table --------------------------------------------------- */

static double be_double(const unsigned char *p)
{
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | p[i];
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double be_float(const unsigned char *p)
{
    uint32_t bits = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

enum { GRID_ROWS = 721, GRID_COLS = 1440, GRID_BYTES = 40 + 4 * GRID_ROWS * GRID_COLS };

/* Every point of the grid lies within the bounds of a small cap around it. */
static void test_table_against_grid(void **state)
{
    (void)state;
    FILE *file = fopen("/usr/share/proj/egm96_15.gtx", "rb");
    if (!file)
        skip();
    unsigned char *bytes = malloc(GRID_BYTES);
    assert_non_null(bytes);
    size_t got = fread(bytes, 1, GRID_BYTES, file);
    fclose(file);
    assert_int_equal(got, GRID_BYTES);
    double lat0 = be_double(bytes), lng0 = be_double(bytes + 8);
    for (int row = 0; row < GRID_ROWS; row++)
        for (int col = 0; col < GRID_COLS; col++) {
            double lng = lng0 + col * 0.25;
            double value = be_float(bytes + 40 + 4 * ((size_t)row * GRID_COLS + (size_t)col));
            double low, high;
            bounds_of_cap(lat0 + row * 0.25, lng > 180 ? lng - 360 : lng, 0, &low, &high);
            if (value < low || value > high)
                fail_msg("row %d column %d: %g outside %g..%g", row, col, value, low, high);
        }
    free(bytes);
}

static void test_undulation_bounds(void **state)
{
    (void)state;
    double low, high, wide_low, wide_high;
    tf_undulation_bounds(NULL, &low, &high);
    assert_true(low >= -110 && low <= -106 && high >= 85 && high <= 89);
    /* both sides of the antimeridian */
    double west_low, west_high;
    bounds_of_cap(-18, 180, 1000, &low, &high);
    bounds_of_cap(-18, -180, 1000, &west_low, &west_high);
    assert_true(low == west_low && high == west_high);
    /* a cap over the pole sees every column of the last row */
    bounds_of_cap(90, 0, 10, &low, &high);
    for (int col = 0; col < UNDULATION_COLS; col++) {
        assert_true(tf_undulation_cells[UNDULATION_ROWS - 1][col].low_m >= low);
        assert_true(tf_undulation_cells[UNDULATION_ROWS - 1][col].high_m <= high);
    }
    /* growing never shrinks; a cap holds what its parts hold */
    seed_now = random_seed(4);
    for (int i = 0; i < 5000; i++) {
        double lat = uniform(-90, 90), lng = uniform(-180, 180), extent = uniform(0, 2e6);
        bounds_of_cap(lat, lng, extent, &low, &high);
        bounds_of_cap(lat, lng, extent * uniform(1, 2.4), &wide_low, &wide_high);
        assert_true(wide_low <= low && wide_high >= high && low <= high);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_standard_air),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_band_holds_truth),
        cmocka_unit_test(test_context_is_completed),
        cmocka_unit_test(test_context_grows_band),
        cmocka_unit_test(test_gap_same_reference),
        cmocka_unit_test(test_gap_mixed),
        cmocka_unit_test(test_gap_laws),
        cmocka_unit_test(test_gap_at_place),
        cmocka_unit_test(test_gap_at_place_is_never_too_large),
        cmocka_unit_test(test_table_against_grid),
        cmocka_unit_test(test_undulation_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
