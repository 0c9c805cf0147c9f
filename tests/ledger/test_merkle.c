/*
 * test_merkle.c - the Merkle tree against the definition (tree.h) and against public vectors:
 * 518 proofs, good and corrupted, of transparency-dev/merkle (TAFADI_DATA/merkle).
 */
#include "ledger/merkle.h"
#include "ledger/tile.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <jansson.h>

#include "random.h"
#include "tree.h"

enum { SIZES = 70 };
static const struct merkle_source naive = {tree_node, NULL};

static void assert_same_hash(struct ledger_hash a, struct ledger_hash b)
{
    assert_memory_equal(a.bytes, b.bytes, KEY_HASH_SIZE);
}

static void a_compact_range_has_the_root_of_the_definition(void **state)
{
    (void)state;
    struct merkle_range range = {0};
    for (uint64_t size = 0; size < 600; size++) {
        assert_same_hash(merkle_range_root(&range), tree_root(0, size));
        struct ledger_hash leaf = tree_leaf(size), made[MERKLE_LEVELS], top_hash;
        unsigned top = 99;
        merkle_range_append_all(&range, &leaf, made, &top);
        for (unsigned level = 0; level <= top; level++)
            assert_same_hash(made[level],
                             tree_root((size >> level) << level, ((size >> level) + 1) << level));
        assert_int_equal((size + 1) & ((UINT64_C(1) << top) - 1), 0);
        top_hash = range.hash[merkle_range_count(range.size) - 1];
        assert_same_hash(top_hash, made[top]);
    }
}

static void roots_from_nodes(void **state)
{
    (void)state;
    struct ledger_hash root;
    for (uint64_t size = 0; size <= SIZES; size++) {
        assert_int_equal(merkle_root(&naive, size, &root), TF_OK);
        assert_same_hash(root, tree_root(0, size));
    }
}

/* Every bit of every hash, one hash less, one more, two swapped. */
static void assert_corrupted_is_refused(struct ledger_proof *proof, uint64_t *random,
                                        bool (*check)(void *ctx, const struct ledger_proof *proof),
                                        void *ctx)
{
    for (size_t i = 0; i < proof->count; i++) {
        size_t byte = random_below(random, KEY_HASH_SIZE);
        proof->hash[i].bytes[byte] ^= 1;
        assert_false(check(ctx, proof));
        proof->hash[i].bytes[byte] ^= 1;
    }
    for (size_t i = 1; i < proof->count; i++) {
        struct ledger_hash first = proof->hash[i - 1];
        proof->hash[i - 1] = proof->hash[i];
        proof->hash[i] = first;
        assert_false(check(ctx, proof));
        proof->hash[i] = proof->hash[i - 1];
        proof->hash[i - 1] = first;
    }
    if (proof->count > 0) {
        proof->count--;
        assert_false(check(ctx, proof));
        proof->count++;
    }
    proof->hash[proof->count] = merkle_empty();
    proof->count++;
    assert_false(check(ctx, proof));
    proof->count--;
    assert_true(check(ctx, proof));
}

struct inclusion {
    uint64_t index, size;
    struct ledger_hash leaf, root;
};

static bool check_inclusion(void *ctx, const struct ledger_proof *proof)
{
    const struct inclusion *it = ctx;
    return merkle_check_inclusion(&it->leaf, it->index, it->size, proof, &it->root);
}

static void every_inclusion_of_small_trees(void **state)
{
    (void)state;
    uint64_t random = random_seed(1);
    struct ledger_proof proof;
    for (uint64_t size = 1; size <= SIZES; size++) {
        struct ledger_hash root = tree_root(0, size);
        for (uint64_t index = 0; index < size; index++) {
            struct inclusion it = {index, size, tree_leaf(index), root};
            assert_int_equal(merkle_inclusion(&naive, index, size, &proof), TF_OK);
            assert_corrupted_is_refused(&proof, &random, check_inclusion, &it);
            struct inclusion other = it;
            other.leaf = tree_leaf(index + 1);
            assert_false(check_inclusion(&other, &proof));
            other = it;
            other.root = tree_root(0, size + 1);
            assert_false(check_inclusion(&other, &proof));
            for (other = it, other.index = 0; other.index < size; other.index++)
                assert_int_equal(check_inclusion(&other, &proof), other.index == index);
        }
        assert_int_equal(merkle_inclusion(&naive, size, size, &proof), TF_RANGE);
    }
    assert_int_equal(merkle_inclusion(&naive, 0, 0, &proof), TF_RANGE);
}

struct consistency {
    uint64_t from, to;
    struct ledger_hash from_root, to_root;
};

static bool check_consistency(void *ctx, const struct ledger_proof *proof)
{
    const struct consistency *it = ctx;
    return merkle_check_consistency(it->from, &it->from_root, it->to, &it->to_root, proof);
}

static void every_consistency_of_small_trees(void **state)
{
    (void)state;
    uint64_t random = random_seed(2);
    struct ledger_proof proof;
    for (uint64_t to = 1; to <= SIZES; to++) {
        for (uint64_t from = 1; from <= to; from++) {
            struct consistency it = {from, to, tree_root(0, from), tree_root(0, to)};
            assert_int_equal(merkle_consistency(&naive, from, to, &proof), TF_OK);
            assert_corrupted_is_refused(&proof, &random, check_consistency, &it);
            if (from < to) {
                struct consistency other = it;
                other.from_root.bytes[0] ^= 1;
                assert_false(check_consistency(&other, &proof));
                other = it;
                other.to_root.bytes[31] ^= 0x80;
                assert_false(check_consistency(&other, &proof));
            }
        }
        assert_int_equal(merkle_consistency(&naive, to + 1, to, &proof), TF_RANGE);
        assert_int_equal(merkle_consistency(&naive, 0, to, &proof), TF_RANGE);
    }
}

/* Nothing would be consistent with everything: that is no proof. */
static void consistency_with_nothing(void **state)
{
    (void)state;
    struct ledger_proof proof = {.count = 0};
    struct ledger_hash empty = merkle_empty(), root = tree_root(0, 3);
    assert_false(merkle_check_consistency(0, &empty, 3, &root, &proof));
    assert_false(merkle_check_consistency(0, &empty, 0, &empty, &proof));
    assert_false(merkle_check_consistency(3, &root, 0, &empty, &proof));
    proof.count = 1;
    assert_false(merkle_check_consistency(0, &empty, 3, &root, &proof));
}

/* The largest trees: their levels are not overrun. */
static enum tf_status same_node(void *ctx, unsigned level, uint64_t index, struct ledger_hash *out)
{
    (void)ctx;
    (void)index;
    memset(out, (int)level, sizeof *out);
    return TF_OK;
}

static void the_largest_trees(void **state)
{
    (void)state;
    const struct merkle_source source = {same_node, NULL};
    const uint64_t most = UINT64_C(1) << (MERKLE_LEVELS - 1);
    struct ledger_proof proof;
    assert_int_equal(merkle_inclusion(&source, most - 1, most, &proof), TF_OK);
    assert_int_equal(proof.count, MERKLE_LEVELS - 1);
    assert_int_equal(merkle_inclusion(&source, most - 2, most - 1, &proof), TF_OK);
    assert_int_equal(merkle_consistency(&source, most - 2, most - 1, &proof), TF_OK);
    assert_int_equal(merkle_consistency(&source, 1, most, &proof), TF_OK);
    assert_int_equal(merkle_inclusion(&source, 0, most + 1, &proof), TF_RANGE);
    assert_int_equal(merkle_consistency(&source, 1, UINT64_MAX, &proof), TF_RANGE);
    struct ledger_hash hash = {{0}};
    assert_false(merkle_check_inclusion(&hash, UINT64_MAX - 1, UINT64_MAX, &proof, &hash));
    assert_false(merkle_check_consistency(UINT64_MAX - 1, &hash, UINT64_MAX, &hash, &proof));
}

/* --- public vectors ---------------------------------------------------------------------- */

static bool read_hash(const json_t *json, const char *name, struct ledger_hash *out)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text && key_unbase64(text, strlen(text), out->bytes, KEY_HASH_SIZE);
}

static bool read_proof(const json_t *json, struct ledger_proof *out)
{
    const json_t *list = json_object_get(json, "proof"), *item;
    size_t i;
    out->count = 0;
    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(item);
        if (i >= LEDGER_PROOF_MAX ||
            !key_unbase64(text, strlen(text), out->hash[i].bytes, KEY_HASH_SIZE))
            return false;
        out->count = i + 1;
    }
    return true;
}

/* Some are 2^64 - 1, which is too large for jansson. */
static uint64_t number(const json_t *json, const char *name)
{
    const json_t *value = json_object_get(json, name);
    assert_true(json_is_string(value));
    return strtoull(json_string_value(value), NULL, 10);
}

/* Some roots in the vectors are texts that are no hashes; one file with two that are equal is to
 * hold. What is 32 bytes by its type cannot be that: a hash of the text stands in its place. */
static bool read_root(const json_t *json, const char *name, struct ledger_hash *out)
{
    const char *text = json_string_value(json_object_get(json, name));
    if (!read_hash(json, name, out))
        *out = merkle_leaf(text, strlen(text));
    return true;
}

/* Which of the four kinds a vector is, is told by its members. */
static bool holds(const json_t *json)
{
    struct ledger_hash one, two;
    struct ledger_proof proof;
    bool is_consistency = json_object_get(json, "root1");
    bool (*read)(const json_t *, const char *, struct ledger_hash *) =
        is_consistency ? read_root : read_hash;
    if (!read(json, is_consistency ? "root1" : "leafHash", &one) ||
        !read(json, is_consistency ? "root2" : "root", &two) || !read_proof(json, &proof))
        return false;
    if (is_consistency && json_object_get(json, "size"))
        return merkle_check_subtree(number(json, "start"), number(json, "end"), &one,
                                    number(json, "size"), &two, &proof);
    if (is_consistency)
        return merkle_check_consistency(number(json, "size1"), &one, number(json, "size2"), &two,
                                        &proof);
    uint64_t index = number(json, "leafIdx");
    if (!json_object_get(json, "start"))
        return merkle_check_inclusion(&one, index, number(json, "treeSize"), &proof, &two);
    uint64_t start = number(json, "start"), end = number(json, "end");
    return merkle_subtree_is_valid(start, end) && index >= start &&
           merkle_check_inclusion(&one, index - start, end - start, &proof, &two);
}

/* The file, with its numbers made strings. */
static json_t *load(const char *path)
{
    static char text[1 << 16], quoted[1 << 17];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file), out = 0;
    fclose(file);
    text[len] = '\0';
    for (size_t i = 0; i < len; i++) {
        bool begins = i > 1 && text[i - 2] == ':' && strchr("0123456789", text[i]);
        size_t digits = begins ? strspn(text + i, "0123456789") : 0;
        out += (size_t)(digits ? snprintf(quoted + out, sizeof quoted - out, "\"%.*s\"",
                                          (int)digits, text + i)
                               : snprintf(quoted + out, sizeof quoted - out, "%c", text[i]));
        i += digits ? digits - 1 : 0;
    }
    return json_loadb(quoted, out, 0, NULL);
}

static void check_vector(const char *path, unsigned *count)
{
    json_t *json = load(path);
    assert_non_null(json);
    bool wanted = !json_is_true(json_object_get(json, "wantErr"));
    if (holds(json) != wanted)
        fail_msg("%s: should %s", path, wanted ? "hold" : "be refused");
    json_decref(json);
    ++*count;
}

static void check_folder(const char *path, unsigned *count, int depth)
{
    DIR *dir = opendir(path);
    assert_non_null(dir);
    assert_true(depth < 6);
    for (struct dirent *item; (item = readdir(dir));) {
        char inner[1024];
        struct stat what;
        if (item->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, item->d_name);
        assert_int_equal(stat(inner, &what), 0);
        if (S_ISDIR(what.st_mode))
            check_folder(inner, count, depth + 1);
        else
            check_vector(inner, count);
    }
    closedir(dir);
}

static void public_vectors(void **state)
{
    (void)state;
    const char *data = getenv("TAFADI_DATA");
    char path[512];
    unsigned count = 0;
    if (!data)
        skip();
    snprintf(path, sizeof path, "%s/merkle", data);
    check_folder(path, &count, 0);
    assert_int_equal(count, 518);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compact_range_has_the_root_of_the_definition),
        cmocka_unit_test(roots_from_nodes),
        cmocka_unit_test(every_inclusion_of_small_trees),
        cmocka_unit_test(every_consistency_of_small_trees),
        cmocka_unit_test(consistency_with_nothing),
        cmocka_unit_test(the_largest_trees),
        cmocka_unit_test(public_vectors),
    };
    return cmocka_run_group_tests_name("ledger: merkle", tests, NULL, NULL);
}
