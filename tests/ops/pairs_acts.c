/*
 * pairs_acts.c - see pairs.h: what operators do at random.
 */
#include "pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const roles[] = {"planner", "duty-officer", "head-of-cell", "head-of-cell"};
static const char *const levels[] = {"existence", "window", "cells", "full"};

/* --- plans and sites -------------------------------------------------------------------------- */

static void random_place(struct world *w, struct slot *slot, bool is_site)
{
    struct place *place = &slot->place;
    bool nudge = slot->is_there && chance(w, 60);
    if (!nudge) {
        *place = (struct place){.restriction = TF_RESTRICTION_NONE};
        place->lat_deg = random_between(&w->random, 36.47, 36.53);
        place->lng_deg = random_between(&w->random, 37.16, 37.24);
        place->radius_m = random_between(&w->random, 100, 700);
        place->lower_m = is_site ? 0 : random_between(&w->random, 0, 800);
        place->upper_m = place->lower_m + random_between(&w->random, 30, 300);
        place->from_h = is_site ? 0 : random_between(&w->random, 30, 32);
        place->until_h = is_site ? 200 : place->from_h + random_between(&w->random, 0.2, 1.5);
        place->priority = (int)below(w, 3);
        place->kind = is_site ? TF_KIND_SITE : chance(w, 70) ? TF_KIND_UNCREWED : TF_KIND_CREWED;
    }
    place->lat_deg += random_between(&w->random, -0.003, 0.003);
    place->id = slot->id;
}

static enum tf_status put(struct world *w, int which, void *arg)
{
    struct slot *slot = arg;
    struct ops_who who = {.role = roles[below(w, 4)], .source = "operator", .reason = "test"};
    struct tf_entity entity;
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written;
    struct tf_fault fault;
    test_entity(&slot->place, &entity);
    assert_int_equal(tf_entity_set_text(&entity.name, "secret name"), TF_OK);
    json_t *asks = chance(w, 30) ? json_pack("{s:s}", "disclosure", levels[below(w, 4)]) : NULL;
    struct ops_draft draft = {
        .class = test_class(&slot->place), .entity = &entity, .if_match = "*", .extra = asks};
    enum tf_status rc =
        ops_put(w->ops[which], &w->pair.side[which].c, &draft, &who, &verdict, &written, &fault);
    if (!rc && !verdict.is_applied)
        w->seen.refused++;
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    json_decref(asks);
    return rc;
}

static void put_slot(struct world *w, int which, unsigned k)
{
    struct slot *slot = &w->slots[which][k], before = *slot;
    random_place(w, slot, k >= PLANS);
    enum tf_status rc = pairs_do(w, which, put, slot);
    if (rc == TF_UNSUPPORTED && before.is_there) { /* it is over: the next one */
        snprintf(slot->id, sizeof slot->id, "own-%d-%u.%u", which, k, ++slot->generation);
        slot->is_there = false;
        return;
    }
    if (rc && rc != TF_LIMIT)
        pairs_fail(w, "%s is not put: %s", slot->id, tf_status_text(rc));
    if (rc)
        *slot = before;
    else
        slot->is_there = true;
}

/* --- acts on a plan --------------------------------------------------------------------------- */

struct acting {
    struct slot *slot;
    enum ops_class class;
    enum ops_act act;
    int64_t number;
    struct tf_entity entity;
    enum tf_status rc;
};

static bool take_record(void *ctx, const struct ops_record *record)
{
    struct acting *acting = ctx;
    acting->number = record->number;
    acting->rc = ops_entity_of(record, &acting->entity);
    return true;
}

/* The keys of what is in the way, as somebody saw them. */
static json_t *seen_keys(struct world *w, int which, struct acting *acting)
{
    const struct line_context *c = &w->pair.side[which].c;
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct tf_fault fault;
    json_t *list = json_array();
    if (ops_find(w->ops[which], c, "", acting->class, acting->slot->id, take_record, acting))
        return list;
    assert_int_equal(acting->rc, TF_OK);
    struct ops_query query = {.entity = &acting->entity, .number = acting->number};
    if (ops_check(w->ops[which], c, &query, &verdict, &fault) == TF_OK)
        for (size_t i = 0; i < verdict.count; i++)
            json_array_append_new(list, json_string(verdict.conflicts[i].key));
    ops_verdict_release(&verdict);
    tf_entity_release(&acting->entity);
    return list;
}

static enum tf_status act_on(struct world *w, int which, void *arg)
{
    struct acting *acting = arg;
    struct ops_who who = {.role = roles[below(w, 4)], .source = "operator", .reason = "test"};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written;
    struct tf_fault fault;
    json_t *allow =
        acting->class == OPS_OPERATION && chance(w, 60) ? seen_keys(w, which, acting) : NULL;
    struct ops_deed deed = {
        .class = acting->class, .id = acting->slot->id, .act = acting->act, .allow = allow};
    enum tf_status rc =
        ops_act(w->ops[which], &w->pair.side[which].c, &deed, &who, &verdict, &written, &fault);
    if (!rc && !verdict.is_applied)
        w->seen.refused++;
    ops_verdict_release(&verdict);
    json_decref(allow);
    return rc;
}

static void act_plan(struct world *w, int which)
{
    static const enum ops_act acts[] = {
        OPS_ACT_SUBMIT, OPS_ACT_SUBMIT,  OPS_ACT_SUBMIT, OPS_ACT_SUBMIT,   OPS_ACT_SUBMIT,
        OPS_ACT_ACCEPT, OPS_ACT_ACCEPT,  OPS_ACT_ACCEPT, OPS_ACT_ACTIVATE, OPS_ACT_ACTIVATE,
        OPS_ACT_DEPART, OPS_ACT_RECOVER, OPS_ACT_END,    OPS_ACT_WITHDRAW};
    unsigned k = below(w, SLOTS);
    struct acting acting = {.slot = &w->slots[which][k],
                            .class = k < PLANS ? OPS_OPERATION : OPS_SITE,
                            .act = acts[below(w, sizeof acts / sizeof *acts)]};
    if (k >= PLANS && !chance(w, 10))
        return; /* sites stay */
    if (k >= PLANS)
        acting.act = OPS_ACT_WITHDRAW;
    (void)pairs_do(w, which, act_on, &acting);
}

/* A plan is put to be flown, mostly. */
static void act_put(struct world *w, int which)
{
    unsigned k = below(w, SLOTS);
    put_slot(w, which, k);
    struct acting acting = {
        .slot = &w->slots[which][k], .class = OPS_OPERATION, .act = OPS_ACT_SUBMIT};
    if (k < PLANS && chance(w, 80))
        (void)pairs_do(w, which, act_on, &acting);
}

void pairs_populate(struct world *w)
{
    for (int which = 0; which < 2; which++)
        for (unsigned k = 0; k < SLOTS; k++) {
            struct acting acting = {
                .slot = &w->slots[which][k], .class = OPS_OPERATION, .act = OPS_ACT_SUBMIT};
            if (chance(w, 20))
                continue;
            put_slot(w, which, k);
            if (k < PLANS)
                (void)pairs_do(w, which, act_on, &acting);
        }
}

/* --- cases ------------------------------------------------------------------------------------ */

struct chosen {
    struct world *w;
    char id[OPS_CASE_ID_SIZE];
    unsigned count;
};

static bool choose(void *ctx, const struct ops_case *one)
{
    struct chosen *chosen = ctx;
    if (below(chosen->w, ++chosen->count) == 0) /* each alike */
        memcpy(chosen->id, one->id, sizeof chosen->id);
    return true;
}

/* One of the open cases; "": there is none. */
static enum tf_status choose_case(struct world *w, int which, struct chosen *chosen)
{
    *chosen = (struct chosen){.w = w};
    return ops_case_each(w->ops[which], &w->pair.side[which].c, false, 1000, choose, chosen);
}

/* The hash of a proposal of the other side that stands; "". */
static void standing(struct world *w, int which, const char *id, char out[CASE_HASH_SIZE])
{
    struct tf_buf text = TF_BUF_INIT(1 << 22);
    size_t i;
    json_t *note;
    out[0] = '\0';
    assert_int_equal(ops_case_show(w->ops[which], &w->pair.side[which].c, id, &text), TF_OK);
    json_t *json = json_loadb(text.data, text.len, 0, NULL);
    json_array_foreach(json_object_get(json, "said"), i, note)
    {
        if (json_is_true(json_object_get(note, "stands")) &&
            !json_is_true(json_object_get(note, "own")))
            snprintf(out, CASE_HASH_SIZE, "%s", json_string_value(json_object_get(note, "hash")));
    }
    json_decref(json);
    tf_buf_release(&text);
}

/** Chooses a case, and in so many of a hundred times what the other side has proposed in it ("":
 * nothing). */
static enum tf_status choose_talk(struct world *w, int which, unsigned percent,
                                  struct chosen *chosen, char hash[CASE_HASH_SIZE])
{
    hash[0] = '\0';
    enum tf_status rc = choose_case(w, which, chosen);
    if (!rc && chosen->count > 0 && chance(w, percent))
        standing(w, which, chosen->id, hash);
    return rc;
}

static enum tf_status propose(struct world *w, int which, void *arg)
{
    struct chosen chosen;
    char hash[CASE_HASH_SIZE];
    struct ops_who who = {.role = "duty-officer"};
    struct tf_fault fault;
    (void)arg;
    enum tf_status rc = choose_talk(w, which, 30, &chosen, hash);
    if (rc || chosen.count == 0)
        return rc;
    struct case_proposal proposal = {.id = chosen.id,
                                     .option = 1 + below(w, 4),
                                     .counters = hash[0] ? hash : NULL,
                                     .expires_s = chance(w, 20) ? 20 : 0};
    return ops_case_propose(w->ops[which], &w->pair.side[which].c, &proposal, &who, &fault);
}

static enum tf_status answer(struct world *w, int which, void *arg)
{
    struct chosen chosen;
    char hash[CASE_HASH_SIZE];
    struct ops_who who = {.role = "duty-officer"};
    struct tf_fault fault;
    (void)arg;
    enum tf_status rc = choose_talk(w, which, 50, &chosen, hash);
    if (rc || chosen.count == 0)
        return rc;
    return ops_case_answer(w->ops[which], &w->pair.side[which].c, chosen.id, chance(w, 80),
                           hash[0] ? hash : NULL, &who, &fault);
}

/* --- the line --------------------------------------------------------------------------------- */

struct saying {
    const char *type;
    json_t *body; /* borrowed */
};

static enum tf_status say(struct world *w, int which, void *arg)
{
    struct saying *saying = arg;
    struct line_draft draft = {.type = saying->type, .role = "head-of-cell", .body = saying->body};
    struct tf_fault fault;
    int64_t seq;
    return line_say(&w->pair.side[which].c, w->pair.line, &draft, &seq, &fault);
}

static enum tf_status say_it(struct world *w, int which, const char *type, json_t *body)
{
    struct saying saying = {type, body};
    enum tf_status rc = pairs_do(w, which, say, &saying);
    json_decref(body);
    return rc;
}

void pairs_resume(struct world *w, int which)
{
    if (side_info(&w->pair.side[which], w->pair.line).own == STANCE_SUSPENDED)
        assert_int_equal(
            say_it(w, which, "line.resume", json_pack("{s:s}", "reason", "talks are over")), TF_OK);
}

static void act_line(struct world *w, int which)
{
    if (side_info(&w->pair.side[which], w->pair.line).own == STANCE_SUSPENDED)
        (void)say_it(w, which, "line.resume", json_pack("{s:s}", "reason", "talks are over"));
    else if (say_it(w, which, "line.suspend", json_pack("{s:s}", "reason", "talks")) == TF_OK)
        w->seen.suspended++;
}

/* --- memoranda -------------------------------------------------------------------------------- */

static json_t *random_document(struct world *w, const struct tf_buf *template)
{
    static const char *const given[] = {"nothing", "existence", "window", "cells", "full"};
    static const char *const kinds[] = {"uncrewed", "site", "*"};
    bool is_full = chance(w, 40);
    json_t *json = json_loadb(template->data, template->len, 0, NULL), *rules = json_array();
    for (int i = 0; i < 3; i++)
        json_array_append_new(
            rules,
            json_pack("{s:s, s:i, s:s}", "kind", kinds[i], "notice_s",
                      chance(w, 20) ? 86400 * 2 : 0, "disclosure",
                      is_full ? "full" : given[below(w, 8) < 7 ? 2 + below(w, 3) : below(w, 2)]));
    json_object_set_new(json, "kinds", rules);
    json_object_del(json, "separation"); /* as everywhere; the less, the quicker it is read */
    return json;
}

void pairs_propose_memo(struct world *w, int which)
{
    struct side *side = &w->pair.side[which];
    struct tf_buf text = TF_BUF_INIT(MEMO_MAX);
    assert_int_equal(sql_begin(side->sql), TF_OK);
    enum tf_status rc = line_memo_template(&side->c, w->pair.line, 400, &text);
    sql_rollback(side->sql);
    assert_int_equal(rc, TF_OK);
    json_t *json = random_document(w, &text);
    char *document = json_dumps(json, JSON_INDENT(1));
    (void)say_it(w, which, "memo.propose", json_pack("{s:s}", "document", document));
    free(document);
    json_decref(json);
    tf_buf_release(&text);
}

struct offered {
    char hash[2 * KEY_HASH_SIZE + 1];
};

static bool take_memo(void *ctx, const struct line_memo *memo)
{
    struct offered *offered = ctx;
    if (memo->peer_signed && !memo->own_signed && !memo->own_declined)
        key_hex(memo->hash, KEY_HASH_SIZE, offered->hash);
    return true;
}

void pairs_accept_memo(struct world *w, int which)
{
    struct side *side = &w->pair.side[which];
    struct offered offered = {""};
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(line_each_memo(&side->c, w->pair.line, take_memo, &offered), TF_OK);
    sql_rollback(side->sql);
    if (offered.hash[0] &&
        say_it(w, which, "memo.accept", json_pack("{s:s}", "document", offered.hash)) == TF_OK)
        w->memos++;
}

static void act_memo(struct world *w, int which)
{
    if (!w->changes_memo)
        return;
    if (chance(w, 30))
        pairs_propose_memo(w, which);
    else
        pairs_accept_memo(w, which);
}

/* --- one of them ------------------------------------------------------------------------------ */

static void act_propose(struct world *w, int which)
{
    (void)pairs_do(w, which, propose, NULL);
}

static void act_answer(struct world *w, int which)
{
    (void)pairs_do(w, which, answer, NULL);
}

void pairs_act(struct world *w)
{
    static const struct {
        unsigned weight;
        void (*run)(struct world *w, int which);
    } acts[] = {{14, act_put},      {16, act_plan},      {18, act_propose}, {24, act_answer},
                {20, pairs_send},   {24, pairs_deliver}, {1, act_line},     {4, act_memo},
                {2, pairs_restart}, {6, pairs_tick}};
    unsigned total = 0, at = 0;
    int which = (int)below(w, 2);
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        total += acts[i].weight;
    unsigned pick = below(w, total);
    while (pick >= acts[at].weight)
        pick -= acts[at++].weight;
    if (side_info(&w->pair.side[which], w->pair.line).own == STANCE_SUSPENDED && chance(w, 25))
        act_line(w, which);
    if (chance(w, 6))
        w->writes_left[which] = w->writes_left[1 - which] = 1 + (int)below(w, 30);
    acts[at].run(w, which);
    w->writes_left[0] = w->writes_left[1] = 0;
    pair_pass_time(&w->pair, (int64_t)below(w, 12) * SECOND_US);
    w->step++;
}
