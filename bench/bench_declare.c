/*
 * bench_declare.c - declarations over a line between two parties on this machine: so many
 * operations are said, carried, and kept by the other side as records that its checks meet. Then
 * the line is suspended, all of them are changed, it is resumed, and the time is taken until the
 * other side has the present version of each. Each side's answers are on its disk.
 *
 *     bench_declare [operations]
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../tests/line/two_parties.h"
#include "../tests/support/random.h"
#include "ops/declaration.h"

enum { BATCH = 250 };

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

/* What this process alone used, whatever else the machine does. */
static double used_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void agree(struct pair *pair)
{
    struct side *north = &pair->side[0];
    struct tf_buf text = TF_BUF_INIT(MEMO_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    char hex[2 * KEY_HASH_SIZE + 1], accept[128];
    struct tf_fault fault;
    int64_t seq;
    must(memo_template(pair->line, 1, NULL, north->c.now_us - 60 * SECOND_US,
                       north->c.now_us + 400 * 86400 * SECOND_US, &text),
         "template");
    json_t *json = json_loadb(text.data, text.len, 0, NULL);
    json_object_set_new(
        json, "kinds",
        json_pack("[{s:s, s:i, s:s}]", "kind", "*", "notice_s", 0, "disclosure", "full"));
    char *document = json_dumps(json, 0);
    memo_hash(document, strlen(document), hash);
    key_hex(hash, sizeof hash, hex);
    json_t *body = json_pack("{s:s}", "document", document);
    struct line_draft draft = {.type = "memo.propose", .role = "head-of-cell", .body = body};
    must(sql_begin(north->sql), "begin");
    must(line_say(&north->c, pair->line, &draft, &seq, &fault), "propose");
    must(sql_commit(north->sql), "commit");
    pair_exchange(pair, 0);
    snprintf(accept, sizeof accept, "{'document':'%s'}", hex);
    (void)side_say(&pair->side[1], pair->line, "memo.accept", accept);
    pair_exchange(pair, 1);
    json_decref(body);
    json_decref(json);
    free(document);
    tf_buf_release(&text);
}

struct flights {
    struct side *side;
    struct ops *ops;
    uint64_t random;
};

/* Flight n at a place of its own, in the way of no other; its heights by `lower_m`. */
static void make(struct flights *f, size_t n, double lower_m, struct tf_entity *out)
{
    struct tf_latlng at = {40 + 0.1 * (double)(n % 300), 0.1 * (double)(n / 300)};
    struct tf_shape *shape;
    struct tf_volume4 volume;
    struct tf_band band = tf_band_w84(lower_m, lower_m + 100);
    int64_t hour_us = 3600 * SECOND_US, today = f->side->c.now_us / (24 * hour_us) * 24 * hour_us;
    int64_t start =
        (today + 24 * hour_us) * 1000 + (int64_t)(random_between(&f->random, 1, 24) * 3600e9);
    *out = (struct tf_entity){.kind = TF_KIND_UNCREWED, .state = TF_STATE_DRAFT};
    must(tf_shape_circle(at, 200, &shape, NULL), "circle");
    must(tf_volume4_make(shape, &band, start, start + TF_HOUR_NS, &volume, NULL), "volume");
    tf_shape_unref(shape);
    must(tf_entity_add_volume(out, &volume), "add");
}

/* Registers flight n, or gives it another content. */
static void put(struct flights *f, size_t n, double lower_m, bool is_new)
{
    char id[32];
    struct tf_entity entity;
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    struct ops_who who = {.role = "duty-officer", .source = "bench"};
    make(f, n, lower_m, &entity);
    snprintf(id, sizeof id, "flight-%zu", n);
    must(tf_entity_set_text(&entity.id, id), "id");
    struct ops_draft draft = {.class = OPS_OPERATION, .entity = &entity, .if_match = "*"};
    must(ops_put(f->ops, &f->side->c, &draft, &who, &verdict, &written, &fault), "put");
    ops_verdict_release(&verdict);
    if (is_new) {
        struct ops_deed deed = {.class = OPS_OPERATION, .id = id, .act = OPS_ACT_SUBMIT};
        must(ops_act(f->ops, &f->side->c, &deed, &who, &verdict, &written, &fault), "submit");
        ops_verdict_release(&verdict);
    }
    tf_entity_release(&entity);
}

/* The same places and times each time. */
static void put_all(struct flights *f, size_t count, double lower_m, bool is_new)
{
    f->random = random_seed(20261128);
    for (size_t n = 0; n < count; n += BATCH) {
        must(sql_begin(f->side->sql), "begin");
        for (size_t i = n; i < count && i < n + BATCH; i++)
            put(f, i, lower_m, is_new);
        must(sql_commit(f->side->sql), "commit");
    }
}

static void tell(struct flights *f)
{
    must(sql_begin(f->side->sql), "begin");
    must(ops_declare_due(f->ops, &f->side->c, NULL, NULL), "declare");
    must(sql_commit(f->side->sql), "commit");
}

struct heard {
    int64_t version;
    size_t count;
};

static bool count_heard(void *ctx, const struct ops_declaration *one)
{
    struct heard *heard = ctx;
    heard->count += !one->is_own && one->version == heard->version;
    return true;
}

/* How many of the peer's operations one side has in this version. */
static size_t has(struct side *side, struct ops *ops, int64_t version)
{
    struct heard heard = {.version = version};
    must(sql_begin(side->sql), "begin");
    must(ops_declaration_each(ops, &side->c, NULL, false, NULL, count_heard, &heard),
         "declarations");
    must(sql_commit(side->sql), "commit");
    return heard.count;
}

static void expect(size_t found, size_t expected)
{
    if (found == expected)
        return;
    fprintf(stderr, "%zu declarations are there, not %zu\n", found, expected);
    exit(1);
}

static void measure_first(struct pair *pair, struct ops *ops[2], struct flights *f, size_t count)
{
    put_all(f, count, 100, true);
    double begun = now_s();
    tell(f);
    double said = now_s();
    pair_exchange(pair, 0);
    double kept = now_s();
    expect(has(&pair->side[1], ops[1], 1), count);
    printf("%zu declarations said in %.2f s (%.0f/s), carried and kept in %.2f s (%.0f/s)\n", count,
           said - begun, (double)count / (said - begun), kept - said,
           (double)count / (kept - said));
}

static void measure_resume(struct pair *pair, struct ops *ops[2], struct flights *f, size_t count)
{
    (void)side_say(&pair->side[1], pair->line, "line.suspend", "{'reason':'talks'}");
    pair_exchange(pair, 1);
    put_all(f, count, 150, false);
    tell(f); /* to a suspended line: nothing */
    pair_exchange(pair, 0);
    expect(has(&pair->side[1], ops[1], 2), 0);
    double begun = now_s(), used = used_s();
    (void)side_say(&pair->side[1], pair->line, "line.resume", "{'reason':'talks'}");
    pair_exchange(pair, 1);
    tell(f);
    pair_exchange(pair, 0);
    double took = now_s() - begun;
    expect(has(&pair->side[1], ops[1], 2), count);
    printf("resumed after %zu missed changes: the other side has them all in %.2f s (%.0f/s,"
           " %.2f s of the processor)\n",
           count, took, (double)count / took, used_s() - used);
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
    char made[] = "/tmp/tafadi-bench-declare-XXXXXX", north[64], south[64], why[SQL_WHY_SIZE];
    const char *where[2] = {north, south};
    struct ops *ops[2];
    struct line_extension extensions[2][OPS_EXTENSIONS];
    struct pair pair;
    if (!mkdtemp(made))
        return 1;
    snprintf(north, sizeof north, "%s/north.db", made);
    snprintf(south, sizeof south, "%s/south.db", made);
    pair_open(&pair, where);
    for (int i = 0; i < 2; i++) {
        must(ops_prepare(pair.side[i].sql, why), "tables");
        must(ops_new(&ops[i]), "memory");
        ops_extensions(ops[i], extensions[i]);
        pair.side[i].c.extensions = extensions[i];
        pair.side[i].c.extension_count = OPS_EXTENSIONS;
    }
    pair_open_line(&pair);
    agree(&pair);
    struct flights flights = {.side = &pair.side[0], .ops = ops[0]};
    measure_first(&pair, ops, &flights, count);
    measure_resume(&pair, ops, &flights, count);
    for (int i = 0; i < 2; i++)
        ops_free(ops[i]);
    pair_close(&pair);
    for (int i = 0; i < 2; i++)
        unlink(where[i]); /* closed: its log is in it */
    rmdir(made);
    return 0;
}
