/*
 * edge.c - see edge.h.
 */
#include "ledger/edge.h"

struct ledger_hash *edge_node(struct edge_tile *tile, unsigned level, size_t index)
{
    /* 256 hashes, 128 nodes, ..., 1: the levels below take 512 - (512 >> level). */
    return &tile->node[2 * TILE_WIDTH - (2u * TILE_WIDTH >> level) + index];
}

void edge_fill(struct edge_tile *tile, size_t count)
{
    for (unsigned level = 0; level < TILE_HEIGHT; level++)
        for (size_t i = 0; i < count >> (level + 1); i++)
            *edge_node(tile, level + 1, i) =
                merkle_node(edge_node(tile, level, 2 * i), edge_node(tile, level, 2 * i + 1));
}

void edge_append(struct edge *edge, const struct ledger_hash *leaf,
                 struct ledger_hash made[MERKLE_LEVELS], unsigned *top)
{
    uint64_t index = edge->range.size;
    merkle_range_append_all(&edge->range, leaf, made, top);
    for (unsigned level = 0; level <= *top; level++, index >>= 1) {
        unsigned inner = level % TILE_HEIGHT, tile = level / TILE_HEIGHT;
        size_t width = (size_t)TILE_WIDTH >> inner;
        if (inner == 0 && level > 0) /* the root of the tile below */
            edge->tile[tile - 1].node[EDGE_NODES - 1] = made[level];
        if (tile < TILE_LEVELS)
            *edge_node(&edge->tile[tile], inner, index & (width - 1)) = made[level];
    }
}

/* Where a node stands in its tile: the tile's number and level, and the place in it. */
static uint64_t tile_of(unsigned level, uint64_t index, unsigned *inner, size_t *place)
{
    *inner = level % TILE_HEIGHT;
    *place = index & (((size_t)TILE_WIDTH >> *inner) - 1);
    return index >> (TILE_HEIGHT - *inner);
}

void edge_set_size(struct edge *edge, uint64_t size)
{
    size_t count = 0;
    edge->range.size = size;
    for (unsigned level = MERKLE_LEVELS; level-- > 0;)
        if (size >> level & 1) {
            unsigned inner;
            size_t place;
            (void)tile_of(level, (size >> level) - 1, &inner, &place);
            edge->range.hash[count++] = *edge_node(&edge->tile[level / TILE_HEIGHT], inner, place);
        }
}

const struct ledger_hash *edge_find(struct edge *edge, unsigned level, uint64_t index)
{
    unsigned inner;
    size_t place;
    uint64_t number = tile_of(level, index, &inner, &place);
    if (level >= TILE_LEVELS * TILE_HEIGHT || index >= edge->range.size >> level ||
        number != tile_full((int)(level / TILE_HEIGHT), edge->range.size))
        return NULL;
    return edge_node(&edge->tile[level / TILE_HEIGHT], inner, place);
}
