/*
 * bench_declare.c - declarations over a line between two parties on this machine: so many
 * operations are said, carried, and kept by the other side as records that its checks meet. It is
 * also what happens when a line is resumed after so many changes were missed.
 *
 *     bench_declare [operations]
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static void put(struct side *side, struct ops *ops, size_t n, uint64_t *random)
{
    char id[32];
    struct tf_latlng at = {random_between(random, 40, 50), random_between(random, 0, 10)};
    struct tf_entity entity = {.kind = TF_KIND_UNCREWED, .state = TF_STATE_DRAFT};
    struct tf_shape *shape;
    struct tf_volume4 volume;
    struct tf_band band = tf_band_w84(100, 200);
    struct ops_verdict verdict;
    struct ops_written written;
    struct tf_fault fault;
    struct ops_who who = {.role = "duty-officer", .source = "bench"};
    int64_t start = side->c.now_us * 1000 + (int64_t)(random_between(random, 1, 24) * 3600e9);
    must(tf_shape_circle(at, 200, &shape, NULL), "circle");
    must(tf_volume4_make(shape, &band, start, start + TF_HOUR_NS, &volume, NULL), "volume");
    tf_shape_unref(shape);
    must(tf_entity_add_volume(&entity, &volume), "add");
    snprintf(id, sizeof id, "flight-%zu", n);
    must(tf_entity_set_text(&entity.id, id), "id");
    struct ops_draft draft = {.class = OPS_OPERATION, .entity = &entity};
    must(ops_put(ops, &side->c, &draft, &who, &verdict, &written, &fault), "put");
    ops_verdict_release(&verdict);
    struct ops_deed deed = {.class = OPS_OPERATION, .id = id, .act = OPS_ACT_SUBMIT};
    must(ops_act(ops, &side->c, &deed, &who, &verdict, &written, &fault), "submit");
    ops_verdict_release(&verdict);
    tf_entity_release(&entity);
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
    char made[] = "/tmp/tafadi-bench-declare-XXXXXX", north[64], south[64], why[SQL_WHY_SIZE];
    const char *where[2] = {north, south};
    struct ops *ops[2];
    struct line_extension extensions[2][OPS_EXTENSIONS];
    struct pair pair;
    uint64_t random = random_seed(20261128);
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
    for (size_t n = 0; n < count; n += BATCH) {
        must(sql_begin(pair.side[0].sql), "begin");
        for (size_t i = n; i < count && i < n + BATCH; i++)
            put(&pair.side[0], ops[0], i, &random);
        must(sql_commit(pair.side[0].sql), "commit");
    }
    double begun = now_s();
    must(sql_begin(pair.side[0].sql), "begin");
    must(ops_declare_due(ops[0], &pair.side[0].c, NULL, NULL), "declare");
    must(sql_commit(pair.side[0].sql), "commit");
    double said = now_s();
    pair_exchange(&pair, 0);
    double kept = now_s();
    printf("%zu declarations said in %.2f s (%.0f/s), carried and kept in %.2f s (%.0f/s)\n", count,
           said - begun, (double)count / (said - begun), kept - said,
           (double)count / (kept - said));
    for (int i = 0; i < 2; i++)
        ops_free(ops[i]);
    pair_close(&pair);
    return 0;
}
