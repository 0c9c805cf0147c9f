/*
 * kmldata.c - lists of one Placemark, its times and its ExtendedData.
 */
#include "format/kmldata.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- lists ------------------------------------------------------------------------- */

static enum tf_status grow(void **items, size_t *capacity, size_t count, size_t size, size_t most)
{
    if (count < *capacity)
        return TF_OK;
    if (count >= most)
        return TF_TOO_LARGE;
    size_t wanted = *capacity ? 2 * *capacity : 16;
    void *larger = realloc(*items, wanted * size);
    if (!larger)
        return TF_NOMEM;
    *items = larger;
    *capacity = wanted;
    return TF_OK;
}

enum tf_status tf_kml_add_vertex(struct tf_kml_placemark *p, const struct tf_kml_vertex *v)
{
    void *items = p->vertices;
    enum tf_status rc = grow(&items, &p->vertex_capacity, p->vertex_count, sizeof *p->vertices,
                             4 * (size_t)TF_SHAPE_MAX_VERTICES);
    p->vertices = items;
    if (rc)
        return rc;
    p->vertices[p->vertex_count++] = *v;
    p->rings[p->ring_count - 1].count++;
    return TF_OK;
}

enum tf_status tf_kml_add_ring(struct tf_kml_placemark *p)
{
    void *items = p->rings;
    enum tf_status rc = grow(&items, &p->ring_capacity, p->ring_count, sizeof *p->rings,
                             2 * (size_t)TF_KML_MAX_GEOMETRIES);
    p->rings = items;
    if (rc)
        return rc;
    p->rings[p->ring_count++] = (struct tf_kml_ring){p->vertex_count, 0};
    p->geometries[p->geometry_count - 1].ring_count++;
    return TF_OK;
}

enum tf_status tf_kml_add_geometry(struct tf_kml_placemark *p, enum tf_kml_type type)
{
    void *items = p->geometries;
    enum tf_status rc = grow(&items, &p->geometry_capacity, p->geometry_count,
                             sizeof *p->geometries, TF_KML_MAX_GEOMETRIES);
    p->geometries = items;
    if (rc)
        return rc;
    p->geometries[p->geometry_count++] =
        (struct tf_kml_geometry){.type = type, .first_ring = p->ring_count};
    return TF_OK;
}

void tf_kml_placemark_clear(struct tf_kml_placemark *p)
{
    struct tf_kml_placemark empty = {.vertices = p->vertices,
                                     .vertex_capacity = p->vertex_capacity,
                                     .rings = p->rings,
                                     .ring_capacity = p->ring_capacity,
                                     .geometries = p->geometries,
                                     .geometry_capacity = p->geometry_capacity,
                                     .radius_m = NAN,
                                     .width_m = NAN,
                                     .edges = TF_EDGES_GEODESIC};
    tf_entity_release(&p->entity);
    *p = empty;
}

void tf_kml_placemark_release(struct tf_kml_placemark *p)
{
    tf_entity_release(&p->entity);
    free(p->vertices);
    free(p->rings);
    free(p->geometries);
    *p = (struct tf_kml_placemark){0};
}

/* --- times ------------------------------------------------------------------------- */

enum tf_status tf_kml_when(struct tf_span s, int64_t *start_ns, int64_t *end_ns)
{
    struct tf_civil c = {.month = 1, .day = 1};
    char text[8];
    double number;
    s = tf_span_trim(s);
    size_t len = tf_span_len(s);
    if (len != 4 && len != 7)
        return tf_time_from_text(s, start_ns, end_ns);
    if (len == 7 && s.at[4] != '-')
        return TF_SYNTAX;
    tf_span_copy((struct tf_span){s.at, s.at + 4}, text, sizeof text);
    if (!tf_span_number(tf_span_of(text), &number))
        return TF_SYNTAX;
    c.year = (int)number;
    if (len == 7 && !tf_span_number((struct tf_span){s.at + 5, s.end}, &number))
        return TF_SYNTAX;
    c.month = len == 7 ? (int)number : 1;
    enum tf_status rc = tf_time_from_civil(&c, start_ns);
    c.year += len == 4 || c.month == 12;
    c.month = len == 4 || c.month == 12 ? 1 : c.month + 1;
    return rc ? rc : tf_time_from_civil(&c, end_ns);
}

/* --- ExtendedData -------------------------------------------------------------------- */

static enum tf_status bad(const char *name, struct tf_span value, enum tf_status code,
                          struct tf_fault *fault)
{
    return tf_fault_span(fault, code, name,
                         TF_TEXT("\"%1\" is not a value that this field can have. See the formats' "
                                 "documentation."),
                         value);
}

typedef enum tf_status (*data_reader)(struct tf_kml_placemark *p, const char *name,
                                      struct tf_span value, struct tf_fault *fault);

static enum tf_status data_text(struct tf_kml_placemark *p, const char *name, struct tf_span value,
                                struct tf_fault *fault)
{
    const struct {
        const char *name;
        char **field;
    } texts[] = {{"id", &p->entity.id},
                 {"name", &p->entity.name},
                 {"party", &p->entity.party},
                 {"category", &p->entity.category},
                 {"note", &p->entity.note}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0 && tf_span_set(texts[i].field, value))
            return tf_fault_set(fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    return TF_OK;
}

static enum tf_status data_word(struct tf_kml_placemark *p, const char *name, struct tf_span value,
                                struct tf_fault *fault)
{
    char word[24];
    enum tf_status rc;
    tf_span_copy(tf_span_trim(value), word, sizeof word);
    if (strcmp(name, "kind") == 0) {
        rc = tf_kind_from_word(word, &p->entity.kind);
        p->has_kind = !rc;
    } else if (strcmp(name, "state") == 0) {
        rc = tf_state_from_word(word, &p->entity.state);
        p->has_state = !rc;
    } else {
        rc = tf_restriction_from_word(word, &p->entity.restriction);
        p->has_restriction = !rc;
    }
    return rc ? bad(name, value, TF_SYNTAX, fault) : TF_OK;
}

static enum tf_status data_limit(struct tf_kml_placemark *p, const char *name, struct tf_span value,
                                 struct tf_fault *fault)
{
    bool is_lower = strcmp(name, "altitude_lower") == 0;
    static const struct tf_alt w84 = {0, TF_ALT_UNIT_M, TF_ALT_W84};
    struct tf_alt alt = {0};
    if (tf_alt_from_text(value, is_lower, w84, &alt))
        return bad(name, value, TF_ALTITUDE, fault);
    *(is_lower ? &p->has_lower : &p->has_upper) = true;
    *(is_lower ? &p->lower : &p->upper) = alt;
    return TF_OK;
}

static enum tf_status data_time(struct tf_kml_placemark *p, const char *name, struct tf_span value,
                                struct tf_fault *fault)
{
    bool is_start = strcmp(name, "start") == 0, open = tf_span_is(tf_span_trim(value), "open");
    int64_t t_ns = is_start ? TF_TIME_MIN : TF_TIME_MAX, end_ns = t_ns;
    if (!open && tf_kml_when(value, &t_ns, &end_ns))
        return bad(name, value, TF_TIME, fault);
    if (is_start) {
        p->time.has_start = true;
        p->time.start_ns = t_ns;
    } else {
        p->time.has_end = true;
        p->time.end_ns = end_ns;
    }
    return TF_OK;
}

static enum tf_status data_number(struct tf_kml_placemark *p, const char *name,
                                  struct tf_span value, struct tf_fault *fault)
{
    double number;
    if (!tf_span_number(value, &number) || fabs(number) > 1e7)
        return bad(name, value, TF_RANGE, fault);
    if (strcmp(name, "priority") == 0) {
        p->entity.priority = (int)number;
        return TF_OK;
    }
    if (number < 0)
        return bad(name, value, TF_RANGE, fault);
    if (strcmp(name, "radius_m") == 0)
        p->radius_m = number;
    else if (strcmp(name, "width_m") == 0)
        p->width_m = number;
    else
        p->volume = (unsigned)number;
    return TF_OK;
}

static enum tf_status data_edges(struct tf_kml_placemark *p, const char *name, struct tf_span value,
                                 struct tf_fault *fault)
{
    value = tf_span_trim(value);
    if (tf_span_is(value, "lonlat"))
        p->edges = TF_EDGES_LONLAT;
    else if (!tf_span_is(value, "geodesic"))
        return bad(name, value, TF_SYNTAX, fault);
    return TF_OK;
}

enum tf_status tf_kml_data(struct tf_kml_placemark *p, const char *name, struct tf_span value,
                           struct tf_fault *fault)
{
    static const struct {
        const char *name;
        data_reader read;
    } known[] = {
        {"id", data_text},
        {"name", data_text},
        {"party", data_text},
        {"category", data_text},
        {"note", data_text},
        {"kind", data_word},
        {"state", data_word},
        {"restriction", data_word},
        {"altitude_lower", data_limit},
        {"altitude_upper", data_limit},
        {"start", data_time},
        {"end", data_time},
        {"priority", data_number},
        {"radius_m", data_number},
        {"width_m", data_number},
        {"volume", data_number},
        {"edges", data_edges},
    };
    if (tf_span_len(tf_span_trim(value)) == 0)
        return TF_OK;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i].name) == 0)
            return known[i].read(p, name, value, fault);
    return TF_OK;
}
