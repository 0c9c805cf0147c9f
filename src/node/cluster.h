/*
 * cluster.h - the node's other engine: commands run by workers, each with connections of
 * its own to the pool's database.
 */
#ifndef TF_NODE_CLUSTER_H
#define TF_NODE_CLUSTER_H

#include "node/node.h"

struct cluster;

enum tf_status cluster_start(const struct node_config *config, struct cluster **out, char why[256]);
/* Once, as node_announce(). */
enum tf_status cluster_announce(struct cluster *cluster, const char *endpoint);
void cluster_stop(struct cluster *cluster);
/* TF_BUSY: the queue is full; then done() is not called. */
enum tf_status cluster_submit(struct cluster *cluster, struct node_command *command);
/* As node_pool_identity(). */
const char *cluster_identity(const struct cluster *cluster);
void cluster_metrics(struct cluster *cluster, struct node_metrics *out);
bool cluster_is_ready(struct cluster *cluster);

#endif
