/*
 * envelope.h - DSSE envelopes with one Ed25519 signature: messages, receipts, beats.
 *
 * Source: DSSE 1.0 (secure-systems-lab), PAE; docs/line.md.
 */
#ifndef TF_LINE_ENVELOPE_H
#define TF_LINE_ENVELOPE_H

#include "ledger/key.h"
#include <jansson.h>

enum { ENVELOPE_PAYLOAD_MAX = 49152, ENVELOPE_TEXT_MAX = 69632 };

#define ENVELOPE_MESSAGE "application/vnd.tafadi.message+json"
#define ENVELOPE_RECEIPT "application/vnd.tafadi.receipt+json"
#define ENVELOPE_BEAT "application/vnd.tafadi.beat+json"

struct envelope {
    char type[64];
    char *payload; /* owned; terminated */
    size_t payload_len;
    uint8_t keyid[KEY_HASH_SIZE]; /* the fingerprint that it claims */
    uint8_t signature[KEY_SIGNATURE_SIZE];
    uint8_t hash[KEY_HASH_SIZE]; /* of the PAE */
};

/* Fingerprint of a key: SHA-256("tafadi-fingerprint/v1\n" || key). */
void envelope_fingerprint(const struct key_public *key, uint8_t out[KEY_HASH_SIZE]);
void envelope_hash(const char *type, const void *payload, size_t len, uint8_t out[KEY_HASH_SIZE]);
/* Signs the payload and appends the envelope's JSON text. */
TF_MUST_CHECK enum tf_status envelope_make(const struct key_secret *key, const char *type,
                                           const void *payload, size_t len, struct tf_buf *out,
                                           uint8_t hash[KEY_HASH_SIZE]);
/* From JSON (an object; text is at most ENVELOPE_TEXT_MAX). Not verified yet. fault->field names
 * what is wrong. envelope_release is idempotent. */
TF_MUST_CHECK enum tf_status envelope_read(const json_t *json, struct envelope *out,
                                           struct tf_fault *fault);
TF_MUST_CHECK enum tf_status envelope_parse(const char *text, size_t len, struct envelope *out,
                                            struct tf_fault *fault);
bool envelope_verify(const struct envelope *envelope, const char *type,
                     const struct key_public *key);
/* Appends the JSON text, always the same for the same envelope. */
void envelope_print(const struct envelope *envelope, struct tf_buf *out);
void envelope_release(struct envelope *envelope);

#endif
