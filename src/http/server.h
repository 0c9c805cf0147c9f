/*
 * server.h - an HTTP/1.1 server on epoll: a few threads, each with its own
 * listening socket, connections and limits; TLS by OpenSSL.
 *
 * A request is handed to the handler whole, as an exchange. The handler fills
 * the response and calls http_reply(), at once or later and from any thread, exactly
 * once; the connection waits. Requests on one connection are served one after
 * the other.
 */
#ifndef TF_HTTP_SERVER_H
#define TF_HTTP_SERVER_H

#include "base/buf.h"
#include "http/parser.h"
#include <stdatomic.h>

struct http_server;
struct http_connection;

/* Zero fields take the defaults in brackets. */
struct http_config {
    const char *address;                   /* numeric, "127.0.0.1" or "::1" */
    const char *port;                      /* "0": any free one, see http_server_port */
    unsigned threads;                      /* [2] */
    size_t max_body;                       /* [4 MiB]; larger: 413 */
    size_t max_buffered;                   /* of requests, over all [256 MiB]; beyond: 503 */
    unsigned max_connections;              /* over all [4096]; further ones are closed at once */
    unsigned max_per_address;              /* [1024] */
    unsigned idle_s;                       /* between requests [75] */
    unsigned request_s;                    /* for a request to arrive whole [20] */
    unsigned reply_s;                      /* for the handler, then 503 [10]; and for sending */
    const char *certificate, *private_key; /* PEM files; NULL: no TLS */
};

/* One request and its response. */
struct http_exchange {
    const struct http_head *head;
    const char *body;
    size_t body_len;
    char peer[64]; /* the client's address */
    char request_id[40];
    int64_t begun_ns; /* monotonic, when the head had arrived */
    /* The response: */
    int status;
    const char *content_type; /* static; default application/json */
    const char *headers;      /* static, whole lines with CRLF; may be NULL */
    char room[384];           /* for `headers` that are made for this response */
    struct tf_buf out;
    uint64_t
        whole_len;     /* of an answer to HEAD whose body is not made: its length; 0: `out` is it */
    const char *label; /* static: what was asked for, for logs and metrics; may be NULL */
    /* Set by the server when the time for the handler is over: what has not begun
     * must not be applied any more. */
    atomic_bool cancelled;
    atomic_uint fate; /* see http_claim() */
    void *user;       /* the handler's */
    /* The handler may set it before http_reply(): called once on the connection's thread
     * to make the response, or, if the exchange was cancelled, only to free `user`. */
    void (*complete)(struct http_exchange *exchange);
    /*
     * A stream (server-sent events): set before the first http_reply(). The head has no length
     * and the connection ends with the stream. When all of `out` is on its way, more() is called
     * on the connection's thread: the exchange is the handler's again, with `out` empty, until
     * it calls http_reply() once more, however late. So a slow reader is asked for nothing
     * until it has read. To end the stream, set it to NULL before http_reply(). When `cancelled` is
     * set (the client has gone, or was too slow, or the server stops) the handler must call
     * http_reply() soon, and nothing is sent.
     */
    void (*more)(struct http_exchange *exchange);
    /* For http_server only: */
    struct http_connection *connection;
};

typedef void (*http_handler)(void *ctx, struct http_exchange *exchange);
/* Called after a response was handed over for sending, for logs and metrics. */
typedef void (*http_observer)(void *ctx, const struct http_exchange *exchange);

/* TF_UNSUPPORTED: the address cannot be listened on (errno text in why), TF_NOMEM. */
enum tf_status http_server_start(const struct http_config *config, http_handler handle,
                                 http_observer observe, void *ctx, struct http_server **out,
                                 char why[160]);
unsigned http_server_port(const struct http_server *server);
/* Reads certificate and key again; on failure the old ones stay. */
enum tf_status http_server_reload(struct http_server *server, char why[160]);
/* No new connections; requests under way are answered, each within its limits, then
 * all is closed. Waits for it. */
void http_server_stop(struct http_server *server);
void http_server_free(struct http_server *server);
unsigned http_server_connections(const struct http_server *server);

/* The response is ready, or can be made by complete(). From any thread. The exchange must not be
 * touched afterwards. */
void http_reply(struct http_exchange *exchange);

/* What was asked for is about to take effect. False if the exchange was given up: it must not, and
 * the client has been told so. True: its time is longer from now on, and if that is over as well,
 * the client is told that nobody knows. May be asked again. From any thread. */
bool http_claim(struct http_exchange *exchange);

#endif
