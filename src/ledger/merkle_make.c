/*
 * merkle_make.c - proofs and roots from complete nodes: RFC 9162 §2.1.3.1, §2.1.4.1, without
 * their recursion: a proof is the list of subtrees that were passed by on the way down.
 */
#include "ledger/merkle.h"

/* The leaves lo <= i < hi of one subtree. */
struct span {
    uint64_t lo, hi;
};

/* The largest power of two below n > 1. */
static uint64_t split_of(uint64_t n)
{
    uint64_t k = 1;
    while (k < n - k)
        k <<= 1;
    return k;
}

static unsigned level_of(uint64_t width)
{
    unsigned level = 0;
    while (width >> level > 1)
        level++;
    return level;
}

/* The hash of a span whose left edge is a subtree's: its complete parts are folded from the
 * right. */
static enum tf_status hash_span(const struct merkle_source *source, struct span span,
                                struct ledger_hash *out)
{
    struct ledger_hash left;
    uint64_t hi = span.hi;
    bool is_first = true;
    while (hi > span.lo) {
        uint64_t width = (hi - span.lo) & (~(hi - span.lo) + 1); /* the lowest bit */
        unsigned level = level_of(width);
        enum tf_status rc = source->node(source->ctx, level, (hi - width) >> level, &left);
        if (rc)
            return rc;
        *out = is_first ? left : merkle_node(&left, out);
        is_first = false;
        hi -= width;
    }
    return TF_OK;
}

enum tf_status merkle_root(const struct merkle_source *source, uint64_t size,
                           struct ledger_hash *out)
{
    *out = merkle_empty();
    return hash_span(source, (struct span){0, size}, out);
}

/* Hashes the spans, the last first. */
static enum tf_status hash_spans(const struct merkle_source *source, const struct span *spans,
                                 size_t count, struct ledger_proof *out)
{
    out->count = 0;
    while (count > 0) {
        enum tf_status rc = hash_span(source, spans[--count], &out->hash[out->count]);
        if (rc)
            return rc;
        out->count++;
    }
    return TF_OK;
}

enum tf_status merkle_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                                struct ledger_proof *out)
{
    struct span passed[LEDGER_PROOF_MAX], at = {0, size};
    size_t count = 0;
    if (index >= size || size > UINT64_C(1) << (MERKLE_LEVELS - 1))
        return TF_RANGE;
    while (at.hi - at.lo > 1) {
        uint64_t middle = at.lo + split_of(at.hi - at.lo);
        if (index < middle) {
            passed[count++] = (struct span){middle, at.hi};
            at.hi = middle;
        } else {
            passed[count++] = (struct span){at.lo, middle};
            at.lo = middle;
        }
    }
    return hash_spans(source, passed, count, out);
}

enum tf_status merkle_consistency(const struct merkle_source *source, uint64_t from, uint64_t to,
                                  struct ledger_proof *out)
{
    struct span passed[LEDGER_PROOF_MAX], at = {0, to};
    size_t count = 0;
    if (from == 0 || from > to || to > UINT64_C(1) << (MERKLE_LEVELS - 1))
        return TF_RANGE;
    while (at.hi != from) {
        uint64_t middle = at.lo + split_of(at.hi - at.lo);
        if (from <= middle) {
            passed[count++] = (struct span){middle, at.hi};
            at.hi = middle;
        } else {
            passed[count++] = (struct span){at.lo, middle};
            at.lo = middle;
        }
    }
    /* The old tree itself, if it is complete, is known to who checks. */
    if (at.lo > 0)
        passed[count++] = at;
    return hash_spans(source, passed, count, out);
}
