/*
 * text.c - spans of text and lists of points.
 */
#include "format/text.h"

#include "base/utf8.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 48 };

struct tf_span tf_span_of(const char *text)
{
    return (struct tf_span){text, text + strlen(text)};
}

size_t tf_span_len(struct tf_span s)
{
    return s.at ? (size_t)(s.end - s.at) : 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct tf_span tf_span_trim(struct tf_span s)
{
    while (s.at < s.end && is_blank(*s.at))
        s.at++;
    while (s.end > s.at && is_blank(s.end[-1]))
        s.end--;
    return s;
}

bool tf_span_begins(struct tf_span s, const char *word)
{
    for (; *word; word++, s.at++)
        if (s.at >= s.end || lower(*s.at) != lower(*word))
            return false;
    return true;
}

bool tf_span_is(struct tf_span s, const char *word)
{
    return tf_span_len(s) == strlen(word) && tf_span_begins(s, word);
}

bool tf_span_cut(struct tf_span *rest, char separator, struct tf_span *out)
{
    if (!rest->at)
        return false;
    size_t len = tf_span_len(*rest);
    const char *at = len > 0 ? memchr(rest->at, separator, len) : NULL;
    *out = (struct tf_span){rest->at, at ? at : rest->end};
    rest->at = at ? at + 1 : NULL;
    return true;
}

bool tf_span_line(struct tf_span *rest, struct tf_span *out)
{
    if (!rest->at || rest->at == rest->end)
        return false;
    const char *p = rest->at;
    while (p < rest->end && *p != '\n' && *p != '\r')
        p++;
    *out = (struct tf_span){rest->at, p};
    if (p < rest->end && *p == '\r' && p + 1 < rest->end && p[1] == '\n')
        p++;
    rest->at = p < rest->end ? p + 1 : p;
    return true;
}

bool tf_span_word(struct tf_span *rest, struct tf_span *out)
{
    *rest = tf_span_trim(*rest);
    const char *p = rest->at;
    while (p < rest->end && !is_blank(*p))
        p++;
    *out = (struct tf_span){rest->at, p};
    rest->at = p;
    return out->at < out->end;
}

/* "3,000" is three thousand to one, and three to another. */
static bool is_thousands(const char *begin, const char *comma, const char *end)
{
    begin += *begin == '-' || *begin == '+';
    return end - comma == 4 && comma > begin && comma - begin <= 3 && *begin != '0';
}

bool tf_span_take_number(struct tf_span *s, double *out)
{
    char copy[NUMBER_MAX + 1];
    size_t n = 0, digits = 0;
    bool point = false;
    const char *p = s->at, *comma = NULL;
    for (; p < s->end; p++) {
        bool sign = (*p == '-' || *p == '+') && p == s->at;
        bool mark = (*p == '.' || *p == ',') && !point;
        bool digit = *p >= '0' && *p <= '9';
        if (!sign && !mark && !digit)
            break;
        if (n == NUMBER_MAX)
            return false;
        copy[n++] = mark ? '.' : *p;
        comma = mark && *p == ',' ? p : comma;
        point |= mark;
        digits += digit;
    }
    copy[n] = '\0';
    if (digits == 0 || (comma && is_thousands(s->at, comma, p)))
        return false;
    *out = strtod(copy, NULL);
    s->at = p;
    return true;
}

bool tf_span_number(struct tf_span s, double *out)
{
    double value;
    s = tf_span_trim(s);
    if (!tf_span_take_number(&s, &value) || s.at != s.end)
        return false;
    *out = value;
    return true;
}

void tf_span_copy(struct tf_span s, char *out, size_t size)
{
    size_t len = tf_span_len(s);
    if (len >= size)
        len = tf_utf8_cut(s.at, size - 1);
    if (len > 0)
        memcpy(out, s.at, len);
    out[len] = '\0';
}

enum tf_status tf_span_set(char **field, struct tf_span s)
{
    s = tf_span_trim(s);
    if (s.at == s.end)
        return tf_entity_set_text(field, NULL);
    char *copy = strndup(s.at, tf_span_len(s));
    if (!copy)
        return TF_NOMEM;
    enum tf_status rc = tf_entity_set_text(field, copy);
    free(copy);
    return rc;
}

/* The same day and month in a year of the same kind that int64 nanoseconds can hold. */
static bool exists(const char *text, size_t len, int year)
{
    char other[NUMBER_MAX + 12];
    int64_t ignored_ns;
    if (len >= sizeof other)
        return false;
    snprintf(other, sizeof other, "%04d%.*s", 1700 + (year + 300) % 400, (int)len - 4, text + 4);
    return tf_time_parse(other, len, &ignored_ns) == TF_OK;
}

enum tf_status tf_time_bound(const char *text, size_t len, int64_t *out_ns)
{
    enum tf_status rc = tf_time_parse(text, len, out_ns);
    if (rc != TF_RANGE)
        return rc;
    int year = 0;
    for (int i = 0; i < 4; i++)
        year = year * 10 + (text[i] - '0');
    if ((year > 1677 && year < 2262) || !exists(text, len, year))
        return TF_RANGE;
    *out_ns = year < 2000 ? TF_TIME_MIN : TF_TIME_MAX;
    return TF_OK;
}

enum tf_status tf_time_from_text(struct tf_span s, int64_t *out_ns, int64_t *out_end_ns)
{
    char text[NUMBER_MAX + 12];
    s = tf_span_trim(s);
    size_t len = tf_span_len(s);
    if (len < 10 || len > NUMBER_MAX)
        return TF_SYNTAX;
    memcpy(text, s.at, len);
    bool zoned = strchr("Zz", text[len - 1]) || (len > 16 && memchr(text + 16, '+', len - 16)) ||
                 (len > 16 && memchr(text + 16, '-', len - 16));
    const char *missing = len == 10 ? "T00:00:00Z" : zoned ? "" : len > 16 ? "Z" : ":00Z";
    if (zoned && len >= 17 && text[16] != ':') { /* hours and minutes only */
        memmove(text + 19, text + 16, len - 16);
        memcpy(text + 16, ":00", 3);
        len += 3;
    }
    memcpy(text + len, missing, strlen(missing));
    int64_t t_ns;
    enum tf_status rc = tf_time_bound(text, len + strlen(missing), &t_ns);
    if (rc)
        return rc;
    *out_ns = t_ns;
    if (out_end_ns)
        *out_end_ns = tf_span_len(s) == 10 ? tf_time_add(t_ns, TF_DAY_NS) : t_ns;
    return TF_OK;
}

enum tf_status tf_points_push(struct tf_points *points, struct tf_latlng p)
{
    if (points->count >= 4 * (size_t)TF_SHAPE_MAX_VERTICES)
        return TF_TOO_LARGE;
    if (points->count == points->capacity) {
        size_t capacity = points->capacity ? 2 * points->capacity : 32;
        struct tf_latlng *items = realloc(points->items, capacity * sizeof *items);
        if (!items)
            return TF_NOMEM;
        points->items = items;
        points->capacity = capacity;
    }
    points->items[points->count++] = p;
    return TF_OK;
}

void tf_points_release(struct tf_points *points)
{
    free(points->items);
    *points = (struct tf_points){0};
}

static bool same(struct tf_latlng a, struct tf_latlng b)
{
    return fabs(a.lat_deg - b.lat_deg) < 1e-9 && fabs(a.lng_deg - b.lng_deg) < 1e-9;
}

size_t tf_points_tidy(struct tf_points *points, bool is_ring)
{
    size_t before = points->count, kept = 0;
    for (size_t i = 0; i < points->count; i++)
        if (kept == 0 || !same(points->items[i], points->items[kept - 1]))
            points->items[kept++] = points->items[i];
    while (is_ring && kept > 1 && same(points->items[0], points->items[kept - 1]))
        kept--;
    points->count = kept;
    return before - kept;
}

struct tf_ring tf_points_ring(const struct tf_points *points)
{
    return (struct tf_ring){points->items, points->count};
}

enum tf_status tf_fault_span(struct tf_fault *fault, enum tf_status code, const char *field,
                             const char *message, struct tf_span shown)
{
    char text[TF_FAULT_ARG_SIZE];
    tf_span_copy(tf_span_trim(shown), text, sizeof text);
    return tf_fault_set(fault, code, TF_NO_INDEX, field, message, text, NULL, NULL);
}
