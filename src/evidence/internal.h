/*
 * internal.h - a bundle as its reader leaves it to those who check it.
 */
#ifndef TF_EVIDENCE_INTERNAL_H
#define TF_EVIDENCE_INTERNAL_H

#include "evidence/evidence.h"
#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "line/fields.h"

/* A message, or one that contradicts it. */
struct item {
    size_t index; /* in its list */
    bool is_fork;
    int side; /* of its sender; -1: neither party */
    struct envelope envelope;
    struct message message;
    bool is_good; /* its signature is right, and it belongs to this line */
    bool has_receipt, is_received;
    struct envelope receipt;
    struct receipt received;
    bool is_logged[2];               /* in the ledger of a side */
    uint8_t document[KEY_HASH_SIZE]; /* of a proposal: its hash; else zeros */
};

struct side {
    char id[KEY_NAME_SIZE];
    struct key_public key[EVIDENCE_KEYS_MAX];
    int64_t key_from[EVIDENCE_KEYS_MAX]; /* the first message that it signs */
    size_t keys;
    const char *card; /* borrowed from the document; NULL: none */
    struct card read;
    int64_t first, last; /* 0: no range */
    size_t begin, end;   /* of its messages in bundle->order */
};

struct entry {
    uint64_t index;
    const char *text; /* borrowed */
    struct ledger_proof proof;
    json_t *json; /* owned */
    bool is_proved;
    const struct item *about; /* or about its receipt; NULL: none of the messages here */
    bool notes_message;       /* that it was sent or received */
};
struct point {
    const char *text; /* the note; borrowed */
    struct note note;
    struct checkpoint checkpoint;
    struct ledger_proof proof; /* that it grew from the one before */
    bool is_good;
    int64_t cosigned_s; /* by the other party; 0: not */
};
struct log {
    int side;
    const char *origin;
    struct point *points; /* owned */
    size_t point_count;
    struct entry *entries; /* owned */
    size_t entry_count;
};

/* An envelope, found by its hash. */
struct named {
    const uint8_t *hash;
    const struct envelope *envelope;
    struct item *item;
};

struct bundle {
    json_t *document;
    char line[LINE_ID_SIZE];
    int64_t round;
    struct side side[2];
    struct item *items; /* owned: messages, then forks */
    size_t message_count, item_count;
    struct item **order; /* owned: messages by side and number */
    struct named *named; /* owned */
    size_t named_count;
    struct log log[2];
    size_t log_count;
    const struct evidence_visitor *visitor;
    struct evidence_report *report;
    enum tf_status status; /* TF_NOMEM */
};

/* read.c: bundle is zero before; bundle_release after both outcomes. */
TF_MUST_CHECK enum tf_status bundle_read(const char *text, size_t len, struct bundle *out,
                                         struct tf_fault *fault);
TF_MUST_CHECK enum tf_status bundle_read_log(const struct tf_json *at, struct bundle *bundle,
                                             struct log *out,
                                             struct tf_fault *fault); /* read_log.c */
/* Members that are not in the list (which ends with NULL) are refused. */
TF_MUST_CHECK enum tf_status bundle_members(const struct tf_json *at, const char *const *names,
                                            struct tf_fault *fault);
void bundle_release(struct bundle *bundle);

/* Says that something is wrong at a path, e.g. "messages[%zu].receipt". */
void bundle_wrong(struct bundle *bundle, const char *path, size_t index, enum tf_status code,
                  const char *message, const char *arg1, const char *arg2);
int bundle_side(const struct bundle *bundle, const char *id); /* -1: neither party */
/* The message of a side; NULL: not here. */
const struct item *bundle_message(const struct bundle *bundle, int side, int64_t seq);
/* A key of the side that the envelope names; NULL: none that is known. */
const struct key_public *bundle_key_named(const struct side *side,
                                          const uint8_t keyid[KEY_HASH_SIZE]);

void check_messages(struct bundle *bundle); /* check.c: keys, signatures, chains, ranges, forks */
void check_receipts(struct bundle *bundle); /* check_receipts.c */
void check_cards(struct bundle *bundle);
void check_expected(struct bundle *bundle, const struct evidence_expected *expected, size_t count);
void check_logs(struct bundle *bundle); /* check_log.c */
void tell_story(struct bundle *bundle); /* story.c */

#endif
