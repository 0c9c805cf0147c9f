/*
 * sanity.c - is this what people meant? Places outside of where they should be,
 * swapped coordinates, things given twice, values that had to be assumed.
 *
 * Duplicates are found by sorting fingerprints, never by comparing pairs, so
 * that a hostile file cannot make it slow; a collision of 64-bit fingerprints
 * costs no more than a needless warning.
 */
#include "format/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void warn_at(struct tf_reader *reader, const char *field, const char *message,
                    const char *arg1, const char *arg2)
{
    struct tf_fault fault;
    tf_fault_set(&fault, TF_RANGE, reader->feature, field, message, arg1, arg2, NULL);
    tf_reader_warn(reader, &fault);
}

void tf_sanity_place(struct tf_reader *reader, const struct tf_entity *entity)
{
    const struct tf_shape *area = reader->options->expected_area;
    for (size_t i = 0; area && i < entity->volume_count; i++) {
        const struct tf_shape *shape = entity->volumes[i].shape;
        if (tf_shape_intersects(area, shape))
            continue;
        struct tf_latlng at = tf_shape_centre(shape);
        struct tf_latlng swapped = {.lat_deg = at.lng_deg, .lng_deg = at.lat_deg};
        bool likely = tf_latlng_is_valid(swapped) && tf_shape_contains_point(area, swapped);
        char where[48];
        snprintf(where, sizeof where, "%.5f, %.5f", at.lat_deg, at.lng_deg);
        warn_at(reader, "",
                likely ? TF_TEXT("%1 lies outside of the expected area (at %2), but inside of it "
                                 "if latitude and longitude are swapped. Check their order.")
                       : TF_TEXT("%1 lies outside of the expected area (at %2). Check its "
                                 "coordinates."),
                entity->id, where);
        return;
    }
}

/* Finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t mix_double(uint64_t seed, double value)
{
    uint64_t bits;
    double positive_zero = value == 0 ? 0.0 : value;
    memcpy(&bits, &positive_zero, sizeof bits);
    return mix(seed ^ mix(bits));
}

static uint64_t hash_text(const char *text)
{
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        h = mix(h + *p);
    return h;
}

/* The same for every order in which vertices and rings may be given. */
static uint64_t hash_shape(const struct tf_shape *shape)
{
    uint64_t h = mix_double((uint64_t)tf_shape_kind(shape) + 1, tf_shape_radius_m(shape));
    for (size_t r = 0; r < tf_shape_ring_count(shape); r++) {
        struct tf_ring ring = tf_shape_ring(shape, r);
        for (size_t i = 0; i < ring.count; i++)
            h += mix_double(mix_double(7, ring.vertices[i].lat_deg), ring.vertices[i].lng_deg);
    }
    return mix(h);
}

static uint64_t hash_volumes(const struct tf_entity *entity)
{
    uint64_t sum = entity->volume_count;
    for (size_t i = 0; i < entity->volume_count; i++) {
        const struct tf_volume4 *v = &entity->volumes[i];
        uint64_t h = hash_shape(v->shape);
        h = mix_double(mix_double(h, v->alt.lower_m), v->alt.upper_m);
        h = mix(h ^ (uint64_t)v->start_ns);
        sum += mix(h + (uint64_t)v->end_ns);
    }
    return sum;
}

/* A fingerprint and whose it is: entities of `before` first, then of the file. */
struct print {
    uint64_t hash;
    size_t index;
};

static int by_hash(const void *a, const void *b)
{
    const struct print *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static int by_index(const void *a, const void *b)
{
    const struct print *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

struct pair_of_pictures {
    const struct tf_picture *before, *now;
};

static const struct tf_entity *entity_at(const struct pair_of_pictures *both, size_t index)
{
    size_t first = both->before->count;
    return index < first ? &both->before->entities[index] : &both->now->entities[index - first];
}

/* In each run of equal hashes, the later ones point to the first: twin[i]. */
static void find_twins(struct print *prints, size_t count, size_t *twin)
{
    qsort(prints, count, sizeof *prints, by_hash);
    size_t first = 0;
    for (size_t i = 0; i < count; i++) {
        if (prints[i].hash != prints[first].hash)
            first = i;
        twin[prints[i].index] = prints[first].index;
    }
    qsort(prints, count, sizeof *prints, by_index);
}

static void warn_duplicates(struct tf_reader *reader, const struct pair_of_pictures *both,
                            const size_t *same_id, const size_t *same_place)
{
    size_t kept = reader->feature;
    for (size_t i = 0; i < both->now->count; i++) {
        size_t index = both->before->count + i;
        const struct tf_entity *entity = entity_at(both, index);
        const struct tf_entity *twin = entity_at(both, same_id[index]);
        reader->feature = reader->state->features[i];
        if (twin != entity && strcmp(twin->id, entity->id) == 0) {
            warn_at(reader, "id", TF_TEXT("The id %1 was given before, in %2. Give each its own."),
                    entity->id, twin->source);
            continue;
        }
        twin = entity_at(both, same_place[index]);
        if (twin != entity)
            warn_at(reader, "",
                    TF_TEXT("%1 has the same place, height and time as %2. Is it a "
                            "duplicate?"),
                    entity->id, twin->id);
    }
    reader->feature = kept;
}

static enum tf_status duplicates(struct tf_reader *reader, const struct tf_picture *before)
{
    const struct pair_of_pictures both = {before, reader->out};
    size_t count = before->count + reader->out->count;
    if (reader->out->count == 0 || count < 2)
        return TF_OK;
    struct print *prints = calloc(count, sizeof *prints);
    size_t *twins = calloc(2 * count, sizeof *twins);
    enum tf_status rc = prints && twins ? TF_OK : TF_NOMEM;
    if (!rc) {
        for (size_t i = 0; i < count; i++)
            prints[i] = (struct print){hash_text(entity_at(&both, i)->id), i};
        find_twins(prints, count, twins);
        for (size_t i = 0; i < count; i++)
            prints[i].hash = hash_volumes(entity_at(&both, i));
        find_twins(prints, count, twins + count);
        warn_duplicates(reader, &both, twins, twins + count);
    }
    free(prints);
    free(twins);
    return rc;
}

static void report_assumed(struct tf_reader *reader)
{
    static const char *const sentences[TF_ASSUMED_COUNT] = {
        [TF_ASSUMED_TIMES] = TF_TEXT("Features that name no times: %1 (the first: number %2). The "
                                     "given interval was used, or else always."),
        [TF_ASSUMED_ALTITUDES] = TF_TEXT("Features that name no altitude limit: %1 (the first: "
                                         "number %2). They were taken as unlimited."),
        [TF_ASSUMED_WIDTH] =
            TF_TEXT("Lines that name no width: %1 (the first: number %2). The given "
                    "or usual half-width was used."),
        [TF_ASSUMED_RADIUS] = TF_TEXT("Points that name no radius: %1 (the first: number %2). The "
                                      "given or usual radius was used."),
    };
    const struct tf_reader_state *state = reader->state;
    size_t kept = reader->feature, line = reader->line;
    reader->line = 0;
    for (int what = 0; what < TF_ASSUMED_COUNT; what++) {
        if (state->assumed[what] == 0)
            continue;
        char count[32], first[32];
        snprintf(count, sizeof count, "%zu", state->assumed[what]);
        snprintf(first, sizeof first, "%zu", state->first_assumed[what] + 1);
        reader->feature = state->first_assumed[what];
        warn_at(reader, "", sentences[what], count, first);
    }
    reader->feature = kept;
    reader->line = line;
}

/* --- places of few digits ----------------------------------------------------------------------
 */

/* Fewer than three decimals of a degree, or degrees and minutes without a decimal: 1 km and more. A
 * program that drops zeros at the end makes such numbers of others, but hardly of both. */
static const double COARSE_DEG = 0.005;

void tf_reader_written(struct tf_reader *reader, struct tf_latlng at, double radius_m,
                       double lat_step_deg, double lng_step_deg)
{
    static const double METRES = 111320; /* of a degree */
    struct tf_reader_state *state = reader->state;
    if (!state)
        return;
    struct tf_coarse *coarse = &state->coarse;
    double shrink = cos(at.lat_deg * acos(-1) / 180);
    double off_m = hypot(lat_step_deg, lng_step_deg * shrink) / 2 * METRES;
    coarse->is_said = true;
    if (lat_step_deg < COARSE_DEG || lng_step_deg < COARSE_DEG || off_m <= radius_m)
        return;
    if (coarse->count < sizeof coarse->first / sizeof *coarse->first)
        coarse->first[coarse->count] = reader->line ? reader->line : reader->feature + 1;
    if (coarse->count++ == 0)
        coarse->feature = reader->feature;
    coarse->worst_m = fmax(coarse->worst_m, off_m);
}

/* As many digits as it takes to read the same number back, up to three. */
static double step_of(double deg)
{
    double step_deg = 1;
    while (step_deg > COARSE_DEG && fabs(remainder(deg, step_deg)) > 1e-9)
        step_deg /= 10;
    return step_deg;
}

void tf_sanity_written(struct tf_reader *reader, const struct tf_entity *entity)
{
    const struct tf_shape *shape = entity->volumes[0].shape;
    if (!reader->state || reader->state->coarse.is_said || entity->kind != TF_KIND_SITE ||
        tf_shape_kind(shape) != TF_SHAPE_CIRCLE)
        return;
    struct tf_latlng at = tf_shape_ring(shape, 0).vertices[0];
    tf_reader_written(reader, at, tf_shape_radius_m(shape), step_of(at.lat_deg),
                      step_of(at.lng_deg));
    reader->state->coarse.is_said = false;
}

static void report_coarse(struct tf_reader *reader)
{
    const struct tf_coarse *coarse = &reader->state->coarse;
    char count[32], first[80] = "", away[32];
    size_t shown = sizeof coarse->first / sizeof *coarse->first, len = 0;
    if (coarse->count == 0)
        return;
    for (size_t i = 0; i < shown && i < coarse->count; i++)
        len += (size_t)snprintf(first + len, sizeof first - len, "%s%zu", i ? ", " : "",
                                coarse->first[i]);
    snprintf(count, sizeof count, "%zu", coarse->count);
    snprintf(away, sizeof away, "%.1f", coarse->worst_m / 1000);
    size_t kept = reader->feature;
    struct tf_fault fault;
    reader->feature = coarse->feature;
    tf_fault_set(
        &fault, TF_RANGE, reader->feature, "",
        TF_TEXT("Sites whose place is written with fewer than 3 decimals of a degree, or "
                "without seconds: %1 (row or number of the first: %2). The true place may "
                "be up to %3 km away, outside of the site's circle. Give more digits, or a "
                "larger radius."),
        count, first, away);
    tf_reader_warn(reader, &fault);
    reader->feature = kept;
}

enum tf_status tf_sanity_file(struct tf_reader *reader, const struct tf_picture *before)
{
    report_assumed(reader);
    reader->line = 0;
    report_coarse(reader);
    enum tf_status rc = duplicates(reader, before);
    return rc ? rc : reader->state->status;
}
