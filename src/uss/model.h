/*
 * model.h - what USSs and a DSS say to each other (ASTM F3548-21): references, details,
 * notifications; read strictly from JSON and written to it.
 *
 * Unknown members are ignored and null is absent, as the standard has it. Everything else that is
 * not as it must be is refused with the path of the first bad field. What is read does not stay
 * within a volume's limits by luck: a volume of details has both times and both altitudes, above
 * the ellipsoid.
 */
#ifndef TF_USS_MODEL_H
#define TF_USS_MODEL_H

#include "base/buf.h"
#include "base/uuid.h"
#include <jansson.h>
#include <stdbool.h>
#include <tafadi/volume.h>

enum {
    USS_NAME_SIZE = 256,      /* of a manager */
    USS_OVN_SIZE = 129,       /* 16 to 128 characters */
    USS_URL_SIZE = 512,       /* base URLs; longer ones are refused */
    USS_VOLUMES_MAX = 1000,   /* of one intent */
    USS_VERTICES_MAX = 10000, /* of one intent (OiMaxVertices) */
    USS_LIST_MAX = 10000,     /* references, subscribers in one answer */
    USS_BODY_MAX = 4 << 20
};

/* An operational intent's or a constraint's reference. */
struct uss_reference {
    struct tf_uuid id, subscription; /* subscription zero: none */
    char manager[USS_NAME_SIZE], url[USS_URL_SIZE];
    char ovn[USS_OVN_SIZE]; /* "" : not told */
    enum tf_state state;    /* of a constraint: ACTIVATED */
    int64_t version, start_ns, end_ns;
    bool is_constraint;
};
struct uss_references {
    struct uss_reference *at; /* owned */
    size_t count;
};
void uss_references_release(struct uss_references *list); /* idempotent; zero is valid */

struct uss_volumes {
    struct tf_volume4 *at; /* owned */
    size_t count;
};
void uss_volumes_release(struct uss_volumes *volumes); /* idempotent; zero is valid */
TF_MUST_CHECK enum tf_status uss_volumes_copy(const struct uss_volumes *from,
                                              struct uss_volumes *out);

struct uss_details {
    struct uss_volumes nominal, off_nominal;
    int priority; /* higher goes first; absent: 0 */
};
void uss_details_release(struct uss_details *details); /* idempotent; zero is valid */

/* Whom a change concerns, as a DSS says. */
struct uss_subscriber {
    char url[USS_URL_SIZE];
    const json_t *subscriptions; /* an array; of the document that was read */
};
struct uss_subscribers {
    struct uss_subscriber *at; /* owned */
    size_t count;
};

/* A text as JSON: UTF-8, no name twice. TF_SYNTAX with the line in fault. *out: json_decref. */
TF_MUST_CHECK enum tf_status uss_parse(const char *bytes, size_t len, json_t **out,
                                       struct tf_fault *fault);

/*
 * An array of Volume4D at `path` for faults. TF_LIMIT: more than may be. An array of none is
 * good. `out` is written on success only, here and below.
 */
TF_MUST_CHECK enum tf_status uss_read_volumes(const json_t *array, const char *path,
                                              struct uss_volumes *out, struct tf_fault *fault);
/* One Volume4D. *out: tf_volume4_release. */
TF_MUST_CHECK enum tf_status uss_read_volume(const json_t *volume, const char *path,
                                             struct tf_volume4 *out, struct tf_fault *fault);
/* {"operational_intent": {"reference": ..., "details": ...}}: what a USS answers. */
TF_MUST_CHECK enum tf_status uss_read_intent(const json_t *answer, struct uss_reference *reference,
                                             struct uss_details *details, struct tf_fault *fault);
/* {"constraint": {"reference": ..., "details": ...}}: likewise. */
TF_MUST_CHECK enum tf_status uss_read_constraint(const json_t *answer,
                                                 struct uss_reference *reference,
                                                 struct uss_details *details,
                                                 struct tf_fault *fault);
/* {"volumes": ..., "off_nominal_volumes": ..., "priority": ...} */
TF_MUST_CHECK enum tf_status uss_read_details(const json_t *details, struct uss_details *out,
                                              struct tf_fault *fault);
/* The list of that name: of operational intents or of constraints. */
TF_MUST_CHECK enum tf_status uss_read_references(const json_t *answer, const char *name,
                                                 bool is_constraint, struct uss_references *out,
                                                 struct tf_fault *fault);
/* {"operational_intent_reference": {...}} and, unless NULL, "subscribers". The caller frees
 * subscribers->at; `answer` must outlive it. */
TF_MUST_CHECK enum tf_status uss_read_change(const json_t *answer, struct uss_reference *reference,
                                             struct uss_subscribers *subscribers,
                                             struct tf_fault *fault);

/* {"constraint_reference": {...}} and, unless NULL, "subscribers": as the above. */
TF_MUST_CHECK enum tf_status uss_read_constraint_change(const json_t *answer,
                                                        struct uss_reference *reference,
                                                        struct uss_subscribers *subscribers,
                                                        struct tf_fault *fault);

/* A notification of a peer: an intent or constraint as it is now, or that it has ended. */
struct uss_notice {
    struct tf_uuid id;
    bool is_constraint, has_ended;
    struct uss_reference reference; /* unless it has ended, as the next */
    struct uss_details details;     /* a constraint's volumes are `nominal` */
};
void uss_notice_release(struct uss_notice *notice); /* idempotent; zero is valid */
TF_MUST_CHECK enum tf_status uss_read_notice(const json_t *body, bool is_constraint,
                                             struct uss_notice *out, struct tf_fault *fault);

/* --- writing --------------------------------------------------------------------------------- */

const char *uss_state_word(enum tf_state state); /* "Accepted"; "" if F3548 has none */
/* The object; the OVN of others' is not told. */
void uss_put_reference(struct tf_buf *out, const struct uss_reference *reference);
/* The object of details. */
TF_MUST_CHECK enum tf_status uss_put_details(struct tf_buf *out, const struct uss_details *details);
/* Elements of an array of Volume4D, without its brackets; appended after a comma if `more`. */
TF_MUST_CHECK enum tf_status uss_put_volumes(struct tf_buf *out, const struct uss_volumes *volumes,
                                             bool more);
void uss_put_uuid(struct tf_buf *out, const struct tf_uuid *id); /* with quotes */

#endif
