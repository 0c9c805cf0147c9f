/*
 * test_line_hostile.c - a peer that forges, contradicts itself, replays and floods; and what is
 * kept of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "two_parties.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT "{'text':'hello','lang':'en'}"
#define OTHER "{'text':'something else','lang':'en'}"

static struct pair p;
static struct side *north = &p.side[0], *south = &p.side[1];
static int64_t seq; /* what north last heard of south */
static uint8_t prev[KEY_HASH_SIZE], hash[KEY_HASH_SIZE];
static struct tf_buf envelope;

static int set_up(void **state)
{
    (void)state;
    pair_open(&p, NULL);
    pair_open_line(&p);
    last_heard(&p, 0, &seq, prev);
    envelope = (struct tf_buf)TF_BUF_INIT(LINE_POST_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tf_buf_release(&envelope);
    pair_close(&p);
    return 0;
}

static struct line_taken hear(const char *type, const char *body, int64_t as, const uint8_t *after)
{
    tf_buf_clear(&envelope);
    forge_message(&p, 1, NULL, as, after, type, body, &envelope, hash);
    return forge_and_take(&p, 1, &envelope);
}

static void test_forged(void **state)
{
    (void)state;
    struct key_secret *other;
    assert_int_equal(key_make(&other), TF_OK);
    forge_message(&p, 1, other, seq + 1, prev, "danger", TEXT, &envelope, hash);
    struct line_taken taken = forge_and_take(&p, 1, &envelope);
    assert_int_equal(taken.refused, 1);
    assert_false(taken.may_answer);
    /* A bit changed under way. */
    tf_buf_clear(&envelope);
    forge_message(&p, 1, NULL, seq + 1, prev, "text", TEXT, &envelope, hash);
    char *sig = strstr(envelope.data, "\"sig\":\"") + 10;
    *sig = *sig == 'A' ? 'B' : 'A';
    assert_int_equal(forge_and_take(&p, 1, &envelope).refused, 1);
    assert_int_equal(side_info(north, p.line).peer_seq, seq);
    assert_int_equal(side_alarms(north, p.line, NULL, 0, NULL), 0);
    /* A stranger's danger, early or not, raises nothing. */
    tf_buf_clear(&envelope);
    forge_message(&p, 1, other, seq + 5, prev, "danger", TEXT, &envelope, hash);
    forge_and_take(&p, 1, &envelope);
    assert_int_equal(side_alarms(north, p.line, NULL, 0, NULL), 0);
    key_free(other);
    side_check(north, p.line);
}

/* Two messages under one number: whichever comes second is evidence. */
static void test_fork(void **state)
{
    (void)state;
    uint8_t first[KEY_HASH_SIZE];
    assert_int_equal(hear("text", TEXT, seq + 1, prev).applied, 1);
    memcpy(first, hash, sizeof first);
    struct line_taken taken = hear("text", OTHER, seq + 1, prev);
    assert_int_equal(taken.forks, 1);
    struct line_info info = side_info(north, p.line);
    assert_true(info.is_forked);
    assert_int_equal(info.peer_seq, seq + 1);
    assert_int_equal(side_alarms(north, p.line, "fork", seq + 1, NULL), 1);
    assert_int_equal(side_evidence(north, p.line, "fork"), 1);
    hear("text", OTHER, seq + 1, prev); /* the same evidence once */
    assert_int_equal(side_evidence(north, p.line, "fork"), 1);
    /* The first stays in force; nothing after it is applied; a danger is heard all the same. */
    struct seen_message m;
    assert_true(side_message(north, p.line, false, seq + 1, &m));
    assert_memory_equal(m.hash, first, sizeof first);
    assert_int_equal(hear("text", TEXT, seq + 2, first).applied, 0);
    assert_int_equal(hear("danger", TEXT, seq + 3, first).applied, 0);
    assert_int_equal(side_alarms(north, p.line, "danger", seq + 3, NULL), 1);
    side_check(north, p.line);
    /* Its end is close; and a person's word on the alarm. */
    side_say(north, p.line, "line.close", "{'reason':'two words for one'}");
    assert_int_equal(side_info(north, p.line).state, LINE_CLOSED);
}

static void test_chain(void **state)
{
    (void)state;
    uint8_t wrong[KEY_HASH_SIZE] = {1};
    struct line_taken taken = hear("text", TEXT, seq + 1, wrong);
    assert_int_equal(taken.forks, 1);
    assert_int_equal(taken.applied, 0);
    assert_int_equal(side_info(north, p.line).peer_seq, seq);
    assert_int_equal(side_evidence(north, p.line, "fork"), 1);
}

static bool keep_id(void *ctx, const struct line_alarm *alarm)
{
    int64_t *id = ctx;
    *id = alarm->id;
    return true;
}

static void test_clearing(void **state)
{
    (void)state;
    int64_t id = 0;
    struct tf_fault fault;
    uint8_t wrong[KEY_HASH_SIZE] = {1};
    hear("text", TEXT, seq + 1, wrong);
    assert_int_equal(line_each_alarm(&north->c, p.line, false, keep_id, &id), TF_OK);
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(line_clear_alarm(&north->c, id, &fault), TF_OK);
    assert_int_equal(line_clear_alarm(&north->c, id, &fault), TF_NOT_FOUND);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    assert_int_equal(side_alarms(north, p.line, NULL, 0, NULL), 0);
    assert_true(side_info(north, p.line).is_forked); /* that stays */
    /* What ends by itself is not cleared by hand. */
    side_say(north, p.line, "text", TEXT);
    pair_pass_time(&p, 61 * SECOND_US);
    side_tick(north, p.line, NULL);
    assert_int_equal(line_each_alarm(&north->c, p.line, false, keep_id, &id), TF_OK);
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(line_clear_alarm(&north->c, id, &fault), TF_UNSUPPORTED);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    side_check(north, p.line);
}

static void test_early(void **state)
{
    (void)state;
    uint8_t third[KEY_HASH_SIZE] = {3};
    struct line_taken taken = hear("danger", TEXT, seq + 2, third);
    assert_int_equal(taken.early, 1);
    assert_int_equal(taken.applied, 0);
    assert_int_equal(side_alarms(north, p.line, "danger", seq + 2, NULL), 1);
    assert_int_equal(side_evidence(north, p.line, "early"), 1);
    hear("danger", TEXT, seq + 2, third);
    assert_int_equal(side_alarms(north, p.line, "danger", seq + 2, NULL), 1);
    int64_t id = 0;
    struct tf_fault fault;
    assert_int_equal(line_each_alarm(&north->c, p.line, false, keep_id, &id), TF_OK);
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(line_clear_alarm(&north->c, id, &fault), TF_OK);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    assert_int_equal(hear("text", TEXT, seq + 2, third).early, 1);
    /* A flood of them is bounded. */
    for (int i = 0; i < 40; i++)
        hear("danger", TEXT, seq + 3 + i, third);
    assert_true(side_evidence(north, p.line, "early") <= 16);
    hear("danger", TEXT, seq + 1000000, third);
    assert_int_equal(side_alarms(north, p.line, "danger", seq + 1000000, NULL), 0);
    side_check(north, p.line);
}

/* What its sender was not allowed to say is kept, is void, and is no secret. */
static void test_void(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body;
    } bad[] = {
        {"line.resume", "{'reason':'x'}"},
        {"line.open", "{'round':1}"},
        {"text", "{'text':'','lang':'en'}"},
        {"text", "{}"},
        {"withdraw", "{'of':1,'reason':'x'}"}, /* an act of the line */
        {"withdraw", "{'of':4000,'reason':'x'}"},
        {"key.rotate",
         "{'key':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=','proof':'"
         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
         "AAAAAAAAAA=='}"},
        {"memo.propose", "{'document':'{}'}"},
    };
    struct seen_message m;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(hear(bad[i].type, bad[i].body, seq + 1, prev).applied, 1);
        seq++;
        memcpy(prev, hash, sizeof prev);
        assert_true(side_message(north, p.line, false, seq, &m));
        if (!m.is_void)
            fail_msg("%s %s has an effect", bad[i].type, bad[i].body);
        assert_true(m.has_receipt);
        assert_int_equal(side_alarms(north, p.line, "contradiction", seq, NULL), 1);
    }
    assert_int_equal(side_info(north, p.line).waiting, 0);
    assert_int_equal(side_info(north, p.line).state, LINE_OPEN);
    /* What was said after its sender's own suspension. */
    hear("line.suspend", "{'reason':'x'}", ++seq, prev);
    memcpy(prev, hash, sizeof prev);
    hear("text", TEXT, ++seq, prev);
    memcpy(prev, hash, sizeof prev);
    assert_true(side_message(north, p.line, false, seq, &m));
    assert_true(m.is_void && !m.is_late);
    /* And after its own end. */
    hear("line.close", "{'reason':'x'}", ++seq, prev);
    memcpy(prev, hash, sizeof prev);
    hear("danger", TEXT, ++seq, prev);
    assert_true(side_message(north, p.line, false, seq, &m));
    assert_true(m.is_void);
    side_check(north, p.line);
}

static void test_amends_of_a_danger(void **state)
{
    (void)state;
    struct seen_message m;
    hear("danger", "{'text':'rocket','lang':'en','amends':77}", ++seq, prev);
    assert_true(side_message(north, p.line, false, seq, &m));
    assert_false(m.is_void); /* nobody misses it for a wrong number in it */
    assert_int_equal(side_alarms(north, p.line, "danger", seq, NULL), 1);
    assert_int_equal(side_alarms(north, p.line, "contradiction", seq, NULL), 1);
    side_check(north, p.line);
}

static void test_readback(void **state)
{
    (void)state;
    struct seen_message m;
    int64_t of = side_say(north, p.line, "danger",
                          "{'text':'fire','lang':'en','lat_deg':31.5,'lng_deg':34.5}");
    char body[200];
    pair_exchange(&p, 0);
    last_heard(&p, 0, &seq, prev);
    snprintf(body, sizeof body, "{'of':%d,'readback':{'lat_deg':31.6,'lng_deg':34.5}}", (int)of);
    hear("ack.seen", body, ++seq, prev);
    assert_int_equal(side_alarms(north, p.line, "readback", seq, NULL), 1);
    assert_true(side_message(north, p.line, true, of, &m));
    assert_int_equal(m.seen_us, 0);
    side_check(north, p.line);
}

/* It speaks of what we have not said: aside, and nothing after it until that is explained. */
static void test_aside(void **state)
{
    (void)state;
    struct line_taken taken = hear("ack.seen", "{'of':40}", seq + 1, prev);
    assert_int_equal(taken.applied, 0);
    assert_int_equal(taken.early, 1);
    assert_int_equal(side_alarms(north, p.line, "aside", seq + 1, NULL), 1);
    assert_int_equal(side_info(north, p.line).peer_seq, seq);
    side_check(north, p.line);
}

static void test_unknown_type(void **state)
{
    (void)state;
    struct seen_message m;
    assert_int_equal(hear("site.status", "{'x':1}", ++seq, prev).applied, 1);
    assert_true(side_message(north, p.line, false, seq, &m));
    assert_true(m.has_receipt && !m.is_void);
    assert_int_equal(side_info(north, p.line).waiting, 0);
    assert_int_equal(side_alarms(north, p.line, NULL, 0, NULL), 0);
    assert_int_equal(side_try(north, p.line, "site.status", "{}", NULL, NULL), TF_UNSUPPORTED);
}

static void test_malformed(void **state)
{
    (void)state;
    static const char payload[] = "{\"v\":1,\"not\":\"a message\"}";
    assert_int_equal(
        envelope_make(south->key, ENVELOPE_MESSAGE, payload, strlen(payload), &envelope, hash),
        TF_OK);
    assert_int_equal(forge_and_take(&p, 1, &envelope).refused, 1);
    assert_int_equal(side_evidence(north, p.line, "malformed"), 1);
    assert_int_equal(side_alarms(north, p.line, "contradiction", 0, NULL), 1);
    side_check(north, p.line);
}

static void test_receipts(void **state)
{
    (void)state;
    struct tf_buf members = TF_BUF_INIT(LINE_POST_MAX), post;
    struct seen_message m;
    uint8_t other[KEY_HASH_SIZE] = {9};
    int64_t said = side_say(north, p.line, "text", TEXT);
    assert_true(side_message(north, p.line, true, said, &m));
    tf_buf_text(&members, ",\"receipts\":[");
    forge_receipt(&p, 1, said, other, &members);
    tf_buf_char(&members, ',');
    forge_receipt(&p, 1, said + 7, other, &members); /* of nothing */
    tf_buf_text(&members, ",7,null,{}]");
    forge_post(&p, 1, members.data, &post);
    struct line_taken taken = side_take(north, &post);
    assert_int_equal(taken.receipts, 0);
    assert_int_equal(taken.refused, 5);
    assert_int_equal(side_evidence(north, p.line, "receipt"), 1);
    assert_int_equal(side_alarms(north, p.line, "contradiction", said, NULL), 1);
    tf_buf_release(&post);
    tf_buf_clear(&members);
    tf_buf_text(&members, ",\"receipts\":[");
    forge_receipt(&p, 1, said, m.hash, &members);
    tf_buf_text(&members, "]");
    forge_post(&p, 1, members.data, &post);
    assert_int_equal(side_take(north, &post).receipts, 1);
    assert_int_equal(side_info(north, p.line).own_receipted, said);
    tf_buf_release(&post);
    tf_buf_release(&members);
    side_check(north, p.line);
}

/* A beat is good if it is signed, fresh and later than the last. */
static void test_beats(void **state)
{
    (void)state;
    static const struct {
        int64_t at_s;
        bool is_good;
    } beats[] = {{10, true},   {10, false}, {9, false},   {-299, false},
                 {301, false}, {300, true}, {299, false}, {-301, false}};
    struct tf_buf members = TF_BUF_INIT(LINE_POST_MAX), post;
    pair_pass_time(&p, 100 * SECOND_US);
    for (size_t i = 0; i < sizeof beats / sizeof *beats; i++) {
        tf_buf_clear(&members);
        tf_buf_text(&members, ",\"beat\":");
        forge_beat(&p, 1, north->c.now_us + beats[i].at_s * SECOND_US, 1, seq, &members);
        forge_post(&p, 1, members.data, &post);
        bool is_good = side_take(north, &post).may_answer;
        if (is_good != beats[i].is_good)
            fail_msg("beat %zu at %d s", i, (int)beats[i].at_s);
        tf_buf_release(&post);
    }
    tf_buf_release(&members);
}

static void test_posts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tf_status rc;
    } bad[] = {
        {"", TF_SYNTAX},
        {"{", TF_SYNTAX},
        {"[]", TF_SYNTAX},
        {"{}", TF_SYNTAX},
        {"{\"format\":\"tafadi-post/v2\"}", TF_SYNTAX},
        {"{\"format\":\"tafadi-post/v1\",\"line\":\"00000000000000000000000000000000\","
         "\"from\":\"south.example\",\"to\":\"west.example\"}",
         TF_NOT_FOUND},
        {"{\"format\":\"tafadi-post/v1\",\"line\":\"00000000000000000000000000000000\","
         "\"from\":\"west.example\",\"to\":\"north.example\"}",
         TF_NOT_FOUND},
        {"{\"format\":\"tafadi-post/v1\",\"line\":\"00000000000000000000000000000000\","
         "\"from\":\"south.example\",\"to\":\"north.example\"}",
         TF_NOT_FOUND},
    };
    struct line_taken taken;
    struct tf_fault fault;
    assert_int_equal(sql_begin(north->sql), TF_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(line_take(&north->c, bad[i].text, strlen(bad[i].text), &taken, &fault),
                         bad[i].rc);
    char deep[4000];
    memset(deep, '[', sizeof deep);
    assert_int_equal(line_take(&north->c, deep, sizeof deep, &taken, &fault), TF_SYNTAX);
    char *large = calloc(1, LINE_POST_MAX + 1);
    assert_int_equal(line_take(&north->c, large, LINE_POST_MAX + 1, &taken, &fault), TF_TOO_LARGE);
    free(large);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    /* Members of the wrong kind are nothing. */
    struct tf_buf post;
    forge_post(&p, 1,
               ",\"envelopes\":7,\"receipts\":{},\"returned\":\"x\",\"beat\":[],"
               "\"checkpoint\":3,\"proof\":{},\"seen\":\"x\",\"cosignature\":null",
               &post);
    taken = side_take(north, &post);
    assert_true(!taken.may_answer && taken.applied == 0);
    tf_buf_release(&post);
    side_check(north, p.line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_forged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fork, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_chain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clearing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_early, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_void, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_amends_of_a_danger, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_readback, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_aside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_malformed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_receipts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_beats, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_posts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
