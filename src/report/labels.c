/*
 * labels.c - greedy placement of names.
 */
#include "report/labels.h"

#include "base/utf8.h"
#include <string.h>

void labels_init(struct labels *labels, double width, double height)
{
    labels->count = labels->refused = 0;
    labels->width = width;
    labels->height = height;
}

void labels_block(struct labels *labels, struct extent area)
{
    if (labels->count < LABELS_MAX)
        labels->taken[labels->count++] = area;
}

static bool overlap(struct extent a, struct extent b)
{
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

static bool is_free(const struct labels *labels, struct extent area)
{
    if (area.left < 2 || area.top < 2 || area.right > labels->width - 2 ||
        area.bottom > labels->height - 2)
        return false;
    for (size_t i = 0; i < labels->count; i++)
        if (overlap(labels->taken[i], area))
            return false;
    return true;
}

bool labels_place(struct labels *labels, struct xy anchor, double w, double h, size_t reach,
                  struct xy *out)
{
    /* On the anchor, then around it in rings: in units of (half the width + gap, height). */
    static const struct xy steps[] = {
        {0, 0},     {0, -1},   {0, 1},    {1, 0},     {-1, 0},   {1, -1},   {1, 1},
        {-1, -1},   {-1, 1},   {0, -2},   {0, 2},     {1, -2},   {1, 2},    {-1, -2},
        {-1, 2},    {0, -3},   {0, 3},    {1.6, 0},   {-1.6, 0}, {1.6, -2}, {1.6, 2},
        {-1.6, -2}, {-1.6, 2}, {1.6, -3}, {-1.6, 3},  {0, -4},   {0, 4},    {2.4, 0},
        {-2.4, 0},  {2.4, -4}, {2.4, 4},  {-2.4, -4}, {-2.4, 4}, {0, -5.5}, {0, 5.5}};
    for (size_t i = 0; i < reach && i < sizeof steps / sizeof *steps; i++) {
        struct xy at = {anchor.x + steps[i].x * (w / 2 + 8), anchor.y + steps[i].y * h};
        struct extent area = {at.x - w / 2, at.x + w / 2, at.y - h / 2, at.y + h / 2};
        if (!is_free(labels, area))
            continue;
        labels_block(labels, area);
        *out = at;
        return true;
    }
    labels->refused++;
    return false;
}

double labels_text_width(const char *text, double font_px)
{
    double em = 0;
    for (const char *p = text; *p; p++)
        if (!tf_utf8_continues(*p))
            em += (unsigned char)*p >= 0xE3 ? 1.0 : 0.58; /* from U+3000 on: full-width scripts */
    return em * font_px;
}

struct label_text labels_cut(const char *text, size_t characters)
{
    struct label_text out;
    size_t bytes = 0, seen = 0;
    while (text[bytes] && bytes < sizeof out.text - 8) {
        if (!tf_utf8_continues(text[bytes]) && seen++ == characters)
            break;
        bytes++;
    }
    bytes = tf_utf8_cut(text, bytes);
    memcpy(out.text, text, bytes);
    strncpy(out.text + bytes, text[bytes] ? TF_UTF8_ELLIPSIS : "", sizeof out.text - bytes);
    return out;
}
