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
#include "uss/operation.h"

struct uss;

struct uss_config {
    struct party *party;  /* must outlive it */
    const char *base_url; /* of this USS, as others reach it; without a slash at its end; kept */
    const char *dss_url;  /* kept */
    const char *version;  /* of the program; kept */
    struct uss_client_config client;
    bool ignores_constraints; /* no constraint processing */
    bool flight_planning;     /* serve InterUSS's automated testing interface */
    enum uss_publish publish; /* which operations of the register become intents */
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

/* --- for the desk ----------------------------------------------------------------------------- */

/* An operation's act that is held (ops/check.h): done(ctx) when it is settled, or after most_ms; on
 * another thread; also when the USS stops. TF_BUSY, TF_NOMEM: it is not called. */
TF_MUST_CHECK enum tf_status uss_wait(struct uss *uss, const char *op, long most_ms,
                                      void (*done)(void *ctx), void *ctx);
/* A DSS is asked what is near the volumes (borrowed), within a second; then done() is called on
 * another thread, with what is known, be it nothing. uss_question_free() when it is of no more
 * use. */
struct uss_question;
TF_MUST_CHECK enum tf_status uss_ask(struct uss *uss, const struct tf_volume4 *volumes,
                                     size_t count,
                                     void (*done)(void *ctx, struct uss_question *question),
                                     void *ctx);
void uss_question_free(struct uss_question *question); /* NULL is fine */
/* On the party's thread: what the register's checks see of the DSS, until it is NULL again. */
void uss_answer_use(struct uss *uss, const struct uss_question *question);

struct uss_metrics {
    uint64_t plans, plans_rejected, plans_failed; /* that were decided */
    uint64_t told, tellings_failed;               /* notifications taken; attempts that failed */
    uint64_t heard, heard_refused;                /* notifications of peers */
    uint64_t exchanges, exchanges_lost;           /* kept for log sets, or not for lack of room */
};
void uss_metrics(struct uss *uss, struct uss_metrics *out);

#endif
