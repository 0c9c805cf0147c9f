/*
 * option_path.h - a line that an operation follows, and a bulge in it.
 *
 *                     o---------------o            offset by `offset_m`
 *                   /                   \
 *      ----o------o- - - -[conflict]- - - -o-----o----
 *               from - ramp   from   to   to + ramp
 */
#ifndef TF_AIRSPACE_OPTION_PATH_H
#define TF_AIRSPACE_OPTION_PATH_H

#include <tafadi/volume.h>

/* A trajectory; or the line of a corridor, then the nodes have only places. */
struct path {
    struct tf_waypoint *nodes; /* owned */
    double *at_m;              /* distance of each node from the start; owned */
    size_t count;
    const struct tf_volume4 *corridor;      /* whose line it is; NULL: a trajectory */
    double piece_m;                         /* in pieces of this length conflicts are located */
    const struct tf_alt_context *altitudes; /* tf_alt_context_fill; borrowed */
};

/* Copies the nodes. */
TF_MUST_CHECK enum tf_status path_make(const struct tf_waypoint *nodes, size_t count,
                                       const struct tf_volume4 *corridor, struct path *out);
TF_MUST_CHECK enum tf_status path_of_corridor(const struct tf_volume4 *corridor, struct path *out);
void option_path_release(struct path *path); /* idempotent */
double path_length_m(const struct path *path);
/* The volumes of the leg between two nodes, owned by the caller (tf_volumes_free).
 * Corridors: in pieces of at most piece_m (INFINITY: one). */
TF_MUST_CHECK enum tf_status path_leg_volumes(const struct path *path,
                                              const struct tf_waypoint ends[2], double piece_m,
                                              struct tf_volume4 **out, size_t *count);
/* The whole line as volumes: the trajectory's, or one corridor. */
TF_MUST_CHECK enum tf_status path_volumes(const struct path *path, struct tf_volume4 **out,
                                          size_t *count);

enum { BULGE_INNER_MAX = 16, BULGE_NODES_MAX = BULGE_INNER_MAX + 6 };

struct bulge {
    double from_m, to_m, ramp_m;
    double offset_m, side_deg; /* side: 90 right, -90 left */
};

/* A bulge's nodes. The path keeps its nodes before `keep_before` and from `keep_after`. */
struct bulge_nodes {
    struct tf_waypoint nodes[BULGE_NODES_MAX];
    size_t count, keep_before, keep_after;
    double extra_m;   /* longer than what it replaces */
    int64_t delay_ns; /* later at its end */
    double azimuth_deg;
};
/* Keeps the speed of each stretch. */
void path_bulge(const struct path *path, const struct bulge *bulge, struct bulge_nodes *out);
/* Puts the bulge into the path. */
TF_MUST_CHECK enum tf_status path_splice(struct path *path, const struct bulge_nodes *bulge);

#endif
