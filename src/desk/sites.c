/*
 * sites.c - protected places and convoys: registered with read-back, verified, corrected, withdrawn
 * with a reason, acknowledged; who reads a sensitive one is on record.
 */
#include "desk/register.h"

#include <stdio.h>
#include <stdlib.h>

/* --- reading ----------------------------------------------------------------------------- */

struct listing {
    struct tf_buf *out;
    bool is_full;
};

static bool print_site(void *ctx, const struct ops_site *site)
{
    struct listing *listing = ctx;
    ops_print_site(listing->out, site, listing->is_full);
    return tf_buf_status(listing->out) == TF_OK;
}

static enum tf_status run_list(struct visit *v, const struct line_context *c)
{
    struct ops_filter filter;
    struct listing listing = {.out = v->out};
    int64_t change = 0;
    enum tf_status rc = register_filter(v, &filter, &listing.is_full);
    if (rc)
        return rc;
    tf_buf_text(v->out, "{\"sites\":[");
    rc = ops_site_each(register_ops(v), c, &filter, "list", print_site, &listing);
    tf_buf_char(v->out, ']');
    if (!rc)
        rc = ops_last_change(register_ops(v), c, &change);
    tf_put_int(v->out, "change", change);
    tf_buf_char(v->out, '}');
    return rc;
}

static enum tf_status run_read(struct visit *v, const struct line_context *c)
{
    return register_show(v, c, OPS_SITE, v->param[0]);
}

static enum tf_status run_history(struct visit *v, const struct line_context *c)
{
    return register_history(v, c, OPS_SITE);
}

static enum tf_status run_import(struct visit *v, const struct line_context *c)
{
    return register_import(v, c, OPS_SITE);
}

static bool print_affected(void *ctx, const struct ops_conflict *conflict)
{
    struct tf_buf *out = ctx;
    ops_print_conflict(out, conflict);
    return tf_buf_status(out) == TF_OK;
}

static enum tf_status run_affected(struct visit *v, const struct line_context *c)
{
    enum tf_status rc = register_show(v, c, OPS_SITE, v->param[0]); /* it is read: on record */
    if (rc)
        return rc;
    tf_buf_clear(v->out);
    v->exchange->headers = NULL;
    tf_buf_text(v->out, "{\"conflicts\":[");
    rc = ops_affected(register_ops(v), c, "", OPS_SITE, v->param[0], print_affected, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

/* --- writing -------------------------------------------------------------------------------- */

/* The members of the body that a site has beside its feature. */
static enum tf_status take_extra(struct visit *v, json_t **out)
{
    static const char *const names[] = {"category",     "sensitive", "data_at",   "contact",
                                        "verification", "read_back", "disclosure"};
    json_t *extra = json_object();
    int bad = extra == NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !bad; i++) {
        json_t *value = json_object_get(v->json, names[i]);
        if (value)
            bad = json_object_set(extra, names[i], value);
    }
    if (bad)
        json_decref(extra);
    *out = bad ? NULL : extra;
    return bad ? TF_NOMEM : TF_OK;
}

/* A protective radius given beside the feature is the feature's. */
static enum tf_status take_feature(struct visit *v, json_t **out)
{
    json_t *feature = json_deep_copy(json_object_get(v->json, "feature"));
    json_t *radius = json_object_get(v->json, "radius_m"), *properties;
    *out = feature;
    if (!radius || !json_is_object(feature))
        return TF_OK;
    if (!json_is_number(radius))
        return tf_fault_set(&v->fault, TF_SYNTAX, TF_NO_INDEX, "radius_m",
                            TF_TEXT("this must be a number"), NULL, NULL, NULL);
    properties = json_object_get(feature, "properties");
    if (!json_is_object(properties)) {
        properties = json_object();
        if (json_object_set_new(feature, "properties", properties))
            return TF_NOMEM;
    }
    return json_object_set(properties, "radius_m", radius) ? TF_NOMEM : TF_OK;
}

static enum tf_status put(struct visit *v, const struct line_context *c, const char *id)
{
    char etag[OPS_ETAG_SIZE];
    struct tf_entity entity = {0};
    struct ops_written written = {.version = 0};
    struct ops_who who;
    json_t *extra = NULL, *feature = NULL;
    struct ops_draft draft = {
        .class = OPS_SITE, .entity = &entity, .if_match = id ? register_if_match(v, etag) : NULL};
    enum tf_status rc = register_who(v, REGISTER_PLANNERS, &who);
    if (!rc)
        rc = take_feature(v, &feature);
    if (!rc)
        rc = take_extra(v, &extra);
    if (!rc)
        rc = register_feature(v, feature, OPS_SITE, id, &entity);
    draft.extra = extra;
    if (!rc)
        rc = ops_site_put(register_ops(v), c, &draft, feature, &who, &written, &v->fault);
    if (!rc) {
        v->exchange->status = written.is_new ? 201 : 200;
        rc = register_show(v, c, OPS_SITE, written.id);
    } else if (id) {
        rc = register_clash(v, c, OPS_SITE, id, draft.if_match ? draft.if_match : "", rc);
    }
    tf_entity_release(&entity);
    json_decref(extra);
    json_decref(feature);
    return rc;
}

static enum tf_status run_create(struct visit *v, const struct line_context *c)
{
    return put(v, c, NULL);
}

static enum tf_status run_put(struct visit *v, const struct line_context *c)
{
    return put(v, c, v->param[0]);
}

static enum tf_status run_verify(struct visit *v, const struct line_context *c)
{
    char etag[OPS_ETAG_SIZE];
    const char *note, *match = register_if_match(v, etag);
    struct ops_who who;
    struct ops_written written;
    enum tf_status rc = register_who(v, REGISTER_OFFICERS, &who);
    if (!rc)
        rc = desk_text(v, "note", true, OPS_TEXT_MAX, &note);
    if (!rc)
        rc = ops_site_verify(register_ops(v), c, v->param[0], match, note, &who, &written,
                             &v->fault);
    if (rc)
        return register_clash(v, c, OPS_SITE, v->param[0], match ? match : "", rc);
    return register_show(v, c, OPS_SITE, v->param[0]);
}

static enum tf_status run_withdraw(struct visit *v, const struct line_context *c)
{
    char etag[OPS_ETAG_SIZE];
    const char *match = register_if_match(v, etag);
    struct ops_who who;
    struct ops_written written;
    enum tf_status rc = register_who(v, REGISTER_PLANNERS, &who);
    if (!rc)
        rc = ops_site_withdraw(register_ops(v), c, v->param[0], match, &who, &written, &v->fault);
    if (rc)
        return register_clash(v, c, OPS_SITE, v->param[0], match ? match : "", rc);
    return register_show(v, c, OPS_SITE, v->param[0]);
}

/* --- acknowledgements ------------------------------------------------------------------------- */

static bool print_ack(void *ctx, const struct ops_site_ack *ack)
{
    struct tf_buf *out = ctx;
    tf_put_open(out, NULL, '{');
    tf_put_int(out, "version", ack->version);
    tf_put_time_us(out, "at", ack->at_us);
    tf_put_text(out, "by", ack->by);
    tf_put_text(out, "role", ack->role[0] ? ack->role : NULL);
    tf_put_flag(out, "peer", ack->is_peer);
    tf_put_flag(out, "current", ack->is_current);
    tf_buf_char(out, '}');
    return true;
}

static enum tf_status run_acks(struct visit *v, const struct line_context *c)
{
    tf_buf_text(v->out, "{\"acknowledgements\":[");
    enum tf_status rc = ops_site_each_ack(register_ops(v), c, v->param[0], print_ack, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status run_acknowledge(struct visit *v, const struct line_context *c)
{
    struct ops_who who;
    int64_t version;
    enum tf_status rc = register_who(v, REGISTER_OFFICERS, &who);
    if (!rc)
        rc = desk_number(v, "version", 1, INT64_MAX, 0, &version);
    if (!rc)
        rc = ops_site_acknowledge(register_ops(v), c, v->param[0], version, v->who.name, false,
                                  &who, &v->fault);
    if (rc)
        return rc;
    v->exchange->status = 201;
    return run_acks(v, c);
}

static const struct desk_route routes[] = {
    {HTTP_GET, "/api/v1/sites", ACCOUNT_ALL_ROLES, false, run_list, NULL},
    {HTTP_POST, "/api/v1/sites", REGISTER_PLANNERS, true, run_create, NULL},
    {HTTP_POST, "/api/v1/sites/import", REGISTER_PLANNERS, false, run_import, NULL},
    {HTTP_GET, "/api/v1/sites/{}", ACCOUNT_ALL_ROLES, false, run_read, NULL},
    {HTTP_PUT, "/api/v1/sites/{}", REGISTER_PLANNERS, true, run_put, NULL},
    {HTTP_GET, "/api/v1/sites/{}/history", ACCOUNT_ALL_ROLES, false, run_history, NULL},
    {HTTP_GET, "/api/v1/sites/{}/affected", ACCOUNT_ALL_ROLES, false, run_affected, NULL},
    {HTTP_POST, "/api/v1/sites/{}/verify", REGISTER_OFFICERS, true, run_verify, NULL},
    {HTTP_POST, "/api/v1/sites/{}/withdraw", REGISTER_PLANNERS, true, run_withdraw, NULL},
    {HTTP_GET, "/api/v1/sites/{}/acknowledgements", ACCOUNT_ALL_ROLES, false, run_acks, NULL},
    {HTTP_POST, "/api/v1/sites/{}/acknowledgements", REGISTER_OFFICERS, true, run_acknowledge,
     NULL},
};
const struct desk_routes desk_site_routes = {routes, sizeof routes / sizeof *routes};
