/*
 * token.c - tokens from the node's own issuer, from a file, or from a token endpoint.
 */
#include "uss/token.h"

#include "http/token.h"
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SLOTS = 64, LIFETIME_S = 3600, SPARE_S = 60, HOST_SIZE = 256, SCOPE_SIZE = 64 };

struct kept {
    char host[HOST_SIZE], scope[SCOPE_SIZE];
    char *token; /* owned; NULL: free */
    int64_t good_until_s;
};
struct uss_tokens {
    struct uss_client_config config;
    char *issuer_pem; /* owned */
    pthread_mutex_t lock;
    struct kept kept[SLOTS];
    size_t next; /* the slot to be used again */
};

enum tf_status uss_tokens_new(const struct uss_client_config *config, struct uss_tokens **out)
{
    struct uss_tokens *tokens = calloc(1, sizeof *tokens);
    char *pem = config->issuer_pem ? strdup(config->issuer_pem) : NULL;
    if (!tokens || (config->issuer_pem && !pem)) {
        free(tokens);
        free(pem);
        return TF_NOMEM;
    }
    tokens->config = *config;
    tokens->config.issuer_pem = NULL;
    tokens->issuer_pem = pem;
    pthread_mutex_init(&tokens->lock, NULL);
    *out = tokens;
    return TF_OK;
}

static void wipe(char *text)
{
    if (text)
        sodium_memzero(text, strlen(text));
    free(text);
}

void uss_tokens_free(struct uss_tokens *tokens)
{
    if (!tokens)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        wipe(tokens->kept[i].token);
    wipe(tokens->issuer_pem);
    pthread_mutex_destroy(&tokens->lock);
    free(tokens);
}

/* --- what is kept --------------------------------------------------------------------------- */

static struct kept *find(struct uss_tokens *tokens, const char *host, const char *scope)
{
    for (size_t i = 0; i < SLOTS; i++) {
        struct kept *k = &tokens->kept[i];
        if (k->token && strcmp(k->host, host) == 0 && strcmp(k->scope, scope) == 0)
            return k;
    }
    return NULL;
}

static bool look_up(struct uss_tokens *tokens, const char *host, const char *scope,
                    struct tf_buf *out)
{
    pthread_mutex_lock(&tokens->lock);
    const struct kept *k = find(tokens, host, scope);
    bool found = k && k->good_until_s > (int64_t)time(NULL);
    if (found)
        tf_buf_text(out, k->token);
    pthread_mutex_unlock(&tokens->lock);
    return found;
}

static void keep(struct uss_tokens *tokens, const char *host, const char *scope, const char *token,
                 int64_t lifetime_s)
{
    char *copy = strdup(token);
    if (!copy || lifetime_s <= SPARE_S) {
        wipe(copy);
        return; /* another one each time, then */
    }
    pthread_mutex_lock(&tokens->lock);
    struct kept *k = find(tokens, host, scope);
    if (!k) {
        k = &tokens->kept[tokens->next];
        tokens->next = (tokens->next + 1) % SLOTS;
    }
    wipe(k->token);
    k->token = copy;
    k->good_until_s = (int64_t)time(NULL) + lifetime_s - SPARE_S;
    snprintf(k->host, sizeof k->host, "%s", host);
    snprintf(k->scope, sizeof k->scope, "%s", scope);
    pthread_mutex_unlock(&tokens->lock);
}

void uss_tokens_forget(struct uss_tokens *tokens, const char *url, const char *scope)
{
    char host[HOST_SIZE];
    if (!uss_host_of(url, host, sizeof host))
        return;
    pthread_mutex_lock(&tokens->lock);
    struct kept *k = find(tokens, host, scope);
    if (k) {
        wipe(k->token);
        k->token = NULL;
    }
    pthread_mutex_unlock(&tokens->lock);
}

/* --- where they come from ------------------------------------------------------------------- */

static enum tf_status issue(struct uss_tokens *tokens, const char *host, const char *scope,
                            struct tf_buf *out)
{
    uint8_t random[16];
    char jti[33];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(jti, sizeof jti, random, sizeof random);
    struct token_request request = {.issuer = "tafadi",
                                    .sub = tokens->config.subject,
                                    .aud = host,
                                    .scope = scope,
                                    .now_s = (int64_t)time(NULL),
                                    .lifetime_s = LIFETIME_S,
                                    .jti = jti};
    enum tf_status rc = token_issue(&request, tokens->issuer_pem, out);
    if (!rc)
        keep(tokens, host, scope, out->data, LIFETIME_S);
    return rc;
}

/* Read each time: something else keeps it fresh. */
static enum tf_status read_file(const char *path, struct tf_buf *out, char why[USS_WHY_SIZE])
{
    char text[TOKEN_MAX + 1];
    FILE *file = fopen(path, "re");
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (!file)
        snprintf(why, USS_WHY_SIZE, "%s: %s", path, strerror(errno));
    if (file)
        fclose(file);
    text[n] = '\0';
    n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+/=");
    if (n == 0) {
        if (file)
            snprintf(why, USS_WHY_SIZE, "%s: there is no token in it", path);
        return TF_MISSING;
    }
    tf_buf_append(out, text, n);
    sodium_memzero(text, sizeof text);
    return tf_buf_status(out);
}

static void put_form(struct tf_buf *out, const char *name, const char *value)
{
    tf_buf_printf(out, "%s%s=", out->len ? "&" : "", name);
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= 'a' && *c <= 'z') || strchr("-._~", *c);
        if (plain)
            tf_buf_char(out, (char)*c);
        else
            tf_buf_printf(out, "%%%02X", *c);
    }
}

static enum tf_status take_answer(struct uss_tokens *tokens, const struct uss_request *r,
                                  const char *host, const char *scope, struct tf_buf *out,
                                  char why[USS_WHY_SIZE])
{
    json_t *answer = r->status == 200 ? json_loadb(r->answer.data ? r->answer.data : "",
                                                   r->answer.len, JSON_REJECT_DUPLICATES, NULL)
                                      : NULL;
    const char *token = json_string_value(json_object_get(answer, "access_token"));
    json_int_t lifetime_s = json_integer_value(json_object_get(answer, "expires_in"));
    enum tf_status rc = TF_MISSING;
    if (token && *token && strlen(token) <= TOKEN_MAX && !strpbrk(token, " \r\n\t")) {
        tf_buf_text(out, token);
        rc = tf_buf_status(out);
        keep(tokens, host, scope, token, lifetime_s);
    } else if (r->status) {
        snprintf(why, USS_WHY_SIZE, "the token endpoint answered %ld, without a token", r->status);
    } else {
        snprintf(why, USS_WHY_SIZE, "the token endpoint: %.200s", r->why);
    }
    json_decref(answer);
    return rc;
}

/* The dummy issuers of test environments take a GET with "intended_audience"; it is told from a
 * token endpoint by having no secret. */
static enum tf_status fetch(struct uss_tokens *tokens, struct uss_client *client, const char *host,
                            const char *scope, long timeout_ms, struct tf_buf *out,
                            char why[USS_WHY_SIZE])
{
    const struct uss_client_config *config = &tokens->config;
    bool has_secret = config->client_secret != NULL;
    struct tf_buf form = TF_BUF_INIT(4096);
    struct uss_request r = {.method = has_secret ? "POST" : "GET", .body = TF_BUF_INIT(4096)};
    struct uss_request *one = &r;
    put_form(&form, "grant_type", "client_credentials");
    put_form(&form, "scope", scope);
    put_form(&form, has_secret ? "audience" : "intended_audience", host);
    put_form(&form, has_secret ? "client_id" : "sub", config->client_id);
    if (has_secret)
        put_form(&form, "client_secret", config->client_secret);
    enum tf_status rc = tf_buf_status(&form);
    int len = snprintf(r.url, sizeof r.url, "%s%s%s", config->token_url, has_secret ? "" : "?",
                       has_secret || !form.data ? "" : form.data);
    if (has_secret) {
        r.content_type = "Content-Type: application/x-www-form-urlencoded";
        tf_buf_append(&r.body, form.data, form.len);
    }
    if (!rc && len >= (int)sizeof r.url)
        rc = TF_LIMIT;
    if (!rc) {
        uss_client_do(client, &one, 1, timeout_ms);
        rc = take_answer(tokens, &r, host, scope, out, why);
    }
    if (form.data)
        sodium_memzero(form.data, form.len);
    if (r.body.data)
        sodium_memzero(r.body.data, r.body.len);
    tf_buf_release(&form);
    uss_request_release(&r);
    return rc;
}

enum tf_status uss_tokens_get(struct uss_tokens *tokens, struct uss_client *client, const char *url,
                              const char *scope, long timeout_ms, struct tf_buf *out,
                              char why[USS_WHY_SIZE])
{
    char host[HOST_SIZE];
    if (!uss_host_of(url, host, sizeof host)) {
        snprintf(why, USS_WHY_SIZE, "this URL has no host");
        return TF_SYNTAX;
    }
    if (tokens->config.token_file)
        return read_file(tokens->config.token_file, out, why);
    if (look_up(tokens, host, scope, out))
        return tf_buf_status(out);
    return tokens->config.token_url ? fetch(tokens, client, host, scope, timeout_ms, out, why)
                                    : issue(tokens, host, scope, out);
}
