/*
 * tree.h - the naive Merkle tree of RFC 9162 §2.1.1: defined by recursion over all leaves, and
 * slow. What the oracle of this folder's tests is.
 */
#ifndef TESTS_LEDGER_TREE_H
#define TESTS_LEDGER_TREE_H

#include "ledger/merkle.h"
#include <stdio.h>

/* The entry at a place in the tests' trees. */
static inline size_t tree_entry(uint64_t index, char out[32])
{
    return (size_t)snprintf(out, 32, "entry %llu", (unsigned long long)index);
}

static inline struct ledger_hash tree_leaf(uint64_t index)
{
    char entry[32];
    size_t len = tree_entry(index, entry);
    return merkle_leaf(entry, len);
}

/* MTH(D[lo:hi]) */
static inline struct ledger_hash tree_root(uint64_t lo, uint64_t hi)
{
    if (hi == lo)
        return merkle_empty();
    if (hi - lo == 1)
        return tree_leaf(lo);
    uint64_t k = 1;
    while (2 * k < hi - lo)
        k *= 2;
    struct ledger_hash left = tree_root(lo, lo + k), right = tree_root(lo + k, hi);
    return merkle_node(&left, &right);
}

/* A source of nodes for merkle_inclusion() and merkle_consistency(). */
static inline enum tf_status tree_node(void *ctx, unsigned level, uint64_t index,
                                       struct ledger_hash *out)
{
    (void)ctx;
    *out = tree_root(index << level, (index + 1) << level);
    return TF_OK;
}

#endif
