/*
 * make.h - a bundle that is being made.
 */
#ifndef TF_EVIDENCE_MAKE_H
#define TF_EVIDENCE_MAKE_H

#include "evidence/choose.h"

struct making {
    const struct line_context *c;
    const struct evidence_selection *selection;
    struct line_info line;
    struct choice choice;
    struct key_public first[CHOOSE_SIDES]; /* 0: the peer's */
    char peer_ledger[CARD_ORIGIN_SIZE];    /* "" : not known */
    struct tf_buf body, fork_text;
    size_t messages, forks;
};
/* Whether a key is one that the line knew: a first one, or one that was changed to. */
bool make_knows_key(const struct making *m, const struct key_public *key);
/* Appends the items of "ledgers" to the body. */
TF_MUST_CHECK enum tf_status make_ledgers(struct making *m);

#endif
