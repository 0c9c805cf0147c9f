/*
 * internal.h - what the files that keep the rules of lines share: a line's row, a message
 * that takes effect, what is written beside it.
 *
 * Every function runs in the caller's transaction. What is not TF_OK comes from the database or
 * from memory, and undoes all; what a sender did wrong is a verdict (struct act), not a status.
 */
#ifndef TF_LINE_INTERNAL_H
#define TF_LINE_INTERNAL_H

#include "line/fields.h"
#include "line/line.h"

#define LINE_SECOND_US INT64_C(1000000)

enum {
    LINE_REASON_SIZE = 256,
    LINE_WITNESS_SIZE = 256, /* a cosignature's line */
    LINE_TEXT_SIZE = 512,    /* of an alarm */
    LINE_EVIDENCE_MAX = 16,  /* of one kind, on one line */
    LINE_BEATS = 4,          /* in a heartbeat interval: one may be lost, and three are there */
    LINE_RETRY_US = 2000000, /* what was not receipted goes again, later each time */
    LINE_EARLY_MAX = 4096    /* how far ahead an early danger may be to be believed */
};

/* --- a line's row (row.c) ------------------------------------------------------------------- */

/* What changes with every post. Only whole words: it is compared as bytes. */
struct line_hot {
    int64_t own_stance, peer_stance, is_degraded, is_forked;
    int64_t own_seq, own_receipted, peer_seq, peer_sent, peer_have, peer_receipted;
    int64_t peer_beat_us, heard_us, beat_us;
    /* When the last post was made, by our clock; own_seq, its last envelope, peer_seq then. */
    int64_t posted_us, posted_seq, posted_to, posted_have;
    int64_t return_from, peer_return_from, alarms, waiting; /* return_from -1: a person did not
                                                             * believe that there is any */
    int64_t moved_us; /* since when what is not receipted waits: that is all that is sent again */
    uint8_t own_hash[KEY_HASH_SIZE], peer_hash[KEY_HASH_SIZE];
};
struct line_cold {
    int64_t drill_us, memo_number;
    int64_t rules_until_us; /* the rules below hold until then */
    int64_t deliver_s, seen_s, answer_s, heartbeat_s, drill_s;
    int64_t witnessed, ledger_seen, checkpoint_us; /* sizes: of theirs, of ours; our last sent */
    int64_t is_wary;                               /* restored, and not heard of the other yet */
    uint8_t own_key[KEY_PUBLIC_SIZE], peer_key[KEY_PUBLIC_SIZE];
    char reason[LINE_REASON_SIZE], cosignature[LINE_WITNESS_SIZE];
};
struct line_row {
    char id[LINE_ID_SIZE], peer[KEY_NAME_SIZE];
    int64_t round;
    bool is_new; /* not in the database yet */
    struct line_hot hot, was_hot;
    struct line_cold cold, was_cold;
};
TF_MUST_CHECK enum tf_status row_load(const struct line_context *c, const char *id,
                                      struct line_row *out);
/* The newest line of a party. TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status row_newest(const struct line_context *c, const char *peer,
                                        struct line_row *out);
/* A line that is not in the database yet. */
void row_make(const struct line_context *c, const struct card *peer, int64_t round,
              struct line_row *out);
TF_MUST_CHECK enum tf_status row_save(const struct line_context *c, struct line_row *row);
enum line_state row_state(const struct line_row *row);
/* Whether the other is expected to be heard: both have opened, neither has closed. */
bool row_is_watched(const struct line_row *row);
/* Whether a post would bring the other something that it has not been sent yet. */
bool row_has_news(const struct line_row *row);

/* The key that signs what a side says under `seq`. */
TF_MUST_CHECK enum tf_status row_key_at(const struct line_context *c, const struct line_row *row,
                                        bool is_own, int64_t seq, struct key_public *out);
TF_MUST_CHECK enum tf_status row_set_key(const struct line_context *c, struct line_row *row,
                                         bool is_own, int64_t from_seq,
                                         const uint8_t key[KEY_PUBLIC_SIZE]);

/* --- parties (party_book.c) ------------------------------------------------------------------- */

TF_MUST_CHECK enum tf_status party_load(const struct line_context *c, const char *id,
                                        struct card *out);
TF_MUST_CHECK enum tf_status party_set_key(const struct line_context *c, const char *id,
                                           const struct key_public *key);

/* --- what is written beside (record.c) ---------------------------------------------------------
 */

/* {"kind":"sent","at":"...","actor":"...","line":"..."; log_end closes and appends it. */
void log_begin(const struct line_context *c, const struct line_row *row, const char *kind,
               struct tf_buf *entry);
TF_MUST_CHECK enum tf_status log_end(const struct line_context *c, struct tf_buf *entry,
                                     uint64_t *index);
/* ,"envelope":{...}: with the payload's SHA-256 in its place. */
void log_put_envelope(struct tf_buf *entry, const struct envelope *envelope);
/* After an entry in the ledger, whose order is that of the transactions: so are the ids. `json` is
 * an object without its last brace; released. */
TF_MUST_CHECK enum tf_status event_add(const struct line_context *c, const char *kind,
                                       struct tf_buf *json);
void event_begin(const struct line_row *row, struct tf_buf *json);
#define LINE_ENTRY_INIT TF_BUF_INIT(LEDGER_ENTRY_MAX)

/* What shows that somebody contradicted itself, once, at most LINE_EVIDENCE_MAX of a kind; *kept:
 * it is new. */
TF_MUST_CHECK enum tf_status evidence_keep(const struct line_context *c, const struct line_row *row,
                                           const char *kind, int64_t seq,
                                           const uint8_t hash[KEY_HASH_SIZE], const char *text,
                                           size_t len, bool *kept);

/* A stance or state has changed: ledger, history, event; the invariant. */
TF_MUST_CHECK enum tf_status state_changed(const struct line_context *c, struct line_row *row,
                                           enum line_state before, const char *act,
                                           const char *reason, bool is_own, int64_t seq);
/* Moves that a line may make; the invariant. */
bool line_may_move(enum line_state before, enum line_state after);

/* --- alarms (alarm.c) ------------------------------------------------------------------------- */

/* Once while it is not cleared. role NULL: the first of the ladder. row NULL: an alarm of no line,
 * with a role. */
TF_MUST_CHECK enum tf_status alarm_raise(const struct line_context *c, struct line_row *row,
                                         const char *kind, bool is_own, int64_t seq,
                                         const char *role, const char *text);
TF_MUST_CHECK enum tf_status alarm_end(const struct line_context *c, struct line_row *row,
                                       const char *kind, bool is_own, int64_t seq);
/* To the next role. */
TF_MUST_CHECK enum tf_status alarm_pass_on(const struct line_context *c, struct line_row *row,
                                           bool is_own, int64_t seq, const char *role);

/* --- stored messages (stored.c) ------------------------------------------------------------------
 */

/* What a message waits for. */
enum { OPEN_DELIVER = 1, OPEN_SEEN = 2, OPEN_ANSWER = 4 };

struct stored {
    bool is_own, is_void;
    int64_t seq;
    char type[MESSAGE_TYPE_SIZE];
    uint8_t hash[KEY_HASH_SIZE];
    int64_t deliver_by_us, seen_by_us, answer_by_us;
    int64_t open, alarmed, due_us, rung, rung_us; /* rung_us: when the next role takes over */
    int64_t receipt_us, seen_us, forwarded_us, answered_us, superseded_by;
};
TF_MUST_CHECK enum tf_status stored_load(const struct line_context *c, const struct line_row *row,
                                         bool is_own, int64_t seq, struct stored *out, bool *found);
/* Those whose time has come, at most `limit`. */
TF_MUST_CHECK enum tf_status stored_due(const struct line_context *c, const struct line_row *row,
                                        int64_t now_us, size_t limit, struct stored *out,
                                        size_t *count, int64_t *next_us);
/* The body of a stored message. *out: json_decref. */
TF_MUST_CHECK enum tf_status stored_body(const struct line_context *c, const struct line_row *row,
                                         bool is_own, int64_t seq, json_t **out);
/* Writes open, alarmed, due, rung back. */
TF_MUST_CHECK enum tf_status stored_save(const struct line_context *c, const struct line_row *row,
                                         struct stored *m);
/* These are not waited for any more; their alarms end. Saves. */
TF_MUST_CHECK enum tf_status stored_settle(const struct line_context *c, struct line_row *row,
                                           struct stored *m, int64_t bits);
int64_t stored_next_due(const struct stored *m);
const char *stored_alarm_kind(int64_t bit); /* "delivery", "seen", "answer" */

/* --- a message that takes effect (act.c, apply.c, memo_act.c) ------------------------------------
 */

enum act_verdict {
    ACT_GOOD,
    ACT_REFUSED, /* its sender was not allowed to say it */
    ACT_ASIDE    /* it speaks of what we said and do not have */
};
struct act {
    const struct line_context *c;
    struct line_row *row;
    const struct message *m;
    bool is_own, is_returned;               /* returned: said before a restore */
    const struct message_kind *kind;        /* NULL: of no type that is known here */
    const struct line_extension *extension; /* NULL: the line's own type */
    enum act_verdict verdict;
    struct tf_fault fault; /* of a refusal */
    bool is_late;
    const uint8_t *hash;
    uint64_t ledger_index;
};
void act_make(const struct line_context *c, struct line_row *row, const struct message *m,
              bool is_own, struct act *out);
/* Judges it. */
TF_MUST_CHECK enum tf_status act_check(struct act *act);
/* What is read back of a message of that type when it is seen; false: it has no place. */
bool act_place(const struct line_context *c, const char *type, const json_t *body,
               struct message_place *out);
/* Lets it take effect, once judged good and written down. */
TF_MUST_CHECK enum tf_status act_apply(struct act *act);
/* Sets the verdict; TF_OK. */
/* What a type asks of who gets it: the line's own, or an extension's. MESSAGE_ASKS_...; 0: nothing.
 */
unsigned act_asks(const struct line_context *c, const char *type);
enum tf_status act_refuse(struct act *act, enum tf_status code, const char *field,
                          const char *message, const char *arg1, const char *arg2);
int64_t act_number(const struct act *act, const char *key);   /* a member of the body; 0: none */
const char *act_text(const struct act *act, const char *key); /* "" : none */

TF_MUST_CHECK enum tf_status memo_act_check(struct act *act);
TF_MUST_CHECK enum tf_status memo_act_apply(struct act *act);

/* --- the rules that hold (rules.c) --------------------------------------------------------------
 */

/* The numbers of the rules in the row, if their time has passed or `always`. */
TF_MUST_CHECK enum tf_status rules_refresh(const struct line_context *c, struct line_row *row,
                                           bool always);
TF_MUST_CHECK enum tf_status rules_load(const struct line_context *c, const struct line_row *row,
                                        struct memorandum *out);
/* Whether the memorandum that both signed adds the type to the floor. */
TF_MUST_CHECK enum tf_status rules_add_to_floor(const struct line_context *c,
                                                const struct line_row *row, const char *type,
                                                bool *adds);

/* --- writing messages down (keep.c) --------------------------------------------------------------
 */

/* The message's row and entry; for what was heard, the receipt, too. Counts it in the line's row.
 */
TF_MUST_CHECK enum tf_status keep_message(struct act *act, const struct envelope *envelope);

/* --- parts of a post
 * ------------------------------------------------------------------------------ */

/* A post that is being taken. */
struct taking {
    const struct line_context *c;
    struct line_row *row;
    struct line_taken *out;
    bool has_beat, is_later, is_good; /* its beat is verified; and later than the last; and fresh */
    struct beat beat;
};
TF_MUST_CHECK enum tf_status take_envelope(struct taking *t, const json_t *json);
TF_MUST_CHECK enum tf_status take_returned(struct taking *t, const json_t *json);
TF_MUST_CHECK enum tf_status take_receipt(struct taking *t, const json_t *json);
TF_MUST_CHECK enum tf_status take_receipts_end(struct taking *t);
TF_MUST_CHECK enum tf_status take_beat(struct taking *t, const json_t *json);
/* Its numbers once more, after the messages. */
TF_MUST_CHECK enum tf_status take_beat_end(struct taking *t);
TF_MUST_CHECK enum tf_status take_witness(struct taking *t, const struct tf_json *root);
/* ,"checkpoint":..., and the rest of it. */
TF_MUST_CHECK enum tf_status collect_witness(const struct line_context *c, struct line_row *row,
                                             struct tf_buf *post);

TF_MUST_CHECK enum tf_status say_in(const struct line_context *c, struct line_row *row,
                                    const struct line_draft *draft, bool is_rotation, int64_t *seq,
                                    struct tf_fault *fault);

#endif
