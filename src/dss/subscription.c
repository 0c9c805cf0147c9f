/*
 * subscription.c - subscriptions of F3548 and F3411, and service areas.
 *
 * The two standards differ in a few answers: F3411 limits subscriptions in one
 * area, and tells a version that is no version (400) from one that is not
 * current (409).
 */
#include "dss/internal.h"

#include <string.h>

static bool is_rid(enum dss_kind kind)
{
    return kind == DSS_RID_SUBSCRIPTION || kind == DSS_ISA;
}

/* Refuses unless `version` names the entity's current one. */
static void check_version(const struct dss_entity *e, const char *version, struct dss_reply *reply)
{
    char current[DSS_OVN_SIZE];
    int64_t ns;
    dss_version_format(e, current);
    if (strcmp(version, current) == 0)
        return;
    bool malformed = is_rid(e->kind) && !dss_version_parse(version, &ns);
    dss_refuse_id(reply, malformed ? 400 : 409, "the version is not the current one", &e->id);
}

/* Common to updates and deletions: exists, owner, version. `absent` is the
 * status for an entity that is not there. */
static enum tf_status current_one(struct dss_db *db, const struct dss_context *context,
                                  enum dss_kind kind, const struct tf_uuid *id, const char *version,
                                  int absent, const struct dss_entity **out,
                                  struct dss_reply *reply)
{
    enum tf_status rc = dss_find_own(db, context, kind, id, absent, out, reply);
    if (!rc && !reply->status)
        check_version(*out, version, reply);
    return rc;
}

static enum tf_status absent_one(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id,
                                 struct dss_reply *reply)
{
    const struct dss_entity *e;
    enum tf_status rc = db->ops->get(db, kind, id, &e);
    if (!rc && e)
        return dss_refuse_id(reply, 409, "an entity with this id is there already", id);
    return rc;
}

/* What a subscription and a service area go through before they are stored. */
struct admission {
    enum dss_kind kind;
    const struct tf_uuid *id;
    const char *version; /* NULL: create */
    bool has_start, has_end;
    int64_t longest_us;
};

/* Completes the times of `extent`; *old is what will be replaced, NULL if it is a creation. */
static enum tf_status admit(struct dss_db *db, const struct dss_context *context,
                            const struct admission *a, struct dss_extent *extent,
                            const struct dss_entity **old, struct dss_reply *reply)
{
    enum tf_status rc = TF_OK;
    *old = NULL;
    if (a->version)
        rc = db->ops->get(db, a->kind, a->id, old);
    if (rc)
        return rc;
    if (!a->has_start)
        extent->start_us = *old ? (*old)->extent.start_us : context->now_us;
    if (!a->has_end)
        extent->end_us = extent->start_us + a->longest_us;
    if (!dss_times_are_good(context, *old, extent, a->longest_us, reply))
        return TF_OK;
    return a->version ? current_one(db, context, a->kind, a->id, a->version, 400, old, reply)
                      : absent_one(db, a->kind, a->id, reply);
}

/* What depends on an F3548 subscription must stay covered (start: 5 minutes' slack). */
struct dependents {
    const struct dss_extent *extent;
    struct dss_list *list;
    bool uncovered;
};

static bool dependents_visit(void *ctx, const struct dss_entity *oir)
{
    struct dependents *d = ctx;
    const struct dss_extent *s = d->extent, *o = &oir->extent;
    if (s && (!dss_cells_cover(s, o) || s->start_us > o->start_us + DSS_PAST_SLACK_US ||
              s->end_us < o->end_us || s->lower_m > o->lower_m || s->upper_m < o->upper_m))
        d->uncovered = true;
    dss_list_add(d->list, oir);
    return d->list->status == TF_OK;
}

static enum tf_status list_dependents(struct dss_db *db, const struct tf_uuid *id,
                                      const struct dss_extent *extent, struct dss_reply *reply,
                                      bool *uncovered)
{
    struct dependents d = {extent, &reply->dependents, false};
    enum tf_status rc = db->ops->dependents(db, id, dependents_visit, &d);
    *uncovered = d.uncovered;
    return rc ? rc : reply->dependents.status;
}

static enum tf_status check_limits(struct dss_db *db, const struct dss_context *context,
                                   const struct dss_subscription_request *q,
                                   const struct dss_extent *extent, const struct dss_entity *old,
                                   struct dss_reply *reply)
{
    size_t count;
    bool uncovered = false;
    if (q->kind == DSS_SUBSCRIPTION) {
        enum tf_status rc = old ? list_dependents(db, &q->id, extent, reply, &uncovered) : TF_OK;
        if (!rc && uncovered)
            return dss_refuse(reply, 400,
                              "an operational intent depends on this subscription and "
                              "would no longer be covered",
                              "extents");
        return rc;
    }
    enum tf_status rc =
        db->ops->count_in_cell(db, extent, context->caller, &q->id, context->now_us, &count);
    if (!rc && count >= DSS_RID_SUBSCRIPTIONS_PER_CELL)
        return dss_refuse(reply, 429, "10 subscriptions of yours are in this area already",
                          "extents");
    return rc;
}

static enum tf_status find_content(struct dss_db *db, const struct dss_context *context,
                                   const struct dss_entity *s, struct dss_reply *reply)
{
    if (s->kind == DSS_RID_SUBSCRIPTION)
        return dss_collect(db, DSS_ISA, &s->extent, false, context->now_us, &reply->isas);
    enum tf_status rc = TF_OK;
    if (s->notify_for_oirs)
        rc = dss_collect(db, DSS_OIR, &s->extent, true, context->now_us, &reply->oirs);
    if (!rc && s->notify_for_constraints)
        rc = dss_collect(db, DSS_CONSTRAINT, &s->extent, false, context->now_us,
                         &reply->constraints);
    return rc;
}

static enum tf_status store(struct dss_db *db, const struct dss_context *context,
                            const struct dss_subscription_request *q,
                            const struct dss_extent *extent, const struct dss_entity *old,
                            struct dss_reply *reply)
{
    struct dss_entity like = {.kind = q->kind,
                              .id = q->id,
                              .extent = *extent,
                              .updated_us = dss_update_time(context, old),
                              .notify_for_oirs = q->notify_for_oirs,
                              .notify_for_constraints = q->notify_for_constraints,
                              .owner = context->caller,
                              .url = q->url};
    if (old)
        atomic_init(&like.notification_index, atomic_load(&old->notification_index));
    struct dss_entity *s = dss_entity_new(&like);
    if (!s)
        return TF_NOMEM;
    enum tf_status rc = db->ops->put(db, s);
    if (!rc)
        rc = find_content(db, context, s, reply);
    if (!rc)
        dss_answer(reply, 200, s);
    dss_entity_unref(s);
    return rc;
}

enum tf_status dss_subscription_put(struct dss_db *db, const struct dss_context *context,
                                    const struct dss_subscription_request *q,
                                    struct dss_reply *reply)
{
    const struct admission a = {q->kind,      &q->id,     q->version,
                                q->has_start, q->has_end, DSS_SUBSCRIPTION_MAX_US};
    const struct dss_entity *old;
    struct dss_extent extent = q->extent;
    if (!dss_url_is_good(context, q->url))
        return dss_refuse(reply, 400, "must be an https URL with a host", "uss_base_url");
    if (q->kind == DSS_SUBSCRIPTION && !q->notify_for_oirs && !q->notify_for_constraints)
        return dss_refuse(reply, 400, "ask to be notified of something",
                          "notify_for_operational_intents");
    enum tf_status rc = admit(db, context, &a, &extent, &old, reply);
    if (!rc && !reply->status)
        rc = check_limits(db, context, q, &extent, old, reply);
    if (!rc && !reply->status)
        rc = store(db, context, q, &extent, old, reply);
    return rc;
}

enum tf_status dss_subscription_delete(struct dss_db *db, const struct dss_context *context,
                                       enum dss_kind kind, const struct tf_uuid *id,
                                       const char *version, struct dss_reply *reply)
{
    const struct dss_entity *s;
    bool uncovered;
    enum tf_status rc = current_one(db, context, kind, id, version, 404, &s, reply);
    if (rc || reply->status)
        return rc;
    if (kind == DSS_SUBSCRIPTION)
        rc = list_dependents(db, id, NULL, reply, &uncovered);
    if (rc)
        return rc;
    if (reply->dependents.count > 0)
        return dss_refuse_id(reply, 400, "operational intents depend on this subscription", id);
    dss_answer(reply, 200, s);
    return db->ops->remove(db, kind, id);
}

enum tf_status dss_subscription_get(struct dss_db *db, const struct dss_context *context,
                                    enum dss_kind kind, const struct tf_uuid *id,
                                    struct dss_reply *reply)
{
    const struct dss_entity *s;
    bool uncovered;
    enum tf_status rc = db->ops->get(db, kind, id, &s);
    if (rc)
        return rc;
    if (!s)
        return dss_refuse_id(reply, 404, "there is no subscription of this id", id);
    if (kind == DSS_SUBSCRIPTION && strcmp(s->owner, context->caller) != 0)
        return dss_refuse_id(reply, 403, "the subscription belongs to another manager", id);
    dss_answer(reply, 200, s);
    return kind == DSS_SUBSCRIPTION ? list_dependents(db, id, NULL, reply, &uncovered) : TF_OK;
}

struct own {
    struct dss_list *list;
    const char *caller;
    int64_t now_us;
};

static bool own_visit(void *ctx, const struct dss_entity *s)
{
    struct own *o = ctx;
    if (s->extent.end_us >= o->now_us && strcmp(s->owner, o->caller) == 0)
        dss_list_add(o->list, s);
    return o->list->status == TF_OK;
}

enum tf_status dss_subscription_query(struct dss_db *db, const struct dss_context *context,
                                      enum dss_kind kind, const struct dss_extent *extent,
                                      struct dss_reply *reply)
{
    struct own o = {&reply->dependents, context->caller, context->now_us};
    reply->status = 200;
    enum tf_status rc = db->ops->search(db, kind, extent, true, own_visit, &o);
    return rc ? rc : reply->dependents.status;
}

/* --- service areas -------------------------------------------------------------------------- */

enum tf_status dss_isa_put(struct dss_db *db, const struct dss_context *context,
                           const struct dss_isa_request *q, struct dss_reply *reply)
{
    const struct admission a = {DSS_ISA, &q->id, q->version, q->has_start, true, INT64_MAX};
    const struct dss_entity *old;
    struct dss_extent extent = q->extent;
    if (!dss_url_is_good(context, q->url))
        return dss_refuse(reply, 400, "must be an https URL with a host", "uss_base_url");
    enum tf_status rc = db->ops->lock(db, DSS_ISA, &q->extent);
    if (!rc)
        rc = admit(db, context, &a, &extent, &old, reply);
    if (rc || reply->status)
        return rc;
    struct dss_entity like = {.kind = DSS_ISA,
                              .id = q->id,
                              .extent = extent,
                              .updated_us = dss_update_time(context, old),
                              .owner = context->caller,
                              .url = q->url};
    struct dss_entity *e = dss_entity_new(&like);
    if (!e)
        return TF_NOMEM;
    const struct dss_entity *held = dss_entity_ref(old);
    rc = db->ops->put(db, e);
    if (!rc)
        rc = dss_notify(db, context, DSS_RID_SUBSCRIPTION, DSS_ISA, &extent,
                        held ? &held->extent : NULL, reply);
    if (!rc)
        dss_answer(reply, 200, e);
    dss_entity_unref(held);
    dss_entity_unref(e);
    return rc;
}

enum tf_status dss_isa_delete(struct dss_db *db, const struct dss_context *context,
                              const struct tf_uuid *id, const char *version,
                              struct dss_reply *reply)
{
    const struct dss_entity *e;
    enum tf_status rc = current_one(db, context, DSS_ISA, id, version, 404, &e, reply);
    if (rc || reply->status)
        return rc;
    dss_answer(reply, 200, e);
    rc = dss_notify(db, context, DSS_RID_SUBSCRIPTION, DSS_ISA, &e->extent, NULL, reply);
    return rc ? rc : db->ops->remove(db, DSS_ISA, id);
}
