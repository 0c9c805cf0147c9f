/*
 * tree.c - search in the R-tree, and its changes by copying.
 */
#include "airspace/tree.h"

#include "airspace/tree_cost.h"

#include <assert.h>
#include <string.h>

struct tf_box5 tf_box5_empty(void)
{
    struct tf_box5 box;
    for (unsigned b = 0; b < TF_BOUNDS; b++)
        box.bound[b] = INT32_MAX;
    return box;
}

void tf_box5_add(struct tf_box5 *box, const struct tf_box5 *other)
{
    for (unsigned b = 0; b < TF_BOUNDS; b++)
        box->bound[b] = box->bound[b] < other->bound[b] ? box->bound[b] : other->bound[b];
}

struct tf_limit5 tf_limit5_of(const struct tf_box5 *box)
{
    struct tf_limit5 limit;
    for (unsigned d = 0; d < TF_DIMS; d++) {
        limit.most[d] = -box->bound[TF_DIMS + d];
        limit.most[TF_DIMS + d] = -box->bound[d];
    }
    return limit;
}

struct tf_box5 tf_node_box(const struct tf_node *node)
{
    struct tf_box5 box;
    for (unsigned b = 0; b < TF_BOUNDS; b++) {
        int32_t least = INT32_MAX;
        for (unsigned i = 0; i < TF_FAN; i++)
            least = node->bound[b][i] < least ? node->bound[b][i] : least;
        box.bound[b] = least;
    }
    return box;
}

struct tf_box5 tf_node_entry(const struct tf_node *node, unsigned at)
{
    struct tf_box5 box;
    for (unsigned b = 0; b < TF_BOUNDS; b++)
        box.bound[b] = node->bound[b][at];
    return box;
}

static void set_entry(struct tf_node *node, unsigned at, const struct tf_box5 *box, void *child)
{
    for (unsigned b = 0; b < TF_BOUNDS; b++)
        node->bound[b][at] = box->bound[b];
    node->child[at] = child;
}

/* Search. */

enum { STACK = TF_TREE_LEVELS * TF_FAN };

bool tf_tree_search(const struct tf_node *root, const struct tf_limit5 *limit, tf_leaf_visit visit,
                    void *ctx)
{
    const struct tf_node *stack[STACK];
    unsigned depth = 0;
    if (root)
        stack[depth++] = root;
    while (depth > 0) {
        const struct tf_node *node = stack[--depth];
        unsigned mask = tf_node_meets(node, limit);
        if (node->level > 0) {
            for (; mask; mask &= mask - 1) {
                stack[depth] = node->child[tf_lowest_bit(mask)];
                tf_prefetch(stack[depth++], sizeof *node);
            }
            continue;
        }
        for (unsigned rest = mask; rest; rest &= rest - 1)
            tf_prefetch(node->child[tf_lowest_bit(rest)], 2 * TF_POOL_ALIGN);
        for (; mask; mask &= mask - 1)
            if (!visit(ctx, node->child[tf_lowest_bit(mask)]))
                return false;
    }
    return true;
}

/* Changes. */

struct tf_txn tf_txn_begin(struct tf_pool *nodes, uint64_t number)
{
    return (struct tf_txn){.nodes = nodes, .number = number};
}

struct tf_node *tf_txn_commit(struct tf_txn *txn)
{
    for (struct tf_node *node = txn->made, *next; node; node = next) {
        next = node->next;
        node->next = NULL;
        if (node->dropped)
            tf_pool_give(txn->nodes, node);
    }
    struct tf_node *replaced = txn->replaced;
    txn->made = txn->replaced = NULL;
    return replaced;
}

void tf_txn_abort(struct tf_txn *txn)
{
    for (struct tf_node *node = txn->made, *next; node; node = next) {
        next = node->next;
        tf_pool_give(txn->nodes, node);
    }
    txn->made = txn->replaced = NULL;
}

static struct tf_node *make_node(struct tf_txn *txn)
{
    struct tf_node *node = tf_pool_take(txn->nodes);
    if (!node)
        return NULL;
    node->born = txn->number;
    node->dropped = false;
    node->next = txn->made;
    txn->made = node;
    return node;
}

struct tf_node *tf_node_new(struct tf_txn *txn, uint32_t level)
{
    struct tf_node *node = make_node(txn);
    if (!node)
        return NULL;
    for (unsigned b = 0; b < TF_BOUNDS; b++)
        for (unsigned i = 0; i < TF_FAN; i++)
            node->bound[b][i] = INT32_MAX;
    memset(node->child, 0, sizeof node->child);
    node->count = 0;
    node->level = level;
    return node;
}

void tf_node_push(struct tf_node *node, const struct tf_box5 *box, void *child)
{
    assert(node->count < TF_FAN);
    set_entry(node, node->count++, box, child);
}

/* No longer part of the tree. */
static void drop_node(struct tf_txn *txn, struct tf_node *node)
{
    if (node->born == txn->number) {
        node->dropped = true;
        return;
    }
    node->next = txn->replaced;
    txn->replaced = node;
}

/* The node itself if it is of this change, else a copy in its place. */
static struct tf_node *own_node(struct tf_txn *txn, struct tf_node *node)
{
    if (node->born == txn->number)
        return node;
    struct tf_node *copy = make_node(txn);
    if (!copy)
        return NULL;
    memcpy(copy->bound, node->bound, sizeof node->bound);
    memcpy(copy->child, node->child, sizeof node->child);
    copy->count = node->count;
    copy->level = node->level;
    drop_node(txn, node);
    return copy;
}

void tf_tree_drop(struct tf_txn *txn, struct tf_node *root)
{
    struct tf_node *stack[STACK];
    unsigned depth = 0;
    if (root)
        stack[depth++] = root;
    while (depth > 0) {
        struct tf_node *node = stack[--depth];
        for (unsigned i = 0; node->level > 0 && i < node->count; i++)
            stack[depth++] = node->child[i];
        drop_node(txn, node);
    }
}

/* The way from the root: the node at each step, and the place taken in it. */
struct path {
    struct tf_node *node[TF_TREE_LEVELS];
    unsigned at[TF_TREE_LEVELS];
    unsigned depth;
};

/* Sets the bounds of node->child[at] anew. */
static void refit(struct tf_node *node, unsigned at)
{
    struct tf_box5 box = tf_node_box(node->child[at]);
    set_entry(node, at, &box, node->child[at]);
}

/* Splits a full node and one entry more into node and *sibling. */
static enum tf_status split_node(struct tf_txn *txn, struct tf_node *node,
                                 const struct tf_box5 *box, void *child, struct tf_node **sibling)
{
    struct tf_entry5 entries[TF_FAN + 1];
    for (unsigned i = 0; i < TF_FAN; i++)
        entries[i] = (struct tf_entry5){tf_node_entry(node, i), node->child[i]};
    entries[TF_FAN] = (struct tf_entry5){*box, child};
    *sibling = tf_node_new(txn, node->level);
    if (!*sibling)
        return TF_NOMEM;
    unsigned first = tf_cost_split(entries, TF_FAN + 1, TF_FAN_MIN);
    struct tf_box5 empty = tf_box5_empty();
    for (unsigned i = 0; i < TF_FAN; i++)
        set_entry(node, i, &empty, NULL);
    node->count = 0;
    for (unsigned i = 0; i < first; i++)
        tf_node_push(node, &entries[i].box, entries[i].leaf);
    for (unsigned i = first; i < TF_FAN + 1; i++)
        tf_node_push(*sibling, &entries[i].box, entries[i].leaf);
    return TF_OK;
}

/* A root above the two. */
static enum tf_status grow_root(struct tf_txn *txn, struct tf_node **root, struct tf_node *sibling)
{
    assert((*root)->level + 1 < TF_TREE_LEVELS);
    struct tf_node *top = tf_node_new(txn, (*root)->level + 1);
    if (!top)
        return TF_NOMEM;
    struct tf_box5 left = tf_node_box(*root), right = tf_node_box(sibling);
    tf_node_push(top, &left, *root);
    tf_node_push(top, &right, sibling);
    *root = top;
    return TF_OK;
}

/* Puts (box, child) into the last node of the path, splitting upwards as needed. */
static enum tf_status put_entry(struct tf_txn *txn, struct tf_node **root, struct path *path,
                                struct tf_box5 box, void *child)
{
    for (unsigned depth = path->depth; depth-- > 0;) {
        struct tf_node *node = path->node[depth];
        if (node->count < TF_FAN) {
            tf_node_push(node, &box, child);
            return TF_OK;
        }
        struct tf_node *sibling;
        if (split_node(txn, node, &box, child, &sibling))
            return TF_NOMEM;
        if (depth == 0)
            return grow_root(txn, root, sibling);
        refit(path->node[depth - 1], path->at[depth - 1]);
        box = tf_node_box(sibling);
        child = sibling;
    }
    return TF_OK;
}

/* Adds (box, child) to a node of `level`, by the way that grows least. */
static enum tf_status add_at(struct tf_txn *txn, struct tf_node **root, unsigned level,
                             const struct tf_box5 *box, void *child)
{
    struct path path = {.depth = 0};
    struct tf_node *node = *root = own_node(txn, *root);
    if (!node)
        return TF_NOMEM;
    path.node[path.depth++] = node;
    while (node->level > level) {
        unsigned at = tf_cost_choose(node, box);
        struct tf_node *next = own_node(txn, node->child[at]);
        if (!next)
            return TF_NOMEM;
        struct tf_box5 grown = tf_node_entry(node, at);
        tf_box5_add(&grown, box);
        set_entry(node, at, &grown, next);
        path.at[path.depth - 1] = at;
        path.node[path.depth++] = node = next;
    }
    return put_entry(txn, root, &path, *box, child);
}

enum tf_status tf_tree_add(struct tf_txn *txn, struct tf_node **root, const struct tf_box5 *box,
                           void *leaf)
{
    if (!*root && !(*root = tf_node_new(txn, 0)))
        return TF_NOMEM;
    return add_at(txn, root, 0, box, leaf);
}

/* Places whose box holds `box`, as bits. */
static unsigned holders(const struct tf_node *node, const struct tf_box5 *box)
{
    struct tf_limit5 limit;
    memcpy(limit.most, box->bound, sizeof limit.most);
    return tf_node_meets(node, &limit);
}

/* The place of `leaf` among the candidates of a level-0 node, or TF_FAN. */
static unsigned place_of(const struct tf_node *node, unsigned mask, const void *leaf)
{
    for (; mask; mask &= mask - 1)
        if (node->child[tf_lowest_bit(mask)] == leaf)
            return tf_lowest_bit(mask);
    return TF_FAN;
}

/* Depth first: the way to `leaf`. */
static bool find_leaf(struct tf_node *root, const struct tf_box5 *box, const void *leaf,
                      struct path *path)
{
    unsigned rest[TF_TREE_LEVELS];
    path->depth = 1;
    path->node[0] = root;
    rest[0] = holders(root, box);
    while (path->depth > 0) {
        unsigned top = path->depth - 1;
        struct tf_node *node = path->node[top];
        if (node->level == 0) {
            path->at[top] = place_of(node, rest[top], leaf);
            if (path->at[top] < TF_FAN)
                return true;
            rest[top] = 0;
        }
        if (rest[top] == 0) {
            path->depth--;
            continue;
        }
        path->at[top] = tf_lowest_bit(rest[top]);
        rest[top] &= rest[top] - 1;
        path->node[top + 1] = node->child[path->at[top]];
        rest[top + 1] = holders(path->node[top + 1], box);
        path->depth++;
    }
    return false;
}

/* The last entry takes the removed one's place. */
static void remove_entry(struct tf_node *node, unsigned at)
{
    unsigned last = --node->count;
    struct tf_box5 box = tf_node_entry(node, last), empty = tf_box5_empty();
    set_entry(node, at, &box, node->child[last]);
    set_entry(node, last, &empty, NULL);
}

/* Makes the nodes of a path this change's own. */
static enum tf_status own_path(struct tf_txn *txn, struct tf_node **root, struct path *path)
{
    for (unsigned i = 0; i < path->depth; i++) {
        path->node[i] = own_node(txn, path->node[i]);
        if (!path->node[i])
            return TF_NOMEM;
        if (i == 0)
            *root = path->node[0];
        else
            path->node[i - 1]->child[path->at[i - 1]] = path->node[i];
    }
    return TF_OK;
}

/* Nodes that fell below TF_FAN_MIN, taken out of the tree: one for each level at most. */
struct orphans {
    struct tf_node *node[TF_TREE_LEVELS];
    unsigned count;
};

static void condense(struct tf_txn *txn, struct path *path, struct orphans *orphans)
{
    for (unsigned i = path->depth - 1; i > 0; i--) {
        struct tf_node *parent = path->node[i - 1], *node = path->node[i];
        if (node->count >= TF_FAN_MIN) {
            refit(parent, path->at[i - 1]);
            continue;
        }
        remove_entry(parent, path->at[i - 1]);
        drop_node(txn, node);
        orphans->node[orphans->count++] = node;
    }
}

/* Higher levels first, so that what lies lower finds its place in them. */
static enum tf_status readopt(struct tf_txn *txn, struct tf_node **root,
                              const struct orphans *orphans)
{
    for (unsigned i = orphans->count; i-- > 0;) {
        const struct tf_node *node = orphans->node[i];
        for (unsigned e = 0; e < node->count; e++) {
            struct tf_box5 box = tf_node_entry(node, e);
            if (add_at(txn, root, node->level, &box, node->child[e]))
                return TF_NOMEM;
        }
    }
    return TF_OK;
}

/* A root with one child is superfluous, and so is an empty one. */
static void shrink_root(struct tf_txn *txn, struct tf_node **root)
{
    while ((*root)->level > 0 && (*root)->count == 1) {
        struct tf_node *child = (*root)->child[0];
        drop_node(txn, *root);
        *root = child;
    }
    if ((*root)->count == 0) {
        drop_node(txn, *root);
        *root = NULL;
    }
}

enum tf_status tf_tree_remove(struct tf_txn *txn, struct tf_node **root, const struct tf_box5 *box,
                              const void *leaf)
{
    struct path path;
    struct orphans orphans = {.count = 0};
    if (!*root || !find_leaf(*root, box, leaf, &path))
        return TF_NOT_FOUND;
    if (own_path(txn, root, &path))
        return TF_NOMEM;
    unsigned last = path.depth - 1;
    remove_entry(path.node[last], path.at[last]);
    condense(txn, &path, &orphans);
    if (readopt(txn, root, &orphans))
        return TF_NOMEM;
    shrink_root(txn, root);
    return TF_OK;
}
