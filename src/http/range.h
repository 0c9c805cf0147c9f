/*
 * range.h - the one range of bytes that an answer holds, out of a Range header (RFC 9110 section
 * 14), pure: no sockets, no files.
 *
 * An answer holds one part. Of several ranges the first that lies in the file is taken: a 206 says
 * itself what it holds, and may hold less than was asked for (section 15.3.7).
 */
#ifndef TF_HTTP_RANGE_H
#define TF_HTTP_RANGE_H

#include "http/parser.h"

/* len > 0, first + len <= the size. */
struct http_part {
    uint64_t first, len;
};

enum http_range {
    HTTP_RANGE_NONE,     /* no header, or of a unit that is not known: as if there were none */
    HTTP_RANGE_GOOD,     /* *out is set */
    HTTP_RANGE_OUTSIDE,  /* nothing of it lies in the file: 416 */
    HTTP_RANGE_MALFORMED /* the whole header is void, section 14.1.1 */
};

/* `value` is that of the header, {NULL, 0} if absent; `size` that of the file. */
enum http_range http_range_read(struct http_slice value, uint64_t size, struct http_part *out);

/* Whether If-Range lets the Range stand: it is absent, or this strong entity tag (section 13.1.5).
 * A date is not known here, so it never is the file's. */
bool http_range_stands(struct http_slice if_range, const char *etag);

#endif
