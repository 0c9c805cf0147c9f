/*
 * track.c - sorts, cuts and adds what surveillance has seen.
 */
#include "format/track.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double DEFAULT_ACCURACY_H_M = 50, DEFAULT_ACCURACY_V_M = 30;
/* Reports carry the second in which they were received. */
static const int64_t ACCURACY_NS = TF_SECOND_NS;

enum tf_status tf_track_points_add(struct tf_track_points *points,
                                   const struct tf_track_point *point)
{
    if (points->count == points->capacity) {
        size_t capacity = points->capacity ? 2 * points->capacity : 256;
        struct tf_track_point *items = realloc(points->items, capacity * sizeof *items);
        if (!items)
            return TF_NOMEM;
        points->items = items;
        points->capacity = capacity;
    }
    points->items[points->count++] = *point;
    return TF_OK;
}

void tf_track_points_release(struct tf_track_points *points)
{
    free(points->items);
    *points = (struct tf_track_points){0};
}

static int by_aircraft_and_time(const void *a, const void *b)
{
    const struct tf_track_point *x = a, *y = b;
    int order = strcmp(x->icao24, y->icao24);
    if (order)
        return order;
    if (x->t_ns != y->t_ns)
        return x->t_ns < y->t_ns ? -1 : 1;
    return (x->feature > y->feature) - (x->feature < y->feature);
}

/* Whether b, right after a, is of the same aircraft without a long silence. */
static bool is_next(const struct tf_track_point *a, const struct tf_track_point *b)
{
    return strcmp(a->icao24, b->icao24) == 0 && b->t_ns - a->t_ns <= TF_TRACK_GAP_NS && !b->breaks;
}

/* Many reports have no callsign: they take that of the report before, else after. */
static void fill_callsigns(struct tf_track_point *p, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (!*p[i].callsign && is_next(&p[i - 1], &p[i]))
            p[i].callsign = p[i - 1].callsign;
    for (size_t i = count; i-- > 1;)
        if (!*p[i - 1].callsign && is_next(&p[i - 1], &p[i]))
            p[i - 1].callsign = p[i].callsign;
}

/* Whether b, right after a, begins a new track. */
static bool is_cut(const struct tf_track_point *a, const struct tf_track_point *b)
{
    if (!is_next(a, b) || strcmp(a->callsign, b->callsign) != 0)
        return true;
    double seconds = (double)(b->t_ns - a->t_ns + ACCURACY_NS) / 1e9;
    return tf_geodesic_inverse(a->at, b->at, NULL, NULL) > TF_TRACK_MAX_SPEED_MPS * seconds;
}

/* Waypoints of one track, all in one reference; returns their number. */
static size_t fill_waypoints(const struct tf_reader *reader, const struct tf_track_point *points,
                             size_t count, struct tf_waypoint *out)
{
    const struct tf_read_options *options = reader->options;
    bool geometric = true;
    for (size_t i = 0; i < count; i++)
        geometric = geometric && !isnan(points[i].geometric_ft);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        double feet = geometric ? points[i].geometric_ft : points[i].pressure_ft;
        if (isnan(feet) || (n > 0 && points[i].t_ns == out[n - 1].t_ns))
            continue;
        out[n++] =
            (struct tf_waypoint){.at = points[i].at,
                                 .alt = {feet, TF_ALT_UNIT_FT, geometric ? TF_ALT_W84 : TF_ALT_STD},
                                 .t_ns = points[i].t_ns,
                                 .accuracy_h_m = options->accuracy_h_m > 0 ? options->accuracy_h_m
                                                                           : DEFAULT_ACCURACY_H_M,
                                 .accuracy_v_m = options->accuracy_v_m > 0 ? options->accuracy_v_m
                                                                           : DEFAULT_ACCURACY_V_M,
                                 .accuracy_t_ns = ACCURACY_NS};
    }
    return n;
}

static enum tf_status name_track(struct tf_entity *e, const struct tf_track_point *point,
                                 size_t number)
{
    char id[64], callsign[20];
    size_t len = strcspn(point->callsign, " ");
    snprintf(callsign, sizeof callsign, "%.*s", (int)(len < 16 ? len : 16), point->callsign);
    snprintf(id, sizeof id, "%.12s%s%s-%zu", point->icao24, *callsign ? "-" : "", callsign, number);
    enum tf_status rc = tf_entity_set_text(&e->id, id);
    return rc ? rc : tf_entity_set_text(&e->name, *callsign ? callsign : point->icao24);
}

static enum tf_status add_track(struct tf_reader *reader, struct tf_track_points *all,
                                const struct tf_track_point *points, size_t count, size_t *number,
                                enum tf_kind kind)
{
    struct tf_entity entity = {0};
    struct tf_fault fault = {0};
    struct tf_waypoint *waypoints = calloc(count, sizeof *waypoints);
    enum tf_status rc = waypoints ? TF_OK : TF_NOMEM;
    size_t used = rc ? 0 : fill_waypoints(reader, points, count, waypoints);
    if (!rc && used < 2) {
        all->alone += count;
        free(waypoints);
        return TF_OK;
    }
    reader->feature = points[0].feature;
    tf_reader_class(reader, &entity);
    if (entity.kind == TF_KIND_OTHER)
        entity.kind = kind;
    if (!rc)
        rc = name_track(&entity, &points[0], ++*number);
    if (rc) {
        free(waypoints);
        tf_fault_set(&fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    } else {
        rc = tf_reader_trajectory(reader, &entity, waypoints, used, &fault);
    }
    rc = rc ? tf_reader_reject(reader, &fault) : tf_reader_add(reader, &entity);
    tf_entity_release(&entity);
    return rc;
}

static void note_count(struct tf_reader *reader, size_t count, const char *message)
{
    char number[32];
    struct tf_fault fault;
    if (count == 0)
        return;
    snprintf(number, sizeof number, "%zu", count);
    tf_fault_set(&fault, TF_MISSING, TF_NO_INDEX, "", message, number, NULL, NULL);
    tf_reader_warn(reader, &fault);
}

enum tf_status tf_track_add_all(struct tf_reader *reader, struct tf_track_points *points,
                                enum tf_kind kind)
{
    struct tf_track_point *items = points->items;
    enum tf_status rc = TF_OK;
    size_t number = 0;
    if (points->count > 0) {
        qsort(items, points->count, sizeof *items, by_aircraft_and_time);
        fill_callsigns(items, points->count);
    }
    for (size_t first = 0, next; !rc && first < points->count; first = next) {
        next = first + 1;
        while (next < points->count && !is_cut(&items[next - 1], &items[next]))
            next++;
        if (first > 0 && strcmp(items[first - 1].icao24, items[first].icao24) != 0)
            number = 0;
        rc = add_track(reader, points, &items[first], next - first, &number, kind);
    }
    reader->feature = 0;
    note_count(reader, points->without_place,
               TF_TEXT("%1 reports have no position or no height. They were left out."));
    note_count(reader, points->on_ground, TF_TEXT("%1 reports on the ground were left out."));
    note_count(reader, points->alone,
               TF_TEXT("%1 reports stand alone and make no track. They were left out."));
    return rc;
}
