/*
 * kmlwrite.c - KML: writing what kml.c reads back as it was.
 *
 * One Placemark is one volume; those of one entity share its id. The geometry is what the volume
 * was made from, so that nothing is lost; the radius, width and heights stand in ExtendedData.
 */
#include "format/kml.h"

#include <math.h>

struct writer {
    struct tf_buf *out;
    const struct tf_entity *entity;
    const struct tf_volume4 *volume;
};

static void put_data(struct writer *w, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    tf_buf_printf(w->out, "<Data name=\"%s\"><value>", name);
    tf_buf_xml(w->out, text);
    tf_buf_text(w->out, "</value></Data>\n");
}

static void put_number(struct writer *w, const char *name, double value)
{
    tf_buf_printf(w->out, "<Data name=\"%s\"><value>", name);
    tf_buf_double(w->out, value);
    tf_buf_text(w->out, "</value></Data>\n");
}

static void put_limit(struct writer *w, const char *name, struct tf_alt alt)
{
    tf_buf_printf(w->out, "<Data name=\"%s\"><value>", name);
    tf_alt_to_text(alt, w->out);
    tf_buf_text(w->out, "</value></Data>\n");
}

static void put_time(struct writer *w, const char *element, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    if (t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX)
        return;
    tf_time_format(t_ns, text);
    tf_buf_printf(w->out, "<%s>%s</%s>", element, text, element);
}

/* An open end is said in ExtendedData: an absent one would be "not said". */
static void put_times(struct writer *w)
{
    const struct tf_volume4 *v = w->volume;
    if (v->start_ns == TF_TIME_MIN && v->end_ns == TF_TIME_MAX)
        return;
    tf_buf_text(w->out, "<TimeSpan>");
    put_time(w, "begin", v->start_ns);
    put_time(w, "end", v->end_ns);
    tf_buf_text(w->out, "</TimeSpan>\n");
}

static void put_extended(struct writer *w, size_t number)
{
    static const char *const edges[] = {"geodesic", "lonlat"};
    const struct tf_entity *e = w->entity;
    const struct tf_volume4 *v = w->volume;
    double radius_m = tf_shape_radius_m(v->shape);
    tf_buf_text(w->out, "<ExtendedData>\n");
    put_data(w, "id", e->id);
    put_data(w, "kind", tf_kind_word(e->kind));
    put_data(w, "state", tf_state_word(e->state));
    if (e->kind == TF_KIND_ZONE)
        put_data(w, "restriction", tf_restriction_word(e->restriction));
    if (e->priority != 0)
        put_number(w, "priority", e->priority);
    put_data(w, "party", e->party);
    put_data(w, "category", e->category);
    put_limit(w, "altitude_lower", v->alt.lower);
    put_limit(w, "altitude_upper", v->alt.upper);
    if (v->start_ns == TF_TIME_MIN)
        put_data(w, "start", "open");
    if (v->end_ns == TF_TIME_MAX)
        put_data(w, "end", "open");
    if (tf_shape_kind(v->shape) == TF_SHAPE_CORRIDOR)
        put_number(w, "width_m", 2 * radius_m);
    else if (tf_shape_kind(v->shape) == TF_SHAPE_CIRCLE || radius_m > 0)
        put_number(w, "radius_m", radius_m);
    put_data(w, "edges", edges[tf_shape_edges(v->shape)]);
    if (number > 1)
        put_number(w, "volume", (double)number);
    tf_buf_text(w->out, "</ExtendedData>\n");
}

/* For viewers: heights that KML knows, in metres. */
static bool shown_height(const struct tf_volume4 *v, double *z_m)
{
    struct tf_alt upper = v->alt.upper;
    bool known = isfinite(upper.value) && (upper.ref == TF_ALT_AGL || upper.ref == TF_ALT_AMSL);
    *z_m = known ? tf_alt_m(upper) : 0;
    return known;
}

static void put_mode(struct writer *w)
{
    double z_m;
    if (shown_height(w->volume, &z_m))
        tf_buf_printf(w->out, "<extrude>1</extrude><altitudeMode>%s</altitudeMode>\n",
                      w->volume->alt.upper.ref == TF_ALT_AGL ? "relativeToGround" : "absolute");
}

static void put_coordinates(struct writer *w, struct tf_ring ring, bool closed)
{
    double z_m;
    bool has_z = shown_height(w->volume, &z_m);
    tf_buf_text(w->out, "<coordinates>\n");
    for (size_t i = 0; i < ring.count + closed; i++) {
        struct tf_latlng p = ring.vertices[i % ring.count];
        tf_buf_double(w->out, p.lng_deg);
        tf_buf_char(w->out, ',');
        tf_buf_double(w->out, p.lat_deg);
        if (has_z) {
            tf_buf_char(w->out, ',');
            tf_buf_double(w->out, z_m);
        }
        tf_buf_char(w->out, '\n');
    }
    tf_buf_text(w->out, "</coordinates>");
}

static void put_polygon(struct writer *w)
{
    const struct tf_shape *shape = w->volume->shape;
    for (size_t i = 0; i < tf_shape_ring_count(shape); i++) {
        const char *element = i == 0 ? "outerBoundaryIs" : "innerBoundaryIs";
        tf_buf_printf(w->out, "<%s><LinearRing>", element);
        put_coordinates(w, tf_shape_ring(shape, i), true);
        tf_buf_printf(w->out, "</LinearRing></%s>\n", element);
    }
}

static void put_geometry(struct writer *w)
{
    static const char *const elements[] = {[TF_SHAPE_CIRCLE] = "Point",
                                           [TF_SHAPE_CORRIDOR] = "LineString",
                                           [TF_SHAPE_POLYGON] = "Polygon"};
    enum tf_shape_kind kind = tf_shape_kind(w->volume->shape);
    tf_buf_printf(w->out, "<%s>\n", elements[kind]);
    put_mode(w);
    if (kind == TF_SHAPE_POLYGON)
        put_polygon(w);
    else
        put_coordinates(w, tf_shape_ring(w->volume->shape, 0), false);
    tf_buf_printf(w->out, "</%s>\n", elements[kind]);
}

static void put_text(struct writer *w, const char *element, const char *text)
{
    if (!text || !*text)
        return;
    tf_buf_printf(w->out, "<%s>", element);
    tf_buf_xml(w->out, text);
    tf_buf_printf(w->out, "</%s>\n", element);
}

enum tf_status tf_kml_write(const struct tf_picture *picture, struct tf_buf *out,
                            struct tf_notes *notes)
{
    enum tf_status rc = TF_OK;
    tf_buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document>\n");
    for (size_t i = 0; !rc && i < picture->count; i++) {
        struct writer w = {.out = out, .entity = &picture->entities[i]};
        for (size_t k = 0; k < w.entity->volume_count; k++) {
            w.volume = &w.entity->volumes[k];
            tf_buf_text(out, "<Placemark>\n");
            put_text(&w, "name", w.entity->name);
            put_text(&w, "description", w.entity->note);
            put_times(&w);
            put_extended(&w, k + 1);
            put_geometry(&w);
            tf_buf_text(out, "</Placemark>\n");
        }
        if (w.entity->waypoint_count > 0)
            rc = tf_write_warn(notes, i,
                               TF_TEXT("The trajectory of %1 is written as its volumes; its "
                                       "waypoints are lost."),
                               w.entity->id, NULL);
    }
    tf_buf_text(out, "</Document>\n</kml>\n");
    return rc ? rc : tf_buf_status(out);
}
