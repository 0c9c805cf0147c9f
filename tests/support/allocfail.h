/*
 * allocfail.h - makes the n-th memory allocation of a test fail.
 *
 * A test that lists allocfail_dep is linked with every malloc, calloc, realloc,
 * strdup, strndup, aligned_alloc and posix_memalign of our own code passing
 * through a counter (the linker's --wrap; calls from inside of shared libraries
 * are not seen). Not for use by several threads at once.
 *
 *     static enum tf_status make_and_free(void *ctx)
 *     {
 *         struct tf_shape *shape;
 *         enum tf_status rc = tf_shape_circle(centre, 10, &shape, NULL);
 *         if (!rc)
 *             tf_shape_unref(shape);
 *         return rc;
 *     }
 *     allocfail_each(make_and_free, NULL, 1000);
 */
#ifndef TESTS_SUPPORT_ALLOCFAIL_H
#define TESTS_SUPPORT_ALLOCFAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <tafadi/status.h>

/* From now on the n-th allocation fails (1: the next), once. 0: none does. */
void allocfail_at(size_t n);
/* As above, and so does every later one, until allocfail_at(0). */
void allocfail_from(size_t n);
/* Allocations since the last allocfail_at or allocfail_from, the failed included. */
size_t allocfail_count(void);
/* Whether one has failed since then. */
bool allocfail_hit(void);

/*
 * Runs `step` again and again: first with its first allocation failing, then
 * its second, and so on, until it runs through without one failing. Fails the
 * cmocka test unless each disturbed run answers TF_NOMEM and the last one
 * TF_OK, or if that takes more than `most` runs. `step` must leave nothing
 * allocated behind in either case (the sanitizer build proves it). Returns the number of
 * disturbed runs.
 */
size_t allocfail_each(enum tf_status (*step)(void *ctx), void *ctx, size_t most);

#endif
