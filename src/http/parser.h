/*
 * parser.h - a strict parser of HTTP/1.1 requests (RFC 9110, RFC 9112), pure: bytes
 * in, slices out; no sockets, no allocation.
 *
 * Strict means that whatever two programs might read differently is refused: a
 * second Content-Length, Content-Length with Transfer-Encoding, a transfer coding
 * other than chunked, bare LF or CR, NUL, folded lines, space before the colon,
 * a missing or repeated Host. What is refused ends the connection.
 */
#ifndef TF_HTTP_PARSER_H
#define TF_HTTP_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_MAX_HEAD = 32768, /* request line and headers */
    HTTP_MAX_TARGET = 8192,
    HTTP_MAX_HEADERS = 64
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OTHER };

/* Borrowed from the parsed bytes; not terminated. */
struct http_slice {
    const char *at;
    size_t len;
};
struct http_header {
    struct http_slice name, value; /* value without surrounding blanks */
};
struct http_head {
    enum http_method method;
    struct http_slice target;      /* as sent: path and query */
    struct http_slice path, query; /* of the target, not decoded */
    int minor;                     /* HTTP/1.minor: 0 or 1 */
    struct http_header headers[HTTP_MAX_HEADERS];
    size_t header_count;
    bool chunked, keep_alive, expects_continue;
    uint64_t content_length; /* 0 if absent */
};

/*
 * Parses one head. Returns its length with the empty line; 0: more bytes are
 * needed; below 0: minus the status to answer with (400, 414, 431, 501, 505),
 * *why says what is wrong. *looked, 0 at first, remembers how far the end has been sought, so
 * that a head that comes byte by byte is not read again and again; NULL: from the start.
 */
long http_parse_head(const char *bytes, size_t len, size_t *looked, struct http_head *out,
                     const char **why);

/* The value of the header (name in lower case), {NULL, 0} if absent; the first one. */
struct http_slice http_header(const struct http_head *head, const char *name);
bool http_slice_is(struct http_slice slice, const char *text); /* exact */

/* Decodes a chunked body step by step, in place: the body's bytes are moved
 * together at body[0..*body_len). */
struct http_chunked {
    uint64_t left; /* of the chunk being read */
    int state;
    size_t line; /* bytes of the present line */
    bool done;
};
/*
 * Consumes up to len bytes, appending data to body. Returns bytes consumed, -1 if
 * malformed, -2 if the body would exceed max.
 */
long http_chunked_feed(struct http_chunked *c, const char *bytes, size_t len, char *body,
                       size_t *body_len, size_t max);

/* Percent-decodes src into dst (may be the same memory); false if malformed, or what it
 * decodes to has a NUL, is not UTF-8 or does not fit. `plus`: '+' means space (in queries). */
bool http_decode(struct http_slice src, bool plus, char *dst, size_t size, size_t *len);
bool http_query_has(struct http_slice query, const char *name);
/* The decoded value of a query parameter, the first one; false if absent or malformed. */
bool http_query_value(struct http_slice query, const char *name, char *out, size_t size);

#endif
