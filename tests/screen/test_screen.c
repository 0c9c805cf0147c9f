/*
 * test_screen.c - the screen's files as they are sent: compressed, unpacked, not modified.
 */
#include "screen/files.h"
#include "screen/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

static struct http_head head;
static struct http_exchange x;

static void ask(const char *request)
{
    const char *why;
    tf_buf_release(&x.out);
    memset(&x, 0, sizeof x);
    x.head = &head;
    x.out = (struct tf_buf)TF_BUF_INIT(64 << 20);
    assert_true(http_parse_head(request, strlen(request), NULL, &head, &why) > 0);
    screen_answer(&x);
}

static void get(const char *path, const char *headers)
{
    char request[512];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", path, headers);
    ask(request);
}

static int finish(void **state)
{
    (void)state;
    tf_buf_release(&x.out);
    return 0;
}

static bool serves(const char *path)
{
    return screen_serves((struct http_slice){path, strlen(path)});
}

static void test_paths(void **state)
{
    (void)state;
    assert_true(serves("/") && serves("/ui/") && serves("/ui/js/main.js"));
    assert_false(serves("") || serves("/ui") || serves("/uix/") || serves("/api/v1/party"));
    get("/ui/none.js", "");
    assert_int_equal(x.status, 404);
    get("/ui/../index.html", "");
    assert_int_equal(x.status, 404);
    ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(x.status, 405);
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < screen_file_count; i++) {
        const struct screen_file *file = &screen_files[i];
        assert_true(i == 0 || strcmp(screen_files[i - 1].path, file->path) < 0);
        assert_int_equal(strncmp(file->headers, "Content-Encoding: gzip\r\n", 24), 0);
        assert_non_null(strstr(file->headers, "default-src 'none'"));
    }
    get("/", "");
    assert_int_equal(x.status, 200);
    assert_non_null(strstr(x.out.data, "<html"));
}

/* Each file: what is sent packed is what is sent plain. */
static void test_packed_and_plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < screen_file_count; i++) {
        const struct screen_file *file = &screen_files[i];
        get(file->path, "Accept-Encoding: br, gzip;q=0.8\r\n");
        assert_int_equal(x.status, 200);
        assert_int_equal(x.out.len, file->len);
        assert_non_null(strstr(x.headers, "Content-Encoding: gzip"));
        unsigned crc_packed, length;
        const unsigned char *tail = (const unsigned char *)x.out.data + x.out.len - 8;
        crc_packed = (unsigned)tail[0] | (unsigned)tail[1] << 8 | (unsigned)tail[2] << 16 |
                     (unsigned)tail[3] << 24;
        length = (unsigned)tail[4] | (unsigned)tail[5] << 8 | (unsigned)tail[6] << 16 |
                 (unsigned)tail[7] << 24;
        get(file->path, "Accept-Encoding: gzip;q=0, identity\r\n");
        assert_int_equal(x.status, 200);
        assert_null(strstr(x.headers, "Content-Encoding"));
        assert_int_equal(x.out.len, length);
        assert_int_equal(crc32(0, (const Bytef *)x.out.data, (uInt)x.out.len), crc_packed);
    }
}

static void test_not_modified(void **state)
{
    (void)state;
    char headers[256];
    const char *etag = screen_files[0].etag;
    snprintf(headers, sizeof headers, "If-None-Match: \"other\", W/%s\r\n", etag);
    get(screen_files[0].path, headers);
    assert_int_equal(x.status, 304);
    assert_int_equal(x.out.len, 0);
    assert_non_null(strstr(x.headers, etag));
    get(screen_files[0].path, "If-None-Match: \"other\"\r\n");
    assert_int_equal(x.status, 200);
    get(screen_files[0].path, "If-None-Match: *\r\n");
    assert_int_equal(x.status, 304);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_packed_and_plain),
        cmocka_unit_test(test_not_modified),
    };
    return cmocka_run_group_tests(tests, NULL, finish);
}
