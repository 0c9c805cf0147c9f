/*
 * model.c - reading what other USSs and a DSS say.
 */
#include "uss/model.h"

#include "format/f3548.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void uss_references_release(struct uss_references *list)
{
    free(list->at);
    *list = (struct uss_references){0};
}

void uss_volumes_release(struct uss_volumes *volumes)
{
    for (size_t i = 0; i < volumes->count; i++)
        tf_volume4_release(&volumes->at[i]);
    free(volumes->at);
    *volumes = (struct uss_volumes){0};
}

enum tf_status uss_volumes_copy(const struct uss_volumes *from, struct uss_volumes *out)
{
    struct tf_volume4 *at = calloc(from->count + 1, sizeof *at);
    if (!at)
        return TF_NOMEM;
    for (size_t i = 0; i < from->count; i++)
        at[i] = tf_volume4_ref(&from->at[i]);
    *out = (struct uss_volumes){at, from->count};
    return TF_OK;
}

void uss_details_release(struct uss_details *details)
{
    uss_volumes_release(&details->nominal);
    uss_volumes_release(&details->off_nominal);
}

void uss_notice_release(struct uss_notice *notice)
{
    uss_details_release(&notice->details);
}

enum tf_status uss_parse(const char *bytes, size_t len, json_t **out, struct tf_fault *fault)
{
    json_error_t error;
    char line[24];
    json_t *value = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
    if (!value) {
        snprintf(line, sizeof line, "%d", error.line);
        return tf_fault_set(fault, TF_SYNTAX, TF_NO_INDEX, "", TF_TEXT("Line %1 is not JSON: %2."),
                            line, error.text, NULL);
    }
    *out = value;
    return TF_OK;
}

/* --- plain members --------------------------------------------------------------------------- */

static enum tf_status member_text(const struct tf_json *object, const char *name, size_t least,
                                  size_t size, char *out, struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, name);
    const char *text;
    enum tf_status rc = tf_json_text(&at, &text, fault);
    if (rc)
        return rc;
    size_t len = strlen(text);
    if (len < least || len >= size)
        return tf_json_fault(&at, TF_LIMIT, TF_TEXT("This text is too short or too long."), NULL,
                             NULL, fault);
    memcpy(out, text, len + 1);
    return TF_OK;
}

static enum tf_status member_id(const struct tf_json *object, const char *name, bool required,
                                struct tf_uuid *out, struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, name);
    struct tf_uuid id = {{0}};
    const char *text;
    if (!required && !tf_json_there(&at)) {
        *out = id;
        return TF_OK;
    }
    enum tf_status rc = tf_json_text(&at, &text, fault);
    if (rc)
        return rc;
    if (!tf_uuid_parse(text, strlen(text), &id) || tf_uuid_version(&id) != 4)
        return tf_json_fault(&at, TF_SYNTAX, TF_TEXT("This must be a UUID of version 4."), NULL,
                             NULL, fault);
    *out = id;
    return TF_OK;
}

static enum tf_status member_integer(const struct tf_json *object, const char *name, bool required,
                                     int64_t least, int64_t most, int64_t *out,
                                     struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, name);
    if (!required && !tf_json_there(&at))
        return TF_OK; /* *out has the default */
    if (!json_is_integer(at.value) || json_integer_value(at.value) < least ||
        json_integer_value(at.value) > most)
        return tf_json_fault(&at, TF_RANGE, TF_TEXT("This must be a whole number in its range."),
                             NULL, NULL, fault);
    *out = json_integer_value(at.value);
    return TF_OK;
}

static enum tf_status member_time(const struct tf_json *object, const char *name, int64_t *out,
                                  struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, name), value = tf_json_get(&at, "value");
    struct tf_json format = tf_json_get(&at, "format");
    const char *word;
    enum tf_status rc = tf_json_object(&at, fault);
    if (!rc)
        rc = tf_json_text(&format, &word, fault);
    if (!rc && strcmp(word, "RFC3339") != 0)
        rc = tf_json_fault(&format, TF_SYNTAX, TF_TEXT("%1 is not known here, it must be %2."),
                           word, "RFC3339", fault);
    return rc ? rc : tf_json_time(&value, out, fault);
}

/* A base URL: a scheme, and nothing that could end a line or begin a query. */
static enum tf_status member_url(const struct tf_json *object, const char *name,
                                 char out[USS_URL_SIZE], struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, name);
    enum tf_status rc = member_text(object, name, 1, USS_URL_SIZE, out, fault);
    bool good = !rc && (strncmp(out, "https://", 8) == 0 || strncmp(out, "http://", 7) == 0);
    for (const char *c = out; good && *c; c++)
        good = *c > ' ' && *c < 0x7F && *c != '#' && *c != '?' && *c != '"' && *c != '\\';
    if (!rc && !good)
        rc = tf_json_fault(&at, TF_SYNTAX, TF_TEXT("This must be a base URL."), NULL, NULL, fault);
    return rc;
}

/* --- volumes -----------------------------------------------------------------------------------
 */

static enum tf_status check_volume(const struct tf_json *at, const struct tf_volume4 *v,
                                   struct tf_fault *fault)
{
    if (v->start_ns == TF_TIME_MIN || v->end_ns == TF_TIME_MAX)
        return tf_json_fault(at, TF_MISSING, TF_TEXT("A volume needs time_start and time_end."),
                             NULL, NULL, fault);
    if (!isfinite(v->alt.lower.value) || !isfinite(v->alt.upper.value))
        return tf_json_fault(at, TF_MISSING,
                             TF_TEXT("A volume needs altitude_lower and altitude_upper."), NULL,
                             NULL, fault);
    if (v->alt.lower.ref != TF_ALT_W84 || v->alt.upper.ref != TF_ALT_W84)
        return tf_json_fault(at, TF_UNSUPPORTED,
                             TF_TEXT("Altitudes must be above the ellipsoid (W84)."), NULL, NULL,
                             fault);
    return TF_OK;
}

static enum tf_status read_volume(const struct tf_json *at, struct tf_volume4 *out,
                                  struct tf_fault *fault)
{
    struct tf_volume4 v;
    enum tf_status rc = tf_f3548_volume(at, &v, fault);
    if (rc)
        return rc;
    rc = check_volume(at, &v, fault);
    if (rc)
        tf_volume4_release(&v);
    else
        *out = v;
    return rc;
}

static size_t vertices_of(const struct tf_volume4 *v)
{
    return tf_shape_kind(v->shape) == TF_SHAPE_CIRCLE ? 1 : tf_shape_ring(v->shape, 0).count;
}

static enum tf_status read_volumes(const struct tf_json *list, struct uss_volumes *out,
                                   struct tf_fault *fault)
{
    struct uss_volumes made = {0};
    size_t n = tf_json_count(list), vertices = 0;
    enum tf_status rc = tf_json_array(list, fault);
    if (!rc && n > USS_VOLUMES_MAX)
        rc = tf_json_fault(list, TF_LIMIT, TF_TEXT("There are too many volumes."), NULL, NULL,
                           fault);
    made.at = rc ? NULL : calloc(n + 1, sizeof *made.at);
    if (!rc && !made.at)
        rc = tf_json_fault(list, TF_NOMEM, NULL, NULL, NULL, fault);
    for (size_t i = 0; !rc && i < n; i++) {
        struct tf_json item = tf_json_item(list, i);
        rc = read_volume(&item, &made.at[i], fault);
        if (rc)
            break;
        made.count++;
        vertices += vertices_of(&made.at[i]);
        if (vertices > USS_VERTICES_MAX)
            rc = tf_json_fault(list, TF_LIMIT, TF_TEXT("There are more than 10,000 vertices."),
                               NULL, NULL, fault);
    }
    if (rc)
        uss_volumes_release(&made);
    else
        *out = made;
    return rc;
}

enum tf_status uss_read_volumes(const json_t *array, const char *path, struct uss_volumes *out,
                                struct tf_fault *fault)
{
    struct tf_json top = {0};
    struct tf_json root = {.up = &top, .key = path, .value = json_is_null(array) ? NULL : array};
    return read_volumes(&root, out, fault);
}

enum tf_status uss_read_volume(const json_t *volume, const char *path, struct tf_volume4 *out,
                               struct tf_fault *fault)
{
    struct tf_json top = {0};
    struct tf_json root = {.up = &top, .key = path, .value = json_is_null(volume) ? NULL : volume};
    return read_volume(&root, out, fault);
}

/* --- references ----------------------------------------------------------------------------------
 */

static const struct {
    const char *word;
    enum tf_state state;
} states[] = {{"Accepted", TF_STATE_ACCEPTED},
              {"Activated", TF_STATE_ACTIVATED},
              {"Nonconforming", TF_STATE_NONCONFORMING},
              {"Contingent", TF_STATE_CONTINGENT}};

const char *uss_state_word(enum tf_state state)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (states[i].state == state)
            return states[i].word;
    return "";
}

static enum tf_status member_state(const struct tf_json *object, enum tf_state *out,
                                   struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, "state");
    const char *word;
    enum tf_status rc = tf_json_text(&at, &word, fault);
    if (rc)
        return rc;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].word, word) == 0) {
            *out = states[i].state;
            return TF_OK;
        }
    return tf_json_fault(&at, TF_SYNTAX,
                         TF_TEXT("%1 is not a state. Known are Accepted, Activated, "
                                 "Nonconforming, Contingent."),
                         word, NULL, fault);
}

/* Absent, or a word that says that only its USS tells it: "". */
static enum tf_status member_ovn(const struct tf_json *object, char out[USS_OVN_SIZE],
                                 struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, "ovn");
    out[0] = '\0';
    if (!tf_json_there(&at))
        return TF_OK;
    enum tf_status rc = member_text(object, "ovn", 0, USS_OVN_SIZE, out, fault);
    if (!rc && (strlen(out) < 16 || strchr(out, ' ')))
        out[0] = '\0';
    return rc;
}

static enum tf_status read_reference(const struct tf_json *at, bool is_constraint,
                                     struct uss_reference *out, struct tf_fault *fault)
{
    struct uss_reference r = {.state = TF_STATE_ACTIVATED, .is_constraint = is_constraint};
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = member_id(at, "id", true, &r.id, fault);
    if (!rc)
        rc = member_text(at, "manager", 1, sizeof r.manager, r.manager, fault);
    if (!rc)
        rc = member_url(at, "uss_base_url", r.url, fault);
    if (!rc)
        rc = member_ovn(at, r.ovn, fault);
    if (!rc)
        rc = member_integer(at, "version", true, 0, INT32_MAX, &r.version, fault);
    if (!rc && !is_constraint)
        rc = member_state(at, &r.state, fault);
    if (!rc && !is_constraint)
        rc = member_id(at, "subscription_id", false, &r.subscription, fault);
    if (!rc)
        rc = member_time(at, "time_start", &r.start_ns, fault);
    if (!rc)
        rc = member_time(at, "time_end", &r.end_ns, fault);
    if (!rc && r.start_ns > r.end_ns)
        rc = tf_json_fault(at, TF_TIME, TF_TEXT("The end must be after the start."), NULL, NULL,
                           fault);
    if (!rc)
        *out = r;
    return rc;
}

enum tf_status uss_read_references(const json_t *answer, const char *name, bool is_constraint,
                                   struct uss_references *out, struct tf_fault *fault)
{
    struct tf_json root = tf_json_root(answer), list = tf_json_get(&root, name);
    struct uss_references made = {0};
    size_t n = tf_json_count(&list);
    enum tf_status rc = tf_json_array(&list, fault);
    if (!rc && n > USS_LIST_MAX)
        rc = tf_json_fault(&list, TF_LIMIT, TF_TEXT("There are too many of them."), NULL, NULL,
                           fault);
    made.at = rc ? NULL : calloc(n + 1, sizeof *made.at);
    if (!rc && !made.at)
        rc = TF_NOMEM;
    for (; !rc && made.count < n; made.count += !rc) {
        struct tf_json item = tf_json_item(&list, made.count);
        rc = read_reference(&item, is_constraint, &made.at[made.count], fault);
    }
    if (rc)
        uss_references_release(&made);
    else
        *out = made;
    return rc;
}

static enum tf_status read_subscribers(const struct tf_json *list, struct uss_subscribers *out,
                                       struct tf_fault *fault)
{
    size_t n = tf_json_count(list);
    struct uss_subscribers made = {.count = n};
    enum tf_status rc = tf_json_array(list, fault);
    if (!rc && n > USS_LIST_MAX)
        rc = tf_json_fault(list, TF_LIMIT, TF_TEXT("There are too many of them."), NULL, NULL,
                           fault);
    made.at = rc ? NULL : calloc(n + 1, sizeof *made.at);
    if (!rc && !made.at)
        rc = TF_NOMEM;
    for (size_t i = 0; !rc && i < n; i++) {
        struct tf_json item = tf_json_item(list, i);
        struct tf_json subscriptions = tf_json_get(&item, "subscriptions");
        rc = member_url(&item, "uss_base_url", made.at[i].url, fault);
        if (!rc)
            rc = tf_json_array(&subscriptions, fault);
        made.at[i].subscriptions = subscriptions.value;
    }
    if (rc)
        free(made.at);
    else
        *out = made;
    return rc;
}

static enum tf_status read_change(const json_t *answer, const char *name, bool is_constraint,
                                  struct uss_reference *reference,
                                  struct uss_subscribers *subscribers, struct tf_fault *fault)
{
    struct tf_json root = tf_json_root(answer);
    struct tf_json at = tf_json_get(&root, name);
    struct tf_json list = tf_json_get(&root, "subscribers");
    struct uss_reference r;
    enum tf_status rc = read_reference(&at, is_constraint, &r, fault);
    if (!rc && subscribers)
        rc = read_subscribers(&list, subscribers, fault);
    if (!rc)
        *reference = r;
    return rc;
}

enum tf_status uss_read_change(const json_t *answer, struct uss_reference *reference,
                               struct uss_subscribers *subscribers, struct tf_fault *fault)
{
    return read_change(answer, "operational_intent_reference", false, reference, subscribers,
                       fault);
}

enum tf_status uss_read_constraint_change(const json_t *answer, struct uss_reference *reference,
                                          struct uss_subscribers *subscribers,
                                          struct tf_fault *fault)
{
    return read_change(answer, "constraint_reference", true, reference, subscribers, fault);
}

/* --- details
 * -------------------------------------------------------------------------------------- */

static enum tf_status read_optional(const struct tf_json *object, const char *name,
                                    struct uss_volumes *out, struct tf_fault *fault)
{
    struct tf_json at = tf_json_get(object, name);
    return tf_json_there(&at) ? read_volumes(&at, out, fault) : TF_OK;
}

static enum tf_status read_details(const struct tf_json *at, struct uss_details *out,
                                   struct tf_fault *fault)
{
    struct uss_details d = {0};
    int64_t priority = 0;
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = member_integer(at, "priority", false, INT_MIN, INT_MAX, &priority, fault);
    if (!rc)
        rc = read_optional(at, "volumes", &d.nominal, fault);
    if (!rc)
        rc = read_optional(at, "off_nominal_volumes", &d.off_nominal, fault);
    if (!rc && d.nominal.count + d.off_nominal.count == 0)
        rc = tf_json_fault(at, TF_MISSING, TF_TEXT("At least one volume is needed."), NULL, NULL,
                           fault);
    d.priority = (int)priority;
    if (rc)
        uss_details_release(&d);
    else
        *out = d;
    return rc;
}

enum tf_status uss_read_details(const json_t *details, struct uss_details *out,
                                struct tf_fault *fault)
{
    struct tf_json root = tf_json_root(details);
    return read_details(&root, out, fault);
}

/* F3548: volumes beyond the nominal ones are of those states only that have left them. */
static enum tf_status check_states(const struct tf_json *at, const struct uss_reference *r,
                                   const struct uss_details *d, struct tf_fault *fault)
{
    bool nominal = r->state == TF_STATE_ACCEPTED || r->state == TF_STATE_ACTIVATED;
    if (nominal && d->off_nominal.count > 0)
        return tf_json_fault(at, TF_SYNTAX,
                             TF_TEXT("In this state there must be no off_nominal_volumes."), NULL,
                             NULL, fault);
    if (nominal && d->nominal.count == 0)
        return tf_json_fault(at, TF_MISSING, TF_TEXT("At least one volume is needed."), NULL, NULL,
                             fault);
    return TF_OK;
}

static enum tf_status read_pair(const struct tf_json *at, bool is_constraint,
                                struct uss_reference *reference, struct uss_details *details,
                                struct tf_fault *fault)
{
    struct tf_json reference_at = tf_json_get(at, "reference");
    struct tf_json details_at = tf_json_get(at, "details");
    struct uss_reference r;
    struct uss_details d;
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = read_reference(&reference_at, is_constraint, &r, fault);
    if (rc)
        return rc;
    rc = read_details(&details_at, &d, fault);
    if (rc)
        return rc;
    rc = is_constraint ? TF_OK : check_states(&details_at, &r, &d, fault);
    if (rc) {
        uss_details_release(&d);
        return rc;
    }
    *reference = r;
    *details = d;
    return TF_OK;
}

enum tf_status uss_read_intent(const json_t *answer, struct uss_reference *reference,
                               struct uss_details *details, struct tf_fault *fault)
{
    struct tf_json root = tf_json_root(answer);
    struct tf_json at = tf_json_get(&root, "operational_intent");
    return read_pair(&at, false, reference, details, fault);
}

enum tf_status uss_read_constraint(const json_t *answer, struct uss_reference *reference,
                                   struct uss_details *details, struct tf_fault *fault)
{
    struct tf_json root = tf_json_root(answer);
    struct tf_json at = tf_json_get(&root, "constraint");
    return read_pair(&at, true, reference, details, fault);
}

/* F3548 wants at least one: that is why we are told. */
static enum tf_status check_subscriptions(const struct tf_json *root, struct tf_fault *fault)
{
    struct tf_json list = tf_json_get(root, "subscriptions");
    enum tf_status rc = tf_json_array(&list, fault);
    if (!rc && (tf_json_count(&list) == 0 || tf_json_count(&list) > USS_LIST_MAX))
        rc = tf_json_fault(&list, TF_LIMIT, TF_TEXT("There are none, or too many of them."), NULL,
                           NULL, fault);
    for (size_t i = 0; !rc && i < tf_json_count(&list); i++) {
        struct tf_json item = tf_json_item(&list, i);
        struct tf_uuid id;
        int64_t index;
        rc = member_id(&item, "subscription_id", true, &id, fault);
        if (!rc)
            rc = member_integer(&item, "notification_index", true, 0, INT32_MAX, &index, fault);
    }
    return rc;
}

enum tf_status uss_read_notice(const json_t *body, bool is_constraint, struct uss_notice *out,
                               struct tf_fault *fault)
{
    struct tf_json root = tf_json_root(body);
    struct tf_json at = tf_json_get(&root, is_constraint ? "constraint" : "operational_intent");
    struct uss_notice notice = {.is_constraint = is_constraint, .has_ended = !tf_json_there(&at)};
    const char *name = is_constraint ? "constraint_id" : "operational_intent_id";
    struct tf_json id_at = tf_json_get(&root, name);
    enum tf_status rc = tf_json_object(&root, fault);
    if (!rc)
        rc = member_id(&root, name, true, &notice.id, fault);
    if (!rc)
        rc = check_subscriptions(&root, fault);
    if (!rc && !notice.has_ended)
        rc = read_pair(&at, is_constraint, &notice.reference, &notice.details, fault);
    if (rc)
        return rc;
    if (!notice.has_ended && !tf_uuid_equal(&notice.id, &notice.reference.id)) {
        uss_notice_release(&notice);
        return tf_json_fault(&id_at, TF_SYNTAX, TF_TEXT("This is not the id of the reference."),
                             NULL, NULL, fault);
    }
    *out = notice;
    return TF_OK;
}
