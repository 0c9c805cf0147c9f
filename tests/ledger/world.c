/*
 * world.c - see world.h.
 */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const char *world_where;
static char file[] = "/tmp/tafadi-ledger-XXXXXX";

static void remove_file(void)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[64];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s%s", file, ends[i]);
        unlink(path);
    }
}

static bool is_server(void)
{
    return world_where != file && strcmp(world_where, ":memory:") != 0;
}

bool world_is_lasting(void)
{
    return strcmp(world_where, ":memory:") != 0;
}

struct sql *world_open(void)
{
    char why[SQL_WHY_SIZE];
    struct sql *sql;
    enum tf_status rc = sql_open(world_where, &sql, why);
    if (rc)
        print_error("%s: %s\n", world_where, why);
    assert_int_equal(rc, TF_OK);
    return sql;
}

void world_empty(void)
{
    if (world_where == file)
        remove_file();
    if (!is_server())
        return;
    struct sql *sql = world_open();
    assert_int_equal(sql_script(sql, "DROP TABLE IF EXISTS ledger_head, ledger_key, ledger_entry,"
                                     " ledger_tile, ledger_checkpoint, ledger_cosignature,"
                                     " witness_log, sql_module"),
                     TF_OK);
    sql_close(sql);
}

struct ledger *world_ledger(struct sql *sql, const struct key_secret *key)
{
    char why[SQL_WHY_SIZE];
    struct ledger *ledger;
    enum tf_status rc = ledger_open(sql, WORLD_ORIGIN, key, &ledger, why);
    if (rc)
        print_error("%s\n", why);
    assert_int_equal(rc, TF_OK);
    return ledger;
}

struct key_secret *world_key(uint8_t n)
{
    uint8_t seed[KEY_SEED_SIZE];
    struct key_secret *key;
    memset(seed, n, sizeof seed);
    assert_int_equal(key_from_seed(seed, &key), TF_OK);
    return key;
}

int world_rounds(int (*run)(const char *name))
{
    int failed = 0, fd = mkstemp(file);
    if (fd < 0)
        return 1;
    close(fd);
    world_where = ":memory:";
    failed += run("in memory");
    world_where = file;
    failed += run("file");
    world_where = getenv("TAFADI_TEST_DATABASE");
    if (world_where)
        failed += run("server");
    remove_file();
    return failed;
}
