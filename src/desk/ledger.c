/*
 * ledger.c - the ledger's entries and their proofs, for operators.
 */
#include "desk/internal.h"

#include <stdlib.h>

static bool print_entry(void *ctx, uint64_t index, const char *entry, size_t len)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
    tf_put_int(out, "index", (int64_t)index);
    tf_put_json(out, "entry", entry, len);
    tf_buf_char(out, '}');
    return tf_buf_status(out) == TF_OK;
}

static enum tf_status run_entries(struct visit *v, const struct line_context *c)
{
    int64_t first, limit;
    uint64_t size;
    enum tf_status rc = ledger_size(c->ledger, &size);
    if (!rc)
        rc = desk_query_number(v, "limit", 1, 1000, 100, &limit);
    if (!rc) /* the newest, if it is not said from where */
        rc = desk_query_number(v, "first", 0, INT64_MAX,
                               (int64_t)size > limit ? (int64_t)size - limit : 0, &first);
    if (rc)
        return rc;
    tf_buf_char(v->out, '{');
    tf_put_int(v->out, "size", (int64_t)size);
    tf_put_open(v->out, "entries", '[');
    rc = ledger_each(c->ledger, (uint64_t)first, (uint64_t)limit, print_entry, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status run_proof(struct visit *v, const struct line_context *c)
{
    char *end;
    unsigned long long index = strtoull(v->param[0], &end, 10);
    if (*end || v->param[0][0] == '-')
        return TF_NOT_FOUND;
    v->exchange->content_type = "text/plain; charset=utf-8";
    enum tf_status rc = ledger_proof_file(c->ledger, index, v->out);
    return rc == TF_RANGE ? TF_NOT_FOUND : rc;
}

static const struct desk_route routes[] = {
    {HTTP_GET, "/api/v1/ledger", ACCOUNT_ALL_ROLES, false, run_entries, NULL},
    {HTTP_GET, "/api/v1/ledger/{}/proof", ACCOUNT_ALL_ROLES, false, run_proof, NULL},
};
const struct desk_routes desk_ledger_routes = {routes, sizeof routes / sizeof *routes};
