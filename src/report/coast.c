/*
 * coast.c - reads the compact coastline table and draws what a view shows of it.
 *
 * Land is filled by the even-odd rule over all coast rings at once. In an azimuthal
 * projection the far point is at infinity, outside of every ring; where it is land,
 * the whole is inverted, which one more ring around the frame sets right.
 */
#include "report/coast.h"

#include "report/path.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Made from coastline.bin at build time; format: see scripts/make-coastline. */
extern const unsigned char tf_coastline[];
extern const unsigned tf_coastline_size;

struct table {
    const unsigned char *at, *end;
    double unit_deg;
    uint64_t lines; /* still to come */
};

/* The data is ours, and made by our own script; running out of it ends in zeros. */
static uint64_t next_number(struct table *t)
{
    uint64_t value = 0;
    for (int shift = 0; t->at < t->end && shift < 63; shift += 7) {
        unsigned char byte = *t->at++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            break;
    }
    return value;
}

static int64_t next_signed(struct table *t)
{
    uint64_t z = next_number(t);
    return (int64_t)(z >> 1) ^ -(int64_t)(z & 1);
}

static struct table table_open(void)
{
    struct table t = {.at = tf_coastline + 4, .end = tf_coastline + tf_coastline_size};
    t.unit_deg = 1.0 / (double)next_number(&t);
    t.lines = next_number(&t);
    return t;
}

/* One line of the table, walked point by point. */
struct line {
    uint64_t points;
    bool border;
    int64_t lat, lng; /* units */
};

static bool next_line(struct table *t, struct line *line)
{
    if (t->lines == 0 || t->at >= t->end)
        return false;
    t->lines--;
    uint64_t header = next_number(t);
    *line = (struct line){.points = header / 2, .border = header & 1};
    return true;
}

static struct tf_latlng next_point(struct table *t, struct line *line)
{
    line->points--;
    line->lat += next_signed(t);
    line->lng += next_signed(t);
    return (struct tf_latlng){(double)line->lat * t->unit_deg,
                              remainder((double)line->lng * t->unit_deg, 360.0)};
}

/* Whether the meridian from p to the south pole crosses the edge a-b. */
static bool crosses_south(struct tf_latlng p, struct tf_latlng a, struct tf_latlng b)
{
    double da = remainder(a.lng_deg - p.lng_deg, 360.0);
    double db = da + remainder(b.lng_deg - a.lng_deg, 360.0);
    if ((da < 0) == (db < 0))
        return false;
    return a.lat_deg + (b.lat_deg - a.lat_deg) * (0 - da) / (db - da) < p.lat_deg;
}

bool coast_is_land(struct tf_latlng p)
{
    struct table t = table_open();
    struct line line;
    bool land = true; /* at the south pole */
    while (next_line(&t, &line)) {
        struct tf_latlng first = {0, 0}, last = {0, 0};
        bool started = false;
        while (line.points > 0 && t.at < t.end) {
            struct tf_latlng next = next_point(&t, &line);
            if (started && !line.border && crosses_south(p, last, next))
                land = !land;
            if (!started)
                first = next;
            started = true;
            last = next;
        }
        if (!line.border && crosses_south(p, last, first))
            land = !land;
    }
    return land;
}

static void read_line(struct table *t, struct line *line, struct path *path)
{
    path_clear(path);
    struct tf_latlng first = {0, 0};
    bool border = line->border;
    for (bool started = false; line->points > 0 && t->at < t->end; started = true) {
        struct tf_latlng p = next_point(t, line);
        if (!started)
            first = p;
        path_dense(path, p);
    }
    if (!border)
        path_dense(path, first); /* for the edge that closes; the point itself is a repeat */
}

static void write_land(struct path *path, struct tf_buf *out)
{
    struct table t = table_open();
    struct line line;
    while (next_line(&t, &line)) {
        bool border = line.border;
        read_line(&t, &line, path);
        if (!border)
            path_write_ring(path, out, NULL);
    }
}

/* Land is cut at the antimeridian in the data; that edge is no coast. */
static bool is_cut(struct tf_latlng a, struct tf_latlng b)
{
    return fabs(a.lng_deg) >= 180 && fabs(b.lng_deg) >= 180;
}

/* Lines of one kind: borders, or coasts. */
static void write_lines(struct path *path, bool borders, struct tf_buf *out)
{
    struct table t = table_open();
    struct line line;
    while (next_line(&t, &line)) {
        bool wanted = line.border == borders, border = line.border, started = false;
        struct tf_latlng first = {0, 0}, last = {0, 0};
        path_clear(path);
        while (line.points > 0 && t.at < t.end) {
            struct tf_latlng p = next_point(&t, &line);
            if (!wanted)
                continue;
            if (started && is_cut(last, p)) {
                path_write_line(path, out, NULL);
                path_clear(path);
            }
            path_dense(path, p);
            first = started ? first : p;
            last = p;
            started = true;
        }
        if (wanted && !border && !is_cut(last, first))
            path_dense(path, first);
        path_write_line(path, out, NULL);
    }
}

static struct tf_latlng antipode(struct tf_latlng p)
{
    return (struct tf_latlng){-p.lat_deg, remainder(p.lng_deg + 180, 360.0)};
}

static void write_frame(struct path *path, struct tf_buf *out)
{
    const double far = 1e5;
    path_clear(path);
    for (int i = 0; i < 4; i++)
        path_point(path, (struct xy){i == 0 || i == 3 ? -far : far, i < 2 ? -far : far});
    path_write_ring(path, out, NULL);
}

enum tf_status coast_write(const struct view *view, struct tf_buf *out)
{
    struct path path;
    path_init(&path, view);
    tf_buf_text(out, "<path class=\"land\" fill-rule=\"evenodd\" d=\"");
    write_land(&path, out);
    if (coast_is_land(antipode(view->centre)))
        write_frame(&path, out);
    tf_buf_text(out, "M0 0\"/>\n<path class=\"coast\" d=\"");
    write_lines(&path, false, out);
    tf_buf_text(out, "M0 0\"/>\n<path class=\"border\" d=\"");
    write_lines(&path, true, out);
    tf_buf_text(out, "M0 0\"/>\n");
    enum tf_status status = path.status;
    path_release(&path);
    return status;
}
