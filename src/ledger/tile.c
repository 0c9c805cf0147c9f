/*
 * tile.c - see tile.h.
 */
#include "ledger/tile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* How many hashes (entries) the level has in all. */
static uint64_t hashes_of(int level, uint64_t size)
{
    unsigned shift = level > 0 ? (unsigned)level * TILE_HEIGHT : 0;
    return shift < 64 ? size >> shift : 0;
}

uint64_t tile_full(int level, uint64_t size)
{
    return hashes_of(level, size) / TILE_WIDTH;
}

unsigned tile_rest(int level, uint64_t size)
{
    return (unsigned)(hashes_of(level, size) % TILE_WIDTH);
}

unsigned tile_width(int level, uint64_t number, uint64_t size)
{
    uint64_t full = tile_full(level, size);
    return number < full ? TILE_WIDTH : number == full ? tile_rest(level, size) : 0;
}

bool tile_path(int level, uint64_t number, unsigned width, char out[TILE_PATH_SIZE])
{
    char digits[32], kind[16] = "entries", rest[16] = "";
    size_t at = 0;
    if (width < 1 || width > TILE_WIDTH || level < TILE_ENTRIES || level > 63)
        return false;
    if (level >= 0)
        snprintf(kind, sizeof kind, "%d", level);
    if (width < TILE_WIDTH)
        snprintf(rest, sizeof rest, ".p/%u", width);
    /* In groups of three, from the left. */
    int len = snprintf(digits, sizeof digits, "%03" PRIu64, number);
    len = snprintf(digits, sizeof digits, "%0*" PRIu64, (len + 2) / 3 * 3, number);
    char groups[48];
    for (int i = 0; i < len; i += 3)
        at += (size_t)snprintf(groups + at, sizeof groups - at, "%s%.3s%s", i + 3 < len ? "x" : "",
                               digits + i, i + 3 < len ? "/" : "");
    snprintf(out, TILE_PATH_SIZE, "tile/%s/%s%s", kind, groups, rest);
    return true;
}

/* "x001/x234/067" up to its end or ".p/". */
static const char *read_number(const char *path, uint64_t *number)
{
    *number = 0;
    for (int groups = 0; groups < 6; groups++) {
        bool goes_on = *path == 'x';
        path += goes_on;
        for (int i = 0; i < 3; i++, path++) {
            if (*path < '0' || *path > '9')
                return NULL;
            *number = *number * 10 + (uint64_t)(*path - '0');
        }
        if (!goes_on)
            return path;
        if (*path++ != '/')
            return NULL;
    }
    return NULL;
}

static const char *read_small(const char *path, unsigned max, unsigned *out)
{
    const char *from = path;
    for (*out = 0; *path >= '0' && *path <= '9' && path - from < 3; path++)
        *out = *out * 10 + (unsigned)(*path - '0');
    return path == from || *out > max ? NULL : path;
}

bool tile_read_path(const char *path, int *level, uint64_t *number, unsigned *width)
{
    char again[TILE_PATH_SIZE];
    unsigned small = 0;
    const char *at = path;
    if (strncmp(at, "tile/", 5) != 0)
        return false;
    at += 5;
    *level = TILE_ENTRIES;
    *width = TILE_WIDTH;
    if (strncmp(at, "entries/", 8) == 0) {
        at += 8;
    } else {
        at = read_small(at, 63, &small);
        if (!at || *at++ != '/')
            return false;
        *level = (int)small;
    }
    at = read_number(at, number);
    if (at && strncmp(at, ".p/", 3) == 0)
        at = read_small(at + 3, TILE_WIDTH - 1, width);
    /* What is written again must be the same: no second spelling. */
    return at && *at == '\0' && tile_path(*level, *number, *width, again) &&
           strcmp(again, path) == 0;
}

struct ledger_hash tile_fold(const struct ledger_hash *hashes, size_t count)
{
    struct ledger_hash level[TILE_WIDTH];
    memcpy(level, hashes, count * sizeof *hashes);
    for (; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            level[i] = merkle_node(&level[2 * i], &level[2 * i + 1]);
    return level[0];
}

void tile_bundle_append(struct tf_buf *bundle, const void *entry, size_t len)
{
    uint8_t size[2] = {(uint8_t)(len >> 8), (uint8_t)len};
    tf_buf_append(bundle, size, sizeof size);
    tf_buf_append(bundle, entry, len);
}

bool tile_bundle_next(const char *bundle, size_t len, size_t *at, const char **entry,
                      size_t *entry_len)
{
    if (len - *at < 2)
        return false;
    size_t size = (size_t)(uint8_t)bundle[*at] << 8 | (uint8_t)bundle[*at + 1];
    if (len - *at - 2 < size)
        return false;
    *entry = bundle + *at + 2;
    *entry_len = size;
    *at += 2 + size;
    return true;
}
