/*
 * read.c - reading request bodies: JSON members, times, volumes; the first bad field is
 * named in the answer.
 *
 * Unknown members are ignored and null is the same as absent, as the standards'
 * clients expect.
 */
#include "api/api.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/altitude.h>

static bool bad(struct api_call *call, const char *field, const char *message)
{
    api_refuse(call, 400, message, field);
    return false;
}

bool api_body(struct api_call *call)
{
    size_t at;
    if (call->exchange->body_len == 0)
        return bad(call, NULL, "a JSON body is needed");
    enum tf_status rc =
        tf_jdoc_read(call->exchange->body, call->exchange->body_len, &call->body, &at);
    if (rc == TF_NOMEM) {
        api_refuse(call, 503, "there is no memory for the body", NULL);
        return false;
    }
    if (rc) {
        char where[64];
        unsigned line, column;
        tf_jdoc_place(call->exchange->body, at, &line, &column);
        snprintf(where, sizeof where, "line %u, column %u", line, column);
        return bad(call, where, "the body is not valid JSON");
    }
    return tf_jdoc_is(call->body.values, TF_JOBJECT) ||
           bad(call, NULL, "the body must be a JSON object");
}

const struct tf_jvalue *api_member(const struct tf_jvalue *object, const char *name)
{
    const struct tf_jvalue *value = tf_jdoc_member(object, name);
    return tf_jdoc_is(value, TF_JNULL) ? NULL : value;
}

bool api_string(struct api_call *call, const struct tf_jvalue *object, const char *name,
                bool required, const char **out)
{
    const struct tf_jvalue *value = api_member(object, name);
    *out = NULL;
    if (!value)
        return !required || bad(call, name, "is required");
    *out = tf_jdoc_string(value);
    return *out || bad(call, name, "must be a string");
}

bool api_flag(struct api_call *call, const struct tf_jvalue *object, const char *name, bool *out)
{
    const struct tf_jvalue *value = api_member(object, name);
    *out = tf_jdoc_is(value, TF_JTRUE);
    return !value || *out || tf_jdoc_is(value, TF_JFALSE) ||
           bad(call, name, "must be true or false");
}

/* A time as it should be, of a year that 64 bits of nanoseconds do not hold. */
static bool is_far_away(const char *text)
{
    char other[64];
    int64_t ns;
    if (strlen(text) < 4 || strlen(text) >= sizeof other)
        return false;
    snprintf(other, sizeof other, "%s", text);
    memcpy(other, "2000", 4); /* which has every day of a year */
    return strspn(text, "0123456789") == 4 && tf_time_parse(other, strlen(other), &ns) == TF_OK;
}

bool api_time_text(struct api_call *call, const char *text, const char *field, int64_t *out_us)
{
    int64_t ns;
    enum tf_status rc = tf_time_parse(text, strlen(text), &ns);
    if (rc == TF_RANGE && is_far_away(text))
        return bad(call, field,
                   "must be between 1677-09-21T00:12:44Z and 2262-04-11T23:47:16Z: no other times "
                   "can be kept here");
    if (rc)
        return bad(call, field, "is not a time as in RFC 3339");
    *out_us = ns / 1000 - (ns % 1000 < 0);
    return true;
}

bool api_time(struct api_call *call, const struct tf_jvalue *value, bool plain, const char *field,
              int64_t *out_us)
{
    const char *text = tf_jdoc_string(plain ? value : api_member(value, "value"));
    const char *format = plain ? "RFC3339" : tf_jdoc_string(api_member(value, "format"));
    if (!text)
        return bad(call, field, plain ? "must be a time" : "must be an object with a value");
    if (!format || strcmp(format, "RFC3339") != 0)
        return bad(call, field, "its format must be RFC3339");
    return api_time_text(call, text, field, out_us);
}

bool api_id(struct api_call *call, const char *text, const char *field, struct tf_uuid *out)
{
    return (tf_uuid_parse(text, strlen(text), out) && tf_uuid_version(out) == 4) ||
           bad(call, field, "must be a UUID of version 4");
}

/* --- outlines --------------------------------------------------------------------------- */

static bool number_member(struct api_call *call, const struct tf_jvalue *object, const char *name,
                          double *out)
{
    const struct tf_jvalue *value = api_member(object, name);
    *out = tf_jdoc_is(value, TF_JNUMBER) ? value->as.number : 0.0;
    return tf_jdoc_is(value, TF_JNUMBER) || bad(call, name, "must be a number");
}

static bool point(struct api_call *call, const struct tf_jvalue *object, struct tf_latlng *out)
{
    if (!number_member(call, object, "lat", &out->lat_deg) ||
        !number_member(call, object, "lng", &out->lng_deg))
        return false;
    if (!(fabs(out->lat_deg) <= 90.0))
        return bad(call, "lat", "must be within -90 and 90");
    return fabs(out->lng_deg) <= 180.0 || bad(call, "lng", "must be within -180 and 180");
}

/* Spherical area by the signed excess of each edge against the pole; right to
 * 0.5 %, which is what a limit on the area needs. */
static double area_km2(const struct tf_latlng *v, size_t n)
{
    const double radius_km = 6371.01, rad = 0.017453292519943295;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        const struct tf_latlng *a = &v[i], *b = &v[(i + 1) % n];
        double dlng = remainder(b->lng_deg - a->lng_deg, 360.0) * rad;
        double ta = tan(a->lat_deg * rad / 2.0), tb = tan(b->lat_deg * rad / 2.0);
        sum += 2.0 * atan2(tan(dlng / 2.0) * (ta + tb), 1.0 + ta * tb);
    }
    sum = fabs(sum);
    if (sum > 6.283185307179586) /* round a pole */
        sum = fabs(sum - 12.566370614359172);
    return sum * radius_km * radius_km;
}

static bool shape_of_vertices(struct api_call *call, const struct tf_latlng *v, size_t n,
                              int too_large, struct tf_shape **out)
{
    struct tf_fault fault;
    if (n < 3)
        return bad(call, "vertices", "a polygon needs at least 3 vertices");
    if (v[0].lat_deg == v[n - 1].lat_deg && v[0].lng_deg == v[n - 1].lng_deg)
        return bad(call, "vertices", "the last vertex must not repeat the first");
    struct tf_ring ring = {v, n};
    if (tf_shape_polygon(&ring, 1, TF_EDGES_GEODESIC, 0.0, out, &fault)) {
        char text[256];
        tf_fault_text(&fault, fault.message, text, sizeof text);
        return bad(call, "vertices", text);
    }
    if (area_km2(v, n) <= API_MAX_AREA_KM2)
        return true;
    tf_shape_unref(*out);
    *out = NULL;
    api_refuse(call, too_large, "the area is larger than 2,500 km2", "vertices");
    return false;
}

static bool polygon(struct api_call *call, const struct tf_jvalue *object, int too_large,
                    struct tf_shape **out)
{
    const struct tf_jvalue *list = api_member(object, "vertices");
    size_t n = tf_jdoc_count(list);
    if (!tf_jdoc_is(list, TF_JARRAY) || n > TF_SHAPE_MAX_VERTICES)
        return bad(call, "vertices", "must be a list of vertices");
    struct tf_latlng *v = malloc((n + 1) * sizeof *v);
    bool good = v || bad(call, "vertices", "there is no memory for them");
    const struct tf_jvalue *at = tf_jdoc_first(list);
    for (size_t i = 0; i < n && good; i++, at = tf_jdoc_next(at))
        good = point(call, at, &v[i]);
    good = good && shape_of_vertices(call, v, n, too_large, out);
    free(v);
    return good;
}

static bool circle(struct api_call *call, const struct tf_jvalue *object, int too_large,
                   struct tf_shape **out)
{
    const struct tf_jvalue *radius = api_member(object, "radius");
    const char *units = tf_jdoc_string(api_member(radius, "units"));
    struct tf_latlng centre;
    double radius_m;
    struct tf_fault fault;
    if (!point(call, api_member(object, "center"), &centre) ||
        !number_member(call, radius, "value", &radius_m))
        return false;
    if (!units || strcmp(units, "M") != 0)
        return bad(call, "radius.units", "must be M");
    if (!(radius_m > 0.0))
        return bad(call, "radius.value", "must be greater than 0");
    if (3.141592653589793 * radius_m * radius_m > API_MAX_AREA_KM2 * 1e6) {
        api_refuse(call, too_large, "the area is larger than 2,500 km2", "radius");
        return false;
    }
    return tf_shape_circle(centre, radius_m, out, &fault) == TF_OK ||
           bad(call, "outline_circle", "is not valid");
}

static bool outline(struct api_call *call, const struct tf_jvalue *volume, int need, int too_large,
                    struct tf_shape **out)
{
    *out = NULL;
    if (need & API_PLAIN) {
        const struct tf_jvalue *footprint = api_member(volume, "footprint");
        return footprint ? polygon(call, footprint, too_large, out)
                         : bad(call, "footprint", "is required");
    }
    const struct tf_jvalue *ring = api_member(volume, "outline_polygon"),
                           *disc = api_member(volume, "outline_circle");
    if (ring && disc)
        return bad(call, "outline_circle", "give a circle or a polygon, not both");
    if (ring)
        return polygon(call, ring, too_large, out);
    if (disc)
        return circle(call, disc, too_large, out);
    return !(need & API_NEED_OUTLINE) || bad(call, "outline_polygon", "an outline is required");
}

/* --- volumes -------------------------------------------------------------------------------- */

static bool altitude(struct api_call *call, const struct tf_jvalue *volume, const char *name,
                     int need, float absent, float *out)
{
    const struct tf_jvalue *value = api_member(volume, name);
    double metres;
    *out = absent;
    if (!value)
        return !(need & API_NEED_ALTITUDES) || bad(call, name, "is required");
    if (need & API_PLAIN) {
        if (!tf_jdoc_is(value, TF_JNUMBER))
            return bad(call, name, "must be a number");
        metres = value->as.number;
    } else {
        const char *reference = tf_jdoc_string(api_member(value, "reference"));
        const char *units = tf_jdoc_string(api_member(value, "units"));
        if (!number_member(call, value, "value", &metres))
            return false;
        if (!reference || strcmp(reference, "W84") != 0)
            return bad(call, name, "its reference must be W84");
        if (!units || strcmp(units, "M") != 0)
            return bad(call, name, "its units must be M");
    }
    if (!(metres >= TF_ALT_MIN_M && metres <= TF_ALT_MAX_M))
        return bad(call, name, "must be within -8000 and 100000");
    *out = (float)metres;
    return true;
}

/* Appends the shape's cells to call->cells. */
static bool add_cells(struct api_call *call, const struct tf_shape *shape, int too_large,
                      size_t *count)
{
    size_t found, capacity = 64;
    for (;;) {
        tf_cell *cells = realloc(call->cells, (*count + capacity) * sizeof *cells);
        if (!cells)
            return bad(call, "extents", "there is no memory for them");
        call->cells = cells;
        enum tf_status rc =
            tf_cell_cover(shape, TF_CELL_DSS_LEVEL, cells + *count, capacity, &found);
        if (rc == TF_OK)
            break;
        if (rc != TF_LIMIT || *count + found > API_MAX_CELLS) {
            api_refuse(call, too_large, "the area covers too many cells", "extents");
            return false;
        }
        capacity = found;
    }
    *count += found;
    return true;
}

static int by_cell(const void *a, const void *b)
{
    tf_cell x = *(const tf_cell *)a, y = *(const tf_cell *)b;
    return x < y ? -1 : x > y;
}

static size_t sort_cells(tf_cell *cells, size_t count)
{
    size_t kept = 0;
    qsort(cells, count, sizeof *cells, by_cell);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || cells[i] != cells[i - 1])
            cells[kept++] = cells[i];
    return kept;
}

struct bounds {
    size_t cells;
    bool has_start, has_end;
    struct dss_extent extent;
};

static bool add_volume(struct api_call *call, const struct tf_jvalue *volume4, int need,
                       int too_large, struct bounds *b)
{
    bool plain = need & API_PLAIN;
    const struct tf_jvalue *volume = api_member(volume4, plain ? "spatial_volume" : "volume");
    const struct tf_jvalue *start = api_member(volume4, "time_start"),
                           *end = api_member(volume4, "time_end");
    struct tf_shape *shape = NULL;
    float lower_m, upper_m;
    int64_t start_us = 0, end_us = 0;
    if (!tf_jdoc_is(volume, TF_JOBJECT))
        return bad(call, plain ? "spatial_volume" : "volume", "is required");
    if (!start && (need & API_NEED_TIMES))
        return bad(call, "time_start", "is required");
    if (!end && (need & API_NEED_TIMES))
        return bad(call, "time_end", "is required");
    if ((start && !api_time(call, start, plain, "time_start", &start_us)) ||
        (end && !api_time(call, end, plain, "time_end", &end_us)) ||
        !altitude(call, volume, plain ? "altitude_lo" : "altitude_lower", need, -INFINITY,
                  &lower_m) ||
        !altitude(call, volume, plain ? "altitude_hi" : "altitude_upper", need, INFINITY, &upper_m))
        return false;
    if (upper_m < lower_m)
        return bad(call, "altitude_upper", "must not be below altitude_lower");
    if (start && end && end_us < start_us)
        return bad(call, "time_end", "must not be before time_start");
    if (!outline(call, volume, need, too_large, &shape))
        return false;
    bool good = !shape || add_cells(call, shape, too_large, &b->cells);
    tf_shape_unref(shape);
    b->extent.lower_m = fminf(b->extent.lower_m, lower_m);
    b->extent.upper_m = fmaxf(b->extent.upper_m, upper_m);
    if (start && (!b->has_start || start_us < b->extent.start_us))
        b->extent.start_us = start_us, b->has_start = true;
    if (end && (!b->has_end || end_us > b->extent.end_us))
        b->extent.end_us = end_us, b->has_end = true;
    return good;
}

bool api_extent(struct api_call *call, const struct tf_jvalue *volumes, const char *field, int need,
                int too_large, struct dss_extent *out, bool *has_start, bool *has_end)
{
    struct bounds b = {.extent = {.lower_m = INFINITY, .upper_m = -INFINITY}};
    bool array = tf_jdoc_is(volumes, TF_JARRAY);
    size_t n = array ? tf_jdoc_count(volumes) : 1;
    if (!volumes || n == 0 || n > API_MAX_EXTENTS)
        return bad(call, field, "is required: at least one volume, at most 1000");
    const struct tf_jvalue *one = array ? tf_jdoc_first(volumes) : volumes;
    for (size_t i = 0; i < n; i++, one = tf_jdoc_next(one)) {
        if (!tf_jdoc_is(one, TF_JOBJECT))
            return bad(call, field, "must hold objects");
        if (!add_volume(call, one, need, too_large, &b))
            return false;
    }
    if (!b.has_start)
        b.extent.start_us = INT64_MIN;
    if (!b.has_end)
        b.extent.end_us = INT64_MAX;
    b.extent.cells = call->cells;
    b.extent.cell_count = sort_cells(call->cells, b.cells);
    *out = b.extent;
    if (has_start)
        *has_start = b.has_start;
    if (has_end)
        *has_end = b.has_end;
    return true;
}

/* A decimal number up to a comma or the end, and the comma if more follows. */
static bool area_number(const char **at, double *out)
{
    size_t len = strspn(*at, "0123456789+-.eE");
    char *end;
    *out = strtod(*at, &end);
    bool good = len > 0 && end == *at + len && isfinite(*out) && fabs(*out) <= 180.0 &&
                (*end == '\0' || (*end == ',' && end[1]));
    *at = end + (*end == ',');
    return good;
}

bool api_area(struct api_call *call, const char *area, struct dss_extent *out)
{
    struct tf_latlng v[1000];
    struct tf_shape *shape = NULL;
    size_t n = 0, cells = 0;
    double numbers[2];
    for (const char *at = area; *at; n++) {
        if (n / 2 >= 1000 || !area_number(&at, &numbers[n % 2]))
            return bad(call, "area", "must be at most 1000 times lat,lng in degrees");
        if (n % 2 && !(fabs(numbers[0]) <= 90.0))
            return bad(call, "area", "a latitude must be within -90 and 90");
        if (n % 2)
            v[n / 2] = (struct tf_latlng){numbers[0], numbers[1]};
    }
    if (n % 2)
        return bad(call, "area", "must have as many longitudes as latitudes");
    if (!shape_of_vertices(call, v, n / 2, 413, &shape))
        return false;
    bool good = add_cells(call, shape, 413, &cells);
    tf_shape_unref(shape);
    *out = (struct dss_extent){.cells = call->cells,
                               .cell_count = good ? sort_cells(call->cells, cells) : 0,
                               .lower_m = -INFINITY,
                               .upper_m = INFINITY,
                               .start_us = INT64_MIN,
                               .end_us = INT64_MAX};
    return good;
}
