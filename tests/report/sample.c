/*
 * sample.c - pictures made by hand, and conflicts by trying all pairs.
 */
#include "sample.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2026-11-25T08:00:00Z */
#define START_NS (INT64_C(1795593600) * TF_SECOND_NS)

static const struct tf_separation minima = {
    .horizontal_m = 3000, .vertical_m = 300, .time_ns = 2 * TF_MINUTE_NS};

static struct tf_alt amsl(double m)
{
    return (struct tf_alt){m, TF_ALT_UNIT_M, TF_ALT_AMSL};
}

static struct tf_alt level(double fl)
{
    return (struct tf_alt){fl, TF_ALT_UNIT_FL, TF_ALT_STD};
}

static struct tf_alt agl_ft(double ft)
{
    return (struct tf_alt){ft, TF_ALT_UNIT_FT, TF_ALT_AGL};
}

static struct tf_alt w84(double m)
{
    return (struct tf_alt){m, TF_ALT_UNIT_M, TF_ALT_W84};
}

/* --- conflicts by trying all pairs -------------------------------------------------------- */

static bool try_pair(const struct tf_volume4 *a, const struct tf_volume4 *b,
                     struct tf_conflict_pair *out)
{
    int64_t half = minima.time_ns / 2;
    int64_t a0 = tf_time_add(a->start_ns, -half), a1 = tf_time_add(a->end_ns, half);
    int64_t b0 = tf_time_add(b->start_ns, -half), b1 = tf_time_add(b->end_ns, half);
    bool uncertain;
    double gap = tf_band_gap_m(&a->alt, &b->alt, &uncertain);
    if (a0 >= b1 || b0 >= a1 || (gap >= minima.vertical_m && gap > 0))
        return false;
    if (!tf_shape_within(a->shape, b->shape, minima.horizontal_m))
        return false;
    struct tf_nearest near;
    tf_shape_nearest(a->shape, b->shape, &near);
    int64_t first = a0 > b0 ? a0 : b0, last = a1 < b1 ? a1 : b1;
    bool touch = a->start_ns < b->end_ns && b->start_ns < a->end_ns;
    *out = (struct tf_conflict_pair){
        .first_ns = first,
        .last_ns = last,
        .distance_m = near.distance_m,
        .vertical_gap_m = gap,
        .place_a = near.on_a,
        .place_b = near.on_b,
        .time_ns = first,
        .minima = minima,
        .decided = (near.distance_m > 0 ? (unsigned)TF_DECIDED_HORIZONTAL : 0) |
                   (gap > 0 ? (unsigned)TF_DECIDED_VERTICAL : 0) |
                   (touch ? 0 : (unsigned)TF_DECIDED_TIME) |
                   (uncertain ? (unsigned)TF_DECIDED_ALTITUDE_UNCERTAIN : 0)};
    return true;
}

static void add_pair(struct tf_conflicts *list, struct tf_conflict *c,
                     const struct tf_conflict_pair *pair)
{
    list->pairs = realloc(list->pairs, (list->pair_count + 1) * sizeof *list->pairs);
    assert(list->pairs);
    list->pairs[list->pair_count++] = *pair;
    bool first = c->pair_count++ == 0;
    if (first || pair->first_ns < c->first_ns)
        c->first_ns = pair->first_ns;
    if (first || pair->last_ns > c->last_ns)
        c->last_ns = pair->last_ns;
    c->distance_m = first ? pair->distance_m : fmin(c->distance_m, pair->distance_m);
    c->vertical_gap_m =
        first ? pair->vertical_gap_m : fmin(c->vertical_gap_m, pair->vertical_gap_m);
    c->decided = first ? pair->decided : c->decided & pair->decided;
}

static void try_entities(struct sample *s, size_t a, size_t b)
{
    const struct tf_entity *ea = &s->picture.entities[a], *eb = &s->picture.entities[b];
    if (ea->kind >= TF_KIND_ZONE && eb->kind >= TF_KIND_ZONE)
        return;
    struct tf_conflict c = {.a = a,
                            .b = b,
                            .kind_a = ea->kind,
                            .kind_b = eb->kind,
                            .first_pair = s->conflicts.pair_count};
    for (uint32_t i = 0; i < ea->volume_count; i++)
        for (uint32_t k = 0; k < eb->volume_count; k++) {
            struct tf_conflict_pair pair;
            if (!try_pair(&ea->volumes[i], &eb->volumes[k], &pair))
                continue;
            pair.volume_a = i;
            pair.volume_b = k;
            add_pair(&s->conflicts, &c, &pair);
        }
    if (c.pair_count == 0)
        return;
    struct tf_conflicts *list = &s->conflicts;
    list->conflicts = realloc(list->conflicts, (list->count + 1) * sizeof *list->conflicts);
    assert(list->conflicts);
    list->conflicts[list->count++] = c;
}

/* --- making entities --------------------------------------------------------------------- */

struct plan {
    enum tf_kind kind;
    const char *id, *name, *party;
    struct tf_alt lower, upper;
    int64_t start_min, end_min; /* after START_NS; end 0: until further notice */
};

/* Adds one entity of one volume; takes shape over. */
static void add(struct sample *s, const struct plan *plan, struct tf_shape *shape)
{
    struct tf_entity e = {.kind = plan->kind, .state = TF_STATE_ACTIVATED};
    struct tf_alt_context context;
    struct tf_volume4 v = {.shape = shape};
    if (plan->kind == TF_KIND_ZONE)
        e.restriction = TF_RESTRICTION_RESTRICTED;
    tf_alt_context_at(shape, &context);
    enum tf_status status = tf_band_make(plan->lower, plan->upper, &context, &v.alt, NULL);
    v.start_ns = START_NS + plan->start_min * TF_MINUTE_NS;
    v.end_ns = plan->end_min ? START_NS + plan->end_min * TF_MINUTE_NS : TF_TIME_MAX;
    status = status ? status : tf_entity_set_text(&e.id, plan->id);
    status = status ? status : tf_entity_set_text(&e.name, plan->name);
    status = status ? status : tf_entity_set_text(&e.party, plan->party);
    status = status ? status : tf_entity_add_volume(&e, &v);
    status = status ? status : tf_picture_add(&s->picture, &e);
    assert(status == TF_OK);
    (void)status;
}

static struct tf_shape *circle(double lat, double lng, double r)
{
    struct tf_shape *shape = NULL;
    enum tf_status status = tf_shape_circle((struct tf_latlng){lat, lng}, r, &shape, NULL);
    assert(status == TF_OK);
    (void)status;
    return shape;
}

static struct tf_shape *corridor(const struct tf_latlng *line, size_t n, double half_m)
{
    struct tf_shape *shape = NULL;
    enum tf_status status =
        tf_shape_corridor((struct tf_ring){line, n}, half_m, TF_EDGES_GEODESIC, 0, &shape, NULL);
    assert(status == TF_OK);
    (void)status;
    return shape;
}

static struct tf_shape *polygon(const struct tf_latlng *ring, size_t n)
{
    struct tf_shape *shape = NULL;
    enum tf_status status =
        tf_shape_polygon(&(struct tf_ring){ring, n}, 1, TF_EDGES_GEODESIC, 0, &shape, NULL);
    assert(status == TF_OK);
    (void)status;
    return shape;
}

/* One volume between two waypoints: half-width and times by their accuracies. */
static void add_leg(struct tf_entity *e, const struct tf_waypoint way[2])
{
    struct tf_latlng ends[2] = {way[0].at, way[1].at};
    double low = fmin(way[0].alt.value, way[1].alt.value) - way[0].accuracy_v_m;
    double high = fmax(way[0].alt.value, way[1].alt.value) + way[0].accuracy_v_m;
    struct tf_alt_context context;
    struct tf_volume4 v = {.shape = corridor(ends, 2, way[0].accuracy_h_m),
                           .start_ns = way[0].t_ns - way[0].accuracy_t_ns,
                           .end_ns = way[1].t_ns + way[1].accuracy_t_ns};
    tf_alt_context_at(v.shape, &context);
    enum tf_status status = tf_band_make(amsl(low), amsl(high), &context, &v.alt, NULL);
    status = status ? status : tf_entity_add_volume(e, &v);
    assert(status == TF_OK);
    (void)status;
}

static void add_flight(struct sample *s)
{
    const struct {
        double lat, lng, m;
        int minute;
    } points[] = {{35.857, 14.477, 150, 15}, {36.05, 14.30, 600, 22}, {36.35, 14.28, 700, 31},
                  {36.66, 14.45, 700, 41},   {36.93, 14.75, 600, 51}, {37.02, 15.05, 200, 58}};
    enum { N = sizeof points / sizeof *points };
    struct tf_waypoint *way = calloc(N, sizeof *way);
    struct tf_entity e = {.kind = TF_KIND_ROTORCRAFT, .state = TF_STATE_ACCEPTED};
    assert(way);
    for (int i = 0; i < N; i++)
        way[i] = (struct tf_waypoint){.at = {points[i].lat, points[i].lng},
                                      .alt = amsl(points[i].m),
                                      .t_ns = START_NS + points[i].minute * TF_MINUTE_NS,
                                      .accuracy_h_m = 500,
                                      .accuracy_v_m = 60,
                                      .accuracy_t_ns = 30 * TF_SECOND_NS};
    for (int i = 0; i + 1 < N; i++)
        add_leg(&e, way + i);
    enum tf_status status = TF_OK;
    e.waypoints = way;
    e.waypoint_count = N;
    status = status ? status : tf_entity_set_text(&e.id, "south-heli-3");
    status = status ? status : tf_entity_set_text(&e.name, "Medical transfer 3");
    status = status ? status : tf_entity_set_text(&e.party, "Southern Command");
    status = status ? status : tf_picture_add(&s->picture, &e);
    assert(status == TF_OK);
    (void)status;
}

static void add_operations(struct sample *s)
{
    static const struct tf_latlng transport[] = {
        {35.2, 12.6}, {36.1, 13.9}, {36.75, 15.2}, {36.9, 16.6}};
    static const struct tf_latlng survey[] = {
        {36.62, 14.2}, {36.78, 14.75}, {36.55, 14.95}, {36.42, 14.35}};
    static const struct tf_latlng convoy[] = {
        {37.07, 14.25}, {36.95, 14.55}, {36.88, 14.72}, {36.92, 14.95}, {37.06, 15.29}};
    static const struct tf_latlng patrol[] = {{36.1, 14.6}, {36.3, 15.0}, {36.6, 15.3}};
    add(s,
        &(struct plan){TF_KIND_CREWED, "north-c-12", "Transport 12", "Northern Command", level(60),
                       level(80), 0, 55},
        corridor(transport, 4, 4000));
    add(s,
        &(struct plan){TF_KIND_UNCREWED, "north-u-7", "Survey area 7", "Northern Command",
                       amsl(300), amsl(1200), -20, 90},
        polygon(survey, 4));
    add(s,
        &(struct plan){TF_KIND_GROUND, "relief-1",
                       "\xD9\x82\xD8\xA7\xD9\x81\xD9\x84\xD8\xA9 \xD8\xA5\xD8\xBA\xD8\xA7\xD8\xAB"
                       "\xD8\xA9 1",
                       "Relief agency", agl_ft(0), agl_ft(50), 10, 200},
        corridor(convoy, 5, 250));
    add(s,
        &(struct plan){TF_KIND_SEA, "south-s-2", "Patrol 2", "Southern Command", amsl(0), amsl(60),
                       -60, 240},
        corridor(patrol, 3, 1500));
    add(s,
        &(struct plan){TF_KIND_HAZARD, "south-h-1", "Firing range East", "Southern Command",
                       agl_ft(0), amsl(2500), 30, 150},
        circle(36.72, 15.25, 9000));
    add(s,
        &(struct plan){TF_KIND_BALLOON, "met-4", "Sounding 4", NULL, w84(0), w84(30000), 70, 180},
        circle(37.05, 13.9, 6000));
}

static void add_places(struct sample *s)
{
    static const struct tf_latlng wide[] = {{24, -2}, {24, 32}, {47, 36}, {47, -6}};
    add(s,
        &(struct plan){TF_KIND_SITE, "site-11", "Hospital Comiso", "Relief agency", agl_ft(0),
                       agl_ft(1500), -60 * 24 * 10, 0},
        circle(36.95, 14.6, 3000));
    add(s,
        &(struct plan){TF_KIND_SITE, "site-12", "Camp Hal Far", "Relief agency", agl_ft(0),
                       agl_ft(1500), -60 * 24 * 10, 0},
        circle(35.82, 14.51, 2000));
    add(s,
        &(struct plan){TF_KIND_ZONE, "zone-1", "Upper airspace, reserved", "Central authority",
                       level(245), (struct tf_alt){INFINITY, TF_ALT_UNIT_M, TF_ALT_AMSL},
                       -60 * 24 * 12, 60 * 24 * 18},
        polygon(wide, 4));
    add(s,
        &(struct plan){TF_KIND_ZONE, "zone-2", "Approach zone Malta", "Central authority",
                       agl_ft(0), amsl(900), -60 * 24, 60 * 24},
        circle(35.85, 14.48, 15000));
}

static void note(struct sample *s, enum tf_severity severity, size_t line, const char *message,
                 const char *a1)
{
    struct tf_fault fault = {.code = TF_OK};
    tf_fault_set(&fault, TF_RANGE, 3, "features[3].geometry", message, a1, NULL, NULL);
    enum tf_status status = tf_notes_add(&s->notes, severity, "plan <south>.geojson", line, &fault);
    assert(status == TF_OK);
    (void)status;
}

static void finish(struct sample *s, bool search)
{
    for (size_t a = 0; a < s->picture.count && search; a++)
        for (size_t b = a + 1; b < s->picture.count; b++)
            try_entities(s, a, b);
    for (int a = 0; a < TF_KIND_COUNT; a++)
        for (int b = 0; b < TF_KIND_COUNT; b++) {
            s->separation.pair[a][b] = minima;
            s->separation.compared[a][b] = a < TF_KIND_ZONE || b < TF_KIND_ZONE;
        }
    s->report = (struct tf_report){.picture = &s->picture,
                                   .conflicts = &s->conflicts,
                                   .options = s->options,
                                   .option_count = s->option_count,
                                   .notes = &s->notes,
                                   .separation = &s->separation,
                                   .made_at_ns = START_NS - 5 * TF_HOUR_NS,
                                   .lang = "en"};
}

static void add_options(struct sample *s)
{
    static const struct tf_option found[] = {
        {.moves = TF_OPTION_TIME, .shift_ns = 34 * TF_MINUTE_NS, .cost = 2040},
        {.moves = TF_OPTION_LEVEL, .level_m = 900, .cost = 450},
        {.moves = TF_OPTION_LATERAL,
         .offset_m = 7200,
         .offset_azimuth_deg = 243,
         .extra_distance_m = 5100,
         .cost = 510},
        {.moves = TF_OPTION_TIME | TF_OPTION_LEVEL,
         .shift_ns = -10 * TF_MINUTE_NS,
         .level_m = -200,
         .cost = 700}};
    struct tf_options *first = &s->options[0].found;
    first->options = calloc(4, sizeof *first->options);
    assert(first->options);
    memcpy(first->options, found, sizeof found);
    first->count = 4;
    first->conflict_count = 2;
    s->options[0].entity = 1;
    s->options[1] = (struct tf_report_options){.entity = 2,
                                               .found = {.blocked_time = TF_BLOCKED_TIME,
                                                         .blocked_level = TF_BLOCKED_FIXED,
                                                         .blocked_lateral = TF_BLOCKED_OFFSET,
                                                         .conflict_count = 1}};
    s->option_count = 2;
}

void sample_two_parties(struct sample *out)
{
    *out = (struct sample){.option_count = 0};
    add_operations(out);
    add_flight(out);
    add_places(out);
    note(out, TF_NOTE_WARNING, 41,
         TF_TEXT("latitude and longitude look swapped: %1; check the order of coordinates"),
         "14.5 36.9");
    note(out, TF_NOTE_ERROR, 77, TF_TEXT("the ring has fewer than 3 distinct vertices"), NULL);
    add_options(out);
    finish(out, true);
}

void sample_two_circles(struct sample *out, struct tf_latlng at, const char *name_a,
                        const char *name_b, const char *party)
{
    *out = (struct sample){.option_count = 0};
    struct tf_latlng next = tf_geodesic_direct(at, 60, 7000, NULL);
    add(out, &(struct plan){TF_KIND_CREWED, name_a, name_a, party, w84(1000), w84(2000), 0, 60},
        circle(at.lat_deg, at.lng_deg, 5000));
    add(out,
        &(struct plan){TF_KIND_UNCREWED, name_b, name_b, "other", w84(1500), w84(2500), 20, 90},
        circle(next.lat_deg, next.lng_deg, 5000));
    finish(out, true);
}

void sample_many(struct sample *out, size_t count, bool in_conflict)
{
    *out = (struct sample){.option_count = 0};
    for (size_t i = 0; i < count; i++) {
        char id[32], party[32];
        snprintf(id, sizeof id, "op-%zu", i);
        snprintf(party, sizeof party, "party %zu", i % 11);
        double lat = 40 + (double)(i / 100) * 0.1, lng = 5 + (double)(i % 100) * 0.1;
        add(out,
            &(struct plan){(enum tf_kind)(i % TF_KIND_SITE), id, id, party, amsl(100), amsl(400),
                           (int64_t)(i % 60), (int64_t)(i % 60) + 45},
            circle(lat, lng, 3500));
    }
    finish(out, false);
    for (size_t i = 0; in_conflict && i + 1 < count; i++)
        try_entities(out, i, i + 1);
}

void sample_empty(struct sample *out)
{
    *out = (struct sample){.option_count = 0};
    finish(out, false);
}

void sample_release(struct sample *sample)
{
    tf_picture_release(&sample->picture);
    free(sample->conflicts.conflicts);
    free(sample->conflicts.pairs);
    tf_notes_release(&sample->notes);
    for (size_t i = 0; i < sample->option_count; i++)
        free(sample->options[i].found.options);
}
