/*
 * desk.c - from an exchange to a route, through session and role, to the act.
 */
#include "desk/internal.h"

#include "desk/login.h"
#include "desk/streams.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { DESK_TABLES_MAX = 8 };

struct desk {
    struct desk_config config;
    struct party *party;
    _Atomic(struct uss *) uss;
    struct login *login;
    struct streams *streams;
    atomic_uint strangers;
    const struct desk_routes *more[DESK_TABLES_MAX]; /* of other modules */
    size_t more_count;
};

const struct desk_routes *const desk_tables[] = {
    &desk_peer_routes,   &desk_session_routes, &desk_people_routes,   &desk_line_routes,
    &desk_ledger_routes, &desk_memo_routes,    &desk_event_routes,    &desk_operation_routes,
    &desk_case_routes,   &desk_site_routes,    &desk_position_routes, &desk_evidence_routes,
    &desk_map_routes};
const size_t desk_table_count = sizeof desk_tables / sizeof *desk_tables;

enum tf_status desk_new(const struct desk_config *config, struct desk **out)
{
    struct desk *desk = calloc(1, sizeof *desk);
    if (!desk)
        return TF_NOMEM;
    desk->config = *config;
    enum tf_status rc = login_start(desk, &desk->login);
    if (!rc) {
        rc = streams_start(&desk->streams);
        if (rc)
            login_stop(desk->login);
    }
    if (rc) {
        free(desk);
        return rc;
    }
    *out = desk;
    return TF_OK;
}

void desk_set_party(struct desk *desk, struct party *party)
{
    desk->party = party;
}

void desk_free(struct desk *desk)
{
    if (!desk)
        return;
    login_stop(desk->login);
    streams_stop(desk->streams);
    free(desk);
}

struct streams *desk_streams(struct desk *desk)
{
    return desk->streams;
}

void desk_changed(void *ctx)
{
    struct desk *desk = ctx;
    streams_wake(desk->streams);
}

enum tf_status desk_add_routes(struct desk *desk, const struct desk_routes *routes)
{
    if (desk->more_count == DESK_TABLES_MAX)
        return TF_LIMIT;
    desk->more[desk->more_count++] = routes;
    return TF_OK;
}

struct party *desk_party(struct desk *desk)
{
    return desk->party;
}

void desk_set_uss(struct desk *desk, struct uss *uss)
{
    atomic_store(&desk->uss, uss);
}

struct uss *desk_uss(struct desk *desk)
{
    return atomic_load(&desk->uss);
}

struct login *desk_login(struct desk *desk)
{
    return desk->login;
}

const struct desk_config *desk_settings(const struct desk *desk)
{
    return &desk->config;
}

/* --- answering ---------------------------------------------------------------------- */

void desk_visit_free(struct visit *v)
{
    if (v->is_stranger)
        atomic_fetch_sub(&v->desk->strangers, 1);
    json_decref(v->json);
    uss_question_free(v->question);
    tf_volumes_free(v->asks_about, v->asks_count);
    sodium_memzero(v->secret, sizeof v->secret);
    free(v->own);
    free(v);
}

void desk_finish(struct visit *v)
{
    struct http_exchange *x = v->exchange;
    desk_visit_free(v);
    http_reply(x);
}

/* Says which language it is, where nothing else has to be said by the headers. */
static void name_language(struct visit *v)
{
    struct http_exchange *x = v->exchange;
    if (x->headers)
        return;
    snprintf(x->room, sizeof x->room, "Content-Language: %s\r\nVary: Accept-Language\r\n",
             desk_language(x->head));
    x->headers = x->room;
}

const char *desk_say(struct visit *v, const char *english)
{
    const struct desk_config *config = &v->desk->config;
    const char *said =
        config->translate ? config->translate(desk_language(v->exchange->head), english) : english;
    if (said != english)
        name_language(v);
    return said;
}

/* `message` as it is to be said. */
static void put_refusal(struct visit *v, int status, const char *message, const char *field)
{
    v->exchange->status = status;
    v->exchange->content_type = NULL;
    tf_buf_clear(v->out);
    tf_buf_char(v->out, '{');
    tf_put_text(v->out, "message", message);
    if (field && field[0])
        tf_put_text(v->out, "field", field);
    tf_buf_char(v->out, '}');
}

void desk_refuse(struct visit *v, int status, const char *message, const char *field)
{
    put_refusal(v, status, desk_say(v, message), field);
}

static int http_status(enum tf_status rc)
{
    switch (rc) {
    case TF_NOT_FOUND:
        return 404;
    case TF_EXISTS:
    case TF_UNSUPPORTED:
        return 409;
    case TF_TOO_LARGE:
        return 413;
    case TF_BUSY:
        return 503;
    case TF_LIMIT:
        return 507;
    case TF_NOMEM:
        return 503;
    default:
        return 400;
    }
}

void desk_refuse_status(struct visit *v, enum tf_status rc)
{
    char text[512];
    const char *english = tf_status_text(rc);
    if (v->fault.message) {
        english = v->fault.message;
    } else if (rc == TF_LIMIT) {
        english = TF_TEXT("the change could not be stored (disk full or failing); nothing was "
                          "applied");
    } else if (rc == TF_BUSY) {
        english = TF_TEXT("the node is busy; nothing was applied; try again");
        v->exchange->headers = "Retry-After: 1\r\n";
    }
    const char *message = desk_say(v, english);
    if (v->fault.message) {
        tf_fault_text(&v->fault, message, text, sizeof text);
        message = text;
    }
    bool is_input = rc == TF_LIMIT && v->fault.message; /* more than is read, not a full disk */
    put_refusal(v, is_input ? 400 : http_status(rc), message,
                v->fault.message ? v->fault.field : NULL);
}

/* --- authorisation ----------------------------------------------------------------------- */

static bool cookie_value(struct http_slice cookies, char out[ACCOUNT_SECRET_SIZE])
{
    static const char name[] = "tafadi=";
    const char *at = cookies.at, *end = cookies.at + cookies.len;
    while (at && at < end) {
        while (at < end && (*at == ' ' || *at == ';'))
            at++;
        const char *stop = memchr(at, ';', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        if (len > sizeof name - 1 && memcmp(at, name, sizeof name - 1) == 0 &&
            len - (sizeof name - 1) < ACCOUNT_SECRET_SIZE) {
            memcpy(out, at + sizeof name - 1, len - (sizeof name - 1));
            out[len - (sizeof name - 1)] = '\0';
            return true;
        }
        at += len;
    }
    return false;
}

/* A program's token ("Bearer t_...") or an operator's cookie. */
static void find_secret(struct visit *v)
{
    const struct http_head *head = v->exchange->head;
    struct http_slice value = http_header(head, "authorization");
    if (value.len > 7 && value.len - 7 < sizeof v->secret &&
        strncasecmp(value.at, "bearer ", 7) == 0) {
        memcpy(v->secret, value.at + 7, value.len - 7);
        v->secret[value.len - 7] = '\0';
        if (strncmp(v->secret, "t_", 2) != 0)
            v->secret[0] = '\0'; /* a session's secret is for cookies only */
        return;
    }
    struct http_slice cookies = http_header(head, "cookie");
    if (cookies.at && (!cookie_value(cookies, v->secret) || strncmp(v->secret, "s_", 2) != 0))
        v->secret[0] = '\0';
}

/* A page of another site can make a browser send the cookie, but cannot know this. */
static bool csrf_is_good(const struct visit *v)
{
    enum http_method method = v->exchange->head->method;
    uint8_t sent[sizeof v->who.csrf];
    if (v->who.is_token || method == HTTP_GET || method == HTTP_HEAD)
        return true;
    struct http_slice value = http_header(v->exchange->head, "x-csrf-token");
    return value.at && key_unhex(value.at, value.len, sent, sizeof sent) &&
           sodium_memcmp(sent, v->who.csrf, sizeof sent) == 0;
}

static enum tf_status authorise(struct visit *v, const struct line_context *c, bool *good)
{
    *good = false;
    enum tf_status rc = v->secret[0] ? session_find(c, v->secret, &v->who) : TF_NOT_FOUND;
    if (rc == TF_NOT_FOUND) {
        desk_refuse(v, 401, TF_TEXT("log in first, or send a token of this desk"), NULL);
        return TF_OK;
    }
    if (rc)
        return rc;
    if (!csrf_is_good(v))
        desk_refuse(v, 403, TF_TEXT("the header X-CSRF-Token is missing or not this session's"),
                    NULL);
    else if (v->who.must_change)
        desk_refuse(v, 403, TF_TEXT("change your password first: POST /api/v1/password"), NULL);
    else if (!(v->who.roles & v->route->roles))
        desk_refuse(v, 403, TF_TEXT("your roles do not allow this"), NULL);
    else
        *good = true;
    return TF_OK;
}

/* --- the act --------------------------------------------------------------------------------- */

enum tf_status desk_run(struct visit *v, const struct line_context *c)
{
    struct line_context own = *c;
    bool good = true;
    v->exchange->status = 200;
    v->exchange->headers = NULL;
    v->fault.message = NULL;
    tf_buf_clear(v->out);
    /* If nobody waits for it any more, or has been told that nothing was done, nothing is. */
    if (v->exchange->more ? atomic_load(&v->exchange->cancelled) : !http_claim(v->exchange))
        return TF_TIME;
    enum tf_status rc = v->route->roles ? authorise(v, c, &good) : TF_OK;
    if (rc || !good)
        return rc;
    own.actor = v->who.name;
    return v->route->run(v, &own);
}

static enum tf_status on_run(struct party_command *command, const struct line_context *c)
{
    return desk_run((struct visit *)command, c);
}

void desk_settle(struct visit *v, enum tf_status rc)
{
    if (!rc)
        rc = tf_buf_status(v->out);
    if (rc) {
        v->exchange->headers = NULL;
        desk_refuse_status(v, rc);
    }
}

/* --- what a USS has to do with it ---------------------------------------------------------------
 */

enum { USS_WAIT_MS = 9000 };

static void run_again(void *ctx)
{
    struct visit *v = ctx;
    v->is_again = true;
    desk_submit(v);
}

static void on_answer(void *ctx, struct uss_question *question)
{
    struct visit *v = ctx;
    v->question = question;
    run_again(v);
}

/* True: the visit is the USS's for a while. */
static bool pass_on(struct visit *v)
{
    struct uss *uss = desk_uss(v->desk);
    if (!uss || v->is_again)
        return false;
    if (v->waits_for[0])
        return uss_wait(uss, v->waits_for, USS_WAIT_MS, run_again, v) == TF_OK;
    return v->asks_about && uss_ask(uss, v->asks_about, v->asks_count, on_answer, v) == TF_OK;
}

static void on_done(struct party_command *command, enum tf_status rc)
{
    struct visit *v = (struct visit *)command;
    if (!rc && pass_on(v))
        return;
    if (!rc && v->asks_about && !v->is_again)
        rc = TF_BUSY; /* the USS has too much to do: nothing was answered yet */
    desk_settle(v, rc);
    desk_finish(v);
}

void desk_submit(struct visit *v)
{
    v->command.run = on_run;
    v->command.done = on_done;
    if (party_submit(v->desk->party, &v->command)) {
        desk_refuse_status(v, TF_BUSY);
        desk_finish(v);
    }
}

void desk_submit_stranger(struct visit *v)
{
    v->is_stranger = true; /* given back when the visit is freed */
    if (atomic_fetch_add(&v->desk->strangers, 1) < DESK_STRANGERS_MAX) {
        desk_submit(v);
        return;
    }
    desk_refuse_status(v, TF_BUSY);
    desk_finish(v);
}

void desk_call(struct visit *v)
{
    v->command.run = on_run;
    desk_settle(v, party_call(v->desk->party, &v->command));
}

/* --- roles --------------------------------------------------------------------------------- */

enum tf_status desk_role(struct visit *v, unsigned allowed, const char **role)
{
    unsigned theirs = v->who.roles & allowed, bit = ACCOUNT_HEAD_OF_CELL;
    enum tf_status rc = desk_text(v, "role", false, MESSAGE_ROLE_SIZE - 1, role);
    if (rc)
        return rc;
    if (*role) {
        unsigned named = account_role_named(*role, strlen(*role));
        if (named & theirs)
            return TF_OK;
        return tf_fault_set(&v->fault, TF_UNSUPPORTED, TF_NO_INDEX, "role",
                            TF_TEXT("you do not have the role \"%1\", or it may not do this"),
                            *role, NULL, NULL);
    }
    while (bit && !(bit & theirs))
        bit >>= 1;
    *role = account_role_name((enum account_role)bit);
    return bit ? TF_OK
               : tf_fault_set(&v->fault, TF_UNSUPPORTED, TF_NO_INDEX, "role",
                              TF_TEXT("your roles do not allow this"), NULL, NULL, NULL);
}

/* --- routing ------------------------------------------------------------------------------------
 */

bool desk_serves(struct http_slice path)
{
    static const char *const prefixes[] = {"/api/v1/", "/line/v1/", "/ledger/", "/witness/"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t len = strlen(prefixes[i]);
        if (path.len > len && memcmp(path.at, prefixes[i], len) == 0)
            return true;
    }
    return false;
}

static bool path_fits(const char *pattern, struct http_slice path, struct visit *v)
{
    const char *p = path.at, *end = path.at + path.len;
    v->params = 0;
    while (*pattern) {
        if (*pattern != '{') {
            if (p == end || *p++ != *pattern++)
                return false;
            continue;
        }
        bool all = pattern[1] == '*';
        const char *stop = all ? NULL : memchr(p, '/', (size_t)(end - p));
        struct http_slice part = {p, (size_t)((stop ? stop : end) - p)};
        if (part.len == 0 ||
            !http_decode(part, false, v->param[v->params++], DESK_PARAM_SIZE, NULL))
            return false;
        p += part.len;
        pattern += all ? 3 : 2;
    }
    return p == end;
}

static const struct desk_route *find_in(const struct desk_routes *table, struct visit *v,
                                        bool *known_path)
{
    const struct http_head *head = v->exchange->head;
    enum http_method method = head->method == HTTP_HEAD ? HTTP_GET : head->method;
    for (size_t i = 0; i < table->count; i++) {
        const struct desk_route *route = &table->routes[i];
        if (!path_fits(route->pattern, head->path, v))
            continue;
        if (route->method == method)
            return route;
        *known_path = true;
    }
    return NULL;
}

static const struct desk_route *find_route(struct visit *v, bool *known_path)
{
    const struct desk_route *route = NULL;
    *known_path = false;
    for (size_t t = 0; !route && t < desk_table_count; t++)
        route = find_in(desk_tables[t], v, known_path);
    for (size_t t = 0; !route && t < v->desk->more_count; t++)
        route = find_in(v->desk->more[t], v, known_path);
    return route;
}

static bool read_body(struct visit *v)
{
    json_error_t error;
    if (!v->route->has_json)
        return true;
    v->json = json_loadb(v->exchange->body, v->exchange->body_len, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(v->json))
        return true;
    desk_refuse(v, 400, v->json ? TF_TEXT("the body must be a JSON object") : error.text, "body");
    return false;
}

void desk_handle(void *ctx, struct http_exchange *exchange)
{
    struct desk *desk = ctx;
    struct visit *v = calloc(1, sizeof *v);
    bool known_path;
    if (!v) {
        exchange->status = 503;
        http_reply(exchange);
        return;
    }
    v->desk = desk;
    v->exchange = exchange;
    v->out = &exchange->out;
    v->route = find_route(v, &known_path);
    exchange->label = v->route ? v->route->pattern : "";
    if (!v->route)
        desk_refuse(v, 404,
                    known_path ? TF_TEXT("this method is not served here")
                               : TF_TEXT("there is no such path"),
                    NULL);
    if (!v->route || !read_body(v)) {
        desk_finish(v);
        return;
    }
    find_secret(v);
    if (v->route->serve)
        v->route->serve(v);
    else
        desk_submit(v);
}
