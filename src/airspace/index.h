/*
 * index.h - the inside of the 4D index, for the conflict search and for tests.
 *
 * Items are kept apart by kind, duration and size, each class in a tree of its own
 * (tree.h). So a separation that depends on the kinds is applied to the boxes
 * exactly, and flights of minutes never share a node with zones of months or
 * corridors across a continent.
 *
 * A published state is a struct tf_forest. Epochs: the writer numbers the states
 * it publishes; a view announces the number that was current before it read the
 * forest. What was replaced by state r is reused once no view announces less
 * than r: a view that announces r or more has read state r or a later one, and one
 * that announces later than the writer looked reads the forest later still.
 */
#ifndef TAFADI_AIRSPACE_INDEX_H
#define TAFADI_AIRSPACE_INDEX_H

#include "airspace/tree.h"

#include <stdatomic.h>
#include <tafadi/conflict.h>

enum { TF_DURATIONS = 3, TF_EXTENTS = 2, TF_CLASSES = TF_DURATIONS * TF_EXTENTS };
enum { TF_TREES = TF_KIND_COUNT * TF_CLASSES }; /* tree = kind * TF_CLASSES + class */

struct tf_forest {
    struct tf_node *tree[TF_TREES];
    uint64_t planted; /* bit t: tree[t] is not NULL */
    size_t count;
    uint64_t retired;
    struct tf_forest *next;
};
_Static_assert(TF_TREES <= 64, "one bit for each tree");

/* An item as the trees hold it. */
struct tf_entry {
    struct tf_item item;
    uint64_t retired;
    struct tf_entry *next;
};

struct tf_index_view {
    _Atomic uint64_t announced; /* 0: free */
    const struct tf_forest *forest;
    char apart[64 - 16]; /* views are opened by different threads */
};

/* Keys to entries: open addressing, linear probing. */
struct tf_map {
    uint8_t *tags; /* 0: free */
    struct tf_entry **entries;
    size_t size; /* power of two, or 0 */
    size_t used;
};
struct tf_entry *tf_map_find(const struct tf_map *map, uint64_t entity, uint32_t volume);
/* Room for `count` entries in all. */
TF_MUST_CHECK enum tf_status tf_map_reserve(struct tf_map *map, size_t count);
/* The key must be new, or (replace) there; room must be reserved. */
void tf_map_add(struct tf_map *map, struct tf_entry *entry);
void tf_map_replace(struct tf_map *map, struct tf_entry *entry);
void tf_map_remove(struct tf_map *map, uint64_t entity, uint32_t volume);
void tf_map_release(struct tf_map *map);

/* Lists of what views may still see, oldest first. */
struct tf_retired {
    struct tf_node *first_node, *last_node;
    struct tf_entry *first_entry, *last_entry;
    struct tf_forest *first_forest, *last_forest;
    size_t count;
    size_t reclaim_at; /* count at which it is worth to look at the views */
};

struct tf_index {
    _Atomic(struct tf_forest *) forest;
    _Atomic uint64_t epoch;
    _Atomic size_t count;
    struct tf_index_view views[TF_INDEX_MAX_VIEWS];
    /* The writer's. */
    struct tf_pool nodes, entries, forests;
    struct tf_map map;
    struct tf_retired retired;
    uint64_t changes; /* number of the last struct tf_txn */
    size_t shape_bytes;
};

/* Box of a volume, widened by what the exact test forgives; never too small. */
struct tf_box5 tf_box5_of_volume(const struct tf_volume4 *volume);
/* The limits of `box` grown by the minima. */
struct tf_limit5 tf_limit5_grown(const struct tf_box5 *box, const struct tf_separation *minima);
/* The tree of an item. */
unsigned tf_tree_of(enum tf_kind kind, const struct tf_box5 *box);

#endif
