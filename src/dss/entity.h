/*
 * entity.h - what a DSS stores: references, subscriptions, identification
 * service areas; and the database interface against which its rules are written.
 *
 * Precise volumes are not stored (F3548 DSS0010, F3411 DSS0040): an entity has
 * the level-13 cells of the union of its extents, one altitude band and one time
 * interval. Entities are immutable and reference-counted; an update is a new
 * entity in the old one's place. Only a subscription's notification index changes
 * in place, and only through the database.
 */
#ifndef TF_DSS_ENTITY_H
#define TF_DSS_ENTITY_H

#include "base/uuid.h"
#include <stdatomic.h>
#include <tafadi/cell.h>
#include <tafadi/status.h>
#include <tafadi/time.h>

enum dss_kind {
    DSS_OIR,          /* operational intent reference (F3548) */
    DSS_CONSTRAINT,   /* constraint reference (F3548) */
    DSS_SUBSCRIPTION, /* subscription (F3548) */
    DSS_ISA,          /* identification service area (F3411) */
    DSS_RID_SUBSCRIPTION,
    DSS_KIND_COUNT,
    DSS_MEMBERS /* no entity: a command about the pool's members */
};

enum dss_state {
    DSS_STATE_NONE, /* entities without a state */
    DSS_ACCEPTED,
    DSS_ACTIVATED,
    DSS_NONCONFORMING,
    DSS_CONTINGENT,
    DSS_STATE_COUNT
};

/* Where and when. Times are UTC microseconds since 1970 (what the pool's
 * database can hold), both ends given. Altitudes in metres W84, -+INFINITY if
 * absent. Cells are sorted, of level TF_CELL_DSS_LEVEL. */
struct dss_extent {
    const tf_cell *cells;
    size_t cell_count;
    float lower_m, upper_m;
    int64_t start_us, end_us;
};

enum { DSS_OVN_SIZE = 132 }; /* longest OVN is 128 characters */

struct dss_entity {
    atomic_uint refs;
    enum dss_kind kind;
    enum dss_state state;
    struct tf_uuid id;
    struct tf_uuid subscription_id; /* of an OIR; zero: none */
    struct dss_extent extent;       /* cells follow the struct in memory */
    int64_t updated_us;
    int version;                                            /* OIR, constraint: 1, 2, ... */
    bool notify_for_oirs, notify_for_constraints, implicit; /* subscriptions */
    const char *owner, *url;                                /* in the same block of memory */
    const char *ovn;                                        /* OIR, constraint; else "" */
    const char *used;   /* suffixes of earlier OVNs that could be asked for again, apart by
                           spaces; NULL is "" for dss_entity_new() */
    bool ovn_requested; /* made from a requested suffix */
    atomic_int notification_index; /* subscriptions */
    int index_reserved;            /* what the store has written for it; the writer's */
};

/* A new entity with one owner; copies everything that `like` points to. NULL: no memory. */
struct dss_entity *dss_entity_new(const struct dss_entity *like);
struct dss_entity *dss_entity_ref(const struct dss_entity *entity);
void dss_entity_unref(const struct dss_entity *entity);

/* Closed in space and altitude; in time as the reference decides: end >= start. */
bool dss_extent_overlaps(const struct dss_extent *a, const struct dss_extent *b);
bool dss_cells_overlap(const struct dss_extent *a, const struct dss_extent *b);
/* Every cell of `inner` is in `outer`. */
bool dss_cells_cover(const struct dss_extent *outer, const struct dss_extent *inner);

struct dss_availability {
    char uss[256];
    char state[16];   /* "Unknown", "Normal", "Down" */
    char version[64]; /* "" if there is no record */
    int64_t updated_us;
};

/* A sign of life of a pool's member. */
struct dss_heartbeat {
    const char *source;   /* what caused it; NULL: there has been none */
    const char *reporter; /* the client that reported it; NULL: the member itself */
    int64_t at_us;
    int64_t next_us; /* when the next one is expected; INT64_MAX: it was not said */
    uint64_t index;  /* 1, 2, ...; 0: not counted by this engine */
};
/* A member of the pool: one or more nodes of one operator. */
struct dss_member {
    const char *name, *endpoint; /* endpoint: URL; NULL: not known */
    struct dss_heartbeat last;
};
/* Strings borrowed; return false to stop. */
typedef bool (*dss_member_visit)(void *ctx, const struct dss_member *member);
/* A copy with strings of its own; TF_NOMEM. */
enum tf_status dss_member_copy(const struct dss_member *member, struct dss_member *out);
void dss_member_release(struct dss_member *member);

/* What a search visits; return false to stop. Borrowed: ref to keep. */
typedef bool (*dss_visit)(void *ctx, const struct dss_entity *entity);

/*
 * One transaction's view of the data. Engines: memory.c (embedded; the writer's
 * thread, or a reader under the lock), postgres.c (cluster). All functions
 * return TF_OK, TF_NOMEM, or TF_BUSY (the engine must retry or give up).
 */
struct dss_db {
    const struct dss_db_ops *ops;
};
struct dss_db_ops {
    /* *out is borrowed until the transaction ends; NULL if there is none. */
    enum tf_status (*get)(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id,
                          const struct dss_entity **out);
    /* All entities of the kind that share a cell with `where`, overlap it in time,
     * and, if with_altitude, in altitude. */
    enum tf_status (*search)(struct dss_db *db, enum dss_kind kind, const struct dss_extent *where,
                             bool with_altitude, dss_visit visit, void *ctx);
    /* Inserts or replaces by kind and id; keeps a reference. */
    enum tf_status (*put)(struct dss_db *db, const struct dss_entity *entity);
    enum tf_status (*remove)(struct dss_db *db, enum dss_kind kind, const struct tf_uuid *id);
    /* Adds one to the notification index of each of `count` subscriptions of one kind; the
     * new values in out. */
    enum tf_status (*bump)(struct dss_db *db, const struct dss_entity *const *subscriptions,
                           size_t count, int *out);
    /* Before the first read of a write that concerns `where`: lets engines with many writers
     * take turns instead of failing and trying again. */
    enum tf_status (*lock)(struct dss_db *db, enum dss_kind kind, const struct dss_extent *where);
    /* OIRs whose subscription_id is this. */
    enum tf_status (*dependents)(struct dss_db *db, const struct tf_uuid *subscription_id,
                                 dss_visit visit, void *ctx);
    /* Number of the owner's live F3411 subscriptions, without `except`, in the fullest cell of
     * `where`. */
    enum tf_status (*count_in_cell)(struct dss_db *db, const struct dss_extent *where,
                                    const char *owner, const struct tf_uuid *except, int64_t now_us,
                                    size_t *out);
    enum tf_status (*get_availability)(struct dss_db *db, const char *uss,
                                       struct dss_availability *out);
    enum tf_status (*put_availability)(struct dss_db *db, const struct dss_availability *record);
    /* Records a sign of life of this node's own member, in place of the last from its source. */
    enum tf_status (*put_heartbeat)(struct dss_db *db, const struct dss_heartbeat *heartbeat);
    /* All members, by name, each with its latest heartbeat. */
    enum tf_status (*members)(struct dss_db *db, dss_member_visit visit, void *ctx);
};

#endif
