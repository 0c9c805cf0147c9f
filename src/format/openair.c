/*
 * openair.c - OpenAir airspace files: reading.
 *
 * Source: the OpenAir text format, versions 1 and 2 (Naviter). One airspace is a
 * run of lines from AC on. All are zones; what they demand follows from class and
 * type (openair.h). Edges are geodesics, arcs as path.h says. Lengths are nautical miles.
 */
#include "format/openair.h"

#include "format/coords.h"
#include "format/loops.h"
#include "format/path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MILE_M 1852.0
enum { MAX_PERIODS = 1000, NOTE_MAX = 4096 };

struct period {
    int64_t start_ns, end_ns;
};

/* The airspace being read. */
struct airspace {
    bool started, has_class, skip;
    size_t line;
    char class_word[32], type_word[32];
    struct tf_entity entity; /* names only, until it is finished */
    bool has_lower, has_upper;
    struct tf_alt lower, upper;
    struct tf_buf note;
    struct period periods[MAX_PERIODS];
    size_t period_count;
    bool by_notam; /* AA NONE */
    struct tf_path path;
    struct tf_points airway;
    bool has_centre, anticlockwise, has_circle;
    struct tf_latlng centre;
    double circle_radius_m, airway_width_m;
};

struct openair {
    struct tf_reader *reader;
    struct tf_entity pending; /* finished, but the next airspace may have the same id */
    size_t pending_line;
    struct airspace now;
};

typedef enum tf_status (*command)(struct openair *o, struct tf_span rest, struct tf_fault *fault);

/* --- the words of one airspace ------------------------------------------------------- */

static enum tf_status too_many(struct tf_fault *fault)
{
    return tf_fault_set(fault, TF_TOO_LARGE, TF_NO_INDEX, "",
                        TF_TEXT("The airspace has too many points or lines. Split it."), NULL, NULL,
                        NULL);
}

static enum tf_status passed(enum tf_status rc, struct tf_fault *fault)
{
    if (rc == TF_TOO_LARGE)
        return too_many(fault);
    if (rc)
        tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    return rc;
}

static enum tf_status on_class(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    (void)fault;
    o->now.has_class = true;
    tf_span_copy(rest, o->now.class_word, sizeof o->now.class_word);
    return TF_OK;
}

static enum tf_status on_type(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    (void)fault;
    tf_span_copy(rest, o->now.type_word, sizeof o->now.type_word);
    return TF_OK;
}

static enum tf_status on_name(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    return passed(tf_span_set(&o->now.entity.name, rest), fault);
}

static enum tf_status on_id(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    return passed(tf_span_set(&o->now.entity.id, rest), fault);
}

static enum tf_status limit(struct tf_span rest, bool is_lower, bool *has, struct tf_alt *out,
                            struct tf_fault *fault)
{
    static const struct tf_alt feet_amsl = {0, TF_ALT_UNIT_FT, TF_ALT_AMSL};
    const char *field = is_lower ? "AL" : "AH";
    if (*has)
        return tf_fault_set(fault, TF_ALTITUDE, TF_NO_INDEX, field,
                            TF_TEXT("The airspace has two lines %1. Keep one."), field, NULL, NULL);
    if (tf_alt_from_text(rest, is_lower, feet_amsl, out))
        return tf_fault_span(fault, TF_ALTITUDE, field,
                             TF_TEXT("\"%1\" is not an altitude. Write it like FL95, 2500ft AMSL, "
                                     "1000ft AGL, GND or UNL."),
                             rest);
    *has = true;
    return TF_OK;
}

static enum tf_status on_lower(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    return limit(rest, true, &o->now.has_lower, &o->now.lower, fault);
}

static enum tf_status on_upper(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    return limit(rest, false, &o->now.has_upper, &o->now.upper, fault);
}

/* One side of an activation: NONE is open. */
static enum tf_status side(struct tf_span text, int64_t open_ns, int64_t *out)
{
    text = tf_span_trim(text);
    if (tf_span_is(text, "NONE")) {
        *out = open_ns;
        return TF_OK;
    }
    return tf_time_from_text(text, out, NULL);
}

static enum tf_status on_activation(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    struct airspace *a = &o->now;
    bool none = tf_span_is(rest, "NONE");
    if ((none && a->period_count > 0) || (!none && a->by_notam))
        return tf_fault_set(fault, TF_TIME, TF_NO_INDEX, "AA",
                            TF_TEXT("AA NONE cannot stand beside other activation times. Keep the "
                                    "one or the others."),
                            NULL, NULL, NULL);
    a->by_notam |= none;
    if (none)
        return TF_OK;
    if (a->period_count == MAX_PERIODS)
        return too_many(fault);
    struct period *p = &a->periods[a->period_count];
    struct tf_span start, end, all = rest;
    bool ok = tf_span_cut(&rest, '/', &start) && tf_span_cut(&rest, '/', &end) && !rest.at &&
              !side(start, TF_TIME_MIN, &p->start_ns) && !side(end, TF_TIME_MAX, &p->end_ns);
    bool open = ok && p->start_ns == TF_TIME_MIN && p->end_ns == TF_TIME_MAX;
    if (!ok || open || p->start_ns >= p->end_ns)
        return tf_fault_span(fault, TF_TIME, "AA",
                             TF_TEXT("\"%1\" is not an activation time. Write start and end, like "
                                     "2026-01-01T12:00Z/2026-01-01T13:00Z; one of them may be "
                                     "NONE."),
                             all);
    a->period_count++;
    return TF_OK;
}

/* Frequency, station, transponder code: kept as lines of the note. */
static void keep(struct openair *o, const char *word, struct tf_span rest)
{
    if (o->now.note.len > 0)
        tf_buf_char(&o->now.note, '\n');
    tf_buf_printf(&o->now.note, "%s %.*s", word, (int)tf_span_len(rest), rest.at);
}

static enum tf_status on_frequency(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    (void)fault;
    keep(o, "AF", rest);
    return TF_OK;
}

static enum tf_status on_station(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    (void)fault;
    keep(o, "AG", rest);
    return TF_OK;
}

static enum tf_status on_transponder(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    bool octal = tf_span_len(rest) == 4;
    for (const char *p = rest.at; octal && p < rest.end; p++)
        octal = *p >= '0' && *p <= '7';
    if (!octal) {
        tf_fault_span(fault, TF_RANGE, "AX",
                      TF_TEXT("\"%1\" is not a transponder code (four digits 0 to 7). It is kept "
                              "as it is."),
                      rest);
        tf_reader_warn(o->reader, fault);
    }
    keep(o, "AX", rest);
    return TF_OK;
}

/* --- the border ------------------------------------------------------------------- */

static enum tf_status place(struct tf_span text, const char *field, struct tf_latlng *out,
                            struct tf_fault *fault)
{
    struct tf_coord c;
    enum tf_status rc = tf_coord_parse(text.at, tf_span_len(text), &c, fault);
    if (!rc)
        *out = c.at;
    else if (fault)
        snprintf(fault->field, sizeof fault->field, "%s", field);
    return rc;
}

static enum tf_status length(struct tf_span text, const char *field, double *out_m,
                             struct tf_fault *fault)
{
    double miles;
    if (!tf_span_number(text, &miles) || !(miles > 0) || miles > 2700)
        return tf_fault_span(
            fault, TF_RANGE, field,
            TF_TEXT("\"%1\" is not a length. Write nautical miles above 0, at most "
                    "2700."),
            text);
    *out_m = miles * MILE_M;
    return TF_OK;
}

static enum tf_status on_variable(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    struct airspace *a = &o->now;
    struct tf_span name, value = rest;
    tf_span_cut(&value, '=', &name);
    name = tf_span_trim(name);
    if (!value.at)
        value = (struct tf_span){rest.end, rest.end};
    value = tf_span_trim(value);
    if (tf_span_is(name, "X")) {
        enum tf_status rc = place(value, "V X", &a->centre, fault);
        a->has_centre |= !rc;
        return rc;
    }
    if (tf_span_is(name, "W"))
        return length(value, "V W", &a->airway_width_m, fault);
    if (tf_span_is(name, "D")) {
        if (!tf_span_is(value, "+") && !tf_span_is(value, "-"))
            return tf_fault_span(fault, TF_SYNTAX, "V D",
                                 TF_TEXT("\"%1\" is not a direction. Write + or -."), value);
        a->anticlockwise = *value.at == '-';
    }
    return TF_OK; /* Z: zoom, T: terrain: not of the airspace */
}

static enum tf_status on_point(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    struct tf_latlng p;
    enum tf_status rc = place(rest, "DP", &p, fault);
    return rc ? rc : passed(tf_path_point(&o->now.path, p), fault);
}

static enum tf_status need_centre(const struct openair *o, const char *field,
                                  struct tf_fault *fault)
{
    if (o->now.has_centre)
        return TF_OK;
    return tf_fault_set(fault, TF_MISSING, TF_NO_INDEX, field,
                        TF_TEXT("The line %1 has no centre. Set it before with V X=."), field, NULL,
                        NULL);
}

static enum tf_status on_arc_between(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    struct airspace *a = &o->now;
    struct tf_latlng ends[2];
    struct tf_span first, second = rest;
    enum tf_status rc = need_centre(o, "DB", fault);
    tf_span_cut(&second, ',', &first);
    if (!rc && !second.at)
        rc = tf_fault_set(fault, TF_SYNTAX, TF_NO_INDEX, "DB",
                          TF_TEXT("The line DB needs two coordinates with a comma between."), NULL,
                          NULL, NULL);
    if (!rc)
        rc = place(first, "DB", &ends[0], fault);
    if (!rc)
        rc = place(second, "DB", &ends[1], fault);
    if (rc)
        return rc;
    double ra_m = tf_geodesic_inverse(a->centre, ends[0], NULL, NULL);
    double rb_m = tf_geodesic_inverse(a->centre, ends[1], NULL, NULL);
    if (fabs(ra_m - rb_m) > 0.1 * fmax(ra_m, rb_m)) {
        char text[2][24];
        snprintf(text[0], sizeof text[0], "%.0f", ra_m);
        snprintf(text[1], sizeof text[1], "%.0f", rb_m);
        tf_fault_set(
            fault, TF_RANGE, TF_NO_INDEX, "DB",
            TF_TEXT("The ends of the arc are %1 m and %2 m from its centre. The radius was "
                    "changed evenly between them."),
            text[0], text[1], NULL);
        tf_reader_warn(o->reader, fault);
    }
    return passed(tf_path_arc_between(&a->path, a->centre, ends[0], ends[1], !a->anticlockwise),
                  fault);
}

static enum tf_status on_arc_angles(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    struct airspace *a = &o->now;
    struct tf_span part[3], all = rest;
    double radius_m = 0, from_deg, to_deg;
    enum tf_status rc = need_centre(o, "DA", fault);
    if (rc)
        return rc;
    bool ok = tf_span_cut(&rest, ',', &part[0]) && tf_span_cut(&rest, ',', &part[1]) &&
              tf_span_cut(&rest, ',', &part[2]) && tf_span_number(part[1], &from_deg) &&
              tf_span_number(part[2], &to_deg) && fabs(from_deg) <= 360 && fabs(to_deg) <= 360;
    if (!ok)
        return tf_fault_span(fault, TF_SYNTAX, "DA",
                             TF_TEXT("\"%1\" is not an arc. Write radius in nautical miles, start "
                                     "and end angle in degrees."),
                             all);
    rc = length(part[0], "DA", &radius_m, fault);
    if (!rc)
        rc = passed(
            tf_path_arc_angles(&a->path, a->centre, radius_m, from_deg, to_deg, !a->anticlockwise),
            fault);
    return rc;
}

static enum tf_status on_circle(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    struct airspace *a = &o->now;
    enum tf_status rc = need_centre(o, "DC", fault);
    if (!rc && (a->has_circle || a->path.count > 0))
        rc = tf_fault_set(fault, TF_UNSUPPORTED, TF_NO_INDEX, "DC",
                          TF_TEXT("A circle stands beside another border in one airspace. Write "
                                  "two airspaces."),
                          NULL, NULL, NULL);
    if (!rc)
        rc = length(rest, "DC", &a->circle_radius_m, fault);
    a->has_circle |= !rc;
    return rc;
}

static enum tf_status on_airway_point(struct openair *o, struct tf_span rest,
                                      struct tf_fault *fault)
{
    struct tf_latlng p;
    enum tf_status rc = place(rest, "DY", &p, fault);
    return rc ? rc : passed(tf_points_push(&o->now.airway, p), fault);
}

static enum tf_status on_ignored(struct openair *o, struct tf_span rest, struct tf_fault *fault)
{
    (void)o, (void)rest, (void)fault;
    return TF_OK;
}

static const struct {
    const char *word;
    command run;
} commands[] = {
    {"AC", on_class},       {"AN", on_name},       {"AI", on_id},        {"AY", on_type},
    {"AL", on_lower},       {"AH", on_upper},      {"AF", on_frequency}, {"AG", on_station},
    {"AX", on_transponder}, {"AA", on_activation}, {"V", on_variable},   {"DP", on_point},
    {"DB", on_arc_between}, {"DA", on_arc_angles}, {"DC", on_circle},    {"DY", on_airway_point},
    {"SP", on_ignored},     {"SB", on_ignored},    {"TO", on_ignored},   {"TC", on_ignored},
    {"AT", on_ignored},
};

/* --- one airspace finished ------------------------------------------------------------ */

static void reset(struct airspace *a)
{
    tf_entity_release(&a->entity);
    tf_buf_clear(&a->note);
    a->path.count = a->airway.count = 0;
    a->started = a->has_class = a->skip = a->has_lower = a->has_upper = a->by_notam = false;
    a->has_centre = a->anticlockwise = a->has_circle = false;
    a->class_word[0] = a->type_word[0] = '\0';
    a->period_count = 0;
    a->airway_width_m = 0;
}

static bool has_border(const struct airspace *a)
{
    return a->has_circle || a->path.count > 0 || a->airway.count > 0;
}

static enum tf_status ring_shapes(struct openair *o, struct tf_shapes *out, struct tf_fault *fault)
{
    struct tf_points points = {0};
    bool cut = false;
    enum tf_status rc = passed(tf_path_ring(&o->now.path, &points), fault);
    if (!rc)
        rc = tf_shapes_from_ring(&points, out, &cut, fault);
    tf_points_release(&points);
    if (!rc && cut) {
        tf_fault_set(fault, TF_RING, TF_NO_INDEX, "",
                     TF_TEXT("The border passes through a point twice. It was cut there into areas "
                             "of their own."),
                     NULL, NULL, NULL);
        tf_reader_warn(o->reader, fault);
    }
    return rc;
}

static enum tf_status make_shapes(struct openair *o, struct tf_shapes *out, struct tf_fault *fault)
{
    struct airspace *a = &o->now;
    enum tf_status rc;
    *out = (struct tf_shapes){0};
    if (!a->has_circle && a->airway.count == 0)
        return ring_shapes(o, out, fault);
    if (a->has_circle) {
        rc = tf_shape_circle(a->centre, a->circle_radius_m, &out->items[0], fault);
        out->count = !rc;
        return rc;
    }
    double half_width_m = a->airway_width_m / 2;
    if (!(half_width_m > 0)) {
        half_width_m = tf_reader_half_width_m(o->reader);
        tf_reader_assume(o->reader, TF_ASSUMED_WIDTH);
    }
    tf_points_tidy(&a->airway, false);
    rc = tf_shape_corridor(tf_points_ring(&a->airway), half_width_m, TF_EDGES_GEODESIC, 0,
                           &out->items[0], fault);
    out->count = !rc;
    return rc;
}

static enum tf_status add_volumes(struct openair *o, struct tf_entity *into,
                                  const struct tf_shapes *shapes, struct tf_fault *fault)
{
    struct airspace *a = &o->now;
    struct tf_alt lower = a->has_lower ? a->lower : tf_alt_unlimited(true);
    struct tf_alt upper = a->has_upper ? a->upper : tf_alt_unlimited(false);
    if (!a->has_lower || !a->has_upper)
        tf_reader_assume(o->reader, TF_ASSUMED_ALTITUDES);
    if (a->period_count == 0) {
        tf_reader_times(o->reader, &a->periods[0].start_ns, &a->periods[0].end_ns);
        a->period_count = 1;
    }
    enum tf_status rc = TF_OK;
    for (size_t k = 0; !rc && k < shapes->count; k++)
        for (size_t i = 0; !rc && i < a->period_count; i++)
            rc = tf_reader_volume(o->reader, into, tf_shape_ref(shapes->items[k]), lower, upper,
                                  a->periods[i].start_ns, a->periods[i].end_ns, fault);
    return rc;
}

static enum tf_status describe(struct openair *o, struct tf_fault *fault)
{
    struct airspace *a = &o->now;
    const char *category = a->type_word[0] ? a->type_word : a->class_word;
    a->entity.kind = o->reader->options->as_sites ? TF_KIND_SITE : TF_KIND_ZONE;
    a->entity.state = TF_STATE_ACTIVATED;
    a->entity.restriction = a->entity.kind == TF_KIND_SITE
                                ? TF_RESTRICTION_NONE
                                : tf_openair_restriction(a->class_word, a->type_word);
    enum tf_status rc = tf_entity_set_text(&a->entity.category, *category ? category : NULL);
    if (!rc && a->note.len > 0)
        rc = tf_entity_set_text(&a->entity.note, a->note.data);
    if (!rc)
        rc = tf_buf_status(&a->note);
    return passed(rc, fault);
}

static enum tf_status deliver(struct openair *o)
{
    enum tf_status rc = TF_OK;
    if (o->pending.volume_count > 0) {
        o->reader->line = o->pending_line;
        rc = tf_reader_add(o->reader, &o->pending);
        o->reader->feature++;
    }
    tf_entity_release(&o->pending);
    return rc;
}

static bool continues(const struct openair *o)
{
    return o->pending.id && o->now.entity.id && strcmp(o->pending.id, o->now.entity.id) == 0;
}

/* Takes the airspace into an entity: the pending one if it has the same id. */
static enum tf_status take(struct openair *o, struct tf_fault *fault)
{
    struct tf_shapes shapes = {0};
    enum tf_status rc = describe(o, fault);
    if (!rc)
        rc = make_shapes(o, &shapes, fault);
    if (!rc)
        rc = add_volumes(o, continues(o) ? &o->pending : &o->now.entity, &shapes, fault);
    tf_shapes_release(&shapes);
    return rc;
}

static void warn_no_class(struct openair *o)
{
    struct tf_fault fault;
    tf_fault_set(&fault, TF_MISSING, TF_NO_INDEX, "AC",
                 TF_TEXT("The airspace has no class (AC). It was taken as restricted."), NULL, NULL,
                 NULL);
    tf_reader_warn(o->reader, &fault);
}

static enum tf_status finish(struct openair *o)
{
    struct airspace *a = &o->now;
    struct tf_fault fault = {0};
    enum tf_status rc = TF_OK;
    if (a->started && !a->skip) {
        rc = continues(o) ? TF_OK : deliver(o);
        o->reader->line = a->line;
        if (!rc && !has_border(a)) {
            tf_fault_set(&fault, TF_MISSING, TF_NO_INDEX, "",
                         TF_TEXT("The airspace has no border (DP, DA, DB, DC or DY). Add one, or "
                                 "remove it."),
                         NULL, NULL, NULL);
            rc = tf_reader_reject(o->reader, &fault);
            o->reader->feature++;
        } else if (!rc) {
            if (!a->has_class)
                warn_no_class(o);
            bool more = continues(o);
            if (take(o, &fault)) {
                rc = tf_reader_reject(o->reader, &fault);
                o->reader->feature++;
            } else if (!more) {
                o->pending = a->entity;
                o->pending_line = a->line;
                a->entity = (struct tf_entity){0};
            }
        }
    }
    reset(a);
    return rc;
}

/* --- lines --------------------------------------------------------------------------- */

/* AC begins an airspace; so does AN after a border, in files without classes. */
static bool begins_new(const struct openair *o, const char *word)
{
    if (strcmp(word, "AC") == 0)
        return true;
    return strcmp(word, "AN") == 0 && has_border(&o->now);
}

static enum tf_status run(struct openair *o, size_t index, struct tf_span rest, size_t line)
{
    enum tf_status rc = TF_OK;
    if (begins_new(o, commands[index].word)) {
        rc = finish(o);
        o->reader->line = line;
    }
    if (rc)
        return rc;
    struct airspace *a = &o->now;
    bool ignored = commands[index].run == on_ignored;
    if (!a->started && !ignored) {
        a->started = true;
        a->line = line;
    }
    if (a->skip || ignored)
        return TF_OK;
    struct tf_fault fault = {0};
    if (!commands[index].run(o, rest, &fault))
        return TF_OK;
    a->skip = true;
    /* What is pending comes before: it is delivered first, to keep the order. */
    rc = deliver(o);
    o->reader->line = line;
    if (!rc)
        rc = tf_reader_reject(o->reader, &fault);
    o->reader->feature++;
    return rc;
}

static enum tf_status unknown(struct openair *o, struct tf_span word)
{
    struct tf_fault fault;
    tf_fault_span(&fault, TF_UNSUPPORTED, "",
                  TF_TEXT("The line begins with \"%1\", which is no OpenAir command. It was left "
                          "out."),
                  word);
    tf_reader_warn(o->reader, &fault);
    return TF_OK;
}

static enum tf_status read_line(struct openair *o, struct tf_span text)
{
    size_t line = o->reader->line;
    struct tf_span body, word;
    tf_span_cut(&text, '*', &body);
    body = tf_span_trim(body);
    if (tf_span_begins(body, "\xEF\xBB\xBF"))
        body = tf_span_trim((struct tf_span){body.at + 3, body.end});
    if (body.at == body.end || !tf_span_word(&body, &word))
        return TF_OK;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (tf_span_is(word, commands[i].word))
            return run(o, i, tf_span_trim(body), line);
    return unknown(o, word);
}

static enum tf_status openair_read(struct tf_reader *reader)
{
    struct openair o = {.reader = reader, .now.note = TF_BUF_INIT(NOTE_MAX)};
    struct tf_span rest = {reader->bytes, reader->bytes + reader->len}, line;
    enum tf_status rc = TF_OK;
    size_t number = 0;
    while (!rc && tf_span_line(&rest, &line)) {
        reader->line = ++number;
        rc = read_line(&o, line);
    }
    if (!rc)
        rc = finish(&o);
    if (!rc)
        rc = deliver(&o);
    tf_entity_release(&o.pending);
    reset(&o.now);
    tf_buf_release(&o.now.note);
    tf_path_release(&o.now.path);
    tf_points_release(&o.now.airway);
    return rc;
}

/* --- detection --------------------------------------------------------------------- */

/* Of the lines that say something, the share that begin with a command. */
static int openair_detect(const char *bytes, size_t len)
{
    struct tf_span rest = {bytes, bytes + len}, line, word;
    size_t lines = 0, known = 0, areas = 0;
    while (lines < 200 && tf_span_line(&rest, &line)) {
        line = tf_span_trim(line);
        if (tf_span_begins(line, "\xEF\xBB\xBF"))
            line.at += 3;
        if (line.at == line.end || *line.at == '*' || !tf_span_word(&line, &word))
            continue;
        lines++;
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
            known += tf_span_is(word, commands[i].word);
        areas += tf_span_is(word, "AC") || tf_span_is(word, "AN") || tf_span_is(word, "DP");
    }
    if (areas == 0 || known * 2 < lines)
        return 0;
    return known == lines ? 90 : 60;
}

const struct tf_codec tf_codec_openair = {
    .format = TF_FORMAT_OPENAIR,
    .detect = openair_detect,
    .read = openair_read,
    .write = tf_openair_write,
};
