/*
 * postgres.c - the cluster engine as the rules see it: entities from and to rows.
 */
#include "store/link.h"

#include "base/buf.h"
#include <libpq-fe.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PARAMS = 14, MAX_LIST = 64 << 20 };

static const char *const state_words[DSS_STATE_COUNT] = {"Unknown", "Accepted", "Activated",
                                                         "Nonconforming", "Contingent"};

static struct pool *pool_of(struct dss_db *db)
{
    return (struct pool *)db;
}

/* --- values ---------------------------------------------------------------------- */

static void cells_value(struct tf_buf *out, const tf_cell *cells, size_t count)
{
    tf_buf_char(out, '{');
    for (size_t i = 0; i < count; i++)
        tf_buf_printf(out, i ? ",%lld" : "%lld", (long long)(int64_t)cells[i]);
    tf_buf_char(out, '}');
}

static int by_cell(const void *a, const void *b)
{
    tf_cell x = *(const tf_cell *)a, y = *(const tf_cell *)b;
    return x < y ? -1 : x > y;
}

/* "{1,2,3}" into cells, sorted as unsigned; number of them, or -1. */
static long read_cells(const char *text, tf_cell **out)
{
    size_t n = 0, room = 1;
    for (const char *p = text; *p; p++)
        room += *p == ',';
    tf_cell *cells = malloc(room * sizeof *cells);
    if (!cells || *text != '{') {
        free(cells);
        return -1;
    }
    for (const char *p = text + 1; *p && *p != '}';) {
        char *end;
        cells[n++] = (tf_cell)strtoll(p, &end, 10);
        if (end == p) {
            free(cells);
            return -1;
        }
        p = end + (*end == ',');
    }
    qsort(cells, n, sizeof *cells, by_cell); /* other members write them in any order */
    *out = cells;
    return (long)n;
}

static bool flag(const PGresult *r, int row, int column)
{
    const char *text = pool_value(r, row, column);
    return text && *text == 't';
}

static enum dss_state state_of(const char *word)
{
    for (int s = 1; word && s < DSS_STATE_COUNT; s++)
        if (strcmp(word, state_words[s]) == 0)
            return (enum dss_state)s;
    return DSS_STATE_NONE;
}

static bool is_subscription(enum dss_kind kind)
{
    return kind == DSS_SUBSCRIPTION || kind == DSS_RID_SUBSCRIPTION;
}

/* Milliseconds since midnight UTC: what a pool may have instead of notification indices. */
static int time_of_day(int64_t now_us)
{
    return (int)(now_us / 1000 % (24 * 3600 * 1000));
}

/* One row as an entity that the transaction keeps. */
static enum tf_status row_entity(struct pool *p, enum dss_kind kind, const PGresult *r, int row,
                                 const struct dss_entity **out)
{
    struct dss_entity e = {.kind = kind};
    char ovn[DSS_OVN_SIZE] = "";
    const char *id = pool_value(r, row, 0), *cells_text = pool_value(r, row, 9);
    const char *subscription = pool_value(r, row, 10), *requested = pool_value(r, row, 12);
    const char *lower = pool_value(r, row, 4), *upper = pool_value(r, row, 5);
    tf_cell *cells = NULL;
    long count = cells_text ? read_cells(cells_text, &cells) : 0;
    if (!id || !tf_uuid_parse(id, strlen(id), &e.id) || count < 0 ||
        (subscription && !tf_uuid_parse(subscription, strlen(subscription), &e.subscription_id))) {
        free(cells);
        return TF_LIMIT;
    }
    e.owner = PQgetvalue(r, row, 1);
    e.url = PQgetvalue(r, row, 2);
    e.version = (int)pool_number(r, row, 3, 0);
    e.extent = (struct dss_extent){.cells = cells,
                                   .cell_count = (size_t)count,
                                   .lower_m = lower ? strtof(lower, NULL) : -INFINITY,
                                   .upper_m = upper ? strtof(upper, NULL) : INFINITY,
                                   .start_us = pool_number(r, row, 6, INT64_MIN),
                                   .end_us = pool_number(r, row, 7, INT64_MAX)};
    e.updated_us = pool_number(r, row, 8, 0);
    e.state = state_of(pool_value(r, row, 11));
    e.ovn_requested = requested;
    if (kind == DSS_OIR || kind == DSS_CONSTRAINT) {
        if (requested)
            snprintf(ovn, sizeof ovn, "%s", requested);
        else
            dss_ovn_make(id, e.updated_us, ovn);
    }
    e.ovn = ovn;
    atomic_init(&e.notification_index, p->config.index_is_time && is_subscription(kind)
                                           ? time_of_day(p->now_us)
                                           : (int)pool_number(r, row, 13, 0));
    e.notify_for_oirs = flag(r, row, 14);
    e.notify_for_constraints = flag(r, row, 15);
    e.implicit = flag(r, row, 16);
    struct dss_entity *made = dss_entity_new(&e);
    free(cells);
    if (!made)
        return TF_NOMEM;
    dss_list_add(&p->seen, made);
    dss_entity_unref(made); /* the list keeps it */
    *out = made;
    return p->seen.status;
}

/* --- the transaction interface ----------------------------------------------------- */

static enum tf_status pg_get(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id,
                             const struct dss_entity **out)
{
    struct pool *p = pool_of(db);
    char text[TF_UUID_TEXT_SIZE];
    const char *const values[] = {text};
    PGresult *r = NULL;
    tf_uuid_format(id, text);
    enum tf_status rc = pool_execute(p, (enum pool_sql)(GET_OIR + (int)kind), 1, values, &r);
    *out = NULL;
    if (!rc && PQntuples(r) > 0)
        rc = row_entity(p, kind, r, 0, out);
    PQclear(r);
    return rc;
}

static enum tf_status visit_rows(struct pool *p, enum dss_kind kind, const PGresult *r,
                                 dss_visit visit, void *ctx)
{
    enum tf_status rc = TF_OK;
    for (int row = 0; row < PQntuples(r) && !rc; row++) {
        const struct dss_entity *e;
        rc = row_entity(p, kind, r, row, &e);
        if (!rc && !visit(ctx, e))
            break;
    }
    return rc;
}

static enum tf_status pg_search(struct dss_db *db, enum dss_kind kind,
                                const struct dss_extent *where, bool with_altitude, dss_visit visit,
                                void *ctx)
{
    struct pool *p = pool_of(db);
    struct tf_buf cells = TF_BUF_INIT(MAX_LIST);
    struct pool_time until = pool_time(where->end_us), from = pool_time(where->start_us);
    char upper[32], lower[32];
    bool altitude = with_altitude && kind == DSS_OIR; /* the only kind whose search uses it */
    PGresult *r = NULL;
    cells_value(&cells, where->cells, where->cell_count);
    snprintf(upper, sizeof upper, isfinite(where->upper_m) ? "%.9g" : "Infinity",
             (double)where->upper_m);
    snprintf(lower, sizeof lower, isfinite(where->lower_m) ? "%.9g" : "-Infinity",
             (double)where->lower_m);
    const char *const values[] = {cells.data, until.s, from.s, upper, lower};
    enum pool_sql which = altitude ? SEARCH_OIR_ALTITUDE : (enum pool_sql)(SEARCH_OIR + (int)kind);
    enum tf_status rc = tf_buf_status(&cells);
    if (!rc)
        rc = pool_execute(p, which, altitude ? 5 : 3, values, &r);
    tf_buf_release(&cells);
    if (!rc)
        rc = visit_rows(p, kind, r, visit, ctx);
    PQclear(r);
    return rc;
}

/* The OVN that an update replaces, if this transaction has read it. */
static const char *replaced_ovn(const struct pool *p, const struct dss_entity *e)
{
    for (size_t i = 0; i < p->seen.count; i++)
        if (p->seen.items[i]->kind == e->kind && tf_uuid_equal(&p->seen.items[i]->id, &e->id))
            return p->seen.items[i]->ovn;
    return NULL;
}

static enum tf_status pg_put(struct dss_db *db, const struct dss_entity *e)
{
    struct pool *p = pool_of(db);
    struct tf_buf cells = TF_BUF_INIT(MAX_LIST);
    char id[TF_UUID_TEXT_SIZE], subscription[TF_UUID_TEXT_SIZE], lower[32], upper[32];
    char version[16], index[16];
    struct pool_time start = pool_time(e->extent.start_us), end = pool_time(e->extent.end_us);
    struct pool_time updated = pool_time(e->updated_us);
    if (p->config.index_is_time && is_subscription(e->kind))
        atomic_store((atomic_int *)(uintptr_t)&e->notification_index, time_of_day(p->now_us));
    tf_uuid_format(&e->id, id);
    tf_uuid_format(&e->subscription_id, subscription);
    snprintf(lower, sizeof lower, "%.9g", (double)e->extent.lower_m);
    snprintf(upper, sizeof upper, "%.9g", (double)e->extent.upper_m);
    snprintf(version, sizeof version, "%d", e->version);
    snprintf(index, sizeof index, "%d", atomic_load(&e->notification_index));
    cells_value(&cells, e->extent.cells, e->extent.cell_count);
    const char *values[MAX_PARAMS] = {id, e->owner, e->url, start.s, end.s, updated.s, cells.data};
    int n = 7;
    if (e->kind == DSS_OIR || e->kind == DSS_CONSTRAINT) {
        values[n++] = isfinite(e->extent.lower_m) ? lower : NULL;
        values[n++] = isfinite(e->extent.upper_m) ? upper : NULL;
        values[n++] = version;
    }
    if (e->kind == DSS_OIR) {
        values[n++] = tf_uuid_is_zero(&e->subscription_id) ? NULL : subscription;
        values[n++] = state_words[e->state];
        values[n++] = e->ovn_requested ? e->ovn : NULL;
        values[n++] = replaced_ovn(p, e);
    }
    if (is_subscription(e->kind))
        values[n++] = index;
    if (e->kind == DSS_SUBSCRIPTION) {
        values[n++] = e->notify_for_oirs ? "t" : "f";
        values[n++] = e->notify_for_constraints ? "t" : "f";
        values[n++] = e->implicit ? "t" : "f";
    }
    if (e->kind == DSS_ISA || e->kind == DSS_RID_SUBSCRIPTION)
        values[n++] = p->config.locality;
    enum tf_status rc = tf_buf_status(&cells);
    if (!rc && e->ovn_requested) /* may have been used before, which the rules ask */
        rc = pool_execute(p, (enum pool_sql)(PUT_OIR + (int)e->kind), n, values, NULL);
    else if (!rc)
        rc = pool_defer(p, (enum pool_sql)(PUT_OIR + (int)e->kind), n, values);
    tf_buf_release(&cells);
    return rc;
}

static enum tf_status pg_remove(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id)
{
    char text[TF_UUID_TEXT_SIZE];
    const char *const values[] = {text};
    tf_uuid_format(id, text);
    return pool_defer(pool_of(db), (enum pool_sql)(REMOVE_OIR + (int)kind), 1, values);
}

/* The same for all, and no row is written: nobody waits for anybody on their account. */
static enum tf_status index_by_time(struct pool *p, size_t count, int *out)
{
    PGresult *r = NULL;
    enum tf_status rc = pool_execute(p, TIME_OF_DAY, 0, NULL, &r);
    for (size_t i = 0; i < count; i++)
        out[i] = rc ? 0 : (int)pool_number(r, 0, 0, 0);
    PQclear(r);
    return rc;
}

static enum tf_status pg_bump(struct dss_db *db, const struct dss_entity *const *subscriptions,
                              size_t count, int *out)
{
    struct pool *p = pool_of(db);
    struct tf_buf ids = TF_BUF_INIT(MAX_LIST);
    PGresult *r = NULL;
    if (p->config.index_is_time)
        return index_by_time(p, count, out);
    for (size_t i = 0; i < count; i++) {
        char id[TF_UUID_TEXT_SIZE];
        tf_uuid_format(&subscriptions[i]->id, id);
        tf_buf_printf(&ids, "%c%s", i ? ',' : '{', id);
        out[i] = 0;
    }
    tf_buf_char(&ids, '}');
    const char *const values[] = {ids.data};
    enum tf_status rc = tf_buf_status(&ids);
    if (!rc)
        rc = pool_execute(p,
                          subscriptions[0]->kind == DSS_SUBSCRIPTION ? BUMP_SUBSCRIPTION
                                                                     : BUMP_RID_SUBSCRIPTION,
                          1, values, &r);
    tf_buf_release(&ids);
    for (int row = 0; !rc && row < PQntuples(r); row++) {
        struct tf_uuid id;
        const char *text = PQgetvalue(r, row, 0);
        if (!tf_uuid_parse(text, strlen(text), &id))
            continue;
        for (size_t i = 0; i < count; i++)
            if (tf_uuid_equal(&id, &subscriptions[i]->id))
                out[i] = (int)pool_number(r, row, 1, 0);
    }
    PQclear(r);
    return rc;
}

/* Cells to the keys of the pool's hash lock: 16 bits each, so at most 65,536. */
static void hash_keys(struct tf_buf *out, const struct dss_extent *where)
{
    tf_buf_char(out, '{');
    for (size_t i = 0; i < where->cell_count; i++)
        tf_buf_printf(out, i ? ",%llu" : "%llu",
                      (unsigned long long)(where->cells[i] * UINT64_C(0x9E3779B97F4A7C15) >> 48));
    tf_buf_char(out, '}');
}

static enum tf_status pg_lock(struct dss_db *db, enum dss_kind kind, const struct dss_extent *where)
{
    struct pool *p = pool_of(db);
    struct tf_buf keys = TF_BUF_INIT(MAX_LIST);
    enum pool_sql which = LOCK_KEYS;
    if (p->config.lock == POOL_LOCK_NONE || kind == DSS_ISA || kind == DSS_RID_SUBSCRIPTION ||
        (p->config.index_is_time && pool_is_cockroach(p->in)))
        return TF_OK; /* as the pool's other members do */
    switch (p->config.lock) {
    case POOL_LOCK_GLOBAL:
        tf_buf_text(&keys, "{0}");
        break;
    case POOL_LOCK_HASH:
        hash_keys(&keys, where);
        break;
    default:
        which = LOCK_SUBSCRIPTIONS;
        cells_value(&keys, where->cells, where->cell_count);
    }
    const char *const values[] = {keys.data};
    enum tf_status rc = tf_buf_status(&keys);
    if (!rc)
        rc = pool_defer(p, which, 1, values);
    tf_buf_release(&keys);
    return rc;
}

static enum tf_status pg_dependents(struct dss_db *db, const struct tf_uuid *subscription_id,
                                    dss_visit visit, void *ctx)
{
    struct pool *p = pool_of(db);
    char id[TF_UUID_TEXT_SIZE];
    const char *const values[] = {id};
    PGresult *r = NULL;
    tf_uuid_format(subscription_id, id);
    enum tf_status rc = pool_execute(p, DEPENDENTS, 1, values, &r);
    if (!rc)
        rc = visit_rows(p, DSS_OIR, r, visit, ctx);
    PQclear(r);
    return rc;
}

static enum tf_status pg_count_in_cell(struct dss_db *db, const struct dss_extent *where,
                                       const char *owner, const struct tf_uuid *except,
                                       int64_t now_us, size_t *out)
{
    struct tf_buf cells = TF_BUF_INIT(MAX_LIST);
    struct pool_time now = pool_time(now_us);
    PGresult *r = NULL;
    char id[TF_UUID_TEXT_SIZE];
    tf_uuid_format(except, id);
    cells_value(&cells, where->cells, where->cell_count);
    const char *const values[] = {owner, now.s, cells.data, id};
    enum tf_status rc = tf_buf_status(&cells);
    if (!rc)
        rc = pool_execute(pool_of(db), COUNT_IN_CELL, 4, values, &r);
    *out = rc ? 0 : (size_t)pool_number(r, 0, 0, 0);
    tf_buf_release(&cells);
    PQclear(r);
    return rc;
}

/* The table is small: read whole, once a transaction. */
static enum tf_status read_availability(struct pool *p)
{
    PGresult *r = NULL;
    enum tf_status rc =
        p->availability_read ? TF_OK : pool_execute(p, AVAILABILITY_ALL, 0, NULL, &r);
    if (rc || p->availability_read)
        return rc;
    size_t n = (size_t)PQntuples(r);
    p->availability = calloc(n + 1, sizeof *p->availability);
    if (!p->availability)
        rc = TF_NOMEM;
    for (size_t i = 0; i < n && !rc; i++) {
        struct dss_availability *a = &p->availability[i];
        char version[DSS_OVN_SIZE];
        snprintf(a->uss, sizeof a->uss, "%s", PQgetvalue(r, (int)i, 0));
        snprintf(a->state, sizeof a->state, "%s", PQgetvalue(r, (int)i, 1));
        dss_ovn_make(a->uss, pool_number(r, (int)i, 2, 0), version);
        snprintf(a->version, sizeof a->version, "%.60s", version);
        p->availability_count++;
    }
    p->availability_read = rc == TF_OK;
    PQclear(r);
    return rc;
}

static enum tf_status pg_get_availability(struct dss_db *db, const char *uss,
                                          struct dss_availability *out)
{
    struct pool *p = pool_of(db);
    enum tf_status rc = read_availability(p);
    if (rc)
        return rc;
    *out = (struct dss_availability){.state = "Unknown"};
    snprintf(out->uss, sizeof out->uss, "%s", uss);
    for (size_t i = 0; i < p->availability_count; i++)
        if (strcmp(p->availability[i].uss, uss) == 0)
            *out = p->availability[i];
    return TF_OK;
}

static enum tf_status pg_put_availability(struct dss_db *db, const struct dss_availability *record)
{
    struct pool_time updated = pool_time(record->updated_us);
    const char *const values[] = {record->uss, record->state, updated.s};
    return pool_execute(pool_of(db), AVAILABILITY_PUT, 3, values, NULL);
}

enum tf_status pool_enrol(struct dss_db *db, const char *endpoint)
{
    struct pool *p = pool_of(db);
    const char *const values[] = {p->config.locality, endpoint};
    return pool_defer(p, ENROL, 2, values);
}

static enum tf_status pg_put_heartbeat(struct dss_db *db, const struct dss_heartbeat *h)
{
    struct pool *p = pool_of(db);
    struct pool_time at = pool_time(h->at_us), next = pool_time(h->next_us);
    const char *const values[] = {p->config.locality, h->source, at.s,
                                  h->next_us == INT64_MAX ? NULL : next.s, h->reporter};
    return pool_defer(p, HEARTBEAT_PUT, 5, values);
}

static enum tf_status pg_members(struct dss_db *db, dss_member_visit visit, void *ctx)
{
    PGresult *r = NULL;
    enum tf_status rc = pool_execute(pool_of(db), MEMBERS_ALL, 0, NULL, &r);
    bool more = true;
    for (int row = 0; !rc && more && row < PQntuples(r); row++) {
        struct dss_member member = {.name = PQgetvalue(r, row, 0),
                                    .endpoint = PQgetvalue(r, row, 1),
                                    .last = {.source = pool_value(r, row, 2),
                                             .reporter = pool_value(r, row, 3),
                                             .at_us = pool_number(r, row, 4, 0),
                                             .next_us = pool_number(r, row, 5, INT64_MAX)}};
        more = visit(ctx, &member);
    }
    PQclear(r);
    return rc;
}

const struct dss_db_ops pool_ops = {
    .get = pg_get,
    .search = pg_search,
    .put = pg_put,
    .remove = pg_remove,
    .bump = pg_bump,
    .lock = pg_lock,
    .dependents = pg_dependents,
    .count_in_cell = pg_count_in_cell,
    .get_availability = pg_get_availability,
    .put_availability = pg_put_availability,
    .put_heartbeat = pg_put_heartbeat,
    .members = pg_members,
};
