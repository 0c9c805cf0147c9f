/*
 * test_incident.c - reports of incidents: what was known around a place at a time, in the version
 * of that time, with what had been said about it; kept as it was found.
 */
#include "two_desks.h"

#include "ops/incident.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_MAX = 4 << 20, PAGE_AND_MORE = 620 };

static enum tf_status report(struct both *b, int which, const struct ops_incident *incident,
                             json_t **out)
{
    struct side *side = &b->pair.side[which];
    struct ops_who who = {.role = "duty-officer", .source = "operator"};
    struct tf_buf text = TF_BUF_INIT(REPORT_MAX);
    struct tf_fault fault = {.message = NULL};
    *out = NULL;
    assert_int_equal(sql_begin(side->sql), TF_OK);
    enum tf_status rc = ops_incident_report(b->ops[which], &side->c, incident, &who, &text, &fault);
    if (rc) {
        assert_non_null(fault.message);
        sql_rollback(side->sql);
        ledger_forget(side->ledger);
    } else {
        assert_int_equal(sql_commit(side->sql), TF_OK);
        *out = json_loadb(text.data, text.len, 0, NULL);
        assert_non_null(*out);
    }
    tf_buf_release(&text);
    pair_pass_time(&b->pair, SECOND_US); /* an id for each millisecond */
    return rc;
}

static json_t *report_now(struct both *b, int which)
{
    struct ops_incident here = {.at = {36.5, 37.2},
                                .at_us = b->pair.side[which].c.now_us,
                                .radius_m = 50000,
                                .before_s = 3600,
                                .after_s = 48 * 3600,
                                .text = "a near miss"};
    json_t *out;
    assert_int_equal(report(b, which, &here, &out), TF_OK);
    return out;
}

static const json_t *found_of(const json_t *report, const char *owner, const char *id)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(report, "found"), i, one)
    {
        const json_t *record = json_object_get(one, "record");
        if (strcmp(json_string_value(json_object_get(record, "owner")), owner) == 0 &&
            (!id || strcmp(json_string_value(json_object_get(record, "id")), id) == 0))
            return one;
    }
    return NULL;
}

static int64_t version_of(const json_t *found)
{
    return json_integer_value(json_object_get(json_object_get(found, "record"), "version"));
}

/* Types of the messages about it, in order. */
static void assert_said(const json_t *found, bool is_own, const char *const *types)
{
    const json_t *messages = json_object_get(found, "messages");
    size_t count = 0;
    while (types[count])
        count++;
    assert_int_equal(json_array_size(messages), count);
    for (size_t i = 0; i < count; i++) {
        const json_t *message = json_array_get(messages, i);
        assert_string_equal(json_string_value(json_object_get(message, "type")), types[i]);
        assert_int_equal(json_is_true(json_object_get(message, "own")), is_own);
        assert_true(json_is_string(json_object_get(message, "delivered")));
    }
}

static bool compare(void *ctx, const char *json, size_t len)
{
    json_t *kept = json_loadb(json, len, 0, NULL);
    assert_true(json_equal(kept, ctx));
    json_decref(kept);
    return true;
}

static void assert_kept(struct both *b, int which, json_t *report)
{
    struct side *side = &b->pair.side[which];
    const char *id = json_string_value(json_object_get(report, "id"));
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_incident_each(b->ops[which], &side->c, id, 10, compare, report), TF_OK);
    assert_int_equal(ops_incident_each(b->ops[which], &side->c, "incident-1", 10, compare, report),
                     TF_NOT_FOUND);
    assert_int_equal(sql_commit(side->sql), TF_OK);
}

/* Own and declared, each in the version of that time, from both sides; and the same again later. */
static void what_was_known(void **state)
{
    (void)state;
    static const char *const first[] = {"op.declare", NULL}, *const both[] = {"op.declare",
                                                                              "op.update", NULL};
    struct both b;
    char id[OPS_CASE_ID_SIZE];
    start(&b, "full", id);
    json_t *early = report_now(&b, 0);
    int64_t early_us = b.pair.side[0].c.now_us - SECOND_US;
    assert_int_equal(json_array_size(json_object_get(early, "found")), 2);
    assert_said(found_of(early, "", "north-1"), true, first);
    assert_said(found_of(early, b.pair.line, NULL), false, first);
    struct place moved = north_one;
    moved.lat_deg += 0.2;
    assert_true(put(&b, 0, &moved, false));
    quiet(&b);
    json_t *late = report_now(&b, 0), *theirs = report_now(&b, 1);
    assert_said(found_of(late, "", "north-1"), true, both);
    assert_said(found_of(theirs, b.pair.line, NULL), false, both);
    assert_int_equal(version_of(found_of(late, "", "north-1")),
                     version_of(found_of(early, "", "north-1")) + 1);
    /* About the time of the first one: what is known since does not change what was. */
    struct ops_incident then = {.at = {36.5, 37.2},
                                .at_us = early_us,
                                .radius_m = 50000,
                                .before_s = 3600,
                                .after_s = 48 * 3600};
    json_t *again;
    assert_int_equal(report(&b, 0, &then, &again), TF_OK);
    assert_true(json_equal(json_object_get(again, "found"), json_object_get(early, "found")));
    assert_kept(&b, 0, early);
    assert_kept(&b, 0, late);
    /* Too far away, too late; and what is no question. */
    then.at.lat_deg = 40;
    json_decref(again);
    assert_int_equal(report(&b, 0, &then, &again), TF_OK);
    assert_int_equal(json_array_size(json_object_get(again, "found")), 0);
    json_decref(again);
    then.at.lat_deg = 36.5;
    then.after_s = 0;
    assert_int_equal(report(&b, 0, &then, &again), TF_OK);
    assert_int_equal(json_array_size(json_object_get(again, "found")), 0);
    json_decref(again);
    then.at_us = b.pair.side[0].c.now_us + 3600 * SECOND_US;
    assert_int_equal(report(&b, 0, &then, &again), TF_TIME);
    then.at_us = early_us;
    then.radius_m = 200001;
    assert_int_equal(report(&b, 0, &then, &again), TF_RANGE);
    then.radius_m = 1000;
    then.before_s = 7 * 86400 + 1;
    assert_int_equal(report(&b, 0, &then, &again), TF_RANGE);
    json_decref(early);
    json_decref(late);
    json_decref(theirs);
    pair_check(&b.pair);
    close_both(&b);
}

/* More than a page of records: all are looked at, and what is not listed is counted. */
static void more_than_listed(void **state)
{
    (void)state;
    struct both b;
    open_both(&b);
    for (int i = 0; i < PAGE_AND_MORE; i++) {
        char name[16];
        snprintf(name, sizeof name, "draft-%d", i);
        struct place place = north_one;
        place.id = name;
        (void)put(&b, 0, &place, false);
    }
    json_t *one = report_now(&b, 0);
    assert_int_equal(json_array_size(json_object_get(one, "found")), OPS_INCIDENT_RECORDS_MAX);
    assert_int_equal(json_integer_value(json_object_get(one, "more")),
                     PAGE_AND_MORE - OPS_INCIDENT_RECORDS_MAX);
    json_decref(one);
    close_both(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_known),
                                       cmocka_unit_test(more_than_listed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
