/*
 * put.c - members of the desk's own.
 */
#include "desk/print.h"

void desk_put_hash(struct tf_buf *out, const char *name, const uint8_t hash[KEY_HASH_SIZE])
{
    char text[2 * KEY_HASH_SIZE + 1];
    key_hex(hash, KEY_HASH_SIZE, text);
    tf_put_text(out, name, text);
}

void desk_put_roles(struct tf_buf *out, const char *name, unsigned roles)
{
    tf_put_open(out, name, '[');
    for (unsigned bit = 1; bit <= ACCOUNT_ADMIN; bit <<= 1)
        if (roles & bit)
            tf_put_text(out, NULL, account_role_name((enum account_role)bit));
    tf_buf_char(out, ']');
}
