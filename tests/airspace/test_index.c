/*
 * test_index.c - the 4D index against brute force, in thousands of small worlds; and
 * its views and its refusals.
 */
#include "check_tree.h"
#include "worlds.h"

#include "allocfail.h"
#include <stdio.h>
#include <stdlib.h>

/* Which of a world's items were visited. */
struct seen {
    const struct world *w;
    unsigned times[WORLD_MAX];
    size_t count, stop_after;
};

static bool see(void *ctx, const struct tf_item *item)
{
    struct seen *seen = ctx;
    for (size_t i = 0; i < seen->w->count; i++)
        if (seen->w->item[i].entity == item->entity && seen->w->item[i].volume == item->volume)
            seen->times[i]++;
    return ++seen->count != seen->stop_after;
}

static void check_query(const struct tf_index_view *view, const struct world *w, const bool *in,
                        size_t at, const struct tf_separation *minima)
{
    struct seen seen = {.w = w};
    tf_index_query(view, &w->item[at].v4, minima, see, &seen);
    for (size_t i = 0; i < w->count; i++)
        assert_int_equal(seen.times[i],
                         in[i] && tf_volume4_conflicts(&w->item[at].v4, &w->item[i].v4, minima));
}

static void check_query_kinds(const struct tf_index_view *view, const struct world *w,
                              const bool *in, size_t at)
{
    const struct tf_item *item = &w->item[at];
    struct seen seen = {.w = w};
    tf_index_query_kinds(view, &item->v4, item->kind, &w->table, see, &seen);
    for (size_t i = 0; i < w->count; i++) {
        enum tf_kind kind = w->item[i].kind;
        bool want =
            in[i] && w->table.compared[item->kind][kind] &&
            tf_volume4_conflicts(&item->v4, &w->item[i].v4, &w->table.pair[item->kind][kind]);
        assert_int_equal(seen.times[i], want);
    }
}

/* Every query of the world's own volumes gives what the list `in` gives. */
static void check_world(struct tf_index *index, const struct world *w, const bool *in,
                        const struct tf_separation *minima)
{
    struct tf_index_view *view;
    struct seen seen = {.w = w};
    check_index(index);
    assert_int_equal(tf_index_view_open(index, &view), TF_OK);
    tf_index_each(view, see, &seen);
    for (size_t i = 0; i < w->count; i++)
        assert_int_equal(seen.times[i], in[i]);
    for (size_t i = 0; i < w->count; i++) {
        check_query(view, w, in, i, minima);
        check_query_kinds(view, w, in, i);
    }
    tf_index_view_close(view);
}

static void test_built_worlds(void **unused)
{
    (void)unused;
    uint64_t seed = random_seed(11);
    for (unsigned round = 0; round < 10000; round++) {
        uint64_t start = seed + round, state = start;
        struct world w;
        struct tf_index *index;
        bool in[WORLD_MAX];
        memset(in, true, sizeof in);
        world_make(&state, round % 50 ? 12 : WORLD_MAX, &w);
        struct tf_separation minima = world_minima(&state, &w);
        assert_int_equal(tf_index_new(&index), TF_OK);
        assert_int_equal(tf_index_build(index, w.item, w.count), TF_OK);
        world_now(start);
        check_world(index, &w, in, &minima);
        tf_index_free(index);
        world_release(&w);
    }
    world_now(0);
}

/* One random change; keeps `in` in step. */
static void change(uint64_t *state, struct tf_index *index, struct world *w, bool *in)
{
    size_t at = random_below(state, w->count);
    struct tf_item *item = &w->item[at];
    switch (random_below(state, 3)) {
    case 0:
        assert_int_equal(tf_index_insert(index, item), in[at] ? TF_EXISTS : TF_OK);
        in[at] = true;
        break;
    case 1:
        assert_int_equal(tf_index_remove(index, item->entity, item->volume),
                         in[at] ? TF_OK : TF_NOT_FOUND);
        in[at] = false;
        break;
    default: {
        struct tf_volume4 old = item->v4;
        struct tf_item fresh;
        if (!world_item(state, w, &fresh))
            return;
        item->v4 = fresh.v4;
        item->kind = fresh.kind;
        assert_int_equal(tf_index_replace(index, item), TF_OK);
        tf_volume4_release(&old);
        in[at] = true;
    }
    }
}

static void test_changed_worlds(void **unused)
{
    (void)unused;
    uint64_t seed = random_seed(12);
    for (unsigned round = 0; round < 300; round++) {
        uint64_t start = seed + round, state = start;
        struct world w;
        struct tf_index *index;
        bool in[WORLD_MAX] = {false};
        do
            world_make(&state, WORLD_MAX, &w);
        while (w.count == 0);
        world_now(start);
        assert_int_equal(tf_index_new(&index), TF_OK);
        for (unsigned step = 0; step < 150; step++) {
            change(&state, index, &w, in);
            struct tf_separation minima = world_minima(&state, &w);
            if (step % 25 == 0)
                check_world(index, &w, in, &minima);
        }
        tf_index_free(index);
        world_release(&w);
    }
    world_now(0);
}

static struct tf_item circle_item(uint64_t entity, uint32_t volume, double lng_deg)
{
    struct tf_item item = {.entity = entity, .volume = volume, .kind = TF_KIND_UNCREWED};
    assert_int_equal(tf_shape_circle((struct tf_latlng){50, lng_deg}, 100, &item.v4.shape, NULL),
                     TF_OK);
    item.v4.alt = tf_band_w84(0, 100);
    item.v4.start_ns = WORLD_EPOCH_NS;
    item.v4.end_ns = WORLD_EPOCH_NS + TF_MINUTE_NS;
    return item;
}

static bool add_key(void *ctx, const struct tf_item *item)
{
    *(uint64_t *)ctx += item->entity * 1000 + item->volume;
    return true;
}

static uint64_t sum_keys(const struct tf_index_view *view)
{
    uint64_t sum = 0;
    tf_index_each(view, add_key, &sum);
    return sum;
}

/* A view keeps its state, shapes included, whatever the writer does. */
static void test_views_keep_their_state(void **unused)
{
    (void)unused;
    struct tf_index *index;
    struct tf_index_view *old, *new;
    assert_int_equal(tf_index_new(&index), TF_OK);
    for (uint32_t i = 0; i < 1000; i++) {
        struct tf_item item = circle_item(1, i, i * 0.01);
        assert_int_equal(tf_index_insert(index, &item), TF_OK);
        tf_volume4_release(&item.v4);
    }
    assert_int_equal(tf_index_view_open(index, &old), TF_OK);
    uint64_t sum = sum_keys(old);
    struct tf_item query = circle_item(2, 0, 3);
    struct tf_separation wide = {.horizontal_m = 10000};
    struct world none = {.count = 0};
    struct seen before = {.w = &none}, after = {.w = &none}, now = {.w = &none};
    tf_index_query(old, &query.v4, &wide, see, &before);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(tf_index_remove(index, 1, i), TF_OK);
    assert_int_equal(tf_index_build(index, &query, 1), TF_OK);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(tf_index_replace(index, &query), TF_OK);
    assert_int_equal(tf_index_view_count(old), 1000);
    assert_int_equal(sum_keys(old), sum);
    tf_index_query(old, &query.v4, &wide, see, &after);
    assert_true(before.count > 20);
    assert_int_equal(after.count, before.count);
    assert_int_equal(tf_index_view_open(index, &new), TF_OK);
    tf_index_query(new, &query.v4, &wide, see, &now);
    assert_int_equal(now.count, 1);
    tf_index_view_close(new);
    tf_index_view_close(old);
    tf_volume4_release(&query.v4);
    tf_index_free(index);
}

/* Removed and replaced items are reused once no view is open: memory stays bounded. */
static void test_memory_is_reused(void **unused)
{
    (void)unused;
    struct tf_index *index;
    assert_int_equal(tf_index_new(&index), TF_OK);
    struct tf_item item = circle_item(1, 0, 0);
    size_t settled = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        item.volume = i % 100;
        assert_int_equal(tf_index_replace(index, &item), TF_OK);
        if (i == 2000)
            settled = tf_index_memory_bytes(index);
    }
    assert_int_equal(tf_index_memory_bytes(index), settled);
    assert_int_equal(tf_index_count(index), 100);
    tf_volume4_release(&item.v4);
    tf_index_free(index);
}

static void test_busy(void **unused)
{
    (void)unused;
    struct tf_index *index;
    struct tf_index_view *views[TF_INDEX_MAX_VIEWS], *more;
    assert_int_equal(tf_index_new(&index), TF_OK);
    for (size_t i = 0; i < TF_INDEX_MAX_VIEWS; i++)
        assert_int_equal(tf_index_view_open(index, &views[i]), TF_OK);
    assert_int_equal(tf_index_view_open(index, &more), TF_BUSY);
    tf_index_view_close(views[77]);
    assert_int_equal(tf_index_view_open(index, &views[77]), TF_OK);
    for (size_t i = 0; i < TF_INDEX_MAX_VIEWS; i++)
        tf_index_view_close(views[i]);
    tf_index_view_close(NULL);
    tf_index_free(index);
    tf_index_free(NULL);
}

static void test_stop(void **unused)
{
    (void)unused;
    struct tf_index *index;
    struct tf_index_view *view;
    struct world none = {.count = 0};
    struct tf_item item = circle_item(1, 0, 0);
    assert_int_equal(tf_index_new(&index), TF_OK);
    for (item.volume = 0; item.volume < 300; item.volume++)
        assert_int_equal(tf_index_insert(index, &item), TF_OK);
    assert_int_equal(tf_index_view_open(index, &view), TF_OK);
    struct seen all = {.w = &none}, some = {.w = &none, .stop_after = 17};
    struct tf_separation zero = {0};
    tf_index_query(view, &item.v4, &zero, see, &all);
    assert_int_equal(all.count, 300);
    tf_index_query(view, &item.v4, &zero, see, &some);
    assert_int_equal(some.count, 17);
    some.count = 0;
    tf_index_each(view, see, &some);
    assert_int_equal(some.count, 17);
    tf_index_view_close(view);
    tf_volume4_release(&item.v4);
    tf_index_free(index);
}

static void test_double_keys(void **unused)
{
    (void)unused;
    struct tf_index *index;
    struct tf_item items[3] = {circle_item(1, 0, 0), circle_item(1, 1, 0), circle_item(1, 0, 1)};
    assert_int_equal(tf_index_new(&index), TF_OK);
    assert_int_equal(tf_index_build(index, items, 2), TF_OK);
    assert_int_equal(tf_index_build(index, items, 3), TF_EXISTS);
    assert_int_equal(tf_index_count(index), 2);
    check_index(index);
    assert_int_equal(tf_index_build(index, NULL, 0), TF_OK);
    assert_int_equal(tf_index_count(index), 0);
    check_index(index);
    for (size_t i = 0; i < 3; i++)
        tf_volume4_release(&items[i].v4);
    tf_index_free(index);
}

/* Out of memory at any allocation: TF_NOMEM, and all is as before. */

enum { FULL = 200 };

struct step {
    const struct tf_item *items;
};

static enum tf_status new_and_build(void *ctx)
{
    const struct step *step = ctx;
    struct tf_index *index;
    enum tf_status status = tf_index_new(&index);
    if (status)
        return status;
    status = tf_index_build(index, step->items, FULL);
    assert_int_equal(tf_index_count(index), status ? 0 : FULL);
    check_index(index);
    if (!status)
        status = tf_index_build(index, step->items, FULL / 2);
    tf_index_free(index);
    return status;
}

/* Until some insertion needs memory. */
static enum tf_status insert_many(void *ctx)
{
    const struct step *step = ctx;
    struct tf_index *index = NULL;
    enum tf_status status = tf_index_new(&index);
    for (uint32_t i = 0; !status && i < FULL; i++) {
        status = tf_index_insert(index, &step->items[i]);
        assert_int_equal(tf_index_count(index), status ? i : i + 1);
        if (status) {
            check_index(index);
            tf_index_free(index);
            return status;
        }
    }
    for (uint32_t i = 0; !status && i < FULL; i++) {
        status = tf_index_replace(index, &step->items[i]);
        assert_int_equal(tf_index_count(index), FULL);
    }
    for (uint32_t i = 0; !status && i < FULL; i++) {
        status = tf_index_remove(index, 1, i);
        assert_int_equal(tf_index_count(index), status ? FULL - i : FULL - i - 1);
    }
    if (index) {
        check_index(index);
        tf_index_free(index);
    }
    return status;
}

static void test_out_of_memory(void **unused)
{
    (void)unused;
    struct tf_item items[FULL];
    for (uint32_t i = 0; i < FULL; i++)
        items[i] = circle_item(1, i, i * 0.01);
    struct step step = {.items = items};
    assert_true(allocfail_each(new_and_build, &step, 1000) > 5);
    assert_true(allocfail_each(insert_many, &step, 1000) > 5);
    for (uint32_t i = 0; i < FULL; i++)
        tf_volume4_release(&items[i].v4);
}

static void test_picture(void **unused)
{
    (void)unused;
    struct tf_volume4 volumes[2] = {circle_item(0, 0, 0).v4, circle_item(0, 0, 1).v4};
    struct tf_entity entities[] = {
        {.kind = TF_KIND_UNCREWED, .state = TF_STATE_ACCEPTED},
        {.kind = TF_KIND_UNCREWED, .state = TF_STATE_DRAFT},
        {.kind = TF_KIND_CREWED, .state = TF_STATE_ENDED},
        {.kind = TF_KIND_CREWED, .state = TF_STATE_WITHDRAWN},
        {.kind = TF_KIND_ZONE, .state = TF_STATE_ACTIVATED, .restriction = TF_RESTRICTION_NONE},
        {.kind = TF_KIND_ZONE, .restriction = TF_RESTRICTION_INFORMATION},
        {.kind = TF_KIND_ZONE, .restriction = TF_RESTRICTION_PROHIBITED},
        {.kind = TF_KIND_SITE, .state = TF_STATE_ACTIVATED},
    };
    struct tf_picture picture = {entities, sizeof entities / sizeof *entities, 8};
    for (size_t i = 0; i < picture.count; i++) {
        entities[i].volumes = volumes;
        entities[i].volume_count = 2;
    }
    struct tf_index *index;
    struct tf_index_view *view;
    assert_int_equal(tf_index_new(&index), TF_OK);
    assert_int_equal(tf_index_build_picture(index, &picture, false), TF_OK);
    assert_int_equal(tf_index_view_open(index, &view), TF_OK);
    assert_int_equal(sum_keys(view), 2 * (0 + 6 + 7) * 1000 + 3);
    tf_index_view_close(view);
    assert_int_equal(tf_index_build_picture(index, &picture, true), TF_OK);
    assert_int_equal(tf_index_count(index), 8);
    for (size_t i = 0; i < 2; i++)
        tf_volume4_release(&volumes[i]);
    tf_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_built_worlds),
                                       cmocka_unit_test(test_changed_worlds),
                                       cmocka_unit_test(test_views_keep_their_state),
                                       cmocka_unit_test(test_memory_is_reused),
                                       cmocka_unit_test(test_busy),
                                       cmocka_unit_test(test_stop),
                                       cmocka_unit_test(test_double_keys),
                                       cmocka_unit_test(test_out_of_memory),
                                       cmocka_unit_test(test_picture)};
    return cmocka_run_group_tests(tests, NULL, world_teardown);
}
