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
    int64_t half_turn; /* 180 degrees in units */
    uint64_t lines;    /* still to come */
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
    uint64_t units = next_number(&t);
    t.unit_deg = 1.0 / (double)units;
    t.half_turn = 180 * (int64_t)units;
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
    if (line->lng > t->half_turn || line->lng < -t->half_turn)
        line->lng -= line->lng > 0 ? 2 * t->half_turn : -2 * t->half_turn;
    return (struct tf_latlng){(double)line->lat * t->unit_deg, (double)line->lng * t->unit_deg};
}

/* A difference of two longitudes, the short way round. */
static double short_way(double deg)
{
    return deg > 180 ? deg - 360 : deg < -180 ? deg + 360 : deg;
}

/* Whether the meridian from p to the south pole crosses the edge a-b. */
static bool crosses_south(struct tf_latlng p, struct tf_latlng a, struct tf_latlng b)
{
    /* Each vertex by itself, so that two edges agree on the one that they share. */
    double da = short_way(a.lng_deg - p.lng_deg), db = short_way(b.lng_deg - p.lng_deg);
    if ((da < 0) == (db < 0) || fabs(da - db) > 180)
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

/* Land is cut at the antimeridian in the data; that edge is no coast. */
static bool is_cut(struct tf_latlng a, struct tf_latlng b)
{
    return fabs(a.lng_deg) >= 180 && fabs(b.lng_deg) >= 180;
}

/* Reads one line into the path; a ring's first point is repeated at its end. Returns
 * whether it has edges that are cuts. */
static bool read_line(struct table *t, struct line *line, struct path *path)
{
    struct tf_latlng first = {0, 0}, last = {0, 0};
    bool cut = false;
    path_clear(path);
    for (bool started = false; line->points > 0 && t->at < t->end; started = true) {
        struct tf_latlng p = next_point(t, line);
        cut |= started && is_cut(last, p);
        if (!started)
            first = p;
        last = p;
        path_dense(path, p);
    }
    if (!line->border)
        path_dense(path, first);
    return cut || (!line->border && is_cut(last, first));
}

/* A coast with cuts, read once more and written as the lines between them. */
static void write_between_cuts(struct table t, struct line line, struct path *path,
                               struct tf_buf *out)
{
    struct tf_latlng first = {0, 0}, last = {0, 0};
    path_clear(path);
    for (bool started = false; line.points > 0 && t.at < t.end; started = true) {
        struct tf_latlng p = next_point(&t, &line);
        if (started && is_cut(last, p)) {
            path_write_line(path, out, NULL);
            path_clear(path);
        }
        path_dense(path, p);
        first = started ? first : p;
        last = p;
    }
    if (!is_cut(last, first))
        path_dense(path, first);
    path_write_line(path, out, NULL);
}

/* What the table holds, as path data of its three kinds. */
struct layers {
    struct tf_buf land, coast, border;
};

static void write_layers(struct path *path, struct layers *layers)
{
    struct table t = table_open();
    struct line line;
    while (next_line(&t, &line)) {
        struct table here = t;
        struct line whole = line;
        bool cuts = read_line(&t, &line, path);
        if (line.border) {
            path_write_line(path, &layers->border, NULL);
            continue;
        }
        if (!cuts)
            path_write_line(path, &layers->coast, NULL);
        path_write_ring(path, &layers->land, NULL);
        if (cuts)
            write_between_cuts(here, whole, path, &layers->coast);
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

static void write_layer(const char *class, struct tf_buf *layer, struct tf_buf *out)
{
    tf_buf_printf(out, "<path class=\"%s\" fill-rule=\"evenodd\" d=\"", class);
    if (layer->len > 0)
        tf_buf_append(out, layer->data, layer->len);
    tf_buf_text(out, "M0 0\"/>\n");
}

enum tf_status coast_write(const struct view *view, struct tf_buf *out)
{
    struct path path;
    struct layers layers = {TF_BUF_INIT(TF_REPORT_MAX_BYTES), TF_BUF_INIT(TF_REPORT_MAX_BYTES),
                            TF_BUF_INIT(TF_REPORT_MAX_BYTES)};
    path_init(&path, view);
    write_layers(&path, &layers);
    if (coast_is_land(antipode(view->centre)))
        write_frame(&path, &layers.land);
    enum tf_status status = path.status;
    status = status ? status : tf_buf_status(&layers.land);
    status = status ? status : tf_buf_status(&layers.coast);
    status = status ? status : tf_buf_status(&layers.border);
    if (!status) {
        write_layer("land", &layers.land, out);
        write_layer("coast", &layers.coast, out);
        write_layer("border", &layers.border, out);
    }
    tf_buf_release(&layers.land);
    tf_buf_release(&layers.coast);
    tf_buf_release(&layers.border);
    path_release(&path);
    return status;
}
