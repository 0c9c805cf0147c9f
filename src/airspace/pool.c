/*
 * pool.c - a slab allocator for nodes and items of the index.
 *
 * A slab hands out its blocks in order of address, so that what is built
 * together lies together; blocks given back are reused last in, first out,
 * while they are still in the cache.
 */
#include "airspace/pool.h"

#include <stdlib.h>

enum { FIRST_BLOCKS = 16, MOST_BLOCKS = 4096 };

struct tf_pool_block {
    struct tf_pool_block *next;
};
/* Head of a slab; its blocks follow at TF_POOL_ALIGN. */
struct tf_pool_slab {
    struct tf_pool_slab *next;
    size_t count, used;
};

void tf_pool_init(struct tf_pool *pool, size_t size)
{
    size_t rounded = (size + TF_POOL_ALIGN - 1) / TF_POOL_ALIGN * TF_POOL_ALIGN;
    *pool = (struct tf_pool){.block_size = rounded};
}

static struct tf_pool_slab *add_slab(struct tf_pool *pool)
{
    size_t count = pool->slabs ? pool->slabs->count * 2 : FIRST_BLOCKS;
    if (count > MOST_BLOCKS)
        count = MOST_BLOCKS;
    size_t bytes = TF_POOL_ALIGN + count * pool->block_size;
    struct tf_pool_slab *slab = aligned_alloc(TF_POOL_ALIGN, bytes);
    if (!slab)
        return NULL;
    *slab = (struct tf_pool_slab){.next = pool->slabs, .count = count};
    pool->slabs = slab;
    pool->bytes += bytes;
    return slab;
}

void *tf_pool_take(struct tf_pool *pool)
{
    struct tf_pool_block *block = pool->free;
    if (block) {
        pool->free = block->next;
        return block;
    }
    struct tf_pool_slab *slab = pool->slabs;
    if (!slab || slab->used == slab->count)
        slab = add_slab(pool);
    if (!slab)
        return NULL;
    return (char *)slab + TF_POOL_ALIGN + pool->block_size * slab->used++;
}

void tf_pool_give(struct tf_pool *pool, void *block)
{
    struct tf_pool_block *head = block;
    head->next = pool->free;
    pool->free = head;
}

void tf_pool_release(struct tf_pool *pool)
{
    while (pool->slabs) {
        struct tf_pool_slab *slab = pool->slabs;
        pool->slabs = slab->next;
        free(slab);
    }
    tf_pool_init(pool, pool->block_size);
}
