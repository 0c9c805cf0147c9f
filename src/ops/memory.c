/*
 * memory.c - what is known, beside the database: the index of all that is committed and counts, and
 * what the running transaction has changed.
 *
 * ops_enter() finds out by itself how transactions ended. With the first call of a new one, what
 * was pending is put aside, and the records that were changed since are read: exactly those that
 * were committed. (A record that was pending and is now read with the same ETag need not be
 * parsed again.) With a later call, changes beyond the database's last one have been undone.
 */
#include "ops/internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 2000 };
#define KEEP_US (24 * INT64_C(3600000000)) /* what is over is known for a day */
#define PRUNE_US (INT64_C(3600) * 1000000)

enum tf_status ops_new(struct ops **out)
{
    struct ops *ops = calloc(1, sizeof *ops);
    if (!ops)
        return TF_NOMEM;
    ops->rules.version = -1;
    enum tf_status rc = tf_index_new(&ops->index);
    if (!rc)
        rc = tf_index_new(&ops->pending.index);
    if (rc) {
        ops_free(ops);
        return rc;
    }
    *out = ops;
    return TF_OK;
}

static void known_free(struct ops_known *known)
{
    if (!known)
        return;
    if (known->volumes)
        tf_volumes_free(known->volumes, known->volume_count);
    free(known->id);
    free(known);
}

static void pending_release(struct ops_pending *pending)
{
    for (size_t i = 0; i < pending->count; i++)
        known_free(pending->items[i]);
    free(pending->items);
    ops_map_release(&pending->last);
    tf_index_free(pending->index);
    *pending = (struct ops_pending){0};
}

void ops_free(struct ops *ops)
{
    if (!ops)
        return;
    pending_release(&ops->pending);
    for (size_t i = 0; i < ops->known.capacity; i++)
        if (ops->known.keys[i])
            known_free(ops->known.values[i]);
    ops_map_release(&ops->known);
    tf_index_free(ops->index);
    free(ops->lines);
    ops_names_release(&ops->names);
    free(ops);
}

void ops_set_foreign(struct ops *ops, const struct ops_foreign *foreign)
{
    ops->has_foreign = foreign != NULL;
    if (foreign)
        ops->foreign = *foreign;
}

void ops_set_gate(struct ops *ops, const struct ops_gate *gate)
{
    ops->has_gate = gate != NULL;
    if (gate)
        ops->gate = *gate;
}

/* --- one record ------------------------------------------------------------------------ */

enum ops_other ops_known_other(const struct ops_known *known)
{
    static const enum ops_other own[OPS_CLASS_COUNT] = {OPS_OTHER_OPERATION, OPS_OTHER_SITE,
                                                        OPS_OTHER_ZONE};
    return known->owner[0] ? OPS_OTHER_DECLARATION : own[known->class];
}

/* Whether others have to keep clear of it. */
static bool counts(const struct ops_record *record, const struct tf_entity *entity)
{
    bool is_silent =
        entity->kind == TF_KIND_ZONE && (entity->restriction == TF_RESTRICTION_INFORMATION ||
                                         entity->restriction == TF_RESTRICTION_NONE);
    return !record->is_template && ops_state_counts(record->state) && !is_silent;
}

static char *pack(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *packed = memcpy(*at, text, size);
    *at += size;
    return packed;
}

static enum tf_status name_known(struct ops_known *known, const struct ops_record *record,
                                 const struct tf_entity *entity)
{
    const char *name = entity->name ? entity->name : "", *party = entity->party,
               *category = entity->category ? entity->category : "";
    party = party ? party : "";
    char *at = malloc(strlen(record->id) + strlen(name) + strlen(party) + strlen(category) + 4);
    if (!at)
        return TF_NOMEM;
    known->id = pack(&at, record->id);
    known->name = pack(&at, name);
    known->party = pack(&at, party);
    known->category = pack(&at, category);
    return TF_OK;
}

static void read_extra(struct ops_known *known, const struct ops_record *record)
{
    json_t *extra = json_loadb(record->extra, record->extra_len, 0, NULL);
    const char *data_at = json_string_value(json_object_get(extra, "data_at"));
    int64_t t_ns;
    known->is_sensitive = json_is_true(json_object_get(extra, "sensitive"));
    if (data_at && tf_time_parse(data_at, strlen(data_at), &t_ns) == TF_OK)
        known->data_us = t_ns / 1000;
    json_decref(extra);
}

/* With references to the volumes; none if it does not count. */
static enum tf_status known_make(const struct ops_record *record, const struct tf_entity *entity,
                                 struct ops_known **out)
{
    struct ops_known *known = calloc(1, sizeof *known);
    if (!known)
        return TF_NOMEM;
    *known = (struct ops_known){.number = (uint64_t)record->number,
                                .version = record->version,
                                .change = record->change,
                                .class = record->class,
                                .state = record->state,
                                .kind = entity->kind,
                                .restriction = entity->restriction,
                                .priority = record->priority,
                                .end_us = record->end_us};
    snprintf(known->owner, sizeof known->owner, "%s", record->owner);
    snprintf(known->etag, sizeof known->etag, "%s", record->etag);
    if (record->extra_len > 2)
        read_extra(known, record);
    enum tf_status rc = name_known(known, record, entity);
    size_t count = counts(record, entity) ? entity->volume_count : 0;
    if (!rc && count > 0 && !(known->volumes = calloc(count, sizeof *known->volumes)))
        rc = TF_NOMEM;
    for (size_t i = 0; !rc && i < count; i++)
        known->volumes[known->volume_count++] = tf_volume4_ref(&entity->volumes[i]);
    if (rc)
        known_free(known);
    else
        *out = known;
    return rc;
}

static void index_remove(struct tf_index *index, const struct ops_known *known)
{
    for (size_t v = 0; v < known->volume_count; v++)
        (void)!tf_index_remove(index, known->number, (uint32_t)v);
}

static enum tf_status index_insert(struct tf_index *index, const struct ops_known *known)
{
    enum tf_status rc = TF_OK;
    for (size_t v = 0; v < known->volume_count && !rc; v++)
        rc = tf_index_replace(
            index, &(struct tf_item){known->number, (uint32_t)v, known->kind, known->volumes[v]});
    return rc;
}

/* --- pending -------------------------------------------------------------------------------- */

static enum tf_status pending_show(struct ops_pending *pending, struct ops_known *known)
{
    const struct ops_known *before = ops_map_get(&pending->last, known->number);
    if (before)
        index_remove(pending->index, before);
    enum tf_status rc = ops_map_put(&pending->last, known->number, known);
    return rc ? rc : index_insert(pending->index, known);
}

static enum tf_status pending_add(struct ops_pending *pending, struct ops_known *known)
{
    if (pending->count == pending->capacity) {
        size_t capacity = pending->capacity ? 2 * pending->capacity : 16;
        struct ops_known **grown = realloc(pending->items, capacity * sizeof(struct ops_known *));
        if (!grown)
            return TF_NOMEM;
        pending->items = grown;
        pending->capacity = capacity;
    }
    pending->items[pending->count++] = known;
    return TF_OK;
}

/* Drops what is beyond `change`, and shows the rest again. */
static enum tf_status pending_trim(struct ops_pending *pending, int64_t change)
{
    size_t keep = pending->count;
    while (keep > 0 && pending->items[keep - 1]->change > change)
        keep--;
    if (keep == pending->count)
        return TF_OK;
    while (pending->count > keep)
        known_free(pending->items[--pending->count]);
    ops_map_release(&pending->last);
    enum tf_status rc = tf_index_build(pending->index, NULL, 0);
    for (size_t i = 0; i < keep && !rc; i++)
        rc = pending_show(pending, pending->items[i]);
    return rc;
}

static struct ops_line *line_of(struct ops *ops, const char *id)
{
    for (size_t i = 0; i < ops->line_count; i++)
        if (strcmp(ops->lines[i].id, id) == 0)
            return &ops->lines[i];
    return NULL;
}

/* "" has none; NULL: no memory. */
static struct ops_line *line_made(struct ops *ops, const char *id)
{
    struct ops_line *line = line_of(ops, id);
    if (line)
        return line;
    struct ops_line *grown = realloc(ops->lines, (ops->line_count + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    ops->lines = grown;
    line = &ops->lines[ops->line_count++];
    *line = (struct ops_line){.memo = -1};
    snprintf(line->id, sizeof line->id, "%s", id);
    return line;
}

static enum tf_status line_count(struct ops *ops, const struct ops_known *known)
{
    struct ops_line *line = known->owner[0] ? line_made(ops, known->owner) : NULL;
    if (known->owner[0] && !line)
        return TF_NOMEM;
    if (line)
        line->known++;
    ops->counts[ops_known_other(known)]++;
    return TF_OK;
}

enum tf_status ops_remember(struct ops *ops, const struct ops_record *record,
                            const struct tf_entity *entity)
{
    struct ops_known *known;
    struct ops_line *line = record->owner[0] ? line_made(ops, record->owner) : NULL;
    enum tf_status rc = record->owner[0] && !line ? TF_NOMEM : known_make(record, entity, &known);
    if (rc)
        return rc;
    if (line)
        line->has_pending = true;
    rc = pending_add(&ops->pending, known);
    if (rc) {
        known_free(known);
        return rc;
    }
    rc = pending_show(&ops->pending, known);
    ops->is_lost = rc != TF_OK;
    return rc;
}

/* --- what was committed -------------------------------------------------------------------------
 */

static void forget(struct ops *ops, uint64_t number)
{
    struct ops_known *known = ops_map_get(&ops->known, number);
    if (!known)
        return;
    struct ops_line *line = known->owner[0] ? line_of(ops, known->owner) : NULL;
    index_remove(ops->index, known);
    ops_map_remove(&ops->known, number);
    ops->counts[ops_known_other(known)]--;
    if (line)
        line->known--;
    known_free(known);
}

/* Takes `known` over. When it fails, the next call begins with this record again. */
static enum tf_status learn(struct ops *ops, struct ops_known *known)
{
    forget(ops, known->number);
    if (known->volume_count == 0) {
        known_free(known);
        return TF_OK;
    }
    enum tf_status rc = ops_map_put(&ops->known, known->number, known);
    if (!rc && (rc = line_count(ops, known)))
        ops_map_remove(&ops->known, known->number);
    if (rc) {
        known_free(known);
        return rc;
    }
    rc = index_insert(ops->index, known);
    if (rc) {
        forget(ops, known->number); /* removes what was inserted */
        return rc;
    }
    struct tf_volume4 *volumes = known->volumes; /* the index has its own references */
    known->volumes = NULL;
    tf_volumes_free(volumes, known->volume_count);
    return TF_OK;
}

/* What was pending in the last transaction, if it is this very version. */
static struct ops_known *take_candidate(struct ops_pending *candidates,
                                        const struct ops_record *record)
{
    /* Both come in the order of changes. */
    while (candidates->next < candidates->count &&
           candidates->items[candidates->next]->change < record->change)
        candidates->next++;
    if (candidates->next == candidates->count)
        return NULL;
    struct ops_known *known = candidates->items[candidates->next];
    bool same = known->change == record->change && known->number == (uint64_t)record->number &&
                strcmp(known->etag, record->etag) == 0 && strcmp(known->owner, record->owner) == 0;
    if (!same)
        return NULL;
    candidates->items[candidates->next++] = NULL;
    return known;
}

static enum tf_status learn_record(struct ops *ops, struct ops_pending *candidates,
                                   const struct ops_record *record)
{
    struct ops_known *known = take_candidate(candidates, record);
    struct tf_entity entity = {0};
    enum tf_status rc = TF_OK;
    if (!known && (record->is_template || !ops_state_counts(record->state))) {
        forget(ops, (uint64_t)record->number);
        return TF_OK;
    }
    if (!known) {
        rc = ops_entity_of(record, &entity);
        if (!rc)
            rc = known_make(record, &entity, &known);
        tf_entity_release(&entity);
    }
    return rc ? rc : learn(ops, known);
}

static enum tf_status follow(struct ops *ops, const struct line_context *c,
                             struct ops_pending *candidates)
{
    static const char text[] = "SELECT " OPS_COLUMNS " FROM ops_record WHERE change > $1"
                               " AND end_us > $2 ORDER BY change LIMIT $3";
    enum tf_status rc = TF_OK;
    bool more = true;
    int64_t change = ops->change, since = change ? INT64_MIN : c->now_us - KEEP_US;
    while (more && !rc) {
        struct sql_rows rows = {0};
        rc = sql_query(c->sql, text, SQL_ARGS(sql_int(change), sql_int(since), sql_int(PAGE)),
                       &rows);
        more = rows.count == PAGE;
        for (size_t i = 0; i < rows.count && !rc; i++) {
            struct ops_record record;
            rc = ops_row(&rows, i, &record);
            if (!rc)
                rc = learn_record(ops, candidates, &record);
            if (!rc)
                change = ops->change = record.change;
        }
        sql_rows_release(&rows);
    }
    return rc;
}

static enum tf_status prune(struct ops *ops, int64_t now_us)
{
    struct ops_map *map = &ops->known;
    uint64_t *over = map->count ? malloc(map->count * sizeof *over) : NULL;
    size_t count = 0;
    ops->pruned_us = now_us;
    if (!over)
        return map->count ? TF_NOMEM : TF_OK;
    for (size_t i = 0; i < map->capacity; i++) {
        const struct ops_known *known = map->keys[i] ? map->values[i] : NULL;
        if (known && known->end_us < now_us - KEEP_US)
            over[count++] = known->number;
    }
    for (size_t i = 0; i < count; i++)
        forget(ops, over[i]);
    free(over);
    return TF_OK;
}

/* --- entering
 * -------------------------------------------------------------------------------------- */

static enum tf_status begin(struct ops *ops, const struct line_context *c)
{
    struct ops_pending candidates = ops->pending;
    ops->pending = (struct ops_pending){.index = candidates.index};
    candidates.index = NULL;
    ops_map_release(&candidates.last);
    ops->transaction = 0;
    ops->is_lost = ops->has_new_rules = false;
    for (size_t i = 0; i < ops->line_count; i++)
        ops->lines[i].has_pending = false;
    enum tf_status rc =
        tf_index_count(ops->pending.index) ? tf_index_build(ops->pending.index, NULL, 0) : TF_OK;
    if (!rc)
        rc = follow(ops, c, &candidates);
    if (!rc)
        rc = ops_rules_follow(ops, c);
    if (!rc && c->now_us - ops->pruned_us > PRUNE_US)
        rc = prune(ops, c->now_us);
    pending_release(&candidates);
    if (!rc)
        ops->transaction = sql_turn(c->sql);
    return rc;
}

enum tf_status ops_enter(struct ops *ops, const struct line_context *c)
{
    int64_t change;
    if (ops->transaction == 0 || ops->transaction != sql_turn(c->sql))
        return begin(ops, c);
    if (ops->is_lost)
        return TF_NOMEM;
    enum tf_status rc = ops->has_new_rules ? ops_rules_follow(ops, c) : TF_OK;
    if (rc || ops->pending.count == 0)
        return rc;
    rc = ops_last_change(ops, c, &change);
    if (rc)
        return rc;
    rc = pending_trim(&ops->pending, change);
    ops->is_lost = rc != TF_OK;
    return rc;
}
