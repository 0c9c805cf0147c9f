/*
 * print.h - results as a table for people, as JSON, as GeoJSON.
 *
 * The JSON is for programs: its fields and words are English and stable
 * (docs/check.md, docs/check.schema.json).
 */
#ifndef TF_CLI_PRINT_H
#define TF_CLI_PRINT_H

#include "cli/search.h"
#include "report/report.h"

/* What a check has found. All pointers are borrowed. */
struct result {
    const struct input *input;
    const struct search *search;
    const struct tf_conflicts *conflicts;
    const struct tf_report_options *options; /* one per entity that was asked to move */
    size_t option_count;
};

/* A table of the conflicts, with options under it, and a closing line. TF_OK or TF_NOMEM. */
enum tf_status print_conflicts(const struct result *result, bool colour, struct tf_buf *out);
void print_conflicts_json(const struct result *result, struct tf_buf *out);
void print_conflicts_geojson(const struct result *result, struct tf_buf *out);

/* The options of one entity: a table, or why there are none. */
enum tf_status print_options(const struct tf_entity *entity, const struct tf_options *found,
                             bool colour, struct tf_buf *out);
/* An object { "for", "conflicts", "options", "blocked" }. */
void print_options_json(const struct tf_entity *entity, const struct tf_options *found,
                        struct tf_buf *out);
/* A FeatureCollection of the changed operations. */
void print_options_geojson(const struct tf_entity *entity, const struct tf_options *found,
                           struct tf_buf *out);

/* --- parts ------------------------------------------------------------------------- */

/* "name (id)" or the id alone; "?" if it has neither. */
void print_entity_name(const struct tf_entity *entity, struct tf_buf *out);
void json_entity(struct tf_buf *out, const char *key, const struct tf_entity *entity);
/* The words of enum tf_decided's closeness as an array, and the flags. */
void json_decided(struct tf_buf *out, unsigned decided);
/* Who, when, how close and what decided, for the conflict as a whole. */
void json_conflict_members(struct tf_buf *out, const struct tf_picture *picture,
                           const struct tf_conflict *conflict);

/* The outline of a shape as a GeoJSON geometry: Polygon or MultiPolygon, rings
 * counter-clockwise outside and clockwise inside. Across the antimeridian longitudes go on
 * beyond 180 so that the ring stays in one piece. */
void geojson_outline(const struct tf_shape *shape, struct tf_buf *out);

#endif
