/*
 * aux.c - health, metrics, versions, and the auxiliary endpoints that the pool's
 * tools ask.
 */
#include "api/api.h"

#include <inttypes.h>
#include <string.h>
#include <tafadi/time.h>
#include <time.h>

/* Made from openapi.json at build time. */
extern const unsigned char api_openapi[], api_docs[];
extern const unsigned api_openapi_size, api_docs_size;

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

static void print_openapi(struct api_call *call)
{
    tf_buf_append(&call->exchange->out, api_openapi, api_openapi_size);
}

static void print_docs(struct api_call *call)
{
    call->exchange->content_type = "text/html; charset=utf-8";
    call->exchange->headers = "Content-Security-Policy: default-src 'none'; style-src "
                              "'unsafe-inline'; frame-ancestors 'none'\r\n"
                              "X-Content-Type-Options: nosniff\r\n";
    tf_buf_append(&call->exchange->out, api_docs, api_docs_size);
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

/* --- the pool: of one member, as the embedded engine is -------------------------------- */

static bool is_alone(struct api_call *call)
{
    if (!api_settings(call->api)->is_cluster)
        return true;
    api_refuse(call, 501, "is kept in the pool's database, not by this node", NULL);
    return false;
}

static void print_heartbeat(struct tf_buf *out, const struct api_heartbeat *h)
{
    char time_text[TF_TIME_TEXT_SIZE];
    tf_time_format(h->at_ns, time_text);
    tf_buf_printf(out, ",\"most_recent_heartbeat\":{\"timestamp\":\"%s\",\"source\":", time_text);
    tf_buf_json(out, h->source);
    tf_buf_text(out, ",\"reporter\":");
    tf_buf_json(out, h->reporter);
    tf_buf_printf(out, ",\"index\":%" PRIu64, h->index);
    if (h->next_ns) {
        tf_time_format(h->next_ns, time_text);
        tf_buf_printf(out, ",\"next_heartbeat_expected_before\":\"%s\"", time_text);
    }
    tf_buf_char(out, '}');
}

static void print_instances(struct api_call *call)
{
    struct tf_buf *out = &call->exchange->out;
    struct api_heartbeat heartbeat;
    if (!is_alone(call))
        return;
    api_heartbeat(call->api, NULL, &heartbeat);
    tf_buf_text(out, "{\"dss_instances\":[{\"id\":");
    tf_buf_json(out, api_settings(call->api)->locality);
    if (heartbeat.source[0])
        print_heartbeat(out, &heartbeat);
    tf_buf_text(out, "}]}");
}

/* A time of the query, RFC 3339; false after an answer. */
static bool query_time(struct api_call *call, const char *name, int64_t *out_ns)
{
    char text[64];
    struct http_slice query = call->exchange->head->query;
    if (!http_query_has(query, name))
        return true;
    if (http_query_value(query, name, text, sizeof text) &&
        tf_time_parse(text, strlen(text), out_ns) == TF_OK)
        return true;
    api_refuse(call, 400, "must be a time as RFC 3339 writes it", name);
    return false;
}

static void print_heartbeat_put(struct api_call *call)
{
    struct api_heartbeat h = {0};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    h.at_ns = (int64_t)now.tv_sec * TF_SECOND_NS + now.tv_nsec;
    if (!is_alone(call))
        return;
    if (!http_query_value(call->exchange->head->query, "source", h.source, sizeof h.source) ||
        !h.source[0]) {
        api_refuse(call, 400, "is needed, with 63 bytes at most", "source");
        return;
    }
    if (!query_time(call, "timestamp", &h.at_ns) ||
        !query_time(call, "next_heartbeat_expected_before", &h.next_ns))
        return;
    if (h.next_ns && h.next_ns < h.at_ns) {
        api_refuse(call, 400, "must not be before the timestamp", "next_heartbeat_expected_before");
        return;
    }
    memcpy(h.reporter, call->claims.sub, sizeof h.reporter);
    api_heartbeat(call->api, &h, NULL);
    call->exchange->status = 201;
    print_instances(call);
}

/* Which certificates a pool's databases take is the databases' affair. */
static void print_certificates(struct api_call *call)
{
    if (is_alone(call))
        tf_buf_text(&call->exchange->out, "{\"CAs\":[]}");
}

static void print_options(struct api_call *call)
{
    const struct api_config *config = api_settings(call->api);
    bool global = config->is_cluster && config->lock == POOL_LOCK_GLOBAL;
    bool hash = config->is_cluster && config->lock == POOL_LOCK_HASH;
    tf_buf_printf(&call->exchange->out,
                  "{\"scd_global_lock\":%s,\"scd_hash_lock\":%s,"
                  "\"time_based_notification_index\":false}",
                  global ? "true" : "false", hash ? "true" : "false");
}

#define POOL "/aux/v1/pool"
#define CONFIGURATION "/aux/v1/configuration"
#define POOL_READ                                                                                  \
    {                                                                                              \
        "interuss.pool_status.read"                                                                \
    }
#define PLAIN(path, who, function)                                                                 \
    {                                                                                              \
        HTTP_GET, path, who, NULL, NULL, function, false, DSS_KIND_COUNT, 0                        \
    }
static const struct api_route routes[] = {
    PLAIN("/openapi.json", {NULL}, print_openapi),
    PLAIN("/docs", {NULL}, print_docs),
    PLAIN(POOL "/dss_instances", POOL_READ, print_instances),
    PLAIN(CONFIGURATION "/accepted_ca_certs", {NULL}, print_certificates),
    PLAIN(CONFIGURATION "/ca_certs", {NULL}, print_certificates),
    PLAIN(CONFIGURATION "/global_options", POOL_READ, print_options),
    {HTTP_PUT,
     POOL "/dss_instances/heartbeat",
     {"interuss.pool_status.heartbeat.write"},
     NULL,
     NULL,
     print_heartbeat_put,
     false,
     DSS_KIND_COUNT,
     0},
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
