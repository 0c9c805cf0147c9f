/*
 * trust.c - keys from files and by URL, and the built-in issuer over HTTP.
 */
#include "cli/trust.h"

#include "cli/say.h"
#include "cli/state.h"
#include "http/jwks.h"
#include <sodium.h>

static bool add_key_file(struct token_keys *keys, const char *path)
{
    struct tf_buf pem = TF_BUF_INIT(1 << 20);
    char why[160] = "";
    bool good = state_read(path, &pem);
    if (good && token_keys_add_pem(keys, pem.data ? pem.data : "", pem.len, why)) {
        say_complain("%1: %2", path, why, NULL);
        good = false;
    }
    tf_buf_release(&pem);
    return good;
}

static bool add_issuer(const struct trust *t, struct token_keys *keys)
{
    struct tf_buf private_pem = TF_BUF_INIT(65536), public_pem = TF_BUF_INIT(65536);
    char why[160];
    bool good = state_issuer(t->dir, &private_pem, &public_pem) &&
                token_keys_add_pem(keys, public_pem.data, public_pem.len, why) == TF_OK;
    tf_buf_release(&private_pem);
    tf_buf_release(&public_pem);
    return good;
}

static bool add_sets(const struct trust *t, struct token_keys *keys)
{
    char why[160] = "";
    if (!t->jwks || jwks_add(t->jwks, keys, why) == TF_OK)
        return true;
    say_complain("--jwks: %1", why, NULL);
    return false;
}

/* Trusted keys: the configured ones, or the built-in issuer's. */
static bool load_keys(struct trust *t)
{
    struct token_keys *keys;
    const struct serve_config *config = t->config;
    if (token_keys_new(&keys))
        return false;
    pthread_mutex_lock(&t->lock);
    bool good = true;
    for (size_t i = 0; i < config->public_keys.count && good; i++)
        good = add_key_file(keys, config->public_keys.items[i]);
    good = good && add_sets(t, keys);
    if (config->public_keys.count + config->jwks.count == 0 || t->oauth)
        good = good && add_issuer(t, keys);
    if (good)
        api_set_keys(t->api, keys);
    else
        token_keys_free(keys);
    pthread_mutex_unlock(&t->lock);
    return good;
}

static bool load_clients(struct trust *t)
{
    struct tf_buf text = TF_BUF_INIT(1 << 20);
    char why[160] = "";
    if (!t->config->clients)
        return true;
    bool good = state_read(t->config->clients, &text);
    enum tf_status rc = good ? oauth_set_clients(t->oauth, text.data ? text.data : "", why) : TF_OK;
    if (rc)
        say_complain("%1: %2", t->config->clients, why[0] ? why : tf_status_text(rc), NULL);
    tf_buf_release(&text);
    return good && !rc;
}

bool trust_start_issuer(struct trust *t)
{
    struct tf_buf private_pem = TF_BUF_INIT(65536), public_pem = TF_BUF_INIT(65536);
    struct oauth_config config = {.audience = t->audience,
                                  .endpoint = t->config->token_endpoint,
                                  .dummy = t->config->dummy_oauth};
    if (!config.endpoint && !config.dummy)
        return true;
    bool good = state_issuer(t->dir, &private_pem, &public_pem);
    config.private_pem = private_pem.data;
    config.public_pem = public_pem.data;
    good = good && oauth_new(&config, &t->oauth) == TF_OK && load_clients(t);
    if (private_pem.data)
        sodium_memzero(private_pem.data, private_pem.len);
    tf_buf_release(&private_pem);
    tf_buf_release(&public_pem);
    return good;
}

static void on_sets_changed(void *ctx)
{
    load_keys(ctx);
}

static void on_set_report(void *ctx, const char *url, const char *why)
{
    (void)ctx;
    if (why)
        say_complain(TR("keys of %1: %2; the last good ones stay"), url, why, NULL);
    else
        say_complain(TR("keys of %1: answered again"), url, NULL);
}

static bool start_sets(struct trust *t)
{
    char why[160] = "";
    struct jwks_config config = {.urls = t->config->jwks.items,
                                 .url_count = t->config->jwks.count,
                                 .allow_http = t->config->allow_http,
                                 .changed = on_sets_changed,
                                 .report = on_set_report,
                                 .ctx = t};
    enum tf_status rc = config.url_count ? jwks_start(&config, &t->jwks, why) : TF_OK;
    if (rc)
        say_complain("--jwks: %1", why[0] ? why : tf_status_text(rc), NULL);
    return rc == TF_OK;
}

void trust_print_metrics(void *ctx, struct tf_buf *out)
{
    struct trust *t = ctx;
    if (t->jwks)
        jwks_print_metrics(t->jwks, out);
}

bool trust_start(struct trust *t, struct api *api)
{
    t->api = api;
    return start_sets(t) && load_keys(t);
}

bool trust_reload(struct trust *t)
{
    bool good = load_keys(t);
    if (t->jwks)
        jwks_refresh(t->jwks);
    return (!t->oauth || load_clients(t)) && good;
}

void trust_stop(struct trust *t)
{
    jwks_stop(t->jwks);
    oauth_free(t->oauth);
}
