/*
 * oauth.h - the built-in issuer over HTTP: OAuth 2.0 client credentials (RFC 6749), its
 * public key as a JWK set, and, for development, tokens for whoever asks.
 *
 * Passwords are hashed on a thread of their own behind a short queue, since checking one takes as
 * long as thousands of requests; each address may ask now and then only.
 */
#ifndef TF_API_OAUTH_H
#define TF_API_OAUTH_H

#include "base/buf.h"
#include <stdbool.h>

enum { OAUTH_MAX_CLIENTS = 256, OAUTH_QUEUE = 16, OAUTH_BURST = 30, OAUTH_REFILL_S = 2 };

struct oauth;
struct api_call;

struct oauth_config {
    const char *private_pem, *public_pem; /* of the issuer; copied */
    const char *audience;                 /* if the client names none; kept */
    bool endpoint;                        /* POST /oauth/token */
    bool dummy;                           /* GET /token */
};
enum tf_status oauth_new(const struct oauth_config *config, struct oauth **out);
/* After the server has stopped. NULL is nothing. */
void oauth_free(struct oauth *oauth);
/*
 * Replaces the clients: each line an id, a hash as crypto_pwhash_str makes it, and the scopes
 * that may be asked for; # begins a comment. TF_SYNTAX: why names the line; the old ones stay.
 */
enum tf_status oauth_set_clients(struct oauth *oauth, const char *text, char why[160]);
/* Only reads them, and counts. */
enum tf_status oauth_check_clients(const char *text, size_t *count, char why[160]);
/* Hashes a secret for such a line. */
enum tf_status oauth_hash(const char *secret, char out[128]);

#endif
