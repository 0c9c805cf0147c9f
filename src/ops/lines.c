/*
 * lines.c - what lines demand of a check: the separations of their memoranda.
 */
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

static enum tf_status follow_line(struct ops_line *line, const struct line_context *c)
{
    struct line_info info;
    struct memorandum rules;
    enum tf_status rc = line_find(c, line->id, &info);
    if (rc || info.memo_number == line->memo)
        return rc;
    rc = line_rules(c, line->id, &rules);
    if (rc)
        return rc;
    add_memorandum(&rules, &line->table);
    line->memo = info.memo_number;
    memo_release(&rules);
    return TF_OK;
}

enum tf_status ops_lines_follow(struct ops *ops, const struct line_context *c)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < ops->line_count && !rc; i++)
        if (ops->lines[i].known > 0)
            rc = follow_line(&ops->lines[i], c);
    return rc;
}
