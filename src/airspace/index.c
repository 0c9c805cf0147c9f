/*
 * index.c - the writer of the 4D index, and the epochs that keep views valid.
 */
#include "airspace/index.h"

#include <stdlib.h>

/* So many blocks are retired before the writer looks at the views again. */
enum { RECLAIM_EVERY = 256 };

enum tf_status tf_index_new(struct tf_index **out)
{
    struct tf_index *index = calloc(1, sizeof *index);
    if (!index)
        return TF_NOMEM;
    tf_pool_init(&index->nodes, sizeof(struct tf_node));
    tf_pool_init(&index->entries, sizeof(struct tf_entry));
    tf_pool_init(&index->forests, sizeof(struct tf_forest));
    index->retired.reclaim_at = RECLAIM_EVERY;
    struct tf_forest *forest = tf_pool_take(&index->forests);
    if (!forest) {
        free(index);
        return TF_NOMEM;
    }
    *forest = (struct tf_forest){0};
    atomic_init(&index->forest, forest);
    atomic_init(&index->epoch, 1);
    atomic_init(&index->count, 0);
    for (size_t i = 0; i < TF_INDEX_MAX_VIEWS; i++)
        atomic_init(&index->views[i].announced, 0);
    *out = index;
    return TF_OK;
}

/* Entries. */

static struct tf_entry *make_entry(struct tf_index *index, const struct tf_item *item)
{
    struct tf_entry *entry = tf_pool_take(&index->entries);
    if (!entry)
        return NULL;
    entry->item = *item;
    entry->item.v4 = tf_volume4_ref(&item->v4);
    return entry;
}

static void give_entry(struct tf_index *index, struct tf_entry *entry)
{
    tf_volume4_release(&entry->item.v4);
    tf_pool_give(&index->entries, entry);
}

static size_t shape_bytes(const struct tf_entry *entry)
{
    return entry ? tf_shape_memory_bytes(entry->item.v4.shape) : 0;
}

/* Retirement: each list is in the order of `retired`. */

static void retire_nodes(struct tf_retired *to, struct tf_node *list, uint64_t epoch)
{
    for (struct tf_node *node = list, *next; node; node = next) {
        next = node->next;
        node->next = NULL;
        node->retired = epoch;
        if (to->last_node)
            to->last_node->next = node;
        else
            to->first_node = node;
        to->last_node = node;
        to->count++;
    }
}

static void retire_entry(struct tf_retired *to, struct tf_entry *entry, uint64_t epoch)
{
    entry->next = NULL;
    entry->retired = epoch;
    if (to->last_entry)
        to->last_entry->next = entry;
    else
        to->first_entry = entry;
    to->last_entry = entry;
    to->count++;
}

static void retire_forest(struct tf_retired *to, struct tf_forest *forest, uint64_t epoch)
{
    forest->next = NULL;
    forest->retired = epoch;
    if (to->last_forest)
        to->last_forest->next = forest;
    else
        to->first_forest = forest;
    to->last_forest = forest;
    to->count++;
}

/* Gives back what was retired by state `horizon` or before. */
static void reclaim_until(struct tf_index *index, uint64_t horizon)
{
    struct tf_retired *from = &index->retired;
    while (from->first_node && from->first_node->retired <= horizon) {
        struct tf_node *node = from->first_node;
        from->first_node = node->next;
        tf_pool_give(&index->nodes, node);
        from->count--;
    }
    while (from->first_entry && from->first_entry->retired <= horizon) {
        struct tf_entry *entry = from->first_entry;
        from->first_entry = entry->next;
        give_entry(index, entry);
        from->count--;
    }
    while (from->first_forest && from->first_forest->retired <= horizon) {
        struct tf_forest *forest = from->first_forest;
        from->first_forest = forest->next;
        tf_pool_give(&index->forests, forest);
        from->count--;
    }
    from->last_node = from->first_node ? from->last_node : NULL;
    from->last_entry = from->first_entry ? from->last_entry : NULL;
    from->last_forest = from->first_forest ? from->last_forest : NULL;
}

static void reclaim(struct tf_index *index)
{
    uint64_t horizon = UINT64_MAX;
    for (size_t i = 0; i < TF_INDEX_MAX_VIEWS; i++) {
        uint64_t announced = atomic_load(&index->views[i].announced);
        if (announced != 0 && announced < horizon)
            horizon = announced;
    }
    reclaim_until(index, horizon);
    index->retired.reclaim_at = index->retired.count + RECLAIM_EVERY;
}

/*
 * Changes: a new forest, built beside the published one, then published whole.
 */
struct change {
    struct tf_index *index;
    struct tf_txn txn;
    struct tf_forest *forest;
};

static struct tf_forest *current_forest(struct tf_index *index)
{
    return atomic_load_explicit(&index->forest, memory_order_relaxed);
}

/* Reclaims first: what this change retires is in the map until after it. */
static enum tf_status begin_change(struct tf_index *index, struct change *out)
{
    if (index->retired.count >= index->retired.reclaim_at)
        reclaim(index);
    out->index = index;
    out->forest = tf_pool_take(&index->forests);
    if (!out->forest)
        return TF_NOMEM;
    *out->forest = *current_forest(index);
    out->txn = tf_txn_begin(&index->nodes, ++index->changes);
    return TF_OK;
}

static void abort_change(struct change *change)
{
    tf_txn_abort(&change->txn);
    tf_pool_give(&change->index->forests, change->forest);
}

static void set_planted(struct tf_forest *forest)
{
    forest->planted = 0;
    for (unsigned t = 0; t < TF_TREES; t++)
        forest->planted |= (uint64_t)(forest->tree[t] != NULL) << t;
}

/* Publishes; returns the number of the new state, by which replaced entries are to be retired.
 * The forest is stored before the epoch, so that a view which announces the new
 * number reads the new forest. */
static uint64_t publish(struct change *change)
{
    struct tf_index *index = change->index;
    struct tf_forest *old = current_forest(index);
    uint64_t epoch = atomic_load_explicit(&index->epoch, memory_order_relaxed) + 1;
    set_planted(change->forest);
    atomic_store(&index->forest, change->forest);
    atomic_store(&index->epoch, epoch);
    atomic_store(&index->count, change->forest->count);
    retire_nodes(&index->retired, tf_txn_commit(&change->txn), epoch);
    retire_forest(&index->retired, old, epoch);
    return epoch;
}

static enum tf_status add_entry(struct change *change, struct tf_entry *entry)
{
    struct tf_box5 box = tf_box5_of_volume(&entry->item.v4);
    struct tf_node **tree = &change->forest->tree[tf_tree_of(entry->item.kind, &box)];
    change->forest->count++;
    return tf_tree_add(&change->txn, tree, &box, entry);
}

static enum tf_status take_entry(struct change *change, const struct tf_entry *entry)
{
    struct tf_box5 box = tf_box5_of_volume(&entry->item.v4);
    struct tf_node **tree = &change->forest->tree[tf_tree_of(entry->item.kind, &box)];
    change->forest->count--;
    return tf_tree_remove(&change->txn, tree, &box, entry);
}

/* Takes `old` (or NULL) out and puts `new` (or NULL) in, in one step. */
static enum tf_status exchange(struct tf_index *index, struct tf_entry *old, struct tf_entry *new)
{
    struct change change;
    enum tf_status status = begin_change(index, &change);
    if (status)
        return status;
    if (old)
        status = take_entry(&change, old);
    if (!status && new)
        status = add_entry(&change, new);
    if (status) {
        abort_change(&change);
        return status;
    }
    uint64_t epoch = publish(&change);
    index->shape_bytes += shape_bytes(new);
    index->shape_bytes -= shape_bytes(old);
    if (old)
        retire_entry(&index->retired, old, epoch);
    return TF_OK;
}

/* Inserts a new key, or replaces `old`. */
static enum tf_status put(struct tf_index *index, struct tf_entry *old, const struct tf_item *item)
{
    if (tf_map_reserve(&index->map, index->map.used + 1))
        return TF_NOMEM;
    struct tf_entry *entry = make_entry(index, item);
    if (!entry)
        return TF_NOMEM;
    enum tf_status status = exchange(index, old, entry);
    if (status)
        give_entry(index, entry);
    else if (old)
        tf_map_replace(&index->map, entry);
    else
        tf_map_add(&index->map, entry);
    return status;
}

enum tf_status tf_index_insert(struct tf_index *index, const struct tf_item *item)
{
    if (tf_map_find(&index->map, item->entity, item->volume))
        return TF_EXISTS;
    return put(index, NULL, item);
}

enum tf_status tf_index_replace(struct tf_index *index, const struct tf_item *item)
{
    return put(index, tf_map_find(&index->map, item->entity, item->volume), item);
}

enum tf_status tf_index_remove(struct tf_index *index, uint64_t entity, uint32_t volume)
{
    struct tf_entry *old = tf_map_find(&index->map, entity, volume);
    if (!old)
        return TF_NOT_FOUND;
    enum tf_status status = exchange(index, old, NULL);
    if (!status)
        tf_map_remove(&index->map, entity, volume);
    return status;
}

size_t tf_index_count(const struct tf_index *index)
{
    return atomic_load(&index->count);
}

size_t tf_index_memory_bytes(const struct tf_index *index)
{
    size_t place = sizeof *index->map.tags + sizeof *index->map.entries;
    return sizeof *index + index->nodes.bytes + index->entries.bytes + index->forests.bytes +
           index->map.size * place + index->shape_bytes;
}

void tf_index_free(struct tf_index *index)
{
    if (!index)
        return;
    reclaim_until(index, UINT64_MAX);
    for (size_t i = 0; i < index->map.size; i++)
        if (index->map.tags[i])
            tf_volume4_release(&index->map.entries[i]->item.v4);
    tf_map_release(&index->map);
    tf_pool_release(&index->nodes);
    tf_pool_release(&index->entries);
    tf_pool_release(&index->forests);
    free(index);
}

/* Building all anew. */

struct build {
    struct change change;
    struct tf_map map;
    struct tf_entry **made;
    struct tf_entry5 *sorted; /* by tree */
    uint8_t *tree;            /* of each item */
    size_t count, size, bytes;
};

/* Makes an entry and a key of each item. */
static enum tf_status make_entries(struct build *build, const struct tf_item *items)
{
    for (size_t i = 0; i < build->size; i++) {
        if (tf_map_find(&build->map, items[i].entity, items[i].volume))
            return TF_EXISTS;
        struct tf_entry *entry = make_entry(build->change.index, &items[i]);
        if (!entry)
            return TF_NOMEM;
        build->made[build->count++] = entry;
        build->bytes += shape_bytes(entry);
        tf_map_add(&build->map, entry);
    }
    return TF_OK;
}

/* Counting sort by tree, then each tree from its run. */
static enum tf_status plant_trees(struct build *build)
{
    size_t start[TF_TREES + 1] = {0}, at[TF_TREES];
    for (size_t i = 0; i < build->size; i++) {
        struct tf_box5 box = tf_box5_of_volume(&build->made[i]->item.v4);
        build->tree[i] = (uint8_t)tf_tree_of(build->made[i]->item.kind, &box);
        start[build->tree[i] + 1]++;
    }
    for (size_t t = 0; t < TF_TREES; t++) {
        at[t] = start[t];
        start[t + 1] += start[t];
    }
    for (size_t i = 0; i < build->size; i++)
        build->sorted[at[build->tree[i]]++] =
            (struct tf_entry5){tf_box5_of_volume(&build->made[i]->item.v4), build->made[i]};
    struct tf_forest *forest = build->change.forest;
    for (size_t t = 0; t < TF_TREES; t++) {
        tf_tree_drop(&build->change.txn, forest->tree[t]);
        enum tf_status status = tf_tree_build(&build->change.txn, build->sorted + start[t],
                                              start[t + 1] - start[t], &forest->tree[t]);
        if (status)
            return status;
    }
    forest->count = build->size;
    return TF_OK;
}

static enum tf_status build_room(struct build *build)
{
    size_t size = build->size ? build->size : 1;
    if (size > SIZE_MAX / sizeof *build->sorted)
        return TF_NOMEM;
    build->made = malloc(size * sizeof *build->made);
    build->sorted = malloc(size * sizeof *build->sorted);
    build->tree = malloc(size);
    if (!build->made || !build->sorted || !build->tree)
        return TF_NOMEM;
    return tf_map_reserve(&build->map, size);
}

/* Publishes the new content and retires the old. */
static void finish_build(struct build *build)
{
    struct tf_index *index = build->change.index;
    uint64_t epoch = publish(&build->change);
    for (size_t i = 0; i < index->map.size; i++)
        if (index->map.tags[i])
            retire_entry(&index->retired, index->map.entries[i], epoch);
    tf_map_release(&index->map);
    index->map = build->map;
    index->shape_bytes = build->bytes;
    index->retired.reclaim_at = 0;
}

enum tf_status tf_index_build(struct tf_index *index, const struct tf_item *items, size_t count)
{
    struct build build = {.size = count};
    enum tf_status status = begin_change(index, &build.change);
    if (status)
        return status;
    status = build_room(&build);
    if (!status)
        status = make_entries(&build, items);
    if (!status)
        status = plant_trees(&build);
    if (!status) {
        finish_build(&build);
    } else {
        abort_change(&build.change);
        for (size_t i = 0; i < build.count; i++)
            give_entry(index, build.made[i]);
        tf_map_release(&build.map);
    }
    free(build.made);
    free(build.sorted);
    free(build.tree);
    return status;
}
