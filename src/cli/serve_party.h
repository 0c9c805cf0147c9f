/*
 * serve_party.h - the party of a node, if its state directory has one: beside the DSS, in
 * the same process and behind the same listener.
 */
#ifndef TF_CLI_SERVE_PARTY_H
#define TF_CLI_SERVE_PARTY_H

#include "cli/serve.h"
#include "desk/desk.h"

struct serve_party;

enum { SERVE_TILES_WHY_SIZE = 384 };

/* See serve_check(). */
bool serve_party_check(const struct serve_config *config, const char **value);
/* *out is NULL if there is none in `dir`. False after a complaint. `config` and `dir` must
 * outlive it. */
bool serve_party_start(const struct serve_config *config, const char *dir, bool is_tls,
                       struct serve_party **out);
/* After the HTTP server's threads have ended. NULL is fine. */
void serve_party_stop(struct serve_party *party);
struct desk *serve_party_desk(struct serve_party *party);
struct party *serve_party_of(struct serve_party *party);
const char *serve_party_id(const struct serve_party *party);
const char *serve_party_database(const struct serve_party *party);
/* The certificate and key that the card's pin is of; false: the card has no pin. */
bool serve_party_tls(const char *dir, char certificate[], char key[]);
/* Whether the screen's map can draw the tiles of a file; else why not, in the language of messages.
 */
bool serve_party_tiles(const char *path, char why[SERVE_TILES_WHY_SIZE]);
/* For /readyz and /metrics. */
bool serve_party_is_ready(struct serve_party *party);
void serve_party_metrics(struct serve_party *party, struct tf_buf *out);

#endif
