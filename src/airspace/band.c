/*
 * band.c - altitude bands moved up and down, and by how much they must be.
 */
#include <math.h>

#include "airspace/band.h"

static struct tf_alt moved(struct tf_alt alt, double by_m)
{
    alt.value += by_m / tf_alt_unit_m(alt.unit);
    return alt;
}

/* How far the low end of a limit moves; the high end moves by -low_end(-by). */
static double low_end(struct tf_alt alt, double by_m)
{
    if (alt.ref != TF_ALT_STD)
        return by_m;
    return by_m * (by_m > 0 ? BAND_STD_LEAST : BAND_STD_MOST);
}

static double growth(struct tf_alt alt, double by_m)
{
    return (-low_end(alt, -by_m) - low_end(alt, by_m)) / 2;
}

struct tf_band tf_band_moved(const struct tf_band *band, double by_m)
{
    struct tf_band out = *band;
    if (isfinite(band->lower_m)) {
        out.lower_m += low_end(band->lower, by_m);
        out.lower_margin_m += growth(band->lower, by_m);
        out.lower = moved(band->lower, by_m);
    }
    if (isfinite(band->upper_m)) {
        out.upper_m -= low_end(band->upper, -by_m);
        out.upper_margin_m += growth(band->upper, by_m);
        out.upper = moved(band->upper, by_m);
    }
    return out;
}

static bool same_limits_everywhere(const struct tf_band *band)
{
    return (band->lower.ref == TF_ALT_W84 || isinf(band->lower_m)) &&
           (band->upper.ref == TF_ALT_W84 || isinf(band->upper_m));
}

/* Half of the range that holds the limit of `a` and that of `b`; `side` is 1 for lower
 * limits, whose range lies above them, -1 for upper ones. */
static double joint_margin(double a_m, double a_margin_m, double b_m, double b_margin_m,
                           double side)
{
    double inner_a = a_m * side + 2 * a_margin_m, inner_b = b_m * side + 2 * b_margin_m;
    double margin = (fmax(inner_a, inner_b) - fmin(a_m * side, b_m * side)) / 2;
    return isfinite(margin) ? margin : 0;
}

struct tf_band tf_band_at(const struct tf_band *band, const struct tf_shape *place,
                          const struct tf_alt_context *known)
{
    struct tf_alt_context context;
    struct tf_band there, out = *band;
    if (same_limits_everywhere(band))
        return out;
    tf_alt_context_fill(known, place, &context);
    if (tf_band_make(band->lower, band->upper, &context, &there, NULL) != TF_OK)
        return out;
    out.lower_m = fmin(band->lower_m, there.lower_m);
    out.upper_m = fmax(band->upper_m, there.upper_m);
    out.lower_margin_m =
        joint_margin(band->lower_m, band->lower_margin_m, there.lower_m, there.lower_margin_m, 1);
    out.upper_margin_m =
        joint_margin(band->upper_m, band->upper_margin_m, there.upper_m, there.upper_margin_m, -1);
    return out;
}

/* The move that makes up for `lack_m` above the ellipsoid, for a limit of `ref`. */
static double move_for(double lack_m, enum tf_alt_ref ref)
{
    if (ref != TF_ALT_STD)
        return lack_m;
    return lack_m / (lack_m > 0 ? BAND_STD_LEAST : BAND_STD_MOST);
}

double tf_band_rise_above_m(const struct tf_band *a, const struct tf_band *b, double need_m,
                            bool one_place)
{
    if (isinf(a->lower_m) || isinf(b->upper_m))
        return INFINITY;
    double rise = move_for(need_m - (a->lower_m - b->upper_m), a->lower.ref);
    if (tf_alt_same_zero(a->lower, b->upper, one_place))
        rise = fmin(rise, need_m - (tf_alt_m(a->lower) - tf_alt_m(b->upper)));
    return rise;
}

double tf_band_descent_below_m(const struct tf_band *a, const struct tf_band *b, double need_m,
                               bool one_place)
{
    if (isinf(a->upper_m) || isinf(b->lower_m))
        return INFINITY;
    double descent = move_for(need_m - (b->lower_m - a->upper_m), a->upper.ref);
    if (tf_alt_same_zero(a->upper, b->lower, one_place))
        descent = fmin(descent, need_m - (tf_alt_m(b->lower) - tf_alt_m(a->upper)));
    return descent;
}
