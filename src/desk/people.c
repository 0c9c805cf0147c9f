/*
 * people.c - operators and tokens, for administrators.
 */
#include "desk/login.h"

#include <stdio.h>
#include <stdlib.h>

/* --- operators ------------------------------------------------------------------------ */

static enum tf_status run_operators(struct visit *v, const struct line_context *c)
{
    tf_buf_text(v->out, "{\"operators\":[");
    enum tf_status rc = account_each(c, desk_visit_account, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status take_roles(struct visit *v, unsigned *roles)
{
    const json_t *list = json_object_get(v->json, "roles"), *item;
    size_t i;
    *roles = 0;
    if (!json_is_array(list))
        return tf_fault_set(&v->fault, TF_MISSING, TF_NO_INDEX, "roles",
                            TF_TEXT("this must be an array of roles"), NULL, NULL, NULL);
    json_array_foreach(list, i, item)
    {
        unsigned role = json_is_string(item)
                            ? account_role_named(json_string_value(item), json_string_length(item))
                            : 0;
        if (!role)
            return tf_fault_set(&v->fault, TF_RANGE, i, "roles",
                                TF_TEXT("a role is viewer, planner, duty-officer, head-of-cell "
                                        "or admin"),
                                NULL, NULL, NULL);
        *roles |= role;
    }
    return TF_OK;
}

static enum tf_status take_account(struct visit *v, struct account *account)
{
    const char *title;
    enum tf_status rc = desk_text(v, "title", false, ACCOUNT_TITLE_SIZE - 1, &title);
    if (!rc)
        rc = take_roles(v, &account->roles);
    if (!rc)
        rc = desk_flag(v, "disabled", false, &account->is_disabled);
    snprintf(account->title, sizeof account->title, "%s", title ? title : "");
    snprintf(account->name, sizeof account->name, "%.64s", v->param[0]);
    if (!rc && strlen(v->param[0]) >= ACCOUNT_NAME_SIZE)
        rc = tf_fault_set(&v->fault, TF_RANGE, TF_NO_INDEX, "name",
                          TF_TEXT("this text is empty or too long"), NULL, NULL, NULL);
    return rc;
}

static enum tf_status put_account(struct visit *v, const struct line_context *c, const char *hash)
{
    struct account account = {.hash = ""};
    enum tf_status rc = take_account(v, &account);
    if (rc)
        return rc;
    snprintf(account.hash, sizeof account.hash, "%s", hash);
    account.must_change = hash[0] && strcmp(account.name, v->who.name) != 0;
    rc = account_put(c, &account, &v->fault);
    if (!rc)
        rc = account_find(c, account.name, &account);
    if (!rc)
        desk_visit_account(v->out, &account);
    return rc;
}

static enum tf_status run_put_operator(struct visit *v, const struct line_context *c)
{
    return put_account(v, c, v->own ? v->own : "");
}

/* The password is hashed before the transaction, which must be short; whether the caller may
 * change operators is asked first, so that nobody else can make this machine work. */
struct hashing {
    struct party_command command; /* first */
    struct visit *v;
    struct account_session who;
};

static enum tf_status may_run(struct party_command *command, const struct line_context *c)
{
    struct hashing *h = (struct hashing *)command;
    enum tf_status rc = session_find(c, h->v->secret, &h->who);
    return rc ? rc : h->who.roles & ACCOUNT_ADMIN ? TF_OK : TF_UNSUPPORTED;
}

static void hash_and_put(struct visit *v)
{
    struct hashing h = {.command = {.run = may_run}, .v = v};
    const char *password = json_string_value(json_object_get(v->json, "password"));
    char *hash = calloc(1, ACCOUNT_HASH_SIZE);
    enum tf_status rc =
        hash && v->secret[0] ? party_call(desk_party(v->desk), &h.command) : TF_NOT_FOUND;
    if (!rc)
        rc = account_hash(password, strlen(password), desk_settings(v->desk)->cheap_hashes, hash);
    v->own = hash;
    if (rc == TF_RANGE)
        desk_refuse(v, 400, TF_TEXT("a password has 10 to 256 bytes"), "password");
    else if (rc == TF_NOT_FOUND)
        desk_refuse(v, 401, TF_TEXT("log in first, or send a token of this desk"), NULL);
    else if (rc == TF_UNSUPPORTED)
        desk_refuse(v, 403, TF_TEXT("your roles do not allow this"), NULL);
    else if (rc)
        desk_refuse_status(v, rc);
    else
        desk_call(v);
}

static void serve_put_operator(struct visit *v)
{
    if (json_is_string(json_object_get(v->json, "password")))
        login_queue(desk_login(v->desk), v, v->secret, hash_and_put);
    else
        desk_submit(v);
}

/* --- tokens -------------------------------------------------------------------------------- */

static enum tf_status run_tokens(struct visit *v, const struct line_context *c)
{
    tf_buf_text(v->out, "{\"tokens\":[");
    enum tf_status rc = account_token_each(c, desk_visit_token, v->out);
    tf_buf_text(v->out, "]}");
    return rc;
}

static enum tf_status run_make_token(struct visit *v, const struct line_context *c)
{
    char secret[ACCOUNT_SECRET_SIZE];
    const char *name, *title;
    unsigned roles;
    int64_t expires_us;
    enum tf_status rc = desk_text(v, "name", true, ACCOUNT_NAME_SIZE - 1, &name);
    if (!rc)
        rc = desk_text(v, "title", true, ACCOUNT_TITLE_SIZE - 1, &title);
    if (!rc)
        rc = take_roles(v, &roles);
    if (!rc)
        rc = desk_time(v, "expires", c->now_us + 90 * (TF_DAY_NS / 1000), &expires_us);
    if (!rc)
        rc = account_token_make(c, name, title, roles, expires_us, secret, &v->fault);
    if (rc)
        return rc;
    v->exchange->status = 201;
    v->exchange->headers = "Cache-Control: no-store\r\n";
    tf_buf_char(v->out, '{');
    tf_put_text(v->out, "token", secret);
    tf_put_time_us(v->out, "expires", expires_us);
    tf_buf_char(v->out, '}');
    return TF_OK;
}

static enum tf_status run_revoke(struct visit *v, const struct line_context *c)
{
    enum tf_status rc = account_token_revoke(c, v->param[0]);
    tf_buf_text(v->out, "{}");
    return rc;
}

static const struct desk_route routes[] = {
    {HTTP_GET, "/api/v1/operators", ACCOUNT_ADMIN, false, run_operators, NULL},
    {HTTP_PUT, "/api/v1/operators/{}", ACCOUNT_ADMIN, true, run_put_operator, serve_put_operator},
    {HTTP_GET, "/api/v1/tokens", ACCOUNT_ADMIN, false, run_tokens, NULL},
    {HTTP_POST, "/api/v1/tokens", ACCOUNT_ADMIN, true, run_make_token, NULL},
    {HTTP_DELETE, "/api/v1/tokens/{}", ACCOUNT_ADMIN, false, run_revoke, NULL},
};
const struct desk_routes desk_people_routes = {routes, sizeof routes / sizeof *routes};
