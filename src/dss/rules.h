/*
 * rules.h - what a DSS does with a request, whatever engine stores it.
 *
 * Sources: ASTM F3548-21 (DSS0005..., API annex A4), F3411-19 and -22a (DSS0030...);
 * where they are silent, the reference implementation's observable behaviour. A
 * rule reads and writes through one struct dss_db inside one transaction, takes
 * the time and randomness as parameters, and fills a reply. If a rule answers with a
 * refusal (status >= 400) or an error, the caller undoes the transaction.
 *
 * Requests arrive validated in form (api/); times in microseconds; strings borrowed.
 */
#ifndef TF_DSS_RULES_H
#define TF_DSS_RULES_H

#include "dss/entity.h"

/* F3548 OiMaxPlanHorizon and others are for USSs; what a DSS holds to: */
#define DSS_SUBSCRIPTION_MAX_US                                                                    \
    (INT64_C(24) * 3600 * 1000000) /* DSS0060, NetDSSMaxSubscriptionDuration */
#define DSS_PAST_SLACK_US (INT64_C(5) * 60 * 1000000)
enum { DSS_RID_SUBSCRIPTIONS_PER_CELL = 10 }; /* F3411 DSSMaxSubscriptionPerArea */

/* What a rule is told about the request's circumstances. */
struct dss_context {
    int64_t now_us;
    /* What updated_us becomes, and OVNs are made of: a time that no change before has had,
     * also when the clock has been set back. */
    int64_t stamp_us;
    uint8_t random[16]; /* fresh random bytes, for the id of an implicit subscription */
    const char *caller; /* token's subject: owner of what it writes */
    bool may_monitor;   /* has utm.conformance_monitoring_sa */
    bool allow_http;    /* development: base URLs without TLS */
};

/* What an OVN says to those who do not own the entity. */
#define DSS_OVN_HIDDEN "Available from USS"
/* The subscription_id of an OIR that has none: the field is required (F3548). */
#define DSS_NO_SUBSCRIPTION "00000000-0000-4000-8000-000000000000"

/* A list of entities, each with a reference owned by the list. */
struct dss_list {
    const struct dss_entity **items;
    size_t count, capacity;
    enum tf_status status;
};
void dss_list_add(struct dss_list *list, const struct dss_entity *entity);
void dss_list_release(struct dss_list *list);

struct dss_subscriber {
    const struct dss_entity *subscription; /* reference owned by the reply */
    int notification_index;
};

struct dss_reply {
    int status;          /* HTTP status: 200, 201, 400 ... */
    const char *message; /* of a refusal: static English */
    char detail[96];     /* what the message is about: a field, an id */
    const struct dss_entity *entity;
    int notification_index; /* of `entity` if it is a subscription */
    struct dss_subscriber *subscribers;
    size_t subscriber_count;
    struct dss_list oirs, constraints; /* found; or, with 409, missing from the key */
    struct dss_list isas;
    struct dss_list dependents; /* of a subscription */
    struct dss_availability availability;
    struct dss_member *members;
    size_t member_count;
};
void dss_reply_release(struct dss_reply *reply);

/* --- operational intents and constraints --------------------------------------- */

struct dss_reference_request {
    enum dss_kind kind; /* DSS_OIR or DSS_CONSTRAINT */
    struct tf_uuid id;
    const char *ovn; /* from the path; NULL: create */
    struct dss_extent extent;
    const char *url;
    /* OIR only: */
    enum dss_state state;
    const char *const *key;
    size_t key_count;
    bool has_subscription_id;
    struct tf_uuid subscription_id;
    const char *new_subscription_url; /* NULL: none asked for */
    bool new_notify_for_constraints;
    const char *ovn_suffix; /* NULL: not requested */
};
enum tf_status dss_reference_put(struct dss_db *db, const struct dss_context *context,
                                 const struct dss_reference_request *request,
                                 struct dss_reply *reply);
enum tf_status dss_reference_delete(struct dss_db *db, const struct dss_context *context,
                                    enum dss_kind kind, const struct tf_uuid *id, const char *ovn,
                                    struct dss_reply *reply);
/* Any kind but subscriptions. */
enum tf_status dss_reference_get(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id,
                                 struct dss_reply *reply);
/* extent->start_us and end_us may be INT64_MIN and INT64_MAX. Ended ones are left out. */
enum tf_status dss_reference_query(struct dss_db *db, const struct dss_context *context,
                                   enum dss_kind kind, const struct dss_extent *extent,
                                   struct dss_reply *reply);

/* --- subscriptions of both standards ---------------------------------------------- */

struct dss_subscription_request {
    enum dss_kind kind; /* DSS_SUBSCRIPTION or DSS_RID_SUBSCRIPTION */
    struct tf_uuid id;
    const char *version; /* from the path; NULL: create */
    struct dss_extent extent;
    bool has_start, has_end; /* else now, and 24 h later */
    const char *url;
    bool notify_for_oirs, notify_for_constraints;
};
enum tf_status dss_subscription_put(struct dss_db *db, const struct dss_context *context,
                                    const struct dss_subscription_request *request,
                                    struct dss_reply *reply);
enum tf_status dss_subscription_delete(struct dss_db *db, const struct dss_context *context,
                                       enum dss_kind kind, const struct tf_uuid *id,
                                       const char *version, struct dss_reply *reply);
/* RID subscriptions are readable by all, F3548's by their owner only. */
enum tf_status dss_subscription_get(struct dss_db *db, const struct dss_context *context,
                                    enum dss_kind kind, const struct tf_uuid *id,
                                    struct dss_reply *reply);
/* The caller's own, live ones. In reply->oirs (F3548) or reply->isas' place: `dependents`. */
enum tf_status dss_subscription_query(struct dss_db *db, const struct dss_context *context,
                                      enum dss_kind kind, const struct dss_extent *extent,
                                      struct dss_reply *reply);

/* --- identification service areas (F3411) ------------------------------------------- */

struct dss_isa_request {
    struct tf_uuid id;
    const char *version; /* NULL: create */
    struct dss_extent extent;
    bool has_start;
    const char *url;
};
enum tf_status dss_isa_put(struct dss_db *db, const struct dss_context *context,
                           const struct dss_isa_request *request, struct dss_reply *reply);
enum tf_status dss_isa_delete(struct dss_db *db, const struct dss_context *context,
                              const struct tf_uuid *id, const char *version,
                              struct dss_reply *reply);

/* --- availability (F3548 OPIN0015) ---------------------------------------------------- */

enum tf_status dss_availability_put(struct dss_db *db, const struct dss_context *context,
                                    const char *uss, const char *state, const char *old_version,
                                    struct dss_reply *reply);

/* --- the pool's members ------------------------------------------------------------------ */

/* at_us INT64_MIN: now. The reporter is the caller. All members in the reply. */
enum tf_status dss_heartbeat_put(struct dss_db *db, const struct dss_context *context,
                                 const struct dss_heartbeat *heartbeat, struct dss_reply *reply);
enum tf_status dss_members_get(struct dss_db *db, struct dss_reply *reply);

/* --- versions -------------------------------------------------------------------------- */

/* As the pool's members make it: of an F3548 subscription by the OVN's formula, of F3411's
 * entities updated_at in nanoseconds in base 32 (0-9a-v). */
void dss_version_format(const struct dss_entity *entity, char out[DSS_OVN_SIZE]);
/* False if the text is not such a number. */
bool dss_version_parse(const char *text, int64_t *updated_ns);
/* The pool's formula: base64 of SHA-256 of id and time, URL-safe. */
void dss_ovn_make(const char *salt, int64_t updated_us, char out[DSS_OVN_SIZE]);

#endif
