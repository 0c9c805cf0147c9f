/*
 * cases.c - conflicts across lines, and what is proposed and agreed about them.
 */
#include "desk/register.h"
#include "ops/talk.h"

enum { FULL_MAX = 200 };

struct listing {
    struct visit *v;
    const struct line_context *c;
    bool is_full;
    enum tf_status rc;
};

static bool print_case(void *ctx, const struct ops_case *one)
{
    struct listing *list = ctx;
    struct tf_buf *out = list->v->out;
    if (list->is_full)
        list->rc = ops_case_list(register_ops(list->v), list->c, one->id, out);
    else
        ops_print_case(out, one);
    return !list->rc && tf_buf_status(out) == TF_OK;
}

/* With all that was said, so that a desk knows at once whose turn it is; these are fewer. */
static enum tf_status run_cases(struct visit *v, const struct line_context *c)
{
    int64_t over, limit, full;
    struct listing list = {.v = v, .c = c};
    enum tf_status rc = desk_query_number(v, "over", 0, 1, 0, &over);
    if (!rc)
        rc = desk_query_number(v, "full", 0, 1, 0, &full);
    if (!rc)
        rc = desk_query_number(v, "limit", 1, full ? FULL_MAX : 10000, full ? FULL_MAX : 1000,
                               &limit);
    if (rc)
        return rc;
    list.is_full = full != 0;
    tf_buf_text(v->out, "{\"cases\":[");
    rc = ops_case_each(register_ops(v), c, over != 0, (size_t)limit, print_case, &list);
    tf_buf_text(v->out, "]}");
    return rc ? rc : list.rc;
}

static enum tf_status show_case(struct visit *v, const struct line_context *c)
{
    return ops_case_show(register_ops(v), c, v->param[0], v->out);
}

static enum tf_status run_case_options(struct visit *v, const struct line_context *c)
{
    return ops_case_options(register_ops(v), c, v->param[0], v->out, &v->fault);
}

/* What cannot be said about a case any more is refused together with what the case is now: somebody
 * else was quicker, here or on the other side. Refusals come before anything is written. */
static enum tf_status shown_with(struct visit *v, const struct line_context *c, enum tf_status rc)
{
    char text[512];
    if (!rc)
        return show_case(v, c);
    if ((rc != TF_UNSUPPORTED && rc != TF_EXISTS) || !v->fault.message)
        return rc;
    register_text(v, &v->fault, text, sizeof text);
    v->exchange->status = 409;
    tf_buf_char(v->out, '{');
    tf_put_text(v->out, "message", text);
    tf_put_text(v->out, "field", v->fault.field);
    tf_put_json(v->out, "current", "", 0);
    rc = show_case(v, c);
    if (rc == TF_NOT_FOUND) {
        tf_buf_text(v->out, "null");
        rc = TF_OK;
    }
    tf_buf_char(v->out, '}');
    return rc;
}

/* A proposal; a counter names the other side's by its hash. */
static enum tf_status propose(struct visit *v, const struct line_context *c, bool counters)
{
    struct case_proposal proposal = {.id = v->param[0]};
    struct tf_entity entity = {0};
    struct ops_who who;
    const json_t *feature = json_object_get(v->json, "feature");
    enum tf_status rc = register_who(v, REGISTER_OFFICERS, &who);
    if (!rc && counters)
        rc = desk_text(v, "of", true, CASE_HASH_SIZE, &proposal.counters);
    if (!rc)
        rc = desk_number(v, "expires_s", 1, INT32_MAX, 0, &proposal.expires_s);
    if (!rc && !feature)
        rc = desk_number(v, "option", 1, 1000, 1, &proposal.option);
    if (!rc && feature) {
        rc = register_feature(v, feature, OPS_OPERATION, NULL, &entity);
        proposal.entity = &entity;
    }
    if (!rc)
        rc = shown_with(v, c, ops_case_propose(register_ops(v), c, &proposal, &who, &v->fault));
    tf_entity_release(&entity);
    return rc;
}

static enum tf_status run_propose(struct visit *v, const struct line_context *c)
{
    return propose(v, c, false);
}

static enum tf_status run_counter(struct visit *v, const struct line_context *c)
{
    return propose(v, c, true);
}

static enum tf_status answer_case(struct visit *v, const struct line_context *c, bool agrees)
{
    struct ops_who who;
    const char *hash;
    enum tf_status rc = register_who(v, REGISTER_OFFICERS, &who);
    if (!rc)
        rc = desk_text(v, "of", false, CASE_HASH_SIZE, &hash);
    if (!rc)
        rc = shown_with(
            v, c, ops_case_answer(register_ops(v), c, v->param[0], agrees, hash, &who, &v->fault));
    return rc;
}

static enum tf_status run_agree(struct visit *v, const struct line_context *c)
{
    return answer_case(v, c, true);
}

static enum tf_status run_decline(struct visit *v, const struct line_context *c)
{
    return answer_case(v, c, false);
}

static const struct desk_route routes[] = {
    {HTTP_GET, "/api/v1/cases", ACCOUNT_ALL_ROLES, false, run_cases, NULL},
    {HTTP_GET, "/api/v1/cases/{}", ACCOUNT_ALL_ROLES, false, show_case, NULL},
    {HTTP_GET, "/api/v1/cases/{}/options", REGISTER_PLANNERS, false, run_case_options, NULL},
    {HTTP_POST, "/api/v1/cases/{}/propose", REGISTER_OFFICERS, true, run_propose, NULL},
    {HTTP_POST, "/api/v1/cases/{}/counter", REGISTER_OFFICERS, true, run_counter, NULL},
    {HTTP_POST, "/api/v1/cases/{}/agree", REGISTER_OFFICERS, true, run_agree, NULL},
    {HTTP_POST, "/api/v1/cases/{}/decline", REGISTER_OFFICERS, true, run_decline, NULL},
};
const struct desk_routes desk_case_routes = {routes, sizeof routes / sizeof *routes};
