/*
 * geojson.c - reads GeoJSON (RFC 7946).
 *
 * One feature is one entity; each geometry in it (the members of a
 * GeometryCollection, the parts of a Multi...) is one volume. Edges are straight
 * in longitude and latitude unless the property "edges" says "geodesic". Known
 * spellings of others are accepted: simplestyle (title, description), Cursor on
 * Target as GeoJSON (type "a-f-G...", callsign, start, stale), times of a GPS
 * track (coordTimes).
 */
#include "format/geojson.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_NESTED_COLLECTIONS = 4 };
static const double DEFAULT_ACCURACY_H_M = 50, DEFAULT_ACCURACY_V_M = 30;

/* One feature on its way into an entity. */
struct feature {
    struct tf_reader *reader;
    struct tf_entity entity;
    struct tf_json properties;
    struct tf_geojson_extent extent; /* of the geometry being read */
    bool assumed[TF_ASSUMED_COUNT];
    struct tf_fault *fault;
};

static bool equals(const char *text, const char *word)
{
    return text && strcasecmp(text, word) == 0;
}

static const char *property_text(const struct feature *f, const char *const *keys)
{
    struct tf_json at = tf_json_get_any(&f->properties, keys);
    return json_string_value(at.value);
}

/* --- who and what -------------------------------------------------------------- */

static enum tf_status read_texts(struct feature *f, const struct tf_json *at)
{
    static const char *const ids[] = {"id", "identifier", "uid", NULL};
    static const char *const names[] = {"name", "title", "callsign", "label", NULL};
    static const char *const notes[] = {"note", "description", "remarks", "desc", NULL};
    static const char *const parties[] = {"party", "manager", NULL};
    static const char *const categories[] = {"category", NULL};
    char number[32];
    struct tf_json id = tf_json_get(at, "id");
    if (!tf_json_there(&id))
        id = tf_json_get_any(&f->properties, ids);
    const struct {
        char **field;
        const char *text;
    } texts[] = {{&f->entity.id, tf_json_as_text(&id, number)},
                 {&f->entity.name, property_text(f, names)},
                 {&f->entity.note, property_text(f, notes)},
                 {&f->entity.party, property_text(f, parties)},
                 {&f->entity.category, property_text(f, categories)}};
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < sizeof texts / sizeof *texts; i++)
        if (texts[i].text && *texts[i].text)
            rc = tf_entity_set_text(texts[i].field, texts[i].text);
    return rc ? tf_fault_set(f->fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL) : TF_OK;
}

/* Cursor on Target: what moves, from the type's dimension ("a-f-A-M-H"). */
static bool cot_kind(const char *type, enum tf_kind *kind)
{
    static const struct {
        const char *part;
        enum tf_kind kind;
    } dimensions[] = {{"A-M-H", TF_KIND_ROTORCRAFT},
                      {"A-M-F-Q", TF_KIND_UNCREWED},
                      {"A-M-L", TF_KIND_BALLOON},
                      {"A", TF_KIND_CREWED},
                      {"G", TF_KIND_GROUND},
                      {"S", TF_KIND_SEA},
                      {"U", TF_KIND_SEA}};
    if (!type || strncmp(type, "a-", 2) != 0 || !type[2] || type[3] != '-')
        return false;
    for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++) {
        size_t len = strlen(dimensions[i].part);
        if (strncmp(type + 4, dimensions[i].part, len) == 0 &&
            (type[4 + len] == '\0' || type[4 + len] == '-')) {
            *kind = dimensions[i].kind;
            return true;
        }
    }
    return false;
}

static bool is_cot(const struct feature *f)
{
    const char *type = property_text(f, (const char *const[]){"type", NULL});
    struct tf_json stale = tf_json_get(&f->properties, "stale");
    return type && type[0] >= 'a' && type[0] <= 'z' && type[1] == '-' && tf_json_there(&stale);
}

static void warn_word(struct feature *f, const struct tf_json *at, const char *word)
{
    struct tf_fault fault;
    tf_json_fault(at, TF_SYNTAX, TF_TEXT("%1 is not a word that is known here. It was ignored."),
                  word, NULL, &fault);
    tf_reader_warn(f->reader, &fault);
}

static enum tf_kind boundary_or_other(enum tf_kind kind)
{
    return kind == TF_KIND_ZONE || kind == TF_KIND_SITE ? kind : TF_KIND_OTHER;
}

/* The kind refines the class, if one was given, and never overrules it. */
static void read_kind(struct feature *f, const char *class)
{
    struct tf_json at = tf_json_get(&f->properties, "kind");
    const char *text = json_string_value(at.value);
    enum tf_kind kind;
    if (!text)
        return;
    if (tf_kind_from_word(text, &kind)) {
        warn_word(f, &at, text);
    } else if (class && boundary_or_other(kind) != boundary_or_other(f->entity.kind)) {
        struct tf_fault fault;
        tf_json_fault(&at, TF_SYNTAX,
                      TF_TEXT("The kind %1 does not fit the class %2. It was ignored."), text,
                      class, &fault);
        tf_reader_warn(f->reader, &fault);
    } else {
        f->entity.kind = kind;
    }
}

/* state and restriction: the words of libtafadi. */
static void read_words(struct feature *f)
{
    struct tf_json state = tf_json_get(&f->properties, "state");
    struct tf_json restriction = tf_json_get(&f->properties, "restriction");
    const char *text = json_string_value(state.value);
    if (text && tf_state_from_word(text, &f->entity.state))
        warn_word(f, &state, text);
    text = json_string_value(restriction.value);
    if (text && tf_restriction_from_word(text, &f->entity.restriction))
        warn_word(f, &restriction, text);
}

static enum tf_status read_priority(struct feature *f)
{
    struct tf_json at = tf_json_get(&f->properties, "priority");
    double value;
    if (!json_is_number(at.value))
        return TF_OK;
    enum tf_status rc = tf_json_number(&at, &value, f->fault);
    if (!rc && (value != floor(value) || value < INT_MIN || value > INT_MAX))
        return tf_json_fault(&at, TF_RANGE, TF_TEXT("A priority must be a whole number."), NULL,
                             NULL, f->fault);
    if (!rc)
        f->entity.priority = (int)value;
    return rc;
}

static void set_class(struct feature *f, enum tf_kind kind)
{
    f->entity.kind = kind;
    f->entity.state =
        kind == TF_KIND_ZONE || kind == TF_KIND_SITE ? TF_STATE_ACTIVATED : TF_STATE_ACCEPTED;
    f->entity.restriction = kind == TF_KIND_ZONE ? TF_RESTRICTION_RESTRICTED : TF_RESTRICTION_NONE;
}

/* The class decides first, so that the words can refine it. */
static enum tf_status read_class(struct feature *f)
{
    const char *class = property_text(f, (const char *const[]){"class", NULL});
    const char *kind = property_text(f, (const char *const[]){"kind", NULL});
    const char *type = property_text(f, (const char *const[]){"type", NULL});
    enum tf_kind moving = f->reader->options->kind;
    tf_reader_class(f->reader, &f->entity);
    if (is_cot(f) && f->entity.kind == TF_KIND_OTHER && cot_kind(type, &moving))
        set_class(f, moving);
    bool known = equals(class, "zone") || equals(class, "site") || equals(class, "operation");
    if (equals(class, "zone") || (!class && equals(kind, "zone")))
        set_class(f, TF_KIND_ZONE);
    else if (equals(class, "site") || (!class && equals(kind, "site")))
        set_class(f, TF_KIND_SITE);
    else if (known)
        set_class(f, moving);
    read_kind(f, known ? class : NULL);
    read_words(f);
    return read_priority(f);
}

/* --- geometry ------------------------------------------------------------------ */

static void assume(struct feature *f, enum tf_assumed what)
{
    if (!f->assumed[what])
        tf_reader_assume(f->reader, what);
    f->assumed[what] = true;
}

/* The extent's times, with defaults where it has none. */
static void complete_times(struct feature *f, int64_t *start_ns, int64_t *end_ns)
{
    const struct tf_geojson_extent *e = &f->extent;
    const struct tf_read_options *options = f->reader->options;
    bool given = options->start_ns || options->end_ns;
    *start_ns = e->has_start ? e->start_ns : TF_TIME_MIN;
    *end_ns = e->has_end ? e->end_ns : TF_TIME_MAX;
    if (!e->has_start && !e->has_end && given) {
        *start_ns = options->start_ns;
        *end_ns = options->end_ns;
    }
    if (!e->has_start || !e->has_end)
        assume(f, TF_ASSUMED_TIMES);
}

/* Adds a volume of `shape` (consumed). */
static enum tf_status add_shape(struct feature *f, const struct tf_json *at, struct tf_shape *shape)
{
    const struct tf_geojson_extent *e = &f->extent;
    static const struct tf_alt down = {-INFINITY, TF_ALT_UNIT_M, TF_ALT_W84};
    static const struct tf_alt up = {INFINITY, TF_ALT_UNIT_M, TF_ALT_W84};
    int64_t start_ns, end_ns;
    complete_times(f, &start_ns, &end_ns);
    if (!e->has_lower || !e->has_upper)
        assume(f, TF_ASSUMED_ALTITUDES);
    enum tf_status rc =
        tf_reader_volume(f->reader, &f->entity, shape, e->has_lower ? e->lower : down,
                         e->has_upper ? e->upper : up, start_ns, end_ns, f->fault);
    if (rc == TF_TIME) {
        struct tf_json end = tf_json_get_any(&f->properties, tf_geojson_ends);
        *f->fault->field = '\0';
        tf_json_prefix(&end, false, f->fault);
    } else if (rc == TF_ALTITUDE)
        tf_json_prefix(&f->properties, false, f->fault);
    else if (rc)
        tf_json_prefix(at, false, f->fault);
    return rc;
}

static enum tf_status read_point(struct feature *f, const struct tf_json *at)
{
    struct tf_latlng centre;
    struct tf_shape *shape = NULL;
    enum tf_status rc = tf_json_position(at, &centre, NULL, f->fault);
    if (rc)
        return rc;
    double radius_m = f->extent.radius_m;
    if (isnan(radius_m)) {
        radius_m = tf_reader_site_radius_m(f->reader);
        assume(f, TF_ASSUMED_RADIUS);
    }
    rc = tf_shape_circle(centre, radius_m, &shape, f->fault);
    if (rc)
        tf_json_prefix(at, true, f->fault);
    return rc ? rc : add_shape(f, at, shape);
}

static enum tf_status read_line(struct feature *f, const struct tf_json *at)
{
    struct tf_json_rings line = {0};
    struct tf_shape *shape = NULL;
    enum tf_status rc = tf_json_array(at, f->fault);
    if (!rc && tf_json_count(at) == 0)
        rc = tf_json_fault(at, TF_RING, TF_TEXT("The line has no vertices."), NULL, NULL, f->fault);
    if (!rc)
        rc = tf_json_line_read(at, &line, f->fault);
    double half_width_m = f->extent.half_width_m;
    if (!rc && isnan(half_width_m)) {
        half_width_m = tf_reader_half_width_m(f->reader);
        assume(f, TF_ASSUMED_WIDTH);
    }
    if (!rc) {
        rc = tf_shape_corridor(line.rings[0], half_width_m, f->extent.edges, 0, &shape, f->fault);
        if (rc)
            tf_json_prefix(at, true, f->fault);
    }
    tf_json_rings_release(&line);
    return rc ? rc : add_shape(f, at, shape);
}

static enum tf_status read_polygon(struct feature *f, const struct tf_json *at)
{
    struct tf_shape *shape = NULL, *grown = NULL;
    enum tf_status rc = tf_json_polygon(at, f->extent.edges, &shape, f->fault);
    if (!rc && f->extent.radius_m > 0) {
        rc = tf_shape_grow(shape, f->extent.radius_m, &grown, f->fault);
        tf_shape_unref(shape);
        shape = grown;
        if (rc)
            tf_json_prefix(at, true, f->fault);
    }
    return rc ? rc : add_shape(f, at, shape);
}

typedef enum tf_status (*read_part)(struct feature *, const struct tf_json *coordinates);

static const struct {
    const char *type;
    read_part read;
    bool many;
} geometry_types[] = {{"Point", read_point, false},     {"MultiPoint", read_point, true},
                      {"LineString", read_line, false}, {"MultiLineString", read_line, true},
                      {"Polygon", read_polygon, false}, {"MultiPolygon", read_polygon, true}};

static enum tf_status read_simple(struct feature *f, const struct tf_json *at, const char *type)
{
    struct tf_json coordinates = tf_json_get(at, "coordinates");
    for (size_t i = 0; i < sizeof geometry_types / sizeof *geometry_types; i++) {
        if (strcmp(type, geometry_types[i].type) != 0)
            continue;
        if (!geometry_types[i].many)
            return geometry_types[i].read(f, &coordinates);
        enum tf_status rc = tf_json_array(&coordinates, f->fault);
        for (size_t k = 0; !rc && k < tf_json_count(&coordinates); k++) {
            struct tf_json part = tf_json_item(&coordinates, k);
            rc = geometry_types[i].read(f, &part);
        }
        return rc;
    }
    struct tf_json at_type = tf_json_get(at, "type");
    return tf_json_fault(&at_type, TF_UNSUPPORTED, TF_TEXT("%1 is not a geometry of GeoJSON."),
                         type, NULL, f->fault);
}

static enum tf_status read_geometry(struct feature *f, const struct tf_json *at, int depth);

/* Each member has the extent of the feature, changed by its item of "volumes". */
static enum tf_status read_collection(struct feature *f, const struct tf_json *at, int depth)
{
    const struct tf_geojson_extent base = f->extent;
    struct tf_json members = tf_json_get(at, "geometries");
    struct tf_json volumes = tf_json_get(&f->properties, "volumes");
    enum tf_status rc = tf_json_array(&members, f->fault);
    if (depth >= MAX_NESTED_COLLECTIONS)
        return tf_json_fault(&members, TF_LIMIT,
                             TF_TEXT("Geometry collections are nested too deep."), NULL, NULL,
                             f->fault);
    for (size_t i = 0; !rc && i < tf_json_count(&members); i++) {
        struct tf_json member = tf_json_item(&members, i);
        struct tf_json own = tf_json_item(&volumes, i);
        f->extent = base;
        if (depth == 0 && json_is_object(own.value))
            rc = tf_geojson_extent_read(&own, &f->extent, f->fault);
        if (!rc)
            rc = read_geometry(f, &member, depth + 1);
    }
    f->extent = base;
    return rc;
}

static enum tf_status read_geometry(struct feature *f, const struct tf_json *at, int depth)
{
    struct tf_json type = tf_json_get(at, "type");
    const char *text;
    enum tf_status rc = tf_json_object(at, f->fault);
    if (!rc)
        rc = tf_json_text(&type, &text, f->fault);
    if (rc)
        return rc;
    return strcmp(text, "GeometryCollection") == 0 ? read_collection(f, at, depth)
                                                   : read_simple(f, at, text);
}

/* --- trajectories -------------------------------------------------------------- */

/* A number for all vertices, or an array with one for each. */
static enum tf_status number_at(const struct feature *f, const char *key, size_t index,
                                double otherwise, double *out)
{
    struct tf_json at = tf_json_get(&f->properties, key);
    struct tf_json item = json_is_array(at.value) ? tf_json_item(&at, index) : at;
    *out = otherwise;
    if (!tf_json_there(&at))
        return TF_OK;
    enum tf_status rc = tf_json_number(&item, out, f->fault);
    if (!rc && !(*out >= 0 && *out <= 1e6))
        return tf_json_fault(&item, TF_RANGE,
                             TF_TEXT("An accuracy must be between 0 and 1,000,000."), NULL, NULL,
                             f->fault);
    return rc;
}

static enum tf_status read_waypoint(const struct feature *f, const struct tf_json *coordinates,
                                    const struct tf_json *times, size_t i, struct tf_waypoint *out)
{
    const struct tf_read_options *options = f->reader->options;
    double h_m = options->accuracy_h_m > 0 ? options->accuracy_h_m : DEFAULT_ACCURACY_H_M;
    double v_m = options->accuracy_v_m > 0 ? options->accuracy_v_m : DEFAULT_ACCURACY_V_M;
    struct tf_json position = tf_json_item(coordinates, i), time = tf_json_item(times, i);
    double z, accuracy_s = 0;
    struct tf_waypoint w = {0};
    enum tf_status rc = tf_json_position(&position, &w.at, &z, f->fault);
    if (!rc)
        rc = tf_json_time(&time, &w.t_ns, f->fault);
    if (!rc)
        rc = tf_geojson_z(&f->properties, i, &w.alt, f->fault);
    if (!rc && isnan(z)) {
        if (f->entity.kind != TF_KIND_GROUND && f->entity.kind != TF_KIND_SEA)
            return tf_json_fault(&position, TF_MISSING,
                                 TF_TEXT("A position of a trajectory needs an altitude as its "
                                         "third number."),
                                 NULL, NULL, f->fault);
        w.alt = (struct tf_alt){0, TF_ALT_UNIT_M, TF_ALT_AGL};
        z = 0;
    }
    w.alt.value = z;
    if (!rc)
        rc = number_at(f, "accuracy_h_m", i, h_m, &w.accuracy_h_m);
    if (!rc)
        rc = number_at(f, "accuracy_v_m", i, v_m, &w.accuracy_v_m);
    if (!rc)
        rc = number_at(f, "accuracy_t_s", i, 0, &accuracy_s);
    w.accuracy_t_ns = llround(accuracy_s * 1e9);
    *out = w;
    return rc;
}

static enum tf_status read_trajectory(struct feature *f, const struct tf_json *geometry,
                                      const struct tf_json *times)
{
    struct tf_json coordinates = tf_json_get(geometry, "coordinates");
    size_t count = tf_json_count(times);
    enum tf_status rc = tf_json_array(&coordinates, f->fault);
    if (!rc && (count != tf_json_count(&coordinates) || count == 0))
        rc = tf_json_fault(times, TF_SYNTAX,
                           TF_TEXT("There must be one time for each position of the line."), NULL,
                           NULL, f->fault);
    struct tf_waypoint *waypoints = rc ? NULL : calloc(count, sizeof *waypoints);
    if (!rc && !waypoints)
        rc = tf_json_fault(times, TF_NOMEM, NULL, NULL, NULL, f->fault);
    for (size_t i = 0; !rc && i < count; i++)
        rc = read_waypoint(f, &coordinates, times, i, &waypoints[i]);
    if (rc) {
        free(waypoints);
        return rc;
    }
    rc = tf_reader_trajectory(f->reader, &f->entity, waypoints, count, f->fault);
    if (rc)
        tf_json_prefix(times, true, f->fault);
    return rc;
}

/* The times of the vertices, if this is a trajectory. */
static struct tf_json trajectory_times(const struct feature *f, const struct tf_json *geometry)
{
    static const char *const keys[] = {"times", "coordTimes", NULL};
    struct tf_json type = tf_json_get(geometry, "type");
    const char *text = json_string_value(type.value);
    struct tf_json times = tf_json_get_any(&f->properties, keys);
    if (!text || strcmp(text, "LineString") != 0 || !json_is_array(times.value))
        times.value = NULL;
    return times;
}

/* --- Cursor on Target ---------------------------------------------------------- */

/* start and stale; an event that is stale at once says nothing about its end. */
static enum tf_status read_cot_times(struct feature *f)
{
    struct tf_json stale = tf_json_get(&f->properties, "stale");
    int64_t stale_ns;
    enum tf_status rc = tf_json_time(&stale, &stale_ns, f->fault);
    if (!rc && !f->extent.has_end && f->extent.has_start && stale_ns > f->extent.start_ns) {
        f->extent.end_ns = stale_ns;
        f->extent.has_end = true;
    }
    return rc;
}

/* A circle (shape.ellipse with equal axes) is drawn as a polygon inside of it: the
 * circle itself is taken. *done tells whether there was one. */
static enum tf_status read_cot_circle(struct feature *f, bool *done)
{
    struct tf_json shape_at = tf_json_get(&f->properties, "shape");
    struct tf_json ellipse = tf_json_get(&shape_at, "ellipse");
    struct tf_json major = tf_json_get(&ellipse, "major"), minor = tf_json_get(&ellipse, "minor");
    struct tf_json centre_at = tf_json_get(&f->properties, "center");
    double major_m, minor_m;
    struct tf_latlng centre;
    *done = false;
    if (!json_is_number(major.value) || !json_is_number(minor.value) || !centre_at.value)
        return TF_OK;
    enum tf_status rc = tf_json_number(&major, &major_m, f->fault);
    if (!rc)
        rc = tf_json_number(&minor, &minor_m, f->fault);
    if (rc || major_m != minor_m)
        return rc;
    rc = tf_json_position(&centre_at, &centre, NULL, f->fault);
    struct tf_shape *shape = NULL;
    if (!rc) {
        rc = tf_shape_circle(centre, major_m, &shape, f->fault);
        if (rc)
            tf_json_prefix(&ellipse, true, f->fault);
    }
    *done = true;
    return rc ? rc : add_shape(f, &ellipse, shape);
}

/* --- features ------------------------------------------------------------------ */

static enum tf_status read_place(struct feature *f, const struct tf_json *geometry)
{
    struct tf_json times = trajectory_times(f, geometry);
    if (tf_json_there(&times))
        return read_trajectory(f, geometry, &times);
    bool done = false;
    enum tf_status rc = TF_OK;
    if (is_cot(f)) {
        rc = read_cot_times(f);
        if (!rc)
            rc = read_cot_circle(f, &done);
    }
    return rc || done ? rc : read_geometry(f, geometry, 0);
}

static enum tf_status read_parts(struct feature *f, const struct tf_json *at,
                                 const struct tf_json *geometry)
{
    enum tf_status rc = TF_OK;
    if (tf_json_there(&f->properties))
        rc = tf_json_object(&f->properties, f->fault);
    if (!rc)
        rc = read_texts(f, at);
    if (!rc)
        rc = read_class(f);
    if (!rc)
        rc = tf_geojson_extent_read(&f->properties, &f->extent, f->fault);
    return rc ? rc : read_place(f, geometry);
}

/* `geometry` apart from the feature, so that a bare geometry is one too. */
static enum tf_status read_feature(struct tf_reader *reader, const struct tf_json *at,
                                   const struct tf_json *geometry)
{
    struct tf_fault fault = {0};
    struct feature f = {.reader = reader,
                        .properties = tf_json_get(at, "properties"),
                        .extent = {.radius_m = NAN, .half_width_m = NAN, .edges = TF_EDGES_LONLAT},
                        .fault = &fault};
    enum tf_status rc = tf_json_object(at, &fault);
    if (!rc && !tf_json_there(geometry)) {
        tf_json_fault(geometry, TF_MISSING, TF_TEXT("The feature has no place. It was left out."),
                      NULL, NULL, &fault);
        tf_reader_warn(reader, &fault);
        return TF_OK;
    }
    if (!rc)
        rc = read_parts(&f, at, geometry);
    rc = rc ? tf_reader_reject(reader, &fault) : tf_reader_add(reader, &f.entity);
    tf_entity_release(&f.entity);
    return rc;
}

static enum tf_status read_whole_feature(struct tf_reader *reader, const struct tf_json *at)
{
    struct tf_json geometry = tf_json_get(at, "geometry");
    return read_feature(reader, at, &geometry);
}

/* Before RFC 7946 a file could say on what its coordinates are. Another datum may be off by some
 * hundred metres, which nothing else would show. */
static enum tf_status check_crs(struct tf_reader *reader, const struct tf_json *root)
{
    static const char *const known[] = {"CRS84", "CRS84h", "4326", "4979", "WGS84", NULL};
    struct tf_json crs = tf_json_get(root, "crs"), properties = tf_json_get(&crs, "properties"),
                   name = tf_json_get(&properties, "name");
    const char *text = json_string_value(name.value);
    struct tf_fault fault;
    if (!tf_json_there(&crs))
        return TF_OK;
    const char *last = text ? strrchr(text, ':') : NULL;
    last = last ? last + 1 : text;
    for (size_t i = 0; last && known[i]; i++)
        if (strcasecmp(last, known[i]) == 0)
            return TF_OK;
    (void)tf_json_fault(&name, TF_UNSUPPORTED,
                        TF_TEXT("The coordinates are not on WGS84 (W84). Convert them."), NULL,
                        NULL, &fault);
    return tf_reader_refuse(reader, &fault);
}

static enum tf_status read_root(struct tf_reader *reader, const struct tf_json *root)
{
    struct tf_json type = tf_json_get(root, "type"), list = tf_json_get(root, "features");
    const char *text = json_string_value(type.value);
    enum tf_status rc = check_crs(reader, root);
    if (rc)
        return rc;
    if (text && strcmp(text, "FeatureCollection") == 0)
        return tf_json_each_feature(reader, &list, read_whole_feature);
    if (text && strcmp(text, "Feature") == 0)
        return read_whole_feature(reader, root);
    return read_feature(reader, root, root);
}

static enum tf_status geojson_read(struct tf_reader *reader)
{
    return tf_json_read_document(reader, read_root);
}

static int geojson_detect(const char *bytes, size_t len)
{
    static const char *const keys[] = {"type", "features", "geometry", "coordinates", NULL};
    static const char *const words[] = {
        "FeatureCollection", "Feature",         "Point",        "LineString",         "Polygon",
        "MultiPoint",        "MultiLineString", "MultiPolygon", "GeometryCollection", NULL};
    struct tf_json_sniff seen = tf_json_sniff(bytes, len, keys, words);
    if (seen.first != '{' || !(seen.keys & 1))
        return 0;
    if (seen.words & 3)
        return 92;
    return seen.words && (seen.keys & 8) ? 90 : 0;
}

const struct tf_codec tf_codec_geojson = {.format = TF_FORMAT_GEOJSON,
                                          .detect = geojson_detect,
                                          .read = geojson_read,
                                          .write = tf_geojson_write};
