/*
 * fuzz_range.c - Range headers: whatever is asked for, the part lies in the file, and the same part
 * asked for alone is the same.
 */
#include "http/range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_size(struct http_slice value, uint64_t size)
{
    struct http_part part, again;
    char text[64];
    if (http_range_read(value, size, &part) != HTTP_RANGE_GOOD)
        return;
    if (part.len == 0 || part.first >= size || part.len > size - part.first)
        abort();
    snprintf(text, sizeof text, "bytes=%llu-%llu", (unsigned long long)part.first,
             (unsigned long long)(part.first + part.len - 1));
    if (http_range_read((struct http_slice){text, strlen(text)}, size, &again) != HTTP_RANGE_GOOD ||
        again.first != part.first || again.len != part.len)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t sizes[] = {0, 1, 127, 10000, UINT64_C(1) << 40, UINT64_MAX};
    struct http_slice value = {(const char *)data, size};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        try_size(value, sizes[i]);
    return 0;
}
