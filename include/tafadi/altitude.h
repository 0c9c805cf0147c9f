/*
 * altitude.h - altitudes as people give them, and as bands that can be compared.
 *
 * People give altitudes above mean sea level (AMSL), above ground (AGL), as
 * flight levels (pressure altitude, STD) or above the WGS84 ellipsoid. These
 * cannot be converted into each other without geoid, terrain and weather. So an
 * altitude keeps what was written, and becomes a *band* above the ellipsoid
 * that is never smaller than the truth: each limit is moved outward by a stated
 * margin. When two limits have the same reference they are compared in it, where
 * no margin is needed.
 */
#ifndef TAFADI_ALTITUDE_H
#define TAFADI_ALTITUDE_H

#include <stdbool.h>
#include <tafadi/geo.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TF_FOOT_M 0.3048 /* exact */
/* Limits of what is accepted, metres in any reference (F3548: -8000..100000). */
#define TF_ALT_MIN_M (-8000.0)
#define TF_ALT_MAX_M 100000.0
/* The largest temperature_fraction that is accepted. */
#define TF_TEMPERATURE_MAX 0.25

enum tf_alt_ref {
    TF_ALT_W84,  /* above the WGS84 ellipsoid */
    TF_ALT_AMSL, /* above mean sea level (geoid, EGM96) */
    TF_ALT_AGL,  /* above the terrain below */
    TF_ALT_STD   /* pressure altitude, 1013.25 hPa: flight levels */
};
enum tf_alt_unit { TF_ALT_UNIT_M, TF_ALT_UNIT_FT, TF_ALT_UNIT_FL /* hundreds of feet */ };

/* One altitude as written. Unlimited: value is INFINITY (upper) or -INFINITY
 * (lower), any reference. Surface: 0 AGL. */
struct tf_alt {
    double value; /* in `unit` */
    enum tf_alt_unit unit;
    enum tf_alt_ref ref;
};
double tf_alt_m(struct tf_alt alt); /* value in metres, in its own reference */

/*
 * What is known about place and weather. tf_alt_context_at() fills it for an
 * outline: undulation bounds from a table (below), terrain unknown (-430..8849 m
 * AMSL), pressure margins standard. Then narrow what you know better.
 *
 * STD to AMSL: true height = pressure altitude, moved by the sea-level pressure
 * (qnh_low..qnh_high hPa, about 8.3 m each hPa) and stretched by temperature
 * (temperature_fraction of the height).
 */
struct tf_alt_context {
    double undulation_low_m, undulation_high_m; /* geoid above ellipsoid */
    double terrain_low_m, terrain_high_m;       /* AMSL */
    double qnh_low_hpa, qnh_high_hpa;           /* default 960..1055 */
    double temperature_fraction;                /* default 0.12 */
};
/* Bounds over everything within the shape. `shape` NULL: the whole Earth. */
void tf_alt_context_at(const struct tf_shape *shape, struct tf_alt_context *out);
/*
 * What is given, with what is missing from the place: `given` NULL is tf_alt_context_at;
 * where its undulation_low_m is NAN, the undulation is that of the shape. So one
 * context can state the terrain or the weather of a whole region.
 */
void tf_alt_context_fill(const struct tf_alt_context *given, const struct tf_shape *shape,
                         struct tf_alt_context *out);
/* Bounds of the geoid undulation (EGM96) over the shape's bounding cap, in metres. */
void tf_undulation_bounds(const struct tf_shape *shape, double *low_m, double *high_m);

/* An altitude band: W84 metres, closed, never smaller than the truth. */
struct tf_band {
    double lower_m, upper_m;               /* W84; -INFINITY/INFINITY if unlimited */
    struct tf_alt lower, upper;            /* as written */
    double lower_margin_m, upper_margin_m; /* by how much the limit was moved outward,
                                              against the middle of what is possible */
};
/* TF_ALTITUDE: not finite or out of range, or upper below lower where both have
 * the same reference (or surely, by their bands). Field: "altitude_lower" or
 * "altitude_upper". TF_RANGE: the context's bounds are not finite or reversed, or its
 * temperature_fraction is outside 0..TF_TEMPERATURE_MAX (field "altitude_context"). */
TF_MUST_CHECK enum tf_status tf_band_make(struct tf_alt lower, struct tf_alt upper,
                                          const struct tf_alt_context *context, struct tf_band *out,
                                          struct tf_fault *fault);
/* A band known in W84 already. */
struct tf_band tf_band_w84(double lower_m, double upper_m);

/*
 * The vertical gap between two bands: >= 0 if one is certainly above the other by
 * that much, < 0 (by the overlap) if they may overlap. *uncertain (may be NULL) is set if
 * a margin of the conversion was needed, that is, if the limits that face each
 * other have different references (or both are AGL: the terrain below differs from
 * place to place), so that the true gap may be larger. It is not set if the bands
 * overlap whatever the truth is.
 */
double tf_band_gap_m(const struct tf_band *a, const struct tf_band *b, bool *uncertain);
/*
 * The same gap above any one place that both bands have in common: there limits above
 * ground count from the same terrain and are compared as written. Never less than
 * tf_band_gap_m.
 */
double tf_band_gap_at_place_m(const struct tf_band *a, const struct tf_band *b, bool *uncertain);

#ifdef __cplusplus
}
#endif
#endif
