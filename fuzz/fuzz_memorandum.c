/*
 * fuzz_memorandum.c - documents of memoranda: one that is read does not differ from itself, and has
 * an answer on every point.
 */
#include "line/memorandum.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool refuse(void *ctx, const struct memo_change *change)
{
    (void)ctx;
    (void)change;
    abort();
}

static bool count(void *ctx, const struct memo_change *change)
{
    ++*(size_t *)ctx;
    if (!change->path || (!change->before && !change->after))
        abort();
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memorandum memo, none;
    struct tf_fault fault;
    size_t changes = 0;
    if (memo_read((const char *)data, size, &memo, &fault))
        return 0;
    memo_defaults(&none);
    if (memo_diff(&memo, &memo, refuse, NULL) || memo_diff(&none, &memo, count, &changes) ||
        !changes)
        abort();
    struct memo_separation minima = memo_separation_of(&memo, "crewed", "uncrewed");
    if (!(minima.horizontal_m >= 0 && minima.vertical_m >= 0 && minima.time_s >= 0) ||
        memo.rungs < 1 || memo.seen_s < memo.deliver_s || memo.answer_s < memo.seen_s ||
        memo_rule_of(&memo, "crewed").notice_s < 0)
        abort();
    memo_release(&memo);
    memo_release(&none);
    return 0;
}
