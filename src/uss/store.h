/*
 * store.h - what a USS keeps in the party's database: its own operational intents, what peers told
 * it, whom it told what, reports. All within the caller's transaction; each change that others hear
 * of has its entry in the ledger.
 *
 * An intent of ours is written down before the DSS is asked, as what is wanted, and again when the
 * DSS has answered. In between it is in doubt: after a crash or a lost answer the DSS is asked
 * what came of it.
 */
#ifndef TF_USS_STORE_H
#define TF_USS_STORE_H

#include "line/line.h"
#include "uss/rules.h"

enum {
    USS_HEARD_MAX = 20000,    /* intents and constraints that peers told of */
    USS_HEARD_ONE_MAX = 5000, /* of these, of one peer */
    USS_REPORTS_MAX = 10000,
    USS_FLIGHTS_MAX = 20000,
    USS_KEEP_DAYS = 90 /* of what was told, and reports */
};

/* The tables; idempotent, outside of a transaction. */
TF_MUST_CHECK enum tf_status uss_prepare(struct sql *sql, char why[SQL_WHY_SIZE]);

/* --- own intents ------------------------------------------------------------------------------ */

struct uss_flight {
    struct uss_reference reference; /* state DRAFT: it is not in the DSS, as far as is known */
    struct uss_details details;     /* none of a DRAFT */
    bool in_doubt;                  /* `wanted` was asked for, and there is no answer yet */
    enum tf_state wanted_state;     /* ENDED: it was to be deleted */
    struct uss_details wanted;
    bool is_untold; /* its present version was found in the DSS, and nobody was told */
};
void uss_flight_release(struct uss_flight *flight); /* idempotent; zero is valid */
/* TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status uss_flight_find(const struct line_context *c, const struct tf_uuid *id,
                                             struct uss_flight *out);
/* All, or only what is in doubt, untold or over. visit returns false to stop. */
TF_MUST_CHECK enum tf_status
uss_flight_each(const struct line_context *c, bool only_unsettled,
                bool (*visit)(void *ctx, const struct tf_uuid *id, int64_t end_us), void *ctx);
/* {"reference":..., "details":...}, appended. TF_NOT_FOUND: none, or not in the DSS. *state may
 * be NULL. */
TF_MUST_CHECK enum tf_status uss_flight_print(const struct line_context *c,
                                              const struct tf_uuid *id, struct tf_buf *out,
                                              enum tf_state *state);
/* What is wanted. TF_RANGE: too many. */
TF_MUST_CHECK enum tf_status uss_flight_want(const struct line_context *c, const struct tf_uuid *id,
                                             enum tf_state state,
                                             const struct uss_details *details);
/* The DSS has it so. */
TF_MUST_CHECK enum tf_status uss_flight_set(const struct line_context *c,
                                            const struct uss_reference *reference,
                                            const struct uss_details *details, bool is_untold);
/* The DSS has refused what was wanted, or never heard of it. */
TF_MUST_CHECK enum tf_status uss_flight_unwant(const struct line_context *c,
                                               const struct tf_uuid *id);
/* Ended, or over. */
TF_MUST_CHECK enum tf_status uss_flight_end(const struct line_context *c, const struct tf_uuid *id,
                                            const char *why);

/* --- telling others -----------------------------------------------------------------------------
 */

struct uss_telling {
    int64_t number, made_us, due_us, give_up_us, tries;
    const char *url, *body; /* of the peer; of the notification */
    bool is_constraint;     /* `id` is of a constraint */
};
TF_MUST_CHECK enum tf_status uss_tell_add(const struct line_context *c, const struct tf_uuid *id,
                                          const char *url, const char *body, bool is_constraint);
TF_MUST_CHECK enum tf_status
uss_tell_due(const struct line_context *c, size_t limit,
             bool (*visit)(void *ctx, const struct uss_telling *telling), void *ctx);
/* What came of one; not reached: it is due again later, or given up. */
TF_MUST_CHECK enum tf_status uss_tell_settle(const struct line_context *c, int64_t number,
                                             long status, const char *why);

/* --- what peers said ----------------------------------------------------------------------------
 */

/* `sender` is whose token it was. TF_RANGE: too many. */
TF_MUST_CHECK enum tf_status uss_heard_put(const struct line_context *c, const char *sender,
                                           const struct uss_notice *notice);
/* What the manager itself told of its intent. TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status uss_heard_find(const struct line_context *c, const struct tf_uuid *id,
                                            const char *manager, struct uss_neighbour *out);
/* All intents and constraints of [from, until) that were told, with the words of their details. */
struct uss_told {
    const char *id, *sender, *details; /* borrowed */
    size_t details_len;
    bool is_constraint;
};
TF_MUST_CHECK enum tf_status
uss_heard_each(const struct line_context *c, int64_t from_us, int64_t until_us,
               enum tf_status (*visit)(void *ctx, const struct uss_told *told), void *ctx);
/* Of a notification that counts: which of our intents it meets, for our people. */
TF_MUST_CHECK enum tf_status uss_alert_notice(const struct line_context *c, const char *sender,
                                              const struct uss_notice *notice);
/* Such meetings, a JSON object each, of [after, before], in order; at most 1000. */
TF_MUST_CHECK enum tf_status
uss_alert_each(const struct line_context *c, int64_t after_us, int64_t before_us,
               bool (*visit)(void *ctx, int64_t at_us, const char *json), void *ctx);
/* *id: of the report, made here. */
TF_MUST_CHECK enum tf_status uss_report_put(const struct line_context *c, const char *sender,
                                            const char *body, size_t len, struct tf_uuid *id);

/* --- answers to plans ----------------------------------------------------------------------------
 */

/* For a request that comes twice. TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status uss_answer_find(const struct line_context *c, const char *request,
                                             struct tf_buf *out);
TF_MUST_CHECK enum tf_status uss_answer_put(const struct line_context *c, const char *request,
                                            const char *body);
/* Forgets what is long over. */
TF_MUST_CHECK enum tf_status uss_forget_old(const struct line_context *c);

#endif
