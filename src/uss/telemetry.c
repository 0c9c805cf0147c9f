/*
 * telemetry.c - position reports: read, kept, printed as F3548 has them.
 */
#include "uss/telemetry.h"

#include "format/json.h"
#include <math.h>
#include <stdio.h>

/* --- words ------------------------------------------------------------------------------------ */

struct word {
    const char *word;
    double within_m; /* INFINITY: worse than all others; NAN: unknown */
};
static const struct word horizontal[] = {{"HA1m", 1},
                                         {"HA3m", 3},
                                         {"HA10m", 10},
                                         {"HA30m", 30},
                                         {"HA005NM", 92.6},
                                         {"HA01NM", 185.2},
                                         {"HA03NM", 555.6},
                                         {"HA05NM", 926},
                                         {"HA1NM", 1852},
                                         {"HA2NM", 3704},
                                         {"HA4NM", 7408},
                                         {"HA10NM", 18520},
                                         {"HA10NMPlus", INFINITY},
                                         {"HAUnknown", NAN},
                                         {NULL, 0}};
static const struct word vertical[] = {{"VA1m", 1},
                                       {"VA3m", 3},
                                       {"VA10m", 10},
                                       {"VA25m", 25},
                                       {"VA45m", 45},
                                       {"VA150m", 150},
                                       {"VA150mPlus", INFINITY},
                                       {"VAUnknown", NAN},
                                       {NULL, 0}};
static const struct word speeds[] = {
    {"SA03mps", 0.3},          {"SA1mps", 1},      {"SA3mps", 3}, {"SA10mps", 10},
    {"SA10mpsPlus", INFINITY}, {"SAUnknown", NAN}, {NULL, 0}};

static void word_of(const struct word *words, double value, char out[USS_ACCURACY_SIZE])
{
    while (words[1].word && !(isnan(value) ? isnan(words->within_m) : value <= words->within_m))
        words++;
    snprintf(out, USS_ACCURACY_SIZE, "%s", words->word);
}

void uss_accuracy_words(struct uss_position *position, double horizontal_m, double vertical_m)
{
    word_of(horizontal, horizontal_m, position->accuracy_h);
    word_of(vertical, vertical_m, position->accuracy_v);
    word_of(speeds, NAN, position->speed_accuracy);
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum tf_status read_word(const struct tf_json *object, const char *name,
                                const struct word *words, char out[USS_ACCURACY_SIZE],
                                struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, name);
    const char *text;
    word_of(words, NAN, out);
    if (!tf_json_there(&at))
        return TF_OK;
    enum tf_status rc = tf_json_text(&at, &text, fault);
    for (; !rc && words->word; words++)
        if (strcmp(words->word, text) == 0) {
            snprintf(out, USS_ACCURACY_SIZE, "%s", text);
            return TF_OK;
        }
    return rc ? rc
              : tf_json_fault(&at, TF_SYNTAX,
                              TF_TEXT("\"%1\" is none of the words that are known."), text, NULL,
                              fault);
}

static enum tf_status read_range(const struct tf_json *object, const char *name, double least,
                                 double most, double absent, double *out, struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, name);
    double value = absent;
    enum tf_status rc =
        tf_json_there(&at) || isinf(absent) ? tf_json_number(&at, &value, fault) : TF_OK;
    if (!rc && !isnan(value) && (value < least || value > most))
        rc = tf_json_fault(&at, TF_RANGE, TF_TEXT("this number is out of its range"), NULL, NULL,
                           fault);
    if (!rc)
        *out = value;
    return rc;
}

static enum tf_status read_altitude(const struct tf_json *position, double *out,
                                    struct tf_fault *fault)
{
    struct tf_json list = tf_json_get(position, "altitudes");
    enum tf_status rc = tf_json_array(&list, fault);
    for (size_t i = 0; !rc && i < tf_json_count(&list); i++) {
        struct tf_json item = tf_json_item(&list, i), reference = tf_json_get(&item, "reference");
        const char *word;
        rc = tf_json_text(&reference, &word, fault);
        if (!rc && strcmp(word, "W84") == 0)
            return read_range(&item, "value", TF_ALT_MIN_M, TF_ALT_MAX_M, INFINITY, out, fault);
    }
    return rc ? rc
              : tf_json_fault(&list, TF_UNSUPPORTED,
                              TF_TEXT("Altitudes must be above the ellipsoid (W84)."), NULL, NULL,
                              fault);
}

enum tf_status uss_read_aircraft(const json_t *state, const char *path, struct uss_position *out,
                                 struct tf_fault *fault)
{
    struct tf_json top = {0};
    struct tf_json root = {.up = &top, .key = path, .value = state};
    struct tf_json time = tf_json_get(&root, "timestamp"), value = tf_json_get(&time, "value");
    struct tf_json position = tf_json_get(&root, "position");
    struct tf_json place = tf_json_get(&position, "location");
    struct uss_position p = {.at_us = 0};
    int64_t at_ns = 0;
    enum tf_status rc = tf_json_object(&root, fault);
    if (!rc)
        rc = tf_json_time(&value, &at_ns, fault);
    if (!rc)
        rc = read_range(&place, "lat", -90, 90, INFINITY, &p.lat_deg, fault);
    if (!rc)
        rc = read_range(&place, "lng", -180, 180, INFINITY, &p.lng_deg, fault);
    if (!rc)
        rc = read_altitude(&position, &p.alt_m, fault);
    if (!rc)
        rc = read_range(&root, "speed", 0, 100000, NAN, &p.speed_mps, fault);
    if (!rc)
        rc = read_range(&root, "track", 0, 360, 360, &p.track_deg, fault);
    if (!rc)
        rc = read_word(&position, "accuracy_h", horizontal, p.accuracy_h, fault);
    if (!rc)
        rc = read_word(&position, "accuracy_v", vertical, p.accuracy_v, fault);
    if (!rc)
        rc = read_word(&root, "speed_accuracy", speeds, p.speed_accuracy, fault);
    p.at_us = at_ns / 1000;
    if (!rc)
        *out = p;
    return rc;
}

/* --- printing --------------------------------------------------------------------------------- */

static void put_time(struct tf_buf *out, int64_t at_us)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(at_us * 1000, text);
    tf_buf_printf(out, "{\"value\":\"%s\",\"format\":\"RFC3339\"}", text);
}

/* F3548's VehicleTelemetry. Reports are what was measured, never what was guessed from it. */
static void put_vehicle(struct tf_buf *out, const struct uss_position *p)
{
    tf_buf_text(out, "{\"time_measured\":");
    put_time(out, p->at_us);
    tf_buf_printf(out,
                  ",\"position\":{\"longitude\":%.7f,\"latitude\":%.7f,\"accuracy_h\":\"%s\","
                  "\"accuracy_v\":\"%s\",\"extrapolated\":false,\"altitude\":{\"value\":%.3f,"
                  "\"reference\":\"W84\",\"units\":\"M\"}}",
                  p->lng_deg, p->lat_deg, p->accuracy_h, p->accuracy_v, p->alt_m);
    if (!isnan(p->speed_mps))
        tf_buf_printf(out,
                      ",\"velocity\":{\"speed\":%.3f,\"units_speed\":\"MetersPerSecond\","
                      "\"track\":%.3f,\"speed_accuracy\":\"%s\"}",
                      p->speed_mps, p->track_deg, p->speed_accuracy);
    tf_buf_char(out, '}');
}

/* --- keeping ---------------------------------------------------------------------------------- */

static enum tf_status count(const struct line_context *c, const char *id, int64_t *out)
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, "SELECT COUNT(*) FROM uss_telemetry WHERE intent = $1",
                                  SQL_ARGS(sql_text(id)), &rows);
    if (!rc)
        *out = sql_at(&rows, 0, 0)->number;
    sql_rows_release(&rows);
    return rc;
}

/* Of what is past the last two are of use. */
static enum tf_status prune(const struct line_context *c, const char *id)
{
    return sql_exec(c->sql,
                    "DELETE FROM uss_telemetry WHERE intent = $1 AND at_us < (SELECT MIN(at_us)"
                    " FROM (SELECT at_us FROM uss_telemetry WHERE intent = $1 AND at_us <= $2"
                    " ORDER BY at_us DESC LIMIT 2) AS last)",
                    SQL_ARGS(sql_text(id), sql_int(c->now_us)), NULL);
}

enum tf_status uss_telemetry_add(const struct line_context *c, const struct tf_uuid *intent,
                                 const struct uss_position *position)
{
    char id[TF_UUID_TEXT_SIZE];
    struct tf_buf body = TF_BUF_INIT(4096);
    int64_t known = 0;
    tf_uuid_format(intent, id);
    put_vehicle(&body, position);
    enum tf_status rc = tf_buf_status(&body);
    if (!rc)
        rc = prune(c, id);
    if (!rc)
        rc = count(c, id, &known);
    if (!rc && known >= USS_REPORTS_OF_ONE_MAX)
        rc = TF_RANGE;
    if (!rc)
        rc = sql_exec(c->sql,
                      "INSERT INTO uss_telemetry (intent, at_us, body) VALUES ($1, $2, $3)"
                      " ON CONFLICT (intent, at_us) DO NOTHING",
                      SQL_ARGS(sql_text(id), sql_int(position->at_us), sql_text(body.data)), NULL);
    tf_buf_release(&body);
    return rc;
}

enum tf_status uss_telemetry_unqueue(const struct line_context *c, const struct tf_uuid *intent)
{
    char id[TF_UUID_TEXT_SIZE];
    tf_uuid_format(intent, id);
    return sql_exec(c->sql, "DELETE FROM uss_telemetry WHERE intent = $1 AND at_us > $2",
                    SQL_ARGS(sql_text(id), sql_int(c->now_us)), NULL);
}

enum tf_status uss_telemetry_forget(const struct line_context *c, const struct tf_uuid *intent)
{
    char id[TF_UUID_TEXT_SIZE];
    tf_uuid_format(intent, id);
    return sql_exec(c->sql, "DELETE FROM uss_telemetry WHERE intent = $1", SQL_ARGS(sql_text(id)),
                    NULL);
}

/* 0: not known. */
static int64_t next_of(const struct sql_rows *queued, const struct sql_rows *past, int64_t now_us)
{
    if (queued->count > 0)
        return sql_at(queued, 0, 0)->number;
    if (past->count < 2)
        return 0;
    int64_t last_us = sql_at(past, 0, 0)->number, before_us = sql_at(past, 1, 0)->number;
    return 2 * last_us - before_us > now_us ? 2 * last_us - before_us : 0;
}

enum tf_status uss_telemetry_print(const struct line_context *c, const struct tf_uuid *intent,
                                   struct tf_buf *out)
{
    char id[TF_UUID_TEXT_SIZE];
    struct sql_rows past = {0}, queued = {0};
    tf_uuid_format(intent, id);
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT at_us, body FROM uss_telemetry WHERE intent = $1 AND"
                                  " at_us <= $2 ORDER BY at_us DESC LIMIT 2",
                                  SQL_ARGS(sql_text(id), sql_int(c->now_us)), &past);
    if (!rc)
        rc = sql_query(c->sql,
                       "SELECT at_us FROM uss_telemetry WHERE intent = $1 AND at_us > $2"
                       " ORDER BY at_us LIMIT 1",
                       SQL_ARGS(sql_text(id), sql_int(c->now_us)), &queued);
    if (!rc && past.count == 0)
        rc = TF_NOT_FOUND;
    if (!rc) {
        int64_t next_us = next_of(&queued, &past, c->now_us);
        tf_buf_printf(out, "{\"operational_intent_id\":\"%s\",\"telemetry\":%s", id,
                      sql_at(&past, 0, 1)->bytes);
        if (next_us) {
            tf_buf_text(out, ",\"next_telemetry_opportunity\":");
            put_time(out, next_us);
        }
        tf_buf_char(out, '}');
        rc = tf_buf_status(out);
    }
    sql_rows_release(&past);
    sql_rows_release(&queued);
    return rc;
}
