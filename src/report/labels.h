/*
 * labels.h - names on a drawing, placed so that they do not cover each other.
 *
 * Greedy: whoever comes first takes the first free position around its anchor; who
 * finds none is left out and counted.
 */
#ifndef TF_REPORT_LABELS_H
#define TF_REPORT_LABELS_H

#include "report/path.h"

enum { LABELS_MAX = 1200 };

struct labels {
    struct extent taken[LABELS_MAX];
    size_t count, refused;
    double width, height; /* of the drawing */
};

void labels_init(struct labels *labels, double width, double height);
/* Keeps a rectangle free of labels. */
void labels_block(struct labels *labels, struct extent area);
/* How far from its anchor a label may be. */
enum { LABELS_HERE = 1, LABELS_NEAR = 15, LABELS_FAR = 35 };
/* The centre of a free place of w x h pixels close to the anchor; `reach` as above. */
bool labels_place(struct labels *labels, struct xy anchor, double w, double h, size_t reach,
                  struct xy *out);
/* About how wide a text is, in pixels; no fonts are at hand here. */
double labels_text_width(const char *text, double font_px);
/* The text, cut to so many characters with an ellipsis. */
struct label_text {
    char text[160];
};
struct label_text labels_cut(const char *text, size_t characters);

#endif
