/*
 * acoshape.c - sets of an ACO that draw a measure's shape.
 */
#include "format/aco.h"

#include "format/coords.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum tf_status tf_aco_plain(struct tf_fault *fault, enum tf_status code, const char *field,
                            const char *message)
{
    return tf_fault_set(fault, code, TF_NO_INDEX, field, message, NULL, NULL, NULL);
}

enum tf_status tf_aco_passed(enum tf_status rc, struct tf_fault *fault)
{
    if (rc == TF_TOO_LARGE)
        return tf_aco_plain(fault, rc, "",
                            TF_TEXT("The measure has too many points or periods. Split it."));
    return rc ? tf_aco_plain(fault, rc, "", NULL) : TF_OK;
}

/* --- fields ----------------------------------------------------------------------- */

/* "LATS:383115N1214434W", "LATM:3831N12145W", or the place alone. */
static enum tf_status place(struct tf_aco_shape *a, struct tf_span s, const char *field,
                            struct tf_latlng *out, struct tf_fault *fault)
{
    struct tf_coord c;
    s = tf_span_trim(s);
    if (tf_span_begins(s, "LATM:"))
        a->coarse = true;
    const char *colon = tf_span_len(s) > 0 ? memchr(s.at, ':', tf_span_len(s)) : NULL;
    if (colon)
        s.at = colon + 1;
    enum tf_status rc = tf_coord_parse(s.at, tf_span_len(s), &c, fault);
    if (rc && fault)
        snprintf(fault->field, sizeof fault->field, "%s", field);
    if (!rc)
        *out = c.at;
    return rc;
}

static enum tf_status length(struct tf_span s, const char *field, double *out_m,
                             struct tf_fault *fault)
{
    static const struct {
        const char *word;
        double m;
    } lengths[] = {{"KM", 1000},      {"NM", TF_NAUTICAL_MILE_M}, {"M", 1},
                   {"FT", TF_FOOT_M}, {"SM", 1609.344},           {"YD", 0.9144},
                   {"HM", 100}};
    struct tf_span rest = tf_span_trim(s);
    double value;
    if (tf_span_take_number(&rest, &value) && value > 0)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            if (tf_span_is(tf_span_trim(rest), lengths[i].word)) {
                *out_m = value * lengths[i].m;
                return TF_OK;
            }
    return tf_fault_span(fault, TF_SYNTAX, field,
                         TF_TEXT("\"%1\" is not a length. Write a number above 0 and KM, NM, M or "
                                 "FT."),
                         s);
}

/* "170T" */
static bool bearing(struct tf_span s, double *out_deg)
{
    s = tf_span_trim(s);
    if (!tf_span_take_number(&s, out_deg) || fabs(*out_deg) > 360)
        return false;
    return s.at == s.end || tf_span_is(s, "T");
}

static bool looks_like_length(struct tf_span s)
{
    double value;
    s = tf_span_trim(s);
    return tf_span_take_number(&s, &value) && s.at < s.end && tf_span_len(s) <= 2;
}

/* --- sets of the geometry ------------------------------------------------------------ */

static enum tf_status begin_geometry(struct tf_aco_shape *a, enum tf_aco_geometry geometry,
                                     struct tf_fault *fault)
{
    if (a->geometry != TF_ACO_NONE)
        return tf_aco_plain(fault, TF_UNSUPPORTED, "ACMID",
                            TF_TEXT("The measure has two shapes. Write two measures."));
    a->geometry = geometry;
    return TF_OK;
}

static enum tf_status missing_field(const char *set, struct tf_fault *fault)
{
    return tf_fault_set(fault, TF_MISSING, TF_NO_INDEX, set,
                        TF_TEXT("The set %1 has too few fields. Add what is missing."), set, NULL,
                        NULL);
}

/* The next place: up to the slash, or to the next "LATS:" where a slash was forgotten. */
static bool next_place(struct tf_span *rest, struct tf_span *out)
{
    if (!rest->at)
        return false;
    struct tf_span ahead = *rest;
    tf_span_cut(&ahead, '/', out);
    for (const char *p = out->at + 5; p < out->end; p++)
        if (tf_span_begins((struct tf_span){p, out->end}, "LATS:") ||
            tf_span_begins((struct tf_span){p, out->end}, "LATM:")) {
            out->end = rest->at = p;
            return true;
        }
    *rest = ahead;
    return true;
}

static enum tf_status take_line(struct tf_aco_shape *a, struct tf_span fields, const char *set,
                                struct tf_fault *fault)
{
    struct tf_span field;
    enum tf_status rc = TF_OK;
    while (!rc && next_place(&fields, &field)) {
        struct tf_latlng p = {0};
        rc = place(a, field, set, &p, fault);
        if (!rc)
            rc = tf_aco_passed(tf_points_push(&a->points, p), fault);
    }
    return rc;
}

static enum tf_status take_ring(struct tf_aco_shape *a, struct tf_span fields, const char *set,
                                struct tf_fault *fault)
{
    struct tf_span field;
    enum tf_status rc = TF_OK;
    while (!rc && next_place(&fields, &field)) {
        struct tf_latlng p = {0};
        rc = place(a, field, set, &p, fault);
        if (!rc)
            rc = tf_aco_passed(tf_path_point(&a->path, p), fault);
    }
    return rc;
}

static enum tf_status on_polygon(struct tf_aco_shape *a, struct tf_span fields,
                                 struct tf_fault *fault)
{
    enum tf_status rc = begin_geometry(a, TF_ACO_RING, fault);
    bool empty =
        tf_span_len(tf_span_trim(fields)) == 0; /* "POLYGON//LATS:..." is found in orders */
    return rc || empty ? rc : take_ring(a, fields, "POLYGON", fault);
}

/* A set that begins with a place goes on with a polygon that ended too early. */
static enum tf_status on_rest_of_polygon(struct tf_aco_shape *a, struct tf_span set,
                                         struct tf_fault *fault)
{
    if (a->geometry != TF_ACO_RING || a->path.count > 0)
        return TF_OK;
    tf_aco_plain(
        fault, TF_SYNTAX, "POLYGON",
        TF_TEXT("The set POLYGON ends before its places. They were taken from the next set."));
    tf_reader_warn(a->reader, fault);
    return take_ring(a, set, "POLYGON", fault);
}

static enum tf_status on_circle(struct tf_aco_shape *a, struct tf_span fields,
                                struct tf_fault *fault)
{
    struct tf_span centre;
    enum tf_status rc = begin_geometry(a, TF_ACO_CIRCLE, fault);
    if (rc)
        return rc;
    tf_span_cut(&fields, '/', &centre);
    if (!fields.at)
        return missing_field("CIRCLE", fault);
    rc = take_line(a, centre, "CIRCLE", fault);
    return rc ? rc : length(fields, "CIRCLE", &a->radius_m, fault);
}

/* Width first; a line may go without. */
static enum tf_status wide_line(struct tf_aco_shape *a, struct tf_span fields, const char *set,
                                struct tf_fault *fault)
{
    struct tf_span width, rest = fields;
    double width_m = 0;
    enum tf_status rc = begin_geometry(a, TF_ACO_LINE, fault);
    if (rc)
        return rc;
    tf_span_cut(&rest, '/', &width);
    if (!looks_like_length(width))
        return take_line(a, fields, set, fault);
    if (!rest.at)
        return missing_field(set, fault);
    rc = length(width, set, &width_m, fault);
    a->radius_m = width_m / 2;
    return rc ? rc : take_line(a, rest, set, fault);
}

static enum tf_status on_corridor(struct tf_aco_shape *a, struct tf_span fields,
                                  struct tf_fault *fault)
{
    return wide_line(a, fields, "CORRIDOR", fault);
}

static enum tf_status on_line(struct tf_aco_shape *a, struct tf_span fields, struct tf_fault *fault)
{
    return wide_line(a, fields, "GEOLINE", fault);
}

static enum tf_status on_place(struct tf_aco_shape *a, struct tf_span fields,
                               struct tf_fault *fault)
{
    enum tf_status rc = begin_geometry(a, TF_ACO_CIRCLE, fault);
    a->radius_m = tf_reader_site_radius_m(a->reader);
    tf_reader_assume(a->reader, TF_ASSUMED_RADIUS);
    return rc ? rc : take_line(a, fields, "APOINT", fault);
}

/* point/point/width/alignment. An orbit to the left or right of its line is taken as
 * twice as wide about the line, so that it is inside. */
static enum tf_status on_orbit(struct tf_aco_shape *a, struct tf_span fields,
                               struct tf_fault *fault)
{
    struct tf_span part[4] = {0};
    size_t n = 0;
    while (n < 4 && tf_span_cut(&fields, '/', &part[n]))
        n++;
    if (n < 3)
        return missing_field("AORBIT", fault);
    double width_m = 0;
    enum tf_status rc = begin_geometry(a, TF_ACO_LINE, fault);
    if (!rc)
        rc = take_line(a, part[0], "AORBIT", fault);
    if (!rc)
        rc = take_line(a, part[1], "AORBIT", fault);
    if (!rc)
        rc = length(part[2], "AORBIT", &width_m, fault);
    bool centred =
        n < 4 || tf_span_is(tf_span_trim(part[3]), "C") || tf_span_is(tf_span_trim(part[3]), "-");
    a->radius_m = centred ? width_m / 2 : width_m;
    return rc;
}

static enum tf_status not_an_arc(struct tf_span shown, const char *set, struct tf_fault *fault)
{
    return tf_fault_span(fault, TF_SYNTAX, set,
                         TF_TEXT("\"%1\" is not an arc. Write origin, two bearings (as 170T) and "
                                 "radius."),
                         shown);
}

/* origin/begin bearing/end bearing/inner radius/outer radius, clockwise. */
static enum tf_status on_sector(struct tf_aco_shape *a, struct tf_span fields,
                                struct tf_fault *fault)
{
    struct tf_span part[5], all = fields;
    struct tf_latlng origin = {0};
    double from_deg, to_deg, inner_m = 0, outer_m = 0;
    for (size_t i = 0; i < 5; i++)
        if (!tf_span_cut(&fields, '/', &part[i]))
            return missing_field("RADARC", fault);
    enum tf_status rc = begin_geometry(a, TF_ACO_RING, fault);
    if (!rc)
        rc = place(a, part[0], "RADARC", &origin, fault);
    if (!rc && (!bearing(part[1], &from_deg) || !bearing(part[2], &to_deg)))
        rc = not_an_arc(all, "RADARC", fault);
    double zero;
    struct tf_span inner = part[3];
    bool whole =
        tf_span_is(tf_span_trim(part[3]), "-") || (tf_span_take_number(&inner, &zero) && zero == 0);
    if (!rc && !whole)
        rc = length(part[3], "RADARC", &inner_m, fault);
    if (!rc)
        rc = length(part[4], "RADARC", &outer_m, fault);
    if (!rc && outer_m <= inner_m)
        rc = not_an_arc(all, "RADARC", fault);
    if (rc)
        return rc;
    rc = tf_path_arc_angles(&a->path, origin, outer_m, from_deg, to_deg, true);
    if (!rc && whole)
        rc = tf_path_point(&a->path, origin);
    else if (!rc)
        rc = tf_path_arc_angles(&a->path, origin, inner_m, to_deg, from_deg, false);
    return tf_aco_passed(rc, fault);
}

/* origin/begin bearing/end bearing/radius/point/...: a clockwise arc, then points. */
static enum tf_status on_arc_polygon(struct tf_aco_shape *a, struct tf_span fields,
                                     struct tf_fault *fault)
{
    struct tf_span part[4], all = fields;
    struct tf_latlng origin = {0};
    double from_deg, to_deg, radius_m = 0;
    for (size_t i = 0; i < 4; i++)
        if (!tf_span_cut(&fields, '/', &part[i]))
            return missing_field("POLYARC", fault);
    enum tf_status rc = begin_geometry(a, TF_ACO_RING, fault);
    if (!rc)
        rc = place(a, part[0], "POLYARC", &origin, fault);
    if (!rc && (!bearing(part[1], &from_deg) || !bearing(part[2], &to_deg)))
        rc = not_an_arc(all, "POLYARC", fault);
    if (!rc)
        rc = length(part[3], "POLYARC", &radius_m, fault);
    if (!rc)
        rc = tf_aco_passed(tf_path_arc_angles(&a->path, origin, radius_m, from_deg, to_deg, true),
                           fault);
    return rc ? rc : take_ring(a, fields, "POLYARC", fault);
}

static enum tf_status on_track(struct tf_aco_shape *a, struct tf_span fields,
                               struct tf_fault *fault)
{
    (void)a, (void)fields;
    return tf_aco_plain(fault, TF_UNSUPPORTED, "TRACK",
                        TF_TEXT("Shapes of the type TRACK are not supported. Write a corridor or a "
                                "polygon."));
}

static enum tf_status ring_shapes(struct tf_aco_shape *a, struct tf_shapes *out,
                                  struct tf_fault *fault)
{
    struct tf_points points = {0};
    bool cut = false;
    enum tf_status rc = tf_aco_passed(tf_path_ring(&a->path, &points), fault);
    if (!rc)
        rc = tf_shapes_from_ring(&points, out, &cut, fault);
    tf_points_release(&points);
    if (!rc && cut) {
        tf_aco_plain(
            fault, TF_RING, "POLYGON",
            TF_TEXT("The border passes through a point twice. It was cut there into areas of "
                    "their own."));
        tf_reader_warn(a->reader, fault);
    }
    return rc;
}

enum tf_status tf_aco_shape_make(struct tf_aco_shape *a, struct tf_shapes *out,
                                 struct tf_fault *fault)
{
    enum tf_status rc;
    *out = (struct tf_shapes){0};
    if (a->geometry == TF_ACO_RING)
        return ring_shapes(a, out, fault);
    if (a->geometry == TF_ACO_CIRCLE) {
        rc = tf_shape_circle(a->points.items[0], a->radius_m, &out->items[0], fault);
        out->count = !rc;
        return rc;
    }
    if (!(a->radius_m > 0)) {
        a->radius_m = tf_reader_half_width_m(a->reader);
        tf_reader_assume(a->reader, TF_ASSUMED_WIDTH);
    }
    tf_points_tidy(&a->points, false);
    rc = tf_shape_corridor(tf_points_ring(&a->points), a->radius_m, TF_EDGES_GEODESIC, 0,
                           &out->items[0], fault);
    out->count = !rc;
    return rc;
}

static const struct {
    const char *name;
    enum tf_status (*run)(struct tf_aco_shape *a, struct tf_span fields, struct tf_fault *fault);
} sets[] = {
    {"POLYGON", on_polygon}, {"CIRCLE", on_circle},       {"CORRIDOR", on_corridor},
    {"GEOLINE", on_line},    {"APOINT", on_place},        {"AORBIT", on_orbit},
    {"RADARC", on_sector},   {"POLYARC", on_arc_polygon}, {"TRACK", on_track},
    {"1TRACK", on_track},
};

bool tf_aco_shape_read(struct tf_aco_shape *a, struct tf_span name, struct tf_span set,
                       struct tf_span fields, enum tf_status *rc, struct tf_fault *fault)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (tf_span_is(name, sets[i].name)) {
            *rc = sets[i].run(a, fields, fault);
            return true;
        }
    bool rest = tf_span_begins(name, "LATS:") || tf_span_begins(name, "LATM:");
    if (rest)
        *rc = on_rest_of_polygon(a, set, fault);
    return rest;
}

bool tf_aco_shape_is_empty(const struct tf_aco_shape *a)
{
    return a->geometry == TF_ACO_NONE || (a->geometry == TF_ACO_RING && a->path.count == 0);
}

void tf_aco_shape_clear(struct tf_aco_shape *a)
{
    a->path.count = a->points.count = 0;
    a->geometry = TF_ACO_NONE;
    a->coarse = false;
    a->radius_m = 0;
}

void tf_aco_shape_release(struct tf_aco_shape *a)
{
    tf_path_release(&a->path);
    tf_points_release(&a->points);
}
