/*
 * alttext.c - altitudes in the words of charts and orders.
 */
#include "format/text.h"

#include <math.h>
#include <string.h>

const struct tf_alt tf_alt_ground = {0, TF_ALT_UNIT_M, TF_ALT_AGL};

struct tf_alt tf_alt_unlimited(bool is_lower)
{
    return (struct tf_alt){is_lower ? -INFINITY : INFINITY, TF_ALT_UNIT_M, TF_ALT_AMSL};
}

static const char *const unlimited_words[] = {"UNL",  "UNLIM", "UNLIMITED", "UNLTD",
                                              "UNLD", "INF",   "INFINITE"};
static const char *const ground_words[] = {"GND", "SFC", "GROUND", "SURFACE"};

/* Longer ones before those that they begin with. */
static const struct {
    const char *word;
    enum tf_alt_unit unit;
} units[] = {
    {"feet", TF_ALT_UNIT_FT},  {"foot", TF_ALT_UNIT_FT},  {"ft", TF_ALT_UNIT_FT},
    {"metres", TF_ALT_UNIT_M}, {"meters", TF_ALT_UNIT_M}, {"mtr", TF_ALT_UNIT_M},
    {"f", TF_ALT_UNIT_FT},
};
static const struct {
    const char *word;
    enum tf_alt_ref ref;
} references[] = {
    {"AMSL", TF_ALT_AMSL}, {"MSL", TF_ALT_AMSL}, {"ALT", TF_ALT_AMSL}, {"ASL", TF_ALT_AMSL},
    {"AGL", TF_ALT_AGL},   {"ASFC", TF_ALT_AGL}, {"SFC", TF_ALT_AGL},  {"GND", TF_ALT_AGL},
    {"AG", TF_ALT_AGL},    {"STD", TF_ALT_STD},  {"W84", TF_ALT_W84},  {"WGS84", TF_ALT_W84},
    {"HAE", TF_ALT_W84},
};

static bool one_of(struct tf_span s, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tf_span_is(s, words[i]))
            return true;
    return false;
}

/* Takes a unit at the beginning. "m" only if it is no part of MSL. */
static void take_unit(struct tf_span *s, struct tf_alt *alt)
{
    *s = tf_span_trim(*s);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (tf_span_begins(*s, units[i].word)) {
            alt->unit = units[i].unit;
            s->at += strlen(units[i].word);
            return;
        }
    if (tf_span_begins(*s, "m") && !tf_span_begins(*s, "msl")) {
        alt->unit = TF_ALT_UNIT_M;
        s->at++;
    }
}

static bool take_reference(struct tf_span *s, struct tf_alt *alt)
{
    *s = tf_span_trim(*s);
    if (s->at == s->end)
        return true;
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (tf_span_is(*s, references[i].word)) {
            alt->ref = references[i].ref;
            return true;
        }
    return false;
}

enum tf_status tf_alt_from_text(struct tf_span s, bool is_lower, struct tf_alt otherwise,
                                struct tf_alt *out)
{
    struct tf_alt alt = otherwise;
    s = tf_span_trim(s);
    if (one_of(s, unlimited_words, sizeof unlimited_words / sizeof *unlimited_words)) {
        *out = tf_alt_unlimited(is_lower);
        return TF_OK;
    }
    if (one_of(s, ground_words, sizeof ground_words / sizeof *ground_words)) {
        *out = tf_alt_ground;
        return TF_OK;
    }
    if (tf_span_begins(s, "FL")) {
        alt.unit = TF_ALT_UNIT_FL;
        alt.ref = TF_ALT_STD;
        s.at += 2;
        if (!tf_span_number(s, &alt.value))
            return TF_SYNTAX;
        *out = alt;
        return TF_OK;
    }
    if (!tf_span_take_number(&s, &alt.value))
        return TF_SYNTAX;
    take_unit(&s, &alt);
    if (!take_reference(&s, &alt))
        return TF_SYNTAX;
    *out = alt;
    return TF_OK;
}

void tf_alt_to_text(struct tf_alt alt, struct tf_buf *out)
{
    static const char *const reference_words[] = {"W84", "AMSL", "AGL", "STD"};
    if (isinf(alt.value)) {
        tf_buf_text(out, "UNL");
        return;
    }
    if (alt.value == 0 && alt.ref == TF_ALT_AGL) {
        tf_buf_text(out, "GND");
        return;
    }
    if (alt.unit == TF_ALT_UNIT_FL && alt.ref == TF_ALT_STD) {
        tf_buf_text(out, "FL");
        tf_buf_double(out, alt.value);
        return;
    }
    tf_buf_double(out, alt.unit == TF_ALT_UNIT_FL ? alt.value * 100 : alt.value);
    tf_buf_text(out, alt.unit == TF_ALT_UNIT_M ? "m " : "ft ");
    tf_buf_text(out, reference_words[alt.ref]);
}

bool tf_alt_to_amsl(const struct tf_shape *shape, bool is_lower, struct tf_alt *alt)
{
    if (alt->ref != TF_ALT_W84 || isinf(alt->value))
        return false;
    double low_m, high_m;
    tf_undulation_bounds(shape, &low_m, &high_m);
    double w84_m = tf_alt_m(*alt);
    double amsl_m = is_lower ? floor((w84_m - high_m) * 10) / 10 : ceil((w84_m - low_m) * 10) / 10;
    *alt = (struct tf_alt){amsl_m, TF_ALT_UNIT_M, TF_ALT_AMSL};
    return true;
}
