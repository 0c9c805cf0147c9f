/*
 * test_node.c - the writer: a clock that steps, a disk that fails or waits, commands
 * that were given up, readers that saw what was not yet on the disk.
 */
#include "faultvfs.h"
#include "node/node.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND_US INT64_C(1000000)
#define BEGIN_US (INT64_C(1700000000) * SECOND_US)

struct bench {
    char dir[64], path[96], why[256];
    struct node *node;
    atomic_llong now_us;
};

struct call {
    struct node_command command; /* first */
    enum { PUT, DELETE, GET } what;
    enum dss_kind kind;
    struct tf_uuid id;
    char ovn[DSS_OVN_SIZE]; /* "": create */
    int64_t end_us;
    bool cancelled, given_up;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
    enum tf_status rc;
};

static void wait_us(long us)
{
    const struct timespec t = {0, us * 1000};
    nanosleep(&t, NULL);
}

static enum tf_status run(struct node_command *command, struct dss_db *db,
                          const struct dss_context *context, struct dss_reply *reply)
{
    static const tf_cell cells[] = {1, 2};
    struct call *c = (struct call *)command;
    struct dss_reference_request q = {.kind = c->kind,
                                      .id = c->id,
                                      .ovn = c->ovn[0] ? c->ovn : NULL,
                                      .extent = {cells, 2, 0, 10, context->now_us, c->end_us},
                                      .url = "https://uss.example",
                                      .state = DSS_ACCEPTED};
    switch (c->what) {
    case PUT:
        return dss_reference_put(db, context, &q, reply);
    case DELETE:
        return dss_reference_delete(db, context, c->kind, &c->id, c->ovn, reply);
    default:
        return dss_reference_get(db, c->kind, &c->id, reply);
    }
}

static void on_done(struct node_command *command, enum tf_status rc)
{
    struct call *c = (struct call *)command;
    pthread_mutex_lock(&c->lock);
    c->rc = rc;
    c->done = true;
    pthread_cond_signal(&c->answered);
    pthread_mutex_unlock(&c->lock);
}

static bool is_cancelled(struct node_command *command)
{
    return ((struct call *)command)->cancelled;
}

static bool claim(struct node_command *command)
{
    return !((struct call *)command)->given_up;
}

static void begin(struct bench *b, struct call *c)
{
    c->command = (struct node_command){.run = run,
                                       .done = on_done,
                                       .is_cancelled = is_cancelled,
                                       .claim = claim,
                                       .caller = "uss1",
                                       .kind = c->kind,
                                       .is_write = c->what != GET};
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->answered, NULL);
    c->done = false;
    if (c->what == GET)
        node_read(b->node, &c->command);
    else
        assert_int_equal(node_submit(b->node, &c->command), TF_OK);
}

static bool is_done(struct call *c)
{
    pthread_mutex_lock(&c->lock);
    bool done = c->done;
    pthread_mutex_unlock(&c->lock);
    return done;
}

/* The HTTP status, or minus the node's. The entity's OVN is in c->ovn then. */
static int end(struct call *c)
{
    pthread_mutex_lock(&c->lock);
    while (!c->done)
        pthread_cond_wait(&c->answered, &c->lock);
    pthread_mutex_unlock(&c->lock);
    int status = c->rc ? -(int)c->rc : c->command.reply.status;
    if (!c->rc && c->command.reply.entity)
        snprintf(c->ovn, sizeof c->ovn, "%s", c->command.reply.entity->ovn);
    dss_reply_release(&c->command.reply);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->answered);
    return status;
}

static int call(struct bench *b, struct call *c)
{
    begin(b, c);
    return end(c);
}

static struct call make(struct bench *b, uint8_t n)
{
    return (struct call){.kind = DSS_CONSTRAINT,
                         .id = {{n, 9}},
                         .end_us = atomic_load(&b->now_us) + 3600 * SECOND_US};
}

static int get(struct bench *b, uint8_t n)
{
    struct call c = make(b, n);
    c.what = GET;
    return call(b, &c);
}

static int64_t clock_us(void *ctx)
{
    struct bench *b = ctx;
    return atomic_load(&b->now_us);
}

static void start(struct bench *b)
{
    struct node_config config = {.data_path = b->path, .now_us = clock_us, .now_ctx = b};
    if (node_start(&config, &b->node, b->why))
        fail_msg("%s", b->why);
}

static int bench_new(void **state)
{
    static struct bench b;
    atomic_store(&b.now_us, BEGIN_US);
    snprintf(b.dir, sizeof b.dir, "/tmp/tafadi-node-XXXXXX");
    assert_non_null(mkdtemp(b.dir));
    snprintf(b.path, sizeof b.path, "%s/data.db", b.dir);
    start(&b);
    *state = &b;
    return 0;
}

static int bench_remove(void **state)
{
    struct bench *b = *state;
    faultvfs_fail(0, false);
    enum tf_status rc = node_stop(b->node);
    unlink(b->path);
    return rc ? (int)rc : rmdir(b->dir);
}

/* The clock stands, goes back and jumps; the node starts again: no OVN comes twice. */
static void no_ovn_comes_twice(void **state)
{
    enum { ROUNDS = 200 };
    static char seen[2 * ROUNDS][DSS_OVN_SIZE];
    static const int64_t steps_us[] = {0, -3600 * SECOND_US, 1, -1, 0, 60 * SECOND_US, 0};
    struct bench *b = *state;
    size_t count = 0;
    for (int i = 0; i < ROUNDS; i++) {
        atomic_fetch_add(&b->now_us, steps_us[(size_t)i % 7] / (i % 3 + 1));
        if (i % 50 == 49) {
            assert_int_equal(node_stop(b->node), TF_OK);
            start(b);
        }
        struct call c = make(b, 3 /* one id for all */);
        assert_int_equal(call(b, &c), 201);
        memcpy(seen[count++], c.ovn, DSS_OVN_SIZE);
        assert_int_equal(call(b, &c), 200);
        memcpy(seen[count++], c.ovn, DSS_OVN_SIZE);
        c.what = DELETE;
        assert_int_equal(call(b, &c), 200);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(seen[i], seen[j]);
}

/* Each write and sync fails once: 507, nothing has changed, and the next try succeeds. */
static void a_failing_disk(void **state)
{
    struct bench *b = *state;
    struct call kept = make(b, 1);
    assert_int_equal(call(b, &kept), 201);
    uint8_t id = 10;
    int failed = 0;
    for (long n = 1; n < 30; n++, id++) {
        struct call c = make(b, id), update = kept;
        faultvfs_fail(n, true);
        int status = call(b, &c);
        bool hit = faultvfs_hit();
        assert_int_equal(status, hit ? -(int)TF_LIMIT : 201);
        if (hit) {
            assert_int_equal(get(b, id), 404);
            assert_false(node_is_ready(b->node));
            assert_int_equal(call(b, &update), -(int)TF_LIMIT);
            assert_int_equal(get(b, 1), 200); /* reads go on */
        }
        faultvfs_fail(0, false);
        for (int i = 0; i < 2000 && !node_is_ready(b->node); i++)
            wait_us(20000); /* it finds out by itself */
        assert_true(node_is_ready(b->node));
        assert_int_equal(call(b, &kept), 200); /* with the OVN from before the failure */
        if (hit)
            assert_int_equal(call(b, &c), 201);
        failed += hit;
    }
    assert_true(failed > 2);
    assert_int_equal(node_stop(b->node), TF_OK);
    start(b);
    for (uint8_t i = 10; i < id; i++)
        assert_int_equal(get(b, i), 200);
}

static void cancelled_is_not_applied(void **state)
{
    struct bench *b = *state;
    struct call c = make(b, 1);
    c.cancelled = true;
    assert_int_equal(call(b, &c), -(int)TF_BUSY);
    assert_int_equal(get(b, 1), 404);
    c.cancelled = false;
    c.given_up = true;
    assert_int_equal(call(b, &c), -(int)TF_BUSY);
    assert_int_equal(get(b, 1), 404);
    c.given_up = false;
    assert_int_equal(call(b, &c), 201);
}

/* A reader that sees a change before it is durable waits for it, and says nothing of what
 * was undone; nor does a writer that was refused because of it. */
static void readers_wait(void **state)
{
    struct bench *b = *state;
    for (int fails = 0; fails <= 1; fails++) {
        struct call first = make(b, (uint8_t)(1 + 2 * fails)), reader = first, other = first;
        reader.what = GET;
        faultvfs_hold();
        begin(b, &first);
        faultvfs_wait_held();
        begin(b, &reader);
        begin(b, &other); /* will find the first one's entity: 409, or have its place */
        wait_us(20000);
        assert_false(is_done(&first));
        assert_false(is_done(&reader));
        if (fails)
            faultvfs_fail(1, false);
        faultvfs_release();
        assert_int_equal(end(&first), fails ? -(int)TF_LIMIT : 201);
        assert_int_equal(end(&reader), fails ? -(int)TF_BUSY : 200);
        assert_int_equal(end(&other), fails ? 201 : 409);
    }
}

struct crowd {
    struct call calls[8];
};

/* Several writers of one place within one batch that fails: nobody is told of a winner. */
static void a_failed_batch_answers_nothing_else(void **state)
{
    struct bench *b = *state;
    static struct crowd crowd;
    struct call first = make(b, 99);
    faultvfs_hold();
    begin(b, &first);
    faultvfs_wait_held(); /* the next ones queue up, and are one batch */
    for (size_t i = 0; i < 8; i++) {
        crowd.calls[i] = make(b, 5);
        begin(b, &crowd.calls[i]);
    }
    faultvfs_fail(2, true); /* the first one's sync is well */
    faultvfs_release();
    assert_int_equal(end(&first), 201);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(end(&crowd.calls[i]), -(int)TF_LIMIT);
    faultvfs_fail(0, false);
    assert_int_equal(get(b, 5), 404);
}

/* Waits up to 40 s for the entity to be gone or there. */
static void expect_soon(struct bench *b, uint8_t n, int status)
{
    int is = 0;
    for (int i = 0; i < 2000 && (is = get(b, n)) != status; i++)
        wait_us(20000);
    assert_int_equal(is, status);
}

/* What ends while the disk fails stays, and goes when the disk is well again. */
static void expiry_is_not_lost(void **state)
{
    struct bench *b = *state;
    for (uint8_t n = 0; n < 4; n++) {
        struct call c = make(b, n);
        c.end_us = BEGIN_US + SECOND_US;
        assert_int_equal(call(b, &c), 201);
    }
    faultvfs_fail(1, true);
    atomic_fetch_add(&b->now_us, 10 * SECOND_US);
    for (int i = 0; i < 2000 && !faultvfs_hit(); i++)
        wait_us(20000);
    assert_true(faultvfs_hit());
    for (uint8_t n = 0; n < 4; n++)
        assert_int_equal(get(b, n), 200);
    faultvfs_fail(0, false);
    for (uint8_t n = 0; n < 4; n++)
        expect_soon(b, n, 404);
}

#define NODE_TEST(f) cmocka_unit_test_setup_teardown(f, bench_new, bench_remove)

int main(void)
{
    faultvfs_install();
    const struct CMUnitTest tests[] = {
        NODE_TEST(no_ovn_comes_twice),
        NODE_TEST(a_failing_disk),
        NODE_TEST(cancelled_is_not_applied),
        NODE_TEST(readers_wait),
        NODE_TEST(a_failed_batch_answers_nothing_else),
        NODE_TEST(expiry_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
