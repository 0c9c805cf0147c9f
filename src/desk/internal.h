/*
 * internal.h - a request at the desk, and the tables of routes of this folder's files.
 */
#ifndef TF_DESK_INTERNAL_H
#define TF_DESK_INTERNAL_H

#include "desk/desk.h"
#include "desk/print.h"

enum { DESK_PARAMS = 3, DESK_PARAM_SIZE = 160 };

struct desk_route;

/* One request. */
struct visit {
    struct party_command command; /* first */
    struct desk *desk;
    struct http_exchange *exchange;
    const struct desk_route *route;
    char param[DESK_PARAMS][DESK_PARAM_SIZE]; /* of the path, decoded */
    size_t params;
    char secret[ACCOUNT_SECRET_SIZE]; /* of the session or token; "" : none */
    struct account_session who;       /* after authorisation */
    json_t *json;                     /* the body, if it is an object */
    struct tf_fault fault;
    struct tf_buf *out; /* the response's body */
    void *own;          /* a route's; freed with free() */
    /* What a route's run() leaves for the USS; it runs again afterwards, with is_again. */
    char waits_for[OPS_ID_SIZE];   /* an operation whose act is held */
    struct tf_volume4 *asks_about; /* owned: a DSS is to be asked what is near */
    size_t asks_count;
    struct uss_question *question; /* its answer */
    bool is_again;
    bool is_stranger; /* takes one of the places for those who have not logged in */
};

/* Who may. Any of the bits; 0: nobody has to be logged in. */
struct desk_route {
    enum http_method method;
    const char *pattern; /* "/api/v1/lines/{}/messages"; a last "{*}" takes all that is left */
    unsigned roles;
    bool has_json; /* the body must be a JSON object */
    /* On the party's thread, in the transaction. Prints into v->out; sets v->exchange->status
     * unless 200. Refusals: a status with v->fault. May run again from the start. */
    enum tf_status (*run)(struct visit *v, const struct line_context *c);
    /* Instead of run: on the connection's thread; sees to it that desk_finish follows. */
    void (*serve)(struct visit *v);
};
struct desk_routes {
    const struct desk_route *routes;
    size_t count;
};
extern const struct desk_routes desk_session_routes, desk_people_routes, desk_line_routes,
    desk_peer_routes, desk_ledger_routes, desk_memo_routes, desk_event_routes,
    desk_operation_routes, desk_case_routes, desk_site_routes, desk_position_routes,
    desk_evidence_routes, desk_map_routes;
extern const struct desk_routes *const desk_tables[]; /* all of these */
extern const size_t desk_table_count;

struct party *desk_party(struct desk *desk);
struct uss *desk_uss(struct desk *desk); /* NULL: none */
const struct desk_config *desk_settings(const struct desk *desk);

struct streams *desk_streams(struct desk *desk);
/* Another module's table; before the first request. `routes` is kept. TF_LIMIT: too many. */
TF_MUST_CHECK enum tf_status desk_add_routes(struct desk *desk, const struct desk_routes *routes);

/* Sends the response, frees the visit. */
void desk_finish(struct visit *v);
/* Gives the visit to the party's thread: run(), with authorisation; then it is finished. */
void desk_submit(struct visit *v);
/* The same for those who have not logged in (other nodes): so many at a time, so that they
 * cannot fill the queue before operators; beyond it the visit is refused with 503. */
enum { DESK_STRANGERS_MAX = 32 };
void desk_submit_stranger(struct visit *v);
/* The same, and waits; the caller finishes it. */
void desk_call(struct visit *v);
/* A marked sentence in the language that was asked for, which the response names. */
const char *desk_say(struct visit *v, const char *english);
/* {"message": ..., "field": ...}, the message as desk_say() has it. */
void desk_refuse(struct visit *v, int status, const char *message, const char *field);
/* The role that somebody acts in: the one named in the body's "role", if it is theirs and allowed;
 * else the highest of theirs that is. */
TF_MUST_CHECK enum tf_status desk_role(struct visit *v, unsigned allowed, const char **role);
/* What run() is called by, with authorisation; for commands of a route's own. */
TF_MUST_CHECK enum tf_status desk_run(struct visit *v, const struct line_context *c);
/* After it: makes of what came out a response. */
void desk_settle(struct visit *v, enum tf_status rc);
/* Frees the visit alone. */
void desk_visit_free(struct visit *v);
/* The language of those that the program speaks that a request likes best; English if none. */
const char *desk_language(const struct http_head *head);
/* The refusal of a status and v->fault. */
void desk_refuse_status(struct visit *v, enum tf_status rc);

/* --- reading ------------------------------------------------------------------------- */

/* A member; each returns TF_MISSING, TF_SYNTAX or TF_RANGE with v->fault naming it. */
TF_MUST_CHECK enum tf_status desk_text(struct visit *v, const char *name, bool required, size_t max,
                                       const char **out);
TF_MUST_CHECK enum tf_status desk_number(struct visit *v, const char *name, int64_t least,
                                         int64_t most, int64_t absent, int64_t *out);
TF_MUST_CHECK enum tf_status desk_flag(struct visit *v, const char *name, bool absent, bool *out);
/* RFC 3339, as microseconds; `absent` if it is not there or null. */
TF_MUST_CHECK enum tf_status desk_time(struct visit *v, const char *name, int64_t absent,
                                       int64_t *out_us);
/* A number of the query. */
TF_MUST_CHECK enum tf_status desk_query_number(struct visit *v, const char *name, int64_t least,
                                               int64_t most, int64_t absent, int64_t *out);

#endif
