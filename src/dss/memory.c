/*
 * memory.c - the embedded engine: hash tables by id and by cell, and an undo log.
 *
 *     by_id[kind]   id  -> entity
 *     by_cell       (kind, cell) -> entries with the times and altitudes inline, so
 *                   that most are passed over without touching the entity
 *     by_parent     subscription id -> the OIRs that depend on it
 *     ends          binary heap of (end, kind, id): what expires next; lazily
 *                   cleaned of entities that have changed since
 *
 * An undo never allocates: it puts back what stood in the tables before, and the tables
 * keep their capacity until then.
 */
#include "dss/memory.h"

#include "dss/endings.h"
#include "dss/tables.h"

#include <math.h>
#include <stdlib.h>

struct dss_memory {
    struct dss_db db;
    struct dss_table by_id[DSS_KIND_COUNT];
    struct dss_lists by_cell, by_parent;
    struct dss_endings ends;
    bool ends_popped;   /* since the last settle: an undo may need what is gone */
    bool ends_are_lost; /* to be made anew from the tables */
    struct dss_availability **availability; /* few: a plain array */
    size_t availability_count, availability_capacity;
    struct dss_change *changes;
    size_t change_count, change_capacity;
    struct dss_member self; /* the only one; not among the changes, and not kept on disk */
};

/* --- linking entities into the tables -------------------------------------------- */

static void cell_key(const struct dss_entity *e, size_t i, uint64_t key[2])
{
    key[0] = e->extent.cells[i];
    key[1] = (uint64_t)e->kind;
}

static bool has_parent(const struct dss_entity *e)
{
    return e->kind == DSS_OIR && !tf_uuid_is_zero(&e->subscription_id);
}

static bool reserve_links(struct dss_memory *m, const struct dss_entity *e)
{
    uint64_t key[2];
    if (!dss_table_reserve(&m->by_id[e->kind]))
        return false;
    for (size_t i = 0; i < e->extent.cell_count; i++) {
        cell_key(e, i, key);
        if (!dss_lists_reserve(&m->by_cell, key))
            return false;
    }
    dss_id_words(&e->subscription_id, key);
    return !has_parent(e) || dss_lists_reserve(&m->by_parent, key);
}

/* Does something with every list that the entity is in, or is to be. */
static void each_list(struct dss_memory *m, const struct dss_entity *e,
                      void (*act)(struct dss_lists *l, const uint64_t key[2],
                                  const struct dss_entity *e))
{
    uint64_t key[2];
    for (size_t i = 0; i < e->extent.cell_count; i++) {
        cell_key(e, i, key);
        act(&m->by_cell, key, e);
    }
    dss_id_words(&e->subscription_id, key);
    if (has_parent(e))
        act(&m->by_parent, key, e);
}

static void link_entity(struct dss_memory *m, const struct dss_entity *e)
{
    dss_table_set(&m->by_id[e->kind], e);
    each_list(m, e, dss_lists_add);
}

static void unlink_entity(struct dss_memory *m, const struct dss_entity *e)
{
    each_list(m, e, dss_lists_drop);
    dss_table_unset(&m->by_id[e->kind], &e->id);
}

/* A list that the entity was the last one in. */
static void sweep(struct dss_lists *l, const uint64_t key[2], const struct dss_entity *e)
{
    (void)e;
    dss_lists_sweep(l, key);
}

/* --- what ends next ------------------------------------------------------------- */

/* Exactly what is in the tables. False: no memory, try again later. */
static bool ends_rebuild(struct dss_memory *m)
{
    m->ends.count = 0;
    for (int kind = 0; kind < DSS_KIND_COUNT; kind++)
        for (size_t i = 0; i < m->by_id[kind].capacity; i++)
            if (m->by_id[kind].slots[i] && !dss_endings_push(&m->ends, m->by_id[kind].slots[i]))
                return false;
    m->ends_popped = m->change_count > 0;
    return true;
}

/* Room for one more: entries of what has changed or gone are swept out before the heap
 * grows, if they are the most of it. */
static bool ends_reserve(struct dss_memory *m)
{
    size_t alive = 0;
    for (int kind = 0; kind < DSS_KIND_COUNT; kind++)
        alive += m->by_id[kind].count;
    if (m->ends.count == m->ends.capacity && m->ends.count > 2 * alive + 64)
        return ends_rebuild(m); /* shrinks: needs no memory */
    return dss_endings_reserve(&m->ends);
}

const struct dss_entity *dss_memory_expired(struct dss_memory *m, int64_t until_us)
{
    if (m->ends_are_lost && !ends_rebuild(m))
        return NULL;
    m->ends_are_lost = false;
    while (m->ends.count > 0 && m->ends.items[0].end_us <= until_us) {
        const struct dss_entity *e =
            dss_table_get(&m->by_id[m->ends.items[0].kind], &m->ends.items[0].id);
        if (e && e->extent.end_us == m->ends.items[0].end_us)
            return e;
        dss_endings_pop(&m->ends); /* has changed or gone since */
        m->ends_popped = true;
    }
    return NULL;
}

/* --- the transaction interface ----------------------------------------------------- */

static struct dss_memory *memory_of(struct dss_db *db)
{
    return (struct dss_memory *)db; /* db is the first member */
}

static enum tf_status memory_get(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id,
                                 const struct dss_entity **out)
{
    *out = dss_table_get(&memory_of(db)->by_id[kind], id);
    return TF_OK;
}

/* An entity in several searched cells is visited in the first one only. */
static bool is_first_common(const struct dss_entity *e, const struct dss_extent *where,
                            tf_cell cell)
{
    for (size_t i = 0, j = 0; i < e->extent.cell_count && j < where->cell_count;) {
        if (e->extent.cells[i] == where->cells[j])
            return e->extent.cells[i] == cell;
        if (e->extent.cells[i] < where->cells[j])
            i++;
        else
            j++;
    }
    return false;
}

static enum tf_status memory_search(struct dss_db *db, enum dss_kind kind,
                                    const struct dss_extent *where, bool with_altitude,
                                    dss_visit visit, void *ctx)
{
    struct dss_memory *m = memory_of(db);
    float lower_m = with_altitude ? where->lower_m : -INFINITY;
    float upper_m = with_altitude ? where->upper_m : INFINITY;
    for (size_t c = 0; c < where->cell_count; c++) {
        const uint64_t key[2] = {where->cells[c], (uint64_t)kind};
        const struct dss_bucket *list = dss_lists_get(&m->by_cell, key);
        for (uint32_t i = 0; list && i < list->count; i++) {
            const struct dss_entry *e = &list->entries[i];
            if (e->start_us > where->end_us || e->end_us < where->start_us ||
                e->lower_m > upper_m || e->upper_m < lower_m)
                continue;
            if (is_first_common(e->entity, where, where->cells[c]) && !visit(ctx, e->entity))
                return TF_OK;
        }
    }
    return TF_OK;
}

static struct dss_change *log_change(struct dss_memory *m)
{
    void *changes = m->changes;
    if (!dss_grow(&changes, m->change_count, &m->change_capacity, sizeof *m->changes))
        return NULL;
    m->changes = changes;
    struct dss_change *change = &m->changes[m->change_count++];
    *change = (struct dss_change){0};
    return change;
}

static enum tf_status memory_put(struct dss_db *db, const struct dss_entity *entity)
{
    struct dss_memory *m = memory_of(db);
    /* An ending too many does no harm: nothing of its id and time will be found. */
    if (!reserve_links(m, entity) || !ends_reserve(m) || !dss_endings_push(&m->ends, entity))
        return TF_NOMEM;
    struct dss_change *change = log_change(m);
    if (!change)
        return TF_NOMEM;
    change->before = dss_table_get(&m->by_id[entity->kind], &entity->id); /* the log owns it now */
    change->after = dss_entity_ref(entity);
    if (change->before)
        unlink_entity(m, change->before);
    link_entity(m, dss_entity_ref(entity));
    return TF_OK;
}

static enum tf_status memory_remove(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id)
{
    struct dss_memory *m = memory_of(db);
    const struct dss_entity *e = dss_table_get(&m->by_id[kind], id);
    if (!e)
        return TF_OK;
    struct dss_change *change = log_change(m);
    if (!change)
        return TF_NOMEM;
    change->before = e;
    unlink_entity(m, e);
    return TF_OK;
}

static enum tf_status memory_bump(struct dss_db *db, const struct dss_entity *const *subscriptions,
                                  size_t count, int *out)
{
    for (size_t i = 0; i < count; i++) {
        struct dss_change *change = log_change(memory_of(db));
        if (!change)
            return TF_NOMEM;
        struct dss_entity *e = dss_entity_ref(subscriptions[i]);
        change->before = change->after = e;
        change->index_before = atomic_load(&e->notification_index);
        out[i] = change->index_before == INT32_MAX ? 0 : change->index_before + 1;
        atomic_store(&e->notification_index, out[i]);
    }
    return TF_OK;
}

/* There is one writer. */
static enum tf_status memory_lock(struct dss_db *db, enum dss_kind kind,
                                  const struct dss_extent *where)
{
    (void)db;
    (void)kind;
    (void)where;
    return TF_OK;
}

static enum tf_status memory_dependents(struct dss_db *db, const struct tf_uuid *subscription_id,
                                        dss_visit visit, void *ctx)
{
    uint64_t key[2];
    dss_id_words(subscription_id, key);
    const struct dss_bucket *list = dss_lists_get(&memory_of(db)->by_parent, key);
    for (uint32_t i = 0; list && i < list->count; i++)
        if (!visit(ctx, list->entries[i].entity))
            break;
    return TF_OK;
}

static enum tf_status memory_count_in_cell(struct dss_db *db, const struct dss_extent *where,
                                           const char *owner, const struct tf_uuid *except,
                                           int64_t now_us, size_t *out)
{
    *out = 0;
    for (size_t c = 0; c < where->cell_count; c++) {
        const uint64_t key[2] = {where->cells[c], DSS_RID_SUBSCRIPTION};
        const struct dss_bucket *list = dss_lists_get(&memory_of(db)->by_cell, key);
        size_t n = 0;
        for (uint32_t i = 0; list && i < list->count; i++)
            n += list->entries[i].end_us >= now_us &&
                 !tf_uuid_equal(&list->entries[i].entity->id, except) &&
                 strcmp(list->entries[i].entity->owner, owner) == 0;
        if (n > *out)
            *out = n;
    }
    return TF_OK;
}

static struct dss_availability **availability_of(struct dss_memory *m, const char *uss)
{
    for (size_t i = 0; i < m->availability_count; i++)
        if (strcmp(m->availability[i]->uss, uss) == 0)
            return &m->availability[i];
    return NULL;
}

static enum tf_status memory_get_availability(struct dss_db *db, const char *uss,
                                              struct dss_availability *out)
{
    struct dss_availability **found = availability_of(memory_of(db), uss);
    *out = found ? **found : (struct dss_availability){.state = "Unknown"};
    if (!found)
        strncpy(out->uss, uss, sizeof out->uss - 1);
    return TF_OK;
}

static enum tf_status memory_put_availability(struct dss_db *db,
                                              const struct dss_availability *record)
{
    struct dss_memory *m = memory_of(db);
    void *array = m->availability;
    if (!dss_grow(&array, m->availability_count, &m->availability_capacity,
                  sizeof *m->availability))
        return TF_NOMEM;
    m->availability = array;
    struct dss_availability *copy = malloc(sizeof *copy);
    struct dss_change *change = copy ? log_change(m) : NULL;
    if (!change) {
        free(copy);
        return TF_NOMEM;
    }
    *copy = *record;
    struct dss_availability **found = availability_of(m, record->uss);
    change->availability = copy;
    change->availability_before = found ? *found : NULL;
    if (found)
        *found = copy;
    else
        m->availability[m->availability_count++] = copy;
    return TF_OK;
}

enum tf_status dss_memory_introduce(struct dss_memory *m, const char *name, const char *endpoint)
{
    struct dss_member like = {name, endpoint, m->self.last}, made;
    enum tf_status rc = dss_member_copy(&like, &made);
    if (rc)
        return rc;
    dss_member_release(&m->self);
    m->self = made;
    return TF_OK;
}

static enum tf_status memory_put_heartbeat(struct dss_db *db, const struct dss_heartbeat *heartbeat)
{
    struct dss_memory *m = memory_of(db);
    struct dss_member like = {m->self.name, m->self.endpoint, *heartbeat}, made;
    like.last.index = m->self.last.index + 1;
    enum tf_status rc = dss_member_copy(&like, &made);
    if (rc)
        return rc;
    dss_member_release(&m->self);
    m->self = made;
    return TF_OK;
}

static enum tf_status memory_members(struct dss_db *db, dss_member_visit visit, void *ctx)
{
    if (memory_of(db)->self.name)
        visit(ctx, &memory_of(db)->self);
    return TF_OK;
}

/* --- life of the whole ---------------------------------------------------------------- */

static const struct dss_db_ops memory_ops = {
    .get = memory_get,
    .search = memory_search,
    .put = memory_put,
    .remove = memory_remove,
    .bump = memory_bump,
    .lock = memory_lock,
    .dependents = memory_dependents,
    .count_in_cell = memory_count_in_cell,
    .get_availability = memory_get_availability,
    .put_availability = memory_put_availability,
    .put_heartbeat = memory_put_heartbeat,
    .members = memory_members,
};

enum tf_status dss_memory_new(struct dss_memory **out)
{
    struct dss_memory *m = calloc(1, sizeof *m);
    if (!m)
        return TF_NOMEM;
    m->db.ops = &memory_ops;
    *out = m;
    return TF_OK;
}

void dss_memory_free(struct dss_memory *m)
{
    if (!m)
        return;
    dss_memory_settle(m);
    for (int kind = 0; kind < DSS_KIND_COUNT; kind++) {
        for (size_t i = 0; i < m->by_id[kind].capacity; i++)
            dss_entity_unref(m->by_id[kind].slots[i]);
        free(m->by_id[kind].slots);
    }
    dss_lists_release(&m->by_cell);
    dss_lists_release(&m->by_parent);
    for (size_t i = 0; i < m->availability_count; i++)
        free(m->availability[i]);
    free(m->availability);
    dss_member_release(&m->self);
    free(m->ends.items);
    free(m->changes);
    free(m);
}

struct dss_db *dss_memory_db(struct dss_memory *memory)
{
    return &memory->db;
}

size_t dss_memory_count(const struct dss_memory *memory, enum dss_kind kind)
{
    return memory->by_id[kind].count;
}

size_t dss_memory_mark(const struct dss_memory *memory)
{
    return memory->change_count;
}

const struct dss_change *dss_memory_changes(const struct dss_memory *memory, size_t *count)
{
    *count = memory->change_count;
    return memory->changes;
}

static void undo(struct dss_memory *m, struct dss_change *c)
{
    if (c->availability) {
        struct dss_availability **at = availability_of(m, c->availability->uss);
        if (c->availability_before)
            *at = c->availability_before;
        else
            *at = m->availability[--m->availability_count];
        free(c->availability);
    } else if (c->before == c->after) {
        struct dss_entity *e = (struct dss_entity *)(uintptr_t)c->after;
        atomic_store(&e->notification_index, c->index_before);
        dss_entity_unref(e);
    } else {
        if (c->after) {
            unlink_entity(m, c->after);
            dss_entity_unref(c->after); /* the table's */
            dss_entity_unref(c->after); /* the log's */
        }
        if (c->before) {
            link_entity(m, c->before);
            m->ends_are_lost |= m->ends_popped;
        }
    }
}

void dss_memory_rollback(struct dss_memory *m, size_t mark)
{
    while (m->change_count > mark)
        undo(m, &m->changes[--m->change_count]);
}

void dss_memory_settle(struct dss_memory *m)
{
    for (size_t i = 0; i < m->change_count; i++) {
        struct dss_change *c = &m->changes[i];
        free(c->availability_before);
        if (c->before && c->before != c->after) {
            each_list(m, c->before, sweep);
            dss_entity_unref(c->before);
        }
        dss_entity_unref(c->after);
    }
    m->change_count = 0;
    m->ends_popped = false;
}

void dss_memory_each(struct dss_memory *m, enum dss_kind kind, dss_visit visit, void *ctx)
{
    for (size_t i = 0; i < m->by_id[kind].capacity; i++)
        if (m->by_id[kind].slots[i] && !visit(ctx, m->by_id[kind].slots[i]))
            return;
}
