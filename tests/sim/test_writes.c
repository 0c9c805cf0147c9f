/*
 * test_writes.c - one conversation between two parties, again and again: each time another write
 * of one of them fails, and the node crashes at it, or its disk is full for that moment. It must
 * end as if nothing had been.
 *
 * TAFADI_SIM_EVERY: 1: every write (the long mode); by default every 11th, from a place that the
 * seed says.
 */
#include "sim.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct profile by_hand = {.name = "every write", .nodes = 2};

/* Until the other has it. */
static void deliver(struct world *w, unsigned from)
{
    struct line_info a, b;
    for (int i = 0; i < 20; i++) {
        world_run(w, 4 * SECOND_US);
        struct line_context c = node_context(w->nodes[from]);
        struct line_context d = node_context(w->nodes[1 - from]);
        if (line_find(&c, w->nodes[1 - from]->card.id, &a) == TF_OK &&
            line_find(&d, a.id, &b) == TF_OK && a.own_seq == b.peer_seq)
            return;
    }
    world_fail(w, "what %s said does not arrive", w->nodes[from]->card.id);
}

/* Says it until it is said: the operator was told that it was not. */
static void say(struct world *w, unsigned who, const char *type, json_t *body)
{
    struct line_context c = node_context(w->nodes[who]);
    struct line_info info;
    assert_int_equal(line_find(&c, w->nodes[1 - who]->card.id, &info), TF_OK);
    enum tf_status rc = act_say(w->nodes[who], info.id, type, json_incref(body), NULL);
    if (rc == TF_LIMIT)
        rc = act_say(w->nodes[who], info.id, type, json_incref(body), NULL);
    if (rc)
        world_fail(w, "%s cannot say %s: %s", w->nodes[who]->card.id, type, tf_status_text(rc));
    json_decref(body);
    deliver(w, who);
    for (unsigned i = 0; i < 2; i++)
        check_node(w->nodes[i]);
}

static json_t *reason(void)
{
    return json_pack("{s:s}", "reason", "by order");
}

static json_t *words(void)
{
    return json_pack("{s:s,s:s}", "text", "word", "lang", "en");
}

static void agree(struct world *w)
{
    struct tf_buf document = TF_BUF_INIT(MEMO_MAX);
    struct line_context c = node_context(w->nodes[0]);
    struct line_info info;
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1];
    assert_int_equal(line_find(&c, w->nodes[1]->card.id, &info), TF_OK);
    assert_int_equal(
        memo_template(info.id, 1, NULL, w->now_us - HOUR_US, w->now_us + HOUR_US, &document),
        TF_OK);
    memo_hash(document.data, document.len, hash);
    key_hex(hash, sizeof hash, hex);
    say(w, 0, "memo.propose", json_pack("{s:s#}", "document", document.data, (int)document.len));
    say(w, 1, "memo.accept", json_pack("{s:s}", "document", hex));
    tf_buf_release(&document);
}

static void open_both(struct world *w)
{
    act_open_all(w);
    act_open_all(w); /* the one that failed; the other is open already */
    deliver(w, 0);
    deliver(w, 1);
}

static void converse(struct world *w)
{
    open_both(w);
    say(w, 0, "text", words());
    say(w, 1, "question", words());
    say(w, 0, "ack.seen", json_pack("{s:i}", "of", 2));
    say(w, 0, "ack.answered", json_pack("{s:i,s:s}", "of", 2, "assessment", "noted"));
    agree(w);
    say(w, 1, "line.suspend", reason());
    say(w, 0, "danger", words());
    say(w, 1, "line.resume", reason());
    w->is_cut[0][1] = w->is_cut[1][0] = true;
    world_run(w, 2 * MINUTE_US); /* silence, and alarms */
    w->is_cut[0][1] = w->is_cut[1][0] = false;
    world_run(w, MINUTE_US);
    say(w, 1, "line.close", reason());
    open_both(w);
    say(w, 0, "text", words());
    w->nodes[0]->writes_left = w->nodes[1]->writes_left = 0;
    world_run(w, 2 * MINUTE_US);
    check_end(w);
}

/* False: the conversation has fewer writes. */
static bool fail_at(unsigned who, int write)
{
    struct world *w = world_new(random_seed(1), &by_hand);
    w->is_calm = true;
    w->step = (unsigned)write;
    w->nodes[who]->writes_left = write;
    w->nodes[who]->fault_is_crash = write % 4 != 0;
    converse(w);
    bool happened = w->nodes[who]->faults > 0;
    world_free(w);
    return happened;
}

static void run(unsigned who)
{
    const char *text = getenv("TAFADI_SIM_EVERY");
    int every = text ? (int)strtol(text, NULL, 10) : 11, count = 0;
    assert_true(every > 0);
    for (int write = 1 + (int)(random_seed(1) % (uint64_t)every); fail_at(who, write);
         write += every)
        count++;
    assert_true(count > 10);
    print_message("%d writes failed\n", count);
}

static void test_first(void **state)
{
    (void)state;
    run(0);
}

static void test_second(void **state)
{
    (void)state;
    run(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first),
        cmocka_unit_test(test_second),
    };
    return cmocka_run_group_tests_name("sim: every write", tests, NULL, NULL);
}
