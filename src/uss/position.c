/*
 * position.c - see position.h.
 */
#include "uss/position.h"

#include "uss/operation.h"
#include <math.h>

static double or_exact(double accuracy_m)
{
    return isnan(accuracy_m) ? 0 : accuracy_m;
}

enum tf_status uss_report_position(struct ops *ops, const struct line_context *c, const char *id,
                                   struct uss_report *report, bool has_uss, bool *known,
                                   enum ops_conformance *out, struct tf_fault *fault)
{
    const struct uss_position *p = &report->position;
    const struct ops_position place = {.lat_deg = p->lat_deg,
                                       .lng_deg = p->lng_deg,
                                       .alt_m = p->alt_m,
                                       .accuracy_h_m = or_exact(report->accuracy_h_m),
                                       .accuracy_v_m = or_exact(report->accuracy_v_m),
                                       .at_us = p->at_us};
    struct uss_operation operation = {.due_us = 0};
    enum tf_status rc = ops_conform(ops, c, id, &place, out);
    *known = rc == TF_OK;
    if (rc && rc != TF_NOT_FOUND && rc != TF_UNSUPPORTED)
        return rc;
    rc = has_uss ? uss_operation_find(c, id, &operation) : TF_NOT_FOUND;
    if (rc == TF_NOT_FOUND && !*known)
        return tf_fault_set(fault, TF_UNSUPPORTED, TF_NO_INDEX, "id",
                            TF_TEXT("\"%1\" is no operation that is in force."), id, NULL, NULL);
    uss_accuracy_words(&report->position, report->accuracy_h_m, report->accuracy_v_m);
    if (!rc)
        rc = uss_telemetry_add(c, &operation.intent, &report->position);
    uss_operation_release(&operation);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}
