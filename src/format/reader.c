/*
 * reader.c - what every codec does with a feature it has read, or could not.
 */
#include "format/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_MAX_ENTITIES = 2000000, MAX_VOLUMES = 5000000 };
static const double DEFAULT_HALF_WIDTH_M = 50, DEFAULT_SITE_RADIUS_M = 500;

enum tf_status tf_reader_reject(struct tf_reader *reader, const struct tf_fault *fault)
{
    struct tf_fault about = *fault;
    about.at = reader->feature;
    const char *file = reader->options->file_name;
    bool memory = fault->code == TF_NOMEM;
    if (!reader->options->keep_going || memory) {
        enum tf_status rc = tf_notes_add_reason(reader->notes, file, reader->line, &about);
        return rc ? rc : fault->code;
    }
    return tf_notes_add(reader->notes, TF_NOTE_ERROR, file, reader->line, &about);
}

enum tf_status tf_reader_refuse(struct tf_reader *reader, const struct tf_fault *fault)
{
    enum tf_status noted = tf_reader_reject(reader, fault);
    return noted ? noted : fault->code;
}

void tf_reader_warn(struct tf_reader *reader, const struct tf_fault *fault)
{
    struct tf_fault about = *fault;
    about.at = reader->feature;
    enum tf_status rc = tf_notes_add(reader->notes, TF_NOTE_WARNING, reader->options->file_name,
                                     reader->line, &about);
    if (rc && reader->state)
        reader->state->status = rc;
    else if (rc)
        reader->notes->dropped++;
}

void tf_reader_assume(struct tf_reader *reader, enum tf_assumed what)
{
    struct tf_reader_state *state = reader->state;
    if (!state)
        return;
    if (state->assumed[what]++ == 0)
        state->first_assumed[what] = reader->feature;
}

void tf_reader_class(const struct tf_reader *reader, struct tf_entity *entity)
{
    const struct tf_read_options *options = reader->options;
    bool fixed = options->as_sites || options->as_zones;
    entity->state = fixed ? TF_STATE_ACTIVATED : TF_STATE_ACCEPTED;
    entity->kind = options->as_sites   ? TF_KIND_SITE
                   : options->as_zones ? TF_KIND_ZONE
                                       : options->kind;
    if (entity->kind == TF_KIND_ZONE)
        entity->restriction = TF_RESTRICTION_RESTRICTED;
}

void tf_reader_times(struct tf_reader *reader, int64_t *start_ns, int64_t *end_ns)
{
    const struct tf_read_options *options = reader->options;
    bool given = options->start_ns || options->end_ns;
    *start_ns = given ? options->start_ns : TF_TIME_MIN;
    *end_ns = given ? options->end_ns : TF_TIME_MAX;
    tf_reader_assume(reader, TF_ASSUMED_TIMES);
}

double tf_reader_half_width_m(const struct tf_reader *reader)
{
    double given_m = reader->options->half_width_m;
    return given_m > 0 ? given_m : DEFAULT_HALF_WIDTH_M;
}

double tf_reader_site_radius_m(const struct tf_reader *reader)
{
    double given_m = reader->options->site_radius_m;
    return given_m > 0 ? given_m : DEFAULT_SITE_RADIUS_M;
}

enum tf_status tf_reader_band(const struct tf_reader *reader, const struct tf_shape *shape,
                              struct tf_alt lower, struct tf_alt upper, struct tf_band *out,
                              struct tf_fault *fault)
{
    struct tf_alt_context context;
    tf_alt_context_fill(reader->options->altitudes, shape, &context);
    return tf_band_make(lower, upper, &context, out, fault);
}

enum tf_status tf_reader_volume(const struct tf_reader *reader, struct tf_entity *entity,
                                struct tf_shape *shape, struct tf_alt lower, struct tf_alt upper,
                                int64_t start_ns, int64_t end_ns, struct tf_fault *fault)
{
    struct tf_band band;
    struct tf_volume4 volume = {0};
    enum tf_status rc = tf_reader_band(reader, shape, lower, upper, &band, fault);
    if (!rc)
        rc = tf_volume4_make(shape, &band, start_ns, end_ns, &volume, fault);
    if (!rc) {
        rc = tf_entity_add_volume(entity, &volume);
        if (rc) {
            tf_volume4_release(&volume);
            tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
        }
    }
    tf_shape_unref(shape);
    return rc;
}

/* How finely to cut: the defaults, or coarser if that would be too many. */
static struct tf_slicing slicing_of(const struct tf_waypoint *w, size_t count)
{
    static const double default_s = 60, default_m = 10000;
    double slices = (double)count, most = 2000 + 8 * (double)count;
    for (size_t i = 1; i < count; i++) {
        slices += fabs((double)w[i].t_ns - (double)w[i - 1].t_ns) * 1e-9 / default_s;
        slices += tf_geodesic_inverse(w[i - 1].at, w[i].at, NULL, NULL) / default_m;
    }
    double factor = fmax(1, slices / most);
    return (struct tf_slicing){.max_slice_ns = (int64_t)(default_s * factor * 1e9),
                               .max_leg_m = default_m * factor};
}

enum tf_status tf_reader_trajectory(const struct tf_reader *reader, struct tf_entity *entity,
                                    struct tf_waypoint *waypoints, size_t count,
                                    struct tf_fault *fault)
{
    struct tf_slicing slicing = slicing_of(waypoints, count);
    struct tf_volume4 *volumes = NULL;
    size_t volume_count = 0;
    enum tf_status rc = tf_trajectory_volumes(
        waypoints, count, &slicing, reader->options->altitudes, &volumes, &volume_count, fault);
    if (rc) {
        free(waypoints);
        return rc;
    }
    tf_volumes_free(entity->volumes, entity->volume_count);
    free(entity->waypoints);
    entity->volumes = volumes;
    entity->volume_count = volume_count;
    entity->volume_capacity = volume_count;
    entity->waypoints = waypoints;
    entity->waypoint_count = count;
    return TF_OK;
}

/* "plan" of "/a/b/plan.geojson". */
static void file_stem(const char *file, char *out, size_t size)
{
    const char *base = strrchr(file, '/');
    base = base ? base + 1 : file;
    const char *dot = strrchr(base, '.');
    size_t len = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    snprintf(out, size, "%.*s", (int)(len < size ? len : size - 1), base);
}

/* Fills what every entity of a picture has. */
static enum tf_status complete(const struct tf_reader *reader, struct tf_entity *entity)
{
    const char *file = reader->options->file_name ? reader->options->file_name : "-";
    char text[512];
    enum tf_status rc = TF_OK;
    if (!entity->id || !*entity->id) {
        char stem[256];
        file_stem(file, stem, sizeof stem);
        snprintf(text, sizeof text, "%s-%zu", stem, reader->feature + 1);
        rc = tf_entity_set_text(&entity->id, text);
    }
    if (!rc && !entity->party && reader->options->party)
        rc = tf_entity_set_text(&entity->party, reader->options->party);
    if (!rc && !entity->source) {
        if (reader->line > 0)
            snprintf(text, sizeof text, "%.400s, line %zu", file, reader->line);
        else
            snprintf(text, sizeof text, "%.400s, feature %zu", file, reader->feature + 1);
        rc = tf_entity_set_text(&entity->source, text);
    }
    return rc;
}

/* Remembers which feature the next entity is. */
static enum tf_status remember(struct tf_reader *reader)
{
    struct tf_reader_state *state = reader->state;
    size_t count = reader->out->count;
    if (!state)
        return TF_OK;
    if (count >= state->capacity) {
        size_t capacity = state->capacity ? 2 * state->capacity : 64;
        size_t *features = realloc(state->features, capacity * sizeof *features);
        if (!features)
            return TF_NOMEM;
        state->features = features;
        state->capacity = capacity;
    }
    state->features[count] = reader->feature;
    return TF_OK;
}

/* A refusal that ends the reading of this file even with keep_going. */
static enum tf_status stop(struct tf_reader *reader, enum tf_status code, const char *message,
                           const char *arg)
{
    struct tf_fault fault;
    tf_fault_set(&fault, code, reader->feature, "", message, arg, NULL, NULL);
    enum tf_status rc =
        tf_notes_add_reason(reader->notes, reader->options->file_name, reader->line, &fault);
    return rc ? rc : code;
}

enum tf_status tf_reader_add(struct tf_reader *reader, struct tf_entity *entity)
{
    size_t max = reader->options->max_entities ? reader->options->max_entities
                                               : (size_t)DEFAULT_MAX_ENTITIES;
    if (reader->out->count >= max) {
        char text[32];
        snprintf(text, sizeof text, "%zu", max);
        return stop(reader, TF_LIMIT,
                    TF_TEXT("The file has more than %1 features. Split it, or raise the limit."),
                    text);
    }
    if (entity->volume_count == 0) {
        struct tf_fault fault;
        tf_fault_set(&fault, TF_MISSING, reader->feature, "",
                     TF_TEXT("The feature has no place. Give it a geometry."), NULL, NULL, NULL);
        return tf_reader_reject(reader, &fault);
    }
    if (reader->state && (reader->state->volumes += entity->volume_count) > MAX_VOLUMES)
        return stop(reader, TF_LIMIT,
                    TF_TEXT("The file has more than 5,000,000 volumes. Split it."), NULL);
    enum tf_status rc = complete(reader, entity);
    if (!rc)
        rc = remember(reader);
    if (rc)
        return stop(reader, rc, NULL, NULL);
    tf_sanity_place(reader, entity);
    tf_sanity_written(reader, entity);
    rc = tf_picture_add(reader->out, entity);
    return rc ? stop(reader, rc, NULL, NULL) : TF_OK;
}

void tf_reader_state_release(struct tf_reader_state *state)
{
    free(state->features);
    state->features = NULL;
    state->capacity = 0;
}
