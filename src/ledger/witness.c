/*
 * witness.c - see witness.h. The checks in the order of the specification, each with its status.
 */
#include "ledger/witness.h"

#include "ledger/checkpoint.h"
#include "ledger/cosign.h"
#include "ledger/lines.h"
#include <stdio.h>
#include <stdlib.h>

enum { PROOF_LINES_MAX = 63 };

static const char *const schema[] = {
    "CREATE TABLE witness_log (origin TEXT PRIMARY KEY, name TEXT NOT NULL, public @BLOB@ NOT NULL,"
    " size BIGINT NOT NULL, root @BLOB@ NOT NULL, note TEXT NOT NULL) @STRICT@;"};

enum tf_status witness_prepare(struct sql *sql, char why[SQL_WHY_SIZE])
{
    return sql_migrate(sql, "witness", schema, sizeof schema / sizeof *schema, why);
}

enum tf_status witness_trust(struct sql *sql, const char *origin, const char *name,
                             const struct key_public *key)
{
    struct note_key as;
    struct ledger_hash empty = merkle_empty();
    if (!*origin || strchr(origin, '\n') || !note_key_make(name, NOTE_ED25519, key, &as))
        return TF_SYNTAX;
    return sql_exec(sql,
                    "INSERT INTO witness_log (origin, name, public, size, root, note)"
                    " VALUES ($1, $2, $3, 0, $4, '') ON CONFLICT (origin) DO UPDATE SET"
                    " name = excluded.name, public = excluded.public",
                    SQL_ARGS(sql_text(origin), sql_text(name),
                             sql_blob(key->bytes, KEY_PUBLIC_SIZE),
                             sql_blob(empty.bytes, KEY_HASH_SIZE)),
                    NULL);
}

/* --- the request --------------------------------------------------------------------------------
 */

struct request {
    uint64_t old;
    struct ledger_proof proof;
    struct note note;
    struct checkpoint checkpoint;
    char origin[NOTE_NAME_SIZE];
};

static bool read_proof(struct lines *lines, struct ledger_proof *proof)
{
    struct line line;
    for (proof->count = 0; lines_next(lines, &line); proof->count++) {
        if (line.len == 0)
            return true;
        if (proof->count == PROOF_LINES_MAX ||
            !key_unbase64(line.text, line.len, proof->hash[proof->count].bytes, KEY_HASH_SIZE))
            return false;
    }
    return false;
}

static bool read_request(const char *body, size_t len, struct request *out)
{
    struct lines lines = {.text = body, .len = len};
    struct line line;
    if (!lines_next(&lines, &line) || !line_word(&line, "old ") ||
        !line_number(line, INT64_MAX, &out->old) || !read_proof(&lines, &out->proof) ||
        note_read(body + lines.at, len - lines.at, &out->note) != TF_OK ||
        checkpoint_read(out->note.text, out->note.text_len, &out->checkpoint) != TF_OK ||
        out->checkpoint.origin_len >= sizeof out->origin)
        return false;
    snprintf(out->origin, sizeof out->origin, "%.*s", (int)out->checkpoint.origin_len,
             out->checkpoint.origin);
    return true;
}

/* --- what is known of a log ---------------------------------------------------------------------
 */

struct known {
    struct note_key key;
    uint64_t size;
    struct ledger_hash root;
};

/* TF_NOT_FOUND: the origin is not trusted. */
static enum tf_status read_known(struct sql *sql, const char *origin, struct known *out)
{
    struct sql_rows rows;
    struct key_public key;
    enum tf_status rc =
        sql_query(sql, "SELECT name, public, size, root FROM witness_log WHERE origin = $1",
                  SQL_ARGS(sql_text(origin)), &rows);
    if (rc)
        return rc;
    if (rows.count == 0) {
        rc = TF_NOT_FOUND;
    } else if (sql_at(&rows, 0, 1)->len != KEY_PUBLIC_SIZE ||
               sql_at(&rows, 0, 3)->len != KEY_HASH_SIZE) {
        rc = TF_SYNTAX;
    } else {
        memcpy(key.bytes, sql_at(&rows, 0, 1)->bytes, KEY_PUBLIC_SIZE);
        memcpy(out->root.bytes, sql_at(&rows, 0, 3)->bytes, KEY_HASH_SIZE);
        out->size = (uint64_t)sql_at(&rows, 0, 2)->number;
        if (!note_key_make(sql_at(&rows, 0, 0)->bytes, NOTE_ED25519, &key, &out->key))
            rc = TF_SYNTAX;
    }
    sql_rows_release(&rows);
    return rc;
}

/* 200: may be cosigned. *which: the log's signature. */
static int judge(const struct request *r, const struct known *known, size_t *which)
{
    const struct checkpoint *c = &r->checkpoint;
    struct ledger_hash empty = merkle_empty();
    if (note_check(&r->note, &known->key, NULL, which) != NOTE_VALID)
        return 403;
    if (r->old > c->size)
        return 400;
    if (r->old != known->size)
        return 409;
    if (r->old == 0) {
        bool good = r->proof.count == 0 && (c->size > 0 || merkle_equal(&c->root, &empty));
        return good ? 200 : 422;
    }
    if (r->old == c->size) {
        if (!merkle_equal(&c->root, &known->root))
            return 409;
        return r->proof.count == 0 ? 200 : 422;
    }
    return merkle_check_consistency(r->old, &known->root, c->size, &c->root, &r->proof) ? 200 : 422;
}

/* The checkpoint, the log's signature and ours; ours alone goes to `lines`. */
static enum tf_status cosign(const char *name, const struct key_secret *key, int64_t now_us,
                             const struct request *r, size_t which, struct tf_buf *lines,
                             struct tf_buf *note)
{
    struct key_public public = key_public_of(key);
    struct note_key as;
    const struct note_signature *by_log = &r->note.signature[which];
    if (!note_key_make(name, NOTE_COSIGNATURE, &public, &as))
        return TF_SYNTAX;
    enum tf_status rc =
        cosign_line(&as, key, now_us / 1000000, r->note.text, r->note.text_len, lines);
    if (rc)
        return rc;
    tf_buf_append(note, r->note.text, r->note.text_len);
    tf_buf_char(note, '\n');
    tf_buf_append(note, by_log->line, by_log->line_len);
    tf_buf_append(note, lines->data, lines->len);
    return tf_buf_status(note);
}

/* Cosigns and keeps it. */
static enum tf_status accept(struct sql *sql, const char *name, const struct key_secret *key,
                             int64_t now_us, const struct request *r, size_t which,
                             struct tf_buf *lines)
{
    struct tf_buf note = TF_BUF_INIT(NOTE_MAX + LEDGER_NOTE_MAX);
    int64_t changed = 0;
    enum tf_status rc = cosign(name, key, now_us, r, which, lines, &note);
    if (!rc) /* the old size once more: nothing may come between, in whatever transaction */
        rc = sql_exec(sql,
                      "UPDATE witness_log SET size = $2, root = $3, note = $4"
                      " WHERE origin = $1 AND size = $5",
                      SQL_ARGS(sql_text(r->origin), sql_int((int64_t)r->checkpoint.size),
                               sql_blob(r->checkpoint.root.bytes, KEY_HASH_SIZE),
                               sql_text(note.data), sql_int((int64_t)r->old)),
                      &changed);
    if (!rc && changed != 1)
        rc = TF_BUSY;
    tf_buf_release(&note);
    return rc;
}

static enum tf_status add(struct sql *sql, const char *name, const struct key_secret *key,
                          int64_t now_us, struct request *r, const char *body, size_t len,
                          struct witness_reply *reply)
{
    struct known known = {0};
    size_t which = 0;
    if (!read_request(body, len, r)) {
        reply->status = 400;
        return TF_OK;
    }
    enum tf_status rc = read_known(sql, r->origin, &known);
    if (rc == TF_NOT_FOUND) {
        reply->status = 404;
        return TF_OK;
    }
    if (rc)
        return rc;
    int status = judge(r, &known, &which);
    if (status == 200)
        rc = accept(sql, name, key, now_us, r, which, &reply->lines);
    if (rc)
        return rc;
    reply->status = status;
    reply->size = known.size;
    return TF_OK;
}

enum tf_status witness_add(struct sql *sql, const char *name, const struct key_secret *key,
                           int64_t now_us, const char *body, size_t len,
                           struct witness_reply *reply)
{
    struct request *request = malloc(sizeof *request);
    if (!request)
        return TF_NOMEM;
    reply->status = 0;
    reply->size = 0;
    reply->lines = (struct tf_buf)TF_BUF_INIT(LEDGER_NOTE_MAX);
    enum tf_status rc = add(sql, name, key, now_us, request, body, len, reply);
    if (rc)
        tf_buf_release(&reply->lines);
    free(request);
    return rc;
}

enum tf_status witness_latest(struct sql *sql, const char *origin, uint64_t *size,
                              struct tf_buf *note)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(sql, "SELECT size, note FROM witness_log WHERE origin = $1 AND note <> ''",
                  SQL_ARGS(sql_text(origin)), &rows);
    if (rc)
        return rc;
    if (rows.count == 0) {
        rc = TF_NOT_FOUND;
    } else {
        tf_buf_append(note, sql_at(&rows, 0, 1)->bytes, sql_at(&rows, 0, 1)->len);
        rc = tf_buf_status(note);
        if (!rc)
            *size = (uint64_t)sql_at(&rows, 0, 0)->number;
    }
    sql_rows_release(&rows);
    return rc;
}
