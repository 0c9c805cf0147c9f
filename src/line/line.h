/*
 * line.h - the rules of lines: what a party's node does with what it says and hears.
 *
 * All state is in the party's database. Every function here runs inside the caller's
 * transaction (sql_begin, or sql_mark within one) and has no other memory: after a crash nothing
 * has to be put together again, and any node that has the database can go on. A
 * function that does not return TF_OK must be undone by the caller, with ledger_forget().
 * Clock and randomness come with the context; the network is the caller's: posts (docs/line.md)
 * go in and out as bytes.
 *
 *   operator --line_say--> [ message ] --line_collect--> post ---> other node: line_take
 *   operator <--- events, alarms <--- line_take <--- post <---
 *   clock --line_tick--> deadlines, degraded, drills
 */
#ifndef TF_LINE_LINE_H
#define TF_LINE_LINE_H

#include "ledger/ledger.h"
#include "line/extension.h"
#include "line/memorandum.h"

enum {
    LINE_POST_MAX = 4 * 1024 * 1024, /* what is read */
    LINE_POST_ENVELOPES = 256,
    LINE_POST_BYTES = 1024 * 1024, /* what is made */
    LINE_SKEW_S = 300,
    LINE_HEARTBEAT_S = 60
};

struct line_context {
    struct sql *sql;
    struct ledger *ledger;
    const struct key_secret *key;
    struct card card; /* this party's own */
    int64_t now_us;
    const char *actor; /* the operator who acts, for the ledger; "" : the node itself */
    const struct line_extension *extensions; /* of other modules; may be none */
    size_t extension_count;
};

/* The tables; idempotent, outside of a transaction. */
TF_MUST_CHECK enum tf_status line_prepare(struct sql *sql, char why[SQL_WHY_SIZE]);

/* --- parties ------------------------------------------------------------------------- */

/* A party by its card (signed text). A known id with another key: TF_EXISTS, the way to go is
 * key.rotate or a new id; a newer card with the same key replaces title, url and tls. */
TF_MUST_CHECK enum tf_status line_add_party(const struct line_context *c, const char *card,
                                            size_t len, struct card *out, struct tf_fault *fault);
/* visit returns false to stop; `text` is the card as it was given. */
TF_MUST_CHECK enum tf_status
line_each_party(const struct line_context *c,
                bool (*visit)(void *ctx, const struct card *card, const char *text), void *ctx);

/* --- lines ------------------------------------------------------------------------------ */

enum line_stance { STANCE_NONE, STANCE_OPEN, STANCE_SUSPENDED, STANCE_CLOSED };
enum line_state {
    LINE_PROPOSED,
    LINE_OPEN,
    LINE_DEGRADED,
    LINE_SUSPENDED,
    LINE_CLOSED,
    LINE_STATE_COUNT
};
enum line_state line_state_of(enum line_stance own, enum line_stance peer, bool is_degraded);
const char *line_state_name(enum line_state state); /* "open" */
/* What an act makes of a stance; false: the stance does not allow it. The table of docs/line.md. */
bool line_stance_after(enum line_stance stance, enum message_type act, enum line_stance *out);

struct line_info {
    char id[LINE_ID_SIZE], peer[KEY_NAME_SIZE];
    int64_t round;
    enum line_stance own, other;
    bool is_degraded, is_forked; /* the other contradicted itself */
    enum line_state state;
    int64_t own_seq, own_receipted;        /* said; of these receipted without a gap */
    int64_t peer_seq, peer_sent;           /* heard without a gap; the other says it has sent */
    int64_t heard_us, beat_us, checked_us; /* last sign of life; our last beat; last drill */
    int64_t memo_number;                   /* in force; 0: none */
    int64_t open_alarms, waiting;          /* alarms not cleared; messages waiting for our word */
    char reason[256];                      /* of the latest suspension or closing */
};
/* Opens, or agrees to open, the line to a party: says line.open. TF_NOT_FOUND: no such party;
 * TF_EXISTS: this side has opened it. */
TF_MUST_CHECK enum tf_status line_open(const struct line_context *c, const char *peer,
                                       const char *role, char id[LINE_ID_SIZE],
                                       struct tf_fault *fault);
/* By id, by a unique beginning of it, or by the peer's id (its newest line). */
TF_MUST_CHECK enum tf_status line_find(const struct line_context *c, const char *name,
                                       struct line_info *out);
TF_MUST_CHECK enum tf_status line_each(const struct line_context *c,
                                       bool (*visit)(void *ctx, const struct line_info *info),
                                       void *ctx);

/* --- saying -------------------------------------------------------------------------------- */

struct line_draft {
    const char *type;   /* name */
    const char *role;   /* of who says it */
    const json_t *body; /* borrowed */
    /* Of the deadlines: 0: by the memorandum; -1: none. */
    int64_t deliver_by_us, seen_by_us, answer_by_us;
};
/*
 * Signs, numbers, keeps and logs a message. When the caller's transaction has committed, it will
 * be delivered, or its alarm goes off. TF_NOT_FOUND: no such line; TF_UNSUPPORTED: this state
 * or stance does not allow it (fault says which do); TF_RANGE, TF_SYNTAX, TF_MISSING: the body;
 * TF_BUSY: messages of our own are being returned after a restore.
 */
TF_MUST_CHECK enum tf_status line_say(const struct line_context *c, const char *line,
                                      const struct line_draft *draft, int64_t *seq,
                                      struct tf_fault *fault);

/*
 * Changes the key on one line: says key.rotate, signed by the context's key; what follows must
 * be signed by `next`, so the caller does it on all lines (and ledger_rotate) in one transaction,
 * and goes on with a context that has the new key and card. TF_BUSY: too much is still under way.
 */
TF_MUST_CHECK enum tf_status line_rotate(const struct line_context *c, const char *line,
                                         const struct key_secret *next, const char *role,
                                         int64_t *seq, struct tf_fault *fault);

/* The database is an older copy of what this party said: nothing is said on any line (TF_BUSY, but
 * for line.close) until the other was heard, for what was said since may be under way. A line
 * that was first opened after the copy is not known here: the other's next post brings it back. */
TF_MUST_CHECK enum tf_status line_restored(const struct line_context *c);

/* --- posts ---------------------------------------------------------------------------------- */

/* Makes a post with all that the other misses, a beat first. For files too. */
TF_MUST_CHECK enum tf_status line_collect(const struct line_context *c, const char *line,
                                          struct tf_buf *post);

/* A post of a beat alone: it tells nobody more than how far this side is. */
TF_MUST_CHECK enum tf_status line_collect_beat(const struct line_context *c, const char *line,
                                               struct tf_buf *post);

struct line_taken {
    char line[LINE_ID_SIZE];
    unsigned applied, duplicates, early, receipts, returned, refused, forks;
    bool may_answer; /* the beat is good and fresh: the post may be answered */
    bool may_beat;   /* else, after a restore: by a beat alone */
    bool has_more;   /* the other misses something that we have, or we something: go on */
};
/*
 * Takes a post, whoever brought it. What is hostile in it is refused part by part and
 * counted; TF_OK then, too. TF_SYNTAX: not a post; TF_NOT_FOUND: not for us, or from
 * a party that is not known here; TF_TOO_LARGE.
 */
TF_MUST_CHECK enum tf_status line_take(const struct line_context *c, const char *post, size_t len,
                                       struct line_taken *out, struct tf_fault *fault);

/* --- time --------------------------------------------------------------------------------------
 */

/* Deadlines, escalations, silence, drills. *next_us: when to come again at the latest;
 * *wants_post: something is to be sent, or a beat is due. */
TF_MUST_CHECK enum tf_status line_tick(const struct line_context *c, const char *line,
                                       int64_t *next_us, bool *wants_post);

/* --- reading back
 * --------------------------------------------------------------------------------- */

/* A message of a line, by whose it is and its number. */
struct line_number {
    bool is_own;
    int64_t seq;
};
/* One message with its acknowledgements. Strings are borrowed for the call. */
struct line_message {
    const char *line, *type, *role, *envelope, *payload; /* the envelope's JSON; the payload */
    size_t envelope_len, payload_len;
    bool is_own;
    int64_t seq, sent_us, received_us, receipt_us; /* receipt: of ours: when it came */
    int64_t seen_us, forwarded_us, answered_us;    /* of the first; 0: not yet */
    const char *assessment, *reason, *seen_role;   /* of the latest answer; NULL */
    int64_t deliver_by_us, seen_by_us, answer_by_us;
    int64_t superseded_by; /* seq of the message that amends or withdraws it; 0 */
    int64_t rung;          /* of the ladder: 0 the first role */
    bool is_late;          /* came while the line was suspended */
    bool is_void;          /* has no effect: its sender was not allowed to say it */
    unsigned asks;         /* of its receiver, by its type: MESSAGE_ASKS_... */
    const char *receipt;   /* the receipt's envelope; NULL */
    uint64_t ledger_index;
    uint8_t hash[KEY_HASH_SIZE];
    bool has_place; /* what is to be seen only: what is read back then */
    struct message_place place;
};
/* Of one line, in the order of sending of each side: is_own, then seq > after; NULL line: all.
 * limit at most 1000. */
TF_MUST_CHECK enum tf_status
line_each_message(const struct line_context *c, const char *line, bool is_own, int64_t after,
                  size_t limit, bool (*visit)(void *ctx, const struct line_message *message),
                  void *ctx);

/* The keys that both sides had when the line began: what its id was made of. */
TF_MUST_CHECK enum tf_status line_first_keys(const struct line_context *c, const char *line,
                                             struct key_public *own, struct key_public *peer);

struct line_alarm {
    int64_t id, at_us, cleared_us; /* 0: not yet */
    const char *line,
        *kind;   /* line "": of none;  "delivery" "seen" "answer" "silence" "fork" "readback" ... */
    bool is_own; /* about a message of ours */
    int64_t seq; /* of the message; 0: none */
    const char *role; /* whose it is now */
    const char *text; /* English, with its values */
};
TF_MUST_CHECK enum tf_status
line_each_alarm(const struct line_context *c, const char *line, bool with_cleared,
                bool (*visit)(void *ctx, const struct line_alarm *alarm), void *ctx);
/* Alarms of another module about a line ("": about none): one of each kind (a word). `role` takes
 * over if it is there. Not from within an extension's apply(), which has the line in its hands. */
TF_MUST_CHECK enum tf_status line_raise_alarm(const struct line_context *c, const char *line,
                                              const char *kind, const char *role, const char *text);
TF_MUST_CHECK enum tf_status line_end_alarm(const struct line_context *c, const char *line,
                                            const char *kind);
/* Only alarms that nothing else ends (forks, contradictions) are cleared by hand, and all of a line
 * that is closed: the table in docs/line.md. */
TF_MUST_CHECK enum tf_status line_clear_alarm(const struct line_context *c, int64_t id,
                                              struct tf_fault *fault);

/* The history of participation: each change of a stance or state. */
struct line_change {
    int64_t id, at_us, seq; /* of the message; 0: found here (silence, heard) */
    bool is_own;
    enum line_state before, after;
    const char *act, *reason; /* "line.suspend", "silence", "heard" */
    uint64_t ledger_index;
};
TF_MUST_CHECK enum tf_status
line_each_change(const struct line_context *c, const char *line, int64_t after, size_t limit,
                 bool (*visit)(void *ctx, const struct line_change *change), void *ctx);

/* What the other signed and contradicts itself by, or what came too early to be applied. */
struct line_evidence {
    int64_t id, at_us, seq;
    const char
        *kind; /* "fork" "malformed" "early" "receipt": an envelope; "checkpoint": two notes */
    const char *text;
    size_t len;
    uint64_t ledger_index;
    uint8_t hash[KEY_HASH_SIZE];
};
TF_MUST_CHECK enum tf_status
line_each_evidence(const struct line_context *c, const char *line,
                   bool (*visit)(void *ctx, const struct line_evidence *evidence), void *ctx);

/* What happened, in order, for event streams: kind ("message", "receipt", "ack", "state",
 * "alarm", "memorandum", "party"), a JSON object. */
TF_MUST_CHECK enum tf_status line_each_event(const struct line_context *c, int64_t after,
                                             size_t limit,
                                             bool (*visit)(void *ctx, int64_t id, int64_t at_us,
                                                           const char *kind, const char *json),
                                             void *ctx);

/* *last: the number of the latest event, 0 if there was none. *gone: events up to this number may
 * have been deleted; who has read no further has missed some. */
TF_MUST_CHECK enum tf_status line_event_span(const struct line_context *c, int64_t *gone,
                                             int64_t *last);
/* Deletes events that are older than `before_us` and not above number `upto`, and alarms that ended
 * before it: LINE_PRUNE_MAX of each at most, *more: go on. Never the latest event. */
enum { LINE_PRUNE_MAX = 500 };
TF_MUST_CHECK enum tf_status line_prune(const struct line_context *c, int64_t before_us,
                                        int64_t upto, bool *more);

/* An event of another module, in the transaction of its entry in the ledger and after that. `json`
 * is one object on one line. */
TF_MUST_CHECK enum tf_status line_add_event(const struct line_context *c, const char *kind,
                                            const char *json);

/* The memoranda of a line: number, both signatures, the exact document. */
struct line_memo {
    int64_t number;
    uint8_t hash[KEY_HASH_SIZE];
    const char *document;
    size_t len;
    int64_t own_signed, peer_signed; /* seq of the act; 0: not signed */
    bool own_declined, peer_declined, is_own, in_force;
    int64_t agreed_us; /* when the second signature was here */
};
TF_MUST_CHECK enum tf_status line_each_memo(const struct line_context *c, const char *line,
                                            bool (*visit)(void *ctx, const struct line_memo *memo),
                                            void *ctx);
/* A document to start from: the number after the latest that both signed, all points filled with
 * the defaults, from today on; appended. */
TF_MUST_CHECK enum tf_status line_memo_template(const struct line_context *c, const char *line,
                                                size_t days, struct tf_buf *out);
/* The rules that hold now: the memorandum in force, or the defaults. memo_release() it. */
TF_MUST_CHECK enum tf_status line_rules(const struct line_context *c, const char *line,
                                        struct memorandum *out);
/* The rules that both signed last and whose time has come, though a suspension holds them up or
 * they have ended; the defaults if there never were any. For what is measured by them and must not
 * be forgiven because the line fell silent; never for what may be shown. memo_release() it. */
TF_MUST_CHECK enum tf_status line_agreed_rules(const struct line_context *c, const char *line,
                                               struct memorandum *out);

#endif
