/*
 * aux.c - health, metrics, versions, and the auxiliary endpoints that the pool's
 * tools ask.
 */
#include "api/api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <tafadi/time.h>

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
    const struct api_config *config = api_settings(call->api);
    bool ready =
        node_is_ready(api_node(call->api)) && (!config->is_ready || config->is_ready(config->ctx));
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
    const char *identity = api_settings(call->api)->pool_identity;
    if (!identity) {
        api_refuse(call, 501, "the pool's database does not say; start the node with --identity",
                   NULL);
        return;
    }
    tf_buf_text(&call->exchange->out, "{\"dar_id\":");
    tf_buf_json(&call->exchange->out, identity);
    tf_buf_char(&call->exchange->out, '}');
}

/* --- the pool's members ------------------------------------------------------------------ */

static void print_heartbeat(struct tf_buf *out, const struct dss_heartbeat *h)
{
    tf_buf_text(out, ",\"most_recent_heartbeat\":{");
    api_print_time(out, "timestamp", h->at_us, true);
    tf_buf_text(out, ",\"source\":");
    tf_buf_json(out, h->source);
    if (h->reporter) {
        tf_buf_text(out, ",\"reporter\":");
        tf_buf_json(out, h->reporter);
    }
    if (h->index)
        tf_buf_printf(out, ",\"index\":%" PRIu64, h->index);
    if (h->next_us != INT64_MAX) {
        tf_buf_char(out, ',');
        api_print_time(out, "next_heartbeat_expected_before", h->next_us, true);
    }
    tf_buf_char(out, '}');
}

static void print_members(struct api_call *call)
{
    const struct dss_reply *reply = &call->command.reply;
    struct tf_buf *out = &call->exchange->out;
    tf_buf_text(out, "{\"dss_instances\":[");
    for (size_t i = 0; i < reply->member_count; i++) {
        const struct dss_member *m = &reply->members[i];
        tf_buf_text(out, i ? ",{\"id\":" : "{\"id\":");
        tf_buf_json(out, m->name);
        if (m->endpoint) {
            tf_buf_text(out, ",\"public_endpoint\":");
            tf_buf_json(out, m->endpoint);
        }
        if (m->last.source)
            print_heartbeat(out, &m->last);
        tf_buf_char(out, '}');
    }
    tf_buf_text(out, "]}");
}

static enum tf_status run_members(struct api_call *call, struct dss_db *db,
                                  const struct dss_context *context, struct dss_reply *reply)
{
    (void)call;
    (void)context;
    return dss_members_get(db, reply);
}

/* A time of the query, RFC 3339; false after an answer. */
static bool query_time(struct api_call *call, const char *name, int64_t *out_us)
{
    char text[64];
    int64_t ns;
    struct http_slice query = call->exchange->head->query;
    if (!http_query_has(query, name))
        return true;
    if (!http_query_value(query, name, text, sizeof text) ||
        tf_time_parse(text, strlen(text), &ns) != TF_OK) {
        api_refuse(call, 400, "must be a time as RFC 3339 writes it", name);
        return false;
    }
    *out_us = ns / 1000 - (ns % 1000 < 0);
    return true;
}

static bool parse_heartbeat(struct api_call *call)
{
    struct dss_heartbeat *h = &call->in.heartbeat;
    struct http_slice query = call->exchange->head->query;
    *h = (struct dss_heartbeat){.source = call->param[0], .at_us = INT64_MIN, .next_us = INT64_MAX};
    if (!http_query_value(query, "source", call->param[0], API_PARAM_SIZE) || !*h->source) {
        api_refuse(call, 400, "is needed, with 159 bytes at most", "source");
        return false;
    }
    return query_time(call, "timestamp", &h->at_us) &&
           query_time(call, "next_heartbeat_expected_before", &h->next_us);
}

static enum tf_status run_heartbeat(struct api_call *call, struct dss_db *db,
                                    const struct dss_context *context, struct dss_reply *reply)
{
    return dss_heartbeat_put(db, context, &call->in.heartbeat, reply);
}

/* --- how the pool is set up ---------------------------------------------------------------- */

static bool read_file(const char *path, struct tf_buf *out)
{
    char bytes[4096];
    size_t n;
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        tf_buf_append(out, bytes, n);
    bool good = !ferror(file) && !tf_buf_status(out);
    fclose(file);
    return good;
}

/* Each certificate of a PEM file as a string, without what stands between them. */
static void print_pems(struct tf_buf *out, char *pem)
{
    static const char head[] = "-----BEGIN CERTIFICATE-----", tail[] = "-----END CERTIFICATE-----";
    char *at = pem, *end;
    for (size_t i = 0; (at = strstr(at, head)) && (end = strstr(at, tail)); i++) {
        end += sizeof tail - 1;
        char next = *end;
        *end = '\0';
        if (i)
            tf_buf_char(out, ',');
        tf_buf_json(out, at);
        *end = next;
        at = end;
    }
}

/* Read each time, as the database's library does, so that it is true after a rotation. */
static void print_certificates(struct api_call *call, const char *file)
{
    struct tf_buf pem = TF_BUF_INIT(1 << 20);
    if (file && *file && !read_file(file, &pem)) {
        api_refuse(call, 503, "the file of certificates cannot be read at present", NULL);
    } else {
        tf_buf_text(&call->exchange->out, "{\"CAs\":[");
        if (pem.data)
            print_pems(&call->exchange->out, pem.data);
        tf_buf_text(&call->exchange->out, "]}");
    }
    tf_buf_release(&pem);
}

static void print_accepted(struct api_call *call)
{
    print_certificates(call, api_settings(call->api)->accepted_ca);
}

static void print_own(struct api_call *call)
{
    print_certificates(call, api_settings(call->api)->instance_ca);
}

static void print_options(struct api_call *call)
{
    const struct api_config *config = api_settings(call->api);
    bool global = config->is_cluster && config->lock == POOL_LOCK_GLOBAL;
    bool hash = config->is_cluster && config->lock == POOL_LOCK_HASH;
    tf_buf_printf(&call->exchange->out,
                  "{\"scd_global_lock\":%s,\"scd_hash_lock\":%s,"
                  "\"time_based_notification_index\":%s}",
                  global ? "true" : "false", hash ? "true" : "false",
                  config->index_is_time ? "true" : "false");
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
    PLAIN(CONFIGURATION "/accepted_ca_certs", {NULL}, print_accepted),
    PLAIN(CONFIGURATION "/ca_certs", {NULL}, print_own),
    PLAIN(CONFIGURATION "/global_options", POOL_READ, print_options),
    {HTTP_GET, POOL "/dss_instances", POOL_READ, NULL, run_members, print_members, false,
     DSS_MEMBERS, 0},
    {HTTP_PUT,
     POOL "/dss_instances/heartbeat",
     {"interuss.pool_status.heartbeat.write"},
     parse_heartbeat,
     run_heartbeat,
     print_members,
     true,
     DSS_MEMBERS,
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
