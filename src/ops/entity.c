/*
 * entity.c - records as entities of the library, and as GeoJSON features.
 */
#include "ops/internal.h"

#include "format/geojson.h"
#include <stdlib.h>

bool ops_id_is_valid(const char *id)
{
    size_t len = strlen(id);
    if (len == 0 || len >= OPS_ID_SIZE || id[0] == '/' || id[len - 1] == '/')
        return false;
    for (const unsigned char *p = (const unsigned char *)id; *p; p++)
        if (*p < 0x20 || *p == 0x7f || *p == '"' || *p == '\\' || *p == '@')
            return false;
    return true;
}

static void keep_remarks(struct tf_notes *from, struct tf_notes *to)
{
    for (size_t i = 0; to && i < from->count; i++)
        if (from->items[i].severity != TF_NOTE_ERROR)
            (void)!tf_notes_add(to, from->items[i].severity, from->items[i].file,
                                from->items[i].line, &from->items[i].fault);
}

/* One feature's bytes. The last note is the reason of a refusal. */
static enum tf_status read_one(const char *bytes, size_t len, const struct tf_read_options *options,
                               struct tf_entity *out, struct tf_notes *remarks,
                               struct tf_fault *fault)
{
    struct tf_picture picture = {0};
    struct tf_notes notes = {0};
    enum tf_status rc = tf_format_read(bytes, len, options, &picture, &notes);
    if (rc && notes.count > 0 && fault)
        *fault = notes.items[notes.count - 1].fault;
    else if (rc)
        ops_refuse(fault, rc, "feature", tf_status_text(rc), NULL);
    else if (picture.count != 1)
        rc = ops_refuse(fault, TF_SYNTAX, "feature",
                        TF_TEXT("One GeoJSON feature with a geometry is needed."), NULL);
    if (!rc) {
        *out = picture.entities[0];
        picture.entities[0] = (struct tf_entity){0};
        keep_remarks(&notes, remarks);
    }
    tf_notes_release(&notes);
    tf_picture_release(&picture);
    return rc;
}

static enum tf_status fits_class(const struct tf_entity *entity, enum ops_class class,
                                 struct tf_fault *fault)
{
    bool is_site = entity->kind == TF_KIND_SITE, is_zone = entity->kind == TF_KIND_ZONE;
    if (is_site != (class == OPS_SITE) || is_zone != (class == OPS_ZONE))
        return ops_refuse(
            fault, TF_UNSUPPORTED, "feature.properties.class",
            TF_TEXT("The feature's class or kind does not fit: the class here is %1."),
            ops_class_word(class));
    if (entity->volume_count == 0)
        return ops_refuse(fault, TF_MISSING, "feature.geometry",
                          TF_TEXT("The feature has no volume."), NULL);
    if (entity->volume_count > OPS_VOLUMES_MAX)
        return ops_refuse(fault, TF_TOO_LARGE, "feature",
                          TF_TEXT("This is more than 20,000 volumes. Cut it less finely."), NULL);
    return TF_OK;
}

static bool names_itself(const json_t *feature)
{
    static const char *const names[] = {"id", "identifier", "uid"};
    const json_t *properties = json_object_get(feature, "properties");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_object_get(feature, names[i]) || json_object_get(properties, names[i]))
            return true;
    return false;
}

enum tf_status ops_read_feature(const json_t *json, enum ops_class class, const char *id,
                                struct tf_entity *entity, struct tf_notes *notes,
                                struct tf_fault *fault)
{
    struct tf_read_options options = {.format = TF_FORMAT_GEOJSON,
                                      .file_name = "feature",
                                      .as_sites = class == OPS_SITE,
                                      .as_zones = class == OPS_ZONE};
    const json_t *list = json_object_get(json, "features");
    const json_t *feature = json_array_size(list) == 1 ? json_array_get(list, 0) : json;
    struct tf_entity read = {0};
    char *bytes = json_dumps(json, JSON_COMPACT);
    enum tf_status rc =
        bytes ? read_one(bytes, strlen(bytes), &options, &read, notes, fault)
              : ops_refuse(fault, TF_MISSING, "feature", TF_TEXT("A feature is needed."), NULL);
    free(bytes);
    if (!rc)
        rc = fits_class(&read, class, fault);
    if (!rc && (id || !names_itself(feature)))
        rc = tf_entity_set_text(&read.id, id ? id : "");
    if (!rc && read.id[0] && !ops_id_is_valid(read.id))
        rc = ops_refuse(fault, TF_RANGE, "feature.id",
                        TF_TEXT("The id \"%1\" is too long, or has characters that an id may not "
                                "have."),
                        read.id);
    if (!rc) {
        *entity = read;
        read = (struct tf_entity){0};
    }
    tf_entity_release(&read);
    return rc;
}

enum tf_status ops_entity_of(const struct ops_record *record, struct tf_entity *out)
{
    struct tf_read_options options = {.format = TF_FORMAT_GEOJSON, .file_name = record->id};
    return read_one(record->feature, record->feature_len, &options, out, NULL, NULL);
}

enum tf_status ops_put_feature(struct tf_buf *out, const struct tf_entity *entity)
{
    tf_geojson_put_feature(out, entity);
    return tf_buf_status(out);
}

void ops_times_of(const struct tf_entity *entity, int64_t *start_us, int64_t *end_us)
{
    int64_t start = TF_TIME_MAX, end = TF_TIME_MIN;
    for (size_t i = 0; i < entity->volume_count; i++) {
        const struct tf_volume4 *v = &entity->volumes[i];
        start = v->start_ns < start ? v->start_ns : start;
        end = v->end_ns > end ? v->end_ns : end;
    }
    /* Outward: a microsecond that begins is counted, and one that ends, too. */
    *start_us = start == TF_TIME_MIN ? TF_TIME_MIN / 1000 : start / 1000 - (start % 1000 < 0);
    *end_us = end == TF_TIME_MAX ? TF_TIME_MAX / 1000 : end / 1000 + (end % 1000 > 0);
}

static enum tf_status distance_m(struct tf_latlng a, struct tf_latlng b, double *out)
{
    struct tf_shape *x = NULL, *y = NULL;
    enum tf_status rc = tf_shape_circle(a, 0, &x, NULL);
    if (!rc)
        rc = tf_shape_circle(b, 0, &y, NULL);
    if (!rc)
        *out = tf_shape_distance_m(x, y);
    tf_shape_unref(x);
    tf_shape_unref(y);
    return rc;
}

enum tf_status ops_cap_of(const struct tf_entity *entity, struct tf_latlng *centre,
                          double *extent_m)
{
    struct tf_latlng about = tf_shape_centre(entity->volumes[0].shape);
    double reach_m = 0;
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < entity->volume_count && !rc; i++) {
        const struct tf_shape *shape = entity->volumes[i].shape;
        double away_m = 0;
        if (i > 0)
            rc = distance_m(about, tf_shape_centre(shape), &away_m);
        away_m += tf_shape_extent_m(shape);
        reach_m = away_m > reach_m ? away_m : reach_m;
    }
    if (rc)
        return rc;
    *centre = about;
    *extent_m = reach_m;
    return TF_OK;
}
