/*
 * fuzz_trajectory.c - any numbers as waypoints: refused, or cut into volumes that hold them.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/volume.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WAYPOINTS = 4 };

struct input {
    const uint8_t *data;
    size_t left;
};

/* The next 8 bytes as they are; 0 at the end. */
static uint64_t take(struct input *in)
{
    uint64_t bits = 0;
    size_t n = in->left < sizeof bits ? in->left : sizeof bits;
    memcpy(&bits, in->data, n);
    in->data += n;
    in->left -= n;
    return bits;
}

static double take_double(struct input *in)
{
    uint64_t bits = take(in);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static struct tf_waypoint take_waypoint(struct input *in)
{
    struct tf_waypoint w = {.at = {take_double(in), take_double(in)}};
    uint64_t words = take(in);
    w.alt = (struct tf_alt){take_double(in), (enum tf_alt_unit)(words % 3),
                            (enum tf_alt_ref)(words / 3 % 4)};
    w.t_ns = (int64_t)take(in);
    w.accuracy_h_m = take_double(in);
    w.accuracy_v_m = take_double(in);
    w.accuracy_t_ns = (int64_t)take(in);
    return w;
}

/* The first waypoint lies in the first volume, whatever the altitudes are. */
static void check(const struct tf_waypoint *w, const struct tf_volume4 *v, size_t count)
{
    if (count < 1 || w->t_ns < v->start_ns || w->t_ns >= v->end_ns)
        abort();
    struct tf_shape *place;
    if (tf_shape_circle(w->at, 0, &place, NULL))
        abort();
    if (!tf_shape_within(v->shape, place, 0))
        abort();
    tf_shape_unref(place);
    for (size_t i = 0; i < count; i++)
        if (!(v[i].alt.lower_m <= v[i].alt.upper_m) || v[i].start_ns >= v[i].end_ns)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct tf_waypoint w[WAYPOINTS];
    struct tf_volume4 *volumes;
    size_t count = 2 + take(&in) % (WAYPOINTS - 1), made;
    struct tf_fault fault;
    for (size_t i = 0; i < count; i++)
        w[i] = take_waypoint(&in);
    struct tf_band a, b;
    struct tf_alt_context context = {take_double(&in), take_double(&in), take_double(&in),
                                     take_double(&in), take_double(&in), take_double(&in),
                                     take_double(&in)};
    if (!tf_band_make(w[0].alt, w[1].alt, &context, &a, &fault) &&
        !tf_band_make(w[1].alt, w[1].alt, &context, &b, &fault) &&
        (isnan(tf_band_gap_m(&a, &b, NULL)) || tf_band_gap_m(&a, &b, NULL) > 0))
        abort(); /* they share a limit */
    /* Coarse enough for a few volumes; finer cuts are the same many times over. */
    struct tf_slicing slicing = {INT64_MAX / 16, 5e6};
    if (tf_trajectory_volumes(w, count, &slicing, NULL, &volumes, &made, &fault))
        return 0;
    check(w, volumes, made);
    tf_volumes_free(volumes, made);
    return 0;
}
