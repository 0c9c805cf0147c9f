/*
 * reading.c - see reading.h. ops_reading has the entries that stand, with what they name.
 */
#include "ops/reading.h"

#include "ops/internal.h"
#include <string.h>

/* --- what stands ----------------------------------------------------------------------------- */

static enum tf_status note(struct ops_site_reading *reading, const char *line, const char *id,
                           int64_t version, bool *is_new)
{
    tf_buf_clear(&reading->key);
    tf_buf_printf(&reading->key, "%lld %s %s", (long long)version, line, id);
    enum tf_status rc = tf_buf_status(&reading->key);
    if (rc)
        return rc;
    *is_new = !json_object_get(reading->is_noted, reading->key.data);
    return *is_new && json_object_set_new(reading->is_noted, reading->key.data, json_true())
               ? TF_NOMEM
               : TF_OK;
}

static enum tf_status note_all(struct ops_site_reading *reading, const struct sql_value *sites)
{
    json_t *list = json_loadb(sites->bytes, sites->len, 0, NULL), *site;
    enum tf_status rc = list ? TF_OK : TF_NOMEM;
    bool is_new;
    size_t i;
    json_array_foreach(list, i, site)
    {
        const char *line = json_string_value(json_object_get(site, "line")),
                   *id = json_string_value(json_object_get(site, "id"));
        if (!rc && id)
            rc = note(reading, line ? line : "", id,
                      json_integer_value(json_object_get(site, "version")), &is_new);
    }
    json_decref(list);
    return rc;
}

static const char *reader_of(const struct ops_site_reading *reading)
{
    return reading->c->actor ? reading->c->actor : "";
}

/* One that was made by a clock that was ahead is made once more. */
static enum tf_status read_standing(struct ops_site_reading *reading)
{
    static const char text[] = "SELECT sites FROM ops_reading WHERE reader = $1 AND purpose = $2"
                               " AND at_us > $3 AND at_us <= $4";
    int64_t now_us = reading->c->now_us;
    struct sql_rows rows = {0};
    reading->key = (struct tf_buf)TF_BUF_INIT(LEDGER_ENTRY_MAX);
    reading->is_noted = json_object();
    if (!reading->is_noted)
        return TF_NOMEM;
    enum tf_status rc = sql_query(
        reading->c->sql, text,
        SQL_ARGS(sql_text(reader_of(reading)), sql_text(reading->purpose),
                 sql_int(now_us - OPS_READING_STANDS_S * INT64_C(1000000)), sql_int(now_us)),
        &rows);
    for (size_t i = 0; !rc && i < rows.count; i++)
        rc = note_all(reading, sql_at(&rows, i, 0));
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status keep(const struct ops_site_reading *reading)
{
    static const char forget[] = "DELETE FROM ops_reading WHERE at_us <= $1 OR at_us > $2";
    static const char text[] =
        "INSERT INTO ops_reading (reader, purpose, at_us, sites) VALUES ($1, $2, $3, $4)";
    int64_t now_us = reading->c->now_us;
    struct sql_value sites = {.type = SQL_TEXT,
                              .bytes = reading->out.data + reading->sites_at,
                              .len = reading->out.len - 1 - reading->sites_at};
    enum tf_status rc = sql_exec(
        reading->c->sql, forget,
        SQL_ARGS(sql_int(now_us - OPS_READING_STANDS_S * INT64_C(1000000)), sql_int(now_us)), NULL);
    return rc ? rc
              : sql_exec(reading->c->sql, text,
                         SQL_ARGS(sql_text(reader_of(reading)), sql_text(reading->purpose),
                                  sql_int(now_us), sites),
                         NULL);
}

/* --- the entry ------------------------------------------------------------------------------- */

static void end(struct ops_site_reading *reading)
{
    if (reading->out.len > 0 && !reading->rc) {
        tf_buf_text(&reading->out, "]}");
        reading->rc = tf_buf_status(&reading->out);
    }
    if (reading->out.len > 0 && !reading->rc)
        reading->rc = ledger_append(reading->c->ledger, reading->out.data, reading->out.len, NULL);
    if (reading->out.len > 0 && !reading->rc)
        reading->rc = keep(reading);
    tf_buf_release(&reading->out);
}

static void begin(struct ops_site_reading *reading)
{
    reading->out = (struct tf_buf)TF_BUF_INIT(LEDGER_ENTRY_MAX);
    ops_put_entry(&reading->out, "site-read", reading->c);
    tf_put_text(&reading->out, "actor", reading->c->actor);
    tf_put_text(&reading->out, "purpose", reading->purpose);
    tf_put_name(&reading->out, "sites");
    reading->sites_at = reading->out.len;
    tf_buf_char(&reading->out, '[');
}

static enum tf_status add(struct ops_site_reading *reading, const char *line, const char *id,
                          int64_t version)
{
    bool is_new = false;
    if (!reading->rc && !reading->is_noted)
        reading->rc = read_standing(reading);
    if (!reading->rc)
        reading->rc = note(reading, line, id, version, &is_new);
    if (reading->rc || !is_new)
        return reading->rc;
    if (reading->out.len > LEDGER_ENTRY_MAX / 2)
        end(reading);
    if (reading->out.len == 0)
        begin(reading);
    tf_put_open(&reading->out, NULL, '{');
    if (line[0])
        tf_put_text(&reading->out, "line", line);
    tf_put_text(&reading->out, "id", id);
    tf_put_int(&reading->out, "version", version);
    tf_buf_char(&reading->out, '}');
    return reading->rc;
}

enum tf_status ops_reading_end(struct ops_site_reading *reading)
{
    end(reading);
    ops_reading_drop(reading);
    return reading->rc;
}

void ops_reading_drop(struct ops_site_reading *reading)
{
    tf_buf_release(&reading->out);
    tf_buf_release(&reading->key);
    json_decref(reading->is_noted);
    reading->is_noted = NULL;
}

/* --- what is shown --------------------------------------------------------------------------- */

static bool is_sensitive(const struct ops_record *record)
{
    json_t *extra =
        record->class == OPS_SITE ? json_loadb(record->extra, record->extra_len, 0, NULL) : NULL;
    bool is = json_is_true(json_object_get(extra, "sensitive"));
    json_decref(extra);
    return is;
}

enum tf_status ops_reading_add(struct ops_site_reading *reading, const struct ops_record *record)
{
    return is_sensitive(record) ? add(reading, record->owner, record->id, record->version)
                                : reading->rc;
}

enum tf_status ops_reading_body(struct ops_site_reading *reading, const char *line,
                                const json_t *body)
{
    const char *id = json_string_value(json_object_get(body, "id"));
    return id && json_is_true(json_object_get(body, "sensitive"))
               ? add(reading, line, id, json_integer_value(json_object_get(body, "version")))
               : reading->rc;
}

enum tf_status ops_reading_message(struct ops_site_reading *reading, const struct line_message *m)
{
    if (strncmp(m->type, "site.", 5) != 0)
        return reading->rc;
    json_t *message = json_loadb(m->payload, m->payload_len, 0, NULL);
    if (!message && !reading->rc)
        reading->rc = TF_NOMEM;
    enum tf_status rc = ops_reading_body(reading, m->line, json_object_get(message, "body"));
    json_decref(message);
    return rc;
}

/* One of its sides; sensitive by what is known now. */
static void add_side(struct ops_site_reading *reading, const char *owner, enum ops_class class,
                     const char *id, int64_t version)
{
    struct sql_rows rows = {0};
    struct ops_record record;
    if (class != OPS_SITE || reading->rc)
        return;
    enum tf_status rc = ops_row_find(reading->c, owner, class, id, &rows, &record);
    if (!rc && is_sensitive(&record))
        rc = add(reading, owner, id, version);
    reading->rc = rc == TF_NOT_FOUND ? TF_OK : rc;
    sql_rows_release(&rows);
}

enum tf_status ops_reading_case(struct ops_site_reading *reading, const struct ops_case *one)
{
    add_side(reading, "", one->own_class, one->own_id, one->own_version);
    add_side(reading, one->line, one->other_class, one->other_id, one->other_version);
    return reading->rc;
}

enum tf_status ops_reading_verdict(struct ops_site_reading *reading, const json_t *verdict)
{
    size_t i;
    json_t *conflict;
    json_array_foreach(json_object_get(verdict, "conflicts"), i, conflict)
    {
        const json_t *other = json_object_get(conflict, "other");
        const char *owner = json_string_value(json_object_get(other, "owner")),
                   *id = json_string_value(json_object_get(other, "id"));
        if (id && json_is_true(json_object_get(other, "sensitive")))
            (void)!add(reading, owner ? owner : "", id,
                       json_integer_value(json_object_get(other, "version")));
    }
    return reading->rc;
}

enum tf_status ops_log_shown(const struct line_context *c, const struct ops_verdict *verdict)
{
    struct ops_site_reading reading = {.c = c, .purpose = "check"};
    for (size_t i = 0; i < verdict->count && !reading.rc; i++) {
        const struct ops_conflict *conflict = &verdict->conflicts[i];
        if (conflict->is_sensitive)
            (void)!add(&reading, conflict->owner, conflict->id, conflict->version);
    }
    return ops_reading_end(&reading);
}
