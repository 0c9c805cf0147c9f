/*
 * witnesses.c - a thread for each witness: has the ledger grown? show it; keep what comes back.
 */
#include "party/witnesses.h"

#include "party/courier.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WHY_SIZE = 256, REQUEST_MAX = LEDGER_NOTE_MAX + 8192, NAME_SIZE = NOTE_NAME_SIZE + 16 };

struct witness {
    struct party_command command; /* first */
    struct witnesses *all;
    struct witness_config config;
    char lease[NAME_SIZE];
    pthread_t thread;
    bool started;
    /* One showing: from `old` to `size`; what came back. */
    uint64_t old, size;
    bool has_news, is_taken, is_again;
    struct tf_buf request, answer;
    long status;
    bool is_back; /* under the lock */
    char why[WHY_SIZE];
    uint64_t cosigned, failed; /* under the lock */
};
struct witnesses {
    struct party *party;
    struct courier *courier;
    struct witness witness[WITNESSES_MAX];
    size_t count;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
};

static const char *const steps[] = {
    "CREATE TABLE party_witness (name TEXT PRIMARY KEY, size BIGINT NOT NULL) @STRICT@"};

enum tf_status witnesses_prepare(struct sql *sql, char why[SQL_WHY_SIZE])
{
    return sql_migrate(sql, "party_witness", steps, sizeof steps / sizeof *steps, why);
}

/* --- what it has seen ------------------------------------------------------------------------ */

static enum tf_status read_size(const struct line_context *c, const char *name, uint64_t *out)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql, "SELECT size FROM party_witness WHERE name = $1",
                                  SQL_ARGS(sql_text(name)), &rows);
    if (rc)
        return rc;
    *out = rows.count ? (uint64_t)sql_at(&rows, 0, 0)->number : 0;
    sql_rows_release(&rows);
    return TF_OK;
}

static enum tf_status write_size(const struct line_context *c, const char *name, uint64_t size)
{
    return sql_exec(c->sql,
                    "INSERT INTO party_witness (name, size) VALUES ($1, $2)"
                    " ON CONFLICT (name) DO UPDATE SET size = excluded.size",
                    SQL_ARGS(sql_text(name), sql_int((int64_t)size)), NULL);
}

/* --- out: "old N", the proof, an empty line, the checkpoint --------------------------------------
 */

static enum tf_status put_proof(const struct line_context *c, uint64_t old, uint64_t size,
                                struct tf_buf *out)
{
    struct ledger_proof *proof = malloc(sizeof *proof);
    if (!proof)
        return TF_NOMEM;
    enum tf_status rc = old > 0 ? ledger_consistency(c->ledger, old, size, proof) : TF_OK;
    for (size_t i = 0; !rc && old > 0 && i < proof->count; i++) {
        key_base64(proof->hash[i].bytes, KEY_HASH_SIZE, out);
        tf_buf_char(out, '\n');
    }
    free(proof);
    return rc;
}

static enum tf_status show_run(struct party_command *command, const struct line_context *c)
{
    struct witness *w = (struct witness *)command;
    struct tf_buf note = TF_BUF_INIT(LEDGER_NOTE_MAX);
    bool held;
    w->has_news = false;
    enum tf_status rc = party_hold(c, party_holder(w->all->party), w->lease, &held);
    if (!rc && held)
        rc = read_size(c, w->config.key.name, &w->old);
    if (!rc && held) {
        rc = ledger_checkpoint(c->ledger, &w->size, &note);
        w->has_news = !rc && w->size > w->old;
        if (rc == TF_NOT_FOUND)
            rc = TF_OK;
    }
    tf_buf_clear(&w->request);
    if (w->has_news) {
        tf_buf_printf(&w->request, "old %llu\n", (unsigned long long)w->old);
        rc = put_proof(c, w->old, w->size, &w->request);
        tf_buf_char(&w->request, '\n');
        tf_buf_append(&w->request, note.data, note.len);
    }
    tf_buf_release(&note);
    return rc ? rc : tf_buf_status(&w->request);
}

/* --- in: a cosignature, or the size that it knows ------------------------------------------------
 */

/* Of the lines the one in its name. */
static enum tf_status keep_cosignature(struct witness *w, const struct line_context *c)
{
    const struct note_key *key = &w->config.key;
    const char *at = w->answer.data ? w->answer.data : "";
    char line[1024], start[NOTE_NAME_SIZE + 8];
    snprintf(start, sizeof start, "\xE2\x80\x94 %s ", key->name);
    while (*at) {
        size_t len = strcspn(at, "\n");
        if (len < sizeof line && strncmp(at, start, strlen(start)) == 0) {
            memcpy(line, at, len);
            line[len] = '\0';
            enum tf_status rc =
                ledger_cosign(c->ledger, w->size, key->name, &key->key, line, c->now_us);
            w->is_taken = rc == TF_OK;
            if (rc != TF_SYNTAX && rc != TF_NOT_FOUND && rc != TF_LIMIT)
                return rc ? rc : write_size(c, key->name, w->size);
        }
        at += len + (at[len] == '\n');
    }
    snprintf(w->why, sizeof w->why, "what it answers is not its cosignature of this checkpoint");
    return TF_OK;
}

/* It knows another size than was thought, after a restore on either side. */
static enum tf_status take_size(struct witness *w, const struct line_context *c)
{
    uint64_t own;
    char *end, text[24] = "";
    size_t len = w->answer.len && w->answer.len < sizeof text ? w->answer.len : 0;
    memcpy(text, len ? w->answer.data : "", len);
    unsigned long long known = strtoull(text, &end, 10);
    enum tf_status rc = ledger_size(c->ledger, &own);
    if (rc)
        return rc;
    if (!len || text[0] < '0' || text[0] > '9' || (*end && strcmp(end, "\n") != 0))
        snprintf(w->why, sizeof w->why, "409 without a size");
    else if (known > own)
        snprintf(w->why, sizeof w->why,
                 "it has seen more of this ledger (%llu entries) than there is (%llu)", known,
                 (unsigned long long)own);
    else if (known == w->old)
        snprintf(w->why, sizeof w->why, "it has seen another history of this ledger");
    else
        w->is_again = true;
    return w->is_again ? write_size(c, w->config.key.name, known) : TF_OK;
}

static enum tf_status settle_run(struct party_command *command, const struct line_context *c)
{
    struct witness *w = (struct witness *)command;
    w->is_taken = w->is_again = false;
    if (w->status == 200)
        return keep_cosignature(w, c);
    if (w->status == 409)
        return take_size(w, c);
    if (w->status)
        snprintf(w->why, sizeof w->why, "HTTP status %ld", w->status);
    return TF_OK;
}

/* --- one showing ----------------------------------------------------------------------------- */

/* On the courier's thread; `line` is the witness's number. */
static void on_result(void *ctx, const char *line, long status, const char *answer, size_t len,
                      const char *why)
{
    struct witnesses *all = ctx;
    struct witness *w = &all->witness[line[0] - '0'];
    pthread_mutex_lock(&all->lock);
    w->status = status;
    snprintf(w->why, sizeof w->why, "%s", why);
    tf_buf_clear(&w->answer);
    tf_buf_append(&w->answer, answer, len);
    w->is_back = true;
    pthread_cond_broadcast(&all->wake);
    pthread_mutex_unlock(&all->lock);
}

static bool run(struct witness *w,
                enum tf_status (*what)(struct party_command *, const struct line_context *))
{
    w->command = (struct party_command){.run = what};
    enum tf_status rc = party_call(w->all->party, &w->command);
    if (rc)
        snprintf(w->why, sizeof w->why, "%s", tf_status_text(rc));
    return rc == TF_OK;
}

/* Until the answer is here; false: it is time to stop. */
static bool carry(struct witness *w)
{
    struct witnesses *all = w->all;
    struct courier_post post = {.body = w->request};
    w->request = (struct tf_buf)TF_BUF_INIT(REQUEST_MAX);
    w->is_back = false;
    snprintf(post.line, sizeof post.line, "%d", (int)(w - all->witness));
    snprintf(post.url, sizeof post.url, "%s/add-checkpoint", w->config.url);
    if (courier_send(all->courier, &post)) {
        tf_buf_release(&post.body);
        snprintf(w->why, sizeof w->why, "out of memory");
        w->status = 0;
        return true;
    }
    pthread_mutex_lock(&all->lock);
    while (!w->is_back && !all->stopping)
        pthread_cond_wait(&all->wake, &all->lock);
    bool goes_on = !all->stopping;
    pthread_mutex_unlock(&all->lock);
    return goes_on;
}

static void report(struct witness *w)
{
    struct tf_buf out = TF_BUF_INIT(2048);
    tf_buf_text(&out, "{\"level\":\"error\",\"msg\":\"witness\",\"to\":");
    tf_buf_json(&out, w->config.key.name);
    tf_buf_text(&out, ",\"why\":");
    tf_buf_json(&out, w->why);
    if (tf_buf_status(&out) == TF_OK)
        fprintf(stderr, "%s}\n", out.data);
    tf_buf_release(&out);
}

/* False: it could not be shown, or was not taken; w->why says why. */
static bool show(struct witness *w)
{
    for (int i = 0; i < 2; i++) { /* once more with the size that it knows */
        if (!run(w, show_run))
            return false;
        if (!w->has_news || !carry(w))
            return true;
        if (!run(w, settle_run))
            return false;
        if (!w->is_again)
            return w->is_taken;
    }
    snprintf(w->why, sizeof w->why, "it says one size after the other");
    return false;
}

static void measure(struct witness *w, bool good)
{
    pthread_mutex_lock(&w->all->lock);
    w->failed += !good;
    if (good)
        w->cosigned = w->has_news ? w->size : w->old;
    pthread_mutex_unlock(&w->all->lock);
}

static unsigned wait_s(unsigned failures)
{
    unsigned s = failures ? WITNESS_RETRY_S : WITNESS_EVERY_S;
    for (unsigned i = 1; i < failures && s < WITNESS_RETRY_MAX_S; i++)
        s *= 2;
    if (s > WITNESS_RETRY_MAX_S)
        s = WITNESS_RETRY_MAX_S;
    return failures ? s / 2 + 1 + randombytes_uniform(s / 2) : s;
}

/* False: it is time to stop. */
static bool pause_s(struct witnesses *all, unsigned s)
{
    struct timespec until;
    int rc = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += s;
    pthread_mutex_lock(&all->lock);
    while (rc == 0 && !all->stopping)
        rc = pthread_cond_timedwait(&all->wake, &all->lock, &until);
    bool goes_on = !all->stopping;
    pthread_mutex_unlock(&all->lock);
    return goes_on;
}

static void *work(void *arg)
{
    struct witness *w = arg;
    unsigned failures = 0, s = 1; /* the start is in the ledger by then */
    while (pause_s(w->all, s)) {
        bool good = show(w);
        measure(w, good);
        if (!good && failures == 0)
            report(w);
        failures = good ? 0 : failures + 1;
        s = wait_s(failures);
    }
    return NULL;
}

/* --- life ------------------------------------------------------------------------------------ */

enum tf_status witnesses_start(struct party *party, const struct witness_config *config,
                               size_t count, const char *ca_file, bool allow_http,
                               struct witnesses **out)
{
    struct witnesses *all = count <= WITNESSES_MAX ? calloc(1, sizeof *all) : NULL;
    if (!all)
        return count <= WITNESSES_MAX ? TF_NOMEM : TF_LIMIT;
    all->party = party;
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->wake, NULL);
    all->count = count;
    for (size_t i = 0; i < count; i++) {
        struct witness *w = &all->witness[i];
        w->all = all;
        w->config = config[i];
        w->request = (struct tf_buf)TF_BUF_INIT(REQUEST_MAX);
        w->answer = (struct tf_buf)TF_BUF_INIT(LINE_POST_MAX);
        snprintf(w->lease, sizeof w->lease, "witness:%s", config[i].key.name);
    }
    enum tf_status rc =
        count ? courier_start(ca_file, allow_http, on_result, all, &all->courier) : TF_OK;
    for (size_t i = 0; i < count && !rc; i++) {
        all->witness[i].started =
            pthread_create(&all->witness[i].thread, NULL, work, &all->witness[i]) == 0;
        rc = all->witness[i].started ? TF_OK : TF_NOMEM;
    }
    if (rc) {
        witnesses_stop(all);
        return rc;
    }
    *out = all;
    return TF_OK;
}

void witnesses_stop(struct witnesses *all)
{
    if (!all)
        return;
    pthread_mutex_lock(&all->lock);
    all->stopping = true;
    pthread_cond_broadcast(&all->wake);
    pthread_mutex_unlock(&all->lock);
    for (size_t i = 0; i < all->count; i++)
        if (all->witness[i].started)
            pthread_join(all->witness[i].thread, NULL);
    courier_stop(all->courier);
    for (size_t i = 0; i < all->count; i++) {
        tf_buf_release(&all->witness[i].request);
        tf_buf_release(&all->witness[i].answer);
    }
    pthread_mutex_destroy(&all->lock);
    pthread_cond_destroy(&all->wake);
    free(all);
}

size_t witnesses_metrics(struct witnesses *all, struct witness_metrics out[WITNESSES_MAX])
{
    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < all->count; i++)
        out[i] = (struct witness_metrics){.name = all->witness[i].config.key.name,
                                          .size = all->witness[i].cosigned,
                                          .failed = all->witness[i].failed};
    pthread_mutex_unlock(&all->lock);
    return all->count;
}
