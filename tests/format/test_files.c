/*
 * test_files.c - every real file of kml/, openair/ and aco/ in TAFADI_DATA is read, or
 * refused for a stated reason.
 */
#include "format/format.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct loaded {
    enum tf_status rc;
    struct tf_picture picture;
    struct tf_notes notes;
};

static void load(const char *folder, const char *name, struct loaded *out)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/%s", getenv("TAFADI_DATA"), folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be opened", path);
    size_t size = 1 << 20;
    char *bytes = malloc(size);
    assert_non_null(bytes);
    size_t len = fread(bytes, 1, size, file);
    assert_true(len < size);
    fclose(file);
    struct tf_read_options options = {.keep_going = true, .file_name = name};
    *out = (struct loaded){0};
    out->rc = tf_format_read(bytes, len, &options, &out->picture, &out->notes);
    free(bytes);
}

static void unload(struct loaded *l)
{
    tf_picture_release(&l->picture);
    tf_notes_release(&l->notes);
}

static size_t volumes_of(const struct loaded *l)
{
    size_t count = 0;
    for (size_t i = 0; i < l->picture.count; i++)
        count += l->picture.entities[i].volume_count;
    return count;
}

/* The n-th refusal, from 0. */
static const struct tf_note *error_of(const struct loaded *l, size_t n)
{
    for (size_t i = 0; i < l->notes.count; i++)
        if (l->notes.items[i].severity == TF_NOTE_ERROR && n-- == 0)
            return &l->notes.items[i];
    return NULL;
}

struct expectation {
    const char *name;
    size_t entities, volumes;
    size_t line;        /* of the refusal, 0: none (or no line) */
    const char *reason; /* a part of its message; NULL: nothing is refused */
};

static void check(const char *folder, const struct expectation *e)
{
    struct loaded l;
    load(folder, e->name, &l);
    const struct tf_note *error = error_of(&l, 0);
    if (l.picture.count != e->entities || volumes_of(&l) != e->volumes)
        fail_msg("%s: %zu entities, %zu volumes; %s", e->name, l.picture.count, volumes_of(&l),
                 error ? error->fault.message : "");
    if (!error != !e->reason)
        fail_msg("%s: %s", e->name, error ? error->fault.message : "not refused");
    if (e->reason && (error->line != e->line || !strstr(error->fault.message, e->reason)))
        fail_msg("%s, line %zu: %s", e->name, error->line, error->fault.message);
    unload(&l);
}

/* No file of the folder is without an expectation. */
static void check_folder(const char *folder, const struct expectation *list, size_t count)
{
    char path[1024];
    if (!getenv("TAFADI_DATA"))
        skip();
    for (size_t i = 0; i < count; i++)
        check(folder, &list[i]);
    snprintf(path, sizeof path, "%s/%s", getenv("TAFADI_DATA"), folder);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        bool known = entry->d_name[0] == '.';
        for (size_t i = 0; i < count; i++)
            known |= strcmp(entry->d_name, list[i].name) == 0;
        if (!known)
            fail_msg("%s/%s has no expectation", folder, entry->d_name);
    }
    closedir(dir);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void openair_files(void **state)
{
    (void)state;
    static const struct expectation files[] = {
        {"activation-times-invalid-with-none-none.txt", 0, 0, 8, "not an activation time"},
        {"activation-times-invalid-with-none.txt", 0, 0, 9, "AA NONE cannot stand beside"},
        {"activation-times-invalid.txt", 0, 0, 9, "not an activation time"},
        {"activation-times-none.txt", 1, 1, 0, NULL},
        {"activation-times.txt", 1, 4, 0, NULL},
        {"airway.txt", 1, 1, 0, NULL},
        {"arc-angle-ccw.txt", 1, 1, 0, NULL},
        {"arc-angle-cw.txt", 1, 1, 0, NULL},
        {"arc-angle-single-vx.txt", 1, 1, 0, NULL},
        {"arc-ccw.txt", 1, 1, 0, NULL},
        {"arc-cw-ccw.txt", 1, 1, 0, NULL},
        {"arc-cw.txt", 1, 1, 0, NULL},
        {"arc-first.txt", 1, 1, 0, NULL},
        {"ceiling-definitions-al-greater-ah.txt", 0, 0, 6, "below the lower limit"},
        {"ceiling-definitions-duplicate.txt", 0, 0, 4, "two lines %1"},
        {"check-limits-unit-conversion.txt", 1, 1, 0, NULL},
        {"circular-invalid.txt", 1, 1, 0, NULL},
        {"circular.txt", 1, 1, 0, NULL},
        {"coordinate-minutes-60.txt", 1, 1, 0, NULL},
        {"coordinate-seconds-60.txt", 0, 0, 1, "crosses or touches"},
        {"do-not-split-into-multipolygon.txt", 0, 0, 1, "crosses or touches"},
        {"empty-name.txt", 1, 1, 0, NULL},
        {"expected-output-openair.txt", 1, 1, 0, NULL},
        {"flight-level-missing-number.txt", 0, 0, 6, "not an altitude"},
        {"ignored-only.txt", 0, 0, 0, "type of the file is not known"},
        {"in-output-openair.txt", 1, 1, 0, NULL},
        {"inline-comments.txt", 1, 1, 0, NULL},
        {"insufficient-coordinates.txt", 0, 0, 1, "at least three"},
        {"invalid-coordinates.txt", 0, 0, 14, "hemisphere letter on one"},
        {"laser-beam.txt", 1, 1, 0, NULL},
        {"meter-altitude-unit.txt", 1, 1, 0, NULL},
        {"missing-AY.txt", 1, 1, 0, NULL},
        {"missing-ah-al.txt", 1, 1, 0, NULL},
        {"polygon.txt", 1, 1, 0, NULL},
        {"round-altitude-values.txt", 1, 1, 0, NULL},
        {"self-intersecting.txt", 0, 0, 1, "crosses or touches"},
        {"single-airspace-ag-but-missing-af.txt", 1, 1, 0, NULL},
        {"skipped-tokens.txt", 1, 1, 0, NULL},
        {"start-end-coordinates-not-equal.txt", 1, 1, 0, NULL},
        {"transponder-code-invalid.txt", 1, 1, 0, NULL},
        {"version-2-commands.txt", 8, 11, 0, NULL},
        {"version-2-warn-if-expired.txt", 1, 4, 0, NULL},
        {"without-ac.txt", 1, 1, 0, NULL},
    };
    check_folder("openair", files, COUNT(files));
}

static void kml_files(void **state)
{
    (void)state;
    static const struct expectation files[] = {
        {"che-rid-zurich.kml", 14, 14, 0, NULL},
        {"test-invalid_no_accuracy_h.kml", 14, 14, 0, NULL},
        {"test-invalid_no_speed_accuracy.kml", 14, 14, 0, NULL},
        {"test-invalid_wrong_serial_number.kml", 14, 14, 0, NULL},
        {"test-invalid_wrong_ua_type.kml", 14, 14, 0, NULL},
        {"usa-kentland-rid.kml", 14, 14, 0, NULL},
        {"usa-netrid-dcdemo.kml", 19, 19, 0, NULL},
    };
    check_folder("kml", files, COUNT(files));
}

/* 126 measures with 285 periods, 161 coordinates with seconds = 60. One measure names no shape;
 * three rings that pass through a point twice become two areas each. */
static void aco_files(void **state)
{
    (void)state;
    static const struct expectation files[] = {
        {"ExMontereyStrikeACO.aco", 125, 288, 841, "The measure has no shape"},
    };
    check_folder("aco", files, COUNT(files));
}

static const struct tf_entity *find(const struct loaded *l, const char *id)
{
    for (size_t i = 0; i < l->picture.count; i++)
        if (strcmp(l->picture.entities[i].id, id) == 0)
            return &l->picture.entities[i];
    fail_msg("%s is missing", id);
    return NULL;
}

static bool time_is(int64_t t_ns, const char *text)
{
    char got[TF_TIME_TEXT_SIZE];
    tf_time_format(t_ns, got);
    return strcmp(got, text) == 0;
}

static void aco_facts(void **state)
{
    (void)state;
    struct loaded l;
    size_t circles = 0, corridors = 0;
    if (!getenv("TAFADI_DATA"))
        skip();
    load("aco", "ExMontereyStrikeACO.aco", &l);
    const struct tf_entity *base = find(&l, "TRAVIS AFB"), *lane = find(&l, "SAFE LANE");
    assert_string_equal(base->category, "ROZ/BDZ");
    assert_int_equal(base->volume_count, 3);
    assert_true(time_is(base->volumes[0].start_ns, "2016-07-28T00:01:00Z"));
    assert_true(time_is(base->volumes[2].end_ns, "2016-07-28T23:00:00Z"));
    assert_true(base->volumes[0].alt.upper.value == 60);
    assert_int_equal(base->volumes[0].alt.upper.ref, TF_ALT_STD);
    struct tf_latlng first = tf_shape_ring(base->volumes[0].shape, 0).vertices[0];
    assert_true(fabs(first.lat_deg - (38 + 31 / 60.0 + 15 / 3600.0)) < 1e-12);
    assert_true(fabs(first.lng_deg + (121 + 44 / 60.0 + 34 / 3600.0)) < 1e-12);
    assert_string_equal(lane->category, "CORRTE/SL");
    assert_true(tf_shape_radius_m(lane->volumes[0].shape) == 5000);
    for (size_t i = 0; i < l.picture.count; i++) {
        enum tf_shape_kind kind = tf_shape_kind(l.picture.entities[i].volumes[0].shape);
        circles += kind == TF_SHAPE_CIRCLE;
        corridors += kind == TF_SHAPE_CORRIDOR;
        assert_int_equal(l.picture.entities[i].kind, TF_KIND_ZONE);
    }
    assert_int_equal(circles, 12);
    assert_int_equal(corridors, 33);
    unload(&l);
}

static void openair_facts(void **state)
{
    (void)state;
    struct loaded l;
    if (!getenv("TAFADI_DATA"))
        skip();
    load("openair", "inline-comments.txt", &l);
    assert_string_equal(l.picture.entities[0].name, "TMP JSDF X-12-2 till 31Mar22 Height by NOTAM");
    unload(&l);
    load("openair", "airway.txt", &l);
    assert_true(fabs(tf_shape_radius_m(l.picture.entities[0].volumes[0].shape) - 2315) < 1e-6);
    unload(&l);
    load("openair", "laser-beam.txt", &l);
    assert_true(fabs(tf_shape_radius_m(l.picture.entities[0].volumes[0].shape) - 2.98172) < 1e-6);
    assert_true(isinf(l.picture.entities[0].volumes[0].alt.upper.value));
    unload(&l);
    load("openair", "activation-times.txt", &l);
    assert_true(time_is(l.picture.entities[0].volumes[0].start_ns, "2025-01-01T12:00:00Z"));
    assert_true(l.picture.entities[0].volumes[2].start_ns == TF_TIME_MIN);
    assert_true(l.picture.entities[0].volumes[3].end_ns == TF_TIME_MAX);
    unload(&l);
}

static void kml_facts(void **state)
{
    (void)state;
    struct loaded l;
    if (!getenv("TAFADI_DATA"))
        skip();
    load("kml", "usa-netrid-dcdemo.kml", &l);
    const struct tf_entity *flight = &l.picture.entities[0], *pad = &l.picture.entities[2];
    assert_string_equal(flight->name, "FlyNorth");
    assert_string_equal(pad->name, "alt: LZ");
    assert_int_equal(tf_shape_ring(pad->volumes[0].shape, 0).count, 6);
    assert_true(pad->volumes[0].alt.upper.value == 116);
    assert_int_equal(pad->volumes[0].alt.upper.ref, TF_ALT_AMSL);
    unload(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openair_files), cmocka_unit_test(kml_files),
        cmocka_unit_test(aco_files),     cmocka_unit_test(aco_facts),
        cmocka_unit_test(openair_facts), cmocka_unit_test(kml_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
