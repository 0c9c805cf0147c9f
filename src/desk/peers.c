/*
 * peers.c - what other nodes ask: posts of a line, the ledger's checkpoint and tiles, witnessing.
 */
#include "desk/internal.h"

#include "ledger/tile.h"
#include "ledger/witness.h"
#include <stdio.h>

/* A post comes in, and, if its beat is good, one goes back. */
static enum tf_status run_post(struct visit *v, const struct line_context *c)
{
    struct line_taken taken;
    struct line_context own = *c;
    own.actor = "";
    enum tf_status rc =
        line_take(&own, v->exchange->body, v->exchange->body_len, &taken, &v->fault);
    if (rc)
        return rc;
    if (taken.may_answer)
        return line_collect(&own, taken.line, v->out);
    if (taken.may_beat)
        return line_collect_beat(&own, taken.line, v->out);
    /* What it carried has been taken; what we have is not for whoever asks. */
    v->exchange->status = 202;
    tf_buf_text(v->out, "{}");
    return TF_OK;
}

static enum tf_status run_checkpoint(struct visit *v, const struct line_context *c)
{
    uint64_t size;
    v->exchange->content_type = "text/plain; charset=utf-8";
    v->exchange->headers = "Cache-Control: max-age=2\r\n";
    return ledger_checkpoint(c->ledger, &size, v->out);
}

static enum tf_status give_tile(struct visit *v, const struct line_context *c, bool entries)
{
    int level;
    uint64_t number;
    unsigned width;
    char text[DESK_PARAM_SIZE + 16];
    snprintf(text, sizeof text, "tile/%s", v->param[0]);
    if (!tile_read_path(text, &level, &number, &width) || (level < 0) != entries)
        return TF_NOT_FOUND;
    v->exchange->content_type = "application/octet-stream";
    v->exchange->headers = "Cache-Control: max-age=604800, immutable\r\n";
    return ledger_tile(c->ledger, level, number, width, v->out);
}

static enum tf_status run_tile(struct visit *v, const struct line_context *c)
{
    return give_tile(v, c, false);
}

/* Entries tell who spoke with whom, and when: not for everybody. */
static enum tf_status run_entries(struct visit *v, const struct line_context *c)
{
    char rest[DESK_PARAM_SIZE];
    snprintf(rest, sizeof rest, "%s", v->param[0]);
    if (snprintf(v->param[0], DESK_PARAM_SIZE, "entries/%s", rest) >= DESK_PARAM_SIZE)
        return TF_NOT_FOUND;
    enum tf_status rc = give_tile(v, c, true);
    snprintf(v->param[0], DESK_PARAM_SIZE, "%s", rest); /* it may run again */
    return rc;
}

static enum tf_status run_witness(struct visit *v, const struct line_context *c)
{
    struct witness_reply reply = {.lines = TF_BUF_INIT(LEDGER_NOTE_MAX)};
    enum tf_status rc = witness_add(c->sql, c->card.id, c->key, c->now_us, v->exchange->body,
                                    v->exchange->body_len, &reply);
    if (!rc) {
        v->exchange->status = reply.status;
        v->exchange->content_type = "text/plain; charset=utf-8";
        if (reply.status == 200) {
            tf_buf_append(v->out, reply.lines.data, reply.lines.len);
        } else if (reply.status == 409) {
            v->exchange->content_type = "text/x.tlog.size";
            tf_buf_printf(v->out, "%llu\n", (unsigned long long)reply.size);
        }
    }
    tf_buf_release(&reply.lines);
    return rc;
}

static const struct desk_route routes[] = {
    {HTTP_POST, "/line/v1/post", 0, false, run_post, desk_submit_stranger},
    {HTTP_GET, "/ledger/checkpoint", 0, false, run_checkpoint, desk_submit_stranger},
    {HTTP_GET, "/ledger/tile/entries/{*}", ACCOUNT_ALL_ROLES, false, run_entries, NULL},
    {HTTP_GET, "/ledger/tile/{*}", 0, false, run_tile, desk_submit_stranger},
    {HTTP_POST, "/witness/add-checkpoint", 0, false, run_witness, desk_submit_stranger},
};
const struct desk_routes desk_peer_routes = {routes, sizeof routes / sizeof *routes};
