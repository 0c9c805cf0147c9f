/*
 * buf.h - a growable byte buffer that states its maximum at birth.
 *
 * Zero-terminated at all times (after the first append), so that `data` can be
 * read as a string. After a failed append the buffer is unchanged in content but
 * remembers the failure: check once at the end with tf_buf_status().
 */
#ifndef TF_BASE_BUF_H
#define TF_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <tafadi/status.h>

struct tf_buf {
    char *data; /* owned; NULL while empty */
    size_t len, cap, max;
    enum tf_status status; /* first failure: TF_NOMEM or TF_LIMIT */
};

#define TF_BUF_INIT(maximum)                                                                       \
    {                                                                                              \
        .max = (maximum)                                                                           \
    }

/* What tf_buf_append does when there is no room, or `max` is near, or an append has failed. */
void tf_buf_append_slowly(struct tf_buf *buf, const void *bytes, size_t len);
/* In the header so that a text known to the compiler costs a few instructions. */
static inline void tf_buf_append(struct tf_buf *buf, const void *bytes, size_t len)
{
    size_t end = buf->cap < buf->max ? buf->cap : buf->max;
    if (buf->status || len == 0 || end < buf->len || end - buf->len <= len) {
        tf_buf_append_slowly(buf, bytes, len);
        return;
    }
    memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}
static inline void tf_buf_text(struct tf_buf *buf, const char *text)
{
    tf_buf_append(buf, text, strlen(text));
}
static inline void tf_buf_char(struct tf_buf *buf, char c)
{
    tf_buf_append(buf, &c, 1);
}
void tf_buf_printf(struct tf_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* JSON string with quotes; invalid UTF-8 becomes U+FFFD. */
void tf_buf_json(struct tf_buf *buf, const char *text);
/* XML/HTML text or attribute value: & < > " ' escaped, control characters dropped. */
void tf_buf_xml(struct tf_buf *buf, const char *text);
/* Decimal, without the cost of printf. */
void tf_buf_int(struct tf_buf *buf, int64_t value);
/* Shortest decimal that reads back as the same double; "null" if not finite. */
void tf_buf_double(struct tf_buf *buf, double value);
enum tf_status tf_buf_status(const struct tf_buf *buf);
void tf_buf_clear(struct tf_buf *buf);           /* empty, memory kept, status reset */
void tf_buf_cut(struct tf_buf *buf, size_t len); /* to what it began with; len at most its own */
void tf_buf_release(struct tf_buf *buf);

#endif
