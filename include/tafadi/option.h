/*
 * option.h - ways out of a conflict: changes of one operation that end its
 * conflicts and make none.
 *
 * Every option that is returned has been verified: the changed volumes were
 * searched against everything in the view and found free. Options are ranked by
 * cost. That there is none within the limits is an answer too, and names the
 * limit that blocks.
 */
#ifndef TAFADI_OPTION_H
#define TAFADI_OPTION_H

#include <tafadi/conflict.h>

#ifdef __cplusplus
extern "C" {
#endif

enum tf_option_move {
    TF_OPTION_TIME = 1 << 0,    /* whole operation earlier or later */
    TF_OPTION_LEVEL = 1 << 1,   /* whole operation up or down */
    TF_OPTION_LATERAL = 1 << 2, /* detour of a corridor or trajectory, offset of an area */
    TF_OPTION_ALL = 7
};

/* The largest metres or weight that a limit may have. */
#define TF_OPTION_MAX_AMOUNT 1e7

/* Zero or NULL fields take the defaults in brackets. Every option keeps all limits: a plan
 * that starts outside of earliest and latest is moved in time, or not at all. */
struct tf_option_limits {
    unsigned moves;            /* which of tf_option_move [all] */
    int64_t earliest_start_ns; /* no start before [as planned - 1 h; never before now_ns] */
    int64_t latest_start_ns;   /* [as planned + 6 h] */
    int64_t now_ns;            /* 0: not considered */
    /* W84, of the moved bands (the middle of what each limit can be) [-500, 20,000]; both
     * 0: default. Nothing is lowered below the floor; with that of -500 m nothing
     * below 0 in the reference it is written in, and what is written AGL never.
     * Nothing is above a ceiling that is given: a plan that is has to come down. */
    double floor_m, ceiling_m;
    double max_level_change_m;   /* [3,000] */
    double max_offset_m;         /* lateral offset of areas and detours [50,000] */
    double max_extra_distance_m; /* of corridors and trajectories [100,000] */
    double level_step_m;         /* levels are multiples of this above the plan [0: any] */
    int64_t time_step_ns;        /* starts are multiples of this from the plan [60 s] */
    size_t max_options;          /* [8] */
    /* Terrain and weather wherever a way round leads; completed by place
     * (tf_alt_context_fill). Borrowed for the call. */
    const struct tf_alt_context *altitudes;
    /* Cost = delay_weight * s + level_weight * m + distance_weight * m [1, 0.5, 0.1]. */
    double delay_weight, level_weight, distance_weight;
};

enum tf_blocked_by {
    TF_BLOCKED_NOT,
    TF_BLOCKED_TIME,     /* earliest or latest start */
    TF_BLOCKED_LEVEL,    /* floor, ceiling or max_level_change */
    TF_BLOCKED_OFFSET,   /* max_offset */
    TF_BLOCKED_DISTANCE, /* max_extra_distance */
    TF_BLOCKED_FIXED     /* the operation cannot be moved that way (e.g. level of a ground
                            operation, lateral of a point) */
};

struct tf_option {
    unsigned moves;            /* which moves it is made of */
    int64_t shift_ns;          /* > 0: later */
    double level_m;            /* > 0: up */
    double offset_m;           /* lateral, of the farthest vertex */
    double offset_azimuth_deg; /* direction of the offset (areas) or of the detour's side */
    double extra_distance_m;
    double cost;
    struct tf_volume4 *volumes; /* the changed operation, owned by the option */
    size_t volume_count;
    struct tf_waypoint *waypoints; /* the changed trajectory, if it had one */
    size_t waypoint_count;
};
struct tf_options {
    struct tf_option *options;
    size_t count;
    /* For each kind of move (time, level, lateral): why there is no pure option of
     * it, or TF_BLOCKED_NOT. */
    enum tf_blocked_by blocked_time, blocked_level, blocked_lateral;
    size_t conflict_count; /* how many entities it conflicted with before */
};
void tf_options_release(struct tf_options *options);

/*
 * Options for `operation`, whose number in the view is `entity` (its own volumes
 * there are ignored; it need not be in the view). If it has no conflict: no
 * options, conflict_count 0. `search` gives table, want and ctx; may be NULL.
 * Errors: TF_RANGE for a limit that makes no sense - negative, not finite, or an amount
 * above TF_OPTION_MAX_AMOUNT (fault->field names it) -, TF_NOMEM.
 * Cost: about a millisecond against 10^5 volumes.
 */
TF_MUST_CHECK enum tf_status tf_options_find(const struct tf_index_view *view, uint64_t entity,
                                             const struct tf_entity *operation,
                                             const struct tf_search *search,
                                             const struct tf_option_limits *limits,
                                             struct tf_options *out, struct tf_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
