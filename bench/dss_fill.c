/*
 * dss_fill.c - a data file with many entities, as a node left it that had been used.
 *
 * usage: dss_fill FILE COUNT
 *
 * Operational intents of three owners, ten to a cell of level 13, each in one to four
 * cells, for the next day, higher than the load flies.
 */
#include "store/store.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 5000, PER_PLACE = 10, PLACES_IN_ROW = 1000 };

static void id_of(size_t number, uint8_t version, struct tf_uuid *out)
{
    uint8_t bits[16] = {0};
    for (int i = 0; i < 8; i++)
        bits[15 - i] = (uint8_t)(number * UINT64_C(0x9E3779B97F4A7C15) >> 8 * i);
    bits[0] = version;
    *out = tf_uuid_v4(bits);
}

static struct dss_entity *flight(size_t number, int64_t now_us)
{
    static const char *const owners[] = {"uss1", "uss2", "uss3"};
    size_t place = number / PER_PLACE;
    struct tf_latlng centre = {-50.0 + 0.1 * (double)(place % PLACES_IN_ROW),
                               -170.0 + 0.05 * (double)(place / PLACES_IN_ROW)};
    struct tf_shape *shape = NULL;
    tf_cell cells[16];
    size_t count = 0;
    struct tf_fault fault;
    if (tf_shape_circle(centre, 400.0, &shape, &fault) ||
        tf_cell_cover(shape, TF_CELL_DSS_LEVEL, cells, 16, &count))
        count = 0;
    tf_shape_unref(shape);
    struct dss_entity e = {.kind = DSS_OIR,
                           .state = DSS_ACCEPTED,
                           .extent = {cells, count, 20000.0F + 100.0F * (float)(number % PER_PLACE),
                                      0.0F, now_us, now_us + INT64_C(86400000000)},
                           .updated_us = now_us,
                           .version = 1,
                           .owner = owners[number % 3],
                           .url = "https://uss.example/flights/v1",
                           .ovn = "A5rS0bVLtWd1V-BgX4cQKnG5Z.HpVQK6kQq2jTn1xyE_"};
    e.extent.upper_m = e.extent.lower_m + 50.0F;
    id_of(number, 1, &e.id);
    return count ? dss_entity_new(&e) : NULL;
}

static bool fill(struct dss_store *store, size_t total)
{
    static struct dss_change changes[BATCH];
    char why[256] = "no memory";
    bool good = true;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    for (size_t done = 0; done < total && good;) {
        size_t n = 0;
        for (; n < BATCH && done < total && good; n++, done++) {
            changes[n] = (struct dss_change){.after = flight(done, now.tv_sec * INT64_C(1000000))};
            good = changes[n].after != NULL;
        }
        good = good && dss_store_write(store, changes, n, why) == TF_OK;
        for (size_t i = 0; i < n; i++)
            dss_entity_unref(changes[i].after);
    }
    if (!good)
        fprintf(stderr, "dss_fill: %s\n", why);
    return good;
}

int main(int argc, char **argv)
{
    struct dss_store *store;
    char why[256];
    if (argc != 3) {
        fprintf(stderr, "usage: dss_fill FILE COUNT\n");
        return 2;
    }
    if (dss_store_open(argv[1], &store, why)) {
        fprintf(stderr, "dss_fill: %s\n", why);
        return 1;
    }
    bool good = fill(store, strtoul(argv[2], NULL, 10));
    return dss_store_close(store, NULL) || !good;
}
