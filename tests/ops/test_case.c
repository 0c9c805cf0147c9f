/*
 * test_case.c - talks about a case between two parties: by the table, by hand, and in random
 * schedules with posts that are dropped, doubled and out of order, and proposals that cross.
 */
#include "two_desks.h"

#include "random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEDULES = 40 };

/* --- the table ------------------------------------------------------------------------------- */

static void table(void **state)
{
    (void)state;
    for (unsigned facts = 0; facts < CASE_FACTS; facts++) {
        enum case_stage stage = case_stage_of(facts);
        bool over = facts & CASE_IS_OVER,
             kept = (facts & CASE_HAS_AGREEMENT) && !(facts & CASE_IS_VOID);
        assert_int_equal(over, stage == CASE_RESOLVED || stage == CASE_OVERTAKEN);
        if (stage == CASE_RESOLVED || stage == CASE_AGREED)
            assert_true(kept);
        if (stage == CASE_OPEN)
            assert_false(facts & (CASE_HAS_PROPOSAL | CASE_HAS_COUNTER | CASE_IS_LATE));
        if (!over && (facts & CASE_IS_LATE)) /* nothing hides that the time is over */
            assert_int_equal(stage, CASE_ESCALATED);
        if (!over && (facts & CASE_HAS_AGREEMENT) && (facts & CASE_IS_VOID))
            assert_int_equal(stage, CASE_ESCALATED);
    }
}

/* --- by hand --------------------------------------------------------------------------------- */

static void an_agreement(void **state)
{
    (void)state;
    static const char *const levels[] = {"full", "cells", "window", "asks"};
    for (int level = 0; level < 4; level++) {
        struct both b;
        char id[OPS_CASE_ID_SIZE];
        start(&b, levels[level], id);
        json_t *one = show(&b, 0, id), *two = show(&b, 1, id);
        assert_string_equal(json_string_value(json_object_get(one, "moves_first")), "own");
        assert_string_equal(json_string_value(json_object_get(two, "moves_first")), "other");
        json_decref(one);
        json_decref(two);
        assert_int_equal(talk(&b, 1, id, AGREE, 0), TF_NOT_FOUND);
        assert_int_equal(talk(&b, 0, id, PROPOSE, 100), TF_NOT_FOUND);
        bool acceptable = false;
        for (int option = 1; option <= 8 && !acceptable; option++) {
            assert_int_equal(talk(&b, 0, id, PROPOSE, option), TF_OK);
            quiet(&b);
            assert_both(&b, CASE_PROPOSED, true);
            one = show(&b, 0, id);
            const json_t *body = json_object_get(said(one, "propose"), "body");
            if (level > 0) { /* heights are not shown */
                assert_null(json_object_get(json_object_get(body, "change"), "level_m"));
                assert_null(json_object_get(body, "cost"));
            }
            acceptable = json_is_true(
                json_object_get(json_object_get(said(one, "verdict"), "body"), "acceptable"));
            /* What the other side would not take is not agreed to. */
            assert_int_equal(talk(&b, 1, id, AGREE, 0), acceptable ? TF_OK : TF_EXISTS);
            json_decref(one);
        }
        assert_true(acceptable);
        assert_int_equal(talk(&b, 0, id, AGREE, 0), TF_NOT_FOUND); /* not one's own */
        assert_int_equal(talk(&b, 1, id, AGREE, 0), TF_UNSUPPORTED);
        quiet(&b);
        assert_both(&b, CASE_RESOLVED, false);
        pair_check(&b.pair);
        close_both(&b);
    }
}

/* Both propose and both agree before they hear of each other: one of the two holds. */
static void crossing(void **state)
{
    (void)state;
    struct both b;
    char id[OPS_CASE_ID_SIZE];
    start(&b, "full", id);
    assert_int_equal(talk(&b, 0, id, PROPOSE, 1), TF_OK);
    assert_int_equal(talk(&b, 1, id, PROPOSE, 1), TF_OK);
    quiet(&b);
    assert_both(&b, CASE_PROPOSED, true);
    assert_int_equal(talk(&b, 0, id, AGREE, 0), TF_OK);
    assert_int_equal(talk(&b, 1, id, AGREE, 0), TF_OK);
    quiet(&b);
    assert_both(&b, CASE_RESOLVED, false);
    json_t *shown[2] = {show(&b, 0, id), show(&b, 1, id)};
    int moved = 0;
    for (int i = 0; i < 2; i++) {
        moved += (int)json_integer_value(json_object_get(shown[i], "own_declared_version")) - 1;
        json_decref(shown[i]);
    }
    assert_int_equal(moved, 1); /* one of them, once */
    close_both(&b);
}

static void refused_and_late(void **state)
{
    (void)state;
    struct both b;
    char id[OPS_CASE_ID_SIZE], kind[CASE_ALARM_SIZE], role[MESSAGE_ROLE_SIZE];
    start(&b, "full", id);
    snprintf(kind, sizeof kind, "case.%.8s", id);
    assert_int_equal(talk(&b, 0, id, PROPOSE, 1), TF_OK);
    quiet(&b);
    assert_int_equal(talk(&b, 1, id, DECLINE, 0), TF_OK);
    quiet(&b);
    assert_both(&b, CASE_OPEN, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(side_alarms(&b.pair.side[i], b.pair.line, kind, 0, role), 0);
    pair_run(&b.pair, 1800 * SECOND_US, 20 * SECOND_US);
    quiet(&b);
    assert_both(&b, CASE_ESCALATED, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(side_alarms(&b.pair.side[i], b.pair.line, kind, 0, role), 1);
    char first[MESSAGE_ROLE_SIZE];
    memcpy(first, role, sizeof first);
    pair_run(&b.pair, 7200 * SECOND_US, 20 * SECOND_US);
    quiet(&b);
    assert_int_equal(side_alarms(&b.pair.side[0], b.pair.line, kind, 0, role), 1);
    assert_string_not_equal(role, first); /* the ladder */
    /* Late is better than never. */
    assert_int_equal(talk(&b, 1, id, PROPOSE, 1), TF_OK);
    quiet(&b);
    assert_int_equal(talk(&b, 0, id, AGREE, 0), TF_OK);
    quiet(&b);
    assert_both(&b, CASE_RESOLVED, false);
    for (int i = 0; i < 2; i++)
        assert_int_equal(side_alarms(&b.pair.side[i], b.pair.line, kind, 0, role), 0);
    pair_check(&b.pair);
    close_both(&b);
}

static void assert_escalated(struct both *b, const char *id)
{
    char role[MESSAGE_ROLE_SIZE];
    assert_both(b, CASE_ESCALATED, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(rings(b, i, id, role), 1);
}

/* The default gives half an hour to answer, this memorandum a minute: what is late by it stays so
 * when a suspension holds it up, and when it has ended. */
static void late_stays_late(void **state)
{
    (void)state;
    for (int ends = 0; ends < 2; ends++) {
        struct both b;
        char id[OPS_CASE_ID_SIZE];
        open_both(&b);
        b.answer_s = 60;
        b.valid_s = ends ? 600 : 0;
        agree_memo(&b, "full");
        find_case(&b, id);
        assert_int_equal(talk(&b, 0, id, PROPOSE, 1), TF_OK);
        quiet(&b);
        assert_int_equal(talk(&b, 1, id, DECLINE, 0), TF_OK);
        quiet(&b);
        assert_both(&b, CASE_OPEN, true);
        pair_run(&b.pair, 60 * SECOND_US, 20 * SECOND_US);
        quiet(&b);
        assert_escalated(&b, id);
        if (!ends)
            (void)side_say(&b.pair.side[1], b.pair.line, "line.suspend", "{'reason':'x'}");
        for (int minute = 0; minute < 20; minute++) { /* the ladder is climbed meanwhile */
            pair_run(&b.pair, 60 * SECOND_US, 20 * SECOND_US);
            quiet(&b);
            assert_escalated(&b, id);
        }
        assert_int_equal(side_info(&b.pair.side[0], b.pair.line).memo_number, 0);
        json_t *shown = show(&b, 0, id);
        assert_string_equal(json_string_value(json_object_get(shown, "stage")), "escalated");
        json_decref(shown);
        if (!ends)
            (void)side_say(&b.pair.side[1], b.pair.line, "line.resume", "{'reason':'x'}");
        quiet(&b);
        assert_escalated(&b, id);
        pair_check(&b.pair);
        close_both(&b);
    }
}

/* Another memorandum gives less time: whoever waited for longer is late at once. */
static void less_time(void **state)
{
    (void)state;
    struct both b;
    char id[OPS_CASE_ID_SIZE];
    start(&b, "full", id);
    quiet(&b);
    assert_both(&b, CASE_OPEN, true);
    pair_run(&b.pair, 120 * SECOND_US, 20 * SECOND_US);
    b.answer_s = 60;
    agree_memo(&b, "full");
    quiet(&b);
    assert_escalated(&b, id);
    close_both(&b);
}

static void assert_seen_by(struct both *b, int which, const char *id, const char *side)
{
    json_t *shown = show(b, which, id);
    assert_string_equal(json_string_value(json_object_get(shown, "seen_by")), side);
    json_decref(shown);
}

/* North shows a wide circle and is shown what south's is exactly: so south alone sees a conflict.
 */
static void start_one_sided(struct both *b, char id[OPS_CASE_ID_SIZE])
{
    struct place south = south_one;
    south.lower_m = 3000;
    south.upper_m = 3100;
    open_both(b);
    b->answer_s = 600;
    b->no_agreement = "mover-holds";
    agree_memo(b, "full");
    b->asks = "window";
    (void)put(b, 0, &north_one, true);
    b->asks = NULL;
    (void)put(b, 1, &south, true);
    quiet(b);
    assert_int_equal(look(b, 0).count, 0);
    assert_true(look(b, 1).is_open);
    memcpy(id, look(b, 1).id, OPS_CASE_ID_SIZE);
}

/* It becomes a case of both with the first proposal, judged by each one's own picture. */
static void one_sided(void **state)
{
    (void)state;
    enum { AGREED, ESCALATED, GONE, WAYS };
    for (int way = 0; way < WAYS; way++) {
        struct both b;
        char id[OPS_CASE_ID_SIZE];
        struct place away = south_one;
        start_one_sided(&b, id);
        assert_int_equal(talk(&b, 1, id, PROPOSE, 1), TF_OK);
        quiet(&b);
        assert_both(&b, CASE_PROPOSED, true);
        assert_seen_by(&b, 0, id, "other");
        assert_seen_by(&b, 1, id, "own");
        json_t *shown = show(&b, 1, id);
        assert_true(json_is_true(
            json_object_get(json_object_get(said(shown, "verdict"), "body"), "acceptable")));
        json_decref(shown);
        assert_int_equal(talk(&b, 0, id, way == AGREED ? AGREE : DECLINE, 0), TF_OK);
        quiet(&b);
        if (way == ESCALATED) { /* who does not see it has nothing taken back for it */
            pair_run(&b.pair, 900 * SECOND_US, 20 * SECOND_US);
            quiet(&b);
            assert_both(&b, CASE_ESCALATED, true);
            assert_int_equal(state_of(&b, 0, "north-1"), OPS_STATE_ACCEPTED);
        }
        if (way != AGREED) { /* and that it is over is said */
            away.lat_deg += 1;
            assert_true(put(&b, 1, &away, false));
            quiet(&b);
            shown = show(&b, 0, id);
            assert_non_null(said(shown, "clear"));
            json_decref(shown);
        }
        assert_both(&b, way == AGREED ? CASE_RESOLVED : CASE_OVERTAKEN, false);
        pair_check(&b.pair);
        close_both(&b);
    }
}

/* Who was to move changed his operation meanwhile: it is said, and nothing is half done. */
static void broken(void **state)
{
    (void)state;
    struct both b;
    char id[OPS_CASE_ID_SIZE];
    start(&b, "full", id);
    assert_int_equal(talk(&b, 0, id, PROPOSE, 1), TF_OK);
    quiet(&b);
    assert_int_equal(talk(&b, 1, id, AGREE, 0), TF_OK);
    /* Another operation of north's own is where the change would lead. */
    json_t *shown = show(&b, 0, id);
    const json_t *feature = json_object_get(
        json_object_get(json_object_get(said(shown, "propose"), "body"), "declared"), "feature");
    struct tf_entity there = {0};
    struct ops_who who = {.role = "duty-officer"};
    struct tf_fault fault;
    struct ops_verdict verdict;
    struct ops_written written;
    struct side *north = &b.pair.side[0];
    assert_int_equal(ops_read_feature(feature, OPS_OPERATION, "north-2", &there, NULL, &fault),
                     TF_OK);
    struct ops_draft draft = {.class = OPS_OPERATION, .entity = &there, .if_match = "*"};
    struct ops_deed deed = {.class = OPS_OPERATION, .id = "north-2", .act = OPS_ACT_SUBMIT};
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(ops_put(b.ops[0], &north->c, &draft, &who, &verdict, &written, &fault), TF_OK);
    ops_verdict_release(&verdict);
    assert_int_equal(ops_act(b.ops[0], &north->c, &deed, &who, &verdict, &written, &fault), TF_OK);
    json_t *allow = json_array();
    for (size_t i = 0; i < verdict.count; i++)
        json_array_append_new(allow, json_string(verdict.conflicts[i].key));
    ops_verdict_release(&verdict);
    if (written.state == OPS_STATE_SUBMITTED) {
        deed.act = OPS_ACT_ACCEPT;
        deed.allow = allow;
        assert_int_equal(ops_act(b.ops[0], &north->c, &deed, &who, &verdict, &written, &fault),
                         TF_OK);
        ops_verdict_release(&verdict);
    }
    json_decref(allow);
    assert_int_equal(written.state, OPS_STATE_ACCEPTED);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    tf_entity_release(&there);
    json_decref(shown);
    quiet(&b);
    shown = show(&b, 1, id);
    const json_t *void_body = json_object_get(said(shown, "void"), "body");
    assert_string_equal(json_string_value(json_object_get(void_body, "why")), "conflict");
    json_decref(shown);
    assert_both(&b, CASE_ESCALATED, true);
    pair_check(&b.pair);
    close_both(&b);
}

/* A proposal that comes back after a restore has lost the plan behind it. */
static void came_back(void **state)
{
    (void)state;
    for (int is_agreed = 0; is_agreed < 2; is_agreed++) {
        struct both b;
        char id[OPS_CASE_ID_SIZE], role[MESSAGE_ROLE_SIZE];
        start(&b, "full", id);
        assert_int_equal(talk(&b, 0, id, PROPOSE, 1), TF_OK);
        quiet(&b);
        if (is_agreed)
            assert_int_equal(talk(&b, 1, id, AGREE, 0), TF_OK);
        struct sql *sql = b.pair.side[0].sql;
        assert_int_equal(
            sql_exec(sql, "UPDATE ops_case_note SET feature = '', etag = ''", SQL_NO_ARGS, NULL),
            TF_OK);
        assert_int_equal(sql_exec(sql, "UPDATE ops_case SET due_us = 0", SQL_NO_ARGS, NULL), TF_OK);
        if (is_agreed)
            carry(&b, 1);
        quiet(&b);
        for (int i = 0; i < 2; i++) {
            json_t *shown = show(&b, i, id);
            const json_t *body = json_object_get(said(shown, "void"), "body");
            assert_string_equal(json_string_value(json_object_get(body, "why")), "restored");
            json_decref(shown);
            assert_int_equal(rings(&b, i, id, role), is_agreed);
        }
        assert_both(&b, is_agreed ? CASE_ESCALATED : CASE_OPEN, true);
        if (!is_agreed) { /* and another one is kept */
            assert_int_equal(talk(&b, 1, id, AGREE, 0), TF_NOT_FOUND);
            assert_int_equal(talk(&b, 0, id, PROPOSE, 1), TF_OK);
            quiet(&b);
            assert_int_equal(talk(&b, 1, id, AGREE, 0), TF_OK);
            quiet(&b);
            assert_both(&b, CASE_RESOLVED, false);
        }
        pair_check(&b.pair);
        close_both(&b);
    }
}

/* --- somebody else is asked before it counts -------------------------------------------------- */

/* A DSS that has to be asked, and answers when the test says so. */
struct dss {
    bool is_passing, waits;
    int asked;
    char reason[128], *feature;
};

static enum tf_status dss_hold(void *ctx, const struct line_context *c,
                               const struct ops_holding *what, bool *held, struct tf_fault *fault)
{
    struct dss *dss = ctx;
    (void)c, (void)fault;
    *held = !dss->is_passing;
    if (*held) {
        free(dss->feature);
        dss->feature = strndup(what->record->feature, what->record->feature_len);
        snprintf(dss->reason, sizeof dss->reason, "%s", what->who->reason);
        dss->waits = true;
        dss->asked++;
    }
    return TF_OK;
}

static enum tf_status dss_follow(void *ctx, const struct line_context *c,
                                 const struct ops_record *record)
{
    (void)ctx, (void)c, (void)record;
    return TF_OK;
}

static enum tf_status dss_waits(void *ctx, const struct line_context *c, const char *id, bool *out)
{
    (void)c;
    assert_string_equal(id, north_one.id);
    *out = ((struct dss *)ctx)->waits;
    return TF_OK;
}

/* What was asked is allowed: done as it was asked for. */
static void dss_allows(struct both *b, struct dss *dss)
{
    struct side *north = &b->pair.side[0];
    struct ops_who who = {.role = "node", .source = "case", .reason = dss->reason};
    struct tf_entity entity = {0};
    struct tf_fault fault;
    struct ops_verdict verdict;
    struct ops_written written;
    json_t *json = json_loads(dss->feature, 0, NULL);
    struct ops_draft draft = {.class = OPS_OPERATION, .entity = &entity, .if_match = "*"};
    assert_int_equal(ops_read_feature(json, OPS_OPERATION, north_one.id, &entity, NULL, &fault),
                     TF_OK);
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(ops_put(b->ops[0], &north->c, &draft, &who, &verdict, &written, &fault),
                     TF_OK);
    assert_true(verdict.is_applied && !verdict.is_held && written.is_changed);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    json_decref(json);
}

/* An agreement is kept when the DSS has allowed it, and void on both sides when it has not. */
static void asked_elsewhere(void **state)
{
    (void)state;
    enum { ALLOWED, REFUSED, CHANGED, WAYS };
    static const char *const why[WAYS] = {NULL, "dss", "changed"};
    for (int way = 0; way < WAYS; way++) {
        struct both b;
        struct dss dss = {.asked = 0};
        struct ops_gate gate = {&dss, dss_hold, dss_follow, dss_waits};
        char id[OPS_CASE_ID_SIZE];
        start(&b, "full", id);
        ops_set_gate(b.ops[0], &gate);
        assert_int_equal(talk(&b, 0, id, PROPOSE, 1), TF_OK);
        quiet(&b);
        assert_int_equal(talk(&b, 1, id, AGREE, 0), TF_OK);
        quiet(&b);
        pair_run(&b.pair, 120 * SECOND_US, 20 * SECOND_US);
        quiet(&b);
        assert_both(&b, CASE_AGREED, true); /* it waits, and is asked once */
        assert_int_equal(dss.asked, 1);
        ops_set_gate(b.ops[0], NULL); /* a node that has just begun: nobody knows yet */
        pair_pass_time(&b.pair, 60 * SECOND_US);
        quiet(&b);
        assert_both(&b, CASE_AGREED, true);
        ops_set_gate(b.ops[0], &gate);
        dss.waits = false;
        dss.is_passing = true;
        struct place other = north_one;
        other.lat_deg += 1;
        if (way == ALLOWED)
            dss_allows(&b, &dss);
        else if (way == CHANGED)
            assert_true(put(&b, 0, &other, false));
        struct side *north = &b.pair.side[0];
        assert_int_equal(sql_begin(north->sql), TF_OK);
        assert_int_equal(ops_cases_look(&north->c, north_one.id), TF_OK);
        assert_int_equal(sql_commit(north->sql), TF_OK);
        quiet(&b);
        if (way == REFUSED)
            assert_escalated(&b, id);
        else
            assert_both(&b, way == ALLOWED ? CASE_RESOLVED : CASE_OVERTAKEN, false);
        for (int i = 0; i < 2 && why[way]; i++) {
            json_t *shown = show(&b, i, id);
            const json_t *body = json_object_get(said(shown, "void"), "body");
            assert_string_equal(json_string_value(json_object_get(body, "why")), why[way]);
            json_decref(shown);
        }
        free(dss.feature);
        pair_check(&b.pair);
        close_both(&b);
    }
}

/* --- random schedules ------------------------------------------------------------------------ */

static size_t count_said(const json_t *shown, const char *type)
{
    size_t i, count = 0;
    json_t *note;
    json_array_foreach(json_object_get(shown, "said"), i, note) count +=
        strcmp(json_string_value(json_object_get(note, "type")), type) == 0;
    return count;
}

static void act(struct both *b, const char *id, uint64_t *random)
{
    int which = random_between(random, 0, 1) < 0.5;
    double what = random_between(random, 0, 1);
    struct place place = which ? south_one : north_one;
    if (what < 0.2)
        (void)talk(b, which, id, PROPOSE, 1 + (int64_t)random_between(random, 0, 3));
    else if (what < 0.35)
        (void)talk(b, which, id, AGREE, 0);
    else if (what < 0.4)
        (void)talk(b, which, id, DECLINE, 0);
    else if (what < 0.65)
        post_or_lose(b, which, random, 30);
    else if (what < 0.97)
        deliver_one(b, which, random, 30);
    else {
        place.lat_deg += random_between(random, 0, 0.003);
        (void)put(b, which, &place, false);
    }
    turn(b, which);
    pair_pass_time(&b->pair, SECOND_US);
}

static void schedules(void **state)
{
    (void)state;
    size_t resolved = 0, other = 0;
    const char *many = getenv("TAFADI_OPS_WORLDS");
    uint64_t first = random_seed(1), count = many ? strtoull(many, NULL, 10) : SCHEDULES;
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct both b;
        char id[OPS_CASE_ID_SIZE];
        uint64_t random = seed;
        start(&b, seed % 2 ? "full" : "window", id);
        for (int i = 0; i < 60; i++)
            act(&b, id, &random);
        quiet(&b);
        quiet(&b);
        struct shown north = look(&b, 0), south = look(&b, 1);
        if (north.stage != south.stage || north.is_open != south.is_open)
            fail_msg("seed %llu: %s, %s", (unsigned long long)seed,
                     case_stage_word((enum case_stage)north.stage),
                     case_stage_word((enum case_stage)south.stage));
        assert_int_not_equal(north.stage, CASE_AGREED); /* kept, or said that it is not */
        json_t *one = show(&b, 0, id), *two = show(&b, 1, id);
        const json_t *a = json_object_get(one, "agreement"), *c = json_object_get(two, "agreement");
        assert_true(json_equal(a, c));
        static const char *const types[] = {"propose", "verdict", "agree", "decline", "void"};
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            assert_int_equal(count_said(one, types[i]), count_said(two, types[i]));
        resolved += north.stage == CASE_RESOLVED;
        other += north.stage != CASE_RESOLVED;
        json_decref(one);
        json_decref(two);
        pair_check(&b.pair);
        close_both(&b);
    }
    print_message("%zu resolved, %zu not\n", resolved, other);
    if (count >= SCHEDULES) /* a few schedules may all end alike */
        assert_true(resolved > count / 8 && other > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(an_agreement),
        cmocka_unit_test(crossing),
        cmocka_unit_test(broken),
        cmocka_unit_test(asked_elsewhere),
        cmocka_unit_test(came_back),
        cmocka_unit_test(refused_and_late),
        cmocka_unit_test(late_stays_late),
        cmocka_unit_test(less_time),
        cmocka_unit_test(one_sided),
        cmocka_unit_test(schedules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
