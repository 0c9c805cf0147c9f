/*
 * parser.c - the strict request parser.
 *
 * The head is found as a whole first (its end, its forbidden bytes), then cut into
 * lines; so each step looks at complete, clean text.
 */
#include "http/parser.h"

#include <string.h>
#include <strings.h>

static bool is_token_char(unsigned char c) /* RFC 9110 5.6.2 */
{
    /* Letters, digits and !#$%&'*+-.^_`|~ as bits. */
    static const uint32_t bits[8] = {0, 0x03FF6CFA, 0xC7FFFFFE, 0x57FFFFFF};
    return bits[c >> 5] >> (c & 31) & 1;
}

/* Bytes up to the first that is a control (a tab, too): eight at a time, then one by one. */
static size_t clean_run(const char *bytes, size_t len)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    size_t n = 0;
    for (; len - n >= 8; n += 8) {
        uint64_t word;
        memcpy(&word, bytes + n, sizeof word);
        uint64_t rub = word ^ ones * 0x7F;
        /* High bits of bytes below 0x20, or 0x7F; a borrow may say so of more. */
        if ((((word - ones * 0x20) & ~word) | ((rub - ones) & ~rub)) & highs)
            break;
    }
    while (n < len && (unsigned char)bytes[n] >= ' ' && bytes[n] != 0x7F)
        n++;
    return n;
}

/* Length of the head with its empty line; 0 unfinished: go on from *looked; -1 forbidden bytes. */
static long head_length(const char *bytes, size_t len, size_t *looked)
{
    for (size_t i = *looked + clean_run(bytes + *looked, len - *looked); i < len;
         i += clean_run(bytes + i, len - i)) {
        *looked = i;
        if (bytes[i] == '\r') {
            size_t left = len - i;
            if (left > 1 && bytes[i + 1] != '\n')
                return -1;
            if (left < 3 || (left == 3 && bytes[i + 2] == '\r'))
                return 0; /* whether it ends here is not known yet */
            if (left > 3 && bytes[i + 2] == '\r' && bytes[i + 3] == '\n')
                return (long)i + 4;
            i += 2;
        } else if (bytes[i] == '\t') {
            i++;
        } else {
            return -1;
        }
    }
    *looked = len;
    return 0;
}

/* Every line has its CR LF, and no other CR is there. */
static struct http_slice cut_line(const char **at, const char *end)
{
    const char *start = *at, *p = memchr(start, '\r', (size_t)(end - start));
    *at = p + 2;
    return (struct http_slice){start, (size_t)(p - start)};
}

bool http_slice_is(struct http_slice slice, const char *text)
{
    return slice.len == strlen(text) && memcmp(slice.at, text, slice.len) == 0;
}

static bool is_word(struct http_slice slice, const char *word)
{
    return slice.len == strlen(word) && strncasecmp(slice.at, word, slice.len) == 0;
}

static enum http_method method_of(struct http_slice word)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "DELETE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (http_slice_is(word, names[i]))
            return (enum http_method)i;
    return HTTP_OTHER;
}

static int parse_request_line(struct http_slice line, struct http_head *out, const char **why)
{
    const char *end = line.at + line.len, *space = memchr(line.at, ' ', line.len);
    const char *second = space ? memchr(space + 1, ' ', (size_t)(end - space - 1)) : NULL;
    *why = "the request line is not METHOD TARGET HTTP/1.1";
    if (!space || space == line.at || !second || second == space + 1)
        return 400;
    for (const char *p = line.at; p < space; p++)
        if (!is_token_char((unsigned char)*p))
            return 400;
    out->method = method_of((struct http_slice){line.at, (size_t)(space - line.at)});
    struct http_slice version = {second + 1, (size_t)(end - second - 1)};
    if (version.len != 8 || memcmp(version.at, "HTTP/", 5) != 0)
        return 400;
    *why = "only HTTP/1.0 and HTTP/1.1 are spoken here";
    if (memcmp(version.at, "HTTP/1.", 7) != 0 || version.at[7] < '0' || version.at[7] > '1')
        return 505;
    out->minor = version.at[7] - '0';
    out->target = (struct http_slice){space + 1, (size_t)(second - space - 1)};
    *why = "the target is too long";
    if (out->target.len > HTTP_MAX_TARGET)
        return 414;
    *why = "the target must be a path that begins with /";
    if (out->target.at[0] != '/')
        return 400;
    for (size_t i = 0; i < out->target.len; i++)
        if ((unsigned char)out->target.at[i] >= 0x7F || out->target.at[i] == '#')
            return 400;
    const char *mark = memchr(out->target.at, '?', out->target.len);
    out->path = out->target;
    if (mark) {
        out->path.len = (size_t)(mark - out->target.at);
        out->query = (struct http_slice){mark + 1, out->target.len - out->path.len - 1};
    }
    return 0;
}

static int parse_header(struct http_slice line, struct http_header *out)
{
    const char *colon = memchr(line.at, ':', line.len), *end = line.at + line.len;
    if (!colon || colon == line.at)
        return 400;
    for (const char *p = line.at; p < colon; p++) /* also refuses a folded line */
        if (!is_token_char((unsigned char)*p))
            return 400;
    const char *value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    out->name = (struct http_slice){line.at, (size_t)(colon - line.at)};
    out->value = (struct http_slice){value, (size_t)(end - value)};
    return 0;
}

static size_t count_of(const struct http_head *head, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < head->header_count; i++)
        n += is_word(head->headers[i].name, name);
    return n;
}

struct http_slice http_header(const struct http_head *head, const char *name)
{
    for (size_t i = 0; i < head->header_count; i++)
        if (is_word(head->headers[i].name, name))
            return head->headers[i].value;
    return (struct http_slice){NULL, 0};
}

static bool parse_length(struct http_slice text, uint64_t *out)
{
    uint64_t value = 0;
    if (text.len == 0 || text.len > 15)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    *out = value;
    return true;
}

/* The word is among the comma-separated ones of a header. */
static bool lists_word(struct http_slice value, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= value.len; i++) {
        bool starts = i == 0 || value.at[i - 1] == ',' || value.at[i - 1] == ' ';
        bool ends = i + len == value.len || value.at[i + len] == ',' || value.at[i + len] == ' ';
        if (starts && ends && strncasecmp(value.at + i, word, len) == 0)
            return true;
    }
    return false;
}

/* What the headers say of framing and of the connection. */
static int check_framing(struct http_head *head, const char **why)
{
    size_t lengths = count_of(head, "content-length");
    size_t codings = count_of(head, "transfer-encoding");
    size_t hosts = count_of(head, "host");
    *why = "Authorization is given twice";
    if (count_of(head, "authorization") > 1)
        return 400;
    *why = "there must be one Host header";
    if (hosts > 1 || (hosts == 0 && head->minor == 1))
        return 400;
    *why = "Content-Length is given twice, or with Transfer-Encoding";
    if (lengths > 1 || codings > 1 || (lengths && codings))
        return 400;
    *why = "Content-Length is not a number";
    if (lengths && !parse_length(http_header(head, "content-length"), &head->content_length))
        return 400;
    *why = "only the transfer coding chunked is understood";
    if (codings &&
        (head->minor == 0 || !is_word(http_header(head, "transfer-encoding"), "chunked")))
        return 501;
    head->chunked = codings > 0;
    struct http_slice connection = http_header(head, "connection");
    head->keep_alive =
        head->minor == 1 ? !lists_word(connection, "close") : lists_word(connection, "keep-alive");
    head->expects_continue =
        head->minor == 1 && is_word(http_header(head, "expect"), "100-continue");
    return 0;
}

long http_parse_head(const char *bytes, size_t len, size_t *looked, struct http_head *out,
                     const char **why)
{
    size_t start = 0;
    long total =
        head_length(bytes, len < HTTP_MAX_HEAD ? len : HTTP_MAX_HEAD, looked ? looked : &start);
    *why = "the head has a forbidden byte (NUL, control, or a bare CR or LF)";
    if (total < 0)
        return -400;
    *why = "the head is too large";
    if (total == 0)
        return len >= HTTP_MAX_HEAD ? -431 : 0;
    const char *at = bytes, *end = bytes + total - 2;
    out->header_count = 0;
    out->content_length = 0;
    out->query = (struct http_slice){NULL, 0};
    int status = parse_request_line(cut_line(&at, end), out, why);
    while (!status && at < end) {
        *why = "there are too many headers";
        if (out->header_count == HTTP_MAX_HEADERS)
            return -431;
        *why = "a header line is malformed";
        status = parse_header(cut_line(&at, end), &out->headers[out->header_count++]);
    }
    if (!status)
        status = check_framing(out, why);
    return status ? -status : total;
}

/* --- chunked bodies (RFC 9112 7.1) ------------------------------------------------- */

enum {
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    TRAILER,
    TRAILER_LF,
    END_LF
};

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* One byte outside of data; false if malformed. */
static bool chunk_byte(struct http_chunked *c, char b)
{
    c->line++;
    if (c->line > 256 || (b == '\n') != (c->state == CHUNK_SIZE_LF || c->state == CHUNK_DATA_LF ||
                                         c->state == TRAILER_LF || c->state == END_LF))
        return false;
    switch (c->state) {
    case CHUNK_SIZE:
        if (hex_value(b) >= 0) {
            if (c->left >> 40)
                return false;
            c->left = c->left * 16 + (uint64_t)hex_value(b);
            return true;
        }
        if (c->line == 1 || (b != '\r' && b != ';'))
            return false;
        c->state = b == ';' ? CHUNK_EXTENSION : CHUNK_SIZE_LF;
        return true;
    case CHUNK_EXTENSION:
        if (b == '\r')
            c->state = CHUNK_SIZE_LF;
        return b == '\r' || b == '\t' || (unsigned char)b >= ' ';
    case CHUNK_SIZE_LF:
        c->state = c->left ? CHUNK_DATA : TRAILER;
        c->line = 0;
        return true;
    case CHUNK_DATA_CR:
        c->state = CHUNK_DATA_LF;
        return b == '\r';
    case CHUNK_DATA_LF:
        c->state = CHUNK_SIZE;
        c->left = 0;
        c->line = 0;
        return true;
    case TRAILER:
        if (b == '\r')
            c->state = c->line == 1 ? END_LF : TRAILER_LF;
        return b == '\r' || b == '\t' || (unsigned char)b >= ' ';
    case TRAILER_LF:
        c->state = TRAILER;
        c->line = 0;
        return true;
    default: /* END_LF */
        c->done = true;
        return true;
    }
}

long http_chunked_feed(struct http_chunked *c, const char *bytes, size_t len, char *body,
                       size_t *body_len, size_t max)
{
    size_t i = 0;
    while (i < len && !c->done) {
        if (c->state != CHUNK_DATA) {
            if (!chunk_byte(c, bytes[i++]))
                return -1;
            if (c->state == CHUNK_DATA && c->left > max - *body_len)
                return -2;
            continue;
        }
        size_t take = len - i < c->left ? len - i : (size_t)c->left;
        memmove(body + *body_len, bytes + i, take);
        *body_len += take;
        i += take;
        c->left -= take;
        if (c->left == 0) {
            c->state = CHUNK_DATA_CR;
            c->line = 0;
        }
    }
    return (long)i;
}

/* --- targets ----------------------------------------------------------------------------- */

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
static bool is_utf8(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)text[i++];
        int more = c < 0x80 ? 0 : c < 0xC2 ? -1 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : c < 0xF5 ? 3 : -1;
        if (more < 0 || len - i < (size_t)more)
            return false;
        unsigned char next = more ? (unsigned char)text[i] : 0x80;
        if ((c == 0xE0 && next < 0xA0) || (c == 0xED && next > 0x9F) ||
            (c == 0xF0 && next < 0x90) || (c == 0xF4 && next > 0x8F))
            return false;
        for (; more > 0; more--)
            if (((unsigned char)text[i++] & 0xC0) != 0x80)
                return false;
    }
    return true;
}

bool http_decode(struct http_slice src, bool plus, char *dst, size_t size, size_t *len)
{
    size_t n = 0;
    for (size_t i = 0; i < src.len; i++) {
        char c = src.at[i];
        if (c == '%') {
            int high = i + 2 < src.len ? hex_value(src.at[i + 1]) : -1;
            int low = i + 2 < src.len ? hex_value(src.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0' || n + 1 >= size)
            return false;
        dst[n++] = c;
    }
    dst[n] = '\0';
    if (len)
        *len = n;
    return is_utf8(dst, n);
}

/* The parameter's value, not decoded; {NULL, 0} if it is absent. */
static struct http_slice find_parameter(struct http_slice query, const char *name)
{
    const char *at = query.at, *end = query.at ? query.at + query.len : NULL;
    size_t name_len = strlen(name);
    while (at && at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        if (len > name_len && memcmp(at, name, name_len) == 0 && at[name_len] == '=')
            return (struct http_slice){at + name_len + 1, len - name_len - 1};
        if (len == name_len && memcmp(at, name, len) == 0)
            return (struct http_slice){at + len, 0};
        at = stop ? stop + 1 : end;
    }
    return (struct http_slice){NULL, 0};
}

bool http_query_has(struct http_slice query, const char *name)
{
    return find_parameter(query, name).at;
}

bool http_query_value(struct http_slice query, const char *name, char *out, size_t size)
{
    struct http_slice value = find_parameter(query, name);
    return value.at && http_decode(value, true, out, size, NULL);
}
