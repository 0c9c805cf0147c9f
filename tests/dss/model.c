/*
 * model.c - see model.h.
 */
#include "model.h"

#include <stdio.h>

const char *const model_owners[3] = {"uss1", "uss2", "uss3"};

unsigned model_mask(const struct dss_extent *extent)
{
    unsigned mask = 0;
    for (size_t i = 0; i < extent->cell_count; i++)
        mask |= 1u << (extent->cells[i] - 1);
    return mask;
}

struct model_entity *model_find(struct model *m, enum dss_kind kind, const struct tf_uuid *id)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->items[i].kind == kind && tf_uuid_equal(&m->items[i].id, id))
            return &m->items[i];
    return NULL;
}

static void put(struct model *m, const struct model_entity *e)
{
    struct model_entity *at = model_find(m, e->kind, &e->id);
    if (!at)
        at = &m->items[m->count++];
    *at = *e;
}

static void drop(struct model *m, enum dss_kind kind, const struct tf_uuid *id)
{
    struct model_entity *at = model_find(m, kind, id);
    if (at)
        *at = m->items[--m->count];
}

static void set_extent(struct model_entity *e, const struct dss_extent *extent)
{
    e->cells = model_mask(extent);
    e->lower_m = extent->lower_m;
    e->upper_m = extent->upper_m;
    e->start_us = extent->start_us;
    e->end_us = extent->end_us;
}

static bool meet(const struct model_entity *a, const struct model_entity *b)
{
    return (a->cells & b->cells) && a->start_us <= b->end_us && b->start_us <= a->end_us;
}

static int64_t stamp(const struct dss_context *c, const struct model_entity *old)
{
    return old && old->updated_us >= c->stamp_us ? old->updated_us + 1 : c->stamp_us;
}

static bool is_off_nominal(enum dss_state state)
{
    return state == DSS_NONCONFORMING || state == DSS_CONTINGENT;
}

/* All live subscriptions that meet the new or the old place and want it. */
static void tell(struct model *m, int64_t now_us, const struct model_entity *e,
                 const struct model_entity *old, struct model_answer *out)
{
    for (size_t i = 0; i < m->count; i++) {
        struct model_entity *s = &m->items[i];
        bool wants = e->kind == DSS_ISA ? s->kind == DSS_RID_SUBSCRIPTION
                                        : s->kind == DSS_SUBSCRIPTION &&
                                              (e->kind == DSS_OIR ? s->oirs : s->constraints);
        if (!wants || s->end_us < now_us || !(meet(s, e) || (old && meet(s, old))))
            continue;
        out->told[out->told_count] = s->id;
        out->told_index[out->told_count++] = ++s->index;
    }
}

static int form_status(const struct dss_context *c, const struct dss_reference_request *q)
{
    bool oir = q->kind == DSS_OIR;
    bool subscribed = q->has_subscription_id || q->new_subscription_url;
    if (is_off_nominal(q->state) && !c->may_monitor)
        return 403;
    if (q->extent.end_us <= q->extent.start_us || q->extent.end_us < c->now_us)
        return 400;
    if (oir && q->has_subscription_id && q->new_subscription_url)
        return 400;
    if (oir && !q->ovn && q->state != DSS_ACCEPTED)
        return 400;
    return oir && q->state != DSS_ACCEPTED && !subscribed ? 400 : 0;
}

static int old_status(const struct dss_context *c, const struct dss_reference_request *q,
                      const struct model_entity *old)
{
    if (!old)
        return !q->ovn ? 0 : q->kind == DSS_OIR ? 400 : 409;
    if (old->owner != c->caller)
        return 403;
    return q->ovn && strcmp(q->ovn, old->ovn) == 0 ? 0 : 409;
}

/* Finds, widens or makes the subscription of an operational intent. */
static int attach(struct model *m, const struct dss_context *c,
                  const struct dss_reference_request *q, struct model_entity *e)
{
    if (q->new_subscription_url) {
        struct model_entity s = {.kind = DSS_SUBSCRIPTION,
                                 .id = tf_uuid_v4(c->random),
                                 .updated_us = c->stamp_us,
                                 .owner = c->caller,
                                 .oirs = true,
                                 .constraints = q->new_notify_for_constraints,
                                 .implicit = true};
        set_extent(&s, &q->extent);
        put(m, &s);
        e->subscription_id = s.id;
        return 0;
    }
    if (!q->has_subscription_id)
        return 0;
    struct model_entity *s = model_find(m, DSS_SUBSCRIPTION, &q->subscription_id);
    if (!s)
        return 400;
    if (s->owner != c->caller)
        return 403;
    e->subscription_id = s->id;
    if (s->start_us <= e->start_us && s->end_us >= e->end_us && !(e->cells & ~s->cells))
        return 0;
    if (!s->implicit)
        return 400;
    s->cells |= e->cells;
    s->start_us = s->start_us < e->start_us ? s->start_us : e->start_us;
    s->end_us = s->end_us > e->end_us ? s->end_us : e->end_us;
    s->lower_m = s->lower_m < e->lower_m ? s->lower_m : e->lower_m;
    s->upper_m = s->upper_m > e->upper_m ? s->upper_m : e->upper_m;
    return 0;
}

static bool key_has(const struct dss_reference_request *q, const char *ovn)
{
    for (size_t i = 0; i < q->key_count; i++)
        if (strcmp(q->key[i], ovn) == 0)
            return true;
    return false;
}

static bool is_down(const struct model *m, const char *owner)
{
    for (int i = 0; i < 3; i++)
        if (owner == model_owners[i])
            return m->down[i];
    return false;
}

static void find_missing(struct model *m, const struct dss_context *c,
                         const struct dss_reference_request *q, const struct model_entity *e,
                         struct model_answer *out)
{
    const struct model_entity *s = model_find(m, DSS_SUBSCRIPTION, &e->subscription_id);
    for (size_t i = 0; i < m->count; i++) {
        const struct model_entity *o = &m->items[i];
        bool counts = o->kind == DSS_OIR ? o->lower_m <= e->upper_m && e->lower_m <= o->upper_m
                                         : o->kind == DSS_CONSTRAINT && s && s->constraints;
        bool yields = o->kind == DSS_OIR && o->state == DSS_ACCEPTED && is_down(m, o->owner);
        if (counts && meet(o, e) && o->end_us >= c->now_us && !tf_uuid_equal(&o->id, &q->id) &&
            !yields && !key_has(q, o->ovn))
            out->missing[out->missing_count++] = o->id;
    }
}

static void drop_orphan(struct model *m, const struct tf_uuid *id)
{
    const struct model_entity *s = model_find(m, DSS_SUBSCRIPTION, id);
    if (!s || !s->implicit)
        return;
    for (size_t i = 0; i < m->count; i++)
        if (m->items[i].kind == DSS_OIR && tf_uuid_equal(&m->items[i].subscription_id, id))
            return;
    drop(m, DSS_SUBSCRIPTION, id);
}

/* 0: all is well and m has changed; else m is to be thrown away. */
static int reference_put(struct model *m, const struct dss_context *c,
                         const struct dss_reference_request *q, struct model_answer *out)
{
    struct model_entity *found = model_find(m, q->kind, &q->id), old = {0};
    int status = form_status(c, q);
    status = status ? status : old_status(c, q, found);
    if (status)
        return status;
    if (q->kind == DSS_OIR && !is_off_nominal(q->state) && is_down(m, c->caller))
        return 412;
    if (found)
        old = *found;
    struct model_entity e = {.kind = q->kind,
                             .state = q->state,
                             .id = q->id,
                             .version = found ? old.version + 1 : 1,
                             .updated_us = stamp(c, found),
                             .owner = c->caller};
    char id[TF_UUID_TEXT_SIZE];
    tf_uuid_format(&q->id, id);
    dss_ovn_make(id, e.updated_us, e.ovn);
    set_extent(&e, &q->extent);
    if (q->kind == DSS_OIR && (status = attach(m, c, q, &e)) != 0)
        return status;
    if (q->kind == DSS_OIR && !is_off_nominal(q->state))
        find_missing(m, c, q, &e, out);
    if (out->missing_count > 0)
        return 409;
    put(m, &e);
    if (found && !tf_uuid_equal(&old.subscription_id, &e.subscription_id))
        drop_orphan(m, &old.subscription_id);
    tell(m, c->now_us, &e, found ? &old : NULL, out);
    out->status = found ? 200 : 201;
    return 0;
}

void model_reference_put(struct model *m, const struct dss_context *c,
                         const struct dss_reference_request *q, struct model_answer *out)
{
    struct model after = *m;
    int refusal = reference_put(&after, c, q, out);
    if (refusal)
        out->status = refusal;
    else
        *m = after;
}

void model_reference_delete(struct model *m, const struct dss_context *c, enum dss_kind kind,
                            const struct tf_uuid *id, const char *ovn, struct model_answer *out)
{
    const struct model_entity *found = model_find(m, kind, id);
    out->status = !found                         ? 404
                  : found->owner != c->caller    ? 403
                  : strcmp(found->ovn, ovn) != 0 ? 409
                                                 : 200;
    if (out->status == 200 && kind == DSS_OIR && is_down(m, c->caller))
        out->status = 412;
    if (out->status != 200)
        return;
    struct model_entity e = *found;
    tell(m, c->now_us, &e, NULL, out);
    drop(m, kind, id);
    if (kind == DSS_OIR)
        drop_orphan(m, &e.subscription_id);
}

/* As dss_version_format, for the model's own. */
static bool is_version(const struct model_entity *e, const char *version)
{
    struct dss_entity like = {.kind = e->kind, .id = e->id, .updated_us = e->updated_us};
    char text[DSS_OVN_SIZE];
    dss_version_format(&like, text);
    return strcmp(text, version) == 0;
}

static int versioned_status(const struct dss_context *c, const struct model_entity *old,
                            const char *version, int absent)
{
    int64_t ns;
    if (!version)
        return old ? 409 : 0;
    if (!old)
        return absent;
    if (old->owner != c->caller)
        return 403;
    if (is_version(old, version))
        return 0;
    return old->kind != DSS_SUBSCRIPTION && !dss_version_parse(version, &ns) ? 400 : 409;
}

static bool times_are_good(const struct dss_context *c, const struct model_entity *old,
                           const struct model_entity *e, int64_t longest_us)
{
    bool in_past = e->start_us < c->now_us - DSS_PAST_SLACK_US;
    return !(in_past && !(old && old->start_us == e->start_us)) && e->end_us > e->start_us &&
           e->end_us >= c->now_us && e->end_us - e->start_us <= longest_us;
}

static bool area_is_full(const struct model *m, const struct dss_context *c,
                         const struct model_entity *e)
{
    for (unsigned cell = 0; cell < MODEL_CELLS; cell++) {
        int n = 0;
        for (size_t i = 0; i < m->count; i++) {
            const struct model_entity *s = &m->items[i];
            n += s->kind == e->kind && s->owner == c->caller && s->end_us >= c->now_us &&
                 (s->cells & e->cells & 1u << cell) && !tf_uuid_equal(&s->id, &e->id);
        }
        if (n >= DSS_RID_SUBSCRIPTIONS_PER_CELL)
            return true;
    }
    return false;
}

static bool uncovers(const struct model *m, const struct model_entity *s)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct model_entity *o = &m->items[i];
        if (o->kind == DSS_OIR && tf_uuid_equal(&o->subscription_id, &s->id) &&
            ((o->cells & ~s->cells) || s->start_us > o->start_us + DSS_PAST_SLACK_US ||
             s->end_us < o->end_us || s->lower_m > o->lower_m || s->upper_m < o->upper_m))
            return true;
    }
    return false;
}

void model_subscription_put(struct model *m, const struct dss_context *c,
                            const struct dss_subscription_request *q, struct model_answer *out)
{
    const struct model_entity *found = model_find(m, q->kind, &q->id);
    struct model_entity e = {.kind = q->kind,
                             .id = q->id,
                             .index = found ? found->index : 0,
                             .updated_us = stamp(c, found),
                             .owner = c->caller,
                             .oirs = q->notify_for_oirs,
                             .constraints = q->notify_for_constraints};
    set_extent(&e, &q->extent);
    if (!q->has_start)
        e.start_us = found && q->version ? found->start_us : c->now_us;
    if (!q->has_end)
        e.end_us = e.start_us + DSS_SUBSCRIPTION_MAX_US;
    bool f3548 = q->kind == DSS_SUBSCRIPTION;
    int refusal = 0;
    if (f3548 && !e.oirs && !e.constraints)
        refusal = 400;
    else if (!times_are_good(c, q->version ? found : NULL, &e, DSS_SUBSCRIPTION_MAX_US))
        refusal = 400;
    else
        refusal = versioned_status(c, found, q->version, 400);
    if (!refusal && f3548 && found && uncovers(m, &e))
        refusal = 400;
    if (!refusal && !f3548 && area_is_full(m, c, &e))
        refusal = 429;
    out->status = refusal ? refusal : 200;
    if (!refusal)
        put(m, &e);
}

void model_isa_put(struct model *m, const struct dss_context *c, const struct dss_isa_request *q,
                   struct model_answer *out)
{
    struct model_entity *found = model_find(m, DSS_ISA, &q->id), old = {0};
    struct model_entity e = {
        .kind = DSS_ISA, .id = q->id, .updated_us = stamp(c, found), .owner = c->caller};
    if (found)
        old = *found;
    set_extent(&e, &q->extent);
    if (!q->has_start)
        e.start_us = found && q->version ? found->start_us : c->now_us;
    out->status = times_are_good(c, q->version ? found : NULL, &e, INT64_MAX)
                      ? versioned_status(c, found, q->version, 400)
                      : 400;
    if (out->status)
        return;
    put(m, &e);
    tell(m, c->now_us, &e, found ? &old : NULL, out);
    out->status = 200;
}

void model_versioned_delete(struct model *m, const struct dss_context *c, enum dss_kind kind,
                            const struct tf_uuid *id, const char *version, struct model_answer *out)
{
    const struct model_entity *found = model_find(m, kind, id);
    out->status = versioned_status(c, found, version, 404);
    if (out->status)
        return;
    struct model_entity e = *found;
    for (size_t i = 0; i < m->count && kind == DSS_SUBSCRIPTION; i++)
        if (m->items[i].kind == DSS_OIR && tf_uuid_equal(&m->items[i].subscription_id, id))
            out->status = 400;
    if (out->status)
        return;
    if (kind == DSS_ISA)
        tell(m, c->now_us, &e, NULL, out);
    drop(m, kind, id);
    out->status = 200;
}
