/*
 * internal.h - what the rules share.
 */
#ifndef TF_DSS_INTERNAL_H
#define TF_DSS_INTERNAL_H

#include "dss/rules.h"

/* Fills the refusal and returns TF_OK: the rule has answered. `detail` may be NULL. */
enum tf_status dss_refuse(struct dss_reply *reply, int status, const char *message,
                          const char *detail);
/* About an entity. */
enum tf_status dss_refuse_id(struct dss_reply *reply, int status, const char *message,
                             const struct tf_uuid *id);
/* The entity of this id; refused with `absent` if there is none. The rule goes on only if
 * reply->status is still 0. */
enum tf_status dss_find(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id, int absent,
                        const struct dss_entity **out, struct dss_reply *reply);
/* And it must be the caller's. */
enum tf_status dss_find_own(struct dss_db *db, const struct dss_context *context,
                            enum dss_kind kind, const struct tf_uuid *id, int absent,
                            const struct dss_entity **out, struct dss_reply *reply);
/* Keeps a reference to entity in the reply, with its index if it is a subscription. */
void dss_answer(struct dss_reply *reply, int status, const struct dss_entity *entity);

/* Bumps and lists every live subscription of `kind` that overlaps one of two extents
 * (old may be NULL) and wants `about`. */
enum tf_status dss_notify(struct dss_db *db, const struct dss_context *context,
                          enum dss_kind subscriptions, enum dss_kind about,
                          const struct dss_extent *extent, const struct dss_extent *old,
                          struct dss_reply *reply);
/* Adds what is found of a kind, live at now, to `list`. */
enum tf_status dss_collect(struct dss_db *db, enum dss_kind kind, const struct dss_extent *where,
                           bool with_altitude, int64_t now_us, struct dss_list *list);
/* https, or http where the context allows it; a host; no spaces. */
bool dss_url_is_good(const struct dss_context *context, const char *url);
/* Start and end of a subscription or ISA against now: false and a refusal if wrong. A
 * start that `old` (may be NULL) has already is no request for the past. */
bool dss_times_are_good(const struct dss_context *context, const struct dss_entity *old,
                        const struct dss_extent *extent, int64_t longest_us,
                        struct dss_reply *reply);
/* A time for updated_us, later than the entity's last (the clock may step back). */
int64_t dss_update_time(const struct dss_context *context, const struct dss_entity *old);

#endif
