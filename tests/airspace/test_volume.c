/*
 * test_volume.c - volumes, words, entities and pictures: ownership and refusals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/volume.h>

#include "allocfail.h"

static void test_words(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TF_KIND_COUNT; i++) {
        enum tf_kind kind = TF_KIND_COUNT;
        assert_int_equal(tf_kind_from_word(tf_kind_word((enum tf_kind)i), &kind), TF_OK);
        assert_int_equal(kind, i);
    }
    for (unsigned i = 0; i < TF_STATE_COUNT; i++) {
        enum tf_state found = TF_STATE_COUNT;
        assert_int_equal(tf_state_from_word(tf_state_word((enum tf_state)i), &found), TF_OK);
        assert_int_equal(found, i);
    }
    for (unsigned i = 0; i < TF_RESTRICTION_COUNT; i++) {
        enum tf_restriction found = TF_RESTRICTION_COUNT;
        assert_int_equal(
            tf_restriction_from_word(tf_restriction_word((enum tf_restriction)i), &found), TF_OK);
        assert_int_equal(found, i);
    }
    enum tf_kind kind = TF_KIND_SITE;
    assert_int_equal(tf_kind_from_word("UnCrewed", &kind), TF_OK);
    assert_int_equal(kind, TF_KIND_UNCREWED);
    const char *const wrong[] = {"", "crewe", "crewedd", "crewed "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(tf_kind_from_word(wrong[i], &kind), TF_NOT_FOUND);
        assert_int_equal(kind, TF_KIND_UNCREWED);
    }
    assert_string_equal(tf_kind_word(TF_KIND_COUNT), "?");
    assert_string_equal(tf_state_word(TF_STATE_COUNT), "?");
    assert_string_equal(tf_restriction_word(TF_RESTRICTION_COUNT), "?");
}

static struct tf_shape *circle(void)
{
    struct tf_shape *shape;
    struct tf_latlng centre = {10, 20};
    assert_int_equal(tf_shape_circle(centre, 100, &shape, NULL), TF_OK);
    return shape;
}

static void test_volume_owns_its_shape(void **state)
{
    (void)state;
    struct tf_shape *shape = circle();
    struct tf_band band = tf_band_w84(0, 100);
    struct tf_volume4 v, copy;
    assert_int_equal(tf_volume4_make(shape, &band, 0, 10, &v, NULL), TF_OK);
    tf_shape_unref(shape);
    copy = tf_volume4_ref(&v);
    tf_volume4_release(&v);
    tf_volume4_release(&v);
    assert_null(v.shape);
    assert_true(tf_shape_radius_m(copy.shape) == 100);
    tf_volume4_release(&copy);
}

static void test_volume_refuses_reversed_time(void **state)
{
    (void)state;
    struct tf_shape *shape = circle();
    struct tf_band band = tf_band_w84(0, 100);
    struct tf_volume4 v;
    struct tf_fault fault;
    assert_int_equal(tf_volume4_make(shape, &band, 10, 10, &v, &fault), TF_TIME);
    assert_string_equal(fault.field, "time_end");
    assert_int_equal(tf_volume4_make(shape, &band, TF_TIME_MIN, TF_TIME_MAX, &v, &fault), TF_OK);
    tf_volume4_release(&v);
    tf_shape_unref(shape);
}

static enum tf_status fill(struct tf_entity *entity, struct tf_shape *shape)
{
    enum tf_status rc = tf_entity_set_text(&entity->id, "A1");
    if (!rc)
        rc = tf_entity_set_text(&entity->name, "first");
    if (!rc)
        rc = tf_entity_set_text(&entity->name, "second");
    for (int i = 0; i < 20 && !rc; i++) {
        struct tf_band band = tf_band_w84(0, i);
        struct tf_volume4 v;
        rc = tf_volume4_make(shape, &band, 0, 10, &v, NULL);
        if (!rc)
            rc = tf_entity_add_volume(entity, &v);
        if (rc)
            tf_volume4_release(&v);
    }
    return rc;
}

static enum tf_status build_picture(void *shape)
{
    struct tf_picture picture = {0};
    enum tf_status rc = TF_OK;
    for (int i = 0; i < 6 && !rc; i++) {
        struct tf_entity entity = {.kind = TF_KIND_UNCREWED};
        rc = fill(&entity, shape);
        if (!rc)
            rc = tf_picture_add(&picture, &entity);
        if (!rc) {
            assert_null(entity.volumes);
            const struct tf_entity *last = &picture.entities[picture.count - 1];
            assert_int_equal(last->volume_count, 20);
            assert_true(last->volumes[19].alt.upper_m == 19);
            assert_string_equal(last->name, "second");
        }
        tf_entity_release(&entity);
    }
    tf_picture_release(&picture);
    tf_picture_release(&picture);
    return rc;
}

static void test_picture(void **state)
{
    (void)state;
    struct tf_shape *shape = circle();
    assert_int_equal(build_picture(shape), TF_OK);
    allocfail_each(build_picture, shape, 1000);
    tf_shape_unref(shape);
}

/* An array that someone else allocated, of unknown room, can be appended to. */
static void test_foreign_array(void **state)
{
    (void)state;
    struct tf_shape *shape = circle();
    struct tf_band band = tf_band_w84(0, 100);
    struct tf_entity entity = {.kind = TF_KIND_OTHER, .volume_count = 3};
    entity.volumes = malloc(3 * sizeof *entity.volumes);
    assert_non_null(entity.volumes);
    for (int i = 0; i < 3; i++)
        assert_int_equal(tf_volume4_make(shape, &band, 0, 10, &entity.volumes[i], NULL), TF_OK);
    struct tf_volume4 more = tf_volume4_ref(&entity.volumes[0]);
    assert_int_equal(tf_entity_add_volume(&entity, &more), TF_OK);
    assert_null(more.shape);
    assert_int_equal(entity.volume_count, 4);
    assert_int_equal(tf_entity_set_text(&entity.note, "x"), TF_OK);
    assert_int_equal(tf_entity_set_text(&entity.note, NULL), TF_OK);
    assert_null(entity.note);
    tf_entity_release(&entity);
    tf_shape_unref(shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_volume_owns_its_shape),
        cmocka_unit_test(test_volume_refuses_reversed_time),
        cmocka_unit_test(test_picture),
        cmocka_unit_test(test_foreign_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
