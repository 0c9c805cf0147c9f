/*
 * server.c - the event loop, and the life of a connection.
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
#define _GNU_SOURCE /* accept4 */
#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum state { READING, HANDLING, WRITING, LINGERING, ABANDONED };

struct http_connection {
    struct loop *loop;
    struct http_connection *previous, *next; /* of the loop's list */
    struct http_connection *ready_next;      /* of the loop's list of replies */
    int fd;
    SSL *tls;
    bool handshaken, want_write;
    uint32_t watched; /* what epoll was told */
    enum state state;
    int64_t deadline_ns;
    char *in; /* received: head, then body */
    size_t in_len, in_cap, head_len, body_len;
    struct http_head head;
    struct http_chunked chunked;
    size_t looked; /* of the head */
    size_t raw;    /* chunked: bytes after the decoded body that are not decoded yet */
    bool have_head, close_after, continued;
    bool unread;         /* the client may still be sending what nobody will read */
    struct tf_buf reply; /* status line and headers; the body is exchange.out */
    size_t sent;
    struct http_exchange exchange;
};

struct loop {
    struct http_server *server;
    pthread_t thread, self; /* the same; self is set by the thread before its first request */
    int epoll_fd, listen_fd, wake_fd;
    struct http_connection *connections;
    unsigned count, abandoned;
    bool paused;          /* no descriptors left: no accepting for a moment */
    pthread_mutex_t lock; /* of `ready` */
    struct http_connection *ready;
    uint64_t id_high, id_low; /* request ids: random start, counted up */
};

struct http_server {
    struct http_config config;
    http_handler handle;
    http_observer observe;
    void *ctx;
    _Atomic(SSL_CTX *) tls;
    pthread_mutex_t tls_lock;
    atomic_uint connections;
    atomic_size_t buffered; /* bytes of `in` of all connections */
    atomic_bool stopping;
    unsigned port, loop_count, started;
    struct loop *loops;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t after_s(unsigned seconds)
{
    return now_ns() + (int64_t)seconds * 1000000000;
}

/* --- bytes in and out ------------------------------------------------------------- */

enum { AGAIN = -1, CLOSED = -2 };

static long tls_result(struct http_connection *c, int n)
{
    if (n > 0)
        return n;
    int why = SSL_get_error(c->tls, n);
    ERR_clear_error();
    c->want_write = why == SSL_ERROR_WANT_WRITE;
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? AGAIN : CLOSED;
}

static long receive(struct http_connection *c, char *to, size_t len)
{
    if (c->tls)
        return tls_result(c, SSL_read(c->tls, to, len > INT32_MAX ? INT32_MAX : (int)len));
    ssize_t n = recv(c->fd, to, len, 0);
    if (n > 0)
        return n;
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? AGAIN : CLOSED;
}

static long transmit(struct http_connection *c, const char *from, size_t len)
{
    if (c->tls)
        return tls_result(c, SSL_write(c->tls, from, len > INT32_MAX ? INT32_MAX : (int)len));
    ssize_t n = send(c->fd, from, len, MSG_NOSIGNAL);
    if (n >= 0)
        return n;
    return errno == EAGAIN || errno == EINTR ? AGAIN : CLOSED;
}

static void watch(struct http_connection *c)
{
    struct epoll_event event = {.data.ptr = c};
    event.events = c->state == WRITING || c->want_write ? EPOLLOUT : EPOLLIN;
    if (c->state == HANDLING)
        event.events = 0; /* hang-ups are reported all the same */
    if (event.events == c->watched)
        return;
    c->watched = event.events;
    epoll_ctl(c->loop->epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

/* --- connections ------------------------------------------------------------------------ */

static void unlist(struct http_connection *c)
{
    if (c->previous)
        c->previous->next = c->next;
    else
        c->loop->connections = c->next;
    if (c->next)
        c->next->previous = c->previous;
    c->loop->count--;
    atomic_fetch_sub(&c->loop->server->connections, 1);
}

static void connection_free(struct http_connection *c)
{
    atomic_fetch_sub(&c->loop->server->buffered, c->in_cap);
    free(c->in);
    tf_buf_release(&c->reply);
    tf_buf_release(&c->exchange.out);
    free(c);
}

/* Closes the socket. While the handler holds the exchange the memory stays. */
static void hang_up(struct http_connection *c)
{
    unlist(c);
    if (c->tls)
        SSL_free(c->tls);
    c->tls = NULL;
    close(c->fd);
    c->fd = -1;
    if (c->state != HANDLING) {
        connection_free(c);
        return;
    }
    c->state = ABANDONED;
    atomic_store(&c->exchange.cancelled, true);
    c->loop->abandoned++;
}

static bool too_many_from(struct http_server *server, struct loop *loop, const char *peer)
{
    unsigned same = 0;
    if (loop->count < server->config.max_per_address / server->loop_count)
        return false;
    for (struct http_connection *c = loop->connections; c; c = c->next)
        same += strcmp(c->exchange.peer, peer) == 0;
    return same >= server->config.max_per_address / server->loop_count;
}

static struct http_connection *connection_new(struct loop *loop, int fd, const char *peer)
{
    struct http_server *server = loop->server;
    struct http_connection *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->loop = loop;
    c->fd = fd;
    c->reply = (struct tf_buf)TF_BUF_INIT(4096);
    c->exchange.out = (struct tf_buf)TF_BUF_INIT((size_t)256 << 20);
    c->exchange.connection = c;
    snprintf(c->exchange.peer, sizeof c->exchange.peer, "%s", peer);
    if (server->config.certificate) {
        pthread_mutex_lock(&server->tls_lock); /* reload may free the old context */
        c->tls = SSL_new(atomic_load(&server->tls));
        pthread_mutex_unlock(&server->tls_lock);
        if (!c->tls || !SSL_set_fd(c->tls, fd)) {
            SSL_free(c->tls);
            free(c);
            return NULL;
        }
        SSL_set_accept_state(c->tls);
    }
    c->handshaken = !c->tls;
    c->deadline_ns = after_s(c->tls ? server->config.request_s : server->config.idle_s);
    return c;
}

static void pause_accepting(struct loop *loop, bool pause)
{
    struct epoll_event event = {.events = pause ? 0 : EPOLLIN, .data.ptr = loop};
    loop->paused = pause;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, loop->listen_fd, &event);
}

static void accept_all(struct loop *loop)
{
    struct http_server *server = loop->server;
    for (int i = 0; i < 64; i++) {
        struct sockaddr_storage address;
        socklen_t len = sizeof address;
        int fd = accept4(loop->listen_fd, (struct sockaddr *)&address, &len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
            pause_accepting(loop, true);
        if (fd < 0)
            return;
        char peer[64] = "?";
        getnameinfo((struct sockaddr *)&address, len, peer, sizeof peer, NULL, 0, NI_NUMERICHOST);
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct http_connection *c = NULL;
        if (atomic_load(&server->connections) < server->config.max_connections &&
            !too_many_from(server, loop, peer))
            c = connection_new(loop, fd, peer);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        if (c)
            c->watched = EPOLLIN;
        if (!c || epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
            if (c && c->tls)
                SSL_free(c->tls);
            if (c)
                connection_free(c);
            close(fd);
            continue;
        }
        c->next = loop->connections;
        if (c->next)
            c->next->previous = c;
        loop->connections = c;
        loop->count++;
        atomic_fetch_add(&server->connections, 1);
    }
}

/* --- responses ------------------------------------------------------------------------------ */

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {201, "Created"},
                   {204, "No Content"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {408, "Request Timeout"},
                   {409, "Conflict"},
                   {412, "Precondition Failed"},
                   {413, "Content Too Large"},
                   {414, "URI Too Long"},
                   {429, "Too Many Requests"},
                   {431, "Request Header Fields Too Large"},
                   {500, "Internal Server Error"},
                   {501, "Not Implemented"},
                   {503, "Service Unavailable"},
                   {505, "HTTP Version Not Supported"},
                   {507, "Insufficient Storage"}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Status";
}

static void write_reply(struct http_connection *c);

static void write_head(struct tf_buf *out, const struct http_exchange *x, bool close_after)
{
    tf_buf_text(out, "HTTP/1.1 ");
    tf_buf_int(out, x->status);
    tf_buf_char(out, ' ');
    tf_buf_text(out, reason_of(x->status));
    tf_buf_text(out, "\r\nContent-Type: ");
    tf_buf_text(out, x->content_type ? x->content_type : "application/json");
    tf_buf_text(out, "\r\nContent-Length: ");
    tf_buf_int(out, (int64_t)x->out.len);
    tf_buf_text(out, "\r\nX-Request-Id: ");
    tf_buf_text(out, x->request_id);
    tf_buf_text(out, "\r\n");
    tf_buf_text(out, x->headers ? x->headers : "");
    tf_buf_text(out, x->status == 503 ? "Retry-After: 1\r\n" : "");
    tf_buf_text(out, close_after ? "Connection: close\r\n\r\n" : "\r\n");
}

static void begin_reply(struct http_connection *c)
{
    struct http_exchange *x = &c->exchange;
    if (tf_buf_status(&x->out)) {
        tf_buf_clear(&x->out);
        x->status = 500;
        tf_buf_text(&x->out, "{\"message\":\"the answer is too large\"}");
    }
    if (atomic_load(&c->loop->server->stopping))
        c->close_after = true;
    tf_buf_clear(&c->reply);
    write_head(&c->reply, x, c->close_after);
    if (tf_buf_status(&c->reply)) { /* no memory even for this */
        c->state = WRITING;
        hang_up(c);
        return;
    }
    c->state = WRITING;
    c->sent = 0;
    c->deadline_ns = after_s(c->loop->server->config.reply_s);
    c->loop->server->observe(c->loop->server->ctx, x);
    write_reply(c);
}

static void name_request(struct loop *loop, struct http_exchange *x)
{
    static const char digits[] = "0123456789abcdef";
    const uint64_t words[] = {loop->id_high, ++loop->id_low};
    for (size_t i = 0; i < 32; i++)
        x->request_id[i] = digits[words[i / 16] >> (60 - 4 * (i % 16)) & 15];
    x->request_id[32] = '\0';
}

/* A request has begun; its head is not known yet. */
static void begin_exchange(struct http_connection *c)
{
    name_request(c->loop, &c->exchange);
    c->exchange.begun_ns = now_ns();
    c->exchange.head = NULL;
}

/* An answer by the server itself, before or without a handler. */
static void answer(struct http_connection *c, int status, const char *message)
{
    struct http_exchange *x = &c->exchange;
    tf_buf_clear(&x->out);
    tf_buf_text(&x->out, "{\"message\":");
    tf_buf_json(&x->out, message);
    tf_buf_char(&x->out, '}');
    x->status = status;
    x->content_type = NULL;
    x->headers = NULL;
    c->close_after = c->unread = true;
    begin_reply(c);
}

static void parse(struct http_connection *c);

/* The response is out: the next request may be in the buffer already. */
static void next_request(struct http_connection *c)
{
    size_t used = c->head_len + (c->head.chunked ? c->body_len + c->raw : c->body_len);
    if (c->head.chunked) { /* what was not decoded stands after the body */
        memmove(c->in, c->in + c->head_len + c->body_len, c->raw);
        c->in_len = c->raw;
    } else {
        memmove(c->in, c->in + used, c->in_len - used);
        c->in_len -= used;
    }
    if (c->in_cap > 65536 && c->in_len < 4096) {
        char *small = realloc(c->in, 4096);
        if (small) {
            atomic_fetch_sub(&c->loop->server->buffered, c->in_cap - 4096);
            c->in = small;
            c->in_cap = 4096;
        }
    }
    if (c->exchange.out.cap > 65536)
        tf_buf_release(&c->exchange.out);
    tf_buf_clear(&c->exchange.out);
    c->have_head = c->continued = false;
    c->head_len = c->body_len = c->raw = c->looked = 0;
    c->chunked = (struct http_chunked){0};
    c->state = READING;
    c->deadline_ns =
        after_s(c->in_len ? c->loop->server->config.request_s : c->loop->server->config.idle_s);
    /* What TLS holds already raises no event: an event for writing comes at once. */
    c->want_write = c->tls && SSL_has_pending(c->tls);
    watch(c);
    parse(c);
}

enum { LINGER_S = 2 };

/* Throws away what has arrived, until the client closes. */
static void drain(struct http_connection *c)
{
    char unread[16384];
    ssize_t n = 1;
    for (int i = 0; i < 64 && n > 0; i++)
        n = recv(c->fd, unread, sizeof unread, 0);
    bool closed = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (c->state != LINGERING || closed)
        hang_up(c);
}

static void close_gently(struct http_connection *c)
{
    if (c->tls)
        SSL_shutdown(c->tls);
    ERR_clear_error();
    shutdown(c->fd, SHUT_WR);
    if (c->unread) {
        c->state = LINGERING;
        c->want_write = false;
        c->deadline_ns = after_s(LINGER_S);
        watch(c);
    }
    drain(c);
}

static void write_reply(struct http_connection *c)
{
    const struct tf_buf *head = &c->reply, *body = &c->exchange.out;
    bool with_body = c->exchange.head == NULL || c->exchange.head->method != HTTP_HEAD;
    /* A small body goes out with its head in one packet. */
    if (c->sent == 0 && with_body && body->len + head->len < 4000) {
        tf_buf_append(&c->reply, body->data ? body->data : "", body->len);
        with_body = false;
        c->sent = 0;
        c->exchange.out.len = 0;
        if (tf_buf_status(&c->reply)) {
            hang_up(c);
            return;
        }
    }
    size_t total = head->len + (with_body ? body->len : 0);
    while (c->sent < total) {
        bool in_head = c->sent < head->len;
        const char *from = in_head ? head->data + c->sent : body->data + (c->sent - head->len);
        size_t len = in_head ? head->len - c->sent : total - c->sent;
        long n = transmit(c, from, len);
        if (n == AGAIN) {
            watch(c);
            return;
        }
        if (n < 0) {
            hang_up(c);
            return;
        }
        c->sent += (size_t)n;
    }
    if (c->close_after) {
        close_gently(c);
        return;
    }
    next_request(c);
}

/* --- requests -----------------------------------------------------------------------------------
 */

static void dispatch(struct http_connection *c)
{
    struct http_exchange *x = &c->exchange;
    x->head = &c->head;
    x->body = c->in + c->head_len;
    x->body_len = c->body_len;
    x->status = 0;
    x->content_type = NULL;
    x->headers = NULL;
    x->complete = NULL;
    atomic_store(&x->cancelled, false);
    c->close_after = !c->head.keep_alive;
    c->state = HANDLING;
    c->deadline_ns = after_s(c->loop->server->config.reply_s);
    c->loop->server->handle(c->loop->server->ctx, x);
}

enum body { PARTIAL, WHOLE, REFUSED /* answered: c may be gone */ };

static enum body take_body(struct http_connection *c)
{
    if (!c->head.chunked) {
        c->body_len = c->head.content_length;
        return c->in_len - c->head_len >= c->body_len ? WHOLE : PARTIAL;
    }
    char *body = c->in + c->head_len;
    size_t have = c->in_len - c->head_len - c->body_len;
    long used = http_chunked_feed(&c->chunked, body + c->body_len, have, body, &c->body_len,
                                  c->loop->server->config.max_body);
    if (used < 0) {
        answer(c, used == -2 ? 413 : 400,
               used == -2 ? "the body is too large" : "the chunked body is malformed");
        return REFUSED;
    }
    /* Undecoded bytes move up behind what was decoded. */
    size_t from = c->in_len - (have - (size_t)used);
    c->raw = have - (size_t)used;
    memmove(body + c->body_len, c->in + from, c->raw);
    c->in_len = c->head_len + c->body_len + c->raw;
    return c->chunked.done ? WHOLE : PARTIAL;
}

static void parse(struct http_connection *c)
{
    const char *why;
    if (!c->have_head) {
        if (c->in_len == 0)
            return;
        long n = http_parse_head(c->in, c->in_len, &c->looked, &c->head, &why);
        if (n == 0)
            return;
        begin_exchange(c);
        if (n < 0) {
            answer(c, (int)-n, why);
            return;
        }
        c->head_len = (size_t)n;
        c->have_head = true;
        if (c->head.content_length > c->loop->server->config.max_body) {
            answer(c, 413, "the body is too large");
            return;
        }
    }
    switch (take_body(c)) {
    case WHOLE:
        dispatch(c);
        break;
    case PARTIAL:
        if (c->head.expects_continue && !c->continued) {
            static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
            c->continued = true;
            transmit(c, go_on, sizeof go_on - 1);
        }
        break;
    case REFUSED:
        break;
    }
}

/* The head's slices point into `in`: when it moves, parse the head again. */
static bool make_room(struct http_connection *c)
{
    size_t need = c->have_head && !c->head.chunked ? c->head_len + c->head.content_length : 0;
    if (need < c->in_len + 4096)
        need = c->in_len + 4096;
    if (need <= c->in_cap)
        return true;
    size_t cap = c->in_cap * 2 > need ? c->in_cap * 2 : need, more = cap - c->in_cap;
    struct http_server *server = c->loop->server;
    bool fits = atomic_fetch_add(&server->buffered, more) + more <= server->config.max_buffered;
    char *in = fits ? realloc(c->in, cap) : NULL;
    if (!in) {
        atomic_fetch_sub(&server->buffered, more);
        return false;
    }
    const char *why;
    c->in = in;
    c->in_cap = cap;
    if (c->have_head)
        http_parse_head(c->in, c->head_len, NULL, &c->head, &why);
    return true;
}

static void read_more(struct http_connection *c)
{
    while (c->state == READING) {
        if (!make_room(c)) {
            begin_exchange(c);
            answer(c, 503, "requests take too much memory at present; try again");
            return;
        }
        long n = receive(c, c->in + c->in_len, c->in_cap - c->in_len);
        if (n == AGAIN) {
            watch(c);
            return;
        }
        if (n < 0) {
            hang_up(c);
            return;
        }
        if (c->in_len == 0)
            c->deadline_ns = after_s(c->loop->server->config.request_s);
        c->in_len += (size_t)n;
        bool drained = c->in_len < c->in_cap && !c->tls;
        struct loop *loop = c->loop;
        unsigned before = loop->count;
        parse(c);
        if (drained || loop->count != before)
            return; /* c may be gone */
    }
}

static void handshake(struct http_connection *c)
{
    long n = tls_result(c, SSL_do_handshake(c->tls));
    if (n == CLOSED) {
        hang_up(c);
        return;
    }
    c->handshaken = n > 0;
    if (c->handshaken)
        c->deadline_ns = after_s(c->loop->server->config.idle_s);
    watch(c);
    if (c->handshaken)
        read_more(c);
}

static void on_event(struct http_connection *c, uint32_t events)
{
    if (c->state == HANDLING) {
        if (events & (EPOLLERR | EPOLLHUP))
            hang_up(c);
        else
            watch(c); /* bytes of the next request: they can wait */
        return;
    }
    if (!c->handshaken)
        handshake(c);
    else if (c->state == LINGERING)
        drain(c);
    else if (c->state == WRITING)
        write_reply(c);
    else
        read_more(c);
}

/* --- replies from other threads
 * -------------------------------------------------------------------- */

void http_reply(struct http_exchange *exchange)
{
    struct http_connection *c = exchange->connection;
    struct loop *loop = c->loop;
    pthread_mutex_lock(&loop->lock);
    bool first = loop->ready == NULL && !pthread_equal(loop->self, pthread_self());
    c->ready_next = loop->ready;
    loop->ready = c;
    pthread_mutex_unlock(&loop->lock);
    uint64_t one = 1;
    if (first && write(loop->wake_fd, &one, sizeof one) < 0) {
        /* The counter is at its maximum: the loop is awake anyhow. */
    }
}

static bool take_replies(struct loop *loop)
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
            connection_free(c);
        } else {
            begin_reply(c);
        }
        c = next;
    }
    return any;
}

/* --- time
 * ---------------------------------------------------------------------------------------------- */

static const char handler_late[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: "
                                   "application/json\r\nContent-Length: 41\r\nRetry-After: 1\r\n"
                                   "Connection: close\r\n\r\n"
                                   "{\"message\":\"there was no answer in time\"}";

static void check_times(struct loop *loop)
{
    int64_t now = now_ns();
    bool stopping = atomic_load(&loop->server->stopping);
    for (struct http_connection *c = loop->connections, *next; c; c = next) {
        next = c->next;
        bool idle = c->state == READING && c->in_len == 0;
        if (now < c->deadline_ns && !(stopping && idle))
            continue;
        if (c->state == READING && !idle && c->handshaken) {
            begin_exchange(c);
            answer(c, 408, "the request did not arrive in time");
            continue;
        }
        if (c->state == HANDLING)
            transmit(c, handler_late, sizeof handler_late - 1);
        hang_up(c);
    }
}

static void *run(void *arg)
{
    struct loop *loop = arg;
    struct epoll_event events[256];
    int64_t checked = now_ns();
    bool listening = true;
    loop->self = pthread_self();
    for (;;) {
        int n = epoll_wait(loop->epoll_fd, events, 256, 250);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == loop) {
                accept_all(loop);
            } else if (events[i].data.ptr == &loop->wake_fd) {
                uint64_t count;
                if (read(loop->wake_fd, &count, sizeof count) < 0)
                    continue;
            } else {
                on_event(events[i].data.ptr, events[i].events);
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
        if (now_ns() - checked > 250000000 || stopping) {
            check_times(loop);
            if (loop->paused && !stopping)
                pause_accepting(loop, false);
            checked = now_ns();
        }
        if (stopping && loop->count == 0 && loop->abandoned == 0)
            return NULL;
    }
}

/* --- life
 * --------------------------------------------------------------------------------------------------
 */

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

/* All loops listen on the same port; the kernel spreads connections. */
static int listen_on(const char *address, const char *port, char why[160])
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *info = NULL;
    int one = 1, fd = -1, rc = getaddrinfo(address, port, &hints, &info);
    if (rc == 0)
        fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
                    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) ||
                    bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, 1024))) {
        close(fd);
        fd = -1;
    }
    if (fd < 0)
        snprintf(why, 160, "cannot listen on %s port %s: %s", address, port,
                 rc ? gai_strerror(rc) : strerror(errno));
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

static enum tf_status loop_start(struct http_server *s, struct loop *loop, char why[160])
{
    char port[8];
    snprintf(port, sizeof port, "%u", s->port);
    loop->server = s;
    loop->epoll_fd = loop->listen_fd = loop->wake_fd = -1;
    pthread_mutex_init(&loop->lock, NULL);
    if (RAND_bytes((unsigned char *)&loop->id_high, sizeof loop->id_high) != 1)
        return TF_UNSUPPORTED;
    loop->listen_fd = listen_on(s->config.address, s->port ? port : s->config.port, why);
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
        if (server->loops[i].wake_fd > 0)
            close(server->loops[i].wake_fd);
    }
    SSL_CTX_free(atomic_load(&server->tls));
    free(server->loops);
    free(server);
}
