/*
 * memos.c - memoranda of a line: what was proposed, signed, is in force; a document to start
 * from; how two differ. And posts as files.
 */
#include "desk/internal.h"

#include <stdlib.h>

static enum tf_status run_memoranda(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    enum tf_status rc = line_find(c, v->param[0], &info);
    if (rc)
        return rc;
    tf_buf_text(v->out, "{\"memoranda\":[");
    rc = line_each_memo(c, info.id, desk_visit_memo, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

/* --- a document to start from ------------------------------------------------------------- */

static enum tf_status run_template(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    enum tf_status rc = line_find(c, v->param[0], &info);
    return rc ? rc : line_memo_template(c, info.id, 365, v->out);
}

/* --- the rules that hold ------------------------------------------------------------------- */

static enum tf_status run_rules(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    struct memorandum memo;
    enum tf_status rc = line_find(c, v->param[0], &info);
    if (!rc)
        rc = line_rules(c, info.id, &memo);
    if (rc)
        return rc;
    struct tf_buf *out = v->out;
    tf_buf_char(out, '{');
    tf_put_int(out, "memorandum", info.memo_number);
    tf_put_int(out, "deliver_s", memo.deliver_s);
    tf_put_int(out, "seen_s", memo.seen_s);
    tf_put_int(out, "answer_s", memo.answer_s);
    tf_put_int(out, "heartbeat_s", memo.heartbeat_s);
    tf_put_int(out, "drill_every_s", memo.drill_every_s);
    tf_put_text(out, "no_agreement", memo_default_name(memo.no_agreement));
    tf_put_open(out, "ladder", '[');
    for (size_t i = 0; i < memo.rungs; i++) {
        tf_put_open(out, NULL, '{');
        tf_put_text(out, "role", memo.ladder[i].role);
        tf_put_int(out, "after_s", memo.ladder[i].after_s);
        tf_buf_char(out, '}');
    }
    tf_buf_text(out, "]}");
    memo_release(&memo);
    return TF_OK;
}

/* --- differences ------------------------------------------------------------------------------ */

struct two {
    uint8_t hash[2][KEY_HASH_SIZE];
    struct memorandum memo[2];
    bool found[2];
    enum tf_status rc;
};

static bool find_two(void *ctx, const struct line_memo *memo)
{
    struct two *two = ctx;
    struct tf_fault fault;
    for (int i = 0; i < 2; i++)
        if (!two->found[i] && memcmp(memo->hash, two->hash[i], KEY_HASH_SIZE) == 0) {
            two->rc = memo_read(memo->document, memo->len, &two->memo[i], &fault);
            two->found[i] = two->rc == TF_OK;
        }
    return two->rc == TF_OK;
}

static enum tf_status run_diff(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    struct two two = {.rc = TF_OK};
    enum tf_status rc = line_find(c, v->param[0], &info);
    for (int i = 0; i < 2 && !rc; i++)
        if (!key_unhex(v->param[1 + i], strlen(v->param[1 + i]), two.hash[i], KEY_HASH_SIZE))
            rc = TF_NOT_FOUND;
    if (!rc)
        rc = line_each_memo(c, info.id, find_two, &two);
    if (!rc)
        rc = two.rc ? two.rc : two.found[0] && two.found[1] ? TF_OK : TF_NOT_FOUND;
    if (!rc) {
        tf_buf_text(v->out, "{\"changes\":[");
        rc = memo_diff(&two.memo[0], &two.memo[1], desk_visit_change, v->out);
        tf_buf_text(v->out, "]}");
    }
    for (int i = 0; i < 2; i++)
        if (two.found[i])
            memo_release(&two.memo[i]);
    return rc;
}

/* --- posts as files --------------------------------------------------------------------------- */

static enum tf_status run_export(struct visit *v, const struct line_context *c)
{
    struct line_info info;
    enum tf_status rc = line_find(c, v->param[0], &info);
    v->exchange->headers = "Cache-Control: no-store\r\n"
                           "Content-Disposition: attachment; filename=\"line.post\"\r\n";
    return rc ? rc : line_collect(c, info.id, v->out);
}

static enum tf_status run_import(struct visit *v, const struct line_context *c)
{
    struct line_taken taken;
    enum tf_status rc = line_take(c, v->exchange->body, v->exchange->body_len, &taken, &v->fault);
    if (!rc)
        desk_print_taken(v->out, &taken);
    return rc;
}

#define SPEAKERS (ACCOUNT_DUTY_OFFICER | ACCOUNT_HEAD_OF_CELL)
static const struct desk_route routes[] = {
    {HTTP_GET, "/api/v1/lines/{}/memoranda", ACCOUNT_ALL_ROLES, false, run_memoranda, NULL},
    {HTTP_GET, "/api/v1/lines/{}/memoranda/template", ACCOUNT_HEAD_OF_CELL, false, run_template,
     NULL},
    {HTTP_GET, "/api/v1/lines/{}/memoranda/{}/{}", ACCOUNT_ALL_ROLES, false, run_diff, NULL},
    {HTTP_GET, "/api/v1/lines/{}/rules", ACCOUNT_ALL_ROLES, false, run_rules, NULL},
    {HTTP_GET, "/api/v1/lines/{}/post", SPEAKERS, false, run_export, NULL},
    {HTTP_POST, "/api/v1/posts", SPEAKERS, false, run_import, NULL},
};
const struct desk_routes desk_memo_routes = {routes, sizeof routes / sizeof *routes};
