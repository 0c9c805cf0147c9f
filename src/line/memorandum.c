/*
 * memorandum.c - the document of a memorandum, read whole and strictly: docs/memorandum.md.
 *
 * A member that is not known is refused: nobody shall sign a rule that the node would not keep.
 * What two parties agree beyond it stands in `notes` and `other`.
 */
#include "line/memorandum.h"

#include "format/f3548.h"
#include "line/fields.h"
#include "line/memo_floor.h"
#include <stdio.h>
#include <string.h>

enum {
    DAY_S = 86400,
    YEAR_S = 366 * DAY_S,
    LINES_MAX = 64,
    LINE_BYTES = 500,
    NOTES_BYTES = 8192,
    LANGUAGES_MAX = 8,
    FLOOR_MAX = 32
};
#define DISTANCE_MAX_M 1e6

typedef enum tf_status read_value(const struct tf_json *at, struct memorandum *out,
                                  struct tf_fault *fault);

struct member {
    const char *name;
    read_value *read;
    bool is_needed;
};

/* Members that have no row. */
static enum tf_status refuse_others(const struct tf_json *at, const struct member *members,
                                    size_t count, struct tf_fault *fault)
{
    json_t *all = (json_t *)at->value; /* jansson's iterators are not const */
    for (void *i = json_object_iter(all); i; i = json_object_iter_next(all, i)) {
        struct tf_json value = {
            .up = at, .key = json_object_iter_key(i), .value = json_object_iter_value(i)};
        size_t k = 0;
        while (k < count && strcmp(members[k].name, value.key) != 0)
            k++;
        if (k == count)
            return tf_json_fault(&value, TF_UNSUPPORTED,
                                 TF_TEXT("A memorandum has no such member here. What is agreed "
                                         "beyond it stands in \"notes\" or \"other\"."),
                                 NULL, NULL, fault);
    }
    return TF_OK;
}

/* Each member of the object by its row; none that has no row. */
static enum tf_status read_members(const struct tf_json *at, const struct member *members,
                                   size_t count, struct memorandum *out, struct tf_fault *fault)
{
    enum tf_status rc = tf_json_object(at, fault);
    for (size_t i = 0; !rc && i < count; i++) {
        struct tf_json value = tf_json_get(at, members[i].name);
        if (tf_json_there(&value) || members[i].is_needed)
            rc = members[i].read(&value, out, fault);
    }
    return rc ? rc : refuse_others(at, members, count, fault);
}

static enum tf_status check_count(const struct tf_json *at, size_t least, size_t most,
                                  struct tf_fault *fault)
{
    char low[24], high[24];
    enum tf_status rc = tf_json_array(at, fault);
    if (rc || (tf_json_count(at) >= least && tf_json_count(at) <= most))
        return rc;
    snprintf(low, sizeof low, "%zu", least);
    snprintf(high, sizeof high, "%zu", most);
    return tf_json_fault(at, TF_RANGE, TF_TEXT("This must have between %1 and %2 items."), low,
                         high, fault);
}

static enum tf_status twice(const struct tf_json *at, struct tf_fault *fault)
{
    return tf_json_fault(at, TF_EXISTS, TF_TEXT("This stands here twice."), NULL, NULL, fault);
}

static enum tf_status read_number(const struct tf_json *at, double most, double *out,
                                  struct tf_fault *fault)
{
    char high[32];
    enum tf_status rc = tf_json_number(at, out, fault);
    if (rc || (*out >= 0 && *out <= most))
        return rc;
    snprintf(high, sizeof high, "%.0f", most);
    return tf_json_fault(at, TF_RANGE, TF_TEXT("This must be between %1 and %2."), "0", high,
                         fault);
}

/* --- what it is ------------------------------------------------------------------------------ */

static enum tf_status read_format(const struct tf_json *at, struct memorandum *out,
                                  struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    (void)out;
    if (!rc && strcmp(text, MEMO_FORMAT) != 0)
        rc = tf_json_fault(at, TF_UNSUPPORTED, TF_TEXT("%1 is not known here, it must be %2."),
                           text, MEMO_FORMAT, fault);
    return rc;
}

static enum tf_status read_line(const struct tf_json *at, struct memorandum *out,
                                struct tf_fault *fault)
{
    uint8_t id[(LINE_ID_SIZE - 1) / 2];
    enum tf_status rc = fields_hex(at, id, sizeof id, fault);
    if (!rc)
        key_hex(id, sizeof id, out->line);
    return rc;
}

static enum tf_status read_count(const struct tf_json *at, struct memorandum *out,
                                 struct tf_fault *fault)
{
    return fields_integer(at, 1, 1000000, &out->number, fault);
}

/* The first replaces none (null), any other the one before. */
static enum tf_status read_replaces(const struct tf_json *at, struct memorandum *out,
                                    struct tf_fault *fault)
{
    if (out->number == 1 && !tf_json_there(at))
        return TF_OK;
    if (out->number == 1)
        return tf_json_fault(at, TF_SYNTAX, TF_TEXT("Memorandum 1 replaces none: write null."),
                             NULL, NULL, fault);
    enum tf_status rc = fields_hex(at, out->replaces, KEY_HASH_SIZE, fault);
    out->has_replaced = !rc;
    return rc;
}

static enum tf_status read_from(const struct tf_json *at, struct memorandum *out,
                                struct tf_fault *fault)
{
    return fields_time(at, &out->valid_from_us, fault);
}

static enum tf_status read_until(const struct tf_json *at, struct memorandum *out,
                                 struct tf_fault *fault)
{
    enum tf_status rc = fields_time(at, &out->valid_until_us, fault);
    if (!rc && out->valid_until_us <= out->valid_from_us)
        rc = tf_json_fault(at, TF_TIME, TF_TEXT("The end must be after the start."), NULL, NULL,
                           fault);
    return rc;
}

/* A polygon of GeoJSON, or an outline of F3548; nothing beside it, as an altitude would not be
 * kept. */
static enum tf_status read_area(const struct tf_json *at, struct memorandum *out,
                                struct tf_fault *fault)
{
    static const struct member polygon[] = {{.name = "type"}, {.name = "coordinates"}};
    static const struct member outline[] = {{.name = "outline_circle"},
                                            {.name = "outline_polygon"}};
    struct tf_json type = tf_json_get(at, "type"), coordinates = tf_json_get(at, "coordinates");
    const char *text;
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = refuse_others(at, tf_json_there(&type) ? polygon : outline, 2, fault);
    if (rc || !tf_json_there(&type))
        return rc ? rc : tf_f3548_outline(at, &out->area, fault);
    rc = tf_json_text(&type, &text, fault);
    if (!rc && strcmp(text, "Polygon") != 0)
        rc = tf_json_fault(&type, TF_UNSUPPORTED, TF_TEXT("%1 is not known here, it must be %2."),
                           text, "Polygon", fault);
    return rc ? rc : tf_json_polygon(&coordinates, TF_EDGES_LONLAT, &out->area, fault);
}

/* --- rules by kind --------------------------------------------------------------------------- */

static enum tf_status read_kind(const struct tf_json *at, char out[MEMO_PAIR_KINDS],
                                struct tf_fault *fault)
{
    enum tf_kind kind;
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (rc)
        return rc;
    if (strcmp(text, "*") != 0 &&
        (tf_kind_from_word(text, &kind) || strcmp(tf_kind_word(kind), text) != 0))
        return tf_json_fault(at, TF_SYNTAX,
                             TF_TEXT("%1 is not a kind of operation, nor * for any."), text, NULL,
                             fault);
    snprintf(out, MEMO_PAIR_KINDS, "%s", text);
    return TF_OK;
}

static struct memo_separation *last_pair(struct memorandum *memo)
{
    return &memo->separation[memo->separations - 1];
}

static enum tf_status read_a(const struct tf_json *at, struct memorandum *out,
                             struct tf_fault *fault)
{
    return read_kind(at, last_pair(out)->a, fault);
}

static enum tf_status read_b(const struct tf_json *at, struct memorandum *out,
                             struct tf_fault *fault)
{
    return read_kind(at, last_pair(out)->b, fault);
}

static enum tf_status read_horizontal(const struct tf_json *at, struct memorandum *out,
                                      struct tf_fault *fault)
{
    return read_number(at, DISTANCE_MAX_M, &last_pair(out)->horizontal_m, fault);
}

static enum tf_status read_vertical(const struct tf_json *at, struct memorandum *out,
                                    struct tf_fault *fault)
{
    return read_number(at, DISTANCE_MAX_M, &last_pair(out)->vertical_m, fault);
}

static enum tf_status read_time(const struct tf_json *at, struct memorandum *out,
                                struct tf_fault *fault)
{
    return read_number(at, DAY_S, &last_pair(out)->time_s, fault);
}

static bool is_pair(const struct memo_separation *rule, const char *a, const char *b)
{
    return (strcmp(rule->a, a) == 0 && strcmp(rule->b, b) == 0) ||
           (strcmp(rule->a, b) == 0 && strcmp(rule->b, a) == 0);
}

static enum tf_status read_separation(const struct tf_json *at, struct memorandum *out,
                                      struct tf_fault *fault)
{
    static const struct member members[] = {{"a", read_a, true},
                                            {"b", read_b, true},
                                            {"horizontal_m", read_horizontal, true},
                                            {"vertical_m", read_vertical, true},
                                            {"time_s", read_time, true}};
    enum tf_status rc = check_count(at, 0, MEMO_RULES_MAX, fault);
    for (size_t i = 0; !rc && i < tf_json_count(at); i++) {
        struct tf_json item = tf_json_item(at, i);
        out->separation[out->separations++] = (struct memo_separation){0};
        rc = read_members(&item, members, sizeof members / sizeof members[0], out, fault);
        for (size_t k = 0; !rc && k < i; k++)
            if (is_pair(&out->separation[k], out->separation[i].a, out->separation[i].b))
                rc = twice(&item, fault);
    }
    return rc;
}

static enum tf_status read_ruled_kind(const struct tf_json *at, struct memorandum *out,
                                      struct tf_fault *fault)
{
    return read_kind(at, out->kinds[out->kind_rules - 1].kind, fault);
}

static enum tf_status read_notice(const struct tf_json *at, struct memorandum *out,
                                  struct tf_fault *fault)
{
    return fields_integer(at, 0, YEAR_S, &out->kinds[out->kind_rules - 1].notice_s, fault);
}

static const char *const disclosures[] = {"nothing", "existence", "window", "cells", "full", NULL};

static enum tf_status read_disclosure(const struct tf_json *at, struct memorandum *out,
                                      struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    for (int i = 0; !rc && disclosures[i]; i++)
        if (strcmp(text, disclosures[i]) == 0) {
            out->kinds[out->kind_rules - 1].disclosure = (enum memo_disclosure)i;
            return TF_OK;
        }
    return rc ? rc
              : tf_json_fault(at, TF_SYNTAX,
                              TF_TEXT("%1 is not a disclosure. Known are nothing, existence, "
                                      "window, cells, full."),
                              text, NULL, fault);
}

const char *memo_disclosure_name(enum memo_disclosure disclosure)
{
    return disclosures[disclosure];
}

static enum tf_status read_kinds(const struct tf_json *at, struct memorandum *out,
                                 struct tf_fault *fault)
{
    static const struct member members[] = {{"kind", read_ruled_kind, true},
                                            {"notice_s", read_notice, true},
                                            {"disclosure", read_disclosure, true}};
    enum tf_status rc = check_count(at, 0, MEMO_RULES_MAX, fault);
    for (size_t i = 0; !rc && i < tf_json_count(at); i++) {
        struct tf_json item = tf_json_item(at, i);
        out->kinds[out->kind_rules++] = (struct memo_kind_rule){0};
        rc = read_members(&item, members, sizeof members / sizeof members[0], out, fault);
        for (size_t k = 0; !rc && k < i; k++)
            if (strcmp(out->kinds[k].kind, out->kinds[i].kind) == 0)
                rc = twice(&item, fault);
    }
    return rc;
}

/* --- times of the line ----------------------------------------------------------------------- */

static enum tf_status read_deliver(const struct tf_json *at, struct memorandum *out,
                                   struct tf_fault *fault)
{
    return fields_integer(at, 1, 30 * DAY_S, &out->deliver_s, fault);
}

/* Nothing can be seen before it is here, nor be answered before it is seen. */
static enum tf_status read_seen(const struct tf_json *at, struct memorandum *out,
                                struct tf_fault *fault)
{
    return fields_integer(at, out->deliver_s, 30 * DAY_S, &out->seen_s, fault);
}

static enum tf_status read_answer(const struct tf_json *at, struct memorandum *out,
                                  struct tf_fault *fault)
{
    return fields_integer(at, out->seen_s, 30 * DAY_S, &out->answer_s, fault);
}

static enum tf_status read_acknowledge(const struct tf_json *at, struct memorandum *out,
                                       struct tf_fault *fault)
{
    static const struct member members[] = {{"deliver_s", read_deliver, true},
                                            {"seen_s", read_seen, true},
                                            {"answer_s", read_answer, true}};
    return read_members(at, members, sizeof members / sizeof members[0], out, fault);
}

static enum tf_status read_role(const struct tf_json *at, struct memorandum *out,
                                struct tf_fault *fault)
{
    return fields_word(at, out->ladder[out->rungs - 1].role, MESSAGE_ROLE_SIZE, fault);
}

static enum tf_status read_after(const struct tf_json *at, struct memorandum *out,
                                 struct tf_fault *fault)
{
    return fields_integer(at, out->rungs > 1, 30 * DAY_S, &out->ladder[out->rungs - 1].after_s,
                          fault);
}

static enum tf_status read_ladder(const struct tf_json *at, struct memorandum *out,
                                  struct tf_fault *fault)
{
    static const struct member members[] = {{"role", read_role, true},
                                            {"after_s", read_after, true}};
    enum tf_status rc = check_count(at, 1, MEMO_LADDER_MAX, fault);
    if (!rc)
        out->rungs = 0;
    for (size_t i = 0; !rc && i < tf_json_count(at); i++) {
        struct tf_json item = tf_json_item(at, i);
        out->ladder[out->rungs++] = (struct memo_rung){0};
        rc = read_members(&item, members, sizeof members / sizeof members[0], out, fault);
        for (size_t k = 0; !rc && k < i; k++)
            if (strcmp(out->ladder[k].role, out->ladder[i].role) == 0)
                rc = twice(&item, fault);
    }
    return rc;
}

static enum tf_status read_heartbeat(const struct tf_json *at, struct memorandum *out,
                                     struct tf_fault *fault)
{
    return fields_integer(at, 3, 3600, &out->heartbeat_s, fault);
}

static enum tf_status read_drill(const struct tf_json *at, struct memorandum *out,
                                 struct tf_fault *fault)
{
    enum tf_status rc = fields_integer(at, 0, YEAR_S, &out->drill_every_s, fault);
    if (!rc && out->drill_every_s > 0 && out->drill_every_s < 60)
        rc = tf_json_fault(at, TF_RANGE, TF_TEXT("This must be between %1 and %2."), "60",
                           "31622400", fault);
    return rc;
}

static const char *const defaults[] = {"escalate", "mover-holds", NULL};

const char *memo_default_name(enum memo_default no_agreement)
{
    return defaults[no_agreement];
}

static enum tf_status read_default(const struct tf_json *at, struct memorandum *out,
                                   struct tf_fault *fault)
{
    int word;
    enum tf_status rc = tf_json_word(at, defaults, &word, fault);
    if (!rc)
        out->no_agreement = (enum memo_default)word;
    return rc;
}

/* --- words and texts ------------------------------------------------------------------------- */

/* A list of texts, none twice; `judge` (may be NULL) has a say on each. */
static enum tf_status read_texts(const struct tf_json *at, size_t least, size_t most, size_t bytes,
                                 enum tf_status (*judge)(const struct tf_json *at, const char *text,
                                                         struct tf_fault *fault),
                                 struct tf_fault *fault)
{
    enum tf_status rc = check_count(at, least, most, fault);
    for (size_t i = 0; !rc && i < tf_json_count(at); i++) {
        struct tf_json item = tf_json_item(at, i);
        const char *text = NULL;
        rc = fields_text(&item, bytes, &text, fault);
        if (!rc && judge)
            rc = judge(&item, text, fault);
        for (size_t k = 0; !rc && k < i; k++)
            if (strcmp(json_string_value(json_array_get(at->value, k)), text) == 0)
                rc = twice(&item, fault);
    }
    return rc;
}

/* Those that the phrases and the screen are in. */
static enum tf_status judge_language(const struct tf_json *at, const char *text,
                                     struct tf_fault *fault)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    return n >= 2 && n <= 3 && !text[n]
               ? TF_OK
               : tf_json_fault(at, TF_SYNTAX, TF_TEXT("%1 is not a language as in en, ar, ru."),
                               text, NULL, fault);
}

static enum tf_status read_languages(const struct tf_json *at, struct memorandum *out,
                                     struct tf_fault *fault)
{
    (void)out;
    return read_texts(at, 1, LANGUAGES_MAX, 3, judge_language, fault);
}

static enum tf_status judge_type(const struct tf_json *at, const char *text, struct tf_fault *fault)
{
    char word[MESSAGE_TYPE_SIZE];
    (void)text;
    return fields_word(at, word, sizeof word, fault);
}

/* The whole floor is written down, so that nobody signs less than he thinks. */
static enum tf_status read_floor(const struct tf_json *at, struct memorandum *out,
                                 struct tf_fault *fault)
{
    enum tf_status rc =
        read_texts(at, MEMO_FLOOR_COUNT, FLOOR_MAX, MESSAGE_TYPE_SIZE - 1, judge_type, fault);
    (void)out;
    for (size_t i = 0; !rc && i < MEMO_FLOOR_COUNT; i++)
        if (!memo_floor_names(at->value, memo_floor[i]))
            rc = tf_json_fault(at, TF_MISSING,
                               TF_TEXT("%1 is missing: the safety floor can be added to, nothing "
                                       "can be taken from it."),
                               memo_floor[i], NULL, fault);
    return rc;
}

static enum tf_status read_lines(const struct tf_json *at, struct memorandum *out,
                                 struct tf_fault *fault)
{
    (void)out;
    return read_texts(at, 0, LINES_MAX, LINE_BYTES, NULL, fault);
}

static enum tf_status read_notes(const struct tf_json *at, struct memorandum *out,
                                 struct tf_fault *fault)
{
    const char *text;
    (void)out;
    return fields_text(at, NOTES_BYTES, &text, fault);
}

static enum tf_status read_other(const struct tf_json *at, struct memorandum *out,
                                 struct tf_fault *fault)
{
    enum tf_status rc = tf_json_object(at, fault);
    (void)out;
    if (!rc && json_object_size(at->value) > LINES_MAX)
        rc = tf_json_fault(at, TF_RANGE, TF_TEXT("This must have between %1 and %2 items."), "0",
                           "64", fault);
    return rc;
}

/* --- the document ---------------------------------------------------------------------------- */

static const struct member document_members[] = {
    {"format", read_format, true},
    {"line", read_line, true},
    {"number", read_count, true},
    {"replaces", read_replaces, true},
    {"valid_from", read_from, true},
    {"valid_until", read_until, true},
    {"area", read_area, false},
    {"separation", read_separation, false},
    {"kinds", read_kinds, false},
    {"acknowledge", read_acknowledge, false},
    {"ladder", read_ladder, false},
    {"no_agreement", read_default, false},
    {"heartbeat_s", read_heartbeat, false},
    {"drill_every_s", read_drill, false},
    {"languages", read_languages, false},
    {"safety_floor", read_floor, false},
    {"frequencies", read_lines, false},
    {"phrases", read_lines, false},
    {"notes", read_notes, false},
    {"other", read_other, false},
};

enum tf_status memo_read(const char *text, size_t len, struct memorandum *out,
                         struct tf_fault *fault)
{
    json_t *json = NULL;
    struct memorandum memo;
    struct tf_fault unused;
    fault = fault ? fault : &unused;
    memo_defaults(&memo);
    enum tf_status rc = fields_parse(text, len, MEMO_MAX, &json, fault);
    if (rc)
        return rc;
    struct tf_json root = tf_json_root(json);
    memo.document = json;
    rc = read_members(&root, document_members, sizeof document_members / sizeof document_members[0],
                      &memo, fault);
    if (rc)
        memo_release(&memo);
    else
        *out = memo;
    return rc;
}

void memo_release(struct memorandum *memo)
{
    tf_shape_unref(memo->area);
    json_decref(memo->document);
    memo->area = NULL;
    memo->document = NULL;
}

void memo_hash(const char *text, size_t len, uint8_t out[KEY_HASH_SIZE])
{
    key_sha256(&(struct key_piece){text, len}, 1, out);
}
