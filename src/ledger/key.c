/*
 * key.c - Ed25519 keys (libsodium), and the names of parties.
 */
#include "ledger/key.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(KEY_PUBLIC_SIZE == crypto_sign_PUBLICKEYBYTES, "RFC 8032");
_Static_assert(KEY_SEED_SIZE == crypto_sign_SEEDBYTES, "RFC 8032");
_Static_assert(KEY_SIGNATURE_SIZE == crypto_sign_BYTES, "RFC 8032");

/* Allocated by sodium_malloc(): locked, between guard pages, wiped by sodium_free(). */
struct key_secret {
    uint8_t pair[crypto_sign_SECRETKEYBYTES]; /* the seed, then the public key */
    struct key_public public;
};

enum tf_status key_from_seed(const uint8_t seed[KEY_SEED_SIZE], struct key_secret **out)
{
    if (sodium_init() < 0)
        return TF_UNSUPPORTED;
    struct key_secret *key = sodium_malloc(sizeof *key);
    if (!key)
        return TF_NOMEM;
    crypto_sign_seed_keypair(key->public.bytes, key->pair, seed);
    sodium_mprotect_readonly(key);
    *out = key;
    return TF_OK;
}

enum tf_status key_make(struct key_secret **out)
{
    if (sodium_init() < 0)
        return TF_UNSUPPORTED;
    uint8_t seed[KEY_SEED_SIZE];
    randombytes_buf(seed, sizeof seed);
    enum tf_status rc = key_from_seed(seed, out);
    sodium_memzero(seed, sizeof seed);
    return rc;
}

void key_free(struct key_secret *key)
{
    sodium_free(key);
}

struct key_public key_public_of(const struct key_secret *key)
{
    return key->public;
}

void key_seed_of(const struct key_secret *key, uint8_t seed[KEY_SEED_SIZE])
{
    memcpy(seed, key->pair, KEY_SEED_SIZE);
}

void key_sign(const struct key_secret *key, const void *bytes, size_t len,
              uint8_t out[KEY_SIGNATURE_SIZE])
{
    crypto_sign_detached(out, NULL, bytes, len, key->pair);
}

bool key_verify(const struct key_public *key, const void *bytes, size_t len,
                const uint8_t signature[KEY_SIGNATURE_SIZE])
{
    return crypto_sign_verify_detached(signature, bytes, len, key->bytes) == 0;
}

bool key_name_is_valid(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    return len > 0 && len < KEY_NAME_SIZE && name[len] == '\0' && name[0] != '.' && name[0] != '-';
}
