/*
 * path.c - projected points, clipped and written as SVG path data.
 */
#include "report/path.h"

#include "report/text.h"

#include "geo/angle.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* How far beyond the frame is still written, pixels. */
#define CLIP_MARGIN 20.0
/* Points closer than this to the one before are left out. */
#define LEAST_STEP 0.5

struct extent extent_none(void)
{
    return (struct extent){1, -1, 1, -1};
}

void path_init(struct path *path, const struct view *view)
{
    *path = (struct path){.view = view};
}

void path_release(struct path *path)
{
    free(path->points);
    free(path->spare);
    *path = (struct path){.view = path->view};
}

void path_clear(struct path *path)
{
    path->count = 0;
}

/* Room for n points in both arrays: clipping goes from one to the other. */
static bool path_reserve(struct path *path, size_t n)
{
    if (n <= path->capacity)
        return true;
    size_t capacity = n + n / 2 + 4096; /* most coasts fit at once */
    if (path->status || capacity > SIZE_MAX / sizeof(struct xy))
        return false;
    struct xy *points = realloc(path->points, capacity * sizeof *points);
    if (points)
        path->points = points;
    struct xy *spare = points ? realloc(path->spare, capacity * sizeof *spare) : NULL;
    if (spare)
        path->spare = spare;
    if (!spare) {
        path->status = TF_NOMEM;
        return false;
    }
    path->capacity = capacity;
    return true;
}

void path_point(struct path *path, struct xy p)
{
    if (path_reserve(path, path->count + 1))
        path->points[path->count++] = p;
}

/*
 * Beyond a quarter of the Earth from the centre an edge may pass the far point (which
 * is a whole circle in the projection) on either side: go round, not across.
 */
static void around_rim(struct path *path, struct xy to)
{
    const struct view *v = path->view;
    double quarter = v->earth_m * v->px_per_m * TF_PI / 2;
    struct xy from = path->points[path->count - 1];
    double ax = from.x - v->width / 2, ay = from.y - v->height / 2;
    double bx = to.x - v->width / 2, by = to.y - v->height / 2;
    double ra = hypot(ax, ay), rb = hypot(bx, by);
    double turn = atan2(ax * by - ay * bx, ax * bx + ay * by);
    if (ra < quarter || rb < quarter || fabs(turn) < 0.3)
        return;
    int steps = (int)ceil(fabs(turn) / 0.3);
    double start = atan2(ay, ax);
    for (int i = 1; i < steps; i++) {
        double f = (double)i / steps, angle = start + turn * f, r = ra + (rb - ra) * f;
        path_point(path,
                   (struct xy){v->width / 2 + r * cos(angle), v->height / 2 + r * sin(angle)});
    }
}

void path_dense(struct path *path, struct tf_latlng p)
{
    struct xy to = view_project(path->view, p);
    if (path->count > 0)
        around_rim(path, to);
    path_point(path, to);
    path->last = p;
}

static struct tf_latlng middle(struct tf_latlng a, struct tf_latlng b, enum tf_edges edges)
{
    if (edges == TF_EDGES_GEODESIC)
        return view_midpoint(a, b);
    double dlng = remainder(b.lng_deg - a.lng_deg, 360.0);
    return (struct tf_latlng){(a.lat_deg + b.lat_deg) / 2, remainder(a.lng_deg + dlng / 2, 360.0)};
}

/* Halves the edge until its middle is within a third of a pixel of the straight line. */
static void bend(struct path *path, struct tf_latlng a, struct tf_latlng b, enum tf_edges edges,
                 int depth)
{
    struct tf_latlng m = middle(a, b, edges);
    struct xy pa = view_project(path->view, a), pb = view_project(path->view, b);
    struct xy pm = view_project(path->view, m);
    double off = hypot(pm.x - (pa.x + pb.x) / 2, pm.y - (pa.y + pb.y) / 2);
    /* A symmetric bend hides from the middle: always look twice. */
    if (depth < 8 && (off > 0.3 || (depth < 1 && hypot(pb.x - pa.x, pb.y - pa.y) > 30))) {
        bend(path, a, m, edges, depth + 1);
        bend(path, m, b, edges, depth + 1);
    } else {
        path_dense(path, b);
    }
}

void path_edge(struct path *path, struct tf_latlng p, enum tf_edges edges)
{
    if (path->count == 0)
        path_dense(path, p);
    else
        bend(path, path->last, p, edges, 0);
}

/* --- clipping -------------------------------------------------------------------- */

/* One edge of the frame: the inside is where sign * (axis coordinate) <= sign * at. */
struct edge {
    bool vertical; /* compares x, else y */
    double at, sign;
};

static double beyond(const struct edge *e, struct xy p)
{
    return e->sign * ((e->vertical ? p.x : p.y) - e->at);
}

static struct xy crossing(const struct edge *e, struct xy a, struct xy b)
{
    double da = beyond(e, a), db = beyond(e, b), t = da / (da - db);
    return (struct xy){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
}

static void edges_of(const struct view *view, struct edge out[4])
{
    out[0] = (struct edge){true, -CLIP_MARGIN, -1};
    out[1] = (struct edge){true, view->width + CLIP_MARGIN, 1};
    out[2] = (struct edge){false, -CLIP_MARGIN, -1};
    out[3] = (struct edge){false, view->height + CLIP_MARGIN, 1};
}

/* Sutherland and Hodgman, "Reentrant polygon clipping", CACM 17, 1974: one edge. */
static void clip_ring(struct path *path, const struct edge *e)
{
    size_t n = 0;
    if (!path_reserve(path, path->count * 2 + 2))
        return;
    for (size_t i = 0; i < path->count; i++) {
        struct xy a = path->points[i ? i - 1 : path->count - 1], b = path->points[i];
        bool a_in = beyond(e, a) <= 0, b_in = beyond(e, b) <= 0;
        if (a_in != b_in)
            path->spare[n++] = crossing(e, a, b);
        if (b_in)
            path->spare[n++] = b;
    }
    struct xy *swap = path->points;
    path->points = path->spare;
    path->spare = swap;
    path->count = n;
}

/* --- writing --------------------------------------------------------------------- */

static void extent_add(struct extent *extent, const struct view *view, struct xy p)
{
    if (!extent)
        return;
    double x = fmin(fmax(p.x, 0), view->width), y = fmin(fmax(p.y, 0), view->height);
    if (extent->left > extent->right) {
        *extent = (struct extent){x, x, y, y};
        return;
    }
    extent->left = fmin(extent->left, x);
    extent->right = fmax(extent->right, x);
    extent->top = fmin(extent->top, y);
    extent->bottom = fmax(extent->bottom, y);
}

static void write_point(struct tf_buf *out, char command, struct xy p)
{
    tf_buf_char(out, command);
    text_fixed(out, p.x, 1);
    tf_buf_char(out, ' ');
    text_fixed(out, p.y, 1);
}

static bool is_step(struct xy a, struct xy b)
{
    return fabs(a.x - b.x) > LEAST_STEP || fabs(a.y - b.y) > LEAST_STEP;
}

bool path_write_ring(struct path *path, struct tf_buf *out, struct extent *extent)
{
    struct edge edges[4];
    edges_of(path->view, edges);
    for (int i = 0; i < 4 && path->count > 0; i++)
        clip_ring(path, &edges[i]);
    if (path->status || path->count < 3)
        return false;
    struct xy last = path->points[0];
    write_point(out, 'M', last);
    extent_add(extent, path->view, last);
    for (size_t i = 1; i < path->count; i++) {
        if (!is_step(last, path->points[i]))
            continue;
        last = path->points[i];
        write_point(out, 'L', last);
        extent_add(extent, path->view, last);
    }
    tf_buf_char(out, 'Z');
    return true;
}

/* Cuts the segment to the frame; false if nothing is left. */
static bool clip_segment(const struct edge edges[4], struct xy *a, struct xy *b)
{
    for (int i = 0; i < 4; i++) {
        bool a_in = beyond(&edges[i], *a) <= 0, b_in = beyond(&edges[i], *b) <= 0;
        if (!a_in && !b_in)
            return false;
        if (!a_in)
            *a = crossing(&edges[i], *a, *b);
        else if (!b_in)
            *b = crossing(&edges[i], *a, *b);
    }
    return true;
}

bool path_write_line(struct path *path, struct tf_buf *out, struct extent *extent)
{
    struct edge edges[4];
    struct xy pen = {NAN, NAN};
    bool wrote = false;
    edges_of(path->view, edges);
    for (size_t i = 1; i < path->count && !path->status; i++) {
        struct xy a = path->points[i - 1], b = path->points[i];
        if (!clip_segment(edges, &a, &b))
            continue;
        bool joined = wrote && !is_step(pen, a);
        if (!joined)
            write_point(out, 'M', a);
        if (!joined || is_step(pen, b) || i + 1 == path->count) {
            write_point(out, 'L', b);
            pen = b;
        }
        extent_add(extent, path->view, a);
        extent_add(extent, path->view, b);
        wrote = true;
    }
    return wrote;
}
