/*
 * style.c - CSS and SVG patterns.
 *
 * Contrast was chosen for WCAG 2.1 AA: text at least 4.5:1 and lines at least 3:1 on
 * sea and land of the same set.
 */
#include "report/style.h"

#include "report/page.h"

static const char light[] =
    "--bg:#fff;--panel:#f4f6f8;--ink:#16202b;--muted:#4a5866;--rule:#c3ccd5;--sea:#e4eef5;"
    "--land:#fbfaf5;--coast:#7f8f9c;--border:#8c8c8c;--grid:#b9c8d4;--halo:#fff;--red:#c1121f;"
    "--on-red:#fff;--link:#0b5394;--ok:#1b6e3c;"
    "--p0:#0b5fa5;--p1:#9a4600;--p2:#006b4f;--p3:#7b3294;--p4:#00687a;--p5:#6b5a00;"
    "--p6:#44546a;--p7:#a3005c;";
static const char dark[] =
    "--bg:#10161d;--panel:#1a232d;--ink:#e8eef4;--muted:#a9b8c6;--rule:#3b4a58;--sea:#14222e;"
    "--land:#232b2e;--coast:#71889a;--border:#6c767d;--grid:#324554;--halo:#10161d;--red:#ff6b6b;"
    "--on-red:#1a0606;--link:#8ec5ff;--ok:#6fd195;"
    "--p0:#6db3f2;--p1:#f0a35e;--p2:#4fd1a5;--p3:#d19be8;--p4:#5ccfe0;--p5:#d9c35a;"
    "--p6:#b4c3d6;--p7:#ff8ac4;";
/* Paper has no dark mode, and often no colour. */
static const char paper[] =
    "--bg:#fff;--panel:#fff;--ink:#000;--muted:#333;--rule:#999;--sea:#fff;--land:#f1f1f1;"
    "--coast:#777;--border:#888;--grid:#ccc;--halo:#fff;--red:#b00010;--on-red:#fff;--link:#000;"
    "--ok:#000;--p0:#0b5fa5;--p1:#9a4600;--p2:#006b4f;--p3:#7b3294;--p4:#00687a;--p5:#6b5a00;"
    "--p6:#44546a;--p7:#a3005c;";

static const char drawing[] =
    "svg{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans Arabic',"
    "'Geeza Pro',Tahoma,'DejaVu Sans',sans-serif;font-size:12px}"
    "svg text{fill:var(--ink);unicode-bidi:plaintext}"
    ".sea{fill:var(--sea)}.land{fill:var(--land)}.coast{fill:none;stroke:var(--coast);stroke-width:"
    ".8}"
    ".border{fill:none;stroke:var(--border);stroke-width:.8;stroke-dasharray:5 2 1 2}"
    ".grid{fill:none;stroke:var(--grid);stroke-width:.7}"
    ".frame{fill:none;stroke:var(--muted);stroke-width:1.2}"
    "svg .tick{fill:var(--muted);font-size:10.5px}"
    ".halo,svg .tick{paint-order:stroke;stroke:var(--halo);stroke-width:3px;stroke-linejoin:round}"
    ".name{font-size:12px;text-anchor:middle;paint-order:stroke;stroke:var(--halo);"
    "stroke-width:3.2px;stroke-linejoin:round}"
    ".hot.name{font-weight:600}"
    ".mid{text-anchor:middle}.end{text-anchor:end}.strong{font-weight:600}"
    ".vol{fill:currentColor;fill-opacity:.13;stroke:currentColor;stroke-width:1.6}"
    ".vol.pat{fill-opacity:1}.band{fill:currentColor;fill-opacity:.16;stroke:none}"
    ".way{fill:none;stroke:currentColor;stroke-width:1.8;stroke-linejoin:round}"
    ".hot .vol,.hot .way{stroke-width:2.6}"
    ".arrow,.glyph{fill:currentColor;stroke:none}.ring{fill:currentColor;fill-opacity:.06;"
    "stroke:currentColor;stroke-width:1.3}"
    ".glyph{stroke:var(--halo);stroke-width:1.5;paint-order:stroke}"
    ".d0 .vol,.d0 .way,.d0 .ring,.vol.d0,.way.d0{stroke-dasharray:none}"
    ".d1 .vol,.d1 .way,.d1 .ring,.vol.d1,.way.d1{stroke-dasharray:9 4}"
    ".d2 .vol,.d2 .way,.d2 .ring,.vol.d2,.way.d2{stroke-dasharray:2 3}"
    ".d3 .vol,.d3 .way,.d3 .ring,.vol.d3,.way.d3{stroke-dasharray:10 3 2 3}"
    ".inner{fill:currentColor;fill-opacity:.3;stroke:currentColor;stroke-width:1.2}"
    ".outer{fill:currentColor;fill-opacity:.1;stroke:currentColor;stroke-width:.7;"
    "stroke-dasharray:3 2}"
    ".bar{fill:currentColor;fill-opacity:.28;stroke:currentColor;stroke-width:1}"
    ".hot .bar{stroke:var(--red);stroke-width:2}"
    ".clash{fill:url(#cx);stroke:var(--red);stroke-width:1.3}"
    ".near{fill:url(#cn);stroke-width:.7;stroke-dasharray:3 3}"
    ".reach{stroke:var(--red);stroke-width:1.6;fill:none}"
    ".spot{fill:var(--red);stroke:var(--halo);stroke-width:1}"
    ".leader{stroke:var(--red);stroke-width:1;fill:none}"
    ".badge{fill:var(--red);stroke:var(--halo);stroke-width:1.5}"
    "svg .badge-n{fill:var(--on-red);font-weight:700;font-size:11px;text-anchor:middle}"
    ".focus{fill:none;stroke:var(--red);stroke-width:1.6}"
    ".many{fill:var(--muted);stroke:none}"
    ".stripe{fill:var(--panel)}.axis{stroke:var(--muted);stroke-width:1;fill:none}"
    ".scale-a{fill:var(--ink)}.scale-b{fill:var(--halo);stroke:var(--ink);stroke-width:.8}"
    ".plate{fill:var(--halo);fill-opacity:.82;stroke:none}"
    ".mark:target .badge,.row:target .badge{stroke:var(--ink);stroke-width:4}";

static const char page[] =
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--bg);color:var(--ink);line-height:1.5;"
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans Arabic',"
    "'Geeza Pro',Tahoma,'DejaVu Sans',sans-serif}"
    "header,main,footer{max-inline-size:72rem;margin-inline:auto;padding-inline:1.25rem}"
    "header{padding-block:1.5rem .5rem}h1{font-size:1.7rem;line-height:1.25;margin-block:0 .25rem}"
    "h2{font-size:1.25rem;margin-block:2.25rem .5rem;padding-block-end:.25rem;"
    "border-block-end:2px solid var(--rule)}h3{font-size:1.05rem;margin-block:1.25rem .4rem}"
    "p{margin-block:.4rem}a{color:var(--link)}bdi{unicode-bidi:isolate}"
    ".muted,figcaption,footer{color:var(--muted);font-size:.92em}"
    ".verdict{border-inline-start:.5rem solid var(--ok);background:var(--panel);"
    "padding:.8rem 1.1rem;border-radius:.3rem;margin-block:.8rem}"
    ".verdict.bad{border-color:var(--red)}.verdict strong{font-size:1.2rem}"
    "nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;margin:.5rem "
    "0}"
    "figure{margin:0 0 1rem}figure svg{inline-size:100%;block-size:auto;display:block;"
    "border:1px solid var(--rule);border-radius:.3rem;background:var(--bg)}"
    ".details{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,27rem),1fr));gap:"
    "1rem}"
    ".scroll{overflow-x:auto}"
    "table{border-collapse:collapse;inline-size:100%;font-size:.92rem}"
    "caption{text-align:start;color:var(--muted);padding-block:.25rem .5rem}"
    "th,td{text-align:start;vertical-align:top;padding:.5rem .6rem;"
    "border-block-end:1px solid var(--rule)}"
    "thead th{background:var(--panel);border-block-end:2px solid var(--rule);white-space:nowrap}"
    "tbody th{font-weight:600}"
    ".no{display:inline-block;min-inline-size:1.9em;text-align:center;border-radius:1em;"
    "background:var(--red);color:var(--on-red);font-weight:700;text-decoration:none;"
    "padding-inline:.4em}"
    "tr:target{background:var(--panel);outline:3px solid var(--red)}"
    ".tag{display:inline-block;border:1px solid var(--muted);border-radius:.25rem;"
    "padding-inline:.4em;font-size:.85em;color:var(--muted)}"
    ".flag{color:var(--red);font-weight:600}"
    ".who{display:block}.who+.who{margin-block-start:.35rem}"
    ".place{display:block;white-space:nowrap}.num{white-space:nowrap}"
    "ol.options,ul.notes{padding-inline-start:1.5rem;margin-block:.3rem}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin-block:.5rem}"
    "dt{color:var(--muted)}dd{margin:0}"
    ".defs{position:absolute;inline-size:0;block-size:0}";

static const char print[] =
    "@page{size:A4;margin:14mm}"
    "body{font-size:10pt}nav{display:none}header,main,footer{max-inline-size:none;padding:0}"
    "h2{break-after:avoid}h3{break-after:avoid}figure,tr{break-inside:avoid}"
    ".details{grid-template-columns:1fr 1fr;gap:4mm}figure svg{max-block-size:112mm}"
    "th,td{padding:.3em .4em}h2{margin-block:1.2em .4em}"
    "thead{display:table-header-group}.scroll{overflow:visible}table{font-size:8.5pt}"
    ".verdict{border:1px solid #000;border-inline-start-width:.5rem}a{text-decoration:none}"
    ".no{border:1px solid #000;-webkit-print-color-adjust:exact;print-color-adjust:exact}"
    "svg{-webkit-print-color-adjust:exact;print-color-adjust:exact}";

void style_drawing(struct tf_buf *out)
{
    tf_buf_printf(out, ":root{color-scheme:light dark;%s}\n", light);
    tf_buf_printf(out, "@media (prefers-color-scheme:dark){:root{%s}}\n", dark);
    tf_buf_printf(out, "@media print{:root{%s}}\n", paper);
    tf_buf_text(out, drawing);
    for (int i = 0; i < PAGE_STYLES; i++)
        tf_buf_printf(out, ".p%d{color:var(--p%d)}", i, i);
    tf_buf_char(out, '\n');
}

void style_page(struct tf_buf *out)
{
    tf_buf_text(out, page);
    tf_buf_printf(out, "\n@media print{%s}\n", print);
}

/* A square tile with one path in a colour of the set. */
static void pattern(struct tf_buf *out, const char *id, int colour, int tile, const char *d,
                    const char *width, const char *opacity)
{
    tf_buf_printf(
        out,
        "<pattern id=\"%s%d\" width=\"%d\" height=\"%d\" patternUnits=\"userSpaceOnUse\">"
        "<path class=\"p%d\" d=\"%s\" fill=\"none\" stroke=\"currentColor\" "
        "stroke-width=\"%s\" stroke-opacity=\"%s\" stroke-linecap=\"round\"/></pattern>\n",
        id, colour, tile, tile, colour, d, width, opacity);
}

void style_patterns(struct tf_buf *out)
{
    tf_buf_text(out, "<pattern id=\"cx\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" "
                     "patternTransform=\"rotate(45)\"><path class=\"leader\" d=\"M0 0V7\" "
                     "style=\"stroke-width:4.2\"/></pattern>\n");
    tf_buf_text(out, "<pattern id=\"cn\" width=\"9\" height=\"9\" patternUnits=\"userSpaceOnUse\" "
                     "patternTransform=\"rotate(45)\"><path class=\"leader\" d=\"M0 0V9\" "
                     "style=\"stroke-width:1.6;stroke-opacity:.7\"/></pattern>\n");
    for (int i = 0; i < PAGE_STYLES; i++) {
        pattern(out, "z", i, 12, "M-3 3L3 -3M0 12L12 0M9 15L15 9", "1", ".55");
        pattern(out, "s", i, 8, "M2 2h0M6 6h0", "1.8", ".75");
        pattern(out, "h", i, 10, "M0 0L10 10M10 0L0 10", ".9", ".5");
    }
}
