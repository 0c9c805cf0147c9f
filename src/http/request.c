/*
 * request.c - a request from its first byte until the handler has it whole.
 */
#include "http/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static void dispatch(struct http_connection *c)
{
    struct http_exchange *x = &c->exchange;
    x->head = &c->head;
    x->body = c->in + c->head_len;
    x->body_len = c->body_len;
    x->status = 0;
    x->content_type = NULL;
    x->headers = NULL;
    x->whole_len = 0;
    x->complete = NULL;
    x->more = NULL;
    x->label = NULL;
    x->user = NULL;
    atomic_store(&x->cancelled, false);
    atomic_store(&x->fate, HTTP_OPEN);
    c->postponed = false;
    c->close_after = !c->head.keep_alive;
    c->state = HANDLING;
    c->deadline_ns = http_after_s(c->loop->server->config.reply_s);
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
        http_answer(c, used == -2 ? 413 : 400,
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

void http_take_request(struct http_connection *c)
{
    const char *why;
    if (!c->have_head) {
        if (c->in_len == 0)
            return;
        long n = http_parse_head(c->in, c->in_len, &c->looked, &c->head, &why);
        if (n == 0)
            return;
        http_begin_exchange(c);
        if (n < 0) {
            http_answer(c, (int)-n, why);
            return;
        }
        c->head_len = (size_t)n;
        c->have_head = true;
        if (c->head.content_length > c->loop->server->config.max_body) {
            http_answer(c, 413, "the body is too large");
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
            http_transmit(c, go_on, sizeof go_on - 1);
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
            http_begin_exchange(c);
            http_answer(c, 503, "requests take too much memory at present; try again");
            return;
        }
        long n = http_receive(c, c->in + c->in_len, c->in_cap - c->in_len);
        if (n == AGAIN) {
            http_watch(c);
            return;
        }
        if (n < 0) {
            http_hang_up(c);
            return;
        }
        if (c->in_len == 0)
            c->deadline_ns = http_after_s(c->loop->server->config.request_s);
        c->in_len += (size_t)n;
        bool drained = c->in_len < c->in_cap && !c->tls;
        struct http_loop *loop = c->loop;
        unsigned before = loop->count;
        http_take_request(c);
        if (drained || loop->count != before)
            return; /* c may be gone */
    }
}

static void handshake(struct http_connection *c)
{
    long n = http_tls_result(c, SSL_do_handshake(c->tls));
    if (n == CLOSED) {
        http_hang_up(c);
        return;
    }
    c->handshaken = n > 0;
    if (c->handshaken)
        c->deadline_ns = http_after_s(c->loop->server->config.idle_s);
    http_watch(c);
    if (c->handshaken)
        read_more(c);
}

void http_on_event(struct http_connection *c, uint32_t events)
{
    if (c->state == HANDLING) {
        if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) /* the last: of a stream's reader */
            http_hang_up(c);
        else
            http_watch(c); /* bytes of the next request: they can wait */
        return;
    }
    if (!c->handshaken)
        handshake(c);
    else if (c->state == LINGERING)
        http_drain(c);
    else if (c->state == WRITING)
        http_write_reply(c);
    else
        read_more(c);
}
