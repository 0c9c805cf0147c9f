/*
 * faultvfs.h - a file system for SQLite whose n-th write or sync fails, or waits.
 *
 * faultvfs_install() makes it the default of the process, over the real one.
 */
#ifndef TESTS_DSS_FAULTVFS_H
#define TESTS_DSS_FAULTVFS_H

#include <stdbool.h>

void faultvfs_install(void);
/* From now on the n-th write or sync (1: the next) fails, and every later one if `from`.
 * 0: none. */
void faultvfs_fail(long n, bool from);
/* Whether one has failed since. */
bool faultvfs_hit(void);
/* Syncs wait from now on; returns at once. */
void faultvfs_hold(void);
/* Returns when a sync is waiting. */
void faultvfs_wait_held(void);
void faultvfs_release(void);

#endif
