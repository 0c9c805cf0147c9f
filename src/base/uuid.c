/*
 * uuid.c - UUID text and versions.
 */
#include "base/uuid.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool tf_uuid_parse(const char *text, size_t len, struct tf_uuid *out)
{
    bool dashes = len == TF_UUID_TEXT_SIZE - 1;
    if (!dashes && len != 32)
        return false;
    struct tf_uuid id;
    size_t at = 0;
    for (size_t i = 0; i < sizeof id.bytes; i++) {
        if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-')
            return false;
        int high = hex_digit(text[at]), low = hex_digit(text[at + 1]);
        if (high < 0 || low < 0)
            return false;
        id.bytes[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    *out = id;
    return true;
}

void tf_uuid_format(const struct tf_uuid *id, char out[TF_UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *p = out;
    for (size_t i = 0; i < sizeof id->bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = digits[id->bytes[i] >> 4];
        *p++ = digits[id->bytes[i] & 15];
    }
    *p = '\0';
}

int tf_uuid_version(const struct tf_uuid *id)
{
    return (id->bytes[8] & 0xC0) == 0x80 ? id->bytes[6] >> 4 : -1;
}

int64_t tf_uuid_v7_ms(const struct tf_uuid *id)
{
    int64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | id->bytes[i];
    return ms;
}

struct tf_uuid tf_uuid_v4(const uint8_t random[16])
{
    struct tf_uuid id;
    memcpy(id.bytes, random, sizeof id.bytes);
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0F) | 0x40);
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3F) | 0x80);
    return id;
}
