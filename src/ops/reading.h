/*
 * reading.h - who reads a sensitive site, what for, and when: entries of the ledger.
 *
 * Whatever shows the place of a sensitive site to somebody notes it here, in the transaction that
 * the answer is made in: what cannot be written down is not answered. An entry stands for an hour:
 * what the same reader is shown of the same version for the same purpose until then makes no other
 * one. So a screen that looks every few seconds fills no ledger, and the first look of each hour is
 * on record before it is answered.
 */
#ifndef TF_OPS_READING_H
#define TF_OPS_READING_H

#include "ops/case.h"

enum { OPS_READING_STANDS_S = 3600 };

/* An entry as it grows; a long list becomes several. Zero but for `c` and `purpose`. Ended, or
 * dropped when all is undone. */
struct ops_site_reading {
    const struct line_context *c;
    const char *purpose; /* "list", "read", "check", "case", "export" ...; kept */
    struct tf_buf out;
    size_t sites_at;   /* where the list begins in `out` */
    json_t *is_noted;  /* owned: what stands already, or will; NULL: not read yet */
    struct tf_buf key; /* room */
    enum tf_status rc;
};
/* A record that is shown; what is no sensitive site is let be. */
TF_MUST_CHECK enum tf_status ops_reading_add(struct ops_site_reading *reading,
                                             const struct ops_record *record);
/* What was declared on a line: the body of site.declare or site.update. */
TF_MUST_CHECK enum tf_status ops_reading_body(struct ops_site_reading *reading, const char *line,
                                              const json_t *body);
/* A message, whatever its type. */
TF_MUST_CHECK enum tf_status ops_reading_message(struct ops_site_reading *reading,
                                                 const struct line_message *message);
/* A case: the places of a conflict are the site's, or near it. */
TF_MUST_CHECK enum tf_status ops_reading_case(struct ops_site_reading *reading,
                                              const struct ops_case *one);
/* A verdict as it was printed and kept (ops_print_verdict()). */
TF_MUST_CHECK enum tf_status ops_reading_verdict(struct ops_site_reading *reading,
                                                 const json_t *verdict);
TF_MUST_CHECK enum tf_status ops_reading_end(struct ops_site_reading *reading);
void ops_reading_drop(struct ops_site_reading *reading);

#endif
