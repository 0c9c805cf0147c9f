/*
 * reference.c - operational intent references and constraint references (F3548).
 *
 * Order of checks on a write, as clients know it: form; state and scope (403); owner (403);
 * OVN (409); subscription exists (400), is the caller's (403), covers (400); key (409).
 */
#include "dss/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_off_nominal(enum dss_state state)
{
    return state == DSS_NONCONFORMING || state == DSS_CONTINGENT;
}

/* --- the key: hashes of the OVNs that the writer knew ------------------------------ */

struct key {
    uint64_t *hashes; /* 0: free; made when first asked */
    size_t mask;
};

static uint64_t text_hash(const char *text)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        h = (h ^ *p) * UINT64_C(0x9E3779B97F4A7C15), h ^= h >> 29;
    return h | 1;
}

static bool key_init(struct key *key, const char *const *ovns, size_t count)
{
    size_t capacity = 16;
    while (capacity < 2 * count)
        capacity *= 2;
    key->hashes = calloc(capacity, sizeof *key->hashes);
    key->mask = capacity - 1;
    for (size_t i = 0; key->hashes && i < count; i++) {
        uint64_t h = text_hash(ovns[i]);
        size_t at = h & key->mask;
        while (key->hashes[at] && key->hashes[at] != h)
            at = (at + 1) & key->mask;
        key->hashes[at] = h;
    }
    return key->hashes;
}

/* 64 bits of hash stand for the OVN: an OVN is itself a hash of 32 bytes, and
 * whoever could forge a collision could as well name the OVN. */
static bool key_has(const struct key *key, const char *ovn)
{
    uint64_t h = text_hash(ovn);
    size_t at = h & key->mask;
    while (key->hashes[at] && key->hashes[at] != h)
        at = (at + 1) & key->mask;
    return key->hashes[at] == h;
}

/* --- what a write goes through ------------------------------------------------------- */

struct write {
    struct dss_db *db;
    const struct dss_context *context;
    const struct dss_reference_request *request;
    struct dss_reply *reply;
    const struct dss_entity *old;          /* NULL: create */
    const struct dss_entity *subscription; /* attached; NULL: none */
    struct dss_entity *made;               /* a new or widened subscription: ours to unref */
};

static enum tf_status check_form(struct write *w)
{
    const struct dss_reference_request *q = w->request;
    bool oir = q->kind == DSS_OIR;
    if (!dss_url_is_good(w->context, q->url))
        return dss_refuse(w->reply, 400, "must be an https URL with a host", "uss_base_url");
    if (q->extent.end_us <= q->extent.start_us)
        return dss_refuse(w->reply, 400, "the end must be after the start", "extents.time_end");
    if (q->extent.end_us < w->context->now_us)
        return dss_refuse(w->reply, 400, "the end must not be in the past", "extents.time_end");
    if (!oir)
        return TF_OK;
    if (q->has_subscription_id && q->new_subscription_url)
        return dss_refuse(w->reply, 400, "give subscription_id or new_subscription, not both",
                          "new_subscription");
    if (q->new_subscription_url && !dss_url_is_good(w->context, q->new_subscription_url))
        return dss_refuse(w->reply, 400, "must be an https URL with a host",
                          "new_subscription.uss_base_url");
    if (!q->ovn && q->state != DSS_ACCEPTED)
        return dss_refuse(w->reply, 400, "a new operational intent must be Accepted", "state");
    if (q->state != DSS_ACCEPTED && !q->has_subscription_id && !q->new_subscription_url)
        return dss_refuse(w->reply, 400, "this state needs a subscription", "subscription_id");
    return TF_OK;
}

static enum tf_status check_suffix(struct write *w)
{
    const char *suffix = w->request->ovn_suffix;
    struct tf_uuid id;
    if (!suffix)
        return TF_OK;
    if (!tf_uuid_parse(suffix, strlen(suffix), &id) || tf_uuid_version(&id) != 7)
        return dss_refuse(w->reply, 400, "must be a UUID of version 7", "requested_ovn_suffix");
    int64_t apart_us = tf_uuid_v7_ms(&id) * 1000 - w->context->now_us;
    if (apart_us > DSS_PAST_SLACK_US || apart_us < -DSS_PAST_SLACK_US)
        return dss_refuse(w->reply, 400, "its time must be within 5 minutes of now",
                          "requested_ovn_suffix");
    return TF_OK;
}

static enum tf_status check_old(struct write *w)
{
    const struct dss_reference_request *q = w->request;
    enum tf_status rc = w->db->ops->lock(w->db, q->kind, &q->extent);
    if (!rc)
        rc = w->db->ops->get(w->db, q->kind, &q->id, &w->old);
    if (rc)
        return rc;
    if (!w->old && q->ovn)
        return dss_refuse_id(w->reply, q->kind == DSS_OIR ? 400 : 409,
                             "there is no such entity to update; create it without an OVN", &q->id);
    if (!w->old)
        return TF_OK;
    if (strcmp(w->old->owner, w->context->caller) != 0)
        return dss_refuse_id(w->reply, 403, "the entity belongs to another manager", &q->id);
    if (!q->ovn)
        return dss_refuse_id(w->reply, 409, "an entity with this id is there already", &q->id);
    if (strcmp(w->old->ovn, q->ovn) != 0)
        return dss_refuse_id(w->reply, 409, "the OVN is not the current one", &q->id);
    return TF_OK;
}

/* --- subscriptions of an operational intent --------------------------------------------- */

/* A sorted union; NULL without memory. */
static tf_cell *union_cells(const struct dss_extent *a, const struct dss_extent *b, size_t *count)
{
    tf_cell *cells = malloc((a->cell_count + b->cell_count + 1) * sizeof *cells);
    size_t i = 0, j = 0, n = 0;
    while (cells && (i < a->cell_count || j < b->cell_count)) {
        bool from_a = j == b->cell_count || (i < a->cell_count && a->cells[i] <= b->cells[j]);
        tf_cell next = from_a ? a->cells[i] : b->cells[j];
        i += i < a->cell_count && a->cells[i] == next;
        j += j < b->cell_count && b->cells[j] == next;
        cells[n++] = next;
    }
    *count = n;
    return cells;
}

static bool covers(const struct dss_entity *s, const struct dss_extent *extent)
{
    return s->extent.start_us <= extent->start_us && s->extent.end_us >= extent->end_us &&
           dss_cells_cover(&s->extent, extent);
}

/* An implicit subscription grows with what depends on it. */
static enum tf_status widen(struct write *w, const struct dss_entity *s)
{
    const struct dss_extent *e = &w->request->extent;
    struct dss_entity wide = *s;
    size_t count;
    tf_cell *cells = union_cells(&s->extent, e, &count);
    if (!cells)
        return TF_NOMEM;
    wide.extent.cells = cells;
    wide.extent.cell_count = count;
    wide.extent.start_us = s->extent.start_us < e->start_us ? s->extent.start_us : e->start_us;
    wide.extent.end_us = s->extent.end_us > e->end_us ? s->extent.end_us : e->end_us;
    wide.extent.lower_m = fminf(s->extent.lower_m, e->lower_m);
    wide.extent.upper_m = fmaxf(s->extent.upper_m, e->upper_m);
    w->made = dss_entity_new(&wide);
    free(cells);
    if (!w->made)
        return TF_NOMEM;
    w->subscription = w->made;
    return w->db->ops->put(w->db, w->made);
}

static enum tf_status attach_given(struct write *w)
{
    const struct tf_uuid *id = &w->request->subscription_id;
    const struct dss_entity *s;
    enum tf_status rc = w->db->ops->get(w->db, DSS_SUBSCRIPTION, id, &s);
    if (rc)
        return rc;
    if (!s)
        return dss_refuse_id(w->reply, 400, "there is no subscription of this id", id);
    if (strcmp(s->owner, w->context->caller) != 0)
        return dss_refuse_id(w->reply, 403, "the subscription belongs to another manager", id);
    w->subscription = s;
    if (covers(s, &w->request->extent))
        return TF_OK;
    if (!s->implicit)
        return dss_refuse_id(
            w->reply, 400, "the subscription does not cover the area and time of the extents", id);
    return widen(w, s);
}

static enum tf_status attach_new(struct write *w)
{
    const struct dss_reference_request *q = w->request;
    struct dss_entity like = {.kind = DSS_SUBSCRIPTION,
                              .id = tf_uuid_v4(w->context->random),
                              .extent = q->extent,
                              .updated_us = w->context->stamp_us,
                              .notify_for_oirs = true,
                              .notify_for_constraints = q->new_notify_for_constraints,
                              .implicit = true,
                              .owner = w->context->caller,
                              .url = q->new_subscription_url};
    w->made = dss_entity_new(&like);
    if (!w->made)
        return TF_NOMEM;
    w->subscription = w->made;
    return w->db->ops->put(w->db, w->made);
}

static enum tf_status attach(struct write *w)
{
    if (w->request->kind != DSS_OIR)
        return TF_OK;
    if (w->request->has_subscription_id)
        return attach_given(w);
    return w->request->new_subscription_url ? attach_new(w) : TF_OK;
}

static bool count_visit(void *ctx, const struct dss_entity *e)
{
    (void)e;
    ++*(size_t *)ctx;
    return false;
}

/* Removes an implicit subscription on which nothing depends any more. */
static enum tf_status drop_orphan(struct dss_db *db, const struct tf_uuid *id)
{
    const struct dss_entity *s = NULL;
    size_t dependents = 0;
    if (tf_uuid_is_zero(id))
        return TF_OK;
    enum tf_status rc = db->ops->get(db, DSS_SUBSCRIPTION, id, &s);
    if (!rc && s && s->implicit)
        rc = db->ops->dependents(db, id, count_visit, &dependents);
    if (!rc && s && s->implicit && dependents == 0)
        rc = db->ops->remove(db, DSS_SUBSCRIPTION, id);
    return rc;
}

/* --- a USS that is down -------------------------------------------------------------------- */

/* The API's 412: while it is marked as down it may neither plan nor activate nor delete; what it
 * must say about a flight that is not nominal it may say. */
static enum tf_status refuse_if_down(struct dss_db *db, const struct dss_context *context,
                                     struct dss_reply *reply)
{
    struct dss_availability availability;
    enum tf_status rc = db->ops->get_availability(db, context->caller, &availability);
    if (!rc && strcmp(availability.state, "Down") == 0)
        return dss_refuse(reply, 412, "this USS is marked as down", "uss_availability");
    return rc;
}

static enum tf_status check_not_down(struct write *w)
{
    if (w->request->kind != DSS_OIR || is_off_nominal(w->request->state))
        return TF_OK;
    return refuse_if_down(w->db, w->context, w->reply);
}

/* --- the key check -------------------------------------------------------------------------- */

/* Not in the key, and needed there (F3548 4.6: an accepted intent of a USS that is
 * down does not stand in the way). */
static enum tf_status is_missing(struct write *w, struct key *key, const struct dss_entity *e,
                                 bool *missing)
{
    const struct dss_reference_request *q = w->request;
    *missing = false;
    if (tf_uuid_equal(&e->id, &q->id))
        return TF_OK;
    if (!key->hashes && !key_init(key, q->key, q->key_count))
        return TF_NOMEM;
    if (key_has(key, e->ovn))
        return TF_OK;
    *missing = true;
    if (e->kind != DSS_OIR || e->state != DSS_ACCEPTED)
        return TF_OK;
    struct dss_availability availability;
    enum tf_status rc = w->db->ops->get_availability(w->db, e->owner, &availability);
    *missing = strcmp(availability.state, "Down") != 0;
    return rc;
}

static enum tf_status list_missing(struct write *w, struct key *key, enum dss_kind kind,
                                   struct dss_list *missing)
{
    struct dss_list found = {0};
    enum tf_status rc =
        dss_collect(w->db, kind, &w->request->extent, kind == DSS_OIR, w->context->now_us, &found);
    for (size_t i = 0; i < found.count && !rc; i++) {
        bool is;
        rc = is_missing(w, key, found.items[i], &is);
        if (!rc && is)
            dss_list_add(missing, found.items[i]);
    }
    dss_list_release(&found);
    return rc ? rc : missing->status;
}

static enum tf_status check_key(struct write *w)
{
    const struct dss_reference_request *q = w->request;
    if (q->kind != DSS_OIR || is_off_nominal(q->state))
        return TF_OK;
    struct key key = {0};
    enum tf_status rc = list_missing(w, &key, DSS_OIR, &w->reply->oirs);
    if (!rc && w->subscription && w->subscription->notify_for_constraints)
        rc = list_missing(w, &key, DSS_CONSTRAINT, &w->reply->constraints);
    free(key.hashes);
    if (!rc && w->reply->oirs.count + w->reply->constraints.count > 0)
        return dss_refuse(w->reply, 409, "the key lacks OVNs of entities that overlap", "key");
    return rc;
}

/* --- storing ------------------------------------------------------------------------------------
 */

/* An OVN never comes twice: the suffixes of earlier ones are kept for as long as their time would
 * let them be asked for again. More of them than there is room for are refused. */
enum { USED_SIZE = 256 * 37 };

static bool add_used(const struct write *w, const char *suffix, size_t len, char used[USED_SIZE])
{
    struct tf_uuid id;
    size_t at = strlen(used);
    if (!tf_uuid_parse(suffix, len, &id) || tf_uuid_version(&id) != 7 ||
        tf_uuid_v7_ms(&id) * 1000 < w->context->now_us - DSS_PAST_SLACK_US)
        return true;
    if (at + len + 2 > USED_SIZE)
        return false;
    snprintf(used + at, USED_SIZE - at, "%s%.*s", at ? " " : "", (int)len, suffix);
    return true;
}

static bool gather_used(const struct write *w, char used[USED_SIZE])
{
    const char *last = w->old ? strchr(w->old->ovn, '_') : NULL;
    bool fits = true;
    used[0] = '\0';
    for (const char *at = w->old ? w->old->used : ""; *at && fits;) {
        size_t len = strcspn(at, " ");
        fits = add_used(w, at, len, used);
        at += len + (at[len] == ' ');
    }
    return fits && (!last || add_used(w, last + 1, strlen(last + 1), used));
}

static enum tf_status store(struct write *w)
{
    const struct dss_reference_request *q = w->request;
    char id[TF_UUID_TEXT_SIZE], ovn[DSS_OVN_SIZE], used[USED_SIZE];
    if (!gather_used(w, used))
        return dss_refuse(w->reply, 400, "too many in 10 minutes", "requested_ovn_suffix");
    if (q->ovn_suffix && strstr(used, q->ovn_suffix))
        return dss_refuse(w->reply, 400, "has been used already", "requested_ovn_suffix");
    tf_uuid_format(&q->id, id);
    struct dss_entity like = {.kind = q->kind,
                              .state = q->state,
                              .id = q->id,
                              .extent = q->extent,
                              .version = w->old ? w->old->version + 1 : 1,
                              .updated_us = dss_update_time(w->context, w->old),
                              .owner = w->context->caller,
                              .url = q->url,
                              .ovn = ovn,
                              .used = used,
                              .ovn_requested = q->ovn_suffix};
    if (w->subscription)
        like.subscription_id = w->subscription->id;
    if (q->ovn_suffix)
        snprintf(ovn, sizeof ovn, "%s_%s", id, q->ovn_suffix);
    else
        dss_ovn_make(id, like.updated_us, ovn);
    struct dss_entity *e = dss_entity_new(&like);
    if (!e)
        return TF_NOMEM;
    enum tf_status rc = w->db->ops->put(w->db, e);
    if (rc == TF_EXISTS) { /* an engine that remembers older OVNs */
        dss_entity_unref(e);
        return dss_refuse(w->reply, 400, "has been used already", "requested_ovn_suffix");
    }
    if (!rc && w->old && !tf_uuid_equal(&w->old->subscription_id, &e->subscription_id))
        rc = drop_orphan(w->db, &w->old->subscription_id);
    if (!rc)
        rc = dss_notify(w->db, w->context, DSS_SUBSCRIPTION, q->kind, &q->extent,
                        w->old ? &w->old->extent : NULL, w->reply);
    if (!rc)
        dss_answer(w->reply, w->old ? 200 : 201, e);
    dss_entity_unref(e);
    return rc;
}

enum tf_status dss_reference_put(struct dss_db *db, const struct dss_context *context,
                                 const struct dss_reference_request *request,
                                 struct dss_reply *reply)
{
    static enum tf_status (*const steps[])(struct write *) = {
        check_form, check_suffix, check_old, check_not_down, attach, check_key, store,
    };
    struct write w = {.db = db, .context = context, .request = request, .reply = reply};
    const struct dss_entity *held = NULL;
    enum tf_status rc = TF_OK;
    if (is_off_nominal(request->state) && !context->may_monitor)
        return dss_refuse(reply, 403, "this state needs the scope utm.conformance_monitoring_sa",
                          "state");
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !rc && !reply->status; i++) {
        rc = steps[i](&w);
        if (w.old && !held)
            held = dss_entity_ref(w.old);
    }
    dss_entity_unref(held);
    dss_entity_unref(w.made);
    return rc;
}

enum tf_status dss_reference_delete(struct dss_db *db, const struct dss_context *context,
                                    enum dss_kind kind, const struct tf_uuid *id, const char *ovn,
                                    struct dss_reply *reply)
{
    const struct dss_entity *e;
    enum tf_status rc = dss_find_own(db, context, kind, id, 404, &e, reply);
    if (rc || reply->status)
        return rc;
    if (strcmp(e->ovn, ovn) != 0)
        return dss_refuse_id(reply, 409, "the OVN is not the current one", id);
    if (kind == DSS_OIR)
        rc = refuse_if_down(db, context, reply);
    if (rc || reply->status)
        return rc;
    dss_answer(reply, 200, e);
    rc = dss_notify(db, context, DSS_SUBSCRIPTION, kind, &e->extent, NULL, reply);
    if (!rc)
        rc = db->ops->remove(db, kind, id);
    if (!rc && kind == DSS_OIR)
        rc = drop_orphan(db, &reply->entity->subscription_id);
    return rc;
}

enum tf_status dss_reference_get(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id,
                                 struct dss_reply *reply)
{
    const struct dss_entity *e;
    enum tf_status rc = dss_find(db, kind, id, 404, &e, reply);
    if (!rc && !reply->status)
        dss_answer(reply, 200, e);
    return rc;
}

enum tf_status dss_reference_query(struct dss_db *db, const struct dss_context *context,
                                   enum dss_kind kind, const struct dss_extent *extent,
                                   struct dss_reply *reply)
{
    struct dss_list *list = kind == DSS_OIR          ? &reply->oirs
                            : kind == DSS_CONSTRAINT ? &reply->constraints
                                                     : &reply->isas;
    reply->status = 200;
    return dss_collect(db, kind, extent, kind == DSS_OIR, context->now_us, list);
}
