/*
 * witness.h - this node as a witness of other parties' ledgers (C2SP tlog-witness): it signs that
 * it has seen a checkpoint only if that is consistent with all that it signed before.
 */
#ifndef TF_LEDGER_WITNESS_H
#define TF_LEDGER_WITNESS_H

#include "ledger/ledger.h"

/* The tables; idempotent. */
TF_MUST_CHECK enum tf_status witness_prepare(struct sql *sql, char why[SQL_WHY_SIZE]);
/* From now on checkpoints of this origin, signed by this key under this name, are taken. A known
 * origin: the key and name are replaced, the size stays. */
TF_MUST_CHECK enum tf_status witness_trust(struct sql *sql, const char *origin, const char *name,
                                           const struct key_public *key);

/* What an add-checkpoint request is answered with; the HTTP status is 200, 400, 403, 404, 409, 422
 * as in the specification. */
struct witness_reply {
    int status;
    uint64_t size;       /* 409: the size that this witness knows */
    struct tf_buf lines; /* 200: the signature line(s); caller releases */
};
/*
 * One request, as the specification has it: "old N\n", proof lines, an empty line, the
 * checkpoint. Within the caller's transaction: the answer may be sent after its commit only.
 * `name` and `key` are this witness's.
 */
TF_MUST_CHECK enum tf_status witness_add(struct sql *sql, const char *name,
                                         const struct key_secret *key, int64_t now_us,
                                         const char *body, size_t len, struct witness_reply *reply);
/* The latest checkpoint seen of an origin, with this witness's cosignature. TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status witness_latest(struct sql *sql, const char *origin, uint64_t *size,
                                            struct tf_buf *note);

#endif
