/*
 * zone.c - reads what ED-269 and ED-318 share.
 */
#include "format/zone.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void tf_zone_release(struct tf_zone *zone)
{
    for (size_t i = 0; i < zone->geometry_count; i++)
        tf_shape_unref(zone->geometries[i].shape);
    free(zone->geometries);
    free(zone->intervals);
    tf_entity_release(&zone->entity);
    zone->geometries = NULL;
    zone->intervals = NULL;
    zone->geometry_count = zone->interval_count = 0;
}

static enum tf_status no_memory(struct tf_fault *fault)
{
    return tf_fault_set(fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
}

/* --- texts ------------------------------------------------------------------------- */

/* A text, the first of an array of texts, or of {text, lang} objects the English one,
 * else the first. */
static const char *pick_text(const struct tf_json *at)
{
    if (json_is_string(at->value))
        return json_string_value(at->value);
    const char *first = NULL;
    for (size_t i = 0; i < tf_json_count(at); i++) {
        struct tf_json item = tf_json_item(at, i);
        struct tf_json text = tf_json_get(&item, "text"), lang = tf_json_get(&item, "lang");
        const char *found = json_string_value(text.value), *tag = json_string_value(lang.value);
        if (!found)
            found = json_string_value(item.value);
        if (found && tag && strncasecmp(tag, "en", 2) == 0)
            return found;
        first = first ? first : found;
    }
    return first;
}

static const struct {
    const char *entity;
    char c;
} html_entities[] = {{"&amp;", '&'},  {"&lt;", '<'},   {"&gt;", '>'},
                     {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}};

/* Removes HTML tags (an end of paragraph or line becomes a space) and resolves the
 * usual entities, in place. A '<' that begins no tag stays. */
static void strip_html(char *text)
{
    char *to = text;
    for (const char *p = text; *p;) {
        const char *end = *p == '<' ? strchr(p, '>') : NULL;
        bool tag =
            end && (p[1] == '/' || (p[1] >= 'a' && p[1] <= 'z') || (p[1] >= 'A' && p[1] <= 'Z'));
        if (tag) {
            if (to > text && to[-1] != ' ')
                *to++ = ' ';
            p = end + 1;
            continue;
        }
        size_t taken = 0;
        for (size_t i = 0; *p == '&' && i < sizeof html_entities / sizeof *html_entities; i++) {
            size_t len = strlen(html_entities[i].entity);
            if (strncmp(p, html_entities[i].entity, len) == 0) {
                *to++ = html_entities[i].c;
                taken = len;
            }
        }
        if (taken == 0) {
            *to++ = *p;
            taken = 1;
        }
        p += taken;
    }
    while (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

static enum tf_status set_text(struct tf_zone *zone, char **field, const struct tf_json *at)
{
    const char *text = pick_text(at);
    if (!text || !*text)
        return TF_OK;
    if (tf_entity_set_text(field, text))
        return no_memory(zone->fault);
    strip_html(*field);
    return TF_OK;
}

/* --- identity ---------------------------------------------------------------------- */

static const char *const rules[] = {"PROHIBITED",  "REQ_AUTHORISATION", "REQ_AUTHORIZATION",
                                    "CONDITIONAL", "NO_RESTRICTION",    "USPACE",
                                    NULL};
static const enum tf_restriction rule_meaning[] = {
    TF_RESTRICTION_PROHIBITED,  TF_RESTRICTION_RESTRICTED, TF_RESTRICTION_RESTRICTED,
    TF_RESTRICTION_CONDITIONAL, TF_RESTRICTION_NONE,       TF_RESTRICTION_CONDITIONAL};

/* reason: ["AIR_TRAFFIC", "OTHER"] as "AIR_TRAFFIC,OTHER". */
static enum tf_status read_reason(struct tf_zone *zone, const struct tf_json *at)
{
    struct tf_buf joined = TF_BUF_INIT(512);
    if (json_is_string(at->value))
        tf_buf_text(&joined, json_string_value(at->value));
    for (size_t i = 0; i < tf_json_count(at) && i < 9; i++) {
        struct tf_json item = tf_json_item(at, i);
        const char *word = json_string_value(item.value);
        if (word && strlen(word) < 40)
            tf_buf_printf(&joined, "%s%s", joined.len ? "," : "", word);
    }
    enum tf_status rc = tf_buf_status(&joined) == TF_NOMEM ? TF_NOMEM : TF_OK;
    if (!rc && joined.len > 0)
        rc = tf_entity_set_text(&zone->entity.category, joined.data);
    tf_buf_release(&joined);
    return rc ? no_memory(zone->fault) : TF_OK;
}

enum tf_status tf_zone_identity(struct tf_zone *zone, const struct tf_json *properties)
{
    struct tf_entity *e = &zone->entity;
    struct tf_json id = tf_json_get(properties, "identifier");
    struct tf_json restriction = tf_json_get(properties, "restriction");
    struct tf_json type = tf_json_get(properties, "type");
    struct tf_json name = tf_json_get(properties, "name");
    struct tf_json reason = tf_json_get(properties, "reason");
    struct tf_json message = tf_json_get(properties, "message");
    struct tf_json authority = tf_json_get(properties, "zoneAuthority");
    struct tf_json first = json_is_array(authority.value) ? tf_json_item(&authority, 0) : authority;
    struct tf_json party = tf_json_get(&first, "name");
    const char *text;
    int rule;
    enum tf_status rc = tf_json_text(&id, &text, zone->fault);
    if (!rc)
        rc = tf_json_word(tf_json_there(&restriction) ? &restriction : &type, rules, &rule,
                          zone->fault);
    if (rc)
        return rc;
    e->kind = TF_KIND_ZONE;
    e->state = TF_STATE_ACTIVATED;
    e->restriction = rule_meaning[rule];
    if (tf_entity_set_text(&e->id, text))
        return no_memory(zone->fault);
    rc = set_text(zone, &e->name, &name);
    if (!rc)
        rc = set_text(zone, &e->note, &message);
    if (!rc)
        rc = set_text(zone, &e->party, &party);
    return rc ? rc : read_reason(zone, &reason);
}

/* --- geometry ---------------------------------------------------------------------- */

enum tf_status tf_zone_limit(const struct tf_json *value, const struct tf_json *reference,
                             const struct tf_json *unit, bool is_lower, struct tf_alt *out,
                             struct tf_fault *fault)
{
    static const char *const references[] = {"AGL", "AMSL", "WGS84", "W84", "SFC", "MSL", NULL};
    static const enum tf_alt_ref reference_meaning[] = {TF_ALT_AGL, TF_ALT_AMSL, TF_ALT_W84,
                                                        TF_ALT_W84, TF_ALT_AGL,  TF_ALT_AMSL};
    static const char *const units[] = {"m", "ft", "METERS", "FEET", NULL};
    int index = 0, unit_index = 0;
    struct tf_alt alt = {is_lower ? -INFINITY : INFINITY, TF_ALT_UNIT_M, TF_ALT_AGL};
    enum tf_status rc = TF_OK;
    if (tf_json_there(value)) {
        rc = tf_json_number_or_text(value, &alt.value, fault);
        if (!rc)
            rc = tf_json_word(reference, references, &index, fault);
        if (!rc && tf_json_there(unit))
            rc = tf_json_word(unit, units, &unit_index, fault);
        alt.ref = rc ? TF_ALT_AGL : reference_meaning[index];
        alt.unit = unit_index % 2 ? TF_ALT_UNIT_FT : TF_ALT_UNIT_M;
        if (!is_lower && alt.value >= TF_ZONE_UNLIMITED)
            alt.value = INFINITY;
    }
    if (!rc)
        *out = alt;
    return rc;
}

/* Whether the limits make a band; if not, the fault names the one that is wrong. */
static enum tf_status check_layer(struct tf_zone *zone, const struct tf_shape *shape,
                                  const struct tf_zone_layer *layer)
{
    struct tf_band band;
    enum tf_status rc =
        tf_reader_band(zone->reader, shape, layer->lower, layer->upper, &band, zone->fault);
    if (rc) {
        bool lower = strcmp(zone->fault->field, "altitude_lower") == 0;
        *zone->fault->field = '\0';
        tf_json_prefix(lower ? &layer->lower_at : &layer->upper_at, false, zone->fault);
    }
    return rc;
}

static enum tf_status append_geometry(struct tf_zone *zone, struct tf_shape *shape,
                                      const struct tf_zone_layer *layer)
{
    if (zone->geometry_count == zone->geometry_capacity) {
        size_t capacity = zone->geometry_capacity ? 2 * zone->geometry_capacity : 4;
        struct tf_zone_geometry *list = realloc(zone->geometries, capacity * sizeof *list);
        if (!list)
            return no_memory(zone->fault);
        zone->geometries = list;
        zone->geometry_capacity = capacity;
    }
    zone->geometries[zone->geometry_count++] =
        (struct tf_zone_geometry){shape, layer->lower, layer->upper};
    return TF_OK;
}

enum tf_status tf_zone_add_geometry(struct tf_zone *zone, struct tf_shape *shape,
                                    const struct tf_zone_layer *layer)
{
    enum tf_status rc = check_layer(zone, shape, layer);
    if (!rc)
        rc = append_geometry(zone, shape, layer);
    if (rc)
        tf_shape_unref(shape);
    return rc;
}

/* --- the whole --------------------------------------------------------------------- */

static void warn_widened(struct tf_zone *zone, const struct tf_json *at)
{
    struct tf_fault fault;
    tf_json_fault(at, TF_UNSUPPORTED,
                  TF_TEXT("The schedule of %1 cannot be followed exactly: the zone is taken as "
                          "active also at times when it may not be."),
                  zone->entity.id, NULL, &fault);
    tf_reader_warn(zone->reader, &fault);
}

/* Too many volumes: one interval from the first to the last. */
static void limit_intervals(struct tf_zone *zone)
{
    size_t count = zone->interval_count;
    if (count < 2 || count * zone->geometry_count <= 2 * TF_ZONE_MAX_INTERVALS)
        return;
    zone->intervals[0].end_ns = zone->intervals[count - 1].end_ns;
    zone->interval_count = 1;
    zone->widened = true;
}

static enum tf_status add_volumes(struct tf_zone *zone, const struct tf_json *at)
{
    enum tf_status rc = TF_OK;
    limit_intervals(zone);
    for (size_t i = 0; !rc && i < zone->interval_count; i++) {
        for (size_t g = 0; !rc && g < zone->geometry_count; g++) {
            const struct tf_zone_geometry *geometry = &zone->geometries[g];
            rc = tf_reader_volume(zone->reader, &zone->entity, tf_shape_ref(geometry->shape),
                                  geometry->lower, geometry->upper, zone->intervals[i].start_ns,
                                  zone->intervals[i].end_ns, zone->fault);
        }
    }
    if (rc)
        tf_json_prefix(at, false, zone->fault);
    return rc;
}

enum tf_status tf_zone_finish(struct tf_zone *zone, const struct tf_json *at, enum tf_status rc)
{
    if (!rc && zone->interval_count == 0) {
        int64_t start_ns, end_ns;
        tf_reader_times(zone->reader, &start_ns, &end_ns);
        rc = tf_zone_add_interval(zone, start_ns, end_ns);
    }
    if (!rc)
        rc = add_volumes(zone, at);
    if (!rc && zone->widened)
        warn_widened(zone, at);
    rc = rc ? tf_reader_reject(zone->reader, zone->fault)
            : tf_reader_add(zone->reader, &zone->entity);
    tf_zone_release(zone);
    return rc;
}
