/*
 * readers.h - how the values of flags are read: lengths and durations with
 * units, times, counts, words of a list.
 */
#ifndef TF_CLI_READERS_H
#define TF_CLI_READERS_H

#include "cli/flags.h"
#include "format/format.h"
#include <stdint.h>
#include <tafadi/tafadi.h>

/* A number with a unit, all of `len` bytes: m, km, NM, ft (default m), in metres; */
bool read_length_m(const char *text, size_t len, double *out);
/* s, min, h, ms (default s), in nanoseconds. Neither is negative unless it starts with '-'. */
bool read_duration_ns(const char *text, size_t len, int64_t *out);

/* "H,V,T". */
bool read_separation(const char *text, struct tf_separation *out);

/* An area that the files are expected to lie in. */
struct area {
    bool given;
    double south_deg, west_deg, north_deg, east_deg;
};
/* What is known of the ground everywhere. */
struct terrain {
    bool given;
    double low_m, high_m; /* AMSL */
};
enum class_as { AS_FILE_SAYS, AS_OPERATIONS, AS_SITES, AS_ZONES };
struct separation_value {
    bool given;
    struct tf_separation minima;
};

extern const struct flag_reader text_reader;       /* const char * */
extern const struct flag_reader list_reader;       /* struct words */
extern const struct flag_reader time_reader;       /* int64_t ns, RFC 3339 */
extern const struct flag_reader duration_reader;   /* int64_t ns, >= 0 */
extern const struct flag_reader length_reader;     /* double m, >= 0 */
extern const struct flag_reader level_reader;      /* double m, any sign */
extern const struct flag_reader count_reader;      /* size_t, 1..1,000,000 */
extern const struct flag_reader separation_reader; /* struct separation_value */
extern const struct flag_reader area_reader;       /* struct area: lat,lon,lat,lon */
extern const struct flag_reader terrain_reader;    /* struct terrain: low,high */
extern const struct flag_reader format_reader;     /* enum tf_format */
extern const struct flag_reader kind_reader;       /* enum tf_kind, of operations */
extern const struct flag_reader class_reader;      /* enum class_as */
extern const struct flag_reader moves_reader;      /* unsigned, enum tf_option_move flags */
extern const struct flag_reader language_reader;   /* const char *, checked */

#endif
