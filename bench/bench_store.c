/*
 * bench_store.c - how long a node takes to start with many entities, and how much
 * memory each takes.
 *
 * usage: bench_store [ENTITIES]      (1000000)
 *
 * Half are operational intents of two cells, half their implicit subscriptions, spread over
 * 50,000 cells: what a large region looks like to a DSS.
 */
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 65536, CELLS = 50000 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Resident memory of this process, in bytes. */
static double resident(void)
{
    unsigned long total = 0, pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%lu %lu", &total, &pages) != 2)
        pages = 0;
    if (f)
        fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* In the order of the file: filling it is not what is measured. */
static void set_id(struct tf_uuid *id, uint64_t n)
{
    for (int i = 0; i < 8; i++)
        id->bytes[i] = (uint8_t)(n >> (56 - 8 * i));
    id->bytes[8] = 0x80;
}

static struct dss_entity *entity(uint64_t n)
{
    static const char ovn[] = "0123456789abcdef0123456789abcdef0123456789._";
    uint64_t pair = n / 2, at = (pair * UINT64_C(2654435761)) % CELLS;
    const tf_cell cells[] = {at + 1, at + 2};
    bool oir = n % 2;
    struct dss_entity like = {.kind = oir ? DSS_OIR : DSS_SUBSCRIPTION,
                              .state = oir ? DSS_ACCEPTED : DSS_STATE_NONE,
                              .extent = {cells, 2, 0, 120, 1000000, 4000000 + (int64_t)n},
                              .updated_us = 1000000,
                              .version = 1,
                              .notify_for_oirs = !oir,
                              .implicit = !oir,
                              .owner = "uss-of-some-length",
                              .url = "https://uss.example.com/utm/v1",
                              .ovn = oir ? ovn : ""};
    set_id(&like.id, n);
    if (oir)
        set_id(&like.subscription_id, n - 1);
    return dss_entity_new(&like);
}

static enum tf_status fill(struct dss_store *store, uint64_t count, char why[256])
{
    struct dss_memory *memory;
    enum tf_status rc = dss_memory_new(&memory);
    if (rc)
        return rc;
    struct dss_db *db = dss_memory_db(memory);
    for (uint64_t n = 0; n < count && !rc; n++) {
        struct dss_entity *e = entity(n);
        rc = e ? db->ops->put(db, e) : TF_NOMEM;
        dss_entity_unref(e);
        size_t changes;
        const struct dss_change *all = dss_memory_changes(memory, &changes);
        if (!rc && (changes == BATCH || n + 1 == count)) {
            rc = dss_store_write(store, all, changes, why);
            dss_memory_settle(memory);
        }
    }
    dss_memory_free(memory);
    return rc;
}

static enum tf_status make_file(const char *path, uint64_t count, char why[256])
{
    struct dss_store *store;
    enum tf_status rc = dss_store_open(path, &store, why);
    if (rc)
        return rc;
    double begun_s = now_s();
    rc = fill(store, count, why);
    printf("written in %.2f s, in batches of %d\n", now_s() - begun_s, BATCH);
    enum tf_status closed = dss_store_close(store, NULL);
    return rc ? rc : closed;
}

static enum tf_status load_file(const char *path, uint64_t count, char why[256])
{
    struct dss_store *store;
    struct dss_memory *memory;
    enum tf_status rc = dss_memory_new(&memory);
    if (rc)
        return rc;
    double before = resident(), begun_s = now_s();
    rc = dss_store_open(path, &store, why);
    if (!rc)
        rc = dss_store_load(store, memory, why);
    if (rc) {
        dss_memory_free(memory);
        return rc;
    }
    double took_s = now_s() - begun_s;
    printf("%llu entities loaded in %.2f s (%.2f us each)\n", (unsigned long long)count, took_s,
           took_s / (double)count * 1e6);
    printf("memory: %.0f bytes an entity\n", (resident() - before) / (double)count);
    dss_store_close(store, NULL);
    dss_memory_free(memory);
    return TF_OK;
}

/* The file is made by a process of its own, whose memory is not counted. */
int main(int argc, char **argv)
{
    char path[] = "/tmp/tafadi-bench-XXXXXX", why[256] = "";
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    int fd = mkstemp(path), made = -1;
    if (fd < 0)
        return 1;
    close(fd);
    pid_t child = fork();
    if (child == 0) {
        enum tf_status rc = make_file(path, count, why);
        if (rc)
            fprintf(stderr, "%s: %s\n", tf_status_text(rc), why);
        return rc != TF_OK;
    }
    enum tf_status rc = TF_LIMIT;
    if (child > 0 && waitpid(child, &made, 0) == child && made == 0)
        rc = load_file(path, count, why);
    if (rc)
        fprintf(stderr, "%s: %s\n", tf_status_text(rc), why);
    unlink(path);
    return rc != TF_OK;
}
