/*
 * read_log.c - the part of a bundle that comes from a party's ledger: checkpoints, entries, proofs.
 */
#include "evidence/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum tf_status read_proof(const struct tf_json *at, struct ledger_proof *out,
                                 struct tf_fault *fault)
{
    enum tf_status rc = tf_json_array(at, fault);
    if (!rc && tf_json_count(at) > LEDGER_PROOF_MAX)
        rc = tf_json_fault(at, TF_TOO_LARGE, TF_TEXT("A proof has at most 64 hashes."), NULL, NULL,
                           fault);
    for (size_t i = 0; !rc && i < tf_json_count(at); i++) {
        struct tf_json item = tf_json_item(at, i);
        rc = fields_base64(&item, out->hash[i].bytes, KEY_HASH_SIZE, fault);
        out->count = i + 1;
    }
    return rc;
}

/* The first grew from nothing. */
static enum tf_status read_point(const struct tf_json *at, bool is_first, struct point *out,
                                 struct tf_fault *fault)
{
    static const char *const names[] = {"note", "proof", NULL};
    struct tf_json note = tf_json_get(at, "note"), proof = tf_json_get(at, "proof");
    enum tf_status rc = bundle_members(at, names, fault);
    if (!rc)
        rc = tf_json_text(&note, &out->text, fault);
    if (!rc && (note_read(out->text, strlen(out->text), &out->note) ||
                checkpoint_read(out->note.text, out->note.text_len, &out->checkpoint)))
        rc = tf_json_fault(&note, TF_SYNTAX, TF_TEXT("This is not a signed checkpoint."), NULL,
                           NULL, fault);
    if (!rc && is_first && tf_json_there(&proof))
        rc = tf_json_fault(&proof, TF_UNSUPPORTED, TF_TEXT("A bundle has no such member here."),
                           NULL, NULL, fault);
    return rc || is_first ? rc : read_proof(&proof, &out->proof, fault);
}

static enum tf_status read_entry(const struct tf_json *at, struct entry *out,
                                 struct tf_fault *fault)
{
    static const char *const names[] = {"index", "entry", "proof", NULL};
    struct tf_json index = tf_json_get(at, "index"), entry = tf_json_get(at, "entry");
    struct tf_json proof = tf_json_get(at, "proof");
    int64_t number = 0;
    enum tf_status rc = bundle_members(at, names, fault);
    if (!rc)
        rc = fields_integer(&index, 0, FIELDS_INTEGER_MAX, &number, fault);
    if (!rc)
        rc = tf_json_text(&entry, &out->text, fault);
    if (!rc) {
        rc = fields_parse(out->text, strlen(out->text), LEDGER_ENTRY_MAX, &out->json, fault);
        if (rc)
            tf_json_prefix(&entry, false, fault);
    }
    out->index = (uint64_t)number;
    return rc ? rc : read_proof(&proof, &out->proof, fault);
}

static enum tf_status read_points(const struct tf_json *list, struct log *out,
                                  struct tf_fault *fault)
{
    enum tf_status rc = tf_json_array(list, fault);
    size_t count = tf_json_count(list);
    if (!rc && (count < 1 || count > EVIDENCE_CHECKPOINTS_MAX))
        rc = tf_json_fault(list, TF_RANGE, TF_TEXT("This must have between %1 and %2 items."), "1",
                           "64", fault);
    if (rc)
        return rc;
    out->points = calloc(count, sizeof *out->points);
    if (!out->points)
        return tf_json_fault(list, TF_NOMEM, NULL, NULL, NULL, fault);
    out->point_count = count;
    for (size_t i = 0; !rc && i < count; i++) {
        struct tf_json item = tf_json_item(list, i);
        rc = read_point(&item, i == 0, &out->points[i], fault);
    }
    return rc;
}

static enum tf_status read_entries(const struct tf_json *list, struct log *out,
                                   struct tf_fault *fault)
{
    enum tf_status rc = tf_json_array(list, fault);
    size_t count = tf_json_count(list);
    if (!rc && count > EVIDENCE_ENTRIES_MAX)
        rc = tf_json_fault(list, TF_TOO_LARGE, TF_TEXT("This must have between %1 and %2 items."),
                           "0", "100000", fault);
    if (rc)
        return rc;
    out->entries = calloc(count + 1, sizeof *out->entries);
    if (!out->entries)
        return tf_json_fault(list, TF_NOMEM, NULL, NULL, NULL, fault);
    out->entry_count = count;
    for (size_t i = 0; !rc && i < count; i++) {
        struct tf_json item = tf_json_item(list, i);
        rc = read_entry(&item, &out->entries[i], fault);
    }
    return rc;
}

enum tf_status bundle_read_log(const struct tf_json *at, struct bundle *bundle, struct log *out,
                               struct tf_fault *fault)
{
    static const char *const names[] = {"party", "origin", "checkpoints", "entries", NULL};
    struct tf_json origin = tf_json_get(at, "origin"), points = tf_json_get(at, "checkpoints");
    struct tf_json entries = tf_json_get(at, "entries");
    enum tf_status rc = bundle_members(at, names, fault);
    (void)bundle;
    if (!rc)
        rc = fields_text(&origin, CARD_ORIGIN_SIZE - 1, &out->origin, fault);
    if (!rc)
        rc = read_points(&points, out, fault);
    return rc ? rc : read_entries(&entries, out, fault);
}
