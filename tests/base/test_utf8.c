/*
 * Every code point is read back, nothing else is; a cut never falls within a character.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/utf8.h"

/* RFC 3629, section 3. Returns the length. */
static size_t encode(uint32_t code, char out[4])
{
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(len == 1 ? code : (0xF00u >> len & 0xF0) | code);
    return len;
}

static void every_code_point_is_read_back(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x1FFFFF; code++) {
        char text[4];
        uint32_t read = 0;
        size_t len = encode(code, text);
        bool none = code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF);
        assert_int_equal(tf_utf8_decode(text, len, &read), none ? 0 : len);
        assert_int_equal(read, none ? 0 : code);
        assert_int_equal(tf_utf8_decode(text, len - 1, &read), 0);
    }
}

static void two_byte_sequences_are_read_as_their_bits_say(void **state)
{
    (void)state;
    for (unsigned bytes = 0; bytes <= 0xFFFF; bytes++) {
        char text[2] = {(char)(bytes >> 8), (char)(bytes & 0xFF)};
        unsigned first = bytes >> 8, second = bytes & 0xFF;
        bool pair = first >= 0xC2 && first <= 0xDF && second >= 0x80 && second <= 0xBF;
        uint32_t code;
        assert_int_equal(tf_utf8_decode(text, 2, &code), first < 0x80 ? 1 : pair ? 2 : 0);
    }
}

static void a_cut_is_between_characters(void **state)
{
    (void)state;
    char text[64] = "a\xD8\xB7\xE2\x82\xAC\xF0\x9F\x9A\x81z\xF0\x9F\x9A\x81";
    for (size_t len = 0; len <= strlen(text); len++) {
        size_t cut = tf_utf8_cut(text, len), at = 0;
        uint32_t code;
        while (at < cut) {
            size_t step = tf_utf8_decode(text + at, cut - at, &code);
            assert_int_not_equal(step, 0);
            at += step;
        }
        size_t next = cut < len ? tf_utf8_decode(text + cut, strlen(text) - cut, &code) : 1;
        assert_true(cut <= len && cut + next > len); /* and no whole character is lost */
    }
}

static void a_cut_of_garbage_loses_three_bytes_at_most(void **state)
{
    (void)state;
    assert_int_equal(tf_utf8_cut("\x80\x80\x80\x80\x80\x80", 5), 2);
    assert_int_equal(tf_utf8_cut("\x80\x80\x80", 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_is_read_back),
        cmocka_unit_test(two_byte_sequences_are_read_as_their_bits_say),
        cmocka_unit_test(a_cut_is_between_characters),
        cmocka_unit_test(a_cut_of_garbage_loses_three_bytes_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
