/*
 * common.c - what the rules share: refusals, notification, versions, URLs.
 */
#include "dss/internal.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum tf_status dss_refuse(struct dss_reply *reply, int status, const char *message,
                          const char *detail)
{
    reply->status = status;
    reply->message = message;
    strncpy(reply->detail, detail ? detail : "", sizeof reply->detail - 1);
    return TF_OK;
}

enum tf_status dss_refuse_id(struct dss_reply *reply, int status, const char *message,
                             const struct tf_uuid *id)
{
    char text[TF_UUID_TEXT_SIZE];
    tf_uuid_format(id, text);
    return dss_refuse(reply, status, message, text);
}

enum tf_status dss_find(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id, int absent,
                        const struct dss_entity **out, struct dss_reply *reply)
{
    enum tf_status rc = db->ops->get(db, kind, id, out);
    if (!rc && !*out)
        return dss_refuse_id(reply, absent, "there is no entity of this id", id);
    return rc;
}

enum tf_status dss_find_own(struct dss_db *db, const struct dss_context *context,
                            enum dss_kind kind, const struct tf_uuid *id, int absent,
                            const struct dss_entity **out, struct dss_reply *reply)
{
    enum tf_status rc = dss_find(db, kind, id, absent, out, reply);
    if (!rc && !reply->status && strcmp((*out)->owner, context->caller) != 0)
        return dss_refuse_id(reply, 403, "the entity belongs to another manager", id);
    return rc;
}

void dss_answer(struct dss_reply *reply, int status, const struct dss_entity *entity)
{
    reply->status = status;
    reply->entity = dss_entity_ref(entity);
    reply->notification_index = atomic_load(&entity->notification_index);
}

struct collect {
    struct dss_list *list;
    int64_t now_us;
};

static bool collect_visit(void *ctx, const struct dss_entity *e)
{
    struct collect *c = ctx;
    if (e->extent.end_us >= c->now_us)
        dss_list_add(c->list, e);
    return c->list->status == TF_OK;
}

enum tf_status dss_collect(struct dss_db *db, enum dss_kind kind, const struct dss_extent *where,
                           bool with_altitude, int64_t now_us, struct dss_list *list)
{
    struct collect c = {list, now_us};
    enum tf_status rc = db->ops->search(db, kind, where, with_altitude, collect_visit, &c);
    return rc ? rc : list->status;
}

/* Subscriptions to be told, without those found in the old extent already. */
struct interested {
    struct dss_list list;
    const struct dss_extent *seen; /* those that overlap this are in the list */
    int64_t now_us;
    enum dss_kind about;
};

static bool interested_visit(void *ctx, const struct dss_entity *s)
{
    struct interested *n = ctx;
    bool wants = n->about == DSS_ISA ||
                 (n->about == DSS_OIR ? s->notify_for_oirs : s->notify_for_constraints);
    if (!wants || s->extent.end_us < n->now_us)
        return true;
    /* The search ignores altitude, so the same must hold of what was seen. */
    bool seen = n->seen && s->extent.start_us <= n->seen->end_us &&
                n->seen->start_us <= s->extent.end_us && dss_cells_overlap(&s->extent, n->seen);
    if (!seen)
        dss_list_add(&n->list, s);
    return n->list.status == TF_OK;
}

static enum tf_status tell(struct dss_db *db, const struct dss_list *list, struct dss_reply *reply)
{
    size_t n = list->count;
    int *indices = malloc((n + 1) * sizeof *indices);
    reply->subscribers = malloc((n + 1) * sizeof *reply->subscribers);
    enum tf_status rc = indices && reply->subscribers ? TF_OK : TF_NOMEM;
    if (!rc && n > 0)
        rc = db->ops->bump(db, list->items, n, indices);
    for (size_t i = 0; i < n && !rc; i++)
        reply->subscribers[reply->subscriber_count++] =
            (struct dss_subscriber){dss_entity_ref(list->items[i]), indices[i]};
    free(indices);
    return rc;
}

enum tf_status dss_notify(struct dss_db *db, const struct dss_context *context,
                          enum dss_kind subscriptions, enum dss_kind about,
                          const struct dss_extent *extent, const struct dss_extent *old,
                          struct dss_reply *reply)
{
    struct interested n = {.now_us = context->now_us, .about = about};
    enum tf_status rc = db->ops->search(db, subscriptions, extent, false, interested_visit, &n);
    n.seen = extent;
    if (!rc && old)
        rc = db->ops->search(db, subscriptions, old, false, interested_visit, &n);
    if (!rc)
        rc = n.list.status;
    if (!rc)
        rc = tell(db, &n.list, reply);
    dss_list_release(&n.list);
    return rc;
}

bool dss_url_is_good(const struct dss_context *context, const char *url)
{
    size_t scheme = strncasecmp(url, "https://", 8) == 0                         ? 8
                    : context->allow_http && strncasecmp(url, "http://", 7) == 0 ? 7
                                                                                 : 0;
    if (scheme == 0 || !url[scheme] || strchr("/?#:", url[scheme]))
        return false;
    for (const unsigned char *p = (const unsigned char *)url; *p; p++)
        if (*p <= ' ' || *p == 0x7F || *p == '"' || *p == '<' || *p == '>')
            return false;
    return true;
}

bool dss_times_are_good(const struct dss_context *context, const struct dss_entity *old,
                        const struct dss_extent *extent, int64_t longest_us,
                        struct dss_reply *reply)
{
    bool kept = old && old->extent.start_us == extent->start_us;
    if (!kept && extent->start_us < context->now_us - DSS_PAST_SLACK_US)
        dss_refuse(reply, 400, "the start must not be more than 5 minutes in the past",
                   "time_start");
    else if (extent->end_us <= extent->start_us)
        dss_refuse(reply, 400, "the end must be after the start", "time_end");
    else if (extent->end_us < context->now_us)
        dss_refuse(reply, 400, "the end must not be in the past", "time_end");
    else if (extent->end_us - extent->start_us > longest_us)
        dss_refuse(reply, 400, "a subscription may last 24 hours at the most", "time_end");
    else
        return true;
    return false;
}

int64_t dss_update_time(const struct dss_context *context, const struct dss_entity *old)
{
    return old && old->updated_us >= context->stamp_us ? old->updated_us + 1 : context->stamp_us;
}

static void base32(uint64_t value, char *out)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
    char reversed[16];
    size_t n = 0;
    do {
        reversed[n++] = digits[value % 32];
        value /= 32;
    } while (value > 0);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
}

void dss_version_format(const struct dss_entity *entity, char out[DSS_OVN_SIZE])
{
    char id[TF_UUID_TEXT_SIZE];
    tf_uuid_format(&entity->id, id);
    if (entity->kind == DSS_SUBSCRIPTION)
        dss_ovn_make(id, entity->updated_us, out);
    else
        base32((uint64_t)entity->updated_us * 1000, out);
}

bool dss_version_parse(const char *text, int64_t *updated_ns)
{
    uint64_t value = 0;
    if (!*text)
        return false;
    for (const char *p = text; *p; p++) {
        unsigned digit = *p >= '0' && *p <= '9'   ? (unsigned)(*p - '0')
                         : *p >= 'a' && *p <= 'v' ? (unsigned)(*p - 'a') + 10
                                                  : 32;
        if (digit == 32 || value > (uint64_t)INT64_MAX / 32)
            return false;
        value = value * 32 + digit;
    }
    *updated_ns = (int64_t)value;
    return true;
}

void dss_ovn_make(const char *salt, int64_t updated_us, char out[DSS_OVN_SIZE])
{
    /* RFC 3339 in UTC, microseconds without trailing zeros: the pool's formula. */
    char time[TF_TIME_TEXT_SIZE];
    tf_time_format(updated_us * 1000, time);
    char *point = strchr(time, '.');
    if (point) {
        char *end = time + strlen(time) - 1; /* the Z */
        while (end[-1] == '0')
            end--;
        memcpy(end, "Z", 2);
    }
    crypto_hash_sha256_state state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)salt, strlen(salt));
    crypto_hash_sha256_update(&state, (const unsigned char *)time, strlen(time));
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2base64(out, DSS_OVN_SIZE, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    for (char *p = out; *p; p++)
        *p = *p == '+' ? '-' : *p == '/' ? '.' : *p == '=' ? '_' : *p;
}
