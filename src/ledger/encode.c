/*
 * encode.c - hexadecimal and base64, written and read strictly: one text for one value.
 */
#include "ledger/key.h"

#include <sodium.h>
#include <string.h>

void key_hex(const uint8_t *bytes, size_t size, char *out)
{
    sodium_bin2hex(out, 2 * size + 1, bytes, size);
}

static bool digit_of(char c, uint8_t *out)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    if (at)
        *out = (uint8_t)(at - digits);
    return at != NULL;
}

bool key_unhex(const char *text, size_t len, uint8_t *out, size_t size)
{
    if (len / 2 != size || len % 2)
        return false;
    for (size_t i = 0; i < size; i++) {
        uint8_t high = 0, low = 0;
        if (!digit_of(text[2 * i], &high) || !digit_of(text[2 * i + 1], &low))
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void key_base64(const void *bytes, size_t len, struct tf_buf *out)
{
    enum { GROUP = 48 }; /* a multiple of 3: only the last group is padded */
    const uint8_t *from = bytes;
    char text[GROUP / 3 * 4 + 1];
    for (size_t at = 0; at < len; at += GROUP) {
        size_t part = len - at < GROUP ? len - at : GROUP;
        sodium_bin2base64(text, sizeof text, from + at, part, sodium_base64_VARIANT_ORIGINAL);
        tf_buf_text(out, text);
    }
    sodium_memzero(text, sizeof text);
}

/* libsodium takes some bytes from 0x80 on for digits. */
static bool is_base64(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '+' && c != '/' && c != '=')
            return false;
    }
    return true;
}

bool key_unbase64_some(const char *text, size_t len, uint8_t *out, size_t max, size_t *out_len)
{
    *out_len = 0;
    return is_base64(text, len) && sodium_base642bin(out, max, text, len, NULL, out_len, NULL,
                                                     sodium_base64_VARIANT_ORIGINAL) == 0;
}

bool key_unbase64(const char *text, size_t len, uint8_t *out, size_t size)
{
    size_t got = 0;
    return key_unbase64_some(text, len, out, size, &got) && got == size;
}
