/*
 * columns.h - how wide a code point is on a terminal.
 */
#ifndef TF_CLI_COLUMNS_H
#define TF_CLI_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

/* 0 for combining marks and format characters, 2 for wide East Asian and emoji, else 1
 * (Unicode UAX #11). */
size_t code_columns(uint32_t code);

#endif
