/*
 * bench_ops.c - submitting an operation to a party's register that knows 10^5 volumes, each answer
 * on the disk; and the same question with options. Fills a database first.
 *
 * Comparison: the plain transaction that any answer on the disk needs (one row, one commit).
 *
 *     bench_ops [DATABASE [volumes [submissions]]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../tests/support/random.h"
#include "ops/check.h"

enum { VOLUMES_EACH = 10, BATCH = 250 };
#define NOW_US INT64_C(1795824000000000)

struct bench {
    struct sql *sql;
    struct ledger *ledger;
    struct key_secret *key;
    struct ops *ops;
    struct line_context c;
    struct ops_who who;
    uint64_t random;
};

static void must(enum tf_status rc, const char *what)
{
    if (rc == TF_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, tf_status_text(rc));
    exit(1);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A small drone's flight: ten minutes, ten circles along a straight line, somewhere in 1 by 1
 * degree and 24 hours. */
static void make(struct bench *b, size_t n, struct tf_entity *out)
{
    char id[32];
    double lat = random_between(&b->random, 46, 47), lng = random_between(&b->random, 6, 7),
           step_lat = random_between(&b->random, -0.004, 0.004),
           step_lng = random_between(&b->random, -0.006, 0.006),
           lower = random_between(&b->random, 300, 900);
    int64_t start = NOW_US * 1000 + (int64_t)(random_between(&b->random, 600, 86400) * 1e9);
    *out = (struct tf_entity){.kind = TF_KIND_UNCREWED, .state = TF_STATE_DRAFT};
    for (int i = 0; i < VOLUMES_EACH; i++) {
        struct tf_shape *shape;
        struct tf_volume4 volume;
        struct tf_band band = tf_band_w84(lower, lower + 60);
        must(tf_shape_circle((struct tf_latlng){lat + i * step_lat, lng + i * step_lng}, 300,
                             &shape, NULL),
             "circle");
        must(tf_volume4_make(shape, &band, start + i * TF_MINUTE_NS,
                             start + (i + 1) * TF_MINUTE_NS + 5 * TF_SECOND_NS, &volume, NULL),
             "volume");
        tf_shape_unref(shape);
        must(tf_entity_add_volume(out, &volume), "add");
    }
    snprintf(id, sizeof id, "flight-%zu", n);
    must(tf_entity_set_text(&out->id, id), "id");
}

static void put(struct bench *b, size_t n)
{
    struct tf_entity entity;
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    make(b, n, &entity);
    struct ops_draft draft = {.class = OPS_OPERATION, .entity = &entity};
    must(ops_put(b->ops, &b->c, &draft, &b->who, &verdict, &written, &fault), "put");
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
}

static enum ops_outcome submit(struct bench *b, size_t n, const struct tf_option_limits *limits,
                               bool *has_options)
{
    char id[32];
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    snprintf(id, sizeof id, "flight-%zu", n);
    struct ops_deed deed = {
        .class = OPS_OPERATION, .id = id, .act = OPS_ACT_SUBMIT, .options = limits};
    must(ops_act(b->ops, &b->c, &deed, &b->who, &verdict, &written, &fault), "submit");
    enum ops_outcome outcome = verdict.outcome;
    *has_options = verdict.has_options;
    ops_verdict_release(&verdict);
    return outcome;
}

static void open_all(struct bench *b, const char *where)
{
    static const uint8_t seed[KEY_SEED_SIZE] = {9};
    char why[SQL_WHY_SIZE] = "";
    must(sql_open(where, &b->sql, why), where);
    must(key_from_seed(seed, &b->key), "key");
    must(ledger_open(b->sql, "bench.example/ledger", b->key, &b->ledger, why), "ledger");
    must(line_prepare(b->sql, why), "tables");
    must(ops_prepare(b->sql, why), "tables");
    must(ops_new(&b->ops), "memory");
    b->c = (struct line_context){
        .sql = b->sql, .ledger = b->ledger, .key = b->key, .now_us = NOW_US, .actor = "bench"};
    snprintf(b->c.card.id, sizeof b->c.card.id, "bench.example");
    b->who = (struct ops_who){.role = "duty-officer", .source = "operator"};
}

/* All are accepted, whatever they meet: nothing has been decided about yet. */
static void fill(struct bench *b, size_t count)
{
    static const char policy[] = "{\"format\":\"tafadi-policy/v1\",\"rules\":"
                                 "[{\"outcome\":\"note\"}]}";
    struct tf_fault fault;
    struct ops_who head = {.role = "head-of-cell", .source = "bench"};
    bool has_options;
    for (size_t n = 0; n < count; n++) {
        if (n % BATCH == 0)
            must(sql_begin(b->sql), "begin");
        if (n == 0)
            must(ops_set_policy(b->ops, &b->c, policy, strlen(policy), 0, &head, &fault), "policy");
        put(b, n);
        (void)submit(b, n, NULL, &has_options);
        if (n % BATCH == BATCH - 1 || n == count - 1)
            must(sql_commit(b->sql), "commit");
    }
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void show(const char *what, double *seconds, size_t count)
{
    if (count == 0) {
        printf("%-44s none\n", what);
        return;
    }
    qsort(seconds, count, sizeof *seconds, by_time);
    printf("%-44s %5zu   median %7.3f ms   p99 %7.3f ms\n", what, count, 1e3 * seconds[count / 2],
           1e3 * seconds[count - 1 - count / 100]);
}

static double plain(struct bench *b, size_t n)
{
    double begun = now_s();
    must(sql_begin(b->sql), "begin");
    must(sql_exec(b->sql, "INSERT INTO bench_plain (n, text) VALUES ($1, $2)",
                  SQL_ARGS(sql_int((int64_t)n), sql_text("a row of about this length or so")),
                  NULL),
         "insert");
    must(sql_commit(b->sql), "commit");
    return now_s() - begun;
}

/* A question alone: what is in the way, and, with limits, ways out. Nothing is written. */
static double ask(struct bench *b, size_t n, const struct tf_option_limits *limits,
                  size_t *conflicts)
{
    struct tf_entity entity;
    struct ops_verdict verdict;
    struct tf_fault fault;
    make(b, n, &entity);
    struct ops_query query = {.entity = &entity, .options = limits};
    double begun = now_s();
    must(sql_begin(b->sql), "begin");
    must(ops_check(b->ops, &b->c, &query, &verdict, &fault), "check");
    must(sql_commit(b->sql), "commit");
    double took = now_s() - begun;
    *conflicts = verdict.count;
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
    return took;
}

/* Plans that nobody registers, each asked about twice: the difference is what options cost. */
static void measure_options(struct bench *b, size_t first, size_t count)
{
    static const struct tf_option_limits limits = {.max_options = 3};
    double *plain_s = calloc(count, sizeof *plain_s), *options_s = calloc(count, sizeof *options_s);
    size_t met = 0, conflicts;
    if (!plain_s || !options_s)
        must(TF_NOMEM, "times");
    for (size_t i = 0; i < count; i++) {
        uint64_t same = b->random;
        double took = ask(b, first + i, NULL, &conflicts);
        if (conflicts == 0)
            continue;
        b->random = same;
        double with = ask(b, first + i, &limits, &conflicts);
        plain_s[met] = took;
        options_s[met++] = with > took ? with - took : 0;
    }
    show("asked, in conflict, without options", plain_s, met);
    show("what the options add (three)", options_s, met);
    free(plain_s);
    free(options_s);
}

static void measure(struct bench *b, size_t first, size_t count)
{
    static const struct tf_option_limits limits = {.max_options = 3};
    double *rows = calloc(count, sizeof *rows), *clear = calloc(count, sizeof *clear),
           *met = calloc(count, sizeof *met);
    size_t clear_count = 0, met_count = 0;
    if (!rows || !clear || !met)
        must(TF_NOMEM, "times");
    must(sql_script(b->sql, "CREATE TABLE bench_plain (n BIGINT NOT NULL, text TEXT NOT NULL)"),
         "table");
    for (size_t i = 0; i < count; i++) {
        bool has_options;
        rows[i] = plain(b, i);
        must(sql_begin(b->sql), "begin");
        put(b, first + i);
        must(sql_commit(b->sql), "commit");
        double begun = now_s();
        must(sql_begin(b->sql), "begin");
        enum ops_outcome outcome = submit(b, first + i, &limits, &has_options);
        must(sql_commit(b->sql), "commit");
        double took = now_s() - begun;
        if (outcome <= OPS_NOTE)
            clear[clear_count++] = took;
        else
            met[met_count++] = took;
    }
    show("one row, committed", rows, count);
    show("submitted, free of conflicts, committed", clear, clear_count);
    show("submitted, in conflict, with options, committed", met, met_count);
    free(rows);
    free(clear);
    free(met);
}

static void default_rules(struct bench *b)
{
    static const char policy[] = "{\"format\":\"tafadi-policy/v1\",\"rules\":"
                                 "[{\"outcome\":\"decide\",\"role\":\"head-of-cell\"}]}";
    struct tf_fault fault;
    struct ops_who head = {.role = "head-of-cell", .source = "bench"};
    must(sql_begin(b->sql), "begin");
    must(ops_set_policy(b->ops, &b->c, policy, strlen(policy), 1, &head, &fault), "policy");
    must(sql_commit(b->sql), "commit");
}

static double start_again(struct bench *b)
{
    int64_t change;
    double begun = now_s();
    ops_free(b->ops);
    must(ops_new(&b->ops), "memory");
    must(sql_begin(b->sql), "begin");
    struct tf_buf out = TF_BUF_INIT(OPS_POLICY_MAX);
    must(ops_policy(b->ops, &b->c, &out, &change), "first call");
    tf_buf_release(&out);
    must(sql_commit(b->sql), "commit");
    return now_s() - begun;
}

int main(int argc, char **argv)
{
    char made[] = "/tmp/tafadi-bench-ops-XXXXXX";
    const char *where = argc > 1 ? argv[1] : made;
    size_t volumes = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000,
           count = argc > 3 ? strtoul(argv[3], NULL, 10) : 500;
    struct bench b = {.random = random_seed(20261128)};
    if (argc < 2 && mkdtemp(made)) {
        static char path[sizeof made + 16];
        snprintf(path, sizeof path, "%s/ops.db", made);
        where = path;
    }
    open_all(&b, where);
    double begun = now_s();
    fill(&b, volumes / VOLUMES_EACH);
    double took = now_s() - begun;
    printf(
        "%zu operations of %d volumes: put and accepted in %.1f s (%.0f/s, %d in a transaction)\n",
        volumes / VOLUMES_EACH, VOLUMES_EACH, took, (double)(volumes / VOLUMES_EACH) / took, BATCH);
    default_rules(&b);
    printf("a start reads all of it in %.2f s\n", start_again(&b));
    measure(&b, volumes / VOLUMES_EACH, count);
    measure_options(&b, volumes / VOLUMES_EACH + count, count);
    ops_free(b.ops);
    ledger_close(b.ledger);
    sql_close(b.sql);
    key_free(b.key);
    if (argc < 2)
        printf("the database is left in %s\n", where);
    return 0;
}
