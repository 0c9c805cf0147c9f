/*
 * client.h - requests to a DSS and to other USSs: HTTPS by libcurl, several at a time, each with a
 * bearer token for its host; bounded in time and size.
 *
 * Tokens come from one of: the node's own issuer (its key), a file that something else keeps
 * fresh, or a token endpoint (OAuth 2.0 client credentials, RFC 6749 4.4, with "audience").
 * They are kept until shortly before they expire, and never logged.
 */
#ifndef TF_USS_CLIENT_H
#define TF_USS_CLIENT_H

#include "base/buf.h"
#include "uss/exchange.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <tafadi/status.h>

enum { USS_WHY_SIZE = 256, USS_REQUESTS_MAX = 64, USS_TARGET_SIZE = 768 };

#define USS_SCOPE_SC "utm.strategic_coordination"
#define USS_SCOPE_CMSA "utm.conformance_monitoring_sa"
#define USS_SCOPE_CP "utm.constraint_processing"
#define USS_SCOPE_CM "utm.constraint_management"

struct uss_client_config {
    bool allow_http;     /* base URLs may be http:// (development) */
    const char *ca_file; /* PEM authorities; NULL: the system's */
    /* Of tokens; the first that is set: */
    const char *issuer_pem; /* an Ed25519 PRIVATE KEY; copied */
    const char *subject;    /* of the tokens that it issues */
    const char *token_file; /* a token alone */
    const char *token_url;  /* with the next two */
    const char *client_id, *client_secret;
    const atomic_bool *stopping; /* ends what is under way */
    struct uss_log *log;         /* of what is asked with a token; NULL: not kept */
};
struct uss_client;

TF_MUST_CHECK enum tf_status uss_client_new(const struct uss_client_config *config,
                                            struct uss_client **out);
void uss_client_free(struct uss_client *client); /* NULL is fine */

struct uss_request {
    const char *method, *scope; /* scope NULL: no token */
    const char *content_type;   /* the header's whole line; NULL: JSON */
    char url[USS_TARGET_SIZE];
    struct tf_buf body; /* the caller's; empty: none */
    /* The answer. status 0: there is none, `why` says why. */
    long status;
    struct tf_buf answer;
    char why[USS_WHY_SIZE];
};
/* Does them all at once, and waits, at most `timeout_ms`. From any thread. At most
 * USS_REQUESTS_MAX. */
void uss_client_do(struct uss_client *client, struct uss_request *const *requests, size_t count,
                   long timeout_ms);
void uss_request_release(struct uss_request *request); /* its buffers; idempotent */

/* "https://uss.example:8443/x" : "uss.example". False: no host, or too long. */
bool uss_host_of(const char *url, char *out, size_t size);

#endif
