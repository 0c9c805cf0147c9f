/*
 * test_server.c - the server's times and limits, made short: slow heads and bodies, idle
 * connections, late handlers, too many connections, stopping under load.
 */
#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define REQUEST "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* /late and /claimed are answered by a thread after 2 s, /thread by a thread, all else at once. */
struct service {
    struct http_server *server;
    atomic_uint observed, late, cancelled, rounds, ended;
};

/* --- a stream of 40 parts of 1 MiB that then waits until its reader has gone ---------- */

enum { PARTS = 40, PART = 1 << 20 };

static void end_stream(struct http_exchange *x)
{
    struct service *s = x->user;
    x->more = NULL;
    atomic_fetch_add(&s->ended, 1);
    http_reply(x);
}

static void *wait_for_the_end(void *arg)
{
    struct http_exchange *x = arg;
    while (!atomic_load(&x->cancelled))
        sleep_ms(5);
    end_stream(x);
    return NULL;
}

static void next_part(struct http_exchange *x)
{
    static char part[PART];
    struct service *s = x->user;
    pthread_t thread;
    if (atomic_load(&x->cancelled)) {
        end_stream(x);
    } else if (atomic_fetch_add(&s->rounds, 1) < PARTS) {
        tf_buf_append(&x->out, part, PART);
        http_reply(x);
    } else {
        assert_int_equal(pthread_create(&thread, NULL, wait_for_the_end, x), 0);
        pthread_detach(thread);
    }
}

static void *answer_late(void *arg)
{
    struct http_exchange *x = arg;
    struct service *s = x->user;
    bool claims = http_slice_is(x->head->path, "/claimed");
    if (claims)
        assert_true(http_claim(x) && http_claim(x));
    if (claims)
        sleep_ms(2000);
    for (int i = 0; http_slice_is(x->head->path, "/late") && i < 2000; i++) {
        if (atomic_load(&x->cancelled))
            break;
        sleep_ms(30);
    }
    if (!claims && atomic_load(&x->cancelled))
        assert_false(http_claim(x));
    if (atomic_load(&x->cancelled))
        atomic_fetch_add(&s->cancelled, 1);
    x->status = 200;
    http_reply(x);
    return NULL;
}

static void handle(void *ctx, struct http_exchange *x)
{
    x->user = ctx;
    static const char *const by_threads[] = {"/late", "/claimed", "/thread"};
    bool threaded = false;
    for (size_t i = 0; i < 3; i++)
        threaded = threaded || http_slice_is(x->head->path, by_threads[i]);
    if (threaded) {
        pthread_t thread;
        atomic_fetch_add(&((struct service *)ctx)->late, 1);
        assert_int_equal(pthread_create(&thread, NULL, answer_late, x), 0);
        pthread_detach(thread);
        return;
    }
    x->status = 200;
    if (http_slice_is(x->head->path, "/stream")) {
        x->content_type = "text/event-stream";
        x->more = next_part;
    }
    tf_buf_text(&x->out, "{}");
    http_reply(x);
}

static void observe(void *ctx, const struct http_exchange *x)
{
    struct service *s = ctx;
    (void)x;
    atomic_fetch_add(&s->observed, 1);
}

static int start(void **state)
{
    char why[160] = "";
    struct service *s = calloc(1, sizeof *s);
    struct http_config config = {.address = "127.0.0.1",
                                 .port = "0",
                                 .threads = 1,
                                 .max_body = 1000,
                                 .max_connections = 20,
                                 .max_per_address = 10,
                                 .idle_s = 4,
                                 .request_s = 1,
                                 .reply_s = 1};
    if (!s || http_server_start(&config, handle, observe, s, &s->server, why)) {
        print_error("%s\n", why);
        free(s);
        return -1;
    }
    *state = s;
    return 0;
}

static int stop(void **state)
{
    struct service *s = *state;
    http_server_stop(s->server);
    assert_int_equal(http_server_connections(s->server), 0);
    http_server_free(s->server);
    free(s);
    return 0;
}

static int release(void **state) /* it has been stopped */
{
    struct service *s = *state;
    http_server_free(s->server);
    free(s);
    return 0;
}

static int dial(const struct service *s)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)http_server_port(s->server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {60, 0}; /* only a server that hangs makes anybody wait for it */
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static bool say(int fd, const char *text)
{
    return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

/* All that comes until the other side closes; the status, 0 if nothing came. */
static int until_closed(int fd)
{
    char text[4096];
    size_t len = 0;
    ssize_t n;
    while (len < sizeof text - 1 && (n = recv(fd, text + len, sizeof text - 1 - len, 0)) > 0)
        len += (size_t)n;
    close(fd);
    text[len] = '\0';
    return len > 12 ? (int)strtol(text + 9, NULL, 10) : 0;
}

static int one_reply(int fd)
{
    char text[4096];
    ssize_t n = recv(fd, text, sizeof text - 1, 0);
    if (n <= 12)
        return 0;
    text[n] = '\0';
    return (int)strtol(text + 9, NULL, 10);
}

static void await_cancelled(struct service *s)
{
    for (int i = 0; i < 2000 && !atomic_load(&s->cancelled); i++)
        sleep_ms(30);
}

static void a_slow_head_is_answered_408(void **state)
{
    int fd = dial(*state);
    for (const char *p = "GET / HTTP/1.1\r\nHost: xxxxxxxxxxxxxxxxxxxx"; *p; p++) {
        char byte[2] = {*p, '\0'};
        if (!say(fd, byte))
            break;
        sleep_ms(40); /* each byte is news, but the whole is too late */
    }
    assert_int_equal(until_closed(fd), 408);
}

static void a_slow_body_is_answered_408(void **state)
{
    int fd = dial(*state);
    assert_true(say(fd, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"));
    for (int i = 0; i < 40 && say(fd, "x"); i++)
        sleep_ms(40);
    assert_int_equal(until_closed(fd), 408);
    fd = dial(*state);
    assert_true(say(fd, "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
    for (int i = 0; i < 40 && say(fd, "1\r\nx\r\n"); i++)
        sleep_ms(40);
    assert_int_equal(until_closed(fd), 408);
}

static void an_idle_connection_stays_for_its_time(void **state)
{
    int fd = dial(*state);
    int64_t begun = 0;
    for (int i = 0; i < 3; i++) { /* longer than request_s, shorter than idle_s */
        int64_t before = now_ms();
        sleep_ms(1300);
        begun = now_ms();
        bool good = say(fd, REQUEST) && one_reply(fd) == 200;
        if (!good && now_ms() - before >= 3500) { /* the machine has slept: another one */
            close(fd);
            fd = dial(*state);
            i = -1;
            continue;
        }
        assert_true(good);
    }
    assert_int_equal(until_closed(fd), 0);
    assert_true(now_ms() - begun >= 3900);
}

static void a_late_handler_is_cancelled(void **state)
{
    struct service *s = *state;
    int fd = dial(s), other = dial(s);
    assert_true(say(fd, "GET /late HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert_int_equal(until_closed(fd), 503); /* 200 would be the handler's */
    assert_true(say(other, REQUEST));        /* the others go on meanwhile */
    assert_int_equal(one_reply(other), 200);
    close(other);
    await_cancelled(s);
    assert_int_equal(atomic_load(&s->cancelled), 1);
}

static void what_was_begun_has_more_time(void **state)
{
    struct service *s = *state;
    int fd = dial(s);
    assert_true(say(fd, "GET /claimed HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert_int_equal(one_reply(fd), 200); /* after twice reply_s */
    assert_int_equal(atomic_load(&s->cancelled), 0);
    close(fd);
}

static void a_client_that_leaves_cancels(void **state)
{
    struct service *s = *state;
    int fd = dial(s);
    struct linger reset = {1, 0};
    assert_true(say(fd, "GET /late HTTP/1.1\r\nHost: x\r\n\r\n"));
    for (int i = 0; i < 2000 && !atomic_load(&s->late); i++)
        sleep_ms(30);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    await_cancelled(s);
    assert_int_equal(atomic_load(&s->cancelled), 1);
}

static void too_many_from_one_address_are_closed(void **state)
{
    int fd[15], served = 0;
    for (int i = 0; i < 15; i++)
        fd[i] = dial(*state);
    for (int i = 0; i < 15; i++)
        served += say(fd[i], REQUEST) && one_reply(fd[i]) == 200;
    assert_int_equal(served, 10);
    for (int i = 0; i < 15; i++)
        close(fd[i]);
    for (int i = 0; i < 2000; i++) { /* there is room again */
        int again = dial(*state);
        bool good = say(again, REQUEST) && one_reply(again) == 200;
        close(again);
        if (good)
            return;
        sleep_ms(20);
    }
    fail();
}

static void a_body_that_is_too_large_is_answered_413(void **state)
{
    char body[5000];
    memset(body, 'x', sizeof body);
    for (int chunked = 0; chunked < 2; chunked++) {
        int fd = dial(*state);
        assert_true(say(fd, chunked ? "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
                                      "\r\n\r\n1388\r\n"
                                    : "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"));
        for (int i = 0; i < 200; i++) /* 1 MB, none of which is wanted */
            if (send(fd, body, sizeof body, MSG_NOSIGNAL) < 0)
                break;
        shutdown(fd, SHUT_WR);
        assert_int_equal(until_closed(fd), 413);
    }
}

/* Clients that ask, leave and reset at random while others are answered by threads. */
static void *churn(void *arg)
{
    const struct service *s = arg;
    unsigned turn = (unsigned)(uintptr_t)&s;
    for (int i = 0; i < 150; i++) {
        struct linger reset = {1, 0};
        int fd = dial(s);
        turn = turn * 1103515245u + 12345u;
        bool sent = say(fd, "GET /thread HTTP/1.1\r\nHost: x\r\n\r\n" REQUEST);
        if (sent && turn >> 16 & 1)
            one_reply(fd);
        if (turn >> 17 & 1)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    return NULL;
}

static void clients_that_come_and_go(void **state)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, churn, *state), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2000; i++) {
        int fd = dial(*state);
        bool good = say(fd, REQUEST) && one_reply(fd) == 200;
        close(fd);
        if (good)
            return;
        sleep_ms(20);
    }
    fail();
}

/* Bodies that fill what there is for all of them; then there is room again. */
static void requests_that_take_too_much_memory(void **state)
{
    static char body[300000];
    static const char head[] = "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n";
    struct service s = {0};
    char why[160];
    struct http_config config = {.address = "127.0.0.1",
                                 .port = "0",
                                 .threads = 1,
                                 .max_body = 1000000,
                                 .max_buffered = 500000};
    (void)state;
    memset(body, 'x', sizeof body);
    assert_int_equal(http_server_start(&config, handle, observe, &s, &s.server, why), TF_OK);
    for (int round = 0; round < 3; round++) {
        int one = dial(&s), two = dial(&s);
        assert_true(say(one, head));
        sleep_ms(100);
        assert_int_equal(send(one, body, 1000, MSG_NOSIGNAL), 1000);
        sleep_ms(100);
        assert_true(say(two, head));
        sleep_ms(100);
        assert_int_equal(send(two, body, 1000, MSG_NOSIGNAL), 1000);
        assert_int_equal(until_closed(two), 503);
        for (size_t sent = 1000; sent < sizeof body;) {
            ssize_t n = send(one, body + sent, sizeof body - sent, MSG_NOSIGNAL);
            assert_true(n > 0);
            sent += (size_t)n;
        }
        assert_int_equal(one_reply(one), 200);
        close(one);
        sleep_ms(100);
    }
    http_server_stop(s.server);
    http_server_free(s.server);
}

#define STREAM "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"

static void await(const atomic_uint *what, unsigned value)
{
    for (int i = 0; i < 2000 && atomic_load(what) < value; i++)
        sleep_ms(30);
    assert_int_equal(atomic_load(what), value);
}

static void a_stream_comes_whole_and_ends_with_its_reader(void **state)
{
    struct service *s = *state;
    static char text[65536];
    int fd = dial(s);
    assert_true(say(fd, STREAM));
    size_t len = 0;
    bool has_length = false;
    while (len < (size_t)PARTS * PART) {
        ssize_t n = recv(fd, text, sizeof text - 1, 0);
        assert_true(n > 0);
        if (len == 0) {
            text[n] = '\0';
            has_length = strstr(text, "Content-Length") || !strstr(text, "Connection: close");
        }
        len += (size_t)n;
    }
    assert_false(has_length);
    await(&s->rounds, PARTS + 1);
    sleep_ms(1300); /* longer than a handler may take otherwise */
    assert_int_equal(atomic_load(&s->ended), 0);
    close(fd);
    await(&s->ended, 1);
    await(&s->observed, 1);
}

static void a_slow_reader_is_asked_for_nothing_and_then_dropped(void **state)
{
    struct service *s = *state;
    int fd = dial(s);
    assert_true(say(fd, STREAM));
    await(&s->ended, 1); /* after reply_s */
    unsigned rounds = atomic_load(&s->rounds);
    assert_true(rounds > 0 && rounds < PARTS);
    for (int i = 0; i < 2000 && http_server_connections(s->server) > 0; i++)
        sleep_ms(30);
    assert_int_equal(http_server_connections(s->server), 0);
    close(fd);
}

static void a_server_that_stops_ends_its_streams(void **state)
{
    struct service *s = *state;
    static char text[65536];
    int fd = dial(s);
    assert_true(say(fd, STREAM));
    for (size_t len = 0; len < (size_t)PARTS * PART;) {
        ssize_t n = recv(fd, text, sizeof text, 0);
        assert_true(n > 0);
        len += (size_t)n;
    }
    await(&s->rounds, PARTS + 1);
    http_server_stop(s->server);
    assert_int_equal(atomic_load(&s->ended), 1);
    close(fd);
}

static void what_cannot_be_listened_on_is_an_error(void **state)
{
    (void)state;
    static const char *const addresses[] = {"198.51.100.1", "nonsense", "localhost", "::2"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct http_config config = {.address = addresses[i], .port = "0"};
        struct http_server *server = NULL;
        char why[160] = "";
        assert_int_equal(http_server_start(&config, handle, observe, NULL, &server, why),
                         TF_UNSUPPORTED);
        assert_null(server);
        assert_true(why[0]);
    }
}

/* The loops of one server share a port; another server of the same user does not. */
static void a_port_belongs_to_one_server(void **state)
{
    (void)state;
    char why[160] = "", port[8];
    struct http_config config = {.address = "127.0.0.1", .port = "0", .threads = 3};
    struct http_server *first, *second = NULL;
    assert_int_equal(http_server_start(&config, handle, observe, NULL, &first, why), TF_OK);
    snprintf(port, sizeof port, "%u", http_server_port(first));
    config.port = port;
    assert_int_equal(http_server_start(&config, handle, observe, NULL, &second, why),
                     TF_UNSUPPORTED);
    assert_null(second);
    assert_non_null(strstr(why, port));
    http_server_stop(first);
    http_server_free(first);
    assert_int_equal(http_server_start(&config, handle, observe, NULL, &second, why), TF_OK);
    http_server_stop(second);
    http_server_free(second);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(a_slow_head_is_answered_408),
        TEST(a_slow_body_is_answered_408),
        TEST(an_idle_connection_stays_for_its_time),
        TEST(a_late_handler_is_cancelled),
        TEST(what_was_begun_has_more_time),
        TEST(a_client_that_leaves_cancels),
        TEST(too_many_from_one_address_are_closed),
        TEST(a_body_that_is_too_large_is_answered_413),
        TEST(clients_that_come_and_go),
        TEST(a_stream_comes_whole_and_ends_with_its_reader),
        TEST(a_slow_reader_is_asked_for_nothing_and_then_dropped),
        cmocka_unit_test_setup_teardown(a_server_that_stops_ends_its_streams, start, release),
        cmocka_unit_test(requests_that_take_too_much_memory),
        cmocka_unit_test(what_cannot_be_listened_on_is_an_error),
        cmocka_unit_test(a_port_belongs_to_one_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
