/*
 * key.h - a party's Ed25519 key (RFC 8032): what signs its envelopes, receipts, cards and
 * checkpoints; kept encrypted, or in a file that only its owner reads.
 *
 * The forms of what is signed differ in their first bytes ("DSSEv1 ", "cosignature/v1\n", a
 * note's text that begins with an origin or a title), so one key serves them all and no
 * signature of one can be shown as another's.
 */
#ifndef TF_LEDGER_KEY_H
#define TF_LEDGER_KEY_H

#include "base/buf.h"
#include <stdbool.h>

enum {
    KEY_PUBLIC_SIZE = 32,
    KEY_SEED_SIZE = 32,
    KEY_SIGNATURE_SIZE = 64,
    KEY_HASH_SIZE = 32,
    KEY_NAME_SIZE = 65 /* a party's id: [a-z0-9][a-z0-9.-]{0,63}, terminated */
};

struct key_public {
    uint8_t bytes[KEY_PUBLIC_SIZE];
};
struct key_secret; /* in locked memory; wiped when freed */

/* From a seed (wiped by the caller); key_make: a new one from the system's randomness. */
TF_MUST_CHECK enum tf_status key_from_seed(const uint8_t seed[KEY_SEED_SIZE],
                                           struct key_secret **out);
TF_MUST_CHECK enum tf_status key_make(struct key_secret **out);
void key_free(struct key_secret *key);
struct key_public key_public_of(const struct key_secret *key);
/* The seed itself; the caller wipes it. */
void key_seed_of(const struct key_secret *key, uint8_t seed[KEY_SEED_SIZE]);
void key_sign(const struct key_secret *key, const void *bytes, size_t len,
              uint8_t out[KEY_SIGNATURE_SIZE]);
/* Strict: low order keys and non-canonical signatures are refused (libsodium). */
bool key_verify(const struct key_public *key, const void *bytes, size_t len,
                const uint8_t signature[KEY_SIGNATURE_SIZE]);

/*
 * The key file: text, first line "tafadi-key/v1"; the public key; the seed in base64, plain, or
 * sealed under a passphrase (argon2id moderate, XChaCha20-Poly1305, parameters in the file).
 * passphrase NULL: plain. key_read: TF_MISSING: sealed, and no passphrase given; TF_NOT_FOUND: the
 * passphrase is wrong; TF_SYNTAX: not a key file.
 */
TF_MUST_CHECK enum tf_status key_write(const struct key_secret *key, const char *passphrase,
                                       struct tf_buf *out);
TF_MUST_CHECK enum tf_status key_read(const char *text, size_t len, const char *passphrase,
                                      struct key_secret **out);
/* What can be read without the passphrase. */
TF_MUST_CHECK enum tf_status key_read_public(const char *text, size_t len, struct key_public *out);

/* SHA-256, once and in parts' stead: `count` pieces one after the other. */
struct key_piece {
    const void *bytes;
    size_t len;
};
void key_sha256(const struct key_piece *pieces, size_t count, uint8_t out[KEY_HASH_SIZE]);
/* Lower case hexadecimal and back (exactly 2 * size digits). */
void key_hex(const uint8_t *bytes, size_t size, char *out /* 2 * size + 1 */);
bool key_unhex(const char *text, size_t len, uint8_t *out, size_t size);
/* Base64 (RFC 4648 §4, padded): appended; read strictly (canonical, no blanks). False: not
 * base64, or not exactly `size` bytes / more than `max`. */
void key_base64(const void *bytes, size_t len, struct tf_buf *out);
bool key_unbase64(const char *text, size_t len, uint8_t *out, size_t size);
bool key_unbase64_some(const char *text, size_t len, uint8_t *out, size_t max, size_t *out_len);

/* Whether the text is a party's id. */
bool key_name_is_valid(const char *name);

#endif
