/*
 * test_buf.c - the byte buffer: its maximum, failed allocations, and escaping,
 * read back by independent parsers (jansson for JSON, expat for XML).
 */
#include "base/buf.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <expat.h>
#include <jansson.h>

#include "allocfail.h"
#include "random.h"

static void a_new_buffer_is_empty(void **state)
{
    (void)state;
    struct tf_buf buf = TF_BUF_INIT(100);
    assert_int_equal(tf_buf_status(&buf), TF_OK);
    assert_null(buf.data);
    tf_buf_append(&buf, "", 0);
    assert_string_equal(buf.data, "");
    tf_buf_release(&buf);
    assert_null(buf.data);
    tf_buf_release(&buf);
}

static void everything_is_appended_in_order(void **state)
{
    (void)state;
    struct tf_buf buf = TF_BUF_INIT(100000);
    for (int i = 0; i < 1000; i++) {
        tf_buf_text(&buf, "ab");
        tf_buf_char(&buf, '-');
        tf_buf_printf(&buf, "%05d", i);
        assert_int_equal(buf.len, (size_t)(i + 1) * 8);
        assert_int_equal(buf.data[buf.len], '\0');
    }
    assert_memory_equal(buf.data, "ab-00000ab-00001ab-00002", 24);
    assert_string_equal(buf.data + 999 * 8, "ab-00999");
    assert_int_equal(tf_buf_status(&buf), TF_OK);
    tf_buf_release(&buf);
}

/* `max` counts the terminator: max - 1 bytes fit, one more does not. */
static void the_maximum_is_kept(void **state)
{
    (void)state;
    char bytes[64] = {0};
    for (size_t max = 1; max < sizeof bytes; max++)
        for (size_t first = 0; first < max; first++) {
            struct tf_buf buf = TF_BUF_INIT(max);
            tf_buf_append(&buf, bytes, first);
            tf_buf_append(&buf, bytes, max - 1 - first);
            assert_int_equal(tf_buf_status(&buf), TF_OK);
            tf_buf_char(&buf, 'x');
            assert_int_equal(tf_buf_status(&buf), TF_LIMIT);
            assert_int_equal(buf.len, max - 1);
            tf_buf_release(&buf);
        }
}

static void a_failure_is_remembered_and_cleared(void **state)
{
    (void)state;
    struct tf_buf buf = TF_BUF_INIT(6);
    tf_buf_text(&buf, "abc");
    tf_buf_text(&buf, "too long");
    tf_buf_text(&buf, "d"); /* would fit, but something is missing before it */
    assert_int_equal(tf_buf_status(&buf), TF_LIMIT);
    assert_string_equal(buf.data, "abc");
    tf_buf_clear(&buf);
    assert_int_equal(tf_buf_status(&buf), TF_OK);
    assert_string_equal(buf.data, "");
    tf_buf_printf(&buf, "%s", "12345");
    assert_int_equal(tf_buf_status(&buf), TF_OK);
    tf_buf_release(&buf);
}

static enum tf_status fill(void *ctx)
{
    (void)ctx;
    struct tf_buf buf = TF_BUF_INIT(1 << 20);
    for (int i = 0; i < 3000; i++)
        tf_buf_printf(&buf, "%d ", i);
    tf_buf_json(&buf, "\"x\"");
    tf_buf_xml(&buf, "<x>");
    enum tf_status rc = tf_buf_status(&buf);
    tf_buf_release(&buf);
    return rc;
}

static void a_failed_allocation_is_a_status(void **state)
{
    (void)state;
    assert_true(allocfail_each(fill, NULL, 100) >= 5);
}

/* One random code point, as UTF-8; never NUL, never a surrogate. */
static size_t random_letter(uint64_t *rng, char *out)
{
    static const uint32_t below[] = {0x20, 0x80, 0x800, 0x10000, 0x110000};
    uint32_t c = (uint32_t)random_below(rng, below[random_below(rng, 5)] - 1) + 1;
    if (c >= 0xD800 && c <= 0xDFFF)
        c = 0x637;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00 >> len & 0xF0) | c);
    return len;
}

static void random_text(uint64_t *rng, char *out, size_t letters)
{
    size_t len = 0;
    for (size_t i = 0; i < letters; i++)
        len += random_letter(rng, out + len);
    out[len] = '\0';
}

static void json_strings_are_read_back(void **state)
{
    (void)state;
    uint64_t seed = random_seed(5), rng = seed;
    for (int i = 0; i < 20000; i++) {
        char text[200];
        random_text(&rng, text, random_below(&rng, 40));
        struct tf_buf buf = TF_BUF_INIT(10000);
        tf_buf_json(&buf, text);
        json_t *value = json_loadb(buf.data, buf.len, JSON_DECODE_ANY, NULL);
        if (!value || strcmp(json_string_value(value), text) != 0)
            fail_msg("seed %" PRIu64 ", round %d: %s", seed, i, buf.data);
        json_decref(value);
        tf_buf_release(&buf);
    }
}

/* Whatever the bytes, the result is a JSON string. */
static void json_of_random_bytes_is_valid(void **state)
{
    (void)state;
    uint64_t seed = random_seed(6), rng = seed;
    for (int i = 0; i < 20000; i++) {
        char text[40];
        size_t len = random_below(&rng, sizeof text);
        for (size_t j = 0; j < len; j++)
            text[j] = (char)(random_below(&rng, 255) + 1);
        text[len] = '\0';
        struct tf_buf buf = TF_BUF_INIT(10000);
        tf_buf_json(&buf, text);
        json_t *value = json_loadb(buf.data, buf.len, JSON_DECODE_ANY, NULL);
        if (!value)
            fail_msg("seed %" PRIu64 ", round %d: %s", seed, i, buf.data);
        json_decref(value);
        tf_buf_release(&buf);
    }
}

static void invalid_utf8_becomes_the_replacement_character(void **state)
{
    static const struct {
        const char *bytes, *json;
    } cases[] = {
        {"a\xFFz", "\"a\xEF\xBF\xBDz\""},
        {"\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                 /* overlong */
        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* surrogate */
        {"\xF4\x90\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"\xD8", "\"\xEF\xBF\xBD\""}, /* cut off */
        {"\xD8\xB7", "\"\xD8\xB7\""},
        {"\xF4\x8F\xBF\xBF", "\"\xF4\x8F\xBF\xBF\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tf_buf buf = TF_BUF_INIT(1000);
        tf_buf_json(&buf, cases[i].bytes);
        assert_string_equal(buf.data, cases[i].json);
        tf_buf_release(&buf);
    }
}

/* Collects what expat reports: here, the value of the attribute. */
static void on_start(void *ctx, const char *name, const char **attributes)
{
    (void)name;
    tf_buf_text(ctx, attributes[1]);
}

static bool is_xml_letter(const char *letter, size_t len)
{
    bool noncharacter = len == 3 && memcmp(letter, "\xEF\xBF", 2) == 0 &&
                        ((unsigned char)letter[2] == 0xBE || (unsigned char)letter[2] == 0xBF);
    return len > 1 ? !noncharacter : *letter >= 0x20;
}

static void xml_texts_are_read_back(void **state)
{
    (void)state;
    uint64_t seed = random_seed(7), rng = seed;
    for (int i = 0; i < 20000; i++) {
        char text[200] = "", letter[4];
        size_t len = 0;
        for (size_t n = random_below(&rng, 40); n > 0; n--) {
            size_t letter_len = random_letter(&rng, letter);
            if (!is_xml_letter(letter, letter_len))
                continue;
            memcpy(text + len, letter, letter_len);
            len += letter_len;
        }
        text[len] = '\0';
        struct tf_buf xml = TF_BUF_INIT(10000), read = TF_BUF_INIT(10000);
        tf_buf_text(&read, "");
        tf_buf_text(&xml, "<a t=\"");
        tf_buf_xml(&xml, text);
        tf_buf_text(&xml, "\"/>");
        XML_Parser parser = XML_ParserCreate("UTF-8");
        XML_SetUserData(parser, &read);
        XML_SetStartElementHandler(parser, on_start);
        if (!XML_Parse(parser, xml.data, (int)xml.len, 1) || strcmp(read.data, text) != 0)
            fail_msg("seed %" PRIu64 ", round %d: %s", seed, i, xml.data);
        XML_ParserFree(parser);
        tf_buf_release(&xml);
        tf_buf_release(&read);
    }
}

static void xml_drops_what_xml_cannot_hold(void **state)
{
    static const struct {
        const char *text, *xml;
    } cases[] = {
        {"a\x01\x1F\nb\r", "a\nb"},
        {"<&>\"'", "&lt;&amp;&gt;&quot;&#39;"},
        {"a\xFF", "a\xEF\xBF\xBD"},
        {"\xEF\xBF\xBE", "\xEF\xBF\xBD"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tf_buf buf = TF_BUF_INIT(1000);
        tf_buf_xml(&buf, cases[i].text);
        assert_string_equal(buf.data, cases[i].xml);
        tf_buf_release(&buf);
    }
}

static void integers_are_as_printf_has_them(void **state)
{
    static const int64_t values[] = {0, 1, -1, 9, 10, 1234567890, INT32_MIN, INT64_MAX, INT64_MIN};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct tf_buf buf = TF_BUF_INIT(100);
        char want[32];
        snprintf(want, sizeof want, "%lld", (long long)values[i]);
        tf_buf_int(&buf, values[i]);
        assert_string_equal(buf.data, want);
        tf_buf_release(&buf);
    }
}

static void doubles_are_read_back(void **state)
{
    (void)state;
    uint64_t seed = random_seed(8), rng = seed;
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = random_next(&rng);
        double value;
        memcpy(&value, &bits, sizeof value);
        struct tf_buf buf = TF_BUF_INIT(100);
        tf_buf_double(&buf, value);
        bool same =
            isfinite(value) ? strtod(buf.data, NULL) == value : strcmp(buf.data, "null") == 0;
        if (!same)
            fail_msg("seed %" PRIu64 ": %a as %s", seed, value, buf.data);
        tf_buf_release(&buf);
    }
}

static void doubles_are_short(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"},
                 {0, "0"},
                 {1e300, "1e+300"},
                 {-35.25, "-35.25"},
                 {1.0 / 3, "0.3333333333333333"},
                 {NAN, "null"},
                 {INFINITY, "null"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tf_buf buf = TF_BUF_INIT(100);
        tf_buf_double(&buf, cases[i].value);
        assert_string_equal(buf.data, cases[i].text);
        tf_buf_release(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_buffer_is_empty),
        cmocka_unit_test(everything_is_appended_in_order),
        cmocka_unit_test(the_maximum_is_kept),
        cmocka_unit_test(a_failure_is_remembered_and_cleared),
        cmocka_unit_test(a_failed_allocation_is_a_status),
        cmocka_unit_test(json_strings_are_read_back),
        cmocka_unit_test(json_of_random_bytes_is_valid),
        cmocka_unit_test(invalid_utf8_becomes_the_replacement_character),
        cmocka_unit_test(xml_texts_are_read_back),
        cmocka_unit_test(xml_drops_what_xml_cannot_hold),
        cmocka_unit_test(integers_are_as_printf_has_them),
        cmocka_unit_test(doubles_are_read_back),
        cmocka_unit_test(doubles_are_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
