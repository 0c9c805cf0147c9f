/*
 * test_prune.c - events that everybody was told are deleted when they are old, those that a hook
 * waits for later, the latest never; alarms only when they have ended.
 */
#include "desk_of_one.h"

#include "party/hooks.h"

#define DAY_US INT64_C(86400000000)

static void add_events(struct one *one, int count, int64_t age_us)
{
    int64_t now_us = one->c.now_us;
    one->c.now_us -= age_us;
    for (int i = 0; i < count; i++)
        assert_int_equal(line_add_event(&one->c, "test", "{}"), TF_OK);
    one->c.now_us = now_us;
}

static void add_alarm(struct one *one, int64_t seq, int64_t cleared_us)
{
    assert_int_equal(sql_exec(one->c.sql,
                              "INSERT INTO line_alarm (line, kind, own, seq, role, text, at_us,"
                              " cleared_us) VALUES ('l', 'seen', 1, $1, 'r', 't', 1, $2)",
                              SQL_ARGS(sql_int(seq), sql_int(cleared_us)), NULL),
                     TF_OK);
}

static void hook_at(struct one *one, const char *name, int64_t position)
{
    assert_int_equal(sql_exec(one->c.sql, "INSERT INTO party_hook (name, position) VALUES ($1, $2)",
                              SQL_ARGS(sql_text(name), sql_int(position)), NULL),
                     TF_OK);
}

/* Each step is bounded; they come to an end. */
static void prune(struct one *one)
{
    bool more = true;
    for (int i = 0; more; i++) {
        assert_in_range(i, 0, 20);
        assert_int_equal(hooks_prune(&one->c, &more), TF_OK);
    }
}

static bool count(void *ctx, int64_t id, int64_t at_us, const char *kind, const char *json)
{
    int64_t *first_and_count = ctx;
    (void)at_us, (void)kind, (void)json;
    if (first_and_count[1]++ == 0)
        first_and_count[0] = id;
    return true;
}

static void expect(struct one *one, int64_t first, int64_t kept, int64_t gone, int64_t last)
{
    int64_t found[2] = {0, 0}, is_gone, is_last;
    assert_int_equal(line_each_event(&one->c, 0, 10000, count, found), TF_OK);
    assert_int_equal(found[0], first);
    assert_int_equal(found[1], kept);
    assert_int_equal(line_event_span(&one->c, &is_gone, &is_last), TF_OK);
    assert_int_equal(is_gone, gone);
    assert_int_equal(is_last, last);
}

static void nothing_is_taken_from_a_hook(void **state)
{
    (void)state;
    struct one one;
    one_begin(&one, ":memory:");
    add_events(&one, 1200, 100 * DAY_US);
    add_events(&one, 10, 10 * DAY_US);
    hook_at(&one, "web:slow", 700);
    hook_at(&one, "web:quick", 1210);
    expect(&one, 1, 1210, 0, 1210);
    prune(&one);
    expect(&one, 701, 510, 700, 1210);
    one.c.now_us += 200 * DAY_US; /* 300 and 210 days old */
    prune(&one);
    expect(&one, 701, 510, 700, 1210);
    one.c.now_us += 100 * DAY_US; /* 400 and 310: the slow one has lost its right */
    prune(&one);
    expect(&one, 1201, 10, 1200, 1210);
    one_end(&one);
}

static void the_latest_stays(void **state)
{
    (void)state;
    struct one one;
    int64_t next;
    one_begin(&one, ":memory:");
    prune(&one);
    expect(&one, 0, 0, 0, 0);
    add_events(&one, 3, 1000 * DAY_US);
    prune(&one);
    expect(&one, 3, 1, 2, 3);
    add_events(&one, 1, 0);
    assert_int_equal(party_last_event(&one.c, &next), TF_OK);
    assert_int_equal(next, 4);
    one_end(&one);
}

static void alarms_end_first(void **state)
{
    (void)state;
    struct one one;
    struct sql_rows rows;
    one_begin(&one, ":memory:");
    for (int64_t seq = 1; seq <= 600; seq++)
        add_alarm(&one, seq, one.c.now_us - 91 * DAY_US);
    add_alarm(&one, 601, one.c.now_us - 89 * DAY_US);
    add_alarm(&one, 602, 0); /* since 1970 */
    prune(&one);
    assert_int_equal(
        sql_query(one.c.sql, "SELECT seq FROM line_alarm ORDER BY seq", SQL_NO_ARGS, &rows), TF_OK);
    assert_int_equal(rows.count, 2);
    assert_int_equal(sql_at(&rows, 0, 0)->number, 601);
    sql_rows_release(&rows);
    one_end(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_taken_from_a_hook),
        cmocka_unit_test(the_latest_stays),
        cmocka_unit_test(alarms_end_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
