/*
 * kml.c - KML (OGC 12-007): reading.
 *
 * A Placemark is an entity, each of its geometries a volume. Folders, styles, views and
 * network links say nothing of airspace and are passed over; the time of a folder
 * holds for what is in it. Edges are geodesics, as Earth browsers draw them.
 */
#include "format/kml.h"

#include "format/kmldata.h"
#include "format/xml.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CONTAINERS = 256 };

struct kml {
    struct tf_reader *reader;
    struct tf_kml_placemark now;
    bool in_placemark, in_inner, in_track, skip;
    bool joined;   /* gx:MultiTrack: it goes straight from the end of a track to the next one */
    int depth_out; /* > 0: inside an element that is passed over (LookAt, Style, ...) */
    struct tf_kml_time times[MAX_CONTAINERS];
    size_t containers;
    size_t whens, coords; /* of the track being read */
    char data_name[64];
    struct tf_fault fault; /* of the first thing wrong in this Placemark */
    struct tf_entity pending;
    size_t pending_line;
    size_t placemarks;
};

static enum tf_status wrong(struct kml *k, enum tf_status code, const char *field,
                            const char *message, struct tf_span shown)
{
    if (!k->skip)
        tf_fault_span(&k->fault, code, field, message, shown);
    k->skip = true;
    return code == TF_NOMEM ? code : TF_OK;
}

static enum tf_status passed(struct kml *k, enum tf_status rc)
{
    if (!rc)
        return TF_OK;
    return wrong(k, rc, "",
                 rc == TF_TOO_LARGE ? TF_TEXT("The Placemark has too many points or geometries.")
                                    : NULL,
                 (struct tf_span){0});
}

/* --- coordinates ------------------------------------------------------------------- */

/* "lng,lat[,z]"; blanks around the commas are forgiven. */
static bool read_tuple(struct tf_span *rest, struct tf_kml_vertex *out, bool *has_z)
{
    double value[3] = {0, 0, 0};
    int n = 0;
    while (n < 3) {
        *rest = tf_span_trim(*rest);
        char *end_of_number;
        struct tf_span number = *rest;
        while (rest->at < rest->end && !strchr(", \t\r\n", *rest->at))
            rest->at++;
        number.end = rest->at;
        char copy[64];
        if (tf_span_len(number) == 0 || tf_span_len(number) >= sizeof copy)
            return false;
        tf_span_copy(number, copy, sizeof copy);
        value[n] = strtod(copy, &end_of_number);
        if (*end_of_number || !isfinite(value[n]) || strpbrk(copy, "xXnN"))
            return false;
        n++;
        struct tf_span ahead = tf_span_trim(*rest);
        if (ahead.at == ahead.end || *ahead.at != ',')
            break;
        *rest = (struct tf_span){ahead.at + 1, ahead.end};
    }
    *out = (struct tf_kml_vertex){.at = {value[1], value[0]}, .z_m = value[2]};
    *has_z |= n == 3;
    return n >= 2;
}

static enum tf_status read_coordinates(struct kml *k, const char *text, size_t len)
{
    struct tf_kml_placemark *p = &k->now;
    struct tf_span rest = tf_span_trim((struct tf_span){text, text + len});
    if (p->geometry_count == 0)
        return TF_OK;
    struct tf_kml_geometry *g = &p->geometries[p->geometry_count - 1];
    enum tf_status rc = passed(k, tf_kml_add_ring(p));
    while (!rc && !k->skip && rest.at < rest.end) {
        struct tf_kml_vertex v;
        struct tf_span shown = rest;
        if (!read_tuple(&rest, &v, &g->has_z))
            return wrong(k, TF_SYNTAX, "coordinates",
                         TF_TEXT("\"%1\" is not a coordinate. Write longitude,latitude or "
                                 "longitude,latitude,height."),
                         shown);
        if (!tf_latlng_is_valid(v.at))
            return wrong(k, TF_RANGE, "coordinates",
                         TF_TEXT("The coordinate at \"%1\" is out of range. KML puts longitude "
                                 "before latitude."),
                         shown);
        rc = passed(k, tf_kml_add_vertex(p, &v));
        rest = tf_span_trim(rest);
    }
    return rc;
}

/* gx:Track: all <when>, then all <gx:coord> (or in pairs); matched by number. */
static enum tf_status track_vertex(struct kml *k, size_t index)
{
    struct tf_kml_placemark *p = &k->now;
    struct tf_kml_ring *ring = &p->rings[p->ring_count - 1];
    struct tf_kml_vertex empty = {.at = {NAN, NAN}, .t_ns = TF_TIME_MIN};
    return index < ring->count ? TF_OK : passed(k, tf_kml_add_vertex(p, &empty));
}

static enum tf_status track_when(struct kml *k, struct tf_span text)
{
    int64_t t_ns, end_ns;
    if (tf_kml_when(text, &t_ns, &end_ns) || t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX)
        return wrong(k, TF_TIME, "when",
                     TF_TEXT("\"%1\" is not a time. Write it like 2026-11-24T08:00:00Z."), text);
    enum tf_status rc = track_vertex(k, k->whens);
    if (!rc && !k->skip)
        k->now.vertices[k->now.rings[k->now.ring_count - 1].first + k->whens].t_ns = t_ns;
    k->whens++;
    return rc;
}

static enum tf_status track_coord(struct kml *k, struct tf_span text)
{
    double value[3] = {0, 0, 0};
    int n = 0;
    struct tf_span rest = text, word;
    while (n < 3 && tf_span_word(&rest, &word) && tf_span_number(word, &value[n]))
        n++;
    struct tf_latlng at = {value[1], value[0]};
    if (n < 2 || !tf_latlng_is_valid(at))
        return wrong(k, TF_SYNTAX, "gx:coord",
                     TF_TEXT("\"%1\" is not a place. Write longitude, latitude and height with "
                             "blanks between."),
                     text);
    enum tf_status rc = track_vertex(k, k->coords);
    if (rc || k->skip)
        return rc;
    struct tf_kml_placemark *p = &k->now;
    struct tf_kml_vertex *v = &p->vertices[p->rings[p->ring_count - 1].first + k->coords];
    v->at = at;
    v->z_m = value[2];
    p->geometries[p->geometry_count - 1].has_z |= n == 3;
    k->coords++;
    return TF_OK;
}

static enum tf_status end_track(struct kml *k)
{
    k->in_track = false;
    if (k->whens != k->coords)
        return wrong(k, TF_SYNTAX, "Track",
                     TF_TEXT("The track does not have as many times (when) as places (gx:coord)."),
                     (struct tf_span){0});
    return TF_OK;
}

/* --- elements that begin ------------------------------------------------------------ */

static enum tf_status begin_geometry(struct kml *k, enum tf_kml_type type)
{
    const struct tf_kml_placemark *p = &k->now;
    bool goes_on = type == TF_KML_TRACK && k->joined && p->geometry_count > 0 &&
                   p->geometries[p->geometry_count - 1].type == TF_KML_TRACK;
    if (goes_on) {
        k->in_track = true;
        return TF_OK;
    }
    enum tf_status rc = passed(k, tf_kml_add_geometry(&k->now, type));
    if (!rc && type == TF_KML_TRACK && !k->skip) {
        k->in_track = true;
        k->whens = k->coords = 0;
        rc = passed(k, tf_kml_add_ring(&k->now));
    }
    return rc;
}

static void begin_container(struct kml *k)
{
    struct tf_kml_time outer = {0};
    if (k->containers > 0 && k->containers <= MAX_CONTAINERS)
        outer = k->times[k->containers - 1];
    if (k->containers < MAX_CONTAINERS)
        k->times[k->containers] = outer;
    k->containers++;
}

static enum tf_status begin_placemark(struct kml *k, const char **attributes)
{
    const char *id = tf_xml_attribute(attributes, "id");
    tf_kml_placemark_clear(&k->now);
    k->in_placemark = true;
    k->in_track = k->skip = k->joined = false;
    k->fault = (struct tf_fault){0};
    k->now.line = k->reader->line;
    if (k->containers > 0)
        k->now.time =
            k->times[(k->containers < MAX_CONTAINERS ? k->containers : MAX_CONTAINERS) - 1];
    return id && *id ? passed(k, tf_entity_set_text(&k->now.entity.id, id)) : TF_OK;
}

static bool one_of(const char *name, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(name, *words) == 0)
            return true;
    return false;
}

/* Elements that hold times or coordinates of something else. */
static const char *const passed_over[] = {"Style",
                                          "StyleMap",
                                          "LookAt",
                                          "Camera",
                                          "Region",
                                          "NetworkLink",
                                          "PhotoOverlay",
                                          "GroundOverlay",
                                          "ScreenOverlay",
                                          "Tour",
                                          "Schema",
                                          "Model",
                                          "Update",
                                          "Snippet",
                                          "Link",
                                          "NetworkLinkControl",
                                          NULL};

static enum tf_status on_start(void *ctx, const char *name, const char **attributes)
{
    static const struct {
        const char *name;
        enum tf_kml_type type;
    } geometries[] = {{"Point", TF_KML_POINT},
                      {"LineString", TF_KML_LINE},
                      {"LinearRing", TF_KML_LINE},
                      {"Polygon", TF_KML_POLYGON},
                      {"Track", TF_KML_TRACK}};
    static const char *const containers[] = {"Document", "Folder", NULL};
    struct kml *k = ctx;
    if (k->depth_out > 0 || one_of(name, passed_over)) {
        k->depth_out++;
        return TF_OK;
    }
    if (strcmp(name, "Placemark") == 0 && !k->in_placemark)
        return begin_placemark(k, attributes);
    if (one_of(name, containers) && !k->in_placemark)
        begin_container(k);
    if (!k->in_placemark)
        return TF_OK;
    if (strcmp(name, "Data") == 0 || strcmp(name, "SimpleData") == 0) {
        const char *data = tf_xml_attribute(attributes, "name");
        tf_span_copy(tf_span_of(data ? data : ""), k->data_name, sizeof k->data_name);
        return TF_OK;
    }
    bool in_polygon = k->now.geometry_count > 0 && k->in_inner;
    for (size_t i = 0; i < sizeof geometries / sizeof *geometries; i++)
        if (strcmp(name, geometries[i].name) == 0 && !in_polygon && !k->skip) {
            k->in_inner = geometries[i].type == TF_KML_POLYGON;
            return begin_geometry(k, geometries[i].type);
        }
    return TF_OK;
}

/* --- elements that end -------------------------------------------------------------- */

static struct tf_kml_time *time_of(struct kml *k)
{
    if (k->in_placemark)
        return &k->now.time;
    size_t n = k->containers;
    return n > 0 && n <= MAX_CONTAINERS ? &k->times[n - 1] : NULL;
}

static void bad_time(struct kml *k, const char *name, struct tf_span text)
{
    struct tf_fault fault;
    static const char message[] =
        TF_TEXT("\"%1\" is not a time. Write it like 2026-11-24T08:00:00Z.");
    if (k->in_placemark) {
        (void)wrong(k, TF_TIME, name, message, text);
        return;
    }
    tf_fault_span(&fault, TF_TIME, name, message, text);
    tf_reader_warn(k->reader, &fault);
}

/* TimeSpan begin and end; TimeStamp when: from then on (its day, month or year, if it is one). */
static void end_time(struct kml *k, const char *name, struct tf_span text)
{
    int64_t start_ns, end_ns;
    struct tf_kml_time *time = time_of(k);
    if (!time || tf_span_len(tf_span_trim(text)) == 0)
        return;
    if (tf_kml_when(text, &start_ns, &end_ns)) {
        bad_time(k, name, text);
        return;
    }
    bool stamp = strcmp(name, "when") == 0;
    if (stamp || strcmp(name, "begin") == 0) {
        time->has_start = true;
        time->start_ns = start_ns;
    }
    if (strcmp(name, "end") == 0 || (stamp && end_ns > start_ns)) {
        time->has_end = true;
        time->end_ns = end_ns;
    }
}

static void end_mode(struct kml *k, struct tf_span text)
{
    static const struct {
        const char *word;
        enum tf_kml_mode mode;
    } modes[] = {{"clampToGround", TF_KML_CLAMPED},
                 {"relativeToGround", TF_KML_RELATIVE},
                 {"absolute", TF_KML_ABSOLUTE},
                 {"clampToSeaFloor", TF_KML_CLAMPED},
                 {"relativeToSeaFloor", TF_KML_RELATIVE}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (tf_span_is(tf_span_trim(text), modes[i].word) && k->now.geometry_count > 0)
            k->now.geometries[k->now.geometry_count - 1].mode = modes[i].mode;
}

static enum tf_status set_text(struct kml *k, char **field, struct tf_span text)
{
    return *field ? TF_OK : passed(k, tf_span_set(field, text));
}

static enum tf_status deliver(struct kml *k)
{
    enum tf_status rc = TF_OK;
    size_t line = k->reader->line;
    if (k->pending.volume_count > 0) {
        k->reader->line = k->pending_line;
        rc = tf_reader_add(k->reader, &k->pending);
        k->reader->feature++;
    }
    tf_entity_release(&k->pending);
    k->reader->line = line;
    return rc;
}

static void classify(struct kml *k)
{
    struct tf_entity *e = &k->now.entity, as_said = *e;
    bool zone_or_site = as_said.kind == TF_KIND_ZONE || as_said.kind == TF_KIND_SITE;
    tf_reader_class(k->reader, e);
    if (k->now.has_kind) {
        e->kind = as_said.kind;
        e->state = zone_or_site ? TF_STATE_ACTIVATED : TF_STATE_ACCEPTED;
        e->restriction =
            as_said.kind == TF_KIND_ZONE ? TF_RESTRICTION_RESTRICTED : TF_RESTRICTION_NONE;
    }
    if (k->now.has_state)
        e->state = as_said.state;
    if (k->now.has_restriction)
        e->restriction = as_said.restriction;
}

/* Placemarks that our writer numbers: further volumes of the entity before. */
static bool continues(const struct kml *k)
{
    return k->now.volume > 1 && k->pending.id && k->now.entity.id &&
           strcmp(k->pending.id, k->now.entity.id) == 0;
}

static enum tf_status finish_volumes(struct kml *k)
{
    bool more = continues(k);
    if (tf_kml_volumes(k->reader, &k->now, more ? &k->pending : &k->now.entity, &k->fault)) {
        enum tf_status rc = more ? TF_OK : deliver(k);
        if (!rc)
            rc = tf_reader_reject(k->reader, &k->fault);
        k->reader->feature++;
        return rc;
    }
    if (more)
        return TF_OK;
    enum tf_status rc = deliver(k);
    if (!rc) {
        k->pending = k->now.entity;
        k->pending_line = k->now.line;
        k->now.entity = (struct tf_entity){0};
    }
    return rc;
}

static enum tf_status end_placemark(struct kml *k)
{
    enum tf_status rc = TF_OK;
    k->in_placemark = k->in_inner = false;
    k->placemarks++;
    k->reader->line = k->now.line;
    if (k->skip) {
        rc = deliver(k);
        k->reader->line = k->now.line;
        if (!rc)
            rc = tf_reader_reject(k->reader, &k->fault);
        k->reader->feature++;
        return rc;
    }
    if (k->now.geometry_count == 0) /* a label or a view: no airspace */
        return TF_OK;
    classify(k);
    return finish_volumes(k);
}

/* Elements of a Placemark that hold text. */
static enum tf_status end_in_placemark(struct kml *k, const char *name, const char *text,
                                       size_t len)
{
    struct tf_span value = {text, text + len};
    if (strcmp(name, "coordinates") == 0)
        return read_coordinates(k, text, len);
    if (k->in_track && strcmp(name, "when") == 0)
        return track_when(k, value);
    if (k->in_track && strcmp(name, "coord") == 0)
        return track_coord(k, value);
    if (strcmp(name, "Track") == 0 && k->in_track)
        return end_track(k);
    if (strcmp(name, "interpolate") == 0)
        k->joined = tf_span_is(tf_span_trim(value), "1") || tf_span_is(tf_span_trim(value), "true");
    else if (strcmp(name, "Polygon") == 0)
        k->in_inner = false;
    else if (strcmp(name, "name") == 0)
        return set_text(k, &k->now.entity.name, value);
    else if (strcmp(name, "description") == 0)
        return set_text(k, &k->now.entity.note, value);
    else if (strcmp(name, "altitudeMode") == 0)
        end_mode(k, value);
    else if (strcmp(name, "extrude") == 0 && k->now.geometry_count > 0)
        k->now.geometries[k->now.geometry_count - 1].extrude =
            tf_span_is(tf_span_trim(value), "1") || tf_span_is(tf_span_trim(value), "true");
    else if (strcmp(name, "value") == 0 || strcmp(name, "SimpleData") == 0) {
        struct tf_fault fault;
        enum tf_status rc = tf_kml_data(&k->now, k->data_name, value, &fault);
        if (rc && !k->skip) {
            k->fault = fault;
            k->skip = true;
        }
        return rc == TF_NOMEM ? rc : TF_OK;
    }
    return TF_OK;
}

static enum tf_status on_end(void *ctx, const char *name, const char *text, size_t len)
{
    static const char *const times[] = {"begin", "end", "when", NULL};
    struct kml *k = ctx;
    if (k->depth_out > 0) {
        k->depth_out--;
        return TF_OK;
    }
    if (strcmp(name, "Placemark") == 0 && k->in_placemark)
        return end_placemark(k);
    if (!k->in_track && one_of(name, times)) {
        end_time(k, name, (struct tf_span){text, text + len});
        return TF_OK;
    }
    if (k->in_placemark)
        return k->skip ? TF_OK : end_in_placemark(k, name, text, len);
    if ((strcmp(name, "Document") == 0 || strcmp(name, "Folder") == 0) && k->containers > 0)
        k->containers--;
    return TF_OK;
}

static enum tf_status nothing_found(struct kml *k)
{
    struct tf_fault fault;
    if (k->placemarks > 0)
        return TF_OK;
    tf_fault_set(&fault, TF_MISSING, TF_NO_INDEX, "",
                 TF_TEXT("The file holds no Placemark. If it only links to another file, give that "
                         "one."),
                 NULL, NULL, NULL);
    tf_reader_warn(k->reader, &fault);
    return TF_OK;
}

/* A refusal inside of a callback that has not been noted: no memory. */
static enum tf_status noted(struct kml *k, enum tf_status rc)
{
    struct tf_fault fault;
    if (rc != TF_NOMEM)
        return rc;
    tf_fault_set(&fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    return tf_reader_reject(k->reader, &fault);
}

enum tf_status tf_kml_read(struct tf_reader *reader)
{
    struct kml k = {.reader = reader};
    struct tf_xml_handler handler = {&k, on_start, on_end};
    tf_kml_placemark_clear(&k.now);
    enum tf_status rc = noted(&k, tf_xml_walk(reader, &handler));
    if (!rc)
        rc = deliver(&k);
    if (!rc)
        rc = nothing_found(&k);
    tf_entity_release(&k.pending);
    tf_kml_placemark_release(&k.now);
    return rc;
}

/* The root element is kml, with or without a prefix, or begins like KML does. */
static int kml_detect(const char *bytes, size_t len)
{
    static const char *const tags[] = {"<kml", "<Placemark", "<kml:kml"};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (tf_xml_sniff(bytes, len, tags[i]))
            return 95;
    return tf_xml_sniff(bytes, len, "kml/2.") ? 90 : 0; /* its namespace */
}

const struct tf_codec tf_codec_kml = {
    .format = TF_FORMAT_KML,
    .detect = kml_detect,
    .read = tf_kml_read,
    .write = tf_kml_write,
};
