/*
 * kmldata.h - one Placemark while it is being read, and what it says beside its
 * geometry: times, and ExtendedData in the words of our GeoJSON properties.
 */
#ifndef TF_FORMAT_KMLDATA_H
#define TF_FORMAT_KMLDATA_H

#include "format/text.h"

enum { TF_KML_MAX_GEOMETRIES = 10000 };

enum tf_kml_mode { TF_KML_CLAMPED, TF_KML_RELATIVE, TF_KML_ABSOLUTE };
enum tf_kml_type { TF_KML_POINT, TF_KML_LINE, TF_KML_POLYGON, TF_KML_TRACK };

/* A point of a geometry, with its height as written. */
struct tf_kml_vertex {
    struct tf_latlng at;
    double z_m;
    int64_t t_ns; /* tracks only */
};
/* Rings of all geometries lie one behind the other in the placemark's vertices. */
struct tf_kml_geometry {
    enum tf_kml_type type;
    enum tf_kml_mode mode;
    bool extrude, has_z;
    size_t first_ring, ring_count;
};
struct tf_kml_ring {
    size_t first, count;
};

struct tf_kml_time {
    bool has_start, has_end;
    int64_t start_ns, end_ns;
};

struct tf_kml_placemark {
    size_t line;
    struct tf_entity entity; /* names; the volumes come at the end */
    bool has_kind, has_state, has_restriction;
    struct tf_kml_time time;
    bool has_lower, has_upper, is_open_start, is_open_end;
    struct tf_alt lower, upper;
    double radius_m, width_m; /* NAN: not said */
    enum tf_edges edges;
    unsigned volume; /* number among the volumes of one entity; 0: not said */
    struct tf_kml_vertex *vertices;
    size_t vertex_count, vertex_capacity;
    struct tf_kml_ring *rings;
    size_t ring_count, ring_capacity;
    struct tf_kml_geometry *geometries;
    size_t geometry_count, geometry_capacity;
};
void tf_kml_placemark_clear(struct tf_kml_placemark *p); /* memory kept */
void tf_kml_placemark_release(struct tf_kml_placemark *p);
enum tf_status tf_kml_add_vertex(struct tf_kml_placemark *p, const struct tf_kml_vertex *v);
enum tf_status tf_kml_add_ring(struct tf_kml_placemark *p); /* begins one */
enum tf_status tf_kml_add_geometry(struct tf_kml_placemark *p, enum tf_kml_type type);

/* KML's dates: "2026", "2026-11", "2026-11-24" or a date-time; from the beginning to the end
 * of what is said. */
enum tf_status tf_kml_when(struct tf_span s, int64_t *start_ns, int64_t *end_ns);
/* One item of ExtendedData. Unknown names are left alone. */
enum tf_status tf_kml_data(struct tf_kml_placemark *p, const char *name, struct tf_span value,
                           struct tf_fault *fault);
/* Makes the volumes of the placemark, appending to `into`. */
enum tf_status tf_kml_volumes(struct tf_reader *reader, struct tf_kml_placemark *p,
                              struct tf_entity *into, struct tf_fault *fault);

#endif
