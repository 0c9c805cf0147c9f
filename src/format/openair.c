/*
 * openair.c - OpenAir airspace files: reading.
 *
 * Source: the OpenAir text format, versions 1 and 2 (Naviter). One airspace is a
 * run of lines from AC on. All are zones; what they demand follows from class and
 * type (openair.h). Edges are geodesics, arcs as path.h says. Lengths are nautical miles.
 */
#include "format/openair.h"

#include "base/utf8.h"
#include "format/loops.h"

#include <string.h>

enum { NOTE_MAX = 4096 };

/* --- one airspace finished ------------------------------------------------------------ */

static void reset(struct tf_openair_airspace *a)
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

static bool has_border(const struct tf_openair_airspace *a)
{
    return a->has_circle || a->path.count > 0 || a->airway.count > 0;
}

static enum tf_status ring_shapes(struct tf_openair *o, struct tf_shapes *out,
                                  struct tf_fault *fault)
{
    struct tf_points points = {0};
    bool cut = false;
    enum tf_status rc = tf_openair_passed(tf_path_ring(&o->now.path, &points), fault);
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

static enum tf_status make_shapes(struct tf_openair *o, struct tf_shapes *out,
                                  struct tf_fault *fault)
{
    struct tf_openair_airspace *a = &o->now;
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

static enum tf_status add_volumes(struct tf_openair *o, struct tf_entity *into,
                                  const struct tf_shapes *shapes, struct tf_fault *fault)
{
    struct tf_openair_airspace *a = &o->now;
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

static enum tf_status describe(struct tf_openair *o, struct tf_fault *fault)
{
    struct tf_openair_airspace *a = &o->now;
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
    return tf_openair_passed(rc, fault);
}

static enum tf_status deliver(struct tf_openair *o)
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

static bool continues(const struct tf_openair *o)
{
    return o->pending.id && o->now.entity.id && strcmp(o->pending.id, o->now.entity.id) == 0;
}

/* Takes the airspace into an entity: the pending one if it has the same id. */
static enum tf_status take(struct tf_openair *o, struct tf_fault *fault)
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

static void warn_no_class(struct tf_openair *o)
{
    struct tf_fault fault;
    tf_fault_set(&fault, TF_MISSING, TF_NO_INDEX, "AC",
                 TF_TEXT("The airspace has no class (AC). It was taken as restricted."), NULL, NULL,
                 NULL);
    tf_reader_warn(o->reader, &fault);
}

static enum tf_status finish(struct tf_openair *o)
{
    struct tf_openair_airspace *a = &o->now;
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
static bool begins_new(const struct tf_openair *o, struct tf_span word)
{
    return tf_span_is(word, "AC") || (tf_span_is(word, "AN") && has_border(&o->now));
}

static enum tf_status run(struct tf_openair *o, struct tf_span word, int command,
                          struct tf_span rest, size_t line)
{
    enum tf_status rc = TF_OK;
    if (begins_new(o, word)) {
        rc = finish(o);
        o->reader->line = line;
    }
    if (rc)
        return rc;
    struct tf_openair_airspace *a = &o->now;
    bool ignored = tf_openair_is_ignored(command);
    if (!a->started && !ignored) {
        a->started = true;
        a->line = line;
    }
    if (a->skip || ignored)
        return TF_OK;
    struct tf_fault fault = {0};
    if (!tf_openair_run(o, command, rest, &fault))
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

static enum tf_status unknown(struct tf_openair *o, struct tf_span word)
{
    struct tf_fault fault;
    tf_fault_span(&fault, TF_UNSUPPORTED, "",
                  TF_TEXT("The line begins with \"%1\", which is no OpenAir command. It was left "
                          "out."),
                  word);
    tf_reader_warn(o->reader, &fault);
    return TF_OK;
}

static enum tf_status read_line(struct tf_openair *o, struct tf_span text)
{
    size_t line = o->reader->line;
    struct tf_span body, word;
    tf_span_cut(&text, '*', &body);
    body = tf_span_trim(body);
    size_t mark = tf_utf8_mark(body.at, tf_span_len(body));
    body = tf_span_trim((struct tf_span){body.at + mark, body.end});
    if (body.at == body.end || !tf_span_word(&body, &word))
        return TF_OK;
    int command = tf_openair_find(word);
    return command < 0 ? unknown(o, word) : run(o, word, command, tf_span_trim(body), line);
}

static enum tf_status openair_read(struct tf_reader *reader)
{
    struct tf_openair o = {.reader = reader, .now.note = TF_BUF_INIT(NOTE_MAX)};
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
        line.at += tf_utf8_mark(line.at, tf_span_len(line));
        if (line.at == line.end || *line.at == '*' || !tf_span_word(&line, &word))
            continue;
        lines++;
        known += tf_openair_find(word) >= 0;
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
