/*
 * test_login.c - the thread that checks passwords, when more ask than it can answer in time.
 */
#include "desk/login.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct service {
    struct http_server *server;
    struct login *login;
    atomic_uint begun;
    atomic_bool may_end;
};
static struct service service; /* work() is told of a visit only */

static void check_slowly(struct visit *v)
{
    atomic_fetch_add(&service.begun, 1);
    while (!atomic_load(&service.may_end))
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    v->exchange->status = 200;
}

static void handle(void *ctx, struct http_exchange *x)
{
    struct visit *v = calloc(1, sizeof *v);
    (void)ctx;
    assert_non_null(v);
    v->exchange = x;
    v->out = &x->out;
    login_queue(service.login, v, "chief", check_slowly);
}

static void observe(void *ctx, const struct http_exchange *x)
{
    (void)ctx;
    (void)x;
}

static int ask(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)http_server_port(service.server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 60},
               sizeof(struct timeval));
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, text, sizeof text - 1, MSG_NOSIGNAL), sizeof text - 1);
    return fd;
}

static long answer_of(int fd)
{
    char text[512] = "";
    ssize_t n = recv(fd, text, sizeof text - 1, 0);
    close(fd);
    return n > 12 ? strtol(text + 9, NULL, 10) : 0;
}

/* The first is begun, and has the time that it takes. The second waits behind it until its time is
 * over, is told that nothing was done, and nothing is. */
static void who_was_refused_is_not_let_in(void **state)
{
    char why[160] = "";
    struct http_config config = {.address = "127.0.0.1", .port = "0", .threads = 1, .reply_s = 1};
    (void)state;
    assert_int_equal(login_start(NULL, &service.login), TF_OK);
    assert_int_equal(http_server_start(&config, handle, observe, NULL, &service.server, why),
                     TF_OK);
    int first = ask();
    while (atomic_load(&service.begun) == 0)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    assert_int_equal(answer_of(ask()), 503);
    atomic_store(&service.may_end, true);
    assert_int_equal(answer_of(first), 200);
    assert_int_equal(answer_of(ask()), 200); /* one after the other: the second has had its turn */
    assert_int_equal(atomic_load(&service.begun), 2);
    login_stop(service.login);
    http_server_stop(service.server);
    http_server_free(service.server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_was_refused_is_not_let_in)};
    return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
