/*
 * f3548.c - reads ASTM F3548-21 JSON: operational intents, constraints, and the
 * flight plans of the InterUSS flight planning interface.
 *
 * One object is one entity. Known shapes, alone or in arrays, bare or wrapped:
 *
 *     {extents, state, ...}                      request of a USS to the DSS
 *     {reference, details{volumes, ...}}         operational intent, constraint
 *     {area_of_interest}                         query
 *     {basic_information{area, usage_state}}     flight plan
 *     {volumes}, {volume, time_start, time_end}  parts of the above
 *
 * Polygons are open rings with geodesic edges (a closed one is accepted), heights
 * metres above the ellipsoid. Unknown members are ignored, null is absent; the
 * camelCase names of drafts of the standard are understood.
 */
#include "format/f3548.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct intent {
    struct tf_reader *reader;
    struct tf_entity entity;
    bool assumed_times, assumed_altitudes;
    struct tf_fault *fault;
};

static struct tf_json member(const struct tf_json *at, const char *name, const char *camel)
{
    return tf_json_get_any(at, (const char *const[]){name, camel, NULL});
}

/* The member `key` must be the text `word`. */
static enum tf_status must_be(const struct tf_json *at, const char *key, const char *word,
                              struct tf_fault *fault)
{
    struct tf_json value = tf_json_get(at, key);
    const char *text;
    enum tf_status rc = tf_json_text(&value, &text, fault);
    if (!rc && strcmp(text, word) != 0)
        return tf_json_fault(&value, TF_SYNTAX, TF_TEXT("%1 is not known here, it must be %2."),
                             text, word, fault);
    return rc;
}

static enum tf_status read_time(const struct tf_json *at, int64_t *out, struct tf_fault *fault)
{
    struct tf_json value = tf_json_get(at, "value");
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = must_be(at, "format", "RFC3339", fault);
    return rc ? rc : tf_json_time(&value, out, fault);
}

/* SFC (the flight planning interface) is above ground. */
static enum tf_status read_altitude(const struct tf_json *at, struct tf_alt *out,
                                    struct tf_fault *fault)
{
    static const char *const references[] = {"W84", "SFC", NULL};
    static const enum tf_alt_ref meaning[] = {TF_ALT_W84, TF_ALT_AGL};
    struct tf_json value = tf_json_get(at, "value"), reference = tf_json_get(at, "reference");
    int index;
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = tf_json_number(&value, &out->value, fault);
    if (!rc)
        rc = tf_json_word(&reference, references, &index, fault);
    if (!rc)
        rc = must_be(at, "units", "M", fault);
    if (!rc && !(out->value >= TF_ALT_MIN_M && out->value <= TF_ALT_MAX_M))
        rc = tf_json_fault(&value, TF_ALTITUDE,
                           TF_TEXT("An altitude must be between -8000 and 100000 m."), NULL, NULL,
                           fault);
    if (rc)
        return rc;
    out->unit = TF_ALT_UNIT_M;
    out->ref = meaning[index];
    return TF_OK;
}

static enum tf_status read_place(const struct tf_json *at, struct tf_latlng *out,
                                 struct tf_fault *fault)
{
    struct tf_json lat = tf_json_get(at, "lat"), lng = tf_json_get(at, "lng");
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = tf_json_number(&lat, &out->lat_deg, fault);
    if (!rc)
        rc = tf_json_number(&lng, &out->lng_deg, fault);
    if (!rc && !tf_latlng_is_valid(*out)) {
        bool bad_lat = !(out->lat_deg >= -90 && out->lat_deg <= 90);
        char number[32];
        snprintf(number, sizeof number, "%.8g", bad_lat ? out->lat_deg : out->lng_deg);
        rc = tf_json_fault(bad_lat ? &lat : &lng, TF_RANGE,
                           bad_lat ? TF_TEXT("Latitude %1 is outside of -90 to 90.")
                                   : TF_TEXT("Longitude %1 is outside of -180 to 180."),
                           number, NULL, fault);
    }
    return rc;
}

static enum tf_status read_circle(const struct tf_json *at, struct tf_shape **out,
                                  struct tf_fault *fault)
{
    struct tf_json centre_at = tf_json_get(at, "center"), radius = tf_json_get(at, "radius");
    struct tf_json value = tf_json_get(&radius, "value");
    struct tf_latlng centre;
    double radius_m;
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = read_place(&centre_at, &centre, fault);
    if (!rc)
        rc = tf_json_object(&radius, fault);
    if (!rc)
        rc = tf_json_number(&value, &radius_m, fault);
    if (!rc)
        rc = must_be(&radius, "units", "M", fault);
    if (!rc && !(radius_m > 0))
        rc = tf_json_fault(&value, TF_RANGE, TF_TEXT("A radius must be above 0."), NULL, NULL,
                           fault);
    if (!rc) {
        rc = tf_shape_circle(centre, radius_m, out, fault);
        if (rc)
            tf_json_prefix(at, false, fault);
    }
    return rc;
}

static enum tf_status read_polygon(const struct tf_json *at, struct tf_shape **out,
                                   struct tf_fault *fault)
{
    struct tf_json vertices = tf_json_get(at, "vertices");
    struct tf_json_rings rings = {0};
    enum tf_status rc = tf_json_array(&vertices, fault);
    for (size_t i = 0; !rc && i < tf_json_count(&vertices); i++) {
        struct tf_json vertex = tf_json_item(&vertices, i);
        struct tf_latlng p;
        rc = read_place(&vertex, &p, fault);
        if (!rc && tf_json_rings_add(&rings, p))
            rc = tf_json_fault(at, TF_NOMEM, NULL, NULL, NULL, fault);
    }
    if (!rc && tf_json_rings_close(&rings, true))
        rc = tf_json_fault(at, TF_NOMEM, NULL, NULL, NULL, fault);
    if (!rc) {
        tf_json_rings_finish(&rings);
        rc = tf_shape_polygon(rings.rings, 1, TF_EDGES_GEODESIC, 0, out, fault);
        if (rc)
            tf_json_prefix_ring(&vertices, fault);
    }
    tf_json_rings_release(&rings);
    return rc;
}

static enum tf_status read_outline(const struct tf_json *volume, struct tf_shape **out,
                                   struct tf_fault *fault)
{
    struct tf_json circle = member(volume, "outline_circle", "outlineCircle");
    struct tf_json polygon = member(volume, "outline_polygon", "outlinePolygon");
    enum tf_status rc = tf_json_object(volume, fault);
    if (rc)
        return rc;
    if (tf_json_there(&circle) == tf_json_there(&polygon))
        return tf_json_fault(volume, tf_json_there(&circle) ? TF_SYNTAX : TF_MISSING,
                             TF_TEXT("A volume needs exactly one of outline_circle and "
                                     "outline_polygon."),
                             NULL, NULL, fault);
    return tf_json_there(&circle) ? read_circle(&circle, out, fault)
                                  : read_polygon(&polygon, out, fault);
}

enum tf_status tf_f3548_outline(const struct tf_json *at, struct tf_shape **out,
                                struct tf_fault *fault)
{
    struct tf_fault unused;
    return read_outline(at, out, fault ? fault : &unused);
}

/* --- volumes ------------------------------------------------------------------- */

static enum tf_status read_limits(struct intent *in, const struct tf_json *volume,
                                  struct tf_alt *lower, struct tf_alt *upper)
{
    struct tf_json lower_at = member(volume, "altitude_lower", "altitudeLower");
    struct tf_json upper_at = member(volume, "altitude_upper", "altitudeUpper");
    bool both = tf_json_there(&lower_at) && tf_json_there(&upper_at);
    enum tf_status rc = TF_OK;
    *lower = (struct tf_alt){-INFINITY, TF_ALT_UNIT_M, TF_ALT_W84};
    *upper = (struct tf_alt){INFINITY, TF_ALT_UNIT_M, TF_ALT_W84};
    if (tf_json_there(&lower_at))
        rc = read_altitude(&lower_at, lower, in->fault);
    if (!rc && tf_json_there(&upper_at))
        rc = read_altitude(&upper_at, upper, in->fault);
    if (!rc && !both && !in->assumed_altitudes) {
        in->assumed_altitudes = true;
        tf_reader_assume(in->reader, TF_ASSUMED_ALTITUDES);
    }
    return rc;
}

static enum tf_status read_interval(struct intent *in, const struct tf_json *at, int64_t *start_ns,
                                    int64_t *end_ns)
{
    struct tf_json start = member(at, "time_start", "timeStart");
    struct tf_json end = member(at, "time_end", "timeEnd");
    const struct tf_read_options *options = in->reader->options;
    bool none = !tf_json_there(&start) && !tf_json_there(&end);
    bool given = none && (options->start_ns || options->end_ns);
    *start_ns = given ? options->start_ns : TF_TIME_MIN;
    *end_ns = given ? options->end_ns : TF_TIME_MAX;
    enum tf_status rc = TF_OK;
    if (tf_json_there(&start))
        rc = read_time(&start, start_ns, in->fault);
    if (!rc && tf_json_there(&end))
        rc = read_time(&end, end_ns, in->fault);
    if (!rc && *start_ns >= *end_ns)
        rc = tf_json_fault(&end, TF_TIME, TF_TEXT("The end must be after the start."), NULL, NULL,
                           in->fault);
    bool both = tf_json_there(&start) && tf_json_there(&end);
    if (!rc && !both && !in->assumed_times) {
        in->assumed_times = true;
        tf_reader_assume(in->reader, TF_ASSUMED_TIMES);
    }
    return rc;
}

static enum tf_status read_volume4(struct intent *in, const struct tf_json *at)
{
    struct tf_json volume = tf_json_get(at, "volume");
    struct tf_shape *shape = NULL;
    struct tf_alt lower, upper;
    int64_t start_ns, end_ns;
    enum tf_status rc = tf_json_object(at, in->fault);
    if (!rc)
        rc = read_limits(in, &volume, &lower, &upper);
    if (!rc)
        rc = read_interval(in, at, &start_ns, &end_ns);
    if (!rc)
        rc = read_outline(&volume, &shape, in->fault);
    if (rc)
        return rc;
    rc =
        tf_reader_volume(in->reader, &in->entity, shape, lower, upper, start_ns, end_ns, in->fault);
    if (rc)
        tf_json_prefix(&volume, false, in->fault);
    return rc;
}

enum tf_status tf_f3548_volume(const struct tf_json *at, struct tf_volume4 *out,
                               struct tf_fault *fault)
{
    static const struct tf_read_options options;
    struct tf_reader reader = {.options = &options};
    struct tf_fault unused;
    struct intent in = {.reader = &reader, .fault = fault ? fault : &unused};
    enum tf_status rc = read_volume4(&in, at);
    if (!rc)
        *out = tf_volume4_ref(&in.entity.volumes[0]);
    tf_entity_release(&in.entity);
    return rc;
}

static enum tf_status read_volumes(struct intent *in, const struct tf_json *list)
{
    enum tf_status rc = tf_json_array(list, in->fault);
    for (size_t i = 0; !rc && i < tf_json_count(list); i++) {
        struct tf_json item = tf_json_item(list, i);
        rc = read_volume4(in, &item);
    }
    return rc;
}

/* --- entities ------------------------------------------------------------------- */

static enum tf_status set_text(struct intent *in, char **field, const struct tf_json *at)
{
    const char *text = json_string_value(at->value);
    enum tf_status rc = text && *text ? tf_entity_set_text(field, text) : TF_OK;
    return rc ? tf_json_fault(at, rc, NULL, NULL, NULL, in->fault) : TF_OK;
}

static enum tf_status read_state(struct intent *in, const struct tf_json *at)
{
    const char *text;
    if (!tf_json_there(at))
        return TF_OK;
    enum tf_status rc = tf_json_text(at, &text, in->fault);
    if (!rc && tf_state_from_word(text, &in->entity.state))
        rc = tf_json_fault(at, TF_SYNTAX,
                           TF_TEXT("%1 is not a state. Known are Accepted, Activated, "
                                   "Nonconforming, Contingent."),
                           text, NULL, in->fault);
    return rc;
}

static enum tf_status read_priority(struct intent *in, const struct tf_json *at)
{
    if (!tf_json_there(at))
        return TF_OK;
    json_int_t value = json_integer_value(at->value);
    if (!json_is_integer(at->value) || value < -1000000 || value > 1000000)
        return tf_json_fault(at, TF_RANGE, TF_TEXT("A priority must be a whole number."), NULL,
                             NULL, in->fault);
    in->entity.priority = (int)value;
    return TF_OK;
}

/* {extents, state}: a request. Identity is in its URL, not in it. */
static enum tf_status read_request(struct intent *in, const struct tf_json *at)
{
    struct tf_json extents = tf_json_get(at, "extents"), state = tf_json_get(at, "state");
    enum tf_status rc = read_state(in, &state);
    return rc ? rc : read_volumes(in, &extents);
}

static enum tf_status read_query(struct intent *in, const struct tf_json *at)
{
    struct tf_json area = tf_json_get(at, "area_of_interest");
    in->entity.state = TF_STATE_DRAFT;
    return read_volume4(in, &area);
}

static enum tf_status read_bare_volume(struct intent *in, const struct tf_json *at)
{
    return read_volume4(in, at);
}

/* Whether a member "constraint" or "constraints" holds this place. */
static bool in_constraint(const struct tf_json *at)
{
    for (; at; at = at->up)
        if (at->key && strncmp(at->key, "constraint", 10) == 0)
            return true;
    return false;
}

/* {volumes, off_nominal_volumes, priority, type}: details, or a constraint's. */
static enum tf_status read_details(struct intent *in, const struct tf_json *at)
{
    struct tf_json volumes = tf_json_get(at, "volumes"), type = tf_json_get(at, "type");
    struct tf_json off_nominal = tf_json_get(at, "off_nominal_volumes");
    struct tf_json priority = tf_json_get(at, "priority"), geozone = tf_json_get(at, "geozone");
    enum tf_status rc = read_priority(in, &priority);
    if (!rc && (tf_json_there(&volumes) || !tf_json_there(&off_nominal)))
        rc = read_volumes(in, &volumes);
    if (!rc && tf_json_there(&off_nominal))
        rc = read_volumes(in, &off_nominal);
    if (!rc && (tf_json_there(&type) || tf_json_there(&geozone) || in_constraint(at))) {
        in->entity.kind = TF_KIND_ZONE;
        in->entity.state = TF_STATE_ACTIVATED;
        in->entity.restriction = TF_RESTRICTION_RESTRICTED;
        rc = set_text(in, &in->entity.category, &type);
    }
    return rc;
}

static enum tf_status read_referenced(struct intent *in, const struct tf_json *at)
{
    struct tf_json reference = tf_json_get(at, "reference"), details = tf_json_get(at, "details");
    struct tf_json id = tf_json_get(&reference, "id"), state = tf_json_get(&reference, "state");
    struct tf_json manager = tf_json_get(&reference, "manager");
    enum tf_status rc = tf_json_object(&details, in->fault);
    if (!rc)
        rc = set_text(in, &in->entity.id, &id);
    if (!rc)
        rc = set_text(in, &in->entity.party, &manager);
    if (!rc)
        rc = read_state(in, &state);
    return rc ? rc : read_details(in, &details);
}

/* A flight plan. usage_state says Planned, InUse or Closed; uas_state may say more. */
static enum tf_status read_flight(struct intent *in, const struct tf_json *at)
{
    static const char *const usages[] = {"Planned", "InUse", "Closed", NULL};
    static const enum tf_state usage_states[] = {TF_STATE_ACCEPTED, TF_STATE_ACTIVATED,
                                                 TF_STATE_ENDED};
    static const char *const uas[] = {"Nominal", "OffNominal", "Contingent", "NotSpecified", NULL};
    struct tf_json basic = tf_json_get(at, "basic_information"), area = tf_json_get(&basic, "area");
    struct tf_json usage = tf_json_get(&basic, "usage_state");
    struct tf_json uas_state = tf_json_get(&basic, "uas_state");
    struct tf_json astm = tf_json_get(at, "astm_f3548_21"), utm = tf_json_get(&basic, "utm_id");
    struct tf_json priority = tf_json_get(&astm, "priority");
    struct tf_json note = tf_json_get(&basic, "description");
    int index, uas_index = 0;
    enum tf_status rc = tf_json_word(&usage, usages, &index, in->fault);
    if (!rc && tf_json_there(&uas_state))
        rc = tf_json_word(&uas_state, uas, &uas_index, in->fault);
    if (rc)
        return rc;
    in->entity.state = uas_index == 1   ? TF_STATE_NONCONFORMING
                       : uas_index == 2 ? TF_STATE_CONTINGENT
                                        : usage_states[index];
    if (in->entity.kind == TF_KIND_OTHER)
        in->entity.kind = TF_KIND_UNCREWED;
    rc = read_priority(in, &priority);
    if (!rc)
        rc = set_text(in, &in->entity.id, &utm);
    if (!rc)
        rc = set_text(in, &in->entity.note, &note);
    return rc ? rc : read_volumes(in, &area);
}

static const struct {
    const char *key;
    enum tf_status (*read)(struct intent *, const struct tf_json *);
} forms[] = {{"extents", read_request},    {"area_of_interest", read_query},
             {"details", read_referenced}, {"basic_information", read_flight},
             {"volumes", read_details},    {"off_nominal_volumes", read_details},
             {"volume", read_bare_volume}};

static enum tf_status read_form(struct intent *in, const struct tf_json *at)
{
    enum tf_status rc = tf_json_object(at, in->fault);
    for (size_t i = 0; !rc && i < sizeof forms / sizeof *forms; i++) {
        struct tf_json found = tf_json_get(at, forms[i].key);
        if (tf_json_there(&found))
            return forms[i].read(in, at);
    }
    return rc ? rc
              : tf_json_fault(at, TF_MISSING,
                              TF_TEXT("There is no extents, details, area_of_interest or "
                                      "basic_information here."),
                              NULL, NULL, in->fault);
}

static enum tf_status read_entity(struct tf_reader *reader, const struct tf_json *at)
{
    struct tf_fault fault = {0};
    struct intent in = {.reader = reader, .fault = &fault};
    tf_reader_class(reader, &in.entity);
    enum tf_status rc = read_form(&in, at);
    rc = rc ? tf_reader_reject(reader, &fault) : tf_reader_add(reader, &in.entity);
    tf_entity_release(&in.entity);
    return rc;
}

/* Members that only wrap: one entity, or an array of them. */
static const char *const wrappers[] = {"operational_intent", "operational_intents", "constraint",
                                       "constraints",        "flight_plan",         "flight_plans",
                                       "flight_info",        "intended_flight"};

static enum tf_status read_any(struct tf_reader *reader, const struct tf_json *at, int depth);

static enum tf_status read_list(struct tf_reader *reader, const struct tf_json *at, int depth)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < tf_json_count(at); i++) {
        struct tf_json item = tf_json_item(at, i);
        rc = read_any(reader, &item, depth + 1);
    }
    return rc;
}

/* reader->feature counts the entities seen, whatever wraps them. */
static enum tf_status read_any(struct tf_reader *reader, const struct tf_json *at, int depth)
{
    if (json_is_array(at->value) && depth < 4)
        return read_list(reader, at, depth);
    bool wrapped = false;
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && depth < 4 && i < sizeof wrappers / sizeof *wrappers; i++) {
        struct tf_json inner = tf_json_get(at, wrappers[i]);
        if (!tf_json_there(&inner))
            continue;
        wrapped = true;
        rc = read_any(reader, &inner, depth + 1);
    }
    if (rc || wrapped)
        return rc;
    rc = read_entity(reader, at);
    reader->feature++;
    return rc;
}

static enum tf_status read_root(struct tf_reader *reader, const struct tf_json *root)
{
    return read_any(reader, root, 0);
}

static enum tf_status f3548_read(struct tf_reader *reader)
{
    return tf_json_read_document(reader, read_root);
}

static int f3548_detect(const char *bytes, size_t len)
{
    static const char *const keys[] = {"outline_polygon",
                                       "outline_circle",
                                       "outlinePolygon",
                                       "outlineCircle",
                                       "extents",
                                       "area_of_interest",
                                       "altitude_lower",
                                       "basic_information",
                                       "operational_intents",
                                       "constraints",
                                       NULL};
    struct tf_json_sniff seen = tf_json_sniff(bytes, len, keys, NULL);
    if (seen.first == 0 || seen.keys == 0)
        return 0;
    return seen.keys & 0x0F ? 95 : seen.keys & 0xB0 ? 90 : (seen.keys & 0x300) == 0x300 ? 60 : 0;
}

const struct tf_codec tf_codec_f3548 = {
    .format = TF_FORMAT_F3548, .detect = f3548_detect, .read = f3548_read, .write = tf_f3548_write};
