/*
 * test_pairs.c - laws of operations, declarations and cases on random worlds of two parties
 * (pairs.h), each conflict found again by comparing all with all.
 *
 *   promises     what became accepted or activated conflicts with nothing that was known then, but
 *                for what the rules only note or somebody in the right role allowed, which the
 *                record says; after each transaction
 *   disclosure   nothing leaves that says more than the memorandum, or the record, gives
 *   cases        when all is delivered: a case is open exactly where the own picture has a conflict
 *                across the line; both sides have the same talk, agreement and stage
 *   agreements   what was agreed and done leaves both pictures free of that conflict
 *
 * TAFADI_OPS_PAIRS=10000 is the long run; TAFADI_SEED the first world's seed.
 */
#include "pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORLDS = 24, ROUNDS = 2, ACTS = 60 };

/* --- a picture, read from the database ------------------------------------------------------ */

struct known {
    char owner[LINE_ID_SIZE], id[OPS_ID_SIZE];
    enum ops_class class;
    enum ops_state state;
    int64_t version, change;
    struct tf_entity entity;
    json_t *decisions;
};
struct picture {
    struct world *w;
    size_t count;
    struct known at[KNOWN_MAX];
};

static bool take_known(void *ctx, const struct ops_record *record)
{
    struct picture *picture = ctx;
    if (picture->count == KNOWN_MAX)
        pairs_fail(picture->w, "too many records for a picture");
    if (!ops_state_counts(record->state) || record->is_template)
        return true;
    struct known *known = &picture->at[picture->count++];
    *known = (struct known){.class = record->class,
                            .state = record->state,
                            .version = record->version,
                            .change = record->change};
    snprintf(known->owner, sizeof known->owner, "%s", record->owner);
    snprintf(known->id, sizeof known->id, "%s", record->id);
    assert_int_equal(ops_entity_of(record, &known->entity), TF_OK);
    known->decisions = json_loadb(record->decisions, record->decisions_len, 0, NULL);
    return true;
}

/* All that counts, of both owners. In a transaction. */
static void picture_of(struct world *w, int which, struct picture *out)
{
    const enum ops_class classes[] = {OPS_OPERATION, OPS_SITE};
    out->w = w;
    out->count = 0;
    for (int i = 0; i < 2; i++) {
        struct ops_filter filter = {.class = classes[i], .limit = 10000};
        assert_int_equal(ops_each(w->ops[which], &w->pair.side[which].c, &filter, take_known, out),
                         TF_OK);
    }
}

static void picture_release(struct picture *picture)
{
    for (size_t i = 0; i < picture->count; i++) {
        tf_entity_release(&picture->at[i].entity);
        json_decref(picture->at[i].decisions);
    }
}

static bool is_declared(const struct known *known)
{
    return known->owner[0] != '\0';
}

/* Every volume with every volume. */
static bool conflict(const struct world *w, const struct known *a, const struct known *b)
{
    enum tf_kind x = a->entity.kind, y = b->entity.kind;
    if (!w->table.compared[x][y])
        return false;
    for (size_t i = 0; i < a->entity.volume_count; i++)
        for (size_t k = 0; k < b->entity.volume_count; k++)
            if (tf_volume4_conflicts(&a->entity.volumes[i], &b->entity.volumes[k],
                                     &w->table.pair[x][y]))
                return true;
    return false;
}

/* --- promises -----------------------------------------------------------------------------------
 */

/* Who may allow it, by the rules of a party that has none of its own; NULL: nobody. */
static const char *role_for(const struct known *own, const struct known *other)
{
    if (is_declared(other) || other->class == OPS_SITE)
        return "head-of-cell";
    return other->entity.priority > own->entity.priority ? NULL : "duty-officer";
}

static bool was_allowed(const struct known *own, const struct known *other, const char *needed)
{
    char key[OPS_KEY_SIZE];
    size_t i;
    json_t *item;
    snprintf(key, sizeof key, "%s:%s:%s@%lld", ops_class_word(other->class), other->owner,
             other->id, (long long)other->version);
    json_array_foreach(own->decisions, i, item)
    {
        const char *role = json_string_value(json_object_get(item, "role"));
        if (strcmp(json_string_value(json_object_get(item, "key")), key) == 0)
            return needed && role && ops_role_covers(role, needed);
    }
    return false;
}

static void promise(struct world *w, const struct picture *picture, const struct known *own)
{
    w->seen.accepted++;
    for (size_t i = 0; i < picture->count; i++) {
        const struct known *other = &picture->at[i];
        /* What came later was checked against this one. */
        if (other == own || other->change > own->change || !conflict(w, own, other))
            continue;
        const char *needed = role_for(own, other);
        if (!was_allowed(own, other, needed))
            pairs_fail(w, "%s@%lld was let pass against %s %s@%lld", own->id,
                       (long long)own->version, ops_class_word(other->class), other->id,
                       (long long)other->version);
        w->seen.decided++;
    }
}

void pairs_promises(struct world *w, int which)
{
    struct side *side = &w->pair.side[which];
    struct picture picture;
    int64_t change;
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(ops_last_change(w->ops[which], &side->c, &change), TF_OK);
    if (change > w->looked[which]) {
        picture_of(w, which, &picture);
        for (size_t i = 0; i < picture.count; i++) {
            const struct known *own = &picture.at[i];
            if (own->class == OPS_OPERATION && !is_declared(own) &&
                own->change > w->looked[which] &&
                (own->state == OPS_STATE_ACCEPTED || own->state == OPS_STATE_ACTIVATED))
                promise(w, &picture, own);
        }
        picture_release(&picture);
    }
    sql_rollback(side->sql);
    w->looked[which] = change;
}

/* --- cases ------------------------------------------------------------------------------------ */

enum { CASES_MAX = 256 };
struct cases {
    struct world *w;
    size_t count;
    struct {
        char id[OPS_CASE_ID_SIZE], own_id[OPS_ID_SIZE], other_id[OPS_ID_SIZE];
        bool is_open, is_met; /* is_met: a conflict of the picture */
        int stage;
        json_t *shown;
    } at[CASES_MAX];
};

static bool take_case(void *ctx, const struct ops_case *one)
{
    struct cases *cases = ctx;
    if (cases->count == CASES_MAX)
        pairs_fail(cases->w, "too many cases");
    size_t i = cases->count++;
    memcpy(cases->at[i].id, one->id, sizeof cases->at[i].id);
    snprintf(cases->at[i].own_id, OPS_ID_SIZE, "%s", one->own_id);
    snprintf(cases->at[i].other_id, OPS_ID_SIZE, "%s", one->other_id);
    cases->at[i].is_open = one->is_open;
    cases->at[i].is_met = false;
    cases->at[i].stage = one->stage;
    return true;
}

static void cases_of(struct world *w, int which, struct cases *out)
{
    const struct line_context *c = &w->pair.side[which].c;
    out->w = w;
    out->count = 0;
    assert_int_equal(ops_case_each(w->ops[which], c, true, CASES_MAX + 1, take_case, out), TF_OK);
    for (size_t i = 0; i < out->count; i++) {
        struct tf_buf text = TF_BUF_INIT(1 << 22);
        assert_int_equal(ops_case_show(w->ops[which], c, out->at[i].id, &text), TF_OK);
        out->at[i].shown = json_loadb(text.data, text.len, 0, NULL);
        assert_non_null(out->at[i].shown);
        tf_buf_release(&text);
    }
}

static void cases_release(struct cases *cases)
{
    for (size_t i = 0; i < cases->count; i++)
        json_decref(cases->at[i].shown);
}

static size_t case_between(const struct cases *cases, const char *own_id, const char *other_id)
{
    size_t i = 0;
    while (i < cases->count && (strcmp(cases->at[i].own_id, own_id) != 0 ||
                                strcmp(cases->at[i].other_id, other_id) != 0))
        i++;
    return i;
}

static size_t case_of(const struct cases *cases, const char *id)
{
    size_t i = 0;
    while (i < cases->count && strcmp(cases->at[i].id, id) != 0)
        i++;
    return i;
}

static bool sees(const json_t *shown, const char *side)
{
    const char *by = json_string_value(json_object_get(shown, "seen_by"));
    return by && (strcmp(by, side) == 0 || strcmp(by, "both") == 0);
}

/* A proposal of the versions that both sides have declared now. */
static bool is_present(const json_t *shown, const json_t *note)
{
    const json_t *body = json_object_get(note, "body");
    return json_equal(json_object_get(json_object_get(body, "mover"), "version"),
                      json_object_get(shown, "own_declared_version")) &&
           json_equal(json_object_get(json_object_get(body, "other"), "version"),
                      json_object_get(shown, "other_declared_version"));
}

/* Whether a side proposed something about what there is now, and has not taken back since that it
 * sees a conflict. */
static bool claims(const json_t *shown)
{
    size_t i;
    json_t *note;
    json_int_t last = 0;
    bool is_claim = false;
    json_array_foreach(json_object_get(shown, "said"), i, note)
    {
        const char *type = json_string_value(json_object_get(note, "type"));
        bool is_about = strcmp(type, "propose") == 0 || strcmp(type, "clear") == 0;
        json_int_t seq = json_integer_value(json_object_get(note, "seq"));
        if (is_about && json_is_true(json_object_get(note, "own")) && seq > last) {
            last = seq;
            is_claim = type[0] == 'p' && is_present(shown, note);
        }
    }
    return is_claim;
}

/* Seen exactly where there is a conflict; open, too, where the other side sees one. */
static void law_open(struct world *w, int which, struct cases *cases)
{
    struct picture picture;
    picture_of(w, which, &picture);
    for (size_t i = 0; i < picture.count; i++)
        for (size_t k = 0; k < picture.count; k++) {
            const struct known *own = &picture.at[i], *other = &picture.at[k];
            if (is_declared(own) || !is_declared(other) ||
                (own->class == OPS_SITE && other->class == OPS_SITE) || !conflict(w, own, other))
                continue;
            size_t at = case_between(cases, own->id, other->id);
            if (at == cases->count || !cases->at[at].is_open || !sees(cases->at[at].shown, "own"))
                pairs_fail(w, "side %d: no open case of %s and %s", which, own->id, other->id);
            cases->at[at].is_met = true;
            w->seen.cases++;
        }
    for (size_t i = 0; i < cases->count; i++)
        if (cases->at[i].is_open && !cases->at[i].is_met &&
            (sees(cases->at[i].shown, "own") || !sees(cases->at[i].shown, "other")))
            pairs_fail(w, "side %d: a case of %s and %s, which do not conflict", which,
                       cases->at[i].own_id, cases->at[i].other_id);
    picture_release(&picture);
}

/* A party's words of one kind about a case, by their hashes. */
static void law_same_words(struct world *w, const json_t *one, const json_t *two)
{
    const json_t *a = json_object_get(one, "said"), *b = json_object_get(two, "said");
    size_t i, k;
    json_t *x, *y;
    if (json_array_size(a) != json_array_size(b))
        pairs_fail(w, "%zu and %zu words about a case", json_array_size(a), json_array_size(b));
    json_array_foreach(a, i, x)
    {
        bool is_there = false;
        json_array_foreach(b, k, y) is_there =
            is_there || json_equal(json_object_get(x, "hash"), json_object_get(y, "hash"));
        if (!is_there)
            pairs_fail(w, "one word is known to one side alone");
    }
}

static void law_same(struct world *w, const struct cases sides[2], bool is_late)
{
    for (size_t i = 0; i < sides[0].count; i++) {
        size_t k = case_of(&sides[1], sides[0].at[i].id);
        if (k == sides[1].count)
            continue;
        law_same_words(w, sides[0].at[i].shown, sides[1].at[k].shown);
        const json_t *a = json_object_get(sides[0].at[i].shown, "agreement"),
                     *b = json_object_get(sides[1].at[k].shown, "agreement");
        if (!json_equal(a, b))
            pairs_fail(w, "the sides know different agreements");
        int one = sides[0].at[i].stage, two = sides[1].at[k].stage;
        bool is_one_sided = sides[0].at[i].is_open != sides[1].at[k].is_open;
        if (is_one_sided &&
            claims(sides[0].at[i].is_open ? sides[0].at[i].shown : sides[1].at[k].shown))
            pairs_fail(w, "case %.8s is proposed about, and over on the other side",
                       sides[0].at[i].id);
        if (is_one_sided)
            continue; /* each by what it was told, until it proposes something: law_open */
        const char *first = json_string_value(json_object_get(sides[0].at[i].shown, "moves_first")),
                   *there = json_string_value(json_object_get(sides[1].at[k].shown, "moves_first"));
        if (sides[0].at[i].is_open && (strcmp(first, "own") == 0) == (strcmp(there, "own") == 0))
            pairs_fail(w, "case %.8s: %s is to move here, %s there", sides[0].at[i].id, first,
                       there);
        if (one == CASE_AGREED)
            pairs_fail(w, "an agreement was neither kept nor broken");
        /* Lateness begins when each side has learnt of the conflict. */
        if (one != two && (is_late || (one != CASE_ESCALATED && two != CASE_ESCALATED)))
            pairs_fail(w, "case %.8s is %s here, %s there", sides[0].at[i].id,
                       case_stage_word((enum case_stage)one),
                       case_stage_word((enum case_stage)two));
        w->seen.resolved += one == CASE_RESOLVED;
        w->seen.escalated += one == CASE_ESCALATED;
    }
}

/* --- agreements --------------------------------------------------------------------------------
 */

static const json_t *about(const json_t *said, const char *type, const json_t *proposal)
{
    size_t i;
    json_t *note;
    json_array_foreach(said, i, note)
    {
        const json_t *of = json_object_get(json_object_get(note, "body"), "of");
        if (strcmp(json_string_value(json_object_get(note, "type")), type) == 0 &&
            json_equal(of, json_object_get(proposal, "hash")))
            return note;
    }
    return NULL;
}

static json_int_t version_of(const json_t *proposal, const char *who)
{
    return json_integer_value(
        json_object_get(json_object_get(json_object_get(proposal, "body"), who), "version"));
}

static const char *text_of(const json_t *note, const char *member)
{
    return json_string_value(json_object_get(note, member));
}

/* Its agreement, in time and not taken back; NULL. */
static const json_t *agreement_of(const json_t *said, const json_t *proposal)
{
    const json_t *agree = about(said, "agree", proposal);
    const char *expires = text_of(json_object_get(proposal, "body"), "expires");
    return agree && !about(said, "decline", proposal) && strcmp(text_of(agree, "at"), expires) <= 0
               ? agree
               : NULL;
}

/* Another one about the same versions holds instead: the first that its side agreed to, and of two
 * that crossed the smaller hash. */
static bool is_beaten(const json_t *said, const json_t *proposal, const json_t *agree)
{
    bool is_own = json_is_true(json_object_get(proposal, "own"));
    size_t i;
    json_t *other;
    json_array_foreach(said, i, other)
    {
        if (other == proposal || strcmp(text_of(other, "type"), "propose") != 0)
            continue;
        bool same = json_is_true(json_object_get(other, "own")) == is_own;
        const json_t *theirs = agreement_of(said, other);
        if (!theirs ||
            version_of(other, same ? "mover" : "other") != version_of(proposal, "mover") ||
            version_of(other, same ? "other" : "mover") != version_of(proposal, "other"))
            continue;
        if (same ? json_integer_value(json_object_get(theirs, "seq")) <
                       json_integer_value(json_object_get(agree, "seq"))
                 : strcmp(text_of(other, "hash"), text_of(proposal, "hash")) < 0)
            return true;
    }
    return false;
}

/* It holds, was not broken, and what was agreed is what is declared now. */
static bool is_kept(const json_t *shown, const json_t *proposal)
{
    const json_t *said = json_object_get(shown, "said"), *agree = agreement_of(said, proposal);
    bool is_own = json_is_true(json_object_get(proposal, "own"));
    json_int_t own = json_integer_value(json_object_get(shown, "own_declared_version")),
               other = json_integer_value(json_object_get(shown, "other_declared_version"));
    if (!agree || about(said, "void", proposal) || is_beaten(said, proposal, agree))
        return false;
    return (is_own ? own : other) == version_of(proposal, "mover") + 1 &&
           (is_own ? other : own) == version_of(proposal, "other");
}

static void law_agreement(struct world *w, const struct cases sides[2])
{
    for (size_t i = 0; i < sides[0].count; i++) {
        const json_t *shown = sides[0].at[i].shown;
        size_t n, k = case_of(&sides[1], sides[0].at[i].id);
        json_t *note;
        json_array_foreach(json_object_get(shown, "said"), n, note)
        {
            const char *type = json_string_value(json_object_get(note, "type"));
            w->seen.agreed += strcmp(type, "agree") == 0;
            w->seen.voided += strcmp(type, "void") == 0;
            if (strcmp(type, "propose") != 0 || !is_kept(shown, note))
                continue;
            w->seen.moved++;
            if (sides[0].at[i].is_open || (k < sides[1].count && sides[1].at[k].is_open))
                pairs_fail(w, "case %.8s: what was agreed and done left the conflict",
                           sides[0].at[i].id);
        }
    }
}

/* --- a world ------------------------------------------------------------------------------------
 */

/* What was declared is no more than what its record asked for, and all that had to be. */
static void laws_at_rest(struct world *w, bool is_late)
{
    struct cases sides[2];
    for (int i = 0; i < 2; i++) {
        struct side *side = &w->pair.side[i];
        assert_int_equal(sql_begin(side->sql), TF_OK);
        cases_of(w, i, &sides[i]);
        law_open(w, i, &sides[i]);
        sql_rollback(side->sql);
    }
    law_same(w, sides, is_late);
    if (w->memos == 0) /* another memorandum may show less, which is more space */
        law_agreement(w, sides);
    for (int i = 0; i < 2; i++)
        cases_release(&sides[i]);
    pair_check(&w->pair);
}

static void run_world(struct world *w, uint64_t seed)
{
    pairs_open(w, seed);
    pairs_populate(w);
    pairs_calm(w);
    laws_at_rest(w, false);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < ACTS; i++)
            pairs_act(w);
        pairs_calm(w);
        laws_at_rest(w, false);
    }
    /* A long silence: what waits is late on both sides. */
    pair_pass_time(&w->pair, 7200 * SECOND_US);
    pairs_calm(w);
    laws_at_rest(w, true);
    pairs_close(w);
}

static void worlds(void **state)
{
    (void)state;
    const char *many = getenv("TAFADI_OPS_PAIRS");
    unsigned long count = many ? strtoul(many, NULL, 10) : WORLDS;
    uint64_t seed = random_seed(1);
    struct world *w = malloc(sizeof *w);
    size_t accepted = 0, decided = 0, cases = 0, agreed = 0, moved = 0, voided = 0, resolved = 0,
           escalated = 0, faults = 0, suspended = 0, said = 0;
    assert_non_null(w);
    for (unsigned long i = 0; i < count; i++) {
        run_world(w, seed + i);
        accepted += w->seen.accepted, decided += w->seen.decided, cases += w->seen.cases;
        agreed += w->seen.agreed, moved += w->seen.moved, voided += w->seen.voided;
        resolved += w->seen.resolved, escalated += w->seen.escalated, said += w->seen.said;
        faults += w->seen.faults, suspended += w->seen.suspended;
        if ((i + 1) % 1000 == 0)
            print_message("%lu worlds\n", i + 1);
    }
    print_message("seeds %llu to %llu: %zu accepted, %zu decided, %zu declared, %zu cases open,"
                  " %zu agreements (%zu kept, %zu broken), %zu resolved, %zu escalated,"
                  " %zu suspensions, %zu faults\n",
                  (unsigned long long)seed, (unsigned long long)(seed + count - 1), accepted,
                  decided, said, cases, agreed, moved, voided, resolved, escalated, suspended,
                  faults);
    /* The worlds are worth something: all of it happened. */
    if (count >= WORLDS)
        assert_true(accepted > count && decided > 0 && cases > count && agreed > 0 && moved > 0 &&
                    (voided > 0 || count < 100) && resolved > 0 && escalated > 0 && suspended > 0 &&
                    faults > 0);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(worlds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
