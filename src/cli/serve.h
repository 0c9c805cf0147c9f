/*
 * serve.h - a node as configured, from start to drained stop.
 */
#ifndef TF_CLI_SERVE_H
#define TF_CLI_SERVE_H

#include "cli/flags.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every member is a flag, a key of the configuration file, and a variable
 * TAFADI_... of the environment. */
struct serve_config {
    const char *listen, *state_dir, *certificate, *private_key, *identity;
    const char *scd_database, *rid_database, *aux_database, *pool_lock, *pool_index, *locality;
    const char *public_endpoint, *instance_ca, *clients;
    const char *party_database, *passphrase_file, *public_url, *peer_ca, *webhook_secret,
        *alarm_command, *sendmail, *map_tiles;
    const char *uss_base_url, *dss_url, *dss_token_subject, *dss_token_file, *dss_token_url,
        *dss_token_client, *uss_operations;
    struct words public_keys, jwks, audiences, webhooks, alarm_mails, witnesses;
    bool allow_http_peers, allow_http, no_access_log, token_endpoint, dummy_oauth, flight_planning,
        no_constraints;
    size_t threads, database_connections;
    int64_t grace_ns;
};

/* "127.0.0.1:8082", "[::1]:8082", ":8082" (loopback), "8082" or NULL (127.0.0.1:8082) as an
 * address and a port. False: it is none of these. */
bool serve_split_listen(const char *text, char address[128], char port[16]);
/* One of the pool's databases is given. */
bool serve_is_cluster(const struct serve_config *config);
bool serve_is_loopback(const char *address);
/* Runs until SIGTERM or SIGINT. `config` has passed serve_check(). Returns an exit code. */
int serve_run(const struct serve_config *config);

#endif
