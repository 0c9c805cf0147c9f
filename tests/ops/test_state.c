/*
 * test_state.c - the table of states, against the picture in its header.
 */
#include "ops/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Every arrow of the picture. */
static const struct {
    const char *from, *act, *to;
} arrows[] = {
    {"draft", "submit", "submitted"},
    {"submitted", "accept", "accepted"},
    {"submitted", "recall", "draft"},
    {"accepted", "hold", "submitted"},
    {"accepted", "activate", "activated"},
    {"accepted", "depart", "nonconforming"},
    {"activated", "depart", "nonconforming"},
    {"nonconforming", "recover", "activated"},
    {"activated", "lose", "contingent"},
    {"nonconforming", "lose", "contingent"},
    {"accepted", "end", "ended"},
    {"activated", "end", "ended"},
    {"nonconforming", "end", "ended"},
    {"contingent", "end", "ended"},
    {"draft", "withdraw", "withdrawn"},
    {"submitted", "withdraw", "withdrawn"},
    {"accepted", "withdraw", "withdrawn"},
    {"draft", "change", "draft"},
    {"submitted", "change", "draft"},
    {"accepted", "change", "accepted"},
    {"activated", "change", "activated"},
    {"nonconforming", "change", "nonconforming"},
    {"contingent", "change", "contingent"},
};
enum { ARROWS = sizeof arrows / sizeof *arrows };

static const char *arrow(const char *from, const char *act)
{
    for (size_t i = 0; i < ARROWS; i++)
        if (strcmp(arrows[i].from, from) == 0 && strcmp(arrows[i].act, act) == 0)
            return arrows[i].to;
    return NULL;
}

static void every_move(void **state)
{
    (void)state;
    for (int s = 0; s < OPS_STATE_COUNT; s++)
        for (int a = 0; a < OPS_ACT_COUNT; a++) {
            enum ops_state to = OPS_STATE_COUNT;
            const char *expected =
                arrow(ops_state_word((enum ops_state)s), ops_act_word((enum ops_act)a));
            bool may = ops_state_after((enum ops_state)s, (enum ops_act)a, &to);
            assert_int_equal(may, expected != NULL);
            if (may)
                assert_string_equal(ops_state_word(to), expected);
            else
                assert_int_equal(to, OPS_STATE_COUNT);
        }
}

/* Nothing leads out of a final state, and every other one has a way to one. */
static void all_comes_to_an_end(void **state)
{
    (void)state;
    bool ends[OPS_STATE_COUNT] = {false};
    for (int round = 0; round < OPS_STATE_COUNT; round++)
        for (int s = 0; s < OPS_STATE_COUNT; s++) {
            ends[s] = ends[s] || ops_state_is_final((enum ops_state)s);
            for (int a = 0; a < OPS_ACT_COUNT; a++) {
                enum ops_state to;
                bool may = ops_state_after((enum ops_state)s, (enum ops_act)a, &to);
                assert_false(may && ops_state_is_final((enum ops_state)s));
                ends[s] = ends[s] || (may && ends[to]);
            }
        }
    for (int s = 0; s < OPS_STATE_COUNT; s++)
        assert_true(ends[s]);
}

static void words(void **state)
{
    (void)state;
    enum ops_state s = OPS_STATE_DRAFT;
    enum ops_act a;
    assert_int_equal(ops_state_from_word("contingent", &s), TF_OK);
    assert_int_equal(s, OPS_STATE_CONTINGENT);
    assert_int_equal(ops_state_from_word("Contingent", &s), TF_NOT_FOUND);
    assert_int_equal(ops_act_from_word("lose", &a), TF_OK);
    assert_int_equal(ops_act_from_word("", &a), TF_NOT_FOUND);
    assert_int_equal(ops_state_outside(OPS_STATE_SUBMITTED), TF_STATE_DRAFT);
    assert_int_equal(ops_state_outside(OPS_STATE_WITHDRAWN), TF_STATE_WITHDRAWN);
    assert_true(ops_state_counts(OPS_STATE_ACCEPTED) && !ops_state_counts(OPS_STATE_SUBMITTED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_move),
                                       cmocka_unit_test(all_comes_to_an_end),
                                       cmocka_unit_test(words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
