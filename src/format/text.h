/*
 * text.h - what the readers of text formats share: spans of a line, numbers,
 * altitudes in words, and growing lists of points.
 */
#ifndef TF_FORMAT_TEXT_H
#define TF_FORMAT_TEXT_H

#include "format/format.h"

/* Borrowed bytes, not terminated. */
struct tf_span {
    const char *at, *end;
};
struct tf_span tf_span_of(const char *text);
size_t tf_span_len(struct tf_span s);
struct tf_span tf_span_trim(struct tf_span s);       /* blanks, CR and LF at both ends */
bool tf_span_is(struct tf_span s, const char *word); /* ignoring ASCII case */
bool tf_span_begins(struct tf_span s, const char *word);
/* The part before the first of `separator` (or all), moving *rest behind it. False at the end
 * (rest->at == NULL). */
bool tf_span_cut(struct tf_span *rest, char separator, struct tf_span *out);
/* The next line, without CR LF, CR or LF. False at the end. */
bool tf_span_line(struct tf_span *rest, struct tf_span *out);
/* The next word, between blanks; false if there is none. */
bool tf_span_word(struct tf_span *rest, struct tf_span *out);
/* A whole span that is one plain decimal number: sign, digits, point or comma. Not "3,000",
 * which means two things. */
bool tf_span_number(struct tf_span s, double *out);
/* The number at the beginning; *s moves behind it. */
bool tf_span_take_number(struct tf_span *s, double *out);
/* Cut to fit, for messages. */
void tf_span_copy(struct tf_span s, char *out, size_t size);
/* A copy of the trimmed span into an entity's field; NULL if it is empty. */
enum tf_status tf_span_set(char **field, struct tf_span s);

/*
 * An altitude as in "FL95", "FL 95", "2500ft AMSL", "1000 FT AGL", "300M MSL", "GND",
 * "SFC", "UNL", "UNLIMITED", "100 W84". Without unit or reference those of
 * `otherwise`. TF_SYNTAX: it is none.
 */
enum tf_status tf_alt_from_text(struct tf_span s, bool is_lower, struct tf_alt otherwise,
                                struct tf_alt *out);
/* Writes it so that it reads back the same: "2500ft AMSL", "FL95", "GND", "UNL". */
void tf_alt_to_text(struct tf_alt alt, struct tf_buf *out);
extern const struct tf_alt tf_alt_ground; /* 0 m AGL */
struct tf_alt tf_alt_unlimited(bool is_lower);
/*
 * For formats that know no ellipsoid: a W84 limit as AMSL metres, moved outward by the
 * geoid's bounds over the shape; others as they are. True if it was changed.
 */
bool tf_alt_to_amsl(const struct tf_shape *shape, bool is_lower, struct tf_alt *alt);

/*
 * One end of an interval: as tf_time_parse, but a date that exists and does not fit ("9999-12-31",
 * "0001-01-01": programs write them for "no end") is open, TF_TIME_MIN or TF_TIME_MAX.
 */
enum tf_status tf_time_bound(const char *text, size_t len, int64_t *out_ns);
/*
 * A date-time as files have it: RFC 3339, also without seconds ("2025-01-01T12:00Z"),
 * without an offset (taken as UTC), or a date alone ("2025-01-01": its whole day).
 * *out_end (may be NULL) is the end of what was said: the instant itself, or the end of
 * the day. What does not fit is open, as for tf_time_bound. TF_SYNTAX, TF_RANGE.
 */
enum tf_status tf_time_from_text(struct tf_span s, int64_t *out_ns, int64_t *out_end_ns);

/* A growing list. Zero is valid. */
struct tf_points {
    struct tf_latlng *items; /* owned */
    size_t count, capacity;
};
/* TF_NOMEM; TF_TOO_LARGE beyond four times TF_SHAPE_MAX_VERTICES. */
enum tf_status tf_points_push(struct tf_points *points, struct tf_latlng p);
void tf_points_release(struct tf_points *points);
/* Drops each point that repeats the one before it (within 1e-9 degrees); a ring's last that
 * repeats the first, too. Returns how many. */
size_t tf_points_tidy(struct tf_points *points, bool is_ring);
struct tf_ring tf_points_ring(const struct tf_points *points);

/* A refusal with what was read in the message. */
enum tf_status tf_fault_span(struct tf_fault *fault, enum tf_status code, const char *field,
                             const char *message, struct tf_span shown);

#endif
