/*
 * model.c - the rules of a line once more, over plain arrays of what was said, written from
 * docs/line.md and from nothing else.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>

enum tf_status entries_add(struct entries *entries, const char *payload, size_t len, int64_t seq,
                           const uint8_t hash[KEY_HASH_SIZE])
{
    struct entry *grown = realloc(entries->at, (entries->count + 1) * sizeof *grown);
    json_t *json = json_loadb(payload, len, JSON_REJECT_DUPLICATES, NULL);
    if (grown)
        entries->at = grown;
    if (!grown || !json) {
        json_decref(json);
        return grown ? TF_SYNTAX : TF_NOMEM;
    }
    struct entry *entry = &entries->at[entries->count++];
    const json_t *body = json_object_get(json, "body");
    const char *type = json_string_value(json_object_get(json, "type"));
    *entry = (struct entry){.seq = seq,
                            .payload = json,
                            .body = body,
                            .of = json_integer_value(json_object_get(body, "of")),
                            .amends = json_integer_value(json_object_get(body, "amends"))};
    snprintf(entry->type, sizeof entry->type, "%s", type ? type : "");
    const char *document = json_string_value(json_object_get(body, "document"));
    if (document && strcmp(entry->type, "memo.propose") == 0)
        json_object_set_new(json, "document", json_loads(document, 0, NULL));
    entry->document = json_object_get(json, "document");
    memcpy(entry->hash, hash, KEY_HASH_SIZE);
    return TF_OK;
}

void entries_cut(struct entries *entries, size_t count)
{
    while (entries->count > count)
        json_decref(entries->at[--entries->count].payload);
    if (count == 0) {
        free(entries->at);
        entries->at = NULL;
    }
}

/* --- stances ------------------------------------------------------------------------------ */

static bool is_type(const struct entry *entry, const char *type)
{
    return strcmp(entry->type, type) == 0;
}

/* "none -> open" and so on; NULL: not an act of the line. */
static const struct act {
    const char *type;
    enum line_stance from, to;
} acts[] = {{"line.open", STANCE_NONE, STANCE_OPEN},
            {"line.suspend", STANCE_OPEN, STANCE_SUSPENDED},
            {"line.resume", STANCE_SUSPENDED, STANCE_OPEN},
            {"line.close", STANCE_NONE, STANCE_CLOSED},
            {"line.close", STANCE_OPEN, STANCE_CLOSED},
            {"line.close", STANCE_SUSPENDED, STANCE_CLOSED}};

static bool is_floor(const struct entry *entry)
{
    return is_type(entry, "danger") || is_type(entry, "distress") || is_type(entry, "incident") ||
           is_type(entry, "key.rotate") || strncmp(entry->type, "ack.", 4) == 0;
}

/* A type that nobody knows has no effect, whoever says it and when. */
static bool is_ordinary(const struct entry *entry)
{
    static const char *const types[] = {"text",     "phrase", "notice", "withdraw",
                                        "question", "answer", "drill"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (is_type(entry, types[i]))
            return true;
    return strncmp(entry->type, "memo.", 5) == 0;
}

/* Opening is of this round of the line; one of another round is no act. */
static bool is_of_round(const struct entry *entry, int64_t round)
{
    return !is_type(entry, "line.open") ||
           json_integer_value(json_object_get(entry->body, "round")) == round;
}

enum line_stance model_stance(struct entries *entries, int64_t round)
{
    enum line_stance stance = STANCE_NONE;
    for (size_t i = 0; i < entries->count; i++) {
        struct entry *entry = &entries->at[i];
        if (strncmp(entry->type, "line.", 5) != 0) {
            entry->is_forbidden = is_floor(entry) ? stance == STANCE_CLOSED
                                                  : is_ordinary(entry) && stance != STANCE_OPEN;
            continue;
        }
        size_t k = 0, n = sizeof acts / sizeof acts[0];
        while (k < n && !(is_type(entry, acts[k].type) && acts[k].from == stance &&
                          is_of_round(entry, round)))
            k++;
        entry->is_forbidden = k == n;
        if (k < n)
            stance = acts[k].to;
    }
    return stance;
}

const char *model_state(enum line_stance own, enum line_stance other, bool is_degraded)
{
    if (own == STANCE_CLOSED || other == STANCE_CLOSED)
        return "closed";
    if (own == STANCE_SUSPENDED || other == STANCE_SUSPENDED)
        return "suspended";
    if (own == STANCE_OPEN && other == STANCE_OPEN)
        return is_degraded ? "degraded" : "open";
    return "proposed";
}

/* --- memoranda -------------------------------------------------------------------------------- */

enum { DOCUMENTS_MAX = 128 };
struct signature { /* one act about a document, by one side */
    enum { PROPOSES, ACCEPTS, DECLINES } kind;
    int64_t number; /* of a proposal */
    bool has_replaced;
    uint8_t hash[KEY_HASH_SIZE], replaces[KEY_HASH_SIZE];
};
struct signatures {
    size_t count;
    struct signature at[2 * DOCUMENTS_MAX];
};

static void sign(struct signatures *all, int kind, const uint8_t *hash)
{
    if (all->count == 2 * DOCUMENTS_MAX)
        return;
    struct signature *one = &all->at[all->count++];
    *one = (struct signature){.number = 0};
    one->kind = kind == 0 ? PROPOSES : kind == 1 ? ACCEPTS : DECLINES;
    memcpy(one->hash, hash, KEY_HASH_SIZE);
}

static bool hash_of(const json_t *text, uint8_t hash[KEY_HASH_SIZE])
{
    const char *hex = json_string_value(text);
    return hex && key_unhex(hex, strlen(hex), hash, KEY_HASH_SIZE);
}

static void add_proposal(struct signatures *all, const struct entry *entry)
{
    uint8_t hash[KEY_HASH_SIZE];
    const json_t *text = json_object_get(entry->body, "document");
    struct key_piece piece = {json_string_value(text), json_string_length(text)};
    if (hash_of(json_object_get(entry->body, "counters"), hash))
        sign(all, DECLINES, hash);
    key_sha256(&piece, 1, hash);
    sign(all, PROPOSES, hash);
    struct signature *one = &all->at[all->count - 1];
    one->number = json_integer_value(json_object_get(entry->document, "number"));
    one->has_replaced = hash_of(json_object_get(entry->document, "replaces"), one->replaces);
}

static void gather(const struct entries *entries, struct signatures *all)
{
    uint8_t hash[KEY_HASH_SIZE];
    all->count = 0;
    for (size_t i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->at[i];
        if (entry->is_void)
            continue;
        if (is_type(entry, "memo.propose"))
            add_proposal(all, entry);
        else if (is_type(entry, "memo.accept") &&
                 hash_of(json_object_get(entry->body, "document"), hash))
            sign(all, ACCEPTS, hash);
        else if (is_type(entry, "memo.decline") &&
                 hash_of(json_object_get(entry->body, "document"), hash))
            sign(all, DECLINES, hash);
    }
}

static bool has(const struct signatures *all, size_t before, int kind, const uint8_t *hash)
{
    for (size_t i = 0; i < before && i < all->count; i++)
        if ((int)all->at[i].kind == kind && memcmp(all->at[i].hash, hash, KEY_HASH_SIZE) == 0)
            return true;
    return false;
}

/* Rule 3: nothing of the acceptor's own stands against it. */
static bool is_clear(const struct signatures *by, size_t before, const struct signatures *other,
                     int64_t number, const uint8_t *hash)
{
    for (size_t i = 0; i < before; i++) {
        const struct signature *own = &by->at[i];
        if (own->kind == PROPOSES && own->number == number &&
            memcmp(hash, own->hash, KEY_HASH_SIZE) > 0 &&
            !has(other, other->count, DECLINES, own->hash))
            return false;
    }
    return true;
}

/* The document of a number that `by` accepted of the other's; -1: none. An index in other->at. */
static long accepted(const struct signatures *by, const struct signatures *other, int64_t number,
                     const struct agreed *before)
{
    for (size_t i = 0; i < by->count; i++) {
        if (by->at[i].kind != ACCEPTS || has(by, i, DECLINES, by->at[i].hash))
            continue;
        for (size_t k = 0; k < other->count; k++) {
            const struct signature *doc = &other->at[k];
            bool follows = before ? doc->has_replaced &&
                                        memcmp(doc->replaces, before->hash, KEY_HASH_SIZE) == 0
                                  : !doc->has_replaced;
            if (doc->kind == PROPOSES && doc->number == number && follows &&
                memcmp(doc->hash, by->at[i].hash, KEY_HASH_SIZE) == 0 &&
                is_clear(by, i, other, number, doc->hash))
                return (long)k;
        }
    }
    return -1;
}

size_t model_agreed(const struct entries *own, const struct entries *other, struct agreed *out,
                    size_t max)
{
    static struct signatures sides[2]; /* too large for the stack */
    size_t count = 0;
    gather(own, &sides[0]);
    gather(other, &sides[1]);
    while (count < max) {
        const struct agreed *before = count > 0 ? &out[count - 1] : NULL;
        int64_t number = (int64_t)count + 1;
        long of_other = accepted(&sides[0], &sides[1], number, before);
        long of_own = accepted(&sides[1], &sides[0], number, before);
        if (of_other < 0 && of_own < 0)
            break;
        out[count].number = number;
        memcpy(out[count].hash,
               of_other >= 0 ? sides[1].at[of_other].hash : sides[0].at[of_own].hash,
               KEY_HASH_SIZE);
        count++;
    }
    return count;
}

/* --- acknowledgements ------------------------------------------------------------------------- */

bool model_acked(const struct entries *by, const char *how, int64_t seq)
{
    for (size_t i = 0; i < by->count; i++)
        if (!by->at[i].is_void && by->at[i].of == seq && is_type(&by->at[i], how))
            return true;
    return false;
}

/* Types of which one may amend another. */
static bool amends(const struct entry *entry, int64_t seq)
{
    static const char *const types[] = {"text",   "notice",   "question",
                                        "danger", "distress", "incident"};
    if (is_type(entry, "withdraw"))
        return entry->of == seq;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (is_type(entry, types[i]))
            return entry->amends == seq;
    return false;
}

int64_t model_superseded(const struct entries *own, int64_t seq)
{
    int64_t by = 0;
    for (size_t i = 0; i < own->count; i++)
        if (!own->at[i].is_void && own->at[i].seq > seq && amends(&own->at[i], seq))
            by = own->at[i].seq;
    return by;
}
