/*
 * test_register.c - the register, act by act.
 */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two flights over one place, an hour each; one that is far away. */
static const struct place
    first = {"first", TF_KIND_UNCREWED, 36.5, 37.2, 500, 100, 200, 1, 2, 0, TF_RESTRICTION_NONE},
    second = {"second", TF_KIND_UNCREWED, 36.5, 37.2, 500, 150, 250, 1, 2, 0, TF_RESTRICTION_NONE},
    far = {"far", TF_KIND_UNCREWED, 40, 37.2, 500, 100, 200, 1, 2, 0, TF_RESTRICTION_NONE},
    hospital = {"hospital", TF_KIND_SITE,       36.5, 37.2, 800, 0, 5000, -24, 240,
                0,          TF_RESTRICTION_NONE},
    no_fly = {
        "no-fly", TF_KIND_ZONE, 36.5, 37.2, 900, 0, 5000, -24, 240, 0, TF_RESTRICTION_PROHIBITED};

static void put(struct test_desk *desk, const struct place *place)
{
    struct ops_written written;
    struct tf_fault fault;
    assert_int_equal(test_put(desk, place, NULL, &written, &fault), TF_OK);
    assert_true(written.is_new && written.is_changed && written.version == 1);
    assert_string_equal(written.id, place->id);
}

static enum ops_state act(struct test_desk *desk, const char *id, enum ops_act a, const char *allow,
                          bool applied)
{
    struct ops_verdict verdict;
    struct ops_written written;
    assert_int_equal(test_act(desk, id, a, allow, &verdict, &written), TF_OK);
    assert_int_equal(verdict.is_applied, applied);
    ops_verdict_release(&verdict);
    return written.state;
}

static void a_life(void **state)
{
    (void)state;
    struct test_desk desk;
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    uint64_t before = test_ledger_size(&desk);
    put(&desk, &first);
    assert_int_equal(act(&desk, "first", OPS_ACT_SUBMIT, NULL, true), OPS_STATE_ACCEPTED);
    assert_int_equal(act(&desk, "first", OPS_ACT_ACTIVATE, NULL, true), OPS_STATE_ACTIVATED);
    assert_int_equal(act(&desk, "first", OPS_ACT_DEPART, NULL, true), OPS_STATE_NONCONFORMING);
    assert_int_equal(act(&desk, "first", OPS_ACT_RECOVER, NULL, true), OPS_STATE_ACTIVATED);
    assert_int_equal(act(&desk, "first", OPS_ACT_END, NULL, true), OPS_STATE_ENDED);
    assert_int_equal(test_ledger_size(&desk), before + 6); /* each one an entry */
    assert_true(test_ledger_says(&desk, "\"act\":\"end\""));
    struct ops_verdict verdict;
    struct ops_written written;
    assert_int_equal(test_act(&desk, "first", OPS_ACT_ACTIVATE, NULL, &verdict, &written),
                     TF_UNSUPPORTED);
    test_commit(&desk);
    test_desk_close(&desk);
}

/* The second of two that clash waits for a decision, and the record says whose it was. */
static void a_decision(void **state)
{
    (void)state;
    struct test_desk desk;
    struct ops_verdict verdict;
    struct ops_written written;
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    put(&desk, &first);
    put(&desk, &second);
    put(&desk, &far);
    assert_int_equal(act(&desk, "first", OPS_ACT_SUBMIT, NULL, true), OPS_STATE_ACCEPTED);
    assert_int_equal(act(&desk, "far", OPS_ACT_SUBMIT, NULL, true), OPS_STATE_ACCEPTED);
    assert_int_equal(test_act(&desk, "second", OPS_ACT_SUBMIT, NULL, &verdict, &written), TF_OK);
    assert_int_equal(written.state, OPS_STATE_SUBMITTED);
    assert_int_equal(verdict.outcome, OPS_DECIDE);
    assert_int_equal(verdict.count, 1);
    assert_string_equal(verdict.conflicts[0].id, "first");
    assert_string_equal(verdict.conflicts[0].role, "duty-officer");
    assert_string_equal(verdict.conflicts[0].key, "operation::first@2");
    ops_verdict_release(&verdict);
    test_commit(&desk);

    test_begin(&desk); /* what was pending is known now */
    const char *keys = "[\"operation::first@2\"]";
    assert_int_equal(act(&desk, "second", OPS_ACT_ACCEPT, keys, false), OPS_STATE_SUBMITTED);
    desk.who.role = "duty-officer"; /* a planner may not, a duty officer may */
    assert_int_equal(act(&desk, "second", OPS_ACT_ACCEPT, NULL, false), OPS_STATE_SUBMITTED);
    const char *stale = "[\"operation::first@1\"]";
    assert_int_equal(act(&desk, "second", OPS_ACT_ACCEPT, stale, false), OPS_STATE_SUBMITTED);
    assert_int_equal(act(&desk, "second", OPS_ACT_ACCEPT, keys, true), OPS_STATE_ACCEPTED);
    assert_true(test_ledger_says(&desk, "\"role\":\"duty-officer\",\"by\":\"anna\""));
    /* It stays allowed. */
    desk.who.role = "planner";
    assert_int_equal(act(&desk, "second", OPS_ACT_ACTIVATE, NULL, true), OPS_STATE_ACTIVATED);
    test_commit(&desk);
    test_desk_close(&desk);
}

static void sites_and_zones(void **state)
{
    (void)state;
    struct test_desk desk;
    struct ops_verdict verdict;
    struct ops_written written;
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    put(&desk, &hospital);
    put(&desk, &first);
    assert_int_equal(test_act(&desk, "first", OPS_ACT_SUBMIT, NULL, &verdict, &written), TF_OK);
    assert_int_equal(verdict.outcome, OPS_DECIDE);
    assert_string_equal(verdict.conflicts[0].role, "head-of-cell");
    assert_int_equal(verdict.conflicts[0].other, OPS_OTHER_SITE);
    ops_verdict_release(&verdict);
    assert_int_equal(act(&desk, "first", OPS_ACT_RECALL, NULL, true), OPS_STATE_DRAFT);
    put(&desk, &no_fly);
    assert_int_equal(act(&desk, "first", OPS_ACT_SUBMIT, NULL, false), OPS_STATE_DRAFT);
    desk.who.role = "head-of-cell"; /* what is refused nobody allows */
    assert_int_equal(
        act(&desk, "first", OPS_ACT_SUBMIT, "[\"zone::no-fly@1\",\"site::hospital@1\"]", false),
        OPS_STATE_DRAFT);
    test_commit(&desk);
    test_desk_close(&desk);
}

/* Who may not withdraw a zone may not draw it smaller either. */
static void a_zone_is_not_a_planners_to_change(void **state)
{
    (void)state;
    struct test_desk desk;
    struct ops_written written;
    struct tf_fault fault;
    struct place smaller = no_fly;
    smaller.radius_m = 1;
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    put(&desk, &no_fly);
    assert_int_equal(test_put(&desk, &no_fly, "*", &written, &fault), TF_OK); /* the same */
    assert_false(written.is_changed);
    assert_int_equal(test_put(&desk, &smaller, "*", &written, &fault), TF_UNSUPPORTED);
    assert_string_equal(fault.field, "role");
    desk.who.role = "duty-officer";
    assert_int_equal(test_put(&desk, &smaller, "*", &written, &fault), TF_OK);
    assert_int_equal(written.version, 2);
    test_commit(&desk);
    test_desk_close(&desk);
}

/* A change of what is accepted is checked; one that is refused changes nothing. */
static void a_change(void **state)
{
    (void)state;
    struct test_desk desk;
    struct ops_written written, other;
    struct tf_fault fault;
    struct place moved = far;
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    put(&desk, &first);
    put(&desk, &far);
    act(&desk, "first", OPS_ACT_SUBMIT, NULL, true);
    act(&desk, "far", OPS_ACT_SUBMIT, NULL, true);
    moved.lat_deg = 36.5;
    assert_int_equal(test_put(&desk, &moved, "*", &written, &fault), TF_UNSUPPORTED);
    assert_int_equal(written.version, 2);
    moved.lat_deg = 37.5;
    assert_int_equal(test_put(&desk, &moved, written.etag, &other, &fault), TF_OK);
    assert_int_equal(other.version, 3);
    assert_int_equal(other.state, OPS_STATE_ACCEPTED);
    assert_int_equal(test_put(&desk, &moved, other.etag, &other, &fault), TF_OK);
    assert_false(other.is_changed); /* the same again */
    moved.lat_deg = 38.5;
    assert_int_equal(test_put(&desk, &moved, written.etag, &other, &fault), TF_EXISTS);
    assert_string_equal(fault.field, "if_match");
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    assert_int_equal(ops_changed_since(desk.ops, &desk.c, OPS_OPERATION, "far", written.etag, &out),
                     TF_OK);
    assert_non_null(strstr(out.data, "\"path\":\"feature.geometry.coordinates\""));
    tf_buf_release(&out);
    assert_int_equal(test_put(&desk, &moved, NULL, &other, &fault), TF_EXISTS);
    assert_string_equal(fault.field, "id");
    test_commit(&desk);
    test_desk_close(&desk);
}

/* Options end the conflict: taken, the plan is accepted. */
static void an_option(void **state)
{
    (void)state;
    struct test_desk desk;
    struct ops_verdict verdict;
    struct tf_fault fault;
    struct tf_entity entity;
    struct tf_option_limits limits = {.max_options = 5};
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    put(&desk, &first);
    act(&desk, "first", OPS_ACT_SUBMIT, NULL, true);
    for (int round = 0; round < 2; round++) { /* pending, then committed */
        test_entity(&second, &entity);
        struct ops_query query = {.entity = &entity, .options = &limits};
        assert_int_equal(ops_check(desk.ops, &desk.c, &query, &verdict, &fault), TF_OK);
        assert_int_equal(verdict.outcome, OPS_DECIDE);
        assert_true(verdict.has_options);
        /* One that is pending is not in the index yet: none may be offered that would meet it. */
        assert_true(round == 0 || verdict.options.count > 0);
        for (size_t i = 0; i < verdict.options.count; i++) {
            struct ops_verdict again;
            struct tf_entity changed = entity;
            changed.volumes = verdict.options.options[i].volumes;
            changed.volume_count = verdict.options.options[i].volume_count;
            struct ops_query taken = {.entity = &changed};
            assert_int_equal(ops_check(desk.ops, &desk.c, &taken, &again, &fault), TF_OK);
            assert_int_equal(again.outcome, OPS_CLEAR);
            ops_verdict_release(&again);
        }
        struct tf_buf out = TF_BUF_INIT(1 << 20);
        ops_print_verdict(&out, &verdict, &entity);
        json_t *json = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        assert_int_equal(json_array_size(json_object_get(json, "options")), verdict.options.count);
        json_decref(json);
        tf_buf_release(&out);
        ops_verdict_release(&verdict);
        tf_entity_release(&entity);
        if (round == 0) {
            test_commit(&desk);
            test_begin(&desk);
        }
    }
    test_commit(&desk);
    test_desk_close(&desk);
}

static enum ops_outcome outcome_for(struct test_desk *desk, struct ops *ops,
                                    const struct place *place)
{
    struct tf_entity entity;
    struct ops_verdict verdict;
    struct tf_fault fault;
    test_entity(place, &entity);
    struct ops_query query = {.entity = &entity};
    assert_int_equal(ops_check(ops, &desk->c, &query, &verdict, &fault), TF_OK);
    enum ops_outcome outcome = verdict.outcome;
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    return outcome;
}

/* What was undone or rolled back leaves no trace; what was committed is found by all. */
static void transactions(void **state)
{
    (void)state;
    struct test_desk desk;
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    put(&desk, &no_fly);
    assert_int_equal(outcome_for(&desk, desk.ops, &first), OPS_REFUSE);
    test_rollback(&desk);
    test_begin(&desk);
    assert_int_equal(outcome_for(&desk, desk.ops, &first), OPS_CLEAR);
    assert_int_equal(sql_mark(desk.sql), TF_OK);
    put(&desk, &no_fly);
    assert_int_equal(outcome_for(&desk, desk.ops, &first), OPS_REFUSE);
    assert_int_equal(sql_undo(desk.sql), TF_OK);
    ledger_forget(desk.ledger);
    assert_int_equal(outcome_for(&desk, desk.ops, &first), OPS_CLEAR);
    put(&desk, &no_fly); /* the same number of a change as the one that was undone */
    test_commit(&desk);
    struct ops *again = test_desk_again();
    test_begin(&desk);
    assert_int_equal(outcome_for(&desk, desk.ops, &first), OPS_REFUSE);
    assert_int_equal(outcome_for(&desk, again, &first), OPS_REFUSE);
    test_commit(&desk);
    ops_free(again);
    test_desk_close(&desk);
}

struct rows {
    size_t added, updated, unchanged, refused;
};

static bool count_row(void *ctx, const struct ops_import_row *row)
{
    struct rows *rows = ctx;
    rows->added += row->outcome == OPS_ADDED;
    rows->updated += row->outcome == OPS_UPDATED;
    rows->unchanged += row->outcome == OPS_UNCHANGED;
    rows->refused += row->outcome == OPS_REFUSED;
    assert_int_equal(row->outcome == OPS_REFUSED, row->fault != NULL);
    return true;
}

static struct rows import_text(struct test_desk *desk, const char *text, bool replaces,
                               bool submits)
{
    struct rows rows = {0};
    struct tf_notes notes = {0};
    struct tf_fault fault;
    struct ops_import import = {.bytes = text,
                                .len = strlen(text),
                                .options = {.file_name = "sites.csv", .as_sites = true},
                                .replaces = replaces,
                                .submits = submits};
    assert_int_equal(
        ops_import(desk->ops, &desk->c, &import, &desk->who, count_row, &rows, &notes, &fault),
        TF_OK);
    tf_notes_release(&notes);
    return rows;
}

static void a_file(void **state)
{
    (void)state;
    static const char csv[] = "id,name,lat,lon,radius_m,category\n"
                              "A1,One,36.1,37.1,500,Hospital\n"
                              "A2,Two,96.2,37.2,500,مدرسة\n"
                              "A3,Three,36.3,37.3,500,склад\n";
    static const char corrected[] = "id,name,lat,lon,radius_m,category\n"
                                    "A1,One,36.1,37.1,500,Hospital\n"
                                    "A2,Two,36.2,37.2,500,مدرسة\n"
                                    "A3,Three,36.31,37.3,500,склад\n";
    struct test_desk desk;
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    struct rows rows = import_text(&desk, csv, false, false);
    assert_int_equal(rows.added, 2);
    assert_int_equal(rows.refused, 1);
    rows = import_text(&desk, corrected, true, false);
    assert_int_equal(rows.added, 1);
    assert_int_equal(rows.updated, 1);
    assert_int_equal(rows.unchanged, 1);
    rows = import_text(&desk, corrected, false, false); /* they are there */
    assert_int_equal(rows.refused, 3);
    test_commit(&desk);
    test_desk_close(&desk);
}

struct copies {
    size_t made, refused, accepted;
    char last[OPS_ID_SIZE];
};

static bool count_copy(void *ctx, const char *id, const struct ops_verdict *verdict,
                       const struct tf_fault *fault)
{
    struct copies *copies = ctx;
    copies->made += fault == NULL;
    copies->refused += fault != NULL;
    copies->accepted += verdict && verdict->is_applied && verdict->outcome <= OPS_NOTE && !fault;
    snprintf(copies->last, sizeof copies->last, "%s", id);
    return true;
}

static void a_daily_patrol(void **state)
{
    (void)state;
    struct test_desk desk;
    struct copies copies = {0};
    struct tf_fault fault;
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    put(&desk, &first); /* Saturday 28 November 2026, 01:00 */
    struct ops_repeat repeat = {.id = "first",
                                .every_ns = TF_DAY_NS,
                                .weekdays = 1u << 0 | 1u << 2, /* Monday, Wednesday */
                                .count = 4,
                                .submits = true};
    assert_int_equal(ops_repeat(desk.ops, &desk.c, &repeat, &desk.who, count_copy, &copies, &fault),
                     TF_OK);
    assert_int_equal(copies.made, 4);
    assert_int_equal(copies.accepted, 4);
    assert_string_equal(copies.last, "first/20261209T0100Z");
    assert_int_equal(ops_repeat(desk.ops, &desk.c, &repeat, &desk.who, count_copy, &copies, &fault),
                     TF_OK);
    assert_int_equal(copies.refused, 4); /* they are there */
    repeat.count = 0;
    assert_int_equal(ops_repeat(desk.ops, &desk.c, &repeat, &desk.who, count_copy, &copies, &fault),
                     TF_MISSING);
    test_commit(&desk);
    test_desk_close(&desk);
}

static void the_policy(void **state)
{
    (void)state;
    static const char strict[] = "{\"format\":\"tafadi-policy/v1\",\"rules\":["
                                 "{\"other\":\"zone\",\"outcome\":\"note\"}]}";
#define POLICY(rule) ("{\"format\":\"tafadi-policy/v1\",\"rules\":[" rule "]}")
    static const char *const wrong[] = {"{}", POLICY("{\"outcome\":\"clear\"}"),
                                        POLICY("{\"outcome\":\"decide\"}"),
                                        POLICY("{\"outcome\":\"decide\",\"role\":\"viewer\"}"),
                                        POLICY("{\"other\":\"moon\",\"outcome\":\"note\"}")};
    struct test_desk desk;
    struct tf_fault fault;
    int64_t version;
    test_desk_open(&desk, NULL);
    test_begin(&desk);
    put(&desk, &no_fly);
    put(&desk, &hospital);
    desk.who.role = "head-of-cell";
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_not_equal(
            ops_set_policy(desk.ops, &desk.c, wrong[i], strlen(wrong[i]), 0, &desk.who, &fault),
            TF_OK);
    assert_int_equal(
        ops_set_policy(desk.ops, &desk.c, strict, strlen(strict), 0, &desk.who, &fault), TF_OK);
    assert_int_equal(outcome_for(&desk, desk.ops, &first), OPS_REFUSE); /* no rule for sites */
    assert_int_equal(
        ops_set_policy(desk.ops, &desk.c, strict, strlen(strict), 0, &desk.who, &fault), TF_EXISTS);
    test_rollback(&desk);
    test_begin(&desk);
    struct tf_buf out = TF_BUF_INIT(OPS_POLICY_MAX);
    assert_int_equal(ops_policy(desk.ops, &desk.c, &out, &version), TF_OK);
    assert_int_equal(version, 0);
    put(&desk, &no_fly);
    assert_int_equal(outcome_for(&desk, desk.ops, &first), OPS_REFUSE);
    assert_int_equal(
        ops_set_policy(desk.ops, &desk.c, strict, strlen(strict), 0, &desk.who, &fault), TF_OK);
    assert_int_equal(outcome_for(&desk, desk.ops, &first), OPS_NOTE);
    tf_buf_release(&out);
    test_commit(&desk);
    test_desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life),
        cmocka_unit_test(a_decision),
        cmocka_unit_test(sites_and_zones),
        cmocka_unit_test(a_change),
        cmocka_unit_test(a_zone_is_not_a_planners_to_change),
        cmocka_unit_test(an_option),
        cmocka_unit_test(transactions),
        cmocka_unit_test(a_file),
        cmocka_unit_test(a_daily_patrol),
        cmocka_unit_test(the_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
