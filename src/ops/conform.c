/*
 * conform.c - see conform.h. ops_position has the last report of each operation.
 */
#include "ops/conform.h"

#include "ops/internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *ops_conformance_word(enum ops_conformance conformance)
{
    static const char *const words[] = {"within", "uncertain", "outside"};
    return words[conformance];
}

void ops_outside_alarm(const char *id, char out[OUTSIDE_ALARM_SIZE])
{
    ops_alarm_kind("outside", id, out, OUTSIDE_ALARM_SIZE);
}

/* --- inside of one volume -------------------------------------------------------------------- */

/* A limit that was moved outward by its margin may lie on either side of the truth by that. */
static enum ops_conformance vertically(const struct tf_band *band, const struct ops_position *p)
{
    double low_m = p->alt_m - p->accuracy_v_m, high_m = p->alt_m + p->accuracy_v_m;
    if (high_m < band->lower_m || low_m > band->upper_m)
        return OPS_OUTSIDE;
    bool sure = low_m >= band->lower_m + 2 * band->lower_margin_m &&
                high_m <= band->upper_m - 2 * band->upper_margin_m;
    return sure ? OPS_WITHIN : OPS_UNCERTAIN;
}

static enum ops_conformance horizontally(const struct tf_shape *shape, const struct tf_shape *where)
{
    if (!tf_shape_intersects(shape, where))
        return OPS_OUTSIDE;
    return tf_shape_contains(shape, where) ? OPS_WITHIN : OPS_UNCERTAIN;
}

static enum ops_conformance in_volume(const struct tf_volume4 *volume, const struct ops_position *p,
                                      const struct tf_shape *where)
{
    int64_t at_ns = p->at_us * 1000;
    if (at_ns < volume->start_ns || at_ns >= volume->end_ns)
        return OPS_OUTSIDE;
    enum ops_conformance a = vertically(&volume->alt, p), b = horizontally(volume->shape, where);
    return a > b ? a : b;
}

static enum tf_status compare(const struct ops_record *record, const struct ops_position *p,
                              enum ops_conformance *out)
{
    struct tf_entity entity = {0};
    struct tf_shape *where;
    enum tf_status rc =
        tf_shape_circle((struct tf_latlng){p->lat_deg, p->lng_deg}, p->accuracy_h_m, &where, NULL);
    if (rc)
        return rc;
    rc = ops_entity_of(record, &entity);
    *out = OPS_OUTSIDE;
    for (size_t i = 0; !rc && i < entity.volume_count; i++) {
        enum ops_conformance one = in_volume(&entity.volumes[i], p, where);
        *out = one < *out ? one : *out;
    }
    tf_entity_release(&entity);
    tf_shape_unref(where);
    return rc;
}

/* --- what follows ---------------------------------------------------------------------------- */

static enum tf_status log_change(const struct line_context *c, const struct ops_record *record,
                                 const struct ops_position *p, bool is_outside)
{
    struct tf_buf out = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    ops_put_entry(&out, "conformance", c);
    tf_put_text(&out, "actor", c->actor);
    tf_put_text(&out, "id", record->id);
    tf_put_int(&out, "version", record->version);
    tf_put_flag(&out, "outside", is_outside);
    tf_put_time_us(&out, "reported_at", p->at_us);
    tf_put_double(&out, "lat_deg", p->lat_deg);
    tf_put_double(&out, "lng_deg", p->lng_deg);
    tf_put_double(&out, "altitude_m", p->alt_m);
    enum tf_status rc = ops_append_entry(&out, c);
    tf_buf_release(&out);
    return rc;
}

static enum tf_status ring(const struct line_context *c, const struct ops_record *record,
                           const struct ops_position *p)
{
    char kind[OUTSIDE_ALARM_SIZE], at[TF_TIME_TEXT_SIZE], text[256];
    ops_outside_alarm(record->id, kind);
    tf_time_format(p->at_us * 1000, at);
    snprintf(text, sizeof text,
             "operation %.128s was at %.5f, %.5f, %.0f m at %s: outside of its volumes", record->id,
             p->lat_deg, p->lng_deg, p->alt_m, at);
    return line_raise_alarm(c, "", kind, "duty-officer", text);
}

static enum tf_status fall_silent(const struct line_context *c, const char *id)
{
    char kind[OUTSIDE_ALARM_SIZE];
    ops_outside_alarm(id, kind);
    return line_end_alarm(c, "", kind);
}

static enum tf_status last_report(const struct line_context *c, int64_t number, int64_t *at_us,
                                  bool *is_outside)
{
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql, "SELECT at_us, is_outside FROM ops_position WHERE number = $1",
                  SQL_ARGS(sql_int(number)), &rows);
    bool there = !rc && rows.count > 0;
    *at_us = there ? sql_at(&rows, 0, 0)->number : TF_TIME_MIN;
    *is_outside = there && sql_at(&rows, 0, 1)->number != 0;
    sql_rows_release(&rows);
    return rc;
}

/* What is nonconforming or contingent is outside with everybody's knowledge. */
static bool is_to_conform(enum ops_state state)
{
    return state == OPS_STATE_ACCEPTED || state == OPS_STATE_ACTIVATED;
}

static enum tf_status take(const struct line_context *c, const struct ops_record *record,
                           const struct ops_position *p, bool is_outside)
{
    static const char keep[] =
        "INSERT INTO ops_position (number, id, at_us, is_outside) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (number) DO UPDATE SET at_us = $3, is_outside = $4";
    int64_t last_us;
    bool was_outside;
    enum tf_status rc = last_report(c, record->number, &last_us, &was_outside);
    if (rc || p->at_us < last_us || p->at_us > c->now_us + OUTSIDE_AHEAD_US)
        return rc;
    if (is_outside && !was_outside)
        rc = ring(c, record, p);
    if (!is_outside && was_outside)
        rc = fall_silent(c, record->id);
    if (!rc && is_outside != was_outside)
        rc = log_change(c, record, p, is_outside);
    return rc ? rc
              : sql_exec(c->sql, keep,
                         SQL_ARGS(sql_int(record->number), sql_text(record->id), sql_int(p->at_us),
                                  sql_int(is_outside)),
                         NULL);
}

enum tf_status ops_conform(struct ops *ops, const struct line_context *c, const char *id,
                           const struct ops_position *position, enum ops_conformance *out)
{
    struct sql_rows rows = {0};
    struct ops_record record;
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = ops_row_find(c, "", OPS_OPERATION, id, &rows, &record);
    if (!rc && !ops_state_counts(record.state))
        rc = TF_UNSUPPORTED;
    if (!rc)
        rc = compare(&record, position, out);
    if (!rc)
        rc = take(c, &record, position, *out == OPS_OUTSIDE && is_to_conform(record.state));
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ops_outside_ends(const struct line_context *c)
{
    static const char text[] =
        "SELECT ops_position.number, ops_position.id FROM ops_position JOIN ops_record"
        " ON ops_record.number = ops_position.number WHERE ops_position.is_outside = 1 AND"
        " ops_record.state NOT IN ('accepted', 'activated') LIMIT $1";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_int(OUTSIDE_MAX)), &rows);
    for (size_t i = 0; i < rows.count && !rc; i++) {
        const struct sql_value *v = sql_at(&rows, i, 0);
        rc = fall_silent(c, v[1].bytes);
        if (!rc)
            rc = sql_exec(c->sql, "UPDATE ops_position SET is_outside = 0 WHERE number = $1",
                          SQL_ARGS(sql_int(v[0].number)), NULL);
    }
    sql_rows_release(&rows);
    return rc;
}
