/*
 * login.h - checking passwords on a thread of its own (argon2id is slow on purpose), with limits
 * on how often one may try.
 */
#ifndef TF_DESK_LOGIN_H
#define TF_DESK_LOGIN_H

#include "desk/internal.h"

struct login;

TF_MUST_CHECK enum tf_status login_start(struct desk *desk, struct login **out);
void login_stop(struct login *login);
struct login *desk_login(struct desk *desk);

enum {
    LOGIN_QUEUE = 32,
    LOGIN_TRIES = 10,   /* failures of a name, or from an address, that are let be; */
    LOGIN_REFILL_S = 30 /* one more each so many seconds */
};

/*
 * Hands a visit to the thread, which calls work(v) there and then desk_finish(v). Answers 429 or
 * 503 itself, and finishes, if it may not be done now. `name` is what is being tried (its failures
 * count).
 */
void login_queue(struct login *login, struct visit *v, const char *name,
                 void (*work)(struct visit *v));
/* A failure of the name, from the visit's address. */
void login_failed(struct login *login, const struct visit *v, const char *name);

#endif
