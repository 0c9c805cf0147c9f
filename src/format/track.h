/*
 * track.h - positions of an aircraft as trajectories, for OpenSky and readsb.
 */
#ifndef TF_FORMAT_TRACK_H
#define TF_FORMAT_TRACK_H

#include "format/json.h"

/* A longer silence, or a jump that would need a higher speed, begins a new track. */
#define TF_TRACK_GAP_NS (10 * TF_MINUTE_NS)
#define TF_TRACK_MAX_SPEED_MPS 1200.0

/* One report of one aircraft. */
struct tf_track_point {
    struct tf_latlng at;
    int64_t t_ns;
    double pressure_ft, geometric_ft; /* NAN: not known */
    bool breaks;                      /* a new flight begins here */
    const char *icao24;               /* borrowed */
    const char *callsign;             /* borrowed; "" if not known */
    size_t feature;                   /* for notes */
};
struct tf_track_points {
    struct tf_track_point *items; /* owned */
    size_t count, capacity;
    size_t without_place, on_ground; /* left out */
    size_t alone;                    /* positions that make no track */
};
enum tf_status tf_track_points_add(struct tf_track_points *points,
                                   const struct tf_track_point *point);
void tf_track_points_release(struct tf_track_points *points);

/*
 * Sorts the points by aircraft and time, cuts them into tracks (at silences, jumps,
 * and where the callsign changes) and adds
 * each as an operation "icao24-callsign-number" of `kind` (if the options name
 * none). A second report at the same time is dropped. Heights are those above the
 * ellipsoid if the whole track has them, else pressure altitudes; points without
 * are left out. Adds a note of what was left out.
 */
enum tf_status tf_track_add_all(struct tf_reader *reader, struct tf_track_points *points,
                                enum tf_kind kind);

#endif
