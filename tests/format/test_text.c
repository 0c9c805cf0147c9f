/*
 * test_text.c - KML, GPX, OpenAir, ACO and CSV: their traps, one by one.
 */
#include "format/format.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <zip.h>

#define HOUR(h) (INT64_C(1469664000) * TF_SECOND_NS + (h)*TF_HOUR_NS) /* from 2016-07-28 */

struct outcome {
    enum tf_status rc;
    struct tf_picture picture;
    struct tf_notes notes;
};

static struct outcome read_with(const char *text, const struct tf_read_options *options)
{
    struct outcome o = {0};
    o.rc = tf_format_read(text, strlen(text), options, &o.picture, &o.notes);
    return o;
}

static struct outcome read_as(enum tf_format format, bool keep_going, const char *text)
{
    struct tf_read_options options = {.format = format, .keep_going = keep_going};
    return read_with(text, &options);
}

static void release(struct outcome *o)
{
    tf_picture_release(&o->picture);
    tf_notes_release(&o->notes);
}

static const struct tf_note *first_error(const struct outcome *o)
{
    for (size_t i = 0; i < o->notes.count; i++)
        if (o->notes.items[i].severity == TF_NOTE_ERROR)
            return &o->notes.items[i];
    return NULL;
}

static bool warned(const struct outcome *o, const char *part)
{
    for (size_t i = 0; i < o->notes.count; i++)
        if (o->notes.items[i].severity == TF_NOTE_WARNING &&
            strstr(o->notes.items[i].fault.message, part))
            return true;
    return false;
}

/* The same with the sentences filled in. */
static bool says(const struct outcome *o, const char *part)
{
    char text[1024];
    for (size_t i = 0; i < o->notes.count; i++) {
        tf_fault_text(&o->notes.items[i].fault, o->notes.items[i].fault.message, text, sizeof text);
        if (strstr(text, part))
            return true;
    }
    return false;
}

/* Each text must be refused at its line, for the field. */
struct refusal {
    const char *text, *field;
    size_t line;
    enum tf_status code;
};

static void refuses(enum tf_format format, const struct refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct outcome o = read_as(format, false, cases[i].text);
        const struct tf_note *note = first_error(&o);
        if (o.rc != cases[i].code || o.picture.count != 0 || !note || note->line != cases[i].line ||
            strcmp(note->fault.field, cases[i].field) != 0)
            fail_msg("%s case %zu: rc %d, line %zu, field \"%s\", %s", tf_format_word(format), i,
                     (int)o.rc, note ? note->line : 0, note ? note->fault.field : "",
                     note ? note->fault.message : "no note");
        release(&o);
    }
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct tf_volume4 *volume(const struct outcome *o, size_t entity, size_t index)
{
    assert_int_equal(o->rc, TF_OK);
    assert_true(entity < o->picture.count);
    assert_true(index < o->picture.entities[entity].volume_count);
    return &o->picture.entities[entity].volumes[index];
}

static bool alt_is(struct tf_alt a, double value, enum tf_alt_unit unit, enum tf_alt_ref ref)
{
    return a.value == value && a.unit == unit && a.ref == ref;
}

/* --- OpenAir ------------------------------------------------------------------------- */

#define SQUARE "DP 54:00:00 N 010:00:00 E\nDP 54:00:00 N 011:00:00 E\nDP 55:00:00 N 010:30:00 E\n"

static void openair_altitudes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
        enum tf_alt_unit unit;
        enum tf_alt_ref ref;
    } cases[] = {
        {"FL 180", 180, TF_ALT_UNIT_FL, TF_ALT_STD},
        {"FL090", 90, TF_ALT_UNIT_FL, TF_ALT_STD},
        {"fl95", 95, TF_ALT_UNIT_FL, TF_ALT_STD},
        {"2500ft AMSL", 2500, TF_ALT_UNIT_FT, TF_ALT_AMSL},
        {"2500 MSL", 2500, TF_ALT_UNIT_FT, TF_ALT_AMSL},
        {"2500", 2500, TF_ALT_UNIT_FT, TF_ALT_AMSL},
        {"1000 FT AGL", 1000, TF_ALT_UNIT_FT, TF_ALT_AGL},
        {"1000F ASFC", 1000, TF_ALT_UNIT_FT, TF_ALT_AGL},
        {"3000m AMSL", 3000, TF_ALT_UNIT_M, TF_ALT_AMSL},
        {"3000M MSL", 3000, TF_ALT_UNIT_M, TF_ALT_AMSL},
        {"1607.611551ft AMSL", 1607.611551, TF_ALT_UNIT_FT, TF_ALT_AMSL},
        {"UNL", INFINITY, TF_ALT_UNIT_M, TF_ALT_AMSL},
        {"UNLIM", INFINITY, TF_ALT_UNIT_M, TF_ALT_AMSL},
        {"Unlimited", INFINITY, TF_ALT_UNIT_M, TF_ALT_AMSL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[400];
        snprintf(text, sizeof text, "AC R\nAN X\nAL SFC\nAH %s\n" SQUARE, cases[i].text);
        struct outcome o = read_as(TF_FORMAT_OPENAIR, false, text);
        const struct tf_volume4 *v = volume(&o, 0, 0);
        assert_true(alt_is(v->alt.lower, 0, TF_ALT_UNIT_M, TF_ALT_AGL));
        if (!alt_is(v->alt.upper, cases[i].value, cases[i].unit, cases[i].ref))
            fail_msg("%s", cases[i].text);
        release(&o);
    }
}

static void openair_restrictions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tf_restriction restriction;
    } cases[] = {
        {"AC P\n", TF_RESTRICTION_PROHIBITED},
        {"AC R\n", TF_RESTRICTION_RESTRICTED},
        {"AC Q\n", TF_RESTRICTION_RESTRICTED},
        {"AC D\n", TF_RESTRICTION_CONDITIONAL},
        {"AC G\n", TF_RESTRICTION_INFORMATION},
        {"AC UNC\nAY TRA\n", TF_RESTRICTION_RESTRICTED},
        {"AC D\nAY TMA\n", TF_RESTRICTION_CONDITIONAL},
        {"AC ??\n", TF_RESTRICTION_RESTRICTED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[400];
        snprintf(text, sizeof text, "%sAN X\nAL GND\nAH FL100\n" SQUARE, cases[i].text);
        struct outcome o = read_as(TF_FORMAT_OPENAIR, false, text);
        volume(&o, 0, 0);
        assert_int_equal(o.picture.entities[0].kind, TF_KIND_ZONE);
        assert_int_equal(o.picture.entities[0].restriction, cases[i].restriction);
        release(&o);
    }
}

/* A disc drawn by arcs: contains what the true one contains, and no more than the stated error. */
static void openair_arcs_are_never_smaller(void **state)
{
    (void)state;
    static const char *const discs[] = {
        "V X=50:00:00 N 010:00:00 E\nDA 10,0,180\nDA 10,180,360\n",
        "V D=-\nV X=50:00:00 N 010:00:00 E\nDA 10,360,180\nDA 10,180,0\n",
    };
    struct tf_latlng centre = {50, 10};
    for (size_t i = 0; i < COUNT(discs); i++) {
        char text[400];
        snprintf(text, sizeof text, "AC R\nAN X\nAL GND\nAH FL100\n%s", discs[i]);
        struct outcome o = read_as(TF_FORMAT_OPENAIR, false, text);
        const struct tf_shape *shape = volume(&o, 0, 0)->shape;
        for (double azimuth = 0.5; azimuth < 360; azimuth += 7) {
            assert_true(tf_shape_contains_point(
                shape, tf_geodesic_direct(centre, azimuth, 18520 - 0.05, NULL)));
            assert_false(tf_shape_contains_point(
                shape, tf_geodesic_direct(centre, azimuth, 18520 + 1.2, NULL)));
        }
        release(&o);
    }
}

/* A bite out of a square: the arc is cut inside of the bite, so that the area grows. */
static void openair_concave_arcs_are_never_smaller(void **state)
{
    (void)state;
    struct outcome o = read_as(TF_FORMAT_OPENAIR, false,
                               "AC R\nAN X\nAL GND\nAH FL100\nDP 49:00:00 N 009:00:00 E\n"
                               "DP 50:00:00 N 009:00:00 E\nV D=-\nV X=50:00:00 N 010:00:00 E\n"
                               "DA 10,270,90\nDP 50:00:00 N 011:00:00 E\n"
                               "DP 49:00:00 N 011:00:00 E\n");
    const struct tf_shape *shape = volume(&o, 0, 0)->shape;
    struct tf_latlng centre = {50, 10};
    for (double azimuth = 95; azimuth < 266; azimuth += 7) {
        assert_true(tf_shape_contains_point(
            shape, tf_geodesic_direct(centre, azimuth, 18520 + 0.05, NULL)));
        assert_false(
            tf_shape_contains_point(shape, tf_geodesic_direct(centre, azimuth, 18520 - 1.2, NULL)));
    }
    release(&o);
}

static void openair_shapes(void **state)
{
    (void)state;
    struct outcome o = read_as(
        TF_FORMAT_OPENAIR, false,
        "* a comment\r\nAC R * more\r\nAN Circle*comment\r\nAI one\r\nAL GND\r\nAH FL100\r\n"
        "V X=53:24:25 N 010:25:10 E\r\nDC 1.10\r\n"
        "AC P\r\nAN Airway\r\nAL FL90\r\nAH FL140\r\nV W=2.5\r\nDY 44:17:00 N 004:59:00 E\r\n"
        "DY 44:19:30 N 005:05:00 E\r\nAA 2025-01-01T12:00Z/NONE\r\n");
    assert_int_equal(o.picture.count, 2);
    assert_string_equal(o.picture.entities[0].name, "Circle");
    assert_string_equal(o.picture.entities[0].id, "one");
    assert_true(fabs(tf_shape_radius_m(volume(&o, 0, 0)->shape) - 2037.2) < 1e-6);
    assert_int_equal(tf_shape_kind(volume(&o, 1, 0)->shape), TF_SHAPE_CORRIDOR);
    assert_true(fabs(tf_shape_radius_m(volume(&o, 1, 0)->shape) - 2315) < 1e-6);
    assert_true(volume(&o, 1, 0)->end_ns == TF_TIME_MAX);
    assert_true(volume(&o, 1, 0)->start_ns == INT64_C(1735732800) * TF_SECOND_NS);
    release(&o);
}

static void openair_refusals(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"AC R\nAL FL\n" SQUARE, "AL", 2, TF_ALTITUDE},
        {"AC R\nAH FL1x\n" SQUARE, "AH", 2, TF_ALTITUDE},
        {"AC R\nAL GND\nAL GND\n" SQUARE, "AL", 3, TF_ALTITUDE},
        {"AC R\nDB 54:00:00 N 010:00:00 E,54:00:00 N 011:00:00 E\n", "DB", 2, TF_MISSING},
        {"AC R\nV X=54:00:00 N 010:00:00 E\nDA 1,2\n", "DA", 3, TF_SYNTAX},
        {"AC R\nV X=54:00:00 N 010:00:00 E\nDC -1\n", "DC", 3, TF_RANGE},
        {"AC R\nV D=?\n", "V D", 2, TF_SYNTAX},
        {"AC R\nDP 95:00:00 N 010:00:00 E\n", "DP", 2, TF_RANGE},
        {"\n\nAC R\nAN nothing\n", "", 3, TF_MISSING},
        {"AC R\n" SQUARE "AA NONE/NONE\n", "AA", 5, TF_TIME},
    };
    refuses(TF_FORMAT_OPENAIR, cases, COUNT(cases));
}

static void openair_goes_on_after_a_bad_airspace(void **state)
{
    (void)state;
    struct outcome o =
        read_as(TF_FORMAT_OPENAIR, true,
                "AC R\nAN a\nAL GND\nAH FL9\n" SQUARE "AC R\nAN b\nAH FL\nAL GND\n" SQUARE
                "AC R\nAN c\nAL GND\nAH FL9\n" SQUARE);
    assert_int_equal(o.rc, TF_OK);
    assert_int_equal(o.picture.count, 2);
    assert_string_equal(o.picture.entities[1].name, "c");
    assert_int_equal(first_error(&o)->line, 10);
    assert_int_equal(first_error(&o)->fault.at, 1);
    release(&o);
}

/* --- ACO ------------------------------------------------------------------------------ */

#define ACO_HEAD "MSGID/ACO/X/14//\nGEODATUM/W84//\nPERIOD/280001ZJUL2016/282359ZJUL2016//\n"
#define ACO_RING "POLYGON/LATS:380000N1210000W/LATS:380000N1200000W/\nLATS:385960N1203000W//\n"

static void aco_measure(void **state)
{
    (void)state;
    struct outcome o = read_as(TF_FORMAT_ACO, false,
                               ACO_HEAD "ACMID/ACM:ROZ/NAME:ONE/POLYGON/USE:NFA//\n" ACO_RING
                                        "EFFLEVEL/BRRA:GL-050AMSL//\n"
                                        "APERIOD/DISCRETE/280100ZJUL/280200ZJUL//\n"
                                        "APERIOD/DISCRETE/280300ZJUL/UFN//\n");
    const struct tf_volume4 *v = volume(&o, 0, 1);
    assert_int_equal(o.picture.entities[0].volume_count, 2);
    assert_string_equal(o.picture.entities[0].category, "ROZ/NFA");
    assert_string_equal(o.picture.entities[0].id, "ONE");
    assert_true(volume(&o, 0, 0)->start_ns == HOUR(1) && volume(&o, 0, 0)->end_ns == HOUR(2));
    assert_true(v->start_ns == HOUR(3) && v->end_ns == TF_TIME_MAX);
    assert_true(alt_is(v->alt.lower, 0, TF_ALT_UNIT_M, TF_ALT_AGL));
    assert_true(alt_is(v->alt.upper, 5000, TF_ALT_UNIT_FT, TF_ALT_AMSL));
    struct tf_ring ring = tf_shape_ring(v->shape, 0);
    assert_int_equal(ring.count, 3);
    assert_true(ring.vertices[2].lat_deg == 39); /* 38 59 60 */
    release(&o);
}

static void aco_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        enum tf_shape_kind kind;
        double radius_m;
    } cases[] = {
        {"CIRCLE/LATS:372145N1151140W/5.55KM//", TF_SHAPE_CIRCLE, 5550},
        {"CIRCLE/LATS:372145N1151140W/10NM//", TF_SHAPE_CIRCLE, 18520},
        {"CIRCLE/LATM:3721N11511W/300FT//", TF_SHAPE_CIRCLE, 91.44},
        {"CORRIDOR/5.5KM/LATS:343125N1193525W/LATS:343746N1180536W//", TF_SHAPE_CORRIDOR, 2750},
        {"GEOLINE/10KM/LATS:343125N1193525W/LATS:343746N1180536W//", TF_SHAPE_CORRIDOR, 5000},
        {"GEOLINE/LATS:343125N1193525W/LATS:343746N1180536W//", TF_SHAPE_CORRIDOR, 50},
        {"APOINT/LATS:343125N1193525W//", TF_SHAPE_CIRCLE, 500},
        {"AORBIT/LATS:343125N1193525W/LATS:343746N1180536W/20KM/C//", TF_SHAPE_CORRIDOR, 10000},
        {"AORBIT/LATS:343125N1193525W/LATS:343746N1180536W/20KM/L//", TF_SHAPE_CORRIDOR, 20000},
        {"RADARC/LATS:343125N1193525W/170T/050T/150KM/350KM//", TF_SHAPE_POLYGON, 0},
        {"RADARC/LATS:343125N1193525W/010T/050T/-/350KM//", TF_SHAPE_POLYGON, 0},
        {"POLYARC/LATS:340000N1200000W/000T/090T/50KM/LATS:340000N1200000W//", TF_SHAPE_POLYGON, 0},
        {"POLYGON//\nLATS:380000N1210000W/LATS:380000N1200000W/LATS:390000N1203000W//",
         TF_SHAPE_POLYGON, 0},
        {"POLYGON/LATS:380000N1210000WLATS:380000N1200000W/LATS:390000N1203000W//",
         TF_SHAPE_POLYGON, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[600];
        snprintf(text, sizeof text,
                 ACO_HEAD "ACMID/ACM:ROZ/NAME:A/X/USE:NFA//\n%s\nEFFLEVEL/FLFL:FL000-FL100//\n",
                 cases[i].set);
        struct outcome o = read_as(TF_FORMAT_ACO, false, text);
        if (o.rc)
            fail_msg("%s: %s", cases[i].set, first_error(&o)->fault.message);
        const struct tf_shape *shape = volume(&o, 0, 0)->shape;
        assert_int_equal(tf_shape_kind(shape), cases[i].kind);
        if (fabs(tf_shape_radius_m(shape) - cases[i].radius_m) > 1e-6)
            fail_msg("%s: radius %g", cases[i].set, tf_shape_radius_m(shape));
        release(&o);
    }
}

static void aco_times(void **state)
{
    (void)state;
    static const struct {
        const char *period;
        size_t count;
        int64_t start_ns, end_ns; /* of the first */
    } cases[] = {
        {"DISCRETE/280100ZJUL2016/280200ZJUL2016", 1, HOUR(1), HOUR(2)},
        {"DISCRETE/280100ZJUL16/280200ZJUL16", 1, HOUR(1), HOUR(2)},
        {"DISCRETE/280100JUL/282400JUL", 1, HOUR(1), HOUR(24)},
        {"DISCRETE/010000ZJAN/020000ZJAN", 1, HOUR(24 * 157), HOUR(24 * 158)},
        {"DISCRETE/-/UFN", 1, TF_TIME_MIN, TF_TIME_MAX},
        {"DISCRETE/280100ZJUL/INDEF", 1, HOUR(1), TF_TIME_MAX},
        {"INTERVAL/280100ZJUL/280200ZJUL/DAILY/7DAY", 7, HOUR(1), HOUR(2)},
        {"INTERVAL/280100ZJUL/280200ZJUL/WEEKLY/4WK", 4, HOUR(1), HOUR(2)},
        {"INTERVAL/280100ZJUL/280200ZJUL/WEEKDAYS/7DAY", 5, HOUR(1), HOUR(2)},
        {"INTERVAL/280100ZJUL/280200ZJUL/DAILY/UFN", 1, HOUR(1), TF_TIME_MAX},
        {"INTERVAL/280100ZJUL/280200ZJUL/MONTHLY BY DATE/60DAY", 1, HOUR(1), HOUR(1 + 60 * 24)},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[600];
        snprintf(text, sizeof text,
                 ACO_HEAD "ACMID/ACM:ROZ/NAME:A/X/USE:NFA//\n" ACO_RING
                          "EFFLEVEL/FLFL:FL000-FL100//\nAPERIOD/%s//\n",
                 cases[i].period);
        struct outcome o = read_as(TF_FORMAT_ACO, false, text);
        if (o.rc)
            fail_msg("%s: %s", cases[i].period, first_error(&o)->fault.message);
        const struct tf_volume4 *v = volume(&o, 0, 0);
        if (o.picture.entities[0].volume_count != cases[i].count ||
            v->start_ns != cases[i].start_ns || v->end_ns != cases[i].end_ns)
            fail_msg("%s: %zu volumes, from %lld", cases[i].period,
                     o.picture.entities[0].volume_count, (long long)v->start_ns);
        release(&o);
    }
}

static void aco_refusals(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {ACO_HEAD "ACMID/ACM:ROZ/NAME:A//\nEFFLEVEL/FLFL:FL1-FL2//\n", "ACMID", 4, TF_MISSING},
        {ACO_HEAD "ACMID/ACM:ROZ/NAME:A//\n" ACO_RING "EFFLEVEL/FLFL:1-2//\n", "EFFLEVEL", 7,
         TF_ALTITUDE},
        {ACO_HEAD "ACMID/ACM:ROZ/NAME:A//\n" ACO_RING "APERIOD/DISCRETE/310000ZFEB/UFN//\n",
         "APERIOD", 7, TF_TIME},
        {"ACMID/ACM:ROZ/NAME:A//\n" ACO_RING "APERIOD/DISCRETE/280000ZJUL/UFN//\n", "APERIOD", 4,
         TF_MISSING},
        {ACO_HEAD "ACMID/ACM:ROZ/NAME:A//\nGEODATUM/ED50//\n" ACO_RING, "GEODATUM", 4,
         TF_UNSUPPORTED},
        {ACO_HEAD "ACMID/ACM:ROZ/NAME:A//\nCIRCLE/LATS:372145N1151140W/5.55//\n", "CIRCLE", 5,
         TF_SYNTAX},
        {ACO_HEAD "ACMID/ACM:ROZ/NAME:A//\nTRACK/X//\n", "TRACK", 5, TF_UNSUPPORTED},
        {ACO_HEAD "ACMID/ACM:ROZ/NAME:A//\nCORRIDOR/5KM/ALPHA/BRAVO//\n", "CORRIDOR", 5, TF_SYNTAX},
        {"PERIOD/280001ZJUL/UFN//\n", "PERIOD", 1, TF_MISSING},
    };
    refuses(TF_FORMAT_ACO, cases, COUNT(cases));
}

static void a_ring_that_returns_is_cut(void **state)
{
    (void)state;
    struct outcome o = read_as(
        TF_FORMAT_ACO, false,
        ACO_HEAD "ACMID/ACM:ROZ/NAME:EIGHT//\nPOLYGON/LATS:380000N1210000W/LATS:390000N1220000W/"
                 "LATS:390000N1200000W/LATS:380000N1210000W/LATS:370000N1200000W/"
                 "LATS:370000N1220000W//\nEFFLEVEL/FLFL:FL0-FL9//\n");
    assert_int_equal(o.rc, TF_OK);
    assert_int_equal(o.picture.entities[0].volume_count, 2);
    assert_true(warned(&o, "passes through a point twice"));
    release(&o);
}

/* --- KML ------------------------------------------------------------------------------- */

#define KML(body)                                                                                  \
    "<?xml version=\"1.0\"?><kml xmlns=\"http://www.opengis.net/kml/2.2\">" body "</kml>"

static void kml_heights(void **state)
{
    (void)state;
    static const struct {
        const char *geometry;
        struct tf_alt lower, upper;
    } cases[] = {
        {"<Polygon><altitudeMode>absolute</altitudeMode><outerBoundaryIs><LinearRing><coordinates>"
         "10,50,90 11,50,100 10,51,95 10,50,90</coordinates></LinearRing></outerBoundaryIs>"
         "</Polygon>",
         {0, TF_ALT_UNIT_M, TF_ALT_AGL},
         {100, TF_ALT_UNIT_M, TF_ALT_AMSL}},
        {"<Polygon><extrude>1</extrude><altitudeMode>relativeToGround</altitudeMode>"
         "<outerBoundaryIs><LinearRing><coordinates>10,50,90 11,50,90 10,51,90</coordinates>"
         "</LinearRing></outerBoundaryIs></Polygon>",
         {0, TF_ALT_UNIT_M, TF_ALT_AGL},
         {90, TF_ALT_UNIT_M, TF_ALT_AGL}},
        {"<LineString><altitudeMode>absolute</altitudeMode><coordinates>10,50,1000\n11,50,1200"
         "</coordinates></LineString>",
         {970, TF_ALT_UNIT_M, TF_ALT_AMSL},
         {1230, TF_ALT_UNIT_M, TF_ALT_AMSL}},
        {"<LineString><coordinates>10,50,1000 11,50,1200</coordinates></LineString>",
         {-INFINITY, TF_ALT_UNIT_M, TF_ALT_AMSL},
         {INFINITY, TF_ALT_UNIT_M, TF_ALT_AMSL}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[1000];
        snprintf(text, sizeof text, KML("<Placemark>%s</Placemark>"), cases[i].geometry);
        struct outcome o = read_as(TF_FORMAT_KML, false, text);
        const struct tf_volume4 *v = volume(&o, 0, 0);
        struct tf_alt low = cases[i].lower, high = cases[i].upper;
        if (!alt_is(v->alt.lower, low.value, low.unit, low.ref) ||
            !alt_is(v->alt.upper, high.value, high.unit, high.ref))
            fail_msg("case %zu: %g .. %g", i, v->alt.lower.value, v->alt.upper.value);
        release(&o);
    }
}

static void kml_structure(void **state)
{
    (void)state;
    struct outcome o = read_as(
        TF_FORMAT_KML, false,
        "<k:kml xmlns:k=\"http://www.opengis.net/kml/2.2\" xmlns:gx=\"g\"><k:Folder><k:Folder>"
        "<k:TimeSpan><k:begin>2026-11</k:begin><k:end>2026-12-01</k:end></k:TimeSpan>"
        "<k:Placemark id=\"p1\"><k:name>Multi</k:name><k:LookAt><k:longitude>1</k:longitude>"
        "</k:LookAt><k:MultiGeometry><k:Point><k:coordinates> 10 , 50 </k:coordinates></k:Point>"
        "<k:MultiGeometry><k:Polygon><k:outerBoundaryIs><k:LinearRing><k:coordinates>\n10,50 "
        "11,50\n"
        "11,51 10,51 10,50 </k:coordinates></k:LinearRing></k:outerBoundaryIs><k:innerBoundaryIs>"
        "<k:LinearRing><k:coordinates>10.2,50.2 10.4,50.2 10.3,50.4</k:coordinates></k:LinearRing>"
        "</k:innerBoundaryIs></k:Polygon></k:MultiGeometry></k:MultiGeometry></k:Placemark>"
        "</k:Folder><k:Placemark><gx:Track><k:altitudeMode>absolute</k:altitudeMode>"
        "<k:when>2026-11-24T08:00:00Z</k:when><k:when>2026-11-24T08:00:30Z</k:when>"
        "<gx:coord>10 50 1000</gx:coord><gx:coord>10.01 50 1100</gx:coord></gx:Track>"
        "</k:Placemark><k:Placemark><k:name>a label</k:name></k:Placemark></k:Folder></k:kml>");
    assert_int_equal(o.rc, TF_OK);
    assert_int_equal(o.picture.count, 2);
    assert_string_equal(o.picture.entities[0].id, "p1");
    assert_int_equal(o.picture.entities[0].volume_count, 2);
    assert_int_equal(tf_shape_ring_count(volume(&o, 0, 1)->shape), 2);
    char start[TF_TIME_TEXT_SIZE], end[TF_TIME_TEXT_SIZE];
    tf_time_format(volume(&o, 0, 0)->start_ns, start);
    tf_time_format(volume(&o, 0, 0)->end_ns, end);
    assert_string_equal(start, "2026-11-01T00:00:00Z");
    assert_string_equal(end, "2026-12-02T00:00:00Z");
    assert_int_equal(o.picture.entities[1].waypoint_count, 2);
    release(&o);
}

#define TRACK(minute, lng)                                                                         \
    "<gx:Track><altitudeMode>absolute</altitudeMode><when>2026-11-24T08:" minute ":00Z</when>"     \
    "<when>2026-11-24T08:" minute ":30Z</when><gx:coord>" lng " 50 1000</gx:coord><gx:coord>" lng  \
    "1 50 1100</gx:coord></gx:Track>"
#define MULTI(interpolate)                                                                         \
    "<kml xmlns:gx=\"g\"><Placemark><gx:MultiTrack>" interpolate TRACK("00", "10.0")               \
        TRACK("20", "10.5") "</gx:MultiTrack></Placemark></kml>"

/* Where is it between two tracks? Nowhere that is known, unless the file says so. */
static void kml_several_tracks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t waypoints;
        bool between;
    } cases[] = {{MULTI(""), 0, false},
                 {MULTI("<gx:interpolate>0</gx:interpolate>"), 0, false},
                 {MULTI("<gx:interpolate>1</gx:interpolate>"), 4, true}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome o = read_as(TF_FORMAT_KML, false, cases[i].text);
        assert_int_equal(o.rc, TF_OK);
        const struct tf_entity *e = &o.picture.entities[0];
        assert_int_equal(e->waypoint_count, cases[i].waypoints);
        bool at[4] = {false}; /* in the first, between, in the second; elsewhere */
        int64_t eight;
        assert_int_equal(tf_time_parse("2026-11-24T08:00:00Z", 20, &eight), TF_OK);
        for (size_t k = 0; k < e->volume_count; k++) {
            const struct tf_volume4 *v = &e->volumes[k];
            static const struct {
                int64_t after_s;
                double lng_deg;
            } looks[] = {{15, 10.005}, {615, 10.255}, {1215, 10.505}, {1300, 10.505}};
            for (int n = 0; n < 4; n++) {
                int64_t t_ns = eight + looks[n].after_s * TF_SECOND_NS;
                at[n] |=
                    t_ns >= v->start_ns && t_ns < v->end_ns &&
                    tf_shape_contains_point(v->shape, (struct tf_latlng){50, looks[n].lng_deg});
            }
        }
        assert_true(at[0] && at[2] && !at[3]);
        assert_int_equal(at[1], cases[i].between);
        release(&o);
    }
    struct outcome o =
        read_as(TF_FORMAT_KML, false,
                "<kml xmlns:gx=\"g\"><Placemark><MultiGeometry><Point><coordinates>9,50"
                "</coordinates></Point>" TRACK("00", "10.0") "</MultiGeometry></Placemark></kml>");
    assert_int_equal(o.rc, TF_OK);
    assert_true(o.picture.entities[0].volume_count > 1);
    release(&o);
}

static void kml_refusals(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"<!DOCTYPE kml [<!ENTITY a \"b\">]><kml/>", "", 1, TF_UNSUPPORTED},
        {"<kml><Placemark>\n</kml>", "", 2, TF_SYNTAX},
        {KML("\n<Placemark><Point><coordinates>1;2</coordinates></Point></Placemark>"),
         "coordinates", 2, TF_SYNTAX},
        {KML("\n<Placemark><Point><coordinates>10,95</coordinates></Point></Placemark>"),
         "coordinates", 2, TF_RANGE},
        {KML("\n<Placemark><Point><coordinates>nan,5</coordinates></Point></Placemark>"),
         "coordinates", 2, TF_SYNTAX},
        {KML("<Placemark><Point><coordinates></coordinates></Point></Placemark>"), "coordinates", 1,
         TF_MISSING},
        {KML("<Placemark><TimeSpan><begin>soon</begin></TimeSpan><Point><coordinates>1,2"
             "</coordinates></Point></Placemark>"),
         "begin", 1, TF_TIME},
        {KML("<Placemark><ExtendedData><Data name=\"kind\"><value>tank</value></Data>"
             "</ExtendedData><Point><coordinates>1,2</coordinates></Point></Placemark>"),
         "kind", 1, TF_SYNTAX},
    };
    refuses(TF_FORMAT_KML, cases, COUNT(cases));
}

static void xml_depth_is_limited(void **state)
{
    (void)state;
    char *text = malloc(400 * 3 + 100), *p = text;
    assert_non_null(text);
    for (int i = 0; i < 400; i++, p += 3)
        memcpy(p, "<a>", 4);
    struct outcome o = read_as(TF_FORMAT_KML, false, text);
    assert_int_equal(o.rc, TF_LIMIT);
    release(&o);
    free(text);
}

/* --- KMZ ------------------------------------------------------------------------------- */

/* An archive with one stored entry of `name`, whose content is `text`. */
static size_t make_zip(const char *name, const char *text, char *out, size_t size)
{
    zip_error_t error;
    zip_stat_t stat;
    zip_error_init(&error);
    zip_source_t *archive_bytes = zip_source_buffer_create(NULL, 0, 0, &error);
    assert_non_null(archive_bytes);
    zip_source_keep(archive_bytes);
    zip_t *archive = zip_open_from_source(archive_bytes, ZIP_TRUNCATE, &error);
    assert_non_null(archive);
    zip_source_t *content = zip_source_buffer(archive, text, strlen(text), 0);
    assert_true(zip_file_add(archive, name, content, 0) >= 0);
    assert_int_equal(zip_close(archive), 0);
    assert_int_equal(zip_source_open(archive_bytes), 0);
    assert_int_equal(zip_source_stat(archive_bytes, &stat), 0);
    assert_true(stat.size <= size);
    assert_true(zip_source_read(archive_bytes, out, stat.size) == (zip_int64_t)stat.size);
    zip_source_close(archive_bytes);
    zip_source_free(archive_bytes);
    zip_error_fini(&error);
    return stat.size;
}

static enum tf_status read_zip(const char *bytes, size_t len, size_t *count)
{
    struct tf_picture picture = {0};
    struct tf_notes notes = {0};
    struct tf_read_options options = {.format = TF_FORMAT_KMZ};
    enum tf_status rc = tf_format_read(bytes, len, &options, &picture, &notes);
    *count = picture.count;
    tf_picture_release(&picture);
    tf_notes_release(&notes);
    return rc;
}

static void kmz_archives(void **state)
{
    (void)state;
    static const char kml[] =
        KML("<Placemark><Point><coordinates>10,50</coordinates></Point></Placemark>");
    char bytes[4096];
    size_t count, len = make_zip("folder/plan.kml", kml, bytes, sizeof bytes);
    assert_int_equal(tf_format_detect(bytes, len, NULL), TF_FORMAT_KMZ);
    assert_int_equal(read_zip(bytes, len, &count), TF_OK);
    assert_int_equal(count, 1);
    for (size_t cut = 0; cut < len; cut += 7) /* never a crash, never half of it */
        assert_true(read_zip(bytes, cut, &count) != TF_OK && count == 0);
    len = make_zip("readme.txt", kml, bytes, sizeof bytes);
    assert_int_equal(read_zip(bytes, len, &count), TF_MISSING);
    len = make_zip("doc.kml", "<kml><Placemark>", bytes, sizeof bytes);
    assert_int_equal(read_zip(bytes, len, &count), TF_SYNTAX);
}

/* 200 MB of blanks in some 200 kB: refused at the limit, and without 200 MB of memory. */
static void kmz_bombs(void **state)
{
    (void)state;
    size_t size = (size_t)200 << 20, room = (size_t)1 << 20, count;
    char *blanks = malloc(size + 1), *bytes = malloc(room);
    assert_non_null(blanks);
    assert_non_null(bytes);
    memset(blanks, ' ', size);
    blanks[size] = '\0';
    size_t len = make_zip("doc.kml", blanks, bytes, room);
    free(blanks);
    assert_int_equal(read_zip(bytes, len, &count), TF_TOO_LARGE);
    free(bytes);
}

/* --- GPX ------------------------------------------------------------------------------- */

static void gpx_lines(void **state)
{
    (void)state;
    struct outcome o = read_as(
        TF_FORMAT_GPX, true,
        "<gpx version=\"1.1\"><wpt lat=\"36.2\" lon=\"37.1\"><name>Depot</name></wpt>"
        "<rte><name>Plan</name><rtept lat=\"36\" lon=\"37\"/><rtept lat=\"36.1\" lon=\"37\"/></rte>"
        "<trk><name>Convoy</name><trkseg><trkpt lat=\"36\" lon=\"37\"><ele>400</ele>"
        "<time>2026-11-24T08:00:00Z</time></trkpt><trkpt lat=\"36.01\" lon=\"37\"><ele>410</ele>"
        "<time>2026-11-24T08:00:50Z</time></trkpt></trkseg>\n<trkseg><trkpt lat=\"99\" lon=\"37\"/>"
        "</trkseg></trk></gpx>");
    assert_int_equal(o.rc, TF_OK);
    assert_int_equal(o.picture.count, 3);
    assert_int_equal(tf_shape_kind(volume(&o, 0, 0)->shape), TF_SHAPE_CIRCLE);
    assert_int_equal(tf_shape_kind(volume(&o, 1, 0)->shape), TF_SHAPE_CORRIDOR);
    assert_string_equal(o.picture.entities[2].name, "Convoy");
    assert_int_equal(o.picture.entities[2].waypoint_count, 2);
    assert_non_null(first_error(&o));
    assert_int_equal(first_error(&o)->fault.code, TF_RANGE);
    release(&o);
}

/* What stands inside of what it cannot be in: refused, and what follows is read. */
static void gpx_nested(void **state)
{
    (void)state;
    static const char *const inner[] = {
        "<wpt lat=\"36.2\" lon=\"37.1\"><trk><trkseg><trkpt lat=\"36\" lon=\"37\"/></trkseg></trk>"
        "<ele>5</ele></wpt>",
        "<wpt lat=\"36.2\" lon=\"37.1\"><wpt lat=\"36.3\" lon=\"37.1\"/><ele>5</ele></wpt>",
        "<trk><trkseg><wpt lat=\"36.2\" lon=\"37.1\"/><trkpt lat=\"36\" "
        "lon=\"37\"/></trkseg></trk>",
        "<rte><rtept lat=\"36\" lon=\"37\"><rtept lat=\"36.1\" "
        "lon=\"37\"/><ele>5</ele></rtept></rte>",
        "<rte><rte><rtept lat=\"36\" lon=\"37\"/></rte><rtept lat=\"36.1\" lon=\"37\"/></rte>",
    };
    for (size_t i = 0; i < COUNT(inner); i++) {
        char text[600];
        snprintf(
            text, sizeof text,
            "<gpx version=\"1.1\">%s<wpt lat=\"36.5\" lon=\"37.5\"><name>Depot</name></wpt></gpx>",
            inner[i]);
        struct outcome o = read_as(TF_FORMAT_GPX, true, text);
        assert_int_equal(o.rc, TF_OK);
        assert_int_equal(o.picture.count, 1);
        assert_string_equal(o.picture.entities[0].name, "Depot");
        assert_non_null(first_error(&o));
        assert_int_equal(first_error(&o)->fault.code, TF_SYNTAX);
        release(&o);
    }
}

/* --- CSV ------------------------------------------------------------------------------- */

static void csv_columns(void **state)
{
    (void)state;
    static const char *const files[] = {
        "id,name,lat,lon,radius_m\nA,Clinic,36.5,37.25,400\n",
        "Name;Latitude;Longitude;Radius (km)\r\nClinic;36,5;37,25;0,4\r\n",
        ("\xEF\xBB\xBF"
         "name\tcoordinates\tradius\nClinic\t36.5 37.25\t400 m\n"),
        "Clinic,36.5,37.25,400\n",
        "name|MGRS|radius_m\nClinic|37SCA4327140832|400",
        "\"name\",\"lat\",\"lon\",\"radius_m\"\n\"Clinic\",\"36°30'00\"\"N\",\"037:15:00 E\",400\n",
        "الاسم,خط العرض,خط الطول,نصف القطر\nClinic,٣٦٫٥,٣٧٫٢٥,٤٠٠ م\n",
        "Название;Широта;Долгота;Радиус\nClinic;36,5;37,25;400 м\n",
        "Nom;Latitude;Longitude;Rayon\nClinic;36,5;37,25;400\n",
        "Nom;Latitude;Longitude;Rayon (km)\nClinic;36,500;37,250;0,400\n",
        ("\xEF\xBB\xBF"
         "sep=;\r\nName;Latitude;Longitude;Radius\r\nClinic;36,5;37,25;400\r\n"),
        "\"sep=,\"\nname,lat,lon,radius_m\nClinic,36.5,37.25,400\n",
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        struct outcome o = read_as(TF_FORMAT_AUTO, false, files[i]);
        if (o.rc)
            fail_msg("file %zu: %s", i, o.notes.count ? o.notes.items[0].fault.message : "?");
        const struct tf_shape *shape = volume(&o, 0, 0)->shape;
        struct tf_latlng at = tf_shape_ring(shape, 0).vertices[0];
        if (fabs(at.lat_deg - 36.5) > 1e-5 || fabs(at.lng_deg - 37.25) > 1e-5 ||
            fabs(tf_shape_radius_m(shape) - 400) > 1e-6)
            fail_msg("file %zu: %.7f %.7f %.3f", i, at.lat_deg, at.lng_deg,
                     tf_shape_radius_m(shape));
        assert_string_equal(o.picture.entities[0].name, "Clinic");
        assert_int_equal(o.picture.entities[0].kind, TF_KIND_SITE);
        release(&o);
    }
}

static void csv_good_rows_stand(void **state)
{
    (void)state;
    struct outcome o = read_as(TF_FORMAT_CSV, true,
                               "id,name,lat,lon,valid_from,valid_to,altitude_upper\n"
                               "1,\"two\nlines\",36,37,2026-11-24,2026-11-24,120m AGL\n"
                               "2,swapped,118,36,,,\n"
                               "\n"
                               "3,empty,,,,,\n"
                               "4,good,36,38,24.11.2026,,\n"
                               "5,date,36,38,01/02/2026,,\n"
                               "6,height,36,38,,,tall\n"
                               "7,backwards,36,38,2026-11-25,2026-11-23,\n");
    assert_int_equal(o.rc, TF_OK);
    assert_int_equal(o.picture.count, 2);
    assert_string_equal(o.picture.entities[0].name, "two\nlines");
    assert_true(volume(&o, 0, 0)->end_ns - volume(&o, 0, 0)->start_ns == TF_DAY_NS);
    static const struct {
        size_t line, at;
        const char *field;
    } errors[] = {{4, 1, "lat"},
                  {6, 2, "lat"},
                  {8, 4, "valid_from"},
                  {9, 5, "altitude_upper"},
                  {10, 6, NULL}};
    size_t found = 0;
    for (size_t i = 0; i < o.notes.count; i++) {
        const struct tf_note *n = &o.notes.items[i];
        if (n->severity != TF_NOTE_ERROR)
            continue;
        assert_true(found < COUNT(errors));
        assert_int_equal(n->line, errors[found].line);
        assert_int_equal(n->fault.at, errors[found].at);
        if (errors[found].field)
            assert_string_equal(n->fault.field, errors[found].field);
        found++;
    }
    assert_int_equal(found, COUNT(errors));
    release(&o);
}

static void csv_warnings(void **state)
{
    (void)state;
    struct outcome o = read_as(TF_FORMAT_CSV, false,
                               "id,coordinates,radius_m,colour\n1,0 0,10,red\n2,37SCA34,500,\n"
                               "3,18S 323478 4306483,10,\n4,36 37,1.000,\n");
    assert_int_equal(o.rc, TF_OK);
    assert_true(warned(&o, "Gulf of Guinea"));
    assert_true(warned(&o, "is coarse"));
    assert_true(warned(&o, "The letter S"));
    assert_true(warned(&o, "The column"));
    assert_true(warned(&o, "is less than 10 m"));
    assert_true(tf_shape_radius_m(volume(&o, 1, 0)->shape) > 7500);
    release(&o);
}

/* Sites whose digits leave room outside of their circle: one warning, with rows and distance. */
static void few_digits(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said; /* NULL: nothing */
    } cases[] = {
        {"id,lat,lon\n1,36.5,37.2\n", "seconds: 1 (row or number of the first: 2). The true place "
                                      "may be up to 7.1 km"},
        {"id,lat,lon\n1,36.51,37.26\n", "up to 0.7 km"},
        {"id,lat,lon\n1,36.500,37.200\n", NULL}, /* so it was written */
        {"id,lat,lon\n1,36.5,37.2412\n", NULL},  /* a zero was dropped */
        {"id,lat,lon,radius_m\n1,36.5,37.2,8000\n", NULL},
        {"id,lat,lon,radius_m\n1,36.51,37.26,800\n", NULL},
        {"id,coordinates\n1,3630N03715E\n", "up to 1.2 km"},
        {"id,coordinates\n1,363000N0371500E\n", NULL},
        {"id,coordinates\n1,36:30.1 N 037:15.2 E\n", NULL},
        {"id,coordinates\n1,\"36, 37\"\n", "up to 71.6 km"},
        {"id,lat,lon,kind\n1,36.5,37.2,uncrewed\n", NULL},
        {"id,lat,lon\n1,36.5,37.2\n2,36.51234,37.2\n3,36,37\n4,36.6,37.3\n5,36.7,37.4\n",
         "seconds: 4 (row or number of the first: 2, 4, 5). The true place may be up to 71.6 km"},
        {"{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"
         "{\"kind\":\"site\",\"id\":\"a\",\"radius_m\":500},\"geometry\":{\"type\":\"Point\","
         "\"coordinates\":[37.2,36.5]}}]}",
         "seconds: 1 (row or number of the first: 1). The true place may be up to 7.1 km"},
        {"{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"
         "{\"kind\":\"site\",\"id\":\"a\",\"radius_m\":500},\"geometry\":{\"type\":\"Point\","
         "\"coordinates\":[37.2,36.5012]}}]}",
         NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome o = read_as(TF_FORMAT_AUTO, false, cases[i].text);
        assert_int_equal(o.rc, TF_OK);
        if (warned(&o, "fewer than 3 decimals") != (cases[i].said != NULL) ||
            (cases[i].said && !says(&o, cases[i].said)))
            fail_msg("%s", cases[i].text);
        release(&o);
    }
}

/* Programs write the ends of their calendars for "no end". */
static void csv_ends_of_the_calendar(void **state)
{
    (void)state;
    struct outcome o = read_as(TF_FORMAT_CSV, false,
                               "id,lat,lon,valid_from,valid_to\n1,36,37,0001-01-01,31.12.9999\n"
                               "2,36,38,2026-11-24,9999-12-31T23:59:59Z\n");
    assert_int_equal(o.rc, TF_OK);
    assert_true(volume(&o, 0, 0)->start_ns == TF_TIME_MIN);
    assert_true(volume(&o, 0, 0)->end_ns == TF_TIME_MAX);
    assert_true(volume(&o, 1, 0)->start_ns > 0 && volume(&o, 1, 0)->end_ns == TF_TIME_MAX);
    release(&o);
    static const struct refusal cases[] = {
        {"id,lat,lon,valid_to\n1,36,37,9999-02-29\n", "valid_to", 2, TF_TIME},
        {"id,lat,lon,valid_to\n1,36,37,0001-01-01\n", "time_end", 2, TF_TIME},
    };
    refuses(TF_FORMAT_CSV, cases, COUNT(cases));
}

static void csv_refusals(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"", "", 0, TF_MISSING},
        {"name,place\nx,y\n", "", 1, TF_MISSING},
        {"id,lat,lon\n1,36,37\n2,\"36,37\n", "", 3, TF_SYNTAX},
        {"id,lat,lon,radius_m\n1,36,37,-5\n", "radius_m", 2, TF_RANGE},
        {"sep=,\nid,lat,lon,radius_m\n1,36,37,-5\n", "radius_m", 3, TF_RANGE},
        {"id,coordinates\n1,here\n", "coordinates", 2, TF_SYNTAX},
        /* a thousand to one, one to another */
        {"id,lat,lon,radius_m\n1,36,37,\"1,000\"\n", "radius_m", 2, TF_RANGE},
        {"id,lat,lon,radius_m\n1,36,37,\"12,500 km\"\n", "radius_m", 2, TF_RANGE},
        {"id,lat,lon,altitude_upper\n1,36,37,\"3,000ft\"\n", "altitude_upper", 2, TF_ALTITUDE},
        {"id;lat;lon;altitude_lower\n1;36;37;-1,000 m AMSL\n", "altitude_lower", 2, TF_ALTITUDE},
    };
    refuses(TF_FORMAT_CSV, cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openair_altitudes),
        cmocka_unit_test(openair_restrictions),
        cmocka_unit_test(openair_arcs_are_never_smaller),
        cmocka_unit_test(openair_concave_arcs_are_never_smaller),
        cmocka_unit_test(openair_shapes),
        cmocka_unit_test(openair_refusals),
        cmocka_unit_test(openair_goes_on_after_a_bad_airspace),
        cmocka_unit_test(aco_measure),
        cmocka_unit_test(aco_shapes),
        cmocka_unit_test(aco_times),
        cmocka_unit_test(aco_refusals),
        cmocka_unit_test(a_ring_that_returns_is_cut),
        cmocka_unit_test(kml_heights),
        cmocka_unit_test(kml_structure),
        cmocka_unit_test(kml_several_tracks),
        cmocka_unit_test(kml_refusals),
        cmocka_unit_test(xml_depth_is_limited),
        cmocka_unit_test(kmz_archives),
        cmocka_unit_test(kmz_bombs),
        cmocka_unit_test(gpx_lines),
        cmocka_unit_test(gpx_nested),
        cmocka_unit_test(csv_columns),
        cmocka_unit_test(csv_good_rows_stand),
        cmocka_unit_test(few_digits),
        cmocka_unit_test(csv_warnings),
        cmocka_unit_test(csv_ends_of_the_calendar),
        cmocka_unit_test(csv_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
