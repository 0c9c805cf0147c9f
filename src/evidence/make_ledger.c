/*
 * make_ledger.c - what a bundle gets from the ledgers: entries of the chosen messages with their
 * proofs, checkpoints of both parties.
 */
#include "evidence/make.h"

#include "ledger/proof.h"
#include "ledger/witness.h"
#include "line/fields.h"
#include <stdlib.h>
#include <string.h>

/* Entries of our ledger, in order. */
struct entries {
    struct making *m;
    uint64_t *index; /* owned */
    size_t count, written;
    uint64_t size; /* of the last checkpoint */
    struct ledger_proof proof;
    enum tf_status rc;
};

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Those that the checkpoint covers; what was written since is proved by the next one. */
static enum tf_status gather(struct entries *e)
{
    const struct choice *choice = &e->m->choice;
    e->index = calloc(choice->chosen + 1, sizeof *e->index);
    if (!e->index)
        return TF_NOMEM;
    for (int s = 0; s < CHOOSE_SIDES; s++)
        for (size_t i = 0; i < choice->count[s]; i++)
            if (choice->pick[s][i].is_chosen && choice->pick[s][i].entry < e->size)
                e->index[e->count++] = choice->pick[s][i].entry;
    qsort(e->index, e->count, sizeof *e->index, by_value);
    return TF_OK;
}

static void put_proof(struct tf_buf *out, const struct ledger_proof *proof)
{
    tf_buf_text(out, ",\"proof\":[");
    for (size_t i = 0; i < proof->count; i++) {
        tf_buf_text(out, i ? ",\"" : "\"");
        key_base64(proof->hash[i].bytes, KEY_HASH_SIZE, out);
        tf_buf_char(out, '"');
    }
    tf_buf_char(out, ']');
}

static void put_string(struct tf_buf *out, const char *bytes, size_t len)
{
    json_t *string = json_stringn(bytes, len);
    if (!string || fields_put_json(out, string))
        out->status = out->status ? out->status : TF_NOMEM;
    json_decref(string);
}

static bool put_entry(void *ctx, uint64_t index, const char *entry, size_t len)
{
    struct entries *e = ctx;
    struct tf_buf *out = &e->m->body;
    e->rc = ledger_inclusion(e->m->c->ledger, index, e->size, &e->proof);
    if (e->rc)
        return false;
    tf_buf_printf(out, "%s\n{\"index\":%llu,\"entry\":", e->written++ ? "," : "",
                  (unsigned long long)index);
    put_string(out, entry, len);
    put_proof(out, &e->proof);
    tf_buf_char(out, '}');
    return true;
}

static enum tf_status put_entries(struct entries *e)
{
    enum tf_status rc = TF_OK;
    tf_buf_text(&e->m->body, ",\"entries\":[");
    for (size_t i = 0; !rc && i < e->count; i++) {
        if (i > 0 && e->index[i] == e->index[i - 1])
            continue;
        rc = ledger_each(e->m->c->ledger, e->index[i], 1, put_entry, e);
        rc = rc ? rc : e->rc;
        rc = rc ? rc : tf_buf_status(&e->m->body);
    }
    tf_buf_char(&e->m->body, ']');
    return rc;
}

/* --- checkpoints ----------------------------------------------------------------------------- */

/* Signed, under the origin, by a key that this line knew. */
static bool is_ours(const struct making *m, const char *origin, const struct note *note)
{
    const struct choice *choice = &m->choice;
    for (size_t i = 0; i < choice->key_count + CHOOSE_SIDES; i++) {
        struct note_key key;
        const struct key_public *with =
            i < CHOOSE_SIDES ? &m->first[i] : &choice->keys[i - CHOOSE_SIDES];
        if (note_key_make(origin, NOTE_ED25519, with, &key) &&
            note_check(note, &key, NULL, NULL) == NOTE_VALID)
            return true;
    }
    return false;
}

/* An earlier checkpoint that the other cosigned, if the latest is not it. */
static enum tf_status put_cosigned(struct entries *e, const char *origin, uint64_t *size)
{
    struct tf_buf text = TF_BUF_INIT(PROOF_MAX);
    struct proof_file *file = calloc(1, sizeof *file);
    enum tf_status rc = file ? TF_OK : TF_NOMEM;
    if (!rc)
        rc = ledger_proof_file(e->m->c->ledger, e->index[0], &text);
    if (!rc)
        rc = proof_read(text.data, text.len, file);
    *size = 0;
    if (!rc && file->checkpoint.size < e->size && is_ours(e->m, origin, &file->note)) {
        *size = file->checkpoint.size;
        tf_buf_text(&e->m->body, "{\"note\":");
        put_string(&e->m->body, file->note.text, (size_t)(text.data + text.len - file->note.text));
        tf_buf_text(&e->m->body, "},");
    }
    if (file)
        proof_release(file);
    free(file);
    tf_buf_release(&text);
    return rc;
}

static void put_head(struct making *m, const char *party, const char *origin)
{
    tf_buf_printf(&m->body, "{\"party\":\"%s\"", party);
    tf_json_put_text(&m->body, "origin", origin);
    tf_buf_text(&m->body, ",\"checkpoints\":[");
}

static enum tf_status put_ours(struct entries *e, const struct tf_buf *note)
{
    struct making *m = e->m;
    const char *origin = ledger_origin(m->c->ledger);
    uint64_t cosigned = 0;
    put_head(m, m->choice.own, origin);
    enum tf_status rc = e->count ? put_cosigned(e, origin, &cosigned) : TF_OK;
    tf_buf_text(&m->body, "{\"note\":");
    put_string(&m->body, note->data, note->len);
    if (!rc && cosigned) {
        rc = ledger_consistency(m->c->ledger, cosigned, e->size, &e->proof);
        if (!rc)
            put_proof(&m->body, &e->proof);
    }
    tf_buf_text(&m->body, "}]");
    if (!rc)
        rc = put_entries(e);
    tf_buf_char(&m->body, '}');
    return rc;
}

/* --- both ------------------------------------------------------------------------------------ */

static bool is_of_line(struct making *m, const char *origin, const struct tf_buf *note)
{
    struct note *read = calloc(1, sizeof *read);
    if (!read)
        m->body.status = TF_NOMEM;
    bool is_good =
        read && note_read(note->data, note->len, read) == TF_OK && is_ours(m, origin, read);
    free(read);
    return is_good;
}

static enum tf_status make_ours(struct making *m, bool *is_there)
{
    struct tf_buf note = TF_BUF_INIT(NOTE_MAX);
    struct entries *e = calloc(1, sizeof *e);
    enum tf_status rc = e ? TF_OK : TF_NOMEM;
    *is_there = false;
    if (!rc) {
        e->m = m;
        rc = ledger_checkpoint(m->c->ledger, &e->size, &note);
    }
    if (!rc && is_of_line(m, ledger_origin(m->c->ledger), &note)) {
        rc = gather(e);
        if (!rc)
            rc = put_ours(e, &note);
        *is_there = true;
    }
    if (e)
        free(e->index);
    free(e);
    tf_buf_release(&note);
    return rc == TF_NOT_FOUND ? TF_OK : rc; /* nothing has been signed yet */
}

/* What we last saw, and cosigned, of the other's. */
static enum tf_status make_theirs(struct making *m, bool is_second)
{
    struct tf_buf note = TF_BUF_INIT(NOTE_MAX);
    uint64_t size;
    enum tf_status rc =
        *m->peer_ledger ? witness_latest(m->c->sql, m->peer_ledger, &size, &note) : TF_NOT_FOUND;
    if (!rc && is_of_line(m, m->peer_ledger, &note)) {
        tf_buf_text(&m->body, is_second ? ",\n" : "");
        put_head(m, m->line.peer, m->peer_ledger);
        tf_buf_text(&m->body, "{\"note\":");
        put_string(&m->body, note.data, note.len);
        tf_buf_text(&m->body, "}],\"entries\":[]}");
    }
    tf_buf_release(&note);
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

enum tf_status make_ledgers(struct making *m)
{
    bool is_there;
    enum tf_status rc = make_ours(m, &is_there);
    return rc ? rc : make_theirs(m, is_there);
}
