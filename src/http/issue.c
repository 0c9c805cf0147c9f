/*
 * issue.c - the built-in issuer: Ed25519 keys and tokens for small sites.
 */
#include "http/token.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>

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

enum tf_status token_issue(const struct token_request *request, const char *private_pem,
                           struct tf_buf *out)
{
    struct tf_buf head = TF_BUF_INIT(1024), claims = TF_BUF_INIT(4096);
    unsigned char sig[64];
    size_t sig_len = sizeof sig, start = out->len;
    BIO *bio = BIO_new_mem_buf(private_pem, -1);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    enum tf_status rc = TF_UNSUPPORTED;
    tf_buf_text(&head, "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":");
    tf_buf_json(&head, request->kid);
    tf_buf_char(&head, '}');
    claims_of(request, &claims);
    if (!pkey || EVP_PKEY_get_base_id(pkey) != EVP_PKEY_ED25519 || !ctx)
        goto out;
    rc = tf_buf_status(&head) ? tf_buf_status(&head) : tf_buf_status(&claims);
    if (rc)
        goto out;
    append_base64url(out, head.data, head.len);
    tf_buf_char(out, '.');
    append_base64url(out, claims.data, claims.len);
    rc = tf_buf_status(out);
    if (!rc && (EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) != 1 ||
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

enum tf_status token_public_set(const char *public_pem, const char *kid, struct tf_buf *out)
{
    unsigned char raw[32];
    size_t len = sizeof raw;
    BIO *bio = BIO_new_mem_buf(public_pem, -1);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    bool good = pkey && EVP_PKEY_get_raw_public_key(pkey, raw, &len) == 1 && len == sizeof raw;
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    ERR_clear_error();
    if (!good)
        return TF_UNSUPPORTED;
    tf_buf_text(out, "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"sig\","
                     "\"alg\":\"EdDSA\",\"kid\":");
    tf_buf_json(out, kid);
    tf_buf_text(out, ",\"x\":\"");
    append_base64url(out, raw, sizeof raw);
    tf_buf_text(out, "\"}]}");
    return tf_buf_status(out);
}
