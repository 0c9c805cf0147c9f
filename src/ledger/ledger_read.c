/*
 * ledger_read.c - nodes from tiles, proofs from nodes, entries and tiles as they are served.
 */
#include "ledger/internal.h"

#include "ledger/proof.h"

enum tf_status ledger_reach(struct ledger *ledger, uint64_t size)
{
    /* What is in the edge is no longer needed from the database: logs only grow. */
    if (ledger->is_known && !ledger->is_doubtful && size <= ledger->edge.range.size)
        return TF_OK;
    enum tf_status rc = ledger_refresh(ledger);
    if (rc)
        return rc;
    return size <= ledger->edge.range.size ? TF_OK : TF_RANGE;
}

/* A full tile: tiles of level 0 have places of their own, so that they do not drive out the few
 * above them. */
static enum tf_status full_tile(struct ledger *ledger, unsigned level, uint64_t number,
                                struct edge_tile **out)
{
    int64_t id = ledger_tile_id(level, number);
    struct ledger_cached *place =
        level > 0
            ? &ledger->cache[(number + 7u * level) % LEDGER_CACHE_UPPER]
            : &ledger->cache[LEDGER_CACHE_UPPER + number % (LEDGER_CACHE - LEDGER_CACHE_UPPER)];
    struct sql_rows rows;
    *out = &place->tile;
    if (place->id == id)
        return TF_OK;
    enum tf_status rc = sql_query(ledger->sql, "SELECT hashes FROM ledger_tile WHERE id = $1",
                                  SQL_ARGS(sql_int(id)), &rows);
    if (rc)
        return rc;
    place->id = -1;
    if (rows.count == 1 && sql_at(&rows, 0, 0)->len == TILE_WIDTH * KEY_HASH_SIZE) {
        memcpy(place->tile.node, sql_at(&rows, 0, 0)->bytes, TILE_WIDTH * KEY_HASH_SIZE);
        edge_fill(&place->tile, TILE_WIDTH);
        place->id = id;
    } else {
        rc = TF_SYNTAX; /* damaged */
    }
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ledger_node(void *ctx, unsigned level, uint64_t index, struct ledger_hash *out)
{
    struct ledger *ledger = ctx;
    const struct ledger_hash *edge = edge_find(&ledger->edge, level, index);
    unsigned inner = level % TILE_HEIGHT;
    size_t width = (size_t)TILE_WIDTH >> inner;
    struct edge_tile *tile;
    if (edge) {
        *out = *edge;
        return TF_OK;
    }
    if (level >= TILE_LEVELS * TILE_HEIGHT || index >= ledger->edge.range.size >> level)
        return TF_RANGE;
    enum tf_status rc = full_tile(ledger, level / TILE_HEIGHT, index / width, &tile);
    if (!rc)
        *out = *edge_node(tile, inner, index % width);
    return rc;
}

/* --- proofs ------------------------------------------------------------------------------- */

enum tf_status ledger_root(struct ledger *ledger, uint64_t size, struct ledger_hash *out)
{
    struct merkle_source source = {ledger_node, ledger};
    struct ledger_hash root;
    enum tf_status rc = ledger_reach(ledger, size);
    if (!rc && size == ledger->edge.range.size)
        root = merkle_range_root(&ledger->edge.range);
    else if (!rc)
        rc = merkle_root(&source, size, &root);
    if (!rc)
        *out = root;
    return rc;
}

enum tf_status ledger_inclusion(struct ledger *ledger, uint64_t index, uint64_t size,
                                struct ledger_proof *out)
{
    struct merkle_source source = {ledger_node, ledger};
    enum tf_status rc = index < size ? ledger_reach(ledger, size) : TF_RANGE;
    return rc ? rc : merkle_inclusion(&source, index, size, out);
}

enum tf_status ledger_consistency(struct ledger *ledger, uint64_t from, uint64_t to,
                                  struct ledger_proof *out)
{
    struct merkle_source source = {ledger_node, ledger};
    enum tf_status rc = from <= to ? ledger_reach(ledger, to) : TF_RANGE;
    return rc ? rc : merkle_consistency(&source, from, to, out);
}

/* --- entries and tiles ----------------------------------------------------------------------- */

enum tf_status ledger_each(struct ledger *ledger, uint64_t first, uint64_t limit,
                           bool (*visit)(void *ctx, uint64_t index, const char *entry, size_t len),
                           void *ctx)
{
    enum { CHUNK = 512 };
    uint64_t end = limit < INT64_MAX - first ? first + limit : INT64_MAX;
    enum tf_status rc = TF_OK;
    bool goes_on = first < INT64_MAX;
    while (goes_on && !rc && first < end) {
        struct sql_rows rows;
        rc = sql_query(ledger->sql,
                       "SELECT idx, bytes FROM ledger_entry WHERE idx >= $1 AND idx < $2"
                       " ORDER BY idx LIMIT $3",
                       SQL_ARGS(sql_int((int64_t)first), sql_int((int64_t)end), sql_int(CHUNK)),
                       &rows);
        if (rc)
            return rc;
        for (size_t i = 0; i < rows.count && goes_on && !rc; i++, first++) {
            if (sql_at(&rows, i, 0)->number != (int64_t)first)
                rc = TF_SYNTAX; /* one is missing */
            else
                goes_on = visit(ctx, first, sql_at(&rows, i, 1)->bytes, sql_at(&rows, i, 1)->len);
        }
        goes_on = goes_on && rows.count == CHUNK;
        sql_rows_release(&rows);
    }
    return rc;
}

static bool add_to_bundle(void *ctx, uint64_t index, const char *entry, size_t len)
{
    (void)index;
    tile_bundle_append(ctx, entry, len);
    return true;
}

enum tf_status ledger_tile(struct ledger *ledger, int level, uint64_t number, unsigned width,
                           struct tf_buf *out)
{
    struct edge_tile *tile;
    if (level < TILE_ENTRIES || level >= TILE_LEVELS || width < 1 || width > TILE_WIDTH ||
        number >= UINT64_C(1) << 55)
        return TF_NOT_FOUND;
    /* The whole log has less than 2^63 entries: a number that high up is not there. */
    unsigned shift = level > 0 ? (unsigned)level * TILE_HEIGHT : 0;
    uint64_t end = number * TILE_WIDTH + width;
    if (end > (UINT64_C(1) << 62) >> shift)
        return TF_NOT_FOUND;
    enum tf_status rc = ledger_reach(ledger, end << shift);
    if (rc)
        return rc == TF_RANGE ? TF_NOT_FOUND : rc;
    if (level == TILE_ENTRIES) {
        rc = ledger_each(ledger, number * TILE_WIDTH, width, add_to_bundle, out);
    } else if (number == tile_full(level, ledger->edge.range.size)) {
        tf_buf_append(out, &ledger->edge.tile[level], width * sizeof(struct ledger_hash));
    } else {
        rc = full_tile(ledger, (unsigned)level, number, &tile);
        if (!rc)
            tf_buf_append(out, tile->node, width * sizeof(struct ledger_hash));
    }
    return rc ? rc : tf_buf_status(out);
}

/* --- proof files ---------------------------------------------------------------------------- */

struct one_entry {
    struct tf_buf bytes;
    bool is_there;
};

static bool take_entry(void *ctx, uint64_t index, const char *entry, size_t len)
{
    struct one_entry *one = ctx;
    (void)index;
    tf_buf_append(&one->bytes, entry, len);
    one->is_there = true;
    return false;
}

enum tf_status ledger_proof_file(struct ledger *ledger, uint64_t index, struct tf_buf *out)
{
    struct one_entry one = {.bytes = TF_BUF_INIT(LEDGER_ENTRY_MAX + 1)};
    struct tf_buf note = TF_BUF_INIT(NOTE_MAX);
    struct ledger_proof proof;
    uint64_t size = 0;
    enum tf_status rc = ledger_best_checkpoint(ledger, index, &size, &note);
    if (!rc)
        rc = ledger_inclusion(ledger, index, size, &proof);
    if (!rc)
        rc = ledger_each(ledger, index, 1, take_entry, &one);
    if (!rc)
        rc = one.is_there ? tf_buf_status(&one.bytes) : TF_RANGE;
    if (!rc) {
        proof_print(one.bytes.data ? one.bytes.data : "", one.bytes.len, index, &proof, note.data,
                    note.len, out);
        rc = tf_buf_status(out);
    }
    tf_buf_release(&note);
    tf_buf_release(&one.bytes);
    return rc;
}
