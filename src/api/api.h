/*
 * api.h - the HTTP APIs: from an exchange to a rule and back.
 *
 * Each API is a table of routes; the walk is the same for all: find the route, check
 * the token and its scopes, parse, run the rule (a write through the queue), print.
 */
#ifndef TF_API_API_H
#define TF_API_API_H

#include "base/jdoc.h"
#include "http/server.h"
#include "http/token.h"
#include "node/node.h"

struct api;
struct oauth;

struct api_config {
    struct node *node;
    const char *const *audiences;
    size_t audience_count;
    const char *version;       /* of the program */
    const char *pool_identity; /* NULL: not known */
    bool is_cluster;
    enum pool_lock lock;                   /* of a cluster */
    bool index_is_time;                    /* a cluster's notification indices */
    const char *accepted_ca, *instance_ca; /* PEM files; NULL or "": none */
    bool quiet;                            /* no access log */
    /* More lines for /metrics; whether what else this process serves is ready. May be NULL. */
    void (*print_metrics)(void *ctx, struct tf_buf *out);
    bool (*is_ready)(void *ctx);
    void *ctx;
    struct oauth *oauth; /* the built-in issuer over HTTP; NULL: off */
};
enum tf_status api_new(const struct api_config *config, struct api **out);
void api_free(struct api *api);
/* Replaces the trusted keys (ownership passes). Thread-safe. */
void api_set_keys(struct api *api, struct token_keys *keys);
/* http_handler and http_observer; ctx is the api. */
void api_handle(void *ctx, struct http_exchange *exchange);
void api_observe(void *ctx, const struct http_exchange *exchange);

/* For paths of other modules: whether who asks has a good bearer token with one of the scopes
 * (ended by NULL). False: the exchange has its answer, 401 or 403, not yet sent. */
bool api_admit(struct api *api, struct http_exchange *exchange, const char *const *scopes,
               struct token_claims *out);

/* --- for the files of this folder --------------------------------------------------- */

enum { API_PARAMS = 3, API_PARAM_SIZE = 160, API_MAX_CELLS = 20000, API_MAX_EXTENTS = 1000 };
/* Greatest area of a search or reference, as the pool's members hold it. */
#define API_MAX_AREA_KM2 2500.0

struct api_route;

/* One request under way. */
struct api_call {
    struct node_command command; /* first: what the node hands back */
    struct api *api;
    struct http_exchange *exchange;
    const struct api_route *route;
    size_t param_count;
    struct tf_jdoc body; /* kept while strings of it are used */
    tf_cell *cells;      /* of the extent */
    const char **key;
    union {
        struct dss_reference_request reference;
        struct dss_subscription_request subscription;
        struct dss_isa_request isa;
        struct {
            struct dss_extent extent;
        } query;
        struct {
            const char *state, *old_version;
        } availability;
        struct dss_heartbeat heartbeat;
    } in;
    struct tf_uuid id;
    /* Not zeroed at first: written before they are read. */
    struct token_claims claims;
    char param[API_PARAMS][API_PARAM_SIZE]; /* path parameters, decoded */
};

/* What a scope line of a route says: any of these words. NULL-terminated. */
enum { API_SCOPES = 6 };
/* Flavours: which API it is where one function serves several. */
enum { API_F3548, API_F3411_V1, API_F3411_V2 };
/* As flavour of a route without a rule: `print` sees to it that api_finish follows, at once or
 * later, on any thread. */
enum { API_DEFERRED = -1 };
struct api_route {
    enum http_method method;
    const char *pattern;            /* "/dss/v1/subscriptions/{}/{}" */
    const char *scopes[API_SCOPES]; /* none: no token needed */
    /* Parses; on a refusal answers and returns false. NULL: nothing to parse. */
    bool (*parse)(struct api_call *call);
    /* The rule. NULL: `print` does it all. */
    enum tf_status (*run)(struct api_call *call, struct dss_db *db,
                          const struct dss_context *context, struct dss_reply *reply);
    void (*print)(struct api_call *call);
    bool is_write;
    enum dss_kind kind;
    int flavour;
};
struct api_routes {
    const struct api_route *routes;
    size_t count;
};
extern const struct api_routes api_f3548_routes, api_f3411_routes, api_aux_routes, api_oauth_routes;

/* Sends what is in the exchange, frees the call. */
void api_finish(struct api_call *call);
/* Answers with {"message": ...}; `detail` (a field or an id) leads it if not NULL. */
void api_refuse(struct api_call *call, int status, const char *message, const char *detail);

/* --- reading bodies: each names the first bad field and answers 400 -------------------- */

bool api_body(struct api_call *call); /* parses the JSON object into call->body */
/* NULL if absent or null. */
const struct tf_jvalue *api_member(const struct tf_jvalue *object, const char *name);
bool api_string(struct api_call *call, const struct tf_jvalue *object, const char *name,
                bool required, const char **out);
bool api_flag(struct api_call *call, const struct tf_jvalue *object, const char *name, bool *out);
/* RFC 3339 of at most microseconds: a text, and {value, format} or a plain one. */
bool api_time_text(struct api_call *call, const char *text, const char *field, int64_t *out_us);
bool api_time(struct api_call *call, const struct tf_jvalue *value, bool plain, const char *field,
              int64_t *out_us);
bool api_id(struct api_call *call, const char *text, const char *field, struct tf_uuid *out);

/* What a volume must have. */
enum {
    API_NEED_TIMES = 1,
    API_NEED_ALTITUDES = 2,
    API_NEED_OUTLINE = 4,
    API_PLAIN = 8 /* F3411-19: spatial_volume.footprint, plain times and altitudes */
};
/* The union of volumes (an array, or one object) as an extent; sets has_start and has_end
 * (may be NULL). Cells go to call->cells. */
bool api_extent(struct api_call *call, const struct tf_jvalue *volumes, const char *field, int need,
                int too_large, struct dss_extent *out, bool *has_start, bool *has_end);
/* F3411's area=lat,lng,lat,lng,... */
bool api_area(struct api_call *call, const char *area, struct dss_extent *out);

/* --- common to the APIs: parts of routes ------------------------------------------------ */

bool api_parse_id(struct api_call *call);             /* the path's first parameter: call->id */
bool api_parse_id_and_version(struct api_call *call); /* and the second must not be empty */
bool api_parse_write(struct api_call *call);          /* either, as the path has it, and a body */
/* The path's second parameter; NULL if it has none: something is to be created. */
const char *api_path_version(const struct api_call *call);
/* The body's member that is a 4D volume; NULL: refused. */
const struct tf_jvalue *api_volume(struct api_call *call, const char *name);

/* The rules, for the kind of the route. */
#define API_RUN(name)                                                                              \
    enum tf_status name(struct api_call *call, struct dss_db *db,                                  \
                        const struct dss_context *context, struct dss_reply *reply)
API_RUN(api_run_get);
API_RUN(api_run_query);
API_RUN(api_run_subscription_put);
API_RUN(api_run_subscription_get);
API_RUN(api_run_subscription_query);
API_RUN(api_run_subscription_delete);
#undef API_RUN

/* True if the rule has answered 409: the answer is a message only, and made. */
bool api_print_conflict(struct api_call *call);
/* "name":[...], each item by `print`; and the same in braces, as a whole answer. */
void api_print_list(struct api_call *call, const char *name, const struct dss_list *list,
                    void (*print)(struct api_call *call, const struct dss_entity *e));
void api_print_found(struct api_call *call, const char *name, const struct dss_list *list,
                     void (*print)(struct api_call *call, const struct dss_entity *e));

/* --- printing --------------------------------------------------------------------------- */

void api_print_time(struct tf_buf *out, const char *name, int64_t t_us, bool plain);
/* "name":"UUID" */
void api_print_id(struct tf_buf *out, const char *name, const struct tf_uuid *id);
void api_print_message(struct tf_buf *out, const char *message, const char *detail);
/* "subscribers": one entry for each URL. */
void api_print_subscribers(struct tf_buf *out, const struct dss_reply *reply, const char *url_name);
/* Text of /metrics. */
void api_print_metrics(struct api *api, struct tf_buf *out);
struct node *api_node(struct api *api);
const struct api_config *api_settings(const struct api *api);

#endif
