/*
 * fuzz_note.c - signed notes and the keys that verify them: what is read stays within the bytes,
 * and a key that is read prints as it was.
 */
#include "ledger/note.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(const uint8_t *data, size_t size, const char *part, size_t len)
{
    size_t from = (size_t)((const uint8_t *)part - data);
    if (from > size || len > size - from)
        abort();
}

static void try_note(const uint8_t *data, size_t size)
{
    static const struct key_public zero;
    struct note note;
    struct note_key key;
    char name[NOTE_NAME_SIZE];
    if (note_read((const char *)data, size, &note) != TF_OK)
        return;
    within(data, size, note.text, note.text_len);
    if (note.count == 0 || note.count > NOTE_SIGNATURES_MAX)
        abort();
    for (size_t i = 0; i < note.count; i++) {
        const struct note_signature *s = &note.signature[i];
        within(data, size, s->line, s->line_len);
        within(data, size, s->name, s->name_len);
        within(data, size, s->base64, s->base64_len);
        if (s->name_len >= sizeof name)
            continue;
        memcpy(name, s->name, s->name_len);
        name[s->name_len] = '\0';
        for (enum note_type type = NOTE_ED25519; type <= NOTE_COSIGNATURE; type += 3) {
            if (!note_key_make(name, type, &zero, &key))
                continue;
            memcpy(key.id, s->id, sizeof key.id);
            if (note_check(&note, &key, NULL, NULL) == NOTE_VALID)
                abort(); /* nobody has that key */
        }
    }
}

static void try_key(const uint8_t *data, size_t size)
{
    struct note_key key;
    char *text = malloc(size + 1);
    if (!text)
        return;
    memcpy(text, data, size);
    text[size] = '\0';
    if (note_key_read(text, &key) == TF_OK) {
        struct tf_buf out = TF_BUF_INIT(4096);
        note_key_print(&key, &out);
        if (tf_buf_status(&out) != TF_OK || strcmp(out.data, text) != 0)
            abort();
        tf_buf_release(&out);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_note(data, size);
    try_key(data, size);
    return 0;
}
