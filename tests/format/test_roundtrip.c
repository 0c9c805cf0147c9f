/*
 * test_roundtrip.c - read(write(picture)) == picture, within what a format can say.
 */
#include "format/format.h"
#include "pictures.h"
#include "random.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct trip {
    enum tf_format format;
    size_t entities;
    int rounds;
    struct picture_limits limits;
};

static void print_notes(const struct tf_notes *notes)
{
    for (size_t i = 0; i < notes->count && i < 10; i++) {
        char text[512];
        const struct tf_fault *fault = &notes->items[i].fault;
        tf_fault_text(fault, fault->message, text, sizeof text);
        print_message("note: %zu %s: %s\n", fault->at, fault->field, text);
    }
}

static void one_trip(const struct trip *trip, uint64_t seed)
{
    uint64_t state = seed;
    struct tf_picture before = {0}, after = {0};
    struct tf_notes notes = {0};
    struct tf_buf buf = TF_BUF_INIT(64 << 20);
    struct tf_read_options options = {.format = trip->format};
    random_picture(&state, trip->entities, &trip->limits, &before);
    assert_int_equal(tf_format_write(trip->format, &before, &buf, &notes), TF_OK);
    if (notes.count > 0)
        print_notes(&notes);
    assert_int_equal(notes.count, 0);
    json_t *parsed = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, NULL);
    if (!parsed)
        print_message("seed %llu: not JSON: %.2000s\n", (unsigned long long)seed, buf.data);
    assert_non_null(parsed);
    json_decref(parsed);
    assert_int_equal(tf_format_detect(buf.data, buf.len, NULL), trip->format);
    enum tf_status rc = tf_format_read(buf.data, buf.len, &options, &after, &notes);
    const char *difference = rc ? "refused" : picture_difference(&before, &after);
    if (difference) {
        print_notes(&notes);
        print_message("%.3000s\n", buf.data);
        fail_msg("%s, seed %llu: %s differs", tf_format_word(trip->format),
                 (unsigned long long)seed, difference);
    }
    tf_buf_release(&buf);
    tf_notes_release(&notes);
    tf_picture_release(&before);
    tf_picture_release(&after);
}

static void round_trips(const struct trip *trip)
{
    uint64_t seed = random_seed(1);
    for (int i = 0; i < trip->rounds; i++)
        one_trip(trip, seed + (uint64_t)i);
}

static void test_geojson(void **unused)
{
    (void)unused;
    round_trips(&(struct trip){.format = TF_FORMAT_GEOJSON, .entities = 10, .rounds = 40});
}

static void test_f3548(void **unused)
{
    (void)unused;
    struct trip trip = {.format = TF_FORMAT_F3548,
                        .entities = 10,
                        .rounds = 20,
                        .limits = {.operations_only = true,
                                   .active_only = true,
                                   .geodesic_only = true,
                                   .circles_polygons = true,
                                   .no_holes = true,
                                   .w84_metres_only = true,
                                   .no_names = true,
                                   .no_notes = true,
                                   .no_category = true}};
    round_trips(&trip);
    trip.limits.operations_only = false;
    trip.limits.zones_only = true;
    trip.limits.no_category = false;
    round_trips(&trip);
}

static void test_zones(void **unused)
{
    (void)unused;
    struct trip trip = {.format = TF_FORMAT_ED269,
                        .entities = 10,
                        .rounds = 30,
                        .limits = {.zones_only = true,
                                   .geodesic_only = true,
                                   .circles_polygons = true,
                                   .surface_references = true,
                                   .one_time = true,
                                   .one_unit = true,
                                   .plain_texts = true,
                                   .no_category = true,
                                   .id_length = 7}};
    round_trips(&trip);
    trip.format = TF_FORMAT_ED318;
    trip.limits.geodesic_only = false;
    trip.limits.lonlat_only = true;
    trip.limits.surface_references = false;
    trip.limits.no_std = true;
    round_trips(&trip);
}

/* --- what a format cannot say is written outward ------------------------------------ */

static const struct tf_entity *entity_with_id(const struct tf_picture *picture, const char *id)
{
    for (size_t i = 0; i < picture->count; i++)
        if (strcmp(picture->entities[i].id, id) == 0)
            return &picture->entities[i];
    return NULL;
}

/* Whether w's band holds v's: limits of the same reference as they were given (their
 * ranges above the ellipsoid depend on the extent of the shape), others by range. */
static bool band_held(const struct tf_band *w, const struct tf_band *v)
{
    bool lower = w->lower.ref == v->lower.ref ? tf_alt_m(w->lower) <= tf_alt_m(v->lower) + 1e-6
                                              : w->lower_m <= v->lower_m + 1e-6;
    bool upper = w->upper.ref == v->upper.ref ? tf_alt_m(w->upper) >= tf_alt_m(v->upper) - 1e-6
                                              : w->upper_m >= v->upper_m - 1e-6;
    return lower && upper;
}

/* Whether one of the written volumes holds the place, with the whole band and time. */
static bool is_held(const struct tf_picture *written, const char *id, const struct tf_volume4 *v,
                    struct tf_latlng p)
{
    for (size_t i = 0; i < written->count; i++) {
        const struct tf_entity *e = &written->entities[i];
        for (size_t k = 0; strcmp(e->id, id) == 0 && k < e->volume_count; k++) {
            const struct tf_volume4 *w = &e->volumes[k];
            if (band_held(&w->alt, &v->alt) && w->start_ns <= v->start_ns &&
                w->end_ns >= v->end_ns && tf_shape_contains_point(w->shape, p))
                return true;
        }
    }
    return false;
}

/* Points of the volume: near each vertex of its border, just inside of its radius. */
static void assert_volume_held(uint64_t *state, const struct tf_picture *written, const char *id,
                               const struct tf_volume4 *v)
{
    struct tf_ring ring = tf_shape_ring(v->shape, 0);
    double radius_m = tf_shape_radius_m(v->shape);
    for (size_t i = 0; radius_m > 0 && i < ring.count; i++) {
        double azimuth_deg = random_between(state, -180, 180);
        struct tf_latlng p =
            tf_geodesic_direct(ring.vertices[i], azimuth_deg, 0.99 * radius_m, NULL);
        if (tf_shape_contains_point(v->shape, p) && !is_held(written, id, v, p))
            fail_msg("%s: %.6f, %.6f is not held", id, p.lat_deg, p.lng_deg);
    }
}

static void outward(enum tf_format format, const struct picture_limits *limits)
{
    uint64_t state = random_seed(1);
    struct tf_picture before = {0}, after = {0};
    struct tf_notes notes = {0};
    struct tf_buf buf = TF_BUF_INIT(64 << 20);
    struct tf_read_options options = {.format = format};
    random_picture(&state, 30, limits, &before);
    assert_int_equal(tf_format_write(format, &before, &buf, &notes), TF_OK);
    assert_true(notes.count > 0); /* it was said that something is lost */
    enum tf_status rc = tf_format_read(buf.data, buf.len, &options, &after, &notes);
    if (rc)
        print_notes(&notes);
    assert_int_equal(rc, TF_OK);
    for (size_t i = 0; i < before.count; i++) {
        const struct tf_entity *e = &before.entities[i];
        assert_non_null(entity_with_id(&after, e->id));
        for (size_t k = 0; k < e->volume_count; k++)
            assert_volume_held(&state, &after, e->id, &e->volumes[k]);
    }
    tf_buf_release(&buf);
    tf_notes_release(&notes);
    tf_picture_release(&before);
    tf_picture_release(&after);
}

static void test_outward(void **unused)
{
    (void)unused;
    outward(TF_FORMAT_F3548,
            &(struct picture_limits){.operations_only = true, .active_only = true});
    outward(TF_FORMAT_ED269, &(struct picture_limits){.zones_only = true, .id_length = 7});
    outward(TF_FORMAT_ED318, &(struct picture_limits){.zones_only = true, .id_length = 7});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_geojson),
        cmocka_unit_test(test_f3548),
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_outward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
