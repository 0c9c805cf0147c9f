/*
 * arabic.c - a few translations into Arabic, enough to see a page in that direction.
 */
#include "sample.h"

#include <string.h>

static const struct {
    const char *english, *arabic;
} words[] = {
    {"Map", "\xD8\xAE\xD8\xB1\xD9\x8A\xD8\xB7\xD8\xA9"},
};

const char *sample_arabic(const char *english)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].english, english) == 0)
            return words[i].arabic;
    return english;
}
