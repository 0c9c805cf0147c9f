/*
 * pictures.c - random pictures for round trips.
 */
#include "pictures.h"
#include "random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_VERTICES = 12 };

static double rounded(double value, double step)
{
    return round(value / step) * step;
}

static struct tf_latlng random_place(uint64_t *state)
{
    return (struct tf_latlng){random_between(state, -70, 70), random_between(state, -180, 180)};
}

static struct tf_latlng beside(struct tf_latlng from, double azimuth_deg, double distance_m)
{
    return tf_geodesic_direct(from, azimuth_deg, distance_m, NULL);
}

/* A star-shaped ring: never crosses itself. */
static struct tf_ring random_ring(uint64_t *state, struct tf_latlng centre, double least_m,
                                  double most_m, struct tf_latlng *vertices)
{
    size_t count = 3 + random_below(state, MAX_VERTICES - 3);
    for (size_t i = 0; i < count; i++) {
        double azimuth_deg = 360.0 * ((double)i + random_between(state, 0.1, 0.9)) / (double)count;
        vertices[i] = beside(centre, azimuth_deg, random_between(state, least_m, most_m));
    }
    return (struct tf_ring){vertices, count};
}

static struct tf_shape *random_polygon(uint64_t *state, const struct picture_limits *limits)
{
    struct tf_latlng outer[MAX_VERTICES], hole[MAX_VERTICES], centre = random_place(state);
    struct tf_ring rings[2] = {random_ring(state, centre, 3000, 9000, outer),
                               random_ring(state, centre, 100, 400, hole)};
    /* Long thin rings may leave the centre outside: few vertices have no hole. */
    size_t count = limits->no_holes || rings[0].count < 6 || random_below(state, 2) ? 1 : 2;
    bool geodesic = limits->geodesic_only || (!limits->lonlat_only && random_below(state, 2));
    enum tf_edges edges = geodesic ? TF_EDGES_GEODESIC : TF_EDGES_LONLAT;
    struct tf_shape *shape;
    assert_int_equal(tf_shape_polygon(rings, count, edges, 0, &shape, NULL), TF_OK);
    if (!limits->circles_polygons && random_below(state, 4) == 0) {
        struct tf_shape *grown;
        assert_int_equal(tf_shape_grow(shape, random_between(state, 1, 900), &grown, NULL), TF_OK);
        tf_shape_unref(shape);
        shape = grown;
    }
    return shape;
}

static struct tf_shape *random_shape(uint64_t *state, const struct picture_limits *limits)
{
    struct tf_shape *shape = NULL;
    struct tf_latlng line[5], centre = random_place(state);
    switch (random_below(state, limits->circles_polygons ? 2 : 3)) {
    case 0:
        assert_int_equal(
            tf_shape_circle(centre, rounded(random_between(state, 10, 9000), 0.5), &shape, NULL),
            TF_OK);
        return shape;
    case 1:
        return random_polygon(state, limits);
    default:
        for (size_t i = 0; i < 5; i++)
            line[i] = i ? beside(line[i - 1], random_between(state, 0, 90), 2000) : centre;
        assert_int_equal(
            tf_shape_corridor((struct tf_ring){line, 5}, random_between(state, 1, 900),
                              limits->geodesic_only ? TF_EDGES_GEODESIC : TF_EDGES_LONLAT, 0,
                              &shape, NULL),
            TF_OK);
        return shape;
    }
}

static void random_band(uint64_t *state, const struct picture_limits *limits,
                        const struct tf_shape *shape, struct tf_band *out)
{
    static const enum tf_alt_ref references[] = {TF_ALT_AGL, TF_ALT_AMSL, TF_ALT_W84, TF_ALT_STD};
    struct tf_alt lower = {rounded(random_between(state, 0, 300), 0.5), TF_ALT_UNIT_M, TF_ALT_W84};
    struct tf_alt upper = {rounded(random_between(state, 301, 9000), 0.5), TF_ALT_UNIT_M,
                           TF_ALT_W84};
    size_t known = limits->surface_references ? 2 : limits->no_std ? 3 : 4;
    if (!limits->w84_metres_only) {
        lower.ref = references[random_below(state, known)];
        upper.ref = references[random_below(state, known)];
        lower.unit = (enum tf_alt_unit)random_below(state, 2);
        upper.unit = limits->one_unit ? lower.unit : (enum tf_alt_unit)random_below(state, 2);
        if (lower.ref == TF_ALT_STD && random_below(state, 2))
            lower = (struct tf_alt){(double)random_below(state, 10), TF_ALT_UNIT_FL, TF_ALT_STD};
    }
    if (upper.unit == TF_ALT_UNIT_FT)
        upper.value += 10000; /* above the lower one in any unit */
    if (random_below(state, 6) == 0)
        lower.value = -INFINITY;
    if (random_below(state, 6) == 0)
        upper.value = INFINITY;
    struct tf_alt_context context;
    tf_alt_context_at(shape, &context);
    struct tf_fault fault;
    if (tf_band_make(lower, upper, &context, out, &fault))
        fail_msg("%s: %s", fault.field, fault.message);
}

static void random_interval(uint64_t *state, const struct picture_limits *limits, int64_t *start_ns,
                            int64_t *end_ns)
{
    int64_t step = limits->whole_seconds ? TF_SECOND_NS : 1;
    *start_ns = (INT64_C(1790000000) + (int64_t)random_below(state, 100000000)) * TF_SECOND_NS;
    *start_ns += (int64_t)random_below(state, 1000000000) / step * step;
    *end_ns = *start_ns + (1 + (int64_t)random_below(state, 1000000)) * TF_SECOND_NS;
    if (random_below(state, 6) == 0)
        *start_ns = TF_TIME_MIN;
    if (random_below(state, 6) == 0)
        *end_ns = TF_TIME_MAX;
}

static void add_volumes(uint64_t *state, const struct picture_limits *limits,
                        struct tf_entity *entity)
{
    size_t count = 1 + random_below(state, 4);
    int64_t start_ns, end_ns;
    random_interval(state, limits, &start_ns, &end_ns);
    for (size_t i = 0; i < count; i++) {
        struct tf_volume4 volume = {.shape = random_shape(state, limits)};
        if (!limits->one_time)
            random_interval(state, limits, &start_ns, &end_ns);
        random_band(state, limits, volume.shape, &volume.alt);
        volume.start_ns = start_ns;
        volume.end_ns = end_ns;
        assert_int_equal(tf_entity_add_volume(entity, &volume), TF_OK);
    }
}

static void add_trajectory(uint64_t *state, struct tf_entity *entity)
{
    size_t count = 2 + random_below(state, 6);
    struct tf_waypoint *w = calloc(count, sizeof *w);
    int64_t t_ns = INT64_C(1790000000) * TF_SECOND_NS;
    double accuracy_m = random_between(state, 1, 100);
    struct tf_latlng at = random_place(state);
    assert_non_null(w);
    for (size_t i = 0; i < count; i++) {
        t_ns += (1 + (int64_t)random_below(state, 300)) * TF_SECOND_NS + 1000000;
        at = beside(at, random_between(state, 0, 90), 5000);
        w[i] = (struct tf_waypoint){
            .at = at,
            .t_ns = t_ns,
            .alt = {random_between(state, 1000, 9000), TF_ALT_UNIT_M, TF_ALT_AMSL},
            .accuracy_h_m = random_below(state, 2) ? accuracy_m : 2 * accuracy_m,
            .accuracy_v_m = accuracy_m,
            .accuracy_t_ns = 1500000000};
    }
    assert_int_equal(
        tf_trajectory_volumes(w, count, NULL, NULL, &entity->volumes, &entity->volume_count, NULL),
        TF_OK);
    entity->volume_capacity = entity->volume_count;
    entity->waypoints = w;
    entity->waypoint_count = count;
}

static void random_text(uint64_t *state, const struct picture_limits *limits, char **field)
{
    static const char *const odd[] = {"مستشفى", "a \"quoted\" \\ text", "tab\there", "<b> & co",
                                      "Запад"};
    static const char *const plain[] = {"Alpha", "Bravo two", "Charlie-3"};
    const char *text =
        limits->plain_texts ? plain[random_below(state, 3)] : odd[random_below(state, 5)];
    if (random_below(state, 3))
        assert_int_equal(tf_entity_set_text(field, text), TF_OK);
}

static void random_words(uint64_t *state, const struct picture_limits *limits,
                         struct tf_entity *entity)
{
    bool few = limits->active_only;
    entity->kind = limits->zones_only        ? TF_KIND_ZONE
                   : limits->operations_only ? TF_KIND_OTHER
                                             : (enum tf_kind)random_below(state, TF_KIND_COUNT);
    entity->state = TF_STATE_ACTIVATED;
    if (entity->kind == TF_KIND_ZONE) {
        uint64_t known = limits->zones_only ? TF_RESTRICTION_INFORMATION : TF_RESTRICTION_COUNT;
        entity->restriction =
            few ? TF_RESTRICTION_RESTRICTED : (enum tf_restriction)random_below(state, known);
        return;
    }
    if (entity->kind != TF_KIND_SITE)
        entity->state = few ? (enum tf_state)(TF_STATE_ACCEPTED + random_below(state, 4))
                            : (enum tf_state)random_below(state, TF_STATE_COUNT);
    if (!limits->no_priority)
        entity->priority = (int)random_below(state, 200) - 100;
}

void random_picture(uint64_t *state, size_t entities, const struct picture_limits *limits,
                    struct tf_picture *out)
{
    for (size_t i = 0; i < entities; i++) {
        struct tf_entity entity = {0};
        char id[40];
        snprintf(id, sizeof id, limits->id_length ? "Z%05zu" : "entity %zu", i);
        random_words(state, limits, &entity);
        assert_int_equal(tf_entity_set_text(&entity.id, id), TF_OK);
        if (!limits->no_names)
            random_text(state, limits, &entity.name);
        if (!limits->no_party)
            random_text(state, limits, &entity.party);
        if (!limits->no_notes)
            random_text(state, limits, &entity.note);
        if (!limits->no_category)
            random_text(state, limits, &entity.category);
        if (!limits->circles_polygons && random_below(state, 4) == 0)
            add_trajectory(state, &entity);
        else
            add_volumes(state, limits, &entity);
        assert_int_equal(tf_picture_add(out, &entity), TF_OK);
    }
}

/* --- comparing ------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_place(struct tf_latlng a, struct tf_latlng b)
{
    return a.lat_deg == b.lat_deg && a.lng_deg == b.lng_deg;
}

/* Rings in any rotation and direction; lines and points as they are. */
static bool same_ring(struct tf_ring a, struct tf_ring b, bool closed)
{
    if (a.count != b.count)
        return false;
    for (size_t shift = 0; shift < (closed ? a.count : 1); shift++) {
        bool forward = true, backward = closed;
        for (size_t i = 0; i < a.count; i++) {
            size_t there = (shift + i) % a.count, back = (shift + a.count - i) % a.count;
            forward = forward && same_place(a.vertices[i], b.vertices[there]);
            backward = backward && same_place(a.vertices[i], b.vertices[back]);
        }
        if (forward || backward)
            return true;
    }
    return false;
}

static const char *shape_difference(const struct tf_shape *a, const struct tf_shape *b)
{
    if (tf_shape_kind(a) != tf_shape_kind(b))
        return "shape kind";
    if (tf_shape_radius_m(a) != tf_shape_radius_m(b))
        return "radius";
    if (tf_shape_kind(a) != TF_SHAPE_CIRCLE && tf_shape_edges(a) != tf_shape_edges(b))
        return "edges";
    if (tf_shape_ring_count(a) != tf_shape_ring_count(b))
        return "rings";
    for (size_t r = 0; r < tf_shape_ring_count(a); r++)
        if (!same_ring(tf_shape_ring(a, r), tf_shape_ring(b, r),
                       tf_shape_kind(a) == TF_SHAPE_POLYGON))
            return "vertices";
    return NULL;
}

static bool same_alt(struct tf_alt a, struct tf_alt b)
{
    return a.value == b.value && (isinf(a.value) || (a.ref == b.ref && a.unit == b.unit));
}

static const char *volume_difference(const struct tf_volume4 *a, const struct tf_volume4 *b)
{
    if (a->start_ns != b->start_ns || a->end_ns != b->end_ns)
        return "times";
    if (!same_alt(a->alt.lower, b->alt.lower) || !same_alt(a->alt.upper, b->alt.upper))
        return "altitudes";
    if (a->alt.lower_m != b->alt.lower_m || a->alt.upper_m != b->alt.upper_m)
        return "band";
    return shape_difference(a->shape, b->shape);
}

static bool same_waypoint(const struct tf_waypoint *a, const struct tf_waypoint *b)
{
    return same_place(a->at, b->at) && same_alt(a->alt, b->alt) && a->t_ns == b->t_ns &&
           a->accuracy_h_m == b->accuracy_h_m && a->accuracy_v_m == b->accuracy_v_m &&
           a->accuracy_t_ns == b->accuracy_t_ns;
}

static const char *entity_difference(const struct tf_entity *a, const struct tf_entity *b)
{
    if (a->kind != b->kind || a->state != b->state || a->restriction != b->restriction)
        return "kind, state or restriction";
    if (a->priority != b->priority)
        return "priority";
    if (!same_text(a->id, b->id) || !same_text(a->name, b->name) ||
        !same_text(a->party, b->party) || !same_text(a->category, b->category) ||
        !same_text(a->note, b->note))
        return "texts";
    if (a->volume_count != b->volume_count)
        return "number of volumes";
    if (a->waypoint_count != b->waypoint_count)
        return "number of waypoints";
    for (size_t i = 0; i < a->waypoint_count; i++)
        if (!same_waypoint(&a->waypoints[i], &b->waypoints[i]))
            return "waypoint";
    for (size_t i = 0; i < a->volume_count; i++) {
        const char *difference = volume_difference(&a->volumes[i], &b->volumes[i]);
        if (difference)
            return difference;
    }
    return NULL;
}

const char *picture_difference(const struct tf_picture *a, const struct tf_picture *b)
{
    if (a->count != b->count)
        return "number of entities";
    for (size_t i = 0; i < a->count; i++) {
        const char *difference = entity_difference(&a->entities[i], &b->entities[i]);
        if (difference)
            return difference;
    }
    return NULL;
}
