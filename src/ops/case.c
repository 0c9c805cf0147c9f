/*
 * case.c - conflicts across a line are found, kept, and over.
 *
 * Whatever changes a record comes here after it (ops_write): what the record conflicts with across
 * lines is looked for, and compared with the cases that are open for it. So there is one place,
 * and no case is forgotten.
 */
#include "ops/case.h"

#include "ops/case_row.h"
#include "ops/reading.h"
#include "ops/talk.h"
#include <stdio.h>
#include <stdlib.h>

/* The same on both sides: the lesser id first. */
void ops_case_id(const char *line, const char *a, const char *b, char out[OPS_CASE_ID_SIZE])
{
    uint8_t hash[KEY_HASH_SIZE];
    bool swap = strcmp(a, b) > 0;
    const char *first = swap ? b : a, *second = swap ? a : b;
    struct key_piece pieces[] = {{"tafadi-case/v1\n", 15},
                                 {line, strlen(line)},
                                 {"\n", 1},
                                 {first, strlen(first)},
                                 {"\n", 1},
                                 {second, strlen(second)},
                                 {"\n", 1}};
    key_sha256(pieces, sizeof pieces / sizeof *pieces, hash);
    key_hex(hash, 16, out);
}

/* --- rows, and what is told ------------------------------------------------------------------- */

enum tf_status case_row(const struct sql_rows *rows, size_t row, struct ops_case *out)
{
    const struct sql_value *v = sql_at(rows, row, 0);
    struct ops_case one = {.line = v[1].bytes,
                           .own_id = v[3].bytes,
                           .other_id = v[5].bytes,
                           .own_version = v[6].number,
                           .other_version = v[7].number,
                           .is_open = v[8].number != 0,
                           .opened_us = v[9].number,
                           .changed_us = v[10].number,
                           .conflict = v[11].bytes,
                           .conflict_len = v[11].len,
                           .stage = (int)v[12].number,
                           .rung = v[13].number,
                           .held_version = v[14].number,
                           .sees = v[15].number != 0,
                           .is_claimed = v[16].number != 0};
    snprintf(one.id, sizeof one.id, "%s", v[0].bytes);
    if (ops_class_from_word(v[2].bytes, &one.own_class) ||
        ops_class_from_word(v[4].bytes, &one.other_class))
        return TF_SYNTAX;
    *out = one;
    return TF_OK;
}

void case_entry(struct tf_buf *out, const struct line_context *c, const char *act,
                const struct ops_case *one)
{
    ops_put_entry(out, "case", c);
    tf_put_text(out, "act", act);
    tf_put_text(out, "id", one->id);
    tf_put_text(out, "line", one->line);
}

/* The event is the entry without its time. */
enum tf_status case_tell(const struct line_context *c, struct tf_buf *entry)
{
    struct tf_buf event = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    enum tf_status rc = ops_append_entry(entry, c);
    if (!rc) {
        tf_buf_text(&event, "{\"v\":1");
        tf_buf_text(&event, strstr(entry->data, ",\"act\":"));
        rc = tf_buf_status(&event);
    }
    if (!rc)
        rc = line_add_event(c, "case", event.data);
    tf_buf_release(&event);
    tf_buf_release(entry);
    return rc;
}

enum tf_status case_change(const struct line_context *c, const struct ops_case *one, bool opens)
{
    struct tf_buf out = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    case_entry(&out, c, opens ? "open" : "over", one);
    tf_put_text(&out, "own_class", ops_class_word(one->own_class));
    tf_put_text(&out, "own_id", one->own_id);
    tf_put_int(&out, "own_version", one->own_version);
    tf_put_text(&out, "other_class", ops_class_word(one->other_class));
    tf_put_text(&out, "other_id", one->other_id);
    tf_put_int(&out, "other_version", one->other_version);
    if (opens)
        tf_put_text(&out, "seen_by", one->sees ? "own" : "other");
    return case_tell(c, &out);
}

/* --- what is found ---------------------------------------------------------------------------- */

/* What is known of the pair: *is_same: open, and of these versions. */
static enum tf_status find_pair(const struct line_context *c, const struct ops_case *pair,
                                bool *is_open, bool *is_same)
{
    static const char text[] =
        "SELECT is_open, own_version, other_version, sees FROM ops_case WHERE id = $1";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_text(pair->id)), &rows);
    const struct sql_value *v = !rc && rows.count ? sql_at(&rows, 0, 0) : NULL;
    *is_open = v && v[0].number != 0;
    *is_same = *is_open && v[1].number == pair->own_version && v[2].number == pair->other_version &&
               v[3].number != 0;
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status keep(const struct line_context *c, const struct ops_case *pair,
                           const struct ops_conflict *conflict, bool is_review)
{
    static const char text[] =
        "INSERT INTO ops_case (id, line, own_class, own_id, other_class, other_id, own_version,"
        " other_version, is_open, opened_us, changed_us, conflict, until_us) VALUES ($1, $2, $3,"
        " $4, $5, $6, $7, $8, 1, $9, $9, $10, $11) ON CONFLICT (id) DO UPDATE SET own_version = $7,"
        " other_version = $8, is_open = 1, sees = 1, changed_us = $9, conflict = $10, until_us = "
        "$11,"
        " due_us = 0,"
        " opened_us = CASE WHEN ops_case.is_open = 1 THEN ops_case.opened_us ELSE $9 END";
    bool is_open, is_same;
    enum tf_status rc = find_pair(c, pair, &is_open, &is_same);
    if (rc || (is_review && is_same))
        return rc;
    struct tf_buf out = TF_BUF_INIT(16384);
    ops_print_conflict(&out, conflict);
    rc = tf_buf_status(&out);
    if (!rc)
        rc = sql_exec(c->sql, text,
                      SQL_ARGS(sql_text(pair->id), sql_text(pair->line),
                               sql_text(ops_class_word(pair->own_class)), sql_text(pair->own_id),
                               sql_text(ops_class_word(pair->other_class)),
                               sql_text(pair->other_id), sql_int(pair->own_version),
                               sql_int(pair->other_version), sql_int(c->now_us), sql_text(out.data),
                               sql_int(conflict->span.last_ns / 1000)),
                      NULL);
    tf_buf_release(&out);
    return rc || is_open ? rc : case_change(c, pair, true);
}

/* What cannot be listed is said, at least. */
enum tf_status ops_cases_too_many(const struct line_context *c, const struct ops_record *record)
{
    struct tf_buf out = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    ops_put_entry(&out, "case", c);
    tf_put_text(&out, "act", "too-many");
    tf_put_text(&out, "line", record->owner);
    tf_put_text(&out, "class", ops_class_word(record->class));
    tf_put_text(&out, "id", record->id);
    tf_put_int(&out, "version", record->version);
    return case_tell(c, &out);
}

/* --- what is over ----------------------------------------------------------------------- */

static bool is_kept(char (*ids)[OPS_CASE_ID_SIZE], size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    return false;
}

enum tf_status case_end(const struct line_context *c, const struct ops_case *one)
{
    static const char text[] = "UPDATE ops_case SET is_open = 0, sees = 0, claimed = 0,"
                               " changed_us = $2, due_us = 0 WHERE id = $1";
    enum tf_status rc =
        sql_exec(c->sql, text, SQL_ARGS(sql_text(one->id), sql_int(c->now_us)), NULL);
    return rc ? rc : case_change(c, one, false);
}

/* Not seen here, or not any more: while the other side sees it, it is not over. It is in time for
 * as long as both of the two are. */
static enum tf_status lose_sight(const struct line_context *c, const struct ops_case *one,
                                 const struct ops_record *record)
{
    static const char text[] =
        "UPDATE ops_case SET sees = 0, due_us = 0, changed_us = $2, own_version = $3,"
        " other_version = $4, until_us = COALESCE((SELECT MIN(end_us) FROM ops_record WHERE"
        " (owner = '' AND class = ops_case.own_class AND id = ops_case.own_id) OR"
        " (owner = ops_case.line AND class = ops_case.other_class AND id = ops_case.other_id)),"
        " until_us) WHERE id = $1 AND (sees = 1 OR own_version <> $3 OR other_version <> $4)";
    bool is_own = record->owner[0] == '\0';
    return sql_exec(c->sql, text,
                    SQL_ARGS(sql_text(one->id), sql_int(c->now_us),
                             sql_int(is_own ? record->version : one->own_version),
                             sql_int(is_own ? one->other_version : record->version)),
                    NULL);
}

/* Ends the cases of a record that are not among `ids`. What is not there any more is in nobody's
 * way, whatever the other side sees. */
static enum tf_status end_rows(const struct line_context *c, const struct ops_record *record,
                               const struct sql_rows *rows, char (*ids)[OPS_CASE_ID_SIZE],
                               size_t count)
{
    bool is_there = ops_state_counts(record->state) && !record->is_template;
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < rows->count; i++) {
        struct ops_case one;
        rc = case_row(rows, i, &one);
        if (rc || is_kept(ids, count, one.id))
            continue;
        rc = one.is_claimed && is_there ? lose_sight(c, &one, record) : case_end(c, &one);
    }
    return rc;
}

static enum tf_status end_others(const struct line_context *c, const struct ops_record *record,
                                 char (*ids)[OPS_CASE_ID_SIZE], size_t count)
{
    static const char own[] = "SELECT " CASE_COLUMNS " FROM ops_case WHERE is_open = 1"
                              " AND own_class = $1 AND own_id = $2 AND $3 = ''";
    static const char other[] = "SELECT " CASE_COLUMNS " FROM ops_case WHERE is_open = 1"
                                " AND other_class = $1 AND other_id = $2 AND line = $3";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, record->owner[0] ? other : own,
                                  SQL_ARGS(sql_text(ops_class_word(record->class)),
                                           sql_text(record->id), sql_text(record->owner)),
                                  &rows);
    if (!rc)
        rc = end_rows(c, record, &rows, ids, count);
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ops_cases_expire(struct ops *ops, const struct line_context *c)
{
    static const char text[] = "SELECT " CASE_COLUMNS " FROM ops_case WHERE is_open = 1"
                               " AND until_us <= $1 LIMIT 1000";
    struct sql_rows rows = {0};
    (void)ops;
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_int(c->now_us)), &rows);
    for (size_t i = 0; !rc && i < rows.count; i++) {
        struct ops_case one;
        rc = case_row(&rows, i, &one);
        if (!rc)
            rc = case_end(c, &one);
    }
    sql_rows_release(&rows);
    return rc;
}

/* --- what is there now ---------------------------------------------------------------------- */

/* Is this conflict one across a line, and not between two sites? */
static bool is_case(const struct ops_record *record, const struct ops_conflict *conflict)
{
    bool own = record->owner[0] == '\0', declared = conflict->other == OPS_OTHER_DECLARATION;
    bool is_site = conflict->kind == TF_KIND_SITE;
    if (own == !declared || conflict->other == OPS_OTHER_ZONE)
        return false;
    return !(record->class == OPS_SITE && is_site);
}

static enum tf_status make_pair(const struct line_context *c, const struct ops_record *record,
                                const struct ops_conflict *conflict, struct ops_case *out)
{
    char alias[OPS_ID_SIZE];
    bool own = record->owner[0] == '\0';
    enum ops_class class = conflict->kind == TF_KIND_SITE ? OPS_SITE : OPS_OPERATION;
    *out = (struct ops_case){.sees = true,
                             .line = own ? conflict->owner : record->owner,
                             .own_id = own ? record->id : conflict->id,
                             .other_id = own ? conflict->id : record->id,
                             .own_class = own ? record->class : class,
                             .other_class = own ? class : record->class,
                             .own_version = own ? record->version : conflict->version,
                             .other_version = own ? conflict->version : record->version};
    enum tf_status rc = ops_alias(c, out->line, out->own_class, out->own_id, alias);
    if (!rc)
        ops_case_id(out->line, alias, out->other_id, out->id);
    return rc;
}

/* What became of an operation whose acceptance was taken back. */
static enum tf_status look_again(const struct line_context *c, const struct ops_record *record)
{
    static const char text[] = "UPDATE ops_case SET due_us = 0 WHERE own_class = $1 AND own_id = $2"
                               " AND held > 0";
    return record->owner[0]
               ? TF_OK
               : sql_exec(c->sql, text,
                          SQL_ARGS(sql_text(ops_class_word(record->class)), sql_text(record->id)),
                          NULL);
}

enum tf_status ops_cases_look(const struct line_context *c, const char *id)
{
    return sql_exec(c->sql, "UPDATE ops_case SET due_us = 0 WHERE own_class = $1 AND own_id = $2",
                    SQL_ARGS(sql_text(ops_class_word(OPS_OPERATION)), sql_text(id)), NULL);
}

/* Opens the cases of these conflicts, and ends the others of the record. */
static enum tf_status compare(struct ops *ops, const struct line_context *c,
                              const struct ops_record *record, const struct ops_verdict *verdict,
                              bool is_review)
{
    char(*ids)[OPS_CASE_ID_SIZE] = NULL;
    size_t count = 0;
    enum tf_status rc = TF_OK;
    if (verdict->count > 0 && !(ids = malloc(verdict->count * sizeof *ids)))
        rc = TF_NOMEM;
    for (size_t i = 0; !rc && i < verdict->count; i++) {
        struct ops_conflict seen = verdict->conflicts[i];
        struct ops_case pair;
        if (!is_case(record, &seen))
            continue;
        rc = make_pair(c, record, &verdict->conflicts[i], &pair);
        if (rc)
            break;
        if (record->owner[0])
            ops_conflict_turn(ops, c, record, &seen);
        memcpy(ids[count++], pair.id, sizeof pair.id);
        rc = keep(c, &pair, &seen, is_review);
    }
    if (!rc)
        rc = end_others(c, record, ids, count);
    free(ids);
    return rc;
}

enum tf_status ops_cases_review(struct ops *ops, const struct line_context *c,
                                const struct ops_record *record, const struct tf_entity *entity)
{
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    enum tf_status rc = ops_conflicts_of(ops, c, record, entity, &verdict);
    if (!rc)
        rc = compare(ops, c, record, &verdict, true);
    ops_verdict_release(&verdict);
    return rc;
}

enum tf_status ops_cases_follow(struct ops *ops, const struct line_context *c,
                                const struct ops_record *record, const struct tf_entity *entity)
{
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    enum tf_status rc = TF_OK;
    if (ops->line_count == 0 || record->class == OPS_ZONE)
        return TF_OK;
    if (ops_state_counts(record->state) && !record->is_template)
        rc = ops_conflicts_of(ops, c, record, entity, &verdict);
    if (rc == TF_TOO_LARGE) /* more than can be listed: no peer can stop a line by it */
        return ops_cases_too_many(c, record);
    if (!rc)
        rc = compare(ops, c, record, &verdict, false);
    if (!rc)
        rc = look_again(c, record);
    ops_verdict_release(&verdict);
    return rc;
}

/* --- lists -------------------------------------------------------------------------------------
 */

enum tf_status ops_case_each(struct ops *ops, const struct line_context *c, bool with_over,
                             size_t limit, bool (*visit)(void *ctx, const struct ops_case *one),
                             void *ctx)
{
    static const char text[] = "SELECT " CASE_COLUMNS " FROM ops_case WHERE is_open >= $1"
                               " ORDER BY is_open DESC, changed_us DESC, id LIMIT $2";
    struct ops_site_reading reading = {.c = c, .purpose = "case"};
    struct sql_rows rows = {0};
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = sql_query(c->sql, text, SQL_ARGS(sql_int(with_over ? 0 : 1), sql_int((int64_t)limit)),
                       &rows);
    for (size_t i = 0; !rc && i < rows.count; i++) {
        struct ops_case one;
        rc = case_row(&rows, i, &one);
        if (!rc)
            rc = ops_reading_case(&reading, &one);
        if (!rc && !visit(ctx, &one))
            break;
    }
    sql_rows_release(&rows);
    enum tf_status kept = ops_reading_end(&reading);
    return rc ? rc : kept;
}

static void put_side(struct tf_buf *out, const char *name, enum ops_class class, const char *id,
                     int64_t version)
{
    tf_put_open(out, name, '{');
    tf_put_text(out, "class", ops_class_word(class));
    tf_put_text(out, "id", id);
    tf_put_int(out, "version", version);
    tf_buf_char(out, '}');
}

void ops_print_case(struct tf_buf *out, const struct ops_case *one)
{
    static const char *const seen_by[2][2] = {{NULL, "other"}, {"own", "both"}};
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "id", one->id);
    tf_put_text(out, "line", one->line);
    tf_put_text(out, "state", one->is_open ? "open" : "over");
    tf_put_text(out, "stage", case_stage_word((enum case_stage)one->stage));
    tf_put_text(out, "seen_by", seen_by[one->sees][one->is_claimed]);
    put_side(out, "own", one->own_class, one->own_id, one->own_version);
    put_side(out, "other", one->other_class, one->other_id, one->other_version);
    tf_put_flag(out, "held", one->held_version > 0);
    tf_put_time_us(out, "opened", one->opened_us);
    tf_put_time_us(out, "changed", one->changed_us);
    tf_put_json(out, "conflict", one->conflict, one->conflict_len);
    tf_buf_char(out, '}');
}
