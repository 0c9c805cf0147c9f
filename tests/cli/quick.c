/*
 * quick.c - beneath a whole `tafadi`: passwords are hashed at the least cost there is. With it
 * tests set up parties that are not about passwords (tests/line_e2e/parties.py); half a second for
 * each operator adds up to minutes. A hash says what it cost, so the real program verifies it.
 */
#include <sodium.h>

int __real_crypto_pwhash_str(char *out, const char *password, unsigned long long len,
                             unsigned long long ops, size_t memory);
int __wrap_crypto_pwhash_str(char *out, const char *password, unsigned long long len,
                             unsigned long long ops, size_t memory);

int __wrap_crypto_pwhash_str(char *out, const char *password, unsigned long long len,
                             unsigned long long ops, size_t memory)
{
    (void)ops;
    (void)memory;
    return __real_crypto_pwhash_str(out, password, len, crypto_pwhash_OPSLIMIT_MIN,
                                    crypto_pwhash_MEMLIMIT_MIN);
}
