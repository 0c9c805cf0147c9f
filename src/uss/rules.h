/*
 * rules.h - the rules of planning among USSs (ASTM F3548-21, strategic conflict detection): what
 * may be planned beside what, and what a peer's answer must be to be believed.
 *
 *   other's priority lower            never in the way: its USS is told, and plans again
 *   equal or higher, and they meet    in the way of Accepted and Activated
 *   ... but an Activated flight that met it before its change, too: the change is allowed
 *   own state Nonconforming, Contingent: what happens is said, nothing is in the way
 *   other's USS is down               its Accepted intents do not count; all others are in the
 *                                     way, wherever they may be, for nobody can tell
 *
 * To meet is to overlap or touch, without any margin: F3548's volumes have theirs within.
 */
#ifndef TF_USS_RULES_H
#define TF_USS_RULES_H

#include "uss/model.h"

#define USS_HORIZON_NS (30 * TF_DAY_NS) /* OiMaxPlanHorizon */
/* Outlines that share a DSS cell (level 13) are not further apart. */
#define USS_CELL_M 5000.0

/* What is to become of a flight of ours. */
struct uss_wish {
    enum tf_state state;
    const struct uss_details *details;
    enum tf_state state_before;       /* DRAFT: it is new */
    const struct uss_details *before; /* NULL: it is new */
};
/* Another intent, ours or a peer's. */
struct uss_neighbour {
    bool is_constraint; /* its volumes are `nominal` */
    struct uss_reference reference;
    struct uss_details details;
    bool is_down; /* its USS is, and `details` are not known */
};
void uss_neighbour_release(struct uss_neighbour *neighbour); /* idempotent */

/* Whether any volume of the one meets any of the other. */
bool uss_details_meet(const struct uss_details *a, const struct uss_details *b);
/* The table above. */
bool uss_is_in_the_way(const struct uss_wish *wish, const struct uss_neighbour *other);

/* Whether the wish may be at all: volumes, times, state. TF_TIME, TF_MISSING, TF_SYNTAX,
 * TF_UNSUPPORTED: from this state it does not go to that one. */
TF_MUST_CHECK enum tf_status uss_check_wish(const struct uss_wish *wish, int64_t now_ns,
                                            struct tf_fault *fault);

/*
 * A peer's details against the DSS's reference to them, which was found near `near`. TF_SYNTAX,
 * TF_TIME: they cannot be of this intent. TF_NOT_FOUND: they are older than the reference; TF_BUSY:
 * newer, so the DSS must be asked again.
 */
TF_MUST_CHECK enum tf_status uss_check_answer(const struct uss_reference *known,
                                              const struct uss_reference *answer,
                                              const struct uss_details *details,
                                              const struct uss_volumes *near,
                                              struct tf_fault *fault);

#endif
