/*
 * read.c - a bundle taken apart: its first line, and the document, strictly. Nothing is verified
 * here but that it follows the format.
 */
#include "evidence/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum tf_status bundle_members(const struct tf_json *at, const char *const *names,
                              struct tf_fault *fault)
{
    enum tf_status rc = tf_json_object(at, fault);
    json_t *all = (json_t *)at->value; /* jansson's iterators are not const */
    for (void *i = rc ? NULL : json_object_iter(all); i; i = json_object_iter_next(all, i)) {
        struct tf_json value = {
            .up = at, .key = json_object_iter_key(i), .value = json_object_iter_value(i)};
        size_t k = 0;
        while (names[k] && strcmp(names[k], value.key) != 0)
            k++;
        if (!names[k])
            return tf_json_fault(&value, TF_UNSUPPORTED,
                                 TF_TEXT("A bundle has no such member here."), NULL, NULL, fault);
        if (json_is_null(value.value))
            return tf_json_fault(&value, TF_SYNTAX,
                                 TF_TEXT("A member that is not there is left out, not null."), NULL,
                                 NULL, fault);
    }
    return rc;
}

static enum tf_status check_count(const struct tf_json *at, size_t most, struct tf_fault *fault)
{
    char high[24];
    enum tf_status rc = tf_json_array(at, fault);
    if (rc || tf_json_count(at) <= most)
        return rc;
    snprintf(high, sizeof high, "%zu", most);
    return tf_json_fault(at, TF_TOO_LARGE, TF_TEXT("This must have between %1 and %2 items."), "0",
                         high, fault);
}

/* --- parties and ranges --------------------------------------------------------------------- */

static enum tf_status read_party(const struct tf_json *at, struct side *out, struct tf_fault *fault)
{
    static const char *const names[] = {"id", "key", "card", NULL};
    struct tf_json id = tf_json_get(at, "id"), key = tf_json_get(at, "key");
    struct tf_json card = tf_json_get(at, "card");
    enum tf_status rc = bundle_members(at, names, fault);
    if (!rc)
        rc = fields_name(&id, out->id, fault);
    if (!rc)
        rc = fields_base64(&key, out->key[0].bytes, KEY_PUBLIC_SIZE, fault);
    if (!rc && tf_json_there(&card))
        rc = tf_json_text(&card, &out->card, fault);
    out->key_from[0] = 1;
    out->keys = 1;
    return rc;
}

static enum tf_status read_parties(const struct tf_json *root, struct bundle *out,
                                   struct tf_fault *fault)
{
    struct tf_json list = tf_json_get(root, "parties");
    enum tf_status rc = tf_json_array(&list, fault);
    if (!rc && tf_json_count(&list) != 2)
        rc = tf_json_fault(&list, TF_RANGE, TF_TEXT("A line has two parties."), NULL, NULL, fault);
    for (size_t i = 0; !rc && i < 2; i++) {
        struct tf_json item = tf_json_item(&list, i);
        rc = read_party(&item, &out->side[i], fault);
    }
    if (!rc && strcmp(out->side[0].id, out->side[1].id) == 0)
        rc = tf_json_fault(&list, TF_SYNTAX, TF_TEXT("The two parties are the same."), NULL, NULL,
                           fault);
    return rc;
}

int bundle_side(const struct bundle *bundle, const char *id)
{
    for (int i = 0; i < 2; i++)
        if (strcmp(bundle->side[i].id, id) == 0)
            return i;
    return -1;
}

/* The party that a member names. */
static enum tf_status read_side(const struct tf_json *at, const struct bundle *bundle, int *out,
                                struct tf_fault *fault)
{
    char id[KEY_NAME_SIZE];
    enum tf_status rc = fields_name(at, id, fault);
    int side = rc ? -1 : bundle_side(bundle, id);
    if (!rc && side < 0)
        rc = tf_json_fault(at, TF_NOT_FOUND, TF_TEXT("%1 is not a party of this line."), id, NULL,
                           fault);
    if (!rc)
        *out = side;
    return rc;
}

static enum tf_status read_range(const struct tf_json *at, struct bundle *out,
                                 struct tf_fault *fault)
{
    static const char *const names[] = {"from", "first", "last", NULL};
    struct tf_json from = tf_json_get(at, "from"), first = tf_json_get(at, "first");
    struct tf_json last = tf_json_get(at, "last");
    int64_t first_seq = 0, last_seq = 0;
    int side = 0;
    enum tf_status rc = bundle_members(at, names, fault);
    if (!rc)
        rc = read_side(&from, out, &side, fault);
    if (!rc)
        rc = fields_integer(&first, 1, FIELDS_INTEGER_MAX, &first_seq, fault);
    if (!rc)
        rc = fields_integer(&last, first_seq, FIELDS_INTEGER_MAX, &last_seq, fault);
    if (!rc && out->side[side].first)
        rc = tf_json_fault(at, TF_EXISTS, TF_TEXT("This stands here twice."), NULL, NULL, fault);
    if (!rc) {
        out->side[side].first = first_seq;
        out->side[side].last = last_seq;
    }
    return rc;
}

static enum tf_status read_ranges(const struct tf_json *root, struct bundle *out,
                                  struct tf_fault *fault)
{
    struct tf_json list = tf_json_get(root, "ranges");
    enum tf_status rc = check_count(&list, 2, fault);
    for (size_t i = 0; !rc && i < tf_json_count(&list); i++) {
        struct tf_json item = tf_json_item(&list, i);
        rc = read_range(&item, out, fault);
    }
    return rc;
}

/* --- messages -------------------------------------------------------------------------------- */

/* What is not signed in an envelope must not say anything. */
static enum tf_status read_envelope(const struct tf_json *at, struct envelope *out,
                                    struct tf_fault *fault)
{
    static const char *const names[] = {"payloadType", "payload", "signatures", NULL};
    static const char *const signature_names[] = {"keyid", "sig", NULL};
    struct tf_json signatures = tf_json_get(at, "signatures");
    struct tf_json one = tf_json_item(&signatures, 0);
    enum tf_status rc = bundle_members(at, names, fault);
    if (!rc) {
        rc = envelope_read(at->value, out, fault);
        if (rc)
            tf_json_prefix(at, false, fault);
    }
    return rc ? rc : bundle_members(&one, signature_names, fault);
}

static enum tf_status read_message(const struct tf_json *at, struct bundle *bundle,
                                   struct item *out, struct tf_fault *fault)
{
    struct tf_json payload = tf_json_get(at, "payload");
    enum tf_status rc = read_envelope(at, &out->envelope, fault);
    if (rc)
        return rc;
    rc = message_parse(out->envelope.payload, out->envelope.payload_len, &out->message, fault);
    if (rc)
        tf_json_prefix(&payload, false, fault);
    else
        out->side = bundle_side(bundle, out->message.from);
    return rc;
}

static enum tf_status read_receipt(const struct tf_json *at, struct item *out,
                                   struct tf_fault *fault)
{
    struct tf_json payload = tf_json_get(at, "payload");
    enum tf_status rc = read_envelope(at, &out->receipt, fault);
    if (rc)
        return rc;
    rc = receipt_parse(out->receipt.payload, out->receipt.payload_len, &out->received, fault);
    if (rc)
        tf_json_prefix(&payload, false, fault);
    out->has_receipt = !rc;
    return rc;
}

static enum tf_status read_item(const struct tf_json *at, struct bundle *bundle, struct item *out,
                                struct tf_fault *fault)
{
    static const char *const names[] = {"envelope", "receipt", NULL};
    struct tf_json envelope = tf_json_get(at, "envelope"), receipt = tf_json_get(at, "receipt");
    enum tf_status rc = bundle_members(at, names, fault);
    if (!rc)
        rc = read_message(&envelope, bundle, out, fault);
    return rc || !tf_json_there(&receipt) ? rc : read_receipt(&receipt, out, fault);
}

static enum tf_status read_messages(const struct tf_json *root, struct bundle *out,
                                    struct tf_fault *fault)
{
    struct tf_json messages = tf_json_get(root, "messages"), forks = tf_json_get(root, "forks");
    enum tf_status rc = check_count(&messages, EVIDENCE_MESSAGES_MAX, fault);
    if (!rc && tf_json_there(&forks))
        rc = check_count(&forks, EVIDENCE_FORKS_MAX, fault);
    if (rc)
        return rc;
    size_t count = tf_json_count(&messages), all = count + tf_json_count(&forks);
    out->items = calloc(all + 1, sizeof *out->items);
    out->order = calloc(count + 1, sizeof *out->order);
    if (!out->items || !out->order)
        return tf_fault_set(fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    out->message_count = count;
    for (size_t i = 0; !rc && i < all; i++) {
        struct item *item = &out->items[out->item_count++];
        bool is_fork = i >= count;
        struct tf_json at = tf_json_item(is_fork ? &forks : &messages, is_fork ? i - count : i);
        item->is_fork = is_fork;
        item->index = is_fork ? i - count : i;
        rc = is_fork ? read_message(&at, out, item, fault) : read_item(&at, out, item, fault);
    }
    return rc;
}

static enum tf_status read_logs(const struct tf_json *root, struct bundle *out,
                                struct tf_fault *fault)
{
    struct tf_json list = tf_json_get(root, "ledgers");
    enum tf_status rc = check_count(&list, 2, fault);
    for (size_t i = 0; !rc && i < tf_json_count(&list); i++) {
        struct tf_json item = tf_json_item(&list, i), party = tf_json_get(&item, "party");
        struct log *log = &out->log[out->log_count++];
        rc = tf_json_object(&item, fault);
        if (!rc)
            rc = read_side(&party, out, &log->side, fault);
        if (!rc && i > 0 && out->log[0].side == log->side)
            rc = tf_json_fault(&party, TF_EXISTS, TF_TEXT("This stands here twice."), NULL, NULL,
                               fault);
        if (!rc)
            rc = bundle_read_log(&item, out, log, fault);
    }
    return rc;
}

static enum tf_status read_document(const struct tf_json *root, struct bundle *out,
                                    struct tf_fault *fault)
{
    static const char *const names[] = {"line",     "round", "parties", "ranges",
                                        "messages", "forks", "ledgers", NULL};
    struct tf_json line = tf_json_get(root, "line"), round = tf_json_get(root, "round");
    uint8_t id[(LINE_ID_SIZE - 1) / 2];
    enum tf_status rc = bundle_members(root, names, fault);
    if (!rc)
        rc = fields_hex(&line, id, sizeof id, fault);
    if (!rc)
        key_hex(id, sizeof id, out->line);
    if (!rc)
        rc = fields_integer(&round, 1, 1000000, &out->round, fault);
    if (!rc)
        rc = read_parties(root, out, fault);
    if (!rc)
        rc = read_ranges(root, out, fault);
    if (!rc)
        rc = read_messages(root, out, fault);
    return rc ? rc : read_logs(root, out, fault);
}

/* --- the first line -------------------------------------------------------------------------- */

enum {
    TITLE_LEN = sizeof EVIDENCE_FORMAT, /* with the blank */
    HEAD_LEN = TITLE_LEN + 2 * KEY_HASH_SIZE + 1
};

static bool read_head(const char *text, size_t len, uint8_t digest[KEY_HASH_SIZE])
{
    return len > HEAD_LEN && memcmp(text, EVIDENCE_FORMAT " ", TITLE_LEN) == 0 &&
           text[HEAD_LEN - 1] == '\n' &&
           key_unhex(text + TITLE_LEN, (size_t)2 * KEY_HASH_SIZE, digest, KEY_HASH_SIZE);
}

enum tf_status bundle_read(const char *text, size_t len, struct bundle *out, struct tf_fault *fault)
{
    uint8_t said[KEY_HASH_SIZE], *digest = out->report->digest;
    if (len > EVIDENCE_MAX)
        return tf_fault_set(fault, TF_TOO_LARGE, TF_NO_INDEX, "",
                            TF_TEXT("This is longer than it may be."), NULL, NULL, NULL);
    if (!read_head(text, len, said))
        return tf_fault_set(fault, TF_SYNTAX, TF_NO_INDEX, "",
                            TF_TEXT("This is not an evidence bundle: it does not begin with "
                                    "tafadi-evidence/v1 and a SHA-256."),
                            NULL, NULL, NULL);
    key_sha256(&(struct key_piece){text + HEAD_LEN, len - HEAD_LEN}, 1, digest);
    enum tf_status rc =
        fields_parse(text + HEAD_LEN, len - HEAD_LEN, EVIDENCE_MAX, &out->document, fault);
    if (rc)
        return rc;
    struct tf_json root = tf_json_root(out->document);
    rc = read_document(&root, out, fault);
    if (!rc && memcmp(said, digest, sizeof said) != 0)
        bundle_wrong(out, "", TF_NO_INDEX, TF_SYNTAX,
                     TF_TEXT("The bundle is not the one that was made: its SHA-256 is another than "
                             "its first line says. Ask for it again."),
                     NULL, NULL);
    return rc;
}

void bundle_release(struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->item_count; i++) {
        envelope_release(&bundle->items[i].envelope);
        envelope_release(&bundle->items[i].receipt);
        message_release(&bundle->items[i].message);
    }
    for (size_t i = 0; i < bundle->log_count; i++) {
        for (size_t k = 0; k < bundle->log[i].entry_count; k++)
            json_decref(bundle->log[i].entries[k].json);
        free(bundle->log[i].entries);
        free(bundle->log[i].points);
    }
    free(bundle->items);
    free(bundle->order);
    free(bundle->named);
    json_decref(bundle->document);
}
