/*
 * enquiry.h - what a command beside the node wants to know of a DSS: it has no connection of its
 * own, so the node that runs asks, and what it finds is handed over in the party's database.
 *
 *     tafadi op check --> uss_enquiry: the operation's volumes
 *                              |  planner: asks the DSS and the peers that it names
 *                              v
 *     its check       <-- what is near, as GeoJSON
 *
 * What nobody answered is not known: then the check finds the conflict "dss" in all of the
 * operation's volumes, as at the desk, and nothing is called clear.
 */
#ifndef TF_USS_ENQUIRY_H
#define TF_USS_ENQUIRY_H

#include "ops/check.h"
#include "uss/model.h"

enum { USS_ENQUIRY_LIFE_US = 15000000 }; /* who asked waits no longer */

/* Asks around an operation as it is at `etag`; another question about it is forgotten. */
TF_MUST_CHECK enum tf_status uss_enquiry_put(const struct line_context *c, const char *op,
                                             const char *etag, const struct tf_entity *entity);
TF_MUST_CHECK enum tf_status uss_enquiry_is_answered(const struct line_context *c, const char *op,
                                                     bool *out);

/* The answer, if it is there and about `etag`; the question is forgotten. */
struct uss_enquiry {
    char *near; /* owned; NULL: nobody answered */
    char dss[USS_URL_SIZE];
};
void uss_enquiry_release(struct uss_enquiry *enquiry); /* idempotent; zero is valid */
TF_MUST_CHECK enum tf_status uss_enquiry_take(const struct line_context *c, const char *op,
                                              const char *etag, struct uss_enquiry *out);
/* From now on checks see it; `enquiry` is kept. NULL: no more. */
void uss_enquiry_use(struct ops *ops, const struct uss_enquiry *enquiry);

/* The DSS itself as an entity: it could not be asked, and what it has may be anywhere in these
 * volumes. */
TF_MUST_CHECK enum tf_status uss_near_dss(const char *dss_url, const struct tf_volume4 *volumes,
                                          size_t count, struct tf_picture *out);

/* The node's side: the one that has waited for longest (*volumes as an entity, the caller's), and
 * what was found. TF_NOT_FOUND: nobody waits. */
TF_MUST_CHECK enum tf_status uss_enquiry_due(const struct line_context *c, char op[OPS_ID_SIZE],
                                             struct tf_entity *out);
TF_MUST_CHECK enum tf_status uss_enquiry_answer(const struct line_context *c, const char *op,
                                                const struct tf_picture *near);

#endif
