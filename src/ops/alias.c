/*
 * alias.c - the ids that a line gives to records of this party: they say nothing about the record's
 * own id, nobody else can make them, and two lines cannot be compared by them.
 *
 * What was declared once keeps its id (ops_declared). Other ids are made with a secret of this
 * register alone, so another signing key changes none. A register that is older than the secret
 * made them with the key's seed, and goes on so until the key is changed (ops_keep_ids).
 */
#include "ops/declaration.h"
#include "ops/internal.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_SIZE = 32, PAGE = 5000 };

void ops_make_secret(char out[OPS_SECRET_TEXT_SIZE])
{
    uint8_t secret[SECRET_SIZE];
    randombytes_buf(secret, sizeof secret);
    key_hex(secret, sizeof secret, out);
    sodium_memzero(secret, sizeof secret);
}

static enum tf_status read_secret(const struct line_context *c, uint8_t out[SECRET_SIZE])
{
    struct sql_rows rows = {0};
    enum tf_status rc = sql_query(c->sql, "SELECT secret FROM ops_secret", SQL_NO_ARGS, &rows);
    const struct sql_value *v = !rc && rows.count ? sql_at(&rows, 0, 0) : NULL;
    if (!rc && !v)
        rc = TF_SYNTAX;
    else if (!rc && v->len == 0) /* older than the secret */
        key_seed_of(c->key, out);
    else if (!rc && !key_unhex(v->bytes, v->len, out, SECRET_SIZE))
        rc = TF_SYNTAX;
    sql_rows_release(&rows);
    return rc;
}

static void derive(const uint8_t secret[SECRET_SIZE], const char *line, enum ops_class class,
                   const char *id, char out[OPS_ID_SIZE])
{
    uint8_t hash[KEY_HASH_SIZE];
    char hex[17];
    const char *word = ops_class_word(class);
    struct key_piece pieces[] = {{"tafadi-declared/v1\n", 19},
                                 {secret, SECRET_SIZE},
                                 {line, strlen(line)},
                                 {"\n", 1},
                                 {word, strlen(word)},
                                 {"\n", 1},
                                 {id, strlen(id)}};
    key_sha256(pieces, sizeof pieces / sizeof *pieces, hash);
    key_hex(hash, 8, hex);
    snprintf(out, OPS_ID_SIZE, "%s-%s", class == OPS_SITE ? "s" : "o", hex);
}

static enum tf_status find_declared(const struct line_context *c, const char *line,
                                    enum ops_class class, const char *id, char out[OPS_ID_SIZE])
{
    static const char text[] = "SELECT id FROM ops_declared WHERE own_id = $1 AND class = $2 AND"
                               " line = $3 AND is_own = 1 ORDER BY at_us DESC, id LIMIT 1";
    struct sql_rows rows = {0};
    enum tf_status rc =
        sql_query(c->sql, text,
                  SQL_ARGS(sql_text(id), sql_text(ops_class_word(class)), sql_text(line)), &rows);
    if (!rc && rows.count == 0)
        rc = TF_NOT_FOUND;
    if (!rc)
        snprintf(out, OPS_ID_SIZE, "%s", sql_at(&rows, 0, 0)->bytes);
    sql_rows_release(&rows);
    return rc;
}

enum tf_status ops_alias(const struct line_context *c, const char *line, enum ops_class class,
                         const char *id, char out[OPS_ID_SIZE])
{
    uint8_t secret[SECRET_SIZE];
    enum tf_status rc = find_declared(c, line, class, id, out);
    if (rc != TF_NOT_FOUND)
        return rc;
    rc = read_secret(c, secret);
    if (!rc)
        derive(secret, line, class, id, out);
    sodium_memzero(secret, sizeof secret);
    return rc;
}

enum tf_status ops_keep_ids(const struct line_context *c)
{
    char secret[OPS_SECRET_TEXT_SIZE];
    ops_make_secret(secret);
    enum tf_status rc = sql_exec(c->sql, "UPDATE ops_secret SET secret = $1 WHERE secret = ''",
                                 SQL_ARGS(sql_text(secret)), NULL);
    sodium_memzero(secret, sizeof secret);
    return rc;
}

/* --- whose id that is -------------------------------------------------------------------------
 */

void ops_names_release(struct ops_names *names)
{
    for (size_t i = 0; i < names->ids.capacity; i++)
        if (names->ids.keys[i])
            free(names->ids.values[i]);
    ops_map_release(&names->ids);
    *names = (struct ops_names){.transaction = 0};
}

/* 0: none of ours. */
static uint64_t number_of(const char *alias)
{
    uint8_t bytes[8];
    uint64_t number = 0;
    const char *hex = alias[0] && alias[1] == '-' ? alias + 2 : "";
    if (!key_unhex(hex, strlen(hex), bytes, sizeof bytes))
        return 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        number = number << 8 | bytes[i];
    return number;
}

static enum tf_status add_name(struct ops_names *names, const uint8_t secret[SECRET_SIZE],
                               const char *id)
{
    char alias[OPS_ID_SIZE];
    derive(secret, names->line, names->class, id, alias);
    uint64_t number = number_of(alias);
    if (number == 0 || ops_map_get(&names->ids, number))
        return TF_OK;
    char *copy = strdup(id);
    enum tf_status rc = copy ? ops_map_put(&names->ids, number, copy) : TF_NOMEM;
    if (rc)
        free(copy);
    return rc;
}

static enum tf_status read_names(const struct line_context *c, struct ops_names *names)
{
    static const char text[] = "SELECT number, id FROM ops_record WHERE owner = '' AND class = $1"
                               " AND number > $2 ORDER BY number LIMIT $3";
    uint8_t secret[SECRET_SIZE];
    int64_t after = 0;
    bool more = true;
    enum tf_status rc = read_secret(c, secret);
    while (!rc && more) {
        struct sql_rows rows = {0};
        rc = sql_query(
            c->sql, text,
            SQL_ARGS(sql_text(ops_class_word(names->class)), sql_int(after), sql_int(PAGE)), &rows);
        more = rows.count == PAGE;
        for (size_t i = 0; i < rows.count && !rc; i++) {
            after = sql_at(&rows, i, 0)->number;
            rc = add_name(names, secret, sql_at(&rows, i, 1)->bytes);
        }
        sql_rows_release(&rows);
    }
    sodium_memzero(secret, sizeof secret);
    return rc;
}

enum tf_status ops_alias_owner(struct ops *ops, const struct line_context *c, const char *line,
                               enum ops_class class, const char *alias, char own_id[OPS_ID_SIZE])
{
    struct ops_names *names = &ops->names;
    bool is_there = names->transaction && names->transaction == sql_turn(c->sql) &&
                    names->class == class && strcmp(names->line, line) == 0;
    if (!is_there) {
        ops_names_release(names);
        names->class = class;
        snprintf(names->line, sizeof names->line, "%s", line);
        enum tf_status rc = read_names(c, names);
        if (rc) {
            ops_names_release(names);
            return rc;
        }
        names->transaction = sql_turn(c->sql);
    }
    uint64_t number = number_of(alias);
    const char *id = number ? ops_map_get(&names->ids, number) : NULL;
    if (!id)
        return TF_NOT_FOUND;
    snprintf(own_id, OPS_ID_SIZE, "%s", id);
    return TF_OK;
}
