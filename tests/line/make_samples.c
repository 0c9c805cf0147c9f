/*
 * make_samples.c - prints what the code makes of known values, one JSON object in a line, for
 * check_envelope.py to judge.
 */
#include "line/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool is_so, const char *what)
{
    if (!is_so) {
        fprintf(stderr, "%s\n", what);
        exit(1);
    }
}

static void print_envelope(const char *kind, const char *seed, const struct tf_buf *envelope,
                           const uint8_t hash[KEY_HASH_SIZE])
{
    char hex[2 * KEY_HASH_SIZE + 1];
    key_hex(hash, KEY_HASH_SIZE, hex);
    printf("{\"kind\":\"%s\",\"seed\":\"%s\",\"hash\":\"%s\",\"envelope\":%s}\n", kind, seed, hex,
           envelope->data);
}

static void print_signed(const char *kind, const char *type, const struct key_secret *key,
                         const char *seed, const struct tf_buf *payload)
{
    struct tf_buf envelope = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    require(!envelope_make(key, type, payload->data, payload->len, &envelope, hash), kind);
    print_envelope(kind, seed, &envelope, hash);
    tf_buf_release(&envelope);
}

static void print_message(const struct key_secret *key, const char *seed, const char *line)
{
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    struct message m = {.from = "north.example",
                        .to = "south.example",
                        .seq = 1,
                        .type = MESSAGE_TEXT,
                        .type_name = "text",
                        .role = "planner"};
    memcpy(m.line, line, LINE_ID_SIZE);
    m.sent_us = INT64_C(1795485600123456);
    m.seen_by_us = m.sent_us + 300000000;
    m.body = json_pack("{s:s, s:s}", "text", "سلام \"x\"\n", "lang", "ar");
    require(!message_print(&m, &payload), "message");
    print_signed("message", ENVELOPE_MESSAGE, key, seed, &payload);
    message_release(&m);
    tf_buf_release(&payload);
}

static void print_receipt(const struct key_secret *key, const char *seed, const char *line)
{
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    struct receipt r = {.from = "north.example",
                        .to = "south.example",
                        .of = 17,
                        .envelope = {0xAB},
                        .ledger_index = 4711,
                        .received_us = 1795485600000000};
    memcpy(r.line, line, LINE_ID_SIZE);
    require(!receipt_print(&r, &payload), "receipt");
    print_signed("receipt", ENVELOPE_RECEIPT, key, seed, &payload);
    tf_buf_release(&payload);
}

static void print_beat(const struct key_secret *key, const char *seed, const char *line)
{
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    struct beat b = {.from = "north.example",
                     .to = "south.example",
                     .at_us = 1795485600000000,
                     .have = 41,
                     .sent = 17,
                     .receipted = 16};
    memcpy(b.line, line, LINE_ID_SIZE);
    require(!beat_print(&b, &payload), "beat");
    print_signed("beat", ENVELOPE_BEAT, key, seed, &payload);
    tf_buf_release(&payload);
}

static void print_fingerprint(const struct key_secret *key, const char *seed)
{
    static const char *const languages[] = {"en", "ar", "ru"};
    struct key_public public_key = key_public_of(key);
    uint8_t fingerprint[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1], digits[FINGERPRINT_DIGITS_SIZE];
    envelope_fingerprint(&public_key, fingerprint);
    key_hex(fingerprint, sizeof fingerprint, hex);
    fingerprint_digits(fingerprint, digits);
    printf("{\"kind\":\"fingerprint\",\"seed\":\"%s\",\"hex\":\"%s\",\"digits\":\"%s\"", seed, hex,
           digits);
    for (size_t l = 0; l < 3; l++) {
        printf(",\"%s\":\"", languages[l]);
        for (size_t i = 0; i < FINGERPRINT_WORDS; i++)
            printf("%s%s", i ? " " : "", fingerprint_word(languages[l], fingerprint[i]));
        printf("\"");
    }
    printf("}\n");
}

static void print_card(const struct card *card, const struct key_secret *key, const char *seed)
{
    struct tf_buf text = TF_BUF_INIT(CARD_TEXT_MAX), quoted = TF_BUF_INIT(4 * CARD_TEXT_MAX);
    require(!card_write(card, key, &text), "card");
    tf_buf_json(&quoted, text.data);
    printf("{\"kind\":\"card\",\"seed\":\"%s\",\"text\":%s}\n", seed, quoted.data);
    tf_buf_release(&text);
    tf_buf_release(&quoted);
}

static void print_words(void)
{
    static const char *const languages[] = {"en", "ar", "ru"};
    for (size_t l = 0; l < 3; l++) {
        printf("{\"kind\":\"words\",\"language\":\"%s\",\"list\":[", languages[l]);
        for (int i = 0; i < 256; i++)
            printf("%s\"%s\"", i ? "," : "", fingerprint_word(languages[l], (uint8_t)i));
        printf("]}\n");
    }
}

int main(void)
{
    uint8_t seed[KEY_SEED_SIZE];
    struct card cards[2] = {{.id = "north.example", .title = "North", .made_ns = 0},
                            {.id = "south.example", .title = "الجنوب", .made_ns = 0}};
    char line[LINE_ID_SIZE], seeds[2][2 * KEY_SEED_SIZE + 1];
    struct key_secret *keys[2];
    print_words();
    for (int i = 0; i < 2; i++) {
        memset(seed, 0x11 * (i + 1), sizeof seed);
        key_hex(seed, sizeof seed, seeds[i]);
        require(!key_from_seed(seed, &keys[i]), "key");
        cards[i].key = key_public_of(keys[i]);
        snprintf(cards[i].ledger, sizeof cards[i].ledger, "%.64s/ledger", cards[i].id);
        print_fingerprint(keys[i], seeds[i]);
        print_card(&cards[i], keys[i], seeds[i]);
    }
    for (unsigned round = 1; round <= 2; round++) {
        line_id_of(&cards[1], &cards[0], round, line);
        printf("{\"kind\":\"line\",\"seeds\":[\"%s\",\"%s\"],\"round\":%u,\"id\":\"%s\"}\n",
               seeds[0], seeds[1], round, line);
    }
    print_message(keys[0], seeds[0], line);
    print_receipt(keys[0], seeds[0], line);
    print_beat(keys[0], seeds[0], line);
    key_free(keys[0]);
    key_free(keys[1]);
    return 0;
}
