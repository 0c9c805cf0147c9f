/*
 * openair.h - what the reader and the writer of OpenAir share.
 */
#ifndef TF_FORMAT_OPENAIR_H
#define TF_FORMAT_OPENAIR_H

#include "format/path.h"

enum { TF_OPENAIR_MAX_PERIODS = 1000 };

struct tf_openair_period {
    int64_t start_ns, end_ns;
};

/* The airspace being read. */
struct tf_openair_airspace {
    bool started, has_class, skip;
    size_t line;
    char class_word[32], type_word[32];
    struct tf_entity entity; /* names only, until it is finished */
    bool has_lower, has_upper;
    struct tf_alt lower, upper;
    struct tf_buf note;
    struct tf_openair_period periods[TF_OPENAIR_MAX_PERIODS];
    size_t period_count;
    bool by_notam; /* AA NONE */
    struct tf_path path;
    struct tf_points airway;
    bool has_centre, anticlockwise, has_circle;
    struct tf_latlng centre;
    double circle_radius_m, airway_width_m;
};

struct tf_openair {
    struct tf_reader *reader;
    struct tf_entity pending; /* finished, but the next airspace may have the same id */
    size_t pending_line;
    struct tf_openair_airspace now;
};

/* The command that a line begins with; -1: none. */
int tf_openair_find(struct tf_span word);
/* Commands of drawing programs, which say nothing of the airspace. */
bool tf_openair_is_ignored(int command);
/* Takes the rest of a line into o->now. */
enum tf_status tf_openair_run(struct tf_openair *o, int command, struct tf_span rest,
                              struct tf_fault *fault);
/* The fault of a list that is full or has no memory. */
enum tf_status tf_openair_passed(enum tf_status rc, struct tf_fault *fault);

/* What class (AC) and type (AY) demand: the stricter of both; RESTRICTED if neither is
 * known. */
enum tf_restriction tf_openair_restriction(const char *class_word, const char *type_word);
/* Whether the word is a class of its own, so that AC can say it. */
bool tf_openair_is_class(const char *word);
enum tf_status tf_openair_write(const struct tf_picture *picture, struct tf_buf *out,
                                struct tf_notes *notes);

#endif
