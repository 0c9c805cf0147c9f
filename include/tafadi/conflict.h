/*
 * conflict.h - separation minima, the 4D index, and the search for conflicts.
 *
 * Two volumes are in conflict if at some instant both are active, each interval
 * grown by half of the time separation, and they are closer than H horizontally and
 * V vertically (strictly), or overlap plainly (closed: touching counts). For
 * each dimension by itself:
 *
 *     time        start_a - end_b < T  and  start_b - end_a < T      (T >= 0)
 *     vertical    gap < V  or  gap <= 0          (gap of the bands, altitude.h; V to 1e-6 m)
 *     horizontal  distance < H  or  distance <= 0
 *
 * and all three must hold. Space is closed, time is half-open. The gap is
 * tf_band_gap_m; where H is 0 only what is above one place counts, and it is
 * tf_band_gap_at_place_m.
 */
#ifndef TAFADI_CONFLICT_H
#define TAFADI_CONFLICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tafadi/volume.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tf_separation {
    double horizontal_m, vertical_m; /* >= 0 */
    int64_t time_ns;                 /* >= 0 */
};

/*
 * Separation by pair of kinds; symmetric. A pair with compared == false never
 * conflicts (zones and sites among themselves).
 */
struct tf_separation_table {
    struct tf_separation pair[TF_KIND_COUNT][TF_KIND_COUNT];
    bool compared[TF_KIND_COUNT][TF_KIND_COUNT];
};
/* Everything compared but zone-zone, zone-site and site-site; all minima as given. */
void tf_separation_uniform(struct tf_separation minima, struct tf_separation_table *out);
/* The defaults of docs/separation.md (ICAO Doc 4444 5 NM / 1000 ft between crewed
 * aircraft, and so on). */
void tf_separation_defaults(struct tf_separation_table *out);
/* Sets both halves of the table. */
void tf_separation_set(struct tf_separation_table *table, enum tf_kind a, enum tf_kind b,
                       struct tf_separation minima);
/* The exact test of two volumes, as above. Conservative by TF_GEO_TOLERANCE_M. */
bool tf_volume4_conflicts(const struct tf_volume4 *a, const struct tf_volume4 *b,
                          const struct tf_separation *minima);

/*
 * The 4D index: any number of volumes, found by space, altitude and time.
 *
 * A copy-on-write R-tree over five dimensions (three of Earth-centred space,
 * altitude, time; 32-bit bounds, rounded outward). One writer changes it by
 * building new nodes along one path and publishing a new root; readers work on
 * the root they found and never wait. Replaced nodes are freed when the last
 * reader that could see them has ended its view (epochs).
 *
 * Volumes are kept apart by kind, duration and size, in a tree for each class, so
 * that flights of minutes, corridors across a continent and zones of months do
 * not get in each other's way.
 *
 * Cost for n volumes, k found: insert, remove O(log n), some 3-4 us at 10^6;
 * among m volumes with the very same bounds, removal looks at m/16 nodes;
 * query O(log n + k), without allocation; bulk build O(n log n); memory about 220 bytes a
 * volume besides its shape.
 *
 * Threads: one writer at a time (insert, remove, replace, build); any number of
 * views up to TF_INDEX_MAX_VIEWS at the same time, each used by one thread.
 */
enum { TF_INDEX_MAX_VIEWS = 256 };

/* One indexed volume. */
struct tf_item {
    uint64_t entity; /* the caller's number of the operation, zone or site */
    uint32_t volume; /* which of its volumes */
    enum tf_kind kind;
    struct tf_volume4 v4; /* the index takes its own reference to the shape */
};

struct tf_index;
struct tf_index_view;

TF_MUST_CHECK enum tf_status tf_index_new(struct tf_index **out);
void tf_index_free(struct tf_index *index); /* no view may be open; accepts NULL */
/* Replaces all content by items, which are borrowed. TF_EXISTS: a key (entity,
 * volume) twice; then nothing has changed. */
TF_MUST_CHECK enum tf_status tf_index_build(struct tf_index *index, const struct tf_item *items,
                                            size_t count);
/* TF_EXISTS: the key is there. Whatever fails, here and below, has changed nothing. */
TF_MUST_CHECK enum tf_status tf_index_insert(struct tf_index *index, const struct tf_item *item);
/* TF_NOT_FOUND: the key is not there. */
TF_MUST_CHECK enum tf_status tf_index_remove(struct tf_index *index, uint64_t entity,
                                             uint32_t volume);
/* Insert or replace, in one step for readers. */
TF_MUST_CHECK enum tf_status tf_index_replace(struct tf_index *index, const struct tf_item *item);
size_t tf_index_count(const struct tf_index *index);
/* With the shapes, each counted as often as items have it. For the writer. */
size_t tf_index_memory_bytes(const struct tf_index *index);

/* A consistent state for reading. TF_BUSY: TF_INDEX_MAX_VIEWS are open. Items seen
 * through a view stay valid until tf_index_view_close. */
TF_MUST_CHECK enum tf_status tf_index_view_open(struct tf_index *index, struct tf_index_view **out);
void tf_index_view_close(struct tf_index_view *view); /* accepts NULL */
size_t tf_index_view_count(const struct tf_index_view *view);

/* Called for each item found; return false to stop. `item` is borrowed until the
 * view is closed. */
typedef bool (*tf_item_visit)(void *ctx, const struct tf_item *item);
/* Every item, in no particular order. */
void tf_index_each(const struct tf_index_view *view, tf_item_visit visit, void *ctx);
/*
 * Items whose volume conflicts with `volume` under one separation (exact, as
 * tf_volume4_conflicts). No allocation. Order unspecified.
 */
void tf_index_query(const struct tf_index_view *view, const struct tf_volume4 *volume,
                    const struct tf_separation *minima, tf_item_visit visit, void *ctx);
/* As above, with the separation of kind `kind` against each item's kind. */
void tf_index_query_kinds(const struct tf_index_view *view, const struct tf_volume4 *volume,
                          enum tf_kind kind, const struct tf_separation_table *table,
                          tf_item_visit visit, void *ctx);

/* What decided a conflict. The first group is which kind of closeness; flags say
 * what it depended on. */
enum tf_decided {
    TF_DECIDED_OVERLAP = 0,                 /* they overlap plainly in space and time */
    TF_DECIDED_HORIZONTAL = 1 << 0,         /* only the horizontal minimum makes it one */
    TF_DECIDED_VERTICAL = 1 << 1,           /* the vertical minimum */
    TF_DECIDED_TIME = 1 << 2,               /* the time minimum */
    TF_DECIDED_ALTITUDE_UNCERTAIN = 1 << 3, /* altitudes of different reference:
                                               "altitude comparison uncertain" */
    TF_DECIDED_OUTLINE_UNCERTAIN = 1 << 4   /* within the stated error of an outline */
};

/* Two volumes in conflict. */
struct tf_conflict_pair {
    uint32_t volume_a, volume_b;
    int64_t first_ns, last_ns;         /* [first, last): while both, grown by T/2, are active */
    double distance_m;                 /* horizontal closest approach; 0: overlapping */
    double vertical_gap_m;             /* < 0: overlap by so much */
    struct tf_latlng place_a, place_b; /* where the closest approach is */
    int64_t time_ns;                   /* when both are first there (first common instant) */
    struct tf_separation minima;       /* what was demanded */
    unsigned decided;                  /* enum tf_decided flags */
};
/* Two entities in conflict (a < b): the span of their pairs, and the worst pair first in time. */
struct tf_conflict {
    uint64_t a, b;
    enum tf_kind kind_a, kind_b;
    size_t first_pair, pair_count; /* in tf_conflicts.pairs */
    int64_t first_ns, last_ns;     /* over all pairs */
    double distance_m;             /* least over all pairs */
    double vertical_gap_m;         /* least over all pairs */
    unsigned decided;              /* of the pair that needed the fewest margins */
};
/* A list of conflicts, in order of (a, b); pairs in order of (volume_a, volume_b). Zero
 * is a valid empty list. */
struct tf_conflicts {
    struct tf_conflict *conflicts;
    size_t count;
    struct tf_conflict_pair *pairs;
    size_t pair_count;
};
void tf_conflicts_release(struct tf_conflicts *list);

/* A search's settings. Zero: all pairs, no limits, no progress. */
struct tf_search {
    const struct tf_separation_table *table; /* NULL: tf_separation_defaults */
    int64_t from_ns, until_ns;               /* only conflicts in [from, until); both 0: all */
    size_t max_pairs;                        /* 0: 10,000,000; TF_LIMIT when exceeded */
    /* Pairs for which this returns false are passed over (NULL: all). */
    bool (*want)(void *ctx, uint64_t entity_a, uint64_t entity_b);
    /* Called now and then with items done; return false to stop (TF_LIMIT). */
    bool (*progress)(void *ctx, size_t done, size_t total);
    void *ctx;
};
/* One entity's volumes against everything in the view (itself excepted). The
 * entity appears as a or b by its number. */
TF_MUST_CHECK enum tf_status tf_conflicts_of(const struct tf_index_view *view, uint64_t entity,
                                             enum tf_kind kind, const struct tf_volume4 *volumes,
                                             size_t count, const struct tf_search *search,
                                             struct tf_conflicts *out);
/* All against all: each pair once. Cost grows with n + conflicts. */
TF_MUST_CHECK enum tf_status tf_conflicts_all(const struct tf_index_view *view,
                                              const struct tf_search *search,
                                              struct tf_conflicts *out);

/*
 * Fills an index from a picture: entity number = index in picture->entities.
 * Left out: entities in state DRAFT (unless with_drafts), ENDED or WITHDRAWN, zones whose
 * restriction is INFORMATION or NONE.
 */
TF_MUST_CHECK enum tf_status
tf_index_build_picture(struct tf_index *index, const struct tf_picture *picture, bool with_drafts);

#ifdef __cplusplus
}
#endif
#endif
