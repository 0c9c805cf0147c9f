/*
 * session.c - logging in and out, and one's own password.
 */
#include "desk/login.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* A log-in under way: two commands on the party's thread with a slow check between. */
struct attempt {
    struct party_command command; /* first */
    struct visit *v;
    const char *name, *password, *wanted; /* wanted: a new password; NULL: none */
    struct account account;
    char secret[ACCOUNT_SECRET_SIZE];
    struct account_session session;
    struct tf_fault fault;
};

static void print_session(struct tf_buf *out, const struct account_session *session)
{
    char csrf[2 * sizeof session->csrf + 1];
    tf_buf_char(out, '{');
    tf_put_text(out, "name", session->name);
    desk_put_roles(out, "roles", session->roles);
    tf_put_time_us(out, "expires", session->expires_us);
    tf_put_flag(out, "must_change_password", session->must_change);
    if (!session->is_token) {
        key_hex(session->csrf, sizeof session->csrf, csrf);
        tf_put_text(out, "csrf", csrf);
    }
    tf_buf_char(out, '}');
}

static enum tf_status find_run(struct party_command *command, const struct line_context *c)
{
    struct attempt *a = (struct attempt *)command;
    enum tf_status rc = account_find(c, a->name, &a->account);
    if (rc == TF_NOT_FOUND || (!rc && a->account.is_disabled)) {
        a->account = (struct account){.hash = ""};
        rc = TF_OK;
    }
    return rc;
}

static enum tf_status open_run(struct party_command *command, const struct line_context *c)
{
    struct attempt *a = (struct attempt *)command;
    struct line_context own = *c;
    own.actor = a->account.name;
    return session_open(&own, a->account.name, a->secret, &a->session);
}

static enum tf_status run(struct attempt *a, enum tf_status (*what)(struct party_command *,
                                                                    const struct line_context *))
{
    a->command = (struct party_command){.run = what};
    return party_call(desk_party(a->v->desk), &a->command);
}

/* The right password of an operator who may; false after an answer. */
static bool check(struct attempt *a)
{
    struct visit *v = a->v;
    enum tf_status rc = run(a, find_run);
    if (rc) {
        desk_refuse_status(v, rc);
        return false;
    }
    if (account_verify(a->account.hash, a->password, strlen(a->password)))
        return true;
    login_failed(desk_login(v->desk), v, a->name);
    desk_refuse(v, 401, TF_TEXT("the name or the password is wrong"), NULL);
    return false;
}

static void set_cookie(struct visit *v, const char *secret, int64_t seconds)
{
    snprintf(v->exchange->room, sizeof v->exchange->room,
             "Set-Cookie: tafadi=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s\r\n"
             "Cache-Control: no-store\r\n",
             secret, (long long)seconds, desk_settings(v->desk)->is_tls ? "; Secure" : "");
    v->exchange->headers = v->exchange->room;
}

/* On the log-in thread. */
static void log_in(struct visit *v)
{
    struct attempt *a = v->own;
    if (!check(a))
        return;
    enum tf_status rc = run(a, open_run);
    if (rc) {
        desk_refuse_status(v, rc);
        return;
    }
    v->exchange->status = 200;
    print_session(v->out, &a->session);
    set_cookie(v, a->secret, SESSION_MAX_S);
    sodium_memzero(a->secret, sizeof a->secret);
}

static bool begin(struct visit *v, const char *name_member, const char *name)
{
    struct attempt *a = calloc(1, sizeof *a);
    v->own = a;
    enum tf_status rc = a ? TF_OK : TF_NOMEM;
    if (!rc && name_member)
        rc = desk_text(v, name_member, true, ACCOUNT_NAME_SIZE - 1, &name);
    if (!rc)
        rc = desk_text(v, "password", true, ACCOUNT_PASSWORD_MAX, &a->password);
    if (!rc)
        rc = desk_text(v, "new_password", false, ACCOUNT_PASSWORD_MAX, &a->wanted);
    if (rc) {
        desk_refuse_status(v, rc);
        desk_finish(v);
        return false;
    }
    a->v = v;
    a->name = name;
    return true;
}

static void serve_log_in(struct visit *v)
{
    if (begin(v, "name", NULL))
        login_queue(desk_login(v->desk), v, ((struct attempt *)v->own)->name, log_in);
}

static enum tf_status run_get(struct visit *v, const struct line_context *c)
{
    (void)c;
    print_session(v->out, &v->who);
    return TF_OK;
}

static enum tf_status run_log_out(struct visit *v, const struct line_context *c)
{
    enum tf_status rc = session_close(c, v->secret);
    if (rc)
        return rc;
    set_cookie(v, "", 0);
    tf_buf_text(v->out, "{}");
    return TF_OK;
}

/* --- one's own password ----------------------------------------------------------------- */

static enum tf_status who_run(struct party_command *command, const struct line_context *c)
{
    struct attempt *a = (struct attempt *)command;
    struct account_session who;
    enum tf_status rc = session_find(c, a->v->secret, &who);
    if (rc)
        return rc;
    uint8_t sent[sizeof who.csrf];
    struct http_slice value = http_header(a->v->exchange->head, "x-csrf-token");
    if (who.is_token || !value.at || !key_unhex(value.at, value.len, sent, sizeof sent) ||
        sodium_memcmp(sent, who.csrf, sizeof sent) != 0)
        return TF_NOT_FOUND;
    a->v->who = who;
    return TF_OK;
}

static enum tf_status password_run(struct party_command *command, const struct line_context *c)
{
    struct attempt *a = (struct attempt *)command;
    struct line_context own = *c;
    own.actor = a->account.name;
    return account_put(&own, &a->account, &a->fault);
}

static void change_password(struct visit *v)
{
    struct attempt *a = v->own;
    enum tf_status rc = run(a, who_run);
    if (rc) {
        desk_refuse(v, 401, TF_TEXT("log in first"), NULL);
        return;
    }
    a->name = v->who.name;
    if (!check(a))
        return;
    rc = account_hash(a->wanted, strlen(a->wanted), desk_settings(v->desk)->cheap_hashes,
                      a->account.hash);
    if (rc == TF_RANGE) {
        desk_refuse(v, 400, TF_TEXT("a password has 10 to 256 bytes"), "new_password");
        return;
    }
    a->account.must_change = false;
    if (!rc)
        rc = run(a, password_run);
    if (rc) {
        desk_refuse_status(v, rc);
        return;
    }
    v->exchange->status = 200;
    set_cookie(v, "", 0); /* all sessions have ended */
    tf_buf_text(v->out, "{}");
}

static void serve_password(struct visit *v)
{
    if (!begin(v, NULL, ""))
        return;
    struct attempt *a = v->own;
    if (!a->wanted || !v->secret[0]) {
        desk_refuse(v, a->wanted ? 401 : 400,
                    a->wanted ? TF_TEXT("log in first") : TF_TEXT("this member is needed"),
                    "new_password");
        desk_finish(v);
        return;
    }
    login_queue(desk_login(v->desk), v, v->secret, change_password);
}

static const struct desk_route routes[] = {
    {HTTP_POST, "/api/v1/session", 0, true, NULL, serve_log_in},
    {HTTP_GET, "/api/v1/session", ACCOUNT_ALL_ROLES, false, run_get, NULL},
    {HTTP_DELETE, "/api/v1/session", ACCOUNT_ALL_ROLES, false, run_log_out, NULL},
    {HTTP_POST, "/api/v1/password", 0, true, NULL, serve_password},
};
const struct desk_routes desk_session_routes = {routes, sizeof routes / sizeof *routes};
