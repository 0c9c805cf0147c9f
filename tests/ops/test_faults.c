/*
 * test_faults.c - a case from its first declaration to an agreement, a site and an incident, and at
 * each step the n-th allocation fails, for every n, and then the n-th write of the store. The
 * answer is a status, or all of the step was done: what was written and what was shown are then
 * those of a step that nothing disturbed. Nothing of a step that failed is there afterwards, also
 * when the same memory goes on.
 *
 * Those inside of libraries do not fail: jansson does not survive it.
 */
#include "allocfail.h"
#include "desk.h"

#include "line/two_parties.h"
#include "ops/incident.h"
#include "ops/talk.h"
#include "random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUT_MAX = 8 << 20, STATE_MAX = 16 << 20, ALLOCATIONS_MAX = 100000 };

struct scene {
    struct pair pair;
    struct ops *ops[2];
    struct line_extension extensions[2][OPS_EXTENSIONS];
    struct tf_buf post; /* what is carried to the side of the step */
    struct tf_buf out;  /* what the step shows */
    int writes_left;
    bool has_failed;
    size_t allocations, writes;
};
struct step {
    const char *title;
    int which;
    bool is_carried; /* a post of the other side is collected first */
    enum tf_status (*run)(struct scene *s, int which);
};

/* --- what is done ----------------------------------------------------------------------------- */

static const struct place north_one = {
    "north-1", TF_KIND_UNCREWED, 36.5, 37.2, 500, 100, 200, 30, 32, 1, TF_RESTRICTION_NONE};
static const struct place south_one = {
    "south-1", TF_KIND_UNCREWED, 36.5, 37.205, 500, 120, 220, 30, 32, 2, TF_RESTRICTION_NONE};
static const struct place clinic = {
    "clinic", TF_KIND_SITE, 36.7, 37.2, 800, 0, 5000, -24, 240, 0, TF_RESTRICTION_NONE};

/* What a test gets ready itself does not fail: its counter stands still meanwhile. */
static enum tf_status put(struct scene *s, int which, const struct place *place, bool submits)
{
    const struct line_context *c = &s->pair.side[which].c;
    struct ops_who who = {.role = "head-of-cell", .source = "operator", .reason = "test"};
    struct tf_entity entity = {0};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written;
    struct tf_fault fault;
    struct tf_shape *shape = NULL;
    struct tf_volume4 volume = {.shape = NULL};
    struct tf_band band = tf_band_w84(place->lower_m, place->upper_m);
    struct tf_latlng at = {place->lat_deg, place->lng_deg};
    int64_t now_ns = TEST_NOW_US * 1000;
    entity.kind = place->kind;
    entity.priority = place->priority;
    enum tf_status rc = tf_shape_circle(at, place->radius_m, &shape, NULL);
    if (!rc)
        rc = tf_volume4_make(shape, &band, now_ns + (int64_t)(place->from_h * 3600e9),
                             now_ns + (int64_t)(place->until_h * 3600e9), &volume, NULL);
    tf_shape_unref(shape);
    if (!rc)
        rc = tf_entity_add_volume(&entity, &volume);
    tf_volume4_release(&volume);
    if (!rc)
        rc = tf_entity_set_text(&entity.id, place->id);
    struct ops_draft draft = {.class = test_class(place), .entity = &entity, .if_match = "*"};
    if (!rc)
        rc = ops_put(s->ops[which], c, &draft, &who, &verdict, &written, &fault);
    ops_verdict_release(&verdict);
    struct ops_deed deed = {.class = OPS_OPERATION, .id = place->id, .act = OPS_ACT_SUBMIT};
    if (!rc && submits)
        rc = ops_act(s->ops[which], c, &deed, &who, &verdict, &written, &fault);
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    return rc;
}

static enum tf_status north_plans(struct scene *s, int which)
{
    enum tf_status rc = put(s, which, &clinic, false);
    return rc ? rc : put(s, which, &north_one, true);
}

static enum tf_status south_plans(struct scene *s, int which)
{
    return put(s, which, &south_one, true);
}

static enum tf_status due(struct scene *s, int which)
{
    const struct line_context *c = &s->pair.side[which].c;
    enum tf_status rc = ops_cases_expire(s->ops[which], c);
    if (!rc)
        rc = ops_cases_work(s->ops[which], c);
    return rc ? rc : ops_declare_due(s->ops[which], c, NULL, NULL);
}

static enum tf_status hear(struct scene *s, int which)
{
    struct line_taken taken;
    struct tf_fault fault;
    return line_take(&s->pair.side[which].c, s->post.data, s->post.len, &taken, &fault);
}

struct first {
    char id[OPS_CASE_ID_SIZE];
};

static bool take_first(void *ctx, const struct ops_case *one)
{
    memcpy(((struct first *)ctx)->id, one->id, OPS_CASE_ID_SIZE);
    return false;
}

/* The only one. */
static enum tf_status the_case(struct scene *s, int which, struct first *out)
{
    enum tf_status rc =
        ops_case_each(s->ops[which], &s->pair.side[which].c, true, 1, take_first, out);
    return rc;
}

static enum tf_status options(struct scene *s, int which)
{
    struct first first;
    struct tf_fault fault;
    enum tf_status rc = the_case(s, which, &first);
    return rc ? rc
              : ops_case_options(s->ops[which], &s->pair.side[which].c, first.id, &s->out, &fault);
}

static enum tf_status propose(struct scene *s, int which)
{
    struct first first;
    struct tf_fault fault;
    struct ops_who who = {.role = "duty-officer"};
    enum tf_status rc = the_case(s, which, &first);
    struct case_proposal proposal = {.id = first.id, .option = 1};
    return rc ? rc
              : ops_case_propose(s->ops[which], &s->pair.side[which].c, &proposal, &who, &fault);
}

static enum tf_status agree(struct scene *s, int which)
{
    struct first first;
    struct tf_fault fault;
    struct ops_who who = {.role = "duty-officer"};
    enum tf_status rc = the_case(s, which, &first);
    return rc ? rc
              : ops_case_answer(s->ops[which], &s->pair.side[which].c, first.id, true, NULL, &who,
                                &fault);
}

static enum tf_status show(struct scene *s, int which)
{
    struct first first;
    enum tf_status rc = the_case(s, which, &first);
    return rc ? rc : ops_case_show(s->ops[which], &s->pair.side[which].c, first.id, &s->out);
}

static enum tf_status incident(struct scene *s, int which)
{
    struct ops_incident one = {.at = {36.5, 37.2},
                               .at_us = s->pair.side[which].c.now_us,
                               .radius_m = 50000,
                               .before_s = 3600,
                               .after_s = 48 * 3600,
                               .text = "a near miss"};
    struct ops_who who = {.role = "duty-officer", .source = "operator"};
    struct tf_fault fault;
    return ops_incident_report(s->ops[which], &s->pair.side[which].c, &one, &who, &s->out, &fault);
}

static bool copy_report(void *ctx, const char *json, size_t len)
{
    tf_buf_append(ctx, json, len);
    return true;
}

static bool copy_declaration(void *ctx, const struct ops_declaration *one)
{
    ops_print_declaration(ctx, one);
    return true;
}

static enum tf_status lists(struct scene *s, int which)
{
    const struct line_context *c = &s->pair.side[which].c;
    enum tf_status rc = ops_incident_each(s->ops[which], c, NULL, 10, copy_report, &s->out);
    if (!rc)
        rc = ops_declaration_each(s->ops[which], c, NULL, true, NULL, copy_declaration, &s->out);
    return rc ? rc : tf_buf_status(&s->out);
}

static enum tf_status site_goes(struct scene *s, int which)
{
    struct ops_who who = {.role = "head-of-cell", .source = "operator", .reason = "moved"};
    struct ops_written written;
    struct tf_fault fault;
    return ops_site_withdraw(s->ops[which], &s->pair.side[which].c, "clinic", NULL, &who, &written,
                             &fault);
}

static const struct step steps[] = {
    {"north plans, and has a site", 0, false, north_plans},
    {"north declares", 0, false, due},
    {"south plans in its way", 1, false, south_plans},
    {"south hears it", 1, true, hear},
    {"south declares", 1, false, due},
    {"north hears it", 0, true, hear},
    {"north looks at the case", 0, false, due},
    {"north asks for ways out", 0, false, options},
    {"north proposes", 0, false, propose},
    {"south hears the proposal", 1, true, hear},
    {"south judges it", 1, false, due},
    {"south reports an incident", 1, false, incident},
    {"north hears the verdict", 0, true, hear},
    {"north looks again", 0, false, due},
    {"south agrees", 1, false, agree},
    {"north hears it", 0, true, hear},
    {"north changes its plan and declares", 0, false, due},
    {"south hears the change", 1, true, hear},
    {"south closes the case", 1, false, due},
    {"north shows the case", 0, false, show},
    {"south shows the case", 1, false, show},
    {"north withdraws its site", 0, false, site_goes},
    {"north tells so", 0, false, due},
    {"south hears that", 1, true, hear},
    {"south lists what was reported and declared", 1, false, lists},
};

/* --- the scene -------------------------------------------------------------------------------- */

static void new_memory(struct scene *s, int which)
{
    struct side *side = &s->pair.side[which];
    ops_free(s->ops[which]);
    s->ops[which] = test_ops_start(&side->c, s->extensions[which]);
}

static enum tf_status fault(void *ctx)
{
    struct scene *s = ctx;
    s->writes++;
    if (s->writes_left == 0 || --s->writes_left > 0)
        return TF_OK;
    s->has_failed = true;
    return TF_LIMIT;
}

static void first_memorandum(struct scene *s)
{
    struct side *north = &s->pair.side[0];
    struct tf_buf text = TF_BUF_INIT(MEMO_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1], accept[128];
    struct tf_fault fault_;
    int64_t seq;
    assert_int_equal(memo_template(s->pair.line, 1, NULL, north->c.now_us - 60 * SECOND_US,
                                   north->c.now_us + 400 * 86400 * SECOND_US, &text),
                     TF_OK);
    json_t *json = json_loadb(text.data, text.len, 0, NULL);
    json_object_set_new(
        json, "kinds",
        json_pack("[{s:s, s:i, s:s}]", "kind", "*", "notice_s", 0, "disclosure", "full"));
    char *document = json_dumps(json, 0);
    memo_hash(document, strlen(document), hash);
    key_hex(hash, sizeof hash, hex);
    json_t *body = json_pack("{s:s}", "document", document);
    struct line_draft draft = {.type = "memo.propose", .role = "head-of-cell", .body = body};
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(line_say(&north->c, s->pair.line, &draft, &seq, &fault_), TF_OK);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    pair_exchange(&s->pair, 0);
    snprintf(accept, sizeof accept, "{'document':'%s'}", hex);
    (void)side_say(&s->pair.side[1], s->pair.line, "memo.accept", accept);
    pair_exchange(&s->pair, 1);
    json_decref(body);
    json_decref(json);
    free(document);
    tf_buf_release(&text);
}

static void open_scene(struct scene *s)
{
    memset(s, 0, sizeof *s);
    s->out = (struct tf_buf)TF_BUF_INIT(OUT_MAX);
    pair_open(&s->pair, (const char *const[2]){":memory:", ":memory:"});
    pair_pass_time(&s->pair, TEST_NOW_US - T0_US);
    for (int i = 0; i < 2; i++) {
        test_prepare(s->pair.side[i].sql, i);
        new_memory(s, i);
    }
    pair_open_line(&s->pair);
    first_memorandum(s);
}

static void close_scene(struct scene *s)
{
    for (int i = 0; i < 2; i++)
        ops_free(s->ops[i]);
    tf_buf_release(&s->out);
    pair_close(&s->pair);
}

/* --- what is there ---------------------------------------------------------------------------- */

static void add_rows(struct sql *sql, const char *text, struct tf_buf *out)
{
    struct sql_rows rows;
    assert_int_equal(sql_query(sql, text, SQL_NO_ARGS, &rows), TF_OK);
    for (size_t i = 0; i < rows.count * rows.columns; i++) {
        const struct sql_value *v = &rows.values[i];
        if (v->type == SQL_INT)
            tf_buf_printf(out, "%lld|", (long long)v->number);
        else
            tf_buf_append(out, v->bytes, v->len);
        tf_buf_char(out, '|');
    }
    sql_rows_release(&rows);
}

/* The register, the cases, the declarations, the ledger, in the transaction that is open. */
static void state_of(struct side *side, struct tf_buf *out)
{
    uint64_t size;
    struct ledger_hash root;
    add_rows(side->sql, "SELECT * FROM ops_record ORDER BY number", out);
    add_rows(side->sql, "SELECT * FROM ops_declared ORDER BY line, is_own, id", out);
    add_rows(side->sql, "SELECT * FROM ops_told ORDER BY line", out);
    add_rows(side->sql, "SELECT * FROM ops_case ORDER BY id", out);
    add_rows(side->sql, "SELECT * FROM ops_case_note ORDER BY line, is_own, seq", out);
    add_rows(side->sql, "SELECT id FROM ops_incident ORDER BY id", out);
    assert_int_equal(ledger_size(side->ledger, &size), TF_OK);
    assert_int_equal(ledger_root(side->ledger, size, &root), TF_OK);
    tf_buf_append(out, (const char *)&root, sizeof root);
    assert_int_equal(tf_buf_status(out), TF_OK);
}

/* --- trying ------------------------------------------------------------------------------------
 */

struct seen {
    struct tf_buf state, out;
};

static void seen_release(struct seen *seen)
{
    tf_buf_release(&seen->state);
    tf_buf_release(&seen->out);
}

static bool is_same(const struct tf_buf *a, const struct tf_buf *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* What the step leaves and shows; undone again, unless it is kept. */
static enum tf_status once(struct scene *s, const struct step *step, bool is_kept,
                           size_t allocation, int write, struct seen *seen)
{
    struct side *side = &s->pair.side[step->which];
    *seen = (struct seen){.state = TF_BUF_INIT(STATE_MAX), .out = TF_BUF_INIT(OUT_MAX)};
    assert_int_equal(sql_begin(side->sql), TF_OK);
    s->out.len = 0;
    s->writes_left = write;
    s->writes = 0;
    s->has_failed = false;
    sql_set_fault(side->sql, fault, s);
    allocfail_at(allocation);
    enum tf_status rc = step->run(s, step->which);
    s->has_failed = s->has_failed || allocfail_hit();
    s->allocations = allocfail_count();
    allocfail_at(0);
    sql_set_fault(side->sql, NULL, NULL);
    if (rc == TF_OK) {
        state_of(side, &seen->state);
        tf_buf_append(&seen->out, s->out.data, s->out.len);
    }
    if (is_kept) {
        assert_int_equal(sql_commit(side->sql), TF_OK);
    } else {
        sql_rollback(side->sql);
        ledger_forget(side->ledger);
    }
    tf_buf_release(&s->out);
    s->out = (struct tf_buf)TF_BUF_INIT(OUT_MAX);
    return rc;
}

/* One disturbed run. False: nothing failed, so there is no such n. */
static bool disturb(struct scene *s, const struct step *step, size_t allocation, int write,
                    const struct seen *expected)
{
    struct seen seen;
    enum tf_status rc = once(s, step, false, allocation, write, &seen);
    enum tf_status wanted = write ? TF_LIMIT : TF_NOMEM;
    bool has_failed = s->has_failed;
    size_t n = write ? (size_t)write : allocation;
    const char *what = write ? "write" : "allocation";
    if (rc && (rc != wanted || !has_failed))
        fail_msg("%s: %s %zu failed, and the answer is: %s", step->title, what, n,
                 tf_status_text(rc));
    if (rc == TF_OK && has_failed &&
        !(is_same(&seen.state, &expected->state) && is_same(&seen.out, &expected->out)))
        fail_msg("%s: %s %zu failed, and something is missing without a word", step->title, what,
                 n);
    seen_release(&seen);
    return has_failed;
}

static void try_step(struct scene *s, const struct step *step, size_t counts[2])
{
    struct seen expected, done;
    if (step->is_carried) {
        pair_pass_time(&s->pair, SECOND_US);
        side_collect(&s->pair.side[1 - step->which], s->pair.line, &s->post);
    }
    enum tf_status rc = once(s, step, false, 0, 0, &expected);
    if (rc)
        fail_msg("%s: %s", step->title, tf_status_text(rc));
    new_memory(s, step->which);
    for (size_t n = 1; disturb(s, step, n, 0, &expected); n++) {
        counts[0]++;
        assert_true(n < ALLOCATIONS_MAX);
        if (n % 2 == 0)
            new_memory(s, step->which);
    }
    for (int n = 1; disturb(s, step, 0, n, &expected); n++) {
        counts[1]++;
        if (n % 2 == 0)
            new_memory(s, step->which);
    }
    assert_int_equal(once(s, step, true, 0, 0, &done), TF_OK);
    if (!is_same(&done.state, &expected.state) || !is_same(&done.out, &expected.out))
        fail_msg("%s: after what failed it is another result", step->title);
    seen_release(&expected);
    seen_release(&done);
    if (step->is_carried)
        tf_buf_release(&s->post);
}

static void every_step(void **state)
{
    (void)state;
    size_t counts[2] = {0, 0};
    struct scene s;
    open_scene(&s);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        try_step(&s, &steps[i], counts);
    pair_exchange(&s.pair, 1);
    pair_check(&s.pair);
    close_scene(&s);
    print_message("%zu allocations and %zu writes failed\n", counts[0], counts[1]);
    assert_true(counts[0] > 500 && counts[1] > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_step)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
