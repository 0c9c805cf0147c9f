/*
 * test_parts.c - the parts of the command line: units, texts, widths, tables,
 * separation files.
 */
#include "cli/readers.h"
#include "cli/say.h"
#include "cli/separation.h"
#include "cli/table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool length(const char *text, double *out)
{
    return read_length_m(text, strlen(text), out);
}

static void lengths(void **state)
{
    static const struct {
        const char *text;
        double m;
    } good[] = {{"5", 5},      {"5m", 5},     {"5 m", 5},        {"1.5km", 1500},
                {"1NM", 1852}, {"1nm", 1852}, {"1000ft", 304.8}, {"-50m", -50},
                {" 7 ", 7},    {"1e3", 1000}, {"0", 0}};
    static const char *const bad[] = {"",    "m",     "five",    "1mile", "1 2", "0x10", "inf",
                                      "nan", "1e999", "1e308km", "5mm",   "--5", "5,0",  "1m1"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double m = NAN;
        assert_true(length(good[i].text, &m));
        assert_true(fabs(m - good[i].m) < 1e-9);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double m = -1;
        assert_false(length(bad[i], &m) && isfinite(m));
    }
}

static void durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {{"5", 5 * TF_SECOND_NS},     {"5s", 5 * TF_SECOND_NS},
                {"250ms", TF_SECOND_NS / 4}, {"2min", 2 * TF_MINUTE_NS},
                {"1.5h", 90 * TF_MINUTE_NS}, {"-1min", -TF_MINUTE_NS}};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t ns = -1;
        assert_true(read_duration_ns(good[i].text, strlen(good[i].text), &ns));
        assert_true(ns == good[i].ns);
    }
    int64_t ns;
    assert_false(read_duration_ns("1e12h", 5, &ns));
    assert_false(read_duration_ns("1d", 2, &ns));
}

/* Which of the forms of a message stands for n. */
static const char *form(unsigned long n)
{
    return say_trn("%1 conflict.", "%1 conflicts.", n);
}

static void plurals(void **state)
{
    (void)state;
    assert_true(say_set_language("en"));
    assert_string_equal(form(1), "%1 conflict.");
    assert_string_equal(form(0), "%1 conflicts.");
    assert_string_equal(form(21), "%1 conflicts.");
    assert_true(say_set_language("ru_RU.UTF-8"));
    assert_string_equal(form(1), form(21));
    assert_string_equal(form(2), form(104));
    assert_string_equal(form(5), form(11));
    assert_string_equal(form(12), form(111));
    assert_string_not_equal(form(1), form(2));
    assert_string_not_equal(form(2), form(5));
    assert_true(say_set_language("ar"));
    const unsigned long each[] = {0, 1, 2, 3, 11, 100};
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(form(each[i]), form(each[j]));
    assert_string_equal(form(3), form(110));
    assert_string_equal(form(11), form(199));
    assert_string_equal(form(100), form(102));
    assert_false(say_set_language("tlh"));
    assert_string_equal(say_language(), "ar");
    assert_true(say_set_language("en"));
}

static void filling(void **state)
{
    struct tf_buf out = TF_BUF_INIT(100);
    (void)state;
    say_fill(&out, "%2 before %1, 100%, %3 %", "a", "b", NULL);
    assert_string_equal(out.data, "b before a, 100%, %3 %");
    tf_buf_release(&out);
}

static void safe_text(void **state)
{
    static const char *const cases[][2] = {
        {"plain", "plain"},
        {"a\033[2Jb\n\t\x7F", "a?[2Jb???"},
        {"\xC2\x9B"
         "31m",
         "?31m"}, /* C1: control sequence */
        {"\xE2\x80\xAE"
         "abc",
         "?abc"},                                                 /* right-to-left override */
        {"\xD8\xAA\xD9\x81\xD8\xA7", "\xD8\xAA\xD9\x81\xD8\xA7"}, /* Arabic */
        {"bad \xFF\xC0\x80 end", "bad ??? end"},
        {"\xE2\x82", "??"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tf_buf out = TF_BUF_INIT(100);
        say_safe(&out, cases[i][0]);
        assert_string_equal(out.data, cases[i][1]);
        tf_buf_release(&out);
    }
}

static void widths(void **state)
{
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {{"", 0},
                 {"abc", 3},
                 {"\xD8\xAA\xD8\xB9\xD8\xA7\xD8\xB1\xD8\xB6", 5},
                 {"\xD8\xB3\xD9\x8E\xD9\x84\xD9\x8E\xD8\xA7\xD9\x85", 4}, /* with vowel marks */
                 {"\xE6\x97\xA5\xE6\x9C\xAC", 4},
                 {"e\xCC\x81", 1},
                 {"\xFF\xFF", 2}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(say_width(cases[i].text, strlen(cases[i].text)), cases[i].columns);
}

static void tables(void **state)
{
    struct table table = TABLE_INIT(3);
    struct tf_buf out = TF_BUF_INIT(10000);
    (void)state;
    const char *const cells[] = {"a", "b", "c",       "long\nx", "\xE6\x97\xA5",
                                 "",  "1", "2\n3\n4", "end"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        table_cell(&table, TABLE_RED, cells[i]);
    assert_int_equal(table_print(&table, false, false, &out), TF_OK);
    assert_string_equal(out.data, "a     b   c\n"
                                  "long  \xE6\x97\xA5\n"
                                  "x\n"
                                  "1     2   end\n"
                                  "      3\n"
                                  "      4\n");
    table_release(&table);
    tf_buf_release(&out);
}

static void long_cells_are_cut(void **state)
{
    struct table table = TABLE_INIT(1);
    struct tf_buf out = TF_BUF_INIT(10000);
    char text[201];
    (void)state;
    memset(text, 'x', 200);
    text[200] = '\0';
    table_cell(&table, TABLE_PLAIN, text);
    assert_int_equal(table_print(&table, false, false, &out), TF_OK);
    assert_int_equal(say_width(out.data, out.len - 1), TABLE_CELL_COLUMNS);
    assert_non_null(strstr(out.data, "x\xE2\x80\xA6\n"));
    table_release(&table);
    tf_buf_release(&out);
}

static enum tf_status parse(const char *text, struct tf_separation_table *table, size_t *line)
{
    struct tf_fault fault = {0};
    enum tf_status status = separation_parse(text, strlen(text), table, line, &fault);
    assert_true(status == TF_OK || fault.message);
    return status;
}

static void separation_tables(void **state)
{
    struct tf_separation_table defaults, table;
    size_t line;
    (void)state;
    tf_separation_defaults(&defaults);
    assert_int_equal(parse("", &table, &line), TF_OK);
    assert_memory_equal(&table.compared, &defaults.compared, sizeof table.compared);
    assert_int_equal(parse("# none\n\ncrewed ground 5NM 1000ft 2min\n", &table, &line), TF_OK);
    const struct tf_separation *pair = &table.pair[TF_KIND_GROUND][TF_KIND_CREWED];
    assert_true(fabs(pair->horizontal_m - 9260) < 1e-9 && pair->time_ns == 2 * TF_MINUTE_NS);
    assert_true(table.compared[TF_KIND_CREWED][TF_KIND_GROUND]);
    assert_int_equal(parse("* * 1 2 3", &table, &line), TF_OK);
    assert_false(table.compared[TF_KIND_ZONE][TF_KIND_SITE]);
    assert_true(table.pair[TF_KIND_SEA][TF_KIND_SITE].vertical_m == 2);
    assert_int_equal(parse("zone site 1 2 3", &table, &line), TF_OK);
    assert_true(table.compared[TF_KIND_SITE][TF_KIND_ZONE]);
    assert_int_equal(parse("site crewed none", &table, &line), TF_OK);
    assert_false(table.compared[TF_KIND_CREWED][TF_KIND_SITE]);
}

static void separation_tables_refused(void **state)
{
    struct tf_separation_table table;
    size_t line = 0;
    (void)state;
    memset(&table, 0x5A, sizeof table);
    assert_int_equal(parse("crewed crewed 1 1 1\n\ncrewed x 1 1 1\n", &table, &line), TF_SYNTAX);
    assert_int_equal(line, 3);
    assert_int_equal(parse("crewed crewed 1 1 -1", &table, &line), TF_RANGE);
    assert_int_equal(parse("crewed crewed 1 1", &table, &line), TF_SYNTAX);
    assert_int_equal(parse("crewed crewed 1 1 1 1 1 1", &table, &line), TF_SYNTAX);
    assert_int_equal(((unsigned char *)&table)[0], 0x5A); /* untouched */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths),
        cmocka_unit_test(durations),
        cmocka_unit_test(plurals),
        cmocka_unit_test(filling),
        cmocka_unit_test(safe_text),
        cmocka_unit_test(widths),
        cmocka_unit_test(tables),
        cmocka_unit_test(long_cells_are_cut),
        cmocka_unit_test(separation_tables),
        cmocka_unit_test(separation_tables_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
