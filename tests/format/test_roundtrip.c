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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_geojson),
        cmocka_unit_test(test_f3548),
        cmocka_unit_test(test_zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
