/*
 * internal.h - what the files of the ledger proper share.
 */
#ifndef TF_LEDGER_INTERNAL_H
#define TF_LEDGER_INTERNAL_H

#include "ledger/edge.h"
#include "ledger/ledger.h"
#include "ledger/note.h"

enum { LEDGER_CACHE = 64, LEDGER_CACHE_UPPER = 16 /* of these for the levels above 0 */ };

/* A full tile that was read. */
struct ledger_cached {
    int64_t id; /* -1: none */
    struct edge_tile tile;
};

struct ledger {
    struct sql *sql;
    const struct key_secret *key; /* NULL: reading only */
    struct key_public public;
    struct note_key as; /* who signs the checkpoints: the origin, with the key */
    /*
     * What is remembered of the database: the edge of its first edge.range.size entries. It is
     * true while is_known: of what is committed, or of what this turn (sql_turn) wrote.
     * is_doubtful: part of this turn may have been undone since; what is in the database is the
     * beginning of what is here.
     */
    bool is_known, is_doubtful;
    bool has_appended;  /* since what was appended was last forgotten */
    bool is_unexpected; /* nobody said which key is to be trusted */
    uint64_t turn;      /* the transaction that holds the head's row */
    uint64_t signed_size;
    int64_t thinned; /* old checkpoints up to this size were looked at since it was opened */
    struct edge edge;
    struct ledger_cached cache[LEDGER_CACHE];
};

/* A tile's key in its table. */
static inline int64_t ledger_tile_id(unsigned level, uint64_t number)
{
    return (int64_t)((uint64_t)level << 56 | number);
}

/* How many entries the database has. */
TF_MUST_CHECK enum tf_status ledger_count(struct sql *sql, uint64_t *size);
/* Makes the edge that of the database's present entries. */
TF_MUST_CHECK enum tf_status ledger_refresh(struct ledger *ledger);
/* Makes sure that the nodes of the first `size` entries can be had. TF_RANGE: there are fewer. */
TF_MUST_CHECK enum tf_status ledger_reach(struct ledger *ledger, uint64_t size);
/* ctx is the ledger: see struct merkle_source. */
TF_MUST_CHECK enum tf_status ledger_node(void *ctx, unsigned level, uint64_t index,
                                         struct ledger_hash *out);
/* The checkpoint to show for an entry, whole: the latest one with cosignatures, if that has the
 * entry, else the latest. TF_RANGE: there is none that has it. */
TF_MUST_CHECK enum tf_status ledger_best_checkpoint(struct ledger *ledger, uint64_t index,
                                                    uint64_t *size, struct tf_buf *note);

/* --- keys ----------------------------------------------------------------------------------- */

/* The key that signs a tree of this size, as the database says. */
TF_MUST_CHECK enum tf_status ledger_key_at(struct sql *sql, uint64_t size, struct key_public *out);
/* Whether an entry names a new key. */
bool ledger_is_rotation(const void *entry, size_t len);
/* TF_SYNTAX: it is not the entry that hands this origin's log over from `from` at this index. */
TF_MUST_CHECK enum tf_status ledger_read_rotation(const char *origin, uint64_t index,
                                                  const struct key_public *from, const char *entry,
                                                  size_t len, struct key_public *to);

#endif
