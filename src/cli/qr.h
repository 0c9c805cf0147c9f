/*
 * qr.h - a text as a QR code (ISO/IEC 18004) of block characters, for a terminal.
 */
#ifndef TF_CLI_QR_H
#define TF_CLI_QR_H

#include "base/buf.h"

/* Two rows of modules in each line, light on dark, with the quiet zone. TF_TOO_LARGE: it does not
 * fit into a code. */
TF_MUST_CHECK enum tf_status qr_print(const char *text, size_t len, struct tf_buf *out);

#endif
