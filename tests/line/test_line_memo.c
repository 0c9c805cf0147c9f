/*
 * test_line_memo.c - memoranda proposed, countered, accepted, declined, crossing; in force and
 * not; their rules on a line. Random games of both sides: never two documents of one number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"
#include "two_parties.h"

#include <stdio.h>
#include <stdlib.h>

static struct pair p;
static struct side *north = &p.side[0], *south = &p.side[1];

static int set_up(void **state)
{
    (void)state;
    pair_open(&p, NULL);
    pair_open_line(&p);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pair_close(&p);
    return 0;
}

enum { DOCUMENT_MAX = MEMO_MAX };
struct document {
    char text[DOCUMENT_MAX], hex[2 * KEY_HASH_SIZE + 1];
    uint8_t hash[KEY_HASH_SIZE];
};

/* Differs by `mark` alone; `extra` are more members. */
static void make(struct document *out, int64_t number, const uint8_t *replaces, int64_t from_us,
                 int64_t until_us, const char *extra, int mark)
{
    char from[TF_TIME_TEXT_SIZE], until[TF_TIME_TEXT_SIZE], before[2 * KEY_HASH_SIZE + 3] = "null";
    tf_time_format(from_us * 1000, from);
    tf_time_format(until_us * 1000, until);
    if (replaces) {
        before[0] = before[2 * KEY_HASH_SIZE + 1] = '"';
        before[2 * KEY_HASH_SIZE + 2] = '\0';
        key_hex(replaces, KEY_HASH_SIZE, out->hex);
        memcpy(before + 1, out->hex, 2 * KEY_HASH_SIZE);
    }
    snprintf(out->text, sizeof out->text,
             "{\"format\":\"tafadi-memorandum/v1\",\"line\":\"%s\",\"number\":%d,\"replaces\":%s,"
             "\"valid_from\":\"%s\",\"valid_until\":\"%s\"%s,\"notes\":\"%d\"}",
             p.line, (int)number, before, from, until, extra, mark);
    memo_hash(out->text, strlen(out->text), out->hash);
    key_hex(out->hash, KEY_HASH_SIZE, out->hex);
}

static enum tf_status say(struct side *side, const char *type, json_t *body)
{
    int64_t seq;
    struct tf_fault fault = {.message = ""};
    const struct line_draft draft = {.type = type, .role = "head-of-cell", .body = body};
    assert_non_null(body);
    assert_int_equal(sql_begin(side->sql), TF_OK);
    enum tf_status rc = line_say(&side->c, p.line, &draft, &seq, &fault);
    if (rc) {
        sql_rollback(side->sql);
        ledger_forget(side->ledger);
    } else {
        assert_int_equal(sql_commit(side->sql), TF_OK);
    }
    json_decref(body);
    return rc;
}

static enum tf_status propose(struct side *side, const struct document *d, const char *counters)
{
    return say(side, "memo.propose",
               counters ? json_pack("{s:s,s:s}", "document", d->text, "counters", counters)
                        : json_pack("{s:s}", "document", d->text));
}

static enum tf_status accept(struct side *side, const struct document *d)
{
    return say(side, "memo.accept", json_pack("{s:s}", "document", d->hex));
}

static enum tf_status decline(struct side *side, const struct document *d)
{
    return say(side, "memo.decline", json_pack("{s:s,s:s}", "document", d->hex, "reason", "no"));
}

#define YEAR_US (365 * 86400 * SECOND_US)

static void first(struct document *out, const char *extra, int mark)
{
    make(out, 1, NULL, T0_US - 60 * SECOND_US, T0_US + YEAR_US, extra, mark);
}

static void test_agreeing(void **state)
{
    (void)state;
    struct document d, next;
    struct memorandum rules;
    first(&d, ",\"heartbeat_s\":12", 1);
    assert_int_equal(propose(north, &d, NULL), TF_OK);
    assert_int_equal(accept(north, &d), TF_NOT_FOUND); /* not one's own */
    pair_exchange(&p, 0);
    assert_int_equal(accept(south, &d), TF_OK);
    assert_int_equal(accept(south, &d), TF_RANGE);
    assert_int_equal(side_info(south, p.line).memo_number, 1);
    assert_int_equal(decline(south, &d), TF_EXISTS);
    pair_exchange(&p, 1);
    pair_check(&p);
    assert_int_equal(side_info(north, p.line).memo_number, 1);
    assert_int_equal(line_rules(&north->c, p.line, &rules), TF_OK);
    assert_int_equal(rules.heartbeat_s, 12);
    memo_release(&rules);
    /* The next one names it. */
    make(&next, 2, NULL, T0_US, T0_US + YEAR_US, "", 2);
    assert_int_not_equal(propose(north, &next, NULL), TF_OK);
    uint8_t wrong[KEY_HASH_SIZE] = {1};
    make(&next, 2, wrong, T0_US, T0_US + YEAR_US, "", 2);
    assert_int_equal(propose(north, &next, NULL), TF_RANGE);
    make(&next, 3, d.hash, T0_US, T0_US + YEAR_US, "", 2);
    assert_int_equal(propose(north, &next, NULL), TF_RANGE);
    make(&next, 2, d.hash, T0_US, T0_US + YEAR_US, "", 2);
    assert_int_equal(propose(north, &next, NULL), TF_OK);
    pair_exchange(&p, 0);
    assert_int_equal(accept(south, &next), TF_OK);
    pair_exchange(&p, 1);
    assert_int_equal(side_info(north, p.line).memo_number, 2);
    pair_check(&p);
}

static void test_in_force(void **state)
{
    (void)state;
    struct document d, later;
    first(&d, ",\"heartbeat_s\":12", 1);
    assert_int_equal(propose(north, &d, NULL), TF_OK);
    pair_exchange(&p, 0);
    assert_int_equal(accept(south, &d), TF_OK);
    pair_exchange(&p, 1);
    /* One that begins tomorrow, and lasts a day; then none. */
    make(&later, 2, d.hash, T0_US + 86400 * SECOND_US, T0_US + 2 * 86400 * SECOND_US,
         ",\"heartbeat_s\":30", 2);
    assert_int_equal(propose(south, &later, NULL), TF_OK);
    pair_exchange(&p, 1);
    assert_int_equal(accept(north, &later), TF_OK);
    pair_exchange(&p, 0);
    assert_int_equal(side_info(south, p.line).memo_number, 1);
    side_say(north, p.line, "line.suspend", "{'reason':'x'}");
    assert_int_equal(side_info(north, p.line).memo_number, 0); /* not while suspended */
    side_say(north, p.line, "line.resume", "{'reason':'x'}");
    assert_int_equal(side_info(north, p.line).memo_number, 1);
    pair_exchange(&p, 0);
    int64_t next_us;
    pair_pass_time(&p, 86400 * SECOND_US - 1);
    side_tick(north, p.line, &next_us);
    assert_int_equal(side_info(north, p.line).memo_number, 1);
    assert_int_equal(next_us, north->c.now_us + 1);
    pair_pass_time(&p, 1);
    side_tick(north, p.line, NULL);
    assert_int_equal(side_info(north, p.line).memo_number, 2);
    pair_pass_time(&p, 86400 * SECOND_US);
    side_tick(north, p.line, NULL);
    assert_int_equal(side_info(north, p.line).memo_number, 0); /* what was replaced stays so */
}

static void test_countering(void **state)
{
    (void)state;
    struct document d, other;
    first(&d, "", 1);
    first(&other, "", 2);
    assert_int_equal(propose(north, &d, NULL), TF_OK);
    pair_exchange(&p, 0);
    assert_int_equal(propose(south, &other, d.hex), TF_OK);
    assert_int_equal(accept(south, &d), TF_EXISTS); /* declined */
    pair_exchange(&p, 1);
    assert_int_equal(accept(north, &other), TF_OK);
    pair_exchange(&p, 0);
    assert_int_equal(side_info(south, p.line).memo_number, 1);
    pair_check(&p);
}

/* Who accepts proposes nothing more of that number: a hostile one that does is void; a proposal
 * that was under way is behind. */
static void test_after_accepting(void **state)
{
    (void)state;
    struct document d, under_way, more;
    struct seen_message m;
    uint8_t prev[KEY_HASH_SIZE], hash[KEY_HASH_SIZE];
    int64_t seq;
    first(&d, "", 1);
    first(&under_way, "", 2);
    first(&more, "", 3);
    assert_int_equal(propose(north, &d, NULL), TF_OK);
    pair_exchange(&p, 0);
    assert_int_equal(propose(north, &under_way, NULL), TF_OK);
    assert_int_equal(accept(south, &d), TF_OK);
    assert_int_equal(propose(south, &more, NULL), TF_RANGE);
    pair_exchange(&p, 0);
    pair_check(&p);
    int64_t behind = side_info(south, p.line).peer_seq;
    assert_true(side_message(south, p.line, false, behind, &m));
    assert_string_equal(m.type, "memo.propose");
    assert_false(m.is_void);
    assert_int_equal(side_info(south, p.line).memo_number, 1);
    last_heard(&p, 0, &seq, prev);
    struct tf_buf envelope = TF_BUF_INIT(LINE_POST_MAX);
    json_t *body = json_pack("{s:s}", "document", more.text);
    char *text = json_dumps(body, 0);
    forge_message(&p, 1, NULL, seq + 1, prev, "memo.propose", text, &envelope, hash);
    forge_and_take(&p, 1, &envelope);
    assert_true(side_message(north, p.line, false, seq + 1, &m));
    assert_true(m.is_void);
    free(text);
    json_decref(body);
    tf_buf_release(&envelope);
}

/* Both propose; only the lesser can be accepted while the other's word is out. */
static void test_crossing(void **state)
{
    (void)state;
    struct document a, b, *less, *more;
    first(&a, "", 1);
    first(&b, "", 2);
    assert_int_equal(propose(north, &a, NULL), TF_OK);
    assert_int_equal(propose(south, &b, NULL), TF_OK);
    pair_exchange(&p, 0);
    less = memcmp(a.hash, b.hash, KEY_HASH_SIZE) < 0 ? &a : &b;
    more = less == &a ? &b : &a;
    struct side *has_less = less == &a ? north : south;
    struct side *has_more = has_less == north ? south : north;
    assert_int_equal(accept(has_less, more), TF_UNSUPPORTED);
    assert_int_equal(decline(has_more, less), TF_OK);
    pair_exchange(&p, has_more == north ? 0 : 1);
    assert_int_equal(accept(has_less, more), TF_OK);
    pair_exchange(&p, has_less == north ? 0 : 1);
    pair_check(&p);
    assert_int_equal(side_info(north, p.line).memo_number, 1);
}

/* The same bytes from both: one still accepts. */
static void test_same_bytes(void **state)
{
    (void)state;
    struct document d;
    first(&d, "", 1);
    assert_int_equal(propose(north, &d, NULL), TF_OK);
    assert_int_equal(propose(south, &d, NULL), TF_OK);
    pair_exchange(&p, 0);
    assert_int_equal(side_info(north, p.line).memo_number, 0);
    assert_int_equal(accept(north, &d), TF_OK);
    pair_exchange(&p, 0);
    assert_int_equal(side_info(south, p.line).memo_number, 1);
    pair_check(&p);
}

/* --- games --------------------------------------------------------------------------------------
 */

struct agreed {
    int count[8];
    uint8_t hash[8][KEY_HASH_SIZE];
};

static bool count_agreed(void *ctx, const struct line_memo *memo)
{
    struct agreed *agreed = ctx;
    if (memo->agreed_us && memo->number < 8) {
        assert_true(memo->own_signed > 0 && memo->peer_signed > 0);
        agreed->count[memo->number]++;
        memcpy(agreed->hash[memo->number], memo->hash, KEY_HASH_SIZE);
    }
    return true;
}

static void exchange_some(uint64_t *random)
{
    int from = (int)random_below(random, 2);
    struct tf_buf post;
    side_collect(&p.side[from], p.line, &post);
    if (random_below(random, 3) > 0)
        side_take(&p.side[1 - from], &post);
    tf_buf_release(&post);
    pair_pass_time(&p, SECOND_US);
}

static void play(uint64_t *random, const struct document *documents, size_t count)
{
    for (int step = 0; step < 40; step++) {
        struct side *side = &p.side[random_below(random, 2)];
        const struct document *d = &documents[random_below(random, count)];
        const struct document *e = &documents[random_below(random, count)];
        switch (random_below(random, 5)) {
        case 0:
            (void)!propose(side, d, NULL);
            break;
        case 1:
            (void)!propose(side, d, e->hex);
            break;
        case 2:
            (void)!accept(side, d);
            break;
        case 3:
            (void)!decline(side, d);
            break;
        default:
            exchange_some(random);
        }
    }
}

static void test_games(void **state)
{
    (void)state;
    enum { GAMES = 60, DOCUMENTS = 4 };
    static struct document documents[DOCUMENTS];
    int agreements = 0;
    /* A server makes its tables slowly. */
    const uint64_t games = getenv("TAFADI_TEST_DATABASE") ? GAMES / 6 : GAMES;
    for (uint64_t game = 0; game < games; game++) {
        uint64_t random = 1000 + game;
        struct agreed agreed[2] = {{.count = {0}}, {.count = {0}}};
        pair_open(&p, NULL);
        pair_open_line(&p);
        for (int i = 0; i < DOCUMENTS; i++)
            first(&documents[i], "", (int)game * 10 + i);
        play(&random, documents, DOCUMENTS);
        pair_pass_time(&p, SECOND_US);
        pair_exchange(&p, 0);
        pair_check(&p);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(line_each_memo(&p.side[i].c, p.line, count_agreed, &agreed[i]), TF_OK);
            assert_true(agreed[i].count[1] <= 1);
            assert_int_equal(side_alarms(&p.side[i], p.line, "contradiction", 0, NULL), 0);
        }
        assert_memory_equal(&agreed[0], &agreed[1], sizeof agreed[0]);
        agreements += agreed[0].count[1];
        pair_close(&p);
    }
    assert_true(agreements > (int)games / 4); /* the games are about something */
}

/* --- its rules on the line
 * ------------------------------------------------------------------------ */

static void test_rules(void **state)
{
    (void)state;
    struct document d;
    struct seen_message m;
    first(&d, ",\"heartbeat_s\":12,\"drill_every_s\":600", 1);
    assert_int_equal(propose(north, &d, NULL), TF_OK);
    pair_exchange(&p, 0);
    assert_int_equal(accept(south, &d), TF_OK);
    pair_exchange(&p, 1);
    /* At least three beats in an interval. */
    int beats = 0;
    for (int i = 0; i < 120; i++) {
        if (side_tick(north, p.line, NULL)) {
            struct tf_buf post;
            side_collect(north, p.line, &post);
            side_take(south, &post);
            tf_buf_release(&post);
            beats++;
        }
        pair_pass_time(&p, SECOND_US / 10);
    }
    assert_true(beats >= 3 && beats <= 8);
    /* A drill when it is time, on both sides. */
    pair_run(&p, 620 * SECOND_US, SECOND_US);
    struct line_info info = side_info(north, p.line);
    assert_true(side_message(north, p.line, true, info.own_seq, &m));
    assert_string_equal(m.type, "drill");
    assert_true(side_message(south, p.line, false, info.own_seq, &m));
    assert_true(info.checked_us > T0_US);
    pair_pass_time(&p, 12 * SECOND_US);
    side_tick(north, p.line, NULL);
    assert_int_equal(side_info(north, p.line).state, LINE_DEGRADED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_agreeing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_in_force, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_countering, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_after_accepting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_crossing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_bytes, set_up, tear_down),
        cmocka_unit_test(test_games),
        cmocka_unit_test_setup_teardown(test_rules, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
