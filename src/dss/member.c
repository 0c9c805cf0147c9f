/*
 * member.c - the members of a pool, and their signs of life.
 */
#include "dss/internal.h"

#include <stdlib.h>
#include <string.h>

static bool copy_text(const char *text, const char **out)
{
    *out = text ? strdup(text) : NULL;
    return *out || !text;
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

void dss_member_release(struct dss_member *member)
{
    free_text(member->name);
    free_text(member->endpoint);
    free_text(member->last.source);
    free_text(member->last.reporter);
    *member = (struct dss_member){0};
}

enum tf_status dss_member_copy(const struct dss_member *member, struct dss_member *out)
{
    struct dss_member made = *member;
    bool name = copy_text(member->name, &made.name);
    bool endpoint = copy_text(member->endpoint, &made.endpoint);
    bool source = copy_text(member->last.source, &made.last.source);
    bool reporter = copy_text(member->last.reporter, &made.last.reporter);
    if (!name || !endpoint || !source || !reporter) {
        dss_member_release(&made);
        return TF_NOMEM;
    }
    *out = made;
    return TF_OK;
}

struct gathering {
    struct dss_reply *reply;
    size_t capacity;
    enum tf_status status;
};

static bool gather(void *ctx, const struct dss_member *member)
{
    struct gathering *g = ctx;
    struct dss_reply *reply = g->reply;
    if (reply->member_count == g->capacity) {
        size_t wider = g->capacity ? 2 * g->capacity : 8;
        struct dss_member *moved = realloc(reply->members, wider * sizeof *moved);
        if (!moved) {
            g->status = TF_NOMEM;
            return false;
        }
        reply->members = moved;
        g->capacity = wider;
    }
    g->status = dss_member_copy(member, &reply->members[reply->member_count]);
    reply->member_count += g->status == TF_OK;
    return g->status == TF_OK;
}

enum tf_status dss_members_get(struct dss_db *db, struct dss_reply *reply)
{
    struct gathering g = {.reply = reply};
    enum tf_status rc = db->ops->members(db, gather, &g);
    if (!reply->status)
        reply->status = 200;
    return rc ? rc : g.status;
}

enum tf_status dss_heartbeat_put(struct dss_db *db, const struct dss_context *context,
                                 const struct dss_heartbeat *heartbeat, struct dss_reply *reply)
{
    struct dss_heartbeat h = *heartbeat;
    h.reporter = context->caller;
    if (h.at_us == INT64_MIN)
        h.at_us = context->now_us;
    if (h.next_us < h.at_us)
        return dss_refuse(reply, 400, "must not be before the timestamp",
                          "next_heartbeat_expected_before");
    enum tf_status rc = db->ops->put_heartbeat(db, &h);
    reply->status = 201;
    return rc ? rc : dss_members_get(db, reply);
}
