/*
 * uuid.h - 16-byte identifiers (RFC 9562) and their text.
 */
#ifndef TF_BASE_UUID_H
#define TF_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TF_UUID_TEXT_SIZE = 37 };

struct tf_uuid {
    uint8_t bytes[16];
};

/* 8-4-4-4-12 or 32 hexadecimal digits, any case; exactly `len` bytes. False: `out`
 * is untouched. */
bool tf_uuid_parse(const char *text, size_t len, struct tf_uuid *out);
/* Canonical lower case with dashes, terminated. */
void tf_uuid_format(const struct tf_uuid *id, char out[TF_UUID_TEXT_SIZE]);
/* Version nibble; -1 unless the variant is that of RFC 9562 (10x). */
int tf_uuid_version(const struct tf_uuid *id);
/* Milliseconds since 1970 in a version 7 id. */
int64_t tf_uuid_v7_ms(const struct tf_uuid *id);
/* A version 4 id from 16 random bytes. */
struct tf_uuid tf_uuid_v4(const uint8_t random[16]);

static inline bool tf_uuid_equal(const struct tf_uuid *a, const struct tf_uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
static inline bool tf_uuid_is_zero(const struct tf_uuid *id)
{
    static const struct tf_uuid zero;
    return tf_uuid_equal(id, &zero);
}

#endif
