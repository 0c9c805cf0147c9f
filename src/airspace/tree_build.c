/*
 * tree_build.c - a tree from many boxes at once.
 *
 * Top down: a node of height h over n entries gets the least number of children
 * that fit (FILL ^ (h + 1) entries each at most), and the entries are divided
 * among them by repeated halving along the dimension that separates best
 * (tree_cost.h). All nodes of a level are about equally full.
 */
#include "airspace/tree_cost.h"

#include <assert.h>

/* Entries in a node: room is left for some insertions. */
enum { FILL = 14 };

static void swap_entries(struct tf_entry5 *a, struct tf_entry5 *b)
{
    struct tf_entry5 t = *a;
    *a = *b;
    *b = t;
}

/* Median of the middles of three places. */
static int64_t pivot_of(const struct tf_entry5 *entries, size_t lo, size_t hi, enum tf_dim dim)
{
    int64_t a = tf_cost_middle(&entries[lo].box, dim);
    int64_t b = tf_cost_middle(&entries[lo + (hi - lo) / 2].box, dim);
    int64_t c = tf_cost_middle(&entries[hi].box, dim);
    if (a > b) {
        int64_t t = a;
        a = b;
        b = t;
    }
    return c < a ? a : c < b ? c : b;
}

static void sift_down(struct tf_entry5 *entries, size_t at, size_t count, enum tf_dim dim)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count &&
            tf_cost_middle(&entries[child].box, dim) < tf_cost_middle(&entries[child + 1].box, dim))
            child++;
        if (tf_cost_middle(&entries[at].box, dim) >= tf_cost_middle(&entries[child].box, dim))
            return;
        swap_entries(&entries[at], &entries[child]);
    }
}

static void heap_sort(struct tf_entry5 *entries, size_t count, enum tf_dim dim)
{
    for (size_t i = count / 2; i-- > 0;)
        sift_down(entries, i, count, dim);
    for (size_t last = count; last-- > 1;) {
        swap_entries(&entries[0], &entries[last]);
        sift_down(entries, 0, last, dim);
    }
}

/*
 * Hoare's selection: afterwards no entry before `cut` lies after one from `cut`
 * on. Orders made to defeat the pivots fall back to a heap sort.
 */
static void divide(struct tf_entry5 *entries, size_t count, size_t cut, enum tf_dim dim)
{
    size_t lo = 0, hi = count - 1;
    for (unsigned rounds = 0; lo < hi; rounds++) {
        if (rounds > 96) {
            heap_sort(entries + lo, hi - lo + 1, dim);
            return;
        }
        int64_t pivot = pivot_of(entries, lo, hi, dim);
        size_t i = lo, j = hi;
        for (;;) {
            while (tf_cost_middle(&entries[i].box, dim) < pivot)
                i++;
            while (tf_cost_middle(&entries[j].box, dim) > pivot)
                j--;
            if (i >= j)
                break;
            swap_entries(&entries[i++], &entries[j--]);
        }
        /* lo..i-1 <= pivot <= i..hi; both sides are proper parts. */
        if (i == lo)
            i++;
        if (cut < i)
            hi = i - 1;
        else
            lo = i;
    }
}

static struct tf_node *build_node(struct tf_txn *txn, struct tf_entry5 *entries, size_t count,
                                  unsigned level, size_t capacity);

/* Divides entries among `parts` new children of `parent`; halves recursively (at most
 * log2(TF_FAN) deep). */
static enum tf_status build_children(struct tf_txn *txn, struct tf_node *parent,
                                     struct tf_entry5 *entries, size_t count, size_t parts,
                                     size_t capacity)
{
    if (parts == 1) {
        struct tf_node *child = build_node(txn, entries, count, parent->level - 1, capacity);
        if (!child)
            return TF_NOMEM;
        struct tf_box5 box = tf_node_box(child);
        tf_node_push(parent, &box, child);
        return TF_OK;
    }
    size_t left_parts = parts / 2, cut = count * left_parts / parts;
    divide(entries, count, cut, tf_cost_dimension(entries, count));
    enum tf_status status = build_children(txn, parent, entries, cut, left_parts, capacity);
    if (status)
        return status;
    return build_children(txn, parent, entries + cut, count - cut, parts - left_parts, capacity);
}

/* `capacity`: of a node of this level. Recursion: one step for each level. */
static struct tf_node *build_node(struct tf_txn *txn, struct tf_entry5 *entries, size_t count,
                                  unsigned level, size_t capacity)
{
    struct tf_node *node = tf_node_new(txn, level);
    if (!node)
        return NULL;
    if (level == 0) {
        for (size_t i = 0; i < count; i++)
            tf_node_push(node, &entries[i].box, entries[i].leaf);
        return node;
    }
    size_t below = capacity / FILL, parts = (count + below - 1) / below;
    return build_children(txn, node, entries, count, parts, below) ? NULL : node;
}

enum tf_status tf_tree_build(struct tf_txn *txn, struct tf_entry5 *entries, size_t count,
                             struct tf_node **root)
{
    *root = NULL;
    if (count == 0)
        return TF_OK;
    unsigned level = 0;
    size_t capacity = FILL;
    while (capacity < count) {
        capacity *= FILL;
        level++;
    }
    assert(level + 1 < TF_TREE_LEVELS);
    *root = build_node(txn, entries, count, level, capacity);
    return *root ? TF_OK : TF_NOMEM;
}
