/*
 * put.c - see put.h.
 */
#include "base/put.h"

#include <tafadi/time.h>

void tf_put_name(struct tf_buf *out, const char *name)
{
    char last = out->len ? out->data[out->len - 1] : '{';
    if (last != '{' && last != '[' && last != ':')
        tf_buf_char(out, ',');
    if (!name)
        return;
    tf_buf_json(out, name);
    tf_buf_char(out, ':');
}

void tf_put_text(struct tf_buf *out, const char *name, const char *text)
{
    tf_put_name(out, name);
    if (text)
        tf_buf_json(out, text);
    else
        tf_buf_text(out, "null");
}

void tf_put_int(struct tf_buf *out, const char *name, int64_t value)
{
    tf_put_name(out, name);
    tf_buf_int(out, value);
}

void tf_put_double(struct tf_buf *out, const char *name, double value)
{
    tf_put_name(out, name);
    tf_buf_double(out, value);
}

void tf_put_flag(struct tf_buf *out, const char *name, bool value)
{
    tf_put_name(out, name);
    tf_buf_text(out, value ? "true" : "false");
}

void tf_put_time_ns(struct tf_buf *out, const char *name, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    bool is_open = t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX;
    if (!is_open)
        tf_time_format(t_ns, text);
    tf_put_text(out, name, is_open ? NULL : text);
}

void tf_put_time_us(struct tf_buf *out, const char *name, int64_t t_us)
{
    bool is_open = t_us <= TF_TIME_MIN / 1000 || t_us >= TF_TIME_MAX / 1000 || t_us == 0;
    tf_put_time_ns(out, name, is_open ? TF_TIME_MAX : t_us * 1000);
}

void tf_put_json(struct tf_buf *out, const char *name, const char *json, size_t len)
{
    tf_put_name(out, name);
    tf_buf_append(out, json, len);
}

void tf_put_open(struct tf_buf *out, const char *name, char bracket)
{
    tf_put_name(out, name);
    tf_buf_char(out, bracket);
}
