/*
 * party_tls.c - self-signed certificates and their pins (RFC 7469: SHA-256 of the
 * SubjectPublicKeyInfo).
 */
#include "cli/party_tls.h"

#include "cli/say.h"
#include "cli/state.h"
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define TEN_YEARS_S 315360000L

static bool pin_of(X509 *certificate, char pin[CARD_TLS_SIZE])
{
    unsigned char *der = NULL;
    uint8_t hash[KEY_HASH_SIZE];
    struct tf_buf text = TF_BUF_INIT(CARD_TLS_SIZE);
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (len <= 0)
        return false;
    key_sha256(&(struct key_piece){.bytes = der, .len = (size_t)len}, 1, hash);
    OPENSSL_free(der);
    tf_buf_text(&text, "sha256//");
    key_base64(hash, sizeof hash, &text);
    bool good = tf_buf_status(&text) == TF_OK;
    if (good)
        memcpy(pin, text.data, text.len + 1);
    tf_buf_release(&text);
    return good;
}

bool party_tls_pin(const char *path, char pin[CARD_TLS_SIZE])
{
    BIO *bio = BIO_new_file(path, "r");
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    bool good = certificate && pin_of(certificate, pin);
    X509_free(certificate);
    BIO_free(bio);
    ERR_clear_error();
    return good;
}

/* The host of "https://host:port" or "https://[::1]:port". */
static void host_of(const char *url, char *out, size_t size)
{
    const char *at = strstr(url, "://");
    at = at ? at + 3 : url;
    size_t len = *at == '[' ? strcspn(++at, "]") : strcspn(at, ":/");
    snprintf(out, size, "%.*s", (int)len, at);
}

static bool add_name(X509 *certificate, const char *host)
{
    char value[300];
    bool is_v6 = strchr(host, ':'), is_v4 = strspn(host, "0123456789.") == strlen(host);
    snprintf(value, sizeof value, "%s:%s", is_v4 || is_v6 ? "IP" : "DNS", host);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
    bool good = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *host)
{
    unsigned char serial[16];
    X509_NAME *name = X509_get_subject_name(certificate);
    if (RAND_bytes(serial, sizeof serial) != 1)
        return false;
    serial[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    bool good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) &&
                X509_set_version(certificate, X509_VERSION_3) == 1 &&
                X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) &&
                X509_gmtime_adj(X509_getm_notAfter(certificate), TEN_YEARS_S) &&
                X509_set_pubkey(certificate, key) == 1 &&
                X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)host,
                                           -1, -1, 0) == 1 &&
                X509_set_issuer_name(certificate, name) == 1 && add_name(certificate, host) &&
                X509_sign(certificate, key, EVP_sha256()) > 0;
    BN_free(number);
    return good;
}

static bool write_pem(const char *path, BIO *bio)
{
    char *bytes;
    long len = BIO_get_mem_data(bio, &bytes);
    struct tf_buf text = TF_BUF_INIT(65536);
    tf_buf_append(&text, bytes, (size_t)len);
    bool good = tf_buf_status(&text) == TF_OK && state_create(path, &text);
    tf_buf_release(&text);
    return good;
}

bool party_tls_make(const char *dir, const char *url, char pin[CARD_TLS_SIZE])
{
    char host[CARD_URL_SIZE], crt[STATE_PATH_SIZE], tls[STATE_PATH_SIZE];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    BIO *key_pem = BIO_new(BIO_s_secmem()), *crt_pem = BIO_new(BIO_s_mem());
    host_of(url, host, sizeof host);
    bool made = key && certificate && key_pem && crt_pem && fill(certificate, key, host) &&
                PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                PEM_write_bio_X509(crt_pem, certificate) == 1 && pin_of(certificate, pin);
    if (!made)
        say_complain(TR("a certificate for \"%1\" could not be made"), host, NULL);
    bool good = made && state_path(dir, "party.crt", crt) && state_path(dir, "party.tls", tls) &&
                write_pem(tls, key_pem) && write_pem(crt, crt_pem);
    BIO_free(key_pem);
    BIO_free(crt_pem);
    X509_free(certificate);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return good;
}
