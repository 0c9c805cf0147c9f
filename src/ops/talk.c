/*
 * talk.c - what was said about a case, and the stage that follows from it. Both sides have the same
 * messages in the end, each side's in its own order; nothing here depends on how the two orders
 * were mixed.
 */
#include "ops/talk_notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const note_words[NOTE_TYPES] = {"propose", "verdict", "agree",
                                                   "decline", "void",    "clear"};

const char *note_type_word(enum note_type type)
{
    return note_words[type];
}

const char *case_stage_word(enum case_stage stage)
{
#define STAGE_WORD(name, word) word,
    static const char *const words[] = {CASE_STAGE_LIST(STAGE_WORD)};
#undef STAGE_WORD
    return words[stage];
}

/* The first row that fits. */
enum case_stage case_stage_of(unsigned facts)
{
    static const struct {
        unsigned mask, value;
        enum case_stage stage;
    } table[] = {
        {CASE_IS_OVER | CASE_HAS_AGREEMENT | CASE_IS_VOID, CASE_IS_OVER | CASE_HAS_AGREEMENT,
         CASE_RESOLVED},
        {CASE_IS_OVER, CASE_IS_OVER, CASE_OVERTAKEN},
        {CASE_HAS_AGREEMENT | CASE_IS_VOID, CASE_HAS_AGREEMENT | CASE_IS_VOID, CASE_ESCALATED},
        {CASE_IS_LATE, CASE_IS_LATE, CASE_ESCALATED},
        {CASE_HAS_AGREEMENT, CASE_HAS_AGREEMENT, CASE_AGREED},
        {CASE_HAS_COUNTER, CASE_HAS_COUNTER, CASE_COUNTERED},
        {CASE_HAS_PROPOSAL, CASE_HAS_PROPOSAL, CASE_PROPOSED},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if ((facts & table[i].mask) == table[i].value)
            return table[i].stage;
    return CASE_OPEN;
}

/* --- loading ---------------------------------------------------------------------------- */

static enum tf_status take_note(const struct sql_value *v, struct note *out)
{
    *out = (struct note){.is_own = v[0].number != 0,
                         .seq = v[1].number,
                         .hash = v[3].bytes,
                         .of = v[4].bytes,
                         .own_version = v[5].number,
                         .other_version = v[6].number,
                         .expires_us = v[7].number,
                         .at_us = v[8].number,
                         .is_done = v[9].number == NOTE_DONE,
                         .is_held = v[9].number == NOTE_HELD,
                         .counters = v[10].bytes,
                         .body = v[11].bytes,
                         .feature = v[12].bytes,
                         .etag = v[13].bytes};
    for (int i = 0; i < NOTE_TYPES; i++)
        if (strcmp(v[2].bytes, note_words[i]) == 0) {
            out->type = (enum note_type)i;
            return TF_OK;
        }
    return TF_SYNTAX;
}

static enum tf_status load_notes(const struct line_context *c, struct talk *talk)
{
    static const char text[] =
        "SELECT is_own, seq, type, hash, of_hash, own_version, other_version, expires_us, at_us,"
        " is_done, counters, body, feature, etag FROM ops_case_note WHERE line = $1 AND id = $2"
        " ORDER BY is_own, seq";
    enum tf_status rc = sql_query(
        c->sql, text, SQL_ARGS(sql_text(talk->one.line), sql_text(talk->one.id)), &talk->rows);
    if (rc || talk->rows.count == 0)
        return rc;
    talk->notes = calloc(talk->rows.count, sizeof *talk->notes);
    if (!talk->notes)
        return TF_NOMEM;
    for (size_t i = 0; i < talk->rows.count && !rc; i++)
        rc = take_note(sql_at(&talk->rows, i, 0), &talk->notes[talk->count++]);
    return rc;
}

enum tf_status talk_versions(const struct line_context *c, struct talk *talk)
{
    static const char text[] =
        "SELECT is_own, version, at_us, body FROM ops_declared WHERE line = $1 AND"
        " is_withdrawn = 0 AND ((is_own = 1 AND own_id = $2 AND class = $3)"
        " OR (is_own = 0 AND id = $4 AND class = $5))";
    const struct ops_case *one = &talk->one;
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql, text,
                  SQL_ARGS(sql_text(one->line), sql_text(one->own_id),
                           sql_text(ops_class_word(one->own_class)), sql_text(one->other_id),
                           sql_text(ops_class_word(one->other_class))),
                  &rows);
    for (size_t i = 0; i < rows.count && !rc; i++) {
        const struct sql_value *v = sql_at(&rows, i, 0);
        json_t *body = json_loadb(v[3].bytes, v[3].len, 0, NULL);
        int priority = (int)json_integer_value(json_object_get(body, "priority"));
        json_decref(body);
        *(v[0].number ? &talk->own_version : &talk->other_version) = v[1].number;
        *(v[0].number ? &talk->own_at_us : &talk->other_at_us) = v[2].number;
        *(v[0].number ? &talk->own_priority : &talk->other_priority) = priority;
    }
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status load_case(const struct line_context *c, const char *id, struct talk *talk)
{
    static const char text[] =
        "SELECT " CASE_COLUMNS " FROM ops_case WHERE id >= $1 AND id <= $2 LIMIT 2";
    char last[OPS_CASE_ID_SIZE]; /* ids are hexadecimal */
    int len = snprintf(last, sizeof last, "%s", id);
    if (len < 4 || len >= OPS_CASE_ID_SIZE || strspn(id, "0123456789abcdef") != (size_t)len)
        return TF_NOT_FOUND;
    memset(last + len, 'f', sizeof last - 1 - (size_t)len);
    last[sizeof last - 1] = '\0';
    enum tf_status rc =
        sql_query(c->sql, text, SQL_ARGS(sql_text(id), sql_text(last)), &talk->case_rows);
    if (rc)
        return rc;
    return talk->case_rows.count == 1 ? case_row(&talk->case_rows, 0, &talk->one) : TF_NOT_FOUND;
}

enum tf_status talk_load(struct ops *ops, const struct line_context *c, const char *id,
                         struct talk *out)
{
    *out = (struct talk){.count = 0};
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = load_case(c, id, out);
    if (!rc)
        rc = load_notes(c, out);
    if (!rc)
        rc = talk_versions(c, out);
    if (rc)
        talk_release(out);
    return rc;
}

void talk_release(struct talk *talk)
{
    sql_rows_release(&talk->case_rows);
    sql_rows_release(&talk->rows);
    free(talk->notes);
    *talk = (struct talk){.count = 0};
}

/* --- what follows ------------------------------------------------------------------------- */

const struct note *talk_proposal(const struct talk *talk, const char *hash)
{
    for (size_t i = 0; i < talk->count; i++)
        if (talk->notes[i].type == NOTE_PROPOSE && strcmp(talk->notes[i].hash, hash) == 0)
            return &talk->notes[i];
    return NULL;
}

const struct note *talk_about(const struct talk *talk, enum note_type type, bool is_own,
                              const char *hash)
{
    for (size_t i = 0; i < talk->count; i++) {
        const struct note *note = &talk->notes[i];
        if (note->type == type && note->is_own == is_own && strcmp(note->of, hash) == 0)
            return note;
    }
    return NULL;
}

bool talk_claims(const struct talk *talk)
{
    bool claims = false;
    for (size_t i = 0; i < talk->count; i++) {
        const struct note *note = &talk->notes[i];
        if (note->is_own && (note->type == NOTE_PROPOSE || note->type == NOTE_CLEAR))
            claims = note->type == NOTE_PROPOSE;
    }
    return claims;
}

/* The first agreement of one side for a pair of versions that was said in time, and not after it
 * had declined. */
static const struct note *agreed_by(const struct talk *talk, bool is_own, int64_t own_version,
                                    int64_t other_version, const struct note **proposal)
{
    for (size_t i = 0; i < talk->count; i++) {
        const struct note *note = &talk->notes[i];
        if (note->type != NOTE_AGREE || note->is_own != is_own)
            continue;
        const struct note *of = talk_proposal(talk, note->of),
                          *declined = talk_about(talk, NOTE_DECLINE, is_own, note->of);
        if (of && of->is_own != is_own && of->own_version == own_version &&
            of->other_version == other_version && note->at_us <= of->expires_us &&
            !(declined && declined->seq < note->seq)) {
            *proposal = of;
            return note;
        }
    }
    return NULL;
}

const struct note *talk_agreement(const struct talk *talk, int64_t own_version,
                                  int64_t other_version, const struct note **agreed)
{
    const struct note *a = NULL, *b = NULL;
    const struct note *own = agreed_by(talk, true, own_version, other_version, &a),
                      *other = agreed_by(talk, false, own_version, other_version, &b);
    bool takes_own = own && (!other || strcmp(a->hash, b->hash) < 0);
    *agreed = takes_own ? own : other;
    return takes_own ? a : other ? b : NULL;
}

bool talk_stands(const struct talk *talk, const struct note *proposal, int64_t now_us)
{
    return proposal->own_version == talk->own_version &&
           proposal->other_version == talk->other_version && proposal->expires_us >= now_us &&
           !talk_about(talk, NOTE_DECLINE, !proposal->is_own, proposal->hash) &&
           !talk_about(talk, NOTE_VOID, proposal->is_own, proposal->hash);
}

static unsigned facts_of_agreement(const struct talk *talk, int64_t own_version,
                                   int64_t other_version, int64_t *since_us)
{
    const struct note *agreed, *holds = talk_agreement(talk, own_version, other_version, &agreed);
    if (!holds)
        return 0;
    *since_us = agreed->at_us;
    const struct note *broken = talk_about(talk, NOTE_VOID, holds->is_own, holds->hash);
    if (broken)
        *since_us = broken->at_us;
    return CASE_HAS_AGREEMENT | (broken ? CASE_IS_VOID : 0u);
}

/* Versions only go up: one that was made when this side or the other had gone on. */
static bool is_later(const struct note *proposal, const struct note *than)
{
    return proposal->own_version >= than->own_version &&
           proposal->other_version >= than->other_version &&
           (proposal->own_version > than->own_version ||
            proposal->other_version > than->other_version);
}

static bool is_followed(const struct talk *talk, const struct note *proposal)
{
    for (size_t i = 0; i < talk->count; i++)
        if (talk->notes[i].type == NOTE_PROPOSE && is_later(&talk->notes[i], proposal))
            return true;
    return false;
}

/* What says that an agreement could not be kept, if nothing new was proposed since: that somebody
 * changed his operation is no answer to it. The last one; NULL. */
static const struct note *broken(const struct talk *talk)
{
    const struct note *found = NULL, *agreed;
    for (size_t i = 0; i < talk->count; i++) {
        const struct note *note = &talk->notes[i];
        const struct note *of = note->type == NOTE_VOID ? talk_proposal(talk, note->of) : NULL;
        if (of && of->is_own == note->is_own && !is_followed(talk, of) &&
            talk_agreement(talk, of->own_version, of->other_version, &agreed) == of &&
            (!found || note->at_us > found->at_us))
            found = note;
    }
    return found;
}

/* Over: whatever was agreed and kept. */
static unsigned facts_when_over(const struct talk *talk, int64_t *since_us)
{
    for (size_t i = 0; i < talk->count; i++) {
        const struct note *note = &talk->notes[i];
        if (note->type != NOTE_PROPOSE)
            continue;
        unsigned facts = facts_of_agreement(talk, note->own_version, note->other_version, since_us);
        if (facts == CASE_HAS_AGREEMENT)
            return facts;
    }
    return 0;
}

enum case_stage talk_stage(const struct talk *talk, int64_t now_us, int64_t limit_s,
                           int64_t *since_us)
{
    *since_us = talk->one.opened_us;
    if (!talk->one.is_open)
        return case_stage_of(CASE_IS_OVER | facts_when_over(talk, since_us));
    unsigned facts = 0;
    int64_t first_us = INT64_MAX;
    for (size_t i = 0; i < talk->count; i++) {
        const struct note *note = &talk->notes[i];
        if (note->type != NOTE_PROPOSE || note->own_version != talk->own_version ||
            note->other_version != talk->other_version)
            continue;
        first_us = note->at_us < first_us ? note->at_us : first_us;
        if (talk_stands(talk, note, now_us))
            facts |= CASE_HAS_PROPOSAL | (note->counters[0] ? CASE_HAS_COUNTER : 0u);
    }
    if (first_us != INT64_MAX)
        *since_us = first_us;
    facts |= facts_of_agreement(talk, talk->own_version, talk->other_version, since_us);
    const struct note *is_broken = broken(talk);
    if (is_broken) {
        facts |= CASE_HAS_AGREEMENT | CASE_IS_VOID;
        *since_us = is_broken->at_us;
    }
    if (now_us - *since_us >= limit_s * 1000000)
        facts |= CASE_IS_LATE;
    return case_stage_of(facts);
}

bool talk_own_moves(const struct talk *talk, const char *own_alias)
{
    const struct ops_case *one = &talk->one;
    if (one->own_class != one->other_class)
        return one->own_class == OPS_OPERATION;
    if (talk->own_priority != talk->other_priority)
        return talk->own_priority < talk->other_priority;
    if (talk->own_at_us != talk->other_at_us)
        return talk->own_at_us > talk->other_at_us;
    return strcmp(own_alias, one->other_id) > 0;
}
