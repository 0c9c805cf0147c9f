/*
 * proof.h - tlog-proof files (C2SP tlog-proof@v1): that an entry stands in a log, provable to
 * anyone who knows the log's key, without a network.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra <base64>              anything; here the entry itself
 *     index <n>
 *     <base64 of a hash> ...
 *
 *     <checkpoint with its signatures>
 */
#ifndef TF_LEDGER_PROOF_H
#define TF_LEDGER_PROOF_H

#include "ledger/checkpoint.h"
#include "ledger/note.h"

enum { PROOF_EXTRA_MAX = 65536, PROOF_MAX = 262144 };

struct proof_file {
    uint8_t *extra; /* owned; NULL: none */
    size_t extra_len;
    uint64_t index;
    struct ledger_proof proof;
    struct note note; /* borrows the bytes that were read */
    struct checkpoint checkpoint;
};
/* TF_SYNTAX: not such a file; TF_TOO_LARGE. Nothing is verified. */
TF_MUST_CHECK enum tf_status proof_read(const char *bytes, size_t len, struct proof_file *out);
void proof_release(struct proof_file *file); /* idempotent */
/* `extra` may be NULL; `note` is the whole checkpoint. */
void proof_print(const void *extra, size_t extra_len, uint64_t index,
                 const struct ledger_proof *proof, const char *note, size_t note_len,
                 struct tf_buf *out);

enum proof_verdict {
    PROOF_VALID,
    PROOF_UNSIGNED,  /* not by the log's key */
    PROOF_FORGED,    /* a signature that does not verify */
    PROOF_OTHER_LOG, /* the checkpoint's origin is not the key's name */
    PROOF_NOT_IN     /* the hashes do not lead from the entry to the root */
};
/* Whether the entry stands at its index in the log whose key this is. */
enum proof_verdict proof_check(const struct proof_file *file, const void *entry, size_t len,
                               const struct note_key *log);

#endif
