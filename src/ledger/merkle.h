/*
 * merkle.h - Merkle trees over SHA-256 as in RFC 6962 and RFC 9162 §2.1: hashes, compact ranges,
 * proofs made and checked. Pure computation.
 *
 *            root            A tree of 7 leaves. A compact range holds the roots of the
 *          /      \          largest complete subtrees from left to right: here a, b, 6.
 *        a          .        A node is named by its level (0: leaves) and its index from
 *      /   \       / \       the left; it covers the leaves index << level and on.
 *     .     .     b   6
 *    / \   / \   / \
 *   0   1 2   3 4   5
 */
#ifndef TF_LEDGER_MERKLE_H
#define TF_LEDGER_MERKLE_H

#include "ledger/key.h"

enum {
    LEDGER_PROOF_MAX = 64, /* hashes in a proof */
    MERKLE_LEVELS = 63     /* sizes are below 2^63 */
};

struct ledger_hash {
    uint8_t bytes[KEY_HASH_SIZE];
};
struct ledger_proof {
    struct ledger_hash hash[LEDGER_PROOF_MAX]; /* leaf's sibling first */
    size_t count;
};

struct ledger_hash merkle_leaf(const void *entry, size_t len); /* SHA-256(0x00 || entry) */
/* SHA-256(0x01 || left || right) */
struct ledger_hash merkle_node(const struct ledger_hash *left, const struct ledger_hash *right);
struct ledger_hash merkle_empty(void); /* the root of no leaves: SHA-256("") */
bool merkle_equal(const struct ledger_hash *a, const struct ledger_hash *b);

/* The compact range of a tree of `size` leaves: as many hashes as `size` has bits. */
struct merkle_range {
    uint64_t size;
    struct ledger_hash hash[MERKLE_LEVELS];
};
size_t merkle_range_count(uint64_t size);
/* One leaf more. *top: the level of the node that it completed (the leaf itself is level 0); the
 * node's hash is then the range's last. */
void merkle_range_append(struct merkle_range *range, const struct ledger_hash *leaf, unsigned *top);
/* The same, and the nodes completed at the levels 0, 1 ... *top, in `made`. */
void merkle_range_append_all(struct merkle_range *range, const struct ledger_hash *leaf,
                             struct ledger_hash made[MERKLE_LEVELS], unsigned *top);
struct ledger_hash merkle_range_root(const struct merkle_range *range);

/* --- checking: RFC 9162 §2.1.3.2 and §2.1.4.2 ----------------------------------------------- */

bool merkle_check_inclusion(const struct ledger_hash *leaf, uint64_t index, uint64_t size,
                            const struct ledger_proof *proof, const struct ledger_hash *root);
/* from = 0 is refused: what is consistent with everything is not proved by anything. */
bool merkle_check_consistency(uint64_t from, const struct ledger_hash *from_root, uint64_t to,
                              const struct ledger_hash *to_root, const struct ledger_proof *proof);
/* The subtree of the leaves start <= i < end against the tree (draft-ietf-plants-merkle-tree-certs
 * §4.4): start must be a multiple of the least power of two that is not below end - start. A
 * subtree of no leaves is in every tree. */
bool merkle_check_subtree(uint64_t start, uint64_t end, const struct ledger_hash *subtree,
                          uint64_t size, const struct ledger_hash *root,
                          const struct ledger_proof *proof);
bool merkle_subtree_is_valid(uint64_t start, uint64_t end);

/* --- making ------------------------------------------------------------------------------------
 */

/* Where complete nodes come from. */
struct merkle_source {
    enum tf_status (*node)(void *ctx, unsigned level, uint64_t index, struct ledger_hash *out);
    void *ctx;
};
/* The root of a tree's first `size` leaves. */
TF_MUST_CHECK enum tf_status merkle_root(const struct merkle_source *source, uint64_t size,
                                         struct ledger_hash *out);
/* TF_RANGE: index >= size; from > to or from = 0. */
TF_MUST_CHECK enum tf_status merkle_inclusion(const struct merkle_source *source, uint64_t index,
                                              uint64_t size, struct ledger_proof *out);
TF_MUST_CHECK enum tf_status merkle_consistency(const struct merkle_source *source, uint64_t from,
                                                uint64_t to, struct ledger_proof *out);

#endif
