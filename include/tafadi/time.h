/*
 * time.h - instants as int64_t nanoseconds since 1970-01-01T00:00:00Z (UTC,
 * without leap seconds), intervals half-open: [start, end).
 *
 * Source of the text form: RFC 3339 (ISO 8601 profile). A leap second (:60) is
 * accepted and read as the first instant of the next minute.
 */
#ifndef TAFADI_TIME_H
#define TAFADI_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <tafadi/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TF_SECOND_NS INT64_C(1000000000)
#define TF_MINUTE_NS (60 * TF_SECOND_NS)
#define TF_HOUR_NS (60 * TF_MINUTE_NS)
#define TF_DAY_NS (24 * TF_HOUR_NS)

/* "Since always" and "until further notice": open ends of an interval. */
#define TF_TIME_MIN INT64_MIN
#define TF_TIME_MAX INT64_MAX

enum { TF_TIME_TEXT_SIZE = 40 };

/*
 * Reads an RFC 3339 date-time of exactly `len` bytes ("2026-11-24T02:00:00.5Z",
 * also with an offset, a space or 't' for the 'T', up to nine and more
 * fractional digits, of which the tenth on are cut). Errors: TF_SYNTAX; TF_RANGE for
 * a date that does not exist or does not fit (years 1678 to 2261).
 */
TF_MUST_CHECK enum tf_status tf_time_parse(const char *text, size_t len, int64_t *out_ns);

/*
 * Writes "2026-11-24T02:00:00Z", with as many fractional digits as are needed
 * (0, 3, 6 or 9). Open ends become "-" . `out` has TF_TIME_TEXT_SIZE bytes.
 */
void tf_time_format(int64_t t_ns, char *out);

/*
 * The civil date and time (proleptic Gregorian, UTC) of t_ns, and back.
 * tf_time_from_civil: TF_RANGE for a date that does not exist or does not fit.
 * Seconds 0..60.
 */
struct tf_civil {
    int year, month, day, hour, minute, second;
    int32_t nanosecond;
    int weekday; /* 0 = Monday .. 6 = Sunday; ignored on input */
};
void tf_time_to_civil(int64_t t_ns, struct tf_civil *out);
TF_MUST_CHECK enum tf_status tf_time_from_civil(const struct tf_civil *civil, int64_t *out_ns);

/* t + d, held at TF_TIME_MIN/TF_TIME_MAX; open ends stay open. */
int64_t tf_time_add(int64_t t_ns, int64_t d_ns);

#ifdef __cplusplus
}
#endif
#endif
