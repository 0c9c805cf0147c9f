/*
 * ed269.c - UAS geographical zones as EUROCAE ED-269 has them, both ways.
 *
 * The list of zones is called "features", "UASZoneList" or "uas_zones" in the
 * wild, or is the whole file. Edges are geodesics. Limits may be numbers, texts
 * or null; 99999 and more is unlimited.
 */
#include "format/zone.h"

/* --- reading ------------------------------------------------------------------------- */

static enum tf_status read_circle(const struct tf_json *at, struct tf_shape **out,
                                  struct tf_fault *fault)
{
    struct tf_json centre_at = tf_json_get(at, "center"), radius_at = tf_json_get(at, "radius");
    struct tf_latlng centre;
    double radius_m;
    enum tf_status rc = tf_json_position(&centre_at, &centre, NULL, fault);
    if (!rc)
        rc = tf_json_number_or_text(&radius_at, &radius_m, fault);
    if (!rc) {
        rc = tf_shape_circle(centre, radius_m, out, fault);
        if (rc)
            tf_json_prefix(at, false, fault);
    }
    return rc;
}

static enum tf_status read_projection(const struct tf_json *at, struct tf_shape **out,
                                      struct tf_fault *fault)
{
    static const char *const types[] = {"Polygon", "Circle", NULL};
    struct tf_json type = tf_json_get(at, "type"), coordinates = tf_json_get(at, "coordinates");
    int index;
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = tf_json_word(&type, types, &index, fault);
    if (rc)
        return rc;
    return index == 0 ? tf_json_polygon(&coordinates, TF_EDGES_GEODESIC, out, fault)
                      : read_circle(at, out, fault);
}

static enum tf_status read_geometry(struct tf_zone *zone, const struct tf_json *at)
{
    struct tf_json unit = tf_json_get(at, "uomDimensions");
    struct tf_json lower_reference = tf_json_get(at, "lowerVerticalReference");
    struct tf_json upper_reference = tf_json_get(at, "upperVerticalReference");
    struct tf_json projection = tf_json_get(at, "horizontalProjection");
    struct tf_zone_layer layer = {.lower_at = tf_json_get(at, "lowerLimit"),
                                  .upper_at = tf_json_get(at, "upperLimit")};
    struct tf_shape *shape = NULL;
    enum tf_status rc = tf_json_object(at, zone->fault);
    if (!rc)
        rc = tf_zone_limit(&layer.lower_at, &lower_reference, &unit, true, &layer.lower,
                           zone->fault);
    if (!rc)
        rc = tf_zone_limit(&layer.upper_at, &upper_reference, &unit, false, &layer.upper,
                           zone->fault);
    if (!rc)
        rc = read_projection(&projection, &shape, zone->fault);
    return rc ? rc : tf_zone_add_geometry(zone, shape, &layer);
}

static enum tf_status read_zone(struct tf_reader *reader, const struct tf_json *at)
{
    struct tf_fault fault = {0};
    struct tf_zone zone = {.reader = reader, .fault = &fault};
    struct tf_json geometry = tf_json_get(at, "geometry");
    struct tf_json applicability = tf_json_get(at, "applicability");
    enum tf_status rc = tf_json_object(at, &fault);
    if (!rc)
        rc = tf_zone_identity(&zone, at);
    if (!rc)
        rc = tf_zone_periods(&zone, &applicability);
    if (!rc && json_is_object(geometry.value))
        rc = read_geometry(&zone, &geometry);
    else if (!rc)
        rc = tf_json_array(&geometry, &fault);
    for (size_t i = 0; !rc && i < tf_json_count(&geometry); i++) {
        struct tf_json item = tf_json_item(&geometry, i);
        rc = read_geometry(&zone, &item);
    }
    return tf_zone_finish(&zone, at, rc);
}

static enum tf_status read_root(struct tf_reader *reader, const struct tf_json *root)
{
    static const char *const wrappers[] = {"features", "UASZoneList", "uas_zones", NULL};
    struct tf_json list = json_is_array(root->value) ? *root : tf_json_get_any(root, wrappers);
    struct tf_json identifier = tf_json_get(root, "identifier");
    if (!tf_json_there(&list) && tf_json_there(&identifier))
        return read_zone(reader, root);
    return tf_json_each_feature(reader, &list, read_zone);
}

static enum tf_status ed269_read(struct tf_reader *reader)
{
    return tf_json_read_document(reader, read_root);
}

static int ed269_detect(const char *bytes, size_t len)
{
    static const char *const keys[] = {
        "horizontalProjection", "uomDimensions", "UASZoneList", "uas_zones",
        "applicability",        "features",      "type",        NULL};
    struct tf_json_sniff seen = tf_json_sniff(bytes, len, keys, NULL);
    if (seen.first == 0)
        return 0;
    bool empty = (seen.keys & 0x60) == 0x20; /* a list without zones, and no GeoJSON */
    return seen.keys & 0x0F ? 95 : empty ? 50 : 0;
}

/* --- writing ------------------------------------------------------------------------- */

static void put_limit(struct tf_buf *out, const char *name, struct tf_alt alt)
{
    tf_json_put_number(out, name, alt.value); /* null if unlimited */
}

static void put_head(struct tf_buf *out, const struct tf_volume4 *volume)
{
    struct tf_zone_limits limits = tf_zone_limits_of(volume, false);
    const char *const names[] = {[TF_ALT_AGL] = "AGL", [TF_ALT_AMSL] = "AMSL"};
    tf_buf_printf(out, "{\"uomDimensions\":\"%s\"",
                  limits.lower.unit == TF_ALT_UNIT_FT ? "FT" : "M");
    put_limit(out, "lowerLimit", limits.lower);
    tf_json_put_text(out, "lowerVerticalReference", names[limits.lower.ref]);
    put_limit(out, "upperLimit", limits.upper);
    tf_json_put_text(out, "upperVerticalReference", names[limits.upper.ref]);
    tf_buf_text(out, ",\"horizontalProjection\":");
    if (tf_shape_kind(volume->shape) != TF_SHAPE_CIRCLE)
        tf_buf_text(out, "{\"type\":\"Polygon\",\"coordinates\":");
}

static void put_tail(struct tf_buf *out, const struct tf_volume4 *volume)
{
    (void)volume;
    tf_buf_text(out, "}}");
}

static void put_circle(struct tf_buf *out, const struct tf_volume4 *volume)
{
    put_head(out, volume);
    tf_buf_text(out, "{\"type\":\"Circle\",\"center\":");
    tf_json_put_position(out, tf_shape_ring(volume->shape, 0).vertices[0]);
    tf_json_put_number(out, "radius", tf_shape_radius_m(volume->shape));
    tf_buf_text(out, "}}");
}

static enum tf_status put_geometries(struct tf_buf *out, const struct tf_zone_part *part)
{
    static const struct tf_zone_style style = {put_circle, put_head, put_tail, TF_EDGES_GEODESIC};
    tf_buf_text(out, ",\"geometry\":[");
    enum tf_status rc = tf_zone_put_geometries(out, part, &style);
    tf_buf_char(out, ']');
    return rc;
}

static void put_periods(struct tf_buf *out, const struct tf_zone_part *part)
{
    tf_buf_text(out, ",\"applicability\":[");
    for (size_t i = 0; i < part->interval_count; i++) {
        const struct tf_volume4 *v = &part->volumes[i * part->geometry_count];
        bool always = v->start_ns == TF_TIME_MIN && v->end_ns == TF_TIME_MAX;
        tf_buf_printf(out, "%s{\"permanent\":\"%s\"", i ? "," : "", always ? "YES" : "NO");
        if (v->start_ns != TF_TIME_MIN)
            tf_json_put_time(out, "startDateTime", v->start_ns);
        if (v->end_ns != TF_TIME_MAX)
            tf_json_put_time(out, "endDateTime", v->end_ns);
        tf_buf_char(out, '}');
    }
    tf_buf_char(out, ']');
}

static enum tf_status put_zone(struct tf_buf *out, const struct tf_zone_part *part,
                               struct tf_notes *notes)
{
    const struct tf_entity *e = part->entity;
    (void)notes;
    tf_buf_text(out, "{\"identifier\":");
    tf_buf_json(out, e->id ? e->id : "");
    tf_buf_text(out, ",\"country\":\"XXX\",\"type\":\"COMMON\"");
    tf_json_put_text(out, "name", e->name);
    tf_json_put_text(out, "restriction", tf_zone_rule(e->restriction, false));
    tf_zone_put_reason(out, e->category);
    tf_json_put_text(out, "message", e->note);
    put_periods(out, part);
    tf_buf_text(out, ",\"zoneAuthority\":[{\"purpose\":\"INFORMATION\"");
    tf_json_put_text(out, "name", e->party);
    tf_buf_text(out, "}]");
    enum tf_status rc = put_geometries(out, part);
    tf_buf_char(out, '}');
    return rc;
}

static enum tf_status ed269_write(const struct tf_picture *picture, struct tf_buf *out,
                                  struct tf_notes *notes)
{
    tf_buf_text(out, "{\"title\":\"Tafadi\",\"features\":[");
    enum tf_status rc = tf_zone_each(picture, out, notes, put_zone);
    tf_buf_text(out, "\n]}\n");
    return rc ? rc : tf_buf_status(out);
}

const struct tf_codec tf_codec_ed269 = {
    .format = TF_FORMAT_ED269, .detect = ed269_detect, .read = ed269_read, .write = ed269_write};
