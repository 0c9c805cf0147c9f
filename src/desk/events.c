/*
 * events.c - what happens on the lines as server-sent events (WHATWG HTML, "Server-sent events"),
 * resumed by Last-Event-ID; and the document of this API.
 */
#include "desk/streams.h"

#include <stdlib.h>

enum { PAGE = 100 };

/* Who reads. Session and role are looked at again before each page. */
struct reader {
    struct stream stream; /* first */
    int64_t after, next;  /* told; told when this page is out; -1: begin with what is new */
    bool begun, is_full;  /* the head is out; there may be more at once */
};

static void submit(struct reader *reader);

static struct reader *reader_of(struct visit *v)
{
    return v->own;
}

/* The exchange goes back for the last time. */
static void end(struct visit *v)
{
    struct http_exchange *x = v->exchange;
    streams_leave(desk_streams(v->desk));
    x->more = NULL;
    desk_visit_free(v);
    http_reply(x);
}

/* On the connection's thread: all is on its way. */
static void on_more(struct http_exchange *x)
{
    struct visit *v = x->user;
    struct reader *reader = reader_of(v);
    if (atomic_load(&x->cancelled))
        end(v);
    else if (reader->is_full)
        submit(reader);
    else
        streams_park(desk_streams(v->desk), &reader->stream);
}

static void on_read(struct stream *stream)
{
    submit((struct reader *)stream);
}

static void on_beat(struct stream *stream)
{
    stream->seen = streams_news(desk_streams(stream->v->desk)) - 1; /* look as well */
    struct visit *v = stream->v;
    tf_buf_text(v->out, ":\n\n");
    http_reply(v->exchange);
}

static void on_gone(struct stream *stream)
{
    end(stream->v);
}

/* --- a page ---------------------------------------------------------------------------------- */

struct page {
    struct tf_buf *out;
    int64_t last;
    size_t count;
};

static bool print_event(void *ctx, int64_t id, int64_t at_us, const char *kind, const char *json)
{
    struct page *page = ctx;
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(at_us * 1000, at);
    tf_buf_printf(page->out, "id: %lld\nevent: %s\ndata: {\"at\":\"%s\",\"kind\":\"%s\",\"data\":",
                  (long long)id, kind, at, kind);
    tf_buf_text(page->out, json); /* of one line */
    tf_buf_text(page->out, "}\n\n");
    page->last = id;
    page->count++;
    return tf_buf_status(page->out) == TF_OK;
}

/* Who was away so long that something is deleted is told so first: its picture is to be made anew.
 * So is who knows of more than there is: this is an older state, and its numbers come again. */
static enum tf_status begin_reading(const struct line_context *c, struct reader *reader,
                                    struct page *page)
{
    int64_t gone, last;
    enum tf_status rc = line_event_span(c, &gone, &last);
    if (!rc && reader->after < 0)
        page->last = last;
    else if (!rc && (reader->after < gone || reader->after > last))
        tf_buf_printf(page->out, "event: gone\ndata: {\"upto\":%lld}\n\n",
                      (long long)(gone < last ? gone : last));
    if (!rc && reader->after > last)
        reader->after = page->last = last;
    return rc;
}

static enum tf_status run_page(struct visit *v, const struct line_context *c)
{
    struct reader *reader = reader_of(v);
    struct page page = {.out = v->out, .last = reader->after};
    enum tf_status rc = TF_OK;
    if (reader->after < 0 || !reader->begun)
        rc = begin_reading(c, reader, &page);
    if (!rc && reader->after >= 0)
        rc = line_each_event(c, reader->after, PAGE, print_event, &page);
    reader->next = page.last;
    reader->is_full = page.count == PAGE;
    return rc;
}

static enum tf_status page_run(struct party_command *command, const struct line_context *c)
{
    return desk_run((struct visit *)command, c);
}

static void page_done(struct party_command *command, enum tf_status rc)
{
    struct visit *v = (struct visit *)command;
    struct reader *reader = reader_of(v);
    struct http_exchange *x = v->exchange;
    desk_settle(v, rc);
    if (x->status != 200) { /* refused; if it has begun, its reader comes back and is told so */
        if (reader->begun)
            tf_buf_clear(v->out);
        end(v);
        return;
    }
    reader->after = reader->next;
    if (reader->begun && v->out->len == 0) {
        streams_park(desk_streams(v->desk), &reader->stream);
        return;
    }
    if (!reader->begun)
        tf_buf_text(v->out, "retry: 2000\n\n");
    reader->begun = true;
    x->content_type = "text/event-stream";
    x->headers = "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n";
    x->user = v;
    x->more = on_more;
    http_reply(x);
}

static void submit(struct reader *reader)
{
    struct visit *v = reader->stream.v;
    reader->stream.seen = streams_news(desk_streams(v->desk));
    v->command.run = page_run;
    v->command.done = page_done;
    if (party_submit(desk_party(v->desk), &v->command) == TF_OK)
        return;
    if (reader->begun) {
        tf_buf_clear(v->out);
        end(v);
        return;
    }
    desk_refuse_status(v, TF_BUSY);
    end(v);
}

/* --- the request
 * ---------------------------------------------------------------------------------- */

static enum tf_status take_position(struct visit *v, int64_t *out)
{
    struct http_slice last = http_header(v->exchange->head, "last-event-id");
    char text[24];
    enum tf_status rc = desk_query_number(v, "after", 0, INT64_MAX - 1, -1, out);
    if (rc || !last.at || last.len == 0)
        return rc;
    if (last.len >= sizeof text)
        return TF_RANGE;
    memcpy(text, last.at, last.len);
    text[last.len] = '\0';
    if (strspn(text, "0123456789") != last.len || last.len > 18)
        return tf_fault_set(&v->fault, TF_SYNTAX, TF_NO_INDEX, "Last-Event-ID",
                            TF_TEXT("this must be a whole number"), NULL, NULL, NULL);
    *out = strtoll(text, NULL, 10);
    return TF_OK;
}

static void serve_events(struct visit *v)
{
    struct reader *reader = calloc(1, sizeof *reader);
    v->own = reader;
    enum tf_status rc = reader ? take_position(v, &reader->after) : TF_NOMEM;
    if (!rc && v->exchange->head->method == HTTP_HEAD) {
        desk_refuse(v, 404, TF_TEXT("this method is not served here"), NULL);
        desk_finish(v);
        return;
    }
    if (!rc && !streams_enter(desk_streams(v->desk)))
        rc = TF_BUSY;
    if (rc) {
        desk_refuse_status(v, rc);
        desk_finish(v);
        return;
    }
    reader->stream = (struct stream){.v = v, .read = on_read, .beat = on_beat, .gone = on_gone};
    submit(reader);
}

/* --- the same as a list
 * --------------------------------------------------------------------------- */

static bool list_event(void *ctx, int64_t id, int64_t at_us, const char *kind, const char *json)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
    tf_put_int(out, "id", id);
    tf_put_time_us(out, "at", at_us);
    tf_put_text(out, "kind", kind);
    tf_put_json(out, "data", json, strlen(json));
    tf_buf_char(out, '}');
    return tf_buf_status(out) == TF_OK;
}

static enum tf_status run_history(struct visit *v, const struct line_context *c)
{
    int64_t after, limit, last;
    enum tf_status rc = party_last_event(c, &last);
    if (!rc)
        rc = desk_query_number(v, "limit", 1, 1000, 100, &limit);
    if (!rc) /* the newest, if it is not said from where */
        rc = desk_query_number(v, "after", 0, INT64_MAX - 1, last > limit ? last - limit : 0,
                               &after);
    if (rc)
        return rc;
    tf_buf_char(v->out, '{');
    tf_put_int(v->out, "last", last);
    tf_put_open(v->out, "events", '[');
    rc = line_each_event(c, after, (size_t)limit, list_event, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

extern const unsigned char desk_openapi[];
extern const unsigned desk_openapi_size;

static void serve_document(struct visit *v)
{
    v->exchange->status = 200;
    tf_buf_append(v->out, desk_openapi, desk_openapi_size);
    desk_finish(v);
}

static const struct desk_route routes[] = {
    {HTTP_GET, "/api/v1/events", ACCOUNT_ALL_ROLES, false, run_page, serve_events},
    {HTTP_GET, "/api/v1/history", ACCOUNT_ALL_ROLES, false, run_history, NULL},
    {HTTP_GET, "/api/v1/openapi.json", 0, false, NULL, serve_document},
};
const struct desk_routes desk_event_routes = {routes, sizeof routes / sizeof *routes};
