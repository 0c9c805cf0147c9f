/*
 * test_make.c - bundles made from two parties' databases: what is chosen, what is claimed, what is
 * proved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocfail.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Which messages are in a bundle. */
struct made {
    struct evidence_report report;
    struct tf_buf bundle;
    bool is_in[2][64]; /* south's, north's: by number */
    size_t events[5];
    size_t logged, buts;
};

static void note(void *ctx, const struct evidence_event *event)
{
    struct made *made = ctx;
    made->events[event->kind]++;
    made->buts += event->but != NULL;
    if (event->kind != EVIDENCE_SAID)
        return;
    assert_in_range(event->seq, 1, 63);
    made->is_in[strcmp(event->from, "north.example") == 0][event->seq] = true;
    made->logged += event->is_logged_by_sender || event->is_logged_by_receiver;
}

static void make(struct scene *scene, int side, struct evidence_selection selection,
                 struct made *out)
{
    struct tf_fault fault = {.field = "", .message = ""};
    struct evidence_visitor visitor = {.event = note, .ctx = out};
    *out = (struct made){.bundle = TF_BUF_INIT(EVIDENCE_MAX)};
    enum tf_status rc = scene_bundle(scene, side, selection, &out->bundle, &out->report, &fault);
    if (rc)
        fail_msg("%d %s: %s %s", rc, fault.field, fault.message ? fault.message : "", fault.arg[0]);
    assert_true(out->report.is_valid);
    assert_int_equal(
        evidence_verify(out->bundle.data, out->bundle.len, NULL, 0, &visitor, &out->report, &fault),
        TF_OK);
    assert_true(out->report.is_valid);
}

static const struct evidence_party *party(const struct made *made, const char *id)
{
    return &made->report.party[strcmp(made->report.party[1].id, id) == 0];
}

static int play(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    scene_play(scene, NULL);
    *state = scene;
    return 0;
}

static int clear(void **state)
{
    pair_close(&((struct scene *)*state)->pair);
    free(*state);
    return 0;
}

static void the_whole_line(void **state)
{
    struct scene *s = *state;
    struct made made;
    make(s, 0, (struct evidence_selection){.card = s->pair.side[0].card.data}, &made);
    const struct evidence_party *north = party(&made, "north.example");
    const struct evidence_party *south = party(&made, "south.example");
    assert_int_equal(north->first, 1);
    assert_int_equal(north->last, s->lost);
    assert_int_equal(north->messages, s->lost);
    assert_int_equal(north->received, s->lost - 1);
    assert_int_equal(south->last, s->second);
    assert_int_equal(south->messages, s->second);
    assert_int_equal(south->received, s->second);
    assert_string_equal(north->title, "Cell 0");
    assert_string_equal(south->title, "Cell 1");
    assert_int_equal(made.report.forks, 1);
    assert_int_equal(made.events[EVIDENCE_AGREED], 1);
    assert_true(made.report.cosignatures >= 1 && made.report.checkpoints >= 2);
    /* What was said after the last checkpoint is not proved by it. */
    assert_true(made.logged >= (size_t)(s->lost + s->second - 2));
    tf_buf_release(&made.bundle);
}

static void both_sides_tell_the_same(void **state)
{
    struct scene *s = *state;
    struct made ours, theirs;
    make(s, 0,
         (struct evidence_selection){
             .has_messages = true, .is_own = true, .first = s->notice, .last = s->notice},
         &ours);
    make(s, 1,
         (struct evidence_selection){
             .has_messages = true, .is_own = false, .first = s->notice, .last = s->notice},
         &theirs);
    assert_memory_equal(ours.is_in, theirs.is_in, sizeof ours.is_in);
    assert_int_equal(ours.report.forks, 1); /* south does not know what it denies */
    assert_int_equal(theirs.report.forks, 0);
    tf_buf_release(&ours.bundle);
    tf_buf_release(&theirs.bundle);
}

static void a_message_with_all_that_is_about_it(void **state)
{
    struct scene *s = *state;
    const int64_t asked[] = {s->notice, s->amended};
    struct made made;
    for (size_t i = 0; i < 2; i++) {
        make(s, 0,
             (struct evidence_selection){
                 .has_messages = true, .is_own = true, .first = asked[i], .last = asked[i]},
             &made);
        assert_true(made.is_in[1][s->notice] && made.is_in[1][s->amended]);
        assert_true(made.is_in[0][s->seen] && made.is_in[0][s->answered]);
        assert_true(!made.is_in[1][s->text] && !made.is_in[0][s->danger]);
        assert_int_equal(made.events[EVIDENCE_AGREED], 1); /* the rules of that time */
        assert_int_equal(party(&made, "north.example")->first, asked[i]);
        assert_int_equal(party(&made, "south.example")->first, 0);
        assert_int_equal(made.buts, 1); /* the contradiction alone */
        tf_buf_release(&made.bundle);
    }
}

/* From north's view, the acknowledgement leads to what it acknowledges. */
static void an_answer_with_its_question(void **state)
{
    struct scene *s = *state;
    struct made made;
    make(s, 0,
         (struct evidence_selection){
             .has_messages = true, .first = s->answered, .last = s->answered},
         &made);
    assert_true(made.is_in[1][s->notice] && made.is_in[0][s->seen]);
    tf_buf_release(&made.bundle);
}

static void a_range(void **state)
{
    struct scene *s = *state;
    struct made made;
    make(s, 0,
         (struct evidence_selection){
             .has_messages = true, .is_own = true, .first = s->text, .last = s->lost},
         &made);
    assert_true(made.is_in[1][s->text] && made.is_in[1][s->lost] && !made.is_in[1][s->amended]);
    assert_int_equal(party(&made, "north.example")->first, s->text);
    assert_int_equal(party(&made, "north.example")->last, s->lost);
    assert_int_equal(made.report.forks, 0);
    tf_buf_release(&made.bundle);
}

/* Messages of both sides by their numbers, and nothing is said to be complete by that. */
static void some_by_their_numbers(void **state)
{
    struct scene *s = *state;
    struct line_number list[] = {{true, s->text}, {false, s->danger}, {true, s->text}};
    struct evidence_selection selection = {.list = list, .list_count = 3};
    struct tf_buf none = TF_BUF_INIT(EVIDENCE_MAX);
    struct evidence_report report;
    struct tf_fault fault;
    struct made made;
    make(s, 0, selection, &made);
    assert_true(made.is_in[1][s->text] && made.is_in[0][s->danger]);
    assert_true(!made.is_in[1][s->notice] && !made.is_in[0][s->answered] &&
                !made.is_in[1][s->lost]);
    assert_int_equal(party(&made, "north.example")->first, 0);
    assert_int_equal(party(&made, "south.example")->first, 0);
    tf_buf_release(&made.bundle);
    /* With a place: those, and what is there. */
    selection.has_place = true;
    selection.lat_deg = 40.53;
    selection.lng_deg = 11.5;
    selection.radius_m = 2500;
    make(s, 0, selection, &made);
    assert_true(made.is_in[1][s->text] && made.is_in[1][s->notice]);
    assert_true(!made.is_in[1][s->lost]);
    tf_buf_release(&made.bundle);
    /* One that is not there is not left out without a word. */
    list[2].seq = s->lost + 1;
    assert_int_equal(scene_bundle(s, 0, selection, &none, &report, &fault), TF_NOT_FOUND);
    assert_string_equal(fault.field, "messages");
    assert_int_equal(none.len, 0);
    tf_buf_release(&none);
}

static void a_time(void **state)
{
    struct scene *s = *state;
    struct made made;
    make(s, 0,
         (struct evidence_selection){.has_time = true,
                                     .from_us = s->pair.side[0].c.now_us - 10 * SECOND_US,
                                     .until_us = INT64_MAX},
         &made);
    assert_true(made.is_in[1][s->lost] && !made.is_in[1][s->text]);
    assert_int_equal(party(&made, "north.example")->first, s->lost);
    assert_int_equal(party(&made, "south.example")->first, 0);
    tf_buf_release(&made.bundle);
}

static void a_place(void **state)
{
    struct scene *s = *state;
    struct evidence_selection selection = {
        .has_place = true, .lat_deg = 40.53, .lng_deg = 11.5, .radius_m = 2500};
    struct made made;
    make(s, 0, selection, &made); /* the outline of the notice at 40.5 reaches 40.518 */
    assert_true(made.is_in[1][s->notice] && made.is_in[0][s->danger]);
    assert_true(!made.is_in[0][s->second] && !made.is_in[1][s->text]);
    assert_int_equal(party(&made, "north.example")->first, 0); /* nothing is claimed */
    tf_buf_release(&made.bundle);
    selection.has_time = true;
    selection.from_us = T0_US + 5 * 3600 * SECOND_US; /* 07:00: when the notice has ended */
    selection.until_us = INT64_MAX;
    struct tf_buf out = TF_BUF_INIT(EVIDENCE_MAX);
    struct tf_fault fault;
    selection.from_us += SECOND_US;
    assert_int_equal(scene_bundle(s, 0, selection, &out, &made.report, &fault), TF_NOT_FOUND);
    assert_null(out.data);
}

static void what_cannot_be_made(void **state)
{
    struct scene *s = *state;
    struct tf_buf out = TF_BUF_INIT(EVIDENCE_MAX);
    struct evidence_report report;
    struct tf_fault fault;
    struct evidence_selection none = {.line = "west.example"};
    struct evidence_selection later = {
        .has_messages = true, .is_own = true, .first = 60, .last = 61};
    struct evidence_selection nowhere = {.has_place = true, .lat_deg = 95, .radius_m = 5};
    assert_int_equal(scene_bundle(s, 0, none, &out, &report, &fault), TF_NOT_FOUND);
    assert_int_equal(scene_bundle(s, 0, later, &out, &report, &fault), TF_NOT_FOUND);
    assert_int_equal(scene_bundle(s, 0, nowhere, &out, &report, &fault), TF_RANGE);
    assert_null(out.data);
}

/* A message changed in the database is found before anything is handed out. */
static void a_damaged_database(void **state)
{
    struct scene *s = *state;
    struct sql *sql = s->pair.side[0].sql;
    struct tf_buf out = TF_BUF_INIT(EVIDENCE_MAX);
    struct evidence_report report;
    struct tf_fault fault;
    assert_int_equal(sql_exec(sql,
                              "UPDATE line_message SET receipt = (SELECT receipt FROM"
                              " line_message WHERE own = 1 AND seq = 1) WHERE own = 1 AND seq = $1",
                              SQL_ARGS(sql_int(s->text)), NULL),
                     TF_OK);
    assert_int_equal(
        scene_bundle(s, 0, (struct evidence_selection){.has_time = false}, &out, &report, &fault),
        TF_SYNTAX);
    assert_null(out.data);
    assert_non_null(strstr(fault.field, ".receipt"));
}

static void keys_that_changed(void **state)
{
    struct scene *s = *state;
    struct side *north = &s->pair.side[0];
    struct key_secret *next, *old = north->key;
    struct made made;
    struct tf_fault fault;
    char why[SQL_WHY_SIZE];
    int64_t seq;
    assert_int_equal(key_make(&next), TF_OK);
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(line_rotate(&north->c, s->pair.line, next, "admin", &seq, &fault), TF_OK);
    assert_int_equal(ledger_rotate(north->ledger, next, north->c.now_us), TF_OK);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    ledger_close(north->ledger);
    assert_int_equal(ledger_open(north->sql, "north.example/ledger", next, &north->ledger, why),
                     TF_OK);
    north->key = next;
    north->c.key = next;
    north->c.ledger = north->ledger;
    int64_t after = side_say(north, s->pair.line, "text", "{'text':'new key','lang':'en'}");
    assert_int_equal(ledger_sign(north->ledger, north->c.now_us), TF_OK);
    make(s, 0,
         (struct evidence_selection){
             .has_messages = true, .is_own = true, .first = after, .last = after},
         &made);
    assert_true(made.is_in[1][seq] && made.is_in[1][after]);
    assert_int_equal(party(&made, "north.example")->rotations, 1);
    assert_true(made.report.entries >= 2);
    tf_buf_release(&made.bundle);
    make(s, 0, (struct evidence_selection){.has_time = false}, &made);
    tf_buf_release(&made.bundle);
    key_free(old);
}

/* At many places; never half a bundle, never one with less in it. */
static void lack_of_memory(void **state)
{
    struct scene *s = *state;
    const struct evidence_selection selections[] = {
        {.card = s->pair.side[0].card.data},
        {.has_place = true, .lat_deg = 40.5, .lng_deg = 11.5, .radius_m = 100}};
    for (size_t i = 0; i < 2; i++) {
        struct tf_buf whole = TF_BUF_INIT(EVIDENCE_MAX);
        struct evidence_report report;
        struct tf_fault fault;
        allocfail_at(0);
        assert_int_equal(scene_bundle(s, 0, selections[i], &whole, &report, &fault), TF_OK);
        size_t all = allocfail_count();
        assert_true(all > 100);
        for (size_t n = 1; n < all; n += 1 + all / 120) {
            struct tf_buf out = TF_BUF_INIT(EVIDENCE_MAX);
            allocfail_at(n);
            enum tf_status rc = scene_bundle(s, 0, selections[i], &out, &report, &fault);
            bool is_hit = allocfail_hit();
            allocfail_at(0);
            if (is_hit && rc != TF_NOMEM && (rc || out.len != whole.len))
                fail_msg("allocation %zu of %zu: %d, %zu bytes", n, all, rc, out.len);
            if (rc)
                assert_int_equal(out.len, 0);
            tf_buf_release(&out);
        }
        tf_buf_release(&whole);
    }
}

int main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, play, clear)
    static const struct CMUnitTest tests[] = {
        SCENE(the_whole_line),
        SCENE(both_sides_tell_the_same),
        SCENE(a_message_with_all_that_is_about_it),
        SCENE(an_answer_with_its_question),
        SCENE(a_range),
        SCENE(some_by_their_numbers),
        SCENE(a_time),
        SCENE(a_place),
        SCENE(what_cannot_be_made),
        SCENE(a_damaged_database),
        SCENE(keys_that_changed),
        SCENE(lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
