/*
 * note_key.c - the keys that verify notes, as text: "name+id+key".
 */
#include "ledger/note.h"

#include "base/utf8.h"
#include <string.h>

static bool is_space(uint32_t code)
{
    /* Unicode's White_Space. */
    return code == ' ' || code == 0x85 || code == 0xA0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
           code == 0x202F || code == 0x205F || code == 0x3000;
}

static bool name_is_valid(const char *name, size_t len)
{
    if (len == 0 || len >= NOTE_NAME_SIZE)
        return false;
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        size_t step = tf_utf8_decode(name + at, len - at, &code);
        if (step == 0 || code < 0x20 || code == '+' || is_space(code))
            return false;
        at += step;
    }
    return true;
}

bool note_key_make(const char *name, enum note_type type, const struct key_public *key,
                   struct note_key *out)
{
    size_t len = strlen(name);
    uint8_t kind = (uint8_t)type, hash[KEY_HASH_SIZE];
    if (!name_is_valid(name, len))
        return false;
    memset(out, 0, sizeof *out);
    memcpy(out->name, name, len);
    out->type = type;
    out->key = *key;
    key_sha256(
        (const struct key_piece[]){
            {name, len}, {"\n", 1}, {&kind, 1}, {key->bytes, KEY_PUBLIC_SIZE}},
        4, hash);
    memcpy(out->id, hash, NOTE_KEY_ID_SIZE);
    return true;
}

enum tf_status note_key_read(const char *vkey, struct note_key *out)
{
    enum { BLOB_MAX = 2048 }; /* a post-quantum key is known for what it is */
    uint8_t blob[BLOB_MAX], id[NOTE_KEY_ID_SIZE];
    char name[NOTE_NAME_SIZE];
    size_t len = 0;
    struct key_public key;
    const char *plus = strchr(vkey, '+');
    if (!plus || plus - vkey >= NOTE_NAME_SIZE || strlen(plus) < 11 || plus[9] != '+' ||
        !key_unhex(plus + 1, 8, id, sizeof id) ||
        !key_unbase64_some(plus + 10, strlen(plus + 10), blob, sizeof blob, &len) || len < 2)
        return TF_SYNTAX;
    if (blob[0] != NOTE_ED25519 && blob[0] != NOTE_COSIGNATURE)
        return TF_UNSUPPORTED;
    if (len != 1 + KEY_PUBLIC_SIZE)
        return TF_SYNTAX;
    memcpy(key.bytes, blob + 1, KEY_PUBLIC_SIZE);
    memcpy(name, vkey, (size_t)(plus - vkey));
    name[plus - vkey] = '\0';
    if (!note_key_make(name, (enum note_type)blob[0], &key, out) ||
        memcmp(out->id, id, sizeof id) != 0)
        return TF_SYNTAX;
    return TF_OK;
}

void note_key_print(const struct note_key *key, struct tf_buf *out)
{
    uint8_t blob[1 + KEY_PUBLIC_SIZE] = {(uint8_t)key->type};
    char hex[2 * NOTE_KEY_ID_SIZE + 1];
    memcpy(blob + 1, key->key.bytes, KEY_PUBLIC_SIZE);
    key_hex(key->id, NOTE_KEY_ID_SIZE, hex);
    tf_buf_printf(out, "%s+%s+", key->name, hex);
    key_base64(blob, sizeof blob, out);
}
