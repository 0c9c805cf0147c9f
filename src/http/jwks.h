/*
 * jwks.h - JWK sets fetched from URLs (RFC 7517), and fetched again by a thread.
 *
 * The last good set of each URL is kept: an issuer that is down, slow, or answers with
 * something else changes nothing, but is reported and counted.
 */
#ifndef TF_HTTP_JWKS_H
#define TF_HTTP_JWKS_H

#include "http/token.h"

enum { JWKS_MAX_URLS = 8, JWKS_MAX_BYTES = 262144, JWKS_REFRESH_S = 60, JWKS_TIMEOUT_S = 10 };

struct jwks;

struct jwks_config {
    const char *const *urls; /* kept; https, or http where it is permitted */
    size_t url_count;        /* 1..JWKS_MAX_URLS */
    bool allow_http;         /* else http only to this machine */
    /* On the jwks's thread: some set is another one than before. */
    void (*changed)(void *ctx);
    /* On any thread: why is NULL when a URL that failed answers again. */
    void (*report)(void *ctx, const char *url, const char *why);
    void *ctx;
};
/* What may be fetched from: TF_OK, or TF_UNSUPPORTED with why. */
enum tf_status jwks_check_url(const char *url, bool allow_http, char why[160]);
/* Fetches every URL once (a failure is reported, not returned), then starts the thread.
 * TF_UNSUPPORTED with why: a URL is not permitted. */
enum tf_status jwks_start(const struct jwks_config *config, struct jwks **out, char why[160]);
void jwks_stop(struct jwks *jwks); /* waits for a fetch under way; NULL is nothing */
/* Adds the last good sets. Thread-safe. */
enum tf_status jwks_add(struct jwks *jwks, struct token_keys *keys, char why[160]);
/* Lets the thread fetch at once. */
void jwks_refresh(struct jwks *jwks);
/* Lines for /metrics. */
void jwks_print_metrics(struct jwks *jwks, struct tf_buf *out);

#endif
