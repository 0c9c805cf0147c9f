/*
 * test_jsonfiles.c - every real JSON file is read, or refused for the stated reason.
 *
 * Needs the folder named by TAFADI_DATA; skipped otherwise.
 */
#include "reading.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include <cmocka.h>

struct expectation {
    const char *file; /* below TAFADI_DATA; ends with .gz: decompressed first */
    enum tf_format format;
    enum tf_status rc;
    const char *field; /* of the refusal */
    size_t entities, volumes;
};

static const struct expectation table[] = {
    {"zones/ed269-brussels.json", TF_FORMAT_ED269, TF_OK, NULL, 3, 11},
    {"zones/ed269-che-1.json", TF_FORMAT_ED269, TF_OK, NULL, 6, 113},
    {"zones/ed269-che-sample.json", TF_FORMAT_ED269, TF_OK, NULL, 1, 1},
    {"zones/ed318-che-sample.json", TF_FORMAT_ED318, TF_OK, NULL, 3, 3},
    {"zones/ed318/Example_Collection.json", TF_FORMAT_ED318, TF_OK, NULL, 2, 835},
    {"zones/ed318/Example_GeoZone_2_Layers.json", TF_FORMAT_ED318, TF_OK, NULL, 1, 834},
    {"zones/ed318/Example_GeoZone_Circle.json", TF_FORMAT_ED318, TF_OK, NULL, 1, 1},
    {"zones/ed318/Example_GeoZone_with_extension.json", TF_FORMAT_ED318, TF_OK, NULL, 1, 1},
    {"zones/ed318/PartialExample_featureGeoJSON.json", TF_FORMAT_ED318, TF_OK, NULL, 1, 834},
    /* its validFrom is an object, on purpose */
    {"zones/ed318/InvalidExample_GeoZone_2_Layers.json", TF_FORMAT_ED318, TF_SYNTAX,
     "metadata.validFrom", 0, 0},
    /* parts of zones, without a place */
    {"zones/ed318/PartialExample_GeoZoneProperties.json", TF_FORMAT_AUTO, TF_SYNTAX, "", 0, 0},
    {"zones/ed318/PartialExample_TimePeriod.json", TF_FORMAT_AUTO, TF_SYNTAX, "", 0, 0},
    {"zones/ed318/PartialExample_ZoneAuthority.json", TF_FORMAT_AUTO, TF_SYNTAX, "", 0, 0},
    /* circle and polygon in one volume */
    {"flight-intents/prober/op_400_version1.json", TF_FORMAT_F3548, TF_SYNTAX, "extents[0].volume",
     0, 0},
    {"flight-intents/prober/op_bad_volume.json", TF_FORMAT_F3548, TF_SYNTAX, "extents[0].volume", 0,
     0},
    {"flight-intents/prober/op_404_version1.json", TF_FORMAT_F3548, TF_OK, NULL, 1, 1},
    /* a bow-tie; too large for a DSS, which is no rule of the format */
    {"flight-intents/prober/op_area_too_large_put.json", TF_FORMAT_F3548, TF_RING,
     "extents[0].volume.outline_polygon.vertices[1]", 0, 0},
    {"flight-intents/prober/op_bad_lat_lon_range.json", TF_FORMAT_F3548, TF_RANGE,
     "extents[0].volume.outlinePolygon.vertices[2].lat", 0, 0},
    /* what is wrong with these is between a USS and its DSS, not in the volumes */
    {"flight-intents/prober/op_bad_state_version0.json", TF_FORMAT_F3548, TF_OK, NULL, 1, 1},
    {"flight-intents/prober/op_bad_subscription.json", TF_FORMAT_F3548, TF_OK, NULL, 1, 1},
    {"flight-intents/prober/op_uss_base_url_non_tls.json", TF_FORMAT_F3548, TF_OK, NULL, 1, 1},
    {"flight-intents/prober/op_new_and_existing_subscription.json", TF_FORMAT_F3548, TF_OK, NULL, 1,
     1},
    {"flight-intents/prober/op_ref_area_too_large.json", TF_FORMAT_F3548, TF_OK, NULL, 1, 1},
    {"flight-intents/prober/op_ref_start_end_times_past.json", TF_FORMAT_F3548, TF_OK, NULL, 1, 1},
    {"flight-intents/prober/op_bad_time_format.json", TF_FORMAT_F3548, TF_SYNTAX,
     "extents[0].timeEnd.format", 0, 0},
    {"flight-intents/prober/op_end_time_past.json", TF_FORMAT_F3548, TF_TIME, "extents[0].timeEnd",
     0, 0},
    {"flight-intents/prober/op_ref_incorrect_altitude_ref.json", TF_FORMAT_F3548, TF_SYNTAX,
     "area_of_interest.volume.altitude_lower.reference", 0, 0},
    {"flight-intents/prober/op_ref_incorrect_units.json", TF_FORMAT_F3548, TF_SYNTAX,
     "area_of_interest.volume.altitude_lower.units", 0, 0},
    /* an outline that crosses itself, with vertices 1e-14 degrees apart */
    {"flight-intents/prober/op_big_operation.json", TF_FORMAT_F3548, TF_RING,
     "area_of_interest.volume.outline_polygon.vertices[0]", 0, 0},
    {"flight-intents/prober/op_missing_query.json", TF_FORMAT_F3548, TF_OK, NULL, 1, 1},
    {"flight-intents/prober/op_missing_update.json", TF_FORMAT_F3548, TF_OK, NULL, 1, 19},
    {"flight-intents/prober/op_request_1.json", TF_FORMAT_F3548, TF_OK, NULL, 1, 5},
    /* a bow-tie */
    {"flight-intents/prober/op_request_2.json", TF_FORMAT_F3548, TF_RING,
     "extents[0].volume.outline_polygon.vertices[1]", 0, 0},
    /* three times the same vertex */
    {"flight-intents/prober/op_request_3.json", TF_FORMAT_F3548, TF_RING,
     "area_of_interest.volume.outline_polygon.vertices[0]", 0, 0},
    {"flight-intents/prober/op_request_4.json", TF_FORMAT_F3548, TF_OK, NULL, 1, 1},
    {"tracks/opensky/border_control.json.gz", TF_FORMAT_OPENSKY, TF_OK, NULL, 1, 1464},
    {"tracks/opensky/calfire.json.gz", TF_FORMAT_OPENSKY, TF_OK, NULL, 393, 15429},
    {"tracks/opensky/inflight_refuelling.json.gz", TF_FORMAT_OPENSKY, TF_OK, NULL, 2, 10394},
    {"tracks/opensky/rega_sg.json.gz", TF_FORMAT_OPENSKY, TF_OK, NULL, 1, 1079},
    {"tracks/opensky/rega_zh.json.gz", TF_FORMAT_OPENSKY, TF_OK, NULL, 1, 338},
    {"tracks/opensky/samu31.json.gz", TF_FORMAT_OPENSKY, TF_OK, NULL, 1, 377},
    {"tracks/readsb-trace_full_ac671b.json", TF_FORMAT_READSB, TF_OK, NULL, 10, 2136},
};

/* The file's bytes, decompressed if need be; *len. The caller frees. */
static char *load(const char *file, size_t *len)
{
    enum { ROOM = 8 << 20 };
    const char *data = getenv("TAFADI_DATA");
    char name[1024];
    if (!data)
        skip();
    snprintf(name, sizeof name, "%s/%s", data, file);
    gzFile stream = gzopen(name, "rb"); /* reads plain files as they are */
    char *bytes = malloc(ROOM);
    assert_non_null(stream);
    assert_non_null(bytes);
    int count = gzread(stream, bytes, ROOM);
    assert_true(count > 0 && count < ROOM);
    gzclose(stream);
    *len = (size_t)count;
    return bytes;
}

static struct reading read_file(const char *file)
{
    size_t len;
    char *bytes = load(file, &len);
    struct tf_read_options options = {.file_name = file};
    struct reading r = read_bytes(bytes, len, &options);
    free(bytes);
    return r;
}

static size_t volume_count(const struct tf_picture *picture)
{
    size_t n = 0;
    for (size_t i = 0; i < picture->count; i++)
        n += picture->entities[i].volume_count;
    return n;
}

static void check(const struct expectation *e)
{
    size_t len;
    char *bytes = load(e->file, &len);
    assert_int_equal(tf_format_detect(bytes, len, e->file), e->format);
    free(bytes);
    struct reading r = read_file(e->file);
    size_t volumes = volume_count(&r.picture);
    if (r.rc != e->rc || r.picture.count != e->entities || volumes != e->volumes) {
        print_message("%s: %s, %zu entities, %zu volumes\n", e->file, tf_status_text(r.rc),
                      r.picture.count, volumes);
        print_notes(&r.notes);
    }
    assert_int_equal(r.rc, e->rc);
    assert_int_equal(r.picture.count, e->entities);
    assert_int_equal(volumes, e->volumes);
    if (e->rc)
        assert_string_equal(r.notes.items[r.notes.count - 1].fault.field, e->field);
    reading_release(&r);
}

static void test_table(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check(&table[i]);
}

/* Cursor on Target: all 35 are one feature each, with an id of its own. */
static void test_cot(void **unused)
{
    (void)unused;
    const char *data = getenv("TAFADI_DATA");
    char folder[1024], file[1400];
    if (!data)
        skip();
    snprintf(folder, sizeof folder, "%s/cot", data);
    DIR *dir = opendir(folder);
    size_t count = 0;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!strstr(entry->d_name, ".geojson"))
            continue;
        snprintf(file, sizeof file, "cot/%s", entry->d_name);
        struct reading r = read_file(file);
        if (r.rc)
            print_message("%s\n", file);
        assert_int_equal(r.rc, TF_OK);
        assert_int_equal(r.picture.count, 1);
        assert_int_equal(r.picture.entities[0].volume_count, 1);
        assert_int_equal(count_notes(&r.notes, TF_NOTE_ERROR), 0);
        reading_release(&r);
        count++;
    }
    closedir(dir);
    assert_int_equal(count, 35);
}

static void test_cot_facts(void **unused)
{
    (void)unused;
    struct reading r = read_file("cot/circle.geojson");
    const struct tf_shape *circle = r.picture.entities[0].volumes[0].shape;
    assert_int_equal(tf_shape_kind(circle), TF_SHAPE_CIRCLE);
    assert_true(tf_shape_radius_m(circle) == 2);
    reading_release(&r);
    r = read_file("cot/marti-archive.geojson"); /* a-f-G, valid for one hour */
    const struct tf_entity *e = &r.picture.entities[0];
    assert_string_equal(e->id, "MARTI-ARCHIVE-TEST-UID");
    assert_string_equal(e->name, "ArchiveTest");
    assert_int_equal(e->kind, TF_KIND_GROUND);
    assert_int_equal(e->volumes[0].end_ns - e->volumes[0].start_ns, TF_HOUR_NS);
    reading_release(&r);
    r = read_file("cot/basic.geojson"); /* stale when it starts: its end is not known */
    assert_true(r.picture.entities[0].volumes[0].end_ns == TF_TIME_MAX);
    reading_release(&r);
    r = read_file("cot/xmlescape.geojson");
    assert_string_equal(r.picture.entities[0].name, "< Basic & Test >");
    reading_release(&r);
}

static void test_zone_facts(void **unused)
{
    (void)unused;
    struct reading r = read_file("zones/ed269-brussels.json");
    const struct tf_entity *brussels = &r.picture.entities[0];
    assert_string_equal(brussels->name, "Brussels");
    assert_int_equal(tf_shape_ring_count(brussels->volumes[0].shape), 5); /* four holes */
    assert_true(isinf(brussels->volumes[0].alt.upper.value));             /* 100000 */
    assert_true(brussels->volumes[0].start_ns == TF_TIME_MIN);            /* permanent */
    assert_true(notes_say(&r.notes, "schedule of 28525c8"));
    assert_true(
        tf_shape_contains_point(brussels->volumes[0].shape, (struct tf_latlng){50.83, 4.35}));
    assert_false(tf_shape_contains_point(brussels->volumes[0].shape,
                                         (struct tf_latlng){50.8445, 4.3638})); /* in a hole */
    reading_release(&r);
    r = read_file("zones/ed269-che-sample.json"); /* "0" and null */
    const struct tf_volume4 *v = &r.picture.entities[0].volumes[0];
    assert_true(v->alt.lower.value == 0 && v->alt.lower.ref == TF_ALT_AGL);
    assert_true(isinf(v->alt.upper.value));
    assert_int_equal(r.picture.entities[0].restriction, TF_RESTRICTION_RESTRICTED);
    reading_release(&r);
    r = read_file("zones/ed318-che-sample.json"); /* 99999 */
    assert_true(isinf(r.picture.entities[0].volumes[0].alt.upper.value));
    assert_true(r.picture.entities[0].volumes[0].alt.lower.value == 60);
    assert_string_equal(r.picture.entities[1].name, "Protected natural object Langmatt");
    reading_release(&r);
}

/* The Montreux concert area: Saturdays and Sundays, 17:00 to midnight. */
static void test_schedule(void **unused)
{
    (void)unused;
    struct reading r = read_file("zones/ed269-che-1.json");
    const struct tf_entity *e = &r.picture.entities[0];
    assert_int_equal(e->volume_count, 104);
    for (size_t i = 0; i < e->volume_count; i++) {
        struct tf_civil start;
        tf_time_to_civil(e->volumes[i].start_ns, &start);
        assert_true(start.weekday == 5 || start.weekday == 6);
        assert_int_equal(start.hour, 17);
        assert_int_equal(e->volumes[i].end_ns - e->volumes[i].start_ns, 7 * TF_HOUR_NS);
    }
    assert_true(notes_say(&r.notes, "Gantrisch Nature Park was given before"));
    reading_release(&r);
}

static void test_track_facts(void **unused)
{
    (void)unused;
    struct reading r = read_file("tracks/readsb-trace_full_ac671b.json");
    const struct tf_entity *e = &r.picture.entities[0];
    assert_string_equal(e->id, "ac671b-DAL1812-1");
    assert_int_equal(e->kind, TF_KIND_CREWED);
    /* some reports lack the geometric height, so the pressure altitude is taken */
    assert_true(e->waypoints[0].alt.value == 32000 && e->waypoints[0].alt.ref == TF_ALT_STD);
    assert_true(notes_say(&r.notes, "394 reports on the ground"));
    reading_release(&r);
    r = read_file("tracks/opensky/inflight_refuelling.json.gz");
    assert_true(r.picture.entities[0].waypoints[0].alt.ref == TF_ALT_STD);
    for (size_t i = 0; i < r.picture.count; i++)
        for (size_t k = 1; k < r.picture.entities[i].waypoint_count; k++)
            assert_true(r.picture.entities[i].waypoints[k - 1].t_ns <
                        r.picture.entities[i].waypoints[k].t_ns);
    reading_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),     cmocka_unit_test(test_cot),
        cmocka_unit_test(test_cot_facts), cmocka_unit_test(test_zone_facts),
        cmocka_unit_test(test_schedule),  cmocka_unit_test(test_track_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
