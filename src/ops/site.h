/*
 * site.h - protected places, convoys, critical infrastructure: what every plan is checked against.
 *
 * A site is a record of class `site` (ops.h). Its feature gives places and times: a point with a
 * protective radius, an area, a route with its width; a convoy is a line with `times`. Its
 * `extra` is
 *
 *   {"category":"hospital","sensitive":true,"radius_m":500,
 *    "verification":{"state":"verified","by":"…","at":"2026-11-24T02:00:00Z","note":"…"},
 *    "data_at":"2026-11-20T00:00:00Z","contact":"…",
 *    "read_back":{"lat_deg":36.5,"lng_deg":37.2}}, or {"points":[{"lat_deg","lng_deg"}, ...]}
 *
 * Nothing disappears silently: a correction is another version, which takes back the verification
 * (unless it says who verified it) and opens each acknowledgement again; a site that is over is
 * withdrawn with a reason, and stays in the list. Reading a sensitive site is an entry in the
 * ledger.
 */
#ifndef TF_OPS_SITE_H
#define TF_OPS_SITE_H

#include "ops/check.h"

#define OPS_SITE_CATEGORY_LIST(X)                                                                  \
    X(HOSPITAL, "hospital")                                                                        \
    X(CLINIC, "clinic")                                                                            \
    X(SCHOOL, "school")                                                                            \
    X(CAMP, "camp") /* displaced people */                                                         \
    X(SHELTER, "shelter")                                                                          \
    X(WAREHOUSE, "warehouse") /* humanitarian goods */                                             \
    X(OFFICE, "office")       /* of a humanitarian organisation */                                 \
    X(RESIDENCE, "residence") /* of its people */                                                  \
    X(CONVOY, "convoy")                                                                            \
    X(WATER, "water")                                                                              \
    X(POWER, "power")                                                                              \
    X(DAM, "dam")                                                                                  \
    X(HERITAGE, "heritage")                                                                        \
    X(RELIGIOUS, "religious")                                                                      \
    X(OTHER, "other")
#define OPS_ENUM_CATEGORY(name, word) OPS_SITE_##name,
enum ops_site_category { OPS_SITE_CATEGORY_LIST(OPS_ENUM_CATEGORY) OPS_SITE_CATEGORY_COUNT };
#undef OPS_ENUM_CATEGORY
/* The first category whose word, or one of whose names in English, Arabic or Russian, the text
 * begins with; else OTHER. */
enum ops_site_category ops_site_category_of(const char *text);
const char *ops_site_category_word(enum ops_site_category category);

enum {
    OPS_READBACK_M = 50,        /* what is read back at entry must be this near */
    OPS_SITE_OLD_S = 90 * 86400 /* data older than this are marked */
};

struct ops_site {
    struct ops_record record;
    enum ops_site_category category;
    bool is_sensitive, is_verified, is_old;
    const char *verified_by, *verified_note, *contact; /* NULL */
    int64_t verified_us, data_us;                      /* 0: not said */
    int64_t age_s;                                     /* of the data; -1: not said */
    struct tf_latlng centre;
    double extent_m; /* of all its volumes, about the centre */
};

/*
 * As ops_put(), with the rules of sites: `extra` checked field by field; a category; a place that
 * has been read back (`read_back`): within OPS_READBACK_M of the centre, or, of an area of one
 * ring or a route, of each of its points in their order; a convoy has times. `feature` is what was
 * given, borrowed for the call. A correction that leaves outline and times of the points as they
 * are needs no read-back. `feature` NULL: none is needed (files, whose rows are in front of who
 * sends them).
 */
TF_MUST_CHECK enum tf_status ops_site_put(struct ops *ops, const struct line_context *c,
                                          const struct ops_draft *draft, const json_t *feature,
                                          const struct ops_who *who, struct ops_written *written,
                                          struct tf_fault *fault);
/* Another version that says who verified it, and how. */
TF_MUST_CHECK enum tf_status ops_site_verify(struct ops *ops, const struct line_context *c,
                                             const char *id, const char *if_match, const char *note,
                                             const struct ops_who *who, struct ops_written *written,
                                             struct tf_fault *fault);
/* With a reason, which is needed. */
TF_MUST_CHECK enum tf_status ops_site_withdraw(struct ops *ops, const struct line_context *c,
                                               const char *id, const char *if_match,
                                               const struct ops_who *who,
                                               struct ops_written *written, struct tf_fault *fault);
/* Sensitive ones are shown for `purpose` (reading.h). */
TF_MUST_CHECK enum tf_status ops_site_each(struct ops *ops, const struct line_context *c,
                                           const struct ops_filter *filter, const char *purpose,
                                           bool (*visit)(void *ctx, const struct ops_site *site),
                                           void *ctx);
void ops_print_site(struct tf_buf *out, const struct ops_site *site, bool with_feature);
/* Who has acknowledged a version: inside the party, or by a line. */
struct ops_site_ack {
    int64_t version, at_us;
    const char *by, *role;    /* by: an operator, or a peer's id */
    bool is_peer, is_current; /* is_current: of the version that is in force */
};
TF_MUST_CHECK enum tf_status ops_site_acknowledge(struct ops *ops, const struct line_context *c,
                                                  const char *id, int64_t version, const char *by,
                                                  bool is_peer, const struct ops_who *who,
                                                  struct tf_fault *fault);
TF_MUST_CHECK enum tf_status
ops_site_each_ack(struct ops *ops, const struct line_context *c, const char *id,
                  bool (*visit)(void *ctx, const struct ops_site_ack *ack), void *ctx);

#endif
