/*
 * test_case.c - talks about a case between two parties: by the table, by hand, and in random
 * schedules with posts that are dropped, doubled and out of order, and proposals that cross.
 */
#include "desk.h"

#include "line/two_parties.h"
#include "ops/declaration.h"
#include "ops/talk.h"
#include "random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POSTS = 16, SCHEDULES = 40 };

struct both {
    struct pair pair;
    struct ops *ops[2];
    struct line_extension extensions[2][OPS_EXTENSIONS];
    struct tf_buf posts[2][POSTS]; /* under way from each */
    size_t count[2];
    const char *asks;          /* the disclosure that operations ask for; NULL */
    int64_t answer_s, valid_s; /* of the next memorandum; 0: 1800, more than a year */
    int64_t number;            /* of the last one; 0: none */
    uint8_t memo[KEY_HASH_SIZE];
};

static const struct place north_one = {
    "north-1", TF_KIND_UNCREWED, 36.5, 37.2, 500, 100, 200, 30, 32, 1, TF_RESTRICTION_NONE};
static const struct place south_one = {
    "south-1", TF_KIND_UNCREWED, 36.5, 37.205, 500, 120, 220, 30, 32, 2, TF_RESTRICTION_NONE};

static void open_both(struct both *b)
{
    char why[SQL_WHY_SIZE];
    memset(b, 0, sizeof *b);
    pair_open(&b->pair, NULL);
    pair_pass_time(&b->pair, TEST_NOW_US - T0_US);
    for (int i = 0; i < 2; i++) {
        struct side *side = &b->pair.side[i];
        assert_int_equal(ops_prepare(side->sql, why), TF_OK);
        assert_int_equal(ops_new(&b->ops[i]), TF_OK);
        ops_extensions(b->ops[i], b->extensions[i]);
        side->c.extensions = b->extensions[i];
        side->c.extension_count = OPS_EXTENSIONS;
    }
    pair_open_line(&b->pair);
}

static void close_both(struct both *b)
{
    for (int i = 0; i < 2; i++) {
        for (size_t k = 0; k < b->count[i]; k++)
            tf_buf_release(&b->posts[i][k]);
        ops_free(b->ops[i]);
    }
    pair_close(&b->pair);
}

/* --- what a node does --------------------------------------------------------------------- */

static void turn(struct both *b, int which)
{
    struct side *side = &b->pair.side[which];
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_cases_expire(b->ops[which], &side->c), TF_OK);
    assert_int_equal(ops_cases_work(b->ops[which], &side->c), TF_OK);
    assert_int_equal(ops_declare_due(b->ops[which], &side->c, NULL, NULL), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
}

/* Everything that leaves says no more than the memorandum gives. */
static void judge(struct both *b, int from, const struct tf_buf *post)
{
    json_t *json = json_loadb(post->data, post->len, 0, NULL), *envelope;
    size_t i, len;
    json_array_foreach(json_object_get(json, "envelopes"), i, envelope)
    {
        char payload[49153];
        struct message message;
        struct memorandum rules;
        struct tf_fault fault;
        const json_t *text = json_object_get(envelope, "payload");
        assert_true(key_unbase64_some(json_string_value(text), json_string_length(text),
                                      (uint8_t *)payload, 49152, &len));
        assert_int_equal(message_parse(payload, len, &message, &fault), TF_OK);
        bool is_ours = strncmp(message.type_name, "op.", 3) == 0 ||
                       strcmp(message.type_name, "case.propose") == 0;
        assert_int_equal(line_rules(&b->pair.side[from].c, b->pair.line, &rules), TF_OK);
        if (is_ours &&
            ops_disclosure_check(&rules, message.type_name, message.body, &fault) != TF_OK)
            fail_msg("%s says too much: %s", message.type_name, fault.field);
        memo_release(&rules);
        message_release(&message);
    }
    json_decref(json);
}

static void take(struct both *b, int to, const struct tf_buf *post)
{
    (void)side_take(&b->pair.side[to], post);
    turn(b, to);
}

static void carry(struct both *b, int from)
{
    struct tf_buf post = TF_BUF_INIT(LINE_POST_MAX);
    side_collect(&b->pair.side[from], b->pair.line, &post);
    judge(b, from, &post);
    take(b, 1 - from, &post);
    tf_buf_release(&post);
}

static void quiet(struct both *b)
{
    for (int i = 0; i < 10; i++) {
        pair_pass_time(&b->pair, SECOND_US);
        turn(b, i % 2);
        carry(b, i % 2);
    }
}

static void agree_memo(struct both *b, const char *disclosure)
{
    struct side *north = &b->pair.side[0];
    struct tf_buf text = TF_BUF_INIT(MEMO_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1], accept[128];
    struct tf_fault fault;
    int64_t seq;
    int64_t valid_s = b->valid_s ? b->valid_s : 400 * 86400;
    assert_int_equal(memo_template(b->pair.line, b->number + 1, b->number ? b->memo : NULL,
                                   north->c.now_us - 60 * SECOND_US,
                                   north->c.now_us + valid_s * SECOND_US, &text),
                     TF_OK);
    json_t *json = json_loadb(text.data, text.len, 0, NULL);
    json_object_set_new(
        json, "kinds",
        json_pack("[{s:s, s:i, s:s}]", "kind", "*", "notice_s", 0, "disclosure", disclosure));
    if (b->answer_s)
        json_object_set_new(json, "acknowledge",
                            json_pack("{s:i, s:i, s:I}", "deliver_s", 20, "seen_s", 40, "answer_s",
                                      (json_int_t)b->answer_s));
    char *document = json_dumps(json, JSON_INDENT(1));
    memo_hash(document, strlen(document), hash);
    memcpy(b->memo, hash, sizeof hash);
    b->number++;
    key_hex(hash, sizeof hash, hex);
    json_t *body = json_pack("{s:s}", "document", document);
    struct line_draft draft = {.type = "memo.propose", .role = "head-of-cell", .body = body};
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(line_say(&north->c, b->pair.line, &draft, &seq, &fault), TF_OK);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    quiet(b);
    snprintf(accept, sizeof accept, "{'document':'%s'}", hex);
    (void)side_say(&b->pair.side[1], b->pair.line, "memo.accept", accept);
    quiet(b);
    json_decref(body);
    json_decref(json);
    free(document);
    tf_buf_release(&text);
}

/* Puts and submits; another content of what is there. */
static bool put(struct both *b, int which, const struct place *place, bool submits)
{
    struct side *side = &b->pair.side[which];
    struct ops_who who = {.role = "duty-officer", .source = "operator", .reason = "test"};
    struct tf_entity entity;
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    test_entity(place, &entity);
    json_t *less = b->asks ? json_pack("{s:s}", "disclosure", b->asks) : NULL;
    struct ops_draft draft = {
        .class = OPS_OPERATION, .entity = &entity, .if_match = "*", .extra = less};
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_put(b->ops[which], &side->c, &draft, &who, &verdict, &written, &fault),
                     TF_OK);
    bool is_applied = verdict.is_applied;
    json_decref(less);
    ops_verdict_release(&verdict);
    if (submits) {
        struct ops_deed deed = {.class = OPS_OPERATION, .id = place->id, .act = OPS_ACT_SUBMIT};
        assert_int_equal(ops_act(b->ops[which], &side->c, &deed, &who, &verdict, &written, &fault),
                         TF_OK);
        ops_verdict_release(&verdict);
    }
    assert_int_equal(sql_commit(side->sql), TF_OK);
    tf_entity_release(&entity);
    return is_applied;
}

struct shown {
    char id[OPS_CASE_ID_SIZE];
    bool is_open;
    int stage;
    size_t count;
};

static bool take_case(void *ctx, const struct ops_case *one)
{
    struct shown *shown = ctx;
    if (shown->count++)
        return true;
    snprintf(shown->id, sizeof shown->id, "%s", one->id);
    shown->is_open = one->is_open;
    shown->stage = one->stage;
    return true;
}

static struct shown look(struct both *b, int which)
{
    struct side *side = &b->pair.side[which];
    struct shown shown = {.count = 0};
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_case_each(b->ops[which], &side->c, true, 100, take_case, &shown), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    return shown;
}

/* {"...","said":[...]}: json_decref. */
static json_t *show(struct both *b, int which, const char *id)
{
    struct side *side = &b->pair.side[which];
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_case_show(b->ops[which], &side->c, id, &out), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    json_t *json = json_loadb(out.data, out.len, 0, NULL);
    assert_non_null(json);
    tf_buf_release(&out);
    return json;
}

enum deed { PROPOSE, AGREE, DECLINE };

static enum tf_status talk(struct both *b, int which, const char *id, enum deed deed,
                           int64_t option)
{
    struct side *side = &b->pair.side[which];
    struct ops_who who = {.role = "duty-officer"};
    struct tf_fault fault = {.message = NULL};
    struct case_proposal proposal = {.id = id, .option = option};
    assert_int_equal(sql_begin(side->sql), TF_OK);
    enum tf_status rc =
        deed == PROPOSE
            ? ops_case_propose(b->ops[which], &side->c, &proposal, &who, &fault)
            : ops_case_answer(b->ops[which], &side->c, id, deed == AGREE, NULL, &who, &fault);
    if (rc) {
        sql_rollback(side->sql);
        ledger_forget(side->ledger);
    } else {
        assert_int_equal(sql_commit(side->sql), TF_OK);
    }
    return rc;
}

/* The case of two operations that one plans on each side. */
static void find_case(struct both *b, char id[OPS_CASE_ID_SIZE])
{
    (void)put(b, 0, &north_one, true);
    (void)put(b, 1, &south_one, true);
    quiet(b);
    struct shown north = look(b, 0), south = look(b, 1);
    assert_true(north.is_open && south.is_open);
    assert_string_equal(north.id, south.id);
    memcpy(id, north.id, OPS_CASE_ID_SIZE);
}

static void start(struct both *b, const char *disclosure, char id[OPS_CASE_ID_SIZE])
{
    bool asks = strcmp(disclosure, "asks") == 0; /* for less than the memorandum gives */
    open_both(b);
    agree_memo(b, asks ? "full" : disclosure);
    b->asks = asks ? "window" : NULL;
    find_case(b, id);
}

static void assert_both(struct both *b, enum case_stage stage, bool is_open)
{
    for (int i = 0; i < 2; i++) {
        struct shown shown = look(b, i);
        assert_int_equal(shown.stage, stage);
        assert_int_equal(shown.is_open, is_open);
    }
}

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

/* The last one of a type. */
static const json_t *said(const json_t *shown, const char *type)
{
    const json_t *list = json_object_get(shown, "said");
    for (size_t i = json_array_size(list); i > 0; i--) {
        const json_t *note = json_array_get(list, i - 1);
        if (strcmp(json_string_value(json_object_get(note, "type")), type) == 0)
            return note;
    }
    return NULL;
}

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
    char kind[CASE_ALARM_SIZE], role[MESSAGE_ROLE_SIZE];
    snprintf(kind, sizeof kind, "case.%.8s", id);
    assert_both(b, CASE_ESCALATED, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(side_alarms(&b->pair.side[i], b->pair.line, kind, 0, role), 1);
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

/* --- random schedules ------------------------------------------------------------------------ */

static void send(struct both *b, int from, uint64_t *random)
{
    struct tf_buf *post = &b->posts[from][b->count[from]];
    *post = (struct tf_buf)TF_BUF_INIT(LINE_POST_MAX);
    if (b->count[from] + 1 == POSTS)
        return;
    side_collect(&b->pair.side[from], b->pair.line, post);
    if (random_between(random, 0, 1) < 0.3)
        tf_buf_release(post); /* lost */
    else
        b->count[from]++;
}

static void deliver(struct both *b, int from, uint64_t *random)
{
    if (b->count[from] == 0)
        return;
    size_t at = (size_t)random_between(random, 0, (double)b->count[from] - 0.001);
    take(b, 1 - from, &b->posts[from][at]);
    if (random_between(random, 0, 1) < 0.3)
        return; /* it comes once more */
    tf_buf_release(&b->posts[from][at]);
    b->posts[from][at] = b->posts[from][--b->count[from]];
}

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
        send(b, which, random);
    else if (what < 0.97)
        deliver(b, which, random);
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
    uint64_t count = many ? strtoull(many, NULL, 10) : SCHEDULES;
    for (uint64_t seed = 1; seed <= count; seed++) {
        struct both b;
        char id[OPS_CASE_ID_SIZE];
        uint64_t random = random_seed(seed);
        start(&b, seed % 2 ? "full" : "window", id);
        for (int i = 0; i < 60; i++)
            act(&b, id, &random);
        quiet(&b);
        quiet(&b);
        struct shown north = look(&b, 0), south = look(&b, 1);
        if (north.stage != south.stage || north.is_open != south.is_open)
            fail_msg("seed %d: %s, %s", (int)seed, case_stage_word((enum case_stage)north.stage),
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
    assert_true(resolved > count / 8 && other > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(an_agreement),
        cmocka_unit_test(crossing),
        cmocka_unit_test(broken),
        cmocka_unit_test(refused_and_late),
        cmocka_unit_test(late_stays_late),
        cmocka_unit_test(less_time),
        cmocka_unit_test(schedules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
