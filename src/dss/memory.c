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

#include <math.h>
#include <stdlib.h>

/* A list of entries: of one (kind, cell), or of one parent. */
struct entry {
    const struct dss_entity *entity;
    int64_t start_us, end_us;
    float lower_m, upper_m;
};
struct list {
    uint64_t key[2]; /* (cell, kind) or a UUID */
    struct entry *entries;
    uint32_t count, capacity;
};
/* Open addressing, linear probing; a slot is free if used[] is 0. Empty lists stay until the
 * batch is settled, so that an undo finds them. */
struct lists {
    struct list *slots;
    uint8_t *used;
    size_t count, capacity; /* capacity is a power of two, or 0 */
};
struct table {
    const struct dss_entity **slots; /* NULL: free */
    size_t count, capacity;
};
struct ending {
    int64_t end_us;
    struct tf_uuid id;
    enum dss_kind kind;
};
struct dss_memory {
    struct dss_db db;
    struct table by_id[DSS_KIND_COUNT];
    struct lists by_cell, by_parent;
    struct ending *ends;
    size_t end_count, end_capacity;
    bool ends_popped;   /* since the last settle: an undo may need what is gone */
    bool ends_are_lost; /* to be made anew from the tables */
    struct dss_availability **availability; /* few: a plain array */
    size_t availability_count, availability_capacity;
    struct dss_change *changes;
    size_t change_count, change_capacity;
    struct dss_member self; /* the only one; not among the changes, and not kept on disk */
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * UINT64_C(0x9E3779B97F4A7C15) ^ (b + UINT64_C(0xD1B54A32D192ED03));
    h ^= h >> 32;
    h *= UINT64_C(0xD6E8FEB86659FD93);
    return h ^ h >> 29;
}

static void id_words(const struct tf_uuid *id, uint64_t words[2])
{
    memcpy(words, id->bytes, sizeof id->bytes);
}

static uint64_t id_hash(const struct tf_uuid *id)
{
    uint64_t w[2];
    id_words(id, w);
    return mix(w[0], w[1]);
}

/* Room for one more of `size` bytes in a growing array. */
static bool grow(void **array, size_t count, size_t *capacity, size_t size)
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

static size_t table_find(const struct table *t, const struct tf_uuid *id)
{
    size_t mask = t->capacity - 1, i = id_hash(id) & mask;
    while (t->slots[i] && !tf_uuid_equal(&t->slots[i]->id, id))
        i = (i + 1) & mask;
    return i;
}

static const struct dss_entity *table_get(const struct table *t, const struct tf_uuid *id)
{
    return t->capacity ? t->slots[table_find(t, id)] : NULL;
}

static bool table_reserve(struct table *t)
{
    if ((t->count + 1) * 3 < t->capacity * 2)
        return true;
    struct table wider = {.count = t->count, .capacity = t->capacity ? t->capacity * 2 : 64};
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

/* Sets or replaces; room has been reserved. */
static void table_set(struct table *t, const struct dss_entity *e)
{
    size_t i = table_find(t, &e->id);
    t->count += !t->slots[i];
    t->slots[i] = e;
}

/* Removes by moving back what the probe sequence of others needs. */
static void table_unset(struct table *t, const struct tf_uuid *id)
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

static size_t lists_find(const struct lists *l, const uint64_t key[2])
{
    size_t mask = l->capacity - 1, i = mix(key[0], key[1]) & mask;
    while (l->used[i] && (l->slots[i].key[0] != key[0] || l->slots[i].key[1] != key[1]))
        i = (i + 1) & mask;
    return i;
}

static struct list *lists_get(const struct lists *l, const uint64_t key[2])
{
    size_t i = l->capacity ? lists_find(l, key) : 0;
    return l->capacity && l->used[i] ? &l->slots[i] : NULL;
}

static bool lists_widen(struct lists *l)
{
    struct lists wider = {.count = l->count, .capacity = l->capacity ? l->capacity * 2 : 64};
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

/* Makes room for one more entry under key. */
static bool lists_reserve(struct lists *l, const uint64_t key[2])
{
    struct list *list = lists_get(l, key);
    if (!list) {
        if ((l->count + 1) * 3 >= l->capacity * 2 && !lists_widen(l))
            return false;
        size_t i = lists_find(l, key);
        l->used[i] = 1;
        l->count++;
        list = &l->slots[i];
        *list = (struct list){.key = {key[0], key[1]}};
    }
    if (list->count < list->capacity)
        return true;
    uint32_t capacity = list->capacity ? list->capacity * 2 : 1;
    struct entry *entries = realloc(list->entries, capacity * sizeof *entries);
    if (!entries)
        return false;
    list->entries = entries;
    list->capacity = capacity;
    return true;
}

static void list_add(const struct lists *l, const uint64_t key[2], const struct dss_entity *e)
{
    struct list *list = lists_get(l, key);
    list->entries[list->count++] = (struct entry){e, e->extent.start_us, e->extent.end_us,
                                                  e->extent.lower_m, e->extent.upper_m};
}

static void list_drop(const struct lists *l, const uint64_t key[2], const struct dss_entity *e)
{
    struct list *list = lists_get(l, key);
    for (uint32_t i = 0; list && i < list->count; i++)
        if (list->entries[i].entity == e) {
            list->entries[i] = list->entries[--list->count];
            return;
        }
}

/* Removes the list of the key if it is empty, moving back what stands behind it. */
static void lists_sweep(struct lists *l, const uint64_t key[2])
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

static void lists_release(struct lists *l)
{
    for (size_t i = 0; i < l->capacity; i++)
        if (l->used[i])
            free(l->slots[i].entries);
    free(l->slots);
    free(l->used);
}

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
    if (!table_reserve(&m->by_id[e->kind]))
        return false;
    for (size_t i = 0; i < e->extent.cell_count; i++) {
        cell_key(e, i, key);
        if (!lists_reserve(&m->by_cell, key))
            return false;
    }
    id_words(&e->subscription_id, key);
    return !has_parent(e) || lists_reserve(&m->by_parent, key);
}

static void link_entity(struct dss_memory *m, const struct dss_entity *e)
{
    uint64_t key[2];
    table_set(&m->by_id[e->kind], e);
    for (size_t i = 0; i < e->extent.cell_count; i++) {
        cell_key(e, i, key);
        list_add(&m->by_cell, key, e);
    }
    id_words(&e->subscription_id, key);
    if (has_parent(e))
        list_add(&m->by_parent, key, e);
}

static void unlink_entity(struct dss_memory *m, const struct dss_entity *e)
{
    uint64_t key[2];
    for (size_t i = 0; i < e->extent.cell_count; i++) {
        cell_key(e, i, key);
        list_drop(&m->by_cell, key, e);
    }
    id_words(&e->subscription_id, key);
    if (has_parent(e))
        list_drop(&m->by_parent, key, e);
    table_unset(&m->by_id[e->kind], &e->id);
}

/* Lists that the entity was the last one in. */
static void sweep_links(struct dss_memory *m, const struct dss_entity *e)
{
    uint64_t key[2];
    for (size_t i = 0; i < e->extent.cell_count; i++) {
        cell_key(e, i, key);
        lists_sweep(&m->by_cell, key);
    }
    id_words(&e->subscription_id, key);
    if (has_parent(e))
        lists_sweep(&m->by_parent, key);
}

/* --- what ends next ------------------------------------------------------------- */

static void ends_swap(struct dss_memory *m, size_t i, size_t j)
{
    struct ending t = m->ends[i];
    m->ends[i] = m->ends[j];
    m->ends[j] = t;
}

static bool ends_push(struct dss_memory *m, const struct dss_entity *e)
{
    void *ends = m->ends;
    if (!grow(&ends, m->end_count, &m->end_capacity, sizeof *m->ends))
        return false;
    m->ends = ends;
    size_t i = m->end_count++;
    m->ends[i] = (struct ending){e->extent.end_us, e->id, e->kind};
    for (; i > 0 && m->ends[(i - 1) / 2].end_us > m->ends[i].end_us; i = (i - 1) / 2)
        ends_swap(m, i, (i - 1) / 2);
    return true;
}

/* Exactly what is in the tables. False: no memory, try again later. */
static bool ends_rebuild(struct dss_memory *m)
{
    m->end_count = 0;
    for (int kind = 0; kind < DSS_KIND_COUNT; kind++)
        for (size_t i = 0; i < m->by_id[kind].capacity; i++)
            if (m->by_id[kind].slots[i] && !ends_push(m, m->by_id[kind].slots[i]))
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
    if (m->end_count == m->end_capacity && m->end_count > 2 * alive + 64)
        return ends_rebuild(m); /* shrinks: needs no memory */
    void *ends = m->ends;
    bool fits = grow(&ends, m->end_count, &m->end_capacity, sizeof *m->ends);
    m->ends = ends;
    return fits;
}

static void ends_pop(struct dss_memory *m)
{
    m->ends_popped = true;
    ends_swap(m, 0, --m->end_count);
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < m->end_count; child++)
            if (m->ends[child].end_us < m->ends[least].end_us)
                least = child;
        if (least == i)
            return;
        ends_swap(m, i, least);
        i = least;
    }
}

const struct dss_entity *dss_memory_expired(struct dss_memory *m, int64_t until_us)
{
    if (m->ends_are_lost && !ends_rebuild(m))
        return NULL;
    m->ends_are_lost = false;
    while (m->end_count > 0 && m->ends[0].end_us <= until_us) {
        const struct dss_entity *e = table_get(&m->by_id[m->ends[0].kind], &m->ends[0].id);
        if (e && e->extent.end_us == m->ends[0].end_us)
            return e;
        ends_pop(m); /* has changed or gone since */
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
    *out = table_get(&memory_of(db)->by_id[kind], id);
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
        const struct list *list = lists_get(&m->by_cell, key);
        for (uint32_t i = 0; list && i < list->count; i++) {
            const struct entry *e = &list->entries[i];
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
    if (!grow(&changes, m->change_count, &m->change_capacity, sizeof *m->changes))
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
    if (!reserve_links(m, entity) || !ends_reserve(m) || !ends_push(m, entity))
        return TF_NOMEM;
    struct dss_change *change = log_change(m);
    if (!change)
        return TF_NOMEM;
    change->before = table_get(&m->by_id[entity->kind], &entity->id); /* the log owns it now */
    change->after = dss_entity_ref(entity);
    if (change->before)
        unlink_entity(m, change->before);
    link_entity(m, dss_entity_ref(entity));
    return TF_OK;
}

static enum tf_status memory_remove(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id)
{
    struct dss_memory *m = memory_of(db);
    const struct dss_entity *e = table_get(&m->by_id[kind], id);
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
    id_words(subscription_id, key);
    const struct list *list = lists_get(&memory_of(db)->by_parent, key);
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
        const struct list *list = lists_get(&memory_of(db)->by_cell, key);
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
    if (!grow(&array, m->availability_count, &m->availability_capacity, sizeof *m->availability))
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
    lists_release(&m->by_cell);
    lists_release(&m->by_parent);
    for (size_t i = 0; i < m->availability_count; i++)
        free(m->availability[i]);
    free(m->availability);
    dss_member_release(&m->self);
    free(m->ends);
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
            sweep_links(m, c->before);
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
