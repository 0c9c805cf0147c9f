/*
 * range.c - reads the list of a Range header:
 *
 *     "bytes=" 1#( first-pos "-" [ last-pos ] / "-" suffix-length )
 *
 * with empty elements and blanks around the commas, as every list of HTTP may have (section 5.6.1).
 */
#include "http/range.h"

#include <string.h>
#include <strings.h>

struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *c, char what)
{
    if (c->at == c->end || *c->at != what)
        return false;
    c->at++;
    return true;
}

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
        c->at++;
}

/* 1*DIGIT; what does not fit is as far out as can be. False: *out stays. */
static bool take_number(struct cursor *c, uint64_t *out)
{
    const char *start = c->at;
    uint64_t value = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        uint64_t digit = (uint64_t)(*c->at - '0');
        value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
    }
    if (c->at > start)
        *out = value;
    return c->at > start;
}

/* One of the list; out->len is 0 if nothing of it lies in the file. */
static bool take_one(struct cursor *c, uint64_t size, struct http_part *out)
{
    uint64_t first, last = UINT64_MAX, suffix;
    *out = (struct http_part){0};
    if (take(c, '-')) {
        if (!take_number(c, &suffix))
            return false;
        out->len = suffix < size ? suffix : size;
        out->first = size - out->len;
        return true;
    }
    if (!take_number(c, &first) || !take(c, '-'))
        return false;
    if (take_number(c, &last) && last < first)
        return false;
    if (first < size) {
        out->first = first;
        out->len = (last < size ? last + 1 : size) - first;
    }
    return true;
}

/* "bytes" and the equals sign; names of units have no case. */
static bool take_unit(struct cursor *c)
{
    static const char unit[] = "bytes=";
    size_t len = sizeof unit - 1;
    if ((size_t)(c->end - c->at) < len || strncasecmp(c->at, unit, len) != 0)
        return false;
    c->at += len;
    return true;
}

enum http_range http_range_read(struct http_slice value, uint64_t size, struct http_part *out)
{
    if (!value.at)
        return HTTP_RANGE_NONE;
    struct cursor c = {value.at, value.at + value.len};
    struct http_part found = {0}, one;
    size_t count = 0;
    if (!take_unit(&c))
        return HTTP_RANGE_NONE;
    do {
        skip_blanks(&c);
        if (c.at == c.end || *c.at == ',')
            continue;
        if (!take_one(&c, size, &one))
            return HTTP_RANGE_MALFORMED;
        skip_blanks(&c);
        count++;
        if (!found.len)
            found = one;
    } while (take(&c, ','));
    if (c.at < c.end || count == 0)
        return HTTP_RANGE_MALFORMED;
    if (!found.len)
        return HTTP_RANGE_OUTSIDE;
    *out = found;
    return HTTP_RANGE_GOOD;
}

bool http_range_stands(struct http_slice if_range, const char *etag)
{
    return !if_range.at || http_slice_is(if_range, etag);
}
