/*
 * test_conform.c - where operations are, against where they said that they would be.
 */
#include "desk.h"

#include "ops/conform.h"
#include "ops/turn.h"
#include <string.h>

#define HOUR_US INT64_C(3600000000)
#define LAT 36.3
#define LNG 37.2

static void act(struct test_desk *desk, enum ops_act what)
{
    struct ops_written written;
    struct ops_verdict verdict;
    test_begin(desk);
    assert_int_equal(test_act(desk, "flies", what, NULL, &verdict, &written), TF_OK);
    ops_verdict_release(&verdict);
    test_commit(desk);
}

/* 100 m around, 100 to 200 m above the ellipsoid, from 1 to 2 hours after TEST_NOW; activated. */
static void begin(struct test_desk *desk)
{
    static const struct place place = {"flies", TF_KIND_UNCREWED,   LAT, LNG, 100, 100, 200, 1, 2,
                                       0,       TF_RESTRICTION_NONE};
    struct ops_written written;
    struct tf_fault fault;
    test_desk_open(desk, NULL);
    test_begin(desk);
    assert_int_equal(test_put(desk, &place, NULL, &written, &fault), TF_OK);
    test_commit(desk);
    act(desk, OPS_ACT_SUBMIT);
    desk->c.now_us = TEST_NOW_US + HOUR_US;
    act(desk, OPS_ACT_ACTIVATE);
}

/* North of the centre by so much. */
static struct ops_position at(double north_m, double alt_m, int64_t after_us)
{
    struct tf_latlng p = tf_geodesic_direct((struct tf_latlng){LAT, LNG}, 0, north_m, NULL);
    return (struct ops_position){.lat_deg = p.lat_deg,
                                 .lng_deg = p.lng_deg,
                                 .alt_m = alt_m,
                                 .at_us = TEST_NOW_US + HOUR_US + after_us};
}

static enum ops_conformance report(struct test_desk *desk, struct ops_position position)
{
    enum ops_conformance found = OPS_OUTSIDE;
    test_begin(desk);
    assert_int_equal(ops_conform(desk->ops, &desk->c, "flies", &position, &found), TF_OK);
    test_commit(desk);
    return found;
}

static bool find_alarm(void *ctx, const struct line_alarm *alarm)
{
    char kind[OUTSIDE_ALARM_SIZE];
    ops_outside_alarm("flies", kind);
    *(bool *)ctx |= strcmp(alarm->kind, kind) == 0;
    return true;
}

static bool rings(struct test_desk *desk)
{
    bool found = false;
    test_begin(desk);
    assert_int_equal(ops_turn(desk->ops, &desk->c, NULL, NULL), TF_OK);
    test_commit(desk);
    assert_int_equal(line_each_alarm(&desk->c, NULL, false, find_alarm, &found), TF_OK);
    return found;
}

static void inside_and_outside(void **state)
{
    (void)state;
    static const struct {
        double north_m, alt_m, accuracy_h_m, accuracy_v_m;
        int64_t after_s;
        enum ops_conformance expected;
    } cases[] = {
        {0, 150, 0, 0, 0, OPS_WITHIN},        {90, 150, 5, 5, 60, OPS_WITHIN},
        {90, 150, 20, 5, 60, OPS_UNCERTAIN}, /* the circle reaches across the border */
        {110, 150, 20, 5, 60, OPS_UNCERTAIN}, {110, 150, 5, 5, 60, OPS_OUTSIDE},
        {0, 205, 0, 0, 60, OPS_OUTSIDE},      {0, 205, 0, 10, 60, OPS_UNCERTAIN},
        {0, 95, 0, 0, 60, OPS_OUTSIDE},       {0, 150, 0, 0, 3599, OPS_WITHIN},
        {0, 150, 0, 0, 3600, OPS_OUTSIDE}, /* time is half-open */
        {0, 150, 0, 0, -1, OPS_OUTSIDE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_desk desk;
        begin(&desk);
        struct ops_position p =
            at(cases[i].north_m, cases[i].alt_m, cases[i].after_s * INT64_C(1000000));
        desk.c.now_us = p.at_us;
        p.accuracy_h_m = cases[i].accuracy_h_m;
        p.accuracy_v_m = cases[i].accuracy_v_m;
        enum ops_conformance found = report(&desk, p);
        if (found != cases[i].expected)
            fail_msg("case %zu: %s", i, ops_conformance_word(found));
        assert_int_equal(rings(&desk), found == OPS_OUTSIDE);
        test_desk_close(&desk);
    }
}

static void rings_until_it_is_back(void **state)
{
    (void)state;
    struct test_desk desk;
    begin(&desk);
    uint64_t size = test_ledger_size(&desk);
    assert_int_equal(report(&desk, at(0, 150, 0)), OPS_WITHIN);
    assert_int_equal(test_ledger_size(&desk), size); /* nothing has changed */
    assert_int_equal(report(&desk, at(500, 150, 2)), OPS_OUTSIDE);
    assert_true(test_ledger_says(&desk, "\"outside\":true"));
    size = test_ledger_size(&desk);
    assert_int_equal(report(&desk, at(600, 150, 4)), OPS_OUTSIDE);
    assert_int_equal(report(&desk, at(0, 150, 3)), OPS_WITHIN); /* late: older than the last */
    assert_int_equal(test_ledger_size(&desk), size);
    assert_int_equal(report(&desk, at(0, 150, 60000000)), OPS_WITHIN); /* to come */
    assert_int_equal(test_ledger_size(&desk), size);
    assert_true(rings(&desk));
    ops_free(desk.ops);
    desk.ops = test_desk_again();
    assert_true(rings(&desk));
    assert_int_equal(report(&desk, at(0, 150, 5)), OPS_WITHIN); /* a moment after that one */
    assert_false(rings(&desk));
    assert_true(test_ledger_says(&desk, "\"outside\":false"));
    test_desk_close(&desk);
}

static void what_everybody_knows_does_not_ring(void **state)
{
    (void)state;
    struct test_desk desk;
    begin(&desk);
    assert_int_equal(report(&desk, at(500, 150, 1)), OPS_OUTSIDE);
    assert_true(rings(&desk));
    act(&desk, OPS_ACT_DEPART);
    assert_false(rings(&desk));
    assert_int_equal(report(&desk, at(600, 150, 2)), OPS_OUTSIDE);
    assert_false(rings(&desk));
    act(&desk, OPS_ACT_END);
    struct ops_position p = at(600, 150, 3);
    enum ops_conformance found;
    test_begin(&desk);
    assert_int_equal(ops_conform(desk.ops, &desk.c, "flies", &p, &found), TF_UNSUPPORTED);
    assert_int_equal(ops_conform(desk.ops, &desk.c, "nobody", &p, &found), TF_NOT_FOUND);
    test_rollback(&desk);
    test_desk_close(&desk);
}

/* --- what does not come any more ------------------------------------------------------------- */

static bool find_unheard(void *ctx, const struct line_alarm *alarm)
{
    char kind[UNHEARD_ALARM_SIZE];
    ops_unheard_alarm("flies", kind);
    *(int *)ctx += strcmp(alarm->kind, kind) == 0;
    return true;
}

/* After so many seconds of turns; how many alarms there are. */
static int misses_after(struct test_desk *desk, int64_t seconds)
{
    int found = 0;
    for (int64_t s = 0; s < seconds; s++) {
        desk->c.now_us += 1000000;
        test_begin(desk);
        assert_int_equal(ops_turn(desk->ops, &desk->c, NULL, NULL), TF_OK);
        test_commit(desk);
    }
    assert_int_equal(line_each_alarm(&desk->c, NULL, false, find_unheard, &found), TF_OK);
    return found;
}

/* Reports by the desk's clock. */
static void report_now(struct test_desk *desk)
{
    (void)report(desk, at(0, 150, desk->c.now_us - TEST_NOW_US - HOUR_US));
}

static void silence_rings_once(void **state)
{
    (void)state;
    struct test_desk desk;
    begin(&desk);
    assert_int_equal(misses_after(&desk, 950), 0); /* who never reported is not missed */
    report_now(&desk);
    assert_int_equal(misses_after(&desk, UNHEARD_MOST_S - 10),
                     0); /* once: nobody knows how often */
    report_now(&desk);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(misses_after(&desk, 5), 0);
        report_now(&desk);
    }
    assert_int_equal(misses_after(&desk, UNHEARD_LEAST_S - 2), 0); /* each 5 s: a minute */
    assert_int_equal(misses_after(&desk, 4), 1);
    assert_true(test_ledger_says(&desk, "has not reported where it is since"));
    uint64_t size = test_ledger_size(&desk);
    assert_int_equal(misses_after(&desk, 600), 1);
    assert_int_equal(test_ledger_size(&desk), size);
    report_now(&desk);
    assert_int_equal(misses_after(&desk, 1), 0);
    /* Each 100 s: 300. */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(misses_after(&desk, 99), 0);
        report_now(&desk);
    }
    assert_int_equal(misses_after(&desk, 290), 0);
    assert_int_equal(misses_after(&desk, 20), 1);
    act(&desk, OPS_ACT_END);
    assert_int_equal(misses_after(&desk, 1), 0);
    assert_int_equal(misses_after(&desk, 1000), 0);
    test_desk_close(&desk);
}

/* Nobody listens while no node runs; and what is known to be outside is missed, too. */
static void silence_counts_from_the_start(void **state)
{
    (void)state;
    struct test_desk desk;
    begin(&desk);
    report_now(&desk);
    assert_int_equal(misses_after(&desk, 5), 0);
    report_now(&desk);
    act(&desk, OPS_ACT_DEPART);
    desk.c.now_us += INT64_C(1200) * 1000000;
    ops_free(desk.ops);
    desk.ops = test_desk_again();
    assert_int_equal(misses_after(&desk, UNHEARD_LEAST_S - 1), 0);
    assert_int_equal(misses_after(&desk, 3), 1);
    ops_free(desk.ops);
    desk.ops = test_desk_again();
    assert_int_equal(misses_after(&desk, 1), 1); /* the alarm is no memory's */
    report_now(&desk);
    assert_int_equal(misses_after(&desk, 1), 0);
    test_desk_close(&desk);
}

/* Reports before it began are none that are waited for. */
static void an_accepted_one_is_not_missed(void **state)
{
    (void)state;
    static const struct place place = {"waits", TF_KIND_UNCREWED,   LAT, LNG, 100, 100, 200, 0, 9,
                                       0,       TF_RESTRICTION_NONE};
    struct test_desk desk;
    struct ops_written written;
    struct ops_verdict verdict;
    struct tf_fault fault;
    enum ops_conformance found;
    int alarms = 0;
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    assert_int_equal(test_put(&desk, &place, NULL, &written, &fault), TF_OK);
    assert_int_equal(test_act(&desk, "waits", OPS_ACT_SUBMIT, NULL, &verdict, &written), TF_OK);
    ops_verdict_release(&verdict);
    for (int i = 0; i < 3; i++) {
        desk.c.now_us += 1000000;
        struct ops_position p = {
            .lat_deg = LAT, .lng_deg = LNG, .alt_m = 150, .at_us = desk.c.now_us};
        assert_int_equal(ops_conform(desk.ops, &desk.c, "waits", &p, &found), TF_OK);
    }
    test_commit(&desk);
    (void)misses_after(&desk, 100);
    assert_int_equal(line_each_alarm(&desk.c, NULL, false, find_unheard, &alarms), TF_OK);
    assert_int_equal(alarms, 0);
    test_desk_close(&desk);
}

/* --- what is kept ------------------------------------------------------------------------------
 */

struct kept {
    int64_t at_s[64];
    enum ops_conformance conformance[64];
    size_t count;
};

static bool keep(void *ctx, const struct ops_track_point *point)
{
    struct kept *kept = ctx;
    assert_true(kept->count < 64);
    assert_string_equal(point->operation, "flies");
    assert_string_equal(point->by, "anna");
    kept->at_s[kept->count] = (point->position.at_us - TEST_NOW_US - HOUR_US) / 1000000;
    kept->conformance[kept->count++] = point->conformance;
    return true;
}

static struct kept track_of(struct test_desk *desk, bool is_backward)
{
    struct kept kept = {.count = 0};
    assert_int_equal(
        ops_track_each(&desk->c, 0, TEST_NOW_US + 100 * HOUR_US, is_backward, keep, &kept), TF_OK);
    return kept;
}

static void reports_are_kept(void **state)
{
    (void)state;
    struct test_desk desk;
    begin(&desk);
    desk.c.now_us += 100 * INT64_C(1000000);
    for (int64_t half = 0; half < 60; half++) /* inside for 20 s, then out for 10 */
        (void)report(&desk, at(half < 40 ? 0 : 500, 150, half * 500000));
    static const int64_t expected[] = {0, 10, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29};
    struct kept kept = track_of(&desk, false), back = track_of(&desk, true);
    assert_int_equal(kept.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < kept.count; i++) {
        assert_int_equal(kept.at_s[i], expected[i]);
        assert_int_equal(kept.conformance[i], i < 2 ? OPS_WITHIN : OPS_OUTSIDE);
        assert_int_equal(back.at_s[kept.count - 1 - i], expected[i]);
    }
    /* What comes late is kept, what is of a time to come is not. */
    (void)report(&desk, at(0, 150, -30 * INT64_C(1000000)));
    (void)report(&desk, at(0, 150, 4000 * INT64_C(1000000)));
    kept = track_of(&desk, false);
    assert_int_equal(kept.count, 13);
    assert_int_equal(kept.at_s[0], -30);
    act(&desk, OPS_ACT_END);
    desk.c.now_us = TEST_NOW_US + HOUR_US + TRACK_DAYS * 24 * HOUR_US + 15 * INT64_C(1000000);
    (void)misses_after(&desk, 1);
    assert_int_equal(track_of(&desk, false).at_s[0], 20); /* older ones are forgotten */
    desk.c.now_us += 24 * HOUR_US;
    (void)misses_after(&desk, 1);
    assert_int_equal(track_of(&desk, false).count, 0);
    test_desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inside_and_outside),
        cmocka_unit_test(rings_until_it_is_back),
        cmocka_unit_test(what_everybody_knows_does_not_ring),
        cmocka_unit_test(silence_rings_once),
        cmocka_unit_test(silence_counts_from_the_start),
        cmocka_unit_test(an_accepted_one_is_not_missed),
        cmocka_unit_test(reports_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
