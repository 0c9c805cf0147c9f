/*
 * store.h - the embedded engine's truth: one SQLite file (WAL, synchronous FULL).
 *
 * A batch of changes is one transaction; when dss_store_write returns TF_OK it is on
 * the disk. Notification indices are made durable by reservation: the file holds
 * a number that no answer has exceeded, so that after a crash an index may skip ahead but
 * never falls back; a clean close writes the exact numbers.
 */
#ifndef TF_STORE_STORE_H
#define TF_STORE_STORE_H

#include "dss/memory.h"

enum { DSS_STORE_VERSION = 2, DSS_INDEX_RESERVE = 1024 };

struct dss_store;

/* Opens or creates. TF_UNSUPPORTED: made by a newer version; TF_SYNTAX: damaged or not
 * ours; TF_BUSY: another process has it; TF_LIMIT: cannot be written. why says
 * what to do. */
enum tf_status dss_store_open(const char *path, struct dss_store **out, char why[256]);
/* Reads everything into an empty memory. */
enum tf_status dss_store_load(struct dss_store *store, struct dss_memory *memory, char why[256]);
/* Writes the changes as one durable transaction, or nothing. */
enum tf_status dss_store_write(struct dss_store *store, const struct dss_change *changes,
                               size_t count, char why[256]);
/* Can the file be written again? Writes, and changes nothing. */
enum tf_status dss_store_probe(struct dss_store *store);
/* Exact notification indices, then close. */
enum tf_status dss_store_close(struct dss_store *store, struct dss_memory *memory);
/* Copies a consistent state of the file at `path` while it is in use. */
enum tf_status dss_store_backup(const char *path, const char *to, char why[256]);
/* Is it a data file of a version known here (else TF_SYNTAX, TF_UNSUPPORTED), and whole by
 * SQLite's own check? Changes nothing. */
enum tf_status dss_store_check(const char *path, char why[256]);

#endif
