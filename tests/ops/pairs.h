/*
 * pairs.h - random worlds of two parties over a line, each with several operations and sites, cases
 * between them, and a line whose posts are lost, doubled, late, out of order and changed.
 *
 *   pairs.c       nodes, transactions with faults, the transport that judges what leaves
 *   pairs_acts.c  what operators do
 *   test_pairs.c  the laws, and how many worlds
 *
 * Everything follows from the seed; pairs_fail() prints it.
 */
#ifndef TESTS_OPS_PAIRS_H
#define TESTS_OPS_PAIRS_H

#include "desk.h"

#include "../line/two_parties.h"
#include "ops/turn.h"
#include "random.h"

enum { PLANS = 4, SITES = 2, SLOTS = PLANS + SITES, POSTS = 8, KNOWN_MAX = 64 };

struct slot {
    char id[24];
    unsigned generation; /* a new id when the record is final */
    struct place place;
    bool is_there;
};
struct world {
    uint64_t seed, random;
    unsigned step;
    struct pair pair;
    struct ops *ops[2];
    struct line_extension extensions[2][OPS_EXTENSIONS];
    struct tf_buf posts[2][POSTS]; /* under way from each */
    size_t count[2];
    struct slot slots[2][SLOTS];
    struct tf_separation_table table;
    int64_t judged[2];   /* number of the last own message that was judged when it was said */
    int64_t looked[2];   /* change of the register that the promises were checked up to */
    int writes_left[2];  /* until the fault; 0: none is set */
    bool has_faulted[2]; /* in this transaction */
    unsigned memos;      /* agreed after the first one */
    bool changes_memo;   /* this world does that */
    struct {
        size_t said, accepted, decided, cases, agreed, moved, voided, resolved, escalated, faults,
            suspended, refused;
    } seen;
};

_Noreturn void pairs_fail(const struct world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline bool chance(struct world *w, unsigned percent)
{
    return random_below(&w->random, 100) < percent;
}
static inline unsigned below(struct world *w, unsigned n)
{
    return (unsigned)random_below(&w->random, n);
}

/* --- pairs.c ------------------------------------------------------------------------------ */

/* Two parties with an open line and a memorandum. */
void pairs_open(struct world *w, uint64_t seed);
void pairs_close(struct world *w);
/* One transaction of a node as src/party has them: what `run` does (which is undone alone if it is
 * refused), then what is due. Another status than TF_OK: what run() said, or the fault. */
enum tf_status pairs_do(struct world *w, int which,
                        enum tf_status (*run)(struct world *w, int which, void *arg), void *arg);
void pairs_turn(struct world *w, int which);
void pairs_tick(struct world *w, int which);
void pairs_send(struct world *w, int from); /* or loses it */
void pairs_deliver(struct world *w, int from);
void pairs_carry(struct world *w, int from); /* at once, unharmed */
/* No faults any more: until nobody has anything to say. */
void pairs_calm(struct world *w);
void pairs_restart(struct world *w, int which);

/* --- pairs_acts.c --------------------------------------------------------------------------- */

void pairs_populate(struct world *w);
void pairs_act(struct world *w);
void pairs_resume(struct world *w, int which);
/* The next memorandum, proposed by one side; and signed by whoever has not yet. */
void pairs_propose_memo(struct world *w, int which);
void pairs_accept_memo(struct world *w, int which);

/* --- test_pairs.c ----------------------------------------------------------------------------- */

/* After a transaction of a node: what became accepted or activated by it conflicts with nothing
 * that was known then, but for what somebody allowed. */
void pairs_promises(struct world *w, int which);

#endif
