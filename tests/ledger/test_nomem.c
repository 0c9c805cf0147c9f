/*
 * test_nomem.c - a ledger's and a witness's whole life with each allocation failing once.
 */
#include "ledger/cosign.h"
#include "ledger/note.h"
#include "ledger/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocfail.h"

#define ORIGIN "north.example/ledger"

struct stage {
    const struct key_secret *key, *witness;
    struct sql *sql;
    struct ledger *ledger;
    struct tf_buf note, line, proof, request;
};

static enum tf_status append(struct stage *s)
{
    char entry[400] = "{\"kind\":\"test\"}";
    enum tf_status rc = sql_begin(s->sql);
    for (int i = 0; i < 3 && !rc; i++)
        rc = ledger_append(s->ledger, entry, sizeof entry, NULL);
    if (!rc)
        rc = ledger_rotate(s->ledger, s->witness, 0);
    if (!rc) { /* and not after all */
        sql_rollback(s->sql);
        ledger_forget(s->ledger);
        rc = sql_begin(s->sql);
    }
    for (int i = 0; i < 300 && !rc; i++)
        rc = ledger_append(s->ledger, entry, 20, NULL);
    if (!rc)
        return sql_commit(s->sql);
    sql_rollback(s->sql);
    ledger_forget(s->ledger);
    return rc;
}

static enum tf_status cosign(struct stage *s)
{
    struct key_public public = key_public_of(s->witness);
    struct note_key as;
    uint64_t size;
    struct note *note = malloc(sizeof *note);
    enum tf_status rc = note ? ledger_checkpoint(s->ledger, &size, &s->note) : TF_NOMEM;
    if (!rc)
        rc = note_read(s->note.data, s->note.len, note);
    if (!rc)
        rc = note_key_make("south.example", NOTE_COSIGNATURE, &public, &as) ? TF_OK : TF_SYNTAX;
    if (!rc)
        rc = cosign_line(&as, s->witness, 1, note->text, note->text_len, &s->line);
    if (!rc)
        rc = ledger_cosign(s->ledger, size, "south.example", &public, s->line.data, 0);
    free(note);
    return rc;
}

static enum tf_status witness(struct stage *s)
{
    struct witness_reply reply = {0};
    struct key_public log = key_public_of(s->key);
    char why[SQL_WHY_SIZE];
    enum tf_status rc = witness_prepare(s->sql, why);
    if (!rc)
        rc = witness_trust(s->sql, ORIGIN, ORIGIN, &log);
    tf_buf_text(&s->request, "old 0\n\n");
    tf_buf_append(&s->request, s->note.data, s->note.len);
    if (!rc)
        rc = tf_buf_status(&s->request);
    if (!rc)
        rc = witness_add(s->sql, "south.example", s->witness, 0, s->request.data, s->request.len,
                         &reply);
    if (!rc) {
        assert_int_equal(reply.status, 200);
        tf_buf_release(&reply.lines);
    }
    return rc;
}

static enum tf_status live(struct stage *s)
{
    char why[SQL_WHY_SIZE];
    enum tf_status rc = sql_open(":memory:", &s->sql, why);
    if (!rc)
        rc = ledger_open(s->sql, ORIGIN, s->key, &s->ledger, why);
    if (!rc)
        rc = append(s);
    if (!rc)
        rc = ledger_sign(s->ledger, 0);
    if (!rc)
        rc = cosign(s);
    if (!rc)
        rc = ledger_proof_file(s->ledger, 7, &s->proof);
    if (!rc)
        rc = ledger_verify(s->ledger, NULL, NULL, why);
    return rc ? rc : witness(s);
}

static enum tf_status whole_life(void *ctx)
{
    struct stage s = *(const struct stage *)ctx;
    s.note = s.line = s.proof = s.request = (struct tf_buf)TF_BUF_INIT(1 << 20);
    enum tf_status rc = live(&s);
    tf_buf_release(&s.note);
    tf_buf_release(&s.line);
    tf_buf_release(&s.proof);
    tf_buf_release(&s.request);
    ledger_close(s.ledger);
    sql_close(s.sql);
    return rc;
}

static void memory_runs_out(void **state)
{
    (void)state;
    uint8_t seed[KEY_SEED_SIZE] = {1}, other[KEY_SEED_SIZE] = {9};
    struct key_secret *key, *witness_key;
    assert_int_equal(key_from_seed(seed, &key), TF_OK);
    assert_int_equal(key_from_seed(other, &witness_key), TF_OK);
    struct stage stage = {.key = key, .witness = witness_key};
    allocfail_each(whole_life, &stage, 5000);
    key_free(key);
    key_free(witness_key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
