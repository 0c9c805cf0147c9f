/*
 * test_rules.c - what is read and written between USSs, and the rules of planning.
 */
#include "uss/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ID "11111111-1111-4111-8111-111111111111"
#define OVN "abcdefghijklmnop"

/* A square of 0.001 degrees, as text; minutes from 2026-11-29T00:00Z. */
struct square {
    double lat, lower_m, upper_m;
    int from, until;
};
static void put_square(struct tf_buf *out, struct square s)
{
    tf_buf_printf(out,
                  "{\"volume\":{\"outline_polygon\":{\"vertices\":[{\"lat\":%g,\"lng\":0},"
                  "{\"lat\":%g,\"lng\":0.001},{\"lat\":%g,\"lng\":0.001},{\"lat\":%g,\"lng\":0}]},"
                  "\"altitude_lower\":{\"value\":%g,\"reference\":\"W84\",\"units\":\"M\"},"
                  "\"altitude_upper\":{\"value\":%g,\"reference\":\"W84\",\"units\":\"M\"}},"
                  "\"time_start\":{\"value\":\"2026-11-29T%02d:%02d:00Z\",\"format\":\"RFC3339\"},"
                  "\"time_end\":{\"value\":\"2026-11-29T%02d:%02d:00Z\",\"format\":\"RFC3339\"}}",
                  s.lat, s.lat, s.lat + 0.001, s.lat + 0.001, s.lower_m, s.upper_m, s.from / 60,
                  s.from % 60, s.until / 60, s.until % 60);
}

static struct uss_details details_of(struct square nominal, int priority)
{
    struct tf_buf text = TF_BUF_INIT(65536);
    struct uss_details out;
    struct tf_fault fault;
    json_t *json;
    tf_buf_text(&text, "{\"volumes\":[");
    put_square(&text, nominal);
    tf_buf_printf(&text, "],\"priority\":%d}", priority);
    assert_int_equal(uss_parse(text.data, text.len, &json, &fault), TF_OK);
    assert_int_equal(uss_read_details(json, &out, &fault), TF_OK);
    json_decref(json);
    tf_buf_release(&text);
    return out;
}

static struct tf_uuid id_of(const char *text)
{
    struct tf_uuid id;
    assert_true(tf_uuid_parse(text, strlen(text), &id));
    return id;
}

#define BASE_NS INT64_C(1795910400000000000) /* 2026-11-29T00:00Z */
static struct uss_neighbour neighbour(struct square nominal, int priority, enum tf_state state)
{
    struct uss_neighbour n = {.details = details_of(nominal, priority)};
    n.reference = (struct uss_reference){.id = id_of(ID),
                                         .manager = "uss2",
                                         .url = "https://uss2.example",
                                         .ovn = OVN,
                                         .state = state,
                                         .version = 3,
                                         .start_ns = BASE_NS + nominal.from * TF_MINUTE_NS,
                                         .end_ns = BASE_NS + nominal.until * TF_MINUTE_NS};
    return n;
}

static const struct square here = {10, 0, 100, 60, 120}, beside = {10.0011, 0, 100, 60, 120},
                           touching = {10.001, 0, 100, 60, 120}, above = {10, 100.5, 200, 60, 120},
                           later = {10, 0, 100, 120, 180}, far = {11, 0, 100, 60, 120};

static void test_who_is_in_the_way(void **state)
{
    const struct {
        struct square other;
        int priority;
        bool is_expected;
    } cases[] = {{here, 0, true},    {here, 1, true},   {here, -1, false}, {touching, 0, true},
                 {beside, 0, false}, {above, 0, false}, {later, 0, false}, {far, 5, false}};
    struct uss_details own = details_of(here, 0);
    (void)state;
    for (int s = TF_STATE_ACCEPTED; s <= TF_STATE_CONTINGENT; s++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            struct uss_neighbour n =
                neighbour(cases[i].other, cases[i].priority, TF_STATE_ACCEPTED);
            struct uss_wish wish = {.state = (enum tf_state)s, .details = &own};
            bool nominal = s == TF_STATE_ACCEPTED || s == TF_STATE_ACTIVATED;
            assert_int_equal(uss_is_in_the_way(&wish, &n), nominal && cases[i].is_expected);
            uss_neighbour_release(&n);
        }
    uss_details_release(&own);
}

static void test_flying_on(void **state)
{
    struct uss_details own = details_of(here, 0), apart = details_of(far, 0);
    struct uss_neighbour n = neighbour(here, 5, TF_STATE_ACTIVATED);
    struct uss_wish wish = {.state = TF_STATE_ACTIVATED,
                            .details = &own,
                            .state_before = TF_STATE_ACTIVATED,
                            .before = &own};
    (void)state;
    assert_false(uss_is_in_the_way(&wish, &n)); /* it met it before */
    wish.before = &apart;
    assert_true(uss_is_in_the_way(&wish, &n));
    wish.before = &own;
    wish.state_before = TF_STATE_ACCEPTED; /* is activated now */
    assert_true(uss_is_in_the_way(&wish, &n));
    uss_neighbour_release(&n);
    uss_details_release(&own);
    uss_details_release(&apart);
}

static void test_down(void **state)
{
    struct uss_details own = details_of(here, 100);
    struct uss_wish wish = {.state = TF_STATE_ACCEPTED, .details = &own};
    (void)state;
    for (int s = TF_STATE_ACCEPTED; s <= TF_STATE_CONTINGENT; s++) {
        struct uss_neighbour n = {.reference.state = (enum tf_state)s, .is_down = true};
        assert_int_equal(uss_is_in_the_way(&wish, &n), s != TF_STATE_ACCEPTED);
    }
    uss_details_release(&own);
}

static void test_wishes(void **state)
{
    /* Rows: before, from DRAFT; columns: after, from ACCEPTED. */
    static const bool may[5][4] = {{true, true, false, false},
                                   {true, true, true, true},
                                   {false, true, true, true},
                                   {false, true, true, true},
                                   {false, false, false, true}};
    struct uss_details own = details_of(here, 0);
    struct tf_fault fault;
    (void)state;
    for (int before = 0; before < 5; before++)
        for (int after = 0; after < 4; after++) {
            struct uss_wish wish = {.state = (enum tf_state)(TF_STATE_ACCEPTED + after),
                                    .details = &own,
                                    .state_before = (enum tf_state)(TF_STATE_DRAFT + before),
                                    .before = before ? &own : NULL};
            enum tf_status rc = uss_check_wish(&wish, BASE_NS + 90 * TF_MINUTE_NS, &fault);
            assert_int_equal(rc, may[before][after] ? TF_OK : TF_UNSUPPORTED);
        }
    struct uss_wish wish = {.state = TF_STATE_ACCEPTED, .details = &own};
    assert_int_equal(uss_check_wish(&wish, BASE_NS + 120 * TF_MINUTE_NS, &fault), TF_TIME);
    assert_int_equal(uss_check_wish(&wish, BASE_NS, &fault), TF_OK);
    assert_int_equal(uss_check_wish(&wish, BASE_NS + 59 * TF_MINUTE_NS - 30 * TF_DAY_NS, &fault),
                     TF_TIME);
    wish.state = TF_STATE_ACTIVATED;
    assert_int_equal(uss_check_wish(&wish, BASE_NS + 59 * TF_MINUTE_NS, &fault), TF_TIME);
    assert_int_equal(uss_check_wish(&wish, BASE_NS + 60 * TF_MINUTE_NS, &fault), TF_OK);
    own.off_nominal = own.nominal;
    assert_int_equal(uss_check_wish(&wish, BASE_NS + 60 * TF_MINUTE_NS, &fault), TF_SYNTAX);
    own.off_nominal = (struct uss_volumes){0};
    uss_details_release(&own);
}

static void test_answers(void **state)
{
    struct uss_neighbour n = neighbour(here, 0, TF_STATE_ACCEPTED);
    struct uss_details near = details_of(beside, 0), away = details_of(far, 0);
    struct uss_reference known = n.reference;
    struct tf_fault fault;
    (void)state;
#define CHECK(expected)                                                                            \
    assert_int_equal(uss_check_answer(&known, &n.reference, &n.details, &near.nominal, &fault),    \
                     expected)
    CHECK(TF_OK);
    known.version = 4;
    CHECK(TF_NOT_FOUND);
    known.version = 2;
    CHECK(TF_BUSY);
    known.version = 3;
    known.state = TF_STATE_ACTIVATED;
    CHECK(TF_SYNTAX);
    known = n.reference;
    known.end_ns += 2 * TF_SECOND_NS;
    CHECK(TF_TIME);
    known = n.reference;
    snprintf(known.manager, sizeof known.manager, "uss3");
    CHECK(TF_SYNTAX);
    known = n.reference;
    n.reference.end_ns = known.end_ns = known.end_ns - 2 * TF_SECOND_NS; /* the volume is longer */
    CHECK(TF_TIME);
    n.reference.end_ns = known.end_ns = known.end_ns + 2 * TF_SECOND_NS;
    n.reference.ovn[0] = '\0';
    CHECK(TF_SYNTAX);
    memcpy(n.reference.ovn, OVN, sizeof OVN);
    CHECK(TF_OK);
#undef CHECK
    assert_int_equal(uss_check_answer(&known, &n.reference, &n.details, &away.nominal, &fault),
                     TF_RANGE);
    uss_neighbour_release(&n);
    uss_details_release(&near);
    uss_details_release(&away);
}

/* What is written is read again the same. */
static void test_round_trip(void **state)
{
    struct uss_neighbour n = neighbour(here, -7, TF_STATE_ACTIVATED), again;
    struct tf_buf text = TF_BUF_INIT(65536), twice = TF_BUF_INIT(65536);
    struct tf_fault fault;
    json_t *json;
    (void)state;
    struct tf_buf *outs[] = {&text, &twice};
    const struct uss_neighbour *from = &n;
    for (int i = 0; i < 2; i++) {
        tf_buf_text(outs[i], "{\"operational_intent\":{\"reference\":");
        uss_put_reference(outs[i], &from->reference);
        tf_buf_text(outs[i], ",\"details\":");
        assert_int_equal(uss_put_details(outs[i], &from->details), TF_OK);
        tf_buf_text(outs[i], "}}");
        if (i == 1)
            break;
        assert_int_equal(uss_parse(text.data, text.len, &json, &fault), TF_OK);
        assert_int_equal(uss_read_intent(json, &again.reference, &again.details, &fault), TF_OK);
        json_decref(json);
        from = &again;
    }
    assert_string_equal(text.data, twice.data);
    assert_int_equal(again.details.priority, -7);
    uss_details_release(&again.details);
    uss_neighbour_release(&n);
    tf_buf_release(&text);
    tf_buf_release(&twice);
}

static void test_faults_are_named(void **state)
{
    static const struct {
        const char *text, *field;
    } cases[] = {
        {"{}", "operational_intent_id"},
        {"{\"operational_intent_id\":\"x\"}", "operational_intent_id"},
        {"{\"operational_intent_id\":\"" ID "\"}", "subscriptions"},
        {"{\"operational_intent_id\":\"" ID "\",\"subscriptions\":[{}]}",
         "subscriptions[0].subscription_id"},
        {"{\"operational_intent_id\":\"" ID "\",\"subscriptions\":[{\"subscription_id\":\"" ID
         "\",\"notification_index\":1}],\"operational_intent\":{}}",
         "operational_intent.reference"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct uss_notice notice;
        struct tf_fault fault;
        json_t *json;
        assert_int_equal(uss_parse(cases[i].text, strlen(cases[i].text), &json, &fault), TF_OK);
        assert_int_not_equal(uss_read_notice(json, false, &notice, &fault), TF_OK);
        assert_string_equal(fault.field, cases[i].field);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_in_the_way),
        cmocka_unit_test(test_flying_on),
        cmocka_unit_test(test_down),
        cmocka_unit_test(test_wishes),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_faults_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
