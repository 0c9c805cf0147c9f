/*
 * trust.h - whose tokens a node takes, and what it issues itself.
 */
#ifndef TF_CLI_TRUST_H
#define TF_CLI_TRUST_H

#include "api/api.h"
#include "api/oauth.h"
#include "cli/serve.h"
#include <pthread.h>

struct trust {
    const struct serve_config *config;
    const char *dir;      /* of state */
    const char *address;  /* that is listened on */
    const char *audience; /* of tokens for those who name none */
    pthread_mutex_t lock; /* of loading: by a signal, or as a JWK set changed */
    struct jwks *jwks;
    struct oauth *oauth; /* NULL: nothing is issued over HTTP */
    struct api *api;
};

/* Before the API is there. All false only after a complaint. */
bool trust_start_issuer(struct trust *trust);
/* Gives the API its keys, and keeps them fresh. */
bool trust_start(struct trust *trust, struct api *api);
/* Reads files again; fetches sets again, soon. */
bool trust_reload(struct trust *trust);
/* Before the API goes; nothing may have been started. */
void trust_stop(struct trust *trust);
/* For /metrics; ctx is the trust. */
void trust_print_metrics(void *ctx, struct tf_buf *out);

#endif
