/*
 * pool.h - blocks of one size, 64-byte aligned, taken and given back in O(1).
 *
 * Blocks come from slabs that double in size up to a limit; slabs are returned
 * to the system only by tf_pool_release. One thread at a time.
 */
#ifndef TAFADI_AIRSPACE_POOL_H
#define TAFADI_AIRSPACE_POOL_H

#include <stddef.h>

struct tf_pool_block;
struct tf_pool_slab;
struct tf_pool {
    size_t block_size; /* a multiple of TF_POOL_ALIGN */
    struct tf_pool_block *free;
    struct tf_pool_slab *slabs; /* newest first */
    size_t bytes;               /* of all slabs */
};

enum { TF_POOL_ALIGN = 64 };

/* `size` is rounded up to TF_POOL_ALIGN. Allocates nothing. */
void tf_pool_init(struct tf_pool *pool, size_t size);
/* An uninitialised block, NULL if memory has run out. */
void *tf_pool_take(struct tf_pool *pool);
void tf_pool_give(struct tf_pool *pool, void *block);
/* Frees every slab; all blocks become invalid. */
void tf_pool_release(struct tf_pool *pool);

#endif
