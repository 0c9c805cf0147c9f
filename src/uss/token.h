/*
 * token.h - the tokens that a USS shows to others.
 */
#ifndef TF_USS_TOKEN_H
#define TF_USS_TOKEN_H

#include "uss/client.h"

struct uss_tokens;

TF_MUST_CHECK enum tf_status uss_tokens_new(const struct uss_client_config *config,
                                            struct uss_tokens **out);
void uss_tokens_free(struct uss_tokens *tokens); /* NULL is fine */
/* A token for the host of `url`, appended. `client` asks the token endpoint, if there is one. */
TF_MUST_CHECK enum tf_status uss_tokens_get(struct uss_tokens *tokens, struct uss_client *client,
                                            const char *url, const char *scope, long timeout_ms,
                                            struct tf_buf *out, char why[USS_WHY_SIZE]);
/* It was not taken: the next one is to be fetched. */
void uss_tokens_forget(struct uss_tokens *tokens, const char *url, const char *scope);

#endif
