/*
 * witnesses.h - witnesses outside of the lines: this node shows its ledger's checkpoint to each
 * (C2SP tlog-witness, add-checkpoint), and keeps the cosignature that comes back. Each has a thread
 * and a position in the party's database.
 *
 * Source: https://c2sp.org/tlog-witness.
 */
#ifndef TF_PARTY_WITNESSES_H
#define TF_PARTY_WITNESSES_H

#include "ledger/note.h"
#include "party/party.h"

enum {
    WITNESSES_MAX = 8,
    WITNESS_EVERY_S = 60, /* after one was taken; the first after a second */
    WITNESS_RETRY_S = 5,  /* after the first failure; doubled, with jitter, */
    WITNESS_RETRY_MAX_S = 300
};

struct witness_config {
    char url[CARD_URL_SIZE]; /* before "/add-checkpoint" */
    struct note_key key;     /* of type NOTE_COSIGNATURE */
};
struct witnesses;

/* The tables; idempotent, outside of a transaction. */
TF_MUST_CHECK enum tf_status witnesses_prepare(struct sql *sql, char why[SQL_WHY_SIZE]);
/* The configuration is copied; the party must outlive it. ca_file, allow_http: as in party_config.
 */
TF_MUST_CHECK enum tf_status witnesses_start(struct party *party,
                                             const struct witness_config *config, size_t count,
                                             const char *ca_file, bool allow_http,
                                             struct witnesses **out);
void witnesses_stop(struct witnesses *witnesses); /* NULL is fine */

struct witness_metrics {
    const char *name;
    uint64_t size; /* cosigned, as this node knows */
    uint64_t failed;
};
/* Returns how many. */
size_t witnesses_metrics(struct witnesses *witnesses, struct witness_metrics out[WITNESSES_MAX]);

#endif
