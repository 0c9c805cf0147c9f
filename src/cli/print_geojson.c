/*
 * print_geojson.c - conflicts on a map: where, and the two volumes.
 */
#include "cli/print.h"

#include "base/put.h"
#include <math.h>
#include <stdlib.h>

/* Drawn borders lie within this of the true ones. */
#define DRAWN_ERROR_M 10.0

/* --- outlines ---------------------------------------------------------------------- */

struct outline {
    struct tf_latlng *points;
    size_t *ring_of; /* for each point */
    size_t count, capacity;
    bool failed;
};

static bool outline_grow(struct outline *outline)
{
    size_t capacity = outline->capacity ? 2 * outline->capacity : 64;
    struct tf_latlng *points = realloc(outline->points, capacity * sizeof *points);
    if (points)
        outline->points = points;
    size_t *ring_of = realloc(outline->ring_of, capacity * sizeof *ring_of);
    if (ring_of)
        outline->ring_of = ring_of;
    if (points && ring_of)
        outline->capacity = capacity;
    return points && ring_of;
}

static void collect(void *ctx, size_t ring, struct tf_latlng vertex)
{
    struct outline *outline = ctx;
    if (outline->failed || (outline->count == outline->capacity && !outline_grow(outline))) {
        outline->failed = true;
        return;
    }
    bool same_ring = outline->count > 0 && outline->ring_of[outline->count - 1] == ring;
    if (same_ring) { /* stay near the vertex before: no jump at the antimeridian */
        double before = outline->points[outline->count - 1].lng_deg;
        vertex.lng_deg += 360 * round((before - vertex.lng_deg) / 360);
    }
    outline->points[outline->count] = vertex;
    outline->ring_of[outline->count++] = ring;
}

/* > 0: counter-clockwise (planar, in degrees). */
static double signed_area(const struct tf_latlng *ring, size_t count)
{
    double area = 0;
    for (size_t i = 0; i < count; i++) {
        const struct tf_latlng *p = &ring[i], *q = &ring[(i + 1) % count];
        area += p->lng_deg * q->lat_deg - q->lng_deg * p->lat_deg;
    }
    return area;
}

static void position(struct tf_buf *out, struct tf_latlng p)
{
    tf_buf_printf(out, "[%.7f,%.7f]", p.lng_deg, p.lat_deg);
}

/* One closed ring, wound as RFC 7946 wants it. */
static void ring_text(struct tf_buf *out, const struct tf_latlng *ring, size_t count, bool hole)
{
    bool closed = count > 1 && ring[0].lat_deg == ring[count - 1].lat_deg &&
                  ring[0].lng_deg == ring[count - 1].lng_deg;
    count -= closed;
    bool reverse = (signed_area(ring, count) > 0) == hole;
    tf_buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        position(out, ring[reverse ? count - 1 - i : i]);
        tf_buf_char(out, ',');
    }
    position(out, ring[reverse ? count - 1 : 0]);
    tf_buf_char(out, ']');
}

static void outline_rings(struct tf_buf *out, const struct outline *outline, bool polygon)
{
    size_t ring = 0;
    for (size_t from = 0; from < outline->count; ring++) {
        size_t to = from + 1;
        while (to < outline->count && outline->ring_of[to] == outline->ring_of[from])
            to++;
        if (ring > 0)
            tf_buf_char(out, ',');
        if (!polygon)
            tf_buf_char(out, '[');
        ring_text(out, outline->points + from, to - from, polygon && ring > 0);
        if (!polygon)
            tf_buf_char(out, ']');
        from = to;
    }
}

void geojson_outline(const struct tf_shape *shape, struct tf_buf *out)
{
    struct outline outline = {0};
    bool polygon = tf_shape_kind(shape) != TF_SHAPE_CORRIDOR;
    tf_shape_outline(shape, DRAWN_ERROR_M, collect, &outline);
    if (outline.failed)
        out->status = TF_NOMEM;
    tf_buf_printf(out, "{\"type\":\"%s\",\"coordinates\":[", polygon ? "Polygon" : "MultiPolygon");
    outline_rings(out, &outline, polygon);
    tf_buf_text(out, "]}");
    free(outline.points);
    free(outline.ring_of);
}

/* --- features ----------------------------------------------------------------------- */

static void volume_members(struct tf_buf *out, const struct tf_volume4 *volume)
{
    tf_put_double(out, "lower_m", volume->alt.lower_m);
    tf_put_double(out, "upper_m", volume->alt.upper_m);
    tf_put_time_ns(out, "start", volume->start_ns);
    tf_put_time_ns(out, "end", volume->end_ns);
}

static void volume_feature(struct tf_buf *out, const struct result *result, size_t number,
                           size_t entity, size_t volume)
{
    const struct tf_entity *whose = &result->search->picture->entities[entity];
    tf_buf_text(out, ",\n{\"type\":\"Feature\",\"properties\":{\"role\":\"volume\"");
    tf_put_double(out, "conflict", (double)number);
    json_entity(out, "entity", whose);
    tf_put_double(out, "volume", (double)volume);
    volume_members(out, &whose->volumes[volume]);
    tf_buf_text(out, "},\"geometry\":");
    geojson_outline(whose->volumes[volume].shape, out);
    tf_buf_char(out, '}');
}

/* A point where they overlap, else the line of closest approach. */
static void approach_geometry(struct tf_buf *out, const struct tf_conflict_pair *pair)
{
    struct tf_latlng to = pair->place_b;
    if (pair->distance_m > 0) {
        to.lng_deg += 360 * round((pair->place_a.lng_deg - to.lng_deg) / 360);
        tf_buf_text(out, "{\"type\":\"LineString\",\"coordinates\":[");
        position(out, pair->place_a);
        tf_buf_char(out, ',');
        position(out, to);
        tf_buf_text(out, "]}");
    } else {
        tf_buf_text(out, "{\"type\":\"Point\",\"coordinates\":");
        position(out, pair->place_a);
        tf_buf_char(out, '}');
    }
}

static void conflict_features(struct tf_buf *out, const struct result *result, size_t index)
{
    const struct tf_conflict *conflict = &result->conflicts->conflicts[index];
    const struct tf_conflict_pair *key = search_key_pair(result->conflicts, conflict);
    tf_buf_text(out, index ? ",\n" : "\n");
    tf_buf_text(out, "{\"type\":\"Feature\",\"properties\":{\"role\":\"conflict\"");
    tf_put_double(out, "conflict", (double)(index + 1));
    json_conflict_members(out, result->search->picture, conflict);
    tf_buf_text(out, "},\"geometry\":");
    approach_geometry(out, key);
    tf_buf_char(out, '}');
    volume_feature(out, result, index + 1, conflict->a, key->volume_a);
    volume_feature(out, result, index + 1, conflict->b, key->volume_b);
}

void print_conflicts_geojson(const struct result *result, struct tf_buf *out)
{
    tf_buf_text(out, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (size_t i = 0; i < result->conflicts->count; i++)
        conflict_features(out, result, i);
    tf_buf_text(out, "]}\n");
}

static void option_feature(struct tf_buf *out, const struct tf_entity *entity,
                           const struct tf_option *option, size_t rank, size_t volume)
{
    tf_buf_text(out, "{\"type\":\"Feature\",\"properties\":{\"role\":\"option\"");
    tf_put_double(out, "rank", (double)rank);
    json_entity(out, "entity", entity);
    tf_put_double(out, "volume", (double)volume);
    tf_put_double(out, "shift_s", (double)option->shift_ns / 1e9);
    tf_put_double(out, "level_m", option->level_m);
    tf_put_double(out, "offset_m", option->offset_m);
    tf_put_double(out, "extra_distance_m", option->extra_distance_m);
    tf_put_double(out, "cost", option->cost);
    volume_members(out, &option->volumes[volume]);
    tf_buf_text(out, "},\"geometry\":");
    geojson_outline(option->volumes[volume].shape, out);
    tf_buf_char(out, '}');
}

void print_options_geojson(const struct tf_entity *entity, const struct tf_options *found,
                           struct tf_buf *out)
{
    const char *comma = "\n";
    tf_buf_text(out, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (size_t i = 0; i < found->count; i++) {
        for (size_t v = 0; v < found->options[i].volume_count; v++) {
            tf_buf_text(out, comma);
            option_feature(out, entity, &found->options[i], i + 1, v);
            comma = ",\n";
        }
    }
    tf_buf_text(out, "]}\n");
}
