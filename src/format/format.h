/*
 * format.h - bytes to and from pictures, for every file type of the field.
 *
 * One table of codecs (format.c) is walked by detection, reading, writing and
 * the command line. A codec knows neither files nor sockets: bytes in, picture
 * out. Input is hostile: every codec has limits, a fuzz target, and names the
 * first offending line or feature and field.
 *
 * Reading never half-applies: without keep_going a fault leaves `out` as it was;
 * with keep_going the good features are added, and each bad one is a note of
 * severity ERROR.
 */
#ifndef TF_FORMAT_FORMAT_H
#define TF_FORMAT_FORMAT_H

#include "base/buf.h"
#include <tafadi/tafadi.h>

/* Name for --format, and the usual file suffix. */
#define TF_FORMAT_LIST(X)                                                                          \
    X(GEOJSON, "geojson", ".geojson")                                                              \
    X(KML, "kml", ".kml")                                                                          \
    X(KMZ, "kmz", ".kmz")                                                                          \
    X(ED269, "ed269", ".json")                                                                     \
    X(ED318, "ed318", ".json")                                                                     \
    X(F3548, "f3548", ".json")                                                                     \
    X(OPENAIR, "openair", ".txt")                                                                  \
    X(ACO, "aco", ".aco")                                                                          \
    X(CSV, "csv", ".csv")                                                                          \
    X(GPX, "gpx", ".gpx")                                                                          \
    X(OPENSKY, "opensky", ".json")                                                                 \
    X(READSB, "readsb", ".json")

enum tf_format {
    TF_FORMAT_AUTO,
#define TF_FORMAT_ENUM(name, word, suffix) TF_FORMAT_##name,
    TF_FORMAT_LIST(TF_FORMAT_ENUM)
#undef TF_FORMAT_ENUM
        TF_FORMAT_COUNT
};

enum tf_severity { TF_NOTE_INFO, TF_NOTE_WARNING, TF_NOTE_ERROR };

/*
 * One remark about a file. The fault's message is translatable. `line` is
 * 1-based (0: unknown); fault.at is the 0-based feature, row or message set.
 */
struct tf_note {
    enum tf_severity severity;
    size_t line;
    char *file; /* owned; as given in options.file_name */
    struct tf_fault fault;
};
struct tf_notes {
    struct tf_note *items;
    size_t count, capacity;
    size_t max; /* further ones are only counted; 0: 1000 */
    size_t dropped;
};
/* TF_NOMEM or TF_OK. */
enum tf_status tf_notes_add(struct tf_notes *notes, enum tf_severity severity, const char *file,
                            size_t line, const struct tf_fault *fault);
void tf_notes_release(struct tf_notes *notes);

/* How to read. Zero is valid: no defaults, stop at the first error. */
struct tf_read_options {
    enum tf_format format; /* TF_FORMAT_AUTO: detected from content */
    const char *file_name; /* for notes and entity sources; NULL: "-" */
    bool keep_going;
    const char *party;                 /* for entities that name none */
    enum tf_kind kind;                 /* for operations whose kind the file does not say (OTHER) */
    bool as_sites, as_zones;           /* take features of formats without a class as these */
    int64_t start_ns, end_ns;          /* for volumes without time, both 0: open (always) */
    double accuracy_h_m, accuracy_v_m; /* for tracks and GPX; 0: 50 m, 30 m */
    double half_width_m;               /* for lines without a width; 0: 50 m */
    double site_radius_m;              /* for sites without a radius; 0: 500 m */
    const struct tf_shape *expected_area;   /* features outside: a warning (borrowed) */
    const struct tf_alt_context *altitudes; /* completed by place (tf_alt_context_fill) */
    size_t max_entities;                    /* 0: 2,000,000 */
};

/* The format that the bytes look like, TF_FORMAT_AUTO if none does. Looks at content
 * first, at the name only to break a tie. */
enum tf_format tf_format_detect(const void *bytes, size_t len, const char *file_name);
const char *tf_format_word(enum tf_format format);
TF_MUST_CHECK enum tf_status tf_format_from_word(const char *word, enum tf_format *out);
bool tf_format_can_read(enum tf_format format);
bool tf_format_can_write(enum tf_format format);

/*
 * Reads one file's bytes into `out` (appending). On failure the last note is
 * the reason. Adds warnings: swapped latitude/longitude suspected, outside of
 * expected_area, duplicates (within this file and against what is in `out`), times or altitudes
 * assumed.
 */
TF_MUST_CHECK enum tf_status tf_format_read(const void *bytes, size_t len,
                                            const struct tf_read_options *options,
                                            struct tf_picture *out, struct tf_notes *notes);
/* Writes the picture. What the format cannot say is a note of severity WARNING. */
TF_MUST_CHECK enum tf_status tf_format_write(enum tf_format format,
                                             const struct tf_picture *picture, struct tf_buf *out,
                                             struct tf_notes *notes);

/* --- for codecs ------------------------------------------------------------------ */

struct tf_reader_state; /* reader.c's own */
struct tf_reader {      /* the state of one tf_format_read, handed to the codec */
    const char *bytes;
    size_t len;
    const struct tf_read_options *options;
    struct tf_picture *out; /* a picture of its own; merged by format.c at the end */
    struct tf_notes *notes;
    size_t feature;                /* 0-based number of the feature being read */
    size_t line;                   /* 1-based line being read, 0 if unknown */
    struct tf_reader_state *state; /* NULL: nothing is gathered for the end of the file */
};
/*
 * A feature failed: notes it (ERROR). Returns TF_OK if reading goes on
 * (keep_going), else fault->code: `return tf_reader_reject(r, &fault)`.
 */
enum tf_status tf_reader_reject(struct tf_reader *reader, const struct tf_fault *fault);
/* The whole file failed, keep_going or not: notes it. Never TF_OK. */
enum tf_status tf_reader_refuse(struct tf_reader *reader, const struct tf_fault *fault);
void tf_reader_warn(struct tf_reader *reader, const struct tf_fault *fault);
/*
 * Finishes a feature: gives the entity id (if NULL: file stem + number), source,
 * party, runs the sanity checks, moves it into the picture (on success *entity
 * is zeroed; on failure it is still the caller's, and the failure is noted).
 */
enum tf_status tf_reader_add(struct tf_reader *reader, struct tf_entity *entity);
/* What a feature did not say and was filled in. Counted: one warning for each file. */
enum tf_assumed {
    TF_ASSUMED_TIMES,     /* options.start_ns, end_ns or always */
    TF_ASSUMED_ALTITUDES, /* unlimited */
    TF_ASSUMED_WIDTH,     /* options.half_width_m */
    TF_ASSUMED_RADIUS,    /* options.site_radius_m */
    TF_ASSUMED_COUNT
};
void tf_reader_assume(struct tf_reader *reader, enum tf_assumed what);
/*
 * How finely the place of a site was written: what one more in the last digit would be, in degrees.
 * Counted if the true place may be outside of the site's circle: one warning for each file. For
 * sites whose codec does not say it, the digits that their coordinates need are taken.
 */
void tf_reader_written(struct tf_reader *reader, struct tf_latlng at, double radius_m,
                       double lat_step_deg, double lng_step_deg);
/*
 * For a feature whose format has no classes: kind SITE or ZONE (RESTRICTED) if
 * the options say so, else an ACCEPTED operation of options.kind.
 */
void tf_reader_class(const struct tf_reader *reader, struct tf_entity *entity);
/* The interval of a feature that names none. */
void tf_reader_times(struct tf_reader *reader, int64_t *start_ns, int64_t *end_ns);
/* The options' values or their defaults. */
double tf_reader_half_width_m(const struct tf_reader *reader);
double tf_reader_site_radius_m(const struct tf_reader *reader);
/*
 * Makes a volume of `shape` (consumed in any case) and appends it to the entity.
 */
enum tf_status tf_reader_volume(const struct tf_reader *reader, struct tf_entity *entity,
                                struct tf_shape *shape, struct tf_alt lower, struct tf_alt upper,
                                int64_t start_ns, int64_t end_ns, struct tf_fault *fault);
/*
 * Gives the entity a trajectory and its volumes. `waypoints` (from malloc) become
 * the entity's, or are freed. Long ones are cut less finely (wider, never
 * smaller), so that a short file cannot ask for millions of volumes.
 */
enum tf_status tf_reader_trajectory(const struct tf_reader *reader, struct tf_entity *entity,
                                    struct tf_waypoint *waypoints, size_t count,
                                    struct tf_fault *fault);
/* Band from limits, with the reader's altitude context or the place's. */
enum tf_status tf_reader_band(const struct tf_reader *reader, const struct tf_shape *shape,
                              struct tf_alt lower, struct tf_alt upper, struct tf_band *out,
                              struct tf_fault *fault);

/* While writing: notes a WARNING about entity `index`; TF_NOMEM or TF_OK. */
enum tf_status tf_write_warn(struct tf_notes *notes, size_t index, const char *message,
                             const char *arg1, const char *arg2);
/* The same with the entity's id as %1; TF_NOMEM is kept in out->status. */
void tf_write_warn_entity(struct tf_buf *out, struct tf_notes *notes,
                          const struct tf_entity *entity, size_t index, const char *message);

struct tf_codec {
    enum tf_format format;
    /* How sure: 0 no .. 100 certain. Looks at no more than the first 64 kB. */
    int (*detect)(const char *bytes, size_t len);
    enum tf_status (*read)(struct tf_reader *reader); /* NULL: cannot */
    enum tf_status (*write)(const struct tf_picture *picture, struct tf_buf *out,
                            struct tf_notes *notes); /* NULL: cannot */
};
/* One per format, each in a file of its own (geojson.c, kml.c, ...). */
extern const struct tf_codec tf_codec_geojson, tf_codec_kml, tf_codec_kmz, tf_codec_ed269,
    tf_codec_ed318, tf_codec_f3548, tf_codec_openair, tf_codec_aco, tf_codec_csv, tf_codec_gpx,
    tf_codec_opensky, tf_codec_readsb;

#endif
