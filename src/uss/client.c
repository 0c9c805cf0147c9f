/*
 * client.c - several requests at once with libcurl's multi interface.
 */
#include "uss/client.h"

#include "uss/token.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { CONNECT_MS = 2500, POLL_MS = 100, ANSWER_MAX = 4 << 20 };

struct uss_client {
    struct uss_client_config config;
    struct uss_tokens *tokens;
};
/* One request under way. */
struct ride {
    struct uss_request *request;
    CURL *curl;
    struct curl_slist *headers;
    struct tf_buf token; /* that it shows, for the log */
    int64_t asked_us;
    char error[CURL_ERROR_SIZE];
    bool has_ended;
};

enum tf_status uss_client_new(const struct uss_client_config *config, struct uss_client **out)
{
    struct uss_client *client = calloc(1, sizeof *client);
    if (!client)
        return TF_NOMEM;
    client->config = *config;
    enum tf_status rc = uss_tokens_new(config, &client->tokens);
    if (rc)
        free(client);
    else
        *out = client;
    return rc;
}

void uss_client_free(struct uss_client *client)
{
    if (!client)
        return;
    uss_tokens_free(client->tokens);
    free(client);
}

void uss_request_release(struct uss_request *request)
{
    tf_buf_release(&request->body);
    tf_buf_release(&request->answer);
}

bool uss_host_of(const char *url, char *out, size_t size)
{
    const char *at = strstr(url, "://");
    if (!at)
        return false;
    at += 3;
    size_t len = strcspn(at, "/?#");
    if (memchr(at, '@', len))
        return false;
    if (*at == '[') {
        const char *end = memchr(at, ']', len);
        if (!end)
            return false;
        at++;
        len = (size_t)(end - at);
    } else {
        const char *colon = memchr(at, ':', len);
        len = colon ? (size_t)(colon - at) : len;
    }
    if (len == 0 || len >= size)
        return false;
    memcpy(out, at, len);
    out[len] = '\0';
    return true;
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- one request -------------------------------------------------------------------------------
 */

static size_t take_bytes(char *bytes, size_t size, size_t count, void *user)
{
    struct tf_buf *answer = user;
    tf_buf_append(answer, bytes, size * count);
    return tf_buf_status(answer) ? 0 : count; /* 0 ends the transfer */
}

static bool add_header(struct ride *ride, const char *line)
{
    struct curl_slist *more = curl_slist_append(ride->headers, line);
    if (more)
        ride->headers = more;
    return more;
}

static bool add_token(struct ride *ride, const char *token)
{
    struct tf_buf line = TF_BUF_INIT(16384);
    tf_buf_text(&line, "Authorization: Bearer ");
    tf_buf_text(&line, token);
    bool good = tf_buf_status(&line) == TF_OK && add_header(ride, line.data);
    tf_buf_release(&line);
    return good;
}

static bool set_body(const struct ride *ride)
{
    const struct uss_request *r = ride->request;
    if (r->body.len == 0)
        return true;
    return curl_easy_setopt(ride->curl, CURLOPT_POSTFIELDS, r->body.data) == CURLE_OK &&
           curl_easy_setopt(ride->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len) ==
               CURLE_OK;
}

static bool set_up(const struct uss_client *client, struct ride *ride, long timeout_ms)
{
    CURL *curl = ride->curl;
    const struct uss_client_config *config = &client->config;
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {{CURLOPT_NOSIGNAL, 1},
                   {CURLOPT_FOLLOWLOCATION, 0},
                   {CURLOPT_TIMEOUT_MS, timeout_ms},
                   {CURLOPT_CONNECTTIMEOUT_MS, timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS},
                   {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2}};
    bool good = true;
    for (size_t i = 0; good && i < sizeof numbers / sizeof *numbers; i++)
        good = curl_easy_setopt(curl, numbers[i].option, numbers[i].value) == CURLE_OK;
    return good && set_body(ride) &&
           curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ride->request->method) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_URL, ride->request->url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
                            config->allow_http ? "http,https" : "https") == CURLE_OK &&
           (!config->ca_file ||
            curl_easy_setopt(curl, CURLOPT_CAINFO, config->ca_file) == CURLE_OK) &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, "tafadi") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, ride->headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, ride->error) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, &ride->request->answer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PRIVATE, ride) == CURLE_OK;
}

static void fail(struct ride *ride, const char *why)
{
    ride->has_ended = true;
    ride->request->status = 0;
    if (!ride->request->why[0])
        snprintf(ride->request->why, USS_WHY_SIZE, "%s", why);
}

static bool authorise(struct uss_client *client, struct ride *ride, long timeout_ms)
{
    const struct uss_request *r = ride->request;
    ride->token.max = 16384;
    return !r->scope || (uss_tokens_get(client->tokens, client, r->url, r->scope, timeout_ms,
                                        &ride->token, ride->request->why) == TF_OK &&
                         add_token(ride, ride->token.data));
}

static void begin(struct uss_client *client, CURLM *multi, struct ride *ride, long timeout_ms)
{
    struct uss_request *r = ride->request;
    ride->asked_us = now_us();
    r->status = 0;
    r->why[0] = '\0';
    r->answer.max = ANSWER_MAX;
    tf_buf_clear(&r->answer);
    if (!authorise(client, ride, timeout_ms)) {
        fail(ride, "there is no token for it");
        return;
    }
    ride->curl = curl_easy_init();
    if (!ride->curl ||
        !add_header(ride, r->content_type ? r->content_type : "Content-Type: application/json") ||
        !add_header(ride, "Expect:") || !set_up(client, ride, timeout_ms) ||
        curl_multi_add_handle(multi, ride->curl) != CURLM_OK)
        fail(ride, "out of memory");
}

static void end(CURLM *multi, struct ride *ride, CURLcode rc)
{
    struct uss_request *r = ride->request;
    curl_multi_remove_handle(multi, ride->curl);
    ride->has_ended = true;
    if (rc == CURLE_OK)
        curl_easy_getinfo(ride->curl, CURLINFO_RESPONSE_CODE, &r->status);
    else
        fail(ride, ride->error[0] ? ride->error : curl_easy_strerror(rc));
}

/* --- all of them
 * ---------------------------------------------------------------------------------- */

static void reap(CURLM *multi)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        struct ride *ride;
        CURLcode rc = message->data.result;
        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ride) == CURLE_OK)
            end(multi, ride, rc);
    }
}

static void run(const struct uss_client *client, CURLM *multi)
{
    int running = 1;
    while (running > 0) {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            return;
        reap(multi);
        if (client->config.stopping && atomic_load(client->config.stopping))
            return;
        if (running > 0 && curl_multi_poll(multi, NULL, 0, POLL_MS, NULL) != CURLM_OK)
            return;
    }
}

static void keep(struct uss_log *log, const struct ride *ride)
{
    const struct uss_request *r = ride->request;
    const struct uss_exchange exchange = {.is_client = true,
                                          .method = r->method,
                                          .url = r->url,
                                          .token = ride->token.data,
                                          .token_len = ride->token.len,
                                          .asked_us = ride->asked_us,
                                          .answered_us = now_us(),
                                          .request = r->body.data,
                                          .request_len = r->body.len,
                                          .answer = r->answer.data,
                                          .answer_len = r->answer.len,
                                          .status = (int)r->status,
                                          .problem = r->status ? "" : r->why};
    if (log && r->scope)
        uss_log_keep(log, &exchange);
}

static void settle(struct uss_client *client, CURLM *multi, struct ride *ride)
{
    if (!ride->has_ended) {
        if (ride->curl)
            curl_multi_remove_handle(multi, ride->curl);
        fail(ride, "given up: the node stops");
    }
    if (ride->curl)
        curl_easy_cleanup(ride->curl);
    curl_slist_free_all(ride->headers);
    keep(client->config.log, ride);
    tf_buf_release(&ride->token);
    if (ride->request->status == 401 && ride->request->scope)
        uss_tokens_forget(client->tokens, ride->request->url, ride->request->scope);
}

void uss_client_do(struct uss_client *client, struct uss_request *const *requests, size_t count,
                   long timeout_ms)
{
    CURLM *multi = curl_multi_init();
    struct ride *rides = calloc(count + 1, sizeof *rides);
    if (timeout_ms < 1)
        timeout_ms = 1;
    for (size_t i = 0; i < count; i++) {
        requests[i]->status = 0;
        snprintf(requests[i]->why, USS_WHY_SIZE, "out of memory");
    }
    if (multi && rides && count <= USS_REQUESTS_MAX) {
        for (size_t i = 0; i < count; i++) {
            rides[i].request = requests[i];
            begin(client, multi, &rides[i], timeout_ms);
        }
        run(client, multi);
        for (size_t i = 0; i < count; i++)
            settle(client, multi, &rides[i]);
    }
    if (multi)
        curl_multi_cleanup(multi);
    free(rides);
}
