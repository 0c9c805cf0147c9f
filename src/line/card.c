/*
 * card.c - fingerprints to compare by voice, and the id of the line of two parties.
 */
#include "line/card.h"

#include <stdio.h>
#include <string.h>

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
