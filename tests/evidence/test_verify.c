/*
 * test_verify.c - what test_evidence.py cannot reach: expected fingerprints as text, limits, lack
 * of memory. Bundles are files in the folder that the build names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocfail.h"
#include "evidence/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define DIGITS                                                                                     \
    "00000111112222233333444445555566666"                                                          \
    "77777"

static void fingerprints_as_people_write_them(void **state)
{
    static const char *const bad[] = {
        "",
        "north.example",
        "=" HEX,
        "north.example=",
        "North=" HEX,
        "north.example=" HEX "0",
        "north.example=00000 11111",
        "north.example=" DIGITS "8",
        "north.example=00000.11111.22222.33333.44444.55555.66666.77777"};
    static const char *const good[] = {
        "north.example=" DIGITS, "north.example=00000 11111 22222 33333 44444 55555 66666 77777",
        "north.example=00000-11111-22222-33333-44444-55555-66666-77777"};
    struct evidence_expected e;
    (void)state;
    assert_true(evidence_expect("north.example=" HEX, &e));
    assert_true(!e.is_digits && e.fingerprint[1] == 0x11 && !strcmp(e.party, "north.example"));
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(evidence_expect(good[i], &e));
        assert_true(e.is_digits);
        assert_string_equal(e.digits, "00000 11111 22222 33333 44444 55555 66666 77777");
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (evidence_expect(bad[i], &e))
            fail_msg("%s", bad[i]);
}

/* --- bundles -------------------------------------------------------------------------------- */

struct text {
    char *bytes;
    size_t len;
};

static struct text read_file(const char *name)
{
    struct text text = {0};
    char path[1024];
    const char *folder = getenv("EVIDENCE_CORPUS");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "fuzz/corpus/evidence", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    text.bytes = malloc(1 << 20);
    text.len = fread(text.bytes, 1, 1 << 20, file);
    fclose(file);
    return text;
}

static void count_wrong(void *ctx, const struct tf_fault *fault)
{
    assert_non_null(fault->message);
    ++*(size_t *)ctx;
}

static void a_report_says_what_is_there(void **state)
{
    struct text text = read_file("forked");
    struct evidence_report r;
    size_t wrong = 0;
    struct evidence_visitor visitor = {.wrong = count_wrong, .ctx = &wrong};
    struct tf_fault fault = {0};
    (void)state;
    if (evidence_verify(text.bytes, text.len, NULL, 0, &visitor, &r, &fault))
        fail_msg("%s: %s", fault.field, fault.message);
    assert_true(r.is_valid && wrong == 0 && r.forks == 1);
    assert_string_equal(r.party[0].id, "north.example");
    assert_string_equal(r.party[1].title, "Cell south");
    assert_true(!r.party[0].is_compared && !r.party[1].is_compared);
    assert_int_equal(r.party[0].last, 5);
    assert_int_equal(r.party[0].received, 4);
    assert_int_equal(r.party[1].rotations, 1);
    assert_int_equal(r.checkpoints, 4);
    assert_int_equal(r.cosignatures, 4);
    free(text.bytes);
}

/* One fingerprint that fits does not outweigh one that does not. */
static void each_fingerprint_must_fit(void **state)
{
    struct text text = read_file("plain");
    struct evidence_report r;
    struct evidence_expected e[2];
    (void)state;
    assert_int_equal(evidence_verify(text.bytes, text.len, NULL, 0, NULL, &r, NULL), TF_OK);
    assert_true(evidence_expect("north.example=" HEX, &e[0]));
    assert_true(evidence_expect("north.example=" HEX, &e[1]));
    memcpy(e[1].fingerprint, r.party[0].fingerprint, KEY_HASH_SIZE);
    assert_int_equal(evidence_verify(text.bytes, text.len, e, 2, NULL, &r, NULL), TF_OK);
    assert_true(!r.is_valid && r.wrong == 1 && !r.party[0].is_compared);
    assert_int_equal(evidence_verify(text.bytes, text.len, e + 1, 1, NULL, &r, NULL), TF_OK);
    assert_true(r.is_valid && r.party[0].is_compared && !r.party[1].is_compared);
    free(text.bytes);
}

/* --- limits ---------------------------------------------------------------------------------- */

static enum tf_status verify_document(const char *document, struct tf_fault *fault)
{
    struct tf_buf text = TF_BUF_INIT((size_t)2 * EVIDENCE_MAX);
    struct evidence_report r;
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1];
    key_sha256(&(struct key_piece){document, strlen(document)}, 1, hash);
    key_hex(hash, sizeof hash, hex);
    tf_buf_printf(&text, "%s %s\n", EVIDENCE_FORMAT, hex);
    tf_buf_text(&text, document);
    enum tf_status rc = evidence_verify(text.data, text.len, NULL, 0, NULL, &r, fault);
    tf_buf_release(&text);
    return rc;
}

/* A document whose list `name` has `count` times `item`. */
static void check_limit(const char *name, const char *item, size_t count, enum tf_status expected)
{
    static const char *const lists[] = {"ranges", "messages", "forks", "ledgers"};
    static const char key[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    struct tf_buf text = TF_BUF_INIT(EVIDENCE_MAX);
    struct tf_fault fault = {0};
    tf_buf_text(&text, "{\"line\":\"00112233445566778899aabbccddeeff\",\"round\":1,\"parties\":[");
    tf_buf_printf(&text, "{\"id\":\"a\",\"key\":\"%s\"},{\"id\":\"b\",\"key\":\"%s\"}]", key, key);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        tf_buf_printf(&text, ",\"%s\":[", lists[i]);
        for (size_t n = 0; strcmp(lists[i], name) == 0 && n < count; n++)
            tf_buf_printf(&text, "%s%s", n ? "," : "", item);
        tf_buf_char(&text, ']');
    }
    tf_buf_char(&text, '}');
    assert_int_equal(verify_document(text.data, &fault), expected);
    if (expected)
        assert_memory_equal(fault.field, name, strlen(name));
    tf_buf_release(&text);
}

static void limits(void **state)
{
    struct evidence_report r;
    char *large = calloc(1, EVIDENCE_MAX + 1);
    (void)state;
    assert_int_equal(evidence_verify(large, EVIDENCE_MAX + 1, NULL, 0, NULL, &r, NULL),
                     TF_TOO_LARGE);
    free(large);
    check_limit("", "", 0, TF_OK);
    check_limit("messages", "1", EVIDENCE_MESSAGES_MAX, TF_SYNTAX);
    check_limit("messages", "1", EVIDENCE_MESSAGES_MAX + 1, TF_TOO_LARGE);
    check_limit("forks", "1", EVIDENCE_FORKS_MAX, TF_SYNTAX);
    check_limit("forks", "1", EVIDENCE_FORKS_MAX + 1, TF_TOO_LARGE);
    check_limit("ranges", "{\"from\":\"a\",\"first\":1,\"last\":2}", 3, TF_TOO_LARGE);
    check_limit("ranges", "{\"from\":\"a\",\"first\":1,\"last\":2}", 2, TF_EXISTS);
    check_limit("ledgers", "1", 3, TF_TOO_LARGE);
}

/* --- memory ---------------------------------------------------------------------------------- */

static enum tf_status verify_again(void *ctx)
{
    const struct text *text = ctx;
    struct evidence_report r;
    return evidence_verify(text->bytes, text->len, NULL, 0, NULL, &r, NULL);
}

static void lack_of_memory_is_said(void **state)
{
    struct text text = read_file("forked");
    (void)state;
    assert_true(allocfail_each(verify_again, &text, 5000) > 30);
    free(text.bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(fingerprints_as_people_write_them),
        cmocka_unit_test(a_report_says_what_is_there),
        cmocka_unit_test(each_fingerprint_must_fit),
        cmocka_unit_test(limits),
        cmocka_unit_test(lack_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
