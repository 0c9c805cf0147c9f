/*
 * lines.h - texts in lines, taken apart strictly: every line ends with a line feed, numbers are
 * decimal without a leading zero, words are parted by one character.
 */
#ifndef TF_LEDGER_LINES_H
#define TF_LEDGER_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text and how far it has been read. */
struct lines {
    const char *text;
    size_t len, at;
};
/* A part of a text, not terminated. */
struct line {
    const char *text;
    size_t len;
};

/* The next line, without its line feed. False: no more, or the last one is not ended. */
bool lines_next(struct lines *lines, struct line *out);
bool line_is(struct line line, const char *word);
/* Takes `word` from the line's beginning. False: it begins otherwise; nothing is taken. */
bool line_word(struct line *line, const char *word);
/* Takes what stands before the first `end`, and `end`. False: there is none. */
bool line_until(struct line *line, char end, struct line *out);
/* The whole as a decimal number <= max. */
bool line_number(struct line line, uint64_t max, uint64_t *out);

#endif
