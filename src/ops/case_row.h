/*
 * case_row.h - what the files about cases share: rows of ops_case, and what is told about a case.
 */
#ifndef TF_OPS_CASE_ROW_H
#define TF_OPS_CASE_ROW_H

#include "ops/case.h"
#include "ops/internal.h"

#define CASE_COLUMNS                                                                               \
    "id, line, own_class, own_id, other_class, other_id, own_version, other_version, is_open,"     \
    " opened_us, changed_us, conflict, stage, rung, held, sees, claimed"
/* Borrows from the rows. TF_SYNTAX: the database says what no version of this program wrote. */
TF_MUST_CHECK enum tf_status case_row(const struct sql_rows *rows, size_t row,
                                      struct ops_case *out);

/* A case is opened, or over: told. */
TF_MUST_CHECK enum tf_status case_change(const struct line_context *c, const struct ops_case *one,
                                         bool opens);
/* Over: also the other side's view of it is forgotten. */
TF_MUST_CHECK enum tf_status case_end(const struct line_context *c, const struct ops_case *one);
/* The other side sees a conflict of these two, and said so by a proposal: what is there is claimed,
 * or opened as theirs, if both are known and were declared and are not over. */
TF_MUST_CHECK enum tf_status case_claim(const struct line_context *c, const char *line,
                                        const char *id, const char *own_alias,
                                        const char *other_id);
/* It sees none any more. */
TF_MUST_CHECK enum tf_status case_unclaim(const struct line_context *c, const char *line,
                                          const char *id);

/* An entry about a case, but for its end: {"kind":"case","at":...,"act":...,"id":...,"line":... */
void case_entry(struct tf_buf *out, const struct line_context *c, const char *act,
                const struct ops_case *one);
/* Ends the entry, puts it into the ledger, and tells who listens. Releases it. */
TF_MUST_CHECK enum tf_status case_tell(const struct line_context *c, struct tf_buf *entry);

#endif
