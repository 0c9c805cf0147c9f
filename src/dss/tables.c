/*
 * tables.c - hash tables: open addressing, linear probing, removal without tombstones.
 */
#include "dss/tables.h"

#include <stdlib.h>

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * UINT64_C(0x9E3779B97F4A7C15) ^ (b + UINT64_C(0xD1B54A32D192ED03));
    h ^= h >> 32;
    h *= UINT64_C(0xD6E8FEB86659FD93);
    return h ^ h >> 29;
}

void dss_id_words(const struct tf_uuid *id, uint64_t words[2])
{
    memcpy(words, id->bytes, sizeof id->bytes);
}

static uint64_t id_hash(const struct tf_uuid *id)
{
    uint64_t w[2];
    dss_id_words(id, w);
    return mix(w[0], w[1]);
}

bool dss_grow(void **array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    size_t wider = *capacity ? *capacity * 2 : 16;
    void *moved = realloc(*array, wider * size);
    if (!moved)
        return false;
    *array = moved;
    *capacity = wider;
    return true;
}

/* --- entities by id ---------------------------------------------------------- */

static size_t table_find(const struct dss_table *t, const struct tf_uuid *id)
{
    size_t mask = t->capacity - 1, i = id_hash(id) & mask;
    while (t->slots[i] && !tf_uuid_equal(&t->slots[i]->id, id))
        i = (i + 1) & mask;
    return i;
}

const struct dss_entity *dss_table_get(const struct dss_table *t, const struct tf_uuid *id)
{
    return t->capacity ? t->slots[table_find(t, id)] : NULL;
}

bool dss_table_reserve(struct dss_table *t)
{
    if ((t->count + 1) * 3 < t->capacity * 2)
        return true;
    struct dss_table wider = {.count = t->count, .capacity = t->capacity ? t->capacity * 2 : 64};
    wider.slots = calloc(wider.capacity, sizeof *wider.slots);
    if (!wider.slots)
        return false;
    for (size_t i = 0; i < t->capacity; i++)
        if (t->slots[i])
            wider.slots[table_find(&wider, &t->slots[i]->id)] = t->slots[i];
    free(t->slots);
    *t = wider;
    return true;
}

void dss_table_set(struct dss_table *t, const struct dss_entity *e)
{
    size_t i = table_find(t, &e->id);
    t->count += !t->slots[i];
    t->slots[i] = e;
}

/* Removes by moving back what the probe sequence of others needs. */
void dss_table_unset(struct dss_table *t, const struct tf_uuid *id)
{
    size_t mask = t->capacity - 1, hole = table_find(t, id);
    if (!t->slots[hole])
        return;
    t->count--;
    for (size_t i = (hole + 1) & mask; t->slots[i]; i = (i + 1) & mask) {
        size_t home = id_hash(&t->slots[i]->id) & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            t->slots[hole] = t->slots[i];
            hole = i;
        }
    }
    t->slots[hole] = NULL;
}

/* --- lists by key -------------------------------------------------------------- */

static size_t lists_find(const struct dss_lists *l, const uint64_t key[2])
{
    size_t mask = l->capacity - 1, i = mix(key[0], key[1]) & mask;
    while (l->used[i] && (l->slots[i].key[0] != key[0] || l->slots[i].key[1] != key[1]))
        i = (i + 1) & mask;
    return i;
}

struct dss_bucket *dss_lists_get(const struct dss_lists *l, const uint64_t key[2])
{
    size_t i = l->capacity ? lists_find(l, key) : 0;
    return l->capacity && l->used[i] ? &l->slots[i] : NULL;
}

static bool lists_widen(struct dss_lists *l)
{
    struct dss_lists wider = {.count = l->count, .capacity = l->capacity ? l->capacity * 2 : 64};
    wider.slots = calloc(wider.capacity, sizeof *wider.slots);
    wider.used = calloc(wider.capacity, 1);
    if (!wider.slots || !wider.used) {
        free(wider.slots);
        free(wider.used);
        return false;
    }
    for (size_t i = 0; i < l->capacity; i++) {
        if (!l->used[i])
            continue;
        size_t to = lists_find(&wider, l->slots[i].key);
        wider.slots[to] = l->slots[i];
        wider.used[to] = 1;
    }
    free(l->slots);
    free(l->used);
    *l = wider;
    return true;
}

bool dss_lists_reserve(struct dss_lists *l, const uint64_t key[2])
{
    struct dss_bucket *list = dss_lists_get(l, key);
    if (!list) {
        if ((l->count + 1) * 3 >= l->capacity * 2 && !lists_widen(l))
            return false;
        size_t i = lists_find(l, key);
        l->used[i] = 1;
        l->count++;
        list = &l->slots[i];
        *list = (struct dss_bucket){.key = {key[0], key[1]}};
    }
    if (list->count < list->capacity)
        return true;
    uint32_t capacity = list->capacity ? list->capacity * 2 : 1;
    struct dss_entry *entries = realloc(list->entries, capacity * sizeof *entries);
    if (!entries)
        return false;
    list->entries = entries;
    list->capacity = capacity;
    return true;
}

void dss_lists_add(struct dss_lists *l, const uint64_t key[2], const struct dss_entity *e)
{
    struct dss_bucket *list = dss_lists_get(l, key);
    list->entries[list->count++] = (struct dss_entry){e, e->extent.start_us, e->extent.end_us,
                                                      e->extent.lower_m, e->extent.upper_m};
}

void dss_lists_drop(struct dss_lists *l, const uint64_t key[2], const struct dss_entity *e)
{
    struct dss_bucket *list = dss_lists_get(l, key);
    for (uint32_t i = 0; list && i < list->count; i++)
        if (list->entries[i].entity == e) {
            list->entries[i] = list->entries[--list->count];
            return;
        }
}

/* Moves back what stands behind it. */
void dss_lists_sweep(struct dss_lists *l, const uint64_t key[2])
{
    size_t mask = l->capacity - 1, hole = l->capacity ? lists_find(l, key) : 0;
    if (!l->capacity || !l->used[hole] || l->slots[hole].count > 0)
        return;
    free(l->slots[hole].entries);
    l->count--;
    for (size_t i = (hole + 1) & mask; l->used[i]; i = (i + 1) & mask) {
        size_t home = mix(l->slots[i].key[0], l->slots[i].key[1]) & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            l->slots[hole] = l->slots[i];
            hole = i;
        }
    }
    l->used[hole] = 0;
}

void dss_lists_release(struct dss_lists *l)
{
    for (size_t i = 0; i < l->capacity; i++)
        if (l->used[i])
            free(l->slots[i].entries);
    free(l->slots);
    free(l->used);
}
