/*
 * sha256.c - SHA-256 by OpenSSL's plain functions: they use the processor's instructions, take no
 * memory and cannot fail. (Those by name, EVP, allocate; libsodium's take five times as long.)
 */
#define OPENSSL_API_COMPAT 0x10100000L
#include "ledger/key.h"

#include <openssl/sha.h>

_Static_assert(KEY_HASH_SIZE == SHA256_DIGEST_LENGTH, "FIPS 180-4");

void key_sha256(const struct key_piece *pieces, size_t count, uint8_t out[KEY_HASH_SIZE])
{
    SHA256_CTX state;
    SHA256_Init(&state);
    for (size_t i = 0; i < count; i++)
        if (pieces[i].len > 0)
            SHA256_Update(&state, pieces[i].bytes, pieces[i].len);
    SHA256_Final(out, &state);
}
