/*
 * band.h - comparing limits as written, and moving an altitude band for the search
 * of options.
 */
#ifndef TF_AIRSPACE_BAND_H
#define TF_AIRSPACE_BAND_H

#include <tafadi/altitude.h>

double tf_alt_unit_m(enum tf_alt_unit unit); /* its length */

/*
 * By how much a metre of pressure altitude can be less or more than one of true
 * height: temperature (TF_TEMPERATURE_MAX), gravity, geopotential up to 100 km.
 */
#define BAND_STD_LEAST 0.74
#define BAND_STD_MOST 1.31

/*
 * The band with both limits moved by `by_m` in the references they are written in.
 * Its W84 limits move by the same; those of flight levels by what is possible in
 * any weather, so that the margin grows. Open limits stay open.
 */
struct tf_band tf_band_moved(const struct tf_band *band, double by_m);

/*
 * The same written limits above another place: holds the band as it was and what
 * the limits can be within `place`, with what `known` says (tf_alt_context_fill). W84
 * limits stay.
 */
struct tf_band tf_band_at(const struct tf_band *band, const struct tf_shape *place,
                          const struct tf_alt_context *known);

/*
 * Whether both count from the same surface, so that their difference is known as
 * written: the sea, a pressure, or (above one place) the ground. Those in W84
 * need no such rule.
 */
bool tf_alt_same_zero(struct tf_alt a, struct tf_alt b, bool one_place);

/*
 * The least rise d (may be negative) by which tf_band_moved(a, d) has a gap
 * (one_place: tf_band_gap_at_place_m, else tf_band_gap_m) of at least `need_m` above
 * b; INFINITY if none does. Exact where both facing limits are in one reference,
 * else conservative.
 */
double tf_band_rise_above_m(const struct tf_band *a, const struct tf_band *b, double need_m,
                            bool one_place);
/* The least descent (positive: down) that puts a that much below b. */
double tf_band_descent_below_m(const struct tf_band *a, const struct tf_band *b, double need_m,
                               bool one_place);

#endif
