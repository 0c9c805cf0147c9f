/*
 * tables.h - where the embedded engine finds entities: by id, and in lists by key.
 *
 * Whatever needs memory is done beforehand by a ..._reserve; what changes the tables after
 * that cannot fail, so that a change can always be undone.
 */
#ifndef TF_DSS_TABLES_H
#define TF_DSS_TABLES_H

#include "dss/entity.h"

/* Room for one more of `size` bytes in a growing array. */
bool dss_grow(void **array, size_t count, size_t *capacity, size_t size);
/* A UUID as a list's key. */
void dss_id_words(const struct tf_uuid *id, uint64_t words[2]);

/* --- entities by id ----------------------------------------------------------- */

/* Open addressing, linear probing. Zero is valid. */
struct dss_table {
    const struct dss_entity **slots; /* NULL: free; owned, the entities are not */
    size_t count, capacity;          /* capacity is a power of two, or 0 */
};
/* NULL if there is none. */
const struct dss_entity *dss_table_get(const struct dss_table *t, const struct tf_uuid *id);
/* Makes room for one more. */
bool dss_table_reserve(struct dss_table *t);
/* Sets or replaces. */
void dss_table_set(struct dss_table *t, const struct dss_entity *e);
void dss_table_unset(struct dss_table *t, const struct tf_uuid *id);

/* --- lists by key ------------------------------------------------------------- */

/* Times and altitudes inline, so that most are passed over without touching the entity. */
struct dss_entry {
    const struct dss_entity *entity;
    int64_t start_us, end_us;
    float lower_m, upper_m;
};
struct dss_bucket {
    uint64_t key[2]; /* (cell, kind) or a UUID */
    struct dss_entry *entries;
    uint32_t count, capacity;
};
/* As above; a slot is free if used[] is 0. Empty lists stay until they are swept, so that an
 * undo finds their room. */
struct dss_lists {
    struct dss_bucket *slots;
    uint8_t *used;
    size_t count, capacity;
};
/* NULL if there is none. */
struct dss_bucket *dss_lists_get(const struct dss_lists *l, const uint64_t key[2]);
/* Makes room for one more entry under the key. */
bool dss_lists_reserve(struct dss_lists *l, const uint64_t key[2]);
void dss_lists_add(struct dss_lists *l, const uint64_t key[2], const struct dss_entity *e);
void dss_lists_drop(struct dss_lists *l, const uint64_t key[2], const struct dss_entity *e);
/* Removes the key's list if it is empty. */
void dss_lists_sweep(struct dss_lists *l, const uint64_t key[2]);
void dss_lists_release(struct dss_lists *l);

#endif
