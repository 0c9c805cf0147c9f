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
 *
 * Once an operation that has begun was reported, it is missed when no report comes any more: it
 * rings ("unheard." and the digits), once, until one comes, or it is over. What was reported is
 * kept for reports of incidents (track.c).
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

/*
 * Operations that have begun and are not over (activated, nonconforming, contingent), were reported
 * since they began, and are not any more: after three times the interval between the last two
 * reports, but not before UNHEARD_LEAST_S, and not after UNHEARD_MOST_S, which holds also for one
 * that was reported once. By the time at which reports were taken, and counted from the first turn
 * of this memory at the earliest: while no node runs nobody listens. Part of ops_turn().
 */
enum { UNHEARD_LEAST_S = 60, UNHEARD_MOST_S = 900, UNHEARD_MAX = 100, UNHEARD_ALARM_SIZE = 25 };
TF_MUST_CHECK enum tf_status ops_unheard(struct ops *ops, const struct line_context *c);
void ops_unheard_alarm(const char *id, char out[UNHEARD_ALARM_SIZE]);

/*
 * What was reported, as it was taken: within its volumes one report in each TRACK_WITHIN_S, else
 * one in each second, and each that differs from the one before in how it fits; for TRACK_DAYS.
 */
enum { TRACK_WITHIN_S = 10, TRACK_OTHERS_S = 1, TRACK_DAYS = 30, TRACK_PRUNED_MAX = 1000 };
TF_MUST_CHECK enum tf_status ops_track_add(const struct line_context *c,
                                           const struct ops_record *record,
                                           const struct ops_position *position,
                                           enum ops_conformance conformance);
struct ops_track_point { /* strings are borrowed for the call */
    struct ops_position position;
    enum ops_conformance conformance;
    int64_t taken_us, version; /* of the operation whose volumes it was held against */
    const char *operation, *by;
};
/* Those of [from, until), in order of time; `is_backward`: the latest first. */
TF_MUST_CHECK enum tf_status
ops_track_each(const struct line_context *c, int64_t from_us, int64_t until_us, bool is_backward,
               bool (*visit)(void *ctx, const struct ops_track_point *point), void *ctx);
/* Forgets what is older than TRACK_DAYS, TRACK_PRUNED_MAX at a time. Part of ops_turn(). */
TF_MUST_CHECK enum tf_status ops_track_prune(const struct line_context *c);

#endif
