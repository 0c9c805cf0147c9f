/*
 * test_time.c - instants against the C library's calendar (timegm, gmtime_r),
 * RFC 3339 vectors, and the edges of what 64 bits of nanoseconds hold.
 */
#define _DEFAULT_SOURCE /* timegm */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../support/random.h"
#include <tafadi/time.h>

enum { ROUNDS = 100000 };

static enum tf_status parse(const char *text, int64_t *out_ns)
{
    return tf_time_parse(text, strlen(text), out_ns);
}

/* Any instant but the two open ends. */
static int64_t random_instant(uint64_t *rng)
{
    for (;;) {
        int64_t t_ns = (int64_t)random_next(rng);
        if (t_ns != TF_TIME_MIN && t_ns != TF_TIME_MAX)
            return t_ns;
    }
}

static bool same_as_library(int64_t t_ns)
{
    int64_t below = t_ns % TF_SECOND_NS;
    time_t seconds = (time_t)(t_ns / TF_SECOND_NS - (below < 0));
    struct tm tm;
    gmtime_r(&seconds, &tm);
    struct tf_civil c;
    tf_time_to_civil(t_ns, &c);
    return c.year == tm.tm_year + 1900 && c.month == tm.tm_mon + 1 && c.day == tm.tm_mday &&
           c.hour == tm.tm_hour && c.minute == tm.tm_min && c.second == tm.tm_sec &&
           c.nanosecond == (below < 0 ? below + TF_SECOND_NS : below) &&
           c.weekday == (tm.tm_wday + 6) % 7;
}

static void civil_dates_are_the_librarys(void **state)
{
    (void)state;
    uint64_t seed = random_seed(1), rng = seed;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t t_ns = random_instant(&rng);
        if (!same_as_library(t_ns))
            fail_msg("seed %" PRIu64 ": civil date of %" PRId64, seed, t_ns);
    }
    static const int64_t edges[] = {
        0, -1, 1, TF_TIME_MIN + 1, TF_TIME_MAX - 1, -TF_SECOND_NS, TF_SECOND_NS - 1, TF_TIME_MIN};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        assert_true(same_as_library(edges[i]));
}

static void instants_are_timegms(void **state)
{
    (void)state;
    uint64_t seed = random_seed(2), rng = seed;
    for (int i = 0; i < ROUNDS; i++) {
        struct tm tm = {.tm_year = (int)random_below(&rng, 583) + 1678 - 1900,
                        .tm_mon = (int)random_below(&rng, 12),
                        .tm_mday = (int)random_below(&rng, 28) + 1,
                        .tm_hour = (int)random_below(&rng, 24),
                        .tm_min = (int)random_below(&rng, 60),
                        .tm_sec = (int)random_below(&rng, 60)};
        struct tf_civil c = {.year = tm.tm_year + 1900,
                             .month = tm.tm_mon + 1,
                             .day = tm.tm_mday,
                             .hour = tm.tm_hour,
                             .minute = tm.tm_min,
                             .second = tm.tm_sec,
                             .nanosecond = (int32_t)random_below(&rng, 1000000000)};
        int64_t got_ns, want_ns = (int64_t)timegm(&tm) * TF_SECOND_NS + c.nanosecond;
        if (tf_time_from_civil(&c, &got_ns) || got_ns != want_ns)
            fail_msg("seed %" PRIu64 ": %04d-%02d-%02d", seed, c.year, c.month, c.day);
    }
}

static void civil_and_text_come_back(void **state)
{
    (void)state;
    uint64_t seed = random_seed(3), rng = seed;
    static const int64_t grain_ns[] = {1, 1000, 1000000, TF_SECOND_NS, TF_DAY_NS};
    for (int i = 0; i < ROUNDS; i++) {
        int64_t t_ns = random_instant(&rng), back_ns = 0, read_ns = 0;
        t_ns -= t_ns % grain_ns[random_below(&rng, 5)];
        struct tf_civil c;
        tf_time_to_civil(t_ns, &c);
        char text[TF_TIME_TEXT_SIZE];
        tf_time_format(t_ns, text);
        if (tf_time_from_civil(&c, &back_ns) || back_ns != t_ns || parse(text, &read_ns) ||
            read_ns != t_ns)
            fail_msg("seed %" PRIu64 ": %" PRId64 " as %s", seed, t_ns, text);
    }
}

static void texts_that_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t t_ns;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.999999999Z", -1},
        /* RFC 3339 section 5.8 */
        {"1985-04-12T23:20:50.52Z", INT64_C(482196050520000000)},
        {"1996-12-19T16:39:57-08:00", INT64_C(851042397000000000)},
        {"1990-12-31T23:59:60Z", INT64_C(662688000000000000)},
        {"1990-12-31T15:59:60-08:00", INT64_C(662688000000000000)},
        {"1937-01-01T12:00:27.87+00:20", INT64_C(-1041337172130000000)},
        /* separators and letters */
        {"2026-11-24t02:00:00z", INT64_C(1795485600000000000)},
        {"2026-11-24 02:00:00Z", INT64_C(1795485600000000000)},
        {"2026-11-24T02:00:00-00:00", INT64_C(1795485600000000000)},
        {"2026-11-24T04:00:00.0+02:00", INT64_C(1795485600000000000)},
        /* digits beyond the ninth are cut, never rounded up */
        {"1970-01-01T00:00:00.0000000019999Z", 1},
        {"1970-01-01T00:00:00.99999999999999999999Z", 999999999},
        {"2000-02-29T00:00:00Z", INT64_C(951782400000000000)},
        {"2262-04-11T23:47:16.854775806Z", INT64_MAX - 1},
        {"1677-09-21T00:12:43.145224193Z", INT64_MIN + 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got_ns = 0;
        if (parse(cases[i].text, &got_ns) || got_ns != cases[i].t_ns)
            fail_msg("%s is read as %" PRId64, cases[i].text, got_ns);
    }
}

static void texts_that_are_refused(void **state)
{
    static const struct {
        const char *text;
        enum tf_status why;
    } cases[] = {
        {"", TF_SYNTAX},
        {"2026", TF_SYNTAX},
        {"2026-11-24", TF_SYNTAX},
        {"2026-11-24T02:00:00", TF_SYNTAX},
        {"2026-11-24T02:00Z", TF_SYNTAX},
        {"2026-11-24T02:00:00.Z", TF_SYNTAX},
        {"2026-11-24T02:00:00ZZ", TF_SYNTAX},
        {"2026-11-24T02:00:00+2:00", TF_SYNTAX},
        {"2026-11-24T02:00:00+0200", TF_SYNTAX},
        {"2026-11-24T02:00:00+24:00", TF_SYNTAX},
        {"2026-11-24T02:00:00+02:60", TF_SYNTAX},
        {" 2026-11-24T02:00:00Z", TF_SYNTAX},
        {"+2026-11-24T02:00:00Z", TF_SYNTAX},
        {"2026-1-24T02:00:00Z", TF_SYNTAX},
        {"2026-11-24_02:00:00Z", TF_SYNTAX},
        {"0000-01-01T00:00:00Z", TF_RANGE},
        {"2026-00-24T02:00:00Z", TF_RANGE},
        {"2026-13-24T02:00:00Z", TF_RANGE},
        {"2026-11-31T02:00:00Z", TF_RANGE},
        {"2026-02-29T02:00:00Z", TF_RANGE},
        {"1900-02-29T02:00:00Z", TF_RANGE},
        {"2026-11-24T24:00:00Z", TF_RANGE},
        {"2026-11-24T02:60:00Z", TF_RANGE},
        {"2026-11-24T02:00:61Z", TF_RANGE},
        {"2262-04-11T23:47:16.854775807Z", TF_RANGE}, /* the open end */
        {"1677-09-21T00:12:43.145224192Z", TF_RANGE},
        {"2262-04-11T23:47:16-00:01", TF_RANGE},
        {"1677-09-21T00:12:44+00:01", TF_RANGE},
        {"9999-12-31T23:59:59Z", TF_RANGE},
        {"0001-01-01T00:00:00Z", TF_RANGE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t out_ns = 42;
        enum tf_status rc = parse(cases[i].text, &out_ns);
        if (rc != cases[i].why || out_ns != 42)
            fail_msg("\"%s\": %s", cases[i].text, tf_status_text(rc));
    }
}

/* Only the given bytes are read: a good text, cut anywhere, is refused. */
static void the_length_is_kept(void **state)
{
    (void)state;
    const char *text = "2026-11-24T02:00:00.123+02:00";
    size_t full = strlen(text);
    int64_t t_ns;
    for (size_t len = 0; len < full; len++) {
        char *exact = test_malloc(len + 1); /* so that a sanitizer sees overreads */
        memcpy(exact, text, len);
        assert_int_equal(tf_time_parse(exact, len, &t_ns), TF_SYNTAX);
        test_free(exact);
    }
    assert_int_equal(tf_time_parse(text, full, &t_ns), TF_OK);
    assert_int_equal(tf_time_parse("2026-11-24T02:00:00\0Z", 21, &t_ns), TF_SYNTAX);
}

static void formats_with_the_digits_that_are_needed(void **state)
{
    static const struct {
        int64_t t_ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1, "1970-01-01T00:00:00.000000001Z"},
        {1000, "1970-01-01T00:00:00.000001Z"},
        {500000000, "1970-01-01T00:00:00.500Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {TF_TIME_MIN, "-"},
        {TF_TIME_MAX, "-"},
        {TF_TIME_MIN + 1, "1677-09-21T00:12:43.145224193Z"},
        {TF_TIME_MAX - 1, "2262-04-11T23:47:16.854775806Z"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[TF_TIME_TEXT_SIZE];
        tf_time_format(cases[i].t_ns, text);
        assert_string_equal(text, cases[i].text);
    }
}

/* The sum as 128 bits would have it, held at the ends. */
static int64_t sum_as_law(int64_t t_ns, int64_t d_ns)
{
    __extension__ typedef __int128 wide;
    wide sum = (wide)t_ns + d_ns;
    if (t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX)
        return t_ns;
    return sum > TF_TIME_MAX ? TF_TIME_MAX : sum < TF_TIME_MIN ? TF_TIME_MIN : (int64_t)sum;
}

static void sums_are_held_at_the_ends(void **state)
{
    static const int64_t edges[] = {TF_TIME_MIN, TF_TIME_MIN + 1, -1,         0,
                                    1,           TF_TIME_MAX - 1, TF_TIME_MAX};
    (void)state;
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++)
            assert_true(tf_time_add(edges[i], edges[j]) == sum_as_law(edges[i], edges[j]));
    uint64_t rng = random_seed(4);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t t_ns = (int64_t)random_next(&rng), d_ns = (int64_t)random_next(&rng);
        assert_true(tf_time_add(t_ns, d_ns) == sum_as_law(t_ns, d_ns));
    }
}

static void civil_fields_are_checked(void **state)
{
    static const struct tf_civil bad[] = {
        {.year = 0, .month = 1, .day = 1},
        {.year = 10000, .month = 1, .day = 1},
        {.year = 2026, .month = 0, .day = 1},
        {.year = 2026, .month = 1, .day = 0},
        {.year = 2026, .month = 4, .day = 31},
        {.year = 2026, .month = 1, .day = 1, .hour = -1},
        {.year = 2026, .month = 1, .day = 1, .minute = -1},
        {.year = 2026, .month = 1, .day = 1, .second = 61},
        {.year = 2026, .month = 1, .day = 1, .nanosecond = -1},
        {.year = 2026, .month = 1, .day = 1, .nanosecond = 1000000000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t out_ns = 42;
        assert_int_equal(tf_time_from_civil(&bad[i], &out_ns), TF_RANGE);
        assert_true(out_ns == 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(civil_dates_are_the_librarys),
        cmocka_unit_test(instants_are_timegms),
        cmocka_unit_test(civil_and_text_come_back),
        cmocka_unit_test(texts_that_are_read),
        cmocka_unit_test(texts_that_are_refused),
        cmocka_unit_test(the_length_is_kept),
        cmocka_unit_test(formats_with_the_digits_that_are_needed),
        cmocka_unit_test(sums_are_held_at_the_ends),
        cmocka_unit_test(civil_fields_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
