/*
 * state.h - the state directory: data file, the built-in issuer's keys, the lock.
 */
#ifndef TF_CLI_STATE_H
#define TF_CLI_STATE_H

#include "base/buf.h"
#include <stdbool.h>

enum { STATE_PATH_SIZE = 1024 };

/*
 * The directory: `given`, else $TAFADI_STATE_DIR, else $STATE_DIRECTORY (systemd), else
 * $XDG_STATE_HOME/tafadi, else ~/.local/state/tafadi. state_open makes it with mode 0700 if
 * it is not there. False after a complaint.
 */
bool state_name(const char *given, char out[STATE_PATH_SIZE]);
bool state_open(const char *given, char out[STATE_PATH_SIZE]);
/* dir/name into out. False after a complaint (too long). */
bool state_path(const char *dir, const char *name, char out[STATE_PATH_SIZE]);
/* Holds dir/lock until the process ends. False after a complaint: another node runs there. */
bool state_lock(const char *dir);
/* Does a node run there now? */
bool state_is_locked(const char *dir);

/* The whole file, at most buf->max bytes. False after a complaint. */
bool state_read(const char *path, struct tf_buf *out);
/* Creates a file of mode 0600 that is not there yet. False after a complaint. */
bool state_create(const char *path, const struct tf_buf *content);

/* The issuer's key pair, made at first use: PEM texts. False after a complaint. */
bool state_issuer(const char *dir, struct tf_buf *private_pem, struct tf_buf *public_pem);

#endif
