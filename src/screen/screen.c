/*
 * screen.c - from a path to a file: not modified, compressed, or, for the rare client that wants
 * it so, unpacked.
 */
#include "screen/screen.h"

#include "screen/files.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <zlib.h>

bool screen_is_built(void)
{
    return screen_file_count > 1;
}

size_t screen_size(void)
{
    size_t sum = 0;
    for (size_t i = 0; i < screen_file_count; i++)
        sum += screen_files[i].len;
    return sum;
}

bool screen_serves(struct http_slice path)
{
    static const char prefix[] = "/ui/";
    return http_slice_is(path, "/") ||
           (path.len >= sizeof prefix - 1 && memcmp(path.at, prefix, sizeof prefix - 1) == 0);
}

static int compare(const void *key, const void *element)
{
    const struct http_slice *path = key;
    const struct screen_file *file = element;
    size_t len = strlen(file->path), least = path->len < len ? path->len : len;
    int order = memcmp(path->at, file->path, least);
    return order ? order : path->len < len ? -1 : path->len > len;
}

static const struct screen_file *find(struct http_slice path)
{
    return bsearch(&path, screen_files, screen_file_count, sizeof *screen_files, compare);
}

/* The next element of a list with commas, without blanks; false at the end. */
static bool next_element(struct http_slice *list, struct http_slice *out)
{
    while (list->len && (*list->at == ',' || *list->at == ' ' || *list->at == '\t')) {
        list->at++;
        list->len--;
    }
    if (!list->len)
        return false;
    const char *comma = memchr(list->at, ',', list->len);
    *out = (struct http_slice){list->at, comma ? (size_t)(comma - list->at) : list->len};
    list->at += out->len;
    list->len -= out->len;
    while (out->len && (out->at[out->len - 1] == ' ' || out->at[out->len - 1] == '\t'))
        out->len--;
    return true;
}

/* If-None-Match: weak comparison, RFC 9110 section 13.1.2. */
static bool has_it(const struct http_head *head, const char *etag)
{
    struct http_slice list = http_header(head, "if-none-match"), one;
    while (list.at && next_element(&list, &one)) {
        if (one.len > 2 && memcmp(one.at, "W/", 2) == 0) {
            one.at += 2;
            one.len -= 2;
        }
        if (http_slice_is(one, "*") || http_slice_is(one, etag))
            return true;
    }
    return false;
}

/* "gzip", "gzip;q=0.8", not "gzip;q=0" (RFC 9110 section 12.5.3). */
static bool takes_gzip(const struct http_head *head)
{
    struct http_slice list = http_header(head, "accept-encoding"), one;
    while (list.at && next_element(&list, &one)) {
        size_t name = strcspn(one.at, "; \t,");
        if (name > one.len)
            name = one.len;
        if (name != 4 || strncasecmp(one.at, "gzip", 4) != 0)
            continue;
        const char *q = memchr(one.at, '=', one.len);
        const char *end = one.at + one.len;
        while (q && ++q < end)
            if (*q != '0' && *q != '.' && *q != ' ')
                return true;
        return !q;
    }
    return false;
}

static enum tf_status unpack(const struct screen_file *file, struct tf_buf *out)
{
    unsigned char *plain = malloc(file->plain + 1);
    z_stream z = {.next_in = (z_const Bytef *)(screen_bytes + file->at),
                  .avail_in = (uInt)file->len,
                  .next_out = plain,
                  .avail_out = (uInt)file->plain + 1};
    if (!plain)
        return TF_NOMEM;
    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) {
        free(plain);
        return TF_NOMEM;
    }
    int rc = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    if (rc == Z_STREAM_END)
        tf_buf_append(out, plain, file->plain);
    free(plain);
    return rc == Z_STREAM_END ? tf_buf_status(out) : TF_NOMEM;
}

static void refuse(struct http_exchange *x, int status, const char *headers, const char *text)
{
    x->status = status;
    x->content_type = "text/plain; charset=utf-8";
    x->headers = headers;
    tf_buf_text(&x->out, text);
}

void screen_answer(struct http_exchange *x)
{
    const struct screen_file *file = find(x->head->path);
    x->label = "/ui/{}";
    if (x->head->method != HTTP_GET && x->head->method != HTTP_HEAD) {
        refuse(x, 405, "Allow: GET, HEAD\r\n", "this path can only be read\n");
        return;
    }
    if (!file) {
        refuse(x, 404, NULL, "the screen has no such file\n");
        return;
    }
    x->content_type = file->type;
    bool packed = takes_gzip(x->head);
    x->headers =
        packed && !has_it(x->head, file->etag) ? file->headers : strchr(file->headers, '\n') + 1;
    if (has_it(x->head, file->etag)) {
        x->status = 304;
        return;
    }
    x->status = 200;
    if (packed)
        tf_buf_append(&x->out, screen_bytes + file->at, file->len);
    else if (unpack(file, &x->out))
        x->status = 503;
}

void screen_handle(void *ctx, struct http_exchange *exchange)
{
    (void)ctx;
    screen_answer(exchange);
    http_reply(exchange);
}
