/*
 * merkle.c - hashes, and the compact range that grows by one leaf at a time.
 */
#include "ledger/merkle.h"

#include <assert.h>
#include <string.h>

struct ledger_hash merkle_leaf(const void *entry, size_t len)
{
    struct ledger_hash hash;
    key_sha256((const struct key_piece[]){{"\x00", 1}, {entry, len}}, 2, hash.bytes);
    return hash;
}

struct ledger_hash merkle_node(const struct ledger_hash *left, const struct ledger_hash *right)
{
    struct ledger_hash hash;
    uint8_t both[1 + 2 * KEY_HASH_SIZE] = {1};
    memcpy(both + 1, left->bytes, KEY_HASH_SIZE);
    memcpy(both + 1 + KEY_HASH_SIZE, right->bytes, KEY_HASH_SIZE);
    key_sha256((const struct key_piece[]){{both, sizeof both}}, 1, hash.bytes);
    return hash;
}

struct ledger_hash merkle_empty(void)
{
    struct ledger_hash hash;
    key_sha256(NULL, 0, hash.bytes);
    return hash;
}

bool merkle_equal(const struct ledger_hash *a, const struct ledger_hash *b)
{
    return memcmp(a->bytes, b->bytes, KEY_HASH_SIZE) == 0;
}

size_t merkle_range_count(uint64_t size)
{
    size_t count = 0;
    for (; size > 0; size &= size - 1)
        count++;
    return count;
}

void merkle_range_append_all(struct merkle_range *range, const struct ledger_hash *leaf,
                             struct ledger_hash made[MERKLE_LEVELS], unsigned *top)
{
    size_t count = merkle_range_count(range->size);
    unsigned level = 0;
    struct ledger_hash hash = made[0] = *leaf;
    assert(range->size < UINT64_C(1) << (MERKLE_LEVELS - 1));
    for (uint64_t rest = range->size; rest & 1; rest >>= 1) {
        hash = merkle_node(&range->hash[--count], &hash);
        made[++level] = hash;
    }
    range->hash[count] = hash;
    range->size++;
    *top = level;
}

void merkle_range_append(struct merkle_range *range, const struct ledger_hash *leaf, unsigned *top)
{
    struct ledger_hash made[MERKLE_LEVELS];
    merkle_range_append_all(range, leaf, made, top);
}

struct ledger_hash merkle_range_root(const struct merkle_range *range)
{
    size_t count = merkle_range_count(range->size);
    if (count == 0)
        return merkle_empty();
    struct ledger_hash root = range->hash[--count];
    while (count > 0)
        root = merkle_node(&range->hash[--count], &root);
    return root;
}
