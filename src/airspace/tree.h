/*
 * tree.h - a copy-on-write R-tree of boxes in five dimensions.
 *
 * Dimensions: Earth-centred x, y, z (cm), altitude above WGS84 (cm), time (s),
 * each a closed interval of 32-bit integers. A box keeps the lower bound and the
 * *negated* upper bound of each dimension, so that
 *
 *     union      = the lesser of every bound
 *     a holds b  = a.bound[i] <= b.bound[i] for every i
 *     a meets b  = a.bound[i] <= limit(b)[i] for every i
 *
 * are single loops of one kind of comparison, ten bounds of sixteen entries each,
 * which compilers turn into vector code (nodes are 64-byte aligned).
 *
 *              node: bound[10][16]   one cache line for each bound
 *                    child[16]       nodes, or items at level 0
 *
 * Copy on write: a change (struct tf_txn) never alters a node that was published
 * before it began. It copies the path from the root, then changes its copies. On
 * success the caller publishes the new root and retires the nodes that were
 * replaced; on failure the copies are given back and nothing has happened.
 */
#ifndef TAFADI_AIRSPACE_TREE_H
#define TAFADI_AIRSPACE_TREE_H

#include "airspace/pool.h"

#include <stdbool.h>
#include <stdint.h>
#include <tafadi/status.h>

enum tf_dim { TF_DIM_X, TF_DIM_Y, TF_DIM_Z, TF_DIM_ALT, TF_DIM_TIME, TF_DIMS };
enum { TF_BOUNDS = 2 * TF_DIMS, TF_FAN = 16, TF_FAN_MIN = 5, TF_TREE_LEVELS = 24 };
/* Bounds lie in -TF_BOUND_MOST..TF_BOUND_MOST: an unused place in a node, whose
 * bounds are INT32_MAX, meets nothing. */
#define TF_BOUND_MOST (INT32_MAX - 1)

struct tf_box5 {
    int32_t bound[TF_BOUNDS]; /* lower bounds, then negated upper bounds */
};

struct tf_node {
    int32_t bound[TF_BOUNDS][TF_FAN];
    void *child[TF_FAN]; /* struct tf_node, or what was added if level is 0 */
    uint32_t count;
    uint32_t level; /* 0: leaf */
    /* The rest is the writer's alone. */
    uint64_t born; /* the change that made it */
    uint64_t retired;
    struct tf_node *next; /* in one of the writer's lists */
    bool dropped;         /* made and given up in the same change */
};

/* One change. */
struct tf_txn {
    struct tf_pool *nodes;
    uint64_t number;          /* unlike that of every change before */
    struct tf_node *made;     /* nodes of this change */
    struct tf_node *replaced; /* published nodes that it makes superfluous */
};

/* Begins a change. `number` must be new. */
struct tf_txn tf_txn_begin(struct tf_pool *nodes, uint64_t number);
/* The change is final: returns the list (by next) of nodes to retire. */
struct tf_node *tf_txn_commit(struct tf_txn *txn);
/* Gives the nodes of the change back. */
void tf_txn_abort(struct tf_txn *txn);

/* Adds `leaf` at `box` / removes it; `box` as it was added. *root is replaced; it is NULL for
 * an empty tree. After TF_NOMEM the change can only be aborted. TF_NOT_FOUND changes nothing. */
TF_MUST_CHECK enum tf_status tf_tree_add(struct tf_txn *txn, struct tf_node **root,
                                         const struct tf_box5 *box, void *leaf);
TF_MUST_CHECK enum tf_status tf_tree_remove(struct tf_txn *txn, struct tf_node **root,
                                            const struct tf_box5 *box, const void *leaf);

/* Builds a tree at once, top down; reorders `entries`. */
struct tf_entry5 {
    struct tf_box5 box;
    void *leaf;
};
TF_MUST_CHECK enum tf_status tf_tree_build(struct tf_txn *txn, struct tf_entry5 *entries,
                                           size_t count, struct tf_node **root);
/* Marks every node of a published tree as replaced. */
void tf_tree_drop(struct tf_txn *txn, struct tf_node *root);

/* The limits that a box sets to the bounds of what meets it. */
struct tf_limit5 {
    int32_t most[TF_BOUNDS];
};
struct tf_limit5 tf_limit5_of(const struct tf_box5 *box);
struct tf_box5 tf_node_box(const struct tf_node *node);
struct tf_box5 tf_node_entry(const struct tf_node *node, unsigned at);
struct tf_box5 tf_box5_empty(void);
void tf_box5_add(struct tf_box5 *box, const struct tf_box5 *other);

/* Four lanes of a vector register; compilers without vectors of their own get loops of four. */
typedef int32_t tf_lanes __attribute__((vector_size(16), may_alias));

/* Sixteen boxes against one: a bit for each that meets it. */
static inline unsigned tf_node_meets(const struct tf_node *node, const struct tf_limit5 *limit)
{
    tf_lanes miss[4] = {{0}};
    for (unsigned b = 0; b < TF_BOUNDS; b++) {
        const tf_lanes *row = (const tf_lanes *)(const void *)node->bound[b];
        int32_t most = limit->most[b];
        tf_lanes bar = {most, most, most, most};
        miss[0] |= row[0] > bar;
        miss[1] |= row[1] > bar;
        miss[2] |= row[2] > bar;
        miss[3] |= row[3] > bar;
    }
    const tf_lanes bits = {1, 2, 4, 8};
    tf_lanes any = (~miss[0] & bits) | (~miss[1] & bits << 4) | (~miss[2] & bits << 8) |
                   (~miss[3] & bits << 12);
    return (unsigned)(any[0] | any[1] | any[2] | any[3]);
}

/* The lowest bit of mask != 0. */
static inline unsigned tf_lowest_bit(unsigned mask)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctz(mask);
#else
    unsigned at = 0;
    while (!(mask >> at & 1))
        at++;
    return at;
#endif
}

static inline void tf_prefetch(const void *p, size_t bytes)
{
#if defined(__GNUC__)
    for (size_t at = 0; at < bytes; at += 64)
        __builtin_prefetch((const char *)p + at);
#else
    (void)p;
    (void)bytes;
#endif
}

/* Calls visit for every leaf whose box meets the limit, until it returns false. Returns
 * false if it did. Allocates nothing. */
typedef bool (*tf_leaf_visit)(void *ctx, void *leaf);
bool tf_tree_search(const struct tf_node *root, const struct tf_limit5 *limit, tf_leaf_visit visit,
                    void *ctx);

#endif
