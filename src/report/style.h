/*
 * style.h - the style sheet of pages and drawings, and the patterns they share.
 *
 * Colours come in a light and a dark set (prefers-color-scheme) and print as black
 * on white. Nothing is told by colour alone: parties also differ by dashes, classes by fill
 * patterns, conflicts by hatching, numbers and words.
 */
#ifndef TF_REPORT_STYLE_H
#define TF_REPORT_STYLE_H

#include "base/buf.h"

/* Rules for drawings (shared by pages and standalone SVG), without a <style> element. */
void style_drawing(struct tf_buf *out);
/* Rules for the rest of a page. */
void style_page(struct tf_buf *out);
/* <pattern> elements: #cx overlaps, #cn where two are too close; #z0.. zones, #s0.. surface, #h0..
 * hazards by colour. */
void style_patterns(struct tf_buf *out);

#endif
