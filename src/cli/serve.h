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
    const char *scd_database, *rid_database, *pool_lock, *locality;
    struct words public_keys, audiences;
    bool allow_http, no_access_log;
    size_t threads, database_connections;
    int64_t grace_ns;
};

/* Runs until SIGTERM or SIGINT. Returns an exit code. */
int serve_run(const struct serve_config *config);

#endif
