/*
 * lines.c - see lines.h.
 */
#include "ledger/lines.h"

#include <string.h>

bool lines_next(struct lines *lines, struct line *out)
{
    const char *from = lines->text + lines->at;
    size_t left = lines->len - lines->at;
    const char *end = left > 0 ? memchr(from, '\n', left) : NULL;
    if (!end)
        return false;
    *out = (struct line){from, (size_t)(end - from)};
    lines->at += out->len + 1;
    return true;
}

bool line_is(struct line line, const char *word)
{
    return line.len == strlen(word) && memcmp(line.text, word, line.len) == 0;
}

bool line_word(struct line *line, const char *word)
{
    size_t len = strlen(word);
    if (line->len < len || memcmp(line->text, word, len) != 0)
        return false;
    line->text += len;
    line->len -= len;
    return true;
}

bool line_until(struct line *line, char end, struct line *out)
{
    const char *at = line->len > 0 ? memchr(line->text, end, line->len) : NULL;
    if (!at)
        return false;
    *out = (struct line){line->text, (size_t)(at - line->text)};
    line->text += out->len + 1;
    line->len -= out->len + 1;
    return true;
}

bool line_number(struct line line, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (line.len == 0 || (line.len > 1 && line.text[0] == '0'))
        return false;
    for (size_t i = 0; i < line.len; i++) {
        if (line.text[i] < '0' || line.text[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(line.text[i] - '0');
        if (value > (max - digit) / 10 || digit > max)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}
