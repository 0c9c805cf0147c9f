/*
 * test_jdoc.c - the JSON reader: examples, its limits, failing allocations, and the same
 * answer as jansson (an independent parser) for thousands of sound and broken texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "allocfail.h"
#include "base/buf.h"
#include "jdoc_jansson.h"
#include "random.h"

static struct tf_jdoc read_sound(const char *text)
{
    struct tf_jdoc doc;
    size_t at;
    assert_int_equal(tf_jdoc_read(text, strlen(text), &doc, &at), TF_OK);
    return doc;
}

static void values_are_found(void **state)
{
    (void)state;
    struct tf_jdoc doc =
        read_sound(" {\"a\":[1,2.5,{\"x\":null}],\"b\":\"\\u0637\\n\",\"c\":true} ");
    const struct tf_jvalue *a = tf_jdoc_member(doc.values, "a");
    assert_int_equal(tf_jdoc_count(a), 3);
    const struct tf_jvalue *one = tf_jdoc_first(a), *two = tf_jdoc_next(one);
    assert_true(one->as.number == 1.0 && two->as.number == 2.5);
    assert_true(tf_jdoc_is(tf_jdoc_member(tf_jdoc_next(two), "x"), TF_JNULL));
    assert_string_equal(tf_jdoc_string(tf_jdoc_member(doc.values, "b")), "\xD8\xB7\n");
    assert_true(tf_jdoc_is(tf_jdoc_member(doc.values, "c"), TF_JTRUE));
    assert_null(tf_jdoc_member(doc.values, "x"));
    assert_null(tf_jdoc_member(a, "x"));
    assert_null(tf_jdoc_member(NULL, "x"));
    assert_null(tf_jdoc_string(a));
    assert_int_equal(tf_jdoc_count(doc.values), 0);
    tf_jdoc_release(&doc);
    tf_jdoc_release(&doc);
}

static void faults_have_a_place(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column;
    } cases[] = {{"", 1, 1},          {"x", 1, 1},
                 {"{\"a\":x}", 1, 6}, {"{\n \"a\" 1}", 2, 6},
                 {"[1,\n2,]", 2, 3},  {"[\"\xD8\xB7\", x]", 1, 7},
                 {"[1] x", 1, 5},     {"[1", 1, 3}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tf_jdoc doc;
        size_t at;
        unsigned line, column;
        assert_int_equal(tf_jdoc_read(cases[i].text, strlen(cases[i].text), &doc, &at), TF_SYNTAX);
        assert_null(doc.values);
        tf_jdoc_place(cases[i].text, at, &line, &column);
        assert_int_equal(line, cases[i].line);
        assert_int_equal(column, cases[i].column);
    }
}

static void must_agree(const char *text, size_t len)
{
    /* Memory of exactly this size: reading beyond it would be seen. */
    char *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, text, len);
    if (!jdoc_agrees(exact, len))
        fail_msg("jansson and we differ: %.*s", (int)(len < 2000 ? len : 2000), text);
    free(exact);
}

static void tricky_texts_are_read_as_jansson_does(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "null",
        "1",
        "\"x\"",
        "{}",
        "[]",
        "{",
        "[",
        "}",
        "]",
        "[}",
        "{]",
        "{}{}",
        "[],",
        "[,]",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{1:1}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":1}",
        "{\"\":1}",
        "{\"\":1,\"\":2}",
        "[{\"a\":1},{\"a\":1}]",
        "{\"a\":{\"a\":1}}",
        "\xEF\xBB\xBF[]",
        "[]\n\t\r ",
        "[]\f",
        "[\v]",
        "[tru]",
        "[true]",
        "[truex]",
        "[True]",
        "[nulltrue]",
        "[true false]",
        "[NaN]",
        "[Infinity]",
        "[-]",
        "[+1]",
        "[01]",
        "[-01]",
        "[0]",
        "[-0]",
        "[-0.0]",
        "[.5]",
        "[5.]",
        "[5.e1]",
        "[1e]",
        "[1e+]",
        "[1E+05]",
        "[1e-05]",
        "[1.5e3]",
        "[0x10]",
        "[1_0]",
        "[00.5]",
        "[0e0]",
        "[0e999999]",
        "[1e308]",
        "[1e309]",
        "[-1e309]",
        "[1e-400]",
        "[5e-324]",
        "[2e-324]",
        "[2.5e-324]",
        "[9223372036854775807]",
        "[9223372036854775808]",
        "[-9223372036854775808]",
        "[-9223372036854775809]",
        "[9007199254740993]",
        "[9007199254740993.0]",
        "[9007199254740992]",
        "[123456789012345678]",
        "[1234567890123456789]",
        "[12345678901234567890]",
        "[0.1234567890123456789]",
        "[1.0000000000000000000000]",
        "[100000000000000000000.0]",
        "[1e22]",
        "[1e23]",
        "[8.5e22]",
        "[123e-22]",
        "[123e-23]",
        "[1e0000000000000000000000005]",
        "[\"\\u0000\"]",
        "[\"\\u0001\"]",
        "[\"\\ud800\"]",
        "[\"\\udc00\"]",
        "[\"\\ud800\\udc00\"]",
        "[\"\\ud800\\ud800\"]",
        "[\"\\ud800x\"]",
        "[\"\\ud800\\n\"]",
        "[\"\\uD83D\\uDE00\"]",
        "[\"\\u12\"]",
        "[\"\\u12g4\"]",
        "[\"\\x\"]",
        "[\"\\'\"]",
        "[\"\\\"]",
        "[\"",
        "[\"\\",
        "[\"\\u",
        "[\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"]",
        "[\"\t\"]",
        "[\"\n\"]",
        "[\"\x7F\"]",
        "[\"\x1F\"]",
        "[\"\x80\"]",
        "[\"\xC0\x80\"]",
        "[\"\xC1\xBF\"]",
        "[\"\xC2\x80\"]",
        "[\"\xE0\x80\x80\"]",
        "[\"\xE0\xA0\x80\"]",
        "[\"\xED\x9F\xBF\"]",
        "[\"\xED\xA0\x80\"]",
        "[\"\xEF\xBF\xBF\"]",
        "[\"\xF0\x8F\xBF\xBF\"]",
        "[\"\xF0\x90\x80\x80\"]",
        "[\"\xF4\x8F\xBF\xBF\"]",
        "[\"\xF4\x90\x80\x80\"]",
        "[\"\xF5\x80\x80\x80\"]",
        "[\"\xE2\x82\"]",
        "[\"\xE2\x82",
        "[\xD8\xB7]",
        "[\"12345678\\n12345678\"]",
        "[\"1234567\\\"\"]",
        "[\"12345678\"]",
        "[\"1234567\x01\"]",
        "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":1,\"k\":1,"
        "\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1}",
        "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":1,\"k\":1,"
        "\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"a\":1}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        must_agree(texts[i], strlen(texts[i]));
        must_agree(texts[i], strlen(texts[i]) + 1); /* with a NUL */
    }
}

static void bytes_of_all_values_in_all_places(void **state)
{
    (void)state;
    for (int b = 0; b < 256; b++) {
        char text[] = "[\"abcdefgh\\nx\",-1.5e2,{\"n\":true}]";
        for (size_t i = 0; i < sizeof text - 1; i++) {
            char whole = text[i];
            text[i] = (char)b;
            must_agree(text, sizeof text - 1);
            must_agree(text, i);
            text[i] = whole;
        }
    }
}

/* --- depth and size --------------------------------------------------------------------- */

static void nest(struct tf_buf *buf, int levels, const char *open, const char *inner,
                 const char *close)
{
    tf_buf_clear(buf);
    for (int i = 0; i < levels; i++)
        tf_buf_text(buf, open);
    tf_buf_text(buf, inner);
    for (int i = 0; i < levels; i++)
        tf_buf_text(buf, close);
    must_agree(buf->data, buf->len);
}

static void depth_ends_where_jansson_ends(void **state)
{
    (void)state;
    struct tf_buf buf = TF_BUF_INIT(1 << 20);
    for (int levels = TF_JDOC_MAX_DEPTH - 2; levels <= TF_JDOC_MAX_DEPTH + 2; levels++) {
        nest(&buf, levels, "[", "", "]");
        nest(&buf, levels, "[", "1", "]");
        nest(&buf, levels, "{\"a\":", "{}", "}");
        nest(&buf, levels, "{\"a\":", "null", "}");
        nest(&buf, levels, "[", "", "");
    }
    nest(&buf, 200000, "[", "", "");
    tf_buf_release(&buf);
}

/* Tens of thousands of names: a comparison of each with each would take minutes. */
static void many_names_are_compared(void **state)
{
    (void)state;
    struct tf_buf buf = TF_BUF_INIT(1 << 24);
    for (int twice = 0; twice < 2; twice++) {
        tf_buf_clear(&buf);
        tf_buf_char(&buf, '{');
        for (int i = 0; i < 100000; i++)
            tf_buf_printf(&buf, "%s\"name%d\":[%d]", i ? "," : "", i == 99999 && twice ? 5 : i, i);
        tf_buf_char(&buf, '}');
        must_agree(buf.data, buf.len);
    }
    tf_buf_release(&buf);
}

/* --- made texts ----------------------------------------------------------------------------- */

static void write_number(struct tf_buf *buf, uint64_t *seed)
{
    switch (random_below(seed, 6)) {
    case 0:
        tf_buf_int(buf, (int64_t)random_next(seed) >> random_below(seed, 63));
        break;
    case 1:
        tf_buf_printf(buf, "%.*f", (int)random_below(seed, 20), random_between(seed, -200, 200));
        break;
    case 2:
        tf_buf_printf(buf, "%.*e", (int)random_below(seed, 20),
                      random_between(seed, -1, 1) * 1e300);
        break;
    case 3:
        tf_buf_printf(buf, "%llu.%llue%d", (unsigned long long)random_below(seed, 100000),
                      (unsigned long long)(random_next(seed) >> random_below(seed, 60)),
                      (int)random_below(seed, 60) - 30);
        break;
    case 4: { /* any double at all */
        uint64_t bits = random_next(seed);
        double value;
        memcpy(&value, &bits, sizeof value);
        tf_buf_printf(buf, "%.17g", value);
        break;
    }
    default:
        tf_buf_printf(buf, "%lluE%d", (unsigned long long)random_next(seed),
                      (int)random_below(seed, 700) - 350);
        break;
    }
}

static void write_string(struct tf_buf *buf, uint64_t *seed)
{
    static const char *const parts[] = {"a",
                                        "key",
                                        "\\n",
                                        "\\u0637",
                                        "\xD8\xB7",
                                        "\\\"",
                                        "\xE2\x82\xAC",
                                        "\\ud83d\\ude00",
                                        "\xF0\x9F\x98\x80",
                                        "0123456789abcdef",
                                        " ",
                                        "\\/"};
    tf_buf_char(buf, '"');
    for (uint64_t n = random_below(seed, 6); n > 0; n--)
        tf_buf_text(buf, parts[random_below(seed, sizeof parts / sizeof *parts)]);
    tf_buf_char(buf, '"');
}

static void write_value(struct tf_buf *buf, uint64_t *seed, int depth)
{
    static const char *const words[] = {"null", "true", "false"};
    uint64_t what = random_below(seed, depth < 5 ? 9 : 5);
    bool object = what >= 7;
    if (what < 2) {
        write_number(buf, seed);
    } else if (what < 4) {
        write_string(buf, seed);
    } else if (what == 4) {
        tf_buf_text(buf, words[random_below(seed, 3)]);
    } else {
        tf_buf_char(buf, object ? '{' : '[');
        for (uint64_t i = 0, n = random_below(seed, 7); i < n; i++) {
            if (i)
                tf_buf_text(buf, random_below(seed, 3) ? "," : " ,\n");
            if (object && random_below(seed, 4))
                tf_buf_printf(buf, "\"%llu\":", (unsigned long long)i);
            else if (object) {
                write_string(buf, seed);
                tf_buf_text(buf, " : ");
            }
            write_value(buf, seed, depth + 1);
        }
        tf_buf_char(buf, object ? '}' : ']');
    }
}

static void made_and_broken_texts_are_read_as_jansson_does(void **state)
{
    (void)state;
    uint64_t first = random_seed(20261124);
    struct tf_buf buf = TF_BUF_INIT(1 << 20);
    print_message("seed %llu\n", (unsigned long long)first);
    for (uint64_t i = 0; i < 4000; i++) {
        uint64_t seed = first + i;
        tf_buf_clear(&buf);
        tf_buf_char(&buf, '[');
        write_value(&buf, &seed, 0);
        tf_buf_char(&buf, ']');
        must_agree(buf.data, buf.len);
        for (int broken = 0; broken < 8; broken++) {
            static const char bytes[] = "[]{}\",:\\u0e-.1 \xE2tn";
            buf.data[random_below(&seed, buf.len)] = bytes[random_below(&seed, sizeof bytes)];
            must_agree(buf.data, buf.len);
        }
        must_agree(buf.data, (size_t)random_below(&seed, buf.len));
    }
    tf_buf_release(&buf);
}

/* --- memory ------------------------------------------------------------------------------------
 */

static enum tf_status read_and_release(void *ctx)
{
    struct tf_jdoc doc;
    size_t at;
    enum tf_status rc = tf_jdoc_read(ctx, strlen(ctx), &doc, &at);
    tf_jdoc_release(&doc);
    return rc;
}

static void without_memory_nothing_is_left(void **state)
{
    (void)state;
    struct tf_buf buf = TF_BUF_INIT(10000);
    tf_buf_text(&buf, "{\"a\":[");
    for (int i = 0; i < 200; i++)
        tf_buf_text(&buf, i ? ",1" : "1"); /* more values than were thought of */
    tf_buf_char(&buf, ']');
    for (int i = 0; i < 20; i++)
        tf_buf_printf(&buf, ",\"%d\":0", i);
    tf_buf_char(&buf, '}');
    assert_true(allocfail_each(read_and_release, buf.data, 100) > 3);
    tf_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found),
        cmocka_unit_test(faults_have_a_place),
        cmocka_unit_test(tricky_texts_are_read_as_jansson_does),
        cmocka_unit_test(bytes_of_all_values_in_all_places),
        cmocka_unit_test(depth_ends_where_jansson_ends),
        cmocka_unit_test(many_names_are_compared),
        cmocka_unit_test(made_and_broken_texts_are_read_as_jansson_does),
        cmocka_unit_test(without_memory_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
