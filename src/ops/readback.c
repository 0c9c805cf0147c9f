/*
 * readback.c - whether a site is where it was read back to who gave it: its centre, or each point
 * of an area or a route.
 */
#include "line/fields.h"
#include "ops/internal.h"

#include <stdio.h>
#include <string.h>

static struct message_place place_of(struct tf_latlng p)
{
    return (struct message_place){.lat_deg = p.lat_deg, .lng_deg = p.lng_deg};
}

static bool matches(struct tf_latlng given, struct tf_latlng read)
{
    struct message_place a = place_of(given), b = place_of(read);
    return tf_latlng_is_valid(read) && message_readback_matches(&a, &b);
}

static bool is_swapped(struct tf_latlng given, struct tf_latlng read)
{
    return matches(given, (struct tf_latlng){.lat_deg = read.lng_deg, .lng_deg = read.lat_deg});
}

static enum tf_status read_place(const struct tf_json *at, struct tf_latlng *out,
                                 struct tf_fault *fault)
{
    struct tf_json lat = tf_json_get(at, "lat_deg"), lng = tf_json_get(at, "lng_deg");
    enum tf_status rc = tf_json_number(&lat, &out->lat_deg, fault);
    return rc ? rc : tf_json_number(&lng, &out->lng_deg, fault);
}

static const char *text_of(struct tf_latlng p, char out[48])
{
    snprintf(out, 48, "%.5f, %.5f", p.lat_deg, p.lng_deg);
    return out;
}

/* --- by its centre ------------------------------------------------------------------------------
 */

static enum tf_status check_centre(const struct tf_entity *entity, const struct tf_json *at,
                                   struct tf_fault *fault)
{
    double extent_m;
    struct tf_latlng centre, read;
    char where[48];
    enum tf_status rc = ops_cap_of(entity, &centre, &extent_m);
    if (!rc)
        rc = read_place(at, &read, fault);
    if (rc || matches(centre, read))
        return rc;
    return tf_json_fault(at, TF_RANGE,
                         is_swapped(centre, read)
                             ? TF_TEXT("What was read back has latitude and longitude the other "
                                       "way round than the site's centre, %1.")
                             : TF_TEXT("What was read back is not the site's centre, %1. Check "
                                       "both."),
                         text_of(centre, where), NULL, fault);
}

/* --- point by point -----------------------------------------------------------------------------
 */

/* As they were given; of a ring without the point that closes it. NULL: it has no such points. */
static const json_t *points_of(const json_t *feature, size_t *count)
{
    const json_t *geometry = json_object_get(feature, "geometry"),
                 *list = json_object_get(geometry, "coordinates");
    const char *type = json_string_value(json_object_get(geometry, "type"));
    *count = 0;
    if (!type || (strcmp(type, "LineString") != 0 && strcmp(type, "Polygon") != 0) ||
        (strcmp(type, "Polygon") == 0 && json_array_size(list) != 1))
        return NULL;
    if (strcmp(type, "Polygon") == 0)
        list = json_array_get(list, 0);
    *count = json_array_size(list);
    if (strcmp(type, "Polygon") == 0 && *count > 1 &&
        json_equal(json_array_get(list, 0), json_array_get(list, *count - 1)))
        --*count;
    return list;
}

static struct tf_latlng point_at(const json_t *list, size_t i)
{
    const json_t *point = json_array_get(list, i);
    return (struct tf_latlng){.lat_deg = json_number_value(json_array_get(point, 1)),
                              .lng_deg = json_number_value(json_array_get(point, 0))};
}

static enum tf_status check_points(const json_t *feature, const struct tf_json *points,
                                   struct tf_fault *fault)
{
    char number[24], where[48];
    size_t count;
    const json_t *given = points_of(feature, &count);
    enum tf_status rc = tf_json_array(points, fault);
    if (!rc && !given)
        rc = tf_json_fault(points, TF_SYNTAX,
                           TF_TEXT("Only an area of one ring or a route is read back point by "
                                   "point; this is by its centre."),
                           NULL, NULL, fault);
    snprintf(number, sizeof number, "%zu", count);
    if (!rc && tf_json_count(points) != count)
        rc = tf_json_fault(points, TF_RANGE,
                           TF_TEXT("All of its points have to be read back, in their order: %1."),
                           number, NULL, fault);
    for (size_t i = 0; i < count && !rc; i++) {
        struct tf_json at = tf_json_item(points, i);
        struct tf_latlng read;
        rc = read_place(&at, &read, fault);
        if (rc || matches(point_at(given, i), read))
            continue;
        rc = tf_json_fault(&at, TF_RANGE,
                           is_swapped(point_at(given, i), read)
                               ? TF_TEXT("What was read back has latitude and longitude the other "
                                         "way round than the point that was given, %1.")
                               : TF_TEXT("What was read back is not the point that was given, %1. "
                                         "Check both."),
                           text_of(point_at(given, i), where), NULL, fault);
    }
    return rc;
}

/* --- where it was -------------------------------------------------------------------------------
 */

struct unmoved {
    const json_t *feature; /* as it would be kept */
    bool is_same;
};

/* Both may be without it. */
static bool is_same(const json_t *a, const json_t *b, const char *name)
{
    const json_t *x = json_object_get(a, name), *y = json_object_get(b, name);
    return x == y || json_equal(x, y);
}

static bool compare(void *ctx, const struct ops_record *record)
{
    struct unmoved *u = ctx;
    json_t *before = json_loadb(record->feature, record->feature_len, 0, NULL);
    const json_t *a = json_object_get(before, "properties"),
                 *b = json_object_get(u->feature, "properties");
    u->is_same = before && is_same(before, u->feature, "geometry") && is_same(a, b, "edges") &&
                 is_same(a, b, "times");
    json_decref(before);
    return true;
}

/* Its outline is the one that there is, which was read back, or came in a file. */
static enum tf_status is_unmoved(struct ops *ops, const struct line_context *c,
                                 const struct tf_entity *entity, bool *out)
{
    struct unmoved u = {.is_same = false};
    struct tf_buf text = TF_BUF_INIT(OPS_FEATURE_MAX);
    enum tf_status rc = ops_put_feature(&text, entity);
    json_t *feature = rc ? NULL : json_loadb(text.data, text.len, 0, NULL);
    u.feature = feature;
    if (!rc)
        rc = feature ? ops_find(ops, c, "", OPS_SITE, entity->id, compare, &u) : TF_NOMEM;
    *out = u.is_same;
    json_decref(feature);
    tf_buf_release(&text);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

enum tf_status ops_site_readback(struct ops *ops, const struct line_context *c,
                                 const struct ops_draft *draft, const json_t *feature,
                                 struct tf_fault *fault)
{
    struct tf_json root = tf_json_root(draft->extra), at = tf_json_get(&root, "read_back"),
                   points = tf_json_get(&at, "points");
    bool unmoved = false;
    enum tf_status rc = tf_json_there(&at) ? TF_OK : is_unmoved(ops, c, draft->entity, &unmoved);
    if (rc || unmoved)
        return rc;
    return tf_json_there(&points) ? check_points(feature, &points, fault)
                                  : check_centre(draft->entity, &at, fault);
}
