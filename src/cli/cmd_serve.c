/*
 * cmd_serve.c - `tafadi serve` and `tafadi doctor`: flags, environment and configuration file of a
 * node.
 *
 * The file's lines "key = value" and the environment's TAFADI_KEY are turned into
 * flags and parsed by the same table, in the order file, environment, command line: the
 * later wins (lists add up).
 */
#include "cli/command.h"

#include "cli/doctor.h"
#include "cli/readers.h"
#include "cli/serve.h"
#include "cli/serve_check.h"
#include "cli/state.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct serve_args {
    struct common_args common;
    const char *file;
    struct serve_config config;
};

#define MEMBER(name) offsetof(struct serve_args, config.name)
static const struct flag serve_flags[] = {
    {"config", 'c', "FILE", &text_reader, offsetof(struct serve_args, file),
     TF_TEXT("configuration file: lines of key = value, the keys being these flags")},
    {"listen", 0, "ADDR:PORT", &listen_reader, MEMBER(listen),
     TF_TEXT("where to listen (127.0.0.1:8082)")},
    {"state-dir", 0, "DIR", &text_reader, MEMBER(state_dir),
     TF_TEXT("where data and the issuer's key are kept")},
    {"public-key", 0, "FILE", &list_reader, MEMBER(public_keys),
     TF_TEXT("PEM file of keys that sign tokens (otherwise the built-in issuer's; repeatable)")},
    {"jwks", 0, "URL", &list_reader, MEMBER(jwks),
     TF_TEXT("JWK set of keys that sign tokens, fetched again every minute (repeatable)")},
    {"audience", 0, "HOST", &list_reader, MEMBER(audiences),
     TF_TEXT("accepted audience of tokens (localhost and the address; repeatable)")},
    {"certificate", 0, "FILE", &text_reader, MEMBER(certificate),
     TF_TEXT("PEM certificate chain: serve https")},
    {"private-key", 0, "FILE", &text_reader, MEMBER(private_key),
     TF_TEXT("PEM key of the certificate")},
    {"threads", 0, "N", &count_reader, MEMBER(threads), TF_TEXT("threads for connections (2)")},
    {"grace", 0, "TIME", &duration_reader, MEMBER(grace_ns),
     TF_TEXT("how long ended entities stay readable by id (1 h)")},
    {"identity", 0, "NAME", &text_reader, MEMBER(identity),
     TF_TEXT("name of the pool that this node answers for (tafadi)")},
    {"scd-database", 0, "DSN", &text_reader, MEMBER(scd_database),
     TF_TEXT("cluster engine: connection string of the pool's scd database")},
    {"rid-database", 0, "DSN", &text_reader, MEMBER(rid_database),
     TF_TEXT("cluster engine: connection string of the pool's rid database")},
    {"aux-database", 0, "DSN", &text_reader, MEMBER(aux_database),
     TF_TEXT("cluster engine: connection string of the pool's aux database")},
    {"pool-lock", 0, "MODE", &pool_lock_reader, MEMBER(pool_lock),
     TF_TEXT("the pool's lock mode: subscriptions, global, hash or none (subscriptions)")},
    {"pool-index", 0, "MODE", &pool_index_reader, MEMBER(pool_index),
     TF_TEXT("the pool's notification indices: count or time (count)")},
    {"locality", 0, "NAME", &text_reader, MEMBER(locality),
     TF_TEXT("this node's name in the pool (tafadi)")},
    {"public-endpoint", 0, "URL", &endpoint_reader, MEMBER(public_endpoint),
     TF_TEXT("where the pool's members reach this node (what it listens on)")},
    {"instance-ca", 0, "FILE", &text_reader, MEMBER(instance_ca),
     TF_TEXT("PEM authorities of this member's database certificates, to show to the others")},
    {"database-connections", 0, "N", &count_reader, MEMBER(database_connections),
     TF_TEXT("cluster engine: transactions at a time (8)")},
    {"token-endpoint", 0, NULL, NULL, MEMBER(token_endpoint),
     TF_TEXT("issue tokens to the clients of --clients at /oauth/token")},
    {"clients", 0, "FILE", &text_reader, MEMBER(clients),
     TF_TEXT("clients, hashes of their secrets and their scopes, as tafadi token --hash makes it")},
    {"dummy-oauth", 0, NULL, NULL, MEMBER(dummy_oauth),
     TF_TEXT("issue tokens to whoever asks at /token (for development only, on loopback)")},
    {"allow-http-base-urls", 0, NULL, NULL, MEMBER(allow_http),
     TF_TEXT("accept base URLs without TLS (for development only)")},
    {"party-database", 0, "WHERE", &text_reader, MEMBER(party_database),
     TF_TEXT("the party's database: a file, or a connection string (party.db in the state "
             "directory)")},
    {"passphrase-file", 0, "FILE", &text_reader, MEMBER(passphrase_file),
     TF_TEXT("file with the passphrase of the party's key")},
    {"public-url", 0, "URL", &text_reader, MEMBER(public_url),
     TF_TEXT("where other parties' nodes reach this one (what is on the card)")},
    {"peer-ca", 0, "FILE", &text_reader, MEMBER(peer_ca),
     TF_TEXT("PEM authorities of parties whose card has no pin (the system's)")},
    {"allow-http-peers", 0, NULL, NULL, MEMBER(allow_http_peers),
     TF_TEXT("reach parties and webhooks without TLS (for development only)")},
    {"witness", 0, "URL KEY", &list_reader, MEMBER(witnesses),
     TF_TEXT("have this witness cosign the ledger: its address and, after a space, its key "
             "(name+id+key) or a file with its card (repeatable)")},
    {"webhook", 0, "URL", &list_reader, MEMBER(webhooks),
     TF_TEXT("tell this URL what happens on the lines (repeatable)")},
    {"webhook-secret", 0, "FILE", &text_reader, MEMBER(webhook_secret),
     TF_TEXT("file with the secret that webhooks are signed with: whsec_...")},
    {"alarm-command", 0, "PROGRAM", &text_reader, MEMBER(alarm_command),
     TF_TEXT("run it for each alarm, which is on its standard input as JSON")},
    {"alarm-mail", 0, "ADDRESS", &list_reader, MEMBER(alarm_mails),
     TF_TEXT("send each alarm there by mail (repeatable)")},
    {"sendmail", 0, "PROGRAM", &text_reader, MEMBER(sendmail),
     TF_TEXT("what mails are handed to (/usr/sbin/sendmail)")},
    {"map-tiles", 0, "FILE", &text_reader, MEMBER(map_tiles),
     TF_TEXT("PMTiles archive that the screen's map draws beneath everything (Natural Earth "
             "alone)")},
    {"uss-base-url", 0, "URL", &text_reader, MEMBER(uss_base_url),
     TF_TEXT("be a USS, which others reach at this base URL")},
    {"dss-url", 0, "URL", &text_reader, MEMBER(dss_url),
     TF_TEXT("the DSS that this USS is a client of (this node's own)")},
    {"dss-token-subject", 0, "NAME", &text_reader, MEMBER(dss_token_subject),
     TF_TEXT("this USS's name in tokens of the built-in issuer (the party's id)")},
    {"dss-token-file", 0, "FILE", &text_reader, MEMBER(dss_token_file),
     TF_TEXT("file with the token to show to the DSS and other USSs; read each time")},
    {"dss-token-url", 0, "URL", &text_reader, MEMBER(dss_token_url),
     TF_TEXT("where this USS gets its tokens: an OAuth 2.0 token endpoint")},
    {"dss-token-client", 0, "FILE", &text_reader, MEMBER(dss_token_client),
     TF_TEXT("file with this USS's client id and secret at the token endpoint")},
    {"uss-operations", 0, "WHICH", &uss_operations_reader, MEMBER(uss_operations),
     TF_TEXT("operations of the register that become operational intents in the DSS: none, "
             "uncrewed or all (none)")},
    {"no-uss-constraints", 0, NULL, NULL, MEMBER(no_constraints),
     TF_TEXT("do not ask the DSS for constraints (this USS does not process them)")},
    {"flight-planning", 0, NULL, NULL, MEMBER(flight_planning),
     TF_TEXT("let a test suite plan flights at /flight_planning/v1 (for tests only)")},
    {"no-access-log", 0, NULL, NULL, MEMBER(no_access_log),
     TF_TEXT("write no line for each request")},
};
static const struct flag_table serve_tables[] = {
    FLAG_TABLE(TF_TEXT("Node"), serve_flags, 0), COMMON_TABLE, {.count = 0}};

enum { FLAG_COUNT = sizeof serve_flags / sizeof *serve_flags, MAX_SETTINGS = 200 };

/* Flags made from the file and the environment; kept while the config borrows them. */
struct settings {
    char *argv[MAX_SETTINGS];
    char *where[MAX_SETTINGS]; /* "tafadi.ini:4", or a variable's name */
    int argc;
};

static bool add_setting(struct settings *s, const char *where, const char *key, const char *value)
{
    size_t size = strlen(key) + (value ? strlen(value) : 0) + 4;
    if (s->argc == MAX_SETTINGS) {
        say_complain(TR("%1: there are too many settings"), where, NULL);
        return false;
    }
    char *flag = malloc(size), *copy = strdup(where);
    if (!flag || !copy) {
        free(flag);
        free(copy);
        say_complain(TR("out of memory"), NULL);
        return false;
    }
    snprintf(flag, size, value ? "--%s=%s" : "--%s", key, value);
    s->argv[s->argc] = flag;
    s->where[s->argc++] = copy;
    return true;
}

static void settings_release(struct settings *s)
{
    for (int i = 0; i < s->argc; i++) {
        free(s->argv[i]);
        free(s->where[i]);
    }
    s->argc = 0;
}

/* After a complaint about its value. */
static void say_where(const struct settings *s, int i)
{
    const char *key = s->argv[i] + 2;
    struct tf_buf name = TF_BUF_INIT(256);
    tf_buf_append(&name, key, strcspn(key, "="));
    say_complain(TR("%1: \"%2\" is set there"), s->where[i], name.data ? name.data : "", NULL);
    tf_buf_release(&name);
}

static bool read_settings(struct settings *s, struct serve_args *args, struct words *rest)
{
    for (int i = 0; i < s->argc; i++)
        if (!flags_parse(serve_tables, args, 1, &s->argv[i], rest)) {
            say_where(s, i);
            return false;
        }
    return true;
}

/* Which setting the text of a value belongs to; -1: none, it is from the command line. */
static int setting_of(const struct settings *s, const char *value)
{
    for (int i = 0; value && i < s->argc; i++)
        for (const char *c = s->argv[i]; *c; c++)
            if (c == value)
                return i;
    return -1;
}

static const struct flag *flag_of(const char *key)
{
    for (size_t i = 1; i < FLAG_COUNT; i++) /* not --config itself */
        if (strcmp(serve_flags[i].name, key) == 0)
            return &serve_flags[i];
    return NULL;
}

/* One setting; a switch takes yes or no. */
static bool take(struct settings *s, const char *where, const char *key, const char *value)
{
    const struct flag *flag = flag_of(key);
    if (!flag) {
        say_complain(TR("%1: there is no setting \"%2\""), where, key, NULL);
        return false;
    }
    if (flag->value)
        return add_setting(s, where, key, value);
    if (strcmp(value, "yes") == 0 || strcmp(value, "true") == 0 || strcmp(value, "1") == 0)
        return add_setting(s, where, key, NULL);
    if (strcmp(value, "no") == 0 || strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
        return true;
    say_complain(TR("%1: \"%2\" must be yes or no"), where, key, NULL);
    return false;
}

static char *trimmed(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        text[--n] = '\0';
    return text;
}

static bool take_line(struct settings *s, const char *path, int number, char *line)
{
    char where[STATE_PATH_SIZE + 16];
    char *text = trimmed(line), *equals = strchr(text, '=');
    if (!*text || *text == '#' || *text == ';' || *text == '[')
        return true; /* sections are for the reader's eye */
    snprintf(where, sizeof where, "%s:%d", path, number);
    if (!equals) {
        say_complain(TR("%1: a line must be key = value"), where, NULL);
        return false;
    }
    *equals = '\0';
    return take(s, where, trimmed(text), trimmed(equals + 1));
}

static bool take_file(struct settings *s, const char *path)
{
    struct tf_buf text = TF_BUF_INIT(1 << 20);
    bool good = state_read(path, &text);
    int number = 1;
    for (char *line = text.data; good && line && *line; number++) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        good = take_line(s, path, number, line);
        line = end ? end + 1 : NULL;
    }
    tf_buf_release(&text);
    return good;
}

static bool take_environment(struct settings *s)
{
    for (size_t i = 1; i < FLAG_COUNT; i++) {
        char name[64] = "TAFADI_";
        size_t n = strlen(name);
        for (const char *p = serve_flags[i].name; *p; p++)
            name[n++] = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
        name[n] = '\0';
        const char *value = getenv(name);
        if (value && *value && !take(s, name, serve_flags[i].name, value))
            return false;
    }
    return true;
}

static void release_lists(struct serve_config *config)
{
    words_release(&config->public_keys);
    words_release(&config->jwks);
    words_release(&config->audiences);
    words_release(&config->webhooks);
    words_release(&config->alarm_mails);
    words_release(&config->witnesses);
}

static int configured(int argc, char **argv, const char *file, bool is_checked,
                      int (*act)(const struct serve_config *config))
{
    struct serve_args args = {.config.grace_ns = TF_HOUR_NS};
    struct settings settings = {0};
    struct words rest = {0};
    int code = EXIT_USAGE;
    if ((file && !take_file(&settings, file)) || !take_environment(&settings))
        goto out;
    if (!read_settings(&settings, &args, &rest) ||
        !flags_parse(serve_tables, &args, argc, argv, &rest))
        goto out;
    if (!args.config.certificate != !args.config.private_key) {
        say_complain(TR("--certificate and --private-key go together"), NULL);
        goto out;
    }
    if (args.config.token_endpoint != !!args.config.clients) {
        say_complain(TR("--token-endpoint and --clients go together"), NULL);
        goto out;
    }
    const char *value = NULL;
    if (is_checked && !serve_check(&args.config, &value)) {
        if (setting_of(&settings, value) >= 0)
            say_where(&settings, setting_of(&settings, value));
        goto out;
    }
    code = act(&args.config);
out:
    release_lists(&args.config);
    words_release(&rest);
    settings_release(&settings);
    return code;
}

static int run_with(const struct command *self, int argc, char **argv, bool is_checked,
                    int (*act)(const struct serve_config *config))
{
    /* Once for --help, --config and complaints; then again in the right order. */
    struct serve_args first = {0};
    struct words rest = {0};
    int code;
    if (!command_parse(self, &first, argc, argv, &rest, &code))
        goto out;
    if (rest.count > 0) {
        say_complain(TR("%1 takes no files: \"%2\""), self->name, rest.items[0], NULL);
        code = command_usage_error(self);
        goto out;
    }
    code = configured(argc, argv, first.file, is_checked, act);
out:
    release_lists(&first.config);
    words_release(&rest);
    return code;
}

static int run_serve(const struct command *self, int argc, char **argv)
{
    return run_with(self, argc, argv, true, serve_run);
}

static int run_doctor(const struct command *self, int argc, char **argv)
{
    return run_with(self, argc, argv, false, doctor_run) /* it tells itself what is wrong */;
}

const struct command command_serve = {
    .name = "serve",
    .summary = TF_TEXT("Runs a node: a DSS for ASTM F3548 and F3411, and a party's lines."),
    .synopsis = "[-c FILE] [--listen ADDR:PORT] [--state-dir DIR]",
    .tables = serve_tables,
    .run = run_serve,
};
const struct command command_doctor = {
    .name = "doctor",
    .summary = TF_TEXT("Says what is wrong with the set-up of a node, and what to do."),
    .synopsis = "[-c FILE] [--state-dir DIR]",
    .tables = serve_tables,
    .run = run_doctor,
};
