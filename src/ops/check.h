/*
 * check.h - what is in the way of an operation, what the rules make of it, and ways out.
 *
 * The separation is that of docs/separation.md; against what was declared over a line, that of its
 * memorandum for the kinds that it names, where it is greater.
 */
#ifndef TF_OPS_CHECK_H
#define TF_OPS_CHECK_H

#include "ops/ops.h"
#include <tafadi/option.h>

/* The worse the greater. */
#define OPS_OUTCOME_LIST(X)                                                                        \
    X(CLEAR, "clear")   /* no conflict */                                                          \
    X(NOTE, "note")     /* to be known, nothing more */                                            \
    X(DECIDE, "decide") /* somebody in a role has to allow it */                                   \
    X(REFUSE, "refuse")
#define OPS_ENUM_OUTCOME(name, word) OPS_##name,
enum ops_outcome { OPS_OUTCOME_LIST(OPS_ENUM_OUTCOME) OPS_OUTCOME_COUNT };
#undef OPS_ENUM_OUTCOME
const char *ops_outcome_word(enum ops_outcome outcome);

/* What the other side of a conflict is. */
#define OPS_OTHER_LIST(X)                                                                          \
    X(OPERATION, "operation")     /* of this party */                                              \
    X(DECLARATION, "declaration") /* of a peer: any class */                                       \
    X(SITE, "site")                                                                                \
    X(ZONE, "zone")                                                                                \
    X(FOREIGN, "foreign") /* of this party or others in a DSS */
#define OPS_ENUM_OTHER(name, word) OPS_OTHER_##name,
enum ops_other { OPS_OTHER_LIST(OPS_ENUM_OTHER) OPS_OTHER_COUNT };
#undef OPS_ENUM_OTHER

/* One conflict, with what decided. Strings are the verdict's. */
struct ops_conflict {
    char key[OPS_KEY_SIZE]; /* names it when it is allowed */
    enum ops_other other;
    char owner[LINE_ID_SIZE], id[OPS_ID_SIZE];
    int64_t number, version;
    char name[64], party[64]; /* cut; "" */
    char category[64];        /* of a site or zone */
    enum tf_kind kind;
    enum ops_state state;
    enum tf_restriction restriction;
    int priority;
    bool is_sensitive;       /* a site whose showing is on record */
    bool is_old;             /* a declaration that was grown by its age */
    int64_t age_s;           /* of what is known about it: declarations and sites; -1: no age */
    struct tf_conflict span; /* first_ns, last_ns, distance_m, vertical_gap_m, decided */
    struct tf_conflict_pair pair; /* the one that says most: fewest margins, then nearest */
    enum ops_outcome outcome;
    char role[MESSAGE_ROLE_SIZE]; /* who may allow it; "" */
    unsigned rule;                /* of the policy: its place from 1; 0: none fits */
    bool is_allowed;              /* it was, with these very versions, or is now */
    char allowed_by[65], allowed_role[MESSAGE_ROLE_SIZE];
};

struct ops_verdict {
    enum ops_outcome outcome;       /* the worst of what is not allowed */
    bool is_applied;                /* of what asked for the check: was it done? */
    bool is_held;                   /* it waits for a gate (below), which carries it out */
    struct ops_conflict *conflicts; /* owned; the worst first, then by time */
    size_t count, more;             /* more: beyond OPS_CONFLICTS_MAX, which count, too */
    bool has_options;
    struct tf_options options; /* if asked for */
    size_t operations, declarations, sites, zones,
        foreign; /* checked against: how many are known */
    int64_t checked_us;
};
enum { OPS_CONFLICTS_MAX = 1000 };
void ops_verdict_release(struct ops_verdict *verdict); /* idempotent; zero is valid */
void ops_print_conflict(struct tf_buf *out, const struct ops_conflict *conflict);
/* The answer of /api/v1/check as JSON. `entity` is what was checked: options are shown as it would
 * be. */
void ops_print_verdict(struct tf_buf *out, const struct ops_verdict *verdict,
                       const struct tf_entity *entity);
/* One option's volumes as a GeoJSON Feature of the operation so changed. */
TF_MUST_CHECK enum tf_status ops_print_option(struct tf_buf *out, const struct tf_entity *entity,
                                              const struct tf_option *option);

struct ops_query {
    const struct tf_entity *entity;
    int64_t number;        /* its own record, which is not in its way; 0: none */
    const char *decisions; /* what was allowed before; NULL */
    size_t decisions_len;
    /* Options when the outcome is DECIDE or REFUSE; NULL: none. Every option is free of all that
     * is known and would not be noted only, by the greatest separation that any rule here
     * demands. */
    const struct tf_option_limits *options;
};
/* Changes nothing but the record of who read of a sensitive site. */
TF_MUST_CHECK enum tf_status ops_check(struct ops *ops, const struct line_context *c,
                                       const struct ops_query *query, struct ops_verdict *out,
                                       struct tf_fault *fault);

/* Accepted and activated operations that conflict with a site, zone or declaration: those whom a
 * change of it concerns. */
TF_MUST_CHECK enum tf_status
ops_affected(struct ops *ops, const struct line_context *c, const char *owner, enum ops_class class,
             const char *id, bool (*visit)(void *ctx, const struct ops_conflict *conflict),
             void *ctx);

/* --- policy ------------------------------------------------------------------------------- */

/* Local rules, the first that fits. A JSON document:
 *   {"format":"tafadi-policy/v1","rules":[
 *     {"other":"zone","restriction":"prohibited","outcome":"refuse"},
 *     {"other":"operation","priority":"lower","outcome":"decide","role":"duty-officer"}]}
 * `other` as above or absent (any); `restriction` of zones; `kind` of the other; `priority` of the
 * other against the operation's: "higher", "equal", "lower"; `only_by_margin` true: what is a
 * conflict only because of a margin of altitudes. A conflict that no rule fits is refused. */
enum { OPS_RULES_MAX = 64, OPS_POLICY_MAX = 16384 };
/* The policy in force, or the default one; appended. */
TF_MUST_CHECK enum tf_status ops_policy(struct ops *ops, const struct line_context *c,
                                        struct tf_buf *document, int64_t *version);
/* What differs between version `since` (0: the default one) and the policy in force: an array as of
 * ops_changed_since(), appended. TF_NOT_FOUND: there never was such a version. */
TF_MUST_CHECK enum tf_status ops_policy_changed_since(struct ops *ops, const struct line_context *c,
                                                      int64_t since, struct tf_buf *out);
TF_MUST_CHECK enum tf_status ops_set_policy(struct ops *ops, const struct line_context *c,
                                            const char *document, size_t len, int64_t if_version,
                                            const struct ops_who *who, struct tf_fault *fault);

/* --- a DSS beside ------------------------------------------------------------------------- */

/* What is known of a DSS near a volume, as entities (operations, zones); on any failure the check
 * fails with its status: what cannot be asked cannot be called clear. NULL: none is asked. */
struct ops_foreign {
    void *ctx;
    enum tf_status (*near)(void *ctx, const struct line_context *c,
                           const struct tf_volume4 *volumes, size_t count, struct tf_picture *out,
                           struct tf_fault *fault);
};
void ops_set_foreign(struct ops *ops, const struct ops_foreign *foreign);

/* What is about to make an operation count, or to change one that counts. */
struct ops_holding {
    const struct ops_record *record; /* as it would be */
    const struct tf_entity *entity;
    enum ops_act act;
    const char *etag; /* of the present version */
    const struct ops_who *who;
    const json_t *allow;
};
/*
 * Somebody who has to be asked elsewhere before an operation counts (a DSS). After a check that
 * lets it pass, hold() may take SUBMIT, ACCEPT, ACTIVATE, RECOVER, or another content of an
 * accepted or activated operation: then nothing is changed (SUBMIT: it is SUBMITTED), and hold's
 * owner calls ops_act() or ops_put() again when it is allowed, and lets that pass. follow() hears
 * of every version of an operation or zone of this party that is written, in its transaction.
 * waits(): whether anything that was taken of an operation is not settled yet; when it is, its
 * owner calls ops_cases_look() (case.h).
 */
struct ops_gate {
    void *ctx;
    enum tf_status (*hold)(void *ctx, const struct line_context *c, const struct ops_holding *what,
                           bool *held, struct tf_fault *fault);
    enum tf_status (*follow)(void *ctx, const struct line_context *c,
                             const struct ops_record *record);
    enum tf_status (*waits)(void *ctx, const struct line_context *c, const char *id, bool *out);
};
void ops_set_gate(struct ops *ops, const struct ops_gate *gate); /* NULL: none */

#endif
