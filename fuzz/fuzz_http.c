/*
 * fuzz_http.c - the request parser: the head and a chunked body come out the same however
 * the bytes are cut, and no count leaves its bounds.
 */
#include "http/parser.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 5000 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_head(const struct http_head *head, const char *bytes, long len)
{
    must(head->header_count <= HTTP_MAX_HEADERS && head->target.len <= HTTP_MAX_TARGET);
    must(!head->chunked || head->content_length == 0);
    must(head->target.at > bytes && head->target.at + head->target.len < bytes + len);
    must(head->target.at[0] == '/' && !memchr(head->target.at, ' ', head->target.len));
    for (size_t i = 0; i < head->header_count; i++) {
        struct http_slice name = head->headers[i].name, value = head->headers[i].value;
        must(name.len > 0 && name.at + name.len < value.at + 1);
        must(value.at + value.len <= bytes + len && !memchr(value.at, '\n', value.len));
    }
}

/* Every piece of the target decodes to clean text, or not at all. */
static void check_target(const struct http_head *head)
{
    char out[300];
    size_t len;
    if (http_decode(head->path, false, out, sizeof out, &len))
        must(strlen(out) == len && len <= head->path.len);
    if (http_query_value(head->query, "a", out, sizeof out))
        must(http_query_has(head->query, "a"));
}

/* Feeds in pieces whose sizes follow from `seed`; 0: all at once. */
static long feed(const char *bytes, size_t size, unsigned seed, char *body, size_t *len)
{
    struct http_chunked c = {0};
    size_t used = 0;
    *len = 0;
    while (used < size && !c.done) {
        size_t piece = seed ? 1 + (seed = seed * 1103515245u + 12345u) / 65536u % 9 : size;
        if (piece > size - used)
            piece = size - used;
        long n = http_chunked_feed(&c, bytes + used, piece, body, len, BODY_MAX);
        must(*len <= BODY_MAX && n <= (long)piece);
        if (n < 0)
            return n;
        must(c.done || n == (long)piece);
        used += (size_t)n;
    }
    return c.done ? (long)used : 0;
}

static void check_body(const char *bytes, size_t size)
{
    char whole[BODY_MAX], cut[BODY_MAX];
    size_t whole_len, cut_len;
    long all = feed(bytes, size, 0, whole, &whole_len);
    for (unsigned seed = 1; seed < 4; seed++) {
        must(feed(bytes, size, seed, cut, &cut_len) == all);
        if (all >= 0)
            must(whole_len == cut_len && memcmp(whole, cut, cut_len) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_head head, again;
    const char *bytes = (const char *)data, *why = NULL;
    long n = http_parse_head(bytes, size, NULL, &head, &why);
    must(n >= 0 ? n <= (long)size
                : why && (n == -400 || n == -414 || n == -431 || n == -501 || n == -505));
    /* In growing pieces: nothing for a while, then the same. */
    size_t step = size > 2000 ? size / 500 : 1, looked = 0;
    long m = 0;
    for (size_t part = 0; part < size && m == 0; part += step)
        m = http_parse_head(bytes, part, &looked, &again, &why);
    if (m == 0)
        m = http_parse_head(bytes, size, &looked, &again, &why);
    must(m == n);
    if (n > 0) {
        check_head(&head, bytes, n);
        check_target(&head);
    }
    check_body(bytes + (n > 0 ? n : 0), size - (size_t)(n > 0 ? n : 0));
    return 0;
}
