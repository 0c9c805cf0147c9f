/*
 * map.c - parts of the base map's file, for who is logged in.
 *
 * Session and role are looked at on the party's thread; the file, which may lie on a slow disk, is
 * read on the connection's.
 */
#include "desk/internal.h"
#include "desk/tiles.h"

#include <stdio.h>

static enum tf_status run_allowed(struct visit *v, const struct line_context *c)
{
    (void)c;
    if (!desk_settings(v->desk)->map_tiles)
        desk_refuse(v, 404, TF_TEXT("this node has no map tiles: tafadi serve --map-tiles"), NULL);
    return TF_OK;
}

/* --- the answer ------------------------------------------------------------------------- */

/* What every answer says of the file; `range` is its Content-Range, or "". What was looked at stays
 * on no disk of the browser's. */
static void put_headers(struct visit *v, const struct tiles *tiles, const char *range)
{
    struct http_exchange *x = v->exchange;
    snprintf(x->room, sizeof x->room,
             "ETag: %s\r\nAccept-Ranges: bytes\r\n%sCache-Control: no-store\r\n"
             "X-Content-Type-Options: nosniff\r\n",
             tiles->etag, range);
    x->headers = x->room;
}

static void refuse_range(struct visit *v, const struct tiles *tiles)
{
    char range[64];
    snprintf(range, sizeof range, "Content-Range: bytes */%llu\r\n",
             (unsigned long long)tiles->size);
    put_headers(v, tiles, range);
    desk_refuse(v, 416, TF_TEXT("nothing of this range lies in the file"), "Range");
}

/* 206 of a range, cut at what one answer holds, or 200 of a small file. */
static void send_part(struct visit *v, const struct tiles *tiles, struct http_part part,
                      bool is_whole)
{
    char range[96] = "";
    if (part.len > TILES_PART_MAX)
        part.len = TILES_PART_MAX;
    enum tf_status rc = tiles_read(tiles, &part, v->out);
    if (rc) {
        desk_refuse(v, 503, TF_TEXT("the file of map tiles cannot be read"), NULL);
        return;
    }
    if (!is_whole)
        snprintf(range, sizeof range, "Content-Range: bytes %llu-%llu/%llu\r\n",
                 (unsigned long long)part.first, (unsigned long long)(part.first + part.len - 1),
                 (unsigned long long)tiles->size);
    put_headers(v, tiles, range);
    v->exchange->status = is_whole ? 200 : 206;
    v->exchange->content_type = "application/vnd.pmtiles";
}

/* A Range is for GET alone (RFC 9110 section 14.2). */
static void answer_head(struct visit *v, const struct tiles *tiles)
{
    put_headers(v, tiles, "");
    v->exchange->content_type = "application/vnd.pmtiles";
    v->exchange->whole_len = tiles->size;
}

static void answer_get(struct visit *v, const struct tiles *tiles)
{
    const struct http_head *head = v->exchange->head;
    struct http_part part = {0, tiles->size};
    enum http_range range = HTTP_RANGE_NONE;
    if (http_range_stands(http_header(head, "if-range"), tiles->etag))
        range = http_range_read(http_header(head, "range"), tiles->size, &part);
    if (range == HTTP_RANGE_GOOD) {
        send_part(v, tiles, part, false);
    } else if (range == HTTP_RANGE_OUTSIDE) {
        refuse_range(v, tiles);
    } else if (range == HTTP_RANGE_NONE && tiles->size <= TILES_PART_MAX) {
        send_part(v, tiles, part, true);
    } else {
        put_headers(v, tiles, "");
        desk_refuse(v, 400,
                    TF_TEXT("the file is sent in parts: ask with Range: bytes=first-last, at most "
                            "1 MiB at a time"),
                    "Range");
    }
}

/* On the connection's thread. */
static void complete(struct http_exchange *x)
{
    struct visit *v = x->user;
    struct tiles tiles;
    if (atomic_load(&x->cancelled)) {
        desk_visit_free(v);
        return;
    }
    if (tiles_open(desk_settings(v->desk)->map_tiles, &tiles, &v->fault)) {
        desk_refuse(v, 503, TF_TEXT("the file of map tiles cannot be read"), NULL);
    } else {
        if (x->head->method == HTTP_HEAD)
            answer_head(v, &tiles);
        else
            answer_get(v, &tiles);
        tiles_close(&tiles);
    }
    desk_visit_free(v);
}

/* --- the request ---------------------------------------------------------------------------- */

static enum tf_status on_run(struct party_command *command, const struct line_context *c)
{
    return desk_run((struct visit *)command, c);
}

static void on_done(struct party_command *command, enum tf_status rc)
{
    struct visit *v = (struct visit *)command;
    struct http_exchange *x = v->exchange;
    desk_settle(v, rc);
    if (x->status != 200) {
        desk_finish(v);
        return;
    }
    x->user = v;
    x->complete = complete;
    http_reply(x);
}

static void serve_tiles(struct visit *v)
{
    v->command.run = on_run;
    v->command.done = on_done;
    if (party_submit(desk_party(v->desk), &v->command)) {
        desk_refuse_status(v, TF_BUSY);
        desk_finish(v);
    }
}

static const struct desk_route routes[] = {
    {HTTP_GET, "/api/v1/map/tiles", ACCOUNT_ALL_ROLES, false, run_allowed, serve_tiles},
};
const struct desk_routes desk_map_routes = {routes, sizeof routes / sizeof *routes};
