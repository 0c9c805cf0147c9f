/*
 * route.h - the lines as the running node drives them: when each has to be looked at, and when
 * it may be tried again. On the party's thread only.
 */
#ifndef TF_PARTY_ROUTE_H
#define TF_PARTY_ROUTE_H

#include "party/courier.h"

enum {
    ROUTE_TICK_US = 1000000,         /* a line is looked at this often at least */
    ROUTE_BACKOFF_US = 500000,       /* after the first failure; doubled, with jitter, */
    ROUTE_BACKOFF_MAX_US = 15000000, /* up to this */
    ROUTE_LEASE_US = 10000000        /* of a line in a shared database */
};

struct route {
    char line[LINE_ID_SIZE], peer[KEY_NAME_SIZE];
    char url[CARD_URL_SIZE], tls[CARD_TLS_SIZE]; /* url "": it must come to us */
    bool under_way, failing;
    unsigned failures;
    int64_t try_us, tick_us; /* not before; at the latest. The node's clock */
    struct tf_buf post;      /* collected in the present transaction; empty: none */
};
struct routes {
    struct route *at; /* owned */
    size_t count;
    const char *holder; /* this node's name, for leases */
};

/* The table of leases; idempotent, outside of a transaction. */
TF_MUST_CHECK enum tf_status routes_prepare(struct sql *sql, char why[SQL_WHY_SIZE]);
void routes_release(struct routes *routes);
/* Reads lines and cards again, keeping what is known of each. Within a transaction, as the next. */
TF_MUST_CHECK enum tf_status routes_load(struct routes *routes, const struct line_context *c);
/*
 * Ticks the lines that are due (all: every one) and makes the posts that are wanted. What a lost
 * transaction collected is dropped by routes_drop().
 */
TF_MUST_CHECK enum tf_status routes_tick(struct routes *routes, const struct line_context *c,
                                         bool all);
void routes_drop(struct routes *routes);
/* After the commit: hands the posts over. Returns how many. */
unsigned routes_send(struct routes *routes, struct courier *courier, int64_t now_us);
/* What became of a post; true if that is another state (reached, not reached) than before. */
bool routes_settle(struct routes *routes, const char *line, bool reached, bool has_more,
                   int64_t now_us);

#endif
