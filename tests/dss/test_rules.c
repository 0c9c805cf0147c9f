/*
 * test_rules.c - random operations on the rules over the memory engine, compared
 * with the model: answers, what is missing from the key, who is told, and all that is
 * stored. Each operation is first tried with each of its allocations failing in turn, and
 * now and then a run of them is undone: the state must be as it was before.
 */
#include "allocfail.h"
#include "dss/memory.h"
#include "model.h"
#include "random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { IDS = 24, STEPS = 30000, KEY_MAX = 128 };
#define SECOND_US INT64_C(1000000)
#define BEGIN_US (INT64_C(1700000000) * SECOND_US)

enum op {
    OP_OIR,
    OP_CONSTRAINT,
    OP_SUBSCRIPTION,
    OP_RID,
    OP_ISA,
    OP_DELETE,
    OP_AVAILABILITY,
    OP_COUNT
};

/* One operation, complete: it can be run again and again. */
struct step {
    enum op op;
    struct dss_context context;
    struct dss_reference_request reference;
    struct dss_subscription_request subscription;
    struct dss_isa_request isa;
    enum dss_kind kind; /* of a deletion */
    struct tf_uuid id;
    char version[DSS_OVN_SIZE];
    tf_cell cells[MODEL_CELLS];
    const char *key[KEY_MAX];
    char key_text[KEY_MAX][DSS_OVN_SIZE];
    int owner;
    bool down;
};

struct world {
    uint64_t seed, random;
    struct dss_memory *memory;
    struct model model;
    struct step step;
    int64_t now_us, stamp_us;
    int by_status[600];
};

static struct tf_uuid some_id(uint64_t n)
{
    struct tf_uuid id = {{0}};
    id.bytes[0] = (uint8_t)(n + 1);
    return id;
}

/* --- making operations ------------------------------------------------------------- */

static struct dss_extent some_extent(struct world *w)
{
    struct step *s = &w->step;
    unsigned mask = 1 + (unsigned)random_below(&w->random, (1u << MODEL_CELLS) - 1);
    if (random_below(&w->random, 2))
        mask &= 3u << random_below(&w->random, MODEL_CELLS - 1);
    size_t n = 0;
    for (unsigned i = 0; i < MODEL_CELLS; i++)
        if ((mask | (mask == 0)) & 1u << i)
            s->cells[n++] = i + 1;
    int64_t start_us = w->now_us + ((int64_t)random_below(&w->random, 240) - 20) * SECOND_US;
    int64_t length_us = ((int64_t)random_below(&w->random, 200) - 5) * SECOND_US;
    float lower_m = (float)random_below(&w->random, 10) * 10;
    return (struct dss_extent){.cells = s->cells,
                               .cell_count = n,
                               .lower_m = lower_m,
                               .upper_m = lower_m + (float)random_below(&w->random, 60),
                               .start_us = start_us,
                               .end_us = start_us + length_us};
}

/* Mostly the current version of what has the id, if anything has. NULL: create. */
static const char *some_version(struct world *w, enum dss_kind kind, const struct tf_uuid *id)
{
    struct step *s = &w->step;
    const struct model_entity *e = model_find(&w->model, kind, id);
    if (random_below(&w->random, 16) == 0) {
        snprintf(s->version, sizeof s->version, "%s", e ? "zzzz" : "100");
        return s->version;
    }
    if (!e)
        return NULL;
    struct dss_entity like = {.kind = kind, .id = *id, .updated_us = e->updated_us};
    if (kind == DSS_OIR || kind == DSS_CONSTRAINT)
        snprintf(s->version, sizeof s->version, "%s", e->ovn);
    else
        dss_version_format(&like, s->version);
    return random_below(&w->random, 16) ? s->version : NULL;
}

/* Most OVNs that there are. */
static void some_key(struct world *w)
{
    struct step *s = &w->step;
    size_t n = 0;
    uint64_t forgotten = random_below(&w->random, 3) ? UINT64_MAX : random_below(&w->random, 20);
    for (size_t i = 0; i < w->model.count && n < KEY_MAX; i++)
        if (w->model.items[i].ovn[0] && i != forgotten) {
            memcpy(s->key_text[n], w->model.items[i].ovn, DSS_OVN_SIZE);
            s->key[n] = s->key_text[n];
            n++;
        }
    s->reference.key = s->key;
    s->reference.key_count = n;
}

static struct tf_uuid some_subscription(struct world *w)
{
    for (int tries = 0; tries < 30 && w->model.count > 0; tries++) {
        const struct model_entity *e = &w->model.items[random_below(&w->random, w->model.count)];
        if (e->kind == DSS_SUBSCRIPTION && (e->owner == w->step.context.caller || tries > 20))
            return e->id;
    }
    return some_id(200);
}

static void make_reference(struct world *w, enum dss_kind kind)
{
    struct step *s = &w->step;
    struct dss_reference_request *q = &s->reference;
    *q = (struct dss_reference_request){.kind = kind,
                                        .id = some_id(random_below(&w->random, IDS)),
                                        .extent = some_extent(w),
                                        .url = "https://uss.example"};
    q->ovn = some_version(w, kind, &q->id);
    if (kind == DSS_CONSTRAINT)
        return;
    q->state = q->ovn ? (enum dss_state)(1 + random_below(&w->random, 4)) : DSS_ACCEPTED;
    uint64_t how = random_below(&w->random, 10);
    q->has_subscription_id = how < 5;
    q->subscription_id = q->has_subscription_id ? some_subscription(w) : (struct tf_uuid){{0}};
    q->new_subscription_url = how >= 4 && how < 8 ? "https://uss.example" : NULL;
    q->new_notify_for_constraints = random_below(&w->random, 2);
    some_key(w);
}

static void make_step(struct world *w)
{
    struct step *s = &w->step;
    s->op = (enum op)random_below(&w->random, OP_COUNT);
    s->owner = random_below(&w->random, 4) ? 0 : (int)random_below(&w->random, 3);
    w->now_us += (int64_t)random_below(&w->random, 3) * SECOND_US;
    w->stamp_us++; /* the clock of changes may lag behind: it only ever goes on */
    s->context = (struct dss_context){.now_us = w->now_us,
                                      .stamp_us = w->stamp_us,
                                      .caller = model_owners[s->owner],
                                      .may_monitor = random_below(&w->random, 4) > 0};
    memcpy(s->context.random, &w->stamp_us, sizeof w->stamp_us);
    s->id = some_id(random_below(&w->random, IDS));
    s->down = random_below(&w->random, 3) == 0;
    const char *version;
    switch (s->op) {
    case OP_OIR:
    case OP_CONSTRAINT:
        make_reference(w, s->op == OP_OIR ? DSS_OIR : DSS_CONSTRAINT);
        break;
    case OP_SUBSCRIPTION:
    case OP_RID:
        s->subscription = (struct dss_subscription_request){
            .kind = s->op == OP_RID ? DSS_RID_SUBSCRIPTION : DSS_SUBSCRIPTION,
            .id = s->id,
            .extent = some_extent(w),
            .has_start = random_below(&w->random, 2),
            .has_end = random_below(&w->random, 4) > (s->op == OP_RID ? 2u : 0u),
            .url = "https://uss.example",
            .notify_for_oirs = s->op == OP_RID || random_below(&w->random, 4),
            .notify_for_constraints = s->op != OP_RID && random_below(&w->random, 2)};
        s->subscription.version = some_version(w, s->subscription.kind, &s->id);
        break;
    case OP_ISA:
        s->isa = (struct dss_isa_request){.id = s->id,
                                          .extent = some_extent(w),
                                          .has_start = random_below(&w->random, 2),
                                          .url = "https://uss.example"};
        s->isa.version = some_version(w, DSS_ISA, &s->id);
        break;
    default:
        s->kind = (enum dss_kind)random_below(&w->random, DSS_KIND_COUNT);
        version = some_version(w, s->kind, &s->id);
        if (!version)
            snprintf(s->version, sizeof s->version, "100");
    }
}

/* --- running them on both -------------------------------------------------------------- */

static enum tf_status run_step(struct world *w, struct dss_reply *reply)
{
    struct step *s = &w->step;
    struct dss_db *db = dss_memory_db(w->memory);
    struct dss_availability had;
    switch (s->op) {
    case OP_OIR:
    case OP_CONSTRAINT:
        return dss_reference_put(db, &s->context, &s->reference, reply);
    case OP_SUBSCRIPTION:
    case OP_RID:
        return dss_subscription_put(db, &s->context, &s->subscription, reply);
    case OP_ISA:
        return dss_isa_put(db, &s->context, &s->isa, reply);
    case OP_AVAILABILITY:
        db->ops->get_availability(db, model_owners[s->owner], &had);
        return dss_availability_put(db, &s->context, model_owners[s->owner],
                                    s->down ? "Down" : "Normal", had.version, reply);
    default:
        if (s->kind == DSS_OIR || s->kind == DSS_CONSTRAINT)
            return dss_reference_delete(db, &s->context, s->kind, &s->id, s->version, reply);
        if (s->kind == DSS_ISA)
            return dss_isa_delete(db, &s->context, &s->id, s->version, reply);
        return dss_subscription_delete(db, &s->context, s->kind, &s->id, s->version, reply);
    }
}

static void model_step(struct world *w, struct model_answer *out)
{
    struct step *s = &w->step;
    switch (s->op) {
    case OP_OIR:
    case OP_CONSTRAINT:
        model_reference_put(&w->model, &s->context, &s->reference, out);
        break;
    case OP_SUBSCRIPTION:
    case OP_RID:
        model_subscription_put(&w->model, &s->context, &s->subscription, out);
        break;
    case OP_ISA:
        model_isa_put(&w->model, &s->context, &s->isa, out);
        break;
    case OP_AVAILABILITY:
        w->model.down[s->owner] = s->down;
        out->status = 200;
        break;
    default:
        if (s->kind == DSS_OIR || s->kind == DSS_CONSTRAINT)
            model_reference_delete(&w->model, &s->context, s->kind, &s->id, s->version, out);
        else
            model_versioned_delete(&w->model, &s->context, s->kind, &s->id, s->version, out);
    }
}

/* --- comparing ---------------------------------------------------------------------------- */

#define CHECK(w, law)                                                                              \
    do {                                                                                           \
        if (!(law))                                                                                \
            fail_msg("seed %llu, operation %d: %s", (unsigned long long)(w)->seed,                 \
                     (int)(w)->step.op, #law);                                                     \
    } while (0)

static void check_entity(struct world *w, const struct dss_entity *e)
{
    const struct model_entity *m = model_find(&w->model, e->kind, &e->id);
    CHECK(w, m);
    CHECK(w, m->state == e->state && m->version == e->version && m->updated_us == e->updated_us);
    CHECK(w, m->cells == model_mask(&e->extent));
    CHECK(w, m->start_us == e->extent.start_us && m->end_us == e->extent.end_us);
    CHECK(w, m->lower_m == e->extent.lower_m && m->upper_m == e->extent.upper_m);
    CHECK(w, m->index == atomic_load(&e->notification_index));
    CHECK(w, m->oirs == e->notify_for_oirs || e->kind != DSS_SUBSCRIPTION);
    CHECK(w, m->constraints == e->notify_for_constraints && m->implicit == e->implicit);
    CHECK(w, tf_uuid_equal(&m->subscription_id, &e->subscription_id));
    CHECK(w, strcmp(m->owner, e->owner) == 0 && strcmp(m->ovn, e->ovn) == 0);
}

static bool check_visit(void *ctx, const struct dss_entity *e)
{
    check_entity(ctx, e);
    return true;
}

static void check_state(struct world *w)
{
    size_t count = 0;
    for (int kind = 0; kind < DSS_KIND_COUNT; kind++) {
        count += dss_memory_count(w->memory, (enum dss_kind)kind);
        dss_memory_each(w->memory, (enum dss_kind)kind, check_visit, w);
    }
    CHECK(w, count == w->model.count);
    for (int i = 0; i < 3; i++) {
        struct dss_availability a;
        struct dss_db *db = dss_memory_db(w->memory);
        CHECK(w, db->ops->get_availability(db, model_owners[i], &a) == TF_OK);
        CHECK(w, (strcmp(a.state, "Down") == 0) == w->model.down[i]);
    }
}

static bool has_id(const struct dss_list *list, const struct tf_uuid *id)
{
    for (size_t i = 0; i < list->count; i++)
        if (tf_uuid_equal(&list->items[i]->id, id))
            return true;
    return false;
}

static void check_answer(struct world *w, const struct dss_reply *reply,
                         const struct model_answer *want)
{
    if (reply->status != want->status)
        fail_msg("seed %llu, operation %d: answer %d (%s), the model's %d",
                 (unsigned long long)w->seed, (int)w->step.op, reply->status,
                 reply->message ? reply->message : "", want->status);
    w->by_status[reply->status]++;
    if (reply->status == 409 && w->step.op == OP_OIR) {
        CHECK(w, reply->oirs.count + reply->constraints.count == want->missing_count);
        for (size_t i = 0; i < want->missing_count; i++)
            CHECK(w, has_id(&reply->oirs, &want->missing[i]) ||
                         has_id(&reply->constraints, &want->missing[i]));
    }
    if (reply->status >= 400)
        return;
    CHECK(w, reply->subscriber_count == want->told_count);
    for (size_t i = 0; i < want->told_count; i++) {
        size_t at = 0;
        while (at < reply->subscriber_count &&
               !tf_uuid_equal(&reply->subscribers[at].subscription->id, &want->told[i]))
            at++;
        CHECK(w, at < reply->subscriber_count);
        CHECK(w, reply->subscribers[at].notification_index == want->told_index[i]);
    }
}

static bool found_visit(void *ctx, const struct dss_entity *e)
{
    dss_list_add(ctx, e);
    return true;
}

/* A search finds exactly what a look at everything finds, each once. */
static void check_search(struct world *w)
{
    struct dss_db *db = dss_memory_db(w->memory);
    struct dss_extent where = some_extent(w);
    enum dss_kind kind = (enum dss_kind)random_below(&w->random, DSS_KIND_COUNT);
    bool altitude = random_below(&w->random, 2);
    struct dss_list found = {0};
    size_t count = 0;
    CHECK(w, db->ops->search(db, kind, &where, altitude, found_visit, &found) == TF_OK);
    for (size_t i = 0; i < w->model.count; i++) {
        const struct model_entity *e = &w->model.items[i];
        if (e->kind == kind && (e->cells & model_mask(&where)) && e->start_us <= where.end_us &&
            e->end_us >= where.start_us &&
            (!altitude || (e->lower_m <= where.upper_m && e->upper_m >= where.lower_m))) {
            CHECK(w, has_id(&found, &e->id));
            count++;
        }
    }
    CHECK(w, found.count == count);
    dss_list_release(&found);
}

/* --- the laws ------------------------------------------------------------------------------- */

/* Each allocation of the step fails once: TF_NOMEM, and nothing has changed. */
static void starve(struct world *w)
{
    size_t mark = dss_memory_mark(w->memory);
    for (size_t n = 1;; n++) {
        struct dss_reply reply = {0};
        allocfail_at(n);
        enum tf_status rc = run_step(w, &reply);
        bool hit = allocfail_hit();
        allocfail_at(0);
        dss_reply_release(&reply);
        dss_memory_rollback(w->memory, mark);
        CHECK(w, rc == (hit ? TF_NOMEM : TF_OK));
        check_state(w);
        if (!hit)
            return;
    }
}

static void one_step(struct world *w)
{
    struct dss_reply reply = {0};
    struct model_answer want = {0};
    make_step(w);
    starve(w);
    size_t mark = dss_memory_mark(w->memory);
    CHECK(w, run_step(w, &reply) == TF_OK);
    model_step(w, &want);
    check_answer(w, &reply, &want);
    dss_reply_release(&reply);
    if (want.status >= 400)
        dss_memory_rollback(w->memory, mark);
    check_state(w);
    check_search(w);
}

/* What has ended is found, all of it and nothing else, and removed. */
static void expire(struct world *w)
{
    struct dss_db *db = dss_memory_db(w->memory);
    const struct dss_entity *e;
    int64_t until_us = w->now_us - 30 * SECOND_US;
    while ((e = dss_memory_expired(w->memory, until_us)) != NULL) {
        struct model_entity *m = model_find(&w->model, e->kind, &e->id);
        CHECK(w, m && m->end_us <= until_us);
        *m = w->model.items[--w->model.count];
        CHECK(w, db->ops->remove(db, e->kind, &e->id) == TF_OK);
    }
    for (size_t i = 0; i < w->model.count; i++)
        CHECK(w, w->model.items[i].end_us > until_us);
    check_state(w);
}

static void world_open(struct world *w, uint64_t seed)
{
    *w = (struct world){.seed = seed, .random = seed, .now_us = BEGIN_US, .stamp_us = BEGIN_US};
    assert_int_equal(dss_memory_new(&w->memory), TF_OK);
}

static void rules_as_the_model(void **state)
{
    (void)state;
    struct world *w = malloc(sizeof *w);
    struct model *before = malloc(sizeof *before);
    assert_true(w && before);
    world_open(w, random_seed(20260101));
    for (int i = 0; i < STEPS; i++) {
        size_t mark = dss_memory_mark(w->memory);
        bool undo = random_below(&w->random, 8) == 0;
        *before = w->model;
        for (uint64_t n = random_below(&w->random, 8); n > 0; n--, i++)
            one_step(w);
        if (random_below(&w->random, 3) == 0)
            expire(w);
        if (undo) {
            dss_memory_rollback(w->memory, mark);
            w->model = *before;
            check_state(w);
        } else if (random_below(&w->random, 3) == 0) {
            dss_memory_settle(w->memory);
        }
    }
    const int wanted[] = {200, 201, 400, 403, 404, 409, 429};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (w->by_status[wanted[i]] == 0)
            fail_msg("seed %llu: no answer %d in the whole run", (unsigned long long)w->seed,
                     wanted[i]);
    dss_memory_free(w->memory);
    free(before);
    free(w);
}

static struct dss_entity *plain(uint64_t n, int64_t end_us)
{
    static const tf_cell cell[] = {1};
    struct dss_entity like = {.kind = DSS_ISA,
                              .id = some_id(n % 250),
                              .extent = {cell, 1, 0, 1, BEGIN_US, end_us},
                              .updated_us = BEGIN_US,
                              .owner = "uss1",
                              .url = "https://uss.example"};
    struct dss_entity *e = dss_entity_new(&like);
    assert_non_null(e);
    return e;
}

/* An expiry that could not be stored is undone, and must come up again. */
static void undone_expiry_comes_again(void **state)
{
    (void)state;
    struct dss_memory *m;
    assert_int_equal(dss_memory_new(&m), TF_OK);
    struct dss_db *db = dss_memory_db(m);
    for (uint64_t i = 0; i < 10; i++) {
        struct dss_entity *e = plain(i, BEGIN_US + 1 + (int64_t)i);
        assert_int_equal(db->ops->put(db, e), TF_OK);
        dss_entity_unref(e);
    }
    dss_memory_settle(m);
    for (int round = 0; round < 2; round++) {
        const struct dss_entity *e;
        size_t found = 0;
        for (; (e = dss_memory_expired(m, BEGIN_US + 5)) != NULL; found++)
            assert_int_equal(db->ops->remove(db, e->kind, &e->id), TF_OK);
        assert_int_equal(found, 5);
        dss_memory_rollback(m, 0);
        dss_memory_settle(m);
        assert_int_equal(dss_memory_count(m, DSS_ISA), 10);
    }
    dss_memory_free(m);
}

/* What comes and goes leaves no growing heap of endings behind. */
static void endings_do_not_pile_up(void **state)
{
    (void)state;
    struct dss_memory *m;
    assert_int_equal(dss_memory_new(&m), TF_OK);
    struct dss_db *db = dss_memory_db(m);
    struct dss_entity *first = plain(249, BEGIN_US + 1);
    assert_int_equal(db->ops->put(db, first), TF_OK);
    dss_entity_unref(first);
    for (uint64_t i = 0; i < 20000; i++) {
        struct dss_entity *e = plain(0, BEGIN_US + 1000);
        size_t before = allocfail_count();
        assert_int_equal(db->ops->put(db, e), TF_OK);
        assert_true(i < 1000 || allocfail_count() == before); /* room enough by then */
        assert_int_equal(db->ops->remove(db, DSS_ISA, &e->id), TF_OK);
        dss_entity_unref(e);
        dss_memory_settle(m);
    }
    const struct dss_entity *e = dss_memory_expired(m, BEGIN_US + 1);
    assert_non_null(e);
    assert_int_equal(e->extent.end_us, BEGIN_US + 1);
    dss_memory_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_as_the_model),
        cmocka_unit_test(undone_expiry_comes_again),
        cmocka_unit_test(endings_do_not_pile_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
