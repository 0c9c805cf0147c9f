/*
 * test_conflict.c - separation, and the search for conflicts against brute force.
 */
#include "check_tree.h"
#include "worlds.h"

#include "allocfail.h"
#include <stdlib.h>

/* Separation. */

static void test_tables(void **unused)
{
    (void)unused;
    struct tf_separation_table table;
    tf_separation_defaults(&table);
    for (enum tf_kind a = 0; a < TF_KIND_COUNT; a++)
        for (enum tf_kind b = 0; b < TF_KIND_COUNT; b++) {
            assert_memory_equal(&table.pair[a][b], &table.pair[b][a], sizeof table.pair[a][b]);
            assert_int_equal(table.compared[a][b], table.compared[b][a]);
            bool areas = (a == TF_KIND_ZONE || a == TF_KIND_SITE) &&
                         (b == TF_KIND_ZONE || b == TF_KIND_SITE);
            assert_int_equal(table.compared[a][b], !areas);
        }
    const struct tf_separation *crewed = &table.pair[TF_KIND_CREWED][TF_KIND_CREWED];
    assert_true(crewed->horizontal_m == 9260 && fabs(crewed->vertical_m - 304.8) < 1e-9);
    assert_true(crewed->time_ns == 120 * TF_SECOND_NS);
    assert_true(table.pair[TF_KIND_ZONE][TF_KIND_CREWED].horizontal_m == 0);
    tf_separation_set(&table, TF_KIND_SEA, TF_KIND_ZONE, (struct tf_separation){1, 2, 3});
    assert_true(table.pair[TF_KIND_ZONE][TF_KIND_SEA].vertical_m == 2);
    assert_true(table.pair[TF_KIND_SEA][TF_KIND_ZONE].horizontal_m == 1);
}

static struct tf_volume4 volume(double lng_deg, double radius_m, double low_m, double high_m,
                                int64_t start_s, int64_t end_s)
{
    struct tf_volume4 v = {.alt = tf_band_w84(low_m, high_m),
                           .start_ns = WORLD_EPOCH_NS + start_s * TF_SECOND_NS,
                           .end_ns = WORLD_EPOCH_NS + end_s * TF_SECOND_NS};
    assert_int_equal(tf_shape_circle((struct tf_latlng){0, lng_deg}, radius_m, &v.shape, NULL),
                     TF_OK);
    return v;
}

/* Degrees of longitude on the equator for metres. */
static double degrees(double m)
{
    return m / (TF_WGS84_A_M * 3.14159265358979323846 / 180);
}

static bool conflict(const struct tf_volume4 *a, const struct tf_volume4 *b, double h_m, double v_m,
                     double t_s)
{
    struct tf_separation minima = {h_m, v_m, (int64_t)(t_s * 1e9)};
    bool found = tf_volume4_conflicts(a, b, &minima);
    assert_int_equal(found, tf_volume4_conflicts(b, a, &minima));
    return found;
}

/* 300 m beside, 50 m above, 30 s after. */
static void test_each_dimension(void **unused)
{
    (void)unused;
    struct tf_volume4 a = volume(0, 100, 0, 100, 0, 60);
    struct tf_volume4 b = volume(degrees(500), 100, 150, 200, 90, 120);
    assert_true(conflict(&a, &b, 301, 51, 31));
    assert_false(conflict(&a, &b, 299, 51, 31));
    assert_false(conflict(&a, &b, 301, 50, 31)); /* strictly closer */
    assert_true(conflict(&a, &b, 301, 50.001, 31));
    assert_false(conflict(&a, &b, 301, 51, 30));
    assert_true(conflict(&a, &b, 301, 51, 30.000001));
    tf_volume4_release(&a);
    tf_volume4_release(&b);
}

/* A thousand feet between flight levels are a thousand feet, whatever rounding does. */
static void test_flight_levels(void **unused)
{
    (void)unused;
    struct tf_volume4 a = volume(0, 100, 0, 0, 0, 60), b = volume(0, 100, 0, 0, 0, 60);
    struct tf_alt_context context;
    tf_alt_context_at(a.shape, &context);
    for (double level = 10; level < 600; level++) {
        struct tf_alt low = {level, TF_ALT_UNIT_FL, TF_ALT_STD}, high = low;
        high.value += 10;
        assert_int_equal(tf_band_make(low, low, &context, &a.alt, NULL), TF_OK);
        assert_int_equal(tf_band_make(high, high, &context, &b.alt, NULL), TF_OK);
        assert_false(conflict(&a, &b, 9260, 1000 * TF_FOOT_M, 0));
        assert_true(conflict(&a, &b, 9260, 1000 * TF_FOOT_M + 0.001, 0));
    }
    tf_volume4_release(&a);
    tf_volume4_release(&b);
}

/* Above one place the ground is the same; a horizontal minimum reaches to other ground. */
static void test_above_ground(void **unused)
{
    (void)unused;
    struct tf_volume4 a = volume(0, 100, 0, 0, 0, 60), b = volume(degrees(150), 100, 0, 0, 0, 60);
    struct tf_alt_context context;
    tf_alt_context_at(a.shape, &context);
    struct tf_alt limit[4];
    for (int i = 0; i < 4; i++)
        limit[i] = (struct tf_alt){60 * i, TF_ALT_UNIT_M, TF_ALT_AGL};
    assert_int_equal(tf_band_make(limit[0], limit[1], &context, &a.alt, NULL), TF_OK);
    assert_int_equal(tf_band_make(limit[2], limit[3], &context, &b.alt, NULL), TF_OK);
    assert_false(conflict(&a, &b, 0, 0, 0));
    assert_false(conflict(&a, &b, 0, 60, 0));
    assert_true(conflict(&a, &b, 0, 60.001, 0));
    assert_true(conflict(&a, &b, 1, 0, 0));
    assert_int_equal(tf_band_make(limit[1], limit[3], &context, &b.alt, NULL), TF_OK);
    assert_true(conflict(&a, &b, 0, 0, 0)); /* touching */
    tf_volume4_release(&a);
    tf_volume4_release(&b);
}

/* Space is closed, time is half-open. */
static void test_touching(void **unused)
{
    (void)unused;
    struct tf_volume4 a = volume(0, 100, 0, 100, 0, 60);
    struct tf_volume4 above = volume(0, 100, 100, 200, 0, 60);
    struct tf_volume4 later = volume(0, 100, 0, 100, 60, 120);
    struct tf_volume4 beside = volume(degrees(200), 100, 0, 100, 0, 60);
    struct tf_volume4 apart = volume(degrees(200.03), 100, 0, 100, 0, 60);
    struct tf_volume4 always = volume(0, 0, 50, 50, 0, 1);
    always.start_ns = TF_TIME_MIN;
    always.end_ns = TF_TIME_MAX;
    assert_true(conflict(&a, &above, 0, 0, 0));
    assert_false(conflict(&a, &later, 0, 0, 0));
    assert_true(conflict(&a, &later, 0, 0, 1e-9));
    assert_true(conflict(&a, &beside, 0, 0, 0));
    assert_false(conflict(&a, &apart, 0, 0, 0));
    assert_true(conflict(&a, &always, 0, 0, 0));
    assert_true(conflict(&always, &always, 0, 0, 1e9));
    struct tf_volume4 *all[] = {&a, &above, &later, &beside, &apart, &always};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        tf_volume4_release(all[i]);
}

/* Search. */

static size_t brute_force(const struct world *w, size_t hits[WORLD_MAX][WORLD_MAX])
{
    size_t pairs = 0;
    for (size_t i = 0; i < w->count; i++)
        for (size_t j = i + 1; j < w->count; j++) {
            const struct tf_item *a = &w->item[i], *b = &w->item[j];
            hits[i][j] = a->entity != b->entity && w->table.compared[a->kind][b->kind] &&
                         tf_volume4_conflicts(a->entity < b->entity ? &a->v4 : &b->v4,
                                              a->entity < b->entity ? &b->v4 : &a->v4,
                                              &w->table.pair[a->kind][b->kind]);
            pairs += hits[i][j];
        }
    return pairs;
}

/* In a world, an item's volume number is its index before refusals. */
static size_t place_of(const struct world *w, uint64_t entity, uint32_t volume)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->item[i].entity == entity && w->item[i].volume == volume)
            return i;
    fail_msg("no such item");
    return 0;
}

static struct tf_separation only_those(const struct tf_separation *minima, unsigned flags)
{
    return (struct tf_separation){
        .horizontal_m = flags & TF_DECIDED_HORIZONTAL ? minima->horizontal_m : 0,
        .vertical_m = flags & TF_DECIDED_VERTICAL ? minima->vertical_m : 0,
        .time_ns = flags & TF_DECIDED_TIME ? minima->time_ns : 0};
}

static void check_pair(const struct world *w, const struct tf_conflict *c,
                       const struct tf_conflict_pair *p)
{
    const struct tf_item *a = &w->item[place_of(w, c->a, p->volume_a)];
    const struct tf_item *b = &w->item[place_of(w, c->b, p->volume_b)];
    struct tf_separation zero = {0};
    assert_true(p->first_ns < p->last_ns);
    assert_true(p->first_ns >= c->first_ns && p->last_ns <= c->last_ns);
    assert_true(p->time_ns >= p->first_ns && p->time_ns < p->last_ns);
    assert_true(p->distance_m >= c->distance_m && p->vertical_gap_m >= c->vertical_gap_m);
    assert_true(p->distance_m <= p->minima.horizontal_m + 0.01 + tf_shape_slop_m(a->v4.shape) +
                                     tf_shape_slop_m(b->v4.shape));
    assert_true(p->vertical_gap_m <= 0 || p->vertical_gap_m < p->minima.vertical_m);
    unsigned margins = p->decided & (TF_DECIDED_HORIZONTAL | TF_DECIDED_VERTICAL | TF_DECIDED_TIME);
    assert_int_equal(margins == 0, tf_volume4_conflicts(&a->v4, &b->v4, &zero));
    /* the minima that are named make it one, and not one of them can be left out */
    struct tf_separation named = only_those(&p->minima, margins);
    assert_true(tf_volume4_conflicts(&a->v4, &b->v4, &named));
    for (unsigned f = TF_DECIDED_HORIZONTAL; f <= TF_DECIDED_TIME; f <<= 1) {
        struct tf_separation less = only_those(&p->minima, margins & ~f);
        assert_int_equal((margins & f) == 0, tf_volume4_conflicts(&a->v4, &b->v4, &less));
    }
}

static void check_list(const struct world *w, const struct tf_conflicts *list)
{
    static size_t hits[WORLD_MAX][WORLD_MAX];
    assert_int_equal(list->pair_count, brute_force(w, hits));
    size_t next = 0;
    for (size_t c = 0; c < list->count; c++) {
        const struct tf_conflict *conflict = &list->conflicts[c], *before = conflict - 1;
        assert_true(conflict->a < conflict->b && conflict->pair_count > 0);
        assert_true(c == 0 || before->a < conflict->a ||
                    (before->a == conflict->a && before->b < conflict->b));
        assert_int_equal(conflict->first_pair, next);
        next += conflict->pair_count;
        for (size_t i = conflict->first_pair; i < next; i++) {
            const struct tf_conflict_pair *p = &list->pairs[i];
            size_t x = place_of(w, conflict->a, p->volume_a);
            size_t y = place_of(w, conflict->b, p->volume_b);
            assert_true(x < y ? hits[x][y] : hits[y][x]);
            assert_true(i == conflict->first_pair || p[-1].volume_a < p->volume_a ||
                        (p[-1].volume_a == p->volume_a && p[-1].volume_b < p->volume_b));
            check_pair(w, conflict, p);
        }
    }
    assert_int_equal(next, list->pair_count);
}

/* One entity against the rest gives its part of the whole list. */
static void check_of(const struct tf_index_view *view, const struct world *w,
                     const struct tf_search *search, const struct tf_conflicts *all)
{
    const struct tf_item *item = &w->item[0];
    struct tf_conflicts of;
    struct tf_volume4 volumes[WORLD_MAX];
    for (size_t i = 0; i < WORLD_MAX; i++)
        volumes[i] = item->v4; /* such that volume numbers stay the world's */
    size_t pairs = 0;
    for (size_t c = 0; c < all->count; c++)
        for (size_t i = 0; i < all->conflicts[c].pair_count; i++) {
            const struct tf_conflict *k = &all->conflicts[c];
            const struct tf_conflict_pair *p = &all->pairs[k->first_pair + i];
            pairs += (k->a == item->entity && p->volume_a == item->volume) ||
                     (k->b == item->entity && p->volume_b == item->volume);
        }
    assert_int_equal(
        tf_conflicts_of(view, item->entity, item->kind, volumes, item->volume + 1, search, &of),
        TF_OK);
    assert_int_equal(of.pair_count, pairs * (item->volume + 1));
    tf_conflicts_release(&of);
}

static void test_worlds(void **unused)
{
    (void)unused;
    uint64_t seed = random_seed(21);
    for (unsigned round = 0; round < 10000; round++) {
        uint64_t start = seed + round, state = start;
        struct world w;
        struct tf_index *index;
        struct tf_index_view *view;
        struct tf_conflicts list;
        world_make(&state, round % 50 ? 12 : WORLD_MAX, &w);
        world_now(start);
        struct tf_search search = {.table = &w.table};
        assert_int_equal(tf_index_new(&index), TF_OK);
        assert_int_equal(tf_index_build(index, w.item, w.count), TF_OK);
        assert_int_equal(tf_index_view_open(index, &view), TF_OK);
        assert_int_equal(tf_conflicts_all(view, &search, &list), TF_OK);
        check_list(&w, &list);
        if (w.count > 0)
            check_of(view, &w, &search, &list);
        tf_conflicts_release(&list);
        tf_index_view_close(view);
        tf_index_free(index);
        world_release(&w);
    }
    world_now(0);
}

/* Larger minima never lose a conflict; the conflict is the same from both sides. */
static void test_growth(void **unused)
{
    (void)unused;
    uint64_t seed = random_seed(22);
    for (unsigned round = 0; round < 3000; round++) {
        uint64_t start = seed + round, state = start;
        struct world w;
        world_make(&state, 8, &w);
        world_now(start);
        struct tf_separation less = world_minima(&state, &w), more = less;
        more.horizontal_m += random_between(&state, 0, w.size_m / 10);
        more.vertical_m += random_between(&state, 0, 50);
        more.time_ns += (int64_t)random_below(&state, (uint64_t)TF_MINUTE_NS);
        for (size_t i = 0; i < w.count; i++)
            for (size_t j = 0; j < w.count; j++) {
                const struct tf_volume4 *a = &w.item[i].v4, *b = &w.item[j].v4;
                bool found = tf_volume4_conflicts(a, b, &less);
                assert_int_equal(found, tf_volume4_conflicts(b, a, &less));
                assert_true(!found || tf_volume4_conflicts(a, b, &more));
            }
        world_release(&w);
    }
    world_now(0);
}

/* A scene by hand: a chain of circles, each near the next. */
enum { CHAIN = 40 };

struct scene {
    struct tf_item item[CHAIN];
    struct tf_index *index;
    struct tf_index_view *view;
    struct tf_separation_table table;
};

static void scene_make(struct scene *s)
{
    for (size_t i = 0; i < CHAIN; i++)
        s->item[i] = (struct tf_item){
            CHAIN - i, 7, TF_KIND_UNCREWED,
            volume(degrees(250.0 * (double)i), 100, 0, 100, (int64_t)i * 60, (int64_t)i * 60 + 90)};
    tf_separation_uniform((struct tf_separation){100, 30, 10 * TF_SECOND_NS}, &s->table);
    assert_int_equal(tf_index_new(&s->index), TF_OK);
    assert_int_equal(tf_index_build(s->index, s->item, CHAIN), TF_OK);
    assert_int_equal(tf_index_view_open(s->index, &s->view), TF_OK);
}

static void scene_release(struct scene *s)
{
    tf_index_view_close(s->view);
    tf_index_free(s->index);
    for (size_t i = 0; i < CHAIN; i++)
        tf_volume4_release(&s->item[i].v4);
}

static void test_pair_details(void **unused)
{
    (void)unused;
    struct scene s;
    struct tf_conflicts list;
    scene_make(&s);
    struct tf_search search = {.table = &s.table};
    assert_int_equal(tf_conflicts_all(s.view, &search, &list), TF_OK);
    assert_int_equal(list.count, CHAIN - 1);
    /* entity 1 is the last of the chain */
    const struct tf_conflict *c = &list.conflicts[0];
    const struct tf_conflict_pair *p = &list.pairs[0];
    assert_true(c->a == 1 && c->b == 2 && p->volume_a == 7 && p->volume_b == 7);
    assert_int_equal(p->decided, TF_DECIDED_HORIZONTAL);
    assert_true(fabs(p->distance_m - 50) < 0.01);
    assert_true(p->vertical_gap_m == -100);
    int64_t start_ns = WORLD_EPOCH_NS + (CHAIN - 1) * TF_MINUTE_NS;
    assert_true(p->time_ns == start_ns);
    assert_true(p->first_ns == start_ns - 5 * TF_SECOND_NS);
    assert_true(p->last_ns == start_ns + 35 * TF_SECOND_NS);
    assert_true(fabs(p->place_a.lng_deg - degrees(250.0 * (CHAIN - 1) - 100)) < 1e-7);
    assert_true(fabs(p->place_b.lng_deg - degrees(250.0 * (CHAIN - 2) + 100)) < 1e-7);
    tf_conflicts_release(&list);
    scene_release(&s);
}

static bool only_odd(void *ctx, uint64_t a, uint64_t b)
{
    (void)ctx;
    return a % 2 == 1 && b == a + 1;
}

static void test_window_and_wishes(void **unused)
{
    (void)unused;
    struct scene s;
    struct tf_conflicts list;
    scene_make(&s);
    /* item i and i+1 meet from 60 (i + 1) - 5 to 60 (i + 1) + 35 s */
    struct tf_search search = {.table = &s.table,
                               .from_ns = WORLD_EPOCH_NS + 95 * TF_SECOND_NS,
                               .until_ns = WORLD_EPOCH_NS + 235 * TF_SECOND_NS};
    assert_int_equal(tf_conflicts_all(s.view, &search, &list), TF_OK);
    assert_int_equal(list.count, 2);
    tf_conflicts_release(&list);
    search = (struct tf_search){.table = &s.table, .want = only_odd};
    assert_int_equal(tf_conflicts_all(s.view, &search, &list), TF_OK);
    assert_int_equal(list.count, CHAIN / 2);
    tf_conflicts_release(&list);
    search = (struct tf_search){.table = NULL}; /* the defaults do as much here */
    assert_int_equal(tf_conflicts_all(s.view, &search, &list), TF_OK);
    assert_int_equal(list.count, CHAIN - 1);
    tf_conflicts_release(&list);
    scene_release(&s);
}

static void test_pair_limit(void **unused)
{
    (void)unused;
    struct scene s;
    struct tf_conflicts list = {.count = 99};
    scene_make(&s);
    struct tf_search search = {.table = &s.table, .max_pairs = CHAIN - 2};
    assert_int_equal(tf_conflicts_all(s.view, &search, &list), TF_LIMIT);
    assert_int_equal(list.count, 99);
    search.max_pairs = CHAIN - 1;
    assert_int_equal(tf_conflicts_all(s.view, &search, &list), TF_OK);
    tf_conflicts_release(&list);
    scene_release(&s);
}

struct calls {
    size_t count, done, total, stop_at;
};

static bool progress(void *ctx, size_t done, size_t total)
{
    struct calls *calls = ctx;
    assert_true(done >= calls->done && done <= total);
    calls->done = done;
    calls->total = total;
    return ++calls->count != calls->stop_at;
}

static void test_progress(void **unused)
{
    (void)unused;
    struct tf_index *index;
    struct tf_index_view *view;
    struct tf_conflicts list;
    enum { MANY = 60000 };
    struct tf_item *items = calloc(MANY, sizeof *items);
    struct tf_volume4 v = volume(0, 10, 0, 100, 0, 60);
    assert_non_null(items);
    for (size_t i = 0; i < MANY; i++) {
        items[i] = (struct tf_item){i, 0, TF_KIND_UNCREWED, v};
        items[i].v4.start_ns = WORLD_EPOCH_NS + (int64_t)i * TF_HOUR_NS;
        items[i].v4.end_ns = items[i].v4.start_ns + TF_MINUTE_NS;
    }
    assert_int_equal(tf_index_new(&index), TF_OK);
    assert_int_equal(tf_index_build(index, items, MANY), TF_OK);
    assert_int_equal(tf_index_view_open(index, &view), TF_OK);
    struct calls calls = {0};
    struct tf_search search = {.progress = progress, .ctx = &calls};
    assert_int_equal(tf_conflicts_all(view, &search, &list), TF_OK);
    assert_int_equal(list.count, 0);
    assert_true(calls.count > 1 && calls.done == MANY && calls.total == MANY);
    tf_conflicts_release(&list);
    calls = (struct calls){.stop_at = 1};
    assert_int_equal(tf_conflicts_all(view, &search, &list), TF_LIMIT);
    tf_index_view_close(view);
    tf_index_free(index);
    tf_volume4_release(&v);
    free(items);
}

static enum tf_status search_all(void *ctx)
{
    const struct scene *s = ctx;
    struct tf_conflicts list;
    struct tf_search search = {.table = &s->table};
    enum tf_status status = tf_conflicts_all(s->view, &search, &list);
    if (!status)
        tf_conflicts_release(&list);
    return status;
}

static enum tf_status search_of(void *ctx)
{
    const struct scene *s = ctx;
    struct tf_conflicts list;
    struct tf_search search = {.table = &s->table};
    enum tf_status status =
        tf_conflicts_of(s->view, 1000, TF_KIND_UNCREWED, &s->item[5].v4, 1, &search, &list);
    if (!status)
        tf_conflicts_release(&list);
    return status;
}

static void test_out_of_memory(void **unused)
{
    (void)unused;
    struct scene s;
    scene_make(&s);
    assert_true(allocfail_each(search_all, &s, 100) >= 3);
    assert_true(allocfail_each(search_of, &s, 100) >= 4);
    scene_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables),
                                       cmocka_unit_test(test_each_dimension),
                                       cmocka_unit_test(test_above_ground),
                                       cmocka_unit_test(test_flight_levels),
                                       cmocka_unit_test(test_touching),
                                       cmocka_unit_test(test_worlds),
                                       cmocka_unit_test(test_growth),
                                       cmocka_unit_test(test_pair_details),
                                       cmocka_unit_test(test_window_and_wishes),
                                       cmocka_unit_test(test_pair_limit),
                                       cmocka_unit_test(test_progress),
                                       cmocka_unit_test(test_out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, world_teardown);
}
