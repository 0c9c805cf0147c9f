/*
 * ledger_sign.c - checkpoints of what is committed, the witnesses' cosignatures on them, and the
 * keys that sign them one after the other.
 */
#include "ledger/internal.h"

#include "ledger/checkpoint.h"
#include "ledger/cosign.h"
#include <stdio.h>
#include <tafadi/time.h>

/* --- checkpoints ------------------------------------------------------------------------------ */

static enum tf_status last_signed(struct sql *sql, uint64_t *size)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(
        sql, "SELECT size FROM ledger_checkpoint ORDER BY size DESC LIMIT 1", SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    *size = rows.count ? (uint64_t)sql_at(&rows, 0, 0)->number : 0;
    sql_rows_release(&rows);
    return TF_OK;
}

/* The note that says it. */
static enum tf_status write_note(struct ledger *ledger, uint64_t size, struct tf_buf *out)
{
    struct ledger_hash root;
    enum tf_status rc = ledger_root(ledger, size, &root);
    if (rc)
        return rc;
    checkpoint_print(ledger->as.name, size, &root, out);
    size_t text_len = out->len;
    rc = tf_buf_status(out);
    if (rc)
        return rc;
    struct tf_buf line = TF_BUF_INIT(LEDGER_NOTE_MAX);
    note_sign(out->data, text_len, &ledger->as, ledger->key, &line);
    rc = tf_buf_status(&line);
    tf_buf_char(out, '\n');
    tf_buf_append(out, line.data, line.len);
    tf_buf_release(&line);
    return rc ? rc : tf_buf_status(out);
}

/* --- old ones --------------------------------------------------------------------------------- */

enum { KEPT_ALL = 1000, THINNED_AT_ONCE = 8 };
#define KEPT_EVERY_US INT64_C(3600000000)

/* Whether a witness has cosigned no kept one in this hour before. */
static enum tf_status is_first(struct sql *sql, int64_t size, const struct sql_value *witness,
                               int64_t at_us, bool *out)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(sql,
                                  "SELECT at FROM ledger_cosignature WHERE size < $1 AND"
                                  " witness = $2 ORDER BY size DESC LIMIT 1",
                                  SQL_ARGS(sql_int(size), sql_text(witness->bytes)), &rows);
    if (rc)
        return rc;
    *out = rows.count == 0 || sql_at(&rows, 0, 0)->number / KEPT_EVERY_US != at_us / KEPT_EVERY_US;
    sql_rows_release(&rows);
    return TF_OK;
}

static enum tf_status has_to_stay(struct sql *sql, int64_t size, bool *out)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(sql, "SELECT witness, at FROM ledger_cosignature WHERE size = $1",
                                  SQL_ARGS(sql_int(size)), &rows);
    *out = false;
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < rows.count && !*out; i++)
        rc = is_first(sql, size, sql_at(&rows, i, 0), sql_at(&rows, i, 1)->number, out);
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status drop(struct sql *sql, int64_t size)
{
    bool stays;
    enum tf_status rc = has_to_stay(sql, size, &stays);
    if (rc || stays)
        return rc;
    rc = sql_exec(sql, "DELETE FROM ledger_cosignature WHERE size = $1", SQL_ARGS(sql_int(size)),
                  NULL);
    return rc ? rc
              : sql_exec(sql, "DELETE FROM ledger_checkpoint WHERE size = $1",
                         SQL_ARGS(sql_int(size)), NULL);
}

/* The size of the newest that is too old to be kept in any case; 0: none is. */
static enum tf_status newest_old(struct sql *sql, int64_t *size)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(sql, "SELECT size FROM ledger_checkpoint ORDER BY size DESC LIMIT 1 OFFSET $1",
                  SQL_ARGS(sql_int(KEPT_ALL)), &rows);
    if (rc)
        return rc;
    *size = rows.count ? sql_at(&rows, 0, 0)->number : 0;
    sql_rows_release(&rows);
    return TF_OK;
}

/* What a later one proves, with the hashes that lead from the one to the other, is all that it
 * proved, but for the time; so of those that witnesses cosigned one stays for each of them and each
 * hour. One is added at a time, so one becomes too old; those that were old already when the ledger
 * was opened are looked at a few at a time beside it, from the oldest on. *thinned: how far. */
static enum tf_status drop_old(struct ledger *ledger, int64_t *thinned)
{
    struct sql_rows rows;
    int64_t newest;
    enum tf_status rc = newest_old(ledger->sql, &newest);
    if (rc || newest <= *thinned)
        return rc;
    rc = sql_query(ledger->sql,
                   "SELECT size FROM ledger_checkpoint WHERE size > $1 AND size <= $2"
                   " ORDER BY size LIMIT $3",
                   SQL_ARGS(sql_int(*thinned), sql_int(newest), sql_int(THINNED_AT_ONCE)), &rows);
    if (rc)
        return rc;
    for (size_t i = 0; i < rows.count && !rc; i++) {
        *thinned = sql_at(&rows, i, 0)->number;
        rc = drop(ledger->sql, *thinned);
    }
    sql_rows_release(&rows);
    return rc;
}

/* --- signing ---------------------------------------------------------------------------------- */

static enum tf_status sign(struct ledger *ledger, int64_t now_us, uint64_t *size, int64_t *thinned)
{
    struct tf_buf note = TF_BUF_INIT(LEDGER_NOTE_MAX);
    struct key_public in_force;
    uint64_t before;
    enum tf_status rc = ledger_count(ledger->sql, size);
    if (!rc)
        rc = last_signed(ledger->sql, &before);
    if (rc || *size <= before)
        return rc;
    rc = ledger_key_at(ledger->sql, *size, &in_force);
    if (!rc && memcmp(in_force.bytes, ledger->public.bytes, KEY_PUBLIC_SIZE) != 0)
        rc = TF_UNSUPPORTED;
    if (!rc)
        rc = write_note(ledger, *size, &note);
    if (!rc)
        rc = sql_exec(
            ledger->sql, "INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3)",
            SQL_ARGS(sql_int((int64_t)*size), sql_int(now_us), sql_text(note.data)), NULL);
    if (!rc)
        rc = drop_old(ledger, thinned);
    tf_buf_release(&note);
    return rc;
}

enum tf_status ledger_sign(struct ledger *ledger, int64_t now_us)
{
    uint64_t size;
    int64_t thinned = ledger->thinned;
    if (sql_turn(ledger->sql) != 0 || !ledger->key)
        return TF_SYNTAX; /* a programmer's error: what is not committed must not be signed */
    enum tf_status rc = ledger_count(ledger->sql, &size);
    if (rc || size <= ledger->signed_size)
        return rc;
    rc = sql_begin(ledger->sql);
    if (rc)
        return rc;
    rc = sign(ledger, now_us, &size, &thinned);
    if (!rc)
        rc = sql_commit(ledger->sql);
    else
        sql_rollback(ledger->sql);
    if (!rc) {
        ledger->signed_size = size;
        ledger->thinned = thinned;
    }
    return rc == TF_EXISTS ? TF_BUSY : rc; /* the other node signed it at this moment */
}

static enum tf_status read_checkpoint(struct sql *sql, uint64_t size, struct tf_buf *note)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(sql, "SELECT note FROM ledger_checkpoint WHERE size = $1",
                                  SQL_ARGS(sql_int((int64_t)size)), &rows);
    if (rc)
        return rc;
    if (rows.count == 0)
        rc = TF_NOT_FOUND;
    else
        tf_buf_append(note, sql_at(&rows, 0, 0)->bytes, sql_at(&rows, 0, 0)->len);
    sql_rows_release(&rows);
    return rc ? rc : tf_buf_status(note);
}

/* The whole note of a size: the log's signature, then the witnesses'. */
static enum tf_status read_whole(struct sql *sql, uint64_t size, struct tf_buf *note)
{
    struct sql_rows rows;
    enum tf_status rc = read_checkpoint(sql, size, note);
    if (!rc)
        rc = sql_query(sql, "SELECT line FROM ledger_cosignature WHERE size = $1 ORDER BY witness",
                       SQL_ARGS(sql_int((int64_t)size)), &rows);
    if (rc)
        return rc;
    for (size_t i = 0; i < rows.count; i++)
        tf_buf_append(note, sql_at(&rows, i, 0)->bytes, sql_at(&rows, i, 0)->len);
    sql_rows_release(&rows);
    return tf_buf_status(note);
}

enum tf_status ledger_checkpoint(struct ledger *ledger, uint64_t *size, struct tf_buf *note)
{
    uint64_t latest;
    enum tf_status rc = last_signed(ledger->sql, &latest);
    if (!rc)
        rc = latest ? read_whole(ledger->sql, latest, note) : TF_NOT_FOUND;
    if (!rc)
        *size = latest;
    return rc;
}

enum tf_status ledger_cosigned(struct ledger *ledger, uint64_t *size)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(ledger->sql, "SELECT size FROM ledger_cosignature ORDER BY size DESC LIMIT 1",
                  SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    *size = rows.count ? (uint64_t)sql_at(&rows, 0, 0)->number : 0;
    sql_rows_release(&rows);
    return TF_OK;
}

enum tf_status ledger_best_checkpoint(struct ledger *ledger, uint64_t index, uint64_t *size,
                                      struct tf_buf *note)
{
    uint64_t best;
    enum tf_status rc = ledger_cosigned(ledger, &best);
    if (!rc && best <= index)
        rc = last_signed(ledger->sql, &best);
    if (!rc)
        rc = best > index ? read_whole(ledger->sql, best, note) : TF_RANGE;
    if (!rc)
        *size = best;
    return rc;
}

/* --- cosignatures ---------------------------------------------------------------------------- */

/* Whether the line, under this checkpoint, is the witness's. */
static enum tf_status check_line(struct tf_buf *note, const struct note_key *as, const char *line,
                                 size_t len, int64_t *time_s)
{
    struct note read;
    size_t which;
    tf_buf_append(note, line, len);
    tf_buf_char(note, '\n');
    enum tf_status rc = tf_buf_status(note);
    if (!rc)
        rc = note_read(note->data, note->len, &read);
    if (rc == TF_TOO_LARGE)
        rc = TF_SYNTAX;
    if (rc)
        return rc;
    bool is_last = note_check(&read, as, time_s, &which) == NOTE_VALID && which + 1 == read.count;
    return is_last ? TF_OK : TF_SYNTAX;
}

static enum tf_status count_others(struct sql *sql, uint64_t size, const char *witness)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(sql, "SELECT count(*) FROM ledger_cosignature WHERE size = $1 AND witness <> $2",
                  SQL_ARGS(sql_int((int64_t)size), sql_text(witness)), &rows);
    if (rc)
        return rc;
    rc = sql_at(&rows, 0, 0)->number < LEDGER_WITNESSES_MAX ? TF_OK : TF_LIMIT;
    sql_rows_release(&rows);
    return rc;
}

static enum tf_status cosign(struct ledger *ledger, uint64_t size, const struct note_key *as,
                             const char *line, size_t len, int64_t now_us)
{
    struct tf_buf note = TF_BUF_INIT(LEDGER_NOTE_MAX);
    int64_t time_s;
    enum tf_status rc = read_checkpoint(ledger->sql, size, &note);
    size_t from = note.len;
    if (!rc)
        rc = check_line(&note, as, line, len, &time_s);
    if (!rc)
        rc = count_others(ledger->sql, size, as->name);
    if (!rc)
        rc = sql_exec(ledger->sql,
                      "INSERT INTO ledger_cosignature (size, witness, public, line, at)"
                      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (size, witness) DO UPDATE SET"
                      " public = excluded.public, line = excluded.line, at = excluded.at",
                      SQL_ARGS(sql_int((int64_t)size), sql_text(as->name),
                               sql_blob(as->key.bytes, KEY_PUBLIC_SIZE), sql_text(note.data + from),
                               sql_int(now_us)),
                      NULL);
    tf_buf_release(&note);
    return rc;
}

enum tf_status ledger_cosign(struct ledger *ledger, uint64_t size, const char *witness_name,
                             const struct key_public *witness, const char *line, int64_t now_us)
{
    struct note_key as;
    size_t len = strlen(line);
    bool joins = sql_turn(ledger->sql) != 0;
    len -= len > 0 && line[len - 1] == '\n';
    if (memchr(line, '\n', len) || size > INT64_MAX ||
        !note_key_make(witness_name, NOTE_COSIGNATURE, witness, &as))
        return TF_SYNTAX;
    if (joins)
        return cosign(ledger, size, &as, line, len, now_us);
    enum tf_status rc = sql_begin(ledger->sql);
    if (rc)
        return rc;
    rc = cosign(ledger, size, &as, line, len, now_us);
    if (!rc)
        return sql_commit(ledger->sql);
    sql_rollback(ledger->sql);
    return rc;
}
