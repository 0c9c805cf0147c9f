/*
 * serve_uss.h - the node as a USS, if it is configured: beside its party and the DSS, in the same
 * process and behind the same listener.
 */
#ifndef TF_CLI_SERVE_USS_H
#define TF_CLI_SERVE_USS_H

#include "api/api.h"
#include "cli/serve.h"
#include "cli/serve_party.h"
#include "uss/uss.h"

struct serve_uss;

/* See serve_check(). */
bool serve_uss_check(const struct serve_config *config, const char **value);
/* *out is NULL if it is not configured. False after a complaint. `url`: what this node listens
 * on. All must outlive it. */
bool serve_uss_start(const struct serve_config *config, const char *dir, const char *url,
                     struct serve_party *party, struct api *api, struct serve_uss **out);
/* Before the HTTP server stops; NULL is fine, here and below. */
void serve_uss_stop(struct serve_uss *uss);
/* After it has, and before the party does. */
void serve_uss_free(struct serve_uss *uss);
struct uss *serve_uss_of(struct serve_uss *uss);
void serve_uss_metrics(struct serve_uss *uss, struct tf_buf *out); /* for /metrics */

#endif
