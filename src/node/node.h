/*
 * node.h - one writer, many readers: where all state of a node changes.
 *
 * A command goes into a bounded queue. The writer's thread takes what has queued up,
 * applies each command as a transaction (a refused one leaves no trace), writes the
 * batch with one fsync, and only then lets the replies go. Readers run on
 * their own threads under a reader-writer lock; what they saw may not be on the disk
 * yet, so their answers wait for the batch that they saw.
 *
 *     HTTP threads --submit--> [ queue ] --> writer: apply, apply, ... --> store --> done()
 *          \--read (lock shared)--> memory         (lock exclusive, each)   fsync
 */
#ifndef TF_NODE_NODE_H
#define TF_NODE_NODE_H

#include "dss/rules.h"
#include "store/pool.h"

enum { NODE_QUEUE_MAX = 8192, NODE_BATCH_MAX = 512 };

struct node;

struct node_command {
    /* Runs on the writer's thread. A reply of status >= 400 or an error undoes it. */
    enum tf_status (*run)(struct node_command *command, struct dss_db *db,
                          const struct dss_context *context, struct dss_reply *reply);
    /* Afterwards, when all is durable (or refused, or failed): rc is TF_OK, TF_NOMEM,
     * TF_LIMIT (the disk), TF_BUSY (nothing was applied), or TF_NOT_FOUND (the database was lost
     * while committing: nobody knows). Must answer. On the writer's thread: be short. */
    void (*done)(struct node_command *command, enum tf_status rc);
    /* Do not run it any more? May be NULL. */
    bool (*is_cancelled)(struct node_command *command);
    /* A write is about to be applied for good. False: it was given up, and must not be; nobody
     * gives it up after true. May be asked again. May be NULL. */
    bool (*claim)(struct node_command *command);
    const char *caller;
    bool may_monitor;
    enum dss_kind kind; /* which database, in a cluster */
    bool is_write;
    struct dss_reply reply;
    /* The node's own: */
    struct node_command *next;
    enum tf_status rc;
    uint64_t seen_failures;
};

struct node_config {
    const char *data_path;          /* the SQLite file; unused in a cluster */
    const struct pool_config *pool; /* NULL: embedded; borrowed for the start */
    size_t pool_workers;            /* database connections [8] */
    const char *locality;           /* this node's name among the pool's members */
    bool allow_http;
    int64_t grace_us;             /* ended entities stay readable by id so long */
    int64_t (*now_us)(void *ctx); /* NULL: the system's clock */
    void *now_ctx;
};

/* Counters for /metrics; read without locks. */
struct node_metrics {
    uint64_t entities[DSS_KIND_COUNT], queue, batches, commands, refused, failed_batches, expired,
        retries;
    uint64_t commit_buckets[12], commit_count; /* seconds: 0.0005 * 2^i */
    uint64_t commit_sum_us;
    uint64_t batch_buckets[12]; /* size: 2^i */
};

enum tf_status node_start(const struct node_config *config, struct node **out, char why[256]);
/* Applies what has queued up, closes the store. */
enum tf_status node_stop(struct node *node);

/* Tells the pool's members where this node answers (a URL). In a cluster from now on in heartbeats,
 * one each minute; what fails there is logged and tried again. Once, after the start. */
enum tf_status node_announce(struct node *node, const char *endpoint);

/* The pool's identity, as its database tells it to all members; "" if there is none. */
const char *node_pool_identity(const struct node *node);

/* TF_BUSY: the queue is full or the node is stopping; then done() is not called. */
enum tf_status node_submit(struct node *node, struct node_command *command);
/* Runs command->run at once, shared, for reading only; then done(), now or after
 * the batch whose changes were seen. */
void node_read(struct node *node, struct node_command *command);
void node_metrics(struct node *node, struct node_metrics *out);
/* Is the store writable, as far as is known? */
bool node_is_ready(struct node *node);

#endif
