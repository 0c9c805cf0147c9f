/*
 * party_state.h - a party on this machine: its key, card and database, for the commands that work
 * on them directly, whether the node runs or not.
 *
 *     DIR/party.key    the signing key, plain (0600) or sealed under a passphrase
 *     DIR/party.card   the signed card, to hand over
 *     DIR/party.crt    a self-signed certificate, of which the pin is on the card
 *     DIR/party.tls    its key
 *     DIR/party.db     lines, messages, ledger, operators (or a shared PostgreSQL database)
 */
#ifndef TF_CLI_PARTY_STATE_H
#define TF_CLI_PARTY_STATE_H

#include "cli/command.h"
#include "cli/state.h"
#include "cli/table.h"
#include "ops/declaration.h"
#include "party/party.h"

/* The flags of all these commands. */
struct party_args {
    const char *state_dir, *database, *passphrase_file, *actor;
    bool json;
};
enum { PARTY_FLAG_COUNT = 5 };
extern const struct flag party_flags[PARTY_FLAG_COUNT];
#define PARTY_TABLE(part) FLAG_TABLE(TF_TEXT("Party"), party_flags, part)

struct party_state {
    const struct party_args *args;
    char dir[STATE_PATH_SIZE], database[STATE_PATH_SIZE], actor[KEY_NAME_SIZE + 8];
    struct key_secret *key;
    struct card card;
    struct sql *sql;
    struct ledger *ledger;
    struct ops *ops; /* read with the first question to it */
    struct line_extension extensions[OPS_EXTENSIONS];
    bool is_usage; /* what was refused is the value of a flag: the fault's field is "--..." */
};

/* What a flag says, else TAFADI_... of the environment, else NULL. */
const char *party_setting(const char *flag, const char *variable);
/* Is there a party's key in the directory? */
bool party_is_there(const char *dir);
/* Key and card. False after a complaint, as all here; party_state_close() in any case. */
bool party_state_keys(struct party_state *state, const struct party_args *args);
/* And the database. */
bool party_state_open(struct party_state *state, const struct party_args *args);
void party_state_close(struct party_state *state);

/* The key in DIR/party.key, by the passphrase in a file if it is sealed. */
bool party_read_key_file(const char *path, const char *passphrase_file, struct key_secret **out);
bool party_read_key(const char *dir, const char *passphrase_file, struct key_secret **out);
bool party_read_card(const char *dir, struct card *out);
/* The first line of a file ("-": standard input), at most size - 1 bytes. */
bool party_first_line(const char *path, char *out, size_t size);
/* dir/party.db, or what is configured. */
bool party_database_name(const char *dir, const char *configured, char out[STATE_PATH_SIZE]);

/*
 * Runs `act` in a transaction of its own, again while it is lost against others; then signs the
 * ledger's checkpoint. False after a complaint about what it returned and put into `fault`.
 *
 * So `run` may be called more than once: what it puts into its own struct must be set anew each
 * time, never built upon. What it adds to `out` and `table` is taken back before another try.
 */
struct party_act {
    enum tf_status (*run)(struct party_act *act, const struct line_context *c);
    struct tf_buf *out;  /* may be NULL */
    struct table *table; /* may be NULL */
    struct tf_fault fault;
};
bool party_state_do(struct party_state *state, struct party_act *act);
/* The exit code after a refusal. */
int party_state_code(const struct party_state *state);
/* Signs the ledger's checkpoint, outside of a transaction. */
void party_sign(struct sql *sql, struct ledger *ledger, int64_t at_us);
/* Says what was refused. */
void party_complain(enum tf_status rc, const struct tf_fault *fault);

#endif
