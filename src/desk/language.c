/*
 * language.c - in which language a refusal is said: the best of Accept-Language (RFC 9110, 12.5.4)
 * of those that the program speaks.
 */
#include "desk/internal.h"

#include <strings.h>

static struct http_slice trim(struct http_slice s)
{
    while (s.len && (*s.at == ' ' || *s.at == '\t')) {
        s.at++;
        s.len--;
    }
    while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* What stands before the first `c`; the rest after it stays in *s. */
static struct http_slice cut(struct http_slice *s, char c)
{
    const char *stop = memchr(s->at, c, s->len);
    struct http_slice part = {s->at, stop ? (size_t)(stop - s->at) : s->len};
    size_t used = part.len + (stop != NULL);
    s->at += used;
    s->len -= used;
    return trim(part);
}

/* "q=0.8" in thousandths; 1000 if there is none; 0: what is none of it, too. */
static int weight(struct http_slice params)
{
    struct http_slice q = trim(params);
    int sum = 0, digit = 1000;
    if (!q.len)
        return 1000;
    if (q.len < 3 || strncasecmp(q.at, "q=", 2) != 0 || (q.at[2] != '0' && q.at[2] != '1'))
        return 0;
    sum = (q.at[2] - '0') * digit;
    for (size_t i = 4; i < q.len && i < 7 && q.at[3] == '.'; i++) {
        digit /= 10;
        sum += q.at[i] >= '0' && q.at[i] <= '9' ? (q.at[i] - '0') * digit : 0;
    }
    return sum < 1000 ? sum : 1000;
}

/* The same, or a region's: "ar" and "ar-SY". */
static bool is_of(struct http_slice tag, const char *language)
{
    size_t len = strlen(language);
    return tag.len >= len && strncasecmp(tag.at, language, len) == 0 &&
           (tag.len == len || tag.at[len] == '-');
}

const char *desk_language(const struct http_head *head)
{
    static const char *const known[] = {"en", "ar", "ru"};
    const char *best = known[0];
    int most = 0;
    struct http_slice rest = http_header(head, "accept-language");
    while (rest.at && rest.len) {
        struct http_slice params = cut(&rest, ','), tag = cut(&params, ';');
        int q = weight(params);
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (q > most && is_of(tag, known[i])) {
                most = q;
                best = known[i];
            }
    }
    return best;
}
