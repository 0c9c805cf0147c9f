/*
 * state.h - the states of an operation and the acts that lead from one to another, as one table.
 *
 *              submit (decisions needed)        accept
 *    draft ----------------------------> submitted ----> accepted --activate--> activated
 *      |  \___________ submit (nothing to decide) _________^  |                  |   ^  |
 *      |                                                      | depart           |   |  |
 *      |         recall: submitted -> draft                   |                  |   |  |
 *      |         hold: accepted -> submitted                  v                  |   |  |
 *      |                                       nonconforming <----- depart ------+   |  |
 *      |                                          |   \------- recover --------------+  |
 *   withdraw (draft, submitted, accepted)         v                                     |
 *      |                                      contingent <----------- lose -------------+
 *      v                                          |
 *   withdrawn                  ended <---- end ---+   (from accepted on)
 *
 * ASTM F3548-21 4.3 names accepted, activated, nonconforming and contingent; the others are a
 * party's own. Zones and sites are in force (activated) or withdrawn.
 */
#ifndef TF_OPS_STATE_H
#define TF_OPS_STATE_H

#include <stdbool.h>
#include <tafadi/volume.h>

#define OPS_STATE_LIST(X)                                                                          \
    X(DRAFT, "draft")                                                                              \
    X(SUBMITTED, "submitted")                                                                      \
    X(ACCEPTED, "accepted")                                                                        \
    X(ACTIVATED, "activated")                                                                      \
    X(NONCONFORMING, "nonconforming")                                                              \
    X(CONTINGENT, "contingent")                                                                    \
    X(ENDED, "ended")                                                                              \
    X(WITHDRAWN, "withdrawn")
#define OPS_ACT_LIST(X)                                                                            \
    X(CHANGE, "change") /* another content; the state stays, a submitted one is a draft again */   \
    X(SUBMIT, "submit") /* checked; accepted, or waits for decisions */                            \
    X(ACCEPT, "accept") /* the decisions are made */                                               \
    X(RECALL, "recall") /* a submitted one is a draft again */                                     \
    X(HOLD, "hold")     /* its acceptance is taken back: to be decided anew */                     \
    X(ACTIVATE, "activate") /* it begins; checked again */                                         \
    X(DEPART, "depart")     /* it is outside of what was accepted: a fact, never refused */        \
    X(RECOVER, "recover")   /* it is back inside; checked again */                                 \
    X(LOSE, "lose")         /* it cannot be brought back: a fact, never refused */                 \
    X(END, "end")                                                                                  \
    X(WITHDRAW, "withdraw")

#define OPS_ENUM_STATE(name, word) OPS_STATE_##name,
#define OPS_ENUM_ACT(name, word) OPS_ACT_##name,
enum ops_state { OPS_STATE_LIST(OPS_ENUM_STATE) OPS_STATE_COUNT };
enum ops_act { OPS_ACT_LIST(OPS_ENUM_ACT) OPS_ACT_COUNT };
#undef OPS_ENUM_STATE
#undef OPS_ENUM_ACT

const char *ops_state_word(enum ops_state state); /* "accepted"; "?" outside of the list */
const char *ops_act_word(enum ops_act act);
/* Exact words; TF_NOT_FOUND leaves *out alone. */
TF_MUST_CHECK enum tf_status ops_state_from_word(const char *word, enum ops_state *out);
TF_MUST_CHECK enum tf_status ops_act_from_word(const char *word, enum ops_act *out);

/* What an act makes of a state; false: the state does not allow it. SUBMIT gives SUBMITTED: that
 * there is nothing to decide, and it is ACCEPTED at once, is the check's finding. */
bool ops_state_after(enum ops_state state, enum ops_act act, enum ops_state *out);
/* Ended or withdrawn: nothing follows, and it is in nobody's way. */
bool ops_state_is_final(enum ops_state state);
/* Others have to keep clear of it: accepted to contingent. */
bool ops_state_counts(enum ops_state state);
/* In words of the library and of files: a submitted one is a draft there. */
enum tf_state ops_state_outside(enum ops_state state);

#endif
