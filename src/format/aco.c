/*
 * aco.c - airspace control orders (USMTF, ADatP-3): reading.
 *
 * A message is a row of sets: "NAME/field/field//", wrapped anywhere. An airspace
 * control measure runs from one ACMID to the next. Every measure is a zone; its
 * category is its type and use ("ROZ/NFA"); each period of activity is a volume. Edges are
 * geodesics. Field meanings: AJP-3.3.5 and FM 3-52.1 examples; see docs/formats.md.
 */
#include "format/aco.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SET_MAX = 4 << 20, NOTE_MAX = 8192 };

/* The measure being read. */
struct measure {
    bool started, skip;
    size_t line;
    struct tf_entity entity; /* names only, until it is finished */
    char type[16], use[40];
    struct tf_buf note;
    struct tf_aco_shape shape;
    bool has_levels;
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
        return tf_aco_passed(rc, fault);
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
        return tf_aco_passed(tf_span_set(&a->now.entity.id, text), fault);
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
    tf_aco_shape_clear(&m->shape);
    m->started = m->skip = m->has_levels = m->foreign_datum = false;
    m->type[0] = m->use[0] = '\0';
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
    return tf_aco_passed(rc ? rc : tf_buf_status(&m->note), fault);
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
    if (tf_aco_shape_is_empty(&a->now.shape))
        return tf_aco_plain(
            fault, TF_MISSING, "ACMID",
            TF_TEXT("The measure has no shape. Add POLYGON, CIRCLE, CORRIDOR, or another."));
    if (a->now.foreign_datum || a->foreign_datum)
        return tf_aco_plain(fault, TF_UNSUPPORTED, "GEODATUM",
                            TF_TEXT("The coordinates are not on WGS84 (W84). Convert them."));
    return TF_OK;
}

static void warn_coarse(struct aco *a)
{
    struct tf_fault fault;
    tf_aco_plain(
        &fault, TF_RANGE, "LATM",
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
            bad = tf_aco_shape_make(&a->now.shape, &shapes, &fault);
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
        if (!bad && a->now.shape.coarse)
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
            rc = tf_aco_passed(tf_span_set(&a->now.entity.name, value), fault);
    }
    return rc;
}

/* --- sets ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum tf_status (*run)(struct aco *a, struct tf_span fields, struct tf_fault *fault);
} sets[] = {
    {"ACMID", on_measure}, {"EFFLEVEL", on_levels}, {"APERIOD", on_activity},
    {"PERIOD", on_period}, {"GEODATUM", on_datum},  {"AMPN", on_remark},
};

/* One set: its name, all of it, and the fields behind the name. EXER, MSGID, NARR and others say
 * nothing of airspace. */
static enum tf_status run_set(struct aco *a, struct tf_span name, struct tf_span set,
                              struct tf_span fields, struct tf_fault *fault)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (tf_span_is(name, sets[i].name))
            return sets[i].run(a, fields, fault);
    (void)tf_aco_shape_read(&a->now.shape, name, set, fields, &rc, fault);
    return rc;
}

static enum tf_status read_set(struct aco *a, size_t line)
{
    if (!a->text.data)
        return TF_OK;
    struct tf_span all = {a->text.data, a->text.data + a->text.len}, fields = all, name;
    struct tf_fault fault = {0};
    enum tf_status rc = TF_OK;
    tf_span_cut(&fields, '/', &name);
    name = tf_span_trim(name);
    if (!fields.at)
        fields = (struct tf_span){name.end, name.end};
    if (tf_span_is(name, "ACMID")) {
        rc = finish(a);
        a->reader->line = line;
        a->now.started = true;
        a->now.line = line;
    }
    if (rc || a->now.skip || !run_set(a, name, all, fields, &fault))
        return rc;
    a->now.skip = a->now.started;
    rc = deliver(a);
    a->reader->line = line;
    if (!rc)
        rc = tf_reader_reject(a->reader, &fault);
    a->reader->feature += a->now.started;
    return rc;
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
            tf_aco_plain(&fault, rc, "",
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
    struct aco a = {.reader = reader,
                    .text = TF_BUF_INIT(SET_MAX),
                    .now.note = TF_BUF_INIT(NOTE_MAX),
                    .now.shape.reader = reader};
    enum tf_status rc = walk(&a);
    if (!rc)
        rc = finish(&a);
    if (!rc)
        rc = deliver(&a);
    tf_entity_release(&a.pending);
    reset(&a);
    tf_buf_release(&a.text);
    tf_buf_release(&a.now.note);
    tf_aco_shape_release(&a.now.shape);
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
