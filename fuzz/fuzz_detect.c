/*
 * fuzz_detect.c - any file from end to end: detected, read, written in every format.
 */
#include "formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_format(TF_FORMAT_AUTO, data, size);
}
