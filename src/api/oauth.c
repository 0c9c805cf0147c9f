/*
 * oauth.c - tokens over HTTP, from the built-in issuer.
 */
#include "api/oauth.h"

#include "api/api.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LIFETIME_S = 3600, SECRET_SIZE = 256, PEER_SLOTS = 512 };
static const char no_store[] = "Cache-Control: no-store\r\nPragma: no-cache\r\n";

struct client {
    char id[TOKEN_SUB_SIZE], hash[crypto_pwhash_STRBYTES], scopes[TOKEN_SCOPE_SIZE];
};
/* Requests that an address may still make, refilled with time. Addresses that share a slot
 * share the allowance. */
struct allowance {
    int64_t at_s;
    int left;
};
struct oauth {
    struct oauth_config config;
    char *private_pem, *public_pem;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;
    pthread_t thread;
    bool stopping;
    struct client *clients;
    size_t client_count;
    struct api_call *queue[OAUTH_QUEUE];
    size_t head, count;
    struct allowance peers[PEER_SLOTS];
    char decoy[crypto_pwhash_STRBYTES]; /* checked when there is no such client */
};

enum tf_status oauth_hash(const char *secret, char out[128])
{
    _Static_assert(crypto_pwhash_STRBYTES <= 128, "fits");
    return crypto_pwhash_str(out, secret, strlen(secret), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0
               ? TF_OK
               : TF_NOMEM;
}

/* --- the clients --------------------------------------------------------------------------- */

static const char *word(const char *at, const char *end, char *out, size_t size)
{
    size_t len = 0;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (at + len < end && at[len] != ' ' && at[len] != '\t')
        len++;
    if (len == 0 || len >= size)
        return NULL;
    memcpy(out, at, len);
    out[len] = '\0';
    return at + len;
}

static bool read_client(const char *at, const char *end, struct client *out)
{
    char scope[128];
    size_t len = 0;
    at = word(at, end, out->id, sizeof out->id);
    at = at ? word(at, end, out->hash, sizeof out->hash) : NULL;
    if (!at || strncmp(out->hash, "$argon2", 7) != 0)
        return false;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    for (; at < end; len = strlen(out->scopes)) {
        at = word(at, end, scope, sizeof scope);
        if (!at || len + strlen(scope) + 2 > sizeof out->scopes)
            return false;
        snprintf(out->scopes + len, sizeof out->scopes - len, "%s%s", len ? " " : "", scope);
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
    }
    return len > 0;
}

/* The line without what surrounds it; false: empty or a comment. */
static bool trim(const char **at, const char **end)
{
    while (*at < *end && strchr(" \t\r", **at))
        ++*at;
    while (*end > *at && strchr(" \t\r", (*end)[-1]))
        --*end;
    return *at < *end && **at != '#';
}

/* Reads the lines into an array of OAUTH_MAX_CLIENTS. */
static enum tf_status read_clients(const char *text, struct client *clients, size_t *count,
                                   char why[160])
{
    int line = 1;
    *count = 0;
    for (const char *at = text, *next; *at; at = next, line++) {
        const char *end = at + strcspn(at, "\n");
        next = *end ? end + 1 : end;
        if (!trim(&at, &end))
            continue;
        if (*count == OAUTH_MAX_CLIENTS || !read_client(at, end, &clients[*count])) {
            snprintf(why, 160, "line %d is not a client, a hash and scopes, or is one too many",
                     line);
            return TF_SYNTAX;
        }
        ++*count;
    }
    return TF_OK;
}

enum tf_status oauth_check_clients(const char *text, size_t *count, char why[160])
{
    struct client *clients = calloc(OAUTH_MAX_CLIENTS, sizeof *clients);
    enum tf_status rc = clients ? read_clients(text, clients, count, why) : TF_NOMEM;
    free(clients);
    return rc;
}

enum tf_status oauth_set_clients(struct oauth *oauth, const char *text, char why[160])
{
    struct client *clients = calloc(OAUTH_MAX_CLIENTS, sizeof *clients), *old;
    size_t count;
    enum tf_status rc = clients ? read_clients(text, clients, &count, why) : TF_NOMEM;
    if (rc) {
        free(clients);
        return rc;
    }
    pthread_mutex_lock(&oauth->lock);
    old = oauth->clients;
    oauth->clients = clients;
    oauth->client_count = count;
    pthread_mutex_unlock(&oauth->lock);
    free(old);
    return TF_OK;
}

/* Checks the secret of a client; takes long, without the lock. */
static bool authenticate(struct oauth *oauth, const char *id, const char *secret,
                         char scopes[TOKEN_SCOPE_SIZE])
{
    char hash[crypto_pwhash_STRBYTES];
    bool known = false;
    pthread_mutex_lock(&oauth->lock);
    memcpy(hash, oauth->decoy, sizeof hash);
    for (size_t i = 0; i < oauth->client_count && !known; i++)
        if (strcmp(oauth->clients[i].id, id) == 0) {
            memcpy(hash, oauth->clients[i].hash, sizeof hash);
            snprintf(scopes, TOKEN_SCOPE_SIZE, "%s", oauth->clients[i].scopes);
            known = true;
        }
    pthread_mutex_unlock(&oauth->lock);
    return crypto_pwhash_str_verify(hash, secret, strlen(secret)) == 0 && known;
}

/* --- answers --------------------------------------------------------------------------------- */

static void refuse(struct api_call *call, int status, const char *error, const char *description)
{
    struct tf_buf *out = &call->exchange->out;
    call->exchange->status = status;
    call->exchange->headers = status == 401   ? "WWW-Authenticate: Basic realm=\"tafadi\"\r\n"
                              : status == 429 ? "Retry-After: 2\r\n"
                                              : no_store;
    tf_buf_clear(out);
    tf_buf_text(out, "{\"error\":");
    tf_buf_json(out, error);
    tf_buf_text(out, ",\"error_description\":");
    tf_buf_json(out, description);
    tf_buf_text(out, ",\"message\":");
    tf_buf_json(out, description);
    tf_buf_char(out, '}');
}

static void answer(struct api_call *call, struct token_request *request)
{
    struct oauth *oauth = api_settings(call->api)->oauth;
    struct tf_buf token = TF_BUF_INIT(TOKEN_MAX), *out = &call->exchange->out;
    unsigned char random[16];
    char jti[33];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(jti, sizeof jti, random, sizeof random);
    request->jti = jti;
    request->now_s = (int64_t)time(NULL);
    if (token_issue(request, oauth->private_pem, &token)) {
        refuse(call, 400, "invalid_request", "the token would be too long");
    } else {
        call->exchange->status = 200;
        call->exchange->headers = no_store;
        tf_buf_text(out, "{\"access_token\":");
        tf_buf_json(out, token.data);
        tf_buf_printf(out, ",\"token_type\":\"Bearer\",\"expires_in\":%lld,\"scope\":",
                      (long long)request->lifetime_s);
        tf_buf_json(out, request->scope);
        tf_buf_char(out, '}');
    }
    tf_buf_release(&token);
}

/* --- client credentials ------------------------------------------------------------------------
 */

struct credentials {
    char id[TOKEN_SUB_SIZE], secret[SECRET_SIZE];
};

/* "Basic base64(id:secret)", both form-encoded (RFC 6749, 2.3.1). */
static bool basic_credentials(struct http_slice value, struct credentials *out)
{
    char plain[2 * SECRET_SIZE + 1];
    size_t len;
    if (value.len < 6 || strncmp(value.at, "Basic ", 6) != 0 ||
        sodium_base642bin((unsigned char *)plain, sizeof plain - 1, value.at + 6, value.len - 6,
                          NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    plain[len] = '\0';
    char *colon = strchr(plain, ':');
    bool good = colon &&
                http_decode((struct http_slice){plain, (size_t)(colon - plain)}, true, out->id,
                            sizeof out->id, NULL) &&
                http_decode((struct http_slice){colon + 1, strlen(colon + 1)}, true, out->secret,
                            sizeof out->secret, NULL);
    sodium_memzero(plain, sizeof plain);
    return good;
}

static bool credentials_of(const struct api_call *call, struct http_slice form,
                           struct credentials *out)
{
    struct http_slice value = http_header(call->exchange->head, "authorization");
    if (value.at)
        return basic_credentials(value, out);
    return http_query_value(form, "client_id", out->id, sizeof out->id) &&
           http_query_value(form, "client_secret", out->secret, sizeof out->secret);
}

/* Is every word of `asked` among the permitted ones? */
static bool are_permitted(const char *asked, const char *permitted)
{
    char one[TOKEN_SCOPE_SIZE];
    size_t words = 0;
    for (const char *at = asked; *at;) {
        size_t len = strcspn(at, " ");
        snprintf(one, sizeof one, "%.*s", (int)len, at);
        if (len > 0 && !token_has_scope(permitted, one))
            return false;
        words += len > 0;
        at += len + (at[len] == ' ');
    }
    return words > 0;
}

static void grant(struct oauth *oauth, struct api_call *call, struct credentials *who)
{
    struct http_slice form = {call->exchange->body, call->exchange->body_len};
    char grant_type[64], permitted[TOKEN_SCOPE_SIZE], scope[TOKEN_SCOPE_SIZE], audience[256];
    if (!http_query_value(form, "grant_type", grant_type, sizeof grant_type)) {
        refuse(call, 400, "invalid_request", "grant_type is missing");
        return;
    }
    if (strcmp(grant_type, "client_credentials") != 0) {
        refuse(call, 400, "unsupported_grant_type", "grant_type must be client_credentials");
        return;
    }
    if (!credentials_of(call, form, who) || !authenticate(oauth, who->id, who->secret, permitted)) {
        refuse(call, 401, "invalid_client", "the client or its secret is wrong");
        return;
    }
    if (!http_query_has(form, "scope"))
        snprintf(scope, sizeof scope, "%s", permitted);
    else if (!http_query_value(form, "scope", scope, sizeof scope) ||
             !are_permitted(scope, permitted)) {
        refuse(call, 400, "invalid_scope", "a scope is not among those of the client");
        return;
    }
    if (!http_query_value(form, "audience", audience, sizeof audience) &&
        !http_query_value(form, "intended_audience", audience, sizeof audience))
        snprintf(audience, sizeof audience, "%s", oauth->config.audience);
    struct token_request request = {.issuer = "tafadi",
                                    .sub = who->id,
                                    .aud = audience,
                                    .scope = scope,
                                    .lifetime_s = LIFETIME_S};
    answer(call, &request);
}

static void *work(void *arg)
{
    struct oauth *oauth = arg;
    for (;;) {
        struct credentials who;
        pthread_mutex_lock(&oauth->lock);
        while (oauth->count == 0 && !oauth->stopping)
            pthread_cond_wait(&oauth->wake, &oauth->lock);
        if (oauth->count == 0) {
            pthread_mutex_unlock(&oauth->lock);
            return NULL;
        }
        struct api_call *call = oauth->queue[oauth->head];
        oauth->head = (oauth->head + 1) % OAUTH_QUEUE;
        oauth->count--;
        pthread_mutex_unlock(&oauth->lock);
        grant(oauth, call, &who);
        sodium_memzero(&who, sizeof who);
        api_finish(call);
    }
}

/* With the lock. */
static bool is_allowed(struct oauth *oauth, const char *peer)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (const char *p = peer; *p; p++)
        hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
    struct allowance *a = &oauth->peers[hash % PEER_SLOTS];
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t refill = ((int64_t)t.tv_sec - a->at_s) / OAUTH_REFILL_S;
    if (a->at_s == 0 || refill >= OAUTH_BURST)
        a->left = OAUTH_BURST, a->at_s = (int64_t)t.tv_sec;
    else if (refill > 0) {
        a->left = a->left + (int)refill > OAUTH_BURST ? OAUTH_BURST : a->left + (int)refill;
        a->at_s += refill * OAUTH_REFILL_S;
    }
    if (a->left == 0)
        return false;
    a->left--;
    return true;
}

static void on_token(struct api_call *call)
{
    struct oauth *oauth = api_settings(call->api)->oauth;
    const char *refusal = NULL;
    if (!oauth || !oauth->config.endpoint) {
        api_refuse(call, 404, "this node issues no tokens", NULL);
        api_finish(call);
        return;
    }
    pthread_mutex_lock(&oauth->lock);
    if (!is_allowed(oauth, call->exchange->peer)) {
        refusal = "too many requests from this address";
    } else if (oauth->count == OAUTH_QUEUE) {
        refusal = "too many requests are waiting";
    } else {
        oauth->queue[(oauth->head + oauth->count++) % OAUTH_QUEUE] = call;
        pthread_cond_signal(&oauth->wake);
    }
    pthread_mutex_unlock(&oauth->lock);
    if (refusal) {
        refuse(call, 429, "slow_down", refusal);
        api_finish(call);
    }
}

/* --- for development, and the key set -----------------------------------------------------------
 */

static void print_dummy(struct api_call *call)
{
    struct oauth *oauth = api_settings(call->api)->oauth;
    struct http_slice query = call->exchange->head->query;
    char sub[TOKEN_SUB_SIZE], scope[TOKEN_SCOPE_SIZE], audience[256], issuer[256], expire[24];
    int64_t lifetime_s = LIFETIME_S;
    if (!oauth || !oauth->config.dummy) {
        api_refuse(call, 404, "this node issues no tokens", NULL);
        return;
    }
    if (!http_query_value(query, "intended_audience", audience, sizeof audience) ||
        !http_query_value(query, "scope", scope, sizeof scope) ||
        !http_query_value(query, "sub", sub, sizeof sub)) {
        api_refuse(call, 400, "intended_audience, scope and sub are needed", NULL);
        return;
    }
    if (!http_query_value(query, "issuer", issuer, sizeof issuer))
        snprintf(issuer, sizeof issuer, "dummy");
    if (http_query_value(query, "expire", expire, sizeof expire)) {
        char *end;
        lifetime_s = (int64_t)strtoll(expire, &end, 10) - (int64_t)time(NULL);
        if (*end || end == expire || lifetime_s < 1 || lifetime_s > 86400) {
            api_refuse(call, 400, "must be a Unix time within the next day", "expire");
            return;
        }
    }
    struct token_request request = {
        .issuer = issuer, .sub = sub, .aud = audience, .scope = scope, .lifetime_s = lifetime_s};
    answer(call, &request);
}

static void print_key_set(struct api_call *call)
{
    struct oauth *oauth = api_settings(call->api)->oauth;
    if (!oauth)
        api_refuse(call, 404, "this node issues no tokens", NULL);
    else if (token_public_set(oauth->public_pem, &call->exchange->out))
        api_refuse(call, 500, "the issuer's public key cannot be read", NULL);
}

static const struct api_route routes[] = {
    {.method = HTTP_POST,
     .pattern = "/oauth/token",
     .kind = DSS_KIND_COUNT,
     .print = on_token,
     .flavour = API_DEFERRED},
    {.method = HTTP_GET, .pattern = "/token", .kind = DSS_KIND_COUNT, .print = print_dummy},
    {.method = HTTP_GET,
     .pattern = "/.well-known/jwks.json",
     .kind = DSS_KIND_COUNT,
     .print = print_key_set},
};
const struct api_routes api_oauth_routes = {routes, sizeof routes / sizeof *routes};

/* --- life --------------------------------------------------------------------------------------
 */

static void release(struct oauth *oauth)
{
    if (oauth->private_pem)
        sodium_memzero(oauth->private_pem, strlen(oauth->private_pem));
    free(oauth->private_pem);
    free(oauth->public_pem);
    free(oauth->clients);
    pthread_cond_destroy(&oauth->wake);
    pthread_mutex_destroy(&oauth->lock);
    free(oauth);
}

enum tf_status oauth_new(const struct oauth_config *config, struct oauth **out)
{
    struct oauth *oauth = calloc(1, sizeof *oauth);
    if (!oauth || sodium_init() < 0) {
        free(oauth);
        return TF_NOMEM;
    }
    oauth->config = *config;
    pthread_mutex_init(&oauth->lock, NULL);
    pthread_cond_init(&oauth->wake, NULL);
    oauth->private_pem = strdup(config->private_pem);
    oauth->public_pem = strdup(config->public_pem);
    enum tf_status rc = oauth->private_pem && oauth->public_pem ? TF_OK : TF_NOMEM;
    if (!rc)
        rc = oauth_hash("decoy", oauth->decoy);
    if (!rc && pthread_create(&oauth->thread, NULL, work, oauth) != 0)
        rc = TF_NOMEM;
    if (rc)
        release(oauth);
    else
        *out = oauth;
    return rc;
}

void oauth_free(struct oauth *oauth)
{
    if (!oauth)
        return;
    pthread_mutex_lock(&oauth->lock);
    oauth->stopping = true;
    pthread_cond_signal(&oauth->wake);
    pthread_mutex_unlock(&oauth->lock);
    pthread_join(oauth->thread, NULL);
    release(oauth);
}
