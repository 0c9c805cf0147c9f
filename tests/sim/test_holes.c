/*
 * test_holes.c - holes that the protocol had on paper, each as a small scene: what is written in
 * docs/line.md against them holds.
 */
#include "sim.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct profile quiet = {.name = "by hand", .nodes = 2};
enum { A, B };

/* Two parties with an open line, each having all of the other's. */
static struct world *open_line(void)
{
    struct world *w = world_new(random_seed(1), &quiet);
    w->is_calm = true;
    w->nodes[A]->skew_us = w->nodes[B]->skew_us = 0;
    act_open_all(w);
    for (int i = 0; i < 3; i++) {
        network_pass(w, A, B);
        network_pass(w, B, A);
    }
    return w;
}

static struct line_info look(struct world *w, unsigned node)
{
    struct line_context c = node_context(w->nodes[node]);
    struct line_info info;
    assert_int_equal(line_find(&c, w->nodes[1 - node]->card.id, &info), TF_OK);
    return info;
}

static enum tf_status say(struct world *w, unsigned node, const char *type, json_t *body)
{
    return act_say(w->nodes[node], look(w, node).id, type, body, NULL);
}

static enum tf_status act(struct world *w, unsigned node, const char *type)
{
    return say(w, node, type, json_pack("{s:s}", "reason", "so"));
}

static enum tf_status text(struct world *w, unsigned node)
{
    return say(w, node, "text", json_pack("{s:s,s:s}", "text", "word", "lang", "en"));
}

static void settle(struct world *w)
{
    for (int i = 0; i < 4; i++) {
        network_pass(w, A, B);
        network_pass(w, B, A);
    }
    check_node(w->nodes[A]);
    check_node(w->nodes[B]);
}

/* The same, with what the sides must agree on. */
static void end(struct world *w)
{
    world_run(w, 3 * MINUTE_US);
    check_end(w);
    world_free(w);
}

/* --- memoranda ------------------------------------------------------------------------------ */

struct document {
    struct tf_buf bytes;
    uint8_t hash[KEY_HASH_SIZE];
};

/* `count` documents for the first number, the least hash first. */
static void documents(struct world *w, struct document *out, size_t count)
{
    int64_t from_us = w->now_us - HOUR_US;
    for (size_t i = 0; i < count; i++) {
        out[i].bytes = (struct tf_buf)TF_BUF_INIT(MEMO_MAX);
        assert_int_equal(memo_template(look(w, A).id, 1, NULL, from_us,
                                       from_us + (int64_t)(48 + i) * HOUR_US, &out[i].bytes),
                         TF_OK);
        memo_hash(out[i].bytes.data, out[i].bytes.len, out[i].hash);
        for (size_t k = i; k > 0 && memcmp(out[k].hash, out[k - 1].hash, KEY_HASH_SIZE) < 0; k--) {
            struct document other = out[k];
            out[k] = out[k - 1];
            out[k - 1] = other;
        }
    }
}

static enum tf_status propose(struct world *w, unsigned node, const struct document *document)
{
    return say(w, node, "memo.propose",
               json_pack("{s:s#}", "document", document->bytes.data, (int)document->bytes.len));
}

static enum tf_status about(struct world *w, unsigned node, const char *type,
                            const struct document *document)
{
    char hex[2 * KEY_HASH_SIZE + 1];
    key_hex(document->hash, KEY_HASH_SIZE, hex);
    return say(w, node, type, json_pack("{s:s,s:s}", "document", hex, "reason", "so"));
}

static void release(struct document *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tf_buf_release(&all[i].bytes);
}

static void test_one_acceptance(void **state)
{
    (void)state;
    struct world *w = open_line();
    struct document d[3];
    documents(w, d, 3);
    assert_int_equal(propose(w, B, &d[0]), TF_OK);
    assert_int_equal(propose(w, B, &d[1]), TF_OK);
    settle(w);
    assert_int_equal(about(w, A, "memo.accept", &d[1]), TF_OK);
    assert_int_not_equal(about(w, A, "memo.accept", &d[0]), TF_OK);
    assert_int_not_equal(about(w, A, "memo.decline", &d[1]), TF_OK);
    /* Nor may it propose another one after it: the other could accept that, not knowing. */
    assert_int_not_equal(propose(w, A, &d[2]), TF_OK);
    settle(w);
    assert_int_equal(look(w, B).memo_number, 1);
    release(d, 3);
    end(w);
}

static void test_declined(void **state)
{
    (void)state;
    struct world *w = open_line();
    struct document d[1];
    documents(w, d, 1);
    assert_int_equal(propose(w, B, d), TF_OK);
    settle(w);
    assert_int_equal(about(w, A, "memo.decline", d), TF_OK);
    assert_int_not_equal(about(w, A, "memo.accept", d), TF_OK);
    settle(w);
    assert_int_equal(look(w, B).memo_number, 0);
    release(d, 1);
    end(w);
}

/* Three documents cross: whoever accepts, at most one gets both signatures. */
static void test_three_cross(void **state)
{
    (void)state;
    struct world *w = open_line();
    struct document d[3];
    documents(w, d, 3);
    assert_int_equal(propose(w, A, &d[0]), TF_OK);
    assert_int_equal(propose(w, A, &d[2]), TF_OK);
    assert_int_equal(propose(w, B, &d[1]), TF_OK);
    settle(w);
    assert_int_not_equal(about(w, A, "memo.accept", &d[1]), TF_OK); /* d[0] stands against it */
    assert_int_not_equal(about(w, B, "memo.accept", &d[2]), TF_OK); /* d[1] does */
    assert_int_equal(about(w, B, "memo.accept", &d[0]), TF_OK);
    settle(w);
    assert_int_equal(look(w, A).memo_number, 1);
    release(d, 3);
    end(w);
}

/* Both propose the same bytes, while one accepts another document. */
static void test_same_bytes_cross(void **state)
{
    (void)state;
    struct world *w = open_line();
    struct document d[2];
    documents(w, d, 2);
    assert_int_equal(propose(w, A, &d[1]), TF_OK);
    assert_int_equal(propose(w, B, &d[0]), TF_OK);
    settle(w);
    assert_int_equal(about(w, A, "memo.accept", &d[0]), TF_OK);
    assert_int_equal(propose(w, B, &d[1]), TF_OK); /* A's own bytes: no signature to agree by */
    settle(w);
    assert_int_equal(look(w, A).memo_number, 1);
    release(d, 2);
    end(w);
}

/* Both propose the same bytes, and both accept: one agreement, and nobody is accused. */
static void test_same_bytes_accepted_twice(void **state)
{
    (void)state;
    struct world *w = open_line();
    struct document d[1];
    documents(w, d, 1);
    assert_int_equal(propose(w, A, d), TF_OK);
    assert_int_equal(propose(w, B, d), TF_OK);
    settle(w);
    assert_int_equal(about(w, A, "memo.accept", d), TF_OK);
    assert_int_equal(about(w, B, "memo.accept", d), TF_OK);
    settle(w);
    assert_int_equal(look(w, A).memo_number, 1);
    assert_int_equal(look(w, B).memo_number, 1);
    assert_int_equal(look(w, A).open_alarms, 0);
    assert_int_equal(look(w, B).open_alarms, 0);
    release(d, 1);
    end(w);
}

/* Who accepts is heard by one who lost its proposal in a restore: it is given back first. */
static void test_restored_proposer(void **state)
{
    (void)state;
    struct world *w = open_line();
    struct document d[1];
    documents(w, d, 1);
    node_back_up(w->nodes[B]);
    assert_int_equal(propose(w, B, d), TF_OK);
    network_pass(w, B, A);
    node_restore(w->nodes[B], false);
    assert_int_equal(about(w, A, "memo.accept", d), TF_OK);
    settle(w);
    assert_int_equal(look(w, A).memo_number, 1);
    assert_int_equal(look(w, B).memo_number, 1);
    release(d, 1);
    end(w);
}

/* --- suspended, closed ------------------------------------------------------------------------ */

static void test_suspensions_cross(void **state)
{
    (void)state;
    struct world *w = open_line();
    assert_int_equal(act(w, A, "line.suspend"), TF_OK);
    assert_int_equal(act(w, B, "line.suspend"), TF_OK);
    assert_int_equal(act(w, A, "line.resume"), TF_OK);
    settle(w);
    assert_int_equal(look(w, A).state, LINE_SUSPENDED);
    assert_int_not_equal(act(w, A, "line.resume"), TF_OK); /* who suspended resumes */
    assert_int_not_equal(text(w, A), TF_OK);
    assert_int_equal(say(w, A, "danger", json_pack("{s:s,s:s}", "text", "d", "lang", "en")), TF_OK);
    assert_int_equal(act(w, B, "line.resume"), TF_OK);
    settle(w);
    assert_int_equal(look(w, A).state, LINE_OPEN);
    assert_int_equal(look(w, B).state, LINE_OPEN);
    end(w);
}

static void test_silence_while_suspended(void **state)
{
    (void)state;
    struct world *w = open_line();
    assert_int_equal(act(w, A, "line.suspend"), TF_OK);
    settle(w);
    w->is_cut[A][B] = w->is_cut[B][A] = true;
    world_run(w, 2 * MINUTE_US);
    assert_true(look(w, A).is_degraded);
    assert_int_equal(look(w, A).state, LINE_SUSPENDED);
    w->is_cut[A][B] = w->is_cut[B][A] = false;
    end(w);
}

static void test_close_is_not_acknowledged(void **state)
{
    (void)state;
    struct world *w = open_line();
    assert_int_equal(text(w, B), TF_OK);
    assert_int_equal(act(w, A, "line.close"), TF_OK);
    world_run(w, 20 * MINUTE_US);
    assert_int_equal(look(w, A).state, LINE_CLOSED);
    assert_int_equal(look(w, A).own_receipted, look(w, A).own_seq);
    assert_int_equal(look(w, B).own_receipted, look(w, B).own_seq); /* the text, too */
    act_open_all(w);
    world_run(w, MINUTE_US);
    assert_int_equal(look(w, A).round, 2);
    assert_int_equal(look(w, A).state, LINE_OPEN);
    end(w);
}

/* --- what is not said
 * ------------------------------------------------------------------------------ */

static json_t *beat_of(struct world *w, unsigned node, struct beat *beat)
{
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX), out = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    snprintf(beat->line, sizeof beat->line, "%s", look(w, node).id);
    snprintf(beat->from, sizeof beat->from, "%s", w->nodes[node]->card.id);
    snprintf(beat->to, sizeof beat->to, "%s", w->nodes[1 - node]->card.id);
    assert_int_equal(beat_print(beat, &payload), TF_OK);
    assert_int_equal(
        envelope_make(w->nodes[node]->key, ENVELOPE_BEAT, payload.data, payload.len, &out, hash),
        TF_OK);
    json_t *json = json_loadb(out.data, out.len, 0, NULL);
    tf_buf_release(&payload);
    tf_buf_release(&out);
    return json;
}

/* A post with one member changed. */
static struct line_taken pass_with(struct world *w, unsigned from, const char *key, json_t *value)
{
    struct tf_buf bytes = network_make(w, from, 1 - from);
    struct line_taken taken;
    json_t *post = json_loadb(bytes.data, bytes.len, 0, NULL);
    json_object_set_new(post, key, value);
    char *changed = json_dumps(post, JSON_COMPACT);
    tf_buf_clear(&bytes);
    tf_buf_text(&bytes, changed);
    assert_int_equal(network_take(w, 1 - from, &bytes, &taken), TF_OK);
    free(changed);
    json_decref(post);
    tf_buf_release(&bytes);
    w->now_us += 1000;
    return taken;
}

/* The other claims to have what was never said. */
static void test_false_have(void **state)
{
    (void)state;
    struct world *w = open_line();
    struct line_info info = look(w, B);
    w->nodes[A]->is_enemy = true;
    w->now_us += SECOND_US;
    struct beat beat = {.at_us = w->now_us, .have = info.own_seq + 100, .sent = info.peer_seq};
    pass_with(w, A, "beat", beat_of(w, A, &beat));
    assert_true(look(w, B).open_alarms > 0);
    assert_int_equal(act(w, B, "line.close"), TF_OK);
    assert_int_equal(look(w, B).state, LINE_CLOSED);
    world_free(w);
}

static void test_recorded_post(void **state)
{
    (void)state;
    struct world *w = open_line();
    assert_int_equal(text(w, A), TF_OK);
    struct tf_buf bytes = network_make(w, A, B);
    struct line_taken taken;
    assert_int_equal(network_take(w, B, &bytes, &taken), TF_OK);
    assert_true(taken.may_answer);
    w->now_us += SECOND_US;
    assert_int_equal(network_take(w, B, &bytes, &taken), TF_OK);
    assert_false(taken.may_answer);
    assert_int_equal(taken.applied, 0);
    tf_buf_release(&bytes);
    end(w);
}

/* A proof is not signed: who changes it on the way accuses nobody. */
static void test_changed_proof(void **state)
{
    (void)state;
    struct world *w = open_line();
    settle(w);
    assert_int_equal(text(w, A), TF_OK);
    json_t *proof = json_pack("[s]", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    pass_with(w, A, "proof", proof);
    end(w);
}

/* --- clocks
 * ------------------------------------------------------------------------------------------ */

static void test_clock_set_back_a_little(void **state)
{
    (void)state;
    struct world *w = open_line();
    world_run(w, 2 * MINUTE_US);
    w->nodes[A]->skew_us = -100 * SECOND_US;
    for (int i = 0; i < 60; i++) {
        world_run(w, 3 * SECOND_US);
        assert_false(look(w, B).is_degraded);
    }
    end(w);
}

static void test_clock_set_back_does_not_hide_death(void **state)
{
    (void)state;
    struct world *w = open_line();
    world_run(w, 2 * MINUTE_US);
    w->is_cut[A][B] = w->is_cut[B][A] = true;
    w->nodes[B]->skew_us = -2 * HOUR_US;
    world_run(w, 2 * MINUTE_US);
    assert_true(look(w, B).is_degraded);
    w->is_cut[A][B] = w->is_cut[B][A] = false;
    w->nodes[B]->skew_us = 0;
    end(w);
}

/* A clock was hours ahead for a while: its beats of then do not make those of now worthless. */
static void test_clock_was_ahead(void **state)
{
    (void)state;
    struct world *w = open_line();
    w->nodes[A]->skew_us = w->nodes[B]->skew_us = 2 * HOUR_US;
    world_run(w, 2 * MINUTE_US);
    w->nodes[A]->skew_us = w->nodes[B]->skew_us = 0;
    world_run(w, 2 * MINUTE_US);
    assert_false(look(w, A).is_degraded);
    assert_false(look(w, B).is_degraded);
    end(w);
}

/* --- keys
 * ------------------------------------------------------------------------------------------------
 */

static void test_rotations_cross(void **state)
{
    (void)state;
    struct world *w = open_line();
    assert_int_equal(text(w, A), TF_OK);
    assert_int_equal(text(w, B), TF_OK);
    node_rotate(w->nodes[A]);
    node_rotate(w->nodes[B]);
    assert_int_equal(w->nodes[A]->key_count, 2);
    assert_int_equal(text(w, A), TF_OK);
    assert_int_equal(text(w, B), TF_OK);
    world_run(w, 2 * MINUTE_US);
    assert_int_equal(act(w, A, "line.close"), TF_OK);
    world_run(w, MINUTE_US);
    act_open_all(w); /* with the new keys in the line's id */
    world_run(w, MINUTE_US);
    assert_int_equal(look(w, B).state, LINE_OPEN);
    end(w);
}

/* A receipt that was made before its signer changed its key still comes. */
static void test_receipt_of_before(void **state)
{
    (void)state;
    struct world *w = open_line();
    assert_int_equal(text(w, A), TF_OK);
    network_pass(w, A, B);
    node_rotate(w->nodes[B]);
    world_run(w, 2 * MINUTE_US);
    assert_int_equal(look(w, A).own_receipted, look(w, A).own_seq);
    end(w);
}

/* Only one side can call, and much was said before the key was changed. */
static void test_rotation_one_way(void **state)
{
    (void)state;
    struct world *w = open_line();
    w->is_closed[B][A] = true;
    w->is_cut[A][B] = true;
    for (int i = 0; i < 40; i++)
        assert_int_equal(text(w, A), TF_OK);
    node_rotate(w->nodes[A]);
    assert_int_equal(w->nodes[A]->key_count, 2);
    for (int i = 0; i < 300; i++)
        assert_int_equal(text(w, A), TF_OK);
    w->is_cut[A][B] = false;
    world_run(w, 2 * MINUTE_US);
    assert_int_equal(look(w, A).own_receipted, look(w, A).own_seq);
    end(w);
}

/* Who has changed its key contradicts the message that changed it, with the key of then. */
static void test_fork_at_rotation(void **state)
{
    (void)state;
    struct world *w = open_line();
    struct node *a = w->nodes[A];
    struct message m = {
        .seq = look(w, A).own_seq + 1, .type = MESSAGE_DANGER, .sent_us = w->now_us};
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX), out = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    a->is_enemy = true;
    node_rotate(a);
    network_pass(w, A, B);
    snprintf(m.line, sizeof m.line, "%s", look(w, A).id);
    snprintf(m.from, sizeof m.from, "%s", a->card.id);
    snprintf(m.to, sizeof m.to, "%s", w->nodes[B]->card.id);
    snprintf(m.type_name, sizeof m.type_name, "danger");
    snprintf(m.role, sizeof m.role, "planner");
    m.prev[0] = 1;
    m.body = json_pack("{s:s,s:s}", "text", "another word", "lang", "en");
    assert_int_equal(message_print(&m, &payload), TF_OK);
    assert_int_equal(
        envelope_make(a->keys[0], ENVELOPE_MESSAGE, payload.data, payload.len, &out, hash), TF_OK);
    pass_with(w, A, "envelopes", json_pack("[o]", json_loadb(out.data, out.len, 0, NULL)));
    assert_true(look(w, B).is_forked);
    tf_buf_release(&payload);
    tf_buf_release(&out);
    message_release(&m);
    world_free(w);
}

/* --- deadlines --- */

struct rung {
    const char *kind;
    int64_t seq;
    bool is_open;
};

static bool find_rung(void *ctx, const struct line_alarm *alarm)
{
    struct rung *rung = ctx;
    rung->is_open = rung->is_open || (alarm->is_own && alarm->seq == rung->seq &&
                                      strcmp(alarm->kind, rung->kind) == 0);
    return true;
}

static bool rings(struct world *w, unsigned node, const char *kind, int64_t seq)
{
    struct line_context c = node_context(w->nodes[node]);
    struct rung rung = {.kind = kind, .seq = seq};
    assert_int_equal(line_each_alarm(&c, look(w, node).id, false, find_rung, &rung), TF_OK);
    return rung.is_open;
}

/* What does not arrive in time rings, and stops when it has arrived. */
static void test_late_delivery(void **state)
{
    (void)state;
    struct world *w = open_line();
    w->is_cut[A][B] = w->is_cut[B][A] = true;
    assert_int_equal(text(w, A), TF_OK);
    int64_t seq = look(w, A).own_seq;
    world_run(w, 50 * SECOND_US);
    assert_false(rings(w, A, "delivery", seq));
    world_run(w, 11 * SECOND_US);
    assert_true(rings(w, A, "delivery", seq));
    w->is_cut[A][B] = w->is_cut[B][A] = false;
    world_run(w, MINUTE_US);
    assert_false(rings(w, A, "delivery", seq));
    world_run(w, 5 * MINUTE_US);
    assert_true(rings(w, A, "seen", seq));
    end(w);
}

/* --- a restored party
 * ---------------------------------------------------------------------------------- */

/* What was under way when an older state came back is said once more, otherwise: a fork by an
 * honest party. Found, kept, and the line goes on in its next round. */
static void test_honest_fork(void **state)
{
    (void)state;
    struct world *w = open_line();
    node_back_up(w->nodes[A]);
    assert_int_equal(text(w, A), TF_OK);
    struct tf_buf under_way = network_make(w, A, B);
    struct line_taken taken;
    node_restore(w->nodes[A], false);
    w->now_us += SECOND_US;
    network_pass(w, B, A);
    w->now_us += SECOND_US;
    assert_int_equal(say(w, A, "question", json_pack("{s:s,s:s}", "text", "?", "lang", "en")),
                     TF_OK);
    network_pass(w, A, B);
    assert_int_equal(network_take(w, B, &under_way, &taken), TF_OK);
    assert_true(look(w, B).is_forked);
    tf_buf_release(&under_way);
    end(w); /* closes it, opens the next */
}

/* Its last words are given back, and the numbers go on from there. */
static void test_words_given_back(void **state)
{
    (void)state;
    struct world *w = open_line();
    node_back_up(w->nodes[A]);
    for (int i = 0; i < 5; i++)
        assert_int_equal(text(w, A), TF_OK);
    network_pass(w, A, B);
    int64_t said = look(w, A).own_seq;
    node_restore(w->nodes[A], false);
    w->now_us += SECOND_US;
    network_pass(w, B, A);
    assert_int_equal(text(w, A), TF_BUSY);
    settle(w);
    assert_int_equal(look(w, A).own_seq, said);
    assert_int_equal(text(w, A), TF_OK);
    settle(w);
    assert_false(look(w, B).is_forked);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_acceptance),
        cmocka_unit_test(test_declined),
        cmocka_unit_test(test_three_cross),
        cmocka_unit_test(test_same_bytes_cross),
        cmocka_unit_test(test_same_bytes_accepted_twice),
        cmocka_unit_test(test_restored_proposer),
        cmocka_unit_test(test_suspensions_cross),
        cmocka_unit_test(test_silence_while_suspended),
        cmocka_unit_test(test_close_is_not_acknowledged),
        cmocka_unit_test(test_false_have),
        cmocka_unit_test(test_recorded_post),
        cmocka_unit_test(test_changed_proof),
        cmocka_unit_test(test_clock_set_back_a_little),
        cmocka_unit_test(test_clock_set_back_does_not_hide_death),
        cmocka_unit_test(test_clock_was_ahead),
        cmocka_unit_test(test_rotations_cross),
        cmocka_unit_test(test_receipt_of_before),
        cmocka_unit_test(test_rotation_one_way),
        cmocka_unit_test(test_fork_at_rotation),
        cmocka_unit_test(test_late_delivery),
        cmocka_unit_test(test_honest_fork),
        cmocka_unit_test(test_words_given_back),
    };
    return cmocka_run_group_tests_name("sim: holes", tests, NULL, NULL);
}
