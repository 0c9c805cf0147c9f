/*
 * test_growth.c - declarations that grow because their line is silent: the cases that this opens,
 * against comparing every pair; across restarts, and back again when the line is heard.
 */
#include "two_desks.h"

#include "random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWN = 5, OTHERS = 30, WORLDS = 6 };

static struct place place_at(const char *id, double lat_deg, double lng_deg)
{
    return (struct place){id, TF_KIND_UNCREWED,   lat_deg, lng_deg, 200, 100, 200, 30, 40,
                          1,  TF_RESTRICTION_NONE};
}

/* Nobody hears of the other. The first side finds it out, and takes a turn. */
static void stay_silent(struct both *b, int seconds)
{
    for (int i = 0; i < seconds; i += 20) {
        pair_pass_time(&b->pair, 20 * SECOND_US);
        (void)side_tick(&b->pair.side[0], b->pair.line, NULL);
        turn(b, 0);
    }
}

static bool take_open(void *ctx, const struct ops_case *one)
{
    json_t *open = ctx;
    char pair[80];
    if (!one->is_open)
        return true;
    snprintf(pair, sizeof pair, "%s %s", one->own_id, one->other_id);
    assert_int_equal(json_object_set_new(open, pair, json_integer(one->changed_us)), 0);
    return true;
}

static json_t *open_cases(struct both *b)
{
    struct side *side = &b->pair.side[0];
    json_t *open = json_object();
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_case_each(b->ops[0], &side->c, false, 1000, take_open, open), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    return open;
}

static size_t count_open(struct both *b)
{
    json_t *open = open_cases(b);
    size_t count = json_object_size(open);
    json_decref(open);
    return count;
}

/* They are 3 km apart, and keep less than that from each other. */
static void by_hand(void **state)
{
    (void)state;
    struct both b;
    struct place north = place_at("north", 36.5, 37.2), south = place_at("south", 36.53, 37.2);
    open_both(&b);
    agree_memo(&b, "full");
    (void)put(&b, 0, &north, true);
    (void)put(&b, 1, &south, true);
    quiet(&b);
    assert_int_equal(count_open(&b), 0);
    stay_silent(&b, OPS_OLD_AFTER_S);
    assert_int_equal(count_open(&b), 0);
    stay_silent(&b, 600); /* 3 km */
    assert_int_equal(count_open(&b), 1);
    json_t *before = open_cases(&b);
    stay_silent(&b, 600); /* it is not found anew each time */
    json_t *after = open_cases(&b);
    assert_true(json_equal(before, after));
    json_decref(before);
    json_decref(after);
    ops_free(b.ops[0]); /* a restart changes nothing, */
    b.ops[0] = test_desk_again();
    ops_extensions(b.ops[0], b.extensions[0]);
    turn(&b, 0);
    assert_int_equal(count_open(&b), 1);
    quiet(&b); /* and heard again, it is as far away as it was */
    turn(&b, 0);
    assert_int_equal(count_open(&b), 0);
    close_both(&b);
}

/* Nothing is taken back for what only silence has brought near. */
static void nothing_is_held(void **state)
{
    (void)state;
    struct both b;
    struct place north = place_at("north", 36.5, 37.2), south = place_at("south", 36.53, 37.2);
    north.priority = 0;
    open_both(&b);
    b.no_agreement = "mover-holds";
    b.answer_s = 60;
    agree_memo(&b, "full");
    (void)put(&b, 0, &north, true);
    (void)put(&b, 1, &south, true);
    quiet(&b);
    stay_silent(&b, 4000);
    struct shown shown = look(&b, 0);
    assert_true(shown.is_open);
    assert_int_equal(shown.stage, CASE_ESCALATED);
    quiet(&b);
    assert_int_equal(state_of(&b, 0, "north"), OPS_STATE_ACCEPTED);
    assert_false(look(&b, 0).is_open);
    close_both(&b);
}

/* --- random worlds ------------------------------------------------------------------------- */

struct plan {
    char id[16], alias[OPS_ID_SIZE];
    struct place place;
    struct tf_entity entity;
};
struct world {
    struct both b;
    struct plan own[OWN], others[OTHERS];
    struct tf_separation_table table;
};

struct aliases {
    struct world *w;
    size_t found;
};

static bool take_alias(void *ctx, const struct ops_declaration *d)
{
    struct aliases *aliases = ctx;
    for (int i = 0; i < OTHERS; i++)
        if (d->is_own && strcmp(aliases->w->others[i].id, d->own_id) == 0) {
            snprintf(aliases->w->others[i].alias, OPS_ID_SIZE, "%s", d->id);
            aliases->found++;
        }
    return true;
}

static void make_plan(struct world *w, int which, struct plan *plan, uint64_t *random)
{
    plan->place =
        place_at(plan->id, random_between(random, 36.3, 36.7), random_between(random, 37.0, 37.5));
    (void)put(&w->b, which, &plan->place, true);
    if (state_of(&w->b, which, plan->id) == OPS_STATE_SUBMITTED)
        assert_int_equal(act_on(&w->b, which, plan->id, OPS_ACT_ACCEPT), OPS_STATE_ACCEPTED);
    test_entity(&plan->place, &plan->entity);
}

static void make_world(struct world *w, uint64_t *random)
{
    memset(w, 0, sizeof *w);
    open_both(&w->b);
    allow_all(&w->b);
    agree_memo(&w->b, "full");
    tf_separation_defaults(&w->table);
    for (int i = 0; i < OWN; i++) {
        snprintf(w->own[i].id, sizeof w->own[i].id, "own %d", i);
        make_plan(w, 0, &w->own[i], random);
    }
    for (int i = 0; i < OTHERS; i++) {
        snprintf(w->others[i].id, sizeof w->others[i].id, "other %d", i);
        make_plan(w, 1, &w->others[i], random);
    }
    for (int i = 0; i < 3; i++)
        quiet(&w->b);
    struct aliases aliases = {.w = w};
    struct side *south = &w->b.pair.side[1];
    assert_int_equal(sql_begin(south->sql), TF_OK);
    assert_int_equal(
        ops_declaration_each(w->b.ops[1], &south->c, NULL, false, NULL, take_alias, &aliases),
        TF_OK);
    assert_int_equal(sql_commit(south->sql), TF_OK);
    assert_int_equal(aliases.found, OTHERS);
}

static bool touches(const struct world *w, const struct plan *a, const struct plan *b,
                    double growth_m)
{
    struct tf_separation kept = w->table.pair[a->place.kind][b->place.kind];
    kept.horizontal_m += growth_m;
    return tf_volume4_conflicts(&a->entity.volumes[0], &b->entity.volumes[0], &kept);
}

/* What is open is all that touches, but for the last step at most. */
static size_t check(struct world *w, uint64_t seed)
{
    struct line_info info = side_info(&w->b.pair.side[0], w->b.pair.line);
    int64_t silent_us = w->b.pair.side[0].c.now_us - info.heard_us;
    double growth_m = info.state == LINE_OPEN ? 0 : ops_declaration_growth_m(silent_us / 1000000);
    json_t *open = open_cases(&w->b);
    size_t count = json_object_size(open), expected = 0;
    for (int i = 0; i < OWN; i++)
        for (int k = 0; k < OTHERS; k++) {
            char pair[80];
            snprintf(pair, sizeof pair, "%s %s", w->own[i].id, w->others[k].alias);
            bool is_open = json_object_get(open, pair) != NULL;
            bool most = touches(w, &w->own[i], &w->others[k], growth_m),
                 least = touches(w, &w->own[i], &w->others[k],
                                 growth_m > GROWTH_STEP_M ? growth_m - GROWTH_STEP_M : 0);
            if ((is_open && !most) || (!is_open && least))
                fail_msg("seed %d: %s, %s at %g m", (int)seed, w->own[i].id, w->others[k].id,
                         growth_m);
            expected += is_open;
        }
    assert_int_equal(count, expected);
    json_decref(open);
    return count;
}

static void worlds(void **state)
{
    (void)state;
    static struct world w;
    const char *many = getenv("TAFADI_OPS_WORLDS");
    uint64_t first = random_seed(1), count = many ? strtoull(many, NULL, 10) : WORLDS;
    size_t least = SIZE_MAX, most = 0;
    print_message("seed %llu\n", (unsigned long long)first);
    for (uint64_t seed = first; seed < first + count; seed++) {
        uint64_t random = seed;
        make_world(&w, &random);
        size_t before = check(&w, seed);
        for (int i = 0; i < 8; i++) {
            stay_silent(&w.b, 20 * (int)(1 + random_below(&random, 40)));
            if (random_below(&random, 3) == 0) { /* a restart */
                ops_free(w.b.ops[0]);
                w.b.ops[0] = test_desk_again();
                ops_extensions(w.b.ops[0], w.b.extensions[0]);
            }
            turn(&w.b, 0);
            size_t now = check(&w, seed);
            least = now < least ? now : least;
            most = now > most ? now : most;
        }
        quiet(&w.b);
        turn(&w.b, 0);
        assert_int_equal(check(&w, seed), before);
        for (int i = 0; i < OWN; i++)
            tf_entity_release(&w.own[i].entity);
        for (int i = 0; i < OTHERS; i++)
            tf_entity_release(&w.others[i].entity);
        close_both(&w.b);
    }
    print_message("%zu to %zu open\n", least, most);
    assert_true(most > least + 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(nothing_is_held),
        cmocka_unit_test(worlds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
