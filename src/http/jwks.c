/*
 * jwks.c - fetching JWK sets with libcurl, bounded in time and size.
 */
#include "http/jwks.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct source {
    const char *url;
    char label[128];   /* the URL without its query, for metrics */
    struct tf_buf set; /* the last good one; empty: none yet */
    bool failing;
    uint64_t good, failed;
    int64_t good_at_s;
};
struct jwks {
    struct jwks_config config;
    pthread_mutex_t lock; /* of the sources and the two below */
    pthread_cond_t wake;
    bool stopping, now;
    pthread_t thread;
    struct source sources[JWKS_MAX_URLS];
};

static bool is_loopback(const char *host)
{
    static const char *const names[] = {"localhost", "[::1]", "::1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(host, names[i]) == 0)
            return true;
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host);
}

static bool is_permitted(CURLU *url, bool allow_http, const char **why)
{
    char *scheme = NULL, *host = NULL, *user = NULL;
    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
    curl_url_get(url, CURLUPART_HOST, &host, 0);
    curl_url_get(url, CURLUPART_USER, &user, 0);
    *why = NULL;
    if (!scheme || !host)
        *why = "it is not a URL with a scheme and a host";
    else if (user)
        *why = "it must not contain a user name";
    else if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
        *why = "it must begin with https://";
    else if (strcmp(scheme, "http") == 0 && !allow_http && !is_loopback(host))
        *why = "keys must come over https, except from this machine";
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    return !*why;
}

enum tf_status jwks_check_url(const char *url, bool allow_http, char why[160])
{
    const char *reason = "it is not a URL";
    CURLU *parsed = curl_url();
    bool good = parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
                is_permitted(parsed, allow_http, &reason);
    curl_url_cleanup(parsed);
    if (!good)
        snprintf(why, 160, "%s", reason);
    return good ? TF_OK : TF_UNSUPPORTED;
}

/* --- one fetch ----------------------------------------------------------------------------- */

static size_t take(char *bytes, size_t size, size_t count, void *user)
{
    struct tf_buf *body = user;
    tf_buf_append(body, bytes, size * count);
    return tf_buf_status(body) ? 0 : count; /* 0 ends the transfer */
}

/* Not 0 ends the transfer: nobody waits for it any more. */
static int on_progress(void *user, curl_off_t down, curl_off_t got, curl_off_t up, curl_off_t sent)
{
    struct jwks *jwks = user;
    (void)down, (void)got, (void)up, (void)sent;
    pthread_mutex_lock(&jwks->lock);
    bool stopping = jwks->stopping;
    pthread_mutex_unlock(&jwks->lock);
    return stopping;
}

static bool fetch(struct jwks *jwks, const char *url, struct tf_buf *body, char why[160])
{
    char error[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();
    bool good = curl;
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {{CURLOPT_NOSIGNAL, 1},
                   {CURLOPT_NOPROGRESS, 0},
                   {CURLOPT_FAILONERROR, 1},
                   {CURLOPT_FOLLOWLOCATION, 0},
                   {CURLOPT_TIMEOUT, JWKS_TIMEOUT_S},
                   {CURLOPT_CONNECTTIMEOUT, JWKS_TIMEOUT_S / 2},
                   {CURLOPT_MAXFILESIZE, JWKS_MAX_BYTES}};
    for (size_t i = 0; good && i < sizeof numbers / sizeof *numbers; i++)
        good = curl_easy_setopt(curl, numbers[i].option, numbers[i].value) == CURLE_OK;
    good = good && curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, jwks) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, "tafadi") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, body) == CURLE_OK;
    CURLcode rc = good ? curl_easy_perform(curl) : CURLE_OUT_OF_MEMORY;
    if (rc != CURLE_OK)
        snprintf(why, 160, "%.150s", error[0] ? error : curl_easy_strerror(rc));
    curl_easy_cleanup(curl);
    return rc == CURLE_OK;
}

/* A set counts only if a key of it can be used. */
static bool is_usable(const struct tf_buf *body, char why[160])
{
    struct token_keys *keys;
    if (token_keys_new(&keys)) {
        snprintf(why, 160, "out of memory");
        return false;
    }
    bool good = token_keys_add_jwks(keys, body->data ? body->data : "", body->len, why) == TF_OK;
    token_keys_free(keys);
    return good;
}

/* Takes over what was fetched; true if it is another set than before. */
static bool settle(struct jwks *jwks, struct source *source, struct tf_buf *body, bool good)
{
    bool another = false;
    pthread_mutex_lock(&jwks->lock);
    source->failing = !good;
    if (good) {
        source->good++;
        source->good_at_s = (int64_t)time(NULL);
        another =
            body->len != source->set.len || memcmp(body->data, source->set.data, body->len) != 0;
        struct tf_buf old = source->set;
        source->set = *body;
        *body = old;
    } else {
        source->failed++;
    }
    pthread_mutex_unlock(&jwks->lock);
    return another;
}

static bool refresh_one(struct jwks *jwks, struct source *source)
{
    struct tf_buf body = TF_BUF_INIT(JWKS_MAX_BYTES);
    char why[160] = "";
    bool was_failing = source->failing; /* written by this thread only */
    bool good = fetch(jwks, source->url, &body, why) && is_usable(&body, why);
    bool another = settle(jwks, source, &body, good);
    if (!good)
        jwks->config.report(jwks->config.ctx, source->url, why);
    else if (was_failing)
        jwks->config.report(jwks->config.ctx, source->url, NULL);
    tf_buf_release(&body);
    return another;
}

static bool refresh_all(struct jwks *jwks)
{
    bool another = false;
    for (size_t i = 0; i < jwks->config.url_count; i++)
        another |= refresh_one(jwks, &jwks->sources[i]);
    return another;
}

/* --- the thread ----------------------------------------------------------------------------- */

/* Waits for the next turn; false: stopping. */
static bool wait_turn(struct jwks *jwks)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += JWKS_REFRESH_S;
    pthread_mutex_lock(&jwks->lock);
    int rc = 0;
    while (!jwks->stopping && !jwks->now && rc == 0)
        rc = pthread_cond_timedwait(&jwks->wake, &jwks->lock, &until);
    jwks->now = false;
    bool stopping = jwks->stopping;
    pthread_mutex_unlock(&jwks->lock);
    return !stopping;
}

static void *keep_fresh(void *arg)
{
    struct jwks *jwks = arg;
    while (wait_turn(jwks))
        if (refresh_all(jwks))
            jwks->config.changed(jwks->config.ctx);
    return NULL;
}

static void release(struct jwks *jwks)
{
    for (size_t i = 0; i < jwks->config.url_count; i++)
        tf_buf_release(&jwks->sources[i].set);
    pthread_cond_destroy(&jwks->wake);
    pthread_mutex_destroy(&jwks->lock);
    free(jwks);
}

static enum tf_status prepare(struct jwks *jwks, char why[160])
{
    for (size_t i = 0; i < jwks->config.url_count; i++) {
        struct source *source = &jwks->sources[i];
        enum tf_status rc = jwks_check_url(jwks->config.urls[i], jwks->config.allow_http, why);
        if (rc)
            return rc;
        source->url = jwks->config.urls[i];
        source->set.max = JWKS_MAX_BYTES;
        snprintf(source->label, sizeof source->label, "%.*s", (int)strcspn(source->url, "?#"),
                 source->url);
    }
    return TF_OK;
}

enum tf_status jwks_start(const struct jwks_config *config, struct jwks **out, char why[160])
{
    pthread_condattr_t attributes;
    if (config->url_count > JWKS_MAX_URLS) {
        snprintf(why, 160, "at most %d URLs of keys", JWKS_MAX_URLS);
        return TF_LIMIT;
    }
    struct jwks *jwks = calloc(1, sizeof *jwks);
    if (!jwks || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(jwks);
        return TF_NOMEM;
    }
    jwks->config = *config;
    pthread_mutex_init(&jwks->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&jwks->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    enum tf_status rc = prepare(jwks, why);
    if (!rc)
        refresh_all(jwks);
    if (!rc && pthread_create(&jwks->thread, NULL, keep_fresh, jwks) != 0)
        rc = TF_NOMEM;
    if (rc)
        release(jwks);
    else
        *out = jwks;
    return rc;
}

void jwks_stop(struct jwks *jwks)
{
    if (!jwks)
        return;
    pthread_mutex_lock(&jwks->lock);
    jwks->stopping = true;
    pthread_cond_signal(&jwks->wake);
    pthread_mutex_unlock(&jwks->lock);
    pthread_join(jwks->thread, NULL);
    release(jwks);
}

void jwks_refresh(struct jwks *jwks)
{
    pthread_mutex_lock(&jwks->lock);
    jwks->now = true;
    pthread_cond_signal(&jwks->wake);
    pthread_mutex_unlock(&jwks->lock);
}

enum tf_status jwks_add(struct jwks *jwks, struct token_keys *keys, char why[160])
{
    enum tf_status rc = TF_OK;
    pthread_mutex_lock(&jwks->lock);
    for (size_t i = 0; i < jwks->config.url_count && !rc; i++) {
        const struct tf_buf *set = &jwks->sources[i].set;
        if (set->len > 0)
            rc = token_keys_add_jwks(keys, set->data, set->len, why);
    }
    pthread_mutex_unlock(&jwks->lock);
    return rc;
}

void jwks_print_metrics(struct jwks *jwks, struct tf_buf *out)
{
    int64_t now_s = (int64_t)time(NULL);
    tf_buf_text(out, "# TYPE tafadi_jwks_fetches_total counter\n"
                     "# TYPE tafadi_jwks_age_seconds gauge\n");
    pthread_mutex_lock(&jwks->lock);
    for (size_t i = 0; i < jwks->config.url_count; i++) {
        const struct source *s = &jwks->sources[i];
        tf_buf_text(out, "tafadi_jwks_fetches_total{result=\"good\",url=");
        tf_buf_json(out, s->label);
        tf_buf_printf(out, "} %llu\ntafadi_jwks_fetches_total{result=\"failed\",url=",
                      (unsigned long long)s->good);
        tf_buf_json(out, s->label);
        tf_buf_printf(out, "} %llu\n", (unsigned long long)s->failed);
        if (s->good > 0) {
            tf_buf_text(out, "tafadi_jwks_age_seconds{url=");
            tf_buf_json(out, s->label);
            tf_buf_printf(out, "} %lld\n", (long long)(now_s - s->good_at_s));
        }
    }
    pthread_mutex_unlock(&jwks->lock);
}
