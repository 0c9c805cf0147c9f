/*
 * talk.h - what is said about a case on its line: proposals, verdicts, agreements.
 *
 *   type           body
 *   case.propose   {"case","number","mover":{"id","version"},"other":{"id","version"},
 *                   "change":{"moves":[...],"shift_s", ...},"cost","declared":{...},"expires",
 *                   "counters":"<hash>"}: who says it would move; `declared` is what op.update
 *                  would say of it, no more than the memorandum gives
 *   case.verdict   {"case","of":"<hash>","acceptable":true}: by the receiver's own picture; no why
 *   case.agree     {"case","of"}: the other side's signature on that proposal
 *   case.decline   {"case","of"}
 *   case.void      {"case","of","why":"changed|conflict|dss|restored"}: who was to move cannot any
 *                  more: its operation is another by now; something else is in the way; a DSS
 *                  refused it; the plan was lost when its node was restored
 *   case.clear     {"case"}: who proposed something sees no conflict any more (case.h)
 *
 * A proposal is named by the hash of its envelope: the exact bytes that its sender signed. It is
 * agreed when the other side says case.agree until it expires. Each side agrees once for each pair
 * of versions; if two agreements cross, the proposal with the smaller hash holds. So who was to
 * move always knows, when he hears the agreement, whether it holds, and nothing is ever taken back.
 *
 * The stage of a case is no state of its own: both sides derive it from the same messages
 * (case_stage_of). Messages are only noted when they are heard; ops_cases_work() does what they
 * ask: verdicts, the change itself, alarms.
 */
#ifndef TF_OPS_TALK_H
#define TF_OPS_TALK_H

#include "line/extension.h"
#include "ops/case.h"

#define CASE_STAGE_LIST(X)                                                                         \
    X(OPEN, "open")           /* nothing stands */                                                 \
    X(PROPOSED, "proposed")   /* something stands, to be answered */                               \
    X(COUNTERED, "countered") /* and something against it */                                       \
    X(AGREED, "agreed")       /* both signatures; the change is under way */                       \
    X(RESOLVED, "resolved")   /* over, by an agreement */                                          \
    X(OVERTAKEN, "overtaken") /* over without one: something changed, or its time passed */        \
    X(ESCALATED, "escalated") /* no agreement in time, or one that could not be kept */
#define CASE_ENUM_STAGE(name, word) CASE_##name,
enum case_stage { CASE_STAGE_LIST(CASE_ENUM_STAGE) CASE_STAGE_COUNT };
#undef CASE_ENUM_STAGE
const char *case_stage_word(enum case_stage stage);

enum {
    CASE_IS_OVER = 1,
    CASE_HAS_AGREEMENT = 2,
    CASE_IS_VOID = 4, /* the agreement */
    CASE_IS_LATE = 8,
    CASE_HAS_PROPOSAL = 16, /* one that stands */
    CASE_HAS_COUNTER = 32,  /* one that stands */
    CASE_FACTS = 64
};
enum case_stage case_stage_of(unsigned facts);

enum {
    CASE_HASH_SIZE = 65,
    CASE_NOTES_MAX = 100, /* of each side about one case */
    CASE_ALARM_SIZE = 24  /* "case.<8 digits of its id>": a kind of alarm */
};

/* The extension of a line that carries these types; `ctx` is `ops`. */
struct line_extension ops_case_extension(struct ops *ops);

struct case_proposal {
    const char *id; /* of the case, or its only beginning that fits */
    /* One of them: an option, counted from 1, of ops_case_options(), found again now; or the
     * operation as it would be. */
    int64_t option;
    const struct tf_entity *entity;
    const char *counters; /* hash of the other side's; NULL */
    int64_t expires_s;    /* 0: the memorandum's time for answers */
};
/*
 * Says something about a case. `hash` NULL: the latest proposal of the other side that stands.
 * TF_NOT_FOUND: no such case or proposal; TF_UNSUPPORTED: the case, its stage, the memorandum or
 * the line does not allow it; TF_EXISTS: it would conflict with what is known here; TF_TIME.
 */
TF_MUST_CHECK enum tf_status ops_case_propose(struct ops *ops, const struct line_context *c,
                                              const struct case_proposal *proposal,
                                              const struct ops_who *who, struct tf_fault *fault);
TF_MUST_CHECK enum tf_status ops_case_answer(struct ops *ops, const struct line_context *c,
                                             const char *id, bool agrees, const char *hash,
                                             const struct ops_who *who, struct tf_fault *fault);
/* Ways out for the own operation of a case, as ops_print_verdict() has them; appended. */
TF_MUST_CHECK enum tf_status ops_case_options(struct ops *ops, const struct line_context *c,
                                              const char *id, struct tf_buf *out,
                                              struct tf_fault *fault);
/* The case with all that was said about it, appended. A sensitive site's is on record
 * (reading.h). */
TF_MUST_CHECK enum tf_status ops_case_show(struct ops *ops, const struct line_context *c,
                                           const char *id, struct tf_buf *out);
/* The same within ops_case_each(), which has it on record. */
TF_MUST_CHECK enum tf_status ops_case_list(struct ops *ops, const struct line_context *c,
                                           const char *id, struct tf_buf *out);
/* What is due: after messages were heard, and now and then. In marks of the transaction. */
TF_MUST_CHECK enum tf_status ops_cases_work(struct ops *ops, const struct line_context *c);

#endif
