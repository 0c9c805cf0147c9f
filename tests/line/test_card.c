/*
 * test_card.c - cards: what is written is read; nothing in them can be changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocfail.h"
#include "line/card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct key_secret *test_key(uint8_t first)
{
    uint8_t seed[KEY_SEED_SIZE] = {first};
    struct key_secret *key;
    assert_int_equal(key_from_seed(seed, &key), TF_OK);
    return key;
}

static struct card some_card(const struct key_secret *key)
{
    struct card card = {.id = "north.example",
                        .title = "خلية الشمال",
                        .ledger = "north.example/ledger",
                        .url = "https://[2001:db8::5]:8082",
                        .tls = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
    card.key = key_public_of(key);
    card.made_ns = INT64_C(1795485600123456000);
    return card;
}

static void cards_come_back(void **state)
{
    struct key_secret *key = test_key(1);
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct tf_buf out = TF_BUF_INIT(CARD_TEXT_MAX);
        struct card card = some_card(key), back;
        if (i > 0)
            memset(card.tls, 0, sizeof card.tls);
        if (i > 1)
            memset(card.url, 0, sizeof card.url);
        assert_int_equal(card_write(&card, key, &out), TF_OK);
        assert_int_equal(card_read(out.data, out.len, &back, NULL), TF_OK);
        assert_memory_equal(&card, &back, sizeof card);
        tf_buf_release(&out);
    }
    key_free(key);
}

static void no_bit_can_be_changed(void **state)
{
    struct key_secret *key = test_key(2);
    struct tf_buf out = TF_BUF_INIT(CARD_TEXT_MAX);
    struct card card = some_card(key), back;
    (void)state;
    assert_int_equal(card_write(&card, key, &out), TF_OK);
    for (size_t i = 0; i < 8 * out.len; i++) {
        out.data[i / 8] ^= (char)(1 << i % 8);
        if (!card_read(out.data, out.len, &back, NULL))
            fail_msg("byte %zu changed, and the card is taken: %s", i / 8, out.data);
        out.data[i / 8] ^= (char)(1 << i % 8);
    }
    for (size_t len = 0; len < out.len; len++)
        assert_int_not_equal(card_read(out.data, len, &back, NULL), TF_OK);
    tf_buf_text(&out, "\n");
    assert_int_not_equal(card_read(out.data, out.len, &back, NULL), TF_OK);
    tf_buf_release(&out);
    key_free(key);
}

/* A card signed by another key than the one in it, its lines all good. */
static void anothers_key_is_of_no_use(void **state)
{
    struct key_secret *key = test_key(3), *other = test_key(4);
    struct tf_buf own = TF_BUF_INIT(CARD_TEXT_MAX), foreign = TF_BUF_INIT(CARD_TEXT_MAX);
    struct tf_buf mixed = TF_BUF_INIT(CARD_TEXT_MAX);
    struct card card = some_card(key), back;
    struct tf_fault fault;
    (void)state;
    assert_int_equal(card_write(&card, key, &own), TF_OK);
    assert_int_equal(card_write(&card, other, &foreign), TF_OK);
    const char *end = strstr(own.data, "\n\n"), *signature = strstr(foreign.data, "\n\n");
    tf_buf_append(&mixed, own.data, (size_t)(end - own.data));
    tf_buf_text(&mixed, signature);
    assert_int_equal(card_read(mixed.data, mixed.len, &back, &fault), TF_SYNTAX);
    assert_string_equal(fault.field, "signature");
    tf_buf_release(&own);
    tf_buf_release(&foreign);
    tf_buf_release(&mixed);
    key_free(key);
    key_free(other);
}

static void broken_lines_are_named(void **state)
{
    static const struct {
        const char *old, *new, *field;
    } breaches[] = {
        {"tafadi-card/v1", "tafadi-card/v2", ""},
        {"id: north.example\n", "", "id"},
        {"id: north", "id: North", "id"},
        {"id: north", "id:north", "id"},
        {"title: ", "titel: ", "title"},
        {"title: ", "title: \xFF", "title"},
        {"title: ", "title: \xE2\x80\xAE", "title"},
        {"key: ", "key: A", "key"},
        {"ledger: ", "ledger: a b", "ledger"},
        {"https://", "ftp://", "url"},
        {"8082\n", "8082/\n", "url"},
        {"8082\n", "8082?x\n", "url"},
        {"sha256//", "sha256/", "tls"},
        {"made: 2", "made: x2", "made"},
        {"made: ", "later: x\nmade: ", "made"},
        {"\n\n", "\n", "signature"},
        {"\xE2\x80\x94 north", "\xE2\x80\x94 south", "signature"},
    };
    struct key_secret *key = test_key(5);
    struct tf_buf out = TF_BUF_INIT(CARD_TEXT_MAX);
    struct card card = some_card(key), back;
    (void)state;
    assert_int_equal(card_write(&card, key, &out), TF_OK);
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
        struct tf_buf text = TF_BUF_INIT(CARD_TEXT_MAX);
        struct tf_fault fault = {0};
        const char *at = strstr(out.data, breaches[i].old);
        assert_non_null(at);
        tf_buf_append(&text, out.data, (size_t)(at - out.data));
        tf_buf_text(&text, breaches[i].new);
        tf_buf_text(&text, at + strlen(breaches[i].old));
        if (!card_read(text.data, text.len, &back, &fault) ||
            strcmp(fault.field, breaches[i].field) != 0)
            fail_msg("%s: field '%s'", text.data, fault.field);
        tf_buf_release(&text);
    }
    tf_buf_release(&out);
    key_free(key);
}

static void what_cannot_be_read_is_not_written(void **state)
{
    struct key_secret *key = test_key(6);
    struct tf_buf out = TF_BUF_INIT(CARD_TEXT_MAX);
    struct card card = some_card(key);
    (void)state;
    snprintf(card.title, sizeof card.title, "two\nlines");
    assert_int_not_equal(card_write(&card, key, &out), TF_OK);
    card = some_card(key);
    card.title[0] = '\0';
    assert_int_equal(card_write(&card, key, &out), TF_MISSING);
    card = some_card(key);
    card.url[0] = '\0'; /* a pin for nothing */
    assert_int_equal(card_write(&card, key, &out), TF_SYNTAX);
    assert_int_equal(out.len, 0);
    tf_buf_release(&out);
    key_free(key);
}

static enum tf_status write_and_read(void *ctx)
{
    struct tf_buf out = TF_BUF_INIT(CARD_TEXT_MAX);
    struct card card = some_card(ctx), back;
    enum tf_status rc = card_write(&card, ctx, &out);
    if (!rc)
        rc = card_read(out.data, out.len, &back, NULL);
    tf_buf_release(&out);
    return rc;
}

static void lack_of_memory_is_said(void **state)
{
    struct key_secret *key = test_key(7);
    (void)state;
    allocfail_each(write_and_read, key, 100);
    key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cards_come_back),
        cmocka_unit_test(no_bit_can_be_changed),
        cmocka_unit_test(anothers_key_is_of_no_use),
        cmocka_unit_test(broken_lines_are_named),
        cmocka_unit_test(what_cannot_be_read_is_not_written),
        cmocka_unit_test(lack_of_memory_is_said),
    };
    return cmocka_run_group_tests_name("card", tests, NULL, NULL);
}
