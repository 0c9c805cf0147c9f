/*
 * put.c - JSON out, member by member.
 */
#include "ops/internal.h"

#include <math.h>

void ops_put_name(struct tf_buf *out, const char *name)
{
    char last = out->len ? out->data[out->len - 1] : '{';
    if (last != '{' && last != '[' && last != ':')
        tf_buf_char(out, ',');
    if (!name)
        return;
    tf_buf_json(out, name);
    tf_buf_char(out, ':');
}

void ops_put_text(struct tf_buf *out, const char *name, const char *text)
{
    ops_put_name(out, name);
    if (text)
        tf_buf_json(out, text);
    else
        tf_buf_text(out, "null");
}

void ops_put_int(struct tf_buf *out, const char *name, int64_t value)
{
    ops_put_name(out, name);
    tf_buf_int(out, value);
}

void ops_put_double(struct tf_buf *out, const char *name, double value)
{
    ops_put_name(out, name);
    tf_buf_double(out, value);
}

void ops_put_flag(struct tf_buf *out, const char *name, bool value)
{
    ops_put_name(out, name);
    tf_buf_text(out, value ? "true" : "false");
}

void ops_put_time_ns(struct tf_buf *out, const char *name, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    bool is_open = t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX;
    if (!is_open)
        tf_time_format(t_ns, text);
    ops_put_text(out, name, is_open ? NULL : text);
}

void ops_put_time_us(struct tf_buf *out, const char *name, int64_t t_us)
{
    bool is_open = t_us <= TF_TIME_MIN / 1000 || t_us >= TF_TIME_MAX / 1000 || t_us == 0;
    ops_put_time_ns(out, name, is_open ? TF_TIME_MAX : t_us * 1000);
}

void ops_put_bytes(struct tf_buf *out, const char *name, const char *json, size_t len)
{
    ops_put_name(out, name);
    tf_buf_append(out, json, len);
}

void ops_put_open(struct tf_buf *out, const char *name, char bracket)
{
    ops_put_name(out, name);
    tf_buf_char(out, bracket);
}

void ops_put_entry(struct tf_buf *out, const char *kind, const struct line_context *c)
{
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(c->now_us * 1000, at);
    tf_buf_text(out, "{\"kind\":");
    tf_buf_json(out, kind);
    ops_put_text(out, "at", at);
}
