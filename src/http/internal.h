/*
 * internal.h - what the files of the server share: its connections and threads.
 *
 *     server.c      starts, stops; the loop of each thread; deadlines
 *     connection.c  accepts and closes
 *     request.c     reads a request whole and hands it to the handler
 *     response.c    sends what the handler (or the server itself) answers
 *     wire.c        bytes in and out, with TLS or without
 *
 * All of it happens on the thread that owns the connection.
 */
#ifndef TF_HTTP_INTERNAL_H
#define TF_HTTP_INTERNAL_H

#include "http/server.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <time.h>

enum fate { HTTP_OPEN, HTTP_CLAIMED, HTTP_GIVEN_UP }; /* of an exchange: only out of the first */

enum state { READING, HANDLING, WRITING, LINGERING, ABANDONED };

struct http_connection {
    struct http_loop *loop;
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
    bool postponed;      /* the time of a claimed exchange is longer already */
    bool streaming;      /* the head of a stream is out */
    bool unread;         /* the client may still be sending what nobody will read */
    struct tf_buf reply; /* status line and headers; the body is exchange.out */
    size_t sent;
    struct http_exchange exchange;
};

struct http_loop {
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
    struct http_loop *loops;
};

static inline int64_t http_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline int64_t http_after_s(unsigned seconds)
{
    return http_now_ns() + (int64_t)seconds * 1000000000;
}

/* --- wire.c ----------------------------------------------------------------------- */

enum { AGAIN = -1, CLOSED = -2 };

/* What an operation of OpenSSL has come to: a count, AGAIN or CLOSED. */
long http_tls_result(struct http_connection *c, int n);
/* Bytes received or sent, AGAIN or CLOSED. */
long http_receive(struct http_connection *c, char *to, size_t len);
long http_transmit(struct http_connection *c, const char *from, size_t len);
/* Tells epoll what the connection's state waits for. */
void http_watch(struct http_connection *c);

/* --- connection.c ------------------------------------------------------------------- */

void http_accept_all(struct http_loop *loop);
/* While there are no descriptors left. */
void http_pause_accepting(struct http_loop *loop, bool pause);
/* Closes the socket. While the handler holds the exchange the memory stays. */
void http_hang_up(struct http_connection *c);
bool http_give_up(struct http_exchange *exchange); /* false: it has been claimed */
void http_connection_free(struct http_connection *c);

/* --- request.c: any of these may end with the connection gone ------------------------ */

void http_on_event(struct http_connection *c, uint32_t events);
/* Goes on with what has been received. */
void http_take_request(struct http_connection *c);

/* --- response.c: likewise ------------------------------------------------------------ */

/* A request has begun; its head is not known yet. */
void http_begin_exchange(struct http_connection *c);
/* The exchange holds the response: sends it. */
void http_begin_reply(struct http_connection *c);
/* Goes on sending. */
void http_write_reply(struct http_connection *c);
/* An answer by the server itself, before or without a handler; the connection ends with it. */
void http_answer(struct http_connection *c, int status, const char *message);
/* Lingering: throws away what has arrived, until the client closes. */
void http_drain(struct http_connection *c);

#endif
