/*
 * evidence.h - evidence bundles: what was said on a line, with receipts, ledger proofs and keys, in
 * one file that anybody can verify without a node, and without a network: docs/evidence.md.
 *
 * A bundle proves what is in it, and no more: a message without the other side's receipt
 * is not proved to have arrived; that something was not said is proved only inside of a
 * complete range; an acknowledgement is no approval; whose keys these are is known only
 * by comparing fingerprints.
 */
#ifndef TF_EVIDENCE_EVIDENCE_H
#define TF_EVIDENCE_EVIDENCE_H

#include "line/line.h"

enum {
    EVIDENCE_MAX = 64 * 1024 * 1024,
    EVIDENCE_MESSAGES_MAX = 20000,
    EVIDENCE_FORKS_MAX = 64,
    EVIDENCE_ENTRIES_MAX = 100000,
    EVIDENCE_CHECKPOINTS_MAX = 64,
    EVIDENCE_KEYS_MAX = 64 /* of one party */
};
#define EVIDENCE_FORMAT "tafadi-evidence/v1"

/* --- verifying: pure ------------------------------------------------------------------------- */

/* What the user knows of a party: its key's fingerprint, or the digits of it that were compared
 * by voice. Any key of the party that the bundle links to its first one will do. */
struct evidence_expected {
    char party[KEY_NAME_SIZE];
    bool is_digits;
    uint8_t fingerprint[KEY_HASH_SIZE];
    char digits[FINGERPRINT_DIGITS_SIZE]; /* "12345 67890 ..." */
};
/* "ID=64 hexadecimal digits" or "ID=8 groups of 5 digits", groups parted by blanks, hyphens or
 * nothing. False: neither. */
bool evidence_expect(const char *text, struct evidence_expected *out);

enum evidence_kind {
    EVIDENCE_SAID,      /* a message */
    EVIDENCE_AGREED,    /* a memorandum got its second signature */
    EVIDENCE_FORK,      /* a message that contradicts another one of its sender */
    EVIDENCE_LOGGED,    /* an entry of a ledger that is about none of the messages here */
    EVIDENCE_CHECKPOINT /* a checkpoint of a ledger, cosigned by the other party if at_us */
};
/* One step of the story. All is borrowed for the call. `sentence` is marked for translation, its
 * places %1 to %4 stand for `arg` ("" where there is none). */
struct evidence_event {
    enum evidence_kind kind;
    int64_t at_us;       /* by the clock of `from`; 0: not known */
    int64_t received_us; /* by the clock of `to`, in its signed receipt; 0: none is here */
    const char *from, *to;
    int64_t seq;         /* 0: not a message */
    const char *type;    /* of the message, or the kind of the entry */
    const char *role;    /* of who said it */
    const uint8_t *hash; /* of the envelope; KEY_HASH_SIZE bytes; NULL: not a message */
    const char *sentence, *arg[4];
    const char *text; /* what was said in words; NULL */
    bool has_place;
    struct message_place place;
    bool is_logged_by_sender, is_logged_by_receiver; /* in a proved entry of that ledger */
    const char *but;                                 /* a sentence that limits it; NULL */
};

struct evidence_visitor {
    void (*event)(void *ctx, const struct evidence_event *event); /* in time order */
    /* What is not valid, where (fault->field: the path in the bundle), as a sentence. */
    void (*wrong)(void *ctx, const struct tf_fault *fault);
    void *ctx;
};

struct evidence_party {
    char id[KEY_NAME_SIZE], title[CARD_TITLE_SIZE]; /* title "" : no card */
    uint8_t fingerprint[KEY_HASH_SIZE];             /* of the first key */
    bool is_compared; /* with a fingerprint of the user's, and equal */
    size_t rotations;
    int64_t first, last;       /* all messages from first to last are here; 0: no such range */
    size_t messages, received; /* of its messages: here; with the other's receipt */
};
struct evidence_report {
    bool is_valid;
    size_t wrong;
    char line[LINE_ID_SIZE];
    uint8_t digest[KEY_HASH_SIZE]; /* of the file's document */
    struct evidence_party party[2];
    size_t entries, checkpoints, cosignatures, forks;
};

/*
 * TF_OK: the bundle could be read whole, and report->is_valid is the verdict; wrong() was called
 * for each thing that is not right, then event() for each step. Otherwise it cannot be read, and
 * the fault says where it breaks the format: TF_SYNTAX, TF_MISSING, TF_RANGE, TF_TOO_LARGE,
 * TF_UNSUPPORTED ...; TF_NOMEM. Any callback may be NULL.
 */
TF_MUST_CHECK enum tf_status evidence_verify(const void *bytes, size_t len,
                                             const struct evidence_expected *expected, size_t count,
                                             const struct evidence_visitor *visitor,
                                             struct evidence_report *report,
                                             struct tf_fault *fault);

/* --- making ---------------------------------------------------------------------------------- */

/*
 * What a bundle is to be about: a message, a range of them, a time, a place, what fits all that are
 * given; all of the line if none is. With what is chosen go all acknowledgements, amendments
 * and answers of it, and what it is about itself; changes of keys, agreed memoranda,
 * contradictions of what is chosen; receipts, entries of this party's ledger with their proofs, the
 * latest checkpoints of both ledgers.
 *
 * The bundle claims to be complete for the whole line, a range, and a time without a place or list.
 */
struct evidence_selection {
    const char *line;  /* id, a unique beginning of it, or the peer's id */
    const char *card;  /* this party's own, to be in it; NULL */
    bool has_messages; /* of one side, from first to last */
    bool is_own;
    int64_t first, last;
    bool has_time; /* from <= sent < until; with a place: what it speaks of overlaps that */
    int64_t from_us, until_us;
    bool has_place; /* what speaks of a place within the radius */
    double lat_deg, lng_deg, radius_m;
    /* These, each of which there has to be; with a place also what fits place and time. Kept. */
    const struct line_number *list;
    size_t list_count;
    /* Each message that goes into it; NULL. `ctx` is its. */
    void (*taken)(void *ctx, const struct line_message *message);
    void *ctx;
};
/*
 * Appends a bundle and verifies it (*report). Within one transaction of the caller's
 * (sql_begin_reading is enough); neither the context's key nor its card are needed. TF_NOT_FOUND:
 * no such line, nothing fits, or one of the list is not there; TF_LIMIT: too much for one bundle,
 * choose less; TF_SYNTAX: what is in the database does not verify: the fault says what, and nothing
 * is appended.
 */
TF_MUST_CHECK enum tf_status evidence_make(const struct line_context *c,
                                           const struct evidence_selection *selection,
                                           struct tf_buf *out, struct evidence_report *report,
                                           struct tf_fault *fault);

#endif
