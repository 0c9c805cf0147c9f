/*
 * card.c - cards written, read and verified; fingerprints to compare by voice; the id of the line
 * of two parties.
 */
#include "line/card.h"

#include "ledger/lines.h"
#include "line/fields.h"
#include <stdio.h>
#include <string.h>

static const char TITLE[] = "tafadi-card/v1", PIN[] = "sha256//";
static const char DASH[] = "\xE2\x80\x94 "; /* em dash, space: a signature line of a note */

enum { NOTE_KEY_SIZE = 4, NOTE_SIGNATURE_SIZE = NOTE_KEY_SIZE + KEY_SIGNATURE_SIZE };

/* C2SP signed-note: what names a key beside its name: SHA-256(name, LF, 0x01, key)[:4]. */
static void note_key(const char *name, const struct key_public *key, uint8_t out[NOTE_KEY_SIZE])
{
    uint8_t hash[KEY_HASH_SIZE];
    const struct key_piece pieces[] = {
        {name, strlen(name)}, {"\n\x01", 2}, {key->bytes, KEY_PUBLIC_SIZE}};
    key_sha256(pieces, 3, hash);
    memcpy(out, hash, NOTE_KEY_SIZE);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void put_line(struct tf_buf *out, const char *name, const char *value)
{
    if (*value)
        tf_buf_printf(out, "%s: %s\n", name, value);
}

static void put_text(const struct card *card, const struct key_public *key, struct tf_buf *out)
{
    char made[TF_TIME_TEXT_SIZE];
    tf_time_format(card->made_ns - card->made_ns % 1000, made);
    tf_buf_printf(out, "%s\n", TITLE);
    put_line(out, "id", card->id);
    put_line(out, "title", card->title);
    tf_buf_text(out, "key: ");
    key_base64(key->bytes, KEY_PUBLIC_SIZE, out);
    tf_buf_char(out, '\n');
    put_line(out, "ledger", card->ledger);
    put_line(out, "url", card->url);
    put_line(out, "tls", card->tls);
    put_line(out, "made", made);
}

/* What is written can be read; a card that cannot be is not written. */
enum tf_status card_write(const struct card *card, const struct key_secret *key, struct tf_buf *out)
{
    struct key_public public_key = key_public_of(key);
    struct tf_buf text = TF_BUF_INIT(CARD_TEXT_MAX);
    uint8_t signature[NOTE_SIGNATURE_SIZE];
    struct card again;
    put_text(card, &public_key, &text);
    enum tf_status rc = tf_buf_status(&text);
    if (rc)
        goto out;
    note_key(card->id, &public_key, signature);
    key_sign(key, text.data, text.len, signature + NOTE_KEY_SIZE);
    tf_buf_printf(&text, "\n%s%s ", DASH, card->id);
    key_base64(signature, sizeof signature, &text);
    tf_buf_char(&text, '\n');
    rc = tf_buf_status(&text);
    if (!rc)
        rc = card_read(text.data, text.len, &again, NULL);
    if (!rc) {
        tf_buf_append(out, text.data, text.len);
        rc = tf_buf_status(out);
    }
out:
    tf_buf_release(&text);
    return rc;
}

/* --- reading ------------------------------------------------------------------------------------
 */

static bool is_name(const char *value, struct card *out)
{
    (void)out;
    return key_name_is_valid(value);
}

bool card_is_title(const char *value)
{
    size_t len = strlen(value);
    return len < CARD_TITLE_SIZE && fields_is_text(value, len) && !strpbrk(value, "\t\n");
}

static bool is_title(const char *value, struct card *out)
{
    (void)out;
    return card_is_title(value);
}

static bool is_key(const char *value, struct card *out)
{
    return key_unbase64(value, strlen(value), out->key.bytes, KEY_PUBLIC_SIZE);
}

static bool is_origin(const char *value, struct card *out)
{
    (void)out;
    for (const char *c = value; *c; c++)
        if (*c <= ' ' || *c >= 0x7F || *c == '+')
            return false;
    return true;
}

bool card_is_url(const char *value)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~:/[]%!$&'()*+,;=";
    size_t scheme = strncmp(value, "https://", 8) == 0 ? 8 : strncmp(value, "http://", 7) ? 0 : 7;
    size_t len = strlen(value);
    return scheme && len > scheme && len < CARD_URL_SIZE && value[scheme] != '/' &&
           value[len - 1] != '/' && strspn(value, plain) == len;
}

static bool is_url(const char *value, struct card *out)
{
    (void)out;
    return card_is_url(value);
}

static bool is_pin(const char *value, struct card *out)
{
    uint8_t hash[KEY_HASH_SIZE];
    size_t skip = sizeof PIN - 1;
    return *out->url && strncmp(value, PIN, skip) == 0 &&
           key_unbase64(value + skip, strlen(value + skip), hash, sizeof hash);
}

static bool is_made(const char *value, struct card *out)
{
    int64_t t_us;
    if (!fields_is_time(value, strlen(value), &t_us))
        return false;
    out->made_ns = t_us * 1000;
    return true;
}

/* The lines of a card, in this order. */
static const struct row {
    const char *name;
    size_t at, size; /* where in struct card, and how large there; size 0: not kept as text */
    bool is_optional;
    bool (*check)(const char *value, struct card *out);
} rows[] = {
    {"id", offsetof(struct card, id), KEY_NAME_SIZE, false, is_name},
    {"title", offsetof(struct card, title), CARD_TITLE_SIZE, false, is_title},
    {"key", 0, 0, false, is_key},
    {"ledger", offsetof(struct card, ledger), CARD_ORIGIN_SIZE, false, is_origin},
    {"url", offsetof(struct card, url), CARD_URL_SIZE, true, is_url},
    {"tls", offsetof(struct card, tls), CARD_TLS_SIZE, true, is_pin},
    {"made", 0, 0, false, is_made},
};

static enum tf_status bad(const char *field, enum tf_status rc, struct tf_fault *fault)
{
    return tf_fault_set(fault, rc, TF_NO_INDEX, field,
                        rc == TF_MISSING
                            ? TF_TEXT("The card has no line \"%1\". Ask for it again, whole.")
                            : TF_TEXT("The line \"%1\" of the card is not valid. Ask for the "
                                      "card again."),
                        field, NULL, NULL);
}

static enum tf_status read_value(const struct row *row, struct line value, struct card *out,
                                 struct tf_fault *fault)
{
    enum { VALUE_SIZE = 256 };
    char text[VALUE_SIZE];
    size_t size = row->size ? row->size : sizeof text;
    if (value.len == 0 || value.len >= size || memchr(value.text, '\0', value.len))
        return bad(row->name, TF_SYNTAX, fault);
    memcpy(text, value.text, value.len);
    text[value.len] = '\0';
    if (!row->check(text, out))
        return bad(row->name, TF_SYNTAX, fault);
    if (row->size)
        memcpy((char *)out + row->at, text, value.len + 1);
    return TF_OK;
}

static enum tf_status read_rows(struct lines *lines, struct card *out, struct tf_fault *fault)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < sizeof rows / sizeof rows[0]; i++) {
        struct lines before = *lines;
        struct line line, name;
        bool is_there = lines_next(lines, &line) && line_until(&line, ':', &name) &&
                        line_is(name, rows[i].name) && line_word(&line, " ");
        if (is_there)
            rc = read_value(&rows[i], line, out, fault);
        else if (rows[i].is_optional)
            *lines = before;
        else
            rc = bad(rows[i].name, TF_MISSING, fault);
    }
    return rc;
}

/* An empty line, and one signature, by the key in the card under its id. */
static bool is_signed(struct lines *lines, const struct card *card)
{
    uint8_t signature[NOTE_SIGNATURE_SIZE], expected[NOTE_KEY_SIZE];
    size_t signed_len = lines->at;
    struct line line, name;
    if (!lines_next(lines, &line) || line.len > 0 || !lines_next(lines, &line) ||
        lines->at != lines->len || !line_word(&line, DASH) || !line_until(&line, ' ', &name) ||
        !line_is(name, card->id) || !key_unbase64(line.text, line.len, signature, sizeof signature))
        return false;
    note_key(card->id, &card->key, expected);
    return memcmp(signature, expected, NOTE_KEY_SIZE) == 0 &&
           key_verify(&card->key, lines->text, signed_len, signature + NOTE_KEY_SIZE);
}

enum tf_status card_read(const char *text, size_t len, struct card *out, struct tf_fault *fault)
{
    struct lines lines = {.text = text, .len = len};
    struct card card = {0};
    struct line line;
    if (len > CARD_TEXT_MAX)
        return tf_fault_set(fault, TF_TOO_LARGE, TF_NO_INDEX, "",
                            TF_TEXT("This is longer than it may be."), NULL, NULL, NULL);
    if (!lines_next(&lines, &line) || !line_is(line, TITLE))
        return tf_fault_set(fault, TF_SYNTAX, TF_NO_INDEX, "",
                            TF_TEXT("This is not a card: it does not begin with tafadi-card/v1."),
                            NULL, NULL, NULL);
    enum tf_status rc = read_rows(&lines, &card, fault);
    if (!rc && !is_signed(&lines, &card))
        rc = tf_fault_set(fault, TF_SYNTAX, TF_NO_INDEX, "signature",
                          TF_TEXT("The card is not signed by the key in it: it was changed, or cut "
                                  "short. Ask for it again."),
                          NULL, NULL, NULL);
    if (!rc)
        *out = card;
    return rc;
}

/* --- for people ---------------------------------------------------------------------------------
 */

void fingerprint_digits(const uint8_t fingerprint[KEY_HASH_SIZE], char out[FINGERPRINT_DIGITS_SIZE])
{
    for (size_t i = 0; i < 8; i++) {
        const uint8_t *b = fingerprint + 4 * i;
        uint32_t group =
            (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
        snprintf(out + 6 * i, FINGERPRINT_DIGITS_SIZE - 6 * i, i < 7 ? "%05u " : "%05u",
                 (unsigned)(group % 100000));
    }
}

void line_id_of(const struct card *a, const struct card *b, unsigned round, char out[LINE_ID_SIZE])
{
    static const char title[] = "tafadi-line/v1\n";
    const struct card *first = strcmp(a->id, b->id) <= 0 ? a : b, *second = first == a ? b : a;
    char text[2 * (KEY_NAME_SIZE + 2 * KEY_PUBLIC_SIZE + 2) + 16];
    char first_key[2 * KEY_PUBLIC_SIZE + 1], second_key[2 * KEY_PUBLIC_SIZE + 1];
    uint8_t hash[KEY_HASH_SIZE];
    key_hex(first->key.bytes, KEY_PUBLIC_SIZE, first_key);
    key_hex(second->key.bytes, KEY_PUBLIC_SIZE, second_key);
    int len = snprintf(text, sizeof text, "%s %s\n%s %s\n%u\n", first->id, first_key, second->id,
                       second_key, round);
    key_sha256((const struct key_piece[]){{title, sizeof title - 1}, {text, (size_t)len}}, 2, hash);
    key_hex(hash, (LINE_ID_SIZE - 1) / 2, out);
}
