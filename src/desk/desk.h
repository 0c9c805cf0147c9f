/*
 * desk.h - a party's HTTP: for its own operators and their programs (/api/v1/...), for other
 * parties' nodes (/line/v1/post), for whoever checks the ledger (/ledger/..., /witness/...).
 *
 * A request becomes a command on the party's thread: session, role and act are one transaction, and
 * the answer goes when that is on the disk.
 */
#ifndef TF_DESK_DESK_H
#define TF_DESK_DESK_H

#include "http/server.h"
#include "party/party.h"
#include "uss/uss.h"

struct desk;

struct desk_config {
    const char *version;
    bool is_tls;           /* cookies are for https only */
    bool cheap_hashes;     /* for tests: passwords are hashed quickly */
    const char *map_tiles; /* the base map's file (tiles.h), kept; NULL: none */
    /* A marked message in another language ("ar", "ru"), or as it is; NULL: always as it is. Kept;
     * called by any thread. */
    const char *(*translate)(const char *language, const char *english);
};
TF_MUST_CHECK enum tf_status desk_new(const struct desk_config *config, struct desk **out);
/* Before the first request; the party must outlive all requests. */
void desk_set_party(struct desk *desk, struct party *party);
/* The node's USS, which checks and acts at the register wait for; while requests are served. It
 * must be there until they have ended. NULL: none. */
void desk_set_uss(struct desk *desk, struct uss *uss);
/* Waits for log-ins under way. After the HTTP server has stopped. */
void desk_free(struct desk *desk);

/* Whether this path is the desk's. */
bool desk_serves(struct http_slice path);
/* An http_handler; ctx is the desk. */
void desk_handle(void *ctx, struct http_exchange *exchange);
/* party_config.changed; ctx is the desk: wakes event streams. */
void desk_changed(void *ctx);

#endif
