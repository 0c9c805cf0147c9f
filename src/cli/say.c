/*
 * say.c - the language of the program, and filling messages.
 */
#include "cli/say.h"

#include "base/utf8.h"
#include "cli/catalogues.h"
#include "cli/columns.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/status.h>
#include <tafadi/time.h>

enum { MAX_PLACES = 9, MESSAGE_MAX = 1 << 16, PROGRESS_COLUMNS = 72 };

/* The one piece of state of the program: chosen once, before anything is said. */
static const struct catalogue *language; /* NULL: English */

static const struct catalogue *find_catalogue(const char *name, size_t len)
{
    for (size_t i = 0; i < catalogue_count; i++)
        if (strlen(catalogues[i].language) == len && !strncmp(catalogues[i].language, name, len))
            return &catalogues[i];
    return NULL;
}

bool say_set_language(const char *name)
{
    size_t len = strcspn(name, "_.@-");
    const struct catalogue *found = find_catalogue(name, len);
    bool english = len == 2 && !strncmp(name, "en", 2);
    if (!found && !english)
        return false;
    language = found;
    return true;
}

/* LANGUAGE is a list with colons; the first known name counts. */
static bool set_from_list(const char *list)
{
    while (*list) {
        size_t len = strcspn(list, ":");
        char name[32];
        if (len > 0 && len < sizeof name) {
            memcpy(name, list, len);
            name[len] = '\0';
            if (say_set_language(name))
                return true;
        }
        list += len + (list[len] == ':');
    }
    return false;
}

void say_language_from_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *locale = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !locale; i++) {
        const char *value = getenv(names[i]);
        locale = value && *value ? value : NULL;
    }
    const char *list = getenv("LANGUAGE");
    if (list && set_from_list(list))
        return;
    if (locale)
        (void)say_set_language(locale);
}

const char *say_language(void)
{
    return language ? language->language : "en";
}

static int compare_message(const void *key, const void *entry)
{
    return strcmp(key, ((const struct catalogue_entry *)entry)->english);
}

static const struct catalogue_entry *find_in(const struct catalogue *catalogue, const char *english)
{
    if (!catalogue)
        return NULL;
    return bsearch(english, catalogue->entries, catalogue->count, sizeof *catalogue->entries,
                   compare_message);
}

static const struct catalogue_entry *find_entry(const char *english)
{
    return find_in(language, english);
}

const char *say_tr(const char *english)
{
    const struct catalogue_entry *entry = find_entry(english);
    return entry ? entry->forms[0] : english;
}

const char *say_translated(const char *name, const char *english)
{
    const struct catalogue_entry *entry = find_in(find_catalogue(name, strlen(name)), english);
    return entry ? entry->forms[0] : english;
}

const char *say_trn(const char *one, const char *many, unsigned long n)
{
    const struct catalogue_entry *entry = find_entry(one);
    unsigned form = language ? language->plural(n) : 0;
    if (entry && form < CATALOGUE_FORMS && entry->forms[form])
        return entry->forms[form];
    return n == 1 ? one : many;
}

static void fill(struct tf_buf *out, const char *message, va_list args)
{
    const char *places[MAX_PLACES] = {NULL};
    size_t count = 0;
    for (const char *arg; count < MAX_PLACES && (arg = va_arg(args, const char *)) != NULL;)
        places[count++] = arg;
    for (const char *p = message; *p; p++) {
        size_t place = *p == '%' && p[1] >= '1' && p[1] <= '9' ? (size_t)(p[1] - '1') : MAX_PLACES;
        if (place >= count) {
            tf_buf_char(out, *p);
            continue;
        }
        tf_buf_text(out, places[place]);
        p++;
    }
}

void say_fill(struct tf_buf *out, const char *message, ...)
{
    va_list args;
    va_start(args, message);
    fill(out, message, args);
    va_end(args);
}

void say_complain(const char *message, ...)
{
    struct tf_buf raw = TF_BUF_INIT(MESSAGE_MAX), shown = TF_BUF_INIT(4 * MESSAGE_MAX);
    va_list args;
    va_start(args, message);
    fill(&raw, message, args);
    va_end(args);
    say_safe(&shown, raw.data);
    fprintf(stderr, "tafadi: %s\n", shown.data ? shown.data : message);
    tf_buf_release(&raw);
    tf_buf_release(&shown);
}

void say_progress(const char *message, const char *arg)
{
    struct tf_buf raw = TF_BUF_INIT(MESSAGE_MAX), shown = TF_BUF_INIT(4 * MESSAGE_MAX);
    say_fill(&raw, message, arg, NULL);
    if (raw.data)
        say_line(&shown, raw.data, raw.len, PROGRESS_COLUMNS);
    fprintf(stderr, "\r%s\033[K", shown.data ? shown.data : "");
    tf_buf_release(&raw);
    tf_buf_release(&shown);
}

void say_progress_end(void)
{
    fputs("\r\033[K", stderr);
}

struct say_number say_count(size_t n)
{
    struct say_number out;
    snprintf(out.s, sizeof out.s, "%zu", n);
    return out;
}

struct say_number say_metres(double m)
{
    struct tf_fault filled = {.arg = {""}}; /* fills a message without allocating */
    struct say_number out;
    bool far = fabs(m) >= 10000;
    double shown = far ? m / 1000 : m;
    int decimals = far || (fabs(m) < 10 && m != 0) ? 1 : 0;
    snprintf(filled.arg[0], sizeof filled.arg[0], "%.*f", decimals, shown);
    tf_fault_text(&filled, far ? TR("%1 km") : TR("%1 m"), out.s, sizeof out.s);
    return out;
}

void say_duration(struct tf_buf *out, int64_t duration_ns)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } units[] = {{3600, TF_TEXT("%1 h")}, {60, TF_TEXT("%1 min")}, {1, TF_TEXT("%1 s")}};
    int64_t left = duration_ns / TF_SECOND_NS;
    const char *space = "";
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        int64_t n = left / units[i].seconds;
        left -= n * units[i].seconds;
        if (n == 0 && (units[i].seconds > 1 || *space))
            continue;
        tf_buf_text(out, space);
        say_fill(out, say_tr(units[i].text), say_count((size_t)n).s, NULL);
        space = " ";
    }
}

/* C0, C1, and what changes the direction of text (U+202A-202E, U+2066-2069). */
static bool is_unsafe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

void say_safe(struct tf_buf *out, const char *text)
{
    size_t left = text ? strlen(text) : 0;
    while (left > 0) {
        uint32_t code;
        size_t len = tf_utf8_decode(text, left, &code);
        if (len == 0 || is_unsafe(code))
            tf_buf_char(out, '?');
        else
            tf_buf_append(out, text, len);
        text += len ? len : 1;
        left -= len ? len : 1;
    }
}

void say_line(struct tf_buf *out, const char *text, size_t len, size_t columns)
{
    struct tf_buf raw = TF_BUF_INIT(len + 1), safe = TF_BUF_INIT(4 * len + 4);
    tf_buf_append(&raw, text, len);
    say_safe(&safe, raw.data);
    bool fits = say_width(safe.data ? safe.data : "", safe.len) <= columns;
    size_t width = 0, at = 0;
    while (at < safe.len) {
        uint32_t code = 0;
        size_t step = tf_utf8_decode(safe.data + at, safe.len - at, &code);
        width += code_columns(code);
        if (!fits && width > columns - 1)
            break;
        at += step ? step : 1;
    }
    tf_buf_append(out, safe.data, at);
    if (!fits)
        tf_buf_text(out, TF_UTF8_ELLIPSIS);
    if (tf_buf_status(&raw) || tf_buf_status(&safe))
        out->status = TF_NOMEM;
    tf_buf_release(&raw);
    tf_buf_release(&safe);
}

size_t say_width(const char *text, size_t len)
{
    size_t width = 0;
    while (len > 0) {
        uint32_t code;
        size_t step = tf_utf8_decode(text, len, &code);
        width += step ? code_columns(code) : 1;
        text += step ? step : 1;
        len -= step ? step : 1;
    }
    return width;
}
