/*
 * opensky.c - reads flown tracks as the OpenSky Network's tools store them: an
 * array with one record for each report.
 *
 *     [{"timestamp": 1587094850000 (ms), "icao24", "callsign", "latitude",
 *       "longitude", "altitude" (pressure, ft), "geoaltitude" (ft), "onground"}, ...]
 *
 * Any of them may be null. Reports without a position or a height are left out,
 * and those on the ground.
 */
#include "format/track.h"

#include <math.h>
#include <string.h>

static double number_or_nan(const struct tf_json *at)
{
    return json_is_number(at->value) ? json_number_value(at->value) : NAN;
}

/* Milliseconds since 1970 as a number, or a text as in RFC 3339. */
static enum tf_status read_timestamp(const struct tf_json *at, int64_t *out, struct tf_fault *fault)
{
    double ms;
    if (json_is_string(at->value))
        return tf_json_time(at, out, fault);
    enum tf_status rc = tf_json_number(at, &ms, fault);
    if (!rc && !(ms > 0 && ms < 9e12))
        return tf_json_fault(at, TF_TIME,
                             TF_TEXT("A timestamp must be milliseconds since 1970, before 2255."),
                             NULL, NULL, fault);
    if (!rc)
        *out = (int64_t)(ms * 1000) * 1000;
    return rc;
}

static enum tf_status read_record(const struct tf_json *at, struct tf_track_points *points,
                                  size_t number, struct tf_fault *fault)
{
    struct tf_json lat = tf_json_get(at, "latitude"), lng = tf_json_get(at, "longitude");
    struct tf_json altitude = tf_json_get(at, "altitude");
    struct tf_json geometric = tf_json_get(at, "geoaltitude");
    struct tf_json ground = tf_json_get(at, "onground"), time = tf_json_get(at, "timestamp");
    struct tf_json icao24 = tf_json_get(at, "icao24"), callsign = tf_json_get(at, "callsign");
    struct tf_track_point p = {.feature = number};
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = read_timestamp(&time, &p.t_ns, fault);
    if (!rc)
        rc = tf_json_text(&icao24, &p.icao24, fault);
    if (rc)
        return rc;
    p.callsign = json_is_string(callsign.value) ? json_string_value(callsign.value) : "";
    p.at = (struct tf_latlng){number_or_nan(&lat), number_or_nan(&lng)};
    p.pressure_ft = number_or_nan(&altitude);
    p.geometric_ft = number_or_nan(&geometric);
    if (json_is_true(ground.value)) {
        points->on_ground++;
        return TF_OK;
    }
    if (isnan(p.at.lat_deg) || isnan(p.at.lng_deg) ||
        (isnan(p.pressure_ft) && isnan(p.geometric_ft))) {
        points->without_place++;
        return TF_OK;
    }
    if (!tf_latlng_is_valid(p.at))
        return tf_json_fault(&lat, TF_RANGE, TF_TEXT("The position is not a place on Earth."), NULL,
                             NULL, fault);
    rc = tf_track_points_add(points, &p);
    return rc ? tf_json_fault(at, rc, NULL, NULL, NULL, fault) : TF_OK;
}

static enum tf_status read_root(struct tf_reader *reader, const struct tf_json *root)
{
    struct tf_track_points points = {0};
    struct tf_fault fault = {0};
    enum tf_status rc = tf_json_array(root, &fault);
    if (rc)
        return tf_reader_refuse(reader, &fault);
    for (size_t i = 0; !rc && i < tf_json_count(root); i++) {
        struct tf_json item = tf_json_item(root, i);
        reader->feature = i;
        rc = read_record(&item, &points, i, &fault);
        if (rc)
            rc = tf_reader_reject(reader, &fault);
    }
    if (!rc)
        rc = tf_track_add_all(reader, &points, TF_KIND_CREWED);
    tf_track_points_release(&points);
    return rc;
}

static enum tf_status opensky_read(struct tf_reader *reader)
{
    return tf_json_read_document(reader, read_root);
}

static int opensky_detect(const char *bytes, size_t len)
{
    static const char *const keys[] = {"icao24", "timestamp", "latitude", "longitude", NULL};
    struct tf_json_sniff seen = tf_json_sniff(bytes, len, keys, NULL);
    return seen.first == '[' && seen.keys == 15 ? 95 : 0;
}

const struct tf_codec tf_codec_opensky = {
    .format = TF_FORMAT_OPENSKY, .detect = opensky_detect, .read = opensky_read};
