/*
 * disclose.c - the judge of what leaves: does a body say more than a memorandum gives?
 *
 * Written apart from declare.c, which makes the bodies, so that one can be held against the
 * other: whatever is not permitted here by name is too much.
 */
#include "line/fields.h"
#include "ops/declaration.h"
#include "ops/internal.h"
#include <math.h>
#include <stdlib.h>

/* In the order of enum memo_disclosure. */
static const char *const levels[] = {"nothing", "existence", "window", "cells", "full", NULL};

/* Which members each level may have; bits 1 << level. */
#define FROM_EXISTENCE (1u << MEMO_EXISTENCE | FROM_WINDOW)
#define FROM_WINDOW (1u << MEMO_WINDOW | 1u << MEMO_CELLS | 1u << MEMO_FULL)
static const struct {
    const char *name;
    unsigned levels;
} members[] = {{"id", FROM_EXISTENCE},        {"version", FROM_EXISTENCE},
               {"kind", FROM_EXISTENCE},      {"disclosure", FROM_EXISTENCE},
               {"amends", FROM_EXISTENCE},    {"state", FROM_WINDOW},
               {"priority", FROM_WINDOW},     {"start", FROM_WINDOW},
               {"end", FROM_WINDOW},          {"notice_breach_s", FROM_WINDOW},
               {"area", 1u << MEMO_WINDOW},   {"cells", 1u << MEMO_CELLS},
               {"sensitive", FROM_WINDOW},    {"feature", 1u << MEMO_FULL},
               {"category", 1u << MEMO_FULL}, {"verification", 1u << MEMO_FULL},
               {"data_at", 1u << MEMO_FULL}};

static enum tf_status too_much(const struct tf_json *at, struct tf_fault *fault)
{
    return tf_json_fault(at, TF_RANGE, TF_TEXT("This says more than the memorandum gives."), NULL,
                         NULL, fault);
}

static enum tf_status check_members(const struct tf_json *body, unsigned level,
                                    struct tf_fault *fault)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)body->value, key, value)
    {
        struct tf_json at = tf_json_get(body, key);
        size_t i = 0, count = sizeof members / sizeof *members;
        while (i < count && strcmp(members[i].name, key) != 0)
            i++;
        if (i == count || !(members[i].levels & (1u << level)))
            return too_much(&at, fault);
    }
    return TF_OK;
}

/* A coarse cell, so that its place says little. */
static enum tf_status check_cells(const struct tf_json *body, struct tf_fault *fault)
{
    struct tf_json cells = tf_json_get(body, "cells");
    enum tf_status rc = tf_json_array(&cells, fault);
    for (size_t i = 0; !rc && i < tf_json_count(&cells); i++) {
        struct tf_json at = tf_json_item(&cells, i);
        const char *token;
        rc = tf_json_text(&at, &token, fault);
        if (!rc && tf_cell_level(tf_cell_from_token(token)) > OPS_CELL_LEVEL)
            rc = too_much(&at, fault);
    }
    return rc;
}

/* Rounded: to a hundredth of a degree, to a kilometre. */
static enum tf_status check_area(const struct tf_json *body, struct tf_fault *fault)
{
    static const struct {
        const char *name;
        double step;
    } parts[] = {{"lat_deg", 0.01}, {"lng_deg", 0.01}, {"radius_m", OPS_WINDOW_STEP_M}};
    struct tf_json area = tf_json_get(body, "area");
    enum tf_status rc = tf_json_object(&area, fault);
    if (!rc && json_object_size(area.value) != 3)
        rc = too_much(&area, fault);
    for (size_t i = 0; !rc && i < 3; i++) {
        struct tf_json at = tf_json_get(&area, parts[i].name);
        double value;
        rc = tf_json_number(&at, &value, fault);
        if (!rc && fabs(remainder(value, parts[i].step)) > 1e-9 * (1 + fabs(value)))
            rc = too_much(&at, fault);
    }
    return rc;
}

/* The volumes, and nothing of what people call it. */
static enum tf_status check_feature(const struct tf_json *body, struct tf_fault *fault)
{
    static const char *const silent[] = {"name",        "title",   "callsign", "label",   "note",
                                         "description", "remarks", "source",   "manager", NULL};
    struct tf_json feature = tf_json_get(body, "feature"),
                   properties = tf_json_get(&feature, "properties");
    enum tf_status rc = tf_json_object(&feature, fault);
    for (size_t i = 0; !rc && silent[i]; i++) {
        struct tf_json at = tf_json_get(&properties, silent[i]);
        if (tf_json_there(&at))
            rc = too_much(&at, fault);
    }
    return rc;
}

/* By whom and when, not what was noted beside it. */
static enum tf_status check_verification(const struct tf_json *body, struct tf_fault *fault)
{
    struct tf_json verification = tf_json_get(body, "verification"),
                   note = tf_json_get(&verification, "note");
    return tf_json_there(&note) ? too_much(&note, fault) : TF_OK;
}

static bool is_withdrawal(const char *type)
{
    return strcmp(type, "op.withdraw") == 0 || strcmp(type, "site.withdraw") == 0;
}

static enum tf_status check_withdrawal(const struct tf_json *body, struct tf_fault *fault)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)body->value, key, value)
    {
        struct tf_json at = tf_json_get(body, key);
        bool is_named = strcmp(key, "id") == 0 || strcmp(key, "version") == 0 ||
                        strcmp(key, "amends") == 0 || strcmp(key, "reason") == 0;
        if (!is_named)
            return too_much(&at, fault);
        if (strcmp(key, "reason") == 0 && json_string_length(value) > 16)
            return too_much(&at, fault); /* a state's word, not a story */
    }
    return TF_OK;
}

/* What would be declared, and nothing beside it that says more. */
static enum tf_status check_proposal(const struct memorandum *rules, const struct tf_json *body,
                                     struct tf_fault *fault)
{
    struct tf_json declared = tf_json_get(body, "declared"), change = tf_json_get(body, "change"),
                   moves = tf_json_get(&change, "moves"), cost = tf_json_get(body, "cost");
    const char *level = json_string_value(json_object_get(declared.value, "disclosure")), *key;
    json_t *value;
    enum tf_status rc = tf_json_object(&declared, fault);
    if (!rc)
        rc = ops_disclosure_check(rules, "op.update", declared.value, fault);
    if (rc || strcmp(level, levels[MEMO_FULL]) == 0)
        return rc;
    if (tf_json_there(&cost))
        return too_much(&cost, fault);
    json_object_foreach((json_t *)(uintptr_t)change.value, key, value)
    {
        struct tf_json at = tf_json_get(&change, key);
        if (strcmp(key, "moves") != 0 && strcmp(key, "shift_s") != 0)
            return too_much(&at, fault);
    }
    for (size_t i = 0; i < tf_json_count(&moves); i++) {
        struct tf_json at = tf_json_item(&moves, i);
        if (!json_is_string(at.value) || strcmp(json_string_value(at.value), "time") != 0)
            return too_much(&at, fault);
    }
    return TF_OK;
}

enum tf_status ops_disclosure_check(const struct memorandum *rules, const char *type,
                                    const json_t *body, struct tf_fault *fault)
{
    struct tf_json root = tf_json_root(body), at = tf_json_get(&root, "disclosure"),
                   kind = tf_json_get(&root, "kind");
    const char *word;
    int level;
    if (is_withdrawal(type))
        return check_withdrawal(&root, fault);
    if (strcmp(type, "case.propose") == 0)
        return check_proposal(rules, &root, fault);
    enum tf_status rc = tf_json_text(&kind, &word, fault);
    if (!rc)
        rc = tf_json_word(&at, levels, &level, fault);
    if (rc)
        return rc;
    enum memo_disclosure given =
        rules->number > 0 ? memo_rule_of(rules, word).disclosure : MEMO_NOTHING;
    if (level == MEMO_NOTHING || level > (int)given)
        return too_much(&at, fault);
    rc = check_members(&root, (unsigned)level, fault);
    if (!rc && level == MEMO_CELLS)
        rc = check_cells(&root, fault);
    if (!rc && level == MEMO_WINDOW)
        rc = check_area(&root, fault);
    if (!rc && level == MEMO_FULL)
        rc = check_feature(&root, fault);
    return rc ? rc : check_verification(&root, fault);
}
