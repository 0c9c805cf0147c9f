/*
 * utf8.h - code points out of UTF-8 (RFC 3629), and where it may be cut.
 */
#ifndef TF_BASE_UTF8_H
#define TF_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What stands for a byte that is not UTF-8: U+FFFD. And U+2026, behind a text cut short. */
#define TF_UTF8_REPLACEMENT "\xEF\xBF\xBD"
#define TF_UTF8_ELLIPSIS "\xE2\x80\xA6"

/* The length in bytes of the code point at `text`, which has `len` bytes; 0, and *code left
 * alone, if they do not begin with UTF-8. */
size_t tf_utf8_decode(const char *text, size_t len, uint32_t *code);

/* Whether the byte is one of a sequence, but not its first. */
static inline bool tf_utf8_continues(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* The length of the byte order mark at the beginning: 3, or 0 if there is none. */
static inline size_t tf_utf8_mark(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* Where to cut a text of `len` bytes or more: there or, not to end within a character, up
 * to three bytes before. */
static inline size_t tf_utf8_cut(const char *text, size_t len)
{
    size_t least = len > 3 ? len - 3 : 0;
    while (len > least && tf_utf8_continues(text[len]))
        len--;
    return len;
}

#endif
