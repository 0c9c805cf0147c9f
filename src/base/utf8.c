/*
 * utf8.c - decodes UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#include "base/utf8.h"

size_t tf_utf8_decode(const char *text, size_t len, uint32_t *code)
{
    static const struct {
        unsigned char mask, lead;
        size_t len;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 1, 0},
                 {0xE0, 0xC0, 2, 0x80},
                 {0xF0, 0xE0, 3, 0x800},
                 {0xF8, 0xF0, 4, 0x10000}};
    const unsigned char *p = (const unsigned char *)text;
    for (size_t f = 0; f < sizeof forms / sizeof *forms && forms[f].len <= len; f++) {
        if ((p[0] & forms[f].mask) != forms[f].lead)
            continue;
        uint32_t value = p[0] & (unsigned char)~forms[f].mask;
        for (size_t i = 1; i < forms[f].len; i++) {
            if (!tf_utf8_continues(text[i]))
                return 0;
            value = value << 6 | (p[i] & 0x3F);
        }
        bool surrogate = value >= 0xD800 && value <= 0xDFFF;
        if (value < forms[f].least || value > 0x10FFFF || surrogate)
            return 0;
        *code = value;
        return forms[f].len;
    }
    return 0;
}
