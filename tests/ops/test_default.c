/*
 * test_default.c - what the memorandum wants when there was no agreement in time: by hand, and in
 * random schedules whose posts are lost, doubled and out of order. Whatever is in the air stays as
 * it is, and both sides end in the same stage.
 */
#include "two_desks.h"

#include "random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_S = 600, SCHEDULES = 40 };

static void start_with(struct both *b, const char *no_agreement, int answer_s,
                       char id[OPS_CASE_ID_SIZE])
{
    open_both(b);
    allow_all(b);
    b->no_agreement = no_agreement;
    b->answer_s = answer_s;
    agree_memo(b, "full");
    find_case(b, id);
}

static void pass(struct both *b, int seconds)
{
    for (int i = 0; i < seconds; i += 20) {
        pair_pass_time(&b->pair, 20 * SECOND_US);
        for (int which = 0; which < 2; which++) {
            turn(b, which);
            carry(b, which);
        }
    }
    quiet(b);
}

struct search {
    const char *text;
    size_t count;
};

static bool look_for(void *ctx, uint64_t index, const char *entry, size_t len)
{
    struct search *search = ctx;
    char *copy = strndup(entry, len);
    (void)index;
    search->count += copy && strstr(copy, search->text);
    free(copy);
    return true;
}

static size_t ledger_says(struct both *b, int which, const char *text)
{
    struct search search = {.text = text};
    struct ledger *ledger = b->pair.side[which].ledger;
    uint64_t size;
    assert_int_equal(ledger_size(ledger, &size), TF_OK);
    assert_int_equal(ledger_each(ledger, 0, (size_t)size, look_for, &search), TF_OK);
    return search.count;
}

/* North has the lower priority: it is north's turn to move. */
static void mover_holds(void **state)
{
    (void)state;
    struct both b;
    char id[OPS_CASE_ID_SIZE], role[MESSAGE_ROLE_SIZE];
    start_with(&b, "mover-holds", ANSWER_S, id);
    assert_int_equal(state_of(&b, 0, "north-1"), OPS_STATE_ACCEPTED);
    pass(&b, ANSWER_S / 2);
    assert_both(&b, CASE_OPEN, true);
    pass(&b, ANSWER_S);
    assert_int_equal(state_of(&b, 0, "north-1"), OPS_STATE_SUBMITTED);
    assert_int_equal(state_of(&b, 1, "south-1"), OPS_STATE_ACCEPTED);
    assert_both(&b, CASE_OVERTAKEN, false);
    assert_true(look(&b, 0).is_held);
    assert_false(look(&b, 1).is_held);
    assert_int_equal(ledger_says(&b, 0, "\"outcome\":\"held\""), 1);
    assert_int_equal(ledger_says(&b, 1, "\"act\":\"default\""), 0);
    /* It rings until somebody decides anew, up the ladder. */
    assert_int_equal(rings(&b, 0, id, role), 1);
    assert_int_equal(rings(&b, 1, id, role), 0);
    pass(&b, 400);
    assert_int_equal(rings(&b, 0, id, role), 1);
    assert_string_equal(role, "head-of-cell");
    /* Accepted in spite of it: the two are told, and the time begins anew. */
    assert_int_equal(act_on(&b, 0, "north-1", OPS_ACT_ACCEPT), OPS_STATE_ACCEPTED);
    quiet(&b);
    assert_int_equal(rings(&b, 0, id, role), 0);
    assert_both(&b, CASE_OPEN, true);
    pass(&b, 2 * ANSWER_S);
    assert_int_equal(state_of(&b, 0, "north-1"), OPS_STATE_SUBMITTED);
    assert_int_equal(ledger_says(&b, 0, "\"outcome\":\"held\""), 2);
    pair_check(&b.pair);
    close_both(&b);
}

/* A flight is not called back by a table: it rings, and the ledger says why, once. */
static void in_flight(void **state)
{
    (void)state;
    struct both b;
    char id[OPS_CASE_ID_SIZE], role[MESSAGE_ROLE_SIZE];
    start_with(&b, "mover-holds", ANSWER_S, id);
    assert_int_equal(act_on(&b, 0, "north-1", OPS_ACT_ACTIVATE), OPS_STATE_ACTIVATED);
    pass(&b, 3 * ANSWER_S);
    assert_int_equal(state_of(&b, 0, "north-1"), OPS_STATE_ACTIVATED);
    assert_int_equal(state_of(&b, 1, "south-1"), OPS_STATE_ACCEPTED);
    assert_both(&b, CASE_ESCALATED, true);
    assert_int_equal(ledger_says(&b, 0, "\"outcome\":\"in-flight\""), 1);
    assert_int_equal(ledger_says(&b, 1, "\"act\":\"default\""), 0);
    for (int which = 0; which < 2; which++)
        assert_int_equal(rings(&b, which, id, role), 1);
    close_both(&b);
}

/* An agreement that could not be kept stays escalated whatever is changed, until something new is
 * proposed. */
static void stays_escalated(void **state)
{
    (void)state;
    struct both b;
    char id[OPS_CASE_ID_SIZE];
    struct place moved = north_one;
    start_with(&b, NULL, 0, id);
    assert_int_equal(talk(&b, 0, id, PROPOSE, 1), TF_OK);
    quiet(&b);
    assert_int_equal(talk(&b, 1, id, AGREE, 0), TF_OK);
    moved.upper_m += 5; /* before north hears of it */
    assert_int_equal(act_on(&b, 0, "north-1", OPS_ACT_HOLD), OPS_STATE_SUBMITTED);
    assert_true(put(&b, 0, &moved, true));
    assert_int_equal(act_on(&b, 0, "north-1", OPS_ACT_ACCEPT), OPS_STATE_ACCEPTED);
    quiet(&b);
    assert_both(&b, CASE_ESCALATED, true);
    json_t *shown = show(&b, 1, id);
    assert_non_null(said(shown, "void"));
    json_decref(shown);
    assert_int_equal(talk(&b, 0, id, PROPOSE, 1), TF_OK);
    quiet(&b);
    assert_both(&b, CASE_PROPOSED, true);
    close_both(&b);
}

/* --- random schedules ------------------------------------------------------------------------ */

struct seen {
    size_t held, kept, resolved;
};

static void act(struct both *b, const char *id, uint64_t *random)
{
    static const char *const ids[] = {"north-1", "south-1"};
    int which = (int)random_below(random, 2);
    uint64_t what = random_below(random, 100);
    struct place place = which ? south_one : north_one;
    if (what < 12)
        (void)talk(b, which, id, PROPOSE, 1 + (int64_t)random_below(random, 3));
    else if (what < 20)
        (void)talk(b, which, id, AGREE, 0);
    else if (what < 24)
        (void)talk(b, which, id, DECLINE, 0);
    else if (what < 55)
        post_or_lose(b, which, random, 25);
    else if (what < 92)
        deliver_one(b, which, random, 25);
    else if (what < 94 && state_of(b, which, ids[which]) == OPS_STATE_SUBMITTED)
        (void)act_on(b, which, ids[which], OPS_ACT_ACCEPT);
    else if (what < 95 && state_of(b, which, ids[which]) == OPS_STATE_ACCEPTED)
        (void)act_on(b, which, ids[which], OPS_ACT_ACTIVATE);
    else if (what < 98) {
        place.priority = (int)random_below(random, 3);
        place.lat_deg += (double)random_below(random, 3) * 0.001;
        if (ops_state_counts(state_of(b, which, ids[which])))
            (void)put(b, which, &place, false);
    }
    turn(b, which);
    pair_pass_time(&b->pair, 3 * SECOND_US);
}

static void check(struct both *b, const char *id, enum ops_state before[2], struct seen *seen,
                  uint64_t seed)
{
    static const char *const ids[] = {"north-1", "south-1"};
    struct shown north = look(b, 0), south = look(b, 1);
    char role[MESSAGE_ROLE_SIZE];
    if (north.stage != south.stage || north.is_open != south.is_open)
        fail_msg("seed %d: %s, %s", (int)seed, case_stage_word((enum case_stage)north.stage),
                 case_stage_word((enum case_stage)south.stage));
    bool is_in_flight = false;
    for (int i = 0; i < 2; i++) {
        enum ops_state now = state_of(b, i, ids[i]);
        if (before[i] == OPS_STATE_ACTIVATED) /* never called back */
            assert_int_equal(now, OPS_STATE_ACTIVATED);
        is_in_flight = is_in_flight || now == OPS_STATE_ACTIVATED;
        size_t held = ledger_says(b, i, "\"outcome\":\"held\"");
        seen->held += held > 0;
        if (!b->no_agreement)
            assert_int_equal(held, 0);
    }
    /* What nobody agreed about stays open only for what is in the air, and rings. */
    if (north.is_open) {
        assert_true(is_in_flight || !b->no_agreement);
        assert_int_equal(north.stage, CASE_ESCALATED);
        assert_int_equal(rings(b, 0, id, role) + rings(b, 1, id, role), 2);
        seen->kept++;
    }
    seen->resolved += north.stage == CASE_RESOLVED;
}

static void schedules(void **state)
{
    (void)state;
    static const char *const rules[] = {"mover-holds", NULL};
    struct seen seen = {0};
    const char *many = getenv("TAFADI_OPS_WORLDS");
    uint64_t first = random_seed(1), count = many ? strtoull(many, NULL, 10) : SCHEDULES;
    print_message("seed %llu\n", (unsigned long long)first);
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct both b;
        char id[OPS_CASE_ID_SIZE];
        uint64_t random = seed;
        enum ops_state before[2];
        start_with(&b, rules[seed % 2], 60, id);
        for (int i = 0; i < 80; i++)
            act(&b, id, &random);
        for (int i = 0; i < 2; i++)
            before[i] = state_of(&b, i, i ? "south-1" : "north-1");
        pass(&b, 400);
        check(&b, id, before, &seen, seed);
        pair_check(&b.pair);
        close_both(&b);
    }
    print_message("%zu held, %zu in flight, %zu resolved\n", seen.held, seen.kept, seen.resolved);
    assert_true(many || (seen.held > 5 && seen.kept > 5 && seen.resolved > 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mover_holds),
        cmocka_unit_test(in_flight),
        cmocka_unit_test(stays_escalated),
        cmocka_unit_test(schedules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
