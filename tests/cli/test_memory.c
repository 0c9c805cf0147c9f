/*
 * test_memory.c - from a file to each kind of output with the n-th allocation
 * failing, for every n: always a refusal, never a crash, a leak or a shorter answer.
 */
#include "cli/print.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "allocfail.h"
#include <cmocka.h>

static const char plan[] =
    "{\"type\":\"FeatureCollection\",\"features\":["
    "{\"type\":\"Feature\",\"id\":\"A\",\"properties\":{\"class\":\"operation\",\"party\":\"x\","
    "\"name\":\"First\",\"start\":\"2026-11-24T10:00:00Z\",\"end\":\"2026-11-24T10:30:00Z\","
    "\"altitude_lower\":100,\"altitude_upper\":200,\"altitude_reference\":\"W84\","
    "\"altitude_unit\":\"M\",\"radius_m\":500},"
    "\"geometry\":{\"type\":\"Point\",\"coordinates\":[37,36]}},"
    "{\"type\":\"Feature\",\"id\":\"B\",\"properties\":{\"class\":\"operation\","
    "\"start\":\"2026-11-24T10:10:00Z\",\"end\":\"2026-11-24T10:40:00Z\",\"width_m\":200,"
    "\"altitude_lower\":100,\"altitude_upper\":200,\"altitude_reference\":\"W84\","
    "\"altitude_unit\":\"M\"},"
    "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[36.99,36],[37.01,36.01]]}}]}";

/* A file that holds the plan, and what is done with its conflicts. */
struct job {
    char path[32];
    enum tf_status (*print)(const struct result *result, struct tf_buf *out);
    size_t least; /* bytes of output */
};

static enum tf_status print_table(const struct result *result, struct tf_buf *out)
{
    enum tf_status status = print_conflicts(result, true, out);
    return status ? status : tf_buf_status(out);
}

static enum tf_status print_json(const struct result *result, struct tf_buf *out)
{
    print_conflicts_json(result, out);
    return tf_buf_status(out);
}

static enum tf_status print_map(const struct result *result, struct tf_buf *out)
{
    print_conflicts_geojson(result, out);
    return tf_buf_status(out);
}

/* All of `tafadi check --options`, without the writing. */
static enum tf_status check(void *ctx)
{
    const struct job *job = ctx;
    const char *path = job->path;
    const struct common_args common = {.quiet = true};
    const struct input_args reading = {.format = TF_FORMAT_GEOJSON};
    const struct search_args args = SEARCH_ARGS_INIT;
    const struct words files = {.items = &path, .count = 1};
    struct input input = {0};
    struct search search = {0};
    struct tf_conflicts conflicts = {0};
    struct tf_report_options options = {.entity = 1};
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    enum tf_status status = TF_NOMEM;
    if (!input_read(&input, &reading, &common, &files, NULL) ||
        !search_begin(&search, &input.picture, &args, &common, SIZE_MAX) ||
        !search_all(&search, &conflicts) ||
        !search_options(&search, 1, NULL, &reading, &options.found))
        goto out;
    struct result result = {&input, &search, &conflicts, &options, 1};
    status = job->print(&result, &out);
    if (!status && (conflicts.count != 1 || options.found.count == 0 || out.len < job->least))
        status = TF_MISSING;
out:
    tf_buf_release(&out);
    tf_options_release(&options.found);
    tf_conflicts_release(&conflicts);
    search_end(&search);
    input_release(&input);
    return status;
}

static void try_all(enum tf_status (*print)(const struct result *, struct tf_buf *), size_t least)
{
    struct job job = {.path = "/tmp/tafadi-memory-XXXXXX", .print = print, .least = least};
    int file = mkstemp(job.path);
    assert_true(file >= 0);
    assert_true(write(file, plan, sizeof plan - 1) == (ssize_t)(sizeof plan - 1));
    close(file);
    int terminal = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    assert_true(terminal >= 0 && nowhere >= 0);
    dup2(nowhere, STDERR_FILENO); /* thousands of "out of memory" */
    size_t runs = allocfail_each(check, &job, 100000);
    dup2(terminal, STDERR_FILENO);
    close(terminal);
    close(nowhere);
    unlink(job.path);
    assert_true(runs > 50);
}

static void table(void **state)
{
    (void)state;
    try_all(print_table, 300);
}

static void json(void **state)
{
    (void)state;
    try_all(print_json, 1000);
}

static void map(void **state)
{
    (void)state;
    try_all(print_map, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(json),
                                       cmocka_unit_test(map)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
