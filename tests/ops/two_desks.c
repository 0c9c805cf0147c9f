/*
 * two_desks.c - see two_desks.h.
 */
#include "two_desks.h"

#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct place north_one = {"north-1", TF_KIND_UNCREWED,   36.5, 37.2, 500, 100, 200, 30, 32,
                                1,         TF_RESTRICTION_NONE};
const struct place south_one = {"south-1", TF_KIND_UNCREWED,   36.5, 37.205, 500, 120, 220, 30, 32,
                                2,         TF_RESTRICTION_NONE};

void open_both(struct both *b)
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

void close_both(struct both *b)
{
    for (int i = 0; i < 2; i++) {
        for (size_t k = 0; k < b->count[i]; k++)
            tf_buf_release(&b->posts[i][k]);
        ops_free(b->ops[i]);
    }
    pair_close(&b->pair);
}

/* --- what a node does --------------------------------------------------------------------- */

void turn(struct both *b, int which)
{
    struct side *side = &b->pair.side[which];
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_turn(b->ops[which], &side->c, NULL, NULL), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
}

struct leaving {
    struct both *b;
    int from;
};

/* Everything that leaves says no more than the memorandum gives. */
static void judge(void *ctx, const struct message *message)
{
    const struct leaving *l = ctx;
    (void)test_judge(&l->b->pair.side[l->from].c, l->b->pair.line, message);
}

void take(struct both *b, int to, const struct tf_buf *post)
{
    (void)side_take(&b->pair.side[to], post);
    turn(b, to);
}

void carry(struct both *b, int from)
{
    struct tf_buf post = TF_BUF_INIT(LINE_POST_MAX);
    struct leaving leaving = {b, from};
    side_collect(&b->pair.side[from], b->pair.line, &post);
    post_each_message(&post, judge, &leaving);
    take(b, 1 - from, &post);
    tf_buf_release(&post);
}

void quiet(struct both *b)
{
    for (int i = 0; i < 10; i++) {
        pair_pass_time(&b->pair, SECOND_US);
        turn(b, i % 2);
        carry(b, i % 2);
    }
}

void post_or_lose(struct both *b, int from, uint64_t *random, unsigned lost_percent)
{
    struct tf_buf *post = &b->posts[from][b->count[from]];
    if (b->count[from] + 1 == POSTS)
        return;
    *post = (struct tf_buf)TF_BUF_INIT(LINE_POST_MAX);
    side_collect(&b->pair.side[from], b->pair.line, post);
    if (random_below(random, 100) < lost_percent)
        tf_buf_release(post);
    else
        b->count[from]++;
}

void deliver_one(struct both *b, int from, uint64_t *random, unsigned again_percent)
{
    if (b->count[from] == 0)
        return;
    size_t at = (size_t)random_below(random, b->count[from]);
    take(b, 1 - from, &b->posts[from][at]);
    if (random_below(random, 100) < again_percent)
        return;
    tf_buf_release(&b->posts[from][at]);
    b->posts[from][at] = b->posts[from][--b->count[from]];
}

void agree_memo(struct both *b, const char *disclosure)
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
    if (b->no_agreement)
        json_object_set_new(json, "no_agreement", json_string(b->no_agreement));
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

bool put(struct both *b, int which, const struct place *place, bool submits)
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

static bool take_case(void *ctx, const struct ops_case *one)
{
    struct shown *shown = ctx;
    if (shown->count++)
        return true;
    snprintf(shown->id, sizeof shown->id, "%s", one->id);
    shown->is_open = one->is_open;
    shown->is_held = one->held_version > 0;
    shown->stage = one->stage;
    return true;
}

struct shown look(struct both *b, int which)
{
    struct side *side = &b->pair.side[which];
    struct shown shown = {.count = 0};
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_case_each(b->ops[which], &side->c, true, 100, take_case, &shown), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    return shown;
}

json_t *show(struct both *b, int which, const char *id)
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

enum tf_status talk(struct both *b, int which, const char *id, enum deed deed, int64_t option)
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

void find_case(struct both *b, char id[OPS_CASE_ID_SIZE])
{
    (void)put(b, 0, &north_one, true);
    (void)put(b, 1, &south_one, true);
    quiet(b);
    struct shown north = look(b, 0), south = look(b, 1);
    assert_true(north.is_open && south.is_open);
    assert_string_equal(north.id, south.id);
    memcpy(id, north.id, OPS_CASE_ID_SIZE);
}

void start(struct both *b, const char *disclosure, char id[OPS_CASE_ID_SIZE])
{
    bool asks = strcmp(disclosure, "asks") == 0; /* for less than the memorandum gives */
    open_both(b);
    agree_memo(b, asks ? "full" : disclosure);
    b->asks = asks ? "window" : NULL;
    find_case(b, id);
}

void assert_both(struct both *b, enum case_stage stage, bool is_open)
{
    for (int i = 0; i < 2; i++) {
        struct shown shown = look(b, i);
        assert_int_equal(shown.stage, stage);
        assert_int_equal(shown.is_open, is_open);
    }
}

const json_t *said(const json_t *shown, const char *type)
{
    const json_t *list = json_object_get(shown, "said");
    for (size_t i = json_array_size(list); i > 0; i--) {
        const json_t *note = json_array_get(list, i - 1);
        if (strcmp(json_string_value(json_object_get(note, "type")), type) == 0)
            return note;
    }
    return NULL;
}

int rings(struct both *b, int which, const char *id, char role[MESSAGE_ROLE_SIZE])
{
    char kind[CASE_ALARM_SIZE];
    snprintf(kind, sizeof kind, "case.%.8s", id);
    return side_alarms(&b->pair.side[which], b->pair.line, kind, 0, role);
}

enum ops_state act_on(struct both *b, int which, const char *id, enum ops_act act)
{
    struct side *side = &b->pair.side[which];
    struct ops_who who = {.role = "head-of-cell", .reason = "test"};
    struct ops_deed deed = {.class = OPS_OPERATION, .id = id, .act = act};
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    json_t *allow = json_array();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sql_begin(side->sql), TF_OK);
        assert_int_equal(ops_act(b->ops[which], &side->c, &deed, &who, &verdict, &written, &fault),
                         TF_OK);
        bool is_done = verdict.is_applied;
        for (size_t k = 0; k < verdict.count; k++)
            json_array_append_new(allow, json_string(verdict.conflicts[k].key));
        ops_verdict_release(&verdict);
        assert_int_equal(sql_commit(side->sql), TF_OK);
        if (is_done)
            break;
        deed.allow = allow;
    }
    json_decref(allow);
    return written.state;
}

static bool take_state(void *ctx, const struct ops_record *record)
{
    *(enum ops_state *)ctx = record->state;
    return true;
}

enum ops_state state_of(struct both *b, int which, const char *id)
{
    struct side *side = &b->pair.side[which];
    enum ops_state state = OPS_STATE_COUNT;
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_find(b->ops[which], &side->c, "", OPS_OPERATION, id, take_state, &state),
                     TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    return state;
}

void allow_all(struct both *b)
{
    static const char policy[] = "{\"format\":\"tafadi-policy/v1\",\"rules\":["
                                 "{\"outcome\":\"decide\",\"role\":\"head-of-cell\"}]}";
    struct ops_who who = {.role = "head-of-cell"};
    struct tf_fault fault;
    for (int i = 0; i < 2; i++) {
        struct side *side = &b->pair.side[i];
        assert_int_equal(sql_begin(side->sql), TF_OK);
        assert_int_equal(
            ops_set_policy(b->ops[i], &side->c, policy, strlen(policy), 0, &who, &fault), TF_OK);
        assert_int_equal(sql_commit(side->sql), TF_OK);
    }
}
