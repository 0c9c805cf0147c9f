/*
 * test_worlds.c - laws of the register on random worlds, against a model that is an array.
 *
 * A world is a party's database, some thirty records around one place, and transactions of several
 * commands, of which some are undone and some transactions rolled back. After each command:
 *
 *   - a check finds exactly the conflicts that comparing with every record finds;
 *   - what became or stayed accepted or activated by it conflicts with nothing known, but for what
 *     the rules only note or somebody in the right role allowed, which the record says;
 *
 * and after each transaction a memory made from the database alone finds the same.
 */
#include "desk.h"

#include "random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 24, WORLDS = 60, BATCHES = 12, COMMANDS = 8 };

struct slot {
    struct place place;
    bool is_there;
    enum ops_state state;
    int64_t version;
    char id[16];
};
struct world {
    struct test_desk desk;
    uint64_t random, seed;
    struct slot slots[SLOTS];
    struct tf_separation_table table;
    size_t accepted, refused, decided, conflicts;
};

/* --- the model ---------------------------------------------------------------------------- */

static struct place random_place(struct world *w, const char *id)
{
    static const enum tf_kind kinds[] = {TF_KIND_UNCREWED, TF_KIND_UNCREWED, TF_KIND_CREWED,
                                         TF_KIND_GROUND,   TF_KIND_SITE,     TF_KIND_ZONE};
    struct place place = {.id = id, .restriction = TF_RESTRICTION_NONE};
    place.kind = kinds[random_below(&w->random, 6)];
    if (place.kind == TF_KIND_ZONE)
        place.restriction = (enum tf_restriction)random_below(&w->random, TF_RESTRICTION_COUNT);
    place.lat_deg = random_between(&w->random, 36.47, 36.53);
    place.lng_deg = random_between(&w->random, 37.16, 37.24);
    place.radius_m = random_between(&w->random, 100, 3000);
    place.lower_m = random_between(&w->random, 0, 1500);
    place.upper_m = place.lower_m + random_between(&w->random, 10, 600);
    place.from_h = random_between(&w->random, 0.5, 9);
    place.until_h = place.from_h + random_between(&w->random, 0.2, 4);
    place.priority = (int)random_below(&w->random, 3);
    return place;
}

static bool counts(const struct slot *slot)
{
    bool silent =
        slot->place.kind == TF_KIND_ZONE && (slot->place.restriction == TF_RESTRICTION_NONE ||
                                             slot->place.restriction == TF_RESTRICTION_INFORMATION);
    return slot->is_there && ops_state_counts(slot->state) && !silent;
}

static bool is_operation(const struct place *place)
{
    return place->kind != TF_KIND_SITE && place->kind != TF_KIND_ZONE;
}

static bool conflict(struct world *w, const struct place *a, const struct place *b)
{
    struct tf_entity x, y;
    test_entity(a, &x);
    test_entity(b, &y);
    bool found =
        w->table.compared[a->kind][b->kind] &&
        tf_volume4_conflicts(&x.volumes[0], &y.volumes[0], &w->table.pair[a->kind][b->kind]);
    tf_entity_release(&x);
    tf_entity_release(&y);
    return found;
}

/* What the default policy wants: NULL: refused; "": noted. */
static const char *role_for(const struct place *own, const struct place *other)
{
    if (other->kind == TF_KIND_SITE)
        return "head-of-cell";
    if (other->kind == TF_KIND_ZONE)
        return other->restriction == TF_RESTRICTION_PROHIBITED   ? NULL
               : other->restriction == TF_RESTRICTION_RESTRICTED ? "duty-officer"
                                                                 : "";
    return other->priority > own->priority ? NULL : "duty-officer";
}

/* --- laws --------------------------------------------------------------------------------------
 */

static size_t conflicts_of(struct world *w, const struct slot *own)
{
    size_t count = 0;
    for (size_t i = 0; i < SLOTS; i++)
        if (&w->slots[i] != own && counts(&w->slots[i]))
            count += conflict(w, &own->place, &w->slots[i].place);
    return count;
}

static void law_check(struct world *w, struct ops *ops, const struct slot *own, const char *when)
{
    struct tf_entity entity;
    struct ops_verdict verdict;
    struct tf_fault fault;
    test_entity(&own->place, &entity);
    struct ops_query query = {.entity = &entity};
    /* Its own record is in nobody's way: name it. */
    struct sql_rows rows = {0};
    assert_int_equal(
        sql_query(w->desk.sql,
                  "SELECT number FROM ops_record WHERE id = $1 AND class = 'operation'",
                  SQL_ARGS(sql_text(own->id)), &rows),
        TF_OK);
    query.number = rows.count && own->is_there ? sql_at(&rows, 0, 0)->number : 0;
    sql_rows_release(&rows);
    assert_int_equal(ops_check(ops, &w->desk.c, &query, &verdict, &fault), TF_OK);
    size_t expected = conflicts_of(w, own);
    if (verdict.count != expected)
        fail_msg("seed %llu, %s: %s has %zu conflicts, %zu found", (unsigned long long)w->seed,
                 when, own->id, expected, verdict.count);
    w->conflicts += expected;
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
}

struct decisions {
    json_t *list;
};

static bool take_decisions(void *ctx, const struct ops_record *record)
{
    struct decisions *d = ctx;
    d->list = json_loadb(record->decisions, record->decisions_len, 0, NULL);
    return true;
}

static const char *role_that_allowed(const json_t *list, const char *key)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i,
                       item) if (strcmp(json_string_value(json_object_get(item, "key")), key) ==
                                 0) return json_string_value(json_object_get(item, "role"));
    return NULL;
}

static void law_promise(struct world *w, const struct slot *own)
{
    struct decisions d = {NULL};
    assert_int_equal(
        ops_find(w->desk.ops, &w->desk.c, "", OPS_OPERATION, own->id, take_decisions, &d), TF_OK);
    assert_non_null(d.list);
    for (size_t i = 0; i < SLOTS; i++) {
        const struct slot *other = &w->slots[i];
        if (other == own || !counts(other) || !conflict(w, &own->place, &other->place))
            continue;
        char key[OPS_KEY_SIZE];
        const char *needed = role_for(&own->place, &other->place);
        snprintf(key, sizeof key, "%s::%s@%lld", ops_class_word(test_class(&other->place)),
                 other->id, (long long)other->version);
        if (needed && !needed[0])
            continue;
        const char *role = role_that_allowed(d.list, key);
        if (!needed || !role || !ops_role_covers(role, needed))
            fail_msg("seed %llu: %s was let pass against %s", (unsigned long long)w->seed, own->id,
                     key);
        w->decided++;
    }
    json_decref(d.list);
}

/* --- commands
 * -------------------------------------------------------------------------------------- */

static void command_put(struct world *w, struct slot *slot)
{
    struct ops_written written;
    struct tf_fault fault;
    struct place place = random_place(w, slot->id);
    if (slot->is_there) { /* a class is for life */
        bool was = is_operation(&slot->place);
        while (is_operation(&place) != was || (!was && place.kind != slot->place.kind))
            place = random_place(w, slot->id);
    }
    enum tf_status rc = test_put(&w->desk, &place, "*", &written, &fault);
    bool final = slot->is_there && ops_state_is_final(slot->state);
    if (rc == TF_UNSUPPORTED && slot->is_there) {
        w->refused++;
        return; /* nothing was changed: the laws will tell */
    }
    assert_int_equal(rc, TF_OK);
    assert_false(final);
    slot->place = place;
    slot->is_there = true;
    slot->version = written.version;
    slot->state = written.state;
}

/* Everything that was shown is allowed, half of the time. */
static json_t *allow_of(struct world *w, const struct slot *slot)
{
    json_t *list = json_array();
    for (size_t i = 0; i < SLOTS; i++) {
        char key[OPS_KEY_SIZE];
        const struct slot *other = &w->slots[i];
        snprintf(key, sizeof key, "%s::%s@%lld", ops_class_word(test_class(&other->place)),
                 other->id, (long long)other->version);
        if (other != slot && random_below(&w->random, 8) != 0)
            json_array_append_new(list, json_string(key));
    }
    return list;
}

static void command_act(struct world *w, struct slot *slot)
{
    static const char *const roles[] = {"planner", "duty-officer", "head-of-cell"};
    enum ops_act act = (enum ops_act)(1 + random_below(&w->random, OPS_ACT_COUNT - 1));
    struct ops_verdict verdict;
    struct ops_written written;
    if (random_below(&w->random, 2))
        act = slot->state == OPS_STATE_SUBMITTED ? OPS_ACT_ACCEPT
              : slot->state == OPS_STATE_DRAFT   ? OPS_ACT_SUBMIT
                                                 : OPS_ACT_ACTIVATE;
    w->desk.who.role = roles[random_below(&w->random, 3)];
    json_t *allow = random_below(&w->random, 2) ? allow_of(w, slot) : NULL;
    char *text = allow ? json_dumps(allow, 0) : NULL;
    enum tf_status rc = test_act(&w->desk, slot->id, act, text, &verdict, &written);
    enum ops_state after = slot->state;
    bool may = is_operation(&slot->place) && ops_state_after(slot->state, act, &after);
    free(text);
    json_decref(allow);
    if (rc) {
        assert_int_equal(rc, slot->is_there && is_operation(&slot->place) ? TF_UNSUPPORTED
                                                                          : TF_NOT_FOUND);
        assert_false(may && slot->is_there);
        return;
    }
    assert_true(may);
    bool promised = written.state == OPS_STATE_ACCEPTED || written.state == OPS_STATE_ACTIVATED;
    if (verdict.is_applied) {
        slot->state = written.state;
        slot->version = written.version;
        w->accepted += promised;
    } else {
        assert_int_equal(written.version, slot->version);
        assert_int_equal(written.state, slot->state);
        w->refused++;
    }
    bool checked = act == OPS_ACT_SUBMIT || act == OPS_ACT_ACCEPT || act == OPS_ACT_ACTIVATE ||
                   act == OPS_ACT_RECOVER;
    if (verdict.is_applied && checked && promised)
        law_promise(w, slot);
    ops_verdict_release(&verdict);
}

static void command(struct world *w)
{
    struct slot *slot = &w->slots[random_below(&w->random, SLOTS)];
    if (!slot->is_there || random_below(&w->random, 3) == 0)
        command_put(w, slot);
    else
        command_act(w, slot);
    const struct slot *any = &w->slots[random_below(&w->random, SLOTS)];
    if (any->is_there && is_operation(&any->place))
        law_check(w, w->desk.ops, any, "at once");
}

static void batch(struct world *w)
{
    struct slot before[SLOTS], mark[SLOTS];
    memcpy(before, w->slots, sizeof before);
    test_begin(&w->desk);
    for (int i = 0; i < COMMANDS; i++) {
        memcpy(mark, w->slots, sizeof mark);
        assert_int_equal(sql_mark(w->desk.sql), TF_OK);
        command(w);
        if (random_below(&w->random, 5) != 0) {
            assert_int_equal(sql_keep(w->desk.sql), TF_OK);
            continue;
        }
        ledger_forget(w->desk.ledger);
        assert_int_equal(sql_undo(w->desk.sql), TF_OK);
        memcpy(w->slots, mark, sizeof mark);
    }
    if (random_below(&w->random, 4) == 0) {
        test_rollback(&w->desk);
        memcpy(w->slots, before, sizeof before);
    } else {
        test_commit(&w->desk);
    }
    struct ops *again = test_desk_again();
    test_begin(&w->desk);
    for (size_t i = 0; i < SLOTS; i++)
        if (w->slots[i].is_there && is_operation(&w->slots[i].place)) {
            law_check(w, w->desk.ops, &w->slots[i], "after the transaction");
            law_check(w, again, &w->slots[i], "from the database alone");
        }
    test_commit(&w->desk);
    ops_free(again);
    if (random_below(&w->random, 6) == 0) { /* a restart */
        ops_free(w->desk.ops);
        w->desk.ops = test_desk_again();
    }
}

static void worlds(void **state)
{
    (void)state;
    uint64_t seed = random_seed(20261128);
    const char *many = getenv("TAFADI_OPS_WORLDS");
    unsigned long count = many ? strtoul(many, NULL, 10) : WORLDS;
    size_t accepted = 0, refused = 0, decided = 0, conflicts = 0;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (unsigned long i = 0; i < count; i++) {
        struct world w = {.random = seed + i, .seed = seed + i};
        tf_separation_defaults(&w.table);
        for (size_t s = 0; s < SLOTS; s++)
            snprintf(w.slots[s].id, sizeof w.slots[s].id, "r%zu", s);
        test_desk_open(&w.desk, NULL);
        for (int b = 0; b < BATCHES; b++)
            batch(&w);
        test_desk_close(&w.desk);
        accepted += w.accepted, refused += w.refused, decided += w.decided,
            conflicts += w.conflicts;
    }
    print_message("%zu accepted, %zu refused, %zu decided, %zu conflicts\n", accepted, refused,
                  decided, conflicts);
    /* The worlds are worth something: all of it happened. */
    assert_true(accepted > count && refused > count && decided > count / 4 &&
                conflicts > 10 * count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(worlds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
