/*
 * readsb.c - reads flown tracks as readsb's trace files have them: one aircraft,
 * one array for each report.
 *
 *     {"icao": "ac671b", "timestamp": 1738703622.619,
 *      "trace": [[seconds after timestamp, latitude, longitude,
 *                 pressure altitude in ft | "ground" | null, speed, track, flags,
 *                 vertical rate, {aircraft} | null, source, geometric altitude in ft | null,
 *                 ...], ...]}
 *
 * Flag 2 begins a new leg. {aircraft} may name "flight" and "category"; both hold
 * until the next one. Reports on the ground end a track.
 */
#include "format/track.h"

#include <math.h>
#include <string.h>

enum { NEW_LEG = 2 };

struct trace {
    struct tf_track_points points;
    double base_s;
    const char *icao;
    const char *callsign; /* borrowed; as last seen */
    enum tf_kind kind;
    bool leg_ended;
};

/* DO-260B emitter categories. */
static enum tf_kind kind_of(const char *category)
{
    static const struct {
        const char *category;
        enum tf_kind kind;
    } kinds[] = {{"A7", TF_KIND_ROTORCRAFT},
                 {"B2", TF_KIND_BALLOON},
                 {"B6", TF_KIND_UNCREWED},
                 {"C1", TF_KIND_GROUND},
                 {"C2", TF_KIND_GROUND}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(category, kinds[i].category) == 0)
            return kinds[i].kind;
    return TF_KIND_CREWED;
}

static void read_aircraft(struct trace *t, const struct tf_json *at)
{
    struct tf_json flight = tf_json_get(at, "flight"), category = tf_json_get(at, "category");
    if (json_is_string(category.value))
        t->kind = kind_of(json_string_value(category.value));
    if (json_is_string(flight.value))
        t->callsign = json_string_value(flight.value);
}

static bool is_ground(const struct tf_json *at)
{
    const char *text = json_string_value(at->value);
    return text && strcmp(text, "ground") == 0;
}

static double number_or_nan(const struct tf_json *at)
{
    return json_is_number(at->value) ? json_number_value(at->value) : NAN;
}

static enum tf_status read_position(struct trace *t, const struct tf_json *at,
                                    struct tf_track_point *p, struct tf_fault *fault)
{
    struct tf_json seconds = tf_json_item(at, 0), lat = tf_json_item(at, 1);
    struct tf_json lng = tf_json_item(at, 2);
    double offset_s;
    enum tf_status rc = tf_json_array(at, fault);
    if (!rc)
        rc = tf_json_number(&seconds, &offset_s, fault);
    if (!rc)
        rc = tf_json_number(&lat, &p->at.lat_deg, fault);
    if (!rc)
        rc = tf_json_number(&lng, &p->at.lng_deg, fault);
    if (!rc && !(offset_s >= 0 && offset_s < 1e7))
        rc = tf_json_fault(&seconds, TF_TIME,
                           TF_TEXT("A time must be seconds after the start of the trace."), NULL,
                           NULL, fault);
    if (!rc && !tf_latlng_is_valid(p->at))
        rc = tf_json_fault(&lat, TF_RANGE, TF_TEXT("The position is not a place on Earth."), NULL,
                           NULL, fault);
    if (!rc)
        p->t_ns = (int64_t)((t->base_s + offset_s) * 1000) * 1000000;
    return rc;
}

static enum tf_status read_report(struct trace *t, const struct tf_json *at, size_t number,
                                  struct tf_fault *fault)
{
    struct tf_json altitude = tf_json_item(at, 3), flags = tf_json_item(at, 6);
    struct tf_json aircraft = tf_json_item(at, 8), geometric = tf_json_item(at, 10);
    struct tf_track_point p = {.feature = number, .icao24 = t->icao};
    enum tf_status rc = read_position(t, at, &p, fault);
    if (rc)
        return rc;
    read_aircraft(t, &aircraft);
    p.callsign = t->callsign;
    p.pressure_ft = number_or_nan(&altitude);
    p.geometric_ft = number_or_nan(&geometric);
    t->leg_ended = t->leg_ended || (json_integer_value(flags.value) & NEW_LEG);
    if (is_ground(&altitude)) {
        t->points.on_ground++;
        t->leg_ended = true;
        return TF_OK;
    }
    if (isnan(p.pressure_ft) && isnan(p.geometric_ft)) {
        t->points.without_place++;
        return TF_OK;
    }
    p.breaks = t->leg_ended;
    t->leg_ended = false;
    rc = tf_track_points_add(&t->points, &p);
    return rc ? tf_json_fault(at, rc, NULL, NULL, NULL, fault) : TF_OK;
}

static enum tf_status read_header(struct trace *t, const struct tf_json *root,
                                  struct tf_fault *fault)
{
    struct tf_json icao = tf_json_get(root, "icao"), timestamp = tf_json_get(root, "timestamp");
    struct tf_json trace = tf_json_get(root, "trace");
    enum tf_status rc = tf_json_object(root, fault);
    if (!rc)
        rc = tf_json_text(&icao, &t->icao, fault);
    if (!rc)
        rc = tf_json_number(&timestamp, &t->base_s, fault);
    if (!rc && !(t->base_s >= 0 && t->base_s < 9e9))
        rc = tf_json_fault(&timestamp, TF_TIME,
                           TF_TEXT("A timestamp must be seconds since 1970, before 2255."), NULL,
                           NULL, fault);
    return rc ? rc : tf_json_array(&trace, fault);
}

static enum tf_status read_root(struct tf_reader *reader, const struct tf_json *root)
{
    struct trace t = {.callsign = "", .kind = TF_KIND_CREWED};
    struct tf_fault fault = {0};
    struct tf_json list = tf_json_get(root, "trace");
    enum tf_status rc = read_header(&t, root, &fault);
    if (rc)
        return tf_reader_refuse(reader, &fault);
    for (size_t i = 0; !rc && i < tf_json_count(&list); i++) {
        struct tf_json item = tf_json_item(&list, i);
        reader->feature = i;
        rc = read_report(&t, &item, i, &fault);
        if (rc)
            rc = tf_reader_reject(reader, &fault);
    }
    if (!rc)
        rc = tf_track_add_all(reader, &t.points, t.kind);
    tf_track_points_release(&t.points);
    return rc;
}

static enum tf_status readsb_read(struct tf_reader *reader)
{
    return tf_json_read_document(reader, read_root);
}

static int readsb_detect(const char *bytes, size_t len)
{
    static const char *const keys[] = {"icao", "trace", "timestamp", NULL};
    struct tf_json_sniff seen = tf_json_sniff(bytes, len, keys, NULL);
    return seen.first == '{' && seen.keys == 7 ? 95 : 0;
}

const struct tf_codec tf_codec_readsb = {
    .format = TF_FORMAT_READSB, .detect = readsb_detect, .read = readsb_read};
