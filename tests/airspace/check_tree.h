/*
 * check_tree.h - the invariants of an index's trees, looked at from inside.
 */
#ifndef TESTS_AIRSPACE_CHECK_TREE_H
#define TESTS_AIRSPACE_CHECK_TREE_H

#include "airspace/index.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Levels, counts, unused places, and parents' boxes that fit exactly (recursion: one
 * step for each level). Returns the number of leaves. */
static inline size_t check_node(const struct tf_node *node, bool is_root)
{
    assert_true(node->count <= TF_FAN);
    assert_true(is_root ? node->count >= (node->level ? 2 : 1) : node->count >= TF_FAN_MIN);
    size_t leaves = 0;
    for (unsigned i = 0; i < TF_FAN; i++) {
        struct tf_box5 box = tf_node_entry(node, i);
        if (i >= node->count) {
            struct tf_box5 empty = tf_box5_empty();
            assert_memory_equal(&box, &empty, sizeof box);
            assert_null(node->child[i]);
            continue;
        }
        assert_non_null(node->child[i]);
        if (node->level == 0) {
            leaves++;
            continue;
        }
        const struct tf_node *child = node->child[i];
        struct tf_box5 fit = tf_node_box(child);
        assert_int_equal(child->level, node->level - 1);
        assert_memory_equal(&box, &fit, sizeof box);
        leaves += check_node(child, false);
    }
    return leaves;
}

static inline void check_index(struct tf_index *index)
{
    const struct tf_forest *forest = atomic_load(&index->forest);
    size_t count = 0;
    for (unsigned t = 0; t < TF_TREES; t++) {
        assert_int_equal(forest->planted >> t & 1, forest->tree[t] != NULL);
        if (forest->tree[t])
            count += check_node(forest->tree[t], true);
    }
    assert_int_equal(count, forest->count);
    assert_int_equal(count, index->map.used);
    assert_int_equal(count, tf_index_count(index));
}

#endif
