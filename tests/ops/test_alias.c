/*
 * test_alias.c - the ids that a line gives to records stay when the key is changed, whether the
 * register has a secret for them from its beginning or is older than that; and tell nothing.
 */
#include "two_desks.h"

#include "ops/internal.h"
#include <stdio.h>
#include <string.h>

static void change_key(struct side *side, const char *line)
{
    struct key_secret *next;
    assert_int_equal(key_make(&next), TF_OK);
    side_rotate(side, line, next, ops_keep_ids);
}

static void alias_of(struct side *side, const char *line, enum ops_class class, const char *id,
                     char out[OPS_ID_SIZE])
{
    assert_int_equal(ops_alias(&side->c, line, class, id, out), TF_OK);
}

struct declared {
    size_t own, withdrawn;
    char id[OPS_ID_SIZE];
};

static bool take_own(void *ctx, const struct ops_declaration *d)
{
    struct declared *declared = ctx;
    if (!d->is_own)
        return true;
    declared->own++;
    declared->withdrawn += d->is_withdrawn;
    snprintf(declared->id, sizeof declared->id, "%s", d->id);
    return true;
}

/* is_old: the register made its ids with the key's seed. */
static void another_key(bool is_old)
{
    struct both b;
    char id[OPS_CASE_ID_SIZE], declared[2][OPS_ID_SIZE], other[2][OPS_ID_SIZE];
    struct place moved = north_one;
    struct side *north = &b.pair.side[0];
    open_both(&b);
    allow_all(&b);
    if (is_old)
        assert_int_equal(
            sql_exec(north->sql, "UPDATE ops_secret SET secret = ''", SQL_NO_ARGS, NULL), TF_OK);
    agree_memo(&b, "full");
    find_case(&b, id);
    alias_of(north, b.pair.line, OPS_OPERATION, "north-1", declared[0]);
    alias_of(north, b.pair.line, OPS_OPERATION, "not declared", other[0]);
    change_key(north, b.pair.line);
    quiet(&b);
    alias_of(north, b.pair.line, OPS_OPERATION, "north-1", declared[1]);
    alias_of(north, b.pair.line, OPS_OPERATION, "not declared", other[1]);
    assert_string_equal(declared[0], declared[1]);
    assert_int_equal(strcmp(other[0], other[1]) == 0, !is_old);
    /* The same operation, and the same case, with the next word about it. */
    moved.lower_m += 5;
    (void)act_on(&b, 0, "north-1", OPS_ACT_HOLD);
    quiet(&b);
    (void)put(&b, 0, &moved, true);
    (void)act_on(&b, 0, "north-1", OPS_ACT_ACCEPT);
    quiet(&b);
    struct declared now = {.own = 0};
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(ops_declaration_each(b.ops[0], &north->c, NULL, true, NULL, take_own, &now),
                     TF_OK);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    assert_int_equal(now.own, 1);
    assert_int_equal(now.withdrawn, 0);
    assert_string_equal(now.id, declared[0]);
    for (int i = 0; i < 2; i++) {
        struct shown shown = look(&b, i);
        assert_int_equal(shown.count, 1);
        assert_true(shown.is_open);
        assert_string_equal(shown.id, id);
    }
    pair_check(&b.pair);
    close_both(&b);
}

static void with_a_secret(void **state)
{
    (void)state;
    another_key(false);
}

static void older_than_that(void **state)
{
    (void)state;
    another_key(true);
}

/* A register that was there before the secret has none, a new one has its own. */
static void made_once(void **state)
{
    (void)state;
    struct test_desk desk;
    struct sql_rows rows = {0};
    char why[SQL_WHY_SIZE], before[65];
    test_desk_open(&desk, NULL);
    assert_int_equal(sql_exec(desk.sql, "DELETE FROM ops_secret", SQL_NO_ARGS, NULL), TF_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ops_prepare(desk.sql, why), TF_OK);
        assert_int_equal(sql_query(desk.sql, "SELECT secret FROM ops_secret", SQL_NO_ARGS, &rows),
                         TF_OK);
        assert_int_equal(rows.count, 1);
        assert_int_equal(sql_at(&rows, 0, 0)->len, 64);
        if (i > 0)
            assert_string_equal(before, sql_at(&rows, 0, 0)->bytes);
        snprintf(before, sizeof before, "%s", sql_at(&rows, 0, 0)->bytes);
        sql_rows_release(&rows);
    }
    test_desk_close(&desk);
}

/* Of another line, class, register: another id. */
static void tells_nothing(void **state)
{
    (void)state;
    struct both b;
    char ids[4][OPS_ID_SIZE];
    open_both(&b);
    alias_of(&b.pair.side[0], "line", OPS_OPERATION, "one", ids[0]);
    alias_of(&b.pair.side[0], "enil", OPS_OPERATION, "one", ids[1]);
    alias_of(&b.pair.side[1], "line", OPS_OPERATION, "one", ids[2]);
    alias_of(&b.pair.side[0], "line", OPS_SITE, "one", ids[3]);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(ids[i] + 2, ids[k] + 2);
    close_both(&b);
}

static bool take_body(void *ctx, const struct ops_declaration *d)
{
    json_t **body = ctx;
    if (d->is_own)
        *body = json_loadb(d->body, d->body_len, 0, NULL);
    return true;
}

static int64_t version_told(struct both *b, const char *id)
{
    json_t *shown = show(b, 0, id);
    int64_t version = json_integer_value(json_object_get(shown, "own_declared_version"));
    json_decref(shown);
    return version;
}

/* North's own update, as the other side returns it. Owns the body. */
static void hear_again(struct both *b, json_t *body)
{
    static const uint8_t hash[KEY_HASH_SIZE];
    struct side *north = &b->pair.side[0];
    struct line_applied m = {.line = b->pair.line,
                             .peer = north->c.card.id,
                             .type = "op.update",
                             .body = body,
                             .hash = hash,
                             .seq = 90,
                             .sent_us = north->c.now_us,
                             .is_own = true};
    assert_int_equal(sql_begin(north->sql), TF_OK);
    assert_int_equal(b->extensions[0][0].apply(b->extensions[0][0].ctx, &north->c, &m), TF_OK);
    assert_int_equal(sql_commit(north->sql), TF_OK);
    json_decref(body);
}

/* What this side declared and lost comes back from the other: it is the record's at once, and what
 * the register says is told again if it is something else. */
static void back_again(void **state)
{
    (void)state;
    for (int is_same = 0; is_same < 2; is_same++) {
        struct both b;
        char id[OPS_CASE_ID_SIZE], alias[OPS_ID_SIZE];
        struct side *north = &b.pair.side[0];
        json_t *body = NULL;
        start(&b, "full", id);
        alias_of(north, b.pair.line, OPS_OPERATION, "north-1", alias);
        assert_int_equal(sql_begin(north->sql), TF_OK);
        assert_int_equal(
            ops_declaration_each(b.ops[0], &north->c, NULL, true, NULL, take_body, &body), TF_OK);
        assert_int_equal(sql_commit(north->sql), TF_OK);
        assert_int_equal(
            sql_exec(north->sql, "DELETE FROM ops_declared WHERE is_own = 1", SQL_NO_ARGS, NULL),
            TF_OK);
        assert_int_equal(version_told(&b, id), 0);
        json_object_set_new(body, "version", json_integer(6));
        if (!is_same)
            json_object_set_new(body, "priority", json_integer(0));
        hear_again(&b, body);
        assert_int_equal(version_told(&b, id), 6);
        char again[OPS_ID_SIZE];
        alias_of(north, b.pair.line, OPS_OPERATION, "north-1", again);
        assert_string_equal(again, alias);
        turn(&b, 0);
        assert_int_equal(version_told(&b, id), is_same ? 6 : 7);
        struct declared now = {.own = 0};
        assert_int_equal(sql_begin(north->sql), TF_OK);
        assert_int_equal(
            ops_declaration_each(b.ops[0], &north->c, NULL, true, NULL, take_own, &now), TF_OK);
        assert_int_equal(sql_commit(north->sql), TF_OK);
        assert_int_equal(now.own, 1);
        assert_string_equal(now.id, alias);
        close_both(&b);
    }
}

static void comes_back(struct both *b, const char *alias, double hours)
{
    char end[TF_TIME_TEXT_SIZE];
    struct side *north = &b->pair.side[0];
    tf_time_format((north->c.now_us + (int64_t)(hours * 3600e6)) * 1000, end);
    json_t *body = json_pack("{s:s, s:i, s:s, s:s, s:s, s:{s:f, s:f, s:f}}", "id", alias, "version",
                             3, "kind", "uncrewed", "disclosure", "window", "end", end, "area",
                             "lat_deg", 36.5, "lng_deg", 37.2, "radius_m", 1000.0);
    hear_again(b, body);
}

static int rings_lost(struct both *b)
{
    char role[MESSAGE_ROLE_SIZE];
    turn(b, 0);
    return side_alarms(&b->pair.side[0], b->pair.line, OPS_LOST_ALARM, 0, role);
}

static enum tf_status disown(struct both *b, const char *alias, const char *reason)
{
    struct side *north = &b->pair.side[0];
    struct ops_who who = {.role = "duty-officer", .reason = reason};
    struct tf_fault fault;
    assert_int_equal(sql_begin(north->sql), TF_OK);
    enum tf_status rc = ops_disown(b->ops[0], &north->c, alias, &who, &fault);
    if (rc) {
        sql_rollback(north->sql);
        ledger_forget(north->ledger);
    } else {
        assert_int_equal(sql_commit(north->sql), TF_OK);
    }
    return rc;
}

static int64_t told_version(struct both *b, const char *alias, bool *is_withdrawn)
{
    struct sql_rows rows = {0};
    assert_int_equal(sql_query(b->pair.side[0].sql,
                               "SELECT version, is_withdrawn FROM ops_declared WHERE is_own = 1"
                               " AND id = $1",
                               SQL_ARGS(sql_text(alias)), &rows),
                     TF_OK);
    assert_int_equal(rows.count, 1);
    int64_t version = sql_at(&rows, 0, 0)->number;
    *is_withdrawn = sql_at(&rows, 0, 1)->number != 0;
    sql_rows_release(&rows);
    return version;
}

/* What comes back and the register does not know stays, and rings, until somebody withdraws it or
 * registers it again, or its time is over. */
static void nobodys(void **state)
{
    (void)state;
    static const char lost[] = "o-00112233445566aa";
    struct both b;
    char alias[OPS_ID_SIZE];
    bool is_withdrawn;
    open_both(&b);
    agree_memo(&b, "full");
    assert_int_equal(rings_lost(&b), 0);
    comes_back(&b, lost, 100);
    assert_int_equal(rings_lost(&b), 1);
    assert_int_equal(told_version(&b, lost, &is_withdrawn), 3);
    assert_false(is_withdrawn);
    assert_int_equal(disown(&b, lost, NULL), TF_MISSING);
    assert_int_equal(disown(&b, "o-none", "gone"), TF_NOT_FOUND);
    assert_int_equal(disown(&b, lost, "it never flew"), TF_OK);
    assert_int_equal(told_version(&b, lost, &is_withdrawn), 4);
    assert_true(is_withdrawn);
    assert_int_equal(rings_lost(&b), 0);
    assert_int_equal(disown(&b, lost, "again"), TF_NOT_FOUND);
    alias_of(&b.pair.side[0], b.pair.line, OPS_OPERATION, "north-1", alias);
    comes_back(&b, alias, 100);
    assert_int_equal(rings_lost(&b), 1);
    (void)put(&b, 0, &north_one, true);
    assert_int_equal(rings_lost(&b), 1); /* told in this turn, */
    assert_int_equal(rings_lost(&b), 0); /* and known in the next */
    assert_int_equal(told_version(&b, alias, &is_withdrawn), 4);
    assert_int_equal(disown(&b, alias, "not lost"), TF_NOT_FOUND);
    comes_back(&b, "o-00112233445566bb", 0.001);
    assert_int_equal(rings_lost(&b), 1);
    pair_run(&b.pair, 10 * SECOND_US, SECOND_US);
    assert_int_equal(rings_lost(&b), 0);
    pair_check(&b.pair);
    close_both(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_a_secret), cmocka_unit_test(older_than_that),
        cmocka_unit_test(made_once),     cmocka_unit_test(tells_nothing),
        cmocka_unit_test(back_again),    cmocka_unit_test(nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
