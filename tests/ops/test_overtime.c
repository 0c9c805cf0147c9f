/*
 * test_overtime.c - operations whose time passes: by hand, after a long sleep and a restart, and in
 * random lives against what the table of docs/operations.md says.
 */
#include "desk.h"

#include "ops/turn.h"
#include "random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_US INT64_C(3600000000)

static void turn(struct test_desk *desk)
{
    test_begin(desk);
    assert_int_equal(ops_turn(desk->ops, &desk->c, NULL, NULL), TF_OK);
    test_commit(desk);
}

static void plan(struct test_desk *desk, const char *id, double lat_deg, double from_h,
                 double until_h)
{
    struct place place = {id, TF_KIND_UNCREWED,   lat_deg, 37.2, 100, 100, 200, from_h, until_h,
                          0,  TF_RESTRICTION_NONE};
    struct ops_written written;
    struct tf_fault fault;
    struct ops_verdict verdict;
    test_begin(desk);
    assert_int_equal(test_put(desk, &place, NULL, &written, &fault), TF_OK);
    assert_int_equal(test_act(desk, id, OPS_ACT_SUBMIT, NULL, &verdict, &written), TF_OK);
    assert_int_equal(written.state, OPS_STATE_ACCEPTED);
    ops_verdict_release(&verdict);
    test_commit(desk);
}

static void act(struct test_desk *desk, const char *id, enum ops_act act)
{
    struct ops_written written;
    struct ops_verdict verdict;
    test_begin(desk);
    assert_int_equal(test_act(desk, id, act, NULL, &verdict, &written), TF_OK);
    ops_verdict_release(&verdict);
    test_commit(desk);
}

struct one {
    enum ops_state state;
    char act[16], reason[32], role[16];
    int64_t version;
};

static bool take(void *ctx, const struct ops_record *record)
{
    struct one *one = ctx;
    one->state = record->state;
    one->version = record->version;
    snprintf(one->act, sizeof one->act, "%s", record->act);
    snprintf(one->reason, sizeof one->reason, "%s", record->reason);
    snprintf(one->role, sizeof one->role, "%s", record->role);
    return true;
}

static struct one look(struct test_desk *desk, const char *id)
{
    struct one one;
    test_begin(desk);
    assert_int_equal(ops_find(desk->ops, &desk->c, "", OPS_OPERATION, id, take, &one), TF_OK);
    test_commit(desk);
    return one;
}

struct search {
    const char *kind;
    size_t found, all;
};

static bool find_alarm(void *ctx, const struct line_alarm *alarm)
{
    struct search *search = ctx;
    assert_string_equal(alarm->line, "");
    assert_string_equal(alarm->role, "duty-officer");
    search->found += strcmp(alarm->kind, search->kind) == 0;
    search->all++;
    return true;
}

static bool rings(struct test_desk *desk, const char *id, size_t *all)
{
    char kind[OVERTIME_ALARM_SIZE];
    struct search search = {.kind = kind};
    ops_overtime_alarm(id, kind);
    assert_int_equal(line_each_alarm(&desk->c, NULL, false, find_alarm, &search), TF_OK);
    assert_true(search.found <= 1);
    if (all)
        *all = search.all;
    return search.found == 1;
}

static void by_hand(void **state)
{
    (void)state;
    struct test_desk desk;
    test_desk_open(&desk, NULL);
    plan(&desk, "waits", 36.1, 1, 2);
    plan(&desk, "flies", 36.3, 1, 2);
    plan(&desk, "is late", 36.5, 1, 4);
    act(&desk, "flies", OPS_ACT_ACTIVATE);
    turn(&desk);
    assert_int_equal(look(&desk, "waits").state, OPS_STATE_ACCEPTED);
    desk.c.now_us = TEST_NOW_US + 2 * HOUR_US;
    turn(&desk);
    struct one waits = look(&desk, "waits");
    assert_int_equal(waits.state, OPS_STATE_ENDED);
    assert_string_equal(waits.reason, "time passed");
    assert_string_equal(waits.role, "node");
    assert_int_equal(look(&desk, "flies").state, OPS_STATE_ACTIVATED);
    assert_int_equal(look(&desk, "is late").state, OPS_STATE_ACCEPTED);
    assert_true(rings(&desk, "flies", NULL));
    assert_false(rings(&desk, "waits", NULL));
    uint64_t size = test_ledger_size(&desk);
    for (int i = 0; i < 3; i++) { /* once */
        turn(&desk);
        ops_free(desk.ops);
        desk.ops = test_desk_again();
        turn(&desk);
    }
    assert_int_equal(test_ledger_size(&desk), size);
    act(&desk, "flies", OPS_ACT_LOSE); /* it stays until it is over */
    turn(&desk);
    assert_true(rings(&desk, "flies", NULL));
    act(&desk, "flies", OPS_ACT_END);
    turn(&desk);
    assert_false(rings(&desk, "flies", NULL));
    test_desk_close(&desk);
}

static void more_time(void **state)
{
    (void)state;
    struct test_desk desk;
    struct tf_fault fault;
    struct ops_written written;
    struct place longer = {"flies", TF_KIND_UNCREWED,   36.3, 37.2, 100, 100, 200, 1, 9,
                           0,       TF_RESTRICTION_NONE};
    test_desk_open(&desk, NULL);
    plan(&desk, "flies", 36.3, 1, 2);
    act(&desk, "flies", OPS_ACT_ACTIVATE);
    desk.c.now_us = TEST_NOW_US + 3 * HOUR_US;
    turn(&desk);
    assert_true(rings(&desk, "flies", NULL));
    test_begin(&desk);
    assert_int_equal(test_put(&desk, &longer, "*", &written, &fault), TF_OK);
    test_commit(&desk);
    turn(&desk);
    assert_false(rings(&desk, "flies", NULL));
    desk.c.now_us = TEST_NOW_US + 10 * HOUR_US; /* and again */
    turn(&desk);
    assert_true(rings(&desk, "flies", NULL));
    /* Nobody clears it but by saying what became of the flight. */
    struct sql_rows rows = {0};
    assert_int_equal(
        sql_query(desk.sql, "SELECT id FROM line_alarm WHERE cleared_us = 0", SQL_NO_ARGS, &rows),
        TF_OK);
    test_begin(&desk);
    assert_int_equal(line_clear_alarm(&desk.c, sql_at(&rows, 0, 0)->number, &fault),
                     TF_UNSUPPORTED);
    test_rollback(&desk);
    sql_rows_release(&rows);
    test_desk_close(&desk);
}

/* More than one turn may do at a time, after a week asleep. */
static void long_sleep(void **state)
{
    (void)state;
    enum { MANY = OVERTIME_MAX + 20 };
    struct test_desk desk;
    char id[16];
    size_t all;
    test_desk_open(&desk, NULL);
    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "op %d", i);
        plan(&desk, id, 30 + 0.05 * i, 1, 2);
        if (i % 2)
            act(&desk, id, OPS_ACT_ACTIVATE);
    }
    desk.c.now_us = TEST_NOW_US + 7 * 24 * HOUR_US;
    ops_free(desk.ops);
    desk.ops = test_desk_again();
    for (int i = 0; i < 3; i++)
        turn(&desk);
    (void)rings(&desk, "", &all);
    assert_int_equal(all, MANY / 2);
    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "op %d", i);
        assert_int_equal(look(&desk, id).state, i % 2 ? OPS_STATE_ACTIVATED : OPS_STATE_ENDED);
        assert_int_equal(rings(&desk, id, NULL), i % 2);
    }
    test_desk_close(&desk);
}

/* Whatever people do and whenever a turn is taken: after it, nothing accepted is over, and exactly
 * what began and is over rings. */
static void lives(void **state)
{
    (void)state;
    enum { OPERATIONS = 6, STEPS = 60 };
    uint64_t first = random_seed(1), ended = 0, rang = 0;
    for (uint64_t seed = first; seed < first + 20; seed++) {
        struct test_desk desk;
        uint64_t random = seed;
        double until_h[OPERATIONS];
        char id[16];
        test_desk_open(&desk, NULL);
        for (int i = 0; i < OPERATIONS; i++) {
            snprintf(id, sizeof id, "op %d", i);
            until_h[i] = 1 + (double)random_below(&random, 20);
            plan(&desk, id, 30 + i, 0.5, until_h[i]);
        }
        for (int step = 0; step < STEPS; step++) {
            int i = (int)random_below(&random, OPERATIONS);
            enum ops_act deed = (enum ops_act)(1 + random_below(&random, OPS_ACT_COUNT - 1));
            struct ops_verdict verdict;
            struct ops_written written;
            snprintf(id, sizeof id, "op %d", i);
            if (deed == OPS_ACT_END || deed == OPS_ACT_WITHDRAW)
                deed = random_below(&random, 4) ? OPS_ACT_ACTIVATE : deed;
            test_begin(&desk);
            if (test_act(&desk, id, deed, NULL, &verdict, &written) == TF_OK) {
                ops_verdict_release(&verdict);
                test_commit(&desk);
            } else {
                test_rollback(&desk);
            }
            desk.c.now_us += (int64_t)random_below(&random, 3) * HOUR_US / 2;
            if (random_below(&random, 3))
                continue;
            turn(&desk);
            for (int k = 0; k < OPERATIONS; k++) {
                snprintf(id, sizeof id, "op %d", k);
                struct one one = look(&desk, id);
                bool is_over = TEST_NOW_US + (int64_t)(until_h[k] * 3600e6) <= desk.c.now_us;
                bool began = one.state >= OPS_STATE_ACTIVATED && one.state <= OPS_STATE_CONTINGENT;
                if (is_over && one.state == OPS_STATE_ACCEPTED)
                    fail_msg("seed %d: %s is over and accepted", (int)seed, id);
                if (strcmp(one.reason, "time passed") == 0)
                    assert_true(is_over && strcmp(one.act, "end") == 0 && ++ended);
                if (rings(&desk, id, NULL) != (is_over && began))
                    fail_msg("seed %d: %s", (int)seed, id);
                rang += is_over && began;
            }
        }
        test_desk_close(&desk);
    }
    assert_true(ended > 0 && rang > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(more_time),
        cmocka_unit_test(long_sleep),
        cmocka_unit_test(lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
