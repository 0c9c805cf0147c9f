/*
 * acotime.c - day-time groups, intervals and levels of an ACO.
 */
#include "format/aco.h"

#include <stdio.h>
#include <string.h>

static const char months[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
/* An interval with more occurrences is taken as continuous. */
enum { MAX_OCCURRENCES = 400 };

static int digits(struct tf_span *s, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++, s->at++) {
        if (s->at >= s->end || *s->at < '0' || *s->at > '9')
            return -1;
        value = value * 10 + (*s->at - '0');
    }
    return value;
}

static int month_of(struct tf_span *s)
{
    for (int m = 0; m < 12; m++) {
        char name[4] = {months[3 * m], months[3 * m + 1], months[3 * m + 2], '\0'};
        if (tf_span_begins(*s, name)) {
            s->at += 3;
            return m + 1;
        }
    }
    return -1;
}

/* 24:00 is the next day's midnight. */
static enum tf_status civil_time(struct tf_civil c, int64_t *out_ns)
{
    bool midnight = c.hour == 24 && c.minute == 0;
    if (midnight)
        c.hour = 0;
    int64_t t_ns;
    enum tf_status rc = tf_time_from_civil(&c, &t_ns);
    if (rc)
        return TF_TIME;
    *out_ns = midnight ? tf_time_add(t_ns, TF_DAY_NS) : t_ns;
    return TF_OK;
}

static uint64_t apart(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/* The year among three that brings it closest; some have no 29 February. */
static enum tf_status nearest_year(struct tf_civil c, int64_t near_ns, int64_t *out_ns)
{
    struct tf_civil near;
    bool found = false;
    if (near_ns == TF_TIME_MIN)
        return TF_MISSING;
    tf_time_to_civil(near_ns, &near);
    for (int year = near.year - 1; year <= near.year + 1; year++) {
        int64_t t_ns;
        c.year = year;
        if (civil_time(c, &t_ns))
            continue;
        if (!found || apart(t_ns, near_ns) < apart(*out_ns, near_ns))
            *out_ns = t_ns;
        found = true;
    }
    return found ? TF_OK : TF_TIME;
}

enum tf_status tf_aco_time(struct tf_span s, int64_t near_ns, int64_t *out_ns)
{
    struct tf_civil c = {0};
    int64_t t_ns = 0;
    s = tf_span_trim(s);
    c.day = digits(&s, 2);
    c.hour = digits(&s, 2);
    c.minute = digits(&s, 2);
    if (c.day < 0 || c.hour < 0 || c.minute < 0)
        return TF_SYNTAX;
    if (tf_span_begins(s, "Z"))
        s.at++;
    c.month = month_of(&s);
    if (c.month < 0)
        return TF_SYNTAX;
    enum tf_status rc;
    size_t left = tf_span_len(s);
    if (left == 0) {
        rc = nearest_year(c, near_ns, &t_ns);
    } else {
        if (left != 4 && left != 2)
            return TF_SYNTAX;
        c.year = digits(&s, (int)left);
        if (c.year < 0)
            return TF_SYNTAX;
        c.year += left == 2 ? 2000 : 0;
        rc = civil_time(c, &t_ns);
    }
    if (!rc)
        *out_ns = t_ns;
    return rc;
}

bool tf_aco_is_open(struct tf_span s)
{
    static const char *const words[] = {"UFN", "INDEF", "UNK",     "TBD",     "ONCALL",
                                        "-",   "",      "AFTER",   "ASOF",    "ASAP",
                                        "NET", "NLT",   "ASAPAFT", "ASAPNLT", "BEFORE"};
    s = tf_span_trim(s);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (tf_span_is(s, words[i]))
            return true;
    return false;
}

void tf_aco_time_format(int64_t t_ns, char out[16])
{
    struct tf_civil c;
    tf_time_to_civil(t_ns, &c);
    snprintf(out, 16, "%02u%02u%02uZ%.3s%04u", (unsigned)c.day % 100, (unsigned)c.hour % 100,
             (unsigned)c.minute % 100, months + 3 * (c.month - 1), (unsigned)c.year % 10000);
}

enum tf_status tf_aco_add_period(struct tf_aco_periods *periods, int64_t start_ns, int64_t end_ns)
{
    if (start_ns >= end_ns)
        return TF_TIME;
    if (periods->count == TF_ACO_MAX_PERIODS)
        return TF_TOO_LARGE;
    periods->items[periods->count].start_ns = start_ns;
    periods->items[periods->count].end_ns = end_ns;
    periods->count++;
    return TF_OK;
}

/* Days of the week (bit 0: Monday), and how many days lie between. */
static const struct {
    const char *word;
    unsigned weekdays;
    int step_days;
} frequencies[] = {
    {"DAILY", 0x7F, 1},    {"WEEKDAYS", 0x1F, 1}, {"WEEKENDS", 0x60, 1}, {"MON WED FRI", 0x15, 1},
    {"TUE THUR", 0x0A, 1}, {"TUE THU", 0x0A, 1},  {"WEEKLY", 0x7F, 7},   {"BIWEEKLY", 0x7F, 14},
};
static const struct {
    const char *word;
    int days;
} durations[] = {
    {"DAYS", 1},   {"DAY", 1},     {"D", 1},    {"WKS", 7},    {"WK", 7},      {"WEEKS", 7},
    {"WEEK", 7},   {"BIWK", 14},   {"BW", 14},  {"MO", 31},    {"MTH", 31},    {"MON", 31},
    {"MONTH", 31}, {"MONTHS", 31}, {"YR", 366}, {"YEAR", 366}, {"YEARS", 366},
};

/* When the last occurrence has begun; TF_TIME_MAX: never, or not understood. */
static int64_t interval_end(struct tf_span duration, int64_t start_ns)
{
    double count;
    int64_t until_ns;
    duration = tf_span_trim(duration);
    if (!tf_aco_time(duration, start_ns, &until_ns))
        return until_ns;
    if (!tf_span_take_number(&duration, &count) || !(count > 0) || count > 1000)
        return TF_TIME_MAX;
    duration = tf_span_trim(duration);
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++)
        if (tf_span_is(duration, durations[i].word))
            return tf_time_add(start_ns, (int64_t)(count * durations[i].days) * TF_DAY_NS);
    return TF_TIME_MAX;
}

enum tf_status tf_aco_add_interval(struct tf_aco_periods *periods, int64_t start_ns, int64_t end_ns,
                                   struct tf_span frequency, struct tf_span duration,
                                   bool *continuous)
{
    int64_t until_ns = interval_end(duration, start_ns);
    size_t f = 0, known = sizeof frequencies / sizeof *frequencies;
    frequency = tf_span_trim(frequency);
    while (f < known && !tf_span_is(frequency, frequencies[f].word))
        f++;
    int64_t step_ns = f < known ? frequencies[f].step_days * TF_DAY_NS : 0;
    bool open = start_ns == TF_TIME_MIN || end_ns == TF_TIME_MAX || until_ns == TF_TIME_MAX;
    *continuous = f == known || open || until_ns <= start_ns || end_ns - start_ns > step_ns ||
                  (until_ns - start_ns) / step_ns > MAX_OCCURRENCES;
    if (*continuous)
        return tf_aco_add_period(periods, start_ns, until_ns > end_ns ? until_ns : end_ns);
    enum tf_status rc = TF_OK;
    int64_t length_ns = end_ns - start_ns;
    for (int64_t t = start_ns; !rc && t < until_ns; t += step_ns) {
        struct tf_civil c;
        tf_time_to_civil(t, &c);
        if (frequencies[f].weekdays >> c.weekday & 1)
            rc = tf_aco_add_period(periods, t, t + length_ns);
    }
    return rc;
}

/* "GL", "MSL" (base references), "FL060", "050AMSL", "010AGL" (hundreds of feet). */
static enum tf_status level(struct tf_span s, bool is_lower, struct tf_alt *out)
{
    double hundreds;
    s = tf_span_trim(s);
    if (tf_span_is(s, "GL") || tf_span_is(s, "GND") || tf_span_is(s, "SFC")) {
        *out = tf_alt_ground;
        return TF_OK;
    }
    if (tf_span_is(s, "MSL")) {
        *out = (struct tf_alt){0, TF_ALT_UNIT_FT, TF_ALT_AMSL};
        return TF_OK;
    }
    if (tf_span_is(s, "FL999") || tf_span_is(s, "UNL")) {
        *out = tf_alt_unlimited(is_lower);
        return TF_OK;
    }
    if (tf_span_begins(s, "FL")) {
        s.at += 2;
        *out = (struct tf_alt){0, TF_ALT_UNIT_FL, TF_ALT_STD};
        return tf_span_number(s, &out->value) ? TF_OK : TF_SYNTAX;
    }
    if (!tf_span_take_number(&s, &hundreds))
        return TF_SYNTAX;
    *out = (struct tf_alt){hundreds * 100, TF_ALT_UNIT_FT, TF_ALT_AMSL};
    if (tf_span_is(s, "AGL"))
        out->ref = TF_ALT_AGL;
    return tf_span_is(s, "AGL") || tf_span_is(s, "AMSL") || tf_span_is(s, "MSL") ? TF_OK
                                                                                 : TF_SYNTAX;
}

enum tf_status tf_aco_levels(struct tf_span s, struct tf_alt *lower, struct tf_alt *upper)
{
    static const char *const prefixes[] = {"FLFL", "BRRA", "BRFL", "RAFL", "RARA"};
    struct tf_span prefix, low, high = s;
    bool known = false;
    tf_span_cut(&high, ':', &prefix);
    prefix = tf_span_trim(prefix);
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        known |= tf_span_is(prefix, prefixes[i]);
    if (!known || !tf_span_cut(&high, '-', &low) || !high.at)
        return TF_SYNTAX;
    enum tf_status rc = level(low, true, lower);
    return rc ? rc : level(high, false, upper);
}
