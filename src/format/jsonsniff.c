/*
 * jsonsniff.c - which names and words occur in the beginning of a JSON text.
 *
 * Detection sees the first bytes of a file only, so the text is mostly cut: a
 * walk over its strings, not a parse.
 */
#include "base/utf8.h"
#include "format/json.h"

#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Index after the string that starts at i (just after its quote); its end in *end. */
static size_t skip_string(const char *bytes, size_t len, size_t i, size_t *end)
{
    while (i < len && bytes[i] != '"')
        i += bytes[i] == '\\' ? 2 : 1;
    *end = i < len ? i : len;
    return i < len ? i + 1 : len;
}

static uint64_t bit_of(const char *text, size_t len, const char *const *list)
{
    for (size_t i = 0; list && list[i] && i < 64; i++)
        if (strlen(list[i]) == len && memcmp(list[i], text, len) == 0)
            return UINT64_C(1) << i;
    return 0;
}

struct tf_json_sniff tf_json_sniff(const char *bytes, size_t len, const char *const *keys,
                                   const char *const *words)
{
    struct tf_json_sniff found = {0};
    size_t i = tf_utf8_mark(bytes, len);
    while (i < len && is_space(bytes[i]))
        i++;
    if (i == len || (bytes[i] != '{' && bytes[i] != '['))
        return found;
    found.first = bytes[i];
    while (i < len) {
        if (bytes[i++] != '"')
            continue;
        size_t start = i, end;
        i = skip_string(bytes, len, i, &end);
        size_t after = i;
        while (after < len && is_space(bytes[after]))
            after++;
        bool is_key = after < len && bytes[after] == ':';
        if (is_key)
            found.keys |= bit_of(bytes + start, end - start, keys);
        else
            found.words |= bit_of(bytes + start, end - start, words);
    }
    return found;
}
