/*
 * streams.c - the thread that wakes streams.
 */
#include "desk/streams.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { LOOK_MS = 250 }; /* how soon a reader that has gone is noticed */

struct streams {
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;
    struct stream *parked;
    unsigned count;
    uint64_t news;
    bool stopping;
};

static int64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool is_due(const struct stream *stream, uint64_t news, int64_t now_ns)
{
    return stream->seen != news ||
           now_ns - stream->parked_ns >= STREAM_BEAT_S * INT64_C(1000000000) ||
           atomic_load(&stream->v->exchange->cancelled);
}

/* Those that wait no longer. */
static struct stream *take_due(struct streams *s, int64_t now_ns)
{
    struct stream *due = NULL, **at = &s->parked;
    while (*at) {
        struct stream *stream = *at;
        if (is_due(stream, s->news, now_ns)) {
            *at = stream->next;
            stream->next = due;
            due = stream;
        } else {
            at = &stream->next;
        }
    }
    return due;
}

static void rouse(struct stream *stream, uint64_t news)
{
    if (atomic_load(&stream->v->exchange->cancelled))
        stream->gone(stream);
    else if (stream->seen != news)
        stream->read(stream);
    else
        stream->beat(stream);
}

static void *work(void *arg)
{
    struct streams *s = arg;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping) {
        struct stream *due = take_due(s, monotonic_ns());
        uint64_t news = s->news;
        pthread_mutex_unlock(&s->lock);
        while (due) {
            struct stream *next = due->next; /* it may be freed, or be parked again */
            rouse(due, news);
            due = next;
        }
        pthread_mutex_lock(&s->lock);
        if (s->news != news || s->stopping)
            continue;
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += LOOK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&s->wake, &s->lock, &until);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

enum tf_status streams_start(struct streams **out)
{
    struct streams *s = calloc(1, sizeof *s);
    if (!s)
        return TF_NOMEM;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, NULL);
    if (pthread_create(&s->thread, NULL, work, s)) {
        pthread_mutex_destroy(&s->lock);
        pthread_cond_destroy(&s->wake);
        free(s);
        return TF_NOMEM;
    }
    *out = s;
    return TF_OK;
}

void streams_stop(struct streams *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->wake);
    free(s);
}

void streams_wake(struct streams *s)
{
    pthread_mutex_lock(&s->lock);
    s->news++;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
}

bool streams_enter(struct streams *s)
{
    pthread_mutex_lock(&s->lock);
    bool fits = s->count < STREAMS_MAX;
    s->count += fits;
    pthread_mutex_unlock(&s->lock);
    return fits;
}

void streams_leave(struct streams *s)
{
    pthread_mutex_lock(&s->lock);
    s->count--;
    pthread_mutex_unlock(&s->lock);
}

uint64_t streams_news(struct streams *s)
{
    pthread_mutex_lock(&s->lock);
    uint64_t news = s->news;
    pthread_mutex_unlock(&s->lock);
    return news;
}

void streams_park(struct streams *s, struct stream *stream)
{
    stream->parked_ns = monotonic_ns();
    pthread_mutex_lock(&s->lock);
    stream->next = s->parked;
    s->parked = stream;
    if (stream->seen != s->news)
        pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
}
