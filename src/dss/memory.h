/*
 * memory.h - the embedded engine's data: everything in memory, found by id and
 * by cell, changed in transactions that can be undone.
 *
 * Threads: one writer. Readers use a struct dss_db of their own for get and search under
 * a lock that excludes the writer (node.h); they take references to what they keep.
 *
 * Cost: get O(1); search O(entities in the searched cells); put and remove
 * O(cells of the entity). About 48 bytes an entity and cell besides the entity.
 */
#ifndef TF_DSS_MEMORY_H
#define TF_DSS_MEMORY_H

#include "dss/entity.h"

struct dss_memory;

enum tf_status dss_memory_new(struct dss_memory **out);
void dss_memory_free(struct dss_memory *memory);
/* The transaction interface over it. */
struct dss_db *dss_memory_db(struct dss_memory *memory);
/* What the only member of this pool of one is called, and where it answers (may be NULL). */
enum tf_status dss_memory_introduce(struct dss_memory *memory, const char *name,
                                    const char *endpoint);
size_t dss_memory_count(const struct dss_memory *memory, enum dss_kind kind);

/* One change of the transactions since the last dss_memory_settle: `before` and
 * `after` are NULL for an insertion or removal; both NULL: `availability`. For a
 * bump both are the same entity. */
struct dss_change {
    const struct dss_entity *before, *after;
    struct dss_availability *availability, *availability_before;
    int index_before;
};
/* How many changes there are: a mark to go back to. */
size_t dss_memory_mark(const struct dss_memory *memory);
const struct dss_change *dss_memory_changes(const struct dss_memory *memory, size_t *count);
/* Undoes every change after the mark. Cannot fail. */
void dss_memory_rollback(struct dss_memory *memory, size_t mark);
/* Forgets the changes: they are durable. */
void dss_memory_settle(struct dss_memory *memory);

/* Next entity that ended at or before `until_us`, NULL if none: for expiry. */
const struct dss_entity *dss_memory_expired(struct dss_memory *memory, int64_t until_us);
/* All entities of a kind (for writing them out). */
void dss_memory_each(struct dss_memory *memory, enum dss_kind kind, dss_visit visit, void *ctx);

#endif
