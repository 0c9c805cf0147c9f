/*
 * state.c - the tables of stances and states (docs/line.md), without a database.
 */
#include "line/internal.h"

enum line_state line_state_of(enum line_stance own, enum line_stance peer, bool is_degraded)
{
    if (own == STANCE_CLOSED || peer == STANCE_CLOSED)
        return LINE_CLOSED;
    if (own == STANCE_SUSPENDED || peer == STANCE_SUSPENDED)
        return LINE_SUSPENDED;
    if (own == STANCE_OPEN && peer == STANCE_OPEN)
        return is_degraded ? LINE_DEGRADED : LINE_OPEN;
    return LINE_PROPOSED;
}

const char *line_state_name(enum line_state state)
{
    static const char *const names[LINE_STATE_COUNT] = {
        [LINE_PROPOSED] = "proposed",   [LINE_OPEN] = "open",     [LINE_DEGRADED] = "degraded",
        [LINE_SUSPENDED] = "suspended", [LINE_CLOSED] = "closed",
    };
    return state < LINE_STATE_COUNT ? names[state] : "?";
}

enum { STANCES = STANCE_CLOSED + 1 };
#define NO (-1)

/* What each act makes of each stance. */
static const int after[STANCES][MESSAGE_CLOSE + 1] = {
    /*                    open         suspend           resume       close */
    [STANCE_NONE] = {STANCE_OPEN, NO, NO, STANCE_CLOSED},
    [STANCE_OPEN] = {NO, STANCE_SUSPENDED, NO, STANCE_CLOSED},
    [STANCE_SUSPENDED] = {NO, NO, STANCE_OPEN, STANCE_CLOSED},
    [STANCE_CLOSED] = {NO, NO, NO, NO},
};

bool line_stance_after(enum line_stance stance, enum message_type act, enum line_stance *out)
{
    if ((int)stance >= STANCES || act > MESSAGE_CLOSE || after[stance][act] == NO)
        return false;
    *out = (enum line_stance)after[stance][act];
    return true;
}

/* No stance goes back to none, and none leaves closed: so no line is proposed again once both
 * have opened it (only suspended and resumed before the other opened), and closed is final. */
bool line_may_move(enum line_state before, enum line_state after_it)
{
    static const unsigned to[LINE_STATE_COUNT] = {
        [LINE_PROPOSED] = 1u << LINE_PROPOSED | 1u << LINE_OPEN | 1u << LINE_DEGRADED |
                          1u << LINE_SUSPENDED | 1u << LINE_CLOSED,
        [LINE_OPEN] = 1u << LINE_DEGRADED | 1u << LINE_SUSPENDED | 1u << LINE_CLOSED,
        [LINE_DEGRADED] = 1u << LINE_OPEN | 1u << LINE_SUSPENDED | 1u << LINE_CLOSED,
        [LINE_SUSPENDED] = 1u << LINE_PROPOSED | 1u << LINE_OPEN | 1u << LINE_DEGRADED |
                           1u << LINE_SUSPENDED | 1u << LINE_CLOSED,
        [LINE_CLOSED] = 1u << LINE_CLOSED,
    };
    return before < LINE_STATE_COUNT && after_it < LINE_STATE_COUNT && (to[before] >> after_it & 1);
}
