/*
 * map.c - numbers to pointers: open addressing with linear probing; at most three quarters full.
 */
#include "ops/internal.h"

#include <stdlib.h>

/* Finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
static size_t slot_of(const struct ops_map *map, uint64_t key)
{
    key ^= key >> 30;
    key *= UINT64_C(0xbf58476d1ce4e5b9);
    key ^= key >> 27;
    key *= UINT64_C(0x94d049bb133111eb);
    return (size_t)(key ^ key >> 31) & (map->capacity - 1);
}

/* Where the key is, or the free slot where it would be. */
static size_t find(const struct ops_map *map, uint64_t key)
{
    size_t i = slot_of(map, key);
    while (map->keys[i] && map->keys[i] != key)
        i = (i + 1) & (map->capacity - 1);
    return i;
}

void *ops_map_get(const struct ops_map *map, uint64_t key)
{
    if (map->count == 0)
        return NULL;
    size_t i = find(map, key);
    return map->keys[i] ? map->values[i] : NULL;
}

static enum tf_status grow(struct ops_map *map)
{
    struct ops_map larger = {.capacity = map->capacity ? 2 * map->capacity : 64};
    larger.keys = calloc(larger.capacity, sizeof *larger.keys);
    larger.values = calloc(larger.capacity, sizeof *larger.values);
    if (!larger.keys || !larger.values) {
        ops_map_release(&larger);
        return TF_NOMEM;
    }
    for (size_t i = 0; i < map->capacity; i++)
        if (map->keys[i]) {
            size_t to = find(&larger, map->keys[i]);
            larger.keys[to] = map->keys[i];
            larger.values[to] = map->values[i];
        }
    larger.count = map->count;
    ops_map_release(map);
    *map = larger;
    return TF_OK;
}

enum tf_status ops_map_put(struct ops_map *map, uint64_t key, void *value)
{
    if (4 * (map->count + 1) > 3 * map->capacity) {
        enum tf_status rc = grow(map);
        if (rc)
            return rc;
    }
    size_t i = find(map, key);
    map->count += map->keys[i] == 0;
    map->keys[i] = key;
    map->values[i] = value;
    return TF_OK;
}

/* Moves back what had been pushed on by the removed key, so that no gap breaks a chain. */
void ops_map_remove(struct ops_map *map, uint64_t key)
{
    if (map->count == 0)
        return;
    size_t mask = map->capacity - 1, gap = find(map, key);
    if (!map->keys[gap])
        return;
    map->keys[gap] = 0;
    map->count--;
    for (size_t i = (gap + 1) & mask; map->keys[i]; i = (i + 1) & mask) {
        size_t home = slot_of(map, map->keys[i]);
        if (((i - home) & mask) < ((i - gap) & mask))
            continue; /* the gap is before its home */
        map->keys[gap] = map->keys[i];
        map->values[gap] = map->values[i];
        map->keys[i] = 0;
        gap = i;
    }
}

void ops_map_release(struct ops_map *map)
{
    free(map->keys);
    free(map->values);
    *map = (struct ops_map){0};
}
