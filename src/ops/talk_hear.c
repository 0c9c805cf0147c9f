/*
 * talk_hear.c - messages about cases are read strictly and noted, own and heard alike. What they
 * ask for is done later (talk_work.c): a message that is applied may not say another one.
 */
#include "line/fields.h"
#include "ops/declaration.h"
#include "ops/talk_notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct message_kind kinds[NOTE_TYPES] = {
    [NOTE_PROPOSE] = {"case.propose", false, 0}, [NOTE_VERDICT] = {"case.verdict", false, 0},
    [NOTE_AGREE] = {"case.agree", false, 0},     [NOTE_DECLINE] = {"case.decline", false, 0},
    [NOTE_VOID] = {"case.void", false, 0},       [NOTE_CLEAR] = {"case.clear", false, 0},
};
static const char *const reasons[] = {"changed", "conflict", "dss", "restored", NULL};
static const char *const moves[] = {"time", "level", "lateral", NULL};

static int type_of(const char *type)
{
    int i = 0;
    while (i < NOTE_TYPES && strcmp(kinds[i].name, type) != 0)
        i++;
    return i;
}

static const struct message_kind *kind_of(void *ctx, const char *type)
{
    int i = type_of(type);
    (void)ctx;
    return i < NOTE_TYPES ? &kinds[i] : NULL;
}

/* --- reading ------------------------------------------------------------------------------ */

struct read_side {
    const char *id;
    int64_t version;
};

static enum tf_status read_side(const struct tf_json *body, const char *name, struct read_side *out,
                                struct tf_fault *fault)
{
    struct tf_json side = tf_json_get(body, name), id = tf_json_get(&side, "id"),
                   version = tf_json_get(&side, "version");
    enum tf_status rc = tf_json_object(&side, fault);
    if (!rc)
        rc = fields_text(&id, 64, &out->id, fault);
    return rc ? rc : fields_integer(&version, 1, FIELDS_INTEGER_MAX, &out->version, fault);
}

static enum tf_status read_hash(const struct tf_json *body, const char *name,
                                char out[CASE_HASH_SIZE], struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(body, name);
    uint8_t hash[KEY_HASH_SIZE];
    enum tf_status rc = fields_hex(&at, hash, sizeof hash, fault);
    if (!rc)
        key_hex(hash, sizeof hash, out);
    return rc;
}

static enum tf_status read_change(const struct tf_json *body, struct tf_fault *fault)
{
    static const char *const numbers[] = {"shift_s", "level_m", "offset_m", "extra_distance_m"};
    struct tf_json change = tf_json_get(body, "change"), list = tf_json_get(&change, "moves"),
                   cost = tf_json_get(body, "cost");
    double value;
    int word;
    enum tf_status rc = tf_json_object(&change, fault);
    if (!rc)
        rc = tf_json_array(&list, fault);
    for (size_t i = 0; !rc && i < tf_json_count(&list); i++) {
        struct tf_json at = tf_json_item(&list, i);
        rc = tf_json_word(&at, moves, &word, fault);
    }
    for (size_t i = 0; !rc && i < 4; i++) {
        struct tf_json at = tf_json_get(&change, numbers[i]);
        rc = tf_json_there(&at) ? tf_json_number(&at, &value, fault) : TF_OK;
    }
    return !rc && tf_json_there(&cost) ? tf_json_number(&cost, &value, fault) : rc;
}

struct said {
    char id[OPS_CASE_ID_SIZE], of[CASE_HASH_SIZE], counters[CASE_HASH_SIZE];
    struct read_side mover, other;
    int64_t expires_us;
};

static enum tf_status read_proposal(const struct tf_json *body, struct said *out,
                                    struct tf_fault *fault)
{
    struct tf_json number = tf_json_get(body, "number"), declared = tf_json_get(body, "declared"),
                   expires = tf_json_get(body, "expires"), counters = tf_json_get(body, "counters");
    struct tf_entity entity = {0};
    int64_t value;
    enum tf_status rc = read_side(body, "mover", &out->mover, fault);
    if (!rc)
        rc = read_side(body, "other", &out->other, fault);
    if (!rc)
        rc = read_change(body, fault);
    if (!rc && tf_json_there(&number))
        rc = fields_integer(&number, 0, 1000, &value, fault);
    if (!rc)
        rc = fields_time(&expires, &out->expires_us, fault);
    if (!rc && tf_json_there(&counters))
        rc = read_hash(body, "counters", out->counters, fault);
    if (!rc)
        rc = tf_json_object(&declared, fault);
    if (!rc) {
        rc = ops_declaration_read(declared.value, &entity, fault);
        if (rc)
            tf_json_prefix(&declared, false, fault);
    }
    if (!rc && entity.volume_count == 0)
        rc = tf_json_fault(&declared, TF_SYNTAX, TF_TEXT("This declares nothing."), NULL, NULL,
                           fault);
    tf_entity_release(&entity);
    return rc;
}

static enum tf_status read_body(enum note_type type, const json_t *json, struct said *out,
                                struct tf_fault *fault)
{
    struct tf_json body = tf_json_root(json), id = tf_json_get(&body, "case"),
                   acceptable = tf_json_get(&body, "acceptable"), why = tf_json_get(&body, "why");
    uint8_t raw[(OPS_CASE_ID_SIZE - 1) / 2];
    int word;
    *out = (struct said){.expires_us = 0};
    enum tf_status rc = fields_hex(&id, raw, sizeof raw, fault);
    if (rc)
        return rc;
    key_hex(raw, sizeof raw, out->id);
    if (type == NOTE_PROPOSE)
        return read_proposal(&body, out, fault);
    if (type != NOTE_CLEAR)
        rc = read_hash(&body, "of", out->of, fault);
    if (!rc && type == NOTE_VERDICT && !json_is_boolean(acceptable.value))
        rc = tf_json_fault(&acceptable, TF_SYNTAX, TF_TEXT("This is neither true nor false."), NULL,
                           NULL, fault);
    if (!rc && type == NOTE_VOID)
        rc = tf_json_word(&why, reasons, &word, fault);
    return rc;
}

static enum tf_status check(void *ctx, const char *type, const json_t *body, struct tf_fault *fault)
{
    struct said said;
    (void)ctx;
    return read_body((enum note_type)type_of(type), body, &said, fault);
}

/* --- noting ------------------------------------------------------------------------------------
 */

/* The same on both sides: the first so many messages of each. That one sees nothing any more ends
 * what a proposal began: there is room for it in any case. */
static enum tf_status has_room(const struct line_context *c, const struct line_applied *m,
                               const char *id, enum note_type type, bool *out)
{
    int64_t most = type == NOTE_CLEAR ? 2 * CASE_NOTES_MAX : CASE_NOTES_MAX;
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(
        c->sql, "SELECT count(*) FROM ops_case_note WHERE line = $1 AND id = $2 AND is_own = $3",
        SQL_ARGS(sql_text(m->line), sql_text(id), sql_int(m->is_own)), &rows);
    *out = !rc && sql_at(&rows, 0, 0)->number < most;
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status note(const struct line_context *c, const struct line_applied *m,
                           enum note_type type, const struct said *said)
{
    static const char text[] =
        "INSERT INTO ops_case_note (line, id, is_own, seq, type, hash, of_hash, own_version,"
        " other_version, expires_us, at_us, is_done, counters, body, feature, etag) VALUES ($1, $2,"
        " $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', '') ON CONFLICT DO NOTHING";
    char hash[CASE_HASH_SIZE];
    char *body = json_dumps(m->body, JSON_COMPACT | JSON_SORT_KEYS);
    if (!body)
        return TF_NOMEM;
    key_hex(m->hash, KEY_HASH_SIZE, hash);
    const struct read_side *own = m->is_own ? &said->mover : &said->other,
                           *other = m->is_own ? &said->other : &said->mover;
    bool waits = type == NOTE_PROPOSE || type == NOTE_AGREE;
    enum tf_status rc =
        sql_exec(c->sql, text,
                 SQL_ARGS(sql_text(m->line), sql_text(said->id), sql_int(m->is_own),
                          sql_int(m->seq), sql_text(note_type_word(type)), sql_text(hash),
                          sql_text(said->of), sql_int(own->version), sql_int(other->version),
                          sql_int(said->expires_us), sql_int(m->sent_us),
                          sql_int(m->is_own || !waits), sql_text(said->counters), sql_text(body)),
                 NULL);
    free(body);
    return rc ? rc
              : sql_exec(c->sql, "UPDATE ops_case SET due_us = 0 WHERE id = $1 AND line = $2",
                         SQL_ARGS(sql_text(said->id), sql_text(m->line)), NULL);
}

static enum tf_status apply(void *ctx, const struct line_context *c, const struct line_applied *m)
{
    struct said said;
    struct tf_fault fault;
    char id[OPS_CASE_ID_SIZE];
    bool room;
    enum note_type type = (enum note_type)type_of(m->type);
    enum tf_status rc = ops_enter(ctx, c);
    if (rc)
        return rc;
    rc = read_body(type, m->body, &said, &fault);
    if (rc)
        return rc == TF_NOMEM ? rc : TF_OK;
    if (type == NOTE_PROPOSE) { /* of these two, and no others */
        ops_case_id(m->line, said.mover.id, said.other.id, id);
        if (strcmp(id, said.id) != 0)
            return TF_OK;
    }
    rc = has_room(c, m, said.id, type, &room);
    if (!rc && room)
        rc = note(c, m, type, &said);
    if (!rc && !m->is_own && type == NOTE_PROPOSE)
        rc = case_claim(c, m->line, said.id, said.other.id, said.mover.id);
    if (!rc && !m->is_own && type == NOTE_CLEAR)
        rc = case_unclaim(c, m->line, said.id);
    return rc;
}

struct line_extension ops_case_extension(struct ops *ops)
{
    return (struct line_extension){
        .prefix = "case.", .ctx = ops, .kind = kind_of, .check = check, .apply = apply};
}
