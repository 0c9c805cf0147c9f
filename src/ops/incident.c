/*
 * incident.c - what was known, said and acknowledged around a place and a time.
 */
#include "ops/incident.h"

#include "ops/conform.h"
#include "ops/internal.h"
#include "ops/matter.h"
#include "ops/reading.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPORT_MAX = 4 << 20, MESSAGES_PAGE = 1000 };

struct search {
    const struct line_context *c;
    const struct ops_incident *incident;
    struct tf_shape *place;
    struct tf_buf *out;
    size_t found;
    struct ops_site_reading *reading;
};

/* --- messages about one record ------------------------------------------------------------- */

struct messages {
    const struct search *s;
    const char *alias;
    int64_t last_seq;
    size_t seen;
    enum tf_status rc;
};

static bool take_message(void *ctx, const struct line_message *m)
{
    struct messages *list = ctx;
    struct tf_buf *out = list->s->out;
    char hash[2 * KEY_HASH_SIZE + 1];
    list->last_seq = m->seq;
    list->seen++;
    bool is_named = false;
    if (m->sent_us <= list->s->incident->at_us)
        list->rc = ops_message_names(m, list->alias, &is_named);
    if (list->rc || !is_named)
        return list->rc == TF_OK;
    key_hex(m->hash, KEY_HASH_SIZE, hash);
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "line", m->line);
    tf_put_flag(out, "own", m->is_own);
    tf_put_int(out, "seq", m->seq);
    tf_put_text(out, "type", m->type);
    tf_put_time_us(out, "sent", m->sent_us);
    tf_put_time_us(out, "delivered", m->is_own ? m->receipt_us : m->received_us);
    tf_put_time_us(out, "seen", m->seen_us);
    tf_put_text(out, "seen_role", m->seen_role);
    tf_put_time_us(out, "answered", m->answered_us);
    tf_put_text(out, "assessment", m->assessment);
    tf_put_int(out, "ledger_index", (int64_t)m->ledger_index);
    tf_put_text(out, "hash", hash);
    tf_buf_char(out, '}');
    return true;
}

static enum tf_status messages_on(const struct search *s, const char *line, bool is_own,
                                  const char *alias)
{
    struct messages list = {.s = s, .alias = alias};
    enum tf_status rc;
    do {
        list.seen = 0;
        rc = line_each_message(s->c, line, is_own, list.last_seq, MESSAGES_PAGE, take_message,
                               &list);
        rc = rc ? rc : list.rc;
    } while (!rc && list.seen == MESSAGES_PAGE);
    return rc;
}

struct lines {
    char (*ids)[LINE_ID_SIZE];
    size_t count, capacity;
    bool failed;
};

static bool take_line(void *ctx, const struct line_info *info)
{
    struct lines *lines = ctx;
    if (lines->count == lines->capacity) {
        size_t capacity = lines->capacity ? 2 * lines->capacity : 8;
        void *grown = realloc(lines->ids, capacity * sizeof *lines->ids);
        lines->failed = !grown;
        if (!grown)
            return false;
        lines->ids = grown;
        lines->capacity = capacity;
    }
    memcpy(lines->ids[lines->count++], info->id, LINE_ID_SIZE);
    return true;
}

static enum tf_status put_messages(const struct search *s, const struct ops_record *record)
{
    struct lines lines = {.count = 0};
    enum tf_status rc = TF_OK;
    tf_put_open(s->out, "messages", '[');
    if (record->owner[0]) {
        rc = messages_on(s, record->owner, false, record->id);
    } else {
        rc = line_each(s->c, take_line, &lines);
        rc = rc ? rc : lines.failed ? TF_NOMEM : TF_OK;
    }
    for (size_t i = 0; !rc && i < lines.count; i++) {
        char alias[OPS_ID_SIZE];
        rc = ops_alias(s->c, lines.ids[i], record->class, record->id, alias);
        if (!rc)
            rc = messages_on(s, lines.ids[i], true, alias);
    }
    tf_buf_char(s->out, ']');
    free(lines.ids);
    return rc;
}

/* --- records ------------------------------------------------------------------------------------
 */

/* How near its volumes come that meet the window; negative: none does. */
static double nearest_m(const struct search *s, const struct tf_entity *entity)
{
    double best_m = -1;
    int64_t from_us = s->incident->at_us - s->incident->before_s * 1000000,
            until_us = s->incident->at_us + s->incident->after_s * 1000000;
    for (size_t i = 0; i < entity->volume_count; i++) {
        const struct tf_volume4 *v = &entity->volumes[i];
        if (v->start_ns >= until_us * 1000 || v->end_ns <= from_us * 1000)
            continue;
        double distance_m = tf_shape_distance_m(s->place, v->shape);
        if (best_m < 0 || distance_m < best_m)
            best_m = distance_m;
    }
    return best_m;
}

static enum tf_status look_at(struct search *s, const struct ops_record *record)
{
    struct tf_entity entity = {0};
    enum tf_status rc = ops_entity_of(record, &entity);
    double distance_m = rc ? -1 : nearest_m(s, &entity);
    tf_entity_release(&entity);
    if (rc || distance_m < 0 || distance_m > s->incident->radius_m)
        return rc;
    if (s->found++ >= OPS_INCIDENT_RECORDS_MAX)
        return TF_OK;
    rc = ops_reading_add(s->reading, record);
    tf_put_open(s->out, NULL, '{');
    tf_put_double(s->out, "distance_m", distance_m);
    tf_put_name(s->out, "record");
    ops_print_record(s->out, record, true);
    if (!rc)
        rc = put_messages(s, record);
    tf_buf_char(s->out, '}');
    return rc;
}

static enum tf_status look_around(struct search *s)
{
    static const char text[] =
        "SELECT " OPS_COLUMNS " FROM ops_version v WHERE changed_us <= $1 AND start_us < $3"
        " AND end_us > $2 AND version = (SELECT MAX(w.version) FROM ops_version w"
        " WHERE w.number = v.number AND w.changed_us <= $1) AND number > $4"
        " ORDER BY number LIMIT 500";
    const struct ops_incident *incident = s->incident;
    int64_t after = 0;
    enum tf_status rc = TF_OK;
    size_t count;
    do {
        struct sql_rows rows = {0};
        rc = sql_query(s->c->sql, text,
                       SQL_ARGS(sql_int(incident->at_us),
                                sql_int(incident->at_us - incident->before_s * 1000000),
                                sql_int(incident->at_us + incident->after_s * 1000000),
                                sql_int(after)),
                       &rows);
        count = rc ? 0 : rows.count;
        for (size_t i = 0; i < count && !rc; i++) {
            struct ops_record record;
            rc = ops_row(&rows, i, &record);
            if (!rc)
                rc = look_at(s, &record);
            after = rc ? after : record.number;
        }
        sql_rows_release(&rows);
    } while (!rc && count == 500);
    return rc;
}

/* --- positions ----------------------------------------------------------------------------------
 */

/* Half of those that are shown are from before the incident, half from after it: the nearest in
 * time. */
enum { BY_SIZE = KEY_NAME_SIZE + 16 };
struct seen {
    struct ops_track_point point;
    char operation[OPS_ID_SIZE], by[BY_SIZE];
    double distance_m;
};
struct track {
    const struct search *s;
    struct seen *seen; /* OPS_INCIDENT_POSITIONS_MAX / 2 of them */
    size_t count, more;
};

/* Perhaps within the radius, by its accuracy. */
static bool is_near(const struct ops_incident *incident, const struct ops_position *p,
                    double *distance_m)
{
    const double reach_m = incident->radius_m + p->accuracy_h_m, degree_m = 110000;
    if (fabs(p->lat_deg - incident->at.lat_deg) * degree_m > reach_m)
        return false; /* most of them: no degree is as short */
    *distance_m =
        tf_geodesic_inverse(incident->at, (struct tf_latlng){p->lat_deg, p->lng_deg}, NULL, NULL);
    return *distance_m <= reach_m;
}

static bool take_point(void *ctx, const struct ops_track_point *point)
{
    struct track *track = ctx;
    double distance_m;
    if (!is_near(track->s->incident, &point->position, &distance_m))
        return true;
    if (track->count == OPS_INCIDENT_POSITIONS_MAX / 2) {
        track->more++;
        return true;
    }
    struct seen *seen = &track->seen[track->count++];
    *seen = (struct seen){.point = *point, .distance_m = distance_m};
    snprintf(seen->operation, sizeof seen->operation, "%s", point->operation);
    snprintf(seen->by, sizeof seen->by, "%s", point->by);
    return true;
}

static void put_seen(struct tf_buf *out, const struct seen *seen)
{
    const struct ops_position *p = &seen->point.position;
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "operation", seen->operation);
    tf_put_int(out, "version", seen->point.version);
    tf_put_time_us(out, "at", p->at_us);
    tf_put_time_us(out, "taken", seen->point.taken_us);
    tf_put_double(out, "lat_deg", p->lat_deg);
    tf_put_double(out, "lng_deg", p->lng_deg);
    tf_put_double(out, "altitude_m", p->alt_m);
    tf_put_double(out, "accuracy_h_m", p->accuracy_h_m);
    tf_put_double(out, "accuracy_v_m", p->accuracy_v_m);
    tf_put_double(out, "distance_m", seen->distance_m);
    tf_put_text(out, "conformance", ops_conformance_word(seen->point.conformance));
    tf_put_text(out, "by", seen->by);
    tf_buf_char(out, '}');
}

/* Where operations of this party were reported to be, in order of time. */
static enum tf_status put_positions(const struct search *s)
{
    const struct ops_incident *incident = s->incident;
    size_t half = OPS_INCIDENT_POSITIONS_MAX / 2;
    struct track before = {.s = s, .seen = calloc(half, sizeof *before.seen)},
                 after = {.s = s, .seen = calloc(half, sizeof *after.seen)};
    enum tf_status rc = before.seen && after.seen ? TF_OK : TF_NOMEM;
    if (!rc)
        rc = ops_track_each(s->c, incident->at_us - incident->before_s * 1000000, incident->at_us,
                            true, take_point, &before);
    if (!rc)
        rc =
            ops_track_each(s->c, incident->at_us, incident->at_us + incident->after_s * 1000000 + 1,
                           false, take_point, &after);
    tf_put_open(s->out, "positions", '[');
    for (size_t i = before.count; !rc && i > 0; i--)
        put_seen(s->out, &before.seen[i - 1]);
    for (size_t i = 0; !rc && i < after.count; i++)
        put_seen(s->out, &after.seen[i]);
    tf_buf_char(s->out, ']');
    tf_put_int(s->out, "more_positions", (int64_t)(before.more + after.more));
    free(before.seen);
    free(after.seen);
    return rc;
}

/* --- reports
 * ---------------------------------------------------------------------------------------- */

static enum tf_status check_report(const struct ops_incident *incident,
                                   const struct line_context *c, struct tf_fault *fault)
{
    if (!tf_latlng_is_valid(incident->at))
        return ops_refuse(fault, TF_RANGE, "lat_deg", TF_TEXT("This is no place on Earth."), NULL);
    if (incident->at_us > c->now_us + 60 * INT64_C(1000000))
        return ops_refuse(fault, TF_TIME, "at", TF_TEXT("It has not happened yet."), NULL);
    if (!(incident->radius_m >= 0 && incident->radius_m <= 200000))
        return ops_refuse(fault, TF_RANGE, "radius_m",
                          TF_TEXT("The radius is between 0 and 200,000 m."), NULL);
    if (incident->before_s < 0 || incident->after_s < 0 || incident->before_s > 7 * 86400 ||
        incident->after_s > 7 * 86400)
        return ops_refuse(fault, TF_RANGE, "before_s",
                          TF_TEXT("It is looked at most seven days before and after."), NULL);
    return TF_OK;
}

static void put_report(struct tf_buf *out, const struct ops_incident *incident, const char *id,
                       const struct line_context *c, const struct ops_who *who)
{
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "id", id);
    tf_put_time_us(out, "at", incident->at_us);
    tf_put_double(out, "lat_deg", incident->at.lat_deg);
    tf_put_double(out, "lng_deg", incident->at.lng_deg);
    tf_put_double(out, "radius_m", incident->radius_m);
    tf_put_int(out, "before_s", incident->before_s);
    tf_put_int(out, "after_s", incident->after_s);
    tf_put_text(out, "text", incident->text);
    tf_put_time_us(out, "reported", c->now_us);
    tf_put_text(out, "by", c->actor);
    tf_put_text(out, "role", who->role);
}

static enum tf_status keep_report(const struct line_context *c, const char *id,
                                  const struct ops_who *who, const char *report, size_t len)
{
    static const char text[] = "INSERT INTO ops_incident (id, made_us, report) VALUES ($1, $2, $3)";
    struct sql_value args[] = {sql_text(id), sql_int(c->now_us), {SQL_TEXT, 0, report, len}};
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1];
    struct tf_buf out = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    key_sha256(&(struct key_piece){report, len}, 1, hash);
    key_hex(hash, sizeof hash, hex);
    enum tf_status rc = sql_exec(c->sql, text, args, 3, NULL);
    ops_put_entry(&out, "incident", c);
    tf_put_text(&out, "id", id);
    tf_put_text(&out, "actor", c->actor);
    tf_put_text(&out, "role", who->role);
    tf_put_text(&out, "report_sha256", hex);
    if (!rc)
        rc = ops_append_entry(&out, c);
    if (!rc)
        rc = line_add_event(c, "incident", out.data);
    tf_buf_release(&out);
    return rc;
}

enum tf_status ops_incident_report(struct ops *ops, const struct line_context *c,
                                   const struct ops_incident *incident, const struct ops_who *who,
                                   struct tf_buf *out, struct tf_fault *fault)
{
    struct ops_site_reading reading = {.c = c, .purpose = "incident"};
    struct search s = {.c = c, .incident = incident, .out = out, .reading = &reading};
    char id[32];
    int64_t change;
    size_t begun = out->len;
    enum tf_status rc = ops_enter(ops, c);
    if (!rc)
        rc = check_report(incident, c, fault);
    if (!rc)
        rc = ops_last_change(ops, c, &change);
    if (!rc)
        rc = tf_shape_circle(incident->at, 0, &s.place, fault);
    if (rc)
        return rc;
    snprintf(id, sizeof id, "incident-%lld", (long long)(c->now_us / 1000));
    put_report(out, incident, id, c, who);
    tf_put_int(out, "change", change);
    tf_put_open(out, "found", '[');
    rc = look_around(&s);
    tf_buf_char(out, ']');
    tf_put_int(out, "more",
               s.found > OPS_INCIDENT_RECORDS_MAX ? (int64_t)(s.found - OPS_INCIDENT_RECORDS_MAX)
                                                  : 0);
    if (!rc)
        rc = put_positions(&s);
    tf_buf_char(out, '}');
    if (!rc)
        rc = tf_buf_status(out);
    if (rc == TF_LIMIT)
        rc = ops_refuse(fault, TF_TOO_LARGE, "radius_m",
                        TF_TEXT("There is too much around it. Give a smaller radius."), NULL);
    if (!rc)
        rc = ops_reading_end(&reading);
    if (!rc)
        rc = keep_report(c, id, who, out->data + begun, out->len - begun);
    if (rc == TF_EXISTS)
        rc = TF_BUSY; /* two in one millisecond */
    ops_reading_drop(&reading);
    tf_shape_unref(s.place);
    return rc;
}

/* A report that is read again shows its sensitive sites again. */
static enum tf_status shown_again(struct ops_site_reading *reading, const char *json, size_t len)
{
    json_t *report = json_loadb(json, len, 0, NULL), *one;
    enum tf_status rc = report ? TF_OK : TF_NOMEM;
    size_t i;
    json_array_foreach(json_object_get(report, "found"), i, one)
    {
        json_t *record = json_object_get(one, "record");
        const char *owner = json_string_value(json_object_get(record, "owner"));
        json_t *sensitive = json_object_get(json_object_get(record, "extra"), "sensitive");
        if (!rc && owner && sensitive)
            rc = json_object_set(record, "sensitive", sensitive)
                     ? TF_NOMEM
                     : ops_reading_body(reading, owner, record);
    }
    json_decref(report);
    return rc;
}

enum tf_status ops_incident_each(struct ops *ops, const struct line_context *c, const char *id,
                                 size_t limit,
                                 bool (*visit)(void *ctx, const char *json, size_t len), void *ctx)
{
    static const char text[] = "SELECT report FROM ops_incident WHERE $1 = '' OR id = $1"
                               " ORDER BY made_us DESC LIMIT $2";
    struct ops_site_reading reading = {.c = c, .purpose = "incident"};
    struct sql_rows rows = {0};
    (void)ops;
    enum tf_status rc =
        sql_query(c->sql, text, SQL_ARGS(sql_text(id ? id : ""), sql_int((int64_t)limit)), &rows);
    if (!rc && id && rows.count == 0)
        rc = TF_NOT_FOUND;
    for (size_t i = 0; !rc && i < rows.count; i++) {
        const struct sql_value *report = sql_at(&rows, i, 0);
        rc = shown_again(&reading, report->bytes, report->len);
        if (!rc && !visit(ctx, report->bytes, report->len))
            break;
    }
    sql_rows_release(&rows);
    if (!rc)
        rc = ops_reading_end(&reading);
    ops_reading_drop(&reading);
    return rc;
}
