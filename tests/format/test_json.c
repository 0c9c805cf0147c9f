/*
 * test_json.c - the traps of the JSON formats, one by one.
 */
#include "reading.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* --- GeoJSON --------------------------------------------------------------------- */

#define SQUARE "[[[10,50],[10.1,50],[10.1,50.1],[10,50.1],[10,50]]]"
#define POLYGON "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":" SQUARE "}"
#define FEATURE(properties) "{\"type\":\"Feature\",\"properties\":{" properties "}," POLYGON "}"
#define COLLECTION(features) "{\"type\":\"FeatureCollection\",\"features\":[" features "]}"

static void test_geojson_words(void **unused)
{
    (void)unused;
    struct reading r = read_good(
        FEATURE("\"class\":\"operation\",\"kind\":\"uncrewed\",\"state\":\"activated\","
                "\"priority\":7,\"name\":\"Alpha\",\"party\":\"Blue\",\"altitude_lower\":100,"
                "\"altitude_upper\":\"FL100\",\"altitude_reference\":\"AMSL\",\"altitude_unit\":"
                "\"FT\",\"start\":\"2026-11-24T00:00:00Z\",\"end\":\"2026-11-24T03:00:00+01:00\","
                "\"edges\":\"lonlat\""),
        NULL);
    const struct tf_entity *e = &r.picture.entities[0];
    assert_int_equal(e->kind, TF_KIND_UNCREWED);
    assert_int_equal(e->state, TF_STATE_ACTIVATED);
    assert_int_equal(e->priority, 7);
    assert_string_equal(e->name, "Alpha");
    assert_string_equal(e->party, "Blue");
    assert_string_equal(e->id, "--1");
    assert_string_equal(e->source, "-, feature 1");
    assert_int_equal(e->volumes[0].alt.lower.unit, TF_ALT_UNIT_FT);
    assert_int_equal(e->volumes[0].alt.lower.ref, TF_ALT_AMSL);
    assert_int_equal(r.notes.count, 0);
    reading_release(&r);
}

static void test_geojson_altitudes(void **unused)
{
    (void)unused;
    struct reading r = read_good(
        FEATURE("\"altitude_lower\":\"GND\",\"altitude_upper\":\"FL100\",\"start\":\"open\","
                "\"end\":\"2026-11-24T01:00:00+01:00\""),
        NULL);
    const struct tf_volume4 *v = &r.picture.entities[0].volumes[0];
    assert_int_equal(v->alt.lower.ref, TF_ALT_AGL);
    assert_true(v->alt.lower.value == 0);
    assert_int_equal(v->alt.upper.ref, TF_ALT_STD);
    assert_true(fabs(tf_alt_m(v->alt.upper) - 3048) < 1e-9);
    assert_true(v->start_ns == TF_TIME_MIN);
    assert_int_equal(count_notes(&r.notes, TF_NOTE_WARNING), 0);
    reading_release(&r);
    r = read_good(FEATURE("\"altitude_lower\":{\"value\":10,\"reference\":\"W84\",\"units\":\"M\"},"
                          "\"max_altitude\":{\"meters\":90,\"datum\":\"agl\"}"),
                  NULL);
    v = &r.picture.entities[0].volumes[0];
    assert_int_equal(v->alt.lower.ref, TF_ALT_W84);
    assert_int_equal(v->alt.upper.ref, TF_ALT_AGL);
    assert_true(v->alt.upper.value == 90);
    reading_release(&r);
}

static void test_geojson_assumptions(void **unused)
{
    (void)unused;
    struct tf_read_options options = {.start_ns = 100, .end_ns = 200, .half_width_m = 70};
    struct reading r =
        read_good(COLLECTION("{\"type\":\"Feature\",\"properties\":null,\"geometry\":{"
                             "\"type\":\"LineString\",\"coordinates\":[[1,2],[1,3]]}},"
                             "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{"
                             "\"type\":\"Point\",\"coordinates\":[1,2,30]}}"),
                  &options);
    const struct tf_entity *e = r.picture.entities;
    assert_int_equal(r.picture.count, 2);
    assert_true(tf_shape_radius_m(e[0].volumes[0].shape) == 70);
    assert_true(tf_shape_radius_m(e[1].volumes[0].shape) == 500);
    assert_true(e[0].volumes[0].start_ns == 100 && e[0].volumes[0].end_ns == 200);
    assert_int_equal(count_notes(&r.notes, TF_NOTE_WARNING), 4); /* one for each kind */
    assert_true(notes_say(&r.notes, "Features that name no times: 2 ("));
    assert_true(notes_say(&r.notes, "Points that name no radius: 1 (the first: number 2)"));
    reading_release(&r);
}

static void test_geojson_shapes(void **unused)
{
    (void)unused;
    struct reading r = read_good(
        "{\"type\":\"Feature\",\"properties\":{\"radius_m\":100,\"width_m\":60},\"geometry\":"
        "{\"type\":\"GeometryCollection\",\"geometries\":["
        "{\"type\":\"MultiPoint\",\"coordinates\":[[1,2],[3,4,5]]},"
        "{\"type\":\"MultiLineString\",\"coordinates\":[[[1,2],[1,3]],[[2,2],[2,3],[2,2]]]},"
        "{\"type\":\"MultiPolygon\",\"coordinates\":[" SQUARE "," SQUARE "]}]}}",
        NULL);
    const struct tf_entity *e = &r.picture.entities[0];
    assert_int_equal(e->volume_count, 6);
    assert_int_equal(tf_shape_kind(e->volumes[1].shape), TF_SHAPE_CIRCLE);
    assert_int_equal(tf_shape_kind(e->volumes[3].shape), TF_SHAPE_CORRIDOR);
    assert_int_equal(tf_shape_ring(e->volumes[3].shape, 0).count, 3); /* there and back */
    assert_true(tf_shape_radius_m(e->volumes[3].shape) == 30);
    assert_true(tf_shape_radius_m(e->volumes[4].shape) == 100); /* a grown polygon */
    assert_int_equal(tf_shape_edges(e->volumes[4].shape), TF_EDGES_LONLAT);
    reading_release(&r);
    r = read_good("{\"type\":\"Point\",\"coordinates\":[1,2]}", NULL);
    assert_int_equal(r.picture.count, 1);
    reading_release(&r);
}

static void test_geojson_class(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        struct tf_read_options options;
        enum tf_kind kind;
        enum tf_state state;
    } cases[] = {
        {FEATURE(""), {0}, TF_KIND_OTHER, TF_STATE_ACCEPTED},
        {FEATURE(""), {.kind = TF_KIND_GROUND}, TF_KIND_GROUND, TF_STATE_ACCEPTED},
        {FEATURE(""), {.as_sites = true}, TF_KIND_SITE, TF_STATE_ACTIVATED},
        {FEATURE(""), {.as_zones = true}, TF_KIND_ZONE, TF_STATE_ACTIVATED},
        {FEATURE("\"class\":\"site\""), {.as_zones = true}, TF_KIND_SITE, TF_STATE_ACTIVATED},
        {FEATURE("\"kind\":\"zone\""), {0}, TF_KIND_ZONE, TF_STATE_ACTIVATED},
        {FEATURE("\"class\":\"zone\",\"kind\":\"crewed\""), {0}, TF_KIND_ZONE, TF_STATE_ACTIVATED},
        {FEATURE("\"class\":\"operation\",\"kind\":\"site\""),
         {.kind = TF_KIND_GROUND},
         TF_KIND_GROUND,
         TF_STATE_ACCEPTED},
        {FEATURE("\"class\":\"C\",\"kind\":\"sea\""), {0}, TF_KIND_SEA, TF_STATE_ACCEPTED},
        {FEATURE("\"kind\":\"sea\",\"state\":\"draft\""), {0}, TF_KIND_SEA, TF_STATE_DRAFT},
        {FEATURE("\"type\":\"a-f-A-M-H\",\"stale\":\"2026-01-01T00:00:00Z\""),
         {0},
         TF_KIND_ROTORCRAFT,
         TF_STATE_ACCEPTED},
        {FEATURE("\"type\":\"a-f-S-X\",\"stale\":\"2026-01-01T00:00:00Z\""),
         {0},
         TF_KIND_SEA,
         TF_STATE_ACCEPTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reading r = read_good(cases[i].text, &cases[i].options);
        assert_int_equal(r.picture.entities[0].kind, cases[i].kind);
        assert_int_equal(r.picture.entities[0].state, cases[i].state);
        reading_release(&r);
    }
    struct reading r = read_good(FEATURE("\"kind\":\"uncrwed\""), NULL);
    assert_true(notes_say(&r.notes, "uncrwed"));
    reading_release(&r);
    r = read_good(FEATURE("\"class\":\"zone\",\"kind\":\"crewed\""), NULL);
    assert_true(notes_say(&r.notes, "crewed does not fit the class zone"));
    reading_release(&r);
}

static void test_geojson_refusals(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        enum tf_status code;
        const char *field;
    } cases[] = {
        {COLLECTION(FEATURE(
             "") ",{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":"
                 "[[[1,2],[1,3],[2,\"x\"],[1,2]]]}}"),
         TF_SYNTAX, "features[1].geometry.coordinates[0][2][1]"},
        {"{\"type\":\"Point\",\"coordinates\":[50,100]}", TF_RANGE, "coordinates"},
        {"{\"type\":\"Point\",\"coordinates\":[50]}", TF_MISSING, "coordinates[1]"},
        {"{\"type\":\"Point\"}", TF_MISSING, "coordinates"},
        {"{\"type\":\"LineString\",\"coordinates\":[]}", TF_RING, "coordinates"},
        {"{\"type\":\"Polygon\",\"coordinates\":[]}", TF_RING, "coordinates"},
        {"{\"type\":\"Polygon\",\"coordinates\":[[],[]]}", TF_RING, "coordinates[0][0]"},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}", TF_RING,
         "coordinates[0][0]"},
        {FEATURE("\"altitude_lower\":\"high\""), TF_SYNTAX, "properties.altitude_lower"},
        {FEATURE("\"altitude_lower\":200,\"altitude_upper\":100"), TF_ALTITUDE,
         "properties.altitude_upper"},
        {FEATURE("\"altitude_lower\":2,\"altitude_reference\":\"QFE\""), TF_SYNTAX,
         "properties.altitude_reference"},
        {FEATURE("\"start\":\"tomorrow\""), TF_TIME, "properties.start"},
        {FEATURE("\"start\":\"2026-02-30T00:00:00Z\""), TF_TIME, "properties.start"},
        {FEATURE("\"start\":\"2026-02-03T00:00:00Z\",\"end\":\"2026-02-02T00:00:00Z\""), TF_TIME,
         "properties.end"},
        {FEATURE("\"end\":\"9999-02-29T00:00:00Z\""), TF_TIME, "properties.end"},
        {FEATURE("\"start\":\"9999-12-31T00:00:00Z\""), TF_TIME, "properties.end"},
        {FEATURE("\"priority\":1.5"), TF_RANGE, "properties.priority"},
        {FEATURE("\"radius_m\":-1"), TF_RANGE, "properties.radius_m"},
        {"{\"type\":\"FeatureCollection\"}", TF_MISSING, "features"},
        {"{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":"
         "\"urn:ogc:def:crs:EPSG::4230\"}},\"features\":[]}",
         TF_UNSUPPORTED, "crs.properties.name"}, /* ED50: off by 150 m */
        {"{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"link\"},\"features\":[]}",
         TF_UNSUPPORTED, "crs.properties.name"},
        {"{\"type\":\"FeatureCollection\",\"type\":\"Feature\"}", TF_SYNTAX, ""},
    };
    struct tf_read_options options = {.format = TF_FORMAT_GEOJSON};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i].text, &options, cases[i].code, cases[i].field);
}

static void test_geojson_swapped(void **unused)
{
    (void)unused;
    struct reading r = read_text("{\"type\":\"Point\",\"coordinates\":[50,100]}", NULL);
    assert_true(notes_say(&r.notes, "are the two swapped?"));
    reading_release(&r);
}

#define TRACK(times, coordinates, more)                                                            \
    "{\"type\":\"Feature\",\"properties\":{\"times\":[" times "]" more                             \
    "},\"geometry\":{\"type\":\"LineString\",\"coordinates\":[" coordinates "]}}"
#define T0 "\"2026-11-24T10:00:00Z\""
#define T1 "\"2026-11-24T10:05:00Z\""

static void test_geojson_trajectory(void **unused)
{
    (void)unused;
    struct reading r = read_good(TRACK(T0 "," T1, "[10,50,300],[10.1,50,400]",
                                       ",\"z_reference\":\"AMSL\",\"z_unit\":\"FT\","
                                       "\"accuracy_h_m\":[10,20]"),
                                 NULL);
    const struct tf_entity *e = &r.picture.entities[0];
    assert_int_equal(e->waypoint_count, 2);
    assert_true(e->volume_count >= 5); /* 60 s each */
    assert_int_equal(e->waypoints[1].alt.unit, TF_ALT_UNIT_FT);
    assert_true(e->waypoints[1].accuracy_h_m == 20 && e->waypoints[1].accuracy_v_m == 30);
    reading_release(&r);
    assert_refused(TRACK(T0, "[10,50,300],[10.1,50,400]", ""), NULL, TF_SYNTAX, "properties.times");
    assert_refused(TRACK(T0 "," T1, "[10,50],[10.1,50,400]", ""), NULL, TF_MISSING,
                   "geometry.coordinates[0]");
    r = read_text(TRACK(T1 "," T0, "[10,50,300],[10.1,50,400]", ""), NULL);
    assert_int_equal(r.rc, TF_TIME);
    reading_release(&r);
    r = read_good(TRACK(T0 "," T1, "[10,50],[10.1,50]", ",\"kind\":\"ground\""), NULL);
    assert_int_equal(r.picture.entities[0].waypoints[0].alt.ref, TF_ALT_AGL);
    reading_release(&r);
    /* 200 years of a few bytes must not become a hundred million volumes */
    r = read_good(
        TRACK("\"1900-01-01T00:00:00Z\",\"2100-01-01T00:00:00Z\"", "[10,50,1],[10.1,50,1]", ""),
        NULL);
    assert_true(r.picture.entities[0].volume_count <= 5000);
    reading_release(&r);
}

/* --- ED-269, ED-318 --------------------------------------------------------------- */

#define ZONE269(rule, periods, limits)                                                             \
    "{\"identifier\":\"Z1\",\"restriction\":\"" rule "\",\"message\":\"<p>No &amp; never</p>\","   \
    "\"applicability\":" periods ",\"geometry\":[{\"horizontalProjection\":{\"type\":\"Circle\","  \
    "\"center\":[7,46],\"radius\":100}," limits "}]}"
#define LIMITS "\"uomDimensions\":\"M\",\"lowerLimit\":\"0\",\"lowerVerticalReference\":\"AGL\""
#define ALWAYS "{\"permanent\":\"YES\"}"

static void test_ed269_wrappers(void **unused)
{
    (void)unused;
    static const char *const texts[] = {
        "{\"features\":[" ZONE269("PROHIBITED", ALWAYS, LIMITS) "]}",
        "{\"UASZoneList\":[" ZONE269("PROHIBITED", ALWAYS, LIMITS) "]}",
        "{\"uas_zones\":[" ZONE269("PROHIBITED", "[" ALWAYS "]", LIMITS) "]}",
        "[" ZONE269("PROHIBITED", ALWAYS, LIMITS) "]",
        ZONE269("PROHIBITED", ALWAYS, LIMITS),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct reading r = read_good(texts[i], NULL);
        const struct tf_entity *e = &r.picture.entities[0];
        assert_int_equal(r.picture.count, 1);
        assert_string_equal(e->note, "No & never");
        assert_true(e->volumes[0].alt.lower.value == 0);
        assert_true(isinf(e->volumes[0].alt.upper.value));
        assert_int_equal(r.notes.count, 0);
        reading_release(&r);
    }
}

static void test_ed269_rules(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        enum tf_restriction restriction;
    } cases[] = {
        {ZONE269("PROHIBITED", ALWAYS, LIMITS), TF_RESTRICTION_PROHIBITED},
        {ZONE269("REQ_AUTHORISATION", ALWAYS, LIMITS), TF_RESTRICTION_RESTRICTED},
        {ZONE269("REQ_AUTHORIZATION", ALWAYS, LIMITS), TF_RESTRICTION_RESTRICTED},
        {ZONE269("CONDITIONAL", ALWAYS, LIMITS), TF_RESTRICTION_CONDITIONAL},
        {ZONE269("NO_RESTRICTION", ALWAYS, LIMITS), TF_RESTRICTION_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reading r = read_good(cases[i].text, NULL);
        assert_int_equal(r.picture.entities[0].restriction, cases[i].restriction);
        reading_release(&r);
    }
    assert_refused(ZONE269("MAYBE", ALWAYS, LIMITS), NULL, TF_SYNTAX, "restriction");
    assert_refused(ZONE269("PROHIBITED", ALWAYS,
                           "\"lowerLimit\":50,\"lowerVerticalReference\":\"AGL\","
                           "\"upperLimit\":40,\"upperVerticalReference\":\"AGL\""),
                   NULL, TF_ALTITUDE, "geometry[0].upperLimit");
    assert_refused(ZONE269("PROHIBITED", ALWAYS, "\"lowerLimit\":5"), NULL, TF_MISSING,
                   "geometry[0].lowerVerticalReference");
    assert_refused(
        ZONE269("PROHIBITED", ALWAYS, "\"lowerLimit\":\"five\",\"lowerVerticalReference\":\"AGL\""),
        NULL, TF_SYNTAX, "geometry[0].lowerLimit");
}

#define PERIOD(schedule)                                                                           \
    "{\"permanent\":\"NO\",\"startDateTime\":\"2026-11-23T00:00:00Z\","                            \
    "\"endDateTime\":\"2026-11-30T00:00:00Z\"," schedule "}"

static void test_schedules(void **unused)
{
    (void)unused;
    static const struct {
        const char *period;
        size_t volumes;
        bool warned;
        int64_t hours; /* of the first volume */
    } cases[] = {
        /* Monday 2026-11-23 to Sunday */
        {PERIOD("\"schedule\":[{\"day\":[\"SAT\",\"SUN\"],\"startTime\":\"10:00:00Z\","
                "\"endTime\":\"12:00:00Z\"}]"),
         2, false, 2},
        {PERIOD("\"dailyPeriod\":{\"day\":\"MON\",\"startTime\":\"12:00Z\",\"endTime\":\"18:00\"}"),
         1, false, 6},
        {PERIOD("\"schedule\":[{\"day\":[\"ANY\"],\"startTime\":\"22:00:00Z\","
                "\"endTime\":\"04:00:00Z\"}]"),
         8, false, 4}, /* over midnight, cut at both ends */
        {PERIOD("\"schedule\":[{\"day\":[],\"startTime\":null,\"endTime\":null}]"), 1, false, 168},
        {PERIOD("\"schedule\":[{\"day\":[\"TUE\"],\"startTime\":\"23:00:00+02:00\","
                "\"endTime\":\"23:59:59+02:00\"}]"),
         1, false, 1},
        {PERIOD("\"schedule\":[{\"day\":[\"WED\"],\"startEvent\":\"SR\",\"endEvent\":\"SS\"}]"), 1,
         true, 52}, /* any place on Earth */
        {"{\"permanent\":\"YES\",\"schedule\":[{\"day\":[\"MON\"],\"startTime\":\"12:00:00Z\","
         "\"endTime\":\"18:00:00Z\"}]}",
         1, true, 0},
        {"{\"permanent\":\"NO\",\"startDateTime\":\"0001-01-01T00:00:00Z\","
         "\"endDateTime\":\"9999-12-31T23:59:59Z\"}",
         1, false, 0}, /* the ends of a program's calendar */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "{\"identifier\":\"Z1\",\"restriction\":\"PROHIBITED\",\"applicability\":%s,"
                 "\"geometry\":[{\"horizontalProjection\":{\"type\":\"Circle\",\"center\":[7,46],"
                 "\"radius\":100}}]}",
                 cases[i].period);
        struct reading r = read_good(text, NULL);
        const struct tf_entity *e = &r.picture.entities[0];
        if (e->volume_count != cases[i].volumes)
            print_message("case %zu\n", i);
        assert_int_equal(e->volume_count, cases[i].volumes);
        assert_int_equal(notes_say(&r.notes, "cannot be followed exactly"), cases[i].warned);
        if (cases[i].hours)
            assert_int_equal((e->volumes[0].end_ns - e->volumes[0].start_ns) / TF_HOUR_NS,
                             cases[i].hours);
        else
            assert_true(e->volumes[0].end_ns == TF_TIME_MAX);
        reading_release(&r);
    }
}

static void test_ed318_layers(void **unused)
{
    (void)unused;
    struct reading r = read_good(
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{"
        "\"identifier\":\"A\",\"type\":\"USPACE\",\"variant\":\"COMMON\",\"zoneAuthority\":[]},"
        "\"geometry\":{\"type\":\"GeometryCollection\",\"layer\":{\"upper\":400,"
        "\"upperReference\":\"AMSL\",\"uom\":\"ft\"},\"geometries\":[{\"type\":\"Point\","
        "\"coordinates\":[2,50],\"extent\":{\"subType\":\"Circle\",\"radius\":99}},"
        "{\"type\":\"MultiPolygon\",\"coordinates\":[" SQUARE "],\"layer\":{\"upper\":99999,"
        "\"upperReference\":\"AGL\",\"lower\":5,\"lowerReference\":\"WGS84\"}}]}}]}",
        NULL);
    const struct tf_entity *e = &r.picture.entities[0];
    assert_int_equal(e->volume_count, 2);
    assert_int_equal(e->restriction, TF_RESTRICTION_CONDITIONAL);
    assert_int_equal(e->volumes[0].alt.upper.unit, TF_ALT_UNIT_FT); /* from the collection */
    assert_true(isinf(e->volumes[1].alt.upper.value));
    assert_int_equal(e->volumes[1].alt.lower.ref, TF_ALT_W84);
    assert_int_equal(tf_shape_edges(e->volumes[1].shape), TF_EDGES_LONLAT);
    assert_true(e->volumes[0].start_ns == TF_TIME_MIN);
    assert_int_equal(r.notes.count, 0);
    reading_release(&r);
}

/* --- F3548 -------------------------------------------------------------------------- */

#define ALTITUDE(value) "{\"value\":" value ",\"reference\":\"W84\",\"units\":\"M\"}"
#define CIRCLE                                                                                     \
    "\"outline_circle\":{\"center\":{\"lat\":1,\"lng\":2},\"radius\":{\"value\":5,\"units\":"      \
    "\"M\"}}"
#define VOLUME                                                                                     \
    "{\"volume\":{" CIRCLE                                                                         \
    ",\"altitude_lower\":" ALTITUDE("1") ",\"altitude_upper\":" ALTITUDE("2") "}}"

static void test_f3548_forms(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        size_t entities, volumes;
        enum tf_kind kind;
        enum tf_state state;
    } cases[] = {
        {"{\"extents\":[" VOLUME "," VOLUME "],\"state\":\"Activated\"}", 1, 2, TF_KIND_OTHER,
         TF_STATE_ACTIVATED},
        {"{\"operational_intent\":{\"reference\":{\"id\":\"x\",\"manager\":\"m\",\"state\":"
         "\"Nonconforming\"},\"details\":{\"volumes\":[" VOLUME "],\"off_nominal_volumes\":[" VOLUME
         "],\"priority\":3}}}",
         1, 2, TF_KIND_OTHER, TF_STATE_NONCONFORMING},
        {"{\"constraint\":{\"reference\":{\"id\":\"x\"},\"details\":{\"volumes\":[" VOLUME
         "],\"type\":\"com.example\"}}}",
         1, 1, TF_KIND_ZONE, TF_STATE_ACTIVATED},
        {"[{\"extents\":[" VOLUME "]},{\"basic_information\":{\"usage_state\":\"InUse\","
         "\"uas_state\":\"Nominal\",\"area\":[" VOLUME "]}}]",
         2, 1, TF_KIND_OTHER, TF_STATE_ACCEPTED},
        {"{\"flight_plan\":{\"basic_information\":{\"usage_state\":\"Planned\",\"uas_state\":"
         "\"Contingent\",\"area\":[" VOLUME "]}}}",
         1, 1, TF_KIND_UNCREWED, TF_STATE_CONTINGENT},
        {VOLUME, 1, 1, TF_KIND_OTHER, TF_STATE_ACCEPTED},
        {"{\"area_of_interest\":" VOLUME "}", 1, 1, TF_KIND_OTHER, TF_STATE_DRAFT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reading r = read_good(cases[i].text, NULL);
        assert_int_equal(r.picture.count, cases[i].entities);
        assert_int_equal(r.picture.entities[0].volume_count, cases[i].volumes);
        assert_int_equal(r.picture.entities[0].kind, cases[i].kind);
        assert_int_equal(r.picture.entities[0].state, cases[i].state);
        reading_release(&r);
    }
}

static void test_f3548_refusals(void **unused)
{
    (void)unused;
    struct tf_read_options options = {.format = TF_FORMAT_F3548};
    static const struct {
        const char *text;
        enum tf_status code;
        const char *field;
    } cases[] = {
        {"{\"extents\":[{\"volume\":{" CIRCLE ",\"altitude_lower\":" ALTITUDE("-9000") "}}]}",
         TF_ALTITUDE, "extents[0].volume.altitude_lower.value"},
        {"{\"extents\":[{\"volume\":{" CIRCLE
         ",\"altitude_lower\":" ALTITUDE("9") ",\"altitude_upper\":" ALTITUDE("8") "}}]}",
         TF_ALTITUDE, "extents[0].volume.altitude_upper"},
        {"{\"extents\":[{\"volume\":{}}]}", TF_MISSING, "extents[0].volume"},
        {"{\"extents\":[]}", TF_MISSING, ""},
        {"{\"extents\":[" VOLUME "],\"state\":\"Flying\"}", TF_SYNTAX, "state"},
        {"{\"reference\":{\"id\":\"x\"}}", TF_MISSING, ""},
        {"{\"volumes\":[" VOLUME "],\"priority\":1.5}", TF_RANGE, "priority"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i].text, &options, cases[i].code, cases[i].field);
}

/* --- tracks --------------------------------------------------------------------------- */

#define STATE(ms, lat, more)                                                                       \
    "{\"timestamp\":" ms ",\"icao24\":\"abc123\",\"callsign\":\"ONE \",\"latitude\":" lat          \
    ",\"longitude\":1,\"altitude\":1000" more "}"

static void test_opensky(void **unused)
{
    (void)unused;
    struct reading r = read_good(
        "[" STATE("1600000020000", "50.01", "") "," STATE("1600000000000", "50", "") "," STATE(
            "1600000020000", "50.011", "") "," STATE("1600000030000", "null",
                                                     "") "," STATE("1600000040000", "50.02",
                                                                   ",\"onground\":true") ","
        /* after eleven minutes of silence: another track */
        STATE("1600000680000", "50.1", "") "," STATE("1600000690000", "50.101", "") ","
        /* a jump of a degree in ten seconds */
        STATE("1600000700000", "51.1", "") "]",
        NULL);
    assert_int_equal(r.picture.count, 2);
    assert_string_equal(r.picture.entities[0].id, "abc123-ONE-1");
    assert_string_equal(r.picture.entities[1].id, "abc123-ONE-2");
    assert_int_equal(r.picture.entities[0].waypoint_count, 2);
    assert_true(r.picture.entities[0].waypoints[0].at.lat_deg == 50);
    assert_int_equal(r.picture.entities[0].kind, TF_KIND_CREWED);
    assert_true(notes_say(&r.notes, "1 reports have no position"));
    assert_true(notes_say(&r.notes, "1 reports on the ground"));
    assert_true(notes_say(&r.notes, "1 reports stand alone"));
    reading_release(&r);
    assert_refused("[" STATE("\"x\"", "50", "") "]", NULL, TF_TIME, "[0].timestamp");
    assert_refused("[" STATE("1600000000000", "95", "") "]", NULL, TF_RANGE, "[0].latitude");
}

static void test_readsb(void **unused)
{
    (void)unused;
    struct reading r =
        read_good("{\"icao\":\"abc123\",\"timestamp\":1600000000.5,\"trace\":["
                  "[0,50,1,1000,null,null,0,0,null],"
                  "[10,50.01,1,1000,null,null,0,0,{\"flight\":\"TWO  \",\"category\":\"A7\"}],"
                  "[20,50.02,1,\"ground\",null,null,0,0,null],"
                  "[30,50.03,1,1000,null,null,0,0,null],[40,50.04,1,1100,null,null,0,0,null],"
                  "[50,50.05,1,1100,null,null,2,0,null],[60,50.06,1,null,null,null,0,0,null],"
                  "[70,50.07,1,1100,null,null,0,0,null]]}",
                  NULL);
    assert_int_equal(r.picture.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(r.picture.entities[i].name, "TWO");
        assert_int_equal(r.picture.entities[i].kind, TF_KIND_ROTORCRAFT);
        assert_int_equal(r.picture.entities[i].waypoint_count, 2);
    }
    reading_release(&r);
    assert_refused("{\"icao\":\"abc123\",\"timestamp\":1,\"trace\":[[0,50]]}", NULL, TF_MISSING,
                   "trace[0][2]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_geojson_words),
        cmocka_unit_test(test_geojson_altitudes),
        cmocka_unit_test(test_geojson_assumptions),
        cmocka_unit_test(test_geojson_shapes),
        cmocka_unit_test(test_geojson_class),
        cmocka_unit_test(test_geojson_refusals),
        cmocka_unit_test(test_geojson_swapped),
        cmocka_unit_test(test_geojson_trajectory),
        cmocka_unit_test(test_ed269_wrappers),
        cmocka_unit_test(test_ed269_rules),
        cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_ed318_layers),
        cmocka_unit_test(test_f3548_forms),
        cmocka_unit_test(test_f3548_refusals),
        cmocka_unit_test(test_opensky),
        cmocka_unit_test(test_readsb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
