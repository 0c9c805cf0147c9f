/*
 * enemy.c - who holds the network, and a party that breaks every rule with a valid key.
 */
#include "sim.h"

#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include <stdio.h>
#include <stdlib.h>
#include <tafadi/time.h>

/* --- on the network ------------------------------------------------------------------------ */

static void dump(json_t *json, struct tf_buf *out)
{
    char *text = json_dumps(json, JSON_COMPACT);
    tf_buf_clear(out);
    if (text)
        tf_buf_append(out, text, strlen(text));
    free(text);
}

/* Parts taken away, doubled, in another order; what is not signed changed. */
static void rearrange(struct world *w, struct tf_buf *bytes)
{
    static const char *const parts[] = {"beat", "envelopes", "receipts", "returned",   "checkpoint",
                                        "old",  "proof",     "seen",     "cosignature"};
    json_t *post = json_loadb(bytes->data, bytes->len, 0, NULL);
    if (!post)
        return;
    const char *part = parts[below(w, sizeof parts / sizeof parts[0])];
    json_t *value = json_object_get(post, part);
    switch (below(w, 4)) {
    case 0:
        json_object_del(post, part);
        break;
    case 1:
        if (json_is_array(value) && json_array_size(value) > 1) {
            json_t *first = json_incref(json_array_get(value, 0));
            json_array_remove(value, 0);
            json_array_append_new(value, first);
        }
        break;
    case 2:
        if (json_is_array(value) && json_array_size(value) > 0)
            json_array_append(value, json_array_get(value, below(w, json_array_size(value))));
        break;
    default:
        if (json_is_integer(value))
            json_object_set_new(post, part, json_integer((json_int_t)below(w, 2000)));
        break;
    }
    dump(post, bytes);
    json_decref(post);
}

/* Envelopes of another post put into this one. */
static void mix(struct world *w, struct tf_buf *bytes)
{
    if (w->kept_count == 0)
        return;
    const struct tf_buf *old = &w->kept[below(w, w->kept_count)].bytes;
    json_t *post = json_loadb(bytes->data, bytes->len, 0, NULL);
    json_t *other = json_loadb(old->data, old->len, 0, NULL);
    static const char *const parts[] = {"envelopes", "receipts", "returned", "beat", "checkpoint"};
    const char *part = parts[below(w, 5)];
    json_t *value = json_object_get(other, part);
    if (post && value)
        json_object_set(post, part, value);
    if (post)
        dump(post, bytes);
    json_decref(post);
    json_decref(other);
}

/* A signature of another thing, or none at all. */
static void forge(struct world *w, struct tf_buf *bytes)
{
    static const char *const parts[] = {"envelopes", "receipts", "beat"};
    json_t *post = json_loadb(bytes->data, bytes->len, 0, NULL);
    json_t *at = json_object_get(post, parts[below(w, 3)]);
    if (json_is_array(at) && json_array_size(at) > 0)
        at = json_array_get(at, below(w, json_array_size(at)));
    json_t *signature = json_array_get(json_object_get(at, "signatures"), 0);
    char sig[2 * KEY_SIGNATURE_SIZE];
    memset(sig, 'A', sizeof sig);
    memcpy(sig + 86, "==", 3);
    if (signature)
        json_object_set_new(signature, "sig", json_string(sig));
    if (post)
        dump(post, bytes);
    json_decref(post);
}

/* A stranger's receipt for the envelope. */
static json_t *false_receipt(const struct key_secret *key, const json_t *json, const char *from,
                             const char *to)
{
    struct envelope envelope = {.payload = NULL};
    struct message message;
    struct tf_fault why;
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX), out = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    struct receipt receipt = {.ledger_index = 1, .received_us = INT64_C(1795000000) * SECOND_US};
    json_t *result = NULL;
    if (envelope_read(json, &envelope, &why) == TF_OK &&
        message_parse(envelope.payload, envelope.payload_len, &message, &why) == TF_OK) {
        snprintf(receipt.line, sizeof receipt.line, "%s", message.line);
        snprintf(receipt.from, sizeof receipt.from, "%s", from);
        snprintf(receipt.to, sizeof receipt.to, "%s", to);
        receipt.of = message.seq;
        memcpy(receipt.envelope, envelope.hash, KEY_HASH_SIZE);
        uint8_t hash[KEY_HASH_SIZE];
        if (receipt_print(&receipt, &payload) == TF_OK &&
            envelope_make(key, ENVELOPE_RECEIPT, payload.data, payload.len, &out, hash) == TF_OK)
            result = json_loadb(out.data, out.len, 0, NULL);
        message_release(&message);
    }
    tf_buf_release(&payload);
    tf_buf_release(&out);
    envelope_release(&envelope);
    return result;
}

/* Who sees a post go by, and answers it as if it had arrived. */
void enemy_answer(struct world *w, unsigned from, unsigned to, const struct tf_buf *bytes)
{
    size_t i;
    const json_t *item;
    struct key_secret *stranger;
    uint8_t seed[KEY_SEED_SIZE] = {(uint8_t)below(w, 256)};
    json_t *post = json_loadb(bytes->data, bytes->len, 0, NULL), *receipts = json_array();
    const char *a = w->nodes[from]->card.id, *b = w->nodes[to]->card.id;
    if (key_from_seed(seed, &stranger))
        world_fail(w, "no key");
    json_array_foreach(json_object_get(post, "envelopes"), i, item)
    {
        json_t *receipt = false_receipt(stranger, item, b, a);
        if (receipt)
            json_array_append_new(receipts, receipt);
    }
    const char *line = json_string_value(json_object_get(post, "line"));
    json_t *answer = json_pack("{s:s,s:s,s:s,s:s,s:o}", "format", "tafadi-post/v1", "line",
                               line ? line : "", "from", b, "to", a, "receipts", receipts);
    struct tf_buf out = TF_BUF_INIT(LINE_POST_MAX);
    dump(answer, &out);
    network_send(w, PACKET_FILE, to, from, &out);
    key_free(stranger);
    json_decref(answer);
    json_decref(post);
}

void enemy_tamper(struct world *w, struct tf_buf *bytes)
{
    if (bytes->len == 0)
        return;
    switch (below(w, 5)) {
    case 0:
        bytes->len = (size_t)below(w, bytes->len);
        bytes->data[bytes->len] = '\0';
        break;
    case 1:
        for (uint64_t i = 1 + below(w, 4); i > 0; i--)
            bytes->data[below(w, bytes->len)] = (char)below(w, 256);
        break;
    case 2:
        mix(w, bytes);
        break;
    case 3:
        forge(w, bytes);
        break;
    default:
        rearrange(w, bytes);
        break;
    }
    world_trace(w, "a packet is changed under way");
}

/* --- as a peer ---------------------------------------------------------------------------------
 */

/* What the victim has of us decides what hurts. */
struct aim {
    struct node *enemy, *victim;
    struct line_info info; /* as the victim sees it */
    uint8_t last[KEY_HASH_SIZE];
};

static bool last_hash(void *ctx, const struct line_message *message)
{
    memcpy(ctx, message->hash, KEY_HASH_SIZE);
    return true;
}

static json_t *envelope_of(const struct key_secret *key, const char *type,
                           const struct tf_buf *payload, uint8_t hash[KEY_HASH_SIZE])
{
    struct tf_buf out = TF_BUF_INIT(ENVELOPE_TEXT_MAX);
    json_t *json = NULL;
    if (envelope_make(key, type, payload->data, payload->len, &out, hash) == TF_OK)
        json = json_loadb(out.data, out.len, 0, NULL);
    tf_buf_release(&out);
    return json;
}

static json_t *craft_message(const struct aim *aim, const struct key_secret *key, const char *from,
                             int64_t seq, const uint8_t *prev, const char *type, json_t *body,
                             uint8_t hash[KEY_HASH_SIZE])
{
    struct world *w = aim->enemy->world;
    struct message message = {.seq = seq, .sent_us = node_now(aim->enemy), .body = body};
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    json_t *json = NULL;
    snprintf(message.line, sizeof message.line, "%s", aim->info.id);
    snprintf(message.from, sizeof message.from, "%s", from);
    snprintf(message.to, sizeof message.to, "%s", aim->victim->card.id);
    snprintf(message.type_name, sizeof message.type_name, "%s", type);
    message.type = message_type_named(type, strlen(type));
    snprintf(message.role, sizeof message.role, "duty-officer");
    memcpy(message.prev, prev, KEY_HASH_SIZE);
    if (chance(w, 10))
        message.sent_us -= 30 * 24 * HOUR_US;
    if (chance(w, 20))
        message.seen_by_us = chance(w, 50) ? 1000000 : message.sent_us + MINUTE_US;
    if (message_print(&message, &payload) == TF_OK)
        json = envelope_of(key, ENVELOPE_MESSAGE, &payload, hash);
    if (json && key == aim->enemy->key)
        record_word(aim->enemy, node_record(aim->enemy, aim->info.id), seq, hash);
    tf_buf_release(&payload);
    json_decref(body);
    return json;
}

static json_t *craft_beat(const struct aim *aim)
{
    struct world *w = aim->enemy->world;
    struct beat beat = {.at_us = node_now(aim->enemy),
                        .have = aim->info.own_seq,
                        .sent = aim->info.peer_seq,
                        .receipted = aim->info.peer_seq};
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    snprintf(beat.line, sizeof beat.line, "%s", aim->info.id);
    snprintf(beat.from, sizeof beat.from, "%s", aim->enemy->card.id);
    snprintf(beat.to, sizeof beat.to, "%s", aim->victim->card.id);
    switch (below(w, 7)) {
    case 0:
        beat.have += 1 + (int64_t)below(w, 1000); /* you have said more than you know */
        break;
    case 1:
        beat.sent += 1 + (int64_t)below(w, 1000000);
        break;
    case 2:
        beat.at_us += between_us(w, -HOUR_US, HOUR_US);
        break;
    case 3:
        beat.return_from = 1 + (int64_t)below(w, 40);
        break;
    case 4:
        beat.receipted = (int64_t)below(w, 1000);
        break;
    case 5:
        beat.have = 0;
        break;
    default:
        break;
    }
    json_t *json = NULL;
    if (beat_print(&beat, &payload) == TF_OK)
        json = envelope_of(aim->enemy->key, ENVELOPE_BEAT, &payload, hash);
    tf_buf_release(&payload);
    return json;
}

static json_t *craft_receipt(const struct aim *aim)
{
    struct world *w = aim->enemy->world;
    struct receipt receipt = {.of = 1 + (int64_t)below(w, (uint64_t)aim->info.own_seq + 4),
                              .ledger_index = (int64_t)below(w, 1000),
                              .received_us = node_now(aim->enemy)};
    struct tf_buf payload = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    uint8_t hash[KEY_HASH_SIZE];
    for (size_t i = 0; i < sizeof receipt.envelope; i++)
        receipt.envelope[i] = (uint8_t)below(w, 256);
    snprintf(receipt.line, sizeof receipt.line, "%s", aim->info.id);
    snprintf(receipt.from, sizeof receipt.from, "%s", aim->enemy->card.id);
    snprintf(receipt.to, sizeof receipt.to, "%s", aim->victim->card.id);
    json_t *json = NULL;
    if (receipt_print(&receipt, &payload) == TF_OK)
        json = envelope_of(aim->enemy->key, ENVELOPE_RECEIPT, &payload, hash);
    tf_buf_release(&payload);
    return json;
}

/* A ledger that never was. */
static json_t *craft_checkpoint(const struct aim *aim)
{
    struct world *w = aim->enemy->world;
    struct ledger_hash root;
    struct note_key key;
    struct tf_buf text = TF_BUF_INIT(LEDGER_NOTE_MAX);
    json_t *json = NULL;
    for (size_t i = 0; i < sizeof root.bytes; i++)
        root.bytes[i] = (uint8_t)below(w, 256);
    checkpoint_print(aim->enemy->card.ledger, 1 + below(w, 400), &root, &text);
    size_t len = text.len;
    if (note_key_make(aim->enemy->card.ledger, NOTE_ED25519, &aim->enemy->card.key, &key)) {
        tf_buf_char(&text, '\n');
        note_sign(text.data, len, &key, aim->enemy->key, &text);
        json = json_stringn(text.data, text.len);
    }
    tf_buf_release(&text);
    return json;
}

static void craft_envelopes(const struct aim *aim, json_t *envelopes)
{
    static const char *const acts[] = {"line.open",    "line.suspend", "line.resume", "text",
                                       "ack.seen",     "ack.answered", "memo.accept", "withdraw",
                                       "memo.propose", "danger",       "x.new"};
    static const char *const bodies[] = {
        "{\"round\":1}",
        "{\"reason\":\"so\"}",
        "{\"reason\":\"so\"}",
        "{\"text\":\"t\",\"lang\":\"en\"}",
        "{\"of\":99999}",
        "{\"of\":1,\"assessment\":\"noted\"}",
        "{\"document\":\"0000000000000000000000000000000000000000000000000000000000000000\"}",
        "{\"of\":99999,\"reason\":\"r\"}",
        "{\"document\":\"{\\\"format\\\":\\\"nothing\\\"}\"}",
        "{\"text\":\"t\",\"lang\":\"en\"}",
        "{}"};
    struct world *w = aim->enemy->world;
    size_t i = (size_t)below(w, 11);
    int64_t seq = aim->info.peer_seq + 1;
    const uint8_t *prev = aim->last;
    const struct key_secret *key = aim->enemy->key;
    const char *from = aim->enemy->card.id;
    static const uint8_t ones[KEY_HASH_SIZE] = {1, 1, 1};
    switch (below(w, 7)) {
    case 0: /* another word under an old number */
        seq = 1 + (int64_t)below(w, (uint64_t)seq);
        break;
    case 1: /* a history that is not ours */
        prev = ones;
        break;
    case 2: /* too early */
        seq += 1 + (int64_t)below(w, 5);
        break;
    case 3: /* in the name of another: with our key, or with none that is known */
        from = aim->victim->card.id;
        break;
    case 4:
        key = aim->victim->key == key ? key : NULL;
        break;
    default: /* well formed, whether it is allowed or not */
        break;
    }
    struct key_secret *stranger = NULL;
    if (!key && key_make(&stranger) == TF_OK)
        key = stranger;
    uint8_t hash[KEY_HASH_SIZE];
    json_t *json =
        craft_message(aim, key, from, seq, prev, acts[i], json_loads(bodies[i], 0, NULL), hash);
    if (json)
        json_array_append_new(envelopes, json);
    key_free(stranger);
}

/* Well formed, in order, and not allowed: it speaks on while it has suspended. */
static void craft_void(const struct aim *aim, json_t *envelopes)
{
    static const char *const types[] = {"line.suspend", "text", "line.open", "line.resume"};
    static const char *const bodies[] = {"{\"reason\":\"so\"}", "{\"text\":\"t\",\"lang\":\"en\"}",
                                         "{\"round\":1}", "{\"reason\":\"so\"}"};
    uint8_t hash[KEY_HASH_SIZE];
    const uint8_t *prev = aim->last;
    for (size_t i = 0; i < 4; i++) {
        json_t *json = craft_message(aim, aim->enemy->key, aim->enemy->card.id,
                                     aim->info.peer_seq + 1 + (int64_t)i, prev, types[i],
                                     json_loads(bodies[i], 0, NULL), hash);
        if (json)
            json_array_append_new(envelopes, json);
        prev = hash;
    }
}

static json_t *craft_post(const struct aim *aim)
{
    struct world *w = aim->enemy->world;
    json_t *envelopes = json_array(), *receipts = json_array();
    for (uint64_t i = below(w, 3); i > 0; i--)
        craft_envelopes(aim, envelopes);
    if (json_array_size(envelopes) == 0 && chance(w, 30))
        craft_void(aim, envelopes);
    if (chance(w, 30)) {
        json_t *receipt = craft_receipt(aim);
        if (receipt)
            json_array_append_new(receipts, receipt);
    }
    json_t *post =
        json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "format", "tafadi-post/v1", "line", aim->info.id,
                  "from", aim->enemy->card.id, "to", aim->victim->card.id, "envelopes", envelopes,
                  "receipts", receipts, "returned", json_array());
    if (chance(w, 90)) {
        json_t *beat = craft_beat(aim);
        if (beat)
            json_object_set_new(post, "beat", beat);
    }
    if (chance(w, 20)) {
        json_object_set_new(post, "checkpoint", craft_checkpoint(aim));
        json_object_set_new(post, "old", json_integer((json_int_t)below(w, 200)));
        json_object_set_new(post, "proof", json_array());
    }
    if (chance(w, 5))
        json_object_set_new(post, "line", json_string("00000000000000000000000000000000"));
    return post;
}

static void flood(struct node *enemy, unsigned victim)
{
    struct tf_buf bytes = TF_BUF_INIT(LINE_POST_MAX + 65536);
    char spaces[4096];
    memset(spaces, ' ', sizeof spaces);
    tf_buf_text(&bytes, "{\"format\":\"tafadi-post/v1\"");
    while (bytes.len <= LINE_POST_MAX)
        tf_buf_append(&bytes, spaces, sizeof spaces);
    tf_buf_text(&bytes, "}");
    network_send(enemy->world, PACKET_POST, enemy->number, victim, &bytes);
}

void enemy_act(struct node *enemy)
{
    struct world *w = enemy->world;
    unsigned victim = (enemy->number + 1 + (unsigned)below(w, w->node_count - 1)) % w->node_count;
    struct aim aim = {.enemy = enemy, .victim = w->nodes[victim]};
    struct line_context c = node_context(aim.victim);
    if (chance(w, 1)) {
        flood(enemy, victim);
        return;
    }
    if (line_find(&c, enemy->card.id, &aim.info))
        return;
    if (line_each_message(&c, aim.info.id, false, 0, 1000, last_hash, aim.last))
        world_fail(w, "%s: line_each_message", aim.victim->card.id);
    json_t *post = craft_post(&aim);
    struct tf_buf bytes = TF_BUF_INIT(LINE_POST_MAX);
    dump(post, &bytes);
    json_decref(post);
    world_trace(w, "the enemy posts to %s", aim.victim->card.id);
    network_send(w, PACKET_POST, enemy->number, victim, &bytes);
}
