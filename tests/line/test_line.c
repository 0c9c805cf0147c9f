/*
 * test_line.c - lines between two parties: opening, saying, receipts, acknowledgements, states.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "two_parties.h"

#include <stdio.h>
#include <stdlib.h>

#define NOTICE                                                                                     \
    "{'volume':{'volume':{'outline_circle':{'center':{'lat':31.5,'lng':34.5},"                     \
    "'radius':{'value':500,'units':'M'}},"                                                         \
    "'altitude_lower':{'value':0,'reference':'W84','units':'M'},"                                  \
    "'altitude_upper':{'value':300,'reference':'W84','units':'M'}},"                               \
    "'time_start':{'value':'2026-11-26T02:00:00Z','format':'RFC3339'},"                            \
    "'time_end':{'value':'2026-11-26T03:00:00Z','format':'RFC3339'}},'kind':'other'"
#define READBACK                                                                                   \
    "'readback':{'lat_deg':31.5,'lng_deg':34.5,"                                                   \
    "'start':'2026-11-26T02:00:00Z','end':'2026-11-26T03:00:00Z'}"
#define TEXT "{'text':'hello','lang':'en'}"

static struct pair p;
static struct side *north = &p.side[0], *south = &p.side[1];

static int set_up(void **state)
{
    (void)state;
    pair_open(&p, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pair_close(&p);
    return 0;
}

static void test_opening(void **state)
{
    (void)state;
    char id[LINE_ID_SIZE];
    struct tf_fault fault;
    assert_int_equal(line_find(&north->c, p.line, &(struct line_info){.round = 0}), TF_NOT_FOUND);
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(line_open(&north->c, "west.example", "head-of-cell", id, &fault),
                     TF_NOT_FOUND);
    assert_int_equal(line_open(&north->c, "south.example", "head-of-cell", id, &fault), TF_OK);
    assert_string_equal(id, p.line);
    assert_int_equal(line_open(&north->c, "south.example", "head-of-cell", id, &fault), TF_EXISTS);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    assert_int_equal(side_info(north, p.line).state, LINE_PROPOSED);
    /* Ordinary messages wait for the other's word. */
    assert_int_equal(side_try(north, p.line, "text", TEXT, NULL, &fault), TF_UNSUPPORTED);
    pair_exchange(&p, 0);
    assert_int_equal(side_info(south, p.line).state, LINE_PROPOSED);
    assert_int_equal(side_info(south, p.line).other, STANCE_OPEN);
    assert_int_equal(sql_begin(south->sql), TF_OK);
    assert_int_equal(line_open(&south->c, "north.example", "head-of-cell", id, &fault), TF_OK);
    assert_int_equal(sql_commit(south->sql), TF_OK);
    assert_int_equal(side_info(south, p.line).state, LINE_OPEN);
    pair_exchange(&p, 1);
    assert_int_equal(side_info(north, p.line).state, LINE_OPEN);
    /* By its beginning and by the other's name, too. */
    struct line_info info;
    p.line[6] = '\0';
    assert_int_equal(line_find(&north->c, p.line, &info), TF_OK);
    assert_int_equal(line_find(&north->c, "south.example", &info), TF_OK);
    memcpy(p.line, info.id, sizeof p.line);
    pair_check(&p);
}

static void test_one_message(void **state)
{
    (void)state;
    struct seen_message m;
    pair_open_line(&p);
    int64_t seq = side_say(north, p.line, "text", TEXT);
    assert_int_equal(seq, 2);
    assert_true(side_message(north, p.line, true, 2, &m));
    assert_false(m.has_receipt);
    assert_int_equal(m.deliver_by_us, T0_US + 60 * SECOND_US);
    assert_int_equal(m.seen_by_us, T0_US + 300 * SECOND_US);
    assert_int_equal(m.answer_by_us, 0);
    pair_pass_time(&p, SECOND_US);
    pair_exchange(&p, 0);
    assert_true(side_message(north, p.line, true, 2, &m));
    assert_true(m.has_receipt);
    assert_int_equal(m.receipt_us, T0_US + SECOND_US);
    assert_true(side_message(south, p.line, false, 2, &m));
    assert_non_null(strstr(m.payload, "hello"));
    assert_int_equal(side_info(south, p.line).waiting, 1);
    side_say(south, p.line, "ack.seen", "{'of':2}");
    assert_int_equal(side_info(south, p.line).waiting, 0);
    pair_exchange(&p, 1);
    assert_true(side_message(north, p.line, true, 2, &m));
    assert_int_equal(m.seen_us, T0_US + SECOND_US);
    assert_string_equal(m.seen_role, "duty-officer");
    pair_check(&p);
}

static void test_twice_and_in_any_order(void **state)
{
    (void)state;
    struct tf_buf posts[3];
    pair_open_line(&p);
    for (int i = 0; i < 3; i++) {
        pair_pass_time(&p, SECOND_US);
        side_say(north, p.line, "text", TEXT);
        side_collect(north, p.line, &posts[i]);
    }
    struct line_taken taken = side_take(south, &posts[2]);
    assert_int_equal(taken.applied, 3);
    assert_true(taken.may_answer);
    taken = side_take(south, &posts[0]);
    assert_int_equal(taken.applied, 0);
    assert_true(taken.duplicates >= 1); /* the text, and a receipt */
    assert_false(taken.may_answer);     /* an old beat gets no answer */
    taken = side_take(south, &posts[2]);
    assert_true(taken.duplicates >= 3);
    assert_false(taken.may_answer);
    for (int i = 0; i < 3; i++)
        tf_buf_release(&posts[i]);
    pair_exchange(&p, 1);
    assert_int_equal(side_info(north, p.line).own_receipted, 4);
    pair_check(&p);
}

static void test_many(void **state)
{
    (void)state;
    enum { COUNT = 700 }; /* more than a post takes */
    pair_open_line(&p);
    for (int i = 0; i < COUNT; i++)
        side_say(north, p.line, "text", TEXT);
    pair_exchange(&p, 0);
    assert_int_equal(side_info(south, p.line).peer_seq, COUNT + 1);
    assert_int_equal(side_info(south, p.line).waiting, COUNT);
    pair_check(&p);
}

static void test_acknowledging(void **state)
{
    (void)state;
    struct seen_message m;
    struct tf_fault fault;
    pair_open_line(&p);
    assert_int_equal(side_say(north, p.line, "notice", NOTICE "}"), 2);
    pair_exchange(&p, 0);
    assert_int_equal(side_try(south, p.line, "ack.seen", "{'of':9}", NULL, &fault), TF_NOT_FOUND);
    assert_string_equal(fault.field, "body.of");
    /* Read back, and rightly. */
    assert_int_equal(side_try(south, p.line, "ack.seen", "{'of':2}", NULL, &fault), TF_MISSING);
    assert_int_equal(side_try(south, p.line, "ack.seen",
                              "{'of':2,'readback':{'lat_deg':31.5,'lng_deg':34.6,"
                              "'start':'2026-11-26T02:00:00Z','end':'2026-11-26T03:00:00Z'}}",
                              NULL, &fault),
                     TF_RANGE);
    side_say(south, p.line, "ack.seen", "{'of':2," READBACK "}");
    side_say(south, p.line, "ack.forwarded", "{'of':2,'to':['tower']}");
    assert_int_equal(side_info(south, p.line).waiting, 1);
    side_say(south, p.line, "ack.answered",
             "{'of':2,'assessment':'objection','reason':'we fly there'}");
    assert_int_equal(side_info(south, p.line).waiting, 0);
    pair_exchange(&p, 1);
    assert_true(side_message(north, p.line, true, 2, &m));
    assert_true(m.seen_us && m.forwarded_us && m.answered_us);
    assert_string_equal(m.assessment, "objection");
    /* An amendment is open again, and ends what it amends. */
    assert_int_equal(side_say(north, p.line, "notice", NOTICE ",'amends':2}"), 3);
    assert_int_equal(side_try(north, p.line, "notice", NOTICE ",'amends':2}", NULL, &fault),
                     TF_EXISTS);
    assert_int_equal(
        side_try(north, p.line, "text", "{'text':'x','lang':'en','amends':3}", NULL, &fault),
        TF_NOT_FOUND);
    pair_exchange(&p, 0);
    assert_true(side_message(south, p.line, false, 2, &m));
    assert_int_equal(m.superseded_by, 3);
    assert_true(side_message(south, p.line, false, 3, &m));
    assert_true(m.seen_us == 0 && m.answered_us == 0);
    assert_int_equal(side_info(south, p.line).waiting, 1);
    side_say(north, p.line, "withdraw", "{'of':3,'reason':'rain'}");
    pair_exchange(&p, 0);
    assert_int_equal(side_info(south, p.line).waiting, 1); /* the withdrawal itself */
    pair_check(&p);
}

static void test_deadlines_and_ladder(void **state)
{
    (void)state;
    char role[MESSAGE_ROLE_SIZE];
    struct seen_message m;
    pair_open_line(&p);
    int64_t seq = side_say(north, p.line, "question", "{'text':'clear?','lang':'en'}");
    pair_exchange(&p, 0);
    pair_run(&p, 299 * SECOND_US, 5 * SECOND_US);
    assert_int_equal(side_alarms(north, p.line, NULL, 0, NULL), 0);
    pair_run(&p, 10 * SECOND_US, 5 * SECOND_US);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(side_alarms(&p.side[i], p.line, "seen", seq, role), 1);
        assert_string_equal(role, "duty-officer");
    }
    pair_run(&p, 300 * SECOND_US, 5 * SECOND_US);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(side_alarms(&p.side[i], p.line, "seen", seq, role), 1);
        assert_string_equal(role, "head-of-cell");
        assert_true(side_message(&p.side[i], p.line, i == 0, seq, &m));
        assert_int_equal(m.rung, 1);
    }
    side_say(south, p.line, "ack.seen", "{'of':2}");
    pair_exchange(&p, 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(side_alarms(&p.side[i], p.line, NULL, 0, NULL), 0);
    pair_run(&p, 1300 * SECOND_US, 5 * SECOND_US); /* the answer is due at 1800 s */
    for (int i = 0; i < 2; i++)
        assert_int_equal(side_alarms(&p.side[i], p.line, "answer", seq, role), 1);
    pair_check(&p);
}

/* What passes later goes to whoever has the matter by then. */
static void test_ladder_is_climbed_once(void **state)
{
    (void)state;
    char role[MESSAGE_ROLE_SIZE];
    pair_open_line(&p);
    int64_t seq = side_say(north, p.line, "question", "{'text':'clear?','lang':'en'}");
    pair_exchange(&p, 0);
    pair_run(&p, 700 * SECOND_US, 5 * SECOND_US);
    assert_int_equal(side_alarms(north, p.line, "seen", seq, role), 1);
    assert_string_equal(role, "head-of-cell");
    pair_run(&p, 1200 * SECOND_US, 5 * SECOND_US);
    assert_int_equal(side_alarms(north, p.line, "answer", seq, role), 1);
    assert_string_equal(role, "head-of-cell");
    pair_check(&p);
}

static void test_amended_danger(void **state)
{
    (void)state;
    pair_open_line(&p);
    int64_t seq = side_say(north, p.line, "danger", "{'text':'rocket','lang':'en'}");
    pair_exchange(&p, 0);
    assert_int_equal(side_alarms(south, p.line, "danger", seq, NULL), 1);
    int64_t next = side_say(north, p.line, "danger", "{'text':'two','lang':'en','amends':2}");
    pair_exchange(&p, 0);
    assert_int_equal(side_alarms(south, p.line, "danger", seq, NULL), 0);
    assert_int_equal(side_alarms(south, p.line, "danger", next, NULL), 1);
    pair_check(&p);
}

static void test_delivery_alarm(void **state)
{
    (void)state;
    pair_open_line(&p);
    int64_t seq = side_say(north, p.line, "text", TEXT), next_us;
    pair_pass_time(&p, 59 * SECOND_US);
    side_tick(north, p.line, &next_us);
    assert_int_equal(side_alarms(north, p.line, "delivery", seq, NULL), 0);
    assert_true(next_us <= north->c.now_us + SECOND_US);
    pair_pass_time(&p, SECOND_US);
    side_tick(north, p.line, &next_us);
    assert_int_equal(side_alarms(north, p.line, "delivery", seq, NULL), 1);
    pair_exchange(&p, 0);
    assert_int_equal(side_alarms(north, p.line, "delivery", seq, NULL), 0);
    pair_check(&p);
}

static void test_silence(void **state)
{
    (void)state;
    struct tf_buf post;
    pair_open_line(&p);
    pair_run(&p, 200 * SECOND_US, SECOND_US);
    assert_int_equal(side_info(north, p.line).state, LINE_OPEN);
    struct line_info info = side_info(north, p.line);
    int64_t silent_us = info.heard_us + 60 * SECOND_US - north->c.now_us;
    pair_pass_time(&p, silent_us - 1);
    side_tick(north, p.line, NULL);
    assert_int_equal(side_info(north, p.line).state, LINE_OPEN);
    pair_pass_time(&p, 1);
    side_tick(north, p.line, NULL);
    assert_int_equal(side_info(north, p.line).state, LINE_DEGRADED);
    assert_int_equal(side_alarms(north, p.line, "silence", 0, NULL), 1);
    side_say(north, p.line, "text", TEXT); /* passes */
    /* An old beat is none. */
    side_collect(south, p.line, &post);
    pair_pass_time(&p, 301 * SECOND_US);
    side_take(north, &post);
    tf_buf_release(&post);
    assert_int_equal(side_info(north, p.line).state, LINE_DEGRADED);
    pair_exchange(&p, 0);
    assert_int_equal(side_info(north, p.line).state, LINE_OPEN);
    assert_int_equal(side_alarms(north, p.line, "silence", 0, NULL), 0);
    pair_check(&p);
}

static void test_suspending(void **state)
{
    (void)state;
    struct tf_fault fault;
    struct seen_message m;
    pair_open_line(&p);
    /* They cross. */
    side_say(north, p.line, "line.suspend", "{'reason':'a flight without a word'}");
    int64_t late = side_say(south, p.line, "text", TEXT);
    assert_int_equal(side_info(north, p.line).state, LINE_SUSPENDED);
    assert_string_equal(side_info(north, p.line).reason, "a flight without a word");
    pair_exchange(&p, 0);
    pair_check(&p);
    assert_int_equal(side_info(south, p.line).state, LINE_SUSPENDED);
    assert_true(side_message(north, p.line, false, late, &m));
    assert_true(m.is_late && !m.is_void);
    for (int i = 0; i < 2; i++)
        assert_int_equal(side_try(&p.side[i], p.line, "text", TEXT, NULL, &fault), TF_UNSUPPORTED);
    assert_int_equal(side_try(south, p.line, "line.resume", "{'reason':'x'}", NULL, &fault),
                     TF_UNSUPPORTED); /* who suspended resumes */
    int64_t danger = side_say(south, p.line, "danger", "{'text':'rocket','lang':'en'}");
    pair_exchange(&p, 1);
    assert_int_equal(side_alarms(north, p.line, "danger", danger, NULL), 1);
    char body[64];
    snprintf(body, sizeof body, "{'of':%d,'assessment':'noted'}", (int)danger);
    side_say(north, p.line, "ack.answered", body);
    assert_int_equal(side_alarms(north, p.line, "danger", danger, NULL), 0);
    side_say(south, p.line, "line.suspend", "{'reason':'so do we'}");
    side_say(north, p.line, "line.resume", "{'reason':'explained'}");
    pair_exchange(&p, 0);
    pair_check(&p);
    assert_int_equal(side_info(south, p.line).state, LINE_SUSPENDED);
    side_say(south, p.line, "line.resume", "{'reason':'good'}");
    pair_exchange(&p, 1);
    assert_int_equal(side_info(north, p.line).state, LINE_OPEN);
    pair_check(&p);
}

static bool count_changes(void *ctx, const struct line_change *change)
{
    int *count = ctx;
    assert_true(change->before != change->after || change->is_own || change->seq > 0);
    ++*count;
    return true;
}

static bool clear(void *ctx, const struct line_alarm *alarm)
{
    struct side *side = ctx;
    struct tf_fault fault;
    assert_int_equal(line_clear_alarm(&side->c, alarm->id, &fault), TF_OK);
    return true;
}

static void test_closing(void **state)
{
    (void)state;
    struct tf_fault fault;
    struct line_info info;
    int changes = 0;
    pair_open_line(&p);
    int64_t question = side_say(north, p.line, "question", "{'text':'clear?','lang':'en'}");
    pair_exchange(&p, 0);
    side_say(south, p.line, "text", TEXT);
    side_say(north, p.line, "line.close", "{'reason':'the end'}");
    int64_t danger = side_say(south, p.line, "danger", "{'text':'rocket','lang':'en'}");
    pair_exchange(&p, 0);
    pair_check(&p);
    info = side_info(south, p.line);
    assert_int_equal(info.state, LINE_CLOSED);
    assert_int_equal(info.other, STANCE_CLOSED);
    assert_int_equal(side_alarms(south, p.line, "closed", 0, NULL), 1);
    assert_int_equal(side_alarms(north, p.line, "danger", danger, NULL), 1);
    assert_int_equal(side_info(north, p.line).waiting, 0);
    assert_int_equal(side_try(south, p.line, "danger", "{'text':'x','lang':'en'}", NULL, &fault),
                     TF_UNSUPPORTED);
    assert_int_equal(side_try(north, p.line, "line.open", "{'round':1}", NULL, &fault),
                     TF_UNSUPPORTED);
    pair_pass_time(&p, 1000 * SECOND_US);
    assert_false(side_tick(north, p.line, NULL)); /* no beats, no silence */
    assert_int_equal(side_info(north, p.line).state, LINE_CLOSED);
    assert_int_equal(line_each_change(&north->c, p.line, 0, 100, count_changes, &changes), TF_OK);
    assert_int_equal(changes, 3);
    /* What was open stays alarmed, until a person has looked at it. */
    side_tick(south, p.line, NULL);
    assert_int_equal(side_alarms(south, p.line, "seen", question, NULL), 2); /* its own text, too */
    assert_int_equal(side_info(south, p.line).waiting, 1);
    assert_int_equal(sql_begin(south->sql), TF_OK);
    assert_int_equal(line_each_alarm(&south->c, p.line, false, clear, south), TF_OK);
    assert_int_equal(sql_commit(south->sql), TF_OK);
    pair_pass_time(&p, 10000 * SECOND_US);
    side_tick(south, p.line, NULL);
    assert_int_equal(side_alarms(south, p.line, "seen", question, NULL), 0);
    assert_int_equal(side_alarms(south, p.line, "answer", question, NULL), 1);
    /* The next round. */
    char before[LINE_ID_SIZE];
    memcpy(before, p.line, sizeof before);
    pair_open_line(&p);
    assert_string_not_equal(before, p.line);
    assert_int_equal(side_info(north, p.line).round, 2);
    assert_int_equal(side_info(north, p.line).state, LINE_OPEN);
    pair_check(&p);
}

static void test_states(void **state)
{
    (void)state;
    static const enum line_state table[4][4] = {
        {LINE_PROPOSED, LINE_PROPOSED, LINE_SUSPENDED, LINE_CLOSED},
        {LINE_PROPOSED, LINE_OPEN, LINE_SUSPENDED, LINE_CLOSED},
        {LINE_SUSPENDED, LINE_SUSPENDED, LINE_SUSPENDED, LINE_CLOSED},
        {LINE_CLOSED, LINE_CLOSED, LINE_CLOSED, LINE_CLOSED}};
    for (enum line_stance a = STANCE_NONE; a <= STANCE_CLOSED; a++)
        for (enum line_stance b = STANCE_NONE; b <= STANCE_CLOSED; b++) {
            assert_int_equal(line_state_of(a, b, false), table[a][b]);
            assert_int_equal(line_state_of(a, b, true),
                             table[a][b] == LINE_OPEN ? LINE_DEGRADED : table[a][b]);
        }
    for (enum line_state s = LINE_PROPOSED; s < LINE_STATE_COUNT; s++)
        assert_true(strlen(line_state_name(s)) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test_setup_teardown(test_opening, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_twice_and_in_any_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_acknowledging, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_deadlines_and_ladder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ladder_is_climbed_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_amended_danger, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_delivery_alarm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_silence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_suspending, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_closing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
