/*
 * check_end.c - when the network is whole again and time has passed: both sides agree, all
 * was delivered, ledgers and proofs hold; lines that were contradicted go on in a new round.
 */
#include "sim.h"

#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void bad(const struct node *node, const char *line, const char *what)
{
    world_fail(node->world, "at the end: %s, line %.8s: %s", node->card.id, line, what);
}

/* --- two sides ------------------------------------------------------------------------------- */

static bool is_honest(const struct node *node)
{
    return !node->is_enemy;
}

/* Both sides of a line that nobody contradicted. */
static void check_sides(struct node *a, const struct line_info *info)
{
    struct node *b = a->world->nodes[node_memory(a, info->id, 0)->peer];
    struct line_context c = node_context(b);
    struct line_info other;
    if (line_find(&c, info->id, &other))
        bad(a, info->id, "the other does not know it");
    if (other.peer_seq != info->own_seq || other.own_seq != info->peer_seq)
        world_fail(
            a->world,
            "at the end: line %.8s: %s said %lld of which %lld are at %s, and has %lld of %lld",
            info->id, a->card.id, (long long)info->own_seq, (long long)other.peer_seq, b->card.id,
            (long long)info->peer_seq, (long long)other.own_seq);
    if (info->own_receipted != info->own_seq)
        bad(a, info->id, "what was delivered is not receipted");
    if (other.own != info->other || other.other != info->own)
        bad(a, info->id, "the two sides do not agree on the stances");
    if (other.state != info->state)
        world_fail(a->world, "at the end: line %.8s: %s at %s, %s at %s", info->id,
                   line_state_name(info->state), a->card.id, line_state_name(other.state),
                   b->card.id);
    if (other.memo_number != info->memo_number)
        bad(a, info->id, "the two sides do not agree on the memorandum");
}

struct agreement {
    uint8_t hash[KEY_HASH_SIZE];
    int64_t number;
};

static bool in_force(void *ctx, const struct line_memo *memo)
{
    struct agreement *out = ctx;
    if (memo->agreed_us == 0 || memo->number < out->number)
        return true;
    out->number = memo->number;
    memo_hash(memo->document, memo->len, out->hash);
    return true;
}

static void check_bytes(struct node *a, const struct line_info *info)
{
    struct node *b = a->world->nodes[node_memory(a, info->id, 0)->peer];
    struct line_context ca = node_context(a), cb = node_context(b);
    struct agreement x = {.number = 0}, y = {.number = 0};
    if (line_each_memo(&ca, info->id, in_force, &x) || line_each_memo(&cb, info->id, in_force, &y))
        bad(a, info->id, "memoranda cannot be read");
    if (x.number != y.number || memcmp(x.hash, y.hash, KEY_HASH_SIZE) != 0)
        bad(a, info->id, "the two sides hold different memoranda");
}

static bool is_contradicted(struct node *a, const struct line_info *info)
{
    struct node *b = a->world->nodes[node_memory(a, info->id, 0)->peer];
    return node_record(a, info->id)->is_contradicted || node_record(b, info->id)->is_contradicted;
}

/* A later round waits for one before it that its two sides do not both hold for closed. */
static bool is_held_up(struct node *a, const struct infos *infos, const struct line_info *info)
{
    for (size_t i = 0; i < infos->count; i++)
        if (strcmp(infos->at[i].peer, info->peer) == 0 && infos->at[i].round < info->round &&
            is_contradicted(a, &infos->at[i]))
            return true;
    return false;
}

static void check_lines(struct node *node)
{
    struct infos infos;
    infos_of(node, &infos);
    for (size_t i = 0; i < infos.count; i++) {
        const struct line_info *info = &infos.at[i];
        struct node *peer = node->world->nodes[node_memory(node, info->id, 0)->peer];
        if (!is_honest(peer))
            continue;
        if (info->is_forked && !node_record(peer, info->id)->is_contradicted)
            bad(node, info->id, "an honest party is accused");
        if (is_contradicted(node, info) || is_held_up(node, &infos, info))
            continue;
        check_sides(node, info);
        check_bytes(node, info);
    }
}

/* --- ledgers ---------------------------------------------------------------------------------- */

static void check_ledger(struct node *node)
{
    char why[SQL_WHY_SIZE];
    if (ledger_verify(node->ledger, NULL, NULL, why))
        world_fail(node->world, "at the end: the ledger of %s: %s", node->card.id, why);
    for (size_t i = 0; i < node->root_count; i++) {
        struct ledger_hash root;
        if (ledger_root(node->ledger, node->roots[i].size, &root) ||
            !merkle_equal(&root, &node->roots[i].root))
            world_fail(node->world, "at the end: the ledger of %s was rewritten before %llu",
                       node->card.id, (unsigned long long)node->roots[i].size);
        struct ledger_proof proof;
        if (i > 0 && (ledger_consistency(node->ledger, node->roots[i - 1].size, node->roots[i].size,
                                         &proof) ||
                      !merkle_check_consistency(node->roots[i - 1].size, &node->roots[i - 1].root,
                                                node->roots[i].size, &root, &proof)))
            world_fail(node->world, "at the end: %s cannot prove that its ledger only grew",
                       node->card.id);
    }
}

/* The latest checkpoint's cosignatures verify, and that of each honest peer is there. */
static void check_cosigned(struct node *node)
{
    struct world *w = node->world;
    struct tf_buf bytes = TF_BUF_INIT(LEDGER_NOTE_MAX);
    struct note note;
    uint64_t size;
    if (ledger_checkpoint(node->ledger, &size, &bytes) || note_read(bytes.data, bytes.len, &note))
        world_fail(w, "at the end: %s has no checkpoint", node->card.id);
    for (unsigned i = 0; i < w->node_count; i++) {
        struct note_key key;
        if (note_key_make(w->nodes[i]->card.id, NOTE_COSIGNATURE, &w->nodes[i]->card.key, &key) &&
            note_check(&note, &key, NULL, NULL) == NOTE_FORGED)
            world_fail(w, "at the end: %s holds a false cosignature of %s", node->card.id,
                       w->nodes[i]->card.id);
    }
    tf_buf_release(&bytes);
}

/* What a node has cosigned of an honest ledger that was never restored is that ledger. */
static void check_witnessed(struct node *node)
{
    struct world *w = node->world;
    for (unsigned i = 0; i < w->node_count; i++) {
        struct node *other = w->nodes[i];
        struct tf_buf bytes = TF_BUF_INIT(LEDGER_NOTE_MAX);
        struct checkpoint checkpoint;
        struct ledger_hash root;
        struct note note;
        uint64_t size;
        if (other != node && is_honest(other) && !other->was_restored &&
            witness_latest(node->sql, other->card.ledger, &size, &bytes) == TF_OK) {
            if (note_read(bytes.data, bytes.len, &note) ||
                checkpoint_read(note.text, note.text_len, &checkpoint) ||
                ledger_root(other->ledger, checkpoint.size, &root) ||
                !merkle_equal(&root, &checkpoint.root))
                world_fail(w, "at the end: %s has cosigned what %s never had", node->card.id,
                           other->card.id);
            w->count.cosigned += size > 0;
        }
        tf_buf_release(&bytes);
    }
}

/* --- a line that was contradicted goes on in its next round
 * ----------------------------------------- */

static void close_contradicted(struct node *node)
{
    struct infos infos;
    infos_of(node, &infos);
    for (size_t i = 0; i < infos.count; i++)
        if (is_contradicted(node, &infos.at[i]) && infos.at[i].state != LINE_CLOSED &&
            act_say(node, infos.at[i].id, "line.close",
                    json_pack("{s:s}", "reason", "it was contradicted"), NULL))
            bad(node, infos.at[i].id, "a line that was contradicted cannot be closed");
}

static void check_next_round(struct world *w)
{
    bool any = false;
    for (unsigned i = 0; i < w->node_count; i++)
        for (size_t k = 0; k < w->nodes[i]->record_count; k++)
            any = any || w->nodes[i]->records[k].is_contradicted;
    if (!any)
        return;
    for (unsigned i = 0; i < w->node_count; i++)
        close_contradicted(w->nodes[i]);
    world_run(w, 2 * MINUTE_US);
    act_open_all(w);
    world_run(w, 2 * MINUTE_US);
    for (unsigned i = 0; i < w->node_count; i++) {
        struct node *node = w->nodes[i];
        check_node(node);
        for (unsigned k = 0; k < w->node_count; k++) {
            struct line_context c = node_context(node);
            struct line_info info;
            if (k == i || !is_honest(node) || !is_honest(w->nodes[k]))
                continue;
            if (line_find(&c, w->nodes[k]->card.id, &info) || info.state == LINE_CLOSED ||
                info.state == LINE_PROPOSED || info.state == LINE_DEGRADED)
                bad(node, w->nodes[k]->card.id, "there is no way back to an open line");
        }
    }
}

void check_end(struct world *w)
{
    for (unsigned i = 0; i < w->node_count; i++)
        check_node(w->nodes[i]);
    for (unsigned i = 0; i < w->node_count; i++) {
        struct node *node = w->nodes[i];
        if (is_honest(node))
            check_lines(node);
        check_ledger(node);
        check_cosigned(node);
        check_witnessed(node);
    }
    check_next_round(w);
}
