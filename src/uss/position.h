/*
 * position.h - a report of where an operation of the register is: held against its plan
 * (ops/conform.h), and, where this party has a USS, kept for the peers of its intent (telemetry.h).
 */
#ifndef TF_USS_POSITION_H
#define TF_USS_POSITION_H

#include "ops/conform.h"
#include "uss/telemetry.h"

struct uss_report {
    struct uss_position position;      /* but for the words of its accuracies */
    double accuracy_h_m, accuracy_v_m; /* NAN: not known */
};
/* *known: the register has it, and it is in force; then *out says how the report fits.
 * TF_UNSUPPORTED: no operation that is in force; TF_RANGE: too many reports of a time to come. */
TF_MUST_CHECK enum tf_status uss_report_position(struct ops *ops, const struct line_context *c,
                                                 const char *id, struct uss_report *report,
                                                 bool has_uss, bool *known,
                                                 enum ops_conformance *out, struct tf_fault *fault);

#endif
