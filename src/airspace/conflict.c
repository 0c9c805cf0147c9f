/*
 * conflict.c - one against all, and all against all.
 */
#include "airspace/conflict.h"

#include "airspace/separation.h"

#include <stdlib.h>

enum { DEFAULT_MOST_PAIRS = 10000000, STEPS_PER_REPORT = 4096 };

void tf_finder_init(struct tf_finder *finder, const struct tf_search *search, size_t total)
{
    *finder = (struct tf_finder){.search = search, .table = search->table, .total = total};
    finder->most = search->max_pairs ? search->max_pairs : DEFAULT_MOST_PAIRS;
    if (!finder->table) {
        tf_separation_defaults(&finder->defaults);
        finder->table = &finder->defaults;
    }
}

void tf_finder_release(struct tf_finder *finder)
{
    free(finder->found);
    finder->found = NULL;
    finder->count = finder->capacity = 0;
}

static bool stop(struct tf_finder *finder, enum tf_status why)
{
    finder->status = why;
    return false;
}

static bool keep(struct tf_finder *finder, const struct tf_item *a, const struct tf_item *b)
{
    if (finder->count == finder->most)
        return stop(finder, TF_LIMIT);
    if (finder->count == finder->capacity) {
        size_t capacity = finder->capacity + finder->capacity / 2 + 64;
        struct tf_found *found = capacity <= SIZE_MAX / sizeof *found
                                     ? realloc(finder->found, capacity * sizeof *found)
                                     : NULL;
        if (!found)
            return stop(finder, TF_NOMEM);
        finder->found = found;
        finder->capacity = capacity;
    }
    struct tf_found *found = &finder->found[finder->count++];
    *found = (struct tf_found){.entity_a = a->entity,
                               .entity_b = b->entity,
                               .volume_a = a->volume,
                               .volume_b = b->volume,
                               .a = a,
                               .b = b};
    tf_shape_nearest(a->v4.shape, b->v4.shape, &found->nearest);
    return true;
}

/* Whether the pair's span reaches into the window of the search. */
static bool in_window(const struct tf_search *search, const struct tf_volume4 *a,
                      const struct tf_volume4 *b, int64_t time_ns)
{
    if (search->from_ns == 0 && search->until_ns == 0)
        return true;
    int64_t first_ns, last_ns;
    tf_separation_span(a, b, time_ns, &first_ns, &last_ns);
    return first_ns < search->until_ns && last_ns > search->from_ns;
}

bool tf_finder_test(struct tf_finder *finder, const struct tf_item *x, const struct tf_item *y)
{
    if (x->entity == y->entity)
        return true;
    const struct tf_item *a = x->entity < y->entity ? x : y, *b = a == x ? y : x;
    const struct tf_separation *minima = &finder->table->pair[a->kind][b->kind];
    const struct tf_search *search = finder->search;
    if (!tf_volume4_conflicts(&a->v4, &b->v4, minima) ||
        !in_window(search, &a->v4, &b->v4, minima->time_ns) ||
        (search->want && !search->want(search->ctx, a->entity, b->entity)))
        return true;
    return keep(finder, a, b);
}

bool tf_finder_step(struct tf_finder *finder)
{
    const struct tf_search *search = finder->search;
    if (++finder->steps % STEPS_PER_REPORT != 0 || !search->progress)
        return true;
    return search->progress(search->ctx, finder->done, finder->total) || stop(finder, TF_LIMIT);
}

/* The last report, and the result. */
static enum tf_status finish(struct tf_finder *finder, struct tf_conflicts *out)
{
    const struct tf_search *search = finder->search;
    if (!finder->status && search->progress &&
        !search->progress(search->ctx, finder->total, finder->total))
        finder->status = TF_LIMIT;
    if (!finder->status)
        finder->status = tf_finder_report(finder, out);
    tf_finder_release(finder);
    return finder->status;
}

enum tf_status tf_conflicts_all(const struct tf_index_view *view, const struct tf_search *search,
                                struct tf_conflicts *out)
{
    struct tf_finder finder;
    tf_finder_init(&finder, search, view->forest->count);
    tf_join_forest(&finder, view->forest);
    return finish(&finder, out);
}

struct one {
    struct tf_finder *finder;
    const struct tf_item *item;
};

static bool visit_one(void *ctx, void *leaf)
{
    const struct one *one = ctx;
    return tf_finder_test(one->finder, one->item, &((const struct tf_entry *)leaf)->item) &&
           tf_finder_step(one->finder);
}

/* One volume against all trees. */
static void find_for(struct tf_finder *finder, const struct tf_forest *forest,
                     const struct tf_item *item)
{
    struct one one = {finder, item};
    struct tf_box5 box = tf_box5_of_volume(&item->v4);
    for (unsigned t = 0; t < TF_TREES && !finder->status; t++) {
        unsigned kind = t / TF_CLASSES;
        if (!forest->tree[t] || !finder->table->compared[item->kind][kind])
            continue;
        struct tf_limit5 limit = tf_limit5_grown(&box, &finder->table->pair[item->kind][kind]);
        tf_tree_search(forest->tree[t], &limit, visit_one, &one);
    }
}

enum tf_status tf_conflicts_of(const struct tf_index_view *view, uint64_t entity, enum tf_kind kind,
                               const struct tf_volume4 *volumes, size_t count,
                               const struct tf_search *search, struct tf_conflicts *out)
{
    struct tf_finder finder;
    tf_finder_init(&finder, search, count);
    struct tf_item *items = calloc(count ? count : 1, sizeof *items);
    if (!items)
        return TF_NOMEM;
    for (size_t i = 0; i < count && !finder.status; i++) {
        items[i] = (struct tf_item){entity, (uint32_t)i, kind, volumes[i]};
        find_for(&finder, view->forest, &items[i]);
        finder.done = i + 1;
    }
    enum tf_status status = finish(&finder, out);
    free(items);
    return status;
}
