/*
 * common.c - what the APIs do alike: paths, the rules that do not differ, lists.
 */
#include "api/api.h"

/* How an API calls what stands in its paths, by flavour. */
static const struct {
    const char *id, *version;
} path_names[] = {[API_F3548] = {"entityid", "ovn or version"},
                  [API_F3411_V1] = {"id", "version"},
                  [API_F3411_V2] = {"id", "version"}};

/* --- reading ------------------------------------------------------------------------ */

bool api_parse_id(struct api_call *call)
{
    return api_id(call, call->param[0], path_names[call->route->flavour].id, &call->id);
}

bool api_parse_id_and_version(struct api_call *call)
{
    if (!api_parse_id(call))
        return false;
    if (call->param[1][0])
        return true;
    api_refuse(call, 400, "is missing in the path", path_names[call->route->flavour].version);
    return false;
}

bool api_parse_write(struct api_call *call)
{
    return (call->param_count > 1 ? api_parse_id_and_version(call) : api_parse_id(call)) &&
           api_body(call);
}

const char *api_path_version(const struct api_call *call)
{
    return call->param_count > 1 ? call->param[1] : NULL;
}

const struct tf_jvalue *api_volume(struct api_call *call, const char *name)
{
    const struct tf_jvalue *volume = api_member(call->body.values, name);
    if (tf_jdoc_is(volume, TF_JOBJECT))
        return volume;
    api_refuse(call, 400, "is required: a 4D volume", name);
    return NULL;
}

/* --- running ------------------------------------------------------------------------ */

enum tf_status api_run_get(struct api_call *call, struct dss_db *db,
                           const struct dss_context *context, struct dss_reply *reply)
{
    (void)context;
    return dss_reference_get(db, call->route->kind, &call->id, reply);
}

enum tf_status api_run_query(struct api_call *call, struct dss_db *db,
                             const struct dss_context *context, struct dss_reply *reply)
{
    return dss_reference_query(db, context, call->route->kind, &call->in.query.extent, reply);
}

enum tf_status api_run_subscription_put(struct api_call *call, struct dss_db *db,
                                        const struct dss_context *context, struct dss_reply *reply)
{
    return dss_subscription_put(db, context, &call->in.subscription, reply);
}

enum tf_status api_run_subscription_get(struct api_call *call, struct dss_db *db,
                                        const struct dss_context *context, struct dss_reply *reply)
{
    return dss_subscription_get(db, context, call->route->kind, &call->id, reply);
}

enum tf_status api_run_subscription_query(struct api_call *call, struct dss_db *db,
                                          const struct dss_context *context,
                                          struct dss_reply *reply)
{
    return dss_subscription_query(db, context, call->route->kind, &call->in.query.extent, reply);
}

enum tf_status api_run_subscription_delete(struct api_call *call, struct dss_db *db,
                                           const struct dss_context *context,
                                           struct dss_reply *reply)
{
    return dss_subscription_delete(db, context, call->route->kind, &call->id, call->param[1],
                                   reply);
}

/* --- printing ----------------------------------------------------------------------- */

bool api_print_conflict(struct api_call *call)
{
    const struct dss_reply *reply = &call->command.reply;
    if (reply->status != 409)
        return false;
    api_refuse(call, 409, reply->message, reply->detail);
    return true;
}

void api_print_list(struct api_call *call, const char *name, const struct dss_list *list,
                    void (*print)(struct api_call *call, const struct dss_entity *e))
{
    struct tf_buf *out = &call->exchange->out;
    tf_buf_char(out, '"');
    tf_buf_text(out, name);
    tf_buf_text(out, "\":[");
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            tf_buf_char(out, ',');
        print(call, list->items[i]);
    }
    tf_buf_char(out, ']');
}

void api_print_found(struct api_call *call, const char *name, const struct dss_list *list,
                     void (*print)(struct api_call *call, const struct dss_entity *e))
{
    tf_buf_char(&call->exchange->out, '{');
    api_print_list(call, name, list, print);
    tf_buf_char(&call->exchange->out, '}');
}
