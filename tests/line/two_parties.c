/*
 * two_parties.c - see two_parties.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/witness.h"
#include "two_parties.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const names[2] = {"north.example", "south.example"};

void side_open(struct side *side, int which, const char *where)
{
    uint8_t seed[KEY_SEED_SIZE];
    char why[SQL_WHY_SIZE];
    memset(seed, 17 + which, sizeof seed);
    assert_int_equal(key_from_seed(seed, &side->key), TF_OK);
    assert_int_equal(sql_open(where, &side->sql, why), TF_OK);
    enum tf_status rc = line_prepare(side->sql, why);
    if (rc)
        fail_msg("%s", why);
    side->c = (struct line_context){
        .sql = side->sql, .key = side->key, .now_us = T0_US, .actor = "officer-7"};
    struct card *card = &side->c.card;
    snprintf(card->id, sizeof card->id, "%s", names[which]);
    snprintf(card->title, sizeof card->title, "Cell %d", which);
    snprintf(card->ledger, sizeof card->ledger, "%s/ledger", names[which]);
    card->key = key_public_of(side->key);
    card->made_ns = T0_US * 1000;
    rc = ledger_open(side->sql, card->ledger, side->key, &side->ledger, why);
    if (rc)
        fail_msg("%s", why);
    side->c.ledger = side->ledger;
    side->card = (struct tf_buf)TF_BUF_INIT(CARD_TEXT_MAX);
    assert_int_equal(card_write(card, side->key, &side->card), TF_OK);
}

static void begin(struct side *side)
{
    assert_int_equal(sql_begin(side->sql), TF_OK);
}

/* Commits, or undoes. */
static enum tf_status end(struct side *side, enum tf_status rc)
{
    if (!rc)
        return sql_commit(side->sql);
    sql_rollback(side->sql);
    ledger_forget(side->ledger);
    return rc;
}

static void know(struct side *side, const struct side *other)
{
    struct card card;
    struct tf_fault fault;
    begin(side);
    enum tf_status rc = line_add_party(&side->c, other->card.data, other->card.len, &card, &fault);
    assert_int_equal(end(side, rc), TF_OK);
}

/* A server's database, emptied. */
static const char *server_of(int which)
{
    const char *where = getenv(which ? "TAFADI_TEST_DATABASE_2" : "TAFADI_TEST_DATABASE");
    char why[SQL_WHY_SIZE];
    struct sql *sql;
    if (!where)
        return ":memory:";
    assert_int_equal(sql_open(where, &sql, why), TF_OK);
    assert_int_equal(sql_script(sql, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"), TF_OK);
    sql_close(sql);
    return where;
}

void pair_open(struct pair *pair, const char *const where[2])
{
    memset(pair, 0, sizeof *pair);
    for (int i = 0; i < 2; i++)
        side_open(&pair->side[i], i, where ? where[i] : server_of(i));
    know(&pair->side[0], &pair->side[1]);
    know(&pair->side[1], &pair->side[0]);
    line_id_of(&pair->side[0].c.card, &pair->side[1].c.card, 1, pair->line);
}

void side_close(struct side *side)
{
    ledger_close(side->ledger);
    sql_close(side->sql);
    key_free(side->key);
    tf_buf_release(&side->card);
}

void pair_close(struct pair *pair)
{
    for (int i = 0; i < 2; i++)
        side_close(&pair->side[i]);
}

void pair_pass_time(struct pair *pair, int64_t us)
{
    for (int i = 0; i < 2; i++)
        pair->side[i].c.now_us += us;
}

void pair_open_line(struct pair *pair)
{
    for (int i = 0; i < 2; i++) {
        struct side *side = &pair->side[i];
        char id[LINE_ID_SIZE];
        struct tf_fault fault;
        begin(side);
        enum tf_status rc = line_open(&side->c, names[1 - i], "head-of-cell", id, &fault);
        assert_int_equal(end(side, rc), TF_OK);
        memcpy(pair->line, id, sizeof id);
        pair_exchange(pair, i);
    }
}

/* --- calls --------------------------------------------------------------------------------------
 */

static json_t *json(const char *text)
{
    char *copy = strdup(text);
    json_error_t error;
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    json_t *value = json_loads(copy, 0, &error);
    if (!value)
        fail_msg("%s: %s", text, error.text);
    free(copy);
    return value;
}

enum tf_status side_try(struct side *side, const char *line, const char *type, const char *body,
                        int64_t *seq, struct tf_fault *fault)
{
    struct tf_fault own;
    int64_t said = 0;
    json_t *value = json(body);
    const struct line_draft draft = {.type = type, .role = "duty-officer", .body = value};
    begin(side);
    enum tf_status rc = line_say(&side->c, line, &draft, &said, fault ? fault : &own);
    rc = end(side, rc);
    json_decref(value);
    if (!rc && seq)
        *seq = said;
    return rc;
}

int64_t side_say(struct side *side, const char *line, const char *type, const char *body)
{
    struct tf_fault fault = {.message = ""};
    char text[512];
    int64_t seq = 0;
    enum tf_status rc = side_try(side, line, type, body, &seq, &fault);
    if (rc) {
        tf_fault_text(&fault, fault.message, text, sizeof text);
        fail_msg("%s %s: %d %s: %s (%s)", type, body, rc, fault.field, text, sql_why(side->sql));
    }
    return seq;
}

void side_collect(struct side *side, const char *line, struct tf_buf *post)
{
    assert_int_equal(ledger_sign(side->ledger, side->c.now_us), TF_OK);
    *post = (struct tf_buf)TF_BUF_INIT(LINE_POST_MAX);
    begin(side);
    enum tf_status rc = line_collect(&side->c, line, post);
    if (end(side, rc))
        fail_msg("collect: %d %s", rc, sql_why(side->sql));
}

void post_each_message(const struct tf_buf *post,
                       void (*visit)(void *ctx, const struct message *message), void *ctx)
{
    json_t *json = json_loadb(post->data, post->len, 0, NULL), *envelope;
    size_t i, len;
    json_array_foreach(json_object_get(json, "envelopes"), i, envelope)
    {
        uint8_t payload[ENVELOPE_PAYLOAD_MAX + 1];
        struct message message;
        struct tf_fault fault;
        const json_t *text = json_object_get(envelope, "payload");
        assert_true(key_unbase64_some(json_string_value(text), json_string_length(text), payload,
                                      ENVELOPE_PAYLOAD_MAX, &len));
        assert_int_equal(message_parse((const char *)payload, len, &message, &fault), TF_OK);
        visit(ctx, &message);
        message_release(&message);
    }
    json_decref(json);
}

struct line_taken side_take(struct side *side, const struct tf_buf *post)
{
    struct line_taken taken = {.applied = 0};
    struct tf_fault fault = {.field = ""};
    begin(side);
    enum tf_status rc = line_take(&side->c, post->data, post->len, &taken, &fault);
    if (end(side, rc))
        fail_msg("take: %d %s %s", rc, fault.field, sql_why(side->sql));
    return taken;
}

void pair_exchange(struct pair *pair, int from)
{
    struct tf_buf post;
    bool goes_on = true;
    for (int i = 0; goes_on; i++) {
        assert_true(i < 4000);
        struct side *a = &pair->side[from], *b = &pair->side[1 - from];
        side_collect(a, pair->line, &post);
        struct line_taken there = side_take(b, &post), here = {.has_more = false};
        tf_buf_release(&post);
        if (there.may_answer) {
            side_collect(b, pair->line, &post);
            here = side_take(a, &post);
            tf_buf_release(&post);
        }
        goes_on = here.has_more;
    }
}

bool side_tick(struct side *side, const char *line, int64_t *next_us)
{
    bool wants;
    int64_t next;
    begin(side);
    enum tf_status rc = line_tick(&side->c, line, &next, &wants);
    if (end(side, rc))
        fail_msg("tick: %d %s", rc, sql_why(side->sql));
    if (next_us)
        *next_us = next;
    return wants;
}

void pair_run(struct pair *pair, int64_t us, int64_t step_us)
{
    for (int64_t t = 0; t < us; t += step_us) {
        for (int i = 0; i < 2; i++)
            if (side_tick(&pair->side[i], pair->line, NULL))
                pair_exchange(pair, i);
        pair_pass_time(pair, step_us);
    }
}

struct line_info side_info(struct side *side, const char *line)
{
    struct line_info info;
    assert_int_equal(line_find(&side->c, line, &info), TF_OK);
    return info;
}

/* --- by hand -------------------------------------------------------------------------------- */

static void address(const struct pair *pair, int from, char *line, char *by, char *to)
{
    memcpy(line, pair->line, LINE_ID_SIZE);
    memcpy(by, pair->side[from].c.card.id, KEY_NAME_SIZE);
    memcpy(to, pair->side[1 - from].c.card.id, KEY_NAME_SIZE);
}

static void forge(const struct key_secret *key, const char *type, const struct tf_buf *payload,
                  struct tf_buf *out, uint8_t hash[KEY_HASH_SIZE])
{
    assert_int_equal(envelope_make(key, type, payload->data, payload->len, out, hash), TF_OK);
}

void forge_message(const struct pair *pair, int from, const struct key_secret *key, int64_t seq,
                   const uint8_t *prev, const char *type, const char *body, struct tf_buf *out,
                   uint8_t hash[KEY_HASH_SIZE])
{
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    struct message m = {.seq = seq, .sent_us = pair->side[from].c.now_us, .role = "duty-officer"};
    address(pair, from, m.line, m.from, m.to);
    if (prev)
        memcpy(m.prev, prev, KEY_HASH_SIZE);
    snprintf(m.type_name, sizeof m.type_name, "%s", type);
    m.body = json(body);
    assert_int_equal(message_print(&m, &payload), TF_OK);
    forge(key ? key : pair->side[from].key, ENVELOPE_MESSAGE, &payload, out, hash);
    message_release(&m);
    tf_buf_release(&payload);
}

void forge_receipt(const struct pair *pair, int from, int64_t of,
                   const uint8_t envelope[KEY_HASH_SIZE], struct tf_buf *out)
{
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    struct receipt r = {.of = of, .ledger_index = 1, .received_us = pair->side[from].c.now_us};
    address(pair, from, r.line, r.from, r.to);
    memcpy(r.envelope, envelope, KEY_HASH_SIZE);
    assert_int_equal(receipt_print(&r, &payload), TF_OK);
    forge(pair->side[from].key, ENVELOPE_RECEIPT, &payload, out, hash);
    tf_buf_release(&payload);
}

void forge_beat(const struct pair *pair, int from, int64_t at_us, int64_t have, int64_t sent,
                struct tf_buf *out)
{
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    struct beat beat = {.at_us = at_us, .have = have, .sent = sent};
    address(pair, from, beat.line, beat.from, beat.to);
    assert_int_equal(beat_print(&beat, &payload), TF_OK);
    forge(pair->side[from].key, ENVELOPE_BEAT, &payload, out, hash);
    tf_buf_release(&payload);
}

void forge_post(const struct pair *pair, int from, const char *members, struct tf_buf *out)
{
    *out = (struct tf_buf)TF_BUF_INIT(LINE_POST_MAX);
    tf_buf_text(out, "{\"format\":\"tafadi-post/v1\"");
    tf_buf_printf(out, ",\"line\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"", pair->line,
                  pair->side[from].c.card.id, pair->side[1 - from].c.card.id);
    tf_buf_text(out, members ? members : "");
    tf_buf_char(out, '}');
    assert_int_equal(tf_buf_status(out), TF_OK);
}

struct line_taken forge_and_take(struct pair *pair, int from, const struct tf_buf *envelopes)
{
    struct tf_buf members = TF_BUF_INIT(LINE_POST_MAX), post;
    tf_buf_text(&members, ",\"envelopes\":[");
    tf_buf_append(&members, envelopes->data, envelopes->len);
    tf_buf_char(&members, ']');
    forge_post(pair, from, members.data, &post);
    struct line_taken taken = side_take(&pair->side[1 - from], &post);
    tf_buf_release(&members);
    tf_buf_release(&post);
    return taken;
}

void last_heard(struct pair *pair, int to, int64_t *seq, uint8_t hash[KEY_HASH_SIZE])
{
    struct seen_message m;
    *seq = side_info(&pair->side[to], pair->line).peer_seq;
    assert_true(side_message(&pair->side[to], pair->line, false, *seq, &m));
    memcpy(hash, m.hash, KEY_HASH_SIZE);
}

/* --- looking
 * -------------------------------------------------------------------------------------- */

struct looking {
    int64_t seq;
    struct seen_message *out;
    bool found;
};

static void copy(char *out, size_t size, const char *text, size_t len)
{
    snprintf(out, size, "%.*s", (int)len, text ? text : "");
}

static bool look(void *ctx, const struct line_message *m)
{
    struct looking *looking = ctx;
    struct seen_message *out = looking->out;
    looking->found = m->seq == looking->seq;
    *out = (struct seen_message){.seq = m->seq,
                                 .receipt_us = m->receipt_us,
                                 .seen_us = m->seen_us,
                                 .forwarded_us = m->forwarded_us,
                                 .answered_us = m->answered_us,
                                 .superseded_by = m->superseded_by,
                                 .rung = m->rung,
                                 .deliver_by_us = m->deliver_by_us,
                                 .seen_by_us = m->seen_by_us,
                                 .answer_by_us = m->answer_by_us,
                                 .is_late = m->is_late,
                                 .is_void = m->is_void,
                                 .has_receipt = m->receipt != NULL};
    copy(out->type, sizeof out->type, m->type, strlen(m->type));
    copy(out->assessment, sizeof out->assessment, m->assessment, 31);
    copy(out->seen_role, sizeof out->seen_role, m->seen_role, 31);
    copy(out->payload, sizeof out->payload, m->payload, m->payload_len);
    copy(out->envelope, sizeof out->envelope, m->envelope, m->envelope_len);
    memcpy(out->hash, m->hash, KEY_HASH_SIZE);
    return false;
}

bool side_message(struct side *side, const char *line, bool is_own, int64_t seq,
                  struct seen_message *out)
{
    struct looking looking = {.seq = seq, .out = out};
    assert_int_equal(line_each_message(&side->c, line, is_own, seq - 1, 1, look, &looking), TF_OK);
    return looking.found;
}

struct counting {
    const char *kind;
    int64_t seq;
    int count;
    char *role;
};

static bool count_alarm(void *ctx, const struct line_alarm *alarm)
{
    struct counting *counting = ctx;
    if ((counting->kind && strcmp(counting->kind, alarm->kind) != 0) ||
        (counting->seq && counting->seq != alarm->seq))
        return true;
    counting->count++;
    if (counting->role)
        snprintf(counting->role, MESSAGE_ROLE_SIZE, "%s", alarm->role);
    return true;
}

int side_alarms(struct side *side, const char *line, const char *kind, int64_t seq,
                char role[MESSAGE_ROLE_SIZE])
{
    struct counting counting = {.kind = kind, .seq = seq, .role = role};
    assert_int_equal(line_each_alarm(&side->c, line, false, count_alarm, &counting), TF_OK);
    return counting.count;
}

static bool count_evidence(void *ctx, const struct line_evidence *evidence)
{
    struct counting *counting = ctx;
    counting->count += strcmp(evidence->kind, counting->kind) == 0;
    return true;
}

int side_evidence(struct side *side, const char *line, const char *kind)
{
    struct counting counting = {.kind = kind};
    assert_int_equal(line_each_evidence(&side->c, line, count_evidence, &counting), TF_OK);
    return counting.count;
}

/* --- invariants ----------------------------------------------------------------------------------
 */

static int64_t number(struct side *side, const char *text, const char *line)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(side->sql, text, SQL_ARGS(sql_text(line)), &rows);
    if (rc)
        fail_msg("%s: %s", text, sql_why(side->sql));
    int64_t value = sql_at(&rows, 0, 0)->number;
    sql_rows_release(&rows);
    return value;
}

struct chain {
    int64_t seq;
    uint8_t hash[KEY_HASH_SIZE];
};

static bool follow(void *ctx, const struct line_message *m)
{
    struct chain *chain = ctx;
    struct message message;
    struct tf_fault fault;
    assert_int_equal(m->seq, chain->seq + 1);
    assert_int_equal(message_parse(m->payload, m->payload_len, &message, &fault), TF_OK);
    assert_int_equal(message.seq, m->seq);
    assert_memory_equal(message.prev, chain->hash, KEY_HASH_SIZE);
    memcpy(chain->hash, m->hash, KEY_HASH_SIZE);
    chain->seq = m->seq;
    message_release(&message);
    return true;
}

/* Counters are what they count; chains have no gap; the ledger verifies. */
void side_check(struct side *side, const char *line)
{
    struct line_info info = side_info(side, line);
    char why[SQL_WHY_SIZE] = "";
    assert_int_equal(
        number(side, "SELECT count(*) FROM line_alarm WHERE line = $1 AND cleared_us = 0", line),
        info.open_alarms);
    assert_int_equal(number(side,
                            "SELECT count(*) FROM line_message WHERE line = $1 AND own = 0"
                            " AND open <> 0",
                            line),
                     info.waiting);
    assert_int_equal(number(side,
                            "SELECT count(*) FROM line_message WHERE line = $1 AND own = 1"
                            " AND receipt_us = 0 AND open % 2 = 0 AND deliver_by_us > 0",
                            line),
                     0);
    assert_int_equal(info.state, line_state_of(info.own, info.other, info.is_degraded));
    for (int own = 0; own < 2; own++) {
        struct chain chain = {.seq = 0};
        int64_t last = own ? info.own_seq : info.peer_seq;
        while (chain.seq < last)
            assert_int_equal(
                line_each_message(&side->c, line, own, chain.seq, 1000, follow, &chain), TF_OK);
        assert_int_equal(chain.seq, last);
    }
    assert_int_equal(ledger_sign(side->ledger, side->c.now_us), TF_OK);
    if (ledger_verify(side->ledger, NULL, NULL, why))
        fail_msg("%s", why);
}

void side_rotate(struct side *side, const char *line, struct key_secret *next,
                 enum tf_status (*within)(const struct line_context *c))
{
    struct tf_fault fault;
    int64_t seq;
    char why[SQL_WHY_SIZE];
    assert_int_equal(ledger_sign(side->ledger, side->c.now_us), TF_OK);
    assert_int_equal(sql_begin(side->sql), TF_OK);
    assert_int_equal(line_rotate(&side->c, line, next, "admin", &seq, &fault), TF_OK);
    assert_int_equal(within ? within(&side->c) : TF_OK, TF_OK);
    assert_int_equal(ledger_rotate(side->ledger, next, side->c.now_us), TF_OK);
    assert_int_equal(sql_commit(side->sql), TF_OK);
    ledger_close(side->ledger);
    key_free(side->key);
    side->key = next;
    side->c.key = next;
    side->c.card.key = key_public_of(next);
    assert_int_equal(ledger_open(side->sql, side->c.card.ledger, next, &side->ledger, why), TF_OK);
    side->c.ledger = side->ledger;
}

/* And both agree. */
void pair_check(struct pair *pair)
{
    struct line_info info[2];
    for (int i = 0; i < 2; i++) {
        side_check(&pair->side[i], pair->line);
        info[i] = side_info(&pair->side[i], pair->line);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(info[i].own, info[1 - i].other);
        assert_int_equal(info[i].peer_seq, info[1 - i].own_seq);
        assert_int_equal(info[i].own_receipted, info[i].own_seq);
        assert_int_equal(info[i].memo_number, info[1 - i].memo_number);
    }
    assert_int_equal(info[0].state, info[1].state);
}
