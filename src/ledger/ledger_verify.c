/*
 * ledger_verify.c - the whole log, read once: the tree is made anew from the entries, and
 * compared with every stored tile and every stored checkpoint as it grows past them.
 */
#include "ledger/internal.h"

#include "ledger/checkpoint.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = 2048 };

struct audit {
    struct ledger *ledger;
    struct edge edge;
    uint64_t size;              /* entries when it began */
    struct sql_rows checkpoint; /* size, note: in order of size */
    size_t next;                /* the next one to be passed */
    struct key_public in_force;
    bool met; /* the expected key was among those in force */
    char *why;
};

static enum tf_status wrong(const struct audit *audit, const char *what, uint64_t where)
{
    snprintf(audit->why, SQL_WHY_SIZE, "%s %" PRIu64, what, where);
    return TF_SYNTAX;
}

/* --- keys ----------------------------------------------------------------------------------- */

static void set_key(struct audit *audit, const struct key_public *key)
{
    audit->in_force = *key;
    if (memcmp(key->bytes, audit->ledger->public.bytes, KEY_PUBLIC_SIZE) == 0)
        audit->met = true;
}

static enum tf_status pass_rotation(struct audit *audit, const char *entry, size_t len)
{
    struct key_public to, stored;
    uint64_t index = audit->edge.range.size;
    enum tf_status rc =
        ledger_read_rotation(audit->ledger->as.name, index, &audit->in_force, entry, len, &to);
    if (rc == TF_SYNTAX)
        return wrong(audit, TF_TEXT("a change of keys is not signed by both: entry"), index);
    if (!rc)
        rc = ledger_key_at(audit->ledger->sql, index + 1, &stored);
    if (!rc && memcmp(to.bytes, stored.bytes, KEY_PUBLIC_SIZE) != 0)
        return wrong(audit, TF_TEXT("the table of keys is not as the entries say, from entry"),
                     index);
    if (!rc)
        set_key(audit, &to);
    return rc;
}

/* --- checkpoints ---------------------------------------------------------------------------- */

static enum tf_status read_checkpoints(struct audit *audit)
{
    return sql_query(audit->ledger->sql, "SELECT size, note FROM ledger_checkpoint ORDER BY size",
                     SQL_NO_ARGS, &audit->checkpoint);
}

static uint64_t next_size(const struct audit *audit)
{
    return audit->next < audit->checkpoint.count
               ? (uint64_t)sql_at(&audit->checkpoint, audit->next, 0)->number
               : UINT64_MAX;
}

/* Of this log, of this size, signed. */
static enum tf_status read_signed(const struct audit *audit, const struct sql_value *bytes,
                                  uint64_t size, struct checkpoint *out)
{
    struct note *note = malloc(sizeof *note);
    struct note_key as;
    if (!note)
        return TF_NOMEM;
    enum tf_status rc = note_read(bytes->bytes, bytes->len, note);
    if (!rc)
        rc = checkpoint_read(note->text, note->text_len, out);
    if (rc || out->size != size || !checkpoint_is_of(out, audit->ledger->as.name))
        rc = wrong(audit, TF_TEXT("this is not a checkpoint of the log: the one of size"), size);
    else if (!note_key_make(audit->ledger->as.name, NOTE_ED25519, &audit->in_force, &as) ||
             note_check(note, &as, NULL, NULL) != NOTE_VALID)
        rc = wrong(audit, TF_TEXT("not signed by the log's key: the checkpoint of size"), size);
    free(note);
    return rc;
}

/* Each cosignature that is kept with it, under the key that is kept with that. */
static enum tf_status check_cosignatures(const struct audit *audit, const struct sql_value *bytes,
                                         uint64_t size)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(
        audit->ledger->sql, "SELECT witness, public, line FROM ledger_cosignature WHERE size = $1",
        SQL_ARGS(sql_int((int64_t)size)), &rows);
    if (rc)
        return rc;
    struct note *note = malloc(sizeof *note);
    struct tf_buf whole = TF_BUF_INIT(NOTE_MAX);
    if (!note)
        rc = TF_NOMEM;
    for (size_t i = 0; i < rows.count && !rc; i++) {
        struct note_key as;
        struct key_public key;
        const struct sql_value *public = sql_at(&rows, i, 1);
        tf_buf_clear(&whole);
        tf_buf_append(&whole, bytes->bytes, bytes->len);
        tf_buf_append(&whole, sql_at(&rows, i, 2)->bytes, sql_at(&rows, i, 2)->len);
        rc = tf_buf_status(&whole);
        if (!rc && public->len == KEY_PUBLIC_SIZE)
            memcpy(key.bytes, public->bytes, KEY_PUBLIC_SIZE);
        if (!rc && (public->len != KEY_PUBLIC_SIZE ||
                    !note_key_make(sql_at(&rows, i, 0)->bytes, NOTE_COSIGNATURE, &key, &as) ||
                    note_read(whole.data, whole.len, note) != TF_OK ||
                    note_check(note, &as, NULL, NULL) != NOTE_VALID))
            rc = wrong(audit, TF_TEXT("a cosignature does not verify: at the checkpoint of size"),
                       size);
    }
    tf_buf_release(&whole);
    free(note);
    sql_rows_release(&rows);
    return rc;
}

/* All checkpoints of the size that the tree has now. */
static enum tf_status pass_checkpoint(struct audit *audit)
{
    struct checkpoint checkpoint;
    uint64_t size = audit->edge.range.size;
    const struct sql_value *bytes = sql_at(&audit->checkpoint, audit->next, 1);
    enum tf_status rc = read_signed(audit, bytes, size, &checkpoint);
    if (rc)
        return rc;
    struct ledger_hash root = merkle_range_root(&audit->edge.range);
    if (!merkle_equal(&root, &checkpoint.root))
        return wrong(
            audit,
            TF_TEXT("the entries do not have the root that was signed: one was changed before the"
                    " checkpoint of size"),
            size);
    audit->next++;
    return check_cosignatures(audit, bytes, size);
}

/* --- tiles ----------------------------------------------------------------------------------- */

static size_t first_difference(const char *hashes, const struct edge_tile *tile)
{
    size_t i = 0;
    while (i + 1 < TILE_WIDTH &&
           memcmp(hashes + i * KEY_HASH_SIZE, &tile->node[i], KEY_HASH_SIZE) == 0)
        i++;
    return i;
}

static enum tf_status pass_tile(struct audit *audit, unsigned level, uint64_t number)
{
    const struct edge_tile *tile = &audit->edge.tile[level];
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(audit->ledger->sql, "SELECT root, hashes FROM ledger_tile WHERE id = $1",
                  SQL_ARGS(sql_int(ledger_tile_id(level, number))), &rows);
    if (rc)
        return rc;
    uint64_t first = number << (TILE_HEIGHT * (level + 1));
    const struct sql_value *root = rows.count == 1 ? sql_at(&rows, 0, 0) : NULL;
    const struct sql_value *hashes = rows.count == 1 ? sql_at(&rows, 0, 1) : NULL;
    if (!root)
        rc = wrong(audit, TF_TEXT("a tile is missing: from entry"), first);
    else if (root->len != KEY_HASH_SIZE || hashes->len != TILE_WIDTH * KEY_HASH_SIZE)
        rc = wrong(audit, TF_TEXT("a tile has another length: from entry"), first);
    else if (memcmp(hashes->bytes, tile->node, hashes->len) != 0)
        rc = wrong(audit, TF_TEXT("the entries and their tile differ: from entry"),
                   (number * TILE_WIDTH + first_difference(hashes->bytes, tile))
                       << (TILE_HEIGHT * level));
    else if (memcmp(root->bytes, &tile->node[EDGE_NODES - 1], KEY_HASH_SIZE) != 0)
        rc = wrong(audit, TF_TEXT("a tile's root is not that of its hashes: from entry"), first);
    sql_rows_release(&rows);
    return rc;
}

/* --- entries --------------------------------------------------------------------------------- */

static enum tf_status pass_entry(struct audit *audit, const char *entry, size_t len)
{
    struct ledger_hash leaf = merkle_leaf(entry, len), made[MERKLE_LEVELS];
    uint64_t index = audit->edge.range.size;
    unsigned top;
    enum tf_status rc = TF_OK;
    if (ledger_is_rotation(entry, len))
        rc = pass_rotation(audit, entry, len);
    edge_append(&audit->edge, &leaf, made, &top);
    for (unsigned level = 0; top / TILE_HEIGHT > level && !rc; level++)
        rc = pass_tile(audit, level, index >> (TILE_HEIGHT * (level + 1)));
    while (!rc && next_size(audit) == index + 1)
        rc = pass_checkpoint(audit);
    return rc;
}

static enum tf_status pass_chunk(struct audit *audit)
{
    struct sql_rows rows;
    uint64_t from = audit->edge.range.size;
    uint64_t to = audit->size - from > CHUNK ? from + CHUNK : audit->size;
    enum tf_status rc = sql_query(audit->ledger->sql,
                                  "SELECT idx, bytes FROM ledger_entry"
                                  " WHERE idx >= $1 AND idx < $2 ORDER BY idx",
                                  SQL_ARGS(sql_int((int64_t)from), sql_int((int64_t)to)), &rows);
    if (rc)
        return rc;
    for (size_t i = 0; from + i < to && !rc; i++) {
        if (i >= rows.count || sql_at(&rows, i, 0)->number != (int64_t)(from + i))
            rc = wrong(audit, TF_TEXT("an entry is missing:"), from + i);
        else
            rc = pass_entry(audit, sql_at(&rows, i, 1)->bytes, sql_at(&rows, i, 1)->len);
    }
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status begin(struct audit *audit)
{
    struct key_public first;
    enum tf_status rc = ledger_key_at(audit->ledger->sql, 0, &first);
    if (!rc) {
        set_key(audit, &first);
        rc = read_checkpoints(audit); /* before the size: entries come before their checkpoints */
    }
    return rc ? rc : ledger_count(audit->ledger->sql, &audit->size);
}

static enum tf_status end(const struct audit *audit)
{
    if (audit->next < audit->checkpoint.count)
        return wrong(
            audit,
            TF_TEXT("entries are missing at the end: there is a checkpoint that was signed at"
                    " size"),
            next_size(audit));
    if (!audit->met) {
        snprintf(audit->why, SQL_WHY_SIZE, "%s",
                 TF_TEXT("the log was never signed by the key that was expected, nor handed over "
                         "to it"));
        return TF_SYNTAX;
    }
    return TF_OK;
}

enum tf_status ledger_verify(struct ledger *ledger,
                             void (*progress)(void *ctx, uint64_t done, uint64_t all), void *ctx,
                             char why[SQL_WHY_SIZE])
{
    why[0] = '\0';
    if (ledger->is_unexpected) {
        snprintf(why, SQL_WHY_SIZE, "no key is trusted: who opens the ledger must name one");
        return TF_MISSING;
    }
    struct audit *audit = calloc(1, sizeof *audit);
    if (!audit)
        return TF_NOMEM;
    audit->ledger = ledger;
    audit->why = why;
    enum tf_status rc = begin(audit);
    while (!rc && audit->edge.range.size < audit->size) {
        rc = pass_chunk(audit);
        if (!rc && progress)
            progress(ctx, audit->edge.range.size, audit->size);
    }
    if (!rc)
        rc = end(audit);
    if (rc && !why[0])
        snprintf(why, SQL_WHY_SIZE, "%s", rc == TF_NOMEM ? "no memory" : sql_why(ledger->sql));
    sql_rows_release(&audit->checkpoint);
    free(audit);
    return rc;
}
