/*
 * screen.h - the node's own web app: the files of ui/ and of the npm packages that it uses, inside
 * the program, compressed, each with its ETag (scripts/embed-ui makes the table).
 *
 * Everything comes from the node itself; the Content-Security-Policy allows nothing else. No file
 * needs a log-in: what they show comes from the desk, which asks for one.
 */
#ifndef TF_SCREEN_SCREEN_H
#define TF_SCREEN_SCREEN_H

#include "http/server.h"

/* False: built without Node.js; "/" says so. */
bool screen_is_built(void);
/* Bytes of all files, as they are sent. */
size_t screen_size(void);

/* Whether this path is the screen's: "/" and "/ui/...". */
bool screen_serves(struct http_slice path);
/* Fills the response (status, headers, body). Any thread. */
void screen_answer(struct http_exchange *exchange);
/* An http_handler; ctx is not used. */
void screen_handle(void *ctx, struct http_exchange *exchange);

#endif
