/*
 * text.c - translated sentences filled with isolated arguments.
 */
#include "report/text.h"

#include "base/utf8.h"
#include <string.h>

#define ISOLATE_FIRST_STRONG "\xE2\x81\xA8" /* U+2068 */
#define ISOLATE_LTR "\xE2\x81\xA6"          /* U+2066 */
#define ISOLATE_END "\xE2\x81\xA9"          /* U+2069 */

const char *text_get(const struct text *text, const char *english)
{
    const char *found = text->translate ? text->translate(english) : NULL;
    return found ? found : english;
}

const char *text_get_plural(const struct text *text, const char *one, const char *many, size_t n)
{
    const char *found =
        text->translate_plural ? text->translate_plural(one, many, (unsigned long)n) : NULL;
    return found ? found : n == 1 ? one : many;
}

/* Length of a character that changes direction (U+202A..202E, U+2066..2069), which a
 * name could use to show other text than it holds; 0 if it is none. */
static size_t direction_control(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    if (p[0] != 0xE2)
        return 0;
    bool embedding = p[1] == 0x80 && p[2] >= 0xAA && p[2] <= 0xAE;
    bool isolate = p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9;
    return embedding || isolate ? 3 : 0;
}

static void xml_part(struct tf_buf *out, const char *s, size_t len);

/* Where to cut a text of hostile length: before `most` bytes, not within a character. */
static const char *end_of(const char *s, size_t most)
{
    size_t len = strlen(s);
    return s + (len <= most ? len : tf_utf8_cut(s, most));
}

/* Escaped, without the characters that change direction; what is longer than
 * TEXT_MAX_ARGUMENT bytes ends in an ellipsis. */
static void xml_plain(struct tf_buf *out, const char *s)
{
    const char *run = s, *end = end_of(s, TEXT_MAX_ARGUMENT);
    for (; s < end; s++) {
        size_t control = direction_control(s);
        if (control == 0)
            continue;
        xml_part(out, run, (size_t)(s - run));
        run = s + control;
        s = run - 1;
    }
    xml_part(out, run, (size_t)(s - run));
    if (*end)
        tf_buf_text(out, TF_UTF8_ELLIPSIS);
}

void text_arg(const struct text *text, const char *value)
{
    tf_buf_text(text->out, text->in_svg ? ISOLATE_FIRST_STRONG : "<bdi>");
    xml_plain(text->out, value);
    tf_buf_text(text->out, text->in_svg ? ISOLATE_END : "</bdi>");
}

void text_figure(const struct text *text, const char *value)
{
    tf_buf_text(text->out, text->in_svg ? ISOLATE_LTR : "<bdi dir=\"ltr\">");
    tf_buf_xml(text->out, value);
    tf_buf_text(text->out, text->in_svg ? ISOLATE_END : "</bdi>");
}

/* Escapes the first `len` bytes of s. Cut before '%' or at the end, so never
 * within a character. */
static void xml_part(struct tf_buf *out, const char *s, size_t len)
{
    char part[128];
    while (len > 0) {
        size_t n = len < sizeof part ? len : tf_utf8_cut(s, sizeof part - 1);
        memcpy(part, s, n);
        part[n] = '\0';
        tf_buf_xml(out, part);
        s += n;
        len -= n;
    }
}

void text_fill(const struct text *text, const char *sentence, const char *const args[4])
{
    for (const char *s = sentence; *s;) {
        size_t run = strcspn(s, "%");
        xml_part(text->out, s, run);
        s += run;
        if (*s != '%')
            continue;
        if (s[1] >= '1' && s[1] <= '4' && args[s[1] - '1']) {
            text_arg(text, args[s[1] - '1']);
            s += 2;
        } else {
            tf_buf_char(text->out, *s++);
        }
    }
}

void text_say(const struct text *text, const char *english, const char *a1, const char *a2,
              const char *a3, const char *a4)
{
    text_fill(text, text_get(text, english), (const char *const[4]){a1, a2, a3, a4});
}

void text_count(const struct text *text, const char *one, const char *many, size_t n,
                const char *a2, const char *a3)
{
    struct word count = word_count(n);
    text_fill(text, text_get_plural(text, one, many, n),
              (const char *const[4]){count.text, a2, a3, NULL});
}
