/*
 * serve.c - what peers ask of a USS and tell it: /uss/v1/...
 */
#include "uss/constraint.h"
#include "uss/internal.h"
#include "uss/telemetry.h"

#include <stdio.h>
#include <stdlib.h>

/* Made from openapi.json at build time. */
extern const unsigned char uss_openapi[];
extern const unsigned uss_openapi_size;

#define INTENTS "/uss/v1/operational_intents"
#define CONSTRAINTS "/uss/v1/constraints"
#define TELEMETRY "/telemetry"

enum { REPORT_MAX = 65536 };

/* A request that the party's thread answers. */
struct visit {
    struct party_command command; /* first */
    struct uss *uss;
    struct http_exchange *exchange;
    struct token_claims claims;
    struct tf_uuid id;
    struct uss_notice notice;
    struct tf_buf text;  /* what run() found */
    enum tf_state state; /* DRAFT: not known */
    bool has_telemetry;
    /* Fills the response after what run() did is on the disk. */
    void (*answer)(struct visit *visit);
};

/* Keeps the exchange with somebody whose token is good for log sets, and sends the answer. */
static void reply(struct uss *uss, struct http_exchange *x)
{
    static const char bearer[] = "Bearer ";
    static const char *const methods[] = {
        [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST"};
    const size_t known = sizeof methods / sizeof *methods, skip = sizeof bearer - 1;
    struct http_slice token = http_header(x->head, "authorization"), target = x->head->target;
    struct tf_buf url = TF_BUF_INIT(65536);
    bool has_token = token.len > skip && memcmp(token.at, bearer, skip) == 0;
    size_t method = (size_t)x->head->method;
    tf_buf_text(&url, uss->config.base_url);
    tf_buf_append(&url, target.at, target.len);
    const struct uss_exchange exchange = {
        .method = method < known && methods[method] ? methods[method] : "other",
        .url = url.data ? url.data : "",
        .token = has_token ? token.at + skip : NULL,
        .token_len = has_token ? token.len - skip : 0,
        .asked_us = (uss_now_ns() - (uss_clock_ms() * 1000000 - x->begun_ns)) / 1000,
        .answered_us = uss_now_ns() / 1000,
        .request = x->body,
        .request_len = x->body_len,
        .answer = x->out.data,
        .answer_len = x->out.len,
        .status = x->status,
        .problem = ""};
    uss_log_keep(&uss->log, &exchange);
    tf_buf_release(&url);
    http_reply(x);
}

static void visit_free(struct visit *v)
{
    uss_notice_release(&v->notice);
    tf_buf_release(&v->text);
    free(v);
}

static void on_done(struct party_command *command, enum tf_status rc)
{
    struct visit *v = (struct visit *)command;
    struct http_exchange *exchange = v->exchange;
    struct uss *uss = v->uss;
    if (rc)
        uss_refuse_status(exchange, rc);
    else
        v->answer(v);
    visit_free(v);
    reply(uss, exchange);
}

static void submit(struct visit *v)
{
    struct http_exchange *exchange = v->exchange;
    struct uss *uss = v->uss;
    v->command.done = on_done;
    v->command.actor = v->claims.sub;
    if (party_submit(uss->config.party, &v->command) == TF_OK)
        return;
    uss_refuse_status(exchange, TF_BUSY);
    visit_free(v);
    reply(uss, exchange);
}

/* --- details ------------------------------------------------------------------------------------
 */

static enum tf_status details_run(struct party_command *command, const struct line_context *c)
{
    struct visit *v = (struct visit *)command;
    tf_buf_clear(&v->text);
    v->state = TF_STATE_DRAFT;
    return uss_flight_print(c, &v->id, &v->text, &v->state);
}

static void details_answer(struct visit *v)
{
    v->exchange->status = 200;
    tf_buf_text(&v->exchange->out, "{\"operational_intent\":");
    tf_buf_append(&v->exchange->out, v->text.data, v->text.len);
    tf_buf_char(&v->exchange->out, '}');
}

static enum tf_status telemetry_run(struct party_command *command, const struct line_context *c)
{
    struct visit *v = (struct visit *)command;
    enum tf_status rc = details_run(command, c);
    tf_buf_clear(&v->text);
    if (!rc)
        rc = uss_telemetry_print(c, &v->id, &v->text);
    v->has_telemetry = rc == TF_OK;
    return rc == TF_NOT_FOUND && v->state != TF_STATE_DRAFT ? TF_OK : rc;
}

/* It is due in those states only that have left what was planned. */
static void telemetry_answer(struct visit *v)
{
    bool off_nominal = v->state == TF_STATE_NONCONFORMING || v->state == TF_STATE_CONTINGENT;
    if (!off_nominal) {
        uss_refuse(v->exchange, 409, "it is not in an off-nominal state", NULL);
    } else if (!v->has_telemetry) {
        uss_refuse(v->exchange, 412, "there is no telemetry of it", NULL);
    } else {
        v->exchange->status = 200;
        tf_buf_append(&v->exchange->out, v->text.data, v->text.len);
    }
}

static enum tf_status constraint_run(struct party_command *command, const struct line_context *c)
{
    struct visit *v = (struct visit *)command;
    tf_buf_clear(&v->text);
    return uss_constraint_print(c, &v->id, &v->text);
}

static void constraint_answer(struct visit *v)
{
    v->exchange->status = 200;
    tf_buf_text(&v->exchange->out, "{\"constraint\":");
    tf_buf_append(&v->exchange->out, v->text.data, v->text.len);
    tf_buf_char(&v->exchange->out, '}');
}

/* --- notifications and reports -----------------------------------------------------------------
 */

static enum tf_status notice_run(struct party_command *command, const struct line_context *c)
{
    struct visit *v = (struct visit *)command;
    return uss_heard_put(c, v->claims.sub, &v->notice);
}

static void notice_answer(struct visit *v)
{
    atomic_fetch_add(&v->uss->heard, 1);
    v->exchange->status = 204;
}

static bool read_notice(struct visit *v, bool is_constraint)
{
    struct tf_fault fault;
    json_t *json;
    if (!uss_body(v->exchange, &json))
        return false;
    enum tf_status rc = uss_read_notice(json, is_constraint, &v->notice, &fault);
    json_decref(json);
    if (rc) {
        atomic_fetch_add(&v->uss->heard_refused, 1);
        uss_refuse_fault(v->exchange, &fault);
    }
    return rc == TF_OK;
}

static enum tf_status report_run(struct party_command *command, const struct line_context *c)
{
    struct visit *v = (struct visit *)command;
    return uss_report_put(c, v->claims.sub, v->exchange->body, v->exchange->body_len, &v->id);
}

static void report_answer(struct visit *v)
{
    json_t *report = json_loadb(v->exchange->body, v->exchange->body_len, 0, NULL);
    char id[TF_UUID_TEXT_SIZE];
    tf_uuid_format(&v->id, id);
    json_object_set_new(report, "report_id", json_string(id));
    char *text = json_dumps(report, JSON_COMPACT);
    json_decref(report);
    v->exchange->status = text ? 201 : 503;
    tf_buf_text(&v->exchange->out, text ? text : "{}");
    free(text);
}

static bool read_report(struct visit *v)
{
    json_t *json;
    if (v->exchange->body_len > REPORT_MAX) {
        uss_refuse(v->exchange, 413, "a report has at most 65,536 bytes", NULL);
        return false;
    }
    if (!uss_body(v->exchange, &json))
        return false;
    bool good = json_is_object(json_object_get(json, "exchange"));
    json_decref(json);
    if (!good)
        uss_refuse(v->exchange, 400, "is required", "exchange");
    return good;
}

/* --- routes
 * ------------------------------------------------------------------------------------------ */

#define ALL_SCOPES                                                                                 \
    USS_SCOPE_SC, USS_SCOPE_CMSA, "utm.constraint_management", "utm.constraint_processing",        \
        "utm.availability_arbitration"
enum what { DOCUMENT, DETAILS, TELEMETRY_OF, NOTICE, CONSTRAINT, CONSTRAINT_NOTICE, REPORT };
static const struct route {
    enum http_method method;
    const char *prefix, *suffix; /* around an id; suffix NULL: the whole path */
    const char *scopes[6];
    enum what what;
    const char *label;
} routes[] = {
    {HTTP_GET, "/uss/v1/openapi.json", NULL, {NULL}, DOCUMENT, "/uss/v1/openapi.json"},
    {HTTP_GET, INTENTS "/", TELEMETRY, {USS_SCOPE_CMSA}, TELEMETRY_OF, INTENTS "/{}" TELEMETRY},
    {HTTP_GET, INTENTS "/", "", {USS_SCOPE_SC}, DETAILS, INTENTS "/{}"},
    {HTTP_POST, INTENTS, NULL, {USS_SCOPE_SC}, NOTICE, INTENTS},
    {HTTP_GET, CONSTRAINTS "/", "", {"utm.constraint_processing"}, CONSTRAINT, CONSTRAINTS "/{}"},
    {HTTP_POST, CONSTRAINTS, NULL, {"utm.constraint_management"}, CONSTRAINT_NOTICE, CONSTRAINTS},
    {HTTP_POST, "/uss/v1/reports", NULL, {ALL_SCOPES}, REPORT, "/uss/v1/reports"}};

static bool fits(const struct route *route, struct http_slice path)
{
    size_t len = strlen(route->prefix), tail = route->suffix ? strlen(route->suffix) : 0;
    if (path.len < len || memcmp(path.at, route->prefix, len) != 0)
        return false;
    if (!route->suffix)
        return path.len == len;
    return path.len >= len + tail && memcmp(path.at + path.len - tail, route->suffix, tail) == 0 &&
           !memchr(path.at + len, '/', path.len - len - tail);
}

static const struct route *find_route(const struct http_head *head, bool *known_path)
{
    enum http_method method = head->method == HTTP_HEAD ? HTTP_GET : head->method;
    *known_path = false;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (fits(&routes[i], head->path)) {
            if (routes[i].method == method)
                return &routes[i];
            *known_path = true;
        }
    return NULL;
}

/* Sets the visit up; false after an answer. */
static bool prepare(struct visit *v, const struct route *route)
{
    struct http_slice path = v->exchange->head->path;
    if (route->suffix && !uss_path_id(path, route->prefix, route->suffix, &v->id)) {
        uss_refuse(v->exchange, 400, "must be a UUID of version 4", "entityid");
        return false;
    }
    switch (route->what) {
    case DETAILS:
    case TELEMETRY_OF:
        v->command.run = route->what == DETAILS ? details_run : telemetry_run;
        v->answer = route->what == DETAILS ? details_answer : telemetry_answer;
        return true;
    case NOTICE:
    case CONSTRAINT_NOTICE:
        v->command.run = notice_run;
        v->answer = notice_answer;
        return read_notice(v, route->what == CONSTRAINT_NOTICE);
    case REPORT:
        v->command.run = report_run;
        v->answer = report_answer;
        return read_report(v);
    case CONSTRAINT:
    default:
        v->command.run = constraint_run;
        v->answer = constraint_answer;
        return true;
    }
}

static void handle(struct uss *uss, struct http_exchange *exchange)
{
    bool known_path;
    const struct route *route = find_route(exchange->head, &known_path);
    struct visit *v = route ? calloc(1, sizeof *v) : NULL;
    bool is_admitted = false;
    if (route && route->what == DOCUMENT) {
        exchange->status = 200;
        exchange->label = route->label;
        tf_buf_append(&exchange->out, (const char *)uss_openapi, uss_openapi_size);
        free(v);
    } else if (!route) {
        uss_refuse(exchange, 404,
                   known_path ? "this method is not served here" : "there is no such path", NULL);
    } else if (!v) {
        uss_refuse(exchange, 503, "out of memory", NULL);
    } else {
        v->uss = uss;
        v->exchange = exchange;
        v->text.max = 2 * USS_BODY_MAX;
        exchange->label = route->label;
        is_admitted = uss->config.admit(uss->config.ctx, exchange, route->scopes, &v->claims);
        if (is_admitted && prepare(v, route)) {
            submit(v);
            return;
        }
        visit_free(v);
    }
    if (is_admitted)
        reply(uss, exchange);
    else
        http_reply(exchange); /* of nobody known: it is not kept */
}

static bool begins(struct http_slice path, const char *with)
{
    size_t len = strlen(with);
    return path.len >= len && memcmp(path.at, with, len) == 0;
}

bool uss_serves(const struct uss *uss, struct http_slice path)
{
    return begins(path, "/uss/v1/") ||
           (uss->config.flight_planning && begins(path, "/flight_planning/v1/"));
}

void uss_handle(struct uss *uss, struct http_exchange *exchange)
{
    if (!uss->config.flight_planning || !uss_flight_handle(uss, exchange))
        handle(uss, exchange);
}
