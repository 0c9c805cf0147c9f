/*
 * allocfail.c - counting stand-ins for the allocation functions, reached through
 * the linker's --wrap (see meson.build beside this file).
 */
#include "allocfail.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* The names are the linker's, not ours. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t most);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **out, size_t alignment, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **out, size_t alignment, size_t size);

static struct {
    size_t count, first, last; /* fail while first <= count <= last; first 0: never */
    bool hit;
} plan;

static bool fails(void)
{
    plan.count++;
    bool now = plan.first > 0 && plan.count >= plan.first && plan.count <= plan.last;
    if (now) {
        plan.hit = true;
        errno = ENOMEM;
    }
    return now;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t most)
{
    return fails() ? NULL : __real_strndup(text, most);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **out, size_t alignment, size_t size)
{
    return fails() ? ENOMEM : __real_posix_memalign(out, alignment, size);
}

static void set_plan(size_t first, size_t last)
{
    plan.count = 0;
    plan.first = first;
    plan.last = last;
    plan.hit = false;
}

void allocfail_at(size_t n)
{
    set_plan(n, n);
}

void allocfail_from(size_t n)
{
    set_plan(n, SIZE_MAX);
}

size_t allocfail_count(void)
{
    return plan.count;
}

bool allocfail_hit(void)
{
    return plan.hit;
}

size_t allocfail_each(enum tf_status (*step)(void *ctx), void *ctx, size_t most)
{
    for (size_t n = 1; n <= most; n++) {
        allocfail_at(n);
        enum tf_status rc = step(ctx);
        bool hit = plan.hit;
        allocfail_at(0);
        if (!hit && rc == TF_OK)
            return n - 1;
        if (rc != TF_NOMEM)
            fail_msg("allocation %zu of a run %s, and the answer is: %s", n,
                     hit ? "failed" : "did not fail", tf_status_text(rc));
    }
    fail_msg("after %zu runs there are still more allocations", most);
    return most;
}
