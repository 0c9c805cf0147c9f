/*
 * geojson.h - what the reader and the writer of GeoJSON share: the words.
 *
 * The properties are documented in docs/formats.md.
 */
#ifndef TF_FORMAT_GEOJSON_H
#define TF_FORMAT_GEOJSON_H

#include "format/json.h"

/* In the order of enum tf_alt_ref; the first spelling is the one written. */
extern const char *const tf_geojson_references[];
/* In the order of enum tf_alt_unit. */
extern const char *const tf_geojson_units[];
/* In the order of enum tf_edges. */
extern const char *const tf_geojson_edges[];
/* The names that the end of an interval may have. */
extern const char *const tf_geojson_ends[];

#define TF_GEOJSON_UNLIMITED "unlimited"
#define TF_GEOJSON_OPEN "open"

/* What the properties say of a volume; the same names in `properties` and in each
 * item of `properties.volumes`. */
struct tf_geojson_extent {
    bool has_lower, has_upper, has_start, has_end;
    struct tf_alt lower, upper;
    int64_t start_ns, end_ns;
    double radius_m, half_width_m; /* NAN: not said */
    enum tf_edges edges;
};
/* Overrides in *out what `properties` says. */
enum tf_status tf_geojson_extent_read(const struct tf_json *properties,
                                      struct tf_geojson_extent *out, struct tf_fault *fault);
/* z_reference and z_unit (default W84, metres), or their item `index` if they are arrays. */
enum tf_status tf_geojson_z(const struct tf_json *properties, size_t index, struct tf_alt *out,
                            struct tf_fault *fault);

/* One entity as a Feature, appended. */
void tf_geojson_put_feature(struct tf_buf *out, const struct tf_entity *entity);
enum tf_status tf_geojson_write(const struct tf_picture *picture, struct tf_buf *out,
                                struct tf_notes *notes);

#endif
