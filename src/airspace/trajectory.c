/*
 * trajectory.c - timed waypoints cut into tight 4D volumes.
 *
 * Each leg is cut into equal slices, short enough in time and along the track.
 * A slice becomes a corridor along its piece of the geodesic, or a circle where
 * it hardly moves.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <tafadi/volume.h>

/* Below this a slice counts as a hover: its corridor would have no direction. */
#define HOVER_M 0.01
#define DEFAULT_SLICE_NS (60 * TF_SECOND_NS)
#define DEFAULT_LEG_M 10000.0

/* One leg, and how it is cut. */
struct leg {
    const struct tf_waypoint *from, *to;
    double length_m, azimuth_deg, accuracy_h_m, accuracy_v_m;
    int64_t duration_ns, accuracy_t_ns;
    size_t slices;
};

static enum tf_status refuse(struct tf_fault *fault, enum tf_status code, size_t at,
                             const char *name, const char *message)
{
    char field[TF_FAULT_FIELD_SIZE];
    snprintf(field, sizeof field, "waypoints[%zu].%s", at, name);
    return tf_fault_set(fault, code, at, field, message, NULL, NULL, NULL);
}

static bool accuracy_is_valid(double m)
{
    return m >= 0 && m <= TF_ACCURACY_MAX_M;
}

static bool altitude_is_valid(const struct tf_waypoint *w)
{
    double m = tf_alt_m(w->alt);
    return m - w->accuracy_v_m >= TF_ALT_MIN_M && m + w->accuracy_v_m <= TF_ALT_MAX_M;
}

static bool time_follows(const struct tf_waypoint *w, size_t i)
{
    int64_t ignored;
    return w[i].t_ns != TF_TIME_MIN && w[i].t_ns != TF_TIME_MAX &&
           (i == 0 || (w[i].t_ns > w[i - 1].t_ns &&
                       !__builtin_sub_overflow(w[i].t_ns, w[i - 1].t_ns, &ignored)));
}

static enum tf_status check_waypoint(const struct tf_waypoint *waypoints, size_t i,
                                     struct tf_fault *fault)
{
    const struct tf_waypoint *w = &waypoints[i];
    if (!tf_latlng_is_valid(w->at))
        return refuse(fault, TF_RANGE, i, "at",
                      TF_TEXT("The waypoint is not a place on Earth. Give a latitude within 90 and "
                              "a longitude within 180 degrees."));
    if (!accuracy_is_valid(w->accuracy_h_m) || !accuracy_is_valid(w->accuracy_v_m) ||
        w->accuracy_t_ns < 0)
        return refuse(fault, TF_RANGE, i, "accuracy",
                      TF_TEXT("An accuracy of the waypoint is negative or not a number of metres "
                              "or seconds. Give 0 or more."));
    if (!altitude_is_valid(w))
        return refuse(fault, TF_ALTITUDE, i, "alt",
                      TF_TEXT("The altitude of the waypoint, with its accuracy, is outside -8000 "
                              "to 100000 m. Check the value and its unit."));
    if (!time_follows(waypoints, i))
        return refuse(fault, TF_TIME, i, "t",
                      TF_TEXT("The time of the waypoint is not after the one before. Put the "
                              "waypoints in the order of their times."));
    return TF_OK;
}

static enum tf_status check_waypoints(const struct tf_waypoint *waypoints, size_t count,
                                      struct tf_fault *fault)
{
    if (count < 2)
        return tf_fault_set(fault, TF_MISSING, TF_NO_INDEX, "waypoints",
                            TF_TEXT("A trajectory needs two waypoints or more. Add the missing "
                                    "ones, or give an area."),
                            NULL, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        enum tf_status rc = check_waypoint(waypoints, i, fault);
        if (rc)
            return rc;
    }
    return TF_OK;
}

static struct leg leg_make(const struct tf_waypoint *from, const struct tf_slicing *slicing)
{
    const struct tf_waypoint *to = from + 1;
    struct leg leg = {.from = from,
                      .to = to,
                      .accuracy_h_m = fmax(from->accuracy_h_m, to->accuracy_h_m),
                      .accuracy_v_m = fmax(from->accuracy_v_m, to->accuracy_v_m),
                      .duration_ns = to->t_ns - from->t_ns,
                      .accuracy_t_ns = from->accuracy_t_ns > to->accuracy_t_ns ? from->accuracy_t_ns
                                                                               : to->accuracy_t_ns};
    leg.length_m = tf_geodesic_inverse(from->at, to->at, &leg.azimuth_deg, NULL);
    double by_time = ceil((double)leg.duration_ns / (double)slicing->max_slice_ns);
    double by_length = ceil(leg.length_m / slicing->max_leg_m);
    double slices = fmax(1, fmax(by_time, by_length));
    leg.slices =
        slices > TF_TRAJECTORY_MAX_VOLUMES ? TF_TRAJECTORY_MAX_VOLUMES + 1 : (size_t)slices;
    return leg;
}

static struct tf_latlng leg_place(const struct leg *leg, size_t k)
{
    if (k == 0 || k == leg->slices)
        return k ? leg->to->at : leg->from->at;
    double along_m = leg->length_m * (double)k / (double)leg->slices;
    return tf_geodesic_direct(leg->from->at, leg->azimuth_deg, along_m, NULL);
}

/* Instant of the cut k: exact at both ends, rising in between. */
static int64_t leg_time(const struct leg *leg, size_t k)
{
    int64_t n = (int64_t)leg->slices, i = (int64_t)k;
    return leg->from->t_ns + leg->duration_ns / n * i + leg->duration_ns % n * i / n;
}

static enum tf_status slice_shape(const struct leg *leg, size_t k, struct tf_shape **out,
                                  struct tf_fault *fault)
{
    struct tf_latlng ends[2] = {leg_place(leg, k), leg_place(leg, k + 1)};
    double length_m = leg->length_m / (double)leg->slices;
    if (length_m < HOVER_M)
        return tf_shape_circle(ends[0], leg->accuracy_h_m + length_m, out, fault);
    return tf_shape_corridor((struct tf_ring){ends, 2}, leg->accuracy_h_m, TF_EDGES_GEODESIC, 0,
                             out, fault);
}

static enum tf_status context_at_waypoint(const struct tf_waypoint *w,
                                          const struct tf_alt_context *given,
                                          struct tf_alt_context *context, struct tf_fault *fault)
{
    struct tf_shape *place;
    enum tf_status rc = tf_shape_circle(w->at, w->accuracy_h_m, &place, fault);
    if (rc)
        return rc;
    tf_alt_context_fill(given, place, context);
    tf_shape_unref(place);
    return TF_OK;
}

/* The band of one waypoint, with its leg's accuracy. */
static enum tf_status waypoint_band(const struct tf_waypoint *w, double accuracy_m,
                                    const struct tf_alt_context *given, struct tf_band *out,
                                    struct tf_fault *fault)
{
    struct tf_alt_context context;
    enum tf_status rc = context_at_waypoint(w, given, &context, fault);
    if (rc)
        return rc;
    double m = tf_alt_m(w->alt);
    struct tf_alt lower = {fmax(m - accuracy_m, TF_ALT_MIN_M), TF_ALT_UNIT_M, w->alt.ref};
    struct tf_alt upper = {fmin(m + accuracy_m, TF_ALT_MAX_M), TF_ALT_UNIT_M, w->alt.ref};
    return tf_band_make(lower, upper, &context, out, fault);
}

static double mix(double a, double b, double fraction)
{
    return a + (b - a) * fraction;
}

/* Between ends of different references: linear above the ellipsoid, between what
 * the ends can be. */
static enum tf_status mixed_band(const struct leg *leg, double from, double to,
                                 const struct tf_alt_context *given, struct tf_band *out,
                                 struct tf_fault *fault)
{
    struct tf_band a, b;
    enum tf_status rc = waypoint_band(leg->from, leg->accuracy_v_m, given, &a, fault);
    if (!rc)
        rc = waypoint_band(leg->to, leg->accuracy_v_m, given, &b, fault);
    if (rc)
        return rc;
    *out = tf_band_w84(fmin(mix(a.lower_m, b.lower_m, from), mix(a.lower_m, b.lower_m, to)),
                       fmax(mix(a.upper_m, b.upper_m, from), mix(a.upper_m, b.upper_m, to)));
    out->lower_margin_m = fmax(a.lower_margin_m, b.lower_margin_m);
    out->upper_margin_m = fmax(a.upper_margin_m, b.upper_margin_m);
    return TF_OK;
}

static enum tf_status slice_band(const struct leg *leg, size_t k, const struct tf_shape *shape,
                                 const struct tf_alt_context *given, struct tf_band *out,
                                 struct tf_fault *fault)
{
    double from = (double)k / (double)leg->slices, to = (double)(k + 1) / (double)leg->slices;
    if (leg->from->alt.ref != leg->to->alt.ref)
        return mixed_band(leg, from, to, given, out, fault);
    struct tf_alt_context context;
    tf_alt_context_fill(given, shape, &context);
    double a = tf_alt_m(leg->from->alt), b = tf_alt_m(leg->to->alt);
    double low = fmin(mix(a, b, from), mix(a, b, to)), high = fmax(mix(a, b, from), mix(a, b, to));
    enum tf_alt_ref ref = leg->from->alt.ref;
    struct tf_alt lower = {fmax(low - leg->accuracy_v_m, TF_ALT_MIN_M), TF_ALT_UNIT_M, ref};
    struct tf_alt upper = {fmin(high + leg->accuracy_v_m, TF_ALT_MAX_M), TF_ALT_UNIT_M, ref};
    return tf_band_make(lower, upper, &context, out, fault);
}

static enum tf_status slice_volume(const struct leg *leg, size_t k,
                                   const struct tf_alt_context *given, struct tf_volume4 *out,
                                   struct tf_fault *fault)
{
    struct tf_shape *shape;
    enum tf_status rc = slice_shape(leg, k, &shape, fault);
    if (rc)
        return rc;
    struct tf_band band;
    rc = slice_band(leg, k, shape, given, &band, fault);
    if (!rc) {
        int64_t start = leg_time(leg, k), end = leg_time(leg, k + 1);
        if (end == start)
            end++;
        rc = tf_volume4_make(shape, &band, tf_time_add(start, -leg->accuracy_t_ns),
                             tf_time_add(end, leg->accuracy_t_ns), out, fault);
    }
    tf_shape_unref(shape);
    return rc;
}

/* How many volumes the whole trajectory needs. */
static enum tf_status count_slices(const struct tf_waypoint *waypoints, size_t count,
                                   const struct tf_slicing *slicing, size_t *out,
                                   struct tf_fault *fault)
{
    size_t total = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        total += leg_make(&waypoints[i], slicing).slices;
        if (total > TF_TRAJECTORY_MAX_VOLUMES)
            return refuse(fault, TF_LIMIT, i, "t",
                          TF_TEXT("The trajectory needs more than 1,000,000 volumes. Cut it more "
                                  "coarsely, or into several operations."));
    }
    *out = total;
    return TF_OK;
}

static struct tf_slicing with_defaults(const struct tf_slicing *given)
{
    struct tf_slicing slicing = given ? *given : (struct tf_slicing){0, 0};
    if (slicing.max_slice_ns <= 0)
        slicing.max_slice_ns = DEFAULT_SLICE_NS;
    if (!(slicing.max_leg_m > 0))
        slicing.max_leg_m = DEFAULT_LEG_M;
    return slicing;
}

enum tf_status tf_trajectory_volumes(const struct tf_waypoint *waypoints, size_t count,
                                     const struct tf_slicing *slicing,
                                     const struct tf_alt_context *context, struct tf_volume4 **out,
                                     size_t *out_count, struct tf_fault *fault)
{
    struct tf_slicing cut = with_defaults(slicing);
    size_t total = 0, made = 0;
    enum tf_status rc = check_waypoints(waypoints, count, fault);
    if (!rc)
        rc = count_slices(waypoints, count, &cut, &total, fault);
    if (rc)
        return rc;
    struct tf_volume4 *volumes = malloc(total * sizeof *volumes);
    if (!volumes)
        return tf_fault_set(fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    for (size_t i = 0; i + 1 < count; i++) {
        struct leg leg = leg_make(&waypoints[i], &cut);
        for (size_t k = 0; k < leg.slices; k++) {
            rc = slice_volume(&leg, k, context, &volumes[made], fault);
            if (rc)
                goto out;
            made++;
        }
    }
    *out = volumes;
    *out_count = made;
    volumes = NULL;
out:
    if (volumes)
        tf_volumes_free(volumes, made);
    return rc;
}
