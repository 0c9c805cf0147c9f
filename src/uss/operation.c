/*
 * operation.c - the table of operations that wait for a DSS, and the gate that puts them there.
 */
#include "uss/operation.h"

#include "base/put.h"
#include "ops/case.h"
#include "ops/reading.h"
#include "uss/constraint.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* --- what is published ----------------------------------------------------------------------- */

#define WORD(name, word) word,
static const char *const publish_words[] = {USS_PUBLISH_LIST(WORD)};
#undef WORD

enum tf_status uss_publish_from_word(const char *word, enum uss_publish *out)
{
    for (size_t i = 0; i < sizeof publish_words / sizeof *publish_words; i++)
        if (strcmp(word, publish_words[i]) == 0) {
            *out = (enum uss_publish)i;
            return TF_OK;
        }
    return TF_NOT_FOUND;
}

enum tf_status uss_publish_get(const struct line_context *c, enum uss_publish *out)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, "SELECT value FROM uss_setting WHERE name = 'publish'",
                                  SQL_NO_ARGS, &rows);
    *out = USS_PUBLISH_OFF;
    if (!rc && rows.count && uss_publish_from_word(sql_at(&rows, 0, 0)->bytes, out))
        rc = TF_SYNTAX;
    sql_rows_release(&rows);
    return rc;
}

enum tf_status uss_publish_set(const struct line_context *c, enum uss_publish what,
                               const char *dss_url)
{
    return sql_exec(c->sql,
                    "INSERT INTO uss_setting (name, value) VALUES ('publish', $1), ('dss', $2)"
                    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    SQL_ARGS(sql_text(publish_words[what]), sql_text(dss_url)), NULL);
}

enum tf_status uss_dss_get(const struct line_context *c, char out[USS_URL_SIZE])
{
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql, "SELECT value FROM uss_setting WHERE name = 'dss'", SQL_NO_ARGS, &rows);
    snprintf(out, USS_URL_SIZE, "%s", !rc && rows.count ? sql_at(&rows, 0, 0)->bytes : "");
    sql_rows_release(&rows);
    return rc;
}

/* What flies; the rest is nothing that a USS knows. */
static bool is_published(enum uss_publish what, enum tf_kind kind)
{
    bool flies = kind == TF_KIND_UNCREWED || kind == TF_KIND_CREWED || kind == TF_KIND_ROTORCRAFT ||
                 kind == TF_KIND_BALLOON;
    return what == USS_PUBLISH_ALL ? flies
                                   : what == USS_PUBLISH_UNCREWED && kind == TF_KIND_UNCREWED;
}

/* --- reading ---------------------------------------------------------------------------------- */

enum {
    OP,
    INTENT,
    PUBLISHED,
    ACT,
    ACTOR,
    ROLE,
    SOURCE,
    REASON,
    ALLOW,
    FEATURE,
    EXTRA,
    BASE,
    ASKED,
    DUE,
    TRIES,
    RESULT,
    WHY,
    CHECK,
    SETTLED
};
#define COLUMNS                                                                                    \
    "op, intent, is_published, act, actor, role, source, reason, allow, feature, extra, base,"     \
    " asked_us, due_us, tries, result, why, verdict, settled_us"

void uss_operation_release(struct uss_operation *o)
{
    free(o->source);
    free(o->reason);
    free(o->allow);
    free(o->feature);
    free(o->extra);
    free(o->check);
    o->source = o->reason = o->allow = o->feature = o->extra = o->check = NULL;
}

static enum tf_status read_row(const struct sql_value *v, struct uss_operation *out)
{
    struct uss_operation o = {.is_published = v[PUBLISHED].number != 0,
                              .asked_us = v[ASKED].number,
                              .due_us = v[DUE].number,
                              .tries = v[TRIES].number,
                              .settled_us = v[SETTLED].number};
    const struct {
        int column;
        char *to;
        size_t size;
    } plain[] = {{OP, o.op, sizeof o.op},          {ACT, o.act, sizeof o.act},
                 {ACTOR, o.actor, sizeof o.actor}, {ROLE, o.role, sizeof o.role},
                 {BASE, o.base, sizeof o.base},    {RESULT, o.result, sizeof o.result},
                 {WHY, o.why, sizeof o.why}};
    const struct {
        int column;
        char **to;
    } owned[] = {{SOURCE, &o.source},   {REASON, &o.reason}, {ALLOW, &o.allow},
                 {FEATURE, &o.feature}, {EXTRA, &o.extra},   {CHECK, &o.check}};
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        snprintf(plain[i].to, plain[i].size, "%s", v[plain[i].column].bytes);
    for (size_t i = 0; i < sizeof owned / sizeof *owned && !rc; i++) {
        *owned[i].to = strdup(v[owned[i].column].bytes);
        rc = *owned[i].to ? TF_OK : TF_NOMEM;
    }
    if (!rc && !tf_uuid_parse(v[INTENT].bytes, v[INTENT].len, &o.intent))
        rc = TF_SYNTAX;
    if (rc)
        uss_operation_release(&o);
    else
        *out = o;
    return rc;
}

static enum tf_status read_first(struct sql_rows *rows, enum tf_status rc,
                                 struct uss_operation *out)
{
    if (!rc)
        rc = rows->count ? read_row(sql_at(rows, 0, 0), out) : TF_NOT_FOUND;
    sql_rows_release(rows);
    return rc;
}

enum tf_status uss_operation_find(const struct line_context *c, const char *op,
                                  struct uss_operation *out)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, "SELECT " COLUMNS " FROM uss_operation WHERE op = $1",
                                  SQL_ARGS(sql_text(op)), &rows);
    return read_first(&rows, rc, out);
}

enum tf_status uss_operation_due(const struct line_context *c, struct uss_operation *out)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT " COLUMNS " FROM uss_operation WHERE due_us > 0 AND"
                                  " due_us <= $1 ORDER BY due_us, op LIMIT 1",
                                  SQL_ARGS(sql_int(c->now_us)), &rows);
    return read_first(&rows, rc, out);
}

enum tf_status uss_operation_owns(const struct line_context *c, const struct tf_uuid *intent,
                                  bool *out)
{
    char id[TF_UUID_TEXT_SIZE];
    struct sql_rows rows = {0};
    tf_uuid_format(intent, id);
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT op FROM uss_operation WHERE intent = $1 UNION ALL"
                                  " SELECT zone FROM uss_constraint WHERE id = $1",
                                  SQL_ARGS(sql_text(id)), &rows);
    *out = !rc && rows.count > 0;
    sql_rows_release(&rows);
    return rc;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* A row that asks for nothing yet, with an id for its intent. */
static enum tf_status add_row(const struct line_context *c, const char *op)
{
    uint8_t random[16];
    char id[TF_UUID_TEXT_SIZE];
    randombytes_buf(random, sizeof random);
    struct tf_uuid intent = tf_uuid_v4(random);
    tf_uuid_format(&intent, id);
    return sql_exec(c->sql,
                    "INSERT INTO uss_operation (" COLUMNS ") VALUES ($1, $2, 0, '', '', '', '', '',"
                    " '', '', '', '', 0, 0, 0, '', '', '', 0) ON CONFLICT (op) DO NOTHING",
                    SQL_ARGS(sql_text(op), sql_text(id)), NULL);
}

static enum tf_status ask(const struct line_context *c, const struct ops_holding *what,
                          bool published)
{
    const struct ops_record *r = what->record;
    bool is_change = what->act == OPS_ACT_CHANGE;
    char *allow = what->allow ? json_dumps(what->allow, JSON_COMPACT) : NULL;
    enum tf_status rc = what->allow && !allow ? TF_NOMEM : add_row(c, r->id);
    if (!rc)
        rc = sql_exec(
            c->sql,
            "UPDATE uss_operation SET is_published = $2, act = $3, actor = $4, role = $5,"
            " source = $6, reason = $7, allow = $8, feature = $9, extra = $10, base = $11,"
            " asked_us = $12, due_us = $12, tries = 0, result = '', why = '', verdict = ''"
            " WHERE op = $1",
            SQL_ARGS(sql_text(r->id), sql_int(published), sql_text(ops_act_word(what->act)),
                     sql_text(c->actor ? c->actor : ""), sql_text(what->who->role),
                     sql_text(what->who->source ? what->who->source : ""),
                     sql_text(what->who->reason ? what->who->reason : ""),
                     sql_text(allow ? allow : ""), sql_text(is_change ? r->feature : ""),
                     sql_text(is_change ? r->extra : ""), sql_text(what->etag), sql_int(c->now_us)),
            NULL);
    free(allow);
    return rc;
}

enum tf_status uss_operation_settle(const struct line_context *c, const char *op,
                                    const struct uss_operation_end *end)
{
    enum tf_status rc =
        sql_exec(c->sql,
                 "UPDATE uss_operation SET result = $2, why = $3, verdict = $4, due_us = $5,"
                 " tries = tries + 1, settled_us = $6,"
                 " act = CASE WHEN $5 > 0 THEN act ELSE '' END WHERE op = $1 AND asked_us = $7",
                 SQL_ARGS(sql_text(op), sql_text(end->result), sql_text(end->why),
                          sql_text(end->check ? end->check : ""), sql_int(end->again_us),
                          sql_int(c->now_us), sql_int(end->asked_us)),
                 NULL);
    return rc || end->again_us ? rc : ops_cases_look(c, op);
}

enum tf_status uss_operation_again(const struct line_context *c, const char *op)
{
    return sql_exec(c->sql,
                    "UPDATE uss_operation SET due_us = $2, asked_us = $2, tries = 0, act = ''"
                    " WHERE op = $1 AND (due_us = 0 OR act = '')",
                    SQL_ARGS(sql_text(op), sql_int(c->now_us)), NULL);
}

enum tf_status uss_operation_again_of(const struct line_context *c, const struct tf_uuid *intent)
{
    char id[TF_UUID_TEXT_SIZE];
    tf_uuid_format(intent, id);
    return sql_exec(c->sql,
                    "UPDATE uss_operation SET due_us = $2, asked_us = $2, tries = 0"
                    " WHERE intent = $1 AND due_us = 0",
                    SQL_ARGS(sql_text(id), sql_int(c->now_us)), NULL);
}

/* --- the gate --------------------------------------------------------------------------------- */

static bool passes(const struct uss_gate *gate)
{
    return gate->is_passing && *gate->is_passing;
}

static void wake(const struct uss_gate *gate)
{
    if (gate->woken)
        gate->woken(gate->ctx);
}

static enum tf_status hold(void *ctx, const struct line_context *c, const struct ops_holding *what,
                           bool *held, struct tf_fault *fault)
{
    const struct uss_gate *gate = ctx;
    enum uss_publish publish;
    *held = false;
    if (passes(gate))
        return TF_OK;
    enum tf_status rc = uss_publish_get(c, &publish);
    if (rc || publish == USS_PUBLISH_OFF)
        return rc;
    rc = ask(c, what, is_published(publish, what->entity->kind));
    *held = rc == TF_OK;
    if (!rc)
        wake(gate);
    return rc ? tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL) : TF_OK;
}

/* A new state or content that nobody had to allow: the intent follows. What was asked for and is
 * not done yet, is not wanted any more. */
static enum tf_status follow(void *ctx, const struct line_context *c,
                             const struct ops_record *record)
{
    const struct uss_gate *gate = ctx;
    if (record->class == OPS_ZONE) {
        bool due;
        enum tf_status rc = uss_constraint_follow(c, record, &due);
        if (!rc && due)
            wake(gate);
        return rc;
    }
    if (passes(gate) || record->class != OPS_OPERATION || record->state == OPS_STATE_SUBMITTED)
        return TF_OK;
    enum tf_status rc = sql_exec(
        c->sql,
        "UPDATE uss_operation SET due_us = $2, asked_us = $2, tries = 0, act = '' WHERE op = $1",
        SQL_ARGS(sql_text(record->id), sql_int(c->now_us)), NULL);
    if (!rc)
        wake(gate);
    return rc;
}

/* Only what somebody asked for: that the intent follows is nobody's to wait for. */
static enum tf_status waits(void *ctx, const struct line_context *c, const char *id, bool *out)
{
    struct sql_rows rows = {0};
    (void)ctx;
    enum tf_status rc =
        sql_query(c->sql, "SELECT 1 FROM uss_operation WHERE op = $1 AND due_us > 0 AND act <> ''",
                  SQL_ARGS(sql_text(id)), &rows);
    *out = !rc && rows.count > 0;
    sql_rows_release(&rows);
    return rc;
}

void uss_gate_attach(struct ops *ops, const struct uss_gate *gate)
{
    struct ops_gate hooks = {
        .ctx = (void *)(uintptr_t)gate, .hold = hold, .follow = follow, .waits = waits};
    ops_set_gate(ops, &hooks);
}

void uss_gate_close(struct ops *ops)
{
    static const struct uss_gate closed = {.is_passing = NULL};
    uss_gate_attach(ops, &closed);
}

/* --- printing --------------------------------------------------------------------------------- */

static const char *or_null(const char *text)
{
    return text && *text ? text : NULL;
}

static void put_flight(struct tf_buf *out, const struct uss_flight *f)
{
    bool is_there = f->reference.state != TF_STATE_DRAFT;
    tf_put_text(out, "state", is_there ? uss_state_word(f->reference.state) : NULL);
    tf_put_text(out, "ovn", is_there ? or_null(f->reference.ovn) : NULL);
    tf_put_text(out, "manager", is_there ? or_null(f->reference.manager) : NULL);
    if (is_there)
        tf_put_int(out, "version", f->reference.version);
    else
        tf_put_text(out, "version", NULL);
    tf_put_flag(out, "in_doubt", f->in_doubt);
}

/* A check that is shown again shows its sensitive sites again. */
static enum tf_status log_check(const struct line_context *c, const char *check)
{
    struct ops_site_reading reading = {.c = c, .purpose = "check"};
    json_t *verdict = json_loads(check, 0, NULL);
    enum tf_status rc = verdict ? ops_reading_verdict(&reading, verdict) : TF_NOMEM;
    json_decref(verdict);
    enum tf_status kept = ops_reading_end(&reading);
    return rc ? rc : kept;
}

enum tf_status uss_operation_print(const struct line_context *c, const char *op, struct tf_buf *out)
{
    struct uss_operation o;
    char dss[USS_URL_SIZE];
    struct uss_flight flight = {.reference.state = TF_STATE_DRAFT};
    enum tf_status rc = uss_operation_find(c, op, &o);
    if (rc == TF_NOT_FOUND) {
        tf_buf_text(out, "null");
        return TF_OK;
    }
    if (rc)
        return rc;
    rc = uss_flight_find(c, &o.intent, &flight);
    if (!rc || rc == TF_NOT_FOUND) {
        tf_buf_char(out, '{');
        tf_put_name(out, "id");
        uss_put_uuid(out, &o.intent);
        tf_put_flag(out, "published", o.is_published);
        rc = uss_dss_get(c, dss);
        if (!rc)
            tf_put_text(out, "dss", or_null(dss));
        put_flight(out, &flight);
        tf_put_text(out, "pending", !o.due_us ? NULL : o.act[0] ? o.act : "follow");
        tf_put_text(out, "result", or_null(o.result));
        tf_put_text(out, "why", or_null(o.why));
        tf_put_name(out, "check");
        tf_buf_text(out, o.check[0] ? o.check : "null");
        tf_buf_char(out, '}');
        if (!rc && o.check[0])
            rc = log_check(c, o.check);
        rc = rc ? rc : tf_buf_status(out);
    }
    uss_flight_release(&flight);
    uss_operation_release(&o);
    return rc;
}
