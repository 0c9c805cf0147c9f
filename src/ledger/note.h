/*
 * note.h - C2SP signed notes: a text, an empty line, and signature lines
 * "— <name> <base64 of key id and signature>"; and the keys that verify them.
 */
#ifndef TF_LEDGER_NOTE_H
#define TF_LEDGER_NOTE_H

#include "ledger/key.h"

enum {
    NOTE_MAX = 131072, /* bytes that are read; 16 large post-quantum signatures fit */
    NOTE_SIGNATURES_MAX = 64,
    NOTE_NAME_SIZE = 256,
    NOTE_KEY_ID_SIZE = 4,
    NOTE_VKEY_SIZE = NOTE_NAME_SIZE + 64
};

enum note_type {
    NOTE_ED25519 = 1,    /* over the text */
    NOTE_COSIGNATURE = 4 /* over the time and the text: cosign.h */
};

/* A key that verifies: "name+hex of the id+base64 of type and key" as text (vkey). */
struct note_key {
    char name[NOTE_NAME_SIZE];
    enum note_type type;
    struct key_public key;
    uint8_t id[NOTE_KEY_ID_SIZE];
};
/* False: the name is empty, too long, or has a space, a plus or a control character in it. */
bool note_key_make(const char *name, enum note_type type, const struct key_public *key,
                   struct note_key *out);
/* TF_UNSUPPORTED: another kind of key; TF_SYNTAX: not a vkey, or its id is not right. */
TF_MUST_CHECK enum tf_status note_key_read(const char *vkey, struct note_key *out);
void note_key_print(const struct note_key *key, struct tf_buf *out);

/* All borrowed from the note's bytes. */
struct note_signature {
    const char *name, *base64, *line;
    size_t name_len, base64_len, line_len; /* the line with its line feed */
    uint8_t id[NOTE_KEY_ID_SIZE];
};
struct note {
    const char *text;
    size_t text_len; /* with the last line feed, without the empty line */
    struct note_signature signature[NOTE_SIGNATURES_MAX];
    size_t count;
};
/* TF_SYNTAX: not a signed note; TF_TOO_LARGE: too long, or too many signatures. Nothing is
 * verified. */
TF_MUST_CHECK enum tf_status note_read(const char *bytes, size_t len, struct note *out);

enum note_verdict {
    NOTE_UNSIGNED, /* none by this key */
    NOTE_VALID,
    NOTE_FORGED /* one that names this key and does not verify: refuse the whole note */
};
/* *time_s (may be NULL): when a cosignature was made. */
enum note_verdict note_check(const struct note *note, const struct note_key *key, int64_t *time_s,
                             size_t *which);
/* Appends the line that signs the text. */
void note_sign(const char *text, size_t len, const struct note_key *as,
               const struct key_secret *key, struct tf_buf *out);
/* Appends a line of these bytes of signature. */
void note_line(const struct note_key *as, const void *signature, size_t len, struct tf_buf *out);

#endif
