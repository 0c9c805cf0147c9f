/*
 * test_token.c - tokens: vectors of RFC 7515 and 8037, every algorithm with keys made here,
 * and the attacks that are known against verifiers (RFC 8725).
 */
#include "http/token.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1700000000, TEXT_MAX = 16384 };

/* --- a signer, independent of the verifier -------------------------------------------------- */

struct maker {
    const char *alg, *type, *group, *digest;
    bool pss;
    size_t coordinate;
    EVP_PKEY *key;
};
static const struct maker plans[] = {
    {"RS256", "RSA", NULL, "SHA256", false, 0, NULL},
    {"RS384", "RSA", NULL, "SHA384", false, 0, NULL},
    {"RS512", "RSA", NULL, "SHA512", false, 0, NULL},
    {"PS256", "RSA", NULL, "SHA256", true, 0, NULL},
    {"PS384", "RSA", NULL, "SHA384", true, 0, NULL},
    {"PS512", "RSA", NULL, "SHA512", true, 0, NULL},
    {"ES256", "EC", "P-256", "SHA256", false, 32, NULL},
    {"ES384", "EC", "P-384", "SHA384", false, 48, NULL},
    {"ES512", "EC", "P-521", "SHA512", false, 66, NULL},
    {"EdDSA", "ED25519", NULL, NULL, false, 0, NULL},
};
enum { ALG_COUNT = sizeof plans / sizeof *plans, RS256 = 0, PS256 = 3, ES256 = 6, EDDSA = 9 };

/* What the tests share: one maker per algorithm, RSA keys shared. */
struct world {
    struct maker makers[ALG_COUNT];
    struct token_keys *all;
};

static void append_base64url(char *out, const void *bytes, size_t len)
{
    size_t at = strlen(out);
    assert_true(at + len * 2 + 8 < TEXT_MAX);
    sodium_bin2base64(out + at, TEXT_MAX - at, bytes, len,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static size_t to_raw(const unsigned char *der, size_t len, size_t coordinate, unsigned char *raw)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
    assert_non_null(sig);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int)coordinate);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + coordinate, (int)coordinate);
    ECDSA_SIG_free(sig);
    return 2 * coordinate;
}

/* The signature of text; for EC as DER if `der`. */
static size_t sign(const struct maker *m, const char *text, unsigned char *sig, bool der)
{
    unsigned char bytes[1024];
    size_t len = sizeof bytes;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx;
    assert_int_equal(EVP_DigestSignInit_ex(ctx, &pctx, m->digest, NULL, NULL, m->key, NULL), 1);
    if (m->pss) {
        EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST);
    }
    assert_int_equal(EVP_DigestSign(ctx, bytes, &len, (const unsigned char *)text, strlen(text)),
                     1);
    EVP_MD_CTX_free(ctx);
    if (m->coordinate && !der)
        return to_raw(bytes, len, m->coordinate, sig);
    memcpy(sig, bytes, len);
    return len;
}

static void make(const struct maker *m, const char *head, const char *claims, char *out)
{
    unsigned char sig[1024];
    out[0] = '\0';
    append_base64url(out, head, strlen(head));
    strncat(out, ".", 2);
    append_base64url(out, claims, strlen(claims));
    size_t len = sign(m, out, sig, false);
    strncat(out, ".", 2);
    append_base64url(out, sig, len);
}

static const char good_claims[] =
    "{\"sub\":\"uss1\",\"aud\":\"localhost\",\"scope\":\"a b\",\"exp\":1700003600}";

static void make_good(const struct maker *m, char *out)
{
    char head[64];
    snprintf(head, sizeof head, "{\"alg\":\"%s\"}", m->alg);
    make(m, head, good_claims, out);
}

static enum tf_status check(const struct token_keys *keys, const char *token)
{
    static const char *const audiences[] = {"example.org", "localhost"};
    const struct token_rules rules = {audiences, 2, 3660, 5};
    struct token_claims claims;
    const char *why = NULL;
    enum tf_status rc = token_verify(keys, &rules, token, strlen(token), NOW, &claims, &why);
    assert_non_null(why);
    if (rc == TF_OK)
        assert_true(claims.sub[0]);
    return rc;
}

static struct token_keys *only(EVP_PKEY *key)
{
    struct token_keys *keys;
    char why[160] = "", *text;
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
    long len = BIO_get_mem_data(bio, &text);
    assert_int_equal(token_keys_new(&keys), TF_OK);
    assert_int_equal(token_keys_add_pem(keys, text, (size_t)len, why), TF_OK);
    BIO_free(bio);
    return keys;
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    if (!w || sodium_init() < 0 || token_keys_new(&w->all))
        return -1;
    memcpy(w->makers, plans, sizeof plans);
    EVP_PKEY *rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    for (size_t i = 0; i < ALG_COUNT; i++) {
        struct maker *m = &w->makers[i];
        if (strcmp(m->type, "RSA") == 0) {
            EVP_PKEY_up_ref(rsa);
            m->key = rsa;
        } else {
            m->key = m->group ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", m->group)
                              : EVP_PKEY_Q_keygen(NULL, NULL, m->type);
        }
        if (!m->key)
            return -1;
    }
    EVP_PKEY_free(rsa);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < ALG_COUNT; i++)
        EVP_PKEY_free(w->makers[i].key);
    token_keys_free(w->all);
    free(w);
    return 0;
}

/* --- vectors ------------------------------------------------------------------------------------
 */

/* RFC 7515 A.2, A.3 and RFC 8037 A.1, A.4: keys and tokens. Their claims are not ours
 * (an expiry of 2011 or none), so what must be found is that: the signature holds. */
static const struct {
    const char *jwk, *token, *why;
} vectors[] = {
    {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
     "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
     "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlL"
     "mNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
     "pmWQxfKTUJqPP3-Kg6NU1Q",
     "the token has expired"},
    {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGc"
     "vMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
     "the token's claims are not a JSON object"},
};

static void vectors_of_the_rfcs(void **state)
{
    (void)state;
    static const char *const audiences[] = {"localhost"};
    const struct token_rules rules = {audiences, 1, 3660, 5};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct token_keys *keys;
        struct token_claims claims;
        const char *reason;
        char set[1024], why[160], bent[1024];
        snprintf(set, sizeof set, "{\"keys\":[%s]}", vectors[i].jwk);
        assert_int_equal(token_keys_new(&keys), TF_OK);
        assert_int_equal(token_keys_add_jwks(keys, set, strlen(set), why), TF_OK);
        size_t len = strlen(vectors[i].token);
        assert_int_not_equal(
            token_verify(keys, &rules, vectors[i].token, len, NOW, &claims, &reason), TF_OK);
        assert_string_equal(reason, vectors[i].why);
        memcpy(bent, vectors[i].token, len + 1);
        bent[len - 20] = bent[len - 20] == 'A' ? 'B' : 'A';
        assert_int_not_equal(token_verify(keys, &rules, bent, len, NOW, &claims, &reason), TF_OK);
        assert_string_equal(reason, "no trusted key verifies the token's signature");
        token_keys_free(keys);
    }
}

/* --- algorithms ----------------------------------------------------------------------------------
 */

static bool same_key(const struct maker *a, const struct maker *b)
{
    return a->key == b->key;
}

static void each_algorithm_with_its_key_only(void **state)
{
    struct world *w = *state;
    char token[TEXT_MAX];
    for (size_t i = 0; i < ALG_COUNT; i++) {
        struct token_keys *keys = only(w->makers[i].key);
        for (size_t k = 0; k < ALG_COUNT; k++) {
            make_good(&w->makers[k], token);
            assert_int_equal(check(keys, token) == TF_OK, same_key(&w->makers[i], &w->makers[k]));
        }
        token_keys_free(keys);
    }
}

/* The head says one algorithm, the signature is of another: all pairs. */
static void an_algorithm_that_is_not_the_signature_s(void **state)
{
    struct world *w = *state;
    char token[TEXT_MAX], head[64];
    for (size_t i = 0; i < ALG_COUNT; i++) {
        struct token_keys *keys = only(w->makers[i].key);
        for (size_t k = 0; k < ALG_COUNT; k++) {
            snprintf(head, sizeof head, "{\"alg\":\"%s\"}", plans[k].alg);
            make(&w->makers[i], head, good_claims, token);
            assert_int_equal(check(keys, token) == TF_OK, i == k);
        }
        token_keys_free(keys);
    }
}

static void none_in_all_spellings(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"none",   "None",  "NONE",   "nOnE",   "",
                                        " none",  "none ", "HS256",  "hs256",  "rs256",
                                        "RS256 ", "RS1",   "ES256K", "Ed25519"};
    struct token_keys *keys = only(w->makers[RS256].key);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char token[TEXT_MAX] = "", head[64];
        snprintf(head, sizeof head, "{\"alg\":\"%s\"}", names[i]);
        make(&w->makers[RS256], head, good_claims, token);
        assert_int_equal(check(keys, token), TF_SYNTAX);
        char *dot = strrchr(token, '.');
        dot[1] = '\0'; /* an empty signature */
        assert_int_equal(check(keys, token), TF_SYNTAX);
        dot[0] = '\0'; /* no third part */
        assert_int_equal(check(keys, token), TF_SYNTAX);
    }
    static const char *const heads[] = {"{}",
                                        "{\"alg\":null}",
                                        "{\"alg\":7}",
                                        "{\"alg\":[\"RS256\"]}",
                                        "{\"alg\":\"RS256\",\"alg\":\"none\"}",
                                        "[]",
                                        "\"RS256\"",
                                        "{",
                                        "{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":false}",
                                        "{\"alg\":\"RS256\",\"crit\":[]}",
                                        "{\"alg\":\"RS256\"} x"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        char token[TEXT_MAX];
        make(&w->makers[RS256], heads[i], good_claims, token);
        print_message("%s\n", heads[i]);
        assert_int_equal(check(keys, token), TF_SYNTAX);
    }
    token_keys_free(keys);
}

/* HMAC keyed with the public key, which everybody knows. */
static void hmac_with_the_public_key(void **state)
{
    struct world *w = *state;
    struct token_keys *keys = only(w->makers[RS256].key);
    char *pem;
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, w->makers[RS256].key);
    long len = BIO_get_mem_data(bio, &pem);
    char token[TEXT_MAX] = "";
    unsigned char mac[64];
    unsigned mac_len;
    append_base64url(token, "{\"alg\":\"HS256\"}", 15);
    strncat(token, ".", 2);
    append_base64url(token, good_claims, strlen(good_claims));
    HMAC(EVP_sha256(), pem, (int)len, (unsigned char *)token, strlen(token), mac, &mac_len);
    strncat(token, ".", 2);
    append_base64url(token, mac, mac_len);
    assert_int_equal(check(keys, token), TF_SYNTAX);
    BIO_free(bio);
    token_keys_free(keys);
}

/* --- signatures
 * ------------------------------------------------------------------------------------ */

/* The good token's text with another signature. */
static enum tf_status with_signature(const struct token_keys *keys, const char *good,
                                     const unsigned char *sig, size_t len)
{
    char token[TEXT_MAX];
    size_t text = (size_t)(strrchr(good, '.') - good) + 1;
    memcpy(token, good, text);
    token[text] = '\0';
    append_base64url(token, sig, len);
    return check(keys, token);
}

static void bent_signatures(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < ALG_COUNT; i++) {
        const struct maker *m = &w->makers[i];
        struct token_keys *keys = only(m->key);
        char good[TEXT_MAX], text[TEXT_MAX];
        unsigned char sig[1100], bent[1100] = {0};
        make_good(m, good);
        size_t body = (size_t)(strrchr(good, '.') - good);
        memcpy(text, good, body);
        text[body] = '\0';
        size_t len = sign(m, text, sig, false);
        assert_int_equal(with_signature(keys, good, sig, len), TF_OK);
        assert_int_not_equal(with_signature(keys, good, sig, len - 1), TF_OK);
        assert_int_not_equal(with_signature(keys, good, sig, len / 2), TF_OK);
        assert_int_not_equal(with_signature(keys, good, sig + 1, len - 1), TF_OK);
        memcpy(bent, sig, len);
        assert_int_not_equal(with_signature(keys, good, bent, len + 1), TF_OK);
        for (size_t bit = 0; bit < 8 * len; bit += 7) {
            memcpy(bent, sig, len);
            bent[bit / 8] ^= (unsigned char)(1 << bit % 8);
            assert_int_not_equal(with_signature(keys, good, bent, len), TF_OK);
        }
        memset(bent, 0, sizeof bent); /* r = s = 0 */
        assert_int_not_equal(with_signature(keys, good, bent, len), TF_OK);
        memset(bent, 0xFF, sizeof bent);
        assert_int_not_equal(with_signature(keys, good, bent, len), TF_OK);
        if (m->coordinate) {
            memset(bent, 0, sizeof bent);
            memcpy(bent, sig, m->coordinate); /* s = 0 */
            assert_int_not_equal(with_signature(keys, good, bent, len), TF_OK);
            len = sign(m, text, sig, true);
            assert_int_not_equal(with_signature(keys, good, sig, len), TF_OK);
        }
        token_keys_free(keys);
    }
}

static void bent_texts(void **state)
{
    struct world *w = *state;
    struct token_keys *keys = only(w->makers[EDDSA].key);
    char good[TEXT_MAX], bent[TEXT_MAX];
    make_good(&w->makers[EDDSA], good);
    size_t len = strlen(good);
    for (size_t i = 0; i < len; i++) {
        static const char others[] = "A. =+/\n-_%\x80";
        for (const char *c = others; *c; c++) {
            if (*c == good[i])
                continue;
            memcpy(bent, good, len + 1);
            bent[i] = *c;
            assert_int_not_equal(check(keys, bent), TF_OK);
        }
    }
    for (size_t n = 0; n < len; n++) {
        memcpy(bent, good, n);
        bent[n] = '\0';
        assert_int_not_equal(check(keys, bent), TF_OK);
    }
    static const char *const tails[] = {"=", "==", ".", ".x", " ", "\n", "A", "%3D"};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        snprintf(bent, sizeof bent, "%s%s", good, tails[i]);
        assert_int_not_equal(check(keys, bent), TF_OK);
    }
    snprintf(bent, sizeof bent, " %s", good);
    assert_int_not_equal(check(keys, bent), TF_OK);
    token_keys_free(keys);
}

static void huge_and_odd_tokens(void **state)
{
    struct world *w = *state;
    struct token_keys *keys = only(w->makers[EDDSA].key);
    static char text[TOKEN_MAX + 100];
    static const char *const odd[] = {"",         ".",       "..",      "...",         "a",
                                      "a.b",      "a.b.c",   "a.b.c.d", "e30.e30.e30", "e30..e30",
                                      ".e30.e30", "e30.e30."};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_int_equal(check(keys, odd[i]), TF_SYNTAX);
    memset(text, 'A', sizeof text - 1);
    assert_int_equal(check(keys, text), TF_SYNTAX);
    text[10] = text[TOKEN_MAX - 10] = '.';
    text[TOKEN_MAX] = '\0';
    assert_int_equal(check(keys, text), TF_SYNTAX);
    text[10] = 'A';
    text[TOKEN_MAX - 20] = '.'; /* a huge head */
    assert_int_equal(check(keys, text), TF_SYNTAX);
    token_keys_free(keys);
}

/* --- kid
 * ------------------------------------------------------------------------------------------- */

static void kids_only_choose_among_trusted_keys(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *kid; /* JSON */
        bool good;
    } kids[] = {{"\"one\"", true},
                {"\"two\"", false},
                {"\"\"", false},
                {"\"../../dev/null\"", false},
                {"\"/etc/passwd\"", false},
                {"\"' OR 1=1 --\"", false},
                {"\"one\\n\"", false},
                {"\"ONE\"", false}};
    char set[1024], why[160], x[64] = "";
    unsigned char raw[32];
    size_t len = sizeof raw;
    struct token_keys *keys;
    assert_int_equal(EVP_PKEY_get_raw_public_key(w->makers[EDDSA].key, raw, &len), 1);
    sodium_bin2base64(x, sizeof x, raw, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(set, sizeof set,
             "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"one\",\"x\":\"%s\"}]}", x);
    assert_int_equal(token_keys_new(&keys), TF_OK);
    assert_int_equal(token_keys_add_jwks(keys, set, strlen(set), why), TF_OK);
    for (size_t i = 0; i < sizeof kids / sizeof *kids; i++) {
        char token[TEXT_MAX], head[200];
        snprintf(head, sizeof head, "{\"alg\":\"EdDSA\",\"kid\":%s}", kids[i].kid);
        make(&w->makers[EDDSA], head, good_claims, token);
        print_message("%s\n", head);
        assert_int_equal(check(keys, token) == TF_OK, kids[i].good);
    }
    char token[TEXT_MAX], head[4200];
    make_good(&w->makers[EDDSA], token); /* without a kid all keys are tried */
    assert_int_equal(check(keys, token), TF_OK);
    snprintf(head, sizeof head, "{\"alg\":\"EdDSA\",\"kid\":\"%04000d\"}", 0);
    make(&w->makers[EDDSA], head, good_claims, token);
    assert_int_not_equal(check(keys, token), TF_OK);
    /* A head that brings its own key brings nothing. */
    snprintf(head, sizeof head, "{\"alg\":\"EdDSA\",\"jwk\":%s,\"jku\":\"http://127.0.0.1/\"}",
             "{}");
    make(&w->makers[EDDSA], head, good_claims, token);
    struct token_keys *others = only(w->makers[ES256].key);
    assert_int_not_equal(check(others, token), TF_OK);
    token_keys_free(others);
    token_keys_free(keys);
}

/* --- claims
 * ---------------------------------------------------------------------------------------- */

#define REST ",\"sub\":\"u\",\"aud\":\"localhost\",\"scope\":\"a\"}"
#define TIME "{\"exp\":1700003600,"
static const struct {
    bool good;
    const char *claims;
} claims_cases[] = {
    {true, "{\"exp\":1700003600" REST},
    {true, "{\"exp\":1700003660" REST},
    {false, "{\"exp\":1700003661" REST},
    {true, "{\"exp\":1699999996" REST},
    {false, "{\"exp\":1699999995" REST},
    {true, "{\"exp\":1700000100.5" REST},
    {false, "{\"exp\":\"1700003600\"" REST},
    {false, "{\"exp\":null" REST},
    {false, "{\"exp\":true" REST},
    {false, "{\"exp\":-1" REST},
    {false, "{\"exp\":0" REST},
    {false, "{\"exp\":1e18" REST},
    {false, "{\"exp\":9223372036854775807" REST},
    {false, "{\"exp\":-9223372036854775808" REST},
    {false, "{\"exp\":99999999999999999999" REST},
    {false, "{\"exp\":1e999" REST},
    {false, "{\"exp\":[1700003600]" REST},
    {false, "{\"iat\":1" REST},
    {false, "{\"exp\":1700003600,\"exp\":1700003600" REST},
    {true, "{\"nbf\":1700000005,\"exp\":1700003600" REST},
    {false, "{\"nbf\":1700000006,\"exp\":1700003600" REST},
    {true, "{\"nbf\":1699999999.5,\"exp\":1700003600" REST},
    {false, "{\"nbf\":\"0\",\"exp\":1700003600" REST},
    {false, "{\"nbf\":1e99,\"exp\":1700003600" REST},
    {true, TIME "\"sub\":\"u\",\"aud\":[\"x\",\"localhost\"]}"},
    {true, TIME "\"sub\":\"u\",\"aud\":\"example.org\"}"},
    {false, TIME "\"sub\":\"u\",\"aud\":[]}"},
    {false, TIME "\"sub\":\"u\",\"aud\":[[\"localhost\"]]}"},
    {false, TIME "\"sub\":\"u\",\"aud\":{\"0\":\"localhost\"}}"},
    {false, TIME "\"sub\":\"u\",\"aud\":\"localhost.evil.example\"}"},
    {false, TIME "\"sub\":\"u\",\"aud\":\"x localhost\"}"},
    {false, TIME "\"sub\":\"u\",\"aud\":\"LOCALHOST\"}"},
    {false, TIME "\"sub\":\"u\",\"aud\":\"\"}"},
    {false, TIME "\"sub\":\"u\",\"aud\":null}"},
    {false, TIME "\"sub\":\"u\",\"aud\":7}"},
    {false, TIME "\"sub\":\"u\"}"},
    {false, TIME "\"sub\":\"u\",\"aud\":\"x\",\"aud\":\"localhost\"}"},
    {false, TIME "\"sub\":\"\",\"aud\":\"localhost\"}"},
    {false, TIME "\"sub\":7,\"aud\":\"localhost\"}"},
    {false, TIME "\"sub\":null,\"aud\":\"localhost\"}"},
    {false, TIME "\"sub\":\"u\\u0000v\",\"aud\":\"localhost\"}"},
    {false, TIME "\"aud\":\"localhost\"}"},
    {false, TIME "\"sub\":\"u\",\"sub\":\"v\",\"aud\":\"localhost\"}"},
    {false, "[" TIME "\"sub\":\"u\",\"aud\":\"localhost\"}]"},
    {false, "not JSON"},
    {false, "{\"exp\":1700003600,\"sub\":\"\x80\",\"aud\":\"localhost\"}"},
};

static void claims(void **state)
{
    struct world *w = *state;
    struct token_keys *keys = only(w->makers[EDDSA].key);
    for (size_t i = 0; i < sizeof claims_cases / sizeof *claims_cases; i++) {
        char token[TEXT_MAX];
        print_message("%s\n", claims_cases[i].claims);
        make(&w->makers[EDDSA], "{\"alg\":\"EdDSA\"}", claims_cases[i].claims, token);
        assert_int_equal(check(keys, token) == TF_OK, claims_cases[i].good);
    }
    token_keys_free(keys);
}

static void long_claims(void **state)
{
    struct world *w = *state;
    struct token_keys *keys = only(w->makers[EDDSA].key);
    static const struct {
        int sub, scope;
        bool good;
    } cases[] = {{TOKEN_SUB_SIZE - 1, 1, true},
                 {TOKEN_SUB_SIZE, 1, false},
                 {1, TOKEN_SCOPE_SIZE - 1, true},
                 {1, TOKEN_SCOPE_SIZE, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char token[TEXT_MAX], text[4096];
        snprintf(text, sizeof text,
                 TIME "\"sub\":\"%0*d\",\"scope\":\"%0*d\",\"aud\":\"localhost\"}", cases[i].sub, 0,
                 cases[i].scope, 0);
        make(&w->makers[EDDSA], "{\"alg\":\"EdDSA\"}", text, token);
        assert_int_equal(check(keys, token) == TF_OK, cases[i].good);
    }
    token_keys_free(keys);
}

static void scopes_are_whole_words(void **state)
{
    (void)state;
    static const char scopes[] = "utm.a utm.ab  x";
    assert_true(token_has_scope(scopes, "utm.a"));
    assert_true(token_has_scope(scopes, "utm.ab"));
    assert_true(token_has_scope(scopes, "x"));
    assert_false(token_has_scope(scopes, "utm."));
    assert_false(token_has_scope(scopes, "tm.a"));
    assert_false(token_has_scope(scopes, "utm.abc"));
    assert_false(token_has_scope("", "x"));
    assert_true(token_has_scope("aa a", "a"));
}

/* --- keys
 * ------------------------------------------------------------------------------------------ */

static const char *const bad_sets[] = {
    "",
    "{",
    "[]",
    "7",
    "{}",
    "{\"keys\":{}}",
    "{\"keys\":[]}",
    "{\"keys\":[7,null,\"x\",[]]}",
    "{\"keys\":[{}]}",
    "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
    "{\"keys\":[{\"kty\":\"RSA\"}]}",
    /* 512 bits */
    "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"u6VqMkZ6aLFF3tNHDS-"
    "hLQzVLdQ1Yx8Wc0eVgx1T0nbBbYl5"
    "tR9xqkY1yLw1V3vH7lKQm4c0Yz1yq3mQeWlXGQ\"}]}",
    /* not on the curve */
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
    "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4\"}]}",
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
    "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
    /* another curve's name, short, no y, padded */
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":"
    "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}",
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83O\",\"y\":\"x_FE\"}]}",
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
    "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}]}",
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
    "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU=\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0=\"}]}",
    /* for encryption; points of small order; another curve */
    "{\"keys\":[{\"kty\":\"OKP\",\"use\":\"enc\",\"crv\":\"Ed25519\","
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":"
    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":"
    "\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"11qYAYKxCrfVS_"
    "7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
    /* an algorithm that the key cannot have */
    "{\"keys\":[{\"kty\":\"OKP\",\"alg\":\"RS256\",\"crv\":\"Ed25519\","
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
    "{\"keys\":[{\"kty\":\"OKP\",\"alg\":\"none\",\"crv\":\"Ed25519\","
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}",
};

static void unusable_sets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_sets / sizeof *bad_sets; i++) {
        struct token_keys *keys;
        char why[160] = "";
        print_message("%s\n", bad_sets[i]);
        assert_int_equal(token_keys_new(&keys), TF_OK);
        assert_int_equal(token_keys_add_jwks(keys, bad_sets[i], strlen(bad_sets[i]), why),
                         TF_SYNTAX);
        assert_int_equal(token_keys_count(keys), 0);
        assert_true(why[0]);
        token_keys_free(keys);
    }
}

/* RSA with the exponent 1 verifies whatever is written. */
static void an_exponent_of_one(void **state)
{
    struct world *w = *state;
    BIGNUM *modulus = NULL;
    unsigned char bytes[256];
    char n[400], set[1000], why[160] = "";
    struct token_keys *keys;
    assert_int_equal(EVP_PKEY_get_bn_param(w->makers[RS256].key, OSSL_PKEY_PARAM_RSA_N, &modulus),
                     1);
    assert_int_equal(BN_bn2bin(modulus, bytes), sizeof bytes);
    BN_free(modulus);
    sodium_bin2base64(n, sizeof n, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    static const char *const exponents[] = {"AQ", "Ag", "AQAA", "AQAB"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(set, sizeof set, "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}]}", n,
                 exponents[i]);
        assert_int_equal(token_keys_new(&keys), TF_OK);
        print_message("%s\n", exponents[i]);
        assert_int_equal(token_keys_add_jwks(keys, set, strlen(set), why),
                         i == 3 ? TF_OK : TF_SYNTAX);
        token_keys_free(keys);
    }
}

static void a_private_key_in_a_set_is_used_as_public(void **state)
{
    (void)state;
    static const char set[] =
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_"
        "9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
        "\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},{\"kty\":\"RSA\"}]}";
    struct token_keys *keys;
    char why[160];
    assert_int_equal(token_keys_new(&keys), TF_OK);
    assert_int_equal(token_keys_add_jwks(keys, set, sizeof set - 1, why), TF_OK);
    assert_int_equal(token_keys_count(keys), 1);
    for (int i = 0; i < 40; i++) /* no more than there is room for */
        (void)token_keys_add_jwks(keys, set, sizeof set - 1, why);
    assert_int_equal(token_keys_count(keys), TOKEN_MAX_KEYS);
    token_keys_free(keys);
}

static enum tf_status add_pem(const char *text, size_t *count)
{
    struct token_keys *keys;
    char why[160] = "";
    assert_int_equal(token_keys_new(&keys), TF_OK);
    enum tf_status rc = token_keys_add_pem(keys, text, strlen(text), why);
    assert_int_equal(rc != TF_OK, why[0] != '\0');
    *count = token_keys_count(keys);
    token_keys_free(keys);
    return rc;
}

static void pem_files(void **state)
{
    struct world *w = *state;
    size_t count;
    char *text, all[8192] = "";
    assert_int_not_equal(add_pem("", &count), TF_OK);
    assert_int_not_equal(add_pem("nonsense", &count), TF_OK);
    assert_int_not_equal(
        add_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", &count), TF_OK);
    assert_int_not_equal(add_pem("-----BEGIN PUBLIC KEY-----\n", &count), TF_OK);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, w->makers[EDDSA].key, NULL, NULL, 0, NULL, NULL);
    long len = BIO_get_mem_data(bio, &text);
    snprintf(all, sizeof all, "%.*s", (int)len, text);
    assert_int_not_equal(add_pem(all, &count), TF_OK); /* a private key is no public key */
    BIO_free(bio);
    bio = BIO_new(BIO_s_mem());
    for (size_t i = RS256; i < ALG_COUNT; i += 3)
        PEM_write_bio_PUBKEY(bio, w->makers[i].key);
    len = BIO_get_mem_data(bio, &text);
    snprintf(all, sizeof all, "some words\n%.*s", (int)len, text);
    assert_int_equal(add_pem(all, &count), TF_OK);
    assert_int_equal(count, 4);
    BIO_free(bio);
    static const size_t weak_bits[] = {512, 1024, 2047};
    for (size_t i = 0; i < 3; i++) {
        EVP_PKEY *weak = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", weak_bits[i]);
        bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PUBKEY(bio, weak);
        len = BIO_get_mem_data(bio, &text);
        snprintf(all, sizeof all, "%.*s", (int)len, text);
        assert_int_not_equal(add_pem(all, &count), TF_OK);
        assert_int_equal(count, 0);
        BIO_free(bio);
        EVP_PKEY_free(weak);
    }
}

/* --- the issuer
 * ------------------------------------------------------------------------------------- */

static void issued_tokens_verify(void **state)
{
    (void)state;
    struct tf_buf private_pem = TF_BUF_INIT(4096), public_pem = TF_BUF_INIT(4096);
    struct tf_buf token = TF_BUF_INIT(8192);
    const struct token_request request = {.issuer = "me",
                                          .sub = "\"quoted\" \xD8\xB7",
                                          .aud = "localhost",
                                          .scope = "a b",
                                          .now_s = NOW,
                                          .lifetime_s = 3600,
                                          .jti = "j"};
    struct token_keys *keys;
    struct token_claims out;
    char why[160];
    const char *reason;
    static const char *const audiences[] = {"localhost"};
    const struct token_rules rules = {audiences, 1, 3660, 5};
    assert_int_equal(token_make_keys(&private_pem, &public_pem), TF_OK);
    assert_int_equal(token_issue(&request, private_pem.data, &token), TF_OK);
    assert_int_equal(token_keys_new(&keys), TF_OK);
    assert_int_equal(token_keys_add_pem(keys, public_pem.data, public_pem.len, why), TF_OK);
    assert_int_equal(token_verify(keys, &rules, token.data, token.len, NOW, &out, &reason), TF_OK);
    assert_string_equal(out.sub, request.sub);
    assert_string_equal(out.scope, "a b");
    assert_int_equal(out.exp_s, NOW + 3600);
    assert_int_not_equal(
        token_verify(keys, &rules, token.data, token.len, NOW + 4000, &out, &reason), TF_OK);
    assert_int_not_equal(
        token_verify(keys, &rules, token.data, token.len, NOW - 4000, &out, &reason), TF_OK);
    tf_buf_clear(&token);
    assert_int_equal(token_issue(&request, public_pem.data, &token), TF_UNSUPPORTED);
    assert_int_equal(token_issue(&request, "nonsense", &token), TF_UNSUPPORTED);
    token_keys_free(keys);
    tf_buf_release(&private_pem);
    tf_buf_release(&public_pem);
    tf_buf_release(&token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_rfcs),
        cmocka_unit_test(each_algorithm_with_its_key_only),
        cmocka_unit_test(an_algorithm_that_is_not_the_signature_s),
        cmocka_unit_test(none_in_all_spellings),
        cmocka_unit_test(hmac_with_the_public_key),
        cmocka_unit_test(bent_signatures),
        cmocka_unit_test(bent_texts),
        cmocka_unit_test(huge_and_odd_tokens),
        cmocka_unit_test(kids_only_choose_among_trusted_keys),
        cmocka_unit_test(claims),
        cmocka_unit_test(long_claims),
        cmocka_unit_test(scopes_are_whole_words),
        cmocka_unit_test(unusable_sets),
        cmocka_unit_test(an_exponent_of_one),
        cmocka_unit_test(a_private_key_in_a_set_is_used_as_public),
        cmocka_unit_test(pem_files),
        cmocka_unit_test(issued_tokens_verify),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
