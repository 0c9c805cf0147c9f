/*
 * aux.c - health, metrics, versions, and the auxiliary endpoints that the pool's
 * tools ask.
 */
#include "api/api.h"

#include <string.h>

static void print_health(struct api_call *call)
{
    call->exchange->content_type = "text/plain; charset=utf-8";
    tf_buf_text(&call->exchange->out, "ok\n");
}

static void print_ready(struct api_call *call)
{
    call->exchange->content_type = "text/plain; charset=utf-8";
    bool ready = node_is_ready(api_node(call->api));
    call->exchange->status = ready ? 200 : 503;
    tf_buf_text(&call->exchange->out, ready ? "ok\n" : "the last change could not be stored\n");
}

static void print_metrics(struct api_call *call)
{
    call->exchange->content_type = "text/plain; version=0.0.4; charset=utf-8";
    api_print_metrics(call->api, &call->exchange->out);
}

static void print_version(struct api_call *call)
{
    tf_buf_text(&call->exchange->out, "{\"version\":");
    tf_buf_json(&call->exchange->out, api_settings(call->api)->version);
    tf_buf_char(&call->exchange->out, '}');
}

static void print_validate(struct api_call *call)
{
    char owner[TOKEN_SUB_SIZE];
    struct http_slice query = call->exchange->head->query;
    if (http_query_has(query, "owner") && (!http_query_value(query, "owner", owner, sizeof owner) ||
                                           strcmp(owner, call->claims.sub) != 0))
        api_refuse(call, 403, "is not the subject of the token", "owner");
    else
        tf_buf_text(&call->exchange->out, "{}");
}

static void print_system_version(struct api_call *call)
{
    tf_buf_text(&call->exchange->out, "{\"system_identity\":");
    tf_buf_json(&call->exchange->out, call->param[0]);
    tf_buf_text(&call->exchange->out, ",\"system_version\":");
    tf_buf_json(&call->exchange->out, api_settings(call->api)->version);
    tf_buf_char(&call->exchange->out, '}');
}

static void print_pool(struct api_call *call)
{
    tf_buf_text(&call->exchange->out, "{\"dar_id\":");
    tf_buf_json(&call->exchange->out, api_settings(call->api)->system_identity);
    tf_buf_char(&call->exchange->out, '}');
}

static const struct api_route routes[] = {
    {HTTP_GET, "/healthy", {NULL}, NULL, NULL, print_health, false, DSS_KIND_COUNT, 0},
    {HTTP_GET, "/healthz", {NULL}, NULL, NULL, print_health, false, DSS_KIND_COUNT, 0},
    {HTTP_GET, "/readyz", {NULL}, NULL, NULL, print_ready, false, DSS_KIND_COUNT, 0},
    {HTTP_GET, "/metrics", {NULL}, NULL, NULL, print_metrics, false, DSS_KIND_COUNT, 0},
    {HTTP_GET, "/aux/v1/version", {NULL}, NULL, NULL, print_version, false, DSS_KIND_COUNT, 0},
    {HTTP_GET,
     "/aux/v1/validate_oauth",
     {"dss.read.identification_service_areas", "dss.write.identification_service_areas"},
     NULL,
     NULL,
     print_validate,
     false,
     DSS_KIND_COUNT,
     0},
    {HTTP_GET,
     "/aux/v1/pool",
     {"interuss.pool_status.read"},
     NULL,
     NULL,
     print_pool,
     false,
     DSS_KIND_COUNT,
     0},
    {HTTP_GET,
     "/versions/{}",
     {"interuss.versioning.read_system_versions"},
     NULL,
     NULL,
     print_system_version,
     false,
     DSS_KIND_COUNT,
     0},
};
const struct api_routes api_aux_routes = {routes, sizeof routes / sizeof *routes};
