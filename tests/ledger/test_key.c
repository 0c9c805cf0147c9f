/*
 * test_key.c - Ed25519 by the vectors of RFC 8032 §7.1, the key file, encodings read strictly,
 * and the names of parties.
 */
#include "ledger/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocfail.h"
#include "random.h"

struct vector {
    const char *seed, *public, *message, *signature;
};

/* RFC 8032 §7.1: TEST 1, TEST 2, TEST 3, TEST SHA(abc). */
static const struct vector vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
     "bbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e"
     "0303dca179c138ac17ad9bef1177331a704"},
};

static void the_vectors_of_rfc_8032(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        uint8_t seed[KEY_SEED_SIZE], message[64], signature[KEY_SIGNATURE_SIZE];
        size_t len = strlen(v->message) / 2;
        char hex[2 * KEY_SIGNATURE_SIZE + 1];
        assert_true(key_unhex(v->seed, strlen(v->seed), seed, sizeof seed));
        assert_true(key_unhex(v->message, strlen(v->message), message, len));
        struct key_secret *key = NULL;
        assert_int_equal(key_from_seed(seed, &key), TF_OK);
        struct key_public public = key_public_of(key);
        key_hex(public.bytes, sizeof public.bytes, hex);
        assert_string_equal(hex, v->public);
        key_sign(key, message, len, signature);
        key_hex(signature, sizeof signature, hex);
        assert_string_equal(hex, v->signature);
        assert_true(key_verify(&public, message, len, signature));
        key_free(key);
    }
}

static void a_changed_bit_does_not_verify(void **state)
{
    (void)state;
    uint8_t message[40] = "what was said", signature[KEY_SIGNATURE_SIZE];
    struct key_secret *key = NULL;
    assert_int_equal(key_make(&key), TF_OK);
    struct key_public public = key_public_of(key);
    key_sign(key, message, sizeof message, signature);
    for (size_t bit = 0; bit < 8 * sizeof message; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(key_verify(&public, message, sizeof message, signature));
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof signature; bit++) {
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(key_verify(&public, message, sizeof message, signature));
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(key_verify(&public, message, sizeof message, signature));
    key_free(key);
}

/* A key of low order would verify one signature under any message. */
static void keys_of_low_order_are_refused(void **state)
{
    (void)state;
    struct key_public public = {{1}};
    uint8_t signature[KEY_SIGNATURE_SIZE] = {1};
    assert_false(key_verify(&public, "x", 1, signature));
    memset(&public, 0, sizeof public);
    memset(signature, 0, sizeof signature);
    assert_false(key_verify(&public, "x", 1, signature));
}

static void assert_same_key(const struct key_secret *a, const struct key_secret *b)
{
    uint8_t one[KEY_SEED_SIZE], two[KEY_SEED_SIZE];
    key_seed_of(a, one);
    key_seed_of(b, two);
    assert_memory_equal(one, two, sizeof one);
}

static void a_plain_key_file(void **state)
{
    (void)state;
    struct key_secret *key = NULL, *back = NULL;
    struct key_public public;
    struct tf_buf text = TF_BUF_INIT(1000);
    assert_int_equal(key_make(&key), TF_OK);
    assert_int_equal(key_write(key, NULL, &text), TF_OK);
    assert_memory_equal(text.data, "tafadi-key/v1\npublic ", 21);
    assert_int_equal(key_read(text.data, text.len, NULL, &back), TF_OK);
    assert_same_key(key, back);
    key_free(back);
    assert_int_equal(key_read(text.data, text.len, "not needed", &back), TF_OK);
    assert_same_key(key, back);
    key_free(back);
    assert_int_equal(key_read_public(text.data, text.len, &public), TF_OK);
    struct key_public own = key_public_of(key);
    assert_memory_equal(&public, &own, sizeof own);
    tf_buf_release(&text);
    key_free(key);
}

static void a_sealed_key_file(void **state)
{
    (void)state;
    struct key_secret *key = NULL, *back = NULL;
    struct key_public public;
    struct tf_buf text = TF_BUF_INIT(1000);
    assert_int_equal(key_make(&key), TF_OK);
    assert_int_equal(key_write(key, "open, please", &text), TF_OK);
    assert_non_null(strstr(text.data, "\nsealed "));
    assert_null(strstr(text.data, "\nseed "));
    assert_int_equal(key_read(text.data, text.len, NULL, &back), TF_MISSING);
    assert_int_equal(key_read(text.data, text.len, "open, pleas", &back), TF_NOT_FOUND);
    assert_int_equal(key_read(text.data, text.len, "open, please", &back), TF_OK);
    assert_same_key(key, back);
    assert_int_equal(key_read_public(text.data, text.len, &public), TF_OK);
    /* Another public key in it: the box does not open. */
    char *digit = strstr(text.data, "public ") + 7;
    *digit = *digit == 'A' ? 'B' : 'A';
    key_free(back);
    back = NULL;
    assert_int_equal(key_read(text.data, text.len, "open, please", &back), TF_NOT_FOUND);
    assert_null(back);
    tf_buf_release(&text);
    key_free(key);
}

/* Cut anywhere, or with any one character changed, a plain file is refused. */
static void a_damaged_key_file_is_refused(void **state)
{
    (void)state;
    struct key_secret *key = NULL, *back = NULL;
    struct tf_buf text = TF_BUF_INIT(1000);
    assert_int_equal(key_make(&key), TF_OK);
    assert_int_equal(key_write(key, NULL, &text), TF_OK);
    for (size_t len = 0; len < text.len; len++)
        assert_int_equal(key_read(text.data, len, NULL, &back), TF_SYNTAX);
    for (size_t i = 0; i < text.len; i++) {
        char was = text.data[i];
        text.data[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(key_read(text.data, text.len, NULL, &back), TF_SYNTAX);
        text.data[i] = was;
    }
    tf_buf_char(&text, '\n');
    assert_int_equal(key_read(text.data, text.len, NULL, &back), TF_SYNTAX);
    tf_buf_release(&text);
    key_free(key);
}

/* Parameters that would take all memory, or all day. */
static void hostile_parameters_are_refused(void **state)
{
    (void)state;
    static const char *const numbers[] = {"3 99999999999", "17 268435456", "0 268435456", "3 1024",
                                          "03 268435456",  "-3 268435456", "3 268435456 "};
    struct key_secret *back = NULL;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct tf_buf text = TF_BUF_INIT(1000);
        uint8_t zeros[64] = {0};
        tf_buf_text(&text, "tafadi-key/v1\npublic ");
        key_base64(zeros, 32, &text);
        tf_buf_printf(&text, "\nargon2id %s ", numbers[i]);
        key_base64(zeros, 16, &text);
        tf_buf_text(&text, "\nsealed ");
        key_base64(zeros, 24, &text);
        tf_buf_char(&text, ' ');
        key_base64(zeros, 48, &text);
        tf_buf_char(&text, '\n');
        assert_int_equal(key_read(text.data, text.len, "x", &back), TF_SYNTAX);
        tf_buf_release(&text);
    }
}

static void sha256_of_pieces(void **state)
{
    (void)state;
    /* FIPS 180-4's example "abc", and nothing at all. */
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    static const char none[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1];
    key_sha256((const struct key_piece[]){{"abc", 3}}, 1, hash);
    key_hex(hash, sizeof hash, hex);
    assert_string_equal(hex, abc);
    key_sha256((const struct key_piece[]){{"a", 1}, {NULL, 0}, {"bc", 2}}, 3, hash);
    key_hex(hash, sizeof hash, hex);
    assert_string_equal(hex, abc);
    key_sha256(NULL, 0, hash);
    key_hex(hash, sizeof hash, hex);
    assert_string_equal(hex, none);
}

static void base64_there_and_back(void **state)
{
    (void)state;
    uint64_t random = random_seed(4);
    for (size_t len = 0; len < 300; len++) {
        uint8_t bytes[300], back[300];
        size_t got = 0;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)random_next(&random);
        struct tf_buf text = TF_BUF_INIT(1000);
        tf_buf_text(&text, "");
        key_base64(bytes, len, &text);
        assert_int_equal(text.len, (len + 2) / 3 * 4);
        assert_true(key_unbase64(text.data, text.len, back, len));
        assert_memory_equal(bytes, back, len);
        assert_true(key_unbase64_some(text.data, text.len, back, sizeof back, &got));
        assert_int_equal(got, len);
        assert_false(key_unbase64(text.data, text.len, back, len + 1));
        if (len > 0)
            assert_false(key_unbase64_some(text.data, text.len, back, len - 1, &got));
        tf_buf_release(&text);
    }
}

static void base64_is_read_strictly(void **state)
{
    (void)state;
    static const char *const wrong[] = {"YQ",    "YQ=",   "YR==",  "YWJ=",      "YQ==\n", " YQ==",
                                        "Y Q==", "YQ===", "YQ==A", "_-==",      "=",      "YQ=A",
                                        "Y",     "YWI",   "YWJj=", "\xc3\xa9=="};
    uint8_t out[16];
    size_t got = 0;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(key_unbase64_some(wrong[i], strlen(wrong[i]), out, sizeof out, &got));
    assert_true(key_unbase64("YQ==", 4, out, 1));
    assert_true(key_unbase64("", 0, out, 0));
}

/* Whatever byte stands wherever: what is read is written again the same. */
static void one_text_for_one_value(void **state)
{
    (void)state;
    static const char good[] = "AAECAwQFBgcICQ==";
    uint8_t out[16];
    for (size_t at = 0; at < sizeof good - 1; at++)
        for (int byte = 0; byte < 256; byte++) {
            char text[sizeof good];
            size_t len = 0;
            struct tf_buf again = TF_BUF_INIT(100);
            memcpy(text, good, sizeof good);
            text[at] = (char)byte;
            if (key_unbase64_some(text, sizeof good - 1, out, sizeof out, &len)) {
                key_base64(out, len, &again);
                assert_string_equal(again.data, text);
            }
            tf_buf_release(&again);
        }
}

static void hexadecimal_is_read_strictly(void **state)
{
    (void)state;
    uint8_t out[4];
    char text[9];
    assert_true(key_unhex("00ff10ab", 8, out, 4));
    key_hex(out, 4, text);
    assert_string_equal(text, "00ff10ab");
    assert_false(key_unhex("00FF10AB", 8, out, 4));
    assert_false(key_unhex("00ff10a", 7, out, 4));
    assert_false(key_unhex("00ff10ab", 8, out, 3));
    assert_false(key_unhex("00ff10a:", 8, out, 4));
    assert_false(key_unhex("00ff10a\0", 8, out, 4));
}

static void names_of_parties(void **state)
{
    (void)state;
    char longest[KEY_NAME_SIZE + 1];
    memset(longest, 'a', sizeof longest);
    longest[KEY_NAME_SIZE] = '\0';
    assert_false(key_name_is_valid(longest));
    longest[KEY_NAME_SIZE - 1] = '\0';
    assert_true(key_name_is_valid(longest));
    static const char *const good[] = {"north", "north.example", "4th-wing", "a", "0"};
    static const char *const bad[] = {"",    "-a",  ".a",  "North", "a b",
                                      "a+b", "a/b", "a_b", "a\n",   "\xd8\xb4"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(key_name_is_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(key_name_is_valid(bad[i]));
}

static enum tf_status write_and_read(void *ctx)
{
    (void)ctx;
    static const uint8_t seed[KEY_SEED_SIZE] = {7};
    struct key_secret *key = NULL, *back = NULL;
    struct tf_buf text = TF_BUF_INIT(1000);
    enum tf_status rc = key_from_seed(seed, &key);
    if (!rc)
        rc = key_write(key, NULL, &text);
    if (!rc)
        rc = key_read(text.data, text.len, NULL, &back);
    key_free(back);
    key_free(key);
    tf_buf_release(&text);
    return rc;
}

static void memory_runs_out(void **state)
{
    (void)state;
    assert_true(allocfail_each(write_and_read, NULL, 20) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_8032),
        cmocka_unit_test(a_changed_bit_does_not_verify),
        cmocka_unit_test(keys_of_low_order_are_refused),
        cmocka_unit_test(a_plain_key_file),
        cmocka_unit_test(a_sealed_key_file),
        cmocka_unit_test(a_damaged_key_file_is_refused),
        cmocka_unit_test(hostile_parameters_are_refused),
        cmocka_unit_test(sha256_of_pieces),
        cmocka_unit_test(base64_there_and_back),
        cmocka_unit_test(base64_is_read_strictly),
        cmocka_unit_test(one_text_for_one_value),
        cmocka_unit_test(hexadecimal_is_read_strictly),
        cmocka_unit_test(names_of_parties),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests_name("ledger: key", tests, NULL, NULL);
}
