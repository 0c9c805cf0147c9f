/*
 * fuzz_proof.c - proof files: what is read is written again the same, and proves nothing under a
 * key that nobody has.
 */
#include "ledger/proof.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct key_public zero;
    struct proof_file file;
    struct note_key key;
    struct tf_buf again = TF_BUF_INIT(PROOF_MAX + 1024);
    if (proof_read((const char *)data, size, &file) != TF_OK)
        return 0;
    const char *note = file.note.text;
    proof_print(file.extra, file.extra_len, file.index, &file.proof, note,
                size - (size_t)((const uint8_t *)note - data), &again);
    if (tf_buf_status(&again) == TF_OK && (again.len != size || memcmp(again.data, data, size)))
        abort();
    if (note_key_make("nobody.example", NOTE_ED25519, &zero, &key) &&
        proof_check(&file, file.extra, file.extra_len, &key) == PROOF_VALID)
        abort();
    proof_release(&file);
    tf_buf_release(&again);
    return 0;
}
