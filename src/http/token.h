/*
 * token.h - bearer tokens: JSON Web Tokens (RFC 7519, RFC 8725) verified with
 * OpenSSL, and issued for small sites.
 *
 * The key decides the algorithm, never the token: an RSA key verifies RS256/384/512 and
 * PS256/384/512, an EC key the ES of its curve, an Ed25519 key EdDSA; a JWK's "alg" narrows
 * it to one. "none" and HMAC do not exist here.
 */
#ifndef TF_HTTP_TOKEN_H
#define TF_HTTP_TOKEN_H

#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

enum { TOKEN_MAX = 8192, TOKEN_MAX_KEYS = 32, TOKEN_SUB_SIZE = 256, TOKEN_SCOPE_SIZE = 1024 };

struct token_keys; /* a set of public keys; not changed after it was made */

enum tf_status token_keys_new(struct token_keys **out);
void token_keys_free(struct token_keys *keys);
size_t token_keys_count(const struct token_keys *keys);
/* Every PUBLIC KEY and CERTIFICATE block of a PEM text. TF_SYNTAX with why: none or a bad
 * one; TF_LIMIT: too many. */
enum tf_status token_keys_add_pem(struct token_keys *keys, const char *pem, size_t len,
                                  char why[160]);
/* Every usable signing key of a JWK set (RFC 7517): RSA >= 2048 bits, EC P-256,
 * P-384, P-521, OKP Ed25519. Others are passed over. */
enum tf_status token_keys_add_jwks(struct token_keys *keys, const char *json, size_t len,
                                   char why[160]);

struct token_rules {
    const char *const *audiences; /* one of them must be in "aud" */
    size_t audience_count;
    int64_t max_lifetime_s; /* of exp from now; 3660 */
    int64_t leeway_s;       /* for nbf and exp: clocks differ; 5 (F3548 TimeSyncMaxDifferential) */
};
struct token_claims {
    char sub[TOKEN_SUB_SIZE];
    char scope[TOKEN_SCOPE_SIZE]; /* space-separated */
    int64_t exp_s;
};
/* TF_OK; or TF_SYNTAX / TF_RANGE / TF_UNSUPPORTED with a reason that reveals no secret. */
enum tf_status token_verify(const struct token_keys *keys, const struct token_rules *rules,
                            const char *token, size_t len, int64_t now_s, struct token_claims *out,
                            const char **why);
/* The word is among the scopes. */
bool token_has_scope(const char *scopes, const char *word);

/* Issues a token and appends it to `out`; private_pem is an Ed25519 PRIVATE KEY (EdDSA), or an RSA
 * one of 2048 bits or more (RS256); TF_UNSUPPORTED for any other. */
struct token_request {
    const char *issuer, *sub, *aud, *scope;
    int64_t now_s, lifetime_s;
    const char *jti;
};
enum tf_status token_issue(const struct token_request *request, const char *private_pem,
                           struct tf_buf *out);
/* Makes an Ed25519 key pair as PEM texts. */
enum tf_status token_make_keys(struct tf_buf *private_pem, struct tf_buf *public_pem);
/* Appends the public key of such a pair as a JWK set (RFC 7517, RFC 8037), with the "kid" that the
 * tokens have. */
enum tf_status token_public_set(const char *public_pem, struct tf_buf *out);

#endif
