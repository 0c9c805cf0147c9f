/*
 * network.c - posts between nodes: who calls whom, what becomes of a packet, what is done with it.
 */
#include "sim.h"

#include <stdlib.h>

enum { TICK_US = 10 * SECOND_US, RETRY_US = 3 * SECOND_US, DOUBLINGS = 4 };

/* --- packets -------------------------------------------------------------------------------- */

static struct packet *room(struct world *w)
{
    if (w->packet_count < SIM_PACKETS_MAX)
        return &w->packets[w->packet_count++];
    size_t which = (size_t)below(w, SIM_PACKETS_MAX); /* a full network loses something */
    tf_buf_release(&w->packets[which].bytes);
    return &w->packets[which];
}

static int64_t delay_us(struct world *w, enum packet_kind kind)
{
    if (w->is_calm)
        return between_us(w, 1000, 50000);
    if (kind == PACKET_FILE)
        return between_us(w, MINUTE_US, 20 * MINUTE_US);
    if (chance(w, w->profile->slow))
        return between_us(w, SECOND_US, 3 * MINUTE_US);
    return between_us(w, 1000, 500000);
}

static struct tf_buf copy_of(const struct tf_buf *bytes)
{
    struct tf_buf copy = TF_BUF_INIT(LINE_POST_MAX + 65536);
    tf_buf_append(&copy, bytes->data, bytes->len);
    return copy;
}

static void put(struct world *w, enum packet_kind kind, unsigned from, unsigned to,
                const struct tf_buf *bytes)
{
    int64_t arrives_us = w->now_us + delay_us(w, kind);
    struct packet *packet = room(w);
    *packet = (struct packet){.kind = kind,
                              .from = from,
                              .to = to,
                              .arrives_us = arrives_us,
                              .order = w->orders++,
                              .bytes = copy_of(bytes)};
    if (!w->is_calm && chance(w, w->profile->tamper))
        enemy_tamper(w, &packet->bytes);
}

/* Who listens keeps some, to play them again, and answers some. */
static void listen(struct world *w, unsigned from, unsigned to, const struct tf_buf *bytes)
{
    if (w->profile->replay == 0 || !chance(w, 20))
        return;
    if (chance(w, 20) && !w->is_calm)
        enemy_answer(w, from, to, bytes);
    size_t which = w->kept_count < SIM_KEPT_MAX ? w->kept_count++ : (size_t)below(w, SIM_KEPT_MAX);
    tf_buf_release(&w->kept[which].bytes);
    w->kept[which] = (struct packet){.from = from, .to = to, .bytes = copy_of(bytes)};
}

void network_send(struct world *w, enum packet_kind kind, unsigned from, unsigned to,
                  struct tf_buf *bytes)
{
    w->count.posts++;
    bool is_cut = kind != PACKET_FILE &&
                  (w->is_cut[from][to] || (kind == PACKET_POST && w->is_closed[from][to]));
    if (kind != PACKET_FILE)
        listen(w, from, to, bytes);
    if (!is_cut && (w->is_calm || !chance(w, w->profile->drop)))
        put(w, kind, from, to, bytes);
    if (!is_cut && !w->is_calm && chance(w, w->profile->twice))
        put(w, kind, from, to, bytes);
    tf_buf_release(bytes);
}

void network_replay(struct world *w)
{
    if (w->kept_count == 0)
        return;
    const struct packet *old = &w->kept[below(w, w->kept_count)];
    world_trace(w, "a recorded post is played again to %u", old->to);
    put(w, PACKET_POST, old->from, old->to, &old->bytes);
}

static size_t next_packet(const struct world *w)
{
    size_t next = 0;
    for (size_t i = 1; i < w->packet_count; i++) {
        const struct packet *a = &w->packets[i], *b = &w->packets[next];
        if (a->arrives_us < b->arrives_us ||
            (a->arrives_us == b->arrives_us && a->order < b->order))
            next = i;
    }
    return next;
}

int64_t network_next_us(const struct world *w)
{
    return w->packet_count == 0 ? INT64_MAX : w->packets[next_packet(w)].arrives_us;
}

void network_clear(struct world *w, int from)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->packet_count; i++)
        if (from >= 0 && w->packets[i].from != (unsigned)from)
            w->packets[kept++] = w->packets[i];
        else
            tf_buf_release(&w->packets[i].bytes);
    w->packet_count = kept;
}

/* --- making posts ----------------------------------------------------------------------------- */

struct collecting {
    const char *line;
    struct tf_buf bytes;
};

static enum tf_status collect(void *arg, const struct line_context *c)
{
    struct collecting *that = arg;
    return line_collect(c, that->line, &that->bytes);
}

/* False: it could not be made now. */
static bool make(struct node *node, const char *line, struct tf_buf *out)
{
    struct collecting that = {.line = line, .bytes = TF_BUF_INIT(LINE_POST_MAX)};
    enum tf_status rc = node_do(node, collect, &that);
    if (rc && rc != TF_LIMIT)
        world_fail(node->world, "%s: line_collect: %s (%s)", node->card.id, tf_status_text(rc),
                   sql_why(node->sql));
    if (rc) {
        tf_buf_release(&that.bytes);
        return false;
    }
    check_made(node, that.bytes.data, that.bytes.len);
    *out = that.bytes;
    return true;
}

static void call(struct node *node, const char *line, unsigned peer)
{
    struct tf_buf bytes;
    if (make(node, line, &bytes))
        network_send(node->world, PACKET_POST, node->number, peer, &bytes);
    unsigned doubled = node->failures[peer]++;
    if (doubled > (node->world->is_calm ? 2 : DOUBLINGS))
        doubled = node->world->is_calm ? 2 : DOUBLINGS;
    node->try_us[peer] = node->world->now_us + ((int64_t)RETRY_US << doubled);
}

/* --- taking posts ----------------------------------------------------------------------------- */

struct taking {
    const struct tf_buf *bytes;
    struct line_taken taken;
};

static enum tf_status take(void *arg, const struct line_context *c)
{
    struct taking *that = arg;
    struct tf_fault why;
    that->taken = (struct line_taken){.refused = 0};
    return line_take(c, that->bytes->data, that->bytes->len, &that->taken, &why);
}

static void answer(struct node *node, const struct packet *packet, const char *line)
{
    struct tf_buf bytes;
    if (make(node, line, &bytes))
        network_send(node->world, PACKET_ANSWER, packet->to, packet->from, &bytes);
}

static bool is_refusal(enum tf_status rc)
{
    return rc == TF_SYNTAX || rc == TF_NOT_FOUND || rc == TF_TOO_LARGE || rc == TF_LIMIT;
}

void network_deliver(struct world *w)
{
    size_t which = next_packet(w);
    struct packet packet = w->packets[which];
    w->packets[which] = w->packets[--w->packet_count];
    struct node *node = w->nodes[packet.to];
    struct taking that = {.bytes = &packet.bytes};
    enum tf_status rc = node_do(node, take, &that);
    if (rc && !is_refusal(rc))
        world_fail(w, "%s: line_take: %s (%s)", node->card.id, tf_status_text(rc),
                   sql_why(node->sql));
    world_trace(w,
                "%u takes a post of %u: %s; applied %u, again %u, early %u, receipts %u, "
                "returned %u, refused %u, forks %u%s%s",
                packet.to, packet.from, tf_status_text(rc), that.taken.applied,
                that.taken.duplicates, that.taken.early, that.taken.receipts, that.taken.returned,
                that.taken.refused, that.taken.forks, that.taken.may_answer ? ", may answer" : "",
                that.taken.has_more ? ", has more" : "");
    if (rc == TF_OK) {
        check_taken(node, packet.bytes.data, packet.bytes.len, &that.taken);
        if (packet.kind == PACKET_POST && that.taken.may_answer)
            answer(node, &packet, that.taken.line);
        if (that.taken.may_answer && packet.kind != PACKET_FILE) {
            node->try_us[packet.from] = w->now_us;
            node->failures[packet.from] = 0;
        }
        if (that.taken.has_more || that.taken.applied > 0)
            node->tick_us = w->now_us;
    }
    tf_buf_release(&packet.bytes);
}

/* --- looking after lines -----------------------------------------------------------------------
 */

struct lines {
    size_t count;
    struct line_info at[SIM_LINES_MAX];
};

static bool add_line(void *ctx, const struct line_info *info)
{
    struct lines *lines = ctx;
    if (lines->count < SIM_LINES_MAX)
        lines->at[lines->count++] = *info;
    return true;
}

static void lines_of(struct node *node, struct lines *lines)
{
    struct line_context c = node_context(node);
    lines->count = 0;
    if (line_each(&c, add_line, lines))
        world_fail(node->world, "%s: line_each: %s", node->card.id, sql_why(node->sql));
}

struct ticking {
    const char *line;
    int64_t next_us;
    bool wants_post;
};

static enum tf_status tick(void *arg, const struct line_context *c)
{
    struct ticking *that = arg;
    return line_tick(c, that->line, &that->next_us, &that->wants_post);
}

static int peer_of(const struct node *node, const struct line_info *info)
{
    int peer = world_node_named(node->world, info->peer, strlen(info->peer));
    if (peer < 0)
        world_fail(node->world, "%s has a line to %s", node->card.id, info->peer);
    return peer;
}

static void look_after(struct node *node, const struct line_info *info, int64_t *next_us)
{
    struct world *w = node->world;
    unsigned peer = (unsigned)peer_of(node, info);
    struct ticking that = {.line = info->id, .next_us = INT64_MAX};
    enum tf_status rc = node_do(node, tick, &that);
    if (rc && rc != TF_LIMIT)
        world_fail(w, "%s: line_tick: %s (%s)", node->card.id, tf_status_text(rc),
                   sql_why(node->sql));
    if (rc)
        return;
    check_ticked(node, info->id, that.next_us <= node_now(node));
    int64_t at_us = that.next_us - node->skew_us;
    if (at_us < *next_us)
        *next_us = at_us;
    if (that.wants_post && node->try_us[peer] <= w->now_us)
        call(node, info->id, peer);
}

void network_tick(struct node *node)
{
    struct world *w = node->world;
    struct lines lines;
    lines_of(node, &lines);
    int64_t next_us = w->now_us + TICK_US;
    for (size_t i = 0; i < lines.count; i++)
        look_after(node, &lines.at[i], &next_us);
    /* Not at once again: a post that cannot go would keep the clock from going on. */
    node->tick_us = next_us <= w->now_us ? w->now_us + SECOND_US / 4 : next_us;
}

void network_export(struct node *node)
{
    struct world *w = node->world;
    struct lines lines;
    lines_of(node, &lines);
    if (lines.count == 0)
        return;
    const struct line_info *info = &lines.at[below(w, lines.count)];
    unsigned peer = (unsigned)peer_of(node, info);
    struct tf_buf bytes;
    world_trace(w, "%s writes a post for %s to a file", node->card.id, info->peer);
    if (make(node, info->id, &bytes))
        network_send(w, PACKET_FILE, node->number, peer, &bytes);
}

/* --- by hand -------------------------------------------------------------------------------- */

struct tf_buf network_make(struct world *w, unsigned from, unsigned to)
{
    struct line_context c = node_context(w->nodes[from]);
    struct line_info info;
    struct tf_buf bytes;
    if (line_find(&c, w->nodes[to]->card.id, &info) || !make(w->nodes[from], info.id, &bytes))
        world_fail(w, "no post from %u to %u", from, to);
    return bytes;
}

enum tf_status network_take(struct world *w, unsigned to, const struct tf_buf *bytes,
                            struct line_taken *taken)
{
    struct taking that = {.bytes = bytes};
    enum tf_status rc = node_do(w->nodes[to], take, &that);
    if (rc == TF_OK)
        check_taken(w->nodes[to], bytes->data, bytes->len, &that.taken);
    *taken = that.taken;
    return rc;
}

struct line_taken network_pass(struct world *w, unsigned from, unsigned to)
{
    struct tf_buf bytes = network_make(w, from, to);
    struct line_taken taken;
    enum tf_status rc = network_take(w, to, &bytes, &taken);
    if (rc)
        world_fail(w, "%u does not take a post of %u: %s", to, from, tf_status_text(rc));
    tf_buf_release(&bytes);
    w->now_us += 1000;
    return taken;
}
