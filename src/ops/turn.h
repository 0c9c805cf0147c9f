/*
 * turn.h - what a register does by itself, whether anybody asks or not: its time passes, lines fall
 * silent, cases wait for answers, and others have to be told.
 *
 * A node takes a turn after whatever changed something, and every second; a command, after what it
 * did. Each part is idempotent and bounded, and takes the time from its context: a node that slept
 * for a week, or was started again, does what is due by then.
 */
#ifndef TF_OPS_TURN_H
#define TF_OPS_TURN_H

#include "ops/declaration.h"
#include "ops/talk.h"

/* All of it, in the order in which one thing follows from the other; in marks of the transaction.
 * `visit` (may be NULL): as in ops_declare_due(). */
TF_MUST_CHECK enum tf_status ops_turn(struct ops *ops, const struct line_context *c,
                                      bool (*visit)(void *ctx, const struct ops_said *said),
                                      void *ctx);

/*
 * Operations whose end has passed. One that was accepted and never began is ended, with "time
 * passed" as the reason. One that began rings ("overtime." and 16 digits of its name's hash: an
 * alarm of no line) until somebody ends it or gives it more time: that a flight is over is a fact
 * that somebody has to say. OVERTIME_MAX of each at a time.
 */
enum { OVERTIME_MAX = 100, OVERTIME_ALARM_SIZE = 26 };
TF_MUST_CHECK enum tf_status ops_overtime(struct ops *ops, const struct line_context *c);
void ops_overtime_alarm(const char *id, char out[OVERTIME_ALARM_SIZE]);

/*
 * What this party declared and its register does not know since a restore rings on its line (kind
 * "lost") until it is registered again, withdrawn by hand (ops_disown, ops/declaration.h), or over.
 */
#define OPS_LOST_ALARM "lost"
TF_MUST_CHECK enum tf_status ops_lost(const struct line_context *c);

/*
 * What was declared over a line that fell silent grows (declaration.h), and may meet others that it
 * did not meet before; when the line is heard again, it shrinks. Each GROWTH_STEP_M all that the
 * line declared is looked for in the index once more, GROWTH_MAX records in a turn: cases are
 * opened, and those end that only the growth had opened.
 */
enum { GROWTH_STEP_M = 50, GROWTH_MAX = 100 };
TF_MUST_CHECK enum tf_status ops_growth(struct ops *ops, const struct line_context *c);

#endif
