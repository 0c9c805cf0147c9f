/*
 * fuzz_card.c - cards; one that is read stays within its fields.
 */
#include "line/card.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct card card;
    struct tf_fault fault;
    char id[LINE_ID_SIZE];
    if (card_read((const char *)data, size, &card, &fault))
        return 0;
    if (!key_name_is_valid(card.id) || strlen(card.title) >= CARD_TITLE_SIZE ||
        strlen(card.url) >= CARD_URL_SIZE || (*card.tls && !*card.url))
        abort();
    line_id_of(&card, &card, 1, id);
    return 0;
}
