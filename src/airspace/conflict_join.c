/*
 * conflict_join.c - all against all: the trees joined with themselves and each other.
 *
 * Both trees are descended at once; a pair of nodes is opened only if their
 * boxes, grown by the separation of the two kinds, meet. So the cost follows
 * the number of pairs of neighbouring leaves, not n^2. Recursion goes down one level of
 * one tree at each step, 2 * TF_TREE_LEVELS at most.
 */
#include "airspace/conflict.h"

struct join {
    struct tf_finder *finder;
    struct tf_separation minima;
};

/* The nodes below (or the items in) `b` that the box meets; bits. */
static unsigned meeting(const struct join *join, const struct tf_node *b, const struct tf_box5 *box)
{
    struct tf_limit5 limit = tf_limit5_grown(box, &join->minima);
    return tf_node_meets(b, &limit);
}

static const struct tf_item *item_at(const struct tf_node *leaf, unsigned at)
{
    return &((const struct tf_entry *)leaf->child[at])->item;
}

/* One item of leaf `a` against those of `b` in mask. */
static bool test_items(const struct join *join, const struct tf_node *a, unsigned at,
                       const struct tf_node *b, unsigned mask)
{
    for (; mask; mask &= mask - 1)
        if (!tf_finder_test(join->finder, item_at(a, at), item_at(b, tf_lowest_bit(mask))))
            return false;
    return true;
}

static bool join_leaves(const struct join *join, const struct tf_node *a, const struct tf_node *b,
                        const struct tf_box5 *box_b)
{
    for (unsigned mask = meeting(join, a, box_b); mask; mask &= mask - 1) {
        unsigned at = tf_lowest_bit(mask);
        struct tf_box5 box = tf_node_entry(a, at);
        if (!test_items(join, a, at, b, meeting(join, b, &box)))
            return false;
    }
    return tf_finder_step(join->finder);
}

/* Two different nodes with their boxes. */
static bool join_nodes(const struct join *join, const struct tf_node *a,
                       const struct tf_box5 *box_a, const struct tf_node *b,
                       const struct tf_box5 *box_b)
{
    if (a->level == 0 && b->level == 0)
        return join_leaves(join, a, b, box_b);
    if (a->level < b->level) {
        const struct tf_node *node = a;
        const struct tf_box5 *box = box_a;
        a = b, box_a = box_b;
        b = node, box_b = box;
    }
    unsigned mask = meeting(join, a, box_b);
    for (unsigned rest = mask; rest; rest &= rest - 1)
        tf_prefetch(a->child[tf_lowest_bit(rest)], sizeof *a);
    for (; mask; mask &= mask - 1) {
        struct tf_box5 box = tf_node_entry(a, tf_lowest_bit(mask));
        if (!join_nodes(join, a->child[tf_lowest_bit(mask)], &box, b, box_b))
            return false;
    }
    return true;
}

/* Every pair below one node, once. */
static bool join_self(const struct join *join, const struct tf_node *node)
{
    for (unsigned i = 0; i < node->count; i++) {
        struct tf_box5 box = tf_node_entry(node, i);
        unsigned mask = meeting(join, node, &box) & ~((2U << i) - 1);
        if (node->level == 0) {
            if (!test_items(join, node, i, node, mask))
                return false;
            continue;
        }
        if (!join_self(join, node->child[i]))
            return false;
        for (; mask; mask &= mask - 1) {
            unsigned other = tf_lowest_bit(mask);
            struct tf_box5 other_box = tf_node_entry(node, other);
            if (!join_nodes(join, node->child[i], &box, node->child[other], &other_box))
                return false;
        }
    }
    if (node->level == 0)
        join->finder->done += node->count;
    return tf_finder_step(join->finder);
}

static bool join_trees(const struct join *join, const struct tf_node *a, const struct tf_node *b)
{
    if (a == b)
        return join_self(join, a);
    struct tf_box5 box_a = tf_node_box(a), box_b = tf_node_box(b);
    return join_nodes(join, a, &box_a, b, &box_b);
}

void tf_join_forest(struct tf_finder *finder, const struct tf_forest *forest)
{
    for (unsigned t = 0; t < TF_TREES; t++)
        for (unsigned u = 0; u <= t; u++) {
            unsigned a = t / TF_CLASSES, b = u / TF_CLASSES;
            if (!forest->tree[t] || !forest->tree[u] || !finder->table->compared[a][b])
                continue;
            struct join join = {finder, finder->table->pair[a][b]};
            if (!join_trees(&join, forest->tree[t], forest->tree[u]))
                return;
        }
}
