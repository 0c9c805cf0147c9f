/*
 * fuzz_receipt.c - payloads of receipts and beats.
 */
#include "line/message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_receipt(const char *text, size_t len)
{
    struct tf_buf out = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    struct receipt receipt, again;
    struct tf_fault fault;
    if (receipt_parse(text, len, &receipt, &fault))
        return;
    if (receipt_print(&receipt, &out) || receipt_parse(out.data, out.len, &again, &fault) ||
        memcmp(&receipt, &again, sizeof receipt) != 0)
        abort();
    tf_buf_release(&out);
}

static void try_beat(const char *text, size_t len)
{
    struct tf_buf out = TF_BUF_INIT(ENVELOPE_PAYLOAD_MAX);
    struct beat beat, again;
    struct tf_fault fault;
    if (beat_parse(text, len, &beat, &fault))
        return;
    if (beat_print(&beat, &out) || beat_parse(out.data, out.len, &again, &fault) ||
        memcmp(&beat, &again, sizeof beat) != 0)
        abort();
    tf_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_receipt((const char *)data, size);
    try_beat((const char *)data, size);
    return 0;
}
