/*
 * courier.c - posts over HTTPS with libcurl's multi interface; one thread, bounded in number,
 * time and size.
 */
#include "party/courier.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { COURIER_MAX = 64, COURIER_TIMEOUT_S = 20, COURIER_CONNECT_S = 5, COURIER_POLL_MS = 1000 };

/* One post under way. */
struct trip {
    struct courier_post post;
    struct tf_buf answer;
    CURL *curl;
    char error[CURL_ERROR_SIZE];
    struct trip *next;
};
struct courier {
    courier_result result;
    void *ctx;
    const char *ca_file;
    bool allow_http;
    CURLM *multi;
    struct curl_slist *headers;
    pthread_t thread;
    pthread_mutex_t lock; /* of the three below */
    struct trip *waiting;
    unsigned under_way;
    bool stopping;
    struct trip *going; /* the thread's own */
};

static void trip_free(struct trip *trip)
{
    if (trip->curl)
        curl_easy_cleanup(trip->curl);
    tf_buf_release(&trip->post.body);
    tf_buf_release(&trip->answer);
    free(trip);
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *user)
{
    struct tf_buf *answer = user;
    tf_buf_append(answer, bytes, size * count);
    return tf_buf_status(answer) ? 0 : count; /* 0 ends the transfer */
}

/* With a pin the key alone counts, whoever signed its certificate. */
static bool set_trust(const struct courier *courier, const struct trip *trip)
{
    CURL *curl = trip->curl;
    bool good =
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3) == CURLE_OK;
    if (trip->post.tls[0])
        return good &&
               curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, trip->post.tls) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
    return good && (!courier->ca_file ||
                    curl_easy_setopt(curl, CURLOPT_CAINFO, courier->ca_file) == CURLE_OK);
}

static bool set_request(const struct courier *courier, struct trip *trip)
{
    CURL *curl = trip->curl;
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {{CURLOPT_NOSIGNAL, 1},       {CURLOPT_POST, 1},
                   {CURLOPT_FOLLOWLOCATION, 0}, {CURLOPT_TIMEOUT, COURIER_TIMEOUT_S},
                   {CURLOPT_TCP_KEEPALIVE, 1},  {CURLOPT_CONNECTTIMEOUT, COURIER_CONNECT_S}};
    bool good = true;
    for (size_t i = 0; good && i < sizeof numbers / sizeof *numbers; i++)
        good = curl_easy_setopt(curl, numbers[i].option, numbers[i].value) == CURLE_OK;
    return good && curl_easy_setopt(curl, CURLOPT_URL, trip->post.url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
                            courier->allow_http ? "http,https" : "https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, "tafadi") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, courier->headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, trip->post.body.data) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)trip->post.body.len) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, trip->error) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, &trip->answer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PRIVATE, trip) == CURLE_OK;
}

static void unlink_trip(struct courier *courier, struct trip *trip)
{
    struct trip **at = &courier->going;
    while (*at != trip)
        at = &(*at)->next;
    *at = trip->next;
}

static void finish(struct courier *courier, struct trip *trip, CURLcode rc)
{
    long status = 0;
    if (rc == CURLE_OK)
        curl_easy_getinfo(trip->curl, CURLINFO_RESPONSE_CODE, &status);
    const char *why = rc == CURLE_OK ? "" : trip->error[0] ? trip->error : curl_easy_strerror(rc);
    courier->result(courier->ctx, trip->post.line, status,
                    trip->answer.data ? trip->answer.data : "",
                    rc == CURLE_OK ? trip->answer.len : 0, why);
    pthread_mutex_lock(&courier->lock);
    courier->under_way--;
    pthread_mutex_unlock(&courier->lock);
    trip_free(trip);
}

static void begin(struct courier *courier, struct trip *trip)
{
    trip->curl = curl_easy_init();
    trip->next = courier->going;
    courier->going = trip;
    if (trip->curl && set_request(courier, trip) && set_trust(courier, trip) &&
        curl_multi_add_handle(courier->multi, trip->curl) == CURLM_OK)
        return;
    unlink_trip(courier, trip);
    finish(courier, trip, CURLE_OUT_OF_MEMORY);
}

/* Those that have waited; false when it is time to stop. */
static bool begin_waiting(struct courier *courier)
{
    pthread_mutex_lock(&courier->lock);
    struct trip *trips = courier->waiting;
    courier->waiting = NULL;
    bool stopping = courier->stopping;
    pthread_mutex_unlock(&courier->lock);
    while (trips) {
        struct trip *next = trips->next;
        if (stopping)
            trip_free(trips);
        else
            begin(courier, trips);
        trips = next;
    }
    return !stopping;
}

static void finish_done(struct courier *courier)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(courier->multi, &left)) != NULL) {
        struct trip *trip;
        CURLcode rc = message->data.result;
        if (message->msg != CURLMSG_DONE ||
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &trip) != CURLE_OK)
            continue;
        curl_multi_remove_handle(courier->multi, trip->curl);
        unlink_trip(courier, trip);
        finish(courier, trip, rc);
    }
}

static void *carry(void *arg)
{
    struct courier *courier = arg;
    int running;
    while (begin_waiting(courier)) {
        curl_multi_perform(courier->multi, &running);
        finish_done(courier);
        curl_multi_poll(courier->multi, NULL, 0, COURIER_POLL_MS, NULL);
    }
    while (courier->going) {
        struct trip *trip = courier->going;
        courier->going = trip->next;
        curl_multi_remove_handle(courier->multi, trip->curl);
        trip_free(trip);
    }
    return NULL;
}

static void courier_free(struct courier *courier)
{
    if (courier->multi)
        curl_multi_cleanup(courier->multi);
    curl_slist_free_all(courier->headers);
    pthread_mutex_destroy(&courier->lock);
    free(courier);
}

enum tf_status courier_start(const char *ca_file, bool allow_http, courier_result result, void *ctx,
                             struct courier **out)
{
    struct courier *courier = calloc(1, sizeof *courier);
    if (!courier)
        return TF_NOMEM;
    pthread_mutex_init(&courier->lock, NULL);
    courier->result = result;
    courier->ctx = ctx;
    courier->ca_file = ca_file;
    courier->allow_http = allow_http;
    courier->multi = curl_multi_init();
    courier->headers = curl_slist_append(NULL, "Content-Type: application/json");
    struct curl_slist *more =
        courier->headers ? curl_slist_append(courier->headers, "Expect:") : NULL;
    if (!courier->multi || !more || pthread_create(&courier->thread, NULL, carry, courier)) {
        courier_free(courier);
        return TF_NOMEM;
    }
    *out = courier;
    return TF_OK;
}

void courier_stop(struct courier *courier)
{
    if (!courier)
        return;
    pthread_mutex_lock(&courier->lock);
    courier->stopping = true;
    pthread_mutex_unlock(&courier->lock);
    curl_multi_wakeup(courier->multi);
    pthread_join(courier->thread, NULL);
    courier_free(courier);
}

enum tf_status courier_send(struct courier *courier, struct courier_post *post)
{
    struct trip *trip = calloc(1, sizeof *trip);
    if (!trip)
        return TF_NOMEM;
    trip->answer.max = LINE_POST_MAX;
    pthread_mutex_lock(&courier->lock);
    bool taken = courier->under_way < COURIER_MAX && !courier->stopping;
    if (taken) {
        trip->post = *post;
        post->body = (struct tf_buf)TF_BUF_INIT(post->body.max);
        trip->next = courier->waiting;
        courier->waiting = trip;
        courier->under_way++;
    }
    pthread_mutex_unlock(&courier->lock);
    if (!taken) {
        free(trip);
        return TF_BUSY;
    }
    curl_multi_wakeup(courier->multi);
    return TF_OK;
}
