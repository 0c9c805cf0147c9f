/*
 * desk.c - see desk.h.
 */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* On a server nothing is left of the test before. */
static const char *empty_server(void)
{
    const char *where = getenv("TAFADI_TEST_DATABASE");
    struct sql *sql;
    char why[SQL_WHY_SIZE];
    if (!where)
        return ":memory:";
    assert_int_equal(sql_open(where, &sql, why), TF_OK);
    struct sql_rows rows;
    char text[256];
    assert_int_equal(sql_query(sql,
                               "SELECT CAST(tablename AS TEXT) FROM pg_tables"
                               " WHERE schemaname = 'public'",
                               SQL_NO_ARGS, &rows),
                     TF_OK);
    for (size_t i = 0; i < rows.count; i++) {
        snprintf(text, sizeof text, "DROP TABLE %s", sql_at(&rows, i, 0)->bytes);
        assert_int_equal(sql_script(sql, text), TF_OK);
    }
    sql_rows_release(&rows);
    sql_close(sql);
    return where;
}

void test_prepare(struct sql *sql, int which)
{
    char why[SQL_WHY_SIZE] = "", secret[65];
    if (ops_prepare(sql, why) != TF_OK)
        fail_msg("%s", why);
    snprintf(secret, sizeof secret, "%064d", which);
    assert_int_equal(
        sql_exec(sql, "UPDATE ops_secret SET secret = $1", SQL_ARGS(sql_text(secret)), NULL),
        TF_OK);
}

struct ops *test_ops_start(struct line_context *c, struct line_extension extensions[OPS_EXTENSIONS])
{
    struct ops *ops;
    assert_int_equal(ops_new(&ops), TF_OK);
    ops_extensions(ops, extensions);
    c->extensions = extensions;
    c->extension_count = OPS_EXTENSIONS;
    return ops;
}

void test_desk_open(struct test_desk *desk, const char *where)
{
    static const uint8_t seed[KEY_SEED_SIZE] = {7};
    char why[SQL_WHY_SIZE] = "";
    *desk = (struct test_desk){.sql = NULL};
    assert_int_equal(sql_open(where ? where : empty_server(), &desk->sql, why), TF_OK);
    assert_int_equal(key_from_seed(seed, &desk->key), TF_OK);
    assert_int_equal(ledger_open(desk->sql, "north.example/ledger", desk->key, &desk->ledger, why),
                     TF_OK);
    assert_int_equal(line_prepare(desk->sql, why), TF_OK);
    test_prepare(desk->sql, 7);
    assert_int_equal(ops_prepare(desk->sql, why), TF_OK); /* again */
    assert_int_equal(ops_new(&desk->ops), TF_OK);
    desk->c = (struct line_context){.sql = desk->sql,
                                    .ledger = desk->ledger,
                                    .key = desk->key,
                                    .now_us = TEST_NOW_US,
                                    .actor = "anna"};
    snprintf(desk->c.card.id, sizeof desk->c.card.id, "north.example");
    desk->who = (struct ops_who){.role = "planner", .source = "operator", .reason = "test"};
}

void test_desk_close(struct test_desk *desk)
{
    ops_free(desk->ops);
    ledger_close(desk->ledger);
    sql_close(desk->sql);
    key_free(desk->key);
}

struct ops *test_desk_again(void)
{
    struct ops *ops;
    assert_int_equal(ops_new(&ops), TF_OK);
    return ops;
}

void test_begin(struct test_desk *desk)
{
    desk->c.now_us += 1000;
    assert_int_equal(sql_begin(desk->sql), TF_OK);
}

void test_commit(struct test_desk *desk)
{
    assert_int_equal(sql_commit(desk->sql), TF_OK);
}

void test_rollback(struct test_desk *desk)
{
    sql_rollback(desk->sql);
    ledger_forget(desk->ledger);
}

static int64_t hours(double h)
{
    return TEST_NOW_US * 1000 + (int64_t)(h * 3600e9);
}

void test_entity(const struct place *place, struct tf_entity *out)
{
    struct tf_latlng at = {.lat_deg = place->lat_deg, .lng_deg = place->lng_deg};
    struct tf_shape *shape;
    struct tf_volume4 volume;
    struct tf_alt lower = {place->lower_m, TF_ALT_UNIT_M, TF_ALT_W84},
                  upper = {place->upper_m, TF_ALT_UNIT_M, TF_ALT_W84};
    struct tf_alt_context context;
    struct tf_band band;
    *out = (struct tf_entity){.kind = place->kind,
                              .state = TF_STATE_DRAFT,
                              .restriction = place->restriction,
                              .priority = place->priority};
    assert_int_equal(tf_shape_circle(at, place->radius_m, &shape, NULL), TF_OK);
    tf_alt_context_at(shape, &context);
    assert_int_equal(tf_band_make(lower, upper, &context, &band, NULL), TF_OK);
    assert_int_equal(
        tf_volume4_make(shape, &band, hours(place->from_h), hours(place->until_h), &volume, NULL),
        TF_OK);
    assert_int_equal(tf_entity_add_volume(out, &volume), TF_OK);
    tf_shape_unref(shape);
    assert_int_equal(tf_entity_set_text(&out->id, place->id), TF_OK);
}

enum ops_class test_class(const struct place *place)
{
    return place->kind == TF_KIND_SITE   ? OPS_SITE
           : place->kind == TF_KIND_ZONE ? OPS_ZONE
                                         : OPS_OPERATION;
}

enum tf_status test_put(struct test_desk *desk, const struct place *place, const char *if_match,
                        struct ops_written *written, struct tf_fault *fault)
{
    struct tf_entity entity;
    struct ops_verdict verdict;
    struct ops_draft draft = {.class = test_class(place), .entity = &entity, .if_match = if_match};
    test_entity(place, &entity);
    enum tf_status rc = ops_put(desk->ops, &desk->c, &draft, &desk->who, &verdict, written, fault);
    if (!rc && !verdict.is_applied)
        rc = TF_UNSUPPORTED;
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    return rc;
}

enum tf_status test_act(struct test_desk *desk, const char *id, enum ops_act act, const char *allow,
                        struct ops_verdict *verdict, struct ops_written *written)
{
    struct tf_fault fault;
    json_t *json = allow ? json_loads(allow, 0, NULL) : NULL;
    struct ops_deed deed = {.class = OPS_OPERATION, .id = id, .act = act, .allow = json};
    enum tf_status rc = ops_act(desk->ops, &desk->c, &deed, &desk->who, verdict, written, &fault);
    json_decref(json);
    return rc;
}

bool test_judge(const struct line_context *c, const char *line, const struct message *message)
{
    struct memorandum rules;
    struct tf_fault fault;
    const char *type = message->type_name;
    if (strncmp(type, "op.", 3) != 0 && strncmp(type, "site.", 5) != 0 &&
        strcmp(type, "case.propose") != 0)
        return false;
    assert_int_equal(line_rules(c, line, &rules), TF_OK);
    if (ops_disclosure_check(&rules, type, message->body, &fault) != TF_OK)
        fail_msg("%s says too much: %s", type, fault.field);
    memo_release(&rules);
    return true;
}

uint64_t test_ledger_size(struct test_desk *desk)
{
    uint64_t size;
    assert_int_equal(ledger_size(desk->ledger, &size), TF_OK);
    return size;
}

struct saying {
    const char *text;
    bool found;
};

static bool look(void *ctx, uint64_t index, const char *entry, size_t len)
{
    struct saying *saying = ctx;
    char *copy = strndup(entry, len);
    (void)index;
    saying->found = copy && strstr(copy, saying->text);
    free(copy);
    return true;
}

bool test_ledger_says(struct test_desk *desk, const char *text)
{
    struct saying saying = {.text = text};
    uint64_t size = test_ledger_size(desk);
    if (size == 0)
        return false;
    assert_int_equal(ledger_each(desk->ledger, size - 1, 1, look, &saying), TF_OK);
    return saying.found;
}
