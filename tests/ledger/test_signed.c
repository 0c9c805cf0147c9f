/*
 * test_signed.c - checkpoints, cosignatures, changes of keys, proof files; and the public 15-entry
 * log of transparency-dev/tessera (TAFADI_DATA/tlog) grown again in our tables.
 */
#include "ledger/checkpoint.h"
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

static const int64_t now_us = INT64_C(1764288000000000);

/* What every test here begins with. */
struct stage {
    struct key_secret *key, *witness;
    struct note_key as_log, as_witness;
    struct sql *sql;
    struct ledger *ledger;
};

static int set_up(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    world_empty();
    s->key = world_key(1);
    s->witness = world_key(9);
    struct key_public public = key_public_of(s->key), witness = key_public_of(s->witness);
    assert_true(note_key_make(WORLD_ORIGIN, NOTE_ED25519, &public, &s->as_log));
    assert_true(note_key_make("south.example", NOTE_COSIGNATURE, &witness, &s->as_witness));
    s->sql = world_open();
    s->ledger = world_ledger(s->sql, s->key);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *s = *state;
    ledger_close(s->ledger);
    sql_close(s->sql);
    key_free(s->key);
    key_free(s->witness);
    free(s);
    return 0;
}

static void add(struct stage *s, unsigned count)
{
    assert_int_equal(sql_begin(s->sql), TF_OK);
    while (count-- > 0)
        assert_int_equal(ledger_append(s->ledger, "{\"kind\":\"test\"}", 15, NULL), TF_OK);
    assert_int_equal(sql_commit(s->sql), TF_OK);
}

/* The latest checkpoint: its size, its signatures. */
static struct note *latest(struct stage *s, struct tf_buf *bytes, uint64_t *size)
{
    struct note *note = malloc(sizeof *note);
    struct checkpoint checkpoint;
    assert_non_null(note);
    tf_buf_clear(bytes);
    assert_int_equal(ledger_checkpoint(s->ledger, size, bytes), TF_OK);
    assert_int_equal(note_read(bytes->data, bytes->len, note), TF_OK);
    assert_int_equal(checkpoint_read(note->text, note->text_len, &checkpoint), TF_OK);
    assert_int_equal(checkpoint.size, *size);
    assert_true(checkpoint_is_of(&checkpoint, WORLD_ORIGIN));
    struct ledger_hash root;
    assert_int_equal(ledger_root(s->ledger, *size, &root), TF_OK);
    assert_true(merkle_equal(&root, &checkpoint.root));
    return note;
}

static void assert_verifies(struct stage *s)
{
    char why[SQL_WHY_SIZE];
    enum tf_status rc = ledger_verify(s->ledger, NULL, NULL, why);
    if (rc)
        print_error("%s\n", why);
    assert_int_equal(rc, TF_OK);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

static void a_checkpoint_grows(void **state)
{
    struct stage *s = *state;
    struct tf_buf bytes = TF_BUF_INIT(NOTE_MAX);
    uint64_t size = 0;
    assert_int_equal(ledger_checkpoint(s->ledger, &size, &bytes), TF_NOT_FOUND);
    assert_int_equal(ledger_sign(s->ledger, now_us), TF_OK); /* nothing to sign */
    assert_int_equal(ledger_checkpoint(s->ledger, &size, &bytes), TF_NOT_FOUND);
    for (unsigned i = 1; i < 40; i++) {
        add(s, i);
        assert_int_equal(ledger_sign(s->ledger, now_us), TF_OK);
        assert_int_equal(ledger_sign(s->ledger, now_us), TF_OK); /* once */
        struct note *note = latest(s, &bytes, &size);
        assert_int_equal(size, i * (i + 1) / 2);
        assert_int_equal(note->count, 1);
        assert_int_equal(note_check(note, &s->as_log, NULL, NULL), NOTE_VALID);
        free(note);
    }
    assert_verifies(s);
    tf_buf_release(&bytes);
}

static int64_t count_checkpoints(struct stage *s)
{
    struct sql_rows rows;
    assert_int_equal(
        sql_query(s->sql, "SELECT count(*) FROM ledger_checkpoint", SQL_NO_ARGS, &rows), TF_OK);
    int64_t count = sql_at(&rows, 0, 0)->number;
    sql_rows_release(&rows);
    return count;
}

/* --- cosignatures ----------------------------------------------------------------------------- */

static void make_line(struct stage *s, uint8_t n, const char *name, struct tf_buf *line,
                      struct key_public *public)
{
    struct tf_buf bytes = TF_BUF_INIT(NOTE_MAX);
    struct key_secret *key = world_key(n);
    struct note_key as;
    uint64_t size;
    struct note *note = latest(s, &bytes, &size);
    *public = key_public_of(key);
    tf_buf_clear(line);
    assert_true(note_key_make(name, NOTE_COSIGNATURE, public, &as));
    assert_int_equal(cosign_line(&as, key, 1764288000 + n, note->text, note->text_len, line),
                     TF_OK);
    free(note);
    key_free(key);
    tf_buf_release(&bytes);
}

static void cosignatures(void **state)
{
    struct stage *s = *state;
    struct tf_buf line = TF_BUF_INIT(NOTE_MAX), bytes = TF_BUF_INIT(NOTE_MAX);
    struct key_public key, other;
    uint64_t size;
    int64_t time_s;
    add(s, 5);
    assert_int_equal(ledger_sign(s->ledger, now_us), TF_OK);
    make_line(s, 9, "south.example", &line, &key);
    assert_int_equal(ledger_cosign(s->ledger, 4, "south.example", &key, line.data, 0),
                     TF_NOT_FOUND);
    assert_int_equal(ledger_cosign(s->ledger, 5, "east.example", &key, line.data, 0), TF_SYNTAX);
    assert_int_equal(ledger_cosign(s->ledger, 5, "south.example", &key, "", 0), TF_SYNTAX);
    assert_int_equal(ledger_cosign(s->ledger, 5, "south.example", &key, "x\ny", 0), TF_SYNTAX);
    other = key;
    other.bytes[3] ^= 1;
    assert_int_equal(ledger_cosign(s->ledger, 5, "south.example", &other, line.data, 0), TF_SYNTAX);
    char *bad = strdup(line.data);
    assert_non_null(bad);
    bad[line.len - 20] = bad[line.len - 20] == 'A' ? 'B' : 'A';
    assert_int_equal(ledger_cosign(s->ledger, 5, "south.example", &key, bad, 0), TF_SYNTAX);
    free(bad);
    /* Alone, in the caller's transaction (also undone), with or without the line feed. */
    assert_int_equal(sql_begin(s->sql), TF_OK);
    assert_int_equal(ledger_cosign(s->ledger, 5, "south.example", &key, line.data, 0), TF_OK);
    sql_rollback(s->sql);
    free(latest(s, &bytes, &size));
    assert_null(strstr(bytes.data, "south.example"));
    assert_int_equal(ledger_cosign(s->ledger, 5, "south.example", &key, line.data, 0), TF_OK);
    line.data[--line.len] = '\0';
    assert_int_equal(ledger_cosign(s->ledger, 5, "south.example", &key, line.data, 0), TF_OK);
    struct note *note = latest(s, &bytes, &size);
    assert_int_equal(note->count, 2);
    assert_int_equal(note_check(note, &s->as_log, NULL, NULL), NOTE_VALID);
    assert_int_equal(note_check(note, &s->as_witness, &time_s, NULL), NOTE_VALID);
    assert_int_equal(time_s, 1764288009);
    free(note);
    assert_verifies(s);
    for (uint8_t n = 0; n < LEDGER_WITNESSES_MAX + 1; n++) {
        char name[16];
        snprintf(name, sizeof name, "w%u.example", n);
        make_line(s, (uint8_t)(20 + n), name, &line, &key);
        assert_int_equal(ledger_cosign(s->ledger, 5, name, &key, line.data, 0),
                         n < LEDGER_WITNESSES_MAX - 1 ? TF_OK : TF_LIMIT);
    }
    note = latest(s, &bytes, &size);
    assert_int_equal(note->count, 1 + LEDGER_WITNESSES_MAX);
    free(note);
    assert_true(bytes.len <= LEDGER_NOTE_MAX);
    assert_verifies(s);
    tf_buf_release(&bytes);
    tf_buf_release(&line);
}

/* Old ones go, but not those that somebody cosigned. */
static void old_checkpoints_go(void **state)
{
    struct stage *s = *state;
    struct tf_buf line = TF_BUF_INIT(NOTE_MAX);
    struct key_public key;
    if (strcmp(world_where, ":memory:") != 0)
        return; /* a thousand commits */
    for (int i = 0; i < 1010; i++) {
        add(s, 1);
        assert_int_equal(ledger_sign(s->ledger, now_us), TF_OK);
        if (i == 2) {
            make_line(s, 9, "south.example", &line, &key);
            assert_int_equal(ledger_cosign(s->ledger, 3, "south.example", &key, line.data, 0),
                             TF_OK);
        }
    }
    assert_int_equal(count_checkpoints(s), 1001);
    assert_verifies(s);
    tf_buf_release(&line);
}

/* A ledger that was kept before old ones were thinned: as many as were made, each cosigned. */
static void make_old_file(struct stage *s, int64_t made, int64_t step_us)
{
    add(s, (unsigned)made);
    assert_int_equal(sql_begin(s->sql), TF_OK);
    for (int64_t i = 1; i <= made; i++) {
        assert_int_equal(
            sql_send(s->sql, "INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3)",
                     SQL_ARGS(sql_int(i), sql_int(now_us + i * step_us), sql_text("an old note"))),
            TF_OK);
        assert_int_equal(
            sql_send(s->sql,
                     "INSERT INTO ledger_cosignature (size, witness, public, line, at)"
                     " VALUES ($1, $2, $3, $4, $5)",
                     SQL_ARGS(sql_int(i), sql_text(i % 2 ? "east.example" : "south.example"),
                              sql_blob("", 0), sql_text("a line"), sql_int(now_us + i * step_us))),
            TF_OK);
    }
    assert_int_equal(sql_commit(s->sql), TF_OK);
}

/* They go, too: a few with each one that is signed, also over new starts, and the same stay. */
static void old_files_are_thinned(void **state)
{
    enum { MADE = 2200, SIGNED = 400, AT_ONCE = 8, KEPT = 1000, MINUTE_US = 60000000, HOUR = 60 };
    struct stage *s = *state;
    struct sql_rows rows;
    if (strcmp(world_where, ":memory:") != 0)
        return; /* many commits */
    make_old_file(s, MADE, MINUTE_US);
    int64_t before = count_checkpoints(s);
    assert_int_equal(before, MADE);
    for (int i = 1; i <= SIGNED; i++) {
        if (i == 100) { /* a new start */
            ledger_close(s->ledger);
            s->ledger = world_ledger(s->sql, s->key);
        }
        add(s, 1);
        assert_int_equal(ledger_sign(s->ledger, now_us + (MADE + i) * (int64_t)MINUTE_US), TF_OK);
        int64_t now = count_checkpoints(s);
        assert_true(before + 1 - now <= AT_ONCE);
        before = now;
    }
    /* Of what is old, the first of each hour for each witness; none that is new was cosigned. */
    int expected = 0;
    int64_t last[2] = {-1, -1};
    assert_int_equal(
        sql_query(s->sql, "SELECT size FROM ledger_checkpoint ORDER BY size", SQL_NO_ARGS, &rows),
        TF_OK);
    for (int64_t i = 1; i <= MADE + SIGNED; i++) {
        int64_t hour = (now_us / MINUTE_US + i) / HOUR;
        bool stays = i > MADE + SIGNED - KEPT || (i <= MADE && hour != last[i % 2]);
        last[i % 2] = hour;
        if (!stays)
            continue;
        assert_true((size_t)expected < rows.count);
        assert_int_equal(sql_at(&rows, (size_t)expected++, 0)->number, i);
    }
    assert_int_equal(rows.count, expected);
    sql_rows_release(&rows);
}

/* --- proof files -------------------------------------------------------------------------------
 */

/* Two witnesses, every second checkpoint cosigned by the one and every third by the other, a minute
 * after the other for a day and more: of what is old the first of each hour stays, for each of
 * them. */
static void old_cosigned_ones_thin_out(void **state)
{
    enum { MADE = 2200, KEPT = 1000, MINUTE_US = 60000000, HOUR = 60 };
    static const char *const names[2] = {"east.example", "south.example"};
    struct stage *s = *state;
    struct tf_buf line = TF_BUF_INIT(NOTE_MAX);
    struct key_public key;
    struct sql_rows rows;
    if (strcmp(world_where, ":memory:") != 0)
        return; /* two thousand commits */
    for (int64_t i = 1; i <= MADE; i++) {
        int64_t at_us = now_us + i * MINUTE_US;
        add(s, 1);
        assert_int_equal(ledger_sign(s->ledger, at_us), TF_OK);
        for (int w = 0; w < 2; w++) {
            if (i % (w + 2) != 0)
                continue;
            make_line(s, (uint8_t)(9 + w), names[w], &line, &key);
            assert_int_equal(
                ledger_cosign(s->ledger, (uint64_t)i, names[w], &key, line.data, at_us), TF_OK);
        }
    }
    /* Which ones those are, found by hand. */
    bool stays[MADE + 1] = {false};
    for (int w = 0; w < 2; w++) {
        int64_t last = -1;
        for (int64_t i = 1; i <= MADE; i++) {
            int64_t hour = (now_us / MINUTE_US + i) / HOUR;
            if (i > MADE - KEPT)
                stays[i] = true;
            else if (i % (w + 2) == 0 && hour != last)
                stays[i] = true;
            last = i % (w + 2) == 0 ? hour : last;
        }
    }
    size_t expected = 0;
    assert_int_equal(
        sql_query(s->sql, "SELECT size FROM ledger_checkpoint ORDER BY size", SQL_NO_ARGS, &rows),
        TF_OK);
    for (int64_t i = 1; i <= MADE; i++)
        if (stays[i]) {
            assert_true(expected < rows.count);
            assert_int_equal(sql_at(&rows, expected++, 0)->number, i);
        }
    assert_int_equal(rows.count, expected);
    assert_true(expected < KEPT + 3 * (MADE - KEPT) / HOUR);
    sql_rows_release(&rows);
    /* Nobody's word is left without what it is about. */
    assert_int_equal(sql_query(s->sql,
                               "SELECT 1 FROM ledger_cosignature WHERE size NOT IN"
                               " (SELECT size FROM ledger_checkpoint)",
                               SQL_NO_ARGS, &rows),
                     TF_OK);
    assert_int_equal(rows.count, 0);
    sql_rows_release(&rows);
    assert_verifies(s);
    tf_buf_release(&line);
}

static void assert_proof(struct stage *s, uint64_t index, uint64_t size, bool is_cosigned)
{
    struct tf_buf bytes = TF_BUF_INIT(PROOF_MAX);
    struct proof_file *file = calloc(1, sizeof *file);
    assert_non_null(file);
    assert_int_equal(ledger_proof_file(s->ledger, index, &bytes), TF_OK);
    assert_int_equal(proof_read(bytes.data, bytes.len, file), TF_OK);
    assert_int_equal(file->index, index);
    assert_int_equal(file->checkpoint.size, size);
    assert_int_equal(proof_check(file, "{\"kind\":\"test\"}", 15, &s->as_log), PROOF_VALID);
    assert_int_equal(proof_check(file, file->extra, file->extra_len, &s->as_log), PROOF_VALID);
    assert_int_equal(note_check(&file->note, &s->as_witness, NULL, NULL),
                     is_cosigned ? NOTE_VALID : NOTE_UNSIGNED);
    proof_release(file);
    free(file);
    tf_buf_release(&bytes);
}

static void proof_files(void **state)
{
    struct stage *s = *state;
    struct tf_buf line = TF_BUF_INIT(NOTE_MAX), out = TF_BUF_INIT(PROOF_MAX);
    struct key_public key;
    add(s, 300);
    assert_int_equal(ledger_proof_file(s->ledger, 0, &out), TF_RANGE);
    assert_int_equal(ledger_sign(s->ledger, now_us), TF_OK);
    assert_proof(s, 0, 300, false);
    make_line(s, 9, "south.example", &line, &key);
    assert_int_equal(ledger_cosign(s->ledger, 300, "south.example", &key, line.data, 0), TF_OK);
    add(s, 100);
    assert_int_equal(ledger_proof_file(s->ledger, 399, &out), TF_RANGE);
    assert_int_equal(ledger_sign(s->ledger, now_us), TF_OK);
    assert_proof(s, 299, 300, true);
    assert_proof(s, 300, 400, false);
    assert_proof(s, 399, 400, false);
    assert_int_equal(ledger_proof_file(s->ledger, 400, &out), TF_RANGE);
    assert_int_equal(out.len, 0);
    tf_buf_release(&out);
    tf_buf_release(&line);
}

/* --- one key after the other ---------------------------------------------------------------------
 */

static void reopen(struct stage *s, const struct key_secret *key)
{
    ledger_close(s->ledger);
    s->ledger = world_ledger(s->sql, key);
}

static void keys_change(void **state)
{
    struct stage *s = *state;
    struct key_secret *keys[] = {s->key, world_key(2), world_key(3), world_key(4)};
    struct tf_buf bytes = TF_BUF_INIT(NOTE_MAX);
    struct ledger *other;
    uint64_t size;
    char why[SQL_WHY_SIZE];
    for (size_t i = 0; i < 3; i++) {
        add(s, 200);
        assert_int_equal(ledger_sign(s->ledger, now_us), TF_OK);
        /* Once undone: nothing has changed. */
        assert_int_equal(sql_begin(s->sql), TF_OK);
        assert_int_equal(ledger_rotate(s->ledger, keys[i + 1], now_us), TF_OK);
        sql_rollback(s->sql);
        ledger_forget(s->ledger);
        add(s, 1);
        assert_int_equal(ledger_sign(s->ledger, now_us), TF_OK);
        assert_int_equal(sql_begin(s->sql), TF_OK);
        assert_int_equal(ledger_rotate(s->ledger, keys[i + 1], now_us), TF_OK);
        assert_int_equal(sql_commit(s->sql), TF_OK);
        assert_int_equal(ledger_sign(s->ledger, now_us), TF_UNSUPPORTED);
        assert_int_equal(ledger_open(s->sql, WORLD_ORIGIN, keys[i], &other, why), TF_UNSUPPORTED);
        reopen(s, keys[i + 1]);
        assert_int_equal(ledger_sign(s->ledger, now_us), TF_OK);
        struct key_public public = key_public_of(keys[i + 1]);
        assert_true(note_key_make(WORLD_ORIGIN, NOTE_ED25519, &public, &s->as_log));
        struct note *note = latest(s, &bytes, &size);
        assert_int_equal(note_check(note, &s->as_log, NULL, NULL), NOTE_VALID);
        free(note);
        assert_verifies(s);
    }
    /* By whichever of the keys, but by no other. */
    struct key_secret *stranger = world_key(5);
    for (size_t i = 0; i < 5; i++) {
        struct key_public public = key_public_of(i < 4 ? keys[i] : stranger);
        assert_int_equal(ledger_open_reading(s->sql, &public, &other, why), TF_OK);
        assert_int_equal(ledger_verify(other, NULL, NULL, why), i < 4 ? TF_OK : TF_SYNTAX);
        ledger_close(other);
    }
    assert_int_equal(ledger_open_reading(s->sql, NULL, &other, why), TF_OK);
    assert_string_equal(ledger_origin(other), WORLD_ORIGIN);
    assert_int_equal(ledger_verify(other, NULL, NULL, why), TF_MISSING);
    assert_int_equal(ledger_sign(other, now_us), TF_SYNTAX);
    ledger_close(other);
    /* A checkpoint by a key that is no longer in force is not valid. */
    assert_int_equal(
        sql_exec(s->sql, "DELETE FROM ledger_key WHERE first > 400", SQL_NO_ARGS, NULL), TF_OK);
    assert_int_equal(ledger_verify(s->ledger, NULL, NULL, why), TF_SYNTAX);
    assert_non_null(strstr(why, "table of keys"));
    key_free(stranger);
    for (size_t i = 1; i < 4; i++)
        key_free(keys[i]);
    tf_buf_release(&bytes);
}

/* An entry that looks like a change of keys and is none is found. */
static void a_forged_change(void **state)
{
    struct stage *s = *state;
    static const char *const forged[] = {
        "{\"kind\":\"ledger.key\",",
        "{\"kind\":\"ledger.key\",\"at\":\"2026-11-24T02:00:00Z\",\"from\":\"\",\"to\":\"\"}",
        "{\"kind\":\"ledger.key\",\"at\":\"",
    };
    char why[SQL_WHY_SIZE];
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        assert_int_equal(sql_begin(s->sql), TF_OK);
        assert_int_equal(ledger_append(s->ledger, forged[i], strlen(forged[i]), NULL), TF_OK);
        assert_int_equal(ledger_verify(s->ledger, NULL, NULL, why), TF_SYNTAX);
        assert_string_equal(why, "a change of keys is not signed by both: entry 0");
        sql_rollback(s->sql);
        ledger_forget(s->ledger);
    }
    assert_verifies(s);
}

/* --- the public log ------------------------------------------------------------------------------
 */

#define PUBLIC_KEY "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"

static void read_public(const char *name, unsigned number, struct tf_buf *out)
{
    char path[512];
    char bytes[4096];
    snprintf(path, sizeof path, "%s/tlog/log/%s%u", getenv("TAFADI_DATA"), name, number);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    tf_buf_clear(out);
    tf_buf_append(out, bytes, len);
}

static void the_public_log(void **state)
{
    struct stage *s = *state;
    struct tf_buf theirs = TF_BUF_INIT(1 << 16), ours = TF_BUF_INIT(1 << 16);
    struct note_key key;
    struct checkpoint checkpoint;
    struct ledger_hash root;
    if (!getenv("TAFADI_DATA"))
        skip();
    struct note *note = malloc(sizeof *note);
    assert_non_null(note);
    assert_int_equal(note_key_read(PUBLIC_KEY, &key), TF_OK);
    for (unsigned size = 1; size <= 15; size++) {
        const char *entry = NULL;
        size_t at = 0, len = 0;
        read_public("tile/entries/000.p/", size, &theirs);
        while (tile_bundle_next(theirs.data, theirs.len, &at, &entry, &len))
            ;
        assert_int_equal(at, theirs.len);
        assert_int_equal(sql_begin(s->sql), TF_OK);
        assert_int_equal(ledger_append(s->ledger, entry, len, NULL), TF_OK);
        assert_int_equal(sql_commit(s->sql), TF_OK);
        tf_buf_clear(&ours);
        assert_int_equal(ledger_tile(s->ledger, TILE_ENTRIES, 0, size, &ours), TF_OK);
        assert_int_equal(ours.len, theirs.len);
        assert_memory_equal(ours.data, theirs.data, ours.len);
        read_public("tile/0/000.p/", size, &theirs);
        tf_buf_clear(&ours);
        assert_int_equal(ledger_tile(s->ledger, 0, 0, size, &ours), TF_OK);
        assert_int_equal(ours.len, theirs.len);
        assert_memory_equal(ours.data, theirs.data, ours.len);
        read_public("checkpoint.", size, &theirs);
        assert_int_equal(note_read(theirs.data, theirs.len, note), TF_OK);
        assert_int_equal(note_check(note, &key, NULL, NULL), NOTE_VALID);
        assert_int_equal(checkpoint_read(note->text, note->text_len, &checkpoint), TF_OK);
        assert_int_equal(checkpoint.size, size);
        assert_int_equal(ledger_root(s->ledger, size, &root), TF_OK);
        assert_true(merkle_equal(&root, &checkpoint.root));
    }
    free(note);
    tf_buf_release(&ours);
    tf_buf_release(&theirs);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int round_of(const char *name)
{
    const struct CMUnitTest tests[] = {
        STAGED(a_checkpoint_grows),    STAGED(cosignatures),
        STAGED(old_checkpoints_go),    STAGED(old_cosigned_ones_thin_out),
        STAGED(old_files_are_thinned), STAGED(proof_files),
        STAGED(keys_change),           STAGED(a_forged_change),
        STAGED(the_public_log),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    return world_rounds(round_of);
}
