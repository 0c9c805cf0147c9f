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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inside_and_outside),
        cmocka_unit_test(rings_until_it_is_back),
        cmocka_unit_test(what_everybody_knows_does_not_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
