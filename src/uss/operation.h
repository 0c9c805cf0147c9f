/*
 * operation.h - operations of the party's register on their way to a DSS: what was asked of them,
 * what came of it, and which operational intent is theirs.
 *
 *   submit, accept, activate, recover, another content        end, withdraw, depart, lose
 *          |  (the register's check lets it pass)                 |  (done: these are facts)
 *          v                                                      v
 *     [ uss_operation: due ] <------------------------------------+
 *          |  planner: asks the DSS and peers; an operation that is published becomes an intent
 *          v
 *     one transaction: the intent as the DSS has it, and the act of the register
 *
 * So nothing counts in the register that the DSS has refused. The other way round there may be a
 * while in between: an intent whose operation was changed meanwhile is taken back.
 * All within the caller's transaction.
 */
#ifndef TF_USS_OPERATION_H
#define TF_USS_OPERATION_H

#include "ops/check.h"
#include "uss/store.h"

/* Which operations become operational intents; in the database, for commands beside the node. */
#define USS_PUBLISH_LIST(X)                                                                        \
    X(OFF, "off")   /* this party has no USS */                                                    \
    X(NONE, "none") /* the DSS is asked about what is near, and told nothing */                    \
    X(UNCREWED, "uncrewed")                                                                        \
    X(ALL, "all")
#define USS_ENUM_PUBLISH(name, word) USS_PUBLISH_##name,
enum uss_publish { USS_PUBLISH_LIST(USS_ENUM_PUBLISH) };
#undef USS_ENUM_PUBLISH
TF_MUST_CHECK enum tf_status uss_publish_from_word(const char *word, enum uss_publish *out);
TF_MUST_CHECK enum tf_status uss_publish_get(const struct line_context *c, enum uss_publish *out);
TF_MUST_CHECK enum tf_status uss_publish_set(const struct line_context *c, enum uss_publish what,
                                             const char *dss_url);

/* The DSS, as the node that started last was told; "" . */
TF_MUST_CHECK enum tf_status uss_dss_get(const struct line_context *c, char out[USS_URL_SIZE]);

/* What is known of one. Texts are the structure's. */
struct uss_operation {
    char op[OPS_ID_SIZE], act[16], actor[65], role[MESSAGE_ROLE_SIZE];
    char base[OPS_ETAG_SIZE]; /* of a change: the version that it replaces */
    struct tf_uuid intent;
    bool is_published;                                       /* it is to be an intent */
    char *source, *reason, *allow, *feature, *extra, *check; /* owned; "" : none */
    char result[16], why[1024];
    int64_t asked_us, due_us, tries, settled_us; /* due_us 0: nothing is to be done */
};
void uss_operation_release(struct uss_operation *operation); /* idempotent; zero is valid */
/* TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status uss_operation_find(const struct line_context *c, const char *op,
                                                struct uss_operation *out);
/* The one that has been due for longest. TF_NOT_FOUND: none is. */
TF_MUST_CHECK enum tf_status uss_operation_due(const struct line_context *c,
                                               struct uss_operation *out);
/* Whether an intent is an operation's of the register, or a constraint a zone's. */
TF_MUST_CHECK enum tf_status uss_operation_owns(const struct line_context *c,
                                                const struct tf_uuid *intent, bool *out);
/* What came of it. `result`: "done", "refused", "failed"; due again at again_us, 0: never. check:
 * a verdict as JSON, or NULL. */
struct uss_operation_end {
    const char *result, *why, *check;
    int64_t again_us;
    int64_t asked_us; /* of what was asked: if it is something else by now, nothing is settled */
};
TF_MUST_CHECK enum tf_status uss_operation_settle(const struct line_context *c, const char *op,
                                                  const struct uss_operation_end *end);
/* Its intent has to be looked at again, unless something is asked of it already. */
TF_MUST_CHECK enum tf_status uss_operation_again(const struct line_context *c, const char *op);
TF_MUST_CHECK enum tf_status uss_operation_again_of(const struct line_context *c,
                                                    const struct tf_uuid *intent);
/* The member "intent" of an operation's resource, appended: an object, or null. */
TF_MUST_CHECK enum tf_status uss_operation_print(const struct line_context *c, const char *op,
                                                 struct tf_buf *out);

/* The gates of ops/check.h: what they take is written down here. `woken` may be NULL. */
struct uss_gate {
    const bool *is_passing; /* NULL, or true: what is asked for now has been allowed */
    void (*woken)(void *ctx);
    void *ctx;
};
/* `gate` is kept. */
void uss_gate_attach(struct ops *ops, const struct uss_gate *gate);
/* Nobody is there to carry anything out: what is asked for is written down, and done after the
 * next start of a node. */
void uss_gate_close(struct ops *ops);

#endif
