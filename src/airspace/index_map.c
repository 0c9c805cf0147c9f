/*
 * index_map.c - the hash map from keys (entity, volume) to entries.
 *
 * Entity numbers are often 0, 1, 2..., or pointers, or hashes: the finaliser of
 * SplitMix64 (Steele, Lea, Flood, 2014) spreads all of them. A byte of the hash
 * beside each place saves the look at the entry.
 */
#include "airspace/index.h"

#include <stdlib.h>

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xBF58476D1CE4E5B9);
    x ^= x >> 27;
    x *= UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static uint64_t hash_key(uint64_t entity, uint32_t volume)
{
    return mix(mix(entity + UINT64_C(0x9E3779B97F4A7C15)) + volume);
}

static uint8_t tag_of(uint64_t hash)
{
    uint8_t tag = (uint8_t)(hash >> 56);
    return tag ? tag : 1;
}

/* The key's place, or the free one where it would go. */
static size_t place_of(const struct tf_map *map, uint64_t entity, uint32_t volume)
{
    uint64_t hash = hash_key(entity, volume);
    uint8_t tag = tag_of(hash);
    size_t at = hash & (map->size - 1);
    for (; map->tags[at]; at = (at + 1) & (map->size - 1)) {
        const struct tf_entry *entry = map->entries[at];
        if (map->tags[at] == tag && entry->item.entity == entity && entry->item.volume == volume)
            break;
    }
    return at;
}

struct tf_entry *tf_map_find(const struct tf_map *map, uint64_t entity, uint32_t volume)
{
    if (map->used == 0)
        return NULL;
    size_t at = place_of(map, entity, volume);
    return map->tags[at] ? map->entries[at] : NULL;
}

void tf_map_add(struct tf_map *map, struct tf_entry *entry)
{
    uint64_t hash = hash_key(entry->item.entity, entry->item.volume);
    size_t at = hash & (map->size - 1);
    while (map->tags[at])
        at = (at + 1) & (map->size - 1);
    map->tags[at] = tag_of(hash);
    map->entries[at] = entry;
    map->used++;
}

void tf_map_replace(struct tf_map *map, struct tf_entry *entry)
{
    map->entries[place_of(map, entry->item.entity, entry->item.volume)] = entry;
}

/* Knuth, The Art of Computer Programming 3, 6.4, algorithm R: closes the gap. */
void tf_map_remove(struct tf_map *map, uint64_t entity, uint32_t volume)
{
    size_t gap = place_of(map, entity, volume), last = map->size - 1;
    for (size_t at = (gap + 1) & last; map->tags[at]; at = (at + 1) & last) {
        const struct tf_item *item = &map->entries[at]->item;
        size_t home = hash_key(item->entity, item->volume) & last;
        if (((at - home) & last) < ((at - gap) & last))
            continue;
        map->tags[gap] = map->tags[at];
        map->entries[gap] = map->entries[at];
        gap = at;
    }
    map->tags[gap] = 0;
    map->used--;
}

/* At most 3/4 full. */
enum tf_status tf_map_reserve(struct tf_map *map, size_t count)
{
    size_t size = map->size ? map->size : 16;
    if (count > SIZE_MAX / 64)
        return TF_NOMEM;
    while (size / 4 * 3 < count)
        size *= 2;
    if (size == map->size)
        return TF_OK;
    struct tf_map grown = {
        .tags = calloc(size, 1), .entries = malloc(size * sizeof *grown.entries), .size = size};
    if (!grown.tags || !grown.entries) {
        tf_map_release(&grown);
        return TF_NOMEM;
    }
    for (size_t i = 0; i < map->size; i++)
        if (map->tags[i])
            tf_map_add(&grown, map->entries[i]);
    tf_map_release(map);
    *map = grown;
    return TF_OK;
}

void tf_map_release(struct tf_map *map)
{
    free(map->tags);
    free(map->entries);
    *map = (struct tf_map){0};
}
