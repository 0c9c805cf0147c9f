/*
 * test_parser.c - the request parser: tables of good and bad heads, every way to cut a
 * request in two, and chunked bodies against a reference.
 */
#include "http/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"

static long parse(const char *text, struct http_head *head)
{
    const char *why = NULL;
    long n = http_parse_head(text, strlen(text), NULL, head, &why);
    if (n < 0)
        assert_non_null(why);
    return n;
}

static void assert_slice(struct http_slice slice, const char *text)
{
    if (!http_slice_is(slice, text))
        fail_msg("\"%.*s\" is not \"%s\"", (int)slice.len, slice.at ? slice.at : "", text);
}

/* --- heads ------------------------------------------------------------------------------ */

static void a_head_in_all_its_parts(void **state)
{
    (void)state;
    static const char text[] = "POST /a/b?x=1&y=%20 HTTP/1.1\r\nHost: h\r\nX-Empty:\r\n"
                               "Content-Length:  \t12 \t\r\nConnection: upgrade, Close\r\n"
                               "Expect: 100-Continue\r\n\r\n";
    struct http_head head;
    assert_int_equal(parse(text, &head), sizeof text - 1);
    assert_int_equal(head.method, HTTP_POST);
    assert_slice(head.target, "/a/b?x=1&y=%20");
    assert_slice(head.path, "/a/b");
    assert_slice(head.query, "x=1&y=%20");
    assert_int_equal(head.minor, 1);
    assert_int_equal(head.header_count, 5);
    assert_int_equal(head.content_length, 12);
    assert_false(head.chunked);
    assert_false(head.keep_alive);
    assert_true(head.expects_continue);
    assert_slice(http_header(&head, "x-empty"), "");
    assert_non_null(http_header(&head, "x-empty").at);
    assert_null(http_header(&head, "absent").at);
}

static void good_heads(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum http_method method;
        bool keep_alive, chunked;
    } good[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_GET, true, false},
        {"HEAD / HTTP/1.1\r\nhost:x\r\n\r\n", HTTP_HEAD, true, false},
        {"PUT / HTTP/1.1\r\nHOST: x\r\nTransfer-Encoding: Chunked\r\n\r\n", HTTP_PUT, true, true},
        {"DELETE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", HTTP_DELETE, false, false},
        {"GET / HTTP/1.0\r\n\r\n", HTTP_GET, false, false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", HTTP_GET, true, false},
        {"get / HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_OTHER, true, false},
        {"M-SEARCH / HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_OTHER, true, false},
        {"GET /? HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_GET, true, false},
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: closely\r\n\r\n", HTTP_GET, true, false},
        {"GET / HTTP/1.1\r\nHost: x\r\nX: \xC3\xA9\r\n\r\n", HTTP_GET, true, false},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct http_head head;
        print_message("%s", good[i].text);
        assert_int_equal(parse(good[i].text, &head), strlen(good[i].text));
        assert_int_equal(head.method, good[i].method);
        assert_int_equal(head.keep_alive, good[i].keep_alive);
        assert_int_equal(head.chunked, good[i].chunked);
    }
}

#define HOST "Host: x\r\n"
static const struct {
    int status;
    const char *text;
} bad_heads[] = {
    {400, "\r\n\r\n"},
    {400, " GET / HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET\r\n\r\n"},
    {400, "GET /\r\n\r\n"},
    {400, "GET  / HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET /  HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET / HTTP/1.1 \r\n" HOST "\r\n"},
    {400, "GET / http/1.1\r\n" HOST "\r\n"},
    {400, "GET / HTTP/11\r\n" HOST "\r\n"},
    {400, "G@T / HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET * HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET x HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET http://x/ HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET /# HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET /\xC3\xA9 HTTP/1.1\r\n" HOST "\r\n"},
    {505, "GET / HTTP/1.2\r\n" HOST "\r\n"},
    {505, "GET / HTTP/2.0\r\n" HOST "\r\n"},
    {400, "GET / HTTP/1.1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n"},
    {400, "GET / HTTP/1.0\r\n" HOST HOST "\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "X\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST ": y\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "X : y\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST " X: y\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "X: y\r\n\tz\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "X: y\nZ: z\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "X: y\rZ: z\r\n\r\n"},
    {400, "GET / HTTP/1.1\n" HOST "\n\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "X: \x01\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "X: \x7F\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "content-length: 1\r\nContent-Length: 2\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551617\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {400,
     "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {501, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n"},
    {501, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, identity\r\n\r\n"},
    {501, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n"},
    {501, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n"},
    {501, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Authorization: a\r\nAuthorization: b\r\n\r\n"},
};

static void bad_ones_have_their_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_heads / sizeof *bad_heads; i++) {
        struct http_head head;
        print_message("%s", bad_heads[i].text);
        assert_int_equal(parse(bad_heads[i].text, &head), -bad_heads[i].status);
    }
}

static void a_nul_is_refused_wherever_it_is(void **state)
{
    (void)state;
    static const char good[] = "GET /a HTTP/1.1\r\nHost: x\r\nX: y\r\n\r\n";
    for (size_t i = 0; i + 4 < sizeof good; i++) {
        char text[sizeof good];
        struct http_head head;
        const char *why;
        memcpy(text, good, sizeof good);
        text[i] = '\0';
        assert_int_equal(http_parse_head(text, sizeof good - 1, NULL, &head, &why), -400);
    }
}

static void limits_hold_to_the_byte(void **state)
{
    (void)state;
    static char text[HTTP_MAX_HEAD + 100];
    struct http_head head;
    /* A target of exactly the limit, and one more. */
    for (int more = 0; more < 2; more++) {
        int n = snprintf(text, sizeof text, "GET /%0*d HTTP/1.1\r\nHost: x\r\n\r\n",
                         HTTP_MAX_TARGET - 1 + more, 0);
        assert_int_equal(parse(text, &head), more ? -414 : n);
    }
    /* As many headers as there may be, and one more. */
    for (int more = 0; more < 2; more++) {
        int n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: x\r\n");
        for (int i = 1; i < HTTP_MAX_HEADERS + more; i++)
            n += snprintf(text + n, sizeof text - (size_t)n, "X: y\r\n");
        n += snprintf(text + n, sizeof text - (size_t)n, "\r\n");
        assert_int_equal(parse(text, &head), more ? -431 : n);
    }
    /* A head of exactly the limit, and one more. */
    for (int more = 0; more < 2; more++) {
        static const char frame[] = "GET / HTTP/1.1\r\nHost: x\r\nX: \r\n\r\n";
        int pad = HTTP_MAX_HEAD - (int)(sizeof frame - 1) + more;
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: x\r\nX: %0*d\r\n\r\n", pad, 0);
        assert_int_equal(parse(text, &head), more ? -431 : HTTP_MAX_HEAD);
    }
}

static void every_beginning_of_a_good_head_is_unfinished(void **state)
{
    (void)state;
    static const char text[] =
        "PUT /a?b HTTP/1.1\r\nHost: x\r\nX: y z\r\nContent-Length: 3\r\n\r\n";
    struct http_head head;
    const char *why;
    size_t looked = 0;
    for (size_t n = 0; n < sizeof text - 1; n++) {
        assert_int_equal(http_parse_head(text, n, NULL, &head, &why), 0);
        assert_int_equal(http_parse_head(text, n, &looked, &head, &why), 0);
        assert_true(looked <= n && n - looked <= 3); /* the rest is not read again */
    }
    assert_int_equal(http_parse_head(text, sizeof text, &looked, &head, &why), sizeof text - 1);
    /* What follows the head does not matter. */
    assert_int_equal(http_parse_head(text, sizeof text, NULL, &head, &why), sizeof text - 1);
}

/* --- chunked bodies ------------------------------------------------------------------------ */

enum { BODY_MAX = 4000, CODED_MAX = 16000 };

/* A random chunking of a random body. */
static size_t encode(uint64_t *seed, const char *body, size_t len, char *out)
{
    size_t n = 0, at = 0;
    while (at < len) {
        size_t size = 1 + random_below(seed, len - at < 300 ? len - at : 300);
        switch (random_below(seed, 3)) {
        case 0:
            n += (size_t)snprintf(out + n, 20, "%zx", size);
            break;
        case 1:
            n += (size_t)snprintf(out + n, 20, "%zX", size);
            break;
        default:
            n += (size_t)snprintf(out + n, 20, "%05zx", size);
        }
        n += (size_t)snprintf(out + n, 20, "%s", random_below(seed, 4) ? "\r\n" : ";ext=\"q\"\r\n");
        memcpy(out + n, body + at, size);
        n += size;
        memcpy(out + n, "\r\n", 2);
        n += 2;
        at += size;
    }
    n += (size_t)snprintf(out + n, 40, "%s",
                          random_below(seed, 2) ? "0\r\n\r\n" : "00;x\r\nT: v\r\n\r\n");
    return n;
}

/* Feeds the coded bytes in random pieces, in place as the server does. */
static long feed(uint64_t *seed, const char *coded, size_t len, size_t max, char *body,
                 size_t *body_len)
{
    struct http_chunked c = {0};
    size_t given = 0, used = 0;
    *body_len = 0;
    while (given < len && !c.done) {
        size_t piece = 1 + random_below(seed, random_below(seed, 2) ? 3 : 900);
        if (piece > len - given)
            piece = len - given;
        memcpy(body + *body_len, coded + given, piece);
        given += piece;
        long n = http_chunked_feed(&c, body + *body_len, piece, body, body_len, max);
        if (n < 0)
            return n;
        assert_true(c.done || (size_t)n == piece);
        used += (size_t)n;
    }
    return c.done ? (long)used : 0;
}

static void chunked_bodies_come_out_as_they_went_in(void **state)
{
    (void)state;
    uint64_t seed = random_seed(11);
    for (int round = 0; round < 2000; round++) {
        uint64_t begun = seed;
        char body[BODY_MAX], coded[CODED_MAX], out[CODED_MAX];
        size_t len = random_below(&seed, 900), n, got;
        for (size_t i = 0; i < len; i++)
            body[i] = (char)random_next(&seed);
        n = encode(&seed, body, len, coded);
        size_t extra = random_below(&seed, 20);
        memset(coded + n, 'G', extra);
        long used = feed(&seed, coded, n + extra, BODY_MAX, out, &got);
        if (used != (long)n || got != len || memcmp(out, body, len) != 0)
            fail_msg("seed %llu: %ld of %zu used, %zu of %zu bytes", (unsigned long long)begun,
                     used, n, got, len);
        if (len > 0)
            assert_int_equal(feed(&seed, coded, n, len - 1, out, &got), -2);
    }
}

static void malformed_chunks(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\r\n",           ";\r\n",      "g\r\n",         "-1\r\n",        "+1\r\n",
        "0x1\r\n",        " 1\r\n",     "1 \r\n",        "1\n",           "1\r1",
        "1\r\nab",        "1\r\na\n",   "1\r\na\rb",     "0\r\n\rX",      "0\r\nX\n",
        "0\r\nX: y\r\rZ", "0;\x01\r\n", "0\r\n\x01\r\n", "1\r\na\r\n\r\n"};
    uint64_t seed = 3;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char out[100];
        size_t got;
        print_message("%s", bad[i]);
        assert_int_equal(feed(&seed, bad[i], strlen(bad[i]), 100, out, &got), -1);
    }
}

static void sizes_too_large_are_seen_at_once(void **state)
{
    (void)state;
    static const char *const large[] = {"65\r\n", "ffffffff\r\n", "ffffffffff\r\n"};
    uint64_t seed = 3;
    char out[400];
    size_t got;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(feed(&seed, large[i], strlen(large[i]), 100, out, &got), -2);
    assert_int_equal(feed(&seed, "ffffffffffffffffffff\r\n", 22, 100, out, &got), -1);
    char line[302] = "1;";
    memset(line + 2, 'x', sizeof line - 2);
    assert_int_equal(feed(&seed, line, sizeof line, 100, out, &got), -1);
}

/* --- targets ---------------------------------------------------------------------------------- */

static struct http_slice slice_of(const char *text)
{
    return (struct http_slice){text, strlen(text)};
}

static void percent_encoding(void **state)
{
    (void)state;
    static const struct {
        const char *coded, *plain; /* NULL: refused */
    } cases[] = {{"", ""},
                 {"a%20b", "a b"},
                 {"%41%7a%7A", "Azz"},
                 {"a+b", "a+b"},
                 {"%2F", "/"},
                 {"%C3%A9", "\xC3\xA9"},
                 {"%E2%82%AC%F0%9F%9B%A9", "\xE2\x82\xAC\xF0\x9F\x9B\xA9"},
                 {"%F4%8F%BF%BF", "\xF4\x8F\xBF\xBF"},
                 {"%", NULL},
                 {"%4", NULL},
                 {"%4g", NULL},
                 {"%g4", NULL},
                 {"a%", NULL},
                 {"%00", NULL},
                 {"a%00b", NULL},
                 {"%80", NULL},          /* a continuation alone */
                 {"%C3", NULL},          /* cut off */
                 {"%E2%82", NULL},       /* cut off */
                 {"%C0%AF", NULL},       /* overlong */
                 {"%E0%80%AF", NULL},    /* overlong */
                 {"%F0%80%80%AF", NULL}, /* overlong */
                 {"%ED%A0%80", NULL},    /* a surrogate */
                 {"%F4%90%80%80", NULL}, /* above U+10FFFF */
                 {"%FF", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64];
        size_t len;
        bool good = http_decode(slice_of(cases[i].coded), false, out, sizeof out, &len);
        print_message("%s\n", cases[i].coded);
        assert_int_equal(good, cases[i].plain != NULL);
        if (good)
            assert_string_equal(out, cases[i].plain);
        if (good)
            assert_int_equal(len, strlen(cases[i].plain));
    }
    char small[4];
    assert_true(http_decode(slice_of("abc"), false, small, sizeof small, NULL));
    assert_false(http_decode(slice_of("abcd"), false, small, sizeof small, NULL));
}

static void query_parameters(void **state)
{
    (void)state;
    static const char query[] = "area=1,2&b=x+y%2B&c&area=9&=z&bad=%&ar=3&d=";
    char out[32];
    assert_true(http_query_value(slice_of(query), "area", out, sizeof out));
    assert_string_equal(out, "1,2");
    assert_true(http_query_value(slice_of(query), "b", out, sizeof out));
    assert_string_equal(out, "x y+");
    assert_true(http_query_value(slice_of(query), "c", out, sizeof out));
    assert_string_equal(out, "");
    assert_true(http_query_value(slice_of(query), "d", out, sizeof out));
    assert_true(http_query_has(slice_of(query), "bad"));
    assert_false(http_query_value(slice_of(query), "bad", out, sizeof out));
    assert_false(http_query_has(slice_of(query), "are"));
    assert_false(http_query_has((struct http_slice){NULL, 0}, "area"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_in_all_its_parts),
        cmocka_unit_test(good_heads),
        cmocka_unit_test(bad_ones_have_their_status),
        cmocka_unit_test(a_nul_is_refused_wherever_it_is),
        cmocka_unit_test(limits_hold_to_the_byte),
        cmocka_unit_test(every_beginning_of_a_good_head_is_unfinished),
        cmocka_unit_test(chunked_bodies_come_out_as_they_went_in),
        cmocka_unit_test(malformed_chunks),
        cmocka_unit_test(sizes_too_large_are_seen_at_once),
        cmocka_unit_test(percent_encoding),
        cmocka_unit_test(query_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
