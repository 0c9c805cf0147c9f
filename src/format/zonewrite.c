/*
 * zonewrite.c - writes what ED-269 and ED-318 share.
 *
 * An entity is a list of volumes; a zone is geometries times intervals. Volumes
 * that are such a product become one zone again, others one zone for each run
 * of the same interval.
 */
#include "format/outline.h"
#include "format/zone.h"

#include <math.h>
#include <string.h>

/* --- parts ------------------------------------------------------------------------- */

static bool same_interval(const struct tf_volume4 *a, const struct tf_volume4 *b)
{
    return a->start_ns == b->start_ns && a->end_ns == b->end_ns;
}

static bool same_geometry(const struct tf_volume4 *a, const struct tf_volume4 *b)
{
    return a->shape == b->shape && a->alt.lower_m == b->alt.lower_m &&
           a->alt.upper_m == b->alt.upper_m;
}

static size_t run_length(const struct tf_entity *e, size_t first)
{
    size_t n = 1;
    while (first + n < e->volume_count && same_interval(&e->volumes[first], &e->volumes[first + n]))
        n++;
    return n;
}

/* Whether the volumes are blocks of `run`: the same geometries, each block its interval. */
static bool is_product(const struct tf_entity *e, size_t run)
{
    if (e->volume_count % run != 0)
        return false;
    for (size_t i = run; i < e->volume_count; i++)
        if (!same_geometry(&e->volumes[i], &e->volumes[i % run]) ||
            !same_interval(&e->volumes[i], &e->volumes[i - i % run]))
            return false;
    return true;
}

void tf_zone_warn(struct tf_buf *out, struct tf_notes *notes, const struct tf_zone_part *part,
                  const char *message)
{
    tf_write_warn_entity(out, notes, part->entity, part->index, message);
}

static void warn_losses(struct tf_buf *out, const struct tf_zone_part *part, struct tf_notes *notes,
                        bool split)
{
    const struct tf_entity *e = part->entity;
    bool std = false;
    for (size_t i = 0; i < e->volume_count; i++)
        std = std || e->volumes[i].alt.lower.ref == TF_ALT_STD ||
              e->volumes[i].alt.upper.ref == TF_ALT_STD;
    if (split)
        tf_zone_warn(out, notes, part,
                     TF_TEXT("%1 has several intervals and was written as several zones."));
    if (std)
        tf_zone_warn(out, notes, part,
                     TF_TEXT("Flight levels of %1 were widened to limits above the sea."));
    if (e->restriction == TF_RESTRICTION_INFORMATION)
        tf_zone_warn(out, notes, part,
                     TF_TEXT("%1 is for information only. It was written as NO_RESTRICTION."));
}

typedef enum tf_status (*put_part)(struct tf_buf *out, const struct tf_zone_part *part,
                                   struct tf_notes *notes);

static enum tf_status put_entity(struct tf_buf *out, struct tf_zone_part *part,
                                 struct tf_notes *notes, put_part put, bool *first)
{
    const struct tf_entity *e = part->entity;
    size_t run = e->volume_count ? run_length(e, 0) : 1;
    bool product = is_product(e, run);
    enum tf_status rc = TF_OK;
    warn_losses(out, part, notes, !product);
    for (size_t i = 0; !rc && i < e->volume_count; i += product ? e->volume_count : run) {
        run = product ? run : run_length(e, i);
        part->volumes = &e->volumes[i];
        part->geometry_count = run;
        part->interval_count = product ? e->volume_count / run : 1;
        tf_buf_text(out, *first ? "\n" : ",\n");
        *first = false;
        rc = put(out, part, notes);
    }
    return rc;
}

enum tf_status tf_zone_each(const struct tf_picture *picture, struct tf_buf *out,
                            struct tf_notes *notes, put_part put)
{
    enum tf_status rc = TF_OK;
    bool first = true;
    for (size_t i = 0; !rc && i < picture->count; i++) {
        struct tf_zone_part part = {.entity = &picture->entities[i], .index = i};
        if (part.entity->kind == TF_KIND_ZONE)
            rc = put_entity(out, &part, notes, put, &first);
        else
            tf_zone_warn(out, notes, &part, TF_TEXT("%1 was left out: the format has zones only."));
    }
    return rc;
}

/* --- words ------------------------------------------------------------------------- */

const char *tf_zone_rule(enum tf_restriction restriction, bool american)
{
    switch (restriction) {
    case TF_RESTRICTION_PROHIBITED:
        return "PROHIBITED";
    case TF_RESTRICTION_RESTRICTED:
        return american ? "REQ_AUTHORIZATION" : "REQ_AUTHORISATION";
    case TF_RESTRICTION_CONDITIONAL:
        return "CONDITIONAL";
    default:
        return "NO_RESTRICTION";
    }
}

void tf_zone_put_reason(struct tf_buf *out, const char *category)
{
    static const char *const known[] = {"AIR_TRAFFIC", "SENSITIVE", "PRIVACY",
                                        "POPULATION",  "NATURE",    "NOISE",
                                        "EMERGENCY",   "DAR",       "OTHER"};
    size_t count = 0;
    if (!category)
        return;
    tf_buf_text(out, ",\"reason\":[");
    for (const char *p = category; *p;) {
        size_t len = strcspn(p, ",");
        for (size_t i = 0; count < 9 && i < sizeof known / sizeof *known; i++)
            if (strlen(known[i]) == len && memcmp(known[i], p, len) == 0)
                tf_buf_printf(out, "%s\"%s\"", count++ ? "," : "", known[i]);
        p += len + (p[len] == ',');
    }
    tf_buf_text(out, count ? "]" : "\"OTHER\"]");
}

/* --- limits ------------------------------------------------------------------------- */

/* A limit above the ellipsoid in a reference that the format has. */
static struct tf_alt from_w84(double w84_m, double undulation_m, bool w84)
{
    return (struct tf_alt){w84 ? w84_m : w84_m - undulation_m, TF_ALT_UNIT_M,
                           w84 ? TF_ALT_W84 : TF_ALT_AMSL};
}

static bool is_known(struct tf_alt alt, bool w84)
{
    return isinf(alt.value) || alt.ref == TF_ALT_AGL || alt.ref == TF_ALT_AMSL ||
           (w84 && alt.ref == TF_ALT_W84);
}

static struct tf_alt in_metres(struct tf_alt alt)
{
    return (struct tf_alt){tf_alt_m(alt), TF_ALT_UNIT_M, alt.ref};
}

struct tf_zone_limits tf_zone_limits_of(const struct tf_volume4 *volume, bool w84)
{
    struct tf_zone_limits limits = {.lower = volume->alt.lower, .upper = volume->alt.upper};
    double low_m = 0, high_m = 0;
    bool lower = is_known(limits.lower, w84), upper = is_known(limits.upper, w84);
    limits.converted = !lower || !upper;
    if (limits.converted && !w84)
        tf_undulation_bounds(volume->shape, &low_m, &high_m);
    if (!lower)
        limits.lower = from_w84(volume->alt.lower_m, high_m, w84);
    if (!upper)
        limits.upper = from_w84(volume->alt.upper_m, low_m, w84);
    if (isinf(limits.lower.value))
        limits.lower = (struct tf_alt){limits.lower.value, limits.upper.unit, TF_ALT_AGL};
    if (isinf(limits.upper.value))
        limits.upper = (struct tf_alt){limits.upper.value, limits.lower.unit, TF_ALT_AGL};
    bool feet = limits.lower.unit == TF_ALT_UNIT_FT && limits.upper.unit == TF_ALT_UNIT_FT;
    if (!feet) {
        limits.lower = in_metres(limits.lower);
        limits.upper = in_metres(limits.upper);
    }
    return limits;
}

/* --- polygons ------------------------------------------------------------------------ */

static void put_ring(struct tf_buf *out, struct tf_ring ring)
{
    tf_buf_char(out, '[');
    for (size_t i = 0; i <= ring.count; i++) {
        if (i > 0)
            tf_buf_char(out, ',');
        tf_json_put_position(out, ring.vertices[i % ring.count]);
    }
    tf_buf_char(out, ']');
}

static void put_polygon(struct tf_buf *out, const struct tf_volume4 *volume,
                        const struct tf_ring *rings, size_t count,
                        const struct tf_zone_style *style)
{
    style->put_head(out, volume);
    tf_buf_char(out, '[');
    for (size_t r = 0; r < count; r++) {
        if (r > 0)
            tf_buf_char(out, ',');
        put_ring(out, rings[r]);
    }
    tf_buf_char(out, ']');
    style->put_tail(out, volume);
}

/* The rings of a shape as they were given. */
static enum tf_status put_own_rings(struct tf_buf *out, const struct tf_volume4 *volume,
                                    const struct tf_zone_style *style)
{
    style->put_head(out, volume);
    tf_buf_char(out, '[');
    for (size_t r = 0; r < tf_shape_ring_count(volume->shape); r++) {
        if (r > 0)
            tf_buf_char(out, ',');
        put_ring(out, tf_shape_ring(volume->shape, r));
    }
    tf_buf_char(out, ']');
    style->put_tail(out, volume);
    return TF_OK;
}

static enum tf_status put_polygons(struct tf_buf *out, const struct tf_volume4 *volume,
                                   const struct tf_zone_style *style)
{
    const struct tf_shape *shape = volume->shape;
    if (tf_outline_is_own(shape, style->edges))
        return put_own_rings(out, volume, style);
    struct tf_outline outline;
    enum tf_status rc = tf_outline_of(shape, &outline);
    if (rc)
        return rc;
    size_t holes = 0;
    while (holes + 1 < outline.ring_count && tf_outline_is_hole(shape, holes + 1))
        holes++;
    /* A grown polygon's holes are smaller than its rings: they are filled. */
    bool area = tf_shape_kind(shape) == TF_SHAPE_POLYGON;
    bool grown = tf_shape_radius_m(shape) > 0;
    put_polygon(out, volume, outline.rings, area && !grown ? 1 + holes : 1, style);
    for (size_t r = 1 + holes; r < outline.ring_count; r++) {
        tf_buf_char(out, ',');
        put_polygon(out, volume, &outline.rings[r], 1, style);
    }
    tf_outline_release(&outline);
    return TF_OK;
}

enum tf_status tf_zone_put_geometries(struct tf_buf *out, const struct tf_zone_part *part,
                                      const struct tf_zone_style *style)
{
    enum tf_status rc = TF_OK;
    for (size_t g = 0; !rc && g < part->geometry_count; g++) {
        const struct tf_volume4 *volume = &part->volumes[g];
        if (g > 0)
            tf_buf_char(out, ',');
        if (tf_shape_kind(volume->shape) == TF_SHAPE_CIRCLE)
            style->put_circle(out, volume);
        else
            rc = put_polygons(out, volume, style);
    }
    return rc;
}
