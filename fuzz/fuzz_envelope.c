/*
 * fuzz_envelope.c - whatever the bytes: an envelope that is read is printed, and read again the
 * same.
 */
#include "line/envelope.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct key_public key = {{1}};
    struct tf_buf text = TF_BUF_INIT(2 * ENVELOPE_TEXT_MAX);
    struct envelope e, again;
    struct tf_fault fault;
    if (envelope_parse((const char *)data, size, &e, &fault))
        return 0;
    if (envelope_verify(&e, ENVELOPE_MESSAGE, &key))
        abort();
    envelope_print(&e, &text);
    if (tf_buf_status(&text) || envelope_parse(text.data, text.len, &again, &fault) ||
        memcmp(e.hash, again.hash, sizeof e.hash) != 0 || again.payload_len != e.payload_len)
        abort();
    envelope_release(&again);
    envelope_release(&e);
    tf_buf_release(&text);
    return 0;
}
