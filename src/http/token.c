/*
 * token.c - verifying JSON Web Tokens.
 */
#include "http/token.h"

#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct key {
    EVP_PKEY *pkey;
    char kid[128];
    char alg[8]; /* from the JWK; "" if it names none */
};
struct token_keys {
    struct key keys[TOKEN_MAX_KEYS];
    size_t count;
};

/* What an algorithm is, and which key it needs. */
struct algorithm {
    const char *name;
    int key_type;
    const char *group; /* of EC keys */
    const char *digest;
    bool pss;
    size_t coordinate; /* of EC signatures: bytes of r and s */
};
static const struct algorithm algorithms[] = {
    {"RS256", EVP_PKEY_RSA, NULL, "SHA256", false, 0},
    {"RS384", EVP_PKEY_RSA, NULL, "SHA384", false, 0},
    {"RS512", EVP_PKEY_RSA, NULL, "SHA512", false, 0},
    {"PS256", EVP_PKEY_RSA, NULL, "SHA256", true, 0},
    {"PS384", EVP_PKEY_RSA, NULL, "SHA384", true, 0},
    {"PS512", EVP_PKEY_RSA, NULL, "SHA512", true, 0},
    {"ES256", EVP_PKEY_EC, "prime256v1", "SHA256", false, 32},
    {"ES384", EVP_PKEY_EC, "secp384r1", "SHA384", false, 48},
    {"ES512", EVP_PKEY_EC, "secp521r1", "SHA512", false, 66},
    {"EdDSA", EVP_PKEY_ED25519, NULL, NULL, false, 0},
};

enum tf_status token_keys_new(struct token_keys **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? TF_OK : TF_NOMEM;
}

void token_keys_free(struct token_keys *keys)
{
    for (size_t i = 0; keys && i < keys->count; i++)
        EVP_PKEY_free(keys->keys[i].pkey);
    free(keys);
}

size_t token_keys_count(const struct token_keys *keys)
{
    return keys->count;
}

static bool group_is(EVP_PKEY *pkey, const char *group)
{
    char name[64] = "";
    return !group || (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, name,
                                                     sizeof name, NULL) == 1 &&
                      strcmp(name, group) == 0);
}

static bool key_can(const struct key *key, const struct algorithm *a)
{
    return EVP_PKEY_get_base_id(key->pkey) == a->key_type && group_is(key->pkey, a->group) &&
           (!key->alg[0] || strcmp(key->alg, a->name) == 0);
}

/* Keys with which anyone could sign: an RSA exponent of 1 or a modulus with small factors,
 * a point of small order. */
static bool is_sound(EVP_PKEY *pkey)
{
    unsigned char point[32];
    size_t len = sizeof point;
    if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519)
        return EVP_PKEY_get_raw_public_key(pkey, point, &len) == 1 && len == sizeof point &&
               crypto_core_ed25519_is_valid_point(point) == 1;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool sound = ctx && EVP_PKEY_public_check(ctx) == 1;
    EVP_PKEY_CTX_free(ctx);
    return sound;
}

/* Takes pkey over. TF_UNSUPPORTED: no algorithm of ours fits it, or it is too weak. */
static enum tf_status add_key(struct token_keys *keys, EVP_PKEY *pkey, const char *kid,
                              const char *alg)
{
    struct key key = {.pkey = pkey};
    snprintf(key.kid, sizeof key.kid, "%s", kid);
    snprintf(key.alg, sizeof key.alg, "%s", alg);
    bool fits = EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA || EVP_PKEY_get_bits(pkey) >= 2048;
    bool known = false;
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        known = known || key_can(&key, &algorithms[i]);
    bool good = fits && known && is_sound(pkey);
    if (!good || keys->count == TOKEN_MAX_KEYS) {
        EVP_PKEY_free(pkey);
        return good ? TF_LIMIT : TF_UNSUPPORTED;
    }
    keys->keys[keys->count++] = key;
    return TF_OK;
}

static EVP_PKEY *key_of_block(const char *name, const unsigned char *der, long len)
{
    if (strcmp(name, PEM_STRING_PUBLIC) == 0)
        return d2i_PUBKEY(NULL, &der, len);
    X509 *certificate = strcmp(name, PEM_STRING_X509) == 0 ? d2i_X509(NULL, &der, len) : NULL;
    EVP_PKEY *pkey = certificate ? X509_get_pubkey(certificate) : NULL;
    X509_free(certificate);
    return pkey;
}

enum tf_status token_keys_add_pem(struct token_keys *keys, const char *pem, size_t len,
                                  char why[160])
{
    size_t before = keys->count;
    enum tf_status rc = TF_OK;
    BIO *bio = len < 1 << 20 ? BIO_new_mem_buf(pem, (int)len) : NULL;
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    long der_len;
    while (bio && !rc && PEM_read_bio(bio, &name, &header, &der, &der_len) == 1) {
        EVP_PKEY *pkey = key_of_block(name, der, der_len);
        rc = pkey ? add_key(keys, pkey, "", "") : TF_SYNTAX;
        if (rc)
            snprintf(why, 160, "the block \"%.60s\" is not a public key of a known kind", name);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(der);
    }
    BIO_free(bio);
    ERR_clear_error();
    if (!rc && keys->count == before) {
        snprintf(why, 160, "there is no PUBLIC KEY block in it");
        rc = TF_SYNTAX;
    }
    return rc;
}

/* --- JWK sets ------------------------------------------------------------------------ */

static size_t base64url(const char *text, size_t len, unsigned char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] >= 0x80) /* libsodium would take some for '_' */
            return 0;
    if (sodium_base642bin(out, size, text, len, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return 0;
    return n;
}

static size_t member_bytes(const json_t *jwk, const char *name, unsigned char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(jwk, name));
    return text ? base64url(text, strlen(text), out, size) : 0;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *build)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return pkey;
}

static EVP_PKEY *rsa_from_jwk(const json_t *jwk)
{
    unsigned char n[1024], e[16];
    size_t n_len = member_bytes(jwk, "n", n, sizeof n), e_len = member_bytes(jwk, "e", e, sizeof e);
    if (!n_len || !e_len)
        return NULL;
    BIGNUM *modulus = BN_bin2bn(n, (int)n_len, NULL), *exponent = BN_bin2bn(e, (int)e_len, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY *pkey = NULL;
    if (modulus && exponent && build &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
        pkey = from_params("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(modulus);
    BN_free(exponent);
    return pkey;
}

static EVP_PKEY *ec_from_jwk(const json_t *jwk)
{
    static const struct {
        const char *crv, *group;
        size_t size;
    } curves[] = {
        {"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}};
    const char *crv = json_string_value(json_object_get(jwk, "crv"));
    unsigned char point[1 + 2 * 66] = {4};
    for (size_t i = 0; crv && i < sizeof curves / sizeof *curves; i++) {
        size_t size = curves[i].size;
        if (strcmp(crv, curves[i].crv) != 0)
            continue;
        if (member_bytes(jwk, "x", point + 1, size) != size ||
            member_bytes(jwk, "y", point + 1 + size, size) != size)
            return NULL;
        OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
        EVP_PKEY *pkey = NULL;
        if (build &&
            OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curves[i].group,
                                            0) == 1 &&
            OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size) ==
                1)
            pkey = from_params("EC", build);
        OSSL_PARAM_BLD_free(build);
        return pkey;
    }
    return NULL;
}

static EVP_PKEY *okp_from_jwk(const json_t *jwk)
{
    unsigned char x[32];
    const char *crv = json_string_value(json_object_get(jwk, "crv"));
    if (!crv || strcmp(crv, "Ed25519") != 0 || member_bytes(jwk, "x", x, sizeof x) != sizeof x)
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x, sizeof x);
}

enum tf_status token_keys_add_jwks(struct token_keys *keys, const char *json, size_t len,
                                   char why[160])
{
    static const struct {
        const char *kty;
        EVP_PKEY *(*make)(const json_t *jwk);
    } types[] = {{"RSA", rsa_from_jwk}, {"EC", ec_from_jwk}, {"OKP", okp_from_jwk}};
    json_error_t error;
    json_t *set = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error), *jwk;
    const json_t *list = json_object_get(set, "keys");
    size_t index, before = keys->count;
    json_array_foreach((json_t *)(uintptr_t)list, index, jwk)
    {
        const char *kty = json_string_value(json_object_get(jwk, "kty"));
        const char *kid = json_string_value(json_object_get(jwk, "kid"));
        const char *alg = json_string_value(json_object_get(jwk, "alg"));
        const char *use = json_string_value(json_object_get(jwk, "use"));
        EVP_PKEY *pkey = NULL;
        for (size_t i = 0; kty && i < sizeof types / sizeof *types; i++)
            if (strcmp(kty, types[i].kty) == 0 && (!use || strcmp(use, "sig") == 0))
                pkey = types[i].make(jwk);
        if (pkey && add_key(keys, pkey, kid ? kid : "", alg ? alg : "") == TF_LIMIT)
            break;
    }
    bool parsed = set;
    json_decref(set);
    ERR_clear_error();
    if (keys->count > before)
        return TF_OK;
    snprintf(why, 160, parsed ? "there is no usable signing key in the set" : "it is not JSON: %s",
             error.text);
    return TF_SYNTAX;
}

/* --- verifying ------------------------------------------------------------------------- */

/* r and s side by side, as a token has them, to the DER that OpenSSL wants. */
static size_t der_of(const unsigned char *raw, size_t coordinate, unsigned char **der)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)coordinate, NULL);
    BIGNUM *s = BN_bin2bn(raw + coordinate, (int)coordinate, NULL);
    int len = -1;
    if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1)
        len = i2d_ECDSA_SIG(sig, der);
    else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(sig);
    return len > 0 ? (size_t)len : 0;
}

static bool signature_holds(const struct key *key, const struct algorithm *a, const char *text,
                            size_t text_len, const unsigned char *sig, size_t sig_len)
{
    unsigned char *der = NULL;
    if (a->coordinate) {
        if (sig_len != 2 * a->coordinate)
            return false;
        sig_len = der_of(sig, a->coordinate, &der);
        sig = der;
    }
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    bool ready = ctx && sig_len > 0 &&
                 EVP_DigestVerifyInit_ex(ctx, &pctx, a->digest, NULL, NULL, key->pkey, NULL) == 1;
    if (ready && a->pss)
        ready = EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    bool holds =
        ready && EVP_DigestVerify(ctx, sig, sig_len, (const unsigned char *)text, text_len) == 1;
    EVP_MD_CTX_free(ctx);
    OPENSSL_free(der);
    ERR_clear_error();
    return holds;
}

/* A token's three parts. */
struct parts {
    const char *head, *body, *sig;
    size_t head_len, body_len, sig_len, signed_len;
};

static bool split(const char *token, size_t len, struct parts *p)
{
    const char *end = token + len, *first = memchr(token, '.', len);
    const char *second = first ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
    if (!second || memchr(second + 1, '.', (size_t)(end - second - 1)))
        return false;
    *p = (struct parts){token,
                        first + 1,
                        second + 1,
                        (size_t)(first - token),
                        (size_t)(second - first - 1),
                        (size_t)(end - second - 1),
                        (size_t)(second - token)};
    return p->head_len && p->body_len && p->sig_len;
}

static json_t *decode_json(const char *text, size_t len)
{
    unsigned char bytes[TOKEN_MAX];
    json_error_t error;
    size_t n = base64url(text, len, bytes, sizeof bytes);
    json_t *json = n ? json_loadb((const char *)bytes, n, JSON_REJECT_DUPLICATES, &error) : NULL;
    if (json && !json_is_object(json)) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

static bool signed_by_one(const struct token_keys *keys, const struct parts *p, const json_t *head)
{
    const char *alg = json_string_value(json_object_get(head, "alg"));
    const char *kid = json_string_value(json_object_get(head, "kid"));
    unsigned char sig[1100];
    size_t sig_len = base64url(p->sig, p->sig_len, sig, sizeof sig);
    const struct algorithm *a = NULL;
    for (size_t i = 0; alg && i < sizeof algorithms / sizeof *algorithms; i++)
        if (strcmp(alg, algorithms[i].name) == 0)
            a = &algorithms[i];
    if (!a || sig_len == 0 || json_object_get(head, "crit"))
        return false;
    for (size_t i = 0; i < keys->count; i++) {
        const struct key *key = &keys->keys[i];
        bool named = !kid || !key->kid[0] || strcmp(kid, key->kid) == 0;
        if (named && key_can(key, a) &&
            signature_holds(key, a, p->head, p->signed_len, sig, sig_len))
            return true;
    }
    return false;
}

static bool audience_fits(const json_t *aud, const struct token_rules *rules)
{
    size_t n = json_is_array(aud) ? json_array_size(aud) : 1;
    for (size_t i = 0; i < n; i++) {
        const char *one = json_string_value(json_is_array(aud) ? json_array_get(aud, i) : aud);
        for (size_t k = 0; one && k < rules->audience_count; k++)
            if (strcmp(one, rules->audiences[k]) == 0)
                return true;
    }
    return false;
}

/* A NumericDate: integer or real, finite and moderate. */
static bool time_of(const json_t *claims, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(claims, name);
    double number = json_number_value(value);
    if (!json_is_number(value) || !(number > -1e12 && number < 1e12))
        return false;
    *out = (int64_t)number;
    return true;
}

static enum tf_status check_claims(const json_t *claims, const struct token_rules *rules,
                                   int64_t now_s, struct token_claims *out, const char **why)
{
    int64_t nbf;
    const char *sub = json_string_value(json_object_get(claims, "sub"));
    const char *scope = json_string_value(json_object_get(claims, "scope"));
    *why = "the token has no expiry (exp)";
    if (!time_of(claims, "exp", &out->exp_s))
        return TF_SYNTAX;
    *why = "the token has expired";
    if (out->exp_s + rules->leeway_s <= now_s)
        return TF_RANGE;
    *why = "the token is valid for longer than is permitted";
    if (out->exp_s > now_s + rules->max_lifetime_s)
        return TF_RANGE;
    *why = "the token is not valid yet (nbf)";
    if (json_object_get(claims, "nbf") &&
        (!time_of(claims, "nbf", &nbf) || nbf > now_s + rules->leeway_s))
        return TF_RANGE;
    *why = "the token is for another audience (aud)";
    if (!audience_fits(json_object_get(claims, "aud"), rules))
        return TF_RANGE;
    *why = "the token names no subject (sub)";
    if (!sub || !*sub || strlen(sub) >= sizeof out->sub)
        return TF_SYNTAX;
    *why = "the scopes of the token are too long";
    if (scope && strlen(scope) >= sizeof out->scope)
        return TF_SYNTAX;
    snprintf(out->sub, sizeof out->sub, "%s", sub);
    snprintf(out->scope, sizeof out->scope, "%s", scope ? scope : "");
    return TF_OK;
}

enum tf_status token_verify(const struct token_keys *keys, const struct token_rules *rules,
                            const char *token, size_t len, int64_t now_s, struct token_claims *out,
                            const char **why)
{
    struct parts p;
    enum tf_status rc = TF_SYNTAX;
    json_t *head = NULL, *claims = NULL;
    *why = "the token is not a signed JSON Web Token";
    if (len > TOKEN_MAX || !split(token, len, &p))
        return TF_SYNTAX;
    head = decode_json(p.head, p.head_len);
    if (!head)
        goto out;
    *why = "no trusted key verifies the token's signature";
    if (!signed_by_one(keys, &p, head))
        goto out;
    *why = "the token's claims are not a JSON object";
    claims = decode_json(p.body, p.body_len);
    if (claims)
        rc = check_claims(claims, rules, now_s, out, why);
out:
    json_decref(head);
    json_decref(claims);
    return rc;
}

bool token_has_scope(const char *scopes, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = scopes; (at = strstr(at, word)); at += len)
        if ((at == scopes || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}
