/*
 * card.h - what a party hands over to be reached and known: its card, and its fingerprint as
 * words or digits for comparing by voice; the id of the line of two parties.
 */
#ifndef TF_LINE_CARD_H
#define TF_LINE_CARD_H

#include "ledger/key.h"

enum {
    CARD_TEXT_MAX = 4096,
    CARD_TITLE_SIZE = 128, /* UTF-8, terminated */
    CARD_URL_SIZE = 256,
    CARD_TLS_SIZE = 64, /* "sha256//" and base64 */
    CARD_ORIGIN_SIZE = 128,
    LINE_ID_SIZE = 33
};

struct card {
    char id[KEY_NAME_SIZE];
    char title[CARD_TITLE_SIZE];
    struct key_public key;
    char ledger[CARD_ORIGIN_SIZE];
    char url[CARD_URL_SIZE]; /* "" : cannot be reached */
    char tls[CARD_TLS_SIZE]; /* "" : by the system's authorities */
    int64_t made_ns;
};

/* Appends the signed card. */
TF_MUST_CHECK enum tf_status card_write(const struct card *card, const struct key_secret *key,
                                        struct tf_buf *out);
/* Whether it can be the URL (http(s)://host..., to which a path is appended) or title of a card. */
bool card_is_url(const char *value);
bool card_is_title(const char *value);
/* Reads and verifies it against the key in it. */
TF_MUST_CHECK enum tf_status card_read(const char *text, size_t len, struct card *out,
                                       struct tf_fault *fault);
void line_id_of(const struct card *a, const struct card *b, unsigned round, char out[LINE_ID_SIZE]);

/* "12345 67890 ..." : 8 groups. */
enum { FINGERPRINT_DIGITS_SIZE = 48, FINGERPRINT_WORDS = 16 };
void fingerprint_digits(const uint8_t fingerprint[KEY_HASH_SIZE],
                        char out[FINGERPRINT_DIGITS_SIZE]);
/* The word of a byte in "en", "ar" or "ru" (any other: "en"); each list has 256 words that
 * do not begin or sound alike. */
const char *fingerprint_word(const char *language, uint8_t byte);

#endif
