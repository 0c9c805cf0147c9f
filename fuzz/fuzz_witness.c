/*
 * fuzz_witness.c - add-checkpoint requests at a witness in memory that trusts one log and has seen
 * nothing of it yet: an answer is one of the specification's, and only a 200 changes anything.
 *
 * The log's key is that of a seed of ones, so that the corpus can have requests that pass.
 */
#include "ledger/witness.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ORIGIN "north.example/ledger"

struct world {
    struct sql *sql;
    struct key_secret *key;
};

static struct key_secret *seeded(uint8_t n)
{
    uint8_t seed[KEY_SEED_SIZE];
    struct key_secret *key = NULL;
    memset(seed, n, sizeof seed);
    if (key_from_seed(seed, &key) != TF_OK)
        abort();
    return key;
}

static struct world make(void)
{
    struct world world = {.key = seeded(9)};
    struct key_secret *log = seeded(1);
    struct key_public public = key_public_of(log);
    char why[SQL_WHY_SIZE];
    key_free(log);
    if (sql_open(":memory:", &world.sql, why) || witness_prepare(world.sql, why) ||
        witness_trust(world.sql, ORIGIN, ORIGIN, &public))
        abort();
    return world;
}

static uint64_t known(struct sql *sql)
{
    struct tf_buf note = TF_BUF_INIT((size_t)1 << 20);
    uint64_t size = 0;
    enum tf_status rc = witness_latest(sql, ORIGIN, &size, &note);
    if (rc && rc != TF_NOT_FOUND)
        abort();
    tf_buf_release(&note);
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 400, 403, 404, 409, 422};
    struct world world = make();
    struct witness_reply reply = {0};
    bool is_known = false;
    if (sql_begin(world.sql) || witness_add(world.sql, "south.example", world.key, 1000000,
                                            (const char *)data, size, &reply))
        abort();
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        is_known |= reply.status == statuses[i];
    if (!is_known || (reply.status != 200 && (known(world.sql) != 0 || reply.lines.len > 0)) ||
        (reply.status == 200 && reply.lines.len == 0))
        abort();
    tf_buf_release(&reply.lines);
    sql_close(world.sql);
    key_free(world.key);
    return 0;
}
