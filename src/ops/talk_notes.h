/*
 * talk_notes.h - what the files about talks share: the messages of one case, and what follows.
 */
#ifndef TF_OPS_TALK_NOTES_H
#define TF_OPS_TALK_NOTES_H

#include "ops/case_row.h"
#include "ops/talk.h"

enum note_type {
    NOTE_PROPOSE,
    NOTE_VERDICT,
    NOTE_AGREE,
    NOTE_DECLINE,
    NOTE_VOID,
    NOTE_CLEAR,
    NOTE_TYPES
};
const char *note_type_word(enum note_type type);
enum { NOTE_TO_DO, NOTE_DONE, NOTE_HELD }; /* is_done, as it is in the database */

struct note { /* strings are the talk's */
    bool is_own, is_done;
    bool is_held; /* what was agreed waits for a gate (ops/check.h) */
    int64_t seq, at_us;
    enum note_type type;
    const char *hash, *of;
    int64_t own_version, other_version; /* of a proposal: what it speaks of, from this side */
    int64_t expires_us;
    const char *counters, *body, *feature, *etag; /* feature, etag: of our own proposals; "" */
};
struct talk {
    struct sql_rows case_rows, rows;
    struct ops_case one;
    int64_t own_version, other_version; /* declared now; 0: not */
    int64_t own_at_us, other_at_us;
    int own_priority, other_priority;
    struct note *notes; /* owned; those of each side in their order */
    size_t count;
};
/* The case and all its notes. TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status talk_load(struct ops *ops, const struct line_context *c,
                                       const char *id, struct talk *out);
void talk_release(struct talk *talk);
const struct note *talk_proposal(const struct talk *talk, const char *hash);
/* The proposal that holds for a pair of versions; NULL. *agreed: by this message. */
const struct note *talk_agreement(const struct talk *talk, int64_t own_version,
                                  int64_t other_version, const struct note **agreed);
bool talk_stands(const struct talk *talk, const struct note *proposal, int64_t now_us);
/* Whether the other side believes that this one sees the conflict: it said so by a proposal, and
 * has not said case.clear since. */
bool talk_claims(const struct talk *talk);
/* The message of that type about a proposal, by one side; NULL. */
const struct note *talk_about(const struct talk *talk, enum note_type type, bool is_own,
                              const char *hash);
/* *since_us: since when the case waits, for an answer or a first word. It is late `limit_s` after
 * that. Escalated by an agreement that was broken it stays until something new is proposed. */
enum case_stage talk_stage(const struct talk *talk, int64_t now_us, int64_t limit_s,
                           int64_t *since_us);
/* Whose turn to move it is, alike on both sides: the lower priority, the later declared, the
 * greater id; never a site. */
bool talk_own_moves(const struct talk *talk, const char *own_alias);
/* As they are declared now. */
TF_MUST_CHECK enum tf_status talk_versions(const struct line_context *c, struct talk *talk);

/* Whether the peer's operation, changed as a proposal says, is apart from all that is this side's.
 */
TF_MUST_CHECK enum tf_status talk_judge(struct ops *ops, const struct line_context *c,
                                        const struct talk *talk, const struct note *proposal,
                                        bool *acceptable);
#endif
