/*
 * exchange.c - exchanges with the DSS and other USSs: kept, and given out as a log set.
 */
#include "uss/exchange.h"

#include "ledger/key.h"
#include "party/party.h"
#include <stdlib.h>
#include <tafadi/time.h>

/* USS_EXCHANGE_TABLES: the version of the tables from which on there is this one (store.c). */
enum { PRUNE_EVERY = 256, PAGE = 200, USS_EXCHANGE_TABLES = 5 };

/* --- keeping ---------------------------------------------------------------------------------- */

struct keeping {
    struct party_command command; /* first */
    struct uss_log *log;
    struct uss_exchange exchange; /* points into what follows */
    char bytes[];
};

static enum tf_status prune(const struct line_context *c)
{
    static const char text[] = "DELETE FROM uss_exchange WHERE asked_us < $1 OR number <="
                               " (SELECT COALESCE(MAX(number), 0) FROM uss_exchange) - $2";
    int64_t oldest_us = c->now_us - (int64_t)USS_EXCHANGE_DAYS * 86400 * 1000000;
    return sql_exec(c->sql, text, SQL_ARGS(sql_int(oldest_us), sql_int(USS_EXCHANGES_MAX)), NULL);
}

static enum tf_status keep_run(struct party_command *command, const struct line_context *c)
{
    static const char text[] =
        "INSERT INTO uss_exchange (is_client, method, url, token, asked_us, answered_us, request,"
        " answer, status, problem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    const struct keeping *k = (const struct keeping *)command;
    const struct uss_exchange *e = &k->exchange;
    enum tf_status rc =
        sql_exec(c->sql, text,
                 SQL_ARGS(sql_int(e->is_client), sql_text(e->method), sql_text(e->url),
                          sql_text(e->token), sql_int(e->asked_us), sql_int(e->answered_us),
                          sql_blob(e->request, e->request_len), sql_blob(e->answer, e->answer_len),
                          sql_int(e->status), sql_text(e->problem)),
                 NULL);
    return !rc && atomic_load(&k->log->kept) % PRUNE_EVERY == 0 ? prune(c) : rc;
}

static void keep_done(struct party_command *command, enum tf_status rc)
{
    struct keeping *k = (struct keeping *)command;
    atomic_fetch_add(rc ? &k->log->lost : &k->log->kept, 1);
    free(k);
}

/* Copies bytes behind what is there, and ends them with a zero. */
static const char *put(char **to, const char *bytes, size_t len)
{
    char *at = *to;
    if (len > 0)
        memcpy(at, bytes, len);
    at[len] = '\0';
    *to += len + 1;
    return at;
}

static size_t shorter(size_t len)
{
    return len < USS_EXCHANGE_BODY_MAX ? len : USS_EXCHANGE_BODY_MAX;
}

/* Up to the second dot: a JWT's header and claims. What is no JWT is not kept at all. */
static size_t unsigned_part(const char *token, size_t len)
{
    const char *first = token ? memchr(token, '.', len) : NULL;
    const char *second = first ? memchr(first + 1, '.', len - (size_t)(first + 1 - token)) : NULL;
    return second ? (size_t)(second - token) : 0;
}

void uss_log_keep(struct uss_log *log, const struct uss_exchange *e)
{
    static const char cut[] = "a body is longer than what is kept of it";
    bool is_cut = e->request_len > USS_EXCHANGE_BODY_MAX || e->answer_len > USS_EXCHANGE_BODY_MAX;
    const char *problem = is_cut && !e->problem[0] ? cut : e->problem;
    size_t request = shorter(e->request_len), answer = shorter(e->answer_len),
           token = unsigned_part(e->token, e->token_len);
    size_t size = request + answer + token + strlen(e->method) + strlen(e->url) + strlen(problem);
    struct keeping *k = malloc(sizeof *k + size + 6);
    if (!k) {
        atomic_fetch_add(&log->lost, 1);
        return;
    }
    char *at = k->bytes;
    k->command = (struct party_command){.run = keep_run, .done = keep_done};
    k->log = log;
    k->exchange = *e;
    k->exchange.method = put(&at, e->method, strlen(e->method));
    k->exchange.url = put(&at, e->url, strlen(e->url));
    k->exchange.problem = put(&at, problem, strlen(problem));
    k->exchange.token = put(&at, e->token, token);
    k->exchange.request = put(&at, e->request, request);
    k->exchange.answer = put(&at, e->answer, answer);
    k->exchange.request_len = request;
    k->exchange.answer_len = answer;
    if (party_submit(log->party, &k->command) == TF_OK)
        return;
    atomic_fetch_add(&log->lost, 1);
    free(k);
}

/* --- giving out ------------------------------------------------------------------------------- */

static void put_time(struct tf_buf *out, const char *name, int64_t t_us)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_us * 1000, text);
    tf_buf_printf(out, ",\"%s\":{\"value\":\"%s\",\"format\":\"RFC3339\"}", name, text);
}

static void put_body(struct tf_buf *out, const char *name, const struct sql_value *bytes)
{
    tf_buf_printf(out, ",\"%s\":\"", name);
    key_base64(bytes->bytes, bytes->len, out);
    tf_buf_char(out, '"');
}

static void put_record(struct tf_buf *out, const struct sql_value *v)
{
    struct tf_buf header = TF_BUF_INIT(65536);
    tf_buf_text(out, "{\"url\":");
    tf_buf_json(out, v[3].bytes);
    tf_buf_text(out, ",\"method\":");
    tf_buf_json(out, v[2].bytes);
    tf_buf_printf(out, ",\"recorder_role\":\"%s\",\"headers\":[",
                  v[1].number ? "Client" : "Server");
    if (v[4].len > 0) {
        tf_buf_printf(&header, "Authorization: Bearer %s", v[4].bytes);
        tf_buf_json(out, header.data ? header.data : "");
    }
    tf_buf_char(out, ']');
    put_time(out, "request_time", v[5].number);
    put_body(out, "request_body", &v[7]);
    if (v[9].number > 0) {
        put_time(out, "response_time", v[6].number);
        put_body(out, "response_body", &v[8]);
        tf_buf_printf(out, ",\"response_code\":%lld", (long long)v[9].number);
    }
    if (v[10].len > 0) {
        tf_buf_text(out, ",\"problem\":");
        tf_buf_json(out, v[10].bytes);
    }
    tf_buf_char(out, '}');
    if (tf_buf_status(&header) && !out->status)
        out->status = tf_buf_status(&header);
    tf_buf_release(&header);
}

/* The next page after `*number`; *found: how many. */
static enum tf_status put_page(struct sql *sql, int64_t from_us, int64_t until_us, int64_t *number,
                               struct tf_buf *out, size_t *found, bool is_first)
{
    static const char text[] =
        "SELECT number, is_client, method, url, token, asked_us, answered_us, request, answer,"
        " status, problem FROM uss_exchange WHERE number > $1 AND asked_us >= $2 AND"
        " asked_us < $3 ORDER BY number LIMIT $4";
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(
        sql, text, SQL_ARGS(sql_int(*number), sql_int(from_us), sql_int(until_us), sql_int(PAGE)),
        &rows);
    *found = rc ? 0 : rows.count;
    for (size_t i = 0; i < *found; i++) {
        if (i > 0 || !is_first)
            tf_buf_char(out, ',');
        put_record(out, sql_at(&rows, i, 0));
        *number = sql_at(&rows, i, 0)->number;
    }
    sql_rows_release(&rows);
    return rc ? rc : tf_buf_status(out);
}

/* A party that was never a USS, or not since exchanges are kept, has none. */
static enum tf_status has_any(struct sql *sql, bool *any)
{
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(sql, "SELECT version FROM sql_module WHERE name = 'uss'", SQL_NO_ARGS, &rows);
    *any = !rc && rows.count > 0 && sql_at(&rows, 0, 0)->number >= USS_EXCHANGE_TABLES;
    sql_rows_release(&rows);
    return rc;
}

enum tf_status uss_log_set_print(struct sql *sql, int64_t from_us, int64_t until_us,
                                 struct tf_buf *out, size_t *count)
{
    int64_t number = 0;
    size_t found = PAGE, all = 0;
    bool any = false;
    enum tf_status rc = has_any(sql, &any);
    tf_buf_text(out, "{\"messages\":[");
    while (!rc && any && found == PAGE) {
        rc = put_page(sql, from_us, until_us, &number, out, &found, all == 0);
        all += found;
    }
    tf_buf_text(out, "],\"operator_notifications\":[],\"operator_inputs\":[],"
                     "\"operator_associations\":[],\"planning_attempts\":[]}\n");
    *count = all;
    return rc ? rc : tf_buf_status(out);
}
