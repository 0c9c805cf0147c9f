/*
 * test_store.c - the data file: what is written is read again; notification indices
 * never fall, whatever happens; a write that fails changes nothing; files that are
 * not ours, newer or damaged are refused and left alone.
 */
#include "allocfail.h"
#include "faultvfs.h"
#include "random.h"
#include "store/store.h"

#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

enum { ENTITIES = 40 };

struct bench {
    char dir[64], path[96], why[256];
    struct dss_store *store;
    struct dss_memory *memory;
    struct dss_db *db;
};

static void bench_open(struct bench *b)
{
    b->store = NULL;
    assert_int_equal(dss_memory_new(&b->memory), TF_OK);
    b->db = dss_memory_db(b->memory);
    if (dss_store_open(b->path, &b->store, b->why) || dss_store_load(b->store, b->memory, b->why))
        fail_msg("%s", b->why);
}

/* As a crash is: without the last words to the file. */
static void bench_crash(struct bench *b)
{
    dss_store_close(b->store, NULL);
    dss_memory_free(b->memory);
}

static void bench_close(struct bench *b)
{
    assert_int_equal(dss_store_close(b->store, b->memory), TF_OK);
    dss_memory_free(b->memory);
}

static int bench_new(void **state)
{
    static struct bench b;
    snprintf(b.dir, sizeof b.dir, "/tmp/tafadi-store-XXXXXX");
    assert_non_null(mkdtemp(b.dir));
    snprintf(b.path, sizeof b.path, "%s/data.db", b.dir);
    *state = &b;
    return 0;
}

static int bench_remove(void **state)
{
    const struct bench *b = *state;
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", b->path, tails[i]);
        unlink(path);
    }
    return rmdir(b->dir);
}

static enum tf_status bench_write(struct bench *b)
{
    size_t count;
    const struct dss_change *changes = dss_memory_changes(b->memory, &count);
    enum tf_status rc = dss_store_write(b->store, changes, count, b->why);
    if (rc)
        dss_memory_rollback(b->memory, 0);
    dss_memory_settle(b->memory);
    return rc;
}

static struct dss_entity *some_entity(uint64_t *random, uint8_t n)
{
    tf_cell cells[5];
    size_t count = 1 + random_below(random, 5);
    for (size_t i = 0; i < count; i++)
        cells[i] = 1 + i * 7 + random_below(random, 7);
    bool open = random_below(random, 4) == 0;
    struct dss_entity like = {.kind = (enum dss_kind)(n % DSS_KIND_COUNT),
                              .state = (enum dss_state)random_below(random, DSS_STATE_COUNT),
                              .id = {{n, 1}},
                              .extent = {cells, count, open ? -INFINITY : 1.5f,
                                         open ? INFINITY : 99.25f,
                                         (int64_t)random_below(random, 1000), 2000},
                              .updated_us = (int64_t)random_next(random) >> 8,
                              .version = (int)random_below(random, 100),
                              .notify_for_oirs = random_below(random, 2),
                              .notify_for_constraints = random_below(random, 2),
                              .implicit = random_below(random, 2),
                              .owner = "uss1",
                              .url = "https://uss.example/\xD9\x85",
                              .ovn = "an ovn",
                              .used = random_below(random, 2) ? "one two" : NULL};
    if (random_below(random, 2))
        like.subscription_id.bytes[3] = 7;
    struct dss_entity *e = dss_entity_new(&like);
    assert_non_null(e);
    return e;
}

static void fill(struct bench *b, uint64_t *random)
{
    for (uint8_t n = 0; n < ENTITIES; n++) {
        struct dss_entity *e = some_entity(random, n);
        assert_int_equal(b->db->ops->put(b->db, e), TF_OK);
        dss_entity_unref(e);
    }
    struct dss_availability a = {.uss = "uss1", .state = "Down", .version = "v"};
    assert_int_equal(b->db->ops->put_availability(b->db, &a), TF_OK);
}

static bool same_visit(void *ctx, const struct dss_entity *e)
{
    const struct dss_entity *o;
    struct dss_db *other = ctx;
    other->ops->get(other, e->kind, &e->id, &o);
    assert_non_null(o);
    assert_int_equal(e->state, o->state);
    assert_int_equal(e->version, o->version);
    assert_int_equal(e->updated_us, o->updated_us);
    assert_true(tf_uuid_equal(&e->subscription_id, &o->subscription_id));
    assert_true(e->extent.lower_m == o->extent.lower_m && e->extent.upper_m == o->extent.upper_m);
    assert_true(e->extent.start_us == o->extent.start_us && e->extent.end_us == o->extent.end_us);
    assert_int_equal(e->extent.cell_count, o->extent.cell_count);
    assert_memory_equal(e->extent.cells, o->extent.cells, e->extent.cell_count * sizeof(tf_cell));
    assert_true(e->notify_for_oirs == o->notify_for_oirs && e->implicit == o->implicit);
    assert_true(e->notify_for_constraints == o->notify_for_constraints);
    assert_string_equal(e->owner, o->owner);
    assert_string_equal(e->url, o->url);
    assert_string_equal(e->ovn, o->ovn);
    assert_string_equal(e->used, o->used);
    return true;
}

static void assert_same(struct dss_memory *a, struct dss_memory *b)
{
    for (int kind = 0; kind < DSS_KIND_COUNT; kind++) {
        assert_int_equal(dss_memory_count(a, (enum dss_kind)kind),
                         dss_memory_count(b, (enum dss_kind)kind));
        dss_memory_each(a, (enum dss_kind)kind, same_visit, dss_memory_db(b));
    }
}

/* What the file says now equals b's memory. */
static void assert_on_disk(struct bench *b)
{
    struct bench again = *b;
    bench_open(&again);
    assert_same(b->memory, again.memory);
    bench_crash(&again);
}

static void written_is_read(void **state)
{
    struct bench *b = *state;
    uint64_t random = random_seed(1);
    bench_open(b);
    fill(b, &random);
    assert_int_equal(bench_write(b), TF_OK);
    assert_on_disk(b);
    for (uint8_t n = 0; n < ENTITIES; n += 3) {
        struct tf_uuid id = {{n, 1}};
        b->db->ops->remove(b->db, (enum dss_kind)(n % DSS_KIND_COUNT), &id);
    }
    assert_int_equal(bench_write(b), TF_OK);
    assert_on_disk(b);
    bench_close(b);
    bench_open(b);
    struct dss_availability a;
    b->db->ops->get_availability(b->db, "uss1", &a);
    assert_string_equal(a.state, "Down");
    assert_string_equal(a.version, "v");
    bench_close(b);
    assert_int_equal(dss_store_check(b->path, b->why), TF_OK);
}

/* Bumps of every size, crashes, clean ends, failing disks: what was answered (that is, written)
 * never comes again, and after a clean end there is no gap. */
static void indices_never_fall(void **state)
{
    struct bench *b = *state;
    uint64_t random = random_seed(2);
    const struct tf_uuid id = {{2, 1}}; /* kind 2: a subscription */
    const struct dss_entity *s;
    int highest = 0;
    bench_open(b);
    fill(b, &random);
    assert_int_equal(bench_write(b), TF_OK);
    for (int i = 0; i < 400; i++) {
        int index = highest;
        b->db->ops->get(b->db, DSS_SUBSCRIPTION, &id, &s);
        for (uint64_t n = 1 + random_below(&random, 300); n > 0; n--) {
            int last = index;
            assert_int_equal(b->db->ops->bump(b->db, &s, 1, &index), TF_OK);
            assert_true(index > last);
        }
        if (random_below(&random, 4) == 0) { /* replaced, as an update does */
            struct dss_entity *e = dss_entity_new(s);
            b->db->ops->put(b->db, e);
            dss_entity_unref(e);
        }
        faultvfs_fail((long)random_below(&random, 3), true);
        if (bench_write(b) == TF_OK)
            highest = index;
        faultvfs_fail(0, false);
        uint64_t end = random_below(&random, 8);
        if (end == 0)
            bench_crash(b);
        else if (end == 1)
            bench_close(b);
        else
            continue;
        bench_open(b);
        b->db->ops->get(b->db, DSS_SUBSCRIPTION, &id, &s);
        int now = atomic_load(&s->notification_index);
        assert_true(end == 1 ? now == highest : now >= highest);
        highest = now;
    }
    bench_close(b);
}

/* One batch of changes of all sorts. */
static void change(struct bench *b, uint64_t *random)
{
    for (int i = 0; i < 12; i++) {
        struct dss_entity *e = some_entity(random, (uint8_t)random_below(random, 60));
        b->db->ops->put(b->db, e);
        dss_entity_unref(e);
        uint8_t gone = (uint8_t)random_below(random, 60);
        struct tf_uuid id = {{gone, 1}};
        b->db->ops->remove(b->db, (enum dss_kind)(gone % DSS_KIND_COUNT), &id);
    }
}

/* Each write and sync of a batch fails once, then each from one on; memory and file stay
 * what they were, and the next write goes through. */
static void a_failed_write_changes_nothing(void **state)
{
    struct bench *b = *state;
    uint64_t random = random_seed(3);
    bench_open(b);
    fill(b, &random);
    assert_int_equal(bench_write(b), TF_OK);
    int failed = 0;
    for (int from = 0; from <= 1; from++)
        for (long n = 1; n < 40; n++) {
            change(b, &random);
            faultvfs_fail(n, from);
            enum tf_status rc = bench_write(b);
            bool hit = faultvfs_hit();
            assert_true(rc == (hit ? TF_LIMIT : TF_OK));
            if (hit && from)
                assert_int_equal(dss_store_probe(b->store), TF_LIMIT);
            faultvfs_fail(0, false);
            assert_int_equal(dss_store_probe(b->store), TF_OK);
            assert_on_disk(b);
            failed += hit;
        }
    assert_true(failed > 10);
    bench_close(b);
    assert_int_equal(dss_store_check(b->path, b->why), TF_OK);
}

static enum tf_status load_once(void *ctx)
{
    struct bench *b = ctx;
    struct dss_memory *memory;
    enum tf_status rc = dss_memory_new(&memory);
    if (rc)
        return rc;
    rc = dss_store_load(b->store, memory, b->why);
    dss_memory_free(memory);
    return rc;
}

static void loading_without_memory(void **state)
{
    struct bench *b = *state;
    uint64_t random = random_seed(4);
    bench_open(b);
    fill(b, &random);
    assert_int_equal(bench_write(b), TF_OK);
    assert_true(allocfail_each(load_once, b, 2000) > ENTITIES);
    bench_close(b);
}

/* --- files that are not as they should be ---------------------------------------------- */

static void sql(const struct bench *b, const char *text)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static size_t read_all(const struct bench *b, char *to, size_t size)
{
    FILE *f = fopen(b->path, "rb");
    assert_non_null(f);
    size_t n = fread(to, 1, size, f);
    fclose(f);
    return n;
}

static void assert_refused(struct bench *b, enum tf_status want)
{
    static char before[1 << 16], after[1 << 16];
    size_t size = read_all(b, before, sizeof before);
    b->why[0] = '\0';
    struct dss_store *store = NULL;
    assert_int_equal(dss_store_open(b->path, &store, b->why), want);
    assert_null(store);
    assert_true(b->why[0] != '\0');
    assert_int_equal(read_all(b, after, sizeof after), size);
    assert_memory_equal(before, after, size);
}

/* A file as version 1 wrote it, with one operational intent. */
static void an_older_file_is_brought_up(void **state)
{
    struct bench *b = *state;
    sql(b,
        "CREATE TABLE entity ("
        " kind INTEGER NOT NULL, id BLOB NOT NULL, state INTEGER NOT NULL, subscription_id BLOB,"
        " cells BLOB NOT NULL, lower_m REAL, upper_m REAL,"
        " start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,"
        " version INTEGER NOT NULL, notify_for_oirs INTEGER NOT NULL,"
        " notify_for_constraints INTEGER NOT NULL, implicit INTEGER NOT NULL,"
        " owner TEXT NOT NULL, url TEXT NOT NULL, ovn TEXT NOT NULL,"
        " notification_index INTEGER NOT NULL,"
        " PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE availability (uss TEXT PRIMARY KEY, state TEXT NOT NULL,"
        " version TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "INSERT INTO entity VALUES (0, x'05010000000000000000000000000000', 1, NULL,"
        " x'0100000000000000', 1.5, NULL, 1000, 2000, 900, 3, 0, 0, 0, 'uss1', 'https://u.example',"
        " 'an ovn', 0);"
        "INSERT INTO availability VALUES ('uss1', 'Down', 'v');"
        "PRAGMA application_id = 1415661156; PRAGMA user_version = 1");
    for (int twice = 0; twice < 2; twice++) { /* and from then on it is of this version */
        bench_open(b);
        const struct dss_entity *e;
        const struct tf_uuid id = {{5, 1}};
        assert_int_equal(b->db->ops->get(b->db, DSS_OIR, &id, &e), TF_OK);
        assert_non_null(e);
        assert_int_equal(e->version, 3);
        assert_string_equal(e->ovn, "an ovn");
        assert_string_equal(e->used, "");
        assert_true(e->extent.cell_count == 1 && e->extent.cells[0] == 1);
        struct dss_availability a;
        b->db->ops->get_availability(b->db, "uss1", &a);
        assert_string_equal(a.state, "Down");
        bench_close(b);
    }
    assert_int_equal(dss_store_check(b->path, b->why), TF_OK);
}

static void a_newer_file_is_refused(void **state)
{
    struct bench *b = *state;
    bench_open(b);
    bench_close(b);
    sql(b, "PRAGMA user_version = 99");
    assert_refused(b, TF_UNSUPPORTED);
    assert_non_null(strstr(b->why, "99"));
}

static void a_foreign_database_is_refused(void **state)
{
    struct bench *b = *state;
    sql(b, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    assert_refused(b, TF_SYNTAX);
    sql(b, "PRAGMA user_version = 1");
    assert_refused(b, TF_SYNTAX);
    sql(b, "PRAGMA user_version = 0; PRAGMA application_id = 77; DROP TABLE theirs");
    assert_refused(b, TF_SYNTAX);
}

static void no_database_is_refused(void **state)
{
    struct bench *b = *state;
    FILE *f = fopen(b->path, "wb");
    for (int i = 0; i < 3000; i++)
        fputs("not a database ", f);
    fclose(f);
    assert_refused(b, TF_SYNTAX);
}

static void other_tables_are_refused(void **state)
{
    struct bench *b = *state;
    bench_open(b);
    bench_close(b);
    sql(b, "DROP TABLE entity; CREATE TABLE entity (x)");
    struct dss_store *store;
    assert_int_not_equal(dss_store_open(b->path, &store, b->why), TF_OK);
}

/* Each page in turn is overwritten: opening, loading or the check must notice, and
 * none of them may crash. */
static void damage_is_noticed(void **state)
{
    struct bench *b = *state;
    uint64_t random = random_seed(5);
    static char good[1 << 18];
    bench_open(b);
    fill(b, &random);
    assert_int_equal(bench_write(b), TF_OK);
    bench_close(b);
    size_t size = read_all(b, good, sizeof good);
    assert_true(size >= 3 * 4096);
    for (size_t page = 0; page < size / 4096; page++) {
        FILE *f = fopen(b->path, "wb");
        fwrite(good, 1, size, f);
        fseek(f, (long)(page * 4096), SEEK_SET);
        for (int i = 0; i < 4096; i++)
            fputc((int)random_below(&random, 256), f);
        fclose(f);
        struct dss_store *store = NULL;
        struct dss_memory *memory;
        assert_int_equal(dss_memory_new(&memory), TF_OK);
        enum tf_status rc = dss_store_open(b->path, &store, b->why);
        if (!rc)
            rc = dss_store_load(store, memory, b->why);
        if (store)
            dss_store_close(store, NULL);
        dss_memory_free(memory);
        assert_true(rc != TF_OK || dss_store_check(b->path, b->why) == TF_SYNTAX);
    }
}

static void a_bad_row_is_refused(void **state)
{
    static const char *const spoil[] = {
        "UPDATE entity SET kind = 17 WHERE kind = 4",
        "UPDATE entity SET id = x'00' WHERE kind = 4 AND id = x'04010000000000000000000000000000'",
        "UPDATE entity SET cells = x'0102' WHERE kind = 1",
        "UPDATE entity SET state = 55 WHERE kind = 2",
        "UPDATE entity SET subscription_id = x'01' WHERE kind = 0",
    };
    struct bench *b = *state;
    uint64_t random = random_seed(6);
    for (size_t i = 0; i < sizeof spoil / sizeof *spoil; i++) {
        unlink(b->path);
        bench_open(b);
        fill(b, &random);
        assert_int_equal(bench_write(b), TF_OK);
        bench_close(b);
        sql(b, spoil[i]);
        assert_int_equal(dss_memory_new(&b->memory), TF_OK);
        assert_int_equal(dss_store_open(b->path, &b->store, b->why), TF_OK);
        assert_int_equal(dss_store_load(b->store, b->memory, b->why), TF_SYNTAX);
        bench_crash(b);
    }
}

static void a_backup_is_whole(void **state)
{
    struct bench *b = *state;
    uint64_t random = random_seed(7);
    char copy[128];
    snprintf(copy, sizeof copy, "%s/copy.db", b->dir);
    bench_open(b);
    fill(b, &random);
    assert_int_equal(bench_write(b), TF_OK);
    assert_int_equal(dss_store_backup(b->path, copy, b->why), TF_OK);
    struct bench other = *b;
    snprintf(other.path, sizeof other.path, "%s", copy);
    bench_open(&other);
    assert_same(b->memory, other.memory);
    bench_close(&other);
    bench_close(b);
    unlink(copy);
}

#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, bench_new, bench_remove)

int main(void)
{
    faultvfs_install();
    const struct CMUnitTest tests[] = {
        STORE_TEST(written_is_read),         STORE_TEST(indices_never_fall),
        STORE_TEST(loading_without_memory),  STORE_TEST(a_failed_write_changes_nothing),
        STORE_TEST(a_newer_file_is_refused), STORE_TEST(a_foreign_database_is_refused),
        STORE_TEST(no_database_is_refused),  STORE_TEST(other_tables_are_refused),
        STORE_TEST(damage_is_noticed),       STORE_TEST(a_bad_row_is_refused),
        STORE_TEST(a_backup_is_whole),       STORE_TEST(an_older_file_is_brought_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
