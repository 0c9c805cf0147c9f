/*
 * account.c - operators: their tables, passwords, and what the ledger says of them.
 */
#include "party/account.h"

#include "party/internal.h"
#include <sodium.h>
#include <stdio.h>

static const char *const steps[] = {
    "CREATE TABLE party_operator (name TEXT PRIMARY KEY, title TEXT NOT NULL, hash TEXT NOT NULL,"
    " roles BIGINT NOT NULL, disabled BIGINT NOT NULL, must_change BIGINT NOT NULL,"
    " made_us BIGINT NOT NULL, seen_us BIGINT NOT NULL) @STRICT@;"
    "CREATE TABLE party_session (secret @BLOB@ PRIMARY KEY, name TEXT NOT NULL"
    " REFERENCES party_operator (name), csrf @BLOB@ NOT NULL, made_us BIGINT NOT NULL,"
    " used_us BIGINT NOT NULL) @STRICT@;"
    "CREATE INDEX party_session_name ON party_session (name);"
    "CREATE TABLE party_token (id TEXT PRIMARY KEY, secret @BLOB@ NOT NULL UNIQUE,"
    " name TEXT NOT NULL REFERENCES party_operator (name), title TEXT NOT NULL,"
    " roles BIGINT NOT NULL, made_us BIGINT NOT NULL, expires_us BIGINT NOT NULL,"
    " used_us BIGINT NOT NULL) @STRICT@"};

enum tf_status account_prepare(struct sql *sql, char why[SQL_WHY_SIZE])
{
    return sql_migrate(sql, "party_account", steps, sizeof steps / sizeof *steps, why);
}

/* --- passwords ----------------------------------------------------------------------- */

enum tf_status account_hash(const char *password, size_t len, bool cheap,
                            char out[ACCOUNT_HASH_SIZE])
{
    _Static_assert(crypto_pwhash_STRBYTES <= ACCOUNT_HASH_SIZE, "room for a hash");
    if (len < ACCOUNT_PASSWORD_MIN || len > ACCOUNT_PASSWORD_MAX)
        return TF_RANGE;
    unsigned long long ops = cheap ? crypto_pwhash_OPSLIMIT_MIN : crypto_pwhash_OPSLIMIT_MODERATE;
    size_t memory = cheap ? crypto_pwhash_MEMLIMIT_MIN : crypto_pwhash_MEMLIMIT_MODERATE;
    return crypto_pwhash_str(out, password, len, ops, memory) ? TF_NOMEM : TF_OK;
}

bool account_verify(const char *hash, const char *password, size_t len)
{
    char other[crypto_pwhash_STRBYTES];
    if (len > ACCOUNT_PASSWORD_MAX)
        return false;
    if (hash[0])
        return crypto_pwhash_str_verify(hash, password, len) == 0;
    /* The same work, so that the time does not tell which names exist. */
    int rc = crypto_pwhash_str(other, password, len, crypto_pwhash_OPSLIMIT_MODERATE,
                               crypto_pwhash_MEMLIMIT_MODERATE);
    (void)rc;
    return false;
}

/* --- the ledger ---------------------------------------------------------------------------- */

enum tf_status account_log(const struct line_context *c, const char *act, const char *name,
                           const char *detail)
{
    struct tf_buf entry = TF_BUF_INIT(LEDGER_ENTRY_MAX);
    char at[TF_TIME_TEXT_SIZE];
    tf_time_format(c->now_us * 1000, at);
    tf_buf_printf(&entry, "{\"kind\":\"admin\",\"at\":\"%s\",\"act\":\"%s\",\"by\":", at, act);
    tf_buf_json(&entry, c->actor);
    tf_buf_text(&entry, ",\"name\":");
    tf_buf_json(&entry, name);
    tf_buf_text(&entry, ",\"detail\":");
    tf_buf_json(&entry, detail);
    tf_buf_text(&entry, "}");
    enum tf_status rc = tf_buf_status(&entry);
    if (!rc)
        rc = ledger_append(c->ledger, entry.data, entry.len, NULL);
    tf_buf_release(&entry);
    return rc;
}

/* --- operators -------------------------------------------------------------------------------- */

#define OPERATOR_COLUMNS "name, title, hash, roles, disabled, made_us, seen_us, must_change"

static void read_account(const struct sql_rows *rows, size_t row, struct account *out)
{
    snprintf(out->name, sizeof out->name, "%s", sql_at(rows, row, 0)->bytes);
    snprintf(out->title, sizeof out->title, "%s", sql_at(rows, row, 1)->bytes);
    snprintf(out->hash, sizeof out->hash, "%s", sql_at(rows, row, 2)->bytes);
    out->roles = (unsigned)sql_at(rows, row, 3)->number;
    out->is_disabled = sql_at(rows, row, 4)->number != 0;
    out->made_us = sql_at(rows, row, 5)->number;
    out->seen_us = sql_at(rows, row, 6)->number;
    out->must_change = sql_at(rows, row, 7)->number != 0;
}

enum tf_status account_find(const struct line_context *c, const char *name, struct account *out)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql, "SELECT " OPERATOR_COLUMNS " FROM party_operator WHERE name = $1",
                  SQL_ARGS(sql_text(name)), &rows);
    if (rc)
        return rc;
    if (rows.count == 0)
        rc = TF_NOT_FOUND;
    else
        read_account(&rows, 0, out);
    sql_rows_release(&rows);
    return rc;
}

enum tf_status account_each(const struct line_context *c,
                            bool (*visit)(void *ctx, const struct account *account), void *ctx)
{
    struct sql_rows rows;
    enum tf_status rc =
        sql_query(c->sql, "SELECT " OPERATOR_COLUMNS " FROM party_operator ORDER BY name",
                  SQL_NO_ARGS, &rows);
    if (rc)
        return rc;
    struct account account;
    for (size_t i = 0; i < rows.count; i++) {
        read_account(&rows, i, &account);
        if (!visit(ctx, &account))
            break;
    }
    sql_rows_release(&rows);
    return TF_OK;
}

bool account_name_is_valid(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(name);
    return len > 0 && len < ACCOUNT_NAME_SIZE && strspn(name, letters) == len && name[0] != '.' &&
           name[0] != '_' && name[0] != '-';
}

static enum tf_status check(const struct account *account, struct tf_fault *fault)
{
    if (!account_name_is_valid(account->name))
        return tf_fault_set(fault, TF_RANGE, TF_NO_INDEX, "name",
                            TF_TEXT("an operator's name is made of a-z, 0-9, '.', '_' and '-', "
                                    "begins with a letter or digit, and has at most 64"),
                            NULL, NULL, NULL);
    if ((account->roles & ~(unsigned)ACCOUNT_ALL_ROLES) || account->roles == 0)
        return tf_fault_set(fault, TF_RANGE, TF_NO_INDEX, "roles",
                            TF_TEXT("an operator needs at least one role: viewer, planner, "
                                    "duty-officer, head-of-cell or admin"),
                            NULL, NULL, NULL);
    return TF_OK;
}

/* Somebody must be able to mend things. */
static enum tf_status check_last_admin(const struct line_context *c, const struct account *account,
                                       struct tf_fault *fault)
{
    struct sql_rows rows;
    if ((account->roles & ACCOUNT_ADMIN) && !account->is_disabled)
        return TF_OK;
    enum tf_status rc =
        sql_query(c->sql,
                  "SELECT (SELECT count(*) FROM party_operator WHERE name = $1 AND disabled = 0"
                  " AND roles >= 16), (SELECT count(*) FROM party_operator WHERE name <> $1"
                  " AND disabled = 0 AND roles >= 16)",
                  SQL_ARGS(sql_text(account->name)), &rows);
    if (rc)
        return rc;
    bool is_last = sql_at(&rows, 0, 0)->number > 0 && sql_at(&rows, 0, 1)->number == 0;
    sql_rows_release(&rows);
    if (!is_last)
        return TF_OK;
    return tf_fault_set(fault, TF_UNSUPPORTED, TF_NO_INDEX, "roles",
                        TF_TEXT("this is the last administrator; make another one first"), NULL,
                        NULL, NULL);
}

enum tf_status account_put(const struct line_context *c, const struct account *account,
                           struct tf_fault *fault)
{
    struct account old = {.hash = ""};
    char roles[96];
    enum tf_status rc = check(account, fault);
    if (!rc)
        rc = check_last_admin(c, account, fault);
    if (rc)
        return rc;
    rc = account_find(c, account->name, &old);
    bool is_new = rc == TF_NOT_FOUND;
    if (rc && !is_new)
        return rc;
    const char *hash = account->hash[0] ? account->hash : old.hash;
    rc = sql_exec(
        c->sql,
        "INSERT INTO party_operator (name, title, hash, roles, disabled, made_us, seen_us,"
        " must_change) VALUES ($1, $2, $3, $4, $5, $6, 0, $7) ON CONFLICT (name) DO UPDATE SET"
        " title = excluded.title, hash = excluded.hash, roles = excluded.roles,"
        " disabled = excluded.disabled, must_change = excluded.must_change",
        SQL_ARGS(sql_text(account->name), sql_text(account->title), sql_text(hash),
                 sql_int(account->roles), sql_int(account->is_disabled), sql_int(c->now_us),
                 sql_int(account->hash[0] ? account->must_change : old.must_change)),
        NULL);
    if (!rc && !is_new && (account->is_disabled || account->hash[0]))
        rc = sql_exec(c->sql, "DELETE FROM party_session WHERE name = $1",
                      SQL_ARGS(sql_text(account->name)), NULL);
    account_roles_print(account->roles, roles);
    if (!rc)
        rc = account_log(c,
                         is_new                 ? "operator.added"
                         : account->is_disabled ? "operator.disabled"
                         : account->hash[0]     ? "operator.password"
                                                : "operator.changed",
                         account->name, roles);
    return rc;
}
