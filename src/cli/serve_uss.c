/*
 * serve_uss.c - starting the node as a USS: its URLs, and where its tokens come from.
 */
#include "cli/serve_uss.h"

#include "cli/command.h"
#include "cli/state.h"
#include "cli/version.h"
#include "uss/store.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct serve_uss {
    struct uss *uss;
    char base_url[USS_URL_SIZE], dss_url[USS_URL_SIZE];
    struct tf_buf client; /* the file: a line of an id and, maybe, a secret */
    struct tf_buf issuer_pem, issuer_public;
};

/* Without a slash at its end; https, but for development. False after a complaint. */
static bool take_url(const char *flag, const char *given, bool allow_http, char out[USS_URL_SIZE])
{
    char host[256];
    size_t len = strlen(given);
    while (len > 0 && given[len - 1] == '/')
        len--;
    bool good =
        len < USS_URL_SIZE && uss_host_of(given, host, sizeof host) && !strpbrk(given, " ?#") &&
        (strncmp(given, "https://", 8) == 0 || (allow_http && strncmp(given, "http://", 7) == 0));
    if (good)
        snprintf(out, USS_URL_SIZE, "%.*s", (int)len, given);
    else
        say_complain(TR("--%1 %2: it must be a base URL that begins with https://"), flag, given,
                     NULL);
    return good;
}

/* "ID" or "ID SECRET". */
static bool read_client(struct serve_uss *s, const char *path, struct uss_client_config *out)
{
    bool good = state_read(path, &s->client);
    tf_buf_char(&s->client, '\n'); /* so that there is something */
    if (!good || tf_buf_status(&s->client))
        return false;
    char *text = s->client.data, *rest;
    size_t start = strspn(text, " \t\r\n"), len = strcspn(text + start, " \t\r\n");
    if (len == 0) {
        say_complain(TR("%1: the id of a client is missing"), path, NULL);
        return false;
    }
    rest = text + start + len;
    rest += strspn(rest, " \t");
    out->client_id = text + start;
    size_t secret = strcspn(rest, " \t\r\n");
    if (secret > 0) {
        rest[secret] = '\0';
        out->client_secret = rest;
    }
    text[start + len] = '\0';
    return true;
}

static bool find_tokens(struct serve_uss *s, const struct serve_config *config, const char *dir,
                        const char *party, struct uss_client_config *out)
{
    out->subject = config->dss_token_subject ? config->dss_token_subject : party;
    out->token_file = config->dss_token_file;
    out->token_url = config->dss_token_url;
    if (config->dss_token_url)
        return read_client(s, config->dss_token_client, out);
    if (config->dss_token_file)
        return true;
    bool good = state_issuer(dir, &s->issuer_pem, &s->issuer_public);
    out->issuer_pem = s->issuer_pem.data;
    return good;
}

/* Without a USS nothing of the register waits for one. */
static enum tf_status switch_off(struct sql *sql)
{
    const struct line_context c = {.sql = sql};
    enum tf_status rc = sql_begin(sql);
    if (!rc)
        rc = uss_publish_set(&c, USS_PUBLISH_OFF, "");
    if (!rc)
        return sql_commit(sql);
    sql_rollback(sql);
    return rc;
}

static bool prepare_tables(const char *database, bool is_used)
{
    char why[SQL_WHY_SIZE] = "";
    struct sql *sql;
    enum tf_status rc = sql_open(database, &sql, why);
    if (!rc) {
        rc = uss_prepare(sql, why);
        if (!rc && !is_used)
            rc = switch_off(sql);
        sql_close(sql);
    }
    if (rc)
        say_complain(TR("the party's database: %1"), why[0] ? why : tf_status_text(rc), NULL);
    return rc == TF_OK;
}

static bool admit(void *ctx, struct http_exchange *exchange, const char *const *scopes,
                  struct token_claims *out)
{
    return api_admit(ctx, exchange, scopes, out);
}

static bool take_publish(const char *word, enum uss_publish *out)
{
    *out = USS_PUBLISH_NONE;
    return !word || uss_publish_from_word(word, out) == TF_OK;
}

static bool start(struct serve_uss *s, const struct serve_config *config, const char *dir,
                  const char *url, struct serve_party *party, struct api *api)
{
    struct uss_config uss = {
        .party = serve_party_of(party),
        .base_url = s->base_url,
        .dss_url = s->dss_url,
        .version = TAFADI_VERSION,
        .client = {.allow_http = config->allow_http, .ca_file = config->peer_ca},
        .flight_planning = config->flight_planning,
        .ignores_constraints = config->no_constraints,
        .admit = admit,
        .ctx = api};
    const char *dss = config->dss_url ? config->dss_url : url;
    bool is_own = !config->dss_url; /* over loopback, as a rule */
    if (!take_url("uss-base-url", config->uss_base_url, config->allow_http, s->base_url) ||
        !take_url("dss-url", dss, config->allow_http || is_own, s->dss_url) ||
        !find_tokens(s, config, dir, serve_party_id(party), &uss.client) ||
        !take_publish(config->uss_operations, &uss.publish) ||
        !prepare_tables(serve_party_database(party), true))
        return false;
    enum tf_status rc = uss_start(&uss, &s->uss);
    if (rc)
        say_complain("%1", tf_status_text(rc), NULL);
    return rc == TF_OK;
}

static bool is_meant(const struct serve_config *config)
{
    return config->dss_url || config->dss_token_subject || config->dss_token_file ||
           config->dss_token_url || config->dss_token_client || config->flight_planning ||
           config->uss_operations || config->no_constraints;
}

bool serve_uss_check(const struct serve_config *config, const char **value)
{
    char url[USS_URL_SIZE];
    *value = NULL;
    if (!config->uss_base_url && is_meant(config)) {
        say_complain(TR("--dss-url, --dss-token-..., --uss-operations, --no-uss-constraints and "
                        "--flight-planning go with --uss-base-url"),
                     NULL);
        return false;
    }
    if (!config->dss_token_url != !config->dss_token_client) {
        say_complain(TR("--dss-token-url and --dss-token-client go together"), NULL);
        return false;
    }
    *value = config->uss_base_url;
    if (*value && !take_url("uss-base-url", *value, config->allow_http, url))
        return false;
    *value = config->dss_url;
    return !*value || take_url("dss-url", *value, config->allow_http, url);
}

bool serve_uss_start(const struct serve_config *config, const char *dir, const char *url,
                     struct serve_party *party, struct api *api, struct serve_uss **out)
{
    *out = NULL;
    if (!config->uss_base_url)
        return !party || prepare_tables(serve_party_database(party), false);
    if (!party) {
        say_complain(TR("--uss-base-url needs a party in the state directory: tafadi party init "
                        "makes one"),
                     NULL);
        return false;
    }
    struct serve_uss *s = calloc(1, sizeof *s);
    if (!s) {
        say_complain(TR("out of memory"), NULL);
        return false;
    }
    s->client.max = s->issuer_pem.max = s->issuer_public.max = 65536;
    if (!start(s, config, dir, url, party, api)) {
        serve_uss_free(s);
        return false;
    }
    *out = s;
    return true;
}

void serve_uss_stop(struct serve_uss *s)
{
    if (s)
        uss_stop(s->uss);
}

static void wipe(struct tf_buf *buf)
{
    if (buf->data)
        sodium_memzero(buf->data, buf->len);
    tf_buf_release(buf);
}

void serve_uss_free(struct serve_uss *s)
{
    if (!s)
        return;
    uss_stop(s->uss);
    uss_free(s->uss);
    wipe(&s->client);
    wipe(&s->issuer_pem);
    wipe(&s->issuer_public);
    free(s);
}

struct uss *serve_uss_of(struct serve_uss *s)
{
    return s ? s->uss : NULL;
}

void serve_uss_metrics(struct serve_uss *s, struct tf_buf *out)
{
    struct uss_metrics m;
    if (!s)
        return;
    uss_metrics(s->uss, &m);
    const struct {
        const char *name;
        uint64_t value;
    } plain[] = {{"tafadi_uss_plans_total", m.plans},
                 {"tafadi_uss_plans_rejected_total", m.plans_rejected},
                 {"tafadi_uss_plans_failed_total", m.plans_failed},
                 {"tafadi_uss_notifications_taken_total", m.told},
                 {"tafadi_uss_notifications_failed_total", m.tellings_failed},
                 {"tafadi_uss_notifications_heard_total", m.heard},
                 {"tafadi_uss_notifications_refused_total", m.heard_refused},
                 {"tafadi_uss_exchanges_kept_total", m.exchanges},
                 {"tafadi_uss_exchanges_lost_total", m.exchanges_lost}};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        tf_buf_printf(out, "%s %llu\n", plain[i].name, (unsigned long long)plain[i].value);
}
