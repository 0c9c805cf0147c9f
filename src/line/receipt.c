/*
 * receipt.c - receipts and beats: what machines say to each other, signed.
 */
#include "line/fields.h"
#include "line/message.h"

#include <string.h>

enum tf_status receipt_print(const struct receipt *receipt, struct tf_buf *out)
{
    fields_put_head(out, receipt->line, receipt->from, receipt->to);
    fields_put_integer(out, "of", receipt->of);
    fields_put_hex(out, "envelope", receipt->envelope, KEY_HASH_SIZE);
    fields_put_integer(out, "ledger_index", receipt->ledger_index);
    fields_put_time(out, "received_at", receipt->received_us);
    tf_buf_char(out, '}');
    return tf_buf_status(out);
}

static enum tf_status read_receipt(const struct tf_json *root, struct receipt *out,
                                   struct tf_fault *fault)
{
    struct tf_json of = tf_json_get(root, "of"), envelope = tf_json_get(root, "envelope");
    struct tf_json index = tf_json_get(root, "ledger_index");
    struct tf_json received = tf_json_get(root, "received_at");
    struct fields_head head = {0};
    enum tf_status rc = fields_head(root, &head, fault);
    if (!rc)
        rc = fields_integer(&of, 1, FIELDS_INTEGER_MAX, &out->of, fault);
    if (!rc)
        rc = fields_hex(&envelope, out->envelope, KEY_HASH_SIZE, fault);
    if (!rc)
        rc = fields_integer(&index, 0, FIELDS_INTEGER_MAX, &out->ledger_index, fault);
    if (!rc)
        rc = fields_time(&received, &out->received_us, fault);
    if (rc)
        return rc;
    memcpy(out->line, head.line, sizeof out->line);
    memcpy(out->from, head.from, sizeof out->from);
    memcpy(out->to, head.to, sizeof out->to);
    return TF_OK;
}

enum tf_status receipt_parse(const char *payload, size_t len, struct receipt *out,
                             struct tf_fault *fault)
{
    json_t *json = NULL;
    struct receipt receipt = {0};
    enum tf_status rc = fields_parse(payload, len, ENVELOPE_PAYLOAD_MAX, &json, fault);
    if (!rc) {
        struct tf_json root = tf_json_root(json);
        rc = read_receipt(&root, &receipt, fault);
    }
    json_decref(json);
    if (!rc)
        *out = receipt;
    return rc;
}

enum tf_status beat_print(const struct beat *beat, struct tf_buf *out)
{
    fields_put_head(out, beat->line, beat->from, beat->to);
    fields_put_time(out, "at", beat->at_us);
    fields_put_integer(out, "have", beat->have);
    fields_put_integer(out, "sent", beat->sent);
    fields_put_integer(out, "receipted", beat->receipted);
    if (beat->return_from)
        fields_put_integer(out, "return_from", beat->return_from);
    tf_buf_char(out, '}');
    return tf_buf_status(out);
}

static enum tf_status read_beat(const struct tf_json *root, struct beat *out,
                                struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(root, "at"), have = tf_json_get(root, "have");
    struct tf_json sent = tf_json_get(root, "sent"), receipted = tf_json_get(root, "receipted");
    struct tf_json from = tf_json_get(root, "return_from");
    struct fields_head head = {0};
    enum tf_status rc = fields_head(root, &head, fault);
    if (!rc)
        rc = fields_time(&at, &out->at_us, fault);
    if (!rc)
        rc = fields_integer(&have, 0, FIELDS_INTEGER_MAX, &out->have, fault);
    if (!rc)
        rc = fields_integer(&sent, 0, FIELDS_INTEGER_MAX, &out->sent, fault);
    if (!rc)
        rc = fields_integer(&receipted, 0, out->sent, &out->receipted, fault);
    if (!rc && tf_json_there(&from))
        rc = fields_integer(&from, 1, FIELDS_INTEGER_MAX, &out->return_from, fault);
    if (rc)
        return rc;
    memcpy(out->line, head.line, sizeof out->line);
    memcpy(out->from, head.from, sizeof out->from);
    memcpy(out->to, head.to, sizeof out->to);
    return TF_OK;
}

enum tf_status beat_parse(const char *payload, size_t len, struct beat *out, struct tf_fault *fault)
{
    json_t *json = NULL;
    struct beat beat = {0};
    enum tf_status rc = fields_parse(payload, len, ENVELOPE_PAYLOAD_MAX, &json, fault);
    if (!rc) {
        struct tf_json root = tf_json_root(json);
        rc = read_beat(&root, &beat, fault);
    }
    json_decref(json);
    if (!rc)
        *out = beat;
    return rc;
}
