/*
 * ledger.h - what the parts of `tafadi ledger` share.
 */
#ifndef TF_CLI_LEDGER_H
#define TF_CLI_LEDGER_H

#include "cli/command.h"
#include "ledger/ledger.h"
#include "ledger/note.h"

struct ledger_args {
    struct common_args common;
    const char *state_dir, *database, *key, *output, *verify, *kind;
    int64_t since_ns;
    bool json;
};

/* A party's ledger, opened for reading. */
struct ledger_source {
    struct sql *sql;
    struct ledger *ledger;
    bool has_key;
    struct key_public key; /* the one that is trusted */
};

/*
 * Opens the database that the flags name, with the key that they or the state directory name.
 * False after a complaint; `needs_key`: no key is a complaint, too.
 */
bool ledger_source_open(const struct ledger_args *args, bool needs_key, struct ledger_source *out);
void ledger_source_close(struct ledger_source *source); /* idempotent */
/*
 * A key that verifies: a vkey ("name+id+key"), or a file with one, with a party's card or with a
 * party's key. `name`: "" if only a key was given. False after a complaint.
 */
bool ledger_key_read(const char *text, char name[NOTE_NAME_SIZE], struct key_public *out);

/* Whether long work shows how far it is; and it does so: `message` has the place %1 for
 * per cent. */
bool ledger_shows_progress(const struct ledger_args *args);
struct ledger_progress {
    const char *message;
    unsigned shown;
};
void ledger_progress(void *ctx, uint64_t done, uint64_t all);

/* What is wrong with the database, or with what is asked of it. Returns EXIT_ERROR. */
int ledger_complain(const struct ledger_source *source, enum tf_status rc);

/* --- the actions; each returns the exit code ------------------------------------------------ */

int ledger_run_audit(const struct ledger_args *args);
int ledger_run_export(const struct ledger_args *args, const char *dir);
int ledger_run_prove(const struct ledger_args *args, const char *index);
int ledger_run_check(const struct ledger_args *args); /* prove --verify */

#endif
