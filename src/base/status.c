/*
 * status.c - sentences of status codes, and faults.
 */
#include "base/utf8.h"

#include <string.h>
#include <tafadi/status.h>

const char *tf_status_text(enum tf_status status)
{
    static const char *const text[] = {
#define TF_STATUS_SENTENCE(name, sentence) sentence,
        TF_STATUS_LIST(TF_STATUS_SENTENCE)
#undef TF_STATUS_SENTENCE
    };
    return (unsigned)status < TF_STATUS_COUNT ? text[status] : "unknown status";
}

/* Copies at most size-1 bytes, never ending inside a UTF-8 sequence. */
static void copy_cut(char *to, size_t size, const char *from)
{
    size_t len = from ? strlen(from) : 0;
    if (len >= size)
        len = tf_utf8_cut(from, size - 1);
    if (len > 0)
        memcpy(to, from, len);
    to[len] = '\0';
}

enum tf_status tf_fault_set(struct tf_fault *fault, enum tf_status code, size_t at,
                            const char *field, const char *message, const char *arg1,
                            const char *arg2, const char *arg3)
{
    if (!fault)
        return code;
    const char *args[TF_FAULT_ARGS] = {arg1, arg2, arg3};
    fault->code = code;
    fault->at = at;
    copy_cut(fault->field, sizeof fault->field, field);
    fault->message = message ? message : tf_status_text(code);
    for (int i = 0; i < TF_FAULT_ARGS; i++)
        copy_cut(fault->arg[i], sizeof fault->arg[i], args[i]);
    return code;
}

size_t tf_fault_text(const struct tf_fault *fault, const char *message, char *out, size_t size)
{
    size_t n = 0;
    for (const char *p = message; *p; p++) {
        const char *piece = p;
        size_t len = 1;
        if (p[0] == '%' && p[1] >= '1' && p[1] < '1' + TF_FAULT_ARGS) {
            piece = fault->arg[p[1] - '1'];
            len = strlen(piece);
            p++;
        }
        for (size_t i = 0; i < len; i++, n++)
            if (n + 1 < size)
                out[n] = piece[i];
    }
    out[n < size ? n : size - 1] = '\0';
    return n;
}
