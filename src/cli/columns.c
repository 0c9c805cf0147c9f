/*
 * columns.c - widths of code points, in blocks.
 */
#include "cli/columns.h"

#include <stdbool.h>

struct block {
    uint32_t first, last;
};

static bool in_blocks(uint32_t code, const struct block *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= blocks[i].first && code <= blocks[i].last)
            return true;
    return false;
}

size_t code_columns(uint32_t code)
{
    static const struct block none[] = {
        {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
        {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06DC}, {0x06DF, 0x06E4},
        {0x06E7, 0x06E8}, {0x06EA, 0x06ED}, {0x200B, 0x200F}, {0x2060, 0x2064},
        {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};
    static const struct block wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                                        {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
                                        {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                                        {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
    if (code < 0x300)
        return 1;
    if (in_blocks(code, none, sizeof none / sizeof *none))
        return 0;
    return in_blocks(code, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}
