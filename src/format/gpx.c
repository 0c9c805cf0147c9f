/*
 * gpx.c - GPX 1.0 and 1.1 (Topografix): reading convoy routes, tracks and waypoints.
 *
 * A track segment or route whose points have rising times is a trajectory (one or
 * more volumes in time); without times it is a corridor. A waypoint is a circle. Heights of GPX
 * are those of the road, from receivers: a ground operation reaches from the ground
 * to them, see docs/formats.md.
 */
#include "format/text.h"
#include "format/xml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_POINTS = 400000 };
static const double DEFAULT_ACCURACY_H_M = 50, DEFAULT_ACCURACY_V_M = 30;

struct gpx_point {
    struct tf_latlng at;
    double ele_m; /* NAN: none */
    int64_t t_ns; /* TF_TIME_MIN: none */
};

enum gpx_part { NO_PART, WAYPOINT, LINE };

struct gpx {
    struct tf_reader *reader;
    enum gpx_part part; /* what we are in */
    bool in_point, skip;
    char name[256], text[1024];             /* of the track or route */
    char type[24];                          /* of the track or route */
    char point_name[256], point_text[1024]; /* of the waypoint */
    size_t line, parts;                     /* where the track began; segments that it had */
    struct gpx_point *points;               /* owned */
    size_t count, capacity;
    struct tf_fault fault;
};

static enum tf_status wrong(struct gpx *g, enum tf_status code, const char *field,
                            const char *message, struct tf_span shown)
{
    if (!g->skip)
        tf_fault_span(&g->fault, code, field, message, shown);
    g->skip = true;
    return TF_OK;
}

static enum tf_status no_memory(struct gpx *g)
{
    tf_fault_set(&g->fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    return tf_reader_reject(g->reader, &g->fault);
}

/* --- points ---------------------------------------------------------------------- */

static enum tf_status push_point(struct gpx *g, struct tf_latlng at)
{
    if (g->count == MAX_POINTS)
        return wrong(g, TF_TOO_LARGE, "trkpt",
                     TF_TEXT("The track has more than 400,000 points. Split it."),
                     (struct tf_span){0});
    if (g->count == g->capacity) {
        size_t capacity = g->capacity ? 2 * g->capacity : 64;
        struct gpx_point *points = realloc(g->points, capacity * sizeof *points);
        if (!points)
            return no_memory(g);
        g->points = points;
        g->capacity = capacity;
    }
    g->points[g->count++] = (struct gpx_point){at, NAN, TF_TIME_MIN};
    return TF_OK;
}

static enum tf_status begin_point(struct gpx *g, const char **attributes)
{
    const char *lat = tf_xml_attribute(attributes, "lat");
    const char *lon = tf_xml_attribute(attributes, "lon");
    struct tf_latlng at = {NAN, NAN};
    g->in_point = true;
    g->point_name[0] = g->point_text[0] = '\0';
    bool ok = lat && lon && tf_span_number(tf_span_of(lat), &at.lat_deg) &&
              tf_span_number(tf_span_of(lon), &at.lng_deg) && tf_latlng_is_valid(at);
    if (!ok)
        return wrong(g, TF_RANGE, "lat",
                     TF_TEXT("A point has no valid lat and lon (\"%1\"). Latitude is -90 to 90, "
                             "longitude -180 to 180."),
                     tf_span_of(lat ? lat : ""));
    return push_point(g, at);
}

static void point_height(struct gpx *g, struct tf_span text)
{
    double ele_m;
    if (tf_span_number(text, &ele_m) && fabs(ele_m) < TF_ALT_MAX_M)
        g->points[g->count - 1].ele_m = ele_m;
}

static void point_time(struct gpx *g, struct tf_span text)
{
    int64_t t_ns;
    if (tf_time_from_text(text, &t_ns, NULL) || t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX)
        (void)wrong(g, TF_TIME, "time",
                    TF_TEXT("\"%1\" is not a time. Write it like 2026-11-24T08:00:00Z."), text);
    else
        g->points[g->count - 1].t_ns = t_ns;
}

/* --- one entity -------------------------------------------------------------------- */

static enum tf_status describe(struct gpx *g, const char *name, const char *note,
                               struct tf_entity *entity)
{
    tf_reader_class(g->reader, entity);
    enum tf_status rc = tf_span_set(&entity->name, tf_span_of(name));
    return rc ? rc : tf_span_set(&entity->note, tf_span_of(note));
}

static double accuracy_v_m(const struct gpx *g)
{
    double given = g->reader->options->accuracy_v_m;
    return given > 0 ? given : DEFAULT_ACCURACY_V_M;
}

/* What moves on the ground or the sea is between the ground and its vehicle's top; others
 * are at the height given, or at any. */
static bool on_surface(const struct tf_entity *entity)
{
    return entity->kind == TF_KIND_GROUND || entity->kind == TF_KIND_SEA;
}

static void heights(struct gpx *g, const struct tf_entity *entity, size_t first, size_t count,
                    struct tf_alt *lower, struct tf_alt *upper)
{
    double low = INFINITY, high = -INFINITY;
    bool all = count > 0;
    for (size_t i = first; i < first + count; i++) {
        all &= !isnan(g->points[i].ele_m);
        low = fmin(low, g->points[i].ele_m);
        high = fmax(high, g->points[i].ele_m);
    }
    *lower = tf_alt_unlimited(true);
    *upper = tf_alt_unlimited(false);
    if (on_surface(entity)) {
        *lower = tf_alt_ground;
        *upper = (struct tf_alt){accuracy_v_m(g), TF_ALT_UNIT_M, TF_ALT_AGL};
    } else if (all) {
        *lower = (struct tf_alt){low - accuracy_v_m(g), TF_ALT_UNIT_M, TF_ALT_AMSL};
        *upper = (struct tf_alt){high + accuracy_v_m(g), TF_ALT_UNIT_M, TF_ALT_AMSL};
    } else {
        tf_reader_assume(g->reader, TF_ASSUMED_ALTITUDES);
    }
}

static enum tf_status add(struct gpx *g, struct tf_entity *entity, enum tf_status bad)
{
    enum tf_status rc =
        bad ? tf_reader_reject(g->reader, &g->fault) : tf_reader_add(g->reader, entity);
    g->reader->feature++;
    tf_entity_release(entity);
    return rc;
}

static enum tf_status end_waypoint(struct gpx *g)
{
    struct tf_entity entity = {0};
    struct tf_alt lower, upper;
    struct tf_shape *shape;
    int64_t start_ns, end_ns;
    const struct gpx_point *p = &g->points[g->count - 1];
    if (describe(g, g->point_name, g->point_text, &entity)) {
        tf_entity_release(&entity);
        return no_memory(g);
    }
    enum tf_status bad =
        tf_shape_circle(p->at, tf_reader_site_radius_m(g->reader), &shape, &g->fault);
    if (!bad) {
        tf_reader_assume(g->reader, TF_ASSUMED_RADIUS);
        tf_reader_times(g->reader, &start_ns, &end_ns);
        heights(g, &entity, g->count - 1, 1, &lower, &upper);
        if (entity.kind == TF_KIND_SITE) { /* a site is one from the ground up */
            lower = tf_alt_unlimited(true);
            upper = tf_alt_unlimited(false);
        }
        bad =
            tf_reader_volume(g->reader, &entity, shape, lower, upper, start_ns, end_ns, &g->fault);
    }
    g->count--;
    return add(g, &entity, bad);
}

static enum tf_status corridor(struct gpx *g, struct tf_entity *entity)
{
    struct tf_points points = {0};
    struct tf_shape *shape;
    struct tf_alt lower, upper;
    int64_t start_ns, end_ns;
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < g->count; i++)
        rc = tf_points_push(&points, g->points[i].at);
    if (rc)
        tf_fault_set(&g->fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    tf_points_tidy(&points, false);
    if (!rc)
        rc = tf_shape_corridor(tf_points_ring(&points), tf_reader_half_width_m(g->reader),
                               TF_EDGES_GEODESIC, 0, &shape, &g->fault);
    tf_points_release(&points);
    if (rc)
        return rc;
    tf_reader_assume(g->reader, TF_ASSUMED_WIDTH);
    tf_reader_times(g->reader, &start_ns, &end_ns);
    heights(g, entity, 0, g->count, &lower, &upper);
    return tf_reader_volume(g->reader, entity, shape, lower, upper, start_ns, end_ns, &g->fault);
}

/* Points of one instant are one point; where no height is given, the one before holds. */
static enum tf_status trajectory(struct gpx *g, struct tf_entity *entity)
{
    double accuracy_h = g->reader->options->accuracy_h_m, ele_m = g->points[0].ele_m;
    struct tf_waypoint *waypoints = calloc(g->count, sizeof *waypoints);
    size_t n = 0;
    if (!waypoints)
        return tf_fault_set(&g->fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    for (size_t i = 0; i < g->count; i++) {
        const struct gpx_point *p = &g->points[i];
        if (n > 0 && waypoints[n - 1].t_ns == p->t_ns)
            continue;
        ele_m = isnan(p->ele_m) ? ele_m : p->ele_m;
        bool surface = on_surface(entity) || isnan(ele_m);
        waypoints[n++] = (struct tf_waypoint){
            .at = p->at,
            .alt = {surface ? 0 : ele_m, TF_ALT_UNIT_M, surface ? TF_ALT_AGL : TF_ALT_AMSL},
            .t_ns = p->t_ns,
            .accuracy_h_m = accuracy_h > 0 ? accuracy_h : DEFAULT_ACCURACY_H_M,
            .accuracy_v_m = accuracy_v_m(g)};
    }
    if (n >= 2)
        return tf_reader_trajectory(g->reader, entity, waypoints, n, &g->fault);
    free(waypoints);
    return corridor(g, entity);
}

/* Every point has a time, and (for a trajectory without gaps in height) all or none a height. */
static bool is_timed(const struct gpx *g)
{
    bool heights = !isnan(g->points[0].ele_m);
    for (size_t i = 0; i < g->count; i++)
        if (g->points[i].t_ns == TF_TIME_MIN || (!heights && !isnan(g->points[i].ele_m)))
            return false;
    return true;
}

/* <type> is free text: a word for a kind ("ground") is taken as one, others say nothing. */
static void take_kind(const struct gpx *g, struct tf_entity *entity)
{
    enum tf_kind kind;
    bool operation = entity->kind != TF_KIND_SITE && entity->kind != TF_KIND_ZONE;
    if (operation && !tf_kind_from_word(g->type, &kind) && kind != TF_KIND_SITE &&
        kind != TF_KIND_ZONE)
        entity->kind = kind;
}

/* A segment or route ends: an entity of its own. */
static enum tf_status end_part(struct gpx *g)
{
    struct tf_entity entity = {0};
    enum tf_status bad = TF_OK;
    size_t line = g->reader->line;
    if (g->count == 0 && !g->skip)
        return TF_OK;
    g->parts++;
    g->reader->line = g->line;
    if (g->skip)
        bad = g->fault.code;
    else if (describe(g, g->name, g->text, &entity))
        bad = tf_fault_set(&g->fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    else {
        take_kind(g, &entity);
        bad = is_timed(g) ? trajectory(g, &entity) : corridor(g, &entity);
    }
    g->count = 0;
    g->skip = false;
    enum tf_status rc = add(g, &entity, bad);
    g->reader->line = line;
    return rc;
}

/* --- elements ---------------------------------------------------------------------- */

static bool is(const char *name, const char *a, const char *b)
{
    return strcmp(name, a) == 0 || (b && strcmp(name, b) == 0);
}

/* A part within a part, or a point within a point: the outer one is refused as a whole. */
static enum tf_status nested(struct gpx *g, const char *name)
{
    return wrong(g, TF_SYNTAX, name,
                 TF_TEXT("<%1> stands inside of another point, track or route. Close that first."),
                 tf_span_of(name));
}

static enum tf_status on_start(void *ctx, const char *name, const char **attributes)
{
    struct gpx *g = ctx;
    bool is_line = is(name, "trk", "rte"), is_waypoint = is(name, "wpt", NULL);
    if ((is_line || is_waypoint) && g->part != NO_PART)
        return nested(g, name);
    if (is_line) {
        g->part = LINE;
        g->name[0] = g->text[0] = g->type[0] = '\0';
        g->line = g->reader->line;
        g->parts = g->count = 0;
        g->skip = false;
    }
    if (is_waypoint) {
        g->part = WAYPOINT;
        g->skip = false;
        g->count = 0;
        return begin_point(g, attributes);
    }
    if (!is(name, "trkpt", "rtept") || g->part == NO_PART)
        return TF_OK;
    return g->in_point ? nested(g, name) : begin_point(g, attributes);
}

static void keep_text(struct gpx *g, const char *name, struct tf_span text)
{
    bool label = is(name, "name", NULL);
    char *to = g->in_point ? (label ? g->point_name : g->point_text) : (label ? g->name : g->text);
    if (g->in_point || g->part == LINE)
        tf_span_copy(tf_span_trim(text), to, label ? sizeof g->name : sizeof g->text);
}

static enum tf_status on_end(void *ctx, const char *name, const char *text, size_t len)
{
    struct gpx *g = ctx;
    struct tf_span value = {text, text + len};
    bool has_point = g->in_point && g->count > 0 && !g->skip;
    if (is(name, "ele", NULL) && has_point)
        point_height(g, value);
    else if (is(name, "time", NULL) && has_point)
        point_time(g, value);
    else if (is(name, "name", NULL) || is(name, "desc", NULL))
        keep_text(g, name, value);
    else if (is(name, "type", NULL) && g->part == LINE && !g->in_point)
        tf_span_copy(tf_span_trim(value), g->type, sizeof g->type);
    else if (is(name, "trkpt", "rtept") && g->part == LINE)
        g->in_point = false;
    else if (is(name, "trkseg", NULL) && g->part == LINE)
        return end_part(g);
    else if (is(name, "trk", "rte") && g->part == LINE) {
        g->part = NO_PART;
        g->in_point = false;
        return end_part(g);
    } else if (is(name, "wpt", NULL) && g->part == WAYPOINT) {
        struct tf_entity nothing = {0};
        bool bad = g->skip;
        g->part = NO_PART;
        g->in_point = g->skip = false;
        return bad ? add(g, &nothing, g->fault.code) : end_waypoint(g);
    }
    return TF_OK;
}

static enum tf_status gpx_read(struct tf_reader *reader)
{
    struct gpx g = {.reader = reader};
    struct tf_xml_handler handler = {&g, on_start, on_end};
    enum tf_status rc = tf_xml_walk(reader, &handler);
    free(g.points);
    return rc;
}

static int gpx_detect(const char *bytes, size_t len)
{
    return tf_xml_sniff(bytes, len, "<gpx") ? 95 : 0;
}

const struct tf_codec tf_codec_gpx = {
    .format = TF_FORMAT_GPX,
    .detect = gpx_detect,
    .read = gpx_read,
};
