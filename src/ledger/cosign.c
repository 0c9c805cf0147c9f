/*
 * cosign.c - see cosign.h.
 */
#include "ledger/cosign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "cosignature/v1\ntime N\n" and the checkpoint's text. */
static enum tf_status message_of(int64_t time_s, const char *text, size_t len, struct tf_buf *out)
{
    tf_buf_printf(out, "cosignature/v1\ntime %" PRId64 "\n", time_s);
    tf_buf_append(out, text, len);
    return tf_buf_status(out);
}

/* On the stack: so that lack of memory never looks like a forgery. */
bool cosign_check(const struct key_public *key, const char *text, size_t len,
                  const uint8_t blob[COSIGN_SIZE], int64_t *time_s)
{
    char message[NOTE_MAX + 64];
    uint64_t time = 0;
    for (size_t i = 0; i < 8; i++)
        time = time << 8 | blob[i];
    if (time > INT64_MAX || len > NOTE_MAX)
        return false;
    int head =
        snprintf(message, sizeof message, "cosignature/v1\ntime %" PRId64 "\n", (int64_t)time);
    memcpy(message + head, text, len);
    if (!key_verify(key, message, (size_t)head + len, blob + 8))
        return false;
    *time_s = (int64_t)time;
    return true;
}

enum tf_status cosign_line(const struct note_key *as, const struct key_secret *key, int64_t time_s,
                           const char *text, size_t len, struct tf_buf *out)
{
    struct tf_buf message = TF_BUF_INIT(NOTE_MAX + 64);
    uint8_t blob[COSIGN_SIZE];
    enum tf_status rc = message_of(time_s, text, len, &message);
    if (!rc) {
        for (unsigned i = 0; i < 8; i++)
            blob[i] = (uint8_t)((uint64_t)time_s >> (56 - 8 * i));
        key_sign(key, message.data, message.len, blob + 8);
        note_line(as, blob, sizeof blob, out);
        rc = tf_buf_status(out);
    }
    tf_buf_release(&message);
    return rc;
}
