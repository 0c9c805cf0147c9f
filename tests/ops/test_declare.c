/*
 * test_declare.c - declarations over a line between two parties, whose posts go through a transport
 * that judges everything that leaves by the memorandum (ops_disclosure_check).
 */
#include "desk.h"

#include "line/two_parties.h"
#include "ops/case.h"
#include "ops/declaration.h"
#include "random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct both {
    struct pair pair;
    struct ops *ops[2];
    struct line_extension extensions[2][OPS_EXTENSIONS];
    size_t judged[2], said[2]; /* declarations that left */
    char last_body[49152];
};

static const struct place drone = {"north-1", TF_KIND_UNCREWED,   36.5, 37.2, 500, 100, 200, 30, 32,
                                   0,         TF_RESTRICTION_NONE};

static void open_both(struct both *b)
{
    memset(b, 0, sizeof *b);
    pair_open(&b->pair, NULL);
    pair_pass_time(&b->pair, TEST_NOW_US - T0_US);
    for (int i = 0; i < 2; i++) {
        struct side *side = &b->pair.side[i];
        test_prepare(side->sql, i);
        b->ops[i] = test_ops_start(&side->c, b->extensions[i]);
    }
    pair_open_line(&b->pair);
}

static void close_both(struct both *b)
{
    for (int i = 0; i < 2; i++)
        ops_free(b->ops[i]);
    pair_close(&b->pair);
}

/* --- the transport -------------------------------------------------------------------------- */

struct leaving {
    struct both *b;
    int from;
};

static void judge(void *ctx, const struct message *message)
{
    struct leaving *l = ctx;
    if (!test_judge(&l->b->pair.side[l->from].c, l->b->pair.line, message) ||
        strncmp(message->type_name, "case.", 5) == 0)
        return;
    char *body = json_dumps(message->body, 0);
    /* Nothing of what people call it. */
    assert_null(strstr(body, "north-1"));
    assert_null(strstr(body, "secret name"));
    snprintf(l->b->last_body, sizeof l->b->last_body, "%s", body);
    free(body);
    l->b->judged[l->from]++;
}

static void carry(struct both *b, int from)
{
    struct tf_buf post = TF_BUF_INIT(LINE_POST_MAX);
    struct leaving leaving = {b, from};
    side_collect(&b->pair.side[from], b->pair.line, &post);
    post_each_message(&post, judge, &leaving);
    (void)side_take(&b->pair.side[1 - from], &post);
    tf_buf_release(&post);
}

static void exchange(struct both *b)
{
    for (int i = 0; i < 4; i++) {
        pair_pass_time(&b->pair, SECOND_US);
        carry(b, i % 2);
    }
}

/* --- the memorandum ----------------------------------------------------------------------------
 */

static void agree(struct both *b, int number, const char *disclosure, int notice_s)
{
    static char before[2 * KEY_HASH_SIZE + 1];
    struct side *north = &b->pair.side[0], *south = &b->pair.side[1];
    struct tf_buf text = TF_BUF_INIT(MEMO_MAX);
    uint8_t hash[KEY_HASH_SIZE], replaced[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1];
    struct tf_fault fault;
    int64_t seq;
    if (number > 1)
        assert_true(key_unhex(before, strlen(before), replaced, sizeof replaced));
    assert_int_equal(memo_template(b->pair.line, number, number > 1 ? replaced : NULL,
                                   north->c.now_us - 60 * SECOND_US,
                                   north->c.now_us + 400 * 86400 * SECOND_US, &text),
                     TF_OK);
    json_t *json = json_loadb(text.data, text.len, 0, NULL);
    json_object_set_new(json, "kinds",
                        json_pack("[{s:s, s:i, s:s}]", "kind", "*", "notice_s", notice_s,
                                  "disclosure", disclosure));
    char *document = json_dumps(json, JSON_INDENT(1));
    memo_hash(document, strlen(document), hash);
    key_hex(hash, sizeof hash, hex);
    snprintf(before, sizeof before, "%s", hex);
    json_t *body = json_pack("{s:s}", "document", document);
    struct line_draft draft = {.type = "memo.propose", .role = "head-of-cell", .body = body};
    assert_int_equal(sql_begin(north->sql), TF_OK);
    enum tf_status rc = line_say(&north->c, b->pair.line, &draft, &seq, &fault);
    if (rc)
        fail_msg("%s: %s", fault.field, fault.message);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    exchange(b);
    char accept[128];
    snprintf(accept, sizeof accept, "{'document':'%s'}", hex);
    (void)side_say(south, b->pair.line, "memo.accept", accept);
    carry(b, 1);
    carry(b, 0);
    json_decref(body);
    json_decref(json);
    free(document);
    tf_buf_release(&text);
}

/* --- acts
 * ------------------------------------------------------------------------------------------ */

static bool count_said(void *ctx, const struct ops_said *said)
{
    size_t *count = ctx;
    *count += said->seq > 0;
    return true;
}

static size_t tell(struct both *b, int which)
{
    struct side *side = &b->pair.side[which];
    size_t count = 0;
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_declare_due(b->ops[which], &side->c, count_said, &count), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    return count;
}

static void register_at(struct both *b, int which, const struct place *place, bool submits)
{
    struct side *north = &b->pair.side[which];
    struct ops_who who = {.role = "duty-officer", .source = "operator", .reason = "test"};
    struct tf_entity entity;
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    test_entity(place, &entity);
    assert_int_equal(tf_entity_set_text(&entity.name, "secret name"), TF_OK);
    struct ops_draft draft = {.class = test_class(place), .entity = &entity, .if_match = "*"};
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(ops_put(b->ops[which], &north->c, &draft, &who, &verdict, &written, &fault),
                     TF_OK);
    assert_true(verdict.is_applied);
    ops_verdict_release(&verdict);
    if (submits) {
        struct ops_deed deed = {.class = OPS_OPERATION, .id = place->id, .act = OPS_ACT_SUBMIT};
        assert_int_equal(ops_act(b->ops[which], &north->c, &deed, &who, &verdict, &written, &fault),
                         TF_OK);
        assert_int_equal(written.state, OPS_STATE_ACCEPTED);
        ops_verdict_release(&verdict);
    }
    assert_int_equal(sql_commit(north->sql), TF_OK);
    tf_entity_release(&entity);
}

static void register_one(struct both *b, const struct place *place, bool submits)
{
    register_at(b, 0, place, submits);
}

static void act(struct both *b, const char *id, enum ops_act a)
{
    struct side *north = &b->pair.side[0];
    struct ops_who who = {.role = "duty-officer", .reason = "test"};
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    struct ops_deed deed = {.class = OPS_OPERATION, .id = id, .act = a};
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(ops_act(b->ops[0], &north->c, &deed, &who, &verdict, &written, &fault), TF_OK);
    ops_verdict_release(&verdict);
    assert_int_equal(sql_commit(north->sql), TF_OK);
}

struct found {
    size_t count, old;
    enum ops_other other;
    double horizontal_m;
};

static struct found look(struct both *b, const struct place *place)
{
    struct side *south = &b->pair.side[1];
    struct tf_entity entity;
    struct ops_verdict verdict;
    struct tf_fault fault;
    struct found found = {0};
    test_entity(place, &entity);
    struct ops_query query = {.entity = &entity};
    assert_int_equal(sql_begin(south->sql), TF_OK);
    assert_int_equal(ops_check(b->ops[1], &south->c, &query, &verdict, &fault), TF_OK);
    assert_int_equal(sql_commit(south->sql), TF_OK);
    for (size_t i = 0; i < verdict.count; i++) {
        found.count++;
        found.old += verdict.conflicts[i].is_old;
        found.other = verdict.conflicts[i].other;
        found.horizontal_m = verdict.conflicts[i].pair.minima.horizontal_m;
    }
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    return found;
}

/* --- tests
 * ----------------------------------------------------------------------------------------- */

static void each_disclosure(void **state)
{
    (void)state;
    static const char *const levels[] = {"full", "cells", "window", "existence", "nothing"};
    struct place same = drone, far = drone;
    far.lat_deg = 40;
    for (int level = 0; level < 5; level++) {
        struct both b;
        open_both(&b);
        register_one(&b, &drone, true);
        assert_int_equal(tell(&b, 0), 0); /* nothing is agreed yet */
        agree(&b, 1, levels[level], 0);
        assert_int_equal(tell(&b, 0), level < 4 ? 1 : 0);
        assert_int_equal(tell(&b, 0), 0); /* and once */
        exchange(&b);
        assert_int_equal(b.judged[0], level < 4 ? 1 : 0);
        struct found found = look(&b, &same);
        assert_int_equal(found.count, level < 3 ? 1 : 0);
        if (level < 3)
            assert_int_equal(found.other, OPS_OTHER_DECLARATION);
        assert_int_equal(look(&b, &far).count, 0);
        if (level > 0)
            assert_null(strstr(b.last_body, "altitude"));
        act(&b, "north-1", OPS_ACT_ACTIVATE); /* the state is told, where it may be */
        assert_int_equal(tell(&b, 0), level < 3 ? 1 : 0);
        exchange(&b);
        assert_int_equal(look(&b, &same).count, level < 3 ? 1 : 0);
        act(&b, "north-1", OPS_ACT_END);
        assert_int_equal(tell(&b, 0), level < 4 ? 1 : 0);
        exchange(&b);
        assert_int_equal(look(&b, &same).count, 0);
        pair_check(&b.pair);
        close_both(&b);
    }
}

/* A line that is suspended is told nothing, and everything when it is open again. */
static void a_suspension(void **state)
{
    (void)state;
    struct both b;
    struct place moved = drone, other = drone;
    other.id = "north-2";
    other.lat_deg = 36.8;
    open_both(&b);
    agree(&b, 1, "full", 0);
    register_one(&b, &drone, true);
    assert_int_equal(tell(&b, 0), 1);
    exchange(&b);
    (void)side_say(&b.pair.side[1], b.pair.line, "line.suspend", "{'reason':'talks'}");
    exchange(&b);
    exchange(&b);
    moved.lat_deg = 37.5;
    register_one(&b, &moved, false);
    register_one(&b, &other, true);
    assert_int_equal(tell(&b, 0), 0);
    exchange(&b);
    assert_int_equal(look(&b, &drone).count, 1); /* the last word stands */
    (void)side_say(&b.pair.side[1], b.pair.line, "line.resume", "{'reason':'talks'}");
    exchange(&b);
    assert_int_equal(tell(&b, 0), 2);
    exchange(&b);
    assert_int_equal(look(&b, &drone).count, 0);
    assert_int_equal(look(&b, &moved).count, 1);
    assert_int_equal(look(&b, &other).count, 1);
    close_both(&b);
}

/* Silence makes what was declared larger, and says that it is old. */
static void silence(void **state)
{
    (void)state;
    struct both b;
    struct place beside = drone; /* some 5 km to the north */
    beside.lat_deg += 0.045;
    open_both(&b);
    agree(&b, 1, "full", 0);
    register_one(&b, &drone, true);
    assert_int_equal(tell(&b, 0), 1);
    exchange(&b);
    assert_int_equal(look(&b, &beside).count, 0);
    for (int i = 0; i < 60; i++) {
        pair_pass_time(&b.pair, 60 * SECOND_US);
        (void)side_tick(&b.pair.side[1], b.pair.line, NULL);
    }
    struct found found = look(&b, &beside);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.old, 1);
    assert_true(found.horizontal_m > 10000 && found.horizontal_m <= 100 + OPS_GROWTH_MAX_M);
    exchange(&b);
    exchange(&b);
    assert_int_equal(look(&b, &beside).count, 0);
    assert_int_equal((int)ops_declaration_growth_m(OPS_OLD_AFTER_S), 0);
    assert_int_equal((int)ops_declaration_growth_m(1000000), OPS_GROWTH_MAX_M);
    close_both(&b);
}

/* Too late for the memorandum's notice: it is said, with by how much. */
static void late_notice(void **state)
{
    (void)state;
    struct both b;
    open_both(&b);
    agree(&b, 1, "window", 48 * 3600);
    register_one(&b, &drone, true); /* begins in 30 hours */
    assert_int_equal(tell(&b, 0), 1);
    exchange(&b);
    json_t *body = json_loads(b.last_body, 0, NULL);
    json_int_t breach = json_integer_value(json_object_get(body, "notice_breach_s"));
    assert_true(breach > 18 * 3600 - 60 && breach < 18 * 3600 + 60);
    json_decref(body);
    close_both(&b);
}

/* Whatever a site or an operation says less exactly holds all of it: a conflict with the true one
 * is a conflict with what was declared. */
static void nothing_is_lost(void **state)
{
    (void)state;
    static const char *const levels[] = {"cells", "window"};
    uint64_t random = random_seed(4711);
    size_t met = 0;
    for (int level = 0; level < 2; level++) {
        struct both b;
        struct place places[12];
        char ids[12][16];
        open_both(&b);
        agree(&b, 1, levels[level], 0);
        for (int i = 0; i < 12; i++) {
            snprintf(ids[i], sizeof ids[i], "p%d", i);
            places[i] = (struct place){ids[i],
                                       i % 3 ? TF_KIND_UNCREWED : TF_KIND_SITE,
                                       random_between(&random, -60, 80),
                                       random_between(&random, -180, 180),
                                       random_between(&random, 10, 30000),
                                       0,
                                       500,
                                       30,
                                       40,
                                       0,
                                       TF_RESTRICTION_NONE};
            register_one(&b, &places[i], places[i].kind == TF_KIND_UNCREWED);
        }
        assert_int_equal(tell(&b, 0), 12);
        exchange(&b);
        for (int i = 0; i < 12; i++)
            for (int k = 0; k < 10; k++) { /* a plan that meets the true one */
                struct place plan = places[i];
                plan.id = "plan";
                plan.kind = TF_KIND_UNCREWED;
                plan.radius_m = random_between(&random, 10, 2000);
                plan.lat_deg += random_between(&random, -0.6, 0.6) * places[i].radius_m / 111000.0;
                plan.from_h = random_between(&random, 30, 39);
                plan.until_h = plan.from_h + 1;
                assert_true(look(&b, &plan).count > 0);
                met++;
            }
        close_both(&b);
    }
    assert_int_equal(met, 240);
}

/* What a peer sends is read strictly. */
static void hostile(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{}",
        "{'id':'x','version':0,'kind':'uncrewed','disclosure':'existence'}",
        "{'id':'x','version':1,'kind':'zone','disclosure':'existence'}",
        "{'id':'x','version':1,'kind':'site','disclosure':'existence'}",
        "{'id':'x','version':1,'kind':'uncrewed','disclosure':'nothing'}",
        "{'id':'x','version':1,'kind':'uncrewed','disclosure':'cells','cells':[]}",
        "{'id':'x','version':1,'kind':'uncrewed','disclosure':'cells','cells':['zz']}",
        "{'id':'x','version':1,'kind':'uncrewed','disclosure':'cells','cells':['1']}",
        "{'id':'x','version':1,'kind':'uncrewed','disclosure':'window',"
        "'area':{'lat_deg':91,'lng_deg':0,'radius_m':1000}}",
        "{'id':'x','version':1,'kind':'uncrewed','disclosure':'window','start':"
        "'2026-11-28T02:00:00Z','end':'2026-11-28T01:00:00Z',"
        "'area':{'lat_deg':1,'lng_deg':0,'radius_m':1000}}",
        "{'id':'x','version':1,'kind':'crewed','disclosure':'full','feature':{'type':'Feature',"
        "'properties':{'kind':'uncrewed','radius_m':5},'geometry':{'type':'Point',"
        "'coordinates':[1,2]}}}"};
    struct both b;
    struct tf_fault fault;
    open_both(&b);
    agree(&b, 1, "full", 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t seq;
        enum tf_status rc =
            side_try(&b.pair.side[0], b.pair.line, "op.declare", wrong[i], &seq, &fault);
        if (rc == TF_OK)
            fail_msg("said: %s", wrong[i]);
    }
    close_both(&b);
}

struct cases {
    size_t open, all;
    char id[OPS_CASE_ID_SIZE];
};

static bool count_case(void *ctx, const struct ops_case *one)
{
    struct cases *cases = ctx;
    cases->open += one->is_open;
    cases->all++;
    memcpy(cases->id, one->id, sizeof cases->id);
    struct tf_buf out = TF_BUF_INIT(1 << 16);
    ops_print_case(&out, one);
    json_t *json = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *other = json_object_get(json_object_get(json, "conflict"), "other");
    assert_string_equal(json_string_value(json_object_get(other, "is")), "declaration");
    assert_string_equal(json_string_value(json_object_get(other, "id")), one->other_id);
    json_decref(json);
    tf_buf_release(&out);
    return true;
}

static struct cases cases_of(struct both *b, int which)
{
    struct cases cases = {.open = 0};
    struct side *side = &b->pair.side[which];
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_case_each(b->ops[which], &side->c, true, 100, count_case, &cases), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    return cases;
}

static void note_all(struct both *b, int which)
{
    static const char policy[] = "{\"format\":\"tafadi-policy/v1\",\"rules\":"
                                 "[{\"outcome\":\"note\"}]}";
    struct side *side = &b->pair.side[which];
    struct ops_who who = {.role = "head-of-cell", .source = "test"};
    struct tf_fault fault;
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(
        ops_set_policy(b->ops[which], &side->c, policy, strlen(policy), 0, &who, &fault), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
}

/* One case for each pair, the same id on both sides, over as soon as the two are apart; also
 * between a site and what comes too near to it. */
static void cases(void **state)
{
    (void)state;
    struct both b;
    struct place ours = drone, moved = drone, clinic = drone;
    ours.id = "south-1";
    clinic = (struct place){"clinic", TF_KIND_SITE,       36.5, 37.2, 800, 0, 5000, -24, 240,
                            0,        TF_RESTRICTION_NONE};
    open_both(&b);
    agree(&b, 1, "full", 0);
    note_all(&b, 0);
    note_all(&b, 1);
    register_one(&b, &drone, true);
    assert_int_equal(tell(&b, 0), 1);
    exchange(&b);
    assert_int_equal(cases_of(&b, 1).all, 0);
    register_at(&b, 1, &ours, false);
    assert_int_equal(cases_of(&b, 1).all, 0); /* a draft is nothing yet */
    register_at(&b, 1, &ours, true);
    struct cases south = cases_of(&b, 1), north;
    assert_int_equal(south.open, 1);
    assert_int_equal(tell(&b, 1), 1);
    exchange(&b);
    north = cases_of(&b, 0);
    assert_int_equal(north.open, 1);
    assert_string_equal(north.id, south.id);
    register_at(&b, 1, &clinic, false); /* a site of the south, which the north's drone is in */
    assert_int_equal(cases_of(&b, 1).open, 2);
    moved.lat_deg = 37.5;
    register_one(&b, &moved, false);
    assert_int_equal(cases_of(&b, 0).open, 0);
    assert_int_equal(tell(&b, 0), 1);
    exchange(&b);
    south = cases_of(&b, 1);
    assert_int_equal(south.open, 0);
    assert_int_equal(south.all, 2);
    register_one(&b, &drone, false); /* and back: the same case again */
    assert_int_equal(cases_of(&b, 0).open, 1);
    assert_string_equal(cases_of(&b, 0).id, north.id);
    /* When its time has passed, it is over by itself. */
    struct side *side = &b.pair.side[0];
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_cases_expire(b.ops[0], &side->c), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    assert_int_equal(cases_of(&b, 0).open, 1);
    pair_pass_time(&b.pair, 40 * INT64_C(3600) * SECOND_US);
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_cases_expire(b.ops[0], &side->c), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    assert_int_equal(cases_of(&b, 0).open, 0);
    close_both(&b);
}

/* The judge itself: each of these says more than is given. */
static void the_judge(void **state)
{
    (void)state;
    static const struct {
        const char *given, *body;
        bool passes;
    } cases[] = {
        {"cells", "{'id':'x','version':1,'kind':'sea','disclosure':'cells','cells':['47a1d']}",
         true},
        {"cells", "{'id':'x','version':1,'kind':'sea','disclosure':'cells','cells':['47a1cbd54']}",
         false}, /* level 13 and finer */
        {"window", "{'id':'x','version':1,'kind':'sea','disclosure':'cells','cells':['47a1d']}",
         false},
        {"cells",
         "{'id':'x','version':1,'kind':'sea','disclosure':'cells','cells':['47a1d'],'feature':{}}",
         false},
        {"window",
         "{'id':'x','version':1,'kind':'sea','disclosure':'window','area':{'lat_deg':1.25,"
         "'lng_deg':2,'radius_m':3000}}",
         true},
        {"window",
         "{'id':'x','version':1,'kind':'sea','disclosure':'window','area':{'lat_deg':1.2345,"
         "'lng_deg':2,'radius_m':3000}}",
         false},
        {"window",
         "{'id':'x','version':1,'kind':'sea','disclosure':'window','area':{'lat_deg':1,"
         "'lng_deg':2,'radius_m':312}}",
         false},
        {"existence", "{'id':'x','version':1,'kind':'sea','disclosure':'existence'}", true},
        {"existence", "{'id':'x','version':1,'kind':'sea','disclosure':'existence','start':'x'}",
         false},
        {"existence", "{'id':'x','version':1,'kind':'sea','disclosure':'existence','note':'x'}",
         false},
        {"nothing", "{'id':'x','version':1,'kind':'sea','disclosure':'existence'}", false},
        {"full",
         "{'id':'x','version':1,'kind':'sea','disclosure':'full','feature':{'properties':"
         "{'name':'Daring'}}}",
         false},
        {"full", "{'id':'x','version':1,'kind':'sea','disclosure':'full','feature':{}}", true},
    };
    static const char *const levels[] = {"nothing", "existence", "window", "cells", "full"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct memorandum rules;
        struct tf_fault fault;
        char text[512];
        memo_defaults(&rules);
        rules.number = 1;
        rules.kind_rules = 1;
        snprintf(rules.kinds[0].kind, sizeof rules.kinds[0].kind, "*");
        for (int level = 0; level < 5; level++)
            if (strcmp(levels[level], cases[i].given) == 0)
                rules.kinds[0].disclosure = (enum memo_disclosure)level;
        snprintf(text, sizeof text, "%s", cases[i].body);
        for (char *c = text; *c; c++)
            *c = *c == '\'' ? '"' : *c;
        json_t *body = json_loads(text, 0, NULL);
        assert_non_null(body);
        enum tf_status rc = ops_disclosure_check(&rules, "op.declare", body, &fault);
        if ((rc == TF_OK) != cases[i].passes)
            fail_msg("given %s: %s: %s", cases[i].given, text, tf_status_text(rc));
        rules.number = 0; /* without a memorandum nothing leaves */
        assert_int_equal(ops_disclosure_check(&rules, "op.declare", body, &fault), TF_RANGE);
        json_decref(body);
        memo_release(&rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),           cmocka_unit_test(the_judge),
        cmocka_unit_test(each_disclosure), cmocka_unit_test(a_suspension),
        cmocka_unit_test(silence),         cmocka_unit_test(late_notice),
        cmocka_unit_test(nothing_is_lost), cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
