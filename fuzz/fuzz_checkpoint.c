/*
 * fuzz_checkpoint.c - the texts of checkpoints: the three lines that are read print as they were.
 */
#include "ledger/checkpoint.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct checkpoint checkpoint;
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    if (checkpoint_read((const char *)data, size, &checkpoint) != TF_OK)
        return 0;
    char *origin = malloc(checkpoint.origin_len + 1);
    if (!origin)
        return 0;
    memcpy(origin, checkpoint.origin, checkpoint.origin_len);
    origin[checkpoint.origin_len] = '\0';
    if (strlen(origin) == checkpoint.origin_len) {
        checkpoint_print(origin, checkpoint.size, &checkpoint.root, &out);
        if (tf_buf_status(&out) == TF_OK && (out.len > size || memcmp(out.data, data, out.len)))
            abort();
        if (!checkpoint_is_of(&checkpoint, origin))
            abort();
    }
    free(origin);
    tf_buf_release(&out);
    return 0;
}
