/*
 * fuzz_gpx.c - see formats.h.
 */
#include "formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_format(TF_FORMAT_GPX, data, size);
}
