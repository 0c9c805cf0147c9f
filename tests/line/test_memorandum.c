/*
 * test_memorandum.c - documents of memoranda: each value broken, one by one; each value changed,
 * and found by the comparison; what holds on a point; templates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocfail.h"
#include "line/memorandum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE "00112233445566778899aabbccddeeff"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A document in which everything is said. */
static const char full[] =
    "{'format':'tafadi-memorandum/v1','line':'" LINE "','number':2,'replaces':'" HASH "',"
    "'valid_from':'2026-12-01T00:00:00Z','valid_until':'2027-12-01T00:00:00Z',"
    "'area':{'type':'Polygon','coordinates':[[[34,31],[35,31],[35,32],[34,32],[34,31]]]},"
    "'separation':["
    "{'a':'crewed','b':'uncrewed','horizontal_m':5000,'vertical_m':300,'time_s':120},"
    "{'a':'*','b':'uncrewed','horizontal_m':800,'vertical_m':100.5,'time_s':60},"
    "{'a':'crewed','b':'*','horizontal_m':700,'vertical_m':200,'time_s':30}],"
    "'kinds':[{'kind':'*','notice_s':7200,'disclosure':'existence'},"
    "{'kind':'crewed','notice_s':3600,'disclosure':'full'}],"
    "'acknowledge':{'deliver_s':30,'seen_s':200,'answer_s':900},"
    "'ladder':[{'role':'duty-officer','after_s':0},{'role':'head-of-cell','after_s':120}],"
    "'no_agreement':'mover-holds','heartbeat_s':20,'drill_every_s':86400,"
    "'languages':['ar','ru'],"
    "'safety_floor':['danger','distress','incident','question'],"
    "'frequencies':['243.0 MHz, guard','121.5 MHz'],'phrases':['HOLD: stay where you are'],"
    "'notes':'signed in two copies','other':{'private_check':{'runs_per_day':4}}}";

/* JSON written with ' for ". */
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

static enum tf_status read_json(const json_t *value, struct memorandum *out, struct tf_fault *fault)
{
    char *text = json_dumps(value, JSON_COMPACT);
    enum tf_status rc = memo_read(text, strlen(text), out, fault);
    free(text);
    return rc;
}

static void read_good(const json_t *value, struct memorandum *out)
{
    struct tf_fault fault = {0};
    if (read_json(value, out, &fault))
        fail_msg("%s: %s (%s)", fault.field, fault.message, fault.arg[0]);
}

/* Puts `value` at a path such as "ladder[1].role"; NULL: takes away what is there. */
static void put(json_t *root, const char *path, json_t *value)
{
    char copy[128], *at = copy, *next = NULL;
    json_t *in = root;
    snprintf(copy, sizeof copy, "%s", path);
    for (char *part = strtok_r(at, ".[", &next); part;) {
        char *after = strtok_r(NULL, ".[", &next);
        bool is_index = strchr(part, ']') != NULL;
        size_t index = is_index ? strtoul(part, NULL, 10) : 0;
        if (after)
            in = is_index ? json_array_get(in, index) : json_object_get(in, part);
        else if (is_index && value)
            json_array_set_new(in, index, value);
        else if (is_index)
            json_array_remove(in, index);
        else if (value)
            json_object_set_new(in, part, value);
        else
            json_object_del(in, part);
        part = after;
    }
}

static void a_full_one_is_read(void **state)
{
    struct memorandum memo;
    json_t *document = json(full);
    (void)state;
    read_good(document, &memo);
    assert_string_equal(memo.line, LINE);
    assert_int_equal(memo.number, 2);
    assert_true(memo.has_replaced && memo.replaces[1] == 0x11);
    assert_int_equal(memo.valid_until_us - memo.valid_from_us, INT64_C(365) * 86400 * 1000000);
    assert_int_equal(memo.deliver_s, 30);
    assert_int_equal(memo.seen_s, 200);
    assert_int_equal(memo.answer_s, 900);
    assert_int_equal(memo.heartbeat_s, 20);
    assert_int_equal(memo.drill_every_s, 86400);
    assert_int_equal(memo.no_agreement, MEMO_MOVER_HOLDS);
    assert_int_equal(memo.rungs, 2);
    assert_string_equal(memo.ladder[1].role, "head-of-cell");
    assert_int_equal(memo.ladder[1].after_s, 120);
    assert_true(tf_shape_contains_point(memo.area, (struct tf_latlng){31.5, 34.5}));
    assert_true(!tf_shape_contains_point(memo.area, (struct tf_latlng){31.5, 35.5}));
    assert_true(memo_adds_to_floor(&memo, "question"));
    assert_true(!memo_adds_to_floor(&memo, "danger") && !memo_adds_to_floor(&memo, "text"));
    memo_release(&memo);
    memo_release(&memo);
    json_decref(document);
}

static void check_minima(const struct memorandum *memo, const char *a, const char *b,
                         double horizontal_m, double vertical_m, double time_s)
{
    for (int i = 0; i < 2; i++) {
        struct memo_separation found = memo_separation_of(memo, i ? b : a, i ? a : b);
        if (found.horizontal_m != horizontal_m || found.vertical_m != vertical_m ||
            found.time_s != time_s)
            fail_msg("%s, %s: %g m, %g m, %g s", a, b, found.horizontal_m, found.vertical_m,
                     found.time_s);
    }
}

/* The example of docs/memorandum.md, named by the build. */
static void the_example_of_the_document_is_read(void **state)
{
    struct memorandum memo;
    struct tf_fault fault = {0};
    const char *path = getenv("MEMORANDUM_MD");
    char *text = calloc(1, MEMO_MAX);
    (void)state;
    if (!path)
        skip();
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, MEMO_MAX - 1, file) > 0);
    fclose(file);
    char *start = strstr(text, "```json\n"), *end = start ? strstr(start + 8, "```") : NULL;
    assert_non_null(end);
    if (memo_read(start + 8, (size_t)(end - start - 8), &memo, &fault))
        fail_msg("%s: %s", fault.field, fault.message);
    check_minima(&memo, "uncrewed", "crewed", 2000, 150, 120);
    check_minima(&memo, "balloon", "sea", 9260, 304.8, 120);
    assert_int_equal(memo_rule_of(&memo, "sea").disclosure, MEMO_CELLS);
    assert_int_equal(memo.heartbeat_s, 30);
    assert_true(memo_adds_to_floor(&memo, "answer"));
    memo_release(&memo);
    free(text);
}

/* --- what is refused ------------------------------------------------------------------------- */

static const struct {
    const char *path;
    const char *bad; /* NULL: taken away */
    const char *field;
} breaches[] = {
    {"format", NULL, "format"},
    {"format", "'tafadi-memorandum/v2'", "format"},
    {"line", NULL, "line"},
    {"line", "'0011'", "line"},
    {"number", NULL, "number"},
    {"number", "0", "number"},
    {"number", "1.5", "number"},
    {"number", "1", "replaces"},
    {"replaces", NULL, "replaces"},
    {"replaces", "'AB'", "replaces"},
    {"valid_from", NULL, "valid_from"},
    {"valid_from", "'2026-12-01'", "valid_from"},
    {"valid_until", NULL, "valid_until"},
    {"valid_until", "'2026-12-01T00:00:00Z'", "valid_until"},
    {"area", "7", "area"},
    {"area", "{}", "area"},
    {"area.type", "'MultiPolygon'", "area.type"},
    {"area.coordinates", NULL, "area.coordinates"},
    {"area.coordinates[0][1]", "[35,95]", "area.coordinates[0][1]"},
    {"area.coordinates[0][1]", "['a',31]", "area.coordinates[0][1][0]"},
    {"area.coordinates[0]", "[[34,31],[35,32],[35,31],[34,32]]", "area.coordinates[0][0]"},
    {"area.altitude_lower", "5", "area.altitude_lower"},
    {"area", "{'outline_circle':{'center':{'lat':31,'lng':34},'radius':{'value':0,'units':'M'}}}",
     "area.outline_circle.radius.value"},
    {"separation", "{}", "separation"},
    {"separation[0].a", NULL, "separation[0].a"},
    {"separation[0].a", "'plane'", "separation[0].a"},
    {"separation[0].a", "'Crewed'", "separation[0].a"},
    {"separation[1].b", "7", "separation[1].b"},
    {"separation[0].horizontal_m", NULL, "separation[0].horizontal_m"},
    {"separation[0].horizontal_m", "-1", "separation[0].horizontal_m"},
    {"separation[0].horizontal_m", "1000001", "separation[0].horizontal_m"},
    {"separation[0].vertical_m", "'x'", "separation[0].vertical_m"},
    {"separation[2].vertical_m", "-0.5", "separation[2].vertical_m"},
    {"separation[0].time_s", "86401", "separation[0].time_s"},
    {"separation[0].time_s", NULL, "separation[0].time_s"},
    {"separation[0].speed", "1", "separation[0].speed"},
    {"separation[1]", "{'b':'crewed','a':'uncrewed','horizontal_m':1,'vertical_m':1,'time_s':1}",
     "separation[1]"},
    {"kinds", "'*'", "kinds"},
    {"kinds[0].kind", NULL, "kinds[0].kind"},
    {"kinds[0].kind", "''", "kinds[0].kind"},
    {"kinds[1].kind", "'*'", "kinds[1]"},
    {"kinds[0].notice_s", "-1", "kinds[0].notice_s"},
    {"kinds[0].notice_s", "31622401", "kinds[0].notice_s"},
    {"kinds[0].notice_s", "1.5", "kinds[0].notice_s"},
    {"kinds[0].disclosure", "'some'", "kinds[0].disclosure"},
    {"kinds[0].disclosure", NULL, "kinds[0].disclosure"},
    {"kinds[0].more", "1", "kinds[0].more"},
    {"acknowledge", "[]", "acknowledge"},
    {"acknowledge.deliver_s", "0", "acknowledge.deliver_s"},
    {"acknowledge.deliver_s", NULL, "acknowledge.deliver_s"},
    {"acknowledge.seen_s", "29", "acknowledge.seen_s"},
    {"acknowledge.answer_s", "199", "acknowledge.answer_s"},
    {"acknowledge.answer_s", "2592001", "acknowledge.answer_s"},
    {"acknowledge.read_s", "5", "acknowledge.read_s"},
    {"ladder", "[]", "ladder"},
    {"ladder[0].role", "'Duty Officer'", "ladder[0].role"},
    {"ladder[0].role", NULL, "ladder[0].role"},
    {"ladder[1].role", "'duty-officer'", "ladder[1]"},
    {"ladder[0].after_s", "-1", "ladder[0].after_s"},
    {"ladder[1].after_s", "0", "ladder[1].after_s"},
    {"ladder[1].name", "'x'", "ladder[1].name"},
    {"no_agreement", "'both-hold'", "no_agreement"},
    {"no_agreement", "1", "no_agreement"},
    {"heartbeat_s", "2", "heartbeat_s"},
    {"heartbeat_s", "3601", "heartbeat_s"},
    {"drill_every_s", "-1", "drill_every_s"},
    {"drill_every_s", "59", "drill_every_s"},
    {"languages", "[]", "languages"},
    {"languages[0]", "'Arabic'", "languages[0]"},
    {"languages[1]", "'ar'", "languages[1]"},
    {"safety_floor", "['danger','distress']", "safety_floor"},
    {"safety_floor", "['danger','distress','text']", "safety_floor"},
    {"safety_floor[3]", "'Question'", "safety_floor[3]"},
    {"safety_floor[3]", "'danger'", "safety_floor[3]"},
    {"frequencies", "'121.5'", "frequencies"},
    {"frequencies[1]", "121.5", "frequencies[1]"},
    {"frequencies[1]", "'243.0 MHz, guard'", "frequencies[1]"},
    {"phrases[0]", "''", "phrases[0]"},
    {"phrases[0]", "'\\u202Ex'", "phrases[0]"},
    {"notes", "''", "notes"},
    {"notes", "5", "notes"},
    {"other", "[]", "other"},
    {"secret", "1", "secret"},
};

static void each_bad_value_is_refused_by_its_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
        struct tf_fault fault = {0};
        struct memorandum memo = {0};
        json_t *document = json(full);
        put(document, breaches[i].path, breaches[i].bad ? json(breaches[i].bad) : NULL);
        if (!read_json(document, &memo, &fault))
            fail_msg("%s: %s is taken", breaches[i].path, breaches[i].bad);
        if (strcmp(fault.field, breaches[i].field) != 0)
            fail_msg("%s: %s: the fault is in %s: %s", breaches[i].path, breaches[i].bad,
                     fault.field, fault.message);
        assert_null(memo.document);
        json_decref(document);
    }
}

static void too_many_and_too_much(void **state)
{
    static const struct {
        const char *path, *field;
        size_t most, extra;
    } lists[] = {{"frequencies", "frequencies", 64, 65},
                 {"phrases", "phrases", 64, 65},
                 {"languages", "languages", 8, 9},
                 {"safety_floor", "safety_floor", 32, 33},
                 {"other", "other", 64, 65}};
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct tf_fault fault = {0};
        struct memorandum memo = {0};
        json_t *document = json(full), *list = json_object_get(document, lists[i].path);
        for (size_t n = json_is_object(list) ? json_object_size(list) : json_array_size(list);
             n < lists[i].extra; n++) {
            char word[16];
            snprintf(word, sizeof word, "a%c%c", (char)('a' + n / 26), (char)('a' + n % 26));
            if (n == lists[i].most) {
                read_good(document, &memo);
                memo_release(&memo);
            }
            if (json_is_object(list))
                json_object_set_new(list, word, json_true());
            else
                json_array_append_new(list, json_string(word));
        }
        assert_int_equal(read_json(document, &memo, &fault), TF_RANGE);
        assert_string_equal(fault.field, lists[i].field);
        json_decref(document);
    }
}

static void a_text_is_read_strictly(void **state)
{
    static const char twice[] = "{\"format\":\"tafadi-memorandum/v1\",\"number\":1,\"number\":1}";
    struct memorandum memo;
    struct tf_fault fault;
    char *large = malloc(MEMO_MAX + 1);
    (void)state;
    memset(large, ' ', MEMO_MAX + 1);
    assert_int_equal(memo_read(twice, sizeof twice - 1, &memo, &fault), TF_SYNTAX);
    assert_int_equal(memo_read("[]", 2, &memo, &fault), TF_SYNTAX);
    assert_int_equal(memo_read("", 0, &memo, NULL), TF_SYNTAX);
    assert_int_equal(memo_read(large, MEMO_MAX + 1, &memo, &fault), TF_TOO_LARGE);
    free(large);
}

/* --- the comparison ------------------------------------------------------------------------- */

struct found {
    size_t count;
    char path[160], before[400], after[400];
};

static bool note(void *ctx, const struct memo_change *change)
{
    struct found *found = ctx;
    char path[160];
    struct tf_fault words;
    found->count++;
    snprintf(found->path, sizeof found->path, "%s", change->path);
    snprintf(found->before, sizeof found->before, "%s", change->before ? change->before : "-");
    snprintf(found->after, sizeof found->after, "%s", change->after ? change->after : "-");
    tf_fault_set(&words, TF_OK, TF_NO_INDEX, "", change->label, change->arg[0], change->arg[1],
                 NULL);
    tf_fault_text(&words, change->label, path, sizeof path);
    assert_string_equal(path, change->path);
    assert_true(change->before || change->after);
    return true;
}

static const struct {
    const char *path, *value; /* NULL: taken away */
    size_t count;
    const char *said, *before, *after; /* of the last change */
} changes[] = {
    {"line", "'ff112233445566778899aabbccddeeff'", 1, "Line", LINE,
     "ff112233445566778899aabbccddeeff"},
    {"number", "3", 1, "Number", "2", "3"},
    {"replaces", "'ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'", 1,
     "Replaces the memorandum with the hash", HASH,
     "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
    {"valid_from", "'2026-12-02T00:00:00Z'", 1, "Valid from", "2026-12-01T00:00:00Z",
     "2026-12-02T00:00:00Z"},
    {"valid_until", "'2027-12-01T00:00:00.000001Z'", 1, "Valid until", "2027-12-01T00:00:00Z",
     "2027-12-01T00:00:00.000001Z"},
    {"area.coordinates[0][1]", "[35.5,31]", 1, "Area",
     "polygon, edges straight in longitude and latitude, 31,34 31,35 32,35 32,34",
     "polygon, edges straight in longitude and latitude, 31,34 31,35.5 32,35 32,34"},
    {"area", NULL, 1, "Area",
     "polygon, edges straight in longitude and latitude, 31,34 31,35 32,35 32,34", "everywhere"},
    {"area", "{'outline_circle':{'center':{'lat':31,'lng':34},'radius':{'value':500,'units':'M'}}}",
     1, "Area", "polygon, edges straight in longitude and latitude, 31,34 31,35 32,35 32,34",
     "circle of 500 m around 31,34"},
    {"area",
     "{'outline_polygon':{'vertices':[{'lat':31,'lng':34},{'lat':31,'lng':35},{'lat':32,'lng':35},"
     "{'lat':32,'lng':34}]}}",
     1, "Area", "polygon, edges straight in longitude and latitude, 31,34 31,35 32,35 32,34",
     "polygon, edges the shortest lines, 31,34 31,35 32,35 32,34"},
    {"separation[0].horizontal_m", "4000", 1, "Separation of crewed and uncrewed: horizontal",
     "5000 m", "4000 m"},
    {"separation[1].vertical_m", "100", 1, "Separation of * and uncrewed: vertical", "100.5 m",
     "100 m"},
    {"separation[2].time_s", "31", 1, "Separation of * and crewed: in time", "30 s", "31 s"},
    {"separation[0].b", "'sea'", 6, "Separation of crewed and sea: in time", "-", "120 s"},
    {"separation[2]", NULL, 3, "Separation of * and crewed: in time", "30 s", "-"},
    {"kinds[0].notice_s", "60", 1, "Notice before an operation of kind *", "7200 s", "60 s"},
    {"kinds[1].disclosure", "'cells'", 1, "What is disclosed of operations of kind crewed", "full",
     "cells"},
    {"kinds[1].kind", "'sea'", 4, "What is disclosed of operations of kind sea", "-", "full"},
    {"acknowledge.deliver_s", "31", 1, "Delivered within", "30 s", "31 s"},
    {"acknowledge.seen_s", "201", 1, "Seen within", "200 s", "201 s"},
    {"acknowledge.answer_s", "901", 1, "Answered within", "900 s", "901 s"},
    {"acknowledge", NULL, 3, "Answered within", "900 s", "1800 s"},
    {"ladder[0].role", "'tower'", 1, "Escalation, step 1", "duty-officer, +0 s", "tower, +0 s"},
    {"ladder[1].after_s", "121", 1, "Escalation, step 2", "head-of-cell, +120 s",
     "head-of-cell, +121 s"},
    {"ladder[1]", NULL, 1, "Escalation, step 2", "head-of-cell, +120 s", "-"},
    {"no_agreement", NULL, 1, "Without an agreement about a case in time", "mover-holds",
     "escalate"},
    {"heartbeat_s", NULL, 1, "Heartbeat", "20 s", "60 s"},
    {"drill_every_s", "0", 1, "Time between line checks", "86400 s", "0 s"},
    {"languages[0]", "'en'", 2, "Language", "-", "en"},
    {"safety_floor[3]", NULL, 1, "Added to the safety floor", "question", "-"},
    {"frequencies[1]", NULL, 1, "Frequency", "121.5 MHz", "-"},
    {"phrases[0]", "'HOLD'", 2, "Phrase", "-", "HOLD"},
    {"notes", "'signed'", 1, "Notes", "signed in two copies", "signed"},
    {"other.private_check.runs_per_day", "5", 1, "Also agreed: private_check",
     "{\"runs_per_day\":4}", "{\"runs_per_day\":5}"},
    {"other", NULL, 1, "Also agreed: private_check", "{\"runs_per_day\":4}", "-"},
};

static void each_change_is_found(void **state)
{
    struct memorandum before, after;
    json_t *first = json(full);
    (void)state;
    read_good(first, &before);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct found found = {0}, back = {0};
        json_t *second = json(full);
        put(second, changes[i].path, changes[i].value ? json(changes[i].value) : NULL);
        read_good(second, &after);
        assert_int_equal(memo_diff(&before, &after, note, &found), TF_OK);
        assert_int_equal(memo_diff(&after, &before, note, &back), TF_OK);
        if (found.count != changes[i].count || back.count != found.count ||
            strcmp(found.path, changes[i].said) != 0 ||
            strcmp(found.before, changes[i].before) != 0 ||
            strcmp(found.after, changes[i].after) != 0)
            fail_msg("%s: %zu changes, the last: %s: %s to %s", changes[i].path, found.count,
                     found.path, found.before, found.after);
        memo_release(&after);
        json_decref(second);
    }
    memo_release(&before);
    json_decref(first);
}

static void equal_ones_do_not_differ(void **state)
{
    struct memorandum before, after;
    struct found found = {0};
    json_t *first = json(full), *second = json(full);
    json_t *kinds = json_object_get(second, "kinds");
    (void)state;
    /* The same, in another order and with defaults written down. */
    json_array_append(kinds, json_array_get(kinds, 0));
    json_array_remove(kinds, 0);
    put(second, "separation[0].a", json("'uncrewed'"));
    put(second, "separation[0].b", json("'crewed'"));
    put(first, "drill_every_s", NULL);
    put(second, "drill_every_s", json("0"));
    put(first, "area", NULL);
    put(second, "area", NULL);
    put(second, "languages", json("['ru','ar']"));
    read_good(first, &before);
    read_good(second, &after);
    assert_int_equal(memo_diff(&before, &after, note, &found), TF_OK);
    if (found.count)
        fail_msg("%s: %s to %s", found.path, found.before, found.after);
    memo_release(&before);
    memo_release(&after);
    json_decref(first);
    json_decref(second);
}

static bool stop(void *ctx, const struct memo_change *change)
{
    (void)change;
    ++*(int *)ctx;
    return false;
}

static void a_visitor_may_stop(void **state)
{
    struct memorandum before, after;
    json_t *first = json(full), *second = json(full);
    int calls = 0;
    (void)state;
    put(second, "acknowledge", NULL);
    read_good(first, &before);
    read_good(second, &after);
    assert_int_equal(memo_diff(&before, &after, stop, &calls), TF_OK);
    assert_int_equal(calls, 1);
    memo_release(&before);
    memo_release(&after);
    json_decref(first);
    json_decref(second);
}

/* --- what holds on a point ------------------------------------------------------------------ */

static void rules_hold_by_kind(void **state)
{
    struct memorandum memo, none;
    json_t *document = json(full);
    (void)state;
    read_good(document, &memo);
    memo_defaults(&none);
    check_minima(&memo, "crewed", "uncrewed", 5000, 300, 120);
    check_minima(&memo, "uncrewed", "uncrewed", 800, 100.5, 60);
    check_minima(&memo, "crewed", "sea", 700, 200, 30);
    check_minima(&memo, "crewed", "crewed", 700, 200, 30);
    check_minima(&memo, "balloon", "balloon", 500, 30.48, 60); /* docs/separation.md */
    check_minima(&none, "crewed", "crewed", 9260, 304.8, 120);
    check_minima(&none, "kite", "crewed", 9260, 304.8, 120); /* as "other" */
    assert_int_equal(memo_rule_of(&memo, "crewed").disclosure, MEMO_FULL);
    assert_int_equal(memo_rule_of(&memo, "crewed").notice_s, 3600);
    assert_int_equal(memo_rule_of(&memo, "sea").disclosure, MEMO_EXISTENCE);
    assert_int_equal(memo_rule_of(&memo, "sea").notice_s, 7200);
    assert_string_equal(memo_rule_of(&memo, "sea").kind, "sea");
    assert_int_equal(memo_rule_of(&none, "sea").disclosure, MEMO_NOTHING);
    assert_int_equal(memo_rule_of(&none, "sea").notice_s, 0);
    assert_int_equal(none.deliver_s, 60);
    assert_int_equal(none.seen_s, 300);
    assert_int_equal(none.answer_s, 1800);
    assert_int_equal(none.heartbeat_s, 60);
    assert_true(none.rungs >= 1 && !memo_adds_to_floor(&none, "text"));
    memo_release(&none);
    memo_release(&memo);
    json_decref(document);
}

/* Rules with "*" that both fit: the greater of each minimum, whichever rule has it. */
static void in_doubt_the_greater_minimum(void **state)
{
    struct memorandum memo;
    json_t *document = json(full);
    (void)state;
    put(document, "separation[0]", NULL);
    read_good(document, &memo);
    check_minima(&memo, "crewed", "uncrewed", 800, 200, 60);
    memo_release(&memo);
    json_decref(document);
}

/* --- templates ------------------------------------------------------------------------------- */

static void a_template_is_read_back(void **state)
{
    static const int64_t from_us = INT64_C(1795485600000000), until_us = from_us + 86400000000;
    static const uint8_t hash[KEY_HASH_SIZE] = {0xAB, 0xCD};
    struct memorandum memo, none;
    struct tf_fault fault = {0};
    (void)state;
    memo_defaults(&none);
    for (int64_t number = 1; number <= 2; number++) {
        struct tf_buf text = TF_BUF_INIT(MEMO_MAX);
        assert_int_equal(
            memo_template(LINE, number, number == 1 ? NULL : hash, from_us, until_us, &text),
            TF_OK);
        if (memo_read(text.data, text.len, &memo, &fault))
            fail_msg("%s: %s", fault.field, fault.message);
        assert_int_equal(memo.number, number);
        assert_true(memo.valid_from_us == from_us && memo.valid_until_us == until_us);
        assert_int_equal(memo.has_replaced, number == 2);
        assert_int_equal(memo.replaces[1], number == 2 ? 0xCD : 0);
        assert_true(memo.deliver_s == none.deliver_s && memo.seen_s == none.seen_s &&
                    memo.answer_s == none.answer_s && memo.heartbeat_s == none.heartbeat_s &&
                    memo.rungs == none.rungs && memo.drill_every_s == none.drill_every_s &&
                    memo.no_agreement == none.no_agreement);
        for (enum tf_kind a = 0; a < TF_KIND_COUNT; a++)
            for (enum tf_kind b = 0; b < TF_KIND_COUNT; b++) {
                struct memo_separation was =
                    memo_separation_of(&none, tf_kind_word(a), tf_kind_word(b));
                check_minima(&memo, tf_kind_word(a), tf_kind_word(b), was.horizontal_m,
                             was.vertical_m, was.time_s);
            }
        memo_release(&memo);
        tf_buf_release(&text);
    }
}

static void a_hash_is_of_the_exact_bytes(void **state)
{
    /* FIPS 180-2, appendix B.1 */
    static const uint8_t abc[] = {0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA};
    uint8_t hash[KEY_HASH_SIZE];
    (void)state;
    memo_hash("abc", 3, hash);
    assert_memory_equal(hash, abc, sizeof abc);
}

/* --- memory --------------------------------------------------------------------------------- */

static enum tf_status read_and_compare(void *ctx)
{
    struct memorandum a, b;
    struct found found = {0};
    const char *text = ctx;
    enum tf_status rc = memo_read(text, strlen(text), &a, NULL);
    if (rc)
        return rc;
    rc = memo_read(text, strlen(text), &b, NULL);
    if (!rc) {
        rc = memo_diff(&a, &b, note, &found);
        memo_release(&b);
    }
    memo_release(&a);
    return rc;
}

static void out_of_memory_is_a_status(void **state)
{
    json_t *document = json(full);
    char *text = json_dumps(document, JSON_COMPACT);
    (void)state;
    assert_true(allocfail_each(read_and_compare, text, 2000) > 40);
    free(text);
    json_decref(document);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_one_is_read),
        cmocka_unit_test(the_example_of_the_document_is_read),
        cmocka_unit_test(each_bad_value_is_refused_by_its_path),
        cmocka_unit_test(too_many_and_too_much),
        cmocka_unit_test(a_text_is_read_strictly),
        cmocka_unit_test(each_change_is_found),
        cmocka_unit_test(equal_ones_do_not_differ),
        cmocka_unit_test(a_visitor_may_stop),
        cmocka_unit_test(rules_hold_by_kind),
        cmocka_unit_test(in_doubt_the_greater_minimum),
        cmocka_unit_test(a_template_is_read_back),
        cmocka_unit_test(a_hash_is_of_the_exact_bytes),
        cmocka_unit_test(out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
