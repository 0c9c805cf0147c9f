/*
 * openairout.c - OpenAir airspace files: writing, and the table of classes.
 *
 * A volume becomes an airspace; volumes in a row that differ in time only become its
 * activations. OpenAir knows zones only, no holes, no ellipsoid: what is lost is noted.
 */
#include "format/openair.h"

#include "format/coords.h"
#include "format/outline.h"
#include "format/places.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SECOND_DECIMALS = 4 };

static const struct {
    const char *word;
    bool is_class;
    enum tf_restriction restriction;
} classes[] = {
    {"P", true, TF_RESTRICTION_PROHIBITED},
    {"GP", true, TF_RESTRICTION_PROHIBITED},
    {"R", true, TF_RESTRICTION_RESTRICTED},
    {"Q", true, TF_RESTRICTION_RESTRICTED},
    {"TRA", false, TF_RESTRICTION_RESTRICTED},
    {"TSA", false, TF_RESTRICTION_RESTRICTED},
    {"TFR", false, TF_RESTRICTION_RESTRICTED},
    {"MTA", false, TF_RESTRICTION_RESTRICTED},
    {"MTR", false, TF_RESTRICTION_RESTRICTED},
    {"MATZ", false, TF_RESTRICTION_RESTRICTED},
    {"A", true, TF_RESTRICTION_CONDITIONAL},
    {"B", true, TF_RESTRICTION_CONDITIONAL},
    {"C", true, TF_RESTRICTION_CONDITIONAL},
    {"D", true, TF_RESTRICTION_CONDITIONAL},
    {"CTR", true, TF_RESTRICTION_CONDITIONAL},
    {"TMZ", true, TF_RESTRICTION_CONDITIONAL},
    {"RMZ", true, TF_RESTRICTION_CONDITIONAL},
    {"W", true, TF_RESTRICTION_CONDITIONAL},
    {"CTA", false, TF_RESTRICTION_CONDITIONAL},
    {"TMA", false, TF_RESTRICTION_CONDITIONAL},
    {"ATZ", false, TF_RESTRICTION_CONDITIONAL},
    {"UNC", true, TF_RESTRICTION_CONDITIONAL},
    {"UNCLASSIFIED", true, TF_RESTRICTION_CONDITIONAL},
    {"E", true, TF_RESTRICTION_INFORMATION},
    {"F", true, TF_RESTRICTION_INFORMATION},
    {"G", true, TF_RESTRICTION_INFORMATION},
    {"FIR", false, TF_RESTRICTION_INFORMATION},
    {"UIR", false, TF_RESTRICTION_INFORMATION},
    {"FIS", false, TF_RESTRICTION_INFORMATION},
};

/* Index into the table, or -1. */
static int find(const char *word)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (tf_span_is(tf_span_of(word), classes[i].word))
            return (int)i;
    return -1;
}

bool tf_openair_is_class(const char *word)
{
    int i = find(word);
    return i >= 0 && classes[i].is_class;
}

enum tf_restriction tf_openair_restriction(const char *class_word, const char *type_word)
{
    int a = find(class_word), b = find(type_word);
    if (a < 0 && b < 0)
        return TF_RESTRICTION_RESTRICTED;
    if (a < 0 || b < 0)
        return classes[a < 0 ? b : a].restriction;
    /* The enum runs from strict (PROHIBITED) to lax (INFORMATION). */
    enum tf_restriction ra = classes[a].restriction, rb = classes[b].restriction;
    return ra < rb ? ra : rb;
}

struct writer {
    struct tf_buf *out;
    struct tf_notes *notes;
    size_t index;
    const struct tf_entity *entity;
    enum tf_status status;               /* TF_NOMEM of a note */
    size_t bottomless, first_bottomless; /* airspaces without a lower limit; the first's entity */
};

static void warn(struct writer *w, const char *message, const char *arg)
{
    enum tf_status rc = tf_write_warn(w->notes, w->index, message, w->entity->id, arg);
    w->status = w->status ? w->status : rc;
}

/* One line: line breaks and asterisks (comments) become blanks. */
static void write_text(struct writer *w, const char *word, const char *text)
{
    if (!text || !*text)
        return;
    tf_buf_text(w->out, word);
    tf_buf_char(w->out, ' ');
    for (; *text; text++)
        tf_buf_char(w->out, (unsigned char)*text < 0x20 || *text == '*' ? ' ' : *text);
    tf_buf_char(w->out, '\n');
}

static void write_head(struct writer *w)
{
    static const char *const by_restriction[TF_RESTRICTION_COUNT] = {"UNC", "P", "R", "D", "G"};
    const struct tf_entity *e = w->entity;
    const char *category = e->category ? e->category : "";
    bool own =
        tf_openair_is_class(category) && tf_openair_restriction(category, "") == e->restriction;
    write_text(w, "AC", own ? category : by_restriction[e->restriction]);
    if (!own)
        write_text(w, "AY", category);
    write_text(w, "AN", e->name ? e->name : e->id);
    write_text(w, "AI", e->id);
    struct tf_span rest = tf_span_of(e->note ? e->note : ""), line;
    while (tf_span_line(&rest, &line)) {
        bool known = tf_span_begins(line, "AF ") || tf_span_begins(line, "AG ") ||
                     tf_span_begins(line, "AX ");
        if (known)
            tf_buf_printf(w->out, "%.*s\n", (int)tf_span_len(line), line.at);
        else
            tf_buf_printf(w->out, "* %.*s\n", (int)tf_span_len(line), line.at);
    }
}

static void write_limit(struct writer *w, const struct tf_shape *shape, bool is_lower,
                        struct tf_alt alt)
{
    if (tf_alt_to_amsl(shape, is_lower, &alt))
        warn(w,
             TF_TEXT("OpenAir knows no altitudes above the ellipsoid. A limit of %1 became AMSL, "
                     "moved outward by the geoid."),
             NULL);
    tf_buf_text(w->out, is_lower ? "AL " : "AH ");
    if (is_lower && isinf(alt.value)) {
        w->first_bottomless = w->bottomless++ > 0 ? w->first_bottomless : w->index;
        tf_buf_text(w->out, "GND");
    } else {
        tf_alt_to_text(alt, w->out);
    }
    tf_buf_char(w->out, '\n');
}

static void write_time(struct writer *w, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    if (t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX) {
        tf_buf_text(w->out, "NONE");
        return;
    }
    tf_time_format(t_ns, text);
    if (t_ns % TF_MINUTE_NS == 0)
        memcpy(text + 16, "Z", 2);
    tf_buf_text(w->out, text);
}

/* What is always active has no line of times: with one of another time it would be that. */
static void write_activations(struct writer *w, const struct tf_place *place)
{
    for (size_t i = 0; i < place->count; i++) {
        const struct tf_volume4 *v = tf_place_volume(w->entity, place, i);
        if (v->start_ns == TF_TIME_MIN && v->end_ns == TF_TIME_MAX)
            return;
    }
    for (size_t i = 0; i < place->count; i++) {
        const struct tf_volume4 *v = tf_place_volume(w->entity, place, i);
        tf_buf_text(w->out, "AA ");
        write_time(w, v->start_ns);
        tf_buf_char(w->out, '/');
        write_time(w, v->end_ns);
        tf_buf_char(w->out, '\n');
    }
}

static void write_point(struct writer *w, const char *word, struct tf_latlng p)
{
    char text[TF_COORD_TEXT_SIZE];
    tf_coord_format_dms(p, TF_DMS_COLONS, SECOND_DECIMALS, text);
    tf_buf_printf(w->out, "%s%s\n", word, text);
}

static void write_ring(struct writer *w, const char *word, struct tf_ring ring)
{
    for (size_t i = 0; i < ring.count; i++)
        write_point(w, word, ring.vertices[i]);
}

static void write_length(struct writer *w, const char *word, double m)
{
    tf_buf_text(w->out, word);
    tf_buf_printf(w->out, "%.6f\n", m / TF_NAUTICAL_MILE_M);
}

static void write_corridor(struct writer *w, const struct tf_shape *shape)
{
    struct tf_points line = {0};
    double more_m;
    enum tf_status rc = tf_outline_line(shape, &line, &more_m);
    w->status = w->status ? w->status : rc;
    write_length(w, "V W=", 2 * (tf_shape_radius_m(shape) + more_m));
    write_ring(w, "DY ", tf_points_ring(&line));
    tf_points_release(&line);
}

static void write_shape(struct writer *w, const struct tf_shape *shape, struct tf_ring ring)
{
    double radius_m = tf_shape_radius_m(shape);
    switch (tf_shape_kind(shape)) {
    case TF_SHAPE_CIRCLE:
        write_point(w, "V X=", ring.vertices[0]);
        write_length(w, "DC ", radius_m);
        break;
    case TF_SHAPE_CORRIDOR:
        write_corridor(w, shape);
        break;
    case TF_SHAPE_POLYGON:
        write_ring(w, "DP ", ring);
        break;
    }
}

static void write_airspace(struct writer *w, const struct tf_place *place, struct tf_ring ring)
{
    const struct tf_volume4 *v = tf_place_volume(w->entity, place, 0);
    write_head(w);
    write_limit(w, v->shape, true, v->alt.lower);
    write_limit(w, v->shape, false, v->alt.upper);
    write_activations(w, place);
    write_shape(w, v->shape, ring);
    tf_buf_char(w->out, '\n');
}

/* A grown polygon, or one with lon/lat edges, is the union of its outline's rings. */
static void write_outline(struct writer *w, const struct tf_place *place,
                          const struct tf_shape *shape)
{
    struct tf_outline outline;
    enum tf_status rc = tf_outline_of(shape, &outline);
    w->status = w->status ? w->status : rc;
    for (size_t i = 0; !rc && i < outline.ring_count; i++)
        if (!tf_outline_is_hole(shape, i))
            write_airspace(w, place, outline.rings[i]);
    if (!rc)
        tf_outline_release(&outline);
}

static void write_place(struct writer *w, const struct tf_place *place)
{
    const struct tf_shape *shape = tf_place_volume(w->entity, place, 0)->shape;
    bool polygon = tf_shape_kind(shape) == TF_SHAPE_POLYGON;
    if (polygon && tf_shape_ring_count(shape) > 1)
        warn(w, TF_TEXT("OpenAir knows no holes. Those of %1 were filled."), NULL);
    if (polygon && (tf_shape_radius_m(shape) > 0 || tf_shape_edges(shape) != TF_EDGES_GEODESIC))
        write_outline(w, place, shape);
    else
        write_airspace(w, place, tf_shape_ring(shape, 0));
}

static enum tf_status report_ground(const struct writer *w)
{
    char count[24];
    snprintf(count, sizeof count, "%zu", w->bottomless);
    return w->bottomless == 0
               ? TF_OK
               : tf_write_warn(
                     w->notes, w->first_bottomless,
                     TF_TEXT("OpenAir has no word for a lower limit that is unlimited: %1 "
                             "airspaces begin at the ground (GND)."),
                     count, NULL);
}

enum tf_status tf_openair_write(const struct tf_picture *picture, struct tf_buf *out,
                                struct tf_notes *notes)
{
    struct writer w = {.out = out, .notes = notes};
    tf_buf_text(out, "* OpenAir\n\n");
    for (size_t i = 0; i < picture->count && !w.status; i++) {
        w.index = i;
        w.entity = &picture->entities[i];
        if (w.entity->kind != TF_KIND_ZONE)
            warn(&w,
                 TF_TEXT("OpenAir knows zones only. %1 is written as one, its kind (%2) is "
                         "lost."),
                 tf_kind_word(w.entity->kind));
        struct tf_place place = {0};
        while (!w.status && tf_place_next(w.entity, &place))
            write_place(&w, &place);
    }
    if (!w.status)
        w.status = report_ground(&w);
    return w.status ? w.status : tf_buf_status(out);
}
