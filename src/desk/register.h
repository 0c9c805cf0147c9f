/*
 * register.h - what the routes of operations, sites and zones share.
 */
#ifndef TF_DESK_REGISTER_H
#define TF_DESK_REGISTER_H

#include "desk/internal.h"
#include "format/json.h"
#include "ops/site.h"

enum {
    REGISTER_PLANNERS = ACCOUNT_PLANNER | ACCOUNT_DUTY_OFFICER | ACCOUNT_HEAD_OF_CELL,
    REGISTER_OFFICERS = ACCOUNT_DUTY_OFFICER | ACCOUNT_HEAD_OF_CELL
};

/* The party's register. */
struct ops *register_ops(const struct visit *v);
/* Who acts: the role named in the body, or the highest of theirs that may; the body's reason. */
TF_MUST_CHECK enum tf_status register_who(struct visit *v, unsigned allowed, struct ops_who *who);
/* The ETag of If-Match without its quotes; NULL: there is none. */
const char *register_if_match(const struct visit *v, char out[OPS_ETAG_SIZE]);
/* The body's feature; `id` NULL: its own. */
TF_MUST_CHECK enum tf_status register_feature(struct visit *v, const json_t *feature,
                                              enum ops_class class, const char *id,
                                              struct tf_entity *entity);
/* Answers with a record as it is now, with its ETag. */
TF_MUST_CHECK enum tf_status register_show(struct visit *v, const struct line_context *c,
                                           enum ops_class class, const char *id);
/* TF_EXISTS because of If-Match: 412, what has changed since, and what there is now; other statuses
 * are handed back. */
TF_MUST_CHECK enum tf_status register_clash(struct visit *v, const struct line_context *c,
                                            enum ops_class class, const char *id, const char *etag,
                                            enum tf_status rc);
/* The act or content waits for the USS: the visit runs again when that has settled it. */
void register_wait(struct visit *v, const char *id);
/* What has become of it: the operation, alone or with its check; 409 with what stands in the way;
 * 202: not yet. */
TF_MUST_CHECK enum tf_status register_outcome(struct visit *v, const struct line_context *c,
                                              const char *id, bool with_check);
/* 409 with what stands in the way. */
void register_conflicts(struct visit *v, const struct ops_verdict *verdict,
                        const struct tf_entity *entity);
/* "limits" of the body; absent: the defaults. */
TF_MUST_CHECK enum tf_status register_limits(struct visit *v, struct tf_option_limits *out);

/* Lists and histories, by the query. */
TF_MUST_CHECK enum tf_status register_filter(struct visit *v, struct ops_filter *filter,
                                             bool *is_full);
TF_MUST_CHECK enum tf_status register_history(struct visit *v, const struct line_context *c,
                                              enum ops_class class);
/* A file in the body. */
TF_MUST_CHECK enum tf_status register_import(struct visit *v, const struct line_context *c,
                                             enum ops_class class);
/* A sentence in the language that was asked for, with its places filled in. */
void register_text(struct visit *v, const struct tf_fault *fault, char *out, size_t size);

#endif
