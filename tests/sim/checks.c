/*
 * checks.c - what must be true of one node after each step, and of all at the end.
 */
#include "sim.h"

#include "ledger/checkpoint.h"
#include <stdio.h>
#include <stdlib.h>
#include <tafadi/time.h>

/* --- one line, as a node shows it --------------------------------------------------------------
 */

struct shown { /* what of a message the rules of the node say */
    bool has_receipt;
    int64_t seen_us, answered_us, superseded_by;
};
struct side {
    struct entries *entries; /* the cache's */
    size_t count;            /* read so far */
    struct shown *shown;     /* as many */
};
struct view {
    struct node *node;
    struct node *peer;
    struct line_info info;
    struct memory *memory;
    struct record *record;
    struct side own, other;
    struct side *filling;
    bool is_full; /* all messages are read, not only those that are new */
};

static void view_release(struct view *view)
{
    free(view->own.shown);
    free(view->other.shown);
}

static _Noreturn void bad(const struct view *view, const char *what, int64_t seq)
{
    world_fail(view->node->world, "%s, line %.8s to %s, message %lld: %s", view->node->card.id,
               view->info.id, view->info.peer, (long long)seq, what);
}

/* --- envelopes
 * ------------------------------------------------------------------------------------- */

bool is_by(const struct envelope *envelope, const char *type, const struct node *node)
{
    enum { SLOTS = 1 << 16 };
    static uint64_t known[SLOTS];
    uint64_t key;
    memcpy(&key, envelope->hash, sizeof key);
    for (size_t i = 0; i < 8; i++) { /* the signature is in it, too */
        uint64_t part;
        memcpy(&part, envelope->signature + 8 * i, sizeof part);
        key = (key ^ part) * UINT64_C(0x9E3779B97F4A7C15);
    }
    key ^= node->number;
    if (known[key % SLOTS] == key)
        return strcmp(envelope->type, type) == 0;
    bool verified = false;
    for (size_t i = 0; i < node->key_count && !verified; i++) {
        struct key_public by = key_public_of(node->keys[i]);
        verified = envelope_verify(envelope, type, &by);
    }
    if (verified)
        known[key % SLOTS] = key;
    return verified;
}

static void check_envelope(const struct view *view, const struct line_message *message,
                           const struct node *by)
{
    struct envelope envelope = {.payload = NULL};
    struct tf_fault why;
    if (envelope_parse(message->envelope, message->envelope_len, &envelope, &why))
        bad(view, "its envelope is not one", message->seq);
    if (!is_by(&envelope, ENVELOPE_MESSAGE, by))
        bad(view, "an effect without a valid signature", message->seq);
    if (memcmp(envelope.hash, message->hash, KEY_HASH_SIZE) != 0)
        bad(view, "its hash is not its envelope's", message->seq);
    if (envelope.payload_len != message->payload_len ||
        memcmp(envelope.payload, message->payload, envelope.payload_len) != 0)
        bad(view, "its payload is not what was signed", message->seq);
    envelope_release(&envelope);
}

static void check_receipt(const struct view *view, const struct line_message *message)
{
    struct envelope envelope = {.payload = NULL};
    struct receipt receipt;
    struct tf_fault why;
    if (!message->receipt)
        return;
    if (envelope_parse(message->receipt, strlen(message->receipt), &envelope, &why) ||
        !is_by(&envelope, ENVELOPE_RECEIPT, view->peer) ||
        receipt_parse(envelope.payload, envelope.payload_len, &receipt, &why))
        bad(view, "its receipt is not the other's", message->seq);
    if (receipt.of != message->seq || memcmp(receipt.envelope, message->hash, KEY_HASH_SIZE) != 0 ||
        strcmp(receipt.line, view->info.id) != 0 || strcmp(receipt.to, view->node->card.id) != 0)
        bad(view, "its receipt is of something else", message->seq);
    envelope_release(&envelope);
}

/* The payload says what the line says about it. */
static void check_payload(const struct view *view, const struct entry *entry, const uint8_t *prev)
{
    char hex[2 * KEY_HASH_SIZE + 1];
    key_hex(prev, KEY_HASH_SIZE, hex);
    const json_t *payload = entry->payload;
    const char *line = json_string_value(json_object_get(payload, "line"));
    const char *said_prev = json_string_value(json_object_get(payload, "prev"));
    if (!line || strcmp(line, view->info.id) != 0)
        bad(view, "it is of another line", entry->seq);
    if (json_integer_value(json_object_get(payload, "seq")) != entry->seq)
        bad(view, "it has another number", entry->seq);
    if (!said_prev || strcmp(said_prev, hex) != 0)
        bad(view, "it does not continue the one before", entry->seq);
}

/* One that was not read before. */
static void check_new(struct view *view, const struct line_message *message, bool is_own)
{
    static const uint8_t zeros[KEY_HASH_SIZE];
    struct entries *entries = view->filling->entries;
    size_t n = view->filling->count;
    if (entries_add(entries, message->payload, message->payload_len, message->seq, message->hash))
        bad(view, "its payload is not JSON", message->seq);
    entries->at[n].is_void = message->is_void;
    check_envelope(view, message, is_own ? view->node : view->peer);
    check_payload(view, &entries->at[n], n ? entries->at[n - 1].hash : zeros);
    if (strcmp(message->type, entries->at[n].type) != 0)
        bad(view, "its type is not what was said", message->seq);
}

static struct shown shown_of(const struct line_message *message)
{
    return (struct shown){.seen_us = message->seen_us,
                          .answered_us = message->answered_us,
                          .superseded_by = message->superseded_by,
                          .has_receipt = message->receipt != NULL};
}

static bool add_message(void *ctx, const struct line_message *message)
{
    struct view *view = ctx;
    struct side *side = view->filling;
    struct entries *entries = side->entries;
    bool is_own = side == &view->own;
    size_t n = side->count;
    if (message->seq != (int64_t)n + 1)
        bad(view, "it is out of order, or one is missing before it", message->seq);
    if (n < entries->count && entries->at[n].is_void != message->is_void)
        bad(view, "it was void, or was not, and now is not, or is", message->seq);
    if (n < entries->count && memcmp(entries->at[n].hash, message->hash, KEY_HASH_SIZE) != 0)
        entries_cut(entries, n);
    if (n == entries->count)
        check_new(view, message, is_own);
    if (is_own)
        check_receipt(view, message);
    if (view->is_full) {
        side->shown = realloc(side->shown, (n + 1) * sizeof *side->shown);
        side->shown[n] = shown_of(message);
    }
    side->count++;
    if (message->assessment && strcmp(message->assessment, "no-conflict") != 0 &&
        strcmp(message->assessment, "conflict") != 0 &&
        strcmp(message->assessment, "objection") != 0 && strcmp(message->assessment, "noted") != 0)
        bad(view, "an acknowledgement became something else", message->seq);
    return true;
}

static void read_side(struct view *view, struct side *side)
{
    struct line_context c = node_context(view->node);
    view->filling = side;
    side->count = view->is_full ? 0 : side->entries->count;
    if (line_each_message(&c, view->info.id, side == &view->own, (int64_t)side->count, 1000,
                          add_message, view))
        bad(view, sql_why(view->node->sql), 0);
    entries_cut(side->entries, side->count);
}

static void view_of(struct node *node, const struct line_info *info, struct view *view)
{
    int peer = world_node_named(node->world, info->peer, strlen(info->peer));
    struct cache *cache = node_cache(node, info->id);
    *view = (struct view){.node = node, .info = *info};
    view->is_full = !cache->is_read || cache->checks++ % 8 == 0 || node->world->is_calm;
    cache->is_read = true;
    if (peer < 0)
        bad(view, "a line to nobody", 0);
    view->peer = node->world->nodes[peer];
    view->memory = node_memory(node, info->id, (unsigned)peer);
    view->record = node_record(node, info->id);
    view->own.entries = &cache->sides[1];
    view->other.entries = &cache->sides[0];
    read_side(view, &view->own);
    read_side(view, &view->other);
}

/* --- nothing is lost, nothing is made up
 * ---------------------------------------------------------- */

static size_t words_with(const struct words *words, int64_t seq)
{
    size_t count = 0;
    for (size_t i = 0; i < words->count; i++)
        count += words->at[i].seq == seq;
    return count;
}

static bool has_word(const struct words *words, int64_t seq, const uint8_t *hash)
{
    for (size_t i = words->count; i > 0; i--)
        if (words->at[i - 1].seq == seq && memcmp(words->at[i - 1].hash, hash, KEY_HASH_SIZE) == 0)
            return true;
    return false;
}

void record_word(struct node *node, struct record *record, int64_t seq, const uint8_t *hash)
{
    if (has_word(&record->said, seq, hash))
        return;
    if (record->said.count == SIM_WORDS_MAX)
        world_fail(node->world, "%s says too much", node->card.id);
    if (words_with(&record->said, seq) > 0)
        record->is_contradicted = true;
    record->said.at[record->said.count].seq = seq;
    memcpy(record->said.at[record->said.count++].hash, hash, KEY_HASH_SIZE);
}

/* A node that was never restored has all that it ever said; one that was may lack the end. */
static void check_own_words(const struct view *view)
{
    const struct entries *own = view->own.entries;
    for (size_t i = 0; i < own->count; i++) {
        bool is_new = words_with(&view->record->said, own->at[i].seq) == 0;
        bool is_known = has_word(&view->record->said, own->at[i].seq, own->at[i].hash);
        if (!is_new && !is_known && !view->node->was_restored && !view->node->is_enemy)
            bad(view, "what was said has changed", own->at[i].seq);
        record_word(view->node, view->record, own->at[i].seq, own->at[i].hash);
    }
    for (size_t i = 0; i < view->record->said.count; i++)
        if (view->record->said.at[i].seq > (int64_t)own->count && !view->node->was_restored &&
            !view->node->is_enemy)
            bad(view, "what was said is lost", view->record->said.at[i].seq);
    if (view->info.own_seq != (int64_t)own->count)
        bad(view, "the line's number of own messages is wrong", view->info.own_seq);
}

static void check_heard(const struct view *view)
{
    struct memory *memory = view->memory;
    const struct entries *other = view->other.entries;
    struct record *theirs = node_record(view->peer, view->info.id);
    if ((int64_t)other->count < memory->heard_count)
        bad(view, "what was heard is lost", memory->heard_count);
    for (size_t i = 0; i < other->count; i++) {
        if ((int64_t)i < memory->heard_count &&
            memcmp(memory->heard[i], other->at[i].hash, KEY_HASH_SIZE) != 0)
            bad(view, "what was heard has changed", (int64_t)i + 1);
        if (i == SIM_WORDS_MAX)
            bad(view, "too much was heard", (int64_t)i + 1);
        if (!has_word(&theirs->said, other->at[i].seq, other->at[i].hash))
            bad(view, "the other never said it", other->at[i].seq);
        memcpy(memory->heard[i], other->at[i].hash, KEY_HASH_SIZE);
    }
    memory->heard_count = (int64_t)other->count;
    if (view->info.peer_seq != memory->heard_count)
        bad(view, "the line's number of heard messages is wrong", view->info.peer_seq);
}

/* --- states, memoranda, acknowledgements ---------------------------------------------------------
 */

/* What a sender's stance forbids is void. What else is may have other reasons. */
static void check_void(const struct view *view, const struct side *side)
{
    static const char *const plain[] = {"text",         "phrase",      "question",  "drill",
                                        "danger",       "distress",    "incident",  "line.open",
                                        "line.suspend", "line.resume", "line.close"};
    for (size_t i = 0; i < side->entries->count; i++) {
        const struct entry *entry = &side->entries->at[i];
        bool is_plain = entry->amends == 0 && !view->node->is_enemy && !view->peer->is_enemy;
        size_t k = 0, n = sizeof plain / sizeof plain[0];
        while (k < n && strcmp(plain[k], entry->type) != 0)
            k++;
        if (entry->is_forbidden && !entry->is_void)
            bad(view, "its sender was not allowed to say it, but it has effect", entry->seq);
        if (!entry->is_forbidden && entry->is_void && is_plain && k < n)
            bad(view, "its sender was allowed to say it, but it has no effect", entry->seq);
    }
}

static void check_state(struct view *view)
{
    enum line_stance own = model_stance(view->own.entries, view->info.round);
    enum line_stance other = model_stance(view->other.entries, view->info.round);
    const char *state = model_state(own, other, view->info.is_degraded);
    if (own != view->info.own || other != view->info.other)
        bad(view, "a stance does not follow from what was said", 0);
    if (strcmp(state, line_state_name(view->info.state)) != 0)
        bad(view, "the state does not follow from the stances", 0);
    if (line_state_of(own, other, view->info.is_degraded) != view->info.state)
        bad(view, "line_state_of says another state", 0);
    check_void(view, &view->own);
    check_void(view, &view->other);
}

struct memo_view {
    const struct view *view;
    size_t count;
    struct agreed agreed[64];
    int64_t in_force;
};

static bool add_agreed(void *ctx, const struct line_memo *memo)
{
    struct memo_view *that = ctx;
    if (memo->in_force)
        that->in_force = memo->number;
    if (memo->agreed_us == 0)
        return true;
    for (size_t i = 0; i < that->count; i++)
        if (that->agreed[i].number == memo->number)
            bad(that->view, "two documents of one number have both signatures", memo->number);
    if (memo->own_signed == 0 || memo->peer_signed == 0)
        bad(that->view, "a memorandum is agreed without both signatures", memo->number);
    if (that->count < 64) {
        that->agreed[that->count].number = memo->number;
        memcpy(that->agreed[that->count++].hash, memo->hash, KEY_HASH_SIZE);
    }
    return true;
}

static void read_memos(const struct view *view, struct memo_view *out)
{
    struct line_context c = node_context(view->node);
    *out = (struct memo_view){.view = view};
    if (line_each_memo(&c, view->info.id, add_agreed, out))
        bad(view, "line_each_memo", 0);
    if (out->in_force != view->info.memo_number)
        bad(view, "the memorandum in force is not the line's", out->in_force);
}

static bool is_plain_history(const struct view *view)
{
    return !view->node->is_enemy && !view->peer->is_enemy && !view->memory->is_waiting &&
           !view->record->is_contradicted && !view->node->was_restored && !view->peer->was_restored;
}

static void check_memos(const struct view *view)
{
    struct agreed model[64];
    struct memo_view memos;
    read_memos(view, &memos);
    if (!is_plain_history(view))
        return;
    size_t count = model_agreed(view->own.entries, view->other.entries, model, 64);
    view->node->world->count.agreed += count;
    if (count != memos.count)
        world_fail(view->node->world, "%s, line %.8s: %zu memoranda are agreed, %zu by the model",
                   view->node->card.id, view->info.id, memos.count, count);
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < count && (memos.agreed[k].number != model[i].number ||
                             memcmp(memos.agreed[k].hash, model[i].hash, KEY_HASH_SIZE) != 0))
            k++;
        if (k == count)
            bad(view, "another memorandum is agreed than the model's", model[i].number);
    }
    int64_t in_force = count > 0 ? model[count - 1].number : 0;
    if (view->info.state == LINE_SUSPENDED || view->info.state == LINE_CLOSED)
        in_force = 0;
    if (in_force != view->info.memo_number)
        bad(view, "another memorandum is in force than the model's", in_force);
}

static void check_acks(const struct view *view, const struct side *side, const struct entries *by)
{
    for (size_t i = 0; i < side->entries->count; i++) {
        const struct shown *shown = &side->shown[i];
        int64_t seq = side->entries->at[i].seq;
        if (model_acked(by, "ack.seen", seq) != (shown->seen_us != 0))
            bad(view, "whether it was seen does not follow from what was said", seq);
        if (model_acked(by, "ack.answered", seq) != (shown->answered_us != 0))
            bad(view, "whether it was answered does not follow from what was said", seq);
        if ((model_superseded(side->entries, seq) != 0) != (shown->superseded_by != 0))
            bad(view, "whether it was amended does not follow from what was said", seq);
    }
}

static void check_receipted(const struct view *view)
{
    int64_t count = 0;
    while (count < (int64_t)view->own.entries->count && view->own.shown[count].has_receipt)
        count++;
    if (count != view->info.own_receipted)
        bad(view, "the number of receipts without a gap is wrong", view->info.own_receipted);
    if (view->memory->must_be_forked && !view->info.is_forked)
        bad(view, "the other contradicted itself, and it was forgotten", 0);
}

/* --- all lines of a node -------------------------------------------------------------------------
 */

static bool add_info(void *ctx, const struct line_info *info)
{
    struct infos *infos = ctx;
    if (infos->count < SIM_LINES_MAX)
        infos->at[infos->count++] = *info;
    return true;
}

void infos_of(struct node *node, struct infos *infos)
{
    struct line_context c = node_context(node);
    infos->count = 0;
    if (line_each(&c, add_info, infos))
        world_fail(node->world, "%s: line_each: %s", node->card.id, sql_why(node->sql));
}

/* Each message is told once, in order, to who listens to events. */
static bool tell(void *ctx, int64_t id, int64_t at_us, const char *kind, const char *json)
{
    struct node *node = ctx;
    (void)at_us;
    if (id <= node->memories.last_event)
        world_fail(node->world, "%s: event %lld is told again", node->card.id, (long long)id);
    node->memories.last_event = id;
    if (strstr(json, "approv"))
        world_fail(node->world, "%s: an event approves of something: %s", node->card.id, json);
    if (strcmp(kind, "message") != 0)
        return true;
    json_t *event = json_loads(json, 0, NULL);
    const char *by = json_string_value(json_object_get(event, "by"));
    const char *line = json_string_value(json_object_get(event, "line"));
    const char *peer = json_string_value(json_object_get(event, "peer"));
    if (!by || !line || !peer)
        world_fail(node->world, "%s: an event without its line: %s", node->card.id, json);
    struct memory *memory =
        node_memory(node, line, (unsigned)world_node_named(node->world, peer, strlen(peer)));
    int64_t *told = &memory->told[strcmp(by, "own") == 0];
    int64_t seq = json_integer_value(json_object_get(event, "seq"));
    if (seq != *told + 1)
        world_fail(node->world, "%s: message %lld of %s is told after %lld", node->card.id,
                   (long long)seq, by, (long long)*told);
    *told = seq;
    json_decref(event);
    return true;
}

static void check_events(struct node *node)
{
    struct line_context c = node_context(node);
    int64_t before;
    do {
        before = node->memories.last_event;
        if (line_each_event(&c, before, 1000, tell, node))
            world_fail(node->world, "%s: line_each_event: %s", node->card.id, sql_why(node->sql));
    } while (node->memories.last_event != before);
}

static void check_told(const struct view *view)
{
    if (view->memory->told[0] != view->info.peer_seq || view->memory->told[1] != view->info.own_seq)
        bad(view, "not all that was said and heard is among the events", view->info.peer_seq);
}

/* Beats change nothing else. */
static bool is_same(const struct line_info *a, const struct line_info *b)
{
    return a->own == b->own && a->other == b->other && a->is_degraded == b->is_degraded &&
           a->is_forked == b->is_forked && a->own_seq == b->own_seq &&
           a->own_receipted == b->own_receipted && a->peer_seq == b->peer_seq &&
           a->memo_number == b->memo_number && a->open_alarms == b->open_alarms &&
           a->waiting == b->waiting;
}

static void check_line(struct node *node, const struct line_info *info)
{
    struct view view;
    struct cache *cache = node_cache(node, info->id);
    if (cache->is_checked && is_same(&cache->info, info) && node->world->step % 16 != 0 &&
        !node->world->is_calm)
        return;
    cache->is_checked = true;
    cache->info = *info;
    view_of(node, info, &view);
    check_own_words(&view);
    check_heard(&view);
    check_state(&view);
    check_memos(&view);
    if (view.is_full) {
        check_acks(&view, &view.own, view.other.entries);
        check_acks(&view, &view.other, view.own.entries);
        check_receipted(&view);
    }
    check_told(&view);
    view_release(&view);
}

void check_node(struct node *node)
{
    struct infos infos;
    if (!node->is_changed)
        return;
    node->is_changed = false;
    check_events(node);
    infos_of(node, &infos);
    for (size_t i = 0; i < infos.count; i++)
        check_line(node, &infos.at[i]);
}
