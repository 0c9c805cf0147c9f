/*
 * fuzz_jdoc.c - the JSON reader of requests reads what jansson reads, as jansson does.
 */
#include "../tests/support/jdoc_jansson.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!jdoc_agrees((const char *)data, size))
        abort();
    return 0;
}
