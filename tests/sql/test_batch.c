/*
 * test_batch.c - rows gathered for one statement: what is taken, what comes out again, memory that
 * runs out. That a server reads it so is tested on a server (test_sql.c).
 */
#include "sql/batch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "allocfail.h"

static const char into[] = "INSERT INTO t (id, name, bytes) VALUES ($1, $2, $3)";

static void which_statements_are_rows(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
        bool is_row;
    } cases[] = {
        {into, 3, true},
        {into, 2, false},
        {"INSERT INTO t (id) VALUES ($1)", 1, true},
        {"INSERT INTO t (id) VALUES (0)", 0, false},
        {"INSERT INTO t (id, name) VALUES ($2, $1)", 2, false},
        {"INSERT INTO t (id, name) VALUES ($1, 'x')", 1, false},
        {"INSERT INTO t (id, name) VALUES ($1, $2 )", 2, false},
        {"INSERT INTO t (id, name) VALUES ($1, $2), ($1, $2)", 2, false},
        {"INSERT INTO t (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", 1, false},
        {"INSERT INTO t (id) VALUES ($1) RETURNING id", 1, false},
        {"INSERT INTO t (id) SELECT $1", 1, false},
        {"UPDATE t SET id = $1", 1, false},
        {"SELECT * FROM t WHERE id IN (VALUES ($1))", 1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(sql_batch_is_row(cases[i].text, cases[i].count), cases[i].is_row);
}

static void a_batch_is_of_one_kind(void **state)
{
    (void)state;
    struct sql_batch batch;
    struct sql_value one[] = {sql_int(1), sql_text("a"), sql_null()};
    struct sql_value other[] = {sql_int(1), sql_int(2), sql_null()};
    struct sql_value bytes[] = {sql_null(), sql_null(), sql_blob("x", 1)};
    sql_batch_init(&batch);
    assert_true(sql_batch_takes(&batch, into, one, 3));
    assert_int_equal(sql_batch_add(&batch, into, one, 3), TF_OK);
    assert_false(sql_batch_is_typed(&batch));
    assert_false(sql_batch_takes(&batch, into, other, 3));
    assert_false(sql_batch_takes(&batch, into, one, 2));
    assert_false(sql_batch_takes(&batch, "another", one, 3));
    assert_true(sql_batch_takes(&batch, into, bytes, 3));
    assert_int_equal(sql_batch_add(&batch, into, bytes, 3), TF_OK);
    assert_true(sql_batch_is_typed(&batch));
    for (size_t i = 2; i < BATCH_ROWS_MAX; i++) {
        assert_true(sql_batch_takes(&batch, into, one, 3));
        assert_int_equal(sql_batch_add(&batch, into, one, 3), TF_OK);
    }
    assert_false(sql_batch_takes(&batch, into, one, 3));
    sql_batch_clear(&batch);
    assert_true(sql_batch_takes(&batch, into, other, 3));
    sql_batch_release(&batch);
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    static const char *const texts[] = {"", NULL, "تفادي", "x"};
    static const int64_t numbers[] = {0, -1, INT64_MAX, INT64_MIN, 255, 256};
    struct sql_batch batch;
    struct sql_batch_place place = {0};
    struct sql_value args[SQL_VALUES_MAX];
    sql_batch_init(&batch);
    for (size_t i = 0; i < 24; i++)
        assert_int_equal(sql_batch_add(&batch, into,
                                       SQL_ARGS(sql_int(numbers[i % 6]), sql_text(texts[i % 4]),
                                                sql_blob("\0\377\0", i % 4))),
                         TF_OK);
    for (size_t i = 0; i < 24; i++) {
        assert_true(sql_batch_next(&batch, &place, args));
        assert_true(args[0].type == SQL_INT && args[0].number == numbers[i % 6]);
        assert_int_equal(args[1].type, texts[i % 4] ? SQL_TEXT : SQL_NULL);
        assert_int_equal(args[1].len, texts[i % 4] ? strlen(texts[i % 4]) : 0);
        if (args[1].len)
            assert_memory_equal(args[1].bytes, texts[i % 4], args[1].len);
        assert_int_equal(args[2].type, SQL_BLOB);
        assert_int_equal(args[2].len, i % 4);
        if (args[2].len)
            assert_memory_equal(args[2].bytes, "\0\377\0", args[2].len);
    }
    assert_false(sql_batch_next(&batch, &place, args));
    sql_batch_release(&batch);
}

static void the_statement_and_its_arrays(void **state)
{
    (void)state;
    static const uint8_t numbers[] = {
        0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0,    2,    0,    0,    0,    1,    0,    0,
        0, 8, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0,  0, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE};
    static const uint8_t names[] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0,   0,    25,   0,    0,   0,
                                    2, 0, 0, 0, 1, 0, 0, 0, 1, 'a', 0xFF, 0xFF, 0xFF, 0xFF};
    static const char two[] = "INSERT INTO t (id, name) VALUES ($1, $2)";
    struct sql_batch batch;
    struct sql_value arrays[SQL_VALUES_MAX];
    const char *text;
    sql_batch_init(&batch);
    assert_int_equal(sql_batch_add(&batch, two, SQL_ARGS(sql_int(258), sql_text("a"))), TF_OK);
    assert_int_equal(sql_batch_add(&batch, two, SQL_ARGS(sql_int(-2), sql_null())), TF_OK);
    assert_int_equal(sql_batch_close(&batch, &text, arrays), TF_OK);
    assert_string_equal(text,
                        "INSERT INTO t (id, name) SELECT * FROM unnest($1::bigint[], $2::text[])");
    assert_int_equal(arrays[0].len, sizeof numbers);
    assert_memory_equal(arrays[0].bytes, numbers, sizeof numbers);
    assert_int_equal(arrays[1].len, sizeof names);
    assert_memory_equal(arrays[1].bytes, names, sizeof names);
    sql_batch_release(&batch);
}

static enum tf_status gather(void *ctx)
{
    struct sql_batch batch;
    struct sql_value arrays[SQL_VALUES_MAX];
    char large[300] = {0};
    const char *text;
    enum tf_status rc = TF_OK;
    (void)ctx;
    sql_batch_init(&batch);
    for (int i = 0; i < 20 && !rc; i++)
        rc = sql_batch_add(&batch, into,
                           SQL_ARGS(sql_int(i), sql_text("name"), sql_blob(large, sizeof large)));
    assert_int_equal(sql_batch_status(&batch), rc);
    if (!rc)
        rc = sql_batch_close(&batch, &text, arrays);
    sql_batch_clear(&batch);
    assert_int_equal(sql_batch_status(&batch), TF_OK);
    sql_batch_release(&batch);
    return rc;
}

static void memory_runs_out(void **state)
{
    (void)state;
    assert_true(allocfail_each(gather, NULL, 1000) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_statements_are_rows),    cmocka_unit_test(a_batch_is_of_one_kind),
        cmocka_unit_test(what_goes_in_comes_out),       cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(the_statement_and_its_arrays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
