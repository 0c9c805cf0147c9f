/*
 * geojsonwrite.c - writes GeoJSON (RFC 7946) that geojson.c reads back as it was.
 *
 * One feature is one entity. Where volumes differ in height, time or size, each
 * has its own item in properties.volumes, beside its geometry in the
 * GeometryCollection. A trajectory is a LineString with "times".
 */
#include "format/geojson.h"

#include <math.h>
#include <string.h>

/* --- properties ------------------------------------------------------------------ */

static void put_limit(struct tf_buf *out, const char *name, struct tf_alt alt)
{
    if (!isfinite(alt.value)) {
        tf_json_put_text(out, name, TF_GEOJSON_UNLIMITED);
        return;
    }
    tf_json_put_number(out, name, alt.value);
    tf_buf_printf(out, ",\"%s_reference\":\"%s\",\"%s_unit\":\"%s\"", name,
                  tf_geojson_references[alt.ref], name, tf_geojson_units[alt.unit]);
}

static void put_time(struct tf_buf *out, const char *name, int64_t t_ns)
{
    if (t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX)
        tf_json_put_text(out, name, TF_GEOJSON_OPEN);
    else
        tf_json_put_time(out, name, t_ns);
}

/* Height, time and size of one volume; each name is preceded by a comma. */
static void put_extent(struct tf_buf *out, const struct tf_volume4 *v)
{
    double radius_m = tf_shape_radius_m(v->shape);
    put_limit(out, "altitude_lower", v->alt.lower);
    put_limit(out, "altitude_upper", v->alt.upper);
    put_time(out, "start", v->start_ns);
    put_time(out, "end", v->end_ns);
    if (tf_shape_kind(v->shape) == TF_SHAPE_CORRIDOR)
        tf_json_put_number(out, "width_m", 2 * radius_m);
    else if (tf_shape_kind(v->shape) == TF_SHAPE_CIRCLE || radius_m > 0)
        tf_json_put_number(out, "radius_m", radius_m);
    if (tf_shape_kind(v->shape) != TF_SHAPE_CIRCLE)
        tf_json_put_text(out, "edges", tf_geojson_edges[tf_shape_edges(v->shape)]);
}

static void put_identity(struct tf_buf *out, const struct tf_entity *e)
{
    bool zone = e->kind == TF_KIND_ZONE, site = e->kind == TF_KIND_SITE;
    tf_buf_printf(out, "\"class\":\"%s\"", zone ? "zone" : site ? "site" : "operation");
    tf_json_put_text(out, "kind", tf_kind_word(e->kind));
    tf_json_put_text(out, "state", tf_state_word(e->state));
    if (zone)
        tf_json_put_text(out, "restriction", tf_restriction_word(e->restriction));
    if (e->priority != 0)
        tf_buf_printf(out, ",\"priority\":%d", e->priority);
    tf_json_put_text(out, "name", e->name);
    tf_json_put_text(out, "party", e->party);
    tf_json_put_text(out, "category", e->category);
    tf_json_put_text(out, "note", e->note);
}

/* --- geometry -------------------------------------------------------------------- */

/* Twice the area in the plane of longitude and latitude: > 0 if counter-clockwise. */
static double signed_area(struct tf_ring ring)
{
    double sum = 0, lng = 0;
    for (size_t i = 0; i < ring.count; i++) {
        struct tf_latlng a = ring.vertices[i], b = ring.vertices[(i + 1) % ring.count];
        double step = remainder(b.lng_deg - a.lng_deg, 360);
        sum += lng * b.lat_deg - (lng + step) * a.lat_deg;
        lng += step;
    }
    return sum;
}

/* RFC 7946 3.1.6: the outer ring counter-clockwise, holes clockwise, closed. */
static void put_ring(struct tf_buf *out, struct tf_ring ring, bool counter_clockwise)
{
    bool reverse = (signed_area(ring) > 0) != counter_clockwise;
    tf_buf_char(out, '[');
    for (size_t i = 0; i <= ring.count; i++) {
        size_t k = i % ring.count;
        if (i > 0)
            tf_buf_char(out, ',');
        tf_json_put_position(out, ring.vertices[reverse ? (ring.count - k) % ring.count : k]);
    }
    tf_buf_char(out, ']');
}

static void put_line(struct tf_buf *out, struct tf_ring line)
{
    tf_buf_char(out, '[');
    for (size_t i = 0; i < line.count; i++) {
        if (i > 0)
            tf_buf_char(out, ',');
        tf_json_put_position(out, line.vertices[i]);
    }
    tf_buf_char(out, ']');
}

static void put_polygon(struct tf_buf *out, const struct tf_shape *shape)
{
    tf_buf_char(out, '[');
    for (size_t r = 0; r < tf_shape_ring_count(shape); r++) {
        if (r > 0)
            tf_buf_char(out, ',');
        put_ring(out, tf_shape_ring(shape, r), r == 0);
    }
    tf_buf_char(out, ']');
}

static void put_shape(struct tf_buf *out, const struct tf_shape *shape)
{
    static const char *const types[] = {[TF_SHAPE_CIRCLE] = "Point",
                                        [TF_SHAPE_CORRIDOR] = "LineString",
                                        [TF_SHAPE_POLYGON] = "Polygon"};
    enum tf_shape_kind kind = tf_shape_kind(shape);
    tf_buf_printf(out, "{\"type\":\"%s\",\"coordinates\":", types[kind]);
    if (kind == TF_SHAPE_CIRCLE)
        tf_json_put_position(out, tf_shape_ring(shape, 0).vertices[0]);
    else if (kind == TF_SHAPE_CORRIDOR)
        put_line(out, tf_shape_ring(shape, 0));
    else
        put_polygon(out, shape);
    tf_buf_char(out, '}');
}

static void put_volumes(struct tf_buf *out, const struct tf_entity *e)
{
    tf_buf_text(out, ",\"volumes\":[");
    for (size_t i = 0; i < e->volume_count; i++) {
        struct tf_buf extent = TF_BUF_INIT(4096);
        put_extent(&extent, &e->volumes[i]);
        tf_buf_printf(out, "%s{%s}", i ? "," : "", extent.data ? extent.data + 1 : "");
        if (tf_buf_status(&extent) && !out->status)
            out->status = tf_buf_status(&extent);
        tf_buf_release(&extent);
    }
    tf_buf_text(out, "]},\"geometry\":{\"type\":\"GeometryCollection\",\"geometries\":[");
    for (size_t i = 0; i < e->volume_count; i++) {
        if (i > 0)
            tf_buf_char(out, ',');
        put_shape(out, e->volumes[i].shape);
    }
    tf_buf_text(out, "]}");
}

/* --- trajectories ---------------------------------------------------------------- */

/* One value if all are the same, else an array. `text` NULL: a number. */
struct column {
    const char *name;
    const char *(*text)(const struct tf_waypoint *);
    double (*number)(const struct tf_waypoint *);
};

static const char *reference_of(const struct tf_waypoint *w)
{
    return tf_geojson_references[w->alt.ref];
}

static const char *unit_of(const struct tf_waypoint *w)
{
    return tf_geojson_units[w->alt.unit];
}

static double accuracy_h_of(const struct tf_waypoint *w)
{
    return w->accuracy_h_m;
}

static double accuracy_v_of(const struct tf_waypoint *w)
{
    return w->accuracy_v_m;
}

static double accuracy_t_of(const struct tf_waypoint *w)
{
    return (double)w->accuracy_t_ns / 1e9;
}

static bool same_value(const struct column *c, const struct tf_waypoint *a,
                       const struct tf_waypoint *b)
{
    return c->text ? strcmp(c->text(a), c->text(b)) == 0 : c->number(a) == c->number(b);
}

static void put_value(struct tf_buf *out, const struct column *c, const struct tf_waypoint *w)
{
    if (c->text)
        tf_buf_json(out, c->text(w));
    else
        tf_buf_double(out, c->number(w));
}

static void put_column(struct tf_buf *out, const struct column *c, const struct tf_entity *e)
{
    bool uniform = true;
    for (size_t i = 1; i < e->waypoint_count; i++)
        uniform = uniform && same_value(c, &e->waypoints[0], &e->waypoints[i]);
    tf_buf_printf(out, ",\"%s\":%s", c->name, uniform ? "" : "[");
    for (size_t i = 0; i < (uniform ? 1 : e->waypoint_count); i++) {
        if (i > 0)
            tf_buf_char(out, ',');
        put_value(out, c, &e->waypoints[i]);
    }
    tf_buf_text(out, uniform ? "" : "]");
}

static void put_trajectory(struct tf_buf *out, const struct tf_entity *e)
{
    static const struct column columns[] = {{"z_reference", reference_of, NULL},
                                            {"z_unit", unit_of, NULL},
                                            {"accuracy_h_m", NULL, accuracy_h_of},
                                            {"accuracy_v_m", NULL, accuracy_v_of},
                                            {"accuracy_t_s", NULL, accuracy_t_of}};
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        put_column(out, &columns[c], e);
    tf_buf_text(out, ",\"times\":[");
    for (size_t i = 0; i < e->waypoint_count; i++) {
        char text[TF_TIME_TEXT_SIZE];
        tf_time_format(e->waypoints[i].t_ns, text);
        tf_buf_printf(out, "%s\"%s\"", i ? "," : "", text);
    }
    tf_buf_text(out, "]},\"geometry\":{\"type\":\"LineString\",\"coordinates\":[");
    for (size_t i = 0; i < e->waypoint_count; i++) {
        const struct tf_waypoint *w = &e->waypoints[i];
        tf_buf_text(out, i ? ",[" : "[");
        tf_buf_double(out, w->at.lng_deg);
        tf_buf_char(out, ',');
        tf_buf_double(out, w->at.lat_deg);
        tf_buf_char(out, ',');
        tf_buf_double(out, w->alt.value);
        tf_buf_char(out, ']');
    }
    tf_buf_text(out, "]}");
}

/* --- features -------------------------------------------------------------------- */

void tf_geojson_put_feature(struct tf_buf *out, const struct tf_entity *e)
{
    tf_buf_text(out, "{\"type\":\"Feature\",\"id\":");
    tf_buf_json(out, e->id ? e->id : "");
    tf_buf_text(out, ",\"properties\":{");
    put_identity(out, e);
    if (e->waypoint_count > 0) {
        put_trajectory(out, e);
    } else if (e->volume_count == 1) {
        put_extent(out, &e->volumes[0]);
        tf_buf_text(out, "},\"geometry\":");
        put_shape(out, e->volumes[0].shape);
    } else {
        put_volumes(out, e);
    }
    tf_buf_char(out, '}');
}

enum tf_status tf_geojson_write(const struct tf_picture *picture, struct tf_buf *out,
                                struct tf_notes *notes)
{
    (void)notes; /* GeoJSON can say all */
    tf_buf_text(out, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (size_t i = 0; i < picture->count; i++) {
        tf_buf_text(out, i ? ",\n" : "\n");
        tf_geojson_put_feature(out, &picture->entities[i]);
    }
    tf_buf_text(out, "\n]}\n");
    return tf_buf_status(out);
}
