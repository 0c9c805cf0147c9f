/*
 * account.h - who may do what at a party's own desk: operators with roles and passwords
 * (argon2id), their sessions, and tokens for programs. Every change is in the ledger.
 *
 * Functions with a context run inside the caller's transaction, like those of line.h.
 */
#ifndef TF_PARTY_ACCOUNT_H
#define TF_PARTY_ACCOUNT_H

#include "line/line.h"

/* Roles are a set; who has several may act in each. */
enum account_role {
    ACCOUNT_VIEWER = 1,
    ACCOUNT_PLANNER = 2,
    ACCOUNT_DUTY_OFFICER = 4,
    ACCOUNT_HEAD_OF_CELL = 8,
    ACCOUNT_ADMIN = 16,
    ACCOUNT_ALL_ROLES = 31
};
enum {
    ACCOUNT_NAME_SIZE = 65, /* [a-z0-9][a-z0-9._-]{0,63} */
    ACCOUNT_TITLE_SIZE = 128,
    ACCOUNT_HASH_SIZE = 128,
    ACCOUNT_SECRET_SIZE = 48, /* 32 random bytes in base64url, with a prefix */
    ACCOUNT_PASSWORD_MIN = 10,
    ACCOUNT_PASSWORD_MAX = 256,
    ACCOUNT_MAX = 10000
};

/* "duty-officer" of one role; its bit, 0 if there is none of the name. */
const char *account_role_name(enum account_role role);
unsigned account_role_named(const char *name, size_t len);
bool account_name_is_valid(const char *name);
/* "viewer,duty-officer" and back; false: an unknown name (in *bad its beginning). */
void account_roles_print(unsigned roles, char out[96]);
bool account_roles_parse(const char *text, unsigned *roles, const char **bad);

/* The tables; idempotent, outside of a transaction. */
TF_MUST_CHECK enum tf_status account_prepare(struct sql *sql, char why[SQL_WHY_SIZE]);

/* --- operators ------------------------------------------------------------------------ */

struct account {
    char name[ACCOUNT_NAME_SIZE], title[ACCOUNT_TITLE_SIZE];
    char hash[ACCOUNT_HASH_SIZE]; /* of the password; "" : cannot log in */
    unsigned roles;
    bool is_disabled;
    bool must_change;         /* the password was given to them: it is good for changing it only */
    int64_t made_us, seen_us; /* last log-in; 0: never */
};

/* argon2id, moderate: about half a second and 256 MiB; cheap: interactive, for tests. On any
 * thread, but not on the party's. */
TF_MUST_CHECK enum tf_status account_hash(const char *password, size_t len, bool cheap,
                                          char out[ACCOUNT_HASH_SIZE]);
/* As slow for a hash of "" (an operator who does not exist), and then false. */
bool account_verify(const char *hash, const char *password, size_t len);

/* A new one, or another title, roles, password (hash "" : as before), disabled or not. An operator
 * who is disabled or whose password changes loses all sessions. TF_RANGE: name or title; the
 * last admin cannot be disabled or lose the role (TF_UNSUPPORTED). */
TF_MUST_CHECK enum tf_status account_put(const struct line_context *c,
                                         const struct account *account, struct tf_fault *fault);
TF_MUST_CHECK enum tf_status account_find(const struct line_context *c, const char *name,
                                          struct account *out);
TF_MUST_CHECK enum tf_status account_each(const struct line_context *c,
                                          bool (*visit)(void *ctx, const struct account *account),
                                          void *ctx);

/* --- sessions and tokens ------------------------------------------------------------------ */

enum { SESSION_IDLE_S = 8 * 3600, SESSION_MAX_S = 24 * 3600 };

/* What a secret (a session's cookie, a program's token) stands for. */
struct account_session {
    char name[ACCOUNT_NAME_SIZE];
    unsigned roles;
    bool is_token; /* a program's: no CSRF protection needed */
    bool must_change;
    uint8_t csrf[32];
    int64_t expires_us;
};
/* `out` is shown once; the database keeps its hash only. csrf is sent to the page, which sends it
 * back with each change. */
TF_MUST_CHECK enum tf_status session_open(const struct line_context *c, const char *name,
                                          char out[ACCOUNT_SECRET_SIZE],
                                          struct account_session *session);
/* TF_NOT_FOUND: none, over, or its operator is disabled. Extends the idle time. */
TF_MUST_CHECK enum tf_status session_find(const struct line_context *c, const char *secret,
                                          struct account_session *out);
TF_MUST_CHECK enum tf_status session_close(const struct line_context *c, const char *secret);

struct account_token {
    char id[17]; /* public, to revoke it by */
    char name[ACCOUNT_NAME_SIZE], title[ACCOUNT_TITLE_SIZE];
    unsigned roles; /* no more than the operator's, at the time of use */
    int64_t made_us, expires_us, used_us;
};
TF_MUST_CHECK enum tf_status account_token_make(const struct line_context *c, const char *name,
                                                const char *title, unsigned roles,
                                                int64_t expires_us, char out[ACCOUNT_SECRET_SIZE],
                                                struct tf_fault *fault);
TF_MUST_CHECK enum tf_status account_token_revoke(const struct line_context *c, const char *id);
TF_MUST_CHECK enum tf_status
account_token_each(const struct line_context *c,
                   bool (*visit)(void *ctx, const struct account_token *token), void *ctx);

#endif
