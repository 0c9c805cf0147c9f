/*
 * test_places.c - layers and schedules in formats whose objects have one outline, one pair of
 * levels and many times: OpenAir's airspaces, an ACO's measures. Nothing is lost, and no object is
 * written that is not needed; what they cannot say is said.
 */
#include "format/format.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reading.h"

static const int64_t first_day_ns = INT64_C(1795500000) * TF_SECOND_NS; /* a full minute */
static const struct {
    enum tf_format format;
    const char *begin; /* of an object */
} formats[] = {{TF_FORMAT_OPENAIR, "\nAC "}, {TF_FORMAT_ACO, "\nACMID/"}};
enum { FORMATS = 2, LAYERS = 3, ALWAYS = -2 };

static struct tf_shape *layer_shape(int layer)
{
    struct tf_shape *shape;
    struct tf_latlng at = {50 + layer, 10};
    assert_int_equal(tf_shape_circle(at, 1852 * (1 + layer), &shape, NULL), TF_OK);
    return shape;
}

/* On a day (or ALWAYS), between 100 and 200 m above the sea; `lower_m` may be -INFINITY. */
static void add_volume(struct tf_entity *zone, struct tf_shape *shape, double lower_m, int day)
{
    struct tf_alt_context context;
    struct tf_volume4 volume;
    struct tf_band band;
    int64_t start_ns = first_day_ns + day * 24 * TF_HOUR_NS;
    tf_alt_context_at(shape, &context);
    assert_int_equal(tf_band_make((struct tf_alt){lower_m, TF_ALT_UNIT_FT, TF_ALT_AMSL},
                                  (struct tf_alt){2000, TF_ALT_UNIT_FT, TF_ALT_AMSL}, &context,
                                  &band, NULL),
                     TF_OK);
    assert_int_equal(tf_volume4_make(shape, &band, day == ALWAYS ? TF_TIME_MIN : start_ns,
                                     day == ALWAYS ? TF_TIME_MAX : start_ns + TF_HOUR_NS, &volume,
                                     NULL),
                     TF_OK);
    assert_int_equal(tf_entity_add_volume(zone, &volume), TF_OK);
}

static void begin_zone(struct tf_entity *zone)
{
    *zone = (struct tf_entity){.kind = TF_KIND_ZONE,
                               .state = TF_STATE_ACTIVATED,
                               .restriction = TF_RESTRICTION_PROHIBITED};
    assert_int_equal(tf_entity_set_text(&zone->id, "Z1"), TF_OK);
}

static bool holds(const struct tf_picture *picture, const struct tf_volume4 *v)
{
    for (size_t i = 0; i < picture->count; i++)
        for (size_t k = 0; k < picture->entities[i].volume_count; k++) {
            const struct tf_volume4 *w = &picture->entities[i].volumes[k];
            double apart_m = tf_geodesic_inverse(tf_shape_centre(v->shape),
                                                 tf_shape_centre(w->shape), NULL, NULL);
            double more_m = tf_shape_radius_m(w->shape) - tf_shape_radius_m(v->shape);
            if (apart_m < 0.01 && fabs(more_m) < 0.01 && w->start_ns <= v->start_ns &&
                w->end_ns >= v->end_ns && w->alt.upper_m >= v->alt.upper_m - 0.01)
                return true;
        }
    return false;
}

static size_t volumes_of(const struct tf_picture *picture)
{
    size_t count = 0;
    for (size_t i = 0; i < picture->count; i++)
        count += picture->entities[i].volume_count;
    return count;
}

static size_t count_of(const char *text, const char *piece)
{
    size_t count = 0;
    for (; (text = strstr(text, piece)); text++)
        count++;
    return count;
}

/* Days of the layers, in the order of the volumes, as "layer, day" pairs; how many objects are
 * needed, and how many volumes are there when they are read. */
static void check(int (*order)[2], size_t count, size_t objects, size_t volumes)
{
    struct tf_shape *shapes[LAYERS];
    struct tf_picture before = {0};
    struct tf_entity zone;
    begin_zone(&zone);
    for (int i = 0; i < LAYERS; i++)
        shapes[i] = layer_shape(i);
    for (size_t i = 0; i < count; i++)
        add_volume(&zone, shapes[order[i][0]], 500, order[i][1]);
    assert_int_equal(tf_picture_add(&before, &zone), TF_OK);
    for (size_t f = 0; f < FORMATS; f++) {
        struct tf_buf text = TF_BUF_INIT(1 << 20);
        struct tf_notes notes = {0};
        assert_int_equal(tf_format_write(formats[f].format, &before, &text, &notes), TF_OK);
        assert_int_equal(count_of(text.data, formats[f].begin), objects);
        assert_int_equal(notes_say(&notes, "several measures"),
                         formats[f].format == TF_FORMAT_ACO && objects > 1);
        struct reading after = read_good(text.data, NULL);
        /* An airspace that is always active needs no other time; a measure has them all. */
        assert_int_equal(volumes_of(&after.picture),
                         formats[f].format == TF_FORMAT_ACO ? count : volumes);
        for (size_t i = 0; i < count; i++)
            assert_true(holds(&after.picture, &before.entities[0].volumes[i]));
        reading_release(&after);
        tf_notes_release(&notes);
        tf_buf_release(&text);
    }
    tf_picture_release(&before);
    for (int i = 0; i < LAYERS; i++)
        tf_shape_unref(shapes[i]);
}

static void layers_and_days(void **state)
{
    (void)state;
    int order[LAYERS * 5][2];
    for (int i = 0; i < LAYERS * 5; i++) {
        order[i][0] = i % LAYERS;
        order[i][1] = i / LAYERS;
    }
    for (size_t days = 1; days <= 5; days++)
        check(order, LAYERS * days, LAYERS, LAYERS * days);
    /* One is missing on the last day: as they come. */
    check(order, LAYERS * 5 - 1, LAYERS * 5 - 1, LAYERS * 5 - 1);
}

static void other_orders(void **state)
{
    (void)state;
    check((int[][2]){{0, 0}, {0, 1}, {0, 2}}, 3, 1, 3);
    check((int[][2]){{0, 0}, {0, 1}, {1, 0}, {1, 1}}, 4, 2, 4);
    check((int[][2]){{0, 0}, {0, 1}, {1, 0}, {1, 1}, {0, 2}}, 5, 3, 5);
    check((int[][2]){{2, 0}}, 1, 1, 1);
}

static void always_and_a_day(void **state)
{
    (void)state;
    check((int[][2]){{0, ALWAYS}, {0, 3}}, 2, 1, 1);
    check((int[][2]){{0, 3}, {0, ALWAYS}}, 2, 1, 1);
    check((int[][2]){{0, 3}, {1, 3}, {0, ALWAYS}, {1, 4}}, 4, 2, 3);
}

/* What reaches below the ground cannot be said; what begins at the ground or above can. */
static void below_the_ground(void **state)
{
    (void)state;
    static const struct {
        double lower_ft;
        bool said[FORMATS];
    } cases[] = {{-INFINITY, {true, true}}, {-100, {false, true}}, {0, {false, false}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t f = 0; f < FORMATS; f++) {
            struct tf_buf text = TF_BUF_INIT(1 << 20);
            struct tf_shape *shape = layer_shape(0);
            struct tf_picture before = {0};
            struct tf_notes notes = {0};
            struct tf_entity zone;
            begin_zone(&zone);
            add_volume(&zone, shape, cases[i].lower_ft, 0);
            assert_int_equal(tf_picture_add(&before, &zone), TF_OK);
            assert_int_equal(tf_format_write(formats[f].format, &before, &text, &notes), TF_OK);
            assert_int_equal(notes_say(&notes, "the ground ("), cases[i].said[f]);
            tf_notes_release(&notes);
            tf_picture_release(&before);
            tf_shape_unref(shape);
            tf_buf_release(&text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_and_days),
        cmocka_unit_test(other_orders),
        cmocka_unit_test(always_and_a_day),
        cmocka_unit_test(below_the_ground),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
