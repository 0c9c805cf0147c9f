/*
 * hooks.h - telling programs and people outside of what happens on the lines: by web hooks in the
 * Standard Webhooks format, by a command, by mail. Each hook has a thread and a position in the
 * events, kept in the party's database: what was not taken is told again, after a restart
 * too, in order; so something may be told twice, under the same id.
 *
 * A hook that takes nothing rings (an alarm of no line: "hook." and 8 digits of its name's hash)
 * until it takes something, or somebody clears the alarm. What is too old by then is left out.
 */
#ifndef TF_PARTY_HOOKS_H
#define TF_PARTY_HOOKS_H

#include "party/party.h"

enum {
    HOOKS_MAX = 16,
    HOOK_SECRET_MAX = 64 /* bytes; at least 24 */
};
/* How long a hook is waited for. */
struct hook_patience {
    unsigned retry_ms, retry_max_ms; /* after the first failure; doubled, with jitter, up to this */
    int64_t ring_after_s;            /* failing for so long, it rings */
    unsigned tries;                  /* failed so often in a row, */
    int64_t give_up_s;               /* it is not told any more what is older than this */
};
#define HOOK_PATIENCE                                                                              \
    {                                                                                              \
        .retry_ms = 1000, .retry_max_ms = 300000, .ring_after_s = 600, .tries = 10,                \
        .give_up_s = 86400                                                                         \
    }

enum hook_kind {
    HOOK_WEB,     /* every event, by POST to a URL */
    HOOK_COMMAND, /* alarms, as JSON on the standard input of a program */
    HOOK_MAIL     /* alarms, as a mail through sendmail */
};
struct hook_config {
    enum hook_kind kind;
    const char *target; /* URL, program, address; kept */
    uint8_t secret[HOOK_SECRET_MAX];
    size_t secret_len; /* 0: not signed; HOOK_WEB only */
};
struct hooks;

struct hooks_config {
    const struct hook_config *hooks; /* kept */
    size_t count;
    const char *ca_file; /* as in party_config */
    bool allow_http;
    const char *sendmail; /* NULL: /usr/sbin/sendmail */
    struct hook_patience patience;
};

/* The tables; idempotent, outside of a transaction. */
TF_MUST_CHECK enum tf_status hooks_prepare(struct sql *sql, char why[SQL_WHY_SIZE]);
/* Deletes what is older than HOOK_KEEP_DAYS and was told by every hook that is known here, and what
 * is older than HOOK_KEEP_MAX_DAYS in any case (a hook that is configured no more would keep all).
 * Within a transaction; some at a time, *more: go on. */
enum { HOOK_KEEP_DAYS = 90, HOOK_KEEP_MAX_DAYS = 365 };
TF_MUST_CHECK enum tf_status hooks_prune(const struct line_context *c, bool *more);
/* The party must outlive it. A hook that is new begins with what happens from now on. */
TF_MUST_CHECK enum tf_status hooks_start(struct party *party, const struct hooks_config *config,
                                         struct hooks **out);
/* Gives up what is under way: it is told again after the next start. NULL is fine. */
void hooks_stop(struct hooks *hooks);
/* Something has happened. From any thread. */
void hooks_wake(struct hooks *hooks);

struct hook_metrics {
    const char *kind; /* "web" "command" "mail" */
    uint64_t told, failed, left_out;
    bool failing;
};
/* Returns how many. */
size_t hooks_metrics(struct hooks *hooks, struct hook_metrics out[HOOKS_MAX]);

/* "whsec_" and base64 of 24 to 64 bytes. */
bool hook_secret_parse(const char *text, struct hook_config *out);
/* "v1," and base64 of HMAC-SHA256(secret, "id.timestamp.body"), appended. */
void hook_sign(const struct hook_config *hook, const char *id, const char *timestamp,
               const char *body, size_t len, struct tf_buf *out);

#endif
