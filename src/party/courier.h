/*
 * courier.h - carries posts to other nodes and their answers back, on a thread of its own.
 */
#ifndef TF_PARTY_COURIER_H
#define TF_PARTY_COURIER_H

#include "line/line.h"

struct courier;

struct courier_post {
    char line[LINE_ID_SIZE];
    char url[CARD_URL_SIZE + 16]; /* whole */
    char tls[CARD_TLS_SIZE];      /* pin, or "" */
    struct tf_buf body;           /* moved in; freed by the courier */
};
/* What became of it; `answer` is borrowed. status 0: not reached, `why` says why. On the courier's
 * thread. */
typedef void (*courier_result)(void *ctx, const char *line, long status, const char *answer,
                               size_t len, const char *why);

TF_MUST_CHECK enum tf_status courier_start(const char *ca_file, bool allow_http,
                                           courier_result result, void *ctx, struct courier **out);
/* Gives up what is under way, without a result. */
void courier_stop(struct courier *courier);
/* Takes post->body. TF_BUSY: too many under way. */
TF_MUST_CHECK enum tf_status courier_send(struct courier *courier, struct courier_post *post);

#endif
