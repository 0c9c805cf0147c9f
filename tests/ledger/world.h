/*
 * world.h - a database for a test of the ledger: a new file, or the server's emptied tables.
 */
#ifndef TESTS_LEDGER_WORLD_H
#define TESTS_LEDGER_WORLD_H

#include "ledger/ledger.h"
#include "ledger/witness.h"

#define WORLD_ORIGIN "north.example/ledger"

/* The place of the present round: a path or a connection string. */
extern const char *world_where;

/* Runs all of `run` in memory, on a file, and on the server of TAFADI_TEST_DATABASE if that is
 * set. Returns the number that failed. */
int world_rounds(int (*run)(const char *name));
/* Whether a second connection sees the same database. */
bool world_is_lasting(void);
/* Nothing is in the database any more. */
void world_empty(void);
struct sql *world_open(void);
struct ledger *world_ledger(struct sql *sql, const struct key_secret *key);
struct key_secret *world_key(uint8_t n);

#endif
