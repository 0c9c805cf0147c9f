/*
 * declare.c - what a line is told of this party's operations and sites: as much as its memorandum
 * gives and no more, as soon as it may be said, and once.
 *
 * ops_told has, for each line, the last change of the register that was looked at. So a line that
 * was suspended is told what it missed when it is open again, a new memorandum is applied to
 * everything, and a node that was killed goes on where it was.
 */
#include "ops/declaration.h"
#include "ops/internal.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINES_MAX = 64, PAGE = 200, CELLS_EACH = 16, CELLS_ALL = 200, FEATURE_MAX = 40000 };

static const char *const levels[] = {"nothing", "existence", "window", "cells", "full"};

/* --- bodies --------------------------------------------------------------------------------- */

static int set_time(json_t *body, const char *name, int64_t t_us)
{
    char text[TF_TIME_TEXT_SIZE];
    if (t_us <= TF_TIME_MIN / 1000 || t_us >= TF_TIME_MAX / 1000)
        return 0; /* open: nothing is said */
    tf_time_format(t_us * 1000, text);
    return json_object_set_new(body, name, json_string(text));
}

static int by_cell(const void *a, const void *b)
{
    tf_cell x = *(const tf_cell *)a, y = *(const tf_cell *)b;
    return (x > y) - (x < y);
}

/* All of its cells, coarse ones; TF_LIMIT: they would be too many. */
static enum tf_status cover(const struct tf_entity *entity, int min_level, int max_level,
                            tf_cell *out, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < entity->volume_count; i++) {
        tf_cell cells[CELLS_EACH * 8];
        size_t found;
        enum tf_status rc = tf_cell_cover_levels(entity->volumes[i].shape, min_level, max_level,
                                                 CELLS_EACH, cells, CELLS_EACH * 8, &found);
        if (rc)
            return rc;
        if (*count + found > CELLS_ALL * 4)
            return TF_LIMIT;
        memcpy(out + *count, cells, found * sizeof *cells);
        *count += found;
        qsort(out, *count, sizeof *out, by_cell);
        size_t kept = 0;
        for (size_t k = 0; k < *count; k++)
            if (kept == 0 || out[kept - 1] != out[k])
                out[kept++] = out[k];
        *count = kept;
        if (kept > CELLS_ALL)
            return TF_LIMIT;
    }
    return TF_OK;
}

static enum tf_status put_cells(const struct tf_entity *entity, json_t *body)
{
    tf_cell cells[CELLS_ALL * 4];
    size_t count;
    enum tf_status rc = cover(entity, 7, OPS_CELL_LEVEL, cells, &count);
    if (rc == TF_LIMIT)
        rc = cover(entity, 2, 7, cells, &count);
    json_t *list = rc ? NULL : json_array();
    for (size_t i = 0; list && i < count; i++) {
        char token[TF_CELL_TOKEN_SIZE];
        tf_cell_token(cells[i], token);
        if (json_array_append_new(list, json_string(token)))
            rc = TF_NOMEM;
    }
    if (!rc && json_object_set_new(body, "cells", list))
        return TF_NOMEM;
    if (rc)
        json_decref(list);
    return rc;
}

/* One circle around all, rounded outward. */
static enum tf_status put_area(const struct tf_entity *entity, json_t *body)
{
    double extent_m;
    struct tf_latlng centre, round_one;
    enum tf_status rc = ops_cap_of(entity, &centre, &extent_m);
    if (rc)
        return rc;
    struct tf_shape *a = NULL, *b = NULL;
    round_one.lat_deg = round(centre.lat_deg * 100) / 100;
    round_one.lng_deg = round(centre.lng_deg * 100) / 100;
    rc = tf_shape_circle(centre, 0, &a, NULL);
    if (!rc)
        rc = tf_shape_circle(round_one, 0, &b, NULL);
    double radius_m = rc ? 0 : extent_m + tf_shape_distance_m(a, b) + 1;
    radius_m = ceil(radius_m / OPS_WINDOW_STEP_M) * OPS_WINDOW_STEP_M;
    tf_shape_unref(a);
    tf_shape_unref(b);
    json_t *area = rc ? NULL
                      : json_pack("{s:f, s:f, s:f}", "lat_deg", round_one.lat_deg, "lng_deg",
                                  round_one.lng_deg, "radius_m", radius_m);
    if (!rc && json_object_set_new(body, "area", area))
        rc = TF_NOMEM;
    return rc;
}

/* The volumes as they are, and nothing of what people call it. TF_LIMIT: too long for a message. */
static enum tf_status put_full(const struct line_context *c, const struct tf_entity *entity,
                               const char *alias, json_t *body)
{
    struct tf_entity shown = *entity; /* a view: owns nothing */
    struct tf_buf out = TF_BUF_INIT(FEATURE_MAX);
    shown.id = (char *)(uintptr_t)alias;
    shown.name = shown.note = shown.source = shown.category = NULL;
    shown.party = (char *)(uintptr_t)c->card.id;
    enum tf_status rc = ops_put_feature(&out, &shown);
    json_t *feature = rc ? NULL : json_loadb(out.data, out.len, 0, NULL);
    if (!rc && json_object_set_new(body, "feature", feature))
        rc = TF_NOMEM;
    tf_buf_release(&out);
    return rc;
}

static enum tf_status put_site(const struct ops_record *record, json_t *body)
{
    json_t *extra = json_loadb(record->extra, record->extra_len, 0, NULL);
    static const char *const told[] = {"category", "verification", "data_at"};
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < 3 && !rc; i++) {
        json_t *value = json_object_get(extra, told[i]);
        if (value && json_object_set(body, told[i], value))
            rc = TF_NOMEM;
    }
    json_t *verification = rc ? NULL : json_copy(json_object_get(body, "verification"));
    if (verification) {
        (void)json_object_del(verification, "note");
        if (json_object_set_new(body, "verification", verification))
            rc = TF_NOMEM;
    }
    json_decref(extra);
    return rc;
}

/* That it is sensitive: whoever reads it there is on record, too. */
static int set_sensitive(const struct ops_record *record, json_t *body)
{
    json_t *extra =
        record->class == OPS_SITE ? json_loadb(record->extra, record->extra_len, 0, NULL) : NULL;
    bool is_sensitive = json_is_true(json_object_get(extra, "sensitive"));
    json_decref(extra);
    return is_sensitive ? json_object_set_new(body, "sensitive", json_true()) : 0;
}

static enum tf_status put_place(const struct line_context *c, const struct ops_record *record,
                                const struct tf_entity *entity, const char *alias,
                                enum memo_disclosure *level, json_t *body)
{
    enum tf_status rc = TF_OK;
    if (*level == MEMO_FULL) {
        rc = entity->volume_count > OPS_HEARD_VOLUMES_MAX ? TF_LIMIT
                                                          : put_full(c, entity, alias, body);
        if (rc == TF_LIMIT) { /* less exact, and still around all of it */
            *level = MEMO_CELLS;
            rc = TF_OK;
        } else if (!rc && record->class == OPS_SITE) {
            rc = put_site(record, body);
        }
    }
    if (!rc && *level == MEMO_CELLS) {
        rc = put_cells(entity, body);
        if (rc == TF_LIMIT || rc == TF_TOO_LARGE) {
            *level = MEMO_WINDOW;
            rc = TF_OK;
        }
    }
    if (!rc && *level == MEMO_WINDOW)
        rc = put_area(entity, body);
    return rc;
}

/* Without the version, which is not known yet. */
static enum tf_status make_body(const struct line_context *c, const struct ops_record *record,
                                const struct tf_entity *entity, const char *alias,
                                enum memo_disclosure *level, json_t **out)
{
    json_t *body = json_pack("{s:s, s:s}", "id", alias, "kind", tf_kind_word(entity->kind));
    enum tf_status rc = body ? TF_OK : TF_NOMEM;
    if (!rc)
        rc = put_place(c, record, entity, alias, level, body);
    int bad = rc ? 0 : json_object_set_new(body, "disclosure", json_string(levels[*level]));
    if (!rc && *level > MEMO_EXISTENCE) {
        bad |= set_time(body, "start", record->start_us);
        bad |= set_time(body, "end", record->end_us);
        bad |= json_object_set_new(body, "state", json_string(ops_state_word(record->state)));
        bad |= json_object_set_new(body, "priority", json_integer(record->priority));
        bad |= set_sensitive(record, body);
    }
    if (!rc && bad)
        rc = TF_NOMEM;
    if (rc)
        json_decref(body);
    else
        *out = body;
    return rc;
}

/* --- what a memorandum gives ------------------------------------------------------------------ */

static enum memo_disclosure asked_for(const struct ops_record *record)
{
    json_t *extra = json_loadb(record->extra, record->extra_len, 0, NULL);
    const char *word = json_string_value(json_object_get(extra, "disclosure"));
    enum memo_disclosure asked = MEMO_FULL;
    for (int i = 0; word && i <= MEMO_FULL; i++)
        if (strcmp(word, levels[i]) == 0)
            asked = (enum memo_disclosure)i;
    json_decref(extra);
    return asked;
}

static bool meets(const struct tf_shape *area, const struct tf_entity *entity)
{
    for (size_t i = 0; area && i < entity->volume_count; i++)
        if (tf_shape_intersects(area, entity->volumes[i].shape))
            return true;
    return area == NULL;
}

static enum memo_disclosure disclosure_of(const struct line_context *c,
                                          const struct memorandum *rules,
                                          const struct ops_record *record,
                                          const struct tf_entity *entity)
{
    enum memo_disclosure given = memo_rule_of(rules, tf_kind_word(record->kind)).disclosure,
                         asked = asked_for(record);
    bool is_told = record->class != OPS_ZONE && !record->is_template &&
                   ops_state_counts(record->state) && record->end_us > c->now_us;
    if (!is_told || !meets(rules->area, entity))
        return MEMO_NOTHING;
    return asked < given ? asked : given;
}

enum tf_status ops_declaration_of(const struct line_context *c, const struct memorandum *rules,
                                  const struct ops_record *record, const struct tf_entity *entity,
                                  const char *alias, enum memo_disclosure *level, json_t **out)
{
    *level = disclosure_of(c, rules, record, entity);
    if (*level < MEMO_WINDOW)
        return TF_UNSUPPORTED;
    return make_body(c, record, entity, alias, level, out);
}

/* --- one record, one line
 * -------------------------------------------------------------------------- */

struct telling {
    struct ops *ops;
    const struct line_context *c;
    const char *line;
    struct memorandum rules;
    bool (*visit)(void *ctx, const struct ops_said *said);
    void *ctx;
    bool is_held_up; /* nothing more can be said now */
};
struct before { /* what was said of it */
    int64_t version, seq;
    bool is_there, is_withdrawn;
    char *body; /* owned */
};

static enum tf_status find_before(struct telling *t, const char *alias, struct before *out)
{
    static const char text[] = "SELECT version, seq, is_withdrawn, body FROM ops_declared"
                               " WHERE line = $1 AND is_own = 1 AND id = $2";
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(t->c->sql, text, SQL_ARGS(sql_text(t->line), sql_text(alias)), &rows);
    *out = (struct before){.is_there = !rc && rows.count > 0};
    if (out->is_there) {
        out->version = sql_at(&rows, 0, 0)->number;
        out->seq = sql_at(&rows, 0, 1)->number;
        out->is_withdrawn = sql_at(&rows, 0, 2)->number != 0;
        out->body = strdup(sql_at(&rows, 0, 3)->bytes);
        rc = out->body ? TF_OK : TF_NOMEM;
    }
    sql_rows_release(&rows);
    return rc;
}

struct saying {
    const char *type, *alias, *text; /* text: the body without its version */
    json_t *body;
    int64_t version, breach_s;
    enum memo_disclosure level;
    bool is_withdrawal;
};

static enum tf_status keep(struct telling *t, const struct ops_record *record,
                           const struct saying *say, int64_t seq)
{
    static const char text[] =
        "INSERT INTO ops_declared (line, is_own, id, class, own_id, own_version, version, seq,"
        " at_us, disclosure, breach_s, is_withdrawn, body) VALUES ($1, 1, $2, $3, $4, $5, $6, $7,"
        " $8, $9, $10, $11, $12) ON CONFLICT (line, is_own, id) DO UPDATE SET own_id = $4,"
        " own_version = $5, version = $6, seq = $7, at_us = $8, disclosure = $9, breach_s = $10,"
        " is_withdrawn = $11, body = $12";
    return sql_exec(
        t->c->sql, text,
        SQL_ARGS(sql_text(t->line), sql_text(say->alias), sql_text(ops_class_word(record->class)),
                 sql_text(record->id), sql_int(record->version), sql_int(say->version),
                 sql_int(seq), sql_int(t->c->now_us), sql_text(levels[say->level]),
                 sql_int(say->breach_s), sql_int(say->is_withdrawal), sql_text(say->text)),
        NULL);
}

/* A case is about what is declared: its stage may be another one now. */
static enum tf_status look_again(struct telling *t, const struct ops_record *record)
{
    return sql_exec(
        t->c->sql,
        "UPDATE ops_case SET due_us = 0 WHERE own_class = $1 AND own_id = $2 AND"
        " line = $3 AND is_open = 1",
        SQL_ARGS(sql_text(ops_class_word(record->class)), sql_text(record->id), sql_text(t->line)),
        NULL);
}

/* Judged once more before it leaves. */
static enum tf_status say(struct telling *t, const struct ops_record *record, struct saying *say)
{
    struct tf_fault fault = {.message = NULL};
    int64_t seq = 0;
    struct line_draft draft = {.type = say->type, .role = "node", .body = say->body};
    if (json_object_set_new(say->body, "version", json_integer(say->version)))
        return TF_NOMEM;
    enum tf_status rc = ops_disclosure_check(&t->rules, say->type, say->body, &fault);
    if (!rc)
        rc = line_say(t->c, t->line, &draft, &seq, &fault);
    t->is_held_up = rc == TF_UNSUPPORTED || (rc == TF_BUSY && fault.message);
    bool is_refused = t->is_held_up || rc == TF_RANGE || rc == TF_SYNTAX || rc == TF_MISSING;
    if (rc && !is_refused)
        return rc;
    if (!rc)
        rc = keep(t, record, say, seq);
    if (!rc)
        rc = look_again(t, record);
    struct ops_said said = {.line = t->line,
                            .type = say->type,
                            .id = record->id,
                            .class = record->class,
                            .seq = seq,
                            .disclosure = say->level,
                            .notice_breach_s = say->breach_s,
                            .fault = is_refused ? &fault : NULL};
    if (t->visit)
        (void)t->visit(t->ctx, &said);
    return is_refused ? TF_OK : rc;
}

static enum tf_status say_withdrawal(struct telling *t, const struct ops_record *record,
                                     const char *alias, const struct before *before)
{
    struct saying w = {.type = record->class == OPS_SITE ? "site.withdraw" : "op.withdraw",
                       .alias = alias,
                       .text = before->body,
                       .version = before->version + 1,
                       .level = MEMO_EXISTENCE,
                       .is_withdrawal = true};
    w.body = json_pack("{s:s, s:s}", "id", alias, "reason", ops_state_word(record->state));
    enum tf_status rc = w.body ? say(t, record, &w) : TF_NOMEM;
    json_decref(w.body);
    return rc;
}

static int64_t breach_of(const struct telling *t, const struct ops_record *record)
{
    int64_t notice_s = memo_rule_of(&t->rules, tf_kind_word(record->kind)).notice_s,
            due_us = record->start_us - notice_s * 1000000;
    bool is_open = record->start_us <= TF_TIME_MIN / 1000;
    return is_open || notice_s == 0 || t->c->now_us <= due_us
               ? 0
               : (t->c->now_us - due_us + 999999) / 1000000;
}

static enum tf_status say_content(struct telling *t, const struct ops_record *record,
                                  const struct tf_entity *entity, const char *alias,
                                  enum memo_disclosure level, const struct before *before)
{
    static const char *const types[2][2] = {{"op.declare", "op.update"},
                                            {"site.declare", "site.update"}};
    bool is_update = before->is_there && !before->is_withdrawn;
    struct saying s = {.type = types[record->class == OPS_SITE][is_update],
                       .alias = alias,
                       .version = before->version + 1,
                       .level = level};
    enum tf_status rc = make_body(t->c, record, entity, alias, &s.level, &s.body);
    char *text = rc ? NULL : json_dumps(s.body, JSON_COMPACT | JSON_SORT_KEYS);
    if (!rc && !text)
        rc = TF_NOMEM;
    s.text = text;
    if (!rc && !(is_update && strcmp(before->body, text) == 0)) {
        if (!is_update) /* the first notice counts */
            s.breach_s = s.level > MEMO_EXISTENCE ? breach_of(t, record) : 0;
        if (s.breach_s > 0 &&
            json_object_set_new(s.body, "notice_breach_s", json_integer(s.breach_s)))
            rc = TF_NOMEM;
        if (!rc && is_update && before->seq > 0 &&
            json_object_set_new(s.body, "amends", json_integer(before->seq)))
            rc = TF_NOMEM;
        if (!rc)
            rc = say(t, record, &s);
    }
    free(text);
    json_decref(s.body);
    return rc;
}

static enum tf_status tell_record(struct telling *t, const struct ops_record *record)
{
    char alias[OPS_ID_SIZE];
    struct before before = {.body = NULL};
    struct tf_entity entity = {0};
    if (record->class == OPS_ZONE)
        return TF_OK;
    enum tf_status rc = ops_alias(t->c, t->line, record->class, record->id, alias);
    if (!rc)
        rc = find_before(t, alias, &before);
    if (!rc && !before.is_there && !ops_state_counts(record->state))
        goto out;
    if (!rc)
        rc = ops_entity_of(record, &entity);
    if (!rc) {
        enum memo_disclosure level = disclosure_of(t->c, &t->rules, record, &entity);
        if (level != MEMO_NOTHING)
            rc = say_content(t, record, &entity, alias, level, &before);
        else if (before.is_there && !before.is_withdrawn && !ops_state_counts(record->state))
            rc = say_withdrawal(t, record, alias, &before);
        else if (before.is_there && !before.is_withdrawn && record->end_us > t->c->now_us)
            rc = say_withdrawal(t, record, alias, &before);
    }
out:
    tf_entity_release(&entity);
    free(before.body);
    return rc;
}

/* --- one line
 * ------------------------------------------------------------------------------------------ */

struct told {
    char id[LINE_ID_SIZE];
    int64_t memo;
};
struct told_list {
    struct told at[LINES_MAX];
    size_t count;
};

static bool take_line(void *ctx, const struct line_info *info)
{
    struct told_list *list = ctx;
    bool may = (info->state == LINE_OPEN || info->state == LINE_DEGRADED) && info->memo_number > 0;
    if (may) {
        snprintf(list->at[list->count].id, LINE_ID_SIZE, "%s", info->id);
        list->at[list->count++].memo = info->memo_number;
    }
    return list->count < LINES_MAX;
}

static enum tf_status read_told(const struct line_context *c, const struct told *line,
                                int64_t *change)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, "SELECT change, memo FROM ops_told WHERE line = $1",
                                  SQL_ARGS(sql_text(line->id)), &rows);
    if (!rc)
        *change = rows.count && sql_at(&rows, 0, 1)->number == line->memo
                      ? sql_at(&rows, 0, 0)->number
                      : 0;
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status write_told(const struct line_context *c, const struct told *line,
                                 int64_t change)
{
    static const char text[] = "INSERT INTO ops_told (line, change, memo) VALUES ($1, $2, $3)"
                               " ON CONFLICT (line) DO UPDATE SET change = $2, memo = $3";
    return sql_exec(c->sql, text,
                    SQL_ARGS(sql_text(line->id), sql_int(change), sql_int(line->memo)), NULL);
}

/* The time for answers may be another one by a new memorandum. */
static enum tf_status wake_cases(const struct line_context *c, const struct told *line)
{
    return sql_exec(c->sql, "UPDATE ops_case SET due_us = 0 WHERE line = $1 AND is_open = 1",
                    SQL_ARGS(sql_text(line->id)), NULL);
}

/* Alone: what cannot be told of one record takes nothing of the others with it. */
static enum tf_status tell_alone(struct telling *t, const struct ops_record *record)
{
    struct tf_fault fault = {.message = NULL};
    enum tf_status undone, rc = sql_mark(t->c->sql);
    if (rc)
        return rc;
    rc = ops_end_alone(t->c, tell_record(t, record), &undone);
    if (rc || !undone)
        return rc;
    const struct ops_said said = {
        .line = t->line, .type = "", .id = record->id, .class = record->class, .fault = &fault};
    (void)ops_refuse(&fault, undone, "", tf_status_text(undone), NULL);
    if (t->visit)
        (void)t->visit(t->ctx, &said);
    return TF_OK;
}

static enum tf_status tell_line(struct telling *t, const struct told *line)
{
    static const char text[] = "SELECT " OPS_COLUMNS " FROM ops_record WHERE owner = ''"
                               " AND change > $1 ORDER BY change LIMIT $2";
    int64_t before = 0, change;
    bool more = true;
    enum tf_status rc = read_told(t->c, line, &before);
    change = before;
    while (!rc && more && !t->is_held_up) {
        struct sql_rows rows = {0};
        rc = sql_query(t->c->sql, text, SQL_ARGS(sql_int(change), sql_int(PAGE)), &rows);
        more = rows.count == PAGE;
        for (size_t i = 0; i < rows.count && !rc; i++) {
            struct ops_record record;
            rc = ops_row(&rows, i, &record);
            if (!rc)
                rc = tell_alone(t, &record);
            if (rc || t->is_held_up)
                break;
            change = record.change;
        }
        sql_rows_release(&rows);
    }
    if (!rc && change != before)
        rc = write_told(t->c, line, change);
    if (!rc && before == 0)
        rc = wake_cases(t->c, line);
    return rc;
}

enum tf_status ops_declare_due(struct ops *ops, const struct line_context *c,
                               bool (*visit)(void *ctx, const struct ops_said *said), void *ctx)
{
    struct told_list list = {.count = 0};
    int64_t last;
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = line_each(c, take_line, &list);
    if (!rc)
        rc = ops_last_change(ops, c, &last);
    for (size_t i = 0; i < list.count && !rc; i++) {
        struct telling t = {.ops = ops, .c = c, .line = list.at[i].id, .visit = visit, .ctx = ctx};
        int64_t change;
        rc = read_told(c, &list.at[i], &change);
        if (rc || change >= last)
            continue;
        rc = line_rules(c, t.line, &t.rules);
        if (rc)
            break;
        if (t.rules.number > 0)
            rc = tell_line(&t, &list.at[i]);
        memo_release(&t.rules);
    }
    return rc;
}
