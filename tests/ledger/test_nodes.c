/*
 * test_nodes.c - several nodes on one database: connections that alternate, processes that race,
 * one of them killed in the middle of its transactions. No entry is lost or doubled, the log
 * verifies and goes on.
 */
#include "world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "random.h"

enum { NODES = 3 };
static const int64_t now_us = INT64_C(1764288000000000);

struct node {
    struct sql *sql;
    struct ledger *ledger;
};

static void open_node(struct node *node, const struct key_secret *key)
{
    node->sql = world_open();
    node->ledger = world_ledger(node->sql, key);
}

static void close_node(struct node *node)
{
    ledger_close(node->ledger);
    sql_close(node->sql);
}

static void assert_verifies(struct ledger *ledger)
{
    char why[SQL_WHY_SIZE];
    enum tf_status rc = ledger_verify(ledger, NULL, NULL, why);
    if (rc)
        print_error("%s\n", why);
    assert_int_equal(rc, TF_OK);
}

/* One transaction of `count` entries "<who> <number> <of>": *next counts. TF_BUSY: lost, nothing is
 * there. */
static enum tf_status one_turn(struct node *node, unsigned who, unsigned *next, unsigned count)
{
    enum tf_status rc = sql_begin(node->sql);
    if (rc)
        return rc;
    for (unsigned i = 0; i < count && !rc; i++) {
        char entry[64];
        int len = snprintf(entry, sizeof entry, "%u %u", who, *next + i);
        rc = ledger_append(node->ledger, entry, (size_t)len, NULL);
    }
    if (!rc)
        rc = sql_commit(node->sql);
    else
        sql_rollback(node->sql);
    if (rc)
        ledger_forget(node->ledger);
    else
        *next += count;
    return rc;
}

/* A transaction that is given up, and forgotten before it is. */
static void no_turn(struct node *node, unsigned count)
{
    assert_int_equal(sql_begin(node->sql), TF_OK);
    while (count-- > 0)
        assert_int_equal(ledger_append(node->ledger, "never", 5, NULL), TF_OK);
    ledger_forget(node->ledger);
    sql_rollback(node->sql);
}

/* --- alternating ------------------------------------------------------------------------------ */

static void nodes_alternate(void **state)
{
    (void)state;
    uint64_t seed = random_seed(5), random = seed;
    unsigned next[NODES] = {0};
    struct node node[NODES];
    struct key_secret *key = world_key(1);
    if (!world_is_lasting())
        return;
    world_empty();
    print_message("seed %llu\n", (unsigned long long)seed);
    for (size_t i = 0; i < NODES; i++)
        open_node(&node[i], key);
    for (int i = 0; i < 120; i++) {
        unsigned who = (unsigned)random_below(&random, NODES);
        unsigned count = (unsigned)random_below(&random, random_below(&random, 9) ? 20 : 900);
        unsigned other = (unsigned)random_below(&random, NODES);
        if (random_below(&random, 2)) /* as many as come now, from another node perhaps */
            no_turn(&node[other], count);
        assert_int_equal(one_turn(&node[who], who, &next[who], count), TF_OK);
        uint64_t size, all = (uint64_t)next[0] + next[1] + next[2];
        struct ledger_hash root, mine;
        assert_int_equal(ledger_size(node[other].ledger, &size), TF_OK);
        assert_int_equal(size, all);
        assert_int_equal(ledger_root(node[who].ledger, all, &mine), TF_OK);
        assert_int_equal(ledger_root(node[other].ledger, all, &root), TF_OK);
        assert_true(merkle_equal(&root, &mine));
        if (random_below(&random, 4) == 0)
            assert_int_equal(ledger_sign(node[other].ledger, now_us), TF_OK);
    }
    for (size_t i = 0; i < NODES; i++) {
        assert_verifies(node[i].ledger);
        close_node(&node[i]);
    }
    key_free(key);
}

/* --- processes, and one that is killed ----------------------------------------------------------
 */

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* Appends until it is killed, or `turns` are done; says on `out` after each commit what is there.
 */
static void run_child(const struct key_secret *key, unsigned who, unsigned turns, int out)
{
    struct node node;
    unsigned next = 0;
    open_node(&node, key);
    for (unsigned done = 0; done < turns;) {
        enum tf_status rc = one_turn(&node, who, &next, 37);
        if (rc == TF_BUSY) {
            pause_ms(1 + who);
            continue;
        }
        if (rc || write(out, &next, sizeof next) != sizeof next)
            _exit(1);
        (void)!ledger_sign(node.ledger, now_us);
        done++;
    }
    close_node(&node);
    _exit(0);
}

struct child {
    pid_t pid;
    int in;
    unsigned acknowledged;
};

static struct child start(const struct key_secret *key, unsigned who, unsigned turns)
{
    struct child child = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    child.pid = fork();
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        close(ends[0]);
        run_child(key, who, turns, ends[1]);
    }
    close(ends[1]);
    child.in = ends[0];
    return child;
}

/* All that it said before its end. */
static void finish(struct child *child, int signal_number)
{
    unsigned said;
    int status;
    while (read(child->in, &said, sizeof said) == sizeof said)
        child->acknowledged = said;
    close(child->in);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    if (signal_number)
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signal_number);
    else
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

struct tally {
    unsigned next[NODES];
    bool is_good;
};

/* Each one's entries stand in the log in its order, each once. */
static bool count_entry(void *ctx, uint64_t index, const char *entry, size_t len)
{
    struct tally *tally = ctx;
    char text[64];
    unsigned who, number;
    (void)index;
    snprintf(text, sizeof text, "%.*s", (int)len, entry);
    tally->is_good =
        sscanf(text, "%u %u", &who, &number) == 2 && who < NODES && number == tally->next[who];
    if (tally->is_good)
        tally->next[who]++;
    return tally->is_good;
}

static struct tally tally_of(struct ledger *ledger)
{
    struct tally tally = {.is_good = true};
    assert_int_equal(ledger_each(ledger, 0, UINT64_MAX, count_entry, &tally), TF_OK);
    assert_true(tally.is_good);
    return tally;
}

static void one_is_killed(void **state)
{
    (void)state;
    struct key_secret *key = world_key(1);
    if (!world_is_lasting())
        return;
    for (int i = 0; i < 6; i++) {
        world_empty();
        struct node node;
        open_node(&node, key); /* the tables */
        close_node(&node);
        struct child survivor = start(key, 1, 12), victim = start(key, 2, 100000);
        unsigned said;
        assert_int_equal(read(victim.in, &said, sizeof said), sizeof said);
        victim.acknowledged = said;
        pause_ms(7 * i);
        assert_int_equal(kill(victim.pid, SIGKILL), 0);
        finish(&victim, SIGKILL);
        finish(&survivor, 0);
        open_node(&node, key);
        struct tally tally = tally_of(node.ledger);
        assert_int_equal(tally.next[1], 12 * 37);
        assert_true(tally.next[2] >= victim.acknowledged);
        assert_true(tally.next[2] - victim.acknowledged <= 37); /* committed, and not yet said */
        assert_int_equal(tally.next[2] % 37, 0);                /* whole transactions */
        assert_verifies(node.ledger);
        unsigned next = 0;
        assert_int_equal(one_turn(&node, 0, &next, 300), TF_OK); /* it goes on */
        assert_int_equal(ledger_sign(node.ledger, now_us), TF_OK);
        assert_verifies(node.ledger);
        close_node(&node);
    }
    key_free(key);
}

static int round_of(const char *name)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nodes_alternate),
                                       cmocka_unit_test(one_is_killed)};
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    return world_rounds(round_of);
}
