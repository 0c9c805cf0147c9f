/*
 * case.h - conflicts across a line: one case for each pair of something of this party and
 * something that was declared to it.
 *
 * A case is opened by whatever makes the conflict known here (a declaration that is heard, an
 * operation that is accepted, a change of either), and is over when the two do not conflict any
 * more, or one of them is gone. Its id is derived from the line's ids of both, so that both
 * sides give the same id to the same pair as far as both were declared; who finds what depends
 * on what each was told.
 *
 *     own operation  x  declared operation, declared site
 *     own site       x  declared operation
 *
 * One side may keep a greater separation than the other, and see a conflict that the other does
 * not. It says so with its first proposal (case.propose): then the case is open on both sides, and
 * over when neither sees it any more, which the one who proposed says (case.clear).
 *
 * Here cases are found, kept and shown; what is said about them is ops/talk.h's.
 */
#ifndef TF_OPS_CASE_H
#define TF_OPS_CASE_H

#include "ops/check.h"

enum { OPS_CASE_ID_SIZE = 33 };

struct ops_case { /* strings are borrowed for the call */
    char id[OPS_CASE_ID_SIZE];
    const char *line;
    enum ops_class own_class, other_class;
    const char *own_id, *other_id; /* the record's own; the line's of the other */
    int64_t own_version, other_version;
    bool is_open, sees, is_claimed; /* who sees it: this side; the other, as it said */
    int64_t opened_us, changed_us;  /* of the latest time that it was opened; the last change */
    const char *conflict; /* as ops_print_conflict() has it, when it was last looked at; "null":
                           * only the other side has ever seen it */
    size_t conflict_len;
    int stage;    /* enum case_stage (ops/talk.h), as it was last told */
    int64_t rung; /* of the ladder, whose alarm rings; -1: none */
    /* The own operation's version when the memorandum's default was applied to it: what taking its
     * acceptance back made of it, or the one that was in the air by then. 0: never. */
    int64_t held_version;
};
/* The same on both sides: of the line's ids of both. */
void ops_case_id(const char *line, const char *a, const char *b, char out[OPS_CASE_ID_SIZE]);
/* What waited for this operation of the party (ops_gate) is settled: its cases are looked at in the
 * next turn. */
TF_MUST_CHECK enum tf_status ops_cases_look(const struct line_context *c, const char *id);
/* Cases whose time has passed are over; to be called now and then. */
TF_MUST_CHECK enum tf_status ops_cases_expire(struct ops *ops, const struct line_context *c);

/* Open ones first, then the latest first. They are shown: whose place is a sensitive site's is on
 * record (reading.h). */
TF_MUST_CHECK enum tf_status ops_case_each(struct ops *ops, const struct line_context *c,
                                           bool with_over, size_t limit,
                                           bool (*visit)(void *ctx, const struct ops_case *one),
                                           void *ctx);
void ops_print_case(struct tf_buf *out, const struct ops_case *one);

#endif
