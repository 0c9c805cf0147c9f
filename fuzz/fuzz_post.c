/*
 * fuzz_post.c - posts from anywhere to a party with an open line. The first byte says what the rest
 * is: a whole post; or what the other party signs as a message, a beat or a receipt, so that what
 * is behind the signatures is reached, too. Whatever comes, the line can go on: a post is made, a
 * tick is done, and all of it is taken back.
 */
#include "line/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define START_US INT64_C(1795572000000000)

struct node {
    struct sql *sql;
    struct ledger *ledger;
    struct key_secret *key;
    struct line_context c;
    struct tf_buf card;
};

static void need(bool condition)
{
    if (!condition)
        abort();
}

static void start(struct node *node, int which)
{
    static const char *const names[] = {"north.example", "south.example"};
    uint8_t seed[KEY_SEED_SIZE];
    char why[SQL_WHY_SIZE];
    memset(seed, 17 + which, sizeof seed);
    need(key_from_seed(seed, &node->key) == TF_OK &&
         sql_open(":memory:", &node->sql, why) == TF_OK);
    need(line_prepare(node->sql, why) == TF_OK);
    node->c =
        (struct line_context){.sql = node->sql, .key = node->key, .now_us = START_US, .actor = ""};
    struct card *card = &node->c.card;
    snprintf(card->id, sizeof card->id, "%s", names[which]);
    snprintf(card->title, sizeof card->title, "%s", names[which]);
    snprintf(card->ledger, sizeof card->ledger, "%s/ledger", names[which]);
    card->key = key_public_of(node->key);
    card->made_ns = START_US * 1000;
    need(ledger_open(node->sql, card->ledger, node->key, &node->ledger, why) == TF_OK);
    node->c.ledger = node->ledger;
    node->card = (struct tf_buf)TF_BUF_INIT(CARD_TEXT_MAX);
    need(card_write(card, node->key, &node->card) == TF_OK);
}

static void meet(struct node *node, const struct node *other, char line[LINE_ID_SIZE])
{
    struct card card;
    struct tf_fault fault;
    need(line_add_party(&node->c, other->card.data, other->card.len, &card, &fault) == TF_OK);
    need(line_open(&node->c, other->c.card.id, "head-of-cell", line, &fault) == TF_OK);
}

static void carry(const struct node *from, const struct node *to, const char *line)
{
    struct tf_buf post = TF_BUF_INIT(LINE_POST_MAX);
    struct line_taken taken;
    struct tf_fault fault;
    need(line_collect(&from->c, line, &post) == TF_OK);
    need(line_take(&to->c, post.data, post.len, &taken, &fault) == TF_OK);
    tf_buf_release(&post);
}

/* Two parties whose line is open; made once. */
struct world {
    struct node nodes[2];
    char line[LINE_ID_SIZE];
    bool is_made;
};

static struct world *world(void)
{
    static struct world w;
    if (w.is_made)
        return &w;
    for (int i = 0; i < 2; i++) {
        start(&w.nodes[i], i);
        need(sql_begin(w.nodes[i].sql) == TF_OK);
    }
    for (int i = 0; i < 2; i++)
        meet(&w.nodes[i], &w.nodes[1 - i], w.line);
    for (int i = 0; i < 4; i++)
        carry(&w.nodes[i % 2], &w.nodes[1 - i % 2], w.line);
    for (int i = 0; i < 2; i++)
        need(sql_commit(w.nodes[i].sql) == TF_OK);
    w.is_made = true;
    return &w;
}

/* {"format":...,"<name>":[<envelope>]} */
static void wrap(const struct world *w, char mode, const char *text, size_t len, struct tf_buf *out)
{
    const char *type = mode == 'm'   ? ENVELOPE_MESSAGE
                       : mode == 'b' ? ENVELOPE_BEAT
                                     : ENVELOPE_RECEIPT;
    const char *before = mode == 'm'   ? "\"envelopes\":["
                         : mode == 'b' ? "\"beat\":"
                                       : "\"receipts\":[";
    uint8_t hash[KEY_HASH_SIZE];
    tf_buf_printf(out, "{\"format\":\"tafadi-post/v1\",\"line\":\"%s\",", w->line);
    tf_buf_printf(out, "\"from\":\"south.example\",\"to\":\"north.example\",%s", before);
    if (len > ENVELOPE_PAYLOAD_MAX)
        len = ENVELOPE_PAYLOAD_MAX;
    need(envelope_make(w->nodes[1].key, type, text, len, out, hash) == TF_OK);
    tf_buf_text(out, mode == 'b' ? "}" : "]}");
}

static void take(const struct node *node, const char *line, const char *text, size_t len)
{
    struct line_taken taken;
    struct tf_fault fault;
    struct tf_buf post = TF_BUF_INIT(LINE_POST_MAX);
    struct line_info info;
    int64_t next_us;
    bool wants;
    need(sql_begin(node->sql) == TF_OK);
    enum tf_status rc = line_take(&node->c, text, len, &taken, &fault);
    need(rc == TF_OK || rc == TF_SYNTAX || rc == TF_NOT_FOUND || rc == TF_TOO_LARGE);
    if (rc == TF_OK) {
        need(line_tick(&node->c, line, &next_us, &wants) == TF_OK);
        need(line_collect(&node->c, line, &post) == TF_OK);
        need(line_find(&node->c, line, &info) == TF_OK);
        need(info.state == line_state_of(info.own, info.other, info.is_degraded));
    }
    tf_buf_release(&post);
    sql_rollback(node->sql);
    ledger_forget(node->ledger);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct world *w = world();
    const char *text = (const char *)data + 1;
    if (size < 1)
        return 0;
    if (data[0] == 'p') {
        take(&w->nodes[0], w->line, text, size - 1);
        return 0;
    }
    struct tf_buf post = TF_BUF_INIT(LINE_POST_MAX);
    wrap(w, (char)data[0], text, size - 1, &post);
    take(&w->nodes[0], w->line, post.data, post.len);
    tf_buf_release(&post);
    return 0;
}
