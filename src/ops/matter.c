/*
 * matter.c - what an incident or a case is about, as messages of one line.
 */
#include "ops/matter.h"

#include "ops/incident.h"
#include "ops/internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 1000 };

void ops_matter_release(struct ops_matter *matter)
{
    free(matter->messages);
    *matter = (struct ops_matter){.count = 0};
}

enum tf_status ops_matter_add(struct ops_matter *matter, bool is_own, int64_t seq)
{
    if (matter->count == OPS_MATTER_MAX)
        return TF_LIMIT;
    if (matter->count == matter->capacity) {
        size_t capacity = matter->capacity ? 2 * matter->capacity : 32;
        void *grown = realloc(matter->messages, capacity * sizeof *matter->messages);
        if (!grown)
            return TF_NOMEM;
        matter->messages = grown;
        matter->capacity = capacity;
    }
    matter->messages[matter->count++] = (struct line_number){.is_own = is_own, .seq = seq};
    return TF_OK;
}

enum tf_status ops_message_names(const struct line_message *m, const char *alias, bool *out)
{
    struct message message;
    struct tf_fault fault;
    *out = false;
    if (strncmp(m->type, "op.", 3) != 0 && strncmp(m->type, "site.", 5) != 0)
        return TF_OK;
    enum tf_status rc = message_parse(m->payload, m->payload_len, &message, &fault);
    if (rc)
        return rc;
    const char *id = json_string_value(json_object_get(message.body, "id"));
    *out = id && strcmp(id, alias) == 0;
    message_release(&message);
    return TF_OK;
}

/* --- incidents ---------------------------------------------------------------------------- */

static enum tf_status name_line(const struct line_context *c, const char *line,
                                struct ops_matter *out, struct tf_fault *fault)
{
    struct line_info info;
    enum tf_status rc = line_find(c, line, &info);
    if (rc == TF_NOT_FOUND)
        return ops_refuse(fault, rc, "line", TF_TEXT("There is no line \"%1\" here."), line);
    if (!rc)
        memcpy(out->line, info.id, sizeof out->line);
    return rc;
}

/* Of the matter's line; of the first one's, if it has none yet. TF_MISSING: of another one. */
static enum tf_status take_named(const json_t *message, bool is_given, struct ops_matter *out)
{
    const char *line = json_string_value(json_object_get(message, "line"));
    int64_t seq = json_integer_value(json_object_get(message, "seq"));
    if (!line || strlen(line) >= sizeof out->line || seq < 1)
        return TF_SYNTAX;
    if (!*out->line)
        memcpy(out->line, line, strlen(line) + 1);
    if (strcmp(line, out->line) != 0)
        return is_given ? TF_OK : TF_MISSING;
    return ops_matter_add(out, json_is_true(json_object_get(message, "own")), seq);
}

static enum tf_status take_report(const json_t *report, bool is_given, struct ops_matter *out)
{
    const json_t *found, *message;
    size_t i, k;
    int64_t at_ns;
    enum tf_status rc = TF_OK;
    const char *at = json_string_value(json_object_get(report, "at"));
    if (!at || tf_time_parse(at, strlen(at), &at_ns))
        return TF_SYNTAX;
    out->has_place = true;
    out->place = (struct tf_latlng){json_number_value(json_object_get(report, "lat_deg")),
                                    json_number_value(json_object_get(report, "lng_deg"))};
    out->radius_m = json_number_value(json_object_get(report, "radius_m"));
    out->from_us = at_ns / 1000 - json_integer_value(json_object_get(report, "before_s")) * 1000000;
    out->until_us =
        at_ns / 1000 + json_integer_value(json_object_get(report, "after_s")) * 1000000 + 1;
    json_array_foreach(json_object_get(report, "found"), i, found)
    {
        json_array_foreach(json_object_get(found, "messages"), k, message)
        {
            rc = rc ? rc : take_named(message, is_given, out);
        }
    }
    return rc ? rc : *out->line ? TF_OK : TF_MISSING;
}

struct keeping {
    json_t *report;
};

static bool keep_report(void *ctx, const char *json, size_t len)
{
    ((struct keeping *)ctx)->report = json_loadb(json, len, 0, NULL);
    return false;
}

enum tf_status ops_incident_matter(struct ops *ops, const struct line_context *c, const char *id,
                                   const char *line, struct ops_matter *out, struct tf_fault *fault)
{
    struct keeping kept = {.report = NULL};
    *out = (struct ops_matter){.count = 0};
    enum tf_status rc = ops_incident_each(ops, c, id, 1, keep_report, &kept);
    if (rc == TF_NOT_FOUND)
        return ops_refuse(fault, rc, "incident", TF_TEXT("There is no incident \"%1\"."), id);
    if (!rc && line)
        rc = name_line(c, line, out, fault);
    if (!rc)
        rc = kept.report ? take_report(kept.report, line != NULL, out) : TF_NOMEM;
    json_decref(kept.report);
    if (rc == TF_MISSING)
        return ops_refuse(fault, rc, "line",
                          TF_TEXT("Messages of several lines, or of none, are about this "
                                  "incident. Say of which line the bundle is to be."),
                          NULL);
    return rc;
}

/* --- cases ------------------------------------------------------------------------------------ */

struct naming {
    const char *alias;
    struct ops_matter *out;
    bool is_own;
    int64_t last_seq;
    size_t seen;
    enum tf_status rc;
};

static bool take_naming(void *ctx, const struct line_message *m)
{
    struct naming *n = ctx;
    n->last_seq = m->seq;
    n->seen++;
    bool is_named;
    n->rc = ops_message_names(m, n->alias, &is_named);
    if (!n->rc && is_named)
        n->rc = ops_matter_add(n->out, n->is_own, m->seq);
    return n->rc == TF_OK;
}

static enum tf_status add_naming(const struct line_context *c, bool is_own, const char *alias,
                                 struct ops_matter *out)
{
    struct naming n = {.alias = alias, .out = out, .is_own = is_own};
    enum tf_status rc;
    do {
        n.seen = 0;
        rc = line_each_message(c, out->line, is_own, n.last_seq, PAGE, take_naming, &n);
        rc = rc ? rc : n.rc;
    } while (!rc && n.seen == PAGE);
    return rc;
}

/* What was said about it. */
static enum tf_status add_notes(const struct line_context *c, const char *id,
                                struct ops_matter *out)
{
    static const char text[] = "SELECT is_own, seq FROM ops_case_note WHERE line = $1 AND id = $2"
                               " ORDER BY is_own, seq";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_text(out->line), sql_text(id)), &rows);
    for (size_t i = 0; !rc && i < rows.count; i++)
        rc = ops_matter_add(out, sql_at(&rows, i, 0)->number != 0, sql_at(&rows, i, 1)->number);
    sql_rows_release(&rows);
    return rc;
}

/* What was declared of ours: the line's name of it stands beside our own. No key is needed. */
static enum tf_status add_ours(const struct line_context *c, const char *class, const char *own_id,
                               struct ops_matter *out)
{
    static const char text[] = "SELECT id FROM ops_declared WHERE line = $1 AND is_own = 1"
                               " AND class = $2 AND own_id = $3";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(
        c->sql, text, SQL_ARGS(sql_text(out->line), sql_text(class), sql_text(own_id)), &rows);
    for (size_t i = 0; !rc && i < rows.count; i++)
        rc = add_naming(c, true, sql_at(&rows, i, 0)->bytes, out);
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ops_case_matter(const struct line_context *c, const char *id, struct ops_matter *out,
                               struct tf_fault *fault)
{
    static const char text[] = "SELECT id, line, own_class, own_id, other_id FROM ops_case"
                               " WHERE substr(id, 1, $2) = $1 LIMIT 2";
    struct sql_rows rows = {0};
    *out = (struct ops_matter){.count = 0};
    enum tf_status rc =
        sql_query(c->sql, text, SQL_ARGS(sql_text(id), sql_int((int64_t)strlen(id))), &rows);
    if (!rc && (rows.count != 1 || !*id))
        rc = ops_refuse(fault, TF_NOT_FOUND, "case", TF_TEXT("There is no case \"%1\"."), id);
    if (!rc) {
        const struct sql_value *v = sql_at(&rows, 0, 0);
        snprintf(out->line, sizeof out->line, "%s", v[1].bytes);
        rc = add_notes(c, v[0].bytes, out);
        if (!rc)
            rc = add_ours(c, v[2].bytes, v[3].bytes, out);
        if (!rc)
            rc = add_naming(c, false, v[4].bytes, out);
    }
    sql_rows_release(&rows);
    return rc;
}
