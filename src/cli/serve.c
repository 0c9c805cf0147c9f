/*
 * serve.c - starting, reloading and stopping a node.
 */
#include "cli/serve.h"

#include "api/api.h"
#include "cli/command.h"
#include "cli/serve_check.h"
#include "cli/serve_party.h"
#include "cli/serve_uss.h"
#include "cli/state.h"
#include "cli/trust.h"
#include "cli/version.h"
#include "screen/screen.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct service {
    const struct serve_config *config;
    char dir[STATE_PATH_SIZE], data[STATE_PATH_SIZE];
    char address[128], port[16], url[192];
    bool is_cluster;
    enum pool_lock lock;
    bool index_is_time;
    char accepted_ca[POOL_PATH_SIZE]; /* "" if there is none */
    struct words audiences;           /* as configured, or derived */
    struct node *node;
    struct trust trust;
    struct serve_party *party;                                       /* NULL: none */
    _Atomic(struct serve_uss *) uss;                                 /* NULL: none */
    char certificate[STATE_PATH_SIZE], private_key[STATE_PATH_SIZE]; /* "": no TLS */
    struct api *api;
    struct http_server *server;
};

/* Tells systemd, if it started us (sd_notify's datagram). */
static void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0)
        return;
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, len) < 0)
        say_complain("%1: %2", path, strerror(errno), NULL);
    close(fd);
}

bool serve_split_listen(const char *text, char address[128], char port[16])
{
    if (!text)
        text = "127.0.0.1:8082";
    const char *colon = strrchr(text, ':');
    const char *number = colon ? colon + 1 : text;
    size_t host = colon ? (size_t)(colon - text) : 0;
    if (host > 1 && text[0] == '[' && text[host - 1] == ']')
        snprintf(address, 128, "%.*s", (int)host - 2, text + 1);
    else
        snprintf(address, 128, "%.*s", host ? (int)host : 9, host ? text : "127.0.0.1");
    snprintf(port, 16, "%s", number);
    size_t digits = strspn(number, "0123456789");
    return digits > 0 && digits < 6 && !number[digits] && strtoul(number, NULL, 10) <= 65535;
}

bool serve_is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static const char *locality_of(const struct serve_config *config)
{
    return config->locality ? config->locality : "tafadi";
}

static bool gather_audiences(struct service *s)
{
    bool good = true;
    for (size_t i = 0; i < s->config->audiences.count; i++)
        good = good && words_add(&s->audiences, s->config->audiences.items[i]);
    if (s->audiences.count > 0)
        return good;
    return words_add(&s->audiences, "localhost") && words_add(&s->audiences, "127.0.0.1") &&
           words_add(&s->audiences, s->address);
}

bool serve_is_cluster(const struct serve_config *config)
{
    return config->scd_database || config->rid_database || config->aux_database;
}

/* The place of a word in a list that has it; the first if there is none. */
static int choose(const char *word, const char *const *words)
{
    int place = 0;
    while (word && words[place] && strcmp(words[place], word) != 0)
        place++;
    return place;
}

/* All that it takes is there, and right: serve_check(). */
static void pool_of(const struct serve_config *config, struct pool_config *out)
{
    *out = (struct pool_config){.scd = config->scd_database,
                                .rid = config->rid_database,
                                .aux = config->aux_database,
                                .lock = (enum pool_lock)choose(config->pool_lock, serve_lock_words),
                                .index_is_time = choose(config->pool_index, serve_index_words) == 1,
                                .locality = locality_of(config)};
}

/* The files that /aux/v1/configuration shows must be there when the node starts. */
static bool find_authorities(struct service *s)
{
    const char *files[] = {s->config->instance_ca, s->accepted_ca};
    if (s->is_cluster && !pool_ca_file(s->config->scd_database, s->accepted_ca))
        return false; /* serve_check() has seen it */
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] && *files[i] && access(files[i], R_OK)) {
            say_complain("%1: %2", files[i], strerror(errno), NULL);
            return false;
        }
    return true;
}

static bool start_node(struct service *s)
{
    char why[256] = "";
    struct pool_config pool;
    bool cluster = serve_is_cluster(s->config);
    if (cluster)
        pool_of(s->config, &pool);
    s->is_cluster = cluster;
    s->lock = cluster ? pool.lock : POOL_LOCK_NONE;
    s->index_is_time = cluster && pool.index_is_time;
    struct node_config config = {.data_path = s->data,
                                 .pool = cluster ? &pool : NULL,
                                 .pool_workers = s->config->database_connections,
                                 .locality = locality_of(s->config),
                                 .allow_http = s->config->allow_http,
                                 .grace_us = s->config->grace_ns / 1000};
    if (!state_open(s->config->state_dir, s->dir) || (!cluster && !state_lock(s->dir)) ||
        !state_path(s->dir, "node.db", s->data))
        return false;
    enum tf_status rc = node_start(&config, &s->node, why);
    if (rc)
        say_complain("%1: %2", cluster ? TR("the pool's database") : s->data,
                     why[0] ? why : tf_status_text(rc), NULL);
    return rc == TF_OK;
}

/* What was configured, or the database says; a pool of one is of this program's name. */
static const char *identity_of(const struct service *s)
{
    const char *own = node_pool_identity(s->node);
    if (s->config->identity)
        return s->config->identity;
    return !s->is_cluster ? "tafadi" : *own ? own : NULL;
}

/* What is configured; else the certificate that the party's card has a pin of. */
static void choose_certificate(struct service *s)
{
    const struct serve_config *c = s->config;
    if (!c->certificate) {
        if (!serve_party_tls(s->dir, s->certificate, s->private_key))
            s->certificate[0] = '\0';
        return;
    }
    snprintf(s->certificate, sizeof s->certificate, "%s", c->certificate);
    snprintf(s->private_key, sizeof s->private_key, "%s", c->private_key);
}

static bool start_party(struct service *s)
{
    choose_certificate(s);
    return serve_party_start(s->config, s->dir, s->certificate[0], &s->party);
}

static void print_metrics(void *ctx, struct tf_buf *out)
{
    struct service *s = ctx;
    trust_print_metrics(&s->trust, out);
    if (s->party)
        serve_party_metrics(s->party, out);
    serve_uss_metrics(atomic_load(&s->uss), out);
}

static bool is_ready(void *ctx)
{
    struct service *s = ctx;
    return !s->party || serve_party_is_ready(s->party);
}

/* The screen and the desk have paths of their own. */
static void handle(void *ctx, struct http_exchange *exchange)
{
    struct service *s = ctx;
    struct uss *uss = serve_uss_of(atomic_load(&s->uss));
    if (screen_serves(exchange->head->path))
        screen_handle(NULL, exchange);
    else if (s->party && desk_serves(exchange->head->path))
        desk_handle(serve_party_desk(s->party), exchange);
    else if (uss && uss_serves(uss, exchange->head->path))
        uss_handle(uss, exchange);
    else
        api_handle(s->api, exchange);
}

static void observe(void *ctx, const struct http_exchange *exchange)
{
    struct service *s = ctx;
    api_observe(s->api, exchange);
}

static bool start_api(struct service *s)
{
    if (!gather_audiences(s))
        return false;
    s->trust.audience = s->audiences.items[0];
    if (!trust_start_issuer(&s->trust))
        return false;
    struct api_config config = {.node = s->node,
                                .audiences = s->audiences.items,
                                .audience_count = s->audiences.count,
                                .version = TAFADI_VERSION,
                                .pool_identity = identity_of(s),
                                .is_cluster = s->is_cluster,
                                .lock = s->lock,
                                .index_is_time = s->index_is_time,
                                .accepted_ca = s->accepted_ca,
                                .instance_ca = s->config->instance_ca,
                                .quiet = s->config->no_access_log,
                                .print_metrics = print_metrics,
                                .is_ready = is_ready,
                                .ctx = s,
                                .oauth = s->trust.oauth};
    return api_new(&config, &s->api) == TF_OK && trust_start(&s->trust, s->api);
}

/* Each connection is a descriptor: as many as the system lets this process have. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool start_server(struct service *s)
{
    char why[160] = "";
    struct http_config config = {.address = s->address,
                                 .port = s->port,
                                 .threads = (unsigned)s->config->threads,
                                 .certificate = s->certificate[0] ? s->certificate : NULL,
                                 .private_key = s->certificate[0] ? s->private_key : NULL};
    raise_descriptor_limit();
    if (http_server_start(&config, handle, observe, s, &s->server, why)) {
        say_complain("%1", why, NULL);
        return false;
    }
    bool v6 = strchr(s->address, ':');
    snprintf(s->url, sizeof s->url, "%s%s%s%s:%u", config.certificate ? "https://" : "http://",
             v6 ? "[" : "", s->address, v6 ? "]" : "", http_server_port(s->server));
    return true;
}

/* When it is known where it listens: what is not configured is this. */
static bool start_uss(struct service *s)
{
    struct serve_uss *uss;
    if (!serve_uss_start(s->config, s->dir, s->url, s->party, s->api, &uss))
        return false;
    atomic_store(&s->uss, uss);
    if (uss)
        desk_set_uss(serve_party_desk(s->party), serve_uss_of(uss));
    return true;
}

/* To those who start it, and to the pool. */
static bool announce(struct service *s)
{
    const char *endpoint = s->config->public_endpoint;
    fprintf(stderr, "tafadi: %s\n", s->url);
    return node_announce(s->node, endpoint ? endpoint : s->url) == TF_OK;
}

static void reload(struct service *s)
{
    char why[160] = "";
    notify("RELOADING=1");
    if (trust_reload(&s->trust))
        say_complain(TR("keys read again"), NULL);
    if (http_server_reload(s->server, why))
        say_complain("%1", why, NULL);
    notify("READY=1");
}

static int stop(struct service *s, int code)
{
    struct serve_uss *uss = atomic_load(&s->uss);
    serve_uss_stop(uss);
    if (s->server) {
        notify("STOPPING=1");
        http_server_stop(s->server);
    }
    if (s->node && node_stop(s->node)) {
        say_complain(TR("the last notification indices could not be written; they will skip ahead"),
                     NULL);
        code = EXIT_ERROR;
    }
    serve_uss_free(uss);
    serve_party_stop(s->party);
    if (s->server)
        http_server_free(s->server);
    trust_stop(&s->trust);
    api_free(s->api);
    words_release(&s->audiences);
    return code;
}

int serve_run(const struct serve_config *config)
{
    struct service s = {.config = config};
    s.trust = (struct trust){
        .config = config, .dir = s.dir, .address = s.address, .lock = PTHREAD_MUTEX_INITIALIZER};
    sigset_t signals;
    int which;
    umask(077); /* what a node writes is for its user alone */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    /* Blocked before any thread starts: only sigwait below takes them. */
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (!serve_split_listen(config->listen, s.address, s.port) || !start_node(&s) ||
        !find_authorities(&s) || !start_party(&s) || !start_api(&s) || !start_server(&s) ||
        !start_uss(&s) || !announce(&s))
        return stop(&s, EXIT_ERROR);
    notify("READY=1");
    while (sigwait(&signals, &which) == 0 && which == SIGHUP)
        reload(&s);
    return stop(&s, EXIT_NONE);
}
