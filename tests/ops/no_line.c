/*
 * no_line.c - a party without lines.
 */
#include "line/line.h"

enum tf_status line_find(const struct line_context *c, const char *name, struct line_info *out)
{
    (void)c, (void)name, (void)out;
    return TF_NOT_FOUND;
}

enum tf_status line_rules(const struct line_context *c, const char *line, struct memorandum *out)
{
    (void)c, (void)line, (void)out;
    return TF_NOT_FOUND;
}
