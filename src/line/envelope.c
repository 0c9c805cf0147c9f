/*
 * envelope.c - DSSE envelopes: what is signed, made and read.
 *
 * PAE (DSSE 1.0): "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body, lengths in ASCII decimal.
 */
#include "line/envelope.h"

#include "line/fields.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_SIZE = sizeof((struct envelope *)NULL)->type, PAE_HEAD_SIZE = TYPE_SIZE + 64 };

void envelope_fingerprint(const struct key_public *key, uint8_t out[KEY_HASH_SIZE])
{
    static const char title[] = "tafadi-fingerprint/v1\n";
    const struct key_piece pieces[] = {{title, sizeof title - 1}, {key->bytes, KEY_PUBLIC_SIZE}};
    key_sha256(pieces, 2, out);
}

/* All of the PAE that stands before the body; its length. */
static size_t pae_head(const char *type, size_t len, char out[PAE_HEAD_SIZE])
{
    int n = snprintf(out, PAE_HEAD_SIZE, "DSSEv1 %zu %s %zu ", strlen(type), type, len);
    return n > 0 && n < PAE_HEAD_SIZE ? (size_t)n : 0;
}

void envelope_hash(const char *type, const void *payload, size_t len, uint8_t out[KEY_HASH_SIZE])
{
    char head[PAE_HEAD_SIZE];
    const struct key_piece pieces[] = {{head, pae_head(type, len, head)}, {payload, len}};
    key_sha256(pieces, 2, out);
}

/* The PAE in one piece, on the stack: so that lack of memory never looks like a forgery. */
struct pae {
    size_t len;
    char bytes[PAE_HEAD_SIZE + ENVELOPE_PAYLOAD_MAX];
};

static void pae_write(const char *type, const void *payload, size_t len, struct pae *out)
{
    out->len = pae_head(type, len, out->bytes);
    memcpy(out->bytes + out->len, payload, len);
    out->len += len;
}

enum tf_status envelope_make(const struct key_secret *key, const char *type, const void *payload,
                             size_t len, struct tf_buf *out, uint8_t hash[KEY_HASH_SIZE])
{
    struct envelope envelope = {.payload = (char *)payload, .payload_len = len};
    struct pae pae;
    if (len > ENVELOPE_PAYLOAD_MAX || strlen(type) >= TYPE_SIZE)
        return TF_LIMIT;
    struct key_public public_key = key_public_of(key);
    memcpy(envelope.type, type, strlen(type) + 1);
    envelope_fingerprint(&public_key, envelope.keyid);
    pae_write(type, payload, len, &pae);
    key_sign(key, pae.bytes, pae.len, envelope.signature);
    envelope_print(&envelope, out);
    envelope_hash(type, payload, len, hash);
    return tf_buf_status(out);
}

bool envelope_verify(const struct envelope *envelope, const char *type,
                     const struct key_public *key)
{
    uint8_t keyid[KEY_HASH_SIZE];
    struct pae pae;
    if (strcmp(envelope->type, type) != 0 || envelope->payload_len > ENVELOPE_PAYLOAD_MAX)
        return false;
    envelope_fingerprint(key, keyid);
    if (memcmp(keyid, envelope->keyid, sizeof keyid) != 0)
        return false;
    pae_write(type, envelope->payload, envelope->payload_len, &pae);
    return key_verify(key, pae.bytes, pae.len, envelope->signature);
}

void envelope_print(const struct envelope *envelope, struct tf_buf *out)
{
    char keyid[2 * KEY_HASH_SIZE + 1];
    key_hex(envelope->keyid, KEY_HASH_SIZE, keyid);
    tf_buf_text(out, "{\"payloadType\":");
    tf_buf_json(out, envelope->type);
    tf_buf_text(out, ",\"payload\":\"");
    key_base64(envelope->payload, envelope->payload_len, out);
    tf_buf_printf(out, "\",\"signatures\":[{\"keyid\":\"%s\",\"sig\":\"", keyid);
    key_base64(envelope->signature, KEY_SIGNATURE_SIZE, out);
    tf_buf_text(out, "\"}]}");
}

/* --- reading ------------------------------------------------------------------------------ */

static enum tf_status read_type(const struct tf_json *at, struct envelope *out,
                                struct tf_fault *fault)
{
    const char *type;
    enum tf_status rc = fields_text(at, TYPE_SIZE - 1, &type, fault);
    if (!rc)
        memcpy(out->type, type, strlen(type) + 1);
    return rc;
}

static enum tf_status read_payload(const struct tf_json *at, struct envelope *out,
                                   struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (rc)
        return rc;
    size_t len = strlen(text), most = len / 4 * 3;
    if (most > ENVELOPE_PAYLOAD_MAX + 2)
        return tf_json_fault(at, TF_TOO_LARGE, TF_TEXT("A payload has at most 49152 bytes."), NULL,
                             NULL, fault);
    out->payload = malloc(most + 1);
    if (!out->payload)
        return tf_json_fault(at, TF_NOMEM, NULL, NULL, NULL, fault);
    if (!key_unbase64_some(text, len, (uint8_t *)out->payload, most, &out->payload_len))
        return tf_json_fault(at, TF_SYNTAX, TF_TEXT("This is not base64 as RFC 4648 has it."), NULL,
                             NULL, fault);
    if (out->payload_len > ENVELOPE_PAYLOAD_MAX)
        return tf_json_fault(at, TF_TOO_LARGE, TF_TEXT("A payload has at most 49152 bytes."), NULL,
                             NULL, fault);
    out->payload[out->payload_len] = '\0';
    return TF_OK;
}

static enum tf_status read_signature(const struct tf_json *list, struct envelope *out,
                                     struct tf_fault *fault)
{
    struct tf_json one = tf_json_item(list, 0);
    struct tf_json keyid = tf_json_get(&one, "keyid"), sig = tf_json_get(&one, "sig");
    enum tf_status rc = tf_json_array(list, fault);
    if (!rc && tf_json_count(list) != 1)
        rc = tf_json_fault(list, TF_UNSUPPORTED, TF_TEXT("An envelope has exactly one signature."),
                           NULL, NULL, fault);
    if (!rc)
        rc = tf_json_object(&one, fault);
    if (!rc)
        rc = fields_hex(&keyid, out->keyid, KEY_HASH_SIZE, fault);
    return rc ? rc : fields_base64(&sig, out->signature, KEY_SIGNATURE_SIZE, fault);
}

enum tf_status envelope_read(const json_t *json, struct envelope *out, struct tf_fault *fault)
{
    struct tf_json root = tf_json_root(json);
    struct tf_json type = tf_json_get(&root, "payloadType"),
                   payload = tf_json_get(&root, "payload");
    struct tf_json signatures = tf_json_get(&root, "signatures");
    struct envelope envelope = {0};
    enum tf_status rc = tf_json_object(&root, fault);
    if (!rc)
        rc = read_type(&type, &envelope, fault);
    if (!rc)
        rc = read_payload(&payload, &envelope, fault);
    if (!rc)
        rc = read_signature(&signatures, &envelope, fault);
    if (rc) {
        envelope_release(&envelope);
        return rc;
    }
    envelope_hash(envelope.type, envelope.payload, envelope.payload_len, envelope.hash);
    *out = envelope;
    return TF_OK;
}

enum tf_status envelope_parse(const char *text, size_t len, struct envelope *out,
                              struct tf_fault *fault)
{
    json_t *json = NULL;
    enum tf_status rc = fields_parse(text, len, ENVELOPE_TEXT_MAX, &json, fault);
    if (!rc)
        rc = envelope_read(json, out, fault);
    json_decref(json);
    return rc;
}

void envelope_release(struct envelope *envelope)
{
    free(envelope->payload);
    *envelope = (struct envelope){0};
}
