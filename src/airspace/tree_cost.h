/*
 * tree_cost.h - what a box costs, and the decisions of the R-tree that follow.
 *
 * The chance that a typical query meets a box is proportional to the product of
 * (extent + typical query size) over the dimensions. Every decision (where to
 * add, how to split, how to partition in bulk) keeps its sum small.
 */
#ifndef TAFADI_AIRSPACE_TREE_COST_H
#define TAFADI_AIRSPACE_TREE_COST_H

#include "airspace/tree.h"

/* The place in `node` whose cost grows least by `box`. */
unsigned tf_cost_choose(const struct tf_node *node, const struct tf_box5 *box);
/* Orders `count` (at most TF_FAN + 1) entries so that cutting after the returned number is the
 * cheapest cut; both parts have at least `least`. */
unsigned tf_cost_split(struct tf_entry5 *entries, unsigned count, unsigned least);
/* The dimension by whose middles a large set is best halved. */
enum tf_dim tf_cost_dimension(const struct tf_entry5 *entries, size_t count);
/* Twice the middle of the box in a dimension. */
static inline int64_t tf_cost_middle(const struct tf_box5 *box, enum tf_dim dim)
{
    return (int64_t)box->bound[dim] - box->bound[TF_DIMS + dim];
}

/* Of tree.c, for tree_build.c: a node of this change (NULL: out of memory), and its filling. */
struct tf_node *tf_node_new(struct tf_txn *txn, uint32_t level);
void tf_node_push(struct tf_node *node, const struct tf_box5 *box, void *child);

#endif
