/*
 * sim.h - whole nodes in one process, on a clock and a network that a seed drives.
 *
 * A world has two or three parties, each with a database file of its own, a key, and a clock that
 * is wrong by up to a minute. Its nodes run the rules of lines (line/line.h) as src/party does,
 * without threads and sockets; what they write to each other lies in a list of packets, which are
 * lost, doubled, late, out of order, changed, or carried as files. Operators act at random, nodes
 * crash at any write, disks fill, backups are restored, one party may be an enemy.
 *
 *   test_sim.c   profiles, schedules, options
 *   world.c      parties, time, transactions, crashes, backups
 *   network.c    packets, who reaches whom, posts taken and answered
 *   acts.c       what operators do
 *   enemy.c      what an enemy does, on the network or as a peer
 *   model.c      the rules once more, over plain arrays, written from docs/line.md
 *   checks.c     what must be true of a node after each step
 *   check_posts.c  of posts made and taken, and of ticks
 *   check_end.c  when all has calmed down
 *
 * Everything follows from the seed: a failure prints it with the step, and what led there.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "ledger/witness.h"
#include "line/line.h"
#include "random.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (3600 * SECOND_US)

enum {
    SIM_NODES_MAX = 3,
    SIM_LINES_MAX = 24, /* of a node, all rounds */
    SIM_PACKETS_MAX = 192,
    SIM_WORDS_MAX = 512, /* messages of one side of a line */
    SIM_KEYS_MAX = 6,
    SIM_KEPT_MAX = 32 /* recorded posts, for playing again */
};

/* What a schedule may do, in percent of its steps or chances. */
struct profile {
    const char *name;
    unsigned nodes, steps;
    unsigned drop, twice, slow;         /* of packets */
    unsigned partition, one_way, files; /* of steps */
    unsigned crash, full, jump, restore;
    unsigned tamper, replay; /* an enemy on the network */
    unsigned enemy;          /* an enemy as a peer: node 1 */
    unsigned memo;           /* share of acts that are about memoranda */
    unsigned close;          /* of acts: lines end, and begin again */
    unsigned rotate;         /* keys are changed */
};

/* One number that a party used, and what it said under it. */
struct word {
    int64_t seq;
    uint8_t hash[KEY_HASH_SIZE];
};
struct words {
    size_t count;
    struct word at[SIM_WORDS_MAX];
};

/* What a node must know about a line, by what was committed there: goes back with a backup. */
struct memory {
    char line[LINE_ID_SIZE];
    unsigned peer;
    int64_t heard_count; /* messages of the other that took effect, their hashes in `heard` */
    uint8_t heard[SIM_WORDS_MAX][KEY_HASH_SIZE];
    int64_t beat_at_us; /* of the last beat that was taken; 0: none */
    int64_t life_us;    /* silence counts from here: that it came, or that both had opened */
    bool is_watched, is_silent; /* is_silent: from a tick that finds it to the next good beat */
    int64_t memo_number, heartbeat_s; /* of that memorandum */
    int64_t told[2]; /* events "message": the last number of the other's, of ours */
    bool must_be_forked;
    bool is_waiting; /* restored: says nothing before a good beat */
};
/* What was read of a line before: parsed once, used again while the hashes are the same. */
struct entries {
    size_t count;
    struct entry *at;
};
struct cache {
    char line[LINE_ID_SIZE];
    struct entries sides[2];  /* the other's, ours */
    struct line_info info;    /* when all of it was checked last */
    bool is_checked, is_read; /* is_read: since the node began */
    unsigned checks;
};
struct memories {
    size_t count;
    int64_t last_event;
    struct memory at[SIM_LINES_MAX];
};

/* What was ever said by a node on a line, whatever happened to its disk. */
struct record {
    char line[LINE_ID_SIZE];
    struct words said;
    bool is_contradicted; /* two words under one number: after a restore, or as an enemy */
};

/* A checkpoint that was signed. */
struct signed_root {
    uint64_t size;
    struct ledger_hash root;
};

struct node {
    struct world *world;
    unsigned number;
    char path[96], backup[112];
    struct key_secret *key; /* the last of `keys` */
    struct key_secret *keys[SIM_KEYS_MAX];
    size_t key_count;
    struct card card;
    struct tf_buf card_text;
    struct sql *sql;
    struct ledger *ledger;
    int64_t skew_us;
    int64_t tick_us; /* by the world's clock: when to look after the lines again */
    int64_t try_us[SIM_NODES_MAX];
    unsigned failures[SIM_NODES_MAX]; /* posts since the last answer */
    unsigned ticks, lives;            /* lives: times that it was opened */
    bool is_enemy, was_restored, is_changed;

    int writes_left; /* until the fault; 0: none is set */
    unsigned faults; /* that happened */
    bool fault_is_crash, has_faulted;

    struct memories memories;
    struct memories *backup_memories; /* owned; NULL: no backup yet */
    size_t record_count;
    struct record *records; /* owned; SIM_LINES_MAX */
    size_t cache_count;
    struct cache *caches; /* owned; SIM_LINES_MAX */
    size_t root_count;
    struct signed_root roots[1024];
};

enum packet_kind { PACKET_POST, PACKET_ANSWER, PACKET_FILE };
struct packet {
    enum packet_kind kind;
    unsigned from, to;
    int64_t arrives_us;
    uint64_t order; /* of sending; equal times arrive in it */
    struct tf_buf bytes;
};

struct world {
    uint64_t seed, random, orders, serial; /* serial: of the worlds of this process */
    const struct profile *profile;
    unsigned step;
    int64_t now_us; /* true time */
    bool is_calm;   /* no faults any more: the end */
    unsigned node_count;
    struct node *nodes[SIM_NODES_MAX];
    bool is_cut[SIM_NODES_MAX][SIM_NODES_MAX];    /* nothing gets through */
    bool is_closed[SIM_NODES_MAX][SIM_NODES_MAX]; /* may not call; answers pass */
    size_t packet_count, kept_count;
    struct packet packets[SIM_PACKETS_MAX], kept[SIM_KEPT_MAX];
    struct {
        uint64_t said, refused, posts, crashes, restores, forks, agreed, cosigned;
    } count;
};

/* --- chance -------------------------------------------------------------------------- */

static inline uint64_t below(struct world *w, uint64_t n)
{
    return random_below(&w->random, n);
}
static inline bool chance(struct world *w, unsigned percent)
{
    return below(w, 100) < percent;
}
static inline int64_t between_us(struct world *w, int64_t lo, int64_t hi)
{
    return lo + (int64_t)below(w, (uint64_t)(hi - lo));
}

/* --- world.c ---------------------------------------------------------------------------- */

struct world *world_new(uint64_t seed, const struct profile *profile);
void world_free(struct world *w);
/* Time passes: packets arrive, nodes look after their lines. */
void world_run(struct world *w, int64_t for_us);
void world_trace(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* An invariant is broken: says seed and step, and ends the test. */
_Noreturn void world_fail(struct world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

int64_t node_now(const struct node *node);
struct line_context node_context(struct node *node);
/*
 * Runs `run` in a transaction of the node, as src/party does: a mark around it, a commit, a
 * checkpoint now and then. TF_OK: it is on the disk. What run() returns undoes it alone. A fault
 * that was set may crash the node; it is open again afterwards.
 */
enum tf_status node_do(struct node *node,
                       enum tf_status (*run)(void *arg, const struct line_context *c), void *arg);
void node_crash(struct node *node);
void node_back_up(struct node *node);
/* in_silence: as a machine put back to a snapshot, which does not know it. */
void node_restore(struct node *node, bool in_silence);
void node_rotate(struct node *node); /* to a new key, on all its lines and in its ledger */
struct memory *node_memory(struct node *node, const char *line, unsigned peer); /* made at need */
struct record *node_record(struct node *node, const char *line);
struct cache *node_cache(struct node *node, const char *line);
/* The node whose card has this id; -1: none. */
int world_node_named(const struct world *w, const char *id, size_t len);

/* --- network.c -------------------------------------------------------------------------- */

/* Sends, with the profile's faults. `bytes` is taken over. */
void network_send(struct world *w, enum packet_kind kind, unsigned from, unsigned to,
                  struct tf_buf *bytes);
/* What arrives next; INT64_MAX: nothing. */
int64_t network_next_us(const struct world *w);
void network_deliver(struct world *w);
/* Ticks the node's lines; sends what is to be sent. */
void network_tick(struct node *node);
/* By hand: one post of the newest line between two nodes, taken at once; not answered. */
struct line_taken network_pass(struct world *w, unsigned from, unsigned to);
/* The same post, to be kept and changed: owned by the caller. */
struct tf_buf network_make(struct world *w, unsigned from, unsigned to);
enum tf_status network_take(struct world *w, unsigned to, const struct tf_buf *bytes,
                            struct line_taken *taken);
void network_export(struct node *node); /* a post as a file, to arrive some time */
void network_replay(struct world *w);
void network_clear(struct world *w, int from); /* what is under way, of one node (-1: all) */

/* --- acts.c ------------------------------------------------------------------------------- */

void act_of_operator(struct node *node);
void act_open_all(struct world *w); /* each opens a line to each other */
/* Says one thing; *seq (may be NULL) on TF_OK. Takes over `body`. */
enum tf_status act_say(struct node *node, const char *line, const char *type, json_t *body,
                       int64_t *seq);

/* --- enemy.c --------------------------------------------------------------------------------- */

void enemy_tamper(struct world *w, struct tf_buf *bytes); /* on the network */
void enemy_answer(struct world *w, unsigned from, unsigned to, const struct tf_buf *bytes);
void enemy_act(struct node *enemy); /* as a peer */

/* --- model.c ---------------------------------------------------------------------------------- */

/* One message, read from its payload by the model itself. */
struct entry {
    char type[32];
    int64_t seq, of, amends;
    json_t *payload;               /* owned */
    const json_t *body, *document; /* document: of a proposal, parsed */
    uint8_t hash[KEY_HASH_SIZE];
    bool is_void, is_forbidden; /* void for the node; forbidden by the model */
};
enum tf_status entries_add(struct entries *entries, const char *payload, size_t len, int64_t seq,
                           const uint8_t hash[KEY_HASH_SIZE]);
void entries_cut(struct entries *entries, size_t count); /* drops what is beyond */

/* Marks what its sender's own stance does not allow; the stance at the end. */
enum line_stance model_stance(struct entries *entries, int64_t round);
const char *model_state(enum line_stance own, enum line_stance other, bool is_degraded);
/* The documents that one proposed and the other accepted; at most `max`. */
struct agreed {
    int64_t number;
    uint8_t hash[KEY_HASH_SIZE];
};
size_t model_agreed(const struct entries *own, const struct entries *other, struct agreed *out,
                    size_t max);
/* Whether `by` has acknowledged message `seq` of the other in this way ("ack.seen"). */
bool model_acked(const struct entries *by, const char *how, int64_t seq);
/* The last message that amends or withdraws message seq; 0: none. */
int64_t model_superseded(const struct entries *own, int64_t seq);

/* --- checks.c, check_posts.c, check_end.c --------------------------------------------------------
 */

/* All lines of a node. */
struct infos {
    size_t count;
    struct line_info at[SIM_LINES_MAX];
};
void infos_of(struct node *node, struct infos *infos);
/* Verified by the node's key; the same bytes only once, as verifying costs most of the time. */
bool is_by(const struct envelope *envelope, const char *type, const struct node *node);
/* Takes down that the node said this. */
void record_word(struct node *node, struct record *record, int64_t seq, const uint8_t *hash);

/* After a commit: all that must hold for one node by itself. */
void check_node(struct node *node);
/* After anything that may have opened a line: silence counts from now on. */
void check_watched(struct node *node, const char *line);
/* After line_tick: degraded exactly when silent, and alarms of what is due (not all
 * yet, if there was so much that it wants to come again at once). */
void check_ticked(struct node *node, const char *line, bool has_more);
/* After a post was taken: forks found, answered only if it may be; what is a good beat. */
void check_taken(struct node *node, const char *bytes, size_t len, const struct line_taken *taken);
/* A post that an honest node has made: receipts only of what is on its disk. */
void check_made(struct node *node, const char *bytes, size_t len);
/* A message of a line is on the node's disk, with this hash. */
bool has_message(struct node *node, const char *line, bool is_own, int64_t seq, const uint8_t *hash,
                 bool *has_receipt);
/* At the end: the two sides of each line agree, all was delivered, ledgers and proofs hold. */
void check_end(struct world *w);

#endif
