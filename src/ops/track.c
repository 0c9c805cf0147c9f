/*
 * track.c - what was reported of where operations are; see conform.h. ops_track has it, in numbers
 * that both databases know: degrees times 1e9, metres times 1000.
 */
#include "ops/conform.h"

#include "ops/internal.h"
#include <math.h>
#include <string.h>

#define DAY_US INT64_C(86400000000)
#define DEGREE 1e9
#define METRE 1e3
enum { PAGE = 1000 };

/* --- keeping --------------------------------------------------------------------------------- */

/* Does the report before it say the same, a moment ago? */
static enum tf_status is_said(const struct line_context *c, int64_t number,
                              const struct ops_position *p, enum ops_conformance conformance,
                              bool *out)
{
    static const char text[] = "SELECT at_us, conformance FROM ops_track WHERE number = $1 AND"
                               " at_us <= $2 ORDER BY at_us DESC LIMIT 1";
    int64_t apart_us =
        (conformance == OPS_WITHIN ? TRACK_WITHIN_S : TRACK_OTHERS_S) * INT64_C(1000000);
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql, text, SQL_ARGS(sql_int(number), sql_int(p->at_us)), &rows);
    *out = !rc && rows.count > 0 && sql_at(&rows, 0, 1)->number == (int64_t)conformance &&
           p->at_us - sql_at(&rows, 0, 0)->number < apart_us;
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ops_track_add(const struct line_context *c, const struct ops_record *record,
                             const struct ops_position *p, enum ops_conformance conformance)
{
    static const char text[] =
        "INSERT INTO ops_track (number, at_us, taken_us, id, version, conformance, lat, lng, alt,"
        " accuracy_h, accuracy_v, who) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT (number, at_us) DO NOTHING";
    bool said =
        p->at_us > c->now_us + OUTSIDE_AHEAD_US || p->at_us <= c->now_us - TRACK_DAYS * DAY_US;
    enum tf_status rc = said ? TF_OK : is_said(c, record->number, p, conformance, &said);
    if (rc || said)
        return rc;
    return sql_exec(
        c->sql, text,
        SQL_ARGS(sql_int(record->number), sql_int(p->at_us), sql_int(c->now_us),
                 sql_text(record->id), sql_int(record->version), sql_int(conformance),
                 sql_int(llround(p->lat_deg * DEGREE)), sql_int(llround(p->lng_deg * DEGREE)),
                 sql_int(llround(p->alt_m * METRE)), sql_int(llround(p->accuracy_h_m * METRE)),
                 sql_int(llround(p->accuracy_v_m * METRE)), sql_text(c->actor ? c->actor : "")),
        NULL);
}

/* Mostly there is nothing to do, and one row of the index says so. */
enum tf_status ops_track_prune(const struct line_context *c)
{
    static const char first[] = "SELECT at_us FROM ops_track ORDER BY at_us LIMIT 1";
    static const char text[] =
        "DELETE FROM ops_track WHERE at_us <= $1 AND at_us <= (SELECT MAX(at_us) FROM (SELECT at_us"
        " FROM ops_track ORDER BY at_us LIMIT $2) AS oldest)";
    int64_t until_us = c->now_us - TRACK_DAYS * DAY_US;
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, first, SQL_NO_ARGS, &rows);
    if (!rc && rows.count > 0 && sql_at(&rows, 0, 0)->number <= until_us)
        rc = sql_exec(c->sql, text, SQL_ARGS(sql_int(until_us), sql_int(TRACK_PRUNED_MAX)), NULL);
    sql_rows_release(&rows);
    return rc;
}

/* --- reading --------------------------------------------------------------------------------- */

#define COLUMNS                                                                                    \
    "SELECT number, at_us, taken_us, id, version, conformance, lat, lng, alt, accuracy_h,"         \
    " accuracy_v, who FROM ops_track WHERE "

static struct ops_track_point point_of(const struct sql_value *v)
{
    return (struct ops_track_point){.position = {.lat_deg = (double)v[6].number / DEGREE,
                                                 .lng_deg = (double)v[7].number / DEGREE,
                                                 .alt_m = (double)v[8].number / METRE,
                                                 .accuracy_h_m = (double)v[9].number / METRE,
                                                 .accuracy_v_m = (double)v[10].number / METRE,
                                                 .at_us = v[1].number},
                                    .conformance = (enum ops_conformance)v[5].number,
                                    .taken_us = v[2].number,
                                    .version = v[4].number,
                                    .operation = v[3].bytes,
                                    .by = v[11].bytes};
}

/* Page by page: by time, and at one time by the operation's number. */
enum tf_status ops_track_each(const struct line_context *c, int64_t from_us, int64_t until_us,
                              bool is_backward,
                              bool (*visit)(void *ctx, const struct ops_track_point *point),
                              void *ctx)
{
    static const char forward[] = COLUMNS "at_us < $2 AND (at_us > $1 OR (at_us = $1 AND number >"
                                          " $3)) ORDER BY at_us, number LIMIT $4";
    static const char backward[] = COLUMNS "at_us >= $1 AND (at_us < $2 OR (at_us = $2 AND number <"
                                           " $3)) ORDER BY at_us DESC, number DESC LIMIT $4";
    int64_t number = is_backward ? 0 : -1;
    bool more = true;
    enum tf_status rc = TF_OK;
    while (!rc && more) {
        struct sql_rows rows = {0};
        rc = sql_query(
            c->sql, is_backward ? backward : forward,
            SQL_ARGS(sql_int(from_us), sql_int(until_us), sql_int(number), sql_int(PAGE)), &rows);
        more = !rc && rows.count == PAGE;
        for (size_t i = 0; i < rows.count && !rc; i++) {
            const struct sql_value *v = sql_at(&rows, i, 0);
            const struct ops_track_point point = point_of(v);
            number = v[0].number;
            *(is_backward ? &until_us : &from_us) = v[1].number;
            if (!visit(ctx, &point)) {
                more = false;
                break;
            }
        }
        sql_rows_release(&rows);
    }
    return rc;
}
