/*
 * connection.c - accepting connections within the limits, and closing them.
 */
#define _GNU_SOURCE /* accept4 */
#include "http/internal.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

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

void http_connection_free(struct http_connection *c)
{
    atomic_fetch_sub(&c->loop->server->buffered, c->in_cap);
    free(c->in);
    tf_buf_release(&c->reply);
    tf_buf_release(&c->exchange.out);
    free(c);
}

void http_hang_up(struct http_connection *c)
{
    unlist(c);
    if (c->tls)
        SSL_free(c->tls);
    c->tls = NULL;
    close(c->fd);
    c->fd = -1;
    struct http_exchange *x = &c->exchange;
    bool is_ours = c->state != HANDLING; /* of a stream: until its handler has freed what it has */
    if (is_ours && !(c->streaming && x->more)) {
        http_connection_free(c);
        return;
    }
    c->state = ABANDONED;
    http_give_up(x);
    atomic_store(&x->cancelled, true);
    c->loop->abandoned++;
    if (is_ours)
        x->more(x);
}

static bool too_many_from(struct http_server *server, struct http_loop *loop, const char *peer)
{
    unsigned same = 0;
    if (loop->count < server->config.max_per_address / server->loop_count)
        return false;
    for (struct http_connection *c = loop->connections; c; c = c->next)
        same += strcmp(c->exchange.peer, peer) == 0;
    return same >= server->config.max_per_address / server->loop_count;
}

static struct http_connection *connection_new(struct http_loop *loop, int fd, const char *peer)
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
    c->deadline_ns = http_after_s(c->tls ? server->config.request_s : server->config.idle_s);
    return c;
}

void http_pause_accepting(struct http_loop *loop, bool pause)
{
    struct epoll_event event = {.events = pause ? 0 : EPOLLIN, .data.ptr = loop};
    loop->paused = pause;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, loop->listen_fd, &event);
}

void http_accept_all(struct http_loop *loop)
{
    struct http_server *server = loop->server;
    for (int i = 0; i < 64; i++) {
        struct sockaddr_storage address;
        socklen_t len = sizeof address;
        int fd = accept4(loop->listen_fd, (struct sockaddr *)&address, &len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
            http_pause_accepting(loop, true);
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
                http_connection_free(c);
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
