/*
 * ascii.c - the digits, signs and hemisphere letters of many scripts, as ASCII.
 */
#include "format/coords.h"

#include <string.h>

/* Longer ones first where one begins like another. Hemispheres become upper case,
 * degrees 'd', minutes ' and seconds ". */
static const struct {
    const char *utf8, *ascii;
} signs[] = {
    {"''", "\""},
    {"\xC2\xB0", "d"},     /* degree sign */
    {"\xC2\xBA", "d"},     /* masculine ordinal, typed for it */
    {"\xCB\x9A", "d"},     /* ring above, typed for it */
    {"\xC2\xB4", "'"},     /* acute accent */
    {"\xCA\xB9", "'"},     /* modifier prime */
    {"\xCA\xBA", "\""},    /* modifier double prime */
    {"\xE2\x80\x98", "'"}, /* quotation marks */
    {"\xE2\x80\x99", "'"},
    {"\xE2\x80\x9C", "\""},
    {"\xE2\x80\x9D", "\""},
    {"\xE2\x80\xB2", "'"},
    {"\xE2\x80\xB3", "\""}, /* prime, double prime */
    {"\xE2\x88\x92", "-"},
    {"\xE2\x80\x93", "-"}, /* minus, en dash */
    {"\xE2\x80\x90", "-"},
    {"\xE2\x80\x91", "-"}, /* hyphens */
    {"\xC2\xA0", " "},
    {"\xE2\x80\x89", " "},
    {"\xE2\x80\xAF", " "}, /* spaces */
    {"\xEF\xBB\xBF", ""},  /* byte order mark */
    {"\xE2\x80\x8E", ""},
    {"\xE2\x80\x8F", ""},
    {"\xD8\x9C", ""}, /* direction marks */
    {"\xE2\x80\xAA", ""},
    {"\xE2\x80\xAB", ""},
    {"\xE2\x80\xAC", ""},
    {"\xE2\x81\xA6", ""},
    {"\xE2\x81\xA7", ""},
    {"\xE2\x81\xA8", ""},
    {"\xE2\x81\xA9", ""},
    {"\xD9\xAB", "."}, /* Arabic decimal separator */
    {"\xD8\x8C", ","}, /* Arabic comma */
    {"\xD8\x9B", ";"}, /* Arabic semicolon */
    {"شمالا", "N"},
    {"شمال", "N"},
    {"جنوبا", "S"},
    {"جنوب", "S"},
    {"شرقا", "E"},
    {"شرق", "E"},
    {"غربا", "W"},
    {"غرب", "W"},
    {"ش", "N"},
    {"ج", "S"},
    {"ق", "E"},
    {"غ", "W"},
    {"с.ш.", "N"},
    {"ю.ш.", "S"},
    {"в.д.", "E"},
    {"з.д.", "W"},
    {"с. ш.", "N"},
    {"ю. ш.", "S"},
    {"в. д.", "E"},
    {"з. д.", "W"},
    {"сш", "N"},
    {"юш", "S"},
    {"вд", "E"},
    {"зд", "W"},
};

/* Arabic-Indic (U+0660..9) or Persian (U+06F0..9) digit at p; -1 if it is none. */
static int foreign_digit(const unsigned char *p, size_t len)
{
    if (len >= 2 && p[0] == 0xD9 && p[1] >= 0xA0 && p[1] <= 0xA9)
        return p[1] - 0xA0;
    if (len >= 2 && p[0] == 0xDB && p[1] >= 0xB0 && p[1] <= 0xB9)
        return p[1] - 0xB0;
    return -1;
}

/* The sign at p; how many bytes it has (0: none) and its ASCII. */
static size_t sign_at(const char *p, size_t len, const char **ascii)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i].utf8);
        if (n <= len && memcmp(p, signs[i].utf8, n) == 0) {
            *ascii = signs[i].ascii;
            return n;
        }
    }
    return 0;
}

/* One character of the text at p: its length, and what it becomes. */
static size_t one(const char *p, size_t len, char single[2], const char **ascii)
{
    unsigned char c = (unsigned char)*p;
    int digit = foreign_digit((const unsigned char *)p, len);
    *ascii = single;
    single[1] = '\0';
    if (digit >= 0) {
        single[0] = (char)('0' + digit);
        return 2;
    }
    if (c >= 0x80 || c == '\'') {
        size_t n = sign_at(p, len, ascii);
        if (n > 0)
            return n;
    }
    single[0] = c == '\t' ? ' ' : c < 0x20 || c >= 0x7F ? '?' : (char)c;
    return 1;
}

size_t tf_coord_ascii(const char *text, size_t len, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < len;) {
        char single[2];
        const char *ascii;
        i += one(text + i, len - i, single, &ascii);
        for (; *ascii; ascii++) {
            if (n + 1 >= size)
                return TF_NO_INDEX;
            out[n++] = *ascii;
        }
    }
    if (size > 0)
        out[n] = '\0';
    return n;
}
