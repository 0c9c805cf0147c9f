/*
 * acts.c - what operators do: say things that are allowed, and things that are not.
 */
#include "sim.h"

#include <stdlib.h>
#include <tafadi/time.h>

/* --- saying ------------------------------------------------------------------------------- */

struct saying {
    const char *line;
    struct line_draft draft;
    int64_t seq;
    struct tf_fault why;
};

static enum tf_status say(void *arg, const struct line_context *c)
{
    struct saying *that = arg;
    return line_say(c, that->line, &that->draft, &that->seq, &that->why);
}

struct finding {
    int64_t seq;
    const char *type;
    bool is_there;
};

static bool find_message(void *ctx, const struct line_message *message)
{
    struct finding *finding = ctx;
    finding->is_there = message->seq == finding->seq && strcmp(message->type, finding->type) == 0;
    return false;
}

/* What was acknowledged to the operator is on the disk, as it was said. */
static void check_said(struct node *node, const char *line, const char *type, int64_t seq)
{
    struct line_context c = node_context(node);
    struct finding finding = {.seq = seq, .type = type};
    if (line_each_message(&c, line, true, seq - 1, 1, find_message, &finding) || !finding.is_there)
        world_fail(node->world, "%s said %s %lld, which is not there", node->card.id, type,
                   (long long)seq);
}

enum tf_status act_say(struct node *node, const char *line, const char *type, json_t *body,
                       int64_t *seq)
{
    static const char *const roles[] = {"duty-officer", "planner", "head-of-cell"};
    struct world *w = node->world;
    struct saying that = {.line = line, .draft = {.type = type, .body = body}};
    that.draft.role = roles[below(w, 3)];
    if (chance(w, 10))
        that.draft.deliver_by_us = node_now(node) + between_us(w, SECOND_US, 10 * MINUTE_US);
    if (chance(w, 5))
        that.draft.seen_by_us = -1;
    enum tf_status rc = node_do(node, say, &that);
    world_trace(w, "%s says %s: %s %lld %s", node->card.id, type, tf_status_text(rc),
                rc ? 0LL : (long long)that.seq, rc && that.why.message ? that.why.message : "");
    json_decref(body);
    if (rc) {
        w->count.refused++;
        return rc;
    }
    w->count.said++;
    check_said(node, line, type, that.seq);
    check_watched(node, line);
    node->tick_us = w->now_us;
    if (seq)
        *seq = that.seq;
    return TF_OK;
}

struct opening {
    const char *peer;
    char id[LINE_ID_SIZE];
};

static enum tf_status open_line(void *arg, const struct line_context *c)
{
    struct opening *that = arg;
    struct tf_fault why;
    return line_open(c, that->peer, "duty-officer", that->id, &why);
}

static void act_open(struct node *node, unsigned peer)
{
    struct opening that = {.peer = node->world->nodes[peer]->card.id};
    enum tf_status rc = node_do(node, open_line, &that);
    world_trace(node->world, "%s opens a line to %s: %s", node->card.id, that.peer,
                tf_status_text(rc));
    if (rc == TF_OK)
        check_watched(node, that.id);
    node->tick_us = node->world->now_us;
}

void act_open_all(struct world *w)
{
    for (unsigned i = 0; i < w->node_count; i++)
        for (unsigned j = 0; j < w->node_count; j++)
            if (i != j)
                act_open(w->nodes[i], j);
}

/* --- bodies ---------------------------------------------------------------------------------- */

static json_t *when(int64_t t_us)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_us / SECOND_US * SECOND_US * 1000, text);
    return json_string(text);
}

static json_t *free_text(struct world *w)
{
    static const char *const texts[] = {"all is well", "العمل جارٍ", "работы продолжаются",
                                        "two\nlines", "a rather longer word about the weather"};
    static const char *const languages[] = {"en", "ar", "ru", "en", "en"};
    size_t i = (size_t)below(w, 5);
    return json_pack("{s:s,s:s}", "text", texts[i], "lang", languages[i]);
}

static json_t *volume(struct world *w, int64_t now_us)
{
    int64_t start_us = now_us + between_us(w, 0, HOUR_US);
    return json_pack("{s:{s:{s:{s:f,s:f},s:{s:i,s:s}},s:{s:i,s:s,s:s},s:{s:i,s:s,s:s}},"
                     "s:{s:o,s:s},s:{s:o,s:s}}",
                     "volume", "outline_circle", "center", "lat",
                     36.0 + 0.01 * (double)below(w, 100), "lng", 5.0 + 0.01 * (double)below(w, 100),
                     "radius", "value", 500, "units", "M", "altitude_lower", "value", 0,
                     "reference", "W84", "units", "M", "altitude_upper", "value", 300, "reference",
                     "W84", "units", "M", "time_start", "value", when(start_us), "format",
                     "RFC3339", "time_end", "value", when(start_us + HOUR_US), "format", "RFC3339");
}

static json_t *notice(struct world *w, int64_t now_us)
{
    return json_pack("{s:o,s:s}", "volume", volume(w, now_us), "kind", "uncrewed");
}

static json_t *phrase(struct world *w)
{
    size_t count;
    const struct phrase *all = phrase_list(&count);
    const struct phrase *one = &all[below(w, count)];
    json_t *args = json_object();
    for (size_t i = 0; i < 3 && one->args[i]; i++)
        json_object_set_new(args, one->args[i], json_string("7"));
    return json_pack("{s:s,s:o}", "phrase", one->id, "args", args);
}

static json_t *emergency(struct world *w, int64_t now_us)
{
    json_t *body = free_text(w);
    if (chance(w, 60)) {
        json_object_set_new(body, "lat_deg", json_real(36.5));
        json_object_set_new(body, "lng_deg", json_real(5.25));
        json_object_set_new(body, "at", when(now_us));
    }
    return body;
}

/* --- one message of a line, to speak about --------------------------------------------------- */

struct picked {
    int64_t seq;
    enum message_type type;
    struct message_place place;
    bool has_place, is_there;
};

static bool pick(void *ctx, const struct line_message *message)
{
    struct picked *picked = ctx;
    struct message read;
    if (message_parse(message->payload, message->payload_len, &read, NULL))
        return false;
    picked->seq = message->seq;
    picked->type = read.type;
    picked->has_place = message_place(read.type, read.body, &picked->place);
    picked->is_there = true;
    message_release(&read);
    return false;
}

static struct picked pick_message(struct node *node, const struct line_info *info, bool is_own)
{
    struct picked picked = {.is_there = false};
    struct line_context c = node_context(node);
    int64_t count = is_own ? info->own_seq : info->peer_seq;
    if (count == 0)
        return picked;
    int64_t recent = count < 12 ? count : 12; /* mostly about what is new */
    int64_t after = count - 1 - (int64_t)below(node->world, (uint64_t)recent);
    if (line_each_message(&c, info->id, is_own, after, 1, pick, &picked))
        world_fail(node->world, "%s: line_each_message: %s", node->card.id, sql_why(node->sql));
    return picked;
}

static json_t *read_back(const struct message_place *place)
{
    json_t *back = json_pack("{s:f,s:f}", "lat_deg", place->lat_deg, "lng_deg", place->lng_deg);
    if (place->start_us)
        json_object_set_new(back, "start", when(place->start_us));
    if (place->end_us)
        json_object_set_new(back, "end", when(place->end_us));
    return back;
}

static void act_seen(struct node *node, const struct line_info *info)
{
    struct world *w = node->world;
    struct picked of = pick_message(node, info, false);
    if (!of.is_there)
        return;
    json_t *body = json_pack("{s:I}", "of", (json_int_t)of.seq);
    bool is_wrong = of.has_place && chance(w, 15);
    if (is_wrong)
        of.place.lat_deg += 0.01;
    if (of.has_place && (is_wrong || chance(w, 95)))
        json_object_set_new(body, "readback", read_back(&of.place));
    if (act_say(node, info->id, "ack.seen", body, NULL) == TF_OK && is_wrong)
        world_fail(w, "%s read back another place than %lld had, and was not refused",
                   node->card.id, (long long)of.seq);
}

static void act_acknowledge(struct node *node, const struct line_info *info)
{
    static const char *const words[] = {"no-conflict", "conflict", "objection", "noted"};
    struct world *w = node->world;
    struct picked of = pick_message(node, info, false);
    if (!of.is_there)
        return;
    if (chance(w, 40))
        act_say(node, info->id, "ack.forwarded",
                json_pack("{s:I,s:[s]}", "of", (json_int_t)of.seq, "to", "crew-3"), NULL);
    else
        act_say(node, info->id, "ack.answered",
                json_pack("{s:I,s:s,s:s}", "of", (json_int_t)of.seq, "assessment",
                          words[below(w, 4)], "reason", "it crosses our route"),
                NULL);
}

static void act_amend(struct node *node, const struct line_info *info)
{
    struct world *w = node->world;
    struct picked of = pick_message(node, info, true);
    if (!of.is_there)
        return;
    if (chance(w, 50)) {
        act_say(node, info->id, "withdraw",
                json_pack("{s:I,s:s}", "of", (json_int_t)of.seq, "reason", "not needed"), NULL);
        return;
    }
    json_t *body = of.type == MESSAGE_NOTICE ? notice(w, node_now(node)) : free_text(w);
    json_object_set_new(body, "amends", json_integer(of.seq));
    const struct message_kind *kind = message_kind(of.type);
    act_say(node, info->id, kind && of.type < MESSAGE_UNKNOWN ? kind->name : "text", body, NULL);
}

/* --- memoranda ------------------------------------------------------------------------------- */

struct memos {
    size_t count;
    struct {
        int64_t number;
        uint8_t hash[KEY_HASH_SIZE];
        bool is_own, is_agreed;
    } at[64];
};

static bool add_memo(void *ctx, const struct line_memo *memo)
{
    struct memos *memos = ctx;
    if (memos->count == 64)
        return false;
    memos->at[memos->count].number = memo->number;
    memos->at[memos->count].is_own = memo->is_own;
    memos->at[memos->count].is_agreed = memo->agreed_us != 0;
    memcpy(memos->at[memos->count++].hash, memo->hash, KEY_HASH_SIZE);
    return true;
}

static json_t *hash_text(const uint8_t hash[KEY_HASH_SIZE])
{
    char text[2 * KEY_HASH_SIZE + 1];
    key_hex(hash, KEY_HASH_SIZE, text);
    return json_string(text);
}

static void act_propose(struct node *node, const struct line_info *info, const struct memos *memos)
{
    struct world *w = node->world;
    struct tf_buf document = TF_BUF_INIT(MEMO_MAX);
    int64_t number = 1;
    const uint8_t *replaces = NULL;
    for (size_t i = 0; i < memos->count; i++)
        if (memos->at[i].is_agreed && memos->at[i].number >= number) {
            number = memos->at[i].number + 1;
            replaces = memos->at[i].hash;
        }
    if (chance(w, 5)) /* one too many, or one too few: refused, or void */
        number += chance(w, 50) ? 1 : -1;
    /* Few different ones, so that both sides now and then propose the same bytes. */
    int64_t from_us = INT64_C(1795000000) * SECOND_US - 48 * HOUR_US;
    int64_t until_us = from_us + HOUR_US * (int64_t)(96 + below(w, 4));
    if (memo_template(info->id, number, replaces, from_us, until_us, &document))
        world_fail(w, "no memorandum");
    json_t *body = json_pack("{s:s#}", "document", document.data, (int)document.len);
    if (memos->count > 0 && chance(w, 30))
        json_object_set_new(body, "counters", hash_text(memos->at[below(w, memos->count)].hash));
    act_say(node, info->id, "memo.propose", body, NULL);
    tf_buf_release(&document);
}

static void act_memo(struct node *node, const struct line_info *info)
{
    struct world *w = node->world;
    struct line_context c = node_context(node);
    struct memos memos = {.count = 0};
    if (line_each_memo(&c, info->id, add_memo, &memos))
        world_fail(w, "%s: line_each_memo: %s", node->card.id, sql_why(node->sql));
    if (memos.count == 0 || chance(w, 45)) {
        act_propose(node, info, &memos);
        return;
    }
    json_t *hash = hash_text(memos.at[below(w, memos.count)].hash);
    if (chance(w, 70))
        act_say(node, info->id, "memo.accept", json_pack("{s:o}", "document", hash), NULL);
    else
        act_say(node, info->id, "memo.decline",
                json_pack("{s:o,s:s}", "document", hash, "reason", "not like this"), NULL);
}

/* --- nonsense, which must be refused ------------------------------------------------------------
 */

static void act_nonsense(struct node *node, const struct line_info *info)
{
    static const struct {
        const char *type, *body;
    } all[] = {{"text", "{}"},
               {"text", "{\"text\":\"\",\"lang\":\"en\"}"},
               {"notice", "{\"kind\":\"uncrewed\"}"},
               {"ack.seen", "{\"of\":0}"},
               {"ack.seen", "{\"of\":100000}"},
               {"ack.answered", "{\"of\":1,\"assessment\":\"approved\"}"},
               {"withdraw", "{\"of\":100000,\"reason\":\"x\"}"},
               {"text", "{\"text\":\"x\",\"lang\":\"en\",\"amends\":100000}"},
               {"memo.accept", "{\"document\":\"00\"}"},
               {"no.such.type", "{}"},
               {"line.suspend", "{}"}};
    struct world *w = node->world;
    size_t i = (size_t)below(w, sizeof all / sizeof all[0]);
    if (act_say(node, info->id, all[i].type, json_loads(all[i].body, 0, NULL), NULL) == TF_OK)
        world_fail(w, "%s could say %s %s", node->card.id, all[i].type, all[i].body);
}

/* --- choosing ------------------------------------------------------------------------------------
 */

static void act_state(struct node *node, const struct line_info *info)
{
    struct world *w = node->world;
    static const char *const types[] = {"line.suspend", "line.resume"};
    const char *type = types[below(w, 2)];
    if (info->own == STANCE_SUSPENDED && chance(w, 70))
        type = "line.resume";
    if (chance(w, node->world->profile->close))
        type = "line.close";
    act_say(node, info->id, type, json_pack("{s:s}", "reason", "by order"), NULL);
}

static void act_ordinary(struct node *node, const struct line_info *info)
{
    struct world *w = node->world;
    const char *line = info->id;
    switch (below(w, 8)) {
    case 0:
        act_say(node, line, "text", free_text(w), NULL);
        return;
    case 1:
        act_say(node, line, "phrase", phrase(w), NULL);
        return;
    case 2:
        act_say(node, line, "question", free_text(w), NULL);
        return;
    case 3: {
        struct picked of = pick_message(node, info, false);
        json_t *body = free_text(w);
        json_object_set_new(body, "of", json_integer(of.is_there ? of.seq : 1));
        act_say(node, line, "answer", body, NULL);
        return;
    }
    case 4:
        act_say(node, line, "drill", json_object(), NULL);
        return;
    case 5:
        act_amend(node, info);
        return;
    default:
        act_say(node, line, "notice", notice(w, node_now(node)), NULL);
        return;
    }
}

static void act_floor(struct node *node, const struct line_info *info)
{
    static const char *const types[] = {"danger", "distress", "incident"};
    struct world *w = node->world;
    act_say(node, info->id, types[below(w, 3)], emergency(w, node_now(node)), NULL);
}

void act_of_operator(struct node *node)
{
    struct world *w = node->world;
    unsigned peer = (node->number + 1 + (unsigned)below(w, w->node_count - 1)) % w->node_count;
    struct line_context c = node_context(node);
    struct line_info info;
    enum tf_status rc = line_find(&c, w->nodes[peer]->card.id, &info);
    if (rc && rc != TF_NOT_FOUND)
        world_fail(w, "%s: line_find: %s", node->card.id, tf_status_text(rc));
    if (rc || info.state == LINE_CLOSED || info.own == STANCE_NONE) {
        act_open(node, peer);
        return;
    }
    /* A restored party waits to be told what it has said since; one in ten does not. */
    if (node_memory(node, info.id, peer)->is_waiting && !chance(w, 10))
        return;
    if (chance(w, w->profile->memo)) {
        act_memo(node, &info);
        return;
    }
    uint64_t which = below(w, 100);
    if (which < 12)
        act_state(node, &info);
    else if (which < 22)
        act_floor(node, &info);
    else if (which < 42)
        act_seen(node, &info);
    else if (which < 54)
        act_acknowledge(node, &info);
    else if (which < 59)
        act_nonsense(node, &info);
    else
        act_ordinary(node, &info);
}
