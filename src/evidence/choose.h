/*
 * choose.h - which messages of a line go into a bundle.
 */
#ifndef TF_EVIDENCE_CHOOSE_H
#define TF_EVIDENCE_CHOOSE_H

#include "evidence/evidence.h"

enum { CHOOSE_SIDES = 2, CHOOSE_KEYS_MAX = 2 * EVIDENCE_KEYS_MAX };

/* What is remembered of each message of the line. */
struct pick {
    int64_t seq, of, amends; /* 0: none */
    uint64_t entry;          /* of our ledger */
    size_t above;            /* of the matter that it belongs to */
    bool is_hit, is_chosen;
    bool of_own_side; /* `of` is a number of the same side */
};
struct choice {
    struct pick *pick[CHOOSE_SIDES]; /* owned; 0: the peer's, 1: our own; by number */
    size_t count[CHOOSE_SIDES], capacity[CHOOSE_SIDES];
    char own[KEY_NAME_SIZE];                 /* our id */
    struct key_public keys[CHOOSE_KEYS_MAX]; /* that rotations brought */
    size_t key_count;
    size_t chosen;
    int64_t first[CHOOSE_SIDES], last[CHOOSE_SIDES]; /* complete; 0: no range */
};
/* TF_NOT_FOUND: nothing fits. choice_release in any case. */
TF_MUST_CHECK enum tf_status choice_make(const struct line_context *c, const struct line_info *line,
                                         const struct evidence_selection *selection,
                                         struct choice *out, struct tf_fault *fault);
void choice_release(struct choice *choice);
struct pick *choice_find(const struct choice *choice, bool is_own, int64_t seq); /* NULL */
void choice_add(struct choice *choice, bool is_own, int64_t seq); /* nothing if it is not there */

#endif
