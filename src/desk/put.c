/*
 * put.c - JSON out, member by member.
 */
#include "desk/print.h"

#include <inttypes.h>

static void name_it(struct tf_buf *out, const char *name)
{
    char last = out->len ? out->data[out->len - 1] : '{';
    if (last != '{' && last != '[' && last != ':')
        tf_buf_char(out, ',');
    if (!name)
        return;
    tf_buf_json(out, name);
    tf_buf_char(out, ':');
}

void desk_put_text(struct tf_buf *out, const char *name, const char *text)
{
    name_it(out, name);
    if (text)
        tf_buf_json(out, text);
    else
        tf_buf_text(out, "null");
}

void desk_put_number(struct tf_buf *out, const char *name, int64_t number)
{
    name_it(out, name);
    tf_buf_int(out, number);
}

void desk_put_flag(struct tf_buf *out, const char *name, bool flag)
{
    name_it(out, name);
    tf_buf_text(out, flag ? "true" : "false");
}

void desk_put_time(struct tf_buf *out, const char *name, int64_t t_us)
{
    char text[TF_TIME_TEXT_SIZE];
    if (t_us)
        tf_time_format(t_us * 1000, text);
    desk_put_text(out, name, t_us ? text : NULL);
}

void desk_put_hash(struct tf_buf *out, const char *name, const uint8_t hash[KEY_HASH_SIZE])
{
    char text[2 * KEY_HASH_SIZE + 1];
    key_hex(hash, KEY_HASH_SIZE, text);
    desk_put_text(out, name, text);
}

void desk_put_json(struct tf_buf *out, const char *name, const char *json, size_t len)
{
    name_it(out, name);
    tf_buf_append(out, json, len);
}

void desk_put_open(struct tf_buf *out, const char *name, char bracket)
{
    name_it(out, name);
    tf_buf_char(out, bracket);
}

void desk_put_roles(struct tf_buf *out, const char *name, unsigned roles)
{
    desk_put_open(out, name, '[');
    for (unsigned bit = 1; bit <= ACCOUNT_ADMIN; bit <<= 1)
        if (roles & bit)
            desk_put_text(out, NULL, account_role_name((enum account_role)bit));
    tf_buf_char(out, ']');
}
