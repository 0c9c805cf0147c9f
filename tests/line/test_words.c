/*
 * test_words.c - what people say to each other: the words of fingerprints, and quick phrases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "line/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const languages[] = {"en", "ar", "ru"};

enum { LETTERS_MAX = 16 };
struct word {
    uint32_t letters[LETTERS_MAX];
    size_t count;
};

/* Letters that are written apart but heard, or read in haste, as one. */
static uint32_t folded(uint32_t letter)
{
    static const uint32_t pairs[][2] = {
        {0x623, 0x627}, {0x625, 0x627}, {0x622, 0x627}, /* alef with hamza, madda */
        {0x649, 0x64A}, {0x626, 0x64A},                 /* yeh */
        {0x624, 0x648}, {0x629, 0x647},                 /* waw, teh marbuta */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (letter == pairs[i][0])
            return pairs[i][1];
    return letter;
}

static bool is_letter_of(size_t language, uint32_t code)
{
    static const uint32_t first[] = {'a', 0x621, 0x430}, last[] = {'z', 0x64A, 0x44F};
    return code >= first[language] && code <= last[language] && code != 0x640;
}

static struct word word_of(size_t language, int byte)
{
    const char *text = fingerprint_word(languages[language], (uint8_t)byte);
    struct word word = {.count = 0};
    for (size_t at = 0; text[at];) {
        uint32_t code = 0;
        size_t n = tf_utf8_decode(text + at, strlen(text + at), &code);
        if (!n || !is_letter_of(language, code) || word.count == LETTERS_MAX)
            fail_msg("%s: not plain letters", text);
        word.letters[word.count++] = folded(code);
        at += n;
    }
    return word;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance. */
static size_t distance(const struct word *a, const struct word *b)
{
    size_t row[LETTERS_MAX + 1];
    for (size_t j = 0; j <= b->count; j++)
        row[j] = j;
    for (size_t i = 0; i < a->count; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b->count; j++) {
            size_t change = diagonal + (a->letters[i] != b->letters[j]);
            diagonal = row[j + 1];
            row[j + 1] = least(change, least(row[j], diagonal) + 1);
        }
    }
    return row[b->count];
}

static void words_cannot_be_confused(void **state)
{
    (void)state;
    for (size_t l = 0; l < 3; l++) {
        static struct word words[256];
        for (int i = 0; i < 256; i++) {
            words[i] = word_of(l, i);
            assert_true(words[i].count >= 3 && words[i].count <= 8);
            for (int j = 0; j < i; j++)
                if (memcmp(words[i].letters, words[j].letters, 3 * sizeof(uint32_t)) == 0 ||
                    distance(&words[i], &words[j]) < 2)
                    fail_msg("%s and %s", fingerprint_word(languages[l], (uint8_t)i),
                             fingerprint_word(languages[l], (uint8_t)j));
        }
    }
    assert_string_equal(fingerprint_word("fr", 200), fingerprint_word("en", 200));
}

/* They are part of the protocol: the hash of each list, its words ended by line feeds. */
static void words_never_change(void **state)
{
    static const char *const hashes[] = {
        "23feba267fcf183c4000a14c338e20563801bf7ea82aec7dfb4eba66ba8d509a",
        "1e0f8aa10c16148c8d45702b2ed15c3262b6d3360488f49f315b1a501e3e7c2e",
        "5995c0d5ebe90abf02a779e53068064d3e365ba3c60687f01ccc3af6b37bd7a6",
    };
    (void)state;
    for (size_t l = 0; l < 3; l++) {
        struct tf_buf all = TF_BUF_INIT(65536);
        uint8_t hash[KEY_HASH_SIZE];
        char hex[2 * KEY_HASH_SIZE + 1];
        for (int i = 0; i < 256; i++)
            tf_buf_printf(&all, "%s\n", fingerprint_word(languages[l], (uint8_t)i));
        key_sha256(&(struct key_piece){all.data, all.len}, 1, hash);
        key_hex(hash, sizeof hash, hex);
        assert_string_equal(hex, hashes[l]);
        tf_buf_release(&all);
    }
}

static void digits_of_a_fingerprint(void **state)
{
    uint8_t fingerprint[KEY_HASH_SIZE] = {0, 0, 0, 7, 0, 1, 0x86, 0xA0, 0, 1, 0x86, 0xA1};
    char text[FINGERPRINT_DIGITS_SIZE];
    (void)state;
    memset(fingerprint + 28, 0xFF, 4);
    fingerprint_digits(fingerprint, text);
    assert_string_equal(text, "00007 00000 00001 00000 00000 00000 00000 67295");
}

/* --- phrases ------------------------------------------------------------------------------- */

static const char *sentence(const struct phrase *phrase, size_t language)
{
    const char *const sentences[] = {phrase->english, phrase->arabic, phrase->russian};
    return sentences[language];
}

/* Each place that the phrase has arguments for stands in each language, exactly once. */
static void places_are_those_of_the_arguments(void **state)
{
    size_t count;
    const struct phrase *phrases = phrase_list(&count);
    (void)state;
    assert_true(count >= 40);
    for (size_t i = 0; i < count; i++) {
        char id[8];
        snprintf(id, sizeof id, "p%02zu", i + 1);
        assert_string_equal(phrases[i].id, id);
        assert_ptr_equal(phrase_named(id), &phrases[i]);
        for (size_t l = 0; l < 3; l++) {
            size_t places = 0;
            for (const char *c = sentence(&phrases[i], l); (c = strchr(c, '%')); c += 2, places++)
                assert_true(c[1] >= '1' && c[1] <= '3' && phrases[i].args[c[1] - '1']);
            for (size_t a = 0; a < 3 && phrases[i].args[a]; a++) {
                char place[3] = {'%', (char)('1' + a), '\0'};
                const char *at = strstr(sentence(&phrases[i], l), place);
                assert_true(at && !strstr(at + 1, place));
                places--;
            }
            assert_int_equal(places, 0);
        }
    }
    assert_null(phrase_named("p00"));
    assert_null(phrase_named(""));
}

static void phrases_are_filled(void **state)
{
    struct tf_buf out = TF_BUF_INIT(1024);
    json_t *args = json_pack("{s:s, s:f, s:i}", "lat", "31.5", "lng", -34.25, "altitude", 120);
    const struct phrase *phrase = phrase_named("p15");
    (void)state;
    assert_int_equal(phrase_text(phrase, "en", args, &out), TF_OK);
    assert_string_equal(out.data, "There is an unknown aircraft at 31.5, -34.25, altitude 120 m.");
    tf_buf_clear(&out);
    assert_int_equal(phrase_text(phrase, "ar", args, &out), TF_OK);
    assert_non_null(strstr(out.data, "\u2068-34.25\u2069"));
    tf_buf_clear(&out);
    json_object_del(args, "altitude");
    assert_int_equal(phrase_text(phrase, "ru", args, &out), TF_MISSING);
    tf_buf_clear(&out);
    assert_int_equal(phrase_text(phrase_named("p23"), "ru", NULL, &out), TF_OK);
    assert_string_equal(out.data, phrase_named("p23")->russian);
    json_decref(args);
    tf_buf_release(&out);
}

/* Nothing that is said by pressing a key may be taken for a permission. */
static void no_phrase_approves(void **state)
{
    static const char *const words[] = {"approve", "permit", "allow", "clear to",
                                        "cleared", "разреш", "одобр", "допуск",
                                        "نوافق",   "مسموح",  "إذن"};
    size_t count;
    const struct phrase *phrases = phrase_list(&count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
            for (size_t l = 0; l < 3; l++)
                assert_null(strstr(sentence(&phrases[i], l), words[w]));
}

static void line_ids_do_not_depend_on_the_order(void **state)
{
    struct card a = {.id = "north.example"}, b = {.id = "south.example", .key = {{7}}};
    char ab[LINE_ID_SIZE], ba[LINE_ID_SIZE], later[LINE_ID_SIZE];
    (void)state;
    line_id_of(&a, &b, 1, ab);
    line_id_of(&b, &a, 1, ba);
    line_id_of(&a, &b, 2, later);
    assert_string_equal(ab, ba);
    assert_string_not_equal(ab, later);
    b.key.bytes[31] = 1;
    line_id_of(&a, &b, 1, ba);
    assert_string_not_equal(ab, ba);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_cannot_be_confused),
        cmocka_unit_test(words_never_change),
        cmocka_unit_test(digits_of_a_fingerprint),
        cmocka_unit_test(places_are_those_of_the_arguments),
        cmocka_unit_test(phrases_are_filled),
        cmocka_unit_test(no_phrase_approves),
        cmocka_unit_test(line_ids_do_not_depend_on_the_order),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
