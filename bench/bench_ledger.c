/*
 * bench_ledger.c - the ledger on an SQLite file or a server: durable appends in batches against
 * plain inserts of the same rows, proofs, and the verification of a whole log.
 *
 * usage: bench_ledger [ENTRIES [FILE]]
 *        bench_ledger ENTRIES CONNECTION     an empty database, which keeps the ledger
 */
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 1000, PROOFS = 100000, ENTRY = 240 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(enum tf_status rc, const char *what, const struct sql *sql)
{
    if (rc == TF_OK)
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, tf_status_text(rc), sql ? sql_why(sql) : "");
    exit(1);
}

static void remove_file(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[300];
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static struct sql *open_new(const char *path)
{
    char why[SQL_WHY_SIZE];
    struct sql *sql;
    remove_file(path);
    must(sql_open(path, &sql, why), why, NULL);
    return sql;
}

/* As a line's entries are: some fields and a hash. */
static size_t make_entry(uint64_t i, char out[ENTRY])
{
    return (size_t)snprintf(out, ENTRY,
                            "{\"kind\":\"sent\",\"at\":\"2026-11-24T02:00:00.%06uZ\",\"line\":"
                            "\"0123456789abcdef0123456789abcdef\",\"seq\":%llu,\"type\":\"notice\","
                            "\"envelope\":\"%064llx\"}",
                            (unsigned)(i % 1000000), (unsigned long long)i, (unsigned long long)i);
}

static double plain(const char *path, uint64_t entries)
{
    char entry[ENTRY];
    struct sql *sql = open_new(path);
    must(sql_script(sql, "CREATE TABLE plain (idx BIGINT PRIMARY KEY, bytes @BLOB@ NOT NULL)"
                         " @STRICT@"),
         "table", sql);
    double from = now_s();
    for (uint64_t i = 0; i < entries;) {
        must(sql_begin(sql), "begin", sql);
        for (int j = 0; j < BATCH && i < entries; j++, i++) {
            size_t len = make_entry(i, entry);
            must(sql_send(sql, "INSERT INTO plain (idx, bytes) VALUES ($1, $2)",
                          SQL_ARGS(sql_int((int64_t)i), sql_blob(entry, len))),
                 "insert", sql);
        }
        must(sql_commit(sql), "commit", sql);
    }
    double took = now_s() - from;
    must(sql_script(sql, "DROP TABLE plain"), "table", sql);
    sql_close(sql);
    remove_file(path);
    return (double)entries / took;
}

static double append(struct sql *sql, struct ledger *ledger, uint64_t entries)
{
    char entry[ENTRY];
    double from = now_s();
    for (uint64_t i = 0; i < entries;) {
        must(sql_begin(sql), "begin", sql);
        for (int j = 0; j < BATCH && i < entries; j++, i++)
            must(ledger_append(ledger, entry, make_entry(i, entry), NULL), "append", sql);
        must(sql_commit(sql), "commit", sql);
    }
    return (double)entries / (now_s() - from);
}

static double prove(struct ledger *ledger, uint64_t entries, bool scattered, bool inclusion)
{
    struct ledger_proof proof;
    uint64_t random = 1;
    double from = now_s();
    for (int i = 0; i < PROOFS; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t at = scattered ? (random >> 20) % entries : entries - 1 - (random >> 20) % 4096;
        must(inclusion ? ledger_inclusion(ledger, at, entries, &proof)
                       : ledger_consistency(ledger, at + 1, entries, &proof),
             "proof", NULL);
    }
    return (now_s() - from) / PROOFS * 1e6;
}

int main(int argc, char **argv)
{
    uint64_t entries = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    const char *path = argc > 2 ? argv[2] : "bench_ledger.db";
    char why[SQL_WHY_SIZE];
    uint8_t seed[KEY_SEED_SIZE] = {1};
    struct key_secret *key;
    struct ledger *ledger;
    must(key_from_seed(seed, &key), "key", NULL);
    double rows = plain(path, entries);
    struct sql *sql = open_new(path);
    must(ledger_open(sql, "bench.example/ledger", key, &ledger, why), why, sql);
    double appends = append(sql, ledger, entries);
    must(ledger_sign(ledger, 0), "sign", sql);
    printf("%llu entries, durable batches of %d\n", (unsigned long long)entries, BATCH);
    printf("appends       %10.0f /s   plain inserts %10.0f /s   ratio %.2f\n", appends, rows,
           appends / rows);
    printf("inclusion     %10.2f us anywhere   %.2f us among the last 4096\n",
           prove(ledger, entries, true, true), prove(ledger, entries, false, true));
    printf("consistency   %10.2f us anywhere   %.2f us among the last 4096\n",
           prove(ledger, entries, true, false), prove(ledger, entries, false, false));
    double from = now_s();
    must(ledger_verify(ledger, NULL, NULL, why), why, sql);
    printf("verification  %10.2f s of all entries\n", now_s() - from);
    ledger_close(ledger);
    sql_close(sql);
    key_free(key);
    remove_file(path);
    return 0;
}
