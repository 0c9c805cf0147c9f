/*
 * cosign.h - tlog-cosignature (C2SP), Ed25519: a witness's word that at a time it had seen no
 * larger consistent tree of this log. Type 0x04 of note signatures.
 */
#ifndef TF_LEDGER_COSIGN_H
#define TF_LEDGER_COSIGN_H

#include "ledger/note.h"

enum { COSIGN_SIZE = 8 + KEY_SIGNATURE_SIZE }; /* time as a big-endian uint64, signature */

/* `text` is the checkpoint's text. */
bool cosign_check(const struct key_public *key, const char *text, size_t len,
                  const uint8_t blob[COSIGN_SIZE], int64_t *time_s);
/* Appends the signature's line; as->type is NOTE_COSIGNATURE. TF_NOMEM. */
TF_MUST_CHECK enum tf_status cosign_line(const struct note_key *as, const struct key_secret *key,
                                         int64_t time_s, const char *text, size_t len,
                                         struct tf_buf *out);

#endif
