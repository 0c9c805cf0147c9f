/*
 * extension.h - message types of other modules (operations, sites, conflict cases) on a line. The
 * line numbers, signs, keeps, delivers and acknowledges them like its own; what they mean is
 * the extension's.
 */
#ifndef TF_LINE_EXTENSION_H
#define TF_LINE_EXTENSION_H

#include "line/message.h"

struct line_context;

/* A message that takes effect now: said here, or heard in order. Borrowed for the call. */
struct line_applied {
    const char *line, *peer, *type, *role;
    const json_t *body;
    const uint8_t *hash; /* of the envelope, KEY_HASH_SIZE bytes */
    int64_t seq, sent_us;
    uint64_t ledger_index;
    bool is_own, is_late; /* is_late: it came while the line was suspended */
};

struct line_extension {
    /* Types that begin with it are this extension's, e.g. "op."; not one of the line's own. */
    const char *prefix;
    void *ctx;
    /* What a type asks, and whether it is of the floor. NULL: this version does not know it. */
    const struct message_kind *(*kind)(void *ctx, const char *type);
    /* Every field of a body, before it is said, and before a heard one is applied: one that is
     * refused is kept and has no effect. */
    enum tf_status (*check)(void *ctx, const char *type, const json_t *body,
                            struct tf_fault *fault);
    /* In the transaction of the message. TF_OK, or a status that undoes the whole transaction
     * (TF_BUSY, TF_LIMIT, TF_NOMEM): a heard message cannot be refused here any more. */
    enum tf_status (*apply)(void *ctx, const struct line_context *c,
                            const struct line_applied *message);
    /* Where and when, to be read back. False: none. May be NULL. */
    bool (*place)(void *ctx, const char *type, const json_t *body, struct message_place *out);
};

#endif
