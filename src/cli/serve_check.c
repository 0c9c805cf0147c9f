/*
 * serve_check.c - see serve_check.h.
 */
#include "cli/serve_check.h"

#include "cli/say.h"
#include "cli/serve_party.h"
#include "cli/serve_uss.h"
#include "cli/word_readers.h"
#include "http/jwks.h"
#include "store/pool.h"
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

const char *const serve_lock_words[] = {"subscriptions", "global", "hash", "none", NULL};
const char *const serve_index_words[] = {"count", "time", NULL};
static const char *const operations_words[] = {"none", "uncrewed", "all", NULL};

/* --- one value -------------------------------------------------------------------------------- */

static bool read_listen(const char *text, void *out)
{
    char address[128], port[16];
    *(const char **)out = text;
    return serve_split_listen(text, address, port);
}

static bool read_endpoint(const char *text, void *out)
{
    *(const char **)out = text;
    return strstr(text, "://") != NULL;
}

static bool read_lock(const char *text, void *out)
{
    return read_word(serve_lock_words, text, out);
}

static bool read_index(const char *text, void *out)
{
    return read_word(serve_index_words, text, out);
}

static bool read_operations(const char *text, void *out)
{
    return read_word(operations_words, text, out);
}

const struct flag_reader listen_reader = {
    read_listen, TF_TEXT("--%1 must be ADDRESS:PORT, as in 127.0.0.1:8082, not \"%2\""), NULL};
const struct flag_reader endpoint_reader = {
    read_endpoint, TF_TEXT("--%1 must be a URL with its scheme, not \"%2\""), NULL};
const struct flag_reader pool_lock_reader = {
    read_lock, TF_TEXT("--%1 must be subscriptions, global, hash or none, not \"%2\""),
    serve_lock_words};
const struct flag_reader pool_index_reader = {
    read_index, TF_TEXT("--%1 must be count or time, not \"%2\""), serve_index_words};
const struct flag_reader uss_operations_reader = {
    read_operations, TF_TEXT("--%1 must be none, uncrewed or all, not \"%2\""), operations_words};

/* --- values together ----------------------------------------------------------------------------
 */

bool serve_check_web(const char *flag, const char *url, bool allow_http)
{
    bool good = strncmp(url, "https://", 8) == 0 || (allow_http && strncmp(url, "http://", 7) == 0);
    if (!good)
        say_complain(TR("--%1 %2: it must begin with https://"), flag, url, NULL);
    return good;
}

/* Tokens and secrets do not cross a network in the open; tokens for anybody do not leave this
 * machine. */
static bool check_issuing(const struct serve_config *c, const char *address)
{
    bool loopback = serve_is_loopback(address);
    if (c->dummy_oauth && !loopback)
        say_complain(TR("--dummy-oauth needs a loopback address to --listen"), NULL);
    else if (c->token_endpoint && !loopback && !c->certificate)
        say_complain(TR("--token-endpoint needs --certificate or a loopback address"), NULL);
    else
        return true;
    return false;
}

static bool check_listen(const struct serve_config *c)
{
    char address[128], port[16];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *at = NULL;
    bool good = serve_split_listen(c->listen, address, port);
    int wrong = good ? getaddrinfo(address, port, &hints, &at) : 0;
    if (wrong)
        say_complain(TR("--listen %1: %2; give a numeric address of this machine"), c->listen,
                     gai_strerror(wrong), NULL);
    else if (at)
        freeaddrinfo(at);
    return good && !wrong && check_issuing(c, address);
}

static bool check_pool(const struct serve_config *c, const char **value)
{
    char file[POOL_PATH_SIZE];
    const struct {
        const char *flag, *dsn;
    } all[] = {{"scd-database", c->scd_database},
               {"rid-database", c->rid_database},
               {"aux-database", c->aux_database}};
    if (!serve_is_cluster(c))
        return true;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!all[i].dsn) {
            say_complain(TR("--scd-database, --rid-database and --aux-database go together"), NULL);
            return false;
        }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!pool_ca_file(all[i].dsn, file)) {
            say_complain(TR("--%1 is not a connection string"), all[i].flag, NULL);
            *value = all[i].dsn;
            return false;
        }
    return true;
}

bool serve_check(const struct serve_config *config, const char **value)
{
    char why[160];
    *value = config->listen;
    if (!check_listen(config))
        return false;
    *value = NULL;
    if (!check_pool(config, value))
        return false;
    for (size_t i = 0; i < config->jwks.count; i++)
        if (jwks_check_url(config->jwks.items[i], config->allow_http, why)) {
            say_complain("--jwks: %1: %2", config->jwks.items[i], why, NULL);
            *value = config->jwks.items[i];
            return false;
        }
    return serve_party_check(config, value) && serve_uss_check(config, value);
}
