/*
 * acoout.c - airspace control orders: writing.
 *
 * An ACO rounds: places to the second of arc, levels to hundreds of feet, times to the
 * minute, sizes to the metre. All is rounded outward; each kind of loss is noted once.
 */
#include "format/aco.h"

#include "format/coords.h"
#include "format/loops.h"
#include "format/outline.h"
#include "format/places.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum loss {
    LOSS_PLACE,
    LOSS_LEVEL,
    LOSS_TIME,
    LOSS_HOLE,
    LOSS_KIND,
    LOSS_W84,
    LOSS_SMALL,
    LOSS_GROUND,
    LOSS_WHOLE,
    LOSS_COUNT
};
enum { LINE_MAX_CHARS = 66 };

/* Half of the diagonal of a square of one second at the equator, rounded up; what is no move. */
#define ROUNDING_M 22.0
#define EXACT_M 0.01
/* Corners are left out up to this distance from each other. */
#define APART_MAX_M 1500.0

struct writer {
    struct tf_buf *out;
    struct tf_notes *notes;
    const struct tf_entity *entity;
    size_t count[LOSS_COUNT], first[LOSS_COUNT], index;
    size_t measures;   /* of the entity */
    size_t line_start; /* where in `out` the present line began */
};

static void lost(struct writer *w, enum loss what)
{
    if (w->count[what]++ == 0)
        w->first[what] = w->index;
}

static void newline(struct writer *w)
{
    tf_buf_char(w->out, '\n');
    w->line_start = w->out->len;
}

/* A field with its slash; wraps before it if the line is full. */
static void field(struct writer *w, const char *prefix, const char *text)
{
    size_t len = strlen(prefix) + strlen(text) + 1;
    tf_buf_char(w->out, '/');
    if (w->out->len - w->line_start + len > LINE_MAX_CHARS)
        newline(w);
    tf_buf_text(w->out, prefix);
    for (; *text; text++)
        tf_buf_char(w->out, *text == '/' || (unsigned char)*text < 0x20 ? ' ' : *text);
}

static void set(struct writer *w, const char *name)
{
    tf_buf_text(w->out, name);
}

static void end(struct writer *w)
{
    tf_buf_text(w->out, "//");
    newline(w);
}

/* Up to `size` - 1 characters of text that no set separator interrupts. */
static void part_of(char *out, size_t size, const char *from, char separator, bool second)
{
    struct tf_span rest = tf_span_of(from ? from : ""), part;
    tf_span_cut(&rest, separator, &part);
    tf_span_copy(!second ? part : rest.at ? rest : (struct tf_span){part.end, part.end}, out, size);
}

/* --- geometry -------------------------------------------------------------------- */

static struct tf_latlng to_second(struct tf_latlng p)
{
    return (struct tf_latlng){round(p.lat_deg * 3600) / 3600, round(p.lng_deg * 3600) / 3600};
}

/* By how much rounding moves one of the points at most. */
static double rounding_m(struct tf_ring ring)
{
    double most_m = 0;
    for (size_t i = 0; i < ring.count; i++)
        most_m = fmax(
            most_m, tf_geodesic_inverse(ring.vertices[i], to_second(ring.vertices[i]), NULL, NULL));
    return most_m;
}

static void place(struct writer *w, struct tf_latlng p)
{
    char text[TF_COORD_TEXT_SIZE];
    double lat_s = p.lat_deg * 3600, lng_s = p.lng_deg * 3600;
    if (fabs(lat_s - round(lat_s)) > 1e-6 || fabs(lng_s - round(lng_s)) > 1e-6)
        lost(w, LOSS_PLACE);
    tf_coord_format_dms(p, TF_DMS_PACKED, 0, text);
    field(w, "LATS:", text);
}

/* One after the other, none twice that rounding makes one. */
static void places(struct writer *w, struct tf_ring ring, bool is_ring)
{
    for (size_t i = 0; i < ring.count; i++) {
        size_t before = i > 0 ? i - 1 : is_ring ? ring.count - 1 : 0;
        struct tf_latlng a = to_second(ring.vertices[before]), b = to_second(ring.vertices[i]);
        if (i == before || a.lat_deg != b.lat_deg || a.lng_deg != b.lng_deg)
            place(w, ring.vertices[i]);
    }
}

static void length(struct writer *w, double m)
{
    char text[32];
    snprintf(text, sizeof text, "%.0fM", ceil(m - 1e-6));
    field(w, "", text);
}

/* What is written of a shape: a ring of places, and a radius or half-width. */
struct drawing {
    enum tf_shape_kind kind;
    struct tf_ring ring;
    double radius_m;
    struct tf_latlng centre;  /* where `ring` is, for a circle that was none */
    struct tf_points corners; /* and for an area that was moved outward, or a line; owned */
};

static const char *shape_word(const struct drawing *drawing)
{
    static const char *const words[] = {"CIRCLE", "CORRIDOR", "POLYGON"};
    return words[drawing->kind];
}

static void geometry(struct writer *w, const struct drawing *drawing)
{
    double radius_m = drawing->radius_m + rounding_m(drawing->ring);
    set(w, shape_word(drawing));
    if (drawing->kind == TF_SHAPE_CORRIDOR)
        length(w, 2 * radius_m);
    places(w, drawing->ring, drawing->kind == TF_SHAPE_POLYGON);
    if (drawing->kind == TF_SHAPE_CIRCLE)
        length(w, radius_m);
    end(w);
}

/* The polygon that a reader makes of a ring; NULL if it is none, or more than one. */
static enum tf_status as_read(struct tf_ring ring, bool rounded, struct tf_shape **out)
{
    struct tf_points points = {0};
    struct tf_shapes shapes = {0};
    enum tf_status rc = TF_OK;
    bool cut;
    for (size_t i = 0; !rc && i < ring.count; i++)
        rc = tf_points_push(&points, rounded ? to_second(ring.vertices[i]) : ring.vertices[i]);
    if (!rc)
        rc = tf_shapes_from_ring(&points, &shapes, &cut, NULL);
    *out = !rc && shapes.count == 1 ? tf_shape_ref(shapes.items[0]) : NULL;
    tf_shapes_release(&shapes);
    tf_points_release(&points);
    return rc == TF_NOMEM ? rc : TF_OK;
}

/* By how much a corner is turned at; positive to the right. */
static double turn_deg(struct tf_ring ring, size_t i, double *in_deg, double *out_deg)
{
    const struct tf_latlng *v = ring.vertices;
    (void)tf_geodesic_inverse(v[(i + ring.count - 1) % ring.count], v[i], NULL, in_deg);
    (void)tf_geodesic_inverse(v[i], v[(i + 1) % ring.count], out_deg, NULL);
    return remainder(*out_deg - *in_deg, 360);
}

/* A corner of the ring whose edges all lie outward by `by_m`: where the moved edges meet, or,
 * at a sharp corner, two that cut it off square.
 *
 *     ----------.        `side` is where outside is: 90 degrees to the right or left
 *     -------.   \
 *           /     /
 */
static enum tf_status push_corner(struct tf_points *out, struct tf_ring ring, size_t i, double side,
                                  double by_m)
{
    double in_deg, out_deg, turn = turn_deg(ring, i, &in_deg, &out_deg);
    double rad = acos(-1) / 180, away = side < 0 ? turn : -turn; /* of what is outside */
    struct tf_latlng at = ring.vertices[i];
    if (away <= 90) {
        double far_m = by_m / cos(fmin(fabs(turn), 150) / 2 * rad);
        return tf_points_push(out, tf_geodesic_direct(at, in_deg + side + turn / 2, far_m, NULL));
    }
    double far_m = by_m * sqrt(2);
    enum tf_status rc = tf_points_push(out, tf_geodesic_direct(at, in_deg + side / 2, far_m, NULL));
    return rc ? rc : tf_points_push(out, tf_geodesic_direct(at, out_deg + side * 1.5, far_m, NULL));
}

/* The corners that are at least `apart_m` from the one before. */
static enum tf_status thin(struct tf_ring ring, double apart_m, struct tf_points *out)
{
    enum tf_status rc = tf_points_push(out, ring.vertices[0]);
    for (size_t i = 1; !rc && i < ring.count; i++)
        if (tf_geodesic_inverse(out->items[out->count - 1], ring.vertices[i], NULL, NULL) >=
            apart_m)
            rc = tf_points_push(out, ring.vertices[i]);
    return rc;
}

/* The ring, each edge moved outward by `by_m`. */
static enum tf_status outward(struct tf_ring ring, double by_m, struct tf_points *out)
{
    double all = 0, in_deg, out_deg;
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < ring.count; i++)
        all += turn_deg(ring, i, &in_deg, &out_deg);
    for (size_t i = 0; !rc && i < ring.count; i++)
        rc = push_corner(out, ring, i, all > 0 ? -90 : 90, by_m);
    return rc;
}

static struct tf_latlng farthest(struct tf_ring ring, struct tf_latlng from, double *distance_m)
{
    struct tf_latlng found = from;
    *distance_m = 0;
    for (size_t i = 0; i < ring.count; i++) {
        double d = tf_geodesic_inverse(from, ring.vertices[i], NULL, NULL);
        if (d > *distance_m) {
            *distance_m = d;
            found = ring.vertices[i];
        }
    }
    return found;
}

/* The circle around an area: through the middle of a corner and the one farthest from it. */
static void around(struct tf_ring ring, struct drawing *out)
{
    double span_m;
    struct tf_latlng end = farthest(ring, ring.vertices[0], &span_m);
    out->kind = TF_SHAPE_CIRCLE;
    out->centre = tf_geodesic_interpolate(ring.vertices[0], end, 0.5);
    (void)farthest(ring, out->centre, &out->radius_m);
    out->ring = (struct tf_ring){&out->centre, 1};
}

/* Is what a reader makes of the ring, rounded, all of `drawn` (or anything, if that is NULL)? */
static enum tf_status holds(struct tf_ring ring, const struct tf_shape *drawn, bool *out)
{
    struct tf_shape *read;
    enum tf_status rc = as_read(ring, true, &read);
    *out = read && (!drawn || tf_shape_contains(read, drawn));
    tf_shape_unref(read);
    return rc;
}

/* A ring around the area whose corners may be rounded: the area's own, moved outward; without the
 * corners that are too close to each other for that, as far as it takes. */
static enum tf_status move_outward(struct tf_ring ring, const struct tf_shape *drawn,
                                   struct drawing *out, bool *good)
{
    enum tf_status rc = TF_OK;
    for (double apart_m = 0; !rc && !*good && apart_m <= APART_MAX_M;
         apart_m = apart_m > 0 ? 2 * apart_m : ROUNDING_M) {
        struct tf_points kept = {0};
        tf_points_release(&out->corners);
        rc = thin(ring, apart_m, &kept);
        if (!rc && kept.count >= 3)
            rc = outward(tf_points_ring(&kept), ROUNDING_M + apart_m / 4, &out->corners);
        tf_points_release(&kept);
        out->ring = tf_points_ring(&out->corners);
        if (!rc)
            rc = holds(out->ring, drawn, good);
    }
    return rc;
}

static enum tf_status draw_area(struct tf_ring ring, struct drawing *out, bool *good)
{
    struct tf_shape *drawn;
    enum tf_status rc;
    *good = false;
    if (rounding_m(ring) <= EXACT_M)
        return holds(ring, NULL, good);
    rc = as_read(ring, false, &drawn);
    if (!rc && drawn)
        rc = move_outward(ring, drawn, out, good);
    tf_shape_unref(drawn);
    return rc;
}

/* *out: tf_points_release its corners. */
static enum tf_status draw(struct writer *w, const struct tf_shape *shape, struct tf_ring ring,
                           struct drawing *out)
{
    bool good = true;
    *out = (struct drawing){
        .kind = tf_shape_kind(shape), .ring = ring, .radius_m = tf_shape_radius_m(shape)};
    enum tf_status rc = TF_OK;
    double more_m;
    if (out->kind == TF_SHAPE_POLYGON) {
        out->radius_m = 0;
        rc = draw_area(ring, out, &good);
    }
    if (out->kind == TF_SHAPE_CORRIDOR) {
        rc = tf_outline_line(shape, &out->corners, &more_m);
        out->radius_m += more_m;
        out->ring = tf_points_ring(&out->corners);
    }
    if (!rc && !good) {
        around(ring, out);
        lost(w, LOSS_SMALL);
    }
    return rc;
}

/* --- levels and times -------------------------------------------------------------- */

/* Hundreds of feet, outward. */
static double hundreds(struct writer *w, struct tf_alt alt, bool is_lower)
{
    double value = tf_alt_m(alt) / TF_FOOT_M / 100, near = round(value);
    if (fabs(value - near) < 1e-6)
        return near;
    lost(w, LOSS_LEVEL);
    return is_lower ? floor(value) : ceil(value);
}

/* Class of a limit: B base reference, R above something, F flight level. */
static char level(struct writer *w, const struct tf_shape *shape, bool is_lower, struct tf_alt alt,
                  char out[16])
{
    if (tf_alt_to_amsl(shape, is_lower, &alt))
        lost(w, LOSS_W84);
    double value = isinf(alt.value) ? alt.value : hundreds(w, alt, is_lower);
    /* No level is below zero, but nothing is below the ground either; what rounding moves
     * beyond all that is accepted has no end. */
    if ((is_lower && value < 0) || value * 100 * TF_FOOT_M > TF_ALT_MAX_M) {
        if (is_lower)
            lost(w, LOSS_GROUND);
        snprintf(out, 16, "%s", is_lower ? "GL" : "FL999");
        return is_lower ? 'B' : 'F';
    }
    value = fmax(value, 0);
    if (is_lower && value == 0 && alt.ref != TF_ALT_STD) {
        snprintf(out, 16, "%s", alt.ref == TF_ALT_AGL ? "GL" : "MSL");
        return 'B';
    }
    if (alt.ref == TF_ALT_STD) {
        snprintf(out, 16, "FL%03.0f", value);
        return 'F';
    }
    snprintf(out, 16, "%03.0f%s", value, alt.ref == TF_ALT_AGL ? "AGL" : "AMSL");
    return 'R';
}

static void levels(struct writer *w, const struct tf_volume4 *v)
{
    char low[16], high[16], text[48];
    char a = level(w, v->shape, true, v->alt.lower, low);
    char b = level(w, v->shape, false, v->alt.upper, high);
    /* There is no code for "level below, something above it": both as above the sea. */
    const char *code = a == 'B'   ? (b == 'F' ? "BRFL" : "BRRA")
                       : a == 'R' ? (b == 'F' ? "RAFL" : "RARA")
                                  : (b == 'F' ? "FLFL" : "RARA");
    snprintf(text, sizeof text, "%s:%s-%s", code, low, high);
    set(w, "EFFLEVEL");
    field(w, "", text);
    end(w);
}

static void time_field(struct writer *w, int64_t t_ns, bool is_start)
{
    char text[16];
    if (t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX) {
        field(w, "", is_start ? "-" : "UFN");
        return;
    }
    int64_t rest = ((t_ns % TF_MINUTE_NS) + TF_MINUTE_NS) % TF_MINUTE_NS;
    if (rest != 0)
        lost(w, LOSS_TIME);
    tf_aco_time_format(rest == 0  ? t_ns
                       : is_start ? t_ns - rest
                                  : tf_time_add(t_ns, TF_MINUTE_NS - rest),
                       text);
    field(w, "", text);
}

static void period(struct writer *w, const struct tf_volume4 *v)
{
    set(w, "APERIOD");
    field(w, "", "DISCRETE");
    time_field(w, v->start_ns, true);
    time_field(w, v->end_ns, false);
    end(w);
}

/* --- measures ---------------------------------------------------------------------- */

static void head(struct writer *w, const struct drawing *drawing)
{
    const struct tf_entity *e = w->entity;
    const char *name = e->name ? e->name : e->id;
    char type[16], use[40];
    part_of(type, sizeof type, e->category, '/', false);
    part_of(use, sizeof use, e->category, '/', true);
    set(w, "ACMID");
    field(w, "ACM:", type[0] ? type : "ROZ");
    field(w, "NAME:", name);
    field(w, "", shape_word(drawing));
    if (use[0])
        field(w, "USE:", use);
    end(w);
    if (strcmp(name, e->id) != 0) {
        set(w, "AMPN");
        field(w, "ID:", e->id);
        end(w);
    }
}

static enum tf_status measure(struct writer *w, const struct tf_place *place, struct tf_ring ring)
{
    const struct tf_volume4 *v = tf_place_volume(w->entity, place, 0);
    struct drawing drawing;
    enum tf_status rc = draw(w, v->shape, ring, &drawing);
    if (!rc) {
        head(w, &drawing);
        geometry(w, &drawing);
        levels(w, v);
        for (size_t i = 0; i < place->count; i++)
            period(w, tf_place_volume(w->entity, place, i));
    }
    w->measures++;
    tf_points_release(&drawing.corners);
    return rc;
}

/* A grown polygon, or one with lon/lat edges, is the union of its outline's rings. */
static enum tf_status outline(struct writer *w, const struct tf_place *place,
                              const struct tf_shape *shape)
{
    struct tf_outline rings;
    enum tf_status rc = tf_outline_of(shape, &rings);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < rings.ring_count; i++)
        if (!tf_outline_is_hole(shape, i))
            rc = measure(w, place, rings.rings[i]);
    tf_outline_release(&rings);
    return rc;
}

static enum tf_status write_place(struct writer *w, const struct tf_place *place)
{
    const struct tf_shape *shape = tf_place_volume(w->entity, place, 0)->shape;
    bool polygon = tf_shape_kind(shape) == TF_SHAPE_POLYGON;
    if (polygon && tf_shape_ring_count(shape) > 1)
        lost(w, LOSS_HOLE);
    if (polygon && (tf_shape_radius_m(shape) > 0 || tf_shape_edges(shape) != TF_EDGES_GEODESIC))
        return outline(w, place, shape);
    return measure(w, place, tf_shape_ring(shape, 0));
}

static enum tf_status write_entity(struct writer *w)
{
    struct tf_place place = {0};
    enum tf_status rc = TF_OK;
    w->measures = 0;
    if (w->entity->kind != TF_KIND_ZONE)
        lost(w, LOSS_KIND);
    while (!rc && tf_place_next(w->entity, &place))
        rc = write_place(w, &place);
    if (w->measures > 1)
        lost(w, LOSS_WHOLE);
    return rc;
}

/* The order holds from the first start to the last end that is known. */
static void order_period(struct writer *w, const struct tf_picture *picture)
{
    int64_t start_ns = TF_TIME_MAX, end_ns = TF_TIME_MIN;
    for (size_t i = 0; i < picture->count; i++)
        for (size_t k = 0; k < picture->entities[i].volume_count; k++) {
            const struct tf_volume4 *v = &picture->entities[i].volumes[k];
            if (v->start_ns != TF_TIME_MIN && v->start_ns < start_ns)
                start_ns = v->start_ns;
            end_ns = v->end_ns > end_ns ? v->end_ns : end_ns;
        }
    if (start_ns == TF_TIME_MAX)
        return;
    set(w, "PERIOD");
    time_field(w, start_ns, true);
    time_field(w, end_ns, false);
    end(w);
}

static enum tf_status report(struct writer *w)
{
    static const char *const sentences[LOSS_COUNT] = {
        [LOSS_PLACE] = TF_TEXT("An ACO gives places to the second of arc: %1 coordinates were "
                               "rounded. Areas, circles and corridors became larger by that."),
        [LOSS_LEVEL] = TF_TEXT("An ACO gives levels in hundreds of feet: %1 limits were moved "
                               "outward."),
        [LOSS_TIME] = TF_TEXT("An ACO gives times to the minute: %1 times were moved outward."),
        [LOSS_HOLE] = TF_TEXT("An ACO knows no holes: those of %1 outlines were filled."),
        [LOSS_KIND] = TF_TEXT("An ACO knows airspace measures only: the kind of %1 operations or "
                              "sites is lost."),
        [LOSS_W84] = TF_TEXT("An ACO knows no altitudes above the ellipsoid: %1 limits became "
                             "AMSL, moved outward by the geoid."),
        [LOSS_SMALL] = TF_TEXT("Rounded to the second of arc, %1 areas would not be valid. They "
                               "became the circles around them."),
        [LOSS_GROUND] =
            TF_TEXT("An ACO knows nothing below the ground and the sea: %1 lower limits "
                    "became the ground (GL)."),
        [LOSS_WHOLE] = TF_TEXT("A measure of an ACO has one outline and one pair of levels: %1 "
                               "operations, zones or sites became several measures each."),
    };
    enum tf_status rc = TF_OK;
    for (int what = 0; !rc && what < LOSS_COUNT; what++) {
        char count[24];
        snprintf(count, sizeof count, "%zu", w->count[what]);
        if (w->count[what] > 0)
            rc = tf_write_warn(w->notes, w->first[what], sentences[what], count, NULL);
    }
    return rc;
}

enum tf_status tf_aco_write(const struct tf_picture *picture, struct tf_buf *out,
                            struct tf_notes *notes)
{
    struct writer w = {.out = out, .notes = notes, .line_start = out->len};
    tf_buf_text(out, "MSGID/ACO/TAFADI//\nGEODATUM/W84//\n");
    w.line_start = out->len;
    order_period(&w, picture);
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < picture->count; i++) {
        w.index = i;
        w.entity = &picture->entities[i];
        rc = write_entity(&w);
    }
    if (!rc)
        rc = report(&w);
    return rc ? rc : tf_buf_status(out);
}
