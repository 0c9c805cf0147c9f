/*
 * test_line_life.c - what happens to a line in the long run: a database restored from a backup, a
 * key changed, ledgers that watch each other, message types of other modules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/witness.h"
#include "two_parties.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TEXT "{'text':'hello','lang':'en'}"

static struct pair p;
static struct side *north = &p.side[0], *south = &p.side[1];
static char folder[] = "/tmp/tafadi-line-XXXXXX";
static char file[64], backup[64], blank[64]; /* blank: before the line was opened */

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/tafadi-line-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(file, sizeof file, "%s/north", folder);
    snprintf(backup, sizeof backup, "%s/backup", folder);
    snprintf(blank, sizeof blank, "%s/blank", folder);
    char why[SQL_WHY_SIZE];
    const char *const where[2] = {file, ":memory:"};
    pair_open(&p, where);
    if (sql_copy(file, blank, why))
        return -1;
    pair_open_line(&p);
    return 0;
}

static void remove_database(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static int tear_down(void **state)
{
    (void)state;
    pair_close(&p);
    remove_database(file);
    remove_database(backup);
    remove_database(blank);
    rmdir(folder);
    return 0;
}

/* --- a restore ----------------------------------------------------------------------------------
 */

static void keep_backup(void)
{
    char why[SQL_WHY_SIZE];
    assert_int_equal(sql_copy(file, backup, why), TF_OK);
}

static void restore(const char *from, bool says_so)
{
    int64_t now_us = north->c.now_us;
    side_close(north);
    side_open(north, 0, from);
    north->c.now_us = now_us;
    if (!says_so)
        return;
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(line_restored(&north->c), TF_OK);
    assert_int_equal(sql_commit(north->sql), TF_OK);
}

static void test_return(void **state)
{
    (void)state;
    struct tf_fault fault;
    struct seen_message m;
    side_say(north, p.line, "text", TEXT);
    pair_exchange(&p, 0);
    keep_backup();
    /* Lost here: our own, the other's about ours, ours about the other's. */
    int64_t question = side_say(north, p.line, "question", "{'text':'clear?','lang':'en'}");
    pair_pass_time(&p, SECOND_US);
    pair_exchange(&p, 0);
    side_say(south, p.line, "ack.seen", "{'of':3}");
    int64_t theirs = side_say(south, p.line, "text", TEXT);
    pair_exchange(&p, 1);
    char body[64];
    snprintf(body, sizeof body, "{'of':%d}", (int)theirs);
    side_say(north, p.line, "ack.seen", body);
    side_say(north, p.line, "line.suspend", "{'reason':'x'}");
    pair_exchange(&p, 0);
    pair_check(&p);
    restore(backup, true);
    assert_int_equal(side_info(north, p.line).own_seq, question - 1);
    assert_int_equal(side_try(north, p.line, "text", TEXT, NULL, &fault), TF_BUSY);
    pair_pass_time(&p, 5 * SECOND_US);
    pair_exchange(&p, 0);
    pair_exchange(&p, 0);
    pair_check(&p);
    assert_true(side_message(north, p.line, true, question, &m));
    assert_true(m.seen_us > 0 && m.has_receipt);
    assert_int_equal(side_info(north, p.line).state, LINE_SUSPENDED);
    assert_int_equal(side_alarms(north, p.line, "return", 0, NULL), 0);
    assert_int_equal(side_alarms(north, p.line, "aside", 0, NULL), 0);
    assert_int_equal(side_info(south, p.line).is_forked, false);
    side_say(north, p.line, "line.resume", "{'reason':'back'}");
    pair_exchange(&p, 0);
    pair_check(&p);
    assert_int_equal(side_info(south, p.line).state, LINE_OPEN);
    /* The ledger was not what it was before: that does not stay hidden. */
    for (int i = 0; i < 3; i++) {
        pair_pass_time(&p, 2 * SECOND_US);
        pair_exchange(&p, 0);
    }
    assert_int_equal(side_alarms(south, p.line, "witness", 0, NULL), 1);
}

/* A copy of before the line: the other has all of it. */
static void test_return_of_all(void **state)
{
    (void)state;
    struct seen_message m;
    side_say(north, p.line, "text", TEXT);
    pair_exchange(&p, 0);
    side_say(south, p.line, "ack.seen", "{'of':2}");
    pair_exchange(&p, 1);
    restore(blank, true);
    assert_int_equal(line_find(&north->c, p.line, &(struct line_info){.round = 0}), TF_NOT_FOUND);
    for (int i = 0; i < 4; i++) {
        pair_pass_time(&p, 2 * SECOND_US);
        pair_exchange(&p, 1);
    }
    pair_check(&p);
    assert_int_equal(side_info(north, p.line).state, LINE_OPEN);
    assert_true(side_message(north, p.line, true, 2, &m));
    assert_true(m.seen_us > 0 && m.has_receipt && !m.is_void);
    assert_int_equal(side_info(south, p.line).is_forked, false);
}

/* A claim that nothing stands behind: nothing is said until a person decides, but the end. */
static void test_false_claim(void **state)
{
    (void)state;
    struct tf_buf members = TF_BUF_INIT(LINE_POST_MAX), post;
    struct tf_fault fault;
    tf_buf_text(&members, ",\"beat\":");
    forge_beat(&p, 1, north->c.now_us + SECOND_US, 1000000, 1, &members);
    forge_post(&p, 1, members.data, &post);
    side_take(north, &post);
    tf_buf_release(&post);
    tf_buf_release(&members);
    assert_int_equal(side_alarms(north, p.line, "return", 0, NULL), 1);
    assert_int_equal(side_try(north, p.line, "danger", TEXT, NULL, &fault), TF_BUSY);
    side_collect(north, p.line, &post);
    assert_non_null(strstr(post.data, "\"beat\""));
    tf_buf_release(&post);
    side_say(north, p.line, "line.close", "{'reason':'x'}");
    side_check(north, p.line);
}

/* --- another key
 * ------------------------------------------------------------------------------------
 */

static void test_rotation(void **state)
{
    (void)state;
    struct key_secret *next, *more;
    struct tf_fault fault;
    assert_int_equal(key_make(&next), TF_OK);
    assert_int_equal(key_make(&more), TF_OK);
    assert_int_equal(side_try(north, p.line, "key.rotate", "{'key':'x','proof':'y'}", NULL, &fault),
                     TF_UNSUPPORTED);
    /* A receipt of the old key is still owed. */
    side_say(south, p.line, "text", TEXT);
    struct tf_buf post;
    side_collect(south, p.line, &post);
    side_take(north, &post);
    tf_buf_release(&post);
    side_say(north, p.line, "text", TEXT);
    side_rotate(north, p.line, next, NULL);
    side_say(north, p.line, "text", TEXT);
    pair_pass_time(&p, SECOND_US);
    pair_exchange(&p, 0);
    pair_check(&p);
    side_rotate(south, p.line, more, NULL);
    side_say(south, p.line, "danger", TEXT);
    pair_pass_time(&p, SECOND_US);
    pair_exchange(&p, 1);
    pair_check(&p);
    /* What the old key signs now is nothing. */
    struct key_secret *old;
    uint8_t seed[KEY_SEED_SIZE], prev[KEY_HASH_SIZE], hash[KEY_HASH_SIZE];
    int64_t seq;
    memset(seed, 18, sizeof seed);
    assert_int_equal(key_from_seed(seed, &old), TF_OK);
    last_heard(&p, 0, &seq, prev);
    struct tf_buf envelope = TF_BUF_INIT(LINE_POST_MAX);
    forge_message(&p, 1, old, seq + 1, prev, "text", TEXT, &envelope, hash);
    assert_int_equal(forge_and_take(&p, 1, &envelope).refused, 1);
    tf_buf_release(&envelope);
    /* And a node that was started with it says nothing. */
    const struct key_secret *present = south->c.key;
    south->c.key = old;
    assert_int_equal(side_try(south, p.line, "text", TEXT, NULL, &fault), TF_UNSUPPORTED);
    south->c.key = present;
    key_free(old);
}

/* A copy of before the other's new key, and the other can only ask: what it says cannot be
 * verified here, but it learns what it has to say again. */
static void test_return_before_rotation(void **state)
{
    (void)state;
    struct key_secret *next;
    struct tf_buf post;
    int64_t late;
    assert_int_equal(key_make(&next), TF_OK);
    keep_backup();
    side_rotate(south, p.line, next, NULL);
    for (int i = 0; i < 3; i++) {
        late = side_say(south, p.line, "text", TEXT);
        pair_pass_time(&p, 2 * SECOND_US);
        pair_exchange(&p, 1);
    }
    assert_int_equal(side_info(north, p.line).peer_seq, late);
    restore(backup, true);
    pair_pass_time(&p, 2 * SECOND_US);
    side_collect(south, p.line, &post); /* a beat by a key that is not known here any more */
    struct line_taken taken = side_take(north, &post);
    tf_buf_release(&post);
    assert_true(!taken.may_answer && taken.may_beat && taken.refused > 0);
    post = (struct tf_buf)TF_BUF_INIT(LINE_POST_MAX);
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(line_collect_beat(&north->c, p.line, &post), TF_OK);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    assert_null(strstr(post.data, "envelopes"));
    assert_null(strstr(post.data, "checkpoint"));
    taken = side_take(south, &post);
    tf_buf_release(&post);
    assert_int_equal(taken.refused, 0); /* with the next beat it says all of it again */
    for (int i = 0; i < 3; i++) {
        pair_exchange(&p, 1);
        pair_pass_time(&p, 2 * SECOND_US);
    }
    pair_check(&p);
    assert_int_equal(side_info(north, p.line).peer_seq, late);
    side_say(north, p.line, "text", TEXT); /* it is trusted again, and speaks */
    pair_exchange(&p, 1);
    assert_int_equal(side_info(north, p.line).own_receipted, side_info(north, p.line).own_seq);
    /* Only until it has heard: then what does not verify gets no answer, as before. */
    struct tf_buf members = TF_BUF_INIT(LINE_POST_MAX);
    tf_buf_text(&members, ",\"beat\":");
    south->key = north->key;
    forge_beat(&p, 1, north->c.now_us + SECOND_US, 0, 1, &members); /* by the wrong key */
    south->key = next;
    forge_post(&p, 1, members.data, &post);
    taken = side_take(north, &post);
    assert_true(!taken.may_answer && !taken.may_beat && taken.refused > 0);
    tf_buf_release(&post);
    tf_buf_release(&members);
}

/* A message of before the rotation, once more with other words, by the key of that time. */
static void test_fork_of_old_key(void **state)
{
    (void)state;
    struct key_secret *next, *old;
    uint8_t seed[KEY_SEED_SIZE], prev[KEY_HASH_SIZE], hash[KEY_HASH_SIZE];
    struct seen_message m;
    struct tf_buf envelope = TF_BUF_INIT(LINE_POST_MAX);
    assert_int_equal(key_make(&next), TF_OK);
    int64_t said = side_say(south, p.line, "text", TEXT);
    pair_exchange(&p, 1);
    side_rotate(south, p.line, next, NULL);
    pair_exchange(&p, 1);
    assert_true(side_message(north, p.line, false, said - 1, &m));
    memcpy(prev, m.hash, sizeof prev);
    forge_message(&p, 1, NULL, said, prev, "danger", TEXT, &envelope, hash);
    struct line_taken taken = forge_and_take(&p, 1, &envelope);
    assert_true(taken.forks == 0 && taken.refused == 1); /* the new key did not sign then */
    memset(seed, 18, sizeof seed);
    assert_int_equal(key_from_seed(seed, &old), TF_OK);
    tf_buf_clear(&envelope);
    forge_message(&p, 1, old, said, prev, "danger", TEXT, &envelope, hash);
    assert_int_equal(forge_and_take(&p, 1, &envelope).forks, 1);
    key_free(old);
    tf_buf_release(&envelope);
}

/* --- ledgers -------------------------------------------------------------------------------------
 */

static void test_witness(void **state)
{
    (void)state;
    struct tf_buf note = TF_BUF_INIT(LEDGER_NOTE_MAX);
    uint64_t size, seen;
    for (int i = 0; i < 5; i++) {
        side_say(north, p.line, "text", TEXT);
        pair_pass_time(&p, 2 * SECOND_US);
        pair_exchange(&p, 0);
    }
    pair_pass_time(&p, 2 * SECOND_US);
    pair_exchange(&p, 0);
    /* South has cosigned north's latest, and north has the line. */
    assert_int_equal(witness_latest(south->sql, "north.example/ledger", &seen, &note), TF_OK);
    assert_true(seen > 10);
    tf_buf_clear(&note);
    pair_pass_time(&p, 2 * SECOND_US);
    struct tf_buf post;
    side_collect(south, p.line, &post);
    side_take(north, &post);
    tf_buf_release(&post);
    assert_int_equal(ledger_checkpoint(north->ledger, &size, &note), TF_OK);
    if (size == seen)
        assert_non_null(strstr(note.data, "\xE2\x80\x94 south.example "));
    struct sql_rows rows;
    assert_int_equal(sql_query(north->sql, "SELECT ledger_seen FROM line", SQL_NO_ARGS, &rows),
                     TF_OK);
    assert_int_equal(sql_at(&rows, 0, 0)->number, seen);
    sql_rows_release(&rows);
    for (int i = 0; i < 2; i++)
        assert_int_equal(side_alarms(&p.side[i], p.line, NULL, 0, NULL), 0);
    tf_buf_release(&note);
}

/* The word that a checkpoint was seen does not come back in time: what is sent meanwhile has the
 * same checkpoint, and its proof from what was seen before. That is no doubt. */
static void test_witness_late(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        side_say(north, p.line, "text", TEXT);
        pair_pass_time(&p, 2 * SECOND_US);
        pair_exchange(&p, 0);
    }
    side_say(north, p.line, "text", TEXT);
    for (int i = 0; i < 4; i++) {
        struct tf_buf post;
        pair_pass_time(&p, 2 * SECOND_US);
        side_collect(north, p.line, &post);
        assert_non_null(strstr(post.data, "\"proof\":[\""));
        assert_int_equal(side_take(south, &post).refused, 0);
        tf_buf_release(&post);
        assert_int_equal(side_alarms(south, p.line, NULL, 0, NULL), 0);
    }
    pair_pass_time(&p, 2 * SECOND_US);
    pair_exchange(&p, 1);
    pair_check(&p);
}

/* --- other modules' types
 * ---------------------------------------------------------------------------
 */

struct module {
    int applied[2], late;
    int64_t last_seq;
    enum tf_status rc;
};

static const struct message_kind *module_kind(void *ctx, const char *type)
{
    static const struct message_kind known = {"op.plan", false,
                                              MESSAGE_ASKS_SEEN | MESSAGE_ASKS_ANSWER};
    (void)ctx;
    return strcmp(type, "op.plan") == 0 ? &known : NULL;
}

static enum tf_status module_check(void *ctx, const char *type, const json_t *body,
                                   struct tf_fault *fault)
{
    (void)ctx, (void)type;
    return json_is_integer(json_object_get(body, "n"))
               ? TF_OK
               : tf_fault_set(fault, TF_MISSING, TF_NO_INDEX, "body.n", "n is needed", NULL, NULL,
                              NULL);
}

static enum tf_status module_apply(void *ctx, const struct line_context *c,
                                   const struct line_applied *message)
{
    struct module *module = ctx;
    assert_non_null(c->sql);
    assert_true(message->ledger_index > 0 && message->hash && message->seq > module->last_seq);
    if (module->rc)
        return module->rc;
    module->applied[message->is_own]++;
    module->late += message->is_late;
    return TF_OK;
}

static void test_extension(void **state)
{
    (void)state;
    struct module modules[2] = {{.rc = TF_OK}, {.rc = TF_OK}};
    struct line_extension extensions[2];
    struct seen_message m;
    struct tf_fault fault;
    uint8_t prev[KEY_HASH_SIZE], hash[KEY_HASH_SIZE];
    int64_t seq;
    for (int i = 0; i < 2; i++) {
        extensions[i] = (struct line_extension){.prefix = "op.",
                                                .ctx = &modules[i],
                                                .kind = module_kind,
                                                .check = module_check,
                                                .apply = module_apply};
        p.side[i].c.extensions = &extensions[i];
        p.side[i].c.extension_count = 1;
    }
    assert_int_equal(side_try(north, p.line, "op.other", "{'n':1}", NULL, &fault), TF_UNSUPPORTED);
    assert_int_equal(side_try(north, p.line, "op.plan", "{}", NULL, &fault), TF_MISSING);
    assert_string_equal(fault.field, "body.n");
    int64_t said = side_say(north, p.line, "op.plan", "{'n':1}");
    assert_int_equal(modules[0].applied[1], 1);
    /* It cannot take it now: nothing of the post is taken, and it comes again. */
    modules[1].rc = TF_BUSY;
    struct tf_buf post;
    struct line_taken taken;
    side_collect(north, p.line, &post);
    assert_int_equal(sql_begin(south->sql), TF_OK);
    assert_int_equal(line_take(&south->c, post.data, post.len, &taken, &fault), TF_BUSY);
    sql_rollback(south->sql);
    ledger_forget(south->ledger);
    modules[1].rc = TF_OK;
    side_take(south, &post);
    side_take(south, &post);
    tf_buf_release(&post);
    assert_int_equal(modules[1].applied[0], 1); /* once */
    assert_int_equal(side_info(south, p.line).waiting, 1);
    pair_exchange(&p, 1);
    assert_true(side_message(north, p.line, true, said, &m));
    assert_true(m.answer_by_us > 0);
    side_say(south, p.line, "ack.answered", "{'of':2,'assessment':'no-conflict'}");
    side_say(south, p.line, "ack.seen", "{'of':2}");
    assert_int_equal(side_info(south, p.line).waiting, 0);
    pair_exchange(&p, 1);
    /* A bad one that was heard has no effect; a late one says so. */
    last_heard(&p, 0, &seq, prev);
    struct tf_buf envelope = TF_BUF_INIT(LINE_POST_MAX);
    forge_message(&p, 1, NULL, seq + 1, prev, "op.plan", "{}", &envelope, hash);
    forge_and_take(&p, 1, &envelope);
    assert_int_equal(modules[0].applied[0], 0);
    assert_int_equal(side_alarms(north, p.line, "contradiction", seq + 1, NULL), 1);
    side_say(north, p.line, "line.suspend", "{'reason':'x'}");
    tf_buf_clear(&envelope);
    forge_message(&p, 1, NULL, seq + 2, hash, "op.plan", "{'n':2}", &envelope, prev);
    forge_and_take(&p, 1, &envelope);
    assert_int_equal(modules[0].applied[0], 1);
    assert_int_equal(modules[0].late, 1);
    tf_buf_release(&envelope);
    side_check(north, p.line);
}

/* --- faults
 * ------------------------------------------------------------------------------------------ */

struct fault_at {
    int left;
    bool was_hit;
};

static enum tf_status fail_once(void *ctx)
{
    struct fault_at *at = ctx;
    if (at->left-- != 0)
        return TF_OK;
    at->was_hit = true;
    return TF_LIMIT;
}

/* Commands of one batch: the failed one is undone to its mark and run again. */
static enum tf_status run(struct side *side, int step, struct tf_buf *post)
{
    struct line_taken taken;
    struct tf_fault fault;
    char id[LINE_ID_SIZE];
    bool wants;
    int64_t seq, next_us;
    json_t *body = NULL;
    enum tf_status rc;
    switch (step) {
    case 0:
        return line_open(&side->c, "south.example", "head-of-cell", id, &fault);
    case 1:
    case 3:
        body = json_pack("{s:s,s:s}", "text", "rocket", "lang", "en");
        const struct line_draft draft = {
            .type = step == 1 ? "danger" : "text", .role = "duty-officer", .body = body};
        rc = line_say(&side->c, p.line, &draft, &seq, &fault);
        json_decref(body);
        return rc;
    case 2:
        tf_buf_clear(post);
        return line_collect(&side->c, p.line, post);
    case 4:
        return line_tick(&side->c, p.line, &next_us, &wants);
    default:
        return line_take(&side->c, post->data, post->len, &taken, &fault);
    }
}

static bool run_with_fault(struct side *side, int step, struct tf_buf *post, int n)
{
    struct fault_at at = {.left = n};
    assert_int_equal(sql_mark(side->sql), TF_OK);
    sql_set_fault(side->sql, fail_once, &at);
    enum tf_status rc = run(side, step, post);
    sql_set_fault(side->sql, NULL, NULL);
    assert_int_equal(rc != TF_OK, at.was_hit);
    if (!at.was_hit) {
        assert_int_equal(sql_keep(side->sql), TF_OK);
        return false;
    }
    ledger_forget(side->ledger);
    assert_int_equal(sql_undo(side->sql), TF_OK);
    return true;
}

/* The n-th writing statement fails, for every n; then the command runs again. In the end all is as
 * if nothing had ever failed. */
static void every_fault(struct side *side, int step, struct tf_buf *post)
{
    int n = 0;
    assert_int_equal(sql_begin(side->sql), TF_OK);
    while (run_with_fault(side, step, post, n))
        assert_true(++n < 200);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    assert_true(n >= 2 || step == 2 || step == 4);
}

static void test_faults(void **state)
{
    (void)state;
    struct pair plain;
    struct tf_buf post = TF_BUF_INIT(LINE_POST_MAX);
    struct line_info info[2];
    uint64_t size[2];
    pair_close(&p);
    pair_open(&plain, NULL);
    pair_open(&p, NULL);
    struct pair *pairs[2] = {&p, &plain};
    for (int k = 0; k < 2; k++) {
        struct side *a = &pairs[k]->side[0], *b = &pairs[k]->side[1];
        static const int said[] = {0, 1, 2};
        static const int again[] = {4, 2};
        for (size_t i = 0; i < 3; i++) {
            if (k == 0) {
                every_fault(a, said[i], &post);
            } else {
                assert_int_equal(sql_begin(a->sql), TF_OK);
                assert_int_equal(run(a, said[i], &post), TF_OK);
                assert_int_equal(sql_commit(a->sql), TF_OK);
            }
        }
        if (k == 0)
            every_fault(b, 5, &post);
        else
            side_take(b, &post);
        pair_pass_time(pairs[k], 400 * SECOND_US); /* every deadline passes */
        for (size_t i = 0; i < 2; i++) {
            struct side *side = i == 0 ? a : b;
            if (k == 0) {
                every_fault(side, again[i], &post);
            } else {
                assert_int_equal(sql_begin(side->sql), TF_OK);
                assert_int_equal(run(side, again[i], &post), TF_OK);
                assert_int_equal(sql_commit(side->sql), TF_OK);
            }
        }
        if (k == 0)
            every_fault(a, 5, &post);
        else
            side_take(a, &post);
        side_check(a, pairs[k]->line);
        side_check(b, pairs[k]->line);
        info[k] = side_info(a, pairs[k]->line);
        assert_int_equal(ledger_size(a->ledger, &size[k]), TF_OK);
    }
    assert_memory_equal(&info[0], &info[1], sizeof info[0]);
    assert_int_equal(size[0], size[1]);
    struct ledger_hash root[2];
    for (int k = 0; k < 2; k++)
        assert_int_equal(ledger_root(pairs[k]->side[0].ledger, size[k], &root[k]), TF_OK);
    assert_memory_equal(&root[0], &root[1], sizeof root[0]);
    tf_buf_release(&post);
    pair_close(&plain);
}

/* How often north would post in ten minutes in which no post arrives; no wait may be longer than
 * the beats are apart, nor shorter than the one before by more than a step. */
static int posts_in_vain(void)
{
    enum { STEP_US = 500000, FOR_US = 600 * SECOND_US, BEAT_US = 15 * SECOND_US };
    int posts = 0;
    int64_t next_us, last_us = north->c.now_us, wait_us = 0;
    for (int64_t t = 0; t < FOR_US; t += STEP_US) {
        pair_pass_time(&p, STEP_US);
        if (!side_tick(north, p.line, &next_us))
            continue;
        int64_t gap_us = north->c.now_us - last_us;
        last_us = north->c.now_us;
        assert_true(gap_us <= BEAT_US + STEP_US);
        assert_true(posts < 2 || gap_us + STEP_US >= wait_us);
        wait_us = gap_us;
        posts++;
        struct tf_buf post;
        side_collect(north, p.line, &post);
        tf_buf_release(&post);
    }
    return posts;
}

/* What is not receipted is sent again at first soon, later seldom; and soon again once the other
 * has taken something. */
static void test_in_vain(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        (void)side_say(north, p.line, "text", TEXT);
        int posts = posts_in_vain();
        assert_in_range(posts, 600 / 15, 600 / 15 + 12);
        pair_run(&p, 60 * SECOND_US, SECOND_US);
        assert_int_equal(side_info(north, p.line).own_receipted, side_info(north, p.line).own_seq);
    }
    pair_check(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_return, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_return_of_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_false_claim, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rotation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_return_before_rotation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fork_of_old_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_witness, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_witness_late, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_extension, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_in_vain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_faults, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
