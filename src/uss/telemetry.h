/*
 * telemetry.h - where the aircraft of an operational intent is, as its people or a test suite
 * report it; served to peers while the intent is off nominal.
 */
#ifndef TF_USS_TELEMETRY_H
#define TF_USS_TELEMETRY_H

#include "line/line.h"
#include "uss/model.h"

enum { USS_REPORTS_OF_ONE_MAX = 1000, USS_ACCURACY_SIZE = 16 };

/* One report. Altitude above the ellipsoid. */
struct uss_position {
    int64_t at_us;
    double lat_deg, lng_deg, alt_m;
    double speed_mps, track_deg; /* speed_mps NAN: not known; track_deg 360: not known */
    /* ASTM's words, as "HA10m", "VA3m", "SA1mps". */
    char accuracy_h[USS_ACCURACY_SIZE], accuracy_v[USS_ACCURACY_SIZE],
        speed_accuracy[USS_ACCURACY_SIZE];
};
/* The word for an accuracy in metres, the next worse one; NAN: unknown. */
void uss_accuracy_words(struct uss_position *position, double horizontal_m, double vertical_m);
/* An AircraftState of InterUSS's flight planning interface. TF_UNSUPPORTED: no altitude above the
 * ellipsoid. */
TF_MUST_CHECK enum tf_status uss_read_aircraft(const json_t *state, const char *path,
                                               struct uss_position *out, struct tf_fault *fault);

/* Adds a report; one of a time to come is served when that has come. TF_RANGE: too many. */
TF_MUST_CHECK enum tf_status uss_telemetry_add(const struct line_context *c,
                                               const struct tf_uuid *intent,
                                               const struct uss_position *position);
/* Forgets those of a time to come; all of them. */
TF_MUST_CHECK enum tf_status uss_telemetry_unqueue(const struct line_context *c,
                                                   const struct tf_uuid *intent);
TF_MUST_CHECK enum tf_status uss_telemetry_forget(const struct line_context *c,
                                                  const struct tf_uuid *intent);
/* F3548's answer with the latest report, appended. When the next one is to be expected is that of
 * the queue, else as long after it as it came after the one before; if that is over, it is not
 * said. TF_NOT_FOUND: there is none. */
TF_MUST_CHECK enum tf_status uss_telemetry_print(const struct line_context *c,
                                                 const struct tf_uuid *intent, struct tf_buf *out);

#endif
