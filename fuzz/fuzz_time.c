/*
 * fuzz_time.c - RFC 3339 text: what is read can be written, and reads the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t t_ns, again_ns;
    if (tf_time_parse((const char *)data, size, &t_ns))
        return 0;
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_ns, text);
    if (tf_time_parse(text, strlen(text), &again_ns) || again_ns != t_ns)
        abort();
    return 0;
}
