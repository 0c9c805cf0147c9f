/*
 * check_posts.c - what must be true of posts: of those that a node makes, and of what it does
 * with those that it takes; and of what passes with time.
 */
#include "sim.h"

#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include <stdio.h>
#include <stdlib.h>

/* --- what is on a disk ---------------------------------------------------------------------- */

struct looking {
    int64_t seq;
    const uint8_t *hash;
    bool is_there, has_receipt;
};

static bool look(void *ctx, const struct line_message *message)
{
    struct looking *looking = ctx;
    looking->is_there =
        message->seq == looking->seq && memcmp(message->hash, looking->hash, KEY_HASH_SIZE) == 0;
    looking->has_receipt = message->receipt != NULL;
    return false;
}

bool has_message(struct node *node, const char *line, bool is_own, int64_t seq, const uint8_t *hash,
                 bool *has_receipt)
{
    struct line_context c = node_context(node);
    struct looking looking = {.seq = seq, .hash = hash};
    if (line_each_message(&c, line, is_own, seq - 1, 1, look, &looking))
        world_fail(node->world, "%s: line_each_message: %s", node->card.id, sql_why(node->sql));
    if (has_receipt)
        *has_receipt = looking.has_receipt;
    return looking.is_there;
}

struct searching {
    const char *hex, *kind;
    bool is_there;
};

static bool has_text(const char *bytes, size_t len, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= len; i++)
        if (memcmp(bytes + i, text, n) == 0)
            return true;
    return false;
}

static bool search_entry(void *ctx, uint64_t index, const char *entry, size_t len)
{
    struct searching *that = ctx;
    (void)index;
    that->is_there = has_text(entry, len, that->hex) && has_text(entry, len, that->kind);
    return !that->is_there;
}

/* Whether an entry of this kind, from `first` on, names the hash. */
static bool is_in_ledger(struct node *node, uint64_t first, uint64_t limit, const char *kind,
                         const uint8_t *hash)
{
    char hex[2 * KEY_HASH_SIZE + 1], text[64];
    key_hex(hash, KEY_HASH_SIZE, hex);
    snprintf(text, sizeof text, "\"kind\":\"%s\"", kind);
    struct searching that = {.hex = hex, .kind = text};
    if (ledger_each(node->ledger, first, limit, search_entry, &that))
        world_fail(node->world, "%s: ledger_each: %s", node->card.id, sql_why(node->sql));
    return that.is_there;
}

/* --- what was looked at before -----------------------------------------------------------------
 */

enum { LOOKED_AT = 1 << 16 };
struct looked_at {
    uint64_t key[LOOKED_AT];
};

static uint64_t mix(uint64_t hash, const char *text)
{
    for (; text && *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
    return hash;
}

/* Stands for these bytes, at this node, since it was opened: what is on its disk stays there. */
static uint64_t key_of(const struct node *node, const json_t *json, uint64_t what)
{
    const json_t *signature = json_array_get(json_object_get(json, "signatures"), 0);
    uint64_t hash = UINT64_C(0xCBF29CE484222325) ^ node->world->serial << 32 ^ node->lives << 8 ^
                    node->number << 4 ^ what;
    hash = mix(hash, json_string_value(json_object_get(json, "payload")));
    return mix(hash, json_string_value(json_object_get(signature, "sig")));
}

static bool is_known(uint64_t key, bool from_now_on)
{
    static struct looked_at known;
    uint64_t *slot = &known.key[(key ^ key >> 32) % LOOKED_AT];
    bool is = *slot == key;
    if (from_now_on)
        *slot = key;
    return is;
}

/* --- posts that are made ------------------------------------------------------------------------
 */

static _Noreturn void bad(const struct node *node, const char *what)
{
    world_fail(node->world, "%s: %s", node->card.id, what);
}

static void check_made_receipt(struct node *node, const json_t *json)
{
    struct envelope envelope = {.payload = NULL};
    struct receipt receipt;
    struct tf_fault why;
    if (is_known(key_of(node, json, 1), true))
        return;
    if (envelope_read(json, &envelope, &why) || !is_by(&envelope, ENVELOPE_RECEIPT, node) ||
        receipt_parse(envelope.payload, envelope.payload_len, &receipt, &why))
        bad(node, "a receipt in its post is not its own");
    if (!has_message(node, receipt.line, false, receipt.of, receipt.envelope, NULL))
        bad(node, "a receipt for what is not on its disk");
    if (!is_in_ledger(node, (uint64_t)receipt.ledger_index, 1, "received", receipt.envelope))
        bad(node, "a receipt names an entry of the ledger that is of something else");
    envelope_release(&envelope);
}

static void check_made_envelope(struct node *node, const json_t *json)
{
    struct envelope envelope = {.payload = NULL};
    struct message message;
    struct tf_fault why;
    if (is_known(key_of(node, json, 2), true))
        return;
    if (envelope_read(json, &envelope, &why) || !is_by(&envelope, ENVELOPE_MESSAGE, node) ||
        message_parse(envelope.payload, envelope.payload_len, &message, &why))
        bad(node, "an envelope in its post is not its own");
    if (!has_message(node, message.line, true, message.seq, envelope.hash, NULL))
        bad(node, "an envelope goes that is not on its disk");
    record_word(node, node_record(node, message.line), message.seq, envelope.hash);
    message_release(&message);
    envelope_release(&envelope);
}

/* Signed by its key, and the ledger has grown beyond it. */
static void check_made_checkpoint(struct node *node, const json_t *json)
{
    struct note note;
    struct note_key key;
    struct checkpoint checkpoint;
    struct ledger_hash root;
    uint64_t size;
    if (!json_is_string(json) ||
        is_known(mix(node->world->serial << 32 ^ node->lives << 8 ^ node->number << 4,
                     json_string_value(json)),
                 true))
        return;
    bool is_own = note_read(json_string_value(json), json_string_length(json), &note) == TF_OK &&
                  checkpoint_read(note.text, note.text_len, &checkpoint) == TF_OK;
    bool is_signed = false; /* by its key, or the one before */
    for (size_t i = 0; is_own && i < node->key_count; i++) {
        struct key_public by = key_public_of(node->keys[i]);
        is_signed = is_signed || (note_key_make(node->card.ledger, NOTE_ED25519, &by, &key) &&
                                  note_check(&note, &key, NULL, NULL) == NOTE_VALID);
    }
    if (!is_signed)
        bad(node, "the checkpoint in its post is not its own");
    if (ledger_size(node->ledger, &size) || checkpoint.size > size ||
        ledger_root(node->ledger, checkpoint.size, &root) || !merkle_equal(&root, &checkpoint.root))
        bad(node, "the checkpoint in its post is not of its ledger");
}

void check_made(struct node *node, const char *bytes, size_t len)
{
    size_t i;
    const json_t *item;
    json_t *post = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *envelopes = json_object_get(post, "envelopes");
    if (!post || json_array_size(envelopes) > LINE_POST_ENVELOPES)
        bad(node, "its post is not one");
    if (len > LINE_POST_BYTES + 65536 && json_array_size(envelopes) > 1)
        bad(node, "its post is too large");
    json_array_foreach(envelopes, i, item) check_made_envelope(node, item);
    json_array_foreach(json_object_get(post, "receipts"), i, item) check_made_receipt(node, item);
    check_made_checkpoint(node, json_object_get(post, "checkpoint"));
    json_decref(post);
}

/* --- posts that are taken
 * ---------------------------------------------------------------------------- */

/* Whether the beat in the post is good for this node now; takes down that it came. */
static bool judge_beat(struct node *node, const json_t *post, struct memory *memory,
                       const struct line_info *info)
{
    struct envelope envelope = {.payload = NULL};
    struct beat beat;
    struct tf_fault why;
    int64_t now_us = node_now(node), skew_us = LINE_SKEW_S * SECOND_US;
    bool is_good = false;
    const json_t *json = json_object_get(post, "beat");
    if (json && envelope_read(json, &envelope, &why) == TF_OK &&
        is_by(&envelope, ENVELOPE_BEAT, node->world->nodes[memory->peer]) &&
        beat_parse(envelope.payload, envelope.payload_len, &beat, &why) == TF_OK &&
        strcmp(beat.line, info->id) == 0 && strcmp(beat.to, node->card.id) == 0 &&
        strcmp(beat.from, info->peer) == 0) {
        bool counts = memory->beat_at_us != 0 && memory->beat_at_us <= now_us + skew_us;
        bool is_taken =
            beat.at_us <= now_us + skew_us && (!counts || beat.at_us > memory->beat_at_us);
        is_good = is_taken && beat.at_us >= now_us - skew_us;
        if (is_taken)
            memory->beat_at_us = beat.at_us;
    }
    if (is_good) {
        memory->life_us = now_us;
        memory->is_silent = false;
        if (beat.have <= info->own_seq)
            memory->is_waiting = false;
    }
    envelope_release(&envelope);
    return is_good;
}

struct ringing {
    const char *kind;
    int64_t seq;
    bool was_raised;
};

static bool find_alarm(void *ctx, const struct line_alarm *alarm)
{
    struct ringing *that = ctx;
    that->was_raised = that->was_raised || (!alarm->is_own && alarm->seq == that->seq &&
                                            strcmp(alarm->kind, that->kind) == 0);
    return !that->was_raised;
}

/* Danger, distress and incident ring as soon as they are here, even before their turn. */
static void check_danger(struct node *node, const struct line_info *info,
                         const struct message *message)
{
    struct line_context c = node_context(node);
    struct ringing that = {.kind = message->type_name, .seq = message->seq};
    if (message->type < MESSAGE_DANGER || message->type > MESSAGE_INCIDENT ||
        info->state == LINE_CLOSED ||
        message->seq <= info->peer_seq || /* its key may come before it */
        node->world->nodes[node_memory(node, info->id, 0)->peer]->key_count > 1 ||
        message_check_body(message->type, message->body, NULL))
        return;
    if (line_each_alarm(&c, info->id, true, find_alarm, &that) || !that.was_raised)
        world_fail(node->world, "%s: %s %lld came early, and did not ring", node->card.id,
                   message->type_name, (long long)message->seq);
}

/* What came before its turn, in the same post as what it contradicts, was not kept: no effect, no
 * receipt, and no contradiction until it comes again. One envelope of the post, whoever brought it,
 * against what the node holds now. */
static void judge_envelope(struct node *node, const json_t *json, struct memory *memory,
                           const struct line_info *info, const struct line_taken *taken)
{
    struct envelope envelope = {.payload = NULL};
    struct message message;
    struct tf_fault why;
    struct node *peer = node->world->nodes[memory->peer];
    static const uint8_t zeros[KEY_HASH_SIZE];
    int64_t applied = taken->applied;
    uint64_t key = key_of(node, json, 3);
    if (is_known(key, false))
        return;
    if (envelope_read(json, &envelope, &why) == TF_OK && is_by(&envelope, ENVELOPE_MESSAGE, peer) &&
        message_parse(envelope.payload, envelope.payload_len, &message, &why) == TF_OK) {
        int64_t last = info->peer_seq;
        const uint8_t *prev =
            last > 0 && last <= memory->heard_count ? memory->heard[last - 1] : zeros;
        bool is_ours = strcmp(message.line, info->id) == 0 &&
                       strcmp(message.from, info->peer) == 0 &&
                       strcmp(message.to, node->card.id) == 0;
        bool contradicts =
            is_ours && ((message.seq <= last - applied &&
                         !has_message(node, info->id, false, message.seq, envelope.hash, NULL)) ||
                        (message.seq == last + 1 && applied == 0 &&
                         memcmp(message.prev, prev, KEY_HASH_SIZE) != 0));
        if (is_ours && !contradicts)
            check_danger(node, info, &message);
        if (is_ours && !contradicts && message.seq <= last)
            (void)is_known(key, true); /* it will not contradict later, either */
        if (contradicts && !info->is_forked)
            bad(node, "the other contradicted itself, and it was not seen");
        if (contradicts && !memory->must_be_forked) {
            memory->must_be_forked = true;
            node->world->count.forks++;
            /* Of a line that is forked already, not every one is kept. */
            if (taken->forks > 0 &&
                !is_in_ledger(node, 0, UINT64_MAX / 2, "evidence", envelope.hash))
                bad(node, "the contradiction is not in the ledger");
        }
        message_release(&message);
    }
    envelope_release(&envelope);
}

/* What is heard now, so that what follows in the post can be judged by it. */
struct hearing {
    struct memory *memory;
};

static bool hear(void *ctx, const struct line_message *message)
{
    struct hearing *that = ctx;
    if (message->seq >= 1 && message->seq <= SIM_WORDS_MAX) {
        memcpy(that->memory->heard[message->seq - 1], message->hash, KEY_HASH_SIZE);
        that->memory->heard_count = message->seq;
    }
    return true;
}

void check_taken(struct node *node, const char *bytes, size_t len, const struct line_taken *taken)
{
    struct line_context c = node_context(node);
    struct line_info info;
    size_t i;
    const json_t *item;
    json_t *post = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
    if (line_find(&c, taken->line, &info)) { /* nothing in it was signed by the other */
        if (taken->applied > 0 || taken->may_answer)
            bad(node, "it took a post for a line that it does not have");
        json_decref(post);
        return;
    }
    if (!post)
        bad(node, "it took a post that is not JSON");
    struct memory *memory = node_memory(
        node, info.id, (unsigned)world_node_named(node->world, info.peer, strlen(info.peer)));
    struct hearing hearing = {.memory = memory};
    if (line_each_message(&c, info.id, false, memory->heard_count, 1000, hear, &hearing))
        bad(node, sql_why(node->sql));
    check_watched(node, info.id);
    bool may_answer = judge_beat(node, post, memory, &info) || taken->applied > 0;
    if (may_answer != taken->may_answer)
        bad(node,
            may_answer ? "it does not answer a good post" : "it answers a post that is not good");
    if (taken->forks > 0 && !info.is_forked)
        bad(node, "a contradiction was seen, and the line is not marked");
    json_array_foreach(json_object_get(post, "envelopes"), i, item)
        judge_envelope(node, item, memory, &info, taken);
    memory->must_be_forked = memory->must_be_forked || taken->forks > 0;
    json_decref(post);
}

/* --- time
 * ---------------------------------------------------------------------------------------------- */

struct alarms {
    struct node *node;
    bool delivery[SIM_WORDS_MAX], seen[2][SIM_WORDS_MAX], answer[2][SIM_WORDS_MAX];
    bool silence;
};

static bool add_alarm(void *ctx, const struct line_alarm *alarm)
{
    struct alarms *alarms = ctx;
    bool in_range = alarm->seq >= 0 && alarm->seq < SIM_WORDS_MAX;
    if (strcmp(alarm->kind, "silence") == 0)
        alarms->silence = true;
    else if (in_range && strcmp(alarm->kind, "delivery") == 0)
        alarms->delivery[alarm->seq] = true;
    else if (in_range && strcmp(alarm->kind, "seen") == 0)
        alarms->seen[alarm->is_own][alarm->seq] = true;
    else if (in_range && strcmp(alarm->kind, "answer") == 0)
        alarms->answer[alarm->is_own][alarm->seq] = true;
    return true;
}

struct due {
    struct node *node;
    const struct line_info *info;
    const struct alarms *alarms;
    bool is_own;
};

static bool check_due(void *ctx, const struct line_message *message)
{
    const struct due *due = ctx;
    int64_t now_us = node_now(due->node);
    bool is_due = message->deliver_by_us != 0 && message->deliver_by_us <= now_us;
    bool rings = message->seq < SIM_WORDS_MAX && due->alarms->delivery[message->seq];
    if (due->is_own && is_due && !message->receipt && !rings)
        world_fail(due->node->world, "%s: message %lld is not delivered in time, without an alarm",
                   due->node->card.id, (long long)message->seq);
    if (due->is_own && message->receipt && rings)
        world_fail(due->node->world, "%s: message %lld is delivered, and its alarm goes on",
                   due->node->card.id, (long long)message->seq);
    enum message_type type = message_type_named(message->type, strlen(message->type));
    unsigned asks = type < MESSAGE_UNKNOWN ? message_kind(type)->asks : 0;
    if (message->is_void || message->superseded_by != 0 || due->info->state == LINE_CLOSED ||
        message->seq >= SIM_WORDS_MAX)
        return true;
    if (asks & MESSAGE_ASKS_SEEN && message->seen_by_us != 0 && message->seen_by_us <= now_us &&
        message->seen_us == 0 && !due->alarms->seen[due->is_own][message->seq])
        world_fail(due->node->world, "%s: %s message %lld is not seen in time, without an alarm",
                   due->node->card.id, due->is_own ? "own" : "heard", (long long)message->seq);
    if (asks & MESSAGE_ASKS_ANSWER && message->answer_by_us != 0 &&
        message->answer_by_us <= now_us && message->answered_us == 0 &&
        !due->alarms->answer[due->is_own][message->seq])
        world_fail(due->node->world,
                   "%s: %s message %lld is not answered in time, without an alarm",
                   due->node->card.id, due->is_own ? "own" : "heard", (long long)message->seq);
    return true;
}

static void check_silence(struct node *node, const struct line_info *info, struct memory *memory)
{
    struct line_context c = node_context(node);
    struct memorandum rules;
    if (memory->heartbeat_s == 0 || memory->memo_number != info->memo_number) {
        if (line_rules(&c, info->id, &rules))
            bad(node, "no rules");
        memory->memo_number = info->memo_number;
        memory->heartbeat_s = rules.heartbeat_s;
        memo_release(&rules);
    }
    int64_t ago_us = c.now_us - memory->life_us;
    bool is_watched = memory->is_watched && info->state != LINE_CLOSED;
    if (is_watched && (ago_us < 0 || ago_us >= memory->heartbeat_s * SECOND_US))
        memory->is_silent = true;
    if (!is_watched)
        memory->is_silent = false;
    if (memory->is_silent != info->is_degraded)
        world_fail(node->world, "%s, line %.8s: last good beat %.3f s ago, degraded: %s",
                   node->card.id, info->id, (double)ago_us / 1e6, info->is_degraded ? "yes" : "no");
}

void check_watched(struct node *node, const char *line)
{
    struct line_context c = node_context(node);
    struct line_info info;
    if (line_find(&c, line, &info))
        bad(node, "its line cannot be read");
    struct memory *memory = node_memory(
        node, info.id, (unsigned)world_node_named(node->world, info.peer, strlen(info.peer)));
    bool is_watched = info.own != STANCE_NONE && info.other != STANCE_NONE &&
                      info.own != STANCE_CLOSED && info.other != STANCE_CLOSED;
    if (is_watched && !memory->is_watched && memory->life_us < c.now_us)
        memory->life_us = c.now_us;
    memory->is_watched = is_watched;
}

/* Reading all messages and alarms costs more than all else: now and then is often enough. */
static void check_alarms(struct node *node, const struct line_info *info)
{
    struct line_context c = node_context(node);
    static struct alarms alarms; /* too large for the stack */
    memset(&alarms, 0, sizeof alarms);
    struct due own = {.node = node, .info = info, .alarms = &alarms, .is_own = true};
    struct due other = {.node = node, .info = info, .alarms = &alarms};
    if (line_each_alarm(&c, info->id, false, add_alarm, &alarms) ||
        line_each_message(&c, info->id, true, 0, 1000, check_due, &own) ||
        line_each_message(&c, info->id, false, 0, 1000, check_due, &other))
        bad(node, "its alarms and messages cannot be read");
    if (alarms.silence != info->is_degraded)
        bad(node, alarms.silence ? "an alarm of silence, and the line is not degraded"
                                 : "a line is degraded without an alarm of silence");
}

void check_ticked(struct node *node, const char *line, bool has_more)
{
    struct line_context c = node_context(node);
    struct line_info info;
    if (line_find(&c, line, &info))
        bad(node, "its line cannot be read");
    int peer = world_node_named(node->world, info.peer, strlen(info.peer));
    check_silence(node, &info, node_memory(node, line, (unsigned)peer));
    if (!has_more && node->ticks++ % 8 == 0)
        check_alarms(node, &info);
}
