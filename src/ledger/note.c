/*
 * note.c - signed notes taken apart, verified and signed.
 */
#include "ledger/note.h"

#include "base/utf8.h"
#include "ledger/cosign.h"
#include "ledger/lines.h"
#include <string.h>

#define DASH "\xE2\x80\x94 " /* U+2014 and a space begin a signature's line */

/* The text ends before the last empty line. */
static const char *last_empty_line(const char *bytes, size_t len)
{
    for (size_t i = len; i >= 2; i--)
        if (bytes[i - 1] == '\n' && bytes[i - 2] == '\n')
            return bytes + i - 1;
    return NULL;
}

static bool is_clean(const char *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        size_t step = tf_utf8_decode(bytes + at, len - at, &code);
        if (step == 0 || (code < 0x20 && code != '\n'))
            return false;
        at += step;
    }
    return true;
}

static bool read_signature(struct line line, struct note_signature *out)
{
    enum { BLOB_MAX = 8192 };
    uint8_t blob[BLOB_MAX];
    size_t len = 0;
    struct line name;
    out->line = line.text;
    out->line_len = line.len + 1;
    if (!line_word(&line, DASH) || !line_until(&line, ' ', &name) || name.len == 0 ||
        memchr(name.text, '+', name.len) ||
        !key_unbase64_some(line.text, line.len, blob, sizeof blob, &len) || len <= NOTE_KEY_ID_SIZE)
        return false;
    out->name = name.text;
    out->name_len = name.len;
    out->base64 = line.text;
    out->base64_len = line.len;
    memcpy(out->id, blob, NOTE_KEY_ID_SIZE);
    return true;
}

enum tf_status note_read(const char *bytes, size_t len, struct note *out)
{
    if (len > NOTE_MAX)
        return TF_TOO_LARGE;
    const char *split = last_empty_line(bytes, len);
    if (!split || !is_clean(bytes, len))
        return TF_SYNTAX;
    out->text = bytes;
    out->text_len = (size_t)(split - bytes);
    out->count = 0;
    struct lines lines = {.text = bytes, .len = len, .at = out->text_len + 1};
    struct line line;
    while (lines.at < len) {
        if (out->count == NOTE_SIGNATURES_MAX)
            return TF_TOO_LARGE;
        if (!lines_next(&lines, &line) || !read_signature(line, &out->signature[out->count]))
            return TF_SYNTAX;
        out->count++;
    }
    return out->count > 0 ? TF_OK : TF_SYNTAX;
}

static bool is_by(const struct note_signature *signature, const struct note_key *key)
{
    return signature->name_len == strlen(key->name) &&
           memcmp(signature->name, key->name, signature->name_len) == 0 &&
           memcmp(signature->id, key->id, NOTE_KEY_ID_SIZE) == 0;
}

static bool verifies(const struct note *note, const struct note_signature *signature,
                     const struct note_key *key, int64_t *time_s)
{
    uint8_t blob[NOTE_KEY_ID_SIZE + COSIGN_SIZE];
    size_t len = 0;
    if (!key_unbase64_some(signature->base64, signature->base64_len, blob, sizeof blob, &len))
        return false;
    const uint8_t *own = blob + NOTE_KEY_ID_SIZE;
    if (key->type == NOTE_COSIGNATURE)
        return len == sizeof blob &&
               cosign_check(&key->key, note->text, note->text_len, own, time_s);
    return len == NOTE_KEY_ID_SIZE + KEY_SIGNATURE_SIZE &&
           key_verify(&key->key, note->text, note->text_len, own);
}

enum note_verdict note_check(const struct note *note, const struct note_key *key, int64_t *time_s,
                             size_t *which)
{
    int64_t time = 0;
    enum note_verdict verdict = NOTE_UNSIGNED;
    for (size_t i = 0; i < note->count; i++) {
        if (!is_by(&note->signature[i], key))
            continue;
        if (!verifies(note, &note->signature[i], key, &time))
            return NOTE_FORGED;
        if (verdict == NOTE_UNSIGNED && which)
            *which = i;
        verdict = NOTE_VALID;
    }
    if (verdict == NOTE_VALID && time_s)
        *time_s = time;
    return verdict;
}

void note_line(const struct note_key *as, const void *signature, size_t len, struct tf_buf *out)
{
    uint8_t blob[NOTE_KEY_ID_SIZE + COSIGN_SIZE];
    memcpy(blob, as->id, NOTE_KEY_ID_SIZE);
    memcpy(blob + NOTE_KEY_ID_SIZE, signature, len);
    tf_buf_text(out, DASH);
    tf_buf_text(out, as->name);
    tf_buf_char(out, ' ');
    key_base64(blob, NOTE_KEY_ID_SIZE + len, out);
    tf_buf_char(out, '\n');
}

void note_sign(const char *text, size_t len, const struct note_key *as,
               const struct key_secret *key, struct tf_buf *out)
{
    uint8_t signature[KEY_SIGNATURE_SIZE];
    key_sign(key, text, len, signature);
    note_line(as, signature, sizeof signature, out);
}
