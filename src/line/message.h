/*
 * message.h - the messages of a line: one table of types, what each needs, when it may be sent;
 * payloads in and out.
 */
#ifndef TF_LINE_MESSAGE_H
#define TF_LINE_MESSAGE_H

#include "line/card.h"
#include "line/envelope.h"
#include <tafadi/volume.h>

enum message_type {
    MESSAGE_OPEN,
    MESSAGE_SUSPEND,
    MESSAGE_RESUME,
    MESSAGE_CLOSE,
    MESSAGE_ROTATE,
    MESSAGE_SEEN,
    MESSAGE_FORWARDED,
    MESSAGE_ANSWERED,
    MESSAGE_DANGER,
    MESSAGE_DISTRESS,
    MESSAGE_INCIDENT,
    MESSAGE_TEXT,
    MESSAGE_PHRASE,
    MESSAGE_NOTICE,
    MESSAGE_WITHDRAW,
    MESSAGE_QUESTION,
    MESSAGE_ANSWER,
    MESSAGE_DRILL,
    MESSAGE_PROPOSE,
    MESSAGE_ACCEPT,
    MESSAGE_DECLINE,
    MESSAGE_UNKNOWN, /* kept, without effect */
    MESSAGE_TYPE_COUNT
};

/* What a type asks of its receiver. */
enum { MESSAGE_ASKS_SEEN = 1, MESSAGE_ASKS_READBACK = 2, MESSAGE_ASKS_ANSWER = 4 };

struct message_kind {
    const char *name; /* "line.open" */
    bool is_floor;    /* passes in all states but closed */
    unsigned asks;
};
const struct message_kind *message_kind(enum message_type type);
enum message_type message_type_named(const char *name, size_t len); /* MESSAGE_UNKNOWN */

/* The roles of a cell; a ladder is made of them. */
enum { MESSAGE_ROLE_SIZE = 32, MESSAGE_TYPE_SIZE = 32 };

struct message {
    char line[LINE_ID_SIZE];
    char from[KEY_NAME_SIZE], to[KEY_NAME_SIZE];
    int64_t seq;
    uint8_t prev[KEY_HASH_SIZE];
    int64_t sent_us;
    enum message_type type;
    char type_name[MESSAGE_TYPE_SIZE];
    char role[MESSAGE_ROLE_SIZE];                    /* of who sends it */
    int64_t deliver_by_us, seen_by_us, answer_by_us; /* 0: none */
    json_t *body;                                    /* owned; an object */
};
void message_release(struct message *message);

/* The payload's exact bytes, appended. */
TF_MUST_CHECK enum tf_status message_print(const struct message *message, struct tf_buf *out);
/* Strict for the known fields; unknown fields are let be. The body of a known type is checked
 * by message_check_body. */
TF_MUST_CHECK enum tf_status message_parse(const char *payload, size_t len, struct message *out,
                                           struct tf_fault *fault);
/* Every field of the body by its type: bounds, languages, times, geometry. */
TF_MUST_CHECK enum tf_status message_check_body(enum message_type type, const json_t *body,
                                                struct tf_fault *fault);

/* Where and when, of a body that has it (notice, danger, ...): the centre of what is meant
 * and its time. False: none. */
struct message_place {
    double lat_deg, lng_deg;
    int64_t start_us, end_us; /* 0: none */
};
bool message_place(enum message_type type, const json_t *body, struct message_place *out);
/* Is what was read back what was said? Within 50 m and 60 s. */
enum { MESSAGE_READBACK_M = 50, MESSAGE_READBACK_S = 60 };
bool message_readback_matches(const struct message_place *said, const struct message_place *read);

struct receipt {
    char line[LINE_ID_SIZE];
    char from[KEY_NAME_SIZE], to[KEY_NAME_SIZE];
    int64_t of;
    uint8_t envelope[KEY_HASH_SIZE];
    int64_t ledger_index, received_us;
};
TF_MUST_CHECK enum tf_status receipt_print(const struct receipt *receipt, struct tf_buf *out);
TF_MUST_CHECK enum tf_status receipt_parse(const char *payload, size_t len, struct receipt *out,
                                           struct tf_fault *fault);

struct beat {
    char line[LINE_ID_SIZE];
    char from[KEY_NAME_SIZE], to[KEY_NAME_SIZE];
    int64_t at_us, have, sent, receipted, return_from; /* 0: nothing to return */
};
TF_MUST_CHECK enum tf_status beat_print(const struct beat *beat, struct tf_buf *out);
TF_MUST_CHECK enum tf_status beat_parse(const char *payload, size_t len, struct beat *out,
                                        struct tf_fault *fault);

/* Quick phrases: a number, a sentence in each language with places %1 %2 %3, what the
 * arguments are. Ids "p01"... never change their meaning. */
struct phrase {
    const char *id;
    const char *english, *arabic, *russian;
    const char *args[3]; /* names; NULL beyond the last */
};
const struct phrase *phrase_list(size_t *count);
const struct phrase *phrase_named(const char *id);
/* The sentence in a language, filled from body.args. */
TF_MUST_CHECK enum tf_status phrase_text(const struct phrase *phrase, const char *language,
                                         const json_t *args, struct tf_buf *out);

#endif
