/*
 * test_core.c - what reading promises whatever the format: detection, nothing
 * half applied, good features kept, notes, checks of what people meant.
 */
#include "allocfail.h"
#include "reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <cmocka.h>

#define POINT(id, lng, lat)                                                                        \
    "{\"type\":\"Feature\",\"id\":\"" id "\",\"properties\":{\"radius_m\":100,\"start\":\"open\"," \
    "\"end\":\"open\",\"altitude_lower\":0,\"altitude_upper\":100},\"geometry\":{\"type\":"        \
    "\"Point\",\"coordinates\":[" lng "," lat "]}}"
#define COLLECTION(features) "{\"type\":\"FeatureCollection\",\"features\":[" features "]}"

static void test_detection(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        enum tf_format format;
    } cases[] = {
        {"", TF_FORMAT_AUTO},
        {"hello", TF_FORMAT_AUTO},
        {"{}", TF_FORMAT_AUTO},
        {"[]", TF_FORMAT_AUTO},
        {"{\"type\":\"FeatureCollection\",\"features\":[]}", TF_FORMAT_GEOJSON},
        {"\xEF\xBB\xBF \n{\"type\":\"Feature\"}", TF_FORMAT_GEOJSON},
        {"{\"type\":\"Point\",\"coordinates\":[1,2]}", TF_FORMAT_GEOJSON},
        {"{\"type\":\"FeatureCollection\",\"features\":[{\"geometry\":{\"layer\":{}},"
         "\"properties\":{\"zoneAuthority\":[]}}]}",
         TF_FORMAT_ED318},
        {"{\"UASZoneList\":[]}", TF_FORMAT_ED269},
        {"{\"title\":\"Tafadi\",\"features\":[\n]}\n",
         TF_FORMAT_ED269}, /* what writing nothing gives */
        {"{\"operational_intents\":[\n],\n\"constraints\":[\n]}\n", TF_FORMAT_F3548},
        {"{\"features\":[{\"geometry\":[{\"horizontalProjection\":{}}]}]}", TF_FORMAT_ED269},
        {"{\"extents\":[{\"volume\":{\"outline_polygon\":", TF_FORMAT_F3548},
        {"[{\"timestamp\":1,\"icao24\":\"a\",\"latitude\":1,\"longitude\":2}]", TF_FORMAT_OPENSKY},
        {"{\"icao\":\"a\",\"timestamp\":1,\"trace\":[", TF_FORMAT_READSB},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i].text);
        if (tf_format_detect(cases[i].text, len, NULL) != cases[i].format)
            print_message("%s\n", cases[i].text);
        assert_int_equal(tf_format_detect(cases[i].text, len, NULL), cases[i].format);
    }
}

/* What people save from other programs is named, not just refused. */
static void test_encodings(void **unused)
{
    (void)unused;
    static const struct {
        const char *bytes;
        size_t len;
        enum tf_status rc;
        const char *said; /* "": nothing */
    } cases[] = {
        {"", 0, TF_SYNTAX, "The file is empty."},
        {" \r\n\t", 4, TF_SYNTAX, "The file is empty."},
        {"\xFF\xFEi\0d\0,\0", 8, TF_SYNTAX, "UTF-16"},
        {"name,lat,lon\nA,36,37\n\xE3\xCF,36,38\n", 30, TF_OK, "not UTF-8"},
        {"name,lat,lon\n\xD9\x85,36,37\n", 22, TF_OK, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reading r = read_bytes(cases[i].bytes, cases[i].len, NULL);
        assert_int_equal(r.rc, cases[i].rc);
        assert_true(notes_say(&r.notes, cases[i].said));
        assert_true(*cases[i].said || !notes_say(&r.notes, "UTF-8"));
        reading_release(&r);
    }
}

static void test_words(void **unused)
{
    (void)unused;
    for (int f = 1; f < TF_FORMAT_COUNT; f++) {
        enum tf_format back;
        assert_int_equal(tf_format_from_word(tf_format_word((enum tf_format)f), &back), TF_OK);
        assert_int_equal(back, f);
    }
    enum tf_format kept = TF_FORMAT_CSV;
    assert_int_equal(tf_format_from_word("shapefile", &kept), TF_NOT_FOUND);
    assert_int_equal(kept, TF_FORMAT_CSV);
    assert_true(tf_format_can_read(TF_FORMAT_OPENSKY));
    assert_false(tf_format_can_write(TF_FORMAT_OPENSKY));
    struct tf_buf buf = TF_BUF_INIT(100);
    struct tf_picture empty = {0};
    struct tf_notes notes = {0};
    assert_int_equal(tf_format_write(TF_FORMAT_OPENSKY, &empty, &buf, &notes), TF_UNSUPPORTED);
    assert_int_equal(notes.count, 1);
    tf_notes_release(&notes);
}

static const char three_with_a_bad_one[] =
    COLLECTION(POINT("a", "1", "2") "," POINT("b", "1", "200") "," POINT("c", "3", "4"));

static void test_all_or_nothing(void **unused)
{
    (void)unused;
    struct reading r = read_good(COLLECTION(POINT("before", "1", "1")), NULL);
    enum tf_status rc = tf_format_read(three_with_a_bad_one, strlen(three_with_a_bad_one), NULL,
                                       &r.picture, &r.notes);
    assert_int_equal(rc, TF_RANGE);
    assert_int_equal(r.picture.count, 1);
    assert_string_equal(r.picture.entities[0].id, "before");
    const struct tf_note *last = &r.notes.items[r.notes.count - 1];
    assert_int_equal(last->severity, TF_NOTE_ERROR);
    assert_int_equal(last->fault.at, 1);
    assert_string_equal(last->fault.field, "features[1].geometry.coordinates");
    reading_release(&r);
}

static void test_keep_going(void **unused)
{
    (void)unused;
    struct tf_read_options options = {.keep_going = true, .file_name = "dir/plan.geojson"};
    struct reading r = read_good(three_with_a_bad_one, &options);
    assert_int_equal(r.picture.count, 2);
    assert_string_equal(r.picture.entities[1].id, "c");
    assert_string_equal(r.picture.entities[1].source, "dir/plan.geojson, feature 3");
    assert_int_equal(count_notes(&r.notes, TF_NOTE_ERROR), 1);
    assert_int_equal(r.notes.items[0].fault.at, 1);
    assert_string_equal(r.notes.items[0].file, "dir/plan.geojson");
    reading_release(&r);
    options.format = TF_FORMAT_GEOJSON;
    r = read_text("{\"type\":\"FeatureCollection\",\"features\":[", &options);
    assert_int_equal(r.rc, TF_SYNTAX); /* a broken file is refused all the same */
    reading_release(&r);
}

static void test_syntax_line(void **unused)
{
    (void)unused;
    struct tf_read_options options = {.format = TF_FORMAT_GEOJSON};
    struct reading r = read_text("{\n\"type\":\n\n oops}", &options);
    assert_int_equal(r.rc, TF_SYNTAX);
    assert_int_equal(r.notes.items[0].line, 4);
    reading_release(&r);
    char deep[400] = "";
    memset(deep, '[', 200);
    r = read_text(deep, &options);
    assert_int_equal(r.rc, TF_LIMIT);
    reading_release(&r);
    r = read_text("just text", NULL);
    assert_int_equal(r.rc, TF_SYNTAX);
    assert_true(notes_say(&r.notes, "say which it is"));
    reading_release(&r);
}

static void test_limits(void **unused)
{
    (void)unused;
    struct tf_read_options options = {.max_entities = 1, .keep_going = true};
    struct reading r =
        read_text(COLLECTION(POINT("a", "1", "2") "," POINT("b", "3", "4")), &options);
    assert_int_equal(r.rc, TF_LIMIT);
    assert_int_equal(r.picture.count, 0);
    reading_release(&r);
}

static void test_note_maximum(void **unused)
{
    (void)unused;
    struct tf_picture picture = {0};
    struct tf_notes notes = {.max = 2};
    struct tf_read_options options = {.keep_going = true};
    const char *text = COLLECTION("1,2,3,4," POINT("a", "1", "2"));
    assert_int_equal(tf_format_read(text, strlen(text), &options, &picture, &notes), TF_OK);
    assert_int_equal(picture.count, 1);
    assert_int_equal(notes.count, 2);
    assert_int_equal(notes.dropped, 2);
    options.keep_going = false; /* the reason is kept beyond the maximum */
    assert_int_equal(tf_format_read(text, strlen(text), &options, &picture, &notes), TF_SYNTAX);
    assert_int_equal(notes.count, 3);
    tf_notes_release(&notes);
    tf_picture_release(&picture);
}

static void test_defaults(void **unused)
{
    (void)unused;
    struct tf_read_options options = {.file_name = "/data/convoys.geojson", .party = "Red"};
    struct reading r = read_good("{\"type\":\"Point\",\"coordinates\":[1,2]}", &options);
    assert_string_equal(r.picture.entities[0].id, "convoys-1");
    assert_string_equal(r.picture.entities[0].party, "Red");
    reading_release(&r);
}

static void test_duplicates(void **unused)
{
    (void)unused;
    struct reading r = read_good(
        COLLECTION(POINT("a", "1", "2") "," POINT("a", "3", "4") "," POINT("b", "1", "2")), NULL);
    assert_int_equal(r.notes.count, 2);
    assert_true(notes_say(&r.notes, "The id a was given before, in -, feature 1"));
    assert_true(notes_say(&r.notes, "b has the same place, height and time as a"));
    assert_int_equal(r.notes.items[0].fault.at, 1);
    assert_int_equal(r.notes.items[1].fault.at, 2);
    const char *again = COLLECTION(POINT("c", "3", "4"));
    assert_int_equal(tf_format_read(again, strlen(again), NULL, &r.picture, &r.notes), TF_OK);
    assert_int_equal(r.notes.count, 3);
    assert_true(notes_say(&r.notes, "c has the same place, height and time as a"));
    reading_release(&r);
}

static void test_expected_area(void **unused)
{
    (void)unused;
    struct tf_shape *area;
    assert_int_equal(tf_shape_rectangle(30, 40, 38, 50, &area, NULL), TF_OK);
    struct tf_read_options options = {.expected_area = area};
    struct reading r = read_good(COLLECTION(POINT("in", "45", "33") "," POINT(
                                     "swapped", "33", "45") "," POINT("far", "10", "10")),
                                 &options);
    assert_int_equal(r.notes.count, 2);
    assert_int_equal(r.notes.items[0].fault.at, 1);
    assert_true(notes_say(&r.notes, "if latitude and longitude are swapped"));
    assert_true(notes_say(&r.notes, "far lies outside of the expected area (at 10.00000"));
    reading_release(&r);
    tf_shape_unref(area);
}

/* --- no memory --------------------------------------------------------------------- */

struct attempt {
    enum tf_format read, write;
    const char *text;
};

/* Reads and writes; with a failed allocation nothing may have changed. */
static enum tf_status read_and_write(void *ctx)
{
    const struct attempt *a = ctx;
    struct tf_picture picture = {0};
    struct tf_notes notes = {0};
    struct tf_buf buf = TF_BUF_INIT(1 << 20);
    struct tf_read_options options = {.format = a->read};
    enum tf_status rc = tf_format_read(a->text, strlen(a->text), &options, &picture, &notes);
    if (rc)
        assert_int_equal(picture.count, 0);
    else if (a->write)
        rc = tf_format_write(a->write, &picture, &buf, &notes);
    tf_buf_release(&buf);
    tf_notes_release(&notes);
    tf_picture_release(&picture);
    return rc;
}

static void test_no_memory(void **unused)
{
    (void)unused;
    static const struct attempt attempts[] = {
        {TF_FORMAT_GEOJSON, TF_FORMAT_GEOJSON,
         COLLECTION(POINT(
             "a", "1",
             "2") ",{\"type\":\"Feature\",\"properties\":{\"times\":["
                  "\"2026-11-24T10:00:00Z\",\"2026-11-24T10:01:00Z\"]},\"geometry\":{\"type\":"
                  "\"LineString\",\"coordinates\":[[10,50,300],[10.1,50,400]]}}")},
        {TF_FORMAT_ED269, TF_FORMAT_ED318,
         "{\"features\":[{\"identifier\":\"Z1\",\"restriction\":\"PROHIBITED\",\"name\":\"N\","
         "\"reason\":[\"NOISE\"],\"applicability\":{\"startDateTime\":\"2026-11-23T00:00:00Z\","
         "\"endDateTime\":\"2026-11-26T00:00:00Z\",\"schedule\":[{\"day\":[\"ANY\"],"
         "\"startTime\":\"10:00:00Z\",\"endTime\":\"12:00:00Z\"}]},\"geometry\":[{"
         "\"horizontalProjection\":{\"type\":\"Polygon\",\"coordinates\":[[[7,46],[7.1,46],"
         "[7,46.1]]]}}]}]}"},
        {TF_FORMAT_F3548, TF_FORMAT_F3548,
         "{\"extents\":[{\"volume\":{\"outline_polygon\":{\"vertices\":[{\"lat\":1,\"lng\":1},"
         "{\"lat\":1,\"lng\":1.1},{\"lat\":1.1,\"lng\":1}]}}}],\"state\":\"Accepted\"}"},
        {TF_FORMAT_OPENSKY, TF_FORMAT_AUTO,
         "[{\"timestamp\":1600000000000,\"icao24\":\"a\",\"latitude\":1,\"longitude\":2,"
         "\"altitude\":5},{\"timestamp\":1600000010000,\"icao24\":\"a\",\"latitude\":1.01,"
         "\"longitude\":2,\"altitude\":5}]"},
    };
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        assert_true(allocfail_each(read_and_write, (void *)&attempts[i], 3000) > 8);
    /* The parser's allocations too: it may call that a syntax error. */
    json_set_alloc_funcs(malloc, free);
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        bool hit = true;
        for (size_t n = 1; hit && n < 3000; n++) {
            allocfail_at(n);
            enum tf_status rc = read_and_write((void *)&attempts[i]);
            hit = allocfail_hit();
            assert_true(hit == (rc != TF_OK));
        }
        allocfail_at(0);
        assert_false(hit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detection),     cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_words),         cmocka_unit_test(test_all_or_nothing),
        cmocka_unit_test(test_keep_going),    cmocka_unit_test(test_syntax_line),
        cmocka_unit_test(test_limits),        cmocka_unit_test(test_note_maximum),
        cmocka_unit_test(test_defaults),      cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_expected_area), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
