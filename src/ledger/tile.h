/*
 * tile.h - tlog-tiles (C2SP): the tree cut into tiles of 256 hashes, and the entries into bundles
 * of 256; their sizes, paths and bytes. Level -1 stands for the bundles.
 */
#ifndef TF_LEDGER_TILE_H
#define TF_LEDGER_TILE_H

#include "ledger/merkle.h"

enum {
    TILE_WIDTH = 256,
    TILE_HEIGHT = 8,
    TILE_ENTRIES = -1,
    TILE_LEVELS = 8, /* 0 to 7: sizes are below 2^63 */
    TILE_PATH_SIZE = 64
};

/* How many full tiles a level has in a tree of this size, and how wide the last, partial one
 * is (0: there is none). */
uint64_t tile_full(int level, uint64_t size);
unsigned tile_rest(int level, uint64_t size);
/* The width that a tile has in a tree of this size; 0: it is not there. */
unsigned tile_width(int level, uint64_t number, uint64_t size);

/* "tile/0/x001/x234/067.p/12", "tile/entries/000"; false: the width is not 1 to 256. */
bool tile_path(int level, uint64_t number, unsigned width, char out[TILE_PATH_SIZE]);
/* And back, strictly: one path for one tile. */
bool tile_read_path(const char *path, int *level, uint64_t *number, unsigned *width);

/* The root of a full tile's 256 hashes, or of fewer that are a power of two. */
struct ledger_hash tile_fold(const struct ledger_hash *hashes, size_t count);

/* Appends an entry to a bundle: its length as a big-endian uint16, then itself. */
void tile_bundle_append(struct tf_buf *bundle, const void *entry, size_t len);
/* The next entry of a bundle; *at begins with 0. False: at the end, or broken: *at < len then. */
bool tile_bundle_next(const char *bundle, size_t len, size_t *at, const char **entry,
                      size_t *entry_len);

#endif
