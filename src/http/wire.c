/*
 * wire.c - bytes in and out of a connection, with TLS or without.
 */
#include "http/internal.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

long http_tls_result(struct http_connection *c, int n)
{
    if (n > 0)
        return n;
    int why = SSL_get_error(c->tls, n);
    ERR_clear_error();
    c->want_write = why == SSL_ERROR_WANT_WRITE;
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? AGAIN : CLOSED;
}

long http_receive(struct http_connection *c, char *to, size_t len)
{
    if (c->tls)
        return http_tls_result(c, SSL_read(c->tls, to, len > INT32_MAX ? INT32_MAX : (int)len));
    ssize_t n = recv(c->fd, to, len, 0);
    if (n > 0)
        return n;
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? AGAIN : CLOSED;
}

long http_transmit(struct http_connection *c, const char *from, size_t len)
{
    if (c->tls)
        return http_tls_result(c, SSL_write(c->tls, from, len > INT32_MAX ? INT32_MAX : (int)len));
    ssize_t n = send(c->fd, from, len, MSG_NOSIGNAL);
    if (n >= 0)
        return n;
    return errno == EAGAIN || errno == EINTR ? AGAIN : CLOSED;
}

void http_watch(struct http_connection *c)
{
    struct epoll_event event = {.data.ptr = c};
    event.events = c->state == WRITING || c->want_write ? EPOLLOUT : EPOLLIN;
    if (c->state == HANDLING)
        event.events = c->streaming ? EPOLLRDHUP : 0; /* hang-ups are reported all the same */
    if (event.events == c->watched)
        return;
    c->watched = event.events;
    epoll_ctl(c->loop->epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}
