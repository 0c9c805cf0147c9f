/*
 * volume.h - 4D volumes, operations, zones, sites, and pictures made of them.
 */
#ifndef TAFADI_VOLUME_H
#define TAFADI_VOLUME_H

#include <stddef.h>
#include <stdint.h>
#include <tafadi/altitude.h>
#include <tafadi/geo.h>
#include <tafadi/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An outline x an altitude band x a time interval [start, end). The volume owns
 * one reference to its shape. */
struct tf_volume4 {
    struct tf_shape *shape;
    struct tf_band alt;
    int64_t start_ns, end_ns; /* TF_TIME_MIN / TF_TIME_MAX: open */
};
/* Checks start < end and takes a reference of its own to shape. */
TF_MUST_CHECK enum tf_status tf_volume4_make(struct tf_shape *shape, const struct tf_band *alt,
                                             int64_t start_ns, int64_t end_ns,
                                             struct tf_volume4 *out, struct tf_fault *fault);
struct tf_volume4 tf_volume4_ref(const struct tf_volume4 *volume); /* a second owner */
void tf_volume4_release(struct tf_volume4 *volume);                /* idempotent */

/* The largest accuracy of a waypoint, horizontal or vertical. */
#define TF_ACCURACY_MAX_M 1e6

/* One waypoint of a 4D trajectory, with how well it is known or will be kept. */
struct tf_waypoint {
    struct tf_latlng at;
    struct tf_alt alt;
    int64_t t_ns;
    double accuracy_h_m, accuracy_v_m;
    int64_t accuracy_t_ns;
};
/* How finely a trajectory is cut: no volume longer than this in time or along
 * the track. Zero: the defaults, 60 s and 10,000 m. */
struct tf_slicing {
    int64_t max_slice_ns;
    double max_leg_m;
};
/*
 * Turns a trajectory into tight volumes, at least one per leg: a corridor along
 * the geodesic between two instants, half-width the larger accuracy (a circle where
 * it hardly moves); the band from the lowest to the highest altitude in the slice,
 * grown by accuracy_v_m; the interval grown by accuracy_t_ns on both sides. Between
 * waypoints position and altitude are linear in time. The true position, as long as it keeps to
 * the accuracies, is never outside of the union. *out (array and volumes) is owned by
 * the caller: tf_volumes_free. Waypoints must be in strictly rising time;
 * TF_TIME with `at` the first that is not. A single waypoint is refused
 * (TF_MISSING); so are open times (TF_TIME), altitudes that are unlimited or, with their
 * accuracy, out of range (TF_ALTITUDE), places that are none, and accuracies that are
 * negative or above TF_ACCURACY_MAX_M (TF_RANGE). Altitudes are linear in the reference
 * that both ends of a leg share, else above the ellipsoid. `context` is completed by the
 * shape of each volume (tf_alt_context_fill). TF_LIMIT: more than
 * TF_TRAJECTORY_MAX_VOLUMES.
 */
enum { TF_TRAJECTORY_MAX_VOLUMES = 1000000 };
TF_MUST_CHECK enum tf_status tf_trajectory_volumes(const struct tf_waypoint *waypoints,
                                                   size_t count, const struct tf_slicing *slicing,
                                                   const struct tf_alt_context *context,
                                                   struct tf_volume4 **out, size_t *out_count,
                                                   struct tf_fault *fault);
void tf_volumes_free(struct tf_volume4 *volumes, size_t count);

/* What moves (or does not) in a volume; one word each for tables and files. */
#define TF_KIND_LIST(X)                                                                            \
    X(OTHER, "other")                                                                              \
    X(CREWED, "crewed")                                                                            \
    X(ROTORCRAFT, "rotorcraft")                                                                    \
    X(UNCREWED, "uncrewed")                                                                        \
    X(GROUND, "ground")                                                                            \
    X(SEA, "sea")                                                                                  \
    X(HAZARD, "hazard")                                                                            \
    X(BALLOON, "balloon")                                                                          \
    X(ZONE, "zone")                                                                                \
    X(SITE, "site")
/* F3548 4.3 names the four states in the middle; an operation may also be a draft or over. */
#define TF_STATE_LIST(X)                                                                           \
    X(DRAFT, "draft")                                                                              \
    X(ACCEPTED, "accepted")                                                                        \
    X(ACTIVATED, "activated")                                                                      \
    X(NONCONFORMING, "nonconforming")                                                              \
    X(CONTINGENT, "contingent")                                                                    \
    X(ENDED, "ended")                                                                              \
    X(WITHDRAWN, "withdrawn")
/* What a zone demands (ED-269, ED-318). */
#define TF_RESTRICTION_LIST(X)                                                                     \
    X(NONE, "none")                                                                                \
    X(PROHIBITED, "prohibited")                                                                    \
    X(RESTRICTED, "restricted") /* authorisation required */                                       \
    X(CONDITIONAL, "conditional")                                                                  \
    X(INFORMATION, "information") /* never a conflict */

#define TF_ENUM_KIND(name, word) TF_KIND_##name,
#define TF_ENUM_STATE(name, word) TF_STATE_##name,
#define TF_ENUM_RESTRICTION(name, word) TF_RESTRICTION_##name,
enum tf_kind { TF_KIND_LIST(TF_ENUM_KIND) TF_KIND_COUNT };
enum tf_state { TF_STATE_LIST(TF_ENUM_STATE) TF_STATE_COUNT };
enum tf_restriction { TF_RESTRICTION_LIST(TF_ENUM_RESTRICTION) TF_RESTRICTION_COUNT };
#undef TF_ENUM_KIND
#undef TF_ENUM_STATE
#undef TF_ENUM_RESTRICTION

const char *tf_kind_word(enum tf_kind kind); /* "crewed"; "?" outside the list */
const char *tf_state_word(enum tf_state state);
const char *tf_restriction_word(enum tf_restriction restriction);
/* Case-insensitive; TF_NOT_FOUND leaves *out alone. */
TF_MUST_CHECK enum tf_status tf_kind_from_word(const char *word, enum tf_kind *out);
TF_MUST_CHECK enum tf_status tf_state_from_word(const char *word, enum tf_state *out);
TF_MUST_CHECK enum tf_status tf_restriction_from_word(const char *word, enum tf_restriction *out);

/*
 * An operation, a zone (kind ZONE) or a site (kind SITE). Owns everything it
 * points to; strings are UTF-8, NULL if absent (id never is, in a picture).
 */
struct tf_entity {
    enum tf_kind kind;
    enum tf_state state;             /* zones and sites: ACTIVATED */
    enum tf_restriction restriction; /* zones only */
    int priority;                    /* higher goes first (F3548) */
    char *id, *name, *party;
    char *category; /* site category, zone reason, ACO use: as the file has it */
    char *note;     /* free text */
    char *source;   /* where it was read: "plan.geojson, feature 3" */
    struct tf_volume4 *volumes;
    size_t volume_count, volume_capacity; /* capacity 0: not known */
    struct tf_waypoint *waypoints;        /* the trajectory it was made from, if it was */
    size_t waypoint_count;
};
void tf_entity_release(struct tf_entity *entity); /* idempotent; zero is valid */
/* Appends a volume (takes the caller's reference over on success). */
TF_MUST_CHECK enum tf_status tf_entity_add_volume(struct tf_entity *entity,
                                                  struct tf_volume4 *volume);
/* Sets one of the strings to a copy (NULL clears). */
TF_MUST_CHECK enum tf_status tf_entity_set_text(char **field, const char *text);

/* Everything known at one time. Zero is a valid empty picture. */
struct tf_picture {
    struct tf_entity *entities;
    size_t count, capacity;
};
/* Moves *entity into the picture (on success *entity is zeroed). */
TF_MUST_CHECK enum tf_status tf_picture_add(struct tf_picture *picture, struct tf_entity *entity);
void tf_picture_release(struct tf_picture *picture);

#ifdef __cplusplus
}
#endif
#endif
