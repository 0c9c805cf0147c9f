/*
 * doctor_files.c - the doctor's look at files: state directory, keys, data, certificate, map tiles.
 */
#include "cli/doctor.h"

#include "api/oauth.h"
#include "cli/serve_party.h"
#include "http/jwks.h"
#include "store/store.h"
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* Renewal should not be left to the last days. */
enum { EXPIRY_WARNING_DAYS = 14 };
#define LEAST_FREE_BYTES (UINT64_C(512) << 20)

void doctor_folder(struct doctor *d)
{
    struct stat s;
    if (stat(d->dir, &s) != 0 && errno == ENOENT) {
        doctor_say(d, FINDING_NOTE,
                   TR("the state directory %1 is not there yet: the first start makes it"), d->dir,
                   NULL);
        return;
    }
    d->has_dir = S_ISDIR(s.st_mode) && access(d->dir, R_OK | W_OK | X_OK) == 0;
    if (!d->has_dir) {
        doctor_say(d, FINDING_BAD,
                   TR("the state directory %1 cannot be used: it must be a directory that this "
                      "user may read and write"),
                   d->dir, NULL);
        return;
    }
    d->running = state_is_locked(d->dir);
    if (s.st_mode & 077)
        doctor_say(d, FINDING_BAD,
                   TR("the state directory %1 is open to other users: run chmod 700 on it"), d->dir,
                   NULL);
    else
        doctor_say(d, FINDING_GOOD, TR("the state directory is %1"), d->dir, NULL);
    if (d->running)
        doctor_say(d, FINDING_GOOD, TR("a node is running there"), NULL, NULL);
}

/* Signs with the private half and verifies with the public one. */
static bool is_pair(const struct tf_buf *private_pem, const struct tf_buf *public_pem)
{
    static const char *const audience = "localhost";
    struct tf_buf token = TF_BUF_INIT(TOKEN_MAX);
    struct token_keys *keys = NULL;
    struct token_claims claims;
    struct token_rules rules = {&audience, 1, 3660, 5};
    const char *why;
    char reason[160];
    int64_t now_s = (int64_t)time(NULL);
    struct token_request request = {.issuer = "tafadi",
                                    .sub = "doctor",
                                    .aud = audience,
                                    .scope = "none",
                                    .now_s = now_s,
                                    .lifetime_s = 60,
                                    .jti = "doctor"};
    bool good = token_keys_new(&keys) == TF_OK &&
                token_keys_add_pem(keys, public_pem->data, public_pem->len, reason) == TF_OK &&
                token_issue(&request, private_pem->data, &token) == TF_OK &&
                token_verify(keys, &rules, token.data, token.len, now_s, &claims, &why) == TF_OK;
    token_keys_free(keys);
    tf_buf_release(&token);
    return good;
}

void doctor_issuer(struct doctor *d)
{
    struct tf_buf private_pem = TF_BUF_INIT(65536), public_pem = TF_BUF_INIT(65536);
    char path[STATE_PATH_SIZE];
    struct stat s;
    if (!d->has_dir || !state_path(d->dir, "issuer.key", path) || access(path, F_OK) != 0)
        return; /* made at the first start */
    if (stat(path, &s) == 0 && s.st_mode & 077)
        doctor_say(d, FINDING_BAD,
                   TR("%1 can be read by other users, who could issue tokens: run chmod 600 on it"),
                   path, NULL);
    if (!state_issuer(d->dir, &private_pem, &public_pem)) {
        d->bad++; /* it has complained */
        goto out;
    }
    if (!tf_buf_status(&private_pem) && !tf_buf_status(&public_pem) &&
        is_pair(&private_pem, &public_pem))
        doctor_say(d, FINDING_GOOD, TR("the built-in issuer's keys fit each other"), NULL, NULL);
    else
        doctor_say(d, FINDING_BAD,
                   TR("%1 and issuer.pub are no pair: move both away, and the next start makes new "
                      "ones (tokens under the old ones end)"),
                   path, NULL);
out:
    tf_buf_release(&private_pem);
    tf_buf_release(&public_pem);
}

static void check_sets(struct doctor *d)
{
    char why[160] = "";
    for (size_t i = 0; i < d->config->jwks.count; i++)
        if (jwks_check_url(d->config->jwks.items[i], d->config->allow_http, why))
            doctor_say(d, FINDING_BAD, TR("keys cannot be fetched from %1: %2"),
                       d->config->jwks.items[i], why);
}

static void check_clients(struct doctor *d)
{
    const char *path = d->config->clients;
    struct tf_buf text = TF_BUF_INIT(1 << 20);
    char why[160] = "";
    size_t count;
    if (!path)
        return;
    if (!state_read(path, &text))
        d->bad++; /* it has complained */
    else if (oauth_check_clients(text.data ? text.data : "", &count, why))
        doctor_say(d, FINDING_BAD, TR("%1: %2; tafadi token --hash makes the lines of this file"),
                   path, why);
    else if (count == 0)
        doctor_say(d, FINDING_NOTE, TR("%1 names no clients yet"), path, NULL);
    else
        doctor_say(d, FINDING_GOOD, TR("%1 names clients for the token endpoint"), path, NULL);
    tf_buf_release(&text);
}

void doctor_keys(struct doctor *d)
{
    check_sets(d);
    check_clients(d);
    for (size_t i = 0; i < d->config->public_keys.count; i++) {
        const char *path = d->config->public_keys.items[i];
        struct tf_buf pem = TF_BUF_INIT(1 << 20);
        struct token_keys *keys = NULL;
        char why[160] = "";
        if (!state_read(path, &pem) || token_keys_new(&keys))
            d->bad++; /* it has complained */
        else if (token_keys_add_pem(keys, pem.data ? pem.data : "", pem.len, why))
            doctor_say(d, FINDING_BAD,
                       TR("%1 has no usable public key (%2): give the token issuer's PEM file to "
                          "--public-key"),
                       path, why);
        else
            doctor_say(d, FINDING_GOOD, TR("tokens signed by %1 are accepted"), path, NULL);
        token_keys_free(keys);
        tf_buf_release(&pem);
    }
}

void doctor_data(struct doctor *d)
{
    char path[STATE_PATH_SIZE], why[256] = "";
    if (!d->has_dir || !state_path(d->dir, "node.db", path))
        return;
    if (access(path, F_OK) != 0) {
        doctor_say(d, FINDING_NOTE, TR("there is no data file yet: the first start makes it"), NULL,
                   NULL);
        return;
    }
    enum tf_status rc = dss_store_check(path, why);
    if (rc == TF_OK)
        doctor_say(d, FINDING_GOOD, TR("the data file is whole"), NULL, NULL);
    else if (rc == TF_UNSUPPORTED)
        doctor_say(d, FINDING_BAD,
                   TR("%1 was written by a newer version (%2): start that version, or restore a "
                      "copy made by this one"),
                   path, why);
    else
        doctor_say(d, FINDING_BAD,
                   TR("%1 is damaged (%2): stop the node, then restore a copy with tafadi restore"),
                   path, why[0] ? why : tf_status_text(rc));
}

void doctor_disk(struct doctor *d)
{
    struct statvfs v;
    char number[32];
    if (!d->has_dir || statvfs(d->dir, &v) != 0)
        return;
    uint64_t available = (uint64_t)v.f_bavail * v.f_frsize;
    snprintf(number, sizeof number, "%llu MiB", (unsigned long long)(available >> 20));
    if (available < LEAST_FREE_BYTES)
        doctor_say(d, FINDING_BAD,
                   TR("only %1 are free where %2 is: make room, for a full disk stops all writing"),
                   number, d->dir);
    else
        doctor_say(d, FINDING_GOOD, TR("%1 are free on the disk"), number, NULL);
}

static X509 *read_certificate(const char *path)
{
    BIO *bio = BIO_new_file(path, "r");
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return certificate;
}

static EVP_PKEY *read_key(const char *path)
{
    BIO *bio = BIO_new_file(path, "r");
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return key;
}

static void check_dates(struct doctor *d, const char *path, const X509 *certificate)
{
    time_t soon = time(NULL) + EXPIRY_WARNING_DAYS * 86400;
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        doctor_say(d, FINDING_BAD,
                   TR("the certificate %1 is not valid yet: check the clock, or issue it again"),
                   path, NULL);
    else if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        doctor_say(d, FINDING_BAD,
                   TR("the certificate %1 has expired: renew it, then send SIGHUP to the node"),
                   path, NULL);
    else if (X509_cmp_time(X509_get0_notAfter(certificate), &soon) < 0)
        doctor_say(d, FINDING_BAD,
                   TR("the certificate %1 expires within two weeks: renew it, then send SIGHUP to "
                      "the node"),
                   path, NULL);
    else
        doctor_say(d, FINDING_GOOD, TR("the certificate %1 is valid"), path, NULL);
}

void doctor_certificate(struct doctor *d)
{
    const char *path = d->config->certificate, *key_path = d->config->private_key;
    struct stat s;
    if (!path)
        return;
    X509 *certificate = read_certificate(path);
    EVP_PKEY *key = read_key(key_path);
    if (!certificate)
        doctor_say(d, FINDING_BAD, TR("%1 is no PEM certificate that can be read"), path, NULL);
    else
        check_dates(d, path, certificate);
    if (!key)
        doctor_say(d, FINDING_BAD, TR("%1 is no PEM private key that can be read"), key_path, NULL);
    else if (certificate && X509_check_private_key(certificate, key) != 1)
        doctor_say(d, FINDING_BAD, TR("%1 is not the key of the certificate %2: give the pair"),
                   key_path, path);
    if (stat(key_path, &s) == 0 && s.st_mode & 077)
        doctor_say(d, FINDING_BAD, TR("%1 can be read by other users: run chmod 600 on it"),
                   key_path, NULL);
    X509_free(certificate);
    EVP_PKEY_free(key);
    ERR_clear_error();
}

void doctor_tiles(struct doctor *d)
{
    const char *path = d->config->map_tiles;
    char why[SERVE_TILES_WHY_SIZE];
    if (!path)
        return;
    if (serve_party_tiles(path, why))
        doctor_say(d, FINDING_GOOD, TR("the map tiles of %1 can be drawn"), path, NULL);
    else
        doctor_say(d, FINDING_BAD, TR("--map-tiles %1: %2"), path, why);
}
