/*
 * test_nomem.c - the n-th allocation of a day's work fails, for every n: the answer is a status,
 * and nothing of it is there afterwards.
 */
#include "allocfail.h"
#include "desk.h"

#include <stdio.h>
#include <string.h>

static const struct place
    flight = {"flight", TF_KIND_UNCREWED, 36.5, 37.2, 500, 100, 200, 1, 2, 0, TF_RESTRICTION_NONE},
    other = {"other", TF_KIND_UNCREWED, 36.5, 37.2, 500, 150, 250, 1, 2, 0, TF_RESTRICTION_NONE},
    clinic = {"clinic", TF_KIND_SITE, 36.5, 37.2, 800, 0, 5000, -24, 240, 0, TF_RESTRICTION_NONE};

struct work {
    struct test_desk desk;
    struct tf_entity flight, other, clinic;
};

static enum tf_status put(struct work *w, struct ops *ops, enum ops_class class,
                          const struct tf_entity *entity)
{
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    struct ops_draft draft = {.class = class, .entity = entity, .if_match = "*"};
    enum tf_status rc = ops_put(ops, &w->desk.c, &draft, &w->desk.who, &verdict, &written, &fault);
    if (!rc)
        ops_verdict_release(&verdict);
    return rc;
}

static enum tf_status submit(struct work *w, struct ops *ops, const char *id)
{
    static const struct tf_option_limits limits = {.max_options = 2};
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    struct ops_deed deed = {
        .class = OPS_OPERATION, .id = id, .act = OPS_ACT_SUBMIT, .options = &limits};
    enum tf_status rc = ops_act(ops, &w->desk.c, &deed, &w->desk.who, &verdict, &written, &fault);
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    if (!rc) {
        ops_print_verdict(&out, &verdict, &w->flight);
        rc = tf_buf_status(&out);
        ops_verdict_release(&verdict);
    }
    tf_buf_release(&out);
    return rc;
}

/* With a memory of its own, so that reading what is there fails, too. */
static enum tf_status day(void *ctx)
{
    struct work *w = ctx;
    struct ops *ops = NULL;
    enum tf_status rc = sql_begin(w->desk.sql);
    assert_int_equal(rc, TF_OK);
    rc = ops_new(&ops);
    if (!rc)
        rc = put(w, ops, OPS_SITE, &w->clinic);
    if (!rc)
        rc = put(w, ops, OPS_OPERATION, &w->flight);
    if (!rc)
        rc = submit(w, ops, "flight");
    sql_rollback(w->desk.sql);
    ledger_forget(w->desk.ledger);
    ops_free(ops);
    return rc;
}

static void every_allocation(void **state)
{
    (void)state;
    struct work w;
    struct ops_written written;
    struct tf_fault fault;
    test_desk_open(&w.desk, ":memory:");
    test_entity(&flight, &w.flight);
    test_entity(&other, &w.other);
    test_entity(&clinic, &w.clinic);
    test_begin(&w.desk);
    assert_int_equal(test_put(&w.desk, &other, NULL, &written, &fault), TF_OK);
    struct ops_verdict verdict;
    assert_int_equal(test_act(&w.desk, "other", OPS_ACT_SUBMIT, NULL, &verdict, &written), TF_OK);
    ops_verdict_release(&verdict);
    test_commit(&w.desk);
    uint64_t size = test_ledger_size(&w.desk);
    size_t count = allocfail_each(day, &w, 20000);
    print_message("%zu allocations\n", count);
    assert_true(count > 100);
    assert_int_equal(test_ledger_size(&w.desk), size);
    tf_entity_release(&w.flight);
    tf_entity_release(&w.other);
    tf_entity_release(&w.clinic);
    test_desk_close(&w.desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
