/*
 * dss_load.c - load on a DSS by its public API, from many USSs at once.
 *
 * usage: dss_load HOST PORT TOKEN WORKLOAD CLIENTS SECONDS [RATE]
 *
 *   busy    one cell: PUT Accepted with a new implicit subscription and the OVNs of
 *           all flights in the air as key, PUT Activated, DELETE (a flight)
 *   shared  the same, with one explicit subscription for all
 *   spread  10,000 cells: PUT Accepted, DELETE
 *   rid     ISAs: create : update : get : delete = 10 : 5 : 100 : 1
 *   search  POST query of an altitude band in a cell of 200 flights; 5 are found
 *
 * Each run has a place of its own on Earth, so that what a former run left in the air
 * does not stand in its way. Prints lines of a name and a value, for bench/dss.
 *
 * One thread, epoll, keep-alive connections. RATE 0 (default) is a closed loop: each client
 * sends when it has its answer. With a RATE (requests a second) sending times are fixed
 * beforehand, and latency counts from when a request ought to have been sent, so
 * that a stalling server is not spared (no coordinated omission).
 */
#define _GNU_SOURCE
#include "base/uuid.h"
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <tafadi/time.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CLIENTS = 1024, BUFFER = 1 << 20, BUCKETS = 1024, CELLS = 10000, OVN_SIZE = 130 };

enum step { CREATE, ACTIVATE, DELETE, UPDATE, GET, QUERY };

struct client {
    int fd, number;
    enum step step;
    char *out, *in;
    size_t out_len, out_sent, in_len;
    int64_t due_ns;
    bool waiting;
    char id[TF_UUID_TEXT_SIZE], ovn[OVN_SIZE], subscription[TF_UUID_TEXT_SIZE];
    double lower_m;      /* altitude slot of this client */
    unsigned cell, turn; /* of spread; of a rid round */
};

struct load {
    const char *host, *token, *workload;
    unsigned port, count;
    double rate;
    struct client clients[MAX_CLIENTS];
    uint64_t random;
    double lat_deg, lng_deg; /* this run's place */
    uint64_t buckets[BUCKETS], requests, flights, errors, refused;
    char shared_subscription[TF_UUID_TEXT_SIZE];
    char start[TF_TIME_TEXT_SIZE], end[TF_TIME_TEXT_SIZE];
    int64_t next_due_ns;
    int epoll_fd;
};

static int64_t now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * TF_SECOND_NS + t.tv_nsec;
}

static uint64_t random_bits(struct load *l)
{
    uint64_t z = l->random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void new_id(struct load *l, char out[TF_UUID_TEXT_SIZE])
{
    uint64_t bits[2] = {random_bits(l), random_bits(l)};
    struct tf_uuid id = tf_uuid_v4((const uint8_t *)bits);
    tf_uuid_format(&id, out);
}

/* Logarithmic buckets, 5 % wide, from 1 us. */
static void record(struct load *l, int64_t ns)
{
    double us = (double)ns / 1000.0;
    unsigned b = us > 1.0 ? (unsigned)ceil(log(us) / log(1.05)) : 0;
    l->buckets[b < BUCKETS ? b : BUCKETS - 1]++;
}

static double percentile_ms(const struct load *l, double fraction)
{
    uint64_t seen = 0;
    for (unsigned b = 0; b < BUCKETS; b++) {
        seen += l->buckets[b];
        if (seen > 0 && (double)seen >= fraction * (double)l->requests)
            return pow(1.05, b) / 1000.0;
    }
    return 0.0;
}

/* --- requests -------------------------------------------------------------------- */

static void send_request(struct load *l, struct client *c, const char *method, const char *path,
                         const char *body)
{
    c->out_len = (size_t)snprintf(c->out, BUFFER,
                                  "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"
                                  "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                  method, path, l->host, l->token, strlen(body), body);
    c->out_sent = 0;
    c->in_len = 0;
    c->waiting = true;
    ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);
    if (n > 0)
        c->out_sent = (size_t)n;
    if (c->out_sent < c->out_len) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
        epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
    }
}

/* Spread: 100 x 100 places, 0.02 degrees apart, so that each has cells of its own. */
static double latitude(const struct load *l, const struct client *c)
{
    return l->lat_deg + 0.02 * (c->cell % 100);
}

static double longitude(const struct load *l, const struct client *c)
{
    return l->lng_deg + 0.03 * (c->cell / 100 % 100);
}

static int volume_text(const struct load *l, const struct client *c, char *out, size_t size)
{
    double lat = latitude(l, c), lng = longitude(l, c);
    return snprintf(out, size,
                    "{\"volume\":{\"outline_polygon\":{\"vertices\":[{\"lat\":%.6f,\"lng\":%.6f},"
                    "{\"lat\":%.6f,\"lng\":%.6f},{\"lat\":%.6f,\"lng\":%.6f}]},"
                    "\"altitude_lower\":{\"value\":%.1f,\"reference\":\"W84\",\"units\":\"M\"},"
                    "\"altitude_upper\":{\"value\":%.1f,\"reference\":\"W84\",\"units\":\"M\"}},"
                    "\"time_start\":{\"value\":\"%s\",\"format\":\"RFC3339\"},"
                    "\"time_end\":{\"value\":\"%s\",\"format\":\"RFC3339\"}}",
                    lat, lng, lat, lng + 0.0001, lat + 0.0001, lng, c->lower_m,
                    c->lower_m + (c->step == QUERY ? 9.0 : 1.0), l->start, l->end);
}

/* The OVNs of all flights in the air, as a client's key has them. */
static size_t key_text(const struct load *l, char *out)
{
    size_t n = 0;
    for (unsigned i = 0; i < l->count; i++) {
        size_t len = strlen(l->clients[i].ovn);
        if (len == 0)
            continue;
        out[n] = n ? ',' : ' ';
        out[n + 1] = '"';
        memcpy(out + n + 2, l->clients[i].ovn, len);
        out[n + 2 + len] = '"';
        n += len + 3;
    }
    out[n] = '\0';
    return n;
}

static void put_flight(struct load *l, struct client *c, bool activate)
{
    static char body[BUFFER], key[BUFFER / 2], extents[1024];
    char path[300], subscription[256];
    bool busy = strcmp(l->workload, "busy") == 0;
    bool shared = strcmp(l->workload, "shared") == 0;
    volume_text(l, c, extents, sizeof extents);
    key[0] = '\0';
    if (busy || shared)
        key_text(l, key);
    subscription[0] = '\0';
    if (shared || activate)
        snprintf(subscription, sizeof subscription, ",\"subscription_id\":\"%s\"",
                 shared ? l->shared_subscription : c->subscription);
    else if (busy)
        snprintf(subscription, sizeof subscription,
                 ",\"new_subscription\":{\"uss_base_url\":\"https://uss.example/%d\"}",
                 c->number % 8);
    snprintf(body, sizeof body,
             "{\"extents\":[%s],\"key\":[%s],\"state\":\"%s\","
             "\"uss_base_url\":\"https://uss.example/%d\"%s}",
             extents, key, activate ? "Activated" : "Accepted", c->number % 8, subscription);
    snprintf(path, sizeof path, "/dss/v1/operational_intent_references/%s%s%s", c->id,
             activate ? "/" : "", activate ? c->ovn : "");
    send_request(l, c, "PUT", path, body);
}

static void put_isa(struct load *l, struct client *c, bool update)
{
    char body[2048], extents[1024], path[300];
    volume_text(l, c, extents, sizeof extents);
    snprintf(body, sizeof body, "{\"extents\":%s,\"uss_base_url\":\"https://uss.example\"}",
             extents);
    snprintf(path, sizeof path, "/rid/v2/dss/identification_service_areas/%s%s%s", c->id,
             update ? "/" : "", update ? c->ovn : "");
    send_request(l, c, "PUT", path, body);
}

static void send_step(struct load *l, struct client *c)
{
    char path[300], body[1400];
    bool rid = strcmp(l->workload, "rid") == 0;
    switch (c->step) {
    case CREATE:
        new_id(l, c->id);
        if (rid)
            put_isa(l, c, false);
        else
            put_flight(l, c, false);
        break;
    case ACTIVATE:
        put_flight(l, c, true);
        break;
    case UPDATE:
        put_isa(l, c, true);
        break;
    case DELETE:
        snprintf(path, sizeof path, "/%s/%s/%s",
                 rid ? "rid/v2/dss/identification_service_areas"
                     : "dss/v1/operational_intent_references",
                 c->id, c->ovn);
        send_request(l, c, "DELETE", path, "");
        break;
    case GET:
        snprintf(path, sizeof path, "/rid/v2/dss/identification_service_areas/%s", c->id);
        send_request(l, c, "GET", path, "");
        break;
    case QUERY:
        snprintf(body, sizeof body, "{\"area_of_interest\":");
        volume_text(l, c, body + strlen(body), sizeof body - strlen(body) - 2);
        strncat(body, "}", 2);
        send_request(l, c, "POST", "/dss/v1/operational_intent_references/query", body);
        break;
    }
}

/* --- answers --------------------------------------------------------------------------- */

static void copy_value(const char *text, const char *name, char *out, size_t size)
{
    const char *at = strstr(text, name);
    if (!at)
        return;
    at += strlen(name);
    size_t n = strcspn(at, "\"");
    if (n < size) {
        memcpy(out, at, n);
        out[n] = '\0';
    }
}

enum { RID_ROUND = 116 };

/* A round: five times (create, 10 gets, create, 10 gets, update), and one deletion. */
static enum step rid_step(unsigned turn)
{
    if (turn == RID_ROUND - 1)
        return DELETE;
    if (turn % 23 == 22)
        return UPDATE;
    return turn % 23 % 11 == 0 ? CREATE : GET;
}

/* What follows: the workload's state machine. */
static void next_step(struct load *l, struct client *c, int status, const char *body)
{
    const char *own = strstr(body, "_reference\":{");
    if (status >= 400) {
        l->errors++;
        l->refused += status == 409;
        if (l->errors < 4)
            fprintf(stderr, "%d: %.200s\n", status, body);
        c->ovn[0] = '\0';
        c->turn = 0;
        c->step = strcmp(l->workload, "search") == 0 ? QUERY : CREATE;
        return;
    }
    if (strcmp(l->workload, "search") == 0)
        return;
    if (strcmp(l->workload, "rid") == 0) {
        copy_value(body, "\"version\":\"", c->ovn, sizeof c->ovn);
        c->step = rid_step(++c->turn % RID_ROUND);
        return;
    }
    if (own && c->step != DELETE) {
        copy_value(own, "\"ovn\":\"", c->ovn, sizeof c->ovn);
        copy_value(own, "\"subscription_id\":\"", c->subscription, sizeof c->subscription);
    }
    if (c->step == DELETE) {
        l->flights++;
        c->ovn[0] = '\0';
        c->step = CREATE;
        if (strcmp(l->workload, "spread") == 0)
            c->cell = (unsigned)(random_bits(l) % CELLS);
    } else if (c->step == CREATE && strcmp(l->workload, "spread") != 0) {
        c->step = ACTIVATE;
    } else {
        c->step = DELETE;
    }
}

/* True when the answer is whole. */
static bool take_answer(struct client *c, int *status, char **body)
{
    c->in[c->in_len] = '\0';
    char *end = strstr(c->in, "\r\n\r\n"), *length = strstr(c->in, "Content-Length: ");
    if (!end || !length || length > end)
        return false;
    size_t whole = (size_t)(end + 4 - c->in) + strtoul(length + 16, NULL, 10);
    *status = (int)strtol(c->in + 9, NULL, 10);
    *body = end + 4;
    return c->in_len >= whole;
}

/* Sends the next request if the client is free and, with a rate, if it is time. */
static void maybe_send(struct load *l, struct client *c)
{
    int64_t now = now_ns(CLOCK_MONOTONIC);
    if (c->waiting || (l->rate > 0 && l->next_due_ns > now))
        return;
    c->due_ns = now;
    if (l->rate > 0) {
        c->due_ns = l->next_due_ns;
        l->next_due_ns += (int64_t)(1e9 / l->rate);
    }
    send_step(l, c);
}

static void on_input(struct load *l, struct client *c)
{
    ssize_t n = recv(c->fd, c->in + c->in_len, BUFFER - 1 - c->in_len, 0);
    if (n <= 0) {
        if (n < 0 && errno == EAGAIN)
            return;
        fprintf(stderr, "the server closed a connection\n");
        exit(1);
    }
    int status;
    char *body;
    c->in_len += (size_t)n;
    if (!take_answer(c, &status, &body))
        return;
    record(l, now_ns(CLOCK_MONOTONIC) - c->due_ns);
    l->requests++;
    c->waiting = false;
    next_step(l, c, status, body);
    maybe_send(l, c);
}

static void on_output(struct load *l, struct client *c)
{
    ssize_t n = send(c->fd, c->out + c->out_sent, c->out_len - c->out_sent, MSG_NOSIGNAL);
    if (n > 0)
        c->out_sent += (size_t)n;
    if (c->out_sent == c->out_len) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
    }
}

/* --- life ---------------------------------------------------------------------------------- */

static void connect_client(struct load *l, struct client *c, int number)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)l->port)};
    int one = 1;
    c->number = number;
    c->lower_m = 2.0 * number;
    c->step = strcmp(l->workload, "search") == 0 ? QUERY : CREATE;
    if (strcmp(l->workload, "spread") == 0 || strcmp(l->workload, "rid") == 0)
        c->cell = (unsigned)number * 37 % CELLS;
    c->out = malloc(BUFFER);
    c->in = malloc(BUFFER);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (inet_pton(AF_INET, l->host, &address.sin_addr) != 1 || !c->out || !c->in ||
        connect(c->fd, (struct sockaddr *)&address, sizeof address)) {
        perror("connect");
        exit(1);
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

/* One blocking request before the load begins. */
static void blocking(struct load *l, struct client *c)
{
    int status = 0;
    char *body = NULL;
    do {
        ssize_t n = recv(c->fd, c->in + c->in_len, BUFFER - 1 - c->in_len, 0);
        if (n <= 0)
            exit(1);
        c->in_len += (size_t)n;
    } while (!take_answer(c, &status, &body));
    c->waiting = false;
    if (status >= 300) {
        fprintf(stderr, "preparing: %d %.200s\n", status, body);
        exit(1);
    }
    (void)l;
}

static void prepare(struct load *l)
{
    struct client *c = &l->clients[0];
    char path[200], body[2000], extents[1024];
    if (strcmp(l->workload, "shared") == 0) {
        new_id(l, l->shared_subscription);
        snprintf(path, sizeof path, "/dss/v1/subscriptions/%s", l->shared_subscription);
        volume_text(l, c, extents, sizeof extents);
        snprintf(body, sizeof body,
                 "{\"extents\":%s,\"uss_base_url\":\"https://uss.example\","
                 "\"notify_for_operational_intents\":true}",
                 extents);
        send_request(l, c, "PUT", path, body);
        blocking(l, c);
    }
    if (strcmp(l->workload, "search") == 0)
        for (int i = 0; i < 200; i++) { /* what there is to find */
            c->lower_m = 2.0 * i;
            c->step = CREATE;
            send_step(l, c);
            blocking(l, c);
            c->step = QUERY;
            c->lower_m = 0.0;
        }
}

static void report(const struct load *l, double seconds)
{
    printf("requests_per_s %.1f\nflights_per_s %.1f\n", (double)l->requests / seconds,
           (double)l->flights / seconds);
    printf("p50_ms %.3f\np99_ms %.3f\np999_ms %.3f\n", percentile_ms(l, 0.5),
           percentile_ms(l, 0.99), percentile_ms(l, 0.999));
    printf("requests %llu\nerrors %llu\nconflicts %llu\n", (unsigned long long)l->requests,
           (unsigned long long)l->errors, (unsigned long long)l->refused);
}

int main(int argc, char **argv)
{
    static struct load l;
    if (argc < 7) {
        fprintf(stderr, "usage: dss_load HOST PORT TOKEN WORKLOAD CLIENTS SECONDS [RATE]\n");
        return 2;
    }
    l.host = argv[1];
    l.port = (unsigned)strtoul(argv[2], NULL, 10);
    l.token = argv[3];
    l.workload = argv[4];
    l.count = (unsigned)strtoul(argv[5], NULL, 10);
    double seconds = strtod(argv[6], NULL);
    l.rate = argc > 7 ? strtod(argv[7], NULL) : 0.0;
    if (l.count == 0 || l.count > MAX_CLIENTS || !(seconds > 0 && seconds <= 600))
        return 2;
    l.random = (uint64_t)now_ns(CLOCK_REALTIME);
    l.lat_deg = -60.0 + (double)(random_bits(&l) % 118000) * 0.001;
    l.lng_deg = -180.0 + (double)(random_bits(&l) % 350000) * 0.001;
    tf_time_format(now_ns(CLOCK_REALTIME) / 1000 * 1000 + TF_MINUTE_NS, l.start);
    tf_time_format(now_ns(CLOCK_REALTIME) / 1000 * 1000 + TF_HOUR_NS, l.end);
    l.epoll_fd = epoll_create1(0);
    if (l.epoll_fd < 0)
        return 1;
    for (unsigned i = 0; i < l.count; i++)
        connect_client(&l, &l.clients[i], (int)i);
    prepare(&l);
    int64_t begun = now_ns(CLOCK_MONOTONIC), end = begun + (int64_t)(seconds * 1e9);
    l.next_due_ns = begun;
    while (now_ns(CLOCK_MONOTONIC) < end) {
        struct epoll_event events[256];
        for (unsigned i = 0; i < l.count; i++)
            if (!l.clients[i].waiting)
                maybe_send(&l, &l.clients[i]);
        int n = epoll_wait(l.epoll_fd, events, 256, l.rate > 0 ? 0 : 100);
        for (int i = 0; i < n; i++) {
            if (events[i].events & EPOLLOUT)
                on_output(&l, events[i].data.ptr);
            if (events[i].events & EPOLLIN)
                on_input(&l, events[i].data.ptr);
        }
    }
    report(&l, (double)(now_ns(CLOCK_MONOTONIC) - begun) / 1e9);
    return 0;
}
