/*
 * edge.h - the growing right edge of a ledger's tree: the last, partial tile of each level with
 * the nodes inside it, so that an append costs few hashes and a proof near the edge no read.
 */
#ifndef TF_LEDGER_EDGE_H
#define TF_LEDGER_EDGE_H

#include "ledger/tile.h"

enum { EDGE_NODES = 2 * TILE_WIDTH - 1 };

/* A tile's hashes and the nodes that they make: level by level, the root last. */
struct edge_tile {
    struct ledger_hash node[EDGE_NODES];
};
/* `level` within the tile: 0 (its hashes) to TILE_HEIGHT (its root). */
struct ledger_hash *edge_node(struct edge_tile *tile, unsigned level, size_t index);
/* Computes the nodes over the tile's first `count` hashes. */
void edge_fill(struct edge_tile *tile, size_t count);

struct edge {
    struct merkle_range range; /* range.size: how many entries the tree has */
    struct edge_tile tile[TILE_LEVELS];
};
/* One leaf more. made[0] to made[*top] are the nodes that it completed, of the levels 0 to *top:
 * where (*top + 1) > 8 n, the tile of level n - 1 is full: edge->tile[n - 1]. */
void edge_append(struct edge *edge, const struct ledger_hash *leaf,
                 struct ledger_hash made[MERKLE_LEVELS], unsigned *top);
/* The tree had only `size` entries, in the same tile of level 0; or, after the tiles were
 * filled, it has them. */
void edge_set_size(struct edge *edge, uint64_t size);
/* A complete node of the tree. NULL: it is not in the edge. */
const struct ledger_hash *edge_find(struct edge *edge, unsigned level, uint64_t index);

#endif
