/*
 * serve_check.h - the settings of a node before anything starts: a wrong value is a usage error.
 */
#ifndef TF_CLI_SERVE_CHECK_H
#define TF_CLI_SERVE_CHECK_H

#include "cli/serve.h"

extern const struct flag_reader listen_reader;         /* const char *: ADDRESS:PORT */
extern const struct flag_reader endpoint_reader;       /* const char *: a URL with its scheme */
extern const struct flag_reader pool_lock_reader;      /* const char *, of serve_lock_words */
extern const struct flag_reader pool_index_reader;     /* const char *, of serve_index_words */
extern const struct flag_reader uss_operations_reader; /* const char * */
/* In the order of enum pool_lock; end with NULL. */
extern const char *const serve_lock_words[], *const serve_index_words[];

/*
 * What no reader can see by itself: settings that go together, addresses that may not be
 * without TLS, lists. False after a complaint that names the setting; *value is then the text that
 * is wrong, one of the config's, or NULL.
 */
bool serve_check(const struct serve_config *config, const char **value);
/* Whether it begins with https://, or may do without; else a complaint. */
bool serve_check_web(const char *flag, const char *url, bool allow_http);

#endif
