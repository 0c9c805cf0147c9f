/*
 * check.c - the messages of a bundle: whose they are, by which key, in which chain; what is
 * missing; what contradicts.
 */
#include "evidence/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bundle_wrong(struct bundle *bundle, const char *path, size_t index, enum tf_status code,
                  const char *message, const char *arg1, const char *arg2)
{
    struct tf_fault fault;
    char field[TF_FAULT_FIELD_SIZE], number[24];
    const char *hole = strstr(path, "[]");
    snprintf(number, sizeof number, "%zu", index);
    if (hole)
        snprintf(field, sizeof field, "%.*s[%s]%s", (int)(hole - path), path, number, hole + 2);
    else
        snprintf(field, sizeof field, "%s", path);
    tf_fault_set(&fault, code, TF_NO_INDEX, field, message, arg1, arg2, NULL);
    bundle->report->wrong++;
    if (bundle->visitor && bundle->visitor->wrong)
        bundle->visitor->wrong(bundle->visitor->ctx, &fault);
}

static void wrong_item(struct bundle *bundle, const struct item *item, const char *message)
{
    char name[KEY_NAME_SIZE + 24];
    snprintf(name, sizeof name, "%s/%lld", item->message.from, (long long)item->message.seq);
    bundle_wrong(bundle, item->is_fork ? "forks[]" : "messages[]", item->index, TF_SYNTAX, message,
                 name, NULL);
}

const struct key_public *bundle_key_named(const struct side *side,
                                          const uint8_t keyid[KEY_HASH_SIZE])
{
    uint8_t fingerprint[KEY_HASH_SIZE];
    for (size_t i = 0; i < side->keys; i++) {
        envelope_fingerprint(&side->key[i], fingerprint);
        if (memcmp(fingerprint, keyid, sizeof fingerprint) == 0)
            return &side->key[i];
    }
    return NULL;
}

/* --- the line -------------------------------------------------------------------------------- */

/* The line's id is the hash of both parties' ids and first keys: so it binds them to every
 * message that is signed. */
static void check_line(struct bundle *bundle)
{
    struct card card[2] = {0};
    char id[LINE_ID_SIZE];
    for (int i = 0; i < 2; i++) {
        memcpy(card[i].id, bundle->side[i].id, KEY_NAME_SIZE);
        card[i].key = bundle->side[i].key[0];
    }
    line_id_of(&card[0], &card[1], (unsigned)bundle->round, id);
    if (strcmp(id, bundle->line) != 0)
        bundle_wrong(bundle, "line", TF_NO_INDEX, TF_SYNTAX,
                     TF_TEXT("The line's id does not come from these two parties, their first keys "
                             "and this round: it should be %1."),
                     id, NULL);
}

static bool is_of_line(struct bundle *bundle, const struct item *item)
{
    const struct message *m = &item->message;
    if (strcmp(m->line, bundle->line) == 0 && item->side >= 0 &&
        strcmp(m->to, bundle->side[!item->side].id) == 0)
        return true;
    wrong_item(bundle, item,
               TF_TEXT("Message %1 is of another line, or not between these two parties."));
    return false;
}

/* --- order ----------------------------------------------------------------------------------- */

static int by_side_and_number(const void *a, const void *b)
{
    const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
    if (x->side != y->side)
        return x->side < y->side ? -1 : 1;
    if (x->message.seq != y->message.seq)
        return x->message.seq < y->message.seq ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void put_in_order(struct bundle *bundle)
{
    size_t count = bundle->message_count, at = 0;
    for (size_t i = 0; i < count; i++)
        bundle->order[i] = &bundle->items[i];
    qsort(bundle->order, count, sizeof(struct item *), by_side_and_number);
    while (at < count && bundle->order[at]->side < 0)
        at++;
    for (int s = 0; s < 2; s++) {
        bundle->side[s].begin = at;
        while (at < count && bundle->order[at]->side == s)
            at++;
        bundle->side[s].end = at;
    }
}

const struct item *bundle_message(const struct bundle *bundle, int side, int64_t seq)
{
    size_t low = bundle->side[side].begin, high = bundle->side[side].end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct item *item = bundle->order[middle];
        if (item->message.seq == seq)
            return item;
        if (item->message.seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* --- keys and signatures -------------------------------------------------------------------- */

static const struct key_public *key_at(const struct side *side, int64_t seq)
{
    size_t i = side->keys - 1;
    while (i > 0 && side->key_from[i] > seq)
        i--;
    return &side->key[i];
}

static bool is_signed(struct bundle *bundle, const struct item *item)
{
    const struct side *side = &bundle->side[item->side];
    const struct key_public *key = key_at(side, item->message.seq);
    if (envelope_verify(&item->envelope, ENVELOPE_MESSAGE, key))
        return true;
    wrong_item(bundle, item,
               bundle_key_named(side, item->envelope.keyid)
                   ? TF_TEXT("Message %1 is not as it was signed, or not signed by the key that "
                             "its sender had then.")
                   : TF_TEXT("Message %1 is signed by a key that is not known here: neither the "
                             "sender's first one nor one that it changed to."));
    return false;
}

/* The new key's word that it follows (docs/line.md). */
static bool rotation_of(const struct item *item, struct key_public *out)
{
    const json_t *body = item->message.body;
    const char *proof = json_string_value(json_object_get(body, "proof"));
    const char *key = json_string_value(json_object_get(body, "key"));
    uint8_t signature[KEY_SIGNATURE_SIZE];
    char text[128];
    if (message_check_body(MESSAGE_ROTATE, body, NULL) ||
        !key_unbase64(key, strlen(key), out->bytes, KEY_PUBLIC_SIZE) ||
        !key_unbase64(proof, strlen(proof), signature, sizeof signature))
        return false;
    int len = snprintf(text, sizeof text, "tafadi-rotate/v1\n%s\n%lld\n", item->message.line,
                       (long long)item->message.seq);
    return key_verify(out, text, (size_t)len, signature);
}

static void follow_rotation(struct bundle *bundle, const struct item *item)
{
    struct side *side = &bundle->side[item->side];
    struct key_public key;
    if (item->message.type != MESSAGE_ROTATE)
        return;
    if (!rotation_of(item, &key)) {
        wrong_item(bundle, item,
                   TF_TEXT("Message %1 changes the key, but the new key has not signed for it."));
    } else if (side->keys == EVIDENCE_KEYS_MAX) {
        wrong_item(bundle, item, TF_TEXT("Message %1 changes the key once too often to be read."));
    } else {
        side->key[side->keys] = key;
        side->key_from[side->keys++] = item->message.seq + 1;
    }
}

/* --- the chain ------------------------------------------------------------------------------- */

static void check_link(struct bundle *bundle, const struct item *item, const struct item *before)
{
    if (before->message.seq == item->message.seq)
        wrong_item(bundle, item, TF_TEXT("Message %1 stands here twice."));
    else if (before->message.seq + 1 == item->message.seq &&
             memcmp(item->message.prev, before->envelope.hash, KEY_HASH_SIZE) != 0)
        wrong_item(bundle, item,
                   TF_TEXT("Message %1 does not follow the one before it: it names another hash."));
}

/* Once: many may accept the same one. */
static void name_document(struct item *item)
{
    const char *text = json_string_value(json_object_get(item->message.body, "document"));
    if (item->message.type == MESSAGE_PROPOSE && text)
        memo_hash(text, strlen(text), item->document);
}

static void check_side(struct bundle *bundle, int s)
{
    const struct side *side = &bundle->side[s];
    for (size_t i = side->begin; i < side->end; i++) {
        struct item *item = bundle->order[i];
        item->is_good = is_of_line(bundle, item) && is_signed(bundle, item);
        if (item->is_good) {
            name_document(item);
            follow_rotation(bundle, item);
        }
        if (i > side->begin)
            check_link(bundle, item, bundle->order[i - 1]);
    }
}

/* --- ranges ---------------------------------------------------------------------------------- */

static void wrong_gap(struct bundle *bundle, const struct side *side, int64_t first, int64_t last)
{
    char numbers[64];
    snprintf(numbers, sizeof numbers, first == last ? "%lld" : "%lld-%lld", (long long)first,
             (long long)last);
    bundle_wrong(bundle, "ranges", TF_NO_INDEX, TF_MISSING,
                 TF_TEXT("The bundle claims to be complete, but messages of %1 are missing: %2."),
                 side->id, numbers);
}

static void check_range(struct bundle *bundle, int s)
{
    struct side *side = &bundle->side[s];
    int64_t next = side->first;
    for (size_t i = side->begin; side->first && i < side->end; i++) {
        int64_t seq = bundle->order[i]->message.seq;
        if (seq < next || seq > side->last)
            continue;
        if (seq > next)
            wrong_gap(bundle, side, next, seq - 1);
        next = seq + 1;
    }
    if (side->first && next <= side->last)
        wrong_gap(bundle, side, next, side->last);
}

/* --- forks ----------------------------------------------------------------------------------- */

/* Two words under one number, or one that does not follow what was said before it. */
static bool contradicts(const struct bundle *bundle, const struct item *fork)
{
    const struct item *same = bundle_message(bundle, fork->side, fork->message.seq);
    const struct item *before = bundle_message(bundle, fork->side, fork->message.seq - 1);
    if (same && same->is_good && memcmp(same->envelope.hash, fork->envelope.hash, KEY_HASH_SIZE))
        return true;
    return before && before->is_good &&
           memcmp(before->envelope.hash, fork->message.prev, KEY_HASH_SIZE) != 0;
}

static void check_forks(struct bundle *bundle)
{
    for (size_t i = bundle->message_count; i < bundle->item_count; i++) {
        struct item *fork = &bundle->items[i];
        fork->is_good = is_of_line(bundle, fork) && is_signed(bundle, fork);
        for (size_t k = bundle->message_count; k < i; k++)
            if (memcmp(bundle->items[k].envelope.hash, fork->envelope.hash, KEY_HASH_SIZE) == 0)
                wrong_item(bundle, fork, TF_TEXT("Message %1 stands here twice."));
        if (fork->is_good && !contradicts(bundle, fork)) {
            wrong_item(bundle, fork,
                       TF_TEXT("Message %1 is shown as a contradiction, but contradicts nothing "
                               "that is here."));
            fork->is_good = false;
        }
        bundle->report->forks += fork->is_good;
    }
}

void check_messages(struct bundle *bundle)
{
    check_line(bundle);
    put_in_order(bundle);
    for (size_t i = 0; i < bundle->side[0].begin; i++)
        (void)is_of_line(bundle, bundle->order[i]); /* of neither party: says so */
    for (int s = 0; s < 2; s++) {
        check_side(bundle, s);
        check_range(bundle, s);
    }
    check_forks(bundle);
}
