/*
 * check_receipts.c - receipts against what they are for; cards; and whose keys these are.
 */
#include "evidence/internal.h"

#include <stdio.h>
#include <string.h>

/* --- receipts -------------------------------------------------------------------------------- */

static bool is_for(const struct bundle *bundle, const struct item *item)
{
    const struct receipt *receipt = &item->received;
    return strcmp(receipt->line, bundle->line) == 0 && receipt->of == item->message.seq &&
           strcmp(receipt->from, item->message.to) == 0 &&
           strcmp(receipt->to, item->message.from) == 0 &&
           memcmp(receipt->envelope, item->envelope.hash, KEY_HASH_SIZE) == 0;
}

/* By any key of the receiver: receipts are not numbered. */
static bool is_signed(const struct bundle *bundle, const struct item *item)
{
    const struct side *receiver = &bundle->side[!item->side];
    const struct key_public *key = bundle_key_named(receiver, item->receipt.keyid);
    return key && envelope_verify(&item->receipt, ENVELOPE_RECEIPT, key);
}

static void check_receipt(struct bundle *bundle, struct item *item)
{
    char name[KEY_NAME_SIZE + 24];
    const char *message = NULL;
    snprintf(name, sizeof name, "%s/%lld", item->message.from, (long long)item->message.seq);
    if (!is_for(bundle, item))
        message = TF_TEXT("The receipt beside message %1 is for something else.");
    else if (!is_signed(bundle, item))
        message = TF_TEXT("The receipt of message %1 is not signed by its receiver.");
    if (message)
        bundle_wrong(bundle, "messages[].receipt", item->index, TF_SYNTAX, message, name, NULL);
    else
        item->is_received = item->is_good;
}

void check_receipts(struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->message_count; i++) {
        struct item *item = &bundle->items[i];
        if (item->side < 0)
            continue;
        if (item->has_receipt)
            check_receipt(bundle, item);
        bundle->report->party[item->side].messages += item->is_good;
        bundle->report->party[item->side].received += item->is_received;
    }
}

/* --- cards ----------------------------------------------------------------------------------- */

static bool has_key(const struct side *side, const struct key_public *key)
{
    for (size_t i = 0; i < side->keys; i++)
        if (memcmp(side->key[i].bytes, key->bytes, KEY_PUBLIC_SIZE) == 0)
            return true;
    return false;
}

void check_cards(struct bundle *bundle)
{
    for (size_t i = 0; i < 2; i++) {
        struct side *side = &bundle->side[i];
        struct evidence_party *party = &bundle->report->party[i];
        struct tf_fault fault;
        memcpy(party->id, side->id, sizeof party->id);
        envelope_fingerprint(&side->key[0], party->fingerprint);
        party->rotations = side->keys - 1;
        party->first = side->first;
        party->last = side->last;
        if (!side->card)
            continue;
        if (card_read(side->card, strlen(side->card), &side->read, &fault))
            bundle_wrong(bundle, "parties[].card", i, fault.code, fault.message, fault.arg[0],
                         NULL);
        else if (strcmp(side->read.id, side->id) != 0 || !has_key(side, &side->read.key))
            bundle_wrong(bundle, "parties[].card", i, TF_SYNTAX,
                         TF_TEXT("The card is not that of %1, or not of a key that it had here."),
                         side->id, NULL);
        else
            memcpy(party->title, side->read.title, sizeof party->title);
    }
}

/* --- whose keys ------------------------------------------------------------------------------ */

enum { GROUPS = 8, GROUP_DIGITS = 5 };

/* Groups parted by blanks, hyphens or nothing. */
static bool read_digits(const char *text, char out[FINGERPRINT_DIGITS_SIZE])
{
    size_t n = 0, at = 0;
    for (; *text; text++) {
        if (*text == ' ' || *text == '-')
            continue;
        if (*text < '0' || *text > '9' || n == (size_t)GROUPS * GROUP_DIGITS)
            return false;
        if (n > 0 && n % GROUP_DIGITS == 0)
            out[at++] = ' ';
        out[at++] = *text;
        n++;
    }
    out[at] = '\0';
    return n == (size_t)GROUPS * GROUP_DIGITS;
}

bool evidence_expect(const char *text, struct evidence_expected *out)
{
    const char *equal = strchr(text, '=');
    size_t len = equal ? (size_t)(equal - text) : 0;
    *out = (struct evidence_expected){0};
    if (len < 1 || len >= sizeof out->party)
        return false;
    memcpy(out->party, text, len);
    out->is_digits = !key_unhex(equal + 1, strlen(equal + 1), out->fingerprint, KEY_HASH_SIZE);
    return key_name_is_valid(out->party) &&
           (!out->is_digits || read_digits(equal + 1, out->digits));
}

/* The first key is bound to the line by the line's id; a later one by its signature over that id.
 */
static bool is_expected(const struct side *side, const struct evidence_expected *expected)
{
    uint8_t fingerprint[KEY_HASH_SIZE];
    char digits[FINGERPRINT_DIGITS_SIZE];
    for (size_t i = 0; i < side->keys; i++) {
        envelope_fingerprint(&side->key[i], fingerprint);
        fingerprint_digits(fingerprint, digits);
        if (expected->is_digits
                ? strcmp(digits, expected->digits) == 0
                : memcmp(fingerprint, expected->fingerprint, sizeof fingerprint) == 0)
            return true;
    }
    return false;
}

void check_expected(struct bundle *bundle, const struct evidence_expected *expected, size_t count)
{
    bool differs[2] = {false, false};
    for (size_t i = 0; i < count; i++) {
        int s = bundle_side(bundle, expected[i].party);
        bool is_right = s >= 0 && is_expected(&bundle->side[s], &expected[i]);
        if (s < 0)
            bundle_wrong(bundle, "parties", TF_NO_INDEX, TF_NOT_FOUND,
                         TF_TEXT("%1 is not a party of this line."), expected[i].party, NULL);
        else if (!is_right)
            bundle_wrong(bundle, "parties[].key", (size_t)s, TF_SYNTAX,
                         TF_TEXT("The key of %1 does not have the fingerprint that you gave: "
                                 "somebody else made it, or the fingerprint is another party's."),
                         expected[i].party, NULL);
        if (s < 0)
            continue;
        differs[s] = differs[s] || !is_right;
        bundle->report->party[s].is_compared = !differs[s];
    }
}
