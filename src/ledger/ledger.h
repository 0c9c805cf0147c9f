/*
 * ledger.h - a node's append-only Merkle log (RFC 6962 hashing, C2SP checkpoints, tiles,
 * cosignatures), kept in the party's database.
 *
 * ledger_append() runs inside the caller's transaction, beside the change that it records: both
 * are there, or neither. A checkpoint is signed in a transaction of its own after the commit
 * of what it covers (ledger_sign), and never at a size that a crash could take back. In a
 * shared database the head's row is the sequencer: its update waits for the other node's
 * transaction.
 *
 * An entry is one JSON object in UTF-8, at most LEDGER_ENTRY_MAX bytes:
 *   {"kind":"sent","at":"2026-11-24T02:00:00.123456Z", ...}
 * `kind` comes first, `at` second (the node's clock). What is large (an envelope's payload)
 * stands in it by its SHA-256 and is kept beside it.
 */
#ifndef TF_LEDGER_LEDGER_H
#define TF_LEDGER_LEDGER_H

#include "ledger/merkle.h"
#include "sql/sql.h"

enum {
    LEDGER_ENTRY_MAX = 65535, /* tlog-tiles: uint16 lengths */
    LEDGER_NOTE_MAX = 16384,  /* a checkpoint with its signatures */
    LEDGER_WITNESSES_MAX = 16
};

struct ledger;

/*
 * The ledger in the database (made at first use), with the key that signs its checkpoints
 * and the origin: its name, a schema-less URL or the party's id ("north.example/ledger"). `sql` and
 * `key` must outlive it. TF_UNSUPPORTED: another origin is in the database, or it is newer,
 * or another key signs its checkpoints (ledger_rotate).
 */
TF_MUST_CHECK enum tf_status ledger_open(struct sql *sql, const char *origin,
                                         const struct key_secret *key, struct ledger **out,
                                         char why[SQL_WHY_SIZE]);
/*
 * The same for who has no secret key: reading, proofs, ledger_verify(). `expected` (may be NULL):
 * the public key that the reader trusts, now in force or handed over since; ledger_verify() needs
 * it. Writes nothing, so that it may look at the database of a running node. TF_NOT_FOUND: there
 * is no ledger in it.
 */
TF_MUST_CHECK enum tf_status ledger_open_reading(struct sql *sql, const struct key_public *expected,
                                                 struct ledger **out, char why[SQL_WHY_SIZE]);
void ledger_close(struct ledger *ledger); /* NULL is fine */
const char *ledger_origin(const struct ledger *ledger);
/* The key that signs its checkpoints now, as the database says. */
TF_MUST_CHECK enum tf_status ledger_public(struct ledger *ledger, struct key_public *out);

/* --- writing: within the caller's transaction --------------------------------------------- */

/* *index (may be NULL): its place. TF_LIMIT: too long. */
TF_MUST_CHECK enum tf_status ledger_append(struct ledger *ledger, const void *entry, size_t len,
                                           uint64_t *index);
/* Must be called after a rollback (of all, or to a mark): forgets what was appended since. */
void ledger_forget(struct ledger *ledger);
/*
 * Hands the log over to another key: an entry of kind "ledger.key", signed by both. From its
 * commit on the checkpoints are to be signed by that key: open the ledger again with it. Until
 * then ledger_sign() refuses with TF_UNSUPPORTED.
 */
TF_MUST_CHECK enum tf_status ledger_rotate(struct ledger *ledger, const struct key_secret *to,
                                           int64_t now_us);

/* --- checkpoints ----------------------------------------------------------------------------- */

/* Signs the present size if it is greater than what was signed last. Makes a transaction of its
 * own: within another one it refuses (TF_SYNTAX). */
TF_MUST_CHECK enum tf_status ledger_sign(struct ledger *ledger, int64_t now_us);
/* Adds a witness's cosignature line ("— name base64") to the checkpoint of `size` after verifying
 * it (cosignature/v1). TF_SYNTAX: it does not verify; TF_NOT_FOUND: no such checkpoint;
 * TF_LIMIT: it has LEDGER_WITNESSES_MAX already. Within the caller's transaction, or one of its
 * own. */
TF_MUST_CHECK enum tf_status ledger_cosign(struct ledger *ledger, uint64_t size,
                                           const char *witness_name,
                                           const struct key_public *witness, const char *line,
                                           int64_t now_us);

/* --- reading: within a transaction or not --------------------------------------------------- */

/* Entries appended, in this transaction too. */
TF_MUST_CHECK enum tf_status ledger_size(struct ledger *ledger, uint64_t *size);
/* The latest checkpoint with all cosignatures, as a signed note. TF_NOT_FOUND: none yet. */
TF_MUST_CHECK enum tf_status ledger_checkpoint(struct ledger *ledger, uint64_t *size,
                                               struct tf_buf *note);
/* The largest size that a witness has cosigned; 0: none. */
TF_MUST_CHECK enum tf_status ledger_cosigned(struct ledger *ledger, uint64_t *size);
TF_MUST_CHECK enum tf_status ledger_root(struct ledger *ledger, uint64_t size,
                                         struct ledger_hash *out);
/* Proofs from stored tiles (RFC 9162 §2.1.3, §2.1.4). TF_RANGE: beyond the size. */
TF_MUST_CHECK enum tf_status ledger_inclusion(struct ledger *ledger, uint64_t index, uint64_t size,
                                              struct ledger_proof *out);
TF_MUST_CHECK enum tf_status ledger_consistency(struct ledger *ledger, uint64_t from, uint64_t to,
                                                struct ledger_proof *out);
/* Entries first <= index < first + limit, in order; each is borrowed for the call. visit returns
 * false to stop. */
TF_MUST_CHECK enum tf_status
ledger_each(struct ledger *ledger, uint64_t first, uint64_t limit,
            bool (*visit)(void *ctx, uint64_t index, const char *entry, size_t len), void *ctx);
/* A tile's bytes: level -1 is the entry bundle (tlog-tiles). width 256: full. TF_NOT_FOUND: not
 * there (yet). */
TF_MUST_CHECK enum tf_status ledger_tile(struct ledger *ledger, int level, uint64_t number,
                                         unsigned width, struct tf_buf *out);
/* A tlog-proof file (C2SP tlog-proof@v1) for one entry, the entry itself as its `extra`, under the
 * latest checkpoint, or the latest one that has cosignatures if that has the entry, too.
 * TF_RANGE: no checkpoint has it yet. */
TF_MUST_CHECK enum tf_status ledger_proof_file(struct ledger *ledger, uint64_t index,
                                               struct tf_buf *out);

/* Reads all: entries against tiles against the checkpoint's root and signature. On TF_SYNTAX `why`
 * says what is wrong, and where. progress (may be NULL) is called now and then. */
TF_MUST_CHECK enum tf_status ledger_verify(struct ledger *ledger,
                                           void (*progress)(void *ctx, uint64_t done, uint64_t all),
                                           void *ctx, char why[SQL_WHY_SIZE]);

#endif
