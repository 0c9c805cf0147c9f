/*
 * lines.c - what lines demand of a check: the separations of their memoranda, and what is added to
 * them while a line is silent.
 */
#include "ops/declaration.h"
#include "ops/internal.h"

#include <string.h>

/* Each pair of kinds keeps the greater one of ours and the memorandum's. */
static void add_memorandum(const struct memorandum *rules, struct tf_separation_table *table)
{
    tf_separation_defaults(table);
    for (int a = 0; rules->separations > 0 && a < TF_KIND_COUNT; a++)
        for (int b = 0; b <= a; b++) {
            struct memo_separation memo = memo_separation_of(rules, tf_kind_word((enum tf_kind)a),
                                                             tf_kind_word((enum tf_kind)b));
            struct tf_separation kept = table->pair[a][b];
            int64_t time_ns = (int64_t)(memo.time_s * 1e9);
            bool compared = table->compared[a][b];
            kept.horizontal_m =
                memo.horizontal_m > kept.horizontal_m ? memo.horizontal_m : kept.horizontal_m;
            kept.vertical_m = memo.vertical_m > kept.vertical_m ? memo.vertical_m : kept.vertical_m;
            kept.time_ns = time_ns > kept.time_ns ? time_ns : kept.time_ns;
            if (compared)
                tf_separation_set(table, (enum tf_kind)a, (enum tf_kind)b, kept);
        }
}

double ops_declaration_growth_m(int64_t age_s)
{
    if (age_s <= OPS_OLD_AFTER_S)
        return 0;
    double growth_m = (double)(age_s - OPS_OLD_AFTER_S) * OPS_GROWTH_MPS;
    return growth_m < OPS_GROWTH_MAX_M ? growth_m : OPS_GROWTH_MAX_M;
}

/* A memorandum that a suspension holds up still says what separation was agreed. */
static enum tf_status read_memorandum(struct ops_line *line, const struct line_context *c,
                                      const struct line_info *info)
{
    struct memorandum rules;
    bool is_held_up = info->state == LINE_SUSPENDED;
    if (info->memo_number == line->memo || (is_held_up && line->memo >= 0))
        return TF_OK;
    enum tf_status rc =
        is_held_up ? line_agreed_rules(c, line->id, &rules) : line_rules(c, line->id, &rules);
    if (rc)
        return rc;
    add_memorandum(&rules, &line->agreed);
    line->memo = info->memo_number;
    memo_release(&rules);
    return TF_OK;
}

static enum tf_status follow_line(struct ops_line *line, const struct line_context *c)
{
    struct line_info info;
    enum tf_status rc = line_find(c, line->id, &info);
    if (!rc)
        rc = read_memorandum(line, c, &info);
    if (rc)
        return rc;
    bool is_silent = info.state != LINE_OPEN;
    line->silent_us = is_silent && c->now_us > info.heard_us ? c->now_us - info.heard_us : 0;
    line->growth_m = ops_declaration_growth_m(line->silent_us / 1000000);
    line->table = line->agreed;
    for (int a = 0; a < TF_KIND_COUNT; a++)
        for (int b = 0; b < TF_KIND_COUNT; b++)
            line->table.pair[a][b].horizontal_m += line->growth_m;
    return TF_OK;
}

enum tf_status ops_lines_follow(struct ops *ops, const struct line_context *c)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < ops->line_count && !rc; i++)
        if (ops->lines[i].known > 0 || ops->lines[i].has_pending)
            rc = follow_line(&ops->lines[i], c);
    return rc;
}
