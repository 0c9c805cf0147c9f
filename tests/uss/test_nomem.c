/*
 * test_nomem.c - the n-th allocation of a USS's day fails, for every n: reading what others say, an
 * operation on its way to a DSS, an intent's life, notifications, telemetry. The answer is a
 * status, and nothing of it is there afterwards.
 *
 * Those inside of libraries do not fail: jansson does not survive it.
 */
#include "allocfail.h"
#include "desk.h"

#include "uss/operation.h"
#include "uss/telemetry.h"
#include <math.h>
#include <stdio.h>

#define ID "11111111-1111-4111-8111-111111111111"
#define OTHER "22222222-2222-4222-8222-222222222222"
#define SUBSCRIPTIONS                                                                              \
    "[{\"subscription_id\":\"33333333-3333-4333-8333-333333333333\",\"notification_index\":1}]"
#define TIME(hour) "{\"value\":\"2026-11-28T" hour ":00:00Z\",\"format\":\"RFC3339\"}"
#define REFERENCE(id, manager, version)                                                            \
    "{\"id\":\"" id "\",\"manager\":\"" manager                                                    \
    "\",\"uss_availability\":\"Unknown\",\"version\":" version                                     \
    ",\"state\":\"Accepted\",\"ovn\":\"abcdefghijklmnopq\",\"time_start\":" TIME(                  \
        "01") ",\"time_end\":" TIME("02") ",\"uss_base_url\":\"https://" manager ".example\"}"
#define VOLUME                                                                                     \
    "{\"volume\":{\"outline_polygon\":{\"vertices\":[{\"lat\":36.5,\"lng\":37.2},{\"lat\":36.5,"   \
    "\"lng\":37.201},{\"lat\":36.501,\"lng\":37.201}]},\"altitude_lower\":{\"value\":100,"         \
    "\"reference\":\"W84\",\"units\":\"M\"},\"altitude_upper\":{\"value\":200,\"reference\":"      \
    "\"W84\",\"units\":\"M\"}},\"time_start\":" TIME("01") ",\"time_end\":" TIME("02") "}"
#define INTENT(id, manager)                                                                        \
    "{\"reference\":" REFERENCE(id, manager, "1") ",\"details\":{\"volumes\":[" VOLUME             \
                                                  "],\"priority\":3}}"

static const struct place flight = {"flight", TF_KIND_UNCREWED,   36.5, 37.2, 500, 100, 200, 1, 2,
                                    0,        TF_RESTRICTION_NONE};

struct work {
    struct test_desk desk;
    struct tf_entity flight;
    json_t *answer, *notice, *change, *list, *aircraft; /* what others say, parsed */
};

/* --- what others say -------------------------------------------------------------------------- */

static enum tf_status read_all(const struct work *w)
{
    struct uss_reference reference;
    struct uss_details details = {0};
    struct uss_references list = {0};
    struct uss_subscribers subscribers = {0};
    struct uss_position position;
    struct tf_fault fault;
    enum tf_status rc = uss_read_intent(w->answer, &reference, &details, &fault);
    if (!rc)
        rc = uss_read_references(w->list, "operational_intent_references", false, &list, &fault);
    if (!rc)
        rc = uss_read_change(w->change, &reference, &subscribers, &fault);
    if (!rc)
        rc = uss_read_aircraft(w->aircraft, "", &position, &fault);
    uss_details_release(&details);
    uss_references_release(&list);
    free(subscribers.at);
    return rc;
}

static enum tf_status hear(const struct work *w)
{
    const struct line_context *c = &w->desk.c;
    struct uss_notice notice = {.is_constraint = false};
    struct uss_neighbour found = {.is_down = false};
    struct tf_fault fault;
    enum tf_status rc = uss_read_notice(w->notice, false, &notice, &fault);
    if (!rc)
        rc = uss_heard_put(c, "other", &notice);
    if (!rc)
        rc = uss_heard_find(c, &notice.id, "other", &found);
    uss_notice_release(&notice);
    uss_neighbour_release(&found);
    return rc;
}

/* --- an operation and its intent -------------------------------------------------------------- */

static enum tf_status submit(struct work *w, struct ops *ops)
{
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written;
    struct tf_fault fault;
    struct ops_draft draft = {.class = OPS_OPERATION, .entity = &w->flight, .if_match = "*"};
    struct ops_deed deed = {.class = OPS_OPERATION, .id = "flight", .act = OPS_ACT_SUBMIT};
    uss_gate_close(ops);
    enum tf_status rc = uss_publish_set(&w->desk.c, USS_PUBLISH_UNCREWED, "https://dss.example");
    if (!rc)
        rc = ops_put(ops, &w->desk.c, &draft, &w->desk.who, &verdict, &written, &fault);
    ops_verdict_release(&verdict);
    if (!rc)
        rc = ops_act(ops, &w->desk.c, &deed, &w->desk.who, &verdict, &written, &fault);
    if (!rc)
        assert_true(verdict.is_held && written.state == OPS_STATE_SUBMITTED);
    ops_verdict_release(&verdict);
    return rc;
}

static enum tf_status keep(const struct line_context *c, const struct tf_uuid *id,
                           const json_t *answer)
{
    struct uss_reference reference;
    struct uss_details details = {0};
    struct uss_flight found = {.in_doubt = false};
    struct tf_fault fault;
    enum tf_status rc = uss_read_intent(answer, &reference, &details, &fault);
    reference.id = *id;
    if (!rc)
        rc = uss_flight_want(c, id, TF_STATE_ACCEPTED, &details);
    if (!rc)
        rc = uss_flight_set(c, &reference, &details, false);
    if (!rc)
        rc = uss_flight_find(c, id, &found);
    uss_details_release(&details);
    uss_flight_release(&found);
    return rc;
}

static bool take_telling(void *ctx, const struct uss_telling *telling)
{
    *(int64_t *)ctx = telling->number;
    return true;
}

static enum tf_status tell(const struct line_context *c, const struct tf_uuid *id)
{
    int64_t number = 0;
    struct uss_position here = {.at_us = c->now_us, .speed_mps = NAN, .track_deg = 360};
    struct tf_buf text = TF_BUF_INIT(1 << 20);
    uss_accuracy_words(&here, 4, NAN);
    enum tf_status rc = uss_tell_add(c, id, "https://other.example", "{}", false);
    if (!rc)
        rc = uss_tell_due(c, 8, take_telling, &number);
    if (!rc)
        rc = uss_tell_settle(c, number, 204, "");
    if (!rc)
        rc = uss_telemetry_add(c, id, &here);
    if (!rc)
        rc = uss_telemetry_print(c, id, &text);
    tf_buf_release(&text);
    return rc;
}

static enum tf_status finish(const struct line_context *c, const struct uss_operation *operation)
{
    struct tf_buf text = TF_BUF_INIT(1 << 20);
    struct uss_operation_end end = {.result = "done", .why = "", .check = "{}"};
    struct tf_uuid report;
    enum tf_status rc = uss_operation_print(c, operation->op, &text);
    if (!rc)
        rc = uss_operation_settle(c, operation->op, &end);
    if (!rc)
        rc = uss_report_put(c, "other", "{}", 2, &report);
    if (!rc)
        rc = uss_flight_end(c, &operation->intent, "closed");
    tf_buf_release(&text);
    return rc;
}

/* With a memory of its own, so that reading what is there fails, too. */
static enum tf_status day(void *ctx)
{
    struct work *w = ctx;
    struct ops *ops = NULL;
    const struct line_context *c = &w->desk.c;
    struct uss_operation operation = {.due_us = 0};
    assert_int_equal(sql_begin(w->desk.sql), TF_OK);
    enum tf_status rc = ops_new(&ops);
    if (!rc)
        rc = read_all(w);
    if (!rc)
        rc = submit(w, ops);
    if (!rc)
        rc = uss_operation_due(c, &operation);
    if (!rc)
        rc = keep(c, &operation.intent, w->answer);
    if (!rc)
        rc = hear(w);
    if (!rc)
        rc = tell(c, &operation.intent);
    if (!rc)
        rc = finish(c, &operation);
    sql_rollback(w->desk.sql);
    ledger_forget(w->desk.ledger);
    uss_operation_release(&operation);
    ops_free(ops);
    return rc;
}

static json_t *parsed(const char *text)
{
    struct tf_fault fault;
    json_t *json = NULL;
    assert_int_equal(uss_parse(text, strlen(text), &json, &fault), TF_OK);
    return json;
}

static void every_allocation(void **state)
{
    (void)state;
    char why[SQL_WHY_SIZE];
    struct work w = {
        .answer = parsed("{\"operational_intent\":" INTENT(ID, "own") "}"),
        .notice = parsed("{\"operational_intent_id\":\"" OTHER "\",\"operational_intent\":" INTENT(
            OTHER, "other") ",\"subscriptions\":" SUBSCRIPTIONS "}"),
        .change = parsed("{\"operational_intent_reference\":" REFERENCE(
            ID, "own",
            "1") ",\"subscribers\":[{\"uss_base_url\":\"https://x.example\",\"subscriptions\":"
                 "[]}]}"),
        .list = parsed("{\"operational_intent_references\":[" REFERENCE(OTHER, "other", "1") "]}"),
        .aircraft = parsed("{\"timestamp\":" TIME(
            "01") ",\"position\":{\"location\":{\"lat\":1,\"lng\":2},"
                  "\"altitudes\":[{\"value\":3,\"reference\":\"W84\",\"units\":\"M\"}]}}")};
    test_desk_open(&w.desk, ":memory:");
    assert_int_equal(uss_prepare(w.desk.sql, why), TF_OK);
    test_entity(&flight, &w.flight);
    uint64_t size = test_ledger_size(&w.desk);
    size_t count = allocfail_each(day, &w, 20000);
    print_message("%zu allocations\n", count);
    assert_true(count > 120);
    assert_int_equal(test_ledger_size(&w.desk), size);
    json_decref(w.answer);
    json_decref(w.notice);
    json_decref(w.change);
    json_decref(w.list);
    json_decref(w.aircraft);
    tf_entity_release(&w.flight);
    test_desk_close(&w.desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
