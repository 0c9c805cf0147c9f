/*
 * witnessing.c - each side watches that the other's ledger only grows: checkpoints, proofs and
 * cosignatures that travel in posts.
 */
#include "line/internal.h"

#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/witness.h"
#include <stdio.h>
#include <stdlib.h>

enum { REQUEST_MAX = LEDGER_NOTE_MAX + 8192 };

/* --- out ------------------------------------------------------------------------------------- */

static enum tf_status put_proof(const struct line_context *c, uint64_t old, uint64_t size,
                                struct tf_buf *post)
{
    struct ledger_proof *proof;
    enum tf_status rc = TF_OK;
    fields_put_integer(post, "old", (int64_t)old);
    if (old == 0 || old >= size)
        return TF_OK;
    proof = malloc(sizeof *proof);
    if (!proof)
        return TF_NOMEM;
    rc = ledger_consistency(c->ledger, old, size, proof);
    tf_buf_text(post, ",\"proof\":[");
    for (size_t i = 0; !rc && i < proof->count; i++) {
        tf_buf_text(post, i > 0 ? ",\"" : "\"");
        key_base64(proof->hash[i].bytes, KEY_HASH_SIZE, post);
        tf_buf_char(post, '"');
    }
    tf_buf_char(post, ']');
    free(proof);
    return rc;
}

/* At most once a second: what was not seen now is seen with the next. */
static bool is_time(const struct line_context *c, const struct line_row *row)
{
    int64_t since_us = c->now_us - row->cold.checkpoint_us;
    return since_us < 0 || since_us >= LINE_SECOND_US;
}

enum tf_status collect_witness(const struct line_context *c, struct line_row *row,
                               struct tf_buf *post)
{
    struct tf_buf note = TF_BUF_INIT(LEDGER_NOTE_MAX);
    uint64_t size = 0;
    if (row->cold.witnessed > 0) {
        fields_put_integer(post, "seen", row->cold.witnessed);
        tf_json_put_text(post, "cosignature", row->cold.cosignature);
    }
    if (!is_time(c, row))
        return TF_OK;
    enum tf_status rc = ledger_checkpoint(c->ledger, &size, &note);
    if (!rc) {
        tf_json_put_text(post, "checkpoint", note.data);
        rc = put_proof(c, (uint64_t)row->cold.ledger_seen, size, post);
        row->cold.checkpoint_us = c->now_us;
    } else if (rc == TF_NOT_FOUND) {
        rc = TF_OK;
    }
    tf_buf_release(&note);
    return rc;
}

/* --- in: their checkpoint ------------------------------------------------------------------------
 */

/* What was seen before comes with a proof from before that, as long as the other does not know
 * that it was seen: only its root is compared then. */
static bool put_request(const struct line_row *row, const struct tf_json *root, const char *note,
                        uint64_t size, struct tf_buf *out)
{
    struct tf_json proof = tf_json_get(root, "proof");
    size_t count = size == (uint64_t)row->cold.witnessed ? 0 : tf_json_count(&proof);
    tf_buf_printf(out, "old %lld\n", (long long)row->cold.witnessed);
    for (size_t i = 0; i < count && i < LEDGER_PROOF_MAX; i++) {
        struct tf_json item = tf_json_item(&proof, i);
        const char *text;
        if (tf_json_text(&item, &text, NULL) || strlen(text) > 64)
            return false;
        tf_buf_printf(out, "%s\n", text);
    }
    tf_buf_char(out, '\n');
    tf_buf_text(out, note);
    return tf_buf_status(out) == TF_OK;
}

/* Signed by the ledger's key, as the card of the other names it? */
static bool read_checkpoint(const struct line_context *c, const struct line_row *row,
                            const char *text, uint64_t *size, uint8_t hash[KEY_HASH_SIZE])
{
    struct note *note = malloc(sizeof *note);
    struct checkpoint checkpoint;
    struct note_key key;
    struct key_public public;
    struct card card;
    memcpy(public.bytes, row->cold.peer_key, KEY_PUBLIC_SIZE);
    bool good = note && party_load(c, row->peer, &card) == TF_OK &&
                note_read(text, strlen(text), note) == TF_OK &&
                checkpoint_read(note->text, note->text_len, &checkpoint) == TF_OK &&
                checkpoint_is_of(&checkpoint, card.ledger) &&
                note_key_make(card.ledger, NOTE_ED25519, &public, &key) &&
                note_check(note, &key, NULL, NULL) == NOTE_VALID;
    if (good) {
        const struct key_piece piece = {note->text, note->text_len};
        key_sha256(&piece, 1, hash);
        *size = checkpoint.size;
    }
    free(note);
    return good;
}

static enum tf_status is_consistent(struct taking *t, struct witness_reply *reply)
{
    struct line_cold *cold = &t->row->cold;
    size_t len = reply->lines.len;
    memset(cold->cosignature, 0, sizeof cold->cosignature);
    if (len >= sizeof cold->cosignature)
        return TF_LIMIT;
    if (len > 0)
        memcpy(cold->cosignature, reply->lines.data, len - (reply->lines.data[len - 1] == '\n'));
    return t->row->hot.alarms > 0 ? alarm_end(t->c, t->row, "witness", false, 0) : TF_OK;
}

static enum tf_status doubt(struct taking *t, const char *text)
{
    t->out->refused++;
    return t->is_good ? alarm_raise(t->c, t->row, "witness", false, 0, NULL, text) : TF_OK;
}

/* One size, two roots, both signed: whoever sees both knows that the log was changed. */
static enum tf_status two_histories(struct taking *t, const char *note,
                                    const uint8_t hash[KEY_HASH_SIZE])
{
    struct tf_buf known = TF_BUF_INIT(2 * NOTE_MAX);
    struct card card;
    uint64_t size;
    bool kept = false;
    t->out->refused++;
    enum tf_status rc = party_load(t->c, t->row->peer, &card);
    if (!rc)
        rc = witness_latest(t->c->sql, card.ledger, &size, &known);
    tf_buf_text(&known, "\n");
    tf_buf_text(&known, note);
    if (!rc)
        rc = tf_buf_status(&known);
    if (!rc)
        rc = evidence_keep(t->c, t->row, "checkpoint", 0, hash, known.data, known.len, &kept);
    tf_buf_release(&known);
    return rc || !kept ? rc
                       : alarm_raise(t->c, t->row, "ledger", false, 0, NULL,
                                     "the other side has signed two different histories of its "
                                     "ledger");
}

static enum tf_status judge(struct taking *t, const char *note, uint64_t size,
                            const uint8_t hash[KEY_HASH_SIZE], struct witness_reply *reply)
{
    struct line_cold *cold = &t->row->cold;
    uint64_t old = (uint64_t)cold->witnessed;
    if (reply->status == 200) {
        cold->witnessed = (int64_t)size;
        return is_consistent(t, reply);
    }
    if (reply->status == 409 && old == size && reply->size == size)
        return two_histories(t, note, hash);
    if (reply->status == 409 && reply->size != old) { /* somebody else showed us more */
        cold->witnessed = (int64_t)reply->size;
        return TF_OK;
    }
    if (size < old)
        return doubt(t, "the other side's ledger is shorter than it was");
    if (reply->status == 422)
        return doubt(t, "the other side's ledger does not continue what was seen of it");
    t->out->refused++;
    return TF_OK;
}

static enum tf_status take_checkpoint(struct taking *t, const struct tf_json *root,
                                      const char *note)
{
    struct tf_buf request = TF_BUF_INIT(REQUEST_MAX);
    struct witness_reply reply = {.lines = TF_BUF_INIT(LEDGER_NOTE_MAX)};
    struct tf_json old_at = tf_json_get(root, "old");
    uint8_t hash[KEY_HASH_SIZE];
    uint64_t size;
    int64_t old = 0;
    enum tf_status rc = TF_OK;
    bool says_old = fields_integer(&old_at, 0, FIELDS_INTEGER_MAX, &old, NULL) == TF_OK;
    if (!read_checkpoint(t->c, t->row, note, &size, hash)) {
        t->out->refused++;
        return TF_OK;
    }
    /* The same again, or a proof for another size: old news, or ours has not arrived yet. */
    bool is_other =
        says_old && old != t->row->cold.witnessed && size > (uint64_t)t->row->cold.witnessed;
    if (!is_other && put_request(t->row, root, note, size, &request)) {
        rc = witness_add(t->c->sql, t->c->card.id, t->c->key, t->c->now_us, request.data,
                         request.len, &reply);
        if (!rc)
            rc = judge(t, note, size, hash, &reply);
    }
    tf_buf_release(&reply.lines);
    tf_buf_release(&request);
    return rc;
}

/* --- in: their word on ours ----------------------------------------------------------------------
 */

/* A size that they have seen and that does not fit what is here is where the next proof begins,
 * too: whether ours goes on from there is theirs to judge. */
static enum tf_status take_cosignature(struct taking *t, int64_t seen, const char *line)
{
    struct key_public key;
    struct line_cold *cold = &t->row->cold;
    uint64_t size = 0;
    if (seen == cold->ledger_seen)
        return TF_OK;
    memcpy(key.bytes, cold->peer_key, KEY_PUBLIC_SIZE);
    enum tf_status rc =
        ledger_cosign(t->c->ledger, (uint64_t)seen, t->row->peer, &key, line, t->c->now_us);
    t->out->refused += rc == TF_SYNTAX || rc == TF_NOT_FOUND;
    if (rc == TF_SYNTAX || rc == TF_NOT_FOUND || rc == TF_LIMIT)
        rc = TF_OK;
    if (!rc)
        rc = ledger_size(t->c->ledger, &size);
    if (!rc && (uint64_t)seen <= size)
        cold->ledger_seen = seen;
    return rc;
}

enum tf_status take_witness(struct taking *t, const struct tf_json *root)
{
    struct tf_json note_at = tf_json_get(root, "checkpoint"), seen_at = tf_json_get(root, "seen");
    struct tf_json line_at = tf_json_get(root, "cosignature");
    const char *note, *line;
    enum tf_status rc = TF_OK;
    int64_t seen;
    if (t->row->is_new)
        return TF_OK;
    if (tf_json_there(&note_at) && tf_json_text(&note_at, &note, NULL) == TF_OK &&
        strlen(note) <= LEDGER_NOTE_MAX)
        rc = take_checkpoint(t, root, note);
    if (!rc && t->is_good &&
        fields_integer(&seen_at, 1, FIELDS_INTEGER_MAX, &seen, NULL) == TF_OK &&
        tf_json_text(&line_at, &line, NULL) == TF_OK && strlen(line) < LINE_WITNESS_SIZE)
        rc = take_cosignature(t, seen, line);
    return rc;
}
