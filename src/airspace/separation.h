/*
 * separation.h - the exact conflict test, taken apart for the search.
 */
#ifndef TAFADI_AIRSPACE_SEPARATION_H
#define TAFADI_AIRSPACE_SEPARATION_H

#include <tafadi/conflict.h>

/* The vertical gap that `minima` asks for: at one place if nothing else is near enough. */
double tf_separation_gap_m(const struct tf_band *a, const struct tf_band *b,
                           const struct tf_separation *minima, bool *uncertain);
/* Whether a gap keeps a vertical minimum: it is one, and not less (rounding apart). */
bool tf_separation_gap_keeps(double gap_m, double vertical_m);
/* Both active at some instant, each interval grown by half of minima->time_ns. */
bool tf_separation_time_meets(const struct tf_volume4 *a, const struct tf_volume4 *b,
                              int64_t time_ns);
/* While both, each grown by half of time_ns, are active: [first, last); never empty if
 * they meet in time. Open ends stay open. */
void tf_separation_span(const struct tf_volume4 *a, const struct tf_volume4 *b, int64_t time_ns,
                        int64_t *first_ns, int64_t *last_ns);

#endif
