/*
 * aco.c - airspace control orders (USMTF, ADatP-3): reading.
 *
 * A message is a row of sets: "NAME/field/field//", wrapped anywhere. An airspace
 * control measure runs from one ACMID to the next. Every measure is a zone; its
 * category is its type and use ("ROZ/NFA"); each period of activity is a volume. Edges are
 * geodesics. Field meanings: AJP-3.3.5 and FM 3-52.1 examples; see docs/formats.md.
 */
#include "format/aco.h"

#include "format/coords.h"
#include "format/loops.h"
#include "format/path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SET_MAX = 4 << 20, NOTE_MAX = 8192 };

enum geometry { NONE, CIRCLE, LINE, RING };

/* The measure being read. */
struct measure {
    bool started, skip;
    size_t line;
    struct tf_entity entity; /* names only, until it is finished */
    char type[16], use[40];
    struct tf_buf note;
    enum geometry geometry;
    struct tf_path path;     /* RING */
    struct tf_points points; /* LINE; CIRCLE: its centre */
    double radius_m;         /* of the circle, half of the width of the line */
    bool has_levels, coarse;
    struct tf_alt lower, upper;
    bool foreign_datum;
};

struct aco {
    struct tf_reader *reader;
    struct tf_buf text; /* the set being read, without line breaks */
    bool has_period, foreign_datum;
    int64_t start_ns, end_ns; /* PERIOD */
    struct tf_entity pending; /* finished; the next may be a part of it */
    size_t pending_line;
    struct measure now;
    struct tf_aco_periods periods;
};

static enum tf_status plain(struct tf_fault *fault, enum tf_status code, const char *field,
                            const char *message)
{
    return tf_fault_set(fault, code, TF_NO_INDEX, field, message, NULL, NULL, NULL);
}

static enum tf_status passed(enum tf_status rc, struct tf_fault *fault)
{
    if (rc == TF_TOO_LARGE)
        return plain(fault, rc, "",
                     TF_TEXT("The measure has too many points or periods. Split it."));
    return rc ? plain(fault, rc, "", NULL) : TF_OK;
}

/* --- fields ----------------------------------------------------------------------- */

/* "LATS:383115N1214434W", "LATM:3831N12145W", or the place alone. */
static enum tf_status place(struct aco *a, struct tf_span s, const char *field,
                            struct tf_latlng *out, struct tf_fault *fault)
{
    struct tf_coord c;
    s = tf_span_trim(s);
    if (tf_span_begins(s, "LATM:"))
        a->now.coarse = true;
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
    } lengths[] = {{"KM", 1000},     {"NM", 1852},   {"M", 1},   {"FT", TF_FOOT_M},
                   {"SM", 1609.344}, {"YD", 0.9144}, {"HM", 100}};
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

static enum tf_status begin_geometry(struct aco *a, enum geometry geometry, struct tf_fault *fault)
{
    if (a->now.geometry != NONE)
        return plain(fault, TF_UNSUPPORTED, "ACMID",
                     TF_TEXT("The measure has two shapes. Write two measures."));
    a->now.geometry = geometry;
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

static enum tf_status take_line(struct aco *a, struct tf_span fields, const char *set,
                                struct tf_fault *fault)
{
    struct tf_span field;
    enum tf_status rc = TF_OK;
    while (!rc && next_place(&fields, &field)) {
        struct tf_latlng p = {0};
        rc = place(a, field, set, &p, fault);
        if (!rc)
            rc = passed(tf_points_push(&a->now.points, p), fault);
    }
    return rc;
}

static enum tf_status take_ring(struct aco *a, struct tf_span fields, const char *set,
                                struct tf_fault *fault)
{
    struct tf_span field;
    enum tf_status rc = TF_OK;
    while (!rc && next_place(&fields, &field)) {
        struct tf_latlng p = {0};
        rc = place(a, field, set, &p, fault);
        if (!rc)
            rc = passed(tf_path_point(&a->now.path, p), fault);
    }
    return rc;
}

static enum tf_status on_polygon(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    enum tf_status rc = begin_geometry(a, RING, fault);
    bool empty =
        tf_span_len(tf_span_trim(fields)) == 0; /* "POLYGON//LATS:..." is found in orders */
    return rc || empty ? rc : take_ring(a, fields, "POLYGON", fault);
}

/* A set that begins with a place goes on with a polygon that ended too early. */
static enum tf_status on_rest_of_polygon(struct aco *a, struct tf_span set, struct tf_fault *fault)
{
    if (a->now.geometry != RING || a->now.path.count > 0)
        return TF_OK;
    plain(fault, TF_SYNTAX, "POLYGON",
          TF_TEXT("The set POLYGON ends before its places. They were taken from the next set."));
    tf_reader_warn(a->reader, fault);
    return take_ring(a, set, "POLYGON", fault);
}

static enum tf_status on_circle(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    struct tf_span centre;
    enum tf_status rc = begin_geometry(a, CIRCLE, fault);
    if (rc)
        return rc;
    tf_span_cut(&fields, '/', &centre);
    if (!fields.at)
        return missing_field("CIRCLE", fault);
    rc = take_line(a, centre, "CIRCLE", fault);
    return rc ? rc : length(fields, "CIRCLE", &a->now.radius_m, fault);
}

/* Width first; a line may go without. */
static enum tf_status wide_line(struct aco *a, struct tf_span fields, const char *set,
                                struct tf_fault *fault)
{
    struct tf_span width, rest = fields;
    double width_m = 0;
    enum tf_status rc = begin_geometry(a, LINE, fault);
    if (rc)
        return rc;
    tf_span_cut(&rest, '/', &width);
    if (!looks_like_length(width))
        return take_line(a, fields, set, fault);
    if (!rest.at)
        return missing_field(set, fault);
    rc = length(width, set, &width_m, fault);
    a->now.radius_m = width_m / 2;
    return rc ? rc : take_line(a, rest, set, fault);
}

static enum tf_status on_corridor(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    return wide_line(a, fields, "CORRIDOR", fault);
}

static enum tf_status on_line(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    return wide_line(a, fields, "GEOLINE", fault);
}

static enum tf_status on_place(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    enum tf_status rc = begin_geometry(a, CIRCLE, fault);
    a->now.radius_m = tf_reader_site_radius_m(a->reader);
    tf_reader_assume(a->reader, TF_ASSUMED_RADIUS);
    return rc ? rc : take_line(a, fields, "APOINT", fault);
}

/* point/point/width/alignment. An orbit to the left or right of its line is taken as
 * twice as wide about the line, so that it is inside. */
static enum tf_status on_orbit(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    struct tf_span part[4] = {0};
    size_t n = 0;
    while (n < 4 && tf_span_cut(&fields, '/', &part[n]))
        n++;
    if (n < 3)
        return missing_field("AORBIT", fault);
    double width_m = 0;
    enum tf_status rc = begin_geometry(a, LINE, fault);
    if (!rc)
        rc = take_line(a, part[0], "AORBIT", fault);
    if (!rc)
        rc = take_line(a, part[1], "AORBIT", fault);
    if (!rc)
        rc = length(part[2], "AORBIT", &width_m, fault);
    bool centred =
        n < 4 || tf_span_is(tf_span_trim(part[3]), "C") || tf_span_is(tf_span_trim(part[3]), "-");
    a->now.radius_m = centred ? width_m / 2 : width_m;
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
static enum tf_status on_sector(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    struct tf_span part[5], all = fields;
    struct tf_latlng origin = {0};
    double from_deg, to_deg, inner_m = 0, outer_m = 0;
    for (size_t i = 0; i < 5; i++)
        if (!tf_span_cut(&fields, '/', &part[i]))
            return missing_field("RADARC", fault);
    enum tf_status rc = begin_geometry(a, RING, fault);
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
    rc = tf_path_arc_angles(&a->now.path, origin, outer_m, from_deg, to_deg, true);
    if (!rc && whole)
        rc = tf_path_point(&a->now.path, origin);
    else if (!rc)
        rc = tf_path_arc_angles(&a->now.path, origin, inner_m, to_deg, from_deg, false);
    return passed(rc, fault);
}

/* origin/begin bearing/end bearing/radius/point/...: a clockwise arc, then points. */
static enum tf_status on_arc_polygon(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    struct tf_span part[4], all = fields;
    struct tf_latlng origin = {0};
    double from_deg, to_deg, radius_m = 0;
    for (size_t i = 0; i < 4; i++)
        if (!tf_span_cut(&fields, '/', &part[i]))
            return missing_field("POLYARC", fault);
    enum tf_status rc = begin_geometry(a, RING, fault);
    if (!rc)
        rc = place(a, part[0], "POLYARC", &origin, fault);
    if (!rc && (!bearing(part[1], &from_deg) || !bearing(part[2], &to_deg)))
        rc = not_an_arc(all, "POLYARC", fault);
    if (!rc)
        rc = length(part[3], "POLYARC", &radius_m, fault);
    if (!rc)
        rc = passed(tf_path_arc_angles(&a->now.path, origin, radius_m, from_deg, to_deg, true),
                    fault);
    return rc ? rc : take_ring(a, fields, "POLYARC", fault);
}

static enum tf_status on_track(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    (void)a, (void)fields;
    return plain(fault, TF_UNSUPPORTED, "TRACK",
                 TF_TEXT("Shapes of the type TRACK are not supported. Write a corridor or a "
                         "polygon."));
}

/* --- other sets -------------------------------------------------------------------- */

static enum tf_status on_datum(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    static const char *const same[] = {"W84", "WGE", "WGS84", "WGS-84", "WE", "WGS 84", "-", ""};
    bool ok = false;
    (void)fault;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        ok |= tf_span_is(tf_span_trim(fields), same[i]);
    *(a->now.started ? &a->now.foreign_datum : &a->foreign_datum) = !ok;
    return TF_OK;
}

static enum tf_status on_period(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    struct tf_span start, stop = {0}, all = fields;
    int64_t near_ns = a->reader->options->start_ns ? a->reader->options->start_ns : TF_TIME_MIN;
    tf_span_cut(&fields, '/', &start);
    tf_span_cut(&fields, '/', &stop);
    enum tf_status rc = tf_aco_time(start, near_ns, &a->start_ns);
    a->end_ns = TF_TIME_MAX;
    if (!rc && !tf_aco_is_open(stop))
        rc = tf_aco_time(stop, a->start_ns, &a->end_ns);
    a->has_period = !rc;
    if (!rc)
        return TF_OK;
    return tf_fault_span(
        fault, rc == TF_MISSING ? TF_MISSING : TF_TIME, "PERIOD",
        TF_TEXT("The period \"%1\" is not understood. Write it with the year, like "
                "280001ZJUL2016/282359ZJUL2016."),
        all);
}

static enum tf_status bad_period(struct tf_span shown, enum tf_status code, struct tf_fault *fault)
{
    const char *message =
        code == TF_MISSING
            ? TF_TEXT("\"%1\" has no year, and no PERIOD with a year comes before. Add one.")
            : TF_TEXT("\"%1\" is not a period of activity. Write it like "
                      "DISCRETE/280001ZJUL/280400ZJUL, the end after the start.");
    return tf_fault_span(fault, code == TF_MISSING ? TF_MISSING : TF_TIME, "APERIOD", message,
                         shown);
}

static void warn_continuous(struct aco *a, struct tf_span shown)
{
    struct tf_fault fault;
    tf_fault_span(&fault, TF_TIME, "APERIOD",
                  TF_TEXT("The repetition \"%1\" has no end or is not expanded. It was taken as "
                          "active all the time."),
                  shown);
    tf_reader_warn(a->reader, &fault);
}

static enum tf_status on_activity(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    struct tf_span part[5] = {0}, all = fields;
    for (size_t i = 0; i < 5 && tf_span_cut(&fields, '/', &part[i]); i++)
        continue;
    int64_t near_ns = a->has_period ? a->start_ns : TF_TIME_MIN;
    int64_t start_ns = TF_TIME_MIN, end_ns = TF_TIME_MAX;
    bool interval = tf_span_is(tf_span_trim(part[0]), "INTERVAL"), continuous = false;
    if (!interval && !tf_span_is(tf_span_trim(part[0]), "DISCRETE"))
        return bad_period(all, TF_TIME, fault);
    enum tf_status rc = TF_OK;
    if (!tf_aco_is_open(part[1]))
        rc = tf_aco_time(part[1], near_ns, &start_ns);
    if (!rc && !tf_aco_is_open(part[2]))
        rc = tf_aco_time(part[2], start_ns == TF_TIME_MIN ? near_ns : start_ns, &end_ns);
    if (!rc && interval)
        rc = tf_aco_add_interval(&a->periods, start_ns, end_ns, part[3], part[4], &continuous);
    else if (!rc)
        rc = tf_aco_add_period(&a->periods, start_ns, end_ns);
    if (continuous)
        warn_continuous(a, all);
    if (rc == TF_TOO_LARGE)
        return passed(rc, fault);
    return rc ? bad_period(all, rc, fault) : TF_OK;
}

static enum tf_status on_levels(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    if (tf_aco_levels(fields, &a->now.lower, &a->now.upper))
        return tf_fault_span(fault, TF_ALTITUDE, "EFFLEVEL",
                             TF_TEXT("\"%1\" is not a band of levels. Write it like "
                                     "FLFL:FL001-FL060, BRRA:GL-050AMSL or RAFL:010AGL-FL100."),
                             fields);
    a->now.has_levels = true;
    return TF_OK;
}

static enum tf_status on_remark(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    struct tf_span text = tf_span_trim(fields);
    if (!a->now.started)
        return TF_OK;
    if (tf_span_begins(text, "ID:")) {
        text.at += 3;
        return passed(tf_span_set(&a->now.entity.id, text), fault);
    }
    size_t room = NOTE_MAX - 2 - (a->now.note.len < NOTE_MAX - 2 ? a->now.note.len : NOTE_MAX - 2);
    size_t len = tf_span_len(text) < room ? tf_span_len(text) : 0;
    if (a->now.note.len > 0 && len > 0)
        tf_buf_char(&a->now.note, '\n');
    tf_buf_append(&a->now.note, text.at, len);
    return TF_OK;
}

/* --- one measure finished ------------------------------------------------------------ */

static void reset(struct aco *a)
{
    struct measure *m = &a->now;
    tf_entity_release(&m->entity);
    tf_buf_clear(&m->note);
    m->path.count = m->points.count = 0;
    m->started = m->skip = m->has_levels = m->coarse = m->foreign_datum = false;
    m->type[0] = m->use[0] = '\0';
    m->geometry = NONE;
    m->radius_m = 0;
    a->periods.count = 0;
}

static enum tf_restriction restriction_of(const struct measure *m)
{
    static const struct {
        const char *word;
        enum tf_restriction restriction;
    } words[] = {
        {"NOFLY", TF_RESTRICTION_PROHIBITED},   {"PROHIB", TF_RESTRICTION_PROHIBITED},
        {"NFZ", TF_RESTRICTION_PROHIBITED},     {"WFZ", TF_RESTRICTION_PROHIBITED},
        {"ADAREA", TF_RESTRICTION_CONDITIONAL}, {"REFPT", TF_RESTRICTION_INFORMATION},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(m->use, words[i].word) == 0 || strcmp(m->type, words[i].word) == 0)
            return words[i].restriction;
    return TF_RESTRICTION_RESTRICTED;
}

static enum tf_status describe(struct aco *a, struct tf_fault *fault)
{
    struct measure *m = &a->now;
    char category[64];
    m->entity.kind = a->reader->options->as_sites ? TF_KIND_SITE : TF_KIND_ZONE;
    m->entity.state = TF_STATE_ACTIVATED;
    m->entity.restriction =
        m->entity.kind == TF_KIND_SITE ? TF_RESTRICTION_NONE : restriction_of(m);
    snprintf(category, sizeof category, "%s%s%s", m->type, m->use[0] ? "/" : "", m->use);
    enum tf_status rc = tf_entity_set_text(&m->entity.category, *category ? category : NULL);
    if (!rc && m->note.len > 0)
        rc = tf_entity_set_text(&m->entity.note, m->note.data);
    if (!rc && !m->entity.id && m->entity.name)
        rc = tf_entity_set_text(&m->entity.id, m->entity.name);
    return passed(rc ? rc : tf_buf_status(&m->note), fault);
}

static enum tf_status ring_shapes(struct aco *a, struct tf_shapes *out, struct tf_fault *fault)
{
    struct tf_points points = {0};
    bool cut = false;
    enum tf_status rc = passed(tf_path_ring(&a->now.path, &points), fault);
    if (!rc)
        rc = tf_shapes_from_ring(&points, out, &cut, fault);
    tf_points_release(&points);
    if (!rc && cut) {
        plain(fault, TF_RING, "POLYGON",
              TF_TEXT("The border passes through a point twice. It was cut there into areas of "
                      "their own."));
        tf_reader_warn(a->reader, fault);
    }
    return rc;
}

static enum tf_status make_shapes(struct aco *a, struct tf_shapes *out, struct tf_fault *fault)
{
    struct measure *m = &a->now;
    enum tf_status rc;
    *out = (struct tf_shapes){0};
    if (m->geometry == RING)
        return ring_shapes(a, out, fault);
    if (m->geometry == CIRCLE) {
        rc = tf_shape_circle(m->points.items[0], m->radius_m, &out->items[0], fault);
        out->count = !rc;
        return rc;
    }
    if (!(m->radius_m > 0)) {
        m->radius_m = tf_reader_half_width_m(a->reader);
        tf_reader_assume(a->reader, TF_ASSUMED_WIDTH);
    }
    tf_points_tidy(&m->points, false);
    rc = tf_shape_corridor(tf_points_ring(&m->points), m->radius_m, TF_EDGES_GEODESIC, 0,
                           &out->items[0], fault);
    out->count = !rc;
    return rc;
}

/* Without APERIOD a measure holds for the order's PERIOD. */
static void default_period(struct aco *a)
{
    int64_t start_ns = a->start_ns, end_ns = a->end_ns;
    if (!a->has_period)
        tf_reader_times(a->reader, &start_ns, &end_ns);
    a->periods.items[0].start_ns = start_ns;
    a->periods.items[0].end_ns = end_ns;
    a->periods.count = 1;
}

static enum tf_status add_volumes(struct aco *a, struct tf_entity *into,
                                  const struct tf_shapes *shapes, struct tf_fault *fault)
{
    struct measure *m = &a->now;
    struct tf_alt lower = m->has_levels ? m->lower : tf_alt_unlimited(true);
    struct tf_alt upper = m->has_levels ? m->upper : tf_alt_unlimited(false);
    if (!m->has_levels)
        tf_reader_assume(a->reader, TF_ASSUMED_ALTITUDES);
    if (a->periods.count == 0)
        default_period(a);
    enum tf_status rc = TF_OK;
    for (size_t k = 0; !rc && k < shapes->count; k++)
        for (size_t i = 0; !rc && i < a->periods.count; i++)
            rc = tf_reader_volume(a->reader, into, tf_shape_ref(shapes->items[k]), lower, upper,
                                  a->periods.items[i].start_ns, a->periods.items[i].end_ns, fault);
    return rc;
}

static enum tf_status deliver(struct aco *a)
{
    enum tf_status rc = TF_OK;
    if (a->pending.volume_count > 0) {
        a->reader->line = a->pending_line;
        rc = tf_reader_add(a->reader, &a->pending);
        a->reader->feature++;
    }
    tf_entity_release(&a->pending);
    return rc;
}

static bool same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static enum tf_status check(struct aco *a, struct tf_fault *fault)
{
    if (a->now.geometry == NONE || (a->now.geometry == RING && a->now.path.count == 0))
        return plain(
            fault, TF_MISSING, "ACMID",
            TF_TEXT("The measure has no shape. Add POLYGON, CIRCLE, CORRIDOR, or another."));
    if (a->now.foreign_datum || a->foreign_datum)
        return plain(fault, TF_UNSUPPORTED, "GEODATUM",
                     TF_TEXT("The coordinates are not on WGS84 (W84). Convert them."));
    return TF_OK;
}

static void warn_coarse(struct aco *a)
{
    struct tf_fault fault;
    plain(&fault, TF_RANGE, "LATM",
          TF_TEXT(
              "Places are given to the minute only, so they may be off by 1 km. Ask for seconds."));
    tf_reader_warn(a->reader, &fault);
}

/* Parts of one entity follow each other with the same identity. */
static bool continues(const struct aco *a)
{
    return same_text(a->pending.id, a->now.entity.id) &&
           same_text(a->pending.category, a->now.entity.category);
}

static enum tf_status finish(struct aco *a)
{
    struct tf_fault fault = {0};
    struct tf_shapes shapes = {0};
    enum tf_status rc = TF_OK, bad = TF_OK;
    if (a->now.started && !a->now.skip) {
        bad = describe(a, &fault);
        bool more = !bad && continues(a);
        rc = more ? TF_OK : deliver(a);
        a->reader->line = a->now.line;
        if (!bad)
            bad = check(a, &fault);
        if (!bad)
            bad = make_shapes(a, &shapes, &fault);
        if (!bad)
            bad = add_volumes(a, more ? &a->pending : &a->now.entity, &shapes, &fault);
        if (!rc && bad) {
            rc = tf_reader_reject(a->reader, &fault);
            a->reader->feature++;
        } else if (!rc && !more) {
            a->pending = a->now.entity;
            a->pending_line = a->now.line;
            a->now.entity = (struct tf_entity){0};
        }
        if (!bad && a->now.coarse)
            warn_coarse(a);
        tf_shapes_release(&shapes);
    }
    reset(a);
    return rc;
}

/* "ACM:ROZ/NAME:TRAVIS AFB/POLYGON/USE:BDZ": begins a measure. */
static enum tf_status on_measure(struct aco *a, struct tf_span fields, struct tf_fault *fault)
{
    struct tf_span field;
    enum tf_status rc = TF_OK;
    while (!rc && tf_span_cut(&fields, '/', &field)) {
        field = tf_span_trim(field);
        struct tf_span value = field, key;
        if (!memchr(field.at, ':', tf_span_len(field)))
            continue;
        tf_span_cut(&value, ':', &key);
        if (tf_span_is(key, "ACM"))
            tf_span_copy(value, a->now.type, sizeof a->now.type);
        else if (tf_span_is(key, "USE"))
            tf_span_copy(value, a->now.use, sizeof a->now.use);
        else if (tf_span_is(key, "NAME") || tf_span_is(key, "DESIG"))
            rc = passed(tf_span_set(&a->now.entity.name, value), fault);
    }
    return rc;
}

/* --- sets ----------------------------------------------------------------------------- */

typedef enum tf_status (*set_reader)(struct aco *a, struct tf_span fields, struct tf_fault *fault);

static const struct {
    const char *name;
    set_reader run;
} sets[] = {
    {"ACMID", on_measure},     {"POLYGON", on_polygon}, {"CIRCLE", on_circle},
    {"CORRIDOR", on_corridor}, {"GEOLINE", on_line},    {"APOINT", on_place},
    {"AORBIT", on_orbit},      {"RADARC", on_sector},   {"POLYARC", on_arc_polygon},
    {"TRACK", on_track},       {"1TRACK", on_track},    {"EFFLEVEL", on_levels},
    {"APERIOD", on_activity},  {"PERIOD", on_period},   {"GEODATUM", on_datum},
    {"AMPN", on_remark},
};

static enum tf_status run_set(struct aco *a, set_reader run, struct tf_span fields, size_t line)
{
    enum tf_status rc = TF_OK;
    if (run == on_measure) {
        rc = finish(a);
        a->reader->line = line;
        a->now.started = true;
        a->now.line = line;
    }
    if (rc || a->now.skip)
        return rc;
    struct tf_fault fault = {0};
    if (!run(a, fields, &fault))
        return TF_OK;
    a->now.skip = a->now.started;
    rc = deliver(a);
    a->reader->line = line;
    if (!rc)
        rc = tf_reader_reject(a->reader, &fault);
    a->reader->feature += a->now.started;
    return rc;
}

static enum tf_status read_set(struct aco *a, size_t line)
{
    struct tf_span all = {a->text.data, a->text.data + a->text.len}, fields = all, name;
    if (!a->text.data)
        return TF_OK;
    tf_span_cut(&fields, '/', &name);
    name = tf_span_trim(name);
    if (!fields.at)
        fields = (struct tf_span){name.end, name.end};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (tf_span_is(name, sets[i].name))
            return run_set(a, sets[i].run, fields, line);
    if (tf_span_begins(name, "LATS:") || tf_span_begins(name, "LATM:"))
        return run_set(a, on_rest_of_polygon, all, line);
    return TF_OK; /* EXER, MSGID, NARR and others say nothing of airspace */
}

/* Collects up to the next "//"; *line counts on. False at the end. */
static bool next_set(struct aco *a, const char **p, const char *end, size_t *line, size_t *first)
{
    tf_buf_clear(&a->text);
    bool any = false;
    for (; *p < end; (*p)++) {
        char c = **p;
        if (c == '\n')
            (*line)++;
        if (c == '\n' || c == '\r')
            continue;
        if (!any && c != ' ' && c != '\t') {
            any = true;
            *first = *line;
        }
        if (c == '/' && *p + 1 < end && (*p)[1] == '/') {
            *p += 2;
            return true;
        }
        if (any)
            tf_buf_char(&a->text, c);
    }
    return any;
}

static enum tf_status walk(struct aco *a)
{
    const char *p = a->reader->bytes, *end = p + a->reader->len;
    size_t line = 1, first = 1;
    enum tf_status rc = TF_OK;
    while (!rc && next_set(a, &p, end, &line, &first)) {
        struct tf_fault fault;
        a->reader->line = first;
        rc = tf_buf_status(&a->text);
        if (rc) {
            plain(&fault, rc, "",
                  rc == TF_LIMIT ? TF_TEXT("A set is longer than 4 MB. Does it end "
                                           "with //?")
                                 : NULL);
            rc = tf_reader_reject(a->reader, &fault);
        } else {
            rc = read_set(a, first);
        }
    }
    return rc;
}

static enum tf_status aco_read(struct tf_reader *reader)
{
    struct aco a = {
        .reader = reader, .text = TF_BUF_INIT(SET_MAX), .now.note = TF_BUF_INIT(NOTE_MAX)};
    enum tf_status rc = walk(&a);
    if (!rc)
        rc = finish(&a);
    if (!rc)
        rc = deliver(&a);
    tf_entity_release(&a.pending);
    reset(&a);
    tf_buf_release(&a.text);
    tf_buf_release(&a.now.note);
    tf_path_release(&a.now.path);
    tf_points_release(&a.now.points);
    return rc;
}

static bool holds(const char *bytes, size_t len, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = bytes, *end = bytes + len; (size_t)(end - p) >= n;) {
        p = memchr(p, word[0], (size_t)(end - p) - n + 1);
        if (!p)
            return false;
        if (memcmp(p, word, n) == 0)
            return true;
        p++;
    }
    return false;
}

static int aco_detect(const char *bytes, size_t len)
{
    bool head = holds(bytes, len, "MSGID/ACO"), measure = holds(bytes, len, "ACMID/");
    return head && holds(bytes, len, "//") ? 95 : measure && holds(bytes, len, "//") ? 85 : 0;
}

const struct tf_codec tf_codec_aco = {
    .format = TF_FORMAT_ACO,
    .detect = aco_detect,
    .read = aco_read,
    .write = tf_aco_write,
};
