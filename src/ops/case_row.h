/*
 * case_row.h - what the files about cases share: rows of ops_case, and what is told about a case.
 */
#ifndef TF_OPS_CASE_ROW_H
#define TF_OPS_CASE_ROW_H

#include "ops/case.h"
#include "ops/internal.h"

#define CASE_COLUMNS                                                                               \
    "id, line, own_class, own_id, other_class, other_id, own_version, other_version, is_open,"     \
    " opened_us, changed_us, conflict, stage, rung, held"
/* Borrows from the rows. TF_SYNTAX: the database says what no version of this program wrote. */
TF_MUST_CHECK enum tf_status case_row(const struct sql_rows *rows, size_t row,
                                      struct ops_case *out);

/* An entry about a case, but for its end: {"kind":"case","at":...,"act":...,"id":...,"line":... */
void case_entry(struct tf_buf *out, const struct line_context *c, const char *act,
                const struct ops_case *one);
/* Ends the entry, puts it into the ledger, and tells who listens. Releases it. */
TF_MUST_CHECK enum tf_status case_tell(const struct line_context *c, struct tf_buf *entry);

#endif
