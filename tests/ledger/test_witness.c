/*
 * test_witness.c - a witness of another party's log: every answer of the specification
 * (c2sp.org/tlog-witness), and that what was answered is what is kept.
 */
#include "ledger/checkpoint.h"
#include "ledger/cosign.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAME "south.example"
static const int64_t now_us = INT64_C(1764288000000000);

struct stage {
    struct key_secret *log_key, *key;
    struct note_key as_log, as_witness;
    struct sql *log_sql, *sql;
    struct ledger *log;
    struct tf_buf request;
};

static int set_up(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    char why[SQL_WHY_SIZE];
    assert_non_null(s);
    world_empty();
    s->request = (struct tf_buf)TF_BUF_INIT(1 << 20);
    s->log_key = world_key(1);
    s->key = world_key(9);
    struct key_public log = key_public_of(s->log_key), own = key_public_of(s->key);
    assert_true(note_key_make(WORLD_ORIGIN, NOTE_ED25519, &log, &s->as_log));
    assert_true(note_key_make(NAME, NOTE_COSIGNATURE, &own, &s->as_witness));
    assert_int_equal(sql_open(":memory:", &s->log_sql, why), TF_OK);
    s->log = world_ledger(s->log_sql, s->log_key);
    assert_int_equal(sql_begin(s->log_sql), TF_OK);
    for (int i = 0; i < 600; i++)
        assert_int_equal(ledger_append(s->log, &i, sizeof i, NULL), TF_OK);
    assert_int_equal(sql_commit(s->log_sql), TF_OK);
    s->sql = world_open();
    assert_int_equal(witness_prepare(s->sql, why), TF_OK);
    assert_int_equal(witness_prepare(s->sql, why), TF_OK);
    assert_int_equal(witness_trust(s->sql, WORLD_ORIGIN, WORLD_ORIGIN, &log), TF_OK);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *s = *state;
    ledger_close(s->log);
    sql_close(s->log_sql);
    sql_close(s->sql);
    key_free(s->log_key);
    key_free(s->key);
    tf_buf_release(&s->request);
    free(s);
    return 0;
}

/* --- requests ----------------------------------------------------------------------------------
 */

struct ask {
    uint64_t old, size;
    const char *origin;           /* NULL: the log's */
    const struct key_secret *key; /* NULL: the log's */
    bool no_proof, bad_proof, more_proof, bad_root;
};

static void put_hash(struct tf_buf *out, const struct ledger_hash *hash)
{
    key_base64(hash->bytes, KEY_HASH_SIZE, out);
    tf_buf_char(out, '\n');
}

static void put_checkpoint(struct stage *s, const struct ask *ask)
{
    struct tf_buf text = TF_BUF_INIT(4096);
    struct ledger_hash root;
    struct note_key as = s->as_log;
    const struct key_secret *key = ask->key ? ask->key : s->log_key;
    struct key_public public = key_public_of(key);
    assert_true(note_key_make(s->as_log.name, NOTE_ED25519, &public, &as));
    assert_int_equal(ledger_root(s->log, ask->size, &root), TF_OK);
    root.bytes[0] ^= ask->bad_root;
    checkpoint_print(ask->origin ? ask->origin : WORLD_ORIGIN, ask->size, &root, &text);
    tf_buf_append(&s->request, text.data, text.len);
    tf_buf_char(&s->request, '\n');
    /* One of a stranger is ignored. */
    struct key_secret *stranger = world_key(77);
    struct key_public strange = key_public_of(stranger);
    struct note_key as_stranger;
    assert_true(note_key_make("stranger.example", NOTE_ED25519, &strange, &as_stranger));
    note_sign(text.data, text.len, &as_stranger, stranger, &s->request);
    note_sign(text.data, text.len, &as, key, &s->request);
    key_free(stranger);
    tf_buf_release(&text);
}

static void put_request(struct stage *s, const struct ask *ask)
{
    struct ledger_proof proof = {.count = 0};
    tf_buf_clear(&s->request);
    tf_buf_printf(&s->request, "old %llu\n", (unsigned long long)ask->old);
    if (ask->old > 0 && ask->old < ask->size && !ask->no_proof)
        assert_int_equal(ledger_consistency(s->log, ask->old, ask->size, &proof), TF_OK);
    if (ask->bad_proof)
        proof.hash[0].bytes[5] ^= 1;
    if (ask->more_proof)
        proof.count++;
    for (size_t i = 0; i < proof.count; i++)
        put_hash(&s->request, &proof.hash[i]);
    tf_buf_char(&s->request, '\n');
    put_checkpoint(s, ask);
}

/* The lines of a 200 are this witness's, over that checkpoint, at that time. */
static void check_lines(struct stage *s, const struct ask *ask, const struct tf_buf *lines)
{
    struct note *note = malloc(sizeof *note);
    struct tf_buf all = TF_BUF_INIT(1 << 20);
    int64_t time_s;
    assert_non_null(note);
    const char *from = strstr(s->request.data, WORLD_ORIGIN);
    tf_buf_text(&all, from);
    tf_buf_append(&all, lines->data, lines->len);
    assert_int_equal(note_read(all.data, all.len, note), TF_OK);
    assert_int_equal(note->count, 3);
    assert_int_equal(note_check(note, &s->as_witness, &time_s, NULL), NOTE_VALID);
    assert_int_equal(time_s, now_us / 1000000);
    /* And what is kept says the same. */
    uint64_t size;
    tf_buf_clear(&all);
    assert_int_equal(witness_latest(s->sql, WORLD_ORIGIN, &size, &all), TF_OK);
    assert_int_equal(size, ask->size);
    assert_int_equal(note_read(all.data, all.len, note), TF_OK);
    assert_int_equal(note_check(note, &s->as_log, NULL, NULL), NOTE_VALID);
    assert_int_equal(note_check(note, &s->as_witness, NULL, NULL), NOTE_VALID);
    assert_int_equal(note->count, 2);
    free(note);
    tf_buf_release(&all);
}

static int send_body(struct stage *s, uint64_t *size)
{
    struct witness_reply reply = {0};
    assert_int_equal(sql_begin(s->sql), TF_OK);
    assert_int_equal(
        witness_add(s->sql, NAME, s->key, now_us, s->request.data, s->request.len, &reply), TF_OK);
    assert_int_equal(sql_commit(s->sql), TF_OK);
    assert_int_equal(reply.lines.len > 0, reply.status == 200);
    *size = reply.size;
    tf_buf_release(&reply.lines);
    return reply.status;
}

static int ask_for(struct stage *s, struct ask ask)
{
    struct witness_reply reply = {0};
    put_request(s, &ask);
    assert_int_equal(sql_begin(s->sql), TF_OK);
    assert_int_equal(
        witness_add(s->sql, NAME, s->key, now_us, s->request.data, s->request.len, &reply), TF_OK);
    assert_int_equal(sql_commit(s->sql), TF_OK);
    if (reply.status == 200)
        check_lines(s, &ask, &reply.lines);
    tf_buf_release(&reply.lines);
    return reply.status;
}

static uint64_t known_size(struct stage *s)
{
    struct tf_buf note = TF_BUF_INIT(NOTE_MAX * 2);
    uint64_t size = 0;
    enum tf_status rc = witness_latest(s->sql, WORLD_ORIGIN, &size, &note);
    assert_true(rc == TF_OK || rc == TF_NOT_FOUND);
    tf_buf_release(&note);
    return size;
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void every_answer(void **state)
{
    struct stage *s = *state;
    struct key_secret *other = world_key(2);
    assert_int_equal(ask_for(s, (struct ask){.size = 100, .origin = "east.example/log"}), 404);
    assert_int_equal(ask_for(s, (struct ask){.size = 100, .key = other}), 403);
    assert_int_equal(ask_for(s, (struct ask){.size = 100, .more_proof = true}), 422);
    assert_int_equal(ask_for(s, (struct ask){.size = 0, .bad_root = true}), 422);
    assert_int_equal(ask_for(s, (struct ask){.old = 3, .size = 100}), 409);
    assert_int_equal(known_size(s), 0);
    assert_int_equal(ask_for(s, (struct ask){.size = 0}), 200);
    assert_int_equal(ask_for(s, (struct ask){.size = 100}), 200);
    assert_int_equal(ask_for(s, (struct ask){.size = 100}), 409); /* old 0 is not what it knows */
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 99}), 400);
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 100}), 200); /* a newer time */
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 100, .bad_root = true}), 409);
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 100, .more_proof = true}), 422);
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 300, .no_proof = true}), 422);
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 300, .bad_proof = true}), 422);
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 300, .more_proof = true}), 422);
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 300, .bad_root = true}), 422);
    assert_int_equal(ask_for(s, (struct ask){.old = 99, .size = 300}), 409);
    assert_int_equal(known_size(s), 100);
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 300, .key = other}), 403);
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 300}), 200);
    assert_int_equal(ask_for(s, (struct ask){.old = 300, .size = 600}), 200);
    assert_int_equal(known_size(s), 600);
    key_free(other);
}

static void the_known_size_is_told(void **state)
{
    struct stage *s = *state;
    uint64_t size = 99;
    assert_int_equal(ask_for(s, (struct ask){.size = 256}), 200);
    put_request(s, &(struct ask){.size = 600});
    assert_int_equal(send_body(s, &size), 409);
    assert_int_equal(size, 256);
}

static void what_is_no_request(void **state)
{
    struct stage *s = *state;
    static const char *const broken[] = {
        "",
        "old 0",
        "old 0\n",
        "old 0\n\n",
        "old 0\n\nx\n",
        "new 0\n\n",
        "old 00\n\n",
        "old -1\n\n",
        "old 9223372036854775808\n\n",
        "old 0\nAAAA\n\n",
    };
    uint64_t size;
    struct tf_buf good = TF_BUF_INIT(1 << 20);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        tf_buf_clear(&s->request);
        tf_buf_text(&s->request, broken[i]);
        assert_int_equal(send_body(s, &size), 400);
    }
    assert_int_equal(ask_for(s, (struct ask){.size = 100}), 200);
    put_request(s, &(struct ask){.old = 100, .size = 300});
    tf_buf_append(&good, s->request.data, s->request.len);
    /* Cut anywhere, it does not pass; nor with one bit changed before the stranger's line. */
    size_t end = (size_t)(strstr(good.data, "stranger") - good.data);
    for (size_t at = 0; at < good.len; at += 7) {
        tf_buf_clear(&s->request);
        tf_buf_append(&s->request, good.data, at);
        assert_int_not_equal(send_body(s, &size), 200);
        if (at + 4 >= end)
            continue;
        tf_buf_clear(&s->request);
        tf_buf_append(&s->request, good.data, good.len);
        s->request.data[at] ^= 1;
        assert_int_not_equal(send_body(s, &size), 200);
    }
    /* 64 lines of proof are too many, before anything else is looked at. */
    tf_buf_clear(&s->request);
    tf_buf_text(&s->request, "old 100\n");
    for (int i = 0; i < 64; i++)
        put_hash(&s->request, &(struct ledger_hash){{(uint8_t)i}});
    tf_buf_char(&s->request, '\n');
    put_checkpoint(s, &(struct ask){.size = 300});
    assert_int_equal(send_body(s, &size), 400);
    assert_int_equal(known_size(s), 100);
    tf_buf_clear(&s->request);
    tf_buf_append(&s->request, good.data, good.len);
    assert_int_equal(send_body(s, &size), 200);
    tf_buf_release(&good);
}

/* What was not committed was not seen. */
static void undone(void **state)
{
    struct stage *s = *state;
    struct witness_reply reply = {0};
    put_request(s, &(struct ask){.size = 100});
    assert_int_equal(sql_begin(s->sql), TF_OK);
    assert_int_equal(
        witness_add(s->sql, NAME, s->key, now_us, s->request.data, s->request.len, &reply), TF_OK);
    assert_int_equal(reply.status, 200);
    tf_buf_release(&reply.lines);
    sql_rollback(s->sql);
    assert_int_equal(known_size(s), 0);
    assert_int_equal(ask_for(s, (struct ask){.size = 200}), 200);
}

static enum tf_status fail_write(void *ctx)
{
    (void)ctx;
    return TF_LIMIT;
}

static void not_written_is_not_answered(void **state)
{
    struct stage *s = *state;
    struct witness_reply reply = {0};
    put_request(s, &(struct ask){.size = 100});
    assert_int_equal(sql_begin(s->sql), TF_OK);
    sql_set_fault(s->sql, fail_write, NULL);
    assert_int_equal(
        witness_add(s->sql, NAME, s->key, now_us, s->request.data, s->request.len, &reply),
        TF_LIMIT);
    sql_set_fault(s->sql, NULL, NULL);
    sql_rollback(s->sql);
    assert_int_equal(reply.lines.len, 0);
    assert_int_equal(known_size(s), 0);
}

/* Another key is trusted: the size stays, the old key's word no longer counts. */
static void trusted_anew(void **state)
{
    struct stage *s = *state;
    struct key_secret *other = world_key(2);
    struct key_public public = key_public_of(other);
    assert_int_equal(ask_for(s, (struct ask){.size = 100}), 200);
    assert_int_equal(witness_trust(s->sql, WORLD_ORIGIN, WORLD_ORIGIN, &public), TF_OK);
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 300}), 403);
    assert_true(note_key_make(WORLD_ORIGIN, NOTE_ED25519, &public, &s->as_log));
    assert_int_equal(ask_for(s, (struct ask){.size = 300, .key = other}), 409);
    assert_int_equal(ask_for(s, (struct ask){.old = 100, .size = 300, .key = other}), 200);
    assert_int_equal(witness_trust(s->sql, "", "x", &public), TF_SYNTAX);
    assert_int_equal(witness_trust(s->sql, "a\nb", "x", &public), TF_SYNTAX);
    assert_int_equal(witness_trust(s->sql, "a", "x y", &public), TF_SYNTAX);
    key_free(other);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int round_of(const char *name)
{
    const struct CMUnitTest tests[] = {
        STAGED(every_answer), STAGED(the_known_size_is_told),      STAGED(what_is_no_request),
        STAGED(undone),       STAGED(not_written_is_not_answered), STAGED(trusted_anew),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    return world_rounds(round_of);
}
