/*
 * turn.c - see turn.h.
 */
#include "ops/turn.h"

#include "ops/conform.h"

enum tf_status ops_turn(struct ops *ops, const struct line_context *c,
                        bool (*visit)(void *ctx, const struct ops_said *said), void *ctx)
{
    enum tf_status rc = ops_overtime(ops, c);
    if (!rc)
        rc = ops_outside_ends(c);
    if (!rc)
        rc = ops_unheard(ops, c);
    if (!rc)
        rc = ops_track_prune(c);
    if (!rc)
        rc = ops_growth(ops, c);
    if (!rc)
        rc = ops_lost(c);
    if (!rc)
        rc = ops_cases_expire(ops, c);
    if (!rc) /* what was agreed is declared with the rest */
        rc = ops_cases_work(ops, c);
    return rc ? rc : ops_declare_due(ops, c, visit, ctx);
}
