/*
 * lost.c - what this party declared and its register does not know: it was restored from a copy
 * older than that, and the other side gave the declarations back. The thing itself may well be on
 * its way, and the other side keeps clear of it; so nothing is taken back by itself. It rings,
 * and people find out: they register it again under its old id, or withdraw the declaration.
 */
#include "ops/internal.h"
#include "ops/turn.h"

#include <stdio.h>
#include <string.h>

enum { LOST_MAX = 1000 };

#define IS_LOST "is_own = 1 AND own_id = '' AND is_withdrawn = 0"

/* What has an end that passed is over at the other side, too. */
static bool is_over(const struct sql_value *body, int64_t now_us)
{
    int64_t end_ns;
    json_t *json = json_loadb(body->bytes, body->len, 0, NULL);
    const char *end = json_string_value(json_object_get(json, "end"));
    bool over = end && tf_time_parse(end, strlen(end), &end_ns) == TF_OK && end_ns / 1000 <= now_us;
    json_decref(json);
    return over;
}

static enum tf_status set_count(const struct line_context *c, const char *line, int64_t count)
{
    static const char text[] = "INSERT INTO ops_lost (line, told) VALUES ($1, $2)"
                               " ON CONFLICT (line) DO UPDATE SET told = $2";
    return count > 0 ? sql_exec(c->sql, text, SQL_ARGS(sql_text(line), sql_int(count)), NULL)
                     : sql_exec(c->sql, "DELETE FROM ops_lost WHERE line = $1",
                                SQL_ARGS(sql_text(line)), NULL);
}

static enum tf_status ring(const struct line_context *c, const char *line, int64_t count,
                           int64_t before)
{
    char text[160];
    if (count == before)
        return TF_OK;
    snprintf(text, sizeof text,
             "%lld declarations of this party are unknown to its register, and still stand",
             (long long)count);
    enum tf_status rc = count > 0 ? line_raise_alarm(c, line, OPS_LOST_ALARM, "duty-officer", text)
                                  : line_end_alarm(c, line, OPS_LOST_ALARM);
    return rc ? rc : set_count(c, line, count);
}

/* Of one line; `before`: as it was last told. */
static enum tf_status look_at(const struct line_context *c, const char *line, int64_t before)
{
    static const char text[] =
        "SELECT body FROM ops_declared WHERE line = $1 AND " IS_LOST " LIMIT $2";
    struct line_info info;
    struct sql_rows rows = {0};
    int64_t count = 0;
    enum tf_status rc = line_find(c, line, &info);
    if (!rc)
        rc = sql_query(c->sql, text, SQL_ARGS(sql_text(line), sql_int(LOST_MAX)), &rows);
    for (size_t i = 0; !rc && i < rows.count && info.state != LINE_CLOSED; i++)
        count += !is_over(sql_at(&rows, i, 0), c->now_us);
    sql_rows_release(&rows);
    return rc ? rc : ring(c, line, count, before);
}

enum tf_status ops_lost(const struct line_context *c)
{
    static const char text[] =
        "SELECT lines.line, COALESCE(ops_lost.told, 0) FROM (SELECT line FROM ops_lost UNION"
        " SELECT DISTINCT line FROM ops_declared WHERE " IS_LOST ") AS lines"
        " LEFT JOIN ops_lost ON ops_lost.line = lines.line ORDER BY lines.line";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, text, SQL_NO_ARGS, &rows);
    for (size_t i = 0; !rc && i < rows.count; i++)
        rc = look_at(c, sql_at(&rows, i, 0)->bytes, sql_at(&rows, i, 1)->number);
    sql_rows_release(&rows);
    return rc;
}

/* --- by hand ---------------------------------------------------------------------------------- */

struct lost {
    char line[LINE_ID_SIZE];
    enum ops_class class;
    int64_t version;
};

static enum tf_status find(const struct line_context *c, const char *id, struct lost *out,
                           struct tf_fault *fault)
{
    static const char text[] = "SELECT line, class, version FROM ops_declared WHERE id = $1"
                               " AND " IS_LOST;
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_text(id)), &rows);
    if (!rc && rows.count != 1)
        rc = ops_refuse(fault, TF_NOT_FOUND, "id",
                        TF_TEXT("Nothing declared as \"%1\" is unknown to the register."), id);
    if (!rc) {
        const struct sql_value *v = sql_at(&rows, 0, 0);
        snprintf(out->line, sizeof out->line, "%s", v[0].bytes);
        out->version = v[2].number;
        rc = ops_class_from_word(v[1].bytes, &out->class);
    }
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status enter(const struct line_context *c, const struct lost *lost, const char *id,
                            const struct ops_who *who)
{
    struct tf_buf out = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    ops_put_entry(&out, "declaration", c);
    tf_put_text(&out, "act", "disown");
    tf_put_text(&out, "line", lost->line);
    tf_put_text(&out, "class", ops_class_word(lost->class));
    tf_put_text(&out, "id", id);
    tf_put_text(&out, "actor", c->actor);
    tf_put_text(&out, "role", who->role);
    tf_put_text(&out, "reason", who->reason);
    enum tf_status rc = ops_append_entry(&out, c);
    tf_buf_release(&out);
    return rc;
}

enum tf_status ops_disown(struct ops *ops, const struct line_context *c, const char *id,
                          const struct ops_who *who, struct tf_fault *fault)
{
    struct lost lost;
    struct line_draft draft = {.role = who->role};
    int64_t seq;
    if (!who->reason || !who->reason[0])
        return ops_refuse(fault, TF_MISSING, "reason",
                          TF_TEXT("A reason is needed: nothing disappears silently."), NULL);
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = find(c, id, &lost, fault);
    if (rc)
        return rc;
    json_t *body = json_pack("{s:s, s:I, s:s}", "id", id, "version", (json_int_t)lost.version + 1,
                             "reason", "lost"); /* why is nobody's on the other side */
    draft.type = lost.class == OPS_SITE ? "site.withdraw" : "op.withdraw";
    draft.body = body;
    rc = body ? line_say(c, lost.line, &draft, &seq, fault) : TF_NOMEM;
    json_decref(body);
    return rc ? rc : enter(c, &lost, id, who);
}
