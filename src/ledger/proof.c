/*
 * proof.c - see proof.h.
 */
#include "ledger/proof.h"

#include "ledger/lines.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "c2sp.org/tlog-proof@v1"

static enum tf_status read_extra(struct line line, struct proof_file *out)
{
    if (line.len / 4 * 3 > PROOF_EXTRA_MAX + 2)
        return TF_TOO_LARGE;
    out->extra = malloc(PROOF_EXTRA_MAX);
    if (!out->extra)
        return TF_NOMEM;
    return key_unbase64_some(line.text, line.len, out->extra, PROOF_EXTRA_MAX, &out->extra_len)
               ? TF_OK
               : TF_SYNTAX;
}

/* The hashes, and the empty line behind them. */
static bool read_hashes(struct lines *lines, struct ledger_proof *proof)
{
    struct line line;
    proof->count = 0;
    while (lines_next(lines, &line)) {
        if (line.len == 0)
            return true;
        if (proof->count == LEDGER_PROOF_MAX ||
            !key_unbase64(line.text, line.len, proof->hash[proof->count].bytes, KEY_HASH_SIZE))
            return false;
        proof->count++;
    }
    return false;
}

static enum tf_status read_file(const char *bytes, size_t len, struct proof_file *out)
{
    struct lines lines = {.text = bytes, .len = len};
    struct line line;
    if (!lines_next(&lines, &line) || !line_is(line, MAGIC) || !lines_next(&lines, &line))
        return TF_SYNTAX;
    if (line_word(&line, "extra ")) {
        enum tf_status rc = read_extra(line, out);
        if (rc)
            return rc;
        if (!lines_next(&lines, &line))
            return TF_SYNTAX;
    }
    if (!line_word(&line, "index ") || !line_number(line, INT64_MAX, &out->index) ||
        !read_hashes(&lines, &out->proof))
        return TF_SYNTAX;
    enum tf_status rc = note_read(bytes + lines.at, len - lines.at, &out->note);
    return rc ? rc : checkpoint_read(out->note.text, out->note.text_len, &out->checkpoint);
}

enum tf_status proof_read(const char *bytes, size_t len, struct proof_file *out)
{
    memset(out, 0, sizeof *out);
    if (len > PROOF_MAX)
        return TF_TOO_LARGE;
    enum tf_status rc = read_file(bytes, len, out);
    if (rc)
        proof_release(out);
    return rc;
}

void proof_release(struct proof_file *file)
{
    free(file->extra);
    file->extra = NULL;
}

void proof_print(const void *extra, size_t extra_len, uint64_t index,
                 const struct ledger_proof *proof, const char *note, size_t note_len,
                 struct tf_buf *out)
{
    tf_buf_text(out, MAGIC "\n");
    if (extra) {
        tf_buf_text(out, "extra ");
        key_base64(extra, extra_len, out);
        tf_buf_char(out, '\n');
    }
    tf_buf_printf(out, "index %" PRIu64 "\n", index);
    for (size_t i = 0; i < proof->count; i++) {
        key_base64(proof->hash[i].bytes, KEY_HASH_SIZE, out);
        tf_buf_char(out, '\n');
    }
    tf_buf_char(out, '\n');
    tf_buf_append(out, note, note_len);
}

enum proof_verdict proof_check(const struct proof_file *file, const void *entry, size_t len,
                               const struct note_key *log)
{
    enum note_verdict signature = note_check(&file->note, log, NULL, NULL);
    struct ledger_hash leaf = merkle_leaf(entry, len);
    if (signature == NOTE_FORGED)
        return PROOF_FORGED;
    if (signature != NOTE_VALID)
        return PROOF_UNSIGNED;
    if (!checkpoint_is_of(&file->checkpoint, log->name))
        return PROOF_OTHER_LOG;
    return merkle_check_inclusion(&leaf, file->index, file->checkpoint.size, &file->proof,
                                  &file->checkpoint.root)
               ? PROOF_VALID
               : PROOF_NOT_IN;
}
