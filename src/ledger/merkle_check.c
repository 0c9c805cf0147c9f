/*
 * merkle_check.c - proofs checked. The variable names are those of RFC 9162 §2.1.3.2, §2.1.4.2.
 */
#include "ledger/merkle.h"

bool merkle_check_inclusion(const struct ledger_hash *leaf, uint64_t index, uint64_t size,
                            const struct ledger_proof *proof, const struct ledger_hash *root)
{
    if (index >= size)
        return false;
    uint64_t fn = index, sn = size - 1;
    struct ledger_hash r = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        const struct ledger_hash *p = &proof->hash[i];
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            r = merkle_node(p, &r);
            for (; !(fn & 1) && fn != 0; fn >>= 1)
                sn >>= 1;
        } else {
            r = merkle_node(&r, p);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && merkle_equal(&r, root);
}

bool merkle_subtree_is_valid(uint64_t start, uint64_t end)
{
    if (start >= end || end > UINT64_C(1) << MERKLE_LEVELS)
        return false;
    uint64_t width = 1;
    while (width < end - start)
        width <<= 1;
    return start % width == 0;
}

/* The position of the subtree's two edges and of the tree's last leaf, level by level. */
struct climb {
    uint64_t fn, sn, tn;
};

static void climb_once(struct climb *at)
{
    at->fn >>= 1;
    at->sn >>= 1;
    at->tn >>= 1;
}

/* Up to the node from which on the proof goes. */
static void climb_to_start(struct climb *at)
{
    if (at->sn == at->tn)
        while (at->fn != at->sn)
            climb_once(at);
    else
        while (at->fn != at->sn && (at->sn & 1))
            climb_once(at);
}

bool merkle_check_subtree(uint64_t start, uint64_t end, const struct ledger_hash *subtree,
                          uint64_t size, const struct ledger_hash *root,
                          const struct ledger_proof *proof)
{
    struct ledger_hash empty = merkle_empty();
    if (start == end)
        return end <= size && proof->count == 0 && merkle_equal(subtree, &empty);
    if (!merkle_subtree_is_valid(start, end) || end > size)
        return false;
    struct climb at = {start, end - 1, size - 1};
    size_t used = 0;
    struct ledger_hash fr = *subtree;
    climb_to_start(&at);
    if (at.fn != at.sn) {
        if (proof->count == 0)
            return false;
        fr = proof->hash[used++];
    }
    struct ledger_hash sr = fr;
    for (; used < proof->count; used++) {
        const struct ledger_hash *p = &proof->hash[used];
        if (at.tn == 0)
            return false;
        if ((at.sn & 1) || at.sn == at.tn) {
            if (at.fn < at.sn)
                fr = merkle_node(p, &fr);
            sr = merkle_node(p, &sr);
            while (!(at.sn & 1) && at.sn != 0)
                climb_once(&at);
        } else {
            sr = merkle_node(&sr, p);
        }
        climb_once(&at);
    }
    return at.tn == 0 && merkle_equal(&fr, subtree) && merkle_equal(&sr, root);
}

bool merkle_check_consistency(uint64_t from, const struct ledger_hash *from_root, uint64_t to,
                              const struct ledger_hash *to_root, const struct ledger_proof *proof)
{
    if (from == 0 || from > to)
        return false;
    if (from == to)
        return proof->count == 0 && merkle_equal(from_root, to_root);
    return merkle_check_subtree(0, from, from_root, to, to_root, proof);
}
