/*
 * test_ledger.c - the log in a database against a model in memory: an array of entries and the
 * root of each of its beginnings, made by compact range, which is itself tested against the
 * definition (test_merkle.c).
 */
#include "ledger/cosign.h"
#include "ledger/proof.h"
#include "ledger/tile.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"

enum { MOST = 80000, TEXT = 64 };
static const int64_t now_us = INT64_C(1764288000000000);

/* What the log should be. */
struct model {
    struct merkle_range range;
    uint64_t size;
    char (*entry)[TEXT];
    struct ledger_hash *root; /* of the first i entries */
};

static void model_make(struct model *m)
{
    memset(m, 0, sizeof *m);
    m->entry = calloc(MOST, sizeof *m->entry);
    m->root = calloc(MOST + 1, sizeof *m->root);
    assert_non_null(m->entry);
    assert_non_null(m->root);
    m->root[0] = merkle_empty();
}

static void model_free(struct model *m)
{
    free(m->entry);
    free(m->root);
}

/* The roots of what has been added since the last time. */
static void model_settle(struct model *m)
{
    while (m->range.size < m->size) {
        unsigned top;
        const char *entry = m->entry[m->range.size];
        struct ledger_hash leaf = merkle_leaf(entry, strlen(entry));
        merkle_range_append(&m->range, &leaf, &top);
        m->root[m->range.size] = merkle_range_root(&m->range);
    }
}

static enum tf_status add(struct ledger *ledger, struct model *m, unsigned salt)
{
    uint64_t index = UINT64_MAX;
    snprintf(m->entry[m->size], TEXT, "{\"kind\":\"test\",\"n\":%u,\"at\":%u}", (unsigned)m->size,
             salt);
    enum tf_status rc = ledger_append(ledger, m->entry[m->size], strlen(m->entry[m->size]), &index);
    if (!rc)
        assert_int_equal(index, m->size++);
    return rc;
}

static void add_some(struct sql *sql, struct ledger *ledger, struct model *m, uint64_t count)
{
    assert_int_equal(sql_begin(sql), TF_OK);
    while (count-- > 0)
        assert_int_equal(add(ledger, m, 0), TF_OK);
    assert_int_equal(sql_commit(sql), TF_OK);
    model_settle(m);
}

static void assert_verifies(struct ledger *ledger)
{
    char why[SQL_WHY_SIZE];
    enum tf_status rc = ledger_verify(ledger, NULL, NULL, why);
    if (rc)
        print_error("%s\n", why);
    assert_int_equal(rc, TF_OK);
}

/* --- laws that hold for every log ---------------------------------------------------------- */

static void check_proofs(struct ledger *ledger, const struct model *m, uint64_t size,
                         uint64_t index)
{
    struct ledger_proof proof;
    struct ledger_hash root, leaf = merkle_leaf(m->entry[index], strlen(m->entry[index]));
    assert_int_equal(ledger_root(ledger, size, &root), TF_OK);
    assert_memory_equal(root.bytes, m->root[size].bytes, KEY_HASH_SIZE);
    assert_int_equal(ledger_inclusion(ledger, index, size, &proof), TF_OK);
    assert_true(merkle_check_inclusion(&leaf, index, size, &proof, &root));
    assert_int_equal(ledger_consistency(ledger, index + 1, size, &proof), TF_OK);
    assert_true(merkle_check_consistency(index + 1, &m->root[index + 1], size, &root, &proof));
}

static void check_tile(struct ledger *ledger, const struct model *m, uint64_t number,
                       unsigned width)
{
    struct tf_buf out = TF_BUF_INIT(1 << 20), bundle = TF_BUF_INIT(1 << 20);
    assert_int_equal(ledger_tile(ledger, 0, number, width, &out), TF_OK);
    assert_int_equal(ledger_tile(ledger, TILE_ENTRIES, number, width, &bundle), TF_OK);
    assert_int_equal(out.len, width * KEY_HASH_SIZE);
    size_t at = 0, len;
    const char *entry;
    for (unsigned i = 0; i < width; i++) {
        const char *mine = m->entry[number * TILE_WIDTH + i];
        struct ledger_hash leaf = merkle_leaf(mine, strlen(mine));
        assert_memory_equal(out.data + i * KEY_HASH_SIZE, leaf.bytes, KEY_HASH_SIZE);
        assert_true(tile_bundle_next(bundle.data, bundle.len, &at, &entry, &len));
        assert_int_equal(len, strlen(mine));
        assert_memory_equal(entry, mine, len);
    }
    assert_int_equal(at, bundle.len);
    tf_buf_release(&out);
    tf_buf_release(&bundle);
}

struct walk {
    const struct model *m;
    uint64_t next;
};

static bool compare_entry(void *ctx, uint64_t index, const char *entry, size_t len)
{
    struct walk *walk = ctx;
    assert_int_equal(index, walk->next);
    assert_int_equal(len, strlen(walk->m->entry[index]));
    assert_memory_equal(entry, walk->m->entry[index], len);
    walk->next++;
    return true;
}

static void check_all(struct ledger *ledger, const struct model *m, uint64_t *random)
{
    uint64_t size = 99;
    struct ledger_hash root;
    assert_int_equal(ledger_size(ledger, &size), TF_OK);
    assert_int_equal(size, m->size);
    assert_int_equal(ledger_root(ledger, m->size, &root), TF_OK);
    assert_memory_equal(root.bytes, m->root[m->size].bytes, KEY_HASH_SIZE);
    assert_int_equal(ledger_root(ledger, m->size + 1, &root), TF_RANGE);
    for (int i = 0; i < 8 && m->size > 0; i++) {
        uint64_t some = 1 + random_below(random, m->size);
        check_proofs(ledger, m, some, random_below(random, some));
    }
    if (m->size > 0) {
        uint64_t number = random_below(random, (m->size + TILE_WIDTH - 1) / TILE_WIDTH);
        unsigned width = tile_width(0, number, m->size);
        check_tile(ledger, m, number, 1 + (unsigned)random_below(random, width));
        struct tf_buf out = TF_BUF_INIT(1 << 20);
        if (width < TILE_WIDTH)
            assert_int_equal(ledger_tile(ledger, 0, number, width + 1, &out), TF_NOT_FOUND);
        assert_int_equal(ledger_tile(ledger, TILE_ENTRIES, m->size / TILE_WIDTH, TILE_WIDTH, &out),
                         TF_NOT_FOUND);
        assert_int_equal(out.len, 0);
    }
    struct walk walk = {m, m->size > 700 ? m->size - 700 : 0};
    assert_int_equal(ledger_each(ledger, walk.next, 1000, compare_entry, &walk), TF_OK);
    assert_int_equal(walk.next, m->size);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void every_small_size(void **state)
{
    (void)state;
    world_empty();
    struct sql *sql = world_open();
    struct key_secret *key = world_key(1);
    struct ledger *ledger = world_ledger(sql, key);
    struct model m;
    model_make(&m);
    assert_verifies(ledger);
    for (int i = 0; i < 70; i++) {
        add_some(sql, ledger, &m, 1);
        for (uint64_t size = 1; size <= m.size; size++)
            check_proofs(ledger, &m, size, (uint64_t)i % size);
    }
    assert_verifies(ledger);
    ledger_close(ledger);
    sql_close(sql);
    key_free(key);
    model_free(&m);
}

/* Past the first full tile of level 1. */
static void a_large_one(void **state)
{
    (void)state;
    uint64_t random = random_seed(7);
    if (strcmp(world_where, ":memory:") != 0)
        return;
    struct sql *sql = world_open();
    struct key_secret *key = world_key(1);
    struct ledger *ledger = world_ledger(sql, key);
    struct model m;
    model_make(&m);
    for (int i = 0; i < 7; i++) {
        add_some(sql, ledger, &m, 10007);
        assert_int_equal(ledger_sign(ledger, now_us), TF_OK);
        for (int j = 0; j < 20; j++)
            check_all(ledger, &m, &random);
        ledger_close(ledger);
        ledger = world_ledger(sql, key);
        check_all(ledger, &m, &random);
    }
    assert_verifies(ledger);
    struct tf_buf tile = TF_BUF_INIT(1 << 20);
    assert_int_equal(ledger_tile(ledger, 1, 0, TILE_WIDTH, &tile), TF_OK);
    for (unsigned i = 0; i < TILE_WIDTH; i++) {
        struct ledger_hash part[TILE_WIDTH];
        for (unsigned j = 0; j < TILE_WIDTH; j++) {
            const char *entry = m.entry[i * TILE_WIDTH + j];
            part[j] = merkle_leaf(entry, strlen(entry));
        }
        part[0] = tile_fold(part, TILE_WIDTH);
        assert_memory_equal(tile.data + i * KEY_HASH_SIZE, part[0].bytes, KEY_HASH_SIZE);
    }
    tf_buf_release(&tile);
    ledger_close(ledger);
    sql_close(sql);
    key_free(key);
    model_free(&m);
}

/* Appends, marks, undone parts, rolled back transactions, new starts, in any order. */
static void run_turn(struct sql *sql, struct ledger *ledger, struct model *m, uint64_t *random)
{
    uint64_t before = m->size;
    assert_int_equal(sql_begin(sql), TF_OK);
    for (uint64_t parts = random_below(random, 4); parts > 0; parts--) {
        uint64_t at = m->size, count = random_below(random, random_below(random, 3) ? 5 : 400);
        assert_int_equal(sql_mark(sql), TF_OK);
        while (count-- > 0)
            assert_int_equal(add(ledger, m, (unsigned)random_next(random)), TF_OK);
        if (random_below(random, 3)) {
            assert_int_equal(sql_keep(sql), TF_OK);
            continue;
        }
        bool first = random_below(random, 2);
        if (first)
            ledger_forget(ledger);
        assert_int_equal(sql_undo(sql), TF_OK);
        if (!first)
            ledger_forget(ledger);
        m->size = at;
    }
    if (random_below(random, 3)) {
        assert_int_equal(sql_commit(sql), TF_OK);
        return;
    }
    bool first = random_below(random, 2);
    if (first)
        ledger_forget(ledger);
    sql_rollback(sql);
    if (!first)
        ledger_forget(ledger);
    m->size = before;
}

static void any_history(void **state)
{
    (void)state;
    uint64_t seed = random_seed(20), random = seed;
    world_empty();
    struct sql *sql = world_open();
    struct key_secret *key = world_key(1);
    struct ledger *ledger = world_ledger(sql, key);
    struct model m;
    model_make(&m);
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int i = 0; i < 120; i++) {
        run_turn(sql, ledger, &m, &random);
        model_settle(&m);
        if (random_below(&random, 2))
            check_all(ledger, &m, &random);
        if (random_below(&random, 3) == 0)
            assert_int_equal(ledger_sign(ledger, now_us + i), TF_OK);
        if (random_below(&random, 10) == 0) {
            ledger_close(ledger);
            ledger = world_ledger(sql, key);
        }
    }
    check_all(ledger, &m, &random);
    assert_verifies(ledger);
    ledger_close(ledger);
    sql_close(sql);
    key_free(key);
    model_free(&m);
}

/* --- faults --------------------------------------------------------------------------------- */

struct fault {
    size_t at, seen;
};

static enum tf_status fail_at(void *ctx)
{
    struct fault *fault = ctx;
    return ++fault->seen == fault->at ? TF_LIMIT : TF_OK;
}

/* A transaction of 40 entries that crosses a tile's end, and its checkpoint. */
static enum tf_status one_batch(struct sql *sql, struct ledger *ledger, struct model *m)
{
    uint64_t before = m->size;
    enum tf_status rc = sql_begin(sql);
    for (int i = 0; i < 40 && !rc; i++)
        rc = add(ledger, m, 0);
    if (!rc)
        rc = sql_commit(sql);
    else
        sql_rollback(sql);
    if (rc) {
        ledger_forget(ledger);
        m->size = before;
        return rc;
    }
    model_settle(m);
    return ledger_sign(ledger, now_us);
}

static void the_nth_write_fails(void **state)
{
    (void)state;
    uint64_t random = 3;
    struct model m;
    struct key_secret *key = world_key(1);
    model_make(&m);
    world_empty();
    struct sql *sql = world_open();
    struct ledger *ledger = world_ledger(sql, key);
    add_some(sql, ledger, &m, 230);
    size_t failures = 0;
    for (size_t n = 1;; n++) {
        struct fault fault = {n, 0};
        struct tf_buf note = TF_BUF_INIT(LEDGER_NOTE_MAX);
        uint64_t signed_size = 0;
        sql_set_fault(sql, fail_at, &fault);
        enum tf_status rc = one_batch(sql, ledger, &m);
        sql_set_fault(sql, NULL, NULL);
        if (fault.seen < n) {
            assert_int_equal(rc, TF_OK);
            break;
        }
        assert_int_equal(rc, TF_LIMIT);
        failures++;
        check_all(ledger, &m, &random);
        rc = ledger_checkpoint(ledger, &signed_size, &note);
        assert_true(rc == TF_OK || rc == TF_NOT_FOUND);
        assert_true(signed_size <= m.size);
        tf_buf_release(&note);
        if (n % 2) { /* as after a crash */
            ledger_close(ledger);
            sql_close(sql);
            if (!world_is_lasting()) {
                m.size = 0;
                m.range.size = 0;
            }
            sql = world_open();
            ledger = world_ledger(sql, key);
            if (m.size == 0)
                add_some(sql, ledger, &m, 230);
        }
        assert_verifies(ledger);
    }
    assert_true(failures > 40);
    check_all(ledger, &m, &random);
    assert_verifies(ledger);
    ledger_close(ledger);
    sql_close(sql);
    key_free(key);
    model_free(&m);
}

/* A row that stands where the next full tile is to be written: of a batch that reaches it nothing
 * is kept, of the transaction all that was before the mark. */
static void a_batch_fails_in_the_middle(void **state)
{
    (void)state;
    uint64_t random = 3;
    struct model m;
    struct key_secret *key = world_key(1);
    model_make(&m);
    world_empty();
    struct sql *sql = world_open();
    struct ledger *ledger = world_ledger(sql, key);
    add_some(sql, ledger, &m, 100);
    for (int with_mark = 0; with_mark < 2; with_mark++) {
        assert_int_equal(sql_exec(sql,
                                  "INSERT INTO ledger_tile (id, root, hashes) VALUES ($1, $2, $2)",
                                  SQL_ARGS(sql_int(0), sql_blob("x", 1)), NULL),
                         TF_OK);
        uint64_t before = m.size;
        assert_int_equal(sql_begin(sql), TF_OK);
        for (int i = 0; i < 50 && with_mark; i++)
            assert_int_equal(add(ledger, &m, 1), TF_OK);
        uint64_t kept = m.size;
        enum tf_status rc = with_mark ? sql_mark(sql) : TF_OK;
        assert_int_equal(rc, TF_OK);
        for (int i = 0; i < 1000 && !rc; i++)
            rc = add(ledger, &m, 2);
        if (!rc)
            rc = with_mark ? sql_keep(sql) : sql_commit(sql);
        else if (!with_mark)
            sql_rollback(sql);
        assert_int_equal(rc, TF_EXISTS);
        if (with_mark)
            assert_int_equal(sql_undo(sql), TF_OK);
        ledger_forget(ledger);
        m.size = with_mark ? kept : before;
        if (with_mark) {
            assert_int_equal(add(ledger, &m, 3), TF_OK);
            assert_int_equal(sql_commit(sql), TF_OK);
        }
        model_settle(&m);
        check_all(ledger, &m, &random);
        assert_int_equal(sql_exec(sql, "DELETE FROM ledger_tile", SQL_NO_ARGS, NULL), TF_OK);
        assert_verifies(ledger);
    }
    add_some(sql, ledger, &m, 1000); /* it goes on */
    check_all(ledger, &m, &random);
    assert_verifies(ledger);
    ledger_close(ledger);
    sql_close(sql);
    key_free(key);
    model_free(&m);
}

/* --- limits and misuse ----------------------------------------------------------------------- */

static void what_is_refused(void **state)
{
    (void)state;
    static char large[LEDGER_ENTRY_MAX + 1];
    char why[SQL_WHY_SIZE];
    struct ledger_proof proof;
    struct key_secret *key = world_key(1), *other = world_key(2);
    world_empty();
    struct sql *sql = world_open();
    struct ledger *ledger, *second;
    assert_int_equal(ledger_open_reading(sql, NULL, &ledger, why), TF_NOT_FOUND);
    ledger = world_ledger(sql, key);
    assert_int_equal(ledger_append(ledger, "x", 1, NULL), TF_SYNTAX); /* no transaction */
    assert_int_equal(sql_begin(sql), TF_OK);
    assert_int_equal(ledger_append(ledger, large, sizeof large, NULL), TF_LIMIT);
    assert_int_equal(ledger_append(ledger, large, LEDGER_ENTRY_MAX, NULL), TF_OK);
    assert_int_equal(ledger_append(ledger, "", 0, NULL), TF_OK);
    assert_int_equal(ledger_sign(ledger, now_us), TF_SYNTAX); /* what is not committed */
    assert_int_equal(sql_commit(sql), TF_OK);
    assert_int_equal(ledger_inclusion(ledger, 2, 2, &proof), TF_RANGE);
    assert_int_equal(ledger_inclusion(ledger, 0, 3, &proof), TF_RANGE);
    assert_int_equal(ledger_inclusion(ledger, UINT64_MAX, UINT64_MAX, &proof), TF_RANGE);
    assert_int_equal(ledger_consistency(ledger, 0, 2, &proof), TF_RANGE);
    assert_int_equal(ledger_consistency(ledger, 2, 1, &proof), TF_RANGE);
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    static const struct {
        int level;
        uint64_t number;
        unsigned width;
    } tiles[] = {
        {-2, 0, 1},           {8, 0, 1},    {0, 0, 0}, {0, 0, 257}, {0, 0, 3},
        {0, UINT64_MAX, 256}, {7, 63, 256}, {7, 1, 1}, {1, 0, 1},   {-1, UINT64_C(1) << 54, 256}};
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++)
        assert_int_equal(ledger_tile(ledger, tiles[i].level, tiles[i].number, tiles[i].width, &out),
                         TF_NOT_FOUND);
    assert_int_equal(ledger_proof_file(ledger, 0, &out), TF_RANGE); /* not signed yet */
    assert_int_equal(ledger_open(sql, "south.example/ledger", key, &second, why), TF_UNSUPPORTED);
    assert_non_null(strstr(why, WORLD_ORIGIN));
    assert_int_equal(ledger_open(sql, WORLD_ORIGIN, other, &second, why), TF_UNSUPPORTED);
    assert_int_equal(ledger_open(sql, "a b", key, &second, why), TF_SYNTAX);
    tf_buf_release(&out);
    ledger_close(ledger);
    sql_close(sql);
    key_free(key);
    key_free(other);
}

static int round_of(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_size), cmocka_unit_test(a_large_one),
        cmocka_unit_test(any_history),      cmocka_unit_test(the_nth_write_fails),
        cmocka_unit_test(what_is_refused),  cmocka_unit_test(a_batch_fails_in_the_middle),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    return world_rounds(round_of);
}
