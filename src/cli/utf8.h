/*
 * utf8.h - code points out of UTF-8 (RFC 3629), and their width on a terminal.
 */
#ifndef TF_CLI_UTF8_H
#define TF_CLI_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The code point at `text` and the bytes it takes; 0 if they are not UTF-8. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code);
/* 0 for combining marks and format characters, 2 for wide East Asian and emoji, else 1
 * (Unicode UAX #11, in blocks). */
size_t utf8_columns(uint32_t code);

#endif
