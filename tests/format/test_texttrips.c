/*
 * test_texttrips.c - what KML, OpenAir, ACO and CSV write is read back: KML exactly, the
 * others to within what they can say; every allocation that fails is TF_NOMEM.
 */
#include "allocfail.h"
#include "format/format.h"
#include "pictures.h"
#include "random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 30, ENTITIES = 8 };

/* The formats here write volumes, not waypoints. */
static void drop_waypoints(struct tf_picture *picture)
{
    for (size_t i = 0; i < picture->count; i++) {
        free(picture->entities[i].waypoints);
        picture->entities[i].waypoints = NULL;
        picture->entities[i].waypoint_count = 0;
    }
}

static void write_and_read(enum tf_format format, const struct tf_picture *before,
                           struct tf_buf *text, struct tf_picture *after, uint64_t seed)
{
    struct tf_notes notes = {0};
    assert_int_equal(tf_format_write(format, before, text, &notes), TF_OK);
    tf_notes_release(&notes);
    assert_int_equal(tf_format_detect(text->data, text->len, NULL), format);
    if (tf_format_read(text->data, text->len, NULL, after, &notes)) {
        char reason[512];
        const struct tf_note *last = &notes.items[notes.count - 1];
        tf_fault_text(&last->fault, last->fault.message, reason, sizeof reason);
        print_message("%.3000s\n", text->data);
        fail_msg("%s, seed %llu, line %zu: %s", tf_format_word(format), (unsigned long long)seed,
                 last->line, reason);
    }
    tf_notes_release(&notes);
}

static void kml_says_all(void **state)
{
    (void)state;
    uint64_t seed = random_seed(31);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        uint64_t rng = seed + i;
        struct picture_limits limits = {0};
        struct tf_picture before = {0}, after = {0};
        struct tf_buf text = TF_BUF_INIT(16 << 20);
        random_picture(&rng, ENTITIES, &limits, &before);
        drop_waypoints(&before);
        write_and_read(TF_FORMAT_KML, &before, &text, &after, seed + i);
        const char *difference = picture_difference(&before, &after);
        if (difference) {
            print_message("%.3000s\n", text.data);
            fail_msg("seed %llu: %s differs", (unsigned long long)(seed + i), difference);
        }
        tf_buf_release(&text);
        tf_picture_release(&before);
        tf_picture_release(&after);
    }
}

/* Same ids and times, places to within `tolerance_m`. */
static void nearly_same(const struct tf_picture *a, const struct tf_picture *b, double tolerance_m,
                        int64_t tolerance_ns)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct tf_entity *x = &a->entities[i], *y = &b->entities[i];
        assert_string_equal(x->id, y->id);
        assert_int_equal(x->volume_count, y->volume_count);
        for (size_t k = 0; k < x->volume_count; k++) {
            const struct tf_volume4 *v = &x->volumes[k], *w = &y->volumes[k];
            double apart_m = tf_geodesic_inverse(tf_shape_centre(v->shape),
                                                 tf_shape_centre(w->shape), NULL, NULL);
            assert_true(apart_m < tolerance_m);
            assert_true(fabs(tf_shape_extent_m(v->shape) - tf_shape_extent_m(w->shape)) <
                        2 * tolerance_m);
            /* Rounded outward, never inward. */
            assert_true(w->start_ns <= v->start_ns && w->end_ns >= v->end_ns);
            assert_true(v->start_ns == TF_TIME_MIN || v->start_ns - w->start_ns <= tolerance_ns);
            assert_true(v->end_ns == TF_TIME_MAX || w->end_ns - v->end_ns <= tolerance_ns);
            assert_true(w->alt.lower_m <= v->alt.lower_m + 0.2 || isinf(v->alt.lower.value));
            assert_true(w->alt.upper_m >= v->alt.upper_m - 0.2);
        }
    }
}

/* What was read, written again, is the same text: nothing creeps. */
static void trips(enum tf_format format, const struct picture_limits *limits, double tolerance_m,
                  int64_t tolerance_ns)
{
    uint64_t seed = random_seed(32);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        uint64_t rng = seed + i;
        struct tf_picture before = {0}, after = {0}, again = {0};
        struct tf_buf text = TF_BUF_INIT(16 << 20), second = TF_BUF_INIT(16 << 20);
        random_picture(&rng, ENTITIES, limits, &before);
        drop_waypoints(&before);
        write_and_read(format, &before, &text, &after, seed + i);
        nearly_same(&before, &after, tolerance_m, tolerance_ns);
        write_and_read(format, &after, &second, &again, seed + i);
        if (strcmp(text.data, second.data) != 0) {
            print_message("%.2000s\n----\n%.2000s\n", text.data, second.data);
            fail_msg("%s, seed %llu: written differently the second time", tf_format_word(format),
                     (unsigned long long)(seed + i));
        }
        tf_buf_release(&text);
        tf_buf_release(&second);
        tf_picture_release(&before);
        tf_picture_release(&after);
        tf_picture_release(&again);
    }
}

static const struct picture_limits zones = {.zones_only = true,
                                            .geodesic_only = true,
                                            .circles_polygons = true,
                                            .no_holes = true,
                                            .active_only = true,
                                            .plain_texts = true,
                                            .no_category = true,
                                            .no_party = true,
                                            .no_priority = true,
                                            .no_notes = true,
                                            .whole_seconds = true,
                                            .no_names = true,
                                            .surface_references = true};

static void openair_comes_back(void **state)
{
    (void)state;
    trips(TF_FORMAT_OPENAIR, &zones, 0.02, 0);
}

static void aco_comes_back(void **state)
{
    (void)state;
    trips(TF_FORMAT_ACO, &zones, 60, TF_MINUTE_NS); /* corners are moved outward and rounded */
}

static void zone_of(struct tf_shape *shape, struct tf_alt low, struct tf_alt high,
                    struct tf_picture *out)
{
    struct tf_entity zone = {.kind = TF_KIND_ZONE, .state = TF_STATE_ACTIVATED};
    struct tf_alt_context context;
    struct tf_volume4 volume;
    struct tf_band band;
    tf_alt_context_at(shape, &context);
    assert_int_equal(tf_band_make(low, high, &context, &band, NULL), TF_OK);
    assert_int_equal(tf_volume4_make(shape, &band, TF_TIME_MIN, TF_TIME_MAX, &volume, NULL), TF_OK);
    assert_int_equal(tf_entity_add_volume(&zone, &volume), TF_OK);
    assert_int_equal(tf_entity_set_text(&zone.id, "small"), TF_OK);
    assert_int_equal(tf_picture_add(out, &zone), TF_OK);
}

static void one_zone(struct tf_shape *shape, struct tf_picture *out)
{
    zone_of(shape, (struct tf_alt){100, TF_ALT_UNIT_M, TF_ALT_AMSL},
            (struct tf_alt){200, TF_ALT_UNIT_M, TF_ALT_AMSL}, out);
}

/* A zone of one volume of up to 60 m, of any kind; v: places that are in it. */
static void small_zone(uint64_t *rng, int kind, struct tf_latlng v[3], struct tf_picture *out)
{
    struct tf_latlng at = {random_between(rng, -80, 80), random_between(rng, -180, 180)};
    double size_m = random_between(rng, 0.5, 60);
    for (int i = 0; i < 3; i++)
        v[i] = kind == 0 ? at : tf_geodesic_direct(at, 120 * i - 170, size_m, NULL);
    struct tf_ring line = {v, 2}, ring = {v, 3};
    struct tf_shape *shape;
    enum tf_status rc = kind == 0 ? tf_shape_circle(at, size_m, &shape, NULL)
                        : kind == 1
                            ? tf_shape_corridor(line, size_m, TF_EDGES_GEODESIC, 0, &shape, NULL)
                            : tf_shape_polygon(&ring, 1, TF_EDGES_GEODESIC, 0, &shape, NULL);
    assert_int_equal(rc, TF_OK);
    struct tf_alt low = {random_between(rng, -900, 100), TF_ALT_UNIT_M,
                         (enum tf_alt_ref)random_below(rng, 4)};
    struct tf_alt high = low;
    high.value = random_below(rng, 2) ? 99999 : low.value + 1;
    zone_of(shape, low, high, out);
    tf_shape_unref(shape);
}

/* What an ACO cannot say of small, low and high things becomes larger, never unreadable. */
static void aco_rounds_outward(void **state)
{
    (void)state;
    uint64_t seed = random_seed(33);
    for (uint64_t round = 0; round < 200; round++) {
        uint64_t rng = seed + round;
        struct tf_picture before = {0}, after = {0};
        struct tf_buf text = TF_BUF_INIT(1 << 20);
        struct tf_latlng v[3];
        small_zone(&rng, (int)(round % 3), v, &before);
        write_and_read(TF_FORMAT_ACO, &before, &text, &after, seed + round);
        const struct tf_volume4 *then = before.entities[0].volumes;
        const struct tf_volume4 *now = after.entities[0].volumes;
        bool area = tf_shape_kind(then->shape) == TF_SHAPE_POLYGON;
        for (int i = 0; i < (area ? 3 : 2); i++)
            assert_true(tf_shape_contains_point(now->shape, v[i]));
        assert_true(now->alt.upper_m >= then->alt.upper_m - 0.2);
        tf_buf_release(&text);
        tf_picture_release(&before);
        tf_picture_release(&after);
    }
}

/* Areas with dents and spikes, some hundreds of metres large: no part of one is lost. */
static void aco_areas_are_never_smaller(void **state)
{
    (void)state;
    uint64_t seed = random_seed(34);
    for (uint64_t round = 0; round < 100; round++) {
        uint64_t rng = seed + round;
        struct tf_picture before = {0}, after = {0};
        struct tf_buf text = TF_BUF_INIT(1 << 20);
        struct tf_latlng at = {random_between(&rng, -80, 80), random_between(&rng, -180, 180)};
        struct tf_latlng v[24];
        size_t count = 3 + random_below(&rng, 22);
        double size_m = random_between(&rng, 100, 5000), sense = round % 2 ? 1 : -1;
        for (size_t i = 0; i < count; i++)
            v[i] = tf_geodesic_direct(at, sense * 360 * (double)i / (double)count,
                                      size_m * random_between(&rng, 0.2, 1), NULL);
        struct tf_ring ring = {v, count};
        struct tf_shape *shape;
        assert_int_equal(tf_shape_polygon(&ring, 1, TF_EDGES_GEODESIC, 0, &shape, NULL), TF_OK);
        one_zone(shape, &before);
        write_and_read(TF_FORMAT_ACO, &before, &text, &after, seed + round);
        assert_int_equal(after.count, 1);
        if (!tf_shape_contains(after.entities[0].volumes[0].shape, shape)) {
            print_message("%.2000s\n", text.data);
            fail_msg("seed %llu", (unsigned long long)(seed + round));
        }
        tf_shape_unref(shape);
        tf_buf_release(&text);
        tf_picture_release(&before);
        tf_picture_release(&after);
    }
}

/* A corridor straight in longitude and latitude, where a geodesic would leave it by miles. */
static void long_corridors_keep_their_course(void **state)
{
    const enum tf_format *format = *state;
    struct tf_latlng ends[] = {{60, 170}, {64, -170}};
    struct tf_ring line = {ends, 2};
    struct tf_picture before = {0}, after = {0};
    struct tf_buf text = TF_BUF_INIT(1 << 20);
    struct tf_shape *shape;
    assert_int_equal(tf_shape_corridor(line, 1000, TF_EDGES_LONLAT, 0, &shape, NULL), TF_OK);
    one_zone(shape, &before);
    write_and_read(*format, &before, &text, &after, 0);
    for (int i = 0; i <= 40; i++) {
        double lng_deg = 170 + 0.5 * i;
        struct tf_latlng p = {60 + 0.1 * i, lng_deg > 180 ? lng_deg - 360 : lng_deg};
        for (int side = 0; side < 2; side++) {
            struct tf_latlng q = tf_geodesic_direct(p, side ? 165 : -15, 900, NULL);
            assert_true(tf_shape_contains_point(shape, q));
            assert_true(tf_shape_contains_point(after.entities[0].volumes[0].shape, q));
        }
    }
    tf_shape_unref(shape);
    tf_buf_release(&text);
    tf_picture_release(&before);
    tf_picture_release(&after);
}

/* Circles come back from CSV exactly. */
static void csv_says_circles(void **state)
{
    (void)state;
    uint64_t seed = random_seed(33);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        uint64_t rng = seed + i;
        struct picture_limits limits = {0};
        struct tf_picture before = {0}, after = {0};
        struct tf_buf text = TF_BUF_INIT(16 << 20);
        random_picture(&rng, ENTITIES, &limits, &before);
        drop_waypoints(&before);
        for (size_t e = 0; e < before.count; e++)
            for (size_t v = 0; v < before.entities[e].volume_count; v++) {
                struct tf_shape **shape = &before.entities[e].volumes[v].shape;
                struct tf_latlng at = {random_between(&rng, -80, 80),
                                       random_between(&rng, -180, 180)};
                tf_shape_unref(*shape);
                assert_int_equal(tf_shape_circle(at, random_between(&rng, 1, 5000), shape, NULL),
                                 TF_OK);
                struct tf_band *band = &before.entities[e].volumes[v].alt;
                struct tf_alt_context context;
                tf_alt_context_at(*shape, &context);
                assert_int_equal(tf_band_make(band->lower, band->upper, &context, band, NULL),
                                 TF_OK);
            }
        write_and_read(TF_FORMAT_CSV, &before, &text, &after, seed + i);
        const char *difference = picture_difference(&before, &after);
        if (difference) {
            print_message("%.3000s\n", text.data);
            fail_msg("seed %llu: %s differs", (unsigned long long)(seed + i), difference);
        }
        tf_buf_release(&text);
        tf_picture_release(&before);
        tf_picture_release(&after);
    }
}

/* --- memory --------------------------------------------------------------------------- */

static const struct sample {
    enum tf_format format;
    const char *text;
} samples[] = {
    {TF_FORMAT_OPENAIR,
     "AC R\nAN One\nAI 1\nAF 123.5\nAL GND\nAH FL100\nAA 2025-01-01T12:00Z/2025-01-01T13:00Z\n"
     "V X=54:00:00 N 010:00:00 E\nDA 5,0,180\nDP 54:00:00 N 009:00:00 E\n"
     "AC P\nAN Two\nAL GND\nAH FL9\nAA 2025-01-01T12:00Z/NONE\nV W=2\nDY 44:17:00 N 004:59:00 E\n"
     "DY 44:19:30 N 005:05:00 E\n"},
    {TF_FORMAT_ACO,
     "MSGID/ACO/X//\nPERIOD/280001ZJUL2016/UFN//\nACMID/ACM:ROZ/NAME:A/POLYGON/USE:NFA//\n"
     "POLYGON/LATS:380000N1210000W/LATS:380000N1200000W/LATS:385960N1203000W//\n"
     "AMPN/REMARK//\nEFFLEVEL/FLFL:FL0-FL9//\nAPERIOD/DISCRETE/280100ZJUL/280200ZJUL//\n"
     "ACMID/ACM:CORRTE/NAME:B//\nCORRIDOR/5KM/LATS:343125N1193525W/LATS:343746N1180536W//\n"
     "EFFLEVEL/FLFL:FL0-FL9//\n"},
    {TF_FORMAT_CSV, "id,name,lat,lon,radius_m,altitude_upper,valid_from\nA,Clinic,36.5012,37.2534,"
                    "400,UNL,2026-11-24\n"
                    "B,\"Camp, east\",36.6021,37.2534,400,UNL,2026-11-24\n"},
    {TF_FORMAT_KML,
     "<kml><Placemark id=\"a\"><name>A</name><description>d</description><TimeSpan><begin>2026"
     "</begin></TimeSpan><Polygon><altitudeMode>absolute</altitudeMode><outerBoundaryIs>"
     "<LinearRing><coordinates>10,50,9 11,50,9 10,51,9</coordinates></LinearRing>"
     "</outerBoundaryIs></Polygon></Placemark><Placemark id=\"b\"><Track><altitudeMode>absolute"
     "</altitudeMode><when>2026-11-24T08:00:00Z</when><when>2026-11-24T08:00:30Z</when>"
     "<coord>10 50 1000</coord><coord>10.01 50 1100</coord></Track></Placemark></kml>"},
    {TF_FORMAT_GPX,
     "<gpx><trk><name>Convoy</name><desc>d</desc><trkseg><trkpt lat=\"36\" lon=\"37\"><ele>400"
     "</ele><time>2026-11-24T08:00:00Z</time></trkpt><trkpt lat=\"36.01\" lon=\"37\"><ele>410"
     "</ele><time>2026-11-24T08:00:50Z</time></trkpt></trkseg></trk></gpx>"},
};

static enum tf_status read_once(void *ctx)
{
    const struct sample *s = ctx;
    struct tf_picture picture = {0};
    struct tf_notes notes = {0};
    struct tf_read_options options = {.format = s->format, .keep_going = true};
    enum tf_status rc = tf_format_read(s->text, strlen(s->text), &options, &picture, &notes);
    if (!rc && (picture.count == 0 || notes.count > 0))
        rc = TF_SYNTAX; /* the sample is to be read without a note */
    tf_picture_release(&picture);
    tf_notes_release(&notes);
    return rc;
}

static void reading_without_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct sample s = samples[i];
        print_message("%s\n", tf_format_word(s.format));
        assert_true(allocfail_each(read_once, &s, 2000) > 5);
    }
}

struct writing {
    enum tf_format format;
    const struct tf_picture *picture;
};

static enum tf_status write_once(void *ctx)
{
    const struct writing *w = ctx;
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    struct tf_notes notes = {0};
    enum tf_status rc = tf_format_write(w->format, w->picture, &out, &notes);
    tf_buf_release(&out);
    tf_notes_release(&notes);
    return rc;
}

static void writing_without_memory(void **state)
{
    (void)state;
    static const enum tf_format formats[] = {TF_FORMAT_KML, TF_FORMAT_OPENAIR, TF_FORMAT_ACO,
                                             TF_FORMAT_CSV};
    uint64_t rng = 5;
    struct picture_limits limits = {0};
    struct tf_picture picture = {0};
    random_picture(&rng, 4, &limits, &picture);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct writing w = {formats[i], &picture};
        print_message("%s\n", tf_format_word(w.format));
        assert_true(allocfail_each(write_once, &w, 5000) > 2);
    }
    tf_picture_release(&picture);
}

int main(void)
{
    static enum tf_format aco = TF_FORMAT_ACO, openair = TF_FORMAT_OPENAIR;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_says_circles),
        cmocka_unit_test(kml_says_all),
        cmocka_unit_test_prestate(long_corridors_keep_their_course, &aco),
        cmocka_unit_test_prestate(long_corridors_keep_their_course, &openair),
        cmocka_unit_test(aco_areas_are_never_smaller),
        cmocka_unit_test(openair_comes_back),
        cmocka_unit_test(aco_comes_back),
        cmocka_unit_test(aco_rounds_outward),
        cmocka_unit_test(reading_without_memory),
        cmocka_unit_test(writing_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
