/*
 * geojsonprops.c - altitudes, times and sizes from GeoJSON properties, in our
 * words and in those of others.
 */
#include "format/geojson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const tf_geojson_references[] = {"W84", "AMSL", "AGL", "STD", NULL};
const char *const tf_geojson_units[] = {"M", "FT", "FL", NULL};
const char *const tf_geojson_edges[] = {"geodesic", "lonlat", NULL};
const char *const tf_geojson_ends[] = {"end", "time_end", "end_datetime", "endTime", NULL};

/* All spellings, with what they mean. */
static const char *const reference_words[] = {"W84", "AMSL", "AGL", "STD", "WGS84", "HAE",
                                              "MSL", "SFC",  "GND", "FL",  NULL};
static const enum tf_alt_ref reference_meaning[] = {
    TF_ALT_W84, TF_ALT_AMSL, TF_ALT_AGL, TF_ALT_STD, TF_ALT_W84,
    TF_ALT_W84, TF_ALT_AMSL, TF_ALT_AGL, TF_ALT_AGL, TF_ALT_STD};
static const char *const unit_words[] = {"M", "FT", "FL", "METERS", "METRES", "FEET", NULL};
static const enum tf_alt_unit unit_meaning[] = {TF_ALT_UNIT_M, TF_ALT_UNIT_FT, TF_ALT_UNIT_FL,
                                                TF_ALT_UNIT_M, TF_ALT_UNIT_M,  TF_ALT_UNIT_FT};

/* Absent words leave *alt alone. */
static enum tf_status read_frame(const struct tf_json *reference, const struct tf_json *unit,
                                 struct tf_alt *alt, struct tf_fault *fault)
{
    int index;
    enum tf_status rc = TF_OK;
    if (tf_json_there(reference)) {
        rc = tf_json_word(reference, reference_words, &index, fault);
        if (!rc)
            alt->ref = reference_meaning[index];
    }
    if (!rc && tf_json_there(unit)) {
        rc = tf_json_word(unit, unit_words, &index, fault);
        if (!rc)
            alt->unit = unit_meaning[index];
    }
    return rc;
}

/* "GND", "unlimited", "FL100", or a number in quotes. */
static enum tf_status alt_from_text(const struct tf_json *at, bool is_lower, struct tf_alt *alt,
                                    struct tf_fault *fault)
{
    const char *text = json_string_value(at->value);
    if (strcasecmp(text, TF_GEOJSON_UNLIMITED) == 0 || strcasecmp(text, "UNL") == 0) {
        alt->value = is_lower ? -INFINITY : INFINITY;
        return TF_OK;
    }
    if (strcasecmp(text, "GND") == 0 || strcasecmp(text, "SFC") == 0) {
        *alt = (struct tf_alt){0, TF_ALT_UNIT_M, TF_ALT_AGL};
        return TF_OK;
    }
    if (strncasecmp(text, "FL", 2) == 0 && text[2] >= '0' && text[2] <= '9') {
        char *end;
        *alt = (struct tf_alt){strtod(text + 2, &end), TF_ALT_UNIT_FL, TF_ALT_STD};
        if (*end == '\0')
            return TF_OK;
    }
    return tf_json_number_or_text(at, &alt->value, fault);
}

/* {"value": 120, "reference": "AGL", "units": "M"} (F3548), or {"meters": 120, "datum": "agl"}. */
static enum tf_status alt_from_object(const struct tf_json *at, struct tf_alt *alt,
                                      struct tf_fault *fault)
{
    struct tf_json value = tf_json_get_any(at, (const char *const[]){"value", "meters", NULL});
    struct tf_json reference =
        tf_json_get_any(at, (const char *const[]){"reference", "datum", NULL});
    struct tf_json unit = tf_json_get_any(at, (const char *const[]){"units", "unit", NULL});
    enum tf_status rc = read_frame(&reference, &unit, alt, fault);
    return rc ? rc : tf_json_number_or_text(&value, &alt->value, fault);
}

struct limit_names {
    const char *const *value, *reference, *unit;
    bool is_lower;
};

static enum tf_status read_limit(const struct tf_json *properties, const struct limit_names *names,
                                 bool *has, struct tf_alt *out, struct tf_fault *fault)
{
    struct tf_json value = tf_json_get_any(properties, names->value);
    if (!tf_json_there(&value))
        return TF_OK;
    struct tf_json reference = tf_json_get_any(
        properties, (const char *const[]){names->reference, "altitude_reference", NULL});
    struct tf_json unit =
        tf_json_get_any(properties, (const char *const[]){names->unit, "altitude_unit", NULL});
    struct tf_alt alt = {0, TF_ALT_UNIT_M, TF_ALT_W84};
    enum tf_status rc = read_frame(&reference, &unit, &alt, fault);
    if (rc)
        return rc;
    if (json_is_object(value.value))
        rc = alt_from_object(&value, &alt, fault);
    else if (json_is_string(value.value))
        rc = alt_from_text(&value, names->is_lower, &alt, fault);
    else
        rc = tf_json_number(&value, &alt.value, fault);
    if (!rc) {
        *has = true;
        *out = alt;
    }
    return rc;
}

/* A time; "open" is the end that time has not. Foreign empty texts say nothing. */
static enum tf_status read_time(const struct tf_json *at, int64_t open_ns, bool *has, int64_t *out,
                                struct tf_fault *fault)
{
    const char *text = json_string_value(at->value);
    if (!tf_json_there(at) || (text && !*text))
        return TF_OK;
    enum tf_status rc = TF_OK;
    if (text && strcasecmp(text, TF_GEOJSON_OPEN) == 0)
        *out = open_ns;
    else
        rc = tf_json_bound(at, out, fault);
    *has = *has || !rc;
    return rc;
}

static enum tf_status read_size(const struct tf_json *properties, const char *const *names,
                                double factor, double *out, struct tf_fault *fault)
{
    struct tf_json at = tf_json_get_any(properties, names);
    if (!tf_json_there(&at))
        return TF_OK;
    double value;
    enum tf_status rc = tf_json_number_or_text(&at, &value, fault);
    if (!rc && (value < 0 || value > TF_SHAPE_MAX_RADIUS_M))
        return tf_json_fault(&at, TF_RANGE,
                             TF_TEXT("A radius or width must be between 0 and 5,000,000 m."), NULL,
                             NULL, fault);
    if (!rc)
        *out = value * factor;
    return rc;
}

enum tf_status tf_geojson_extent_read(const struct tf_json *properties,
                                      struct tf_geojson_extent *out, struct tf_fault *fault)
{
    static const char *const lower[] = {"altitude_lower", "min_altitude", NULL};
    static const char *const upper[] = {"altitude_upper", "max_altitude", NULL};
    static const struct limit_names limits[] = {
        {lower, "altitude_lower_reference", "altitude_lower_unit", true},
        {upper, "altitude_upper_reference", "altitude_upper_unit", false}};
    static const char *const starts[] = {"start", "time_start", "start_datetime", "startTime",
                                         NULL};
    static const char *const radius[] = {"radius_m", NULL}, *const width[] = {"width_m", NULL};
    enum tf_status rc = read_limit(properties, &limits[0], &out->has_lower, &out->lower, fault);
    if (!rc)
        rc = read_limit(properties, &limits[1], &out->has_upper, &out->upper, fault);
    struct tf_json start = tf_json_get_any(properties, starts);
    struct tf_json end = tf_json_get_any(properties, tf_geojson_ends);
    struct tf_json edges = tf_json_get(properties, "edges");
    if (!rc)
        rc = read_time(&start, TF_TIME_MIN, &out->has_start, &out->start_ns, fault);
    if (!rc)
        rc = read_time(&end, TF_TIME_MAX, &out->has_end, &out->end_ns, fault);
    if (!rc)
        rc = read_size(properties, radius, 1, &out->radius_m, fault);
    if (!rc)
        rc = read_size(properties, width, 0.5, &out->half_width_m, fault);
    if (!rc && tf_json_there(&edges)) {
        int index;
        rc = tf_json_word(&edges, tf_geojson_edges, &index, fault);
        if (!rc)
            out->edges = (enum tf_edges)index;
    }
    return rc;
}

enum tf_status tf_geojson_z(const struct tf_json *properties, size_t index, struct tf_alt *out,
                            struct tf_fault *fault)
{
    struct tf_json reference = tf_json_get(properties, "z_reference");
    struct tf_json unit = tf_json_get(properties, "z_unit");
    struct tf_json own_reference =
        json_is_array(reference.value) ? tf_json_item(&reference, index) : reference;
    struct tf_json own_unit = json_is_array(unit.value) ? tf_json_item(&unit, index) : unit;
    *out = (struct tf_alt){0, TF_ALT_UNIT_M, TF_ALT_W84};
    return read_frame(&own_reference, &own_unit, out, fault);
}
