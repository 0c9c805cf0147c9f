/*
 * readers.c - values of flags, by unit tables and word tables.
 */
#include "cli/readers.h"

#include "cli/say.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
    const char *name;
    double factor;
};

/* A finite decimal number and one of the units (or none: the first); spaces
 * around either are allowed. */
static bool read_with_unit(const char *text, size_t len, const struct unit *units, size_t count,
                           double *out)
{
    char copy[64];
    if (len == 0 || len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (strpbrk(copy, "xXpP")) /* strtod would take hexadecimal; no unit has these */
        return false;
    char *end;
    double number = strtod(copy, &end);
    if (end == copy || !isfinite(number))
        return false;
    while (*end == ' ')
        end++;
    size_t left = strlen(end);
    while (left > 0 && end[left - 1] == ' ')
        end[--left] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (left == 0 || !strcasecmp(end, units[i].name)) {
            *out = number * units[left == 0 ? 0 : i].factor;
            return isfinite(*out);
        }
    }
    return false;
}

bool read_length_m(const char *text, size_t len, double *out)
{
    static const struct unit units[] = {
        {"m", 1}, {"km", 1000}, {"NM", TF_NAUTICAL_MILE_M}, {"ft", TF_FOOT_M}};
    return read_with_unit(text, len, units, sizeof units / sizeof *units, out);
}

bool read_duration_ns(const char *text, size_t len, int64_t *out)
{
    static const struct unit units[] = {{"s", 1}, {"ms", 0.001}, {"min", 60}, {"h", 3600}};
    double seconds;
    if (!read_with_unit(text, len, units, sizeof units / sizeof *units, &seconds) ||
        fabs(seconds) > 1e9)
        return false;
    *out = (int64_t)llround(seconds * 1e9);
    return true;
}

bool read_separation(const char *text, struct tf_separation *out)
{
    size_t h_len = strcspn(text, ",");
    if (text[h_len] != ',')
        return false;
    const char *v = text + h_len + 1;
    size_t v_len = strcspn(v, ",");
    if (v[v_len] != ',')
        return false;
    const char *t = v + v_len + 1;
    struct tf_separation read = {0};
    if (!read_length_m(text, h_len, &read.horizontal_m) ||
        !read_length_m(v, v_len, &read.vertical_m) ||
        !read_duration_ns(t, strlen(t), &read.time_ns))
        return false;
    if (read.horizontal_m < 0 || read.vertical_m < 0 || read.time_ns < 0)
        return false;
    *out = read;
    return true;
}

static bool read_text(const char *text, void *out)
{
    *(const char **)out = text;
    return *text != '\0';
}

static bool read_list(const char *text, void *out)
{
    return *text != '\0' && words_add(out, text);
}

static bool read_time(const char *text, void *out)
{
    return tf_time_parse(text, strlen(text), out) == TF_OK;
}

static bool read_duration(const char *text, void *out)
{
    int64_t read;
    if (!read_duration_ns(text, strlen(text), &read) || read < 0)
        return false;
    *(int64_t *)out = read;
    return true;
}

static bool read_level(const char *text, void *out)
{
    return read_length_m(text, strlen(text), out);
}

static bool read_length(const char *text, void *out)
{
    double read;
    if (!read_length_m(text, strlen(text), &read) || read < 0)
        return false;
    *(double *)out = read;
    return true;
}

static bool read_count(const char *text, void *out)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value < 1 || value > 1000000)
        return false;
    *(size_t *)out = value;
    return true;
}

static bool read_separation_value(const char *text, void *out)
{
    struct separation_value *value = out;
    value->given = read_separation(text, &value->minima);
    return value->given;
}

/* South-west and north-east corner, in either order of latitude. */
static bool read_area(const char *text, void *out)
{
    double corner[4];
    for (size_t i = 0; i < 4; i++) {
        char *end;
        corner[i] = strtod(text, &end);
        if (end == text || *end != (i < 3 ? ',' : '\0') || !(fabs(corner[i]) <= (i % 2 ? 180 : 90)))
            return false;
        text = end + 1;
    }
    struct area area = {true, fmin(corner[0], corner[2]), corner[1], fmax(corner[0], corner[2]),
                        corner[3]};
    if (area.south_deg >= area.north_deg || area.west_deg == area.east_deg)
        return false;
    *(struct area *)out = area;
    return true;
}

/* Lowest and highest elevation; nothing on land is beyond -500 and 9000 m. */
static bool read_terrain(const char *text, void *out)
{
    size_t len = strcspn(text, ",");
    struct terrain terrain = {.given = true};
    if (text[len] != ',' || !read_length_m(text, len, &terrain.low_m) ||
        !read_length_m(text + len + 1, strlen(text + len + 1), &terrain.high_m) ||
        !(terrain.low_m >= -500 && terrain.low_m <= terrain.high_m && terrain.high_m <= 9000))
        return false;
    *(struct terrain *)out = terrain;
    return true;
}

static bool read_format(const char *text, void *out)
{
    return tf_format_from_word(text, out) == TF_OK;
}

static bool read_kind(const char *text, void *out)
{
    enum tf_kind kind;
    if (tf_kind_from_word(text, &kind) || kind == TF_KIND_ZONE || kind == TF_KIND_SITE)
        return false;
    *(enum tf_kind *)out = kind;
    return true;
}

static const char *const class_words[] = {"operations", "sites", "zones", NULL};

static bool read_class(const char *text, void *out)
{
    for (int i = 0; class_words[i]; i++) {
        if (!strcmp(text, class_words[i])) {
            *(enum class_as *)out = (enum class_as)(AS_OPERATIONS + i);
            return true;
        }
    }
    return false;
}

/* In the order of enum tf_option_move's bits. */
static const char *const move_words[] = {"time", "level", "lateral", NULL};

static bool read_moves(const char *text, void *out)
{
    unsigned moves = 0;
    while (*text) {
        size_t len = strcspn(text, ","), i = 0;
        while (move_words[i] && (strlen(move_words[i]) != len || strncmp(text, move_words[i], len)))
            i++;
        if (!move_words[i])
            return false;
        moves |= 1u << i;
        text += len + (text[len] == ',');
    }
    *(unsigned *)out = moves;
    return moves != 0;
}

/* At once, so that even what is said about later flags is in this language. */
static bool read_language(const char *text, void *out)
{
    *(const char **)out = text;
    return say_set_language(text);
}

#define WORD_OF(name, word, ...) word,
static const char *const format_words[] = {TF_FORMAT_LIST(WORD_OF) NULL};
static const char *const kind_words[] = {"other", "crewed", "rotorcraft", "uncrewed", "ground",
                                         "sea",   "hazard", "balloon",    NULL};
static const char *const language_words[] = {"en", "ar", "ru", NULL};

const struct flag_reader text_reader = {read_text, TF_TEXT("--%1 needs a value that is not empty"),
                                        NULL};
const struct flag_reader list_reader = {read_list, TF_TEXT("--%1 needs a value that is not empty"),
                                        NULL};
const struct flag_reader time_reader = {
    read_time, TF_TEXT("--%1: \"%2\" is not a time; write it as in 2026-11-24T10:00:00Z"), NULL};
const struct flag_reader duration_reader = {
    read_duration, TF_TEXT("--%1: \"%2\" is not a duration; write it as in 90s, 15min or 2h"),
    NULL};
const struct flag_reader length_reader = {
    read_length, TF_TEXT("--%1: \"%2\" is not a length; write it as in 500m, 5NM, 2km or 1000ft"),
    NULL};
const struct flag_reader level_reader = {
    read_level, TF_TEXT("--%1: \"%2\" is not a height; write it as in -50m, 3000m or 9000ft"),
    NULL};
const struct flag_reader count_reader = {
    read_count, TF_TEXT("--%1: \"%2\" is not a whole number from 1 to 1000000"), NULL};
const struct flag_reader separation_reader = {
    read_separation_value,
    TF_TEXT("--%1: \"%2\" is not a separation; write horizontal, vertical and time minima as in "
            "5NM,1000ft,60s"),
    NULL};
const struct flag_reader area_reader = {
    read_area,
    TF_TEXT("--%1: \"%2\" is not an area; write two corners as south,west,north,east in degrees"),
    NULL};
const struct flag_reader terrain_reader = {
    read_terrain,
    TF_TEXT("--%1: \"%2\" is not a range of elevations; write the lowest and the highest above sea "
            "level, as in 120m,900m"),
    NULL};
const struct flag_reader format_reader = {
    read_format, TF_TEXT("--%1: \"%2\" is not a format; --help lists the formats"), format_words};
const struct flag_reader kind_reader = {
    read_kind,
    TF_TEXT("--%1: \"%2\" is not a kind of operation; use other, crewed, rotorcraft, uncrewed, "
            "ground, sea, hazard or balloon"),
    kind_words};
const struct flag_reader class_reader = {
    read_class, TF_TEXT("--%1: \"%2\" is none of operations, sites and zones"), class_words};
const struct flag_reader moves_reader = {
    read_moves, TF_TEXT("--%1: \"%2\" is not a list of time, level and lateral"), move_words};
const struct flag_reader language_reader = {
    read_language, TF_TEXT("--%1: there is no translation into \"%2\"; use en, ar or ru"),
    language_words};
