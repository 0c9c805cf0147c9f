/*
 * route.c - which line is due, whose lease it is, when a peer is tried again.
 */
#include "party/route.h"

#include "party/party.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const steps[] = {
    "CREATE TABLE party_lease (line TEXT PRIMARY KEY, holder TEXT NOT NULL, fence BIGINT NOT NULL,"
    " until_us BIGINT NOT NULL) @STRICT@"};

enum tf_status routes_prepare(struct sql *sql, char why[SQL_WHY_SIZE])
{
    return sql_migrate(sql, "party_route", steps, sizeof steps / sizeof *steps, why);
}

void routes_release(struct routes *routes)
{
    routes_drop(routes);
    free(routes->at);
    routes->at = NULL;
    routes->count = 0;
}

static struct route *find(const struct routes *routes, const char *line)
{
    for (size_t i = 0; i < routes->count; i++)
        if (strcmp(routes->at[i].line, line) == 0)
            return &routes->at[i];
    return NULL;
}

/* --- reading the lines ------------------------------------------------------------------ */

struct loading {
    const struct routes *old;
    struct route *at;
    size_t count, cap;
    enum tf_status rc;
};

static bool load_line(void *ctx, const struct line_info *info)
{
    struct loading *loading = ctx;
    if (info->state == LINE_CLOSED && info->own_receipted == info->own_seq)
        return true; /* nothing will ever go there again */
    if (loading->count == loading->cap) {
        size_t cap = loading->cap ? 2 * loading->cap : 16;
        struct route *more = realloc(loading->at, cap * sizeof *more);
        if (!more) {
            loading->rc = TF_NOMEM;
            return false;
        }
        loading->at = more;
        loading->cap = cap;
    }
    const struct route *known = find(loading->old, info->id);
    struct route *route = &loading->at[loading->count++];
    *route = known ? *known : (struct route){.post = TF_BUF_INIT(LINE_POST_MAX)};
    memcpy(route->line, info->id, sizeof route->line);
    memcpy(route->peer, info->peer, sizeof route->peer);
    return true;
}

static bool load_card(void *ctx, const struct card *card, const char *text)
{
    struct loading *loading = ctx;
    (void)text;
    for (size_t i = 0; i < loading->count; i++)
        if (strcmp(loading->at[i].peer, card->id) == 0) {
            memcpy(loading->at[i].url, card->url, sizeof card->url);
            memcpy(loading->at[i].tls, card->tls, sizeof card->tls);
        }
    return true;
}

enum tf_status routes_load(struct routes *routes, const struct line_context *c)
{
    struct loading loading = {.old = routes};
    routes_drop(routes);
    enum tf_status rc = line_each(c, load_line, &loading);
    if (!rc)
        rc = loading.rc;
    if (!rc)
        rc = line_each_party(c, load_card, &loading);
    if (rc) {
        free(loading.at);
        return rc;
    }
    free(routes->at);
    routes->at = loading.at;
    routes->count = loading.count;
    return TF_OK;
}

/* --- leases -------------------------------------------------------------------------------- */

/*
 * One node at a time drives a line. The lease is read and renewed in the same serialisable
 * transaction as what is done under it, so a node that was overtaken cannot commit; the
 * fence counts the holders.
 */
enum tf_status party_hold(const struct line_context *c, const char *holder, const char *name,
                          bool *held)
{
    int64_t changed = 0;
    *held = true;
    if (!sql_is_shared(c->sql))
        return TF_OK;
    enum tf_status rc =
        sql_exec(c->sql,
                 "INSERT INTO party_lease (line, holder, fence, until_us) VALUES ($1, $2, 1, $3)"
                 " ON CONFLICT (line) DO UPDATE SET until_us = excluded.until_us,"
                 " fence = party_lease.fence +"
                 " CASE WHEN party_lease.holder = excluded.holder THEN 0 ELSE 1 END,"
                 " holder = excluded.holder"
                 " WHERE party_lease.holder = excluded.holder OR party_lease.until_us < $4",
                 SQL_ARGS(sql_text(name), sql_text(holder), sql_int(c->now_us + ROUTE_LEASE_US),
                          sql_int(c->now_us)),
                 &changed);
    *held = changed > 0;
    return rc;
}

/* --- looking after a line ----------------------------------------------------------------------
 */

static enum tf_status look_after(struct routes *routes, struct route *route,
                                 const struct line_context *c)
{
    bool held, wants = false;
    int64_t next_us = c->now_us + ROUTE_TICK_US;
    enum tf_status rc = party_hold(c, routes->holder, route->line, &held);
    if (!rc && held)
        rc = line_tick(c, route->line, &next_us, &wants);
    if (rc)
        return rc;
    if (wants && !route->under_way && route->url[0] && c->now_us >= route->try_us) {
        tf_buf_clear(&route->post);
        rc = line_collect(c, route->line, &route->post);
    }
    int64_t latest_us = c->now_us + ROUTE_TICK_US;
    route->tick_us = next_us < latest_us ? next_us : latest_us;
    return rc;
}

enum tf_status routes_tick(struct routes *routes, const struct line_context *c, bool all)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; i < routes->count && !rc; i++) {
        struct route *route = &routes->at[i];
        /* Also after the clock was set back. */
        if (all || c->now_us >= route->tick_us || route->tick_us > c->now_us + ROUTE_TICK_US)
            rc = look_after(routes, route, c);
    }
    return rc;
}

void routes_drop(struct routes *routes)
{
    for (size_t i = 0; i < routes->count; i++)
        tf_buf_release(&routes->at[i].post);
}

/* 0.5 to 1 of the doubled wait: nodes that lost each other do not come back in step. */
static int64_t backoff_us(unsigned failures)
{
    int64_t wait_us = ROUTE_BACKOFF_US;
    for (unsigned i = 1; i < failures && wait_us < ROUTE_BACKOFF_MAX_US; i++)
        wait_us *= 2;
    if (wait_us > ROUTE_BACKOFF_MAX_US)
        wait_us = ROUTE_BACKOFF_MAX_US;
    return wait_us / 2 + (int64_t)randombytes_uniform((uint32_t)(wait_us / 2));
}

unsigned routes_send(struct routes *routes, struct courier *courier, int64_t now_us)
{
    unsigned sent = 0;
    for (size_t i = 0; i < routes->count; i++) {
        struct route *route = &routes->at[i];
        if (route->post.len == 0)
            continue;
        struct courier_post post = {.body = route->post};
        route->post = (struct tf_buf)TF_BUF_INIT(LINE_POST_MAX);
        memcpy(post.line, route->line, sizeof post.line);
        memcpy(post.tls, route->tls, sizeof post.tls);
        size_t len = strlen(route->url);
        snprintf(post.url, sizeof post.url, "%s%sline/v1/post", route->url,
                 len > 0 && route->url[len - 1] == '/' ? "" : "/");
        if (courier_send(courier, &post) == TF_OK) {
            route->under_way = true;
            sent++;
        } else {
            tf_buf_release(&post.body);
            route->try_us = now_us + backoff_us(1);
        }
    }
    return sent;
}

bool routes_settle(struct routes *routes, const char *line, bool reached, bool has_more,
                   int64_t now_us)
{
    struct route *route = find(routes, line);
    if (!route)
        return false;
    bool was_failing = route->failing;
    route->under_way = false;
    route->failing = !reached;
    route->failures = reached ? 0 : route->failures + 1;
    route->try_us = reached ? now_us : now_us + backoff_us(route->failures);
    if (has_more)
        route->tick_us = now_us;
    return was_failing != route->failing;
}
