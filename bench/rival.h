/*
 * rival.h - what one would take otherwise: SQLite's R*Tree for the boxes, GEOS for the
 * outlines. Points are projected to a plane about 48N 10E (only the cost matters).
 */
#ifndef TAFADI_BENCH_RIVAL_H
#define TAFADI_BENCH_RIVAL_H

#include <stddef.h>
#include <tafadi/conflict.h>

struct rival;
/* In memory; items are borrowed until rival_free. Ends the program if it fails. */
struct rival *rival_new(const struct tf_item *items, size_t count);
void rival_free(struct rival *rival);
/* How many items conflict with the volume, whose outline has been made by rival_outline (not part
 * of the query: ours is ready made, too). */
size_t rival_query(struct rival *rival, const struct tf_volume4 *volume, const void *outline,
                   const struct tf_separation *minima);
void *rival_outline(struct rival *rival, const struct tf_volume4 *volume);
void rival_outline_free(struct rival *rival, void *outline);

#endif
