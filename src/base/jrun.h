/*
 * jrun.h - the run of bytes that mean themselves in a JSON string: what reading and
 * writing one spend their time on.
 */
#ifndef TF_BASE_JRUN_H
#define TF_BASE_JRUN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Number of bytes before the first that is a quote, a backslash, a control, DEL, or no
 * ASCII. */
static inline size_t tf_jrun(const unsigned char *text, size_t len)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    size_t n = 0;
    for (; len - n >= 8; n += 8) { /* eight at a time, then one by one */
        uint64_t word;
        memcpy(&word, text + n, sizeof word);
        uint64_t quote = word ^ ones * '"', escape = word ^ ones * '\\', rub = word ^ ones * 0x7F;
        /* The high bit of a byte is set if it is no ASCII, below 0x20, or became zero; a
         * borrow may set that of a byte above it, which only stops the run too early. */
        if ((word | (word - ones * 0x20) | (quote - ones) | (escape - ones) | (rub - ones)) & highs)
            break;
    }
    while (n < len && text[n] >= 0x20 && text[n] < 0x7F && text[n] != '"' && text[n] != '\\')
        n++;
    return n;
}

#endif
