/*
 * streams.h - event streams that wait: woken when something has happened, kept alive by
 * comments, let go when their reader has gone.
 *
 *     connection --submit--> party's thread reads events --http_reply--> reader
 *          ^                                                               |
 *          +--- streams (waits for news, or 15 s) <--- all is sent --------+
 *
 * A stream holds no place in the party's queue and no memory of events while its reader is slow:
 * nothing is read for it before all that was read is on its way.
 */
#ifndef TF_DESK_STREAMS_H
#define TF_DESK_STREAMS_H

#include "desk/internal.h"

enum { STREAMS_MAX = 256, STREAM_BEAT_S = 15 };

struct streams;
struct stream {
    struct visit *v;
    uint64_t seen;     /* news that were there when it was last read for */
    int64_t parked_ns; /* monotonic */
    struct stream *next;
    void (*read)(struct stream *stream); /* there may be news */
    void (*beat)(struct stream *stream); /* a sign of life is due */
    void (*gone)(struct stream *stream); /* the reader has gone */
};

TF_MUST_CHECK enum tf_status streams_start(struct streams **out);
void streams_stop(struct streams *streams); /* after all streams have ended */
/* From any thread. */
void streams_wake(struct streams *streams);
/* One more; false: too many. streams_leave() gives its place back. */
bool streams_enter(struct streams *streams);
void streams_leave(struct streams *streams);
/* To be asked before reading: what is newer is news. */
uint64_t streams_news(struct streams *streams);
/* Waits: one of the three functions is called once, on the thread of the streams. */
void streams_park(struct streams *streams, struct stream *stream);

#endif
