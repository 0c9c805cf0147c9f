/*
 * plan.h - from what somebody wants to fly to an operational intent in the DSS: discover, ask
 * peers, decide, write, and have those told whom it concerns. On the planner's thread.
 *
 *   query references near it   --> whose? ours: database; told us the same version: what was told;
 *                                  else GET details of its USS (down: the rules say)
 *   anything in the way        --> rejected, with what
 *   PUT reference with the OVNs --> 409: again from the start, with what has come in between
 *   2xx                        --> database: the intent, and one notification for each subscriber
 */
#ifndef TF_USS_PLAN_H
#define TF_USS_PLAN_H

#include "uss/rules.h"

struct uss;
struct uss_work;

enum uss_result { USS_COMPLETED, USS_REJECTED, USS_FAILED, USS_NOT_SUPPORTED };
enum { USS_NOTES_SIZE = 1024, USS_ROUNDS = 5 };

struct uss_plan {
    struct tf_uuid id;
    enum tf_state state;            /* ACCEPTED to CONTINGENT */
    const struct uss_volumes *area; /* nominal, or of an off-nominal state where it may be */
    int priority;
    bool is_again;         /* as the DSS has it, once more: nothing is to be decided */
    bool is_reality;       /* it happens, whatever is in the way: off-nominal then */
    struct uss_work *work; /* an operation of the register that it is for; NULL: none */
};
struct uss_outcome {
    enum uss_result result;
    enum tf_state state; /* of the intent now; DRAFT: there is none */
    char notes[USS_NOTES_SIZE];
};

void uss_plan_put(struct uss *uss, const struct uss_plan *plan, int64_t until_ms,
                  struct uss_outcome *out);
/* Ends it. result REJECTED with state DRAFT: there is none. */
void uss_plan_close(struct uss *uss, const struct tf_uuid *id, int64_t until_ms,
                    struct uss_outcome *out);
/* Intents that are in doubt, untold or over. */
void uss_plan_settle(struct uss *uss);

#endif
