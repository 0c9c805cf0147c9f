/*
 * index_query.c - readers of the 4D index: views and queries.
 */
#include "airspace/index.h"

#include "airspace/separation.h"

/*
 * Announces first, then reads the forest. Both are sequentially consistent, as
 * is the writer's order (store the forest, then look at the announcements):
 * either the writer sees the announcement, or the view sees the new forest.
 */
enum tf_status tf_index_view_open(struct tf_index *index, struct tf_index_view **out)
{
    for (size_t i = 0; i < TF_INDEX_MAX_VIEWS; i++) {
        struct tf_index_view *view = &index->views[i];
        if (atomic_load_explicit(&view->announced, memory_order_relaxed) != 0)
            continue;
        uint64_t none = 0, epoch = atomic_load(&index->epoch);
        if (!atomic_compare_exchange_strong(&view->announced, &none, epoch))
            continue;
        view->forest = atomic_load(&index->forest);
        *out = view;
        return TF_OK;
    }
    return TF_BUSY;
}

void tf_index_view_close(struct tf_index_view *view)
{
    if (view)
        atomic_store_explicit(&view->announced, 0, memory_order_release);
}

size_t tf_index_view_count(const struct tf_index_view *view)
{
    return view->forest->count;
}

struct visitor {
    tf_item_visit visit;
    void *ctx;
};

static bool visit_any(void *ctx, void *leaf)
{
    const struct visitor *visitor = ctx;
    return visitor->visit(visitor->ctx, &((const struct tf_entry *)leaf)->item);
}

void tf_index_each(const struct tf_index_view *view, tf_item_visit visit, void *ctx)
{
    struct visitor visitor = {visit, ctx};
    struct tf_limit5 all;
    for (unsigned b = 0; b < TF_BOUNDS; b++)
        all.most[b] = TF_BOUND_MOST;
    for (unsigned t = 0; t < TF_TREES; t++)
        if (!tf_tree_search(view->forest->tree[t], &all, visit_any, &visitor))
            return;
}

struct query {
    const struct tf_volume4 *volume;
    const struct tf_separation *minima;
    tf_item_visit visit;
    void *ctx;
};

static bool visit_conflict(void *ctx, void *leaf)
{
    const struct query *query = ctx;
    const struct tf_item *item = &((const struct tf_entry *)leaf)->item;
    if (!tf_volume4_conflicts(query->volume, &item->v4, query->minima))
        return true;
    return query->visit(query->ctx, item);
}

/* All trees of one kind; false: stopped. */
static bool query_kind(const struct tf_forest *forest, unsigned kind, struct query *query,
                       const struct tf_limit5 *limit)
{
    for (unsigned t = kind * TF_CLASSES; t < (kind + 1) * TF_CLASSES; t++)
        if (!tf_tree_search(forest->tree[t], limit, visit_conflict, query))
            return false;
    return true;
}

static bool has_kind(const struct tf_forest *forest, unsigned kind)
{
    return (forest->planted >> kind * TF_CLASSES & ((UINT64_C(1) << TF_CLASSES) - 1)) != 0;
}

void tf_index_query(const struct tf_index_view *view, const struct tf_volume4 *volume,
                    const struct tf_separation *minima, tf_item_visit visit, void *ctx)
{
    struct query query = {volume, minima, visit, ctx};
    struct tf_box5 box = tf_box5_of_volume(volume);
    struct tf_limit5 limit = tf_limit5_grown(&box, minima);
    for (unsigned kind = 0; kind < TF_KIND_COUNT; kind++)
        if (has_kind(view->forest, kind) && !query_kind(view->forest, kind, &query, &limit))
            return;
}

void tf_index_query_kinds(const struct tf_index_view *view, const struct tf_volume4 *volume,
                          enum tf_kind kind, const struct tf_separation_table *table,
                          tf_item_visit visit, void *ctx)
{
    struct tf_box5 box = tf_box5_of_volume(volume);
    for (unsigned other = 0; other < TF_KIND_COUNT; other++) {
        if (!table->compared[kind][other] || !has_kind(view->forest, other))
            continue;
        struct query query = {volume, &table->pair[kind][other], visit, ctx};
        struct tf_limit5 limit = tf_limit5_grown(&box, query.minima);
        if (!query_kind(view->forest, other, &query, &limit))
            return;
    }
}
