/*
 * world.c - parties, their clocks and databases; transactions, crashes, backups.
 */
#include "sim.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <tafadi/time.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const names[SIM_NODES_MAX] = {"north.example", "south.example", "west.example"};

/* --- words for people --------------------------------------------------------------------- */

void world_trace(struct world *w, const char *format, ...)
{
    if (!getenv("TAFADI_SIM_TRACE"))
        return;
    va_list args;
    va_start(args, format);
    printf("[%4u %10.3f s] ", w->step, (double)(w->now_us % (1000000 * SECOND_US)) / 1e6);
    vprintf(format, args); // NOLINT: the format is the caller's literal
    printf("\n");
    fflush(stdout);
    va_end(args);
}

void world_fail(struct world *w, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_error("step %u: %s\n"
                "again: TAFADI_SEED=%llu TAFADI_SIM_SCHEDULES=1 TAFADI_SIM_TRACE=1 (profile %s)\n",
                w->step, text, (unsigned long long)w->seed, w->profile->name);
    fail();
    abort();
}

/* --- a node's disk ---------------------------------------------------------------------------- */

int64_t node_now(const struct node *node)
{
    return node->world->now_us + node->skew_us;
}

struct line_context node_context(struct node *node)
{
    return (struct line_context){.sql = node->sql,
                                 .ledger = node->ledger,
                                 .key = node->key,
                                 .card = node->card,
                                 .now_us = node_now(node),
                                 .actor = "officer"};
}

/* Called before each write and commit. */
static enum tf_status fault(void *ctx)
{
    struct node *node = ctx;
    if (node->writes_left == 0 || --node->writes_left > 0)
        return TF_OK;
    node->has_faulted = true;
    node->faults++;
    return TF_LIMIT;
}

static void node_add_key(struct node *node)
{
    uint8_t seed[KEY_SEED_SIZE];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)below(node->world, 256);
    if (key_from_seed(seed, &node->keys[node->key_count]))
        world_fail(node->world, "no key");
    node->key_count++;
}

/* With the last key, or, if a change of keys was not committed, the one before. */
static enum tf_status open_ledger(struct node *node, char why[SQL_WHY_SIZE])
{
    enum tf_status rc = TF_UNSUPPORTED;
    for (size_t i = node->key_count; rc == TF_UNSUPPORTED && i > 0; i--) {
        node->key = node->keys[i - 1];
        node->card.key = key_public_of(node->key);
        rc = ledger_open(node->sql, node->card.ledger, node->key, &node->ledger, why);
    }
    return rc;
}

static void node_open(struct node *node)
{
    char why[SQL_WHY_SIZE] = "";
    if (sql_open(node->path, &node->sql, why) || line_prepare(node->sql, why) ||
        open_ledger(node, why))
        world_fail(node->world, "%s does not open: %s", node->card.id, why);
    sql_set_fault(node->sql, fault, node);
    node->lives++;
}

static void node_close(struct node *node)
{
    ledger_close(node->ledger);
    sql_close(node->sql);
    node->ledger = NULL;
    node->sql = NULL;
}

static void node_unlink(const struct node *node)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char path[160];
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(path, sizeof path, "%s%s", node->path, ends[i]);
        unlink(path);
    }
}

static void forget_cache(struct node *node)
{
    for (size_t i = 0; i < node->cache_count; i++)
        node->caches[i].is_read = node->caches[i].is_checked = false;
}

/* Memory is gone, and with it what was not committed. */
void node_crash(struct node *node)
{
    node->writes_left = 0;
    node->has_faulted = false;
    node_close(node);
    node_open(node);
    forget_cache(node);
    node->tick_us = node->world->now_us;
    node->world->count.crashes++;
    node->is_changed = true;
}

void node_back_up(struct node *node)
{
    char why[SQL_WHY_SIZE];
    unlink(node->backup);
    if (sql_copy(node->path, node->backup, why))
        world_fail(node->world, "no backup: %s", why);
    if (!node->backup_memories)
        node->backup_memories = calloc(1, sizeof *node->backup_memories);
    *node->backup_memories = node->memories;
    world_trace(node->world, "%s backs up", node->card.id);
}

/* --- transactions
 * --------------------------------------------------------------------------------- */

static enum tf_status in_mark(struct node *node,
                              enum tf_status (*run)(void *arg, const struct line_context *c),
                              void *arg)
{
    struct line_context c = node_context(node);
    enum tf_status rc = sql_mark(node->sql);
    if (rc)
        return rc;
    enum tf_status done = run(arg, &c);
    if (done == TF_OK)
        return sql_keep(node->sql);
    ledger_forget(node->ledger);
    rc = sql_undo(node->sql);
    return rc ? rc : done;
}

/* A checkpoint of what is committed; its own transaction may fail as any. */
static void sign(struct node *node)
{
    uint64_t size;
    struct tf_buf note = TF_BUF_INIT(LEDGER_NOTE_MAX);
    enum tf_status rc = ledger_sign(node->ledger, node_now(node));
    if (rc && rc != TF_UNSUPPORTED && !node->has_faulted) /* the key was changed just now */
        world_fail(node->world, "%s cannot sign its ledger: %s", node->card.id, sql_why(node->sql));
    if (!rc && ledger_checkpoint(node->ledger, &size, &note) == TF_OK &&
        node->root_count < sizeof node->roots / sizeof node->roots[0]) {
        struct signed_root *root = &node->roots[node->root_count];
        if (node->root_count == 0 || root[-1].size != size) {
            root->size = size;
            if (ledger_root(node->ledger, size, &root->root))
                world_fail(node->world, "%s: no root of %llu", node->card.id,
                           (unsigned long long)size);
            node->root_count++;
        }
    }
    tf_buf_release(&note);
}

enum tf_status node_do(struct node *node,
                       enum tf_status (*run)(void *arg, const struct line_context *c), void *arg)
{
    enum tf_status rc = sql_begin(node->sql);
    enum tf_status done = TF_OK;
    if (!rc) {
        done = in_mark(node, run, arg);
        rc = sql_commit(node->sql);
    }
    if (rc) {
        sql_rollback(node->sql);
        ledger_forget(node->ledger);
    }
    if (!rc && !node->has_faulted && chance(node->world, 70))
        sign(node);
    node->is_changed = true;
    if (node->has_faulted) {
        world_trace(node->world, "%s: %s", node->card.id,
                    node->fault_is_crash ? "crashes" : "cannot write");
        node->has_faulted = false;
        if (node->fault_is_crash)
            node_crash(node);
    }
    return rc ? rc : done;
}

/* --- restores ---------------------------------------- */

/* The disk is lost, the backup takes its place. */
static enum tf_status restored(void *arg, const struct line_context *c)
{
    (void)arg;
    return line_restored(c);
}

void node_restore(struct node *node, bool in_silence)
{
    char why[SQL_WHY_SIZE];
    if (!node->backup_memories)
        return;
    world_trace(node->world, "%s is restored", node->card.id);
    node_close(node);
    node_unlink(node);
    if (sql_copy(node->backup, node->path, why))
        world_fail(node->world, "no restore: %s", why);
    node->memories = *node->backup_memories;
    for (size_t i = 0; i < node->memories.count; i++)
        node->memories.at[i].is_waiting = !in_silence;
    node->was_restored = true;
    forget_cache(node);
    node->root_count = 0;
    node->writes_left = 0;
    node_open(node);
    node->tick_us = node->world->now_us;
    node->world->count.restores++;
    if (!in_silence && node_do(node, restored, NULL))
        world_fail(node->world, "%s cannot say that it was restored", node->card.id);
    node->is_changed = true;
}

/* --- another key ------------------------------------------------------------------------------ */

static enum tf_status rotate(void *arg, const struct line_context *c)
{
    struct node *node = arg;
    struct key_secret *next = node->keys[node->key_count - 1];
    struct infos infos;
    struct tf_fault why;
    int64_t seq;
    enum tf_status rc = TF_OK;
    infos_of(node, &infos);
    for (size_t i = 0; i < infos.count && !rc; i++)
        if (infos.at[i].state != LINE_CLOSED && infos.at[i].own != STANCE_NONE)
            rc = line_rotate(c, infos.at[i].id, next, "head-of-cell", &seq, &why);
    return rc ? rc : ledger_rotate(node->ledger, next, c->now_us);
}

void node_rotate(struct node *node)
{
    struct world *w = node->world;
    if (node->key_count == SIM_KEYS_MAX)
        return;
    node_add_key(node);
    enum tf_status rc = node_do(node, rotate, node);
    world_trace(w, "%s changes its key: %s", node->card.id, tf_status_text(rc));
    if (rc) /* nothing was committed */
        key_free(node->keys[--node->key_count]);
    else
        node_crash(node); /* it starts again, with the key that its database wants */
}

/* --- what a node must remember
 * ------------------------------------------------------------------------ */

struct memory *node_memory(struct node *node, const char *line, unsigned peer)
{
    struct memories *all = &node->memories;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->at[i].line, line) == 0)
            return &all->at[i];
    if (all->count == SIM_LINES_MAX)
        world_fail(node->world, "%s has too many lines", node->card.id);
    struct memory *memory = &all->at[all->count++];
    memset(memory, 0, sizeof *memory);
    snprintf(memory->line, sizeof memory->line, "%s", line);
    memory->peer = peer;
    return memory;
}

struct record *node_record(struct node *node, const char *line)
{
    for (size_t i = 0; i < node->record_count; i++)
        if (strcmp(node->records[i].line, line) == 0)
            return &node->records[i];
    if (node->record_count == SIM_LINES_MAX)
        world_fail(node->world, "%s has too many lines", node->card.id);
    struct record *record = &node->records[node->record_count++];
    snprintf(record->line, sizeof record->line, "%s", line);
    return record;
}

struct cache *node_cache(struct node *node, const char *line)
{
    for (size_t i = 0; i < node->cache_count; i++)
        if (strcmp(node->caches[i].line, line) == 0)
            return &node->caches[i];
    if (node->cache_count == SIM_LINES_MAX)
        world_fail(node->world, "%s has too many lines", node->card.id);
    struct cache *cache = &node->caches[node->cache_count++];
    snprintf(cache->line, sizeof cache->line, "%s", line);
    return cache;
}

int world_node_named(const struct world *w, const char *id, size_t len)
{
    for (unsigned i = 0; i < w->node_count; i++)
        if (strlen(names[i]) == len && memcmp(names[i], id, len) == 0)
            return (int)i;
    return -1;
}

/* --- beginning and end
 * ----------------------------------------------------------------------------------- */

static void node_name(struct node *node)
{
    struct world *w = node->world;
    node_add_key(node);
    node->key = node->keys[0];
    struct card *card = &node->card;
    snprintf(card->id, sizeof card->id, "%s", names[node->number]);
    snprintf(card->title, sizeof card->title, "Cell %u", node->number);
    snprintf(card->ledger, sizeof card->ledger, "%s/ledger", names[node->number]);
    snprintf(card->url, sizeof card->url, "https://198.51.100.%u", node->number + 1);
    card->key = key_public_of(node->key);
    card->made_ns = w->now_us * 1000;
    node->card_text = (struct tf_buf)TF_BUF_INIT(CARD_TEXT_MAX);
    if (card_write(card, node->key, &node->card_text))
        world_fail(w, "no card");
}

static struct node *node_new(struct world *w, unsigned number)
{
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    struct node *node = calloc(1, sizeof *node);
    node->world = w;
    node->number = number;
    snprintf(node->path, sizeof node->path, "%s/tafadi-sim-%d-%u.db", folder, (int)getpid(),
             number);
    snprintf(node->backup, sizeof node->backup, "%s.backup", node->path);
    node_unlink(node);
    node->records = calloc(SIM_LINES_MAX, sizeof *node->records);
    node->caches = calloc(SIM_LINES_MAX, sizeof *node->caches);
    node->skew_us = between_us(w, -MINUTE_US, MINUTE_US);
    node->is_enemy = w->profile->enemy > 0 && number == 1;
    node->tick_us = w->now_us;
    node_name(node);
    node_open(node);
    return node;
}

struct introduction {
    const struct tf_buf *text;
};

static enum tf_status introduce(void *arg, const struct line_context *c)
{
    const struct introduction *that = arg;
    struct card card;
    struct tf_fault why;
    return line_add_party(c, that->text->data, that->text->len, &card, &why);
}

struct world *world_new(uint64_t seed, const struct profile *profile)
{
    static uint64_t worlds;
    struct world *w = calloc(1, sizeof *w);
    w->serial = ++worlds;
    w->seed = seed;
    w->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    w->profile = profile;
    w->now_us = INT64_C(1795000000) * SECOND_US;
    w->node_count = profile->nodes;
    for (unsigned i = 0; i < w->node_count; i++)
        w->nodes[i] = node_new(w, i);
    for (unsigned i = 0; i < w->node_count; i++)
        for (unsigned j = 0; j < w->node_count; j++) {
            struct introduction that = {.text = &w->nodes[j]->card_text};
            if (i != j && node_do(w->nodes[i], introduce, &that))
                world_fail(w, "%s does not take a card", w->nodes[i]->card.id);
        }
    return w;
}

static void node_free(struct node *node)
{
    node_close(node);
    node_unlink(node);
    unlink(node->backup);
    for (size_t i = 0; i < node->key_count; i++)
        key_free(node->keys[i]);
    tf_buf_release(&node->card_text);
    free(node->backup_memories);
    free(node->records);
    for (size_t i = 0; i < node->cache_count; i++) {
        entries_cut(&node->caches[i].sides[0], 0);
        entries_cut(&node->caches[i].sides[1], 0);
    }
    free(node->caches);
    free(node);
}

void world_free(struct world *w)
{
    network_clear(w, -1);
    for (size_t i = 0; i < w->kept_count; i++)
        tf_buf_release(&w->kept[i].bytes);
    for (unsigned i = 0; i < w->node_count; i++)
        node_free(w->nodes[i]);
    free(w);
}

/* --- time
 * ----------------------------------------------------------------------------------------------------
 */

static struct node *next_node(const struct world *w)
{
    struct node *next = w->nodes[0];
    for (unsigned i = 1; i < w->node_count; i++)
        if (w->nodes[i]->tick_us < next->tick_us)
            next = w->nodes[i];
    return next;
}

void world_run(struct world *w, int64_t for_us)
{
    int64_t until_us = w->now_us + for_us;
    for (;;) {
        struct node *node = next_node(w);
        int64_t packet_us = network_next_us(w);
        int64_t next_us = packet_us < node->tick_us ? packet_us : node->tick_us;
        if (next_us > until_us)
            break;
        if (next_us > w->now_us)
            w->now_us = next_us;
        if (packet_us <= node->tick_us)
            network_deliver(w);
        else
            network_tick(node);
    }
    w->now_us = until_us;
}
