/*
 * incident.h - something happened at a place and a time: what did this node know around it, what
 * was said about that over lines, and who acknowledged it?
 *
 * The report and what was found are kept as they were, with an entry in the ledger; the messages
 * are named by line, side and number, so that an evidence bundle can be made of them.
 */
#ifndef TF_OPS_INCIDENT_H
#define TF_OPS_INCIDENT_H

#include "ops/declaration.h"

enum {
    OPS_INCIDENT_RADIUS_M = 10000, /* defaults: how near, how long before and after */
    OPS_INCIDENT_WINDOW_S = 3600,
    OPS_INCIDENT_RECORDS_MAX = 500,
    OPS_INCIDENT_POSITIONS_MAX = 1000
};

struct ops_incident {
    struct tf_latlng at;
    int64_t at_us;
    double radius_m;           /* up to 200,000 */
    int64_t before_s, after_s; /* up to 7 days each */
    const char *text;          /* may be NULL */
};
/*
 * Records of every class and owner, in the version that was in force here at `at_us`, whose volumes
 * come within the radius and meet [at - before, at + after); for each the messages about it that
 * were sent until then, with their receipts and acknowledgements; and where own operations were
 * reported to be in that place and time (conform.h), whatever their volumes. Appends the report as
 * JSON (docs/operations.md). TF_RANGE: field by field.
 */
TF_MUST_CHECK enum tf_status ops_incident_report(struct ops *ops, const struct line_context *c,
                                                 const struct ops_incident *incident,
                                                 const struct ops_who *who, struct tf_buf *out,
                                                 struct tf_fault *fault);
/* Reports as they were made; `id` NULL: all, latest first. TF_NOT_FOUND: none of this id. */
TF_MUST_CHECK enum tf_status
ops_incident_each(struct ops *ops, const struct line_context *c, const char *id, size_t limit,
                  bool (*visit)(void *ctx, const char *json, size_t len), void *ctx);

#endif
