/*
 * aco.h - what the parts of the ACO codec share: day-time groups, intervals, levels.
 */
#ifndef TF_FORMAT_ACO_H
#define TF_FORMAT_ACO_H

#include "format/loops.h"
#include "format/path.h"

enum { TF_ACO_MAX_PERIODS = 1000 };

struct tf_aco_periods {
    struct {
        int64_t start_ns, end_ns;
    } items[TF_ACO_MAX_PERIODS];
    size_t count;
};

/*
 * Day-time group "DDHHMM[Z]MMM[YYYY]". Without a year, the one that brings it closest to
 * near_ns (TF_TIME_MIN: none is known, TF_MISSING). TF_SYNTAX, TF_TIME.
 */
enum tf_status tf_aco_time(struct tf_span s, int64_t near_ns, int64_t *out_ns);
/* A stop without a time: "UFN", "INDEF", "UNK", "-" and the like. */
bool tf_aco_is_open(struct tf_span s);
void tf_aco_time_format(int64_t t_ns, char out[16]); /* "281200ZJUL2016" */
/*
 * Adds one period, or those of an interval: [start, end) repeated by frequency ("DAILY",
 * "WEEKLY", "MON WED FRI", ...) for a duration ("7DAY", "4WK", "UFN" or a day-time group).
 * *continuous is set if it was taken as active all the time, because it repeats in a way that is
 * not expanded or without end.
 */
enum tf_status tf_aco_add_period(struct tf_aco_periods *periods, int64_t start_ns, int64_t end_ns);
enum tf_status tf_aco_add_interval(struct tf_aco_periods *periods, int64_t start_ns, int64_t end_ns,
                                   struct tf_span frequency, struct tf_span duration,
                                   bool *continuous);
/* "FLFL:FL001-FL060", "BRRA:GL-050AMSL", "RAFL:010AGL-FL100", ...; TF_SYNTAX. */
enum tf_status tf_aco_levels(struct tf_span s, struct tf_alt *lower, struct tf_alt *upper);

/* The shape of the measure being read. */
enum tf_aco_geometry { TF_ACO_NONE, TF_ACO_CIRCLE, TF_ACO_LINE, TF_ACO_RING };
struct tf_aco_shape {
    struct tf_reader *reader; /* borrowed */
    enum tf_aco_geometry geometry;
    struct tf_path path;     /* RING */
    struct tf_points points; /* LINE; CIRCLE: its centre */
    double radius_m;         /* of the circle, half of the width of the line */
    bool coarse;             /* places to the minute only */
};
/* Reads a set that draws (`set` is all of it, `fields` what follows its name); false if it is
 * none. */
bool tf_aco_shape_read(struct tf_aco_shape *a, struct tf_span name, struct tf_span set,
                       struct tf_span fields, enum tf_status *rc, struct tf_fault *fault);
bool tf_aco_shape_is_empty(const struct tf_aco_shape *a);
enum tf_status tf_aco_shape_make(struct tf_aco_shape *a, struct tf_shapes *out,
                                 struct tf_fault *fault);
void tf_aco_shape_clear(struct tf_aco_shape *a); /* memory kept */
void tf_aco_shape_release(struct tf_aco_shape *a);

/* A fault without arguments; the fault of a list that is full or has no memory. */
enum tf_status tf_aco_plain(struct tf_fault *fault, enum tf_status code, const char *field,
                            const char *message);
enum tf_status tf_aco_passed(enum tf_status rc, struct tf_fault *fault);

enum tf_status tf_aco_write(const struct tf_picture *picture, struct tf_buf *out,
                            struct tf_notes *notes);

#endif
