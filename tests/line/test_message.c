/*
 * test_message.c - messages in and out; every field of every type's body broken, one by one; the
 * place and time of a message, read back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocfail.h"
#include "line/message.h"
#include "random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define KEY32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define SIG64                                                                                      \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
#define VOLUME                                                                                     \
    "{'volume':{'outline_circle':{'center':{'lat':31.5,'lng':34.5},"                               \
    "'radius':{'value':500,'units':'M'}},"                                                         \
    "'altitude_lower':{'value':0,'reference':'W84','units':'M'},"                                  \
    "'altitude_upper':{'value':300,'reference':'W84','units':'M'}},"                               \
    "'time_start':{'value':'2026-11-24T02:00:00Z','format':'RFC3339'},"                            \
    "'time_end':{'value':'2026-11-24T03:00:00Z','format':'RFC3339'}}"

/* Reads JSON written with ' for ". */
static json_t *json(const char *text)
{
    char *copy = strdup(text);
    json_error_t error;
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    json_t *value = json_loads(copy, JSON_DECODE_ANY, &error);
    if (!value)
        fail_msg("%s: %s", text, error.text);
    free(copy);
    return value;
}

static const struct good {
    enum message_type type;
    const char *body;
} goods[] = {
    {MESSAGE_OPEN, "{'round':1}"},
    {MESSAGE_SUSPEND, "{'reason':'a flight without a word'}"},
    {MESSAGE_RESUME, "{'reason':'explained'}"},
    {MESSAGE_CLOSE, "{'reason':'the end'}"},
    {MESSAGE_ROTATE, "{'key':'" KEY32 "','proof':'" SIG64 "'}"},
    {MESSAGE_SEEN, "{'of':17,'readback':{'lat_deg':31.5,'lng_deg':34.5,"
                   "'start':'2026-11-24T02:00:00Z','end':'2026-11-24T03:00:00Z'}}"},
    {MESSAGE_FORWARDED, "{'of':17,'to':['tower','battery-3']}"},
    {MESSAGE_ANSWERED, "{'of':17,'assessment':'conflict','reason':'we fly there'}"},
    {MESSAGE_DANGER, "{'text':'rocket','lang':'en','lat_deg':31,'lng_deg':-34.25,"
                     "'at':'2026-11-24T02:00:00Z','amends':3}"},
    {MESSAGE_DISTRESS,
     "{'text':'\u0637\u0627\u0626\u0631\u0629','lang':'ar','lat_deg':-90,'lng_deg':180}"},
    {MESSAGE_INCIDENT, "{'text':'x','lang':'zh-Hant'}"},
    {MESSAGE_TEXT, "{'text':'two\\nlines','lang':'ru','amends':1}"},
    {MESSAGE_PHRASE, "{'phrase':'p15','args':{'lat':31.5,'lng':'34.5','altitude':120}}"},
    {MESSAGE_NOTICE, "{'volume':" VOLUME ",'kind':'uncrewed','text':'survey','lang':'en'}"},
    {MESSAGE_WITHDRAW, "{'of':4,'reason':'weather'}"},
    {MESSAGE_QUESTION, "{'text':'Whose?','lang':'en'}"},
    {MESSAGE_ANSWER, "{'of':2,'text':'Ours','lang':'en'}"},
    {MESSAGE_DRILL, "{}"},
    {MESSAGE_PROPOSE, "{'document':'{}','counters':'" HEX64 "'}"},
    {MESSAGE_ACCEPT, "{'document':'" HEX64 "'}"},
    {MESSAGE_DECLINE, "{'document':'" HEX64 "','reason':'too short a notice'}"},
};

static const char *good_body(enum message_type type)
{
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++)
        if (goods[i].type == type)
            return goods[i].body;
    fail_msg("no body of type %d", (int)type);
    return NULL;
}

static void every_type_has_its_row(void **state)
{
    (void)state;
    for (int i = 0; i < MESSAGE_UNKNOWN; i++) {
        enum message_type type = (enum message_type)i;
        const char *name = message_kind(type)->name;
        struct tf_fault fault = {0};
        json_t *body = json(good_body(type));
        assert_int_equal(message_type_named(name, strlen(name)), type);
        if (message_check_body(type, body, &fault))
            fail_msg("%s: %s %s", name, fault.field, fault.message);
        json_decref(body);
    }
    assert_int_equal(message_type_named("line.opens", 10), MESSAGE_UNKNOWN);
    assert_int_equal(message_type_named("line.ope", 8), MESSAGE_UNKNOWN);
    assert_string_equal(message_kind(MESSAGE_TYPE_COUNT)->name, "unknown");
    assert_true(message_kind(MESSAGE_DANGER)->is_floor && !message_kind(MESSAGE_NOTICE)->is_floor);
}

/* The paths of the members that a type demands, and of those that it reads at all. */
static const struct {
    enum message_type type;
    const char *path; /* from the body; a prefix '?' : may be absent */
    const char *bad;  /* a value that must be refused */
    const char *field;
} breaches[] = {
    {MESSAGE_OPEN, "round", "0", "body.round"},
    {MESSAGE_OPEN, "round", "1.5", "body.round"},
    {MESSAGE_SUSPEND, "reason", "''", "body.reason"},
    {MESSAGE_SUSPEND, "reason", "7", "body.reason"},
    {MESSAGE_RESUME, "reason", "'\\u0007'", "body.reason"},
    {MESSAGE_CLOSE, "reason", "'\\u202E'", "body.reason"},
    {MESSAGE_ROTATE, "key", "'YQ=='", "body.key"},
    {MESSAGE_ROTATE, "proof", "'" KEY32 "'", "body.proof"},
    {MESSAGE_SEEN, "of", "'17'", "body.of"},
    {MESSAGE_SEEN, "?readback", "[]", "body.readback"},
    {MESSAGE_SEEN, "readback.lat_deg", "90.01", "body.readback.lat_deg"},
    {MESSAGE_SEEN, "readback.lng_deg", "-180.01", "body.readback.lng_deg"},
    {MESSAGE_SEEN, "?readback.start", "'yesterday'", "body.readback.start"},
    {MESSAGE_SEEN, "?readback.end", "5", "body.readback.end"},
    {MESSAGE_FORWARDED, "of", "-3", "body.of"},
    {MESSAGE_FORWARDED, "to", "[]", "body.to"},
    {MESSAGE_FORWARDED, "to", "['tower','Tower']", "body.to[1]"},
    {MESSAGE_FORWARDED, "to",
     "['1','2','3','4','5','6','7','8','9','10','11','12','13','14','15',"
     "'16','17']",
     "body.to"},
    {MESSAGE_ANSWERED, "of", "0", "body.of"},
    {MESSAGE_ANSWERED, "assessment", "'approved'", "body.assessment"},
    {MESSAGE_ANSWERED, "reason", "''", "body.reason"},
    {MESSAGE_DANGER, "text", "''", "body.text"},
    {MESSAGE_DANGER, "lang", "'E'", "body.lang"},
    {MESSAGE_DANGER, "lang", "'en-'", "body.lang"},
    {MESSAGE_DANGER, "lat_deg", "-91", "body.lat_deg"},
    {MESSAGE_DANGER, "lng_deg", "'0'", "body.lng_deg"},
    {MESSAGE_DANGER, "?at", "'2026-11-24T02:00:00+01:00'", "body.at"},
    {MESSAGE_DANGER, "?amends", "0", "body.amends"},
    {MESSAGE_DISTRESS, "text", "1", "body.text"},
    {MESSAGE_INCIDENT, "text", "[]", "body.text"},
    {MESSAGE_TEXT, "text", "''", "body.text"},
    {MESSAGE_TEXT, "lang", "'english'", "body.lang"},
    {MESSAGE_TEXT, "?amends", "'1'", "body.amends"},
    {MESSAGE_PHRASE, "phrase", "'p99'", "body.phrase"},
    {MESSAGE_PHRASE, "args.altitude", "''", "body.args.altitude"},
    {MESSAGE_PHRASE, "args.lng", "[]", "body.args.lng"},
    {MESSAGE_NOTICE, "volume", "{}", "body.volume.volume"},
    {MESSAGE_NOTICE, "volume.time_start", "5", "body.volume.time_start"},
    {MESSAGE_NOTICE, "volume.time_end", "{'value':'2026-11-24T01:00:00Z','format':'RFC3339'}",
     "body.volume.time_end"},
    {MESSAGE_NOTICE, "volume.volume.altitude_lower", "7", "body.volume.volume.altitude_lower"},
    {MESSAGE_NOTICE, "volume.volume.altitude_upper", "{'value':-5,'reference':'W84','units':'M'}",
     "body.volume.volume.altitude_upper"},
    {MESSAGE_NOTICE, "volume.volume.outline_circle.center", "{'lat':91,'lng':0}",
     "body.volume.volume.outline_circle.center.lat"},
    {MESSAGE_NOTICE, "volume.volume.outline_circle.radius.value", "-5",
     "body.volume.volume.outline_circle.radius.value"},
    {MESSAGE_NOTICE, "kind", "'Uncrewed'", "body.kind"},
    {MESSAGE_NOTICE, "?text", "''", "body.text"},
    {MESSAGE_NOTICE, "?lang", "3", "body.lang"},
    {MESSAGE_WITHDRAW, "of", "null", "body.of"},
    {MESSAGE_WITHDRAW, "reason", "''", "body.reason"},
    {MESSAGE_QUESTION, "text", "null", "body.text"},
    {MESSAGE_QUESTION, "lang", "''", "body.lang"},
    {MESSAGE_ANSWER, "of", "1e3", "body.of"},
    {MESSAGE_ANSWER, "text", "''", "body.text"},
    {MESSAGE_ANSWER, "lang", "''", "body.lang"},
    {MESSAGE_PROPOSE, "document", "''", "body.document"},
    {MESSAGE_PROPOSE, "?counters", "'00'", "body.counters"},
    {MESSAGE_ACCEPT, "document", "'" HEX64 "0'", "body.document"},
    {MESSAGE_DECLINE, "document", "null", "body.document"},
    {MESSAGE_DECLINE, "reason", "''", "body.reason"},
};

/* Walks to the object that holds the last member of the path; *name: that member. */
static json_t *holder(json_t *body, const char *path, const char **name)
{
    char part[64];
    for (const char *dot; (dot = strchr(path, '.')); path = dot + 1) {
        snprintf(part, sizeof part, "%.*s", (int)(dot - path), path);
        body = json_object_get(body, part);
        assert_non_null(body);
    }
    *name = path;
    return body;
}

static void every_broken_field_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
        bool is_optional = breaches[i].path[0] == '?';
        const char *path = breaches[i].path + is_optional, *name;
        json_t *body = json(good_body(breaches[i].type));
        json_t *object = holder(body, path, &name);
        struct tf_fault fault = {0};
        json_object_set_new(object, name, json(breaches[i].bad));
        if (!message_check_body(breaches[i].type, body, &fault) ||
            strcmp(fault.field, breaches[i].field) != 0)
            fail_msg("%s of %s = %s: field '%s'", path, message_kind(breaches[i].type)->name,
                     breaches[i].bad, fault.field);
        json_object_del(object, name);
        enum tf_status rc = message_check_body(breaches[i].type, body, NULL);
        if ((rc == TF_OK) != is_optional)
            fail_msg("%s of %s absent: %s", path, message_kind(breaches[i].type)->name,
                     tf_status_text(rc));
        json_decref(body);
    }
}

static void special_cases_of_bodies(void **state)
{
    static const struct {
        enum message_type type;
        const char *body;
        enum tf_status rc;
    } cases[] = {
        {MESSAGE_ANSWERED, "{'of':1,'assessment':'noted'}", TF_OK},
        {MESSAGE_ANSWERED, "{'of':1,'assessment':'no-conflict'}", TF_OK},
        {MESSAGE_ANSWERED, "{'of':1,'assessment':'objection'}", TF_MISSING},
        {MESSAGE_DANGER, "{'text':'x','lang':'en','lat_deg':1}", TF_MISSING},
        {MESSAGE_DANGER, "{'text':'x','lang':'en','lng_deg':1}", TF_MISSING},
        {MESSAGE_PHRASE, "{'phrase':'p03'}", TF_OK},
        {MESSAGE_PHRASE, "{'phrase':'p07'}", TF_MISSING},
        {MESSAGE_PHRASE, "{'phrase':'p03','args':7}", TF_SYNTAX},
        {MESSAGE_SEEN, "{'of':1,'more':'is let be'}", TF_OK},
        {MESSAGE_DRILL, "[]", TF_SYNTAX},
        {MESSAGE_UNKNOWN, "{'anything':[{}]}", TF_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *body = json(cases[i].body);
        enum tf_status rc = message_check_body(cases[i].type, body, NULL);
        if (rc != cases[i].rc)
            fail_msg("%s: %s", cases[i].body, tf_status_text(rc));
        json_decref(body);
    }
    assert_int_equal(message_check_body(MESSAGE_DRILL, NULL, NULL), TF_MISSING);
}

/* --- whole messages -------------------------------------------------------------------------- */

static struct message some_message(uint64_t *random)
{
    const struct good *good = &goods[random_below(random, sizeof goods / sizeof goods[0])];
    struct message m = {.line = "00112233445566778899aabbccddeeff",
                        .from = "north.example",
                        .to = "south.example",
                        .role = "duty-officer"};
    int64_t *const times[] = {&m.deliver_by_us, &m.seen_by_us, &m.answer_by_us};
    m.seq = 1 + (int64_t)random_below(random, 5);
    m.prev[31] = m.seq > 1;
    m.sent_us = (int64_t)random_below(random, UINT64_C(4000000000000000));
    m.type = good->type;
    snprintf(m.type_name, sizeof m.type_name, "%s", message_kind(m.type)->name);
    for (size_t i = 0; i < 3; i++)
        *times[i] = random_below(random, 2) ? m.sent_us + 1 + (int64_t)i : 0;
    m.body = json(good->body);
    return m;
}

static void messages_come_back(void **state)
{
    uint64_t seed = random_seed(7), random = seed;
    (void)state;
    for (int i = 0; i < 300; i++) {
        struct message m = some_message(&random), back;
        struct tf_buf out = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX), again = TF_BUF_INIT(65536);
        struct tf_fault fault = {0};
        assert_int_equal(message_print(&m, &out), TF_OK);
        if (message_parse(out.data, out.len, &back, &fault))
            fail_msg("seed %llu: %s: %s", (unsigned long long)seed, out.data, fault.field);
        assert_true(json_equal(m.body, back.body));
        assert_int_equal(back.type, m.type);
        assert_true(back.seq == m.seq && back.sent_us == m.sent_us &&
                    back.answer_by_us == m.answer_by_us && back.seen_by_us == m.seen_by_us);
        assert_int_equal(message_print(&back, &again), TF_OK);
        assert_string_equal(out.data, again.data);
        message_release(&m);
        message_release(&back);
        message_release(&back);
        tf_buf_release(&out);
        tf_buf_release(&again);
    }
}

static const char good_message[] =
    "{'v':1,'line':'00112233445566778899aabbccddeeff','from':'n','to':'s','seq':2,'prev':'" HEX64
    "','sent_at':'2026-11-24T02:00:00.123456Z','type':'text','role':'planner',"
    "'ack':{'deliver_by':'2026-11-24T02:01:00Z','seen_by':'2026-11-24T02:05:00Z',"
    "'answer_by':'2026-11-24T02:30:00Z'},'body':{'text':'x','lang':'en'}}";

static char *quoted(const char *text)
{
    char *copy = strdup(text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    return copy;
}

static void every_broken_part_is_named(void **state)
{
    static const struct {
        const char *path, *bad, *field;
    } parts[] = {
        {"v", "2", "v"},
        {"line", "'00'", "line"},
        {"from", "'s'", "to"},
        {"from", "'a b'", "from"},
        {"to", "''", "to"},
        {"seq", "0", "seq"},
        {"seq", "1", "prev"},
        {"prev", "'0'", "prev"},
        {"sent_at", "0", "sent_at"},
        {"type", "'Text'", "type"},
        {"type", "'x.234567890123456789012345678901'", "type"},
        {"role", "''", "role"},
        {"role", "'two words'", "role"},
        {"?ack", "[]", "ack"},
        {"?ack.deliver_by", "1", "ack.deliver_by"},
        {"?ack.seen_by", "''", "ack.seen_by"},
        {"?ack.answer_by", "'1969-12-31T00:00:00Z'", "ack.answer_by"},
        {"body", "[]", "body"},
        {"body", "null", "body"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        bool is_optional = parts[i].path[0] == '?';
        const char *name;
        json_t *whole = json(good_message);
        json_t *object = holder(whole, parts[i].path + is_optional, &name);
        for (int absent = 0; absent < 2; absent++) {
            struct message m;
            struct tf_fault fault = {0};
            if (absent)
                json_object_del(object, name);
            else
                json_object_set_new(object, name, json(parts[i].bad));
            char *text = json_dumps(whole, 0);
            enum tf_status rc = message_parse(text, strlen(text), &m, &fault);
            if (absent && is_optional)
                assert_int_equal(rc, TF_OK);
            else if (!rc || (!absent && strcmp(fault.field, parts[i].field) != 0))
                fail_msg("%s: field '%s'", text, fault.field);
            if (!rc)
                message_release(&m);
            free(text);
        }
        json_decref(whole);
    }
}

static void what_is_unknown_is_let_be(void **state)
{
    struct message m;
    char *text = quoted("{'v':1,'line':'00112233445566778899aabbccddeeff','from':'n','to':'s',"
                        "'seq':2,'prev':'" HEX64 "','sent_at':'2026-11-24T02:00:00Z',"
                        "'type':'case.open','role':'x','later':[1],'body':{'y':{}}}");
    (void)state;
    assert_int_equal(message_parse(text, strlen(text), &m, NULL), TF_OK);
    assert_int_equal(m.type, MESSAGE_UNKNOWN);
    assert_string_equal(m.type_name, "case.open");
    message_release(&m);
    text[0] = '[';
    assert_int_equal(message_parse(text, strlen(text), &m, NULL), TF_SYNTAX);
    free(text);
    text = quoted("{'v':1,'v':1}");
    assert_int_equal(message_parse(text, strlen(text), &m, NULL), TF_SYNTAX);
    free(text);
}

static void depth_is_limited(void **state)
{
    char text[4096] = "{\"v\":";
    struct message m = {.body = json_object()};
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    json_t *at = m.body;
    (void)state;
    memset(text + 5, '[', 2000);
    assert_int_equal(message_parse(text, 2005, &m, NULL), TF_SYNTAX);
    for (int i = 0; i < 100; i++) {
        json_t *inner = json_object();
        json_object_set_new(at, "x", inner);
        at = inner;
    }
    assert_int_equal(message_print(&m, &out), TF_LIMIT);
    message_release(&m);
    tf_buf_release(&out);
}

/* --- read back ---------------------------------------------------------------------------------
 */

static void places_are_found(void **state)
{
    struct message_place place;
    json_t *notice = json(good_body(MESSAGE_NOTICE)), *danger = json(good_body(MESSAGE_DANGER));
    json_t *seen = json(good_body(MESSAGE_SEEN)), *incident = json(good_body(MESSAGE_INCIDENT));
    (void)state;
    assert_true(message_place(MESSAGE_NOTICE, notice, &place));
    assert_true(fabs(place.lat_deg - 31.5) < 1e-9 && fabs(place.lng_deg - 34.5) < 1e-9);
    assert_true(place.start_us == INT64_C(1795485600000000));
    assert_true(place.end_us - place.start_us == INT64_C(3600000000));
    struct message_place read;
    assert_true(message_place(MESSAGE_SEEN, seen, &read));
    assert_true(message_readback_matches(&place, &read));
    assert_true(message_place(MESSAGE_DANGER, danger, &place));
    assert_true(place.lng_deg == -34.25 && place.start_us > 0 && place.end_us == 0);
    assert_false(message_readback_matches(&place, &read));
    assert_false(message_place(MESSAGE_INCIDENT, incident, &place));
    assert_false(message_place(MESSAGE_TEXT, seen, &place));
    assert_false(message_place(MESSAGE_NOTICE, seen, &place));
    json_decref(notice);
    json_decref(danger);
    json_decref(seen);
    json_decref(incident);
}

static void a_polygon_is_met_in_the_middle(void **state)
{
    struct message_place place;
    json_t *body =
        json("{'volume':{'volume':{'outline_polygon':{'vertices':[{'lat':-1,'lng':179},"
             "{'lat':-1,'lng':-179},{'lat':1,'lng':-179},{'lat':1,'lng':179}]},"
             "'altitude_lower':{'value':0,'reference':'W84','units':'M'},"
             "'altitude_upper':{'value':300,'reference':'W84','units':'M'}},"
             "'time_start':{'value':'2026-11-24T02:00:00Z','format':'RFC3339'},"
             "'time_end':{'value':'2026-11-24T03:00:00Z','format':'RFC3339'}},'kind':'crewed'}");
    (void)state;
    assert_int_equal(message_check_body(MESSAGE_NOTICE, body, NULL), TF_OK);
    assert_true(message_place(MESSAGE_NOTICE, body, &place));
    assert_true(fabs(place.lat_deg) < 1e-6 && fabs(fabs(place.lng_deg) - 180) < 1e-6);
    json_decref(body);
}

static void readback_has_its_limits(void **state)
{
    uint64_t seed = random_seed(8), random = seed;
    (void)state;
    for (int i = 0; i < 500; i++) {
        struct tf_latlng p = {random_between(&random, -85, 85), random_between(&random, -180, 180)};
        double distance_m = random_between(&random, 0, 100);
        struct tf_latlng q =
            tf_geodesic_direct(p, random_between(&random, -180, 180), distance_m, NULL);
        int64_t late_us = (int64_t)random_below(&random, 120000000) - 60000000;
        struct message_place said = {p.lat_deg, p.lng_deg, 5000000000, 9000000000};
        struct message_place read = {q.lat_deg, q.lng_deg, 5000000000 + late_us, 9000000000};
        bool fits = distance_m <= MESSAGE_READBACK_M;
        if (fabs(distance_m - MESSAGE_READBACK_M) > 1e-3 &&
            message_readback_matches(&said, &read) != fits)
            fail_msg("seed %llu: %g m", (unsigned long long)seed, distance_m);
        read.end_us += 60000001;
        assert_false(message_readback_matches(&said, &read));
        read.end_us = 0;
        assert_false(message_readback_matches(&said, &read));
        said.end_us = 0;
        assert_int_equal(message_readback_matches(&said, &read),
                         message_readback_matches(&said, &said) &&
                             tf_geodesic_inverse(p, q, NULL, NULL) <= MESSAGE_READBACK_M);
    }
}

/* --- failing memory ------------------------------------------------------------------------ */

static enum tf_status print_parse_check(void *ctx)
{
    struct tf_buf out = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    struct message back = {0};
    enum tf_status rc = message_print(ctx, &out);
    if (!rc)
        rc = message_parse(out.data, out.len, &back, NULL);
    if (!rc)
        rc = message_check_body(back.type, back.body, NULL);
    message_release(&back);
    tf_buf_release(&out);
    return rc;
}

static void lack_of_memory_is_said(void **state)
{
    uint64_t random = 9;
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct message m = some_message(&random);
        allocfail_each(print_parse_check, &m, 2000);
        message_release(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_its_row),
        cmocka_unit_test(every_broken_field_is_named),
        cmocka_unit_test(special_cases_of_bodies),
        cmocka_unit_test(messages_come_back),
        cmocka_unit_test(every_broken_part_is_named),
        cmocka_unit_test(what_is_unknown_is_let_be),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(places_are_found),
        cmocka_unit_test(a_polygon_is_met_in_the_middle),
        cmocka_unit_test(readback_has_its_limits),
        cmocka_unit_test(lack_of_memory_is_said),
    };
    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
