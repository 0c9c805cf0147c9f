/*
 * issue.c - the built-in issuer: keys and tokens for small sites.
 */
#include "http/token.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <string.h>

/* In the tokens and in the JWK set: a verifier looks for the one in the other. */
#define KID "issuer"
#define RSA_BITS_MAX 8192

static void append_base64url(struct tf_buf *out, const void *bytes, size_t len)
{
    char text[8192];
    if (sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING) > sizeof text) {
        out->status = TF_LIMIT;
        return;
    }
    sodium_bin2base64(text, sizeof text, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    tf_buf_text(out, text);
}

static void claims_of(const struct token_request *q, struct tf_buf *out)
{
    const struct {
        const char *name, *value;
    } texts[] = {{"iss", q->issuer}, {"sub", q->sub}, {"client_id", q->sub},
                 {"aud", q->aud},    {"jti", q->jti}, {"scope", q->scope}};
    tf_buf_char(out, '{');
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        tf_buf_json(out, texts[i].name);
        tf_buf_char(out, ':');
        tf_buf_json(out, texts[i].value);
        tf_buf_char(out, ',');
    }
    tf_buf_printf(out, "\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld}", (long long)q->now_s,
                  (long long)q->now_s - 1, (long long)(q->now_s + q->lifetime_s));
}

/* What it signs with. Many verifiers in this trade know RS256 alone. NULL: not with such a key. */
static const char *algorithm_of(EVP_PKEY *pkey)
{
    int id = pkey ? EVP_PKEY_get_base_id(pkey) : EVP_PKEY_NONE;
    if (id == EVP_PKEY_ED25519)
        return "EdDSA";
    return id == EVP_PKEY_RSA && EVP_PKEY_get_bits(pkey) >= 2048 ? "RS256" : NULL;
}

enum tf_status token_issue(const struct token_request *request, const char *private_pem,
                           struct tf_buf *out)
{
    struct tf_buf head = TF_BUF_INIT(1024), claims = TF_BUF_INIT(4096);
    unsigned char sig[RSA_BITS_MAX / 8];
    size_t sig_len = sizeof sig, start = out->len;
    BIO *bio = BIO_new_mem_buf(private_pem, -1);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    enum tf_status rc = TF_UNSUPPORTED;
    const char *algorithm = algorithm_of(pkey);
    if (!algorithm || !ctx)
        goto out;
    const char *digest = strcmp(algorithm, "RS256") == 0 ? "SHA256" : NULL;
    tf_buf_printf(&head, "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}", algorithm);
    claims_of(request, &claims);
    rc = tf_buf_status(&head) ? tf_buf_status(&head) : tf_buf_status(&claims);
    if (rc)
        goto out;
    append_base64url(out, head.data, head.len);
    tf_buf_char(out, '.');
    append_base64url(out, claims.data, claims.len);
    rc = tf_buf_status(out);
    if (!rc && (EVP_DigestSignInit_ex(ctx, NULL, digest, NULL, NULL, pkey, NULL) != 1 ||
                EVP_DigestSign(ctx, sig, &sig_len, (unsigned char *)out->data + start,
                               out->len - start) != 1))
        rc = TF_UNSUPPORTED;
    if (!rc) {
        tf_buf_char(out, '.');
        append_base64url(out, sig, sig_len);
        rc = tf_buf_status(out);
    }
out:
    tf_buf_release(&head);
    tf_buf_release(&claims);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    ERR_clear_error();
    return rc;
}

enum tf_status token_make_keys(struct tf_buf *private_pem, struct tf_buf *public_pem)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    BIO *bio[2] = {BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem())};
    enum tf_status rc = TF_NOMEM;
    if (pkey && bio[0] && bio[1] &&
        PEM_write_bio_PrivateKey(bio[0], pkey, NULL, NULL, 0, NULL, NULL) == 1 &&
        PEM_write_bio_PUBKEY(bio[1], pkey) == 1) {
        struct tf_buf *to[2] = {private_pem, public_pem};
        for (int i = 0; i < 2; i++) {
            char *text;
            long len = BIO_get_mem_data(bio[i], &text);
            tf_buf_append(to[i], text, (size_t)len);
        }
        rc = tf_buf_status(private_pem) ? tf_buf_status(private_pem) : tf_buf_status(public_pem);
    }
    BIO_free(bio[0]);
    BIO_free(bio[1]);
    EVP_PKEY_free(pkey);
    return rc;
}

static void put_number(EVP_PKEY *pkey, const char *param, const char *member, struct tf_buf *out)
{
    unsigned char bytes[RSA_BITS_MAX / 8];
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(pkey, param, &number) != 1 ||
        BN_num_bytes(number) > (int)sizeof bytes) {
        out->status = TF_UNSUPPORTED;
    } else {
        tf_buf_printf(out, ",\"%s\":\"", member);
        append_base64url(out, bytes, (size_t)BN_bn2bin(number, bytes));
        tf_buf_char(out, '"');
    }
    BN_free(number);
}

static void put_jwk(EVP_PKEY *pkey, const char *algorithm, struct tf_buf *out)
{
    unsigned char raw[32];
    size_t len = sizeof raw;
    tf_buf_printf(out, "{\"use\":\"sig\",\"alg\":\"%s\",\"kid\":\"" KID "\"", algorithm);
    if (strcmp(algorithm, "RS256") == 0) {
        tf_buf_text(out, ",\"kty\":\"RSA\"");
        put_number(pkey, OSSL_PKEY_PARAM_RSA_N, "n", out);
        put_number(pkey, OSSL_PKEY_PARAM_RSA_E, "e", out);
    } else if (EVP_PKEY_get_raw_public_key(pkey, raw, &len) == 1) {
        tf_buf_text(out, ",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"");
        append_base64url(out, raw, len);
        tf_buf_char(out, '"');
    } else {
        out->status = TF_UNSUPPORTED;
    }
    tf_buf_char(out, '}');
}

enum tf_status token_public_set(const char *public_pem, struct tf_buf *out)
{
    BIO *bio = BIO_new_mem_buf(public_pem, -1);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    const char *algorithm = algorithm_of(pkey);
    if (algorithm) {
        tf_buf_text(out, "{\"keys\":[");
        put_jwk(pkey, algorithm, out);
        tf_buf_text(out, "]}");
    }
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    ERR_clear_error();
    return algorithm ? tf_buf_status(out) : TF_UNSUPPORTED;
}
