/*
 * test_threads.c - readers beside a writer: what a view shows is one state, and
 * stays that state, whatever the writer does meanwhile. Run under the thread
 * sanitizer as well (suite "tsan").
 *
 * The world: ENTITIES volumes that are always there, moved in time again and
 * again, and one more that comes and goes. All share few shapes, so that the
 * counting of references is contended, too.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../support/random.h"
#include <tafadi/conflict.h>

enum { ENTITIES = 400, SHAPES = 8, READERS = 3, CHANGES = 20000 };

struct world {
    struct tf_index *index;
    struct tf_shape *shapes[SHAPES];
    struct tf_volume4 everything;
    atomic_bool done;
    atomic_int views;  /* looked at so far */
    atomic_int broken; /* laws that did not hold; cmocka's own asserts are not for threads */
};

static struct tf_item item_of(const struct world *w, uint64_t entity, int64_t start_ns)
{
    double lower_m = (double)(entity % 100) * 50;
    return (struct tf_item){.entity = entity,
                            .kind = TF_KIND_UNCREWED,
                            .v4 = {.shape = w->shapes[entity % SHAPES],
                                   .alt = tf_band_w84(lower_m, lower_m + 40),
                                   .start_ns = start_ns,
                                   .end_ns = start_ns + TF_MINUTE_NS}};
}

struct sight {
    size_t count;
    uint64_t sum; /* of what was seen, in any order */
    unsigned char seen[ENTITIES + 1];
    bool twice;
};

static bool look(void *ctx, const struct tf_item *item)
{
    struct sight *sight = ctx;
    sight->count++;
    sight->twice |= item->entity > ENTITIES || sight->seen[item->entity]++ > 0;
    sight->sum += (item->entity + 1) * (uint64_t)item->v4.start_ns;
    return true;
}

/* One view, looked at twice in two ways. */
static bool view_is_one_state(const struct world *w)
{
    static const struct tf_separation none = {0};
    struct tf_index_view *view;
    struct sight first = {0}, second = {0}, found = {0};
    if (tf_index_view_open(w->index, &view))
        return false;
    tf_index_each(view, look, &first);
    tf_index_query(view, &w->everything, &none, look, &found);
    tf_index_each(view, look, &second);
    bool whole = first.count == tf_index_view_count(view) && !first.twice && !found.twice;
    for (size_t i = 0; i < ENTITIES; i++)
        whole = whole && first.seen[i] == 1;
    whole = whole && (first.count == ENTITIES || first.count == ENTITIES + 1);
    bool same = first.sum == second.sum && first.count == second.count &&
                found.count == first.count && found.sum == first.sum;
    tf_index_view_close(view);
    return whole && same;
}

static void *read_on(void *ctx)
{
    struct world *w = ctx;
    while (!atomic_load(&w->done)) {
        if (!view_is_one_state(w))
            atomic_fetch_add(&w->broken, 1);
        atomic_fetch_add(&w->views, 1);
    }
    return NULL;
}

/* Changes until enough has been changed and been looked at. */
static enum tf_status write_on(struct world *w, uint64_t *rng)
{
    enum tf_status rc = TF_OK;
    bool extra = false;
    for (int i = 0; !rc && (i < CHANGES || atomic_load(&w->views) < 10 * READERS); i++) {
        uint64_t entity = random_below(rng, ENTITIES + 1);
        struct tf_item item = item_of(w, entity, (int64_t)random_below(rng, 1000) * TF_SECOND_NS);
        if (entity < ENTITIES) {
            rc = tf_index_replace(w->index, &item);
            continue;
        }
        rc = extra ? tf_index_remove(w->index, entity, 0) : tf_index_insert(w->index, &item);
        extra = !extra;
    }
    return rc;
}

static enum tf_status world_init(struct world *w)
{
    static struct tf_item items[ENTITIES];
    memset(w, 0, sizeof *w);
    enum tf_status rc = tf_index_new(&w->index);
    for (int i = 0; !rc && i < SHAPES; i++)
        rc = tf_shape_circle((struct tf_latlng){10 + i * 0.01, 20}, 500, &w->shapes[i], NULL);
    if (!rc)
        rc = tf_shape_circle((struct tf_latlng){10, 20}, 100000, &w->everything.shape, NULL);
    w->everything.alt = tf_band_w84(-1000, 10000);
    w->everything.start_ns = TF_TIME_MIN;
    w->everything.end_ns = TF_TIME_MAX;
    for (uint64_t i = 0; i < ENTITIES; i++)
        items[i] = item_of(w, i, 0);
    return rc ? rc : tf_index_build(w->index, items, ENTITIES);
}

static void world_release(struct world *w)
{
    tf_index_free(w->index);
    for (int i = 0; i < SHAPES; i++)
        tf_shape_unref(w->shapes[i]);
    tf_shape_unref(w->everything.shape);
}

static void every_view_is_one_state(void **state)
{
    (void)state;
    struct world w;
    pthread_t readers[READERS];
    uint64_t seed = random_seed(9), rng = seed;
    assert_int_equal(world_init(&w), TF_OK);
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, &w), 0);
    enum tf_status rc = write_on(&w, &rng);
    atomic_store(&w.done, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    if (rc || atomic_load(&w.broken) > 0)
        fail_msg("seed %llu: writer: %s; %d of %d views were not one state",
                 (unsigned long long)seed, tf_status_text(rc), atomic_load(&w.broken),
                 atomic_load(&w.views));
    world_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_view_is_one_state)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
