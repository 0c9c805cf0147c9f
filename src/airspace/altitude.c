/*
 * altitude.c - altitudes of any reference as bands above the WGS84 ellipsoid.
 *
 * Every limit becomes a range: the lowest and the highest height above the
 * ellipsoid that it can stand for, given what is known about place and weather.
 * A band takes the low end for its lower limit and the high end for its upper.
 */
#include <math.h>
#include <stdio.h>
#include <tafadi/altitude.h>

#include "airspace/band.h"
#include "airspace/undulation.h"
#include "geo/angle.h"

/* What a limit can be, in metres. */
struct range {
    double low_m, high_m;
};

double tf_alt_unit_m(enum tf_alt_unit unit)
{
    static const double unit_m[] = {
        [TF_ALT_UNIT_M] = 1.0, [TF_ALT_UNIT_FT] = TF_FOOT_M, [TF_ALT_UNIT_FL] = 100 * TF_FOOT_M};
    return unit_m[unit];
}

double tf_alt_m(struct tf_alt alt)
{
    return alt.value * tf_alt_unit_m(alt.unit);
}

/* --- geoid ------------------------------------------------------------- */

static void widen(struct range *range, struct undulation_cell cell)
{
    range->low_m = fmin(range->low_m, cell.low_m);
    range->high_m = fmax(range->high_m, cell.high_m);
}

static int row_of(double lat_deg)
{
    int row = (int)floor((lat_deg + 90) / UNDULATION_CELL_DEG);
    return row < 0 ? 0 : row >= UNDULATION_ROWS ? UNDULATION_ROWS - 1 : row;
}

/*
 * Half the longitudes that a cap reaches, in degrees; 180 if it holds a pole.
 * On the auxiliary sphere of the geodesic a cap of angular radius r about
 * latitude b spans asin(sin r / cos b); the reduced latitude b is nearer to
 * the equator than the geodetic one, which makes this an upper bound.
 */
static double cap_half_width_deg(double lat_deg, double radius_deg)
{
    if (fabs(lat_deg) + radius_deg >= 90)
        return 180;
    double ratio = sin(radius_deg * TF_PI / 180) / cos(lat_deg * TF_PI / 180);
    return ratio >= 1 ? 180 : asin(ratio) * 180 / TF_PI;
}

void tf_undulation_bounds(const struct tf_shape *shape, double *low_m, double *high_m)
{
    /* The shortest degree of a meridian has 110,574 m, of the minor circle 110,946 m. */
    static const double least_degree_m = 110500, slack_deg = 1e-6;
    struct tf_latlng centre = shape ? tf_shape_centre(shape) : (struct tf_latlng){0, 0};
    double radius_deg = shape ? tf_shape_extent_m(shape) / least_degree_m + slack_deg : 180;
    double half_deg = cap_half_width_deg(centre.lat_deg, radius_deg) + slack_deg;
    int last_row = row_of(centre.lat_deg + radius_deg);
    int first_col = (int)floor((centre.lng_deg - half_deg + 180) / UNDULATION_CELL_DEG);
    int last_col = (int)floor((centre.lng_deg + half_deg + 180) / UNDULATION_CELL_DEG);
    if (last_col - first_col >= UNDULATION_COLS)
        last_col = first_col + UNDULATION_COLS - 1;
    struct range range = {INFINITY, -INFINITY};
    for (int row = row_of(centre.lat_deg - radius_deg); row <= last_row; row++)
        for (int col = first_col; col <= last_col; col++)
            widen(&range, tf_undulation_cells[row][(col + UNDULATION_COLS) % UNDULATION_COLS]);
    *low_m = range.low_m;
    *high_m = range.high_m;
}

void tf_alt_context_at(const struct tf_shape *shape, struct tf_alt_context *out)
{
    *out = (struct tf_alt_context){.terrain_low_m = -430,
                                   .terrain_high_m = 8849,
                                   .qnh_low_hpa = 960,
                                   .qnh_high_hpa = 1055,
                                   .temperature_fraction = 0.12};
    tf_undulation_bounds(shape, &out->undulation_low_m, &out->undulation_high_m);
}

void tf_alt_context_fill(const struct tf_alt_context *given, const struct tf_shape *shape,
                         struct tf_alt_context *out)
{
    if (!given) {
        tf_alt_context_at(shape, out);
        return;
    }
    *out = *given;
    if (isnan(given->undulation_low_m))
        tf_undulation_bounds(shape, &out->undulation_low_m, &out->undulation_high_m);
}

/* --- pressure ---------------------------------------------------------- */

/* Height of a pressure in the standard atmosphere, geopotential metres (ICAO Doc
 * 7488: 288.15 K, 6.5 K/km, exponent R L / g). Valid in the troposphere. */
static double standard_height_m(double pressure_hpa)
{
    return 288.15 / 0.0065 * (1 - pow(pressure_hpa / 1013.25, 287.05287 * 0.0065 / 9.80665));
}

/* Geometric height of a geopotential one. Gravity at sea level differs from the
 * standard by up to 0.27 % between equator and pole: `gravity` is 1 +- that. */
static double geometric_m(double geopotential_m, double gravity)
{
    static const double earth_m = 6356766;
    double h = geopotential_m * gravity;
    return earth_m * h / (earth_m - h);
}

/*
 * Where above mean sea level a pressure altitude can be.
 *
 * The thickness of the air between two pressures is proportional to its
 * temperature (hypsometric equation). In air that at every pressure is as warm
 * as the standard atmosphere, the height above the sea, where the pressure is q,
 * is the difference of the two standard heights: hp - h(q). If its temperature
 * is everywhere within (1 +- f) of the standard's, so is that thickness.
 */
static struct range pressure_range(double hp_m, const struct tf_alt_context *context)
{
    static const double gravity_fraction = 0.003;
    double f = context->temperature_fraction;
    double low = hp_m - standard_height_m(context->qnh_low_hpa);
    double high = hp_m - standard_height_m(context->qnh_high_hpa);
    double sign_low = low < 0 ? 1 : -1, sign_high = high < 0 ? -1 : 1;
    return (struct range){
        geometric_m(low * (1 + sign_low * f), 1 + sign_low * gravity_fraction),
        geometric_m(high * (1 + sign_high * f), 1 + sign_high * gravity_fraction)};
}

/* --- bands ------------------------------------------------------------- */

static struct range w84_range(struct tf_alt alt, const struct tf_alt_context *context)
{
    double m = tf_alt_m(alt);
    struct range range = {m, m};
    if (isinf(m) || alt.ref == TF_ALT_W84)
        return range;
    if (alt.ref == TF_ALT_STD)
        range = pressure_range(m, context);
    if (alt.ref == TF_ALT_AGL) {
        range.low_m += context->terrain_low_m;
        range.high_m += context->terrain_high_m;
    }
    range.low_m += context->undulation_low_m;
    range.high_m += context->undulation_high_m;
    return range;
}

static bool ordered(double low, double high)
{
    return isfinite(low) && isfinite(high) && low <= high;
}

static enum tf_status check_context(const struct tf_alt_context *c, struct tf_fault *fault)
{
    if (ordered(c->undulation_low_m, c->undulation_high_m) &&
        ordered(c->terrain_low_m, c->terrain_high_m) && c->qnh_low_hpa > 0 &&
        ordered(c->qnh_low_hpa, c->qnh_high_hpa) && c->temperature_fraction >= 0 &&
        c->temperature_fraction <= TF_TEMPERATURE_MAX)
        return TF_OK;
    return tf_fault_set(fault, TF_RANGE, TF_NO_INDEX, "altitude_context",
                        TF_TEXT("What is given about terrain, geoid or pressure is not a range "
                                "from low to high. Check these limits."),
                        NULL, NULL, NULL);
}

static enum tf_status check_limit(struct tf_alt alt, double unlimited, const char *field,
                                  struct tf_fault *fault)
{
    double m = tf_alt_m(alt);
    if (m == unlimited || (m >= TF_ALT_MIN_M && m <= TF_ALT_MAX_M))
        return TF_OK;
    char text[TF_FAULT_ARG_SIZE];
    snprintf(text, sizeof text, "%.10g", m);
    return tf_fault_set(fault, TF_ALTITUDE, TF_NO_INDEX, field,
                        TF_TEXT("The altitude %1 m is outside -8000 to 100000 m. Check the value, "
                                "its unit and its reference."),
                        text, NULL, NULL);
}

static enum tf_status reversed(struct tf_alt lower, struct tf_alt upper, struct tf_fault *fault)
{
    char low[TF_FAULT_ARG_SIZE], high[TF_FAULT_ARG_SIZE];
    snprintf(low, sizeof low, "%.10g", tf_alt_m(lower));
    snprintf(high, sizeof high, "%.10g", tf_alt_m(upper));
    return tf_fault_set(fault, TF_ALTITUDE, TF_NO_INDEX, "altitude_upper",
                        TF_TEXT("The upper limit (%2 m) is below the lower limit (%1 m). Check "
                                "both, with their units and references."),
                        low, high, NULL);
}

static double half_width(struct range range)
{
    return isinf(range.low_m) ? 0 : (range.high_m - range.low_m) / 2;
}

enum tf_status tf_band_make(struct tf_alt lower, struct tf_alt upper,
                            const struct tf_alt_context *context, struct tf_band *out,
                            struct tf_fault *fault)
{
    enum tf_status rc = check_context(context, fault);
    if (!rc)
        rc = check_limit(lower, -INFINITY, "altitude_lower", fault);
    if (!rc)
        rc = check_limit(upper, INFINITY, "altitude_upper", fault);
    if (rc)
        return rc;
    struct range low = w84_range(lower, context), high = w84_range(upper, context);
    bool same = lower.ref == upper.ref;
    if ((same && tf_alt_m(lower) > tf_alt_m(upper)) || low.low_m > high.high_m)
        return reversed(lower, upper, fault);
    *out = (struct tf_band){.lower_m = low.low_m,
                            .upper_m = high.high_m,
                            .lower = lower,
                            .upper = upper,
                            .lower_margin_m = half_width(low),
                            .upper_margin_m = half_width(high)};
    return TF_OK;
}

struct tf_band tf_band_w84(double lower_m, double upper_m)
{
    return (struct tf_band){.lower_m = lower_m,
                            .upper_m = upper_m,
                            .lower = {lower_m, TF_ALT_UNIT_M, TF_ALT_W84},
                            .upper = {upper_m, TF_ALT_UNIT_M, TF_ALT_W84}};
}

bool tf_alt_same_zero(struct tf_alt a, struct tf_alt b, bool one_place)
{
    return a.ref == b.ref &&
           (a.ref == TF_ALT_AMSL || a.ref == TF_ALT_STD || (a.ref == TF_ALT_AGL && one_place));
}

/* The gap from the top of `below` to the bottom of `above`: at least low_m, at
 * most high_m, whatever is true within the margins. */
static struct range facing_gap(const struct tf_band *above, const struct tf_band *below,
                               bool one_place)
{
    if (isinf(above->lower_m) || isinf(below->upper_m))
        return (struct range){-INFINITY, -INFINITY};
    double least = above->lower_m - below->upper_m;
    double most = least + 2 * (above->lower_margin_m + below->upper_margin_m);
    if (tf_alt_same_zero(above->lower, below->upper, one_place)) {
        least = fmax(least, tf_alt_m(above->lower) - tf_alt_m(below->upper));
        most = least;
    }
    return (struct range){least, most};
}

static double gap_m(const struct tf_band *a, const struct tf_band *b, bool one_place,
                    bool *uncertain)
{
    struct range over = facing_gap(a, b, one_place), under = facing_gap(b, a, one_place);
    double least = fmax(over.low_m, under.low_m);
    double most = fmax(over.high_m, under.high_m);
    if (uncertain)
        *uncertain = most > least && most > 0;
    return least;
}

double tf_band_gap_m(const struct tf_band *a, const struct tf_band *b, bool *uncertain)
{
    return gap_m(a, b, false, uncertain);
}

double tf_band_gap_at_place_m(const struct tf_band *a, const struct tf_band *b, bool *uncertain)
{
    return gap_m(a, b, true, uncertain);
}
