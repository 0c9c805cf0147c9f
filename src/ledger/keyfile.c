/*
 * keyfile.c - a party's key as a text file.
 *
 *     tafadi-key/v1
 *     public <base64 of 32 bytes>
 *     seed <base64 of 32 bytes>
 *
 * or, sealed under a passphrase, in the place of the seed:
 *
 *     argon2id <passes> <bytes of memory> <base64 of the 16 bytes of salt>
 *     sealed <base64 of the 24 bytes of nonce> <base64 of the 48 bytes of box>
 *
 * The box is XChaCha20-Poly1305 of the seed under argon2id's 32 bytes; all that stands before
 * "sealed" is its associated data. Every line ends with a line feed.
 */
#include "ledger/key.h"

#include "ledger/lines.h"
#include <sodium.h>
#include <string.h>

#define MAGIC "tafadi-key/v1"
enum {
    SALT_SIZE = crypto_pwhash_SALTBYTES,
    NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEAL_KEY_SIZE = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    BOX_SIZE = KEY_SEED_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    PASSES_MAX = 16,
    MEMORY_MAX = 1 << 30 /* a hostile file is not to take all memory */
};

struct keyfile {
    struct key_public public;
    bool sealed;
    uint8_t seed[KEY_SEED_SIZE];
    uint64_t passes, memory;
    uint8_t salt[SALT_SIZE], nonce[NONCE_SIZE], box[BOX_SIZE];
    size_t header_len; /* the bytes before "sealed" */
};

static enum tf_status seal_key(const struct keyfile *file, const char *passphrase,
                               uint8_t out[SEAL_KEY_SIZE])
{
    return crypto_pwhash(out, SEAL_KEY_SIZE, passphrase, strlen(passphrase), file->salt,
                         file->passes, (size_t)file->memory, crypto_pwhash_ALG_ARGON2ID13) == 0
               ? TF_OK
               : TF_NOMEM;
}

static enum tf_status write_sealed(struct keyfile *file, const char *passphrase, struct tf_buf *out,
                                   size_t header_at)
{
    uint8_t key[SEAL_KEY_SIZE];
    file->passes = crypto_pwhash_OPSLIMIT_MODERATE;
    file->memory = crypto_pwhash_MEMLIMIT_MODERATE;
    randombytes_buf(file->salt, sizeof file->salt);
    randombytes_buf(file->nonce, sizeof file->nonce);
    tf_buf_printf(out, "argon2id %llu %llu ", (unsigned long long)file->passes,
                  (unsigned long long)file->memory);
    key_base64(file->salt, sizeof file->salt, out);
    tf_buf_char(out, '\n');
    enum tf_status rc = tf_buf_status(out);
    if (!rc)
        rc = seal_key(file, passphrase, key);
    if (rc)
        return rc;
    crypto_aead_xchacha20poly1305_ietf_encrypt(file->box, NULL, file->seed, sizeof file->seed,
                                               (const uint8_t *)out->data + header_at,
                                               out->len - header_at, NULL, file->nonce, key);
    sodium_memzero(key, sizeof key);
    tf_buf_text(out, "sealed ");
    key_base64(file->nonce, sizeof file->nonce, out);
    tf_buf_char(out, ' ');
    key_base64(file->box, sizeof file->box, out);
    return tf_buf_status(out);
}

enum tf_status key_write(const struct key_secret *key, const char *passphrase, struct tf_buf *out)
{
    struct keyfile file = {.public = key_public_of(key)};
    size_t start = out->len;
    key_seed_of(key, file.seed);
    tf_buf_text(out, MAGIC "\npublic ");
    key_base64(file.public.bytes, sizeof file.public.bytes, out);
    tf_buf_char(out, '\n');
    enum tf_status rc = TF_OK;
    if (passphrase) {
        rc = write_sealed(&file, passphrase, out, start);
    } else {
        tf_buf_text(out, "seed ");
        key_base64(file.seed, sizeof file.seed, out);
    }
    tf_buf_char(out, '\n');
    sodium_memzero(&file, sizeof file);
    return rc ? rc : tf_buf_status(out);
}

/* "argon2id P M SALT" and "sealed NONCE BOX". */
static bool parse_sealed(struct lines *lines, struct keyfile *file)
{
    struct line line;
    struct line word;
    bool good = lines_next(lines, &line) && line_word(&line, "argon2id ") &&
                line_until(&line, ' ', &word) && line_number(word, PASSES_MAX, &file->passes) &&
                line_until(&line, ' ', &word) && line_number(word, MEMORY_MAX, &file->memory) &&
                key_unbase64(line.text, line.len, file->salt, SALT_SIZE);
    file->header_len = lines->at;
    return good && file->passes >= crypto_pwhash_OPSLIMIT_MIN &&
           file->memory >= crypto_pwhash_MEMLIMIT_MIN && lines_next(lines, &line) &&
           line_word(&line, "sealed ") && line_until(&line, ' ', &word) &&
           key_unbase64(word.text, word.len, file->nonce, NONCE_SIZE) &&
           key_unbase64(line.text, line.len, file->box, BOX_SIZE);
}

static bool parse(const char *text, size_t len, struct keyfile *file)
{
    struct lines lines = {.text = text, .len = len};
    struct line line;
    if (!lines_next(&lines, &line) || !line_is(line, MAGIC) || !lines_next(&lines, &line) ||
        !line_word(&line, "public ") ||
        !key_unbase64(line.text, line.len, file->public.bytes, KEY_PUBLIC_SIZE))
        return false;
    size_t before = lines.at;
    if (!lines_next(&lines, &line))
        return false;
    file->sealed = !line_word(&line, "seed ");
    if (file->sealed) {
        lines.at = before;
        return parse_sealed(&lines, file) && lines.at == len;
    }
    return key_unbase64(line.text, line.len, file->seed, KEY_SEED_SIZE) && lines.at == len;
}

static enum tf_status unseal(const char *text, struct keyfile *file, const char *passphrase)
{
    uint8_t key[SEAL_KEY_SIZE];
    enum tf_status rc = seal_key(file, passphrase, key);
    if (!rc && crypto_aead_xchacha20poly1305_ietf_decrypt(file->seed, NULL, NULL, file->box,
                                                          BOX_SIZE, (const uint8_t *)text,
                                                          file->header_len, file->nonce, key) != 0)
        rc = TF_NOT_FOUND;
    sodium_memzero(key, sizeof key);
    return rc;
}

static bool is_public_of(const struct key_secret *key, const struct key_public *public)
{
    struct key_public own = key_public_of(key);
    return memcmp(own.bytes, public->bytes, KEY_PUBLIC_SIZE) == 0;
}

enum tf_status key_read(const char *text, size_t len, const char *passphrase,
                        struct key_secret **out)
{
    struct keyfile file = {.sealed = false};
    struct key_secret *key = NULL;
    enum tf_status rc = parse(text, len, &file) ? TF_OK : TF_SYNTAX;
    if (!rc && file.sealed)
        rc = passphrase ? unseal(text, &file, passphrase) : TF_MISSING;
    if (!rc)
        rc = key_from_seed(file.seed, &key);
    if (!rc && !is_public_of(key, &file.public))
        rc = TF_SYNTAX;
    sodium_memzero(&file, sizeof file);
    if (rc)
        key_free(key);
    else
        *out = key;
    return rc;
}

enum tf_status key_read_public(const char *text, size_t len, struct key_public *out)
{
    struct keyfile file = {.sealed = false};
    bool good = parse(text, len, &file);
    if (good)
        *out = file.public;
    sodium_memzero(&file, sizeof file);
    return good ? TF_OK : TF_SYNTAX;
}
