/*
 * test_tree.c - the R-tree by itself: made-up boxes against a plain list.
 */
#include "airspace/tree.h"
#include "check_tree.h"

#include "random.h"
#include <stdlib.h>
#include <string.h>

enum { BOXES = 3000 };

struct forest {
    struct tf_box5 box[BOXES];
    char leaf[BOXES]; /* their addresses are the leaves */
    bool in[BOXES];
    struct tf_pool nodes;
    struct tf_node *root;
    uint64_t change;
};

/* Everything from tight clusters to boxes across the whole world, and equal boxes. */
static struct tf_box5 random_box(uint64_t *state, const struct tf_box5 *others, size_t count)
{
    struct tf_box5 box;
    if (count > 0 && random_below(state, 8) == 0)
        return others[random_below(state, count)];
    for (unsigned d = 0; d < TF_DIMS; d++) {
        int32_t lo = (int32_t)random_between(state, -2e9, 2e9), hi = lo;
        if (random_below(state, 2))
            lo = hi = (int32_t)random_between(state, 0, 1e5);
        hi += (int32_t)random_between(state, 0, random_below(state, 4) ? 1e4 : 1e8);
        box.bound[d] = random_below(state, 30) ? lo : -TF_BOUND_MOST;
        box.bound[TF_DIMS + d] = random_below(state, 30) ? -hi : -TF_BOUND_MOST;
    }
    return box;
}

static bool meets(const struct tf_box5 *a, const struct tf_box5 *b)
{
    for (unsigned d = 0; d < TF_DIMS; d++)
        if (a->bound[d] > -b->bound[TF_DIMS + d] || b->bound[d] > -a->bound[TF_DIMS + d])
            return false;
    return true;
}

struct seen {
    const struct forest *forest;
    const struct tf_box5 *box;
    bool hit[BOXES];
    size_t count;
};

static bool see(void *ctx, void *leaf)
{
    struct seen *seen = ctx;
    size_t at = (size_t)((char *)leaf - seen->forest->leaf);
    assert_false(seen->hit[at]);
    seen->hit[at] = true;
    seen->count++;
    return true;
}

static void check_search(const struct forest *f, const struct tf_box5 *box)
{
    static struct seen seen;
    memset(&seen, 0, sizeof seen);
    seen.forest = f;
    struct tf_limit5 limit = tf_limit5_of(box);
    assert_true(tf_tree_search(f->root, &limit, see, &seen));
    for (size_t i = 0; i < BOXES; i++)
        assert_int_equal(seen.hit[i], f->in[i] && meets(&f->box[i], box));
}

static void check_all(struct forest *f, uint64_t *state)
{
    size_t count = 0;
    for (size_t i = 0; i < BOXES; i++)
        count += f->in[i];
    assert_int_equal(f->root ? check_node(f->root, true) : 0, count);
    for (int i = 0; i < 20; i++) {
        struct tf_box5 box = random_box(state, f->box, BOXES);
        check_search(f, &box);
    }
}

static void commit(struct forest *f, struct tf_txn *txn)
{
    for (struct tf_node *node = tf_txn_commit(txn), *next; node; node = next) {
        next = node->next;
        tf_pool_give(&f->nodes, node);
    }
}

static void toggle(struct forest *f, struct tf_txn *txn, size_t at)
{
    if (f->in[at])
        assert_int_equal(tf_tree_remove(txn, &f->root, &f->box[at], &f->leaf[at]), TF_OK);
    else
        assert_int_equal(tf_tree_add(txn, &f->root, &f->box[at], &f->leaf[at]), TF_OK);
    f->in[at] = !f->in[at];
}

static struct forest *new_forest(uint64_t *state)
{
    struct forest *f = calloc(1, sizeof *f);
    assert_non_null(f);
    tf_pool_init(&f->nodes, sizeof(struct tf_node));
    for (size_t i = 0; i < BOXES; i++)
        f->box[i] = random_box(state, f->box, i);
    return f;
}

static void free_forest(struct forest *f)
{
    tf_pool_release(&f->nodes);
    free(f);
}

/* Grow, churn, shrink to nothing; several changes in one transaction. */
static void test_changes(void **unused)
{
    (void)unused;
    uint64_t seed = random_seed(7), state = seed;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct forest *f = new_forest(&state);
    for (size_t phase = 0; phase < 3; phase++) {
        for (size_t step = 0; step < BOXES;) {
            struct tf_txn txn = tf_txn_begin(&f->nodes, ++f->change);
            for (uint64_t n = 1 + random_below(&state, 4); n > 0 && step < BOXES; n--, step++)
                if (phase == 1)
                    toggle(f, &txn, random_below(&state, BOXES));
                else if (f->in[step] == (phase == 2))
                    toggle(f, &txn, step);
            commit(f, &txn);
            if (step % 500 < 4)
                check_all(f, &state);
        }
        check_all(f, &state);
    }
    assert_null(f->root);
    free_forest(f);
}

/* What was published does not change, whether the change is aborted or not. */
static void test_copies(void **unused)
{
    (void)unused;
    uint64_t seed = random_seed(8), state = seed;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct forest *f = new_forest(&state);
    for (size_t i = 0; i < BOXES; i++) {
        struct tf_txn txn = tf_txn_begin(&f->nodes, ++f->change);
        if (random_below(&state, 3))
            toggle(f, &txn, i);
        commit(f, &txn);
    }
    for (int round = 0; round < 50; round++) {
        struct forest before = *f;
        struct tf_txn txn = tf_txn_begin(&f->nodes, ++f->change);
        for (int i = 0; i < 40; i++)
            toggle(f, &txn, random_below(&state, BOXES));
        struct forest after = *f;
        memcpy(f, &before, sizeof before);
        f->nodes = after.nodes;
        f->change = after.change;
        check_all(f, &state);
        tf_txn_abort(&txn);
        check_all(f, &state);
    }
    free_forest(f);
}

static void test_build(void **unused)
{
    (void)unused;
    uint64_t seed = random_seed(9), state = seed;
    print_message("seed %llu\n", (unsigned long long)seed);
    static const size_t counts[] = {0,  1,   2,   13,  14,  15,   16,   17,
                                    29, 195, 196, 197, 500, 2745, BOXES};
    struct forest *f = new_forest(&state);
    struct tf_entry5 *entries = calloc(BOXES, sizeof *entries);
    assert_non_null(entries);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t i = 0; i < BOXES; i++)
            f->in[i] = i < counts[c];
        for (size_t i = 0; i < counts[c]; i++)
            entries[i] = (struct tf_entry5){f->box[i], &f->leaf[i]};
        struct tf_txn txn = tf_txn_begin(&f->nodes, ++f->change);
        tf_tree_drop(&txn, f->root);
        assert_int_equal(tf_tree_build(&txn, entries, counts[c], &f->root), TF_OK);
        commit(f, &txn);
        check_all(f, &state);
    }
    free(entries);
    free_forest(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_changes),
                                       cmocka_unit_test(test_copies), cmocka_unit_test(test_build)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
