/*
 * login.c - a small queue, one thread, and allowances that refill with time.
 */
#include "desk/login.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

enum { SLOTS = 1024 };

/* Names and addresses that share a slot share its allowance. */
struct slot {
    int64_t at_s;
    int used;
};
struct job {
    struct visit *v;
    void (*work)(struct visit *v);
};
struct login {
    struct desk *desk;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;
    struct job queue[LOGIN_QUEUE];
    size_t head, count;
    bool stopping;
    struct slot slots[SLOTS];
    unsigned char key[crypto_shorthash_KEYBYTES]; /* so that slots cannot be aimed at */
};

static void *work(void *arg)
{
    struct login *login = arg;
    pthread_mutex_lock(&login->lock);
    while (!login->stopping || login->count > 0) {
        if (login->count == 0) {
            pthread_cond_wait(&login->wake, &login->lock);
            continue;
        }
        struct job job = login->queue[login->head];
        login->head = (login->head + 1) % LOGIN_QUEUE;
        login->count--;
        pthread_mutex_unlock(&login->lock);
        /* Who was told meanwhile that nothing was done has perhaps asked again. */
        if (http_claim(job.v->exchange))
            job.work(job.v);
        desk_finish(job.v);
        pthread_mutex_lock(&login->lock);
    }
    pthread_mutex_unlock(&login->lock);
    return NULL;
}

enum tf_status login_start(struct desk *desk, struct login **out)
{
    struct login *login = calloc(1, sizeof *login);
    if (!login || sodium_init() < 0) {
        free(login);
        return TF_NOMEM;
    }
    login->desk = desk;
    crypto_shorthash_keygen(login->key);
    pthread_mutex_init(&login->lock, NULL);
    pthread_cond_init(&login->wake, NULL);
    if (pthread_create(&login->thread, NULL, work, login)) {
        pthread_mutex_destroy(&login->lock);
        pthread_cond_destroy(&login->wake);
        free(login);
        return TF_NOMEM;
    }
    *out = login;
    return TF_OK;
}

void login_stop(struct login *login)
{
    pthread_mutex_lock(&login->lock);
    login->stopping = true;
    pthread_cond_signal(&login->wake);
    pthread_mutex_unlock(&login->lock);
    pthread_join(login->thread, NULL);
    pthread_mutex_destroy(&login->lock);
    pthread_cond_destroy(&login->wake);
    free(login);
}

/* --- allowances -------------------------------------------------------------------------- */

static int64_t monotonic_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec;
}

static struct slot *slot_of(struct login *login, const char *text)
{
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)text, strlen(text), login->key);
    struct slot *slot = &login->slots[hash % SLOTS];
    int64_t now_s = monotonic_s(), refilled = (now_s - slot->at_s) / LOGIN_REFILL_S;
    if (refilled > 0) {
        slot->used = refilled >= slot->used ? 0 : slot->used - (int)refilled;
        slot->at_s = now_s;
    }
    return slot;
}

void login_failed(struct login *login, const struct visit *v, const char *name)
{
    pthread_mutex_lock(&login->lock);
    slot_of(login, name)->used++;
    slot_of(login, v->exchange->peer)->used++;
    pthread_mutex_unlock(&login->lock);
}

void login_queue(struct login *login, struct visit *v, const char *name,
                 void (*work_of)(struct visit *v))
{
    pthread_mutex_lock(&login->lock);
    bool allowed = slot_of(login, name)->used < LOGIN_TRIES &&
                   slot_of(login, v->exchange->peer)->used < LOGIN_TRIES;
    bool taken = allowed && !login->stopping && login->count < LOGIN_QUEUE;
    if (taken) {
        login->queue[(login->head + login->count++) % LOGIN_QUEUE] = (struct job){v, work_of};
        pthread_cond_signal(&login->wake);
    }
    pthread_mutex_unlock(&login->lock);
    if (taken)
        return;
    if (allowed) {
        desk_refuse_status(v, TF_BUSY);
    } else {
        desk_refuse(v, 429, TF_TEXT("too many failed attempts; wait a minute"), NULL);
        v->exchange->headers = "Retry-After: 60\r\n";
    }
    desk_finish(v);
}
