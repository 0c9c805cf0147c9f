/*
 * operations.c - operations, checks and options, and the local policy, for planners and officers.
 */
#include "desk/register.h"
#include "ops/declaration.h"
#include "ops/incident.h"

#include <stdlib.h>

/* --- reading ------------------------------------------------------------------------- */

struct listing {
    struct tf_buf *out;
    bool is_full, is_shape;
};

static bool print_record(void *ctx, const struct ops_record *record)
{
    struct listing *listing = ctx;
    if (listing->is_shape)
        ops_print_shape(listing->out, record);
    else
        ops_print_record(listing->out, record, listing->is_full);
    return tf_buf_status(listing->out) == TF_OK;
}

static enum tf_status list(struct visit *v, const struct line_context *c, enum ops_class class,
                           const char *name)
{
    struct ops_filter filter;
    struct listing listing = {.out = v->out};
    int64_t change = 0, shapes = 0;
    enum tf_status rc = register_filter(v, &filter, &listing.is_full);
    if (!rc)
        rc = desk_query_number(v, "shapes", 0, 1, 0, &shapes);
    if (rc)
        return rc;
    listing.is_shape = shapes != 0;
    filter.class = class;
    tf_buf_char(v->out, '{');
    tf_put_open(v->out, name, '[');
    rc = ops_each(register_ops(v), c, &filter, print_record, &listing);
    tf_buf_char(v->out, ']');
    if (!rc)
        rc = ops_last_change(register_ops(v), c, &change);
    tf_put_int(v->out, "change", change);
    tf_buf_char(v->out, '}');
    return rc;
}

static enum tf_status run_list(struct visit *v, const struct line_context *c)
{
    return list(v, c, OPS_OPERATION, "operations");
}

static enum tf_status run_zones(struct visit *v, const struct line_context *c)
{
    return list(v, c, OPS_ZONE, "zones");
}

static enum tf_status run_read(struct visit *v, const struct line_context *c)
{
    return register_show(v, c, OPS_OPERATION, v->param[0]);
}

static enum tf_status run_read_zone(struct visit *v, const struct line_context *c)
{
    return register_show(v, c, OPS_ZONE, v->param[0]);
}

static enum tf_status run_history(struct visit *v, const struct line_context *c)
{
    return register_history(v, c, OPS_OPERATION);
}

static enum tf_status run_zone_history(struct visit *v, const struct line_context *c)
{
    return register_history(v, c, OPS_ZONE);
}

static enum tf_status run_import(struct visit *v, const struct line_context *c)
{
    return register_import(v, c, OPS_OPERATION);
}

static enum tf_status run_import_zones(struct visit *v, const struct line_context *c)
{
    return register_import(v, c, OPS_ZONE);
}

/* --- writing ----------------------------------------------------------------------------- */

static enum tf_status take_extra(struct visit *v, enum ops_class class, json_t **out)
{
    const char *disclosure;
    bool is_published;
    *out = NULL;
    if (class == OPS_ZONE && json_object_get(v->json, "publish")) {
        enum tf_status flag = desk_flag(v, "publish", false, &is_published);
        if (!flag)
            *out = json_pack("{s:b}", "publish", is_published);
        return flag ? flag : *out ? TF_OK : TF_NOMEM;
    }
    enum tf_status rc = desk_text(v, "disclosure", false, 16, &disclosure);
    if (rc || class != OPS_OPERATION || !json_object_get(v->json, "disclosure"))
        return rc;
    *out = disclosure ? json_pack("{s:s}", "disclosure", disclosure) : json_object();
    return *out ? TF_OK : TF_NOMEM;
}

/* A new record, or another version; id NULL: the feature's. */
static enum tf_status put(struct visit *v, const struct line_context *c, enum ops_class class,
                          const char *id)
{
    char etag[OPS_ETAG_SIZE];
    struct tf_entity entity = {0};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written = {.version = 0};
    struct ops_who who;
    struct tf_option_limits limits;
    json_t *extra = NULL;
    struct ops_draft draft = {.class = class,
                              .entity = &entity,
                              .if_match = id ? register_if_match(v, etag) : NULL,
                              .allow = json_object_get(v->json, "allow"),
                              .options = &limits};
    enum tf_status rc = register_who(v, REGISTER_PLANNERS, &who);
    if (!rc)
        rc = register_limits(v, &limits);
    if (!rc)
        rc = desk_flag(v, "template", false, &draft.is_template);
    if (!rc)
        rc = take_extra(v, class, &extra);
    if (!rc)
        rc = register_feature(v, json_object_get(v->json, "feature"), class, id, &entity);
    draft.extra = extra;
    if (!rc && v->is_again && v->waits_for[0]) {
        rc = register_outcome(v, c, v->waits_for, false);
        tf_entity_release(&entity);
        json_decref(extra);
        return rc;
    }
    if (!rc)
        rc = ops_put(register_ops(v), c, &draft, &who, &verdict, &written, &v->fault);
    if (!rc && verdict.is_held)
        register_wait(v, written.id);
    if (!rc && !verdict.is_applied)
        register_conflicts(v, &verdict, &entity);
    else if (!rc) {
        v->exchange->status = verdict.is_held ? 202 : written.is_new ? 201 : 200;
        rc = register_show(v, c, class, written.id);
    } else if (id) {
        rc = register_clash(v, c, class, id, draft.if_match ? draft.if_match : "", rc);
    }
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    json_decref(extra);
    return rc;
}

static enum tf_status run_create(struct visit *v, const struct line_context *c)
{
    return put(v, c, OPS_OPERATION, NULL);
}

static enum tf_status run_put(struct visit *v, const struct line_context *c)
{
    return put(v, c, OPS_OPERATION, v->param[0]);
}

static enum tf_status run_create_zone(struct visit *v, const struct line_context *c)
{
    return put(v, c, OPS_ZONE, NULL);
}

static enum tf_status run_put_zone(struct visit *v, const struct line_context *c)
{
    return put(v, c, OPS_ZONE, v->param[0]);
}

/* --- acts ---------------------------------------------------------------------------------- */

struct found {
    struct tf_entity entity;
    enum tf_status rc;
    int64_t number;
    char *decisions;
    size_t decisions_len;
};

static bool take_found(void *ctx, const struct ops_record *record)
{
    struct found *found = ctx;
    found->number = record->number;
    found->rc = ops_entity_of(record, &found->entity);
    found->decisions = malloc(record->decisions_len + 1);
    if (!found->decisions) {
        found->rc = TF_NOMEM;
        return false;
    }
    memcpy(found->decisions, record->decisions, record->decisions_len + 1);
    found->decisions_len = record->decisions_len;
    return true;
}

static enum tf_status find(struct visit *v, const struct line_context *c, const char *id,
                           struct found *found)
{
    enum tf_status rc = ops_find(register_ops(v), c, "", OPS_OPERATION, id, take_found, found);
    return rc ? rc : found->rc;
}

static void found_release(struct found *found)
{
    tf_entity_release(&found->entity);
    free(found->decisions);
}

/* What plans is the planners'; what is in the air, the officers'. */
static unsigned who_may(enum ops_act act)
{
    bool plans = act == OPS_ACT_SUBMIT || act == OPS_ACT_RECALL || act == OPS_ACT_WITHDRAW;
    return plans ? REGISTER_PLANNERS : REGISTER_OFFICERS;
}

static enum tf_status take_deed(struct visit *v, struct ops_deed *deed, struct ops_who *who,
                                struct tf_option_limits *limits)
{
    const char *word;
    bool wants_options = false;
    enum tf_status rc = desk_text(v, "act", true, 32, &word);
    if (!rc && ops_act_from_word(word, &deed->act))
        rc = tf_fault_set(&v->fault, TF_SYNTAX, TF_NO_INDEX, "act",
                          TF_TEXT("there is no act \"%1\""), word, NULL, NULL);
    if (!rc)
        rc = register_who(v, who_may(deed->act), who);
    if (!rc)
        rc = desk_flag(v, "options", true, &wants_options);
    if (!rc)
        rc = register_limits(v, limits);
    if (!rc && wants_options)
        deed->options = limits;
    deed->allow = json_object_get(v->json, "allow");
    return rc;
}

static enum tf_status run_act(struct visit *v, const struct line_context *c)
{
    char etag[OPS_ETAG_SIZE];
    struct ops_deed deed = {.class = OPS_OPERATION, .id = v->param[0]};
    struct ops_who who;
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct ops_written written;
    struct tf_option_limits limits;
    struct found found = {.rc = TF_OK};
    enum tf_status rc = take_deed(v, &deed, &who, &limits);
    if (!rc && v->is_again && v->waits_for[0])
        return register_outcome(v, c, deed.id, true);
    deed.if_match = register_if_match(v, etag);
    if (!rc)
        rc = ops_act(register_ops(v), c, &deed, &who, &verdict, &written, &v->fault);
    if (rc)
        return register_clash(v, c, OPS_OPERATION, deed.id, deed.if_match ? deed.if_match : "", rc);
    if (verdict.is_held) {
        register_wait(v, deed.id);
        v->exchange->status = 202;
    }
    rc = find(v, c, deed.id, &found);
    if (!rc && !verdict.is_applied) {
        register_conflicts(v, &verdict, &found.entity);
    } else if (!rc) {
        tf_buf_text(v->out, "{\"operation\":");
        rc = register_show(v, c, OPS_OPERATION, deed.id);
        tf_buf_text(v->out, ",\"check\":");
        if (verdict.checked_us)
            ops_print_verdict(v->out, &verdict, &found.entity);
        else
            tf_buf_text(v->out, "null");
        tf_buf_char(v->out, '}');
    }
    found_release(&found);
    ops_verdict_release(&verdict);
    return rc;
}

static enum tf_status run_withdraw_zone(struct visit *v, const struct line_context *c)
{
    char etag[OPS_ETAG_SIZE];
    struct ops_deed deed = {.class = OPS_ZONE,
                            .id = v->param[0],
                            .act = OPS_ACT_WITHDRAW,
                            .if_match = register_if_match(v, etag)};
    struct ops_who who;
    struct ops_verdict verdict;
    struct ops_written written;
    enum tf_status rc = register_who(v, REGISTER_OFFICERS, &who);
    if (!rc)
        rc = ops_act(register_ops(v), c, &deed, &who, &verdict, &written, &v->fault);
    if (rc)
        return register_clash(v, c, OPS_ZONE, deed.id, deed.if_match ? deed.if_match : "", rc);
    ops_verdict_release(&verdict);
    return register_show(v, c, OPS_ZONE, deed.id);
}

static bool print_affected(void *ctx, const struct ops_conflict *conflict)
{
    struct tf_buf *out = ctx;
    ops_print_conflict(out, conflict);
    return tf_buf_status(out) == TF_OK;
}

static enum tf_status run_affected(struct visit *v, const struct line_context *c)
{
    tf_buf_text(v->out, "{\"conflicts\":[");
    enum tf_status rc =
        ops_affected(register_ops(v), c, "", OPS_ZONE, v->param[0], print_affected, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static bool print_copy(void *ctx, const char *id, const struct ops_verdict *verdict,
                       const struct tf_fault *fault)
{
    struct visit *v = ctx;
    struct tf_buf *out = v->out;
    char text[512];
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "id", id);
    tf_put_text(out, "outcome",
                fault                         ? "refused"
                : !verdict                    ? "draft"
                : !verdict->is_applied        ? "draft"
                : verdict->is_held            ? "submitted"
                : verdict->outcome > OPS_NOTE ? "submitted"
                                              : "accepted");
    if (verdict && !fault)
        tf_put_text(out, "check", ops_outcome_word(verdict->outcome));
    if (fault)
        register_text(v, fault, text, sizeof text);
    tf_put_text(out, "message", fault ? text : NULL);
    tf_buf_char(out, '}');
    return true;
}

static enum tf_status take_weekdays(struct visit *v, unsigned *weekdays)
{
    static const char *const words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
    struct tf_json root = tf_json_root(v->json), days = tf_json_get(&root, "weekdays");
    enum tf_status rc = tf_json_there(&days) ? tf_json_array(&days, &v->fault) : TF_OK;
    for (size_t i = 0; !rc && i < tf_json_count(&days); i++) {
        struct tf_json item = tf_json_item(&days, i);
        int index;
        rc = tf_json_word(&item, words, &index, &v->fault);
        if (!rc)
            *weekdays |= 1u << index;
    }
    return rc;
}

static enum tf_status run_repeat(struct visit *v, const struct line_context *c)
{
    struct ops_repeat repeat = {.id = v->param[0]};
    struct ops_who who;
    int64_t every_s, count, until_us;
    enum tf_status rc = register_who(v, REGISTER_PLANNERS, &who);
    if (!rc)
        rc = desk_number(v, "every_s", 60, 366 * 86400, 0, &every_s);
    if (!rc)
        rc = desk_number(v, "count", 1, OPS_REPEAT_MAX, 0, &count);
    if (!rc)
        rc = desk_time(v, "until", 0, &until_us);
    if (!rc)
        rc = desk_flag(v, "submit", false, &repeat.submits);
    if (!rc)
        rc = take_weekdays(v, &repeat.weekdays);
    if (rc)
        return rc;
    repeat.every_ns = every_s * TF_SECOND_NS;
    repeat.until_ns = until_us * 1000;
    repeat.count = (size_t)count;
    tf_buf_text(v->out, "{\"rows\":[");
    rc = ops_repeat(register_ops(v), c, &repeat, &who, print_copy, v, &v->fault);
    tf_buf_text(v->out, "]}");
    return rc;
}

/* --- checks ---------------------------------------------------------------------------------- */

/* First a DSS is asked, off this thread; then the check runs. */
static enum tf_status ask_about(struct visit *v, const struct tf_entity *entity)
{
    tf_volumes_free(v->asks_about, v->asks_count);
    v->asks_count = 0;
    v->asks_about = calloc(entity->volume_count + 1, sizeof *v->asks_about);
    if (!v->asks_about)
        return TF_NOMEM;
    for (; v->asks_count < entity->volume_count; v->asks_count++)
        v->asks_about[v->asks_count] = tf_volume4_ref(&entity->volumes[v->asks_count]);
    return TF_OK;
}

static enum tf_status check(struct visit *v, const struct line_context *c, bool options_wanted)
{
    const char *id;
    struct found found = {.rc = TF_OK};
    struct ops_verdict verdict = {.outcome = OPS_CLEAR};
    struct tf_option_limits limits;
    bool wants_options = false;
    const json_t *feature = json_object_get(v->json, "feature");
    enum tf_status rc = desk_text(v, "id", false, OPS_ID_SIZE - 1, &id);
    if (!rc)
        rc = desk_flag(v, "options", options_wanted, &wants_options);
    if (!rc)
        rc = register_limits(v, &limits);
    if (!rc && id) {
        rc = find(v, c, id, &found);
        if (rc == TF_NOT_FOUND && feature)
            rc = TF_OK; /* it is to become one */
    }
    if (!rc && feature) {
        tf_entity_release(&found.entity);
        found.decisions_len = 0;
        rc = register_feature(v, feature, OPS_OPERATION, id, &found.entity);
    }
    if (!rc && !found.entity.volume_count)
        rc = register_feature(v, NULL, OPS_OPERATION, NULL, &found.entity);
    struct ops_query query = {.entity = &found.entity,
                              .number = found.number,
                              .decisions = found.decisions,
                              .decisions_len = found.decisions_len,
                              .options = wants_options ? &limits : NULL};
    if (!rc && desk_uss(v->desk) && !v->is_again) {
        rc = ask_about(v, &found.entity);
        found_release(&found);
        return rc;
    }
    if (v->question)
        uss_answer_use(desk_uss(v->desk), v->question);
    if (!rc)
        rc = ops_check(register_ops(v), c, &query, &verdict, &v->fault);
    if (v->question)
        uss_answer_use(desk_uss(v->desk), NULL);
    if (!rc)
        ops_print_verdict(v->out, &verdict, &found.entity);
    ops_verdict_release(&verdict);
    found_release(&found);
    return rc;
}

static enum tf_status run_check(struct visit *v, const struct line_context *c)
{
    return check(v, c, false);
}

static enum tf_status run_options(struct visit *v, const struct line_context *c)
{
    return check(v, c, true);
}

static enum tf_status run_policy(struct visit *v, const struct line_context *c)
{
    struct tf_buf document = TF_BUF_INIT(OPS_POLICY_MAX);
    int64_t version;
    enum tf_status rc = ops_policy(register_ops(v), c, &document, &version);
    if (!rc) {
        tf_buf_char(v->out, '{');
        tf_put_int(v->out, "version", version);
        tf_put_json(v->out, "document", document.data, document.len);
        tf_buf_char(v->out, '}');
    }
    tf_buf_release(&document);
    return rc;
}

/* Somebody else was quicker: what he changed, and the rules as they are now. */
static enum tf_status policy_clash(struct visit *v, const struct line_context *c, int64_t version,
                                   enum tf_status rc)
{
    struct tf_buf changed = TF_BUF_INIT(1 << 18);
    char text[512];
    if (rc != TF_EXISTS || strcmp(v->fault.field, "version") != 0)
        return rc;
    register_text(v, &v->fault, text, sizeof text);
    v->exchange->status = 412;
    tf_buf_char(v->out, '{');
    tf_put_text(v->out, "message", text);
    rc = ops_policy_changed_since(register_ops(v), c, version, &changed);
    if (rc == TF_OK)
        tf_put_json(v->out, "changed", changed.data, changed.len);
    else if (rc == TF_NOT_FOUND)
        tf_put_text(v->out, "changed", NULL);
    tf_buf_release(&changed);
    if (rc && rc != TF_NOT_FOUND)
        return rc;
    tf_put_json(v->out, "current", "", 0);
    rc = run_policy(v, c);
    tf_buf_char(v->out, '}');
    return rc;
}

static enum tf_status run_set_policy(struct visit *v, const struct line_context *c)
{
    struct ops_who who;
    int64_t version;
    const json_t *document = json_object_get(v->json, "document");
    char *text = json_is_object(document) ? json_dumps(document, JSON_COMPACT) : NULL;
    enum tf_status rc = register_who(v, ACCOUNT_HEAD_OF_CELL, &who);
    if (!rc)
        rc = desk_number(v, "version", 0, INT64_MAX, 0, &version);
    if (!rc && !text)
        rc = tf_fault_set(&v->fault, TF_MISSING, TF_NO_INDEX, "document",
                          TF_TEXT("the rules are needed, as an object"), NULL, NULL, NULL);
    if (!rc)
        rc = policy_clash(
            v, c, version,
            ops_set_policy(register_ops(v), c, text, strlen(text), version, &who, &v->fault));
    free(text);
    return rc || v->exchange->status == 412 ? rc : run_policy(v, c);
}

/* --- declarations ------------------------------------------------------------------------------
 */

static bool print_declaration(void *ctx, const struct ops_declaration *declaration)
{
    struct tf_buf *out = ctx;
    ops_print_declaration(out, declaration);
    return tf_buf_status(out) == TF_OK;
}

static enum tf_status run_declarations(struct visit *v, const struct line_context *c)
{
    char line[LINE_ID_SIZE];
    int64_t withdrawn;
    struct http_slice query = v->exchange->head->query;
    enum tf_status rc = desk_query_number(v, "withdrawn", 0, 1, 0, &withdrawn);
    if (rc)
        return rc;
    bool named = http_query_has(query, "line");
    if (named && !http_query_value(query, "line", line, sizeof line))
        return TF_NOT_FOUND;
    tf_buf_text(v->out, "{\"declarations\":[");
    rc = ops_declaration_each(register_ops(v), c, named ? line : NULL, withdrawn != 0,
                              "declarations", print_declaration, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

/* What the register lost by a restore, and nobody will register again. */
static enum tf_status run_disown(struct visit *v, const struct line_context *c)
{
    struct ops_who who;
    enum tf_status rc = register_who(v, REGISTER_OFFICERS, &who);
    if (!rc)
        rc = ops_disown(register_ops(v), c, v->param[0], &who, &v->fault);
    return rc ? rc : run_declarations(v, c);
}

/* --- incidents ---------------------------------------------------------------------------------
 */

static enum tf_status take_double(struct visit *v, const char *name, double absent, bool needed,
                                  double *out)
{
    struct tf_json root = tf_json_root(v->json), at = tf_json_get(&root, name);
    *out = absent;
    return tf_json_there(&at) || needed ? tf_json_number(&at, out, &v->fault) : TF_OK;
}

static enum tf_status run_incident(struct visit *v, const struct line_context *c)
{
    struct ops_incident incident = {.text = NULL};
    struct ops_who who;
    enum tf_status rc = register_who(v, REGISTER_OFFICERS, &who);
    if (!rc)
        rc = take_double(v, "lat_deg", 0, true, &incident.at.lat_deg);
    if (!rc)
        rc = take_double(v, "lng_deg", 0, true, &incident.at.lng_deg);
    if (!rc)
        rc = take_double(v, "radius_m", OPS_INCIDENT_RADIUS_M, false, &incident.radius_m);
    if (!rc)
        rc = desk_time(v, "at", c->now_us, &incident.at_us);
    if (!rc)
        rc = desk_number(v, "before_s", 0, INT32_MAX, OPS_INCIDENT_WINDOW_S, &incident.before_s);
    if (!rc)
        rc = desk_number(v, "after_s", 0, INT32_MAX, OPS_INCIDENT_WINDOW_S, &incident.after_s);
    if (!rc)
        rc = desk_text(v, "text", false, 8192, &incident.text);
    if (!rc)
        rc = ops_incident_report(register_ops(v), c, &incident, &who, v->out, &v->fault);
    v->exchange->status = 201;
    return rc;
}

static bool print_incident(void *ctx, const char *json, size_t len)
{
    tf_put_json(ctx, NULL, json, len);
    return tf_buf_status(ctx) == TF_OK;
}

static enum tf_status run_incidents(struct visit *v, const struct line_context *c)
{
    int64_t limit;
    enum tf_status rc = desk_query_number(v, "limit", 1, 1000, 20, &limit);
    if (rc)
        return rc;
    tf_buf_text(v->out, "{\"incidents\":[");
    rc = ops_incident_each(register_ops(v), c, NULL, (size_t)limit, print_incident, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status run_read_incident(struct visit *v, const struct line_context *c)
{
    return ops_incident_each(register_ops(v), c, v->param[0], 1, print_incident, v->out);
}

static const struct desk_route routes[] = {
    {HTTP_GET, "/api/v1/operations", ACCOUNT_ALL_ROLES, false, run_list, NULL},
    {HTTP_POST, "/api/v1/operations", REGISTER_PLANNERS, true, run_create, NULL},
    {HTTP_POST, "/api/v1/operations/import", REGISTER_PLANNERS, false, run_import, NULL},
    {HTTP_GET, "/api/v1/operations/{}", ACCOUNT_ALL_ROLES, false, run_read, NULL},
    {HTTP_PUT, "/api/v1/operations/{}", REGISTER_PLANNERS, true, run_put, NULL},
    {HTTP_GET, "/api/v1/operations/{}/history", ACCOUNT_ALL_ROLES, false, run_history, NULL},
    {HTTP_POST, "/api/v1/operations/{}/acts", REGISTER_PLANNERS, true, run_act, NULL},
    {HTTP_POST, "/api/v1/operations/{}/repeat", REGISTER_PLANNERS, true, run_repeat, NULL},
    {HTTP_POST, "/api/v1/check", REGISTER_PLANNERS, true, run_check, NULL},
    {HTTP_POST, "/api/v1/options", REGISTER_PLANNERS, true, run_options, NULL},
    {HTTP_GET, "/api/v1/policy", ACCOUNT_ALL_ROLES, false, run_policy, NULL},
    {HTTP_PUT, "/api/v1/policy", ACCOUNT_HEAD_OF_CELL, true, run_set_policy, NULL},
    {HTTP_GET, "/api/v1/incidents", REGISTER_OFFICERS, false, run_incidents, NULL},
    {HTTP_POST, "/api/v1/incidents", REGISTER_OFFICERS, true, run_incident, NULL},
    {HTTP_GET, "/api/v1/incidents/{}", REGISTER_OFFICERS, false, run_read_incident, NULL},
    {HTTP_GET, "/api/v1/declarations", ACCOUNT_ALL_ROLES, false, run_declarations, NULL},
    {HTTP_POST, "/api/v1/declarations/{}/disown", REGISTER_OFFICERS, true, run_disown, NULL},
    {HTTP_GET, "/api/v1/zones", ACCOUNT_ALL_ROLES, false, run_zones, NULL},
    {HTTP_POST, "/api/v1/zones", REGISTER_PLANNERS, true, run_create_zone, NULL},
    {HTTP_POST, "/api/v1/zones/import", REGISTER_PLANNERS, false, run_import_zones, NULL},
    {HTTP_GET, "/api/v1/zones/{}", ACCOUNT_ALL_ROLES, false, run_read_zone, NULL},
    {HTTP_PUT, "/api/v1/zones/{}", REGISTER_PLANNERS, true, run_put_zone, NULL},
    {HTTP_GET, "/api/v1/zones/{}/history", ACCOUNT_ALL_ROLES, false, run_zone_history, NULL},
    {HTTP_GET, "/api/v1/zones/{}/affected", ACCOUNT_ALL_ROLES, false, run_affected, NULL},
    {HTTP_POST, "/api/v1/zones/{}/withdraw", REGISTER_OFFICERS, true, run_withdraw_zone, NULL},
};
const struct desk_routes desk_operation_routes = {routes, sizeof routes / sizeof *routes};
