/*
 * test_party.c - the thread of a party: commands in batches, all or nothing each; leases; what
 * comes when it stops; a hook that fails.
 */
#include "desk_of_one.h"

#include "party/hooks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct world {
    struct one one; /* a second process on the same database */
    struct party *party;
    struct key_secret *key;
    char path[64];
    atomic_uint changed;
};

static void on_changed(void *ctx)
{
    atomic_fetch_add(&((struct world *)ctx)->changed, 1);
}

static void start_party(struct world *w)
{
    char why[SQL_WHY_SIZE] = "";
    struct party_config config = {.database = w->path,
                                  .key = w->key,
                                  .card = {.id = "north.example",
                                           .title = "North",
                                           .ledger = "north.example/ledger",
                                           .key = key_public_of(w->key)},
                                  .version = "test",
                                  .holder = "one",
                                  .changed = on_changed,
                                  .ctx = w};
    assert_int_equal(party_start(&config, &w->party, why), TF_OK);
}

static int begin(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    snprintf(w->path, sizeof w->path, "/tmp/tafadi-party-XXXXXX");
    int fd = mkstemp(w->path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(key_make(&w->key), TF_OK);
    start_party(w);
    *state = w;
    return 0;
}

static int end(void **state)
{
    struct world *w = *state;
    char name[80];
    party_stop(w->party);
    key_free(w->key);
    unlink(w->path);
    snprintf(name, sizeof name, "%s-wal", w->path);
    unlink(name);
    snprintf(name, sizeof name, "%s-shm", w->path);
    unlink(name);
    free(w);
    return 0;
}

/* --- commands ------------------------------------------------------------------------------- */

struct entering {
    struct party_command command; /* first */
    enum tf_status after;         /* what run() returns after it has written */
    atomic_uint *done, *good;
    uint64_t size;
};

static enum tf_status enter_run(struct party_command *command, const struct line_context *c)
{
    struct entering *e = (struct entering *)command;
    enum tf_status rc = account_log(c, "test", "x", "");
    if (!rc)
        rc = ledger_size(c->ledger, &e->size);
    return rc ? rc : e->after;
}

static void enter_done(struct party_command *command, enum tf_status rc)
{
    struct entering *e = (struct entering *)command;
    atomic_fetch_add(e->good, rc == TF_OK);
    atomic_fetch_add(e->done, 1);
    free(e);
}

static uint64_t size_of(struct world *w)
{
    struct entering e = {.command.run = enter_run, .after = TF_RANGE};
    assert_int_equal(party_call(w->party, &e.command), TF_RANGE);
    return e.size - 1;
}

static void a_refused_command_leaves_no_trace(void **state)
{
    struct world *w = *state;
    uint64_t before = size_of(w);
    static const enum tf_status refusals[] = {TF_RANGE, TF_NOT_FOUND, TF_SYNTAX, TF_LIMIT, TF_BUSY};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct entering e = {.command.run = enter_run, .after = refusals[i]};
        assert_int_equal(party_call(w->party, &e.command), refusals[i]);
        assert_int_equal(size_of(w), before);
    }
    struct entering good = {.command.run = enter_run, .after = TF_OK};
    assert_int_equal(party_call(w->party, &good.command), TF_OK);
    assert_int_equal(size_of(w), before + 1);
}

enum { CALLERS = 4, EACH = 200 };

struct caller {
    struct world *w;
    atomic_uint done, good;
};

static void *call_many(void *arg)
{
    struct caller *caller = arg;
    for (int i = 0; i < EACH; i++) {
        struct entering *e = calloc(1, sizeof *e);
        assert_non_null(e);
        *e = (struct entering){.command = {.run = enter_run, .done = enter_done, .actor = "caller"},
                               .after = i % 5 == 0 ? TF_RANGE : TF_OK,
                               .done = &caller->done,
                               .good = &caller->good};
        while (party_submit(caller->w->party, &e->command) == TF_BUSY)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return NULL;
}

static void each_is_done_once_whoever_asks(void **state)
{
    struct world *w = *state;
    pthread_t threads[CALLERS];
    struct caller callers[CALLERS] = {{.w = NULL}};
    struct party_metrics m;
    uint64_t before = size_of(w);
    for (int i = 0; i < CALLERS; i++) {
        callers[i].w = w;
        assert_int_equal(pthread_create(&threads[i], NULL, call_many, &callers[i]), 0);
    }
    for (int i = 0; i < CALLERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < CALLERS; i++) {
        while (atomic_load(&callers[i].done) < EACH)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        assert_int_equal(atomic_load(&callers[i].good), EACH - EACH / 5);
    }
    assert_int_equal(size_of(w), before + CALLERS * (EACH - EACH / 5));
    party_metrics(w->party, &m);
    assert_true(m.is_ready);
    assert_true(m.batches < m.commands); /* some shared a transaction */
}

static void what_was_submitted_is_done_before_it_stops(void **state)
{
    struct world *w = *state;
    struct caller caller = {.w = w};
    uint64_t before = size_of(w);
    call_many(&caller);
    party_stop(w->party);
    assert_int_equal(atomic_load(&caller.done), EACH);
    start_party(w);
    assert_int_equal(size_of(w), before + EACH - EACH / 5 + 1); /* and that it started again */
}

/* --- others on the same database ---------------------------------------------------------------
 */

static void another_process_writes_too(void **state)
{
    struct world *w = *state;
    char why[SQL_WHY_SIZE] = "";
    struct sql *sql;
    struct ledger *ledger;
    uint64_t before = size_of(w);
    assert_int_equal(sql_open(w->path, &sql, why), TF_OK);
    assert_int_equal(ledger_open(sql, "north.example/ledger", w->key, &ledger, why), TF_OK);
    for (int i = 0; i < 20; i++) {
        struct line_context c = {.sql = sql, .ledger = ledger, .key = w->key, .actor = "other"};
        struct entering e = {.command.run = enter_run, .after = TF_OK};
        assert_int_equal(sql_begin(sql), TF_OK);
        assert_int_equal(account_log(&c, "test", "y", ""), TF_OK);
        assert_int_equal(sql_commit(sql), TF_OK);
        assert_int_equal(party_call(w->party, &e.command), TF_OK);
    }
    assert_int_equal(size_of(w), before + 40);
    assert_int_equal(ledger_sign(ledger, 1), TF_OK);
    assert_int_equal(ledger_verify(ledger, NULL, NULL, why), TF_OK);
    ledger_close(ledger);
    sql_close(sql);
}

/* An SQLite file belongs to one node: the lease is always held. In a shared database see
 * tests/line_e2e. */
static void a_file_is_held_always(void **state)
{
    (void)state;
    struct one one;
    bool held = false;
    one_begin(&one, ":memory:");
    assert_int_equal(party_hold(&one.c, "one", "line", &held), TF_OK);
    assert_true(held);
    held = false;
    assert_int_equal(party_hold(&one.c, "two", "line", &held), TF_OK);
    assert_true(held);
    one_end(&one);
}

static void the_latest_event_of_none(void **state)
{
    (void)state;
    struct one one;
    int64_t last = -1;
    one_begin(&one, ":memory:");
    assert_int_equal(party_last_event(&one.c, &last), TF_OK);
    assert_int_equal(last, 0);
    one_end(&one);
}

/* --- hooks ---------------------------------------------------------------------------------- */

struct errand {
    struct party_command command; /* first */
    int64_t age_us, rings;
    char text[256];
    const char *program;
};

/* From the first event on. */
static enum tf_status begins_run(struct party_command *command, const struct line_context *c)
{
    char name[160];
    snprintf(name, sizeof name, "command:%s", ((struct errand *)command)->program);
    return sql_exec(c->sql, "INSERT INTO party_hook (name, position) VALUES ($1, 0)",
                    SQL_ARGS(sql_text(name)), NULL);
}

static enum tf_status event_run(struct party_command *command, const struct line_context *c)
{
    struct line_context then = *c;
    then.now_us -= ((struct errand *)command)->age_us;
    return line_add_event(&then, "alarm", "{}");
}

static enum tf_status alarms_run(struct party_command *command, const struct line_context *c)
{
    struct errand *e = (struct errand *)command;
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT text FROM line_alarm WHERE kind LIKE 'hook.%' AND"
                                  " cleared_us = 0",
                                  SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    e->rings = (int64_t)rows.count;
    if (rows.count)
        snprintf(e->text, sizeof e->text, "%s", sql_at(&rows, 0, 0)->bytes);
    sql_rows_release(&rows);
    return TF_OK;
}

static void do_errand(struct world *w, struct errand e,
                      enum tf_status (*run)(struct party_command *, const struct line_context *),
                      struct errand *out)
{
    e.command.run = run;
    assert_int_equal(party_call(w->party, &e.command), TF_OK);
    if (out)
        *out = e;
}

static void await_hook(struct world *w, struct hooks *hooks, int64_t rings, uint64_t left_out,
                       uint64_t told)
{
    struct hook_metrics m[HOOKS_MAX] = {{0}};
    struct errand e = {.rings = -1};
    for (int i = 0; i < 2000; i++) {
        do_errand(w, (struct errand){.rings = 0}, alarms_run, &e);
        assert_int_equal(hooks_metrics(hooks, m), 1);
        if (e.rings == rings && m[0].left_out == left_out && m[0].told >= told)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_int_equal(e.rings, rings);
    assert_int_equal(m[0].left_out, left_out);
    assert_true(m[0].told >= told);
    assert_true(rings == 0 || strstr(e.text, "does not take"));
}

/* A program that fails rings; what is old by then is left out. What is not is told when it works
 * again, and that ends the alarm. */
static void a_hook_that_takes_nothing(void **state)
{
    struct world *w = *state;
    char program[96], broken[96];
    snprintf(program, sizeof program, "%s.sh", w->path);
    snprintf(broken, sizeof broken, "%s.broken", w->path);
    FILE *file = fopen(program, "w"), *flag = fopen(broken, "w");
    assert_true(file && flag);
    fprintf(file, "#!/bin/sh\ncat > /dev/null\ntest ! -e %s\n", broken);
    fclose(file);
    fclose(flag);
    assert_int_equal(chmod(program, 0700), 0);
    const struct hook_config one = {.kind = HOOK_COMMAND, .target = program};
    const struct hooks_config config = {
        .hooks = &one,
        .count = 1,
        .patience = {.retry_ms = 20, .retry_max_ms = 40, .tries = 4, .give_up_s = 3600}};
    struct hooks *hooks;
    do_errand(w, (struct errand){.program = program}, begins_run, NULL);
    for (int i = 0; i < 3; i++)
        do_errand(w, (struct errand){.age_us = INT64_C(7200000000)}, event_run, NULL);
    do_errand(w, (struct errand){.age_us = 0}, event_run, NULL);
    assert_int_equal(hooks_start(w->party, &config, &hooks), TF_OK);
    await_hook(w, hooks, 1, 3, 0);
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    await_hook(w, hooks, 1, 3, 0); /* what is new is not left out */
    unlink(broken);
    await_hook(w, hooks, 0, 3, 1);
    hooks_stop(hooks);
    unlink(program);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_refused_command_leaves_no_trace),
        TEST(each_is_done_once_whoever_asks),
        TEST(what_was_submitted_is_done_before_it_stops),
        TEST(another_process_writes_too),
        TEST(a_hook_that_takes_nothing),
        cmocka_unit_test(a_file_is_held_always),
        cmocka_unit_test(the_latest_event_of_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
