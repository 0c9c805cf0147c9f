/*
 * check_log.c - what a bundle has of a ledger: checkpoints signed by its party, each grown from
 * the one before, cosigned by the other; entries in the last of them; receipts that name entries.
 */
#include "evidence/internal.h"

#include "ledger/cosign.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The paths of a log's parts. */
static void wrong(struct bundle *bundle, const struct log *log, const char *part, size_t index,
                  const char *message, const char *arg)
{
    char path[64];
    snprintf(path, sizeof path, "ledgers[%d].%s[]", (int)(log - bundle->log), part);
    char *hole = strstr(path, "[]");
    snprintf(hole, sizeof path - (size_t)(hole - path), "[%zu]", index);
    bundle_wrong(bundle, path, 0, TF_SYNTAX, message, arg, NULL);
}

/* --- checkpoints ---------------------------------------------------------------------------- */

/* By a key that the party had. */
static enum note_verdict signed_by(const struct note *note, const char *name, enum note_type type,
                                   const struct side *side, int64_t *time_s)
{
    for (size_t i = 0; i < side->keys; i++) {
        struct note_key key;
        if (!note_key_make(name, type, &side->key[i], &key))
            return NOTE_UNSIGNED;
        enum note_verdict verdict = note_check(note, &key, time_s, NULL);
        if (verdict != NOTE_UNSIGNED)
            return verdict;
    }
    return NOTE_UNSIGNED;
}

static void check_point(struct bundle *bundle, struct log *log, size_t i)
{
    struct point *point = &log->points[i], *before = i > 0 ? point - 1 : NULL;
    const struct side *other = &bundle->side[!log->side];
    int64_t time_s = 0;
    const char *message = NULL;
    enum note_verdict cosigned =
        signed_by(&point->note, other->id, NOTE_COSIGNATURE, other, &time_s);
    if (!checkpoint_is_of(&point->checkpoint, log->origin))
        message = TF_TEXT("The checkpoint is of another ledger than %1.");
    else if (signed_by(&point->note, log->origin, NOTE_ED25519, &bundle->side[log->side], NULL) !=
             NOTE_VALID)
        message = TF_TEXT("The checkpoint of %1 is not signed by a key of its party.");
    else if (cosigned == NOTE_FORGED)
        message = TF_TEXT("The other party's cosignature under the checkpoint of %1 is not right.");
    else if (before && (before->checkpoint.size >= point->checkpoint.size ||
                        !merkle_check_consistency(before->checkpoint.size, &before->checkpoint.root,
                                                  point->checkpoint.size, &point->checkpoint.root,
                                                  &point->proof)))
        message = TF_TEXT("The ledger %1 did not grow from the checkpoint before to this one: "
                          "something was taken away or changed, or the proof is wrong.");
    if (message)
        wrong(bundle, log, "checkpoints", i, message, log->origin);
    point->is_good = !message;
    point->cosigned_s = point->is_good && cosigned == NOTE_VALID ? time_s : 0;
    bundle->report->checkpoints += point->is_good;
    bundle->report->cosignatures += point->cosigned_s != 0;
}

/* --- entries -------------------------------------------------------------------------------- */

/* An entry has the envelope without its payload; the hash beside it finds the message. */
static bool is_entry_of(const struct entry *entry, const struct envelope *envelope)
{
    const json_t *copy = json_object_get(entry->json, "envelope");
    const json_t *signatures = json_object_get(copy, "signatures");
    const char *sig = json_string_value(json_object_get(json_array_get(signatures, 0), "sig"));
    const char *digest = json_string_value(json_object_get(copy, "payload_sha256"));
    uint8_t signature[KEY_SIGNATURE_SIZE], said[KEY_HASH_SIZE], is[KEY_HASH_SIZE];
    key_sha256(&(struct key_piece){envelope->payload, envelope->payload_len}, 1, is);
    return sig && digest && key_unbase64(sig, strlen(sig), signature, sizeof signature) &&
           memcmp(signature, envelope->signature, sizeof signature) == 0 &&
           key_unhex(digest, strlen(digest), said, sizeof said) && memcmp(said, is, sizeof is) == 0;
}

static int by_hash(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    return memcmp(x->hash, y->hash, KEY_HASH_SIZE);
}

/* Messages and receipts, to be found by their hashes. */
static bool name_all(struct bundle *bundle)
{
    bundle->named = calloc(2 * bundle->message_count + 1, sizeof *bundle->named);
    if (!bundle->named)
        return false;
    for (size_t i = 0; i < bundle->message_count; i++) {
        struct item *item = &bundle->items[i];
        if (item->is_good)
            bundle->named[bundle->named_count++] =
                (struct named){item->envelope.hash, &item->envelope, item};
        if (item->is_received)
            bundle->named[bundle->named_count++] =
                (struct named){item->receipt.hash, &item->receipt, item};
    }
    qsort(bundle->named, bundle->named_count, sizeof *bundle->named, by_hash);
    return true;
}

/* What an entry is about: a message, or its receipt. */
static struct named *find_named(const struct bundle *bundle, const struct entry *entry)
{
    const char *text = json_string_value(json_object_get(entry->json, "hash"));
    uint8_t hash[KEY_HASH_SIZE];
    if (!text || !key_unhex(text, strlen(text), hash, sizeof hash))
        return NULL;
    struct named wanted = {.hash = hash};
    struct named *found =
        bsearch(&wanted, bundle->named, bundle->named_count, sizeof *bundle->named, by_hash);
    return found && is_entry_of(entry, found->envelope) ? found : NULL;
}

/* Its party sent the message (or got it back after a restore), or received it. */
static bool notes_message(const struct log *log, const struct entry *entry,
                          const struct named *about)
{
    const char *kind = json_string_value(json_object_get(entry->json, "kind"));
    if (about->envelope != &about->item->envelope || !kind)
        return false;
    return about->item->side == log->side
               ? strcmp(kind, "sent") == 0 || strcmp(kind, "returned") == 0
               : strcmp(kind, "received") == 0;
}

static void check_entry(struct bundle *bundle, struct log *log, size_t i)
{
    struct entry *entry = &log->entries[i];
    const struct point *last = &log->points[log->point_count - 1];
    struct ledger_hash leaf = merkle_leaf(entry->text, strlen(entry->text));
    entry->is_proved =
        last->is_good && merkle_check_inclusion(&leaf, entry->index, last->checkpoint.size,
                                                &entry->proof, &last->checkpoint.root);
    if (!entry->is_proved) {
        wrong(bundle, log, "entries", i,
              TF_TEXT("It is not proved that the entry stands in the ledger %1."), log->origin);
        return;
    }
    if (i > 0 && log->entries[i - 1].index >= entry->index)
        wrong(bundle, log, "entries", i,
              TF_TEXT("The entries of the ledger %1 are not in order, or one is here twice."),
              log->origin);
    struct named *about = find_named(bundle, entry);
    entry->about = about ? about->item : NULL;
    entry->notes_message = about && notes_message(log, entry, about);
    if (entry->notes_message)
        about->item->is_logged[log->side] = true;
    bundle->report->entries++;
}

/* A receipt names the receiver's entry: if that is here, it must be of the same message. */
static void check_named(struct bundle *bundle, const struct log *log, const struct item *item)
{
    size_t low = 0, high = log->entry_count;
    uint64_t index = (uint64_t)item->received.ledger_index;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (log->entries[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < log->entry_count && log->entries[low].index == index &&
        (log->entries[low].about != item || !log->entries[low].notes_message))
        bundle_wrong(bundle, "messages[].receipt", item->index, TF_SYNTAX,
                     TF_TEXT("The receipt names an entry of the ledger %1 that is not of this "
                             "message."),
                     log->origin, NULL);
}

void check_logs(struct bundle *bundle)
{
    if (bundle->log_count > 0 && !name_all(bundle)) {
        bundle->status = TF_NOMEM;
        return;
    }
    for (size_t i = 0; i < bundle->log_count; i++) {
        struct log *log = &bundle->log[i];
        const struct side *side = &bundle->side[log->side];
        if (*side->read.ledger && strcmp(side->read.ledger, log->origin) != 0)
            wrong(bundle, log, "checkpoints", 0,
                  TF_TEXT("The ledger %1 is not the one on the party's card."), log->origin);
        for (size_t k = 0; k < log->point_count; k++)
            check_point(bundle, log, k);
        for (size_t k = 0; k < log->entry_count; k++)
            check_entry(bundle, log, k);
        for (size_t k = 0; k < bundle->message_count; k++)
            if (bundle->items[k].is_received && bundle->items[k].side == !log->side)
                check_named(bundle, log, &bundle->items[k]);
    }
}
