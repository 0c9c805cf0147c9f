/*
 * f3411.c - the DSS part of ASTM F3411-19 (/v1/dss) and F3411-22a (/rid/v2/dss),
 * over one store. The two versions differ in spelling; route->flavour tells which.
 */
#include "api/api.h"

#include <stdio.h>
#include <string.h>

#define READ1 "dss.read.identification_service_areas"
#define WRITE1 "dss.write.identification_service_areas"
#define DP "rid.display_provider"
#define SP "rid.service_provider"

static bool is_v1(const struct api_call *call)
{
    return call->route->flavour == API_F3411_V1;
}

/* --- reading --------------------------------------------------------------------- */

static bool parse_extents(struct api_call *call, struct dss_extent *out, bool *has_start,
                          bool *has_end)
{
    const struct tf_jvalue *extents = api_volume(call, "extents");
    return extents &&
           api_extent(call, extents, "extents", API_NEED_OUTLINE | (is_v1(call) ? API_PLAIN : 0),
                      400, out, has_start, has_end);
}

static bool parse_isa(struct api_call *call)
{
    struct dss_isa_request *q = &call->in.isa;
    bool has_end;
    if (!api_parse_write(call) ||
        !api_string(call, call->body.values, is_v1(call) ? "flights_url" : "uss_base_url", true,
                    &q->url) ||
        !parse_extents(call, &q->extent, &q->has_start, &has_end))
        return false;
    q->id = call->id;
    q->version = api_path_version(call);
    if (has_end)
        return true;
    api_refuse(call, 400, "is required", "time_end");
    return false;
}

static bool parse_subscription(struct api_call *call)
{
    struct dss_subscription_request *q = &call->in.subscription;
    if (!api_parse_write(call))
        return false;
    const struct tf_jvalue *urls =
        is_v1(call) ? api_member(call->body.values, "callbacks") : call->body.values;
    const char *name = is_v1(call) ? "identification_service_area_url" : "uss_base_url";
    q->kind = DSS_RID_SUBSCRIPTION;
    q->id = call->id;
    q->version = api_path_version(call);
    return api_string(call, urls, name, true, &q->url) &&
           parse_extents(call, &q->extent, &q->has_start, &q->has_end);
}

static bool query_time(struct api_call *call, const char *name, int64_t *out_us)
{
    char text[64];
    struct http_slice query = call->exchange->head->query;
    if (!http_query_has(query, name))
        return true;
    if (!http_query_value(query, name, text, sizeof text)) {
        api_refuse(call, 400, "is not a time as in RFC 3339", name);
        return false;
    }
    return api_time_text(call, text, name, out_us);
}

static bool parse_search(struct api_call *call)
{
    char area[HTTP_MAX_TARGET];
    struct dss_extent *e = &call->in.query.extent;
    int64_t from_us = INT64_MIN, until_us = INT64_MAX;
    if (!http_query_value(call->exchange->head->query, "area", area, sizeof area)) {
        api_refuse(call, 400, "is required: lat,lng,lat,lng,...", "area");
        return false;
    }
    if (!query_time(call, "earliest_time", &from_us) ||
        !query_time(call, "latest_time", &until_us) || !api_area(call, area, e))
        return false;
    e->start_us = from_us;
    e->end_us = until_us;
    return true;
}

/* --- running -------------------------------------------------------------------------- */

static enum tf_status run_isa_put(struct api_call *call, struct dss_db *db,
                                  const struct dss_context *context, struct dss_reply *reply)
{
    return dss_isa_put(db, context, &call->in.isa, reply);
}

static enum tf_status run_isa_delete(struct api_call *call, struct dss_db *db,
                                     const struct dss_context *context, struct dss_reply *reply)
{
    return dss_isa_delete(db, context, &call->id, call->param[1], reply);
}

/* --- printing ----------------------------------------------------------------------------- */

/* id, owner, version and times, which all entities have. */
static void print_common(struct api_call *call, const struct dss_entity *e)
{
    struct tf_buf *out = &call->exchange->out;
    char version[DSS_OVN_SIZE];
    dss_version_format(e, version);
    api_print_id(out, "id", &e->id);
    tf_buf_text(out, ",\"version\":\"");
    tf_buf_text(out, version);
    tf_buf_text(out, "\",\"owner\":");
    tf_buf_json(out, e->owner);
    tf_buf_char(out, ',');
    api_print_time(out, "time_start", e->extent.start_us, is_v1(call));
    tf_buf_char(out, ',');
    api_print_time(out, "time_end", e->extent.end_us, is_v1(call));
}

static void print_isa(struct api_call *call, const struct dss_entity *e)
{
    struct tf_buf *out = &call->exchange->out;
    tf_buf_char(out, '{');
    print_common(call, e);
    tf_buf_printf(out, ",\"%s\":", is_v1(call) ? "flights_url" : "uss_base_url");
    tf_buf_json(out, e->url);
    tf_buf_char(out, '}');
}

static void print_isa_change(struct api_call *call)
{
    struct tf_buf *out = &call->exchange->out;
    if (api_print_conflict(call))
        return;
    tf_buf_text(out, "{\"service_area\":");
    print_isa(call, call->command.reply.entity);
    if (call->route->is_write) {
        tf_buf_char(out, ',');
        api_print_subscribers(out, &call->command.reply, "url");
    }
    tf_buf_char(out, '}');
}

static void print_isa_search(struct api_call *call)
{
    api_print_found(call, "service_areas", &call->command.reply.isas, print_isa);
}

static void print_subscription(struct api_call *call, const struct dss_entity *s, int index)
{
    struct tf_buf *out = &call->exchange->out;
    tf_buf_char(out, '{');
    print_common(call, s);
    tf_buf_printf(out, ",\"notification_index\":%d,", index);
    if (is_v1(call)) {
        tf_buf_text(out, "\"callbacks\":{\"identification_service_area_url\":");
        tf_buf_json(out, s->url);
        tf_buf_char(out, '}');
    } else {
        tf_buf_text(out, "\"uss_base_url\":");
        tf_buf_json(out, s->url);
    }
    tf_buf_char(out, '}');
}

static void print_subscription_change(struct api_call *call)
{
    struct tf_buf *out = &call->exchange->out;
    const struct dss_reply *reply = &call->command.reply;
    if (api_print_conflict(call))
        return;
    tf_buf_text(out, "{\"subscription\":");
    print_subscription(call, reply->entity, reply->notification_index);
    if (call->route->method == HTTP_PUT) {
        tf_buf_char(out, ',');
        api_print_list(call, "service_areas", &reply->isas, print_isa);
    }
    tf_buf_char(out, '}');
}

static void print_found_subscription(struct api_call *call, const struct dss_entity *s)
{
    print_subscription(call, s, atomic_load(&s->notification_index));
}

static void print_subscription_search(struct api_call *call)
{
    api_print_found(call, "subscriptions", &call->command.reply.dependents,
                    print_found_subscription);
}

/* The ten routes of one version. */
#define ROUTES(prefix, version, search, isa_write, isa_get_1, isa_get_2, sub_get_2)                \
    {HTTP_GET,      prefix "/identification_service_areas",                                        \
     {search},      parse_search,                                                                  \
     api_run_query, print_isa_search,                                                              \
     false,         DSS_ISA,                                                                       \
     version},                                                                                     \
        {HTTP_GET,                                                                                 \
         prefix "/identification_service_areas/{}",                                                \
         {isa_get_1, isa_get_2},                                                                   \
         api_parse_id,                                                                             \
         api_run_get,                                                                              \
         print_isa_change,                                                                         \
         false,                                                                                    \
         DSS_ISA,                                                                                  \
         version},                                                                                 \
        {HTTP_PUT,    prefix "/identification_service_areas/{}",                                   \
         {isa_write}, parse_isa,                                                                   \
         run_isa_put, print_isa_change,                                                            \
         true,        DSS_ISA,                                                                     \
         version},                                                                                 \
        {HTTP_PUT,    prefix "/identification_service_areas/{}/{}",                                \
         {isa_write}, parse_isa,                                                                   \
         run_isa_put, print_isa_change,                                                            \
         true,        DSS_ISA,                                                                     \
         version},                                                                                 \
        {HTTP_DELETE,    prefix "/identification_service_areas/{}/{}",                             \
         {isa_write},    api_parse_id_and_version,                                                 \
         run_isa_delete, print_isa_change,                                                         \
         true,           DSS_ISA,                                                                  \
         version},                                                                                 \
        {HTTP_GET,     prefix "/subscriptions",    {search},                                       \
         parse_search, api_run_subscription_query, print_subscription_search,                      \
         false,        DSS_RID_SUBSCRIPTION,       version},                                       \
        {HTTP_GET,     prefix "/subscriptions/{}", {search, sub_get_2},                            \
         api_parse_id, api_run_subscription_get,   print_subscription_change,                      \
         false,        DSS_RID_SUBSCRIPTION,       version},                                       \
        {HTTP_PUT,                                                                                 \
         prefix "/subscriptions/{}",                                                               \
         {search},                                                                                 \
         parse_subscription,                                                                       \
         api_run_subscription_put,                                                                 \
         print_subscription_change,                                                                \
         true,                                                                                     \
         DSS_RID_SUBSCRIPTION,                                                                     \
         version},                                                                                 \
        {HTTP_PUT,                                                                                 \
         prefix "/subscriptions/{}/{}",                                                            \
         {search},                                                                                 \
         parse_subscription,                                                                       \
         api_run_subscription_put,                                                                 \
         print_subscription_change,                                                                \
         true,                                                                                     \
         DSS_RID_SUBSCRIPTION,                                                                     \
         version},                                                                                 \
    {                                                                                              \
        HTTP_DELETE, prefix "/subscriptions/{}/{}", {search}, api_parse_id_and_version,            \
            api_run_subscription_delete, print_subscription_change, true, DSS_RID_SUBSCRIPTION,    \
            version                                                                                \
    }

static const struct api_route routes[] = {
    ROUTES("/v1/dss", API_F3411_V1, READ1, WRITE1, READ1, NULL, WRITE1),
    ROUTES("/rid/v2/dss", API_F3411_V2, DP, SP, DP, SP, SP),
};
const struct api_routes api_f3411_routes = {routes, sizeof routes / sizeof *routes};
