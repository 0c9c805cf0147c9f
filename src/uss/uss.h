/*
 * uss.h - the node as a USS (ASTM F3548-21): its operational intents in a DSS, their details for
 * peers, notifications to and from them. docs/uss.md.
 *
 *     flight plans --> [ planner ] --HTTPS--> DSS, peers' details
 *                          |  ^
 *                          v  |            (what it wants, what came of it, whom to tell)
 *                    party's database
 *                          |  ^
 *                          v  |
 *     peers <--HTTPS-- [ teller ]      HTTP threads <-- peers: details?, "this has changed"
 *
 * Two threads of its own; what is in the database it reaches by the party's queue.
 */
#ifndef TF_USS_USS_H
#define TF_USS_USS_H

#include "http/server.h"
#include "http/token.h"
#include "party/party.h"
#include "uss/client.h"

struct uss;

struct uss_config {
    struct party *party;  /* must outlive it */
    const char *base_url; /* of this USS, as others reach it; without a slash at its end; kept */
    const char *dss_url;  /* kept */
    const char *version;  /* of the program; kept */
    struct uss_client_config client;
    bool flight_planning; /* serve InterUSS's automated testing interface */
    /*
     * Whether who asks may: a bearer token that is good, with one of the scopes (NULL-terminated).
     * False: the exchange has its answer, not yet sent.
     */
    bool (*admit)(void *ctx, struct http_exchange *exchange, const char *const *scopes,
                  struct token_claims *out);
    void *ctx;
};

TF_MUST_CHECK enum tf_status uss_start(const struct uss_config *config, struct uss **out);
/* Before uss_free(), while the party and the HTTP server are there: what is under way is ended.
 * NULL is fine, here and below. */
void uss_stop(struct uss *uss);
/* After the HTTP server's threads have ended. */
void uss_free(struct uss *uss);

/* Whether a path is a USS's: /uss/v1/..., /flight_planning/v1/... */
bool uss_serves(const struct uss *uss, struct http_slice path);
void uss_handle(struct uss *uss, struct http_exchange *exchange);

struct uss_metrics {
    uint64_t plans, plans_rejected, plans_failed; /* that were decided */
    uint64_t told, tellings_failed;               /* notifications taken; attempts that failed */
    uint64_t heard, heard_refused;                /* notifications of peers */
};
void uss_metrics(struct uss *uss, struct uss_metrics *out);

#endif
