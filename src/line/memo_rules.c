/*
 * memo_rules.c - what a memorandum says on a point, and what holds while there is none.
 */
#include "line/memo_floor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const memo_floor[MEMO_FLOOR_COUNT] = {"danger", "distress", "incident"};

void memo_defaults(struct memorandum *out)
{
    *out = (struct memorandum){.deliver_s = 60,
                               .seen_s = 300,
                               .answer_s = 1800,
                               .heartbeat_s = 60,
                               .rungs = 2,
                               .ladder = {{"duty-officer", 0}, {"head-of-cell", 300}}};
}

/* What libtafadi takes where nothing was agreed. */
static struct memo_separation built_in(const char *a, const char *b)
{
    struct tf_separation_table table;
    enum tf_kind kind_a = TF_KIND_OTHER, kind_b = TF_KIND_OTHER;
    tf_separation_defaults(&table);
    if (tf_kind_from_word(a, &kind_a))
        kind_a = TF_KIND_OTHER;
    if (tf_kind_from_word(b, &kind_b))
        kind_b = TF_KIND_OTHER;
    const struct tf_separation *minima = &table.pair[kind_a][kind_b];
    return (struct memo_separation){.horizontal_m = minima->horizontal_m,
                                    .vertical_m = minima->vertical_m,
                                    .time_s = (double)minima->time_ns / (double)TF_SECOND_NS};
}

static bool names(const char *rule, const char *kind)
{
    return strcmp(rule, "*") == 0 || strcmp(rule, kind) == 0;
}

static void widen(struct memo_separation *to, const struct memo_separation *by)
{
    to->horizontal_m = fmax(to->horizontal_m, by->horizontal_m);
    to->vertical_m = fmax(to->vertical_m, by->vertical_m);
    to->time_s = fmax(to->time_s, by->time_s);
}

struct memo_separation memo_separation_of(const struct memorandum *memo, const char *a,
                                          const char *b)
{
    struct memo_separation found = {0};
    bool is_found = false, is_exact = false;
    for (size_t i = 0; !is_exact && i < memo->separations; i++) {
        const struct memo_separation *rule = &memo->separation[i];
        is_exact = (strcmp(rule->a, a) == 0 && strcmp(rule->b, b) == 0) ||
                   (strcmp(rule->a, b) == 0 && strcmp(rule->b, a) == 0);
        bool fits =
            (names(rule->a, a) && names(rule->b, b)) || (names(rule->a, b) && names(rule->b, a));
        if (is_exact)
            found = *rule;
        else if (fits)
            widen(&found, rule);
        is_found = is_found || fits;
    }
    if (!is_found)
        found = built_in(a, b);
    snprintf(found.a, sizeof found.a, "%s", a);
    snprintf(found.b, sizeof found.b, "%s", b);
    return found;
}

struct memo_kind_rule memo_rule_of(const struct memorandum *memo, const char *kind)
{
    struct memo_kind_rule found = {.disclosure = MEMO_NOTHING};
    bool is_exact = false;
    for (size_t i = 0; !is_exact && i < memo->kind_rules; i++) {
        is_exact = strcmp(memo->kinds[i].kind, kind) == 0;
        if (is_exact || strcmp(memo->kinds[i].kind, "*") == 0)
            found = memo->kinds[i];
    }
    snprintf(found.kind, sizeof found.kind, "%s", kind);
    return found;
}

bool memo_floor_names(const json_t *list, const char *type)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text && strcmp(text, type) == 0)
            return true;
    }
    return false;
}

bool memo_adds_to_floor(const struct memorandum *memo, const char *type)
{
    for (size_t i = 0; i < MEMO_FLOOR_COUNT; i++)
        if (strcmp(memo_floor[i], type) == 0)
            return false;
    return memo_floor_names(json_object_get(memo->document, "safety_floor"), type);
}
