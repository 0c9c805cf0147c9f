/*
 * conform.h - is an operation where it said that it would be?
 *
 * Its people report where its aircraft, vehicle or vessel is. Outside of every volume that the
 * operation has at that time, it rings ("outside." and 16 digits of its name's hash: an alarm of no
 * line), until a report is not outside any more, somebody says that it is nonconforming or
 * contingent, or ends it. Both changes are entries of the ledger.
 *
 *   within      surely inside of one volume, with its accuracy, whatever the altitude's margins are
 *   uncertain   perhaps inside
 *   outside     surely in none
 */
#ifndef TF_OPS_CONFORM_H
#define TF_OPS_CONFORM_H

#include "ops/ops.h"

struct ops_position {
    double lat_deg, lng_deg, alt_m;    /* above the WGS84 ellipsoid */
    double accuracy_h_m, accuracy_v_m; /* 0: as exact as it is written */
    int64_t at_us;
};

enum ops_conformance { OPS_WITHIN, OPS_UNCERTAIN, OPS_OUTSIDE };
const char *ops_conformance_word(enum ops_conformance conformance);

/*
 * A report about an own operation. One that is older than the last, or of a time to come, changes
 * nothing. TF_NOT_FOUND;
 * TF_UNSUPPORTED: it is not in force (a draft, submitted, over).
 */
TF_MUST_CHECK enum tf_status ops_conform(struct ops *ops, const struct line_context *c,
                                         const char *id, const struct ops_position *position,
                                         enum ops_conformance *out);

/* Alarms whose operation is not accepted or activated any more. Part of ops_turn(). */
enum { OUTSIDE_MAX = 100, OUTSIDE_ALARM_SIZE = 25, OUTSIDE_AHEAD_US = 10000000 /* of clocks */ };
TF_MUST_CHECK enum tf_status ops_outside_ends(const struct line_context *c);
void ops_outside_alarm(const char *id, char out[OUTSIDE_ALARM_SIZE]);

#endif
