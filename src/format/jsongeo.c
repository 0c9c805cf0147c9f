/*
 * jsongeo.c - positions and rings as GeoJSON and its relatives write them.
 */
#include "format/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* [13, 95] may be [latitude, longitude]; [200, 10] is nothing. */
static enum tf_status bad_position(const struct tf_json *at, struct tf_latlng p,
                                   struct tf_fault *fault)
{
    struct tf_latlng swapped = {.lat_deg = p.lng_deg, .lng_deg = p.lat_deg};
    char lat[32], lng[32];
    snprintf(lat, sizeof lat, "%.8g", p.lat_deg);
    snprintf(lng, sizeof lng, "%.8g", p.lng_deg);
    return tf_json_fault(at, TF_RANGE,
                         tf_latlng_is_valid(swapped)
                             ? TF_TEXT("Latitude %1 is outside of -90 to 90. Longitude comes first "
                                       "in this format: are the two swapped?")
                             : TF_TEXT("Latitude %1, longitude %2 is not a place on Earth."),
                         lat, lng, fault);
}

enum tf_status tf_json_position(const struct tf_json *at, struct tf_latlng *out, double *altitude,
                                struct tf_fault *fault)
{
    enum tf_status rc = tf_json_array(at, fault);
    struct tf_json lng = tf_json_item(at, 0), lat = tf_json_item(at, 1), up = tf_json_item(at, 2);
    struct tf_latlng p = {0};
    double up_value = NAN;
    if (!rc)
        rc = tf_json_number(&lng, &p.lng_deg, fault);
    if (!rc)
        rc = tf_json_number(&lat, &p.lat_deg, fault);
    if (!rc && tf_json_there(&up))
        rc = tf_json_number(&up, &up_value, fault);
    if (rc)
        return rc;
    if (!tf_latlng_is_valid(p))
        return bad_position(at, p, fault);
    *out = p;
    if (altitude)
        *altitude = up_value;
    return TF_OK;
}

/* Vertices nearer than this to the one before are the same, written twice: 0.1 mm, a
 * hundredth of what decisions are exact to. */
static bool same_place(struct tf_latlng a, struct tf_latlng b)
{
    static const double least_deg = 1e-9;
    return fabs(a.lat_deg - b.lat_deg) < least_deg && fabs(a.lng_deg - b.lng_deg) < least_deg;
}

enum tf_status tf_json_rings_add(struct tf_json_rings *rings, struct tf_latlng vertex)
{
    if (rings->count > rings->closed && same_place(rings->vertices[rings->count - 1], vertex))
        return TF_OK;
    if (rings->count == rings->capacity) {
        size_t capacity = rings->capacity ? 2 * rings->capacity : 32;
        struct tf_latlng *vertices = realloc(rings->vertices, capacity * sizeof *vertices);
        if (!vertices)
            return TF_NOMEM;
        rings->vertices = vertices;
        rings->capacity = capacity;
    }
    rings->vertices[rings->count++] = vertex;
    return TF_OK;
}

enum tf_status tf_json_rings_close(struct tf_json_rings *rings, bool is_ring)
{
    if (rings->ring_count == rings->ring_capacity) {
        size_t capacity = rings->ring_capacity ? 2 * rings->ring_capacity : 4;
        struct tf_ring *list = realloc(rings->rings, capacity * sizeof *list);
        if (!list)
            return TF_NOMEM;
        rings->rings = list;
        rings->ring_capacity = capacity;
    }
    while (is_ring && rings->count > rings->closed + 1 &&
           same_place(rings->vertices[rings->closed], rings->vertices[rings->count - 1]))
        rings->count--;
    rings->rings[rings->ring_count++] = (struct tf_ring){.count = rings->count - rings->closed};
    rings->closed = rings->count;
    return TF_OK;
}

void tf_json_rings_finish(struct tf_json_rings *rings)
{
    size_t offset = 0;
    for (size_t r = 0; r < rings->ring_count; r++) {
        rings->rings[r].vertices = rings->vertices ? rings->vertices + offset : NULL;
        offset += rings->rings[r].count;
    }
}

/* One ring. */
static enum tf_status read_ring(const struct tf_json *at, struct tf_json_rings *out, bool is_ring,
                                struct tf_fault *fault)
{
    enum tf_status rc = tf_json_array(at, fault);
    for (size_t i = 0; !rc && i < tf_json_count(at); i++) {
        struct tf_json item = tf_json_item(at, i);
        struct tf_latlng p;
        rc = tf_json_position(&item, &p, NULL, fault);
        if (rc)
            break;
        rc = tf_json_rings_add(out, p);
    }
    return rc ? rc : tf_json_rings_close(out, is_ring);
}

enum tf_status tf_json_rings_read(const struct tf_json *at, struct tf_json_rings *out,
                                  struct tf_fault *fault)
{
    enum tf_status rc = tf_json_array(at, fault);
    if (!rc && tf_json_count(at) > TF_SHAPE_MAX_RINGS)
        return tf_json_fault(at, TF_TOO_LARGE, TF_TEXT("An area may have at most 1000 rings."),
                             NULL, NULL, fault);
    if (!rc && tf_json_count(at) == 0)
        return tf_json_fault(at, TF_RING, TF_TEXT("The area has no ring."), NULL, NULL, fault);
    for (size_t i = 0; !rc && i < tf_json_count(at); i++) {
        struct tf_json ring = tf_json_item(at, i);
        rc = read_ring(&ring, out, true, fault);
    }
    if (rc == TF_NOMEM)
        return tf_json_fault(at, rc, NULL, NULL, NULL, fault);
    tf_json_rings_finish(out);
    return rc;
}

enum tf_status tf_json_line_read(const struct tf_json *at, struct tf_json_rings *out,
                                 struct tf_fault *fault)
{
    enum tf_status rc = read_ring(at, out, false, fault);
    tf_json_rings_finish(out);
    return rc == TF_NOMEM ? tf_json_fault(at, rc, NULL, NULL, NULL, fault) : rc;
}

void tf_json_rings_release(struct tf_json_rings *rings)
{
    free(rings->vertices);
    free(rings->rings);
    *rings = (struct tf_json_rings){0};
}

enum tf_status tf_json_polygon(const struct tf_json *coordinates, enum tf_edges edges,
                               struct tf_shape **out, struct tf_fault *fault)
{
    struct tf_json_rings rings = {0};
    enum tf_status rc = tf_json_rings_read(coordinates, &rings, fault);
    if (!rc) {
        rc = tf_shape_polygon(rings.rings, rings.ring_count, edges, 0, out, fault);
        if (rc)
            tf_json_prefix(coordinates, true, fault);
    }
    tf_json_rings_release(&rings);
    return rc;
}
