/*
 * internal.h - what the files of this folder share.
 */
#ifndef TF_USS_INTERNAL_H
#define TF_USS_INTERNAL_H

#include "uss/operation.h"
#include "uss/plan.h"
#include "uss/store.h"
#include "uss/uss.h"
#include <pthread.h>

struct uss_job;
struct uss_survey;
struct uss_waiter;

enum { USS_SURVEYORS = 3 };

struct uss {
    struct uss_config config;
    struct uss_client *client;
    struct uss_log log;
    pthread_t planner, teller, surveyors[USS_SURVEYORS];
    bool has_planner, has_teller;
    size_t surveyor_count;
    pthread_mutex_t lock; /* of the queue */
    pthread_cond_t wake;  /* the planner */
    pthread_cond_t wake_teller;
    pthread_cond_t wake_surveyor;
    bool has_news; /* for the teller */
    bool has_work; /* for the planner: operations are due, or somebody waits for one */
    struct uss_waiter *waiters;
    struct uss_question *questions, **last_question;
    size_t asked;
    struct uss_job *first, **last;
    size_t queued;
    atomic_bool stopping;
    /* The party's thread alone: */
    bool is_checking;                /* the register is asked about an intent of ours */
    bool is_passing;                 /* the gate is open: what is done was asked for before */
    const struct uss_survey *survey; /* what a DSS has near what is checked; NULL: not asked */
    struct uss_gate gate;
    atomic_uint_least64_t plans, plans_rejected, plans_failed, told, tellings_failed, heard,
        heard_refused;
};

/* Runs `deed` in a transaction of the party, and waits. It may be called again, from the start:
 * what it leaves in ctx must be overwritten. Not on the party's thread. */
typedef enum tf_status (*uss_deed)(void *ctx, const struct line_context *c);
TF_MUST_CHECK enum tf_status uss_in_party(struct uss *uss, uss_deed deed, void *ctx);

/* Whether this node, of those on a shared database, does what has to be done by one alone. */
TF_MUST_CHECK enum tf_status uss_hold(struct uss *uss, const struct line_context *c, bool *held);

/* Something for the planner's thread to do: answers the exchange. */
struct uss_job {
    struct http_exchange *exchange;
    /* Fills the response; must not call http_reply(). */
    void (*run)(struct uss *uss, struct uss_job *job);
    void (*release)(struct uss_job *job);
    int64_t until_ms; /* monotonic: when the answer must be there */
    struct uss_job *next;
};
/* TF_BUSY: too many wait; the job is still the caller's. */
TF_MUST_CHECK enum tf_status uss_submit(struct uss *uss, struct uss_job *job);

/* There is somebody to be told. */
void uss_wake_teller(struct uss *uss);
int64_t uss_clock_ms(void); /* monotonic */
int64_t uss_now_ns(void);   /* of the day */

/* {"message": ...} */
void uss_refuse(struct http_exchange *exchange, int status, const char *message,
                const char *detail);
/* The same of a fault of input: 400. */
void uss_refuse_fault(struct http_exchange *exchange, const struct tf_fault *fault);
/* What became of a transaction, other than TF_OK. */
void uss_refuse_status(struct http_exchange *exchange, enum tf_status rc);
/* The body as a JSON object; false after an answer. *out: json_decref. */
bool uss_body(struct http_exchange *exchange, json_t **out);
/* The path's rest after `prefix` up to `suffix` as a UUID of version 4. */
bool uss_path_id(struct http_slice path, const char *prefix, const char *suffix,
                 struct tf_uuid *out);

struct planning;
/* register.c: the register beside the intents. Its checks see them, from now on or no more. */
TF_MUST_CHECK enum tf_status uss_register_attach(struct uss *uss);
void uss_register_detach(struct uss *uss);
/* Whether the party's own operations, sites, zones, or what its peers declared over lines keep
 * p->wanted from being planned, by its policy. False: they do, or it could not be asked. */
bool uss_register_allows(struct planning *p);

/* /flight_planning/v1/... : takes the exchange if its path is known; else false. */
bool uss_flight_handle(struct uss *uss, struct http_exchange *exchange);

/* operate.c, on the planner's thread: operations of the register that are due. */
void uss_operate(struct uss *uss);
/* enquire.c: what commands beside the node want to know. */
void uss_enquire(struct uss *uss);
/* constrain.c: zones of the register that are due. */
void uss_constrain(struct uss *uss);
/* survey.c: asks a DSS, at most so long; always fills *out. */
void uss_survey_make(struct uss *uss, const struct tf_volume4 *volumes, size_t count, long most_ms,
                     struct uss_survey *out);
void uss_survey_release(struct uss_survey *survey); /* idempotent */
void uss_wake_waiters(struct uss *uss, bool all);

/* The threads. */
void *uss_planner(void *arg);
void *uss_surveyor(void *arg);
void *uss_teller(void *arg);

#endif
