/*
 * checkpoint.c - see checkpoint.h.
 */
#include "ledger/checkpoint.h"

#include "ledger/lines.h"
#include <inttypes.h>
#include <string.h>

enum tf_status checkpoint_read(const char *text, size_t len, struct checkpoint *out)
{
    struct lines lines = {.text = text, .len = len};
    struct line line;
    if (!lines_next(&lines, &line) || line.len == 0)
        return TF_SYNTAX;
    out->origin = line.text;
    out->origin_len = line.len;
    if (!lines_next(&lines, &line) || !line_number(line, INT64_MAX, &out->size) ||
        !lines_next(&lines, &line) ||
        !key_unbase64(line.text, line.len, out->root.bytes, KEY_HASH_SIZE))
        return TF_SYNTAX;
    while (lines_next(&lines, &line))
        if (line.len == 0)
            return TF_SYNTAX;
    return lines.at == len ? TF_OK : TF_SYNTAX;
}

void checkpoint_print(const char *origin, uint64_t size, const struct ledger_hash *root,
                      struct tf_buf *out)
{
    tf_buf_printf(out, "%s\n%" PRIu64 "\n", origin, size);
    key_base64(root->bytes, KEY_HASH_SIZE, out);
    tf_buf_char(out, '\n');
}

bool checkpoint_is_of(const struct checkpoint *checkpoint, const char *origin)
{
    return checkpoint->origin_len == strlen(origin) &&
           memcmp(checkpoint->origin, origin, checkpoint->origin_len) == 0;
}
