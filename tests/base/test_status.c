/*
 * test_status.c - sentences of statuses, and faults: what is kept, what is cut,
 * how the places are filled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../support/random.h"
#include <tafadi/status.h>

static void every_status_has_a_sentence(void **state)
{
    (void)state;
    assert_string_equal(tf_status_text(TF_OK), "success");
    for (int s = 0; s < TF_STATUS_COUNT; s++) {
        assert_true(strlen(tf_status_text((enum tf_status)s)) > 3);
        for (int t = 0; t < s; t++)
            assert_string_not_equal(tf_status_text((enum tf_status)s),
                                    tf_status_text((enum tf_status)t));
    }
    assert_string_equal(tf_status_text(TF_STATUS_COUNT), "unknown status");
}

static void a_fault_keeps_what_it_is_given(void **state)
{
    (void)state;
    struct tf_fault fault;
    enum tf_status rc = tf_fault_set(&fault, TF_RANGE, 7, "rings[0].lat_deg",
                                     "Latitude %1 is not in %2.", "91", "-90..90", NULL);
    assert_int_equal(rc, TF_RANGE);
    assert_int_equal(fault.code, TF_RANGE);
    assert_int_equal(fault.at, 7);
    assert_string_equal(fault.field, "rings[0].lat_deg");
    assert_string_equal(fault.message, "Latitude %1 is not in %2.");
    assert_string_equal(fault.arg[0], "91");
    assert_string_equal(fault.arg[1], "-90..90");
    assert_string_equal(fault.arg[2], "");
}

static void a_fault_is_optional_and_has_a_default_message(void **state)
{
    (void)state;
    assert_int_equal(tf_fault_set(NULL, TF_RING, 0, "f", "m", NULL, NULL, NULL), TF_RING);
    struct tf_fault fault;
    assert_int_equal(tf_fault_set(&fault, TF_TIME, TF_NO_INDEX, NULL, NULL, NULL, NULL, NULL),
                     TF_TIME);
    assert_string_equal(fault.message, tf_status_text(TF_TIME));
    assert_string_equal(fault.field, "");
}

/* Fills `text` with `n` times the two-byte letter U+0637, after `ascii` bytes. */
static void arabic(char *text, size_t ascii, size_t n)
{
    memset(text, 'x', ascii);
    for (size_t i = 0; i < n; i++)
        memcpy(text + ascii + 2 * i, "\xD8\xB7", 2);
    text[ascii + 2 * n] = '\0';
}

static void long_texts_are_cut_between_letters(void **state)
{
    (void)state;
    char text[400];
    for (size_t ascii = 0; ascii < 2; ascii++) {
        arabic(text, ascii, 150);
        struct tf_fault fault;
        assert_int_equal(tf_fault_set(&fault, TF_SYNTAX, 0, text, "%1", text, NULL, NULL),
                         TF_SYNTAX);
        size_t field_len = strlen(fault.field), arg_len = strlen(fault.arg[0]);
        assert_int_equal((field_len - ascii) % 2, 0);
        assert_int_equal((arg_len - ascii) % 2, 0);
        assert_in_range(field_len, TF_FAULT_FIELD_SIZE - 2, TF_FAULT_FIELD_SIZE - 1);
        assert_in_range(arg_len, TF_FAULT_ARG_SIZE - 2, TF_FAULT_ARG_SIZE - 1);
        assert_memory_equal(fault.field, text, field_len);
        assert_memory_equal(fault.arg[0], text, arg_len);
    }
}

static void places_are_filled_in_any_order(void **state)
{
    static const struct {
        const char *message, *text;
    } cases[] = {
        {"%1 and %2", "one and two"},
        {"%2 before %1", "two before one"}, /* another language, another order */
        {"%1%1%3", "oneonethree"},
        {"100 %", "100 %"},
        {"%4 %0 %x %%1", "%4 %0 %x %one"},
        {"", ""},
    };
    (void)state;
    struct tf_fault fault;
    (void)tf_fault_set(&fault, TF_RANGE, 0, NULL, NULL, "one", "two", "three");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64];
        size_t n = tf_fault_text(&fault, cases[i].message, out, sizeof out);
        assert_string_equal(out, cases[i].text);
        assert_int_equal(n, strlen(out));
    }
}

static void an_argument_is_never_a_pattern(void **state)
{
    (void)state;
    struct tf_fault fault;
    (void)tf_fault_set(&fault, TF_RANGE, 0, NULL, NULL, "%2%s%n", "%1", NULL);
    char out[64];
    tf_fault_text(&fault, "<%1|%2>", out, sizeof out);
    assert_string_equal(out, "<%2%s%n|%1>");
}

/* For every size of buffer: terminated, a prefix, and the full length is told. */
static void a_short_buffer_gets_a_prefix(void **state)
{
    (void)state;
    struct tf_fault fault;
    (void)tf_fault_set(&fault, TF_RANGE, 0, NULL, NULL, "abcdef", "", "z");
    char full[64], cut[64];
    size_t want = tf_fault_text(&fault, "[%1|%2|%3]", full, sizeof full);
    assert_string_equal(full, "[abcdef||z]");
    for (size_t size = 1; size < sizeof cut; size++) {
        memset(cut, '#', sizeof cut);
        assert_int_equal(tf_fault_text(&fault, "[%1|%2|%3]", cut, size), want);
        size_t len = strlen(cut);
        assert_int_equal(len, want < size ? want : size - 1);
        assert_memory_equal(cut, full, len);
        assert_int_equal(cut[size], '#');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_sentence),
        cmocka_unit_test(a_fault_keeps_what_it_is_given),
        cmocka_unit_test(a_fault_is_optional_and_has_a_default_message),
        cmocka_unit_test(long_texts_are_cut_between_letters),
        cmocka_unit_test(places_are_filled_in_any_order),
        cmocka_unit_test(an_argument_is_never_a_pattern),
        cmocka_unit_test(a_short_buffer_gets_a_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
