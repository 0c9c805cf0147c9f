/*
 * response.c - heads and bodies of responses, and what follows when one is out.
 */
#include "http/internal.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {201, "Created"},
                   {204, "No Content"},
                   {206, "Partial Content"},
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
                   {416, "Range Not Satisfiable"},
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

static void write_head(struct tf_buf *out, const struct http_exchange *x, bool close_after)
{
    tf_buf_text(out, "HTTP/1.1 ");
    tf_buf_int(out, x->status);
    tf_buf_char(out, ' ');
    tf_buf_text(out, reason_of(x->status));
    tf_buf_text(out, "\r\nContent-Type: ");
    tf_buf_text(out, x->content_type ? x->content_type : "application/json");
    /* Of a stream it is not known; of a 304 it would be that of the file (RFC 9110 section 8.6). */
    if (!x->more && x->status != 304) {
        tf_buf_text(out, "\r\nContent-Length: ");
        tf_buf_int(out, x->whole_len ? (int64_t)x->whole_len : (int64_t)x->out.len);
    }
    tf_buf_text(out, "\r\nX-Request-Id: ");
    tf_buf_text(out, x->request_id);
    tf_buf_text(out, "\r\n");
    tf_buf_text(out, x->headers ? x->headers : "");
    tf_buf_text(out, x->status == 503 ? "Retry-After: 1\r\n" : "");
    tf_buf_text(out, close_after ? "Connection: close\r\n\r\n" : "\r\n");
}

/* More of a stream. */
static void go_on(struct http_connection *c)
{
    tf_buf_clear(&c->reply);
    c->state = WRITING;
    c->sent = 0;
    c->deadline_ns = http_after_s(c->loop->server->config.reply_s);
    if (tf_buf_status(&c->exchange.out))
        http_hang_up(c);
    else
        http_write_reply(c);
}

void http_begin_reply(struct http_connection *c)
{
    struct http_exchange *x = &c->exchange;
    if (c->streaming) {
        go_on(c);
        return;
    }
    if (tf_buf_status(&x->out)) {
        tf_buf_clear(&x->out);
        x->status = 500;
        tf_buf_text(&x->out, "{\"message\":\"the answer is too large\"}");
    }
    c->streaming = x->more != NULL;
    if (atomic_load(&c->loop->server->stopping) || c->streaming)
        c->close_after = true;
    tf_buf_clear(&c->reply);
    write_head(&c->reply, x, c->close_after);
    if (tf_buf_status(&c->reply)) { /* no memory even for this */
        c->state = WRITING;
        http_hang_up(c);
        return;
    }
    c->state = WRITING;
    c->sent = 0;
    c->deadline_ns = http_after_s(c->loop->server->config.reply_s);
    c->loop->server->observe(c->loop->server->ctx, x);
    http_write_reply(c);
}

static void name_request(struct http_loop *loop, struct http_exchange *x)
{
    static const char digits[] = "0123456789abcdef";
    const uint64_t words[] = {loop->id_high, ++loop->id_low};
    for (size_t i = 0; i < 32; i++)
        x->request_id[i] = digits[words[i / 16] >> (60 - 4 * (i % 16)) & 15];
    x->request_id[32] = '\0';
}

void http_begin_exchange(struct http_connection *c)
{
    name_request(c->loop, &c->exchange);
    c->exchange.begun_ns = http_now_ns();
    c->exchange.head = NULL;
}

void http_answer(struct http_connection *c, int status, const char *message)
{
    struct http_exchange *x = &c->exchange;
    tf_buf_clear(&x->out);
    tf_buf_text(&x->out, "{\"message\":");
    tf_buf_json(&x->out, message);
    tf_buf_char(&x->out, '}');
    x->status = status;
    x->content_type = NULL;
    x->headers = NULL;
    x->whole_len = 0;
    x->more = NULL;
    c->close_after = c->unread = true;
    http_begin_reply(c);
}

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
    c->deadline_ns = http_after_s(c->in_len ? c->loop->server->config.request_s
                                            : c->loop->server->config.idle_s);
    /* What TLS holds already raises no event: an event for writing comes at once. */
    c->want_write = c->tls && SSL_has_pending(c->tls);
    http_watch(c);
    http_take_request(c);
}

enum { LINGER_S = 2 };

void http_drain(struct http_connection *c)
{
    char unread[16384];
    ssize_t n = 1;
    for (int i = 0; i < 64 && n > 0; i++)
        n = recv(c->fd, unread, sizeof unread, 0);
    bool closed = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (c->state != LINGERING || closed)
        http_hang_up(c);
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
        c->deadline_ns = http_after_s(LINGER_S);
        http_watch(c);
    }
    http_drain(c);
}

/* All of the stream so far is out: the handler has the exchange again, for as long as it likes. */
static void ask_for_more(struct http_connection *c)
{
    struct http_exchange *x = &c->exchange;
    if (x->out.cap > 65536)
        tf_buf_release(&x->out);
    tf_buf_clear(&x->out);
    c->state = HANDLING;
    c->want_write = false;
    c->deadline_ns = INT64_MAX;
    http_watch(c);
    x->more(x);
}

void http_write_reply(struct http_connection *c)
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
            http_hang_up(c);
            return;
        }
    }
    size_t total = head->len + (with_body ? body->len : 0);
    while (c->sent < total) {
        bool in_head = c->sent < head->len;
        const char *from = in_head ? head->data + c->sent : body->data + (c->sent - head->len);
        size_t len = in_head ? head->len - c->sent : total - c->sent;
        long n = http_transmit(c, from, len);
        if (n == AGAIN) {
            http_watch(c);
            return;
        }
        if (n < 0) {
            http_hang_up(c);
            return;
        }
        c->sent += (size_t)n;
    }
    if (c->exchange.more) {
        ask_for_more(c);
        return;
    }
    if (c->close_after) {
        close_gently(c);
        return;
    }
    next_request(c);
}
