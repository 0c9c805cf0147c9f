/*
 * test_envelope.c - envelopes, receipts and beats: what is made is read back, what is broken is
 * refused and named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocfail.h"
#include "line/envelope.h"
#include "line/message.h"
#include "random.h"

#include <stdlib.h>
#include <string.h>

static struct key_secret *test_key(uint8_t first)
{
    uint8_t seed[KEY_SEED_SIZE] = {first};
    struct key_secret *key;
    assert_int_equal(key_from_seed(seed, &key), TF_OK);
    return key;
}

/* DSSE 1.0, protocol.md, "Test Vectors". */
static void pae_is_that_of_dsse(void **state)
{
    static const char pae[] = "DSSEv1 29 http://example.com/HelloWorld 11 hello world";
    uint8_t expected[KEY_HASH_SIZE], hash[KEY_HASH_SIZE];
    (void)state;
    key_sha256(&(struct key_piece){pae, sizeof pae - 1}, 1, expected);
    envelope_hash("http://example.com/HelloWorld", "hello world", 11, hash);
    assert_memory_equal(hash, expected, sizeof hash);
}

/* Whatever the payload: read back, verified, printed again, it is the same. */
static void what_is_made_is_read_back(void **state)
{
    uint64_t seed = random_seed(4), random = seed;
    struct key_secret *key = test_key(1), *other = test_key(2);
    struct key_public public_key = key_public_of(key), wrong = key_public_of(other);
    static char payload[ENVELOPE_PAYLOAD_MAX];
    (void)state;
    for (int round = 0; round < 60; round++) {
        size_t len = round ? random_below(&random, round < 50 ? 300 : sizeof payload + 1) : 0;
        struct tf_buf text = TF_BUF_INIT(ENVELOPE_TEXT_MAX), again = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
        struct envelope e;
        uint8_t hash[KEY_HASH_SIZE];
        for (size_t i = 0; i < len; i++)
            payload[i] = (char)random_next(&random);
        assert_int_equal(envelope_make(key, ENVELOPE_MESSAGE, payload, len, &text, hash), TF_OK);
        assert_int_equal(envelope_parse(text.data, text.len, &e, NULL), TF_OK);
        assert_true(e.payload_len == len && memcmp(e.payload, payload, len) == 0);
        assert_memory_equal(e.hash, hash, sizeof hash);
        assert_true(envelope_verify(&e, ENVELOPE_MESSAGE, &public_key));
        assert_false(envelope_verify(&e, ENVELOPE_MESSAGE, &wrong));
        assert_false(envelope_verify(&e, ENVELOPE_RECEIPT, &public_key));
        envelope_print(&e, &again);
        assert_string_equal(again.data, text.data);
        e.signature[random_below(&random, KEY_SIGNATURE_SIZE)] ^= 1;
        assert_false(envelope_verify(&e, ENVELOPE_MESSAGE, &public_key));
        envelope_release(&e);
        envelope_release(&e);
        tf_buf_release(&text);
        tf_buf_release(&again);
    }
    key_free(key);
    key_free(other);
}

static void too_much_is_refused(void **state)
{
    struct key_secret *key = test_key(1);
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    static const char payload[ENVELOPE_PAYLOAD_MAX + 1];
    uint8_t hash[KEY_HASH_SIZE];
    (void)state;
    assert_int_equal(envelope_make(key, ENVELOPE_MESSAGE, payload, sizeof payload, &out, hash),
                     TF_LIMIT);
    assert_int_equal(out.len, 0);
    key_free(key);
    tf_buf_release(&out);
}

/* Any one byte changed: it is not an envelope, or does not verify, or says the same. */
static void no_byte_can_be_changed(void **state)
{
    static const char payload[] = "{\"v\":1}";
    struct key_secret *key = test_key(3);
    struct key_public public_key = key_public_of(key);
    struct tf_buf text = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    (void)state;
    assert_int_equal(envelope_make(key, ENVELOPE_BEAT, payload, strlen(payload), &text, hash),
                     TF_OK);
    for (size_t i = 0; i < 8 * text.len; i++) {
        struct envelope e;
        text.data[i / 8] ^= (char)(1 << i % 8);
        if (!envelope_parse(text.data, text.len, &e, NULL)) {
            assert_false(envelope_verify(&e, ENVELOPE_BEAT, &public_key));
            envelope_release(&e);
        }
        text.data[i / 8] ^= (char)(1 << i % 8);
    }
    key_free(key);
    tf_buf_release(&text);
}

/* --- broken one by one ------------------------------------------------------------------- */

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SIG                                                                                        \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

static void broken_envelopes_are_named(void **state)
{
    static const struct {
        const char *text, *field;
        enum tf_status rc;
    } cases[] = {
        {"", "", TF_SYNTAX},
        {"[]", "", TF_SYNTAX},
        {"\xEF\xBB\xBF{}", "", TF_SYNTAX},
        {"{}", "payloadType", TF_MISSING},
        {"{\"payloadType\":\"\"}", "payloadType", TF_RANGE},
        {"{\"payloadType\":\"a\\nb\\u0001\"}", "payloadType", TF_SYNTAX},
        {"{\"payloadType\":7}", "payloadType", TF_SYNTAX},
        {"{\"payloadType\":\"0123456789012345678901234567890123456789012345678901234567890123\"}",
         "payloadType", TF_RANGE},
        {"{\"payloadType\":\"x\"}", "payload", TF_MISSING},
        {"{\"payloadType\":\"x\",\"payload\":\"!\"}", "payload", TF_SYNTAX},
        {"{\"payloadType\":\"x\",\"payload\":\"YR==\"}", "payload", TF_SYNTAX},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ\"}", "payload", TF_SYNTAX},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\\n\"}", "payload", TF_SYNTAX},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\"}", "signatures", TF_MISSING},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\",\"signatures\":{}}", "signatures", TF_SYNTAX},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\",\"signatures\":[]}", "signatures",
         TF_UNSUPPORTED},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\",\"signatures\":[1]}", "signatures[0]",
         TF_SYNTAX},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\",\"signatures\":[{},{}]}", "signatures",
         TF_UNSUPPORTED},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\",\"signatures\":[{\"sig\":\"" SIG "\"}]}",
         "signatures[0].keyid", TF_MISSING},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\",\"signatures\":[{\"keyid\":\"AB\"}]}",
         "signatures[0].keyid", TF_SYNTAX},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\",\"signatures\":[{\"keyid\":\"" HEX64 "\"}]}",
         "signatures[0].sig", TF_MISSING},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\",\"signatures\":[{\"keyid\":\"" HEX64
         "\",\"sig\":\"YQ==\"}]}",
         "signatures[0].sig", TF_SYNTAX},
        {"{\"payloadType\":\"x\",\"payloadType\":\"x\"}", "", TF_SYNTAX},
        {"{\"payloadType\":\"x\\u0000\"}", "", TF_SYNTAX},
        {"{\"payloadType\":\"x\",\"payload\":\"YQ==\",\"signatures\":[{\"keyid\":\"" HEX64
         "\",\"sig\":\"" SIG "\"}]} x",
         "", TF_SYNTAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct envelope e;
        struct tf_fault fault;
        enum tf_status rc = envelope_parse(cases[i].text, strlen(cases[i].text), &e, &fault);
        if (rc != cases[i].rc || strcmp(fault.field, cases[i].field) != 0)
            fail_msg("%s: %s, field '%s'", cases[i].text, tf_status_text(rc), fault.field);
    }
}

/* --- receipts and beats ------------------------------------------------------------------- */

static struct receipt some_receipt(uint64_t *random)
{
    struct receipt r = {
        .line = "00112233445566778899aabbccddeeff", .from = "north.example", .to = "south.example"};
    r.of = 1 + (int64_t)random_below(random, 1u << 30);
    r.ledger_index = (int64_t)random_below(random, 1u << 30);
    r.received_us = (int64_t)random_below(random, UINT64_C(4000000000000000));
    r.envelope[0] = (uint8_t)random_next(random);
    return r;
}

static void receipts_come_back(void **state)
{
    uint64_t seed = random_seed(5), random = seed;
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct receipt r = some_receipt(&random), back;
        struct tf_buf out = TF_BUF_INIT(4096);
        assert_int_equal(receipt_print(&r, &out), TF_OK);
        assert_int_equal(receipt_parse(out.data, out.len, &back, NULL), TF_OK);
        assert_memory_equal(&r, &back, sizeof r);
        tf_buf_release(&out);
    }
}

static void beats_come_back(void **state)
{
    uint64_t seed = random_seed(6), random = seed;
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct beat b = {.line = "00112233445566778899aabbccddeeff", .from = "n", .to = "s"}, back;
        struct tf_buf out = TF_BUF_INIT(4096);
        b.at_us = (int64_t)random_below(&random, UINT64_C(4000000000000000));
        b.have = (int64_t)random_below(&random, 100);
        b.sent = (int64_t)random_below(&random, 100);
        b.receipted = (int64_t)random_below(&random, (uint64_t)b.sent + 1);
        b.return_from = i % 3 ? 0 : b.have + 1;
        assert_int_equal(beat_print(&b, &out), TF_OK);
        assert_int_equal(beat_parse(out.data, out.len, &back, NULL), TF_OK);
        assert_memory_equal(&b, &back, sizeof b);
        tf_buf_release(&out);
    }
}

/* Replaces the first `old` in a text by `new`; the caller frees. */
static char *changed(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    struct tf_buf out = TF_BUF_INIT(65536);
    assert_non_null(at);
    tf_buf_append(&out, text, (size_t)(at - text));
    tf_buf_text(&out, new);
    tf_buf_text(&out, at + strlen(old));
    return out.data;
}

struct breach {
    const char *old, *new, *field;
};

static void broken_receipts_are_named(void **state)
{
    static const char good[] = "{\"v\":1,\"line\":\"00112233445566778899aabbccddeeff\","
                               "\"from\":\"n\",\"to\":\"s\",\"of\":17,\"envelope\":\"" HEX64
                               "\",\"ledger_index\":4711,\"received_at\":\"2026-11-24T02:00:00Z\"}";
    static const struct breach breaches[] = {
        {"\"v\":1", "\"v\":2", "v"},
        {"\"v\":1", "\"v\":\"1\"", "v"},
        {"\"v\":1,", "", "v"},
        {"aabbccddeeff\",\"from", "aabbccddee\",\"from", "line"},
        {"\"00112233445566778899aabbccddeeff\"", "\"00112233445566778899AABBCCDDEEFF\"", "line"},
        {"\"n\"", "\"N\"", "from"},
        {"\"n\"", "\"\"", "from"},
        {"\"s\"", "\"n\"", "to"},
        {"\"s\"", "\"-s\"", "to"},
        {":17", ":0", "of"},
        {":17", ":17.0", "of"},
        {":17", ":9007199254740992", "of"},
        {"\"envelope\"", "\"envelopes\"", "envelope"},
        {":4711", ":-1", "ledger_index"},
        {"T02:00:00Z", " 02:00:00Z", "received_at"},
        {"T02:00:00Z", "T02:00:00+00:00", "received_at"},
        {"T02:00:00Z", "T02:00:00.1234567Z", "received_at"},
        {"T02:00:00Z", "T02:00:60Z", "received_at"},
        {"T02:00:00Z", "T02:00:00z", "received_at"},
        {"2026-11-24", "2026-11-31", "received_at"},
    };
    (void)state;
    struct receipt receipt;
    assert_int_equal(receipt_parse(good, strlen(good), &receipt, NULL), TF_OK);
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
        char *text = changed(good, breaches[i].old, breaches[i].new);
        struct tf_fault fault = {0};
        if (!receipt_parse(text, strlen(text), &receipt, &fault) ||
            strcmp(fault.field, breaches[i].field) != 0)
            fail_msg("%s: field '%s'", text, fault.field);
        free(text);
    }
}

static void broken_beats_are_named(void **state)
{
    static const char good[] =
        "{\"v\":1,\"line\":\"00112233445566778899aabbccddeeff\",\"from\":\"n\",\"to\":\"s\","
        "\"at\":\"2026-11-24T02:00:00.5Z\",\"have\":41,\"sent\":17,\"receipted\":16}";
    static const struct breach breaches[] = {
        {"\"at\"", "\"when\"", "at"},
        {":41", ":-1", "have"},
        {":41", ":\"41\"", "have"},
        {"\"sent\":17,", "", "sent"},
        {":17", ":1e1", "sent"},
        {":16", ":18", "receipted"},
        {":16}", ":16,\"return_from\":0}", "return_from"},
        {":16}", ":16,\"return_from\":\"3\"}", "return_from"},
    };
    (void)state;
    struct beat beat;
    assert_int_equal(beat_parse(good, strlen(good), &beat, NULL), TF_OK);
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
        char *text = changed(good, breaches[i].old, breaches[i].new);
        struct tf_fault fault = {0};
        if (!beat_parse(text, strlen(text), &beat, &fault) ||
            strcmp(fault.field, breaches[i].field) != 0)
            fail_msg("%s: field '%s'", text, fault.field);
        free(text);
    }
}

/* --- failing memory ------------------------------------------------------------------------ */

static enum tf_status make_and_read(void *ctx)
{
    struct tf_buf payload = TF_BUF_INIT(4096), text = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    struct receipt r = {
        .line = "00112233445566778899aabbccddeeff", .from = "n", .to = "s", .of = 1};
    struct envelope e = {0};
    uint8_t hash[KEY_HASH_SIZE];
    enum tf_status rc = receipt_print(&r, &payload);
    if (!rc)
        rc = envelope_make(ctx, ENVELOPE_RECEIPT, payload.data, payload.len, &text, hash);
    if (!rc)
        rc = envelope_parse(text.data, text.len, &e, NULL);
    if (!rc)
        rc = receipt_parse(e.payload, e.payload_len, &r, NULL);
    envelope_release(&e);
    tf_buf_release(&payload);
    tf_buf_release(&text);
    return rc;
}

static void lack_of_memory_is_said(void **state)
{
    (void)state;
    struct key_secret *key = test_key(1);
    assert_true(allocfail_each(make_and_read, key, 1000) > 3);
    key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pae_is_that_of_dsse),
        cmocka_unit_test(what_is_made_is_read_back),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(no_byte_can_be_changed),
        cmocka_unit_test(broken_envelopes_are_named),
        cmocka_unit_test(receipts_come_back),
        cmocka_unit_test(beats_come_back),
        cmocka_unit_test(broken_receipts_are_named),
        cmocka_unit_test(broken_beats_are_named),
        cmocka_unit_test(lack_of_memory_is_said),
    };
    return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
