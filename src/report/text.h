/*
 * text.h - words and figures of a report: translated sentences with places to
 * fill, and distances, times, altitudes and positions as people read them.
 *
 * Figures never depend on the locale of the process: the decimal sign is always a
 * point and digits are always Western, so that a coordinate reads the same in
 * every language and an SVG attribute stays an SVG attribute.
 */
#ifndef TF_REPORT_TEXT_H
#define TF_REPORT_TEXT_H

#include "report/report.h"

/* Marks both forms of a message with a count for translation, and passes them on as two
 * arguments (xgettext -kTF_TEXT_PLURAL:1,2). */
#define TF_TEXT_PLURAL(one, many) one, many

/* Where sentences go and how they are marked up. */
struct text {
    struct tf_buf *out;
    const char *(*translate)(const char *english);
    const char *(*translate_plural)(const char *one, const char *many, unsigned long n);
    bool in_svg; /* arguments isolated by U+2068..U+2069 instead of <bdi> */
};

/* A short figure with its unit, by value. */
struct word {
    char text[96];
};

/* The translation, not escaped. Never NULL. */
const char *text_get(const struct text *text, const char *english);
const char *text_get_plural(const struct text *text, const char *one, const char *many, size_t n);
/* Writes a sentence, escaped; %1 %2 %3 %4 become the arguments, escaped and isolated (so
 * that a name of the other direction does not disturb the sentence). NULL: unused. */
void text_say(const struct text *text, const char *english, const char *a1, const char *a2,
              const char *a3, const char *a4);
/* The same for a sentence that has been translated already. */
void text_fill(const struct text *text, const char *sentence, const char *const args[4]);
/* A sentence with a count, which is also %1. */
void text_count(const struct text *text, const char *one, const char *many, size_t n,
                const char *a2, const char *a3);
/* One argument by itself: escaped and isolated; cut if longer than TEXT_MAX_ARGUMENT. */
enum { TEXT_MAX_ARGUMENT = 400 };
void text_arg(const struct text *text, const char *value);
/* A figure: isolated left to right. */
void text_figure(const struct text *text, const char *value);

/* value with `decimals` (0..6) places; 0 if not finite. */
void text_fixed(struct tf_buf *out, double value, int decimals);
/* A translated pattern such as "%1 km", filled; not escaped, cut if too long. */
struct word word_fill(const struct text *text, const char *english, const char *a1, const char *a2);
struct word word_fixed(double value, int decimals);
struct word word_count(size_t n); /* thin spaces between thousands */
struct word word_distance(const struct text *text, double metres);
struct word word_height(const struct text *text, double metres); /* "300 m (984 ft)" */
struct word word_time(const struct text *text, int64_t t_ns);    /* "2026-11-24 02:00Z" */
struct word word_time_of_day(int64_t t_ns);                      /* "02:00" */
struct word word_date(int64_t t_ns);                             /* "2026-11-24" */
struct word word_duration(const struct text *text, int64_t ns);  /* "1 h 30 min" */
struct word word_altitude(const struct text *text, struct tf_alt alt);
struct word word_decimal(struct tf_latlng at); /* "33.51234 N 036.29100 E" */
struct word word_dms(struct tf_latlng at);
struct word word_kind(const struct text *text, enum tf_kind kind);
struct word word_state(const struct text *text, enum tf_state state);
struct word word_restriction(const struct text *text, enum tf_restriction restriction);

#endif
