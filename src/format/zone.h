/*
 * zone.h - what ED-269 and ED-318 share: rules, limits, schedules, texts.
 *
 * Schedules. A period that has both ends is cut into the intervals of its
 * schedule, if these are at most TF_ZONE_MAX_INTERVALS. A permanent or longer
 * one is taken as active all the time, and a warning says so. Sunrise, sunset and
 * twilight are not computed: an interval that begins or ends with one is widened
 * to every instant that the day can have anywhere on Earth (UTC-14 to UTC+14 hours).
 */
#ifndef TF_FORMAT_ZONE_H
#define TF_FORMAT_ZONE_H

#include "format/json.h"

enum { TF_ZONE_MAX_INTERVALS = 1000 };
/* From here on an upper limit stands for "unlimited", in metres or feet. */
#define TF_ZONE_UNLIMITED 99999.0

struct tf_zone_geometry {
    struct tf_shape *shape;
    struct tf_alt lower, upper;
};
struct tf_zone_interval {
    int64_t start_ns, end_ns;
};
/* A zone on its way into an entity. Zero, with reader and fault set, is valid. */
struct tf_zone {
    struct tf_reader *reader;
    struct tf_fault *fault;
    struct tf_entity entity;
    struct tf_zone_geometry *geometries;
    size_t geometry_count, geometry_capacity;
    struct tf_zone_interval *intervals;
    size_t interval_count, interval_capacity;
    bool widened; /* a schedule was not applied in full */
};
void tf_zone_release(struct tf_zone *zone);

/* identifier, name, restriction or type, reason, message, zoneAuthority. */
enum tf_status tf_zone_identity(struct tf_zone *zone, const struct tf_json *properties);
/* The limits of one geometry, and where they stand. */
struct tf_zone_layer {
    struct tf_alt lower, upper;
    struct tf_json lower_at, upper_at;
};
/* A limit: a number, a text with one, or nothing (unlimited). */
enum tf_status tf_zone_limit(const struct tf_json *value, const struct tf_json *reference,
                             const struct tf_json *unit, bool is_lower, struct tf_alt *out,
                             struct tf_fault *fault);
/* Takes `shape` over in any case. Names the limit that cannot be. */
enum tf_status tf_zone_add_geometry(struct tf_zone *zone, struct tf_shape *shape,
                                    const struct tf_zone_layer *layer);
/* Periods of validity: one object or an array of them. */
enum tf_status tf_zone_periods(struct tf_zone *zone, const struct tf_json *at);
/* One interval. */
enum tf_status tf_zone_add_interval(struct tf_zone *zone, int64_t start_ns, int64_t end_ns);
/* Every geometry in every interval, then tf_reader_add. `at` is the feature. Refuses by
 * itself: the result is what to return. */
enum tf_status tf_zone_finish(struct tf_zone *zone, const struct tf_json *at, enum tf_status rc);

/* --- writing ----------------------------------------------------------------------- */

/* A zone as the formats have it: every geometry in every interval. */
struct tf_zone_part {
    const struct tf_entity *entity;
    size_t index;                     /* of the entity, for notes */
    const struct tf_volume4 *volumes; /* the first geometry_count: the geometries */
    size_t geometry_count;            /* ... and in the same order for each */
    size_t interval_count;            /* interval */
};
/* Calls `put` for each part of each zone; what is no zone is left out with a warning. */
enum tf_status
tf_zone_each(const struct tf_picture *picture, struct tf_buf *out, struct tf_notes *notes,
             enum tf_status (*put)(struct tf_buf *out, const struct tf_zone_part *part,
                                   struct tf_notes *notes));
/* A warning about the part, which names its entity. */
void tf_zone_warn(struct tf_buf *out, struct tf_notes *notes, const struct tf_zone_part *part,
                  const char *message);
/* "REQ_AUTHORISATION" (ED-269) or "REQ_AUTHORIZATION" (ED-318) among others. */
const char *tf_zone_rule(enum tf_restriction restriction, bool american);
/* "reason":["AIR_TRAFFIC"] from the words of entity.category that are known, else OTHER. */
void tf_zone_put_reason(struct tf_buf *out, const char *category);
/* The limits in one unit and in references that the format has (`w84`: whether W84 is one). */
struct tf_zone_limits {
    struct tf_alt lower, upper;
    bool converted; /* another reference was widened */
};
struct tf_zone_limits tf_zone_limits_of(const struct tf_volume4 *volume, bool w84);
/* How a format writes one geometry: a circle, or a polygon between its head and its tail. */
struct tf_zone_style {
    void (*put_circle)(struct tf_buf *out, const struct tf_volume4 *volume);
    void (*put_head)(struct tf_buf *out, const struct tf_volume4 *volume);
    void (*put_tail)(struct tf_buf *out, const struct tf_volume4 *volume);
    enum tf_edges edges;
};
/* The geometries of a part, with commas between. What is no circle becomes polygons as
 * GeoJSON's coordinates: one for each ring, or ring with holes, of its outline. */
enum tf_status tf_zone_put_geometries(struct tf_buf *out, const struct tf_zone_part *part,
                                      const struct tf_zone_style *style);

#endif
