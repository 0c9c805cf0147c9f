/*
 * endings.h - a binary heap of when entities end: what expires next.
 *
 * An entry stays when its entity changes or goes; whoever takes it looks whether it still
 * holds.
 */
#ifndef TF_DSS_ENDINGS_H
#define TF_DSS_ENDINGS_H

#include "dss/entity.h"

struct dss_ending {
    int64_t end_us;
    struct tf_uuid id;
    enum dss_kind kind;
};
/* Zero is valid; items[0] ends first. */
struct dss_endings {
    struct dss_ending *items; /* owned */
    size_t count, capacity;
};
/* Makes room for one more. False: no memory. */
bool dss_endings_reserve(struct dss_endings *h);
/* Reserves by itself. */
bool dss_endings_push(struct dss_endings *h, const struct dss_entity *e);
/* Takes the first away; there must be one. */
void dss_endings_pop(struct dss_endings *h);

#endif
