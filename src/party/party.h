/*
 * party.h - a party's running node: one thread that owns the party's database. Commands
 * queue up for it; a batch is one transaction; what it posts to other parties and what it
 * hears from them goes through the courier (HTTPS).
 *
 *     HTTP threads, courier --party_submit--> [ queue ] --> thread: run, run, ... commit --> done()
 *                                                            tick, collect --> courier --> peers
 */
#ifndef TF_PARTY_PARTY_H
#define TF_PARTY_PARTY_H

#include "line/line.h"

enum { PARTY_QUEUE_MAX = 4096, PARTY_BATCH_MAX = 256, PARTY_TICK_MS = 200 };

struct ops;
struct party;

struct party_command {
    /*
     * Runs on the party's thread, inside a transaction; what is not TF_OK undoes it alone. May
     * be called again, from the start, when the transaction was lost against another node:
     * results must be overwritten, not added to.
     */
    enum tf_status (*run)(struct party_command *command, const struct line_context *c);
    /* Exactly once, on the party's thread, after the batch is on the disk (TF_OK), or with
     * why it is not: what run() returned, TF_LIMIT (cannot be written), TF_BUSY, TF_NOT_FOUND
     * only from run() itself. */
    void (*done)(struct party_command *command, enum tf_status rc);
    const char *actor; /* for the ledger; "" or NULL: the node itself */
    enum tf_status rc; /* the party's */
    struct party_command *next;
};

struct party_config {
    const char *database;         /* a path or a connection string, see sql_open */
    const struct key_secret *key; /* must outlive the party */
    struct card card;             /* this party's own; title, url and tls as configured */
    const char *version;          /* of the program, for the ledger's entry at start */
    const char *holder;           /* this node's name among those of a shared database */
    const char *ca_file;          /* PEM: authorities for peers without a pin; NULL: the system's */
    bool allow_http;              /* peers' URLs may be http:// (development) */
    const struct line_extension *extensions; /* message types of other modules; kept */
    size_t extension_count;
    /* After each batch that changed something, on the party's thread. May be NULL. */
    void (*changed)(void *ctx);
    void *ctx;
};

/* All tables of a party's database; idempotent, outside of a transaction. */
TF_MUST_CHECK enum tf_status party_prepare(struct sql *sql, char why[SQL_WHY_SIZE]);
/* TF_UNSUPPORTED, TF_SYNTAX, TF_BUSY, TF_LIMIT of the database, in `why`. */
TF_MUST_CHECK enum tf_status party_start(const struct party_config *config, struct party **out,
                                         char why[SQL_WHY_SIZE]);
/* What has been submitted is still done. Posts under way are given up; they go after the next
 * start. */
void party_stop(struct party *party);

/* TF_BUSY: the queue is full, or it is stopping; then done() is not called. */
TF_MUST_CHECK enum tf_status party_submit(struct party *party, struct party_command *command);
/* The same, and waits. Not on the party's thread. */
TF_MUST_CHECK enum tf_status party_call(struct party *party, struct party_command *command);

/* The register of operations and sites: on the party's thread only. */
struct ops *party_ops(struct party *party);

struct party_metrics {
    uint64_t batches, commands, failed_batches, lost_batches;
    uint64_t posts, posts_failed, posts_taken, posts_refused;
    uint64_t queue, lines;
    bool is_ready; /* the last batch was written */
};
void party_metrics(struct party *party, struct party_metrics *out);

/* How the lines stand, at most a second ago. */
enum { PARTY_LINES_SHOWN = 64 };
struct party_survey {
    uint64_t lines[LINE_STATE_COUNT];
    uint64_t alarms, waiting, ledger_size;
    int64_t at_us;
    size_t shown;
    struct {
        char peer[KEY_NAME_SIZE];
        enum line_state state;
        int64_t heard_us, undelivered;
    } line[PARTY_LINES_SHOWN]; /* those not closed */
};
void party_survey(struct party *party, struct party_survey *out);

/* The number of the latest event (line_each_event); 0: none. Within a transaction. */
TF_MUST_CHECK enum tf_status party_last_event(const struct line_context *c, int64_t *id);
/* Whether this node holds what `name` stands for, in a database that it may share: takes or
 * renews a lease of 10 s. Within the transaction of what is done under it. */
TF_MUST_CHECK enum tf_status party_hold(const struct line_context *c, const char *holder,
                                        const char *name, bool *held);
/* This node's name among those of a shared database. */
const char *party_holder(const struct party *party);

#endif
