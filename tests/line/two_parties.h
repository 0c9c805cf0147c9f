/*
 * two_parties.h - two parties with a database, a ledger and a key each, on one clock that the test
 * moves, and posts carried by hand; every line_* function called in a transaction of its own.
 */
#ifndef TF_TEST_TWO_PARTIES_H
#define TF_TEST_TWO_PARTIES_H

#include "line/line.h"

#define T0_US INT64_C(1795572000000000) /* 2026-11-25T02:00:00Z */
#define SECOND_US INT64_C(1000000)

struct side {
    struct sql *sql;
    struct ledger *ledger;
    struct key_secret *key;
    struct line_context c;
    struct tf_buf card;
};
struct pair {
    struct side side[2]; /* north, south */
    char line[LINE_ID_SIZE];
    enum tf_status (*fault)(void *ctx); /* of both databases, within transactions */
};

/* `where` NULL: the servers' databases that TAFADI_TEST_DATABASE and TAFADI_TEST_DATABASE_2 name,
 * or in memory. */
void pair_open(struct pair *pair, const char *const where[2]);
void pair_close(struct pair *pair);
/* One side alone, 0 or 1, with what is in its database. */
void side_open(struct side *side, int which, const char *where);
void side_close(struct side *side);
void pair_pass_time(struct pair *pair, int64_t us);
/* Both have opened the line and have all of each other's messages. */
void pair_open_line(struct pair *pair);

/* --- in transactions; each asserts TF_OK unless it says otherwise -------------------------- */

/* A message whose body is JSON with ' for ". Returns what line_say returns; *seq may be NULL. */
enum tf_status side_try(struct side *side, const char *line, const char *type, const char *body,
                        int64_t *seq, struct tf_fault *fault);
int64_t side_say(struct side *side, const char *line, const char *type, const char *body);
void side_collect(struct side *side, const char *line, struct tf_buf *post);
/* Each message of a post, as whoever reads along sees it. */
void post_each_message(const struct tf_buf *post,
                       void (*visit)(void *ctx, const struct message *message), void *ctx);
struct line_taken side_take(struct side *side, const struct tf_buf *post);
/* A post from side `from`, its answer, and so on until nobody has anything more. */
void pair_exchange(struct pair *pair, int from);
/* One tick; whether a post is wanted. */
bool side_tick(struct side *side, const char *line, int64_t *next_us);
/* Ticks both every `step_us` for `us`, passing posts as they are wanted. */
void pair_run(struct pair *pair, int64_t us, int64_t step_us);
struct line_info side_info(struct side *side, const char *line);
/* Another key from now on; `within` NULL or what belongs into the same transaction. Owns next. */
void side_rotate(struct side *side, const char *line, struct key_secret *next,
                 enum tf_status (*within)(const struct line_context *c));

/* --- by hand ------------------------------------------------------------------------------- */

/* An envelope as `key` would sign it; prev NULL: zeros. Appended. */
void forge_message(const struct pair *pair, int from, const struct key_secret *key, int64_t seq,
                   const uint8_t *prev, const char *type, const char *body, struct tf_buf *out,
                   uint8_t hash[KEY_HASH_SIZE]);
void forge_receipt(const struct pair *pair, int from, int64_t of,
                   const uint8_t envelope[KEY_HASH_SIZE], struct tf_buf *out);
void forge_beat(const struct pair *pair, int from, int64_t at_us, int64_t have, int64_t sent,
                struct tf_buf *out);
/* A post from `from` with these members: each ",\"name\":json"; NULL: none. */
void forge_post(const struct pair *pair, int from, const char *members, struct tf_buf *out);
/* A post with these envelopes alone, taken by the other. */
struct line_taken forge_and_take(struct pair *pair, int from, const struct tf_buf *envelopes);
/* What side `to` last heard of the other. */
void last_heard(struct pair *pair, int to, int64_t *seq, uint8_t hash[KEY_HASH_SIZE]);

/* --- looking ---------------------------------------------------------------------------------- */

/* A copy of a message's facts; strings are cut. False: there is none. */
struct seen_message {
    char type[MESSAGE_TYPE_SIZE], assessment[32], seen_role[32], payload[2048], envelope[4096];
    int64_t seq, receipt_us, seen_us, forwarded_us, answered_us, superseded_by, rung;
    int64_t deliver_by_us, seen_by_us, answer_by_us;
    bool is_late, is_void, has_receipt;
    uint8_t hash[KEY_HASH_SIZE];
};
bool side_message(struct side *side, const char *line, bool is_own, int64_t seq,
                  struct seen_message *out);
/* Alarms that have not ended, of a kind (NULL: any) about a message (0: any). */
int side_alarms(struct side *side, const char *line, const char *kind, int64_t seq,
                char role[MESSAGE_ROLE_SIZE]);
int side_evidence(struct side *side, const char *line, const char *kind);
/* All of the line's invariants that its own database can show. */
void side_check(struct side *side, const char *line);
void pair_check(struct pair *pair);

#endif
