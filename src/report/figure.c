/*
 * figure.c - numbers, distances, times, altitudes and positions in words.
 */
#include "report/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void text_fixed(struct tf_buf *out, double value, int decimals)
{
    tf_buf_text(out, word_fixed(value, decimals).text);
}

struct word word_fixed(double value, int decimals)
{
    static const long long power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    struct word w;
    double scaled = isfinite(value) ? value * (double)power[decimals] : 0;
    long long n = llround(fmin(fmax(scaled, -9e17), 9e17));
    const char *sign = n < 0 ? "-" : "";
    if (n < 0)
        n = -n;
    if (decimals == 0)
        snprintf(w.text, sizeof w.text, "%s%lld", sign, n);
    else
        snprintf(w.text, sizeof w.text, "%s%lld.%0*lld", sign, n / power[decimals], decimals,
                 n % power[decimals]);
    return w;
}

/* Groups of three, by a no-break space, from 10 000 on. */
struct word word_count(size_t n)
{
    char digits[24];
    struct word w = {""};
    size_t len = (size_t)snprintf(digits, sizeof digits, "%zu", n), at = 0;
    for (size_t i = 0; i < len; i++) {
        if (len > 4 && i > 0 && (len - i) % 3 == 0) {
            memcpy(w.text + at, "\xC2\xA0", 2);
            at += 2;
        }
        w.text[at++] = digits[i];
    }
    w.text[at] = '\0';
    return w;
}

struct word word_fill(const struct text *text, const char *english, const char *a1, const char *a2)
{
    struct tf_fault fault = {.code = TF_OK};
    struct word w;
    tf_fault_set(&fault, TF_OK, TF_NO_INDEX, "", english, a1, a2, NULL);
    tf_fault_text(&fault, text_get(text, english), w.text, sizeof w.text);
    return w;
}

struct word word_distance(const struct text *text, double metres)
{
    if (metres >= 100000)
        return word_fill(text, TF_TEXT("%1 km"), word_fixed(metres / 1000, 0).text, NULL);
    if (metres >= 10000)
        return word_fill(text, TF_TEXT("%1 km"), word_fixed(metres / 1000, 1).text, NULL);
    if (metres >= 1000)
        return word_fill(text, TF_TEXT("%1 km"), word_fixed(metres / 1000, 2).text, NULL);
    return word_fill(text, TF_TEXT("%1 m"), word_fixed(metres, metres < 10 && metres > 0).text,
                     NULL);
}

struct word word_height(const struct text *text, double metres)
{
    return word_fill(text, TF_TEXT("%1 m (%2 ft)"), word_fixed(metres, 0).text,
                     word_fixed(metres / TF_FOOT_M, 0).text);
}

struct word word_date(int64_t t_ns)
{
    struct tf_civil c;
    struct word w;
    tf_time_to_civil(t_ns, &c);
    snprintf(w.text, sizeof w.text, "%04d-%02d-%02d", c.year, c.month, c.day);
    return w;
}

struct word word_time_of_day(int64_t t_ns)
{
    struct tf_civil c;
    struct word w;
    tf_time_to_civil(t_ns, &c);
    if (c.second)
        snprintf(w.text, sizeof w.text, "%02d:%02d:%02d", c.hour, c.minute, c.second);
    else
        snprintf(w.text, sizeof w.text, "%02d:%02d", c.hour, c.minute);
    return w;
}

struct word word_time(const struct text *text, int64_t t_ns)
{
    struct word w;
    if (t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX) {
        const char *open =
            t_ns == TF_TIME_MIN ? TF_TEXT("since always") : TF_TEXT("until further notice");
        snprintf(w.text, sizeof w.text, "%s", text_get(text, open));
    } else {
        snprintf(w.text, sizeof w.text, "%.20s\xC2\xA0%.20sZ", word_date(t_ns).text,
                 word_time_of_day(t_ns).text);
    }
    return w;
}

struct word word_duration(const struct text *text, int64_t ns)
{
    char big[24], small[24];
    int64_t s = ns / TF_SECOND_NS;
    bool days = s >= 2 * 86400, hours = s >= 3600;
    int64_t unit = days ? 86400 : hours ? 3600 : 60;
    int64_t part = days ? 3600 : hours ? 60 : 1;
    snprintf(big, sizeof big, "%lld", (long long)(s / unit));
    snprintf(small, sizeof small, "%lld", (long long)(s % unit / part));
    if (days)
        return word_fill(text, TF_TEXT("%1 d %2 h"), big, small);
    if (hours)
        return word_fill(text, TF_TEXT("%1 h %2 min"), big, small);
    if (s < 60 && ns % TF_SECOND_NS)
        return word_fill(text, TF_TEXT("%1 s"), word_fixed((double)ns / 1e9, 1).text, NULL);
    if (s < 60)
        return word_fill(text, TF_TEXT("%1 s"), small, NULL);
    if (s % 60 == 0)
        return word_fill(text, TF_TEXT("%1 min"), big, NULL);
    return word_fill(text, TF_TEXT("%1 min %2 s"), big, small);
}

struct word word_altitude(const struct text *text, struct tf_alt alt)
{
    static const char *const metres[] = {TF_TEXT("%1 m above WGS84"), TF_TEXT("%1 m AMSL"),
                                         TF_TEXT("%1 m AGL"), TF_TEXT("%1 m STD")};
    static const char *const feet[] = {TF_TEXT("%1 ft above WGS84"), TF_TEXT("%1 ft AMSL"),
                                       TF_TEXT("%1 ft AGL"), TF_TEXT("%1 ft STD")};
    if (!isfinite(alt.value))
        return word_fill(text, alt.value > 0 ? TF_TEXT("unlimited") : TF_TEXT("no lower limit"),
                         NULL, NULL);
    if (alt.value == 0 && alt.ref == TF_ALT_AGL)
        return word_fill(text, TF_TEXT("surface"), NULL, NULL);
    int decimals = alt.value == floor(alt.value) ? 0 : 1;
    struct word value = word_fixed(alt.value, decimals);
    if (alt.unit == TF_ALT_UNIT_FL) {
        if (decimals == 0 && alt.value >= 0) /* flight levels are written with three digits */
            snprintf(value.text, sizeof value.text, "%03ld", lround(alt.value));
        return word_fill(text, TF_TEXT("FL %1"), value.text, NULL);
    }
    return word_fill(text, (alt.unit == TF_ALT_UNIT_FT ? feet : metres)[alt.ref], value.text, NULL);
}

struct word word_decimal(struct tf_latlng at)
{
    struct word w;
    struct word lng = word_fixed(fabs(at.lng_deg), 5);
    int pad = (int)(9 - strlen(lng.text));
    snprintf(w.text, sizeof w.text, "%.20s\xC2\xB0%c %.*s%.20s\xC2\xB0%c",
             word_fixed(fabs(at.lat_deg), 5).text, at.lat_deg < 0 ? 'S' : 'N', pad > 0 ? pad : 0,
             "00", lng.text, at.lng_deg < 0 ? 'W' : 'E');
    return w;
}

/* Degrees, minutes and tenths of a second, with the carry done in whole tenths. */
static int dms(double degrees, int width, char *out, size_t size)
{
    long tenths = lround(fabs(degrees) * 36000);
    return snprintf(out, size, "%0*ld\xC2\xB0%02ld\xE2\x80\xB2%02ld.%ld\xE2\x80\xB3", width,
                    tenths / 36000, tenths / 600 % 60, tenths / 10 % 60, tenths % 10);
}

struct word word_dms(struct tf_latlng at)
{
    char lat[40], lng[40];
    struct word w;
    dms(at.lat_deg, 2, lat, sizeof lat);
    dms(at.lng_deg, 3, lng, sizeof lng);
    snprintf(w.text, sizeof w.text, "%s%c %s%c", lat, at.lat_deg < 0 ? 'S' : 'N', lng,
             at.lng_deg < 0 ? 'W' : 'E');
    return w;
}

/* The translated entry of a table of words, or "?" outside of it. */
static struct word pick(const struct text *text, const char *const *table, size_t count, size_t i)
{
    struct word w;
    snprintf(w.text, sizeof w.text, "%s", i < count ? text_get(text, table[i]) : "?");
    return w;
}

struct word word_kind(const struct text *text, enum tf_kind kind)
{
    static const char *const names[TF_KIND_COUNT] = {[TF_KIND_OTHER] = TF_TEXT("operation"),
                                                     [TF_KIND_CREWED] = TF_TEXT("crewed aircraft"),
                                                     [TF_KIND_ROTORCRAFT] = TF_TEXT("rotorcraft"),
                                                     [TF_KIND_UNCREWED] =
                                                         TF_TEXT("uncrewed aircraft"),
                                                     [TF_KIND_GROUND] = TF_TEXT("ground operation"),
                                                     [TF_KIND_SEA] = TF_TEXT("sea operation"),
                                                     [TF_KIND_HAZARD] = TF_TEXT("hazard area"),
                                                     [TF_KIND_BALLOON] = TF_TEXT("balloon"),
                                                     [TF_KIND_ZONE] = TF_TEXT("zone"),
                                                     [TF_KIND_SITE] = TF_TEXT("protected site")};
    return pick(text, names, TF_KIND_COUNT, (size_t)kind);
}

struct word word_state(const struct text *text, enum tf_state state)
{
    static const char *const names[TF_STATE_COUNT] = {
        [TF_STATE_DRAFT] = TF_TEXT("draft"),
        [TF_STATE_ACCEPTED] = TF_TEXT("accepted"),
        [TF_STATE_ACTIVATED] = TF_TEXT("activated"),
        [TF_STATE_NONCONFORMING] = TF_TEXT("nonconforming"),
        [TF_STATE_CONTINGENT] = TF_TEXT("contingent"),
        [TF_STATE_ENDED] = TF_TEXT("ended"),
        [TF_STATE_WITHDRAWN] = TF_TEXT("withdrawn")};
    return pick(text, names, TF_STATE_COUNT, (size_t)state);
}

struct word word_restriction(const struct text *text, enum tf_restriction restriction)
{
    static const char *const names[TF_RESTRICTION_COUNT] = {
        [TF_RESTRICTION_NONE] = TF_TEXT("no restriction"),
        [TF_RESTRICTION_PROHIBITED] = TF_TEXT("prohibited"),
        [TF_RESTRICTION_RESTRICTED] = TF_TEXT("authorisation required"),
        [TF_RESTRICTION_CONDITIONAL] = TF_TEXT("conditional"),
        [TF_RESTRICTION_INFORMATION] = TF_TEXT("for information only")};
    return pick(text, names, TF_RESTRICTION_COUNT, (size_t)restriction);
}
