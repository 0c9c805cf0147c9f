/*
 * option_span.h - forbidden stretches on a line, and the nearest free place on it.
 *
 * The line is a shift in time (nanoseconds) or in level (micrometres).
 */
#ifndef TF_AIRSPACE_OPTION_SPAN_H
#define TF_AIRSPACE_OPTION_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tafadi/status.h>

/* Everything between low and high, these two excepted. INT64_MIN and INT64_MAX
 * have no end. */
struct span {
    int64_t low, high;
};

/* Zero is a valid empty set. */
struct span_set {
    struct span *spans;
    size_t count, capacity;
    enum tf_status status; /* the first failure: TF_NOMEM or TF_LIMIT */
};

enum { SPAN_SET_MAX = 4000000 };

void span_set_add(struct span_set *set, int64_t low, int64_t high);
void span_set_clear(struct span_set *set);
void span_set_release(struct span_set *set);
/* Mirrors everything at 0, so that "below" becomes "above". */
void span_set_mirror(struct span_set *set);
/* The least multiple of step (> 0) in from..limit (from >= 1) that is in no span.
 * Sorts the set; O(n log n). */
bool span_set_free_place(struct span_set *set, int64_t from, int64_t limit, int64_t step,
                         int64_t *out);

#endif
