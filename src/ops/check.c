/*
 * check.c - an operation against all that is known: conflicts, what the rules make of them,
 * options.
 *
 * What is known is searched in several passes, each with its own separation:
 *
 *     committed index  x  { what is ours, each line whose memorandum has a separation }
 *     pending index    x  the same
 *     a DSS's entities
 *
 * A record that the running transaction has changed is looked for among the pending ones only.
 */
#include "ops/internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAIRS_MAX = 200000 };

struct search {
    struct ops *ops;
    const struct line_context *c;
    const struct ops_query *query;
    struct ops_verdict *verdict;
    const char *owner; /* of this pass: a line with its own table; NULL: all others */
    bool is_pending;   /* of this pass */
    const struct ops_line *declared_by; /* whose the entity is; NULL: ours */
    json_t *decided;                    /* what was allowed before */
    size_t capacity;
    struct tf_fault *fault;
    struct tf_picture near; /* what a DSS told */
    struct tf_index *near_index;
};

/* --- one conflict ---------------------------------------------------------------------- */

static const struct tf_conflict_pair *key_pair(const struct tf_conflicts *list,
                                               const struct tf_conflict *conflict)
{
    const struct tf_conflict_pair *best = &list->pairs[conflict->first_pair];
    for (size_t i = 1; i < conflict->pair_count; i++) {
        const struct tf_conflict_pair *pair = &list->pairs[conflict->first_pair + i];
        unsigned a = pair->decided, b = best->decided;
        int fewer = __builtin_popcount(a) - __builtin_popcount(b);
        if (fewer < 0 || (fewer == 0 && pair->distance_m < best->distance_m))
            best = pair;
    }
    return best;
}

/* Seen from the operation: `a` is its side. */
static void turn(struct ops_conflict *out, uint64_t own)
{
    struct tf_conflict *span = &out->span;
    struct tf_conflict_pair *pair = &out->pair;
    if (span->a == own)
        return;
    *span = (struct tf_conflict){.a = span->b,
                                 .b = span->a,
                                 .kind_a = span->kind_b,
                                 .kind_b = span->kind_a,
                                 .first_pair = span->first_pair,
                                 .pair_count = span->pair_count,
                                 .first_ns = span->first_ns,
                                 .last_ns = span->last_ns,
                                 .distance_m = span->distance_m,
                                 .vertical_gap_m = span->vertical_gap_m,
                                 .decided = span->decided};
    uint32_t volume = pair->volume_a;
    struct tf_latlng place = pair->place_a;
    pair->volume_a = pair->volume_b;
    pair->volume_b = volume;
    pair->place_a = pair->place_b;
    pair->place_b = place;
}

static void copy_text(char *out, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--; /* not in the middle of a character */
    }
    memcpy(out, text, len);
    out[len] = '\0';
}

static void name_key(struct ops_conflict *out, const struct ops_known *known)
{
    snprintf(out->key, sizeof out->key, "%s:%s:%s@%lld", ops_class_word(known->class), known->owner,
             known->id, (long long)known->version);
}

static void name_other(struct ops_conflict *out, const struct ops_known *known, int64_t now_us)
{
    out->other = ops_known_other(known);
    copy_text(out->owner, sizeof out->owner, known->owner);
    copy_text(out->id, sizeof out->id, known->id);
    copy_text(out->name, sizeof out->name, known->name);
    copy_text(out->party, sizeof out->party, known->party);
    copy_text(out->category, sizeof out->category, known->category);
    out->number = (int64_t)known->number;
    out->version = known->version;
    out->kind = known->kind;
    out->state = known->state;
    out->restriction = known->restriction;
    out->priority = known->priority;
    out->is_sensitive = known->is_sensitive;
    out->age_s = known->data_us ? (now_us - known->data_us) / 1000000 : -1;
    name_key(out, known);
}

static void name_foreign(struct ops_conflict *out, const struct tf_entity *entity)
{
    out->other = OPS_OTHER_FOREIGN;
    copy_text(out->id, sizeof out->id, entity->id ? entity->id : "");
    copy_text(out->name, sizeof out->name, entity->name ? entity->name : "");
    copy_text(out->party, sizeof out->party, entity->party ? entity->party : "");
    out->kind = entity->kind;
    out->state = OPS_STATE_ACCEPTED;
    out->restriction = entity->restriction;
    out->priority = entity->priority;
    out->age_s = -1;
    snprintf(out->key, sizeof out->key, "foreign:%s:%s@%s", out->party, out->id,
             entity->note ? entity->note : "");
}

/* Allowed before, with these versions of both? */
static void was_allowed(const struct search *s, struct ops_conflict *conflict)
{
    size_t i;
    json_t *decision;
    json_array_foreach(s->decided, i, decision)
    {
        const char *key = json_string_value(json_object_get(decision, "key")),
                   *by = json_string_value(json_object_get(decision, "by")),
                   *role = json_string_value(json_object_get(decision, "role"));
        if (!key || strcmp(key, conflict->key) != 0)
            continue;
        conflict->is_allowed =
            conflict->outcome == OPS_DECIDE && role && ops_role_covers(role, conflict->role);
        copy_text(conflict->allowed_by, sizeof conflict->allowed_by, by ? by : "");
        copy_text(conflict->allowed_role, sizeof conflict->allowed_role, role ? role : "");
        return;
    }
}

static const struct ops_line *special_line(const struct ops *ops, const char *owner)
{
    for (size_t i = 0; owner[0] && i < ops->line_count; i++)
        if (strcmp(ops->lines[i].id, owner) == 0)
            return &ops->lines[i];
    return NULL;
}

static enum tf_status add_conflict(struct search *s, const struct tf_conflicts *list,
                                   const struct tf_conflict *found, const struct ops_known *known,
                                   const struct tf_entity *foreign)
{
    struct ops_verdict *verdict = s->verdict;
    struct ops_conflict conflict = {.span = *found, .pair = *key_pair(list, found)};
    turn(&conflict, (uint64_t)s->query->number);
    if (known) {
        const struct ops_line *line = special_line(s->ops, known->owner);
        name_other(&conflict, known, s->c->now_us);
        conflict.is_old = line && line->growth_m > 0;
        if (line && line->silent_us)
            conflict.age_s = line->silent_us / 1000000;
    } else
        name_foreign(&conflict, foreign);
    ops_rules_judge(&s->ops->rules, s->query->entity->priority, &conflict);
    was_allowed(s, &conflict);
    if (!conflict.is_allowed && conflict.outcome > verdict->outcome)
        verdict->outcome = conflict.outcome;
    if (verdict->outcome == OPS_CLEAR)
        verdict->outcome = OPS_NOTE;
    if (verdict->count >= OPS_CONFLICTS_MAX) {
        verdict->more++;
        return TF_OK;
    }
    if (verdict->count == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 8;
        struct ops_conflict *grown = realloc(verdict->conflicts, capacity * sizeof *grown);
        if (!grown)
            return TF_NOMEM;
        verdict->conflicts = grown;
        s->capacity = capacity;
    }
    verdict->conflicts[verdict->count++] = conflict;
    return TF_OK;
}

/* --- searching ------------------------------------------------------------------------------ */

static const struct ops_known *known_of(const struct search *s, uint64_t number)
{
    const struct ops_known *pending = ops_map_get(&s->ops->pending.last, number);
    if (s->is_pending)
        return pending;
    return pending ? NULL : ops_map_get(&s->ops->known, number);
}

/* Is this pair of this pass? */
static bool want(void *ctx, uint64_t a, uint64_t b)
{
    const struct search *s = ctx;
    uint64_t other = a == (uint64_t)s->query->number ? b : a;
    const struct ops_known *known = known_of(s, other);
    if (!known || other == (uint64_t)s->query->number)
        return false;
    if (s->owner)
        return strcmp(known->owner, s->owner) == 0;
    return !special_line(s->ops, known->owner);
}

static enum tf_status too_many(struct search *s, enum tf_status rc)
{
    if (rc != TF_LIMIT)
        return rc;
    return ops_refuse(s->fault, TF_TOO_LARGE, "feature",
                      TF_TEXT("This plan meets more volumes than can be shown. Make it smaller."),
                      NULL);
}

static enum tf_status search_view(struct search *s, struct tf_index *index,
                                  const struct tf_separation_table *table)
{
    const struct tf_entity *entity = s->query->entity;
    struct tf_search settings = {.table = table, .max_pairs = PAIRS_MAX, .want = want, .ctx = s};
    struct tf_conflicts list = {0};
    struct tf_index_view *view;
    enum tf_status rc = tf_index_view_open(index, &view);
    if (rc)
        return rc;
    rc = tf_conflicts_of(view, (uint64_t)s->query->number, entity->kind, entity->volumes,
                         entity->volume_count, &settings, &list);
    for (size_t i = 0; i < list.count && !rc; i++) {
        const struct tf_conflict *found = &list.conflicts[i];
        uint64_t other = found->a == (uint64_t)s->query->number ? found->b : found->a;
        rc = add_conflict(s, &list, found, known_of(s, other), NULL);
    }
    tf_conflicts_release(&list);
    tf_index_view_close(view);
    return too_many(s, rc);
}

static enum tf_status search_both(struct search *s, const struct tf_separation_table *table)
{
    s->is_pending = false;
    enum tf_status rc = search_view(s, s->ops->index, table);
    s->is_pending = true;
    if (!rc && s->ops->pending.count > 0)
        rc = search_view(s, s->ops->pending.index, table);
    return rc;
}

static enum tf_status search_known(struct search *s)
{
    struct tf_separation_table table;
    tf_separation_defaults(&table);
    s->owner = NULL;
    if (s->declared_by) { /* seen from a declaration: what is ours, by the line's separation */
        s->owner = "";
        return search_both(s, &s->declared_by->table);
    }
    enum tf_status rc = search_both(s, &table);
    for (size_t i = 0; i < s->ops->line_count && !rc; i++) {
        const struct ops_line *line = &s->ops->lines[i];
        if (line->known == 0 && !line->has_pending)
            continue;
        s->owner = line->id;
        rc = search_both(s, &line->table);
    }
    return rc;
}

static enum tf_status search_foreign(struct search *s)
{
    const struct tf_entity *entity = s->query->entity;
    struct tf_search settings = {.max_pairs = PAIRS_MAX};
    struct tf_conflicts list = {0};
    struct tf_index_view *view = NULL;
    const uint64_t own = UINT64_MAX;
    enum tf_status rc = s->ops->foreign.near(s->ops->foreign.ctx, s->c, entity->volumes,
                                             entity->volume_count, &s->near, s->fault);
    if (!rc)
        rc = tf_index_new(&s->near_index);
    if (!rc)
        rc = tf_index_build_picture(s->near_index, &s->near, false);
    if (!rc)
        rc = tf_index_view_open(s->near_index, &view);
    if (!rc)
        rc = tf_conflicts_of(view, own, entity->kind, entity->volumes, entity->volume_count,
                             &settings, &list);
    for (size_t i = 0; i < list.count && !rc; i++) {
        struct tf_conflict found = list.conflicts[i];
        const struct tf_entity *other = &s->near.entities[found.a == own ? found.b : found.a];
        *(found.a == own ? &found.a : &found.b) = (uint64_t)s->query->number;
        rc = add_conflict(s, &list, &found, NULL, other);
    }
    s->verdict->foreign = s->near.count;
    tf_conflicts_release(&list);
    tf_index_view_close(view);
    return too_many(s, rc);
}

/* --- options
 * -------------------------------------------------------------------------------------- */

/* The greatest separation that any rule here demands: what keeps it keeps all. */
static void greatest_table(const struct ops *ops, struct tf_separation_table *table)
{
    tf_separation_defaults(table);
    for (size_t i = 0; i < ops->line_count; i++) {
        const struct tf_separation_table *other = &ops->lines[i].table;
        for (int a = 0; (ops->lines[i].known > 0 || ops->lines[i].has_pending) && a < TF_KIND_COUNT;
             a++)
            for (int b = 0; b < TF_KIND_COUNT; b++) {
                struct tf_separation *to = &table->pair[a][b];
                const struct tf_separation *from = &other->pair[a][b];
                to->horizontal_m =
                    from->horizontal_m > to->horizontal_m ? from->horizontal_m : to->horizontal_m;
                to->vertical_m =
                    from->vertical_m > to->vertical_m ? from->vertical_m : to->vertical_m;
                to->time_ns = from->time_ns > to->time_ns ? from->time_ns : to->time_ns;
            }
    }
}

/* What an option has to keep clear of: all that is not merely noted, or allowed already. */
static bool matters(void *ctx, uint64_t a, uint64_t b)
{
    const struct search *s = ctx;
    uint64_t other = a == (uint64_t)s->query->number ? b : a;
    const struct ops_known *known = known_of(s, other);
    if (!known || other == (uint64_t)s->query->number)
        return false;
    struct ops_conflict conflict; /* what the judge looks at, for this is called often */
    conflict.other = ops_known_other(known);
    conflict.restriction = known->restriction;
    conflict.kind = known->kind;
    conflict.priority = known->priority;
    conflict.span.decided = 0;
    conflict.is_allowed = false;
    if (s->decided)
        name_key(&conflict, known);
    ops_rules_judge(&s->ops->rules, s->query->entity->priority, &conflict);
    was_allowed(s, &conflict);
    return conflict.outcome > OPS_NOTE && !conflict.is_allowed;
}

static enum tf_status is_free(struct search *s, struct tf_index *index, uint64_t own,
                              const struct tf_search *settings, const struct tf_option *option,
                              bool *out)
{
    struct tf_index_view *view;
    struct tf_conflicts list = {0};
    enum tf_status rc = tf_index_view_open(index, &view);
    if (rc)
        return rc;
    rc = tf_conflicts_of(view, own, s->query->entity->kind, option->volumes, option->volume_count,
                         settings, &list);
    *out = rc == TF_OK && list.count == 0;
    tf_conflicts_release(&list);
    tf_index_view_close(view);
    return rc == TF_LIMIT ? TF_OK : rc; /* too many: not free */
}

/* Also of what is pending, and of a DSS's (asked again near where the option is)? */
static enum tf_status is_free_beside(struct search *s, const struct tf_separation_table *table,
                                     const struct tf_option *option, bool *out)
{
    struct tf_search settings = {.table = table, .max_pairs = 1000, .want = matters, .ctx = s};
    enum tf_status rc = TF_OK;
    *out = true;
    s->is_pending = true;
    if (s->ops->pending.count > 0)
        rc = is_free(s, s->ops->pending.index, (uint64_t)s->query->number, &settings, option, out);
    if (rc || !*out || !s->ops->has_foreign)
        return rc;
    struct tf_picture near = {0};
    struct tf_index *index = NULL;
    settings.want = NULL;
    rc = s->ops->foreign.near(s->ops->foreign.ctx, s->c, option->volumes, option->volume_count,
                              &near, s->fault);
    if (!rc)
        rc = tf_index_new(&index);
    if (!rc)
        rc = tf_index_build_picture(index, &near, false);
    if (!rc)
        rc = is_free(s, index, UINT64_MAX, &settings, option, out);
    tf_index_free(index);
    tf_picture_release(&near);
    return rc;
}

static void drop_option(struct tf_options *options, size_t at)
{
    struct tf_option *option = &options->options[at];
    tf_volumes_free(option->volumes, option->volume_count);
    free(option->waypoints);
    options->count--;
    memmove(option, option + 1, (options->count - at) * sizeof *option);
}

/* Ways out by what one index has; of these, those that are free of all the rest. */
static enum tf_status find_in(struct search *s, struct tf_index *index, bool is_foreign,
                              const struct tf_separation_table *table)
{
    struct tf_option_limits limits = *s->query->options;
    struct tf_options *options = &s->verdict->options;
    struct tf_search known = {.table = table, .want = matters, .ctx = s},
                     foreign = {.table = table};
    const uint64_t own = (uint64_t)s->query->number;
    struct tf_index_view *view;
    limits.now_ns = s->c->now_us * 1000;
    s->is_pending = false;
    enum tf_status rc = tf_index_view_open(index, &view);
    if (rc)
        return rc;
    rc = tf_options_find(view, is_foreign ? UINT64_MAX : own, s->query->entity,
                         is_foreign ? &foreign : &known, &limits, options, s->fault);
    tf_index_view_close(view);
    for (size_t i = 0; i < options->count && !rc;) {
        bool is_out = true;
        s->is_pending = false;
        if (is_foreign) {
            known.max_pairs = 1000;
            rc = is_free(s, s->ops->index, own, &known, &options->options[i], &is_out);
        }
        if (!rc && is_out)
            rc = is_free_beside(s, table, &options->options[i], &is_out);
        if (!rc && is_out)
            i++;
        else if (!rc)
            drop_option(options, i);
    }
    return rc;
}

/* Where what a DSS has is in the way, the register alone may not show a way round it. */
static enum tf_status find_options(struct search *s)
{
    struct tf_separation_table table;
    bool is_foreign = false;
    greatest_table(s->ops, &table);
    for (size_t i = 0; i < s->verdict->count; i++) {
        const struct ops_conflict *conflict = &s->verdict->conflicts[i];
        is_foreign = is_foreign || (conflict->other == OPS_OTHER_FOREIGN &&
                                    conflict->outcome > OPS_NOTE && !conflict->is_allowed);
    }
    enum tf_status rc = find_in(s, s->ops->index, false, &table);
    if (!rc && is_foreign && s->verdict->options.count == 0) {
        tf_options_release(&s->verdict->options);
        rc = find_in(s, s->near_index, true, &table);
    }
    s->verdict->has_options = rc == TF_OK;
    return rc;
}

/* --- the whole
 * -------------------------------------------------------------------------------------- */

static int worst_first(const void *a, const void *b)
{
    const struct ops_conflict *x = a, *y = b;
    int by = (x->is_allowed - y->is_allowed);
    if (!by)
        by = (int)y->outcome - (int)x->outcome;
    if (!by)
        by = (x->span.first_ns > y->span.first_ns) - (x->span.first_ns < y->span.first_ns);
    return by ? by : strcmp(x->key, y->key);
}

void ops_verdict_release(struct ops_verdict *verdict)
{
    free(verdict->conflicts);
    tf_options_release(&verdict->options);
    *verdict = (struct ops_verdict){.outcome = OPS_CLEAR};
}

static void count_known(const struct ops *ops, struct ops_verdict *verdict)
{
    verdict->operations = ops->counts[OPS_OTHER_OPERATION];
    verdict->declarations = ops->counts[OPS_OTHER_DECLARATION];
    verdict->sites = ops->counts[OPS_OTHER_SITE];
    verdict->zones = ops->counts[OPS_OTHER_ZONE];
}

static enum tf_status fits(const struct tf_entity *entity, struct tf_fault *fault)
{
    if (entity->kind == TF_KIND_SITE || entity->kind == TF_KIND_ZONE)
        return ops_refuse(fault, TF_UNSUPPORTED, "feature",
                          TF_TEXT("Operations are checked; sites and zones are what they are "
                                  "checked against."),
                          NULL);
    if (entity->volume_count == 0)
        return ops_refuse(fault, TF_MISSING, "feature.geometry",
                          TF_TEXT("The feature has no volume."), NULL);
    return TF_OK;
}

enum tf_status ops_check(struct ops *ops, const struct line_context *c,
                         const struct ops_query *query, struct ops_verdict *out,
                         struct tf_fault *fault)
{
    struct ops_verdict verdict = {.outcome = OPS_CLEAR, .checked_us = c->now_us};
    struct search s = {
        .ops = ops, .c = c, .query = query, .verdict = &verdict, .fault = fault, .owner = NULL};
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = fits(query->entity, fault);
    if (!rc && query->decisions_len > 2)
        s.decided = json_loadb(query->decisions, query->decisions_len, 0, NULL);
    if (!rc)
        rc = ops_lines_follow(ops, c);
    if (!rc)
        rc = search_known(&s);
    if (!rc && ops->has_foreign)
        rc = search_foreign(&s);
    if (!rc && verdict.count > 1)
        qsort(verdict.conflicts, verdict.count, sizeof *verdict.conflicts, worst_first);
    if (!rc && query->options && verdict.outcome > OPS_NOTE)
        rc = find_options(&s);
    if (!rc)
        rc = ops_log_shown(c, &verdict);
    count_known(ops, &verdict);
    tf_index_free(s.near_index);
    tf_picture_release(&s.near);
    json_decref(s.decided);
    if (rc)
        ops_verdict_release(&verdict);
    else
        *out = verdict;
    return rc;
}

/* --- whom something concerns
 * ---------------------------------------------------------------------------- */

enum tf_status ops_conflicts_of(struct ops *ops, const struct line_context *c,
                                const struct ops_record *record, const struct tf_entity *entity,
                                struct ops_verdict *out)
{
    struct ops_verdict verdict = {.outcome = OPS_CLEAR, .checked_us = c->now_us};
    struct ops_query query = {.entity = entity, .number = record->number};
    struct search s = {.ops = ops, .c = c, .query = &query, .verdict = &verdict, .owner = NULL};
    enum tf_status rc = ops_lines_follow(ops, c);
    if (record->owner[0])
        s.declared_by = special_line(ops, record->owner);
    if (!rc && record->decisions_len > 2)
        s.decided = json_loadb(record->decisions, record->decisions_len, 0, NULL);
    if (!rc)
        rc = search_known(&s);
    json_decref(s.decided);
    if (rc)
        ops_verdict_release(&verdict);
    else
        *out = verdict;
    return rc;
}

void ops_conflict_turn(struct ops *ops, const struct line_context *c,
                       const struct ops_record *other, struct ops_conflict *conflict)
{
    const struct ops_known *known = ops_map_get(&ops->pending.last, (uint64_t)other->number);
    const struct ops_line *line = special_line(ops, other->owner);
    int priority = conflict->priority;
    turn(conflict, conflict->span.b);
    conflict->is_allowed = false;
    if (known)
        name_other(conflict, known, c->now_us);
    conflict->is_old = line && line->growth_m > 0;
    ops_rules_judge(&ops->rules, priority, conflict);
}

struct affected {
    struct tf_entity entity;
    int64_t number;
    int priority;
    enum tf_status rc;
};

static bool take_affected(void *ctx, const struct ops_record *record)
{
    struct affected *a = ctx;
    a->number = record->number;
    a->rc = ops_entity_of(record, &a->entity);
    return true;
}

enum tf_status ops_affected(struct ops *ops, const struct line_context *c, const char *owner,
                            enum ops_class class, const char *id,
                            bool (*visit)(void *ctx, const struct ops_conflict *conflict),
                            void *ctx)
{
    struct affected a = {.rc = TF_OK};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    enum tf_status rc = ops_find(ops, c, owner, class, id, take_affected, &a);
    rc = rc ? rc : a.rc;
    struct ops_record record = {.number = a.number, .owner = owner};
    if (!rc)
        rc = ops_conflicts_of(ops, c, &record, &a.entity, &verdict);
    for (size_t i = 0; i < verdict.count && !rc; i++)
        if (verdict.conflicts[i].other == OPS_OTHER_OPERATION && !visit(ctx, &verdict.conflicts[i]))
            break;
    ops_verdict_release(&verdict);
    tf_entity_release(&a.entity);
    return rc;
}
