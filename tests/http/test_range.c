/*
 * test_range.c - Range headers: a table from RFC 9110, and random ones against a second reading of
 * the grammar (POSIX regular expressions, byte by byte).
 */
#include "http/range.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "random.h"

static enum http_range read_range(const char *text, uint64_t size, struct http_part *out)
{
    return http_range_read((struct http_slice){text, text ? strlen(text) : 0}, size, out);
}

static void known_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t size;
        enum http_range result;
        uint64_t first, len;
    } rows[] = {
        {NULL, 10000, HTTP_RANGE_NONE, 0, 0},
        /* RFC 9110 section 14.1.2, of 10,000 bytes */
        {"bytes=0-499", 10000, HTTP_RANGE_GOOD, 0, 500},
        {"bytes=500-999", 10000, HTTP_RANGE_GOOD, 500, 500},
        {"bytes=-500", 10000, HTTP_RANGE_GOOD, 9500, 500},
        {"bytes=9500-", 10000, HTTP_RANGE_GOOD, 9500, 500},
        {"bytes=0-0,-1", 10000, HTTP_RANGE_GOOD, 0, 1},
        {"bytes= 0-999, 4500-5499, -1000", 10000, HTTP_RANGE_GOOD, 0, 1000},
        {"bytes=500-700,601-999", 10000, HTTP_RANGE_GOOD, 500, 201},
        /* longer than the file; the last byte; one after it */
        {"bytes=9999-20000", 10000, HTTP_RANGE_GOOD, 9999, 1},
        {"bytes=-20000", 10000, HTTP_RANGE_GOOD, 0, 10000},
        {"bytes=10000-", 10000, HTTP_RANGE_OUTSIDE, 0, 0},
        {"bytes=-0", 10000, HTTP_RANGE_OUTSIDE, 0, 0},
        {"bytes=10000-,-0,20000-20001", 10000, HTTP_RANGE_OUTSIDE, 0, 0},
        {"bytes=20000-,7-8", 10000, HTTP_RANGE_GOOD, 7, 2},
        {"bytes=0-", 0, HTTP_RANGE_OUTSIDE, 0, 0},
        {"bytes=-5", 0, HTTP_RANGE_OUTSIDE, 0, 0},
        /* numbers that no integer holds */
        {"bytes=0-18446744073709551615", 10, HTTP_RANGE_GOOD, 0, 10},
        {"bytes=0-99999999999999999999999999", 10, HTTP_RANGE_GOOD, 0, 10},
        {"bytes=18446744073709551616-", 10, HTTP_RANGE_OUTSIDE, 0, 0},
        {"bytes=-99999999999999999999999999", 10, HTTP_RANGE_GOOD, 0, 10},
        {"bytes=5-18446744073709551615", UINT64_MAX, HTTP_RANGE_GOOD, 5, UINT64_MAX - 5},
        /* lists with empty elements, units in capitals */
        {"BYTES=,, 1-2 ,\t", 10, HTTP_RANGE_GOOD, 1, 2},
        /* other units are not looked at; what is malformed voids all of it */
        {"lines=1-2", 10, HTTP_RANGE_NONE, 0, 0},
        {"", 10, HTTP_RANGE_NONE, 0, 0},
        {"bytes", 10, HTTP_RANGE_NONE, 0, 0},
        {"bytes=", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=,", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=-", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=1", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=2-1", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=1-2,x", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=1-2;3-4", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=1-2 3-4", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=1 - 2", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=--1", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=+1-2", 10, HTTP_RANGE_MALFORMED, 0, 0},
        {"bytes=0x1-2", 10, HTTP_RANGE_MALFORMED, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_part part = {0, 0};
        if (read_range(rows[i].text, rows[i].size, &part) != rows[i].result ||
            part.first != rows[i].first || part.len != rows[i].len)
            fail_msg("%s of %llu: %llu, %llu", rows[i].text, (unsigned long long)rows[i].size,
                     (unsigned long long)part.first, (unsigned long long)part.len);
    }
}

/* --- a second reading ------------------------------------------------------------------------ */

enum { SMALL = 24 }; /* bytes of the file */

/* The bytes that one element asks for, of digits that are few. False: it is not of the grammar. */
static bool bytes_of(const char *one, bool wanted[SMALL])
{
    long long first, last;
    bool from = one[0] != '-', to = one[strlen(one) - 1] != '-';
    if (from && to) {
        if (sscanf(one, "%lld-%lld", &first, &last) != 2 || last < first)
            return false;
    } else if (from) {
        first = strtoll(one, NULL, 10);
        last = SMALL;
    } else {
        first = SMALL - strtoll(one + 1, NULL, 10);
        last = SMALL;
    }
    for (int i = 0; i < SMALL; i++)
        wanted[i] = i >= first && i <= last;
    return true;
}

static enum http_range second_reading(const regex_t *all, const char *text, struct http_part *out)
{
    char copy[128], *rest = copy;
    enum http_range result = HTTP_RANGE_OUTSIDE;
    if (strlen(text) < 6 || strncasecmp(text, "bytes=", 6) != 0)
        return HTTP_RANGE_NONE;
    if (regexec(all, text, 0, NULL, 0) != 0)
        return HTTP_RANGE_MALFORMED;
    snprintf(copy, sizeof copy, "%s", text + 6);
    for (char *one; (one = strtok_r(NULL, ", \t", &rest));) {
        bool wanted[SMALL];
        if (!bytes_of(one, wanted))
            return HTTP_RANGE_MALFORMED;
        for (uint64_t i = 0; result == HTTP_RANGE_OUTSIDE && i < SMALL; i++)
            if (wanted[i]) {
                *out = (struct http_part){i, 0};
                while (i < SMALL && wanted[i++])
                    out->len++;
                result = HTTP_RANGE_GOOD;
            }
    }
    return result;
}

/* Pieces that make good lists often, and nearly good ones; no number of more than 18 digits. */
static void make_header(uint64_t *random, char out[128])
{
    static const char *const pieces[] = {"0",  "3",  "7",   "12", "23",  "24",  "30", "-", "-",
                                         "-",  "-",  ",",   ",",  " , ", "\t",  " ",  "x", "0-",
                                         "-5", "1-", "2-9", ",,", "-0",  "25-", "007"};
    static const char *const units[] = {
        "bytes=", "bytes=", "bytes=", "bytes=", "Bytes=", "bytes", "lines=", "bytes ="};
    size_t len = (size_t)snprintf(out, 128, "%s", units[random_below(random, 8)]);
    for (uint64_t n = random_below(random, 7); n > 0; n--)
        len += (size_t)snprintf(out + len, 128 - len, "%s",
                                pieces[random_below(random, sizeof pieces / sizeof *pieces)]);
}

static void as_a_second_reading(void **state)
{
    (void)state;
    uint64_t seed = random_seed(9110), random = seed;
    size_t seen[HTTP_RANGE_MALFORMED + 1] = {0};
    regex_t all;
    assert_int_equal(regcomp(&all,
                             "^[Bb][Yy][Tt][Ee][Ss]=([ \t]*,)*[ \t]*([0-9]+-[0-9]*|-[0-9]+)"
                             "([ \t]*,[ \t]*([0-9]+-[0-9]*|-[0-9]+)?)*[ \t]*$",
                             REG_EXTENDED | REG_NOSUB),
                     0);
    for (int i = 0; i < 100000; i++) {
        char text[128];
        struct http_part part = {0, 0}, other = {0, 0};
        make_header(&random, text);
        enum http_range result = read_range(text, SMALL, &part);
        bool is_same =
            result == second_reading(&all, text, &other) &&
            (result != HTTP_RANGE_GOOD || (part.first == other.first && part.len == other.len));
        if (!is_same)
            fail_msg("seed %llu: \"%s\"", (unsigned long long)seed, text);
        seen[result]++;
    }
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        assert_true(seen[i] > 100); /* each of them was tried */
    regfree(&all);
}

static void if_range(void **state)
{
    (void)state;
    static const char etag[] = "\"1-2\"";
    static const char *const others[] = {"",          "1-2",
                                         "W/\"1-2\"", "\"1-2\" ",
                                         "\"1-3\"",   "\"1-2\", \"1-3\"",
                                         "*",         "Sat, 28 Nov 2026 20:00:00 GMT"};
    assert_true(http_range_stands((struct http_slice){NULL, 0}, etag));
    assert_true(http_range_stands((struct http_slice){etag, strlen(etag)}, etag));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(http_range_stands((struct http_slice){others[i], strlen(others[i])}, etag));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_ranges),
        cmocka_unit_test(as_a_second_reading),
        cmocka_unit_test(if_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
