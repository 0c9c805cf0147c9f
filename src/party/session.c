/*
 * session.c - sessions of operators, and tokens of programs: secrets of which only
 * hashes are kept.
 */
#include "party/account.h"

#include "party/internal.h"
#include <sodium.h>
#include <stdio.h>

enum { SECRET_BYTES = 32, TOKEN_ID_BYTES = 8 };

/* A secret of 256 bits needs no slow hash. */
static void hash_secret(const char *secret, uint8_t out[KEY_HASH_SIZE])
{
    key_sha256(&(struct key_piece){.bytes = secret, .len = strlen(secret)}, 1, out);
}

static void make_secret(const char *prefix, char out[ACCOUNT_SECRET_SIZE])
{
    uint8_t random[SECRET_BYTES];
    randombytes_buf(random, sizeof random);
    size_t len = (size_t)snprintf(out, ACCOUNT_SECRET_SIZE, "%s", prefix);
    sodium_bin2base64(out + len, ACCOUNT_SECRET_SIZE - len, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(random, sizeof random);
}

/* --- sessions ------------------------------------------------------------------------- */

static enum tf_status forget_old(const struct line_context *c)
{
    return sql_exec(c->sql, "DELETE FROM party_session WHERE made_us < $1 OR used_us < $2",
                    SQL_ARGS(sql_int(c->now_us - SESSION_MAX_S * INT64_C(1000000)),
                             sql_int(c->now_us - SESSION_IDLE_S * INT64_C(1000000))),
                    NULL);
}

static int64_t expiry_us(int64_t made_us, int64_t used_us)
{
    int64_t end_us = made_us + SESSION_MAX_S * INT64_C(1000000);
    int64_t idle_us = used_us + SESSION_IDLE_S * INT64_C(1000000);
    return idle_us < end_us ? idle_us : end_us;
}

enum tf_status session_open(const struct line_context *c, const char *name,
                            char out[ACCOUNT_SECRET_SIZE], struct account_session *session)
{
    struct account account;
    uint8_t hash[KEY_HASH_SIZE];
    enum tf_status rc = account_find(c, name, &account);
    if (!rc && account.is_disabled)
        rc = TF_NOT_FOUND;
    if (!rc)
        rc = forget_old(c);
    if (rc)
        return rc;
    make_secret("s_", out);
    hash_secret(out, hash);
    *session = (struct account_session){.roles = account.roles,
                                        .must_change = account.must_change,
                                        .expires_us = expiry_us(c->now_us, c->now_us)};
    memcpy(session->name, account.name, sizeof session->name);
    randombytes_buf(session->csrf, sizeof session->csrf);
    rc = sql_exec(c->sql,
                  "INSERT INTO party_session (secret, name, csrf, made_us, used_us)"
                  " VALUES ($1, $2, $3, $4, $4)",
                  SQL_ARGS(sql_blob(hash, sizeof hash), sql_text(account.name),
                           sql_blob(session->csrf, sizeof session->csrf), sql_int(c->now_us)),
                  NULL);
    if (!rc)
        rc = sql_exec(c->sql, "UPDATE party_operator SET seen_us = $2 WHERE name = $1",
                      SQL_ARGS(sql_text(account.name), sql_int(c->now_us)), NULL);
    return rc ? rc : account_log(c, "session.opened", account.name, "");
}

/* Not each request writes: once a minute is enough for the idle time. */
static enum tf_status touch(const struct line_context *c, const uint8_t hash[KEY_HASH_SIZE],
                            int64_t used_us)
{
    if (c->now_us - used_us < INT64_C(60000000))
        return TF_OK;
    return sql_exec(c->sql, "UPDATE party_session SET used_us = $2 WHERE secret = $1",
                    SQL_ARGS(sql_blob(hash, KEY_HASH_SIZE), sql_int(c->now_us)), NULL);
}

static enum tf_status find_session(const struct line_context *c, const uint8_t hash[KEY_HASH_SIZE],
                                   struct account_session *out)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT o.name, o.roles, s.csrf, s.made_us, s.used_us, o.must_change"
                  " FROM party_session AS s"
                  " JOIN party_operator AS o ON o.name = s.name WHERE s.secret = $1"
                  " AND o.disabled = 0",
                  SQL_ARGS(sql_blob(hash, KEY_HASH_SIZE)), &rows);
    if (rc)
        return rc;
    *out = (struct account_session){.roles = 0};
    int64_t used_us = 0;
    if (rows.count == 1 && sql_at(&rows, 0, 2)->len == sizeof out->csrf) {
        snprintf(out->name, sizeof out->name, "%s", sql_at(&rows, 0, 0)->bytes);
        out->roles = (unsigned)sql_at(&rows, 0, 1)->number;
        memcpy(out->csrf, sql_at(&rows, 0, 2)->bytes, sizeof out->csrf);
        used_us = sql_at(&rows, 0, 4)->number;
        out->must_change = sql_at(&rows, 0, 5)->number != 0;
        out->expires_us = expiry_us(sql_at(&rows, 0, 3)->number, used_us);
    }
    sql_rows_release(&rows);
    return out->expires_us > c->now_us ? touch(c, hash, used_us) : TF_NOT_FOUND;
}

static enum tf_status find_token(const struct line_context *c, const uint8_t hash[KEY_HASH_SIZE],
                                 struct account_session *out)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT o.name, o.roles, t.roles, t.expires_us, t.used_us, t.id"
                  " FROM party_token AS t JOIN party_operator AS o ON o.name = t.name"
                  " WHERE t.secret = $1 AND o.disabled = 0 AND t.expires_us > $2",
                  SQL_ARGS(sql_blob(hash, KEY_HASH_SIZE), sql_int(c->now_us)), &rows);
    if (rc)
        return rc;
    *out = (struct account_session){.is_token = true};
    rc = rows.count == 1 ? TF_OK : TF_NOT_FOUND;
    if (!rc) {
        snprintf(out->name, sizeof out->name, "%s", sql_at(&rows, 0, 0)->bytes);
        out->roles = (unsigned)(sql_at(&rows, 0, 1)->number & sql_at(&rows, 0, 2)->number);
        out->expires_us = sql_at(&rows, 0, 3)->number;
        if (c->now_us - sql_at(&rows, 0, 4)->number > INT64_C(60000000))
            rc = sql_exec(c->sql, "UPDATE party_token SET used_us = $2 WHERE id = $1",
                          SQL_ARGS(*sql_at(&rows, 0, 5), sql_int(c->now_us)), NULL);
    }
    sql_rows_release(&rows);
    return rc;
}

enum tf_status session_find(const struct line_context *c, const char *secret,
                            struct account_session *out)
{
    uint8_t hash[KEY_HASH_SIZE];
    if (strlen(secret) >= ACCOUNT_SECRET_SIZE)
        return TF_NOT_FOUND;
    hash_secret(secret, hash);
    return strncmp(secret, "t_", 2) == 0 ? find_token(c, hash, out) : find_session(c, hash, out);
}

enum tf_status session_close(const struct line_context *c, const char *secret)
{
    uint8_t hash[KEY_HASH_SIZE];
    int64_t changed;
    hash_secret(secret, hash);
    enum tf_status rc = sql_exec(c->sql, "DELETE FROM party_session WHERE secret = $1",
                                 SQL_ARGS(sql_blob(hash, sizeof hash)), &changed);
    if (rc)
        return rc;
    return changed ? account_log(c, "session.closed", c->actor, "") : TF_NOT_FOUND;
}

/* --- tokens ------------------------------------------------------------------------------ */

enum tf_status account_token_make(const struct line_context *c, const char *name, const char *title,
                                  unsigned roles, int64_t expires_us, char out[ACCOUNT_SECRET_SIZE],
                                  struct tf_fault *fault)
{
    struct account account;
    uint8_t hash[KEY_HASH_SIZE], random[TOKEN_ID_BYTES];
    char id[2 * TOKEN_ID_BYTES + 1];
    enum tf_status rc = account_find(c, name, &account);
    if (rc == TF_NOT_FOUND)
        return tf_fault_set(fault, rc, TF_NO_INDEX, "name", TF_TEXT("there is no operator \"%1\""),
                            name, NULL, NULL);
    if (rc)
        return rc;
    if (roles == 0 || (roles & ~account.roles))
        return tf_fault_set(fault, TF_RANGE, TF_NO_INDEX, "roles",
                            TF_TEXT("a token can have roles of its operator only"), NULL, NULL,
                            NULL);
    if (expires_us <= c->now_us || strlen(title) >= ACCOUNT_TITLE_SIZE)
        return tf_fault_set(
            fault, TF_RANGE, TF_NO_INDEX, expires_us <= c->now_us ? "expires" : "title",
            TF_TEXT("a token needs an end in the future and a short title"), NULL, NULL, NULL);
    make_secret("t_", out);
    hash_secret(out, hash);
    randombytes_buf(random, sizeof random);
    key_hex(random, sizeof random, id);
    rc =
        sql_exec(c->sql,
                 "INSERT INTO party_token (id, secret, name, title, roles, made_us, expires_us,"
                 " used_us) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
                 SQL_ARGS(sql_text(id), sql_blob(hash, sizeof hash), sql_text(name),
                          sql_text(title), sql_int(roles), sql_int(c->now_us), sql_int(expires_us)),
                 NULL);
    return rc ? rc : account_log(c, "token.made", name, id);
}

enum tf_status account_token_revoke(const struct line_context *c, const char *id)
{
    int64_t changed;
    enum tf_status rc =
        sql_exec(c->sql, "DELETE FROM party_token WHERE id = $1", SQL_ARGS(sql_text(id)), &changed);
    if (rc)
        return rc;
    return changed ? account_log(c, "token.revoked", c->actor, id) : TF_NOT_FOUND;
}

enum tf_status account_token_each(const struct line_context *c,
                                  bool (*visit)(void *ctx, const struct account_token *token),
                                  void *ctx)
{
    struct sql_rows rows;
    enum tf_status rc = sql_query(c->sql,
                                  "SELECT id, name, title, roles, made_us, expires_us, used_us"
                                  " FROM party_token ORDER BY name, made_us",
                                  SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    for (size_t i = 0; i < rows.count; i++) {
        struct account_token token = {.roles = (unsigned)sql_at(&rows, i, 3)->number,
                                      .made_us = sql_at(&rows, i, 4)->number,
                                      .expires_us = sql_at(&rows, i, 5)->number,
                                      .used_us = sql_at(&rows, i, 6)->number};
        snprintf(token.id, sizeof token.id, "%s", sql_at(&rows, i, 0)->bytes);
        snprintf(token.name, sizeof token.name, "%s", sql_at(&rows, i, 1)->bytes);
        snprintf(token.title, sizeof token.title, "%s", sql_at(&rows, i, 2)->bytes);
        if (!visit(ctx, &token))
            break;
    }
    sql_rows_release(&rows);
    return TF_OK;
}
