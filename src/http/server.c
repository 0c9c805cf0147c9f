/*
 * server.c - the event loop of each thread, and the life of a connection:
 *
 *       +--------- READING <-----------------------+
 *       | error       | head and body are there    | sent, keep-alive
 *       v             v                            |
 *    WRITING      HANDLING -- http_reply() --> WRITING -- sent, close --> closed
 *       | sent        | time is over: 503, cancelled
 *                     v
 *    LINGERING    ABANDONED -- http_reply() --> freed
 *
 * Each thread owns its connections. http_reply() only puts the connection on
 * its thread's list and wakes it. An exchange that the handler still holds when its
 * time is over is abandoned: the client has its 503, the memory waits for the handler.
 * After an answer to a request that did not arrive whole the connection lingers: what the
 * client still sends is thrown away for a while, because closing at once would be a reset,
 * and that takes the answer away from the client.
 */
#define _GNU_SOURCE /* SO_REUSEPORT */
#include "http/internal.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- replies from other threads -------------------------------------------------------- */

void http_reply(struct http_exchange *exchange)
{
    struct http_connection *c = exchange->connection;
    struct http_loop *loop = c->loop;
    pthread_mutex_lock(&loop->lock);
    bool first = loop->ready == NULL && !pthread_equal(loop->self, pthread_self());
    c->ready_next = loop->ready;
    loop->ready = c;
    /* Under the lock: as soon as it is free the loop may answer, end, and close wake_fd. */
    uint64_t one = 1;
    if (first && write(loop->wake_fd, &one, sizeof one) < 0) {
        /* The counter is at its maximum: the loop is awake anyhow. */
    }
    pthread_mutex_unlock(&loop->lock);
}

static bool take_replies(struct http_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    struct http_connection *c = loop->ready;
    loop->ready = NULL;
    pthread_mutex_unlock(&loop->lock);
    bool any = c != NULL;
    while (c) {
        struct http_connection *next = c->ready_next;
        if (c->exchange.complete)
            c->exchange.complete(&c->exchange);
        if (c->state == ABANDONED) {
            loop->abandoned--;
            http_connection_free(c);
        } else {
            http_begin_reply(c);
        }
        c = next;
    }
    return any;
}

/* --- what is claimed and what is given up ------------------------------------------------ */

bool http_claim(struct http_exchange *exchange)
{
    unsigned was = HTTP_OPEN;
    return atomic_compare_exchange_strong(&exchange->fate, &was, HTTP_CLAIMED) ||
           was == HTTP_CLAIMED;
}

bool http_give_up(struct http_exchange *exchange)
{
    unsigned was = HTTP_OPEN;
    return atomic_compare_exchange_strong(&exchange->fate, &was, HTTP_GIVEN_UP) ||
           was == HTTP_GIVEN_UP;
}

/* --- time ----------------------------------------------------------------------------- */

enum { CLAIMED_S = 60 }; /* what was begun has so much longer to be finished */

/* Sends 503 to a client whose request was not answered in time; false: it has more time. */
static bool handler_is_late(struct http_connection *c, int64_t now)
{
    char text[320];
    bool nothing = http_give_up(&c->exchange);
    if (!nothing && !c->postponed) {
        c->postponed = true;
        c->deadline_ns = now + CLAIMED_S * INT64_C(1000000000);
        return false;
    }
    const char *message =
        nothing ? "there was no answer in time; nothing was applied"
                : "there was no answer in time while committing: read the entity to see whether "
                  "the change was applied";
    int n = snprintf(text, sizeof text,
                     "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
                     "{\"message\":\"%s\"}",
                     strlen(message) + strlen("{\"message\":\"\"}"), message);
    http_transmit(c, text, (size_t)n);
    return true;
}

static void check_times(struct http_loop *loop)
{
    int64_t now = http_now_ns();
    bool stopping = atomic_load(&loop->server->stopping);
    for (struct http_connection *c = loop->connections, *next; c; c = next) {
        next = c->next;
        bool idle = c->state == READING && c->in_len == 0;
        bool waits = c->state == HANDLING && c->streaming;
        if (now < c->deadline_ns && !(stopping && (idle || waits)))
            continue;
        if (c->state == READING && !idle && c->handshaken) {
            http_begin_exchange(c);
            http_answer(c, 408, "the request did not arrive in time");
            continue;
        }
        if (c->state == HANDLING && !c->streaming && !handler_is_late(c, now))
            continue;
        http_hang_up(c);
    }
}

static void *run(void *arg)
{
    struct http_loop *loop = arg;
    struct epoll_event events[256];
    int64_t checked = http_now_ns();
    bool listening = true;
    loop->self = pthread_self();
    for (;;) {
        int n = epoll_wait(loop->epoll_fd, events, 256, 250);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == loop) {
                http_accept_all(loop);
            } else if (events[i].data.ptr == &loop->wake_fd) {
                uint64_t count;
                if (read(loop->wake_fd, &count, sizeof count) < 0)
                    continue;
            } else {
                http_on_event(events[i].data.ptr, events[i].events);
            }
        }
        /* Only now: a reply may free its connection, which may have had an event above. */
        while (take_replies(loop)) { /* an answer may uncover the next request */
        }
        bool stopping = atomic_load(&loop->server->stopping);
        if (stopping && listening) {
            epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->listen_fd, NULL);
            close(loop->listen_fd);
            loop->listen_fd = -1;
            listening = false;
        }
        if (http_now_ns() - checked > 250000000 || stopping) {
            check_times(loop);
            if (loop->paused && !stopping)
                http_pause_accepting(loop, false);
            checked = http_now_ns();
        }
        if (stopping && loop->count == 0 && loop->abandoned == 0)
            return NULL;
    }
}

/* --- life ----------------------------------------------------------------------------- */

static enum tf_status tls_load(struct http_server *s, char why[160])
{
    const struct http_config *config = &s->config;
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (!tls)
        return TF_NOMEM;
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (SSL_CTX_use_certificate_chain_file(tls, config->certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, config->private_key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(tls) != 1) {
        snprintf(why, 160, "certificate %s or key %s: %s", config->certificate, config->private_key,
                 ERR_reason_error_string(ERR_peek_last_error()));
        ERR_clear_error();
        SSL_CTX_free(tls);
        return TF_UNSUPPORTED;
    }
    pthread_mutex_lock(&s->tls_lock);
    SSL_CTX *old = atomic_exchange(&s->tls, tls);
    SSL_CTX_free(old); /* connections hold references of their own */
    pthread_mutex_unlock(&s->tls_lock);
    return TF_OK;
}

enum tf_status http_server_reload(struct http_server *server, char why[160])
{
    return server->config.certificate ? tls_load(server, why) : TF_OK;
}

/* The first binds alone, so that it fails where another program listens; only then does it admit
 * the other loops, which must be of the same user. */
static bool bind_and_listen(int fd, const struct addrinfo *info, bool is_first)
{
    int one = 1;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
           (is_first || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0) &&
           bind(fd, info->ai_addr, info->ai_addrlen) == 0 &&
           (!is_first || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0) &&
           listen(fd, 1024) == 0;
}

/* All loops listen on the same port; the kernel spreads connections. */
static int listen_on(const char *address, const char *port, bool is_first, char why[160])
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *info = NULL;
    int fd = -1, rc = getaddrinfo(address, port, &hints, &info), error = 0;
    if (rc == 0)
        fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || !bind_and_listen(fd, info, is_first)) {
        error = errno;
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    if (fd < 0)
        snprintf(why, 160, "cannot listen on %s port %s: %s", address, port,
                 rc ? gai_strerror(rc) : strerror(error));
    if (info)
        freeaddrinfo(info);
    return fd;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    getsockname(fd, (struct sockaddr *)&address, &len);
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

static enum tf_status loop_start(struct http_server *s, struct http_loop *loop, char why[160])
{
    char port[8];
    snprintf(port, sizeof port, "%u", s->port);
    loop->server = s;
    loop->epoll_fd = loop->listen_fd = loop->wake_fd = -1;
    pthread_mutex_init(&loop->lock, NULL);
    if (RAND_bytes((unsigned char *)&loop->id_high, sizeof loop->id_high) != 1)
        return TF_UNSUPPORTED;
    loop->listen_fd =
        listen_on(s->config.address, s->port ? port : s->config.port, s->port == 0, why);
    if (loop->listen_fd < 0)
        return TF_UNSUPPORTED;
    s->port = port_of(loop->listen_fd);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct epoll_event listening = {.events = EPOLLIN, .data.ptr = loop};
    struct epoll_event waking = {.events = EPOLLIN, .data.ptr = &loop->wake_fd};
    if (loop->epoll_fd < 0 || loop->wake_fd < 0 ||
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->listen_fd, &listening) ||
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->wake_fd, &waking) ||
        pthread_create(&loop->thread, NULL, run, loop)) {
        snprintf(why, 160, "cannot start: %s", strerror(errno));
        return TF_NOMEM;
    }
    s->started++;
    return TF_OK;
}

static void defaults(struct http_config *c)
{
    c->threads = c->threads ? c->threads : 2;
    c->max_body = c->max_body ? c->max_body : (size_t)4 << 20;
    c->max_buffered = c->max_buffered ? c->max_buffered : (size_t)256 << 20;
    c->max_connections = c->max_connections ? c->max_connections : 4096;
    c->max_per_address = c->max_per_address ? c->max_per_address : 1024;
    c->idle_s = c->idle_s ? c->idle_s : 75;
    c->request_s = c->request_s ? c->request_s : 20;
    c->reply_s = c->reply_s ? c->reply_s : 10;
}

enum tf_status http_server_start(const struct http_config *config, http_handler handle,
                                 http_observer observe, void *ctx, struct http_server **out,
                                 char why[160])
{
    struct http_server *s = calloc(1, sizeof *s);
    if (!s)
        return TF_NOMEM;
    s->config = *config;
    defaults(&s->config);
    s->handle = handle;
    s->observe = observe;
    s->ctx = ctx;
    pthread_mutex_init(&s->tls_lock, NULL);
    s->loop_count = s->config.threads;
    s->loops = calloc(s->loop_count, sizeof *s->loops);
    enum tf_status rc = s->loops ? TF_OK : TF_NOMEM;
    if (!rc && config->certificate)
        rc = tls_load(s, why);
    for (unsigned i = 0; i < s->loop_count && !rc; i++)
        rc = loop_start(s, &s->loops[i], why);
    if (rc) {
        http_server_stop(s);
        http_server_free(s);
        return rc;
    }
    *out = s;
    return TF_OK;
}

unsigned http_server_port(const struct http_server *server)
{
    return server->port;
}

unsigned http_server_connections(const struct http_server *server)
{
    return atomic_load(&server->connections);
}

void http_server_stop(struct http_server *server)
{
    /* Every state of a connection has a deadline, so this ends. */
    atomic_store(&server->stopping, true);
    for (unsigned i = 0; i < server->started; i++)
        pthread_join(server->loops[i].thread, NULL);
}

void http_server_free(struct http_server *server)
{
    for (unsigned i = 0; server->loops && i < server->loop_count; i++) {
        if (server->loops[i].listen_fd > 0) /* it has not come so far as to run */
            close(server->loops[i].listen_fd);
        if (server->loops[i].epoll_fd > 0)
            close(server->loops[i].epoll_fd);
        if (i < server->started) { /* who replied last may still hold it */
            pthread_mutex_lock(&server->loops[i].lock);
            pthread_mutex_unlock(&server->loops[i].lock);
        }
        if (server->loops[i].wake_fd > 0)
            close(server->loops[i].wake_fd);
    }
    SSL_CTX_free(atomic_load(&server->tls));
    free(server->loops);
    free(server);
}
