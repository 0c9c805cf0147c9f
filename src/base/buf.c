/*
 * buf.c - the growable byte buffer, and text escaped into it.
 */
#include "base/buf.h"

#include "base/jrun.h"
#include "base/utf8.h"
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `extra` bytes and the terminator, or a remembered failure. */
static char *reserve(struct tf_buf *buf, size_t extra)
{
    if (buf->status)
        return NULL;
    if (extra > buf->max - buf->len || buf->max - buf->len - extra < 1) {
        buf->status = TF_LIMIT;
        return NULL;
    }
    size_t need = buf->len + extra + 1;
    if (need > buf->cap) {
        size_t cap = buf->cap ? buf->cap : 256;
        while (cap < need)
            cap += cap / 2 + 64;
        char *data = realloc(buf->data, cap);
        if (!data) {
            buf->status = TF_NOMEM;
            return NULL;
        }
        buf->data = data;
        buf->cap = cap;
    }
    return buf->data + buf->len;
}

void tf_buf_append_slowly(struct tf_buf *buf, const void *bytes, size_t len)
{
    char *to = reserve(buf, len);
    if (!to)
        return;
    if (len > 0)
        memcpy(to, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void tf_buf_printf(struct tf_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    /* Mostly there is room already: one pass. */
    size_t room = buf->status ? 0 : buf->cap - buf->len;
    if (room > buf->max - buf->len)
        room = buf->max - buf->len;
    int len = vsnprintf(room ? buf->data + buf->len : NULL, room, format, args);
    if (len >= 0 && (size_t)len < room) {
        buf->len += (size_t)len;
    } else {
        char *to = len < 0 ? NULL : reserve(buf, (size_t)len);
        if (to) {
            vsnprintf(to, (size_t)len + 1, format, again);
            buf->len += (size_t)len;
        } else if (room) {
            buf->data[buf->len] = '\0';
        }
    }
    va_end(again);
    va_end(args);
}

void tf_buf_json(struct tf_buf *buf, const char *text)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + strlen(text);
    tf_buf_char(buf, '"');
    for (;;) {
        uint32_t code;
        size_t run = tf_jrun(p, (size_t)(end - p));
        tf_buf_append(buf, p, run);
        p += run;
        if (p == end)
            break;
        size_t len = tf_utf8_decode((const char *)p, (size_t)(end - p), &code);
        if (len == 0) {
            tf_buf_text(buf, TF_UTF8_REPLACEMENT);
            p++;
            continue;
        }
        if (*p == '"' || *p == '\\')
            tf_buf_printf(buf, "\\%c", *p);
        else if (*p < 0x20 || *p == 0x7F)
            tf_buf_printf(buf, "\\u%04x", *p);
        else
            tf_buf_append(buf, p, len);
        p += len;
    }
    tf_buf_char(buf, '"');
}

void tf_buf_int(struct tf_buf *buf, int64_t value)
{
    char text[24], *at = text + sizeof text;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--at = '-';
    tf_buf_append(buf, at, (size_t)(text + sizeof text - at));
}

void tf_buf_xml(struct tf_buf *buf, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    const unsigned char *p = (const unsigned char *)text, *end = p + strlen(text);
    while (p < end) {
        uint32_t code = 0;
        size_t len = tf_utf8_decode((const char *)p, (size_t)(end - p), &code);
        const char *entity = NULL;
        for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
            if (*p == (unsigned char)escapes[i].c)
                entity = escapes[i].entity;
        /* U+FFFE and U+FFFF are no characters of XML. */
        bool noncharacter = code == 0xFFFE || code == 0xFFFF;
        if (entity)
            tf_buf_text(buf, entity);
        else if (len == 0 || noncharacter)
            tf_buf_text(buf, TF_UTF8_REPLACEMENT);
        else if (*p >= 0x20 || *p == '\n' || *p == '\t')
            tf_buf_append(buf, p, len);
        p += len ? len : 1;
    }
}

void tf_buf_double(struct tf_buf *buf, double value)
{
    if (!isfinite(value)) {
        tf_buf_text(buf, "null");
        return;
    }
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    tf_buf_text(buf, text);
}

enum tf_status tf_buf_status(const struct tf_buf *buf)
{
    return buf->status;
}

void tf_buf_clear(struct tf_buf *buf)
{
    buf->len = 0;
    buf->status = TF_OK;
    if (buf->data)
        buf->data[0] = '\0';
}

void tf_buf_cut(struct tf_buf *buf, size_t len)
{
    assert(len <= buf->len);
    buf->len = len;
    if (buf->data)
        buf->data[len] = '\0';
}

void tf_buf_release(struct tf_buf *buf)
{
    free(buf->data);
    buf->data = NULL;
    buf->len = buf->cap = 0;
}
