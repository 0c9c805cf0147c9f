/*
 * f3548.c - the DSS part of the ASTM F3548-21 API.
 */
#include "api/api.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SC "utm.strategic_coordination"
#define CMSA "utm.conformance_monitoring_sa"
#define CM "utm.constraint_management"
#define CP "utm.constraint_processing"
#define AA "utm.availability_arbitration"

static const char *const state_words[DSS_STATE_COUNT] = {"", "Accepted", "Activated",
                                                         "Nonconforming", "Contingent"};

/* --- reading ---------------------------------------------------------------------- */

static bool parse_key(struct api_call *call)
{
    const struct tf_jvalue *list = api_member(call->body.values, "key");
    size_t n = tf_jdoc_count(list);
    if (!list)
        return true;
    if (!tf_jdoc_is(list, TF_JARRAY) || n > 100000) {
        api_refuse(call, 400, "must be a list of OVNs", "key");
        return false;
    }
    call->key = calloc(n + 1, sizeof *call->key);
    const struct tf_jvalue *at = tf_jdoc_first(list);
    for (size_t i = 0; i < n && call->key; i++, at = tf_jdoc_next(at)) {
        call->key[i] = tf_jdoc_string(at);
        if (!call->key[i]) {
            api_refuse(call, 400, "must hold strings only", "key");
            return false;
        }
    }
    if (!call->key)
        api_refuse(call, 503, "there is no memory for it", "key");
    call->in.reference.key = call->key;
    call->in.reference.key_count = n;
    return call->key;
}

static bool parse_state(struct api_call *call, enum dss_state *out)
{
    const char *word;
    if (!api_string(call, call->body.values, "state", true, &word))
        return false;
    for (int s = DSS_ACCEPTED; s < DSS_STATE_COUNT; s++)
        if (strcmp(word, state_words[s]) == 0) {
            *out = (enum dss_state)s;
            return true;
        }
    api_refuse(call, 400, "must be Accepted, Activated, Nonconforming or Contingent", "state");
    return false;
}

static bool parse_attachment(struct api_call *call)
{
    struct dss_reference_request *q = &call->in.reference;
    const char *id;
    const struct tf_jvalue *fresh = api_member(call->body.values, "new_subscription");
    if (!api_string(call, call->body.values, "subscription_id", false, &id))
        return false;
    /* An answer gives this id for "none"; clients send it back. */
    if (id && strcmp(id, DSS_NO_SUBSCRIPTION) != 0 && *id) {
        if (!api_id(call, id, "subscription_id", &q->subscription_id))
            return false;
        q->has_subscription_id = true;
    }
    if (!fresh)
        return true;
    if (!tf_jdoc_is(fresh, TF_JOBJECT)) {
        api_refuse(call, 400, "must be an object", "new_subscription");
        return false;
    }
    return api_string(call, fresh, "uss_base_url", true, &q->new_subscription_url) &&
           api_flag(call, fresh, "notify_for_constraints", &q->new_notify_for_constraints);
}

static bool parse_reference(struct api_call *call)
{
    struct dss_reference_request *q = &call->in.reference;
    bool oir = call->route->kind == DSS_OIR;
    int need = API_NEED_TIMES | API_NEED_OUTLINE | (oir ? API_NEED_ALTITUDES : 0);
    const struct tf_jvalue *extents;
    if (!api_parse_write(call))
        return false;
    q->kind = call->route->kind;
    q->id = call->id;
    q->ovn = api_path_version(call);
    extents = api_member(call->body.values, "extents");
    if (!tf_jdoc_is(extents, TF_JARRAY)) {
        api_refuse(call, 400, "must be a list of volumes", "extents");
        return false;
    }
    if (!api_string(call, call->body.values, "uss_base_url", true, &q->url))
        return false;
    if (oir &&
        (!parse_state(call, &q->state) || !parse_key(call) || !parse_attachment(call) ||
         !api_string(call, call->body.values, "requested_ovn_suffix", false, &q->ovn_suffix)))
        return false;
    return api_extent(call, extents, "extents", need, 400, &q->extent, NULL, NULL);
}

static bool parse_query(struct api_call *call)
{
    int too_large = call->route->kind == DSS_SUBSCRIPTION ? 413 : 400;
    if (!api_body(call))
        return false;
    const struct tf_jvalue *area = api_volume(call, "area_of_interest");
    return area && api_extent(call, area, "area_of_interest", API_NEED_OUTLINE, too_large,
                              &call->in.query.extent, NULL, NULL);
}

static bool parse_subscription(struct api_call *call)
{
    struct dss_subscription_request *q = &call->in.subscription;
    if (!api_parse_write(call))
        return false;
    q->kind = DSS_SUBSCRIPTION;
    q->id = call->id;
    q->version = api_path_version(call);
    const struct tf_jvalue *extents = api_volume(call, "extents");
    return extents && api_string(call, call->body.values, "uss_base_url", true, &q->url) &&
           api_flag(call, call->body.values, "notify_for_operational_intents",
                    &q->notify_for_oirs) &&
           api_flag(call, call->body.values, "notify_for_constraints",
                    &q->notify_for_constraints) &&
           api_extent(call, extents, "extents", API_NEED_OUTLINE, 400, &q->extent, &q->has_start,
                      &q->has_end);
}

static bool parse_availability(struct api_call *call)
{
    if (!api_body(call) ||
        !api_string(call, call->body.values, "availability", true, &call->in.availability.state) ||
        !api_string(call, call->body.values, "old_version", false,
                    &call->in.availability.old_version))
        return false;
    if (!call->in.availability.old_version)
        call->in.availability.old_version = "";
    return true;
}

static bool parse_report(struct api_call *call)
{
    return api_body(call);
}

/* --- running ----------------------------------------------------------------------------- */

static enum tf_status run_put(struct api_call *call, struct dss_db *db,
                              const struct dss_context *context, struct dss_reply *reply)
{
    return dss_reference_put(db, context, &call->in.reference, reply);
}

static enum tf_status run_delete(struct api_call *call, struct dss_db *db,
                                 const struct dss_context *context, struct dss_reply *reply)
{
    return dss_reference_delete(db, context, call->route->kind, &call->id, call->param[1], reply);
}

static enum tf_status run_availability_get(struct api_call *call, struct dss_db *db,
                                           const struct dss_context *context,
                                           struct dss_reply *reply)
{
    (void)context;
    reply->status = 200;
    return db->ops->get_availability(db, call->param[0], &reply->availability);
}

static enum tf_status run_availability_put(struct api_call *call, struct dss_db *db,
                                           const struct dss_context *context,
                                           struct dss_reply *reply)
{
    return dss_availability_put(db, context, call->param[0], call->in.availability.state,
                                call->in.availability.old_version, reply);
}

/* --- printing ------------------------------------------------------------------------------ */

static void print_reference(struct api_call *call, const struct dss_entity *e)
{
    struct tf_buf *out = &call->exchange->out;
    bool own = strcmp(e->owner, call->claims.sub) == 0;
    tf_buf_char(out, '{');
    api_print_id(out, "id", &e->id);
    tf_buf_text(out, ",\"manager\":");
    tf_buf_json(out, e->owner);
    tf_buf_text(out, ",\"uss_availability\":\"Unknown\",\"version\":");
    tf_buf_int(out, e->version);
    tf_buf_text(out, ",\"ovn\":");
    tf_buf_json(out, own ? e->ovn : DSS_OVN_HIDDEN);
    tf_buf_char(out, ',');
    if (e->kind == DSS_OIR) {
        tf_buf_text(out, "\"state\":\"");
        tf_buf_text(out, state_words[e->state]);
        tf_buf_text(out, "\",");
        if (tf_uuid_is_zero(&e->subscription_id))
            tf_buf_text(out, "\"subscription_id\":\"" DSS_NO_SUBSCRIPTION "\"");
        else
            api_print_id(out, "subscription_id", &e->subscription_id);
        tf_buf_char(out, ',');
    }
    api_print_time(out, "time_start", e->extent.start_us, false);
    tf_buf_char(out, ',');
    api_print_time(out, "time_end", e->extent.end_us, false);
    tf_buf_text(out, ",\"uss_base_url\":");
    tf_buf_json(out, e->url);
    tf_buf_char(out, '}');
}

static const char *reference_name(const struct api_call *call)
{
    return call->route->kind == DSS_OIR ? "operational_intent_reference" : "constraint_reference";
}

static void print_one(struct api_call *call)
{
    struct tf_buf *out = &call->exchange->out;
    tf_buf_printf(out, "{\"%s\":", reference_name(call));
    print_reference(call, call->command.reply.entity);
    tf_buf_char(out, '}');
}

/* Of a write: the reference and whom to tell; of a 409: what the key lacks. */
static void print_change(struct api_call *call)
{
    struct tf_buf *out = &call->exchange->out;
    const struct dss_reply *reply = &call->command.reply;
    if (reply->status == 409) {
        api_print_message(out, reply->message, reply->detail);
        if (call->route->kind == DSS_OIR) {
            tf_buf_char(out, ',');
            api_print_list(call, "missing_operational_intents", &reply->oirs, print_reference);
            tf_buf_char(out, ',');
            api_print_list(call, "missing_constraints", &reply->constraints, print_reference);
        }
        tf_buf_char(out, '}');
        return;
    }
    tf_buf_char(out, '{');
    api_print_subscribers(out, reply, "uss_base_url");
    tf_buf_printf(out, ",\"%s\":", reference_name(call));
    print_reference(call, reply->entity);
    tf_buf_char(out, '}');
}

static void print_query(struct api_call *call)
{
    const struct dss_reply *reply = &call->command.reply;
    if (call->route->kind == DSS_OIR)
        api_print_found(call, "operational_intent_references", &reply->oirs, print_reference);
    else
        api_print_found(call, "constraint_references", &reply->constraints, print_reference);
}

static void print_subscription(struct api_call *call, const struct dss_entity *s, int index,
                               const struct dss_list *dependents)
{
    struct tf_buf *out = &call->exchange->out;
    char id[TF_UUID_TEXT_SIZE], version[DSS_OVN_SIZE];
    tf_uuid_format(&s->id, id);
    dss_version_format(s, version);
    tf_buf_printf(out,
                  "{\"id\":\"%s\",\"version\":\"%s\",\"notification_index\":%d,"
                  "\"notify_for_operational_intents\":%s,\"notify_for_constraints\":%s,"
                  "\"implicit_subscription\":%s,",
                  id, version, index, s->notify_for_oirs ? "true" : "false",
                  s->notify_for_constraints ? "true" : "false", s->implicit ? "true" : "false");
    api_print_time(out, "time_start", s->extent.start_us, false);
    tf_buf_char(out, ',');
    api_print_time(out, "time_end", s->extent.end_us, false);
    tf_buf_text(out, ",\"uss_base_url\":");
    tf_buf_json(out, s->url);
    tf_buf_text(out, ",\"dependent_operational_intents\":[");
    for (size_t i = 0; dependents && i < dependents->count; i++) {
        tf_uuid_format(&dependents->items[i]->id, id);
        tf_buf_printf(out, "%s\"%s\"", i ? "," : "", id);
    }
    tf_buf_text(out, "]}");
}

static void print_subscription_change(struct api_call *call)
{
    struct tf_buf *out = &call->exchange->out;
    const struct dss_reply *reply = &call->command.reply;
    if (api_print_conflict(call))
        return;
    tf_buf_text(out, "{\"subscription\":");
    print_subscription(call, reply->entity, reply->notification_index, &reply->dependents);
    if (call->route->method == HTTP_PUT && reply->entity->notify_for_oirs) {
        tf_buf_char(out, ',');
        api_print_list(call, "operational_intent_references", &reply->oirs, print_reference);
    }
    if (call->route->method == HTTP_PUT && reply->entity->notify_for_constraints) {
        tf_buf_char(out, ',');
        api_print_list(call, "constraint_references", &reply->constraints, print_reference);
    }
    tf_buf_char(out, '}');
}

static void print_found_subscription(struct api_call *call, const struct dss_entity *s)
{
    print_subscription(call, s, atomic_load(&s->notification_index), NULL);
}

static void print_subscription_query(struct api_call *call)
{
    api_print_found(call, "subscriptions", &call->command.reply.dependents,
                    print_found_subscription);
}

static void print_availability(struct api_call *call)
{
    struct tf_buf *out = &call->exchange->out;
    const struct dss_reply *reply = &call->command.reply;
    if (api_print_conflict(call))
        return;
    tf_buf_text(out, "{\"version\":");
    tf_buf_json(out, reply->availability.version);
    tf_buf_text(out, ",\"status\":{\"uss\":");
    tf_buf_json(out, reply->availability.uss);
    tf_buf_printf(out, ",\"availability\":\"%s\"}}", reply->availability.state);
}

/* The report comes back with an id; it is in the log, which is where it is for. */
static void print_report(struct api_call *call)
{
    const struct http_exchange *x = call->exchange;
    json_t *report = json_loadb(x->body, x->body_len, 0, NULL);
    json_object_set_new(report, "report_id", json_string(x->request_id));
    char *text = json_dumps(report, JSON_COMPACT);
    json_decref(report);
    call->exchange->status = text ? 201 : 503;
    tf_buf_text(&call->exchange->out, text ? text : "{}");
    if (text)
        fprintf(stderr, "{\"level\":\"warning\",\"msg\":\"dss report\",\"report\":%s}\n", text);
    free(text);
}

#define OIRS "/dss/v1/operational_intent_references"
#define CONSTRAINTS "/dss/v1/constraint_references"
#define SUBSCRIPTIONS "/dss/v1/subscriptions"
#define WRITE true
#define READ false

static const struct api_route routes[] = {
    {HTTP_POST,
     OIRS "/query",
     {SC, CMSA},
     parse_query,
     api_run_query,
     print_query,
     READ,
     DSS_OIR,
     API_F3548},
    {HTTP_GET,
     OIRS "/{}",
     {SC, CMSA},
     api_parse_id,
     api_run_get,
     print_one,
     READ,
     DSS_OIR,
     API_F3548},
    {HTTP_PUT,
     OIRS "/{}",
     {SC, CMSA},
     parse_reference,
     run_put,
     print_change,
     WRITE,
     DSS_OIR,
     API_F3548},
    {HTTP_PUT,
     OIRS "/{}/{}",
     {SC, CMSA},
     parse_reference,
     run_put,
     print_change,
     WRITE,
     DSS_OIR,
     API_F3548},
    {HTTP_DELETE,
     OIRS "/{}/{}",
     {SC, CMSA},
     api_parse_id_and_version,
     run_delete,
     print_change,
     WRITE,
     DSS_OIR,
     API_F3548},
    {HTTP_POST,
     CONSTRAINTS "/query",
     {CM, CP},
     parse_query,
     api_run_query,
     print_query,
     READ,
     DSS_CONSTRAINT,
     API_F3548},
    {HTTP_GET,
     CONSTRAINTS "/{}",
     {CM, CP},
     api_parse_id,
     api_run_get,
     print_one,
     READ,
     DSS_CONSTRAINT,
     API_F3548},
    {HTTP_PUT,
     CONSTRAINTS "/{}",
     {CM},
     parse_reference,
     run_put,
     print_change,
     WRITE,
     DSS_CONSTRAINT,
     API_F3548},
    {HTTP_PUT,
     CONSTRAINTS "/{}/{}",
     {CM},
     parse_reference,
     run_put,
     print_change,
     WRITE,
     DSS_CONSTRAINT,
     API_F3548},
    {HTTP_DELETE,
     CONSTRAINTS "/{}/{}",
     {CM},
     api_parse_id_and_version,
     run_delete,
     print_change,
     WRITE,
     DSS_CONSTRAINT,
     API_F3548},
    {HTTP_POST,
     SUBSCRIPTIONS "/query",
     {CP, SC},
     parse_query,
     api_run_subscription_query,
     print_subscription_query,
     READ,
     DSS_SUBSCRIPTION,
     API_F3548},
    {HTTP_GET,
     SUBSCRIPTIONS "/{}",
     {CP, SC},
     api_parse_id,
     api_run_subscription_get,
     print_subscription_change,
     READ,
     DSS_SUBSCRIPTION,
     API_F3548},
    {HTTP_PUT,
     SUBSCRIPTIONS "/{}",
     {CP, SC},
     parse_subscription,
     api_run_subscription_put,
     print_subscription_change,
     WRITE,
     DSS_SUBSCRIPTION,
     API_F3548},
    {HTTP_PUT,
     SUBSCRIPTIONS "/{}/{}",
     {CP, SC},
     parse_subscription,
     api_run_subscription_put,
     print_subscription_change,
     WRITE,
     DSS_SUBSCRIPTION,
     API_F3548},
    {HTTP_DELETE,
     SUBSCRIPTIONS "/{}/{}",
     {CP, SC},
     api_parse_id_and_version,
     api_run_subscription_delete,
     print_subscription_change,
     WRITE,
     DSS_SUBSCRIPTION,
     API_F3548},
    {HTTP_GET,
     "/dss/v1/uss_availability/{}",
     {AA, SC, CMSA},
     NULL,
     run_availability_get,
     print_availability,
     READ,
     DSS_KIND_COUNT,
     API_F3548},
    {HTTP_PUT,
     "/dss/v1/uss_availability/{}",
     {AA},
     parse_availability,
     run_availability_put,
     print_availability,
     WRITE,
     DSS_KIND_COUNT,
     API_F3548},
    {HTTP_POST,
     "/dss/v1/reports",
     {CM, CP, SC, CMSA, AA},
     parse_report,
     NULL,
     print_report,
     READ,
     DSS_KIND_COUNT,
     API_F3548},
};
const struct api_routes api_f3548_routes = {routes, sizeof routes / sizeof *routes};
