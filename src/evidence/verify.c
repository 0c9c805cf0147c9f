/*
 * verify.c - a bundle verified: everything that can be wrong in it is said, then its story told.
 */
#include "evidence/internal.h"

#include <string.h>

enum tf_status evidence_verify(const void *bytes, size_t len,
                               const struct evidence_expected *expected, size_t count,
                               const struct evidence_visitor *visitor,
                               struct evidence_report *report, struct tf_fault *fault)
{
    struct tf_fault unused;
    struct bundle bundle = {.visitor = visitor, .report = report};
    fault = fault ? fault : &unused;
    *report = (struct evidence_report){0};
    enum tf_status rc = bundle_read(bytes, len, &bundle, fault);
    if (rc)
        goto out;
    memcpy(report->line, bundle.line, sizeof report->line);
    check_messages(&bundle);
    check_receipts(&bundle);
    check_cards(&bundle);
    check_expected(&bundle, expected, count);
    check_logs(&bundle);
    if (!bundle.status)
        tell_story(&bundle);
    if (bundle.status)
        rc = tf_fault_set(fault, bundle.status, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    report->is_valid = !rc && report->wrong == 0;
out:
    bundle_release(&bundle);
    return rc;
}
