/*
 * exchange.h - what was said between this USS, the DSS and other USSs, request by request, kept
 * for a log set (ASTM F3548-21, USSLogSet and ExchangeRecord).
 *
 * At most USS_EXCHANGES_MAX are kept, for USS_EXCHANGE_DAYS days; of a body at most
 * USS_EXCHANGE_BODY_MAX bytes. Of a token all but its signature is kept, so that nobody can use
 * it again.
 */
#ifndef TF_USS_EXCHANGE_H
#define TF_USS_EXCHANGE_H

#include "base/buf.h"
#include "sql/sql.h"
#include <stdatomic.h>

enum { USS_EXCHANGES_MAX = 200000, USS_EXCHANGE_DAYS = 30, USS_EXCHANGE_BODY_MAX = 262144 };

/* All borrowed. */
struct uss_exchange {
    bool is_client; /* this USS asked */
    const char *method, *url;
    const char *token; /* NULL: none was shown; with or without its signature */
    size_t token_len;
    int64_t asked_us, answered_us; /* since 1970, UTC */
    const char *request, *answer;  /* NULL: empty */
    size_t request_len, answer_len;
    int status;          /* 0: no answer came */
    const char *problem; /* "": none */
};

struct party;
/* Where exchanges go: the party's database, by its queue. */
struct uss_log {
    struct party *party; /* must outlive it */
    atomic_uint_least64_t kept, lost;
};
/* Copies it. From any thread; what finds no memory or no place in the queue is counted as lost. */
void uss_log_keep(struct uss_log *log, const struct uss_exchange *exchange);

/* A USSLogSet with the exchanges that began from `from_us` on and before `until_us`, in the order
 * in which they were kept, appended; *count: how many. What people did here is in the ledger; the
 * set's other lists are empty. TF_LIMIT: larger than out->max. */
TF_MUST_CHECK enum tf_status uss_log_set_print(struct sql *sql, int64_t from_us, int64_t until_us,
                                               struct tf_buf *out, size_t *count);

#endif
