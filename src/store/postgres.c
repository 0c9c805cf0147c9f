/*
 * postgres.c - the cluster engine over libpq.
 */
#include "store/pool.h"

#include "base/buf.h"
#include "dss/rules.h"
#include "store/dialect.h"
#include <libpq-fe.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PARAMS = 14, MAX_LIST = 64 << 20 };

struct link {
    PGconn *conn;
    bool prepared[SQL_COUNT];
    size_t waiting; /* statements in the pipeline whose results have not been taken */
};
struct pool {
    struct dss_db db; /* first member */
    struct pool_config config;
    struct link scd, rid, *in;             /* in: of the present transaction, NULL outside */
    struct dss_list seen;                  /* entities of the present transaction */
    struct dss_availability *availability; /* all records, read once a transaction */
    size_t availability_count;
    bool availability_read;
    char error[256];
};

static const char *const state_words[DSS_STATE_COUNT] = {"Unknown", "Accepted", "Activated",
                                                         "Nonconforming", "Contingent"};

const char *pool_error(const struct pool *pool)
{
    return pool->error;
}

static struct pool *pool_of(struct dss_db *db)
{
    return (struct pool *)db;
}

/* --- statements ---------------------------------------------------------------- */

static enum tf_status failure(struct pool *p, struct link *link, const PGresult *result)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    snprintf(p->error, sizeof p->error, "%.8s %.240s", state ? state : "",
             result ? PQresultErrorMessage(result) : PQerrorMessage(link->conn));
    if (PQstatus(link->conn) != CONNECTION_OK || !state)
        return TF_BUSY;
    static const char *const passing[] = {"40001", "40P01", "57P", "08", "53300", "25006"};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (strncmp(state, passing[i], strlen(passing[i])) == 0)
            return TF_BUSY;
    return strcmp(state, "23514") == 0 ? TF_EXISTS : TF_LIMIT;
}

static bool is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Takes the results of all statements that wait, the first fault as status; the last
 * result to *last (may be NULL) if all is well. Afterwards the pipeline is closed. */
static enum tf_status drain(struct pool *p, struct link *link, PGresult **last)
{
    enum tf_status rc = TF_OK;
    if (link->waiting == 0)
        return TF_OK;
    if (!PQpipelineSync(link->conn))
        rc = failure(p, link, NULL);
    for (; link->waiting > 0; link->waiting--) {
        PGresult *result = PQgetResult(link->conn);
        if (result)
            PQclear(PQgetResult(link->conn)); /* the NULL behind each statement's result */
        if (!rc && !is_good(result))
            rc = failure(p, link, result);
        if (!rc && last && link->waiting == 1)
            *last = result;
        else
            PQclear(result);
    }
    PQclear(PQgetResult(link->conn));      /* that of the sync */
    if (!PQexitPipelineMode(link->conn)) { /* not in step any more: begin anew */
        rc = rc ? rc : failure(p, link, NULL);
        PQfinish(link->conn);
        *link = (struct link){0};
    }
    return rc;
}

struct statement {
    char name[16];
};

static enum tf_status prepare(struct pool *p, enum sql which, struct statement *out)
{
    struct link *link = p->in;
    snprintf(out->name, sizeof out->name, "s%d", (int)which);
    if (link->prepared[which])
        return TF_OK;
    enum tf_status rc = drain(p, link, NULL);
    if (rc)
        return rc;
    PGresult *made = PQprepare(link->conn, out->name, sql_text[which], 0, NULL);
    if (!is_good(made))
        rc = failure(p, link, made);
    else
        link->prepared[which] = true;
    PQclear(made);
    return rc;
}

static enum tf_status send_statement(struct pool *p, const struct statement *s, int count,
                                     const char *const *values)
{
    if (!PQsendQueryPrepared(p->in->conn, s->name, count, values, NULL, NULL, 0))
        return failure(p, p->in, NULL);
    p->in->waiting++;
    return TF_OK;
}

/* A statement whose result is not needed: it goes out together with the next one that
 * is, and fails with it. */
static enum tf_status defer(struct pool *p, enum sql which, int count, const char *const *values)
{
    struct statement s;
    enum tf_status rc = prepare(p, which, &s);
    if (rc)
        return rc;
    if (p->in->waiting == 0 && !PQenterPipelineMode(p->in->conn))
        return failure(p, p->in, NULL);
    rc = send_statement(p, &s, count, values);
    if (rc && p->in->waiting == 0)
        PQexitPipelineMode(p->in->conn);
    return rc;
}

/* Runs one statement; *out (may be NULL) is to be cleared by the caller. */
static enum tf_status execute(struct pool *p, enum sql which, int count, const char *const *values,
                              PGresult **out)
{
    struct statement s;
    PGresult *result = NULL;
    enum tf_status rc = prepare(p, which, &s);
    if (!rc && p->in->waiting > 0) {
        rc = send_statement(p, &s, count, values);
        if (!rc)
            rc = drain(p, p->in, &result);
    } else if (!rc) {
        result = PQexecPrepared(p->in->conn, s.name, count, values, NULL, NULL, 0);
        rc = is_good(result) ? TF_OK : failure(p, p->in, result);
    }
    if (rc || !out)
        PQclear(result);
    else
        *out = result;
    return rc;
}

/* --- values ---------------------------------------------------------------------- */

struct time_text {
    char s[TF_TIME_TEXT_SIZE];
};

static struct time_text time_value(int64_t t_us)
{
    struct time_text text = {"infinity"};
    if (t_us == INT64_MIN)
        memcpy(text.s, "-infinity", 10);
    else if (t_us != INT64_MAX)
        tf_time_format(t_us * 1000, text.s);
    return text;
}

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

/* A value of the row as text; NULL if it is null. */
static const char *value(const PGresult *r, int row, int column)
{
    return PQgetisnull(r, row, column) ? NULL : PQgetvalue(r, row, column);
}

static int64_t number(const PGresult *r, int row, int column, int64_t absent)
{
    const char *text = value(r, row, column);
    return text ? strtoll(text, NULL, 10) : absent;
}

static bool flag(const PGresult *r, int row, int column)
{
    const char *text = value(r, row, column);
    return text && *text == 't';
}

static enum dss_state state_of(const char *word)
{
    for (int s = 1; word && s < DSS_STATE_COUNT; s++)
        if (strcmp(word, state_words[s]) == 0)
            return (enum dss_state)s;
    return DSS_STATE_NONE;
}

/* One row as an entity that the transaction keeps. */
static enum tf_status row_entity(struct pool *p, enum dss_kind kind, const PGresult *r, int row,
                                 const struct dss_entity **out)
{
    struct dss_entity e = {.kind = kind};
    char ovn[DSS_OVN_SIZE] = "";
    const char *id = value(r, row, 0), *cells_text = value(r, row, 9);
    const char *subscription = value(r, row, 10), *requested = value(r, row, 12);
    const char *lower = value(r, row, 4), *upper = value(r, row, 5);
    tf_cell *cells = NULL;
    long count = cells_text ? read_cells(cells_text, &cells) : 0;
    if (!id || !tf_uuid_parse(id, strlen(id), &e.id) || count < 0)
        return TF_LIMIT;
    if (subscription && !tf_uuid_parse(subscription, strlen(subscription), &e.subscription_id))
        return TF_LIMIT;
    e.owner = PQgetvalue(r, row, 1);
    e.url = PQgetvalue(r, row, 2);
    e.version = (int)number(r, row, 3, 0);
    e.extent = (struct dss_extent){.cells = cells,
                                   .cell_count = (size_t)count,
                                   .lower_m = lower ? strtof(lower, NULL) : -INFINITY,
                                   .upper_m = upper ? strtof(upper, NULL) : INFINITY,
                                   .start_us = number(r, row, 6, INT64_MIN),
                                   .end_us = number(r, row, 7, INT64_MAX)};
    e.updated_us = number(r, row, 8, 0);
    e.state = state_of(value(r, row, 11));
    e.ovn_requested = requested;
    if (kind == DSS_OIR || kind == DSS_CONSTRAINT) {
        if (requested)
            snprintf(ovn, sizeof ovn, "%s", requested);
        else
            dss_ovn_make(id, e.updated_us, ovn);
    }
    e.ovn = ovn;
    atomic_init(&e.notification_index, (int)number(r, row, 13, 0));
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
    enum tf_status rc = execute(p, (enum sql)(GET_OIR + (int)kind), 1, values, &r);
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
    struct time_text until = time_value(where->end_us), from = time_value(where->start_us);
    char upper[32], lower[32];
    bool altitude = with_altitude && kind == DSS_OIR; /* the only kind whose search uses it */
    PGresult *r = NULL;
    cells_value(&cells, where->cells, where->cell_count);
    snprintf(upper, sizeof upper, isfinite(where->upper_m) ? "%.9g" : "Infinity",
             (double)where->upper_m);
    snprintf(lower, sizeof lower, isfinite(where->lower_m) ? "%.9g" : "-Infinity",
             (double)where->lower_m);
    const char *const values[] = {cells.data, until.s, from.s, upper, lower};
    enum sql which = altitude ? SEARCH_OIR_ALTITUDE : (enum sql)(SEARCH_OIR + (int)kind);
    enum tf_status rc = tf_buf_status(&cells);
    if (!rc)
        rc = execute(p, which, altitude ? 5 : 3, values, &r);
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
    struct time_text start = time_value(e->extent.start_us), end = time_value(e->extent.end_us);
    struct time_text updated = time_value(e->updated_us);
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
    if (e->kind == DSS_SUBSCRIPTION || e->kind == DSS_RID_SUBSCRIPTION)
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
        rc = execute(p, (enum sql)(PUT_OIR + (int)e->kind), n, values, NULL);
    else if (!rc)
        rc = defer(p, (enum sql)(PUT_OIR + (int)e->kind), n, values);
    tf_buf_release(&cells);
    return rc;
}

static enum tf_status pg_remove(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id)
{
    char text[TF_UUID_TEXT_SIZE];
    const char *const values[] = {text};
    tf_uuid_format(id, text);
    return defer(pool_of(db), (enum sql)(REMOVE_OIR + (int)kind), 1, values);
}

static enum tf_status pg_bump(struct dss_db *db, const struct dss_entity *const *subscriptions,
                              size_t count, int *out)
{
    struct pool *p = pool_of(db);
    struct tf_buf ids = TF_BUF_INIT(MAX_LIST);
    PGresult *r = NULL;
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
        rc = execute(p,
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
                out[i] = (int)number(r, row, 1, 0);
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
    enum sql which = LOCK_KEYS;
    if (p->config.lock == POOL_LOCK_NONE || kind == DSS_ISA || kind == DSS_RID_SUBSCRIPTION)
        return TF_OK;
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
        rc = defer(p, which, 1, values);
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
    enum tf_status rc = execute(p, DEPENDENTS, 1, values, &r);
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
    struct time_text now = time_value(now_us);
    PGresult *r = NULL;
    char id[TF_UUID_TEXT_SIZE];
    tf_uuid_format(except, id);
    cells_value(&cells, where->cells, where->cell_count);
    const char *const values[] = {owner, now.s, cells.data, id};
    enum tf_status rc = tf_buf_status(&cells);
    if (!rc)
        rc = execute(pool_of(db), COUNT_IN_CELL, 4, values, &r);
    *out = rc ? 0 : (size_t)number(r, 0, 0, 0);
    tf_buf_release(&cells);
    PQclear(r);
    return rc;
}

/* The table is small: read whole, once a transaction. */
static enum tf_status read_availability(struct pool *p)
{
    PGresult *r = NULL;
    enum tf_status rc = p->availability_read ? TF_OK : execute(p, AVAILABILITY_ALL, 0, NULL, &r);
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
        dss_ovn_make(a->uss, number(r, (int)i, 2, 0), version);
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
    struct time_text updated = time_value(record->updated_us);
    const char *const values[] = {record->uss, record->state, updated.s};
    return execute(pool_of(db), AVAILABILITY_PUT, 3, values, NULL);
}

static const struct dss_db_ops pg_ops = {
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
};

/* --- transactions ---------------------------------------------------------------------- */

static void ignore_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

static enum tf_status connect_link(struct pool *p, struct link *link, const char *dsn)
{
    if (link->conn && PQstatus(link->conn) == CONNECTION_OK)
        return TF_OK;
    /* Defaults; what the connection string says comes after them and counts. */
    static const char *const keys[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle",
                                       "dbname", NULL};
    const char *const values[] = {"5", "10000", "10", dsn, NULL};
    PQfinish(link->conn);
    *link = (struct link){.conn = PQconnectdbParams(keys, values, 1)};
    if (!link->conn)
        return TF_NOMEM;
    if (PQstatus(link->conn) != CONNECTION_OK)
        return failure(p, link, NULL);
    PQsetNoticeProcessor(link->conn, ignore_notice, NULL);
    return TF_OK;
}

static void forget(struct pool *p)
{
    dss_list_release(&p->seen);
    free(p->availability);
    p->availability = NULL;
    p->availability_count = 0;
    p->availability_read = false;
    p->in = NULL;
}

enum tf_status pool_begin(struct pool *p, enum dss_kind kind, bool read_only, struct dss_db **db,
                          int64_t *now_us)
{
    static const char write[] =
        "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT " US("transaction_timestamp()");
    static const char read[] =
        "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY; SELECT " US("transaction_timestamp()");
    bool rid = kind == DSS_ISA || kind == DSS_RID_SUBSCRIPTION;
    struct link *link = rid ? &p->rid : &p->scd;
    enum tf_status rc = connect_link(p, link, rid ? p->config.rid : p->config.scd);
    if (rc)
        return rc;
    PGresult *r = PQexec(link->conn, read_only ? read : write);
    if (PQresultStatus(r) != PGRES_TUPLES_OK)
        rc = failure(p, link, r);
    else
        *now_us = number(r, 0, 0, 0);
    PQclear(r);
    if (!rc) {
        p->in = link;
        *db = &p->db;
    }
    return rc;
}

/* Did the database say that nothing was applied? Whatever else goes wrong at the end, also
 * a shutdown that it announces, leaves that open. */
static bool is_refusal(const PGresult *r)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    if (PQresultStatus(r) == PGRES_COMMAND_OK)
        return true; /* of a failed transaction: COMMIT has become ROLLBACK */
    return state && (strncmp(state, "23", 2) == 0 ||
                     (strncmp(state, "40", 2) == 0 && strcmp(state, "40003") != 0));
}

static enum tf_status end(struct pool *p, const char *how)
{
    enum tf_status rc = drain(p, p->in, NULL); /* before COMMIT: what fails here is not applied */
    PGresult *r = PQexec(p->in->conn, rc ? "ROLLBACK" : how);
    bool done = PQresultStatus(r) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(r), how) == 0;
    if (!rc && !done) {
        rc = failure(p, p->in, r);
        if (!is_refusal(r))
            rc = TF_NOT_FOUND;
    }
    PQclear(r);
    forget(p);
    return rc;
}

enum tf_status pool_commit(struct pool *p)
{
    return end(p, "COMMIT");
}

void pool_rollback(struct pool *p)
{
    if (p->in && end(p, "ROLLBACK") == TF_OK)
        return;
    forget(p);
}

enum tf_status pool_expire(struct pool *p, enum dss_kind kind, int64_t until_us, size_t *removed)
{
    struct dss_db *db;
    int64_t now_us;
    struct time_text until = time_value(until_us);
    const char *const values[] = {until.s};
    PGresult *r = NULL;
    *removed = 0;
    enum tf_status rc = pool_begin(p, kind, false, &db, &now_us);
    if (rc)
        return rc;
    rc = execute(p, (enum sql)(EXPIRE_OIR + (int)kind), 1, values, &r);
    size_t count = rc ? 0 : strtoul(PQcmdTuples(r), NULL, 10);
    PQclear(r);
    if (rc)
        pool_rollback(p);
    else
        rc = pool_commit(p);
    if (!rc)
        *removed = count;
    return rc;
}

enum tf_status pool_new(const struct pool_config *config, struct pool **out)
{
    struct pool *p = calloc(1, sizeof *p);
    if (!p)
        return TF_NOMEM;
    p->db.ops = &pg_ops;
    p->config = *config;
    *out = p;
    return TF_OK;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    forget(p);
    PQfinish(p->scd.conn);
    PQfinish(p->rid.conn);
    free(p);
}

/* --- the schema ------------------------------------------------------------------------------ */

/* TF_OK: there, and known. TF_NOT_FOUND: there is none. */
static enum tf_status check_schema(struct link *link, const char *majors, char why[256])
{
    PGresult *r = PQexec(link->conn, "SELECT schema_version FROM schema_versions");
    enum tf_status rc = TF_NOT_FOUND;
    if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1) {
        const char *version = PQgetvalue(r, 0, 0);
        rc = version[0] && version[1] && strchr(majors, version[1]) ? TF_OK : TF_UNSUPPORTED;
        if (rc)
            snprintf(why, 256,
                     "the pool's schema is %.40s, of a major version that this program "
                     "does not know",
                     version);
    }
    PQclear(r);
    return rc;
}

/* Creates the schema in an empty database. Of two nodes that start at once one fails
 * and finds what the other has made. */
static enum tf_status prepare_one(struct pool *p, struct link *link, const char *dsn,
                                  const char *schema, const char *majors, char why[256])
{
    enum tf_status rc = connect_link(p, link, dsn);
    if (rc) {
        snprintf(why, 256, "%.250s", p->error);
        return rc;
    }
    rc = check_schema(link, majors, why);
    if (rc != TF_NOT_FOUND)
        return rc;
    struct tf_buf all = TF_BUF_INIT(1 << 16);
    tf_buf_printf(&all, "BEGIN; %s COMMIT", schema);
    PGresult *r = PQexec(link->conn, all.data);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        failure(p, link, r);
        PQclear(PQexec(link->conn, "ROLLBACK"));
    }
    PQclear(r);
    tf_buf_release(&all);
    rc = check_schema(link, majors, why);
    if (rc == TF_NOT_FOUND)
        snprintf(why, 256, "%.250s", p->error);
    return rc;
}

enum tf_status pool_prepare(struct pool *p, char why[256])
{
    /* Majors: the CockroachDB and the YugabyteDB form of each schema. */
    enum tf_status rc = prepare_one(p, &p->scd, p->config.scd, schema_scd, "13", why);
    return rc ? rc : prepare_one(p, &p->rid, p->config.rid, schema_rid, "14", why);
}
