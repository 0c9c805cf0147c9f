/*
 * matter.h - what an incident or a case is about, as messages of one line: for evidence bundles.
 */
#ifndef TF_OPS_MATTER_H
#define TF_OPS_MATTER_H

#include "ops/ops.h"

enum { OPS_MATTER_MAX = 20000 };

struct ops_matter {
    char line[LINE_ID_SIZE];
    struct line_number *messages; /* owned */
    size_t count, capacity;
    bool has_place; /* and what speaks of this place, at this time */
    struct tf_latlng place;
    double radius_m;
    int64_t from_us, until_us;
};
void ops_matter_release(struct ops_matter *matter);
/* TF_NOMEM, TF_LIMIT */
TF_MUST_CHECK enum tf_status ops_matter_add(struct ops_matter *matter, bool is_own, int64_t seq);

/*
 * The messages that a report of an incident names, of one line, and its place and time. `line` (an
 * id, the beginning of one, the peer's id) may be NULL if they are all of one line. TF_NOT_FOUND:
 * no such report or line; TF_MISSING: which line? *out is to be released in any case.
 */
TF_MUST_CHECK enum tf_status ops_incident_matter(struct ops *ops, const struct line_context *c,
                                                 const char *id, const char *line,
                                                 struct ops_matter *out, struct tf_fault *fault);
/* What was said about a case, and all that was declared of both; `id` may be its only beginning
 * that fits. Neither key nor card of the context are needed. TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status ops_case_matter(const struct line_context *c, const char *id,
                                             struct ops_matter *out, struct tf_fault *fault);
/* Whether a message declares, updates or withdraws what the line calls `alias`. */
TF_MUST_CHECK enum tf_status ops_message_names(const struct line_message *message,
                                               const char *alias, bool *out);

#endif
