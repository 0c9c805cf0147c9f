/*
 * ed318.c - UAS geographical zones as EUROCAE ED-318 has them, both ways.
 *
 * A GeoJSON FeatureCollection with a "layer" in each geometry; a Point with an
 * "extent" is a circle; the members of a GeometryCollection are layers. Edges are
 * straight in longitude and latitude. "type" is the rule, "variant" whether
 * the zone is COMMON or CUSTOMIZED. What is written follows the schemas of ED-318:
 * identifiers of at most 7 characters, texts of at most 200.
 */
#include "format/zone.h"

#include "base/utf8.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_IDENTIFIER = 7, MAX_TEXT = 200, MAX_NESTED_COLLECTIONS = 4 };

/* --- reading ------------------------------------------------------------------------- */

static enum tf_status read_limits(const struct tf_json *at, struct tf_zone_layer *out,
                                  struct tf_fault *fault)
{
    struct tf_json unit = tf_json_get(at, "uom");
    struct tf_json lower_reference = tf_json_get(at, "lowerReference");
    struct tf_json upper_reference = tf_json_get(at, "upperReference");
    out->lower_at = tf_json_get(at, "lower");
    out->upper_at = tf_json_get(at, "upper");
    enum tf_status rc =
        tf_zone_limit(&out->lower_at, &lower_reference, &unit, true, &out->lower, fault);
    return rc ? rc
              : tf_zone_limit(&out->upper_at, &upper_reference, &unit, false, &out->upper, fault);
}

static enum tf_status read_circle(const struct tf_json *at, struct tf_shape **out,
                                  struct tf_fault *fault)
{
    struct tf_json coordinates = tf_json_get(at, "coordinates");
    struct tf_json extent = tf_json_get(at, "extent"), radius = tf_json_get(&extent, "radius");
    struct tf_latlng centre;
    double radius_m;
    enum tf_status rc = tf_json_position(&coordinates, &centre, NULL, fault);
    if (!rc)
        rc = tf_json_object(&extent, fault);
    if (!rc)
        rc = tf_json_number(&radius, &radius_m, fault);
    if (!rc) {
        rc = tf_shape_circle(centre, radius_m, out, fault);
        if (rc)
            tf_json_prefix(&extent, false, fault);
    }
    return rc;
}

static enum tf_status add_polygon(struct tf_zone *zone, const struct tf_json *coordinates,
                                  const struct tf_zone_layer *layer)
{
    struct tf_shape *shape = NULL;
    enum tf_status rc = tf_json_polygon(coordinates, TF_EDGES_LONLAT, &shape, zone->fault);
    return rc ? rc : tf_zone_add_geometry(zone, shape, layer);
}

static enum tf_status add_geometry(struct tf_zone *zone, const struct tf_json *at, int type,
                                   const struct tf_zone_layer *layer)
{
    struct tf_json coordinates = tf_json_get(at, "coordinates");
    struct tf_shape *shape = NULL;
    if (type == 0) {
        enum tf_status rc = read_circle(at, &shape, zone->fault);
        return rc ? rc : tf_zone_add_geometry(zone, shape, layer);
    }
    if (type == 1)
        return add_polygon(zone, &coordinates, layer);
    enum tf_status rc = tf_json_array(&coordinates, zone->fault);
    for (size_t i = 0; !rc && i < tf_json_count(&coordinates); i++) {
        struct tf_json part = tf_json_item(&coordinates, i);
        rc = add_polygon(zone, &part, layer);
    }
    return rc;
}

/* `outer`: the layer of the collection around it, for members that have none. */
static enum tf_status read_geometry(struct tf_zone *zone, const struct tf_json *at,
                                    const struct tf_json *outer, int depth)
{
    static const char *const types[] = {"Point", "Polygon", "MultiPolygon", "GeometryCollection",
                                        NULL};
    struct tf_json type_at = tf_json_get(at, "type"), own = tf_json_get(at, "layer");
    struct tf_json members = tf_json_get(at, "geometries");
    const struct tf_json *layer = tf_json_there(&own) || !outer ? &own : outer;
    struct tf_zone_layer limits;
    int type = 0;
    enum tf_status rc = tf_json_object(at, zone->fault);
    if (!rc)
        rc = tf_json_word(&type_at, types, &type, zone->fault);
    if (!rc && type < 3) {
        rc = read_limits(layer, &limits, zone->fault);
        return rc ? rc : add_geometry(zone, at, type, &limits);
    }
    if (!rc)
        rc = tf_json_array(&members, zone->fault);
    if (!rc && depth >= MAX_NESTED_COLLECTIONS)
        rc = tf_json_fault(&members, TF_LIMIT, TF_TEXT("Geometry collections are nested too deep."),
                           NULL, NULL, zone->fault);
    for (size_t i = 0; !rc && i < tf_json_count(&members); i++) {
        struct tf_json member = tf_json_item(&members, i);
        rc = read_geometry(zone, &member, layer, depth + 1);
    }
    return rc;
}

static enum tf_status read_zone(struct tf_reader *reader, const struct tf_json *at)
{
    struct tf_fault fault = {0};
    struct tf_zone zone = {.reader = reader, .fault = &fault};
    struct tf_json properties = tf_json_get(at, "properties");
    struct tf_json geometry = tf_json_get(at, "geometry");
    struct tf_json periods = tf_json_get_any(
        &properties, (const char *const[]){"limitedApplicability", "applicability", NULL});
    enum tf_status rc = tf_json_object(at, &fault);
    if (!rc)
        rc = tf_json_object(&properties, &fault);
    if (!rc)
        rc = tf_zone_identity(&zone, &properties);
    if (!rc)
        rc = tf_zone_periods(&zone, &periods);
    if (!rc && zone.interval_count == 0) /* no limited applicability: always */
        rc = tf_zone_add_interval(&zone, TF_TIME_MIN, TF_TIME_MAX);
    if (!rc)
        rc = read_geometry(&zone, &geometry, NULL, 0);
    return tf_zone_finish(&zone, at, rc);
}

/* The times of the metadata must be times: a file that gets them wrong is not trusted. */
static enum tf_status check_metadata(struct tf_reader *reader, const struct tf_json *root)
{
    static const char *const keys[] = {"validFrom", "validTo", "issued"};
    struct tf_json metadata = tf_json_get(root, "metadata");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct tf_json at = tf_json_get(&metadata, keys[i]);
        struct tf_fault fault;
        int64_t ignored;
        if (tf_json_there(&at) && tf_json_time(&at, &ignored, &fault))
            return tf_reader_reject(reader, &fault);
    }
    return TF_OK;
}

static enum tf_status read_root(struct tf_reader *reader, const struct tf_json *root)
{
    struct tf_json list = tf_json_get(root, "features"), type = tf_json_get(root, "type");
    const char *text = json_string_value(type.value);
    enum tf_status rc = check_metadata(reader, root);
    if (rc)
        return rc;
    return text && strcmp(text, "Feature") == 0 ? read_zone(reader, root)
                                                : tf_json_each_feature(reader, &list, read_zone);
}

static enum tf_status ed318_read(struct tf_reader *reader)
{
    return tf_json_read_document(reader, read_root);
}

static int ed318_detect(const char *bytes, size_t len)
{
    /* The first outline may fill all of `bytes`: then the metadata, before it, must do. */
    static const char *const keys[] = {"zoneAuthority",
                                       "layer",
                                       "variant",
                                       "limitedApplicability",
                                       "upperReference",
                                       "lowerReference",
                                       "otherGeoid",
                                       "technicalLimitation",
                                       "technicalLimitations",
                                       NULL};
    static const char *const words[] = {"FeatureCollection", "Feature", NULL};
    struct tf_json_sniff seen = tf_json_sniff(bytes, len, keys, words);
    bool geojson = seen.first == '{' && seen.words;
    bool sure = (seen.keys & 1) && (seen.keys & 0x0E);
    return geojson && (sure || (seen.keys & 0x1F0)) ? 95 : 0;
}

/* --- writing ------------------------------------------------------------------------- */

/* ,"key":[{"text":...,"lang":"und"}], cut at MAX_TEXT bytes between characters. */
static void put_text(struct tf_buf *out, const char *key, const char *text)
{
    char cut[MAX_TEXT + 1];
    size_t len = text ? strlen(text) : 0;
    if (len == 0)
        return;
    if (len > MAX_TEXT)
        len = tf_utf8_cut(text, MAX_TEXT);
    memcpy(cut, text, len);
    cut[len] = '\0';
    tf_buf_printf(out, ",\"%s\":[{\"text\":", key);
    tf_buf_json(out, cut);
    tf_buf_text(out, ",\"lang\":\"und\"}]");
}

static void put_limit(struct tf_buf *out, const char *name, const char *reference_name,
                      struct tf_alt alt)
{
    static const char *const references[] = {
        [TF_ALT_W84] = "WGS84", [TF_ALT_AMSL] = "AMSL", [TF_ALT_AGL] = "AGL"};
    if (isinf(alt.value))
        return;
    tf_json_put_number(out, name, alt.value);
    tf_json_put_text(out, reference_name, references[alt.ref]);
}

static void put_layer(struct tf_buf *out, const struct tf_volume4 *volume)
{
    struct tf_zone_limits limits = tf_zone_limits_of(volume, true);
    tf_buf_printf(out, ",\"layer\":{\"uom\":\"%s\"",
                  limits.lower.unit == TF_ALT_UNIT_FT ? "ft" : "m");
    put_limit(out, "upper", "upperReference", limits.upper);
    put_limit(out, "lower", "lowerReference", limits.lower);
    tf_buf_text(out, "}}");
}

static void put_head(struct tf_buf *out, const struct tf_volume4 *volume)
{
    (void)volume;
    tf_buf_text(out, "{\"type\":\"Polygon\",\"coordinates\":");
}

static void put_circle(struct tf_buf *out, const struct tf_volume4 *volume)
{
    tf_buf_text(out, "{\"type\":\"Point\",\"coordinates\":");
    tf_json_put_position(out, tf_shape_ring(volume->shape, 0).vertices[0]);
    tf_buf_text(out, ",\"extent\":{\"subType\":\"Circle\"");
    tf_json_put_number(out, "radius", tf_shape_radius_m(volume->shape));
    tf_buf_char(out, '}');
    put_layer(out, volume);
}

static enum tf_status put_geometries(struct tf_buf *out, const struct tf_zone_part *part)
{
    static const struct tf_zone_style style = {put_circle, put_head, put_layer, TF_EDGES_LONLAT};
    tf_buf_text(out, ",\"geometry\":{\"type\":\"GeometryCollection\",\"geometries\":[");
    enum tf_status rc = tf_zone_put_geometries(out, part, &style);
    tf_buf_text(out, "]}");
    return rc;
}

static void put_periods(struct tf_buf *out, const struct tf_zone_part *part)
{
    const struct tf_volume4 *only = part->volumes;
    if (part->interval_count == 1 && only->start_ns == TF_TIME_MIN && only->end_ns == TF_TIME_MAX)
        return;
    tf_buf_text(out, ",\"limitedApplicability\":[");
    for (size_t i = 0; i < part->interval_count; i++) {
        const struct tf_volume4 *v = &part->volumes[i * part->geometry_count];
        struct tf_buf period = TF_BUF_INIT(256);
        if (v->start_ns != TF_TIME_MIN)
            tf_json_put_time(&period, "startDateTime", v->start_ns);
        if (v->end_ns != TF_TIME_MAX)
            tf_json_put_time(&period, "endDateTime", v->end_ns);
        tf_buf_printf(out, "%s{%s}", i ? "," : "", period.len ? period.data + 1 : "");
        if (tf_buf_status(&period) && !out->status)
            out->status = tf_buf_status(&period);
        tf_buf_release(&period);
    }
    tf_buf_char(out, ']');
}

static size_t character_count(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += !tf_utf8_continues(*text);
    return n;
}

/* The id if it is short enough, else "T" and its number in base 36. */
static void put_identifier(struct tf_buf *out, const struct tf_zone_part *part,
                           struct tf_notes *notes)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *id = part->entity->id;
    char made[MAX_IDENTIFIER + 1] = "T000000";
    bool fits = id && *id && character_count(id) <= MAX_IDENTIFIER;
    size_t number = part->index;
    for (int i = MAX_IDENTIFIER - 1; i > 0; i--, number /= 36)
        made[i] = digits[number % 36];
    tf_buf_text(out, "\"identifier\":");
    tf_buf_json(out, fits ? id : made);
    if (!fits)
        tf_zone_warn(out, notes, part,
                     TF_TEXT("The id %1 is longer than the 7 characters of ED-318. Another one "
                             "was given."));
}

static enum tf_status put_zone(struct tf_buf *out, const struct tf_zone_part *part,
                               struct tf_notes *notes)
{
    const struct tf_entity *e = part->entity;
    bool authorised = e->restriction == TF_RESTRICTION_RESTRICTED;
    tf_buf_text(out, "{\"type\":\"Feature\",\"properties\":{");
    put_identifier(out, part, notes);
    tf_buf_text(out, ",\"country\":\"XXX\",\"variant\":\"COMMON\"");
    tf_json_put_text(out, "type", tf_zone_rule(e->restriction, true));
    put_text(out, "name", e->name);
    tf_zone_put_reason(out, e->category);
    put_text(out, "message", e->note);
    put_periods(out, part);
    tf_buf_printf(out, ",\"zoneAuthority\":[{\"purpose\":\"%s\"",
                  authorised ? "AUTHORIZATION" : "INFORMATION");
    put_text(out, "name", e->party);
    tf_buf_text(out, "}]}");
    enum tf_status rc = put_geometries(out, part);
    tf_buf_char(out, '}');
    return rc;
}

static enum tf_status ed318_write(const struct tf_picture *picture, struct tf_buf *out,
                                  struct tf_notes *notes)
{
    tf_buf_text(out, "{\"type\":\"FeatureCollection\",\"name\":\"Tafadi\",\"features\":[");
    enum tf_status rc = tf_zone_each(picture, out, notes, put_zone);
    tf_buf_text(out, "\n]}\n");
    return rc ? rc : tf_buf_status(out);
}

const struct tf_codec tf_codec_ed318 = {
    .format = TF_FORMAT_ED318, .detect = ed318_detect, .read = ed318_read, .write = ed318_write};
