/*
 * f3548write.c - writes ASTM F3548-21 JSON: {"operational_intents": [...],
 * "constraints": [...]}, each {reference, details} as between USSs.
 *
 * The standard has circles and polygons without holes, geodesic edges, heights
 * above the ellipsoid. Everything else becomes the smallest of these that holds
 * it, with a warning. What the picture does not know (OVN, base URL) is not made
 * up, so the answer is not a complete reference.
 */
#include "format/f3548.h"
#include "format/outline.h"

#include <math.h>
#include <string.h>

static void put_place(struct tf_buf *out, struct tf_latlng p)
{
    tf_buf_text(out, "{\"lat\":");
    tf_buf_double(out, p.lat_deg);
    tf_buf_text(out, ",\"lng\":");
    tf_buf_double(out, p.lng_deg);
    tf_buf_char(out, '}');
}

static void put_circle(struct tf_buf *out, const struct tf_shape *shape)
{
    tf_buf_text(out, "\"outline_circle\":{\"center\":");
    put_place(out, tf_shape_ring(shape, 0).vertices[0]);
    tf_buf_text(out, ",\"radius\":{\"value\":");
    tf_buf_double(out, tf_shape_radius_m(shape));
    tf_buf_text(out, ",\"units\":\"M\"}}");
}

static void put_ring(struct tf_buf *out, struct tf_ring ring)
{
    tf_buf_text(out, "\"outline_polygon\":{\"vertices\":[");
    for (size_t i = 0; i < ring.count; i++) {
        if (i > 0)
            tf_buf_char(out, ',');
        put_place(out, ring.vertices[i]);
    }
    tf_buf_text(out, "]}");
}

static void put_altitude(struct tf_buf *out, const char *name, double value_m)
{
    if (!isfinite(value_m))
        return;
    tf_buf_printf(out, ",\"%s\":{\"value\":", name);
    tf_buf_double(out, fmin(fmax(value_m, TF_ALT_MIN_M), TF_ALT_MAX_M));
    tf_buf_text(out, ",\"reference\":\"W84\",\"units\":\"M\"}");
}

static void put_time(struct tf_buf *out, const char *name, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    if (t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX)
        return;
    tf_time_format(t_ns, text);
    tf_buf_printf(out, ",\"%s\":{\"value\":\"%s\",\"format\":\"RFC3339\"}", name, text);
}

/* One volume for each ring: a corridor may need several. */
static void put_volume(struct tf_buf *out, const struct tf_volume4 *v, struct tf_ring ring,
                       bool first)
{
    tf_buf_text(out, first ? "{\"volume\":{" : ",{\"volume\":{");
    if (ring.count > 0)
        put_ring(out, ring);
    else
        put_circle(out, v->shape);
    put_altitude(out, "altitude_lower", v->alt.lower_m);
    put_altitude(out, "altitude_upper", v->alt.upper_m);
    tf_buf_char(out, '}');
    put_time(out, "time_start", v->start_ns);
    put_time(out, "time_end", v->end_ns);
    tf_buf_char(out, '}');
}

static bool is_plain(const struct tf_shape *shape)
{
    return tf_outline_is_own(shape, TF_EDGES_GEODESIC);
}

static enum tf_status put_shape(struct tf_buf *out, const struct tf_volume4 *v, bool *first)
{
    if (tf_shape_kind(v->shape) == TF_SHAPE_CIRCLE) {
        put_volume(out, v, (struct tf_ring){0}, *first);
    } else if (is_plain(v->shape)) {
        put_volume(out, v, tf_shape_ring(v->shape, 0), *first);
    } else {
        struct tf_outline outline;
        enum tf_status rc = tf_outline_of(v->shape, &outline);
        if (rc)
            return rc;
        for (size_t r = 0; r < outline.ring_count; r++) {
            if (tf_outline_is_hole(v->shape, r))
                continue;
            put_volume(out, v, outline.rings[r], *first);
            *first = false;
        }
        tf_outline_release(&outline);
    }
    *first = false;
    return TF_OK;
}

enum tf_status tf_f3548_put_volume(struct tf_buf *out, const struct tf_volume4 *volume)
{
    bool first = true;
    enum tf_status rc = put_shape(out, volume, &first);
    return rc ? rc : tf_buf_status(out);
}

static enum tf_status put_volumes(struct tf_buf *out, const struct tf_entity *e)
{
    bool first = true;
    enum tf_status rc = TF_OK;
    tf_buf_text(out, "\"volumes\":[");
    for (size_t i = 0; !rc && i < e->volume_count; i++)
        rc = put_shape(out, &e->volumes[i], &first);
    tf_buf_char(out, ']');
    return rc;
}

/* What is lost on the way, once for each entity. */
static void warn_losses(struct tf_buf *out, struct tf_notes *notes, const struct tf_entity *e,
                        size_t index)
{
    bool heights = false, holes = false, outlines = false;
    for (size_t i = 0; i < e->volume_count; i++) {
        const struct tf_volume4 *v = &e->volumes[i];
        heights = heights || (isfinite(v->alt.lower.value) && v->alt.lower.ref != TF_ALT_W84) ||
                  (isfinite(v->alt.upper.value) && v->alt.upper.ref != TF_ALT_W84);
        bool polygon = tf_shape_kind(v->shape) == TF_SHAPE_POLYGON;
        holes = holes || (polygon && tf_shape_ring_count(v->shape) > 1);
        outlines = outlines || (tf_shape_kind(v->shape) != TF_SHAPE_CIRCLE && !is_plain(v->shape));
    }
    if (heights)
        tf_write_warn_entity(out, notes, e, index,
                             TF_TEXT("Heights of %1 were widened to limits above the ellipsoid."));
    if (holes)
        tf_write_warn_entity(out, notes, e, index,
                             TF_TEXT("The holes in %1 were filled: F3548 has none."));
    if (outlines)
        tf_write_warn_entity(out, notes, e, index,
                             TF_TEXT("Outlines of %1 were replaced by polygons around them."));
    if (e->waypoint_count > 0)
        tf_write_warn_entity(out, notes, e, index,
                             TF_TEXT("The trajectory of %1 was written as volumes."));
}

static const char *state_word(enum tf_state state)
{
    static const char *const words[TF_STATE_COUNT] = {
        [TF_STATE_ACCEPTED] = "Accepted",
        [TF_STATE_ACTIVATED] = "Activated",
        [TF_STATE_NONCONFORMING] = "Nonconforming",
        [TF_STATE_CONTINGENT] = "Contingent",
    };
    return (unsigned)state < TF_STATE_COUNT ? words[state] : NULL;
}

static enum tf_status put_entity(struct tf_buf *out, const struct tf_entity *e)
{
    bool zone = e->kind == TF_KIND_ZONE;
    int64_t start_ns = TF_TIME_MAX, end_ns = TF_TIME_MIN;
    for (size_t i = 0; i < e->volume_count; i++) {
        start_ns = e->volumes[i].start_ns < start_ns ? e->volumes[i].start_ns : start_ns;
        end_ns = e->volumes[i].end_ns > end_ns ? e->volumes[i].end_ns : end_ns;
    }
    tf_buf_text(out, "{\"reference\":{\"id\":");
    tf_buf_json(out, e->id ? e->id : "");
    tf_json_put_text(out, "manager", e->party);
    if (!zone)
        tf_json_put_text(out, "state", state_word(e->state));
    put_time(out, "time_start", start_ns);
    put_time(out, "time_end", end_ns);
    tf_buf_text(out, "},\"details\":{");
    enum tf_status rc = put_volumes(out, e);
    if (zone)
        tf_json_put_text(out, "type", e->category);
    else
        tf_buf_printf(out, ",\"off_nominal_volumes\":[],\"priority\":%d", e->priority);
    tf_buf_text(out, "}}");
    return rc;
}

/* Whether the standard has a place for it. */
static bool is_sayable(const struct tf_entity *e, bool zones)
{
    bool zone = e->kind == TF_KIND_ZONE;
    return zone == zones && e->kind != TF_KIND_SITE && (zone || state_word(e->state));
}

enum tf_status tf_f3548_write(const struct tf_picture *picture, struct tf_buf *out,
                              struct tf_notes *notes)
{
    enum tf_status rc = TF_OK;
    for (int zones = 0; zones < 2; zones++) {
        bool first = true;
        tf_buf_text(out, zones ? "],\n\"constraints\":[" : "{\"operational_intents\":[");
        for (size_t i = 0; !rc && i < picture->count; i++) {
            const struct tf_entity *e = &picture->entities[i];
            if (!is_sayable(e, zones))
                continue;
            tf_buf_text(out, first ? "\n" : ",\n");
            first = false;
            rc = put_entity(out, e);
            warn_losses(out, notes, e, i);
        }
    }
    tf_buf_text(out, "]}\n");
    for (size_t i = 0; !rc && i < picture->count; i++) {
        const struct tf_entity *e = &picture->entities[i];
        if (!is_sayable(e, false) && !is_sayable(e, true))
            tf_write_warn_entity(out, notes, e, i,
                                 TF_TEXT("%1 was left out: F3548 has active operations and "
                                         "constraints only."));
    }
    return rc ? rc : tf_buf_status(out);
}
