/*
 * coast.h - coastlines and country borders for orientation.
 *
 * Data: Natural Earth 1:10m (public domain), simplified by 0.01 degrees and rounded to 0.005
 * degrees; written by scripts/make-coastline, carried in the program. The lines are for orientation
 * only and say nothing on the status of any territory.
 */
#ifndef TF_REPORT_COAST_H
#define TF_REPORT_COAST_H

#include "report/view.h"

/* Writes <path> elements of class "land" (filled), "coast" and "border" (lines). TF_NOMEM
 * or TF_OK. */
TF_MUST_CHECK enum tf_status coast_write(const struct view *view, struct tf_buf *out);
/* Whether a point is on land, as far as the data tells. */
bool coast_is_land(struct tf_latlng p);

#endif
