/*
 * fuzz_token.c - tokens, keys and sets of keys from strangers. The first byte chooses:
 * a token as it comes; head and claims (two lines) that get a good signature; a JWK
 * set; a PEM file.
 */
#include "http/token.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1700000000, TEXT_MAX = 2 * TOKEN_MAX };

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* A key pair that is always the same. */
static EVP_PKEY *private_key(void)
{
    static EVP_PKEY *key;
    static const unsigned char seed[32] = "a seed that everybody may know";
    if (!key)
        key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
    must(key);
    return key;
}

static const struct token_keys *trusted(void)
{
    static struct token_keys *keys;
    char why[160], *text;
    if (keys)
        return keys;
    BIO *bio = BIO_new(BIO_s_mem());
    must(bio && PEM_write_bio_PUBKEY(bio, private_key()) == 1);
    long len = BIO_get_mem_data(bio, &text);
    must(!token_keys_new(&keys) && !token_keys_add_pem(keys, text, (size_t)len, why));
    BIO_free(bio);
    return keys;
}

static void verify(const struct token_keys *keys, const char *token, size_t len)
{
    static const char *const audiences[] = {"localhost"};
    const struct token_rules rules = {audiences, 1, 3660, 5};
    struct token_claims claims;
    const char *why = NULL;
    enum tf_status rc = token_verify(keys, &rules, token, len, NOW, &claims, &why);
    must(why);
    if (rc)
        return;
    must(claims.sub[0] && strlen(claims.sub) < sizeof claims.sub);
    must(strlen(claims.scope) < sizeof claims.scope);
    must(claims.exp_s + 5 > NOW && claims.exp_s <= NOW + 3660);
}

static void append(char *out, const void *bytes, size_t len)
{
    size_t at = strlen(out);
    sodium_bin2base64(out + at, TEXT_MAX - at, bytes, len,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void verify_signed(const char *text, size_t len)
{
    char token[TEXT_MAX] = "";
    unsigned char sig[64];
    size_t sig_len = sizeof sig;
    const char *line = memchr(text, '\n', len);
    if (!line || len > 4000)
        return;
    append(token, text, (size_t)(line - text));
    strncat(token, ".", 2);
    append(token, line + 1, len - (size_t)(line + 1 - text));
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(ctx && EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, private_key(), NULL) == 1 &&
         EVP_DigestSign(ctx, sig, &sig_len, (unsigned char *)token, strlen(token)) == 1);
    EVP_MD_CTX_free(ctx);
    strncat(token, ".", 2);
    append(token, sig, sig_len);
    verify(trusted(), token, strlen(token));
}

/* What a stranger's file gives is used, too. */
static void add(enum tf_status (*parse)(struct token_keys *, const char *, size_t, char[160]),
                const char *text, size_t len)
{
    static const char token[] =
        "eyJhbGciOiJFUzI1NiJ9.e30."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQx"
        "fKTUJqPP3-Kg6NU1Q";
    struct token_keys *keys;
    char why[160] = "";
    must(!token_keys_new(&keys));
    enum tf_status rc = parse(keys, text, len, why);
    must(token_keys_count(keys) <= TOKEN_MAX_KEYS);
    must(rc ? why[0] != '\0' : token_keys_count(keys) > 0);
    verify(keys, token, sizeof token - 1);
    token_keys_free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || sodium_init() < 0)
        return 0;
    const char *text = (const char *)data + 1;
    switch (data[0]) {
    case 't':
        verify(trusted(), text, size - 1);
        break;
    case 's':
        verify_signed(text, size - 1);
        break;
    case 'j':
        add(token_keys_add_jwks, text, size - 1);
        break;
    case 'p':
        add(token_keys_add_pem, text, size - 1);
        break;
    default:
        break;
    }
    return 0;
}
