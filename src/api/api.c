/*
 * api.c - from exchange to route, through authorisation, to the rule.
 *
 * Verified tokens are remembered, whole, until they expire, since a client sends
 * the same one for an hour and verifying costs more than most requests.
 */
#include "api/api.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CACHE_SLOTS = 1024,
    CACHE_TOKEN_MAX = 2048,
    STATUS_CLASSES = 6,
    LATENCY_BUCKETS = 14,
    MAX_ROUTES = 80
};

struct cached {
    size_t len;
    char *token; /* owned */
    struct token_claims claims;
};
struct route_metrics {
    atomic_uint_least64_t classes[STATUS_CLASSES], buckets[LATENCY_BUCKETS], sum_us;
};
struct api {
    struct api_config config;
    pthread_rwlock_t lock; /* of keys and cache */
    struct token_keys *keys;
    uint64_t generation; /* of keys */
    struct cached *cache;
    unsigned char cache_key[crypto_shorthash_KEYBYTES]; /* so that slots cannot be aimed at */
    atomic_uint_least64_t conflicts;                    /* refused changes of operational intents */
    struct route_metrics metrics[MAX_ROUTES];
};

static const struct api_routes *const tables[] = {&api_f3548_routes, &api_f3411_routes,
                                                  &api_aux_routes, &api_oauth_routes};

enum tf_status api_new(const struct api_config *config, struct api **out)
{
    struct api *api = calloc(1, sizeof *api);
    struct cached *cache = calloc(CACHE_SLOTS, sizeof *cache);
    if (!api || !cache) {
        free(api);
        free(cache);
        return TF_NOMEM;
    }
    api->config = *config;
    api->cache = cache;
    crypto_shorthash_keygen(api->cache_key);
    pthread_rwlock_init(&api->lock, NULL);
    *out = api;
    return TF_OK;
}

/* What was verified with keys that may no longer be trusted. */
static void forget_tokens(struct api *api)
{
    for (size_t i = 0; i < CACHE_SLOTS; i++)
        free(api->cache[i].token);
    memset(api->cache, 0, CACHE_SLOTS * sizeof *api->cache);
}

void api_free(struct api *api)
{
    if (!api)
        return;
    pthread_rwlock_destroy(&api->lock);
    token_keys_free(api->keys);
    forget_tokens(api);
    free(api->cache);
    free(api);
}

void api_set_keys(struct api *api, struct token_keys *keys)
{
    pthread_rwlock_wrlock(&api->lock);
    struct token_keys *old = api->keys;
    api->keys = keys;
    api->generation++;
    forget_tokens(api);
    pthread_rwlock_unlock(&api->lock);
    token_keys_free(old);
}

struct node *api_node(struct api *api)
{
    return api->config.node;
}

const struct api_config *api_settings(const struct api *api)
{
    return &api->config;
}

/* --- answering -------------------------------------------------------------------- */

static void call_free(struct api_call *call)
{
    dss_reply_release(&call->command.reply);
    tf_jdoc_release(&call->body);
    free(call->cells);
    free(call->key);
    free(call);
}

/* What the exchange holds is the answer; its observer needs the route. */
static void close_call(struct api_call *call)
{
    call->exchange->user = (void *)(uintptr_t)call->route;
    call_free(call);
}

void api_finish(struct api_call *call)
{
    struct http_exchange *x = call->exchange;
    close_call(call);
    http_reply(x);
}

void api_refuse(struct api_call *call, int status, const char *message, const char *detail)
{
    call->exchange->status = status;
    tf_buf_clear(&call->exchange->out);
    api_print_message(&call->exchange->out, message, detail);
    tf_buf_char(&call->exchange->out, '}');
}

static void print_answer(struct api_call *call)
{
    const struct dss_reply *reply = &call->command.reply;
    enum tf_status rc = call->command.rc;
    if (rc == TF_OK) {
        call->exchange->status = reply->status;
        if (reply->status >= 400 && reply->status != 409)
            api_refuse(call, reply->status, reply->message, reply->detail);
        else
            call->route->print(call);
    } else if (rc == TF_LIMIT) {
        api_refuse(call, 507,
                   "the change could not be stored (disk full or failing); nothing "
                   "was applied",
                   NULL);
    } else if (rc == TF_NOT_FOUND) {
        api_refuse(call, 503,
                   "the database was lost while committing: read the entity to see "
                   "whether the change was applied",
                   NULL);
    } else {
        api_refuse(call, 503, "the node is busy; nothing was applied; try again", NULL);
    }
}

static void on_complete(struct http_exchange *x)
{
    struct api_call *call = x->user;
    if (!atomic_load(&x->cancelled))
        print_answer(call);
    close_call(call);
}

/* The writer only says what came of it; the answer is made where the connection lives. */
static void on_done(struct node_command *command, enum tf_status rc)
{
    struct api_call *call = (struct api_call *)command; /* its first member */
    command->rc = rc;
    call->exchange->user = call;
    call->exchange->complete = on_complete;
    http_reply(call->exchange);
}

static enum tf_status on_run(struct node_command *command, struct dss_db *db,
                             const struct dss_context *context, struct dss_reply *reply)
{
    struct api_call *call = (struct api_call *)command;
    return call->route->run(call, db, context, reply);
}

static bool on_ask_cancelled(struct node_command *command)
{
    return atomic_load(&((struct api_call *)command)->exchange->cancelled);
}

static bool on_claim(struct node_command *command)
{
    return http_claim(((struct api_call *)command)->exchange);
}

/* --- routing ------------------------------------------------------------------------------ */

/* Fits path to pattern; {} takes one segment, which may be empty. */
static bool path_fits(const char *pattern, struct http_slice path, struct api_call *call)
{
    const char *p = path.at, *end = path.at + path.len;
    call->param_count = 0;
    while (*pattern) {
        if (pattern[0] != '{') {
            if (p == end || *p++ != *pattern++)
                return false;
            continue;
        }
        const char *stop = memchr(p, '/', (size_t)(end - p));
        struct http_slice segment = {p, (size_t)((stop ? stop : end) - p)};
        if (!http_decode(segment, false, call->param[call->param_count++], API_PARAM_SIZE, NULL))
            return false;
        p += segment.len;
        pattern += 2;
    }
    return p == end;
}

static bool path_is_text(struct http_slice path)
{
    char decoded[HTTP_MAX_TARGET + 1];
    return http_decode(path, false, decoded, sizeof decoded, NULL);
}

static const struct api_route *find_route(struct api_call *call, bool *known_path)
{
    const struct http_head *head = call->exchange->head;
    enum http_method method = head->method == HTTP_HEAD ? HTTP_GET : head->method;
    *known_path = false;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct api_route *route = &tables[t]->routes[i];
            if (!path_fits(route->pattern, head->path, call))
                continue;
            if (route->method == method)
                return route;
            *known_path = true;
        }
    return NULL;
}

/* --- authorisation --------------------------------------------------------------------------- */

static int64_t now_s(void)
{
    return (int64_t)time(NULL);
}

static struct cached *slot_of(struct api *api, struct http_slice token)
{
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)token.at, token.len,
                     api->cache_key);
    return &api->cache[hash % CACHE_SLOTS];
}

static bool look_up(struct api *api, struct http_slice token, struct token_claims *out)
{
    pthread_rwlock_rdlock(&api->lock);
    const struct cached *c = slot_of(api, token);
    bool found = c->len == token.len && memcmp(c->token, token.at, token.len) == 0 &&
                 c->claims.exp_s > now_s();
    if (found)
        *out = c->claims;
    pthread_rwlock_unlock(&api->lock);
    return found;
}

/* What was verified by keys of a generation; nothing if they have been replaced since. */
static void remember(struct api *api, struct http_slice token, const struct token_claims *claims,
                     uint64_t generation)
{
    char *copy = token.len <= CACHE_TOKEN_MAX ? malloc(token.len) : NULL;
    if (!copy)
        return; /* it will be verified again */
    memcpy(copy, token.at, token.len);
    pthread_rwlock_wrlock(&api->lock);
    struct cached *c = slot_of(api, token);
    char *old = copy;
    if (api->generation == generation) {
        old = c->token;
        *c = (struct cached){token.len, copy, *claims};
    }
    pthread_rwlock_unlock(&api->lock);
    free(old);
}

static bool verify(struct api *api, struct http_slice token, struct token_claims *out,
                   const char **why)
{
    struct token_rules rules = {api->config.audiences, api->config.audience_count, 3660, 5};
    if (look_up(api, token, out))
        return true;
    pthread_rwlock_rdlock(&api->lock);
    enum tf_status rc = TF_MISSING;
    if (api->keys)
        rc = token_verify(api->keys, &rules, token.at, token.len, now_s(), out, why);
    uint64_t generation = api->generation;
    pthread_rwlock_unlock(&api->lock);
    if (rc)
        return false;
    remember(api, token, out, generation);
    return true;
}

static bool bearer(const struct http_head *head, struct http_slice *token)
{
    struct http_slice value = http_header(head, "authorization");
    static const char scheme[] = "bearer ";
    if (value.len <= sizeof scheme - 1)
        return false;
    for (size_t i = 0; i < sizeof scheme - 1; i++)
        if ((value.at[i] | 0x20) != (scheme[i] | 0x20))
            return false;
    *token = (struct http_slice){value.at + 7, value.len - 7};
    while (token->len && *token->at == ' ')
        token->at++, token->len--;
    return token->len > 0;
}

/* A scope line may join words that are all needed with '+'. */
static bool has_line(const char *scopes, const char *line)
{
    char word[96];
    for (const char *at = line; *at;) {
        size_t len = strcspn(at, "+");
        snprintf(word, sizeof word, "%.*s", (int)len, at);
        if (!token_has_scope(scopes, word))
            return false;
        at += len + (at[len] == '+');
    }
    return true;
}

/* What api_refuse() writes, where there is no call. */
static bool deny(struct http_exchange *exchange, int status, const char *message,
                 const char *detail)
{
    exchange->status = status;
    tf_buf_clear(&exchange->out);
    api_print_message(&exchange->out, message, detail);
    tf_buf_char(&exchange->out, '}');
    return false;
}

bool api_admit(struct api *api, struct http_exchange *exchange, const char *const *scopes,
               struct token_claims *out)
{
    struct http_slice token;
    const char *why = "a bearer token is needed";
    if (!bearer(exchange->head, &token) || !verify(api, token, out, &why)) {
        exchange->headers = "WWW-Authenticate: Bearer\r\n";
        return deny(exchange, 401, why, NULL);
    }
    for (size_t i = 0; scopes[i]; i++)
        if (has_line(out->scope, scopes[i]))
            return true;
    return deny(exchange, 403, "the token has none of the scopes that this needs", scopes[0]);
}

static bool authorise(struct api_call *call)
{
    return !call->route->scopes[0] ||
           api_admit(call->api, call->exchange, call->route->scopes, &call->claims);
}

/* --- the walk
 * -------------------------------------------------------------------------------------- */

/* Zeroing all of it would cost more than finding the route. */
static struct api_call *call_new(void)
{
    struct api_call *call = malloc(sizeof *call);
    if (!call)
        return NULL;
    memset(call, 0, offsetof(struct api_call, claims));
    call->claims.sub[0] = call->claims.scope[0] = '\0';
    for (int i = 0; i < API_PARAMS; i++)
        call->param[i][0] = '\0';
    return call;
}

void api_handle(void *ctx, struct http_exchange *exchange)
{
    struct api *api = ctx;
    struct api_call *call = call_new();
    bool known_path;
    exchange->user = NULL;
    if (!call) {
        exchange->status = 503;
        http_reply(exchange);
        return;
    }
    call->api = api;
    call->exchange = exchange;
    call->route = find_route(call, &known_path);
    if (!call->route && !path_is_text(exchange->head->path)) {
        api_refuse(call, 400, "the path is not percent-encoded UTF-8", NULL);
        api_finish(call);
        return;
    }
    if (!call->route) {
        api_refuse(call, 404,
                   known_path ? "this method is not served here" : "there is no such path", NULL);
        api_finish(call);
        return;
    }
    if (!authorise(call) || (call->route->parse && !call->route->parse(call))) {
        api_finish(call);
        return;
    }
    if (!call->route->run) {
        exchange->status = 200;
        bool deferred = call->route->flavour == API_DEFERRED;
        call->route->print(call);
        if (!deferred)
            api_finish(call);
        return;
    }
    call->command.run = on_run;
    call->command.done = on_done;
    call->command.is_cancelled = on_ask_cancelled;
    call->command.claim = on_claim;
    call->command.caller = call->claims.sub;
    call->command.kind = call->route->kind;
    call->command.is_write = call->route->is_write;
    call->command.may_monitor =
        token_has_scope(call->claims.scope, "utm.conformance_monitoring_sa");
    if (!call->route->is_write) {
        node_read(api->config.node, &call->command);
    } else if (node_submit(api->config.node, &call->command)) {
        api_refuse(call, 503, "too many requests are waiting; try again", NULL);
        api_finish(call);
    }
}

/* --- logs and metrics
 * ------------------------------------------------------------------------------ */

static size_t route_number(const struct api_route *route)
{
    size_t base = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        if (route >= tables[t]->routes && route < tables[t]->routes + tables[t]->count)
            return base + (size_t)(route - tables[t]->routes);
        base += tables[t]->count;
    }
    return MAX_ROUTES - 1;
}

static int64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* W3C Trace Context: 00-<32 hex>-<16 hex>-<2 hex>, in lower case, ids not all zero. */
static bool is_traceparent(struct http_slice value)
{
    static const char shape[] = "hh-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh";
    if (value.len != sizeof shape - 1 || memcmp(value.at, "ff", 2) == 0)
        return false;
    for (size_t i = 0; i < value.len; i++)
        if (shape[i] == '-' ? value.at[i] != '-'
                            : !value.at[i] || !strchr("0123456789abcdef", value.at[i]))
            return false;
    static const char zeros[] = "00000000000000000000000000000000";
    return memcmp(value.at + 3, zeros, 32) != 0 && memcmp(value.at + 36, zeros, 16) != 0;
}

static void log_access(const struct http_exchange *x, const struct api_route *route, int64_t us)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OTHER"};
    char line[800], time_text[TF_TIME_TEXT_SIZE];
    struct timespec t;
    struct http_slice trace = http_header(x->head, "traceparent");
    bool traced = trace.at && is_traceparent(trace);
    clock_gettime(CLOCK_REALTIME, &t);
    tf_time_format((int64_t)t.tv_sec * 1000000000 + t.tv_nsec / 1000000 * 1000000, time_text);
    snprintf(line, sizeof line,
             "{\"ts\":\"%s\",\"level\":\"info\",\"msg\":\"request\",\"method\":\"%s\","
             "\"route\":\"%s\",\"status\":%d,\"duration_us\":%lld,\"bytes\":%zu,"
             "\"peer\":\"%s\",\"request_id\":\"%s\"%s%.*s%s%.*s%s}\n",
             time_text, methods[x->head->method],
             route      ? route->pattern
             : x->label ? x->label
                        : "",
             x->status, (long long)us, x->out.len, x->peer, x->request_id,
             traced ? ",\"trace_id\":\"" : "", traced ? 32 : 0, traced ? trace.at + 3 : "",
             traced ? "\",\"parent_id\":\"" : "", traced ? 16 : 0, traced ? trace.at + 36 : "",
             traced ? "\"" : "");
    fputs(line, stderr);
}

void api_observe(void *ctx, const struct http_exchange *x)
{
    struct api *api = ctx;
    const struct api_route *route = x->head && !x->label ? x->user : NULL;
    int64_t us = (monotonic_ns() - x->begun_ns) / 1000;
    struct route_metrics *m = &api->metrics[route ? route_number(route) : MAX_ROUTES - 1];
    unsigned bucket = 0;
    while (bucket + 1 < LATENCY_BUCKETS && us > INT64_C(100) << bucket)
        bucket++;
    atomic_fetch_add(&m->classes[x->status / 100 % STATUS_CLASSES], 1);
    atomic_fetch_add(&m->buckets[bucket], 1);
    atomic_fetch_add(&m->sum_us, (uint64_t)us);
    if (x->status == 409 && route && route->kind == DSS_OIR)
        atomic_fetch_add(&api->conflicts, 1);
    if (!api->config.quiet && x->head)
        log_access(x, route, us);
}

static void print_route_metrics(const struct route_metrics *m, const char *method,
                                const char *pattern, struct tf_buf *out)
{
    static const char name[] = "http_server_request_duration_seconds";
    uint64_t total = 0;
    for (int i = 0; i < LATENCY_BUCKETS; i++)
        total += atomic_load(&m->buckets[i]);
    if (total == 0)
        return; /* a route that nobody asked for is not worth its lines */
    total = 0;
    for (int i = 0; i < LATENCY_BUCKETS; i++) {
        total += atomic_load(&m->buckets[i]);
        if (i + 1 < LATENCY_BUCKETS)
            tf_buf_printf(out, "%s_bucket{method=\"%s\",route=\"%s\",le=\"%g\"} %llu\n", name,
                          method, pattern, 0.0001 * (double)(1 << i), (unsigned long long)total);
    }
    tf_buf_printf(out, "%s_bucket{method=\"%s\",route=\"%s\",le=\"+Inf\"} %llu\n", name, method,
                  pattern, (unsigned long long)total);
    tf_buf_printf(out, "%s_sum{method=\"%s\",route=\"%s\"} %g\n", name, method, pattern,
                  (double)atomic_load(&m->sum_us) * 1e-6);
    tf_buf_printf(out, "%s_count{method=\"%s\",route=\"%s\"} %llu\n", name, method, pattern,
                  (unsigned long long)total);
    for (int c = 2; c < STATUS_CLASSES; c++)
        if (atomic_load(&m->classes[c]))
            tf_buf_printf(out,
                          "tafadi_http_requests_total{method=\"%s\",route=\"%s\",class=\"%dxx\"} "
                          "%llu\n",
                          method, pattern, c, (unsigned long long)atomic_load(&m->classes[c]));
}

static void print_node_metrics(const struct node_metrics *m, struct tf_buf *out)
{
    static const char *const kinds[] = {"operational_intent", "constraint", "subscription",
                                        "identification_service_area", "rid_subscription"};
    const struct {
        const char *name;
        uint64_t value;
    } plain[] = {{"tafadi_queue_depth", m->queue},
                 {"tafadi_batches_total", m->batches},
                 {"tafadi_commands_total", m->commands},
                 {"tafadi_failed_batches_total", m->failed_batches},
                 {"tafadi_expired_entities_total", m->expired},
                 {"tafadi_transaction_retries_total", m->retries}};
    for (int k = 0; k < DSS_KIND_COUNT; k++)
        tf_buf_printf(out, "tafadi_entities{kind=\"%s\"} %llu\n", kinds[k],
                      (unsigned long long)m->entities[k]);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        tf_buf_printf(out, "%s %llu\n", plain[i].name, (unsigned long long)plain[i].value);
    uint64_t total = 0;
    for (int i = 0; i < 12; i++) {
        total += m->commit_buckets[i];
        if (i < 11)
            tf_buf_printf(out, "tafadi_commit_duration_seconds_bucket{le=\"%g\"} %llu\n",
                          0.0005 * (double)(1 << i), (unsigned long long)total);
    }
    tf_buf_printf(out,
                  "tafadi_commit_duration_seconds_bucket{le=\"+Inf\"} %llu\n"
                  "tafadi_commit_duration_seconds_sum %g\n"
                  "tafadi_commit_duration_seconds_count %llu\n",
                  (unsigned long long)total, (double)m->commit_sum_us * 1e-6,
                  (unsigned long long)m->commit_count);
    total = 0;
    for (int i = 0; i < 12; i++) {
        total += m->batch_buckets[i];
        if (i < 11)
            tf_buf_printf(out, "tafadi_batch_size_bucket{le=\"%d\"} %llu\n", 1 << i,
                          (unsigned long long)total);
    }
    tf_buf_printf(out,
                  "tafadi_batch_size_bucket{le=\"+Inf\"} %llu\n"
                  "tafadi_batch_size_sum %llu\ntafadi_batch_size_count %llu\n",
                  (unsigned long long)total, (unsigned long long)m->commands,
                  (unsigned long long)total);
}

void api_print_metrics(struct api *api, struct tf_buf *out)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OTHER"};
    struct node_metrics m;
    node_metrics(api->config.node, &m);
    tf_buf_printf(out,
                  "# TYPE tafadi_build_info gauge\ntafadi_build_info{version=\"%s\"} 1\n"
                  "# TYPE tafadi_entities gauge\n# TYPE tafadi_commit_duration_seconds histogram\n"
                  "# TYPE tafadi_batch_size histogram\n# TYPE tafadi_conflicts_total counter\n"
                  "# TYPE http_server_request_duration_seconds histogram\n",
                  api->config.version);
    print_node_metrics(&m, out);
    tf_buf_printf(out, "tafadi_conflicts_total %llu\n",
                  (unsigned long long)atomic_load(&api->conflicts));
    if (api->config.print_metrics)
        api->config.print_metrics(api->config.ctx, out);
    size_t number = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (size_t i = 0; i < tables[t]->count; i++, number++) {
            const struct api_route *route = &tables[t]->routes[i];
            print_route_metrics(&api->metrics[number], methods[route->method], route->pattern, out);
        }
}
