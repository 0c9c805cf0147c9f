/*
 * growth.c - what was declared over a silent line grows: what it meets now; see turn.h.
 *
 * ops_grown has, for each line, how far its declarations were grown when all of them were last
 * looked at, and how far the present round is. So a node that is started again goes on, and what
 * was opened by growth is closed when the line is heard, whoever has seen it.
 */
#include "ops/internal.h"
#include "ops/turn.h"

#include <stdlib.h>
#include <string.h>

struct round {
    const char *line;
    int64_t swept_m, running_m, after; /* running_m -1: no round is under way */
    bool is_told;                      /* that there is more than can be listed */
};

static enum tf_status read_round(const struct line_context *c, const char *line, struct round *out)
{
    static const char text[] =
        "SELECT swept_m, running_m, after, is_told FROM ops_grown WHERE line = $1";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_text(line)), &rows);
    *out = (struct round){.line = line, .running_m = -1};
    if (!rc && rows.count) {
        const struct sql_value *v = sql_at(&rows, 0, 0);
        out->swept_m = v[0].number;
        out->running_m = v[1].number;
        out->after = v[2].number;
        out->is_told = v[3].number != 0;
    }
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status write_round(const struct line_context *c, const struct round *round)
{
    static const char text[] =
        "INSERT INTO ops_grown (line, swept_m, running_m, after, is_told) VALUES ($1, $2, $3, $4,"
        " $5) ON CONFLICT (line) DO UPDATE SET swept_m = $2, running_m = $3, after = $4,"
        " is_told = $5";
    return sql_exec(c->sql, text,
                    SQL_ARGS(sql_text(round->line), sql_int(round->swept_m),
                             sql_int(round->running_m), sql_int(round->after),
                             sql_int(round->is_told)),
                    NULL);
}

static bool is_due(const struct round *round, int64_t growth_m)
{
    bool is_end = growth_m == 0 || growth_m == OPS_GROWTH_MAX_M;
    int64_t step_m = llabs(growth_m - round->swept_m);
    return round->running_m >= 0 || step_m >= GROWTH_STEP_M || (is_end && step_m > 0);
}

static enum tf_status review(struct ops *ops, const struct line_context *c,
                             const struct ops_record *record, struct round *round)
{
    struct tf_entity entity = {0};
    enum tf_status rc = ops_entity_of(record, &entity);
    if (!rc)
        rc = ops_cases_review(ops, c, record, &entity);
    tf_entity_release(&entity);
    if (rc != TF_TOO_LARGE || round->is_told)
        return rc == TF_TOO_LARGE ? TF_OK : rc;
    round->is_told = true;
    return ops_cases_too_many(c, record);
}

/* The next records of the round. */
static enum tf_status go_on(struct ops *ops, const struct line_context *c, struct round *round)
{
    static const char text[] =
        "SELECT " OPS_COLUMNS " FROM ops_record WHERE owner = $1 AND number > $2 AND owner <> ''"
        " AND state IN ('accepted', 'activated', 'nonconforming', 'contingent')"
        " ORDER BY number LIMIT $3";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(
        c->sql, text, SQL_ARGS(sql_text(round->line), sql_int(round->after), sql_int(GROWTH_MAX)),
        &rows);
    for (size_t i = 0; i < rows.count && !rc; i++) {
        struct ops_record record;
        rc = ops_row(&rows, i, &record);
        if (!rc && record.end_us > c->now_us)
            rc = review(ops, c, &record, round);
        if (!rc)
            round->after = record.number;
    }
    if (!rc && rows.count < GROWTH_MAX) {
        round->swept_m = round->running_m;
        round->running_m = -1;
    }
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status grow_line(struct ops *ops, const struct line_context *c,
                                const struct ops_line *line)
{
    int64_t growth_m = (int64_t)line->growth_m;
    char id[LINE_ID_SIZE];
    struct round round;
    memcpy(id, line->id, sizeof id); /* the list may grow meanwhile */
    enum tf_status rc = read_round(c, id, &round);
    if (rc || !is_due(&round, growth_m))
        return rc;
    if (round.running_m < 0) {
        round.running_m = growth_m;
        round.after = 0;
        round.is_told = round.is_told && growth_m > 0;
    }
    rc = go_on(ops, c, &round);
    return rc ? rc : write_round(c, &round);
}

/* Also until all of it was looked at again after the line was heard. */
enum tf_status ops_is_grown(struct ops *ops, const struct line_context *c, const char *line,
                            bool *out)
{
    struct round round;
    enum tf_status rc = read_round(c, line, &round);
    *out = !rc && (round.swept_m > 0 || round.running_m >= 0);
    for (size_t i = 0; i < ops->line_count; i++)
        *out = *out || (strcmp(ops->lines[i].id, line) == 0 && ops->lines[i].growth_m > 0);
    return rc;
}

enum tf_status ops_growth(struct ops *ops, const struct line_context *c)
{
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = ops_lines_follow(ops, c);
    for (size_t i = 0; i < ops->line_count && !rc; i++)
        if (ops->lines[i].known > 0 || ops->lines[i].has_pending)
            rc = grow_line(ops, c, &ops->lines[i]);
    return rc;
}
