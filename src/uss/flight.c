/*
 * flight.c - InterUSS's flight planning interface v1 (0.7.0), by which a test suite plays the user
 * of this USS: /flight_planning/v1/... A flight plan's id is that of its operational intent.
 *
 *   usage_state  uas_state       operational intent
 *   Planned      Nominal         Accepted
 *   InUse        Nominal         Activated
 *   InUse        OffNominal      Nonconforming
 *   InUse        Contingent      Contingent
 *   Closed       any             ended
 */
#include "uss/internal.h"
#include "uss/telemetry.h"

#include "format/f3548.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <tafadi/conflict.h>

#define BASE "/flight_planning/v1"
#define PLANS BASE "/flight_plans/"
#define DIRECT "interuss.flight_planning.direct_automated_test"
#define PLAN "interuss.flight_planning.plan"

enum { ANSWER_MS = 8500, REQUEST_ID_MAX = 128, REQUEST_KEY_SIZE = TOKEN_SUB_SIZE + 140 };

struct flight_job {
    struct uss_job job; /* first */
    struct uss_plan plan;
    struct uss_volumes area;
    struct uss_position *reports; /* telemetry that is injected; owned */
    size_t report_count;
    struct tf_volume4 extent; /* of what is to be cleared */
    bool closes, has_extent;
    int64_t after_us, before_us; /* of notifications */
    char request[REQUEST_KEY_SIZE];
};

static void release(struct uss_job *job)
{
    struct flight_job *f = (struct flight_job *)job;
    uss_volumes_release(&f->area);
    free(f->reports);
    if (f->has_extent)
        tf_volume4_release(&f->extent);
    free(f);
}

/* --- answers ------------------------------------------------------------------------------------
 */

static const char *status_word(enum tf_state state)
{
    switch (state) {
    case TF_STATE_ACCEPTED:
        return "Planned";
    case TF_STATE_ACTIVATED:
        return "OkToFly";
    case TF_STATE_NONCONFORMING:
    case TF_STATE_CONTINGENT:
        return "OffNominal";
    case TF_STATE_ENDED:
        return "Closed";
    default:
        return "NotPlanned";
    }
}

static void put_outcome(struct tf_buf *out, const struct uss_outcome *outcome)
{
    static const char *const words[] = {[USS_COMPLETED] = "Completed",
                                        [USS_REJECTED] = "Rejected",
                                        [USS_FAILED] = "Failed",
                                        [USS_NOT_SUPPORTED] = "NotSupported"};
    tf_buf_printf(out, "{\"planning_result\":\"%s\",\"flight_plan_status\":\"%s\"",
                  words[outcome->result], status_word(outcome->state));
    if (outcome->notes[0]) {
        tf_buf_text(out, ",\"notes\":");
        tf_buf_json(out, outcome->notes);
    }
    tf_buf_char(out, '}');
}

/* --- planning -----------------------------------------------------------------------------------
 */

struct answer {
    const char *request;
    struct tf_buf body;
};

static enum tf_status deed_find_answer(void *ctx, const struct line_context *c)
{
    struct answer *answer = ctx;
    tf_buf_clear(&answer->body);
    return uss_answer_find(c, answer->request, &answer->body);
}

static enum tf_status deed_keep_answer(void *ctx, const struct line_context *c)
{
    struct answer *answer = ctx;
    return uss_answer_put(c, answer->request, answer->body.data);
}

/* What a flight had queued is replaced by what comes with its next version. */
static enum tf_status deed_reports(void *ctx, const struct line_context *c)
{
    const struct flight_job *f = ctx;
    enum tf_status rc = uss_telemetry_unqueue(c, &f->plan.id);
    for (size_t i = 0; !rc && i < f->report_count; i++)
        rc = uss_telemetry_add(c, &f->plan.id, &f->reports[i]);
    return rc;
}

static void queue_reports(struct uss *uss, struct flight_job *f, struct uss_outcome *outcome)
{
    if (outcome->result != USS_COMPLETED || f->closes || !uss_in_party(uss, deed_reports, f))
        return;
    snprintf(outcome->notes, sizeof outcome->notes, "its telemetry could not be taken");
}

static void run_plan(struct uss *uss, struct uss_job *job)
{
    struct flight_job *f = (struct flight_job *)job;
    struct answer answer = {.request = f->request, .body = TF_BUF_INIT(65536)};
    struct uss_outcome outcome;
    enum tf_status rc = uss_in_party(uss, deed_find_answer, &answer);
    if (rc == TF_NOT_FOUND) {
        f->plan.area = &f->area;
        if (f->closes)
            uss_plan_close(uss, &f->plan.id, job->until_ms, &outcome);
        else
            uss_plan_put(uss, &f->plan, job->until_ms, &outcome);
        queue_reports(uss, f, &outcome);
        tf_buf_clear(&answer.body);
        put_outcome(&answer.body, &outcome);
        rc = tf_buf_status(&answer.body);
        if (!rc) /* if it cannot be kept, a repeated request is planned again: the same result */
            (void)!uss_in_party(uss, deed_keep_answer, &answer);
    }
    if (rc) {
        uss_refuse_status(job->exchange, rc);
    } else {
        job->exchange->status = 200;
        tf_buf_append(&job->exchange->out, answer.body.data, answer.body.len);
    }
    tf_buf_release(&answer.body);
}

static void run_delete(struct uss *uss, struct uss_job *job)
{
    struct flight_job *f = (struct flight_job *)job;
    struct uss_outcome outcome;
    uss_plan_close(uss, &f->plan.id, job->until_ms, &outcome);
    if (outcome.result == USS_REJECTED && outcome.state == TF_STATE_DRAFT) {
        uss_refuse(job->exchange, 404, "there is no such flight plan", NULL);
        return;
    }
    job->exchange->status = 200;
    put_outcome(&job->exchange->out, &outcome);
}

/* --- clearing an area
 * ------------------------------------------------------------------------------ */

struct clearing {
    const struct tf_volume4 *extent;
    struct tf_uuid id[256];
    size_t count;
    const struct line_context *c;
    enum tf_status rc;
};

static bool note_flight(void *ctx, const struct tf_uuid *id, int64_t end_us)
{
    struct clearing *clearing = ctx;
    struct tf_volume4 one = *clearing->extent;
    struct uss_details extent = {.nominal = {&one, 1}};
    struct uss_flight flight = {0};
    (void)end_us;
    clearing->rc = uss_flight_find(clearing->c, id, &flight);
    if (!clearing->rc &&
        (uss_details_meet(&extent, &flight.details) || uss_details_meet(&extent, &flight.wanted)))
        clearing->id[clearing->count++] = *id;
    uss_flight_release(&flight);
    return !clearing->rc && clearing->count < sizeof clearing->id / sizeof *clearing->id;
}

static enum tf_status deed_list(void *ctx, const struct line_context *c)
{
    struct clearing *clearing = ctx;
    clearing->c = c;
    clearing->count = 0;
    clearing->rc = TF_OK;
    enum tf_status rc = uss_flight_each(c, false, note_flight, clearing);
    return rc ? rc : clearing->rc;
}

static void run_clear(struct uss *uss, struct uss_job *job)
{
    struct flight_job *f = (struct flight_job *)job;
    struct clearing clearing = {.extent = &f->extent};
    struct uss_outcome outcome = {.result = USS_COMPLETED};
    enum tf_status rc = uss_in_party(uss, deed_list, &clearing);
    bool good = rc == TF_OK;
    for (size_t i = 0; good && i < clearing.count; i++) {
        uss_plan_close(uss, &clearing.id[i], job->until_ms, &outcome);
        good = outcome.result == USS_COMPLETED || outcome.state == TF_STATE_DRAFT;
    }
    job->exchange->status = 200;
    tf_buf_printf(&job->exchange->out,
                  "{\"outcome\":{\"success\":%s,\"message\":", good ? "true" : "false");
    tf_buf_json(&job->exchange->out, rc ? tf_status_text(rc) : outcome.notes);
    tf_buf_text(&job->exchange->out, "}}");
}

/* --- reading requests
 * -------------------------------------------------------------------------------- */

static bool refuse_field(struct http_exchange *exchange, const char *field, const char *message)
{
    uss_refuse(exchange, 400, message, field);
    return false;
}

static bool choose(const json_t *value, const char *const *words, int *out)
{
    const char *word = json_string_value(value);
    for (*out = 0; word && words[*out]; ++*out)
        if (strcmp(words[*out], word) == 0)
            return true;
    return false;
}

/* What it means as a state; *is_supported: that there is one. False after an answer. */
static bool read_state(struct flight_job *f, const json_t *basic, bool *is_supported)
{
    static const char *const usages[] = {"Planned", "InUse", "Closed", NULL};
    static const char *const uas[] = {"Nominal", "NotSpecified", "OffNominal", "Contingent", NULL};
    struct http_exchange *exchange = f->job.exchange;
    const json_t *uas_at = json_object_get(basic, "uas_state");
    int usage, craft = 0;
    if (!choose(json_object_get(basic, "usage_state"), usages, &usage))
        return refuse_field(exchange, "usage_state", "must be Planned, InUse or Closed");
    if (uas_at && !json_is_null(uas_at) && !choose(uas_at, uas, &craft))
        return refuse_field(exchange, "uas_state",
                            "must be Nominal, OffNominal, Contingent or NotSpecified");
    f->closes = usage == 2;
    f->plan.state = craft == 2   ? TF_STATE_NONCONFORMING
                    : craft == 3 ? TF_STATE_CONTINGENT
                    : usage == 1 ? TF_STATE_ACTIVATED
                                 : TF_STATE_ACCEPTED;
    *is_supported = f->closes || usage == 1 || craft < 2;
    return true;
}

static bool read_priority(struct flight_job *f, const json_t *plan)
{
    const json_t *at = json_object_get(json_object_get(plan, "astm_f3548_21"), "priority");
    json_int_t value = json_integer_value(at);
    if (at && !json_is_null(at) && (!json_is_integer(at) || value < INT_MIN || value > INT_MAX))
        return refuse_field(f->job.exchange, "astm_f3548_21.priority", "must be a whole number");
    f->plan.priority = (int)value;
    return true;
}

static bool read_reports(struct flight_job *f, const json_t *plan)
{
    const json_t *telemetry = json_object_get(plan, "telemetry");
    const json_t *states = json_object_get(telemetry, "states");
    struct tf_fault fault;
    size_t n = json_array_size(states);
    if ((telemetry && !json_is_null(telemetry) && !json_is_object(telemetry)) ||
        (states && !json_is_null(states) && !json_is_array(states)) ||
        n > USS_REPORTS_OF_ONE_MAX / 2)
        return refuse_field(f->job.exchange, "telemetry.states", "must be a list of at most 500");
    f->reports = calloc(n + 1, sizeof *f->reports);
    if (!f->reports) {
        uss_refuse(f->job.exchange, 503, "out of memory", NULL);
        return false;
    }
    for (; f->report_count < n; f->report_count++)
        if (uss_read_aircraft(json_array_get(states, f->report_count), "telemetry.states",
                              &f->reports[f->report_count], &fault)) {
            uss_refuse_fault(f->job.exchange, &fault);
            return false;
        }
    return true;
}

static bool read_request_id(struct flight_job *f, const json_t *body, const char *sender)
{
    const char *id = json_string_value(json_object_get(body, "request_id"));
    if (!id || !*id || strlen(id) > REQUEST_ID_MAX)
        return refuse_field(f->job.exchange, "request_id", "must be a text of 1 to 128 bytes");
    snprintf(f->request, sizeof f->request, "%s/%s", sender, id);
    return true;
}

static bool not_supported(struct flight_job *f, const char *why)
{
    struct uss_outcome outcome = {.result = USS_NOT_SUPPORTED, .state = TF_STATE_DRAFT};
    snprintf(outcome.notes, sizeof outcome.notes, "%s", why);
    f->job.exchange->status = 200;
    put_outcome(&f->job.exchange->out, &outcome);
    return false;
}

/* False after an answer. */
static bool read_upsert(struct flight_job *f, const json_t *body, const char *sender)
{
    static const char *const styles[] = {"IfAllowed", "InReality", "Hypothetical", NULL};
    const json_t *plan = json_object_get(body, "flight_plan");
    const json_t *basic = json_object_get(plan, "basic_information");
    struct tf_fault fault;
    int style;
    if (!json_is_object(basic))
        return refuse_field(f->job.exchange, "flight_plan.basic_information", "is required");
    if (!choose(json_object_get(body, "execution_style"), styles, &style))
        return refuse_field(f->job.exchange, "execution_style",
                            "must be Hypothetical, IfAllowed or InReality");
    f->plan.is_reality = style == 1;
    bool is_supported;
    if (!read_state(f, basic, &is_supported) || !read_request_id(f, body, sender) ||
        !read_priority(f, plan) || !read_reports(f, plan))
        return false;
    if (style == 2)
        return not_supported(f, "hypothetical plans are not answered");
    if (!is_supported)
        return not_supported(f, "what is only planned cannot be off nominal");
    if (f->closes)
        return true;
    enum tf_status rc = uss_read_volumes(json_object_get(basic, "area"), "area", &f->area, &fault);
    if (rc == TF_UNSUPPORTED)
        return not_supported(f, "altitudes must be above the ellipsoid (W84)");
    if (rc)
        uss_refuse_fault(f->job.exchange, &fault);
    return rc == TF_OK;
}

static bool read_clear(struct flight_job *f, const json_t *body, const char *sender)
{
    struct tf_json root = tf_json_root(body), extent = tf_json_get(&root, "extent");
    struct tf_fault fault;
    if (!read_request_id(f, body, sender))
        return false;
    f->has_extent = tf_f3548_volume(&extent, &f->extent, &fault) == TF_OK;
    if (!f->has_extent)
        uss_refuse_fault(f->job.exchange, &fault);
    return f->has_extent;
}

/* --- what our people were told ------------------------------------------------------------ */

struct notices {
    struct flight_job *f;
    struct tf_buf out;
};

static bool put_notice(void *ctx, int64_t at_us, const char *json)
{
    struct notices *notices = ctx;
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(at_us * 1000, at);
    tf_buf_printf(&notices->out,
                  "%s{\"observed_at\":{\"value\":\"%s\",\"format\":\"RFC3339\"},"
                  "\"conflicts\":\"Single\",\"message\":",
                  notices->out.len ? "," : "", at);
    tf_buf_json(&notices->out, json);
    tf_buf_char(&notices->out, '}');
    return true;
}

static enum tf_status deed_notices(void *ctx, const struct line_context *c)
{
    struct notices *notices = ctx;
    tf_buf_clear(&notices->out);
    enum tf_status rc =
        uss_alert_each(c, notices->f->after_us, notices->f->before_us, put_notice, notices);
    return rc ? rc : tf_buf_status(&notices->out);
}

static void run_notices(struct uss *uss, struct uss_job *job)
{
    struct notices notices = {.f = (struct flight_job *)job, .out = TF_BUF_INIT(4 << 20)};
    enum tf_status rc = uss_in_party(uss, deed_notices, &notices);
    if (rc) {
        uss_refuse_status(job->exchange, rc);
    } else {
        job->exchange->status = 200;
        tf_buf_text(&job->exchange->out, "{\"user_notifications\":[");
        tf_buf_append(&job->exchange->out, notices.out.data, notices.out.len);
        tf_buf_text(&job->exchange->out, "]}");
    }
    tf_buf_release(&notices.out);
}

static bool read_time(struct flight_job *f, const char *name, bool required, int64_t *out_us)
{
    char text[64];
    int64_t ns;
    struct http_slice query = f->job.exchange->head->query;
    if (!required && !http_query_has(query, name))
        return true;
    if (!http_query_value(query, name, text, sizeof text) ||
        tf_time_parse(text, strlen(text), &ns) != TF_OK)
        return refuse_field(f->job.exchange, name, "must be a time as RFC 3339 writes it");
    *out_us = ns / 1000;
    return true;
}

/* --- routes
 * ------------------------------------------------------------------------------------------- */

enum what { STATUS, CLEAR, UPSERT, DELETE, NOTICES };
static const struct route {
    enum http_method method;
    const char *path; /* whole, or up to the id */
    bool has_id;
    const char *scopes[3];
    enum what what;
    const char *label;
} routes[] = {
    {HTTP_GET, BASE "/status", false, {DIRECT}, STATUS, BASE "/status"},
    {HTTP_POST, BASE "/clear_area_requests", false, {DIRECT}, CLEAR, BASE "/clear_area_requests"},
    {HTTP_PUT, PLANS, true, {PLAN}, UPSERT, PLANS "{}"},
    {HTTP_GET, BASE "/user_notifications", false, {PLAN}, NOTICES, BASE "/user_notifications"},
    /* The document says the former, the suite's clients show the latter. */
    {HTTP_DELETE, PLANS, true, {DIRECT, PLAN}, DELETE, PLANS "{}"}};

static const struct route *find_route(const struct http_head *head)
{
    enum http_method method = head->method == HTTP_HEAD ? HTTP_GET : head->method;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        size_t len = strlen(routes[i].path);
        if (routes[i].method == method &&
            (routes[i].has_id ? head->path.len > len : head->path.len == len) &&
            memcmp(head->path.at, routes[i].path, len) == 0)
            return &routes[i];
    }
    return NULL;
}

static void put_ready(struct http_exchange *exchange)
{
    exchange->status = 200;
    tf_buf_text(&exchange->out,
                "{\"status\":\"Ready\",\"api_name\":\"Flight Planning Automated Testing "
                "Interface\",\"api_version\":\"v0.7.0\"}");
}

/* False after an answer. */
static bool read_request(struct flight_job *f, const struct route *route, const char *sender)
{
    json_t *body = NULL;
    bool good = true;
    if (route->what == NOTICES) {
        f->job.run = run_notices;
        f->before_us = uss_now_ns() / 1000;
        return read_time(f, "after", true, &f->after_us) &&
               read_time(f, "before", false, &f->before_us);
    }
    f->job.run = route->what == UPSERT ? run_plan : route->what == DELETE ? run_delete : run_clear;
    if (route->has_id && !uss_path_id(f->job.exchange->head->path, PLANS, "", &f->plan.id))
        return refuse_field(f->job.exchange, "flight_plan_id", "must be a UUID of version 4");
    if (route->what == DELETE)
        return true;
    if (!uss_body(f->job.exchange, &body))
        return false;
    good = route->what == UPSERT ? read_upsert(f, body, sender) : read_clear(f, body, sender);
    json_decref(body);
    return good;
}

bool uss_flight_handle(struct uss *uss, struct http_exchange *exchange)
{
    const struct route *route = find_route(exchange->head);
    struct token_claims claims;
    if (!route)
        return false;
    exchange->label = route->label;
    struct flight_job *f = calloc(1, sizeof *f);
    if (!uss->config.admit(uss->config.ctx, exchange, route->scopes, &claims)) {
        free(f);
        http_reply(exchange);
        return true;
    }
    if (route->what == STATUS || !f) {
        free(f);
        if (route->what == STATUS)
            put_ready(exchange);
        else
            uss_refuse(exchange, 503, "out of memory", NULL);
        http_reply(exchange);
        return true;
    }
    f->job = (struct uss_job){
        .exchange = exchange, .release = release, .until_ms = uss_clock_ms() + ANSWER_MS};
    bool ready = read_request(f, route, claims.sub);
    if (ready && uss_submit(uss, &f->job) == TF_OK)
        return true;
    if (ready)
        uss_refuse(exchange, 503, "too many plans are waiting; try again", NULL);
    release(&f->job);
    http_reply(exchange);
    return true;
}
