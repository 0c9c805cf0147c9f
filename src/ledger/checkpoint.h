/*
 * checkpoint.h - tlog-checkpoint (C2SP): the text of a note that says what a log is: its origin,
 * its size, its root hash.
 */
#ifndef TF_LEDGER_CHECKPOINT_H
#define TF_LEDGER_CHECKPOINT_H

#include "ledger/merkle.h"

struct checkpoint {
    const char *origin; /* borrowed, not terminated */
    size_t origin_len;
    uint64_t size; /* below 2^63 */
    struct ledger_hash root;
};
/* TF_SYNTAX: not a checkpoint's text. Lines beyond the third are permitted, not read. */
TF_MUST_CHECK enum tf_status checkpoint_read(const char *text, size_t len, struct checkpoint *out);
void checkpoint_print(const char *origin, uint64_t size, const struct ledger_hash *root,
                      struct tf_buf *out);
bool checkpoint_is_of(const struct checkpoint *checkpoint, const char *origin);

#endif
