/*
 * shapepath.h - outlines of shapes as SVG path data.
 */
#ifndef TF_REPORT_SHAPEPATH_H
#define TF_REPORT_SHAPEPATH_H

#include "report/path.h"

/* Appends the outline's path data to out; false if none of it is in the view. The
 * inside is found by the rule that shapepath_rule() names. `path` is scratch space. */
bool shapepath_write(struct path *path, const struct tf_shape *shape, struct tf_buf *out,
                     struct extent *extent);
/* After shapepath_write: whether the shape covers the whole view, so that its outline is
 * nowhere to be seen. */
bool shapepath_covers(const struct path *path);
const char *shapepath_rule(const struct tf_shape *shape); /* "evenodd" or "nonzero" */
/* False if no point of the shape can be in the view. */
bool shapepath_may_show(const struct view *view, const struct tf_shape *shape);

#endif
