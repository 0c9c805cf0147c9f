/*
 * qr.c - QR codes by libqrencode.
 */
#include "cli/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <stdbool.h>

enum { QUIET = 2 }; /* modules; 4 would be right on paper, a terminal has a margin of its own */

static bool is_dark(const QRcode *code, int x, int y)
{
    if (x < 0 || y < 0 || x >= code->width || y >= code->width)
        return false;
    return code->data[y * code->width + x] & 1;
}

enum tf_status qr_print(const char *text, size_t len, struct tf_buf *out)
{
    /* Light modules are drawn: most terminals are dark. */
    static const char *const blocks[] = {"\u2588", "\u2580", "\u2584", " "};
    QRcode *code = QRcode_encodeData((int)len, (const unsigned char *)text, 0, QR_ECLEVEL_L);
    if (!code)
        return errno == ENOMEM ? TF_NOMEM : TF_TOO_LARGE;
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        for (int x = -QUIET; x < code->width + QUIET; x++)
            tf_buf_text(out, blocks[2 * is_dark(code, x, y) + is_dark(code, x, y + 1)]);
        tf_buf_char(out, '\n');
    }
    QRcode_free(code);
    return tf_buf_status(out);
}
