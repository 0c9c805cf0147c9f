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

void ops_unheard_alarm(const char *id, char out[UNHEARD_ALARM_SIZE])
{
    ops_alarm_kind("unheard", id, out, UNHEARD_ALARM_SIZE);
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

static enum tf_status end_unheard(const struct line_context *c, const char *id)
{
    char kind[UNHEARD_ALARM_SIZE];
    ops_unheard_alarm(id, kind);
    return line_end_alarm(c, "", kind);
}

/* What is known of the last report that was taken. */
enum watch { WATCH_NONE, WATCH_HEARD, WATCH_UNHEARD };
struct last {
    int64_t at_us, heard_us;
    bool is_outside;
    enum watch watch;
};

static enum tf_status last_report(const struct line_context *c, int64_t number, struct last *out)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(
        c->sql, "SELECT at_us, is_outside, heard_us, watch FROM ops_position WHERE number = $1",
        SQL_ARGS(sql_int(number)), &rows);
    *out = (struct last){.at_us = TF_TIME_MIN};
    if (!rc && rows.count > 0) {
        const struct sql_value *v = sql_at(&rows, 0, 0);
        *out = (struct last){.at_us = v[0].number,
                             .is_outside = v[1].number != 0,
                             .heard_us = v[2].number,
                             .watch = (enum watch)v[3].number};
    }
    sql_rows_release(&rows);
    return rc;
}

/* What is nonconforming or contingent is outside with everybody's knowledge. */
static bool is_to_conform(enum ops_state state)
{
    return state == OPS_STATE_ACCEPTED || state == OPS_STATE_ACTIVATED;
}

static enum tf_status tell(const struct line_context *c, const struct ops_record *record,
                           const struct ops_position *p, const struct last *last, bool is_outside)
{
    enum tf_status rc = TF_OK;
    if (is_outside && !last->is_outside)
        rc = ring(c, record, p);
    if (!is_outside && last->is_outside)
        rc = fall_silent(c, record->id);
    if (!rc && is_outside != last->is_outside)
        rc = log_change(c, record, p, is_outside);
    return rc || last->watch != WATCH_UNHEARD ? rc : end_unheard(c, record->id);
}

static enum tf_status take(const struct line_context *c, const struct ops_record *record,
                           const struct ops_position *p, bool is_outside)
{
    static const char keep[] =
        "INSERT INTO ops_position (number, id, at_us, is_outside, heard_us, gap_us, watch)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (number) DO UPDATE SET at_us = $3,"
        " is_outside = $4, heard_us = $5, gap_us = $6, watch = $7";
    struct last last;
    enum tf_status rc = last_report(c, record->number, &last);
    if (rc || p->at_us < last.at_us || p->at_us > c->now_us + OUTSIDE_AHEAD_US)
        return rc;
    rc = tell(c, record, p, &last, is_outside);
    enum watch watch = record->state == OPS_STATE_ACCEPTED ? WATCH_NONE : WATCH_HEARD;
    int64_t gap_us = last.watch == WATCH_NONE ? 0 : c->now_us - last.heard_us;
    return rc ? rc
              : sql_exec(c->sql, keep,
                         SQL_ARGS(sql_int(record->number), sql_text(record->id), sql_int(p->at_us),
                                  sql_int(is_outside), sql_int(c->now_us), sql_int(gap_us),
                                  sql_int(watch)),
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
        rc = ops_track_add(c, &record, position, *out);
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

/* --- what does not come any more ----------------------------------------------------------------
 */

#define BEGAN "('activated', 'nonconforming', 'contingent')"

static enum tf_status set_watch(const struct line_context *c, int64_t number, enum watch watch)
{
    return sql_exec(c->sql, "UPDATE ops_position SET watch = $2 WHERE number = $1",
                    SQL_ARGS(sql_int(number), sql_int(watch)), NULL);
}

/* Of what is over nothing is waited for. */
static enum tf_status stop_watching(const struct line_context *c)
{
    static const char text[] =
        "SELECT ops_position.number, ops_position.id, ops_position.watch FROM ops_position JOIN"
        " ops_record ON ops_record.number = ops_position.number WHERE ops_position.watch > 0 AND"
        " ops_record.state NOT IN " BEGAN " LIMIT $1";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, text, SQL_ARGS(sql_int(UNHEARD_MAX)), &rows);
    for (size_t i = 0; i < rows.count && !rc; i++) {
        const struct sql_value *v = sql_at(&rows, i, 0);
        if (v[2].number == WATCH_UNHEARD)
            rc = end_unheard(c, v[1].bytes);
        if (!rc)
            rc = set_watch(c, v[0].number, WATCH_NONE);
    }
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status ring_unheard(const struct line_context *c, const char *id, int64_t heard_us)
{
    char kind[UNHEARD_ALARM_SIZE], at[TF_TIME_TEXT_SIZE], text[256];
    ops_unheard_alarm(id, kind);
    tf_time_format(heard_us / 1000000 * INT64_C(1000000000), at);
    snprintf(text, sizeof text, "operation %.128s has not reported where it is since %s", id, at);
    return line_raise_alarm(c, "", kind, "duty-officer", text);
}

/* Three times as long as between the last two. */
static int64_t patience_us(int64_t gap_us)
{
    const int64_t least_us = UNHEARD_LEAST_S * INT64_C(1000000),
                  most_us = UNHEARD_MOST_S * INT64_C(1000000);
    if (gap_us <= 0 || gap_us >= most_us / 3)
        return most_us;
    return 3 * gap_us < least_us ? least_us : 3 * gap_us;
}

enum tf_status ops_unheard(struct ops *ops, const struct line_context *c)
{
    static const char text[] =
        "SELECT number, id, heard_us, gap_us FROM ops_position WHERE watch = $1 AND heard_us <= $2"
        " ORDER BY heard_us";
    struct sql_rows rows = {0};
    size_t rung = 0;
    if (!ops->listening_us)
        ops->listening_us = c->now_us;
    enum tf_status rc = stop_watching(c);
    if (!rc)
        rc = sql_query(
            c->sql, text,
            SQL_ARGS(sql_int(WATCH_HEARD), sql_int(c->now_us - UNHEARD_LEAST_S * INT64_C(1000000))),
            &rows);
    for (size_t i = 0; i < rows.count && !rc && rung < UNHEARD_MAX; i++) {
        const struct sql_value *v = sql_at(&rows, i, 0);
        int64_t since_us = v[2].number > ops->listening_us ? v[2].number : ops->listening_us;
        if (c->now_us - since_us < patience_us(v[3].number))
            continue;
        rc = ring_unheard(c, v[1].bytes, v[2].number);
        if (!rc)
            rc = set_watch(c, v[0].number, WATCH_UNHEARD);
        rung++;
    }
    sql_rows_release(&rows);
    return rc;
}
