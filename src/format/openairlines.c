/*
 * openairlines.c - the lines of an OpenAir airspace, command by command.
 */
#include "format/openair.h"

#include "format/coords.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef enum tf_status (*line_reader)(struct tf_openair *o, struct tf_span rest,
                                      struct tf_fault *fault);

/* --- the words of one airspace ------------------------------------------------------- */

static enum tf_status too_many(struct tf_fault *fault)
{
    return tf_fault_set(fault, TF_TOO_LARGE, TF_NO_INDEX, "",
                        TF_TEXT("The airspace has too many points or lines. Split it."), NULL, NULL,
                        NULL);
}

enum tf_status tf_openair_passed(enum tf_status rc, struct tf_fault *fault)
{
    if (rc == TF_TOO_LARGE)
        return too_many(fault);
    if (rc)
        tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    return rc;
}

static enum tf_status on_class(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
{
    (void)fault;
    o->now.has_class = true;
    tf_span_copy(rest, o->now.class_word, sizeof o->now.class_word);
    return TF_OK;
}

static enum tf_status on_type(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
{
    (void)fault;
    tf_span_copy(rest, o->now.type_word, sizeof o->now.type_word);
    return TF_OK;
}

static enum tf_status on_name(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
{
    return tf_openair_passed(tf_span_set(&o->now.entity.name, rest), fault);
}

static enum tf_status on_id(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
{
    return tf_openair_passed(tf_span_set(&o->now.entity.id, rest), fault);
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

static enum tf_status on_lower(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
{
    return limit(rest, true, &o->now.has_lower, &o->now.lower, fault);
}

static enum tf_status on_upper(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
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

static enum tf_status on_activation(struct tf_openair *o, struct tf_span rest,
                                    struct tf_fault *fault)
{
    struct tf_openair_airspace *a = &o->now;
    bool none = tf_span_is(rest, "NONE");
    if ((none && a->period_count > 0) || (!none && a->by_notam))
        return tf_fault_set(fault, TF_TIME, TF_NO_INDEX, "AA",
                            TF_TEXT("AA NONE cannot stand beside other activation times. Keep the "
                                    "one or the others."),
                            NULL, NULL, NULL);
    a->by_notam |= none;
    if (none)
        return TF_OK;
    if (a->period_count == TF_OPENAIR_MAX_PERIODS)
        return too_many(fault);
    struct tf_openair_period *p = &a->periods[a->period_count];
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
static void keep(struct tf_openair *o, const char *word, struct tf_span rest)
{
    if (o->now.note.len > 0)
        tf_buf_char(&o->now.note, '\n');
    tf_buf_printf(&o->now.note, "%s %.*s", word, (int)tf_span_len(rest), rest.at);
}

static enum tf_status on_frequency(struct tf_openair *o, struct tf_span rest,
                                   struct tf_fault *fault)
{
    (void)fault;
    keep(o, "AF", rest);
    return TF_OK;
}

static enum tf_status on_station(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
{
    (void)fault;
    keep(o, "AG", rest);
    return TF_OK;
}

static enum tf_status on_transponder(struct tf_openair *o, struct tf_span rest,
                                     struct tf_fault *fault)
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
    *out_m = miles * TF_NAUTICAL_MILE_M;
    return TF_OK;
}

static enum tf_status on_variable(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
{
    struct tf_openair_airspace *a = &o->now;
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

static enum tf_status on_point(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
{
    struct tf_latlng p;
    enum tf_status rc = place(rest, "DP", &p, fault);
    return rc ? rc : tf_openair_passed(tf_path_point(&o->now.path, p), fault);
}

static enum tf_status need_centre(const struct tf_openair *o, const char *field,
                                  struct tf_fault *fault)
{
    if (o->now.has_centre)
        return TF_OK;
    return tf_fault_set(fault, TF_MISSING, TF_NO_INDEX, field,
                        TF_TEXT("The line %1 has no centre. Set it before with V X=."), field, NULL,
                        NULL);
}

static enum tf_status on_arc_between(struct tf_openair *o, struct tf_span rest,
                                     struct tf_fault *fault)
{
    struct tf_openair_airspace *a = &o->now;
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
    return tf_openair_passed(
        tf_path_arc_between(&a->path, a->centre, ends[0], ends[1], !a->anticlockwise), fault);
}

static enum tf_status on_arc_angles(struct tf_openair *o, struct tf_span rest,
                                    struct tf_fault *fault)
{
    struct tf_openair_airspace *a = &o->now;
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
        rc = tf_openair_passed(
            tf_path_arc_angles(&a->path, a->centre, radius_m, from_deg, to_deg, !a->anticlockwise),
            fault);
    return rc;
}

static enum tf_status on_circle(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
{
    struct tf_openair_airspace *a = &o->now;
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

static enum tf_status on_airway_point(struct tf_openair *o, struct tf_span rest,
                                      struct tf_fault *fault)
{
    struct tf_latlng p;
    enum tf_status rc = place(rest, "DY", &p, fault);
    return rc ? rc : tf_openair_passed(tf_points_push(&o->now.airway, p), fault);
}

static enum tf_status on_ignored(struct tf_openair *o, struct tf_span rest, struct tf_fault *fault)
{
    (void)o, (void)rest, (void)fault;
    return TF_OK;
}

static const struct {
    const char *word;
    line_reader run;
} commands[] = {
    {"AC", on_class},       {"AN", on_name},       {"AI", on_id},        {"AY", on_type},
    {"AL", on_lower},       {"AH", on_upper},      {"AF", on_frequency}, {"AG", on_station},
    {"AX", on_transponder}, {"AA", on_activation}, {"V", on_variable},   {"DP", on_point},
    {"DB", on_arc_between}, {"DA", on_arc_angles}, {"DC", on_circle},    {"DY", on_airway_point},
    {"SP", on_ignored},     {"SB", on_ignored},    {"TO", on_ignored},   {"TC", on_ignored},
    {"AT", on_ignored},
};

int tf_openair_find(struct tf_span word)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (tf_span_is(word, commands[i].word))
            return (int)i;
    return -1;
}

bool tf_openair_is_ignored(int command)
{
    return commands[command].run == on_ignored;
}

enum tf_status tf_openair_run(struct tf_openair *o, int command, struct tf_span rest,
                              struct tf_fault *fault)
{
    return commands[command].run(o, rest, fault);
}
