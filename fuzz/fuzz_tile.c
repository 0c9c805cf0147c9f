/*
 * fuzz_tile.c - entry bundles and the paths of tiles: a bundle that is read whole is written again
 * the same, and there is one path for one tile.
 */
#include "ledger/tile.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_bundle(const char *bundle, size_t size)
{
    struct tf_buf again = TF_BUF_INIT((size_t)1 << 24);
    const char *entry;
    size_t at = 0, len;
    while (tile_bundle_next(bundle, size, &at, &entry, &len))
        tile_bundle_append(&again, entry, len);
    if (at > size || again.len != at || (at > 0 && memcmp(again.data, bundle, at) != 0))
        abort();
    tf_buf_release(&again);
}

static void try_path(const uint8_t *data, size_t size)
{
    char path[TILE_PATH_SIZE * 2], again[TILE_PATH_SIZE];
    int level;
    uint64_t number;
    unsigned width;
    if (size >= sizeof path)
        return;
    memcpy(path, data, size);
    path[size] = '\0';
    if (!tile_read_path(path, &level, &number, &width))
        return;
    if (level < TILE_ENTRIES || width < 1 || width > TILE_WIDTH ||
        !tile_path(level, number, width, again) || strcmp(path, again) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0)
        try_bundle((const char *)data, size);
    try_path(data, size);
    return 0;
}
