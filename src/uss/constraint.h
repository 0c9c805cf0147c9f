/*
 * constraint.h - zones of the party's register that are published as constraints (ASTM F3548-21):
 * those with {"publish": true} beside their feature, while they are in force. What the DSS has is
 * brought in line with the register by the planner, again until it is; the zone itself waits for
 * nobody. Within the caller's transaction.
 */
#ifndef TF_USS_CONSTRAINT_H
#define TF_USS_CONSTRAINT_H

#include "ops/ops.h"
#include "uss/store.h"

struct uss_constraint {
    char zone[OPS_ID_SIZE];
    bool is_wanted;                 /* else it is to be deleted */
    struct uss_reference reference; /* version 0: not in the DSS, as far as is known */
    int64_t tries, due_us;
};
/* A version of a zone was written. *due: the planner has something to do. */
TF_MUST_CHECK enum tf_status uss_constraint_follow(const struct line_context *c,
                                                   const struct ops_record *zone, bool *due);
/* TF_NOT_FOUND: nothing is due. */
TF_MUST_CHECK enum tf_status uss_constraint_due(const struct line_context *c,
                                                struct uss_constraint *out);
/* The DSS has it so. due_us: of what was asked for; if that has changed, it is due again. */
TF_MUST_CHECK enum tf_status uss_constraint_set(const struct line_context *c, const char *zone,
                                                const struct uss_reference *reference,
                                                const struct uss_volumes *volumes, const char *type,
                                                int64_t due_us);
TF_MUST_CHECK enum tf_status uss_constraint_gone(const struct line_context *c, const char *zone,
                                                 const struct tf_uuid *id);
/* It did not come to be: again at again_us, 0: not before the zone changes. ovn: as the DSS has
 * it, or NULL. */
TF_MUST_CHECK enum tf_status uss_constraint_fail(const struct line_context *c, const char *zone,
                                                 const char *ovn, const char *why,
                                                 int64_t again_us);
/* {"reference":..., "details":...}, appended. TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status uss_constraint_print(const struct line_context *c,
                                                  const struct tf_uuid *id, struct tf_buf *out);
/* The member "constraint" of a zone's resource: an object, or null. */
TF_MUST_CHECK enum tf_status uss_constraint_show(const struct line_context *c, const char *zone,
                                                 struct tf_buf *out);

#endif
